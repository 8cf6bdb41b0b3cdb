"""A progress bar on the terminal, for work that takes more than two seconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from ..ground.progress import telling

# Seconds until a bar is shown, and between two updates; the cells of the bar.
WAIT, BETWEEN, CELLS = 2.0, 0.1, 24
_CLEAR = "\r\x1b[K"


class Bar:
    """Shows the state of a loop on one line, and clears the line when the loop ends."""

    def __init__(self) -> None:
        self.begun = 0.0
        self.last = 0.0
        self.drawn = False

    def __call__(self, done: int, count: int, work: str) -> None:
        now = monotonic()
        if done == count:
            self.clear()
            return
        if not done or not self.begun:
            self.begun = self.last = now
        if now - self.begun < WAIT or now - self.last < BETWEEN and self.drawn:
            return
        self.drawn, self.last = True, now
        if not count:  # the end is not known
            self._write(f"{_CLEAR}{work}  {done:,} evaluations, {now - self.begun:.0f} s")
            return
        full = CELLS * done // count
        left = (now - self.begun) / done * (count - done) if done else 0.0
        time = f"  about {left:.0f} s left" if done else ""
        self._write(f"{_CLEAR}{work}  [{'━' * full}{' ' * (CELLS - full)}]  {done:,} of {count:,}{time}")

    def clear(self) -> None:
        """Remove the bar, if there is one."""
        if self.drawn:
            self._write(_CLEAR)
        self.drawn, self.begun = False, 0.0

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # the work goes on even if the terminal is gone


@contextmanager
def bars() -> Iterator[None]:
    """A context in which loops have a bar, if messages go to a terminal that can clear a line."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM", "") in ("", "dumb"):
        yield
        return
    bar = Bar()
    try:
        with telling(bar):
            yield
    finally:
        # A loop that an exception ended may not have reported its end yet.
        bar.clear()
