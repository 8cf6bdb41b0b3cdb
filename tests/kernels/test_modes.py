"""The mode of a Jacobian: chosen by counted operations, visible, forceable, and without effect on the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from wengert.kernels.jacobians import blocks
from wengert.kernels.modes import planned
from wengert.sweeps.forward import forward_sweep

# One output reads all inputs but one; all the others read that one, by a long way that they share.
ARROW = (
    f"input {', '.join(f'x{k}' for k in range(12))}, t\n"
    + "".join(f"a{k} = sin(x{k})*exp(x{k}/9)\n" for k in range(12))
    + "trunk = cos(t + 1)*exp(sin(t)*t)*sin(exp(t/2))\n"
    + "".join(f"b{k} = trunk*{k + 2}\n" for k in range(12))
    + f"loss = {' + '.join(f'a{k}*a{k}' for k in range(12))}\n"
    + f"output loss, {', '.join(f'b{k}' for k in range(12))}"
)
PROGRAMS: dict[str, tuple[str, dict[str, Any], str]] = {
    "many inputs": ("input x, y, z, u\noutput x*y*z*u, x + y*z - u", {"x": 1, "y": 2, "z": 3, "u": 4}, "reverse"),
    "many outputs": ("input x, y\nh = x*y + x\noutput sin(h), cos(h), exp(h), h*h", {"x": 1, "y": 2}, "forward"),
    "arrow": (ARROW, {**{f"x{k}": k / 7 for k in range(12)}, "t": 0.3}, "mixed"),
    # Three seeds either way, and a tail that only the output has: reverse goes over the head with one number.
    "narrow": ("input x, y, z\nh = x*y*z\noutput h, h^2, h + 1, sin(h)", {"x": 1, "y": 2, "z": 3}, "forward"),
    "wide array in": ("input x[n]\noutput sum(x), sum(x^2)", {"x": np.arange(1.0, 51)}, "reverse"),
    "wide array out": ("input x[n], a, b\nx*a + x^2*b", {"x": np.arange(1.0, 51), "a": 2, "b": 3}, "forward"),
    "arrow of arrays": (
        "input x[n], y[m], t\noutput sum(tanh(x)*x), tanh(y*t)*t, sin(t)*y",
        {"x": np.arange(1.0, 41), "y": np.arange(1.0, 41) / 40, "t": 0.2}, "mixed",
    ),
    "chain of matrices": (
        "input A[n,n], x[n], s\nA @ (A @ (A @ (x*s)))",
        {"A": np.eye(8) / 2, "x": np.ones(8), "s": 3}, "reverse",
    ),
}  # fmt: skip


class Counting:
    """An interpretation that counts the operations on elements."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.count = inner, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __call__(self, op: str, *args: Any) -> Any:
        y = self.inner(op, *args)
        self.count += max(np.size(a) for a in (y, *args))
        return y


def cost(f: wg.Function, point: dict[str, Any], wrt: tuple[str, ...], mode: str) -> float:
    """Operations on elements of the sweeps of a Jacobian of numbers in a mode, counted."""
    call = f.evaluation_at(f.point((point,), {}))
    with call:
        tape = forward_sweep(call.wlist, call.values, call.apply)
        call.apply = Counting(call.apply)
        blocks(call, tape, wrt, call.wlist.outputs, planned(call, wrt, call.wlist.outputs, mode), "mean")
    return float(call.apply.count)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_cheapest_mode_is_taken(name: str) -> None:
    text, point, mode = PROGRAMS[name]
    f = wg.compile(text)
    wrt = tuple(n for n in f.inputs if n not in ("A", "y"))
    if name == "arrow of arrays":
        wrt = ("x", "t")
    if "many" in name:
        wrt = f.inputs
    found = f.jacobian(point, wrt=wrt)
    assert found.mode == found.plan.mode == mode
    whole = f.plan(point, wrt=wrt)
    assert whole.mode == mode
    costs = {"reverse": whole.reverse, "forward": whole.forward, "mixed": whole.mixed}
    assert costs[mode] <= min(costs.values()) * 1.2
    assert mode in str(whole)
    for other in ("reverse", "forward", "mixed"):
        forced = f.jacobian(point, wrt=wrt, mode=other)
        assert forced.mode == other
        for a, row in zip(forced, found):
            for x, y in zip(a, row):
                assert np.shape(x) == np.shape(y)
                assert np.asarray(x) == pytest.approx(np.asarray(y), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("name", [n for n in PROGRAMS if "array" not in n and "matri" not in n])
def test_the_counted_operations_agree(name: str) -> None:
    """Of numbers the sweeps can be counted: the mode that was taken does no more than the others, a quarter apart."""
    text, point, mode = PROGRAMS[name]
    f = wg.compile(text)
    counted = {m: cost(f, point, f.inputs, m) for m in ("reverse", "forward", "mixed")}
    assert counted[mode] <= 1.25 * min(counted.values())


def test_a_mixed_plan_says_who_goes_which_way() -> None:
    text, point, _ = PROGRAMS["arrow"]
    plan = wg.compile(text).plan(point)
    assert (plan.rows, plan.columns) == (("loss",), ("t",))
    assert plan.mixed < 0.8 * min(plan.reverse, plan.forward)
    assert "loss by reverse; t by forward" in str(plan)


def test_hessians_choose_too() -> None:
    few = wg.compile("sin(x*y)*exp(y)")
    assert few.hessian(x=1, y=2).mode in ("reverse", "forward")
    for mode in ("reverse", "forward", "mixed", "auto"):
        h = few.hessian(x=1, y=2, mode=mode)
        assert [v for row in h for v in row] == pytest.approx([v for row in few.hessian(x=1, y=2) for v in row])
    plan = few.plan(x=1, y=2, order=2)
    assert 0 < plan.reverse < float("inf")
    assert plan.mode == few.hessian(x=1, y=2).mode
    assert plan.forward > 0


places = st.integers(0, 4)


@given(links=st.lists(st.tuples(places, places), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_any_dependence_any_mode(links: list[tuple[int, int]], seed: int) -> None:
    """Outputs that read some inputs: every way to cover the dependence gives the same matrix."""
    rows = [
        " + ".join([f"sin(x{j}*{i + 1})*x{j}" for k, j in links if k == i] or ["1"]) + "*1" for i in range(5)
    ]  # fmt: skip
    f = wg.compile(f"input {', '.join(f'x{j}' for j in range(5))}\noutput {', '.join(rows)}")
    x = np.random.default_rng(seed).uniform(-2, 2, 5)
    found = {mode: np.array(f.jacobian(*x, mode=mode)) for mode in ("reverse", "forward", "mixed", "auto")}
    for matrix in found.values():
        assert matrix == pytest.approx(found["reverse"], rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("ask", ["jacobian", "hessian"])
def test_unknown_modes(ask: str) -> None:
    with pytest.raises(wg.UsageError, match="unknown mode `backward`"):
        getattr(wg.compile("x*y"), ask)(x=1, y=2, mode="backward")


def test_a_constant_output_and_an_input_that_nothing_reads() -> None:
    f = wg.compile("input x, y\noutput 7, x^2, x")
    for mode in ("reverse", "forward", "mixed", "auto"):
        assert np.array(f.jacobian(3, 4, mode=mode)).tolist() == [[0, 0], [6, 0], [1, 0]]


@pytest.mark.parametrize("mode", [["reverse"], 3, None, {}, "backward"])
def test_what_is_no_mode_is_refused_by_every_method(mode: Any) -> None:
    f = wg.compile("x*y")
    for method in (f.value_and_grad, f.jacobian, f.hessian):
        with pytest.raises(wg.UsageError, match="unknown mode"):
            method(1.0, 2.0, mode=mode)
