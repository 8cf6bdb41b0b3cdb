"""`wengert map`: the answers are those of the function on whole columns.

The oracles are the function itself on arrays in memory, and the readers of pyarrow and of Python's csv.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.faces.mapped_tables import FORMULA, SMALL, N, expected, lacking, parquet, read, same, table, written
from wengert.cli import main

pytestmark = pytest.mark.usefixtures("empty_folder")


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
