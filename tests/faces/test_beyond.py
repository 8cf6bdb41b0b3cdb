"""Tables larger than memory: held to the same work in memory, and to exact sums."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.faces.large_tables import MODEL, ROWS, START, TABLE, apart, batches, write_table
from wengert.api.tabular import kept_numbers, streamed
from wengert.api.tabular.kept_numbers import KeptNumbers
from wengert.api.tabular.streamed import blocks
from wengert.cli import main
from wengert.jobs.fitting.partial_sums import BITS, DIGITS
from wengert.jobs.tabular.tree_sums import Added, Moments, Triangle, merged_by_tree

NIST = json.loads((Path(__file__).parents[1] / "corpora" / "nist_strd.json").read_text(encoding="utf-8"))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that a table of some thousand rows has many."""
    monkeypatch.setattr(streamed, "ROWS", 256)


# Trees


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 13, 100])
def test_a_tree_keeps_the_order_and_loses_nothing(count: int) -> None:
    found = merged_by_tree(Added(((k,),)) for k in range(count))
    assert (found.parts[0] if found else ()) == tuple(range(count))


def test_a_tree_sums_with_few_roundings() -> None:
    """n sums of 0.1 by a tree: those one after the other lose tens of times as many digits."""
    found = merged_by_tree(Added((0.1,)) for _ in range(100_000))
    assert found is not None
    exact = math.fsum([0.1] * 100_000)
    assert abs(found.parts[0] - exact) <= 17 * math.ulp(exact)


def test_moments_and_triangles_of_parts_are_those_of_the_whole() -> None:
    rng = np.random.default_rng(0)
    y, matrix = rng.normal(1e6, 1, 1000), rng.normal(size=(1000, 4))

    def moments(v: Any) -> Moments:
        return Moments(len(v), v.mean(), ((v - v.mean()) ** 2).sum(), 0.0, abs(v).max(), 0.0)

    cuts = [0, 3, 10, 400, 401, 1000]
    whole = merged_by_tree(moments(y[a:b]) for a, b in pairwise(cuts))
    assert whole is not None
    assert (whole.mean, whole.spread, whole.size) == pytest.approx((y.mean(), y.var() * 1000, y.max()), rel=1e-11)
    triangle = merged_by_tree(Triangle(np.linalg.qr(matrix[a:b], mode="r"), 1.0) for a, b in pairwise(cuts))
    assert triangle is not None
    assert triangle.factor.T @ triangle.factor == pytest.approx(matrix.T @ matrix)
    assert triangle.cost == len(cuts) - 1


@pytest.mark.parametrize("size", [1, 7, 64, 100, 1000])
def test_blocks_do_not_depend_on_batches(size: int) -> None:
    x = np.arange(1000.0)
    found = [b["x"] for b in blocks(batches(size, {"x": x})(), ["x"], 64)]
    assert [len(b) for b in found] == [64] * 15 + [40]
    assert np.array_equal(np.concatenate(found), x)


# Fits


@pytest.mark.parametrize(
    "options",
    [{}, {"weights": "w"}, {"sigma": "w"}, {"loss": "huber"}, {"loss": "cauchy", "weights": "w"}, {"loss": "soft_l1"},
     {"loss": "arctan", "loss_scale": 0.1}, {"bounds": {"c": (0, 0.4)}}, {"bounds": {"c": (0, 9)}, "loss": "huber"},
     {"fixed": ["c"]}],
    ids=str,
)  # fmt: skip
@pytest.mark.usefixtures("small_blocks")
def test_a_fit_in_batches_is_the_fit_in_memory(options: dict[str, Any]) -> None:
    pytest.importorskip("scipy")
    table = {**TABLE, "w": TABLE["w"] + 0.1} if "sigma" in options else TABLE
    whole = wg.fit(MODEL, table, start=START, **options)
    found = wg.fit(MODEL, batches(700, table), start=START, engine="batches", **options)
    assert apart(found, whole) < 1e-12
    assert found.determination == pytest.approx(whole.determination, rel=1e-12)
    assert found.problem.points, found.problem.missing == (whole.problem.points, whole.problem.missing)
    assert found.loss_scale == pytest.approx(whole.loss_scale, rel=1e-12)
    # The same blocks, in other batches: not a bit differs.
    again = wg.fit(MODEL, batches(77, table), start=START, engine="batches", **options)
    assert repr([*again]) == repr([*found])
    assert str(again).splitlines()[:3] == str(whole).splitlines()[:3]


@pytest.mark.usefixtures("small_blocks")
def test_residuals_of_batches_are_those_in_memory() -> None:
    whole = wg.fit(MODEL, TABLE, start=START, weights="w").table()
    parts = list(wg.fit(MODEL, batches(100), start=START, weights="w", engine="batches").tables())
    assert len(parts) > 3
    for name, values in whole.items():
        assert np.concatenate([p[name] for p in parts]) == pytest.approx(values, rel=1e-9), name


@pytest.mark.parametrize("name", ["Misra1a", "Lanczos1", "Thurber", "MGH17"])
@pytest.mark.usefixtures("small_blocks")
def test_nist_in_batches(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ill-conditioned problems: the triangle is merged from blocks of a few rows."""
    monkeypatch.setattr(streamed, "LEAST", 5)
    monkeypatch.setattr(streamed, "ROWS", 5)
    p = NIST[name]
    table = {c: np.array(p[c]) for c in ("x", "x1", "x2", "y") if c in p}
    text = f"{p.get('response', 'y')} ~ {p['model']}"
    found = wg.fit(text, batches(4, table), start=dict(zip(p["params"], p["start"][1])), engine="batches")
    # The residuals of Lanczos1 are the rounding of its data: in memory they are computed with many digits.
    least = 6 if name == "Lanczos1" else 8
    for n, certified in zip(p["params"], map(float, p["certified"])):
        assert abs(found[n].value / certified - 1) < 10.0**-least, (n, str(found))


def test_the_sums_that_lose_digits_are_not_taken() -> None:
    """Columns that are nearly dependent, and many rows: JᵀJ alone would lose the answer."""
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 1, 150_000)
    table = {"x": x, "z": x + 1e-6 * rng.normal(size=len(x)), "y": 2 * x + rng.normal(0, 0.1, len(x))}
    whole = wg.fit("y ~ a*x + b*z", table, start={"a": 0, "b": 0})
    found = wg.fit("y ~ a*x + b*z", table, start={"a": 0, "b": 0}, engine="batches")
    exact = np.linalg.lstsq(np.stack([x, table["z"]], axis=1), table["y"])[0]
    assert [e.value for e in found] == pytest.approx(list(exact), rel=1e-7)
    assert [e.value for e in found] == pytest.approx([e.value for e in whole], rel=1e-7)


def test_the_middle_of_many_residuals() -> None:
    """The scale of a robust loss, which no sum gives: 16 bits of the median in each of four passes."""
    assert BITS * DIGITS == 64
    for rows in (ROWS, ROWS - 1):
        table = {n: v[:rows] for n, v in TABLE.items()}
        plain = wg.fit(MODEL, table, start=START)
        found = wg.fit(MODEL, table, start=START, engine="batches", loss="huber")
        assert found.loss_scale == pytest.approx(float(np.median(np.abs(plain.residuals))) * 1.4826, rel=1e-11)


def test_a_parameter_may_be_an_array() -> None:
    table = {"x": np.linspace(0, 1, 50), "y": np.linspace(0, 1, 50) ** 2}
    text = "input b[m], x, y\ny ~ sum(b[k]*x^k for k in 0:m)"
    found = wg.fit(text, table, start={"b": [0, 0, 0]}, engine="batches")
    assert list(found.values.values()) == pytest.approx([0, 0, 1], abs=1e-12)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_in_batches(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"big.{ending}"
    write_table(path, TABLE)
    whole = wg.fit(MODEL, TABLE, start=START)
    for engine in ("auto", "memory", "batches"):
        assert apart(wg.fit(MODEL, path, start=START, engine=engine), whole) < 1e-12
    given = [f"--{n}={v}" for n, v in START.items()]
    residuals = tmp_path / "rest.csv"
    assert main(["fit", MODEL, str(path), *given, "--engine", "batches", "--residuals", str(residuals), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["points"] == whole.problem.points
    assert told["parameters"]["a"]["value"] == pytest.approx(whole["a"].value, rel=1e-12)
    written = wg.load_numbers(f"{residuals}:residual")
    assert written == pytest.approx(whole.residuals, abs=1e-10)


def test_the_text_of_a_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    def numbers(names: Any) -> Iterator[dict[str, Any]]:
        nonlocal read
        read += 1
        yield from (({n: np.ascontiguousarray(b[n]) for n in names}) for b in batches(700)())

    kept = KeptNumbers(numbers)
    for names in (("x", "y"), ("x", "y"), ("y",), ("y",)):
        for one, other in zip(kept.batches(names), batches(700)()):
            assert all(np.array_equal(one[n], other[n], equal_nan=True) for n in names)
    assert read == 2

    def no_room(**_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_numbers, "TemporaryFile", no_room)
    kept = KeptNumbers(numbers)
    assert [len(list(kept.batches(("x",)))) for _ in range(2)] == [5, 5]
    assert read == 4


# Sums


def test_a_loss_over_a_table() -> None:
    """Against sums without rounding, and the gradient against the complex step."""
    loss = wg.compile("w*log(1 + exp(-y*(a*x + b)))")
    found = loss.total(batches(700), a=0.5, b=0.1)
    kept = np.isfinite(TABLE["x"]) & np.isfinite(TABLE["y"])
    x, y, w = (TABLE[n][kept] for n in ("x", "y", "w"))

    def exact(a: complex, b: complex) -> tuple[float, float]:
        terms = w * np.log(1 + np.exp(-y * (a * x + b)))
        return math.fsum(terms.real), math.fsum(terms.imag)

    assert found.value == pytest.approx(exact(0.5, 0.1)[0], rel=1e-14)
    assert found.gradient["a"] == pytest.approx(exact(0.5 + 1e-200j, 0.1)[1] / 1e-200, rel=1e-13)
    assert found.gradient["b"] == pytest.approx(exact(0.5, 0.1 + 1e-200j)[1] / 1e-200, rel=1e-13)
    assert (found.points, found.missing, found.lost) == (kept.sum(), ROWS - kept.sum(), 0)
    assert found.mean == found.value / found.points
    weighted = wg.compile("log(1 + exp(-y*(a*x + b)))").total(TABLE, {"a": 0.5}, b=0.1, weights="w", wrt="b")
    assert weighted.value == pytest.approx(found.value, rel=1e-14)
    assert dict(weighted.gradient) == pytest.approx({"b": found.gradient["b"]}, rel=1e-14)
    assert weighted.points == kept.sum() - (w == 0).sum()


def test_a_loss_with_an_array_of_parameters() -> None:
    loss = wg.compile("input w[3], x, z, y\n(w[0]*x + w[1]*z + w[2] - y)^2")
    rng = np.random.default_rng(2)
    table = {n: rng.normal(size=1000) for n in "xyz"}
    found = loss.total(table, w=[1, 2, 3])
    design = np.stack([table["x"], table["z"], np.ones(1000)], axis=1)
    rest = design @ [1, 2, 3] - table["y"]
    assert found.value == pytest.approx(rest @ rest, rel=1e-13)
    assert found.gradient["w"] == pytest.approx(2 * design.T @ rest, rel=1e-12)
    residual = wg.compile("input w[3], x, z, y\nw[0]*x + w[1]*z + w[2] - y")
    products = residual.normal_equations(table, w=[1, 2, 3])
    assert products.names == ("w[0]", "w[1]", "w[2]")
    assert products.products == pytest.approx(design.T @ design, rel=1e-12)
    assert products.slope == pytest.approx(design.T @ rest, rel=1e-12)
    assert products.squares == pytest.approx(rest @ rest, rel=1e-13)


def test_rows_without_a_value_are_counted() -> None:
    found = wg.compile("a*log(x)").total({"x": [1.0, -1.0, 2.0, np.nan]}, a=1)
    assert (found.points, found.missing, found.lost) == (3, 1, 1)
    assert math.isnan(found.value)
    bare = wg.compile("x^2").total({"x": [1.0, 2.0]})
    assert (bare.value, dict(bare.gradient)) == (5, {})


# Bad tables


@pytest.mark.parametrize(
    ("table", "options", "says"),
    [
        (iter([TABLE]), {}, "read once"),
        ([], {}, "no rows"),
        (lambda: 3, {}, "gives batches, not 3"),
        ([TABLE, 3], {}, "batch 2"),
        ([{"x": [1.0], "y": [1.0]}, {"x": [1.0]}], {}, "batch 2 of the table has no column `y`"),
        ([{"x": [1.0, 2.0], "y": [1.0]}], {}, "different lengths"),
        ([{"x": [1.0], "y": ["frog"]}], {}, "'frog' in row 1 of `y`"),
        ([{"x": [1.0, np.nan], "y": [np.nan, 1.0]}] * 2, {}, "missing value in each of its 4 rows"),
        ([{"x": [1.0, 2.0], "y": [1.0, 2.0]}, {"x": [1.0, np.inf], "y": [1, 1]}], {}, "row 4 of `x` is inf"),
        ([{**TABLE, "w": TABLE["w"] - 1}], {"weights": "w"}, "a weight is a number from 0 on"),
        ([TABLE], {"sigma": "w"}, "row 1 is 0"),
        ([TABLE], {"weights": [1.0]}, "a column of a table that is read in batches"),
        ([TABLE], {"weights": "v"}, "no column `v`"),
        ([{"x": [1.0, 2.0], "y": [1.0, 2.0]}], {}, "2 points cannot determine 3"),
        (TABLE, {"engine": "batchs"}, "did you mean `batches`"),
        (TABLE, {"engine": "memory", "scheduler": "tcp://127.0.0.1:1"}, "a scheduler is for the engine dask"),
        (TABLE, {"scheduler": 3}, "a scheduler is an address"),
        (TABLE, {"scheduler": "frog"}, "the number of a port"),
        ("nowhere.parquet", {}, "no file"),
    ],
)  # fmt: skip
def test_a_table_that_is_none(table: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(wg.WengertError) as problem:
        wg.fit(MODEL, table, start=START, **{"engine": "batches", **options} if "scheduler" not in options else options)
    assert says in str(problem.value)


def test_a_start_without_a_value_is_blamed_on_the_first_row() -> None:
    table = [{"x": [1.0, 2.0], "y": [1.0, 2.0]}, {"x": [3.0, -1.0], "y": [1.0, 2.0]}]
    with pytest.raises(wg.DomainError, match=r"1 of 4 rows.*x = -1"):
        wg.fit("y ~ a*log(x)", table, start={"a": 1}, engine="batches")
