"""Tables written in parts: Parquet, Arrow, CSV. Each part is whole on disk before the next begins."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...ground.errors import UsageError, error, shown, suggestion
from ...ground.tuples import NamedTuple
from .arrow_import import has_pyarrow, pyarrow_for
from .csv_batches import SEPARATORS
from .parquet_footer import footer_of, joined_footer
from .table_batches import ARROW, PARQUET
from .unfinished import AppendedFile, UnfinishedFile

# The ways to compress each kind of file, the default first.
PARQUET_WAYS, ARROW_WAYS = ("auto", "none", "snappy", "zstd", "lz4", "gzip"), ("none", "zstd", "lz4")
WAYS = PARQUET_WAYS
# How many numbers are tried to see whether a column can be compressed, and the largest ratio at which it is.
SAMPLE, LEFT = 1 << 13, 0.9
# Bytes that are copied at a time.
_PIECE = 1 << 23
WRITTEN = (".parquet", ".pq", ".arrow", ".feather", ".ipc", ".csv", ".tsv")


class WrittenColumn(NamedTuple):
    """Some rows of a column: a vector, an array of Arrow or a list of texts, and where it is missing, if anywhere."""

    values: Any
    missing: Any = None


Rows = Mapping[str, WrittenColumn]


class TableWriter:
    """Writes a table to the end of an unfinished file, part by part. A class below it has the form of the file."""

    def __init__(self, unfinished: UnfinishedFile, compression: str, text: str) -> None:
        self.unfinished, self.compression, self.text = unfinished, compression, text

    def write(self, rows: Rows) -> int:
        """Write some rows as a part. Returns the place in the file where it ends. Raises OSError."""
        raise NotImplementedError

    def finish(self, ends: Sequence[int]) -> None:
        """Make the file whole; `ends` are the places where its parts end. Raises OSError."""

    def resume(self) -> None:
        """Prepare to write behind the parts of an earlier run."""

    def end_part(self) -> None:
        """Make the file one that `append` takes. Raises OSError."""

    def append(self, path: str, ends: Sequence[int], names: Sequence[str]) -> list[int]:
        """Write the parts in another file, which a writer of the same kind ended, behind those that are here.

        ends  the places in the other file where its parts end; `names` are those of the columns

        Returns the places where they end in this file. Raises OSError.
        """
        return self._copied(path, 0, ends)

    def _copied(self, path: str, begin: int, ends: Sequence[int]) -> list[int]:
        moved = self.unfinished.file.tell() - begin
        sink = AppendedFile(self.unfinished.file)
        with open(path, "rb", buffering=0) as part:
            part.seek(begin)
            while piece := part.read(_PIECE):
                sink.write(piece)
        return [moved + end for end in ends]


class ParquetWriter(TableWriter):
    """Parquet: each part is a file with one group of rows, and a footer after the last makes them one file."""

    def write(self, rows: Rows) -> int:
        from pyarrow import parquet

        table = record_of(rows, self.text)
        # A number is seldom there twice: a dictionary of numbers takes three times the time, and more bytes.
        kinds = {f.name: str(f.type) for f in table.schema}
        words = [n for n, kind in kinds.items() if kind not in ("double", "float", "halffloat")]
        way = _ways(table, words) if self.compression == "auto" else self.compression
        sink = AppendedFile(self.unfinished.file)
        with parquet.ParquetWriter(sink, table.schema, compression=way, use_dictionary=words or False) as out:
            out.write_batch(table, row_group_size=max(table.num_rows, 1))
        return self.unfinished.file.tell()

    def finish(self, ends: Sequence[int]) -> None:
        file = self.unfinished.file

        def read(begin: int, end: int) -> bytes:
            file.seek(begin)
            return file.read(end - begin)

        starts = [0, *ends[:-1]]
        footers = [(a, footer_of(lambda x, y, a=a: read(a + x, a + y), b - a)) for a, b in zip(starts, ends)]  # type: ignore[misc]
        file.seek(0, io.SEEK_END)
        AppendedFile(file).write(joined_footer(footers))


def _ways(record: Any, words: Sequence[str]) -> dict[str, str]:
    """For each column Snappy where it makes a sample smaller, else none: most numbers that were measured have no two
    bytes alike, and the attempt takes as long as the writing."""
    pa = pyarrow_for("this")
    codec, found = pa.Codec("snappy"), {}
    for name, column in zip(record.schema.names, record.columns):
        sample = column.slice(len(column) // 2 - SAMPLE // 2 if len(column) > SAMPLE else 0, SAMPLE)
        if name not in words:
            raw = pa.py_buffer(sample.to_numpy(zero_copy_only=False))
            found[name] = "snappy" if codec.compress(raw).size < LEFT * raw.size else "none"
        else:
            found[name] = "snappy"
    return found


class ArrowWriter(TableWriter):
    """Arrow: a file of batches (IPC, Feather 2)."""

    out: Any = None

    def write(self, rows: Rows) -> int:
        record = record_of(rows, self.text)
        if self.out is None:
            self._begin(record.schema)
        self.out.write_batch(record)
        return self.unfinished.file.tell()

    def _begin(self, schema: Any) -> None:
        ipc = pyarrow_for("Arrow").ipc
        way = None if self.compression == "none" else self.compression
        sink = AppendedFile(self.unfinished.file)
        self.out = ipc.new_file(sink, schema, options=ipc.IpcWriteOptions(compression=way))

    def resume(self) -> None:
        """Copy the batches that are there to a new file, whose writer then knows their places."""
        pa = pyarrow_for("Arrow")
        unfinished = self.unfinished
        copy = f"{unfinished.aside}.copy"
        unfinished.file.close()
        unfinished.file = open(copy, "w+b", buffering=0)  # noqa: SIM115  it stays open with the job
        with pa.memory_map(unfinished.aside) as source:
            # The batches of a file are a stream behind its first 8 bytes.
            reader = pa.ipc.open_stream(source.read_buffer(unfinished.end)[8:])
            self._begin(reader.schema)
            for record in reader:
                self.out.write_batch(record)
        os.replace(copy, unfinished.aside)
        unfinished.note({**unfinished.entries[-1], "end": unfinished.file.tell()})

    def finish(self, ends: Sequence[int]) -> None:
        self.end_part()

    def end_part(self) -> None:
        self.out.close()

    def append(self, path: str, ends: Sequence[int], names: Sequence[str]) -> list[int]:
        pa = pyarrow_for("Arrow")
        found: list[int] = []
        with pa.memory_map(path) as source:
            reader = pa.ipc.open_file(source)
            if self.out is None:
                self._begin(reader.schema)
            for k in range(reader.num_record_batches):
                self.out.write_batch(reader.get_batch(k))
                found.append(self.unfinished.file.tell())
        return found


class TextWriter(TableWriter):
    """CSV: the names of the columns, then a line for each row. A missing value is an empty cell."""

    def __init__(self, unfinished: UnfinishedFile, compression: str, text: str) -> None:
        super().__init__(unfinished, compression, text)
        self.separator = SEPARATORS[Path(unfinished.path).suffix.lower()]

    def write(self, rows: Rows) -> int:
        sink = AppendedFile(self.unfinished.file)
        if not self.unfinished.file.tell():
            sink.write(self._lines([list(rows)]))
        if has_pyarrow():
            from pyarrow import csv as arrow_csv

            record = record_of(rows, "")
            quotes = "needed" if _needs_quotes(record, self.separator) else "none"
            options = arrow_csv.WriteOptions(include_header=False, delimiter=self.separator, quoting_style=quotes)
            # Its pieces are small: they are gathered, so that the system is asked once.
            gathered = pyarrow_for("this").BufferOutputStream()
            arrow_csv.write_csv(record, gathered, options)
            sink.write(gathered.getvalue())
        else:
            sink.write(self._lines(zip(*(_cells(column) for column in rows.values()))))
        return self.unfinished.file.tell()

    def append(self, path: str, ends: Sequence[int], names: Sequence[str]) -> list[int]:
        # The names stand once, in the first line.
        return self._copied(path, len(self._lines([list(names)])) if self.unfinished.file.tell() else 0, ends)

    def _lines(self, rows: Iterable[Sequence[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.separator, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()


def _needs_quotes(record: Any, separator: str) -> bool:
    """Whether a text among the columns holds a mark of the form: pyarrow would put quotation marks round all texts."""
    from pyarrow import compute

    texts = [c for c in record.columns if str(c.type) not in ("double", "int64", "int32", "bool", "float")]
    return any(
        str(c.type) not in ("string", "large_string")
        or compute.any(compute.match_substring_regex(c, f'[{separator}"\r\n]')).as_py()
        for c in texts
    )


def _cells(column: WrittenColumn) -> list[str]:
    values = column.values if isinstance(column.values, list) else column.values.tolist()
    texts = [v if isinstance(v, str) else repr(v) for v in values]
    return texts if column.missing is None else ["" if none else t for t, none in zip(texts, column.missing.tolist())]


def record_of(rows: Rows, text: str) -> Any:
    """Some rows as a batch of Arrow, whose schema tells the program that computed them."""
    pa = pyarrow_for("this")
    arrays = []
    for values, missing in rows.values():
        if isinstance(values, pa.Array):
            arrays.append(values)
        else:
            arrays.append(pa.array(values, mask=missing))
    record = pa.RecordBatch.from_arrays(arrays, names=list(rows))
    return record.replace_schema_metadata({"wengert": text}) if text else record


def checked_target(path: str, compression: str | None) -> str:
    """The compression for a file, from its suffix and the compression that is asked for.

    Raises UsageError for a suffix that is no table's, and for a compression that its form does not have.
    """
    kind = Path(path).suffix.lower()
    if kind not in WRITTEN:
        raise error(UsageError, "W900", f"{shown(path)} is no table by its name",
                    help=f"the name ends in {', '.join(WRITTEN)}")  # fmt: skip
    if kind not in SEPARATORS:
        pyarrow_for("Parquet" if kind in PARQUET else "Arrow")
    ways = PARQUET_WAYS if kind in PARQUET else ARROW_WAYS if kind in ARROW else ("none",)
    if compression is not None and compression not in ways:
        help = suggestion(str(compression), ways) or f"a file in {kind} is compressed by {', '.join(ways)}"
        raise error(UsageError, "W904", f"a file in {kind} is not compressed by {shown(compression)}", help=help)
    return ways[0] if compression is None else compression


def writer_of(unfinished: UnfinishedFile, compression: str, text: str) -> TableWriter:
    """The writer of a table, by the end of its name; `text` is the program that it tells, where its form can."""
    kind = Path(unfinished.path).suffix.lower()
    if kind in SEPARATORS:
        return TextWriter(unfinished, compression, text)
    return (ParquetWriter if kind in PARQUET else ArrowWriter)(unfinished, compression, text)


__all__ = ["WAYS", "WRITTEN", "Rows", "TableWriter", "WrittenColumn", "checked_target", "writer_of"]
