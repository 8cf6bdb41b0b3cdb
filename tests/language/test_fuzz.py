"""Texts drawn from the grammar, texts of the tests with changes, and what fuzzing has found before: each is a program
that keeps the laws of `fuzz.examine`, or a WengertError. `python -m tests.fuzz` looks for longer."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import wengert as wg
from tests import FULL, fuzz

FOUND = fuzz.findings()


class Digits:
    """Choices from a list of numbers; when they are used up each is the first, which is the simplest."""

    def __init__(self, digits: list[int]) -> None:
        self.digits = iter(digits)

    def __call__(self, n: int) -> int:
        return next(self.digits, 0) % n


# Lists shrink; what a seed gives is long from the first.
choices = st.one_of(
    st.lists(st.integers(0, 10_007), max_size=400).map(Digits),
    st.integers(0, 2**64).map(lambda seed: random.Random(seed).randrange),
)
bounded = settings(max_examples=800 if FULL else 200, suppress_health_check=list(HealthCheck))


@given(choices)
@bounded
def test_sentences_of_the_grammar(choose: Callable[[int], int]) -> None:
    fuzz.examine(fuzz.grammar().sentence(choose))


@given(choices)
@bounded
def test_texts_with_changes(choose: Callable[[int], int]) -> None:
    fuzz.examine(fuzz.mutated(choose))


@given(st.text(max_size=200))
@bounded
def test_any_text(text: str) -> None:
    fuzz.examine(text)


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_before(name: str) -> None:
    fuzz.examine(FOUND[name])


@pytest.mark.parametrize("text", [t for t in fuzz.corpus() if len(t) < 4000][::9])
def test_texts_of_the_tests(text: str) -> None:
    fuzz.examine(text)


def test_a_sentence_has_every_symbol_of_the_grammar() -> None:
    """What is drawn covers the grammar: its rules are read from it, and each terminal has texts."""
    rng = random.Random(1)
    drawn = " ".join(fuzz.grammar().sentence(rng.randrange, 300) for _ in range(300))
    assert set(fuzz.words()) | set(fuzz.grammar().plain) >= set(fuzz.TERMINALS) - {"$END"}
    for keyword in wg.language.automaton.KEYWORDS:  # type: ignore[attr-defined]
        assert f" {keyword} " in f" {drawn} ", keyword


def test_the_oracle_sees_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """`examine` fails where a law is broken, and a text is made smaller until it holds what breaks it alone."""

    def broken(wlist: object) -> str:
        if any(e.op == "tan" for e in wlist.equations):  # type: ignore[attr-defined]
            raise RecursionError
        return ""

    monkeypatch.setattr(fuzz, "latex", broken)
    assert not fuzz.failure("sin(x)")
    text = "y = x + 1\nz = sin(y)*tan(2*y) + y\nz^2"
    assert fuzz.failure(text).startswith("RecursionError")
    assert len(fuzz.smaller(text)) <= len("1*tan(2)")
    monkeypatch.undo()
    monkeypatch.setattr(fuzz, "simplify", lambda wlist: (wg.parse("0*x + 7").wlist, ()))
    assert "simplify changes a value" in fuzz.failure("x^2")
