"""Values of the rows of linear algebra against mpmath, and identities between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import wengert as wg
from tests.oracles.matrix_cases import EPS, close, full, regular, symmetric
from wengert.ops.arrays import linear_algebra as tensors_linalg


def exact(a: Any) -> Any:
    return mp.matrix(np.atleast_2d(a).tolist())


def floats(a: Any) -> Any:
    return np.array([[float(a[i, j]) for j in range(a.cols)] for i in range(a.rows)])


def hard(n: int) -> dict[str, Any]:
    """Square matrices from easy to nearly singular."""
    r = np.random.default_rng(n)
    hilbert = np.array([[1 / (i + j + 1) for j in range(n)] for i in range(n)])
    graded = full(r, n, n) * 10.0 ** -np.arange(0, 4 * n, 4)
    return {"random": full(r, n, n), "hilbert": hilbert, "graded": graded, "huge": 1e30 * full(r, n, n),
            "near": np.ones((n, n)) + 1e-10 * full(r, n, n)}  # fmt: skip


HARD = [pytest.param(a, id=f"{name}-{n}") for n in (1, 2, 3, 5) for name, a in hard(n).items()]


@pytest.mark.parametrize("a", HARD)
def test_values_of_square_matrices(a: Any) -> None:
    n = len(a)
    c = 20 * n**2 * EPS
    b = full(np.random.default_rng(0), n)
    with mp.workdps(80):
        x = exact(a)
        determinant, inverse = mp.det(x), floats(x**-1)
        cofactors = determinant * (x.T) ** -1
        size = float(mp.norm(cofactors, mp.inf)) * np.linalg.norm(a)
        assert abs(wg.compile("det(a)")(a=a) - float(determinant)) <= c * size
        condition = np.linalg.norm(a) * np.linalg.norm(inverse)
        assert abs(wg.compile("logdet(a)")(a=a) - float(mp.log(abs(determinant)))) <= c * (condition + 50)
        if condition < 1e14:
            assert np.linalg.norm(wg.compile("inv(a)")(a=a) - inverse) <= c * condition * np.linalg.norm(inverse)
        solution = wg.compile("solve(a, b)")(a=a, b=b)
        residual = floats(exact(solution) * x.T - exact(b))
        assert np.linalg.norm(residual) <= c * np.linalg.norm(a) * np.linalg.norm(solution)
        close(wg.compile("cofactor(a)")(a=a) / np.linalg.norm(a) ** (n - 1),
              floats(cofactors / mp.mpf(np.linalg.norm(a)) ** (n - 1)), c)  # fmt: skip
        close(wg.compile("svdvals(a)")(a=a) / np.linalg.norm(a),
              np.sort([float(s) / np.linalg.norm(a) for s in mp.svd_r(x, compute_uv=False)])[::-1], c)  # fmt: skip
        w = sorted(mp.eigsy((x + x.T) / 2, eigvals_only=True))
        close(
            wg.compile("eigvalsh(a)")(a=a) / np.linalg.norm(a), np.array([float(v) for v in w]) / np.linalg.norm(a), c
        )
        spd = floats(x * x.T)
        if np.linalg.cond(spd) < 1e12:
            found = wg.compile("cholesky(a)")(a=spd)
            back = floats(exact(found) * exact(found).T - exact(spd))
            assert np.linalg.norm(back) <= c * np.linalg.norm(spd)
            assert np.array_equal(found, np.tril(found))


EXPONENTS = {
    "zero": np.zeros((2, 2)),
    "small": 1e-9 * full(np.random.default_rng(0), 3, 3),
    "ordinary": 3 * full(np.random.default_rng(1), 4, 4),
    "nilpotent": np.triu(1e8 * np.ones((3, 3)), 1),
    "overscaling": np.array([[1, 1e6], [0, -1.0]]),
    "far left": np.array([[-1000.0, 1], [0, -1001]]),
    "rotation": 40 * np.array([[0.0, 1], [-1, 0]]),
    "moler": np.array([[-49.0, 24], [-64, 31]]),
    "one": np.array([[700.0]]),
    "large": np.array([[-1e300]]),
}


@pytest.mark.parametrize("a", EXPONENTS.values(), ids=EXPONENTS)
def test_exponentials(a: Any) -> None:
    """Among them: C. Moler, C. Van Loan, SIAM Review 45 (2003), examples 1 and of overscaling."""
    r = np.random.default_rng(3)
    e = full(r, *a.shape)
    with mp.workdps(60), np.errstate(all="ignore"):
        want = mp.expm(exact(a)) if np.max(np.abs(a)) < 1e9 else mp.zeros(1)
        found = wg.compile("expm(a)")(a=a)
        # A change of a by its last place moves the value so far, at most.
        moved_ = np.max([np.abs(floats(mp.expm(exact(a * (1 + 4 * EPS * full(r, *a.shape)))) - want))
                         for _ in range(4)], axis=0).max() if np.max(np.abs(a)) < 1e9 else 0.0  # fmt: skip
        size = float(max(abs(v) for v in want))
        assert np.max(np.abs(found - floats(want))) <= 20 * moved_ + 50 * EPS * size
        if size < 1e200 and np.max(np.abs(a)) < 1e9:
            h = mp.mpf(10) ** -25
            d = (mp.expm(exact(a) + h * exact(e)) - mp.expm(exact(a) - h * exact(e))) / (2 * h)
            frechet = wg.compile("expm_frechet(a, d)")(a=a, d=1e20 * e) / 1e20
            scale = max(float(max(abs(v) for v in d)), size)
            assert np.max(np.abs(frechet - floats(d))) <= (1e-13 + 100 * moved_ / max(size, 1e-300)) * scale


def test_a_stack_of_exponentials_is_scaled_matrix_by_matrix() -> None:
    a = np.stack([s * full(np.random.default_rng(2), 3, 3) for s in (0.0, 1e-3, 1.0, 30.0)])
    together = wg.compile("input a[3,3]; expm(a)")(a=a)
    for k in range(4):
        close(together[k], wg.compile("expm(a)")(a=a[k]), 1e-15)


@pytest.mark.parametrize("op", ["eigvalsh", "svdvals", "cholesky", "expm", "inv", "det", "logdet", "norm"])
def test_derivatives_against_mpmath(op: str) -> None:
    """Directional derivatives by differences at 60 digits, which know no rule."""
    exactly: dict[str, Callable[[Any], list[Any]]] = {
        "eigvalsh": lambda x: sorted(mp.eigsy((x + x.T) / 2, eigvals_only=True)),
        "svdvals": lambda x: sorted(mp.svd_r(x, compute_uv=False), reverse=True),
        "cholesky": lambda x: list(mp.cholesky((x + x.T) / 2)),
        "expm": lambda x: list(mp.expm(x)),
        "inv": lambda x: list(x**-1),
        "det": lambda x: [mp.det(x)],
        "logdet": lambda x: [mp.log(abs(mp.det(x)))],
        "norm": lambda x: [mp.norm(x, 2)],
    }
    f = exactly[op]
    for seed in range(4):
        r = np.random.default_rng(seed)
        a, d = symmetric(r, 4, 0.5), full(r, 4, 4)
        with mp.workdps(60):
            h = mp.mpf(10) ** -20
            up, down = f(exact(a) + h * exact(d)), f(exact(a) - h * exact(d))
            want = np.array([float((p - q) / (2 * h)) for p, q in zip(up, down)])
        found = wg.compile(f"{op}(a)").jvp({"a": a}, {"a": d})
        close(np.ravel(found), want, 1e-13)


def test_norms_neither_overflow_nor_vanish() -> None:
    f = wg.compile("norm(x)")
    for scale in (1.0, 1e308, 2.0**-1074, 1e-200, 2.0**-1000):
        x = scale * np.array([3.0, 4.0] if scale < 1e300 else [0.3, 0.4])
        with mp.workdps(40):
            want = mp.sqrt(sum(mp.mpf(v) ** 2 for v in x.tolist()))
        assert f(x=x) == float(want)
        assert f.grad(x=x)["x"] == pytest.approx(np.array([0.6, 0.8]), rel=1e-15)
    assert f(x=[math.inf, math.nan]) == math.inf
    assert math.isnan(f(x=[1.0, math.nan]))
    assert f(x=-3.0) == 3.0
    assert f.grad(x=-3.0)["x"] == -1.0


def test_identities() -> None:
    """What the ops are to each other, on random matrices."""
    r = np.random.default_rng(0)
    a, b = regular(r, 4), full(r, 4)
    spd = a @ a.T

    def at(text: str, **values: Any) -> Any:
        return wg.compile(text)(**values)

    close(at("a @ inv(a)", a=a), np.eye(4), 1e-14)
    close(at("a @ solve(a, b)", a=a, b=b), b, 1e-14)
    close(at("l = cholesky(a); matmul_t(l, l)", a=spd), spd, 1e-14)
    close(at("v = eigh_vectors(a); matmul_t(v*eigvalsh(a), v)", a=spd), spd, 1e-14)
    close(at("matmul_t(svd_left(a)*svdvals(a), svd_right(a))", a=a), a, 1e-14)
    close(at("det(expm(a))", a=a), math.exp(np.trace(a)), 1e-13)
    close(at("expm(a) @ expm(-a)", a=a), np.eye(4), 1e-13)
    close(at("quad_form(b, a)", a=a, b=b), b @ a @ b, 1e-14)
    close(at("cofactor(a)", a=a), np.linalg.det(a) * np.linalg.inv(a).T, 1e-13)
    close(at("cross(x, z)", x=b[:3], z=b[1:]), np.cross(b[:3], b[1:]), 1e-15)
    close(at("kron(a, x)", a=a, x=spd), np.kron(a, spd), 1e-15)
    close(at("norm(a, axis=0)", a=a), np.linalg.norm(a, axis=0), 1e-15)
    close(at("diag(diag(x, k=1), k=1)", x=b), b, 0.0)
    close(at("tri_solve(a, b)", a=spd, b=b), np.linalg.solve(np.tril(spd), b), 1e-13)
    close(at("tri_solve_t(a, b, lower=0)", a=spd, b=b), np.linalg.solve(np.triu(spd).T, b), 1e-13)


def test_single_precision_stays_single() -> None:
    a = np.eye(3, dtype="float32") + np.float32(0.1)
    for name in (
        "det",
        "inv",
        "solve",
        "cholesky",
        "eigvalsh",
        "eigh_vectors",
        "svdvals",
        "svd_left",
        "cofactor",
        "expm",
        "norm",
    ):
        args = (a, a) if name == "solve" else (a,)
        assert getattr(tensors_linalg, name)(0, *args).dtype == np.float32, name
