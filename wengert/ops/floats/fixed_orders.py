"""Bessel functions of real order, and their derivatives of any order in the order, in the fixed point of `fixed_point`.

The power series are summed with as many bits as their terms cancel. From LARGE on Hankel's series gives two orders
below 2, and the recurrences the others, upwards, where they are stable. A derivative in the order is a central
difference, with bits enough for all digits: the remainder of Hankel's series is as smooth in the order as the
series. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from . import bessel, bessel_modified, bessel_orders
from .bessel_first import LARGE
from .bessel_orders import SPARE
from .fixed_point import fixed, log_2, loggamma, pi, sin_cos
from .fixed_scaled import (
    STEP,
    Scaled,
    derivative,
    grown,
    log_of,
    nearest,
    negative,
    plus,
    scaled,
    sin_cos_turns,
)

inf = math.inf
nan = math.nan

# An order is off any whole number by 2^-OFF at least.
OFF = 140
# The largest order of a derivative of a program, and of all.
DERIVATIVES, SPARE_DERIVATIVES = 6.0, 8.0


def _series_of_order(v: int, a: float, sign: int, p: int) -> Scaled:
    """J_v(a), sign = -1, or I_v(a), sign = 1, for a > 0 and an order that is no whole number below 0 (DLMF 10.2.2)."""
    one = 1 << p
    half = fixed(0.5 * a, p)
    z = sign * (half * half >> p)
    # 1/Γ(v + 1) from 1/Γ(v + 1 + n), whose argument is positive.
    start, shift = one, 0
    argument = v + one
    while argument <= 0:
        start = start * argument >> p
        argument += one
        # Factors of many orders grow.
        more = max(0, start.bit_length() - p - 1)
        start >>= more
        shift += more
    low = max(0, p - start.bit_length())
    start <<= low
    shift -= low
    total = term = one
    k = 1
    while term not in (0, -1) or k * one + v < 0:
        term = term * z // (k * (k * one + v))
        total += term
        k += 1
    m, e = grown(total * start >> p, (v * (log_of(a, p) - log_2(p)) >> p) - loggamma(argument, p), p)
    return m, e + shift


def _hankel_of_order(v: int, a: float, p: int) -> tuple[int, int]:
    """The even and the odd terms of Hankel's series, without their signs' pattern of J and Y (DLMF 10.17.1)."""
    one = 1 << p
    eighth = 8 * fixed(a, p)
    square = 4 * (v * v >> p)
    sums = [0, 0, 0, 0]
    term, k = one, 0
    while term not in (0, -1) and k < 2.0 * a:
        sums[k % 4] += term
        k += 1
        term = term * (square - (2 * k - 1) ** 2 * one) // (k * eighth)
    return sums[0] - sums[2], sums[1] - sums[3]


def _base_of_order(v: int, a: float, p: int) -> tuple[int, int]:
    """J_v(a) and Y_v(a), divided by sqrt(2/(pi a)), for an order of [0, 2)."""
    even, odd = _hankel_of_order(v, a, p)
    s, c = sin_cos(a, p)
    turn, other = sin_cos_turns((v >> 1) + (1 << p - 2), p)
    cosine, sine = c * other + s * turn >> p, s * other - c * turn >> p
    return even * cosine - odd * sine >> p, even * sine + odd * cosine >> p


def _whole_of_order(v: int, p: int) -> int:
    """The whole part of an order, the same for all orders of a difference."""
    return v + (1 << p - 30) >> p


def _below_of_order(v: int, a: float, p: int) -> bool:
    """Whether an order is at most a, likewise."""
    return v - (1 << p - 30) <= fixed(a, p)


def _upwards_of_order(v: int, a: float, p: int) -> tuple[int, int]:
    """J_v(a) and Y_v(a), divided by sqrt(2/(pi a)), for v >= 0 and a >= LARGE; J for v <= a."""
    n = _whole_of_order(v, p)
    rest = v - (n << p)
    first, second = _base_of_order(rest, a, p)
    if n == 0:
        return first, second
    x = fixed(a, p)
    next_first, next_second = _base_of_order(rest + (1 << p), a, p)
    for k in range(1, n):
        twice = 2 * (rest + (k << p))
        first, next_first = next_first, twice * next_first // x - first
        second, next_second = next_second, twice * next_second // x - second
    return next_first, next_second


def _first_of_order(v: int, a: float, p: int) -> Scaled:
    """J_v(a); from LARGE on divided by sqrt(2/(pi a))."""
    if a < LARGE:
        return _series_of_order(v, a, -1, p)
    if v < 0:
        s, c = sin_cos_turns(-v, p)
        if _below_of_order(-v, a, p):
            first, second = _upwards_of_order(-v, a, p)
            return c * first - s * second >> p, 0
        m, e = _first_of_order(-v, a, p)
        return c * (m << e if e >= 0 else m >> -e) - s * _upwards_of_order(-v, a, p)[1] >> p, 0
    if _below_of_order(v, a, p):
        return _upwards_of_order(v, a, p)[0], 0
    m, e = _series_of_order(v, a, -1, p)
    return m * math.isqrt(pi(p) * fixed(0.5 * a, p)) >> p, e


def _second_of_order(v: int, a: float, p: int) -> Scaled:
    """Y_v(a); from LARGE on divided by sqrt(2/(pi a))."""
    s, c = sin_cos_turns(v, p)
    if a >= LARGE:
        if v >= 0:
            return _upwards_of_order(v, a, p)[1], 0
        m, e = _first_of_order(-v, a, p)
        return -s * (m << e if e >= 0 else m >> -e) + c * _upwards_of_order(-v, a, p)[1] >> p, 0
    m, e = plus(scaled(c, _series_of_order(v, a, -1, p), p), negative(_series_of_order(-v, a, -1, p)))
    return (m << p) // s, e


def _growing_of_order(v: int, a: float, p: int) -> Scaled:
    """I_v(a)."""
    return _series_of_order(v, a, 1, p)


def _falling_of_order(v: int, a: float, p: int) -> Scaled:
    """K_v(a)."""
    v = abs(v)
    if a < LARGE:
        m, e = plus(_series_of_order(-v, a, 1, p), negative(_series_of_order(v, a, 1, p)))
        return (m * pi(p) >> 1) // sin_cos_turns(v, p)[0], e
    one, n, x = 1 << p, _whole_of_order(v, p), fixed(a, p)
    rest = v - (n << p)
    found = []
    for order in (rest, rest + one):
        square, total, term, k = 4 * (order * order >> p), 0, one, 0
        while term not in (0, -1) and k < 2.0 * a:
            total += term
            k += 1
            term = term * (square - (2 * k - 1) ** 2 * one) // (8 * k * x)
        found.append(total)
    y, after = found
    for k in range(1, n + 1):
        y, after = after, 2 * (rest + (k << p)) * after // x + y
    m, e = grown(y, -x, p)
    return m * math.isqrt((pi(p) << 2 * p) // (2 * x)) >> p, e


def _bits_of_order(n: int, v: float, a: float, quotient: bool) -> int:
    """The bits that the series needs; the difference, and a quotient by sin(pi*v) near a whole order, too."""
    near = 0.0 if a >= LARGE and abs(v) <= a else min(a, 3000.0)
    more = 2 * OFF if quotient or n else 60
    return 192 + more + STEP * n + 64 * math.ceil((3.0 * near + 1.5 * max(0.0, -v, abs(v) * quotient)) / 64.0)


def _derived_of_order(f: Callable[[int, float, int], Scaled], n: int, v: float, a: float) -> tuple[int, int]:
    """The n-th derivative in v as m*2^e."""
    # I falls with the order near a whole one only by as much as K, which is e^-2a times as large.
    more = 16 * math.ceil(min(a, 2000.0) / 10.0) if f is _growing_of_order and n else 0
    p, off = _bits_of_order(n, v, a, f in (_second_of_order, _falling_of_order)) + (n + 2) * more, OFF + more
    order = fixed(v, p)
    near = (order + (1 << p - 1)) >> p << p
    if abs(order - near) < 1 << p - off and (near < 0 or f in (_second_of_order, _falling_of_order)):
        order = near + (1 << p - off)
    m, e = derivative(lambda at: f(at, a, p), n, order, p, STEP + more)
    return m, e - p


def _value_of_order(f: Callable[[int, float, int], Scaled], n: float, v: float, a: float) -> float:
    m, e = _derived_of_order(f, int(n), v, a)
    if a < LARGE or f not in (_first_of_order, _second_of_order):
        return nearest(m, e)
    return nearest(m, e) / (4.0 * math.sqrt(math.pi * (0.03125 * a)))


def _vanishes_of_order(v: float, a: float) -> bool:
    """Whether (a/2)^v/Γ(v + 1), which bounds J_v(a) for v > 0, is far below the least float."""
    return v > 0.0 and v * math.log(0.5 * a) - math.lgamma(v + 1.0) < -900.0 if 0.5 * a > 0.0 else v > 0.0


def _outside_of_order(n: float, v: float, a: float) -> bool:
    return not (0.0 <= n <= SPARE_DERIVATIVES and n % 1.0 == 0.0 and abs(v) <= SPARE and a == a)


def _sign_at_pole_of_order(v: float) -> float:
    """The sign of 1/Γ(v + 1)."""
    return 1.0 if v > -1.0 or math.floor(v + 1.0) % 2.0 == 0.0 else -1.0


def dbesselj(n: float, v: float, a: float) -> float:
    """The n-th derivative of J_v(a) in the order v."""
    if _outside_of_order(n, v, a) or a < 0.0 and (v % 1.0 != 0.0 or n > 0.0):
        return nan
    if n == 0.0 and v % 1.0 == 0.0:
        return bessel_orders.whole_j(v, a)
    if a == 0.0:
        return 0.0 if v > 0.0 else inf * _sign_at_pole_of_order(v) if n == 0.0 else nan
    return 0.0 if a == inf or _vanishes_of_order(v, a) else _value_of_order(_first_of_order, n, v, a)


def dbessely(n: float, v: float, a: float) -> float:
    """The n-th derivative of Y_v(a) in the order v."""
    if _outside_of_order(n, v, a) or a < 0.0:
        return nan
    if n == 0.0 and v in (0.0, 1.0):
        return bessel.y1(a) if v else bessel.y0(a)
    if a == 0.0:
        return -inf if v >= 0.0 and n == 0.0 else nan
    if a == inf:
        return 0.0
    if a < LARGE and v >= 0.0 and _vanishes_of_order(v, a):
        return -inf
    if n == 0.0 and v < 0.0 and v % 1.0 == 0.5:  # no part of Y_-v is left (DLMF 10.2.3)
        return dbesselj(n, -v, a) * (1.0 if v % 2.0 == 1.5 else -1.0)
    return _value_of_order(_second_of_order, n, v, a)


def dbesseli(n: float, v: float, a: float) -> float:
    """The n-th derivative of I_v(a) in the order v."""
    if _outside_of_order(n, v, a) or a < 0.0 and (v % 1.0 != 0.0 or n > 0.0):
        return nan
    if n == 0.0 and v % 1.0 == 0.0:
        return bessel_orders.whole_i(v, a)
    if a == 0.0:
        return 0.0 if v > 0.0 else inf * _sign_at_pole_of_order(v) if n == 0.0 else nan
    if a >= 2000.0:
        return inf if n == 0.0 else nan
    return 0.0 if a < 1.0 and _vanishes_of_order(v, a) else _value_of_order(_growing_of_order, n, v, a)


def dbesselk(n: float, v: float, a: float) -> float:
    """The n-th derivative of K_v(a) in the order v."""
    if _outside_of_order(n, v, a) or a < 0.0:
        return nan
    if n == 0.0 and abs(v) in (0.0, 1.0):
        return bessel_modified.k1(a) if v else bessel_modified.k0(a)
    if a == 0.0:
        return inf if n == 0.0 else nan
    if a > 5000.0:
        return 0.0
    if n % 2.0 == 1.0 and abs(v) < 2.0**-60:
        # It is even in v.
        return v * dbesselk(n + 1.0, 0.0, a) if n < SPARE_DERIVATIVES else nan
    if a < LARGE and _vanishes_of_order(abs(v), a):
        return math.copysign(inf, v) if n % 2.0 == 1.0 else inf
    return _value_of_order(_falling_of_order, n, v, a)
