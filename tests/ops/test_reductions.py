"""Reductions: values against NumPy and mpmath, tails, zeros among factors, kinks, nothing, infinities."""

from __future__ import annotations

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert
from wengert.ground.errors import ShapeError
from wengert.ops import OPS

NUMPY = {
    "sum": np.sum, "prod": np.prod, "mean": np.mean, "var": np.var, "std": np.std, "amax": np.max, "amin": np.min,
    "any": np.any, "all": np.all, "median": np.median,
}  # fmt: skip
AXES = [("", {}), ("axis=0", {"axis": 0}), ("axis=-1", {"axis": -1}), ("axis=[0,2]", {"axis": (0, 2)}),
        ("axis=1, keepdims=1", {"axis": 1, "keepdims": True})]  # fmt: skip
shapes = st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple)


def values(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def value(text, **point):
    return wengert.compile(text)(**point)


def gradient(text, **point):
    return wengert.compile(text).grad(**point)


@pytest.mark.parametrize("name", NUMPY)
@pytest.mark.parametrize(("written", "given"), AXES)
def test_values_are_numpys(name, written, given):
    a = values((2, 3, 4)) if name not in ("any", "all") else np.sign(np.round(values((2, 3, 4))))
    got = value(f"{name}(a{', ' * bool(written)}{written})", a=a)
    np.testing.assert_allclose(got, NUMPY[name](a, **given), rtol=4e-16, atol=1e-16)
    assert np.shape(got) == np.shape(NUMPY[name](a, **given))


@pytest.mark.parametrize("ddof", [0, 1, 2])
def test_variances_have_numpys_divisor(ddof):
    a = 1e6 + values((3, 4))
    for name in ("var", "std"):
        np.testing.assert_allclose(
            value(f"{name}(a, 0, {ddof})", a=a), getattr(np, name)(a, axis=0, ddof=ddof), rtol=1e-15
        )


def test_accumulations_are_numpys():
    a = values((3, 4))
    for name in ("cumsum", "cumprod"):
        np.testing.assert_array_equal(value(f"{name}(a)", a=a), getattr(np, name)(a))
        np.testing.assert_array_equal(value(f"{name}(a, axis=1)", a=a), getattr(np, name)(a, axis=1))
    np.testing.assert_array_equal(value("argmax(a, axis=1)", a=a), np.argmax(a, axis=1))
    np.testing.assert_array_equal(value("argmin(a)", a=a), np.argmin(a))
    for q in (0.0, 0.2, 0.5, 0.77, 1.0):
        np.testing.assert_allclose(value(f"quantile(a, {q}, axis=0)", a=a), np.quantile(a, q, axis=0), rtol=1e-15)


@given(shapes, st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_reductions_of_any_size_have_an_adjoint(shape, seed):
    rng = np.random.default_rng(seed)
    for name, axis in itertools.product(("sum", "prod", "mean", "logsumexp", "softmax", "cumsum", "cumprod", "centred"),
                                        ("", ", axis=0")):  # fmt: skip
        a, u = rng.normal(size=shape), rng.normal(size=shape)
        f = wengert.compile(f"input a[{','.join(map(str, shape))}]\n{name}(a{axis})")
        y = f(a=a)
        v = rng.normal(size=np.shape(y))
        forward = np.sum(v * f.jvp({"a": a}, {"a": u}))
        back = np.sum(f.vjp({"a": a}, {f.outputs[0]: v})["a"] * u)
        if name == "mean" and not np.size(a):
            continue
        assert math.isclose(forward, back, rel_tol=1e-9, abs_tol=1e-12), (name, axis)


def test_of_nothing():
    nothing = np.zeros(0)
    assert value("input a[0]\nsum(a)", a=nothing) == 0.0
    assert value("input a[0]\nprod(a)", a=nothing) == 1.0
    assert value("input a[0]\nlogsumexp(a)", a=nothing) == -math.inf
    assert value("input a[0]\nany(a)", a=nothing) == 0.0
    assert value("input a[0]\nall(a)", a=nothing) == 1.0
    assert value("input a[0]\nsum(softmax(a)) + sum(log_softmax(a)) + sum(cumprod(a))", a=nothing) == 0.0
    for name in ("mean", "var", "std"):
        f = wengert.compile(f"input a[0]\n{name}(a)")
        assert math.isnan(f(a=nothing))
        assert f"`{name}` needs" in f.blame({"a": nothing}).message
    for name in ("max", "min", "amax", "argmax", "argmin", "median"):
        with pytest.raises(ShapeError, match="no element to choose"):
            value(f"input a[0]\n{name}(a)", a=nothing)
    # Along an axis that is not the empty one, there is nothing to choose from, and nothing to choose.
    assert value("max(a, axis=1)", a=np.zeros((0, 3))).shape == (0,)
    np.testing.assert_array_equal(value("prod(a, axis=0)", a=np.zeros((0, 3))), np.ones(3))


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_products_with_zeros_at_every_order(zeros):
    n = 5
    a = np.array([0.0] * zeros + [2.0, -3.0, 1.5, 0.5, 4.0])[:n]

    def others(*gone):
        return math.prod(x for k, x in enumerate(a) if k not in gone) * (len(set(gone)) == len(gone))

    f = wengert.compile(f"input a[{n}]\nprod(a)")
    np.testing.assert_allclose(f.grad(a=a)["a"], [others(i) for i in range(n)], rtol=1e-15)
    want = [[others(i, j) for j in range(n)] for i in range(n)]
    np.testing.assert_allclose(f.hessian(a=a)["a"]["a"], want, rtol=1e-15)
    # The third derivative of a product of distinct factors, along u, is 3! times the sums of products of three of u.
    u = np.arange(1.0, n + 1)
    twice = wengert.compile(f"input a[{n}], u[{n}]\nf = prod(a)\ng = jvp(f, a, u)\nh = jvp(g, a, u)\njvp(h, a, u)")
    third = 6 * sum(u[i] * u[j] * u[k] * others(i, j, k) for i, j, k in itertools.combinations(range(n), 3))
    assert twice(a=a, u=u) == pytest.approx(third, rel=1e-14)
    by_hand = wengert.compile(f"input a[{n}]\ny = a[0]\n" + "".join(f"y = y*a[{k}]\n" for k in range(1, n)))
    scans = wengert.compile(f"input a[{n}]\nc = cumprod(a)\nc[{n - 1}]")
    np.testing.assert_allclose(scans.hessian(a=a)["a"]["a"], by_hand.hessian(a=a)["a"]["a"], rtol=1e-15)


def exact_softmax(a):
    with mp.workdps(50):
        e = [mp.exp(mp.mpf(x)) for x in a]
        return e, sum(e)


TAILS = [[0.0, -40.0, -700.3], [1000.0, 999.0, 3.0], [-1000.25, -1000.5, -2000.0], [37.1, 0.3, -0.2], [1e-9, 2e-9, 0.0],
         [5.0], [-745.0, -745.0]]  # fmt: skip


@pytest.mark.parametrize("a", TAILS, ids=str)
def test_exponentials_in_the_tails(a):
    point = np.array(a)
    n = len(a)
    with mp.workdps(400):
        e = [mp.exp(mp.mpf(x)) for x in a]
        total = sum(e)
        share = [x / total for x in e]
        rest = [(total - x) / total for x in e]
        logs = [mp.log(x) for x in share]

        def floats(xs):
            return [float(x) for x in xs]

        np.testing.assert_allclose(value("logsumexp(a)", a=point), float(mp.log(total)), rtol=4e-16)
        np.testing.assert_allclose(value("softmax(a)", a=point), floats(share), rtol=2e-15)
        np.testing.assert_allclose(value("log_softmax(a)", a=point), floats(logs), rtol=4e-16)
        np.testing.assert_allclose(gradient("logsumexp(a)", a=point)["a"], floats(share), rtol=2e-15)
        # Jacobians, each entry to its own last digits: where 1 - y would cancel, too.
        jacobian = wengert.compile(f"input a[{n}]\nsoftmax(a)").jacobian(a=point)[0]["a"]
        want = [[float(share[i] * (rest[i] if i == j else -share[j])) for j in range(n)] for i in range(n)]
        np.testing.assert_allclose(jacobian, want, rtol=1e-14)
        jacobian = wengert.compile(f"input a[{n}]\nlog_softmax(a)").jacobian(a=point)[0]["a"]
        want = [[float(rest[i] if i == j else -share[j]) for j in range(n)] for i in range(n)]
        np.testing.assert_allclose(jacobian, want, rtol=1e-14)
        for k in range(n):
            hot = np.eye(n)[k]
            found = gradient("softmax_cross_entropy(a, p)", a=point, p=hot)
            np.testing.assert_allclose(
                value("softmax_cross_entropy(a, p)", a=point, p=hot), float(-logs[k]), rtol=4e-16
            )
            np.testing.assert_allclose(
                found["a"], floats(-rest[k] if i == k else share[i] for i in range(n)), rtol=1e-14
            )
            np.testing.assert_allclose(found["p"], floats(-x for x in logs), rtol=4e-16)
            same = wengert.compile(f"input a[{n}]\nsoftmax_cross_entropy_at(a, {k})")
            np.testing.assert_allclose(same.grad(a=point)["a"], found["a"], rtol=1e-14)
        second = wengert.compile(f"input a[{n}]\nlogsumexp(a)").hessian(a=point)["a"]["a"]
        want = [[float(share[i] * (rest[i] if i == j else -share[j])) for j in range(n)] for i in range(n)]
        np.testing.assert_allclose(second, want, rtol=1e-14)


def test_infinities_among_exponents():
    inf, nan = math.inf, math.nan
    cases = {
        (-inf, -inf): (-inf, [nan, nan]),
        (-inf, 0.0): (0.0, [0.0, 1.0]),
        (inf, 0.0): (inf, [1.0, 0.0]),
        (inf, -inf): (inf, [1.0, 0.0]),
        (inf, inf): (inf, [nan, nan]),
        (nan, 0.0): (nan, [nan, nan]),
    }
    for a, (total, shares) in cases.items():
        point = np.array(a)
        np.testing.assert_array_equal(value("logsumexp(a)", a=point), total)
        np.testing.assert_array_equal(value("softmax(a)", a=point), shares)
        np.testing.assert_array_equal(gradient("logsumexp(a)", a=point)["a"], shares)
    np.testing.assert_array_equal(value("log_softmax(a)", a=np.array([inf, 0.0])), [0.0, -inf])
    np.testing.assert_array_equal(value("log_softmax(a)", a=np.array([-inf, 0.0])), [-inf, 0.0])
    # A class that cannot be, and is not asked for, costs nothing.
    assert value("softmax_cross_entropy(a, [0, 1])", a=np.array([-inf, 2.0])) == 0.0


@pytest.mark.parametrize(("naive", "fused"), [
    ("log(sum(exp(a)))", "logsumexp(a)"),
    ("log(sum(exp(a), axis=1))", "logsumexp(a, axis=1)"),
    ("log(sum(exp(a), axis=0, keepdims=1))", "logsumexp(a, axis=0, keepdims=1)"),
    ("exp(a)/sum(exp(a))", "softmax(a)"),
    ("exp(a)/sum(exp(a), axis=-1, keepdims=1)", "softmax(a, axis=-1)"),
    ("exp(a - max(a))/sum(exp(a - max(a)))", "softmax(a)"),
    ("log(softmax(a, axis=0))", "log_softmax(a, axis=0)"),
    ("a - logsumexp(a, axis=1, keepdims=1)", "log_softmax(a, axis=1)"),
    ("a - log(sum(exp(a)))", "log_softmax(a)"),
    ("mean(a^2) - mean(a)^2", "var(a)"),
    ("sqrt(var(a))", "std(a)"),
])  # fmt: skip
def test_naive_formulas_are_fused(naive, fused):
    f, g = wengert.compile(f"input a[2,3]\n{naive}"), wengert.compile(f"input a[2,3]\n{fused}")
    assert [e.op for e in f.running_list.equations] == [e.op for e in g.running_list.equations]
    assert f.receipts
    assert not g.receipts
    a = values((2, 3))
    plain = wengert.compile(f"input a[2,3]\n{naive}", fuse=False)
    np.testing.assert_allclose(f(a=a), plain(a=a), rtol=1e-14)


FUSES = [(row.name, text) for row in OPS.values() if row.array is not None for text in row.rewrites.fuses]


@pytest.mark.parametrize(("name", "text"), FUSES)
def test_each_pattern_is_found_and_true(name, text):
    left, right, reason = text.split("->")[0], text.split("->")[1].partition(";")[0], text.partition(";")[2]
    f = wengert.compile(f"input a[2,3]\n{left}")
    plain = wengert.compile(f"input a[2,3]\n{left}", fuse=False)
    assert reason.strip()
    written = wengert.compile(f"input a[2,3]\n{right}", fuse=False)
    assert [e.op for e in f.running_list.equations] == [e.op for e in written.running_list.equations]
    assert name in [e.op.partition("[")[0] for e in f.running_list.equations]
    for scale in (0.1, 1.0, 5.0):
        a = scale * values((2, 3)) + scale
        np.testing.assert_allclose(f(a=a), plain(a=a), rtol=1e-13)
    huge = 1e3 * values((2, 3)) + 1e3
    assert np.isfinite(f(a=huge)).all()


def test_what_only_looks_like_it_is_left_alone():
    for text in ("exp(a)/sum(exp(a), axis=1, keepdims=1) - exp(b)/sum(exp(a))", "log(sum(exp(a), axis=[0,1]))",
                 "mean(a^2, axis=0) - mean(a)^2", "exp(a)/sum(exp(b))"):  # fmt: skip
        f = wengert.compile(f"input a[2,2], b[2,2]\n{text}")
        plain = wengert.compile(f"input a[2,2], b[2,2]\n{text}", fuse=False)
        point = {"a": values((2, 2)), "b": values((2, 2), 1)}
        np.testing.assert_allclose(f(**point), plain(**point), rtol=1e-13)


def test_no_spread_is_a_kink():
    f = wengert.compile("input a[3]\nstd(a)")
    found = f.grad(a=np.ones(3))
    np.testing.assert_array_equal(found["a"], np.zeros(3))
    assert "kink" in found.notes[0].message
    assert not wengert.compile("input a[1]\nstd(a)").grad(a=np.ones(1)).notes
    assert not f.grad(a=np.arange(3.0)).notes
    assert np.isfinite(wengert.compile("input a[3]\nstd(a)^2").hessian(a=np.ones(3))["a"]["a"]).all()


def test_ties_share():
    a = np.array([2.0, 5.0, 5.0, -1.0])
    for name, want in {"max": [0, 0.5, 0.5, 0], "median": [0.5, 0.25, 0.25, 0]}.items():
        found = gradient(f"input a[4]\n{name}(a)", a=a)
        np.testing.assert_array_equal(found["a"], want)
        assert "tie" in found.notes[0].message
    assert not gradient("input a[4]\nmedian(a)", a=np.array([1.0, 2.0, 2.0, 3.0])).notes
    with pytest.raises(wengert.KinkError):
        wengert.compile("input a[4]\nmax(a)", kink="error").grad(a=a)
    np.testing.assert_array_equal(gradient("max(a)", a=np.array([-np.inf, -np.inf]))["a"], [0.5, 0.5])
    assert np.isnan(value("max(a)", a=np.array([np.nan, 1.0])))


def test_quantiles_in_their_rank():
    a = np.array([3.0, 1.0, 7.0])
    f = wengert.compile("input a[3], q\nquantile(a, q)")
    assert f.grad(a=a, q=0.25)["q"] == 4.0
    assert f.grad(a=a, q=0.75)["q"] == 8.0
    at_knot = f.grad(a=a, q=0.5)
    assert at_knot["q"] == 6.0
    assert "kink" in at_knot.notes[0].message
    np.testing.assert_array_equal(f.grad(a=a, q=0.25)["a"], [0.5, 0.5, 0.0])
    assert math.isnan(f(a=a, q=1.5))
    assert "needs q >= 0" in f.blame({"a": a, "q": 1.5}).message
    np.testing.assert_array_equal(value("quantile(a, 0.5)", a=np.array([1.0, np.inf, np.inf])), np.inf)
    assert math.isnan(value("median(a)", a=np.array([1.0, np.nan])))


def test_hessian_lists_of_reductions():
    a = values(3)
    for text in ("prod(a)", "var(a)*a[0]", "logsumexp(a)*mean(a)", "sum(cumprod(a)*a)"):
        f = wengert.compile(f"input a[3]\n{text}")
        matrix = f.hessian(a=a)["a"]["a"]
        np.testing.assert_allclose(matrix, matrix.T, rtol=1e-12, atol=1e-14)
