"""A comprehension over all turns at once has the value and the derivatives that it has turn by turn."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import wengert as wg
import wengert.language.together as turns

N, M, D = 4, 3, 2
HEAD = f"input x[{N}], y[{M}], A[{N},{M}], B[{N},{D},{D}], C[{N},{D}], w[{D}], S[{D},{D}], c\n"


@contextmanager
def limits(many: int, pairs: int) -> Iterator[None]:
    before = turns.MANY, turns.PAIRS
    turns.MANY, turns.PAIRS = many, pairs
    try:
        yield
    finally:
        turns.MANY, turns.PAIRS = before


def point(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    shapes = {"x": N, "y": M, "A": (N, M), "B": (N, D, D), "C": (N, D), "w": D, "S": (D, D)}
    return {**{n: rng.uniform(0.3, 1.7, s) for n, s in shapes.items()}, "c": 0.7}


def compiled(text: str, together: bool) -> wg.Function:
    with limits(*((1, 1) if together else (10**9, 10**9))):
        return wg.compile(HEAD + text)


def flat(a: Any) -> np.ndarray:
    rows = a if isinstance(a, (tuple, list)) else [a]
    return np.concatenate([flat(r) if isinstance(r, (tuple, list)) else np.ravel(r) for r in rows])


def held(text: str, seed: int, lowered: bool | None = None) -> None:
    """That a program means the same together and turn by turn, in value, gradient and Hessian."""
    whole, single = compiled(text, True), compiled(text, False)
    at = point(seed)
    if lowered is not None:
        assert (len(whole.wengert_list) < len(single.wengert_list)) is lowered, text
    np.testing.assert_allclose(flat(whole(at)), flat(single(at)), rtol=1e-11, err_msg=text)
    if np.ndim(single(at)):
        return
    np.testing.assert_allclose(flat(whole.grad(at)), flat(single.grad(at)), rtol=1e-10, atol=1e-11, err_msg=text)
    if seed % 3 == 0:
        found, want = (flat([tuple(row) for row in f.hessian(at)]) for f in (whole, single))
        np.testing.assert_allclose(found, want, rtol=1e-9, atol=1e-10, err_msg=text)


TOGETHER = [
    f"sum(x[i]*x[j] for i in 0:{N} for j in 0:{N})",
    f"sum(A[i,j]*x[i]*y[j] for i in 0:{N} for j in 0:{M})",
    f"sum(A[j,i]*y[i] for i in 0:{M} for j in 0:{N})",
    f"sum(exp(-(x[i] - x[j])^2) for i in 0:{N} for j in 0:{N})",
    f"sum(i*x[i]*(j + 1) for i in 0:{N} for j in 0:{M})",
    f"sum(x[{N} - 1 - i]*y[j] for i in 0:{N} for j in 0:{M})",
    f"sum(x[-1 - i]*y[j]^i for i in 0:{N} for j in 0:{M})",
    f"sum(x[2*i]*y[j + 1] for i in 0:2 for j in 0:{M - 1})",
    f"max(x[i] + y[j] for i in 0:{N} for j in 0:{M})",
    f"min(x[i]*y[j] for i in 0:{N} for j in 0:{M})",
    f"logsumexp([sum((B[k]@(w - C[k]))^2) for k in 0:{N}])",
    f"sum((B[k] @ w) @ C[k] for k in 0:{N})",
    f"sum(sum(w @ B[k]) for k in 0:{N})",
    f"sum(sum(S @ C[k]) * x[k] for k in 0:{N})",
    f"sum(sum(B[k] @ S) for k in 0:{N})",
    f"sum(sum(S @ B[k]) for k in 0:{N})",
    f"sum(sum(B[k] @ B[l].T) for k in 0:{N} for l in 0:{N})",
    f"sum(C[k] @ C[l] * x[k]*x[l] for k in 0:{N} for l in 0:{N})",
    f"sum(max(C[k])*mean(C[k] - w) for k in 0:{N})",
    f"sum(B[k,0,1]*B[k][1,0] for k in 0:{N})" + " + sum(sum(B[k][:,0]*w) for k in 0:4)",
    f"sum(sum(A[i,j]*y[j] for j in 0:{M})*x[i] for i in 0:{N})",
    f"sum(max(A[i,j] - y[j] for j in 0:{M})*x[i] for i in 0:{N})",
    f"sum([sin(x[i])*y[j] for j in 0:{M}] @ y*c for i in 0:{N})",
    f"def k(a, b) = exp(-c*(a - b)^2)\nsum(k(x[i], y[j]) for i in 0:{N} for j in 0:{M})",
    f"[x[i]*y[j] for i in 0:{N} for j in 0:{M}]",
    f"[B[k] @ w for k in 0:{N}]",
    f"op g(a, b) = a*b^2 with d/da = b^2, d/db = 2*a*b\nsum(g(x[i], y[j]) for i in 0:{N} for j in 0:{M})",
]
# Ranges that depend on a counter are taken whole, and the turns outside them left out of the sum.
BOUNDED = [
    f"sum(x[i]*x[j] for i in 0:{N} for j in 0:i)",
    f"sum(A[i,j]*c for i in 0:{M} for j in i:{M})",
    f"sum(1/sqrt((x[i] - x[j])^2) for i in 0:{N} for j in i + 1:{N})",
    f"sum(log(abs(x[i] - x[j])) + x[i] for i in 0:{N} for j in 0:i)",
    f"sum(x[i]*sum(exp(-(x[i] - x[j])^2) for j in i:{N}) for i in 0:{N})",
    f"sum(x[i]*x[j]*x[k] for i in 0:{N} for j in i + 1:{N} for k in j + 1:{N})",
    f"sum(x[i]*x[j] for i in 0:{N} for j in {N} - i:{N})",
    f"sum((B[k] @ w) @ (B[l] @ w)/(x[k] - x[l]) for k in 0:{N} for l in k + 1:{N})",
    f"sum(norm(C[k] - C[l]) for k in 0:{N} for l in k + 1:{N})",
    f"sum(1/(x[i] - x[j]) if i != j else 0 for i in 0:{N} for j in 0:{N})",
]
UNROLLED = [
    f"sum(prod(x[j] - x[i] for j in i + 1:{N}) for i in 0:{N})",
    f"sum(max(x[j] for j in i:{N}) for i in 0:{N})",
    f"max(x[i]*x[j] for i in 0:{N} for j in i + 1:{N})",
    f"sum(A[i,i]*y[j] for i in 0:{M} for j in 0:{M})",
    f"prod(x[i] + y[j] for i in 0:{N} for j in 0:{M})",
    f"sum(x[i - 1]*y[j] for i in 0:{N} for j in 0:{M})",
    f"sum(det(B[k])*y[j] for k in 0:{N} for j in 0:{M})",
]  # fmt: skip


@pytest.mark.parametrize("text", TOGETHER)
def test_turns_together(text: str) -> None:
    held(text, 3, lowered=True)


@pytest.mark.parametrize("text", BOUNDED)
def test_turns_of_ranges_that_depend_on_a_counter(text: str) -> None:
    held(text, 3)
    at = point(3)
    assert compiled(text, True).grad(at).notes == compiled(text, False).grad(at).notes == ()


@pytest.mark.parametrize("text", UNROLLED)
def test_turns_that_have_no_form_are_unrolled(text: str) -> None:
    held(text, 1)
    assert str(compiled(text, True).wengert_list) == str(compiled(text, False).wengert_list)


FACTORS = [
    "x[i]", "y[j]", "A[i,j]", "c", "exp(-x[i])", "(x[i] - y[j])", "abs(x[i] - c)", "x[3 - i]", "(i + 1)", "j",
    "sum(C[i]*w)", "(B[i] @ w)[0]", "(w @ C[i])", "C[i,1]", "max(x[i], y[j])", "2", "A[i,2 - j]", "1/(1 + i + j)",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(24))
def test_random_sums(seed: int) -> None:
    rng = random.Random(seed)
    terms = ["*".join(rng.sample(FACTORS, rng.randint(1, 4))) for _ in range(rng.randint(1, 2))]
    ranges = ["for i in 0:4", "for j in 0:3"]
    rng.shuffle(ranges)
    body = " + ".join(terms)
    outer, inner = ranges
    texts = [f"sum({body} {outer} {inner})", f"sum(sum({body} {inner}) {outer})"]
    held(rng.choice([*texts, f"max({body} {outer} {inner})", f"sum(c*sum({body} {inner})^2 {outer})"]), seed)


def test_few_turns_over_numbers_are_shown_one_by_one() -> None:
    text = "input x[n]\n" + "sum(x[i]^2 for i in 0:n)"
    assert len(wg.compile(text, shapes={"x": (40,)}).wengert_list) == 40 + 40 + 39
    assert len(wg.compile("input x[5]\nsum(x[i]*x[j] for i in 0:5 for j in 0:5)").wengert_list) > 50


def test_the_work_does_not_grow_with_the_turns() -> None:
    """A mixture of many components, and a double sum, are as many equations as one of few."""
    mixture = "input L[K,d,d], x[d], m[K,d], a[K]\nlogsumexp([a[k] - sum((L[k]@(x - m[k]))^2)/2 for k in 0:K])"
    lengths = {len(wg.compile(mixture, shapes={"L": (k, 3, 3)}).wengert_list) for k in (8, 500)}
    assert lengths == {9}
    pairs = "input x[n]\nsum(x[i]*x[j] for i in 0:n for j in 0:n)"
    f = wg.compile(pairs, shapes={"x": (700,)})
    assert len(f.wengert_list) < 10
    x = np.linspace(-1, 2, 700)
    np.testing.assert_allclose(f.hessian(x=x)["x", "x"], np.full((700, 700), 2.0))
    np.testing.assert_allclose(f(x=x), x.sum() ** 2)


def test_an_index_that_leaves_the_array_is_told_by_its_turn() -> None:
    with pytest.raises(wg.WengertError, match="there is no element 40 among 40"):
        wg.compile("input x[40]\nsum(x[i + 1]*x[j] for i in 0:40 for j in 0:40)")(np.ones(40))
