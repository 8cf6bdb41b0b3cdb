"""The progress of long work: a loop tells how far it is, and the face that started the work may show it.

The one who is told is a context variable, as the clock of the limits is, so that a loop need not know its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
# Takes how many turns are done, how many there are, and the work in words; the last time as many as there are.
Tell = Callable[[int, int, str], None]

_TELL: ContextVar[Tell | None] = ContextVar("progress", default=None)


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Within a `with` block every loop over `progressing` tells its turns."""
    token = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(token)


def progressing(items: Collection[T], work: str) -> Iterator[T]:
    """Yield the items, and tell before each how many are done. At the end, be it an exception, all count as done."""
    tell = _TELL.get()
    if tell is None:
        yield from items
        return
    try:
        for k, item in enumerate(items):
            tell(k, len(items), work)
            yield item
    finally:
        tell(len(items), len(items), work)
