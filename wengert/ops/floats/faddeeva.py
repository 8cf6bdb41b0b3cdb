"""Values of Faddeeva's function w(z) = exp(-z^2) erfc(-i z), z = x + i y, of its derivatives, and of Voigt's profile.

w is an integral of exp(-t^2)/(z - t) over the real line (DLMF 7.7.2). The trapezoidal rule with the residue of its pole
has an error of exp(-(pi/h)^2) for all z (Matta and Reichel 1971), and its terms are of one sign in the real part, so
that both parts keep their digits. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from .elementary import product
from .exponential import TAU
from .incomplete import NODES, WEIGHTS
from .inverse import ONE_OVER_SQRT_PI, SQRT_TWO
from .special import SQRT_TAU, TWO_OVER_SQRT_PI
from .trigonometric import sin_cos_pi

inf = math.inf
nan = math.nan

# The highest order of a derivative of a program, and of all.
FADDEEVA_ORDERS, FADDEEVA_SPARE = 6.0, 8.0
# The step h is 1/2. exp(-t^2) at the nodes t = k/2, k = 1, 2, …, and t = k/2 + 1/4, k = 0, 1, …
WHOLE_NODES = (
    0.7788007830714049, 0.36787944117144233, 0.10539922456186433, 0.01831563888873418, 0.0019304541362277093,
    0.00012340980408667956, 4.785117392129009e-06, 1.1253517471925912e-07, 1.6052280551856116e-09,
    1.3887943864964021e-11, 7.287724095819692e-14, 2.3195228302435696e-16, 4.4777324417183015e-19,
    5.242885663363464e-22, 3.7233631217505106e-25, 1.603810890548638e-28, 4.1900931944943974e-32,
    6.639677199580735e-36,
)  # fmt: skip
HALF_NODES = (
    0.9394130628134758, 0.569782824730923, 0.2096113871510978, 0.04677062238395898, 0.006329715427485747,
    0.0005195746821548384, 2.586810022265412e-05, 7.811489408304491e-07, 1.4307241918567688e-08,
    1.5893910094516368e-10, 1.0709232382508077e-12, 4.37661850287085e-15, 1.0848552640429378e-17,
    1.6310139226701858e-20, 1.4872921816512705e-23, 8.225980595143903e-27, 2.759509067522042e-30,
    5.614728092387935e-34,
)  # fmt: skip
# Those that count for the value
WHOLE_FEW, HALF_FEW = WHOLE_NODES[:13], HALF_NODES[:13]
# From here on exp(-x^2) vanishes, and from there few terms of the asymptotic series have its digits.
NO_BELL, W_FAR = 27.5, 1e3

Pair = tuple[float, float]


def _times_of_w(a: Pair, b: Pair) -> Pair:
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _inverse_of_w(x: float, y: float) -> Pair:
    """1/(x + i y), without overflow on the way."""
    size = max(abs(x), abs(y))
    a = x / size
    b = y / size
    d = a * a + b * b
    return a / d / size, -(b / d / size)


def _far_of_w(n: float, x: float, y: float, width: float) -> Pair:
    """The n-th derivative by the asymptotic series i/sqrt(pi) (1/z + 1/(2 z^3) + 3/(4 z^5) + …); with a width, of
    w(z/width)/width."""
    u = _inverse_of_w(x, y)
    v = (width * u[0], width * u[1])
    q = _times_of_w(v, v)
    factor = (1.0, 0.0)
    m = 3.0 if max(abs(v[0]), abs(v[1])) < 1.4 / W_FAR else 16.0
    while m > 0.0:
        # The terms of n-th derivatives are in the ratio (m - 1/2) (2m + n) (2m + n - 1)/(2m (2m - 1)).
        c = (m - 0.5) * (2.0 * m + n) * (2.0 * m + n - 1.0) / (2.0 * m * (2.0 * m - 1.0))
        factor = _times_of_w(q, (c * factor[0], c * factor[1]))
        factor = (1.0 + factor[0], factor[1])
        m -= 1.0
    y_pair = _times_of_w(u, factor)
    k = 0.0
    while k < n:
        k += 1.0
        y_pair = _times_of_w(y_pair, (-k * u[0], -k * u[1]))
    return 0.0 - ONE_OVER_SQRT_PI * y_pair[1], ONE_OVER_SQRT_PI * y_pair[0]


def _hermite_of_w(n: float, x: float, y: float) -> Pair:
    """The n-th derivative of exp(-z^2) over it: (-1)^n H_n(z)."""
    before = (0.0, 0.0)
    here = (1.0, 0.0)
    k = 0.0
    while k < n:
        turned = _times_of_w((-2.0 * x, -2.0 * y), here)
        after = (turned[0] - 2.0 * k * before[0], turned[1] - 2.0 * k * before[1])
        before = here
        here = after
        k += 1.0
    return here


def _bell_of_w(x: float, y: float, off: float) -> Pair:
    """exp(-z^2); off is added to x^2."""
    if abs(x) + abs(y) > 1e100:
        return (0.0, 0.0) if (x + y) * (x - y) > 745.0 else (nan, nan)
    high, low = product(x + y, x - y) if abs(x) + abs(y) > 1e-100 else (0.0, 0.0)
    size = math.exp(-high) if high > -709.0 else inf
    # x + y and x - y are rounded.
    lost = (x - (x + y - y)) * (x - y) + (x + y) * (x - (x - y + y))
    size -= size * (low + lost + off) if size < inf else 0.0
    turn, rest = product(2.0 * x, y) if abs(x) > 1e-100 and abs(y) > 1e-100 else (2.0 * x * y, 0.0)
    c = math.cos(turn)
    s = math.sin(turn)
    return size * (c - rest * s), -(size * (s + rest * c))


def _logistic_of_w(k: float, s: Pair) -> Pair:
    """The k-th derivative of s in u where s' = s (1 - s): the sum of (-1)^j j! S(k + 1, j + 1) s^(j + 1), j = 0 … k."""
    y = (0.0, 0.0)
    j = k
    while j >= 0.0:
        # j! S(k + 1, j + 1) = sum of (-1)^(j - i) C(j, i) (i + 1)^k over i
        c = 0.0
        b = 1.0
        i = j
        sign = 1.0
        while i >= 0.0:
            c += sign * b * math.pow(i + 1.0, k)
            b *= i / (j - i + 1.0)
            sign = -sign
            i -= 1.0
        c = c if j % 2.0 == 0.0 else -c
        y = _times_of_w(y, s)
        y = (y[0] + c, y[1])
        j -= 1.0
    return _times_of_w(y, s)


def _pole_of_w(n: float, x: float, y: float, whole: float, off: float) -> Pair:
    """The n-th derivative of 2 exp(-z^2)/(1 -+ exp(-4 pi i z)), the residue of the rule."""
    sine, cosine = sin_cos_pi(4.0 * x)
    grown = math.exp(2.0 * TAU * y)
    if whole == 1.0:
        grown = -grown
    # 1/(1 + E), E = grown (cosine - i sine)
    a = 1.0 + grown * cosine
    b = -grown * sine
    d = a * a + b * b
    s = (a / d, -b / d)
    bell = _bell_of_w(x, y, off)
    total = (0.0, 0.0)
    k = 0.0
    choose = 1.0
    # (4 pi i)^k
    turned = (1.0, 0.0)
    while k <= n:
        part = s if k == 0.0 else _times_of_w(turned, _logistic_of_w(k, s))
        part = _times_of_w(part, _hermite_of_w(n - k, x, y))
        total = (total[0] + choose * part[0], total[1] + choose * part[1])
        choose *= (n - k) / (k + 1.0)
        turned = (-2.0 * TAU * turned[1], 2.0 * TAU * turned[0])
        k += 1.0
    y_pair = _times_of_w(total, bell)
    return 2.0 * y_pair[0], 2.0 * y_pair[1]


def _node_of_w(n: float, x: float, y: float, t: float) -> Pair:
    """The n-th derivative of i/(z - t)."""
    u = _inverse_of_w(x - t, y)
    v = (-u[1], u[0])
    k = 0.0
    while k < n:
        k += 1.0
        v = _times_of_w(v, (-k * u[0], -k * u[1]))
    return v


def _sum_of_w(n: float, x: float, y: float, off: float) -> Pair:
    """The n-th derivative by the trapezoidal rule, for x, y >= 0."""
    frac = math.fmod(2.0 * x, 1.0)
    whole = 1.0 if 0.25 < frac < 0.75 else 0.0
    real = 0.0
    imaginary = 0.0
    t = 0.5 if whole == 1.0 else 0.25
    for on, between in zip(WHOLE_NODES, HALF_NODES):
        weight = on if whole == 1.0 else between
        if n == 1.0:
            # -2i (z^2 + t^2)/(z^2 - t^2)^2, whose real part is a multiple of x y
            u = _inverse_of_w((x - t) * (x + t) - y * y, 2.0 * x * y)
            u = _times_of_w((x * x - y * y + t * t, 2.0 * x * y), _times_of_w(u, u))
            real += 2.0 * weight * u[1]
            imaginary -= 2.0 * weight * u[0]
        else:
            one = _node_of_w(n, x, y, t)
            other = _node_of_w(n, x, y, -t)
            real += weight * (one[0] + other[0])
            imaginary += weight * (one[1] + other[1])
        t += 0.5
    if whole == 1.0:
        one = _node_of_w(n, x, y, 0.0)
        real += one[0]
        imaginary += one[1]
    real /= TAU
    imaginary /= TAU
    # The residue is nothing beside the sum from y = 2 pi on.
    if y < TAU and x < NO_BELL:
        pole = _pole_of_w(n, x, y, whole, off)
        real += pole[0]
        imaginary += pole[1]
    return real, imaginary


def _sine_of_w(x: float, y: float) -> float:
    """The imaginary part for a small x, the integral of 2/sqrt(pi) exp(-t^2 - 2 y t) sin(2 x t) over t > 0."""
    half = 0.5 * (math.sqrt(y * y + 42.0) - y)
    total = 0.0
    for node, weight in zip(NODES, WEIGHTS):
        t = half - half * node
        u = half + half * node
        total += weight * (
            math.exp(-t * (t + 2.0 * y)) * math.sin(2.0 * x * t) + math.exp(-u * (u + 2.0 * y)) * math.sin(2.0 * x * u)
        )
    return TWO_OVER_SQRT_PI * half * total


def _shifted_of_w(n: float, x: float, y: float) -> Pair:
    """The n-th derivative by the Taylor series at z + i h, whose terms come from the downward recurrence of the
    derivatives there (Gautschi 1970)."""
    h = 2.0
    # c_j = w^(j)/((2i)^j j!) has the ratios r_j = c_j/c_(j - 1) = 1/(2 (y + h - i x) + 2 (j + 1) r_(j + 1)) and
    # c_0 = 2/sqrt(pi) r_0; the sum is that of c_j (2h)^(j - n) j!/(j - n)! over j >= n.
    j = 76.0 + 2.0 * n
    r = (0.0, 0.0)
    s = (0.0, 0.0)
    scale = 1.0
    k = 0.0
    while k < j:
        k += 1.0
        scale *= k if k <= n else 2.0 * h * k / (k - n)
    while j >= 0.0:
        r = _inverse_of_w(2.0 * (y + h + (j + 1.0) * r[0]), 2.0 * ((j + 1.0) * r[1] - x))
        s = _times_of_w(r, (s[0] + (scale if j >= n else 0.0), s[1]))
        scale *= (j - n) / (2.0 * h * j) if j > n else 1.0
        j -= 1.0
    k = 0.0
    while k < n:
        s = (-2.0 * s[1], 2.0 * s[0])
        k += 1.0
    return TWO_OVER_SQRT_PI * s[0], TWO_OVER_SQRT_PI * s[1]


def _value_of_w(x: float, y: float, off: float) -> Pair:
    """w for x, y >= 0, without a loop that depends on them."""
    if x == inf or y == inf:
        return 0.0, 0.0
    if x > W_FAR or y > W_FAR:
        u = _inverse_of_w(x, y)
        q = _times_of_w(u, u)
        rest = _times_of_w(q, (0.75 + 1.875 * q[0], 1.875 * q[1]))
        rest = _times_of_w(u, _plus_one_of_w(_times_of_w(q, (0.5 + rest[0], rest[1]))))
        return 0.0 - ONE_OVER_SQRT_PI * rest[1], ONE_OVER_SQRT_PI * rest[0]
    frac = math.fmod(2.0 * x, 1.0)
    whole = 1.0 if 0.25 < frac < 0.75 else 0.0
    square = y * y
    real = 0.0
    imaginary = 0.0
    t = 0.5 if whole == 1.0 else 0.25
    for on, between in zip(WHOLE_FEW, HALF_FEW):
        a = x - t
        b = x + t
        left = (on if whole == 1.0 else between) / (a * a + square)
        right = 1.0 / (b * b + square)
        real += left + (on if whole == 1.0 else between) * right
        imaginary += (a * b + square) * left * right
        t += 0.5
    middle = _inverse_of_w(x, y) if whole == 1.0 else (0.0, 0.0)
    real = (y * real - middle[1]) / TAU
    imaginary = (2.0 * x * imaginary + middle[0]) / TAU
    if y < TAU and x < NO_BELL:
        sine, cosine = sin_cos_pi(4.0 * x)
        grown = math.exp(2.0 * TAU * y)
        grown = -grown if whole == 1.0 else grown
        a = 1.0 + grown * cosine
        b = grown * sine
        bell = _bell_of_w(x, y, off)
        scale = 2.0 / (a * a + b * b)
        real += scale * (a * bell[0] - b * bell[1])
        imaginary += scale * (a * bell[1] + b * bell[0])
    return (real, _sine_of_w(x, y)) if x < 0.6 and y < 1.6 else (real, imaginary)


def _plus_one_of_w(a: Pair) -> Pair:
    return 1.0 + a[0], a[1]


def _upper_of_w(n: float, x: float, y: float, off: float) -> Pair:
    """The n-th derivative for x, y >= 0, n > 0."""
    if x == inf or y == inf:
        return 0.0, 0.0
    if x > W_FAR or y > W_FAR or n > 1.0 and (x > NO_BELL or y > 2.0 * TAU):
        return _far_of_w(n, x, y, 1.0)
    if n == 1.0 and x < 1.2 and y < 1.2:
        w = _value_of_w(x, y, off)
        return -2.0 * (x * w[0] - y * w[1]), TWO_OVER_SQRT_PI - 2.0 * (x * w[1] + y * w[0])
    if n > 1.0 and x < 2.5 + 0.27 * n:
        return _shifted_of_w(n, x, y)
    return _sum_of_w(n, x, y, off)


def _plane_of_w(x: float, y: float, off: float) -> Pair:
    """w at x + i y; off is added to x^2 in exp(-x^2)."""
    if x != x or y != y:
        return nan, nan
    if y == -inf:
        return nan, nan
    w = _value_of_w(abs(x), abs(y), off)
    real = w[0]
    imaginary = math.copysign(w[1], x)
    if y < 0.0 and abs(x) < inf:
        # w(z) = 2 exp(-z^2) - w(-z), and w(-conjugate z) is the conjugate of w(z).
        bell = _bell_of_w(x, y, off)
        real = 2.0 * bell[0] - real
        imaginary = 2.0 * bell[1] + imaginary
    return real, imaginary


def _whole_of_w(n: float, x: float, y: float, off: float) -> Pair:
    """The n-th derivative of w at x + i y; off is added to x^2 in exp(-x^2)."""
    if not (0.0 <= n <= FADDEEVA_SPARE and n % 1.0 == 0.0) or x != x or y != y:
        return nan, nan
    if n == 0.0:
        return _plane_of_w(x, y, off)
    if y < 0.0 and (abs(x) == inf or y == -inf):
        return (0.0, 0.0) if y > -inf else (nan, nan)
    real, imaginary = _upper_of_w(n, abs(x), abs(y), off)
    odd = n % 2.0
    turned = x if y >= 0.0 else -x
    # w(-conjugate z) is the conjugate of w(z).
    if turned < 0.0:
        real = -real if odd == 1.0 else real
        imaginary = imaginary if odd == 1.0 else -imaginary
    if y < 0.0:
        # w(z) = 2 exp(-z^2) - w(-z)
        bell = _times_of_w(_bell_of_w(x, y, off), _hermite_of_w(n, x, y))
        real = 2.0 * bell[0] + (real if odd == 1.0 else -real)
        imaginary = 2.0 * bell[1] + (imaginary if odd == 1.0 else -imaginary)
    return real, imaginary


def wofz_real(x: float, y: float) -> float:
    """The real part of w(x + i y)."""
    return _plane_of_w(x, y, 0.0)[0]


def wofz_imag(x: float, y: float) -> float:
    """The imaginary part of w(x + i y)."""
    return _plane_of_w(x, y, 0.0)[1]


def dwofz_real(n: float, x: float, y: float) -> float:
    """The real part of the n-th derivative of w at x + i y."""
    return _whole_of_w(n, x, y, 0.0)[0]


def dwofz_imag(n: float, x: float, y: float) -> float:
    """The imaginary part of the n-th derivative of w at x + i y."""
    return _whole_of_w(n, x, y, 0.0)[1]


# Voigt's profile, the real part of F(x + i gamma) = w((x + i gamma)/(sigma sqrt(2)))/(sigma sqrt(2 pi))


def _scaled_of_voigt(x: float, sigma: float) -> Pair:
    """x/(sigma sqrt(2)), rounded, and how much its square is less than x^2/(2 sigma^2)."""
    q = x / sigma
    u = q / SQRT_TWO
    if not (1e-100 < abs(x) < 1e100 and 1e-100 < sigma < 1e100):
        return u, 0.0
    high, low = product(q, q)
    top, rest = product(u, u)
    back, lost = product(q, sigma)
    return u, 0.5 * high - top + (0.5 * low - rest + q * ((x - back - lost) / sigma))


def _whole_of_voigt(n: float, x: float, sigma: float, gamma: float) -> Pair:
    """The n-th derivative of F at x + i gamma."""
    if not (0.0 <= n <= FADDEEVA_SPARE and n % 1.0 == 0.0 and sigma >= 0.0 and gamma >= 0.0) or x != x:
        return nan, nan
    if x in (inf, -inf) or sigma == inf or gamma == inf:
        return 0.0, 0.0
    if max(abs(x), gamma) > W_FAR * (sigma * SQRT_TWO):
        real, imaginary = _far_of_w(n, x, gamma, sigma * SQRT_TWO)
        return ONE_OVER_SQRT_PI * real, ONE_OVER_SQRT_PI * imaginary
    if sigma == 0.0:
        return inf if n == 0.0 else nan, nan
    u, off = _scaled_of_voigt(x, sigma)
    real, imaginary = _whole_of_w(n, u, gamma / sigma / SQRT_TWO, off)
    k = 0.0
    while k < n:
        real = real / sigma / SQRT_TWO
        imaginary = imaginary / sigma / SQRT_TWO
        k += 1.0
    return real / sigma / SQRT_TAU, imaginary / sigma / SQRT_TAU


def voigt_profile(x: float, sigma: float, gamma: float) -> float:
    """The convolution of a normal density of standard deviation sigma and a Cauchy density of half width gamma."""
    if not (sigma >= 0.0 and gamma >= 0.0) or x != x:
        return nan
    if abs(x) == inf or sigma == inf or gamma == inf:
        return 0.0
    if max(abs(x), gamma) > W_FAR * (sigma * SQRT_TWO):
        # i/pi (1/z + sigma^2/z^3 + 3 sigma^4/z^5 + …)
        turned = _inverse_of_w(x, gamma)
        v = (sigma * turned[0], sigma * turned[1])
        q = _times_of_w(v, v)
        rest = _times_of_w(q, (3.0 + 15.0 * q[0], 15.0 * q[1]))
        rest = _times_of_w(turned, _plus_one_of_w(_times_of_w(q, (1.0 + rest[0], rest[1]))))
        return (0.0 - rest[1]) / math.pi
    if sigma == 0.0:
        return inf
    u, off = _scaled_of_voigt(x, sigma)
    return _plane_of_w(u, gamma / sigma / SQRT_TWO, off)[0] / sigma / SQRT_TAU


def dvoigt(n: float, x: float, sigma: float, gamma: float) -> float:
    """The n-th derivative of Voigt's profile in x."""
    return _whole_of_voigt(n, x, sigma, gamma)[0]


def dvoigt_imag(n: float, x: float, sigma: float, gamma: float) -> float:
    """The n-th derivative in x of the imaginary part of F, the conjugate of Voigt's profile."""
    return _whole_of_voigt(n, x, sigma, gamma)[1]
