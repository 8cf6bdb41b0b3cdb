"""Values of the trigonometric and hyperbolic ops and their inverses. As in `elementary`, no function raises.

The inverse of a reciprocal function is not computed from 1/a where that is ill-conditioned: near 1, acos(1/a) has half
the digits of asec(a), as 1/a is rounded. There a - 1 is exact, and the formulas start from it.
"""

from __future__ import annotations

import math

from . import fixed_point
from .elementary import INTEGERS, product

inf = math.inf
nan = math.nan

PI_TAIL = 1.2246467991473532e-16  # pi - math.pi
HALF_PI = 1.5707963267948966
LOG_2 = 0.6931471805599453
DEGREE = 0.017453292519943295
RADIAN = 57.29577951308232


# circular


def sin(a: float) -> float:
    return math.sin(a) if -inf < a < inf else nan


def cos(a: float) -> float:
    return math.cos(a) if -inf < a < inf else nan


def tan(a: float) -> float:
    return math.tan(a) if -inf < a < inf else nan


def sec(a: float) -> float:
    return 1.0 / math.cos(a) if -inf < a < inf else nan


def csc(a: float) -> float:
    if a == 0.0:
        return math.copysign(inf, a)
    return 1.0 / math.sin(a) if -inf < a < inf else nan


def cot(a: float) -> float:
    if a == 0.0:
        return math.copysign(inf, a)
    return 1.0 / math.tan(a) if -inf < a < inf else nan


def sin_cos_pi(a: float) -> tuple[float, float]:
    """sin(pi*a) and cos(pi*a) for finite a. The argument is reduced exactly, so that zeros are exactly 0."""
    turn = math.fmod(a, 2.0)
    quarters = round(2.0 * turn)
    rest = turn - 0.5 * quarters
    angle, error = product(rest, math.pi) if abs(rest) > 1e-280 else (rest * math.pi, 0.0)
    error += rest * PI_TAIL
    s, c = math.sin(angle), math.cos(angle)
    s, c = s + c * error, c - s * error
    quarters %= 4
    return (s, c) if quarters == 0 else (c, -s) if quarters == 1 else (-s, -c) if quarters == 2 else (-c, s)


def sinc(a: float) -> float:
    """sin(pi*a)/(pi*a), and 1 at 0: NumPy's normalised sinc."""
    if a == 0.0:
        return 1.0
    if -inf < a < inf:
        if not 1e-10 < abs(a) < INTEGERS:
            return 1.0 if abs(a) < 1.0 else 0.0
        high, low = product(a, math.pi)
        y = sin_cos_pi(a)[0] / high
        return y - y * (low + a * PI_TAIL) / high
    return nan if a != a else 0.0


def dsinc(n: float, a: float) -> float:
    """The n-th derivative of sinc at a, n = 0, 1, 2, …; the first, (cos(pi*a) - sinc(a))/a, cancels near zeros."""
    if n == 0.0:
        return sinc(a)
    if not (0.0 < n <= 200.0 and n % 1.0 == 0.0) or a != a:
        return nan
    if a in (inf, -inf):
        return 0.0
    if n == 1.0 and abs(a) > 0.5:
        s, c = sin_cos_pi(a)
        s /= math.pi * a
        if abs(c - s) > 0.5 * abs(s):
            return (c - s) / a
    if n == 1.0 and abs(a) < 0.5:
        return a * _dsinc_series(a * a)
    if n > 1300.0:
        # Finite only at a zero. It is pi^n times the integral of t^n cos(pi*a*t + n*pi/2), dominated by t near 1.
        s, c = sin_cos_pi(a + 0.5 * math.fmod(n, 4.0) if abs(a) < 1e15 else a)
        return math.copysign(inf, c * (n + 1.0) + math.pi * a * s)
    return fixed_point.dsinc(int(n), a)


# (-1)^k pi^(2k) 2k/(2k + 1)!, k = 12 … 1: the Taylor series of sinc, differentiated
DSINC_SERIES = (
    1.3217901389162318e-12, -7.365893777096947e-11, 3.4330769499642866e-09, -1.3148481279991994e-07,
    4.049947846619244e-06, -9.766223126318933e-05, 0.001781145516372852, -0.023460810354558236,
    0.2091827825412384, -1.1445109447325053, 3.2469697011334144, -3.289868133696453,
)  # fmt: skip


def _dsinc_series(u: float) -> float:
    y = 0.0
    for c in DSINC_SERIES:
        y = y * u + c
    return y


def versine(a: float) -> float:
    """1 - cos(a), by the sine of the half, as the difference cancels near 0."""
    half = sin(0.5 * a)
    return 2.0 * half * half


def asin(a: float) -> float:
    return math.asin(a) if -1.0 <= a <= 1.0 else nan


def acos(a: float) -> float:
    return math.acos(a) if -1.0 <= a <= 1.0 else nan


def asec(a: float) -> float:
    """acos(1/a), in [0, pi]."""
    if not abs(a) >= 1.0:
        return nan
    if abs(a) >= 2.0:
        return math.acos(1.0 / a)
    y = math.atan(math.sqrt((a - 1.0) * (a + 1.0)))
    return y if a > 0.0 else math.pi - y


def acsc(a: float) -> float:
    """asin(1/a), in [-pi/2, pi/2]."""
    if not abs(a) >= 1.0:
        return nan
    if abs(a) >= 2.0:
        return math.asin(1.0 / a)
    return math.copysign(math.atan2(1.0, math.sqrt((a - 1.0) * (a + 1.0))), a)


def acot(a: float) -> float:
    """atan(1/a), in [-pi/2, pi/2]: odd, with a jump at 0."""
    return math.atan(1.0 / a) if a != 0.0 else math.copysign(HALF_PI, a)


def deg2rad(a: float) -> float:
    return a * DEGREE


def rad2deg(a: float) -> float:
    return a * RADIAN


# hyperbolic


def sinh(a: float) -> float:
    try:
        return math.sinh(a)
    except OverflowError:
        return math.copysign(inf, a)


def cosh(a: float) -> float:
    try:
        return math.cosh(a)
    except OverflowError:
        return inf


def sech(a: float) -> float:
    e = math.exp(-abs(a))
    return 2.0 * e / (1.0 + e * e)


def csch(a: float) -> float:
    if a == 0.0:
        return math.copysign(inf, a)
    if abs(a) < 1.0:
        return 1.0 / math.sinh(a)
    e = math.exp(-abs(a))
    return math.copysign(2.0 * e / (1.0 - e * e), a)


def coth(a: float) -> float:
    return 1.0 / math.tanh(a) if a != 0.0 else math.copysign(inf, a)


def acosh(a: float) -> float:
    return math.acosh(a) if a >= 1.0 else nan


def atanh(a: float) -> float:
    if -1.0 < a < 1.0:
        return math.atanh(a)
    return math.copysign(inf, a) if abs(a) == 1.0 else nan


def asech(a: float) -> float:
    """acosh(1/a) for a in [0, 1]."""
    if 0.5 < a <= 1.0:
        return math.log1p((1.0 - a + math.sqrt((1.0 - a) * (1.0 + a))) / a)
    if 1e-300 < a <= 0.5:
        return math.acosh(1.0 / a)
    return LOG_2 - math.log(a) if 0.0 < a < 1.0 else inf if a == 0.0 else nan


def acsch(a: float) -> float:
    """asinh(1/a)."""
    if a == 0.0:
        return math.copysign(inf, a)
    return math.asinh(1.0 / a) if not abs(a) < 1e-300 else math.copysign(LOG_2 - math.log(abs(a)), a)


def acoth(a: float) -> float:
    """atanh(1/a) for |a| >= 1."""
    if not abs(a) > 1.0:
        return math.copysign(inf, a) if abs(a) == 1.0 else nan
    return math.copysign(0.5 * math.log1p(2.0 / (abs(a) - 1.0)), a)
