"""Derivatives along a ray, from a germ, and means over pieces."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from ..ground.tuples import NamedTuple
from .germ import Germ, UnknownGerm

# Values of one quantity by two ways agree to this part of their size.
ALIKE = 1e-9


class Jet(NamedTuple):
    """The first and second derivative along a ray; None for one that is not known."""

    first: float | None
    second: float | None


class Answer(NamedTuple):
    """A derivative from the pieces; None where it is not known, nan where there is none.

    differ  whether the pieces have different ones
    """

    value: float | None
    differ: bool = False


def jet(germ: Any, value: float) -> Jet | None:
    """The derivatives that a germ of this value has along its ray; None for a germ of another one, which jumps."""
    if isinstance(germ, UnknownGerm):
        return None
    if not isinstance(germ, Germ):
        return Jet(0.0, 0.0) if alike(float(germ), value) else None
    if germ.order <= 0 or germ.lead < 0 or not alike(germ.value, value):
        return None
    return Jet(derivative(germ, 1), derivative(germ, 2))


def derivative(germ: Germ, n: int) -> float | None:
    """The n-th derivative as t -> 0+; None where it is not known."""
    found = 0.0
    for e, c in germ.terms:
        if e == n:
            return float(c) * n
        if e > n:
            break
        if e != 0 and not (e == 1 and n == 2):
            return float(c) * (inf if n == 1 or e > 1 else -inf)
    return found if germ.order > n else None


def alike(a: float, b: float) -> bool:
    """Whether two values of one quantity agree."""
    return a == b or abs(a - b) <= ALIKE * max(abs(a), abs(b))


def mean(values: Sequence[float]) -> Answer:
    """The mean, and whether the values differ. Infinities of both signs have none."""
    if not values:
        return Answer(None)
    first = values[0]
    if all(v == first for v in values) or first != first:
        return Answer(first)
    total = sum(values) / len(values)
    same = all(alike(v, first) for v in values)
    return Answer(total, not same)


def half(plus: float | None, minus: float | None) -> float | None:
    if plus is None or minus is None:
        return None
    return 0.0 if abs(plus - minus) <= 2.0**-49 * (abs(plus) + abs(minus)) else (plus - minus) / 4


def polar(seconds: Sequence[float | None]) -> float | None:
    """(c - a - b)/2 of second derivatives along a sum and its two parts, 0 where it is rounding."""
    c, a, b = seconds
    if a is None or b is None or c is None:
        return None
    found = c - a - b
    return 0.0 if abs(found) <= 2.0**-49 * (abs(a) + abs(b) + abs(c)) else found / 2
