"""Functions that a dialect of SQL lacks or defines differently, written with those that it has: source for the `sql`
target.

As in `portable`, each function replaces the one of the same name in `math` or in the ops' sources; a call of that name
inside it means the dialect's own. Nothing is raised in SQL. Wengert itself calls none of them.
"""

from __future__ import annotations

import math

inf = math.inf


def divide(a: float, b: float) -> float:
    """SQLite's division by zero is null."""
    return a / b if b != 0.0 else a * math.copysign(inf, b)


def pow(a: float, b: float) -> float:
    """SQLite's nan is null, and so are all powers with one; 1^nan and nan^0 are 1."""
    return 1.0 if b == 0.0 or b != b and a == 1.0 else math.pow(a, b)


def pow_by_root(a: float, b: float) -> float:
    """Polars takes a^0.5 for sqrt(a), which is -0 for -0 and nan for -inf."""
    return abs(a) if b == 0.5 and (a == 0.0 or a == -inf) else math.pow(a, b)


def cbrt(a: float) -> float:
    """One Newton step from pow, whose exponent is not exactly a third."""
    if a == 0.0 or not math.isfinite(a):
        return a
    root = math.pow(abs(a), 1.0 / 3.0)
    return math.copysign(root - (root - abs(a) / (root * root)) / 3.0, a)


def expm1(a: float) -> float:
    """By Kahan's formula: the rounding of exp(a), which exp(a) - 1 magnifies, is in log(exp(a)) too."""
    u = math.exp(a)
    if u == 1.0:
        return a
    if abs(a) > 1.0:
        return u - 1.0
    return (u - 1.0) * a / math.log(u)


def log1p(a: float) -> float:
    """By Kahan's formula, as expm1."""
    u = 1.0 + a
    if u == 1.0 or a == inf:
        return a
    return math.log(u) * (a / (u - 1.0))


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)). Near 0 it is as exact as its terms: the digits that cancel are not computed again."""
    if a != a or b != b:
        return a + b
    high = a if a > b else b
    low = b if a > b else a
    if low == -inf or high == inf:
        return high
    return high + math.log1p(math.exp(low - high))


def sinh(a: float) -> float:
    if abs(a) < 22.0:
        t = math.expm1(abs(a))
        return math.copysign(0.5 * (t + t / (t + 1.0)), a)
    half = math.exp(0.5 * abs(a))
    return math.copysign(0.5 * half * half, a)


def cosh(a: float) -> float:
    if abs(a) < 22.0:
        e = math.exp(abs(a))
        return 0.5 * (e + 1.0 / e)
    half = math.exp(0.5 * abs(a))
    return 0.5 * half * half


def tanh(a: float) -> float:
    t = math.expm1(-2.0 * abs(a))
    return math.copysign(-t / (t + 2.0), a)


def largest(a: float, b: float) -> float:
    """The larger of two; of more the largest is that of the first ones and the last."""
    if a > b or a != a:
        return a
    if a == b and a == 0.0:
        return a + b
    return b


def smallest(a: float, b: float) -> float:
    """The smaller of two; of more the smallest is that of the first ones and the last."""
    if a < b or a != a:
        return a
    if a == b and a == 0.0:
        return -(-a - b)
    return b
