"""Values of the inverse of the incomplete beta function, the quantile function of the beta law. As in `elementary`, no
function raises.

The logarithm of a tail is concave in t = log(x/(1 - x)), and its derivatives are rational functions of x and of the
density. Temme's asymptotic inversion (1992) gives a first guess, and steps of fifth order follow. For a small shape an
error of the tail is magnified by the reciprocal of the shape: there the last step is in pairs, or all are in fixed
point.
"""

from __future__ import annotations

import math

from . import doubled, fixed_point
from .beta import (
    _beta_lead,
    _beyond_stirling,
    beta_ratio,
    betainc,
    lbeta,
)
from .deviances import beta_gap
from .doubled import Pair
from .elementary import difference
from .inverse import ndtri
from .quantiles import LEAST_LOGARITHM, MOST_STEPS, _bits_of_law, _float_of_exp_of_law

nan = math.nan

# The shapes of the beta law, and the least one for which a pair has all digits.
LEAST_SHAPE, LARGEST_SHAPE, LEAST_SHAPE_IN_PAIRS = 1e-20, 1e20, 1e-4
# The least quotient of the slope of a tail and the tail with which the tail's error is no more than its own.
LEAST_SLOPE = 0.75
# Below this tail, it has too few bits.
LEAST_TAIL = 1e-280
TAU = 6.283185307179586
# Beyond them a series in pairs is not meant.
MOST_BETA_TERMS = 500.0


def _odds_of_beta(t: float) -> Pair:
    """x and 1 - x, where t is log(x/(1 - x))."""
    y = math.exp(-abs(t))
    return (y / (1.0 + y), 1.0 / (1.0 + y)) if t < 0.0 else (1.0 / (1.0 + y), y / (1.0 + y))


def _root_of_deviance(a: float, b: float, v: float) -> Pair:
    """The signed root of twice the deviance of the law with a and b at log(x/(1 - x)) = log(a/b) + v, and its
    derivative in v."""
    k = a / (1.0 + a / b)
    root = math.sqrt(k)
    if abs(v) < 1e-4:
        return root * v, root
    first = a / (a + b)
    second = b / (a + b)
    q = math.expm1(v)
    r = math.expm1(-v)
    # 1 + first*q, of positive terms
    under = second + first * math.exp(v)
    below = math.log1p(first * q) if first * q > -0.5 else math.log(under)
    above = math.log1p(second * r) if second * r > -0.5 else math.log(first + second * math.exp(-v))
    d = a * above + b * below
    h = math.copysign(math.sqrt(2.0 * abs(d)) + 1e-300, v)
    return h, k * q / (under * h)


def _near_start_of_beta(a: float, b: float, z: float) -> float:
    """log(x/(1 - x)) - log(a/b) where the signed root of twice the deviance is about z < 0."""
    half = 0.5 * z * z
    v = z / math.sqrt(a / (1.0 + a / b))
    if a > b:
        # The deviance is mostly that of a small 1 - x.
        share = b / (a + b)
        far = math.log1p(math.expm1(min(half / a, 600.0)) / share)
        return max(v, -math.log1p(math.expm1(min((half + b * far) / a, 600.0)) / share))
    # The limit of a small x
    return -(half + (a + b) * math.log1p(a / b)) / a if half > a else v


def _start_of_beta(a: float, b: float, p: float) -> float:
    """log(x/(1 - x)) by Temme's asymptotic inversion of the incomplete beta function (1992), for p at most 1/2."""
    z = ndtri(p)
    root = math.sqrt(a / (1.0 + a / b))
    v = max(-600.0, _near_start_of_beta(a, b, z))
    h, slope = _root_of_deviance(a, b, v)
    n = 0.0
    while n < 20.0 and abs(z - h) > 0.02 * abs(z):
        # Steps of Newton's that stay on their side: for the deviance from beyond, else for its logarithm
        d = 0.5 * ((z / h) * (z / h) - 1.0) if h < z else math.log(z / h)
        v = max(-600.0, v + d * h / slope)
        h, slope = _root_of_deviance(a, b, v)
        n += 1.0
    # The first term of the asymptotic series
    more = (a - b) / (3.0 * (a + b) * root)
    if z < -0.1 and v < -1e-4:
        q = math.expm1(v)
        more = math.log(z * (b / (a + b) + a / (a + b) * math.exp(v)) / (root * q)) / z
    return max(-690.0, math.log(a / b) + (v + (z + more - h) / slope))


def _small_start_of_beta(a: float, b: float, p: float) -> float:
    """The same where a shape is below 1/2: by the first terms of the series at 0 or at 1, if that is near."""
    scale = lbeta(a, b)
    below = (math.log(p) + math.log(a) + scale) / a
    if below < math.log(0.3 / max(1.0, b)):
        x = math.exp(below)
        return below + x * (1.0 + (b - 1.0) / (a + 1.0))
    above = (math.log1p(-p) + math.log(b) + scale) / b
    if above < math.log(0.3 / max(1.0, a)):
        rest = math.exp(above)
        return -above - rest * (1.0 + (a - 1.0) / (b + 1.0))
    return _start_of_beta(a, b, p)


def _moved(x: float, rest: float, d: float) -> Pair:
    """x and 1 - x, with log(x/(1 - x)) greater by d. The smaller one of the two counts, and the other is rounded."""
    if abs(d) > 0.5:
        return _odds_of_beta(math.log(x / rest) + d)
    e = math.expm1(d)
    move = x * rest * e / (1.0 + x * e)
    if x <= 0.5:
        return x + move, 1.0 - (x + move)
    return 1.0 - (rest - move), rest - move


def _step_of_beta(u: float, slope: float, gap: float, spread: float, lean: float) -> float:
    """A step of fifth order to the t where F(t) is greater by u, F' = slope and F''/F' = gap - slope; `gap` has the
    derivative -spread, and that has -spread*lean."""
    n = u / slope
    second = gap - slope
    bent = second * second - spread - slope * second
    third = second * bent + (2.0 * second - slope) * (bent - second * second)
    third = third - (spread * lean + slope * second * second)
    c = 0.5 * second
    if abs(n) * max(1.0, abs(second)) > 0.1:
        return max(-300.0, min(300.0, n / max(0.3, 1.0 + c * n)))
    cube = bent / 6.0
    return n * (1.0 + n * (-c + n * (2.0 * c * c - cube + n * (5.0 * c * (cube - c * c) - third / 24.0))))


def _small_side_in_pairs(a: float, b: float, x: float, tail: Pair) -> float:
    """The x near the given one where betainc(a, b, x) is the tail, by a step of Newton's for the logarithm of the
    series of DLMF 8.17.8 in pairs; nan where that step is no mere rounding error."""
    term = (1.0, 0.0)
    summed = (1.0, 0.0)
    over = doubled.total(a, b)
    under = doubled.total(1.0, a)
    k = 0.0
    while term[0] > 1e-33 * summed[0] and k < MOST_BETA_TERMS:
        term = doubled.multiplied(doubled.times(term, x), doubled.divided(over, under))
        summed = doubled.plus(summed, term)
        over = doubled.plus(over, (1.0, 0.0))
        under = doubled.plus(under, (1.0, 0.0))
        k += 1.0
    # x^a (1 - x)^b summed/(a B(a, b)) is the integral below x.
    rest = doubled.total(1.0, -x)
    both = doubled.plus(doubled.total(1.0, a), (b, 0.0))
    scale = doubled.minus(doubled.loggamma(doubled.total(1.0, b)), doubled.loggamma(both))
    scale = doubled.plus(scale, doubled.loggamma(doubled.total(1.0, a)))
    other = doubled.multiplied(doubled.divided(doubled.total(a, b), (b, 0.0)), tail)
    gap = doubled.minus(doubled.log(doubled.divided(summed, other)), scale)
    gap = doubled.plus(gap, doubled.times(doubled.log((x, 0.0)), a))
    gap = doubled.plus(gap, doubled.times(doubled.log(rest), b))
    d = gap[0] / a * summed[0] * rest[0]
    return x - x * d if abs(d) < 1e-8 and k < MOST_BETA_TERMS else nan


def _small_shape_of_beta(a: float, b: float, p: float, x: float, rest: float, upper: float) -> float:
    """The answer of `_quantile_of_beta` where x or 1 - x is near the given one and an error of the tail would be
    magnified."""
    least = x if x <= 0.5 else rest
    shape = a if x <= 0.5 else b
    other = b if x <= 0.5 else a
    y = nan
    if least > 1e-290 and shape >= LEAST_SHAPE_IN_PAIRS and other < 1e12 * shape:
        y = _small_side_in_pairs(shape, other, least, (p, 0.0) if x <= 0.5 else doubled.total(1.0, -p))
    if y != y:
        return _fixed_quantile_of_beta(a, b, p, upper)
    return y if (upper == 1.0) != (x <= 0.5) else 1.0 - y


def _fixed_quantile_of_beta(a: float, b: float, p: float, upper: float) -> float:
    """The answer of `_quantile_of_beta` for the least shapes and tails: in fixed point, or by the logarithms of tails
    of large shapes, over arrays element by element, as other roundings would lead elsewhere."""
    if min(a, b) > 200.0 or p < 1e-15 and a > 1.0 and _start_of_beta(a, b, p) > 0.0:
        return _log_quantile_of_beta(a, b, p, upper)
    x, rest = _small_shapes_of_beta(a, b, p)
    return rest if upper == 1.0 else x


def _log_quantile_of_beta(a: float, b: float, p: float, upper: float) -> float:
    """The answer of `_quantile_of_beta` for large shapes, or a large one and x above 1/2: steps for the logarithm of
    the tail, as the tail may have few bits."""
    k = a / (1.0 + a / b)
    v = _start_of_beta(a, b, p) - math.log(a / b)
    # The logarithm of x^a (1 - x)^b/B(a, b) at the mean; of large shapes by Stirling's formula
    if min(a, b) < 7.0:
        share = b / (a + b)
        top = a * math.log1p(-share) + b * math.log(share) - lbeta(a, b)
    else:
        top = 0.5 * math.log(k / TAU) + (_beyond_stirling(a + b) - _beyond_stirling(a) - _beyond_stirling(b))
    n = 0.0
    while n < 6.0:
        h, slope = _root_of_deviance(a, b, v)
        odds = a / b * math.exp(v)
        x = odds / (1.0 + odds)
        rest = 1.0 / (1.0 + odds)
        gap = -h * slope
        ratio = beta_ratio(a, b, x, rest, gap)
        u = math.log(p) - (top - 0.5 * h * h + math.log(ratio))
        v += _step_of_beta(u, 1.0 / ratio, gap, (a + b) * x * rest, rest - x)
        n += 1.0
    odds = a / b * math.exp(v)
    return 1.0 / (1.0 + odds) if upper == 1.0 else odds / (1.0 + odds)


def _far_of_beta(a: float, b: float, p: float, upper: float) -> float:
    """The answer of `_quantile_of_beta` for the least shapes and tails, which may be below all floats."""
    scale = lbeta(a, b)
    if (math.log(p) + math.log(a) + scale) / a < 2.0 * LEAST_LOGARITHM:
        return upper
    if (math.log1p(-p) + math.log(b) + scale) / b < 2.0 * LEAST_LOGARITHM:
        return 1.0 - upper
    return _fixed_quantile_of_beta(a, b, p, upper)


def _newton_of_beta(a: float, b: float, p: float, t: float, upper: float) -> float:
    """The answer of `_quantile_of_beta` from a guess t of log(x/(1 - x))."""
    x, rest = _odds_of_beta(t)
    slope = 0.0
    # Beside 0 or 1 the first terms of the series are all.
    k = MOST_STEPS if min(a, b) < 0.5 and min(x * max(1.0, b), rest * max(1.0, a)) < 1e-6 else 0.0
    while k < MOST_STEPS:
        if a * rest - b * x < -0.4:
            # The median is below this.
            x = (a + 0.4) / (a + b)
            rest = (b - 0.4) / (a + b)
        lead = _beta_lead(a, b, x) if x <= 0.5 else _beta_lead(b, a, rest)
        gap = beta_gap(a, b, x, rest, difference(1.0, x)[1] if x <= 0.5 else 0.0)
        beside = 1.0 if b < 0.5 and x > 0.95 and gap < 0.4 else 0.0
        tail = 1.0 - lead * beta_ratio(b, a, rest, x, -gap) if beside == 1.0 else lead * beta_ratio(a, b, x, rest, gap)
        tail = max(tail, 1e-300)
        slope = max(lead / tail, 1e-300)
        u = math.log1p((p - tail) / tail) if abs(p - tail) < 0.5 * tail else math.log(p / tail)
        d = _step_of_beta(u, slope, gap, (a + b) * x * rest, rest - x)
        k = MOST_STEPS if abs(d) * max(1.0, abs(gap - slope)) < 4e-4 else k + 1.0
        slope = 0.0 if beside == 1.0 else slope
        x, rest = _moved(x, rest, d)
    if slope < LEAST_SLOPE:
        return _small_shape_of_beta(a, b, p, x, rest, upper)
    return rest if upper == 1.0 else x


def _quantile_of_beta(a: float, b: float, p: float, upper: float) -> float:
    """The x where betainc(a, b, x) is p, or 1 - x with upper = 1; p is at most 1/2."""
    least = min(a, b)
    if least < LEAST_SHAPE_IN_PAIRS or p < LEAST_TAIL or least < 0.5 and max(a, b) > 1e8:
        return _far_of_beta(a, b, p, upper)
    t = _start_of_beta(a, b, p) if least >= 0.5 else _small_start_of_beta(a, b, p)
    return _newton_of_beta(a, b, p, t, upper) if abs(t) < 600.0 else _far_of_beta(a, b, p, upper)


def betaincinv(a: float, b: float, p: float) -> float:
    """The x where betainc(a, b, x) is p."""
    if not (LEAST_SHAPE <= a <= LARGEST_SHAPE and LEAST_SHAPE <= b <= LARGEST_SHAPE and 0.0 <= p <= 1.0):
        return nan
    if p in (0.0, 1.0):
        return p
    # exact, as p is in [1/2, 1]
    return _quantile_of_beta(b, a, 1.0 - p, 1.0) if p > 0.5 else _quantile_of_beta(a, b, p, 0.0)


def _small_shapes_of_beta(a: float, b: float, tail: float) -> tuple[float, float]:
    """The same in fixed point: the series of DLMF 8.17.8, of positive terms, on the side where x is at most 1/2."""
    below = betainc(a, b, 0.5)
    p = _bits_of_law(a, b, tail if below < tail else 1.0, 1.0 / max(a, b))
    one = 1 << p
    first, second = fixed_point.fixed(a, p), fixed_point.fixed(b, p)
    if below < tail:
        aim = fixed_point.log(one - fixed_point.fixed(tail, p), p)
        v = _solved_of_beta(second, first, aim, p)
        return fixed_point.rounded(one - fixed_point.exp(v, p), p), _float_of_exp_of_law(v, p)
    m, e = math.frexp(tail)
    v = _solved_of_beta(first, second, fixed_point.log(fixed_point.fixed(m, p), p) + e * fixed_point.log_2(p), p)
    return _float_of_exp_of_law(v, p), fixed_point.rounded(one - fixed_point.exp(v, p), p)


def _series_of_beta(first: int, second: int, x: int, p: int) -> int:
    """The sum of (a + b)_k/(a + 1)_k x^k."""
    one = 1 << p
    total = term = one
    k = 0
    while term:
        term = (term * x >> p) * (first + second + k * one) // (first + (k + 1) * one)
        total += term
        k += 1
    return total


def _scale_of_beta(first: int, second: int, p: int) -> int:
    """log(a B(a, b))."""
    one = 1 << p
    return (
        fixed_point.loggamma(first + one, p)
        + fixed_point.loggamma(second + one, p)
        - fixed_point.loggamma(first + second + one, p)
        + fixed_point.log(first + second, p)
        - fixed_point.log(second, p)
    )


def _log_below_of_beta(first: int, second: int, v: int, scale: int, p: int) -> tuple[int, int]:
    """The logarithm of the tail below x = e^v, and its slope in v."""
    x = fixed_point.exp(v, p)
    rest = (1 << p) - x
    total = _series_of_beta(first, second, x, p)
    log_rest = fixed_point.log(rest, p)
    found = (first * v + second * log_rest >> p) - scale + fixed_point.log(total, p)
    slope = ((first << p) // total << p) // rest
    return found, slope


def _solved_of_beta(first: int, second: int, target: int, p: int) -> int:
    """log(x) where the tail below x, at most 1/2, has the logarithm `target`."""
    scale = _scale_of_beta(first, second, p)
    v = min((target + scale << p) // first, -fixed_point.log_2(p))
    if v < -2000 << p:
        return v
    for _ in range(int(MOST_STEPS)):
        found, slope = _log_below_of_beta(first, second, v, scale, p)
        d = (target - found << p) // (slope or 1)
        d = max(d, -40 << p)
        v = min(v + d, -fixed_point.log_2(p))
        if abs(d) >> p - 90 in (0, -1):
            break
    return v
