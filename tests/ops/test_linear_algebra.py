"""Laws of the rows of linear algebra: every derivative by every way.

All laws run over all cases, so a row without a case fails, and a row with one has them all.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests import some
from tests.oracles.matrix_cases import CASES, NAMES, Case, arguments, cases, close, curved, moved, plain, slope
from wengert.language import parse
from wengert.language.printer import program_text
from wengert.ops import OPS
from wengert.ops.parameters import split
from wengert.ops.rows import linear_algebra
from wengert.transforms.derivatives import gradient, hvp, hvp_reverse, pushforward
from wengert.transforms.simplify import simplify


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
@settings(max_examples=some(300), deadline=None)
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
