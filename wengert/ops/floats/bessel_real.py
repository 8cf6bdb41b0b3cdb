"""Values of the Bessel functions of real order: those of whole orders are computed in floats, others in fixed point. As
in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from . import bessel_orders, fixed_orders
from .bessel_modified import k0, k1
from .doubled import divided, plus, times

nan = math.nan

# The largest whole order that the recurrence of K goes up to.
UPWARD = 200.0


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


def besselj(n: float, a: float) -> float:
    """J_n(a)."""
    if n % 1.0 == 0.0:
        return bessel_orders.whole_j(n, a)
    return fixed_orders.dbesselj(0.0, n, a)


def bessely(n: float, a: float) -> float:
    """Y_n(a)."""
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
