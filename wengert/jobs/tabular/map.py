"""A function mapped over the rows of a table that may be larger than memory, from file to file.

One thread reads the next rows while this one computes and a third writes the rows before. Rows whose answer has a note,
as they lie on a kink or outside a domain, are counted, and written aside where that is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter
from typing import Any, NoReturn, TypeVar

from ...ground.errors import UsageError, WengertError, error, shown
from ...ground.progress import progressing_by
from ...ground.tuples import NamedTuple, Protocol
from .map_parts import RowParts, written_rows
from .row_batches import ROWS, RowBatch, RowTable
from .row_notes import NotedRows, RowTally
from .unfinished import FULL, UnfinishedFile
from .written_tables import Rows, TableWriter, WrittenColumn, checked_target, writer_of

T = TypeVar("T")


class RowWork(Protocol):
    """The work on a batch.

    columns  the columns that it reads
    names    the columns that it computes
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]

    def arrays(self, rows: int) -> list[Any]:
        """New vectors for the columns that are computed."""
        raise NotImplementedError

    def fill(self, batch: RowBatch, into: Sequence[Any]) -> Mapping[str, Any]:
        """Compute the columns of a batch. Returns, for each kind of note that some row has, the rows as bools."""
        raise NotImplementedError

    def sentence(self, values: Mapping[str, float]) -> str:
        """The notes on one row."""
        raise NotImplementedError

    def kernel(self) -> str:
        """A sentence on the kernel that ran."""
        raise NotImplementedError


class RowJob(NamedTuple):
    """A table, the work on its rows, and the files for the answers.

    target, compression  the file, and how it is compressed
    kept    the columns of the table that stand in the target too
    notes   a file for the rows with notes, or ""
    text    the program, for reports and for the target
    identity  all that decides the answers, for a later run that goes on; None where none shall
    anew    whether an unfinished run is forgotten
    size    the rows of a batch, which are a part of the target
    parts   other processes that read the table and write its parts; None where this one does
    """

    table: RowTable
    work: RowWork
    target: str
    compression: str
    kept: tuple[str, ...] = ()
    notes: str = ""
    text: str = ""
    identity: Mapping[str, Any] | None = None
    anew: bool = False
    size: int = ROWS
    parts: RowParts | None = None


class MapInterrupted(KeyboardInterrupt):
    """Ctrl-C while a table was mapped: `rows` of it are kept for the next run, of `count`, or 0 where that is not
    known."""

    def __init__(self, rows: int, count: int) -> None:
        super().__init__(rows, count)
        self.rows, self.count = rows, count


class MapEnd(NamedTuple):
    """The end of a job.

    tally    the rows, those that lack values, and those with notes
    resumed  the rows that an earlier run had done
    other    whether an unfinished run of another job was forgotten
    seconds  the time that passed
    """

    tally: RowTally
    resumed: int
    other: bool
    seconds: float


def map_rows(job: RowJob) -> MapEnd:
    """Map a function over a table. Raises UsageError for a table without rows, for one whose rows all lack values, for
    one that cannot be read to its end, and for files that cannot be written; MapInterrupted for Ctrl-C.

    Where the disk is full, or the process ends, the rows so far are kept for a run with the same identity.
    """
    begun = perf_counter()
    with ExitStack() as stack:
        unfinished = stack.enter_context(UnfinishedFile(job.target, job.identity, job.anew))
        aside = _aside(job, unfinished)
        if aside is not None:
            stack.enter_context(aside)
        running = _Running(job, unfinished, aside)
        try:
            running.run()
        except KeyboardInterrupt:
            if not running.kept():
                raise
            raise MapInterrupted(running.kept(), job.table.rows or 0) from None
        except OSError as problem:
            running.refuse(problem)
        except WengertError as problem:
            running.lost(problem)
            raise
        except BaseException:
            running.drop()
            raise
    return MapEnd(running.tally, running.resumed, unfinished.other, perf_counter() - begun)


def _aside(job: RowJob, unfinished: UnfinishedFile) -> UnfinishedFile | None:
    """The file for the rows with notes, as far as the journal of the target tells that it is whole."""
    if not job.notes:
        return None
    ends = list(dict.fromkeys(entry["notes"] for entry in unfinished.entries if entry["notes"]))
    aside = UnfinishedFile(job.notes, None, entries=[{"end": end} for end in ends])
    if aside.entries and aside.short:
        unfinished.restart()
        aside.restart()
    return aside


class _Running:
    """A job that runs."""

    def __init__(self, job: RowJob, unfinished: UnfinishedFile, aside: UnfinishedFile | None) -> None:
        self.job, self.unfinished, self.aside = job, unfinished, aside
        self.writer = writer_of(unfinished, job.compression, job.text)
        self.notes = None if aside is None else writer_of(aside, checked_target(job.notes, None), "")
        self.tally = RowTally()
        if unfinished.entries:
            self.tally.restore(unfinished.entries[-1]["tally"])
        self.resumed = self.tally.rows
        self.at = job.target  # the file that is being written

    def run(self) -> None:
        """Map all rows, and give the files their names."""
        table = self.job.table
        for writer in (self.writer, self.notes):
            if writer is not None and writer.unfinished.entries:
                writer.resume()
        if self.job.parts is not None:
            self._join(self.job.parts)
        else:
            with ThreadPoolExecutor(1, "wengert read") as reading, ThreadPoolExecutor(1, "wengert write") as writing:
                self._map(reading, writing)
        if not self.tally.rows:
            table.refuse("has no rows", "a table to map has one row at least", "W903")
        if self.tally.missing == self.tally.rows:
            name, count = max(self.tally.lacking.items(), key=lambda pair: pair[1])
            table.refuse(f"lacks values in every row: `{name}` is missing in {count:,} of {self.tally.rows:,}",
                         "a row is computed where it has all of the columns that are read", "W903")  # fmt: skip
        if self.notes is not None and not self.notes.unfinished.entries:
            self._write_notes(NotedRows([], [], [], {n: [] for n in self.job.work.columns}))
        for writer in filter(None, (self.notes, self.writer)):
            writer.finish([entry["end"] for entry in writer.unfinished.entries])
            writer.unfinished.finished()

    def _map(self, reading: ThreadPoolExecutor, writing: ThreadPoolExecutor) -> None:
        job, table, work = self.job, self.job.table, self.job.work
        # Two sets of vectors: one is written while the other is filled.
        sets: list[list[Any]] = []
        pending: Future[None] | None = None
        rows = ahead(reading, table.batches(work.columns, job.size, self.resumed, job.kept))
        try:
            for batch in progressing_by(((b.done, b) for b in rows), table.count, f"{table.called}, {table.unit}"):
                if len(sets) < 2:
                    sets.insert(0, work.arrays(job.size))
                into = [v[: batch.rows] for v in sets[0]]
                sets.reverse()
                flags = work.fill(batch, into)
                noted = self.tally.add(batch, flags, work.sentence, self.notes is not None)
                state = self.tally.state()
                if pending is not None:
                    pending.result()
                pending = writing.submit(self._write, batch, into, noted, state)
        finally:
            # The part that is being written becomes whole, also where another error ends the job.
            if pending is not None:
                pending.result()

    def _write(self, batch: RowBatch, computed: Sequence[Any], noted: NotedRows | None, state: dict[str, Any]) -> None:
        rows = written_rows(batch, self.job.kept, self.job.work.names, computed)
        if noted is not None:
            self._write_notes(noted)
        self._note(_written(self.writer, rows), state)

    def _note(self, end: int, state: dict[str, Any]) -> None:
        place = 0 if self.notes is None else self.notes.unfinished.end
        self.unfinished.note({"end": end, "notes": place, "tally": state})

    def _join(self, parts: RowParts) -> None:
        """Join the parts that other processes write."""
        table, work, names = self.job.table, self.job.work, [*self.job.kept, *self.job.work.names]
        found = parts.parts(self.resumed)
        told = ((p.batches[-1].done if p.batches else self.tally.rows, p) for p in found)
        for part in progressing_by(told, table.count, f"{table.called}, {table.unit}"):
            if part.failed is not None:
                raise OSError(*part.failed)
            ends = self.writer.append(part.path, [b.end for b in part.batches], names)
            for batch, end in zip(part.batches, ends):
                noted = self.tally.merge(batch.state, batch.noted, work.sentence)
                if self.notes is not None and noted is not None:
                    self._write_notes(noted)
                self._note(end, self.tally.state())
            os.unlink(part.path)

    def _write_notes(self, noted: NotedRows) -> None:
        import numpy as np

        assert self.notes is not None
        rows = {"row": WrittenColumn(np.asarray(noted.rows, dtype=np.int64)), "kind": WrittenColumn(noted.kinds),
                "note": WrittenColumn(noted.sentences)}  # fmt: skip
        rows.update({n: WrittenColumn(np.asarray(v, dtype=float)) for n, v in noted.values.items() if n not in rows})
        self.at = self.job.notes
        self.notes.unfinished.note({"end": _written(self.notes, rows)})
        self.at = self.job.target

    def kept(self) -> int:
        """The rows that are kept for a later run. If there are none, remove all files."""
        if self.job.identity is not None and self.unfinished.entries:
            return int(self.unfinished.entries[-1]["tally"]["rows"])
        self.drop()
        return 0

    def drop(self) -> None:
        """Leave nothing behind."""
        for writer in filter(None, (self.writer, self.notes)):
            writer.unfinished.drop()

    def lost(self, problem: WengertError) -> None:
        """If the cluster is gone, keep the rows so far and say so in its error; otherwise remove all files."""
        told = problem.diagnostic
        if told.code not in ("W927", "W928") or not (rows := self.kept()):
            self.drop()
            return
        help = f"give the same command again when it is back: it goes on after the {rows:,} rows that are kept"
        problem.diagnostic = told._replace(help=help)

    def refuse(self, problem: OSError) -> NoReturn:
        """Raise UsageError for a file that cannot be written. With a full disk the rows so far are kept."""
        full = problem.errno in FULL
        rows = self.kept() if full else 0
        if not rows:
            self.drop()
            self.unfinished.refuse(problem)
        raise error(
            UsageError, "W904", f"cannot write {shown(self.at)}: {problem.strerror}; {rows:,} rows are kept",
            help=f"make room and give the same command again: it goes on there; or delete {self.unfinished.aside} and "
            f"{self.unfinished.journal}",
        ) from None  # fmt: skip


def _written(writer: TableWriter, rows: Rows) -> int:
    """Write a part of a table. Raises OSError, and UsageError for a column that the form of the file does not have."""
    try:
        return writer.write(rows)
    except OSError:
        raise
    except (ValueError, TypeError, NotImplementedError) as problem:
        # The exceptions of pyarrow are of these kinds.
        why = " ".join(str(problem).split())
        raise error(UsageError, "W904", f"cannot write {shown(writer.unfinished.path)}: {why}") from None


def ahead(reading: ThreadPoolExecutor, items: Iterator[T]) -> Iterator[T]:
    """The items of an iterator. A thread makes each of them while the one before it is used."""
    future = reading.submit(next, items, None)
    while (item := future.result()) is not None:
        future = reading.submit(next, items, None)
        yield item


__all__ = ["MapEnd", "MapInterrupted", "RowJob", "RowWork", "ahead", "map_rows"]
