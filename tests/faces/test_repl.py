"""The session at its prompt: values, commands, help, files; nothing ends it but its end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from wengert.cli import main
from wengert.repl import GUIDE, VERBS


def test_plain_words_are_commands_where_no_value_has_the_name(repl: Any) -> None:
    assert repl("1\nquit\n2\n") == repl("1\nexit\n2\n") == repl("1\n:exit\n2\n") == (0, "1\n", "")
    assert repl("help\n") == repl("?\n") == repl(":help\n") == repl(":?\n")
    assert repl("exit = 3\nexit\n2\n").out == "3\n2\n"


def test_hessian_shows_second_derivatives(repl: Any) -> None:
    rows = repl("f = x^2*y\nx = 3\ny = 2\n:hessian f\n").out.splitlines()
    assert [row.split()[-2:] for row in rows[1:3]] == [["4", "6"], ["6", "0"]]
    assert "no value for `x`" in repl(":hessian x^2\n").err


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
    assert max(map(len, everything.splitlines())) <= 80
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
