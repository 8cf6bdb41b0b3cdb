"""Values of the polylogarithm Li_s(z) of real order s and argument z, in fixed point. As in `elementary`, no function
raises.
"""

from __future__ import annotations

import math

from .fixed_point import bernoulli, fixed, log, pi
from .fixed_scaled import STEP, derivative, grown, nearest
from .zeta import LEAST_EXPONENT, dzeta
from .zeta_series import polylog_in_floats

inf = math.inf
nan = math.nan

# The largest order, beyond which the first terms are the sum.
POLYLOG_LARGEST = 60.0
# The highest order of a derivative in the order of a program, and of all.
POLYLOG_ORDERS, POLYLOG_SPARE = 4.0, 5.0


def _powers_of_polylog(s: int, count: int, p: int) -> list[int]:
    """k^-s for k = 0, 1, …, count, from those of primes."""
    one = 1 << p
    found = [0, one] + [0] * (count - 1)
    for k in range(2, count + 1):
        if found[k]:
            continue
        m, e = grown(one, -(s * log(k << p, p) >> p), p)
        found[k] = m << e if e >= 0 else m >> -e
        for j in range(2, k + 1):  # products with smaller numbers, whose powers are known
            if j * k > count:
                break
            if not found[j * k]:
                found[j * k] = found[j] * found[k] >> p
    return found


def _near_of_polylog(powers: list[int], z: int, p: int) -> int:
    """The power series, for |z| <= 1/2."""
    total, power = 0, 1 << p
    for k in range(1, len(powers)):
        power = power * z >> p
        total += power * powers[k] >> p
    return total


def _alternating_of_polylog(powers: list[int], z: int, p: int) -> int:
    """Li_s(-z) for 0 <= z <= 1 (Cohen, Rodriguez Villegas and Zagier 2000, algorithm 1)."""
    n = 2 * p // 5 + 8
    three = (3 << p) + math.isqrt(8 << 2 * p)
    d = 1 << p
    for _ in range(n):
        d = d * three >> p
    d = (d + (1 << 2 * p) // d) >> 1
    b, c, total, power = -(1 << p), -d, 0, 1 << p
    for k in range(n):
        c = b - c
        power = power * z >> p
        total += c * (power * powers[k + 1] >> p) >> p
        b = b * 2 * (k + n) * (k - n) // ((2 * k + 1) * (k + 1))
    return -(total << p) // d


def _inside_of_polylog(s: int, z: int, p: int) -> int:
    """Li_s(z) for -1 <= z < 1, by Li_s(z) = 2^(1 - s) Li_s(z^2) - Li_s(-z) above 1/2."""
    one = 1 << p
    powers = _powers_of_polylog(s, p + 8, p)
    if z < -(one >> 1):
        return _alternating_of_polylog(powers, -z, p)
    m, e = grown(one, (one - s) * log(2 << p, p) >> p, p)
    double = m << e if e >= 0 else m >> -e
    factor, total = one, 0
    while z > one >> 1 and factor:
        total -= factor * _alternating_of_polylog(powers, z, p) >> p
        factor = factor * double >> p
        z = z * z >> p
    return total + (factor * _near_of_polylog(powers, z, p) >> p)


def _inverted_of_polylog(s: int, x: float, p: int) -> int:
    """Li_s(-x) + (-1)^s Li_s(-1/x) for a whole s >= 0 and x > 1 (DLMF 25.12.2 and its kind)."""
    v = log(fixed(x, p), p)
    tau = 2 * pi(p)
    total = 0
    for k in range(s // 2 + 1):
        # eta(2k) = (1 - 2^(1 - 2k)) |B_2k| (2 pi)^2k/(2 (2k)!), and 1/2 for k = 0
        term = 1 << p - 1
        if k:
            numerator, denominator = bernoulli(k)
            term = ((1 << p) - (2 << p - 2 * k)) * abs(numerator) // (2 * denominator * math.factorial(2 * k))
            for _ in range(2 * k):
                term = term * tau >> p
        for _ in range(s - 2 * k):
            term = term * v >> p
        total -= 2 * term // math.factorial(s - 2 * k)
    return total


def _first_of_polylog(n: float, s: float, z: float) -> float:
    """The first terms of the series for -1 <= z < 1."""
    y = 0.0
    for k in (4.0, 3.0, 2.0):
        y += math.pow(-math.log(k), n) * math.pow(k, -s) * math.pow(z, k)
    return z + y if n == 0.0 else y


def _exact_of_polylog(n: float, s: float, z: float) -> float:
    """The n-th derivative of Li_s(z) in s, in fixed point; below -1 the function itself for whole numbers s."""
    if not (0.0 <= n <= POLYLOG_SPARE and n % 1.0 == 0.0) or s != s or z != z:
        return nan
    if not (-1e300 < z <= 1.0 and LEAST_EXPONENT <= s < inf) or z < -1.0 and (s % 1.0 != 0.0 or n > 0.0):
        return nan
    if s > POLYLOG_LARGEST and z < 1.0:
        return _first_of_polylog(n, s, z) if z >= -1.0 else nan
    if z == 1.0:
        return dzeta(n, 0.0, s, 1.0) if s > 1.0 else inf if n % 2.0 == 0.0 else -inf
    if abs(z) < 1e-30:
        # z + 2^-s z^2 + …
        return z if n == 0.0 else math.pow(-math.log(2.0), n) * math.pow(2.0, -s) * z * z
    least = -math.frexp(min(abs(z), 1.0 - z))[1]
    size = max(0.0, -s) * 16.0 + max(0.0, s) * 1.5 + 2.0 * max(least, 0) + max(0, math.frexp(z)[1])
    p = 192 + STEP * int(n) + 64 * math.ceil(size / 64.0)
    if z < -1.0:
        x = -fixed(z, p)
        other = _inside_of_polylog(fixed(s, p), -((1 << 2 * p) // x), p)
        rest = -other if s % 2.0 == 0.0 else other
        return nearest(rest + (_inverted_of_polylog(int(s), -z, p) if s >= 0.0 else 0), -p)
    at = fixed(z, p)
    m, e = derivative(lambda v: (_inside_of_polylog(v, at, p), 0), int(n), fixed(s, p), p)
    return nearest(m, e - p)


def dpolylog(n: float, s: float, z: float) -> float:
    """The n-th derivative of Li_s(z) in s, for z <= 1; below -1 the function itself for whole numbers s."""
    if s <= POLYLOG_LARGEST and (n == 0.0 or n == 1.0):
        y = polylog_in_floats(n, s, z)
        if y == y:
            return y
    return _exact_of_polylog(n, s, z)


def polylog(s: float, z: float) -> float:
    """Li_s(z)."""
    return dpolylog(0.0, s, z)
