"""POUNCE as the engine of `minimize` and `solve`: published minima of classical constrained problems, and the sparse
derivatives that it is fed, held against dense ones."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.oracles.optima import OPTIMA
from wengert.cli.main import main
from wengert.jobs.optimization.minimum import Landscape
from wengert.jobs.optimization.nonlinear_program import NonlinearProgram
from wengert.jobs.optimization.objective import Constraints, Objective

pytest.importorskip("scipy")
CONSTRAINED = [p for p in OPTIMA if p.subject_to]


def test_without_it_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setitem(sys.modules, "pounce", None)
    assert main(["minimize", "x^2", "--x", "1", "--engine", "pounce"]) == 2
    assert 'pip install "wengert[pounce]"' in capsys.readouterr().err
    assert main(["solve", "x^2 = 2", "--x", "1", "--engine", "pounce"]) == 2
    assert "W875" in capsys.readouterr().err


@pytest.mark.parametrize("engine", ["ipopt", "", None, 3])
def test_other_engines_are_refused(engine: Any) -> None:
    with pytest.raises(wg.UsageError, match="no engine"):
        wg.minimize("x^2", {"x": 1.0}, engine=engine)
    with pytest.raises(wg.UsageError, match="no engine"):
        wg.solve("x^2 = 2", {"x": 1.0}, engine=engine)


PROGRAMS = [
    ("x^2*y + exp(x - y)", {"x": 1.2, "y": 0.7}, ["x*y >= 1", "x^2 + y^2 = 3", "x - y <= 5"]),
    ("sum(x^4) + x[0]*x[2]", {"x": np.array([0.3, -1.0, 2.0])}, ["x[1:]*x[:-1] >= 0.5", "sum(x) = 1"]),
    ("a*b*c + a^2", {"a": 1.0, "b": -2.0, "c": 0.5}, ["b^2*c <= 3"]),
]


@pytest.mark.parametrize(("objective", "start", "relations"), PROGRAMS)
def test_the_sparse_derivatives_are_the_dense_ones(objective: str, start: dict[str, Any], relations: list[str]) -> None:
    scene: Landscape = wg.minimize(objective, start, subject_to=relations, method="slsqp").landscape
    limits = Constraints(scene.parts, len(scene.elements))
    x = scene.flat.pack(start)
    program = NonlinearProgram(Objective(scene.flat), limits, x)
    rows, columns = program.jacobianstructure()
    for at in (x, x + 0.3):
        dense = np.zeros((len(limits), len(x)))
        np.add.at(dense, (rows, columns), program.jacobian(at))
        assert np.allclose(dense, limits.jacobian(at))
        multipliers = np.linspace(-1, 2, len(limits))
        whole = np.zeros((len(x), len(x)))
        i, j = program.hessianstructure()
        assert np.all(i >= j)
        np.add.at(whole, (i, j), program.hessian(at, multipliers, 0.7))
        expected = 0.7 * scene.flat.hess(at) + limits.hessian(at, multipliers)
        assert np.allclose(whole, np.tril(expected))
        assert program.objective(at) == scene.flat.fun(at)
        assert np.allclose(program.gradient(at), scene.flat.grad(at))
    assert program.trouble is None


def test_a_callback_keeps_its_exception_and_stops_the_solver() -> None:
    scene = wg.minimize("x^2", {"x": 1.0}).landscape
    program = NonlinearProgram(Objective(scene.flat), Constraints((), 1), np.ones(1))
    scene.flat.function = None
    assert np.isnan(program.objective(np.ones(1)))
    assert isinstance(program.trouble, (AttributeError, TypeError))
    assert not program.intermediate()


@pytest.mark.parametrize("p", CONSTRAINED, ids=lambda p: p.name)
def test_published_minima_with_constraints(p: Any) -> None:
    pytest.importorskip("pounce")
    found = wg.minimize(p.objective, {**p.start, **p.fixed}, subject_to=p.subject_to, bounds=p.bounds, engine="pounce")
    assert found.ok, found
    assert found.method == "pounce"
    assert found.value == pytest.approx(p.minimum, rel=max(p.tolerance, 1e-8), abs=1e-8)
    if p.point is not None:
        assert {n: found.point[n] for n in p.point} == pytest.approx(p.point, rel=1e-4, abs=1e-4)
    by_scipy = wg.minimize(p.objective, {**p.start, **p.fixed}, subject_to=p.subject_to, bounds=p.bounds)
    told = [c.multiplier for c in by_scipy.constraints]
    if p.name not in ("HS26",):  # its minimum is flat: the multipliers are 0 to the roots of the digits
        assert [c.multiplier for c in found.constraints] == pytest.approx(told, rel=1e-5, abs=1e-5)


def test_many_constraints_over_a_long_vector() -> None:
    """x[i+1] = x[i]/2 leaves one unknown, and a sum that is its closed value."""
    pytest.importorskip("pounce")
    n = 600
    found = wg.minimize("input x[n]\nsum(x^2) - 2*x[0]", {"x": np.ones(n)}, subject_to="2*x[1:] - x[:-1] = 0",
                        engine="pounce")  # fmt: skip
    whole = (1 - 0.25**n) / 0.75
    assert found.ok
    assert found.point["x"][0] == pytest.approx(1 / whole)
    assert found.value == pytest.approx(-1 / whole)


def test_roots_and_their_absence() -> None:
    pytest.importorskip("pounce")
    found = wg.solve(["x^2 + y^2 = 4", "exp(x) + y = 1"], {"x": 1.0, "y": -1.7}, engine="pounce")
    assert found.ok
    assert found.method == "pounce"
    assert found.point == pytest.approx({"x": 1.0041687384746592, "y": -1.72963728702587})
    assert not wg.solve("x^2 + 1 = 0", {"x": 2.0}, engine="pounce").ok


@pytest.mark.parametrize(
    ("objective", "start", "code"),
    [("-x^2", {"x": 1.0}, ("W864", "W865")), ("x - log(x - 5)", {"x": 6.0}, ())],
)
def test_unbounded_and_edges_of_a_domain(objective: str, start: dict[str, float], code: tuple[str, ...]) -> None:
    pytest.importorskip("pounce")
    found = wg.minimize(objective, start, engine="pounce")
    assert found.ok != bool(code)
    assert not code or {n.code for n in found.notes} & set(code)
