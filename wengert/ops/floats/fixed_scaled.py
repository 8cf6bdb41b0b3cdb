"""Numbers of any size with the digits of fixed point, m*2^(e - p), and their derivatives by differences.

A function of numbers in fixed point that is analytic has its derivatives by central differences, with bits enough for
all digits. Each takes as many evaluations as its order, and one more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .fixed_point import exp, fixed, log, log_2, loggamma, pi, quotient, turned

inf = math.inf

# The step of a difference is 2^-STEP: its error is the square of that.
STEP = 80

# A number m*2^(e - p), as m and e.
Scaled = tuple[int, int]


def sin_cos_turns(v: int, p: int) -> tuple[int, int]:
    """sin(pi*v) and cos(pi*v) of a number in fixed point."""
    quarters = (4 * v + (1 << p)) >> p + 1
    return turned(((v << 32) - (quarters << p + 31)) * pi(p + 32) >> p + 32, quarters, p)


def log_of(a: float, p: int) -> int:
    """log(a), for a > 0 however small."""
    m, e = math.frexp(a)
    return log(fixed(m, p), p) + e * log_2(p)


def grown(m: int, w: int, p: int) -> Scaled:
    """m*e^w."""
    e = w // log_2(p)
    return m * exp(w - e * log_2(p), p) >> p, e


def plus(x: Scaled, y: Scaled) -> Scaled:
    """x + y."""
    (a, i), (b, j) = x, y
    return (a + (b >> min(i - j, 1 << 20)), i) if i >= j else (b + (a >> min(j - i, 1 << 20)), j)


def negative(x: Scaled) -> Scaled:
    """-x."""
    return -x[0], x[1]


def scaled(c: int, x: Scaled, p: int) -> Scaled:
    """c*x, for c in fixed point."""
    return c * x[0] >> p, x[1]


def nearest(m: int, e: int) -> float:
    """The float nearest to m*2^e."""
    if not -1200 < e + m.bit_length() < 1200 or m == 0:
        return 0.0 if m == 0 or e + m.bit_length() < 0 else inf if m > 0 else -inf
    return quotient(m << max(e, 0), 1 << max(-e, 0))


def reciprocal_gamma(z: int, p: int) -> Scaled:
    """1/Γ(z), below 1/2 by the reflection formula; 0 at the poles."""
    one = 1 << p
    if z > one >> 1:
        return grown(one, -loggamma(z, p), p)
    m, e = grown(sin_cos_turns(z, p)[0], loggamma(one - z, p), p)
    return (m << p) // pi(p), e


def derivative(f: Callable[[int], Scaled], n: int, v: int, p: int, step: int = STEP) -> Scaled:
    """The n-th derivative of f at v."""
    h = 1 << p - step
    found = []
    for k in range(n + 1):
        m, e = f(v + (n - 2 * k) * (h >> 1))
        found.append(((-1) ** k * math.comb(n, k) * m, e))
    total = (0, max((e for m, e in found if m), default=0))
    for term in found:
        total = plus(total, term)
    return total[0], total[1] + step * n
