"""The sweeps of a trace one step at a time, for a screen of a given size: the tables up to a step, and that step in
full. No value and no adjoint is shown before the sweep has reached it."""

from __future__ import annotations

from collections.abc import Sequence

from ..ground.errors import cells
from ..ground.sweep_colours import coloured, in_colour
from ..ground.tuples import NamedTuple
from ..kernels.trace import Trace
from ..language import Program
from ..lists.array_text import printing
from .grid import Grid, as_text
from .notation import Plain
from .trace_tables import closing, fitted, grids_of, title_of

KEYS = "→ next   ← back   Home first   End last   q quits"
# Columns before a row for the sign of the current step, and lines that stay free.
_MARGIN, _SIGN = 4, "▸ "
_LEAST = 3


class _Table(NamedTuple):
    """The table of a sweep as lines: its heading, its titles, a line for each row, and the rows in full."""

    heading: str
    titles: tuple[str, ...]
    lines: tuple[str, ...]
    grid: Grid


class SteppedTrace:
    """The steps of the sweeps of a trace, from the first to the last.

    `count` is how many there are. A long sweep shows its first and last steps, and counts those between as one.
    """

    def __init__(self, trace: Trace, sweep: str, program: Program | None = None) -> None:
        self.trace, self.sweep = trace, sweep
        self.title = title_of(trace, program)
        self.width = 0
        self.tables = self._tables(80)
        self.count = max(1, sum(len(t.lines) for t in self.tables))

    def _tables(self, width: int) -> tuple[_Table, ...]:
        if width != self.width:
            say = Plain(self.trace.wlist.ops)
            with printing(width=max(width - _MARGIN, 20)), coloured(False):
                self.width, self.tables = width, tuple(
                    _table(fitted(grid, as_text, self.trace, say, "text"), grid(self.trace, say))
                    for grid in grids_of(self.sweep)
                )  # fmt: skip
                self.answers = closing(self.trace, self.sweep, say, "text").split("\n")
        return self.tables

    def shown(self, step: int, width: int, height: int) -> list[str]:
        """The lines of a screen at a step, counted from 0: at most `height` lines of at most `width` columns."""
        tables = self._tables(width)
        at = step
        table = tables[0]
        for table in tables:
            if at < len(table.lines):
                break
            at -= len(table.lines)
        head = [*([self.title] if self.title else []), f"{table.heading}   (step {step + 1} of {self.count})", "",
                *(f"  {line}" for line in table.titles)]  # fmt: skip
        foot = ["", *_details(table.grid, at)]
        if step == self.count - 1:
            foot += ["", *self.answers]
        room = height - len(head) - 2
        foot = foot[: max(0, room - _LEAST)]
        room = max(1, room - len(foot))
        first = max(0, at + 1 - room)
        rows = [("  " if k < at else _SIGN) + table.lines[k] for k in range(first, at + 1)]
        lines = [_clipped(line, width) for line in [*[*head, *rows, *foot][: max(1, height - 2)], "", KEYS][-height:]]
        sweep = next((c.sweep for c in reversed(table.grid.columns) if c.sweep), "")
        return [in_colour(line, sweep) if line.startswith((table.heading, _SIGN)) else line for line in lines]


def _table(text: str, grid: Grid) -> _Table:
    heading, *rest = text.split("\n")
    lines = [line.removeprefix("  ") for line in rest[1:]]
    return _Table(heading, tuple(lines[:2]), tuple(lines[2:]), grid)


def _details(grid: Grid, at: int) -> list[str]:
    """All cells of a row, each after the title of its column. Only the first row of an equation shows it."""
    row = grid.rows[at]
    if len(row) == 1:
        return []
    first = next((r[0] for r in reversed(grid.rows[: at + 1]) if len(r) > 1 and r[0]), "")
    said = [(c.title, cell) for c, cell in zip(grid.columns, (first, *row[1:])) if c.kind != "mark" and cell]
    # The three numbers of a contribution are one equation.
    factors = {title.removesuffix(" ×"): cell for title, cell in said}
    if {"upstream", "local", "downstream"} <= set(factors):
        product = f"{factors['upstream']} × {factors['local']} = {factors['downstream']}"
        said = [(title, cell) if title != "local" else ("upstream × local", product)
                for title, cell in said if title not in ("upstream", "downstream")]  # fmt: skip
    pad = max((len(title) for title, _ in said), default=0)
    return [f"  {title.ljust(pad)}  {cell}" for title, cell in said]


def _clipped(line: str, width: int) -> str:
    """A line without its end, if it is too long."""
    if cells(line) <= width:
        return line
    kept: Sequence[str] = line[: width - 1]
    while cells("".join(kept)) > width - 1:
        kept = kept[:-1]
    return "".join(kept) + "…"
