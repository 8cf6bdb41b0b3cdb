"""Tables whose rows are on the workers of Dask: a dask DataFrame, or a file that all of them can read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...ground.errors import UsageError, error, shown
from ...ground.limits import Limits
from ...ground.tuples import NamedTuple
from ...jobs.fitting.row_passes import Rows
from ...jobs.tabular.dask_cluster import Cluster
from ...jobs.tabular.dask_import import check_scheduler, dask_for, is_dask_frame
from ...jobs.tabular.table_batches import open_table
from ...jobs.tabular.tree_sums import ROWS, merged_by_tree
from .row_sources import in_memory, is_path
from .streamed import Columns, ModelColumns, RowSource, leaves, model_blocks
from .tables import NamedColumns, table_of
from .travelling import given_back, taken, work_text

# Rows of a part of a table, and bytes of a part of a text file.
PART, BYTES = 16 * ROWS, 1 << 26


class RowsOfFile(NamedTuple):
    """Rows of a file of Parquet or Arrow, from a first on, counted from 0."""

    path: str
    first: int
    number: int

    def read(self, names: Sequence[str]) -> Iterator[Columns]:
        """Batches of these rows. Raises UsageError for a file that this machine does not have."""
        left = self.number
        for batch in open_table(self.path).batches(names, ROWS, self.first):
            yield {n: v[:left] for n, v in batch.columns.items()}
            left -= batch.rows
            if left <= 0:
                return


class BytesOfFile(NamedTuple):
    """The lines of a file of text that begin in a range of bytes."""

    path: str
    first: int
    end: int

    def read(self, names: Sequence[str]) -> Iterator[Columns]:
        """Batches of these lines. Raises UsageError for a file that this machine does not have."""
        whole = open_table(self.path)
        path = Path(self.path)
        with TemporaryDirectory() as folder:
            aside = Path(folder) / f"part{path.suffix.lower()}"
            if not self._copied(path, aside):
                return
            part = open_table(aside)
            part.called = f"{whole.called}, from byte {self.first:,} on,"
            for batch in part.batches(names, ROWS):
                yield batch.columns

    def _copied(self, path: Path, aside: Path) -> bool:
        """Write the header line and these lines to another file; False if there are none."""
        with path.open("rb") as file, aside.open("wb") as other:
            while (line := file.readline()).lstrip().startswith(b"#") or line and not line.strip():
                continue
            header = file.tell()
            other.write(line if line.endswith(b"\n") else line + b"\n")
            if self.first > header:
                # The line that holds the byte before belongs to the part before.
                file.seek(self.first - 1)
                file.readline()
            begin = file.tell()
            while (left := self.end - file.tell()) > 0:
                # Lines are read as long as their bytes are not more than the number given, and 0 stands for all lines.
                piece = file.readlines(min(1 << 20, left) - 1) if left > 1 else [file.readline()]
                if not any(piece):
                    break
                other.writelines(piece)
            return file.tell() > begin


class DaskRows(RowSource):
    """A table in parts that the workers of a cluster read. `parts` gives them for some columns."""

    def __init__(
        self, names: Sequence[str], parts: Callable[[Sequence[str]], list[Any]], cluster: Cluster, called: str
    ) -> None:
        super().__init__(names, called)
        self.parts, self.cluster = parts, cluster

    def passes(self, work: ModelColumns) -> DaskModel:
        """The passes of a model over the rows, on the cluster."""
        return DaskModel(work, self)

    def close(self) -> None:
        """Leave the scheduler."""
        self.cluster.close()


class DaskModel:
    """The passes of a model over the parts of a table."""

    def __init__(self, work: ModelColumns, table: DaskRows) -> None:
        self.text, self.cluster = work_text(work), table.cluster
        self.parts = table.parts(work.wanted.columns)
        self.points, self.rows, self.parameters = 0, 0, sum(work.model.sizes.values())

    def merged(self, leaf: Callable[..., Any], *arguments: Any) -> Any:
        """The result for all rows; None if there are none."""
        return self.cluster.reduced(partial_of, self.parts, self.text, (leaf, arguments), joined)

    def batches(self, at: Any) -> Iterator[Rows]:
        """The rows that are used, a part at a time, in their order."""
        first = 1
        for places, fitted, responses, weights, count in self.cluster.in_order(
            sides_of, self.parts, self.text, (at,)
        ):  # fmt: skip
            if len(fitted):
                yield Rows(places + first, fitted, responses, weights)
            first += count


def batches_in(part: Any, names: Sequence[str]) -> Iterator[Columns]:
    """The columns of a part of a table."""
    if isinstance(part, (RowsOfFile, BytesOfFile)):
        yield from part.read(names)
        return
    table = table_of(part, Limits.trusted())
    yield {n: table.column(n) for n in names}


def partial_of(part: Any, text: str, leaf: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """The partial result for the rows of a part; None if it has none."""
    import numpy as np

    work = taken(text)
    with np.errstate(all="ignore"):
        found = merged_by_tree(leaves(work, batches_in(part, work.wanted.columns), leaf, arguments))
    given_back(text, work)
    return found


def joined(partials: list[Any]) -> Any:
    """The answer of some neighbouring parts."""
    return merged_by_tree(p for p in partials if p is not None)


def sides_of(part: Any, text: str, at: Any) -> tuple[Any, Any, Any, Any, int]:
    """The places of the rows of a part that are used, their fitted values, responses and weights, and how many rows the
    part has."""
    import numpy as np

    work = taken(text)
    found: list[tuple[Any, ...]] = []
    count = 0
    with np.errstate(all="ignore"):
        for block in model_blocks(work, batches_in(part, work.wanted.columns)):
            if block.points:
                found.append((block.places + count, *block.sides(at), block.weights))
            count += block.survey.rows
    given_back(text, work)
    places, fitted, responses, weights = zip(*found) if found else ((), (), (), ())
    empty = np.zeros(0)
    whole = None if not found or weights[0] is None else np.concatenate(weights)
    return (np.concatenate([empty.astype(int), *places]), np.concatenate([empty, *fitted]),
            np.concatenate([empty, *responses]), whole, count)  # fmt: skip


def dask_rows(table: Any, limits: Limits, scheduler: Any = None) -> DaskRows:
    """A table with its rows on Dask: a dask DataFrame, the path of a file that every worker can read, or columns in
    memory, which travel to the workers.

    scheduler  the address of a scheduler, or a client; None for the client that is the default here, or threads

    Raises UsageError for any other table, where Dask is not installed, and for a scheduler that does not answer.
    """
    check_scheduler(scheduler)
    dask_for("the engine dask")
    cluster = Cluster(scheduler)
    if is_dask_frame(table):
        names = [n for n in table.columns if isinstance(n, str)]
        made = DaskRows(names, lambda wanted: table[list(wanted)].to_delayed(), cluster, "the table")
    elif is_path(table):
        made = _file(os.path.abspath(os.fspath(table)), cluster)
    elif in_memory(table):
        whole = table if isinstance(table, NamedColumns) else table_of(table, limits)
        made = DaskRows(whole.names, lambda wanted: _slices(whole, wanted), cluster, whole.called)
    else:
        raise error(UsageError, "W929", f"{shown(table)} cannot be split among the workers of Dask",
                    help="give a dask DataFrame, such as `dask.dataframe.from_map` makes, or the path of a file"
                    )  # fmt: skip
    # A scheduler that does not answer is told before any work.
    cluster.client()
    return made


def _file(path: str, cluster: Cluster) -> DaskRows:
    file = open_table(path)
    if file.rows is not None:
        parts: list[Any] = [RowsOfFile(path, k, PART) for k in range(0, file.rows, PART)]
    elif file.unit == "bytes" and file.called.lower().endswith((".csv", ".tsv", ".txt")):
        parts = [BytesOfFile(path, k, min(k + BYTES, file.count)) for k in range(0, file.count, BYTES)]
    else:
        file.refuse("is a stream, which only one worker can read", "write it as Parquet, or as a file of Arrow", "W929")
    return DaskRows(file.names, lambda wanted: parts, cluster, file.called)


def _slices(table: NamedColumns, wanted: Sequence[str]) -> list[Mapping[str, Any]]:
    columns = {n: table.column(n) for n in wanted}
    if len({len(v) for v in columns.values()}) > 1:
        table.refuse("has columns of different lengths")
    count = len(next(iter(columns.values()), ()))
    return [{n: v[k : k + PART] for n, v in columns.items()} for k in range(0, count, PART)]


__all__ = ["DaskRows", "dask_rows"]
