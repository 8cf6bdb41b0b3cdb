"""Values of the elliptic integrals: Carlson's symmetric ones and Legendre's. As in `elementary`, no function raises."""

from __future__ import annotations

import math

from .duplication import Pair, closed_rc, duplicated_rd, duplicated_rf, duplicated_rj, root_of_pair
from .elementary import difference
from .principal import LARGEST_OF_PAIRS, principal_of_rj
from .special import _polynomial

inf = math.inf
nan = math.nan

LEAST_MOST, LARGEST_MOST = 2.0**-100, 2.0**100
FAR_PARAMETER = 1e34
NEARLY_INFINITE, HARDLY, SMALLER_BY_64, LEAST_FLOAT = 2.0**1014, 2.0**-8, 2.0**-64, 5e-324
# Below this distance from m = 1 the complete integrals are power series times logarithms (DLMF 19.12.1 and 19.12.2).
# From there to the distance FAR_FROM_ONE two steps to Gauss's mean leave a power series (DLMF 19.5.1, 19.5.2, 19.8(i)).
NEAR_LOGARITHM, FAR_FROM_ONE = 0.02, 50.0
LOG_4, PI_REST = 1.3862943611198906, 3.8981718325193755e-17  # the latter is pi less its float, over pi


def _terms_beside_one() -> tuple[tuple[float, ...], ...]:
    """The coefficients of K and E at m = 1, of log(4/k') and those to take off, from the last to the first."""
    first, second, less_first, less_second = [], [], [], []
    a, b, d = 1.0, 0.5, 0.0
    for m in range(10):
        first.append(a)
        less_first.append(a * d)
        second.append(b)
        less_second.append(b * (d + 1.0 / ((2 * m + 1) * (2 * m + 2))))
        d += 2.0 / ((2 * m + 1) * (2 * m + 2))
        a *= ((m + 0.5) / (m + 1)) ** 2
        b *= (m + 0.5) * (m + 1.5) / ((m + 2) * (m + 1))
    return tuple(tuple(terms[::-1]) for terms in (first, less_first, second, less_second))


def _terms_at_zero() -> tuple[tuple[float, ...], ...]:
    """The coefficients of (2 K/pi - 1)/m and of 2 (K - E)/(pi m) at m = 0, likewise."""
    first, gap = [1.0], []
    for n in range(1, 12):
        first.append(first[-1] * ((n - 0.5) / n) ** 2)
        gap.append(first[-1] * (2 * n / (2 * n - 1)))
    return tuple(first[:0:-1]), tuple(gap[::-1])


OF_FIRST, BESIDE_FIRST, OF_SECOND, BESIDE_SECOND = _terms_beside_one()
OF_MEANS, GAP_OF_MEANS = _terms_at_zero()


def _scale_of_carlson(most: float) -> float:
    """A power of 4 that puts the largest argument where neither sums overflow nor pairs vanish."""
    scale = HARDLY if most > NEARLY_INFINITE else 1.0
    while 0.0 < most * scale < LEAST_MOST:
        scale *= LARGEST_MOST * LARGEST_MOST
    return scale


def _scaled_of_carlson(x: float, scale: float) -> float:
    """x*scale, above 0 where x is."""
    return max(x * scale, LEAST_FLOAT) if x > 0.0 else 0.0


def elliprf(x: float, y: float, z: float) -> float:
    """R_F(x, y, z)."""
    if not (x >= 0.0 and y >= 0.0 and z >= 0.0):
        return nan
    most = max(max(x, y), z)
    if x + y == 0.0 or x + z == 0.0 or y + z == 0.0:
        return inf
    if most == inf:
        return 0.0
    scale = _scale_of_carlson(most)
    return duplicated_rf(
        _scaled_of_carlson(x, scale), _scaled_of_carlson(y, scale), _scaled_of_carlson(z, scale)
    ) * math.sqrt(scale)


def elliprd(x: float, y: float, z: float) -> float:
    """R_D(x, y, z)."""
    if not (x >= 0.0 and y >= 0.0 and z >= 0.0):
        return nan
    most = max(max(x, y), z)
    if x + y == 0.0 or z == 0.0:
        return inf
    if most == inf:
        return 0.0
    scale = _scale_of_carlson(most)
    return (
        duplicated_rd(_scaled_of_carlson(x, scale), _scaled_of_carlson(y, scale), _scaled_of_carlson(z, scale))
        * scale
        * math.sqrt(scale)
    )


def elliprj(x: float, y: float, z: float, p: float) -> float:
    """R_J(x, y, z, p); for p < 0 its principal value."""
    if not (x >= 0.0 and y >= 0.0 and z >= 0.0 and p == p):
        return nan
    most = max(max(x, y), max(z, abs(p)))
    if x + y == 0.0 or x + z == 0.0 or y + z == 0.0 or p == 0.0:
        return -inf if p < 0.0 else inf
    if most == inf:
        return 0.0
    scale = _scale_of_carlson(most)
    if p < 0.0:
        if most > LARGEST_OF_PAIRS:
            scale = SMALLER_BY_64
        middle = max(min(x, y), min(max(x, y), z))
        return (
            principal_of_rj(
                _scaled_of_carlson(min(min(x, y), z), scale),
                _scaled_of_carlson(middle, scale),
                _scaled_of_carlson(max(max(x, y), z), scale),
                _scaled_of_carlson(-p, scale),
            )
            * scale
            * math.sqrt(scale)
        )
    if p > FAR_PARAMETER * max(max(x, y), z):  # DLMF 19.27.11
        return 3.0 / p * (elliprf(x, y, z) - 0.5 * math.pi / math.sqrt(p))
    return (
        duplicated_rj(
            _scaled_of_carlson(x, scale),
            _scaled_of_carlson(y, scale),
            _scaled_of_carlson(z, scale),
            _scaled_of_carlson(p, scale),
        )
        * scale
        * math.sqrt(scale)
    )


def elliprc(x: float, y: float) -> float:
    """R_C(x, y), which is R_F(x, y, y); for y < 0 its principal value (DLMF 19.20.6)."""
    if y < 0.0:
        if not 0.0 <= x < inf or y == -inf:
            return 0.0 if x >= 0.0 else nan
        return math.sqrt(x / (x - y)) * elliprc(x - y, -y)
    if not (x >= 0.0 and y >= 0.0):
        return nan
    if y == 0.0:
        return inf
    if max(x, y) == inf:
        return 0.0
    return closed_rc(x, y)


def elliprg(x: float, y: float, z: float) -> float:
    """R_G(x, y, z), by DLMF 19.21.10, a sum of three positive terms."""
    if not (x >= 0.0 and y >= 0.0 and z >= 0.0):
        return nan
    most = max(max(x, y), z)
    if most == inf:
        return inf
    middle = max(min(x, y), min(max(x, y), z))
    if middle <= most * 1e-300:
        return 0.5 * math.sqrt(most)
    scale = 1.0
    while most * scale > LARGEST_MOST:
        scale *= LEAST_MOST * LEAST_MOST
    while 0.0 < most * scale < LEAST_MOST:
        scale *= LARGEST_MOST * LARGEST_MOST
    most *= scale
    middle = _scaled_of_carlson(middle, scale)
    least = min(min(x, y), z) * scale
    first = middle * duplicated_rf(least, middle, most)
    gap = (most - middle) * ((middle - least) / 3.0)
    second = gap * duplicated_rd(least, most, middle) if gap > 0.0 else 0.0
    return 0.5 * (first + second + math.sqrt(least) * (math.sqrt(most) / math.sqrt(middle))) / math.sqrt(scale)


# Legendre's integrals


def ellipk(m: float) -> float:
    """K(m), for m <= 1."""
    if not m < 1.0:
        return inf if m == 1.0 else nan
    return ellipkm1(1.0 - m)


def ellipkm1(a: float) -> float:
    """K(1 - a), for a >= 0."""
    if not 0.0 < a < inf:
        return inf if a == 0.0 else 0.0 if a == inf else nan
    return _complete_first(a) if a <= FAR_FROM_ONE else _complete_first(1.0 / a) / math.sqrt(a)


def _complete_first(a: float) -> float:
    """K(1 - a), for 0 < a <= FAR_FROM_ONE."""
    if a < NEAR_LOGARITHM:
        return (LOG_4 - 0.5 * math.log(a)) * _polynomial(OF_FIRST, a) - _polynomial(BESIDE_FIRST, a)
    root = root_of_pair((a, 0.0))
    both = _mean_of_means(root, root_of_pair(root))
    c = _gap_of_means(root[0]) / both[0]
    y = math.pi / both[0]
    return y + y * (c * c * _polynomial(OF_MEANS, c * c) + (PI_REST - both[1] / both[0]))


def _mean_of_means(root: Pair, other: Pair) -> Pair:
    """(1 + root)/2 + other."""
    half = 0.5 * root[0]
    high, low = difference(0.5 + half, -other[0])
    return high, low + (0.5 - (0.5 + half) + half if root[0] < 1.0 else half - (0.5 + half) + 0.5) + (
        0.5 * root[1] + other[1]
    )


def _gap_of_means(root: float) -> float:
    """(1 + root)/2 - sqrt(root)."""
    gap = 1.0 - math.sqrt(root)
    return 0.5 * gap * gap


def _complete_second(a: float) -> float:
    """E(1 - a), for 0 <= a <= FAR_FROM_ONE."""
    if a < NEAR_LOGARITHM:
        log_of_a = 0.5 * math.log(a) if a > 0.0 else 0.0
        return 1.0 + a * ((LOG_4 - log_of_a) * _polynomial(OF_SECOND, a) - _polynomial(BESIDE_SECOND, a))
    root = root_of_pair((a, 0.0))
    both = _mean_of_means(root, root_of_pair(root))
    gap = _gap_of_means(root[0])
    c = gap / both[0]
    # ((1 + root)/2)^2
    high, low = difference(0.25 + 0.25 * a, -0.5 * root[0])
    low += 0.25 - (0.25 + 0.25 * a) + 0.25 * a if a < 1.0 else 0.25 * a - (0.25 + 0.25 * a) + 0.25
    low += 0.5 * root[1] - gap * gap * _polynomial(GAP_OF_MEANS, c * c)
    y = math.pi * ((high + (high * (_polynomial(OF_MEANS, c * c) * (c * c)) + low)) / both[0])
    return y + y * (PI_REST - both[1] / both[0])


def ellipe(m: float) -> float:
    """E(m), for m <= 1; far below 0 by DLMF 19.7.2."""
    if not m <= 1.0:
        return nan
    if m == -inf:
        return inf
    rest = 1.0 - m
    return _complete_second(rest) if rest <= FAR_FROM_ONE else math.sqrt(rest) * _complete_second(1.0 / rest)


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
