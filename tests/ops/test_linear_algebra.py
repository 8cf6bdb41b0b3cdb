"""Laws of the rows of linear algebra: every derivative by every way, values against mpmath, edges.

A case is an op, and arguments for it that are random, well away from kinks, and of the sizes asked for. All laws run
over all cases, so a row without a case fails, and a row with one has them all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from wengert.language import parse
from wengert.language.printer import program_text
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.ops.arrays import linear_algebra as tensors_linalg
from wengert.ops.parameters import split
from wengert.ops.rows import linear_algebra
from wengert.transforms.derivatives import gradient, hvp, hvp_reverse, pushforward
from wengert.transforms.simplify import simplify

Rng = np.random.Generator
EPS = float(np.finfo(float).eps)
NAMES = ("x", "z", "u")


class Case(NamedTuple):
    """make(rng, m, n) are arguments; `holomorphic`: the forward function takes complex numbers and is analytic."""

    op: str
    make: Callable[[Rng, int, int], tuple[Any, ...]]
    holomorphic: bool = False


def full(r: Rng, *shape: int) -> Any:
    return r.uniform(-1, 1, shape)


def regular(r: Rng, n: int) -> Any:
    """A matrix whose singular values lie between 1 and 2, and apart."""
    u, v = (np.linalg.qr(r.standard_normal((n, n)))[0] for _ in range(2))
    return u @ np.diag(np.linspace(1, 2, n)) @ v


def long(r: Rng, m: int, n: int) -> Any:
    """A matrix whose singular values lie between 1 and 2, and apart."""
    u, v = (np.linalg.qr(r.standard_normal((d, d)))[0][:, : min(m, n)] for d in (m, n))
    return u @ np.diag(np.linspace(1, 2, min(m, n))) @ v.T


def symmetric(r: Rng, n: int, low: float = -1.0) -> Any:
    """A matrix whose symmetric part has its eigenvalues between low and 2, and apart; it is not symmetric itself."""
    q = np.linalg.qr(r.standard_normal((n, n)))[0]
    skew = full(r, n, n)
    return q @ np.diag(np.linspace(low, 2, n)) @ q.T + 0.2 * (skew - skew.T)


def triangular(r: Rng, n: int) -> Any:
    """A full matrix with a diagonal between 1 and 2: the other triangle must not matter."""
    a = 0.5 * full(r, n, n)
    a[range(n), range(n)] = r.uniform(1, 2, n)
    return a


CASES = (
    Case("dot", lambda r, m, n: (full(r, n), full(r, n)), True),
    Case("outer", lambda r, m, n: (full(r, m), full(r, n)), True),
    Case("cross", lambda r, m, n: (full(r, 3), full(r, 3)), True),
    Case("kron", lambda r, m, n: (full(r, m, n), full(r, n, 2)), True),
    Case("kron", lambda r, m, n: (full(r, m), full(r, n)), True),
    Case("kron_left", lambda r, m, n: (full(r, m * n, n * 2), full(r, n, 2), full(r, m, n)), True),
    Case("kron_left", lambda r, m, n: (full(r, m * n), full(r, n), full(r, m)), True),
    Case("kron_right", lambda r, m, n: (full(r, m * n, n * 2), full(r, m, n), full(r, n, 2)), True),
    Case("kron_right", lambda r, m, n: (full(r, m * n), full(r, m), full(r, n)), True),
    Case("quad_form", lambda r, m, n: (full(r, n), full(r, n, n)), True),
    Case("diag", lambda r, m, n: (full(r, n),), True),
    Case("diag[k=-2]", lambda r, m, n: (full(r, n),), True),
    Case("diag", lambda r, m, n: (full(r, m, n),), True),
    Case("diag[k=1]", lambda r, m, n: (full(r, m, n),), True),
    Case("diag_like", lambda r, m, n: (full(r, min(m, n)), full(r, m, n)), True),
    Case("diag_like[k=-1]", lambda r, m, n: (full(r, n + 1, n + 1), full(r, n)), True),
    Case("trace", lambda r, m, n: (full(r, n, n),), True),
    Case("tril", lambda r, m, n: (full(r, m, n),), True),
    Case("tril[k=-1]", lambda r, m, n: (full(r, m, n),), True),
    Case("triu", lambda r, m, n: (full(r, m, n),), True),
    Case("triu[k=1]", lambda r, m, n: (full(r, m, n),), True),
    Case("triangle", lambda r, m, n: (full(r, m, n),), True),
    Case("triangle[lower=0]", lambda r, m, n: (full(r, m, n),), True),
    Case("half_tril", lambda r, m, n: (full(r, n, n),), True),
    Case("sym", lambda r, m, n: (full(r, n, n),), True),
    Case("det", lambda r, m, n: (regular(r, n),), True),
    Case("cofactor", lambda r, m, n: (regular(r, n),)),
    Case("cofactor_slope", lambda r, m, n: (full(r, n, n), regular(r, n))),
    Case("logdet", lambda r, m, n: (regular(r, n),)),
    Case("inv", lambda r, m, n: (regular(r, n),), True),
    Case("solve", lambda r, m, n: (regular(r, n), full(r, n)), True),
    Case("solve", lambda r, m, n: (regular(r, n), full(r, n, m)), True),
    Case("tri_solve", lambda r, m, n: (triangular(r, n), full(r, n)), True),
    Case("tri_solve[lower=0]", lambda r, m, n: (triangular(r, n), full(r, n, m)), True),
    Case("tri_solve_t", lambda r, m, n: (triangular(r, n), full(r, n, m)), True),
    Case("tri_solve_t[lower=0]", lambda r, m, n: (triangular(r, n), full(r, n)), True),
    Case("cholesky", lambda r, m, n: (symmetric(r, n, 0.5),)),
    Case("eigvalsh", lambda r, m, n: (symmetric(r, n),)),
    Case("eigh_vectors", lambda r, m, n: (symmetric(r, n),)),
    Case("svdvals", lambda r, m, n: (long(r, m, n),)),
    Case("svd_left", lambda r, m, n: (long(r, m, n),)),
    Case("svd_right", lambda r, m, n: (long(r, m, n),)),
    Case("tied", lambda r, m, n: (full(r, n),)),
    Case("tied[signed=0]", lambda r, m, n: (full(r, n),)),
    Case("gaps", lambda r, m, n: (r.permutation(n) + 0.3 * full(r, n),), True),
    Case("expm", lambda r, m, n: (full(r, n, n),), True),
    Case("expm_frechet", lambda r, m, n: (full(r, n, n), full(r, n, n)), True),
    Case("twin", lambda r, m, n: (full(r, n, n), full(r, n, n)), True),
    Case("twin_corner", lambda r, m, n: (full(r, 2 * n, 2 * n),), True),
    Case("twin_diagonal", lambda r, m, n: (full(r, 2 * n, 2 * n),), True),
    Case("norm", lambda r, m, n: (full(r, m, n),), True),
    Case("norm", lambda r, m, n: (full(r, n),), True),
    Case("norm[axis=0]", lambda r, m, n: (full(r, m, n),), True),
    Case("norm[axis=[-1],keepdims=1]", lambda r, m, n: (full(r, m, n),), True),
)  # fmt: skip
cases = pytest.mark.parametrize("case", CASES, ids=[f"{k}-{c.op}" for k, c in enumerate(CASES)])


def arguments(case: Case, seed: int = 0, m: int = 2, n: int = 3) -> tuple[Any, ...]:
    return case.make(np.random.default_rng(seed), m, n)


def plain(case: Case, args: tuple[Any, ...]) -> WengertList:
    names = NAMES[: len(args)]
    return WengertList([("f", case.op, names)], names, ["f"], shapes={n: a.shape for n, a in zip(names, args)})


def curved(case: Case, args: tuple[Any, ...]) -> tuple[wg.Function, dict[str, Any], dict[str, Any]]:
    """A number made of the op's value, curved and with weights; a point, and a direction in which to go from there."""
    r = np.random.default_rng(7)
    with np.errstate(all="ignore"):
        shape = np.shape(OPS[case.op].forward(*args))
    names = NAMES[: len(args)]
    point = dict(zip(names, args))
    equations = [("f", case.op, names), ("s", "sin", ("f",)), ("p", "mul", ("s", "w"))]
    if shape:
        equations.append(("t", "sum", ("p",)))
    shapes = {n: a.shape for n, a in point.items()} | ({"w": shape} if shape else {})
    f = wg.compile(WengertList(equations, (*names, "w"), shapes=shapes))
    direction = {n: r.uniform(-1, 1, a.shape) for n, a in point.items()}
    return f, point | {"w": r.uniform(0.5, 1, shape) if shape else 0.7}, direction


def moved(point: dict[str, Any], direction: dict[str, Any], t: float) -> dict[str, Any]:
    return {n: v + t * direction[n] if n in direction else v for n, v in point.items()}


def slope(f: Callable[[float], Any], h: float = 0.02) -> Any:
    """A central difference at 0, extrapolated (L. F. Richardson 1911)."""
    column = [(f(h / 2**k) - f(-h / 2**k)) / (2 * h / 2**k) for k in range(5)]
    for j in range(1, 5):
        column = [(4**j * b - a) / (4**j - 1) for a, b in pairwise(column)]
    return column[0]


def close(a: Any, b: Any, within: float) -> None:
    assert np.shape(a) == np.shape(b)
    scale = max(1.0, float(np.max(np.abs(b), initial=0.0)))
    np.testing.assert_allclose(a, b, rtol=0, atol=within * scale)


def test_every_row_has_a_case() -> None:
    assert {split(case.op)[0] for case in CASES} == {row.name for row in linear_algebra.ROWS}


@pytest.mark.parametrize("row", linear_algebra.ROWS, ids=lambda row: row.name)
def test_a_row_says_all(row: Any) -> None:
    assert row.doc
    assert row.source
    assert "\n" not in row.doc
    params = row.params.split()
    assert len(row.vjp) == len(params)
    shown = set(re.findall(r"#(\d)", row.notation.latex))
    assert shown == {str(k + 1) for k, p in enumerate(params) if p != "like"} or row.name == "diag_like"


@cases
def test_the_shape_is_that_of_the_value(case: Case) -> None:
    for m, n in ((2, 3), (3, 2), (1, 1), (0, 2), (2, 0)):
        args = arguments(case, 1, m, n)
        before = [a.copy() for a in args]
        row = OPS[case.op]
        with np.errstate(all="ignore"):
            value = row.forward(*args)
        assert row.array is not None
        assert row.array.shape(*(a.shape for a in args)) == np.shape(value)
        row.array.shape(*(None for _ in args))
        row.array.shape(*((None,) * a.ndim for a in args))
        row.array.shape(*(tuple(f"n{d}" for d in a.shape) for a in args))
        assert all(np.array_equal(a, b) for a, b in zip(args, before))


@cases
def test_first_derivatives_agree(case: Case) -> None:
    f, point, direction = curved(case, arguments(case))
    value, g = f.value_and_grad(point)
    forward = f.grad(point, mode="forward")
    for n in direction:
        close(forward[n], g[n], 1e-13)
    along = sum(float(np.sum(g[n] * d)) for n, d in direction.items())
    close(f.jvp(point, direction), along, 1e-13)
    close(slope(lambda t: f(moved(point, direction, t))), along, 1e-9)
    assert f(point) == value


@cases
def test_second_derivatives_agree(case: Case) -> None:
    f, point, direction = curved(case, arguments(case, 1))
    names = tuple(direction)
    h = f.hvp(point, direction)
    hessians = [f.hessian(point, wrt=names, mode=mode) for mode in ("reverse", "forward")]
    lists = [wg.compile(way(f.wengert_list, names)) for way in (hvp, hvp_reverse)]
    given_ = point | {f"{n}_dot": d for n, d in direction.items()}
    answers = [program(given_) for program in lists]
    for k, n in enumerate(names):
        close(slope(lambda t, n=n: f.grad(moved(point, direction, t))[n]), h[n], 1e-8)
        for answer in answers:
            close(np.broadcast_to(answer if len(names) == 1 else answer[k], h[n].shape), h[n], 1e-12)
        for hessian in hessians:
            product = sum(np.tensordot(hessian[n, m], direction[m], direction[m].ndim) for m in names)
            close(product, h[n], 1e-12)
            for m in names:
                rank = point[n].ndim
                turned = np.moveaxis(hessian[m, n], range(-rank, 0), range(rank))
                close(turned, hessian[n, m], 1e-12)


@cases
def test_third_derivatives_agree(case: Case) -> None:
    f, point, direction = curved(case, arguments(case, 2))
    names = tuple(direction)
    second = hvp(f.wengert_list, names)
    third = wg.compile(pushforward(second, names))
    r = np.random.default_rng(5)
    turn = {n: r.uniform(-1, 1, d.shape) for n, d in direction.items()}
    fixed = {f"{n}_dot": d for n, d in direction.items()}
    extra = dict(zip(third.inputs[len(second.inputs) :], turn.values()))
    program = wg.compile(second)
    found = third(point | fixed | extra)
    for k, n in enumerate(names):
        at = (lambda a: a) if len(names) == 1 else (lambda a, k=k: a[k])
        want = slope(lambda t, at=at: at(program(moved(point, turn, t) | fixed)))
        close(np.broadcast_to(at(found), point[n].shape), np.broadcast_to(want, point[n].shape), 1e-7)


@cases
def test_complex_steps_agree(case: Case) -> None:
    """W. Squire, G. Trapp, SIAM Review 40 (1998): no subtraction, so exact to rounding."""
    if not case.holomorphic:
        return
    args = arguments(case, 3)
    r = np.random.default_rng(4)
    direction = [r.uniform(-1, 1, a.shape) for a in args]
    f = wg.compile(plain(case, args))
    names = NAMES[: len(args)]
    with np.errstate(all="ignore"):
        value = OPS[case.op].forward(*args)
        stepped = OPS[case.op].forward(*(a + 1e-40j * d for a, d in zip(args, direction)))
    close(f.jvp(dict(zip(names, args)), dict(zip(names, direction))), np.imag(stepped) * 1e40, 1e-13)
    close(np.real(stepped), value, 1e-14)


@cases
def test_a_gradient_list_is_a_program(case: Case) -> None:
    f, point, direction = curved(case, arguments(case, 4))
    names = tuple(direction)
    glist = gradient(f.wengert_list, names)
    assert parse(program_text(parse(program_text(wg.compile(glist).program)))).wlist == glist
    g = f.grad(point)
    for wlist in (
        glist,
        simplify(glist)[0],
        gradient(f.wengert_list, names, shapes={n: np.shape(v) for n, v in point.items()}),
    ):
        found = wg.compile(wlist)(point)
        for k, n in enumerate(names):
            close(np.broadcast_to(found if len(names) == 1 else found[k], g[n].shape), g[n], 1e-14)


@cases
def test_a_batch_is_its_points(case: Case) -> None:
    f, point, direction = curved(case, arguments(case, 5))
    names = tuple(direction)
    points = [dict(zip(names, arguments(case, seed))) | {"w": point["w"]} for seed in (5, 6, 7)]
    for moving in {names, names[:1], names[-1:]}:
        batch = {n: np.stack([p[n] for p in points]) if n in moving else v for n, v in points[0].items()}
        each = [{n: p[n] if n in moving else points[0][n] for n in p} for p in points]
        value, g = f.value_and_grad(batch)
        h = f.hvp(batch, direction)
        for k, p in enumerate(each):
            v, gk = f.value_and_grad(p)
            hk = f.hvp(p, direction)
            close(value[k], v, 1e-14)
            for n in names:
                close(g[n][k], gk[n], 1e-13)
                close(h[n][k], hk[n], 1e-12)
    column = {n: np.stack([p[n] for p in points])[:, None] for n in names[:1]}
    rows = {n: np.stack([p[n] for p in points])[None] for n in names[1:]}
    grid = f({**column, **rows, "w": point["w"]})
    first, rest = points[2], points[1] if names[1:] else points[2]
    found = grid[2, 1] if names[1:] else grid[2, 0]
    close(found, f({n: (first if n in column else rest)[n] for n in names} | {"w": point["w"]}), 1e-14)


@given(st.integers(0, len(CASES) - 1), st.integers(0, 2**32), st.integers(0, 4), st.integers(0, 4))
@settings(max_examples=300, deadline=None)
def test_a_pullback_is_the_adjoint_of_the_pushforward(which: int, seed: int, m: int, n: int) -> None:
    """<v, J u> = <J^T v, u>, at any sizes, 0 among them."""
    case = CASES[which]
    args = arguments(case, seed, m, n)
    r = np.random.default_rng(seed + 1)
    f = wg.compile(plain(case, args))
    point = dict(zip(f.inputs, args))
    u = {k: r.uniform(-1, 1, a.shape) for k, a in point.items()}
    ju = f.jvp(point, u)
    v = r.uniform(-1, 1, np.shape(ju))
    jv = f.vjp(point, v if np.ndim(v) else float(v))
    left = float(np.sum(v * ju))
    right = sum(float(np.sum(jv[k] * d)) for k, d in u.items())
    scale = sum(float(np.sum(np.abs(jv[k] * d))) for k, d in u.items())
    assert abs(left - right) <= 1e-11 * (1 + scale)


# Values, against mpmath


def exact(a: Any) -> Any:
    return mp.matrix(np.atleast_2d(a).tolist())


def floats(a: Any) -> Any:
    return np.array([[float(a[i, j]) for j in range(a.cols)] for i in range(a.rows)])


def hard(n: int) -> dict[str, Any]:
    """Square matrices from easy to nearly singular."""
    r = np.random.default_rng(n)
    hilbert = np.array([[1 / (i + j + 1) for j in range(n)] for i in range(n)])
    graded = full(r, n, n) * 10.0 ** -np.arange(0, 4 * n, 4)
    return {"random": full(r, n, n), "hilbert": hilbert, "graded": graded, "huge": 1e30 * full(r, n, n),
            "near": np.ones((n, n)) + 1e-10 * full(r, n, n)}  # fmt: skip


HARD = [pytest.param(a, id=f"{name}-{n}") for n in (1, 2, 3, 5) for name, a in hard(n).items()]


@pytest.mark.parametrize("a", HARD)
def test_values_of_square_matrices(a: Any) -> None:
    n = len(a)
    c = 20 * n**2 * EPS
    b = full(np.random.default_rng(0), n)
    with mp.workdps(80):
        x = exact(a)
        determinant, inverse = mp.det(x), floats(x**-1)
        cofactors = determinant * (x.T) ** -1
        size = float(mp.norm(cofactors, mp.inf)) * np.linalg.norm(a)
        assert abs(wg.compile("det(a)")(a=a) - float(determinant)) <= c * size
        condition = np.linalg.norm(a) * np.linalg.norm(inverse)
        assert abs(wg.compile("logdet(a)")(a=a) - float(mp.log(abs(determinant)))) <= c * (condition + 50)
        if condition < 1e14:
            assert np.linalg.norm(wg.compile("inv(a)")(a=a) - inverse) <= c * condition * np.linalg.norm(inverse)
        solution = wg.compile("solve(a, b)")(a=a, b=b)
        residual = floats(exact(solution) * x.T - exact(b))
        assert np.linalg.norm(residual) <= c * np.linalg.norm(a) * np.linalg.norm(solution)
        close(wg.compile("cofactor(a)")(a=a) / np.linalg.norm(a) ** (n - 1),
              floats(cofactors / mp.mpf(np.linalg.norm(a)) ** (n - 1)), c)  # fmt: skip
        close(wg.compile("svdvals(a)")(a=a) / np.linalg.norm(a),
              np.sort([float(s) / np.linalg.norm(a) for s in mp.svd_r(x, compute_uv=False)])[::-1], c)  # fmt: skip
        w = sorted(mp.eigsy((x + x.T) / 2, eigvals_only=True))
        close(
            wg.compile("eigvalsh(a)")(a=a) / np.linalg.norm(a), np.array([float(v) for v in w]) / np.linalg.norm(a), c
        )
        spd = floats(x * x.T)
        if np.linalg.cond(spd) < 1e12:
            found = wg.compile("cholesky(a)")(a=spd)
            back = floats(exact(found) * exact(found).T - exact(spd))
            assert np.linalg.norm(back) <= c * np.linalg.norm(spd)
            assert np.array_equal(found, np.tril(found))


EXPONENTS = {
    "zero": np.zeros((2, 2)),
    "small": 1e-9 * full(np.random.default_rng(0), 3, 3),
    "ordinary": 3 * full(np.random.default_rng(1), 4, 4),
    "nilpotent": np.triu(1e8 * np.ones((3, 3)), 1),
    "overscaling": np.array([[1, 1e6], [0, -1.0]]),
    "far left": np.array([[-1000.0, 1], [0, -1001]]),
    "rotation": 40 * np.array([[0.0, 1], [-1, 0]]),
    "moler": np.array([[-49.0, 24], [-64, 31]]),
    "one": np.array([[700.0]]),
    "large": np.array([[-1e300]]),
}


@pytest.mark.parametrize("a", EXPONENTS.values(), ids=EXPONENTS)
def test_exponentials(a: Any) -> None:
    """Among them: C. Moler, C. Van Loan, SIAM Review 45 (2003), examples 1 and of overscaling."""
    r = np.random.default_rng(3)
    e = full(r, *a.shape)
    with mp.workdps(60), np.errstate(all="ignore"):
        want = mp.expm(exact(a)) if np.max(np.abs(a)) < 1e9 else mp.zeros(1)
        found = wg.compile("expm(a)")(a=a)
        # A change of a by its last place moves the value so far, at most.
        moved_ = np.max([np.abs(floats(mp.expm(exact(a * (1 + 4 * EPS * full(r, *a.shape)))) - want))
                         for _ in range(4)], axis=0).max() if np.max(np.abs(a)) < 1e9 else 0.0  # fmt: skip
        size = float(max(abs(v) for v in want))
        assert np.max(np.abs(found - floats(want))) <= 20 * moved_ + 50 * EPS * size
        if size < 1e200 and np.max(np.abs(a)) < 1e9:
            h = mp.mpf(10) ** -25
            d = (mp.expm(exact(a) + h * exact(e)) - mp.expm(exact(a) - h * exact(e))) / (2 * h)
            frechet = wg.compile("expm_frechet(a, d)")(a=a, d=1e20 * e) / 1e20
            scale = max(float(max(abs(v) for v in d)), size)
            assert np.max(np.abs(frechet - floats(d))) <= (1e-13 + 100 * moved_ / max(size, 1e-300)) * scale


def test_a_stack_of_exponentials_is_scaled_matrix_by_matrix() -> None:
    a = np.stack([s * full(np.random.default_rng(2), 3, 3) for s in (0.0, 1e-3, 1.0, 30.0)])
    together = wg.compile("input a[3,3]; expm(a)")(a=a)
    for k in range(4):
        close(together[k], wg.compile("expm(a)")(a=a[k]), 1e-15)


@pytest.mark.parametrize("op", ["eigvalsh", "svdvals", "cholesky", "expm", "inv", "det", "logdet", "norm"])
def test_derivatives_against_mpmath(op: str) -> None:
    """Directional derivatives by differences at 60 digits, which know no rule."""
    exactly: dict[str, Callable[[Any], list[Any]]] = {
        "eigvalsh": lambda x: sorted(mp.eigsy((x + x.T) / 2, eigvals_only=True)),
        "svdvals": lambda x: sorted(mp.svd_r(x, compute_uv=False), reverse=True),
        "cholesky": lambda x: list(mp.cholesky((x + x.T) / 2)),
        "expm": lambda x: list(mp.expm(x)),
        "inv": lambda x: list(x**-1),
        "det": lambda x: [mp.det(x)],
        "logdet": lambda x: [mp.log(abs(mp.det(x)))],
        "norm": lambda x: [mp.norm(x, 2)],
    }
    f = exactly[op]
    for seed in range(4):
        r = np.random.default_rng(seed)
        a, d = symmetric(r, 4, 0.5), full(r, 4, 4)
        with mp.workdps(60):
            h = mp.mpf(10) ** -20
            up, down = f(exact(a) + h * exact(d)), f(exact(a) - h * exact(d))
            want = np.array([float((p - q) / (2 * h)) for p, q in zip(up, down)])
        found = wg.compile(f"{op}(a)").jvp({"a": a}, {"a": d})
        close(np.ravel(found), want, 1e-13)


def test_norms_neither_overflow_nor_vanish() -> None:
    f = wg.compile("norm(x)")
    for scale in (1.0, 1e308, 2.0**-1074, 1e-200, 2.0**-1000):
        x = scale * np.array([3.0, 4.0] if scale < 1e300 else [0.3, 0.4])
        with mp.workdps(40):
            want = mp.sqrt(sum(mp.mpf(v) ** 2 for v in x.tolist()))
        assert f(x=x) == float(want)
        assert f.grad(x=x)["x"] == pytest.approx(np.array([0.6, 0.8]), rel=1e-15)
    assert f(x=[math.inf, math.nan]) == math.inf
    assert math.isnan(f(x=[1.0, math.nan]))
    assert f(x=-3.0) == 3.0
    assert f.grad(x=-3.0)["x"] == -1.0


# Edges


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


@pytest.mark.parametrize(
    ("text", "a", "needs"),
    [
        ("sum(inv(a))", SINGULAR, "det(a) != 0"),
        ("sum(solve(a, [1, 2]))", SINGULAR, "det(a) != 0"),
        ("logdet(a)", SINGULAR, "det(a) != 0"),
        ("sum(tri_solve(a, [1, 2]))", np.diag([1.0, 0.0]), "diag(a) != 0"),
        ("sum(tri_solve_t(a, [1, 2]))", np.diag([0.0, 1.0]), "diag(a) != 0"),
        ("sum(cholesky(a))", -SINGULAR, "eigvalsh(a) > 0"),
        ("sum(cholesky(a))", np.array([[1.0, 2.0], [2.0, 1.0]]), "eigvalsh(a) > 0"),
    ],
)
def test_what_does_not_exist_is_blamed(text: str, a: Any, needs: str) -> None:
    f = wg.compile(text)
    assert not math.isfinite(f(a=a))
    (blame, *_) = f.grad(a=a).notes
    assert blame.code == "W201"
    assert needs in blame.message
    assert blame.help
    assert text[blame.span.start : blame.span.end] in text
    assert blame.span.end > blame.span.start
    strict = wg.compile(text, strict=True)
    with pytest.raises(wg.WengertError):
        strict(a=a)


def test_one_singular_matrix_leaves_the_rest_of_a_batch_alone() -> None:
    good = regular(np.random.default_rng(0), 2)
    for text in ("inv(a)", "solve(a, [1, 2])", "cholesky(a)", "eigvalsh(a)", "svdvals(a)", "eigh_vectors(a)"):
        bad = {"c": -SINGULAR, "e": np.full((2, 2), np.nan), "s": np.full((2, 2), math.inf)}.get(text[0], SINGULAR)
        bad = SINGULAR if text.startswith("solve") else bad
        f = wg.compile(f"input a[2,2]; {text}")
        spd = good @ good.T
        y = f(a=np.stack([spd, bad, spd]))
        assert np.isfinite(y[[0, 2]]).all()
        assert np.isnan(y[1]).any()
        close(y[0], f(a=spd), 1e-15)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_no_value_makes_an_op_raise(bad: float, capfd: Any) -> None:
    for case in CASES:
        args = [np.array(a) for a in arguments(case, 1)]
        args[0].reshape(-1)[:1] = bad
        f, point, direction = curved(case, tuple(args))
        f(point)
        f.value_and_grad(point)
        f.hvp(point, direction)
    assert capfd.readouterr() == ("", "")


@cases
def test_zeros_are_answered(case: Case) -> None:
    """Singular, tied, on kinks, all at once: no exception, and a note where the derivative is a choice."""
    args = tuple(np.zeros_like(a) for a in arguments(case, 1))
    f, point, direction = curved(case, args)
    f.value_and_grad(point)
    f.hvp(point, direction)
    if split(case.op)[0] in ("norm", "svdvals", "eigvalsh"):
        assert {n.code for n in f.grad(point).notes} & {"W301", "W302"}
        with pytest.raises(wg.WengertError):
            wg.compile(f.wengert_list, kink="error").grad(point)


def test_empty_matrices() -> None:
    empty = np.zeros((0, 0))
    for text, want in (("det(a)", 1.0), ("trace(a)", 0.0), ("logdet(a)", 0.0), ("norm(a)", 0.0)):
        f = wg.compile(text)
        assert f(a=empty) == want
        assert f.grad(a=empty)["a"].shape == (0, 0)
    for text in ("inv(a)", "cholesky(a)", "expm(a)", "sym(a)", "cofactor(a)"):
        assert wg.compile(text)(a=empty).shape == (0, 0)
    assert wg.compile("eigvalsh(a)")(a=empty).shape == (0,)
    assert wg.compile("svdvals(a)")(a=np.zeros((0, 3))).shape == (0,)


def test_determinants_have_two_derivatives_at_singular_matrices() -> None:
    """The determinant is a polynomial: its derivatives are told by expanding it along rows, without division."""
    r = np.random.default_rng(0)
    f = wg.compile("det(a)")
    lower = full(r, 4, 2) @ full(r, 2, 4)
    for a in (np.zeros((3, 3)), np.outer([1.0, 2, 3], [1, 0, 1]), lower, np.zeros((2, 2)), np.zeros((1, 1))):
        n = len(a)
        minors = np.array([[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(n)]
                           for i in range(n)])  # fmt: skip
        close(f.grad(a=a)["a"], minors, 1e-14)
        d = full(r, n, n)
        close(f.hvp({"a": a}, {"a": d})["a"], slope(lambda t, a=a, d=d: f.grad(a=a + t * d)["a"]), 1e-10)


def test_tied_eigenvalues_share() -> None:
    f = wg.compile("eigvalsh(a)[0]")
    g = f.grad(a=np.diag([1.0, 1.0, 2.0]))
    close(g["a"], np.diag([0.5, 0.5, 0.0]), 1e-15)
    (note,) = g.notes
    assert note.code == "W302"
    q = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    close(f.grad(a=q @ np.diag([1.0, 1.0, 2.0]) @ q.T)["a"], q @ np.diag([0.5, 0.5, 0.0]) @ q.T, 1e-14)
    assert np.isnan(f.hessian(a=np.eye(2))["a", "a"]).any()
    # A symmetric function of all eigenvalues is smooth there.
    close(wg.compile("sum(eigvalsh(a)^3)").grad(a=np.eye(3))["a"], 3 * np.eye(3), 1e-14)
    s = wg.compile("svdvals(a)[2]")
    assert not s.grad(a=np.diag([2.0, 1.0, 0.0]))["a"].any()


def test_a_note_of_wholes_offers_only_what_there_is() -> None:
    """The left derivative is said to be used only by an op whose rule knows it."""
    sided = wg.compile("norm(x)", kink="left").grad(x=[0.0, 0.0])
    assert list(sided["x"]) == [-1.0, -1.0]
    assert "from the left" in sided.notes[0].message
    plain_ = wg.compile("eigvalsh(a)[0]", kink="left").grad(a=np.eye(2))
    assert "from the left" not in plain_.notes[0].message
    assert "share" in plain_.notes[0].message


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("inv(a)", {"a": np.ones((2, 3))}, "square"),
        ("inv(3)", {}, "`inv` cannot take what it is given: it takes a matrix, and this is a number"),
        ("det(a)", {"a": np.ones(3)}, "it takes a matrix, and this is a vector"),
        ("trace(a)", {"a": 2.0}, "this is a number"),
        ("solve(a, b)", {"a": np.eye(2), "b": np.ones(3)}, "2 is not 3"),
        ("solve(a, b)", {"a": np.eye(2), "b": 1.0}, "right-hand side"),
        ("dot(a, b)", {"a": np.eye(2), "b": np.ones(2)}, "a @ b"),
        ("cross(a, b)", {"a": np.ones(2), "b": np.ones(2)}, "3 elements"),
        ("kron(a, b)", {"a": np.eye(2), "b": np.ones(2)}, "two matrices"),
        ("quad_form(x, a)", {"x": np.ones(2), "a": np.eye(3)}, "3 is not 2"),
        ("outer(a, b)", {"a": np.eye(2), "b": np.ones(2)}, "it takes a vector"),
        ("expm(a)", {"a": np.ones((2, 2, 2))}, "3 dimensions"),
        ("diag_like(a, b)", {"a": np.ones(3), "b": np.eye(2)}, "3 is not 2"),
        ("kron_left(p, b, a)", {"p": np.eye(3), "b": np.eye(2), "a": np.eye(2)}, "3 is not 4"),
        ("kron_right(p, a, b)", {"p": 1.0, "b": np.eye(2), "a": np.eye(2)}, "() is not (4, 4)"),
        ("norm(a, axis=2)", {"a": np.eye(2)}, "no axis 2"),
    ],
)
def test_shapes_that_do_not_fit_are_told(text: str, values: dict[str, Any], says: str) -> None:
    with pytest.raises(wg.ground.errors.ShapeError) as caught:
        wg.compile(text)(**values)
    assert says in caught.value.diagnostic.message


def test_identities() -> None:
    """What the ops are to each other, on random matrices."""
    r = np.random.default_rng(0)
    a, b = regular(r, 4), full(r, 4)
    spd = a @ a.T

    def at(text: str, **values: Any) -> Any:
        return wg.compile(text)(**values)

    close(at("a @ inv(a)", a=a), np.eye(4), 1e-14)
    close(at("a @ solve(a, b)", a=a, b=b), b, 1e-14)
    close(at("l = cholesky(a); matmul_t(l, l)", a=spd), spd, 1e-14)
    close(at("v = eigh_vectors(a); matmul_t(v*eigvalsh(a), v)", a=spd), spd, 1e-14)
    close(at("matmul_t(svd_left(a)*svdvals(a), svd_right(a))", a=a), a, 1e-14)
    close(at("det(expm(a))", a=a), math.exp(np.trace(a)), 1e-13)
    close(at("expm(a) @ expm(-a)", a=a), np.eye(4), 1e-13)
    close(at("quad_form(b, a)", a=a, b=b), b @ a @ b, 1e-14)
    close(at("cofactor(a)", a=a), np.linalg.det(a) * np.linalg.inv(a).T, 1e-13)
    close(at("cross(x, z)", x=b[:3], z=b[1:]), np.cross(b[:3], b[1:]), 1e-15)
    close(at("kron(a, x)", a=a, x=spd), np.kron(a, spd), 1e-15)
    close(at("norm(a, axis=0)", a=a), np.linalg.norm(a, axis=0), 1e-15)
    close(at("diag(diag(x, k=1), k=1)", x=b), b, 0.0)
    close(at("tri_solve(a, b)", a=spd, b=b), np.linalg.solve(np.tril(spd), b), 1e-13)
    close(at("tri_solve_t(a, b, lower=0)", a=spd, b=b), np.linalg.solve(np.triu(spd).T, b), 1e-13)


def test_single_precision_stays_single() -> None:
    a = np.eye(3, dtype="float32") + np.float32(0.1)
    for name in (
        "det",
        "inv",
        "solve",
        "cholesky",
        "eigvalsh",
        "eigh_vectors",
        "svdvals",
        "svd_left",
        "cofactor",
        "expm",
        "norm",
    ):
        args = (a, a) if name == "solve" else (a,)
        assert getattr(tensors_linalg, name)(0, *args).dtype == np.float32, name
