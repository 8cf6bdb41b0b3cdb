"""Values of the Bessel functions of real order: those of whole orders are computed in floats, others in fixed point. As
in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from . import bessel_orders, fixed_orders
from .bessel import FAR, y0, y1
from .bessel_modified import k0, k1
from .bessel_orders import _recurred
from .doubled import LOG_2_HIGH, LOG_2_TAIL, divided, log, minus, multiplied, plus, times

nan = math.nan

# The largest whole order that the recurrences of K and Y go up to.
UPWARD = 200.0
# Terms of Y's recurrence from rounded values may be larger than their sum by this.
CANCELLED = 1.5
# From here on Hankel's series gives Y with 21 digits after the point.
HANKEL = 24.0
TWO_OVER_PI_PAIR = (0.6366197723675814, -3.935735335036497e-17)
EULER_PAIR = (0.5772156649015329, -4.942915152430645e-18)


def _upward_k(n: float, a: float) -> float:
    """K_n(a), n = 2, 3, …, by the recurrence from K_0 and K_1 (DLMF 10.29.1), whose terms are positive; nan where it
    overflows on the way, or begins beside the least float."""
    before = (k0(a), 0.0)
    y = (k1(a), 0.0)
    if not (before[0] > 1e-280 and y[0] < 1e280):
        return nan
    k = 1.0
    while k < n and y[0] < 1e280:
        after = plus(before, divided(times(y, 2.0 * k), (a, 0.0)))
        before = y
        y = after
        k += 1.0
    return y[0] if y[0] < 1e280 else nan


def _upward_y(n: float, a: float) -> float:
    """Y_n(a), n = 2, 3, …, by the recurrence from Y_0 and Y_1 (DLMF 10.6.1); nan where its terms cancel, or where it
    overflows on the way."""
    before = (y0(a), 0.0)
    y = (y1(a), 0.0)
    bound_before = abs(before[0])
    bound = abs(y[0])
    k = 1.0
    while k < n and bound < 1e280:
        after = minus(divided(times(y, 2.0 * k), (a, 0.0)), before)
        bound_after = 2.0 * k / a * bound + bound_before
        before = y
        bound_before = bound
        y = after
        bound = bound_after
        k += 1.0
    return y[0] if bound < 1e280 and bound < CANCELLED * abs(y[0]) else nan


def _series_y(n: float, a: float) -> float:
    """Y_n(a), n = 2, 3, …, by the recurrence from the power series of Y_0 and Y_1 (DLMF 10.8.1) in pairs, for
    a < HANKEL; nan beside a zero."""
    half = (0.5 * a, 0.0)
    square = times(multiplied(half, half), -1.0)
    term = (1.0, 0.0)
    first = (1.0, 0.0)
    next_first = (1.0, 0.0)
    harmonic = (0.0, 0.0)
    rest = (0.0, 0.0)
    next_rest = (1.0, 0.0)
    most = 1.0
    k = 1.0
    while abs(term[0]) > 1e-34 * most:
        term = divided(multiplied(term, square), (k * k, 0.0))
        part = divided(term, (k + 1.0, 0.0))
        harmonic = plus(harmonic, divided((1.0, 0.0), (k, 0.0)))
        both = plus(times(harmonic, 2.0), divided((1.0, 0.0), (k + 1.0, 0.0)))
        first = plus(first, term)
        next_first = plus(next_first, part)
        rest = minus(rest, multiplied(harmonic, term))
        next_rest = plus(next_rest, multiplied(both, part))
        if abs(term[0]) > most:
            most = abs(term[0])
        k += 1.0
    turn = plus(minus(log((a, 0.0)), (LOG_2_HIGH, LOG_2_TAIL)), EULER_PAIR)
    before = plus(multiplied(turn, first), rest)
    y = minus(multiplied(turn, next_first), times(next_rest, 0.5))
    y = minus(multiplied(y, half), divided((1.0, 0.0), (a, 0.0)))
    most = most * max(1.0, abs(turn[0]))
    k = 1.0
    while k < n and abs(y[0]) < 1e280:
        after = minus(divided(times(y, 2.0 * k), (a, 0.0)), before)
        before = y
        y = after
        k += 1.0
    y = multiplied(y, TWO_OVER_PI_PAIR)
    return y[0] if 1e-15 * most < abs(y[0]) < 6e279 else nan


def _whole_y(n: float, a: float) -> float:
    """Y_n(a), n = 2, 3, …; nan beside a zero."""
    y = _upward_y(n, a)
    if y == y:
        return y
    if a < HANKEL:
        return _series_y(n, a)
    y = _recurred(n, a, 1.0)
    return y / math.sqrt(math.pi * (0.5 * a)) if abs(y) > 1e-4 else nan


def besselj(n: float, a: float) -> float:
    """J_n(a)."""
    if n % 1.0 == 0.0:
        return bessel_orders.whole_j(n, a)
    return fixed_orders.dbesselj(0.0, n, a)


def bessely(n: float, a: float) -> float:
    """Y_n(a)."""
    if n % 1.0 == 0.0 and 2.0 <= abs(n) <= UPWARD and 1e-250 < a < FAR:
        y = _whole_y(abs(n), a)
        if y == y:
            return -y if n < 0.0 and n % 2.0 == 1.0 else y
    return fixed_orders.dbessely(0.0, n, a)


def besseli(n: float, a: float) -> float:
    """I_n(a)."""
    if n % 1.0 == 0.0:
        return bessel_orders.whole_i(n, a)
    return fixed_orders.dbesseli(0.0, n, a)


def besselk(n: float, a: float) -> float:
    """K_n(a)."""
    if n % 1.0 == 0.0 and 2.0 <= abs(n) <= UPWARD and 1e-250 < a < 700.0:
        y = _upward_k(abs(n), a)
        if y == y:
            return y
    return fixed_orders.dbesselk(0.0, n, a)
