"""The principal value of Carlson's integral of the third kind, for a negative last argument (DLMF 19.20.14).

Of its three terms one is taken off, and their sum has a zero. Where it is small beside them, they are worked out in
pairs, the sum of a float and another that is smaller by 2^-53: that leaves the digits beside a zero.
"""

from __future__ import annotations

import math

from .doubled import divided, minus, multiplied, plus, times, total
from .duplication import (
    Pair,
    closed_rc,
    duplicated_rf,
    duplicated_rj,
    rest_of_five,
    rest_of_three,
    root_of_pair,
)
from .elementary import product

# The differences from the mean at which the series leave out no more than 2^-106, and those of R_C's power series.
NEAR_MEAN_OF_PAIRS, NEAR_ONE_OF_PAIRS = 1e-4, 1e-8
# The least sum of the three terms beside the sum of their sizes that floats are good for.
HARDLY_CANCELS = 0.7
# Sizes at which nothing overflows or vanishes in floats; and those beyond which Dekker's products of pairs do.
LARGEST_OF_FLOATS, LEAST_OF_FLOATS = 2.0**500, 2.0**-500
LARGEST_OF_PAIRS, SMALLER = 2.0**900, 2.0**-120
LEAST_OF_PAIRS, GREATER, ROOT_OF_GREATER = 2.0**-500, 2.0**500, 2.0**250


def _step_of_pairs(x: Pair, y: Pair, z: Pair) -> Pair:
    """x*y + x*z + y*z."""
    return plus(multiplied(x, plus(y, z)), multiplied(y, z))


def _quarter_of_pairs(x: Pair, y: Pair) -> Pair:
    both = plus(x, y)
    return 0.25 * both[0], 0.25 * both[1]


def _scaled_pair(x: Pair, scale: float) -> Pair:
    return x[0] * scale, x[1] * scale


def _ratio_of_pairs(x: Pair, y: Pair) -> Pair:
    """x/y, with fewer steps than `divided`."""
    q = x[0] / y[0]
    high, low = product(q, y[0])
    return q, (x[0] - high - low + x[1] - q * y[1]) / y[0]


def _mean_of_pairs(total_of: Pair, n: float) -> Pair:
    """total_of/n."""
    if total_of[0] > LARGEST_OF_PAIRS:
        return _scaled_pair(_ratio_of_pairs(_scaled_pair(total_of, SMALLER), (n, 0.0)), 1.0 / SMALLER)
    return _ratio_of_pairs(total_of, (n, 0.0))


def paired_rf(x: Pair, y: Pair, z: Pair) -> Pair:
    """R_F(x, y, z), at most one of them 0."""
    mean = _mean_of_pairs(plus(plus(x, y), z), 3.0)
    q = max(max(abs(mean[0] - x[0]), abs(mean[0] - y[0])), abs(mean[0] - z[0]))
    while q > NEAR_MEAN_OF_PAIRS * mean[0]:
        step = _step_of_pairs(root_of_pair(x), root_of_pair(y), root_of_pair(z))
        x = _quarter_of_pairs(x, step)
        y = _quarter_of_pairs(y, step)
        z = _quarter_of_pairs(z, step)
        mean = _quarter_of_pairs(mean, step)
        q *= 0.25
    a = _ratio_of_pairs(minus(mean, x), mean)
    b = _ratio_of_pairs(minus(mean, y), mean)
    ab = multiplied(a, b)
    both = plus(a, b)
    e2 = minus(ab, multiplied(both, both))
    e3 = multiplied(ab, both)
    rest = minus(_ratio_of_pairs(e2, (-10.0, 0.0)), _ratio_of_pairs(e3, (14.0, 0.0)))
    series = plus((1.0, 0.0), plus(rest, (rest_of_three(e2[0], -e3[0]), 0.0)))
    return _ratio_of_pairs(series, root_of_pair(mean))


def _paired_beside_one(e: Pair, rest: Pair) -> Pair:
    """R_C(1, 1 - e), of 0 <= e < 1 and rest = 1 - e."""
    if e[0] > NEAR_ONE_OF_PAIRS:
        return paired_rf((1.0, 0.0), rest, rest)
    power = e[0] * e[0] * (0.2 + e[0] * (1.0 / 7.0 + e[0] / 9.0))
    return plus(total(1.0, power), _ratio_of_pairs(e, (3.0, 0.0)))


def paired_rj(x: Pair, y: Pair, z: Pair, p: Pair, factor: Pair) -> Pair:
    """factor*R_J(x, y, z, p), for x <= y <= p <= z."""
    mean = _mean_of_pairs(plus(plus(plus(x, y), plus(z, p)), p), 5.0)
    q = max(max(abs(mean[0] - x[0]), abs(mean[0] - y[0])), max(abs(mean[0] - z[0]), abs(mean[0] - p[0])))
    terms = (0.0, 0.0)
    one = (1.0, 0.0)
    while q > NEAR_MEAN_OF_PAIRS * mean[0]:
        root_x = root_of_pair(x)
        root_y = root_of_pair(y)
        root_z = root_of_pair(z)
        root = root_of_pair(p)
        step = _step_of_pairs(root_x, root_y, root_z)
        first = plus(root, root_x)
        second = plus(root, root_y)
        third = plus(root, root_z)
        # R_C's argument 1 - e, where e is a product of three numbers from 0 to 1, by their distances from 1
        a = _scaled_pair(_ratio_of_pairs(root_x, first), 2.0)
        b = _scaled_pair(_ratio_of_pairs(root_y, second), 2.0)
        c = _scaled_pair(_ratio_of_pairs(root, third), 2.0)
        not_a = minus(one, a)
        not_b = minus(one, b)
        e = multiplied(multiplied(not_a, not_b), minus(one, c))
        rest = plus(a, multiplied(not_a, plus(b, multiplied(not_b, c))))
        term = _ratio_of_pairs(_ratio_of_pairs(_ratio_of_pairs(factor, first), second), third)
        terms = plus(terms, multiplied(term, _paired_beside_one(e, rest)))
        x = _quarter_of_pairs(x, step)
        y = _quarter_of_pairs(y, step)
        z = _quarter_of_pairs(z, step)
        p = _quarter_of_pairs(p, step)
        mean = _quarter_of_pairs(mean, step)
        factor = _scaled_pair(factor, 0.25)
        q *= 0.25
    u = _ratio_of_pairs(minus(mean, x), mean)
    v = _ratio_of_pairs(minus(mean, y), mean)
    w = _ratio_of_pairs(minus(mean, z), mean)
    d = _scaled_pair(plus(plus(u, v), w), -0.5)
    uv = multiplied(u, v)
    uvw = multiplied(uv, w)
    square = multiplied(d, d)
    e2 = minus(plus(uv, multiplied(plus(u, v), w)), times(square, 3.0))
    e3 = plus(uvw, multiplied(d, plus(_scaled_pair(e2, 2.0), _scaled_pair(square, 4.0))))
    e4 = (2.0 * uvw[0] + (e2[0] + 3.0 * square[0]) * d[0]) * d[0]
    rest = minus(_ratio_of_pairs(e3, (6.0, 0.0)), _ratio_of_pairs(times(e2, 3.0), (14.0, 0.0)))
    series = plus(one, plus(rest, (rest_of_five(e2[0], e3[0], e4, uvw[0] * square[0]), 0.0)))
    root = root_of_pair(mean)
    last = _ratio_of_pairs(_ratio_of_pairs(_ratio_of_pairs(factor, root), root), root)
    return plus(times(terms, 6.0), multiplied(last, series))


def _gap_of_principal(x: float, y: float, z: float, q: float) -> Pair:
    """(z - y)(y - x)/(y + q), in an order in which no quotient vanishes."""
    n = SMALLER if z > LARGEST_OF_PAIRS else 1.0
    m = SMALLER if y > LARGEST_OF_PAIRS else 1.0
    d = SMALLER if y + q > LARGEST_OF_PAIRS else 1.0
    wide = _scaled_pair(total(z, -y), n)
    narrow = _scaled_pair(total(y, -x), m)
    below = _scaled_pair(total(y, q), d)
    gap = multiplied(divided(wide, below), narrow) if y + q > 1.0 else multiplied(divided(narrow, below), wide)
    return _scaled_pair(gap, d / (n * m))


def _degenerate_of_principal(x: float, y: float, z: float, p: Pair, q: float) -> Pair:
    """The root of x*y*z/(x*z + p*q), times R_C(x*z + p*q, p*q)."""
    root = root_of_pair(p)
    first = root_of_pair((x, 0.0))
    last = root_of_pair((z, 0.0))
    part = multiplied(first, divided(last, root)) if p[0] > 1.0 else multiplied(divided(first, root), last)
    # From here on p is left out of R_C's arguments.
    scale = GREATER if max(part[0] * part[0], q) < LEAST_OF_PAIRS else 1.0
    side = _scaled_pair(part, ROOT_OF_GREATER if scale > 1.0 else 1.0)
    other = plus((q * scale, 0.0), multiplied(side, side))
    factor = multiplied(divided(root_of_pair((y, 0.0)), root), divided(side, root_of_pair(other)))
    inner = paired_rf(other, (q * scale, 0.0), (q * scale, 0.0))
    return _scaled_pair(multiplied(factor, inner), ROOT_OF_GREATER if scale > 1.0 else 1.0)


def _principal_in_pairs(x: float, y: float, z: float, q: float) -> float:
    """The principal value of R_J(x, y, z, -q) times y + q, for 0 <= x <= y <= z."""
    gap = _gap_of_principal(x, y, z, q)
    p = plus((y, 0.0), gap)
    first = paired_rj((x, 0.0), (y, 0.0), (z, 0.0), p, gap)
    second = _degenerate_of_principal(x, y, z, p, q)
    third = paired_rf((x, 0.0), (y, 0.0), (z, 0.0))
    found = plus(first, times(minus(second, third), 3.0))
    return found[0]


def principal_of_rj(x: float, y: float, z: float, q: float) -> float:
    """The principal value of R_J(x, y, z, -q), for q > 0 and 0 <= x <= y <= z, with y > 0 and no argument beyond
    2^1016."""
    if max(z, q) < LARGEST_OF_FLOATS and min(y, q) > LEAST_OF_FLOATS:
        gap = (z - y) * ((y - x) / (y + q))
        p = y + gap
        part = x * (z / p)
        first = gap * duplicated_rj(x, y, z, p) if gap > 0.0 else 0.0
        second = 3.0 * math.sqrt(y / p) * math.sqrt(part / (q + part)) * closed_rc(q + part, q)
        third = 3.0 * duplicated_rf(x, y, z)
        found = first + second - third
        if abs(found) > HARDLY_CANCELS * (first + second + third):
            return found / (y + q)
    return _principal_in_pairs(x, y, z, q) / (y + q)
