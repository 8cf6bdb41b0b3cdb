"""The ops over arrays answer what they answer over floats, element by element: for every row, at its hard points."""

from __future__ import annotations

import math
import random
from itertools import product

import mpmath as mp
import numpy as np
import pytest
from hypothesis import strategies as st

import wengert as wg
from tests import FULL
from tests.oracles import digits, rows
from tests.oracles.elementwise import ORACLES, arguments
from tests.oracles.oracle import HUGE, LEAST, NORMAL, error_of, spread
from tests.oracles.programs import DEAR
from wengert.ops import OPS, arity
from wengert.ops.arrays import forms as array_forms
from wengert.ops.arrays import generate, generated
from wengert.ops.arrays.elementwise import BLOCK, over_arrays
from wengert.ops.arrays.forms import HOMES

# The rows that work element by element. One of another module would be called for each element, which says nothing of
# forms.
ROWS = [
    row for row in OPS.values()
    if row.array is None and not isinstance(row.forward, str)
    and getattr(row.forward, "__module__", "").rpartition(".")[2].lstrip("_") in HOMES
]  # fmt: skip
EDGES = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 2.5, 3.0, -7.5, 170.0, 171.5, -171.5, 710.0, -746.0, 1e16, 1e300,
    -1e300, math.inf, -math.inf, math.nan, LEAST, -LEAST, HUGE, -HUGE, NORMAL, 1e-160,
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("error")
every_row = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


@pytest.fixture(autouse=True)
def _quiet():
    with np.errstate(all="ignore"):
        yield


def points(row, n=120):
    """Rows of a table: hard points of an op's domain and every combination of edges, of up to four arguments."""
    rng = random.Random(row.name)
    least, most = arity(row)
    for k in {least, least + 1, least + 2} if most is None else {least}:
        edges = EDGES if k < 3 else EDGES[::3] if k < 4 else EDGES[::6]
        combined = list(product(edges, repeat=k))
        yield np.array(rng.sample(combined, min(len(combined), 150)) if row.name in DEAR and not FULL else combined)
        if row.name in ORACLES and len(hard := arguments(row.name, n)[0]) == k:
            yield np.array(arguments(row.name, n))
        else:
            hard = [[spread(rng, -HUGE, HUGE, (1.0,)) for _ in range(k)] for _ in range(n)]
            ties = [[a, *(rng.choice((a, -a, 0.0, b, 1.0)) for b in rest)] for a, *rest in hard]
            yield np.array([*hard, *ties])


def distance(a, b):
    """How many floats lie between two; infinite where just one is nan, or the signs of zeros differ."""
    bits = {8: np.uint64, 4: np.uint32}[a.itemsize]
    top = bits(1 << 8 * a.itemsize - 1)
    # In the order of the floats: the negative ones, which come last, backwards.
    i, j = (np.where(x.view(bits) >= top, ~x.view(bits) + bits(1), x.view(bits) + top) for x in (a, b))
    apart = (np.maximum(i, j) - np.minimum(i, j)).astype(float)
    apart[(a == 0.0) & (b == 0.0) & (np.signbit(a) != np.signbit(b))] = np.inf
    nans = np.isnan(a), np.isnan(b)
    return np.where(nans[0] & nans[1], 0.0, np.where(nans[0] | nans[1], np.inf, apart))


def floats(row, table):
    """What the function of floats answers for each row of a table."""
    return np.array([row.forward(*map(float, args)) for args in table])


def tolerance(row):
    return 0.0 if row.ulps <= 0.5 else 2.0 * row.ulps + 2.0


def same(row, got, want, table):
    """Whether answers are those of the function of floats."""
    apart = distance(got, want)
    bad = np.flatnonzero(apart > tolerance(row))
    assert not bad.size, [(tuple(map(float, table[k])), float(got[k]), float(want[k]), apart[k]) for k in bad[:5]]


@every_row
def test_the_answers_are_those_over_floats(row):
    for table in points(row):
        columns = [np.ascontiguousarray(c) for c in table.T]
        before = [c.copy() for c in columns]
        got = over_arrays(row)(*columns)
        assert type(got) is np.ndarray
        assert got.dtype == np.dtype(float)
        assert got.dtype.isnative
        assert not any(np.shares_memory(got, c) for c in columns)
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(columns, before))
        same(row, got, floats(row, table), table)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.name in ORACLES and row.ulps > 0.5], ids=lambda row: row.name
)
def test_within_its_bound(row):
    """Against mpmath, as the function over floats is held."""
    table = arguments(row.name, digits.VALUES)
    got = over_arrays(row)(*(np.array(column, float) for column in zip(*table)))
    for args, value in zip(table, got):
        exact = digits.exact_value(row.name, args)
        assert not mp.isfinite(exact) or error_of(row, args, float(value), exact) <= row.ulps, args


@every_row
def test_numbers_among_arrays(row):
    """A float stands for an array of it, in every place; so does an array with fewer axes."""
    f = over_arrays(row)
    for table in points(row, 40):
        if table.shape[1] == 1:
            continue
        some = table[:: max(1, len(table) // (60 if FULL else 6 if row.name in rows.SLOW else 20))]
        want = floats(row, some)
        for place in range(table.shape[1]):
            for number in ((lambda a: a), np.array):
                got = []
                for args in some:
                    mixed = [number(float(a)) if i == place else np.array([a]) for i, a in enumerate(args)]
                    got.append(f(*mixed))
                assert all(g.shape == (1,) and g.dtype == np.dtype(float) for g in got)
                same(row, np.concatenate(got), want, some)
        for k in {0.0, 1.0, 2.0, 3.0, -1.0, 0.5, -0.0}:
            with_number = np.array([[*args[:-1], k] for args in some])
            got = f(*(np.ascontiguousarray(c) for c in with_number.T[:-1]), k)
            same(row, got, floats(row, with_number), with_number)


def fill(row, shape, precision=float):
    """Arguments of a shape, from the op's points."""
    k = max(arity(row)[0], 2 if arity(row)[1] is None else 1)
    table = np.concatenate([t for t in points(row, 40) if t.shape[1] == k])
    rng = np.random.default_rng(1)
    chosen = table[rng.integers(len(table), size=math.prod(shape))]
    return [c.reshape(shape).astype(precision) for c in chosen.T]


@every_row
def test_any_layout(row):
    f = over_arrays(row)
    args = fill(row, (4, 6))
    want = f(*args)
    read_only = [a.copy() for a in args]
    for a in read_only:
        a.flags.writeable = False
    layouts = {
        "fortran": [np.asfortranarray(a) for a in args],
        "strided": [np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3] for a in args],
        "reversed": [np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1] for a in args],
        "big-endian": [a.astype(">f8") for a in args],
        "read-only": read_only,
        "mixed": [a if i else np.asfortranarray(a) for i, a in enumerate(args)],
    }
    for name, views in layouts.items():
        got = f(*views)
        assert type(got) is np.ndarray, name
        assert got.shape == (4, 6), name
        assert got.dtype == np.dtype(float), name
        assert got.dtype.isnative, name
        assert got.flags.writeable, name
        same(row, got.ravel(), want.ravel(), np.stack([a.ravel() for a in args], 1))


@every_row
def test_any_shape(row):
    f = over_arrays(row)
    args = fill(row, (3, 5))
    for shape in ((), (0,), (2, 0, 3), (1,), (1, 1)):
        few = [np.full(shape, a[0, 0]) for a in args]
        got = f(*few)
        assert type(got) is np.ndarray
        assert got.shape == shape
        assert got.dtype == np.dtype(float)
        if got.size:
            want = floats(row, [[a[0, 0] for a in args]])
            same(row, got.reshape(1), want, [[a[0, 0] for a in args]])
    if len(args) > 1:
        first, rest = args[0][:, :1], [a[:1] for a in args[1:]]
        whole = np.broadcast_arrays(first, *rest)
        got = f(first, *rest)
        assert got.shape == (3, 5)
        table = np.stack([a.ravel() for a in whole], 1)
        same(row, got.ravel(), floats(row, table), table)


@every_row
def test_more_than_a_block(row):
    if row.name in DEAR:
        return  # they go element by element, each in milliseconds
    args = fill(row, (BLOCK + 7,))
    got = over_arrays(row)(*args)
    some = np.r_[0:5, BLOCK - 5 : BLOCK + 7]
    table = np.stack([a[some] for a in args], 1)
    same(row, got[some], floats(row, table), table)


@every_row
def test_single_precision(row):
    """Of float32, the answer over floats, rounded."""
    f = over_arrays(row)
    n = 200 if FULL or row.name not in DEAR else 40
    args = fill(row, (n,), np.float32)
    got = f(*args)
    assert got.dtype == np.dtype(np.float32)
    assert f(*(a.reshape(10, -1)[:, :1] for a in args)).dtype == np.dtype(np.float32)
    assert f(np.array(args[0][0]), *(a[0] for a in map(np.atleast_1d, args[1:]))).dtype == np.dtype(np.float32)
    table = np.stack(args, 1)
    want = floats(row, table).astype(np.float32)
    if row.ulps <= 0.5:
        same(row, got, want, table)
    else:
        # NumPy's own functions in single precision are off by a few ulps, and flush what is subnormal.
        near = (distance(got, want) <= 8.0) | (np.abs(want) < 2.0**-126) & (np.abs(got) <= 2.0**-126)
        assert near.all(), [(table[k], got[k], want[k]) for k in np.flatnonzero(~near)[:5]]
    if len(args) > 1:
        wide = [a.astype(float) if i else a for i, a in enumerate(args)]
        assert f(*wide).dtype == np.dtype(float)
        assert f(args[0], *(float(a[0]) for a in args[1:])).dtype == np.dtype(np.float32)
        assert f(float(args[0][0]), *args[1:]).dtype == np.dtype(np.float32)


@rows.every_row(ROWS)
def test_any_number(row, data):
    k = arity(row)[0]
    table = np.array(data.draw(st.lists(st.tuples(*[st.floats()] * k), min_size=1, max_size=5)))
    with np.errstate(all="ignore"):
        same(row, over_arrays(row)(*table.T), floats(row, table), table)


@pytest.mark.parametrize("n", [1, 2, 1000])
def test_a_loop_leaves_out_the_elements_that_are_done(n):
    """Steps of Euclid's algorithm, counted: as over numbers, with ever fewer elements a turn."""
    rng = np.random.default_rng(n)
    a, b = rng.integers(1, 10_000, (2, n)).astype(float)
    sizes = []

    def turn(a, b, steps, one):
        sizes.append(np.size(a))
        return b, a % b, (steps[0] + one, steps[1])

    got, _, (steps, kept) = array_forms.repeated(lambda a, b, steps, one: b > 0.0, turn, 3, a, b, (0.0, 2.5), 1.0)
    for k in range(n):
        x, y, count = int(a[k]), int(b[k]), 0
        while y:
            x, y, count = y, x % y, count + 1
        assert (got[k], np.broadcast_to(steps, n)[k]) == (x, count)
    assert np.all(kept == 2.5)
    assert sizes == sorted(sizes, reverse=True)
    assert n == 1 or sizes[-1] < n


def test_a_loop_over_numbers():
    assert array_forms.repeated(lambda k, n: k < n, lambda k, n: (k + 1.0,), 1, 0.0, 3.0) == (3.0,)
    assert array_forms.repeated(lambda k, n: k < n, lambda k, n: (k + 1.0,), 1, 5.0, 3.0) == (5.0,)


def test_the_distance_counts_floats():
    a = np.array([1.0, 1.0, -LEAST, 0.0, -0.0, math.nan, math.nan, -math.inf, HUGE, -2.0, -1.0])
    b = np.array([1.0, math.nextafter(1.0, 2.0), LEAST, -0.0, -0.0, math.nan, 1.0, -HUGE, math.inf, -1.0, -2.0])
    assert distance(a, b).tolist() == [0.0, 1.0, 2.0, math.inf, 0.0, 0.0, math.inf, 1.0, 1.0, 2.0**52, 2.0**52]
    assert distance(np.float32([1.0]), np.nextafter(np.float32([1.0]), np.float32(2.0))).tolist() == [1.0]


def test_every_row_has_a_form():
    """None of ours is called for each element."""
    for row in ROWS:
        form = over_arrays(row)
        assert form.__qualname__.startswith(("_direct", "_blockwise"))
        assert hasattr(array_forms, row.forward.__name__) or hasattr(generated, row.forward.__name__)


def test_a_function_of_the_callers():
    row = wg.Op("exp", "a b", lambda a, b: math.exp(a) if b else 1, (None, None))
    got = over_arrays(row)(np.array([[0.0, 1.0]]), np.array([[1.0], [0.0]]))
    assert got.tolist() == [[1.0, math.e], [1.0, 1.0]]
    assert got.dtype == np.dtype(float)

    def exp(a):  # a namesake of ours
        assert type(a) is float
        return a + 1.0

    assert over_arrays(row._replace(forward=exp, params="a"))(np.array([1.0])).tolist() == [2.0]


def test_text_is_swept():
    with pytest.raises(TypeError, match="swept"):
        over_arrays(wg.Op("twice", "a", "2*a", ("2",)))


def test_shapes_that_do_not_broadcast():
    for name in ("add", "logaddexp"):
        with pytest.raises(ValueError, match="broadcast"):
            over_arrays(OPS[name])(np.ones(2), np.ones(3))


def test_the_generated_module_is_fresh():
    assert generate.main(["--check"]) == 0


def test_staleness_is_seen(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "PATH", tmp_path / "forms.py")
    assert generate.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().err
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
