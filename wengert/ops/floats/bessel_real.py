"""Values of the Bessel functions of real order: those of whole orders are computed in floats, others in fixed point. As
in `elementary`, no function raises.
"""

from __future__ import annotations

from . import bessel_orders, fixed_orders


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
    return fixed_orders.dbesselk(0.0, n, a)
