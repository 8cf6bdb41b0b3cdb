"""Gradients by segments: the same bits as one sweep, in memory of the order of the square root of the list's length."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests import FULL
from wengert.sweeps.checkpoints import Checkpoints, checkpointed
from wengert.sweeps.forward import depending
from wengert.sweeps.interpretation import Interpretation
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.rules import rules_for

STEPS = 100_000 if FULL else 8_000

LOOPS = {
    "numbers": "input x0 = 0.3, r = 3.2\nx = x0\nfor t in 0:STEPS { x = r*x*(1 - x) }\noutput x",
    "branches": "input x0 = 2, c = 0.5\nx = x0\nfor t in 0:STEPS { x = where(x > 1, x/2 + c, sqrt(x)*3) }\noutput x",
    "unbounded branches": "input x0 = 1, c = 0\n"
    "x = x0\nfor t in 0:STEPS { x = where(c > 0, sqrt(c)*x, x + c) + abs(x)*1e-9 }\noutput x",
    "ties": "input x0 = 1, c = 1\nx = x0\nfor t in 0:STEPS { x = max(x, c)*min(c, 1) }\noutput x",
    "many lives": "input x0 = 1, y0 = 2, z0 = 3\n"
    "x = x0; y = y0; z = z0\nfor t in 0:STEPS { w = x*y + z; x = sin(y); y = cos(z); z = w/9 }\nx + y*z",
    "arrays": "input x0[n] = [0.1, 0.2, 0.3], A[n,n] = [[0.1, 0.2, 0.3], [0.5, -0.2, 0.1], [0.3, 0.3, -0.4]]\n"
    "x = x0\nfor t in 0:STEPS { x = tanh(A @ x) + x/2 }\nsum(x)",
    "arrays and branches": "input x0[n] = [4, -1, 0.5], c[n] = [0, 1, 2]\n"
    "x = x0\nfor t in 0:STEPS { x = where(x > c, sqrt(x), x*x + c/3) }\nsum(x)",
    "elements": "input p[n] = [0.3, 3.1, 0.2], x0 = 0.4\n"
    "x = x0\nfor t in 0:STEPS { x = p[0] + p[1]*x*(1 - x)/(1 + p[2]*x) }\noutput x",
    "moves": "input x0[n] = [1, 2, 3]\n"
    "x = x0\nfor t in 0:STEPS { x = [x[1], x[2], where(x[0] > 2, x[0]/2, x[0] + 1)] }\nsum(x^2)",
}


def made(name: str, steps: int) -> wg.Function:
    return wg.compile(LOOPS[name].replace("STEPS", str(steps)))


def same(a: Any, b: Any) -> bool:
    return bool(np.asarray(a, float).tobytes() == np.asarray(b, float).tobytes())


@pytest.mark.parametrize("kink", ["mean", "left"])
@pytest.mark.parametrize("name", LOOPS)
def test_the_bits_are_those_of_one_sweep(name: str, kink: str) -> None:
    text = LOOPS[name].replace("STEPS", "120")
    f = wg.compile(text, kink=kink)
    value, plain = f.value_and_grad()
    for segments in (True, 1, 2, 7, 10**6):
        again, pieced = f.value_and_grad(checkpoint=segments)
        assert same(value, again), segments
        assert pieced.names == plain.names
        assert all(same(a, b) for a, b in zip(plain, pieced)), segments
        assert pieced.notes == plain.notes


@pytest.mark.parametrize("name", ["arrays", "arrays and branches"])
def test_a_batch_too(name: str) -> None:
    f = made(name, 40)
    x = np.random.default_rng(5).uniform(0.1, 5, (6, 3))
    value, plain = f.value_and_grad(x0=x)
    again, pieced = f.value_and_grad(x0=x, checkpoint=5)
    assert same(value, again)
    assert all(same(a, b) for a, b in zip(plain, pieced))


def test_intermediates_too() -> None:
    f = wg.compile("input x = 2\na = x*x\nb = sin(a)\nc = b*a\nd1 = c + b\nd1*a")
    names = ("x", "a", "b", "c", "d1")
    plain = f.grad(wrt=names)
    for segments in range(1, 7):
        assert tuple(f.grad(wrt=names, checkpoint=segments)) == tuple(plain)


class Counting(Interpretation):
    """Numbers, with a count of how many of them are alive at once, and of how many were made."""

    class Number(float):
        alive = most = made = 0

        def __new__(cls, value: float) -> Counting.Number:
            number = super().__new__(cls, value)
            cls.alive += 1
            cls.made += 1
            cls.most = max(cls.most, cls.alive)
            return number

        def __del__(self) -> None:
            type(self).alive -= 1

    def __init__(self) -> None:
        self.Number.alive = self.Number.most = self.Number.made = 0
        self.plain = Numbers()

    def __call__(self, op: str, *args: float) -> float:
        return self.Number(self.plain(op, *map(float, args)))


def test_values_kept_at_once_and_forward_sweeps() -> None:
    """At most a small multiple of √n values are alive, where a plain sweep keeps n; none is computed thrice."""
    f = made("numbers", STEPS)
    wlist = f.running_list
    n = len(wlist.equations)
    assert n >= 3 * STEPS
    apply = Counting()
    seeds, active = {wlist.outputs[0]: 1.0}, depending(wlist, wlist.inputs)
    found, adjoint = checkpointed(
        wlist, {"x0": 0.3, "r": 3.2}, seeds, apply, rules_for(), Checkpoints(active, wlist.inputs)
    )  # fmt: skip
    assert apply.Number.most < 10 * n**0.5
    # Per multiplication of two names two products, and one sum where a name is used twice: at most 3 to an equation.
    assert apply.Number.made <= 2 * n + 3 * n
    plain = f.value_and_grad()
    assert found[wlist.outputs[0]] == plain[0]
    assert (adjoint["x0"], adjoint["r"]) == tuple(plain[1])


@pytest.mark.parametrize("name", ["arrays", "arrays and branches"])
def test_memory(name: str) -> None:
    """What is allocated: of arrays of some hundred numbers a third of a plain sweep's, or less."""
    f = made(name, 1000)
    point = {n: np.resize(np.asarray(f._point((), {})[n]), shape) for n, shape in SIZES[name].items()}
    peaks = []
    for checkpoint in (False, True):
        f.value_and_grad(point, checkpoint=checkpoint)
        tracemalloc.start()
        f.value_and_grad(point, checkpoint=checkpoint)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] / 3


SIZES = {"arrays": {"x0": (200,), "A": (200, 200)}, "arrays and branches": {"x0": (300,), "c": (300,)}}


def test_a_long_loop_below_a_branch_recurses_nowhere() -> None:
    """A guard of the last step comes down through all others, and a product that is not finite asks for it."""
    loop = "x = x0\nfor t in 0:3000 { x = x*s + c }\nsum(where(k > 0, x*1e308*1e308, 0*k))"
    f = wg.compile(f"input x0[n] = [1, 2], c[m] = [0], k[n] = [1, -1], s = 1\n{loop}")
    plain = f.grad()
    assert [float(v) for v in plain["x0"]] == [float("inf"), 0.0]
    assert all(same(a, b) for a, b in zip(plain, f.grad(checkpoint=True)))


@given(
    cuts=st.integers(1, 30),
    values=st.lists(st.sampled_from([0.0, 1.0, -1.0, 2.5, float("inf"), float("nan")]), min_size=3, max_size=3),
)
def test_any_point_any_cut(cuts: int, values: list[float]) -> None:
    for name in ("branches", "ties", "many lives"):
        f = made(name, 8)
        point = dict(zip(f.inputs, values))
        plain = f.value_and_grad(point)
        pieced = f.value_and_grad(point, checkpoint=cuts)
        assert same(plain[0], pieced[0])
        assert all(same(a, b) for a, b in zip(plain[1], pieced[1]))


@pytest.mark.parametrize("wrong", [-1, 0.5, "yes", float("nan")])
def test_what_is_no_number_of_segments(wrong: Any) -> None:
    with pytest.raises(wg.UsageError, match="number of segments"):
        wg.compile("x^2").value_and_grad(x=1, checkpoint=wrong)


def test_forward_mode_needs_none() -> None:
    with pytest.raises(wg.UsageError, match="needs no checkpoints"):
        wg.compile("x^2").value_and_grad(x=1, checkpoint=True, mode="forward")


def test_lists_without_equations() -> None:
    f = wg.compile(wg.WengertList([], inputs=["x"], outputs=["x"]))
    assert f.value_and_grad(3, checkpoint=True) == (3.0, (1.0,))
    assert wg.compile("7").value_and_grad(checkpoint=True)[0] == 7
