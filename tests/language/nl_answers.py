"""Models in .nl beside the answers of others: recorded ones, those of the writer, and one expression in a file."""

from __future__ import annotations

import json
from typing import Any

import pytest

import wengert as wg
from tests.oracles.nl_models import FOLDER, TABLE
from wengert.api.problems.stated_problem import StatedProblem, stated_problem

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


# Operators, by their meaning in "Writing .nl Files" and in AMPL's solver library


def header(variables: int = 0, rows: int = 0, defined: int = 0, nonzeros: int = 0, options: str = "") -> str:
    """The header of a model of one objective."""
    return (f"g3 1 1 0\n {variables} {rows} 1 0 0{options}\n 0 1\n 0 0\n {variables} {variables} {variables}\n"
            f" 0 0 0 1\n 0 0 0 0 0\n {nonzeros} 0\n 0 0\n 0 {defined} 0 0 0\n")  # fmt: skip


def of_expression(*lines: str, variables: int = 3) -> str:
    """A model whose objective is an expression."""
    return "\n".join([header(variables) + "O0 0", *lines, "b", *["3"] * variables, ""])
