"""Values of the beta function and its logarithm, of the density of the beta law and of the regularized incomplete beta
function, and of the derivatives of the last two in the parameters a and b, of any order.

The method is that of `incomplete`: with t/(1 - t) = x/(1 - x) e^-v, the integral of the density below x is its value
at x times an integral of exp(-φ(v)) over v > 0, with a convex φ. The integral above x is the integral below 1 - x with
a and b exchanged. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from . import fixed_point
from .elementary import difference, exp, power, product, square
from .incomplete import decayed, excess, falling_integral, total
from .special import STIRLING_DIGAMMA, digamma, gamma, lgamma, polygamma

inf = math.inf
nan = math.nan

# The largest sum of the two orders of a derivative.
BOTH_ORDERS = 24.0


def _exact_log_beta(a: float, b: float, p: int) -> int:
    x, y = fixed_point.fixed(a, p), fixed_point.fixed(b, p)
    return fixed_point.loggamma(x, p) + fixed_point.loggamma(y, p) - fixed_point.loggamma(x + y, p)


def _bits(*a: float) -> int:
    """The bits of fixed point that the logarithm of the least of the numbers needs, in steps of 64."""
    return 192 + 64 * max(0, *(math.ceil(-math.frexp(x)[1] / 64.0) for x in a))


def lbeta(a: float, b: float) -> float:
    """log B(a, b) for a > 0 and b > 0; in fixed point where the logarithms of the gamma functions cancel."""
    if not (a > 0.0 and b > 0.0):
        return nan if a != a or b != b or min(a, b) < 0.0 else inf
    if max(a, b) == inf:
        return -inf
    if max(a, b) < 10.0:
        x, y, z = lgamma(a), lgamma(b), -lgamma(a + b)
        found = math.fsum((x, y, z))
        if abs(found) > 0.5 * max(abs(x), abs(y), abs(z)):
            return found
    p = _bits(a, b)
    exact = _exact_log_beta(a, b, p)
    # For floats the logarithm is 0 only at 1 and 1: a remainder there is rounding.
    return fixed_point.rounded(exact, p) if abs(exact) >> p - 140 else 0.0


def beta(a: float, b: float) -> float:
    """B(a, b) = Γ(a)Γ(b)/Γ(a + b) for a > 0 and b > 0."""
    if not (a > 0.0 and b > 0.0):
        return nan if a != a or b != b or min(a, b) < 0.0 else inf
    if max(a, b) == inf:
        return 0.0
    if max(a, b) <= 10.0:
        s, lost = difference(a, -b)
        y = gamma(max(a, b)) / gamma(s) * gamma(min(a, b))
        return y - y * (digamma(s) * lost) if y < inf else y
    if lgamma(min(a, b)) - min(a, b) * math.log(max(a, b)) < -900.0 and min(a, b) < 1e-3 * max(a, b):
        return 0.0
    if min(a, b) > 1e3:
        return 0.0
    p = _bits(a, b)
    high, low = fixed_point.split(_exact_log_beta(a, b, p), p)
    return decayed(1.0, -high, -low) if high < 0.0 else exp(high) * (1.0 + low)


def digamma_gap(a: float, b: float) -> float:
    """ψ(a + b) - ψ(a) for a > 0 and b > 0: a sum of positive terms (DLMF 5.7.6), and from 10 on the difference of the
    asymptotic series (DLMF 5.11.2), term by term."""
    if not (a > 0.0 and b > 0.0) or a + b == inf:
        return nan if a != a or b != b or min(a, b) < 0.0 else 0.0 if b == 0.0 or a == inf else inf
    terms = []
    while a < 10.0:
        terms.append(b / (a + b) / a)
        a += 1.0
    u = math.log1p(b / a)
    terms += (u, 0.5 * b / (a + b) / a)
    c = 1.0
    for k, coefficient in enumerate(STIRLING_DIGAMMA[::-1], 1):
        c = c / a / a
        terms.append(coefficient * c * -math.expm1(-2.0 * k * u))
    return total(terms)


def _beta_lead(a: float, b: float, x: float) -> float:
    """x^a (1 - x)^b/B(a, b), for 0 < x < 1."""
    rest, lost = difference(1.0, x)
    if max(a, b) <= 10.0:
        # The last factor but one corrects the power for the rounding of 1 - x.
        return power(x, a) * power(rest, b) * (1.0 + b * lost / rest) / beta(a, b)
    if max(a, b) > 1e280:
        return 0.0
    rough = a * math.log(x) + b * math.log1p(-x) - lbeta(a, b)
    if rough < -900.0 - 1e-13 * (a + b):
        return 0.0
    p = _bits(a, b, x) + 64 * math.ceil(math.frexp(max(a, b))[1] / 64.0)
    small = fixed_point.fixed(x, p)
    y = (
        fixed_point.fixed(a, p) * fixed_point.log(small, p)
        + fixed_point.fixed(b, p) * fixed_point.log((1 << p) - small, p)
        >> p
    )
    high, low = fixed_point.split(y - _exact_log_beta(a, b, p), p)
    return decayed(1.0, -high, -low) if high < 0.0 else exp(high) * (1.0 + low)


def betapdf(a: float, b: float, x: float) -> float:
    """x^(a - 1) (1 - x)^(b - 1)/B(a, b), the density of the beta law."""
    if not (0.0 < a < inf and 0.0 < b < inf and 0.0 <= x <= 1.0):
        return nan
    if x in (0.0, 1.0):
        here, other = (a, b) if x == 0.0 else (b, a)
        return 0.0 if here > 1.0 else other if here == 1.0 else inf
    if x < 1e-290 and a < 10.0:
        return power(x, a - 1.0) * exp(-lbeta(a, b))
    return _beta_lead(a, b, x) / x / (1.0 - x)


def bell_of_both(m: int, n: int, slope: Callable[[int, int], float]) -> float:
    """∂^m/∂a^m ∂^n/∂b^n exp(L), divided by exp(L), from the derivatives of L (Constantine and Savits 1996)."""

    y: dict[tuple[int, int], float] = {(0, 0): 1.0}
    for k in range(1, n + 1):
        y[0, k] = total([math.comb(k - 1, j) * slope(0, j + 1) * y[0, k - 1 - j] for j in range(k)])
    for k in range(1, m + 1):
        for q in range(n + 1):
            pairs = [(i, j) for i in range(k) for j in range(q + 1)]
            y[k, q] = total(
                [math.comb(k - 1, i) * math.comb(q, j) * slope(i + 1, j) * y[k - 1 - i, q - j] for i, j in pairs]
            )
    return y[m, n]


def _beta_bent(m: int, n: int, a: float, b: float, x: float, rest: float) -> Callable[[float, float], float]:
    """The derivative of the density at t, m times in a and n times in b, divided by the density, as a function of
    log(t/x) and log((1 - t)/(1 - x))."""
    first = math.log(x) + digamma_gap(a, b)
    second = (math.log1p(-x) if x < 0.5 else math.log(rest)) + digamma_gap(b, a)
    shared = {k: polygamma(float(k), a + b) for k in range(1, m + n)}
    alone = {(k + 1, 0): shared[k] - polygamma(float(k), a) for k in range(1, m)}
    alone |= {(0, k + 1): shared[k] - polygamma(float(k), b) for k in range(1, n)}

    # The orders of gradients and Hessians need no general sum.
    if m + n == 1:
        return (lambda u, w: first + u) if m else (lambda u, w: second + w)
    if m + n == 2:
        bend = shared[1] if m == n else alone[m, n]
        if m == n:
            return lambda u, w: (first + u) * (second + w) + bend
        return (lambda u, w: square(first + u) + bend) if m else (lambda u, w: square(second + w) + bend)

    def weight(u: float, w: float) -> float:
        known = {**alone, (1, 0): first + u, (0, 1): second + w}
        return bell_of_both(m, n, lambda i, j: known[i, j] if (i, j) in known else shared[i + j - 1])

    return weight


def dbetapdf(m: float, n: float, a: float, b: float, x: float) -> float:
    """The derivative of betapdf, m times in a and n times in b."""
    y = betapdf(a, b, x)
    if not (m >= 0.0 and n >= 0.0 and m + n <= BOTH_ORDERS and m % 1.0 == n % 1.0 == 0.0) or y != y:
        return nan
    if m + n == 0.0 or y == 0.0:
        return y
    return y * _beta_bent(int(m), int(n), a, b, x, 1.0 - x)(0.0, 0.0) if 0.0 < x < 1.0 else nan


def _less(z: float) -> float:
    """log(1 + z) - z."""
    if abs(z) > 0.4:
        return math.log1p(z) - z
    # by the series of log((1 + r)/(1 - r)), r = z/(2 + z)
    r = z / (2.0 + z)
    square = r * r
    term = 2.0 * r * square
    y = -z * r
    k = 3.0
    while abs(term) > 1e-18 * abs(y):
        y += term / k
        term *= square
        k += 2.0
    return y


def _beta_below(m: int, n: int, a: float, b: float, x: float, rest: float, lost: float) -> float:
    """The integral, from 0 to x, of the derivative of the density, m times in a and n times in b.

    x is at most a/(a + b), or a little more. 1 - x is rest + lost, rounded to rest.
    """
    y = _beta_lead(a, b, x) if x + rest == 1.0 and x <= 0.5 else _beta_lead(b, a, rest)
    if y == 0.0:
        return 0.0
    high, low = product(a, rest)
    other, under = product(b, x)
    gap = (high - other) + (low - under + a * lost)
    s = a + b

    def grown(v: float) -> float:
        """x v - log((1 - t)/(1 - x)), which is of second order in v, without cancellation."""
        if x < 0.5:
            return _less(x * math.expm1(-v)) + x * excess(-v) if v < 0.5 else math.log1p(x * math.expm1(-v)) + x * v
        if v < 0.5:
            return _less(rest * math.expm1(v)) + rest * excess(v)
        return (math.log1p(rest * math.expm1(v)) if v < 700.0 else math.log(rest) + v) - rest * v

    def phi(v: float) -> float:
        return gap * v + s * grown(v)

    guess = 1.0 / (abs(gap) + math.sqrt(s * x * rest) + 1e-300)
    if m + n == 0:
        return y * falling_integral(phi, min(guess, 1e300), None)
    bent = _beta_bent(m, n, a, b, x, rest)

    def weight(v: float) -> float:
        if x < 0.5:
            d = math.log1p(x * math.expm1(-v))
        else:
            d = math.log1p(rest * math.expm1(v)) - v if v < 700.0 else math.log(rest)
        return bent(-v - d, -d)

    return y * falling_integral(phi, min(guess, 1e300), weight)


def _sides(m: int, n: int, a: float, b: float, x: float) -> tuple[float, float]:
    """The integrals below x and above x: one of them, and nan for the other."""
    rest, lost = difference(1.0, x)
    # The first derivatives of the density have one sign on either side of a point that is not the mean.
    if n == 0 < m:
        low = math.log(x) + digamma_gap(a, b) <= 0.0
    elif m == 0 < n:
        low = math.log1p(-x) + digamma_gap(b, a) >= 0.0
    else:
        low = a * rest >= b * x
    if low:
        return _beta_below(m, n, a, b, x, rest, lost), nan
    # rest stands for 1 - x with an error of half a unit in its last place, and 1 - rest counts as x exactly.
    return nan, _beta_below(n, m, b, a, rest, x, 0.0)


def betainc(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function I_x(a, b)."""
    if not (0.0 < a < inf and 0.0 < b < inf and 0.0 <= x <= 1.0):
        return nan
    if x in (0.0, 1.0):
        return x
    below, above = _sides(0, 0, a, b, x)
    if above > 0.6:  # near the mean of a law so skew that most of it is above
        return _beta_below(0, 0, a, b, x, *difference(1.0, x))
    return below if below == below else 1.0 - above


def dbetainc(m: float, n: float, a: float, b: float, x: float) -> float:
    """The derivative of betainc, m times in a and n times in b."""
    if m == n == 0.0:
        return betainc(a, b, x)
    if not (m >= 0.0 and n >= 0.0 and m + n <= BOTH_ORDERS and m % 1.0 == n % 1.0 == 0.0):
        return nan
    if not (0.0 < a < inf and 0.0 < b < inf and 0.0 <= x <= 1.0):
        return nan
    if x in (0.0, 1.0):
        return 0.0
    below, above = _sides(int(m), int(n), a, b, x)
    return below if below == below else -above
