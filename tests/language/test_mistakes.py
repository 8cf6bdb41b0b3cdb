"""Laws of the mends: a fix is offered where every reader of the text means the same, and nowhere else."""

from __future__ import annotations

import random
import re

import pytest

import wengert as wg
from tests import FULL
from wengert.language.mistakes import foreign
from wengert.language.parser import TOKEN
from wengert.ops import ALIASES, CONSTANTS, OPS

FUNCTIONS = sorted({*OPS, *ALIASES} - {n for n in OPS if "[" in n})


def fixed(text: str) -> str | None:
    """A text with its fix made; None if it is a program or has no fix."""
    try:
        wg.parse(text)
    except wg.WengertError as problem:
        fix = problem.diagnostic.fix
        return None if fix is None else text[: fix.span.start] + fix.text + text[fix.span.end :]
    return None


@pytest.mark.parametrize("seed", range(3))
def test_no_fix_replaces_a_function_by_another(seed: int) -> None:
    """A name that is only similar is help: every function with one letter changed, left out or put in."""
    for k, name in list(enumerate(FUNCTIONS))[:: 1 if FULL else 3]:
        at = (k + seed) % len(name)
        word = (name[:at] + "q" + name[at + 1 :], name[:at] + name[at + 1 :], name[:at] + "q" + name[at:])[seed]
        if word.isidentifier() and not any(word in known for known in (OPS, ALIASES, CONSTANTS)):
            assert fixed(f"{word}(x)") is None, word
            assert fixed(f"{word.upper()}(x)") is None, word


def test_no_fix_replaces_a_name_by_another() -> None:
    for text in ("input alpha\nalphb", "input rate, x\nx*rat", "total = x; output totl"):
        assert fixed(text) is None


@pytest.mark.parametrize("text", [
    "reshape(x, [2, 2])", "reshape(x, shape=[2, n])", "zeros([4])", "full([2, 3], 1)", "sum(x, axis=[0, 1])",
    "mean(x, [0, 1])", "norm([a, b, 2*c])", "dot([1, 2, 3], v)",
])  # fmt: skip
def test_a_shape_in_round_brackets_is_written_in_square_ones(text: str) -> None:
    """As NumPy writes it, with spaces or without, and never as a decimal comma."""
    round = text.replace("[4]", "(4,)").replace("[", "(").replace("]", ")")
    assert fixed(round) == text
    # Two numbers alone, `full((2,3), 1)`, may be one with a decimal comma.
    assert fixed(round.replace(", ", ",")) is not None or text.startswith("full")


@pytest.mark.parametrize("operator", ["/", "%", "^", "**"])
@pytest.mark.parametrize("left", ["2", "(a + b)", "2.5e3"])
def test_a_product_behind_a_tight_operator_has_no_fix(operator: str, left: str) -> None:
    """1/2x is 1/(2*x) in Julia and x/2 in Mathematica."""
    assert fixed(f"a{operator}{left}x") is None
    assert fixed(f"a + {left}x") == f"a + {left}*x"


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**"])
@pytest.mark.parametrize("amount", ["2", "a + b", "a - b", "a*b", "a if a < b else b", "max(a, b) + 1", "-a"])
def test_an_assignment_with_an_operator_takes_the_whole_amount(operator: str, amount: str) -> None:
    meant = wg.compile(f"x = 7; t = {amount}; x = x {operator} t; x + 0*a + 0*b")
    mended = fixed(f"x = 7; x {operator}= {amount}; x + 0*a + 0*b")
    assert mended is not None
    assert wg.compile(mended)(a=2, b=3) == meant(a=2, b=3)


def test_definitions_that_are_moved_up_have_the_value_of_lepton() -> None:
    """In any order, one mend after another: the value that `wengert read --from lepton` gives, or no mend."""
    chance, mends = random.Random(3), 0
    for _ in range(150):
        names = [f"t{k}" for k in range(chance.randint(1, 4))]
        bodies = [
            f"{chance.choice([*names[k + 1 :], 'x', '2'])}*{chance.choice('3x')} + {k}" for k in range(len(names))
        ]
        lines = [f"{name} = {body}" for name, body in zip(names, bodies)]
        chance.shuffle(lines)
        text = chance.choice(["; ", "\n"]).join([f"{names[0]}*x - {chance.choice(names)}", *lines])
        mended: str | None = text
        for _ in range(9):
            if mended is not None and (further := fixed(mended)) is not None:
                mended, mends = further, mends + 1
        try:
            found = wg.compile(mended or "")
        except wg.WengertError:
            continue
        meant = wg.compile(wg.read(text.replace("\n", "; "), dialect="lepton").text)
        assert found.inputs == meant.inputs == ("x",) * ("x" in text)
        assert found(*[1.5] * len(found.inputs)) == meant(*[1.5] * len(meant.inputs)), text
    assert mends > 60


def test_help_names_functions_that_are_there() -> None:
    calls = re.compile(r"(\w+)\(")
    kept = {"d", "grad", "sum", "where", "f"}
    helps = [p[-1] for p in foreign.FUNCTIONS.values()] + list(foreign.ARGUMENTS.values())
    helps += [help for _, help in (*foreign.CHARACTERS.values(), *foreign.SYMBOLS.values(), *foreign.BETWEEN.values())]
    for help in helps:
        assert set(calls.findall(help)) <= {*OPS, *ALIASES} | kept, help


def test_no_entry_is_dead() -> None:
    """A character of the tables begins no token of the language, a value is no constant of it."""
    stray = {c for c in foreign.CHARACTERS if (m := TOKEN.match(c)) and m.lastindex == TOKEN.groups}
    assert stray == set(foreign.CHARACTERS)
    assert not set(foreign.VALUES) & set(CONSTANTS)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("zeros(3, 4)", "write `zeros([3, 4])`"),
        ("reshape(x, 2, 3)", "write `reshape(a, [2, 3])`"),
        ("linspace(0, 1)", "`linspace(a, b, n=…)`"),
        ("linspace(0, 1, 5, 6, 7)", "`linspace(a, b, n)`"),
        ("eye(1, 2, 3)", "`eye(n, m)`"),
    ],
)
def test_sizes_that_do_not_fit_a_call_are_told_with_the_call(text: str, help: str) -> None:
    with pytest.raises(wg.WengertError) as caught:
        wg.compile(text)
    assert caught.value.diagnostic.help == help
