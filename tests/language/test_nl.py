"""Optimization models in .nl: values, gradients and Hessians of Pyomo's models; every operator by its published
meaning; the commands that take such a file."""

from __future__ import annotations

import json
import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import wengert as wg
from tests import FULL
from tests.language.nl_answers import RECORDED, compare, header, model, near, of_expression
from tests.oracles.nl_models import FOLDER, MODELS, PACKAGE, random_model, recorded, write
from wengert.api.problems.stated_problem import stated_problem
from wengert.cli import main
from wengert.dialects.tables.nl import FORMS, REFUSED


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
    deep, wide = (100_000, 20_000) if FULL else (20_000, 5_000)
    text = of_expression(*["o44", "o16"] * (deep // 2), "v0", variables=1)
    f = wg.compile(wg.read(text, dialect="nl").text)
    assert len(f.wengert_list) >= deep // 2
    text = of_expression("o54", str(wide), *["o0", "v0", "n1"] * wide, variables=1)
    assert wg.compile(wg.read(text, dialect="nl").text)(x0=2.0) == 3.0 * wide


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
