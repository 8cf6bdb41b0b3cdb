"""Edges of the rows of linear algebra: singular, empty and tied matrices, and shapes that do not fit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import wengert as wg
from tests.oracles.matrix_cases import CASES, Case, arguments, cases, close, curved, full, regular, slope
from wengert.ops.parameters import split

SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


@pytest.mark.parametrize(
    ("text", "a", "needs"),
    [
        ("sum(inv(a))", SINGULAR, "det(a) != 0"),
        ("sum(solve(a, [1, 2]))", SINGULAR, "det(a) != 0"),
        ("logdet(a)", SINGULAR, "det(a) != 0"),
        ("sum(tri_solve(a, [1, 2]))", np.diag([1.0, 0.0]), "diag(a) != 0"),
        ("sum(tri_solve_t(a, [1, 2]))", np.diag([0.0, 1.0]), "diag(a) != 0"),
        ("sum(cholesky(a))", -SINGULAR, "eigvalsh(a) > 0"),
        ("sum(cholesky(a))", np.array([[1.0, 2.0], [2.0, 1.0]]), "eigvalsh(a) > 0"),
    ],
)
def test_what_does_not_exist_is_blamed(text: str, a: Any, needs: str) -> None:
    f = wg.compile(text)
    assert not math.isfinite(f(a=a))
    (blame, *_) = f.grad(a=a).notes
    assert blame.code == "W201"
    assert needs in blame.message
    assert blame.help
    assert text[blame.span.start : blame.span.end] in text
    assert blame.span.end > blame.span.start
    strict = wg.compile(text, strict=True)
    with pytest.raises(wg.WengertError):
        strict(a=a)


def test_one_singular_matrix_leaves_the_rest_of_a_batch_alone() -> None:
    good = regular(np.random.default_rng(0), 2)
    for text in ("inv(a)", "solve(a, [1, 2])", "cholesky(a)", "eigvalsh(a)", "svdvals(a)", "eigh_vectors(a)"):
        bad = {"c": -SINGULAR, "e": np.full((2, 2), np.nan), "s": np.full((2, 2), math.inf)}.get(text[0], SINGULAR)
        bad = SINGULAR if text.startswith("solve") else bad
        f = wg.compile(f"input a[2,2]; {text}")
        spd = good @ good.T
        y = f(a=np.stack([spd, bad, spd]))
        assert np.isfinite(y[[0, 2]]).all()
        assert np.isnan(y[1]).any()
        close(y[0], f(a=spd), 1e-15)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_no_value_makes_an_op_raise(bad: float, capfd: Any) -> None:
    for case in CASES:
        args = [np.array(a) for a in arguments(case, 1)]
        args[0].reshape(-1)[:1] = bad
        f, point, direction = curved(case, tuple(args))
        f(point)
        f.value_and_grad(point)
        f.hvp(point, direction)
    assert capfd.readouterr() == ("", "")


@cases
def test_zeros_are_answered(case: Case) -> None:
    """Singular, tied, on kinks, all at once: no exception, and a note where the derivative is a choice."""
    args = tuple(np.zeros_like(a) for a in arguments(case, 1))
    f, point, direction = curved(case, args)
    f.value_and_grad(point)
    f.hvp(point, direction)
    if split(case.op)[0] in ("norm", "svdvals", "eigvalsh"):
        assert {n.code for n in f.grad(point).notes} & {"W301", "W302"}
        with pytest.raises(wg.WengertError):
            wg.compile(f.wengert_list, kink="error").grad(point)


def test_empty_matrices() -> None:
    empty = np.zeros((0, 0))
    for text, want in (("det(a)", 1.0), ("trace(a)", 0.0), ("logdet(a)", 0.0), ("norm(a)", 0.0)):
        f = wg.compile(text)
        assert f(a=empty) == want
        assert f.grad(a=empty)["a"].shape == (0, 0)
    for text in ("inv(a)", "cholesky(a)", "expm(a)", "sym(a)", "cofactor(a)"):
        assert wg.compile(text)(a=empty).shape == (0, 0)
    assert wg.compile("eigvalsh(a)")(a=empty).shape == (0,)
    assert wg.compile("svdvals(a)")(a=np.zeros((0, 3))).shape == (0,)


def test_determinants_have_two_derivatives_at_singular_matrices() -> None:
    """The determinant is a polynomial: its derivatives are told by expanding it along rows, without division."""
    r = np.random.default_rng(0)
    f = wg.compile("det(a)")
    lower = full(r, 4, 2) @ full(r, 2, 4)
    for a in (np.zeros((3, 3)), np.outer([1.0, 2, 3], [1, 0, 1]), lower, np.zeros((2, 2)), np.zeros((1, 1))):
        n = len(a)
        minors = np.array([[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(n)]
                           for i in range(n)])  # fmt: skip
        close(f.grad(a=a)["a"], minors, 1e-14)
        d = full(r, n, n)
        close(f.hvp({"a": a}, {"a": d})["a"], slope(lambda t, a=a, d=d: f.grad(a=a + t * d)["a"]), 1e-10)


def test_tied_eigenvalues_share() -> None:
    f = wg.compile("eigvalsh(a)[0]")
    g = f.grad(a=np.diag([1.0, 1.0, 2.0]))
    close(g["a"], np.diag([0.5, 0.5, 0.0]), 1e-15)
    (note,) = g.notes
    assert note.code == "W302"
    q = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    close(f.grad(a=q @ np.diag([1.0, 1.0, 2.0]) @ q.T)["a"], q @ np.diag([0.5, 0.5, 0.0]) @ q.T, 1e-14)
    assert np.isnan(f.hessian(a=np.eye(2))["a", "a"]).any()
    # A symmetric function of all eigenvalues is smooth there.
    close(wg.compile("sum(eigvalsh(a)^3)").grad(a=np.eye(3))["a"], 3 * np.eye(3), 1e-14)
    s = wg.compile("svdvals(a)[2]")
    assert not s.grad(a=np.diag([2.0, 1.0, 0.0]))["a"].any()


def test_a_note_of_wholes_offers_only_what_there_is() -> None:
    """The left derivative is said to be used only by an op whose rule knows it."""
    sided = wg.compile("norm(x)", kink="left").grad(x=[0.0, 0.0])
    assert list(sided["x"]) == [-1.0, -1.0]
    assert "from the left" in sided.notes[0].message
    plain_ = wg.compile("eigvalsh(a)[0]", kink="left").grad(a=np.eye(2))
    assert "from the left" not in plain_.notes[0].message
    assert "share" in plain_.notes[0].message


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("inv(a)", {"a": np.ones((2, 3))}, "square"),
        ("inv(3)", {}, "`inv` cannot take what it is given: it takes a matrix, and this is a number"),
        ("det(a)", {"a": np.ones(3)}, "it takes a matrix, and this is a vector"),
        ("trace(a)", {"a": 2.0}, "this is a number"),
        ("solve(a, b)", {"a": np.eye(2), "b": np.ones(3)}, "2 is not 3"),
        ("solve(a, b)", {"a": np.eye(2), "b": 1.0}, "right-hand side"),
        ("dot(a, b)", {"a": np.eye(2), "b": np.ones(2)}, "a @ b"),
        ("cross(a, b)", {"a": np.ones(2), "b": np.ones(2)}, "3 elements"),
        ("kron(a, b)", {"a": np.eye(2), "b": np.ones(2)}, "two matrices"),
        ("quad_form(x, a)", {"x": np.ones(2), "a": np.eye(3)}, "3 is not 2"),
        ("outer(a, b)", {"a": np.eye(2), "b": np.ones(2)}, "it takes a vector"),
        ("expm(a)", {"a": np.ones((2, 2, 2))}, "3 dimensions"),
        ("diag_like(a, b)", {"a": np.ones(3), "b": np.eye(2)}, "3 is not 2"),
        ("kron_left(p, b, a)", {"p": np.eye(3), "b": np.eye(2), "a": np.eye(2)}, "3 is not 4"),
        ("kron_right(p, a, b)", {"p": 1.0, "b": np.eye(2), "a": np.eye(2)}, "() is not (4, 4)"),
        ("norm(a, axis=2)", {"a": np.eye(2)}, "no axis 2"),
    ],
)
def test_shapes_that_do_not_fit_are_told(text: str, values: dict[str, Any], says: str) -> None:
    with pytest.raises(wg.ground.errors.ShapeError) as caught:
        wg.compile(text)(**values)
    assert says in caught.value.diagnostic.message
