"""Logarithms in some 75 bits, and deviances, the exponents of the densities of the gamma and the beta law; and
slopes of the latter's.

Where an exponent is large, its rounding error would be a relative error of the density. A pair is the unevaluated sum
of two floats, as in `doubled`; only the leading terms of a series are pairs, as the others are small.
"""

from __future__ import annotations

import math

from .doubled import LOG_2_HIGH, LOG_2_TAIL, Pair, divided, minus, multiplied, plus, times, total
from .elementary import EXP_MINUS_64, difference, product
from .special import _polynomial, digamma_excess, digamma_gap

# A deviance that decays to 0, and has finite sums
ALL_DECAYED = 1e300
# 1/9, 1/7, 1/5, 1/3, and after them 1/11, 1/13, …
ODD_HIGH = (0.1111111111111111, 0.14285714285714285, 0.2, 0.3333333333333333)
ODD_TAIL = (6.1679056923619804e-18, 7.93016446160826e-18, -1.1102230246251566e-17, 1.850371707708594e-17)
ODD_REST = tuple(1.0 / (2 * k + 11) for k in range(13))[::-1]
# 1/(2k + 3), k = 13 … 0
LOG_EXCESS = tuple(1.0 / (2 * k + 3) for k in range(14))[::-1]
# 1/(k + 2)!, k = 16 … 0
EXCESS = tuple(1.0 / math.factorial(k + 2) for k in range(17))[::-1]


def _after_first(z: Pair) -> Pair:
    """atanh(z) - z, for |z| < 0.18."""
    u = multiplied(z, z)
    y = (_polynomial(ODD_REST, u[0]), 0.0)
    for high, low in zip(ODD_HIGH, ODD_TAIL):
        y = plus(multiplied(y, u), (high, low))
    return multiplied(multiplied(z, u), y)


def logarithm_pair(x: Pair) -> Pair:
    """log(x), for 1e-300 < x < 1e300."""
    doublings = float(round(math.log2(x[0])))
    scale = math.pow(2.0, -doublings)
    part = (x[0] * scale, x[1] * scale)
    z = divided(minus(part, (1.0, 0.0)), plus(part, (1.0, 0.0)))
    return plus(times((LOG_2_HIGH, LOG_2_TAIL), doublings), times(plus(z, _after_first(z)), 2.0))


def log_sum_ratio(a: float, b: float) -> Pair:
    """log((a + b)/b), for a > 0 and b > 0."""
    if a < 0.4 * b:
        z = divided((a, 0.0), total(a, 2.0 * b))
        return times(plus(z, _after_first(z)), 2.0)
    return logarithm_pair(divided(total(a, b), (b, 0.0)))


def deviance(a: float, x: Pair) -> Pair:
    """a*log(a/x) + x - a, for a > 0 and x >= 0 (Loader 2000, on the binomial law)."""
    if a > 1e40 or x[0] < 1e-200 * a or x[0] > 1e200 * a:
        return (0.0, 0.0) if x[0] == a else (ALL_DECAYED, 0.0)
    gap = plus(x, (-a, 0.0))
    z = divided(gap, plus(x, (a, 0.0)))
    if abs(z[0]) < 0.18:
        return minus(multiplied(gap, z), times(_after_first(z), 2.0 * a))
    return plus(times(logarithm_pair(divided((a, 0.0), x)), a), gap)


def decayed(factor: float, d: float, less: float) -> float:
    """factor*exp(-d - less), rounded once where it is subnormal; `less` is small, such as the rounding error of d."""
    if d > 1e3:
        return 0.0
    y = factor * math.exp(-d if d < 650.0 else 64.0 - d)
    y += y * math.expm1(-less)
    return y if d < 650.0 else y * EXP_MINUS_64


def log_excess(z: float) -> float:
    """log(1 + z) - z, for z > -1."""
    r = z / (2.0 + z)
    return 2.0 * r * (r * r) * _polynomial(LOG_EXCESS, r * r) - z * r if abs(z) <= 0.4 else math.log1p(z) - z


def excess(v: float) -> float:
    """e^v - 1 - v."""
    return v * v * _polynomial(EXCESS, v) if abs(v) < 0.7 else math.expm1(v) - v


# the density of the beta law


def beta_gap(a: float, b: float, x: float, rest: float, lost: float) -> float:
    """a (1 - x) - b x, where 1 - x is rest + lost or, if lost is 0, rest, and x is rounded."""
    high, low = product(a, rest)
    other, under = product(b, x)
    rounded, more = difference(1.0, rest)
    low += a * lost if lost != 0.0 else -b * more if rounded == x else 0.0
    return (high - other) + (low - under)


def slope_in_first(a: float, b: float, x: float, rest: float, gap: float) -> float:
    """The slope in a of the density's logarithm. `rest` is 1 - x; `gap`, a (1 - x) - b x, is small near the mean."""
    if a >= 10.0 and abs(gap) < 0.5 * a:
        return math.log1p(-gap / a) + digamma_excess(a, b)
    return log_rest(rest, x) + digamma_gap(a, b)


def log_rest(x: float, rest: float) -> float:
    """log(1 - x), from the smaller of x and 1 - x, which the other may only be rounded from."""
    return math.log1p(-x) if x < 0.5 else math.log(rest)


def slope_in_second(a: float, b: float, x: float, rest: float, gap: float) -> float:
    """The derivative in b of the density's logarithm."""
    if b >= 10.0 and abs(gap) < 0.5 * b:
        return math.log1p(gap / b) + digamma_excess(b, a)
    return log_rest(x, rest) + digamma_gap(b, a)
