"""The float functions at extreme arguments: none raises, and zeta functions of large exponents have their values."""

from __future__ import annotations

import math
import random
from typing import Any

import mpmath
import pytest

from tests.oracles.exact_functions import in_shapes
from tests.oracles.programs import DEAR
from tests.oracles.rows import SLOW
from wengert.ops import OPS, Op
from wengert.ops.floats.beta import dbetainc
from wengert.ops.floats.zeta import dzeta

EXTREMES = (0.0, -0.0, 5e-324, -5e-324, 1e308, -1e308, math.inf, -math.inf, math.nan)
ROWS = [row for row in OPS.values() if callable(row.forward) and row.array is None]


def drawn(choose: random.Random) -> float:
    """A number of any size, often a whole one, a half or an extreme one."""
    kind = choose.random()
    if kind < 0.3:
        return choose.choice(EXTREMES)
    if kind < 0.55:
        return choose.randint(-24, 24) / choose.choice((1, 1, 2))
    return choose.choice((-1.0, 1.0)) * 10.0 ** (choose.uniform(-6, 6) if kind < 0.8 else choose.uniform(-320, 308))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_float_function_raises(row: Op) -> None:
    choose = random.Random(row.name)
    n = len(row.params.split()) + ("*" in row.params)
    for _ in range(3 if row.name in DEAR else 20 if row.name in SLOW else 150):
        assert isinstance(row.forward(*(drawn(choose) for _ in range(n))), (float, int))  # type: ignore[operator]
        # Arguments of one size: sums of terms that are large in each of them overflow together.
        size = 10.0 ** choose.uniform(-320, 300)
        args = [choose.uniform(1.0, 9.0) * size if choose.random() < 0.8 else choose.choice((0.0, 0.5, 1.0, 2.0))
                for _ in range(n)]  # fmt: skip
        assert isinstance(row.forward(*args), (float, int)), args  # type: ignore[operator]


def test_beta_of_the_least_shapes() -> None:
    """I_x(a, b) is b/(a + b) there, whose derivatives are rational."""
    choose = random.Random(5)
    for _ in range(100):
        a, b = (choose.uniform(1.0, 9.0) * 10.0 ** choose.choice((-22, -31, -90, -140)) for _ in range(2))
        x = choose.choice((1e-300, 0.2, 0.5, 1.0 - 2.0**-53))
        with mpmath.workdps(400):
            p, q = mpmath.mpf(a), mpmath.mpf(b)
            s = p + q
            exact = {(0, 0): q / s, (1, 0): -q / s**2, (0, 1): p / s**2, (2, 0): 2 * q / s**3, (0, 2): -2 * p / s**3}
            for (m, n), value in exact.items():
                found = dbetainc(float(m), float(n), a, b, x)
                if abs(value) < 1e308:
                    assert abs(found - value) <= 12 * 2.0**-53 * abs(value), (m, n, a, b, x)
                else:
                    assert abs(found) > 1e307


def beta_by_series(a: Any, b: Any, x: Any) -> Any:
    """I_x(a, b) for x <= 1/2 (DLMF 8.17.8)."""
    term = total = mpmath.mpf(1)
    k = 0
    while abs(term) > mpmath.eps * abs(total):
        term *= (a + b + k) / (a + 1 + k) * x
        total += term
        k += 1
    return total * x**a * (1 - x) ** b * mpmath.gamma(a + b) / mpmath.gamma(a + 1) / mpmath.gamma(b)


@pytest.mark.parametrize("b", [150.0, 8e3, 7e4, 2e6])
def test_beta_beside_the_mean_of_a_skew_law(b: float) -> None:
    """x is about a/b: the derivatives in b are of the order of x, and no part of them may be of the order of 1."""
    choose = random.Random(f"{b}")
    for _ in range(2):
        a = 10.0 ** choose.uniform(-1.9, 0.5)
        x = a / b * choose.uniform(0.2, 3.0)
        for m, n in ((1, 0), (0, 1), (1, 1), (0, 2)):
            exact = in_shapes(beta_by_series, m, n)(*map(mpmath.mpf, (a, b, x)))
            assert abs(dbetainc(float(m), float(n), a, b, x) - exact) <= 1e-14 * abs(exact), (m, n, a, b, x)


@pytest.mark.parametrize("x", [1e-17, 1e-3, 0.3, 0.7, 1.0 - 2.0**-53])
def test_beta_of_shapes_far_apart(x: float) -> None:
    """Where one parameter is small, its reciprocals are parts of a derivative that cancel."""
    choose = random.Random(f"{x}")
    above = x > 0.5
    for _ in range(2):
        shapes = 10.0 ** choose.uniform(-40.0, -2.0), 10.0 ** choose.uniform(-6.0, 1.5)
        a, b = shapes if choose.random() < 0.5 else shapes[::-1]
        for m, n in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)):
            at = (mpmath.mpf(b), mpmath.mpf(a), 1 - mpmath.mpf(x)) if above else tuple(map(mpmath.mpf, (a, b, x)))
            exact = in_shapes(beta_by_series, *((n, m) if above else (m, n)))(*at)
            exact = (1 if m == n == 0 else 0) - exact if above else exact
            assert abs(dbetainc(float(m), float(n), a, b, x) - exact) <= 1e-14 * abs(exact), (m, n, a, b)


def first_term(n: int, m: int, s: float, q: float) -> mpmath.mpf:
    """The derivative of q^-s, n times in s and m times in q: (-1)^m q^(-s - m) (s)_m is differentiated by Leibniz's
    rule, with (s)_m as a polynomial about s."""
    at = mpmath.mpf(s)
    rising = [mpmath.mpf(1)]
    for i in range(m):
        low = [c * (at + i) for c in rising]
        rising = [a + b for a, b in zip([*low, 0], [0, *rising])]
    slope = -mpmath.log(q)
    terms = (mpmath.binomial(n, k) * slope ** (n - k) * rising[k] * mpmath.factorial(k) for k in range(min(n, m) + 1))
    return (-1) ** m * mpmath.fsum(terms) * mpmath.exp((at + m) * slope)


def test_zeta_of_a_large_exponent_is_its_first_term() -> None:
    choose = random.Random(4)
    with mpmath.workdps(1200):
        for _ in range(250):
            n = choose.randint(0, 4)
            m = choose.randint(0, 6 - n)
            s = 10.0 ** choose.uniform(4.01, choose.choice([5, 8, 20, 100, 308]))
            q = choose.choice([1.0, 1.0, math.exp(choose.uniform(-800, 800) / s), 1.0 + 2.0**-52, 1.0 - 2.0**-53, 0.5])
            exact = first_term(n, m, s, q)
            huge = abs(exact) >= mpmath.mpf(2) ** 1024
            want = math.inf * int(mpmath.sign(exact)) if huge else float(exact)
            found = dzeta(float(n), float(m), s, q)
            assert found == want or abs(found - want) <= math.ulp(want), (n, m, s, q)


def test_bessel_functions_of_half_orders() -> None:
    """No part of Y is left at half orders below 0, however large its other part is beside them."""
    for m in range(6):
        for a in (5e-324, 1e-230, 1e-100, 1e-3, 7.0, 300.0):
            found = OPS["bessely"].forward(-m - 0.5, a)  # type: ignore[operator]
            first = OPS["besselj"].forward(m + 0.5, a)  # type: ignore[operator]
            assert abs(found - (-1.0) ** m * first) <= 4 * math.ulp(first), (m, a)
    order = 0.5 - 2.0**-54
    exact = mpmath.besselj(order, 1e-80)
    assert abs(OPS["besselj"].forward(order, 1e-80) - exact) <= 4 * 2.0**-53 * exact  # type: ignore[operator]


def test_modified_bessel_functions_where_they_overflow() -> None:
    for n in (0, 1, 8, 13, 26):
        for a in (709.5, 713.5, 716.99, 717.0, 719.99):
            exact = mpmath.besseli(n, a)
            found = OPS["besseli"].forward(float(n), a)  # type: ignore[operator]
            if exact >= mpmath.mpf(2) ** 1024:
                assert found == math.inf
            else:
                assert abs(found - exact) <= 8 * 2.0**-53 * exact, (n, a)


@pytest.mark.parametrize(("a", "b", "x"), [
    (20.0, 23.0, 5e-324), (122.0, 1e-4, 1e-210), (2.0, 8.0, 3e-189), (0.3, 2.0, 5e-324), (1e-250, 0.09, 5e-324),
])  # fmt: skip
def test_beta_density_beside_zero(a: float, b: float, x: float) -> None:
    with mpmath.workdps(400):
        p, q, t = map(mpmath.mpf, (a, b, x))
        exact = t ** (p - 1) * (1 - t) ** (q - 1) / mpmath.beta(p, q)
        assert abs(OPS["betapdf"].forward(a, b, x) - exact) <= 8 * 2.0**-53 * exact + 1e-323  # type: ignore[operator]
        below = OPS["betainc"].forward(a, b, x)  # type: ignore[operator]
        assert abs(below - beta_by_series(p, q, t)) <= 12 * 2.0**-53 * below + 1e-323


@pytest.mark.parametrize(("a", "p", "upper"), [
    (1.2261318566846142, 1e-290, True), (22.9, 1e-290, True), (38.0, 5e-324, True), (3.0, 1e-120, True),
    (26.0, 5e-324, False), (385.0, 5e-324, False), (5e4, 1e-300, False),
])  # fmt: skip
def test_quantiles_of_the_least_gamma_tails(a: float, p: float, upper: bool) -> None:
    y = OPS["gammainccinv" if upper else "gammaincinv"].forward(a, p)  # type: ignore[operator]
    with mpmath.workdps(60):
        tail = mpmath.gammainc(a, y, mpmath.inf, regularized=True) if upper else mpmath.gammainc(a, 0, y, True)
        slope = mpmath.exp(a * mpmath.log(y) - y - mpmath.loggamma(a)) / tail
        assert abs(mpmath.log(tail / p)) <= 6 * 2.0**-52 * slope


@pytest.mark.parametrize(("a", "b", "p"), [
    (0.001006, 17.74, 0.5465), (1010.8, 9.999e-05, 8.34e-41), (2.18, 1e-20, 1.3e-290), (255.1, 1e-20, 3.6e-131),
])  # fmt: skip
def test_quantiles_of_skew_beta_laws(a: float, b: float, p: float) -> None:
    y = OPS["betaincinv"].forward(a, b, p)  # type: ignore[operator]
    with mpmath.workdps(80):
        x = mpmath.mpf(y)
        tail = beta_by_series(*map(mpmath.mpf, (a, b, y)))
        slope = x**a * (1 - x) ** b / mpmath.beta(a, b) / (1 - x) / tail
        assert abs(mpmath.log(tail / p)) <= 8 * 2.0**-52 * slope


def test_hypergeometric_function_of_odd_parameters() -> None:
    nan = math.nan
    for at in ((nan, 1.0, 2.0), (1.0, nan, 2.0), (1.0, 2.0, nan)):
        for z in (0.5, 0.99, 1.0, -3.0):
            assert math.isnan(OPS["hyp2f1"].forward(*at, z))  # type: ignore[operator]
    with mpmath.workdps(150):
        exact = mpmath.hyp2f1(15.0, 9.6e-79, -5.4e-42, 0.999)
        found = OPS["hyp2f1"].forward(15.0, 9.6e-79, -5.4e-42, 0.999)  # type: ignore[operator]
        assert abs(found - exact) <= 4 * 2.0**-53 * abs(exact)
        for c in (5e-20, -1.0 - 2.0**-45):
            ends = [mpmath.hyp2f1(1.43, 1.38, c + h, 0.5) for h in (mpmath.mpf(10) ** -60, -(mpmath.mpf(10) ** -60))]
            exact = (ends[0] - ends[1]) * mpmath.mpf(10) ** 60 / 2
            found = OPS["dhyp2f1"].forward(0.0, 0.0, 1.0, 0.0, 1.43, 1.38, c, 0.5)  # type: ignore[operator]
            assert abs(found - exact) <= 4 * 2.0**-53 * abs(exact), c


def test_principal_value_of_large_arguments() -> None:
    """R_J is homogeneous."""
    value: Any = OPS["elliprj"].forward
    for at in ((0.0, 1.0, 3.0, -3.0), (1.0, 1.0 + 1e-6, 4.0, -2.0), (0.1, 2.0, 2.0, -7.0)):
        # At 2^1020 the value is subnormal or 0, and no nan.
        assert abs(value(*(t * 2.0**1020 for t in at))) < 1e-300
    large, small = 9.484548224205148e305, 11.177997363428531
    far = value(large, 1.0000007604 * large, small, -2.4949696395492866)
    near = value(
        large * 2.0**-200, 1.0000007604 * large * 2.0**-200, small * 2.0**-200, -2.4949696395492866 * 2.0**-200
    )
    assert abs(far - near * 2.0**-300) <= 8 * 2.0**-53 * abs(far)
