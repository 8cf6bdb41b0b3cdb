"""Bessel functions in the fixed point of `fixed_point`, for the power series, whose terms cancel, and near zeros.

The power series loses at most a factor exp(2a) by cancellation, and up to LARGE there are enough digits for that. From
LARGE on, Hankel's asymptotic series has a relative error of exp(-2a), which leaves all digits of a float near a zero.
"""

from __future__ import annotations

import math

from .fixed_point import fixed, log, pi, polygamma_positive, quotient, rounded, sin_cos

LARGE = 48.0
BITS = 160
_euler: dict[int, int] = {}


def euler(p: int) -> int:
    """Euler's constant, -ψ(1)."""
    if p not in _euler:
        _euler[p] = -polygamma_positive(0, 1 << p, p)
    return _euler[p]


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


def first_kind(n: int, a: float, sign: int) -> float:
    """J_n(a), sign = -1, or I_n(a), sign = 1, for n >= 0 and a > 0."""
    p = bits(a)
    over, under = (0.5 * a).as_integer_ratio()
    return quotient(series(n, a, sign, p) * over**n, math.factorial(n) * under**n << p)


def second_kind(n: int, a: float, sign: int) -> float:
    """Y_n(a), sign = -1, or K_n(a), sign = 1, for n = 0 or 1 and a > 0 (DLMF 10.8.1 and 10.31.1)."""
    p = bits(a)
    half = fixed(0.5 * a, p)
    z = sign * (half * half >> p)
    # For n = 0 the sum of H_k z^k/k!^2; for n = 1 that of (H_k + H_(k + 1)) z^k/(k! (k + 1)!), H_k = 1 + … + 1/k
    term = 1 << p
    harmonic = 0
    sums = 0
    k = 1
    while term and term != -1:
        before = harmonic
        harmonic += (1 << p) // k
        sums += term * (before + harmonic if n else before) >> p
        term = (term * z >> p) // (k * (n + k))
        k += 1
    logarithm = (log(half, p) + euler(p)) * series(n, a, sign, p) >> p
    if n == 0:
        found = logarithm - sums
        return rounded(-found, p) if sign > 0 else quotient(2 * found, pi(p))
    found = (2 * logarithm - sums) * half >> p + 1
    inverse = (1 << 2 * p) // (2 * half)
    return rounded(inverse + found, p) if sign > 0 else quotient(2 * (found - inverse), pi(p))


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


def recurred(n: int, a: float) -> float:
    """J_n(a), divided by sqrt(2/(pi a)), for LARGE <= a and 2 <= n <= a: the upward recurrence, stable for n <= a."""
    p = BITS
    before, y = hankel(0, a)[0], hankel(1, a)[0]
    x = fixed(a, p)
    for k in range(1, n):
        before, y = y, (2 * k * y << p) // x - before
    return rounded(y, p)
