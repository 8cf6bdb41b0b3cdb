"""What is exact of an elementwise op: value, first and second derivatives, limits at infinity; by differences.

As in `elementwise`, which has the values: no rule of ours is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product
from math import isinf, isnan
from typing import Any

import mpmath as mp

from tests.oracles.elementwise import ORACLES, exactly

Point = tuple[Any, ...]
Function = Callable[..., Any]

# The values of ops that are exact by definition, which nothing need be computed for.
DEFINED: dict[str, Function] = {
    "sign": lambda a: mp.sign(a), "step": lambda a: (1 + mp.sign(a)) / 2,
    "floor": mp.floor, "ceil": mp.ceil, "round": mp.nint, "trunc": lambda a: mp.sign(a) * mp.floor(abs(a)),
    "stop_gradient": lambda a: a,
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
    "logical_and": lambda a, b: bool(a and b), "logical_or": lambda a, b: bool(a or b), "logical_not": lambda a: not a,
    "isnan": mp.isnan, "isinf": mp.isinf, "isfinite": mp.isfinite,
}  # fmt: skip
LARGE = 1e3  # an end of an oracle's range beyond that is one of its means, not of the op's domain
# Ways to infinity, by powers of the way: those of several infinite arguments need not go alike.
WAYS = ((1.0, 1.0, 1.0), (1.0, 0.75, 0.5), (0.5, 0.75, 1.0))


@cache
def exact(op: str, point: tuple[float, ...], places: tuple[int, ...] = ()) -> Any:
    """The value of an op, or its derivative in the arguments at `places` (at most two), as one of mpmath's numbers.

    nan where it has none; at infinite arguments the limit, nan unless all ways there lead to the same. None if
    nothing says: no oracle knows the op, or mpmath gives up.
    """
    try:
        return _exact(op, point, places)
    except (ArithmeticError, ValueError, mp.libmp.NoConvergence):
        return None


def _exact(op: str, point: tuple[float, ...], places: tuple[int, ...]) -> Any:
    if op in DEFINED:
        if places:
            return mp.mpf(0)
        return mp.mpf(DEFINED[op](*map(mp.mpf, point)))
    if op not in ORACLES:
        return None
    if any(map(isnan, point)):
        return mp.nan
    if any(map(isinf, point)):
        return _limit(op, point, places)
    ranges = ORACLES[op].ranges
    for k, a in enumerate(point):
        low, high = ranges[min(k, len(ranges) - 1)]
        if a < low <= -LARGE or a > high >= LARGE:
            return None  # the oracle would take for ever
    return _at(op, point, places)


def _at(op: str, point: Point, places: tuple[int, ...]) -> Any:
    oracle, rest = ORACLES[op], list(places)
    if rest and not mp.isfinite(asked(oracle.value, tuple(map(mp.mpf, point)))):
        return mp.nan  # a pole, or outside the domain
    f = oracle.value
    for k, i in enumerate(rest):
        if oracle.slopes and oracle.slopes[i] is not None:
            f = oracle.slopes[i]
            del rest[k]
            break
    if not rest:
        return exactly(f, point)
    return difference(f, point, tuple(rest))


def asked(f: Function, args: Point) -> Any:
    """What a function answers; nan if it has a pole, or no real value."""
    try:
        y = f(*args)
    except (ValueError, ZeroDivisionError, TypeError):
        return mp.nan
    return mp.nan if isinstance(y, mp.mpc) and y.imag else mp.re(y)


def difference(f: Function, point: Point, places: tuple[int, ...]) -> Any:
    """A central difference in the arguments at `places`, at ever more digits until it stands still; nan if never."""
    sizes = [abs(mp.mpf(point[i])) or mp.mpf(2) ** -1074 for i in places]
    far = max((abs(mp.mpf(a)) for a in point), default=mp.mpf(1)) or mp.mpf(1)
    near = min(mp.mpf(1), *sizes)
    step = 160 - mp.frexp(near)[1]
    bits, before = 200 + step * len(places) + 2 * abs(mp.frexp(far)[1]), None
    enough = bits + 1200 * len(places)
    while True:
        with mp.workprec(bits):
            h = mp.mpf(2) ** -step
            total = mp.mpf(0)
            for signs in product((1, -1), repeat=len(places)):
                at = [mp.mpf(a) for a in point]
                for s, i in zip(signs, places):
                    at[i] += s * h
                total += mp.fprod(signs) * asked(f, tuple(at))
            y = total / (2 * h) ** len(places)
            settled = y and before is not None and abs(y - before) <= abs(y) * mp.mpf(2) ** -60
        if mp.isnan(y) or settled or (not y and bits > enough):
            return y
        if bits > 4 * enough:
            return mp.nan
        before, bits = y, bits + bits // 2


def _limit(op: str, point: tuple[float, ...], places: tuple[int, ...]) -> Any:
    infinite = [k for k, a in enumerate(point) if isinf(a)]
    ranges = ORACLES[op].ranges
    ends = set()
    for way in WAYS[: 1 if len(infinite) == 1 else 3]:
        found = []
        for part in (0.5, 1.0):  # half of the way, in the exponent, and all of it
            at: list[Any] = list(point)
            for k, power in zip(infinite, way):
                low, high = ranges[min(k, len(ranges) - 1)]
                end = high if point[k] > 0 else low
                if abs(end) < LARGE:
                    return mp.nan
                at[k] = mp.sign(end) * mp.mpf(abs(end)) ** (part * power)
            with mp.workprec(400):
                found.append(_at(op, tuple(at), places))
        ends.add(_end(*found))
    return ends.pop() if len(ends) == 1 and not any(isnan(e) for e in ends) else mp.nan


def _end(near: Any, far: Any) -> float:
    """Where values go, as a float; nan if they go nowhere."""
    if mp.isnan(near) or mp.isnan(far):
        return float("nan")
    if near == far or abs(near - far) <= mp.mpf(2) ** -200 * abs(far):
        return float(far)
    if abs(far) > 1.5 * abs(near) and mp.sign(near) == mp.sign(far):
        return float(mp.sign(far)) * float("inf")
    return 0.0 if abs(far) < abs(near) / 1.5 else float("nan")
