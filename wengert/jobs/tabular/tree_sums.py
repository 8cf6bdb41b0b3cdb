"""Sums over the rows of a table in one pass, by a tree: the answer of a table is put together from those of its blocks.

Neighbours are merged in pairs, then pairs of pairs, so that the rounding of a sum of n blocks grows with log n, and the
shape of the tree depends on n alone (N. J. Higham, "The accuracy of floating point summation", SIAM J. Sci. Comput. 14,
1993). Answers of log n blocks are held at a time. Triangles of Jacobians are merged by a QR factorisation of one above
the other (J. Demmel, L. Grigori, M. Hoemmen, J. Langou, "Communication-optimal parallel and sequential QR and LU
factorizations", SIAM J. Sci. Comput. 34, 2012), and moments by the formulas of T. F. Chan, G. H. Golub, R. J. LeVeque
("Algorithms for computing the sample variance", Am. Stat. 37, 1983).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from ...ground.tuples import NamedTuple, Protocol

# Rows of a block: its arrays are some megabytes.
ROWS = 1 << 16


class PartialAnswer(Protocol):
    """The answer of some neighbouring rows."""

    def merged(self, after: Any) -> Any:
        """The result for these rows and the rows after them."""


P = TypeVar("P", bound=PartialAnswer)


def merged_by_tree(leaves: Iterable[P]) -> P | None:
    """The result for all rows, from the results of blocks in order; None if there is no block."""
    # As the digits of a binary number: the k-th entry is the answer of 2^k blocks.
    held: list[Any] = []
    for leaf in leaves:
        one: Any = leaf
        for k, before in enumerate(held):
            if before is None:
                held[k] = one
                break
            held[k], one = None, before.merged(one)
        else:
            held.append(one)
    found: Any = None
    for before in held:
        if before is not None:
            found = before if found is None else before.merged(found)
    return found  # type: ignore[no-any-return]


class Added(NamedTuple):
    """Numbers and arrays that add up."""

    parts: tuple[Any, ...]

    def merged(self, after: Added) -> Added:
        """The sums over these rows and the rows after them."""
        return Added(tuple(a + b for a, b in zip(self.parts, after.parts)))


class Survey(NamedTuple):
    """A table by its rows: how many there are, and how many of them lack a value.

    trouble  the first row whose numbers are refused: its place counted from 0, its column, and its number
    """

    rows: int
    missing: int
    trouble: tuple[int, str, float] | None = None

    def merged(self, after: Survey) -> Survey:
        """The survey of these rows and the rows after them."""
        first = self.trouble
        if first is None and after.trouble is not None:
            place, column, value = after.trouble
            first = place + self.rows, column, value
        return Survey(self.rows + after.rows, self.missing + after.missing, first)


class Lost(NamedTuple):
    """Rows without a finite value: how many, and the first of them by its columns, on the right side (0) or the left
    side (1) of the model."""

    number: int
    side: int
    row: dict[str, float]

    def merged(self, after: Lost) -> Lost:
        """The lost rows among these and among the rows after them."""
        first = self if self.number else after
        return first._replace(number=self.number + after.number)


class Triangle(NamedTuple):
    """The R of a QR factorisation of rows of a Jacobian, with the residuals as its last column; and a sum of losses."""

    factor: Any
    cost: float

    def merged(self, after: Triangle) -> Triangle:
        """The triangle of these rows and the rows after them."""
        import numpy as np

        both = np.concatenate([self.factor, after.factor])
        return Triangle(np.linalg.qr(both, mode="r"), self.cost + after.cost)


class Moments(NamedTuple):
    """The spread of responses, and of the residuals of a model.

    weight, mean, spread  the sum of the weights, the mean of the responses, the sum of their squared distances from it
    rest                  the sum of the squares of the residuals
    size, largest         the greatest magnitudes of a response and of a residual
    """

    weight: float
    mean: float
    spread: float
    rest: float
    size: float
    largest: float

    def merged(self, after: Moments) -> Moments:
        """The moments of these rows and the rows after them."""
        weight = self.weight + after.weight
        apart = after.mean - self.mean
        part = after.weight / weight if weight else 0.0
        return Moments(
            weight, self.mean + apart * part, self.spread + after.spread + apart * apart * self.weight * part,
            self.rest + after.rest, max(self.size, after.size), max(self.largest, after.largest),
        )  # fmt: skip

    @property
    def determination(self) -> float:
        """R²: the part of the variance of the responses that the model explains."""
        return 1 - self.rest / self.spread if self.spread > 0 else float("nan")


__all__ = ["ROWS", "Added", "Lost", "Moments", "PartialAnswer", "Survey", "Triangle", "merged_by_tree"]
