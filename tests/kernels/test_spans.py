"""A Jacobian of many outputs, or of many inputs: each sweep walks only the equations that its seed reaches."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
import wengert.sweeps.forward
import wengert.sweeps.masks
import wengert.sweeps.reverse
import wengert.sweeps.tangent
from tests.oracles.programs import programs
from wengert.kernels.jacobians import jacobian
from wengert.kernels.modes import planned
from wengert.sweeps.forward import depending, forward_sweep
from wengert.sweeps.masks import masked_derivatives
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.reverse import ReverseRequest, reverse_sweep
from wengert.sweeps.rules import rules_for
from wengert.sweeps.tangent import tangent_sweep
from wengert.transforms.derivatives import jacobian as jacobian_list

# Many outputs of two inputs, many outputs of an input each, and both with a common head; {0} is the number of outputs.
SHAPES = {
    "many outputs": lambda m: "\n".join(f"y{i} = exp(-a*{i}/100)*cos(b*{i})" for i in range(m)),
    "a diagonal": lambda m: "\n".join(f"y{i} = sin(x{i})*x{i}" for i in range(m)),
    "a diagonal of nan": lambda m: "\n".join(f"y{i} = log(-1 - x{i}^2)" for i in range(m)),
    "a band": lambda m: "\n".join(f"y{i} = sin(x{i})*x{(i + 1) % m}" for i in range(m)),
}


def many(name: str, m: int) -> wg.Function:
    return wg.compile(f"{SHAPES[name](m)}\noutput " + ", ".join(f"y{i}" for i in range(m)))


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of equations that each sweep was given to walk."""
    found: list[int] = []

    def counting(items: Sequence[Any]) -> Sequence[Any]:
        found.append(len(items))
        return items

    for module in (wengert.sweeps.reverse, wengert.sweeps.tangent, wengert.sweeps.masks, wengert.sweeps.forward):
        monkeypatch.setattr(module, "checking_clock", counting)
    return found


@pytest.mark.parametrize("mode", ["reverse", "forward", "auto"])
@pytest.mark.parametrize("name", SHAPES)
def test_the_work_grows_as_the_outputs_do(name: str, mode: str, walked: list[int]) -> None:
    """Twice the outputs, twice the equations that are walked: by the first call, and to write the list."""
    spent = []
    for m in (20, 40, 80):
        f = many(name, m)
        walked.clear()
        f.jacobian(*[0.3 + i / 100 for i in range(len(f.inputs))], mode=mode)
        jacobian_list(f.running_list)
        spent.append(sum(walked))
    first, second, third = spent
    # A quadratic cost would double the growth; the lists written hold a mask for each pair, which is not walked.
    assert third - second <= 2.2 * (second - first)


def test_the_plan_counts_what_is_walked() -> None:
    """Two sweeps or two thousand, over the same equations: the two are taken, unless they walk more."""
    assert many("many outputs", 2000).plan(0.3, 0.2).mode == "forward"
    diagonal = many("a diagonal", 40).plan(*[0.1] * 40)
    assert diagonal.reverse == diagonal.forward
    assert wg.compile("input x, y, z\noutput x*y*z, x + y + z").plan(1, 2, 3).mode == "reverse"


def bits(values: Sequence[float]) -> bytes:
    return pack(f"{len(values)}d", *[abs(v) if v != v else v for v in values])


@given(programs(outputs=4), st.sampled_from(["mean", "left", "right"]))
def test_a_sweep_over_the_whole_list_gives_the_same(case: Any, kink: str) -> None:
    wlist, point = case
    f = wg.compile(wlist, fuse=False, kink=kink)
    names, rules, apply = f.inputs, rules_for(wlist.ops, kink), Numbers(wlist.ops)
    tape = forward_sweep(wlist, point, apply)
    active = depending(wlist, names)
    by_rows: list[float] = []
    columns = [tangent_sweep(wlist, tape, {n: 1.0}, apply, rules) for n in names]
    by_columns: list[float] = []
    for a in wlist.outputs:
        seeds = {a: 1.0} if isinstance(a, str) else {}
        value = tape[a] if isinstance(a, str) else a
        adjoint = reverse_sweep(wlist, tape, seeds, apply, rules, ReverseRequest(active=active))
        row = [adjoint.get(n, 0.0) for n in names]
        by_rows += masked_derivatives(wlist, (a,), value, names, row, rules)
        along = [moved.get(a, 0.0) for moved in columns]
        by_columns += masked_derivatives(wlist, (a,), value, names, along, rules)
    for mode, want in (("reverse", by_rows), ("forward", by_columns)):
        with f.evaluation_at(point) as call:
            rows = jacobian(call, names, kink, planned(call, names, call.wlist.outputs, mode))[0]
        assert bits([v for row in rows for v in row]) == bits(want), mode
