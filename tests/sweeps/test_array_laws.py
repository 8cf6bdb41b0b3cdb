"""Laws of programs over arrays: all ways to a derivative agree, at every order; a batch is its points; what does not
matter changes nothing.

The programs are random: broadcasting, the ops on arrays as wholes, branches and fan-out, over the whole table.
"""

from __future__ import annotations

import pickle
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import wengert as wg
from tests.oracles.array_programs import Point, array_programs, drawn, value_of
from tests.oracles.programs import programs
from wengert.kernels import jacobians as blocks
from wengert.lists.shapes import declared
from wengert.lists.wengert_list import Equation, WengertList, names_of
from wengert.transforms.derivatives import gradient, hvp, hvp_reverse, pullback, pushforward
from wengert.transforms.simplify import fuse, simplify

seeds = st.integers(0, 2**32 - 1)


def flat(values: Any) -> np.ndarray:
    return np.concatenate([np.zeros(0), *(np.ravel(v) for v in values)])


def directions(point: Point, seed: int) -> Point:
    return {n: drawn(np.shape(v), seed + k) for k, (n, v) in enumerate(point.items())}


def size_of(*many: Any) -> float:
    return max(1.0, *(float(np.abs(flat(values)).max(initial=0.0)) for values in many))


def near(got: Any, want: Any, scale: float, tolerance: float = 1e-9) -> None:
    """Equal shapes one by one, and values to a rounding of what went into them."""
    got, want = list(got), list(want)
    assert [np.shape(a) for a in got] == [np.shape(a) for a in want]
    a, b = flat(got), flat(want)
    with np.errstate(invalid="ignore"):
        assert ((np.abs(a - b) <= tolerance * scale) | (a == b) | np.isnan(a) & np.isnan(b)).all(), (got, want)


def compiled(wlist: WengertList, **options: Any) -> wg.Function:
    return wg.compile(wlist, fuse=False, **options)


def square(matrix: Any, point: Point) -> np.ndarray:
    """A Hessian as one matrix over all numbers."""
    return np.block([
        [np.reshape(matrix[a, b], (np.size(point[a]), np.size(point[b]))) for b in point] for a in point
    ])  # fmt: skip


def extended(wlist: WengertList, point: Point, moving: Point) -> Point:
    """A point of a list whose further inputs are directions."""
    return {**point, **dict(zip(wlist.inputs[len(point) :], moving.values()))}


# First order


@given(array_programs(scalar=True))
def test_ways_to_a_gradient(program):
    """Reverse, forward, the list for any shapes, and the list for these."""
    wlist, point = program
    f = compiled(wlist)
    value, back = f.value_and_grad(point)
    again, ahead = f.value_and_grad(point, mode="forward")
    assert value == again == value_of(wlist, point)[0]
    assert [np.shape(a) for a in back] == [np.shape(point[n]) for n in wlist.inputs]
    scale = size_of(back)
    near(ahead, back, scale)
    near(value_of(gradient(wlist), point), back, scale)
    shapes = {n: np.shape(v) for n, v in point.items()}
    near(value_of(gradient(wlist, shapes=shapes), point), back, scale)
    near([value_of(gradient(wlist, value=True), point)[0]], [value], abs(value))


@given(array_programs(scalar=True), st.data())
def test_derivatives_as_expressions(program, data):
    """`grad(f, x)` within a program is the gradient."""
    wlist, point = program
    name = data.draw(st.sampled_from(wlist.inputs))
    output = wlist.outputs[0]
    within = WengertList(
        [*wlist.equations, Equation("slope", "grad", (output, name)), Equation("also", "d", (output, name))],
        wlist.inputs, ["slope", "also"], shapes=wlist.shapes,
    )  # fmt: skip
    want = compiled(wlist).grad(point)[name]
    near(compiled(within)(point), [want, want], size_of([want]))


@given(array_programs(scalar=True, smooth=True, most=6), seeds)
def test_a_difference_quotient_approaches_the_gradient(program, seed):
    """The oracle that knows no rule: central differences along a direction, with Richardson's extrapolation."""
    wlist, point = program
    assume(all(e.op != "stop_gradient" for e in wlist.equations))
    moving = directions(point, seed)
    f = compiled(wlist)
    slope = float(flat(f.grad(point)) @ flat(moving.values()))

    def quotient(h: float) -> float:
        up, down = (f({n: v + s * h * moving[n] for n, v in point.items()}) for s in (1, -1))
        return (up - down) / (2 * h)

    estimates = [(4 * quotient(h / 2) - quotient(h)) / 3 for h in (2.0**-k for k in range(9, 15))]
    assume(np.isfinite(estimates).all())
    spread = max(estimates) - min(estimates)
    assume(spread <= 1e-4 * (1 + abs(slope)))
    assert abs(slope - estimates[3]) <= 10 * spread + 1e-5 * (1 + abs(slope)), (slope, estimates)


@given(array_programs(), seeds)
def test_jvp_and_vjp_are_adjoint(program, seed):
    """<v, J u> = <J^T v, u>, by sweeps, by lists, and by the Jacobian itself."""
    wlist, point = program
    f = compiled(wlist)
    u = directions(point, seed)
    v = drawn(np.shape(f(point)), seed + 7)
    ju, jv = f.jvp(point, u), f.vjp(point, v)
    assert np.shape(ju) == np.shape(v)
    jacobian = f.jacobian(point)
    dense = np.hstack([np.reshape(block, (np.size(v), np.size(point[n]))) for n, block in jacobian[0].items()])
    assume(np.isfinite(dense).all())
    scale = size_of([dense]) * 8 * (1 + dense.size)
    near([np.ravel(ju)], [dense @ flat(u.values())], scale)
    near([flat(jv)], [np.ravel(v) @ dense], scale)
    assert abs(np.ravel(v) @ np.ravel(ju) - flat(jv) @ flat(u.values())) <= 1e-9 * scale * 8
    pushed = pushforward(wlist)
    near(value_of(pushed, extended(pushed, point, u)), [ju], scale)
    pulled = pullback(wlist)
    near(value_of(pulled, {**point, pulled.inputs[-1]: v}), jv, scale)


@given(array_programs(), st.sampled_from([1, 7, 40]))
def test_a_jacobian_by_rows_is_one_by_columns(program, most):
    """Also when the seeds go through in small pieces."""
    wlist, point = program
    f = compiled(wlist)
    whole = f.jacobian(point, mode="reverse")
    scale = size_of(whole[0])
    for n, block in whole[0].items():
        assert np.shape(block) == np.shape(f(point)) + np.shape(point[n])
    near(f.jacobian(point, mode="forward")[0], whole[0], scale)
    before, blocks.MOST = blocks.MOST, most
    try:
        near(f.jacobian(point, mode="reverse")[0], whole[0], scale)
        near(f.jacobian(point, mode="forward")[0], whole[0], scale)
    finally:
        blocks.MOST = before


# Second order


@given(array_programs(scalar=True, smooth=True), seeds)
def test_second_order_compositions_agree(program, seed):
    """Forward over reverse = reverse over reverse = columns of a symmetric Hessian = a jvp of the gradient list."""
    wlist, point = program
    f = compiled(wlist)
    hessian, ahead = f.hessian(point), f.hessian(point, mode="forward")
    dense = square(hessian, point)
    scale = size_of([dense], f.grad(point))
    for a in point:
        for b in point:
            assert np.shape(hessian[a, b]) == np.shape(point[a]) + np.shape(point[b])
            near([ahead[a, b]], [hessian[a, b]], scale)
    near([dense.T], [dense], scale)
    u = directions(point, seed)
    scale *= 8 * (1 + len(dense))
    product = [dense @ flat(u.values())]
    by_sweep = f.hvp(point, u)
    assert [np.shape(a) for a in by_sweep] == [np.shape(v) for v in point.values()]
    near([flat(by_sweep)], product, scale)
    for listed in (hvp(wlist), hvp_reverse(wlist)):
        got = value_of(listed, extended(listed, point, u))
        near(got, by_sweep, scale)


@given(array_programs(scalar=True, smooth=True, most=5), seeds)
def test_a_difference_of_gradients_approaches_the_hvp(program, seed):
    wlist, point = program
    assume(all(e.op != "stop_gradient" for e in wlist.equations))
    u = directions(point, seed)
    f = compiled(wlist)
    want = flat(f.hvp(point, u))

    def quotient(h: float) -> np.ndarray:
        up, down = (flat(f.grad({n: v + s * h * u[n] for n, v in point.items()})) for s in (1, -1))
        return (up - down) / (2 * h)

    estimates = [(4 * quotient(h / 2) - quotient(h)) / 3 for h in (2.0**-k for k in range(9, 15))]
    assume(np.isfinite(estimates).all())
    spread = np.ptp(estimates, axis=0)
    size = 1 + np.abs(want).max(initial=0.0)
    assume((spread <= 1e-4 * size).all())
    assert (np.abs(want - estimates[3]) <= 10 * spread + 1e-5 * size).all(), (want, estimates)


# Batches


def leading(wlist: WengertList, leads: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Batch axes for each input; none where the shape of the value is the input's own."""
    core = declared(wlist)
    return [() if core[n] is None else lead for n, lead in zip(wlist.inputs, leads)]


def batched(point: Point, leads: list[tuple[int, ...]], seed: int) -> tuple[Point, tuple[int, ...]]:
    """Values with batch axes before them, of which some are those of the point; and the shape of the batch."""
    batch = np.broadcast_shapes(*leads)
    found: Point = {}
    for k, ((n, v), lead) in enumerate(zip(point.items(), leads)):
        shape = lead + np.shape(v)
        fresh = drawn(shape, seed + k)
        chosen = np.random.default_rng(seed + k).integers(0, 2, size=shape)
        value = np.where(chosen, fresh, v)
        found[n] = value if shape else float(value)
    return found, batch


def at(values: Point, cores: Point, batch: tuple[int, ...], place: tuple[int, ...]) -> Point:
    """A point of a batch."""
    found: Point = {}
    for n, v in values.items():
        one = np.broadcast_to(v, batch + np.shape(cores[n]))[place]
        found[n] = one if one.ndim else float(one)
    return found


def alike(got: Any, want: Any, batch: tuple[int, ...], place: tuple[int, ...], scale: float) -> None:
    assert np.shape(got) == batch + np.shape(want)
    one = np.asarray(got)[place]
    with np.errstate(invalid="ignore"):
        same = (one == want) | (np.isnan(one) & np.isnan(want)) | (np.abs(one - want) <= 1e-11 * scale)
    assert np.all(same), (one, want)


LEADS: list[tuple[int, ...]] = [(), (3,), (2, 3), (1,), (2, 1), (1, 3)]


@given(array_programs(scalar=True, most=7), st.lists(st.sampled_from(LEADS), min_size=3, max_size=3), seeds)
def test_a_batch_is_its_points(program, leads, seed):
    """Values and derivatives of every order, with batch axes on some inputs, and axes that broadcast."""
    wlist, point = program
    leads = leading(wlist, leads)
    values, batch = batched(point, leads, seed)
    f = compiled(wlist)
    u, _ = batched(directions(point, seed + 1), leads, seed + 2)
    value, slopes = f.value_and_grad(values)
    ahead = f.value_and_grad(values, mode="forward")[1]
    jacobian, hessian, product = f.jacobian(values), f.hessian(values), f.hvp(values, u)
    moved, back = f.jvp(values, u), f.vjp(values, 2.0)
    for place in np.ndindex(*batch):
        one, along = at(values, point, batch, place), at(u, point, batch, place)
        want, want_slopes = f.value_and_grad(one)
        second = f.hessian(one)
        scale = size_of([want], want_slopes, *second)
        scale = scale if np.isfinite(scale) else np.inf
        alike(value, want, batch, place, scale)
        for n in point:
            alike(slopes[n], want_slopes[n], batch, place, scale)
            # Where a value is nan, what does not move is told from what does through ops that move elements alone.
            if np.isfinite(want):
                alike(ahead[n], want_slopes[n], batch, place, scale)
                alike(jacobian[0][n], want_slopes[n], batch, place, scale)
            alike(back[n], 2.0 * want_slopes[n], batch, place, scale)
            alike(product[n], f.hvp(one, along)[n], batch, place, 100 * scale)
            for m in point:
                alike(hessian[n, m], second[n, m], batch, place, scale)
        alike(moved, f.jvp(one, along), batch, place, 100 * scale)


@given(array_programs(most=6, smooth=True), st.lists(st.sampled_from(LEADS), min_size=3, max_size=3), seeds)
def test_a_batch_of_arrays_is_its_points(program, leads, seed):
    """Outputs that are arrays: values, tangents, adjoints and Jacobians."""
    wlist, point = program
    leads = leading(wlist, leads)
    values, batch = batched(point, leads, seed)
    f = compiled(wlist)
    u, _ = batched(directions(point, seed + 1), leads, seed + 2)
    value, moved, jacobian = f(values), f.jvp(values, u), f.jacobian(values)
    columns = f.jacobian(values, mode="forward")
    v = drawn(np.shape(value), seed + 5)
    back = f.vjp(values, v)
    for place in np.ndindex(*batch):
        one = at(values, point, batch, place)
        want = f.jacobian(one)
        scale = size_of([f(one)], want[0])
        scale = 100 * scale if np.isfinite(scale) else np.inf
        alike(value, f(one), batch, place, scale)
        alike(moved, f.jvp(one, at(u, point, batch, place)), batch, place, scale)
        weight = np.asarray(v)[place]
        one_back = f.vjp(one, weight if weight.ndim else float(weight))
        for n in point:
            alike(jacobian[0][n], want[0][n], batch, place, scale)
            alike(columns[0][n], want[0][n], batch, place, scale)
            alike(back[n], one_back[n], batch, place, scale)


@given(programs(most=12), st.lists(st.sampled_from(LEADS), min_size=4, max_size=4), seeds)
def test_a_scalar_program_is_batched_point_by_point(program, leads, seed):
    wlist, point = program
    values, batch = batched(point, leads[: len(point)], seed)
    f = compiled(wlist)
    value, slopes = f.value_and_grad(values)
    for place in np.ndindex(*batch):
        one = at(values, point, batch, place)
        want, want_slopes = f.value_and_grad(one)
        scale = size_of([want], want_slopes)
        scale = 1e3 * scale if np.isfinite(scale) else np.inf
        alike(value, want, batch, place, scale)
        for n in point:
            alike(slopes[n], want_slopes[n], batch, place, scale)


@given(programs(most=12, constants=False), st.integers(1, 4), seeds)
def test_a_batch_is_the_sum_of_an_array(program, n, seed):
    """The gradients of a scalar program at n points are one gradient of its sum over inputs declared as arrays."""
    wlist, point = program
    values, _ = batched(point, [(n,)] * len(point), seed)
    total = next(name for name in ("total", "all", "whole") if name not in names_of(wlist))
    output = wlist.outputs[0]
    summed = WengertList([*wlist.equations, Equation(total, "sum", (output,))], wlist.inputs, [total],
                         shapes=dict.fromkeys(wlist.inputs, (n,)))  # fmt: skip
    value, slopes = compiled(wlist).value_and_grad(values)
    got, of_sum = compiled(summed).value_and_grad(values)
    assume(np.isfinite(value).all())
    reached = compiled(WengertList(wlist.equations, wlist.inputs, [output],
                                   shapes=dict.fromkeys(wlist.inputs, (n,))))(values)  # fmt: skip
    assert np.isclose(got, np.sum(reached), rtol=1e-9)
    copies = prod(np.shape(value)) / prod(np.shape(reached))
    for name in point:
        with np.errstate(invalid="ignore"):
            scale = np.nanmax(np.abs(np.where(np.isfinite(slopes[name]), slopes[name], 0.0))) + 1.0
            same = np.abs(copies * of_sum[name] - slopes[name]) <= 1e-9 * scale
        assert np.all(same | (np.isnan(of_sum[name]) == np.isnan(slopes[name])) & ~np.isfinite(slopes[name]))


# What changes nothing


@given(array_programs(), st.data())
def test_names_order_and_dead_code_change_nothing(program, data):
    wlist, point = program
    value = value_of(wlist, point)[0]
    slopes = compiled(wlist).jacobian(point)[0]
    # Other names for all.
    became = {n: f"q{k}" for k, n in enumerate(names_of(wlist))}
    renamed = WengertList(
        [Equation(became[e.output], e.op, tuple(became.get(a, a) for a in e.inputs)) for e in wlist.equations],
        [became[n] for n in wlist.inputs], [became.get(a, a) for a in wlist.outputs],
        shapes={became[n]: s for n, s in wlist.shapes.items()},
    )  # fmt: skip
    # Another order in which everything is defined before it is used.
    left, known, order = list(wlist.equations), set(wlist.inputs), []
    while left:
        ready = [e for e in left if all(isinstance(a, float) or a in known for a in e.inputs)]
        chosen = data.draw(st.sampled_from(ready))
        left.remove(chosen)
        known.add(chosen.output)
        order.append(chosen)
    shuffled = WengertList(order, wlist.inputs, wlist.outputs, shapes=wlist.shapes)
    dead = WengertList(
        [*wlist.equations, Equation("dead", "log", (wlist.equations[0].output,)), Equation("gone", "sum", ("dead",))],
        wlist.inputs, wlist.outputs, shapes=wlist.shapes,
    )  # fmt: skip
    for other, names in ((renamed, became), (shuffled, {}), (dead, {})):
        moved = {names.get(n, n): v for n, v in point.items()}
        assert np.array_equal(value_of(other, moved)[0], value)
        near(compiled(other).jacobian(moved)[0], slopes, size_of(slopes), 1e-12)


def same_bits(a: Any, b: Any) -> bool:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return a.shape == b.shape and np.array_equal(
        np.where(np.isnan(a), 0.0, a).view(np.uint64), np.where(np.isnan(b), 0.0, b).view(np.uint64)
    )


@given(array_programs(most=8), seeds)
def test_simplify_keeps_every_bit(program, seed):
    wlist, point = program
    names = [n for n in wlist.inputs if n in point]
    output = wlist.outputs[0]
    lists = [wlist]
    if np.ndim(value_of(wlist, point)[0]) == 0 and isinstance(output, str):
        lists.append(gradient(wlist, names))
    for w in lists:
        simpler, _ = simplify(w)
        assert all(map(same_bits, value_of(simpler, point), value_of(w, point)))
        assert len(simpler) <= len(w)
    fused, _ = fuse(wlist)
    near(value_of(fused, point), value_of(wlist, point), size_of(value_of(wlist, point)), 1e-12)


@given(array_programs(scalar=True, most=8))
def test_printing_and_pickling_keep_a_list(program):
    wlist, _ = program
    for w in (wlist, gradient(wlist), hvp(wlist)):
        read = wg.parse(str(w)).wlist
        assert read == w
        assert hash(read) == hash(w)
        again = pickle.loads(pickle.dumps(w))
        assert again == w
        assert again.shapes == w.shapes
    f = compiled(wlist)
    assert pickle.loads(pickle.dumps(f)) == f


@pytest.mark.parametrize("other", [{"x": (3,)}, {"x": (2, 2)}, {"x": ("n",)}, {}])
def test_shapes_tell_lists_apart(other):
    w = WengertList([("f", "sum", ("x",))], ["x"], shapes={"x": (2,)})
    assert w != WengertList([("f", "sum", ("x",))], ["x"], shapes=other)
    assert w == WengertList([("f", "sum", ("x",))], ["x"], shapes={"x": [2]})
