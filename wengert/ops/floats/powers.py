"""Values of formulas of powers whose parts overflow or cancel where they do not: a^n/(a^n + b^n), (1 + a)^b - 1,
log2(2^a + 2^b). As in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from . import doubled
from .elementary import difference, divide, exp2, log, power, product
from .exponential import LOG_TWO, SCALE_UP, UNSPLIT

inf = math.inf
nan = math.nan

# Powers between these are summed as they are.
LEAST_POWER, LARGEST_POWER = 1e-290, 1e290


def _quotient_to(a: float, b: float, n: float) -> float:
    """(a/b)^n, with the rounding error of a/b compensated."""
    w = divide(a, b)
    y = power(w, n)
    if not 0.0 < abs(y) < inf or not 0.0 < abs(w) < inf:
        return y
    scale = 1.0 / SCALE_UP if abs(b) > UNSPLIT else SCALE_UP if abs(b) < 1.0 / UNSPLIT else 1.0
    high, low = product(w, b * scale)
    off = divide(a * scale - high - low, high)
    return y + y * (n * off) if abs(off) < 1e-15 else y


def hill(a: float, b: float, n: float) -> float:
    """a^n/(a^n + b^n), by the quotient where the powers overflow or underflow."""
    u = power(a, n)
    v = power(b, n)
    if LEAST_POWER < abs(u) < LARGEST_POWER and LEAST_POWER < abs(v) < LARGEST_POWER:
        return divide(u, u + v)
    s = _quotient_to(a, b, n)
    if abs(s) <= 1.0:
        return divide(s, 1.0 + s)
    return divide(1.0, 1.0 + _quotient_to(b, a, n))


def log_ratio(a: float, b: float) -> float:
    """log(a/b), for a and b of one sign."""
    w = divide(a, b)
    if 0.5 < w < 2.0:
        return math.log1p((a - b) / b)
    if 1e-300 < w < 1e300:
        return math.log(w)
    return log(abs(a)) - log(abs(b)) if w >= 0.0 else nan


def pow1p(a: float, b: float) -> float:
    """(1 + a)^b, with the digits of a."""
    base = 1.0 + a
    y = power(base, b)
    # The base is rounded: of a large power that shows.
    if base != 0.0 and 0.0 < abs(y) < inf and abs(a) < inf and abs(b) < inf:
        y += y * (b * ((a - (base - 1.0)) / base))
    return y


def pow1pm1(a: float, b: float) -> float:
    """(1 + a)^b - 1, with the digits of a."""
    # Below -1, 1 + a is -(1 + (-2 - a)).
    beside = a if a > -1.0 else -2.0 - a if b % 2.0 == 0.0 else -2.0
    if beside > -1.0:
        y = b * math.log1p(beside)
        if abs(y) < 0.5:
            return math.expm1(y)
    return pow1p(a, b) - 1.0


def softshare2(a: float, b: float) -> float:
    """2^a/(2^a + 2^b), the share of a."""
    if a == b:
        return 0.5 if abs(a) < inf else nan
    gap, error = difference(b, a)
    if not -1100.0 < gap < 1100.0:
        return 0.0 if gap > 0.0 else 1.0 if gap < 0.0 else nan
    u = exp2(-abs(gap))
    u += u * (LOG_TWO * (error if gap < 0.0 else -error))
    return 1.0 / (1.0 + u) if gap < 0.0 else u / (1.0 + u)


def logaddexp2(a: float, b: float) -> float:
    """log2(2^a + 2^b), accurate also for results near 0, where a sum of rounded terms cancels."""
    if a != a or b != b:
        return a + b
    if a < b:
        a, b = b, a
    if b == -inf or a == inf:
        return a
    gap, error = difference(b, a)
    if gap < -1100.0:
        return a
    rest = math.log1p(exp2(gap) * (1.0 + LOG_TWO * error)) / LOG_TWO
    y = a + rest
    if abs(y) > 0.5 * rest or b < -120.0:
        return y
    two = (doubled.LOG_2_HIGH, doubled.LOG_2_TAIL)
    total = doubled.plus(doubled.exp(doubled.times(two, a)), doubled.exp(doubled.times(two, b)))
    return doubled.divided(doubled.log(total), two)[0]
