"""Models that are written to .nl: files read back, by us and by CasADi."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import wengert as wg
from tests import some
from tests.language.nl_answers import RECORDED, alone, in_file_order, model, near, results
from tests.oracles.nl_models import FOLDER
from tests.oracles.programs import ELEMENTWISE, programs
from wengert.api.problems.stated_problem import stated_problem
from wengert.cli import main
from wengert.emit.nl_text import NlProblem, NlRow, nl_files
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers


@pytest.mark.parametrize("name", RECORDED)
def test_a_model_is_written_with_the_header_of_pyomo(name: str) -> None:
    """All counts but those of defined variables, which are ours to choose, and lengths of names."""
    ours = model(name).nl_files().text.split("\n")
    theirs = (FOLDER / f"{name}.nl").read_text("utf-8").split("\n")
    for line in range(1, 8):
        counts = [re.sub(r"#.*", "", text[line]).split() for text in (ours, theirs)]
        assert counts[0] == counts[1][: len(counts[0])], theirs[line]
    widths = [max(map(len, part.splitlines()), default=0) for part in model(name).nl_files()[:0:-1]]
    assert list(map(int, ours[8].partition("#")[0].split())) == widths


@pytest.mark.parametrize("name", RECORDED)
def test_a_model_that_is_written_and_read_again_is_the_same(name: str, tmp_path: Path) -> None:
    f = model(name)
    assert main(["emit", str(FOLDER / f"{name}.nl"), "--target", "nl", "-o", str(tmp_path / "again.nl")]) == 0
    again = wg.load(tmp_path / "again.nl")
    first, second = stated_problem(f), stated_problem(again)
    assert sorted(again.inputs) == sorted(f.inputs)
    assert (second.objective, second.maximizes) == (first.objective, first.maximizes)
    assert dict(second.bounds) == dict(first.bounds)
    assert set(second.integers) == set(first.integers)
    for point in RECORDED[name]:
        at = dict(zip(f.inputs, point["place"]))
        values, others = results(f, at), results(again, at)
        slopes, other_slopes = f.jacobian(at), again.jacobian({n: at[n] for n in again.inputs})
        sides = {row.name: row for row in second.rows}
        for row in first.rows:
            assert others[row.name] - values[row.name] == near(max(-1e300, sides[row.name].low - max(row.low, -1e300))
                                                               if row.low > -math.inf
                                                               else sides[row.name].high - row.high)  # fmt: skip
        if first.objective:
            assert others[first.objective] == near(values[first.objective])
        for o in f.outputs:
            assert [other_slopes[o, n] for n in f.inputs] == near([slopes[o, n] for n in f.inputs])


# Where their formulas lose digits, a longer program shows it.
WRITTEN = [row for row in ELEMENTWISE if row.notation.nl is not None and not row.kinks and row.ulps <= 4]


@given(programs(rows=WRITTEN, outputs=4, most=25, smooth=True))
@settings(max_examples=some(120))
def test_a_program_is_written_and_read_again(program: tuple[wg.WengertList, dict[str, float]]) -> None:
    """Whatever is linear, nonlinear or shared in it: its last output is the objective, the others are constraints."""
    wlist, point = program
    outputs = list(dict.fromkeys(wlist.outputs))
    whole = wg.WengertList(wlist.equations, wlist.inputs, outputs)
    rows = [NlRow(f"r{k}", -math.inf, 1.5) for k in range(len(outputs) - 1)]
    files = nl_files(NlProblem(whole, rows, [("goal", False)], point, {}))
    again = wg.compile(wg.read(files.text, dialect="nl").text)
    names = files.columns.split()
    at = {ours: point[theirs] for ours, theirs in zip(again.inputs, names)}
    wanted = dict(zip(outputs, evaluate(whole, point, Numbers())))
    found = results(again, at)
    stated = stated_problem(again)
    sides = {f"r{k}": row.high - 1.5 for k, row in enumerate(stated.rows)}
    order = files.rows.split()
    values = dict(zip(order, (found[name] for name in in_file_order(again, stated))))
    shifts = dict(zip(order, sides.values()))
    bars = wg.compile(whole)
    for name, output in zip([*(row.name for row in rows), "goal"], outputs):
        bar = alone(bars, output).error_bounds(point).value
        assert (
            abs(values[name] - shifts.get(name, 0.0) - wanted[output]) <= 1e-9 * (1 + abs(wanted[output])) + 1e3 * bar
        )


def test_ops_of_a_program_are_written_out() -> None:
    """Each calls the one before twice, and yet their text does not double."""
    ops = ["op p0(a) = exp(a)/3 with d/da = exp(a)/3"]
    ops += [f"op p{k}(a) = p{k - 1}(a)*p{k - 1}(-a) with d/da = 0" for k in range(1, 30)]
    f = wg.compile("\n".join([*ops, "p0(x) + p3(y)"]))
    again = wg.compile(wg.read(f.nl_files().text, dialect="nl").text)
    assert again(x0=0.5, x1=0.25) == near(f(x=0.5, y=0.25))
    assert len(wg.compile("\n".join([*ops, "p29(x)"])).nl_files().text) < 20_000


def test_several_objectives_keep_their_order() -> None:
    text = "input x=1, y=2\nf = x + y\ng = exp(x*y)\nh = x - y\noutput f, g, h\n"
    text += "#: minimize f\n#: maximize g\n#: minimize h\n"
    files = wg.compile(text).nl_files()
    assert files.rows.split() == ["f", "g", "h"]
    assert files.text.split("\n")[2].split("\t")[0] == " 0 2"
    again = wg.compile(wg.read(files.text, dialect="nl").text)
    assert stated_problem(again).objectives == (("f0", False), ("f1", True), ("f2", False))
    assert list(again(dict(zip(again.inputs, (1.0, 2.0))))) == near([3.0, math.exp(2.0), -1.0])


def test_a_problem_over_arrays_is_written_by_elements() -> None:
    f = wg.compile("input A[2,2] = [[1, 2], [3, 4]], v[2] = [0.5, -1], k = 3\nsum((A @ v)^2)*k + exp(v[0])")
    files = f.nl_files(subject_to=["0 <= v <= 1", "sum(v) = k"], bounds={"v": (-2, [5.0, 6.0])}, wrt="v")
    assert files.columns.split() == ["v[0]", "v[1]"]
    again = wg.compile(wg.read(files.text, dialect="nl").text)
    at = {"v": [0.75, 0.25]}
    assert again(x0=0.75, x1=0.25)[0] == near(f(v=at["v"]))
    problem = stated_problem(again)
    assert dict(problem.bounds) == {"x0": (-2.0, 5.0), "x1": (-2.0, 6.0)}
    assert [(r.low, r.high) for r in problem.rows] == [(0.0, 1.0), (0.0, 1.0), (3.0, 3.0)]


@pytest.mark.parametrize("row", [row for row in ELEMENTWISE if row.notation.nl is not None], ids=lambda row: row.name)
def test_an_op_that_is_written_keeps_its_values(row: Any) -> None:
    """Each op, read back as it was written, has the op's value and slopes at points inside its domain."""
    names = [n.lstrip("*") for n in row.params.split()]
    if row.params.startswith("*"):
        names = ["a", "b", "c"]
    inputs = [f"x{k}" for k in range(len(names))]
    f = wg.compile(wg.WengertList([("y", row.name, inputs)], inputs))
    again = wg.compile(wg.read(f.nl_files().text, dialect="nl").text)
    chance = random.Random(row.name)
    tried = 0
    for _ in range(200):
        point = [chance.choice([chance.uniform(-3, 3), chance.uniform(0, 1), chance.gauss(0, 40)]) for _ in inputs]
        value = f(*point)
        if not math.isfinite(value) or abs(value) > 1e15 or tried >= 25:
            continue
        tried += 1
        at = dict(zip(again.inputs, point)) if len(again.inputs) == len(point) else {}
        assert again(at) == pytest.approx(value, rel=1e-13, abs=1e-300), point
        if not row.kinks and all(math.isfinite(g) for g in f.grad(*point)):
            assert list(again.grad(at)) == pytest.approx(list(f.grad(*point)), rel=1e-9, abs=1e-12), point
    assert tried >= 20


@pytest.mark.parametrize("row", [row for row in ELEMENTWISE if row.notation.nl is None and not row.of_rules],
                         ids=lambda row: row.name)  # fmt: skip
def test_an_op_that_cannot_be_written_is_named(row: Any) -> None:
    inputs = [f"x{k}" for k in range(len(row.params.split()))]
    with pytest.raises(wg.UsageError, match=f"`{row.name}`") as caught:
        wg.compile(wg.WengertList([("y", row.name, inputs)], inputs)).nl_files()
    assert caught.value.code == "W921"


# CasADi


def by_casadi(text: str, path: Path) -> Any:
    """CasADi's reading of a file, whose lines have no comments but in the header: it reads none."""
    casadi = pytest.importorskip("casadi")
    lines = text.split("\n")
    path.write_text("\n".join(lines[:10] + [line.partition("#")[0].rstrip() for line in lines[10:]]), "utf-8")
    found = casadi.NlpBuilder()
    found.import_nl(str(path), {})
    return found


# CasADi 3.8 reads no `if`, no inverse hyperbolic functions and no suffixes.
@pytest.mark.parametrize("name", [n for n in RECORDED if n not in ("choices", "hyperbolic", "suffixes")])
def test_casadi_reads_the_same_in_both_files(name: str, tmp_path: Path) -> None:
    casadi = pytest.importorskip("casadi")
    f = model(name)
    files = f.nl_files()
    theirs = by_casadi((FOLDER / f"{name}.nl").read_text("utf-8"), tmp_path / "theirs.nl")
    ours = by_casadi(files.text, tmp_path / "ours.nl")
    stated = stated_problem(f)
    for found, columns, rows in ((theirs, list(f.inputs), [r.name for r in stated.rows]),
                                 (ours, files.columns.split(), files.rows.split()[: len(stated.rows)])):  # fmt: skip
        x, g = casadi.vcat(found.x), casadi.vcat(found.g) if found.g else casadi.MX(0, 1)
        objective = casadi.MX(found.f) if stated.objective else 0 * x[0]
        both = casadi.Function("both", [x], [
            objective, casadi.gradient(objective, x), casadi.hessian(objective, x)[0], g, casadi.jacobian(g, x),
        ])  # fmt: skip
        place = [columns.index(n) for n in f.inputs]
        for point in RECORDED[name]:
            at = dict(zip(f.inputs, point["place"]))
            value, gradient, second, values, jacobian = both([at[n] for n in columns])
            sign = -1.0 if stated.maximizes else 1.0  # it makes everything least
            if stated.objective:
                goal = alone(f, stated.objective)
                assert float(value) * sign == near(goal(at))
                assert [float(gradient[k]) * sign for k in place] == near(list(goal.grad(at)))
                ours_second = goal.hessian(at)
                wanted = [[ours_second[a, b] for b in f.inputs] for a in f.inputs]
                assert [[float(second[a, b]) * sign for b in place] for a in place] == [near(row) for row in wanted]
            slopes = f.jacobian(at)
            for k, row in enumerate(rows):
                side = next(r for r in stated.rows if r.name == row)
                low, high = found.g_lb[k], found.g_ub[k]
                shift = low - side.low if math.isfinite(low) else high - side.high
                assert float(values[k]) - shift == near(results(f, at)[row])
                assert [float(jacobian[k, c]) for c in place] == near([slopes[row, n] for n in f.inputs])
