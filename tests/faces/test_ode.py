"""`ode`: closed forms, conserved quantities, sensitivities by differences, a stiff system with published values."""

import csv
import io
import json
import math

import numpy as np
import pytest

import wengert as wg
from wengert.api.calls.quick_vectors import PATIENCE, quick
from wengert.cli import main

VOLTERRA = ["x' = a*x - b*x*y", "y' = c*x*y - d*y"]
ANIMALS = {"x": 10.0, "y": 5.0, "a": 1.1, "b": 0.4, "c": 0.1, "d": 0.4}
ROBERTSON = ["x' = -0.04*x + 1e4*y*z", "y' = 0.04*x - 1e4*y*z - 3e7*y^2", "z' = 3e7*y^2"]
METHODS = ["auto", "dop853", "rk45", "radau", "bdf", "lsoda"]


@pytest.mark.parametrize("method", METHODS)
def test_a_linear_equation(method):
    found = wg.ode("x' = -k*x + cos(t)", {"x": 2.0, "k": 0.5}, t=(0, 8), method=method)
    t = found.t
    particular = (0.5 * np.cos(t) + np.sin(t)) / 1.25
    assert found["x"] == pytest.approx(particular + (2 - 0.4) * np.exp(-0.5 * t), abs=2e-6)
    assert found.ok
    assert found.tried == (("dop853",) if method == "auto" else (method,))


@pytest.mark.parametrize("method", METHODS)
def test_the_logistic_equation_and_its_sensitivities(method):
    """x = K/(1 + (K/x0 - 1)*exp(-r*t)), and the derivatives of this formula by our own rules."""
    at = {"x": 0.3, "r": 1.2, "K": 2.0}
    found = wg.ode("x' = r*x*(1 - x/K)", at, t=(0, 6), points=25, method=method, sensitivities=["r", "K", "x"])
    closed = wg.compile("K/(1 + (K/x - 1)*exp(-r*t))")
    values, slopes = closed.value_and_grad({**at, "t": found.t})
    assert found["x"] == pytest.approx(values, rel=3e-6)
    for name, sensitivity in zip(found.by, found.sensitivities):
        assert sensitivity["x"] == pytest.approx(slopes[name], rel=2e-5, abs=2e-6)


def test_a_matrix_exponential():
    A = np.array([[0.0, 1.0], [-2.0, -0.3]])
    found = wg.ode("u' = A @ u", {"u": [1.0, -0.5], "A": A}, t=(0, 3), points=4, sensitivities="u")
    size, vectors = np.linalg.eig(A)
    for k, t in enumerate(found.t):
        exponential = (vectors @ np.diag(np.exp(size * t)) @ np.linalg.inv(vectors)).real
        assert found["u"][k] == pytest.approx(exponential @ [1.0, -0.5], abs=1e-7)
        assert np.stack([s["u"][k] for s in found.sensitivities], axis=1) == pytest.approx(exponential, abs=1e-7)
    assert found.by == ("u[0]", "u[1]")


def test_lotka_and_volterra_keep_their_invariant():
    found = wg.ode(VOLTERRA, ANIMALS, t=(0, 50))
    kept = wg.compile("c*x - d*log(x) + b*y - a*log(y)")({**ANIMALS, **found.states})
    assert np.ptp(kept) < 1e-6


def test_a_pendulum_keeps_its_energy_both_ways():
    there = wg.ode(["q' = p", "p' = -sin(q)"], {"q": 1.0, "p": 0.2}, t=(0, 20))
    energy = wg.compile("p^2/2 - cos(q)")(there.states)
    assert np.ptp(energy) < 1e-6
    end = {n: float(v[-1]) for n, v in there.states.items()}
    back = wg.ode(["q' = p", "p' = -sin(q)"], end, t=(20, 0))
    assert [back["q"][-1], back["p"][-1]] == pytest.approx([1.0, 0.2], abs=1e-6)


@pytest.mark.parametrize("method", ["dop853", "radau"])
def test_sensitivities_are_differences_of_tight_solutions(method):
    found = wg.ode(VOLTERRA, ANIMALS, t=(0, 8), points=5, method=method, sensitivities=[*ANIMALS])
    for name, sensitivity in zip(found.by, found.sensitivities):
        step = 1e-4 * ANIMALS[name]
        one, other = (
            wg.ode(VOLTERRA, {**ANIMALS, name: ANIMALS[name] + s}, t=(0, 8), points=5, rtol=1e-12, atol=1e-13)
            for s in (step, -step)
        )
        for state in ("x", "y"):
            wanted = (one[state] - other[state]) / (2 * step)
            assert sensitivity[state] == pytest.approx(wanted, rel=1e-5, abs=1e-4 * abs(wanted).max())


# E. Hairer, G. Wanner, "Solving Ordinary Differential Equations II", 2nd ed., 1996, section IV.10, ROBER; the values at
# 1e11 are those of the test set for IVP solvers (F. Mazzia, C. Magherini, 2008), those at 0.4, 40 and 4e3 of LSODE's
# documentation (A. C. Hindmarsh).
ROBER = {
    0.4: (9.8517e-1, 3.3864e-5, 1.4794e-2), 40.0: (7.1582e-1, 9.1851e-6, 2.8418e-1),
    4e3: (1.8320e-1, 8.9422e-7, 8.1680e-1),
    1e11: (0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050),
}  # fmt: skip


def test_robertsons_stiff_reactions():
    found = wg.ode(ROBERTSON, {"x": 1.0, "y": 0.0, "z": 0.0}, t=[0, *ROBER], rtol=1e-9, atol=1e-18)
    assert found.tried == ("dop853", "radau")
    assert found.jacobians > 0
    for k, t in enumerate(ROBER, 1):
        assert found.table[k] == pytest.approx(ROBER[t], rel=1e-4 if t < 1e11 else 1e-6)
    assert found["x"] + found["y"] + found["z"] == pytest.approx(1, rel=1e-9)


def test_sensitivities_of_a_stiff_system():
    """Against differences of solutions with tight tolerances."""
    texts = [t.replace("0.04", "k") for t in ROBERTSON]
    at = {"x": 1.0, "y": 0.0, "z": 0.0, "k": 0.04}
    found = wg.ode(texts, at, t=(0, 40), points=2, method="radau", sensitivities="k", atol=1e-14)
    one, other = (wg.ode(texts, {**at, "k": 0.04 + s}, t=(0, 40), points=2, method="radau", rtol=1e-10, atol=1e-16)
                  for s in (1e-6, -1e-6))  # fmt: skip
    wanted = (one.table[-1] - other.table[-1]) / 2e-6
    assert found.table[-1][3:] == pytest.approx(wanted, rel=1e-4)


def test_many_states_have_a_sparse_jacobian():
    """The heat equation: a sine decays with its eigenvalue of the differences."""
    n = 510
    x = np.sin(math.pi * np.arange(1, n + 1) / (n + 1))
    text = "u' = (concatenate([0], u[:-1]) - 2*u + concatenate(u[1:], [0]))*h"
    found = wg.ode(text, {"u": x, "h": (n + 1.0) ** 2}, t=(0, 0.1), points=3, method="bdf", rtol=1e-7)
    rate = 4 * (n + 1) ** 2 * math.sin(math.pi / (2 * (n + 1))) ** 2
    assert found["u"][-1] == pytest.approx(x * math.exp(-0.1 * rate), abs=1e-5)


def test_kernels_answer_as_the_function_does():
    """Solvers call kernels after their first calls: values and derivatives at random points, with and without time."""
    choose = np.random.default_rng(3)
    one = wg.compile("a*sin(x*y) + x^2/y").flat(x=1.0, y=2.0, a=0.3, wrt=["y", "x"])
    two = wg.compile("f = a*x*t; g = y - x^2; output f, g").flat(x=1.0, y=2.0, a=0.3, wrt=["x", "y"], time="t")
    fast = [quick(one), quick(two)]
    for k in range(3 * PATIENCE):
        x, t = choose.normal(size=2), float(k)
        assert fast[0].fun(x) == pytest.approx(one.fun(x), rel=1e-13)
        assert fast[1].fun(t, x) == pytest.approx(two.fun(t, x), rel=1e-13)
        if k % 10 == 0:
            assert fast[0].value_and_grad(x)[1] == pytest.approx(one.grad(x), rel=1e-12)
            assert fast[0].jac(x) == pytest.approx(one.jac(x), rel=1e-12)
            assert fast[1].jac(t, x) == pytest.approx(two.jac(t, x), rel=1e-12)
    assert quick(wg.compile("sum(x^2)").flat(x=[1.0, 2.0], wrt="x")).fun([1.0, 2.0]) == 5


def test_events_are_found_and_end_the_integration():
    ball = ["h' = v", "v' = -g"]
    at = {"h": 10.0, "v": 3.0, "g": 9.81}
    found = wg.ode(ball, at, t=(0, 10), events=["v", "h = 10"], until="h")
    lands = (3 + math.sqrt(9 + 2 * 9.81 * 10)) / 9.81
    assert found.ended_by == "h"
    assert found.t[-1] == pytest.approx(lands, rel=1e-9)
    assert found["h"][-1] == pytest.approx(0, abs=1e-8)
    assert [e.t for e in found.events if e.text == "v"] == pytest.approx([3 / 9.81])
    assert found.events[-1].text == "h"
    assert found.ok


def test_several_statements_and_an_unused_state():
    found = wg.ode(
        ["r = x*y # shared\nx' = -r;", "y' = 1", "s' = x"], {"x": 1.0, "y": 0.0, "s": 0.0}, t=(0, 2), points=3
    )
    assert found["x"] == pytest.approx(np.exp(-(found.t**2) / 2), rel=1e-7)
    assert found["s"][-1] == pytest.approx(math.sqrt(math.pi / 2) * math.erf(math.sqrt(2)), rel=1e-6)


def test_a_solution_that_ends_is_told_with_its_place():
    grows = wg.ode("x' = x^2", {"x": 1.0}, t=(0, 2))
    assert not grows.ok
    assert [n.code for n in grows.notes][-1] == "W869"
    assert grows.t[-1] < 1.01
    leaves = wg.ode("x' = -1/log(x)", {"x": 3.0}, t=(0, 9))
    assert not leaves.ok


def test_a_nan_on_the_way_is_blamed_on_its_part():
    found = wg.ode(["x' = -1", "y' = sqrt(x)*0 - log(x)"], {"x": 1.0, "y": 0.0}, t=(0, 2))
    assert not found.ok
    first = found.notes[0]
    assert first.code == "W201"
    assert first.source.text[first.span.start : first.span.end] in ("log(x)", "sqrt(x)")
    assert "the first iterate there is t = " in first.help


@pytest.mark.parametrize(
    ("call", "code", "caret"),
    [
        (lambda: wg.ode("x' = log(x)", {"x": -1}), "W201", "log(x)"),
        (lambda: wg.ode(["x' = 1", "y' = sqrt(y)"], {"x": -1, "y": -1}), "W201", "sqrt(y)"),
        (lambda: wg.ode("x = 3", {"x": 1}), "W868", "x = 3"),
        (lambda: wg.ode("x'' = 3", {"x": 1}), "W868", "x''"),
        (lambda: wg.ode("t' = 3", {"x": 1}), "W868", "t'"),
        (lambda: wg.ode(["x' = 3", "x' = 4"], {"x": 1}), "W868", "x'"),
        (lambda: wg.ode("x' = ", {"x": 1}), "W860", " "),
        (lambda: wg.ode("x' = 2x", {"x": 1}), "W006", None),
        (lambda: wg.ode("x' = [1, 2]*x", {"x": 1}), "W868", None),
        (lambda: wg.ode([], {"x": 1}), "W868", None),
        (lambda: wg.ode("x' = -k*x", {"x": 1}), "W606", None),
        (lambda: wg.ode("x' = -k*x", {"k": 1}), "W606", None),
        (lambda: wg.ode("x' = -k*x", {"x": 1, "k": 1, "z": 1}), "W101", None),
        (lambda: wg.ode("x' = -x", {"x": 1, "t": 1}), "W868", None),
        (lambda: wg.ode("x' = -x", {"x": math.inf}), "W607", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, t=(0, math.inf)), "W602", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, t=(0, 0)), "W602", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, t=5), "W602", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, t=(0, 1, 0.5)), "W602", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, points=1), "W608", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, rtol=0), "W608", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, method="euler"), "W602", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, sensitivities="k"), "W101", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, events="[x, x]"), "W868", None),
        (lambda: wg.ode("x' = -x", {"x": 1}, events="x - z"), "W606", None),
    ],
)
def test_bad_input_is_refused_at_its_place(call, code, caret):
    with pytest.raises(wg.WengertError) as problem:
        call()
    d = problem.value.diagnostic
    assert d.code == code
    if caret is not None:
        assert d.source.text[d.span.start : d.span.end] == caret


def test_the_csv_has_all_digits(tmp_path, capsys):
    words = ["ode", "x' = -k*x", "--x", "1", "--k", "2", "--t", "0:1", "--points", "3", "--sensitivities", "k,x"]
    file = tmp_path / "decay.csv"
    assert main([*words, "-o", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = list(csv.reader(io.StringIO(file.read_text())))
    assert rows[0] == ["t", "x", "dx_dk", "dx_dx0"]
    assert [float(r[1]) for r in rows[1:]] == told["states"]["x"]
    assert [float(r[2]) for r in rows[1:]] == told["sensitivities"]["k"]["x"]
    assert main([*words, "-o", str(file)]) == 2
    assert "W681" in capsys.readouterr().err
    assert main([*words, "-o", str(file), "--force"]) == 0
    assert main(["ode", "x' = x^2", "--x", "1", "--t", "0:2"]) == 1


def test_a_report_is_a_table_in_a_notebook():
    assert "<table>" in wg.ode("x' = -x", {"x": 1})._repr_html_()


@pytest.mark.parametrize("method", ["auto", "lsoda"])
def test_right_sides_that_jump_forth_and_back_are_a_clear_stop(method: str) -> None:
    """A sliding mode: no method gets past x = 0, and none may try without end."""
    found = wg.ode("x' = -sign(x)", {"x": 1.0}, t=(0, 3), method=method, events="x = 0")
    assert not found.ok
    (note,) = found.notes
    assert note.code == "W869"
    assert "out of reach" in note.message
    assert "at t = 1 " in note.help
    assert "jump forth and back" in note.help
    assert found.evaluations < 20_000
    ended = wg.ode("x' = -sign(x)", {"x": 1.0}, t=(0, 3), until="x = 0")
    assert ended.ok
    assert ended.t[-1] == pytest.approx(1)
    assert wg.ode("x' = -tanh(1000*x)", {"x": 1.0}, t=(0, 3)).ok
