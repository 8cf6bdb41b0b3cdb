"""Shapes of the ops that are adjoints of another op: their first argument has the shape of that op's value."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .dimensions import Mismatch, Shape, broadcast_to, concatenated, indexed, same, shown
from .placing import Axes, alike, filtered, turned


def agreed(have: Shape, want: Shape) -> None:
    """Raise Mismatch if two shapes are known to differ."""
    if have is None or want is None:
        return
    try:
        if len(have) == len(want):
            same(have, want)
            return
    except Mismatch:
        pass
    raise Mismatch(f"the first is to have the shape {shown(want)}, not {shown(have)}")


def undone(of: Callable[..., Shape]) -> Callable[..., Shape]:
    """The shape rule of an op on (a, like): the shape of `like`, where a has the shape `of(like)`."""
    return partial(_undone, of)


def _undone(of: Callable[..., Shape], a: Shape, like: Shape, **statics: Any) -> Shape:
    agreed(a, of(like, **statics))
    return like


def undone_by(of: Callable[..., Shape]) -> Callable[..., Shape]:
    """The shape rule of an op on (a, b, like): the shape of `like`, where a has the shape `of(like, b)`."""
    return partial(_undone_by, of)


def _undone_by(of: Callable[..., Shape], a: Shape, b: Shape, like: Shape, **statics: Any) -> Shape:
    agreed(a, of(like, b, **statics))
    return like


def part_of_joined(a: Shape, *b: Shape, axis: int = 0, at: int = 0) -> Shape:
    """The shape of part `at` of the arrays b that were concatenated to a."""
    agreed(a, concatenated(*b, axis=axis))
    if not 0 <= at < len(b):
        raise Mismatch(f"there is no part {at} among {len(b)}")
    return b[at]


def scattered(like: Shape, *a: Shape, spec: str) -> Shape:
    """The shape of `like`. The arrays a fit its places, and a number fits all places."""
    places = spec.split("|")
    if len(places) != len(a):
        raise Mismatch(f"there are {len(places)} places for {len(a)}")
    for one, place in zip(a, places):
        want = indexed(like, place)
        if one != ():
            agreed(one, want)
    return like


def summed_to(a: Shape, like: Shape) -> Shape:
    """The shape of `like`, which broadcasts to that of a."""
    broadcast_to(like, a)
    return like


def in_filter(a: Shape, x: Shape, like: Shape, **statics: Any) -> Shape:
    """The shape of the filters `like`, under which an image x gives a."""
    agreed(a, filtered(x, like, **statics))
    return like


def lines(*shapes: Shape, **statics: int) -> Shape:
    """The shape that all arguments have, with at least one axis."""
    if statics.get("last", 0) not in (0, 1):
        raise Mismatch("`last` is 0 or 1")
    if all(a is None for a in shapes):
        return None
    found = same(*shapes)
    if not found:
        raise Mismatch("a number has no axis to go along")
    return found


def both_turned(a: Shape, b: Shape, axis: Axes = None) -> Shape:
    """The shape that both arguments have; `axis` names axes of it."""
    return turned(alike(a, b), axis)
