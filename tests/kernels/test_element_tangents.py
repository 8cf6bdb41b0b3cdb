"""Tangents of single elements give the matrices of dense sweeps, at the cost of the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wengert as wg
import wengert.api.sparse
import wengert.language.together as turns
from wengert.kernels import by_elements
from wengert.kernels.element_tangents import ElementTangents
from wengert.sweeps.forward import forward_sweep

N = 5
PAIRS = f"for i in 0:{N} for j in 0:{N}"
BELOW = f"for i in 0:{N} for j in i + 1:{N}"
PROGRAMS = [
    f"sum(exp(-(x[i] - x[j])^2) {PAIRS})",
    f"sum(1/sqrt((x[i] - x[j])^2 + (y[i] - y[j])^2) {BELOW})",
    f"sum(1/(x[i] - x[j]) if i != j else 0 {PAIRS})",
    f"log(sum(exp(-(x[i] - y[j])^2) {PAIRS})) + sum(x)*sum(y^3)",
    f"sum(sin(x[i])*sum(cos(x[i]*x[j]) for j in 0:{N})^2 for i in 0:{N})",
    f"sum(1/(1 + (x[i] - x[j])^2 + (x[j] - x[k])^2) {BELOW} for k in j:{N})",
    f"sum(1/norm(X[i] - X[j]) + max(X[i]*X[j])*mean(X[j])^2 {BELOW})",
    f"sum(logsumexp(X[i] + X[j]) + var(X[i]*X[j]) {PAIRS})",
    f"sum((X[i,0] - X[j,0])^4*X[j,1]^2 {BELOW})",
    f"sum(max(x[i]*x[j], 0.3)^2 + abs(x[i] - y[j])^3 {PAIRS})",
    "sum(100*(x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)",
    "x[0]^3*x[1] + sum(x[2:]^4)*y[0] + sum(max(x, 0)^2)",
    "sum(softmax(x)*y^2) + sum(cumsum(x)^3) + prod(y)",
    "sum((X @ X.T @ x)^2) + sum(concatenate(x^2, x*y)^2)",
    "z = concatenate(x, x)\nsum(sort(z)[3:]^3) + sum(sort(z)*z)",
]


@pytest.fixture(autouse=True)
def taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small programs go the way of large ones."""
    monkeypatch.setattr(turns, "MANY", 1)
    monkeypatch.setattr(turns, "PAIRS", 1)
    for name, value in {"FEW": 1, "MANY": 0, "SHARE": 1e9, "OPERATIONS": 1e9, "WIDE": 0}.items():
        monkeypatch.setattr(by_elements, name, value)
    monkeypatch.setattr(wengert.api.sparse, "LONG", 0)


def compiled(text: str) -> tuple[wg.Function, dict[str, Any]]:
    f = wg.compile(f"input x[{N}], y[{N}], X[{N},3]\n{text}")
    rng = np.random.default_rng(7)
    return f, {n: rng.uniform(0.3, 1.7, f.shapes[n]) for n in f.inputs}


def matrix(found: Any) -> np.ndarray:
    rows = [[np.asarray(v) for v in row] for row in found]
    sizes = [v.size for v in (np.zeros(N), np.zeros(N), np.zeros((N, 3)))]
    return np.block([[v.reshape(m, n) for v, n in zip(row, sizes)] for row, m in zip(rows, sizes)])


@pytest.mark.parametrize("text", PROGRAMS)
def test_a_hessian_is_that_of_dense_sweeps(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f, at = compiled(text)
    made: list[Any] = []
    way = by_elements.at_once
    monkeypatch.setattr(by_elements, "at_once", lambda *a: made.append(way(*a)) or made[-1])
    found, want = matrix(f.hessian(at)), matrix(f.hessian(at, mode="forward"))
    assert [rows is not None for rows in made] == [True]
    np.testing.assert_allclose(found, want, rtol=1e-11, atol=1e-12)
    own = f.hessian_diagonal(at)
    np.testing.assert_allclose(np.concatenate([np.ravel(v) for v in own]), np.diag(want), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("text", [t for t in PROGRAMS if not any(w in t for w in ("sort", "softmax", "logsumexp"))])
def test_nonzeros_stand_where_those_of_the_list_do(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f, at = compiled(text)
    found = f.sparse_hessian(at)
    monkeypatch.setattr(wengert.api.sparse, "LONG", 1 << 62)
    want = wg.compile(f"input x[{N}], y[{N}], X[{N},3]\n{text}").sparse_hessian(at)
    listed = set(zip(want.rows.tolist(), want.columns.tolist()))
    assert listed <= set(zip(found.rows.tolist(), found.columns.tolist()))
    assert np.array_equal(found.dense(), found.dense().T)
    np.testing.assert_allclose(found.dense(), want.dense(), rtol=1e-11, atol=1e-12)


def test_places_that_depend_on_values_are_no_pattern() -> None:
    f, at = compiled("sum(sort(x)^3*y)")
    with pytest.raises(wg.DerivativeError, match="cannot be taken apart"):
        f.sparse_hessian(at)


@pytest.mark.parametrize("text", [PROGRAMS[0], PROGRAMS[1], PROGRAMS[6]])
def test_the_operations_are_those_of_the_answer(text: str) -> None:
    """Twice the inputs are four times the pairs and the entries."""
    spent = []
    for n in (8, 16, 32):
        f = wg.compile(f"input x[{n}], y[{n}], X[{n},3]\n" + text.replace(f":{N}", f":{n}"))
        rng = np.random.default_rng(7)
        at = {name: rng.uniform(0.3, 1.7, f.shapes[name]) for name in f.inputs}
        call = f.lists.gradient_at(at, f.inputs).at(at)
        with call:
            tape = forward_sweep(call.wlist, call.values, call.apply)
        sweep = ElementTangents(call, tape, "mean", 1e12)
        sweep.along(f.inputs, call.wlist.outputs)
        spent.append(1e12 - sweep.left)
    assert spent[1] < 5 * spent[0]
    assert spent[2] < 5 * spent[1]


def test_elements_left_out_at_every_point_have_no_notes() -> None:
    for text in (
        PROGRAMS[1],
        PROGRAMS[2],
        f"sum(abs(x[i] - x[j])^1.5 + log(x[i] - x[j])^2 for i in 0:{N} for j in 0:i)",
    ):
        f, at = compiled(text)
        at["x"] = np.sort(at["x"])
        assert f.grad(at).notes == ()
        assert not [note for note in f.hessian(at).notes if note.code in ("W201", "W301", "W304")]
