"""`hessian_diagonal` is the diagonal of `hessian`, on every kernel, kink, shape and batch, and costs a few sweeps."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import wengert as wg
from tests import FULL
from tests.kernels.test_kernels import EDGES, KERNELS, bits, places
from tests.oracles.array_programs import array_programs, drawn
from tests.oracles.programs import ELEMENTWISE, programs
from wengert.kernels.diagonals import coloured, with_diagonal

LOOP = "input x[n]\nsum(100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2 for i in 0:n-1)"
VECTORS = "input x[n]\n100*sum((x[1:] - x[:-1]^2)^2) + sum((1 - x[:-1])^2)"
AUTO_AND_FORCED = ["auto", *KERNELS]


def diagonal_of(matrix: wg.Matrix, batch: int = 0) -> list:
    """The diagonal of a dense Hessian, block by block."""
    found = []
    for n in matrix.rows:
        block = np.asarray(matrix[n, n])
        rank = (block.ndim - batch) // 2
        lead, core = block.shape[:batch], block.shape[batch : batch + rank]
        square = block.reshape((*lead, int(np.prod(core)), int(np.prod(core))))
        found.append(np.diagonal(square, axis1=-2, axis2=-1).reshape(lead + core))
    return found


def alike(found: wg.Gradient, want: list, exact: bool = True) -> None:
    assert len(found) == len(want)
    for a, b in zip(found, want):
        assert np.shape(a) == np.shape(b)
        if exact:
            np.testing.assert_array_equal(np.asarray(a), b)
        else:
            most = np.max(np.abs(b), initial=0.0, where=np.isfinite(b))
            np.testing.assert_allclose(np.asarray(a), b, rtol=1e-9, atol=1e-9 * (1.0 + most))


def at_a_point(f: wg.Function, point) -> None:
    """Bit for bit the diagonal of the Hessian by tangent sweeps, with its notes."""
    whole = f.hessian(point, mode="forward")
    found = f.hessian_diagonal(point)
    assert found.names == f.inputs
    assert bits([a + 0.0 for a in found]) == bits([whole[n, n] + 0.0 for n in f.inputs])
    # Of several steps whose products are not finite, the first is told, and the sweeps come by them in another order.
    assert {n.code for n in found.notes} <= {n.code for n in whole.notes}
    if all(map(math.isfinite, (x for row in whole for x in row))):
        assert told(found) == told(whole)


def told(answer) -> list:
    """The notes of a call as code and place. Digits lost in a mixed derivative are none of the diagonal, and pieces
    may differ in a mixed one alone."""
    return [(n.code, n.span, n.message.partition(":")[0]) for n in answer.notes if n.code != "W320"]


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
@pytest.mark.parametrize("kernel", AUTO_AND_FORCED)
def test_random_programs(kernel, kink):
    @given(programs(most=12))
    def law(program):
        wlist, point = program
        f = wg.compile(wlist, kernel=kernel, kink=kink)
        for _ in range(2):
            at_a_point(f, point)

    law()


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_a_row_at_its_edges(row):
    """A row's own second derivatives where they are inf or nan; a further input interacts with none of its own."""
    n = len(row.params.split()) + ("*" in row.params)
    names = tuple(f"x{i}" for i in range(n))
    f = wg.compile(wg.WengertList([("y", row.name, names), ("s", "exp", ("z",)), ("f", "add", ("y", "s"))],
                                  (*names, "z")), fuse=False)  # fmt: skip
    for point in places(row, n)[:: 1 if n == 1 else 7 if FULL else 8]:
        at_a_point(f, dict(zip(f.inputs, (*point, 0.5))))


@pytest.mark.parametrize("kernel", ["auto", "interpreter", "python"])
@given(program=array_programs(scalar=True, most=6))
def test_random_programs_over_arrays(kernel, program):
    wlist, point = program
    f = wg.compile(wlist, kernel=kernel)
    found, whole = f.hessian_diagonal(point), f.hessian(point)
    alike(found, diagonal_of(whole), exact=False)
    assert {n.code for n in found.notes} <= {n.code for n in whole.notes}


@given(array_programs(scalar=True, most=5), st.integers(0, 2**40))
def test_batches_of_random_programs(program, seed):
    wlist, point = program
    assume(wlist.shapes.keys() == point.keys())  # else the shape of an input is that of its value
    f = wg.compile(wlist)
    many = {n: drawn((3, *np.shape(v)), seed + k) for k, (n, v) in enumerate(point.items())}
    found = f.hessian_diagonal(many)
    for k in range(3):
        want = f.hessian_diagonal({n: v[k] if np.ndim(v[k]) else float(v[k]) for n, v in many.items()})
        alike(wg.Values(found.names, [v[k] for v in found]), [np.asarray(v) for v in want], exact=False)


@pytest.mark.parametrize("text", ["x*y + sin(z)*x^3", "log(x) + sqrt(y) + z^1.5", "max(x, y)*abs(z)", "1/x + x/y + z"])
def test_a_batch_of_points_is_its_points(text):
    f = wg.compile(text)
    edges = [(a, b, 0.75) for a, b in itertools.product(EDGES, repeat=2)]
    found = f.hessian_diagonal(dict(zip("xyz", map(np.array, zip(*edges)))))
    for k, point in enumerate(edges):
        want = [float(f.hessian(*point, mode="forward")[n, n]) for n in "xyz"]
        np.testing.assert_allclose([float(v[k]) for v in found], want, rtol=1e-13, atol=0)


@pytest.mark.parametrize("text", [LOOP, VECTORS])
def test_rosenbrock_takes_two_colours_at_any_size(text):
    counts = {}
    for n in (10, 100, 1000):
        f = wg.compile(text)
        x = np.linspace(-1.0, 2.0, n)
        found = f.hessian_diagonal(x=x)["x"]
        sparse = f.sparse_hessian(x=x)
        np.testing.assert_allclose(found, sparse.values[sparse.rows == sparse.columns], rtol=1e-13)
        g = f.at(x=x)
        counts[n] = coloured(g._lists.gradient_at({"x": x}, ("x",)).at({"x": x}), ("x",)).sweeps
    assert set(counts.values()) == {2}


def test_the_list_is_linear_in_the_size():
    lengths = []
    for n in (50, 100, 200):
        names = [f"x{i}" for i in range(n)]
        f = wg.compile(" + ".join(f"100*({b} - {a}^2)^2 + (1 - {a})^2" for a, b in itertools.pairwise(names)))
        point = dict.fromkeys(f.inputs, 0.5)
        setting = f._lists.gradient_at(point, f.inputs)
        colours = coloured(setting.at(point), f.inputs)
        made = with_diagonal(setting.wlist, f.inputs, colours, "mean")
        assert len(made.outputs) == 2 * n
        live = set(made.outputs)
        for e in reversed(made.equations[len(setting.wlist) :]):
            assert e.output in live  # nothing is written that no answer needs
            live.update(e.inputs)
        lengths.append(len(made.equations))
    assert lengths[2] - lengths[1] == 2 * (lengths[1] - lengths[0])


def test_many_elements_need_no_matrix():
    """A matrix of 10¹² numbers would be over every limit."""
    x = np.linspace(0.1, 1.0, 20_000)
    f = wg.compile("input x[n]; sum(x^3) + sum(x[1:]*x[:-1])")
    np.testing.assert_allclose(f.hessian_diagonal(x=x)["x"], 6 * x, rtol=1e-14)


@pytest.mark.parametrize(
    "text", ["logdet(A @ A.T) + sum(exp(x))", "sum(sort(x)^3)", "sum(inv(A))*x[0]^2", "sum(x)^2", "norm(x)*sum(A)^2"]
)
def test_what_cannot_be_taken_apart_or_is_dense(text):
    point = {"A": np.array([[2.0, 0.5], [-0.25, 1.0]]), "x": np.array([0.5, -2.0, 1.5])}
    f = wg.compile(text)
    point = {n: v for n, v in point.items() if n in f.inputs}
    alike(f.hessian_diagonal(point), diagonal_of(f.hessian(point)), exact=False)


def test_names_are_chosen_as_for_a_hessian():
    f = wg.compile("u = x*y; u^3*x + log(u)")
    point = {"x": 1.25, "y": 0.75}
    for wrt in ("x", ("y",), ("u",), ("u", "x"), ("y", "u", "x"), ("x", "x"), ()):
        found = f.hessian_diagonal(point, wrt=wrt)
        whole = f.hessian(point, wrt=wrt, mode="forward")
        assert list(found) == [whole[k, k] for k in range(len(whole))]
        assert found.names == whole.rows
    assert f.hessian_diagonal(1.25, 0.75) == f.hessian_diagonal(x=1.25, y=0.75)


def test_sizes_of_loops_are_those_of_the_call():
    f = wg.compile(LOOP)
    for n in (3, 5):
        x = np.linspace(0.5, 1.5, n)
        alike(f.hessian_diagonal(x=x), diagonal_of(f.hessian(x=x)), exact=False)


@pytest.mark.parametrize("kernel", ["interpreter", "python"])
def test_loops_over_elements_run_on_a_kernel(kernel):
    f = wg.compile(LOOP, kernel=kernel)
    for n in (3, 6):
        x = np.linspace(0.5, 1.5, n)
        want = diagonal_of(f.hessian(x=x))
        alike(f.hessian_diagonal(x=x), want, exact=False)
        assert f.kernel.startswith(f"{kernel}: ")
    g = wg.compile("input x[3]; x[0]^2*log(x[1]) + x[2]^1.5", kernel=kernel)
    for x in ([1.0, 2.0, 0.0], [1.0, -2.0, 3.0], [0.0, 0.0, 1.0], [math.inf, 1.0, math.nan]):
        alike(g.hessian_diagonal(x=x), diagonal_of(g.hessian(x=x, mode="forward")))


def test_single_precision_stays():
    f = wg.compile("input x[3]; sum(x^4)", dtype="float32")
    found = f.hessian_diagonal(x=[1.0, 2.0, 3.0])["x"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.float32([12, 48, 108]))


@pytest.mark.parametrize(("text", "point"), [("f = x*y; output f, f", (1, 2)), ("input x[2]; 2*x", ([1, 2],))])
def test_only_one_number_has_second_derivatives(text, point):
    with pytest.raises(wg.UsageError, match="W603"):
        wg.compile(text).hessian_diagonal(*point)


def test_a_kink_is_an_error_where_that_was_asked():
    f = wg.compile("abs(x)*y^2", kink="error")
    assert f.hessian_diagonal(1.0, 2.0) == (0.0, 2.0)
    with pytest.raises(wg.WengertError):
        f.hessian_diagonal(0.0, 2.0)


def test_a_value_that_is_nan_has_no_second_derivative():
    found = wg.compile("log(x) + y^2").hessian_diagonal(-1.0, 2.0)
    assert all(map(math.isnan, found))
    assert any(n.severity == "error" for n in found.notes)
