"""What is exact: a function of mpmath for every op that computes, points over its whole domain, errors in ulps.

Points are pseudo-random and the same every time: in ordinary ranges, over all exponents (subnormals included), crowded
about the places where formulas break, at ends of domains and at ties.

Derivatives are central differences at some hundreds of bits: they know no rule, and where a function has a kink they
are the mean of its one-sided derivatives. The few functions that vary on no scale of their own, or cost too much at
such precision, have their derivatives written out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath as mp

from tests.oracles.modified_bessel import modified_k
from wengert.ops import OPS
from wengert.ops.floats import elementary

HUGE, LEAST, NORMAL = 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308
Exact = Callable[..., Any]


class Oracle(NamedTuple):
    """An op's exact value, where to ask for it, and its derivatives where a difference will not do.

    ranges   least and greatest argument, a pair a parameter; the last serves all further ones
    centres  places to crowd about
    slopes   derivatives, one a parameter
    """

    value: Exact
    ranges: tuple[tuple[float, float], ...] = ((-HUGE, HUGE),)
    centres: tuple[float, ...] = ()
    slopes: tuple[Exact | None, ...] = ()


def ulps(got: float, exact: Any) -> float:
    """How far a float is from a number, in units in the last place of the number (of subnormals, the least).

    Beyond the largest float there is one more, 2^1024, which infinity stands for.
    """
    if mp.isnan(exact) or got != got:
        return 0.0 if mp.isnan(exact) and got != got else math.inf
    top = mp.mpf(2) ** 1024
    exact = max(-top, min(top, exact))
    unit = min(971, max(mp.frexp(exact)[1] - 53, -1074)) if exact else -1074
    return float(abs(max(-top, min(top, mp.mpf(got))) - exact) * mp.mpf(2) ** -unit)


def spread(rng: random.Random, low: float, high: float, centres: tuple[float, ...] = ()) -> float:
    """A point of [low, high]."""
    ends = low, high, 0.0, LEAST, -LEAST, 3 * LEAST, NORMAL, -NORMAL
    while True:
        kind = rng.random()
        if kind < 0.05:
            a = rng.choice(ends)
        elif kind < 0.3:
            a = rng.uniform(max(low, -40.0), min(high, 40.0))
        elif kind < 0.4:
            a = rng.uniform(max(low, -800.0), min(high, 800.0))
        elif kind < 0.5:
            a = rng.randint(-60, 60) / 4
        elif kind < 0.6:
            a = rng.choice((-1.0, 1.0)) * 2.0 ** rng.uniform(-30.0, 30.0)
        elif kind < 0.75 or not centres:
            a = rng.choice((-1.0, 1.0)) * math.ldexp(rng.uniform(1.0, 2.0), rng.randint(-1074, 1023))
        else:
            a = rng.choice(centres)
            a += rng.choice((-1.0, 1.0)) * math.ldexp(max(abs(a), 1e-300), rng.randint(-53, -1))
        if low <= a <= high:
            return a


def of_reciprocal(f: Exact) -> Exact:
    return lambda a: f(1 / a)


def elu(a: Any, alpha: Any) -> Any:
    return a if a > 0 else alpha * mp.expm1(a)


def selu(a: Any) -> Any:
    return mp.mpf(elementary.SELU_SCALE) * elu(a, mp.mpf(elementary.SELU_ALPHA))


def log_add_exp(a: Any, b: Any) -> Any:
    return max(a, b) + mp.log1p(mp.exp(-abs(a - b)))


def normal(a: Any) -> Any:
    return mp.erfc(-a / mp.sqrt(2)) / 2


def density(a: Any) -> Any:
    return mp.exp(-a * a / 2) / mp.sqrt(2 * mp.pi)


def log_gamma(a: Any) -> Any:
    if a > 0:
        return mp.loggamma(a)
    return mp.log(mp.pi / abs(mp.sinpi(a))) - mp.loggamma(1 - a)


def truncated(a: Any) -> Any:
    return mp.sign(a) * mp.floor(abs(a))


def radian_sinc(n: Any, a: Any) -> Any:
    """The n-th derivative of sin(a)/a, from that of sin(pi a)/(pi a)."""
    a = mp.mpf(a)
    with mp.workprec(mp.mp.prec + 100 + 3 * int(abs(a))):
        return mp.sin(a) / a if n == 0 and a else dsinc(n, a / mp.pi) / mp.pi ** _whole(n)


def dawson(n: Any, a: Any) -> Any:
    """The n-th derivative of Dawson's integral, by the recurrence of Faddeeva's function, at more digits."""
    a, n = mp.mpf(a), _whole(n)
    with mp.workprec(mp.mp.prec + 200 + (2 * n + 4) * max(0, mp.frexp(a)[1]) + 2 * max(0, -mp.frexp(a)[1])):
        if abs(a) > 30:
            with_tail = mp.mpf(0)
            term = mp.gamma(n + 1) / (2 * a ** (n + 1))
            for k in range(1, 400):
                with_tail += term
                term *= (2 * k - 1) * mp.mpf((2 * k + n) * (2 * k - 1 + n)) / (2 * a * a * 2 * k * (2 * k - 1))
            return (-1) ** n * with_tail
        before = mp.sqrt(mp.pi) / 2 * mp.exp(-a * a) * mp.erfi(a)
        if n == 0:
            return +before
        y = 1 - 2 * a * before
        for k in range(1, n):
            before, y = y, -2 * a * y - 2 * k * before
        return +y


def exponential_quotient(n: Any, a: Any) -> Any:
    """The n-th derivative of (exp(a) - 1)/a, a Kummer function, by its series of terms of one sign."""
    a, n = mp.mpf(a), _whole(n)
    if a > 1e4 or a < -1e4:  # the series has no end; here exp(-|a|) is nothing beside the powers of a
        top = mp.exp(a) * sum((-1) ** k * mp.ff(n, k) / a ** (k + 1) for k in range(n + 1))
        return top + (-1) ** (n + 1) * mp.factorial(n) / a ** (n + 1)
    term = total = mp.mpf(1) / (n + 1)
    k = 1
    while term > mp.eps * total * mp.mpf(2) ** -20:
        term *= a / k * (n + k) / (n + 1 + k) if a > 0 else -a / (n + 1 + k)
        total += term
        k += 1
    return total if a > 0 else total * mp.exp(a)


def bernoulli_quotient(n: Any, a: Any) -> Any:
    """The n-th derivative of a/(exp(a) - 1), by division of series about a."""
    a, n = mp.mpf(a), _whole(n)
    if abs(a) < mp.mpf(2) ** -mp.mp.prec:
        a = mp.mpf(2) ** -mp.mp.prec * (1 if a >= 0 else -1) if n > 0 or a else a
    if not a:
        return mp.mpf(1)
    with mp.workprec(mp.mp.prec + 100 + (n + 2) * (10 + max(0, -mp.frexp(a)[1]))):
        below = [mp.expm1(a), *(mp.exp(a) / mp.factorial(k) for k in range(1, n + 1))]
        found: list[Any] = []
        for k, above in enumerate((a, 1, *[0] * n)[: n + 1]):
            found.append((above - sum(c * below[k - j] for j, c in enumerate(found))) / below[0])
        return found[n] * mp.factorial(n)


def dsinc(n: Any, a: Any) -> Any:
    """pi^n times the integral of t^n cos(z t + n pi/2) over [0, 1], z = pi a, by its Taylor series."""
    z, n = mp.pi * a, _whole(n)
    if n == 0:
        return mp.sincpi(a)
    first = n + n % 2
    total, k = mp.mpf(0), first
    term = (-1) ** (first // 2) * z ** (first - n)
    while abs(term) > mp.eps * abs(total) or k < first + 4:
        total += term / (k + 1)
        k += 2
        term *= -z * z / ((k - n) * (k - n - 1))
    return mp.pi**n * total


def polygamma(n: Any, a: Any) -> Any:
    return mp.psi(_whole(n), a)


def _whole(n: Any) -> int:
    if n != int(n) or n < 0:
        raise ValueError("an order is a whole number")
    return int(n)


def scaled_erfc(n: Any, a: Any) -> Any:
    """The n-th derivative of exp(a^2) erfc(a), by the recurrence, whose terms cancel by a^2n for a > 0."""
    n = int(n)
    with mp.workprec(mp.mp.prec + 2 * (n + 1) * max(8, mp.frexp(a)[1]) if a else mp.mp.prec):
        before, y = mp.mpf(0), mp.exp(a * a) * mp.erfc(a)
        for k in range(n):
            before, y = y, 2 * a * y + (2 * k * before if k else -2 / mp.sqrt(mp.pi))
        return y


def erfc_inverse(q: Any) -> Any:
    """Newton's iteration for log(erfc(x)) = log(q), which is concave: from the left it comes down on the root."""
    if q > 1:
        return -erfc_inverse(2 - q)
    x = mp.mpf(0)
    for _ in range(400):
        y = mp.erfc(x)
        x, before = x + mp.log(y / q) * y * mp.exp(x * x) * mp.sqrt(mp.pi) / 2, x
        if abs(x - before) <= abs(x) * mp.mpf(2) ** (20 - mp.mp.prec):
            break
    return x


def erf_inverse(s: Any) -> Any:
    with mp.workprec(mp.mp.prec + 64 - (mp.frexp(s)[1] if s else 0)):
        return erfc_inverse(1 - s)


def quantile(p: Any) -> Any:
    return -mp.sqrt(2) * erfc_inverse(2 * p)


def lambert(branch: int) -> Exact:
    return lambda a: mp.lambertw(a, branch)


def gamma_density(a: Any, x: Any) -> Any:
    return mp.exp((a - 1) * mp.log(x) - x - mp.loggamma(a)) if x else mp.nan


def gamma_below(a: Any, x: Any) -> Any:
    """P(a, x) by its series of positive terms (DLMF 8.7.1)."""
    if not x:
        return mp.mpf(0)
    term = total = 1 / a
    k = 1
    while term > mp.eps * total * mp.mpf(2) ** -20:
        term *= x / (a + k)
        total += term
        k += 1
    return total * mp.exp(a * mp.log(x) - x - mp.loggamma(a))


def gamma_above(a: Any, x: Any) -> Any:
    with mp.workprec(mp.mp.prec + int(2 * x)):
        return 1 - gamma_below(a, x)


def in_shape(f: Exact, n: int) -> Exact:
    """The n-th derivative in a of a function that is analytic there: by differences, at so many bits."""

    def derivative(a: Any, x: Any) -> Any:
        if n == 0 or not x:
            return f(a, x) if n == 0 else mp.mpf(0)
        step = 100 - mp.frexp(min(a, mp.mpf(1)))[1]
        with mp.workprec(300 + (n + 1) * step + int(3 * x)):
            h = mp.mpf(2) ** -step
            return sum((-1) ** k * mp.binomial(n, k) * f(a + (mp.mpf(n) / 2 - k) * h, x) for k in range(n + 1)) / h**n

    return derivative


def of_order(f: Exact, more: int = 0) -> Exact:
    return lambda n, a, x: in_shape(f, int(n) + more)(a, x)


def log_beta(a: Any, b: Any) -> Any:
    with mp.workprec(mp.mp.prec + 2 * max(0, mp.frexp(max(a, b))[1])):
        return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def psi_gap(a: Any, b: Any) -> Any:
    return mp.psi(0, a + b) - mp.psi(0, a)


def beta_density(a: Any, b: Any, x: Any) -> Any:
    return mp.exp((a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x) - log_beta(a, b))


def beta_below(a: Any, b: Any, x: Any) -> Any:
    """I_x(a, b) by a series of positive terms (DLMF 8.17.8), below the mean."""
    if x > a / (a + b):
        return 1 - beta_below(b, a, 1 - x)
    term = total = mp.mpf(1)
    k = 0
    while term > mp.eps * total * mp.mpf(2) ** -20:
        term *= (a + b + k) / (a + 1 + k) * x
        total += term
        k += 1
    return total * mp.exp(a * mp.log(x) + b * mp.log(1 - x) - log_beta(a, b)) / a


def in_shapes(f: Exact, m: int, n: int) -> Exact:
    """The derivative m times in a and n times in b, by differences."""

    def derivative(a: Any, b: Any, x: Any) -> Any:
        if m + n == 0:
            with mp.workprec(600):
                return f(a, b, x)
        step = 100 - mp.frexp(min(a, b, mp.mpf(1)))[1]
        far = -int(1.5 * b * mp.log(1 - x))  # bits that are lost to a 1 before the tail above x
        with mp.workprec(600 + far + (m + n + 1) * step):
            h = mp.mpf(2) ** -step
            terms = (
                (-1) ** (i + j) * mp.binomial(m, i) * mp.binomial(n, j)
                * f(a + (mp.mpf(m) / 2 - i) * h, b + (mp.mpf(n) / 2 - j) * h, x)
                for i in range(m + 1) for j in range(n + 1)
            )  # fmt: skip
            return sum(terms) / h ** (m + n)

    return derivative


def of_orders(f: Exact, more: tuple[int, int] = (0, 0)) -> Exact:
    return lambda m, n, a, b, x: in_shapes(f, int(m) + more[0], int(n) + more[1])(a, b, x)


def beta_slope(a: Any, b: Any, x: Any) -> Any:
    return beta_density(a, b, x) * ((a - 1) / x - (b - 1) / (1 - x))


def solved(f: Exact, slope: Exact, found: float) -> Any:
    """The root of an increasing or decreasing f in log(x) near x = found, which is right to some digits, by Newton's
    iteration at rising precision."""
    t = mp.log(found)
    for bits in (120, 240, 480, 960, mp.mp.prec + 40):
        with mp.workprec(min(bits, mp.mp.prec + 40)):
            x = mp.exp(t)
            t = t - f(x) / (slope(x) * x)
    return mp.exp(t)


def gamma_quantile(a: Any, p: Any, upper: bool = False) -> Any:
    """Newton's iteration for the tail, from the answer of bisection in log(x)."""
    if not 0 < p < 1:
        return mp.nan
    tail = gamma_above if upper else gamma_below
    low, high = mp.mpf(-2000), mp.log(a + 60 * mp.sqrt(a) + 800)
    with mp.workprec(120):
        for _ in range(60):
            t = (low + high) / 2
            low, high = (t, high) if (tail(a, mp.exp(t)) < p) != upper else (low, t)
    slope = (lambda x: -gamma_density(a, x)) if upper else (lambda x: gamma_density(a, x))
    return solved(lambda x: tail(a, x) - p, slope, mp.exp(low))


def gamma_quantile_slopes(upper: bool) -> tuple[Exact, Exact]:
    sign = -1 if upper else 1

    def shape(a: Any, p: Any) -> Any:
        x = gamma_quantile(a, p, upper)
        return -in_shape(gamma_below, 1)(a, x) / gamma_density(a, x)

    return shape, lambda a, p: sign / gamma_density(a, gamma_quantile(a, p, upper))


def beta_quantile(a: Any, b: Any, p: Any) -> Any:
    if not 0 < p < 1:
        return mp.nan
    if beta_below(a, b, mp.mpf(0.5)) < p:
        with mp.workprec(mp.mp.prec + 100):
            return 1 - beta_quantile(b, a, 1 - p)
    low, high = mp.mpf(-3000), -mp.log(2)
    with mp.workprec(200):
        for _ in range(60):
            t = (low + high) / 2
            low, high = (t, high) if beta_below(a, b, mp.exp(t)) < p else (low, t)
    return solved(lambda x: beta_below(a, b, x) - p, lambda x: beta_density(a, b, x), mp.exp(low))


def beta_quantile_slope(m: int, n: int) -> Exact:
    def slope(a: Any, b: Any, p: Any) -> Any:
        x = beta_quantile(a, b, p)
        top = -in_shapes(beta_below, m, n)(a, b, x) if m + n else mp.mpf(1)
        return top / beta_density(a, b, x)

    return slope


def carlson(m: Any, i: Any, j: Any, k: Any, n: Any, a: Any, b: Any, c: Any, p: Any) -> Any:
    """The trapezoidal rule for t = e^u, whose error is exp(-2 pi^2/h)."""
    orders = [_whole(order) for order in (m, i, j, k, n)]
    if orders[0] > sum(orders[1:]) or not min(a, b, c, p) > 0:
        raise ValueError("it diverges")
    with mp.workprec(150):
        h = mp.mpf(2) ** -3
        term = lambda u: (  # noqa: E731
            (t := mp.exp(u)) ** (orders[0] + 1) / mp.sqrt((t + a) * (t + b) * (t + c))
            / ((t + a) ** orders[1] * (t + b) ** orders[2] * (t + c) ** orders[3] * (t + p) ** orders[4])
        )  # fmt: skip
        total = mp.mpf(0)
        for side in (-1, 1):
            u, small = mp.log(a) + (h if side > 0 else 0), 0
            while small < 4:
                y = term(u)
                total += y
                small = small + 1 if y < total * mp.mpf(2) ** -120 else 0
                u += side * h
        return h * total


def bessel_k(n: int, a: Any) -> Any:
    """The integral of exp(-a cosh t) cosh(nt) over t > 0 where mpmath is slow: the trapezoidal rule, whose error is
    exp(-pi^2/h) (Trefethen and Weideman 2014)."""
    if mp.mp.prec > 300:
        with mp.workprec(300):  # it has no zero
            return bessel_k(n, a)
    if not 3 < a < 800:
        return mp.besselk(n, a)
    h = 9 / (mp.mp.prec * mp.log(2) + 2 * a)
    total, k = mp.exp(-a) / 2, 1
    while True:
        term = mp.exp(-a * mp.cosh(k * h)) * mp.cosh(n * k * h)
        total += term
        if term < total * mp.eps:
            return h * total
        k += 1


def in_order(f: Exact, n: int) -> Exact:
    """The n-th derivative of a function of two arguments in the first, by differences at 150 bits more an order."""

    def derivative(v: Any, a: Any) -> Any:
        if n == 0:
            return f(v, a)
        if not a > 0:
            return mp.nan
        # I falls with a whole order as little as K.
        more = int(4 * a) if f is mp.besseli else 0
        with mp.workprec(400 + (150 + 2 * more) * n):
            h = mp.mpf(2) ** -(100 + more)
            return sum((-1) ** k * mp.binomial(n, k) * f(v + (mp.mpf(n) / 2 - k) * h, a) for k in range(n + 1)) / h**n

    return derivative


def off_zero(f: Exact) -> Exact:
    """The function where no argument is tiny: its derivatives there are lost in a difference."""
    return lambda *args: mp.nan if any(0 < abs(a) < 1e-20 for a in args) else f(*args)


def in_orders(f: Exact, sign: int, factor: float = 0.5) -> Oracle:
    """Derivatives in the order; the ones in the argument are a sum or a difference of those of neighbouring orders."""
    slope: Exact = lambda k, v, a: (  # noqa: E731
        factor * (in_order(f, int(k))(v - 1, a) + sign * in_order(f, int(k))(v + 1, a))
    )
    return Oracle(
        off_zero(lambda k, v, a: mp.nan if a > 60 and f is mp.besseli else in_order(f, int(k))(v, a)),
        ((0, 2), (-12, 30), (1e-3, 300.0)), (1.0, 0.5, 48.0),
        (None, lambda k, v, a: in_order(f, int(k) + 1)(v, a), slope),
    )  # fmt: skip


def of_real_order(f: Exact, sign: int, low: float, high: float, factor: float = 0.5) -> Oracle:
    slope: Exact = lambda v, a: factor * (f(v - 1, a) + sign * f(v + 1, a))  # noqa: E731
    return Oracle(off_zero(f), ((-20, 120), (low, high)), (*J_ZEROS[:3], 48.0, 0.5), (in_order(f, 1), slope))


def at_most(f: Exact, bits: int) -> Exact:
    """The function with a bound on the bits, where more would take minutes."""

    def bounded(*args: Any) -> Any:
        with mp.workprec(min(mp.mp.prec, bits)):
            return f(*args)

    return bounded


def hurwitz(n: Any, m: Any, s: Any, q: Any) -> Any:
    """The derivative of Hurwitz's function, n times in s by differences and m times in q by DLMF 25.11.17."""
    n, m = _whole(n), _whole(m)
    with mp.workprec(400 + 150 * n):
        s += mp.mpf(2) ** -300 if m and s + m == 1 else 0
        f: Exact = lambda s: (-1) ** m * mp.rf(s, m) * mp.zeta(s + m, q)  # noqa: E731
        h = mp.mpf(2) ** -100
        return sum((-1) ** k * mp.binomial(n, k) * f(s + (mp.mpf(n) / 2 - k) * h) for k in range(n + 1)) / h**n


def n_over_k(i: Any, j: Any, n: Any, k: Any) -> Any:
    """The derivative of the binomial coefficient, i times in n and j times in k, by differences."""
    i, j = _whole(i), _whole(j)
    if i + j == 0:
        return mp.binomial(n, k)
    n, k = (mp.mpf(0) if abs(a) < 1e-90 else a for a in (n, k))
    with mp.workprec(400 + 150 * (i + j) + 2 * int(abs(n) + abs(k))):
        h = mp.mpf(2) ** -100
        terms = (
            (-1) ** (a + b) * mp.binomial(i, a) * mp.binomial(j, b)
            * mp.binomial(n + (mp.mpf(i) / 2 - a) * h, k + (mp.mpf(j) / 2 - b) * h)
            for a in range(i + 1) for b in range(j + 1)
        )  # fmt: skip
        return sum(terms) / h ** (i + j)


def faddeeva(n: Any, x: Any, y: Any) -> Any:
    """The n-th derivative of exp(-z^2) erfc(-i z), by its recurrence, whose terms cancel by |z|^2n."""
    n = _whole(n)
    size = max(abs(x), abs(y), mp.mpf(1))
    with mp.workprec(mp.mp.prec + 60 + 4 * (n + 1) * mp.frexp(size)[1]):
        z = mp.mpc(x, y)
        before, here = mp.mpc(0), mp.exp(-z * z) * mp.erfc(mp.mpc(y, -x))
        for k in range(n):
            before, here = here, -2 * z * here + (-2 * k * before if k else mp.mpc(0, 2 / mp.sqrt(mp.pi)))
        return here


def voigt(n: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """The n-th derivative of w((x + i gamma)/(sigma sqrt(2)))/(sigma sqrt(2 pi)) in x."""
    n = _whole(n)
    if not sigma:
        return mp.mpc(0, 1) * (-1) ** n * mp.factorial(n) / mp.pi / mp.mpc(x, gamma) ** (n + 1)
    width = sigma * mp.sqrt(2)
    return faddeeva(n, x / width, gamma / width) / width**n / (sigma * mp.sqrt(2 * mp.pi))


def polylogarithm(n: Any, s: Any, z: Any) -> Any:
    """The n-th derivative of the polylogarithm in its order, by its series."""
    n = _whole(n)
    with mp.workprec(220):
        total, term, k, power = mp.mpf(0), mp.mpf(0), 1, mp.mpf(1)
        while k < 20 or abs(term) > mp.eps * abs(total):
            power *= z
            logarithm = mp.log(k)
            term = power * mp.exp(-s * logarithm) * ((-logarithm) ** n if n else 1)
            total += term
            k += 1
        return total


def gauss_series(*more: int) -> Exact:
    """Gauss's function with orders as its first arguments, and more of them: in the parameters by differences, in z by
    DLMF 15.5.2."""

    def derivative(*args: Any) -> Any:
        orders = [_whole(order) + m for order, m in zip(args[:4], more or (0,) * 4)]
        z, n, h = args[7], orders.pop(), mp.mpf(2) ** -100

        def value(*at: Any) -> Any:
            factor = mp.rf(at[0], n) * mp.rf(at[1], n) / mp.rf(at[2], n)
            return factor * mp.hyp2f1(*(p + n for p in at), z)

        def inner(at: tuple[Any, ...], i: int) -> Any:
            if i == 3:
                return value(*at)
            k = orders[i]
            return (
                sum(
                    (-1) ** j
                    * mp.binomial(k, j)
                    * inner((*at[:i], at[i] + (mp.mpf(k) / 2 - j) * h, *at[i + 1 :]), i + 1)
                    for j in range(k + 1)
                )
                / h**k
            )

        with mp.workprec(500 + 150 * sum(orders)):
            return inner(args[4:7], 0)

    return derivative


def owens(h: Any, a: Any) -> Any:
    """Owen's T, by quadrature on pieces that double."""
    if not a:
        return a
    h, size = abs(h), abs(a)
    with mp.workprec(150):
        far = min(size, 15 / h) if h else size
        f: Exact = lambda t: mp.exp(-((h * far * t) ** 2) / 2) / (1 + (far * t) ** 2)  # noqa: E731
        pieces = 6 + max(0, mp.frexp(far)[1])
        total = far * mp.quad(f, [0, *(mp.mpf(2) ** -k for k in range(pieces, -1, -1))])
        return mp.sign(a) * mp.exp(-h * h / 2) * total / (2 * mp.pi)


def bessel_y(n: int, a: Any) -> Any:
    if mp.mp.prec > 300 and a < 0.5:
        with mp.workprec(300):
            return mp.bessely(n, a)
    return mp.bessely(n, a)


def bessel_slope(f: Exact, n: int | None = None) -> Exact:
    """The derivative of a Bessel function, from its neighbours' (DLMF 10.6.1 and 10.29.1)."""
    sign = {mp.besselj: -1, bessel_y: -1, mp.besseli: 1}[f]
    slope: Exact = lambda n, a: (f(int(n) - 1, a) + sign * f(int(n) + 1, a)) / 2  # noqa: E731
    return slope if n is None else lambda a: slope(n, a)


# Zeros of J0, J1, Y0, Y1, and of the derivatives of J1 and Y1
J_ZEROS = (2.404825557695773, 43.79, 52.624051841115, 3.831705970207512, 1.841183781340659, 1e5)
Y_ZEROS = (0.893576966279167, 51.0435351835715, 2.197141326031017, 49.482609897397, 3.683022856585178, 1e5)
SHAPE, INSIDE, BESIDE = (1e-2, 200.0), (1e-9, 0.9999), (0.5, 1.0, 0.1, 10.0)
ONE_BELOW = 1 - 2**-53
UNIT_OPEN, WIDE = (1e-40, ONE_BELOW), (1e-8, 1e8)
BRANCH_POINT = -0.3678794411714423  # the least float above -1/e
POLES = (-1.0, -2.0, -5.0, -20.0, -0.5, -1.5)
POSITIVE, UNIT, REAL = (LEAST, HUGE), (-1.0, 1.0), (-HUGE, HUGE)
POLYLOG = ((-8.0, 20.0), (-0.9, 0.9))
HYPER = ((-12.0, 12.0), (-12.0, 12.0), (0.25, 20.0), (-20.0, 0.98))
W_PLANE, W_PLACES = ((-300.0, 300.0), (-3.0, 300.0)), (1.0, 0.6, 1.6, 6.0, 27.5)
V_SPACE = ((-300.0, 300.0), (1e-2, 1e2), (0.0, 1e2))

ORACLES: dict[str, Oracle] = {
    "copy": Oracle(lambda a: a),
    "add": Oracle(lambda a, b: a + b),
    "sub": Oracle(lambda a, b: a - b),
    "mul": Oracle(lambda a, b: a * b),
    "div": Oracle(lambda a, b: a / b),
    "neg": Oracle(lambda a: -a),
    "mod": Oracle(
        lambda a, b: a - b * mp.floor(a / b), slopes=(lambda a, b: mp.mpf(1), lambda a, b: -mp.floor(a / b))
    ),
    "fmod": Oracle(
        lambda a, b: a - b * truncated(a / b), slopes=(lambda a, b: mp.mpf(1), lambda a, b: -truncated(a / b))
    ),
    "log_base": Oracle(
        lambda a, b: mp.log(a) / mp.log(b), ((LEAST, HUGE),) * 2, (1.0, 2.0, 10.0),
        (lambda a, b: 1 / (a * mp.log(b)), lambda a, b: -mp.log(a) / (b * mp.log(b) ** 2)),
    ),
    "pow": Oracle(
        lambda a, b: a**b, ((-HUGE, HUGE),), (1.0, 2.0),
        (lambda a, b: b * a ** (b - 1), lambda a, b: a**b * mp.log(a) if a else a**b),
    ),
    "square": Oracle(lambda a: a * a),
    "cube": Oracle(lambda a: a**3),
    "reciprocal": Oracle(lambda a: 1 / a),
    "sqrt": Oracle(mp.sqrt, ((0, HUGE),)),
    "cbrt": Oracle(lambda a: mp.sign(a) * mp.cbrt(abs(a))),
    "hypot": Oracle(lambda *a: mp.sqrt(sum(b * b for b in a)), (REAL,) * 2),
    "exp": Oracle(mp.exp, centres=(709.0, -745.0)),
    "expm1": Oracle(mp.expm1, centres=(709.0,)),
    "exprel": Oracle(lambda a: exponential_quotient(0, a), ((-1e5, 750),), (0.0, 709.0, 716.0),
                     (lambda a: exponential_quotient(1, a),)),
    "dexprel": Oracle(exponential_quotient, ((0, 9), (-1e5, 750)), (0.0, 2.5, -2.5, 709.0),
                      (None, lambda n, a: exponential_quotient(n + 1, a))),
    "exprelr": Oracle(lambda a: bernoulli_quotient(0, a), ((-1e5, 760),), (0.0, 709.0, -709.0),
                      (lambda a: bernoulli_quotient(1, a),)),
    "dexprelr": Oracle(bernoulli_quotient, ((0, 9), (-760, 760)), (0.0, 4.0, -6.0, 2.1518),
                       (None, lambda n, a: bernoulli_quotient(n + 1, a))),
    "exprel_product": Oracle(
        lambda a, b: b * exponential_quotient(0, a * b), ((-300, 300), (-2.5, 2.5)), (0.0, 1.0),
        (lambda a, b: b * b * exponential_quotient(1, a * b), lambda a, b: mp.exp(a * b)),
    ),
    "exprelr_quotient": Oracle(
        lambda a, b: b * bernoulli_quotient(0, a / b), ((-300, 300), (0.4, 300)), (0.4, 1.0),
        (lambda a, b: bernoulli_quotient(1, a / b),
         lambda a, b: bernoulli_quotient(0, a / b) * bernoulli_quotient(0, -a / b)),
    ),
    "bose_einstein": Oracle(lambda a: 1 / mp.expm1(a), centres=(709.0, -37.0)),
    "log1mexp": Oracle(
        lambda a: mp.log1p(-mp.exp(a)) if a < -1 else mp.log(-mp.expm1(a)), ((-800, -LEAST),), (-0.693147180559945,)
    ),
    "exp_difference": Oracle(
        lambda a, b: mp.exp(a) - mp.exp(b), ((-800, 720),), (709.0, 1.0),
        (lambda a, b: mp.exp(a), lambda a, b: -mp.exp(b)),
    ),
    "sqrt1pm1": Oracle(lambda a: a / (mp.sqrt(1 + a) + 1), ((-1, HUGE),), (-1.0,)),
    "exp2": Oracle(lambda a: mp.mpf(2) ** a, centres=(1024.0, -1074.0)),
    "exp10": Oracle(lambda a: mp.mpf(10) ** a, centres=(308.0, -323.0)),
    "log": Oracle(mp.log, (POSITIVE,), (1.0,)),
    "log1p": Oracle(mp.log1p, ((-ONE_BELOW, HUGE),), (-1.0,)),
    "log2": Oracle(lambda a: mp.log(a) / mp.log(2), (POSITIVE,), (1.0,)),
    "log10": Oracle(mp.log10, (POSITIVE,), (1.0,)),
    "logaddexp": Oracle(log_add_exp, ((-1e5, 1e5),), (-0.6931471805599453,)),
    "xlogx": Oracle(lambda a: a * mp.log(a), (POSITIVE,), (1.0, 0.36787944117144233)),
    "xlogy": Oracle(lambda a, b: a * mp.log(b), (REAL, POSITIVE), (1.0,)),
    "xlog1py": Oracle(lambda a, b: a * mp.log1p(b), (REAL, (-ONE_BELOW, HUGE)), (-1.0,)),
    "sin": Oracle(mp.sin, centres=(math.pi, 11.0)),
    "cos": Oracle(mp.cos, centres=(math.pi / 2, 11.0)),
    "versine": Oracle(lambda a: 2 * mp.sin(a / 2) ** 2, centres=(math.pi, math.tau, 11.0)),
    "tan": Oracle(mp.tan, centres=(math.pi / 2, math.pi)),
    "sec": Oracle(mp.sec, centres=(math.pi / 2, math.pi)),
    "csc": Oracle(mp.csc, centres=(math.pi / 2, math.pi)),
    "cot": Oracle(mp.cot, centres=(math.pi / 2, math.pi)),
    "asin": Oracle(mp.asin, (UNIT,), (1.0, -1.0)),
    "acos": Oracle(mp.acos, (UNIT,), (1.0, -1.0)),
    "atan": Oracle(mp.atan, centres=(1.0,)),
    "asec": Oracle(of_reciprocal(mp.acos), centres=(1.0, -1.0, 2.0)),
    "acsc": Oracle(of_reciprocal(mp.asin), centres=(1.0, -1.0, -2.0)),
    "acot": Oracle(of_reciprocal(mp.atan), centres=(1.0,)),
    "atan2": Oracle(mp.atan2, centres=(1.0, -1.0)),
    "deg2rad": Oracle(lambda a: a * mp.pi / 180),
    "rad2deg": Oracle(lambda a: a * 180 / mp.pi),
    "sinc": Oracle(mp.sincpi, centres=(1.0, 2.0, -7.0, 1e6)),
    "dsinc": Oracle(
        dsinc, ((0, 4), (-25, 25)), (1.4302966531242027, 2.4590240334, 0.5), (None, lambda n, a: dsinc(n + 1, a))
    ),
    "sinh": Oracle(mp.sinh, centres=(710.0,)),
    "cosh": Oracle(mp.cosh, centres=(710.0,)),
    "tanh": Oracle(mp.tanh, centres=(20.0, 372.0)),
    "sech": Oracle(mp.sech, centres=(20.0, 745.0)),
    "csch": Oracle(mp.csch, centres=(20.0, 745.0)),
    "coth": Oracle(mp.coth, centres=(20.0, 372.0)),
    "asinh": Oracle(mp.asinh, centres=(1.0,)),
    "acosh": Oracle(mp.acosh, ((1, HUGE),), (1.0,)),
    "atanh": Oracle(mp.atanh, ((-ONE_BELOW, ONE_BELOW),), (1.0, -1.0)),
    "asech": Oracle(of_reciprocal(mp.acosh), ((LEAST, 1),), (1.0, 0.5)),
    "acsch": Oracle(of_reciprocal(mp.asinh), centres=(1.0,)),
    "acoth": Oracle(of_reciprocal(mp.atanh), centres=(1.0, -1.0)),
    "erf": Oracle(mp.erf, ((-1e5, 1e5),), (26.5,), (lambda a: 2 / mp.sqrt(mp.pi) * mp.exp(-a * a),)),
    "erfc": Oracle(mp.erfc, ((-1e5, 1e5),), (26.5,), (lambda a: -2 / mp.sqrt(mp.pi) * mp.exp(-a * a),)),
    "gauss": Oracle(lambda a: mp.exp(-a * a), ((-1e5, 1e5),), (27.0, 26.5)),
    "normpdf": Oracle(density, ((-1e5, 1e5),), (37.0, 38.5), (lambda a: -a * density(a),)),
    "ndtr": Oracle(normal, ((-1e5, 1e5),), (-37.0, -38.0), (density,)),
    "erfcx": Oracle(
        lambda a: scaled_erfc(0, a), ((-30, 1e6),), (12.0, -26.6, 0.25), (lambda a: scaled_erfc(1, a),)
    ),
    "derfcx": Oracle(scaled_erfc, ((0, 9), (-26.5, 1e6)), (0.25, -0.25), (None, lambda n, a: scaled_erfc(n + 1, a))),
    "erfinv": Oracle(
        erf_inverse, ((-ONE_BELOW, ONE_BELOW),), (1.0, -1.0, 0.5),
        (lambda a: mp.sqrt(mp.pi) / 2 * mp.exp(erf_inverse(a) ** 2),),
    ),
    "erfcinv": Oracle(
        erfc_inverse, ((LEAST, 2 * ONE_BELOW),), (1.0, 2.0, 0.5),
        (lambda a: -mp.sqrt(mp.pi) / 2 * mp.exp(erfc_inverse(a) ** 2),),
    ),
    "ndtri": Oracle(
        quantile, ((LEAST, ONE_BELOW),), (1.0, 0.5, 0.25), (lambda a: 1 / density(quantile(a)),)
    ),
    "lambertw": Oracle(lambert(0), ((BRANCH_POINT, HUGE),), (BRANCH_POINT, -0.25, 1.0)),
    "lambertwm1": Oracle(lambert(-1), ((BRANCH_POINT, -LEAST),), (BRANCH_POINT, -0.25)),
    "gamma": Oracle(
        mp.gamma, ((-1e3, 1e5),), (*POLES, 1.0, 1.4616321449683622, 7.0, 140.0, 171.6, -140.0, -180.0),
        (lambda a: mp.gamma(a) * mp.psi(0, a),),
    ),
    "lgamma": Oracle(
        log_gamma, ((-1e12, HUGE),), (*POLES, 1.0, 2.0, 3.0, 10.0, -2.457024738220800, -3.955294284858598),
        (mp.digamma,),
    ),
    "digamma": Oracle(
        mp.digamma, ((-1e3, HUGE),), (*POLES, 1.4616321449683622, -0.5040830082644555, 10.0), (lambda a: mp.psi(1, a),)
    ),
    "trigamma": Oracle(lambda a: mp.psi(1, a), ((-1e3, 1e12),), (*POLES, 10.0), (lambda a: mp.psi(2, a),)),
    "polygamma": Oracle(
        polygamma, ((0, 9), (-30, 1e3)), (*POLES, 12.0, -1.53), (None, lambda n, a: polygamma(n + 1, a))
    ),
    "lbeta": Oracle(
        log_beta, ((1e-300, 1e30),), (1.0, 10.0, 0.4),
        (lambda a, b: -psi_gap(a, b), lambda a, b: -psi_gap(b, a)),
    ),
    "beta": Oracle(
        lambda a, b: mp.exp(log_beta(a, b)), ((1e-300, 1e30),), (1.0, 10.0, 0.4),
        (lambda a, b: -mp.beta(a, b) * psi_gap(a, b), lambda a, b: -mp.beta(a, b) * psi_gap(b, a)),
    ),
    "gammaincinv": Oracle(gamma_quantile, (SHAPE, UNIT_OPEN), BESIDE, gamma_quantile_slopes(False)),
    "gammainccinv": Oracle(
        lambda a, p: gamma_quantile(a, p, True), (SHAPE, UNIT_OPEN), BESIDE, gamma_quantile_slopes(True)
    ),
    "betaincinv": Oracle(
        beta_quantile, ((0.3, 200.0), (0.3, 200.0), (1e-12, 1 - 1e-6)), BESIDE,
        (beta_quantile_slope(1, 0), beta_quantile_slope(0, 1), beta_quantile_slope(0, 0)),
    ),
    "elliprf": Oracle(mp.elliprf, (WIDE,), (1.0, 2.0)),
    "elliprd": Oracle(mp.elliprd, (WIDE,), (1.0, 2.0)),
    "elliprj": Oracle(mp.elliprj, (WIDE,), (1.0, 2.0)),
    "elliprc": Oracle(mp.elliprc, (WIDE,), (1.0, 2.0)),
    "elliprg": Oracle(mp.elliprg, (WIDE,), (1.0, 2.0)),
    "carlson": Oracle(
        carlson, ((0, 1), (0, 2), (0, 1), (0, 1), (0, 2), WIDE), (1.0, 2.0),
        (None, None, None, None, None,
         lambda m, i, j, k, n, a, b, c, p: -(i + 0.5) * carlson(m, i + 1, j, k, n, a, b, c, p),
         lambda m, i, j, k, n, a, b, c, p: -(j + 0.5) * carlson(m, i, j + 1, k, n, a, b, c, p),
         lambda m, i, j, k, n, a, b, c, p: -(k + 0.5) * carlson(m, i, j, k + 1, n, a, b, c, p),
         lambda m, i, j, k, n, a, b, c, p: -n * carlson(m, i, j, k, n + 1, a, b, c, p)),
    ),
    "ellipk": Oracle(mp.ellipk, ((-HUGE, 1.0),), (1.0, 0.5)),
    "ellipkm1": Oracle(lambda a: mp.ellipk(1 - a), ((1e-300, HUGE),), (1.0,)),
    "ellipe": Oracle(mp.ellipe, ((-HUGE, 1.0),), (1.0, 0.5)),
    "ellipkinc": Oracle(mp.ellipf, ((-30.0, 30.0), (-1e6, 1.0)), (1.0, math.pi / 2, -math.pi)),
    "ellipeinc": Oracle(mp.ellipe, ((-30.0, 30.0), (-1e6, 1.0)), (1.0, math.pi / 2, -math.pi)),
    "zeta": Oracle(at_most(mp.zeta, 500), ((-60.0, 1e3),), (1.0, -2.0, -4.0), (lambda s: hurwitz(1, 0, s, mp.mpf(1)),)),
    "hurwitz_zeta": Oracle(
        lambda s, q: hurwitz(0, 0, s, q), ((-12.0, 40.0), (1e-3, 1e3)), (1.0, -2.0, 0.0),
        (lambda s, q: hurwitz(1, 0, s, q), lambda s, q: hurwitz(0, 1, s, q)),
    ),
    "dzeta": Oracle(
        off_zero(hurwitz), ((0, 1), (0, 1), (-6.0, 20.0), (1e-2, 1e2)), (1.5, -2.5, 0.5),
        (None, None, lambda n, m, s, q: hurwitz(n + 1, m, s, q), lambda n, m, s, q: hurwitz(n, m + 1, s, q)),
    ),
    "binom": Oracle(
        off_zero(at_most(mp.binomial, 700)), ((-30.5, 300.0), (-30.5, 299.0)), (1.0, 0.5, 10.0),
        (lambda n, k: n_over_k(1, 0, n, k), lambda n, k: n_over_k(0, 1, n, k)),
    ),
    "dbinom": Oracle(
        off_zero(n_over_k), ((0, 1), (0, 1), (-5.5, 40.0), (-5.5, 40.0)), (1.0, 0.5, 10.0),
        (None, None, lambda i, j, n, k: n_over_k(i + 1, j, n, k), lambda i, j, n, k: n_over_k(i, j + 1, n, k)),
    ),
    "wofz_real": Oracle(
        lambda x, y: faddeeva(0, x, y).real, W_PLANE, W_PLACES,
        (lambda x, y: faddeeva(1, x, y).real, lambda x, y: -faddeeva(1, x, y).imag),
    ),
    "wofz_imag": Oracle(
        lambda x, y: faddeeva(0, x, y).imag, W_PLANE, W_PLACES,
        (lambda x, y: faddeeva(1, x, y).imag, lambda x, y: faddeeva(1, x, y).real),
    ),
    "dwofz_real": Oracle(
        lambda n, x, y: faddeeva(n, x, y).real, ((0, 3), *W_PLANE), W_PLACES,
        (None, lambda n, x, y: faddeeva(n + 1, x, y).real, lambda n, x, y: -faddeeva(n + 1, x, y).imag),
    ),
    "dwofz_imag": Oracle(
        lambda n, x, y: faddeeva(n, x, y).imag, ((0, 3), *W_PLANE), W_PLACES,
        (None, lambda n, x, y: faddeeva(n + 1, x, y).imag, lambda n, x, y: faddeeva(n + 1, x, y).real),
    ),
    "voigt_profile": Oracle(
        lambda x, s, g: voigt(0, x, s, g).real, V_SPACE, (1.0, 0.5),
        (lambda x, s, g: voigt(1, x, s, g).real, lambda x, s, g: s * voigt(2, x, s, g).real,
         lambda x, s, g: -voigt(1, x, s, g).imag),
    ),
    "dvoigt": Oracle(
        lambda n, x, s, g: voigt(n, x, s, g).real, ((0, 2), *V_SPACE), (1.0, 0.5),
        (None, lambda n, x, s, g: voigt(n + 1, x, s, g).real, lambda n, x, s, g: s * voigt(n + 2, x, s, g).real,
         lambda n, x, s, g: -voigt(n + 1, x, s, g).imag),
    ),
    "dvoigt_imag": Oracle(
        lambda n, x, s, g: voigt(n, x, s, g).imag, ((0, 2), *V_SPACE), (1.0, 0.5),
        (None, lambda n, x, s, g: voigt(n + 1, x, s, g).imag, lambda n, x, s, g: s * voigt(n + 2, x, s, g).imag,
         lambda n, x, s, g: voigt(n + 1, x, s, g).real),
    ),
    "hyp2f1": Oracle(
        off_zero(lambda *at: gauss_series()(0, 0, 0, 0, *at)), HYPER, (1.0, 0.5, -1.0),
        tuple(lambda *at, i=i: gauss_series()(*(float(i == k) for k in range(4)), *at) for i in range(4)),
    ),
    "dhyp2f1": Oracle(
        off_zero(gauss_series()), ((0, 1), (0, 1), (0, 1), (0, 1), *HYPER), (1.0, 0.5, -1.0),
        (None, None, None, None, *(gauss_series(*(int(i == k) for k in range(4))) for i in range(4))),
    ),
    "polylog": Oracle(
        off_zero(lambda s, z: polylogarithm(0, s, z)), POLYLOG, (1.0, 2.0, 0.5),
        (lambda s, z: polylogarithm(1, s, z), lambda s, z: polylogarithm(0, s - 1, z) / z if z else mp.mpf(1)),
    ),
    "dpolylog": Oracle(
        off_zero(polylogarithm), ((0, 1), *POLYLOG), (1.0, 2.0, 0.5),
        (None, lambda n, s, z: polylogarithm(n + 1, s, z),
         lambda n, s, z: polylogarithm(n, s - 1, z) / z if z else mp.mpf(n == 0)),
    ),
    "hill": Oracle(
        lambda a, b, n: a**n / (a**n + b**n), ((0.0, HUGE), (1e-300, HUGE), (-60.0, 60.0)), (1.0, 2.0),
        (lambda a, b, n: n * a ** (n - 1) * b**n / (a**n + b**n) ** 2,
         lambda a, b, n: -n * a**n * b ** (n - 1) / (a**n + b**n) ** 2,
         lambda a, b, n: a**n * b**n / (a**n + b**n) ** 2 * (mp.log(a) - mp.log(b)) if a else mp.mpf(0)),
    ),
    "log_ratio": Oracle(lambda a, b: mp.log(a) - mp.log(b), ((LEAST, HUGE),), (1.0,)),
    "pow1pm1": Oracle(
        lambda a, b: (1 + a) ** b - 1, ((-ONE_BELOW, 1e10), (-700.0, 700.0)), (1.0, -1.0, 0.5),
        (lambda a, b: b * (1 + a) ** (b - 1), lambda a, b: (1 + a) ** b * mp.log1p(a)),
    ),
    "pow1p": Oracle(
        lambda a, b: (1 + a) ** b, ((-ONE_BELOW, 1e10), (-700.0, 700.0)), (1.0, -1.0, 0.5),
        (lambda a, b: b * (1 + a) ** (b - 1), lambda a, b: (1 + a) ** b * mp.log1p(a)),
    ),
    "softshare2": Oracle(lambda a, b: 1 / (1 + mp.mpf(2) ** (b - a)), ((-1e5, 1e5),)),
    "logaddexp2": Oracle(
        lambda a, b: max(a, b) + mp.log1p(mp.mpf(2) ** -abs(a - b)) / mp.log(2), ((-1e5, 1e5),), (-1.0, -0.5),
    ),
    "exp_erfc": Oracle(
        lambda a, b: mp.exp(a) * mp.erfc(b), ((-700.0, 700.0), (-25.0, 25.0)), (1.0, 0.5),
        (lambda a, b: mp.exp(a) * mp.erfc(b), lambda a, b: -2 / mp.sqrt(mp.pi) * mp.exp(a - b * b)),
    ),
    "exp_less_square": Oracle(lambda a, b: mp.exp(a - b * b), ((-700.0, 700.0), (-25.0, 25.0)), (1.0, 26.0)),
    "owens_t": Oracle(
        owens, ((-37.0, 37.0), (-1e6, 1e6)), (1.0, 0.5, 2.0),
        (lambda h, a: -density(h) * mp.erf(a * h / mp.sqrt(2)) / 2,
         lambda h, a: mp.exp(-h * h * (1 + a * a) / 2) / (1 + a * a) / (2 * mp.pi)),
    ),
    "digamma_gap": Oracle(
        psi_gap, ((1e-30, 1e30),), (1.0, 10.0, 1.5),
        (lambda a, b: mp.psi(1, a + b) - mp.psi(1, a), lambda a, b: mp.psi(1, a + b)),
    ),
    "betapdf": Oracle(
        beta_density, (SHAPE, SHAPE, INSIDE), BESIDE,
        (in_shapes(beta_density, 1, 0), in_shapes(beta_density, 0, 1), beta_slope),
    ),
    "betainc": Oracle(
        in_shapes(beta_below, 0, 0), (SHAPE, SHAPE, INSIDE), BESIDE,
        (in_shapes(beta_below, 1, 0), in_shapes(beta_below, 0, 1), beta_density),
    ),
    "dbetapdf": Oracle(
        of_orders(beta_density), ((0, 1), (0, 1), SHAPE, SHAPE, INSIDE), BESIDE,
        (None, None, of_orders(beta_density, (1, 0)), of_orders(beta_density, (0, 1)), of_orders(beta_slope)),
    ),
    "dbetainc": Oracle(
        of_orders(beta_below), ((0, 1), (0, 1), (0.1, 30), (0.1, 30), INSIDE), BESIDE,
        (None, None, of_orders(beta_below, (1, 0)), of_orders(beta_below, (0, 1)), of_orders(beta_density)),
    ),
    "gammapdf": Oracle(
        gamma_density, ((1e-3, 1e3), (1e-300, 1e3)), (10.0, 1.0, 0.5, 30.0),
        (in_shape(gamma_density, 1), lambda a, x: gamma_density(a, x) * ((a - 1) / x - 1)),
    ),
    "gammainc": Oracle(
        gamma_below, ((1e-3, 1e3), (1e-300, 1e3)), (10.0, 1.0, 0.5, 30.0), (in_shape(gamma_below, 1), gamma_density)
    ),
    "gammaincc": Oracle(
        gamma_above, ((1e-3, 1e3), (1e-300, 1e3)), (10.0, 1.0, 0.5, 30.0),
        (lambda a, x: -in_shape(gamma_below, 1)(a, x), lambda a, x: -gamma_density(a, x)),
    ),
    "gammainc_da": Oracle(
        in_shape(gamma_below, 1), ((1e-3, 1e2), (1e-300, 1e2)), (10.0, 1.0, 0.5, 30.0),
        (in_shape(gamma_below, 2), in_shape(gamma_density, 1)),
    ),
    "dgammapdf": Oracle(
        of_order(gamma_density), ((0, 3), (1e-3, 1e2), (1e-3, 1e2)), (10.0, 1.0, 0.5, 30.0),
        (None, of_order(gamma_density, 1),
         lambda n, a, x: in_shape(lambda a, x: gamma_density(a, x) * ((a - 1) / x - 1), int(n))(a, x)),
    ),
    "dgammainc": Oracle(
        of_order(gamma_below), ((0, 3), (1e-3, 1e2), (1e-3, 1e2)), (10.0, 1.0, 0.5, 30.0),
        (None, of_order(gamma_below, 1), of_order(gamma_density)),
    ),
    "exp1": Oracle(mp.e1, ((LEAST, 1e4),), (0.5, 739.0), (lambda a: -mp.exp(-a) / a,)),
    "expi": Oracle(mp.ei, ((-1e4, 750.0),), (0.3725074107813666, 714.0), (lambda a: mp.exp(a) / a,)),
    "sinint": Oracle(mp.si, ((-1e9, 1e9),), (2.0, 4.0), (lambda a: mp.sinc(a),)),
    "cosint": Oracle(mp.ci, ((LEAST, 1e9),), (0.616505485620716, 4.0), (lambda a: mp.cos(a) / a,)),
    "dsinc_radians": Oracle(
        radian_sinc, ((0, 9), (-1e3, 1e3)), (2.0, 4.4934), (None, lambda n, a: radian_sinc(n + 1, a))
    ),
    "dawson": Oracle(lambda a: dawson(0, a), ((-1e4, 1e4),), (7.0, 0.9241388730045916), (lambda a: dawson(1, a),)),
    "ddawson": Oracle(dawson, ((0, 7), (-1e4, 1e4)), (8.5, 0.924), (None, lambda n, a: dawson(n + 1, a))),
    "exp_square": Oracle(lambda a: mp.exp(a * a), ((-28, 28),), (26.6,)),
    "erfi": Oracle(mp.erfi, ((-28, 28),), (26.7,), (lambda a: 2 / mp.sqrt(mp.pi) * mp.exp(a * a),)),
    "fresnels": Oracle(mp.fresnels, ((-1e5, 1e5),), (1.189,), (lambda a: mp.sinpi(a * a / 2),)),
    "fresnelc": Oracle(mp.fresnelc, ((-1e5, 1e5),), (1.189,), (lambda a: mp.cospi(a * a / 2),)),
    "dfresnels": Oracle(
        lambda a: mp.sinpi(a * a / 2), ((-1e9, 1e9),), (2.0,), (lambda a: mp.pi * a * mp.cospi(a * a / 2),)
    ),
    "dfresnelc": Oracle(
        lambda a: mp.cospi(a * a / 2), ((-1e9, 1e9),), (1.0,), (lambda a: -mp.pi * a * mp.sinpi(a * a / 2),)
    ),
    "j0": Oracle(lambda a: mp.besselj(0, a), ((-1e9, 1e9),), J_ZEROS, (lambda a: -mp.besselj(1, a),)),
    "j1": Oracle(lambda a: mp.besselj(1, a), ((-1e9, 1e9),), J_ZEROS, (bessel_slope(mp.besselj, 1),)),
    "y0": Oracle(lambda a: bessel_y(0, a), ((1e-150, 1e9),), Y_ZEROS, (lambda a: -bessel_y(1, a),)),
    "y1": Oracle(lambda a: bessel_y(1, a), ((1e-150, 1e9),), Y_ZEROS, (bessel_slope(bessel_y, 1),)),
    "i0": Oracle(lambda a: mp.besseli(0, a), ((-712, 712),), (48.0, 700.0), (lambda a: mp.besseli(1, a),)),
    "i1": Oracle(lambda a: mp.besseli(1, a), ((-712, 712),), (48.0, 700.0), (bessel_slope(mp.besseli, 1),)),
    "besselj": of_real_order(mp.besselj, -1, -1e4, 1e4),
    "bessely": of_real_order(mp.bessely, -1, 1e-6, 1e4),
    "besseli": of_real_order(mp.besseli, 1, -712, 712),
    "besselk": of_real_order(modified_k, 1, 1e-6, 300, -0.5),
    "dbesselj": in_orders(mp.besselj, -1),
    "dbessely": in_orders(mp.bessely, -1),
    "dbesseli": in_orders(mp.besseli, 1),
    "dbesselk": in_orders(modified_k, 1, -0.5),
    "k0": Oracle(lambda a: bessel_k(0, a), ((1e-150, 800),), (48.0, 690.0), (lambda a: -bessel_k(1, a),)),
    "k1": Oracle(
        lambda a: bessel_k(1, a), ((1e-150, 800),), (48.0, 690.0), (lambda a: -bessel_k(0, a) - bessel_k(1, a) / a,)
    ),
    "sigmoid": Oracle(lambda a: 1 / (1 + mp.exp(-a)), centres=(-745.0, 745.0, 37.0)),
    "softshare": Oracle(lambda a, b: 1 / (1 + mp.exp(b - a)), ((-1e5, 1e5),)),
    "logit": Oracle(lambda a: mp.log(a / (1 - a)), ((LEAST, ONE_BELOW),), (0.5, 0.25, 1.0)),
    "softplus": Oracle(lambda a: mp.log1p(mp.exp(a)), centres=(-745.0, -37.0)),
    "log_sigmoid": Oracle(lambda a: -mp.log1p(mp.exp(-a)), centres=(745.0, 37.0)),
    "relu": Oracle(lambda a: max(a, mp.mpf(0))),
    "leaky_relu": Oracle(lambda a, s: a if a > 0 else s * a),
    "elu": Oracle(elu),
    "selu": Oracle(selu),
    "silu": Oracle(lambda a: a / (1 + mp.exp(-a)), centres=(-745.0, -700.0, -751.0, 40.0, -1.2784645427610738)),
    "gelu": Oracle(
        lambda a: a * normal(a), ((-1e5, 1e5),), (-37.0, -38.5, -0.7517915246935645),
        (lambda a: normal(a) + a * density(a),),
    ),
    "mish": Oracle(
        lambda a: a * mp.tanh(mp.log1p(mp.exp(a))), centres=(-745.0, -700.0, 20.0, 37.0, -1.1924312145154952)
    ),
    "softsign": Oracle(lambda a: a / (1 + abs(a))),
    "abs": Oracle(abs),
    "copysign": Oracle(lambda a, b: abs(a) if b >= 0 else -abs(a)),
    "max": Oracle(max, (REAL,) * 3),
    "min": Oracle(min, (REAL,) * 3),
    "clip": Oracle(lambda a, lo, hi: min(max(a, lo), hi), (REAL,) * 3),
    "gate": Oracle(lambda c, a: c * a if c else mp.mpf(0), (REAL,) * 2),
    "where": Oracle(lambda c, a, b: a if c else b, (REAL,) * 3),
}  # fmt: skip


def arguments(name: str, n: int) -> list[tuple[float, ...]]:
    """n points of an op's domain; of several arguments, some are equal or next to it."""
    oracle = ORACLES[name]
    rng = random.Random(name)
    arity = max(len(oracle.ranges), OPS[name].params.count(" ") + 1)
    points: list[tuple[float, ...]] = []
    while len(points) < n:
        args = [spread(rng, *oracle.ranges[min(i, len(oracle.ranges) - 1)], oracle.centres) for i in range(arity)]
        if name in (
            "dsinc",
            "polygamma",
            "derfcx",
            "dsinc_radians",
            "ddawson",
            "dgammapdf",
            "dgammainc",
            "dwofz_real",
            "dwofz_imag",
            "dvoigt",
            "dvoigt_imag",
            "dpolylog",
        ):
            args[0] = float(rng.randint(*map(int, oracle.ranges[0])))
        elif name in ("dbetapdf", "dbetainc", "dzeta", "dbinom"):
            args[:2] = float(rng.randint(0, 1)), float(rng.randint(0, 1))
        elif name in ("besselj", "bessely", "besseli", "besselk"):
            if rng.random() < 0.4 or args[1] < 0.0:
                args[0] = float(round(args[0]))
        elif name in ("dbesselj", "dbessely", "dbesseli", "dbesselk"):
            args[0] = float(rng.randint(0, 2))
        elif name == "dhyp2f1":
            chosen = rng.randint(0, 3)
            args[:4] = [float(k == chosen) * rng.randint(0, 1) for k in range(4)]
        elif name == "carlson":
            args[:5] = [float(rng.randint(*map(int, oracle.ranges[i]))) for i in range(5)]
            args[0] = min(args[0], sum(args[1:5]))
        elif name == "binom" and args[0] < 0.0:
            args[0] += 0.25 if args[0] % 1.0 == 0.0 else 0.0
        elif name == "pow" and args[0] < 0.0:
            args[1] = float(rng.randint(-300, 300))
        elif arity > 1 and len(oracle.ranges) != 2 and len(set(oracle.ranges)) == 1 and rng.random() < 0.3:
            scale = math.ldexp(rng.uniform(1.0, 2.0), rng.randint(-60, 60))
            beside = args[0] * rng.choice((1.0, -1.0, 1.0 + 2**-52, 1.0 + 2**-30, scale, -scale))
            low, high = oracle.ranges[-1]
            args[1] = max(-HUGE, min(beside, HUGE)) if low <= 0.0 else max(low, min(abs(beside), high))
        if arity < 3 or len(set(args)) > 1:  # three at a tie share, and no difference says how
            points.append(tuple(a + 0.0 for a in args))
    return points


def _asked(f: Exact, args: tuple[Any, ...]) -> Any:
    """What a function answers; nan where it has a pole, or no real value."""
    try:
        y = f(*args)
    except (ValueError, ZeroDivisionError):
        return mp.nan
    return mp.nan if isinstance(y, mp.mpc) and y.imag else mp.re(y)


def exactly(f: Exact, args: tuple[float, ...]) -> Any:
    """The answer with digits to spare, also beside zeros; nan at a pole and outside the domain."""
    exact = tuple(map(mp.mpf, args))
    with mp.workprec(300):
        y = _asked(f, exact)
        size = mp.frexp(y)[1] if mp.isnormal(y) else 0
    spent = max(0, -size, *(abs(mp.frexp(a)[1]) for a in exact))
    if spent < 60:
        return y
    with mp.workprec(300 + 2 * min(spent, 1200)):
        return _asked(f, exact)


def slope(name: str, args: tuple[float, ...], i: int) -> Any:
    """The derivative in the i-th argument; at a kink the mean of the one-sided ones."""
    oracle = ORACLES[name]
    written = oracle.slopes[i] if oracle.slopes else None
    if written is not None:
        return exactly(written, args)
    near, far = (min(1.0, abs(args[i])), max(abs(a) for a in args)) if args[i] else (LEAST, 1.0)
    step = 160 - mp.frexp(mp.mpf(near))[1]
    bits, before = 200 + step + 2 * abs(mp.frexp(mp.mpf(far))[1]), None
    enough = bits + 1200  # to see a slope that is no less than the least float
    while True:
        with mp.workprec(bits):
            h = mp.mpf(2) ** -step
            exact = list(map(mp.mpf, args))
            up, down = (_asked(oracle.value, (*exact[:i], exact[i] + s * h, *exact[i + 1 :])) for s in (1, -1))
            y = (up - down) / (2 * h)
            settled = y and before is not None and abs(y - before) <= abs(y) * mp.mpf(2) ** -80
            if mp.isnan(y) or settled or (not y and bits > enough):
                return y
        before, bits = y, bits + bits // 2
