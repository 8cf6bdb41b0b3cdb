"""Values of Owen's T function. As in `elementary`, no function raises."""

from __future__ import annotations

import math

from .incomplete import NODES, WEIGHTS
from .special import SQRT_TAU, normpdf

inf = math.inf
nan = math.nan


def owens_t(h: float, a: float) -> float:
    """T(h, a): the integral of exp(-h^2 (1 + x^2)/2)/(1 + x^2)/(2 pi) over x from 0 to a, of one sign.

    By the rule of Gauss and Legendre on pieces that double, up to where the integrand is negligible.
    """
    if h != h or a != a:
        return nan
    h = abs(h)
    top = abs(a)
    if top == inf:
        return math.copysign(0.25 * math.erfc(h * 0.7071067811865476), a)
    far = 9.0 / h if h > 1e-20 else 9e20
    if far > 1e20:
        far = 1e20
    end = top if top < far else far
    total = 0.0
    left = 0.0
    right = 1.0 / h if h > 2.0 else 0.5
    while left < end:
        right = right if right < end else end
        centre = 0.5 * (left + right)
        half = 0.5 * (right - left)
        piece = 0.0
        for node, weight in zip(NODES, WEIGHTS):
            x = centre - half * node
            z = centre + half * node
            u = h * x
            v = h * z
            piece += weight * (math.exp(-0.5 * u * u) / (1.0 + x * x) + math.exp(-0.5 * v * v) / (1.0 + z * z))
        total += half * piece
        left = right
        right = 2.0 * right
    return math.copysign(normpdf(h) * total / SQRT_TAU, a)
