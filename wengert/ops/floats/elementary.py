"""Values of the elementary ops: functions from floats to a float, with the answers of IEEE 754.

No function raises for any floats: an overflow gives an infinity, a pole the infinity of its side, a point outside the
domain nan. Python's operators and `math` raise there, so they are wrapped; those that never raise (the sum,
`math.tanh`, `math.atan2`, …) stand in the rows directly.

Every formula keeps its relative accuracy over the whole domain: in the tails, near zeros and singularities, and among
subnormals. Where a textbook formula cancels, a comment says so.
"""

from __future__ import annotations

import math

from . import fixed_point

inf = math.inf
nan = math.nan

INTEGERS = 4503599627370496.0  # 2^52, from which on every float is an integer
SPLITTER = 134217729.0  # 2^27 + 1, which splits a float into two halves whose products are exact (Dekker 1971)
TINY_EXP = -700.0  # below this exp is subnormal, or near it, and has lost digits
EXP_MINUS_64 = 1.603810890548638e-28


def divide(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        return nan if a == 0.0 or a != a else math.copysign(inf, a) * math.copysign(1.0, b)


def floor_mod(a: float, b: float) -> float:
    """a - b*floor(a/b), with the sign of b: the remainder of Python and of NumPy, not C's fmod."""
    try:
        return a % b
    except ZeroDivisionError:
        return nan


def truncated_mod(a: float, b: float) -> float:
    """a - b*trunc(a/b), with the sign of a: the remainder of C."""
    return math.fmod(a, b) if b != 0.0 and abs(a) < inf else a * nan


def logarithm(a: float, b: float) -> float:
    """log(a)/log(b), by the logarithms of bases 2 and 10 where b is one of them; nan at the base 1."""
    if b == 2.0:
        return log2(a)
    if b == 10.0:
        return log10(a)
    return divide(log(a), log(b)) if b != 1.0 else nan


def power(a: float, b: float) -> float:
    if b == 2.0:
        return a * a  # the bits of square(a), which may replace it
    try:
        return math.pow(a, b)
    except OverflowError:
        return -inf if a < 0.0 and b % 2.0 == 1.0 else inf
    except ValueError:
        if a != 0.0:
            return nan
        # Not b % 2, which is 1 for a b beside -1: Python rounds it.
        return math.copysign(inf, a) if math.fmod(b, 2.0) == -1.0 else inf


def square(a: float) -> float:
    return a * a


def cube(a: float) -> float:
    return a * a * a


def copy(a: float) -> float:
    return a


def reciprocal(a: float) -> float:
    return 1.0 / a if a != 0.0 else math.copysign(inf, a)


def sqrt(a: float) -> float:
    return math.sqrt(a) if a >= 0.0 else nan


def cbrt(a: float) -> float:
    """The cube root, by one Newton step from pow with a residual in doubled precision: C libraries err by 3 ulps."""
    if a == 0.0 or not math.isfinite(a):
        return a
    fraction, exponent = math.frexp(abs(a))
    whole, rest = divmod(exponent, 3)
    scaled = math.ldexp(fraction, rest)
    root = math.pow(scaled, 1.0 / 3.0)
    high, low = product(root, root)
    cubed, tail = product(high, root)
    root -= (cubed - scaled + (tail + low * root)) / (3.0 * high)
    return math.copysign(math.ldexp(root, whole), a)


def product(a: float, b: float) -> tuple[float, float]:
    """The rounded product and its rounding error: a*b = high + low exactly, for moderate a and b (Dekker 1971)."""
    high = a * b
    c = SPLITTER * a
    a1 = c - (c - a)
    a2 = a - a1
    c = SPLITTER * b
    b1 = c - (c - b)
    b2 = b - b1
    return high, a1 * b1 - high + a1 * b2 + a2 * b1 + a2 * b2


def difference(a: float, b: float) -> tuple[float, float]:
    """The rounded difference and its rounding error: a - b = high + low exactly (Knuth's two-sum)."""
    high = a - b
    c = high - a
    return high, a - (high - c) - (b + c)


# pieces


def sign(a: float) -> float:
    return 1.0 if a > 0.0 else -1.0 if a < 0.0 else a * a


def step(a: float) -> float:
    return 1.0 if a > 0.0 else 0.0 if a < 0.0 else a * a + 0.5


def step_left(a: float) -> float:
    return 1.0 if a > 0.0 else 0.0 if a <= 0.0 else a


def step_right(a: float) -> float:
    return 1.0 if a >= 0.0 else 0.0 if a < 0.0 else a


def sign_left(a: float) -> float:
    return 1.0 if a > 0.0 else -1.0 if a <= 0.0 else a


def sign_right(a: float) -> float:
    return 1.0 if a >= 0.0 else -1.0 if a < 0.0 else a


def floor(a: float) -> float:
    return a // 1.0 if -INTEGERS < a < INTEGERS else a


def ceil(a: float) -> float:
    return -(-a // 1.0) if -INTEGERS < a < INTEGERS else a


def rint(a: float) -> float:
    """The nearest integer, halves to the even one."""
    if not -INTEGERS < a < INTEGERS:
        return a
    return math.copysign(abs(a) + INTEGERS - INTEGERS, a)


def trunc(a: float) -> float:
    return math.copysign(abs(a) // 1.0, a) if -INTEGERS < a < INTEGERS else a


def largest(*a: float) -> float:
    """The maximum; nan if any argument is; +0 is larger than -0 (IEEE 754-2019 maximum)."""
    y = max(a)
    for b in a:
        if b != b:
            return b
    if y == 0.0:
        return max((b for b in a if b == 0.0), key=lambda b: math.copysign(1.0, b))
    return y


def smallest(*a: float) -> float:
    """The minimum; nan if any argument is; -0 is smaller than +0 (IEEE 754-2019 minimum)."""
    y = min(a)
    for b in a:
        if b != b:
            return b
    if y == 0.0:
        return min((b for b in a if b == 0.0), key=lambda b: math.copysign(1.0, b))
    return y


def clip(a: float, lo: float, hi: float) -> float:
    return smallest(largest(a, lo), hi)


def share(m: float, a: float, k: float) -> float:
    """1/k where a equals m; else 0."""
    return divide(1.0, k) if a == m else m if m != m else 0.0


def share_sole(m: float, a: float, k: float) -> float:
    """1 where a equals m and k is 1; else 0."""
    return 1.0 if a == m and k == 1.0 else m if m != m else 0.0


def share_all(m: float, a: float, k: float) -> float:
    """1 where a equals m, for any k; else 0."""
    return 1.0 if a == m else m if m != m else 0.0


def ties(m: float, *a: float) -> float:
    """The number of arguments that equal m."""
    return float(a.count(m)) if m == m else 0.0


def where(c: float, a: float, b: float) -> float:
    return a if c != 0.0 else b


def gate(c: float, a: float) -> float:
    return c * a if c != 0.0 else 0.0


# comparisons and logic


def lt(a: float, b: float) -> float:
    return 1.0 if a < b else 0.0


def le(a: float, b: float) -> float:
    return 1.0 if a <= b else 0.0


def gt(a: float, b: float) -> float:
    return 1.0 if a > b else 0.0


def ge(a: float, b: float) -> float:
    return 1.0 if a >= b else 0.0


def eq(a: float, b: float) -> float:
    return 1.0 if a == b else 0.0


def ne(a: float, b: float) -> float:
    return 1.0 if a != b else 0.0


def logical_and(a: float, b: float) -> float:
    return 1.0 if a != 0.0 and b != 0.0 else 0.0


def logical_or(a: float, b: float) -> float:
    return 1.0 if a != 0.0 or b != 0.0 else 0.0


def logical_not(a: float) -> float:
    return 1.0 if a == 0.0 else 0.0


def isnan(a: float) -> float:
    return 1.0 if a != a else 0.0


def isinf(a: float) -> float:
    return 1.0 if a in (inf, -inf) else 0.0


def isfinite(a: float) -> float:
    return 1.0 if -inf < a < inf else 0.0


# exponentials and logarithms


def exp(a: float) -> float:
    try:
        return math.exp(a)
    except OverflowError:
        return inf


def expm1(a: float) -> float:
    try:
        return math.expm1(a)
    except OverflowError:
        return inf


def exp2(a: float) -> float:
    return power(2.0, a)


def exp10(a: float) -> float:
    return power(10.0, a)


def log(a: float) -> float:
    return math.log(a) if a > 0.0 else -inf if a == 0.0 else nan


def log1p(a: float) -> float:
    return math.log1p(a) if a > -1.0 else -inf if a == -1.0 else nan


def log2(a: float) -> float:
    return math.log2(a) if a > 0.0 else -inf if a == 0.0 else nan


def log10(a: float) -> float:
    return math.log10(a) if a > 0.0 else -inf if a == 0.0 else nan


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), accurate also for results near 0, where a sum of rounded terms cancels."""
    if a != a or b != b:
        return a + b
    if a < b:
        a, b = b, a
    if b == -inf or a == inf:
        return a
    gap, error = difference(b, a)
    if gap < -750.0:
        return a
    rest = math.log1p(math.exp(gap) * (1.0 + error))
    y = a + rest
    if abs(y) > 0.5 * rest:
        return y
    return fixed_point.logaddexp(a, b)


def xlogx(a: float) -> float:
    return a * log(a) if a != 0.0 else 0.0


def xlogy(a: float, b: float) -> float:
    return a * log(b) if a != 0.0 or b != b else 0.0


def xlog1py(a: float, b: float) -> float:
    return a * log1p(b) if a != 0.0 or b != b else 0.0


def sigmoid(a: float) -> float:
    e = math.exp(-abs(a))  # one exponential for both sides, so that machine code needs no branch
    return (1.0 if a >= 0.0 else e) / (1.0 + e)


def softshare(a: float, b: float) -> float:
    """sigmoid(a - b). The rounding error of a - b, which would be a relative error in the tail, is compensated."""
    gap, error = difference(a, b)
    y = sigmoid(gap)
    return y + y * sigmoid(-gap) * error if -inf < gap < inf else y


def logit(a: float) -> float:
    """log(a/(1 - a)), from the exact 2a - 1 near 1/2, where it is 0, and from the exact 1 - a near 1."""
    if 0.5 <= a < 1.0:
        return math.log1p((2.0 * a - 1.0) / (1.0 - a))
    if 0.25 < a < 0.5:
        return -math.log1p((1.0 - 2.0 * a) / a)
    if 0.0 < a <= 0.25:
        return math.log(a / (1.0 - a))
    return -inf if a == 0.0 else inf if a == 1.0 else nan


def softplus(a: float) -> float:
    rest = math.log1p(math.exp(-abs(a)))
    return a + rest if a > 0.0 else rest


def log_sigmoid(a: float) -> float:
    return -softplus(-a)


def softsign(a: float) -> float:
    return a / (1.0 + abs(a)) if -inf < a < inf else sign(a)


def relu(a: float) -> float:
    return a if a > 0.0 or a != a else 0.0


def leaky_relu(a: float, slope: float) -> float:
    return a if a > 0.0 else slope * a


def elu(a: float, alpha: float) -> float:
    return a if a > 0.0 else alpha * math.expm1(a)


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def selu(a: float) -> float:
    return SELU_SCALE * (a if a > 0.0 else SELU_ALPHA * math.expm1(a))


def times_exp(a: float) -> float:
    """a*exp(a) for a far below 0, where exp(a) is subnormal; the limit -0 at -inf."""
    return a * math.exp(a + 64.0) * EXP_MINUS_64 if a > -1000.0 else -0.0


def silu(a: float) -> float:
    return a * sigmoid(a) if not a < TINY_EXP else times_exp(a)


def mish(a: float) -> float:
    """a*tanh(softplus(a)), where tanh(log(1 + e)) = e(e + 2)/(e(e + 2) + 2)."""
    if a < TINY_EXP:
        return times_exp(a)
    if not a < 20.0:
        return a
    e = math.exp(a)
    n = e * (e + 2.0)
    return a * (n / (n + 2.0))
