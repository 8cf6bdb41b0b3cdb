"""Values of the special functions: the error functions and the gamma family. As in `elementary`, no function raises.

The polynomials were made for this module and have nearly the least maximum error (interpolation at Chebyshev nodes in
300 bits, with a relative truncation error below 2^-58). Their variable is the distance from the middle of the interval,
and the coefficient of the highest power comes first.
"""

from __future__ import annotations

import math

from . import fixed_point
from .elementary import power, product, square
from .trigonometric import sin_cos_pi

inf = math.inf
nan = math.nan

SQRT_HALF, SQRT_HALF_TAIL = 0.7071067811865476, -4.833646656726457e-17
PI_SQUARED = 9.869604401089358
SQRT_TAU, SQRT_HALF_PI = 2.5066282746310007, 1.2533141373155003
ONE_OVER_SQRT_TAU = 0.3989422804014327
TWO_OVER_SQRT_PI = 1.1283791670955126


def _polynomial(coefficients: tuple[float, ...], u: float) -> float:
    y = 0.0
    for c in coefficients:
        y = y * u + c
    return y


# the error functions


def gauss(a: float) -> float:
    """exp(-a^2). A factor compensates the rounding error of a^2, which would be a relative error here."""
    if not abs(a) < 40.0:
        return a if a != a else 0.0
    high, low = product(a, a)
    y = math.exp(-high)
    return y - y * low


def _gauss_half(a: float) -> float:
    """exp(-a^2/2)."""
    high, low = product(a, a)
    y = math.exp(-0.5 * high)
    return y - 0.5 * y * low


def normpdf(a: float) -> float:
    """exp(-a^2/2)/sqrt(2 pi)."""
    return _gauss_half(a) * ONE_OVER_SQRT_TAU if abs(a) < 40.0 else a if a != a else 0.0


# -13!!, 11!!, …, -1!!, 1: Laplace's asymptotic series of the normal tail, in 1/a^2 (DLMF 7.12.1)
NORMAL_TAIL = (-135135.0, 10395.0, -945.0, 105.0, -15.0, 3.0, -1.0, 1.0)


def ndtr(a: float) -> float:
    """erfc(-a/sqrt(2))/2, the distribution function of the standard normal law, with a/sqrt(2) in doubled precision."""
    if a < -37.0:
        if a < -40.0:
            return 0.0
        return _gauss_half(a) * (_polynomial(NORMAL_TAIL, 1.0 / (a * a)) / (-a * SQRT_TAU))
    if not a < 0.0:
        return 0.5 * math.erfc(-a * SQRT_HALF)
    high, low = product(-a, SQRT_HALF)
    low -= a * SQRT_HALF_TAIL
    return 0.5 * (math.erfc(high) - TWO_OVER_SQRT_PI * gauss(high) * low)


def gelu(a: float) -> float:
    """a*ndtr(a), also where ndtr is subnormal; the limit -0 at -inf."""
    if a < -37.0:
        return -_gauss_half(a) * (_polynomial(NORMAL_TAIL, 1.0 / (a * a)) / SQRT_TAU) if a > -40.0 else -0.0
    return a * ndtr(a)


# the gamma family

# Γ on [1, 2]
GAMMA_ONE = (
    -0.00011918060538282103, 0.00017877054902846353, -8.938401795176073e-05, 0.00013407432206073702,
    -0.000318425630316548, 0.0004776274435437428, -0.0006721864891915583, 0.0010082112193192704, -0.001522718358989335,
    0.0022836521947962353, -0.003422726711413278, 0.0051315298230765775, -0.007690216677416653, 0.011522523362156005,
    -0.017222442878105718, 0.0258376061027181, -0.03800193556100107, 0.058610303826380196, -0.07752305229977173,
    0.14464535904449782, -0.10729480456477264, 0.4148134536883018, 0.03233839744888502, 0.886226925452758,
)  # fmt: skip
# log Γ(x)/(x - 1) on [1/2, 1], log Γ(x)/((x - 1)(x - 2)) on [1, 2], log Γ(x)/(x - 2) on [2, 3]
LGAMMA_HALF = (
    34.64325505271053, -27.170206235412312, 9.445602711484627, -7.48243947744518, 7.713228546069879, -6.126941593906933,
    4.735752620757527, -3.792472658993895, 3.0587811367878714, -2.4736548706160755, 2.012532859713047,
    -1.649503561849544, 1.3637706132785918, -1.139603042604453, 0.9651524984452418, -0.83191157741086,
    0.7347350816814948, -0.672987944712019, 0.6552243694415055, -0.7199661103625574, 1.0909482962451627,
    -0.8131238057251815,
)  # fmt: skip
LGAMMA_ONE = (
    -7.760660152513446e-06, 1.2140008083973407e-05, -8.355075869795273e-06, 1.3186019073996835e-05,
    -2.7201673025504752e-05, 4.30276814976503e-05, -6.614136022346414e-05, 0.00010535512483785591,
    -0.0001689178215524898, 0.00027131373861446925, -0.00043799307479613914, 0.000711519067515296,
    -0.0011644145847310124, 0.0019229163127905161, -0.0032120740737152814, 0.005446457839126065, -0.009425622448525798,
    0.01679709863127416, -0.031308487501010646, 0.06291140107456439, -0.14595989591430608, 0.4831289505409809,
)  # fmt: skip
LGAMMA_TWO = (
    -1.4586003484400256e-08, 3.8720781951940836e-08, -8.772358424774663e-08, 2.353723932844072e-07,
    -6.421417451955873e-07, 1.745641275403404e-06, -4.786379987514225e-06, 1.3275711130257407e-05,
    -3.735336940027229e-05, 0.00010710021010234954, -0.00031505925035239633, 0.0009610979285520405,
    -0.0030951822936174096, 0.0108770015141976, -0.0448058426973846, 0.2675817993988097, 0.5693657409458384,
)  # fmt: skip
# ψ on [1/2, 1], ψ(x)/(x - x0) on [1, 2], where x0 is its zero
DIGAMMA_HALF = (
    1999.5247858005105, -1499.6435910126206, 374.91090149325004, -281.18318058747207, 333.9050314481213,
    -250.42878737213283, 176.22769042388904, -132.17081004285265, 99.82109957883625, -74.86595411139697,
    56.1223402409593, -42.092152415810865, 31.570531153621168, -23.679121593498408, 17.761480940329218,
    -13.32490996870351, 10.000425894359863, -7.512397922143901, 5.656277857282886, -4.283358575638436,
    3.293885422475107, -2.651316608168825, 2.5418796476716063, -1.0858608797864722,
)  # fmt: skip
DIGAMMA_ONE = (
    0.00011881232908510335, -0.0001782188548855923, 9.653646261410062e-05, -0.00014480643368061614,
    0.00032395945401345196, -0.00048595039220036254, 0.0006909255761282986, -0.0010364584817312839,
    0.0015633696313653504, -0.0023454947397380833, 0.003518106563802472, -0.005279937255532708, 0.007927021796868154,
    -0.011908220105959716, 0.017907248317313294, -0.026975796659787055, 0.040760833940846085, -0.06192213327548831,
    0.09498872445289039, -0.14840492305388092, 0.24054248424078697, -0.4236274212814606, 0.9510558760318328,
)  # fmt: skip
DIGAMMA_ZERO, DIGAMMA_ZERO_TAIL = 1.4616321449683622, 9.549995429965697e-17

# B_2k, k = 1 … 13
BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
    854513 / 138, -236364091 / 2730, 8553103 / 6,
)  # fmt: skip
# B_2k/(2k(2k - 1)) and B_2k/2k, highest first: Stirling's series of log Γ (DLMF 5.11.1) and of ψ (DLMF 5.11.2)
STIRLING = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1))[11::-1]
STIRLING_DIGAMMA = tuple(b / (2 * k) for k, b in enumerate(BERNOULLI, 1))[9::-1]
STIRLING_RISING = STIRLING_DIGAMMA[::-1]  # the lowest power first


def _stirling(a: float) -> tuple[float, float]:
    """p and q with Γ(a) = p*q*sqrt(2 pi), for a >= 7; above 140 p is a square root, as it would overflow before Γ."""
    b = a - 0.5
    q = math.exp(-a)
    q += q * math.expm1(_polynomial(STIRLING, 1.0 / (a * a)) / a)
    return math.pow(a, b if a < 140.0 else 0.5 * b), q


def gamma(a: float) -> float:
    """Γ(a), exact where it is a factorial that a float can hold; at ±0 the infinity of its sign, nan at other poles."""
    if a == 0.0:
        return math.copysign(inf, a)
    if not -inf < a <= 171.7:
        return nan if a == -inf else a if a != a else inf
    if a % 1.0 == 0.0:
        return float(math.factorial(int(a) - 1)) if a > 0.0 else nan
    if a >= 7.0:
        p, q = _stirling(a)
        return SQRT_TAU * q * p if a < 140.0 else SQRT_TAU * q * p * p
    if a > 1.0:
        rising = 1.0
        while a >= 2.0:
            a -= 1.0
            rising *= a
        return rising * _polynomial(GAMMA_ONE, a - 1.5)
    if a > 0.0:
        return _polynomial(GAMMA_ONE, a - 0.5) / a
    if a > -0.5:
        return _polynomial(GAMMA_ONE, a + 0.5) / (1.0 + a) / a
    if a < -190.0:
        return math.copysign(0.0, 0.5 - math.floor(a) % 2)
    s, error = product(-a, sin_cos_pi(a)[0])
    if a > -7.0:
        y = math.pi / (s * gamma(-a))
        return y - y * (error / s)
    p, q = _stirling(-a)
    sq, more = product(s, q)
    y = SQRT_HALF_PI / (sq * p)
    y -= y * (error / s + more / sq)
    return y if a > -140.0 else y / p


def lgamma(a: float) -> float:
    """log|Γ(a)|; inf at the poles."""
    if a >= 3.0:
        if a < 10.0:
            rising = 1.0
            while a >= 3.0:
                a -= 1.0
                rising *= a
            return lgamma(a) + math.log(rising)
        if a > 1e306:
            return inf
        return (a - 0.5) * (math.log(a) - 1.0) + (0.4189385332046727 + _polynomial(STIRLING, 1.0 / a / a) / a)
    if a >= 2.0:
        return (a - 2.0) * _polynomial(LGAMMA_TWO, a - 2.5)
    if a >= 1.0:
        return (1.0 - a) * ((2.0 - a) * _polynomial(LGAMMA_ONE, a - 1.5))
    if a >= 0.5:
        return (a - 1.0) * _polynomial(LGAMMA_HALF, a - 0.75)
    if a > 0.0:
        return a * ((a - 1.0) * _polynomial(LGAMMA_ONE, a - 0.5)) - math.log(a)
    if a != a:
        return a
    if a % 1.0 == 0.0 or a == -inf:
        return inf
    if a > -0.5:
        return a * _polynomial(LGAMMA_HALF, a + 0.25) - math.log(-a)
    other = lgamma(-a)
    y = math.log(math.pi / abs(a * sin_cos_pi(a)[0])) - other
    if a < -30.0 or abs(y) > max(1.0, 0.5 * other):
        return y
    return fixed_point.lgamma(a)


def digamma(a: float) -> float:
    """ψ(a) = Γ'(a)/Γ(a); at ±0 the infinity of its side, nan at other poles."""
    if a >= 10.0:
        return math.log(a) - (0.5 / a + _polynomial(STIRLING_DIGAMMA, 1.0 / a / a) / a / a)
    if a >= 2.0:
        terms = []
        while a >= 2.0:
            a -= 1.0
            terms.append(1.0 / a)
        return math.fsum((digamma(a), *terms))
    if a >= 1.0:
        return (a - DIGAMMA_ZERO - DIGAMMA_ZERO_TAIL) * _polynomial(DIGAMMA_ONE, a - 1.5)
    if a >= 0.5:
        return _polynomial(DIGAMMA_HALF, a - 0.75)
    if a > 0.0:
        return (a - (DIGAMMA_ZERO - 1.0)) * _polynomial(DIGAMMA_ONE, a - 0.5) - 1.0 / a
    if a == 0.0:
        return -math.copysign(inf, a)
    if a != a or a % 1.0 == 0.0 or a == -inf:
        return nan
    s, c = sin_cos_pi(a)
    left, right = digamma(1.0 - a), math.pi / (s / c) if c else 0.0
    if abs(left - right) > max(1.0, abs(left)):
        return left - right
    return fixed_point.polygamma(0, a)


def trigamma(a: float) -> float:
    """ψ'(a); inf at the poles."""
    if a > 0.0 or a != a:
        return polygamma(1.0, a)
    if a % 1.0 == 0.0 or a == -inf:
        return inf if a > -inf else nan
    s = sin_cos_pi(a)[0]
    if abs(s) < 1e-100:
        return square(math.pi / s)
    high, low = product(s, s)
    y = PI_SQUARED / high
    return y - (y * (low / high) + polygamma(1.0, 1.0 - a))


def polygamma(n: float, a: float) -> float:
    """The n-th derivative of ψ at a, n = 0, 1, 2, …; at a pole of odd n inf, of even n nan (signed infinity at ±0).

    For a > 0 it is ±n! times the sum of (a + k)^-(n + 1), by the formula of Euler and Maclaurin (DLMF §25.11(iii)). The
    terms are relative to (n - 1)!/a^n, so that an overflow of the factorial or of the power does no harm.
    """
    if not (0.0 <= n < inf and n % 1.0 == 0.0) or a != a or a == -inf:
        return nan
    if n <= 1.0 and not (n and a > 0.0):
        return trigamma(a) if n else digamma(a)
    if not a > 0.0:
        return _polygamma_reflected(n, a)
    if n <= 171.0:
        p = power(a, -0.5 * n)
        lead = math.factorial(int(n) - 1) * p * p
    else:
        lead = fixed_point.factorial_over_power(n - 1.0, a) if a < inf else 0.0
    sign = 1.0 if n % 2.0 else -1.0
    if lead in (0.0, inf):
        return sign * lead
    terms: list[float] = []
    z = a
    ratio = 1.0
    k = 0.0
    while z < n + 10.0:
        if ratio < 1e-20:
            return sign * lead * math.fsum(terms)
        terms.append(ratio * n / a)
        k += 1.0
        z = a + k
        ratio = math.exp(-(n + 1.0) * math.log1p(k / a))
    ratio *= z / a
    terms += (ratio, ratio * n / (2.0 * z))
    ratio *= n * (n + 1.0) / (2.0 * z * z)
    for k, b in enumerate(BERNOULLI, 1):
        terms.append(b * ratio)
        ratio *= (n + 2.0 * k) / z * ((n + 2.0 * k + 1.0) / z) / ((2.0 * k + 1.0) * (2.0 * k + 2.0))
    return sign * lead * math.fsum(terms)


def _polygamma_reflected(n: float, a: float) -> float:
    if 0.0 < -a < 1e-100:
        y = polygamma(n, -a)  # only the pole at 0 matters
        return y if n % 2.0 else -y
    if a % 1.0 == 0.0:
        return inf if n % 2.0 else math.copysign(inf, -a) if a == 0.0 else nan
    beside = a - round(a)
    if n % 2.0 == 0.0 and abs(beside) == 0.5:
        return polygamma(n, 1.0 - a)  # the cotangent's part is 0
    if n > 300.0:
        return inf if n % 2.0 else math.copysign(inf, -beside)
    return fixed_point.polygamma(int(n), a)  # near the zeros no sum of floats keeps its digits


def digamma_excess(a: float, b: float) -> float:
    """ψ(a + b) - ψ(a) - log((a + b)/a), for a >= 10."""
    u = math.log1p(b / a)
    y = 0.0
    c = 1.0
    j = 0.0
    for coefficient in STIRLING_RISING:
        c = c / a / a
        j = j - 2.0
        y = y - coefficient * c * math.expm1(j * u)
    return y + 0.5 * b / (a + b) / a


def digamma_gap(a: float, b: float) -> float:
    """ψ(a + b) - ψ(a) for a > 0 and b > 0: a sum of positive terms (DLMF 5.7.6), and from 10 on the difference of the
    asymptotic series (DLMF 5.11.2), term by term."""
    if not (a > 0.0 and b > 0.0) or a + b == inf:
        return nan if a != a or b != b or min(a, b) < 0.0 else 0.0 if b == 0.0 or a == inf else inf
    if a < 1e-300:
        return b / (a + b) / a  # the other terms are negligible
    y = 0.0
    rest = 0.0
    while a < 10.0:
        term = b / (a + b) / a
        total = y + term
        shift = total - y
        rest = rest + ((y - (total - shift)) + (term - shift))
        y = total
        a += 1.0
    return y + (math.log1p(b / a) + (digamma_excess(a, b) + rest))


def polygamma_gap(k: float, z: float, h: float) -> float:
    """The k-th derivative of ψ at z + h less that at z, for k >= 1, z > 0 and h > 0: where they are near to each other
    by Taylor's series."""
    if h >= 0.25 * z:
        return polygamma(k, z + h) - polygamma(k, z)
    factor = h
    j = 1.0
    term = h * polygamma(k + 1.0, z)
    y = term
    while abs(term) > 1e-19 * abs(y):
        j += 1.0
        factor *= h / j
        term = factor * polygamma(k + j, z)
        y += term
    return y
