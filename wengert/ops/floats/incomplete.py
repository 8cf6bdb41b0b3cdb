"""Values of the incomplete gamma function, its density, and the derivatives of both in the parameter a, of any order.

With t = x e^-v, or x e^v, the integral of the density on either side of x is its value at x times an integral of
exp(-φ(v)) over v > 0, with a convex φ. The rule of Gauss and Legendre gives all digits of it for any a, and without
cancellation on the side where the density falls. A derivative in a is the same integral with a polynomial as weight,
the complete Bell polynomial of the derivatives of the density's logarithm (Comtet 1974, section 3.3). As in
`elementary`, no function raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .deviances import decayed, deviance, excess
from .elementary import exp, power
from .special import LGAMMA_ONE, SQRT_TAU, STIRLING, STIRLING_DIGAMMA, _polynomial, digamma, gamma, polygamma

inf = math.inf
nan = math.nan

HIGHEST = 40.0
# The φ beyond which exp(-φ) is negligible.
DEEP = 44.0
# Beyond this v the integrand is so smooth that pieces grow.
NEAR = 24.0
# Below this a, series and continued fractions take fewer turns than the rule has nodes.
FEW = 500.0

# Positive nodes of the 32-point rule of Gauss and Legendre, and their weights.
NODES = (
    0.9972638618494816, 0.9856115115452684, 0.9647622555875064, 0.9349060759377397, 0.8963211557660521,
    0.84936761373257, 0.7944837959679424, 0.7321821187402897, 0.6630442669302152, 0.5877157572407623,
    0.5068999089322294, 0.42135127613063533, 0.33186860228212767, 0.23928736225213706, 0.1444719615827965,
    0.04830766568773832,
)  # fmt: skip
WEIGHTS = (
    0.007018610009470096, 0.01627439473090567, 0.02539206530926206, 0.03427386291302143, 0.04283589802222668,
    0.050998059262376175, 0.058684093478535544, 0.06582222277636185, 0.0723457941088485, 0.07819389578707031,
    0.08331192422694675, 0.08765209300440381, 0.09117387869576389, 0.09384439908080457, 0.09563872007927486,
    0.0965400885147278,
)  # fmt: skip


def falling_integral(
    phi: Callable[[float], float], guess: float, weight: Callable[[float], float] | None, turn: float = 0.0
) -> float:
    """The integral of weight(v) exp(-phi(v)) over v > 0.

    phi is convex and 0 at 0, and its minimum is at least -1. guess > 0 is a scale for v. phi turns from one line to
    another near 0 or, if that is above 0, near `turn`.
    """
    end = guess
    while phi(end) < DEEP and end < 1e300:
        end *= 2.0
    low, high = 0.0, end
    for _ in range(12):
        middle = 0.5 * (low + high)
        if phi(middle) < DEEP:
            low = middle
        else:
            high = middle
    # Near the turn exp(v) varies on a scale of 1; elsewhere the integrand, which may reach far, is smooth.
    start = turn - NEAR if turn > 2.0 * NEAR else 0.0
    near = min(high, turn + NEAR)
    pieces = max(2, math.ceil((near - start) / 3.0))
    ends = [high]
    while ends[-1] > near:
        ends.append(turn + max(NEAR, 0.25 * (ends[-1] - turn)))
    if near > start:
        ends += [start + (near - start) * k / pieces for k in range(pieces - 1, -1, -1)]
    while ends[-1] > 0.0:
        ends.append(max(0.0, turn - 4.0 * (turn - ends[-1])))
    ends.pop()
    terms = []
    for right, left in zip(ends, [*ends[1:], 0.0]):
        centre, half = 0.5 * (right + left), 0.5 * (right - left)
        for node, w in zip(NODES, WEIGHTS):
            for v in (centre - half * node, centre + half * node):
                y = half * w * exp(-phi(v))
                terms.append(y if weight is None else y * weight(v))
    return total(terms)


def total(terms: list[float]) -> float:
    """The sum of the terms, rounded once; infinities add as in IEEE 754."""
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):
        return sum(terms)


def bell(slopes: list[float]) -> float:
    """The n-th derivative of exp(L), divided by exp(L), from the first n derivatives of L."""
    y = [1.0]
    for m in range(len(slopes)):
        y.append(total([math.comb(m, k) * slopes[k] * y[m - k] for k in range(m + 1)]))
    return y[-1]


def lead(a: float, x: float) -> float:
    """x^a e^-x/Γ(a), for a > 0 and x > 0."""
    if a < 7.0:
        return decayed(power(x, a) * (a / gamma(a + 1.0) if a < 1e-3 else 1.0 / gamma(a)), x, 0.0) if x < 1e3 else 0.0
    d, less = deviance(a, (x, 0.0))
    return decayed(math.sqrt(a) / SQRT_TAU, d, less + _polynomial(STIRLING, 1.0 / a / a) / a)


def gammapdf(a: float, x: float) -> float:
    """x^(a - 1) e^-x/Γ(a), the density of the gamma law."""
    if not (0.0 < a < inf and x >= 0.0) or x != x:
        return nan
    if x == 0.0:
        return 0.0 if a > 1.0 else 1.0 if a == 1.0 else inf
    if x == inf:
        return 0.0
    if a < 7.0 and (a >= 1.0 or x < 1e-300):
        return decayed(power(x, a - 1.0) / gamma(a), x, 0.0) if x < 1e3 else 0.0
    return lead(a, x) / x


def _slope(a: float, x: float) -> float:
    """log(x) - ψ(a), the derivative in a of log(gammapdf(a, x)); no cancellation in log(a) - ψ(a) (DLMF 5.11.2)."""
    if a < 4.0:
        return math.log(x) - digamma(a)
    d = (x - a) / a
    terms: list[float] = []
    b = a
    while b < 10.0:
        terms.append(1.0 / b)
        b += 1.0
    first = math.log1p(d) if abs(d) < 0.5 else math.log(x)
    second = math.log1p((b - a) / a) if abs(d) < 0.5 else math.log(b)
    terms += (first, -second)
    terms += (0.5 / b, _polynomial(STIRLING_DIGAMMA, 1.0 / b / b) / b / b)
    return math.fsum(terms)


def _first_slope(a: float, x: float) -> float:
    """log(x) - ψ(a); for a small a from ψ(a + 1), as the derivatives of 1/Γ(a) cancel near 0."""
    return _slope(a, x) if a >= 1.0 else math.log(x) - digamma(a + 1.0) + 1.0 / a


def _slopes(n: int, a: float) -> list[float]:
    """The derivatives of -log Γ(a) from the second to the n-th."""
    return [-polygamma(float(k), a) for k in range(1, n)]


def dgammapdf(n: float, a: float, x: float) -> float:
    """The n-th derivative of gammapdf in a."""
    y = gammapdf(a, x)
    if not (0.0 <= n <= HIGHEST and n % 1.0 == 0.0) or y != y:
        return nan
    if n == 0.0 or y == 0.0 or x == inf:
        return y
    if x == 0.0:
        return -inf if n % 2.0 else inf
    return y * (_first_slope(a, x) if n == 1.0 else _bent_of_order_at(n, a, x))


def _bent_of_order_at(n: float, a: float, x: float) -> float:
    """`_bent` at t = x."""
    return _bent(int(n), a, x)(0.0)


def _bent(n: int, a: float, x: float) -> Callable[[float], float]:
    """The n-th derivative of gammapdf(a, t) in a, divided by gammapdf(a, t), as a function of log(t/x)."""
    if a >= 1.0:
        first, rest = _slope(a, x), _slopes(n, a)
        return lambda v: bell([first + v, *rest])
    # Derivatives of 1/Γ(a) cancel near 0, where it is about a, so those of a/Γ(a + 1) are taken.
    beyond, later = math.log(x) - digamma(a + 1.0), _slopes(n, a + 1.0)
    return lambda v: bell([beyond + v, *later]) + n / a * bell([beyond + v, *later][: n - 1])


def _sum(n: int, a: float, x: float) -> float:
    """The n-th derivative in a of gammainc(a, x)*Γ(a + 1)/x^a, or that less 1 for n = 0, for x < 1 (DLMF 8.7.1)."""
    if n == 0:
        return _small_sum(a, x)
    terms: list[float] = []
    term = 1.0
    k = 1.0
    while abs(term) > 1e-19:
        term *= -x / k
        terms.append(-term * k / (a + k) * (math.factorial(n) * (-1.0) ** n / power(a + k, float(n))))
        k += 1.0
    return total(terms)


def _small_sum(a: float, x: float) -> float:
    """gammainc(a, x)*Γ(a + 1)/x^a - 1, for x < 1 (DLMF 8.7.1)."""
    terms: list[float] = []
    term = 1.0
    k = 1.0
    while abs(term) > 1e-19:
        term *= -x / k
        terms.append(term * (a / (a + k)))
        k += 1.0
    return math.fsum(terms)


def _small_lower(a: float, x: float) -> float:
    """gammainc(a, x) for x < 1/2."""
    y = lead(a, x) * math.exp(x) / a if a > 1e-3 else power(x, a) / gamma(1.0 + a)
    return y * (1.0 + _small_sum(a, x))


def _gamma_phi(gap: float, x: float, side: float, v: float) -> float:
    return gap * v + x * excess(side * v)


def _gamma_integral(gap: float, x: float, side: float, first: float, slope: float) -> float:
    """`falling_integral` of (first + slope*w) exp(-gap*v - x*(e^w - 1 - w)), where w is v for side = 1, -v for -1."""
    end = 1.0 / (abs(gap) + math.sqrt(x))
    while _gamma_phi(gap, x, side, end) < DEEP and end < 1e300:
        end = 2.0 * end
    low = 0.0
    k = 0.0
    while k < 12.0:
        middle = 0.5 * (low + end)
        if _gamma_phi(gap, x, side, middle) < DEEP:
            low = middle
        else:
            end = middle
        k += 1.0
    near = NEAR if end > NEAR else end
    pieces = float(math.ceil(near / 3.0)) if near > 6.0 else 2.0
    terms: list[float] = []
    right = end
    k = pieces
    while right > 0.0:
        left = near * (k - 1.0) / pieces
        if right > NEAR:
            left = 0.25 * right if right > 4.0 * NEAR else NEAR
        else:
            k -= 1.0
        centre = 0.5 * (right + left)
        half = 0.5 * (right - left)
        for node, w in zip(NODES, WEIGHTS):
            v = centre - half * node
            one = half * w * exp(-_gamma_phi(gap, x, side, v)) * (first + slope * (side * v))
            v = centre + half * node
            other = half * w * exp(-_gamma_phi(gap, x, side, v)) * (first + slope * (side * v))
            terms += (one, other)
        right = left
    return math.fsum(terms)


def _small_slope(a: float, x: float) -> float:
    """The derivative of gammainc in a, for x < 1/2."""
    y = lead(a, x) * math.exp(x) / a if a > 1e-3 else power(x, a) / gamma(1.0 + a)
    terms: list[float] = []
    term = 1.0
    k = 1.0
    while abs(term) > 1e-19:
        term *= -x / k
        terms.append(term * k / (a + k) / (a + k))
        k += 1.0
    slope = math.log(x) - digamma(a + 1.0)
    return y * (slope + (slope * _small_sum(a, x) + math.fsum(terms)))


def _small(n: int, a: float, x: float) -> float:
    """The n-th derivative of gammainc in a, n > 0, for x < 1/2."""
    y = lead(a, x) * math.exp(x) / a if a > 1e-3 else power(x, a) / gamma(1.0 + a)
    slopes = [math.log(x) - digamma(a + 1.0), *_slopes(n, a + 1.0)]
    terms = [bell(slopes)]
    terms += [math.comb(n, m) * bell(slopes[: n - m]) * _sum(m, a, x) for m in range(n + 1)]
    return y * total(terms)


def _series(a: float, x: float) -> float:
    """1 + x/(a + 1) (1 + x/(a + 2) (1 + …)) (DLMF 8.7.1), for x < a, from a term that is negligible."""
    gap = 1.0 - x / a
    k = a * (math.sqrt(gap * gap + 80.0 / a) - gap)
    k = float(math.ceil(k + 0.2 * k * k / (a + k) + 12.0))
    y = 1.0
    while k > 0.0:
        y = 1.0 + y * (x / (a + k))
        k -= 1.0
    return y


def _fraction(a: float, x: float) -> float:
    """x + 1 - a + (a - 1)/(x + 3 - a + 2 (a - 2)/(x + 5 - a + …)) (DLMF 8.9.2), for x >= a and x >= 1/2."""
    k = float(math.ceil(6.0 + 5.0 * math.sqrt(a) + 120.0 / x))
    y = x - a + (2.0 * k + 1.0)
    while k > 0.0:
        y = x - a + (2.0 * k - 1.0) + k * (a - k) / y
        k -= 1.0
    return y


def _lower(a: float, x: float) -> float:
    """The integral of the density from 0 to x, for x < a."""
    y = lead(a, x)
    if a < FEW:
        return y * _series(a, x) / a
    return y * _gamma_integral(a - x, x, -1.0, 1.0, 0.0) if y > 0.0 else y


def lower_ratio(a: float, x: float) -> float:
    """The integral of the density from 0 to x over `lead`, for x <= a."""
    return _series(a, x) / a if a < FEW else _gamma_integral(a - x, x, -1.0, 1.0, 0.0)


def upper_ratio(a: float, x: float) -> float:
    """The integral of the density from x to infinity over `lead`, for x >= a and x >= 1/2."""
    return 1.0 / _fraction(a, x) if a < FEW else _gamma_integral(x - a, x, 1.0, 1.0, 0.0)


def _upper(a: float, x: float) -> float:
    """The integral of the density from x to infinity, for x >= a or a little less."""
    y = lead(a, x)
    if x >= a and a < FEW:
        return y / _fraction(a, x)
    return y * _gamma_integral(x - a, x, 1.0, 1.0, 0.0) if y > 0.0 else y


def _below(n: int, a: float, x: float) -> float:
    """The integral of the n-th derivative of the density from 0 to x, n > 0, for x < a."""
    y = lead(a, x)
    if y == 0.0:
        return 0.0
    gap = a - x

    def phi(v: float) -> float:
        return gap * v + x * excess(-v)

    bent = _bent(n, a, x)
    return y * falling_integral(phi, 1.0 / (gap + math.sqrt(x)), lambda v: bent(-v))


def _above(n: int, a: float, x: float) -> float:
    """The integral of the n-th derivative of the density from x to infinity, n > 0, for x >= a or a little less."""
    y = lead(a, x)
    if y == 0.0:
        return 0.0
    gap = x - a

    def phi(v: float) -> float:
        return gap * v + x * excess(v)

    return y * falling_integral(phi, 1.0 / (abs(gap) + math.sqrt(x)), _bent(n, a, x))


def _ends(a: float, x: float) -> float:
    """gammainc where a or x is 0, infinite, or outside the domain; -1 elsewhere."""
    if not (a >= 0.0 and x >= 0.0) or (a in (0.0, inf) and a == x):
        return nan
    if a == 0.0 or x == inf:
        return 1.0
    return 0.0 if x == 0.0 or a == inf else -1.0


def gammainc(a: float, x: float) -> float:
    """The regularized lower incomplete gamma function P(a, x)."""
    y = _ends(a, x)
    if y != -1.0:
        return y
    if x < 0.5:
        return _small_lower(a, x)
    return _lower(a, x) if x < a else 1.0 - _upper(a, x)


def gammaincc(a: float, x: float) -> float:
    """The regularized upper incomplete gamma function Q(a, x)."""
    y = _ends(a, x)
    if y != -1.0:
        return 1.0 - y
    if x >= 0.5:
        # Q is a difference only where P is so small that the difference does not cancel.
        return 1.0 - _lower(a, x) if x < a - 0.7 * math.sqrt(a) else _upper(a, x)
    y = _small_lower(a, x)
    if y < 0.7:
        return 1.0 - y
    # P is near 1, so a < 1; with P = (1 + s) exp(u), 1 - P is -expm1(u) - s exp(u).
    u = a * (math.log(x) - (a - 1.0) * _polynomial(LGAMMA_ONE, a - 0.5))
    return -math.expm1(u) - math.exp(u) * _small_sum(a, x)


def dgammainc(n: float, a: float, x: float) -> float:
    """The n-th derivative of gammainc in a."""
    if n == 0.0:
        return gammainc(a, x)
    if not (0.0 <= n <= HIGHEST and n % 1.0 == 0.0):
        return nan
    y = _ends(a, x)
    if y != -1.0 or a == 0.0:
        return nan if y != y or a == 0.0 else 0.0
    return gammainc_da(a, x) if n == 1.0 else _gammainc_of_order(n, a, x)


def _gammainc_of_order(n: float, a: float, x: float) -> float:
    """The n-th derivative of gammainc in a, n > 1."""
    if x < 0.5:
        return _small(int(n), a, x)
    return _below(int(n), a, x) if x < a - 0.5 else -_above(int(n), a, x)


def gammainc_da(a: float, x: float) -> float:
    """The derivative of gammainc in a."""
    y = _ends(a, x)
    if y != -1.0 or a == 0.0:
        return nan if y != y or a == 0.0 else 0.0
    if x < 0.5:
        return _small_slope(a, x)
    if a < 1e-290:
        a = 1e-290  # the derivative has its limit at 0 there
    y = lead(a, x)
    if y == 0.0:
        return 0.0
    # The derivative of the density is negative below exp(ψ(a)), which is near a - 1/2, and positive above.
    if x < a - 0.5:
        return y * _gamma_integral(a - x, x, -1.0, _first_slope(a, x), 1.0)
    return -y * _gamma_integral(x - a, x, 1.0, _first_slope(a, x), 1.0)
