"""Values of the Bessel functions of integer order. As in `elementary`, no function raises.

From LARGE on they are Hankel's asymptotic series in floats. Below LARGE, and near a zero, where the terms of the
asymptotic form cancel, they are sums in fixed point, which take some ten microseconds.
"""

from __future__ import annotations

import math

from . import fixed_bessel
from .fixed_bessel import LARGE

inf = math.inf
nan = math.nan

# The largest order of a program, and the largest order of all: rules lead from an order to higher ones.
ORDERS, SPARE = 1000.0, 1200.0
TINY = 2.0**-40
TWO_OVER_PI = 0.6366197723675814
# log(2) - Euler's constant
LOG_2_LESS_EULER = 0.11593151565841245
EXP_8, EXP_MINUS_64 = 2980.9579870417283, 1.603810890548638e-28


def _cylinder(n: float, a: float, second: float) -> float:
    """J_n(a), or with `second` = 1 Y_n(a), for n = 0 or 1 and a >= LARGE: Hankel's series (DLMF §10.17(i))."""
    even = 0.0  # without its first term, 1, which is added last
    odd = 0.0
    term = 1.0
    k = 1.0
    while abs(term) > 1e-18 and k < 60.0:
        term = term * ((4.0 * n - (2.0 * k - 1.0) * (2.0 * k - 1.0)) / (8.0 * k)) / a
        signed = -term if k % 4.0 >= 2.0 else term
        if k % 2.0 == 1.0:
            odd += signed
        else:
            even += signed
        k += 1.0
    s = math.sin(a)
    c = math.cos(a)
    # The phase is a - pi/4, or a - 3 pi/4 for n = 1; its sine and cosine here are multiplied by sqrt(2).
    cosine = s - c if n == 1.0 else s + c
    sine = -s - c if n == 1.0 else s - c
    y = sine + (even * sine + odd * cosine) if second == 1.0 else cosine + (even * cosine - odd * sine)
    if abs(y) > 1.1:
        return y / (2.0 * math.sqrt(math.pi * (0.25 * a)))
    exact = fixed_bessel.beside_zero(int(n), a)
    return (exact[1] if second == 1.0 else exact[0]) / (4.0 * math.sqrt(math.pi * (0.03125 * a)))


def j0(a: float) -> float:
    """J_0(a)."""
    a = abs(a)
    if a < LARGE:
        return fixed_bessel.first_kind(0, a, -1) if a > TINY else 1.0
    return _cylinder(0.0, a, 0.0) if a < inf else 0.0 if a == inf else a


def j1(a: float) -> float:
    """J_1(a)."""
    x = abs(a)
    if x < LARGE:
        return math.copysign(1.0, a) * fixed_bessel.first_kind(1, x, -1) if x > TINY else 0.5 * a
    return math.copysign(1.0, a) * _cylinder(1.0, x, 0.0) if x < inf else math.copysign(0.0, a) if x == inf else a


def y0(a: float) -> float:
    """Y_0(a); -inf at 0, nan below."""
    if not a > 0.0:
        return -inf if a == 0.0 else nan
    if a < LARGE:
        if a < TINY:
            return TWO_OVER_PI * (math.log(a) - LOG_2_LESS_EULER)
        return fixed_bessel.second_kind(0, a, -1)
    return _cylinder(0.0, a, 1.0) if a < inf else 0.0


def y1(a: float) -> float:
    """Y_1(a); -inf at 0, nan below."""
    if not a > 0.0:
        return -inf if a == 0.0 else nan
    if a < LARGE:
        return fixed_bessel.second_kind(1, a, -1) if a > TINY else -TWO_OVER_PI / a
    return _cylinder(1.0, a, 1.0) if a < inf else 0.0


def _modified(n: float, a: float, sign: float) -> float:
    """I_n(a) e^-a sqrt(2 pi a) for sign = -1, or K_n(a) e^a sqrt(2a/pi) for sign = 1, as an asymptotic series
    (DLMF §10.40(i)), for n = 0 or 1 and a >= LARGE."""
    y = 1.0
    term = 1.0
    k = 1.0
    while abs(term) > 1e-18 and k < 60.0:
        term = term * (sign * (4.0 * n - (2.0 * k - 1.0) * (2.0 * k - 1.0)) / (8.0 * k)) / a
        y += term
        k += 1.0
    return y


def _growing(n: float, a: float) -> float:
    if a > 720.0:
        return inf
    y = _modified(n, a, -1.0) / math.sqrt(math.tau * a)
    return y * math.exp(a) if a < 700.0 else y * math.exp(a - 8.0) * EXP_8


def _falling(n: float, a: float) -> float:
    if a > 800.0:
        return 0.0
    y = _modified(n, a, 1.0) * math.sqrt(0.5 * math.pi / a)
    return y * math.exp(-a) if a < 690.0 else y * math.exp(64.0 - a) * EXP_MINUS_64


def i0(a: float) -> float:
    """I_0(a)."""
    a = abs(a)
    if not a < LARGE:
        return _growing(0.0, a) if a >= LARGE else a
    return fixed_bessel.first_kind(0, a, 1) if a > TINY else 1.0


def i1(a: float) -> float:
    """I_1(a)."""
    x = abs(a)
    if not x < LARGE:
        return math.copysign(_growing(1.0, x), a) if x >= LARGE else a
    return math.copysign(fixed_bessel.first_kind(1, x, 1), a) if x > TINY else 0.5 * a


def k0(a: float) -> float:
    """K_0(a); inf at 0, nan below."""
    if not a > 0.0:
        return inf if a == 0.0 else nan
    if a < LARGE:
        return fixed_bessel.second_kind(0, a, 1) if a > TINY else LOG_2_LESS_EULER - math.log(a)
    return _falling(0.0, a)


def k1(a: float) -> float:
    """K_1(a); inf at 0, nan below."""
    if not a > 0.0:
        return inf if a == 0.0 else nan
    if a < LARGE:
        if a < TINY:
            return 1.0 / a if a > 6e-309 else inf
        return fixed_bessel.second_kind(1, a, 1)
    return _falling(1.0, a)


def _vanishes(n: float, a: float) -> bool:
    """Whether (a/2)^n/n!, which bounds J_n(a), is below the least float."""
    return n * math.log(0.5 * a) - math.lgamma(n + 1.0) < -800.0 if 0.5 * a > 0.0 else n > 0.0


def besselj(n: float, a: float) -> float:
    """J_n(a) for an integer n, |n| at most SPARE."""
    if not (abs(n) <= SPARE and n % 1.0 == 0.0):
        return nan
    odd = n % 2.0 == 1.0
    if n < 0.0:
        return -besselj(-n, a) if odd else besselj(-n, a)
    if n <= 1.0:
        return j1(a) if odd else j0(a)
    if a < 0.0:
        return -besselj(n, -a) if odd else besselj(n, -a)
    if not a < inf:
        return 0.0 if a == inf else a
    if a >= LARGE and a >= n:
        return fixed_bessel.recurred(int(n), a) / (4.0 * math.sqrt(math.pi * (0.03125 * a)))
    return fixed_bessel.first_kind(int(n), a, -1) if not _vanishes(n, a) else 0.0


def besseli(n: float, a: float) -> float:
    """I_n(a) for an integer n, |n| at most SPARE."""
    if not (abs(n) <= SPARE and n % 1.0 == 0.0):
        return nan
    n = abs(n)
    odd = n % 2.0 == 1.0
    if n <= 1.0:
        return i1(a) if odd else i0(a)
    if a < 0.0:
        return -besseli(n, -a) if odd else besseli(n, -a)
    if not a < 2000.0:
        return inf if a >= 2000.0 else a
    # The terms have one sign, so that none cancel; the largest, where k*(n + k) is a^2/4, comes before k = a.
    return fixed_bessel.first_kind(int(n), a, 1) if a > 0.0 and not (a < 1.0 and _vanishes(n, a)) else 0.0
