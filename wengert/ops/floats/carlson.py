"""Values of the derivatives of every order of Carlson's elliptic integrals.

All are integrals of products of powers of t + x over t > 0 (DLMF §19.16), whose terms are positive. With t = e^u the
trapezoidal rule has an error of exp(-2 pi^2/U_STEP) (Trefethen and Weideman 2014), as the nearest singularities are at
distance pi from the real axis, and its abscissas are exact. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math

inf = math.inf
nan = math.nan

U_STEP = 0.375
# The largest order of a derivative of a program, and the largest sum of all.
CARLSON_ORDERS, CARLSON_SPARE = 12.0, 14.0


def _times_of_carlson(y: float, t: float, x: float, n: float) -> float:
    """y*(t + x)^(-n - 1/2), in steps that overflow no sooner than the product."""
    s = 1.0 / (t + x)
    y *= math.sqrt(s)
    while n > 0.0:
        y *= s
        n -= 1.0
    return y


def _carlson_of_carlson(
    m: float, i: float, j: float, k: float, n: float, x: float, y: float, z: float, w: float
) -> float:  # fmt: skip
    """The integral of t^m (t + x)^(-i - 1/2) (t + y)^(-j - 1/2) (t + z)^(-k - 1/2) (t + w)^-n over t > 0."""
    most = max(max(x, y), max(z, w if n > 0.0 else 0.0))
    if not 0.0 < most < inf:
        return nan if most != most else inf if most == 0.0 else 0.0
    # By homogeneity the largest argument is put near 1: the value has the degree -(i + j + k + n - m + 1/2).
    scale = 1.0
    while most * scale > 4.0:
        scale *= 0.25
    while most * scale < 1.0:
        scale *= 4.0
    x *= scale
    y *= scale
    z *= scale
    w *= scale
    total = 0.0
    lost = 0.0
    # From u = 0, where the integrand is near its largest decay, down and up.
    side = -1.0
    while side < 2.0:
        u = 0.0 if side < 0.0 else U_STEP
        term = 1.0
        small = 0.0
        while small < 4.0 and abs(u) < 700.0:
            t = math.exp(u)
            term = _times_of_carlson(_times_of_carlson(_times_of_carlson(t, t, x, i), t, y, j), t, z, k)
            power = m
            while power > 0.0:
                term *= t
                power -= 1.0
            power = n
            while power > 0.0:
                term /= t + w
                power -= 1.0
            # Neumaier's sum
            both = total + term
            lost += total - both + term if total > term else term - both + total
            total = both
            small = small + 1.0 if term < 1e-19 * total else 0.0
            u += side * U_STEP
        side += 2.0
    y = U_STEP * (total + lost)
    root = math.sqrt(scale)
    power = i + j + k + n - m
    y *= root
    while power > 0.0:
        y *= scale
        power -= 1.0
    return y


def carlson(
    m: float, i: float, j: float, k: float, n: float, x: float, y: float, z: float, w: float
) -> float:  # fmt: skip
    """The integral of t^m (t + x)^(-i - 1/2) (t + y)^(-j - 1/2) (t + z)^(-k - 1/2) (t + w)^-n over t > 0, for whole
    numbers m, i, j, k and n."""
    orders = i + j + k + n
    if not (m >= 0.0 and i >= 0.0 and j >= 0.0 and k >= 0.0 and n >= 0.0 and m <= orders <= CARLSON_SPARE):
        return nan
    if m % 1.0 != 0.0 or i % 1.0 != 0.0 or j % 1.0 != 0.0 or k % 1.0 != 0.0 or n % 1.0 != 0.0:
        return nan
    if not (x >= 0.0 and y >= 0.0 and z >= 0.0 and w >= 0.0):
        return nan
    # At 0 the power of t in the integrand must be above -1.
    power = m
    power -= i + 0.5 if x == 0.0 else 0.0
    power -= j + 0.5 if y == 0.0 else 0.0
    power -= k + 0.5 if z == 0.0 else 0.0
    power -= n if w == 0.0 else 0.0
    if power <= -1.0:
        return inf
    return _carlson_of_carlson(m, i, j, k, n, x, y, z, w)
