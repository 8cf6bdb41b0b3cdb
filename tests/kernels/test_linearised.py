"""All rows or columns of a Jacobian in one sweep: the answers of the sweeps one by one, with the same bits."""

from __future__ import annotations

from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.programs import programs
from wengert.kernels import linearised
from wengert.kernels.jacobians import blocks
from wengert.kernels.linearised import at_once, pays
from wengert.kernels.modes import planned
from wengert.lists.wengert_list import WengertList
from wengert.sweeps.forward import forward_sweep
from wengert.transforms.derivatives import gradient

MODES = ("reverse", "forward", "mixed")


def both(wlist: WengertList, point: dict[str, float], mode: str, kink: str) -> tuple[Any, list[list[float]]]:
    """The derivatives of a list's outputs in its inputs at once, None where they must be swept, and by the sweeps."""
    f = wg.compile(wlist, fuse=False, kink=kink)
    with f.evaluation_at(point) as call:
        tape = forward_sweep(call.wlist, call.values, call.apply)
        plan = planned(call, f.inputs, call.wlist.outputs, mode)
        swept = blocks(call, tape, f.inputs, call.wlist.outputs, plan, kink)
        return at_once(call, tape, f.inputs, call.wlist.outputs, plan, kink), swept


@pytest.fixture(scope="module")
def always() -> Any:
    """Every list is taken, however short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linearised, "pays", lambda call, plan: True)
        yield


@pytest.mark.parametrize("order", [1, 2])
def test_the_sweeps_one_by_one_give_the_same(order: int, always: object) -> None:
    taken = []

    @given(programs(outputs=4 if order == 1 else 1), st.sampled_from(MODES), st.sampled_from(["mean", "left", "right"]))
    def law(case: Any, mode: str, kink: str) -> None:
        wlist, point = case
        if order == 2:
            wlist = gradient(wlist, kink=kink)
        found, swept = both(wlist, point, mode, kink)
        taken.append(found is not None)
        if found is not None:
            assert found == swept

    law()
    assert sum(taken) > len(taken) / 4


@pytest.mark.parametrize("text", [
    "a = log(x); output a*y, a + y", "output where(x > 1, 2*x, x + 1), y*x", "output sqrt(x)*y, x*y",
    "a = x^y; output a, a*x",
])  # fmt: skip
def test_the_sweeps_answer_where_not_all_is_smooth(text: str, always: object) -> None:
    """At a tie, and where a local derivative is not finite: with the notes of the sweeps."""
    point = {"x": 1.0 if "where" in text else 0.0, "y": 0.5}
    wlist = wg.compile(f"input x, y; {text}").running_list
    for mode in MODES:
        found, swept = both(wlist, point, mode, "mean")
        assert found is None
        assert not all(isfinite(v) for row in swept for v in row) or "where" in text


def long(n: int, lines: int) -> str:
    """A long list of n inputs whose Hessian is full."""
    body = [f"t{k} = sin(t{k - 1}*x{k % n}) + 0.1*x{(7 * k + 1) % n}*t{k - 2}" for k in range(2, lines)]
    return f"input {', '.join(f'x{i}' for i in range(n))}\nt0 = x0\nt1 = x1\n" + "\n".join([*body, f"t{lines - 1}"])


@pytest.mark.parametrize("mode", MODES)
def test_seeds_in_parts_give_the_same(mode: str, always: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an array that would be too large only some rows are held at a time."""
    wlist = gradient(wg.compile(long(7, 80)).running_list)
    point = {f"x{k}": 0.1 + k / 9 for k in range(7)}
    whole, swept = both(wlist, point, mode, "mean")
    monkeypatch.setattr(linearised, "MOST", 3 * len(wlist))
    assert both(wlist, point, mode, "mean")[0] == whole == swept


def test_a_long_list_is_linearised_once() -> None:
    """The local derivatives of a Hessian are asked for once, however many inputs there are."""
    f = wg.compile(long(12, 600))
    x = [0.1 + k / 20 for k in range(12)]
    plan = f.plan(*x, order=2)
    with f.lists.gradient_at(f.point(tuple(x), {}), f.inputs).at(f.point(tuple(x), {})) as call:
        assert pays(call, plan)
        tape = forward_sweep(call.wlist, call.values, call.apply)
        applied = []
        inner = call.apply

        class Counted(type(inner)):  # type: ignore[misc]
            def __call__(self, op: str, *args: float) -> float:
                applied.append(op)
                return float(inner(op, *args))

        call.apply = Counted(inner.ops)
        found = at_once(call, tape, f.inputs, call.wlist.outputs, plan, "mean")
        once, applied[:] = len(applied), []
        assert blocks(call, tape, f.inputs, call.wlist.outputs, plan, "mean") == found
        assert len(applied) > 8 * once
    h = f.hessian(*x)
    assert [list(row) for row in h] == found
    assert h.notes == ()
    for k in range(12):
        assert list(f.hvp(x, [float(i == k) for i in range(12)])) == pytest.approx([row[k] for row in h], rel=1e-9)
