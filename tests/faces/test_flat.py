"""Functions of one flat vector in SciPy's solvers: published optima, certified parameters, analytic solutions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import NonlinearConstraint, least_squares, minimize, root
from scipy.sparse.linalg import LinearOperator

import wengert as wg

NIST = json.loads((Path(__file__).parents[1] / "corpora" / "nist_strd.json").read_text(encoding="utf-8"))

ROSENBROCK = "input x = -1.2, y = 1\n(1 - x)^2 + 100*(y - x^2)^2"
CHAIN = "input x[n] = [-1.2, 1, -1.2, 1, -1.2]\nsum(100*(x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)"
WORDS = "input x[n], a, B[2,n] = [[1, 2, 3], [4, 5, 6]]\noutput B @ x^3 - a, sum(x^2)*a, 7"


@pytest.mark.parametrize("text", [ROSENBROCK, CHAIN], ids=["numbers", "an array"])
@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-krylov", "trust-exact", "L-BFGS-B", "BFGS"])
def test_rosenbrock(method: str, text: str) -> None:
    """Rosenbrock 1960: the minimum is at (1, 1), and of the chained one at (1, …, 1)."""
    flat = wg.compile(text).flat()
    second: dict[str, Any] = {"hessp": flat.hessp} if method[:5] in ("Newto", "trust") else {}
    if method == "trust-exact":
        second = {"hess": flat.hess}
    found = minimize(flat.value_and_grad, flat.x0, jac=True, method=method, **second)
    assert found.x == pytest.approx(np.ones(flat.size), abs=2e-3)
    assert flat.grad(found.x) == pytest.approx(0, abs=1e-3)
    apart = minimize(flat.fun, flat.x0, jac=flat.grad, method=method, **second)
    assert np.array_equal(apart.x, found.x)


def test_newton_cg_with_a_hessian_takes_the_steps_of_the_products() -> None:
    flat = wg.compile(CHAIN).flat()
    options = {"jac": True, "method": "Newton-CG", "options": {"xtol": 1e-10}}
    formed = minimize(flat.value_and_grad, flat.x0, hess=flat.hess, **options)
    products = minimize(flat.value_and_grad, flat.x0, hessp=flat.hessp, **options)
    assert formed.nit == products.nit
    assert formed.x == pytest.approx(products.x, rel=1e-9)


# W. Hock, K. Schittkowski, "Test Examples for Nonlinear Programming Codes", Springer 1981, problem 71.
HS71 = "input x1 = 1, x2 = 5, x3 = 5, x4 = 1\nx1*x4*(x1 + x2 + x3) + x3"
HS71_AT = "input x1, x2, x3, x4\noutput x1*x2*x3*x4, x1^2 + x2^2 + x3^2 + x4^2"
HS71_BEST, HS71_LEAST = (1.0, 4.7429994, 3.8211503, 1.3794082), 17.0140173


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_a_problem_with_constraints(method: str) -> None:
    goal = wg.compile(HS71).flat()
    at = wg.compile(HS71_AT).flat(dict(zip(goal.names, goal.x0)), wrt=goal.names)
    second = {} if method == "SLSQP" else {"hess": goal.hess}
    if method == "SLSQP":
        limits: Any = [
            {"type": "ineq", "fun": lambda x: at.fun(x)[0] - 25, "jac": lambda x: at.jac(x)[0]},
            {"type": "eq", "fun": lambda x: at.fun(x)[1] - 40, "jac": lambda x: at.jac(x)[1]},
        ]
    else:
        limits = NonlinearConstraint(at.fun, [25, 40], [np.inf, 40], jac=at.jac, hess=at.hess)
    found = minimize(
        goal.value_and_grad, goal.x0, jac=True, method=method, bounds=[(1, 5)] * 4, constraints=limits,
        tol=1e-9, **second,
    )  # fmt: skip
    assert found.x == pytest.approx(HS71_BEST, rel=2e-5)
    assert found.fun == pytest.approx(HS71_LEAST, rel=1e-6)


def test_a_constraint_that_is_one_number() -> None:
    """The nearest point of the unit circle to (2, 1)."""
    goal = wg.compile("(x - 2)^2 + (y - 1)^2").flat(x=1, y=0, wrt=("x", "y"))
    circle = wg.compile("x^2 + y^2").flat(x=1, y=0, wrt=("x", "y"))
    limit = NonlinearConstraint(circle.fun, 1, 1, jac=circle.jac, hess=circle.hess)
    found = minimize(goal.fun, goal.x0, jac=goal.grad, hess=goal.hess, method="trust-constr", constraints=limit)
    assert found.x == pytest.approx(np.array([2, 1]) / 5**0.5, rel=1e-6)


# `tests/faces/test_fit.py` has them all; MINPACK alone does not solve each of them to so many digits.
FEW = [n for n, p in sorted(NIST.items()) if len(p["y"]) < 40 and n not in ("Lanczos1", "Lanczos2")]


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", FEW)
def test_certified_parameters(name: str, start: int) -> None:
    """The NIST problems from both of their starts: parameters and their standard deviations to six digits."""
    p = NIST[name]
    text = f"input {', '.join(p['params'])}, x[n], y[n]\ny - ({p['model']})"
    flat = wg.compile(text).flat(dict(zip(p["params"], p["start"][start])), wrt=p["params"], x=p["x"], y=p["y"])
    options = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 5000}
    found = least_squares(flat.fun, flat.x0, jac=flat.jac, method="lm", x_scale=np.abs(flat.x0), **options)
    assert found.x == pytest.approx(np.array(p["certified"], float), rel=1e-6)
    jac = flat.jac(found.x)
    assert jac.shape == (len(p["y"]), flat.size)
    rest = len(p["y"]) - flat.size
    deviations = np.sqrt(np.diag(np.linalg.inv(jac.T @ jac)) * (found.fun @ found.fun) / rest)
    assert deviations == pytest.approx(np.array(p["certified_sd"], float), rel=1e-6)


def test_root() -> None:
    """J. J. Moré, B. S. Garbow, K. E. Hillstrom 1981, problem 3, Powell's badly scaled function."""
    flat = wg.compile("input x = 0, y = 1\noutput 1e4*x*y - 1, exp(-x) + exp(-y) - 1.0001").flat()
    found = root(flat.fun, flat.x0, jac=flat.jac, method="hybr", options={"xtol": 1e-14})
    assert found.x == pytest.approx((1.098159e-5, 9.106146), rel=1e-6)


@pytest.mark.parametrize("method", ["BDF", "Radau", "LSODA"])
def test_a_stiff_equation(method: str) -> None:
    """Robertson's problem (E. Hairer, G. Wanner, "Solving Ordinary Differential Equations II", section IV.1); LSODE's
    documentation (A. C. Hindmarsh 1983) prints 7.158e-1, 9.185e-6 and 2.842e-1 at t = 40."""
    flat = wg.compile(
        "input y1 = 1, y2 = 0, y3 = 0, k1 = 0.04, k2 = 3e7, k3 = 1e4\n"
        "slow = k1*y1\nfast = k2*y2^2\nback = k3*y2*y3\n"
        "output back - slow, slow - back - fast, fast"
    ).flat(wrt=("y1", "y2", "y3"), time="t")
    found = solve_ivp(flat.fun, (0, 40), flat.x0, method=method, jac=flat.jac, rtol=1e-9, atol=1e-13)
    assert found.y[:, -1] == pytest.approx((0.7158, 9.185e-6, 0.2842), rel=2e-4)
    assert found.y.sum(axis=0) == pytest.approx(np.ones(found.t.size), rel=1e-9)
    blind = solve_ivp(flat.fun, (0, 40), flat.x0, method=method, rtol=1e-9, atol=1e-13)
    assert found.y[:, -1] == pytest.approx(blind.y[:, -1], rel=1e-6)
    assert found.njev > 0
    assert found.nfev < 5000  # an explicit method takes hundreds of thousands


def test_an_equation_with_time() -> None:
    """y' = -50 (y - cos t) and its exact solution; t comes first in every call, and does not move."""
    flat = wg.compile("-rate*(y - cos(t))").flat(y=0, rate=50, wrt="y", time="t")
    found = solve_ivp(flat.fun, (0, 1.5), flat.x0, method="BDF", jac=flat.jac, rtol=1e-10, atol=1e-12)
    t = found.t[-1]
    exact = 50 / 2501 * (50 * np.cos(t) + np.sin(t) - 50 * np.exp(-50 * t))
    assert found.y[0, -1] == pytest.approx(exact, rel=1e-7)
    assert flat.jac(0.5, [2.0]).tolist() == [[-50.0]]


COLUMNS = {
    "one state": ("input t = 0, y = 1\n-2*y + t", "t", ["y"]),
    "two states": ("input t = 0, a = 1, b = 0\noutput b, -a*t", "t", ["a", "b"]),
    "a constant rate": ("input a = 1, b = 0\noutput 1, a", "t", ["a", "b"]),
    "an array": ("input x[2] = [1, 2], k = 3\nk*x", "t", ["x"]),
    "a matrix beside it": ("input x[2] = [1, 2], A[2,2] = [[1, 2], [3, 4]]\nA @ x", "t", ["x"]),
    "a number of several": ("input x = 1, y = 2\nx^2 + sin(y)", None, ["x", "y"]),
    "a number of an array": ("input x[3] = [1, 2, 3]\nsum(x^2)", None, ["x"]),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_columns_are_vectors_side_by_side(case: str) -> None:
    text, time, names = COLUMNS[case]
    flat = wg.compile(text).flat(wrt=names, time=time)
    before = () if time is None else (0.5,)
    for k in (1, 4):
        columns = np.random.default_rng(k).normal(size=(flat.x0.size, k))
        each = [flat.fun(*before, column) for column in columns.T]
        want = np.stack([np.atleast_1d(v) for v in each], axis=-1)
        assert np.array_equal(flat.fun(*before, columns), want if time is not None else want[0])
    with pytest.raises(wg.UsageError, match="columns of"):
        flat.fun(*before, np.ones((flat.x0.size + 1, 2)))


@pytest.mark.parametrize("case", ["one state", "two states", "an array"])
@pytest.mark.parametrize("method", ["Radau", "RK45"])
def test_scipy_takes_columns(case: str, method: str) -> None:
    text, time, names = COLUMNS[case]
    flat = wg.compile(text).flat(wrt=names, time=time)
    one, many = (solve_ivp(flat.fun, (0, 1), flat.x0, method=method, vectorized=v) for v in (False, True))
    assert one.success
    assert many.y[:, -1] == pytest.approx(one.y[:, -1], rel=1e-6)


# Laws


vectors = st.lists(st.floats(-3, 3), min_size=4, max_size=4).map(np.array)
SCALAR = "input x[n], a\nsum(sin(x)*a + x^2) + a^3*x[0]"


@given(x=vectors, p=vectors)
def test_the_products_are_of_the_hessian(x: Any, p: Any) -> None:
    flat = wg.compile(SCALAR).flat(x=[0, 0, 0], a=0, wrt=("x", "a"))
    assert flat.hessp(x, p) == pytest.approx(flat.hess(x) @ p, rel=1e-12, abs=1e-12)
    assert np.array_equal(flat.hess(x), flat.hess(x).T)
    assert flat.pack(flat.unpack(x)) == pytest.approx(x, abs=0)


@given(x=vectors, v=vectors, p=vectors)
def test_weighted_hessians_are_differences_of_the_jacobian(x: Any, v: Any, p: Any) -> None:
    flat = wg.compile(WORDS).flat(x=[0, 0, 0], a=0, wrt=("x", "a"))
    h = 1e-5
    change = (v @ flat.jac(x + h * p) - v @ flat.jac(x - h * p)) / (2 * h)
    assert flat.hess(x, v) @ p == pytest.approx(change, rel=1e-6, abs=1e-6)
    assert flat.hessp(x, v, p) == pytest.approx(flat.hess(x, v) @ p, rel=1e-12, abs=1e-12)
    assert flat.fun(x).shape == (4,)
    assert flat.jac(x).shape == (4, 4)


def test_the_vector_follows_the_order_of_wrt() -> None:
    f = wg.compile("input x[2,2] = [[1, 2], [3, 4]], a = 5\nsum(x)*a")
    assert f.flat(wrt=("a", "x")).x0.tolist() == [5, 1, 2, 3, 4]
    assert f.flat().x0.tolist() == [1, 2, 3, 4, 5]
    assert f.flat(x=[[9, 9], [9, 9]]).x0.tolist() == [5]
    flat = f.flat(wrt="x")
    assert flat.pack({"x": [[0, 1], [2, 3]]}).tolist() == [0, 1, 2, 3]
    assert flat.unpack([0, 1, 2, 3])["x"].tolist() == [[0, 1], [2, 3]]
    assert flat.grad(flat.x0).tolist() == [5] * 4


def test_a_vector_is_never_changed_and_never_kept() -> None:
    flat = wg.compile("sum(x)").flat(x=[1, 2, 3], wrt="x")
    x = flat.x0
    point = flat.unpack(x)
    point["x"][0] = 99
    assert x.tolist() == flat.x0.tolist() == [1, 2, 3]


def test_scipys_linear_operator_takes_the_products() -> None:
    flat = wg.compile("(x*y - 1)^2 + x^2").flat(x=1, y=2, wrt=("x", "y"))
    operator = LinearOperator((2, 2), matvec=lambda p: flat.hessp(flat.x0, p), dtype=float)
    assert operator @ np.eye(2) == pytest.approx(flat.hess(flat.x0))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda f: f.flat(wrt="z", x=1, y=2), "no input is called `z`"),
        (lambda f: f.flat(x=1, y=2), "no input is left"),
        (lambda f: f.flat(x=1).x0, "no value for `y`"),
        (lambda f: f.flat(x=1, y=2, wrt="y", time="y"), "is the time"),
        (lambda f: f.flat(x=[1, 2], y=2, wrt="x"), "of one point"),
        (lambda f: f.flat(x=1, y=2, wrt="x").fun([1, 2]), "a vector of 1 numbers"),
        (lambda f: f.flat(x=1, y=2, wrt="x").fun(), "arguments came"),
        (lambda f: f.flat(x=1, y=2, wrt="x", time="t").fun([1]), "arguments came"),
        (lambda f: f.flat(x=1, y=2, wrt="x").hess([1], [1, 2]), "2 weights for 1"),
        (lambda f: f.flat(x=1, y=2, wrt="x").pack({"q": 1}), "q"),
        (lambda f: f.flat(x=1, y=2, q=3, wrt="x"), "no input is called `q`"),
        (lambda f: f.flat(x=1, y=2, wrt="x").fun("abc"), "must hold numbers"),
        (lambda f: f.flat(x=1, y=2, wrt="x").hess([1], ["q"]), "must hold numbers"),
        (lambda f: f.flat(x=1, y=2, wrt=3), "names of wrt"),
        (lambda f: f.flat(5), "given by name"),
        (lambda f: f.plan(1, 2, order=3), "1 or 2 here, not 3"),
    ],
)
def test_what_is_asked_wrongly(make: Any, says: str) -> None:
    with pytest.raises(wg.WengertError, match=says):
        make(wg.compile("x^2*y"))
