"""The rules by which the words of a command line are read, and that no words at all break it.

argparse would take `--x1` for `--x10`, refuse `-1e-3`, and leave by SystemExit; none of that happens here.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from math import pi
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import some
from wengert.cli import main
from wengert.cli.eval import COMMAND as EVAL
from wengert.cli.main import COMMANDS
from wengert.cli.words import Arguments, scan
from wengert.ground.errors import UsageError


class Done(NamedTuple):
    code: int
    out: str
    err: str


def run(*words: str) -> Done:
    """Run a command line where there are no files, with nothing on standard input."""
    out, err = io.StringIO(), io.StringIO()
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as empty, mock.patch.object(sys, "stdin", io.StringIO("")):
        os.chdir(empty)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(words)
        finally:
            os.chdir(here)
    return Done(code, out.getvalue(), err.getvalue())


def value(*words: str) -> float:
    """The value that `wengert eval` prints."""
    done = run("eval", *words, "--no-grad")
    assert done.code == 0, done.err
    return float(done.out)


def scanned(*words: str) -> Arguments:
    return scan(("eval", *words), EVAL)


# The program


@pytest.mark.parametrize("program", ["-x1^2", "-x1", "-(x1)", "-1*x1^2", "--(x1)", "--1*x1", "-.5*x1", "- x1", "-h*x1"])
def test_a_program_may_begin_with_a_sign(program: str) -> None:
    assert scanned(program, "--x1", "3").words == (program,)
    assert scanned("--x1", "3", program).words == (program,)


def test_a_sign_is_part_of_the_program() -> None:
    assert value("-x1^2", "--x1", "3") == -9
    assert value("--x1", "3", "-x1^2") == -9
    assert value("-2") == -2
    assert value("--(x)", "--x=3") == 3


def test_two_dashes_end_the_options() -> None:
    assert run("eval", "--no-grad", "--", "--x1", "x1=3").out == "3\n"
    assert run("eval", "--", "-x1^2", "--x1", "3").code == 2
    assert scanned("--", "-h").words == ("-h",)


def test_one_program_is_enough() -> None:
    done = run("eval", "x", "+", "y")
    assert done.code == 2
    assert "one word too many: `+`" in done.err
    assert "quotes" in done.err


def test_the_first_word_is_the_program_even_if_it_could_bind() -> None:
    assert scanned("x = 3").words == ("x = 3",)
    assert scanned("x=3", "y=4").values.keys() == {"y"}


# Bindings


@pytest.mark.parametrize(
    "words",
    [
        ("--x", "3", "x^2"), ("x^2", "--x", "3"), ("x^2", "--x=3"), ("x^2", "x=3"), ("x^2", "x = 3"), ("x^2", " x=3"),
        ("x^2", "--set", "x=3"), ("x^2", "--set=x=3"), ("--set", "x = 3", "x^2"), ("x^2", "--x", " 3 "),
    ],
)  # fmt: skip
def test_ways_to_bind(words: tuple[str, ...]) -> None:
    assert value(*words) == 9


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-1e-3", -1e-3), ("-3", -3.0), ("+3", 3.0), (".5", 0.5), ("5.", 5.0), ("1_000", 1e3), ("inf", float("inf")),
        ("-inf", -float("inf")), ("1/3", 1 / 3), ("pi/4", pi / 4), ("2^10", 1024.0), ("-2^2", -4.0), ("-pi", -pi),
        ("--3", 3.0), ("sqrt(4)", 2.0), ("(1 + 2)*3", 9.0), ("1e-320", 1e-320), ("1e400", float("inf")), ("-0", -0.0),
        ("sum(k for k in 0:5)", 10.0), ("1 if 2 > 1 else 0", 1.0),
    ],
)  # fmt: skip
def test_values(text: str, number: float) -> None:
    for words in (("--x", text), (f"--x={text}",), (f"x={text}",), ("--set", f"x={text}")):
        assert str(value("x", *words)) == str(number)


@pytest.mark.parametrize(
    "text", ["", " ", "y", "y+1", "1 2", "1,2", "--y", "0x10", "three", "1; 2 x", "=3", "(", "\0", "é́"]
)
def test_values_that_are_none(text: str) -> None:
    done = run("eval", "x", f"--x={text}")
    assert done.code == 2
    assert done.err.count("error[") == 1


def test_a_value_keeps_to_the_limits() -> None:
    assert run("eval", "x", "--x", "sum(k for k in 0:10^9)").code == 3
    assert run("eval", "x", "--x", "sum(k for k in 0:100)", "--limit", "steps=10").code == 3


def test_there_is_no_prefix_matching() -> None:
    done = run("eval", "x10^2", "--x1", "3")
    assert done.code == 2
    assert "is called `x1`" in done.err
    assert "did you mean `x10`?" in done.err
    assert value("x1 + 10*x10", "--x1", "3", "--x10", "4") == 43
    assert value("x1 + 10*x10", "--x10", "4", "--x1", "3") == 43
    for short in ("--js", "--no-g", "--col", "--ver", "--trust"):
        assert run("eval", "x", "--x", "1", short, "1").code == 2
    assert value("js^2", "--js", "3") == 9


def test_a_flag_misspelt_is_told() -> None:
    for words in (("--jsn", "x", "--x", "1"), ("x", "--x", "1", "--jsn"), ("x", "--jsn", "--x", "1")):
        done = run("eval", *words)
        assert done.code == 2
        assert "`--json`" in done.err, words
    assert "`--no-fuse`" in run("eval", "x", "--no-fuze", "--x", "1").err


def test_names_are_bound_once() -> None:
    for again in (("--x", "4"), ("--x=4",), ("x=4",), ("--set", "x=4")):
        done = run("eval", "x", "--x", "3", *again)
        assert done.code == 2
        assert "`x` is bound twice" in done.err
    assert run("eval", "x1", "--x1", "3", "--x₁", "3").code == 2


def test_options_are_given_once() -> None:
    assert run("eval", "x", "x=1", "--wrt", "x", "--wrt", "x").code == 2
    assert run("eval", "x", "x=1", "--json", "--json").code == 2
    assert run("eval", "x", "x=1", "--limit", "steps=9", "--limit", "order=9").code == 0


def test_names_in_unicode() -> None:
    assert value("λ*x₁", "--λ", "3", "--x1", "2") == 6
    assert value("λ*x₁", "λ=3", "x₁=2") == 6


def test_constants_can_be_bound() -> None:
    assert value("e + pi", "--e", "5", "--pi=1/2") == 5.5
    assert value("inf + nan", "inf=1", "nan=2") == 3
    assert run("eval", "x", "x=1", "--e", "5").code == 2


def test_names_of_options_can_be_bound() -> None:
    assert value("json*wrt", "json=3", "--set", "wrt=4") == 12
    assert value("set + help", "--set", "set=1", "--set", "help=2") == 3
    taken = run("eval", "json^2", "--json", "3")
    assert taken.code == 2
    assert "--set json=VALUE" in taken.err
    assert "--set json=VALUE" in run("eval", "json^2", "--json=3").err
    assert "wrt=VALUE" in run("eval", "wrt^2").err


def test_missing_names_are_listed() -> None:
    done = run("eval", "a*b + c", "--b", "3")
    assert done.code == 2
    assert "`a`, `c`" in done.err
    assert "--a VALUE --c VALUE" in done.err
    assert "1 | a*b + c\n     | ^" in done.err
    many = run("eval", "+".join(f"n{k}" for k in range(5000)))
    assert many.code == 2
    assert "and 4990 more" in many.err
    assert len(many.err) < 1500


def test_unknown_names_are_told() -> None:
    assert "did you mean `alpha`?" in run("eval", "alpha", "--alhpa", "3").err
    assert "the inputs are x, y" in run("eval", "x*y", "x=1", "y=2", "--temperature", "3").err
    assert "computed by the program" in run("eval", "z = x^2; z + 1", "--x", "3", "--z", "3").err
    assert "the inputs are none" in run("eval", "1", "--x", "3").err


@pytest.mark.parametrize("words", [("--x",), ("--x", "--y", "3"), ("--x=",), ("x=",), ("--set", "x="), ("--set", "x")])
def test_a_value_that_is_missing(words: tuple[str, ...]) -> None:
    assert run("eval", "x", *words).code == 2


@pytest.mark.parametrize("words", [("--wrt",), ("--kink",), ("--set",), ("--limit",), ("--wrt", "--json")])
def test_an_option_that_lacks_its_value(words: tuple[str, ...]) -> None:
    done = run("eval", "x", "x=1", *words)
    assert done.code == 2
    assert "needs a value" in done.err


def test_the_caret_stands_under_the_word() -> None:
    lines = run("eval", "(2*x + y)^2", "--x", "3", "--z", "4").err.splitlines()
    assert lines[2].endswith("wengert eval '(2*x + y)^2' --x 3 --z 4")
    assert lines[2][lines[3].index("^") :].startswith("--z")
    assert lines[3].count("^") == len("--z")
    long = run("eval", "x+" * 500 + "x", "--y", "3").err
    assert max(map(len, long.splitlines())) < 130


# Whatever is typed

WORDS = st.one_of(
    st.sampled_from([
        *COMMANDS, *(f"--{o.name}" for o in EVAL.options), "-h", "--", "-", "--help", "--version", "x", "x^2", "-x1^2",
        "--x", "--x1", "--x10", "--x=3", "x=3", "x==3", "3", "-1e-3", "1/0", "inf", "nan", "x1*x10", "d(x^2, x)", "(",
        "reverse", "left", "json", "tangent", "both", "always", "x,y", "steps=5", "equations=3", "log(x)", "abs(x)", "",
        "--direction", "--sweep", "--output", "--gradient", "--count", "--simplify", "--fuse", "--latex", "--exact",
        "--as", "tuples", "--order", "none.wengert", ".", "./", "f = x; g = x^2; output f, g", "expect 1 = 2", ")",
        "\udcff",
    ]),
    st.text(max_size=8),
    st.text("-=xy1.e^*+(),; \n", max_size=8),
)  # fmt: skip


@given(st.lists(WORDS, max_size=7))
@settings(max_examples=some(400))
def test_no_words_break_it(words: list[str]) -> None:
    """Any command line gives an exit code, and an error where that is not 0: no exception, no SystemExit."""
    done = run(*words)
    assert done.code in (0, 1, 2, 3)
    assert "Traceback" not in done.err
    if done.code >= 2:
        assert done.err


@given(st.sampled_from(sorted(COMMANDS)), st.lists(WORDS, max_size=6))
@settings(max_examples=some(500))
def test_no_words_break_a_command(command: str, words: list[str]) -> None:
    assert run(command, *words).code in (0, 1, 2, 3)


@given(st.floats(), st.sampled_from(["--x {}", "--x={}", "x={}", "--set x={}"]))
@settings(max_examples=some(150))
def test_every_float_can_be_given(number: float, way: str) -> None:
    done = run("eval", "x", *(word.format(repr(number)) for word in way.split()), "--no-grad")
    assert done.code == 0
    assert str(float(done.out)) == str(number)


@given(st.lists(st.from_regex(r"[a-z][a-z0-9]{0,2}", fullmatch=True), min_size=1, max_size=6, unique=True))
@settings(max_examples=some(100))
def test_each_name_binds_itself_alone(names: list[str]) -> None:
    """However alike names are, a value goes to the one that is written."""
    known = {o.name for o in EVAL.options}
    words = [w for k, n in enumerate(names) for w in ((f"--set={n}={k}",) if n in known else (f"--{n}", str(k)))]
    try:
        found = scanned("program", *words)
    except UsageError as problem:
        pytest.fail(str(problem))
    assert {n: b.text for n, b in found.values.items()} == {n: str(k) for k, n in enumerate(names)}
