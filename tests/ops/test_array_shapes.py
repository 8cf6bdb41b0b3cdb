"""A row on arrays as wholes tells what comes out before it computes it: whatever shapes it accepts, its value has the
shape that it told, with batch axes before it, and is at each point of the batch what it is at that point alone."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest

from tests.oracles.array_programs import WHOLES, attempted, valued
from wengert.ground.errors import WengertError
from wengert.ops import OPS, SCATTER, Op, arity
from wengert.ops.parameters import FREE, defaults, with_statics
from wengert.ops.shapes.dimensions import Mismatch
from wengert.sweeps.arrays import Arrays

SHAPES = [(), (2,), (3,), (0,), (1,), (2, 3), (3, 2), (2, 2), (3, 3), (1, 3), (0, 2), (2, 3, 2), (2, 1)]
BATCHES = [(2, 3), (1, 3), (2, 1), (1, 1)]

every_row = pytest.mark.parametrize("row", WHOLES, ids=[row.name for row in WHOLES])


def drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    # ArrayFunction numbers serve as places, and sums of them are the same in any order.
    return rng.integers(-1, 1, size=shape).astype(float)


def accepted(row: Op, n: int) -> list[tuple[str, list[tuple[int, ...]]]]:
    """Some ops with statics and shapes of arguments, of which the row's shape function refuses those it should."""
    found = []
    rng = np.random.default_rng(0)
    for _ in range(n):
        op, shapes = attempted(row, SHAPES, int(rng.integers(2**60)))
        try:
            OPS[op].array.shape(*shapes)
        except Mismatch:
            continue
        except KeyError:
            continue  # places that no array has
        found.append((op, shapes))
    return found


def may_refuse(row: Op) -> bool:
    """Whether it is up to the values, not the shapes alone, if there is an answer."""
    return bool(row.provided or row.remedy) or not {"i", "k"}.isdisjoint(row.params.split())


@every_row
def test_the_value_has_the_shape_that_was_told(row):
    rng = np.random.default_rng(1)
    cases = accepted(row, 400)
    assert cases
    for op, shapes in cases:
        want = OPS[op].array.shape(*shapes)
        args = [drawn(rng, s) if s else float(drawn(rng, s)) for s in shapes]
        before = [np.copy(a) for a in args]
        try:
            with Arrays() as apply:
                value = apply(op, *args)
        except WengertError:
            assert may_refuse(row), (op, shapes)
            continue
        assert np.shape(value) == want, (op, shapes)
        assert all(np.array_equal(a, b) for a, b in zip(args, before)), (op, shapes)


@every_row
def test_a_batch_is_computed_point_by_point(row):
    rng = np.random.default_rng(2)
    for op, shapes in accepted(row, 60):
        leads = list(product(BATCHES, repeat=len(shapes)))
        for k in rng.permutation(len(leads))[:6]:
            batch = np.broadcast_shapes((1, 1), *leads[k])
            args = [drawn(rng, lead + s) for lead, s in zip(leads[k], shapes)]
            whole = [np.broadcast_to(a, batch + s) for a, s in zip(args, shapes)]
            alone = {}
            for at in np.ndindex(*batch):
                alone[at] = valued(op, tuple(a[at] if np.ndim(a[at]) else float(a[at]) for a in whole))
            if any(v is None for v in alone.values()):
                assert may_refuse(row), (op, shapes)
                continue
            with Arrays((), 2) as apply:
                value = np.asarray(apply(op, *args))
            assert value.shape[2:] == OPS[op].array.shape(*shapes), (op, shapes, leads[k])
            value = np.broadcast_to(value, batch + value.shape[2:])
            for at, one in alone.items():
                if row.ulps == 0:
                    assert np.array_equal(value[at], one, equal_nan=True), (op, shapes, leads[k])
                else:
                    np.testing.assert_allclose(value[at], one, rtol=1e-12, atol=1e-12, err_msg=op)


@pytest.mark.parametrize(
    ("op", "shapes"),
    [
        ("piece", [(3,), ()]),
        ("piece[at=2]", [(4,), (2,), (2,)]),
        ("piece", [(3,), (2,), (2,)]),
        (f"{SCATTER}[0|1]", [(3,), ()]),
        (f"{SCATTER}[0:2]", [(3,), (3,)]),
        ("spread", [(2,), (3,)]),
        ("sum_like", [(2,), (3,)]),
        ("spread_like", [(0,), (1,)]),
        ("reshape_like", [(2,), (3,)]),
        ("put", [(2,), (2,), ()]),
        ("matmul_t", [(2, 3, 2), ()]),
        ("t_matmul", [(), (2,)]),
        ("len", [()]),
        ("amax", [(0,)]),
        ("amax[axis=1]", [(2, 0)]),
        ("take", [(), ()]),
    ],
)
def test_shapes_that_do_not_fit_are_refused(op, shapes):
    with pytest.raises(Mismatch):
        OPS[op].array.shape(*shapes)


STATICS = [0, -1, 1, 2, 5, (), (0,), (0, 1), (0, 0), (-1, 2), (1, 2, 3, 4), (2, -3), 10**6, 10**12, -(10**12)]
PLACES = ["0", "1:", "::-1", "0,0", ":", "5:2", "1000000000000", "::-3", "1:2:0", "0|1", "0|1:2:0"]
PARTLY = [*SHAPES, None, (None,), ("n",), ("n", "m")]


@every_row
def test_no_static_parameters_are_too_strange(row):
    """Whatever stands in the brackets, an op refuses it, or has a value of the shape that it tells."""
    rng = np.random.default_rng(3)

    def drawn_from(many):
        return many[rng.integers(len(many))]

    for _ in range(300):
        n = arity(row)[0] + ("*" in row.params) * int(rng.integers(3))
        shapes = [drawn_from(PARTLY) for _ in range(n)]
        if rng.integers(2):
            shapes = shapes[:1] * n
        written = OPS.written(row.name)
        if written.statics == FREE:
            op = f"{row.name}[{drawn_from(PLACES)}]"
        else:
            given = {s: drawn_from(STATICS) for s in defaults(written) if rng.integers(3)}
            try:
                op = with_statics(written, given)
            except ValueError:
                continue
        try:
            told = OPS[op].array.shape(*shapes)
        except (Mismatch, KeyError):
            continue
        if any(s is None or not all(isinstance(d, int) for d in s) for s in shapes):
            continue
        if prod(map(float, told)) > 1e5:
            continue
        value = valued(op, tuple(np.zeros(s) if s else 0.0 for s in shapes))
        assert value is None or np.shape(value) == told, (op, shapes)
