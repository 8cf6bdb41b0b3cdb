"""`map` with the work on a cluster: the workers read their rows from the file and write the parts of the answers, which
this process joins. Where they do not see the files, this process reads and writes, and they compute the rows between.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from ...jobs.tabular.dask_cluster import AHEAD, Cluster
from ...jobs.tabular.map import MapEnd, RowJob, map_rows
from ...jobs.tabular.map_parts import MappedPart, PartsFolder, RowShare, sees, write_part
from ...jobs.tabular.row_batches import ROWS, ColumnTable, RowBatch, RowTable
from .row_function import RowFunction
from .travelling import row_work_of_json


class SentRows(RowTable):
    """A table whose batches are sent to the workers before they are asked for, some at a time."""

    def __init__(self, table: RowTable, cluster: Cluster, job: str) -> None:
        self.table, self.cluster, self.job = table, cluster, job
        self.names, self.rows, self.called = table.names, table.rows, table.called
        self.count, self.unit, self.text = table.count, table.unit, table.text
        # The work on each batch that is under way, by the number of its first row.
        self.sent: dict[int, Any] = {}

    def batches(
        self, columns: Sequence[str], size: int = ROWS, first: int = 0, kept: Sequence[str] = ()
    ) -> Iterator[RowBatch]:
        client = self.cluster.client()
        most = AHEAD * max(sum(client.nthreads().values()), 1) + 1
        text = client.scatter(self.job, broadcast=True)
        waiting: deque[RowBatch] = deque()
        for batch in self.table.batches(columns, size, first, kept):
            bare = batch._replace(kept={})
            with warnings.catch_warnings():
                # The columns travel with the work; there is no better way for them.
                warnings.filterwarnings("ignore", "Sending large graph")
                self.sent[batch.first] = client.submit(computed, tuple(bare), text, pure=False)
            waiting.append(batch)
            self.rows, self.count = self.table.rows, self.table.count
            if len(waiting) >= most:
                yield waiting.popleft()
        yield from waiting

    def cancel(self) -> None:
        """Give up the work that is under way."""
        if self.sent:
            self.cluster.client().cancel(list(self.sent.values()))
            self.sent.clear()


class SentShares:
    """Shares of a table whose rows the workers read, and whose answers they write; see
    `jobs.tabular.map_parts.RowParts`."""

    def __init__(self, job: RowJob, cluster: Cluster, text: str, folder: str) -> None:
        self.job, self.cluster, self.text = job, cluster, text
        called = job.table.called
        self.share = RowShare(
            os.path.abspath(called), called, 0, 0, job.kept, job.size, folder, os.path.splitext(job.target)[1].lower(),
            job.compression, job.text, bool(job.notes),
        )  # fmt: skip
        self.unsure = False
        self.said = ""
        self.waiting: deque[Any] = deque()

    def parts(self, first: int) -> Iterator[MappedPart]:
        """The parts of the rows from a first on, in their order."""
        client = self.cluster.client()
        most = AHEAD * max(sum(client.nthreads().values()), 1) + 1
        text = client.scatter(self.text, broadcast=True)
        for begin, end in self.job.table.shares(first, self.job.size):
            share = self.share._replace(first=begin, end=end)
            self.waiting.append(client.submit(written, tuple(share), text, pure=False))
            if len(self.waiting) >= most:
                yield self._next()
        while self.waiting:
            yield self._next()

    def _next(self) -> MappedPart:
        ((part, unsure, self.said),) = self.cluster.gathered([self.waiting.popleft()])
        self.unsure = self.unsure or unsure
        return MappedPart(*part)

    def cancel(self) -> None:
        """Give up the work that is under way."""
        if self.waiting:
            self.cluster.client().cancel(list(self.waiting))
            self.waiting.clear()


class SentWork:
    """The work on rows that workers do, for a report; see `jobs.tabular.map.RowWork`."""

    def __init__(self, work: RowFunction, said: str = "", unsure: bool = False) -> None:
        self.work, self.said, self.unsure = work, said, unsure
        self.columns, self.names = work.columns, work.names

    def arrays(self, rows: int) -> list[Any]:
        """New vectors for the columns that are computed."""
        return self.work.arrays(rows)

    def fill(self, batch: RowBatch, into: Sequence[Any]) -> Mapping[str, Any]:
        """Compute the columns of a batch. Returns, for each kind of note that some row has, the rows as bools."""
        return self.work.fill(batch, into)

    def sentence(self, values: Mapping[str, float]) -> str:
        """The notes on one row."""
        return self.work.sentence(values)

    def kernel(self) -> str:
        """A sentence on the kernel that ran."""
        return self.said


class SentRowWork(SentWork):
    """The work on batches that are sent to workers, whose answers come back."""

    def __init__(self, work: RowFunction, table: SentRows) -> None:
        super().__init__(work)
        self.table = table

    def fill(self, batch: RowBatch, into: Sequence[Any]) -> Mapping[str, Any]:
        """Wait for the columns of a batch. Returns, for each kind of note that some row has, the rows as bools."""
        (found,) = self.table.cluster.gathered([self.table.sent.pop(batch.first)])
        answers, flags, unsure, self.said = found
        self.unsure = self.unsure or unsure
        for place, values in zip(into, answers):
            place[...] = values
        return dict(flags)


def mapped_on_dask(job: RowJob, work: RowFunction, text: str, scheduler: Any) -> tuple[MapEnd, SentWork]:
    """Map a function over a table with the workers of a cluster. Raises the errors of `jobs.tabular.map.map_rows`, and
    UsageError for a scheduler that cannot be reached and for workers that cannot do the work."""
    cluster = Cluster(scheduler)
    cluster.client()
    with ExitStack() as stack:
        stack.callback(cluster.close)
        folder = stack.enter_context(PartsFolder(job.target))
        if _seen_by_all(job, cluster, folder.mark):
            shares = SentShares(job, cluster, text, folder.path)
            stack.callback(shares.cancel)
            ended = map_rows(job._replace(parts=shares))
            return ended, SentWork(work, shares.said, shares.unsure)
        table = SentRows(job.table, cluster, text)
        stack.callback(table.cancel)
        sent = SentRowWork(work, table)
        return map_rows(job._replace(table=table, work=sent)), sent


def _seen_by_all(job: RowJob, cluster: Cluster, mark: str) -> bool:
    """Whether all workers see the table and the folder of the answers, and the rows can be read in shares."""
    if isinstance(job.table, ColumnTable) or not job.table.shares(0, job.size):
        return False
    path = os.path.abspath(job.table.called)
    try:
        found = os.stat(path)
        answers = cluster.client().run(sees, path, found.st_size, found.st_mtime_ns, mark)
    except Exception:
        return False  # a worker without this function: the work on the rows tells why
    return bool(answers) and all(answers.values())


def written(share: Sequence[Any], text: str) -> tuple[tuple[Any, ...], bool, str]:
    """The part of a share, whether some notes on it are in doubt, and the kernel that ran."""
    work = row_work_of_json(text)
    part = write_part(RowShare(*share), work)
    return tuple(part), work.unsure, work.kernel()


def computed(batch: Sequence[Any], text: str) -> tuple[list[Any], dict[str, Any], bool, str]:
    """The columns of a batch, the rows with notes, whether some of these are in doubt, and the kernel that ran."""
    work = row_work_of_json(text)
    rows = RowBatch(*batch)
    answers = work.arrays(rows.rows)
    flags = work.fill(rows, answers)
    return answers, dict(flags), work.unsure, work.kernel()


__all__ = ["SentRows", "SentShares", "SentWork", "computed", "mapped_on_dask", "written"]
