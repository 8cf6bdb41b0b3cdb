"""Values of the scaled error function, of the inverses of the error functions, and of Lambert's W.

An inverse is found by Newton's iteration for an equation whose residual has a rounding error, relative to the root, no
larger than that of one operation. As in `elementary`, no function raises. wengert/emit translates these functions, so
their loops have a fixed number of turns.
"""

from __future__ import annotations

import math

from .elementary import difference, product
from .special import TWO_OVER_SQRT_PI, _polynomial, gauss

inf = math.inf
nan = math.nan

SQRT_TWO = 1.4142135623730951
SQRT_PI, ONE_OVER_SQRT_PI = 1.772453850905516, 0.5641895835477563

# (-1)^k (2k - 1)!!: e^(a^2) erfc(a) as an asymptotic series in 1/(2 a^2) (DLMF 7.12.1)
ERFCX_TAIL = (
    -13749310575.0, 654729075.0, -34459425.0, 2027025.0, -135135.0, 10395.0, -945.0, 105.0, -15.0, 3.0, -1.0, 1.0,
)  # fmt: skip


def erfcx(a: float) -> float:
    """e^(a^2)*erfc(a). A factor compensates the rounding error of a^2, which would be a relative error here."""
    if a > 12.0:
        return _polynomial(ERFCX_TAIL, 0.5 / a / a) / a * ONE_OVER_SQRT_PI
    if not a > -27.0:
        return a if a != a else inf
    high, low = product(a, a)
    if high > 709.5:
        return inf
    y = math.exp(high)
    return (y + y * low) * math.erfc(a)


def _exp_less_square_halves(a: float, b: float) -> tuple[float, float]:
    """Two factors of exp(a - b^2), as it may overflow or underflow where its product with another does not."""
    high, low = product(b, b) if abs(b) < 1e100 else (b * b, 0.0)
    d, rest = difference(a, high)
    if d != d or abs(d) > 1400.0:
        return (d if d != d else 0.0 if d < 0.0 else inf), 1.0
    half = math.exp(0.5 * d)
    return half, half * (1.0 + (rest - low))


def exp_less_square(a: float, b: float) -> float:
    """exp(a - b^2), with b^2 unrounded."""
    first, second = _exp_less_square_halves(a, b)
    return first * second


def exp_erfc(a: float, b: float) -> float:
    """exp(a)*erfc(b), by the scaled erfcx where erfc(b) vanishes."""
    if b > 1.0:
        first, second = _exp_less_square_halves(a, b)
        return first * erfcx(b) * second if b < inf or a == inf else 0.0 if a == a else a
    half = math.exp(0.5 * a) if a < 1400.0 else inf if a == a else a
    return half * math.erfc(b) * half


def derfcx(n: float, a: float) -> float:
    """The n-th derivative of erfcx, (-2)^n n! times e^(a^2) i^n erfc(a) (DLMF 7.18.5).

    For a > 1/4 the ratios of neighbouring orders come from their downward recurrence (DLMF 7.18.7), which is stable
    there. For a <= 0 the upward recurrence has terms of one sign. Between the two it is the Taylor series at 0.
    """
    if not (0.0 <= n <= 170.0 and n % 1.0 == 0.0) or a != a:
        return nan
    if n == 0.0:
        return erfcx(a)
    sign = 1.0 if n % 2.0 == 0.0 else -1.0
    if a > 0.25:
        # r(k) = i^k erfc/i^(k - 1) erfc satisfies r(k) = 1/(2a + 2(k + 1) r(k + 1)).
        # The other solution grows by exp(2a sqrt(2k)) relative to this one in k steps.
        reach = 19.0 / a + math.sqrt(2.0 * n)
        k = n + 8.0 + math.floor(0.5 * reach * reach)
        r = 0.0
        y = 1.0
        while k > 0.0:
            r = 0.5 / (a + (k + 1.0) * r)
            if k <= n:
                y = y * (2.0 * k * r)
            k -= 1.0
        return sign * y * erfcx(a)
    # With e(k), (-1)^k times the k-th derivative: e(1) = 2/sqrt(pi) - 2a e(0), e(k + 1) = 2k e(k - 1) - 2a e(k).
    at = a if a < 0.0 else 0.0
    before = erfcx(at)
    if before == inf:
        return sign * inf
    y = TWO_OVER_SQRT_PI - 2.0 * at * before
    k = 1.0
    while k < n:
        y, before = 2.0 * k * before - 2.0 * at * y, y
        k += 1.0
    if a <= 0.0:
        return sign * y
    # The Taylor series uses the derivatives at 0, where e(k + 2) = 2(k + 1) e(k).
    even = y
    odd = -2.0 * n * before * a
    terms: list[float] = []
    terms += (even, odd)
    k = 0.0
    while k < 40.0:
        even = even * (2.0 * (n + k + 1.0) * a * a / ((k + 1.0) * (k + 2.0)))
        odd = odd * (2.0 * (n + k + 2.0) * a * a / ((k + 2.0) * (k + 3.0)))
        terms += (even, odd)
        k += 2.0
    return sign * math.fsum(terms)


def _log_erfc_inverse(a: float) -> float:
    """The x > 0 with erfc(x) = a, for 0 < a <= 1/2.

    Winitzki's approximation (2008), with an error of 2e-3, and then Newton's iteration for log(erfc(x)), which is
    nearly a parabola.
    """
    half = 0.5 * math.log(a * (2.0 - a))
    c = 4.330746750799873 + half
    x = math.sqrt(math.sqrt(c * c - half / 0.0735) - c)
    target = math.log(a)
    k = 0.0
    while k < 3.0:
        if x < 5.0:
            y = math.erfc(x)
            scaled = y * math.exp(x * x)
            rest = math.log(y / a)
        else:
            # A subnormal erfc has lost its digits; here the rounding error of x^2 is negligible against the slope, -2x.
            scaled = erfcx(x)
            rest = math.log(scaled) - x * x - target
        x += rest * scaled / TWO_OVER_SQRT_PI
        k += 1.0
    return x


def _erf_inverse(a: float) -> float:
    """The x with erf(x) = a, for |a| <= 1/2: Newton's iteration, started by the first terms of the series at 0."""
    b = SQRT_PI * 0.5 * a
    x = b * (1.0 + b * b * (1.0 / 3.0 + b * b * (7.0 / 30.0 + b * b * (127.0 / 630.0))))
    k = 0.0
    while k < 3.0:
        x -= (math.erf(x) - a) / (TWO_OVER_SQRT_PI * gauss(x))
        k += 1.0
    return x


def erfinv(a: float) -> float:
    """The inverse of erf; infinite at ±1."""
    if not abs(a) < 1.0:
        return math.copysign(inf, a) if abs(a) == 1.0 else nan
    if abs(a) <= 0.5:
        return _erf_inverse(a) if abs(a) > 1e-300 else a * (SQRT_PI * 0.5)
    return math.copysign(_log_erfc_inverse(1.0 - abs(a)), a)


def erfcinv(a: float) -> float:
    """The inverse of erfc, on [0, 2]; infinite at its ends."""
    if not 0.0 < a < 2.0:
        return inf if a == 0.0 else -inf if a == 2.0 else nan
    if a <= 0.5:
        return _log_erfc_inverse(a)
    return _erf_inverse(1.0 - a) if a < 1.5 else -_log_erfc_inverse(2.0 - a)


def ndtri(a: float) -> float:
    """The inverse of ndtr, on [0, 1]; infinite at its ends. 2a - 1 is exact in the middle, and 1 - a is above it."""
    if not 0.0 < a < 1.0:
        return -inf if a == 0.0 else inf if a == 1.0 else nan
    if a <= 0.25:
        return -SQRT_TWO * _log_erfc_inverse(2.0 * a)
    return SQRT_TWO * (_erf_inverse(2.0 * a - 1.0) if a < 0.75 else _log_erfc_inverse(2.0 * (1.0 - a)))


# Lambert's W

# e, 1/e rounded upwards, and e*ONE_OVER_E - 1
E, ONE_OVER_E, BEYOND = 2.718281828459045, 0.36787944117144233, 3.3784855259134226e-17
# 1 + (u - 1) e^u = u^2 times the sum of u^k/((k + 2) k!): its coefficients, k = 21 … 0
BRANCH = tuple(1.0 / ((k + 2) * math.factorial(k)) for k in range(22))[::-1]
# u = 1 + W as a series in p = ±sqrt(2(1 + e*a)) (Corless et al. 1996, equation 4.22)
PUISEUX = (
    226287557.0 / 37623398400.0, -1963.0 / 204120.0, 680863.0 / 43545600.0, -221.0 / 8505.0, 769.0 / 17280.0,
    -43.0 / 540.0, 11.0 / 72.0, -1.0 / 3.0, 1.0, 0.0,
)  # fmt: skip


def _beside_branch(a: float, side: float) -> float:
    """1 + W(a) near the branch point -1/e, with the sign of `side`; nan beyond it.

    Newton's iteration solves 1 + (u - 1) e^u = 1 + e*a, both sides computed without cancellation.
    """
    gap = E * (a + ONE_OVER_E) - BEYOND
    if gap <= 0.0:
        return 0.0 if a >= -ONE_OVER_E else nan
    u = _polynomial(PUISEUX, side * math.sqrt(2.0 * gap))
    k = 0.0
    while k < 3.0:
        u -= (u * u * _polynomial(BRANCH, u) - gap) / (u * math.exp(u))
        k += 1.0
    return u


def _fritsch(a: float, w: float) -> float:
    """Fritsch's iteration for w*e^w = a, of fourth order (Fritsch, Shafer and Crowley 1973), from a guess w."""
    k = 0.0
    while k < 4.0:
        z = (math.log(a / w) if abs(a) > 1e-300 else math.log(abs(a)) - math.log(abs(w))) - w
        q = 2.0 * (1.0 + w) * (1.0 + w + z * (2.0 / 3.0))
        w += w * (z / (1.0 + w) * ((q - z) / (q - 2.0 * z)))
        k += 1.0
    return w


def lambertw(a: float) -> float:
    """The w >= -1 with w*e^w = a; -1 at the float next to -1/e, nan below it."""
    if a < -0.25:
        return _beside_branch(a, 1.0) - 1.0
    if abs(a) < 1e-17 or not a < inf:
        return a
    b = math.log1p(a)
    # Iacono and Boyd 2017, equation 18
    return _fritsch(a, b * (1.0 - math.log1p(b) / (2.0 + b)))


def lambertwm1(a: float) -> float:
    """The w <= -1 with w*e^w = a, for -1/e <= a < 0; -inf at 0, nan elsewhere."""
    if not a < 0.0:
        return -inf if a == 0.0 else nan
    if a < -0.25:
        return _beside_branch(a, -1.0) - 1.0
    b = math.log(-a)
    c = math.log(-b)
    return _fritsch(a, b - c + c / b)
