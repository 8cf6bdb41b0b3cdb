"""What is known of an op apart from its row: its exact value, where to ask for it; and how far a float is from it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath as mp

from wengert.ops import Op
from wengert.sweeps.rounding import error_unit

HUGE, LEAST, NORMAL = 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308
ONE_BELOW = 1 - 2**-53
POSITIVE, UNIT, REAL = (LEAST, HUGE), (-1.0, 1.0), (-HUGE, HUGE)
Exact = Callable[..., Any]


class Oracle(NamedTuple):
    """An op's exact value, where to ask for it, and its derivatives where a difference will not do.

    ranges   least and greatest argument, a pair a parameter; the last serves all further ones
    centres  places to crowd about
    slopes   derivatives, one a parameter
    """

    value: Exact
    ranges: tuple[tuple[float, float], ...] = ((-HUGE, HUGE),)
    centres: tuple[float, ...] = ()
    slopes: tuple[Exact | None, ...] = ()


def ulps(got: float, exact: Any) -> float:
    """How far a float is from a number, in units in the last place of the number (of subnormals, the least).

    Beyond the largest float there is one more, 2^1024, which infinity stands for.
    """
    if mp.isnan(exact) or got != got:
        return 0.0 if mp.isnan(exact) and got != got else math.inf
    top = mp.mpf(2) ** 1024
    exact = max(-top, min(top, exact))
    unit = min(971, max(mp.frexp(exact)[1] - 53, -1074)) if exact else -1074
    return float(abs(max(-top, min(top, mp.mpf(got))) - exact) * mp.mpf(2) ** -unit)


def error_of(row: Op, args: tuple[float, ...], got: float, exact: Any) -> float:
    """The error of an op's value in the units that its row's bound counts."""
    if not row.relative_to or not math.isfinite(got):
        return ulps(got, exact)
    return float(abs(mp.mpf(got) - exact) / error_unit(row, args, got))


def spread(rng: random.Random, low: float, high: float, centres: tuple[float, ...] = ()) -> float:
    """A point of [low, high]."""
    ends = low, high, 0.0, LEAST, -LEAST, 3 * LEAST, NORMAL, -NORMAL
    while True:
        kind = rng.random()
        if kind < 0.05:
            a = rng.choice(ends)
        elif kind < 0.3:
            a = rng.uniform(max(low, -40.0), min(high, 40.0))
        elif kind < 0.4:
            a = rng.uniform(max(low, -800.0), min(high, 800.0))
        elif kind < 0.5:
            a = rng.randint(-60, 60) / 4
        elif kind < 0.6:
            a = rng.choice((-1.0, 1.0)) * 2.0 ** rng.uniform(-30.0, 30.0)
        elif kind < 0.75 or not centres:
            a = rng.choice((-1.0, 1.0)) * math.ldexp(rng.uniform(1.0, 2.0), rng.randint(-1074, 1023))
        else:
            a = rng.choice(centres)
            a += rng.choice((-1.0, 1.0)) * math.ldexp(max(abs(a), 1e-300), rng.randint(-53, -1))
        if low <= a <= high:
            return a
