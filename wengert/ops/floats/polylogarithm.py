"""Values of the polylogarithm Li_s(z) of real order s and argument z, in fixed point. As in `elementary`, no function
raises.
"""

from __future__ import annotations

import math
from functools import lru_cache

from .fixed_point import bernoulli, fixed, log, pi, turned
from .fixed_scaled import STEP, Scaled, derivative, grown, nearest, reciprocal_gamma, sin_cos_turns
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


def _inverted_of_polylog(s: int, x: int, p: int) -> int:
    """Li_s(-x) + (-1)^s Li_s(-1/x) for a whole s >= 0 and x > 1 (DLMF 25.12.2 and its kind)."""
    v = log(x, p)
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


def _angle_of_polylog(a: int, b: int, p: int) -> int:
    """atan2(b, a), for a > 0: the angle that is left beside a float's is a series, three times as short each time."""
    shift = max(0, max(a.bit_length(), b.bit_length()) - p)
    a <<= 32
    b <<= 32
    a >>= shift
    b >>= shift
    q = p + 32
    angle = fixed(math.atan2(b / (1 << q), a / (1 << q)), q)
    digits = 48
    while digits < q:
        s, c = turned(angle << 32, 0, q)
        rest = (b * c - a * s << q) // (a * c + b * s)
        angle += rest - (rest * rest >> q) * rest // (3 << q)
        digits *= 3
    return angle >> 32


@lru_cache(maxsize=2)
def _logs_of_polylog(b: int, count: int, p: int) -> tuple[tuple[int, int], ...]:
    """The logarithms of k + 1/2 + i b, k = 0, 1, …, count."""
    found = []
    for k in range(count + 1):
        a = (2 * k + 1) << p - 1
        found.append((log(a * a + b * b >> p, p) >> 1, _angle_of_polylog(a, b, p)))
    return tuple(found)


def _power_of_polylog(power: int, logs: tuple[int, int], p: int) -> tuple[int, int]:
    """The power of a number of this logarithm."""
    m, e = grown(1 << p, power * logs[0] >> p, p)
    size = m << e if e >= 0 else m >> -e
    half = pi(p + 32) >> 1
    wide = (power * logs[1] >> p) << 32
    quarters = (wide + (half >> 1)) // half
    s, c = turned(wide - quarters * half, quarters, p)
    return size * c >> p, size * s >> p


def _hurwitz_of_polylog(s: int, b: int, p: int) -> tuple[int, int]:
    """ζ(s, 1/2 + i b) by Euler and Maclaurin's formula (DLMF 25.11.7)."""
    one = 1 << p
    count = max(0, p // 6 + (abs(s) + (one >> 1) >> p) + 8 - (b >> p))
    logs = _logs_of_polylog(b, count, p)
    real = imaginary = 0
    for k in range(count):
        u, v = _power_of_polylog(-s, logs[k], p)
        real += u
        imaginary += v
    a = (2 * count + 1) << p - 1
    u, v = _power_of_polylog(-s, logs[count], p)
    # The integral from here on, and half a term.
    real += ((u * a - v * b) // (s - one)) + (u >> 1)
    imaginary += ((u * b + v * a) // (s - one)) + (v >> 1)
    # 1/z, and (s)_(2j - 1) z^(1 - s - 2j) B_2j/(2j)!
    square = a * a + b * b >> p
    c, d = (a << p) // square, -(b << p) // square
    u, v = s * (u * c - v * d >> p) >> p, s * (u * d + v * c >> p) >> p
    c, d = c * c - d * d >> p, 2 * c * d >> p
    j, size = 1, abs(s) >> p
    while True:
        numerator, denominator = bernoulli(j)
        denominator *= math.factorial(2 * j)
        x, y = u * numerator // denominator, v * numerator // denominator
        real += x
        imaginary += y
        if x in (0, -1) and y in (0, -1) and j > size:
            return real, imaginary
        u, v = u * c - v * d >> p, u * d + v * c >> p
        factor = (s + (2 * j - 1) * one) * (s + 2 * j * one) >> p
        u, v = u * factor >> p, v * factor >> p
        j += 1


def _outside_of_polylog(s: int, v: int, p: int) -> Scaled:
    """Li_s(-e^v) for v > 0 and an s that is not whole, by Jonquière's formula (DLMF 25.13.3 and 5.5.3), where
    Γ(1 - s) is π/(sin(π s) Γ(s))."""
    one = 1 << p
    real, imaginary = _hurwitz_of_polylog(one - s, (v << p) // (2 * pi(p)), p)
    sine, cosine = sin_cos_turns(s - one >> 1, p)
    part = real * cosine - imaginary * sine >> p
    m, e = reciprocal_gamma(s, p)
    factor, shift = grown(m * part >> p, s * log(2 * pi(p), p) >> p, p)
    return (factor << p) // sin_cos_turns(s, p)[0], e + shift


def _below_of_polylog(s: int, x: int, p: int) -> Scaled:
    """Li_s(-x) for x > 1."""
    one = 1 << p
    if s % one:
        return _outside_of_polylog(s, log(x, p), p)
    whole = s >> p
    other = _inside_of_polylog(s, -((1 << 2 * p) // x), p)
    rest = -other if whole % 2 == 0 else other
    return rest + (_inverted_of_polylog(whole, x, p) if whole >= 0 else 0), 0


def _first_of_polylog(n: float, s: float, z: float) -> float:
    """The first terms of the series for -1 <= z < 1."""
    y = 0.0
    for k in (4.0, 3.0, 2.0):
        y += math.pow(-math.log(k), n) * math.pow(k, -s) * math.pow(z, k)
    return z + y if n == 0.0 else y


def _bits_of_polylog(n: float, s: float, z: float) -> int:
    if z < -1.0:
        v = math.log(-z)
        # Terms of the sum up to 256^s, the quotient by sin(pi*s), and small powers of v/(2*pi)
        gap = abs(s - round(s))
        size = max(0.0, s) * 8.0 - math.frexp(gap if gap != 0.0 else 1.0)[1] + max(0.0, -s) * (4.0 + math.log2(1.0 + v))
        size += min(2.0 * v, 160.0) if s <= 0.0 and gap < 1e-8 else 0.0
        return 160 + STEP * int(n + min(n, 1.0)) + 32 * math.ceil(size / 32.0)
    size = max(0.0, -s) * 16.0 + max(0.0, s) * 1.5 + 2.0 * max(0, -math.frexp(min(abs(z), 1.0 - z))[1])
    return 192 + STEP * int(n) + 64 * math.ceil(size / 64.0)


def _exact_of_polylog(n: float, s: float, z: float) -> float:
    """The n-th derivative of Li_s(z) in s, in fixed point."""
    if not (0.0 <= n <= POLYLOG_SPARE and n % 1.0 == 0.0) or s != s or z != z:
        return nan
    if not (-inf < z <= 1.0 and LEAST_EXPONENT <= s < inf):
        return nan
    if s > POLYLOG_LARGEST and z < 1.0:
        return _first_of_polylog(n, s, z) if z >= -1.0 else nan
    if z == 1.0:
        return dzeta(n, 0.0, s, 1.0) if s > 1.0 else inf if n % 2.0 == 0.0 else -inf
    if abs(z) < 1e-30:
        # z + 2^-s z^2 + …
        return z if n == 0.0 else math.pow(-math.log(2.0), n) * math.pow(2.0, -s) * z * z
    if z < -1.0 and abs(s) < 1e-30:
        s = 0.0
    if z < -1e30 and s < 0.0 and s % 1.0 == n == 0.0:
        return -1.0 / z if s % 2.0 == 0.0 else 1.0 / z
    p = _bits_of_polylog(n, s, z)
    at = fixed(z, p)
    if z < -1.0:
        m, e = derivative(lambda v: _below_of_polylog(v, -at, p), int(n), fixed(s, p), p)
    else:
        m, e = derivative(lambda v: (_inside_of_polylog(v, at, p), 0), int(n), fixed(s, p), p)
    return nearest(m, e - p)


def dpolylog(n: float, s: float, z: float) -> float:
    """The n-th derivative of Li_s(z) in s, for z <= 1; below -1 for s <= 60."""
    if s <= POLYLOG_LARGEST and (n == 0.0 or n == 1.0):
        y = polylog_in_floats(n, s, z)
        if y == y:
            return y
    return _exact_of_polylog(n, s, z)


def polylog(s: float, z: float) -> float:
    """Li_s(z)."""
    return dpolylog(0.0, s, z)
