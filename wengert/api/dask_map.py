"""`map` with the work on a cluster: this process reads and writes, and the workers compute the rows between."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..jobs.dask_cluster import AHEAD, Cluster
from ..jobs.map import Ended, RowJob, map_rows
from ..jobs.row_batches import ROWS, RowBatch, RowTable
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


class SentWork:
    """The work on batches that workers do; see `jobs.map.RowWork`."""

    def __init__(self, work: RowFunction, table: SentRows) -> None:
        self.work, self.table = work, table
        self.columns, self.names = work.columns, work.names
        self.unsure = False
        self.said = ""

    def arrays(self, rows: int) -> list[Any]:
        """New vectors for the columns that are computed."""
        return self.work.arrays(rows)

    def fill(self, batch: RowBatch, into: Sequence[Any]) -> Mapping[str, Any]:
        """Wait for the columns of a batch. Returns, for each kind of note that some row has, the rows as bools."""
        (found,) = self.table.cluster.gathered([self.table.sent.pop(batch.first)])
        answers, flags, unsure, self.said = found
        self.unsure = self.unsure or unsure
        for place, values in zip(into, answers):
            place[...] = values
        return dict(flags)

    def sentence(self, values: Mapping[str, float]) -> str:
        """The notes on one row."""
        return self.work.sentence(values)

    def kernel(self) -> str:
        """A sentence on the kernel that ran."""
        return self.said


def mapped_on_dask(job: RowJob, work: RowFunction, text: str, scheduler: Any) -> tuple[Ended, SentWork]:
    """Map a function over a table with the workers of a cluster. Raises the errors of `jobs.map.map_rows`, and
    UsageError for a scheduler that cannot be reached and for workers that cannot do the work."""
    cluster = Cluster(scheduler)
    cluster.client()
    table = SentRows(job.table, cluster, text)
    sent = SentWork(work, table)
    try:
        return map_rows(job._replace(table=table, work=sent)), sent
    finally:
        table.cancel()
        cluster.close()


def computed(batch: Sequence[Any], text: str) -> tuple[list[Any], dict[str, Any], bool, str]:
    """The columns of a batch, the rows with notes, whether some of these are in doubt, and the kernel that ran."""
    work = row_work_of_json(text)
    rows = RowBatch(*batch)
    answers = work.arrays(rows.rows)
    flags = work.fill(rows, answers)
    return answers, dict(flags), work.unsure, work.kernel()


__all__ = ["SentRows", "SentWork", "computed", "mapped_on_dask"]
