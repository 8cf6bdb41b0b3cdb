"""Linear algebra over single elements, by the conventions of `taken_apart`: determinants by cofactors, systems of
equations by Gaussian elimination with a pivot that is chosen by comparisons.

The choice of pivots is of no consequence for derivatives: with any other ones the value is the same function.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import combinations
from typing import Any

import numpy as np

from ...ground.limits import check_clock
from .taken_apart import still

Apply = Callable[..., Any]
Array = Any
Places = tuple[int, ...]
NAN = float("nan")


class Minors:
    """The minors of a matrix by Laplace's expansion, each written once."""

    def __init__(self, a: Array) -> None:
        self.a = a
        self.known: dict[tuple[Places, Places], Any] = {}

    def minor(self, rows: Places, columns: Places) -> Any:
        """The determinant of these rows and columns, computed from the last rows up."""
        if not rows:
            return 1.0
        for start in range(len(rows) - 1, -1, -1):
            check_clock()
            for chosen in combinations(columns, len(rows) - start):
                if (rows[start:], chosen) not in self.known:
                    self.known[rows[start:], chosen] = self._expanded(rows[start:], chosen)
        return self.known[rows, columns]

    def _expanded(self, rows: Places, columns: Places) -> Any:
        if len(rows) == 1:
            return self.a[rows[0], columns[0]]
        answer: Any = 0.0
        for k, c in enumerate(columns):
            term = self.a[rows[0], c] * self.known[rows[1:], columns[:k] + columns[k + 1 :]]
            answer = term if not k else answer - term if k % 2 else answer + term
        return answer


def _without(n: int, *gone: int) -> Places:
    return tuple(k for k in range(n) if k not in gone)


def det(apply: Apply, a: Array) -> Any:
    return Minors(a).minor(_without(len(a)), _without(len(a)))


def cofactor(apply: Apply, a: Array) -> Array:
    minors, n = Minors(a), len(a)
    answer = np.empty((n, n), dtype=object)
    for i, j in np.ndindex(n, n):
        found = minors.minor(_without(n, i), _without(n, j))
        answer[i, j] = -found if (i + j) % 2 else found
    return answer


def cofactor_slope(apply: Apply, p: Array, a: Array) -> Array:
    minors, n = Minors(a), len(a)
    answer = np.empty((n, n), dtype=object)
    for k, m in np.ndindex(n, n):
        total: Any = 0.0
        for i, j in np.ndindex(n, n):
            if i != k and j != m:
                term = p[i, j] * minors.minor(_without(n, i, k), _without(n, j, m))
                odd = (i + j + k - (k > i) + m - (m > j)) % 2
                total = total - term if odd else total + term
        answer[k, m] = total
    return answer


def _eliminated(apply: Apply, rows: list[list[Any]], n: int) -> tuple[list[list[Any]], Any]:
    """The rows of a matrix of n columns and of columns beside it made upper triangular, and whether a pivot is 0."""
    singular: Any = 0.0
    for k in range(n):
        for i in range(k + 1, n):
            below, above = (apply("abs", still(apply, rows[r][k])) for r in (i, k))
            larger = apply("gt", below, above)
            for j in range(k, len(rows[k])):
                a, b = rows[k][j], rows[i][j]
                rows[k][j], rows[i][j] = apply("where", larger, b, a), apply("where", larger, a, b)
        pivot = rows[k][k]
        zero = apply("eq", still(apply, pivot), 0.0)
        singular = apply("logical_or", singular, zero)
        for i in range(k + 1, n):
            factor = apply("where", zero, 0.0, rows[i][k] / pivot)
            for j in range(k + 1, len(rows[k])):
                rows[i][j] = rows[i][j] - factor * rows[k][j]
    return rows, singular


def logdet(apply: Apply, a: Array) -> Any:
    rows, _ = _eliminated(apply, [list(row) for row in a], len(a))
    answer: Any = 0.0
    for k, row in enumerate(rows):
        answer = apply("log", apply("abs", row[k])) + answer
    return answer


def solve(apply: Apply, a: Array, b: Array) -> Array:
    n, columns = len(a), b[:, None] if b.ndim == 1 else b
    rows, singular = _eliminated(apply, [[*row, *right] for row, right in zip(a, columns)], n)
    answer = np.empty(columns.shape, dtype=object)
    for c in range(columns.shape[1]):
        for i in reversed(range(n)):
            left = rows[i][n + c]
            for j in range(i + 1, n):
                left = left - rows[i][j] * answer[j, c]
            answer[i, c] = left / rows[i][i]
    for at in np.ndindex(*answer.shape):
        answer[at] = apply("where", singular, NAN, answer[at])
    return answer.reshape(b.shape)


def inv(apply: Apply, a: Array) -> Array:
    return solve(apply, a, np.eye(len(a)).astype(object) + apply("copy", 0.0))


def cholesky(apply: Apply, a: Array) -> Array:
    n = len(a)
    answer = np.full((n, n), 0.0, dtype=object)
    positive = []
    for j in range(n):
        for i in range(j, n):
            left = 0.5 * a[i, j] + 0.5 * a[j, i]
            for k in range(j):
                left = left - answer[i, k] * answer[j, k]
            if i == j:
                positive.append(apply("gt", still(apply, left), 0.0))
                answer[j, j] = apply("sqrt", left)
            else:
                answer[i, j] = left / answer[j, j]
    good = reduce(lambda p, q: apply("logical_and", p, q), positive, 1.0)
    for at in np.ndindex(n, n):
        answer[at] = apply("where", good, answer[at], NAN)
    return answer
