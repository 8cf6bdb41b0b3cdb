"""Parts of a mapped table that other processes write as separate files, and that this process joins in order.

A process reads its rows from the table itself and writes beside the output file, to `out.parquet.parts`, which exists
as long as the work. All processes must see that folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ...ground.errors import UsageError, error, shown
from ...ground.tuples import NamedTuple, Protocol
from .row_batches import RowBatch
from .row_notes import SENTENCES, NotedRows, RowTally
from .table_batches import open_table
from .unfinished import UnfinishedFile
from .written_tables import Rows, WrittenColumn, writer_of

if TYPE_CHECKING:
    from .map import RowWork


# The names of files in a folder of parts.
_OURS = re.compile(r"(\d+-)?[0-9a-f]{32}(\.\w+(\.part)?)?$")


class RowShare(NamedTuple):
    """Rows that one process maps, and the form of its file.

    table, called      the path of the table, and its name in messages
    first, end         the first row from 0 on, and the row behind the last
    kept, size         the columns that are carried along, and the rows of a batch
    folder, suffix     where the file is written, and how its name ends
    compression, text  as in `RowJob`
    listing            whether all rows with notes are wanted
    """

    table: str
    called: str
    first: int
    end: int
    kept: tuple[str, ...]
    size: int
    folder: str
    suffix: str
    compression: str
    text: str
    listing: bool


class PartBatch(NamedTuple):
    """A batch in the file of a part: where it ends there, the state of its tally, its rows with notes, without their
    sentences, and the rows of the table that are read with it."""

    end: int
    state: dict[str, Any]
    noted: NotedRows | None
    done: int


class MappedPart(NamedTuple):
    """The file of a share, with the batches in it. Where it could not be written, `failed` is the number of the
    system's error and its text."""

    path: str
    batches: tuple[PartBatch, ...]
    failed: tuple[int, str] | None = None


class RowParts(Protocol):
    """Other processes that map a table."""

    def parts(self, first: int) -> Iterator[MappedPart]:
        """The parts of the rows from a first on, in their order."""
        raise NotImplementedError


def written_rows(batch: RowBatch, kept: Sequence[str], names: Sequence[str], computed: Sequence[Any]) -> Rows:
    """The columns of a batch as they are written: those that are kept, and those that were computed."""
    rows: dict[str, WrittenColumn] = {}
    for n in kept:
        if isinstance(batch.kept[n], list) and n in batch.columns:
            rows[n] = WrittenColumn(batch.columns[n], batch.missing.get(n))
        else:
            rows[n] = WrittenColumn(batch.kept[n])
    lacking = batch.lacking()
    rows.update({n: WrittenColumn(v, lacking) for n, v in zip(names, computed)})
    return rows


def write_part(share: RowShare, work: RowWork) -> MappedPart:
    """Map the rows of a share, and write them to a file with a name of its own, so that another process can redo the
    share of one that died. Raises UsageError for rows that cannot be read."""
    path = os.path.join(share.folder, f"{share.first}-{uuid4().hex}{share.suffix}")
    found: list[PartBatch] = []
    table = open_table(share.table)
    table.called = share.called
    rows = share.end - share.first
    # Batches of about one size: the last one of a share reads few rows of the next.
    size = -(-rows // -(-rows // share.size))
    # The file is opened within the folder alone: where that is gone, the part is not wanted any more.
    try:
        with UnfinishedFile(path, None) as unfinished:
            writer = writer_of(unfinished, share.compression, share.text)
            arrays = work.arrays(size)
            done = share.first
            try:
                for batch in table.batches(work.columns, size, share.first, share.kept):
                    if batch.first + batch.rows > share.end:
                        batch = batch.cut(share.end - batch.first)
                    into = [v[: batch.rows] for v in arrays]
                    flags = work.fill(batch, into)
                    tally = RowTally()
                    tally.told = SENTENCES  # sentences are worked out where it is known which rows come first
                    noted = tally.add(batch, flags, work.sentence, share.listing)
                    writer.write(written_rows(batch, share.kept, work.names, into))
                    done += batch.rows
                    found.append(PartBatch(unfinished.file.tell(), tally.state(), noted, done))
                    if done >= share.end:
                        break
                writer.end_part()
                unfinished.finished()
            except BaseException:
                unfinished.drop()
                raise
    except OSError as problem:
        return MappedPart(path, (), (problem.errno or 0, problem.strerror or str(problem)))
    return MappedPart(path, tuple(found))


class PartsFolder:
    """The folder of parts beside a file of answers, as a context. It is gone afterwards, with all that is in it."""

    def __init__(self, target: str) -> None:
        self.path = f"{os.path.abspath(target)}.parts"
        # A file by which another process tells that it sees this folder.
        self.mark = os.path.join(self.path, uuid4().hex)

    def __enter__(self) -> PartsFolder:
        try:
            self._remove()
            os.makedirs(self.path, exist_ok=True)
            with open(self.mark, "wb"):
                pass
        except OSError as problem:
            raise error(UsageError, "W682", f"cannot write {shown(self.path)}: {problem.strerror}") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def _remove(self) -> None:
        # A process that still works on a part, as the work was given up, may make one more file meanwhile.
        for _ in range(3):
            try:
                for name in filter(_OURS.match, os.listdir(self.path)):
                    os.unlink(os.path.join(self.path, name))
                os.rmdir(self.path)
            except OSError:
                continue  # it is gone, or others have files in it
            return


def sees(table: str, size: int, changed: int, mark: str) -> bool:
    """Whether this process sees the same table, and the folder of the parts.

    size, changed  the bytes of the table, and the time of its last change in nanoseconds
    """
    try:
        there = os.stat(table)
        return (there.st_size, there.st_mtime_ns) == (size, changed) and os.access(mark, os.W_OK)
    except OSError:
        return False


__all__ = ["MappedPart", "PartBatch", "PartsFolder", "RowParts", "RowShare", "sees", "write_part", "written_rows"]
