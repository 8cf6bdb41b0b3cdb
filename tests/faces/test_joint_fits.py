"""Fits of several tables, of several responses and through differential equations.

The oracles are one model that has all parameters itself, fits of each table alone, closed solutions with NIST's
certified values, and the published fit of the isomerization of α-pinene.
"""

from __future__ import annotations

import copy
import json
import pickle
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.cli.main import main

pytest.importorskip("scipy")

X = np.linspace(0, 4, 12)
NOISE = np.random.default_rng(3).normal(0, 0.02, (2, 12))
ONE = {"x": X, "y": 3 * np.exp(-0.7 * X) + NOISE[0]}
TWO = {"x": X[:9], "y": 5 * np.exp(-0.7 * X[:9]) + NOISE[1, :9]}
MODEL = "y ~ a*exp(-k*x)"
DECAY = "z' = -k*z"
PINENE = {
    "p1": "y1' = -(p1 + p2)*y1", "p2": "y2' = p1*y1", "p3": "y3' = p2*y1 - (p3 + p4)*y3 + p5*y5", "p4": "y4' = p3*y3",
    "p5": "y5' = p4*y3 - p5*y5",
}  # fmt: skip
STATES = ["y1", "y2", "y3", "y4", "y5"]


def joined(column: str) -> Any:
    return np.concatenate([ONE[column], TWO[column]])


def same(found: Any, expected: Any, names: dict[str, str], rel: float = 1e-7) -> None:
    """Estimates and errors of one fit are those of another."""
    for n, m in names.items():
        assert found[n].value == pytest.approx(expected[m].value, rel=rel)
        assert found[n].error == pytest.approx(expected[m].error, rel=10 * rel)


def test_two_tables_are_one_model_with_all_parameters() -> None:
    found = wg.fit(MODEL, [ONE, TWO], shared="k", start={"a": 1, "k": 1})
    table = {"x": joined("x"), "y": joined("y"), "s": [1.0] * 12 + [2.0] * 9}
    whole = wg.fit("y ~ (a*(s == 1) + b*(s == 2))*exp(-k*x)", table, start={"a": 1, "b": 1, "k": 1})
    same(found, whole, {"k": "k", "a[1]": "a", "a[2]": "b"})
    assert found.statistics.squares == pytest.approx(whole.statistics.squares)
    assert np.allclose(found.residuals, whole.residuals, atol=1e-8)
    same(
        wg.fit(MODEL, table, by="s", shared=["k"], start={"a": [1, 4], "k": 1}),
        found,
        {"k": "k", "a[1]": "a[1]", "a[2]": "a[2]"},
    )
    first = found.predict({"x": [0, 1]}, of="1")
    assert np.allclose(first.value, found["a[1]"].value * np.exp([0, -found["k"].value]))
    expected = whole.predict({"x": [0, 1], "s": [1, 1]})
    assert np.allclose(first.error, expected.error)
    with pytest.raises(wg.UnknownName, match="values of their own"):
        found.predict({"x": [1]})


@pytest.mark.parametrize("kind", ["one table", "few rows alone", "two tables", "equations"])
def test_a_fit_travels_by_pickle(kind: str) -> None:
    """Its copy has the same answers, and predicts the same."""
    one = {"x": X, "y": ONE["y"], "t": X}
    found = {
        "one table": lambda: wg.fit(MODEL, one, start={"a": 1, "k": 1}, sigma=0.02 + 0.01 * X),
        "few rows alone": lambda: wg.compile("a*x").fit({"x": [1.0, 2.0], "y": [2.0, 4.1]}, "y", start={"a": 1}),
        "two tables": lambda: wg.fit(MODEL, [ONE, TWO], shared="k", start={"a": 1, "k": 1}),
        "equations": lambda: wg.fit("y ~ z", one, ode=DECAY, start={"z": 3, "k": 1}),
    }[kind]()
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert str(again) == str(found)
        assert again.ok == found.ok == found.converged
        assert (again.values, again.errors) == (found.values, found.errors)
        assert np.array_equal(again.residuals, found.residuals)
        if kind != "two tables":
            rows = {"x": [0.5, 1.0], "t": [0.5, 1.0]}
            assert np.array_equal(again.predict(rows).interval, found.predict(rows).interval)


def same_names(found: Any) -> dict[str, str]:
    return {n: n for n in found.values}


def test_nothing_shared_is_each_table_alone_and_all_shared_is_one_table() -> None:
    apart = wg.fit(MODEL, [ONE, TWO], shared=(), start={"a": 1, "k": 1})
    for k, table in enumerate((ONE, TWO), 1):
        alone = wg.fit(MODEL, table, start={"a": 1, "k": 1})
        assert apart[f"a[{k}]"].value == pytest.approx(alone["a"].value, rel=1e-7)
    together = wg.fit(MODEL, [ONE, TWO], start={"a": 1, "k": 1})
    pooled = wg.fit(MODEL, {"x": joined("x"), "y": joined("y")}, start={"a": 1, "k": 1})
    same(together, pooled, same_names(pooled))
    assert np.allclose(together.predict({"x": [1.0]}).value, pooled.predict({"x": [1.0]}).value)


def test_weights_bounds_fixed_and_losses_hold_for_all_tables() -> None:
    one, two = ({**t, "s": np.full(len(t["x"]), 0.02)} for t in (ONE, TWO))
    found = wg.fit(MODEL, [one, two], shared="k", start={"a": [2, 4], "k": 0.7}, fixed="k", sigma="s",
                   absolute_sigma=True, bounds={"a": (0, 4.5)}, loss="soft_l1")  # fmt: skip
    assert found["k"].held == "fixed"
    assert found["a[2]"].value == pytest.approx(4.5)
    alone = wg.fit(MODEL, one, start={"a": 2, "k": 0.7}, fixed="k", sigma="s", absolute_sigma=True,
                   bounds={"a": (0, 9)}, loss="soft_l1")  # fmt: skip
    assert found["a[1]"].value == pytest.approx(alone["a"].value, rel=1e-6)


def test_the_report_lists_parameters_by_file(tmp_path: Path, capsys: Any) -> None:
    paths = []
    for name, table in (("cold", ONE), ("warm", TWO)):
        paths.append(str(tmp_path / f"{name}.csv"))
        rows = "\n".join(f"{a},{b}" for a, b in zip(table["x"], table["y"]))
        Path(paths[-1]).write_text(f"x,y\n{rows}\n")
    residuals = tmp_path / "rest.csv"
    words = ["fit", MODEL, *paths, "--shared", "k", "--a", "[1,2]", "--k", "1"]
    assert main([*words, "--residuals", str(residuals)]) == 0
    out = capsys.readouterr().out
    assert "2 tables: cold, warm" in out
    assert out.index("shared\n") < out.index("cold: 12 points") < out.index("warm: 9 points")
    lines = residuals.read_text().splitlines()
    assert lines[0].startswith("part,row,")
    assert [line.split(",")[0] for line in lines[1:]] == ["cold"] * 12 + ["warm"] * 9
    found = wg.fit(MODEL, paths, shared="k", start={"a": [1, 2], "k": 1})
    assert str(found) in out
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["parameters"]
    assert {n: e["value"] for n, e in told.items()} == found.values


def certified(name: str) -> dict[str, Any]:
    path = Path(__file__).parents[1] / "corpora" / "nist_strd.json"
    return dict(json.loads(path.read_text("utf-8"))[name])


def test_estimation_through_an_equation_gives_certified_values() -> None:
    """Misra1a: y = b1 (1 - exp(-b2 x)) solves y' = b2 (b1 - y)."""
    p = certified("Misra1a")
    table = {"t": p["x"], "y": p["y"]}
    for start in p["start"]:
        found = wg.fit(
            "y ~ z", table, ode="z' = b2*(b1 - z)", start={**dict(zip(p["params"], start)), "z": 0}, fixed="z"
        )
        for n, value, error in zip(p["params"], p["certified"], p["certified_sd"]):
            assert found[n].value == pytest.approx(float(value), rel=1e-6)
            assert found[n].error == pytest.approx(float(error), rel=1e-6)


def test_the_published_fit_of_pinene() -> None:
    """G. E. P. Box et al. 1973; the least sum of squares is 19.872 (COPS, problem 6)."""
    start = {**dict.fromkeys(PINENE, 3e-5), **dict.fromkeys(STATES, 0.0), "y1": 100.0}
    found = wg.fit([f"{y} ~ {y}" for y in STATES], "samples/pinene.csv", ode=PINENE.values(), start=start, fixed=STATES)
    published = [5.926e-5, 2.963e-5, 2.047e-5, 27.45e-5, 3.998e-5]
    assert [found[n].value for n in PINENE] == pytest.approx(published, rel=2e-4)
    assert found.statistics.squares == pytest.approx(19.872, abs=5e-4)
    assert found.converged
    assert found.predict({"t": [0.0]}, of="y1").value == pytest.approx([100])


def test_states_at_the_start_are_parameters_and_formulas_read_states() -> None:
    found = wg.fit("y ~ z/V", {"t": X, "y": ONE["y"]}, ode=DECAY, start={"z": 10, "V": 4, "k": 1}, fixed=["V"])
    closed = wg.fit("y ~ z/V*exp(-k*t)", {"t": X, "y": ONE["y"]}, start={"z": 10, "V": 4, "k": 1}, fixed=["V"])
    same(found, closed, {"z": "z", "k": "k"}, 1e-6)
    later = wg.fit("y ~ z", {"t": X + 2, "y": ONE["y"]}, ode=DECAY, start={"z": 1, "k": 1}, t0=2)
    assert later["k"].value == pytest.approx(closed["k"].value, rel=1e-6)
    bands, expected = (f.predict({"t": [0.5, 9]}) for f in (found, closed))
    assert np.allclose(bands.error, expected.error, rtol=1e-4)


def test_tables_share_parameters_of_an_equation() -> None:
    tables = [{"t": t["x"], "y": t["y"]} for t in (ONE, TWO)]
    found = wg.fit("y ~ z", tables, ode=DECAY, shared="k", start={"z": [1, 2], "k": 1})
    closed = wg.fit(MODEL, [ONE, TWO], shared="k", start={"a": 1, "k": 1})
    same(found, closed, {"k": "k", "z[1]": "a[1]", "z[2]": "a[2]"}, 1e-6)


@pytest.mark.parametrize(
    ("equations", "formula", "start", "closed"),
    [
        (["a' = -k*a", "b' = k*a - m*b"], "y ~ b", {"a": 1, "b": 0, "k": 2, "m": 0.5},
         "k/(k - m)*(exp(-m*t) - exp(-k*t))"),
        (["u' = -k*u"], "y ~ u[0] + 2*u[1]", {"u": [1.0, 0.5], "k": 1}, "2*exp(-k*t)"),
        (["z' = k*t"], "y ~ z*c", {"z": 1, "k": 0.5, "c": 2}, "2*(1 + k*t^2/2)"),
        (["z' = -1000*(z - cos(k*t))"], "y ~ z", {"z": 1, "k": 1},
         "(1e6*cos(k*t) + 1000*k*sin(k*t) + k^2*exp(-1000*t))/(1e6 + k^2)"),
    ],
)  # fmt: skip
def test_closed_solutions(equations: list[str], formula: str, start: dict[str, Any], closed: str) -> None:
    """Chains of reactions, a vector of states, a right side with the time, and a stiff one."""
    f = wg.compile(closed)
    truth = {n: 1.2 * v for n, v in start.items() if n in ("k", "m")}
    t = np.linspace(0, 1, 4)
    y = np.array([f({**{n: v for n, v in truth.items() if n in f.inputs}, "t": s}) for s in t])
    fixed = [n for n in start if n not in truth]
    found = wg.fit(formula, {"t": t, "y": y}, ode=equations, start=start, fixed=fixed)
    assert [found[n].value for n in truth] == pytest.approx(list(truth.values()), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: wg.fit(MODEL, [], start={"a": 1, "k": 1}), "W670"),
        (lambda: wg.fit([], [ONE], start={"a": 1, "k": 1}), "W671"),
        (lambda: wg.fit(MODEL, [ONE, TWO], shared="q", start={"a": 1, "k": 1}), "W101"),
        (lambda: wg.fit(MODEL, [ONE, TWO], shared=3, start={"a": 1, "k": 1}), "W602"),
        (lambda: wg.fit(MODEL, [ONE, TWO], shared="k", start={"a": [1, 2, 3], "k": 1}), "W874"),
        (lambda: wg.fit(MODEL, [ONE, {"x": [1.0], "z": [2.0]}], start={"a": 1, "k": 1}), "W606"),
        (lambda: wg.fit(MODEL, [ONE, TWO], by="x", start={"a": 1, "k": 1}), "W605"),
        (lambda: wg.fit(MODEL, ONE, by="x", start={"a": 1, "k": 1}), "W874"),
        (lambda: wg.fit(MODEL, ONE, by="q", start={"a": 1, "k": 1}), "W670"),
        (lambda: wg.fit("y ~ z", ONE, ode=DECAY, start={"z": 1, "k": 1}), "W670"),
        (lambda: wg.fit("y ~ z", {"t": [0, 1, 2], "y": [1, 2, 3]}, ode=DECAY, start={"z": 1}), "W606"),
        (lambda: wg.fit("y ~ z", {"t": [-1, 1, 2], "y": [1, 2, 3]}, ode=DECAY, start={"z": 1, "k": 1}), "W873"),
        (lambda: wg.fit("y ~ z", {"t": [0, 1, 2], "y": [1, 2, 3]}, ode="z = k", start={"z": 1, "k": 1}), "W868"),
        (lambda: wg.fit("y ~ z", {"t": [0, 1, 2], "y": [1, 2, 3]}, ode="z' = z^2*k", start={"z": 1, "k": 1}), "W873"),
        (lambda: wg.fit("y ~ z", {"t": [0, 1], "y": [1, 2]}, ode="z' = log(k)", start={"z": 1, "k": -1}), "W201"),
        (lambda: wg.fit("y ~ z", {"t": [0, 1], "y": [1, 2]}, ode=DECAY, start={"z": 1, "k": 1}, t0="x"), "W6"),
    ],
)  # fmt: skip
def test_errors_name_their_reason(call: Any, code: str) -> None:
    with pytest.raises(wg.WengertError) as caught:
        call()
    assert caught.value.diagnostic.code.startswith(code), caught.value


@pytest.mark.parametrize(
    "job",
    [
        "fit 'y ~ a*exp(-k*x)' one.csv two.csv --shared k --a [1,2] --k 1",
        "fit 'y1 ~ y1' 'y2 ~ c*y2' samples/pinene.csv --ode \"y1' = -p*y1\" --ode \"y2' = p*y1\" --p 1e-4 --y1 100 "
        "--y2 0 --fix y1,y2 --c 1",
    ],
)
def test_a_saved_joint_fit_repeats_itself(job: str, tmp_path: Path, capsys: Any) -> None:
    for name, table in (("one.csv", ONE), ("two.csv", TWO)):
        (tmp_path / name).write_text("x,y\n" + "".join(f"{a},{b}\n" for a, b in zip(table["x"], table["y"])))
    words = [str(tmp_path / w) if w in ("one.csv", "two.csv") else w for w in shlex.split(job)]
    file = str(tmp_path / "job.wengert")
    assert main([*words, "--json", "--save", file]) in (0, 1)
    first = json.loads(capsys.readouterr().out)["parameters"]
    assert main(["fit", file, "--json"]) in (0, 1)
    again = json.loads(capsys.readouterr().out)["parameters"]
    again = {n.replace("[1]", "[one]").replace("[2]", "[two]"): e["value"] for n, e in again.items()}
    assert again == pytest.approx({n: e["value"] for n, e in first.items()}, rel=1e-5)


def test_a_joint_fit_has_a_picture() -> None:
    pytest.importorskip("matplotlib")
    found = wg.fit(MODEL, [ONE, TWO], shared="k", start={"a": 1, "k": 1})
    above, _ = found.plot().axes
    lines = {line.get_label(): line.get_data() for line in above.lines}
    x, y = lines["2"]
    assert np.allclose(y, found["a[2]"].value * np.exp(-found["k"].value * x))
