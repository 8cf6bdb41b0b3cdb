"""Values of the Bessel functions J and I of integer order. As in `elementary`, no function raises.

J is its power series, or far out the upward recurrence from the orders 0 and 1, which is stable up to an order as large
as the argument; in doubled precision, as terms cancel. Beside a zero nothing is left of that, and the same is done in
fixed point, which takes some ten microseconds. I is its power series or its asymptotic series.
"""

from __future__ import annotations

import math

from . import fixed_bessel
from .bessel import FAR, _beyond, j0, j1
from .bessel_modified import growing, i0, i1
from .bessel_second import TWO_OVER_PI
from .doubled import Pair, _sine, divided, minus, multiplied, plus, times
from .special import SQRT_TAU, lgamma

inf = math.inf
nan = math.nan

# The largest order of a program, and the largest order of all: rules lead from an order to higher ones.
ORDERS, SPARE = 1000.0, 1200.0
# Below this the terms of J's power series are not too large for a pair, and beyond it 44 terms of Hankel's serve.
SERIES = 34.0
# Hankel's sums of even order, and of odd order over 1/a, in 1/a^2 (DLMF §10.17(i)): pairs
EVEN_0_PAIRS = (
    -2.4067678924604566e+36, 5.868418908245894e+33, -1.583397836312916e+31, 4.753211014041623e+28,
    -1.597065525294211e+26, 6.046711487532402e+23, -2.599382102726235e+21, 1.2797219419759747e+19,
    -7.286857349377656e+16, 485401468685290.06, -3833534661393.9443, 36468400807.06556, -425939216.5047669,
    6252951.493434797, -118838.42625678325, 3038.090510922384, -110.01714026924674, 6.074042001273483,
    -0.5725014209747314, 0.112152099609375, -0.0703125, 1.0,
)  # fmt: skip
EVEN_0_TAILS = (
    -5.163184369828328e+19, -1.972746409179229e+17, 1079769926462566.9, -249623210163.75433, -5483545092.857809,
    -48291925.36946769, 66774.21431958771, -591.027560449258, -5.141604525621377, -0.0025159025969972997,
    -0.00013122393119411148, -8.525748418331797e-07, -2.3722783073083313e-08, -3.865162324315913e-11,
    -4.73276973167458e-12, 2.1316282072803006e-13, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
)  # fmt: skip
ODD_0_PAIRS = (
    5.054912215996163e+37, -1.1738626968597959e+35, 3.0089633883010508e+32, -8.557385639806693e+29,
    2.715581773544907e+27, -9.677028801069846e+24, 3.900121292034e+22, -1.792162323051699e+20, 9.47628809926011e+17,
    -5827244631566907.0, 42189715702840.97, -364901081884.98334, 3836255180.2304335, -50069589.531988926,
    832859.3040162893, -18257.755474293175, 551.3358961220206, -24.380529699556064, 1.7277275025844574,
    -0.22710800170898438, 0.0732421875, -0.125,
)  # fmt: skip
ODD_0_TAILS = (
    -2.969420250542481e+20, -7.779961037518137e+18, 1.4362155787000784e+16, 38014307486531.32, 32742168470.25724,
    -880973047.3409053, 1344729.1472452183, -6588.721793536038, -28.913115220044226, -0.1701090893230474,
    -0.0038260766403908925, -1.9125731907200446e-05, 4.386630815333497e-08, 2.341696278752208e-10,
    -2.2408325195399925e-12, 5.204725539442734e-13, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
)  # fmt: skip
EVEN_1_PAIRS = (
    2.4647622995076966e+36, -6.016986475543258e+33, 1.6256217786145938e+31, -4.887104282042795e+28,
    1.6447391230641874e+26, -6.2386705823747e+23, 2.687496750276277e+21, -1.3262572853205555e+19,
    7.572616461117957e+16, -506056850331472.6, 4011838599133.1978, -38338575207.427895, 450278600.3050393,
    -6656367.718817688, 127641.2726461746, -3302.2722944808525, 121.59789187653587, -6.883914268109947,
    0.6765925884246826, -0.144195556640625, 0.1171875, 1.0,
)  # fmt: skip
EVEN_1_TAILS = (
    -1.4687993783778613e+19, 1.0011133395068138e+17, -838347813526005.6, -3336115539465.886, 14365375577.06252,
    51955442.49230794, -246762.49277109918, -243.91689189804174, -0.3038227478836674, 0.009271898452188674,
    -5.5714054564301925e-05, -2.774563762138367e-07, 1.3157441722181378e-08, 4.6174256811745e-10,
    -8.452127886471317e-13, -1.4210854715202004e-14, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
)  # fmt: skip
ODD_1_PAIRS = (
    -5.173851326960778e+37, 1.2028469609797908e+35, -3.0871182815036758e+32, 8.791834561445232e+29,
    -2.7942942887201215e+27, 9.974783533410458e+24, -4.027994121281017e+22, 1.8550452115798288e+20,
    -9.83388387659068e+17, 6065091351222699.0, -44064814178522.79, 382701134659.8606, -4043620325.107754,
    53104110.10968523, -890297.8767070678, 19718.37591223663, -603.8440767050702, 27.248827311268542,
    -1.993531733751297, 0.2775764465332031, -0.1025390625, 0.375,
)  # fmt: skip
ODD_1_TAILS = (
    2.5262190058177104e+21, 7.288846097442924e+18, 1.4275001402632522e+16, -6281311773277.713, -1821314577.3371606,
    -1041174477.8486053, -288673.3160073565, -2953.0072663398905, 34.834364850989296, 0.29950129705051876,
    0.003475291157741599, -2.2712407741556303e-06, -7.574987658667265e-09, -2.731888592175601e-09,
    -4.1762163172087696e-11, 4.565237077258644e-13, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
)  # fmt: skip


def _underflows(n: float, a: float) -> float:
    """1 if (a/2)^n/n!, which bounds J_n(a), is below the least float, else 0."""
    if 0.5 * a > 0.0:
        return 1.0 if n * math.log(0.5 * a) - lgamma(n + 1.0) < -800.0 else 0.0
    return 1.0 if n > 0.0 else 0.0


def _power_series(n: float, a: float, sign: float) -> float:
    """J_n(a), sign = -1, or I_n(a), sign = 1 (DLMF 10.2.2 and 10.25.2), for n >= 0 and a > 0; nan where terms cancel so
    that a pair is too short."""
    half = (0.5 * a, 0.0)
    square = times(multiplied(half, half), sign)
    term = (1.0, 0.0)
    y = (1.0, 0.0)
    most = 1.0
    k = 1.0
    while abs(term[0]) > 1e-34 * most:
        term = divided(multiplied(term, square), (k * (n + k), 0.0))
        y = plus(y, term)
        if abs(term[0]) > most:
            most = abs(term[0])
        k += 1.0
    if abs(y[0]) < 1e-14 * most:
        return nan
    k = 1.0
    while k <= n:
        y = divided(multiplied(y, half), (k, 0.0))
        k += 1.0
    return y[0]


def _wave(even: Pair, odd: Pair, s: Pair, c: Pair, quarter: float) -> Pair:
    """even*cos(x) - odd*sin(x), where x is some quarter turns and the angle of this sine and cosine."""
    y = plus(multiplied(even, s), multiplied(odd, c))
    if quarter % 2.0 == 0.0:
        y = minus(multiplied(even, c), multiplied(odd, s))
    return y if quarter == 0.0 or quarter == 3.0 else (-y[0], -y[1])


def _recurred(n: float, a: float) -> float:
    """J_n(a), divided by sqrt(2/(pi a)), for n = 2, 3, … <= a and SERIES <= a < FAR; nan beside
    a zero."""
    t = divided((1.0, 0.0), (a, 0.0))
    square = multiplied(t, t)
    turns = math.floor(a * TWO_OVER_PI)
    r = _beyond(a, 2.0 * turns + 1.0)
    s = _sine(r, 1.0)
    c = _sine(r, 0.0)
    even = (0.0, 0.0)
    odd = (0.0, 0.0)
    for high, low, other, under in zip(EVEN_0_PAIRS, EVEN_0_TAILS, ODD_0_PAIRS, ODD_0_TAILS):
        even = plus(multiplied(even, square), (high, low))
        odd = plus(multiplied(odd, square), (other, under))
    before = _wave(even, multiplied(odd, t), s, c, turns % 4.0)
    even = (0.0, 0.0)
    odd = (0.0, 0.0)
    for high, low, other, under in zip(EVEN_1_PAIRS, EVEN_1_TAILS, ODD_1_PAIRS, ODD_1_TAILS):
        even = plus(multiplied(even, square), (high, low))
        odd = plus(multiplied(odd, square), (other, under))
    y = _wave(even, multiplied(odd, t), s, c, (turns - 1.0) % 4.0)
    k = 1.0
    while k < n:
        after = minus(times(multiplied(y, t), 2.0 * k), before)
        before = y
        y = after
        k += 1.0
    return y[0] if abs(y[0]) > 1e-10 else nan


def whole_j(n: float, a: float) -> float:
    """J_n(a) for an integer n, |n| at most SPARE."""
    if not (abs(n) <= SPARE and n % 1.0 == 0.0):
        return nan
    sign = 1.0 if n % 2.0 == 0.0 else -1.0
    if n < 0.0:
        return sign * whole_j(-n, a)
    if n <= 1.0:
        return j0(a) if n == 0.0 else j1(a)
    if a < 0.0:
        return sign * whole_j(n, -a)
    if not a < inf:
        return 0.0 if a == inf else a
    if a < SERIES:
        y = _power_series(n, a, -1.0) if not _underflows(n, a) else 0.0
        return y if y == y else fixed_bessel.of_first_kind(n, a)
    if a < n or a >= FAR:
        return fixed_bessel.of_first_kind(n, a) if not _underflows(n, a) else 0.0
    y = _recurred(n, a)
    return y / math.sqrt(math.pi * (0.5 * a)) if y == y else fixed_bessel.of_first_kind(n, a)


def _asymptotic(n: float, a: float) -> float:
    """I_n(a) e^-a sqrt(2 pi a) (DLMF §10.40(i)), for n^2 <= a and a >= SERIES."""
    y = 0.0
    term = 1.0
    k = 1.0
    while abs(term) > 1e-18 and k < 60.0:
        term = term * ((2.0 * k - 1.0) * (2.0 * k - 1.0) - 4.0 * n * n) / (8.0 * k * a)
        y += term
        k += 1.0
    return 1.0 + y


def whole_i(n: float, a: float) -> float:
    """I_n(a) for an integer n, |n| at most SPARE."""
    if not (abs(n) <= SPARE and n % 1.0 == 0.0):
        return nan
    n = abs(n)
    if n <= 1.0:
        return i0(a) if n == 0.0 else i1(a)
    if a < 0.0:
        return whole_i(n, -a) if n % 2.0 == 0.0 else -whole_i(n, -a)
    if not a < 2000.0:
        return inf if a >= 2000.0 else a
    if a == 0.0 or a < 1.0 and _underflows(n, a):
        return 0.0
    if a >= SERIES and n * n <= a:
        return growing(a, _asymptotic(n, a) / SQRT_TAU) if a < 717.0 else inf
    # The terms have one sign, so that none cancel; the largest, where k*(n + k) is a^2/4, comes before k = a.
    return _power_series(n, a, 1.0) if a < 200.0 else fixed_bessel.first_kind(n, a, 1.0)
