"""Bessel functions of a real order v >= 0 in pairs: two orders u and u + 1, where |u| <= 1/2, and the recurrence
up to v. It is stable for Y and K, and for J up to an order as large as the argument. As in `elementary`, no function
raises.

Near 0 the two orders are Temme's series for Y and K (Temme 1976 and 1975). Beyond that they are his backward recurrence
for the confluent hypergeometric function U, whose solution is known by the sum of all its terms (Temme 1975): K is
sqrt(pi) (2a)^u e^-a U(u + 1/2, 2u + 1, 2a), and J + iY is K of -ia (DLMF 10.39.6 and 10.27.8). Its turns far from the
end are taken in floats, as each turn after them makes their error smaller. J and I of an order larger than the argument
come from the ratio of two orders, a continued fraction, and the Wronskian (DLMF 10.10.1, 10.33.1, 10.5.2 and 10.28.2).
"""

from __future__ import annotations

import math

from .bessel import _beyond
from .bessel_second import TWO_OVER_PI
from .doubled import (
    COSINE_HIGH,
    COSINE_TAIL,
    LOG_2_HIGH,
    LOG_2_TAIL,
    SINE_HIGH,
    SINE_TAIL,
    Pair,
    _sine,
    exp,
    inverse,
    log,
    minus,
    multiplied,
    plus,
    summed,
    times,
)
from .elementary import product
from .special import _polynomial

inf = math.inf
nan = math.nan

HALF_PI, HALF_PI_TAIL = 1.5707963267948966, 6.123233995736766e-17
ROOT_HALF_PI, ROOT_HALF_PI_TAIL = 1.2533141373155003, -9.164289990229583e-17
TWO_OVER_PI_TAIL = -3.935735335036497e-17
# The recurrences begin below their values by this, which leaves room for values beyond the largest float.
SCALE = 2.0**-600
# The largest float below 1/2: a sum of 1/2 and that would be rounded to 1.
BELOW_HALF = 0.49999999999999994
# The turns of the backward recurrence of J and Y that are taken in pairs.
TURNS = 5.0
# Those of the ratio of two orders of I.
NEAR_TURNS = 8.0
# The terms of a sine and a cosine that are taken in pairs, and the terms after them
SINE_NEAR, SINE_NEAR_TAIL, SINE_FAR = SINE_HIGH[11:], SINE_TAIL[11:], SINE_HIGH[4:11]
COSINE_NEAR, COSINE_NEAR_TAIL, COSINE_FAR = COSINE_HIGH[10:], COSINE_TAIL[10:], COSINE_HIGH[4:10]
# 1/Gamma(1 + u): its even terms, and its odd terms over -u, in u^2
EVEN_GAMMA = (
    2.736030048608e-23, 1.337351730493693e-22, -2.29874568443537e-19, 1.1866922547516004e-18,
    1.2267786282382608e-15, -2.0583260535665066e-14, -3.696805618642206e-12, 1.0434267116911005e-10,
    5.002007644469223e-09, -2.056338416977607e-07, -1.2504934821426706e-06, 0.0001280502823881162,
    -0.0011651675918590652, -0.009621971527876973, 0.16653861138229148, -0.6558780715202539, 1.0,
)  # fmt: skip
EVEN_GAMMA_TAIL = (
    -2.8599315416397774e-39, 2.6434059649079228e-39, 1.3335481917069145e-36, -4.2037265494226014e-35,
    -5.072915146023867e-32, -1.4747481491954336e-30, 2.7050034921703885e-28, -2.9298419956825035e-27,
    -1.538123614056751e-26, -3.0061601618645134e-24, -2.66214092271898e-23, -9.359124499198967e-21,
    5.659947853880981e-20, -5.300031368830263e-19, 1.0189144546842026e-17, 2.137185197068536e-17, 0.0,
)  # fmt: skip
ODD_GAMMA = (
    1.7323564459105165e-24, 2.0542335517666728e-22, -1.7144063219273374e-20, -1.4123806553180319e-18,
    1.1812593016974588e-16, 5.348122539423018e-15, -5.100370287454476e-13, -7.782263439905071e-12,
    1.18127457048702e-09, -6.116095104481416e-09, -1.133027231981696e-06, 2.013485478078824e-05,
    0.00021524167411495098, -0.0072189432466631, 0.04219773455554433, 0.04200263503409524, -0.5772156649015329,
)  # fmt: skip
ODD_GAMMA_TAIL = (
    1.7540883508197598e-40, -3.6856892424568953e-39, -5.230715150426935e-38, 7.576946701116294e-35,
    -6.422257838149681e-33, 1.6208384686356568e-31, -2.253001461085878e-29, -4.397255556595848e-28,
    1.0052356155716208e-25, 2.693458298171306e-25, 4.622235212104869e-23, -3.0488773972037385e-23,
    -2.3758686180729364e-21, 3.6006537063394283e-19, 3.3579992682480134e-18, -1.4920306285650505e-18,
    4.942915152430645e-18,
)  # fmt: skip


def _even_gamma(square: Pair) -> Pair:
    """The mean of 1/Γ(1 - u) and 1/Γ(1 + u), for the square of u."""
    y = (0.0, 0.0)
    for high, low in zip(EVEN_GAMMA, EVEN_GAMMA_TAIL):
        y = summed(multiplied(y, square), (high, low))
    return y


def _odd_gamma(square: Pair) -> Pair:
    """Half the difference of 1/Γ(1 - u) and 1/Γ(1 + u), over u, for the square of u."""
    y = (0.0, 0.0)
    for high, low in zip(ODD_GAMMA, ODD_GAMMA_TAIL):
        y = summed(multiplied(y, square), (high, low))
    return y


def _hyperbolic_sine(angle: Pair, grown: Pair) -> Pair:
    """sinh(x)/x, for a pair x and its exponential function."""
    if abs(angle[0]) < 0.25:
        square = times(multiplied(angle, angle), -1.0)
        y = (0.0, 0.0)
        for high, low in zip(SINE_HIGH, SINE_TAIL):
            y = summed(multiplied(y, square), (high, low))
        return y
    return multiplied(times(minus(grown, inverse(grown)), 0.5), inverse(angle))


def by_series(v: float, a: float, sign: float) -> Pair:
    """J_v(a), sign = -1, or I_v(a), sign = 1, for a > 0 and an order, of either sign, that is no whole number below 0:
    the power series (DLMF 10.2.2 and 10.25.2). nan where its terms cancel."""
    half = (0.5 * a, 0.0)
    square = times(multiplied(half, half), sign)
    term = (1.0, 0.0)
    y = (1.0, 0.0)
    most = 1.0
    k = 1.0
    while abs(term[0]) > 1e-33 * most or k + v < 1.0:
        order = plus((v, 0.0), (k, 0.0))
        term = multiplied(multiplied(term, square), inverse(times(order, k)))
        y = summed(y, term)
        if abs(term[0]) > most:
            most = abs(term[0])
        k += 1.0
    if abs(y[0]) < 1e-13 * most:
        return (nan, nan)
    n = math.floor(v + BELOW_HALF)
    u = v - n
    power = exp(times(minus(log((a, 0.0)), (LOG_2_HIGH, LOG_2_TAIL)), u))
    squared = product(u, u)
    y = multiplied(y, multiplied(power, minus(_even_gamma(squared), times(_odd_gamma(squared), u))))
    y = (y[0] / SCALE, y[1] / SCALE)
    k = 1.0
    while k <= n and abs(y[0]) > 1e-200:
        y = multiplied(y, multiplied(half, inverse((u + k, 0.0))))
        k += 1.0
    k = 0.0
    under = inverse(half)
    while k < -n and abs(y[0]) < 1e270:
        y = multiplied(times(y, u - k), under)
        k += 1.0
    return (y[0] * SCALE, y[1] * SCALE) if abs(y[0]) < 1e270 else (nan, nan)


def near(v: float, a: float, sign: float) -> Pair:
    """Y_v(a), sign = -1, or K_v(a), sign = 1, times SCALE, for v >= 0 and 1e-100 < a < 3: Temme's series. nan where
    terms cancel, an infinity where it is larger than any float."""
    n = math.floor(v + BELOW_HALF)
    u = v - n
    squared = product(u, u)
    even = _even_gamma(squared)
    odd = _odd_gamma(squared)
    over = inverse((a, 0.0))
    turn = minus((LOG_2_HIGH, LOG_2_TAIL), log((a, 0.0)))
    angle = times(turn, u)
    grown = exp(angle)
    fallen = inverse(grown)
    above = minus(even, times(odd, u))
    below = plus(even, times(odd, u))
    p = times(multiplied(grown, inverse(above)), 0.5)
    q = times(multiplied(fallen, inverse(below)), 0.5)
    f = plus(
        multiplied(times(plus(grown, fallen), 0.5), odd),
        multiplied(multiplied(_hyperbolic_sine(angle, grown), turn), even),
    )
    f = multiplied(f, inverse(multiplied(above, below)))
    # 2 sin^2(pi u/2)/u of Y
    bend = (0.0, 0.0)
    if sign < 0.0:
        quarter = times((HALF_PI, HALF_PI_TAIL), u)
        sine = _sine(quarter, 1.0)
        bend = times(multiplied(multiplied(sine, sine), inverse((u, 0.0))), 2.0) if u != 0.0 else (0.0, 0.0)
    z = times((0.25 * a, 0.0), a * sign)
    total = summed(f, multiplied(bend, q))
    after = p
    most = p[0] + q[0]
    size = most
    k = 1.0
    while size > 1e-33 * most:
        w = multiplied(multiplied(z, inverse(minus((k * k, 0.0), squared))), inverse((k, 0.0)))
        f = multiplied(summed(summed(times(f, k), p), q), w)
        p = multiplied(multiplied(p, plus((k, 0.0), (u, 0.0))), w)
        q = multiplied(multiplied(q, plus((k, 0.0), (-u, 0.0))), w)
        g = summed(f, multiplied(bend, q))
        total = summed(total, g)
        after = summed(after, minus(p, times(g, k)))
        size = k * (abs(f[0]) + abs(p[0]) + abs(q[0]))
        k += 1.0
    before = (total[0] * SCALE, total[1] * SCALE)
    y = times(multiplied(after, over), 2.0 * SCALE)
    k = 1.0
    while k <= n and abs(y[0]) < 1e160:
        next_y = multiplied(multiplied(over, (2.0 * (u + k), 0.0)), y)
        next_y = plus(next_y, times(before, sign))
        before = y
        y = next_y
        k += 1.0
    if k <= n:
        return (sign * inf, sign * inf)
    if sign < 0.0:
        before = times(multiplied(before, (TWO_OVER_PI, TWO_OVER_PI_TAIL)), -1.0)
        return before if abs(before[0]) > 1e-13 * most * SCALE else (nan, nan)
    return before


def _near_sine(angle: Pair) -> Pair:
    """sin(x) up to pi/4, with an error of 2^-73."""
    square = multiplied(angle, angle)
    y = (_polynomial(SINE_FAR, square[0]), 0.0)
    for high, low in zip(SINE_NEAR, SINE_NEAR_TAIL):
        y = summed(multiplied(y, square), (high, low))
    return multiplied(y, angle)


def _near_cosine(angle: Pair) -> Pair:
    """cos(x) up to pi/4, with an error of 2^-73."""
    square = multiplied(angle, angle)
    y = (_polynomial(COSINE_FAR, square[0]), 0.0)
    for high, low in zip(COSINE_NEAR, COSINE_NEAR_TAIL):
        y = summed(multiplied(y, square), (high, low))
    return y


def waves(v: float, a: float, second: float, ratio: Pair) -> Pair:
    """J_v(a), or with `second` = 1 Y_v(a), divided by sqrt(2/(pi a)) and times SCALE, for v >= 0 and 2 <= a < FAR, of J
    for v <= a. With a positive ratio that times the function, less that of the order v + 1. -inf where it is larger
    than any float."""
    n = math.floor(v + BELOW_HALF)
    u = v - n
    squared = product(u, u)
    k = float(math.ceil(8.0 + 600.0 / max(a, 2.0)))
    g = 0.0
    h = 0.0
    t = 1.0
    w = 0.0
    while k > TURNS:
        real = 1.0 + (g * t - h * w) / (k + 1.0)
        w = (g * w + h * t) / (k + 1.0)
        t = real
        g = 2.0 * k - g
        h = 2.0 * a + h
        wide = ((k - 0.5) * (k - 0.5) - squared[0]) / (g * g + h * h)
        g = wide * g
        h = wide * h
        k -= 1.0
    gain = (g, 0.0)
    turned = (h, 0.0)
    real_sum = (t, 0.0)
    other_sum = (w, 0.0)
    k = TURNS
    while k > 0.0:
        share = inverse((k + 1.0, 0.0))
        more = minus(multiplied(gain, real_sum), multiplied(turned, other_sum))
        other_sum = multiplied(summed(multiplied(gain, other_sum), multiplied(turned, real_sum)), share)
        real_sum = summed((1.0, 0.0), multiplied(more, share))
        gain = minus((2.0 * k, 0.0), gain)
        turned = plus((2.0 * a, 0.0), turned)
        size = summed(multiplied(gain, gain), multiplied(turned, turned))
        part = multiplied(minus(((k - 0.5) * (k - 0.5), 0.0), squared), inverse(size))
        gain = multiplied(part, gain)
        turned = multiplied(part, turned)
        k -= 1.0
    more = minus(multiplied(gain, real_sum), multiplied(turned, other_sum))
    other_sum = summed(multiplied(gain, other_sum), multiplied(turned, real_sum))
    real_sum = summed((1.0, 0.0), more)
    # The phase of a plane wave is the angle and some quarter turns.
    turns = math.floor(a * TWO_OVER_PI - u)
    angle = minus(_beyond(a, 2.0 * turns + 1.0), times((HALF_PI, HALF_PI_TAIL), u))
    quarter = (turns - second) % 4.0
    sine = _near_sine(angle)
    cosine = _near_cosine(angle)
    odd = quarter % 2.0
    sign = -SCALE if quarter >= 2.0 else SCALE
    s = (1.0 - odd) * sign
    c = odd * sign
    first = (cosine[0] * s - sine[0] * c, cosine[1] * s - sine[1] * c)
    other = (cosine[0] * c + sine[0] * s, cosine[1] * c + sine[1] * s)
    size = inverse(summed(multiplied(real_sum, real_sum), multiplied(other_sum, other_sum)))
    before = multiplied(summed(multiplied(first, real_sum), multiplied(other, other_sum)), size)
    other = multiplied(minus(multiplied(other, real_sum), multiplied(first, other_sum)), size)
    over = inverse((a, 0.0))
    y = multiplied(before, minus(plus((u, 0.0), (0.5, 0.0)), gain))
    y = multiplied(plus(y, multiplied(other, plus((a, 0.0), turned))), over)
    k = 1.0
    while k <= n and abs(y[0]) < 1e290:
        next_y = summed(multiplied(times(over, 2.0 * (u + k)), y), (-before[0], -before[1]))
        before = y
        y = next_y
        k += 1.0
    if k <= n:
        return (-inf, -inf)
    return minus(multiplied(ratio, before), y) if ratio[0] > 0.0 else before


def falls(v: float, a: float, ratio: Pair) -> Pair:
    """K_v(a), times e^a sqrt(a) and SCALE, for v >= 0 and a >= 1. With a ratio above 0 that times the function, and
    that of the order v + 1. inf where it is larger than 1e290."""
    n = math.floor(v + BELOW_HALF)
    u = v - n
    k = float(math.ceil(9.0 + 210.0 / max(a, 0.5)))
    g = 0.0
    t = 1.0
    while k > 0.0:
        t = 1.0 + g * t / (k + 1.0)
        g = ((k - 0.5) * (k - 0.5) - u * u) / (2.0 * (k + a) - g)
        k -= 1.0
    over = inverse((a, 0.0))
    before = times(multiplied((ROOT_HALF_PI, ROOT_HALF_PI_TAIL), inverse(plus((1.0, 0.0), (g * t, 0.0)))), SCALE)
    y = multiplied(multiplied(before, plus(plus((a, 0.0), (0.5, 0.0)), (u - g, 0.0))), over)
    k = 1.0
    while k <= n and y[0] < 1e290:
        next_y = summed(multiplied(times(over, 2.0 * (u + k)), y), before)
        before = y
        y = next_y
        k += 1.0
    if k <= n:
        return (inf, inf)
    return summed(multiplied(before, ratio), y) if ratio[0] > 0.0 else before


def ratio_first(v: float, a: float) -> Pair:
    """J_(v + 1)(a)/J_v(a), for v >= a > 0."""
    before = 0.0
    bound = 1.0
    k = 0.0
    while abs(bound) < 1e12:
        k += 1.0
        following = 2.0 * (v + k) / a * bound - before
        before = bound
        bound = following
    over = inverse((a, 0.0))
    y = (0.0, 0.0)
    while k > 0.0:
        order = plus((v, 0.0), (k, 0.0))
        y = inverse(minus(times(multiplied(order, over), 2.0), y))
        k -= 1.0
    return y


def ratio_growing(v: float, a: float) -> Pair:
    """I_(v + 1)(a)/I_v(a), for v >= 0 and a > 0: the turns far from the end are taken in floats."""
    before = 0.0
    bound = 1.0
    k = 0.0
    while abs(bound) < 1e10:
        k += 1.0
        following = 2.0 * (v + k) / a * bound + before
        before = bound
        bound = following
    y = 0.0
    while k > NEAR_TURNS:
        y = 1.0 / (2.0 * (v + k) / a + y)
        k -= 1.0
    over = inverse((a, 0.0))
    near_y = (y, 0.0)
    while k > 0.0:
        order = plus((v, 0.0), (k, 0.0))
        near_y = inverse(summed(times(multiplied(order, over), 2.0), near_y))
        k -= 1.0
    return near_y
