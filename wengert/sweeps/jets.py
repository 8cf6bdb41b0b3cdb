"""Derivatives along a ray, from a germ, and their means over pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ground.tuples import NamedTuple
from .germ import Germ, UnknownGerm
from .log_powers import derivative_at_0
from .point_lanes import Lane, elementwise, finite, number, unless

# The relative difference up to which two values of one quantity agree.
ALIKE = 1e-9


class Jet(NamedTuple):
    """The first and second derivative along a ray, None for one that is not known; and the germ, where the second is
    infinite."""

    first: Any
    second: Any
    germ: Germ | None = None


class Answer(NamedTuple):
    """A derivative from the pieces; None if it is not known, nan where there is none.

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
    second = derivative(germ, 2)
    return Jet(derivative(germ, 1), second, None if second is None or finite(second) else germ)


def derivative(germ: Germ, n: int) -> Any:
    """The n-th derivative as t -> 0+; None if it is not known."""
    return derivative_at_0(germ.terms, germ.order, n)


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


def mean_of_counting(answers: Sequence[tuple[Any, bool]]) -> Answer:
    """The mean of those that count, or of limits where none does: then no piece is taken at the point itself."""
    return mean([v for v, counts in answers if counts] or [v for v, _ in answers if v == v])


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


def half(plus: Jet | None, minus: Jet | None) -> Any:
    """The mixed second derivative, of those along the sum and the difference of two coordinates."""
    return _combined([(0.25, plus), (-0.25, minus)])


def sided(both: Jet | None, first: Jet | None, second: Jet | None) -> Any:
    """As `polar`, of jets."""
    return _combined([(0.5, both), (-0.5, first), (-0.5, second)])


def _combined(jets: Sequence[tuple[float, Jet | None]]) -> Any:
    """The second derivative of a linear combination, in which infinities may cancel."""
    parts = [(factor, one) for factor, one in jets if one is not None and one.second is not None]
    if len(parts) < len(jets):
        return None
    steep = [(factor, one.germ) for factor, one in parts if one.germ is not None]
    seconds = [factor * one.second for factor, one in parts]
    if not steep:
        return unless(sum(seconds), sum(map(abs, seconds)), 2.0**-49)
    if len(steep) < len(parts):
        return sum(seconds)
    terms: dict[Any, Any] = {}
    sizes: dict[Any, Any] = {}
    for factor, germ in steep:
        for e, c in germ.terms:
            terms[e] = terms.get(e, 0.0) + factor * c
            sizes[e] = sizes.get(e, 0.0) + abs(factor * c)
    kept = [(e, unless(c, sizes[e], 2.0**-45)) for e, c in terms.items()]
    return derivative_at_0(kept, min(germ.order for _, germ in steep), 2)


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
