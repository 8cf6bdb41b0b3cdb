"""Values of functions that a difference of exponentials, or of a root and 1, would lose: (exp(a) - 1)/a, its inverse
and their derivatives, 1/(exp(a) - 1), log(1 - exp(a)), sqrt(1 + a) - 1. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from .elementary import divide, exp, expm1, product, reciprocal
from .special import _polynomial

inf = math.inf
nan = math.nan

LOG_TWO = 0.6931471805599453
TAU = 6.283185307179586
# From here on exp overflows or its reciprocal is subnormal, or nearly so. Then it is taken in halves.
FAR_OUT = 700.0
# Up to this exp(a) - 1 is a, which may be subnormal.
NONE = 1e-300
# Beyond this it is infinite, or 0, as is its quotient by any float.
ENDLESS = 1500.0
# Factors up to this have an exact product as a pair of floats, others after a scaling by a power of 2.
UNSPLIT, SCALE_UP = 1e150, 2.0**600
# The Taylor series of exp(-a/2) times the integral of t exp(a t) over [0, 1]
FIRST_SERIES = tuple(0.5 ** (k + 1) / (math.factorial(k) * (k + 1 + k % 2)) for k in range(17))[::-1]
# B_2k/(2k - 1)!, k = 13 … 1: the Taylor series of the first derivative of a/(exp(a) - 1) but for its first term, -1/2
# (DLMF 24.2.1)
SLOPE_SERIES = (
    9.190238303036615e-20, -3.3490715245950057e-18, 1.2119806222392504e-16, -4.349737397116123e-15,
    1.545491170130012e-13, -5.423488474116132e-12, 1.873555114295855e-10, -6.3410281664249915e-09,
    2.08767569878681e-07, -6.613756613756614e-06, 0.0001984126984126984, -0.005555555555555556, 0.16666666666666666,
)  # fmt: skip
# zeta(2k) - 1 - 4^-k, k = 28 … 1
ZETA_BEYOND = (
    1.9107760075436992e-27, 1.7196985416055782e-26, 1.5477289031520569e-25, 1.3929563579707038e-24,
    1.2536612743942848e-23, 1.1282960305241183e-22, 1.0154678412230818e-21, 9.139233192043922e-21,
    8.225346069033828e-20, 7.40286938238577e-19, 6.662675132429289e-18, 5.996555960166587e-17, 5.397137809202939e-16,
    4.857804189667247e-15, 4.372632654299232e-14, 3.9363451738498467e-13, 3.5442758688546123e-12,
    3.1923626170490006e-11, 2.8771746654611316e-10, 2.5959993748398565e-09, 2.3470346151871732e-08,
    2.1297880870482925e-07, 1.9459283080482987e-06, 1.8012627818085337e-05, 0.00017110619794433938,
    0.0017180619844491397, 0.019823233711138193, 0.39493406684822646,
)  # fmt: skip
# Up to this order of derivatives two poles and the series of the others are summed, above it all poles that count.
FEW_TERMS = 9.0


def exprel(a: float) -> float:
    """(exp(a) - 1)/a, and 1 at 0."""
    if a == 0.0:
        return 1.0
    if not a > FAR_OUT:
        return math.expm1(a) / a
    half = exp(0.5 * a)
    return half / a * half if a < inf else inf


def dexprel(n: float, a: float) -> float:
    """The n-th derivative of exprel, the integral of t^n exp(a t) over [0, 1], for n = 0, 1, …

    Parts of the integral give a recurrence, which runs upwards where |a| is larger than n. Elsewhere it is Kummer's
    function (DLMF 13.4.1, 13.2.39).
    """
    if n == 0.0:
        return exprel(a)
    if not (0.0 < n <= 200.0 and n % 1.0 == 0.0) or a != a:
        return nan
    if a in (inf, -inf):
        return inf if a > 0.0 else 0.0
    half = exp(0.5 * a)
    if n == 1.0:
        return _exprel_slope(a, half)
    if abs(a) <= n + 2.0:
        k = math.floor(8.0 * math.sqrt(n + 2.0)) + 18.0
        y = 1.0
        while k > 0.0:
            y = 1.0 - a / (n + 1.0 + k) * y
            k -= 1.0
        return half * half * (y / (n + 1.0))
    k = 0.0
    if a < 0.0:
        y = math.expm1(a) / a
        while k < n:
            k += 1.0
            y = (k * y - half * half) / -a
        return y
    y = -math.expm1(-a) / a
    while k < n:
        k += 1.0
        y = (1.0 - k * y) / a
    return half * y * half


def _exprel_slope(a: float, half: float) -> float:
    """The first derivative, with exp(a/2)."""
    if abs(a) < 1.5:
        return half * _polynomial(FIRST_SERIES, a)
    if a < 0.0:
        return (1.0 - half * half * (1.0 - a)) / a / a
    return half * ((a - 1.0 + math.exp(-a)) / a / a) * half


def exprelr(a: float) -> float:
    """a/(exp(a) - 1), and 1 at 0."""
    if a == 0.0:
        return 1.0
    if not a > FAR_OUT:
        return a / math.expm1(a)
    half = exp(-0.5 * a)
    return a * half * half if a < inf else 0.0


def dexprelr(n: float, a: float) -> float:
    """The n-th derivative of a/(exp(a) - 1), n = 0, 1, …, which is even for an even n > 1 and odd for an odd one."""
    if n == 0.0:
        return exprelr(a)
    if not (0.0 < n <= 150.0 and n % 1.0 == 0.0) or a != a:
        return nan
    if n == 1.0:
        return _exprelr_slope(a) if a >= 0.0 else -1.0 - _exprelr_slope(-a)
    x = abs(a)
    if x >= (4.0 if n < 4.0 else n if n < 6.0 or n > FEW_TERMS else 6.0):
        y = _exprelr_far(n, x)
    else:
        y = _exprelr_near(n, x) if n <= FEW_TERMS else _exprelr_poles(n, x)
    return -y if a < 0.0 and n % 2.0 == 1.0 else y


def _exprelr_slope(x: float) -> float:
    """The first derivative, for x >= 0."""
    if x < 1.5:
        return _polynomial(SLOPE_SERIES, x * x) * x - 0.5
    if x > FAR_OUT:
        half = exp(-0.5 * x)
        return (1.0 - x) * half * half if x < inf else -0.0
    b = 1.0 / math.expm1(x)
    return b * (1.0 - x - x * b)


def _exprelr_far(n: float, x: float) -> float:
    """(-1)^(n-1) times the sum of k^(n-1) (n - k x) exp(-k x) over k = 1, 2, …, of one sign for x >= n."""
    half = exp(-0.5 * x)
    q = half * half
    y = (n - x) * half * half if x < inf else 0.0
    k = 1.0
    term = q
    while k < 40.0 and term > 0.0:
        k += 1.0
        term *= q
        y += math.pow(k, n - 1.0) * (n - k * x) * term
    return y if n % 2.0 == 1.0 else -y


def _exprelr_pole(n: float, x: float, w: float) -> float:
    """The n-th derivative of -2w^2/(x^2 + w^2), the share of the poles ±i w (DLMF 4.36.3), for n >= 1."""
    angle = (n + 1.0) * math.atan(x / w)
    turn = (n + 1.0) % 4.0
    y = math.sin(angle) if turn % 2.0 == 0.0 else math.cos(angle)
    r = math.hypot(x, w)
    y *= 2.0 * w / r
    k = 0.0
    while k < n:
        k += 1.0
        y *= k / r
    # sin((n + 1)(pi/2 - atan(x/w))), and (-1)^(n + 1)
    return y if turn == 2.0 or turn == 3.0 else -y


def _exprelr_near(n: float, x: float) -> float:
    """The two nearest poles, and the Taylor series of all others, for n >= 2."""
    u = x / TAU * (x / TAU)
    y = 0.0
    k = 28.0
    for z in ZETA_BEYOND:
        c = z
        j = 0.0
        while j < n:
            c *= (2.0 * k - j) / TAU
            j += 1.0
        y = c - u * y if 2.0 * k >= n else y
        k -= 1.0
    if n % 2.0 == 1.0:
        y *= x / TAU
    if math.ceil(0.5 * n) % 2.0 == 0.0:
        y = -y
    return _exprelr_pole(n, x, TAU) + (_exprelr_pole(n, x, 2.0 * TAU) + 2.0 * y)


def _exprelr_poles(n: float, x: float) -> float:
    """The sum over the poles, for n >= 9."""
    y = 0.0
    k = 120.0
    while k > 0.0:
        y += _exprelr_pole(n, x, k * TAU)
        k -= 1.0
    return y


def exprel_product(a: float, b: float) -> float:
    """(exp(a*b) - 1)/a, and b at a = 0. The rounding error of a*b is compensated."""
    u = a * b
    if not NONE < abs(u) < ENDLESS:
        return b if abs(u) <= NONE else divide(expm1(u), a)
    scale = SCALE_UP if abs(b) > UNSPLIT else 1.0 / SCALE_UP if abs(a) > UNSPLIT else 1.0
    low = product(a * scale, b / scale)[1]
    half = exp(0.5 * u)
    if u > FAR_OUT:
        return half / a * (half + half * low)
    return (math.expm1(u) + half * half * low) / a


def exprelr_quotient(a: float, b: float) -> float:
    """a/(exp(a/b) - 1), and b at a = 0. The rounding error of a/b is compensated where it counts, in the tail."""
    u = divide(a, b)
    if abs(u) <= NONE:
        return b
    if not u > 1.0:
        return divide(a, math.expm1(u))
    if u > ENDLESS:
        return 0.0
    scale = 1.0 / SCALE_UP if abs(b) > UNSPLIT else SCALE_UP if abs(b) < 1.0 / UNSPLIT else 1.0
    high, low = product(u, b * scale)
    rest = (a * scale - high - low) / (b * scale)
    part = -math.expm1(-u)
    half = exp(-0.5 * u)
    return a / part * half * (half - half * (rest / part))


def bose_einstein(a: float) -> float:
    """1/(exp(a) - 1), with the infinities of 1/a at ±0."""
    return reciprocal(math.expm1(a)) if not a > FAR_OUT else exp(-a)


def log1mexp(a: float) -> float:
    """log(1 - exp(a)), for a <= 0 (M. Mächler, "Accurately computing log(1 - exp(-|a|))", 2012)."""
    if not a < 0.0:
        return -inf if a == 0.0 else nan
    return math.log(-math.expm1(a)) if a > -LOG_TWO else math.log1p(-math.exp(a))


def exp_difference(a: float, b: float) -> float:
    """exp(a) - exp(b), from the larger exponential and the difference of the arguments."""
    if a == b:
        return 0.0 if a < inf else nan
    larger = max(a, b)
    part = -math.expm1(-abs(a - b))
    half = exp(0.5 * larger)
    y = half * part * half if abs(larger) > FAR_OUT else exp(larger) * part
    return y if a > b else -y


def sqrt1pm1(a: float) -> float:
    """sqrt(1 + a) - 1, for a >= -1."""
    if not a < inf:
        return a
    return a / (math.sqrt(1.0 + a) + 1.0) if a >= -1.0 else nan
