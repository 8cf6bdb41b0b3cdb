"""Functions that the library of a target lacks or gets wrong, and those of ours whose source needs Python. They are
written once, for every language of `emit`.

A function replaces the one of the same name in `math` or in the ops' sources. It is in the plain Python that
`ops.reader` reads: floats, pairs of floats, tuples of floats that are only looped over, no exceptions.
"""

from __future__ import annotations

import math

from .elementary import product
from .special import _polynomial, gauss
from .trigonometric import LOG_2

inf = math.inf
nan = math.nan

SMALL, LARGE = 2.0**-600, 2.0**600
THIRD_OF_LARGE = 2.0**200


# functions of any number of arguments


def largest(*a: float) -> float:
    y = -inf
    for b in a:
        if b != b:
            return b
        if b > y or b == 0.0 and y == 0.0 and math.copysign(1.0, y) < 0.0:
            y = b
    return y


def smallest(*a: float) -> float:
    y = inf
    for b in a:
        if b != b:
            return b
        if b < y or b == 0.0 and y == 0.0 and math.copysign(1.0, b) < 0.0:
            y = b
    return y


def ties(m: float, *a: float) -> float:
    n = 0.0
    for b in a:
        n += 1.0 if b == m else 0.0
    return n


def larger_of(a: float, b: float) -> float:
    """Python's `max` of two numbers: the first, unless the second is larger."""
    return b if b > a else a


def smaller_of(a: float, b: float) -> float:
    """Python's `min` of two numbers, likewise."""
    return b if b < a else a


# arithmetic


def floor_mod(a: float, b: float) -> float:
    if b == 0.0:
        return nan
    y = math.fmod(a, b)
    if y == 0.0:
        return math.copysign(0.0, b)
    return y + b if (y < 0.0) != (b < 0.0) else y


def power(a: float, b: float) -> float:
    return a * a if b == 2.0 else math.pow(a, b)


def cbrt(a: float) -> float:
    """One Newton step from pow, with the residual in doubled precision; scaled where its parts would overflow or
    underflow."""
    if a == 0.0 or not math.isfinite(a):
        return a
    scale = SMALL if abs(a) > 1e200 else LARGE if abs(a) < 1e-200 else 1.0
    scaled = abs(a) * scale
    root = math.pow(scaled, 1.0 / 3.0)
    high, low = product(root, root)
    cubed, tail = product(high, root)
    root -= (cubed - scaled + (tail + low * root)) / (3.0 * high)
    root *= THIRD_OF_LARGE if scale == SMALL else 1.0 / THIRD_OF_LARGE if scale == LARGE else 1.0
    return math.copysign(root, a)


def hypot(*a: float) -> float:
    """The squares are summed in doubled precision, scaled by a power of two so that none overflows or underflows."""
    most = 0.0
    for b in a:
        if b in (inf, -inf):
            return inf
        if abs(b) > most:
            most = abs(b)
    for b in a:
        if b != b:
            return b
    if most == 0.0:
        return most
    scale = SMALL if most > 1e150 else LARGE if most < 1e-150 else 1.0
    high = 0.0
    low = 0.0
    for b in a:
        square, error = product(b * scale, b * scale) if abs(b) > 1e-20 * most else (0.0, 0.0)
        total = high + square
        low += error + (square - (total - high) if high > square else high - (total - square))
        high = total
    root = math.sqrt(high)
    square, error = product(root, root)
    return (root + (high - square - error + low) / (2.0 * root)) / scale


# inverse hyperbolic functions


def asinh(a: float) -> float:
    if not 1e-9 < abs(a) < inf:
        return a
    if abs(a) > 1e9:
        return math.copysign(math.log(abs(a)) + LOG_2, a)
    return math.copysign(math.log1p(abs(a) + a * a / (1.0 + math.sqrt(1.0 + a * a))), a)


def acosh(a: float) -> float:
    if not a >= 1.0:
        return nan
    if a > 1e9:
        return math.log(a) + LOG_2
    return math.log1p(a - 1.0 + math.sqrt((a - 1.0) * (a + 1.0)))


def atanh(a: float) -> float:
    if abs(a) < 1e-9 or not abs(a) < 1.0:
        return a if abs(a) < 1.0 else math.copysign(inf, a) if abs(a) == 1.0 else nan
    return math.copysign(0.5 * math.log1p(2.0 * abs(a) / (1.0 - abs(a))), a)


# the error function; the polynomials are made like those of floats/special.py

# erf(a)/a on [0, 1], in a^2 - 1/2
ERF = (
    5.957176147748911e-11, -7.798543168142326e-10, 9.387642467190585e-09, -1.0420369437776738e-07,
    1.053644949301286e-06, -9.614808686837411e-06, 7.82964952550334e-05, -0.0005611894221159957, 0.003480274496665589,
    -0.018283884489152906, 0.07940998675593483, -0.2810721780454342, 0.9654687386698673,
)  # fmt: skip
# exp(a^2)*erfc(a) on [1/2, 3/2] and on [3/2, 4]; a times that on [4, inf), in 1/a^2
ERFC_ONE = (
    -3.914617199714194e-08, 1.3784633743013745e-07, -4.299143543295316e-07, 1.4340410570175926e-06,
    -4.675888436513413e-06, 1.4754609192515983e-05, -4.5143861219947744e-05, 0.0001336627622717746,
    -0.00038195453301478085, 0.0010502694181821256, -0.002769064775600966, 0.0069701423740626415, -0.0166618690904203,
    0.03757229621531269, -0.07922696894132669, 0.15437156137190824, -0.27321201478389856, 0.427583576155807,
)  # fmt: skip
ERFC_THREE = (
    -1.7389691318384406e-15, 8.917674265404143e-15, -2.884173047236096e-14, 1.419159613951075e-13,
    -7.548685216510444e-13, 3.6272024502846704e-12, -1.700654000438509e-11, 7.913300893653138e-11,
    -3.623708722866264e-10, 1.62995493231485e-09, -7.199969538787173e-09, 3.120928105461893e-08, -1.326254429135298e-07,
    5.519758343393618e-07, -2.24737343182466e-06, 8.940156044377605e-06, -3.469860957792228e-05, 0.00013118180053100397,
    -0.00048219508498104584, 0.0017195818852891668, -0.005934337896997977, 0.019758592987322864, -0.06323763756063484,
    0.1936620962790687,
)  # fmt: skip
ERFC_TAIL = (
    70499286.15749022, -9073951.439007865, 967490.2456548071, -141449.88510975725, 22326.508715299027,
    -3691.4849225914018, 659.3178720339085, -128.91443536906925, 28.027558185464255, -6.9262845010710805,
    2.007721642290416, -0.7163437017186061, 0.34160334139392906, -0.25836176539251227, 0.5557581685752836,
)  # fmt: skip


def erf(a: float) -> float:
    if abs(a) < 1.0:
        return a * _polynomial(ERF, a * a - 0.5)
    return math.copysign(1.0 - gauss(a) * _erfc_over_gauss(abs(a)), a)


def erfc(a: float) -> float:
    if abs(a) < 0.5:
        return 1.0 - a * _polynomial(ERF, a * a - 0.5)
    y = gauss(a) * _erfc_over_gauss(abs(a))
    return 2.0 - y if a < 0.0 else y


def _erfc_over_gauss(a: float) -> float:
    """exp(a^2)*erfc(a), for a >= 1/2."""
    if a < 1.5:
        return _polynomial(ERFC_ONE, a - 1.0)
    if a < 4.0:
        return _polynomial(ERFC_THREE, a - 2.75)
    return _polynomial(ERFC_TAIL, 1.0 / (a * a) - 0.03125) / a
