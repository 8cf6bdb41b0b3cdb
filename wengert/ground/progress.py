"""The progress of long work: a loop tells how far it is, and the face that started the work may show it.

The one who is told is a context variable, as the clock of the limits is, so that a loop need not know its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
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


class Counted(Collection[T]):
    """Items that come one after the other, and their number, as it is known before."""

    def __init__(self, items: Iterable[T], count: int) -> None:
        self.items, self.count = items, count

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return self.count

    def __contains__(self, item: object) -> bool:
        return any(one == item for one in self.items)


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


def progressing_by(items: Iterable[tuple[int, T]], count: int, work: str) -> Iterator[T]:
    """Yield items that come with how much of `count` is done once they are read, and tell before each how much is done
    until then. At the end, be it an exception, all counts as done."""
    tell, done = _TELL.get(), 0
    try:
        for read, item in items:
            if tell is not None and done < count:
                tell(done, count, work)
            done = read
            yield item
    finally:
        if tell is not None:
            tell(count, count, work)
