"""Values of the Bessel functions Y and K of whole orders by recurrences in pairs from the orders 0 and 1, for arguments
where these are known well enough. As in `elementary`, no function raises.
"""

from __future__ import annotations

import math

from .bessel import _beyond, y0, y1
from .bessel_modified import k0, k1
from .bessel_second import TWO_OVER_PI
from .bessel_temme import _near_cosine, _near_sine
from .doubled import inverse, minus, multiplied, summed, times, total
from .special import _polynomial

nan = math.nan

# Terms of Y's recurrence from rounded values may be larger than their sum by this.
CANCELLED = 1.5
# From here on Y_0 and Y_1 are pairs, with an error of 2^-62 of sqrt(2/(pi a)).
PLANE = 8.0
# A value that is larger than this, times sqrt(2/(pi a)), has all digits of a float then.
PLANE_CLEAR = 2e-3
# Hankel's sums for a >= PLANE, in 1/a^2: of even order, less 1, over 1/a^2, and of odd order, over 1/a, less the first
# term, -1/8 or 3/8, over 1/a^2
EVEN_0_PLANE = (
    -1.143582893421505e+17, 1.4759441857345688e+16, -884413688832972.4, 33013439835038.87, -876911424232.0658,
    18253725512.685608, -329407269.2040528, 5842947.291220422, -117519.30513126055, 3035.043742273043,
    -110.0123983395344, 6.074037450766448, -0.572501418644806, 0.11215209960889656, -0.07031249999999999,
)  # fmt: skip
ODD_0_PLANE = (
    3.959284369900246e+21, -5.6332232391757083e+20, 3.721688958934249e+19, -1.5229591150327683e+18,
    4.358468252196231e+16, -939514356136204.0, 16222659407209.906, -240165885888.76788, 3331136369.808502,
    -48438660.07637066, 828860.5783001237, -18250.67992095749, 551.3274117588298, -24.380523395934766,
    1.7277275000766599, -0.22710800170858345, 0.07324218749999999,
)  # fmt: skip
EVEN_1_PLANE = (
    1.2033097344150173e+17, -1.5535237115084732e+16, 931327618597765.0, -34788710507237.76, 925082729264.2526,
    -19291706553.635216, 349226677.2838246, -6226856.754681812, 126258.72724865898, -3299.077992969924,
    121.5929192192191, -6.883909495468262, 0.6765925859807844, -0.14419555664012312, 0.11718749999999999,
)  # fmt: skip
ODD_1_PLANE = (
    -4.144758519240337e+21, 5.898184338809385e+20, -3.8976962920865e+19, 1.5955309094827556e+18,
    -4.5684401578970584e+16, 985525708328969.9, -17037751099330.639, 252734624815.31155, -3516931287.850729,
    51402686.73830298, -886124.8822820955, 19710.990233550525, -603.8352189874453, 27.24882072950038,
    -1.9935317311326484, 0.27757644653278446, -0.10253906249999999,
)  # fmt: skip


def upward_k(n: float, a: float) -> float:
    """K_n(a), n = 2, 3, …, by the recurrence from K_0 and K_1 (DLMF 10.29.1), whose terms are positive; nan where it
    overflows on the way, or begins beside the least float."""
    before = (k0(a), 0.0)
    y = (k1(a), 0.0)
    if not (before[0] > 1e-280 and y[0] < 1e280):
        return nan
    over = inverse((a, 0.0))
    k = 1.0
    while k < n and y[0] < 1e280:
        after = summed(before, multiplied(times(over, 2.0 * k), y))
        before = y
        y = after
        k += 1.0
    return y[0] if y[0] < 1e280 else nan


def _upward_near_y(n: float, a: float) -> float:
    """Y_n(a), n = 2, 3, …, by the recurrence from Y_0 and Y_1 (DLMF 10.6.1); nan where its terms cancel, or where it
    overflows on the way."""
    other_start = y0(a)
    start = y1(a)
    before = (other_start, 0.0)
    y = (start, 0.0)
    # The factors of Y_1 and Y_0
    first_before = 0.0
    first = 1.0
    other_before = 1.0
    other = 0.0
    over = inverse((a, 0.0))
    k = 1.0
    while k < n and abs(y[0]) < 1e280:
        part = times(over, 2.0 * k)
        after = minus(multiplied(part, y), before)
        before = y
        y = after
        factor = part[0] * first - first_before
        first_before = first
        first = factor
        factor = part[0] * other - other_before
        other_before = other
        other = factor
        k += 1.0
    bound = abs(first * start) + abs(other * other_start)
    return y[0] if bound < CANCELLED * abs(y[0]) < 1e280 else nan


def upward_y(n: float, a: float) -> float:
    """Y_n(a), n = 2, 3, …, for a < FAR; nan where it is not known: beside a zero, and where it overflows on the way."""
    if a < PLANE:
        return _upward_near_y(n, a)
    over = inverse((a, 0.0))
    t = over[0] * over[0]
    turns = math.floor(a * TWO_OVER_PI)
    angle = _beyond(a, 2.0 * turns + 1.0)
    sine = _near_sine(angle)
    cosine = _near_cosine(angle)
    odd = summed((-0.125 * over[0], -0.125 * over[1]), (over[0] * t * _polynomial(ODD_0_PLANE, t), 0.0))
    next_odd = summed(times(over, 0.375), (over[0] * t * _polynomial(ODD_1_PLANE, t), 0.0))
    even = total(1.0, t * _polynomial(EVEN_0_PLANE, t))
    next_even = total(-1.0, -t * _polynomial(EVEN_1_PLANE, t))
    # The angle is that of Y_0 less some quarter turns, and Y_1 is a quarter turn behind.
    quarter = turns % 4.0
    swapped = quarter % 2.0
    sign = -1.0 if quarter >= 2.0 else 1.0
    s = (1.0 - swapped) * sign
    c = swapped * sign
    before_sine = (sine[0] * s + cosine[0] * c, sine[1] * s + cosine[1] * c)
    before_cosine = (cosine[0] * s - sine[0] * c, cosine[1] * s - sine[1] * c)
    before = summed(multiplied(even, before_sine), multiplied(odd, before_cosine))
    y = summed(multiplied(next_odd, before_sine), multiplied(next_even, before_cosine))
    k = 1.0
    while k < n and abs(y[0]) < 1e280:
        after = summed(multiplied(times(over, 2.0 * k), y), (-before[0], -before[1]))
        before = y
        y = after
        k += 1.0
    return y[0] / math.sqrt(math.pi * (0.5 * a)) if PLANE_CLEAR < abs(y[0]) < 1e280 else nan
