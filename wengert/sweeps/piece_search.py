"""Directions into the pieces that meet at a point, each found once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from .directions import FEW, generic, leading
from .germ_costs import germs_of, takes_one
from .point_lanes import Alone

if TYPE_CHECKING:
    from .rays import Rays

# At most this many pieces are told apart.
PIECES = 256
# After so long a run of directions into known pieces, no other is looked for.
IDLE = 96
# At a tie that a ray leaves tied, this number of rays is followed.
TIES = 8
# At most about this many germs are worked out at one point: see `Rays.work`.
WORK = 40_000


def into_pieces(rays: Rays) -> dict[Any, dict[int, float]]:
    """A direction into each piece, by the decisions. Where decisions are taken does not depend on the direction, so
    that after the first ray only the equations are followed that lead to one."""
    into: dict[Any, dict[int, float]] = {}
    crowds, alone = list[Any](), 0
    chosen: dict[Any, int] = {}
    only, most, left, cost, idle = None, 1, float(WORK), 0.0, 0
    many = len(rays.coordinates) > FEW
    directions = iter(generic(len(rays.coordinates)))
    while (direction := next(directions, None)) is not None:
        swept = rays.swept(direction, {}, 3, only)
        if swept is None:
            break
        by = swept[0]
        by.chosen = chosen = {**chosen, **by.chosen}
        key = frozenset(decisions_at(by.decisions, rays.live(by)).items())
        idle = idle + 1 if key in into else 0
        into.setdefault(key, direction)
        if only is None:
            decisions = {key[0][0] for key in by.decisions}
            only = _deciding(rays, decisions)
            if many and len(steering := _steering(rays, decisions)) <= FEW:
                many, directions = False, _among(steering)
            cost = sum(germs_of(rays.rules, rays.wlist.equations[k], rays.tape) for k in only)
            crowds = [told for _, told in by.stirred if not _is_pair(told)]
            alone = len(by.stirred)
            for _, told in by.stirred:
                most *= 2 if type(told) is str or len(told) <= 3 else PIECES  # of more than two that are tied
            rays.partial = many and _nested(rays, {place[0] for place, _ in by.stirred})
            if many and (rays.partial or crowds):
                if rays.partial or alone > 1:
                    break  # not all pieces can be met
                directions = chain(leading(len(rays.coordinates)), directions)
        left -= cost
        if len(into) >= min(most, PIECES) or left < 0 or idle >= IDLE:
            break
    rays.crowded, rays.every = bool(crowds), not many
    if many and (rays.partial or crowds) and rays.lanes:
        raise Alone
    if many and crowds and not rays.partial:
        # Of one maximum all pieces are known: one for each argument.
        rays.partial = alone > 1 or type(crowds[0][0]) is not str or len(into) < len(crowds[0]) - 1
    return into


def _steering(rays: Rays, decisions: set[int]) -> list[int]:
    """The coordinates, by number, on which a decision of these equations may depend."""
    live = {a for k in decisions for a in rays.wlist.equations[k].inputs}
    for output, _, inputs in reversed(rays.wlist.equations):
        if output in live:
            live.update(inputs)
    return [n for n, (name, _) in enumerate(rays.coordinates) if name in live]


def _among(coordinates: Sequence[int]) -> Iterator[dict[int, float]]:
    """Directions in some coordinates alone, by number."""
    for direction in generic(len(coordinates)):
        yield {coordinates[k]: part for k, part in direction.items()}


def _nested(rays: Rays, decisions: set[int]) -> bool:
    """Whether a decision depends on the outcome of another: then some of their outcomes exclude each other."""
    moved = set[Any]()
    for k, (output, _, inputs) in enumerate(rays.wlist.equations):
        follows = not moved.isdisjoint(inputs)
        if follows and k in decisions:
            return True
        if follows or k in decisions:
            moved.add(output)
    return False


def _deciding(rays: Rays, decisions: set[int]) -> set[int]:
    """The equations, by number, that take decisions or follow one in a choice, and those that lead to them."""
    equations, moved, wanted = rays.wlist.equations, set[Any](), set(decisions)
    for k, (output, op, inputs) in enumerate(equations):
        follows = not moved.isdisjoint(inputs)
        if follows and takes_one(rays.rules.row(op)):
            wanted.add(k)
        if follows or k in decisions:
            moved.add(output)
    live = {a for k in wanted for a in equations[k].inputs}
    for k in range(len(equations) - 1, -1, -1):
        if equations[k].output in live:
            wanted.add(k)
            live.update(equations[k].inputs)
    return wanted


def _is_pair(told: Any) -> bool:
    """Whether a decision has two outcomes, of the others apart: no maximum of more than two, and no order."""
    return type(told) is str or len(told) <= 3 and type(told[0]) is str


def decisions_at(decisions: Mapping[Any, int], places: set[int]) -> dict[Any, int]:
    """The decisions of some equations, by number."""
    return {key: v for key, v in decisions.items() if key[0][0] in places}
