"""Progress of work whose number of turns is not known in advance, such as a solver's evaluations, or whose fraction is
known.

A loop deep in a library's code calls `turn`, and the context that began the work tells the count to a face.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .progress import _TELL, Tell

PERCENT = 100


class _Count:
    def __init__(self, tell: Tell, work: str) -> None:
        self.tell, self.work, self.done = tell, work, 0


_COUNT: ContextVar[_Count | None] = ContextVar("turns", default=None)


@contextmanager
def counting(work: str) -> Iterator[None]:
    """Within a `with` block each `turn` is told, if anyone listens: how many there were, of 0; at the end 0 of 0."""
    tell = _TELL.get()
    if tell is None:
        yield
        return
    token = _COUNT.set(_Count(tell, work))
    try:
        yield
    finally:
        _COUNT.reset(token)
        tell(0, 0, work)


def turn(part: float | None = None) -> None:
    """Count a turn. If the fraction of the work that is done is known, from 0 to 1, report its percentage instead."""
    count = _COUNT.get()
    if count is None:
        return
    count.done += 1
    if part is None:
        count.tell(count.done, 0, count.work)
    else:
        count.tell(min(max(int(PERCENT * part), 0), PERCENT - 1), PERCENT, count.work)
