"""The ops over arrays, made by `python -m wengert.ops.arrays.generate`. Do not edit."""

# ruff: noqa
# fmt: off
# mypy: ignore-errors

from __future__ import annotations

import math

import numpy as np

from .forms import (
    _polynomial, acos, acosh, add, asin, asinh, atan, atan2, atanh, cbrt, ceil, copy, copysign, cos, cosh, cube,
    deg2rad, divide, each, eq, exp, exp10, exp2, expm1, fabs, floor, floor_mod, fmod, fsum, gate, ge, gt, hypot,
    isfinite, isinf, isnan, kept, largest, le, log, log10, log1p, log2, logical_and, logical_not, logical_or, lt, mul,
    ne, neg, pow, power, rad2deg, reciprocal, relu, rint, share, sigmoid, sign, sign_left, sign_right, sin, sinh,
    smallest, softplus, split, sqrt, square, step, step_left, step_right, sub, tan, tanh, ties, trunc, where,
)

DOUBLED_LOG_2_HIGH = 0.6931471805599453
DOUBLED_LOG_2_TAIL = 2.3190468138462996e-17
SPLITTER = 134217729.0
FAR = 700.0
FIRST_SERIES = (2.1449716601146855e-20, 6.863909312366994e-19, 2.333729166204778e-17, 6.534441665373378e-16,
    1.9603324996120133e-14, 4.704797999068832e-13, 1.2232474797578965e-11, 2.4464949595157927e-10,
    5.382288910934745e-09, 8.611662257495591e-08, 1.5500992063492063e-06, 1.8601190476190478e-05,
    0.00026041666666666666, 0.0020833333333333333, 0.020833333333333332, 0.08333333333333333, 0.5)
SLOPE_SERIES = (9.190238303036615e-20, -3.3490715245950057e-18, 1.2119806222392504e-16, -4.349737397116123e-15,
    1.545491170130012e-13, -5.423488474116132e-12, 1.873555114295855e-10, -6.3410281664249915e-09,
    2.08767569878681e-07, -6.613756613756614e-06, 0.0001984126984126984, -0.005555555555555556, 0.16666666666666666)
FEW = 9.0
TAU = 6.283185307179586
ZETA_BEYOND = (1.9107760075436992e-27, 1.7196985416055782e-26, 1.5477289031520569e-25, 1.3929563579707038e-24,
    1.2536612743942848e-23, 1.1282960305241183e-22, 1.0154678412230818e-21, 9.139233192043922e-21,
    8.225346069033828e-20, 7.40286938238577e-19, 6.662675132429289e-18, 5.996555960166587e-17, 5.397137809202939e-16,
    4.857804189667247e-15, 4.372632654299232e-14, 3.9363451738498467e-13, 3.5442758688546123e-12,
    3.1923626170490006e-11, 2.8771746654611316e-10, 2.5959993748398565e-09, 2.3470346151871732e-08,
    2.1297880870482925e-07, 1.9459283080482987e-06, 1.8012627818085337e-05, 0.00017110619794433938,
    0.0017180619844491397, 0.019823233711138193, 0.39493406684822646)
NONE = 1e-300
ENDLESS = 1500.0
UNSPLIT = 1e+150
SCALE_UP = 4.149515568880993e+180
LOG_TWO = 0.6931471805599453
HALF_PI = 1.5707963267948966
INTEGERS = 4503599627370496.0
PI_TAIL = 1.2246467991473532e-16
DSINC_SERIES = (1.3217901389162318e-12, -7.365893777096947e-11, 3.4330769499642866e-09, -1.3148481279991994e-07,
    4.049947846619244e-06, -9.766223126318933e-05, 0.001781145516372852, -0.023460810354558236, 0.2091827825412384,
    -1.1445109447325053, 3.2469697011334144, -3.289868133696453)
DOUBLED_TINY_ARGUMENT = 3.8725919148493183e-121
DOUBLED_TINY = 7.888609052210118e-31
LOG_2 = 0.6931471805599453
ERF = (5.957176147748911e-11, -7.798543168142326e-10, 9.387642467190585e-09, -1.0420369437776738e-07,
    1.053644949301286e-06, -9.614808686837411e-06, 7.82964952550334e-05, -0.0005611894221159957, 0.003480274496665589,
    -0.018283884489152906, 0.07940998675593483, -0.2810721780454342, 0.9654687386698673)
ERFC_ONE = (-3.914617199714194e-08, 1.3784633743013745e-07, -4.299143543295316e-07, 1.4340410570175926e-06,
    -4.675888436513413e-06, 1.4754609192515983e-05, -4.5143861219947744e-05, 0.0001336627622717746,
    -0.00038195453301478085, 0.0010502694181821256, -0.002769064775600966, 0.0069701423740626415, -0.0166618690904203,
    0.03757229621531269, -0.07922696894132669, 0.15437156137190824, -0.27321201478389856, 0.427583576155807)
ERFC_THREE = (-1.7389691318384406e-15, 8.917674265404143e-15, -2.884173047236096e-14, 1.419159613951075e-13,
    -7.548685216510444e-13, 3.6272024502846704e-12, -1.700654000438509e-11, 7.913300893653138e-11,
    -3.623708722866264e-10, 1.62995493231485e-09, -7.199969538787173e-09, 3.120928105461893e-08,
    -1.326254429135298e-07, 5.519758343393618e-07, -2.24737343182466e-06, 8.940156044377605e-06,
    -3.469860957792228e-05, 0.00013118180053100397, -0.00048219508498104584, 0.0017195818852891668,
    -0.005934337896997977, 0.019758592987322864, -0.06323763756063484, 0.1936620962790687)
ERFC_TAIL = (70499286.15749022, -9073951.439007865, 967490.2456548071, -141449.88510975725, 22326.508715299027,
    -3691.4849225914018, 659.3178720339085, -128.91443536906925, 28.027558185464255, -6.9262845010710805,
    2.007721642290416, -0.7163437017186061, 0.34160334139392906, -0.25836176539251227, 0.5557581685752836)
ONE_OVER_SQRT_TAU = 0.3989422804014327
NORMAL_TAIL = (-135135.0, 10395.0, -945.0, 105.0, -15.0, 3.0, -1.0, 1.0)
SQRT_TAU = 2.5066282746310007
SQRT_HALF = 0.7071067811865476
SQRT_HALF_TAIL = -4.833646656726457e-17
TWO_OVER_SQRT_PI = 1.1283791670955126
STIRLING = (-156.84828462600203, 13.402864044168393, -1.3924322169059011, 0.17964437236883057, -0.02955065359477124,
    0.006410256410256411, -0.0019175269175269174, 0.0008417508417508418, -0.0005952380952380952,
    0.0007936507936507937, -0.002777777777777778, 0.08333333333333333)
GAMMA_ONE = (-0.00011918060538282103, 0.00017877054902846353, -8.938401795176073e-05, 0.00013407432206073702,
    -0.000318425630316548, 0.0004776274435437428, -0.0006721864891915583, 0.0010082112193192704,
    -0.001522718358989335, 0.0022836521947962353, -0.003422726711413278, 0.0051315298230765775, -0.007690216677416653,
    0.011522523362156005, -0.017222442878105718, 0.0258376061027181, -0.03800193556100107, 0.058610303826380196,
    -0.07752305229977173, 0.14464535904449782, -0.10729480456477264, 0.4148134536883018, 0.03233839744888502,
    0.886226925452758)
SQRT_HALF_PI = 1.2533141373155003
LGAMMA_TWO = (-1.4586003484400256e-08, 3.8720781951940836e-08, -8.772358424774663e-08, 2.353723932844072e-07,
    -6.421417451955873e-07, 1.745641275403404e-06, -4.786379987514225e-06, 1.3275711130257407e-05,
    -3.735336940027229e-05, 0.00010710021010234954, -0.00031505925035239633, 0.0009610979285520405,
    -0.0030951822936174096, 0.0108770015141976, -0.0448058426973846, 0.2675817993988097, 0.5693657409458384)
LGAMMA_ONE = (-7.760660152513446e-06, 1.2140008083973407e-05, -8.355075869795273e-06, 1.3186019073996835e-05,
    -2.7201673025504752e-05, 4.30276814976503e-05, -6.614136022346414e-05, 0.00010535512483785591,
    -0.0001689178215524898, 0.00027131373861446925, -0.00043799307479613914, 0.000711519067515296,
    -0.0011644145847310124, 0.0019229163127905161, -0.0032120740737152814, 0.005446457839126065,
    -0.009425622448525798, 0.01679709863127416, -0.031308487501010646, 0.06291140107456439, -0.14595989591430608,
    0.4831289505409809)
LGAMMA_HALF = (34.64325505271053, -27.170206235412312, 9.445602711484627, -7.48243947744518, 7.713228546069879,
    -6.126941593906933, 4.735752620757527, -3.792472658993895, 3.0587811367878714, -2.4736548706160755,
    2.012532859713047, -1.649503561849544, 1.3637706132785918, -1.139603042604453, 0.9651524984452418,
    -0.83191157741086, 0.7347350816814948, -0.672987944712019, 0.6552243694415055, -0.7199661103625574,
    1.0909482962451627, -0.8131238057251815)
DOUBLED_HALF_LOG_TAU_HIGH = 0.9189385332046728
DOUBLED_HALF_LOG_TAU_TAIL = -3.878294158067242e-17
DOUBLED_BERNOULLI_OVER = (1, -1, 1, -1, 5, -691, 7, -3617, 43867, -174611, 854513, -236364091, 8553103)
DOUBLED_BERNOULLI_UNDER = (6, 30, 42, 30, 66, 2730, 6, 510, 798, 330, 138, 2730, 6)
STIRLING_DIGAMMA = (-26.456212121212122, 3.0539543302701198, -0.4432598039215686, 0.08333333333333334,
    -0.02109279609279609, 0.007575757575757576, -0.004166666666666667, 0.003968253968253968, -0.008333333333333333,
    0.08333333333333333)
DIGAMMA_ZERO = 1.4616321449683622
DIGAMMA_ZERO_TAIL = 9.549995429965697e-17
DIGAMMA_ONE = (0.00011881232908510335, -0.0001782188548855923, 9.653646261410062e-05, -0.00014480643368061614,
    0.00032395945401345196, -0.00048595039220036254, 0.0006909255761282986, -0.0010364584817312839,
    0.0015633696313653504, -0.0023454947397380833, 0.003518106563802472, -0.005279937255532708, 0.007927021796868154,
    -0.011908220105959716, 0.017907248317313294, -0.026975796659787055, 0.040760833940846085, -0.06192213327548831,
    0.09498872445289039, -0.14840492305388092, 0.24054248424078697, -0.4236274212814606, 0.9510558760318328)
DIGAMMA_HALF = (1999.5247858005105, -1499.6435910126206, 374.91090149325004, -281.18318058747207, 333.9050314481213,
    -250.42878737213283, 176.22769042388904, -132.17081004285265, 99.82109957883625, -74.86595411139697,
    56.1223402409593, -42.092152415810865, 31.570531153621168, -23.679121593498408, 17.761480940329218,
    -13.32490996870351, 10.000425894359863, -7.512397922143901, 5.656277857282886, -4.283358575638436,
    3.293885422475107, -2.651316608168825, 2.5418796476716063, -1.0858608797864722)
BERNOULLI = (0.16666666666666666, -0.03333333333333333, 0.023809523809523808, -0.03333333333333333,
    0.07575757575757576, -0.2531135531135531, 1.1666666666666667, -7.092156862745098, 54.971177944862156,
    -529.1242424242424, 6192.123188405797, -86580.25311355312, 1425517.1666666667)
PI_SQUARED = 9.869604401089358
SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
TINY_EXP = -700.0
EXP_MINUS_64 = 1.603810890548638e-28


def truncated_mod(a, b):
    return np.where((b != 0.0) & (fabs(a) < np.inf), fmod(a, b), a * np.nan)


def clip(a, lo, hi):
    return smallest(largest(a, lo), hi)


def share_sole(m, a, k):
    return np.where((a == m) & (k == 1.0), 1.0, np.where(m != m, m, 0.0))


def share_all(m, a, k):
    return np.where(a == m, 1.0, np.where(m != m, m, 0.0))


def logarithm(a, b):
    return split(b == 2.0, lambda a, b: log2(a), lambda a, b: split(b == 10.0, lambda a, b: log10(a), lambda a, b: split(b != 1.0, lambda a, b: divide(log(a), log(b)), lambda a, b: np.nan, a, b), a, b), a, b)


def logaddexp(a, b):
    def no_1(a, b):
        chosen1_1 = a < b
        a, b = kept(chosen1_1, b, a), kept(chosen1_1, a, b)
        def no1_2(a, b):
            gap, error = difference(b, a)
            def no2_1(a, b, gap, error):
                rest = log1p(exp(gap) * (1.0 + error))
                y = a + rest
                return split(fabs(y) > 0.5 * rest, lambda a, b, y: y, lambda a, b, y: doubled_logaddexp(a, b), a, b, y)

            return split(gap < -750.0, lambda a, b, gap, error: a, no2_1, a, b, gap, error)

        return split((b == -np.inf) | (a == np.inf), lambda a, b: a, no1_2, a, b)

    return split((a != a) | (b != b), lambda a, b: a + b, no_1, a, b)


def difference(a, b):
    high = a - b
    c = high - a
    return (high, a - (high - c) - (b + c))


def doubled_logaddexp(a, b):
    y = doubled_log(doubled_plus(doubled_exp((a, 0.0)), doubled_exp((b, 0.0))))
    return y[0]


def doubled_exp(x):
    doublings = rint(x[0] / DOUBLED_LOG_2_HIGH)
    x = doubled_minus(x, doubled_times((DOUBLED_LOG_2_HIGH, DOUBLED_LOG_2_TAIL), doublings))
    x = (x[0] / 256.0, x[1] / 256.0)
    term = (1.0, 0.0)
    y = (1.0, 0.0)
    k = 1.0
    going_1 = fabs(term[0]) > 1e-36
    while np.any(going_1):
        term = kept(going_1, doubled_divided(doubled_multiplied(term, x), (k, 0.0)), term)
        y = kept(going_1, doubled_plus(y, term), y)
        k = kept(going_1, k + 1.0, k)
        going_1 = going_1 & (fabs(term[0]) > 1e-36)
    k = 0.0
    going_2 = k < 8.0
    while np.any(going_2):
        y = kept(going_2, doubled_multiplied(y, y), y)
        k = kept(going_2, k + 1.0, k)
        going_2 = going_2 & (k < 8.0)
    scale = pow(2.0, doublings)
    return (y[0] * scale, y[1] * scale)


def doubled_times(x, a):
    p = product(x[0], a)
    return doubled_total(p[0], p[1] + x[1] * a)


def product(a, b):
    high = a * b
    c = SPLITTER * a
    a1 = c - (c - a)
    a2 = a - a1
    c = SPLITTER * b
    b1 = c - (c - b)
    b2 = b - b1
    return (high, a1 * b1 - high + a1 * b2 + a2 * b1 + a2 * b2)


def doubled_total(a, b):
    high = a + b
    c = high - a
    return (high, a - (high - c) + (b - c))


def doubled_minus(x, y):
    return doubled_plus(x, (-y[0], -y[1]))


def doubled_plus(x, y):
    s = doubled_total(x[0], y[0])
    t = doubled_total(x[1], y[1])
    s = doubled_total(s[0], s[1] + t[0])
    return doubled_total(s[0], s[1] + t[1])


def doubled_multiplied(x, y):
    p = product(x[0], y[0])
    return doubled_total(p[0], p[1] + (x[0] * y[1] + x[1] * y[0]))


def doubled_divided(x, y):
    q = x[0] / y[0]
    rest = doubled_minus(x, doubled_times(y, q))
    r = rest[0] / y[0]
    rest = doubled_minus(rest, doubled_times(y, r))
    return doubled_plus(doubled_total(q, r), (rest[0] / y[0], 0.0))


def doubled_log(x):
    y = log(x[0])
    rest = doubled_minus(doubled_multiplied(x, doubled_exp((-y, 0.0))), (1.0, 0.0))
    return doubled_plus((y, 0.0), doubled_minus(rest, doubled_times(doubled_multiplied(rest, rest), np.float64(0.5))))


def xlogx(a):
    return np.where(a != 0.0, a * log(a), 0.0)


def xlogy(a, b):
    return np.where((a != 0.0) | (b != b), a * log(b), 0.0)


def xlog1py(a, b):
    return np.where((a != 0.0) | (b != b), a * log1p(b), 0.0)


def exprel(a):
    def no_1(a):
        def no1_1(a):
            half = exp(0.5 * a)
            return np.where(a < np.inf, half / a * half, np.inf)

        return split(np.logical_not(a > FAR), lambda a: expm1(a) / a, no1_1, a)

    return split(a == 0.0, lambda a: 1.0, no_1, a)


def dexprel(n, a):
    def no_1(n, a):
        def no1_1(n, a):
            def no2_1(n, a):
                half = exp(0.5 * a)
                def no3_1(n, a, half):
                    def yes4_1(n, a, half):
                        k = floor(8.0 * sqrt(n + 2.0)) + 18.0
                        y = 1.0
                        going5_1 = k > 0.0
                        while np.any(going5_1):
                            y = kept(going5_1, 1.0 - a / (n + 1.0 + k) * y, y)
                            k = kept(going5_1, k - 1.0, k)
                            going5_1 = going5_1 & (k > 0.0)
                        return half * half * (y / (n + 1.0))

                    def no4_2(n, a, half):
                        k = 0.0
                        def yes5_1(n, a, half, k):
                            y = expm1(a) / a
                            going6_1 = k < n
                            while np.any(going6_1):
                                k = kept(going6_1, k + 1.0, k)
                                y = kept(going6_1, (k * y - half * half) / -a, y)
                                going6_1 = going6_1 & (k < n)
                            return y

                        def no5_2(n, a, half, k):
                            y = -expm1(-a) / a
                            going6_1 = k < n
                            while np.any(going6_1):
                                k = kept(going6_1, k + 1.0, k)
                                y = kept(going6_1, (1.0 - k * y) / a, y)
                                going6_1 = going6_1 & (k < n)
                            return half * y * half

                        return split(a < 0.0, yes5_1, no5_2, n, a, half, k)

                    return split(fabs(a) <= n + 2.0, yes4_1, no4_2, n, a, half)

                return split(n == 1.0, lambda n, a, half: _exprel_slope(a, half), no3_1, n, a, half)

            return split((a == np.inf) | (a == -np.inf), lambda n, a: np.where(a > 0.0, np.inf, 0.0), no2_1, n, a)

        return split((np.logical_not(((0.0 < n) & (n <= 200.0)) & (n % 1.0 == 0.0))) | (a != a), lambda n, a: np.nan, no1_1, n, a)

    return split(n == 0.0, lambda n, a: exprel(a), no_1, n, a)


def _exprel_slope(a, half):
    return np.where(fabs(a) < 1.5, half * _polynomial(FIRST_SERIES, a), np.where(a < 0.0, (1.0 - half * half * (1.0 - a)) / a / a, half * ((a - 1.0 + exp(-a)) / a / a) * half))


def exprelr(a):
    def no_1(a):
        def no1_1(a):
            half = exp(-0.5 * a)
            return np.where(a < np.inf, a * half * half, 0.0)

        return split(np.logical_not(a > FAR), lambda a: a / expm1(a), no1_1, a)

    return split(a == 0.0, lambda a: 1.0, no_1, a)


def dexprelr(n, a):
    def no_1(n, a):
        def no1_1(n, a):
            def no2_1(n, a):
                x = fabs(a)
                def yes3_1(n, a, x):
                    y = _exprelr_far(n, x)
                    return np.where((a < 0.0) & (n % 2.0 == 1.0), -y, y)

                def no3_2(n, a, x):
                    y = split(n <= FEW, _exprelr_near, _exprelr_poles, n, x)
                    return np.where((a < 0.0) & (n % 2.0 == 1.0), -y, y)

                return split(x >= np.where(n < 4.0, 4.0, np.where((n < 6.0) | (n > FEW), n, 6.0)), yes3_1, no3_2, n, a, x)

            return split(n == 1.0, lambda n, a: split(a >= 0.0, _exprelr_slope, lambda a: -1.0 - _exprelr_slope(-a), a), no2_1, n, a)

        return split((np.logical_not(((0.0 < n) & (n <= 150.0)) & (n % 1.0 == 0.0))) | (a != a), lambda n, a: np.nan, no1_1, n, a)

    return split(n == 0.0, lambda n, a: exprelr(a), no_1, n, a)


def _exprelr_slope(x):
    def no_1(x):
        def yes1_1(x):
            half = exp(-0.5 * x)
            return np.where(x < np.inf, (1.0 - x) * half * half, -0.0)

        def no1_2(x):
            b = 1.0 / expm1(x)
            return b * (1.0 - x - x * b)

        return split(x > FAR, yes1_1, no1_2, x)

    return split(x < 1.5, lambda x: _polynomial(SLOPE_SERIES, x * x) * x - 0.5, no_1, x)


def _exprelr_far(n, x):
    half = exp(-0.5 * x)
    q = half * half
    y = np.where(x < np.inf, (n - x) * half * half, 0.0)
    k = 1.0
    term = q
    going_1 = (k < 40.0) & (term > 0.0)
    while np.any(going_1):
        k = kept(going_1, k + 1.0, k)
        term = kept(going_1, term * q, term)
        y = kept(going_1, y + pow(k, n - 1.0) * (n - k * x) * term, y)
        going_1 = going_1 & ((k < 40.0) & (term > 0.0))
    return np.where(n % 2.0 == 1.0, y, -y)


def _exprelr_near(n, x):
    u = x / TAU * (x / TAU)
    y = 0.0
    k = 28.0
    for z in ZETA_BEYOND:
        c = z
        j = 0.0
        going_1 = j < n
        while np.any(going_1):
            c = kept(going_1, c * ((2.0 * k - j) / TAU), c)
            j = kept(going_1, j + 1.0, j)
            going_1 = going_1 & (j < n)
        y = np.where(2.0 * k >= n, c - u * y, y)
        k = k - 1.0
    chosen_2 = n % 2.0 == 1.0
    y = kept(chosen_2, y * (x / TAU), y)
    chosen_3 = ceil(0.5 * n) % 2.0 == 0.0
    y = kept(chosen_3, -y, y)
    return _exprelr_pole(n, x, TAU) + (_exprelr_pole(n, x, 2.0 * TAU) + 2.0 * y)


def _exprelr_pole(n, x, w):
    angle = (n + 1.0) * atan(x / w)
    turn = (n + 1.0) % 4.0
    y = np.where(turn % 2.0 == 0.0, sin(angle), cos(angle))
    r = hypot(x, w)
    y = y * (2.0 * w / r)
    k = 0.0
    going_1 = k < n
    while np.any(going_1):
        k = kept(going_1, k + 1.0, k)
        y = kept(going_1, y * (k / r), y)
        going_1 = going_1 & (k < n)
    return np.where((turn == 2.0) | (turn == 3.0), y, -y)


def _exprelr_poles(n, x):
    y = 0.0
    k = 120.0
    going_1 = k > 0.0
    while np.any(going_1):
        y = kept(going_1, y + _exprelr_pole(n, x, k * TAU), y)
        k = kept(going_1, k - 1.0, k)
        going_1 = going_1 & (k > 0.0)
    return y


def exprel_product(a, b):
    u = a * b
    def no_1(a, b, u):
        scale = np.where(fabs(b) > UNSPLIT, SCALE_UP, np.where(fabs(a) > UNSPLIT, 1.0 / SCALE_UP, 1.0))
        low = product(a * scale, b / scale)[1]
        half = exp(0.5 * u)
        return np.where(u > FAR, half / a * (half + half * low), (expm1(u) + half * half * low) / a)

    return split(np.logical_not((NONE < fabs(u)) & (fabs(u) < ENDLESS)), lambda a, b, u: np.where(fabs(u) <= NONE, b, divide(expm1(u), a)), no_1, a, b, u)


def exprelr_quotient(a, b):
    u = divide(a, b)
    def no_1(a, b, u):
        def no1_1(a, b, u):
            def no2_1(a, b, u):
                scale = np.where(fabs(b) > UNSPLIT, 1.0 / SCALE_UP, np.where(fabs(b) < 1.0 / UNSPLIT, SCALE_UP, 1.0))
                high, low = product(u, b * scale)
                rest = (a * scale - high - low) / (b * scale)
                part = -expm1(-u)
                half = exp(-0.5 * u)
                return a / part * half * (half - half * (rest / part))

            return split(u > ENDLESS, lambda a, b, u: 0.0, no2_1, a, b, u)

        return split(np.logical_not(u > 1.0), lambda a, b, u: divide(a, expm1(u)), no1_1, a, b, u)

    return split(fabs(u) <= NONE, lambda a, b, u: b, no_1, a, b, u)


def bose_einstein(a):
    return split(np.logical_not(a > FAR), lambda a: reciprocal(expm1(a)), lambda a: exp(-a), a)


def log1mexp(a):
    return split(np.logical_not(a < 0.0), lambda a: np.where(a == 0.0, -np.inf, np.nan), lambda a: split(a > -LOG_TWO, lambda a: log(-expm1(a)), lambda a: log1p(-exp(a)), a), a)


def exp_difference(a, b):
    def no_1(a, b):
        larger = np.maximum(a, b)
        part = -expm1(-fabs(a - b))
        half = exp(0.5 * larger)
        y = np.where(fabs(larger) > FAR, half * part * half, exp(larger) * part)
        return np.where(a > b, y, -y)

    return split(a == b, lambda a, b: np.where(a < np.inf, 0.0, np.nan), no_1, a, b)


def sqrt1pm1(a):
    return np.where(np.logical_not(a < np.inf), a, np.where(a >= -1.0, a / (sqrt(1.0 + a) + 1.0), np.nan))


def versine(a):
    half = sin(0.5 * a)
    return 2.0 * half * half


def sec(a):
    return np.where((-np.inf < a) & (a < np.inf), 1.0 / cos(a), np.nan)


def csc(a):
    return np.where(a == 0.0, copysign(np.inf, a), np.where((-np.inf < a) & (a < np.inf), 1.0 / sin(a), np.nan))


def cot(a):
    return np.where(a == 0.0, copysign(np.inf, a), np.where((-np.inf < a) & (a < np.inf), 1.0 / tan(a), np.nan))


def asec(a):
    def no_1(a):
        def no1_1(a):
            y = atan(sqrt((a - 1.0) * (a + 1.0)))
            return np.where(a > 0.0, y, np.pi - y)

        return split(fabs(a) >= 2.0, lambda a: acos(1.0 / a), no1_1, a)

    return split(np.logical_not(fabs(a) >= 1.0), lambda a: np.nan, no_1, a)


def acsc(a):
    return np.where(np.logical_not(fabs(a) >= 1.0), np.nan, np.where(fabs(a) >= 2.0, asin(1.0 / a), copysign(atan2(1.0, sqrt((a - 1.0) * (a + 1.0))), a)))


def acot(a):
    return np.where(a != 0.0, atan(1.0 / a), copysign(HALF_PI, a))


def sinc(a):
    def no_1(a):
        def yes1_1(a):
            def no2_1(a):
                high, low = product(a, np.pi)
                y = sin_cos_pi(a)[0] / high
                return y - y * (low + a * PI_TAIL) / high

            return split(np.logical_not((1e-10 < fabs(a)) & (fabs(a) < INTEGERS)), lambda a: np.where(fabs(a) < 1.0, 1.0, 0.0), no2_1, a)

        return split((-np.inf < a) & (a < np.inf), yes1_1, lambda a: np.where(a != a, np.nan, 0.0), a)

    return split(a == 0.0, lambda a: 1.0, no_1, a)


def sin_cos_pi(a):
    turn = fmod(a, 2.0)
    quarters = rint(2.0 * turn)
    rest = turn - 0.5 * quarters
    angle, error = split(fabs(rest) > 1e-280, lambda rest: product(rest, np.pi), lambda rest: (rest * np.pi, 0.0), rest)
    error = error + rest * PI_TAIL
    s, c = (sin(angle), cos(angle))
    s, c = (s + c * error, c - s * error)
    quarters = quarters % 4
    return (np.where(quarters == 0, s, np.where(quarters == 1, c, np.where(quarters == 2, -s, -c))), np.where(quarters == 0, c, np.where(quarters == 1, -s, np.where(quarters == 2, -c, s))))


def dsinc(n, a):
    def no_1(n, a):
        def no1_1(n, a):
            def no2_1(n, a):
                def yes3_1(n, a):
                    s, c = sin_cos_pi(a)
                    s = s / (np.pi * a)
                    def no4_1(n, a, s, c):
                        def no5_1(n, a, s, c):
                            def yes6_1(n, a, s, c):
                                s, c = sin_cos_pi(np.where(fabs(a) < 1000000000000000.0, a + 0.5 * fmod(n, 4.0), a))
                                return copysign(np.inf, c * (n + 1.0) + np.pi * a * s)

                            return split(n > 1300.0, yes6_1, lambda n, a, s, c: doubled_dsinc(n, a), n, a, s, c)

                        return split((n == 1.0) & (fabs(a) < 0.5), lambda n, a, s, c: a * _dsinc_series(a * a), no5_1, n, a, s, c)

                    return split(fabs(c - s) > 0.5 * fabs(s), lambda n, a, s, c: (c - s) / a, no4_1, n, a, s, c)

                def no3_2(n, a):
                    def no4_1(n, a):
                        def yes5_1(n, a):
                            s, c = sin_cos_pi(np.where(fabs(a) < 1000000000000000.0, a + 0.5 * fmod(n, 4.0), a))
                            return copysign(np.inf, c * (n + 1.0) + np.pi * a * s)

                        return split(n > 1300.0, yes5_1, doubled_dsinc, n, a)

                    return split((n == 1.0) & (fabs(a) < 0.5), lambda n, a: a * _dsinc_series(a * a), no4_1, n, a)

                return split((n == 1.0) & (fabs(a) > 0.5), yes3_1, no3_2, n, a)

            return split((a == np.inf) | (a == -np.inf), lambda n, a: 0.0, no2_1, n, a)

        return split((np.logical_not(((0.0 < n) & (n <= 200.0)) & (n % 1.0 == 0.0))) | (a != a), lambda n, a: np.nan, no1_1, n, a)

    return split(n == 0.0, lambda n, a: sinc(a), no_1, n, a)


def _dsinc_series(u):
    y = 0.0
    for c in DSINC_SERIES:
        y = y * u + c
    return y


def doubled_dsinc(n, a):
    def yes_1(n, a):
        near = doubled_dsinc(n, a / DOUBLED_TINY_ARGUMENT * DOUBLED_TINY)
        return np.where(n % 2.0 == 1.0, near / DOUBLED_TINY * DOUBLED_TINY_ARGUMENT, near)

    def no_2(n, a):
        def yes1_1(n, a):
            sign = np.where(n % 4.0 < 2.0, 1.0, -1.0)
            m = np.where(n % 2.0 == 1.0, n - 1.0, n - 2.0)
            scale = pow(np.pi, m) * (1.0 + m * (PI_TAIL / np.pi))
            return np.where(m == n - 1.0, sign * scale / a, sign * n * scale / a / a)

        def no1_2(n, a):
            z = doubled_times((np.pi, PI_TAIL), a)
            k = 0.0
            y = (0.0, 0.0)
            def yes2_1(n, a, z, k, y):
                y = doubled_divided(doubled_sin_pi(a, np.float64(0.0)), z)
                going3_1 = k < n
                while np.any(going3_1):
                    k = kept(going3_1, k + 1.0, k)
                    y = kept(going3_1, doubled_divided(doubled_minus(doubled_sin_pi(a, k), doubled_times(y, k)), z), y)
                    going3_1 = going3_1 & (k < n)
                scale = pow(np.pi, 0.5 * n)
                return y[0] * scale * scale * (1.0 + n * (PI_TAIL / np.pi))

            def no2_2(n, a, z, k, y):
                k = n + floor(14.0 * sqrt(n)) + 80.0
                going3_1 = k > n
                while np.any(going3_1):
                    y = kept(going3_1, doubled_divided(doubled_minus(doubled_sin_pi(a, k), doubled_multiplied(z, y)), (k, 0.0)), y)
                    k = kept(going3_1, k - 1.0, k)
                    going3_1 = going3_1 & (k > n)
                scale = pow(np.pi, 0.5 * n)
                return y[0] * scale * scale * (1.0 + n * (PI_TAIL / np.pi))

            return split(fabs(z[0]) > n, yes2_1, no2_2, n, a, z, k, y)

        return split(fabs(a) >= 2.0 * INTEGERS, yes1_1, no1_2, n, a)

    return split((0.0 < fabs(a)) & (fabs(a) < DOUBLED_TINY_ARGUMENT), yes_1, no_2, n, a)


def doubled_sin_pi(a, quarter):
    turn = fmod(a, 2.0)
    quarters = rint(2.0 * turn)
    angle = doubled_times((np.pi, PI_TAIL), turn - 0.5 * quarters)
    quarters = (quarters + quarter) % 4.0
    y = doubled__sine(angle, np.where(quarters % 2.0 == 0.0, 1.0, 0.0))
    return split(quarters < 2.0, lambda y: y, lambda y: (-y[0], -y[1]), y)


def doubled__sine(angle, first):
    term = (1.0, 0.0)
    chosen_1 = first == 1.0
    term = kept(chosen_1, angle, term)
    y = term
    square = doubled_multiplied(angle, angle)
    k = first
    going_2 = fabs(term[0]) > 1e-36
    while np.any(going_2):
        term = kept(going_2, doubled_divided(doubled_multiplied(term, square), (-(k + 1.0) * (k + 2.0), 0.0)), term)
        y = kept(going_2, doubled_plus(y, term), y)
        k = kept(going_2, k + 2.0, k)
        going_2 = going_2 & (fabs(term[0]) > 1e-36)
    return y


def sech(a):
    e = exp(-fabs(a))
    return 2.0 * e / (1.0 + e * e)


def csch(a):
    def no_1(a):
        def no1_1(a):
            e = exp(-fabs(a))
            return copysign(2.0 * e / (1.0 - e * e), a)

        return split(fabs(a) < 1.0, lambda a: 1.0 / sinh(a), no1_1, a)

    return split(a == 0.0, lambda a: copysign(np.inf, a), no_1, a)


def coth(a):
    return np.where(a != 0.0, 1.0 / tanh(a), copysign(np.inf, a))


def asech(a):
    return split((0.5 < a) & (a <= 1.0), lambda a: log1p((1.0 - a + sqrt((1.0 - a) * (1.0 + a))) / a), lambda a: np.where((1e-300 < a) & (a <= 0.5), acosh(1.0 / a), np.where((0.0 < a) & (a < 1.0), LOG_2 - log(a), np.where(a == 0.0, np.inf, np.nan))), a)


def acsch(a):
    return np.where(a == 0.0, copysign(np.inf, a), np.where(np.logical_not(fabs(a) < 1e-300), asinh(1.0 / a), copysign(LOG_2 - log(fabs(a)), a)))


def acoth(a):
    return np.where(np.logical_not(fabs(a) > 1.0), np.where(fabs(a) == 1.0, copysign(np.inf, a), np.nan), copysign(0.5 * log1p(2.0 / (fabs(a) - 1.0)), a))


def erf(a):
    return split(fabs(a) < 1.0, lambda a: a * _polynomial(ERF, a * a - 0.5), lambda a: copysign(1.0 - gauss(a) * _erfc_over_gauss(fabs(a)), a), a)


def gauss(a):
    def no_1(a):
        high, low = product(a, a)
        y = exp(-high)
        return y - y * low

    return split(np.logical_not(fabs(a) < 40.0), lambda a: np.where(a != a, a, 0.0), no_1, a)


def _erfc_over_gauss(a):
    return split(a < 1.5, lambda a: _polynomial(ERFC_ONE, a - 1.0), lambda a: np.where(a < 4.0, _polynomial(ERFC_THREE, a - 2.75), _polynomial(ERFC_TAIL, 1.0 / (a * a) - 0.03125) / a), a)


def erfc(a):
    def no_1(a):
        y = gauss(a) * _erfc_over_gauss(fabs(a))
        return np.where(a < 0.0, 2.0 - y, y)

    return split(fabs(a) < 0.5, lambda a: 1.0 - a * _polynomial(ERF, a * a - 0.5), no_1, a)


def normpdf(a):
    return split(fabs(a) < 40.0, lambda a: _gauss_half(a) * ONE_OVER_SQRT_TAU, lambda a: np.where(a != a, a, 0.0), a)


def _gauss_half(a):
    high, low = product(a, a)
    y = exp(-0.5 * high)
    return y - 0.5 * y * low


def ndtr(a):
    def no_1(a):
        def no1_1(a):
            high, low = product(-a, SQRT_HALF)
            low = low - a * SQRT_HALF_TAIL
            return 0.5 * (erfc(high) - TWO_OVER_SQRT_PI * gauss(high) * low)

        return split(np.logical_not(a < 0.0), lambda a: 0.5 * erfc(-a * SQRT_HALF), no1_1, a)

    return split(a < -37.0, lambda a: split(a < -40.0, lambda a: 0.0, lambda a: _gauss_half(a) * (_polynomial(NORMAL_TAIL, 1.0 / (a * a)) / (-a * SQRT_TAU)), a), no_1, a)


def gamma(a):
    def no_1(a):
        def no1_1(a):
            def no2_1(a):
                def yes3_1(a):
                    p, q = _stirling(a)
                    return np.where(a < 140.0, SQRT_TAU * q * p, SQRT_TAU * q * p * p)

                def no3_2(a):
                    def yes4_1(a):
                        rising = 1.0
                        going5_1 = a >= 2.0
                        while np.any(going5_1):
                            a = kept(going5_1, a - 1.0, a)
                            rising = kept(going5_1, rising * a, rising)
                            going5_1 = going5_1 & (a >= 2.0)
                        return rising * _polynomial(GAMMA_ONE, a - 1.5)

                    def no4_2(a):
                        def no5_1(a):
                            def no6_1(a):
                                def no7_1(a):
                                    s, error = product(-a, sin_cos_pi(a)[0])
                                    def yes8_1(a, s, error):
                                        y = np.pi / (s * gamma(-a))
                                        return y - y * (error / s)

                                    def no8_2(a, s, error):
                                        p, q = _stirling(-a)
                                        sq, more = product(s, q)
                                        y = SQRT_HALF_PI / (sq * p)
                                        y = y - y * (error / s + more / sq)
                                        return np.where(a > -140.0, y, y / p)

                                    return split(a > -7.0, yes8_1, no8_2, a, s, error)

                                return split(a < -190.0, lambda a: copysign(0.0, 0.5 - floor(a) % 2), no7_1, a)

                            return split(a > -0.5, lambda a: _polynomial(GAMMA_ONE, a + 0.5) / (1.0 + a) / a, no6_1, a)

                        return split(a > 0.0, lambda a: _polynomial(GAMMA_ONE, a - 0.5) / a, no5_1, a)

                    return split(a > 1.0, yes4_1, no4_2, a)

                return split(a >= 7.0, yes3_1, no3_2, a)

            return split(a % 1.0 == 0.0, lambda a: split(a > 0.0, lambda a: each(lambda a: float(math.factorial(int(a) - 1)), a), lambda a: np.nan, a), no2_1, a)

        return split(np.logical_not((-np.inf < a) & (a <= 171.7)), lambda a: np.where(a == -np.inf, np.nan, np.where(a != a, a, np.inf)), no1_1, a)

    return split(a == 0.0, lambda a: copysign(np.inf, a), no_1, a)


def _stirling(a):
    b = a - 0.5
    q = exp(-a)
    q = q + q * expm1(_polynomial(STIRLING, 1.0 / (a * a)) / a)
    return (pow(a, np.where(a < 140.0, b, 0.5 * b)), q)


def lgamma(a):
    def yes_1(a):
        def yes1_1(a):
            rising = 1.0
            going2_1 = a >= 3.0
            while np.any(going2_1):
                a = kept(going2_1, a - 1.0, a)
                rising = kept(going2_1, rising * a, rising)
                going2_1 = going2_1 & (a >= 3.0)
            return lgamma(a) + log(rising)

        return split(a < 10.0, yes1_1, lambda a: np.where(a > 1e+306, np.inf, (a - 0.5) * (log(a) - 1.0) + (0.4189385332046727 + _polynomial(STIRLING, 1.0 / a / a) / a)), a)

    def no_2(a):
        def no1_1(a):
            def no2_1(a):
                def no3_1(a):
                    def no4_1(a):
                        def no5_1(a):
                            def no6_1(a):
                                def no7_1(a):
                                    other = lgamma(-a)
                                    y = log(np.pi / fabs(a * sin_cos_pi(a)[0])) - other
                                    return split((a < -30.0) | (fabs(y) > np.maximum(1.0, 0.5 * other)), lambda a, y: y, lambda a, y: doubled_lgamma(a), a, y)

                                return split(a > -0.5, lambda a: a * _polynomial(LGAMMA_HALF, a + 0.25) - log(-a), no7_1, a)

                            return split((a % 1.0 == 0.0) | (a == -np.inf), lambda a: np.inf, no6_1, a)

                        return split(a != a, lambda a: a, no5_1, a)

                    return split(a > 0.0, lambda a: a * ((a - 1.0) * _polynomial(LGAMMA_ONE, a - 0.5)) - log(a), no4_1, a)

                return split(a >= 0.5, lambda a: (a - 1.0) * _polynomial(LGAMMA_HALF, a - 0.75), no3_1, a)

            return split(a >= 1.0, lambda a: (a - 1.0) * ((a - 2.0) * _polynomial(LGAMMA_ONE, a - 1.5)), no2_1, a)

        return split(a >= 2.0, lambda a: (a - 2.0) * _polynomial(LGAMMA_TWO, a - 2.5), no1_1, a)

    return split(a >= 3.0, yes_1, no_2, a)


def doubled_lgamma(a):
    s = doubled_sin_pi(a, np.float64(0.0))
    chosen_1 = s[0] < 0.0
    s = kept(chosen_1, (-s[0], -s[1]), s)
    y = doubled_minus(doubled_log(doubled_divided((np.pi, PI_TAIL), s)), doubled_loggamma(doubled_total(np.float64(1.0), -a)))
    return y[0]


def doubled_loggamma(z):
    below = (1.0, 0.0)
    going_1 = z[0] < 40.0
    while np.any(going_1):
        below = kept(going_1, doubled_multiplied(below, z), below)
        z = kept(going_1, doubled_plus(z, (1.0, 0.0)), z)
        going_1 = going_1 & (z[0] < 40.0)
    y = doubled_minus(doubled_multiplied(doubled_minus(z, (0.5, 0.0)), doubled_log(z)), z)
    y = doubled_plus(y, doubled_minus((DOUBLED_HALF_LOG_TAU_HIGH, DOUBLED_HALF_LOG_TAU_TAIL), doubled_log(below)))
    term = doubled_divided((1.0, 0.0), z)
    square = doubled_multiplied(term, term)
    k = 2.0
    for (over, under) in zip(DOUBLED_BERNOULLI_OVER, DOUBLED_BERNOULLI_UNDER):
        y = doubled_plus(y, doubled_divided(doubled_times(term, over), (under * k * (k - 1.0), 0.0)))
        term = doubled_multiplied(term, square)
        k = k + 2.0
    return y


def digamma(a):
    def no_1(a):
        def yes1_1(a):
            terms = []
            going2_1 = a >= 2.0
            while np.any(going2_1):
                a = kept(going2_1, a - 1.0, a)
                terms.append(np.where(going2_1, 1.0 / a, 0.0))
                going2_1 = going2_1 & (a >= 2.0)
            return fsum([digamma(a), *terms])

        def no1_2(a):
            def no2_1(a):
                def no3_1(a):
                    def no4_1(a):
                        def no5_1(a):
                            def no6_1(a):
                                s, c = sin_cos_pi(a)
                                left, right = (digamma(1.0 - a), np.where(c != 0.0, np.pi / (s / c), 0.0))
                                return split(fabs(left - right) > np.maximum(1.0, fabs(left)), lambda a, left, right: left - right, lambda a, left, right: doubled_polygamma(np.float64(0), a), a, left, right)

                            return split((a != a) | (a % 1.0 == 0.0) | (a == -np.inf), lambda a: np.nan, no6_1, a)

                        return split(a == 0.0, lambda a: -copysign(np.inf, a), no5_1, a)

                    return split(a > 0.0, lambda a: (a - (DIGAMMA_ZERO - 1.0)) * _polynomial(DIGAMMA_ONE, a - 0.5) - 1.0 / a, no4_1, a)

                return split(a >= 0.5, lambda a: _polynomial(DIGAMMA_HALF, a - 0.75), no3_1, a)

            return split(a >= 1.0, lambda a: (a - DIGAMMA_ZERO - DIGAMMA_ZERO_TAIL) * _polynomial(DIGAMMA_ONE, a - 1.5), no2_1, a)

        return split(a >= 2.0, yes1_1, no1_2, a)

    return split(a >= 10.0, lambda a: log(a) - (0.5 / a + _polynomial(STIRLING_DIGAMMA, 1.0 / a / a) / a / a), no_1, a)


def doubled_polygamma(n, a):
    beside = a - rint(a)
    f = (beside, 0.0)
    g = doubled_total(np.float64(1.0), -beside)
    chosen_1 = beside < 0.0
    f = kept(chosen_1, doubled_total(np.float64(1.0), beside), f)
    g = kept(chosen_1, (-beside, 0.0), g)
    def yes_2(n, a, beside, f, g):
        y = doubled_plus(doubled_minus(doubled__digamma(doubled_total(np.float64(1.0), -a)), doubled__digamma(g)), doubled__digamma(f))
        return y[0]

    def no_3(n, a, beside, f, g):
        unit = (fabs(beside), 0.0)
        y = doubled_minus(doubled__hurwitz(n, doubled_total(np.float64(1.0), -a), unit), doubled__hurwitz(n, g, unit))
        chosen1_1 = n % 2.0 == 1.0
        y = kept(chosen1_1, (-y[0], -y[1]), y)
        y = doubled_plus(y, doubled__hurwitz(n, f, unit))
        chosen1_2 = n % 2.0 == 0.0
        y = kept(chosen1_2, (-y[0], -y[1]), y)
        root = pow(fabs(beside), -0.5 * (n + 1.0))
        return y[0] * split(n < 171.0, doubled_factorial, lambda n: np.inf, n) * root * root

    return split(n == 0.0, yes_2, no_3, n, a, beside, f, g)


def doubled__digamma(z):
    y = (0.0, 0.0)
    going_1 = z[0] < 40.0
    while np.any(going_1):
        y = kept(going_1, doubled_minus(y, doubled_divided((1.0, 0.0), z)), y)
        z = kept(going_1, doubled_plus(z, (1.0, 0.0)), z)
        going_1 = going_1 & (z[0] < 40.0)
    term = doubled_divided((1.0, 0.0), z)
    square = doubled_multiplied(term, term)
    y = doubled_plus(y, doubled_minus(doubled_log(z), doubled_times(term, np.float64(0.5))))
    term = square
    k = 2.0
    for (over, under) in zip(DOUBLED_BERNOULLI_OVER, DOUBLED_BERNOULLI_UNDER):
        y = doubled_minus(y, doubled_divided(doubled_times(term, over), (under * k, 0.0)))
        term = doubled_multiplied(term, square)
        k = k + 2.0
    return y


def doubled__hurwitz(n, z, unit):
    y = (0.0, 0.0)
    going_1 = z[0] < 2.0 * n + 80.0
    while np.any(going_1):
        y = kept(going_1, doubled_plus(y, doubled_raised(doubled_divided(unit, z), n + 1.0)), y)
        z = kept(going_1, doubled_plus(z, (1.0, 0.0)), z)
        going_1 = going_1 & (z[0] < 2.0 * n + 80.0)
    lead = doubled_raised(doubled_divided(unit, z), n + 1.0)
    tail = doubled_plus(doubled_divided(z, (n, 0.0)), (0.5, 0.0))
    term = doubled_divided(((n + 1.0) / 2.0, 0.0), z)
    square = doubled_multiplied(z, z)
    k = 2.0
    for (over, under) in zip(DOUBLED_BERNOULLI_OVER, DOUBLED_BERNOULLI_UNDER):
        tail = doubled_plus(tail, doubled_divided(doubled_times(term, over), (under, 0.0)))
        term = doubled_divided(doubled_times(term, (n + k) * (n + k + 1.0)), doubled_times(square, (k + 1.0) * (k + 2.0)))
        k = k + 2.0
    return doubled_plus(y, doubled_multiplied(lead, tail))


def doubled_raised(x, n):
    y = (1.0, 0.0)
    going_1 = n > 0.0
    while np.any(going_1):
        chosen_2 = going_1 & (n % 2.0 == 1.0)
        y = kept(chosen_2, doubled_multiplied(y, x), y)
        x = kept(going_1, doubled_multiplied(x, x), x)
        n = kept(going_1, floor(n / 2.0), n)
        going_1 = going_1 & (n > 0.0)
    return y


def doubled_factorial(n):
    y = (DOUBLED_TINY, 0.0)
    going_1 = n > 1.0
    while np.any(going_1):
        y = kept(going_1, doubled_times(y, n), y)
        n = kept(going_1, n - 1.0, n)
        going_1 = going_1 & (n > 1.0)
    return y[0] / DOUBLED_TINY


def trigamma(a):
    def no_1(a):
        def no1_1(a):
            s = sin_cos_pi(a)[0]
            def no2_1(a, s):
                high, low = product(s, s)
                y = PI_SQUARED / high
                return y - (y * (low / high) + polygamma(np.float64(1.0), 1.0 - a))

            return split(fabs(s) < 1e-100, lambda a, s: square(np.pi / s), no2_1, a, s)

        return split((a % 1.0 == 0.0) | (a == -np.inf), lambda a: np.where(a > -np.inf, np.inf, np.nan), no1_1, a)

    return split((a > 0.0) | (a != a), lambda a: polygamma(np.float64(1.0), a), no_1, a)


def polygamma(n, a):
    def no_1(n, a):
        def no1_1(n, a):
            def no2_1(n, a):
                def yes3_1(n, a):
                    p = power(a, -0.5 * n)
                    lead = each(lambda n: math.factorial(int(n) - 1), n) * p * p
                    sign = np.where(n % 2.0 != 0.0, 1.0, -1.0)
                    def no4_1(n, a, lead, sign):
                        terms = []
                        z = a
                        ratio = 1.0
                        k = 0.0
                        going5_1 = (z < n + 10.0) & (np.logical_not(ratio < 1e-20))
                        while np.any(going5_1):
                            terms.append(np.where(going5_1, ratio * n / a, 0.0))
                            k = kept(going5_1, k + 1.0, k)
                            z = kept(going5_1, a + k, z)
                            ratio = kept(going5_1, exp(-(n + 1.0) * log1p(k / a)), ratio)
                            going5_1 = going5_1 & ((z < n + 10.0) & (np.logical_not(ratio < 1e-20)))
                        def no5_2(n, a, lead, sign, terms, z, ratio, k):
                            ratio = ratio * (z / a)
                            terms += (ratio, ratio * n / (2.0 * z),)
                            ratio = ratio * (n * (n + 1.0) / (2.0 * z * z))
                            for (k, b) in enumerate(BERNOULLI, 1):
                                terms.append(b * ratio)
                                ratio = ratio * ((n + 2.0 * k) / z * ((n + 2.0 * k + 1.0) / z) / ((2.0 * k + 1.0) * (2.0 * k + 2.0)))
                            return sign * lead * fsum(terms)

                        return split(z < n + 10.0, lambda n, a, lead, sign, terms, z, ratio, k: sign * lead * fsum(terms), no5_2, n, a, lead, sign, terms, z, ratio, k)

                    return split((lead == 0.0) | (lead == np.inf), lambda n, a, lead, sign: sign * lead, no4_1, n, a, lead, sign)

                def no3_2(n, a):
                    lead = split(a < np.inf, lambda n, a: doubled_factorial_over_power(n - 1.0, a), lambda n, a: 0.0, n, a)
                    sign = np.where(n % 2.0 != 0.0, 1.0, -1.0)
                    def no4_1(n, a, lead, sign):
                        terms = []
                        z = a
                        ratio = 1.0
                        k = 0.0
                        going5_1 = (z < n + 10.0) & (np.logical_not(ratio < 1e-20))
                        while np.any(going5_1):
                            terms.append(np.where(going5_1, ratio * n / a, 0.0))
                            k = kept(going5_1, k + 1.0, k)
                            z = kept(going5_1, a + k, z)
                            ratio = kept(going5_1, exp(-(n + 1.0) * log1p(k / a)), ratio)
                            going5_1 = going5_1 & ((z < n + 10.0) & (np.logical_not(ratio < 1e-20)))
                        def no5_2(n, a, lead, sign, terms, z, ratio, k):
                            ratio = ratio * (z / a)
                            terms += (ratio, ratio * n / (2.0 * z),)
                            ratio = ratio * (n * (n + 1.0) / (2.0 * z * z))
                            for (k, b) in enumerate(BERNOULLI, 1):
                                terms.append(b * ratio)
                                ratio = ratio * ((n + 2.0 * k) / z * ((n + 2.0 * k + 1.0) / z) / ((2.0 * k + 1.0) * (2.0 * k + 2.0)))
                            return sign * lead * fsum(terms)

                        return split(z < n + 10.0, lambda n, a, lead, sign, terms, z, ratio, k: sign * lead * fsum(terms), no5_2, n, a, lead, sign, terms, z, ratio, k)

                    return split((lead == 0.0) | (lead == np.inf), lambda n, a, lead, sign: sign * lead, no4_1, n, a, lead, sign)

                return split(n <= 171.0, yes3_1, no3_2, n, a)

            return split(np.logical_not(a > 0.0), _polygamma_reflected, no2_1, n, a)

        return split((n <= 1.0) & (np.logical_not((n != 0.0) & (a > 0.0))), lambda n, a: split(n != 0.0, trigamma, digamma, a), no1_1, n, a)

    return split((np.logical_not(((0.0 <= n) & (n < np.inf)) & (n % 1.0 == 0.0))) | (a != a) | (a == -np.inf), lambda n, a: np.nan, no_1, n, a)


def _polygamma_reflected(n, a):
    def yes_1(n, a):
        y = polygamma(n, -a)
        return np.where(n % 2.0 != 0.0, y, -y)

    def no_2(n, a):
        def no1_1(n, a):
            beside = a - rint(a)
            return split((n % 2.0 == 0.0) & (fabs(beside) == 0.5), lambda n, a, beside: polygamma(n, 1.0 - a), lambda n, a, beside: split(n > 300.0, lambda n, a, beside: np.where(n % 2.0 != 0.0, np.inf, copysign(np.inf, -beside)), lambda n, a, beside: doubled_polygamma(n, a), n, a, beside), n, a, beside)

        return split(a % 1.0 == 0.0, lambda n, a: np.where(n % 2.0 != 0.0, np.inf, np.where(a == 0.0, copysign(np.inf, -a), np.nan)), no1_1, n, a)

    return split((0.0 < -a) & (-a < 1e-100), yes_1, no_2, n, a)


def doubled_factorial_over_power(n, a):
    about = n * (log(n / a) - 1.0)
    def no_1(n, a, about):
        v = doubled_minus(doubled_loggamma((n + 1.0, 0.0)), doubled_times(doubled_log((a, 0.0)), n + 1.0))
        return np.where(v[0] < -746.0, 0.0, np.where(v[0] < 710.0, exp(v[0]) * (1.0 + v[1]), np.inf))

    return split(fabs(about) > 10000.0, lambda n, a, about: np.where(about < 0.0, 0.0, np.inf), no_1, n, a, about)


def softshare(a, b):
    gap, error = difference(a, b)
    y = sigmoid(gap)
    return np.where((-np.inf < gap) & (gap < np.inf), y + y * sigmoid(-gap) * error, y)


def logit(a):
    return split((0.5 <= a) & (a < 1.0), lambda a: log1p((2.0 * a - 1.0) / (1.0 - a)), lambda a: np.where((0.25 < a) & (a < 0.5), -log1p((1.0 - 2.0 * a) / a), np.where((0.0 < a) & (a <= 0.25), log(a / (1.0 - a)), np.where(a == 0.0, -np.inf, np.where(a == 1.0, np.inf, np.nan)))), a)


def log_sigmoid(a):
    return -softplus(-a)


def leaky_relu(a, slope):
    return np.where(a > 0.0, a, slope * a)


def elu(a, alpha):
    return np.where(a > 0.0, a, alpha * expm1(a))


def selu(a):
    return SELU_SCALE * np.where(a > 0.0, a, SELU_ALPHA * expm1(a))


def silu(a):
    return split(np.logical_not(a < TINY_EXP), lambda a: a * sigmoid(a), times_exp, a)


def times_exp(a):
    return np.where(a > -1000.0, a * exp(a + 64.0) * EXP_MINUS_64, -0.0)


def gelu(a):
    return split(a < -37.0, lambda a: split(a > -40.0, lambda a: -_gauss_half(a) * (_polynomial(NORMAL_TAIL, 1.0 / (a * a)) / SQRT_TAU), lambda a: -0.0, a), lambda a: a * ndtr(a), a)


def mish(a):
    def no_1(a):
        def no1_1(a):
            e = exp(a)
            n = e * (e + 2.0)
            return a * (n / (n + 2.0))

        return split(np.logical_not(a < 20.0), lambda a: a, no1_1, a)

    return split(a < TINY_EXP, times_exp, no_1, a)


def softsign(a):
    return np.where((-np.inf < a) & (a < np.inf), a / (1.0 + fabs(a)), sign(a))
