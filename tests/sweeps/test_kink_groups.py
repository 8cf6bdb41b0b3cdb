"""Kinks of many points of a batch at once: each point has the answer that it has alone, for the work of a few."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import wengert as wg
import wengert.api.kinks.kink_groups
import wengert.sweeps.rays
from tests.sweeps.test_rays import FACTORS, a_program
from wengert.sweeps.point_lanes import Apart, Lane, finite, lane, unless

SINGULAR = [
    "sqrt(x*y)", "sqrt(x^2 + y^2)", "(x^2 + z^2)^0.5", "where(x == 0, 1, sin(x)/x)", "cos(sqrt(x^2 + y^2))",
    "max(x, y, z)*min(x, y)", "abs(x)^3", "sqrt(x*y*z)", "x*log(x + y^2 + 2)", "abs(abs(x) - abs(y))", "cbrt(x*y)",
    "sign(x)*x^2", "hypot(x, y, z)", "relu(x)^2 + relu(-x)^2", "clip(x, 0, 1)*y", "where(x > y, x*y, y^2)",
    "4*sqrt(x*y)*(x + 1)",
]  # fmt: skip
M = 40


def a_text(seed: int) -> str:
    rng = random.Random(seed)
    terms = [f"{kink}*{factor}" for kink, _, _, factor in a_program(rng)][:2]
    terms += [f"{one}*{rng.choice(FACTORS)}" for one in rng.sample(SINGULAR, 1)]
    return "input x, y, z\n" + " + ".join(terms)


def alike(found: Any, want: Any, why: Any) -> None:
    np.testing.assert_allclose(found, want, rtol=1e-10, atol=1e-12, err_msg=str(why))


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
@pytest.mark.parametrize("seed", range(5))
def test_a_batch_answers_as_its_points(seed: int, kink: str) -> None:
    text = a_text(seed)
    f = wg.compile(text, kink=kink)
    rng = np.random.default_rng(seed)
    point = {n: rng.choice([0.0, 0.0, 1.0, 0.5, -1.0, float(rng.normal())], M) for n in "xyz"}
    for n in "xz":
        point[n][::3] = rng.normal(size=M)[::3]  # else few points differ
    gradient, matrix = f.grad(point), f.hessian(point)
    some = random.Random(seed).sample(range(M), 5)
    for k in some:
        own = {n: float(v[k]) for n, v in point.items()}
        alike([np.broadcast_to(g, M)[k] for g in gradient], list(f.grad(own)), (text, own))
        dense = [[np.broadcast_to(b, M)[k] for b in row] for row in matrix]
        alike(dense, [list(row) for row in f.hessian(own)], (text, own))


@pytest.mark.parametrize("text", SINGULAR)
def test_a_shape_of_batches(text: str) -> None:
    """Batches of two axes, some inputs of which are the same for all points."""
    f = wg.compile("input x, y, z\n" + text)
    rng = np.random.default_rng(1)
    x = np.where(rng.random((4, 5)) < 0.5, 0.0, rng.normal(size=(4, 5)))
    point = {"x": x, "y": rng.random(5) + 0.1, "z": 0.0}
    gradient, diagonal = f.grad(point), f.hessian_diagonal(point)
    for at in ((0, 0), (1, 3), (3, 4)):
        own = {"x": float(x[at]), "y": float(point["y"][at[1]]), "z": 0.0}
        alike([np.broadcast_to(g, (4, 5))[at] for g in gradient], list(f.grad(own)), own)
        alike([np.broadcast_to(g, (4, 5))[at] for g in diagonal], list(f.hessian_diagonal(own)), own)


@pytest.mark.parametrize("text", ["sqrt(x*y)", "max(x, y)*min(x, y)", "abs(x)*y", "where(x == 0, 1, sin(x)/x)*y"])
def test_the_rays_are_as_few_for_many_points(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    class Counted(wengert.sweeps.rays.Rays):
        def __init__(self, *args: Any, **given: Any) -> None:
            nonlocal made
            made += 1
            super().__init__(*args, **given)

    for module in (wengert.sweeps.rays, wengert.api.kinks.kink_groups):
        monkeypatch.setattr(module, "Rays", Counted)
    f = wg.compile(text)
    counts = []
    for m in (100, 400):
        rng = np.random.default_rng(m)
        x, y = rng.random(m) + 0.5, rng.random(m) + 0.5
        x[::2] = y[::2] = 0.0 if "==" in text else 1.0
        x[::4] = 0.0
        made = 0
        f.grad(x, y)
        f.hessian(x, y)
        counts.append(made)
    assert counts[0] == counts[1] <= 12


def test_lanes_tell_points_apart() -> None:
    a = Lane(np.array([1.0, -2.0, 3.0]))
    assert type(a - a) is float
    assert bool(a) is True
    assert finite(a) is True
    with pytest.raises(Apart) as ways:
        assert a > 0.0
    assert ways.value.where.tolist() == [True, False, True]
    assert lane(np.array([2.0, 2.0])) == 2.0
    assert type(lane(np.array([0.0, -0.0]))) is Lane
    assert np.isnan(lane(np.array([np.nan, np.nan])))
    assert unless(a, 2.0, 1.0).of.tolist() == [0.0, 0.0, 3.0]


ARRAYS = ["sum(abs(x)^2)", "sum(where(x == 0, 0, x^3/x))*y", "sqrt(sum(x^2))*y", "sum(max(x, 0)^2)*y", "max(x)*min(x)",
          "[abs(x[0])*x[1], x[2]*max(x[0], y)]", "sum(abs(x @ [[1, 2], [0, 1], [1, -1], [0, 0]])^2)"]  # fmt: skip


@pytest.mark.parametrize("kink", ["mean", "left"])
@pytest.mark.parametrize("text", ARRAYS)
def test_a_batch_over_arrays_answers_as_its_points(text: str, kink: str) -> None:
    f, rng = wg.compile(f"input x[4], y\n{text}", kink=kink), np.random.default_rng(3)
    point = {"x": rng.integers(-1, 2, size=(3, 4)).astype(float).repeat(8, axis=0), "y": np.ones(24)}
    point["x"][::2] *= rng.uniform(1, 2, size=(12, 4))
    for found in (f.jacobian, *((f.hessian,) if text[0] != "[" else ())):
        whole = found(point)
        for k in (0, 9, 22):
            one = found({"x": point["x"][k], "y": float(point["y"][k])})
            for row, own in zip(whole, one):
                for a, b in zip(row, own):
                    alike(np.broadcast_to(a, (24, *np.shape(b)))[k], b, (text, k))


def test_many_points_over_arrays_are_the_work_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, along = [0], wengert.sweeps.rays.Rays.along

    def count(*args: Any) -> Any:
        counted[0] += 1
        return along(*args)

    monkeypatch.setattr(wengert.sweeps.rays.Rays, "along", count)
    f, rays = wg.compile("input x[30]\nsum(max(x, 0)^2)*1 + sum(abs(x)*x)"), []
    for m in (10, 200):
        x = np.random.default_rng(0).normal(size=(m, 30))
        x[:, :4] = 0
        counted[0] = 0
        f.hessian(x=x)
        rays.append(counted[0])
    assert rays[0] == rays[1]
