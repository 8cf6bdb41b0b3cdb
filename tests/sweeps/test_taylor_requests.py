"""Taylor series that are asked for wrongly, or by the command: directions, orders, clocks and sizes."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

import wengert as wg
from wengert.cli import main
from wengert.ops import OPS

A = np.array([[1.0, 2.0], [3.0, 4.0]])


# Errors


def test_directions_and_orders_are_checked() -> None:
    f = wg.compile("input x[3]; exp(x)")
    for call, says in (
        (lambda: f.taylor([[1, 2, 3]]), "direction is needed, as `x` is an array"),
        (lambda: f.taylor([[1, 2, 3]], [[1, 2]]), "the shape (2,), not (3,)"),
        (lambda: f.taylor([[1, 2, 3]], {"y": 1}), "moves `y`"),
        (lambda: f.taylor([[1, 2, 3]], [["a", 1, 2]]), "must hold numbers"),
        (lambda: f.taylor([[1, 2]], [[1, 2]]), "`x` has the shape (3,)"),
        (lambda: f.taylor([[1, 2, 3]], [[1, 2, 3]], -1), "whole number"),
        (lambda: f.taylor([[1, 2, 3]], [[1, 2, 3]], 10**6), "over the limit `order`"),
        (lambda: f.taylor([[1, 2, 3]], [[[1, 2, 3]]]), "the shape (1, 3), not (3,)"),
        (lambda: wg.compile("x*y").taylor([[1, 2], 3]), "direction is needed for 2 inputs"),
    ):
        with pytest.raises(wg.WengertError) as told:
            call()
        assert says in str(told.value)
    # A number moves all elements alike.
    np.testing.assert_array_equal(f.taylor([[0, 0, 0]], {"x": 1.0}, 1)[1], [1, 1, 1])


def test_an_op_without_a_rule_is_refused_in_its_place() -> None:
    wg.register("unruly", lambda a: a**3, [lambda a, y: 3 * a * a])
    try:
        for text, point in (("x + unruly(x)", [2.0]), ("input x[2]; x + unruly(x)", [[2.0, 1.0]])):
            with pytest.raises(wg.DerivativeError) as told:
                wg.compile(text).taylor(point, point, 3)
            assert told.value.diagnostic.code == "W210"
            span = told.value.diagnostic.span
            assert span is not None
            assert text[span.start : span.end] == "unruly(x)"
    finally:
        for name in ("unruly", "unruly_da"):
            del OPS[name]


def test_the_clock_runs() -> None:
    f = wg.compile("input A[n,n]; det(sin(A))", limits=wg.Limits(seconds=0.05))
    with pytest.raises(wg.LimitError, match="seconds"):
        f.taylor([A], [A], 100)


# The command


def test_the_command_prints_arrays(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--A", "[[1,2],[3,4]]", "--x", "[0.1,0.2]", "--direction", "x=[1,0]", "--order", "2"]
    assert main(["taylor", "sum(exp(A@x))", *words]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [len(line) for line in lines] == [2] * 4
    want = wg.compile("sum(exp(A@x))").taylor({"A": A, "x": [0.1, 0.2]}, {"x": [1, 0]}, 2)
    assert [float(c) for _, c in lines[1:]] == want
    assert main(["taylor", "s = sum(x); z = A @ x; output s, z", *words]) == 0
    assert capsys.readouterr().out.splitlines()[2].split(maxsplit=2) == ["1", "1", "[1, 3]"]
    assert main(["taylor", "s = sum(x); z = A @ x; output s, z", *words, "--json"]) == 0
    assert '"z": [[0.5,1.1],[1,3],[0,0]]' in capsys.readouterr().out.replace("\n", "").replace("  ", "").replace(
        ", ", ","
    ).replace("1.1000000000000001", "1.1")
    long = ",".join("1" * 60)
    assert main(["taylor", "input x[60]; exp(x)", "--x", f"[{long}]", "--wrt", "x", "--order", "1"]) == 0
    assert "--full prints" in capsys.readouterr().out
    assert main(["taylor", "input x[60]; exp(x)", "--x", f"[{long}]", "--wrt", "x", "--order", "1", "--full"]) == 0
    assert capsys.readouterr().out.count("2.718281828459045") == 120
    assert main(["taylor", "x^2", "--x", "[1,2]", "--order", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split(maxsplit=1) == ["1", "[2, 4]"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--x", "[1,2]"], "a direction is needed, as `x` is an array"),
        (["--x", "[1,2]", "--direction", "x=[1,2,3]"], "--direction 'x=[1,2,3]'"),
        (["--x", "[1,2]", "--direction", "y=1"], "--direction y=1"),
        (["--x", "[1,2]", "--direction", "x=[1,[2]]"], "ragged"),
        (["--x", "[1,2]", "--direction", "x=1", "--order", "101"], "`order`"),
    ],
)
def test_the_command_refuses(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["taylor", "sum(x^2)", *words]) in (2, 3)
    told = capsys.readouterr()
    assert told.out == ""
    assert says in told.err
    assert Counter(told.err.split())["error["] == 0


def test_a_program_that_must_know_a_size():
    f = wg.compile("input x[n]\ns = sum(exp(x[i])*i for i in 0:len(x))\ns")
    x, v = np.array([0.1, 0.2, 0.3]), np.array([1.0, -1.0, 0.5])
    want = [float(np.sum(np.exp(x) * np.arange(3) * v**k)) / math.factorial(k) for k in range(4)]
    for found in (f.taylor([x], [v], 3), f.taylor({"x": x}, direction={"x": v}, order=3)):
        assert found == pytest.approx(want, rel=1e-13)
    assert not f._decided


@pytest.mark.parametrize("x", [-1.0, np.array([-1.0, 2.0])])
def test_what_has_no_value_has_no_derivative(x):
    """Though the formula of one may have: 1/x of log(x)."""
    for c in wg.compile("log(x)").taylor([x], [np.ones_like(x)], 3):
        assert np.isnan(np.ravel(c)[0])
        assert np.isfinite(np.ravel(c)[1:]).all()
