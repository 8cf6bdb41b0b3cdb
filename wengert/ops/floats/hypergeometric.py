"""Values of Gauss's hypergeometric function F(a, b; c; z) of real arguments, z <= 1, and of its derivatives: by series
in pairs of floats, and in fixed point where too many digits cancel. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from .fixed_point import fixed, log
from .fixed_scaled import STEP, Scaled, derivative, grown, nearest, plus, reciprocal_gamma
from .hypergeometric_series import in_floats

inf = math.inf
nan = math.nan

# The largest parameter, the highest order of a derivative of a program, and of all.
HYPER_LARGEST, HYPER_ORDERS, HYPER_SPARE = 100.0, 3.0, 4.0
# The series at 0 is summed up to this; beyond it, that at 1.
HYPER_NEAR = 0.95


def _times_of_hyper(x: Scaled, y: Scaled, p: int) -> Scaled:
    return x[0] * y[0] >> p, x[1] + y[1]


def _series_of_hyper(a: int, b: int, c: int, z: int, p: int) -> int:
    """The power series in z (DLMF 15.2.1)."""
    one = 1 << p
    total = term = one
    k = n = 0
    while True:
        term = (term * (a + k) >> p) * (b + k) // (c + k)
        n += 1
        term = (term * z >> p) // n
        total += term
        k += one
        if abs(term) >> 8 == 0 and k > max(abs(a), abs(b), abs(c)) + one:
            return total


def _beside_one_of_hyper(a: int, b: int, c: int, rest: int, p: int) -> Scaled:
    """The value at z = 1 - rest (DLMF 15.8.4), for c - a - b off the whole numbers."""
    one = 1 << p
    gap = c - a - b
    top = reciprocal_gamma(c, p)
    first = _times_of_hyper(reciprocal_gamma(c - a, p), reciprocal_gamma(c - b, p), p)
    first = _divided_of_hyper(first, _times_of_hyper(reciprocal_gamma(gap, p), top, p), p)
    first = _times_of_hyper(first, (_series_of_hyper(a, b, one - gap, rest, p), 0), p)
    other = _times_of_hyper(reciprocal_gamma(a, p), reciprocal_gamma(b, p), p)
    other = _divided_of_hyper(other, _times_of_hyper(reciprocal_gamma(-gap, p), top, p), p)
    other = _times_of_hyper(other, (_series_of_hyper(c - a, c - b, one + gap, rest, p), 0), p)
    power = grown(one, gap * log(rest, p) >> p, p)
    return plus(first, _times_of_hyper(other, power, p))


def _divided_of_hyper(x: Scaled, y: Scaled, p: int) -> Scaled:
    more = max(0, p + 8 - y[0].bit_length())
    return (x[0] << p + more) // (y[0] << more) if y[0] else 0, x[1] - y[1]


def _inside_of_hyper(a: int, b: int, c: int, z: int, rest: int, p: int, off: int) -> Scaled:
    """F for 0 <= z < 1, rest = 1 - z."""
    one = 1 << p
    if z < fixed(HYPER_NEAR, p):
        return _series_of_hyper(a, b, c, z, p), 0
    for n in (a, b):
        if n <= 0 and n % one == 0:  # a polynomial
            return _series_of_hyper(a, b, c, z, p), 0
    gap = c - a - b
    near = (gap + (one >> 1) >> p << p) - gap
    if abs(near) >> p - 2 * off:
        return _beside_one_of_hyper(a, b, c, rest, p)
    c += near
    h = 1 << p - off
    m, e = plus(_beside_one_of_hyper(a, b, c + h, rest, p), _beside_one_of_hyper(a, b, c - h, rest, p))
    return m, e - 1


def _value_of_hyper(a: int, b: int, c: int, z: int, p: int, off: int) -> Scaled:
    """F for z < 1, by Pfaff's transformation below 0 (DLMF 15.8.1)."""
    one = 1 << p
    rest = one - z
    if z >= 0:
        return _inside_of_hyper(a, b, c, z, rest, p, off)
    if abs(a) < abs(b):
        a, b = b, a
    if (n := c - a) <= 0 and n % one == 0:
        a, b = b, a
    power = grown(one, -(b * log(rest, p) >> p), p)
    found = _inside_of_hyper(c - a, b, c, (-z << p) // rest, (one << p) // rest, p, off)
    return _times_of_hyper(found, power, p)


def _exact_of_hyper(i: float, j: float, k: float, n: float, a: float, b: float, c: float, z: float) -> float:
    """The derivative in fixed point."""
    times = int(i + j + k)
    size = max(0, math.frexp(z)[1])
    least = max(-math.frexp(x)[1] for x in (a or 1.0, b or 1.0, c, 1.0 - z if z > 0.5 else 1.0, z or 1.0))
    beside = abs(c - a - b - round(c - a - b))
    # A parameter that would make Γ infinite on the way is moved by 2^-off, both ways: the error is the square of that,
    # beside the square of c's distance from a pole.
    pole = abs(c - round(c)) if c < 0.5 else 1.0
    beside_pole = max(0, -math.frexp(pole)[1])
    off = 60 + STEP * times // 2 + (beside_pole if z >= HYPER_NEAR or z < -10.0 else 0)
    lost = -math.frexp(beside)[1] if beside else 0
    p = 256 + STEP * times + 2 * size + 64 * math.ceil((max(least, 0) + max(lost, 2 * off)) / 64.0)
    if times or not min(a, b, c, z) > 0.0 or z >= HYPER_NEAR:
        p += int(8.0 * max(abs(a), abs(b), abs(c)))
    p += int(k + 2.0) * beside_pole if k else 0
    one = 1 << p
    at = fixed(z, p)

    def in_z(v: int, w: int, u: int) -> Scaled:
        m, e = _value_of_hyper(v + int(n) * one, w + int(n) * one, u + int(n) * one, at, p, off)
        for q in range(int(n)):
            m = (m * (v + q * one) >> p) * (w + q * one) // (u + q * one)
        return m, e

    def in_c(v: int, w: int) -> Scaled:
        return derivative(lambda u: in_z(v, w, u), int(k), fixed(c, p), p, STEP + beside_pole)

    def in_b(v: int) -> Scaled:
        return derivative(lambda w: in_c(v, w), int(j), fixed(b, p), p)

    m, e = derivative(in_b, int(i), fixed(a, p), p)
    return nearest(m, e - p)


def _allowed(a: float, b: float, c: float) -> float:
    """1 if the parameters are numbers of a size that the series bear; else 0."""
    return 1.0 if abs(a) <= HYPER_LARGEST and abs(b) <= HYPER_LARGEST and abs(c) <= HYPER_LARGEST else 0.0


def dhyp2f1(i: float, j: float, k: float, n: float, a: float, b: float, c: float, z: float) -> float:
    """The derivative of F, i times in a, j in b, k in c and n in z."""
    orders = i + j + k + n
    if not (i >= 0.0 and j >= 0.0 and k >= 0.0 and n >= 0.0 and orders <= HYPER_SPARE and z < 1.0):
        return nan
    if not (i % 1.0 == j % 1.0 == k % 1.0 == n % 1.0 == 0.0 and _allowed(a, b, c) == 1.0):
        return nan
    if c <= 0.0 and c % 1.0 == 0.0 or not z > -1e100:
        return nan
    if i + j + k == 0.0 or i + j + k == 1.0 and n == 0.0:
        y = in_floats(i, j, k, n, a, b, c, z)
        if y == y:
            return y
    return _exact_of_hyper(i, j, k, n, a, b, c, z)


def _at_one_of_hyper(a: float, b: float, c: float) -> float:
    """Gauss's sum (DLMF 15.4.20)."""
    if not c - a - b > 0.0:
        return nan if not c - a - b <= 0.0 else inf
    p = 320 + 64 * math.ceil(max(0, -math.frexp(c - a - b)[1], -math.frexp(c)[1]) / 64.0)
    x, y, w = fixed(a, p), fixed(b, p), fixed(c, p)
    first = _times_of_hyper(reciprocal_gamma(w - x, p), reciprocal_gamma(w - y, p), p)
    m, e = _divided_of_hyper(first, _times_of_hyper(reciprocal_gamma(w, p), reciprocal_gamma(w - x - y, p), p), p)
    return nearest(m, e - p)


def hyp2f1(a: float, b: float, c: float, z: float) -> float:
    """F(a, b; c; z), for z <= 1."""
    if z == 1.0 and _allowed(a, b, c) == 1.0 and not (c <= 0.0 and c % 1.0 == 0.0):
        return _at_one_of_hyper(a, b, c)
    return dhyp2f1(0.0, 0.0, 0.0, 0.0, a, b, c, z)
