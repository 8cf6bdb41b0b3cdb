"""Cases of the ops of linear algebra: arguments that are random, well away from kinks, and of the sizes asked for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest

import wengert as wg
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS

Rng = np.random.Generator
EPS = float(np.finfo(float).eps)
NAMES = ("x", "z", "u")


class Case(NamedTuple):
    """make(rng, m, n) are arguments; `holomorphic`: the forward function takes complex numbers and is analytic."""

    op: str
    make: Callable[[Rng, int, int], tuple[Any, ...]]
    holomorphic: bool = False


def full(r: Rng, *shape: int) -> Any:
    return r.uniform(-1, 1, shape)


def regular(r: Rng, n: int) -> Any:
    """A matrix whose singular values lie between 1 and 2, and apart."""
    u, v = (np.linalg.qr(r.standard_normal((n, n)))[0] for _ in range(2))
    return u @ np.diag(np.linspace(1, 2, n)) @ v


def long(r: Rng, m: int, n: int) -> Any:
    """A matrix whose singular values lie between 1 and 2, and apart."""
    u, v = (np.linalg.qr(r.standard_normal((d, d)))[0][:, : min(m, n)] for d in (m, n))
    return u @ np.diag(np.linspace(1, 2, min(m, n))) @ v.T


def symmetric(r: Rng, n: int, low: float = -1.0) -> Any:
    """A matrix whose symmetric part has its eigenvalues between low and 2, and apart; it is not symmetric itself."""
    q = np.linalg.qr(r.standard_normal((n, n)))[0]
    skew = full(r, n, n)
    return q @ np.diag(np.linspace(low, 2, n)) @ q.T + 0.2 * (skew - skew.T)


def triangular(r: Rng, n: int) -> Any:
    """A full matrix with a diagonal between 1 and 2: the other triangle must not matter."""
    a = 0.5 * full(r, n, n)
    a[range(n), range(n)] = r.uniform(1, 2, n)
    return a


CASES = (
    Case("dot", lambda r, m, n: (full(r, n), full(r, n)), True),
    Case("outer", lambda r, m, n: (full(r, m), full(r, n)), True),
    Case("cross", lambda r, m, n: (full(r, 3), full(r, 3)), True),
    Case("kron", lambda r, m, n: (full(r, m, n), full(r, n, 2)), True),
    Case("kron", lambda r, m, n: (full(r, m), full(r, n)), True),
    Case("kron_left", lambda r, m, n: (full(r, m * n, n * 2), full(r, n, 2), full(r, m, n)), True),
    Case("kron_left", lambda r, m, n: (full(r, m * n), full(r, n), full(r, m)), True),
    Case("kron_right", lambda r, m, n: (full(r, m * n, n * 2), full(r, m, n), full(r, n, 2)), True),
    Case("kron_right", lambda r, m, n: (full(r, m * n), full(r, m), full(r, n)), True),
    Case("quad_form", lambda r, m, n: (full(r, n), full(r, n, n)), True),
    Case("diag", lambda r, m, n: (full(r, n),), True),
    Case("diag[k=-2]", lambda r, m, n: (full(r, n),), True),
    Case("diag", lambda r, m, n: (full(r, m, n),), True),
    Case("diag[k=1]", lambda r, m, n: (full(r, m, n),), True),
    Case("diag_like", lambda r, m, n: (full(r, min(m, n)), full(r, m, n)), True),
    Case("diag_like[k=-1]", lambda r, m, n: (full(r, n + 1, n + 1), full(r, n)), True),
    Case("trace", lambda r, m, n: (full(r, n, n),), True),
    Case("tril", lambda r, m, n: (full(r, m, n),), True),
    Case("tril[k=-1]", lambda r, m, n: (full(r, m, n),), True),
    Case("triu", lambda r, m, n: (full(r, m, n),), True),
    Case("triu[k=1]", lambda r, m, n: (full(r, m, n),), True),
    Case("triangle", lambda r, m, n: (full(r, m, n),), True),
    Case("triangle[lower=0]", lambda r, m, n: (full(r, m, n),), True),
    Case("half_tril", lambda r, m, n: (full(r, n, n),), True),
    Case("sym", lambda r, m, n: (full(r, n, n),), True),
    Case("det", lambda r, m, n: (regular(r, n),), True),
    Case("cofactor", lambda r, m, n: (regular(r, n),)),
    Case("cofactor_slope", lambda r, m, n: (full(r, n, n), regular(r, n))),
    Case("logdet", lambda r, m, n: (regular(r, n),)),
    Case("inv", lambda r, m, n: (regular(r, n),), True),
    Case("solve", lambda r, m, n: (regular(r, n), full(r, n)), True),
    Case("solve", lambda r, m, n: (regular(r, n), full(r, n, m)), True),
    Case("tri_solve", lambda r, m, n: (triangular(r, n), full(r, n)), True),
    Case("tri_solve[lower=0]", lambda r, m, n: (triangular(r, n), full(r, n, m)), True),
    Case("tri_solve_t", lambda r, m, n: (triangular(r, n), full(r, n, m)), True),
    Case("tri_solve_t[lower=0]", lambda r, m, n: (triangular(r, n), full(r, n)), True),
    Case("cholesky", lambda r, m, n: (symmetric(r, n, 0.5),)),
    Case("eigvalsh", lambda r, m, n: (symmetric(r, n),)),
    Case("eigh_vectors", lambda r, m, n: (symmetric(r, n),)),
    Case("svdvals", lambda r, m, n: (long(r, m, n),)),
    Case("svd_left", lambda r, m, n: (long(r, m, n),)),
    Case("svd_right", lambda r, m, n: (long(r, m, n),)),
    Case("tied", lambda r, m, n: (full(r, n),)),
    Case("tied[signed=0]", lambda r, m, n: (full(r, n),)),
    Case("gaps", lambda r, m, n: (r.permutation(n) + 0.3 * full(r, n),), True),
    Case("expm", lambda r, m, n: (full(r, n, n),), True),
    Case("expm_frechet", lambda r, m, n: (full(r, n, n), full(r, n, n)), True),
    Case("twin", lambda r, m, n: (full(r, n, n), full(r, n, n)), True),
    Case("twin_corner", lambda r, m, n: (full(r, 2 * n, 2 * n),), True),
    Case("twin_diagonal", lambda r, m, n: (full(r, 2 * n, 2 * n),), True),
    Case("norm", lambda r, m, n: (full(r, m, n),), True),
    Case("norm", lambda r, m, n: (full(r, n),), True),
    Case("norm[axis=0]", lambda r, m, n: (full(r, m, n),), True),
    Case("norm[axis=[-1],keepdims=1]", lambda r, m, n: (full(r, m, n),), True),
)  # fmt: skip
cases = pytest.mark.parametrize("case", CASES, ids=[f"{k}-{c.op}" for k, c in enumerate(CASES)])


def arguments(case: Case, seed: int = 0, m: int = 2, n: int = 3) -> tuple[Any, ...]:
    return case.make(np.random.default_rng(seed), m, n)


def plain(case: Case, args: tuple[Any, ...]) -> WengertList:
    names = NAMES[: len(args)]
    return WengertList([("f", case.op, names)], names, ["f"], shapes={n: a.shape for n, a in zip(names, args)})


def curved(case: Case, args: tuple[Any, ...]) -> tuple[wg.Function, dict[str, Any], dict[str, Any]]:
    """A number made of the op's value, curved and with weights; a point, and a direction in which to go from there."""
    r = np.random.default_rng(7)
    with np.errstate(all="ignore"):
        shape = np.shape(OPS[case.op].forward(*args))
    names = NAMES[: len(args)]
    point = dict(zip(names, args))
    equations = [("f", case.op, names), ("s", "sin", ("f",)), ("p", "mul", ("s", "w"))]
    if shape:
        equations.append(("t", "sum", ("p",)))
    shapes = {n: a.shape for n, a in point.items()} | ({"w": shape} if shape else {})
    f = wg.compile(WengertList(equations, (*names, "w"), shapes=shapes))
    direction = {n: r.uniform(-1, 1, a.shape) for n, a in point.items()}
    return f, point | {"w": r.uniform(0.5, 1, shape) if shape else 0.7}, direction


def moved(point: dict[str, Any], direction: dict[str, Any], t: float) -> dict[str, Any]:
    return {n: v + t * direction[n] if n in direction else v for n, v in point.items()}


def slope(f: Callable[[float], Any], h: float = 0.02) -> Any:
    """A central difference at 0, extrapolated (L. F. Richardson 1911)."""
    column = [(f(h / 2**k) - f(-h / 2**k)) / (2 * h / 2**k) for k in range(5)]
    for j in range(1, 5):
        column = [(4**j * b - a) / (4**j - 1) for a, b in pairwise(column)]
    return column[0]


def close(a: Any, b: Any, within: float) -> None:
    assert np.shape(a) == np.shape(b)
    scale = max(1.0, float(np.max(np.abs(b), initial=0.0)))
    np.testing.assert_allclose(a, b, rtol=0, atol=within * scale)
