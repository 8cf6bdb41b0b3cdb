"""The files and frames of `wengert map`: bad ones, and every kind that is read and written."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.faces.mapped_tables import FORMULA, SMALL, N, expected, lacking, pa, read, same, table, written
from wengert.cli import main
from wengert.ground.progress import telling
from wengert.jobs.tabular import arrow_batches, csv_batches, table_batches, written_tables
from wengert.jobs.tabular.csv_batches import TextTable
from wengert.jobs.tabular.table_batches import open_table

pytestmark = pytest.mark.usefixtures("empty_folder")


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
