"""Derivatives of the regularized incomplete beta function, and of its density, in small parameters.

1/B(a, b) is a b/(a + b) times a function that is smooth at 0, and I_x(a, b) is b/(a + b) times one. The derivatives of
these fractions are known in closed form, so that no terms of the size of 1/a^n cancel.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .incomplete import total
from .special import digamma_gap, polygamma, polygamma_gap

Slope = Callable[[int, int], float]
Derivatives = dict[tuple[int, int], float]

# A term of the series with this size is negligible.
NO_TERM = 1e-19


def bells_of_both(m: int, n: int, slope: Slope) -> Derivatives:
    """∂^i/∂a^i ∂^j/∂b^j exp(L), divided by exp(L), for i = 0 … m and j = 0 … n, from the derivatives of L (Constantine
    and Savits 1996)."""
    y: Derivatives = {(0, 0): 1.0}
    for k in range(1, n + 1):
        y[0, k] = total([math.comb(k - 1, j) * slope(0, j + 1) * y[0, k - 1 - j] for j in range(k)])
    for k in range(1, m + 1):
        for q in range(n + 1):
            pairs = [(i, j) for i in range(k) for j in range(q + 1)]
            y[k, q] = total(
                [math.comb(k - 1, i) * math.comb(q, j) * slope(i + 1, j) * y[k - 1 - i, q - j] for i, j in pairs]
            )
    return y


def bell_of_both(m: int, n: int, slope: Slope) -> float:
    """The last of `bells_of_both`; nan for an order below 0."""
    return bells_of_both(m, n, slope).get((m, n), math.nan)


def _of_product(m: int, n: int, first: Slope, second: Derivatives) -> float:
    """The derivative of a product, m times in a and n times in b (Leibniz), from those of its factors."""
    terms = []
    for i in range(m + 1):
        for j in range(n + 1):
            other = second[m - i, n - j]
            if other != 0.0:
                terms.append(math.comb(m, i) * math.comb(n, j) * first(i, j) * other)
    return total(terms)


def betainc_of_least(m: float, n: float, a: float, b: float) -> float:
    """The derivative of b/(a + b), m times in a and n times in b: m! (-1)^(m + n)/(a + b)^(m + n) times
    (m + 1)_n b/(a + b) - n (m + 1)_(n - 1)."""
    s = a + b
    rising = 1.0
    k = 1.0
    while k < n:
        rising *= m + k
        k += 1.0
    y = b / s if n == 0.0 else -rising * n * a / s if m == 0.0 else rising * ((m + n) * (b / s) - n)
    k = 1.0
    while k <= m:
        y *= k
        k += 1.0
    k = m + n
    while k > 0.0:
        y /= -s
        k -= 1.0
    return y


def _of_harmonic(m: int, n: int, a: float, b: float) -> float:
    """The derivative of a b/(a + b), m times in a and n times in b, of b - b^2/(a + b), or with a and b exchanged."""
    if m == 0 or (n > 0 and a < b):
        m, n, a, b = n, m, b, a
    if m == n == 0:
        return min(a, b) / (1.0 + min(a, b) / max(a, b))
    # -b^2 times the m-th derivative of 1/s, n times in b.
    s = a + b
    y = 0.0
    for j in range(min(n, 2) + 1):
        part = -math.comb(n, j) * math.factorial(m + n - j) * (-1.0) ** (m + n - j)
        part *= b / s * (b / s) if j == 0 else 2.0 * (b / s) if j == 1 else 2.0
        y += part
    k = m + n - 1
    while k > 0:
        y /= s
        k -= 1
    return y


def _smooth_slopes(m: int, n: int, a: float, b: float, u: float, w: float) -> Slope:
    """The derivatives of the logarithm of x^a (1 - x)^b Γ(1 + a + b)/(Γ(1 + a) Γ(1 + b)), of u = log(x)
    and w = log(1 - x)."""
    known = {(1, 0): u + digamma_gap(1.0 + a, b), (0, 1): w + digamma_gap(1.0 + b, a)}
    known |= {(k + 1, 0): polygamma_gap(float(k), 1.0 + a, b) for k in range(1, m)}
    known |= {(0, k + 1): polygamma_gap(float(k), 1.0 + b, a) for k in range(1, n)}
    shared = {k: polygamma(float(k), 1.0 + a + b) for k in range(1, m + n)} if m and n else {}
    return lambda i, j: known[i, j] if (i, j) in known else shared[i + j - 1]


def bent_of_small(m: int, n: int, a: float, b: float, log_x: float, log_rest: float) -> Callable[[float, float], float]:
    """The derivative of the density at t, m times in a and n times in b, divided by the density, as a function of
    log(t/x) and log((1 - t)/(1 - x))."""
    whole = max(_of_harmonic(0, 0, a, b), 5e-324)
    fractions = {(i, j): _of_harmonic(i, j, a, b) / whole for i in range(m + 1) for j in range(n + 1)}
    slopes = _smooth_slopes(m, n, a, b, log_x, log_rest)
    first = slopes(1, 0)
    second = slopes(0, 1)

    def weight(u: float, w: float) -> float:
        def slope(i: int, j: int) -> float:
            return slopes(i, j) if i + j > 1 else first + u if i else second + w

        return _of_product(m, n, lambda i, j: fractions[i, j], bells_of_both(m, n, slope))

    return weight


def _sums_of_small(m: int, n: int, a: float, b: float, x: float) -> Derivatives:
    """The derivatives of 1 + the sum of (1 - b)_k/k! x^k a/(a + k) over k > 0, which is that of DLMF 8.17.7."""
    y = {(i, j): 1.0 if i == j == 0 else 0.0 for i in range(m + 1) for j in range(n + 1)}
    # (1 - b)_k/k! x^k and its derivatives in b
    c = [1.0, *[0.0] * n]
    k = 0.0
    most = 1.0
    while most > NO_TERM or k < 2.0:
        k += 1.0
        c = [((k - b) * c[j] - j * (c[j - 1] if j else 0.0)) / k * x for j in range(n + 1)]
        most = max(map(abs, c))
        part = a / (a + k)
        for i in range(m + 1):
            if i == 1:
                part = k / (a + k) / (a + k)
            elif i > 1:
                part *= -i / (a + k)
            for j in range(n + 1):
                y[i, j] += part * c[j]
    return y


def betainc_by_series(m: int, n: int, a: float, b: float, x: float, lead: float) -> float:
    """The derivative of I_x(a, b), m times in a and n times in b, m + n > 0, for x <= 1/2 and b x <= 1, by DLMF 8.17.7.

    I_x(a, b) is b/(a + b) times `lead`, x^a Γ(1 + a + b)/(Γ(1 + a) Γ(1 + b)), times the sum of `_sums_of_small`.
    """
    if lead == 0.0:
        return 0.0
    bells = bells_of_both(m, n, _smooth_slopes(m, n, a, b, math.log(x), 0.0))
    sums = _sums_of_small(m, n, a, b, x)
    smooth = {(i, j): _of_product(i, j, lambda k, q: bells[k, q], sums) for i in range(m + 1) for j in range(n + 1)}
    return lead * _of_product(m, n, lambda i, j: betainc_of_least(i, j, a, b), smooth)
