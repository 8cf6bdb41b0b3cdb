"""Sweeps and services by hand: the parts that a class, or a program around wengert, takes from it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.cli.main import main

PROGRAMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("(2*x1 + x2)^2", {"x1": 3.0, "x2": 7.0}),
    ("exp(sin(x))/(1 + y^2) + hypot(x, y, 2)", {"x": 0.3, "y": -1.7}),
    ("max(x, y, 1)*abs(x - y) + where(x > y, x, y*y)", {"x": 1.5, "y": 0.25}),
)


def swept(w: wg.WengertList, point: Mapping[str, float]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a list and the adjoints of its last output, by the book: op by op."""
    values, adjoints = dict(point), defaultdict[str, float](float)

    def arguments(e: wg.Equation) -> list[float]:
        return [values[i] if isinstance(i, str) else i for i in e.inputs]

    for e in w.equations:
        values[e.output] = wg.op(e.op).forward(*arguments(e))
    adjoints[str(w.outputs[-1])] = 1.0
    for e in reversed(w.equations):
        for i, partial in zip(e.inputs, wg.op(e.op).partials(*arguments(e))):
            if isinstance(i, str):
                adjoints[i] += adjoints[e.output] * partial
    return values, adjoints


@pytest.mark.parametrize(("text", "point"), PROGRAMS)
def test_a_sweep_by_hand_is_that_of_the_function(text: str, point: dict[str, float]) -> None:
    f = wg.compile(text, fuse=False)
    values, adjoints = swept(f.wengert_list, point)
    value, gradient = f.value_and_grad(point)
    assert values[f.outputs[0]] == value
    assert all(adjoints[n] == pytest.approx(g, rel=1e-14, abs=1e-300) for n, g in gradient.items())


def test_an_op_of_python_takes_part_in_sweeps_by_hand() -> None:
    wg.register("by_hand_bump", lambda a: 1 / (1 + a * a), "-2*a*y^2")
    f = wg.compile("3*by_hand_bump(x)")
    assert swept(f.wengert_list, {"x": 1.0})[1]["x"] == f.grad(1.0)["x"] == -1.5


def test_the_partials_of_array_ops_are_jacobians() -> None:
    A, v = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -1.0])
    in_matrix, in_vector = wg.op("matmul").partials(A, v)
    assert np.array_equal(in_vector, A)
    assert np.array_equal(in_matrix, np.einsum("ik,j->ikj", np.eye(3), v))
    assert np.array_equal(wg.op("sum[axis=0]").forward(A), A.sum(axis=0))
    assert np.array_equal(wg.op("sin").partials(v)[0], np.cos(v))


def test_the_page_of_an_op_prints_as_the_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    main(["ops", "hypot"])
    command = [line.split() for line in capsys.readouterr().out.splitlines()]
    page = [line.split() for line in str(wg.op("hypot")).splitlines() if line]
    assert [[*page[0], *page[1]], *page[2:]] == command
    assert repr(wg.op("hypot")) == "<wengert.OpPage of hypot(a, …)>"
    with pytest.raises(wg.UsageError, match="it takes 2"):
        wg.op("atan2").forward(1.0)


def test_the_latex_of_an_op_has_no_places_left() -> None:
    assert not [page.row.name for page in wg.all_ops() if page.row.array is not None and "#" in page.latex]


def test_answers_are_the_json_of_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["x^2 + sum(w)/y", "--x", "3", "--w", "[1, -1]", "--y", "0"]
    f, point = wg.compile(words[0]), {"x": 3, "w": [1, -1], "y": 0}
    value, gradient = f.value_and_grad(point)
    main(["eval", *words, "--json"])
    shown = json.loads(capsys.readouterr().out)
    sent = json.loads(json.dumps(wg.as_json((value, gradient)), allow_nan=False))
    assert sent == [shown["value"], shown["derivatives"]]
    assert wg.as_json(gradient.notes) == shown["notes"]
    main(["hessian", *words, "--json"])
    assert wg.as_json(f.hessian(point)) == json.loads(capsys.readouterr().out)["second_derivatives"]


def test_json_has_no_place_for_other_objects() -> None:
    deep: Any = 1.0
    for _ in range(100_000):
        deep = [deep]
    for thing in (object(), {1, 2}, deep, wg.compile("x")):
        with pytest.raises(wg.UsageError):
            wg.as_json(thing)
    with pytest.raises(wg.WengertError) as refused:
        wg.compile("2x")
    assert wg.as_json(refused.value)["fix"]["text"] == "*"


def test_limits_for_strangers_lie_within_the_defaults() -> None:
    strict, default = wg.Limits.untrusted(), wg.Limits()
    assert all(a < b for a, b in zip(strict, default))
    with pytest.raises(wg.LimitError):
        wg.compile("x" + "+x" * 6000, limits=strict)
    assert wg.compile("sum(x^k for k in 0:100)", limits=strict).hessian(0.5)[0][0] > 0


@pytest.mark.parametrize("options", [wg.Options(), wg.Options(strict=True, limits=wg.Limits(seconds=None, order=3))])
def test_options_print_their_changes_alone(options: wg.Options) -> None:
    assert eval(repr(options), {"Options": wg.Options, "Limits": wg.Limits}) == options
    assert "fuse" not in repr(options)


def test_completion_of_the_package_hides_ops_of_rules() -> None:
    shown = set(dir(wg))
    assert not [page.row.name for page in wg.all_ops() if page.row.of_rules and page.row.name in shown]
    assert {"sin", "arcsin", "matmul", "as_json"} <= shown
