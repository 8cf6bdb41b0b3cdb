"""`wengert map`: the answers are those of the function on whole columns, whatever the files and wherever it stopped.

The oracles are the function itself on arrays in memory, and the readers of pyarrow and of Python's csv.
"""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.api.row_function import RowFunction
from wengert.cli import main
from wengert.ground.progress import telling
from wengert.jobs import arrow_batches, csv_batches, table_batches, unfinished, written_tables
from wengert.jobs.csv_batches import TextTable
from wengert.jobs.map import MapInterrupted
from wengert.jobs.table_batches import open_table

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
feather = pytest.importorskip("pyarrow.feather")

FORMULA = "q*(Ef + B*v*sin(theta))"
N = 1000
# Some hundred rows a batch, so that there are several.
SMALL, SMALLER = (wg.Options(limits=wg.Limits(elements=n)) for n in (2000, 500))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def columns() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    found: dict[str, Any] = {n: rng.normal(size=N) for n in ("Ef", "B", "v", "theta")}
    found["theta"][7:12] = math.inf
    return found


def lacking() -> dict[str, Any]:
    """The columns with values that are missing."""
    rng = np.random.default_rng(4)
    return {n: pa.array(v, mask=rng.random(N) < 0.05) for n, v in columns().items()}


def table(**more: Any) -> Any:
    names = [f"run {k}" if k % 3 else 'a "b",\nc' for k in range(N)]
    return pa.table({"id": list(range(N)), **lacking(), "name": names, **more})


def written(path: str, given: Any | None = None) -> str:
    """A table in a file of the kind that its name tells."""
    given = table() if given is None else given
    kind = path.rpartition(".")[2]
    if kind == "parquet":
        parquet.write_table(given, path, row_group_size=300)
    elif kind == "feather":
        feather.write_feather(given, path, chunksize=170)
    elif kind == "arrow":
        with pa.ipc.new_stream(path, given.schema) as out:
            out.write_table(given, max_chunksize=90)
    else:
        separator = {"csv": ",", "tsv": "\t", "txt": " "}[kind]
        chosen = given.select([n for n in given.column_names if kind != "txt" or n != "name"])
        with open(path, "w", newline="", encoding="utf-8") as out:
            rows = csv.writer(out, delimiter=separator)
            rows.writerow(chosen.column_names)
            rows.writerows(["NA" if v is None else v for v in row.values()] for row in chosen.to_pylist())
    return path


def read(path: str) -> dict[str, list[Any]]:
    """The columns of a file, by a reader that is none of ours; numbers that are missing are None."""
    kind = path.rpartition(".")[2]
    if kind == "parquet":
        return dict(parquet.read_table(path).to_pydict())
    if kind in ("feather", "arrow"):
        return dict(feather.read_table(path).to_pydict())
    with open(path, newline="", encoding="utf-8") as file:
        names, *rows = csv.reader(file, delimiter="\t" if kind == "tsv" else ",")
    return {n: [_cell(row[k]) for row in rows] for k, n in enumerate(names)}


def _cell(word: str) -> Any:
    try:
        return float(word) if word else None
    except ValueError:
        return word


def expected(f: wg.Function, given: dict[str, Any], **values: float) -> dict[str, list[Any]]:
    """The answers of the function on whole columns; None in rows that lack a value."""
    arrays = {n: given[n].fill_null(1.0).to_numpy(zero_copy_only=False) for n in f.inputs if n in given}
    empty = np.logical_or.reduce([given[n].is_null().to_numpy(zero_copy_only=False) for n in arrays])
    value, slopes = f.value_and_grad({**arrays, **values}, wrt=tuple(arrays))
    named = {"f": value, **{f"df_d{n}": g for n, g in slopes.items()}}
    return {n: [None if none else float(x) for x, none in zip(v, empty)] for n, v in named.items()}


def same(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    for n, column in wanted.items():
        assert [v is None for v in found[n]] == [v is None for v in column], n
        left, right = ([v for v in side if v is not None] for side in (found[n], column))
        assert np.array_equal(left, right, equal_nan=True) or np.allclose(left, right, rtol=4e-16, equal_nan=True), n


@pytest.mark.parametrize("source", ["parquet", "feather", "arrow", "csv", "tsv", "txt"])
def test_answers_are_those_of_whole_columns(source: str) -> None:
    path, target = written(f"in.{source}"), {"csv": "parquet", "txt": "feather"}.get(source, "csv")
    keep = ["id"] if source == "txt" else ["id", "name"]
    done = wg.map(FORMULA, path, f"out.{target}", values={"q": 2.0}, keep=keep, options=SMALL)
    wanted = expected(wg.compile(FORMULA), lacking(), q=2.0)
    found = read(f"out.{target}")
    same(found, wanted)
    assert list(found) == [*keep, "f", "df_dEf", "df_dB", "df_dv", "df_dtheta"] == [*done.kept, *done.columns]
    assert [int(v) for v in found["id"]] == list(range(N))
    if "name" in keep:
        assert found["name"] == table()["name"].to_pylist()
    assert (done.rows, done.missing) == (N, wanted["f"].count(None))
    assert done.lacking == {n: v.null_count for n, v in lacking().items()}
    assert sorted(os.listdir()) == sorted([path, f"out.{target}"])


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip", "lz4"])
def test_parquet_of_many_parts_is_one_file(compression: str) -> None:
    path = written("in.parquet")
    wg.map(FORMULA, path, "out.parquet", values={"q": 2}, compression=compression, keep="all", options=SMALL)
    file = parquet.ParquetFile("out.parquet")
    assert file.metadata.num_row_groups == -(-N // (2000 // 9))
    assert file.metadata.row_group(0).column(1).compression == {"none": "UNCOMPRESSED"}.get(
        compression, compression.upper()
    )
    same(read("out.parquet"), expected(wg.compile(FORMULA), lacking(), q=2.0))
    assert file.read(["id"])["id"].to_pylist() == list(range(N))
    assert file.schema_arrow.metadata[b"wengert"].decode() == FORMULA
    low = [file.metadata.row_group(k).column(0).statistics.min for k in range(3)]
    assert low == [0, 222, 444]


def test_columns_that_do_not_shrink_are_not_compressed() -> None:
    x = np.random.default_rng(0).normal(size=5000)
    wg.map("x*k", {"x": x, "k": np.ones(5000)}, "out.parquet", wrt="k")
    group = parquet.ParquetFile("out.parquet").metadata.row_group(0)
    assert [group.column(k).compression for k in range(2)] == ["UNCOMPRESSED"] * 2
    wg.map("x*k + floor(x)", {"x": x, "k": np.ones(5000)}, "out.parquet", wrt="x", force=True)
    group = parquet.ParquetFile("out.parquet").metadata.row_group(0)
    assert [group.column(k).compression for k in range(2)] == ["UNCOMPRESSED", "SNAPPY"]
    same(read("out.parquet"), {"f": x + np.floor(x), "df_dx": np.ones(5000)})


def test_other_readers_take_the_file() -> None:
    polars = pytest.importorskip("polars")
    wg.map("x^2", {"x": np.arange(1000.0)}, "out.parquet", options=SMALL)
    assert polars.read_parquet("out.parquet")["f"].to_list() == [float(k * k) for k in range(1000)]


def test_several_outputs_second_derivatives_and_values_alone() -> None:
    given = {"x": np.linspace(-1, 2, 50), "y": np.linspace(1, 3, 50)}
    x, y = given.values()
    wg.map("a = x*y; b = sin(x)*k; output a, b", given, "out.csv", values={"k": 3}, wrt=["x", "k"])
    same(read("out.csv"), {"a": x * y, "b": 3 * np.sin(x), "da_dx": y, "da_dk": 0 * x, "db_dx": 3 * np.cos(x),
                           "db_dk": np.sin(x)})  # fmt: skip
    wg.map("x^3*y", given, "out.csv", second=True, force=True)
    same(read("out.csv"), {"d2f_dx2": 6 * x * y, "d2f_dx_dy": 3 * x**2, "d2f_dy2": 0 * x})
    wg.map("input x, y, w[2]; t = x^2; output w[0]*t + w[1]*y, 3", given, "out.csv", values={"w": [1, 2]}, wrt=["t"],
           force=True)  # fmt: skip
    same(read("out.csv"), {"f1": x**2 + 2 * y, "f2": 0 * x + 3, "df1_dt": 0 * x + 1, "df2_dt": 0 * x})
    with pytest.raises(wg.UsageError, match="array in each row"):
        wg.map("input x, y, w[2]; w[0]*x*y", given, "no.csv", values={"w": [1, 2]}, wrt="w")
    with pytest.raises(wg.UsageError, match="number in each row"):
        wg.map("x*y*z", given, "no.csv", values={"z": [1, 2]})
    done = wg.compile("x^3*y").map(given, "out.csv", wrt=(), force=True)
    assert done.columns == ("f",)
    same(read("out.csv"), {"f": x**3 * y})


def test_a_column_may_have_the_name_of_a_constant_or_many_letters() -> None:
    given = {"e": [1.0, 2.0], "x₁": [3.0, 4.0], "Δ": [1.0, 1.0]}
    wg.map("e*x1*Δ", given, "out.csv")
    same(read("out.csv"), {"f": [3.0, 8.0], "df_de": [3.0, 4.0], "df_dx1": [1.0, 2.0]})
    Path("in.csv").write_text("e,x\n1,2\n", encoding="utf-8")
    assert main(["map", "e*x", "in.csv", "-o", "o.csv"]) == 0
    same(read("o.csv"), {"f": [2.0], "df_de": [2.0]})


def test_kinks_are_right_and_noted() -> None:
    x = np.linspace(-2, 2, 401)
    done = wg.map("sqrt(x^4) + log(x+1)", {"x": x}, "out.csv", notes="notes.csv")
    one = wg.compile("sqrt(x^4) + log(x+1)")
    with np.errstate(all="ignore"):
        same(read("out.csv"), {"f": [one(v) for v in x], "df_dx": [one.grad(v)["x"] for v in x]})
    assert {kind: (n.rows, n.first) for kind, n in done.noted.items()} == {
        "nan": (100, 1), "infinite": (1, 101), "kink": (1, 201),
    }  # fmt: skip
    noted = read("notes.csv")
    assert noted["row"] == [*map(float, range(1, 102)), 201.0]
    assert list(map(str, noted["kind"])) == ["nan"] * 100 + ["infinite", "kink"]
    assert noted["x"] == [*x[:101], x[200]]
    assert all("domain" in str(text) for text in noted["note"][:101])
    assert done.noted_rows == 102
    assert "sqrt" in done.noted["kink"].sentence


def test_a_branch_that_is_not_taken_has_no_kink() -> None:
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    done = wg.map("where(x > 0.5, abs(x - 1), abs(x + 1) + 0*abs(x))", {"x": x}, "out.csv")
    assert {kind: (n.rows, n.first) for kind, n in done.noted.items()} == {"kink": (3, 1)}
    done = wg.map("max(abs(x), 1/2)", {"x": x}, "out.csv", force=True)
    assert not done.noted


# Interruptions


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


# Bad input


@pytest.mark.parametrize(
    ("content", "program", "code", "says"),
    [
        ("x,y\n1,2\n", "x*yy", "W901", "did you mean `y`"),
        ("x,x\n1,2\n", "x", "W901", "two columns `x`"),
        ("x,y\n1,2\n3,about 4\n", "x*y", "W902", "'about 4' in row 2 of the column `y` (line 3)"),
        ("# a comment\nx,y\n\n1,2\n3,4_0\n", "x*y", "W902", "'4_0' in row 2 of the column `y` (line 5)"),
        ("x,y\n1,2\n3\n", "x", "W900", "line 3 has 1 column, not 2"),
        ("1,2\n3,4\n", "x", "W900", "no names"),
        ("x\n", "x", "W903", "no rows"),
        ("", "x", "W903", "no rows"),
        ("x,y\n1,\n,2\n", "x*y", "W903", "lacks values in every row"),
        ("x\n1\n", "[x, x]", "W907", "array in each row"),
        ("x\n1\n", "x +", "W0", "expression"),
        ('x,y\n1,"2\n', "x", "W900", ""),
        ("x\n1\n", "abs(x-1)", "W301", "kink"),
    ],
)
@pytest.mark.parametrize("fast", [True, False])
def test_a_bad_table_is_one_message_and_no_file(
    content: str, program: str, code: str, says: str, fast: bool, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("in.csv").write_text(content, encoding="utf-8")
    if not fast:
        monkeypatch.setattr(table_batches, "has_pyarrow", lambda: False)
    words = ["--kink", "error"] if code == "W301" else []
    assert main(["map", program, "in.csv", "-o", "out.csv", *words]) == (1 if words else 2)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("error[") == 1
    assert f"error[{code}" in said.err
    assert says in said.err
    assert os.listdir() == ["in.csv"]


@pytest.mark.parametrize("kind", ["parquet", "feather", "arrow"])
def test_a_file_that_is_cut_short_is_refused(kind: str, capsys: Any) -> None:
    whole = Path(written(f"in.{kind}")).read_bytes()
    for size in (0, 3, len(whole) // 2, len(whole) - 3):
        Path(f"in.{kind}").write_bytes(whole[:size])
        assert main(["map", FORMULA, f"in.{kind}", "-o", "out.csv", "--q", "2"]) == 2
        assert "error[W900]: cannot read" in capsys.readouterr().err
        assert os.listdir() == [f"in.{kind}"]


def test_columns_of_other_types(capsys: Any) -> None:
    numbers = {
        "a": pa.array([1, 2, None], pa.int8()), "b": pa.array([True, None, False]),
        "c": pa.array([1.5, 2, 3], pa.float32()),
        "d": pa.array([2**60, 5, 6]), "g": pa.array([1, 2, 3]).dictionary_encode(), "h": pa.nulls(3),
        "i": pa.array([1, 2, 3]).cast(pa.decimal128(25, 2)),
    }  # fmt: skip
    others = {"s": ["1", "x", "3"], "t": pa.array([1, 2, 3], pa.timestamp("s")), "u": ["1", "2", "3"]}
    written("in.parquet", pa.table({**numbers, **others}))
    wg.map("a + b + c + d/2^50 + g + i", "in.parquet", "out.csv")
    assert read("out.csv")["f"] == [1 + 1 + 1.5 + 1024 + 1 + 1, None, None]
    for name, says in (("s", "'x' in row 2"), ("t", "timestamp"), ("u", "CAST"), ("h", "every row")):
        assert main(["map", f"2*{name}", "in.parquet", "-o", "no.csv"]) == 2
        assert says in capsys.readouterr().err


def test_targets_are_guarded(capsys: Any) -> None:
    path = written("in.csv")
    for words, code in (
        (["-o", path, "--force"], "W904"), (["-o", "out.txt"], "W900"), (["-o", "no/out.csv"], "W682"),
        (["-o", "out.csv", "--notes", "out.csv"], "W904"), (["-o", "out.csv", "--keep", "nme"], "W901"),
        (["-o", "out.csv", "--compression", "zstd"], "W904"), (["-o", "."], "W900"), ([], "W630"),
    ):  # fmt: skip
        assert main(["map", "v*B", path, *words]) == 2
        assert f"error[{code}]" in capsys.readouterr().err
        assert os.listdir() == [path]
    Path("out.csv").write_text("precious", encoding="utf-8")
    assert main(["map", "v*B", path, "-o", "out.csv"]) == 2
    assert Path("out.csv").read_text(encoding="utf-8") == "precious"
    assert main(["map", "v*B", path, "-o", "out.csv", "--force"]) == 0
    assert len(read("out.csv")["f"]) == N


# Readers and writers


def texts() -> Iterator[str]:
    """Random tables of two columns of numbers, with everything that a table of text may have."""
    cells = ["1", "-2.5", "1e300", "+3", " 4 ", "", "NA", "nan", "-inf", "?", '"5"', "0x1", "six", "1_0"]
    for seed in range(60):
        random.seed(seed)
        end = random.choice(["\n", "\r\n", "\n", "\r"])
        lines = [*["# a comment", ""][: random.randrange(3)], random.choice(["x,y", "y, x", '"x",y'])]
        for _ in range(random.randrange(40)):
            usual = cells[: random.choice([3, 8, 11, 14])]
            lines.append(f"{random.choice(usual)},{random.choice(usual)}")
            if random.random() < 0.03:
                lines.append(random.choice(["", "#1,2", "1,2,3", ","]))
        yield end.join(lines) + end * random.randrange(2)


def test_both_readers_of_text_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of Python is the oracle of pyarrow's, also for the messages."""
    monkeypatch.setattr(arrow_batches, "_BLOCK", 64)
    monkeypatch.setattr(csv_batches, "_PIECE", 5)
    seen = set()
    for text in texts():
        path = Path("in.csv")
        path.write_bytes(text.encode())
        answers = []
        for make in (open_table, TextTable):
            try:
                answers.append(repr([
                    ({n: v.tolist() for n, v in b.columns.items()}, {n: v.tolist() for n, v in b.missing.items()})
                    for b in make(path).batches(("x", "y"), 7, 3)
                ]))  # fmt: skip
            except wg.UsageError as problem:
                answers.append(str(problem))
        assert answers[0] == answers[1], text
        seen.add(answers[0][:9])
    assert seen >= {"[({'x': [", "error[W90"}


def test_text_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("in.csv")
    for module in (table_batches, written_tables):
        monkeypatch.setattr(module, "has_pyarrow", lambda: False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = wg.map(FORMULA, path, "out.csv", values={"q": 2}, keep=["id", "name", "B"], notes="notes.csv", options=SMALL)
    monkeypatch.delitem(sys.modules, "pyarrow")
    same(read("out.csv"), expected(wg.compile(FORMULA), lacking(), q=2.0))
    assert read("out.csv")["name"] == table()["name"].to_pylist()
    assert done.rows == N
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for call in (lambda: wg.map("v", "in.csv", "out.parquet"), lambda: open_table(written_empty("in.parquet"))):
        with pytest.raises(wg.UsageError, match="pip install") as caught:
            call()
        assert caught.value.code == "W905"


def written_empty(path: str) -> str:
    Path(path).write_bytes(b"")
    return path


@pytest.mark.parametrize("kind", ["parquet", "feather", "arrow", "csv"])
def test_batches_begin_anywhere_and_may_be_read_again(kind: str) -> None:
    opened = open_table(written(f"in.{kind}"))
    wanted = lacking()["B"].to_pylist()
    assert opened.rows in (N, None)
    for size, first in ((7, 0), (300, 299), (5000, 0), (90, 999), (10, N)):
        batches = list(opened.batches(("B",), size, first, ("id",)))
        found = [None if gone else v for b in batches for v, gone in zip(
            b.columns["B"].tolist(), b.missing.get("B", np.zeros(b.rows, bool)).tolist())]  # fmt: skip
        assert found == wanted[first:]
        assert [b.rows for b in batches[:-1]] == [size] * (len(batches) - 1)
        assert [b.first for b in batches] == list(range(first, N, size))


def test_progress_is_told_in_rows() -> None:
    told: list[tuple[int, int]] = []
    with telling(lambda done, count, work: told.append((done, count))):
        wg.map(FORMULA, written("in.parquet"), "out.csv", values={"q": 2}, options=SMALL)
    assert told[0] == (0, N)
    assert told[-1] == (N, N)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


# Frames


def frames() -> dict[str, Callable[[dict[str, Any]], Any]]:
    return {
        "pandas": lambda given: pytest.importorskip("pandas").DataFrame(given, index=[5, 6, 6]),
        "polars": lambda given: pytest.importorskip("polars").DataFrame(given),
        "pyarrow": pa.table,
    }


@pytest.mark.parametrize("library", frames())
def test_a_frame_gives_a_frame_of_its_kind(library: str) -> None:
    nw = pytest.importorskip("narwhals")
    df = frames()[library]({"x": [1.0, None, 3.0], "k": [2, 3, 4], "name": ["a", "b", "c"]})
    f = wg.compile("k*x^2")
    found = f.frame(df)
    assert type(found) is type(df)
    answers = nw.from_native(found)
    assert answers.columns == ["f", "df_dk", "df_dx"]
    assert answers["f"].to_list()[::2] == [2.0, 36.0]
    assert answers["f"].is_null().to_list() == [False, True, False]
    kept = nw.from_native(f.frame(df, wrt="x", second=True, keep="all"))
    assert kept.columns == ["x", "k", "name", "f", "df_dx", "d2f_dx2"]
    assert kept["name"].to_list() == ["a", "b", "c"]
    assert kept["d2f_dx2"].to_list()[::2] == [4.0, 8.0]
    if library == "pandas":
        assert list(found.index) == list(f.frame(df, keep="all").index) == [5, 6, 6]
    assert len(nw.from_native(f.frame(df, values={"k": 1}, wrt=()))) == 3
    for call, code in (
        (lambda: f.frame(df, keep=["nme"]), "W901"), (lambda: wg.compile("x*z").frame(df), "W901"),
        (lambda: wg.compile("name").frame(df), "W902"), (lambda: wg.compile("x = 2*k").frame(df, keep="x"), "W908"),
    ):  # fmt: skip
        with pytest.raises(wg.UsageError) as caught:
            call()
        assert caught.value.code == code


def test_a_report_is_shown_as_text_json_and_html(capsys: Any) -> None:
    path = written("in.parquet")
    words = ["map", FORMULA, path, "-o", "out.parquet", "--q", "2"]
    assert main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], said["output"], said["columns"][0]) == (N, "out.parquet", "f")
    done = wg.map(FORMULA, path, "out.parquet", values={"q": 2}, force=True)
    assert f"{N:,} rows" in done._repr_html_()
    assert "<table>" in done._repr_html_()
    assert done.noted["nan"].first in range(8, 13)
    assert repr(done).startswith("<wengert.Mapped 1,000 rows")
