"""Riemann's and Hurwitz's zeta functions in floats, and the power series of the polylogarithm; nan if those are too
short of digits.
"""

from __future__ import annotations

import math

from .doubled import HALF_LOG_TAU_HIGH, HALF_LOG_TAU_TAIL, exp, loggamma, minus, multiplied, sin_pi, total
from .special import _polynomial

nan = math.nan

# (s - 1)*zeta(s) as a power series in s - 1, from its last coefficient: (-1)^n gamma_n/n! (DLMF 25.2.4)
STIELTJES = (
    -9.544466076366965e-18, 2.1677312200726828e-16, -2.3997862217709992e-15, 4.4104247417577536e-15,
    3.4921159366720317e-13, -6.768689863513697e-12, 5.658421927608708e-11, 9.47827778276236e-11,
    -8.733218100273798e-09, 1.0462094584479188e-07, -3.316240908752772e-07, -6.6110318108421895e-06,
    9.689041939447084e-05, -0.00034230573671722433, -0.00484518159643616, 0.07281584548367673, 0.5772156649015329, 1.0,
)  # fmt: skip
NEAR_POLE, REFLECTED = 1.5, -100.0
# B_2j/(2j)!, j = 1 … 12 (DLMF 25.11.7)
MACLAURIN = (
    0.08333333333333333, -0.001388888888888889, 3.306878306878307e-05, -8.267195767195768e-07, 2.08767569878681e-08,
    -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15,
    -2.174868698558062e-16, 5.50900282836023e-18, -1.3954464685812524e-19,
)  # fmt: skip
# The largest exponent and the largest argument of Hurwitz's sum; its least distance from the pole.
MOST_EXPONENT, MOST_ARGUMENT, LEAST_GAP = 60.0, 1e6, 1e-3
# The power series of the polylogarithm is summed up to this |z|, in orders above LEAST_ORDER.
NEAR_ZERO, LEAST_ORDER = 0.75, -8.0
# B_2k/(2k + 1)!, k = 13 … 1: the dilogarithm less u - u^2/4, over u^3, in u^2, where u is -log(1 - z)
DILOGARITHM = (
    1.3091507554183213e-22, -5.581785874325009e-21, 2.395218621026187e-19, -1.0356517612181247e-17,
    4.518980029619918e-16, -1.9939295860721074e-14, 8.921691020456452e-13, -4.0647616451442256e-11,
    1.8978869988971e-09, -9.185773074661964e-08, 4.72411186696901e-06, -0.0002777777777777778, 0.027777777777777776,
)  # fmt: skip
ZETA_2, ZETA_2_TAIL = 1.6449340668482264, 3.040672350398476e-17


def hurwitz_in_floats(s: float, q: float) -> float:
    """ζ(s, q), s > 1 and q > 0: Euler and Maclaurin's formula (DLMF 25.11.7), a sum of positive terms."""
    if not (1.0 + LEAST_GAP <= s <= MOST_EXPONENT and 1e-4 <= q <= MOST_ARGUMENT):
        return nan
    # From here on the first term that is left out, of (s + 12)^24/(2 pi w)^24, is below 1e-17.
    far = 10.0 + 0.82 * s
    y = 0.0
    lost = 0.0
    k = 0.0
    while q + k < far:
        w = q + k
        part = w - q
        # The rounding of q + k is a relative error of s times as much in the power.
        low = q - (w - part) + (k - part)
        term = math.pow(w, -s)
        term -= term * (s * low / w)
        both = y + term
        lost += y - both + term if y > term else term - both + y
        y = both
        k += 1.0
    w = q + k
    part = w - q
    low = q - (w - part) + (k - part)
    here = math.pow(w, -s)
    here -= here * (s * low / w)
    tail = 0.5
    factor = s / w
    j = 0.0
    for b in MACLAURIN:
        tail += b * factor
        factor *= (s + 2.0 * j + 1.0) * (s + 2.0 * j + 2.0) / (w * w)
        j += 1.0
    return y + (lost + here * (w / (s - 1.0) + tail))


def _beside_pole(u: float) -> float:
    """ζ(1 + u), for |u| <= NEAR_POLE."""
    return _polynomial(STIELTJES, u) / u


def riemann_in_floats(s: float) -> float:
    """ζ(s), for s != 1; below 0 by the functional equation (DLMF 25.4.1)."""
    if abs(s) < 1e-18:
        return -0.5
    if s >= 0.0:
        return _beside_pole(s - 1.0) if s <= 1.0 + NEAR_POLE else hurwitz_in_floats(s, 1.0)
    if not s > REFLECTED:
        return nan
    if s % 2.0 == 0.0:
        return 0.0
    rest = total(1.0, -s)
    other = _beside_pole(-s) if -s <= NEAR_POLE else hurwitz_in_floats(rest[0], 1.0) if rest[0] < MOST_EXPONENT else 1.0
    size = minus(loggamma(rest), multiplied(rest, (2.0 * HALF_LOG_TAU_HIGH, 2.0 * HALF_LOG_TAU_TAIL)))
    return 2.0 * sin_pi(0.5 * s, 0.0)[0] * exp(size)[0] * other


def _small_dilogarithm(z: float) -> float:
    """Li_2(z) for -4 <= z <= 0.6: the integral of u/(e^u - 1), term by term."""
    u = -math.log1p(-z)
    return u + u * (u * (u * _polynomial(DILOGARITHM, u * u) - 0.25))


def _dilogarithm(z: float) -> float:
    """Li_2(z) for z < 1, elsewhere by DLMF 25.12.6 and 25.12.4."""
    if z < -4.0:
        v = math.log(-z)
        return -(0.5 * v * v + (ZETA_2 + _small_dilogarithm(1.0 / z)))
    if z <= 0.6:
        return _small_dilogarithm(z)
    return ZETA_2 - (math.log(z) * math.log1p(-z) + (_small_dilogarithm(1.0 - z) - ZETA_2_TAIL))


def _whole_polylog(s: float, z: float) -> float:
    """Li_s(z) for s = -1, 0, 1 or 2 and z < 1."""
    if s == 2.0:
        return _dilogarithm(z)
    if s == 1.0:
        return -math.log1p(-z)
    return z / (1.0 - z) if s == 0.0 else z / (1.0 - z) / (1.0 - z)


def polylog_in_floats(n: float, s: float, z: float) -> float:
    """The n-th derivative of Li_s(z) in s, n = 0 or 1, by the power series; in closed form where s is -1, 0, 1 or
    2."""
    if n == 0.0 and -1.0 <= s <= 2.0 and s % 1.0 == 0.0 and -1e300 < z < 1.0:
        return _whole_polylog(s, z)
    if not (abs(z) <= NEAR_ZERO and s >= LEAST_ORDER and abs(z) > 1e-250):
        return nan
    y = z if n == 0.0 else 0.0
    most = abs(y)
    lost = 0.0
    power = z
    k = 2.0
    going = 1.0
    while going > 0.0:
        power *= z
        term = power * math.pow(k, -s)
        if n == 1.0:
            term *= -math.log(k)
        both = y + term
        lost += y - both + term if abs(y) > abs(term) else term - both + y
        y = both
        most = max(most, abs(term))
        going = 1.0 if k < 24.0 or abs(term) > 1e-18 * most else 0.0
        k += 1.0
    return y + lost if abs(y) > 0.5 * most else nan
