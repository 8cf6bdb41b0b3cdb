"""A name in a session as lines come in: numbers, formulas and functions, and the program that the lines are.

The oracle is that program: typed one by one, the lines have its values and derivatives.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from math import isnan
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests import some
from tests.faces.command_line import SAMPLES
from tests.faces.sessions import enter, slopes, typed, value
from tests.oracles.programs import Point, programs
from wengert.cli import main
from wengert.ground.errors import WengertError
from wengert.ground.limits import Limits
from wengert.lists.wengert_list import WengertList, program_lines, spelled
from wengert.repl import Entry, Session


def test_a_number_makes_an_input_before_or_after_its_use() -> None:
    for lines in (
        ["x = 3", "f = a*x^2", "a = 2"],
        ["f = a*x^2", "x = 3", "a = 2"],
        ["input x = 3, a = 2", "f = a*x^2"],
    ):
        session = typed(*lines)
        assert value(session, "f") == 18
        assert slopes(session, "f") == {"a": 9, "x": 12}


def test_what_is_computed_follows_a_number() -> None:
    session = typed("x = 3", "f = x^2", "g = f + 1", "x = 4")
    assert (value(session, "f"), value(session, "g")) == (16, 17)
    assert slopes(session, "g") == {"x": 8}


def test_what_was_computed_from_a_formula_stays() -> None:
    session = typed("x = 3", "h = 2*x", "g = h^2", "h = x")
    assert (value(session, "g"), value(session, "h")) == (36, 3)


def test_a_number_can_count_up() -> None:
    session = typed("x = 3", "f = x^2", "x = x + 1", "x = x + 1")
    assert (value(session, "x"), value(session, "f")) == (5, 9)
    enter(session, "x = 7")
    assert (value(session, "x"), value(session, "f")) == (7, 9)
    assert slopes(session, "x^2") == {"x": 14}


def test_a_loop_goes_on_from_a_number_and_again() -> None:
    session = typed("x = 1", "for k in 0:20 { x = x/2 + 1/x }")
    assert value(session, "x") == pytest.approx(2**0.5, abs=1e-15)
    enter(session, "x = 8")
    assert value(session, "x") == 8


def test_a_number_ends_a_range_and_is_an_input_elsewhere() -> None:
    session = typed("n = 3", "x = 2", "p = sum(x^k for k in 0:n)", "q = n*x")
    assert (value(session, "p"), value(session, "q")) == (7, 6)
    assert slopes(session, "p") == {"x": 5}
    assert slopes(session, "q") == {"n": 2, "x": 3}
    enter(session, "n = 4")
    assert (value(session, "p"), value(session, "q")) == (15, 8)
    assert slopes(session, "p*n") == {"x": 4 * 17, "n": 15}
    enter(session, "n = 2.5")
    with pytest.raises(WengertError, match="runs over whole numbers"):
        enter(session, "p")
    assert value(session, "q") == 5


def test_a_range_deep_in_a_function() -> None:
    session = typed("def p(t, m) = sum(t^k for k in 0:m)", "m = 2*n", "n = 2", "x = 3")
    assert value(session, "p(x, m)") == 40
    assert slopes(session, "p(x, m)") == {"x": 34}


def test_functions_follow_their_definition() -> None:
    session = typed("def g(t) = a*t^2", "h = g(3)", "a = 2")
    assert value(session, "h") == 18
    enter(session, "def k(t) = t + 1")
    enter(session, "def g(t) = a*t")
    assert value(session, "h + k(1)") == 8
    with pytest.raises(WengertError):  # g stands before k, where h calls it
        enter(session, "def g(t) = k(t)")
    assert value(session, "h") == 6
    session = typed("def g(t) = t", "def k(t) = t + 1", "def g(t) = k(t)")
    assert value(session, "g(1)") == 2
    session = typed("op s(a) = a^2 with d/da = 2*a", "x = 3", "op s(a) = a^3 with d/da = 3*a^2")
    assert slopes(session, "s(x)") == {"x": 27}


def test_the_language_is_the_language() -> None:
    """Derivatives as expressions, constants until they have a number, functions and values under one name."""
    session = typed("x = 3", "f = x^3")
    assert value(session, "d(d(f, x), x)") == 18
    assert value(session, "jvp(f, x, 2)") == 54
    assert value(session, "2*pi") == pytest.approx(6.283185307179586)
    enter(session, "e = 1; max = 5")
    assert slopes(session, "e*x + max(max, 1)") == {"e": 3, "x": 1, "max": 1}
    enter(session, "area = pi*x^2")
    with pytest.raises(WengertError, match="used as the constant"):
        enter(session, "pi = 3")


def test_what_cannot_be_bound() -> None:
    session = typed("f = x^2")
    for text, why in (("x = 2*t", "read before"), ("for k in 0:3 { x = x + 1 }", "read before"),
                      ("input f = 3", "bound to a formula")):  # fmt: skip
        with pytest.raises(WengertError, match=why):
            enter(session, text)
    enter(session, "x = 3")
    assert value(session, "f") == 9
    enter(session, "input x")
    (call,) = enter(session, "f")
    assert call.missing == ("x",)


def test_an_error_changes_nothing() -> None:
    session = typed("x = 3", "f = x^2")
    before = session.program()
    for text in ("f = foo(x)", "f = 2x", "input y = 2, f = 3", "g = 1; h = (", "def sin(x) = x", "expect f = 1 2",
                 "output nothing", "for k in 0:x/2 { f = f + 1 }", "sum(k for k in 0:1e9)"):  # fmt: skip
        with pytest.raises(WengertError):
            enter(session, text)
        assert session.program() == before


def test_only_what_an_expression_needs_is_computed() -> None:
    session = typed("x = 2", "s = 0", "for k in 0:300 { s = s + k*x }", "t = 2*u", "def g(t) = t^2", "f = g(x)")
    (call,) = enter(session, "f")
    assert "for" not in call.function.program.source.text
    assert len(call.function.wengert_list.equations) == 1
    # The parameter of g is no t of the session, which waits for u.
    assert call.missing == ()
    (call,) = enter(session, "sum(t^2 for t in 0:3) + f")
    assert call.missing == ()


def test_clear() -> None:
    session = typed("x = 3", "f = x^2", "def g(t) = t", "h = g(f)", "n = 2", "p = sum(k for k in 0:n)")
    session.clear(["x"])
    assert enter(session, "f")[0].missing == ("x",)
    for needed in ("g", "n"):
        with pytest.raises(WengertError):
            session.clear([needed])
    session.clear(["h", "g"])
    assert "g" not in session.program()
    with pytest.raises(WengertError, match="nothing binds `q`"):
        session.clear(["q"])
    session.clear()
    assert session.program() == ""


def test_warnings_are_of_the_line() -> None:
    session = typed("k = 2*x")
    entry = Entry()
    entry.add("for k in 0:2 { z = k }")
    (sentence,) = session.sentences(entry)
    assert [w.code for w in session.enter(sentence).warnings] == ["W152"]
    entry = Entry()
    entry.add("z + 1e999")
    assert [w.code for s in session.sentences(entry) for w in session.enter(s).warnings] == ["W155"]


# The same as a program


@given(programs(most=12))
@settings(max_examples=60)
def test_lines_are_the_program(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    f = wg.compile(wlist, fuse=False)
    session = typed(*(f"{n} = {spelled(v)}" for n, v in point.items() if n in wlist.inputs), fuse=False)
    for line in program_lines(wlist)[bool(wlist.inputs) : -1]:
        enter(session, line)
    output = spelled(wlist.outputs[0])
    (call,) = enter(session, output)
    assert call.function(call.point).hex() == f(point).hex()
    ours, theirs = dict(call.function.grad(call.point, wrt=call.names).items()), f.grad(point)
    for n, slope in theirs.items():
        assert slope == ours.get(n, 0.0) or isnan(slope)
    again = Session(fuse=False)
    for line in session.program().splitlines():
        enter(again, line)
    assert value(again, output).hex() == f(point).hex()
    assert again.program() == session.program()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_a_sample_is_loaded_and_saved(path: Path, repl: Any, tmp_path: Path) -> None:
    """Every `expect` holds at the prompt, and the saved session is a program of the same values."""
    f = wg.load(path)
    if f.wengert_list.shapes:
        pytest.skip("shapes of inputs are not declared at the prompt")
    done = repl(f":load {path}\n:save all.wengert\n")
    assert "W701" not in done.err
    assert done.out.count("ok     expect") == len(f.program.expects)
    saved = wg.load(tmp_path / "all.wengert")
    assert saved.outputs == f.outputs
    assert str(saved()) == str(f())


# Entries


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["(1 +", "2)"], "(1 +\n2)"),
        (["f = max(a,   # the first", "", "b)"], "f = max(a,   # the first\n\nb)"),
        (["for k in 0:3 {", "x = x + 1", "y = x; }"], "for k in 0:3 {\nx = x + 1\ny = x; }"),
        (["2 +   # and", "3"], "2 + 3"),
        (["f =", "", "a if", "b > 0 else", "c"], "f = a if b > 0 else c"),
        (["for k in", "0:3 {", "x = (k", "+ 1) }"], "for k in 0:3 {\nx = (k\n+ 1) }"),
        (["op s(a) = a^2 with", "d/da = 2*a"], "op s(a) = a^2 with d/da = 2*a"),
        (["# nothing"], "# nothing"),
        ([""], ""),
    ],
)
def test_an_entry_goes_on_until_it_is_whole(lines: list[str], text: str) -> None:
    entry = Entry()
    for line in lines[:-1]:
        entry.add(line)
        assert not entry.whole
    entry.add(lines[-1])
    assert entry.whole
    assert not entry.refused
    assert (entry.text, len(entry)) == (text, len(text))


@pytest.mark.parametrize("text", ["2x", "f(x) = 2", "a = b = 3", ")", "1 $ 2", "x = 3 4; (", "'s'", "(1; 2)", "}"])
def test_an_entry_that_is_wrong_does_not_wait(text: str) -> None:
    entry = Entry()
    entry.add(text)
    assert entry.whole
    with pytest.raises(WengertError) as caught:
        Session().sentences(entry)
    assert caught.value.diagnostic.span is not None


@given(st.text("ab1(){};=\n#+ ^,", max_size=30))
@settings(max_examples=some(300))
def test_the_parser_decides_what_is_whole(text: str) -> None:
    """A text that the parser takes is whole, one that is whole it takes; split in lines or not."""
    at_once, by_line = Entry(), Entry()
    at_once.add(text)
    for line in text.split("\n"):
        by_line.add(line)
    assert (at_once.whole, at_once.refused, at_once.text) == (by_line.whole, by_line.refused, by_line.text)
    if not at_once.whole:
        return
    try:
        wg.parse(at_once.text + "\n0")
        fine = True
    except WengertError as problem:
        fine = problem.diagnostic.code > "W010"
    assert fine is not at_once.refused


LINES = st.one_of(
    st.sampled_from([
        "x = 3", "f = a*x^2", "f", "x = x + 1", "a = 2", "n = 3", "for k in 0:n { x = x + k }", "def g(t) = a*t + n",
        "g(x)", "h = g(f)", "input x = 2, y", "input a", "output f, h", "expect f = 9", "d(f, x)",
        "sum(x^i for i in 0:n)", "pi = 3", "f = pi*x", "n = 2.5", "op s(b) = b^2 with d/db = 2*b", "s(x)",
        "def g(t) = s(t)", "x = 1e999",
        ":grad f", ":trace h", ":list g(y)", ":vars", ":clear x", ":clear", ":save s", ":save! s", ":load s",
        ":ops sin", ":help", "(1 +", "{", "2 +", "", "taylor(f, x, n)", "jvp(f, x, a)", "t = max(x, n)",
        "e = x", "x₁ = 3",
    ]),
    st.text("xfgn=1+*^(){};:,# \t", max_size=12),
    st.text(max_size=8),
)  # fmt: skip


@given(st.lists(LINES, max_size=14))
@settings(max_examples=some(100))
def test_no_lines_end_a_session(lines: list[str]) -> None:
    here = Path.cwd()
    typed = io.TextIOWrapper(io.BytesIO("\n".join([*lines, "", "(111*7)", ""]).encode("utf-8", "replace")))
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as empty, mock.patch.object(sys, "stdin", typed):
        os.chdir(empty)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(["repl", "--limit", "equations=2000", "--limit", "steps=2000"])
        finally:
            os.chdir(here)
    assert code in (0, 1, 2, 3)
    assert bool(code) == ("error[" in err.getvalue())
    # The last line is an entry of its own, unless a bracket is open.
    assert out.getvalue().endswith("777\n") or any("(" in line or "{" in line for line in lines)


@given(st.lists(LINES, max_size=14))
@settings(max_examples=some(150))
def test_a_session_is_its_program(lines: list[str]) -> None:
    session = Session(limits=Limits(equations=2000, steps=2000))
    for line in lines:
        entry = Entry()
        entry.add(line)
        before = session.program()
        try:
            for sentence in session.sentences(entry):
                before = session.program()
                session.enter(sentence)
        except WengertError:
            assert session.program() == before
    text = session.program()
    again = Session(limits=session.limits)
    entry = Entry()
    entry.add(text)
    for sentence in again.sentences(entry):
        again.enter(sentence)
    assert again.program() == text


CHAINS = {
    "formulas": ("x = 2; y0 = x", "y{k} = y{j}*0.9 + sin(x)"),
    "a name bound again": ("y = x", "y = y*0.9 + sin(x)"),
    "names without a value": ("y0 = x", "y{k} = y{j}*0.9 + k{k}"),
    "loops": ("x = 2; y = x^2", "for i in 0:2 {{ y = y*x + i }}"),
    "comprehensions": ("y0 = [1, 2, 3]", "y{k} = [y{j}[i] + 1 for i in 0:3]"),
    "functions": ("def f0(t) = t; x = 2", "def f{k}(t) = f{j}(t)*x"),
}  # fmt: skip


@pytest.mark.parametrize(("first", "turn"), CHAINS.values(), ids=list(CHAINS))
def test_a_binding_costs_what_it_reads(first: str, turn: str) -> None:
    """The text that is compiled for a statement does not grow with the statements before it."""
    session = typed(first)
    lengths: list[int] = []
    plain = session._compile

    def counted(text: str, *more: Any) -> Any:
        lengths.append(len(text))
        return plain(text, *more)

    with mock.patch.object(session, "_compile", counted):
        for k in range(1, 25):
            enter(session, turn.format(k=k, j=k - 1))
    assert sum(lengths[-4:]) < sum(lengths[:8])


@given(st.lists(LINES | st.sampled_from(["v = [x, 2, a]", "v = v*f", "w = sum(v)", "v[n]", "t = w + y"]), max_size=14))
@settings(max_examples=40)
def test_a_statement_checked_by_itself_means_the_same(lines: list[str]) -> None:
    told = []
    for alone in (True, False):
        session = Session(limits=Limits(equations=2000, steps=2000))
        if not alone:
            session._alone = lambda sentence: False  # type: ignore[method-assign]
        for line in lines:
            try:
                told.append([(c.missing, c.missing or str(c.function(c.point)), c.names) for c in enter(session, line)])
            except WengertError as problem:
                told.append(str(problem))
        told.append(session.program())
    assert told[: len(told) // 2] == told[len(told) // 2 :]
