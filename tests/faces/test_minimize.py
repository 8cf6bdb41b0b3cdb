"""`minimize`: published minima, the conditions of first and second order, and every way to have none."""

import json
import math
import sys

import numpy as np
import pytest

import wengert as wg
from tests.oracles.optima import OPTIMA
from wengert.cli import main
from wengert.transforms.squares import squares

ROSENBROCK = "100*(y-x^2)^2 + (1-x)^2"
AT = {"x": -1.2, "y": 1.0}


def minimum_of(o, **more):
    return wg.minimize(o.objective, {**o.fixed, **o.start}, subject_to=o.subject_to, bounds=o.bounds,
                       wrt=list(o.start), **more)  # fmt: skip


@pytest.mark.parametrize("o", OPTIMA, ids=lambda o: o.name)
def test_a_published_minimum(o):
    found = minimum_of(o)
    assert found.ok, found
    assert abs(found.value - o.minimum) <= o.tolerance * max(1, abs(o.minimum))
    for name, value in (o.point or {}).items():
        assert found.point[name] == pytest.approx(value, abs=1e-7, rel=1e-7)
    assert found.gradient_norm < 1e-7
    assert not [n for n in found.notes if n.severity == "error"]


@pytest.mark.parametrize("o", [o for o in OPTIMA if o.subject_to or o.bounds], ids=lambda o: o.name)
def test_multipliers_are_the_rates_of_the_minimum(o):
    """A bound that is loosened a little lets the minimum fall by its multiplier: no derivative is used."""
    found = minimum_of(o)
    step = 1e-4
    for k, text in enumerate(o.subject_to):
        c = found.constraints[k]
        sign = next(s for s in (">=", "<=", "=") if s in text)
        moved = [f"{t} + {step}" if i == k else t for i, t in enumerate(o.subject_to)]
        other = minimum_of(o._replace(subject_to=tuple(moved)))
        if c.side == 0:
            assert c.multiplier == 0
        assert c.multiplier * {"<=": 1, ">=": -1, "=": 0}[sign] >= 0
        # The curvature of the minimum in the bound is of the order of its scale.
        assert found.value - other.value == pytest.approx(
            c.multiplier * step, abs=2e-3 * step * (1 + abs(c.multiplier))
        )


@pytest.mark.parametrize(
    "method", "trust-exact trust-ncg trust-krylov l-bfgs-b tnc slsqp trust-constr least-squares".split()
)
def test_every_method_finds_it(method):
    found = wg.minimize(ROSENBROCK, AT, method=method)
    assert found.ok
    assert found.tried == (method,)
    assert found.point == pytest.approx({"x": 1, "y": 1}, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "count"),
    [("(x-1)^2 + 3*(y*x)^2", 2), ("x*x/2 + 4", 1), ("square(x) + y^4", 2), ("sum((x - [1,2])^2) + 2*y^2", 2),
     ("mean(([1,2,3] - x)^2)", 1), ("z = (x-1)^2; z", 1), ("sum((x-i)^2 for i in 0:4)", 4)],
)  # fmt: skip
def test_a_sum_of_squares_is_recognised(text, count):
    f = wg.compile(text)
    found = squares(f.wengert_list)
    assert found is not None
    assert len(found.weights) == count
    point = {"x": 0.7, "y": -1.3}
    at = {n: point[n] for n in f.inputs}
    values = wg.compile(found.wlist)(at)
    total = found.constant
    for v, w, mean in zip(values if isinstance(values, tuple) else (values,), found.weights, found.averaged):
        total += w * (np.mean(np.square(v)) if mean else np.sum(np.square(v)))
    assert total == pytest.approx(f(at), rel=1e-14)


@pytest.mark.parametrize(
    "text", ["x^2 - y^2", "x^3", "x^2*y^2 + x", "x^2 + y", "-x^2", "x", "3", "sum(x^2) - 1*x", "(x+y)^3"]
)
def test_no_sum_of_squares_is_none(text):
    found = squares(wg.compile(text).wengert_list)
    assert found is None


def test_least_squares_of_arrays_is_that_of_numpy():
    choose = np.random.default_rng(1)
    A, b = choose.normal(size=(12, 3)), choose.normal(size=12)
    found = wg.minimize("sum((A @ x - b)^2)", {"A": A, "b": b, "x": np.zeros(3)}, wrt="x")
    assert found.method == "least-squares"
    assert found.residuals == 12
    assert found.point["x"] == pytest.approx(np.linalg.lstsq(A, b, rcond=None)[0], rel=1e-12)
    assert "sum of 12 squares" in str(found)


def test_the_weights_of_means_count():
    """A mean of squares beside a square: the closed form of the weighted mean."""
    found = wg.minimize("mean((x - [1, 2, 6])^2) + 2*(x - 10)^2", {"x": 0.0})
    assert found.method == "least-squares"
    assert found.point["x"] == pytest.approx((3 + 2 * 10) / 3, rel=1e-12)


def test_an_array_may_be_bounded_and_constrained():
    """The projection onto the simplex, in closed form."""
    y = np.array([0.9, 0.5, -0.4])
    found = wg.minimize("sum((x - y)^2)", {"x": np.ones(3) / 3, "y": y}, wrt="x", subject_to="sum(x) = 1",
                        bounds={"x": (0, None)})  # fmt: skip
    assert found.point["x"] == pytest.approx([0.7, 0.3, 0.0], abs=1e-12)
    assert [b.text for b in found.bounds] == ["x[2]"]
    assert found.constraints[0].multiplier == pytest.approx(0.4)


def test_a_long_vector_takes_products_alone():
    text = "sum((x - 1)^4) + sum((x[1:] - x[:-1])^2) + sum(x[1:]*x[:-1])/8"
    found = wg.minimize(text, {"x": np.zeros(520)})
    assert found.ok
    assert found.evaluations.products > 0
    assert found.evaluations.hessians == 0
    assert abs(wg.compile(text).grad(x=found.point["x"])["x"]).max() < 1e-8


def test_constraints_of_a_long_vector_are_sparse():
    n = 520
    found = wg.minimize("sum((x - 2)^2)", {"x": np.zeros(n)}, subject_to=["sum(x[0:10]) = 5", "x[20]*x[21] <= 2"])
    assert found.ok
    assert found.point["x"][:10] == pytest.approx(np.full(10, 0.5), abs=1e-6)
    assert found.point["x"][20:23] == pytest.approx([2**0.5, 2**0.5, 2], abs=1e-6)


def test_other_unknowns_of_constraints():
    found = wg.minimize("z", {"x": 0.3, "z": 5.0}, subject_to=["z >= x^2 - x", "z >= x - 1"])
    assert found.point["z"] == pytest.approx(-0.25, abs=1e-9)
    assert found.point["x"] == pytest.approx(0.5, abs=1e-6)


def test_a_constraint_may_name_a_step_of_the_model():
    model = "input x = 1, y = 2, a = 4\nr = x^2 + y^2\nv1 = x + 2*y\n-v1 + 0*a"
    found = wg.minimize(model, subject_to=["r <= a + 1", "v1*1 >= -9"], wrt=["x", "y"])
    assert found.value == pytest.approx(-5)
    assert found.point == pytest.approx({"x": 1, "y": 2})
    assert [c.text for c in found.constraints if c.active] == ["r <= a + 1"]
    closed = wg.minimize("-(x + 2*y)", {"x": 0, "y": 0}, subject_to="x^2 + y^2 <= 5")
    assert found.constraints[0].multiplier == pytest.approx(closed.constraints[0].multiplier)


def test_many_starts_find_all_minima():
    found = wg.minimize("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", {"x": 0, "y": 0}, starts=30, seed=3)
    assert found.starts == 30
    points = sorted((round(m.point["x"], 6), round(m.point["y"], 6)) for m in found.minima if m.value < 1e-20)
    assert points == [(-3.77931, -3.283186), (-2.805118, 3.131313), (3, 2), (3.584428, -1.848127)]
    again = wg.minimize("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", {"x": 0, "y": 0}, starts=30, seed=3)
    assert [m.value for m in again.minima] == [m.value for m in found.minima]


def test_starts_outside_the_domain_are_counted():
    found = wg.minimize("x - log(x)", {"x": 2.0}, starts=20)
    assert found.point["x"] == pytest.approx(1)
    assert 0 < found.lost_starts < 20


@pytest.mark.parametrize(
    ("text", "start", "verdict"),
    [("x^2 - y^2", {"x": 0, "y": 0}, "a saddle"), ("-x^2", {"x": 0}, "a maximum"),
     ("x^2 + y^2", {"x": 1, "y": 1}, "a minimum"),
     ("x^4", {"x": 1}, "flat"), ("exp(-x)", {"x": 0}, "flat"), ("x^3", {"x": 1}, "flat"), ("0*x", {"x": 1}, "flat"),
     ("exp(x) + exp(-x)", {"x": 20}, "a minimum"), ("(x+y)^2", {"x": 1, "y": 2}, "flat")],
)  # fmt: skip
def test_the_curvature_is_told(text, start, verdict):
    found = wg.minimize(text, start)
    assert found.curvature == verdict
    assert found.ok == (verdict not in ("a saddle", "a maximum"))
    assert [n.code for n in found.notes] == ([] if verdict == "a minimum" else ["W863"])


def test_eigenvalues_are_those_along_the_constraint():
    """On the unit circle the Lagrangian of x + 2*y has the curvature -2*λ, with λ = -sqrt(5)/2 at the minimum."""
    found = wg.minimize("x + 2*y", {"x": 0.1, "y": -0.9}, subject_to="x^2 + y^2 = 1")
    assert found.value == pytest.approx(-math.sqrt(5))
    assert found.constraints[0].multiplier == pytest.approx(math.sqrt(5) / 2)
    assert found.eigenvalues == pytest.approx((math.sqrt(5),))


@pytest.mark.parametrize(
    ("text", "start", "more", "code"),
    [
        ("x", {"x": 0}, {}, "W864"),
        ("-x^2", {"x": 1}, {}, "W864"),
        ("x^2 - exp(y)", {"x": 1, "y": 0}, {}, "W864"),
        ("x^2", {"x": 1}, {"subject_to": ["x >= 2", "x <= 1"]}, "W862"),
        ("x", {"x": 1, "y": 1}, {"subject_to": ["x^2 + y^2 = -1"]}, "W862"),
    ],
)
def test_no_minimum_is_said(text, start, more, code):
    found = wg.minimize(text, start, **more)
    assert not found.ok
    assert code in [n.code for n in found.notes]
    assert str(found).startswith("stopped at")


@pytest.mark.parametrize(
    ("call", "code", "caret"),
    [
        (lambda: wg.minimize("x + log(x - 1)", {"x": 0}), "W201", "log(x - 1)"),
        (lambda: wg.minimize("x^2", {"x": 1}, subject_to="sqrt(x - 2) <= 1"), "W201", "sqrt(x - 2)"),
        (lambda: wg.minimize("sqrt(x) + x", {"x": 0}), "W304", "sqrt(x)"),
        (lambda: wg.minimize("x^2", {"x": math.inf}), "W607", None),
        (lambda: wg.minimize("x^2", {"x": [1.0, math.nan]}), "W602", None),
        (lambda: wg.minimize("x*y", {"x": 1}), "W606", None),
        (lambda: wg.minimize("x", {"x": 1}, subject_to="x + z <= 1"), "W606", None),
        (lambda: wg.minimize("3", {}), "W602", None),
        (lambda: wg.minimize("x", {"x": 1, "lamda": 2}), "W101", None),
        (lambda: wg.minimize("x", {"x": 1}, bounds={"y": (0, 1)}), "W101", None),
        (lambda: wg.minimize("x", {"x": 1}, bounds={"x": (1, 0)}), "W862", None),
        (lambda: wg.minimize("x", {"x": 1}, bounds={"x": 3}), "W602", None),
        (lambda: wg.minimize("x", {"x": 1}, subject_to="x"), "W860", "x"),
        (lambda: wg.minimize("x", {"x": 1}, subject_to="x < 1"), "W860", "<"),
        (lambda: wg.minimize("x", {"x": 1}, subject_to="1 <= x >= 1"), "W860", ">="),
        (lambda: wg.minimize("x", {"x": 1}, subject_to="3 <= x <= 2"), "W862", "3 <= x <= 2"),
        (lambda: wg.minimize("x", {"x": 1}, subject_to="1 <= 2"), "W860", "1 <= 2"),
        (lambda: wg.minimize("x", {"x": 1}, subject_to="x <= "), "W860", " "),
        (lambda: wg.minimize("x", {"x": 1}, subject_to="x <= snh(x)"), "W102", "snh"),
        (lambda: wg.minimize("x", {"x": 1}, subject_to=3), "W602", None),
        (lambda: wg.minimize("x", {"x": 1}, method="newton"), "W602", None),
        (lambda: wg.minimize("x", {"x": 1}, method="least-squares"), "W602", None),
        (lambda: wg.minimize("x", {"x": 1}, method="trust-exact", bounds={"x": (0, 1)}), "W602", None),
        (lambda: wg.minimize("x", {"x": 1}, method="l-bfgs-b", subject_to="x >= 0"), "W602", None),
        (lambda: wg.minimize("x", {"x": 1}, starts=0), "W608", None),
        (lambda: wg.minimize("x^2 + y^2; x", {"x": 1, "y": 2}, wrt="z"), "W101", None),
    ],
)
def test_bad_input_is_refused_at_its_place(call, code, caret):
    with pytest.raises(wg.WengertError) as problem:
        call()
    d = problem.value.diagnostic
    assert d.code == code
    if caret is not None:
        assert d.source.text[d.span.start : d.span.end] == caret


def test_a_step_outside_the_domain_is_blamed_on_its_part():
    """The solver steps over the edge, comes back, and says where it was."""
    found = wg.minimize("x - 1000*log(x)", {"x": 1.0}, method="trust-ncg")
    assert found.ok
    assert found.point["x"] == pytest.approx(1000)
    over = wg.minimize("x - log(x)/1000", {"x": 1.0}, method="trust-exact")
    assert over.point["x"] == pytest.approx(1e-3)
    notes = [n for n in over.notes if n.code == "W201"]
    assert len(notes) == 1
    assert notes[0].severity == "note"
    assert notes[0].source.text[notes[0].span.start : notes[0].span.end] == "log(x)"
    assert "first iterate there is x = " in notes[0].help


def test_a_relation_may_have_statements_before_it():
    found = wg.minimize("x^2 + y^2", {"x": 2, "y": 3}, subject_to="s = x + y # the sum\ns*s >= 4; # far\n")
    assert found.value == pytest.approx(2)


def test_a_number_may_stand_left_and_both_sides_may_vary():
    one = wg.minimize("x^2 + y^2", {"x": 2, "y": 3}, subject_to="1 <= x - y")
    two = wg.minimize("x^2 + y^2", {"x": 2, "y": 3}, subject_to="y + 1 <= x")
    three = wg.minimize("x^2 + y^2", {"x": 2, "y": 3}, subject_to="1 <= x - y <= 2")
    assert one.value == pytest.approx(0.5)
    assert two.value == pytest.approx(0.5)
    assert three.value == pytest.approx(0.5)
    assert [c.multiplier for c in (*one.constraints, *two.constraints, *three.constraints)] == pytest.approx(
        [-1, 1, -1]
    )


def test_without_scipy_one_error_says_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(wg.UsageError) as problem:
        wg.minimize("x^2", {"x": 1})
    assert problem.value.code == "W861"
    assert "pip install" in problem.value.diagnostic.help


def test_the_command_answers_and_fails(capsys):
    words = ["minimize", ROSENBROCK, "--x", "-1.2", "--y", "1"]
    assert main([*words, "--subject-to", "x^2+y^2 <= 1", "--bounds", "x=0:", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads(json.dumps(told))
    assert told["value"] == pytest.approx(0.04567480871950022)
    assert told["constraints"][0]["active"] is True
    assert main(["minimize", "x", "--x", "1"]) == 1
    said = capsys.readouterr()
    assert "W864" in said.err
    assert "stopped at" in said.out


def test_a_report_is_a_table_in_a_notebook():
    html = wg.minimize("x", {"x": 1}, subject_to="x >= 0")._repr_html_()
    assert "<table>" in html
    assert "x &gt;= 0" in html
