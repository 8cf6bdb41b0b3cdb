"""Batches in machine code: every op and random programs, all lengths, arrays of any kind, threads, and hosts without."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import numpy as np
import pytest

from wengert.ground.limits import UNTRUSTED
from wengert.kernels.inlining import inlined
from wengert.kernels.native import engine, lane_writer, lanes, vector_math
from wengert.lists.code import Code, code_of
from wengert.lists.wengert_list import Equation, WengertList
from wengert.ops import OPS, Op
from wengert.ops.sources import FLOATS

pytestmark = pytest.mark.skipif(bool(engine.missing()), reason="no llvmlite here")

ELEMENTWISE = [row for row in OPS.values() if row.array is None]
EDGES = [
    0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-310, -1e-310, 1e-300, -1e-300, 1e-20, 0.25, 0.5, -0.5, 1.0,
    -1.0, math.nextafter(1.0, 0.0), math.nextafter(1.0, 2.0), 2.0, -2.0, 2.5, 3.0, -3.0, 7.0, 30.0, -40.0, 700.0,
    -745.0, 710.0, 1e10, 2.0**52 + 1.0, 1e22, -1e22, 1e155, 1.7976931348623157e308, -1.7976931348623157e308, math.pi,
    math.inf, -math.inf, math.nan,
]  # fmt: skip


def one_op(row: Op, count: int, numbers: Sequence[float | None] = ()) -> Code:
    """The code of an op of `count` inputs; some may be numbers."""
    names = tuple(f"x{k}" for k in range(count))
    args = tuple(a if a is not None else n for n, a in zip(names, [*numbers, *[None] * (count - len(numbers))]))
    kept = tuple(n for n in names if n in args)
    return code_of(WengertList([Equation("y", row.name, args)], kept, ("y",)))


def by_sweeps(code: Code, values: Sequence[Any]) -> list[list[float]]:
    """The outputs, point by point, by the functions of the rows."""
    n = max(np.size(v) for v in values)
    columns = [[float(v)] * n if np.ndim(v) == 0 else [float(a) for a in v] for v in values]
    found: list[list[float]] = [[] for _ in code.outputs]
    for point in zip(*columns):
        slots = [*point, *code.numbers]
        for row, args in code.steps:
            assert callable(row.forward)
            slots.append(row.forward(*[slots[a] for a in args]))
        for out, slot in zip(found, code.outputs):
            out.append(slots[slot])
    return found


def natively(code: Code, values: Sequence[Any]) -> list[Any]:
    n = max(np.size(v) for v in values)
    outs = [np.full(n, 123.0) for _ in code.outputs]
    lanes.NativeLanes().prepare_batch(code)(values, outs)
    return outs


def near(a: float, b: float, ulps: float) -> bool:
    """Whether two floats are within so many units in the last place of the larger; the signs of zeros count."""
    if a != a or b != b:
        return a != a and b != b
    if a == b:
        return a != 0.0 or math.copysign(1.0, a) == math.copysign(1.0, b) or ulps > 0.5
    if math.isinf(a) or math.isinf(b):
        return ulps > 0.5 and min(abs(a), abs(b)) > 1.797693134862315e308
    return abs(a - b) <= ulps * max(math.ulp(a), math.ulp(b))


def arguments(row: Op, count: int, choose: Random) -> list[Any]:
    """Columns of edge values and of random values."""
    if count == 1:
        points = [(a,) for a in EDGES]
    elif count == 2:
        points = [(a, b) for a in EDGES for b in EDGES]
    else:
        points = [tuple(choose.choice(EDGES) for _ in range(count)) for _ in range(600)]
    for _ in range(300):
        points.append(tuple(choose.choice((-1.0, 1.0)) * 10.0 ** choose.uniform(-6, 3) for _ in range(count)))
        points.append(tuple(choose.uniform(-2.0, 2.0) for _ in range(count)))
        points.append(tuple(choose.uniform(0.0, 1.0) for _ in range(count)))
        points.append(tuple(float(choose.randint(-4, 4)) for _ in range(count)))
    return [np.array(column) for column in zip(*points)]


def counts(row: Op) -> list[int]:
    params = row.params.split()
    return [len(params)] if "*" not in row.params else [len(params), len(params) + 1, len(params) + 2]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_every_op_is_within_its_bound(row: Op) -> None:
    choose = Random(row.name)
    for count in counts(row):
        code = one_op(row, count)
        try:
            lanes.NativeLanes().prepare_batch(code)
        except Exception as problem:
            pytest.skip(str(problem))
        values = arguments(row, count, choose)
        (ours,), (theirs,) = natively(code, values), by_sweeps(code, values)
        bound = row.ulps if row.ulps > 0.5 else 0.0
        for k, (a, b) in enumerate(zip(ours, theirs)):
            assert near(float(a), b, bound), (row.name, [float(v[k]) for v in values], float(a), b)
