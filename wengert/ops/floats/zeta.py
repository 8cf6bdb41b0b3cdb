"""Values of the zeta functions and of the binomial coefficient of real arguments, and of their derivatives of any
order: values in floats where those have the digits, else in fixed point. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from .binomial import binom_in_floats
from .fixed_point import bernoulli, fixed, log, loggamma, pi
from .fixed_scaled import STEP, Scaled, derivative, grown, log_of, nearest, reciprocal_gamma, sin_cos_turns
from .zeta_series import hurwitz_in_floats, riemann_in_floats

inf = math.inf
nan = math.nan

# The least exponent s, that of Riemann's function, and the largest sum of the orders of a derivative.
LEAST_EXPONENT, LEAST_OF_RIEMANN, ZETA_ORDERS, ZETA_SPARE = -40.0, -260.0, 6.0, 8.0


def _hurwitz_of_zeta(m: int, s: int, q: int, log_q: int, p: int) -> Scaled:
    """The m-th derivative in q of the sum of (q + k)^-s, k = 0, 1, …: Euler and Maclaurin's formula (DLMF 25.11.7),
    term by term, as a multiple of q^(-s - m) where that is large."""
    one = 1 << p
    rising = one  # s (s + 1) … (s + m - 1), and the same without its last factor
    before = one
    for i in range(m):
        before = rising
        rising = rising * (s + i * one) >> p
    sign = -1 if m % 2 else 1
    size = abs(s) >> p
    far = (p // 6 + size + m + 8) << p
    power = s + m * one
    first, shift = grown(one, -(power * log_q >> p), p)
    if power < 0 and log_q < 0:
        total = first << shift if shift >= 0 else first >> min(-shift, 2 * p)
        log_q = 0
    else:
        total = one
    z = q + one
    while z < far:
        term = _power_of_zeta(z, power, log_q, p)
        total += term
        z += one
        if term == 0 and power > 0:
            break
    here = _power_of_zeta(z, power, log_q, p)
    total = (total + (here >> 1)) * rising >> p
    # The integral from z on.
    pole = here * z >> p
    total += pole * before >> p if m else (pole << p) // (s - one)
    # (s)_(2j - 1 + m) z^(-s - m - 2j + 1) B_2j/(2j)!
    term = (here * (rising * (s + m * one) >> p) >> p) * one // z
    square = z * z >> p
    i = m + 1
    j = 1
    while term not in (0, -1):
        numerator, denominator = bernoulli(j)
        part = term * numerator // (denominator * math.factorial(2 * j))
        total += part
        if part in (0, -1) and j > size:
            break
        term = (term * (s + i * one) >> p) * (s + (i + 1) * one) // square
        i += 2
        j += 1
    if abs(total) >> 60 == 0:
        total = 0  # as at the negative whole numbers where it is a polynomial with a zero
    return grown(sign * total, -(power * log_q >> p), p)


def _riemann_of_zeta(s: int, p: int) -> Scaled:
    """ζ(s) for s < 0, by its functional equation (DLMF 25.4.2)."""
    one = 1 << p
    m, e = _hurwitz_of_zeta(0, one - s, one, 0, p)
    w = ((s - one) * log(2 * pi(p), p) >> p) + loggamma(one - s, p)
    found, shift = grown(2 * m * sin_cos_turns(s >> 1, p)[0] >> p, w, p)
    return found, e + shift


def _power_of_zeta(z: int, power: int, log_q: int, p: int) -> int:
    """(z/q)^-power."""
    m, e = grown(1 << p, -(power * (log(z, p) - log_q) >> p), p)
    return m << e if e >= 0 else m >> -e


def _bits_of_zeta(n: int, m: int, s: float, q: float) -> int:
    size = max(0, math.frexp(q)[1])
    if q == 1.0:
        s = max(s, -1.0)
    large = (m + 1) * max(0, math.frexp(s)[1] - 14)
    return 256 + STEP * n + 64 * math.ceil((size + large + max(0.0, -s) * 8.0) / 64.0)


def dzeta(n: float, m: float, s: float, q: float) -> float:
    """The derivative of ζ(s, q), n times in s and m times in q, for q > 0."""
    if not (n >= 0.0 and m >= 0.0 and n + m <= ZETA_SPARE and n % 1.0 == m % 1.0 == 0.0) or s != s or q != q:
        return nan
    least = LEAST_EXPONENT if q != 1.0 or m > 0.0 else LEAST_OF_RIEMANN
    if not (s >= least and q > 0.0) or s == 1.0 and m == 0.0:
        return inf if s > 1.0 and q == 0.0 and n + m == 0.0 or s == 1.0 and n == 0.0 and q >= 0.0 else nan
    if s == inf or q == inf:
        return _far_of_zeta(n, m, s, q)
    if s > 1e4 and (limit := _limit_of_zeta(n, m, s, q)) == limit:
        return limit
    p = _bits_of_zeta(int(n), int(m), s, q)
    if q == 1.0 and m == 0.0 and s < -1.0:
        found, e = derivative(lambda v: _riemann_of_zeta(v, p), int(n), fixed(s, p), p)
        return nearest(found, e - p)
    at = fixed(q, p)
    log_q = log_of(q, p) if q != 1.0 else 0
    found, e = derivative(lambda v: _hurwitz_of_zeta(int(m), v, at, log_q, p), int(n), fixed(s, p), p)
    return nearest(found, e - p)


def _limit_of_zeta(n: float, m: float, s: float, q: float) -> float:
    """The same for a large s where the first term, (q^-s) (s)_m (-log q)^n / q^m and smaller ones, is too small or too
    large for a float; else nan. The second term is far smaller where q is at most 1, and 0 elsewhere."""
    power = -(s + m) * math.log(q)
    if power + (m + n) * math.log(s + m) < -800.0:
        return 0.0
    # A slope in s has at least the factor 700/s here.
    return nan if power < 1200.0 + n * math.log(s) else -inf if m % 2.0 else inf


def _far_of_zeta(n: float, m: float, s: float, q: float) -> float:
    """The limits at infinity."""
    if s == inf:
        return nan if q == inf else 0.0 if q > 1.0 or n + m > 0.0 and q == 1.0 else 1.0 if q == 1.0 else inf
    return 0.0 if s + m > 1.0 else nan if n + m > 0.0 else inf if 0.0 < s < 1.0 else -inf


def zeta(s: float) -> float:
    """Riemann's ζ(s)."""
    if s > 60.0:
        return 1.0
    y = riemann_in_floats(s) if s != 1.0 else nan
    return y if y == y else dzeta(0.0, 0.0, s, 1.0)


def hurwitz_zeta(s: float, q: float) -> float:
    """Hurwitz's ζ(s, q)."""
    y = hurwitz_in_floats(s, q)
    return y if y == y else dzeta(0.0, 0.0, s, q)


# the binomial coefficient


def _times_of_zeta(x: Scaled, y: Scaled, p: int) -> Scaled:
    return x[0] * y[0] >> p, x[1] + y[1]


def _binomial_of_zeta(n: int, k: int, p: int) -> Scaled:
    one = 1 << p
    m, e = reciprocal_gamma(n + one, p)
    found = _times_of_zeta(reciprocal_gamma(k + one, p), reciprocal_gamma(n - k + one, p), p)
    # A large m of many bits leaves the quotient as many as p.
    low = max(0, p + 8 - m.bit_length())
    return (found[0] << p + low) // (m << low) if m else 0, found[1] - e


def dbinom(i: float, j: float, n: float, k: float) -> float:
    """The derivative of the binomial coefficient Γ(n + 1)/(Γ(k + 1) Γ(n - k + 1)), i times in n and j times in k."""
    if not (i >= 0.0 and j >= 0.0 and i + j <= ZETA_SPARE and i % 1.0 == j % 1.0 == 0.0) or n != n or k != k:
        return nan
    if abs(n) == inf or abs(k) == inf or n < 0.0 and n % 1.0 == 0.0:
        return nan
    near = abs(n + 1.0 - round(n + 1.0)) if n < 0.0 else 1.0
    size = max(0, math.frexp(n)[1], math.frexp(k)[1])
    least = max(-math.frexp(a)[1] for a in (n or 1.0, k or 1.0, near))
    p = 320 + STEP * int(i + j) + size + 64 * math.ceil(min(max(0, least), 1100) / 64.0)
    if i + j == 0.0 and abs(k) < 2.0**-60 * max(1.0, abs(n)) ** -1 and n > 0.0:
        return 1.0
    at = fixed(k, p)

    def inner(v: int) -> Scaled:
        return derivative(lambda w: _binomial_of_zeta(v, w, p), int(j), at, p)

    m, e = derivative(inner, int(i), fixed(n, p), p)
    return nearest(m, e - p)


def binom(n: float, k: float) -> float:
    """The binomial coefficient, n over k."""
    y = binom_in_floats(n, k)
    return y if y == y else dbinom(0.0, 0.0, n, k)
