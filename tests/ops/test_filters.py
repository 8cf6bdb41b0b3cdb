"""Interpolation, polynomials and convolutions: NumPy as the oracle, kinks, one-sided derivatives, messages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert
from wengert.ground.errors import ShapeError

XP, FP = np.array([0.0, 1.0, 3.0, 4.0]), np.array([2.0, -1.0, 5.0, 4.0])


def test_interp_is_numpys():
    x = np.linspace(-1, 5, 61)
    f = wengert.compile("input xp[4], fp[4], x\ninterp(x, xp, fp)")
    np.testing.assert_array_equal(f(x=x, xp=XP, fp=FP), np.interp(x, XP, FP))
    g = wengert.compile("input xp[4], fp[4], x[61]\nsum(interp(x, xp, fp))")
    several = np.stack([FP, 2 * FP])
    np.testing.assert_allclose(g(x=x, xp=XP, fp=several), [g(x=x, xp=XP, fp=fp) for fp in several], rtol=1e-15)
    np.testing.assert_array_equal(f(x=np.array([np.nan, np.inf, -np.inf]), xp=XP, fp=FP), [np.nan, 4.0, 2.0])


def test_interp_at_knots():
    def slope(x, kink="mean"):
        return wengert.compile("input xp[4], fp[4], x[1]\nsum(interp(x, xp, fp))", kink=kink).grad(
            x=np.array([x]), xp=XP, fp=FP
        )

    slopes = {-1.0: 0.0, 0.5: -3.0, 2.0: 3.0, 3.5: -1.0, 9.0: 0.0}
    for x, want in slopes.items():
        assert slope(x)["x"] == [want]
        assert not slope(x).notes
    for x, (left, right) in {0.0: (0, -3), 1.0: (-3, 3), 3.0: (3, -1), 4.0: (-1, 0)}.items():
        assert slope(x)["x"] == [(left + right) / 2]
        assert slope(x, "left")["x"] == [left]
        assert slope(x, "right")["x"] == [right]
        assert "mean of the slopes" in slope(x).notes[0].message
        # A knot that moves right leaves x on its left.
        k = int(np.flatnonzero(x == XP)[0])
        assert slope(x)["xp"][k] == -(left + right) / 2
        for kink, sign in (("left", -1), ("right", 1)):
            moved = XP.copy()
            moved[k] += sign * 1e-7
            want = (np.interp(x, moved, FP) - np.interp(x, XP, FP)) / (sign * 1e-7)
            np.testing.assert_allclose(slope(x, kink)["xp"][k], want, atol=1e-6)
        np.testing.assert_array_equal(slope(x)["fp"], (x == XP).astype(float))
    # Between pieces of one slope there is no kink.
    straight = wengert.compile("x = t\ninterp(x, [0,1,2], [0,1,2])")
    assert not straight.grad(t=1.0).notes


def test_interp_needs_knots_that_rise():
    f = wengert.compile("input xp[3]\ninterp(0.5, xp, [1,2,3])")
    assert np.isnan(f(xp=np.array([0.0, 0.0, 1.0])))
    problem = f.blame({"xp": np.array([0.0, 2.0, 1.0])})
    assert "needs xp[1:] > xp[:-1]" in problem.message
    assert "increase" in problem.help
    with pytest.raises(ShapeError, match="3 is not 2"):
        wengert.compile("interp(x, [1,2,3], [1,2])")(x=1.0)
    with pytest.raises(ShapeError, match="no knot"):
        wengert.compile("interp(x, zeros(0), zeros(0))")(x=1.0)


def test_polynomials_are_numpys():
    c, x = np.array([2.0, -1.0, 0.5, 3.0]), np.linspace(-2, 2, 9).reshape(3, 3)
    f = wengert.compile("input c[4], x[3,3]\npolyval(c, x)")
    np.testing.assert_array_equal(f(c=c, x=x), np.polyval(c, x))
    g = wengert.compile("input c[4], x[3,3]\nsum(polyval(c, x))")
    np.testing.assert_allclose(g.grad(c=c, x=x)["x"], np.polyval(np.polyder(c), x), rtol=1e-15)
    np.testing.assert_allclose(g.grad(c=c, x=x)["c"], [np.sum(x**k) for k in (3, 2, 1, 0)], atol=1e-14)
    fourth = wengert.compile("input x\ny = polyval([2,-1,0.5,3], x)\nd(d(d(d(y, x), x), x), x)")
    assert fourth(x=1.7) == 0.0
    third = wengert.compile("input x\ny = polyval([2,-1,0.5,3], x)\nd(d(d(y, x), x), x)")
    assert third(x=1.7) == 12.0


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_convolutions_are_numpys(n, m, seed):
    rng = np.random.default_rng(seed)
    a, v = rng.normal(size=n), rng.normal(size=m)
    for mode, name in ((2, "full"), (1, "same"), (0, "valid")):
        f = wengert.compile(f"input a[{n}], v[{m}]\nconvolve(a, v, {mode})")
        np.testing.assert_allclose(f(a=a, v=v), np.convolve(a, v, name), rtol=1e-13, atol=1e-14)
        both = f(a=np.stack([a, -a]), v=v)
        np.testing.assert_allclose(both, [np.convolve(a, v, name), -np.convolve(a, v, name)], rtol=1e-13, atol=1e-14)
        w = rng.normal(size=np.shape(f(a=a, v=v)))
        back = f.vjp({"a": a, "v": v}, {f.outputs[0]: w})
        for k in range(n):
            np.testing.assert_allclose(back["a"][k], w @ np.convolve(np.eye(n)[k], v, name), atol=1e-13)
        for k in range(m):
            np.testing.assert_allclose(back["v"][k], w @ np.convolve(a, np.eye(m)[k], name), atol=1e-13)


def image(x, w, stride, padding):
    """By definition: every output element is a sum of products."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    rows, columns = ((x.shape[k] - w.shape[k + 1]) // stride + 1 for k in (1, 2))
    y = np.zeros((w.shape[0], rows, columns))
    for o, p, q in np.ndindex(*y.shape):
        i, j = p * stride, q * stride
        y[o, p, q] = np.sum(x[:, i : i + w.shape[2], j : j + w.shape[3]] * w[o])
    return y


@given(st.integers(1, 2), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_filters_of_images(channels, out, kh, kw, stride, padding):
    rng = np.random.default_rng(kh + 10 * kw)
    x, w = rng.normal(size=(channels, 4, 5)), rng.normal(size=(out, channels, kh, kw))
    text = f"conv2d(x, w, stride={stride}, padding={padding})"
    f = wengert.compile(f"input x[{channels},4,5], w[{out},{channels},{kh},{kw}]\n{text}")
    want = image(x, w, stride, padding)
    np.testing.assert_allclose(f(x=x, w=w), want, atol=1e-13)
    batch = f(x=np.stack([x, 2 * x]), w=np.stack([w, w])[:, None])
    np.testing.assert_allclose(batch[1, 1], 2 * want, atol=1e-13)
    plain = wengert.compile(f"input x[4,5], w[{kh},{kw}]\n{text}")
    np.testing.assert_allclose(plain(x=x[0], w=w[0, 0]), image(x[:1], w[:1, :1], stride, padding)[0], atol=1e-13)
    g = rng.normal(size=want.shape)
    back = f.vjp({"x": x, "w": w}, {f.outputs[0]: g})
    # Bilinear: Euler's relation in either argument.
    np.testing.assert_allclose(np.sum(back["x"] * x), np.sum(g * want), atol=1e-12)
    np.testing.assert_allclose(np.sum(back["w"] * w), np.sum(g * want), atol=1e-12)


def test_messages():
    for text, words in {
        "conv2d(A, v)": "takes a filter",
        "conv2d(A, B)": "does not fit into 2",
        "conv2d(A, A, stride=0)": "from 1 on",
        "conv2d(A, A, padding=[1,2,3])": "or two of them",
        "convolve(v, A)": "is a vector",
        "convolve(v, v, 3)": "the mode is",
        "convolve(v, zeros(0))": "nothing to convolve",
        "polyval(A, 1)": "coefficients are a vector",
    }.items():
        with pytest.raises(ShapeError, match=words):
            wengert.compile(f"input A[2,2], B[3,3], v[2]\n{text}")(A=np.ones((2, 2)), B=np.ones((3, 3)), v=np.ones(2))
