"""Bessel functions in the fixed point of `fixed_point`, for the power series, whose terms cancel, and near zeros.

The power series loses at most a factor exp(2a) by cancellation, for which there are enough digits. From LARGE on,
Hankel's asymptotic series has a relative error of exp(-2a), which leaves all digits of a float near a zero.
"""

from __future__ import annotations

import math

from .fixed_point import fixed, quotient, rounded, sin_cos

BITS = 160


def bits(a: float) -> int:
    """The bits that the power series at a needs. There are few different answers, as constants are cached for each."""
    return 192 + 64 * math.ceil(3.0 * a / 64.0)


def series(n: int, a: float, sign: int, p: int) -> int:
    """The sum of (±a^2/4)^k n!/(k! (n + k)!), k = 0, 1, 2, … (DLMF 10.2.2 and 10.25.2)."""
    half = fixed(0.5 * a, p)
    z = sign * (half * half >> p)
    total = term = 1 << p
    k = 1
    while term and term != -1:
        term = (term * z >> p) // (k * (n + k))
        total += term
        k += 1
    return total


def first_kind(n: float, a: float, sign: float) -> float:
    """J_n(a), sign = -1, or I_n(a), sign = 1, for n = 0, 1, 2, … and a > 0."""
    p, order = bits(a), int(n)
    over, under = (0.5 * a).as_integer_ratio()
    return quotient(series(order, a, int(sign), p) * over**order, math.factorial(order) * under**order << p)


def hankel(n: int, a: float, p: int = BITS) -> tuple[int, int]:
    """J_n(a) and Y_n(a), divided by sqrt(2/(pi a)), for n = 0 or 1 and a >= LARGE: Hankel's series (DLMF §10.17(i))."""
    eighth = 8 * fixed(a, p)
    even = term = 1 << p
    odd = 0
    k = 1
    while term and term != -1 and k <= 2.0 * a:
        term = term * (4 * n * n - (2 * k - 1) ** 2) // k
        term = (term << p) // eighth
        signed = -term if k % 4 in (2, 3) else term
        if k % 2:
            odd += signed
        else:
            even += signed
        k += 1
    s, c = sin_cos(a, p)
    # The phase is a - pi/4, or a - 3 pi/4 for n = 1; its sine and cosine here are multiplied by sqrt(2).
    cosine, sine = (s - c, -s - c) if n else (s + c, s - c)
    root = math.isqrt(2 << 2 * p)
    first, second = even * cosine - odd * sine, even * sine + odd * cosine
    return first // root, second // root


def beside_zero(n: int, a: float) -> tuple[float, float]:
    """J_n(a) and Y_n(a), divided by sqrt(2/(pi a)), for n = 0 or 1 and a >= LARGE, rounded to floats."""
    first, second = hankel(n, a)
    return rounded(first, BITS), rounded(second, BITS)


def far(n: float, a: float, second: float) -> float:
    """The value of `beside_zero` of the first kind, or with `second` = 1 of the second kind."""
    first, other = beside_zero(int(n), a)
    return other if second == 1.0 else first


def recurred(n: float, a: float) -> float:
    """J_n(a), divided by sqrt(2/(pi a)), for LARGE <= a and n = 2, 3, …: the upward recurrence, stable for n <= a."""
    p = BITS
    before, y = hankel(0, a)[0], hankel(1, a)[0]
    x = fixed(a, p)
    for k in range(1, int(n)):
        before, y = y, (2 * k * y << p) // x - before
    return rounded(y, p)


def of_first_kind(n: float, a: float) -> float:
    """J_n(a), for n = 2, 3, … and finite a > 0."""
    if a >= 48.0 and a >= n:
        return recurred(n, a) / (4.0 * math.sqrt(math.pi * (0.03125 * a)))
    return first_kind(n, a, -1.0)
