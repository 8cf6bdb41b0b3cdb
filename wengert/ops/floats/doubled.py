"""The functions of floats/fixed_point.py in doubled precision, for languages without Python's large integers.

A pair is the unevaluated sum of a float and another that is smaller by 2^-53: about 106 bits (Dekker 1971).
`special`, `trigonometric` and `elementary` need that where a difference cancels: beside a zero, the bits that do not
cancel are all of the answer. Everything is in the plain Python that `ops.reader` reads.
"""

from __future__ import annotations

import math

from .elementary import INTEGERS, product
from .special import _polynomial
from .trigonometric import PI_TAIL

inf = math.inf
nan = math.nan

Pair = tuple[float, float]

LOG_2_HIGH, LOG_2_TAIL = 0.6931471805599453, 2.3190468138462996e-17
TINY = 2.0**-100
TINY_ARGUMENT = 2.0**-400
HALF_LOG_TAU_HIGH, HALF_LOG_TAU_TAIL = 0.9189385332046728, -3.878294158067242e-17
# 1/(2k + 3), k = 10 … 0, and the terms after them
ATANH_HIGH = (
    0.043478260869565216, 0.047619047619047616, 0.05263157894736842, 0.058823529411764705, 0.06666666666666667,
    0.07692307692307693, 0.09090909090909091, 0.1111111111111111, 0.14285714285714285, 0.2, 0.3333333333333333,
)  # fmt: skip
ATANH_TAIL = (
    1.206764157201257e-18, 2.64338815386942e-18, 2.921639538487254e-18, 8.163404592832033e-19,
    9.251858538542971e-19, -4.270088556250602e-18, -2.523234146875356e-18, 6.1679056923619804e-18,
    7.93016446160826e-18, -1.1102230246251566e-17, 1.850371707708594e-17,
)  # fmt: skip
ATANH_REST = tuple(1.0 / (2 * k + 25) for k in range(11))[::-1]
# (-1)^k/(2k + 1)! and (-1)^k/(2k)!, k = 14 … 0
SINE_HIGH = (
    1.1309962886447716e-31, -9.183689863795546e-29, 6.446950284384474e-26, -3.868170170630684e-23,
    1.9572941063391263e-20, -8.22063524662433e-18, 2.8114572543455206e-15, -7.647163731819816e-13,
    1.6059043836821613e-10, -2.505210838544172e-08, 2.7557319223985893e-06, -0.0001984126984126984,
    0.008333333333333333, -0.16666666666666666, 1.0,
)  # fmt: skip
SINE_TAIL = (
    1.0498015412959506e-47, -1.4303150396787322e-45, -1.9330404233703465e-42, 8.843177655482344e-40,
    -1.3643503830087908e-36, -2.2141894119604265e-34, 1.6508842730861433e-31, -7.03872877733453e-30,
    1.2585294588752098e-26, 1.448814070935912e-24, -1.858393274046472e-22, -1.7209558293420705e-22,
    1.1564823173178714e-19, -9.25185853854297e-18, 0.0,
)  # fmt: skip
COSINE_HIGH = (
    3.279889237069838e-30, -2.4795962632247976e-27, 1.6117375710961184e-24, -8.896791392450574e-22,
    4.110317623312165e-19, -1.5619206968586225e-16, 4.779477332387385e-14, -1.1470745597729725e-11,
    2.08767569878681e-09, -2.755731922398589e-07, 2.48015873015873e-05, -0.001388888888888889, 0.041666666666666664,
    -0.5, 1.0,
)  # fmt: skip
COSINE_TAIL = (
    1.5117542744029879e-46, 1.2953730964765229e-43, -3.6846573564509766e-41, 7.911402614872376e-38,
    1.4412973378659527e-36, -1.1910679660273754e-32, 4.399205485834081e-31, -2.0655512752830745e-28,
    -1.20734505911326e-25, -2.3767714622250297e-23, 2.1511947866775882e-23, 5.300543954373577e-20,
    2.3129646346357427e-18, 0.0, 0.0,
)  # fmt: skip
# 1/k!, k = 12 … 0; B_2k/(2k (2k - 1)) and B_2k/2k, k = 13 … 1 (DLMF 5.11.1 and 5.11.2): pairs
EXP_HIGH = (
    2.08767569878681e-09, 2.505210838544172e-08, 2.755731922398589e-07, 2.7557319223985893e-06,
    2.48015873015873e-05, 0.0001984126984126984, 0.001388888888888889, 0.008333333333333333, 0.041666666666666664,
    0.16666666666666666, 0.5, 1.0, 1.0,
)  # fmt: skip
EXP_TAIL = (
    -1.20734505911326e-25, -1.448814070935912e-24, 2.3767714622250297e-23, -1.858393274046472e-22,
    2.1511947866775882e-23, 1.7209558293420705e-22, -5.300543954373577e-20, 1.1564823173178714e-19,
    2.3129646346357427e-18, 9.25185853854297e-18, 0.0, 0.0, 0.0,
)  # fmt: skip
STIRLING_HIGH = (
    2193.1033333333335, -156.84828462600203, 13.402864044168393, -1.3924322169059011, 0.17964437236883057,
    -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417,
    -0.0005952380952380953, 0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
)  # fmt: skip
STIRLING_TAIL = (
    -1.3339255626002948e-13, 9.391823141715389e-15, -6.154114101993966e-16, 1.5837056989230303e-17,
    -6.401600482710946e-19, 4.861760957508855e-19, 2.2240044563805217e-19, 1.0675702776872475e-19,
    3.6870174889237694e-20, 5.36938218754726e-20, 6.883823317368282e-22, 1.0601087908747154e-19,
    4.625929269271485e-18,
)  # fmt: skip
DIGAMMA_HIGH = (
    54827.583333333336, -3607.5105463980462, 281.46014492753625, -26.456212121212122, 3.0539543302701198,
    -0.4432598039215686, 0.08333333333333333, -0.021092796092796094, 0.007575757575757576, -0.004166666666666667,
    0.003968253968253968, -0.008333333333333333, 0.08333333333333333,
)  # fmt: skip
DIGAMMA_TAIL = (
    -2.4253192047278085e-12, -1.5347029033579816e-13, -1.647635329298783e-14, 7.449932926454383e-16,
    -1.0882720820608607e-17, -2.0462934179365632e-17, 4.625929269271485e-18, 1.3911677399530732e-18,
    -2.1026951223961299e-19, -5.782411586589357e-20, 2.20282346155785e-19, -1.1564823173178714e-19,
    4.625929269271485e-18,
)  # fmt: skip
# B_2k, k = 1 … 13, as fractions: rounded, they would limit the accuracy to 53 bits
BERNOULLI_OVER = (1, -1, 1, -1, 5, -691, 7, -3617, 43867, -174611, 854513, -236364091, 8553103)
BERNOULLI_UNDER = (6, 30, 42, 30, 66, 2730, 6, 510, 798, 330, 138, 2730, 6)


def total(a: float, b: float) -> Pair:
    """a + b exactly (Knuth's two-sum)."""
    high = a + b
    c = high - a
    return high, a - (high - c) + (b - c)


def plus(x: Pair, y: Pair) -> Pair:
    s = total(x[0], y[0])
    t = total(x[1], y[1])
    s = total(s[0], s[1] + t[0])
    return total(s[0], s[1] + t[1])


def minus(x: Pair, y: Pair) -> Pair:
    return plus(x, (-y[0], -y[1]))


def times(x: Pair, a: float) -> Pair:
    p = product(x[0], a)
    return total(p[0], p[1] + x[1] * a)


def multiplied(x: Pair, y: Pair) -> Pair:
    p = product(x[0], y[0])
    return total(p[0], p[1] + (x[0] * y[1] + x[1] * y[0]))


def divided(x: Pair, y: Pair) -> Pair:
    q = x[0] / y[0]
    rest = minus(x, times(y, q))
    r = rest[0] / y[0]
    rest = minus(rest, times(y, r))
    return plus(total(q, r), (rest[0] / y[0], 0.0))


def summed(x: Pair, y: Pair) -> Pair:
    """x + y, with an error as small beside the larger term as that of `plus` beside the sum."""
    s = total(x[0], y[0])
    low = s[1] + (x[1] + y[1])
    high = s[0] + low
    return high, low - (high - s[0])


def inverse(x: Pair) -> Pair:
    """1/x: a step of Newton's iteration from the quotient of floats."""
    q = 1.0 / x[0]
    p = product(x[0], q)
    low = q * (1.0 - p[0] - p[1] - x[1] * q)
    high = q + low
    return high, low - (high - q)


def raised(x: Pair, n: float) -> Pair:
    """x^n for n = 0, 1, 2, …"""
    y = (1.0, 0.0)
    while n > 0.0:
        if n % 2.0 == 1.0:
            y = multiplied(y, x)
        x = multiplied(x, x)
        n = n // 2.0
    return y


def exp(x: Pair) -> Pair:
    """The Taylor series, after multiples of log 2 are taken off, at a 2^8-th, squared 8 times."""
    doublings = float(round(x[0] / LOG_2_HIGH))
    x = minus(x, times((LOG_2_HIGH, LOG_2_TAIL), doublings))
    x = (x[0] / 256.0, x[1] / 256.0)
    y = (0.0, 0.0)
    for high, low in zip(EXP_HIGH, EXP_TAIL):
        y = plus(multiplied(y, x), (high, low))
    k = 0.0
    while k < 8.0:
        y = multiplied(y, y)
        k += 1.0
    scale = math.pow(2.0, doublings)
    return y[0] * scale, y[1] * scale


def log(x: Pair) -> Pair:
    """k log 2 + 2 atanh((f - 1)/(f + 1)), where x is f 2^k and f is near 1."""
    doublings = float(round(math.log2(x[0])))
    half = math.floor(0.5 * doublings)
    first = math.pow(2.0, -half)
    second = math.pow(2.0, half - doublings)
    part = (x[0] * first * second, x[1] * first * second)
    z = divided(minus(part, (1.0, 0.0)), plus(part, (1.0, 0.0)))
    u = multiplied(z, z)
    y = (_polynomial(ATANH_REST, u[0]), 0.0)
    for high, low in zip(ATANH_HIGH, ATANH_TAIL):
        y = plus(multiplied(y, u), (high, low))
    y = plus(z, multiplied(multiplied(z, u), y))
    return plus(times((LOG_2_HIGH, LOG_2_TAIL), doublings), times(y, 2.0))


def _sine(angle: Pair, first: float) -> Pair:
    """The Taylor series of the cosine (first = 0) or the sine (first = 1), up to pi/4."""
    square = multiplied(angle, angle)
    y = (0.0, 0.0)
    if first == 1.0:
        for high, low in zip(SINE_HIGH, SINE_TAIL):
            y = plus(multiplied(y, square), (high, low))
        return multiplied(y, angle)
    for high, low in zip(COSINE_HIGH, COSINE_TAIL):
        y = plus(multiplied(y, square), (high, low))
    return y


def sin_pi(a: float, quarter: float) -> Pair:
    """sin(pi*a), quarter turns later: 1 makes it the cosine."""
    turn = math.fmod(a, 2.0)
    quarters = float(round(2.0 * turn))
    angle = times((math.pi, PI_TAIL), turn - 0.5 * quarters)
    quarters = (quarters + quarter) % 4.0
    y = _sine(angle, 1.0 if quarters % 2.0 == 0.0 else 0.0)
    return y if quarters < 2.0 else (-y[0], -y[1])


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), for a and b at most 0."""
    y = log(plus(exp((a, 0.0)), exp((b, 0.0))))
    return y[0]


def dsinc(n: float, a: float) -> float:
    """The n-th derivative of sin(pi*a)/(pi*a).

    With z = pi*a and s = sin(z)/z, Leibniz' rule for z*s gives z*s⁽ⁿ⁾ + n*s⁽ⁿ⁻¹⁾ = sin(z + n*pi/2). The recurrence runs
    upwards where z is larger than n, elsewhere downwards from an order so high that its initial error has vanished.
    """
    if 0.0 < abs(a) < TINY_ARGUMENT:
        # The derivative is constant or linear here, and the splitting of products would underflow.
        near = dsinc(n, a / TINY_ARGUMENT * TINY)
        return near / TINY * TINY_ARGUMENT if n % 2.0 == 1.0 else near
    if abs(a) >= 2.0 * INTEGERS:
        # a is even, so sin(z) is 0 and cos(z) is 1, and terms beyond the first in n/z are below rounding.
        sign = 1.0 if n % 4.0 < 2.0 else -1.0
        m = n - 1.0 if n % 2.0 == 1.0 else n - 2.0
        scale = math.pow(math.pi, m) * (1.0 + m * (PI_TAIL / math.pi))
        return sign * scale / a if m == n - 1.0 else sign * n * scale / a / a
    z = times((math.pi, PI_TAIL), a)
    k = 0.0
    y = (0.0, 0.0)
    if abs(z[0]) > n:
        y = divided(sin_pi(a, 0.0), z)
        while k < n:
            k += 1.0
            y = divided(minus(sin_pi(a, k), times(y, k)), z)
    else:
        k = n + math.floor(14.0 * math.sqrt(n)) + 80.0
        while k > n:
            y = divided(minus(sin_pi(a, k), multiplied(z, y)), (k, 0.0))
            k -= 1.0
    # pi^n, corrected for n times the relative error of pi; as two factors, as it may overflow before the product does
    scale = math.pow(math.pi, 0.5 * n)
    return y[0] * scale * scale * (1.0 + n * (PI_TAIL / math.pi))


# the gamma family


def factorial(n: float) -> float:
    y = (TINY, 0.0)  # scaled, as the splitting of a product would overflow before the product does
    while n > 1.0:
        y = times(y, n)
        n -= 1.0
    return y[0] / TINY


def loggamma(z: Pair) -> Pair:
    """log Γ(z), z > 0: Stirling's series (DLMF 5.11.1) above 28, reached by the recurrence."""
    below = (1.0, 0.0)
    while z[0] < 28.0:
        below = multiplied(below, z)
        z = plus(z, (1.0, 0.0))
    y = minus(multiplied(minus(z, (0.5, 0.0)), log(z)), z)
    y = plus(y, minus((HALF_LOG_TAU_HIGH, HALF_LOG_TAU_TAIL), log(below)))
    term = divided((1.0, 0.0), z)
    square = multiplied(term, term)
    rest = (0.0, 0.0)
    for high, low in zip(STIRLING_HIGH, STIRLING_TAIL):
        rest = plus(multiplied(rest, square), (high, low))
    return plus(y, multiplied(rest, term))


def lgamma(a: float) -> float:
    """log|Γ(a)| for a < 0 and not an integer, from Γ(a) Γ(1 - a) = pi/sin(pi*a)."""
    s = sin_pi(a, 0.0)
    if s[0] < 0.0:
        s = (-s[0], -s[1])
    y = minus(log(divided((math.pi, PI_TAIL), s)), loggamma(total(1.0, -a)))
    return y[0]


def _digamma(z: Pair) -> Pair:
    """ψ(z), z > 0: its asymptotic series (DLMF 5.11.2) above 28, reached by the recurrence."""
    y = (0.0, 0.0)
    while z[0] < 28.0:
        y = minus(y, divided((1.0, 0.0), z))
        z = plus(z, (1.0, 0.0))
    term = divided((1.0, 0.0), z)
    square = multiplied(term, term)
    y = plus(y, minus(log(z), times(term, 0.5)))
    rest = (0.0, 0.0)
    for high, low in zip(DIGAMMA_HIGH, DIGAMMA_TAIL):
        rest = plus(multiplied(rest, square), (high, low))
    return minus(y, multiplied(rest, square))


def _hurwitz(n: float, z: Pair, unit: Pair) -> Pair:
    """The sum of (unit/(z + k))^(n + 1) over k = 0, 1, 2, …, for z > 0, by Euler and Maclaurin (DLMF §25.11(iii))."""
    y = (0.0, 0.0)
    while z[0] < 2.0 * n + 80.0:
        y = plus(y, raised(divided(unit, z), n + 1.0))
        z = plus(z, (1.0, 0.0))
    lead = raised(divided(unit, z), n + 1.0)
    tail = plus(divided(z, (n, 0.0)), (0.5, 0.0))
    term = divided(((n + 1.0) / 2.0, 0.0), z)
    square = multiplied(z, z)
    k = 2.0
    for over, under in zip(BERNOULLI_OVER, BERNOULLI_UNDER):
        tail = plus(tail, divided(times(term, over), (under, 0.0)))
        term = divided(times(term, (n + k) * (n + k + 1.0)), times(square, (k + 1.0) * (k + 2.0)))
        k += 2.0
    return plus(y, multiplied(lead, tail))


def polygamma(n: float, a: float) -> float:
    """The n-th derivative of digamma for a < 0 and not an integer.

    The reflection formula (DLMF 5.15.6) is used at a and at f = a - floor(a). As pi*cot(pi*a) = pi*cot(pi*f),
    ψ(a) = ψ(1 - a) - ψ(1 - f) + ψ(f); the derivatives follow, with signs (-1)^n.
    """
    beside = a - round(a)
    f = (beside, 0.0)
    g = total(1.0, -beside)
    if beside < 0.0:
        f = total(1.0, beside)
        g = (-beside, 0.0)
    if n == 0.0:
        y = plus(minus(_digamma(total(1.0, -a)), _digamma(g)), _digamma(f))
        return y[0]
    # Each ψ⁽ⁿ⁾ is (-1)^(n + 1) n! times a sum; the sums are scaled by the largest of all terms.
    unit = (abs(beside), 0.0)
    y = minus(_hurwitz(n, total(1.0, -a), unit), _hurwitz(n, g, unit))
    if n % 2.0 == 1.0:
        y = (-y[0], -y[1])
    y = plus(y, _hurwitz(n, f, unit))
    if n % 2.0 == 0.0:
        y = (-y[0], -y[1])
    root = math.pow(abs(beside), -0.5 * (n + 1.0))
    return y[0] * (factorial(n) if n < 171.0 else inf) * root * root


def factorial_over_power(n: float, a: float) -> float:
    """n!/a^(n + 1), for n so large that n! is no float."""
    about = n * (math.log(n / a) - 1.0)
    if abs(about) > 1e4:
        return 0.0 if about < 0.0 else inf
    v = minus(loggamma((n + 1.0, 0.0)), times(log((a, 0.0)), n + 1.0))
    if v[0] < -746.0:
        return 0.0
    return math.exp(v[0]) * (1.0 + v[1]) if v[0] < 710.0 else inf
