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
        call = f._lists.gradient_at(at, f.inputs).at(at)
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


def test_derivatives_are_nan_where_the_value_is() -> None:
    """`log(x[i]*x[j])` is nan where one of the two is below 0, and its rule is not."""
    f, at = compiled(f"sum(log(x[i]*x[j])*y[i] {PAIRS})")
    at["x"][1] = -1.0
    assert np.isnan(f(at))
    own = f.hessian(at, wrt="x")["x", "x"]
    for found in (f.sparse_hessian(at, wrt="x").values, f.hessian_diagonal(at, wrt="x")["x"], own):
        assert np.isnan(found).all()
    assert np.isnan(f.sparse_jacobian(at, wrt="x").values).all()


def test_tangents_in_all_columns_meet() -> None:
    """Both factors of the difference have a tangent for each input, one of them by broadcasting."""
    f, at = compiled(
        "sum((expand_dims(x^2, 1)*expand_dims(flip(x), 0) - softmax(x*sum(x))) @ sin(x)) + sum(y) + sum(X)"
    )
    np.testing.assert_allclose(matrix(f.hessian(at)), matrix(f.hessian(at, mode="forward")), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    "term",
    [
        "x[i]^2/sum(x[k] for k in 0:i)*x[j]",
        "1/i*x[j]",
        "sqrt(sum(x[k] for k in 0:i))*x[j]",
        "sum(1/(x[k] - x[k + 1]*i/i) for k in 0:2)*x[j]",
        "sum(abs(X[i]*i))*x[j]",
        "log(i*x[i])*x[j]",
    ],
)
def test_turns_of_no_inner_turn_have_no_notes(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At i = 0 there is no j: notes and values are those of the turns one after the other."""
    text = f"sum({term} for i in 0:{N} for j in 0:i)"
    f, at = compiled(text)
    assert any(e.op.startswith("arange") for e in f.wengert_list.equations)
    monkeypatch.setattr(turns, "MANY", 1 << 62)
    monkeypatch.setattr(turns, "PAIRS", 1 << 62)
    unrolled = wg.compile(f"input x[{N}], y[{N}], X[{N},3]\n{text}")
    found, want = f.grad(at), unrolled.grad(at)
    assert found.notes == want.notes == ()
    np.testing.assert_allclose(found["x"], want["x"], rtol=1e-12, atol=1e-13)
    second, wanted = f.hessian(at), unrolled.hessian(at)
    assert [note.code for note in second.notes] == [note.code for note in wanted.notes]
    np.testing.assert_allclose(second["x", "x"], wanted["x", "x"], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(f.hessian_diagonal(at)["x"], np.diag(wanted["x", "x"]), rtol=1e-12, atol=1e-13)
    sparse = f.sparse_hessian(at, wrt="x")
    np.testing.assert_allclose(sparse.values, wanted["x", "x"][sparse.rows, sparse.columns], rtol=1e-12, atol=1e-13)


def test_hessians_at_ties_of_turns_are_those_of_the_turns() -> None:
    """The terms are tied with a number, and with each other, along broadcast axes."""
    for text in (
        f"max(max(x[i], y[0])*j for i in 0:{N} for j in i:{N}) + 0*sum(x*x)",
        f"sum(max(x[i]*x[i], y[0])^2 {BELOW})",
        f"sum(max(x[i], x[0])*max(y[j], x[i])^2*(j - i) {BELOW})",
    ):
        f, at = compiled(text)
        at = {n: np.ones_like(v) for n, v in at.items()}
        found = f.hessian(at)["x", "x"]
        np.testing.assert_allclose(found, found.T)
        assert np.isfinite(found).all()
