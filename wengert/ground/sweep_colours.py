"""The colours of the sweeps on a terminal: one for values, one for adjoints, one for tangents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Cyan, yellow and green of the terminal's own palette, which its owner chose for a dark or a light background.
_CODES = {"value": "\x1b[36m", "back": "\x1b[33m", "tangent": "\x1b[32m"}
_OFF = "\x1b[0m"
_COLOURED = ContextVar("coloured sweeps", default=False)


@contextmanager
def coloured(on: bool) -> Iterator[None]:
    """Within a `with` block, turn colours for tables and drawings on a terminal on or off."""
    token = _COLOURED.set(on)
    try:
        yield
    finally:
        _COLOURED.reset(token)


def in_colour(text: str, sweep: str) -> str:
    """A text in the colour of "value", "back" or "tangent", without colouring surrounding spaces. It is unchanged if
    colours are off, or without a sweep."""
    bare = text.strip()
    if not bare or not sweep or not _COLOURED.get():
        return text
    before, _, after = text.partition(bare)
    return f"{before}{_CODES[sweep]}{bare}{_OFF}{after}"
