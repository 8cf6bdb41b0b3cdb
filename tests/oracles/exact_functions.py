"""Functions of mpmath: elementary ones, those of Gauss, the gamma and beta functions, and their inverses."""

from __future__ import annotations

from typing import Any

import mpmath as mp

from tests.oracles.oracle import Exact
from wengert.ops.floats import elementary


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
