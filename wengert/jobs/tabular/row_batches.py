"""Rows of a table in batches, so that a table may be larger than memory: their form, and columns in memory as batches.

Files are read by `table_batches.open_table`, which answers with the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from ...ground.errors import UsageError, error, shown, suggestion
from ...ground.tuples import NamedTuple

# Rows of a batch where the caller asks for no other number.
ROWS = 1 << 18
# Words that stand for a missing value in a table of text, in any case of their letters.
MISSING_WORDS = ("", "na", "n/a", "nan", "null", "none", "-", ".", "?")


class RowBatch(NamedTuple):
    """Rows of a table that follow one another.

    first    how many rows of the table come before them
    rows     how many they are
    columns  for each column that was asked for a vector of float64 of that length, nan where a value is missing; not
             to be written to
    missing  for each of these that lacks values, a vector of bools: True where the value is missing
    kept     the columns that are carried along, each as the table has it: an array of Arrow, or a list of texts
    done     how much of the table is read so far, in the unit of the table's `count`
    """

    first: int
    rows: int
    columns: dict[str, Any]
    missing: dict[str, Any]
    kept: dict[str, Any]
    done: int

    def cut(self, rows: int) -> RowBatch:
        """The first of these rows."""
        columns, missing, kept = (
            {n: v[:rows] for n, v in part.items()} for part in (self.columns, self.missing, self.kept)
        )
        return self._replace(rows=rows, columns=columns, missing=missing, kept=kept)

    def lacking(self) -> Any:
        """Where a row lacks the value of any column: a vector of bools, or None if no row does."""
        found = None
        for flags in self.missing.values():
            found = flags if found is None else found | flags
        return found


class RowTable:
    """A table that is read in batches, as often as one likes.

    names   its columns, in order
    rows    how many rows it has; None where only reading tells
    count   the rows, or else the bytes; `unit` says which
    called  the table in messages: its path
    text    whether it is a text, in which words stand for values that are missing
    """

    names: tuple[str, ...] = ()
    rows: int | None = None
    count: int = 0
    unit: str = "rows"
    called: str = "the table"
    text = False

    def batches(
        self, columns: Sequence[str], size: int = ROWS, first: int = 0, kept: Sequence[str] = ()
    ) -> Iterator[RowBatch]:
        """The rows from number `first` on, `size` in a batch; the last may have fewer, and none has no rows.

        Missing values are nan in the vectors, and marked in `missing`. Raises UsageError for a column that is not
        there, is there twice or holds anything but numbers, and for a file that cannot be read to its end.
        """
        raise NotImplementedError

    def shares(self, first: int, size: int) -> list[tuple[int, int]]:
        """The rows from number `first` on, in shares that several processes can read: the first row of each, and the
        row after its last. Each but the last has at least `size` rows. None if the table can only be read from its
        beginning."""
        return []

    def wanted(self, columns: Sequence[str]) -> None:
        """Raise UsageError for a column that the table does not have, or has twice."""
        for name in columns:
            if name not in self.names:
                help = suggestion(name, self.names) or f"the columns are {listed_few(self.names) or 'none'}"
                self.refuse(f"has no column `{name}`", help, "W901")
            if self.names.count(name) > 1:
                self.refuse(f"has two columns `{name}`", "each column has a name of its own", "W901")

    def refuse(self, why: str, help: str = "", code: str = "W900") -> NoReturn:
        """Raise UsageError about this table."""
        raise error(UsageError, code, f"{self.called} {why}", help=help)


class ColumnTable(RowTable):
    """Columns in memory, each a vector of floats, as a table: nan is a missing value.

    `column` gives a column by its name. Raises UsageError for columns of different lengths.
    """

    def __init__(self, names: Sequence[str], column: Callable[[str], Any], called: str = "the table") -> None:
        self.names, self.column, self.called = tuple(names), column, called
        self._read: dict[str, Any] = {}

    def batches(
        self, columns: Sequence[str], size: int = ROWS, first: int = 0, kept: Sequence[str] = ()
    ) -> Iterator[RowBatch]:
        import numpy as np

        self.wanted((*columns, *kept))
        vectors = {n: self._vector(n) for n in dict.fromkeys((*columns, *kept))}
        if len({len(v) for v in vectors.values()}) > 1:
            lengths = ", ".join(f"{len(v):,} in `{n}`" for n, v in [*vectors.items()][:4])
            self.refuse(f"has columns of different lengths: {lengths}", "every row has a value of each column")
        count = self.rows = self.count = len(next(iter(vectors.values()), ()))
        for at in range(first, count, size):
            end = min(at + size, count)
            cut = {n: vectors[n][at:end] for n in columns}
            empty = {n: np.isnan(v) for n, v in cut.items()}
            lacking = {n: flags for n, flags in empty.items() if flags.any()}
            yield RowBatch(at, end - at, cut, lacking, {n: vectors[n][at:end] for n in kept}, end)

    def _vector(self, name: str) -> Any:
        import numpy as np

        if name not in self._read:
            self._read[name] = np.ascontiguousarray(self.column(name), dtype=float)
        return self._read[name]


def table_of_columns(columns: Mapping[str, Any], called: str = "the table") -> ColumnTable:
    """A mapping of names to vectors as a table. Vectors are read when they are first asked for."""
    return ColumnTable(tuple(columns), columns.__getitem__, called)


def listed_few(names: Sequence[str], most: int = 12) -> str:
    """The first names of a list, for a message."""
    return ", ".join(names[:most]) + ", …" * (len(names) > most)


def no_number(table: RowTable, value: Any, column: str, row: int, more: str = "") -> NoReturn:
    """Raise UsageError for a value that is no number; rows count from 1 on."""
    text = shown(value.strip()[:40] if isinstance(value, str) else value)
    words = ", ".join(filter(None, MISSING_WORDS))
    help = f"missing values are empty cells, or one of {words}" if table.text else "a value that is missing is null"
    table.refuse(f"has {text} in row {row:,} of the column `{column}`{more}, which is no number", help, "W902")


__all__ = ["MISSING_WORDS", "ROWS", "ColumnTable", "RowBatch", "RowTable", "listed_few", "no_number",
           "table_of_columns"]  # fmt: skip
