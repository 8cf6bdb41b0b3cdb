"""The interactive session: what a name means as lines come in, what is printed, and that nothing ends it but its end.

The oracle is the program that the same lines are: typed one by one, they have its values and derivatives.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.programs import Point, programs
from tests.terminals import Terminal
from wengert.cli import main
from wengert.ground.errors import WengertError
from wengert.ground.limits import Limits
from wengert.lists.wengert_list import WengertList, program_lines, spelled
from wengert.ops import ALIASES, CONSTANTS, OPS
from wengert.repl import GUIDE, VERBS, Entry, Evaluated, Session, completions

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.wengert"))


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def repl(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Pipe lines into `wengert repl`, in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def call(text: str | bytes, *words: str) -> Done:
        typed = text.encode() if isinstance(text, str) else text
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
        code = main(["repl", *words])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Done(code, captured.out, captured.err)

    return call


def enter(session: Session, text: str) -> list[Evaluated]:
    """Type an entry; what it asks to be evaluated."""
    entry = Entry()
    entry.add(text)
    return [a.call for s in session.sentences(entry) if (a := session.enter(s)).call is not None]


def test_plain_words_are_commands_where_no_value_has_the_name(repl: Any) -> None:
    assert repl("1\nquit\n2\n") == repl("1\nexit\n2\n") == repl("1\n:exit\n2\n") == (0, "1\n", "")
    assert repl("help\n") == repl("?\n") == repl(":help\n") == repl(":?\n")
    assert repl("exit = 3\nexit\n2\n").out == "3\n2\n"


def test_hessian_shows_second_derivatives(repl: Any) -> None:
    rows = repl("f = x^2*y\nx = 3\ny = 2\n:hessian f\n").out.splitlines()
    assert [row.split()[-2:] for row in rows[1:3]] == [["4", "6"], ["6", "0"]]
    assert "no value for `x`" in repl(":hessian x^2\n").err


def value(session: Session, text: str) -> float:
    """The value of an expression."""
    (call,) = enter(session, text)
    assert not call.missing
    return call.function(call.point)


def slopes(session: Session, text: str) -> dict[str, float]:
    (call,) = enter(session, text)
    return dict(call.function.grad(call.point, wrt=call.names).items())


def typed(*lines: str, **options: Any) -> Session:
    session = Session(**options)
    for line in lines:
        enter(session, line)
    return session


# What a name means


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
@settings(max_examples=300)
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


# At the prompt


def test_values_and_commands(repl: Any) -> None:
    done = repl("f = (2*x1+x2)^2\nx1 = 3\nx2 = 7\nf\n:grad f\n:list 2*x1\n:trace f\n")
    grad = "169\n\ninput  value  derivative\nx1         3          52\nx2         7          26\n"
    wlist = "input x1 = 3\nv1 = mul(2, x1)\noutput v1\n"
    assert done.out.startswith(f"169\n{grad}{wlist}")
    assert "Reverse sweep, from f_bar = 1" in done.out
    assert (done.code, done.err) == (0, "")


def test_a_trace_is_that_of_the_command(repl: Any, capsys: pytest.CaptureFixture[str]) -> None:
    done = repl("x1 = 3\nx2 = 7\n:trace (2*x1+x2)^2\n")
    assert main(["trace", "(2*x1+x2)^2", "--x1", "3", "--x2", "7"]) == 0
    assert capsys.readouterr().out == done.out


def test_notes_and_receipts_as_in_eval(repl: Any) -> None:
    assert "note[W301]" in repl("x = 0\n:grad abs(x)\n").err
    assert "error[W301]" in repl("x = 0\n:grad abs(x)\n", "--kink", "error").err
    assert "fuse: `log(1 + exp(x))`" in repl("x = 0\nlog(1 + exp(x))\n").err
    assert repl("x = 0\nlog(1 + exp(x))\n", "--no-fuse").err == ""
    done = repl("f = log(x)\nx = -1\nf\n")
    assert (done.code, done.out) == (1, "nan\n")
    assert "<prompt>:1:5\n   1 | f = log(x)\n     |     ^^^^^^" in done.err


def test_a_missing_value_says_how_to_give_it(repl: Any) -> None:
    done = repl("f = a*x\nf\na = 3\nx = 2\nf\n")
    assert (done.code, done.out) == (2, "6\n")
    assert "no value for `a`, `x`" in done.err
    assert "`a = 3; x = 3`" in done.err
    assert "did you mean `length`?" in repl("length = 3\n2*lenght\n").err
    assert "call the function, `sin(…)`" in repl("sin\n").err


def test_an_expect_is_checked(repl: Any) -> None:
    done = repl("x = 3\nf = x^2\nexpect f = 9\nexpect d(f, x) = 6\nexpect f = 10\n:vars\n")
    assert done.out == "ok     expect f = 9\nok     expect d(f, x) = 6\ninput x = 3\nf = x^2\n"
    assert "error[W701]: this does not hold: the value is 9" in done.err
    assert done.code == 1


def test_the_session_goes_on_and_the_worst_is_told(repl: Any) -> None:
    assert repl("2x\n1\n").code == 2
    assert repl("log(-1)\n1\n").code == 1
    done = repl("sum(k for k in 0:1e9)\n2x\nlog(-1)\n1\n")
    assert (done.code, done.out) == (3, "nan\n1\n")
    assert repl("x = 1\nfor k in 0:9 { x = x + 1 }\nx\n", "--limit", "steps=5").code == 3
    assert repl("1\n:quit\n2x\n") == (0, "1\n", "")
    assert repl(b"1\n\xff\n2\n")[:2] == (2, "1\n2\n")
    assert repl("(1 +\n2)\n2 +\n\n3\n(4\n")[:2] == (2, "3\n3\n")
    assert repl("") == (0, "", "")
    assert repl("1\n2") == (0, "1\n2\n", "")
    long = repl("x = 1" + "1" * 200 + "\n1\n", "--limit", "text_bytes=100")
    assert (long.code, long.out) == (3, "1\n")


def test_commands_that_are_wrong(repl: Any) -> None:
    for line, said in (
        (":grda x", "did you mean `:grad`?"), (":grad", "takes an expression"), (":grad x = 3", "takes an expression"),
        (":quit now", "takes nothing"), (":ops sinn", "did you mean `sin`"), (":load", "needs a file"),
        (":load nowhere.wengert", "no file"), (":save", "needs a file"), (":save x", "nothing to save"),
        (":help sin", "`:ops sin` tells"), (":clear q", "nothing binds `q`"), (":", "there is no command"),
        (":trace 2x", "an operator is missing"), (":load .", "is a directory"),
    ):  # fmt: skip
        done = repl(line + "\n1\n")
        assert (done.code, done.out) == (2, "1\n"), line
        assert said in done.err


def test_help_tells_all(repl: Any) -> None:
    everything = repl(":help\n").out
    assert GUIDE in everything
    for name, verb in VERBS.items():
        assert f":{name} {verb.takes}".rstrip() in everything
        assert verb.more in repl(f":help {name}\n").out == repl(f":help :{name}\n").out
    assert max(map(len, everything.splitlines())) <= 120
    assert repl(":ops ^\n").out.startswith("pow(")
    assert "sinh(a)" in repl(":ops\n").out


def test_what_help_says_is_so(repl: Any) -> None:
    """The lines of the guide, typed in order, with what they wait for."""
    lines = [found[1] for found in re.finditer(r"^  (\S.*?)(?:  |$)", GUIDE, re.MULTILINE)]
    assert len(lines) == 10
    order = [
        "a = 1",
        *lines[:2],
        "expect f = 9",
        lines[2],
        *lines[3:5],
        "s = 0",
        *lines[5:7],
        *lines[8:9],
        "g = 1",
        "f",
    ]
    done = repl("\n".join([*order, "input x = 3, y"]) + "\n")
    assert done.code == 2  # `output f, g` came before `g = 1`: an output names what is there
    assert done.err.count("error") == 1
    assert done.out.splitlines() == ["ok     expect f = 9", "9", "12", "18"]


def test_save_keeps_files_that_are_not_its_own(repl: Any, tmp_path: Path) -> None:
    other = tmp_path / "other.wengert"
    other.write_text("keep me", encoding="utf-8")
    done = repl("f = x^2\n:save other.wengert\n:save new.wengert\nx = 3\n:save new.wengert\n")
    assert done.code == 2
    assert "`:save! other.wengert` replaces it" in done.err
    assert other.read_text(encoding="utf-8") == "keep me"
    assert (tmp_path / "new.wengert").read_text(encoding="utf-8") == "input x = 3\nf = x^2\n"
    assert repl("f = x^2\n:save! other.wengert\n").code == 0
    assert other.read_text(encoding="utf-8") == "input x\nf = x^2\n"
    assert repl(":load other.wengert\nx = 2\nf\n:save other.wengert\n")[:2] == (0, "4\n")
    assert repl("f = 2*x\n:save no/where.wengert\n").code == 2


def test_a_file_that_is_wrong_tells_its_own_line(repl: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.wengert").write_text("f = x^2\n\ng = 2x\n", encoding="utf-8")
    done = repl("a = 1\n:load bad.wengert\nf\n")
    assert "bad.wengert:3:5" in done.err
    assert done.code == 2
    assert repl("", "bad.wengert").code == 2
    assert repl("1\n", "none.wengert")[:2] == (2, "")


def test_a_program_may_come_first(repl: Any, tmp_path: Path) -> None:
    (tmp_path / "f.wengert").write_text("input x = 3, y\nf = x*y\nf\n", encoding="utf-8")
    done = repl("y = 2\nf\n", "f.wengert")
    assert (done.code, done.out) == (0, "6\n")
    assert done.err.startswith("note[W606]: no value for `y`")


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
@settings(max_examples=100)
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
@settings(max_examples=150)
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


# What may be typed next


def test_completions() -> None:
    session = typed("length = 3", "lever = 2*width", "def lens(t) = t")
    assert completions(session, "2*len") == ["len(", "length", "lens("]
    assert completions(session, "leve") == ["lever"]
    assert completions(session, "wi") == ["width", "with"]
    assert completions(session, "sinh") == ["sinh("]
    assert {"tan(", "tanh(", "tau", "taylor("} <= set(completions(session, "f = 1 + ta"))
    assert completions(session, ":tr") == ["trace"]
    assert completions(session, ":") == sorted(VERBS)
    assert completions(session, ":grad 2*len") == ["len(", "length", "lens("]
    assert completions(session, ":ops sin") == sorted(n for n in [*OPS, *ALIASES] if n.startswith("sin"))
    assert completions(session, ":help l") == ["list", "load"]
    assert completions(session, ":clear a le") == ["length", "lens", "lever"]
    assert completions(session, ":vars x") == []
    assert completions(session, ":nothing x") == []
    assert {*CONSTANTS, "for", "input", "sum(", "d("} <= set(completions(session, ""))


def test_paths_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    for name in ("a.wengert", "a-b.wengert", "a.txt", ".hidden.wengert"):
        (tmp_path / "models" / name).touch()
    session = Session()
    assert completions(session, ":load mod") == ["models/"]
    assert completions(session, ":load models/") == ["a-b.wengert", "a.wengert"]
    assert completions(session, ":save! models/a-") == ["b.wengert"]
    assert completions(session, ":load nowhere/") == []


# In a terminal


# The prompts, each at the beginning of a line.
FIRST, MORE = "\n> ", "\n. "


def terminal(home: Path) -> Terminal:
    environment = {"XDG_STATE_HOME": str(home / "state"), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return Terminal([sys.executable, "-m", "wengert", "repl"], home, **environment)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Terminal]:
    with terminal(tmp_path) as made:
        yield made


def test_a_session_in_a_terminal(screen: Terminal, tmp_path: Path) -> None:
    screen.until(":help")
    screen.until(FIRST)
    screen.type("x = 3\n")
    screen.until(FIRST)
    screen.type("(x +\n")
    screen.until(MORE)
    screen.type("1)*1000\n")
    screen.until("4000")
    screen.until(FIRST)
    screen.type("2x\n")
    screen.until("W006")
    screen.until(FIRST)
    screen.type("(1 +\n")
    screen.until(MORE)
    time.sleep(0.5)  # an interrupt is lost while readline takes over the terminal
    screen.type("\x03")  # Ctrl-C abandons the entry
    screen.until(FIRST)
    screen.type("(1 +\n")
    screen.until(MORE)
    screen.type("\n")  # an empty line ends it
    screen.until("never closed")
    screen.until(FIRST)
    screen.type("x*7\n")
    screen.until("21")
    screen.until(FIRST)
    screen.type("\x04")  # Ctrl-D leaves
    assert screen.ended() == 0
    pytest.importorskip("readline")
    history = tmp_path / "state" / "wengert" / "history"
    assert "x*7" in history.read_text(encoding="utf-8")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700


def test_tab_completes(screen: Terminal) -> None:
    pytest.importorskip("readline")
    screen.until(FIRST)
    screen.type("wavelength = 3\n")
    screen.until(FIRST)
    screen.type("wavel\t*111\n")
    screen.until("wavelength")
    screen.until("333")
    screen.until(FIRST)
    screen.type(":qu\t\n")
    assert screen.ended() == 0


def test_a_computation_is_interrupted(screen: Terminal) -> None:
    screen.until(FIRST)
    screen.type("x = 7\n")
    screen.until(FIRST)
    screen.type("for k in 0:900000 { x = x + k }\n")
    time.sleep(0.5)  # long enough to begin, and too short to end
    screen.type("\x03")
    screen.until(FIRST)
    screen.type("x*111\n")
    screen.until("777")
    screen.until(FIRST)
    screen.type(":quit\n")
    assert screen.ended() == 0


def test_no_history_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, where a directory should be", encoding="utf-8")
    with terminal(tmp_path) as screen:
        screen.until(FIRST)
        screen.type("1 + 1\n")
        screen.until(FIRST)
        screen.type("\x04")
        assert screen.ended() == 0
