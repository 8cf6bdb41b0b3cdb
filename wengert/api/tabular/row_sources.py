"""The tables that a caller gives to be read in batches: files, iterables of tables, functions that make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...ground.errors import UsageError, error, shown
from ...ground.limits import Limits
from ...jobs.tabular.csv_batches import SEPARATORS
from ...jobs.tabular.table_batches import open_table
from ...jobs.tabular.tree_sums import ROWS
from ...kernels.arguments import columns_of as names_of
from .kept_numbers import KeptNumbers
from .streamed import Columns, LocalRows
from .tables import NamedColumns, table_of

# Numbers of a table that is read into memory as a whole.
SMALL = 1 << 22
# Bytes that a number of a text file takes at least, with its comma.
BYTES = 2


def in_memory(table: Any) -> bool:
    """Whether a table is one that the caller holds as a whole: columns by name."""
    return isinstance(table, (NamedColumns, Mapping)) or names_of(table) is not None


def is_path(table: Any) -> bool:
    """Whether a table is the path of a file."""
    return isinstance(table, str) or hasattr(type(table), "__fspath__")


def batches_of(table: Any, limits: Limits) -> LocalRows:
    """A table as batches of rows. Raises UsageError for anything that is no table, and for a file that cannot be
    read."""
    if is_path(table):
        file = open_table(table)

        def numbers(names: Sequence[str]) -> Iterator[dict[str, Any]]:
            return (b.columns for b in file.batches(names, ROWS))

        read = KeptNumbers(numbers).batches if Path(table).suffix.lower() in SEPARATORS else numbers
        return LocalRows(file.names, read, file.called)
    if in_memory(table):
        whole = table if isinstance(table, NamedColumns) else table_of(table, limits)
        return LocalRows(whole.names, lambda names: [_columns(whole, names)], whole.called)
    return _callers_batches(table, limits)


def _iterates(table: Any) -> bool:
    """Whether an object has an iterator: an array of no axes has the method for it, and none."""
    return hasattr(type(table), "__iter__") and getattr(table, "ndim", 1) != 0


def _callers_batches(table: Any, limits: Limits) -> LocalRows:
    """Batches that the caller's own object gives: an iterable of tables, or a function that makes one."""
    if not callable(table) and not _iterates(table) or isinstance(table, (str, bytes, type)):
        raise error(UsageError, "W670", f"a table is a file, a DataFrame, a mapping of names to vectors or an iterable "
                    f"of these, not {shown(table)}")  # fmt: skip
    if isinstance(table, Iterator):
        raise error(UsageError, "W925", "an iterator can be read once, and a fit reads its table again and again",
                    help="give a function that makes the iterator, or a list of batches")  # fmt: skip

    def begun() -> Iterator[Any]:
        made = table() if callable(table) else table
        if isinstance(made, (str, bytes)) or not _iterates(made):
            raise error(UsageError, "W670", f"the function of a table gives batches, not {shown(made)}",
                        help="an iterable of mappings of names to vectors, or of DataFrames")  # fmt: skip
        return iter(made)

    first = next(begun(), None)
    if first is None:
        raise error(UsageError, "W670", "the table has no rows: it has no batches")
    names = _table(first, limits, 1).names

    def read(wanted: Sequence[str]) -> Iterator[Columns]:
        for k, batch in enumerate(begun(), 1):
            yield _columns(_table(batch, limits, k), wanted)

    return LocalRows(names, read)


def _table(batch: Any, limits: Limits, k: int) -> NamedColumns:
    """A batch as a table, which messages call by its number."""
    if not in_memory(batch):
        raise error(UsageError, "W670", f"batch {k:,} of the table is {shown(batch)}",
                    help="a batch is a mapping of names to vectors, or a DataFrame")  # fmt: skip
    found = table_of(batch, limits)
    return NamedColumns(found.names, found.column, f"batch {k:,} of the table")


def _columns(table: NamedColumns, names: Sequence[str]) -> dict[str, Any]:
    """Some columns of a table. Raises UsageError for columns of different lengths."""
    found = {n: table.column(n) for n in names}
    if len({len(v) for v in found.values()}) > 1:
        told = ", ".join(f"{len(v):,} of `{n}`" for n, v in found.items())
        table.refuse(f"has columns of different lengths: {told}")
    return found


def small_text(path: Any) -> bool:
    """Whether a path is a text file that surely holds few numbers."""
    if Path(path).suffix.lower() not in SEPARATORS:
        return False
    try:
        return Path(path).stat().st_size <= BYTES * SMALL
    except (OSError, ValueError):
        return True


def held(source: LocalRows, names: Sequence[str], most: int = SMALL) -> NamedColumns | None:
    """Some columns of a table in memory, if they hold no more than `most` numbers; else None."""
    import numpy as np

    parts: list[Columns] = []
    count = 0
    for batch in source.read(names):
        parts.append({n: np.array(batch[n], dtype=float) for n in names})
        count += sum(map(len, parts[-1].values()))
        if count > most:
            return None
    columns = {n: np.concatenate([p[n] for p in parts]) if parts else np.zeros(0) for n in names}
    return NamedColumns(source.names, columns.__getitem__, source.called)


__all__ = ["SMALL", "batches_of", "held", "in_memory", "is_path", "small_text"]
