"""The table of ops: rows by name, and rows bound to their static parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .parameters import FREE, bound, defaults, split
from .row import Op

# The most bound rows that are kept. A program that reads each element of an array needs one for each.
MOST = 1 << 18


class Table(dict[str, Op]):
    """Rows by op string. A string with statics gives the row bound to them; a bare name gives the row bound to its
    defaults. Iterating gives the names of the rows. `generation` counts how often rows were replaced; lists and kernels
    of an earlier generation are made anew."""

    __slots__ = ("_bound", "_rows", "_told", "generation")

    def __init__(self, rows: Iterable[tuple[str, Op]] = ()) -> None:
        super().__init__()
        self.generation = 0
        self._told: list[Callable[[], None]] = []
        # Rows with statics, before they are bound.
        self._rows: dict[str, Op] = {}
        self._bound: dict[str, Op] = {}
        for name, row in rows:
            if row.statics:
                self._rows[name] = row
                row = row if row.statics == FREE or ... in defaults(row).values() else bound(row, "")
            self[name] = row

    def __missing__(self, op: str) -> Op:
        made = self._bound.get(op)
        if made is None:
            name, text = split(op)
            row = self._rows.get(name)
            if row is None or name == op:
                raise KeyError(op)
            try:
                made = bound(row, text)
            except ValueError:
                raise KeyError(op) from None
            if len(self._bound) > MOST:
                self._bound.clear()
            self._bound[op] = made
        return made

    def tell(self, of_replacement: Callable[[], None]) -> None:
        """Register a function to be called after each replacement of rows."""
        self._told.append(of_replacement)

    def replaced(self) -> None:
        """Record a replacement of rows, and call the registered functions."""
        self.generation += 1
        for tell in self._told:
            tell()

    def get(self, op: str, default: Any = None) -> Any:
        try:
            return self[op]
        except KeyError:
            return default

    def __contains__(self, op: object) -> bool:
        if dict.__contains__(self, op):
            return True
        return isinstance(op, str) and "[" in op and self.get(op) is not None

    def written(self, name: str) -> Op | None:
        """The row of a name before its statics are bound, with `{axis}` in its rules."""
        return self._rows.get(name) or dict.get(self, name)

    def with_rows(self, rows: Iterable[Op]) -> Table:
        """This table with further rows, which take precedence."""
        made = Table()
        made.update(self)
        made._rows = self._rows
        made.update({row.name: row for row in rows})
        return made
