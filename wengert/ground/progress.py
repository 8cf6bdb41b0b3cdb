"""The progress of long work: a loop reports how far it is, and the face that started the work may show it.

The listener is a context variable, like the clock of the limits, so that a loop need not know its caller.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
# A listener takes the turns done, their number, and the work in words. The last time both numbers are equal.
Tell = Callable[[int, int, str], None]

_TELL: ContextVar[Tell | None] = ContextVar("progress", default=None)


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Within a `with` block every loop over `progressing` reports its turns to this listener."""
    token = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(token)


class Counted(Collection[T]):
    """Items to iterate over, and their number, which is known in advance."""

    def __init__(self, items: Iterable[T], count: int) -> None:
        self.items, self.count = items, count

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return self.count

    def __contains__(self, item: object) -> bool:
        return any(one == item for one in self.items)


def progressing(items: Collection[T], work: str) -> Iterator[T]:
    """Yield the items, and report before each how many are done. At the end, even after an exception, all count as
    done."""
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
    """Yield items from pairs of an item and the amount of `count` that is done once the item is read; report progress
    before each. At the end, even after an exception, all counts as done."""
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
