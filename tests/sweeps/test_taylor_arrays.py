"""Taylor series of programs over arrays, against ways that know nothing of series: derivatives of derivatives along a
line, Cauchy's integral, and the same program taken apart into numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert as wg
from tests import some
from tests.oracles.array_calls import Call, calls
from tests.oracles.array_programs import array_programs, drawn
from tests.oracles.matrix_cases import CASES, arguments
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.ops.row import linear_groups
from wengert.sweeps.arrays import Arrays
from wengert.sweeps.linearity import doubles, is_steady, solution
from wengert.sweeps.rules import groups, rules_for
from wengert.sweeps.taylor import taylor_sweep
from wengert.transforms.derivatives import pushforward
from wengert.transforms.scalarise import scalarised

ALL = [*calls(), *(Call(case.op, arguments(case)) for case in CASES)]
every = pytest.mark.parametrize("call", ALL, ids=[f"{k}-{c.id}" for k, c in enumerate(ALL)])
A = np.array([[1.0, 2.0], [3.0, 4.0]])
X = np.array([0.1, -0.2])


class Line:
    """An op along a line: the list over its arguments, and another over t; a point and a direction."""

    def __init__(self, call: Call, seed: int = 3) -> None:
        rng = np.random.default_rng(seed)
        row, n = OPS[call.op], len(call.args)
        names = [f"a{k}" for k in range(n)]
        self.point = dict(zip(names, call.args))
        moving = [name for k, name in enumerate(names) if rules_for().has_derivative(row, k, n)]
        found = {name: rng.uniform(-1, 1, np.shape(self.point[name])) for name in moving}
        self.direction = {name: v if v.ndim else float(v) for name, v in found.items()}
        self.list = WengertList([("y", call.op, names)], names, ["y"], shapes=shapes_of(self.point))
        speeds = {f"{name}_d": v for name, v in self.direction.items()}
        self.on = {"t": 0.0, **self.point, **speeds}
        self.equations: list[Any] = []
        for name in moving:
            self.equations += [(f"{name}_s", "mul", ("t", f"{name}_d")), (f"{name}_t", "add", (name, f"{name}_s"))]
        self.equations.append(("y", call.op, [f"{name}_t" if name in moving else name for name in names]))

    def along(self, *more: Any, output: str = "y") -> WengertList:
        """The list over t, with further equations."""
        return WengertList([*self.equations, *more], list(self.on), [output], shapes=shapes_of(self.on))

    def derivatives(self, order: int) -> Iterator[Any]:
        """Those of the value in t, each the tangent of the one before."""
        wlist = self.along()
        for _ in range(order + 1):
            yield wg.compile(wlist, fuse=False)({**dict.fromkeys(wlist.inputs, 1.0), **self.on})
            wlist = pushforward(wlist, ["t"])


def shapes_of(point: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {n: np.shape(v) for n, v in point.items() if np.shape(v)}


def series(wlist: WengertList, point: dict[str, Any], direction: dict[str, Any], order: int, **options: Any) -> Any:
    return wg.compile(wlist, fuse=False, **options).taylor(point, direction, order)


def close(a: Any, b: Any, within: float) -> None:
    assert np.shape(a) == np.shape(b)
    np.testing.assert_allclose(a, b, rtol=0, atol=within * (1 + np.max(np.abs(b), initial=0.0)))


def apart(wlist: WengertList, point: dict[str, Any], direction: dict[str, Any], order: int, kink: str = "mean") -> Any:
    """Coefficients of the list taken apart into numbers, an array an order; None if it cannot be."""
    try:
        numbers = scalarised(wlist, {n: np.shape(v) for n, v in point.items()})
    except (wg.WengertError, TypeError):
        return None
    at, move = (
        {str(n): float(x) for name, whole in numbers.inputs.items()
         for n, x in zip(np.ravel(np.asarray(whole, dtype=object)), np.ravel(values[name]))}
        for values in (point, {n: np.broadcast_to(direction.get(n, 0.0), np.shape(v)) for n, v in point.items()})
    )  # fmt: skip
    found = wg.compile(numbers.wlist, fuse=False, kink=kink).taylor(at, move, order)
    columns = [found] if len(numbers.wlist.outputs) == 1 else list(found)
    return [np.reshape([c[k] for c in columns], numbers.shapes[0]) for k in range(order + 1)]


# Every op


@every
def test_coefficients_are_repeated_derivatives(call: Call) -> None:
    line = Line(call)
    found = series(line.list, line.point, line.direction, 3)
    for k, (c, want) in enumerate(zip(found, line.derivatives(3))):
        # A derivative that is 0 everywhere may be a number.
        close(c, np.broadcast_to(want, np.shape(found[0])) / math.factorial(k), 1e-11)


@every
def test_numbers_have_the_same_series(call: Call) -> None:
    line = Line(call, 4)
    want = apart(line.list, line.point, line.direction, 4)
    if want is None or not np.size(want[0]):
        return
    for c, wanted in zip(series(line.list, line.point, line.direction, 4), want):
        close(c, wanted, 1e-11)


@every
def test_a_batch_is_its_points(call: Call) -> None:
    line = Line(call, 5)
    if not line.direction:
        return
    speeds = [{n: s * v for n, v in line.direction.items()} for s in (1.0, -0.5)]
    # That an input is a number must be said, or an array of numbers would be one.
    wlist = WengertList(line.list.equations, line.list.inputs, shapes={n: np.shape(v) for n, v in line.point.items()})
    points = [{n: v + 1e-2 * d[n] if n in d else v for n, v in line.point.items()} for d in speeds]
    batch = {n: np.stack([p[n] for p in points]) if n in line.direction else v for n, v in line.point.items()}
    found = series(wlist, batch, {n: np.stack([d[n] for d in speeds]) for n in line.direction}, 3)
    alone = [series(wlist, p, d, 3) for p, d in zip(points, speeds)]
    for k in range(4):
        close(found[k], np.stack([a[k] for a in alone]), 1e-12)


@every
def test_in_a_program_it_is_equations(call: Call) -> None:
    line = Line(call, 6)
    found = series(line.list, line.point, line.direction, 2)
    for k in (1, 2):
        written = line.along(("c", "taylor", ("y", "t", float(k))), output="c")
        close(wg.compile(written, fuse=False)(line.on), found[k], 1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c.holomorphic and c.op != "expm_frechet"], ids=lambda c: c.op)
def test_eight_orders_by_the_integral_of_cauchy(case: Any) -> None:
    """Coefficients from values on a circle, which the trapezoidal rule integrates to rounding."""
    line = Line(Call(case.op, arguments(case, 1)), 7)
    direction = {n: 0.5 * v for n, v in line.direction.items()}
    radius, many = 0.25, 64
    around = [radius * np.exp(2j * np.pi * k / many) for k in range(many)]
    values = [OPS[case.op].forward(*(v + t * direction.get(n, 0) for n, v in line.point.items())) for t in around]  # type: ignore[operator]
    want = np.fft.fft(np.array(values), axis=0) / many
    for k, c in enumerate(series(line.list, line.point, direction, 8)):
        close(c * radius**k, want[k].real, 1e-12)


# Random programs


@given(array_programs(most=8), st.integers(0, 999))
@settings(max_examples=some(250), deadline=None)
def test_random_programs_have_the_series_of_their_numbers(program: Any, seed: int) -> None:
    """At kinks and below branches too."""
    wlist, point = program
    direction = {n: drawn(np.shape(v), seed + k) for k, (n, v) in enumerate(point.items())}
    found = series(wlist, point, direction, 4)
    want = apart(wlist, point, direction, 4)
    for c, wanted in zip(found, want or []):
        assert np.shape(c) == np.shape(wanted)
        with np.errstate(all="ignore"):
            scale = 1 + np.max(np.abs(wanted), where=np.isfinite(wanted), initial=0.0)
            np.testing.assert_allclose(c, wanted, rtol=1e-9, atol=1e-9 * scale)


@given(array_programs(scalar=True, smooth=True), st.integers(0, 999))
@settings(max_examples=some(150), deadline=None)
def test_the_first_coefficients_are_value_jvp_and_hvp(program: Any, seed: int) -> None:
    wlist, point = program
    direction = {n: drawn(np.shape(v), seed + k) for k, (n, v) in enumerate(point.items())}
    f = wg.compile(wlist)
    value, first, second = f.taylor(point, direction, 2)
    assert value == f(point)
    close(first, f.jvp(point, direction), 1e-12)
    bent = f.hvp(point, direction)
    close(2 * second, sum(float(np.sum(bent[n] * np.asarray(d))) for n, d in direction.items()), 1e-9)


@pytest.mark.parametrize("text", ["exp(sin(x))", "x^3", "log(x)*atan(x)", "x^2.5/(1 + x)", "max(x, 1)*gamma(x)"])
def test_a_program_over_numbers_takes_a_batch(text: str) -> None:
    x = np.array([[0.0, 0.5, 1.25], [2.0, 3.0, 0.25]])
    found = wg.compile(text).taylor([x], order=6)
    each = [[wg.compile(text).taylor([v], order=6) for v in row] for row in x.tolist()]
    np.testing.assert_allclose(found, np.moveaxis(each, -1, 0), rtol=1e-11, atol=1e-11)
    # Off the joint of the branches: on it, branches of the same value share.
    below = np.where(x > 0, x, -0.5)
    whole = wg.compile(f"input x[m,n]; sum(where(x > 0, {text}, 0))")
    ones = {"x": np.ones(x.shape)}
    summed = [np.sum(c[x > 0]) for c in found]
    np.testing.assert_allclose(whole.taylor([below], ones, 6), summed, rtol=1e-11, atol=1e-11)


# Branches


def test_what_is_not_taken_contributes_nothing() -> None:
    x = np.array([-1.0, -0.5, 4.0])
    for text in (
        "where(x > 0, sqrt(x), 0)", "log(where(x > 0, x, 0))", "sqrt(where(x > 0, x, 0)[::-1])",
        "1/where(x > 0, [x, x], 0)", "where(x > 0, x, 0)*inf", "where(x > 0, x, 0)^0.5", "exp(max(x, -5)*0)/max(x, -1)",
    ):  # fmt: skip
        wlist = wg.parse(f"input x[3]; {text}").wlist
        found = series(wlist, {"x": x}, {"x": np.ones(3)}, 5)
        want = apart(wlist, {"x": x}, {"x": np.ones(3)}, 5)
        np.testing.assert_allclose(found, want, rtol=1e-12, err_msg=text)
        assert np.isfinite(found[1:]).all() or "inf" in text or "max" in text


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
def test_a_kink_is_decided_as_for_numbers(kink: str) -> None:
    x = np.array([-1.0, 0.0, 0.0, 2.0])
    for text in ("abs(x)", "relu(x)*exp(x)", "max(x, 0)^2 + x", "sum(min(x, 0)*x + abs(x))", "clip(x, 0, 1)"):
        wlist = wg.parse(f"input x[4]; {text}").wlist
        found = series(wlist, {"x": x}, {"x": np.ones(4)}, 3, kink=kink)
        np.testing.assert_allclose(found, apart(wlist, {"x": x}, {"x": np.ones(4)}, 3, kink), err_msg=text)
    tied = wg.compile("input x[4]; max(x)", kink=kink)
    assert tied.taylor([x - 2 * (x > 0)], {"x": [1, 2, 4, 8]}, 1)[1] == tied.jvp([x - 2 * (x > 0)], [[1, 2, 4, 8]])


def test_outside_a_domain_there_is_no_derivative() -> None:
    found = wg.compile("input x[2]; log(x)").taylor([[-1.0, 1.0]], [[1.0, 1.0]], 2)
    np.testing.assert_array_equal(found, [[np.nan, 0], [np.nan, 1], [np.nan, -0.5]])


# What the rules tell


def test_what_the_table_says_to_be_linear_has_no_other_derivative() -> None:
    for call in ALL:
        row, n = OPS[call.op], len(call.args)
        if linear_groups(row):
            together = {i for group in groups(row, n) for i in group}
            assert together == {i for i in range(n) if rules_for().has_derivative(row, i, n)}, call.id


def test_solutions_of_linear_systems_are_told_by_their_rules() -> None:
    found = {}
    for call in ALL:
        row, n = OPS[call.op], len(call.args)
        if not linear_groups(row) and (solved := solution(rules_for(), row, n)) is not None:
            found[call.op.partition("[")[0]] = solved[0]
            zero = [np.zeros(np.shape(a)) if i == solved[0] else a for i, a in enumerate(call.args)]
            assert not np.any(row.forward(*zero))  # type: ignore[operator]
    assert found == {"solve": 1, "tri_solve": 1, "tri_solve_t": 1, "recur": 1, "recur_back": 1}


def test_what_doubles_is_a_function_of_a_matrix() -> None:
    """Of [[a, e], [0, a]] it is [[y, J e], [0, y]]."""
    found = set()
    for call in ALL:
        row, shapes = OPS[call.op], tuple(map(np.shape, call.args))
        if linear_groups(row) or len(shapes) != 1 or len(shapes[0]) != 2 or not doubles(rules_for(), row, shapes):
            continue
        found.add(call.op)
        (a,) = call.args
        e = np.random.default_rng(8).uniform(-1, 1, a.shape)
        f = wg.compile(WengertList([("y", call.op, ("a",))], ("a",), shapes={"a": ("n", "n")}))
        y, slope = f(a), f.jvp([a], [e])
        close(f(np.block([[a, e], [0 * a, a]])), np.block([[y, slope], [0 * y, y]]), 1e-12)
    assert found == {"expm"}


def test_ops_of_pieces_are_steady() -> None:
    told = {
        c.op
        for c in ALL
        if not linear_groups(OPS[c.op]) and len(c.args) == 1 and is_steady(rules_for(), OPS[c.op], (0,), 1)
    }
    assert {"amax", "amin", "sort", "median"} <= told
    assert not {"prod", "inv", "norm", "expm", "var", "softmax"} & told


# Costs and depth


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("exp(sin(x))", 4.2), ("sin(A) @ exp(x)", 4.2), ("solve(sin(A), exp(x))", 4.2), ("inv(sin(A))", 4.2),
        ("softmax(sin(x))", 4.2), ("cholesky(sin(A) @ sin(A).T)", 4.2), ("eigvalsh(sin(A))", 4.2),
        ("svdvals(sin(A))", 4.2), ("norm(sin(x))", 4.2), ("prod(sin(x))", 4.2), ("det(A)", 4.5), ("expm(sin(A))", 4.2),
        ("max(sin(x))", 2.2), ("sin(A)[0] + x^2", 4.2), ("interp(sin(x), [0.0, 1.0], exp(x))", 8.2),
        ("det(sin(A))", 8.2),
    ],
)  # fmt: skip
def test_operations_grow_as_the_square_of_the_order(text: str, most: float) -> None:
    """Or as its cube, where a rule leads to ever new series."""
    f = wg.compile(f"input A[2,2], x[2]; {text}")

    class Counting(Arrays):
        count = 0

        def __call__(self, op: str, *args: Any) -> Any:
            Counting.count += 1
            return super().__call__(op, *args)

    spent = []
    for order in (16, 32):
        Counting.count = 0
        with Counting() as apply:
            taylor_sweep(f.running_list, {"A": A, "x": X}, {"A": A.T, "x": X}, order, apply)
        spent.append(Counting.count)
    assert spent[1] < most * spent[0], spent


def test_long_programs_and_deep_towers_do_not_recurse() -> None:
    f = wg.compile("input A[2,2], x[2]; z = x; for k in 0:1100 { z = tanh(A @ z)*0.5 + x }; z")
    for order in (1, 2):
        close(f.taylor({"A": A, "x": X}, {"x": X}, order)[1], f.jvp({"A": A, "x": X}, {"x": X}), 1e-12)
    g = wg.compile("a = x\n" + "a = sin(a)*0.9 + x\n" * 1100 + "a")
    assert g.taylor([0.5], order=1)[1] == pytest.approx(g.jvp([0.5], [1.0]))
    assert wg.compile("x^3").taylor([0.0], order=100)[:5] == [0, 0, 0, 1, 0]
    knots = wg.compile("input x, k[3]; interp(x, exp(k), cos(k))")
    assert np.isfinite(knots.taylor((1.5, [0.0, 0.5, 1.0]), (1.0, [0.1, 0.2, 0.3]), 45)).all()


# Known series


def test_known_series() -> None:
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    found = wg.compile("input a[n,n]; expm(a)").taylor([0 * turn], [turn], 12)
    power = np.eye(2)
    for k, c in enumerate(found):
        close(c, power / math.factorial(k), 1e-14)
        power = power @ turn
    # Neumann's series, and the determinant's polynomial.
    found = wg.compile("input a[n,n]; inv(eye(2) - a)").taylor([0 * A], [A], 6)
    for k, c in enumerate(found):
        close(c, np.linalg.matrix_power(A, k), 1e-13)
    f = wg.compile("input a[n,n]; det(eye(2) + a)")
    np.testing.assert_allclose(f.taylor([0 * A], [A], 4), [1, np.trace(A), np.linalg.det(A), 0, 0], atol=1e-13)
    f = wg.compile("input x[n]; s = sum(exp(x)); p = exp(x)/s; output s, p")
    both = f.taylor([np.zeros(2)], [np.array([1.0, -1.0])], 3)
    np.testing.assert_allclose(both["s"], [2, 0, 1, 0], atol=1e-15)
    np.testing.assert_allclose([c[0] for c in both["p"]], [0.5, 0.5, 0, -1 / 6], atol=1e-15)


def test_single_precision_stays() -> None:
    found = wg.compile("input A[n,n], x[n]; solve(A, exp(x))", dtype="float32").taylor({"A": A, "x": X}, {"x": X}, 3)
    assert {c.dtype for c in found} == {np.dtype(np.float32)}


def test_what_is_constant_has_zeros_in_its_shape() -> None:
    f = wg.compile("input x[3], y; c = 2; s = sum(x); z = [y, y]; output c, s, z, x")
    found = f.taylor(([1, 2, 3], 5.0), {"y": 1.0}, 2)
    assert found[0] == [2, 0, 0]
    assert found[1] == [6, 0, 0]
    np.testing.assert_array_equal(found[2], [[5, 5], [1, 1], [0, 0]])
    np.testing.assert_array_equal(found[3], [[1, 2, 3], [0, 0, 0], [0, 0, 0]])
    found[3][1][:] = 7
    assert not found[3][2].any()
