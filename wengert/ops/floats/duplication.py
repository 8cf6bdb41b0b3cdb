"""Carlson's symmetric elliptic integrals by his duplication theorem (DLMF 19.26(iii) and 19.36(i)), for arguments whose
products and quotients overflow nowhere.

Each step puts the arguments to a quarter of their distances, with roundings that would add up: they are pairs, the sum
of a float and another that is smaller by 2^-53. All terms are positive.
"""

from __future__ import annotations

import math

from .elementary import product

inf = math.inf

Pair = tuple[float, float]

# The series around the mean have an error of NEAR_MEAN^8 times 1/30.
NEAR_MEAN = 0.01
# R_C(1, 1 + e) is a power series for a smaller |e|.
NEAR_ONE = 0.02


def root_of_pair(x: Pair) -> Pair:
    """The square root, for x >= 0."""
    s = math.sqrt(x[0])
    high, low = product(s, s)
    return s, (x[0] - high - low + x[1]) / (s + s) if s > 0.0 else 0.0


def _sum_of_products(x: Pair, y: Pair, z: Pair) -> Pair:
    """x*y + x*z + y*z."""
    first, lost = product(x[0], y[0])
    second, more = product(x[0], z[0])
    third, last = product(y[0], z[0])
    lost += more + last + x[0] * (y[1] + z[1]) + y[0] * (x[1] + z[1]) + z[0] * (x[1] + y[1])
    high = first + second
    part = high - first
    lost += first - (high - part) + (second - part)
    both = high + third
    part = both - high
    return both, lost + (high - (both - part) + (third - part))


def _sum_of_pairs(x: Pair, y: Pair) -> Pair:
    high = x[0] + y[0]
    part = high - x[0]
    return high, x[0] - (high - part) + (y[0] - part) + (x[1] + y[1])


def _quarter(x: Pair, y: Pair) -> Pair:
    both = _sum_of_pairs(x, y)
    return 0.25 * both[0], 0.25 * both[1]


def rest_of_five(e2: float, e3: float, e4: float, e5: float) -> float:
    """The series of R_J (DLMF 19.36.2), less its terms in e2 and e3 alone."""
    return (
        e2 * (9.0 / 88.0 * e2 - 9.0 / 52.0 * e3 - e2 * e2 / 16.0 + 3.0 / 20.0 * e4)
        + e3 * (3.0 / 40.0 * e3 + 45.0 / 272.0 * e2 * e2 - 9.0 / 68.0 * e4)
        + (3.0 / 26.0 - 9.0 / 68.0 * e2) * e5
        - 3.0 / 22.0 * e4
    )


def _series_of_five(e2: float, e3: float, e4: float, e5: float) -> float:
    """The series of R_J, less 1."""
    return e3 / 6.0 - 3.0 / 14.0 * e2 + rest_of_five(e2, e3, e4, e5)


def rest_of_three(e2: float, e3: float) -> float:
    """The series of R_F (DLMF 19.36.1), less 1 and its terms in e2 and e3 alone."""
    return e2 * (e2 / 24.0 - 3.0 / 44.0 * e3 - 5.0 / 208.0 * e2 * e2) + e3 * (3.0 / 104.0 * e3 + e2 * e2 / 16.0)


def _total(terms: Pair, rest: float) -> float:
    """3*terms + rest."""
    thrice = _sum_of_pairs((2.0 * terms[0], 2.0 * terms[1]), terms)
    y = thrice[0] + (thrice[1] + rest)
    return y if y == y else inf


def duplicated_rf(x: float, y: float, z: float) -> float:
    """R_F(x, y, z), at most one of them 0."""
    u = (x, 0.0)
    v = (y, 0.0)
    w = (z, 0.0)
    mean = (x + y + z) / 3.0
    q = max(max(abs(mean - x), abs(mean - y)), abs(mean - z))
    while q > NEAR_MEAN / 3.0 * (u[0] + v[0] + w[0]):
        step = _sum_of_products(root_of_pair(u), root_of_pair(v), root_of_pair(w))
        u = _quarter(u, step)
        v = _quarter(v, step)
        w = _quarter(w, step)
        q *= 0.25
    total = _sum_of_pairs(_sum_of_pairs(u, v), w)
    a = 1.0 - 3.0 * u[0] / total[0]
    b = 1.0 - 3.0 * v[0] / total[0]
    e2 = a * b - (a + b) * (a + b)
    e3 = -a * b * (a + b)
    rest = e3 / 14.0 - 0.1 * e2 + rest_of_three(e2, e3)
    third = total[0] / 3.0
    root = root_of_pair((third, (total[0] - (third + third) - third + total[1]) / 3.0))
    return (1.0 + (rest - root[1] / root[0])) / root[0]


def duplicated_rd(x: float, y: float, z: float) -> float:
    """R_D(x, y, z), z > 0, x and y not both 0."""
    u = (x, 0.0)
    v = (y, 0.0)
    w = (z, 0.0)
    mean = 0.2 * (x + y + 3.0 * z)
    q = max(max(abs(mean - x), abs(mean - y)), abs(mean - z))
    terms = (0.0, 0.0)
    power = 1.0
    while q > 0.2 * NEAR_MEAN * (u[0] + v[0] + 3.0 * w[0]):
        root = root_of_pair(w)
        step = _sum_of_products(root_of_pair(u), root_of_pair(v), root)
        both = _sum_of_pairs(w, step)
        term = power / root[0] / both[0]
        terms = _sum_of_pairs(terms, (term, -term * (root[1] / root[0] + both[1] / both[0])))
        u = _quarter(u, step)
        v = _quarter(v, step)
        w = (0.25 * both[0], 0.25 * both[1])
        q *= 0.25
        power *= 0.25
    mean = 0.2 * (u[0] + v[0] + 3.0 * w[0])
    a = 1.0 - u[0] / mean
    b = 1.0 - v[0] / mean
    c = -(a + b) / 3.0
    ab = a * b
    square = c * c
    rest = _series_of_five(
        ab - 6.0 * square, (3.0 * ab - 8.0 * square) * c, 3.0 * (ab - square) * square, ab * square * c
    )
    return _total(terms, power * (1.0 + rest) / mean / math.sqrt(mean))


def _near_one(e: float) -> float:
    """R_C(1, 1 + e), by its power series."""
    y = 1.0 / 19.0
    y = 1.0 / 17.0 - e * y
    y = 1.0 / 15.0 - e * y
    y = 1.0 / 13.0 - e * y
    y = 1.0 / 11.0 - e * y
    y = 1.0 / 9.0 - e * y
    y = 1.0 / 7.0 - e * y
    y = 0.2 - e * y
    y = 1.0 / 3.0 - e * y
    return 1.0 - e * y


def closed_rc(x: float, y: float) -> float:
    """R_C(x, y), x >= 0 and y > 0 (DLMF 19.6.15 and 19.2.18)."""
    if abs(y - x) <= NEAR_ONE * x:
        return _near_one((y - x) / x) / math.sqrt(x)
    if y > x:
        root = math.sqrt(y - x)
        return math.atan2(root, math.sqrt(x)) / root
    root = math.sqrt(x - y)
    over = root / math.sqrt(y)
    return (math.asinh(over) if over < 1e100 else math.log(2.0 * root) - 0.5 * math.log(y)) / root


def _degenerate_beside_one(size: float, rest: float, sign: float) -> float:
    """R_C(1, 1 + sign*size), of 0 <= size < 1 and rest = 1 - size."""
    if size < NEAR_ONE:
        return _near_one(sign * size)
    root = math.sqrt(size)
    return (math.atan(root) if sign > 0.0 else math.asinh(root / math.sqrt(rest))) / root


def _sign_of_gap(root: float, other: float) -> float:
    return 1.0 if root >= other else -1.0


def duplicated_rj(x: float, y: float, z: float, p: float) -> float:
    """R_J(x, y, z, p), p > 0, at most one of the others 0."""
    u = (x, 0.0)
    v = (y, 0.0)
    w = (z, 0.0)
    r = (p, 0.0)
    mean = 0.2 * (x + y + z + 2.0 * p)
    q = max(max(abs(mean - x), abs(mean - y)), max(abs(mean - z), abs(mean - p)))
    terms = (0.0, 0.0)
    power = 1.0
    while q > 0.2 * NEAR_MEAN * (u[0] + v[0] + w[0] + 2.0 * r[0]):
        roots = root_of_pair(u)
        root_v = root_of_pair(v)
        root_w = root_of_pair(w)
        root = root_of_pair(r)
        step = _sum_of_products(roots, root_v, root_w)
        first = _sum_of_pairs(root, roots)
        second = _sum_of_pairs(root, root_v)
        third = _sum_of_pairs(root, root_w)
        # 1 + e = R_C's argument, |e| a product of three numbers below 1, each by its distance from 1
        a = 2.0 * min(root[0], roots[0]) / first[0]
        b = 2.0 * min(root[0], root_v[0]) / second[0]
        c = 2.0 * min(root[0], root_w[0]) / third[0]
        size = (1.0 - a) * (1.0 - b) * (1.0 - c)
        sign = _sign_of_gap(root[0], roots[0]) * _sign_of_gap(root[0], root_v[0]) * _sign_of_gap(root[0], root_w[0])
        inner = _degenerate_beside_one(size, a + (1.0 - a) * (b + (1.0 - b) * c), sign)
        lost = first[1] / first[0] + second[1] / second[0] + third[1] / third[0]
        term = power * inner / first[0] / second[0] / third[0]
        terms = _sum_of_pairs(terms, (term, -term * lost))
        u = _quarter(u, step)
        v = _quarter(v, step)
        w = _quarter(w, step)
        r = _quarter(r, step)
        q *= 0.25
        power *= 0.25
    mean = 0.2 * (u[0] + v[0] + w[0] + 2.0 * r[0])
    a = 1.0 - u[0] / mean
    b = 1.0 - v[0] / mean
    c = 1.0 - w[0] / mean
    d = -0.5 * (a + b + c)
    square = d * d
    abc = a * b * c
    e2 = a * b + a * c + b * c - 3.0 * square
    rest = _series_of_five(
        e2, abc + 2.0 * e2 * d + 4.0 * square * d, (2.0 * abc + e2 * d + 3.0 * square * d) * d, abc * square
    )
    return _total((2.0 * terms[0], 2.0 * terms[1]), power * (1.0 + rest) / mean / math.sqrt(mean))
