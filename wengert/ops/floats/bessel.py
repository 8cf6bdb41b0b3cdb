"""Values of the Bessel functions J and Y of the orders 0 and 1. As in `elementary`, no function raises.

They are polynomials on intervals below LARGE. From there on they are Hankel's asymptotic
series (DLMF §10.17(i)), with the argument's distance from a multiple of pi/4 in doubled precision; beside a zero, where
the terms of that cancel, the modulus and the phase (DLMF §10.18(iii)), which has a pair's precision too.
"""

from __future__ import annotations

import math

from . import fixed_bessel
from .bessel_first import LARGE, j0_below, j1_below
from .bessel_second import TWO_OVER_PI, y0_below, y1_below
from .doubled import Pair, divided, multiplied, plus, total
from .elementary import product
from .special import _polynomial

inf = math.inf
nan = math.nan

TINY = 2.0**-40
# log(2) - Euler's constant
LOG_2_LESS_EULER = 0.11593151565841245
# From here on three floats are too few for the multiple of pi/4 beside an argument.
FAR = 2.0**49
QUARTER, QUARTER_TAIL, QUARTER_REST = 0.7853981633974483, 3.061616997868383e-17, -7.486924524295849e-34
# Hankel's sums of even order, less 1, over 1/a^2, and of odd order, over 1/a: in 1/a^2
EVEN_0 = (
    -118838.42625678325, 3038.090510922384, -110.01714026924674, 6.074042001273483, -0.5725014209747314,
    0.112152099609375, -0.0703125,
)  # fmt: skip
ODD_0 = (
    832859.3040162893, -18257.755474293175, 551.3358961220206, -24.380529699556064, 1.7277275025844574,
    -0.22710800170898438, 0.0732421875, -0.125,
)  # fmt: skip
EVEN_1 = (
    127641.2726461746, -3302.2722944808525, 121.59789187653587, -6.883914268109947, 0.6765925884246826,
    -0.144195556640625, 0.1171875,
)  # fmt: skip
ODD_1 = (
    -890297.8767070678, 19718.37591223663, -603.8440767050702, 27.248827311268542, -1.993531733751297,
    0.2775764465332031, -0.1025390625, 0.375,
)  # fmt: skip
# The phase less that of a plane wave, over 1/a, in 1/a^2 (DLMF 10.18.18): six pairs, and the terms after them
PHASE_0 = (
    535.640519510616, -23.475127749972874, 1.6380658830915178, -0.2095703125, 0.06510416666666667, -0.125,
)  # fmt: skip
PHASE_0_TAIL = (
    1.0335167065601458e-14, 3.9474596431116675e-16, 6.344131569286608e-17, -5.551115123125783e-18,
    -4.625929269271485e-18, 0.0,
)  # fmt: skip
PHASE_0_REST = (
    -1.1663526017235577e+35, 2.988672679450787e+32, -8.496383080465116e+29, 2.695050195170232e+27,
    -9.599142661491439e+24, 3.866564660019687e+22, -1.775598971891555e+20, 9.381686880184577e+17,
    -5763997499254282.0, 41687986318546.49, -360101552365.56555, 3779795380.667541, -49232732.339998595,
    816737.8421910767, -17837.279688947478,
)  # fmt: skip
PHASE_1 = (
    -659.185221823779, 30.624011993408203, -2.3693978445870534, 0.3708984375, -0.1640625, 0.375,
)  # fmt: skip
PHASE_1_TAIL = (
    -3.100550119680437e-14, 0.0, -1.9032394707859825e-16, -1.1102230246251566e-17, 0.0, 0.0,
)  # fmt: skip
PHASE_1_REST = (
    1.2262490406905559e+35, -3.1504740283288005e+32, 8.982738934468782e+29, -2.858709172893606e+27,
    1.021983624653393e+25, -4.133914833669569e+22, 1.9075209171830722e+20, -1.013488405547706e+18,
    6267340830836611.0, -45678789849203.945, 398251272117.5241, -4228159535.534621, 55869739.657019265,
    -944346.6095480548, 21156.314045527808,
)  # fmt: skip


def _beyond(a: float, odd: float) -> Pair:
    """a less an odd multiple of pi/4, in doubled precision, for LARGE <= a < FAR."""
    high, low = product(odd, QUARTER)
    more, last = product(odd, QUARTER_TAIL)
    s = total(a - high, -low)
    t = total(s[0], -more)
    return total(t[0], t[1] + (s[1] - last - odd * QUARTER_REST))


def _phase_0(a: float) -> Pair:
    """The phase of J_0(a) and Y_0(a) less a - pi/4, for a >= LARGE."""
    t = divided((1.0, 0.0), (a, 0.0))
    u = multiplied(t, t)
    y = (_polynomial(PHASE_0_REST, 1.0 / a / a), 0.0)
    for high, low in zip(PHASE_0, PHASE_0_TAIL):
        y = plus(multiplied(y, u), (high, low))
    return multiplied(y, t)


def _phase_1(a: float) -> Pair:
    """The phase of J_1(a) and Y_1(a) less a - 3 pi/4, for a >= LARGE."""
    t = divided((1.0, 0.0), (a, 0.0))
    u = multiplied(t, t)
    y = (_polynomial(PHASE_1_REST, 1.0 / a / a), 0.0)
    for high, low in zip(PHASE_1, PHASE_1_TAIL):
        y = plus(multiplied(y, u), (high, low))
    return multiplied(y, t)


def _cylinder(n: float, a: float, second: float) -> float:
    """J_n(a), or with `second` = 1 Y_n(a), for n = 0 or 1 and a >= LARGE."""
    if a >= FAR:
        # The sine and the cosine of a - pi/4, or a - 3 pi/4 for n = 1, times sqrt(2)
        s = math.sin(a)
        c = math.cos(a)
        cosine = s - c if n == 1.0 else s + c
        sine = -s - c if n == 1.0 else s - c
        y = sine if second == 1.0 else cosine
        if abs(y) > 1.1:
            return y / (2.0 * math.sqrt(math.pi * (0.25 * a)))
        return fixed_bessel.far(n, a, second) / (4.0 * math.sqrt(math.pi * (0.03125 * a)))
    turns = math.floor(a * TWO_OVER_PI)
    r, e = _beyond(a, 2.0 * turns + 1.0)
    s = math.sin(r)
    c = math.cos(r)
    s, c = s + c * e, c - s * e
    # With a - pi/4 = r + turns pi/2, cosine and sine are those of the phase of a plane wave.
    quarter = (turns - n - second) % 4.0
    t = 1.0 / a / a
    even = t * (_polynomial(EVEN_1, t) if n == 1.0 else _polynomial(EVEN_0, t))
    odd = (_polynomial(ODD_1, t) if n == 1.0 else _polynomial(ODD_0, t)) / a
    scale = math.sqrt(math.pi * (0.5 * a))
    if quarter % 2.0 == 0.0:
        y = c + (even * c - odd * s)
        return (y if quarter == 0.0 else -y) / scale
    y = s + (odd * c + even * s)
    if abs(y) < 0.03:
        phase = plus((r, e), _phase_1(a) if n == 1.0 else _phase_0(a))
        y = math.sin(phase[0]) + phase[1]
        y *= math.sqrt((1.0 + even) * (1.0 + even) + odd * odd)
    return (y if quarter == 3.0 else -y) / scale


def j0(a: float) -> float:
    """J_0(a)."""
    a = abs(a)
    if a < LARGE:
        return j0_below(a)
    return _cylinder(0.0, a, 0.0) if a < inf else 0.0 if a == inf else a


def j1(a: float) -> float:
    """J_1(a)."""
    x = abs(a)
    if x < LARGE:
        return math.copysign(1.0, a) * j1_below(x)
    return math.copysign(1.0, a) * _cylinder(1.0, x, 0.0) if x < inf else math.copysign(0.0, a) if x == inf else a


def y0(a: float) -> float:
    """Y_0(a); -inf at 0, nan below."""
    if not a > 0.0:
        return -inf if a == 0.0 else nan
    if a < LARGE:
        return y0_below(a)
    return _cylinder(0.0, a, 1.0) if a < inf else 0.0


def y1(a: float) -> float:
    """Y_1(a); -inf at 0, nan below."""
    if not a > 0.0:
        return -inf if a == 0.0 else nan
    if a < LARGE:
        return y1_below(a) if a > TINY else -TWO_OVER_PI / a
    return _cylinder(1.0, a, 1.0) if a < inf else 0.0
