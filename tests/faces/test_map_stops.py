"""`wengert map` that is interrupted, or runs out of disk: it goes on where it stopped, or leaves nothing."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.faces.mapped_tables import FORMULA, SMALL, SMALLER, N, expected, lacking, pa, parquet, read, same, written
from wengert.api.tabular.row_function import RowFunction
from wengert.jobs.tabular import unfinished
from wengert.jobs.tabular.map import MapInterrupted

pytestmark = pytest.mark.usefixtures("empty_folder")


def stopping(monkeypatch: pytest.MonkeyPatch, batches: int, problem: BaseException) -> None:
    """Have the work end with an exception after some batches."""
    fill, left = RowFunction.fill, [batches]

    def filled(self: RowFunction, batch: Any, into: Any) -> Any:
        if not left[0]:
            raise problem
        left[0] -= 1
        return fill(self, batch, into)

    monkeypatch.setattr(RowFunction, "fill", filled)


@pytest.mark.parametrize("target", ["out.parquet", "out.feather", "out.csv"])
@pytest.mark.parametrize("notes", ["", "notes.parquet", "notes.csv"])
def test_a_run_goes_on_where_one_stopped(target: str, notes: str) -> None:
    path = written("in.parquet")

    def run(output: str, **more: Any) -> Any:
        aside = {"notes": notes} if notes else {}
        return wg.map(
            "sqrt(x*theta)*v", path, output, values={"x": 2.0}, keep=["name"], options=SMALLER, **aside, **more
        )

    whole = run(f"whole.{target.rpartition('.')[2]}")
    listed = read(notes) if notes else {}
    if notes:
        os.unlink(notes)
    for batches in (1, 2, 3):
        with pytest.MonkeyPatch.context() as patch:
            stopping(patch, batches if batches != 2 else 1, KeyboardInterrupt())
            with pytest.raises(MapInterrupted) as caught:
                run(target)
        assert caught.value.rows > 0
        assert not os.path.exists(target)
        assert notes == "" or not os.path.exists(notes)
    done = run(target)
    assert done.resumed == caught.value.rows
    assert (done.rows, done.missing, done.lacking, done.noted) == (
        whole.rows, whole.missing, whole.lacking, whole.noted,
    )  # fmt: skip
    assert repr(read(target)) == repr(read(f"whole.{target.rpartition('.')[2]}"))
    assert not notes or repr(read(notes)) == repr(listed)
    assert not [n for n in os.listdir() if n.endswith((".part", ".journal", ".copy"))]


def test_another_job_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("in.csv")

    def run(text: str, **more: Any) -> Any:
        return wg.map(text, path, "out.csv", options=SMALL, **more)

    def stopped(text: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            stopping(patch, 2, KeyboardInterrupt())
            with pytest.raises(KeyboardInterrupt):
                run(text)

    stopped("v*B")
    done = run("v + B")
    assert (done.resumed, done.other) == (0, True)
    assert "begun anew" in str(done)
    os.unlink("out.csv")
    stopped("v*B")
    done = run("v*B", anew=True)
    assert (done.resumed, done.other) == (0, False)
    os.unlink("out.csv")
    stopped("v*B")
    with open(path, "a", encoding="utf-8") as file:
        file.write("1,1,1,1,1,1\n")
    assert run("v*B").resumed == 0
    os.unlink("out.csv")
    stopped("v*B")
    # A line that was not written to its end, and bytes behind the last part.
    with open("out.csv.journal", "a", encoding="utf-8") as file:
        file.write('{"end": 1')
    with open("out.csv.part", "a", encoding="utf-8") as file:
        file.write("1,2,")
    done = run("v*B")
    assert done.resumed > 0
    assert len(read("out.csv")["f"]) == done.rows == N + 1


def test_two_processes_do_not_write_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("in.csv")
    fill = RowFunction.fill
    said: list[str] = []

    def filled(self: RowFunction, batch: Any, into: Any) -> Any:
        if not said:
            said.append("")
            with pytest.raises(wg.UsageError, match="another process") as caught:
                wg.map("v*B", path, "out.csv")
            said.append(caught.value.code)
        return fill(self, batch, into)

    monkeypatch.setattr(RowFunction, "fill", filled)
    wg.map("v*B", path, "out.csv")
    assert said[1:] == ["W904"]


@pytest.mark.parametrize("target", ["out.parquet", "out.feather", "out.csv"])
def test_a_full_disk_keeps_the_rows_so_far(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("in.parquet")
    write, room = unfinished.AppendedFile.write, [25_000]

    def bounded(self: Any, content: Any) -> int:
        room[0] -= len(content)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, content)

    monkeypatch.setattr(unfinished.AppendedFile, "write", bounded)
    with pytest.raises(wg.UsageError, match="No space left") as caught:
        wg.map(FORMULA, path, target, values={"q": 2}, options=SMALL)
    assert caught.value.code == "W904"
    assert "rows are kept" in str(caught.value)
    assert sorted(os.listdir()) == sorted(["in.parquet", f"{target}.journal", f"{target}.part"])
    room[0] = 1 << 30
    assert wg.map(FORMULA, path, target, values={"q": 2}, options=SMALL).resumed > 0
    same(read(target), expected(wg.compile(FORMULA), lacking(), q=2.0))
    room[0] = 100
    with pytest.raises(wg.UsageError, match="No space left") as caught:
        wg.map(FORMULA, path, f"more_{target}", values={"q": 2}, options=SMALL)
    assert caught.value.code == "W682"
    assert sorted(os.listdir()) == sorted(["in.parquet", target])


def test_any_other_error_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("in.parquet")
    stopping(monkeypatch, 2, wg.UsageError(wg.Diagnostic("W607", "error", "no")))
    with pytest.raises(wg.UsageError):
        wg.map(FORMULA, path, "out.parquet", values={"q": 2}, notes="notes.csv", options=SMALL)
    assert os.listdir() == ["in.parquet"]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_and_a_kill_in_a_process() -> None:
    """A process that is stopped by a signal, at a size that takes a while, and one that ends the work."""
    x = np.linspace(-1, 1, 400_000)
    parquet.write_table(pa.table({"x": x, "y": x[::-1]}), "in.parquet")
    words = [sys.executable, "-m", "wengert", "map", "exp(sin(x)*y)/(2+x)", "in.parquet", "-o", "out.csv", "--limit",
             "elements=20000"]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(Path(wg.__file__).parents[1])}
    rows = 0
    for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            begun = time.monotonic()
            while time.monotonic() < begun + 60 and process.poll() is None:
                lines = Path("out.csv.journal").read_bytes().split(b"\n") if os.path.exists("out.csv.journal") else []
                if len(lines) > 4 and json.loads(lines[-2])["tally"]["rows"] > rows:
                    break
                time.sleep(0.002)
            process.send_signal(number)
            said = process.communicate()[1].decode()
        if process.returncode == 0:
            pytest.skip("this machine is too fast for it")
        assert process.returncode == code
        assert not os.path.exists("out.csv")
        assert number != signal.SIGINT or "the same command goes on" in said
        lines = Path("out.csv.journal").read_bytes().split(b"\n")
        rows = json.loads(lines[-2])["tally"]["rows"]
    assert subprocess.run(words, env=environment, capture_output=True).returncode == 0
    same(read("out.csv"), {"f": np.exp(np.sin(x) * x[::-1]) / (2 + x)})
