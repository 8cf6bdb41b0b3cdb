"""Codes for batches in machine code, their answers by the functions of the rows, and arguments with edges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

import wengert as wg
from wengert.kernels.native import lanes
from wengert.lists.code import Code, code_of
from wengert.lists.wengert_list import Equation, WengertList
from wengert.ops import OPS, Op
from wengert.transforms.derivatives import gradient

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
    if row.notation.folded or row.name in ("max", "min"):
        return [2, 3]  # of one argument they are array ops
    return [len(params)] if "*" not in row.params else [len(params), len(params) + 1, len(params) + 2]


EXACT = ["add", "sub", "mul", "div", "neg", "square", "sqrt", "abs", "max", "min", "where", "gate", "lt", "ge", "isnan",
         "floor", "sign", "step", "copysign", "relu", "clip", "logical_and", "reciprocal"]  # fmt: skip


def random_code(choose: Random, ops: Sequence[str], inputs: int = 4, size: int = 30) -> Code:
    names = [f"x{k}" for k in range(inputs)]
    equations = []
    for k in range(size):
        row = OPS[choose.choice(ops)]
        count = choose.choice(counts(row))
        late: list[Any] = [choose.choice(names[-12:]) for _ in range(count)]
        args = tuple(a if choose.random() < 0.9 else choose.choice(EDGES) for a in late)
        equations.append(Equation(f"t{k}", row.name, args))
        names.append(f"t{k}")
    outputs = tuple(choose.choice(names) for _ in range(choose.randint(1, 9)))
    return code_of(WengertList(equations, tuple(names[:inputs]), outputs))


def same_bits(ours: Sequence[Any], theirs: Sequence[Any]) -> bool:
    """Whether all floats have the same bits, but for those of nans."""
    for a, b in zip(ours, theirs, strict=True):
        p, q = (np.where(np.isnan(c), math.nan, np.asarray(c, float)) for c in (a, b))
        if not np.array_equal(p.view("u8"), q.view("u8")):
            return False
    return True


TEXTS = [
    "q*(E + B*v*sin(theta))*exp(-r/2)/sqrt(1 - v^2/9)",
    "sigmoid(a*b)*tanh(b)/log(1 + a^2)",
    "a^b + cos(a)*max(a, b, 1)",
]


def a_code() -> Code:
    return code_of(gradient(wg.compile(TEXTS[1]).running_list, ("a", "b"), value=True, masked=True))


def points(n: int, count: int) -> list[Any]:
    return [np.linspace(0.1 + k, 3.0 - k, n) for k in range(count)]
