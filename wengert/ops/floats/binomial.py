"""The binomial coefficient of real arguments in floats, its exponent in pairs of floats; nan if those are too short
of digits. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from .beta import _beyond_stirling
from .deviances import decayed, logarithm_pair
from .doubled import Pair, divided, multiplied, plus, times, total
from .elementary import product
from .trigonometric import PI_TAIL

inf = math.inf
nan = math.nan

# Arguments beyond these are left to fixed point.
LEAST, MOST = 1e-12, 1e10
# Up to this number factors are multiplied out: with more, binomial coefficients of whole numbers are no longer exact.
FACTORS = 30.0
# From here on Stirling's series serves.
STIRLING_FROM = 7.0


def _falling_product(n: float, k: float) -> float:
    """n (n - 1) … (n - k + 1)/k! for k = 0, 1, 2, …"""
    y = (1.0, 0.0)
    i = 0.0
    while i < k:
        y = divided(multiplied(y, total(n, -i)), (i + 1.0, 0.0))
        i += 1.0
    return y[0]


def _of_two_parts(x: Pair, y: Pair, factor: float, rest: float, sign: float) -> float:
    """factor*exp(rest)*C^sign for sign = 1 or -1 and a tiny rest, where C is x + y over x, for positive x and y:
    Stirling's formula with its large terms in pairs, reached by the recurrence."""
    n = plus(x, y)
    over = (1.0, 0.0)
    under = (1.0, 0.0)
    while x[0] < STIRLING_FROM:
        x = plus(x, (1.0, 0.0))
        n = plus(n, (1.0, 0.0))
        over = multiplied(over, x)
        under = multiplied(under, n)
    while y[0] < STIRLING_FROM:
        y = plus(y, (1.0, 0.0))
        n = plus(n, (1.0, 0.0))
        over = multiplied(over, y)
        under = multiplied(under, n)
    d = plus(multiplied(x, logarithm_pair(divided(n, x))), multiplied(y, logarithm_pair(divided(n, y))))
    if not d[0] < 640.0:
        return nan
    w = d[1] + (_beyond_stirling(n[0]) - _beyond_stirling(x[0]) - _beyond_stirling(y[0]))
    g = n[0] / (2.0 * math.pi * x[0] * y[0])
    r = divided(over, under)
    if sign < 0.0:
        g = 2.0 * math.pi * x[0] * y[0] / n[0]
        r = divided(under, over)
    r = times(r, factor)
    return decayed(math.sqrt(g) * r[0], -sign * d[0], -sign * w - r[1] / r[0] - rest)


def _reflected_binomial(n: float, m: float, lost: float) -> float:
    """sin(pi (m + lost))/(pi (m + lost)) over C, where C is n + m + lost over n, for positive n and m."""
    near = float(round(m))
    part = m - near
    if part == 0.0:
        return 0.0 if lost == 0.0 else nan
    angle, error = product(part, math.pi)
    s = math.sin(angle)
    rest = (error + part * PI_TAIL + math.pi * lost) * (math.cos(angle) / s)
    if abs(rest) > 1e-8:
        return nan
    z, low = product(m, math.pi)
    y = s / z
    back, error = product(y, z)
    rest += (s - back - error) / s - (low + m * PI_TAIL) / z - lost / m
    return _of_two_parts((n, 0.0), (m, lost), y if near % 2.0 == 0.0 else -y, rest, -1.0)


def binom_in_floats(n: float, k: float) -> float:
    """n over k, for n > 0. Where k or n - k is below 0, by reflection (DLMF 5.5.3)."""
    if not (LEAST < n < MOST and LEAST < abs(k) < MOST):
        return nan
    m, lost = total(n, -k)
    if k > 0.0 and k <= FACTORS and k % 1.0 == 0.0:
        return _falling_product(n, k)
    if m >= 0.0 and m <= FACTORS and m % 1.0 == 0.0 and lost == 0.0:
        return _falling_product(n, m)
    if abs(m) < LEAST:
        return nan
    if k < 0.0:
        return _reflected_binomial(n, -k, 0.0)
    return _of_two_parts((k, 0.0), (m, lost), 1.0, 0.0, 1.0) if m > 0.0 else _reflected_binomial(n, -m, -lost)
