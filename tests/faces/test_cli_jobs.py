"""The commands that check, expand and bound: check, taylor, eval --error-bounds."""

import json
import math
import shlex

import pytest

import wengert as wg
from wengert.cli import main
from wengert.ops import OPS


def test_check_agrees_and_says_so(capsys):
    assert main(["check", "x^3*sin(x)", "--x", "2"]) == 0
    out = capsys.readouterr().out
    assert "4 of 4 comparisons agree" in out
    assert main(["check", "abs(x) + max(x, 0)", "--x", "0"]) == 0
    assert "a kink: -1 from the left, 2 from the right" in capsys.readouterr().out


def test_check_fails_on_a_wrong_rule(capsys):
    wg.register("wrong", math.sin, "1.001*cos(a)", params="a")
    try:
        assert main(["check", "wrong(x)", "--x", "0.7", "--json"]) == 1
        found = json.loads(capsys.readouterr().out)
        assert [c["oracle"] for c in found if c["ok"] is False] == ["differences"]
        assert main(["check", "wrong(x)", "--x", "0.7"]) == 1
        assert "DISAGREES" in capsys.readouterr().out
    finally:
        del OPS["wrong"]


def test_taylor_prints_a_line_an_order(capsys):
    assert main(["taylor", "exp(x)*y", "--x", "0", "--y", "2", "--wrt", "x", "--order", "3"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["order", "coefficient"]
    assert [float(c) for _, c in lines[1:]] == pytest.approx([2, 2, 1, 1 / 3])
    assert main(["taylor", "x^2; x^3", "--x", "1", "--direction", "x=2", "--order", "2", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out).values()) == [[1, 6, 12]]


@pytest.mark.parametrize(
    ("words", "code", "pointed"),
    [
        ("minimize x^2 --x nan", "W607", "--x"),
        ("minimize k*x^2 --x 1 --k nan --wrt x", "W607", "--k"),
        ("minimize x^2 --x 1 --bounds x=2:1", "W862", "--bounds"),
        ("minimize x^2 --x 1 --bounds z=1:2", "W101", "--bounds"),
        ("solve x=1 --x 1 --z 3", "W101", "--z"),
        ("solve x=k --x 1 --k nan --wrt x", "W607", "--k"),
        ("ode x'=k --x 1 --k nan --t 0:1", "W607", "--k"),
        ("ode x'=k --x 1 --k 1 --t 1:1", "W602", "--t"),
        ("propagate x^2 --x nan±1", "W660", "--x"),
        ("propagate x^2 --x 1±1 --dof x=-1", "W662", "--dof"),
        ("fit y~a*x samples/misra.csv --a nan", "W671", "--a"),
        ("fit y~a*x samples/misra.csv --a 1 --time x", "W605", "--time"),
    ],
)
def test_the_caret_is_under_the_word_with_the_error(words, code, pointed, capsys):
    pytest.importorskip("scipy")
    argv = [*words.split(), "--error-format", "json"]
    assert main(argv) == 2
    told = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert told["code"] == code
    assert f"wengert {shlex.join(argv)}"[told["span"]["start"] :].startswith(pointed)


@pytest.mark.parametrize("order", ["-1", "x", "1.5", ""])
def test_taylor_refuses_an_order_that_is_none(order, capsys):
    assert main(["taylor", "x", "--x", "1", f"--order={order}"]) == 2
    assert "whole number" in capsys.readouterr().err


def test_taylor_beyond_the_limit(capsys):
    assert main(["taylor", "sin(x)", "--x", "1", "--order", "1000000"]) == 3
    assert "`order`" in capsys.readouterr().err


def test_error_bounds_hold(capsys):
    assert main(["eval", "exp(x) - exp(y)", "--x", "1", "--y", "1.0000001", "--error-bounds", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    bound = answer["error_bounds"]["value"]
    assert 1e-16 < bound < 1e-14
    assert set(answer["error_bounds"]["derivatives"]) == {"x", "y"}
    assert main(["eval", "exp(x) - exp(y)", "--x", "1", "--y", "1.0000001", "--error-bounds"]) == 0
    assert "rounding of" in capsys.readouterr().out
