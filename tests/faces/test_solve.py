"""`solve`: roots of systems against closed forms and published ones, and every way to have none."""

import json
import math

import numpy as np
import pytest

import wengert as wg
from wengert.cli import main

# MGH: J. J. Moré, B. S. Garbow, K. E. Hillstrom, "Testing unconstrained optimization software", ACM TOMS 7(1), 1981.
SYSTEMS = {
    "Rosenbrock, MGH 1": (["10*(x2 - x1^2) = 0", "1 = x1"], (-1.2, 1), (1, 1)),
    "Powell's badly scaled, MGH 3": (
        ["1e4*x1*x2 = 1", "exp(-x1) + exp(-x2) = 1.0001"], (0, 1), (1.098159329699759e-5, 9.106146739865656)
    ),
    "Brown's badly scaled, MGH 4": (["x1 = 1e6", "x2 = 2e-6", "x1*x2 = 2"], (1, 1), (1e6, 2e-6)),
    "Beale, MGH 5": (["x1*(1-x2) = 1.5", "x1*(1-x2^2) = 2.25", "x1*(1-x2^3) = 2.625"], (1, 1), (3, 0.5)),
    "Box, three of MGH 12": (
        [f"exp(-{t}*x1) - exp(-{t}*x2) = x3*(exp(-{t}) - exp(-{10 * t}))" for t in (0.1, 0.2, 0.3)],
        (0, 10, 20), (1, 10, 1)
    ),
    "a circle and a line": (["x1^2 + x2^2 = 4", "x1 = x2"], (1, 0.5), (math.sqrt(2), math.sqrt(2))),
    "a plane's nearest": (["x1 = 2", "x1 + x2 = 5"], (0, 0), (2, 3)),
    "Lambert's W": (["x1*exp(x1) = 1"], (1,), (0.5671432904097838,)),
}  # fmt: skip


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_known_root(name):
    equations, start, root = SYSTEMS[name]
    found = wg.solve(equations, {f"x{k}": v for k, v in enumerate(start, 1)})
    assert found.ok, found
    assert [found.point[f"x{k}"] for k in range(1, len(root) + 1)] == pytest.approx(root, rel=1e-9)
    assert [n for n in found.notes if n.severity == "error"] == []


@pytest.mark.parametrize("n", [3, 30, 200])
def test_a_boundary_value_problem(n):
    """-u'' = pi^2*sin(pi*t), u(0) = u(1) = 0, by differences of the second order: u is about sin(pi*t)."""
    t = np.arange(1, n + 1) / (n + 1)
    text = "2*u - concatenate([0], u[:-1]) - concatenate(u[1:], [0]) = f"
    found = wg.solve(text, {"u": np.zeros(n), "f": math.pi**2 * np.sin(math.pi * t) / (n + 1) ** 2}, wrt="u")
    assert found.ok
    assert found.point["u"] == pytest.approx(np.sin(math.pi * t), abs=1.0 / (n + 1) ** 2)


def test_random_polynomial_systems_have_the_root_that_they_are_made_of():
    choose = np.random.default_rng(7)
    for _ in range(10):
        root = choose.normal(size=3)
        a = choose.normal(size=(3, 3)) + 3 * np.eye(3)
        names = {"x": root[0], "y": root[1], "z": root[2]}
        sides = [f"{a[k, 0]!r}*x + {a[k, 1]!r}*y + {a[k, 2]!r}*z + x*y*z/9" for k in range(3)]
        sides = [s.replace("np.float64(", "").replace(")", "") for s in sides]
        values = [wg.compile(s)(names) for s in sides]
        texts = [f"{s} = {v!r}" for s, v in zip(sides, values)]
        found = wg.solve(texts, {n: v + 0.1 for n, v in names.items()})
        assert found.ok
        assert found.point == pytest.approx(names, rel=1e-10, abs=1e-12)
        jacobian = [[wg.compile(s).grad(names)[n] for n in names] for s in sides]
        assert found.condition == pytest.approx(np.linalg.cond(jacobian), rel=1e-6)


@pytest.mark.parametrize(
    ("equations", "start", "least"),
    [
        ("x^2 = -1", {"x": 1}, {"x": 0}),
        ("x^2 = -1e-12", {"x": 1}, {"x": 0}),
        ("x^4 + 1e-9 = 0", {"x": 2}, None),
        ("sqrt(x) + 1 = 0", {"x": 1}, None),
        ("exp(x) = -1", {"x": 0}, None),
        (["x + y = 1", "2*x + 2*y = 3"], {"x": 1, "y": 3}, None),
        (["x = 1", "x = 2"], {"x": 0}, {"x": 1.5}),
        (["x + y = 1", "x - y = 3", "x*y = -3"], {"x": 1, "y": 3}, None),
        ("x^2 + y^2 = -1", {"x": 1, "y": 1}, {"x": 0, "y": 0}),
    ],
)
def test_no_root_is_said(equations, start, least):
    found = wg.solve(equations, start)
    assert not found.ok
    assert "W866" in [n.code for n in found.notes]
    assert found.residual > 0
    assert str(found).startswith("no root")
    if least is not None:
        assert found.point == pytest.approx(least, abs=1e-4)


@pytest.mark.parametrize(
    ("equations", "start", "warned"),
    [
        (["x + y = 1", "2*x + 2*y = 2"], {"x": 1, "y": 3}, True),
        ("x^2 - 2*x + 1 = 0", {"x": 3}, True),
        ("(x - 2)^3 = 0", {"x": 3}, False),
        (["x*y = 0", "x = 0"], {"x": 1, "y": 0.5}, True),
        ("exp(x) = 1", {"x": 20}, False),
    ],
)
def test_a_singular_root_is_told(equations, start, warned):
    found = wg.solve(equations, start)
    assert found.ok
    assert ("W867" in [n.code for n in found.notes]) == warned


def test_fewer_equations_give_one_root_of_many():
    found = wg.solve("x^2 + y^2 + z^2 = 9", {"x": 1, "y": 2, "z": 3})
    assert found.ok
    assert found.unknowns - found.rank == 2
    assert sum(v * v for v in found.point.values()) == pytest.approx(9)
    assert "one root of many" in str(found)


def test_more_equations_must_all_hold():
    found = wg.solve(["x + y = 1", "x - y = 3", "x*y = -2"], {"x": 1, "y": 3})
    assert found.ok
    assert found.point == pytest.approx({"x": 2, "y": -1})
    assert "must satisfy them all" in str(found)


def test_several_starts_find_several_roots():
    found = wg.solve("sin(x) = x/5", {"x": 1}, starts=30, seed=1)
    assert sorted(r.point["x"] for r in found.roots) == pytest.approx(
        [-2.595739079649799, 0, 2.595739079649799], abs=1e-9
    )
    assert sum(r.starts for r in found.roots) <= 30


@pytest.mark.parametrize(
    ("call", "code", "caret"),
    [
        (lambda: wg.solve("log(x - 1) = 2", {"x": 0}), "W201", "log(x - 1)"),
        (lambda: wg.solve(["x = 1", "x + sqrt(y) = 2"], {"x": 0, "y": -1}), "W201", "sqrt(y)"),
        (lambda: wg.solve("x = 1", {"x": math.nan}), "W607", None),
        (lambda: wg.solve("x + y = 1", {"x": 0}), "W606", None),
        (lambda: wg.solve("x = 1", {"x": 0, "z": 2}), "W101", None),
        (lambda: wg.solve("x <= 1", {"x": 0}), "W860", None),
        (lambda: wg.solve("x", {"x": 0}), "W860", "x"),
        (lambda: wg.solve([], {"x": 0}), "W860", None),
        (lambda: wg.solve("1 = 2", {}), "W860", "1 = 2"),
        (lambda: wg.solve(["x = 1", "y = 2"], {"x": 0, "y": 1}, wrt="x"), "W860", None),
        (lambda: wg.solve("x = 1 + ", {"x": 0}), "W007", "+"),
        (lambda: wg.solve("x = y = 2", {"x": 0, "y": 1}), "W860", "="),
        (lambda: wg.solve("sum(x) = 1", {"x": [[1.0, 2.0]]}, wrt="z"), "W101", None),
    ],
)
def test_bad_input_is_refused_at_its_place(call, code, caret):
    with pytest.raises(wg.WengertError) as problem:
        call()
    d = problem.value.diagnostic
    assert d.code == code
    if caret is not None:
        assert d.source.text[d.span.start : d.span.end] == caret


def test_the_command_takes_equations_that_look_like_values(capsys):
    assert main(["solve", "x^2 + y^2 = 4", "y = 1 - exp(x)", "--x", "1", "--y", "-1.7", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["point"]["x"] == pytest.approx(1.0041687384746592)
    assert main(["solve", "x^2 = -1", "--x", "1"]) == 1
    assert "W866" in capsys.readouterr().err


def test_a_matrix_and_a_right_side_are_the_op():
    A, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0])
    assert wg.solve(A, b) == pytest.approx([-1, 1])
    assert wg.record(lambda A, b: wg.solve(A, b), "A", "b") == wg.parse("solve(A, b)").wlist


def test_a_report_is_a_table_in_a_notebook():
    assert "<table>" in wg.solve("x = 1", {"x": 0})._repr_html_()
