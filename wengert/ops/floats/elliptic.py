"""Values of the elliptic integrals: Carlson's symmetric ones, their derivatives of every order, and Legendre's.

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


def elliprf(x: float, y: float, z: float) -> float:
    """R_F(x, y, z)."""
    return 0.5 * carlson(0.0, 0.0, 0.0, 0.0, 0.0, x, y, z, 1.0)


def elliprd(x: float, y: float, z: float) -> float:
    """R_D(x, y, z)."""
    return 1.5 * carlson(0.0, 0.0, 0.0, 1.0, 0.0, x, y, z, 1.0)


def elliprj(x: float, y: float, z: float, p: float) -> float:
    """R_J(x, y, z, p), for p > 0."""
    return 1.5 * carlson(0.0, 0.0, 0.0, 0.0, 1.0, x, y, z, p)


def elliprc(x: float, y: float) -> float:
    """R_C(x, y), which is R_F(x, y, y); for y < 0 its principal value (DLMF 19.20.6)."""
    if y < 0.0:
        if not 0.0 <= x < inf or y == -inf:
            return 0.0 if x >= 0.0 else nan
        return math.sqrt(x / (x - y)) * elliprc(x - y, -y)
    return 0.5 * carlson(0.0, 0.0, 0.0, 0.0, 0.0, x, y, y, 1.0)


def elliprg(x: float, y: float, z: float) -> float:
    """R_G(x, y, z), by DLMF 19.23.7, a sum of three positive integrals."""
    if not (x >= 0.0 and y >= 0.0 and z >= 0.0):
        return nan
    if x == inf or y == inf or z == inf:
        return inf
    a = x * carlson(1.0, 1.0, 0.0, 0.0, 0.0, x, y, z, 1.0) if x > 0.0 else 0.0
    b = y * carlson(1.0, 0.0, 1.0, 0.0, 0.0, x, y, z, 1.0) if y > 0.0 else 0.0
    c = z * carlson(1.0, 0.0, 0.0, 1.0, 0.0, x, y, z, 1.0) if z > 0.0 else 0.0
    return 0.25 * (a + b + c)


# Legendre's integrals


def ellipk(m: float) -> float:
    """K(m), for m <= 1."""
    if not m < 1.0:
        return inf if m == 1.0 else nan
    return ellipkm1(1.0 - m)


def ellipkm1(a: float) -> float:
    """K(1 - a), for a >= 0: Gauss's arithmetic and geometric mean of 1 and sqrt(a) (DLMF 19.8.5)."""
    if not 0.0 < a < inf:
        return inf if a == 0.0 else 0.0 if a == inf else nan
    x = 1.0
    y = math.sqrt(a)
    while abs(x - y) > 1e-8 * x:
        x, y = 0.5 * (x + y), math.sqrt(x) * math.sqrt(y)
    return math.pi / (x + y)


def ellipe(m: float) -> float:
    """E(m), for m <= 1."""
    if not m <= 1.0:
        return nan
    if m == -inf:
        return inf
    return 2.0 * elliprg(0.0, 1.0 - m, 1.0)


def _turns_of_carlson(a: float) -> float:
    """The whole k for which a - k*pi is in [-pi/2, pi/2]."""
    k = float(math.floor(a / math.pi + 0.5))
    sign = 1.0 if k % 2.0 == 0.0 else -1.0
    if sign * math.cos(a) < 0.0:
        k += 1.0 if sign * math.sin(a) > 0.0 else -1.0
    return k


def ellipkinc(a: float, m: float) -> float:
    """F(a | m), for m <= 1."""
    if not m <= 1.0 or a != a:
        return nan
    if abs(a) == inf:
        return nan if m == -inf else a
    k = _turns_of_carlson(a)
    sign = 1.0 if k % 2.0 == 0.0 else -1.0
    s = sign * math.sin(a)
    c = math.cos(a)
    y = s * elliprf(c * c, c * c + (1.0 - m) * (s * s), 1.0) if a != 0.0 else a
    return y if k == 0.0 else y + 2.0 * k * ellipk(m)


def ellipeinc(a: float, m: float) -> float:
    """E(a | m), for m <= 1: DLMF 19.25.10, whose terms are positive for m >= 0, and 19.25.9 for m < 0."""
    if not m <= 1.0 or a != a:
        return nan
    if abs(a) == inf or m == -inf:
        return math.copysign(inf, a) if a != 0.0 else a
    k = _turns_of_carlson(a)
    sign = 1.0 if k % 2.0 == 0.0 else -1.0
    s = sign * math.sin(a)
    c = abs(math.cos(a))
    square = s * s
    rest = c * c + (1.0 - m) * square
    if a == 0.0 or square == 0.0:
        y = a - k * math.pi if k else a
    elif m < 0.0:
        y = s * (elliprf(c * c, rest, 1.0) - m * square * elliprd(c * c, rest, 1.0) / 3.0)
    else:
        y = s * (
            (1.0 - m) * elliprf(c * c, rest, 1.0)
            + m * (1.0 - m) * square * elliprd(c * c, 1.0, rest) / 3.0
            + m * c / math.sqrt(rest)
        )
    return y if k == 0.0 else y + 2.0 * k * ellipe(m)
