"""The rows that have values in machine code, and those whose values there have the bits of Python's."""

from __future__ import annotations

from functools import cache

from ...ground.errors import WengertError
from ...lists.code import code_of
from ...ops import Op
from ...ops.bodies import Unread, parts_of
from ...ops.sources import FLOATS
from ...ops.stand_ins import ALIKE, stand_in
from ...sweeps.rules import forward_rule
from . import instructions, library
from .straight import Untranslated


def keeps_bits(row: Op, ops: tuple[Op, ...] = ()) -> bool:
    """Whether machine code, if a row has any, has the bits of its function; else it is within the row's `ulps`.

    It has not where the function needs large integers in Python: `doubled` does with pairs of floats.
    """
    seen: dict[int, Op] = {}
    waiting = [row]
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen[id(found)] = found
        if not callable(found.forward):
            waiting += (inner for inner, _ in code_of(forward_rule(found, ops)).steps)
        elif not _has_bits(found):
            return False
    return True


def _has_bits(row: Op) -> bool:
    try:
        key = FLOATS.key_of(row)
    except WengertError:  # a function of the caller's
        return False
    key = ALIKE.get(key, key)
    return key in instructions.FORMS or library.arity(key) > 0 or not _needs_integers(key)


@cache
def _needs_integers(key: str) -> bool:
    seen, waiting = {key}, [key]
    while waiting:
        at = waiting.pop()
        if at.startswith("fixed"):
            return True
        if FLOATS.has(at) and FLOATS.is_function(at):
            new = {use.key for use in FLOATS.definition(at).uses} - seen
            seen |= new
            waiting += new
    return False


@cache
def readable(key: str) -> str:
    """The key of a function that has a body, for the function with a key. Raises Untranslated."""
    found = stand_in(key, FLOATS)
    if not found or not FLOATS.has(found) or not FLOATS.is_function(found):
        raise Untranslated(key)
    for part in parts_of(FLOATS.body(found).statements):
        if isinstance(part, Unread):
            raise Untranslated(f"{found}: {part.text}")
    return found
