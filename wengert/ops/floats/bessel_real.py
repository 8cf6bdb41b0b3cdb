"""Values of the Bessel functions of real order. As in `elementary`, no function raises.

J and I of whole orders are those of `bessel_orders`, Y and K of whole orders mostly those of `bessel_whole`; all others
are computed in pairs by `bessel_temme`. Beside a zero, and at the ends of a float's range, they are computed in fixed
point.
"""

from __future__ import annotations

import math

from . import bessel_orders, fixed_orders
from .bessel import FAR
from .bessel_modified import growing
from .bessel_orders import SERIES, SPARE, _asymptotic, _underflows
from .bessel_second import TWO_OVER_PI
from .bessel_temme import SCALE, by_series, falls, near, ratio_first, ratio_growing, waves
from .bessel_whole import upward_k, upward_y
from .doubled import Pair, inverse, minus, multiplied, plus, sin_pi
from .elementary import product
from .special import SQRT_TAU

inf = math.inf
nan = math.nan

# Below these the power series and Temme's series are used, the latter from LEAST_BESSEL on.
WAVES, FALLS, LEAST_BESSEL = 2.0, 1.0, 1e-100
# Waves that are larger than this have all digits of a float: before NEARER, and from there on.
NEARER, CLEAR, CLEARER = 8.0, 1e-3, 4e-6
# Beyond this K of any order is 0.
ENDS = 1400.0


def _first(v: float, a: float) -> Pair:
    """J_v(a) for v >= 0; from WAVES on divided by sqrt(2/(pi a)); nan beside a zero."""
    if a < WAVES:
        return by_series(v, a, -1.0) if not _underflows(v, a) else (0.0, 0.0)
    if v <= a:
        y = waves(v, a, 0.0, (0.0, 0.0))
        least = CLEAR if a < NEARER else CLEARER
        return (y[0] / SCALE, y[1] / SCALE) if abs(y[0]) > least * SCALE else (nan, nan)
    y = waves(v, a, 1.0, ratio_first(v, a))
    if y[0] == -inf:
        return (0.0, 0.0)
    y = inverse(y)
    return (y[0] * SCALE, y[1] * SCALE)


def _second(v: float, a: float) -> Pair:
    """Y_v(a) for v >= 0, times SCALE; from WAVES on divided by sqrt(2/(pi a)); nan beside a zero."""
    if a < WAVES:
        return near(v, a, -1.0)
    y = waves(v, a, 1.0, (0.0, 0.0))
    least = CLEAR if a < NEARER else CLEARER
    return y if abs(y[0]) > least * SCALE else (nan, nan)


def _reflected(v: float, a: float, second: float) -> float:
    """J_-v(a), or with `second` = 1 Y_-v(a) (from DLMF 10.2.3); nan where terms cancel."""
    first = _first(v, a)
    y = _second(v, a)
    part = multiplied(first, sin_pi(v, 1.0 - second))
    turn = sin_pi(v, second)
    if y[0] == -inf and turn[0] != 0.0:
        return math.copysign(inf, turn[0] * (0.5 - second))
    other = multiplied((y[0] / SCALE, y[1] / SCALE), turn)
    y = plus(part, other) if second == 1.0 else minus(part, other)
    return y[0] if abs(y[0]) > 1e-3 * (abs(part[0]) + abs(other[0])) else nan


def _oscillating(v: float, a: float, second: float) -> float:
    """J_v(a) or Y_v(a), for LEAST_BESSEL < a < FAR; nan where they are not known."""
    if v < 0.0 and v % 1.0 != 0.0:
        if second == 0.0 and a < WAVES:
            y = by_series(v, a, -1.0)
            return y[0]
        value = _reflected(-v, a, second)
    elif second == 1.0:
        y = _second(abs(v), a)
        value = -y[0] if v < 0.0 and v % 2.0 == 1.0 else y[0]
        if a < WAVES:
            return value / SCALE
        return value / math.sqrt(math.pi * (0.5 * a)) / SCALE
    else:
        y = _first(v, a)
        value = y[0]
    return value / math.sqrt(math.pi * (0.5 * a)) if a >= WAVES else value


def _modified_first(v: float, a: float) -> float:
    """I_v(a) for v >= 0 and a < 700; nan where it is not known."""
    if a >= SERIES and v * v <= a:
        return growing(a, _asymptotic(v, a) / SQRT_TAU)
    if a < FALLS:
        y = by_series(v, a, 1.0) if not _underflows(v, a) else (0.0, 0.0)
        return y[0]
    y = falls(v, a, ratio_growing(v, a))
    if y[0] == inf:
        return 0.0 if a < 330.0 else nan
    root = math.sqrt(a)
    square = product(root, root)
    y = inverse(multiplied(y, (root, (a - square[0] - square[1]) / (2.0 * root))))
    return y[0] * SCALE * math.exp(a) if y[0] > 1e-100 else y[0] * math.exp(a) * SCALE


def _modified_second(v: float, a: float) -> float:
    """K_v(a) for v >= 0 and LEAST_BESSEL < a < ENDS; nan where it is not known."""
    if a < FALLS:
        y = near(v, a, 1.0)
        return y[0] / SCALE
    y = falls(v, a, (0.0, 0.0))
    part = min(a, 650.0)
    value = y[0] / math.sqrt(a)
    value = value / SCALE * math.exp(-part) if value < 1.0 else value * math.exp(-part) / SCALE
    return value * math.exp(part - a) if value < inf or a < 330.0 else nan


def besselj(n: float, a: float) -> float:
    """J_n(a)."""
    if n % 1.0 == 0.0:
        return bessel_orders.whole_j(n, a)
    if abs(n) <= SPARE and LEAST_BESSEL < a < FAR:
        y = _oscillating(n, a, 0.0)
        if y == y:
            return y
    return fixed_orders.dbesselj(0.0, n, a)


def bessely(n: float, a: float) -> float:
    """Y_n(a)."""
    if LEAST_BESSEL < a < FAR and abs(n) <= SPARE and abs(n) != 0.0 and abs(n) != 1.0:
        if n % 1.0 == 0.0:
            y = upward_y(abs(n), a)
            if y == y:
                return -y if n < 0.0 and n % 2.0 == 1.0 else y
        y = _oscillating(n, a, 1.0)
        if y == y:
            return y
    return fixed_orders.dbessely(0.0, n, a)


def besseli(n: float, a: float) -> float:
    """I_n(a)."""
    if n % 1.0 == 0.0:
        return bessel_orders.whole_i(n, a)
    if abs(n) <= SPARE and LEAST_BESSEL < a < 700.0:
        if n < 0.0 and a < SERIES:
            part = by_series(n, a, 1.0)
            y = part[0]
        else:
            y = _modified_first(abs(n), a)
        if n < 0.0 and a >= SERIES:
            # DLMF 10.27.2
            turn = sin_pi(-n, 0.0)
            rest = TWO_OVER_PI * turn[0] * _modified_second(-n, a)
            y = y + rest if abs(rest) < 0.1 * y else nan
        if y == y:
            return y
    if n < 0.0 and a >= SERIES:
        y = fixed_orders.dbesseli(0.0, -n, a)
        if y > 1e10:  # K is less than 1/(2 a y).
            return y
    return fixed_orders.dbesseli(0.0, n, a)


def besselk(n: float, a: float) -> float:
    """K_n(a)."""
    if LEAST_BESSEL < a < ENDS and abs(n) <= SPARE and abs(n) != 0.0 and abs(n) != 1.0:
        if n % 1.0 == 0.0:
            y = upward_k(abs(n), a)
            if y == y:
                return y
        y = _modified_second(abs(n), a)
        if y == y:
            return y
    return fixed_orders.dbesselk(0.0, n, a)
