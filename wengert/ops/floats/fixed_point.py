"""Special functions in fixed point, for the few places where no formula in float64 keeps its digits.

A function that is computed as a difference loses all digits near its zeros, and lgamma and digamma have a zero between
any two poles. Fixed point keeps them: a real v is the integer v*2^p of Python, with p as large as needed, and a result
is rounded once, at the end. A call takes some hundred microseconds, so the float64 formulas of `special`,
`trigonometric` and `elementary` call this module only where they cancel.
"""

from __future__ import annotations

import math

BITS = 256  # near a zero two float64 terms cancel by about 2^-60; this leaves room
_pi: dict[int, int] = {}
_log_2: dict[int, int] = {}
_tangents: list[int] = []


def fixed(a: float, p: int) -> int:
    """A finite float in fixed point (exact if a*2^p is an integer)."""
    numerator, denominator = a.as_integer_ratio()
    return (numerator << p) // denominator


def quotient(v: int, w: int) -> float:
    """The float nearest to v/w."""
    try:
        return v / w
    except OverflowError:
        return math.inf if (v > 0) == (w > 0) else -math.inf


def rounded(v: int, p: int) -> float:
    """The float nearest to v/2^p."""
    return quotient(v, 1 << p)


def split(v: int, p: int) -> tuple[float, float]:
    """The float nearest to v/2^p, and the remainder as a float."""
    high = rounded(v, p)
    return high, rounded(v - fixed(high, p), p)


def power(v: int, n: int, p: int) -> int:
    """v^n, truncated to p bits after the point at every step."""
    y = 1 << p
    while n:
        if n & 1:
            y = y * v >> p
        v = v * v >> p
        n >>= 1
    return y


def _inverse_arctan(n: int, p: int, hyperbolic: bool = False) -> int:
    """atan(1/n) or atanh(1/n)."""
    total = term = (1 << p) // n
    k = 1
    while term:
        term //= n * n
        k += 2
        total += term // k if hyperbolic or k % 4 == 1 else -(term // k)
    return total


def pi(p: int) -> int:
    """pi, by Machin's formula."""
    if p not in _pi:
        _pi[p] = (16 * _inverse_arctan(5, p + 32) - 4 * _inverse_arctan(239, p + 32)) >> 32
    return _pi[p]


def log_2(p: int) -> int:
    if p not in _log_2:
        q = p + 32
        total = 18 * _inverse_arctan(26, q, True) + 8 * _inverse_arctan(8749, q, True)
        _log_2[p] = (total - 2 * _inverse_arctan(4801, q, True)) >> 32
    return _log_2[p]


def exp(v: int, p: int) -> int:
    """e^v: the Taylor series of e^(v/2^8), squared eight times."""
    q = p + 32 + max(0, v.bit_length() - p)
    v <<= q - p
    doublings, v = divmod(v, log_2(q))
    term = total = 1 << q
    k = 1
    while term:
        term = (term * v >> q + 8) // k
        total += term
        k += 1
    for _ in range(8):
        total = total * total >> q
    shift = q - p - doublings
    return total >> shift if shift >= 0 else total << -shift


def log(v: int, p: int) -> int:
    """log(v) for v > 0: Halley's iteration, which triples the digits in a step, for the fraction in [1/2, 1)."""
    exponent = v.bit_length() - p
    q = p + 32
    v = v << q - p - exponent if q - p >= exponent else v >> exponent - (q - p)
    y = fixed(math.log(v / (1 << q)), q)
    digits = 48
    while digits < q:
        e = exp(y, q)
        y += (2 * (v - e) << q) // (v + e)
        digits *= 3
    return (y + exponent * log_2(q)) >> 32


def sin_cos_pi(a: float, p: int) -> tuple[int, int]:
    """sin(pi*a) and cos(pi*a)."""
    turn = math.fmod(a, 2.0)
    quarters = round(2.0 * turn)
    q = p + 32
    return turned(fixed(turn - 0.5 * quarters, q) * pi(q) >> q, quarters, p)


def sin_cos(a: float, p: int) -> tuple[int, int]:
    """sin(a) and cos(a), with as many further digits of pi as a has before its point."""
    q = p + 32
    more = max(0, math.frexp(a)[1])
    more += -more % 256
    quarters, rest = divmod(fixed(a, q + more), pi(q + more) >> 1)
    return turned(rest >> more, quarters, p)


def turned(angle: int, quarters: int, p: int) -> tuple[int, int]:
    """The sine and the cosine of an angle plus some quarter turns; the angle has p + 32 bits after its point."""
    q = p + 32
    sums = [0, 0, 0, 0]
    term, k = 1 << q, 0
    while term and term != -1:
        sums[k % 4] += term
        k += 1
        term = (term * angle >> q) // k
    s, c = sums[1] - sums[3] >> 32, sums[0] - sums[2] >> 32
    return ((s, c), (c, -s), (-s, -c), (-c, s))[quarters % 4]


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), for a and b at most 0."""
    p = BITS - min(0, math.frexp(a)[1])
    return rounded(log(exp(fixed(a, p), p) + exp(fixed(b, p), p), p), p)


def dsinc(n: int, a: float) -> float:
    """The n-th derivative of sin(pi*a)/(pi*a).

    With z = pi*a and s = sin(z)/z, Leibniz' rule for z*s gives z*s⁽ⁿ⁾ + n*s⁽ⁿ⁻¹⁾ = sin(z + n*pi/2): an upward
    recurrence, used where z is larger than n. Elsewhere the Taylor series is used.
    """
    exponent = math.frexp(a)[1]
    if exponent > 53:
        # a is an integer: sin(z) is 0, cos(z) is ±1 (1 from 2^54 on, where every float is even), n/z is negligible.
        m = n - 1 if n % 2 else n - 2
        top = (-1) ** (n // 2 + abs(int(a))) * (1 if n % 2 else n) * power(pi(BITS), m, BITS)
        return quotient(top, int(a) ** (n - m) << BITS)
    p = BITS + n + 2 * abs(exponent) + n.bit_length() * n
    p += -p % 512
    z = fixed(a, p) * pi(p) >> p
    scale = power(pi(p), n, p)
    if abs(z) >> p > n:
        s, c = sin_cos_pi(a, p)
        y = (s << p) // z
        for k in range(1, n + 1):
            y = (((c, -s, -c, s)[(k - 1) % 4] - k * y) << p) // z
        return rounded(y * scale, 2 * p)
    # s⁽ⁿ⁾ = sum over m >= n, m even, of (-1)^(m/2) z^(m - n)/((m + 1) (m - n)!)
    p += 5 * n
    z = fixed(a, p) * pi(p) >> p
    m = n + n % 2
    term = (-1) ** (m // 2) * (1 << p if m == n else z)
    y = term // (m + 1)
    while term and term != -1:
        m += 2
        term = -((term * z >> p) * z >> p) // ((m - n) * (m - n - 1))
        y += term // (m + 1)
    return rounded(y * scale, p + p - 5 * n)


# the gamma family


def bernoulli(k: int) -> tuple[int, int]:
    """B_2k as a fraction, from the tangent numbers (Brent and Harvey 2011, algorithm TangentNumbers)."""
    if k > len(_tangents):
        n = max(64, 2 * k)
        t = [0, 1]
        for i in range(2, n + 1):
            t.append((i - 1) * t[i - 1])
        for i in range(2, n + 1):
            for j in range(i, n + 1):
                t[j] = (j - i) * t[j - 1] + (j - i + 2) * t[j]
        _tangents[:] = t[1:]
    four = 1 << 2 * k
    return (-1) ** (k - 1) * 2 * k * _tangents[k - 1], four * (four - 1)


def loggamma(z: int, p: int) -> int:
    """log Γ(z) for z > 0: Stirling's series (DLMF 5.11.1) above q/4, and the recurrence up to there.

    The bits before the point of z are lost to the logarithm that it multiplies, and the coefficients of the series grow
    as its powers shrink: both are added as further bits.
    """
    q = p + 24 + max(0, z.bit_length() - p)
    one = 1 << q
    z <<= q - p
    below = one
    while z < q // 4 << q:
        below = below * z >> q
        z += one
    total = ((z - (one >> 1)) * log(z, q) >> q) - z + (log(2 * pi(q), q) >> 1) - log(below, q)
    wide = q + q * max(1, q.bit_length() - 6) // 4
    term = (one << wide) // z
    square = term * term >> wide
    k = 1
    while True:
        numerator, denominator = bernoulli(k)
        part = (numerator * term // (denominator * 2 * k * (2 * k - 1))) >> wide - q
        if part in (0, -1):
            return total >> q - p
        total += part
        term = term * square >> wide
        k += 1


def polygamma_positive(n: int, z: int, p: int) -> int:
    """The n-th derivative of digamma for z > 0: DLMF §5.15 (5.11.2) above p/4 + n, and the recurrence up to there."""
    one = 1 << p
    factorial = math.factorial(n)
    total = 0
    while z < (p // 4 + n) << p:
        total += factorial * power((one << p) // z, n + 1, p)
        z += one
    inverse = (one << p) // z
    term = power(inverse, n, p)
    total += (term * inverse >> p) * factorial >> 1
    total += term * math.factorial(n - 1) if n else -log(z, p)
    square = inverse * inverse >> p
    coefficient = math.factorial(n + 1)  # (2k + n - 1)!
    even = 2  # (2k)!
    term = term * square >> p
    k = 1
    while term * coefficient // even:
        numerator, denominator = bernoulli(k)
        total += numerator * coefficient * term // (denominator * even)
        term = term * square >> p
        coefficient *= (2 * k + n) * (2 * k + n + 1)
        even *= (2 * k + 1) * (2 * k + 2)
        k += 1
    return total if n % 2 else -total


def lgamma(a: float) -> float:
    """log|Γ(a)| for a < 0 that is not an integer, from Γ(a) Γ(1 - a) = pi/sin(pi*a)."""
    p = BITS
    s, _ = sin_cos_pi(a, p)
    return rounded(log((pi(p) << p) // abs(s), p) - loggamma(fixed(1.0, p) - fixed(a, p), p), p)


def polygamma(n: int, a: float) -> float:
    """The n-th derivative of digamma for a < 0 that is not an integer: the reflection formula (DLMF 5.15.6)."""
    p = BITS + (n + 1) * (2 + abs(math.frexp(a)[1]))
    s, c = sin_cos_pi(a, p)
    cot = (c << p) // s
    derivative = [0, 1]  # of cot, as a polynomial in cot; the derivative of cot^k is -k*(cot^(k-1) + cot^(k+1))
    for _ in range(n):
        lower = [k * d for k, d in enumerate(derivative)][1:]
        derivative = [-d for d in lower] + [0, 0]
        for k, d in enumerate(lower):
            derivative[k + 2] -= d
    value = 0
    for d in reversed(derivative):
        value = (value * cot >> p) + (d << p)
    value = value * power(pi(p), n + 1, p) >> p
    other = polygamma_positive(n, fixed(1.0, p) - fixed(a, p), p)
    return rounded((other if n % 2 == 0 else -other) - value, p)


def factorial_over_power(n: float, a: float) -> float:
    """n!/a^(n + 1), for n so large that n! overflows."""
    p = BITS + max(0, -math.frexp(a)[1])
    v = loggamma(fixed(n + 1.0, p), p) - (int(n) + 1) * log(fixed(a, p), p)
    if v >= 710 << p:
        return math.inf
    # A small result has no digits in fixed point: a power of two is taken out, and put back at the end.
    doublings = min(v // log_2(p), 0)
    return math.ldexp(rounded(exp(v - doublings * log_2(p), p), p), doublings) if doublings > -1200 else 0.0


def _log_beta(a: float, b: float, p: int) -> int:
    x, y = fixed(a, p), fixed(b, p)
    return loggamma(x, p) + loggamma(y, p) - loggamma(x + y, p)


def _bits(*a: float) -> int:
    """The bits that the logarithm of the least of the numbers needs, in steps of 64."""
    return 192 + 64 * max(0, *(math.ceil(-math.frexp(x)[1] / 64.0) for x in a))


def log_beta(a: float, b: float) -> float:
    """log B(a, b) for a > 0 and b > 0."""
    p = _bits(a, b)
    exact = _log_beta(a, b, p)
    # For floats the logarithm is 0 only at 1 and 1: a remainder there is rounding.
    return rounded(exact, p) if abs(exact) >> p - 140 else 0.0


def beta_lead(a: float, b: float, x: float) -> float:
    """x^a (1 - x)^b/B(a, b), for 0 < x < 1 and parameters so large that it is at most 1 (Loader's deviances)."""
    p = _bits(a, b, x) + 64 * math.ceil(math.frexp(max(a, b))[1] / 64.0)
    small = fixed(x, p)
    y = fixed(a, p) * log(small, p) + fixed(b, p) * log((1 << p) - small, p) >> p
    return quotient(exp(y - _log_beta(a, b, p), p), 1 << p)
