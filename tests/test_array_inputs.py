"""Which inputs of a program are arrays, and what is a batch."""

import numpy as np
import pytest

import wengert as wg
from wengert.shapes import opened

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
    assert opened(wg.parse(text).wlist) == set(arrays.split())


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
