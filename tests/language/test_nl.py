"""Optimization models in .nl: values, gradients and Hessians of Pyomo's models, and CasADi's reading of the same files;
our files read back, and by CasADi; every operator by its published meaning; broken files at their lines."""

from __future__ import annotations

import json
import math
import random
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import wengert as wg
from tests.oracles.nl_models import FOLDER, MODELS, PACKAGE, TABLE, random_model, recorded, write
from tests.oracles.programs import ELEMENTWISE, programs
from wengert.api.stated_problem import StatedProblem, stated_problem
from wengert.cli import main
from wengert.dialects.tables.nl import FORMS, REFUSED
from wengert.emit.nl_text import NlProblem, NlRow, nl_files
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers

RECORDED = json.loads(TABLE.read_text("utf-8"))
NEAR = {"rel": 1e-11, "abs": 1e-11}


def near(value: Any) -> Any:
    return pytest.approx(value, **NEAR)


def model(name: str) -> wg.Function:
    return wg.load(FOLDER / f"{name}.nl")


def alone(f: wg.Function, output: str) -> wg.Function:
    """A function of one output of another."""
    w = f.wengert_list
    return wg.compile(wg.WengertList(w.equations, w.inputs, [next(a for a in w.outputs if str(a) == output)]))


def results(f: wg.Function, at: Any) -> dict[str, float]:
    found = f(at)
    return dict(zip(f.outputs, found if isinstance(found, tuple) else (found,)))


def in_file_order(f: wg.Function, stated: StatedProblem) -> list[str]:
    """Constraints, then objectives."""
    rows = [row.name for row in stated.rows]
    return rows + [o for o in f.outputs if o not in rows]


def compare(f: wg.Function, points: list[dict[str, Any]]) -> None:
    """Hold a model that was read against the answers of its writer."""
    stated = stated_problem(f)
    rows = {row.name: row for row in stated.rows}
    for turn, point in enumerate(points):
        at = dict(zip(f.inputs, point["place"]))
        values, slopes = results(f, at), f.sparse_jacobian(at)
        dense = {o: [0.0] * len(f.inputs) for o in f.outputs}
        for i, j, value in zip(slopes.rows, slopes.columns, slopes.values):
            dense[f.outputs[i]][j] += value
        for name, expected in zip(in_file_order(f, stated), point["rows"]):
            low, high = (rows[name].low, rows[name].high) if name in rows else (0.0, 0.0)
            if expected["above"] is not None:
                assert values[name] - low == near(expected["above"])
            if expected["below"] is not None:
                assert high - values[name] == near(expected["below"])
            if "gradient" in expected:
                assert dense[name] == near(expected["gradient"])
            if turn and "hessian" in expected:
                second = alone(f, name).sparse_hessian(at)
                found = {(i, j): v for i, j, v in zip(second.rows, second.columns, second.values) if v and j <= i}
                wanted = {(i, j): v for i, j, v in expected["hessian"]}
                for place in found.keys() | wanted.keys():
                    assert found.get(place, 0.0) == near(wanted.get(place, 0.0)), (name, place)


def test_there_are_models_of_many_kinds() -> None:
    assert len(RECORDED) >= 20
    assert RECORDED.keys() == MODELS.keys()


@pytest.mark.parametrize("name", RECORDED)
def test_a_model_has_the_values_and_derivatives_of_pyomo(name: str) -> None:
    compare(model(name), RECORDED[name])


@pytest.mark.parametrize("seed", range(6))
def test_new_models_have_them_too(seed: int, tmp_path: Path) -> None:
    if find_spec(PACKAGE) is None:
        pytest.skip(f"{PACKAGE} is not installed; the recorded models are tested")
    path = tmp_path / "random.nl"
    built = write(random_model(seed), path)
    compare(wg.load(path), list(recorded(built, path)))


# Writing


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
@settings(max_examples=120)
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


# Operators, by their meaning in "Writing .nl Files" and in AMPL's solver library


def header(variables: int = 0, rows: int = 0, defined: int = 0, nonzeros: int = 0, options: str = "") -> str:
    """The header of a model of one objective."""
    return (f"g3 1 1 0\n {variables} {rows} 1 0 0{options}\n 0 1\n 0 0\n {variables} {variables} {variables}\n"
            f" 0 0 0 1\n 0 0 0 0 0\n {nonzeros} 0\n 0 0\n 0 {defined} 0 0 0\n")  # fmt: skip


def of_expression(*lines: str, variables: int = 3) -> str:
    """A model whose objective is an expression."""
    return "\n".join([header(variables) + "O0 0", *lines, "b", *["3"] * variables, ""])


def rounded(x: float, n: float) -> float:
    return math.copysign(math.floor(abs(x) * 10**n + 0.5) / 10**n, x)


# By number: how many operands, or "list", and the value.
MEANING: dict[int, tuple[Any, Any]] = {
    0: (2, lambda a, b: a + b), 1: (2, lambda a, b: a - b), 2: (2, lambda a, b: a * b), 3: (2, lambda a, b: a / b),
    4: (2, math.fmod), 5: (2, math.pow), 6: (2, lambda a, b: max(a - b, 0)), 11: ("list", min), 12: ("list", max),
    13: (1, math.floor), 14: (1, math.ceil), 15: (1, abs), 16: (1, lambda a: -a),
    20: (2, lambda a, b: bool(a or b)), 21: (2, lambda a, b: bool(a and b)), 22: (2, lambda a, b: a < b),
    23: (2, lambda a, b: a <= b), 24: (2, lambda a, b: a == b), 28: (2, lambda a, b: a >= b),
    29: (2, lambda a, b: a > b), 30: (2, lambda a, b: a != b), 34: (1, lambda a: not a),
    35: (3, lambda c, a, b: a if c else b), 37: (1, math.tanh), 38: (1, math.tan), 39: (1, math.sqrt),
    40: (1, math.sinh), 41: (1, math.sin), 42: (1, math.log10), 43: (1, math.log), 44: (1, math.exp),
    45: (1, math.cosh), 46: (1, math.cos), 47: (1, math.atanh), 48: (2, math.atan2), 49: (1, math.atan),
    50: (1, math.asinh), 51: (1, math.asin), 52: (1, math.acosh), 53: (1, math.acos),
    54: ("list", lambda *a: sum(a)), 55: (2, lambda a, b: math.trunc(a / b)), 57: (2, rounded),
    58: (2, lambda a, b: math.trunc(a * 10**b) / 10**b), 59: ("list", lambda *a: sum(map(bool, a))),
    62: (2, lambda a, b: b >= a), 63: (2, lambda a, b: b <= a), 66: (2, lambda a, b: b == a),
    67: (2, lambda a, b: b < a),
    68: (2, lambda a, b: b > a), 69: (2, lambda a, b: b != a), 70: ("list", lambda *a: all(a)),
    71: ("list", lambda *a: any(a)), 72: (3, lambda c, a, b: a if c else b), 73: (2, lambda a, b: bool(a) == bool(b)),
    76: (2, math.pow), 77: (1, lambda a: a * a), 78: (2, math.pow), 60: ("list", lambda a, *b: sum(a == x for x in b)),
}  # fmt: skip
PLACES = [(0.5, 2.0, -1.5), (1.25, -2.0, 0.0), (0.0, 1.0, 1.0), (3.0, 3.0, 2.0), (0.25, 0.0, 7.5)]


def test_every_operator_has_a_meaning_here_or_a_reason() -> None:
    assert MEANING.keys() == FORMS.keys() | {59, 60}
    assert REFUSED.keys().isdisjoint(MEANING)


@pytest.mark.parametrize("code", MEANING)
def test_an_operator_has_its_published_meaning(code: int) -> None:
    takes, meaning = MEANING[code]
    count = 3 if takes == "list" else takes
    lines = [f"o{code}", *["3"] * (takes == "list"), *(f"v{k}" for k in range(count))]
    f = wg.compile(wg.read(of_expression(*lines), dialect="nl").text)
    tried = 0
    for place in PLACES:
        if code in (57, 58):
            place = (place[0] * 1.234567, abs(place[1]) + 1, 0.0)
        try:
            value = meaning(*place[:count])
        except (ValueError, ZeroDivisionError):
            continue
        tried += 1
        assert f(dict(zip(f.inputs, place))) == pytest.approx(float(value), rel=1e-14, abs=1e-15), place
    assert tried


def test_operators_nest_as_they_stand() -> None:
    """Every pair of operators, one inside the other: brackets are where they have to be. Each is a constraint."""
    expressions: list[list[str]] = []
    wanted: list[float] = []
    place = (0.75, 2.0, 3.0, 0.5)
    for outer, (takes, of) in MEANING.items():
        for inner, (within, inside) in MEANING.items():
            if "list" in (takes, within) or takes + within > 5:
                continue
            for k in range(takes):
                lines = [f"o{outer}", *(f"v{j}" for j in range(k)), f"o{inner}", *(f"v{k + j}" for j in range(within))]
                after = range(k + within, within + takes - 1)
                try:
                    answer = float(inside(*place[k : k + within]))
                    value = float(of(*place[:k], answer, *(place[j] for j in after)))
                except (ValueError, ArithmeticError):
                    continue
                expressions.append([*lines, *(f"v{j}" for j in after)])
                wanted.append(value)
    rows = len(wanted)
    assert rows > 2000
    parts = [f"C{k}\n" + "\n".join(lines) for k, lines in enumerate(expressions)]
    text = "\n".join([header(4, rows) + "O0 0\nn0", *parts, "r", *["3"] * rows, "b", *["3"] * 4, ""])
    f = wg.compile(wg.read(text, dialect="nl").text)
    for lines, value, expected in zip(expressions, f(dict(zip(f.inputs, place)))[1:], wanted):
        assert value == pytest.approx(expected, rel=1e-13, abs=1e-15), lines


@pytest.mark.parametrize("code", [code for code, (takes, _) in MEANING.items() if takes == "list"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_list_may_be_short(code: int, count: int) -> None:
    f = wg.compile(wg.read(of_expression(f"o{code}", str(count), *["v0"] * count), dialect="nl").text)
    meaning = MEANING[code][1]
    for value in (0.0, 2.5):
        values = [value] * count
        assert f(dict.fromkeys(f.inputs, value)) == float(meaning(values) if code in (11, 12) else meaning(*values))


@pytest.mark.parametrize(("place", "value"), [(-2.0, 2.0), (0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (3.0, 5.0), (9.0, 15.0)])
def test_a_piecewise_linear_term_is_zero_at_zero(place: float, value: float) -> None:
    """<<0, 1, 4; -1, 1, 2, 1.6>> x in AMPL: its breakpoints and slopes."""
    lines = ["o64", "4", "n-1", "n0", "n1", "s1", "n2", "l4", "n1.6", "v0"]
    f = wg.compile(wg.read(of_expression(*lines, variables=1), dialect="nl").text)
    assert f(x0=place) == pytest.approx(value, rel=1e-14, abs=1e-15)


def test_deep_and_wide_expressions_are_read() -> None:
    deep = 100_000
    text = of_expression(*["o44", "o16"] * (deep // 2), "v0", variables=1)
    f = wg.compile(wg.read(text, dialect="nl").text)
    assert len(f.wengert_list) >= deep // 2
    wide = 20_000
    text = of_expression("o54", str(wide), *["o0", "v0", "n1"] * wide, variables=1)
    assert wg.compile(wg.read(text, dialect="nl").text)(x0=2.0) == 3.0 * wide


# Broken files


def refusal(text: str, **limits: Any) -> wg.WengertError:
    with pytest.raises(wg.WengertError) as caught:
        wg.read(text, dialect="nl", limits=wg.Limits(**limits))
    return caught.value


@pytest.mark.parametrize("name", ["shared", "mixed", "hs071"])
def test_a_file_that_is_cut_off_is_refused_at_its_end(name: str) -> None:
    lines = (FOLDER / f"{name}.nl").read_text("utf-8").splitlines()
    for end in range(len(lines)):
        problem = refusal("\n".join(lines[:end]))
        assert problem.code in ("W915", "W916")
        assert problem.diagnostic.span is not None


def test_no_broken_file_does_anything_else() -> None:
    """Lines that are dropped, repeated, exchanged or garbled: a model, or one message with a line."""
    chance = random.Random(5)
    texts = [(FOLDER / f"{name}.nl").read_text("utf-8").splitlines() for name in ("shared", "mixed", "choices")]
    words = [
        "o",
        "n",
        "v",
        "C0",
        "o54",
        "-1",
        "99999999999999999999",
        "1e999",
        "nan",
        "x",
        "J0 2",
        "b",
        "o35",
        "\x00",
        "é",
    ]
    for _ in range(600):
        lines = list(chance.choice(texts))
        for _ in range(chance.randint(1, 3)):
            k = chance.randrange(len(lines))
            match chance.randrange(5):
                case 0:
                    del lines[k]
                case 1:
                    lines.insert(k, chance.choice(lines))
                case 2:
                    lines[k] = chance.choice(words)
                case 3:
                    lines[k] = lines[k].replace(chance.choice("0123456789"), chance.choice("0123456789-ov"), 1)
                case 4:
                    j = chance.randrange(len(lines))
                    lines[k], lines[j] = lines[j], lines[k]
        found = None
        try:
            wg.compile(wg.read("\n".join(lines), dialect="nl").text)
        except wg.WengertError as problem:
            found = problem
        assert found is None or found.diagnostic.span is not None
        assert found is None or found.code in ("W401", "W915", "W916")


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("b3 1 1 0\n 1", "W916", "binary form"),
        ("", "W915", "header that begins"),
        ("x^2", "W915", "no .nl file"),
        (header(1, options=" 3"), "W916", "the model has 3"),
        (of_expression("f0 1", "v0", variables=1), "W916", "another library"),
        (of_expression("o74", "2", "v0", "v1"), "W916", "alldiff"),
        (of_expression("o65", "v0", "h1:a", "h1:b"), "W916", "texts"),
        (of_expression("o99", "v0"), "W916", "operator 99"),
        (of_expression("o2", "v0", "v7"), "W915", "v7|is 7, and there are 3"),
        (of_expression("v0", "v1"), "W915", "no segment begins with `v1`"),
        (of_expression("n1e", variables=1), "W915", "a number"),
        (of_expression("o54", "0"), "", ""),
        (header(1, 1) + "C0\nn0\nO0 0\nn0\nr\n5 1 1\nb\n3\n", "W916", "complementarity"),
        (header(1, 1) + "C0\nn0\nO0 0\nn0\nr\n0 2 1\nb\n3\n", "W915", "no number is between"),
        (header(1) + "F0 1 -1 gsl\nO0 0\nn0\nb\n3\n", "W916", "`gsl`"),
        (header(1) + "L0\nn1\nO0 0\nn0\nb\n3\n", "W916", "logical constraint"),
    ],
)
def test_a_part_without_a_counterpart_is_named_with_its_line(text: str, code: str, says: str) -> None:
    if not code:
        wg.read(text, dialect="nl")
        return
    problem = refusal(text)
    assert problem.code == code
    assert re.search(says, problem.diagnostic.message)


def test_sizes_are_bounded_before_anything_is_made() -> None:
    huge = "g3 1 1 0\n 999999999999 1 1 0 0\n"
    assert refusal(huge).code == "W401"
    assert refusal(header(900_000)).code == "W915"  # as many variables as limits allow, in a file of ten lines
    assert refusal(of_expression("o54", "99999999999", "v0")).code == "W915"
    assert refusal(of_expression("o64", "99999999999", "n1")).code == "W915"
    assert refusal(of_expression("v0", *[""] * 50), text_bytes=20).code == "W401"
    assert refusal(of_expression(*["o16"] * 50, "v0"), equations=20).code == "W401"


def test_names_beside_a_file_become_legal_and_different(tmp_path: Path) -> None:
    f = model("labels")
    assert len(set(f.inputs)) == 7
    assert {"x_a_b", "x_a_b_2", "x_a_b_3", "x_größe", "for_", "inf_"} < set(f.inputs)
    receipts = wg.import_nl(FOLDER / "labels.nl").receipts
    assert [r.code for r in receipts] == ["W917"]
    assert "`x[größe]` is `x_größe`" in receipts[0].message
    copy = tmp_path / "m.nl"
    copy.write_text((FOLDER / "labels.nl").read_text("utf-8"), "utf-8")
    assert wg.load(copy).inputs[0] == "x0"
    copy.with_suffix(".col").write_text("a\nb\n", "utf-8")
    assert [r.code for r in wg.import_nl(copy).receipts] == ["W917"]
    assert wg.load(copy).inputs[0] == "x0"
    copy.with_suffix(".col").write_bytes(b"\xff\n" * 9)
    assert "UTF-8" in wg.import_nl(copy).receipts[0].message


# Minimizing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rosenbrock", 0.0),
        ("hs071", 17.0140172892),  # Hock and Schittkowski 1981
        ("knapsack", 11 + 8 * 2 / 3),  # relaxed
        ("maximum_entropy", 1.6135811),  # Jaynes' dice, mean 4.5
        ("geometric", None),
        ("reactor", None),
        ("system", 0.0),
    ],
)
def test_a_model_is_minimized_as_it_stands(name: str, value: float | None) -> None:
    found = wg.minimize(model(name))
    assert found.feasible
    assert found.ok
    if value is not None:
        assert found.value == pytest.approx(value, rel=1e-6, abs=1e-9)
    assert found.maximizes == stated_problem(model(name)).maximizes


def test_a_maximum_that_is_none_is_told_in_its_own_words() -> None:
    found = wg.minimize("input x = 1\nf = x\noutput f\n#: maximize f\n")
    assert not found.ok
    assert found.value > 0
    assert "rises without end" in found.notes[0].message
    assert f"it is {found.value:.6g};" in found.notes[0].help
    kept = wg.minimize("input x = 1\nf = x\ng = x^2\noutput f, g\n#: maximize f\n#: subject-to g <= 4\n")
    assert kept.value == near(2.0)
    # The objective falls at the rate of the multiplier as the bound rises: it rises by 1/(2*x).
    assert kept.constraints[0].multiplier == near(-0.25)
    assert str(kept).startswith("maximum: 2")


def test_code_and_problems_are_written_to_files(tmp_path: Path) -> None:
    path = tmp_path / "f.c"
    assert main(["emit", "x^2", "--target", "c", "-o", str(path)]) == 0
    assert path.read_text("utf-8") == wg.compile("x^2").emit("c")
    assert main(["emit", "x^2", "--target", "nl", "-o", str(path)]) == 2
    assert not path.with_suffix(".col").exists()
    assert main(["emit", "x^2", "--target", "nl", "-o", str(tmp_path / "m.nl")]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.c", "m.col", "m.nl", "m.row"]


def test_the_command_minimizes_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["minimize", str(FOLDER / "hs071.nl"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["value"] == pytest.approx(17.0140172892, rel=1e-9)
    assert [c["text"] for c in found["constraints"]] == ["product >= 25", "squares = 40"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("bounds x", "W920"), ("bounds z=0:1", "W101"), ("bounds x=2:1", "W862"), ("minimise f", "W920"),
        ("minimize z", "W101"),
        ("subject-to z <= 1", "W606"), ("subject-to 3 <= g <= 1", "W862"), ("integer z", "W101"),
        ("subject-to g + x <= 1", ""), ("", "W920"), ("subject-to", "W101"), ("subject-to x << 1", "W860"),
    ],
)  # fmt: skip
def test_a_line_of_a_problem_that_says_nothing_is_refused(line: str, code: str) -> None:
    text = f"input x = 0.5\nf = x^2\ng = x + 1\noutput f, g\n#: minimize f\n#: {line}\n"
    assert wg.compile(text)(2.0)[0] == 4.0
    if not code:
        assert wg.minimize(text).ok
        return
    with pytest.raises(wg.WengertError) as caught:
        wg.minimize(text)
    assert caught.value.code == code
