"""Tables of any kind opened to be read in batches of rows.

for batch in open_table("readings.parquet").batches(("B", "v"), 100_000):
    batch.columns["B"], batch.missing.get("B")
"""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path

from ...ground.errors import UsageError, error, shown, suggestion
from .arrow_batches import ArrowFile, CsvTable, ParquetTable
from .arrow_import import has_pyarrow
from .csv_batches import SEPARATORS, TextTable
from .row_batches import ROWS, ColumnTable, RowBatch, RowTable, table_of_columns

PARQUET, ARROW = (".parquet", ".pq"), (".arrow", ".feather", ".ipc")
SUFFIXES = (*SEPARATORS, *PARQUET, *ARROW)


def open_table(path: str | PathLike[str]) -> RowTable:
    """The table in a file, by the end of its name: .csv, .tsv, .txt, .parquet (.pq), or .arrow (.feather, .ipc).

    A .csv is read by pyarrow where that is installed, and by the reader of Python where it is not, in as little memory.
    Raises UsageError for a file that is missing, of another kind, cut short, or without names of its columns, and for
    Parquet and Arrow where pyarrow is not installed.
    """
    file = Path(os.fspath(path))
    kind = file.suffix.lower()
    if not os.fspath(path):
        raise error(UsageError, "W900", "a table needs a name", help=f"it ends in {', '.join(SUFFIXES)}")
    try:
        if not file.exists():
            near = [p.name for p in file.parent.iterdir()] if file.parent.is_dir() else []
            raise error(UsageError, "W611", f"no file {file}", help=suggestion(file.name, near))
        if not file.is_file():
            raise error(UsageError, "W611", f"{file} is no regular file")
    except (OSError, ValueError) as problem:
        raise error(UsageError, "W611", f"cannot read {shown(str(file))}: {problem}") from None
    if kind in PARQUET:
        return ParquetTable(file)
    if kind in ARROW:
        return ArrowFile(file)
    if kind not in SEPARATORS:
        help = f"the name of a table ends in {', '.join(SUFFIXES)}"
        raise error(UsageError, "W900", f"{file} is no table by its name", help=help)
    return CsvTable(file) if SEPARATORS[kind] and has_pyarrow() else TextTable(file)


__all__ = ["ARROW", "PARQUET", "ROWS", "SUFFIXES", "ColumnTable", "RowBatch", "RowTable", "open_table",
           "table_of_columns"]  # fmt: skip
