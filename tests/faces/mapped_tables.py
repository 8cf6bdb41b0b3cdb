"""Tables in files of every kind, read by readers that are none of ours, and the answers a map of them must have."""

from __future__ import annotations

import csv
import math
from typing import Any

import numpy as np
import pytest

import wengert as wg

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
feather = pytest.importorskip("pyarrow.feather")

FORMULA = "q*(Ef + B*v*sin(theta))"
N = 1000
# Some hundred rows a batch, so that there are several.
SMALL, SMALLER = (wg.Options(limits=wg.Limits(elements=n)) for n in (2000, 500))


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
