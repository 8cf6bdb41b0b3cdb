"""Ops that jump from one linear piece to another, such as a remainder: their germs beside the jump."""

from __future__ import annotations

from math import frexp
from typing import TYPE_CHECKING, Any

from ..lists.code import run
from ..ops import ADD, INFIX, MUL, Op
from .germ import Germ, UnknownGerm
from .jets import alike
from .point_lanes import Alone, Lane

if TYPE_CHECKING:
    from .germs import Germs

_SUB = INFIX["-"]
# The exponents of two steps to a side of the jump, by which a piece is told to be linear.
STEPS = (-24, -25)
# A limit is that of an argument if it is so near: only rounding is between them.
NEAR = 2.0**-50


def beside_a_jump(by: Germs, row: Op, args: tuple[Any, ...], values: tuple[Any, ...], y: Any) -> Any:
    """The germ of the piece that the ray leads to, or of the one that is forced. Raises UnknownGerm."""
    moving = {i: a for i, a in enumerate(args) if isinstance(a, Germ)}
    if isinstance(y, Lane) or any(isinstance(c, Lane) for a in (*moving.values(),) for _, c in a.terms):
        raise Alone
    if any(isinstance(v, Lane) for v in values):
        raise Alone
    ahead, behind = (_piece(by, row, moving, values, way) for way in (1.0, -1.0))
    signs = [(limit > y) - (limit < y) for limit, _ in (ahead, behind)]
    found = by.decided((row.name, *values), signs[0], signs[0] != signs[1])
    if found not in signs:
        raise UnknownGerm("a jump")
    limit, slopes = (ahead, behind)[signs.index(found)]
    for i, a in moving.items():
        limit = by(ADD, limit, by(MUL, slopes[i], by(_SUB, a, values[i])))
    return limit


def _piece(
    by: Germs, row: Op, moving: dict[int, Germ], values: tuple[Any, ...], way: float
) -> tuple[float, dict[int, float]]:  # fmt: skip
    """The limit at the point of the piece on a side of it, and the slope in each argument."""
    small = min((abs(v) for v in values if v != 0.0), default=1.0)
    steep = max((abs(c) for a in moving.values() for e, c in a.terms if e != 0), default=1.0)
    plan = by.rules.partials(row, len(values))
    found: list[tuple[float, dict[int, float]]] = []
    for step in STEPS:
        t = way * 2.0 ** (frexp(small)[1] - frexp(steep)[1] + step)
        at = list(values)
        for i, a in moving.items():
            if any(type(e) is not int for e, _ in a.terms):
                raise UnknownGerm("a jump at a root")
            at[i] = sum((c * t**e for e, c in a.terms), 0.0)
        y = by.base(row.name, *at)
        slopes: dict[int, float] = {}
        for i in moving:
            partial = plan[i]
            slopes[i] = 0.0 if partial is None else float(run(partial.code, (*at, y, at[i]), by.base))
        limit = float(y - sum(slope * (at[i] - values[i]) for i, slope in slopes.items()))
        limit = next((v for v in (0.0, *values, *(-v for v in values)) if abs(limit - v) <= NEAR * abs(y)), limit)
        found.append((limit, slopes))
    (limit, slopes), (again, others) = found
    if slopes != others or not alike(limit, again):
        raise UnknownGerm("a jump")
    return limit, slopes
