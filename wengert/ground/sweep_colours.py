"""Colours of the sweeps on a terminal: values in one, adjoints in another, tangents in a third."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Cyan, yellow and green of the terminal's own palette, which fits dark and light grounds as its owner chose.
_CODES = {"value": "\x1b[36m", "back": "\x1b[33m", "tangent": "\x1b[32m"}
_OFF = "\x1b[0m"
_COLOURED = ContextVar("coloured sweeps", default=False)


@contextmanager
def coloured(on: bool) -> Iterator[None]:
    """Within a `with` block tables and drawings for a terminal have colours, or none."""
    token = _COLOURED.set(on)
    try:
        yield
    finally:
        _COLOURED.reset(token)


def in_colour(text: str, sweep: str) -> str:
    """A text in the colour of "value", "back" or "tangent", the spaces around it bare; the text itself where no colours
    are asked for, or without a sweep."""
    bare = text.strip()
    if not bare or not sweep or not _COLOURED.get():
        return text
    before, _, after = text.partition(bare)
    return f"{before}{_CODES[sweep]}{bare}{_OFF}{after}"
