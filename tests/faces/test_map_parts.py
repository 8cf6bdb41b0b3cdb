"""Parts of a mapped table that other processes write, joined to the file that one process would write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.faces.large_tables import ROWS, TABLE, write_table
from wengert.api.tabular import mapping
from wengert.ground.errors import error
from wengert.jobs.tabular.map import MapEnd, RowJob, map_rows
from wengert.jobs.tabular.map_parts import MappedPart, PartsFolder, RowShare, write_part
from wengert.jobs.tabular.table_batches import open_table


class PartsHere:
    """Parts of a map, written by this process; it fails before the part with a number."""

    def __init__(self, job: RowJob, folder: PartsFolder, fails: int) -> None:
        self.job, self.fails = job, fails
        self.share = RowShare(job.table.called, job.table.called, 0, 0, job.kept, job.size, folder.path,
                           Path(job.target).suffix, job.compression, job.text, bool(job.notes))  # fmt: skip

    def parts(self, first: int) -> Iterator[MappedPart]:
        for k, (begin, end) in enumerate(self.job.table.shares(first, self.job.size)):
            if k == self.fails:
                raise error(wg.UsageError, "W927", "the scheduler is gone")
            yield write_part(self.share._replace(first=begin, end=end), self.job.work)


def numbers_in(path: Path) -> dict[str, Any]:
    table = open_table(path)
    names = [n for n in table.names if n not in ("kind", "note")]
    found = [b.columns for b in table.batches(names)]
    return {n: np.concatenate([columns[n] for columns in found]) for n in names}


@pytest.mark.parametrize("ending", ["csv", "arrow", "parquet"])
def test_parts_of_other_processes_are_joined(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is that of one process, also where the cluster was gone in the middle of the work."""
    pytest.importorskip("pyarrow")
    source = tmp_path / "big.parquet"
    write_table(source, TABLE)
    monkeypatch.setattr(mapping, "ROWS", 500)
    here, there = tmp_path / f"here.{ending}", tmp_path / f"there.{ending}"
    notes = tmp_path / f"notes.{ending}"
    whole = wg.map("log(x - 1)*y", source, here, keep=["w", "x"], notes=notes)
    listed = numbers_in(notes)
    fails = 2

    def in_parts(job: RowJob) -> MapEnd:
        with PartsFolder(job.target) as folder:
            return map_rows(job._replace(parts=PartsHere(job, folder, fails)))

    monkeypatch.setattr(mapping, "map_rows", in_parts)
    with pytest.raises(wg.UsageError, match="it goes on after the 1,600 rows that are kept"):
        wg.map("log(x - 1)*y", source, there, keep=["w", "x"], notes=notes, force=True)
    fails = -1
    found = wg.map("log(x - 1)*y", source, there, keep=["w", "x"], notes=notes, force=True)
    assert (found.rows, found.missing, found.lacking) == (ROWS, whole.missing, whole.lacking)
    assert found.resumed == 1_600
    assert found.noted == whole.noted
    for one, other in ((numbers_in(here), numbers_in(there)), (listed, numbers_in(notes))):
        assert [*one] == [*other]
        assert all(np.array_equal(v, other[n], equal_nan=True) for n, v in one.items())
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in (source, here, there, notes))
