"""Derivatives at kinks, of every order, direction and spelling: `sweeps.rays` against pieces that are known."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given

import wengert as wg
from tests import FULL
from tests.kernels.test_kernels import places
from tests.oracles.programs import ELEMENTWISE, FREE, programs
from wengert.api.kinks import at_kinks
from wengert.sweeps.forward import forward_sweep
from wengert.sweeps.germs import Germs
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.rays import Rays
from wengert.sweeps.ties import Places

nan, inf = float("nan"), float("inf")
ORIGIN = {"x": 0.0, "y": 0.0}
PLANE = {"x": [0.0, 0.0]}


def dense(f: Any, point: dict[str, Any], made: Any = None) -> np.ndarray:
    """A Hessian as one matrix."""
    matrix = f.hessian(point) if made is None else made
    rows = [
        np.concatenate([np.reshape(b, (np.size(point[n]), -1)) for n, b in zip(point, row)], axis=1) for row in matrix
    ]
    return np.concatenate(rows)


def flat(values: Any) -> np.ndarray:
    return np.concatenate([np.ravel(v) for v in values])


# The values are limits along both sides of each input, with mpmath at 60 digits: see `limit`.
SECOND: list[tuple[str, dict[str, Any], Any]] = [
    ("abs(x)^2", {"x": 0.0}, [[2]]),
    ("norm(x)^2", PLANE, [[2, 0], [0, 2]]),
    ("cos(sqrt(x^2+y^2))", ORIGIN, [[-1, 0], [0, -1]]),
    ("sum(sort(x)^2)", {"x": [1.0, 1.0, 0.0]}, [[2, 0, 0], [0, 2, 0], [0, 0, 2]]),
    ("max(x,y)*min(x,y)", ORIGIN, [[0, 1], [1, 0]]),
    ("where(x==0, 1, sin(x)/x)", {"x": 0.0}, [[-1 / 3]]),
    ("where(x==0, 0, x)", {"x": 0.0}, [[0]]),
    ("where(x != 0, expm1(x)/x, 1)", {"x": 0.0}, [[1 / 3]]),
    ("relu(x)^2 + relu(-x)^2", {"x": 0.0}, [[2]]),
    ("abs(sin(x))*tan(x)", {"x": 0.0}, [[0]]),
    ("max(x,y,z)^2", {"x": 1.0, "y": 1.0, "z": 1.0}, np.eye(3) * 2 / 3),
    ("clip(x, 0, 1)^2", {"x": 0.0}, [[1]]),
    ("where(x > 0, x^2, 0)", {"x": 0.0}, [[1]]),
    ("norm(x)", PLANE, [[nan, nan], [nan, nan]]),
    ("cbrt(x)", {"x": 0.0}, [[nan]]),
    ("x^1.5", {"x": 0.0}, [[inf]]),
    ("sqrt(x)", {"x": 0.0}, [[-inf]]),
    ("abs(x)*abs(y)", ORIGIN, [[0, 0], [0, 0]]),
    ("s = where(x > 0, sqrt(x), 0); sum(s*s*x)", {"x": [4.0, 0.0, -1.0]}, np.diag([2, 1, 0])),
    # A branch that is not taken counts as long as its derivative is finite.
    ("where(x > 0, sqrt(x), 0)", {"x": 0.0}, [[0]]),
    ("n = norm(x); where(n > 0, n, 0)", PLANE, [[0, 0], [0, 0]]),
    ("std(x)^2", {"x": [1.0, 1.0]}, [[0.5, -0.5], [-0.5, 0.5]]),
    # x^(y - 1)*(1 + y*log(x)) falls without a bound as x -> 0.
    ("x^y", {"x": 0.0, "y": 0.5}, [[-inf, -inf], [-inf, 0]]),
    ("x^y", {"x": 0.0, "y": 1.0}, [[0, -inf], [-inf, 0]]),
    ("x^y", {"x": 0.0, "y": 1.5}, [[inf, 0], [0, 0]]),
    ("x^y", {"x": 0.0, "y": 2.0}, [[2, 0], [0, 0]]),
    ("sqrt(x)*y", {"x": 0.0, "y": 2.0}, [[-inf, inf], [inf, 0]]),
    ("sqrt(x)*y", ORIGIN, [[0, inf], [inf, 0]]),
    ("betainc(2, 3, max(x, y))", {"x": 0.5, "y": 0.5}, [[-1.5, 0], [0, -1.5]]),
    ("betainc(3, 2, x)", {"x": 1.0}, [[-12]]),
    ("betainc(1, 1, x)", {"x": 0.0}, [[0]]),
    ("betainc(1.5, 3, x)", {"x": 0.0}, [[inf]]),
    ("gammaincc(2, x)", {"x": 0.0}, [[-1]]),
    ("(x - y*round(x/y))^2", {"x": 1.0, "y": 2.0}, [[2, -1], [-1, 1]]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point", "want"), SECOND, ids=[text for text, _, _ in SECOND])
def test_second_derivatives_in_every_mode(text: str, point: dict[str, Any], want: Any) -> None:
    f, want = wg.compile(text), np.array(want, float)
    found = {"first": dense(f, point)}
    for _ in range(12 if len(point) < 3 and "sort" not in text else 2):
        f.hessian(point)
    found["by a kernel"] = dense(f, point)
    units = [dict(zip(point, parts)) for parts in _units(point)]
    found["hvp"] = np.array([flat(f.hvp(point, u)) for u in units])
    found["rows alone"] = np.array([flat(f.hvp(point, u, wrt=list(point))) for u in units])
    for way, got in found.items():
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14, err_msg=way)
    np.testing.assert_allclose(flat(f.hessian_diagonal(point)), np.diag(want), rtol=1e-13, atol=1e-14)
    if "sort" not in text:
        sparse = f.sparse_hessian(point)
        got = np.zeros(want.shape)
        got[sparse.rows, sparse.columns] = sparse.values
        kept = [(i, j) for i, j in zip(sparse.rows, sparse.columns)]
        for i, j in np.ndindex(want.shape):
            assert (i, j) in kept or not want[i, j] > 0 or "norm" in text, (i, j)
            if (i, j) in kept:
                np.testing.assert_allclose(got[i, j], want[i, j], rtol=1e-13, atol=1e-14)
    if all(np.ndim(v) == 0 for v in point.values()):
        batch = f.hessian({n: np.array([v, v + 0.25, v]) for n, v in point.items()})
        for at in (0, 2):
            np.testing.assert_allclose([[b[at] for b in row] for row in batch], want, rtol=1e-13, atol=1e-14)
        one = dense(f, {n: v + 0.25 for n, v in point.items()})
        np.testing.assert_allclose([[b[1] for b in row] for row in batch], one, rtol=1e-13, atol=1e-14)


def _units(point: dict[str, Any]) -> Any:
    n = sum(np.size(v) for v in point.values())
    for unit in np.eye(n):
        parts, first = [], 0
        for v in point.values():
            part = unit[first : first + np.size(v)]
            parts.append(part if np.ndim(v) else float(part[0]))
            first += np.size(v)
        yield parts


LIMITS: list[tuple[str, Callable[[Any], Any]]] = [
    ("where(x==0, 1, sin(x)/x)", lambda x: mpmath.sin(x) / x),
    ("where(x==0, 0, (1 - cos(x))/x)", lambda x: (1 - mpmath.cos(x)) / x),
    ("where(x==0, 1, log(1 + x)/x)", lambda x: mpmath.log(1 + x) / x),
    ("where(x==0, 1/2, (x - sin(x))/x^3*3)", lambda x: (x - mpmath.sin(x)) / x**3 * 3),
    ("where(x==0, 0, x)", lambda x: x),
    ("abs(x)*tanh(x) + relu(x)^2", lambda x: abs(x) * mpmath.tanh(x) + (x if x > 0 else 0) ** 2),
    ("abs(exp(x) - 1)*x", lambda x: abs(mpmath.exp(x) - 1) * x),
    ("elu(x, 1) + abs(x)^3", lambda x: (x if x > 0 else mpmath.exp(x) - 1) + abs(x) ** 3),
    ("sqrt(x^2 + x^4)", lambda x: mpmath.sqrt(x**2 + x**4)),
    ("cosh(sqrt(x^2 + 0))", lambda x: mpmath.cosh(abs(x))),
    ("atan(max(x, -2*x))", lambda x: mpmath.atan(max(x, -2 * x))),
    ("acosh(1 + abs(x))^2", lambda x: mpmath.acosh(1 + abs(x)) ** 2),
    ("acos(1 - abs(x))^2", lambda x: mpmath.acos(1 - abs(x)) ** 2),
    ("betainc(2, 3, abs(x))", lambda x: mpmath.betainc(2, 3, 0, abs(x), regularized=True)),
    ("gammainc(2, abs(x))", lambda x: mpmath.gammainc(2, 0, abs(x), regularized=True)),
    ("hill(abs(x), 2, 3) + pow1pm1(abs(x), 1/2)", lambda x: abs(x) ** 3 / (8 + abs(x) ** 3) + mpmath.sqrt(1 + abs(x))),
    ("abs(mod(x, 2) - 1)", lambda x: abs(x - 2 * mpmath.floor(x / 2) - 1)),
    ("mod(x, 1)*(1 - mod(x, 1))*exp(x)", lambda x: (x - mpmath.floor(x)) * (1 - x + mpmath.floor(x)) * mpmath.exp(x)),
    ("floor(x + 1)*x^2 + ceil(x)*x", lambda x: mpmath.floor(x + 1) * x**2 + mpmath.ceil(x) * x),
    ("sign(x)*sin(x) + step(x)*x", lambda x: mpmath.sign(x) * mpmath.sin(x) + (x if x > 0 else 0)),
    ("sqrt(x^2)*sign(x)*exp(x)", lambda x: x * mpmath.exp(x)),
    ("(x + 1/2 - round(x + 1/2))^2", lambda x: (x + 0.5 - (1 if x > 0 else 0)) ** 2),
]  # fmt: skip


def limit(f: Callable[[Any], Any], side: int) -> tuple[float, float]:
    """The first two derivatives beside 0, extrapolated with mpmath at 60 digits."""
    with mpmath.workdps(120):
        h = side * mpmath.mpf(10) ** -30
        return float(mpmath.diff(f, h, 1, h=mpmath.mpf(10) ** -50)), float(
            mpmath.diff(f, h, 2, h=mpmath.mpf(10) ** -45)
        )


@pytest.mark.parametrize(("text", "exact"), LIMITS, ids=[text for text, _ in LIMITS])
def test_one_sided_limits(text: str, exact: Callable[[Any], Any]) -> None:
    left, right = limit(exact, -1), limit(exact, 1)
    mean = [(a + b) / 2 for a, b in zip(left, right)]
    for kink, want in (("mean", mean), ("left", left), ("right", right)):
        f = wg.compile(text, kink=kink)
        for _ in range(3):
            np.testing.assert_allclose(f.grad(0.0)[0], want[0], rtol=1e-12, atol=1e-14, err_msg=kink)
        np.testing.assert_allclose(f.hessian(0.0)[0][0], want[1], rtol=1e-12, atol=1e-14, err_msg=kink)
        np.testing.assert_allclose(f.bind()(0.0)[1], want[0], rtol=1e-12, atol=1e-14, err_msg=kink)
        for n in (*f.grad(0.0).notes, *f.hessian(0.0).notes):
            assert kink == "mean" or "mean" not in n.message
            assert {"left": "right", "right": "left", "mean": "from the"}[kink] not in n.message


SIDES = [
    ("abs(-x)", -1, 1), ("max(x, -x)", -1, 1), ("where(x > 0, x, -x)", -1, 1), ("-min(x, -x)", -1, 1),
    ("relu(-x)", -1, 0), ("abs(x)", -1, 1), ("max(-x, 0)", -1, 0), ("clip(-x, 0, 1)", -1, 0), ("norm([x, 0])", -1, 1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "left", "right"), SIDES, ids=[text for text, _, _ in SIDES])
def test_a_side_is_that_of_the_input(text: str, left: float, right: float) -> None:
    for kink, want in (("left", left), ("right", right)):
        f = wg.compile(text, kink=kink, fuse=False)
        for _ in range(4):
            assert f.grad(0.0)[0] == want
        assert f.jvp([0.0], [1.0]) == want
        assert f.vjp([0.0])[0] == want
        assert f.jacobian(0.0)[0][0] == want
        assert f.bind()(0.0)[1] == want
        assert f.hessian(0.0)[0][0] == 0.0
        if "norm" not in text:
            assert f.grad(np.array([0.0, 1.0]))[0][0] == want


NORMS = ["norm(v)", "sqrt(sum(v^2))", "sqrt(v @ v)", "sqrt(2)*sqrt(mean(v^2))", "sqrt(v[0]^2 + v[1]^2)",
         "(v[0]^2 + v[1]^2)^0.5", "sqrt(2*(v[0]^2 + v[1]^2))/sqrt(2)", "sqrt(v[0]^2 + v[1]^2 + 0)",
         "hypot(v[0], v[1])", "sqrt(sum(v[i]*v[i] for i in 0:2))"]  # fmt: skip


@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize("text", NORMS)
def test_a_norm_however_it_is_spelled(text: str, fuse: bool) -> None:
    v = {"v": np.zeros(2)}
    f = wg.compile(f"input v[2]\n{text}", fuse=fuse)
    for _ in range(3):
        np.testing.assert_array_equal(f.grad(v)[0], [0, 0])
    np.testing.assert_array_equal(f.jacobian(v)[0][0], [0, 0])
    assert np.isnan(f.hessian(v)[0][0]).all()
    assert f.jvp(v, {"v": np.ones(2)}) == 0
    assert any("there is no second derivative" in n.message for n in f.hessian(v).notes)
    squared = wg.compile(f"input v[2]\ncos({text})", fuse=fuse)
    np.testing.assert_allclose(squared.hessian(v)[0][0], -np.eye(2), rtol=1e-14)
    right = wg.compile(f"input v[2]\n{text}", fuse=fuse, kink="right")
    np.testing.assert_allclose(right.grad(v)[0], [1, 1], rtol=1e-15)


def test_a_root_that_vanishes() -> None:
    f = wg.compile("4*sqrt(ei*ej)*((s/r)^12 - (s/r)^6)")
    point = {"ei": 0.0, "ej": 1.0, "s": 1.2, "r": 1.3}
    assert list(f.grad(point)) == [-inf, 0.0, 0.0, 0.0]
    assert list(f.grad({**point, "ej": 0.0})) == [0.0] * 4
    assert wg.compile("sqrt(x) + y").jvp([0.0, 0.0], {"y": 1.0}) == 1.0
    assert wg.compile("sqrt(x) + y").jvp([0.0, 0.0], [0.0, 1.0]) == 1.0


def test_where_nothing_is_known_nothing_changes() -> None:
    # sin(1/x) has no series beside 0.
    found = wg.compile("where(x == 0, 0, x^2*sin(1/x))").hessian(0.0)
    assert found[0][0] == 0.0
    assert all("there is no series" in n.message for n in found.notes)
    assert found.notes
    assert np.isnan(wg.compile("b^x").grad(0.0, 0.0)[1])
    notes = wg.compile("b^x").hessian(0.0, 0.0).notes
    assert any(n.code == "W305" for n in notes)
    # A jump, and a value that is not finite, have no pieces.
    assert wg.compile("where(x == 0, 5, x)").grad(0.0)[0] == 0.0
    assert np.isnan(wg.compile("abs(x)/x").grad(0.0)[0])


# Random programs whose pieces are known: each absolute value, maximum and choice is replaced by one of its formulas.

LINES = ["x", "y", "x + y", "x - 2*y", "z", "y - z", "2*x"]
FACTORS = ["1", "x", "y*z", "exp(x)", "(2 + y)", "cos(z)"]


def a_program(rng: random.Random) -> list[tuple[str, list[str], list[str], str]]:
    """Terms: a kink with its formulas, the text that tells which holds for each, and a factor."""
    terms = []
    for _ in range(rng.choice((1, 2, 2, 3))):
        p, q = rng.sample(LINES, 2)
        kind = rng.choice(["abs", "max", "relu", "where", "square"])
        a, b = f"({p})", f"({q})"
        made = {
            "abs": (f"abs({a})", [a, f"-{a}"], [f"{a} > 0", f"{a} < 0"]),
            "square": (f"relu({a})^2", [f"{a}^2", "0"], [f"{a} > 0", f"{a} < 0"]),
            "relu": (f"relu({a})", [a, "0"], [f"{a} > 0", f"{a} < 0"]),
            "max": (f"max({a}, {b})", [a, b], [f"{a} > {b}", f"{a} < {b}"]),
            "where": (f"where({a} > {b}, {a}*{b}, {b}^2)", [f"{a}*{b}", f"{b}^2"], [f"{a} > {b}", f"{a} < {b}"]),
        }[kind]
        terms.append((*made, rng.choice(FACTORS)))
    return terms


def the_pieces(terms: Any, point: dict[str, float], rng: random.Random) -> set[str]:
    """The texts of the pieces that meet at a point."""
    found = set()
    for _ in range(300):
        near = {n: v + 1e-7 * rng.uniform(-1, 1) for n, v in point.items()}
        parts = []
        for _, formulas, tests, factor in terms:
            holds = [formula for formula, test in zip(formulas, tests) if eval(test, {}, near)]
            parts.append(f"({holds[0]})*{factor}")
        found.add(" + ".join(parts))
    return found


@pytest.mark.parametrize("seed", range(16))
def test_random_pieces(seed: int) -> None:
    rng = random.Random(seed)
    terms = a_program(rng)
    f = wg.compile("input x, y, z\n" + " + ".join(f"{kink}*{factor}" for kink, _, _, factor in terms))
    point = {n: float(rng.choice((0, 0, 1))) for n in "xyz"}
    pieces = [wg.compile(f"input x, y, z\n{piece}") for piece in sorted(the_pieces(terms, point, rng))]
    want = np.mean([dense(p, point) for p in pieces], axis=0)
    np.testing.assert_allclose(dense(f, point), want, rtol=1e-11, atol=1e-13)
    tape = forward_sweep(f.running_list, point, Numbers())
    rays = Rays(f.running_list, tape, [(n, None) for n in "xyz"])
    got = [rays.first(0, i).value for i in range(3)]
    np.testing.assert_allclose(got, np.mean([list(p.grad(point)) for p in pieces], axis=0), rtol=1e-11, atol=1e-13)


def test_separable_sums_of_any_length() -> None:
    """Each pair of inputs meets in all ways, however many kinks there are."""
    x = np.array([0.0, 1.0, 0.0, -2.0, 0.0, 0.0, 3.0])
    f = wg.compile("input x[7]\nsum(where(x > 0, x^2, -3*x^2)) + sum(abs(x)*roll(x, 1))")
    found = f.hessian(x=x)[0][0]
    sign = np.sign(x)
    want = np.diag([-2.0 if v == 0 else 2.0 if v > 0 else -6.0 for v in x])
    for i in range(7):
        want[i, i - 1] += sign[i]
        want[i - 1, i] += sign[i]
    np.testing.assert_allclose(found, want, atol=1e-14)


@pytest.mark.parametrize("kernel", ["auto", "python", "interpreter", "native", "bytecode"])
def test_every_kernel(kernel: str) -> None:
    for text in ("where(x == 0, 0, x) + sqrt(x^2 + y^2 + 0)", "abs(x)*abs(x) + max(x, y)*min(x, y)"):
        try:
            f = wg.compile(text, kernel=kernel)
            values = [(list(f.grad(0.0, 0.0)), [list(r) for r in f.hessian(0.0, 0.0)]) for _ in range(14)]
        except wg.WengertError as problem:
            pytest.skip(str(problem))
        plain = wg.compile(text)
        first = list(plain.grad(0.0, 0.0)), [list(r) for r in plain.hessian(0.0, 0.0)]
        for gradient, matrix in values:
            np.testing.assert_array_equal(gradient, first[0])
            np.testing.assert_array_equal(matrix, first[1])


def test_check_agrees() -> None:
    for text in ("where(x == 0, 0, x)", "where(x == 0, 1, sin(x)/x)", "sqrt(x^2 + y^2 + 0)", "abs(-x)"):
        for kink, point in itertools.product(("mean", "left", "right"), (0.0,)):
            f = wg.compile(text, kink=kink)
            for one in f.check(dict.fromkeys(f.inputs, point)):
                assert one.ok is not False, (text, kink, one)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_a_row_beside_a_kink_takes_few_germs(row: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever the point, be it an edge of the row or another one beside the kink of a factor."""
    counted, applied = [0], Germs._applied

    def count(by: Germs, *args: Any) -> Any:
        counted[0] += 1
        return applied(by, *args)

    monkeypatch.setattr(Germs, "_applied", count)
    n = len(row.params.split()) + ("*" in row.params)
    names = tuple(f"x{i}" for i in range(n))
    f = wg.compile(wg.WengertList([("y", row.name, names), ("s", "abs", ("z",)), ("f", "mul", ("y", "s"))],
                                  (*names, "z")), fuse=False, kernel="interpreter")  # fmt: skip
    for point in places(row, n)[:: 2 if n == 1 else 11]:
        counted[0] = 0
        f.hessian(dict(zip(f.inputs, (*point, 0.0))))
        assert counted[0] <= 1000 * (n + 1) ** 2, point


@pytest.mark.parametrize("n", [3, 4, 5, 8, 12, *((20,) if FULL else ())])
@pytest.mark.parametrize("text", ["max(x)^2", "sum(sort(x)*x)", "sum(abs(x))^2", "norm(x)^2", "sum(relu(x)^2)"])
def test_elements_that_are_alike_have_derivatives_that_are_alike(text: str, n: int) -> None:
    """Pieces that are not all met would favour some elements: their mean is not taken."""
    found = np.array(next(iter(wg.compile(f"input x[{n}]; {text}").hessian(x=np.zeros(n))))["x"])
    off = found[~np.eye(n, dtype=bool)]
    np.testing.assert_allclose(np.diag(found), found[0, 0], rtol=1e-12)
    np.testing.assert_allclose(off, off[0], rtol=1e-12, atol=1e-15)


def test_an_infinity_of_the_rules_is_right_where_no_pieces_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a column with zeros below a root is not worked out point by point."""
    asked, found_places = [], at_kinks.places_of

    def everywhere(f: Any, setting: Any, point: Any, names: Any, kind: Any) -> Any:
        return found_places(f, setting, point, names, Places.ALL if kind is Places.MEETS else kind)

    def as_rules(wlist: wg.WengertList, point: dict[str, float]) -> None:
        found = list(wg.compile(wlist).grad(point))
        with monkeypatch.context() as patch:
            patch.setattr(at_kinks, "places_of", everywhere)
            want = list(wg.compile(wlist).grad(point))
        asked.append(any(abs(v) == inf for v in found))
        np.testing.assert_array_equal(found, want)

    @given(programs(most=6, rows=[r for r in FREE if r.kinks], constants=False))
    def law(program: Any) -> None:
        as_rules(*program)

    law()
    for text in (
        "sqrt(x) + y",
        "sqrt(x + x*y)*exp(y)",
        "x^0.5 - y",
        "cbrt(x)*cos(y)",
        "asin(1 - x) + y",
        "acosh(1 + x)*2",
        "sqrt(max(x, 0)) + y",
        "sqrt(abs(x))",
        "min(sqrt(x), x)",
        "max(sqrt(x), x)",
        "sqrt(x) - abs(y)",
    ):
        wlist = wg.compile(text).running_list
        as_rules(wlist, dict.fromkeys(wlist.inputs, 0.0))
    assert sum(asked) >= 5


def test_a_branch_that_is_not_taken_is_not_blamed() -> None:
    """At a tie its derivative may count, and its value does not."""
    for text in ("where(x > 0, exp(-1/x), 0)", "exp(-1/x) if x > 0 else 0", "where(x < 0, 1/x, x)"):
        f = wg.compile(text)
        assert f.blame({"x": 0.0}) is None
        for notes in (f.grad(0.0).notes, f.hessian(0.0).notes):
            assert {n.severity for n in notes} <= {"note"}, notes


@pytest.mark.parametrize("row", [r for r in ELEMENTWISE if r.kinks and len(r.params.split()) == 1 and r.name.isalnum()],
                         ids=lambda row: row.name)  # fmt: skip
def test_notes_on_second_derivatives_speak_of_the_text(row: Any) -> None:
    """Each place of the text has one note, with the values of names that the user wrote."""
    f = wg.compile(f"{row.name}(x)")
    for (x,) in places(row, 1):
        notes = f.hessian(x).notes
        assert not any(re.search(r"\bv\d", n.message) for n in notes), notes
        assert len({n.span for n in notes}) == len(notes), notes


def test_a_turn_of_a_loop_is_no_derivative_of_another() -> None:
    for text in ("s = x\nfor k in 0:3 { s = 1/(s - 1) }\ns", "s = x\nfor k in 0:3 { s = sqrt(s - 1) + 0*k }\ns"):
        f = wg.compile(text)
        notes = [f.blame({"x": 2.0}), *f.grad(2.0).notes]
        assert len(notes) > 1
        assert not any("the derivative of" in n.message for n in notes if n is not None), notes


def test_a_derivative_in_the_text_goes_by_its_text() -> None:
    for text in ("d(d(asin(x), x), x)", "d(1/x, x) + x", "d(sqrt(x), x)"):
        for notes in (wg.compile(text).grad(x).notes for x in (0.0, 1.0)):
            assert not any(re.search(r"\bv\d|derivative of the", n.message) for n in notes), notes


@pytest.mark.parametrize("n", [5, 12])
@pytest.mark.parametrize("text", ["max(x)^2", "exp(max(x))", "min(x)^3"])
def test_a_maximum_of_many_equal_elements(text: str, n: int) -> None:
    """The mean over its pieces, one for each element."""
    f = wg.compile(f"input x[{n}]\n{text}")
    x = np.ones(n)
    slope = {"max(x)^2": 2.0, "exp(max(x))": np.e, "min(x)^3": 6.0}[text]
    np.testing.assert_allclose(f.hessian(x=x)["x", "x"], np.eye(n) * slope / n, atol=1e-14)
