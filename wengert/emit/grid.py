"""Tables of strings as text, Markdown and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import UsageError, error

# A table shows so many rows at each end; what stands between them is only counted.
ENDS = 50


class Column(NamedTuple):
    """A column: its title and how its cells stand, "left", "number" (points under points), or "sign" (=, ×)."""

    title: str
    kind: str = "left"


class Grid(NamedTuple):
    """A table: a heading, its columns, its rows, and lines that follow it."""

    heading: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[str, ...]]
    closing: tuple[str, ...] = ()


def ends(steps: Sequence[object], most: int = 2 * ENDS) -> tuple[Sequence[object], int, Sequence[object]]:
    """What to show of many steps: the first, how many are left out, the last."""
    if len(steps) <= most:
        return steps, 0, ()
    return steps[: most // 2], len(steps) - most, steps[len(steps) - most // 2 :]
