"""Derivatives at kinks term by term: as where a program is followed as a whole, at every size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import wengert as wg
from tests.oracles.array_programs import array_programs
from tests.oracles.programs import programs
from tests.sweeps.test_rays import NORMS, SECOND, SIDES, flat
from wengert.api.kinks import at_kinks


def answers(f: Any, point: dict[str, Any]) -> dict[str, Any]:
    """All first and second derivatives at a point, and the codes of the notes on them."""
    matrix = f.hessian(point)
    gradient, diagonal = f.grad(point), f.hessian_diagonal(point)
    return {
        "gradient": flat(gradient), "hessian": flat(v for row in matrix for v in row), "diagonal": flat(diagonal),
        "notes": [[(n.code, n.span) for n in one.notes] for one in (gradient, matrix, diagonal)],
    }  # fmt: skip


def agree(text: Any, point: dict[str, Any], kink: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    """Term by term the answers are those of the whole, where that is followed."""
    both = []
    for whole in (math.inf, 0):
        with monkeypatch.context() as patched:
            patched.setattr(at_kinks, "WHOLE", whole)
            f = wg.compile(text, kink=kink, **options)
            both.append(answers(f, {n: point[n] for n in f.inputs}))
    want, found = both
    for name in ("gradient", "hessian", "diagonal"):
        np.testing.assert_allclose(found[name], want[name], rtol=1e-9, atol=1e-12, err_msg=f"{name} of {text}")
    assert found["notes"] == want["notes"], text


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
@pytest.mark.parametrize(("text", "point"), [(text, point) for text, point, _ in SECOND], ids=[t for t, _, _ in SECOND])
def test_as_the_whole(text: str, point: dict[str, Any], kink: str, monkeypatch: pytest.MonkeyPatch) -> None:
    agree(text, point, kink, monkeypatch)


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
def test_one_input_and_norms(kink: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, *_ in SIDES:
        agree(text, {"x": 0.0}, kink, monkeypatch)
    for text in NORMS:
        for of in ("{}", "cos({})", "({})^2*v[1]", "{} + abs(v[0])*v[1]"):
            agree(f"input v[2]\n{of.format(text)}", {"v": np.zeros(2)}, kink, monkeypatch)


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
def test_random_programs(kink: str) -> None:
    @settings(max_examples=60)
    @given(programs(most=10))
    def law(program: Any) -> None:
        with pytest.MonkeyPatch.context() as patched:
            agree(program[0], program[1], kink, patched)

    law()


@pytest.mark.parametrize("kink", ["mean", "right"])
def test_random_programs_over_arrays(kink: str) -> None:
    @settings(max_examples=60)
    @given(array_programs(scalar=True, most=6))
    def law(program: Any) -> None:
        with pytest.MonkeyPatch.context() as patched:
            agree(program[0], program[1], kink, patched)

    law()


# Second derivatives at 0 of sums over the elements, by element: the mean over the pieces, worked out by hand.
SUMS = [
    ("sum(abs(x)^2)", lambda x: 2.0 + 0 * x),
    ("sum(relu(x)^2)", lambda x: np.where(x > 0, 2.0, np.where(x < 0, 0.0, 1.0))),
    ("sum(where(x > 0, x^2, -3*x^2))", lambda x: np.where(x > 0, 2.0, np.where(x < 0, -6.0, -2.0))),
    ("sum(where(x == 0, 0, x^3/x))", lambda x: 2.0 + 0 * x), ("sum(max(x, 0)*min(x, 0) + x^2)", lambda x: 2.0 + 0 * x),
]  # fmt: skip


@pytest.mark.parametrize(("text", "second"), SUMS, ids=[text for text, _ in SUMS])
def test_sums_of_any_length(text: str, second: Any) -> None:
    """The answers do not depend on the number of elements, nor on how they are asked for."""
    for n in (3, 20, 100):
        x = np.arange(n) % 5 - 2.0
        f = wg.compile(f"input x[n]\n{text} + sum(x[1:]*x[:-1])")
        want = np.diag(second(x)) + np.eye(n, k=1) + np.eye(n, k=-1)
        matrix, diagonal, sparse = f.hessian(x=x), f.hessian_diagonal(x=x), f.sparse_hessian(x=x)
        np.testing.assert_allclose(matrix[0][0], want, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(diagonal[0], np.diag(want), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(sparse.values, want[sparse.rows, sparse.columns], rtol=1e-12, atol=1e-12)
        assert matrix.notes
        assert [n.message for n in matrix.notes] == [n.message for n in diagonal.notes]


@pytest.mark.parametrize(("kink", "slope"), [("left", 1.0), ("right", -1.0)])
def test_a_side_at_any_length(kink: str, slope: float) -> None:
    """-abs(-x), each in the direction of its own element."""
    for n in (2, 30, 400):
        x = np.arange(n) % 3 - 1.0
        found = wg.compile("input x[n]\nsum(-abs(-x))", kink=kink).grad(x=x)
        np.testing.assert_array_equal(found[0], np.where(x == 0, slope, -np.sign(x)))


def test_more_work_than_is_done_is_told() -> None:
    """All elements meet in one term, each at a kink of its own."""
    x = np.zeros(400)
    f = wg.compile("input x[n]\nsum(abs(x))^2")
    found = f.hessian(x=x)
    assert any("take too long" in n.message for n in found.notes)
    few = wg.compile("input x[n]\nsum(abs(x))^2").hessian(x=np.zeros(4))
    assert few.notes
    assert not any("take too long" in n.message for n in few.notes)


BOUND = ["sqrt(x^4)", "where(x == 0, 1, sin(x)/x)", "-abs(-x)^3 + abs(-x)", "where(x == 0, 0, x)", "sqrt(x^2*y)",
         "input x[n]; sum(sqrt(x^4))", "input x[n]; sum(where(x == 0, 0, x^3/x))",
         "input x[n]; sum(abs(-x))"]  # fmt: skip


@pytest.mark.parametrize("kink", ["mean", "left", "right"])
@pytest.mark.parametrize("text", BOUND)
def test_a_bound_function_over_arrays_meets_the_same_kinks(text: str, kink: str) -> None:
    x = np.array([0.0, 1.0, -2.0, 0.0, 3.0])
    f = wg.compile(text, kink=kink)
    args = [{"x": x, "y": x * x}[n] for n in f.inputs]
    value, gradient = f.value_and_grad(*args)
    bound = wg.compile(text, kink=kink).bind("value_and_grad")
    out = np.empty(np.shape(value)), np.empty((len(args), len(x)))
    for _ in range(3):
        got, *partials = bound(*args)
        np.testing.assert_array_equal(got, value)
        np.testing.assert_array_equal(partials, list(gradient))
        if not text.startswith("input"):
            bound(*args, out=out)
            np.testing.assert_array_equal(out[0], value)
            np.testing.assert_array_equal(out[1], list(gradient))
