"""Programs that call the rows over arrays which round, and problems for them: random, the same in every run.

Elements are ordinary, from 1e-8 to 1e8, nearly equal, or such that their sum nearly vanishes; matrices have condition
numbers from 1 to 1e12, or are graded, or almost singular. The k-th problem of a program has elements of the k-th kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Array = Any
Shape = tuple[int, ...]
CONDITIONS = (1.0, 1e3, 1e6, 1e9, 1e12)

# Of each program the shapes of its arguments, and after a colon what they are; 0 stands for a number.
PROGRAMS: dict[str, str] = {
    "sum(a)": "6", "mean(a)": "6", "cumsum(a, axis=0)": "4x2", "prod(a)": "5", "cumprod(a, axis=0)": "4x2",
    "var(a)": "5", "var(a, axis=0, ddof=1)": "4x2", "std(a)": "5", "centred(a)": "5", "norm(a)": "5",
    "logsumexp(a)": "5:scores", "softmax(a)": "5:scores", "log_softmax(a, axis=0)": "4x2:scores",
    "softmax_cross_entropy(a, b)": "5:scores 5:shares", "softmax_cross_entropy_at(a, 2)": "5:scores",
    "median(a)": "6", "quantile(a, 0.3)": "5", "quantile(a, b)": "5 0:part",
    "a @ b": "3x4 4x2", "a.T @ b": "4x3 4x2", "matrix_power(a, 3)": "3x3", "dot(a, b)": "4 4", "outer(a, b)": "3 4",
    "cross(a, b)": "3 3", "kron(a, b)": "2x2 2x2", "quad_form(a, b)": "3 3x3", "trace(a)": "4x4", "sym(a)": "3x3",
    "det(a)": "4x4:square", "logdet(a)": "4x4:square", "inv(a)": "4x4:square", "solve(a, b)": "4x4:square 4",
    "tri_solve(a, b)": "4x4:square 4", "cholesky((a + a.T)/2)": "4x4:spd", "eigvalsh((a + a.T)/2)": "4x4:spd",
    "eigh_vectors(a)": "3x3:spd", "svdvals(a)": "4x3:square", "svd_left(a)": "4x3:square",
    "svd_right(a)": "4x3:square", "expm(a)": "3x3:exponent", "linspace(a, b, 5)": "0 0",
    "interp(a, [0, 1, 2], b)": "4:inside 3", "interp(a, b, c)": "4:inside 4:rising 4", "polyval(a, b)": "4 3",
    "polyder(a)": "5", "convolve(a, b)": "4 3", "conv2d(a, b)": "4x4 2x2",
}  # fmt: skip


def scattered(rng: Any, shape: Shape, low: float, high: float) -> Array:
    return rng.choice((-1.0, 1.0), shape) * 10 ** rng.uniform(low, high, shape)


def elements(rng: Any, shape: Shape, k: int) -> Array:
    """Ordinary ones; of all sizes; nearly equal ones; some whose sum nearly vanishes."""
    a = rng.normal(size=shape)
    if k % 4 == 1:
        return scattered(rng, shape, -8, 8)
    if k % 4 == 2:
        return 10 ** rng.integers(0, 4) * (1 + 1e-7 * a)
    if k % 4 == 3 and shape:
        a[-1] = 1e-9 * a[-1] - np.sum(a[:-1], axis=0)
    return a


def turn(rng: Any, n: int) -> Array:
    return np.linalg.qr(rng.normal(size=(n, n)))[0]


def square(rng: Any, shape: Shape, k: int) -> Array:
    """Matrices of the condition numbers; graded ones; almost singular ones."""
    (m, n), k, a = shape, k % (len(CONDITIONS) + 2), rng.normal(size=shape)
    if k < len(CONDITIONS):
        return (turn(rng, m)[:, :n] * CONDITIONS[k] ** -np.linspace(0, 1, n)) @ turn(rng, n)
    if k == len(CONDITIONS):
        return scattered(rng, (m, 1), -4, 4) * a * scattered(rng, (n,), -4, 4)
    a[:, -1] = np.sum(a[:, :-1], axis=1) + 1e-10 * a[:, -1]
    return a


def spd(rng: Any, shape: Shape, k: int) -> Array:
    """The same, symmetric and positive definite; none almost singular."""
    n, k, a = shape[0], k % (len(CONDITIONS) + 1), rng.normal(size=shape)
    if k < len(CONDITIONS):
        q = turn(rng, n)
        a = (q * CONDITIONS[k] ** -np.linspace(0, 1, n)) @ q.T
    else:
        d = 10 ** rng.uniform(-4, 4, n)
        a = (a @ a.T + np.eye(n)) * d * d[:, None]
    return np.tril(a) + np.tril(a, -1).T


def scores(rng: Any, shape: Shape, k: int) -> Array:
    a = rng.normal(size=shape)
    return (a, 100 * a, 1e4 + a, 3 + 1e-7 * a)[k % 4]


def shares(rng: Any, shape: Shape, k: int) -> Array:
    a = np.exp((k % 3) * rng.normal(size=shape))
    return a / np.sum(a)


def exponent(rng: Any, shape: Shape, k: int) -> Array:
    """Ordinary ones; small ones; large ones; far from normal ones; those of fast decay."""
    a = rng.normal(size=shape)
    return (a, 1e-3 * a, 10 * a, np.diag(a[0]) + 1e3 * np.triu(a, 1), a - 20 * np.eye(len(a)))[k % 5]


KINDS: dict[str, Callable[[Any, Shape, int], Array]] = {
    "": elements, "square": square, "spd": spd, "scores": scores, "shares": shares, "exponent": exponent,
    "part": lambda rng, shape, k: rng.uniform(0.05, 0.95),
    "inside": lambda rng, shape, k: rng.uniform(-0.5, 3.5, shape) if k % 2 else 1 + 1e-8 * rng.normal(size=shape),
    "rising": lambda rng, shape, k: np.arange(shape[0]) + rng.uniform(-0.3, 0.3, shape),
}  # fmt: skip


def problems(text: str, n: int) -> Iterator[list[Array]]:
    """Arguments of a program, of all kinds in turn; those of a second argument meet all of the first."""
    rng = np.random.default_rng(sum(map(ord, text)))
    for k in range(n):
        args = []
        for i, word in enumerate(PROGRAMS[text].split()):
            size, _, kind = word.partition(":")
            shape = tuple(map(int, size.split("x"))) if size != "0" else ()
            a = KINDS[kind](rng, shape, k + k // 4 if i else k)
            args.append(a if shape else float(a))
        yield args
