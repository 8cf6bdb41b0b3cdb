"""Files of Parquet, Arrow and CSV read in batches through pyarrow, with a memory that does not grow with the file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from ...ground.errors import UsageError, error
from .arrow_import import pyarrow_for
from .csv_batches import TextTable
from .row_batches import MISSING_WORDS, ROWS, RowBatch, RowTable, no_number

# Bytes of a column that are read at a time, and bytes of a text file.
_PIECE, _BLOCK = 1 << 20, 1 << 23


class ArrowTable(RowTable):
    """A table whose columns pyarrow reads. A class below it gives `_records`, batches of any size in order."""

    def __init__(self, path: Path) -> None:
        self.path, self.called = path, str(path)

    def batches(
        self, columns: Sequence[str], size: int = ROWS, first: int = 0, kept: Sequence[str] = ()
    ) -> Iterator[RowBatch]:
        self.wanted((*columns, *kept))
        names = tuple(dict.fromkeys((*columns, *kept)))
        at = first
        with self._reading():
            for record, done in of_size(self._records(names, size, first), size):
                found: dict[str, Any] = {}
                missing: dict[str, Any] = {}
                for n in columns:
                    found[n], flags = numbers_of_arrow(self, record.column(n), n, at)
                    if flags is not None:
                        missing[n] = flags
                rows = record.num_rows
                at += rows
                yield RowBatch(at - rows, rows, found, missing, {n: record.column(n) for n in kept}, done)

    def _records(self, names: Sequence[str], size: int, first: int) -> Iterator[tuple[Any, int]]:
        """Batches of Arrow with these columns from a row on, each with how much is read so far."""
        raise NotImplementedError

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A block in which a file that cannot be read raises UsageError."""
        pa = pyarrow_for("this")
        try:
            yield
        except FileNotFoundError:
            raise
        except (pa.ArrowException, OSError) as problem:
            raise error(UsageError, "W900", f"cannot read {self.called}: {_plainly(problem)}",
                        help="the file may be cut short: write it anew") from None  # fmt: skip


class ParquetTable(ArrowTable):
    """A file of Parquet. Raises UsageError if it is cut short, or is none."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        pyarrow_for("Parquet")
        with self._reading(), self._file() as file:
            self.names = tuple(file.schema_arrow.names)
            self.rows = self.count = file.metadata.num_rows

    def _file(self) -> Any:
        from pyarrow import parquet

        # Mapped to memory, or read by whole groups of rows, a file would take memory without a bound.
        return parquet.ParquetFile(self.path, memory_map=False, pre_buffer=False, buffer_size=_PIECE)

    def shares(self, first: int, size: int) -> list[tuple[int, int]]:
        with self._reading(), self._file() as file:
            groups = file.metadata
            return joined_shares([groups.row_group(k).num_rows for k in range(groups.num_row_groups)], first, size)

    def _records(self, names: Sequence[str], size: int, first: int) -> Iterator[tuple[Any, int]]:
        with self._file() as file:
            groups: list[int] = []
            skipped = 0
            for k in range(file.metadata.num_row_groups):
                rows = file.metadata.row_group(k).num_rows
                if groups or skipped + rows > first:
                    groups.append(k)
                else:
                    skipped += rows
            done = skipped
            for record in file.iter_batches(size, row_groups=groups, columns=list(names)):
                done += record.num_rows
                if done > first:
                    yield record.slice(max(first - done + record.num_rows, 0)), done


class ArrowFile(ArrowTable):
    """A file of Arrow (IPC, Feather 2), or a stream of Arrow in a file. Raises UsageError if it is cut short."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.pa = pyarrow_for("Arrow")
        with self._reading(), self.pa.memory_map(str(path)) as source:
            self.whole = source.size() >= 6 and source.read(6) == b"ARROW1"
            source.seek(0)
            reader = self._open(source)
            self.names = tuple(reader.schema.names)
            if self.whole:
                # Counted from the headers of the batches: no column is read.
                self.rows = self.count = sum(reader.get_batch(k).num_rows for k in range(reader.num_record_batches))
            else:
                self.count, self.unit = source.size(), "bytes"

    def shares(self, first: int, size: int) -> list[tuple[int, int]]:
        if not self.whole:
            return []
        with self._reading(), self.pa.memory_map(str(self.path)) as source:
            reader = self._open(source)
            return joined_shares([reader.get_batch(k).num_rows for k in range(reader.num_record_batches)], first, size)

    def _open(self, source: Any) -> Any:
        ipc = self.pa.ipc
        return ipc.open_file(source) if self.whole else ipc.open_stream(source)

    def _records(self, names: Sequence[str], size: int, first: int) -> Iterator[tuple[Any, int]]:
        with self.pa.memory_map(str(self.path)) as source:
            reader = self._open(source)
            records = (reader.get_batch(k) for k in range(reader.num_record_batches)) if self.whole else reader
            done = 0
            for record in records:
                done += record.num_rows
                if done > first:
                    part = record.slice(max(first - done + record.num_rows, 0)).select(list(names))
                    yield part, done if self.whole else source.tell()


class CsvTable(TextTable):
    """A file of .csv or .tsv, read by pyarrow. From the first batch on in which that finds anything unusual, such as a
    comment, a `+` before a number or a text among numbers, the reader of Python takes over."""

    def batches(
        self, columns: Sequence[str], size: int = ROWS, first: int = 0, kept: Sequence[str] = ()
    ) -> Iterator[RowBatch]:
        self.wanted((*columns, *kept))
        pa = pyarrow_for("this")
        at = first
        with self._reading(), self.path.open("rb") as file:
            source = WatchedFile(file, self.before + 1)
            try:
                for record, _ in of_size(self._records(source, columns, kept, first), size):
                    found: dict[str, Any] = {}
                    missing: dict[str, Any] = {}
                    for n in columns:
                        found[n], flags = numbers_of_arrow(self, record.column(self._place(n)), n, at)
                        if flags is not None:
                            missing[n] = flags
                    rows = record.num_rows
                    at += rows
                    further = {n: record.column(self._place(n)) for n in kept}
                    yield RowBatch(at - rows, rows, found, missing, further, min(source.taken, self.count))
                return
            except (pa.ArrowException, Unusual):
                pass
        yield from super().batches(columns, size, at, kept)

    def _place(self, name: str) -> str:
        return str(self.names.index(name))

    def _records(
        self, source: WatchedFile, columns: Sequence[str], kept: Sequence[str], first: int
    ) -> Iterator[tuple[Any, int]]:
        pa = pyarrow_for("this")
        from pyarrow import csv

        spelled = (*MISSING_WORDS, "NaN")
        words = dict.fromkeys(chain.from_iterable((w, w.upper(), w.capitalize()) for w in spelled))
        # Columns are called by their positions, as names may repeat among those that are not asked for.
        types = {self._place(n): pa.string() for n in kept} | {self._place(n): pa.float64() for n in columns}
        reader = csv.open_csv(
            source,
            csv.ReadOptions(block_size=_BLOCK, column_names=[str(k) for k in range(len(self.names))]),
            csv.ParseOptions(delimiter=self.separator, newlines_in_values=True),
            csv.ConvertOptions(column_types=types, null_values=list(words), strings_can_be_null=False,
                               include_columns=list(types)),
        )  # fmt: skip
        done = 0
        for record in reader:
            done += record.num_rows
            if done > first:
                yield record.slice(max(first - done + record.num_rows, 0)), done


def joined_shares(groups: Sequence[int], first: int, size: int) -> list[tuple[int, int]]:
    """Neighbouring groups of rows in shares of `size` rows at least; see `RowTable.shares`."""
    found: list[tuple[int, int]] = []
    begin, end = first, 0
    for rows in groups:
        end += rows
        if end - begin >= size:
            found.append((begin, end))
            begin = end
    return [*found, (begin, end)] if end > begin else found


class Unusual(Exception):
    """A text that only the reader of Python takes."""


class WatchedFile(io.RawIOBase):
    """The rows of a file of text, for a reader that is stopped by a comment: pyarrow would take it for a row.

    The first `before` lines are left out; `taken` bytes are read so far. Raises Unusual at a comment, at ends of lines
    that the two readers see differently, and at the end of a file within quotation marks.
    """

    def __init__(self, file: Any, before: int) -> None:
        header = b"".join(file.readline() for _ in range(before))
        self.unusual = b"\r" in header.replace(b"\r\n", b"")
        self.file, self.taken, self.last, self.quotes = file, len(header), b"\n", 0

    def readable(self) -> bool:
        """True: it is read from."""
        return True

    def read(self, count: int = -1) -> bytes:
        """The next bytes. Raises Unusual."""
        found: bytes = self.file.read(count)
        self.quotes += found.count(b'"')
        open_end = not found and self.quotes % 2
        if self.unusual or open_end or b"\n#" in found or self.last == b"\n" and found[:1] == b"#":
            raise Unusual
        self.taken, self.last = self.taken + len(found), found[-1:] or self.last
        return found


def of_size(records: Iterable[tuple[Any, int]], size: int) -> Iterator[tuple[Any, int]]:
    """Batches of Arrow cut and joined to a number of rows; the last has the rest. Each goes with how much is read."""
    pa = pyarrow_for("this")
    waiting: list[Any] = []
    count = done = 0
    for record, done in records:
        if not count and record.num_rows == size:
            yield record, done
            continue
        while record.num_rows:
            part = record.slice(0, size - count)
            record = record.slice(part.num_rows)
            waiting.append(part)
            count += part.num_rows
            if count == size:
                yield _joined(pa, waiting), done
                waiting, count = [], 0
    if waiting:
        yield _joined(pa, waiting), done


def _joined(pa: Any, records: list[Any]) -> Any:
    if len(records) == 1:
        return records[0]
    return pa.Table.from_batches(records).combine_chunks().to_batches()[0]


def numbers_of_arrow(table: RowTable, array: Any, name: str, first: int = 0) -> tuple[Any, Any]:
    """An Arrow array as a vector of float64, with nan for missing values, and flags of these (None if no value is
    missing).

    It takes numbers of every type, and truth values as 0 and 1. `first` is the number of rows before the array. Raises
    UsageError for any other type; for texts, it shows the first that is no number.
    """
    pa = pyarrow_for("this")
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if not pa.types.is_float64(kind):
        types = pa.types
        if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
            _refuse_text(table, array, name, first)
        elif not any(is_one(kind) for is_one in (types.is_integer, types.is_floating, types.is_boolean,
                                                 types.is_decimal, types.is_null)):  # fmt: skip
            table.refuse(f"has the column `{name}` of type {kind}, which holds no numbers", code="W902")
        if types.is_boolean(kind):
            array = array.cast(pa.int8())
        array = array.cast(pa.float64(), safe=False)
    if not array.null_count:
        return array.to_numpy(zero_copy_only=True), None
    flags = array.is_null().to_numpy(zero_copy_only=False)
    return array.fill_null(float("nan")).to_numpy(zero_copy_only=False), flags


def _refuse_text(table: RowTable, array: Any, name: str, first: int) -> None:
    """Raise UsageError for a column of texts, unless all of it is missing: for the first that is no number, if any."""
    texts = [(k, v) for k, v in enumerate(array.to_pylist()) if v is not None]
    for k, text in texts:
        try:
            float(text)
        except ValueError:
            no_number(table, text, name, first + k + 1)
    if texts:
        help = f"write it as numbers: `CAST({name} AS DOUBLE)` in SQL, `.astype(float)` in pandas"
        table.refuse(f"has the column `{name}` of text, though it reads as numbers", help, "W902")


def _plainly(problem: Exception) -> str:
    """The message of pyarrow, or of the system, on one line."""
    text = getattr(problem, "strerror", None) or " ".join(str(problem).split())
    return text if len(text) <= 200 else f"{text[:197]}…"


__all__ = ["ArrowFile", "ArrowTable", "CsvTable", "ParquetTable", "Unusual", "WatchedFile", "numbers_of_arrow",
           "of_size"]  # fmt: skip
