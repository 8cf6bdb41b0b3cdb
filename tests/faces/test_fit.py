"""Fits, held to NIST's certified numbers, to closed forms of linear models, and to SciPy and to sampling."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.cli import main
from wengert.jobs.fitting.normal_equations import reduced

NIST = json.loads((Path(__file__).parents[1] / "corpora" / "nist_strd.json").read_text(encoding="utf-8"))
MISRA = "samples/misra.csv"
MODEL = "y ~ b1*(1-exp(-b2*x))"
START = {"b1": 500.0, "b2": 1e-4}
LINE = {"x": [0.0, 1.0, 2.0, 3.0, 4.0], "y": [1.1, 2.9, 5.2, 7.1, 8.8]}


def digits(found: float, certified: str) -> float:
    """How many digits of a certified number are right; at most 11, as many as it has."""
    exact = float(certified)
    return 11.0 if found == exact else min(11.0, -math.log10(abs(found - exact) / abs(exact)))


RIGHT: list[float] = []


@pytest.mark.parametrize("name", sorted(NIST))
def test_nist(name: str) -> None:
    """Statistical Reference Datasets, nonlinear regression: from both starts, to 8 digits of every parameter and every
    standard error, most of them to 11. (NIST prints wrong degrees of freedom for Rat43: its errors are those of n - p.)
    """
    p = NIST[name]
    columns = {c: p[c] for c in ("x", "x1", "x2", "y") if c in p}
    for start in p["start"]:
        found = wg.fit(f"{p.get('response', 'y')} ~ {p['model']}", columns, start=dict(zip(p["params"], start)))
        assert found.converged
        for n, value, error in zip(p["params"], p["certified"], p["certified_sd"]):
            RIGHT.extend((digits(found[n].value, value), digits(found[n].error, error)))
            assert min(RIGHT[-2:]) >= 8, (n, found)
        assert found.statistics.squares == pytest.approx(float(p["rss"]), rel=1e-6)
    assert median(RIGHT) > 10


def test_a_fit_that_a_first_way_misses_says_so() -> None:
    """BoxBOD from its first start: the step of Gauss and Newton leads to a plateau."""
    p = NIST["BoxBOD"]
    found = wg.fit(f"y ~ {p['model']}", {"x": p["x"], "y": p["y"]}, start=dict(zip(p["params"], p["start"][0])))
    assert [t.found for t in found.attempts] == [False, True]
    assert "no minimum" in str(found)
    assert "the answer is that of SciPy's trf" in str(found)


# Closed forms


@pytest.mark.parametrize("weighted", [False, True])
def test_a_linear_model(weighted: bool) -> None:
    """(XᵀWX)⁻¹XᵀWy, its covariance, R² and the t intervals."""
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(3)
    x = rng.uniform(-2, 2, 30)
    y = 1.5 - 0.5 * x + 0.25 * x * x + rng.normal(0, 0.1, 30)
    w = rng.uniform(0.5, 2, 30) if weighted else np.ones(30)
    found = wg.fit("y ~ a + b*x + c*x^2", {"x": x, "y": y, "w": w}, start={"a": 0, "b": 0, "c": 0},
                   weights="w" if weighted else None, confidence=0.9)  # fmt: skip
    design = np.stack([np.ones(30), x, x * x], axis=1)
    inverse = np.linalg.inv(design.T @ (w[:, None] * design))
    exact = inverse @ design.T @ (w * y)
    rest = y - design @ exact
    covariance = inverse * (w @ rest**2) / 27
    assert [e.value for e in found] == pytest.approx(exact, rel=1e-10)
    assert found.statistics.covariance == pytest.approx(covariance, rel=1e-9)
    assert found.residuals == pytest.approx(rest, abs=1e-12)
    half = stats.t.ppf(0.95, 27) * math.sqrt(covariance[1, 1])
    assert found["b"].interval == pytest.approx((exact[1] - half, exact[1] + half), rel=1e-9)
    mean = (w @ y) / w.sum()
    assert found.determination == pytest.approx(1 - (w @ rest**2) / (w @ (y - mean) ** 2))
    assert np.diag(found.statistics.correlations) == pytest.approx(np.ones(3))


def test_bands_of_a_line() -> None:
    """N. R. Draper, H. Smith, "Applied Regression Analysis", section 1.4: s √(1/n + (x - x̄)²/Σ(x - x̄)²)."""
    found = wg.fit("y ~ a + b*x", LINE, start={"a": 0, "b": 1})
    at, x = np.array([-1.0, 2.0, 10.0]), np.array(LINE["x"])
    band = found.predict({"x": at})
    s = found.statistics.deviation
    exact = s * np.sqrt(1 / 5 + (at - 2) ** 2 / np.sum((x - 2) ** 2))
    assert band.error == pytest.approx(exact)
    assert band.value == pytest.approx(found["a"].value + found["b"].value * at)
    k = (found["a"].interval[1] - found["a"].value) / found["a"].error
    assert band.interval[1] - band.value == pytest.approx(k * exact)
    assert band.further[1] - band.value == pytest.approx(k * np.hypot(exact, s))
    assert found.predict(LINE).value == pytest.approx(found.fitted)
    with pytest.raises(wg.UsageError, match="no column `x`"):
        found.predict({"z": [1]})


def test_known_deviations() -> None:
    """Errors that are not scaled by the residuals: those of the mean of values with σ = 2 are 2/√n."""
    y = [1.0, 2.0, 4.0, 9.0]
    found = wg.fit("y ~ m", {"y": y, "s": [2.0] * 4}, start={"m": 0}, sigma="s", absolute_sigma=True)
    assert found["m"].value == pytest.approx(4)
    assert found["m"].error == pytest.approx(1)
    assert "reduced chi-square" in str(found)
    scaled = wg.fit("y ~ m", {"y": y}, start={"m": 0}, sigma=[2.0] * 4)
    assert scaled["m"].error == pytest.approx(np.std(y, ddof=1) / 2)


@pytest.mark.parametrize("loss", ["soft_l1", "huber", "cauchy", "arctan"])
def test_robust_losses_are_those_of_scipy(loss: str) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    x = np.linspace(0, 5, 40)
    y = 2 * np.exp(-0.7 * x) + 0.01 * np.sin(37 * x)
    y[::9] += 1
    found = wg.fit("y ~ a*exp(-b*x)", {"x": x, "y": y}, start={"a": 1, "b": 1}, loss=loss, loss_scale=0.05)
    peer = optimize.least_squares(lambda p: p[0] * np.exp(-p[1] * x) - y, [1, 1], loss=loss, f_scale=0.05, xtol=1e-12,
                                  ftol=1e-14, gtol=1e-12)  # fmt: skip
    assert found.best.cost == pytest.approx(peer.cost, rel=1e-8)
    assert list(found.values.values()) == pytest.approx(peer.x, rel=1e-4)
    plain = wg.fit("y ~ a*exp(-b*x)", {"x": x, "y": y}, start={"a": 1, "b": 1})
    assert abs(found["a"].value - 2) < abs(plain["a"].value - 2) / 4
    assert f"loss {loss}" in str(found)


def test_the_triangle_of_many_rows_is_that_of_qr() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(6, 90_000))
    rows[2] = rows[1] + 1e-2 * rows[2]
    found = reduced(rows)
    exact = np.linalg.lstsq(rows[1:].T, rows[0])
    assert np.linalg.solve(found.triangle, found.along) / found.lengths == pytest.approx(exact[0], rel=1e-9)
    assert found.rest == pytest.approx(float(exact[1][0]), rel=1e-12)
    assert found.norm == pytest.approx(float(np.linalg.norm(rows[0])), rel=1e-14)
    lost = reduced(rows[[0, 1, 1]])
    assert np.linalg.svd(lost.triangle, compute_uv=False)[-1] < 1e-12


# Data


def frame_of(columns: dict[str, Any]) -> list[Any]:
    found: list[Any] = [columns, {n: np.array(v) for n, v in columns.items()}]
    found.append(np.rec.fromarrays([np.array(v) for v in columns.values()], names=list(columns)))
    try:
        import pandas
    except ImportError:
        return found
    return [*found, pandas.DataFrame(columns), pandas.DataFrame(columns).convert_dtypes()]


def test_tables_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    path.write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in zip(*LINE.values())))
    expected = wg.fit("y ~ a*x + b", LINE, start={"a": 1, "b": 0}).values
    for table in [*frame_of(LINE), str(path), path]:
        assert wg.fit("y ~ a*x + b", table, start={"a": 1, "b": 0}).values == expected
        assert wg.compile("a*x + b").fit(table, "y", start={"a": 1, "b": 0}).values == expected


def test_missing_values_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    path.write_text("x,y,z\n0,1.1,\n1,NA,1\n1,2.9,\n,4,\n2,5.2,3\n3,7.1,4\nnan,7,4\n4,8.8,5\n")
    found = wg.fit("y ~ a*x + b", path, start={"a": 1, "b": 0})
    assert found.values == wg.fit("y ~ a*x + b", LINE, start={"a": 1, "b": 0}).values
    assert found.table()["row"].tolist() == [1, 3, 5, 6, 8]
    assert "3 rows with missing values left out" in str(found)
    whole = [1.0, 2.0, 3.0, None]
    assert wg.fit("y ~ a*x", {"x": [1, 2, 3, 4], "y": whole}, start={"a": 1})["a"].value == pytest.approx(1)


def test_rows_with_a_weight_of_0_do_not_count() -> None:
    columns = {**LINE, "w": [1, 1, 0, 1, 1]}
    columns["y"] = [1.1, 2.9, 1e6, 7.1, 8.8]
    found = wg.fit("y ~ a*x + b", columns, start={"a": 1, "b": 0}, weights="w")
    assert found.statistics.degrees == 2
    assert found["a"].value == pytest.approx(1.964, abs=0.05)


def test_a_parameter_may_be_an_array() -> None:
    model = "input b[3], x, y\ny ~ sum(b[k]*x^k for k in 0:3)"
    found = wg.fit(model, LINE, start={"b": [0, 0, 0]})
    sized = wg.fit("input b[m], x, y\ny ~ sum(b[k]*x^k for k in 0:m)", LINE, start={"b": [0, 0, 0]})
    assert sized.values == pytest.approx(found.values, rel=1e-9)
    alone = wg.fit("y ~ b0 + b1*x + b2*x^2", LINE, start={"b0": 0, "b1": 0, "b2": 0})
    assert [e.name for e in found] == ["b[0]", "b[1]", "b[2]"]
    assert list(found.values.values()) == pytest.approx(list(alone.values.values()), rel=1e-9)
    assert list(found.errors.values()) == pytest.approx(list(alone.errors.values()), rel=1e-9)


def test_a_response_may_be_a_formula_even_of_parameters() -> None:
    columns = {"x": [1.0, 2.0, 3.0, 4.0], "y": [2.7, 7.5, 20.3, 54.0]}
    logs = wg.fit("log(y) ~ a + b*x", columns, start={"a": 0, "b": 1})
    straight = wg.fit("z ~ a + b*x", {"x": columns["x"], "z": np.log(columns["y"])}, start={"a": 0, "b": 1})
    assert logs.values == pytest.approx(straight.values)
    # y - c ~ a*x is y ~ a*x + c
    moved = wg.fit("y - c ~ a*x", LINE, start={"a": 1, "c": 0})
    plain = wg.fit("y ~ a*x + c", LINE, start={"a": 1, "c": 0})
    assert moved["c"].value == pytest.approx(plain["c"].value)
    assert moved["c"].error == pytest.approx(plain["c"].error)


def test_a_parameter_may_have_the_name_of_a_constant() -> None:
    found = wg.fit("y ~ e*x + pi", LINE, start={"e": 1, "pi": 0})
    assert found.values == pytest.approx(dict(zip(("e", "pi"), np.polyfit(LINE["x"], LINE["y"], 1))))


def test_the_formula_is_fused_only_where_it_may_be() -> None:
    """log(1 + exp(z)) overflows as it is written, and has a value as a stable op."""
    table = {"x": [700.0, 800.0, 900.0], "y": [700.0, 800.5, 899.0]}
    assert wg.fit("y ~ log(1 + exp(a*x))", table, start={"a": 1})["a"].value == pytest.approx(1, rel=1e-2)
    naive = wg.compile("log(1 + exp(a*x))", fuse=False)
    with pytest.raises(wg.DomainError, match="2 of 3 rows"):
        naive.fit(table, "y", start={"a": 1})


def test_models_of_several_statements() -> None:
    text = "# a line\ndef f(t) = a*t + b  # ~\nk = 2\ny ~ f(x)*k/2"
    assert wg.fit(text, LINE, start={"a": 1, "b": 0}).values == pytest.approx(
        wg.fit("y ~ a*x + b", LINE, start={"a": 1, "b": 0}).values
    )
    assert wg.fit("input x, y, a = 1, b = 0; y ~ a*x + b", LINE)["a"].start == 1


# Answers in doubt


def test_undetermined_parameters_are_named() -> None:
    found = wg.fit("y ~ a*b*x + c", LINE, start={"a": 1, "b": 1, "c": 0})
    assert not found.converged
    (direction,) = found.statistics.undetermined
    assert set(direction) == {"a", "b"}
    assert direction["a"] == pytest.approx(-direction["b"], rel=1e-6)
    assert [e.held for e in found] == ["not determined", "not determined", ""]
    plain = wg.fit("y ~ a*x + c", LINE, start={"a": 1, "c": 0})
    assert found["a"].value * found["b"].value == pytest.approx(plain["a"].value)
    assert "do not determine" in str(found)
    alone = wg.fit("y ~ a*x + 0*b", LINE, start={"a": 1, "b": 3})
    assert alone.statistics.undetermined == ({"b": 1.0},)
    assert alone["a"].error > 0


@pytest.mark.parametrize("start", [1e300, -1e300, 1e-300, 0.0])
def test_a_start_far_away_ends_in_an_answer_or_an_error_of_ours(start: float) -> None:
    for loss in ("linear", "huber"):
        try:
            found = wg.fit("y ~ a*exp(-b*x) + c/max(a, x)", LINE, start={"a": start, "b": 1, "c": 1}, loss=loss)
        except wg.WengertError:
            continue
        assert found.converged or found.remarks
        assert str(found)


def test_bounds_and_fixed_parameters() -> None:
    free = wg.fit(MODEL, MISRA, start=START)
    inside = wg.fit(MODEL, MISRA, start=START, bounds={"b1": (0, None), "b2": (0, 1)})
    assert inside.values == pytest.approx(free.values, rel=1e-6)
    held = wg.fit(MODEL, MISRA, start={**START, "b1": 150}, bounds={"b1": (0, 200)})
    fixed = wg.fit(MODEL, MISRA, start={**START, "b1": 200}, fixed="b1")
    assert (held["b1"].value, held["b1"].held) == (pytest.approx(200), "at its bound")
    assert held["b2"].value == pytest.approx(fixed["b2"].value, rel=1e-6)
    assert held["b2"].error == pytest.approx(fixed["b2"].error * math.sqrt(13 / 13), rel=1e-5)
    assert fixed["b1"].held == "fixed"
    assert math.isnan(fixed["b1"].error)


def test_as_many_points_as_parameters() -> None:
    found = wg.fit("y ~ a*x + b", {"x": [1, 2], "y": [3, 5]}, start={"a": 1, "b": 0})
    assert found.values == pytest.approx({"a": 2, "b": 1})
    assert "as many parameters as points" in str(found)


@pytest.mark.parametrize(
    ("model", "table", "options", "says"),
    [
        ("y = a*x", LINE, {"start": {"a": 1}}, "response ~ formula"),
        ("y ~ a*x ~ b", LINE, {"start": {"a": 1}}, "one `~`"),
        ("y ~", LINE, {}, "the formula is missing"),
        ("~ a*x", LINE, {"start": {"a": 1}}, "the response is missing"),
        ("y ~ a*", LINE, {"start": {"a": 1}}, ""),
        ("y ~ a*X", LINE, {"start": {"a": 1}}, "did you mean `x`"),
        ("y ~ a*x", LINE, {}, "needs a start: a=1"),
        ("y ~ a*x", {"y (mV)": [1.0, 2.0], "x": [1.0, 2.0]}, {}, "change the heading, for instance to `y_mV`"),
        ("y ~ a*x", {"x;y": [1.0, 2.0]}, {}, "cells are separated by commas"),
        ("y ~ a*x", LINE, {"start": {"b": 1}}, "no input is called `b`"),
        ("y ~ x", LINE, {}, "nothing to fit"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "fixed": ["a"]}, "nothing to fit"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "fixed": ["x"]}, "is a column of data"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "bounds": {"a": (2, 1)}}, "contradict"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "bounds": {"a": (2, 3)}}, "outside its bounds"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "bounds": {"a": 3}}, "pair"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "weights": "z"}, "no column `z`"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "weights": [1, 1, 1, 1, -1]}, "row 5"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "sigma": [0, 1, 1, 1, 1]}, "row 1"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "sigma": "x", "weights": "x"}, "exclude"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "loss": "hubr"}, "huber"),
        ("y ~ a*x", LINE, {"start": {"a": 1}, "absolute_sigma": True}, "needs"),
        ("y ~ a*x", {"x": [1, 2], "y": [1]}, {"start": {"a": 1}}, "different lengths"),
        ("y ~ a*x", {"x": [], "y": []}, {"start": {"a": 1}}, "no rows"),
        ("y ~ a*x", {"x": [1.0, np.nan], "y": [np.nan, 1]}, {"start": {"a": 1}}, "each of its 2 rows"),
        ("y ~ a*x", {"x": [1.0, np.inf], "y": [2, 1]}, {"start": {"a": 1}}, "row 2 of `x` is inf"),
        ("y ~ a*x", {"x": [1.0, "b"], "y": [2, 1]}, {"start": {"a": 1}}, "row 2 of `x`"),
        ("y ~ a*x + b", {"x": [1.0], "y": [2]}, {"start": {"a": 1, "b": 1}}, "1 point cannot determine 2"),
        ("y ~ a*log(x - 2)", LINE, {"start": {"a": 1}}, "3 of 5 rows"),
        ("1 ~ a*b", LINE, {"start": {"a": 1, "b": 1}}, "no column that is an input"),
        ("y ~ [a, x]", LINE, {"start": {"a": 1}}, "a number"),
    ],
)  # fmt: skip
def test_bad_input_is_told(model: str, table: Any, options: Any, says: str) -> None:
    with pytest.raises(wg.WengertError) as told:
        wg.fit(model, table, **options)
    assert says in str(told.value), str(told.value)


# The command line


def test_a_start_without_a_value_has_a_caret(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "y ~ b1*log(-b2*x)", MISRA, "--b1", "1", "--b2", "1"]) == 1
    err = capsys.readouterr().err
    assert "14 of 14 rows" in err
    assert "y ~ b1*log(-b2*x)\n     |        ^" in err


@pytest.mark.parametrize(
    ("words", "caret"),
    [
        (["--b1", "1", "--b2", "1", "--b3", "1"], "--b3"),
        (["--b1", "x", "--b2", "1"], ""),
        (["--b1", "1", "--b2", "1", "--bounds", "b2=3:2"], "--bounds"),
        (["--b1", "1", "--b2", "1", "--bounds", "b2"], "--bounds"),
        (["--b1", "1", "--b2", "1", "--bounds", "b4=0:1"], "--bounds"),
        (["--b1", "1", "--b2", "1", "--fix", "b4"], "--fix"),
        (["--b1", "1", "--b2", "1", "--weights", "w"], "--weights"),
        (["--b1", "1", "--b2", "1", "--confidence", "2"], "--confidence"),
        (["--b1", "1", "--b2", "1", "--loss-scale", "-1", "--loss", "huber"], "--loss-scale"),
        (["--b1", "1", "--b2", "1", "--save", "/nowhere/job.wengert"], "--save"),
    ],
)
def test_mistakes_are_told_at_their_place(
    words: list[str], caret: str, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    assert main(["fit", MODEL, MISRA, *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    _, line, marks, *_ = said.err.split("\n")[1:]
    assert line[marks.index("^") :].startswith(caret)


def test_a_file_with_a_word_names_row_and_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("x,y\n1,2\n2,high\n")
    assert main(["fit", "y ~ a*x", str(path), "--a", "1"]) == 2
    assert "line 3, column 2 (`y`): 'high' is no number" in capsys.readouterr().err


def test_a_saved_job_repeats_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job, rest = tmp_path / "job.wengert", tmp_path / "rest.csv"
    words = ["--b1", "500", "--b2", "1e-4", "--weights", "x", "--save", str(job), "--residuals", str(rest)]
    for model in (MODEL, "input b1, b2, x, y; y ~ b1*(1-exp(-b2*x))"):
        assert main(["fit", model, MISRA, *words, "--json", "--force"]) == 0
        first = json.loads(capsys.readouterr().out)
        assert main(["fit", str(job), "--weights", "x", "--json"]) == 0
        again = json.loads(capsys.readouterr().out)
        for n, e in first["parameters"].items():
            assert again["parameters"][n]["start"] == e["start"]
            assert again["parameters"][n]["interval"] == pytest.approx(e["interval"], rel=1e-9)
        assert again["sum_of_squares"] == pytest.approx(first["sum_of_squares"], rel=1e-12)
    assert job.read_text().startswith("# wengert fit ")
    both = (wg.fit(job.read_text(), weights="x"), wg.fit(MODEL, MISRA, start=START, weights="x"))
    assert both[0].values == pytest.approx(both[1].values, rel=1e-9)
    lines = rest.read_text().splitlines()
    assert lines[0] == "row,response,fitted,residual,standardised"
    assert len(lines) == 15
    assert main(["fit", MODEL, MISRA, *words]) == 2
    assert "W681" in capsys.readouterr().err


def test_a_report_for_a_notebook() -> None:
    found = wg.fit(MODEL, MISRA, start=START)
    html = found._repr_html_()
    assert html.count("<table>") == 2
    assert "&lt;" in wg.fit("y ~ a*(x < 3) + b*x", LINE, start={"a": 1, "b": 1})._repr_html_()
    assert repr(found).startswith("<wengert.Fit of y ~ b1*(1-exp(-b2*x)): b1=238.942")
    with pytest.raises(wg.UnknownName, match="b1"):
        _ = found["b3"]


def test_an_option_that_is_not_there_is_refused_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its value is not read as a number first, of which an error would speak."""
    path = tmp_path / "line.csv"
    path.write_text("x,y\n1,2\n2,4\n")
    assert main(["fit", "y ~ a*x", str(path), "--a", "1", "--columns", "y=p,x=q (s)"]) == 2
    assert "no input is called `columns`" in capsys.readouterr().err
