"""How this Python lays its objects out in memory, found by looking at some, and used only where that agrees.

Reading a float where it lies saves a call for each argument. Where anything is not as expected, machine code keeps to
the calls of Python's stable interface.
"""

from __future__ import annotations

import ctypes
import sys
import sysconfig
from functools import cache

from ...ground.tuples import NamedTuple

# The versions of CPython in which the places were looked up.
KNOWN = ((3, 10), (3, 14))
WORD = ctypes.sizeof(ctypes.c_void_p)


class ObjectPlaces(NamedTuple):
    """Places in objects, in bytes from their start.

    type   the pointer to an object's type
    value  the value of a float
    items  the first item of a tuple
    hash   the kept hash of a tuple, which is -1 until it is asked for; 0 if tuples keep none, as before Python 3.14
    """

    type: int
    value: int
    items: int
    hash: int


@cache
def places() -> ObjectPlaces | None:
    """The places in this Python's objects, or None if machine code must not rely on them."""
    first, last = KNOWN
    if sys.implementation.name != "cpython" or not first <= sys.version_info[:2] <= last or WORD != 8:
        return None
    # Without a global lock, another thread may look at an object while it is made.
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None
    items = tuple.__basicsize__
    found = ObjectPlaces(
        object.__basicsize__ - WORD, float.__basicsize__ - WORD, items, items - WORD if items > 3 * WORD else 0
    )
    return found if _holds(found) else None


def _holds(found: ObjectPlaces) -> bool:
    """Whether a float and tuples lie in memory as the places say."""
    number, items = 1.5 + len(sys.version) * 2.0**-20, (object(), object())
    kept = _Kept(items)
    return (
        _word(id(number) + found.type) == id(float)
        and ctypes.c_double.from_address(id(number) + found.value).value == number
        and _word(id(items) + found.type) == id(tuple)
        and _word(id(kept) + found.type) == id(_Kept)
        and all(not found.hash or _word(id(t) + found.hash) == 2 ** (8 * WORD) - 1 for t in (items, kept))
        and all(_word(id(t) + found.items + k * WORD) == id(items[k]) for t in (items, kept) for k in (0, 1))
    )


class _Kept(tuple[object, ...]):
    """A class made of tuples, as answers are."""


def _word(address: int) -> int:
    return ctypes.c_size_t.from_address(address).value
