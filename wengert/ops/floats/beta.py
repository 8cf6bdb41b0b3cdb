"""Values of the beta function and its logarithm, of the density of the beta law and of the regularized incomplete beta
function, and of the derivatives of the last two in the parameters a and b, of any order.

The method is that of `incomplete`: with t/(1 - t) = x/(1 - x) e^-v, the integral of the density below x is its value
at x times an integral of exp(-φ(v)) over v > 0, with a convex φ. The integral above x is the integral below 1 - x with
a and b exchanged. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from . import doubled, fixed_point
from .deviances import (
    beta_gap,
    decayed,
    deviance,
    excess,
    log_excess,
    log_rest,
    log_sum_ratio,
    logarithm_pair,
    slope_in_first,
    slope_in_second,
)
from .doubled import Pair
from .elementary import difference, exp, power, square
from .incomplete import DEEP, FEW, NEAR, NODES, WEIGHTS, falling_integral
from .small_shapes import bell_of_both, bent_of_small, betainc_by_series, betainc_of_least
from .special import SQRT_TAU, STIRLING, _polynomial, digamma, digamma_gap, gamma, lgamma, polygamma, polygamma_gap

inf = math.inf
nan = math.nan

# The largest sum of the two orders of a derivative.
BOTH_ORDERS = 24.0
HALF_LOG_TAU = 0.9189385332046728
# Beyond this a difference of products of parameters needs more bits than a pair has.
HUGE = 1e20
# Below this sum of the parameters x^a and (1 - x)^b are 1, and betainc is b/(a + b) (DLMF 8.17.1 and 5.12.1).
LEAST_SHAPES = 1e-20
# Below these a parameter's reciprocal would cancel in derivatives of higher orders, and in the first ones.
SMALL_SHAPE, SMALL_OF_FIRST = 1.0, 1e-2


def _beyond_stirling(a: float) -> float:
    """log Γ(a) less Stirling's formula (DLMF 5.11.1), for a >= 7."""
    return _polynomial(STIRLING, 1.0 / a / a) / a


def lbeta(a: float, b: float) -> float:
    """log B(a, b) for a > 0 and b > 0; in doubled precision where the logarithms of the gamma functions cancel, and in
    fixed point where nearly nothing is left."""
    if not (a > 0.0 and b > 0.0):
        return nan if a != a or b != b or a < 0.0 or b < 0.0 else inf
    least = min(a, b)
    most = max(a, b)
    if most == inf:
        return -inf
    if least >= 10.0:
        ratio = least / most
        share = ratio / (1.0 + ratio)
        u = (least - 0.5) * math.log(share) - most * math.log1p(ratio)
        w = _beyond_stirling(least) + (_beyond_stirling(most) - _beyond_stirling(least + most))
        return u + (HALF_LOG_TAU - 0.5 * math.log(most) + w)
    x = lgamma(least)
    if most >= 10.0:
        w = _beyond_stirling(most) - _beyond_stirling(least + most)
        over = (most + (least - 0.5)) * math.log1p(least / most) - least
        y = x - least * math.log(most) - (over - w)
        if abs(y) > 0.7 * abs(x):
            return y
    else:
        s, lost = difference(least, -most)
        z = lgamma(most)
        t = lgamma(s) + (digamma(s) * lost if lost != 0.0 else 0.0)
        y = x + (z - t)
        if abs(y) > 0.7 * max(abs(x), max(abs(z), abs(t))):
            return y
        y = math.log(gamma(most) / gamma(s) * gamma(least)) - math.log(s - 0.5) * lost
        if abs(y) > 1.5:
            return y
    v = doubled.plus(
        doubled.minus(doubled.loggamma((most, 0.0)), doubled.loggamma(doubled.total(least, most))),
        doubled.loggamma((least, 0.0)),
    )
    return v[0] if abs(v[0]) > 1e-12 else fixed_point.log_beta(least, most)


def beta(a: float, b: float) -> float:
    """B(a, b) = Γ(a)Γ(b)/Γ(a + b) for a > 0 and b > 0."""
    if not (a > 0.0 and b > 0.0):
        return nan if a != a or b != b or a < 0.0 or b < 0.0 else inf
    least = min(a, b)
    most = max(a, b)
    if most == inf:
        return 0.0
    s, lost = difference(least, -most)
    if most <= 10.0:
        y = gamma(most) / gamma(s) * gamma(least)
        return y - y * (digamma(s) * lost) if y < inf else y
    if least > 1e3:
        return 0.0
    if most > 1e60:
        # Γ(most)/Γ(s) is most^-least.
        d = doubled.times(logarithm_pair((most, 0.0)), least)
        return decayed(gamma(least), d[0], d[1]) if least < 7.0 else 0.0
    w = _beyond_stirling(s) - _beyond_stirling(most)
    over = log_sum_ratio(least, most)
    if least < 7.0:
        # Γ(most)/Γ(s) is s^-least e^least (most/s)^(most - 1/2), but for w.
        d = doubled.plus(doubled.times(logarithm_pair((s, lost)), least), doubled.times(over, most - 0.5))
        d = doubled.plus(d, (-least, 0.0))
        return decayed(gamma(least), d[0], d[1] + w)
    d = doubled.plus(doubled.times(log_sum_ratio(most, least), least), doubled.times(over, most))
    return decayed(SQRT_TAU * math.sqrt(s / most) / math.sqrt(least), d[0], d[1] + w - _beyond_stirling(least))


def _lead_of(a: float, b: float, share: float, x: Pair, y: Pair) -> float:
    """x^a y^b/(s^s B(a, b)), s = a + b = x + y, for a <= b and b >= 7; `share` is b/s."""
    d = deviance(b, y)
    w = _beyond_stirling(b) - _beyond_stirling(a + b)
    if a < 7.0:
        if x[0] > 1e3 or x[0] == 0.0:
            return 0.0
        d = doubled.plus(d, x)
        factor = power(x[0], a) * (a / gamma(a + 1.0) if a < 1e-3 else 1.0 / gamma(a))
        return decayed(factor * math.sqrt(share), d[0], d[1] + (w - a * (x[1] / x[0])))
    d = doubled.plus(d, deviance(a, x))
    return decayed(math.sqrt(a) * math.sqrt(share) / SQRT_TAU, d[0], d[1] + (w + _beyond_stirling(a)))


def _over_beta(y: float, a: float, b: float) -> float:
    """y/B(a, b)."""
    least = min(a, b)
    return y / beta(a, b) if least > 1e-290 else y * (least / (1.0 + least / max(a, b)))


def _beta_lead(a: float, b: float, x: float) -> float:
    """x^a (1 - x)^b/B(a, b), for 0 < x < 1."""
    rest, lost = difference(1.0, x)
    most = max(a, b)
    if most <= 10.0:
        # The last factor corrects the power for the rounding of 1 - x.
        return _over_beta(power(x, a) * power(rest, b) * (1.0 + b * lost / rest), a, b)
    if most > 1e280:
        return 0.0
    if most > HUGE:
        return fixed_point.beta_lead(a, b, x)
    s = doubled.total(a, b)
    below = doubled.times(s, x)
    above = doubled.multiplied(s, (rest, lost))
    return _lead_of(a, b, b / s[0], below, above) if a <= b else _lead_of(b, a, a / s[0], above, below)


def betapdf(a: float, b: float, x: float) -> float:
    """x^(a - 1) (1 - x)^(b - 1)/B(a, b), the density of the beta law."""
    if not (0.0 < a < inf and 0.0 < b < inf and 0.0 <= x <= 1.0):
        return nan
    if x in (0.0, 1.0):
        here, other = (a, b) if x == 0.0 else (b, a)
        return 0.0 if here > 1.0 else other if here == 1.0 else inf
    if x < 1e-40 and a < 10.0 and b < 1e20:
        # x times the density would vanish before it.
        y = power(x, a - 1.0 if a > 0.5 else a)
        if y > 1e-300:
            return _over_beta(y, a, b) if a > 0.5 else _over_beta(y, a, b) / x
    return _beta_lead(a, b, x) / x / (1.0 - x)


def _beta_bent(
    m: int, n: int, a: float, b: float, x: float, rest: float, gap: float
) -> Callable[[float, float], float]:
    """The derivative of the density at t, m times in a and n times in b, m + n > 1, divided by the density, as a
    function of log(t/x) and log((1 - t)/(1 - x))."""
    if min(a, b) < SMALL_SHAPE:
        return bent_of_small(m, n, a, b, log_rest(rest, x), log_rest(x, rest))
    first = slope_in_first(a, b, x, rest, gap)
    second = slope_in_second(a, b, x, rest, gap)
    shared = {k: polygamma(float(k), a + b) for k in range(1, m + n)}
    alone = {(k + 1, 0): polygamma_gap(float(k), a, b) for k in range(1, m)}
    alone |= {(0, k + 1): polygamma_gap(float(k), b, a) for k in range(1, n)}

    # The orders of Hessians need no general sum.
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
    if not 0.0 < x < 1.0:
        return nan
    if m + n == 1.0:
        rest, lost = difference(1.0, x)
        gap = beta_gap(a, b, x, rest, lost)
        return y * (slope_in_first(a, b, x, rest, gap) if m == 1.0 else slope_in_second(a, b, x, rest, gap))
    return y * _bent_of_order(m, n, a, b, x)


def _bent_of_order(m: float, n: float, a: float, b: float, x: float) -> float:
    """`_beta_bent` at t = x."""
    rest, lost = difference(1.0, x)
    return _beta_bent(int(m), int(n), a, b, x, rest, beta_gap(a, b, x, rest, lost))(0.0, 0.0)


def _beta_grown(x: float, rest: float, v: float) -> float:
    """x v - log((1 - t)/(1 - x)), which is of second order in v, without cancellation."""
    if x < 0.5:
        return log_excess(x * math.expm1(-v)) + x * excess(-v) if v < 0.5 else math.log1p(x * math.expm1(-v)) + x * v
    if v < 0.5:
        return log_excess(rest * math.expm1(v)) + rest * excess(v)
    return (math.log1p(rest * math.expm1(v)) if v < 700.0 else math.log(rest) + v) - rest * v


def _beta_phi(gap: float, s: float, x: float, rest: float, v: float) -> float:
    return gap * v + s * _beta_grown(x, rest, v)


def _beta_weight(kind: float, slope: float, x: float, rest: float, v: float) -> float:
    """The derivative of the density at t, divided by the density: in a for kind 1, in b for kind 2; 1 for kind 0."""
    if kind == 0.0:
        return 1.0
    if x < 0.5:
        d = math.log1p(x * math.expm1(-v))
        return slope - v - d if kind == 1.0 else slope - d
    d = math.log1p(rest * math.expm1(v)) if v < 700.0 else math.log(rest) + v
    return slope - d if kind == 1.0 else slope + v - d


def _beta_integral(gap: float, s: float, x: float, rest: float, kind: float, slope: float) -> float:
    """`falling_integral` of exp(-gap*v - s*_beta_grown(x, rest, v)), with `_beta_weight`."""
    end = min(1.0 / (abs(gap) + math.sqrt(s * x * rest) + 1e-300), 1e300)
    while _beta_phi(gap, s, x, rest, end) < DEEP and end < 1e300:
        end = 2.0 * end
    low = 0.0
    k = 0.0
    while k < 12.0:
        middle = 0.5 * (low + end)
        if _beta_phi(gap, s, x, rest, middle) < DEEP:
            low = middle
        else:
            end = middle
        k += 1.0
    # The integrand turns where t is 1/2; elsewhere it is smooth.
    turn = math.log(x) - math.log(rest) if x > rest else 0.0
    start = turn - NEAR if turn > 2.0 * NEAR else 0.0
    near = end if end < turn + NEAR else turn + NEAR
    pieces = float(math.ceil((near - start) / 3.0)) if near > start + 6.0 else 2.0
    terms: list[float] = []
    right = end
    k = pieces
    while right > 0.0:
        left = start + (near - start) * (k - 1.0) / pieces
        if right > near:
            left = turn + 0.25 * (right - turn) if right - turn > 4.0 * NEAR else turn + NEAR
        elif right > start:
            k -= 1.0
        else:
            left = 4.0 * right - 3.0 * turn if 4.0 * right > 3.0 * turn else 0.0
        centre = 0.5 * (right + left)
        half = 0.5 * (right - left)
        for node, w in zip(NODES, WEIGHTS):
            v = centre - half * node
            one = half * w * exp(-_beta_phi(gap, s, x, rest, v)) * _beta_weight(kind, slope, x, rest, v)
            v = centre + half * node
            other = half * w * exp(-_beta_phi(gap, s, x, rest, v)) * _beta_weight(kind, slope, x, rest, v)
            terms += (one, other)
        right = left
    return math.fsum(terms)


def _beta_fraction(a: float, b: float, x: float, rest: float, gap: float) -> float:
    """The integral of the density below x over x^a (1 - x)^b/B(a, b), for x at most a/(a + b), or a little more: the
    even part of a continued fraction (Didonato and Morris 1992, equation 9; DLMF 8.17.22), from a term that is
    negligible. Beside 1 it loses digits for a small b. `gap` is a (1 - x) - b x."""
    # Two terms far out are in the ratio ((1 - r)/(1 + r))^2, where r^2 is 1 - x.
    rate = 2.0 * math.log1p(math.sqrt(rest)) - math.log(x)
    n = float(math.ceil(6.0 + 18.5 / rate + 2.5 * math.sqrt(min(a, b))))
    over = 1.0 + 1.0 / a
    above = 0.0
    y = 1.0
    while n > 0.0:
        t = n / a
        s = a + (2.0 * n - 1.0)
        w = n * (b - n) * x
        y = n + w / s + (1.0 + t) / (over + t + t) * (1.0 + gap + n * (rest + 1.0)) + above / y
        p = 1.0 + (n - 1.0) / a
        above = p * (p + b / a) * (a / s) * (a / s) * (w * x)
        n -= 1.0
    return 1.0 / ((1.0 + gap) / over + above / y)


def beta_ratio(a: float, b: float, x: float, rest: float, gap: float) -> float:
    """The integral of the density below x over x^a (1 - x)^b/B(a, b), for x at most a/(a + b), or a little more."""
    if 1e-3 < a < FEW and b < FEW and rest > (1e-4 if b >= 0.5 else 0.05):
        return _beta_fraction(a, b, x, rest, gap)
    return _beta_integral(gap, a + b, x, rest, 0.0, 0.0)


def _beta_side(a: float, b: float, x: float, rest: float, lost: float, kind: float) -> float:
    """The integral from 0 to x of the density, or of its derivative in a for kind 1 or in b for kind 2, for x at most
    a/(a + b), or a little more. 1 - x is rest + lost, rounded to rest."""
    y = _beta_lead(a, b, x) if x + rest == 1.0 and x <= 0.5 else _beta_lead(b, a, rest)
    if y == 0.0:
        return y
    gap = beta_gap(a, b, x, rest, lost)
    if kind == 0.0:
        return y * beta_ratio(a, b, x, rest, gap)
    slope = 0.0
    if kind == 1.0:
        slope = slope_in_first(a, b, x, rest, gap)
    if kind == 2.0:
        slope = slope_in_second(a, b, x, rest, gap)
    if abs(slope) > 1e280:
        # The other terms are negligible, and sums of such terms overflow.
        return y * slope * _beta_integral(gap, a + b, x, rest, 0.0, 0.0)
    return y * _beta_integral(gap, a + b, x, rest, kind, slope)


def _beta_below(m: int, n: int, a: float, b: float, x: float, rest: float, lost: float) -> float:
    """The integral, from 0 to x, of the derivative of the density, m times in a and n times in b, m + n > 1.

    x is at most a/(a + b), or a little more. 1 - x is rest + lost, rounded to rest.
    """
    y = _beta_lead(a, b, x) if x + rest == 1.0 and x <= 0.5 else _beta_lead(b, a, rest)
    if y == 0.0:
        return 0.0
    gap = beta_gap(a, b, x, rest, lost)
    s = a + b

    def phi(v: float) -> float:
        return _beta_phi(gap, s, x, rest, v)

    guess = 1.0 / (abs(gap) + math.sqrt(s * x * rest) + 1e-300)
    bent = _beta_bent(m, n, a, b, x, rest, gap)

    def weight(v: float) -> float:
        if x < 0.5:
            d = math.log1p(x * math.expm1(-v))
            return bent(-v - d, -d)
        d = math.log1p(rest * math.expm1(v)) if v < 700.0 else math.log(rest) + v
        return bent(-d, v - d)

    turn = math.log(x) - math.log(rest) if x > rest else 0.0
    return y * falling_integral(phi, min(guess, 1e300), weight, turn)


def _sides(m: int, n: int, a: float, b: float, x: float) -> tuple[float, float]:
    """The integrals below x and above x: one of them, and nan for the other."""
    rest, lost = difference(1.0, x)
    # The first derivatives of the density have one sign on either side of a point that is not the mean.
    if n == 0 < m:
        lead = -math.log(x) - digamma_gap(a, b)
    elif m == 0 < n:
        lead = math.log1p(-x) + digamma_gap(b, a)
    else:
        lead = a * rest - b * x
    if lead >= 0.0:
        return _beta_below(m, n, a, b, x, rest, lost), nan
    # rest stands for 1 - x with an error of half a unit in its last place, and 1 - rest counts as x exactly.
    return nan, _beta_below(n, m, b, a, rest, x, 0.0)


def betainc(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function I_x(a, b)."""
    if not (0.0 < a < inf and 0.0 < b < inf and 0.0 <= x <= 1.0):
        return nan
    if x in (0.0, 1.0):
        return x
    if a + b < LEAST_SHAPES:
        return b / (a + b)
    rest, lost = difference(1.0, x)
    if a * rest >= b * x:
        return _beta_side(a, b, x, rest, lost, 0.0)
    # rest stands for 1 - x with an error of half a unit in its last place, and 1 - rest counts as x exactly.
    above = _beta_side(b, a, rest, x, 0.0, 0.0)
    # Near the mean of a law so skew that most of it is above, the other side keeps more digits.
    return 1.0 - above if above <= 0.6 else _beta_side(a, b, x, rest, lost, 0.0)


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
    if a + b < LEAST_SHAPES:
        return betainc_of_least(m, n, a, b)
    if m + n == 1.0:
        return _first_betainc(m, a, b, x)
    return _betainc_of_orders(m, n, a, b, x)


def _first_betainc(m: float, a: float, b: float, x: float) -> float:
    """The first derivative of betainc, in a for m = 1 and in b for m = 0; on the side where that of the density has one
    sign."""
    if min(a, b) < SMALL_OF_FIRST:
        return _betainc_of_orders(m, 1.0 - m, a, b, x)
    rest, lost = difference(1.0, x)
    gap = beta_gap(a, b, x, rest, lost)
    slope = slope_in_first(a, b, x, rest, gap) if m == 1.0 else -slope_in_second(a, b, x, rest, gap)
    if slope <= 0.0:
        return _beta_side(a, b, x, rest, lost, 2.0 - m)
    return -_beta_side(b, a, rest, x, 0.0, 1.0 + m)


def _betainc_of_orders(m: float, n: float, a: float, b: float, x: float) -> float:
    """The derivative of betainc, m times in a and n times in b, m + n > 1."""
    if min(a, b) < SMALL_SHAPE:
        return _betainc_of_small(int(m), int(n), a, b, x)
    below, above = _sides(int(m), int(n), a, b, x)
    return below if below == below else -above


def _betainc_of_small(m: int, n: int, a: float, b: float, x: float) -> float:
    """The same, for m + n > 0, where a or b is below SMALL_SHAPE."""
    rest, lost = difference(1.0, x)
    if x <= 0.5 and b * x > 1.0:
        return -_beta_below(n, m, b, a, rest, x, 0.0)
    if x > 0.5 and a * rest > 1.0:
        return _beta_below(m, n, a, b, x, rest, lost)
    sign = 1.0
    if x > 0.5:
        m, n, a, b, x, sign = n, m, b, a, rest, -1.0
    lead = power(x, a) / beta(1.0 + a, 1.0 + b) / (1.0 + a + b)
    return sign * betainc_by_series(m, n, a, b, x, lead)
