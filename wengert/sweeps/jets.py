"""Derivatives along a ray, from a germ, and their means over pieces."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from ..ground.tuples import NamedTuple
from .germ import Germ, UnknownGerm
from .point_lanes import Lane, elementwise, number, unless

# The relative difference up to which two values of one quantity agree.
ALIKE = 1e-9


class Jet(NamedTuple):
    """The first and second derivative along a ray; None for an unknown one."""

    first: Any
    second: Any


class Answer(NamedTuple):
    """A derivative from the pieces; None where it is not known, nan where there is none.

    differ  whether the pieces have different ones
    added   whether the value is to be added to that of the rules
    ordered whether it is a mean over orders of tied values, whose second derivatives are not told one by one
    """

    value: Any
    differ: bool = False
    added: bool = False
    ordered: bool = False


def jet(germ: Any, value: Any) -> Jet | None:
    """The derivatives along its ray of a germ with this value; None if the germ has another value, as at a jump."""
    if isinstance(germ, UnknownGerm):
        return None
    if not isinstance(germ, Germ):
        return Jet(0.0, 0.0) if alike(number(germ), value) else None
    if germ.order <= 0 or germ.lead < 0 or not alike(germ.value, value):
        return None
    return Jet(derivative(germ, 1), derivative(germ, 2))


def derivative(germ: Germ, n: int) -> Any:
    """The n-th derivative as t -> 0+; None where it is not known."""
    found = 0.0
    for e, c in germ.terms:
        if e == n:
            return number(c) * n
        if e > n:
            break
        if e != 0 and not (e == 1 and n == 2):
            return number(c) * (inf if n == 1 or e > 1 else -inf)
    return found if germ.order > n else None


def alike(a: Any, b: Any) -> bool:
    """Whether two values of one quantity agree, at all points of their lanes. Raises Apart."""
    if type(a) is Lane or type(b) is Lane:
        return bool(elementwise(lambda a, b: 1.0 * _near(a, b), a, b))
    return bool(a == b or abs(a - b) <= ALIKE * max(abs(a), abs(b)))


def _near(a: Any, b: Any) -> Any:
    import numpy as np

    return (a == b) | (abs(a - b) <= ALIKE * np.maximum(abs(a), abs(b)))


def mean(values: Sequence[Any]) -> Answer:
    """The mean, and whether the values differ. Infinities of both signs have no mean."""
    if not values:
        return Answer(None)
    if any(type(v) is Lane for v in values):
        return _mean_of_lanes(values)
    first = values[0]
    if all(v == first for v in values) or first != first:
        return Answer(first)
    total = sum(values) / len(values)
    same = all(alike(v, first) for v in values)
    return Answer(total, not same)


def _mean_of_lanes(values: Sequence[Any]) -> Answer:
    import numpy as np

    differ = False

    def one(first: Any, *others: Any) -> Any:
        nonlocal differ
        equal, near, total = True, True, first
        for v in others:
            equal, near, total = equal & (v == first), near & _near(v, first), total + v
        alone = equal | (first != first)
        differ = bool((~np.asarray(alone) & ~np.asarray(near)).any())
        return np.where(alone, first, total / len(values))

    return Answer(elementwise(one, *values), differ)


def half(plus: Any, minus: Any) -> Any:
    if plus is None or minus is None:
        return None
    return unless(plus - minus, abs(plus) + abs(minus), 2.0**-49) / 4


def polar(seconds: Sequence[Any]) -> Any:
    """(c - a - b)/2, for second derivatives c along a sum and a, b along its two parts; 0 if only rounding is left."""
    c, a, b = seconds
    if a is None or b is None or c is None:
        return None
    return unless(c - a - b, abs(a) + abs(b) + abs(c), 2.0**-49) / 2


def added(answers: Sequence[Answer]) -> Answer:
    """The derivative of a sum, from the derivatives of its terms."""
    if any(one.value is None for one in answers):
        return Answer(None)
    differ, ordered = (any(flags) for flags in zip(*[(one.differ, one.ordered) for one in answers]))
    return Answer(sum(one.value for one in answers), differ, ordered=ordered)
