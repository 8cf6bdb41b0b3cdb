"""What was not taken contributes nothing, element by element, at every order: whatever the derivative there is."""

from __future__ import annotations

import numpy as np
import pytest

import wengert as wg
from tests.oracles.array_programs import value_of
from wengert.transforms.derivatives import gradient, hvp, hvp_reverse, pushforward

X = np.array([4.0, 0.0, 9.0])
Y = np.array([4.0, 0.0, -1.0])
A = np.array([[4.0, 9.0], [0.0, 1.0]])

# A program, a point, and the derivatives that are not 0: of the elements that were taken.
CASES = [
    ("sum(where(x > 0, sqrt(x), 0))", {"x": Y}, {"x": [0.25, 0, 0]}),
    ("s = where(x > 0, sqrt(x), 0)\nsum(s*s*s*x)", {"x": Y}, {"x": [20, 0, 0]}),
    ("sum(relu(x)^0.5)", {"x": np.array([4.0, -1.0])}, {"x": [0.25, 0]}),
    ("sum(sqrt(max(x, 0)))", {"x": np.array([4.0, -1.0])}, {"x": [0.25, 0]}),
    ("sum(log(where(x > 0, x, 0)) * where(x > 0, 1, 0))", {"x": np.array([4.0])}, {"x": [0.25]}),
    ("a = log(x)\nsum(where(x > 0, a*a, 1))", {"x": np.array([1.0, 0.0, -1.0])}, {"x": [0, 0, 0]}),
    ("sum(where(x > 1, 1/(x - 1), x))", {"x": np.array([1.0, 3.0])}, {"x": [1, -0.25]}),
    ("max(sqrt(x))", {"x": X[:2]}, {"x": [0.25, 0]}),
    ("sqrt(x)[0]", {"x": X}, {"x": [0.25, 0, 0]}),
    ("sum(sqrt(x)[2:])", {"x": X}, {"x": [0, 0, 1 / 6]}),
    ("sum(sqrt(x)[[0, 2]])", {"x": X}, {"x": [0.25, 0, 1 / 6]}),
    ("y = sqrt(x)\nz = concatenate(y, y)\nsum(z[0:1]) + z[3]", {"x": X}, {"x": [0.5, 0, 0]}),
    ("y = sqrt(x)\nsum(where(concatenate(x, x) > 0, concatenate(y, 2*y), 0))", {"x": X}, {"x": [0.75, 0, 0.5]}),
    ("B = reshape(sqrt(x), [3, 1])\nsum(where(reshape(x, [3, 1]) > 0, B, 0))", {"x": X}, {"x": [0.25, 0, 1 / 6]}),
    ("r = sum(sqrt(A), axis=1)\nr[0]", {"A": A}, {"A": [[0.25, 1 / 6], [0, 0]]}),
    ("r = sum(sqrt(A), axis=1)\nmax(r)", {"A": A}, {"A": [[0.25, 1 / 6], [0, 0]]}),
    ("sum(where(A > 0.5, sqrt(A), 0).T)", {"A": A}, {"A": [[0.25, 1 / 6], [0, 0.5]]}),
    ("sum(where([[1, 0, 1], [1, 0, 0]] > 0.5, sqrt(x), 0))", {"x": X}, {"x": [0.5, 0, 1 / 6]}),
    ("sum(where(x > 0, log(a), x))", {"x": np.array([-1.0, -2.0]), "a": 0.0}, {"x": [1, 1], "a": 0}),
    ("sum(where(x < 0, x, sqrt(a)*x))", {"x": np.array([-1.0, -2.0]), "a": 0.0}, {"x": [1, 1], "a": 0}),
    ("n = sqrt(sum(x^2))\nwhere(n > 0, n, 0)", {"x": np.zeros(2)}, {"x": [0, 0]}),
    ("n = sqrt(x @ x)\nwhere(n > 0, n, 0)", {"x": np.zeros(2)}, {"x": [0, 0]}),
    ("n = sqrt(sum(A^2, axis=1))\nsum(where(n > 0, n, 0))", {"A": np.array([[0.0, 0], [3, 4]])},
     {"A": [[0, 0], [0.6, 0.8]]}),
]  # fmt: skip
every_case = pytest.mark.parametrize(("text", "point", "want"), CASES, ids=[text for text, _, _ in CASES])


def zeroed(wanted):
    return {n: np.equal(v, 0.0) for n, v in wanted.items()}


@every_case
def test_the_gradient_is_that_of_what_was_taken(text, point, want):
    f = wg.compile(text, fuse=False)
    found = [
        f.grad(point), f.value_and_grad(point, mode="forward")[1], f.jacobian(point, mode="reverse")[0],
        f.jacobian(point, mode="forward")[0], value_of(gradient(f.running_list), point),
    ]  # fmt: skip
    for slopes in found:
        for slope, exact in zip(slopes, want.values()):
            np.testing.assert_allclose(slope, exact, rtol=1e-14)


@every_case
def test_a_tangent_passes_where_an_adjoint_does(text, point, want):
    """By sweep and by list, along a direction in which everything moves."""
    f = wg.compile(text, fuse=False)
    along = {n: np.ones(np.shape(v)) if np.ndim(v) else 1.0 for n, v in point.items()}
    exact = sum(float(np.sum(v)) for v in want.values())
    assert f.jvp(point, along) == pytest.approx(exact, rel=1e-14)
    pushed = pushforward(f.running_list)
    directions = dict(zip(pushed.inputs[len(point) :], along.values()))
    assert value_of(pushed, {**point, **directions})[0] == pytest.approx(exact, rel=1e-14)


@every_case
def test_second_derivatives_are_those_of_what_was_taken(text, point, want):
    f = wg.compile(text, fuse=False)
    along = {n: np.ones(np.shape(v)) if np.ndim(v) else 1.0 for n, v in point.items()}
    hessian, ahead = f.hessian(point, mode="reverse"), f.hessian(point, mode="forward")
    lists = [hvp(f.running_list), hvp_reverse(f.running_list)]
    products = [f.hvp(point, along)]
    products += [value_of(w, {**point, **dict(zip(w.inputs[len(point) :], along.values()))}) for w in lists]
    for k, a in enumerate(point):
        total = 0.0
        for b in point:
            assert np.isfinite(hessian[a, b]).all()
            np.testing.assert_allclose(ahead[a, b], hessian[a, b], atol=1e-13)
            axes = tuple(range(np.ndim(point[a]), np.ndim(hessian[a, b])))
            total = total + np.sum(hessian[a, b], axis=axes)
        for product in products:
            np.testing.assert_allclose(product[k], total, atol=1e-13)


@pytest.mark.parametrize(
    "text", ["relu(x)^0.5", "where(x > 0, sqrt(x), 0)", "sqrt(max(x, 0))*2", "where(x > 1, x, sqrt(relu(x)))"]
)
def test_a_batch_of_numbers_is_guarded_as_the_numbers_are(text):
    f = wg.compile(text, fuse=False)
    batch = np.array([4.0, -1.0, 0.25])
    for slopes in (f.grad(batch), f.value_and_grad(batch, mode="forward")[1], [f.jvp([batch], [1.0])]):
        assert list(slopes[0]) == [f.grad(x)["x"] for x in batch]
    assert list(f.hvp([batch], [1.0])["x"]) == [f.hvp([x], [1.0])["x"] for x in batch]
    pushed = pushforward(f.running_list)
    assert [value_of(pushed, {"x": x, "x_dot": 1.0})[0] for x in batch] == [f.grad(x)["x"] for x in batch]


def test_what_does_not_move_is_not_multiplied():
    """In forward mode one element moves at a time; an infinite slope at another is not met."""
    f = wg.compile("sum(sqrt(x))", fuse=False)
    back, ahead = f.grad(X)["x"], f.value_and_grad(X, mode="forward")[1]["x"]
    assert list(back) == list(ahead) == [0.25, np.inf, 1 / 6]
    g = wg.compile("input x[n]\nsqrt(x)", fuse=False)
    want = np.diag([0.25, np.inf, 1 / 6])
    want[~np.eye(3, dtype=bool)] = 0.0
    for mode in ("reverse", "forward"):
        assert np.array_equal(g.jacobian(X, mode=mode)[0]["x"], want)
