"""Gauss's power series and the derivatives of its terms, in pairs of floats: the sum of a float and another that is
smaller by 2^-53. Where more digits cancel than a pair has, the answer is nan.
"""

from __future__ import annotations

import math

from .deviances import logarithm_pair
from .elementary import product

nan = math.nan

Pair = tuple[float, float]

# Below 0 a transformation puts z above FAR_SERIES into reach.
FAR_SERIES, MOST_TERMS = -9.0, 1000.0
# The series are summed up to this |z|, to these shares of the sum in pairs and in floats; a sum of less than LOST times
# the largest term has too few digits. The rounding errors of terms in floats, in a ratio r to each other, add up to
# some 1/(1 - r)^2 of that of the first one, which is to be this share of the sum.
# Terms may rise again while a quotient of two is above FALLING.
NEAR_SERIES, LEAST_PAIR, LEAST_TERM, LOST, FALLING = 0.9, 1e-4, 1e-19, 1e-11, 0.97
LEAST_SHARE = 0.02
# The terms of a turn
TWO_STEPS, FOUR_STEPS = (0.0, 1.0), (0.0, 1.0, 2.0, 3.0)


def _shifted(a: Pair, k: float) -> Pair:
    """a + k."""
    high = a[0] + k
    part = high - a[0]
    return high, a[0] - (high - part) + (k - part) + a[1]


def _product_of_pairs(x: Pair, y: Pair) -> Pair:
    high, low = product(x[0], y[0])
    low += x[0] * y[1] + x[1] * y[0]
    both = high + low
    return both, low - (both - high)


def _quotient_of_pairs(x: Pair, y: Pair) -> Pair:
    q = x[0] / y[0]
    high, low = product(q, y[0])
    rest = (x[0] - high - low + x[1] - q * y[1]) / y[0]
    both = q + rest
    return both, rest - (both - q)


def _added_pairs(x: Pair, y: Pair) -> Pair:
    high = x[0] + y[0]
    part = high - x[0]
    low = x[0] - (high - part) + (y[0] - part) + (x[1] + y[1])
    both = high + low
    return both, low - (both - high)


def gauss_sum(a: Pair, b: Pair, c: Pair, z: Pair) -> Pair:
    """The sum of (a)_k (b)_k/((c)_k k!) z^k (DLMF 15.2.1), |z| at most NEAR_SERIES; nan where too much cancels."""
    y = (1.0, 0.0)
    t = (1.0, 0.0)
    most = 1.0
    k = 0.0
    below = -min(min(a[0], b[0]), c[0])
    while k <= below:
        over = _product_of_pairs(_product_of_pairs(_shifted(a, k), _shifted(b, k)), z)
        t = _quotient_of_pairs(_product_of_pairs(t, over), _product_of_pairs(_shifted(c, k), (k + 1.0, 0.0)))
        y = _added_pairs(y, t)
        most = max(most, abs(t[0]))
        k += 1.0
    # From here on all factors are positive: (a + k) (b + k) z and (c + k) (k + 1) by their differences
    first = _shifted(a, k)
    second = _shifted(b, k)
    over = _product_of_pairs(_product_of_pairs(first, second), z)
    rise = _product_of_pairs(_added_pairs(first, _shifted(second, 1.0)), z)
    under = _product_of_pairs(_shifted(c, k), (k + 1.0, 0.0))
    double = (2.0 * z[0], 2.0 * z[1])
    least = max(max(abs(a[0]), abs(b[0])), abs(c[0]))
    share = 1.0 - abs(z[0])
    enough = LEAST_SHARE * share * share
    before = 0.0
    gap = 1.0
    while k < MOST_TERMS and (
        k <= least
        or abs(t[0]) > enough * abs(y[0])
        or abs(t[0]) > FALLING * before
        or abs(t[0]) * (before * before) > LEAST_SHARE * abs(y[0]) * (gap * gap)
    ):
        for step in TWO_STEPS:
            before = abs(t[0])
            t = _quotient_of_pairs(_product_of_pairs(t, over), under)
            y = _added_pairs(y, t)
            over = _added_pairs(over, rise)
            rise = _added_pairs(rise, double)
            under = _added_pairs(under, _shifted(c, 2.0 * (k + step) + 2.0))
            gap = before - abs(t[0])
            most = max(most, abs(t[0]))
        k += 2.0
    term = t[0]
    rest = 0.0
    top = a[0]
    other = b[0]
    bottom = c[0]
    at = z[0]
    small = LEAST_TERM * abs(y[0])
    while k < MOST_TERMS and abs(term) > small:
        for step in FOUR_STEPS:
            n = k + step
            term *= (top + n) * (other + n) / ((bottom + n) * (n + 1.0)) * at
            rest += term
        k += 4.0
    y = _added_pairs(y, (rest, 0.0))
    return (y[0], y[1]) if k < MOST_TERMS and abs(y[0]) > LOST * most else (nan, nan)


def gauss_slope(i: float, j: float, k: float, at: Pair, by: Pair, below: Pair, z: Pair) -> float:
    """The derivative of the sum for a = at, b = by and c = below, in a for i = 1, in b for j = 1, in c for k = 1."""
    y = (0.0, 0.0)
    t = (1.0, 0.0)
    # The derivative of a term.
    u = (0.0, 0.0)
    most = 0.0
    n = 0.0
    least = max(max(abs(at[0]), abs(by[0])), abs(below[0]))
    before = 0.0
    while n < MOST_TERMS and (
        n <= least or max(abs(u[0]), abs(t[0])) > LEAST_PAIR * abs(y[0]) or abs(t[0]) > FALLING * before
    ):
        before = abs(t[0])
        a = _shifted(at, n)
        b = _shifted(by, n)
        c = _shifted(below, n)
        over = _quotient_of_pairs(z, _product_of_pairs(c, (n + 1.0, 0.0)))
        both = _product_of_pairs(a, b)
        from_t = _added_pairs((i * b[0], i * b[1]), (j * a[0], j * a[1]))
        if k == 1.0:
            from_t = _quotient_of_pairs((-both[0], -both[1]), c)
        u = _product_of_pairs(_added_pairs(_product_of_pairs(u, both), _product_of_pairs(t, from_t)), over)
        t = _product_of_pairs(_product_of_pairs(t, both), over)
        y = _added_pairs(y, u)
        most = max(most, abs(u[0]))
        n += 1.0
    term = t[0]
    slope = u[0]
    rest = 0.0
    while n < MOST_TERMS and max(abs(slope), abs(term)) > LEAST_TERM * abs(y[0]):
        ratio = z[0] / ((below[0] + n) * (n + 1.0))
        quotient = (at[0] + n) * (by[0] + n) * ratio
        from_term = (i * (by[0] + n) + j * (at[0] + n)) * ratio - k * quotient / (below[0] + n)
        slope = slope * quotient + term * from_term
        term *= quotient
        rest += slope
        n += 1.0
    if n >= MOST_TERMS or abs(y[0]) <= LOST * most:
        return nan if most > 0.0 else 0.0
    return y[0] + (y[1] + rest)


def in_floats(i: float, j: float, k: float, n: float, a: float, b: float, c: float, z: float) -> float:
    """The derivative of F, i times in a, j in b, k in c and n in z, i + j + k = 0, or 1 and n = 0; nan where pairs are
    too short for it."""
    if i + j + k > 0.0:
        return _not_tiny(gauss_slope(i, j, k, (a, 0.0), (b, 0.0), (c, 0.0), (z, 0.0))) if abs(z) <= NEAR_SERIES else nan
    first = (a, 0.0)
    second = (b, 0.0)
    third = (c, 0.0)
    # DLMF 15.5.2
    factor = (1.0, 0.0)
    m = 0.0
    while m < n:
        over = _quotient_of_pairs(_product_of_pairs(first, second), third)
        factor = _product_of_pairs(factor, over)
        first = _shifted(first, 1.0)
        second = _shifted(second, 1.0)
        third = _shifted(third, 1.0)
        m += 1.0
    if abs(z) <= NEAR_SERIES:
        y = gauss_sum(first, second, third, (z, 0.0))
    elif z > 0.0 or z < FAR_SERIES:
        y = (nan, nan)
    else:
        y = _below_zero(first, second, third, z)
    return _not_tiny(_product_of_pairs(factor, y)[0])


def _below_zero(a: Pair, b: Pair, c: Pair, z: float) -> Pair:
    """The sum for z < 0, by Pfaff's transformation (DLMF 15.8.1)."""
    rest = _shifted((1.0, 0.0), -z)
    high, low = _product_of_pairs(logarithm_pair(rest), (-b[0], -b[1]))
    inner = gauss_sum(_added_pairs(c, (-a[0], -a[1])), b, c, _quotient_of_pairs((-z, 0.0), rest))
    y = math.exp(high)
    return _product_of_pairs((y, y * low), inner)


def _not_tiny(y: float) -> float:
    """y, and nan beside 0, where the smaller float of a pair has vanished."""
    return y if abs(y) > 1e-270 or y == 0.0 else nan
