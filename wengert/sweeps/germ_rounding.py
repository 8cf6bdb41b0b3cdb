"""Germs of values that are stationary at a point but for the rounding of the point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ops import Op
from .germ import Germ, value_of

if TYPE_CHECKING:
    from .germs import Germs


def stationary(by: Germs, row: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of an op with an unbounded derivative here, each stationary if it is so within the rounding of
    the point: sin at the number next to pi/2 is 1, and its own derivative there is rounding."""
    if not any(kink.kind == "singular" for kink in row.kinks):
        return args
    moving = [i for i, a in enumerate(args) if isinstance(a, Germ) and a.order > 0 and a.lead >= 0]
    found = {i: without_rounding(by, args[i]) for i in moving}
    if all(found[i] is args[i] for i in moving):
        return args
    values = tuple([value_of(a) for a in args])
    y = by.base(row.name, *values)
    if not any(kink.kind == "singular" and by.holds(row, kink, values, y) for kink in row.kinks):
        return args
    return tuple([found.get(i, a) for i, a in enumerate(args)])


def without_rounding(by: Germs, a: Germ) -> Any:
    """A germ without the first terms that a move of the point by its rounding takes away."""
    terms = list(a.terms)
    first = 1 if terms and terms[0][0] == 0 else 0
    while len(terms) > first + 1:
        (e, c), (f, d) = terms[first : first + 2]
        if type(e) is not int or type(f) is not int:
            break
        reached = abs(d)
        for _ in range(f - e):
            reached = reached * by.nearness
        if not abs(c) <= reached:
            break
        del terms[first]
    return a if len(terms) == len(a.terms) else by.made(dict(terms), a.order)
