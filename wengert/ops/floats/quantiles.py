"""Values of the inverses of the incomplete gamma functions. As in `elementary`, no function raises.

The logarithms of both tails of the gamma law are concave in log(x), so Newton's iteration for the logarithm of the
smaller tail converges from anywhere (each step after the first stays on one side of the root). For a small shape an
error of the tail is magnified by the reciprocal of the shape: there the last step is in pairs or in fixed point.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from . import doubled, fixed_point
from .deviances import deviance, logarithm_pair
from .doubled import LOG_2_HIGH, LOG_2_TAIL, Pair
from .incomplete import gammainc, gammaincc, lead, lower_ratio, upper_ratio
from .inverse import ndtri
from .special import STIRLING, _polynomial, lgamma

inf = math.inf
nan = math.nan

# Below this logarithm of x there is no float.
LEAST_LOGARITHM = -760.0
MOST_STEPS = 60.0
# The least shape of the gamma law for which a pair has all digits.
LEAST_IN_PAIRS = 1e-4
LOG_2_PAIR, TAU = (LOG_2_HIGH, LOG_2_TAIL), 6.283185307179586


def _bits_of_law(*a: float) -> int:
    """The bits of fixed point that a quotient by the least of the numbers needs, in steps of 64."""
    return 256 + 64 * max(0, *(math.ceil(-math.frexp(x)[1] / 64.0) for x in a))


def _float_of_exp_of_law(v: int, p: int) -> float:
    """e^v as a float, subnormal ones rounded twice."""
    doublings = v // fixed_point.log_2(p)
    if not -1200 < doublings < 1100:
        return 0.0 if doublings < 0 else inf
    y = fixed_point.rounded(fixed_point.exp(v - doublings * fixed_point.log_2(p), p), p)
    return math.ldexp(y, doublings) if doublings < 1023 else 2.0 * math.ldexp(y, doublings - 1)


def _newton_of_law(t: float, step: Callable[[float], float]) -> float:
    """Newton's iteration for t, until its steps are rounding."""
    last = inf
    for _ in range(int(MOST_STEPS)):
        d = step(t)
        if d != d:
            break
        t += max(-400.0, min(400.0, d))
        if abs(d) <= 1e-16 * max(1.0, abs(t)) or (abs(d) >= last and abs(d) < 1e-9):
            break
        last = abs(d)
    return t


def _guess_of_law(a: float, p: float, upper: float) -> float:
    """A first guess of log(x): Wilson and Hilferty's, or for a small shape or tail the first term of the series."""
    least = (math.log1p(-p) if upper == 1.0 else math.log(p)) + lgamma(a + 1.0)
    least = least / a
    z = ndtri(p)
    root = 1.0 - 1.0 / (9.0 * a) + (-z if upper == 1.0 else z) / (3.0 * math.sqrt(a)) if a > 1e-3 else 0.0
    if root > 0.1 and a > 0.3:
        near = math.log(a) + 3.0 * math.log(root)
        return near if upper == 1.0 else max(near, least)
    if upper == 1.0 and p < 0.1:
        # x^(a - 1) e^-x/Γ(a) is about the tail
        size = -math.log(p) - lgamma(a)
        x = max(1e-3, size)
        x = max(1e-3, size + (a - 1.0) * math.log(x))
        x = max(1e-3, size + (a - 1.0) * math.log(x))
        x = max(1e-3, size + (a - 1.0) * math.log(x))
        return math.log(x)
    return least


def _gamma_step_of_law(a: float, t: float, target: float, upper: float) -> float:
    """Newton's step of log(x) = t for the logarithm of the tail; nan where the tail has no slope."""
    x = math.exp(t) if t < 709.0 else inf
    tail = gammaincc(a, x) if upper == 1.0 else gammainc(a, x)
    if tail == 0.0:
        return 1.0 if upper == 0.0 else -1.0
    if tail == 1.0:
        return -1.0 if upper == 0.0 else 1.0
    slope = lead(a, x) / tail
    if slope == 0.0:
        return nan
    return (math.log(tail) - target) / slope if upper == 1.0 else (target - math.log(tail)) / slope


def _gamma_newton_of_law(a: float, t: float, target: float, upper: float) -> float:
    """Newton's iteration for log(x) = t, until its steps are rounding."""
    last = inf
    k = 0.0
    while k < MOST_STEPS:
        d = _gamma_step_of_law(a, t, target, upper)
        t = t + max(-400.0, min(400.0, d)) if d == d else t
        size = abs(d)
        k = MOST_STEPS if not size > 1e-16 * max(1.0, abs(t)) or size >= last and size < 1e-9 else k + 1.0
        last = size
    return t


def _log_lead_of_law(a: float, x: float) -> Pair:
    """log(x^a e^-x/Γ(a))."""
    if a >= 7.0 and 0.01 * a < x < 100.0 * a:
        d = deviance(a, (x, 0.0))
        return doubled.minus((0.5 * math.log(a / TAU) - _polynomial(STIRLING, 1.0 / a / a) / a, 0.0), d)
    power = doubled.times(logarithm_pair((x, 0.0)), a)
    return doubled.minus(doubled.minus(power, (x, 0.0)), doubled.loggamma((a, 0.0)))


def _tiny_tail_of_law(a: float, t: float, p: float, upper: float) -> float:
    """The x near e^t whose tail is given, where tails are below all floats on the way: by Newton's iteration for their
    logarithms, in pairs; over arrays element by element."""
    x = math.exp(max(-680.0, min(t, 680.0)))
    target = doubled.plus(logarithm_pair((p * 2.0**200, 0.0)), doubled.times(LOG_2_PAIR, -200.0))
    last = inf
    for _ in range(int(MOST_STEPS)):
        x = max(x, a, 1.0) if upper == 1.0 else min(x, a)
        ratio = upper_ratio(a, x) if upper == 1.0 else lower_ratio(a, x)
        found = doubled.plus(_log_lead_of_law(a, x), (math.log(ratio), 0.0))
        gap = doubled.minus(found, target) if upper == 1.0 else doubled.minus(target, found)
        d = max(-40.0, min(40.0, gap[0] * ratio))
        x += x * math.expm1(d)
        if abs(d) <= 1e-16 or abs(d) >= last and abs(d) < 1e-9:
            break
        last = abs(d)
    return x


def _gamma_quantile_of_law(a: float, p: float, upper: float) -> float:
    """The x where gammainc(a, x) is p or, with upper = 1, gammaincc(a, x) is p; 0 < p < 1 and 0 < a < inf."""
    if p > 0.5:
        # exact, as p is in [1/2, 1]
        return _gamma_quantile_of_law(a, 1.0 - p, 1.0 - upper)
    t = _guess_of_law(a, p, upper)
    if t < LEAST_LOGARITHM:
        return 0.0
    if t < -690.0 or a < 1e-9 and (upper == 0.0 or p > 1e3 * a):
        return _small_shape_of_law(a, t, p, upper)
    if a >= 1.0 and p < 1e-290 or upper == 1.0 and p < 1e-60 and a > 1e-30:
        return _tiny_tail_of_law(a, t, p, upper)
    t = _gamma_newton_of_law(a, t, math.log(p), upper)
    if t < 0.0 and a < 1.0:
        y = _small_shape_in_pairs(a, t, p, upper) if a > LEAST_IN_PAIRS and t > -600.0 else nan
        return y if y == y else _small_shape_of_law(a, t, p, upper)
    x = math.exp(t)
    # The rounding error of t is a relative one of x: a last step from x itself.
    return x + x * step_from_x(a, x, p, upper)


def step_from_x(a: float, x: float, p: float, upper: float) -> float:
    """A relative step from x to the x whose tail is p."""
    slope = lead(a, x)
    d = gammaincc(a, x) - p if upper == 1.0 else p - gammainc(a, x)
    d = d / slope if slope != 0.0 else 0.0
    return d if abs(d) < 1e-9 else 0.0


def _small_shape_in_pairs(a: float, t: float, tail: float, upper: float) -> float:
    """The x near e^t whose tail is given, for a shape below 1 and x below 1, by a step of Newton's from the series of
    DLMF 8.7.1 in pairs; nan where that step is no mere rounding error."""
    x = doubled.exp((t, 0.0))
    part = (1.0, 0.0)
    summed = (1.0, 0.0)
    k = 1.0
    while abs(part[0]) > 1e-33:
        part = doubled.divided(doubled.multiplied(part, x), (-k, 0.0))
        summed = doubled.plus(summed, doubled.divided(doubled.times(part, a), doubled.total(a, k)))
        k += 1.0
    target = doubled.log(doubled.total(1.0, -tail)) if upper == 1.0 else doubled.log((tail, 0.0))
    target = doubled.plus(target, doubled.loggamma(doubled.total(1.0, a)))
    gap = doubled.minus(doubled.plus(doubled.times((t, 0.0), a), doubled.log(summed)), target)
    d = gap[0] / a * math.exp(x[0]) * summed[0]
    return x[0] + (x[1] - x[0] * d) if abs(d) < 1e-9 else nan


def _small_shape_of_law(a: float, t: float, tail: float, upper: float) -> float:
    """The x near e^t whose tail is given, for a shape below 1 and x below 1, by the series of DLMF 8.7.1."""
    p = _bits_of_law(a, tail if upper == 1.0 else 1.0)
    one = 1 << p
    shape = fixed_point.fixed(a, p)
    if upper == 1.0:
        target = fixed_point.log(one - fixed_point.fixed(tail, p), p)
    else:
        m, e = math.frexp(tail)
        target = fixed_point.log(fixed_point.fixed(m, p), p) + e * fixed_point.log_2(p)
    target += fixed_point.loggamma(one + shape, p)
    v = fixed_point.fixed(min(t, 0.0), p)
    for _ in range(8):
        x = fixed_point.exp(v, p)
        total = term = one
        k = 1
        while term and term != -1:
            term = -(term * x >> p) // k
            total += term * shape // (k * one + shape)
            k += 1
        gap = (shape * v >> p) + fixed_point.log(total, p) - target
        slope = (shape * fixed_point.exp(-x, p) // total) or 1
        d = (gap << p) // slope
        v = min(v - d, 4 << p)
        if abs(d) >> p - 100 == 0 or v < -2000 << p:
            break
    return _float_of_exp_of_law(v, p)


def _ends_of_law(a: float, p: float, at_0: float, at_1: float) -> float:
    """The inverse at the ends of the domain, nan outside it; -1 inside."""
    if not (0.0 < a < inf and 0.0 <= p <= 1.0):
        return nan
    return at_0 if p == 0.0 else at_1 if p == 1.0 else -1.0


def gammaincinv(a: float, p: float) -> float:
    """The x where gammainc(a, x) is p."""
    y = _ends_of_law(a, p, 0.0, inf)
    return _gamma_quantile_of_law(a, p, 0.0) if y == -1.0 else y


def gammainccinv(a: float, p: float) -> float:
    """The x where gammaincc(a, x) is p."""
    y = _ends_of_law(a, p, inf, 0.0)
    return _gamma_quantile_of_law(a, p, 1.0) if y == -1.0 else y
