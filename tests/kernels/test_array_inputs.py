"""Which inputs of a program are arrays, and what is a batch."""

import numpy as np
import pytest

import wengert as wg
from tests.oracles.array_programs import value_of
from wengert.lists.shapes import undeclared_arrays
from wengert.transforms.derivatives import gradient

V = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("text", "arrays"),
    [
        ("sum(x)", "x"),
        ("sum(sqrt(x))", "x"),
        ("f = x*y\nsum(f)", "x y"),
        ("sum((x - m)^2)", "x m"),
        ("a*sum(x)", "x"),
        ("x[0] + a", "x"),
        ("A @ x + b", "A x"),
        ("[x, y]", ""),
        ("sum([x*y, x])", ""),
        ("(2*x1 + x2)^2", ""),
        ("f = sum(x^2)\nd(f, x)", "x"),
        ("f = sum(x^2)\njvp(f, x, v)", "x v"),
        ("input x[n], m\nsum((x - m)^2)", ""),
        ("input x[n], a\na*sum(x)", ""),
        ("input x[n], y\nsum(x) + sum(y)", "y"),
        ("input x[n], y, z\nsum(x)*z + sum(exp(y))", "y"),
        ("input A[m,n], x, b\nsum((A @ x + b)^2)", "x b"),
        ("input x[n], unused\nsum(x)", ""),
        ("input A[n,n], v[n], u\nf = v @ A @ v\nhvp(f, v, u)", "u"),
    ],
)
def test_an_input_without_a_shape_is_an_array_where_it_is_used_as_one(text, arrays):
    assert undeclared_arrays(wg.parse(text).wlist) == set(arrays.split())


def test_a_number_in_a_program_over_arrays_is_batched():
    """Of a batch of a number every order of derivative has the batch's axis first."""
    for text in ("a*sum(x)", "input x[n], a\nsum((x - a)^3)"):
        f = wg.compile(text)
        batch = np.array([1.0, -2.0])
        values, slopes = f.value_and_grad(x=V, a=batch)
        hessian = f.hessian(x=V, a=batch)
        product = f.hvp({"x": V, "a": batch}, {"x": V, "a": 1.0})
        for k, a in enumerate(batch):
            one, one_slopes = f.value_and_grad(x=V, a=a)
            assert values[k] == one
            second = f.hessian(x=V, a=a)
            for n in ("x", "a"):
                np.testing.assert_allclose(slopes[n][k], one_slopes[n])
                np.testing.assert_allclose(product[n][k], f.hvp({"x": V, "a": a}, {"x": V, "a": 1.0})[n])
                for m in ("x", "a"):
                    np.testing.assert_allclose(hessian[n, m][k], second[n, m])


def test_elements_that_are_written_out_are_batched():
    f = wg.compile("[x*y, x + y, 1]")
    got = f(x=V, y=2.0)
    assert got.shape == (3, 3)
    assert [list(row) for row in got] == [list(f(x=x, y=2.0)) for x in V]


A = np.array([[1.0, 2.0, 0.5], [3.0, -1.0, 2.0]])
B = np.array([1.0, -2.0])


@pytest.mark.parametrize(
    ("text", "point", "want"),
    [
        ("A @ x + b", {"A": A, "x": V, "b": B}, A @ V + B),
        ("A @ x + 2*b*c", {"A": A, "x": V, "b": B, "c": 3.0}, A @ V + 6 * B),
        ("w @ x + b", {"w": V, "x": V, "b": B}, V @ V + B),
        ("x*[1, 2, 3]", {"x": V}, V * [1, 2, 3]),
        ("u = x*y\nu + [1, 2, 3]", {"x": V, "y": 2.0}, 2 * V + [1, 2, 3]),
        ("c*[x, y]", {"x": V, "y": 2 * V, "c": V}, np.stack([V * V, 2 * V * V], 1)),
        ("c*sum([x, y])", {"x": V, "y": V, "c": V}, 2 * V * V),
        ("x[0]*a", {"x": A, "a": V}, A[0] * V),
        ("sum(x[0]*x) + 0*unused", {"x": V, "unused": 1.0}, np.sum(V)),
        ("sum(x)", {"x": V, "more": V}, 6.0),
    ],
)
def test_what_keeps_company_with_an_array_is_one(text, point, want):
    """In a program that declares no shapes, by the shapes of the values; numbers keep company with a batch."""
    f = wg.compile(f"input {', '.join(point)}\n{text}")
    got = f(point)
    assert np.shape(got) == np.shape(want)
    np.testing.assert_allclose(got, want)
    moved = f.jvp(point, {n: np.ones_like(v) for n, v in point.items()})
    assert np.shape(moved) == np.shape(want)
    for n, block in f.jacobian(point)[0].items():
        assert np.shape(block)[: np.ndim(want)] == np.shape(want)
        total = f.vjp(point, np.ones_like(want))[n]
        assert np.shape(total)[np.ndim(total) - np.ndim(point[n]) :] == np.shape(point[n])


def test_a_layer_has_the_derivatives_of_one():
    f = wg.compile("sum(tanh(A @ x + b)^2)")
    slopes = f.grad(A, V, B)
    assert [np.shape(g) for g in slopes] == [A.shape, V.shape, B.shape]
    t = np.tanh(A @ V + B)
    np.testing.assert_allclose(slopes["b"], 2 * t * (1 - t**2))
    np.testing.assert_allclose(slopes["A"], np.outer(slopes["b"], V))
    assert f.hessian(A, V, B)["b", "A"].shape == (2, 2, 3)
    for got, want in zip(value_of(gradient(f.running_list), {"A": A, "x": V, "b": B}), slopes):
        np.testing.assert_allclose(got, want)
