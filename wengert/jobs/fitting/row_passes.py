"""A fit over a table that is nowhere in memory as a whole: every evaluation is a pass over its rows.

A pass brings the residuals r and the Jacobian J down to the sums Jᵀr and JᵀJ, or where these would lose too many digits
to the triangle R of J. A small problem with these sums takes the place of the large one, in all that needs no single
residual: p + 1 rows with the Jacobian R and the residuals Qᵀr, and a last residual that is the length of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite, nan, sqrt
from typing import Any

from ...ground.tuples import NamedTuple, Protocol
from ..tabular.tree_sums import Moments
from .normal_equations import LARGE, SOUND
from .partial_sums import BITS, DIGITS, Loss, digit_counts, moments, squares, weighted_triangle
from .strategies import LINEAR


class Rows(NamedTuple):
    """Some rows of a table after a fit: their numbers, from 1 on, fitted values, responses and weights."""

    numbers: Any
    fitted: Any
    responses: Any
    weights: Any


class Passes(Protocol):
    """A table with a model that is read anew for every sum."""

    points: int
    parameters: int

    def merged(self, leaf: Callable[..., Any], *arguments: Any) -> Any:
        """The answer of all rows, from those that a function of `partial_sums` gives for each block."""

    def batches(self, at: Any) -> Iterator[Rows]:
        """The rows that are used, some at a time, in their order."""


class RowsInMemory:
    """Rows in memory: one block, in one pass. `evaluate` is as in `partial_sums.RowBlock`."""

    def __init__(self, evaluate: Callable[[Any], Any], points: int, parameters: int) -> None:
        self.evaluate, self.points, self.parameters = evaluate, points, parameters

    def merged(self, leaf: Callable[..., Any], *arguments: Any) -> Any:
        """The answer of all rows."""
        return leaf(self, *arguments)

    def batches(self, at: Any) -> Iterator[Rows]:
        """No rows: those in memory need no batches."""
        return iter(())


class CondensedProblem:
    """The small problem with the sums of a large one, at vectors of parameters.

    precise  whether the triangle is made without the sums JᵀJ
    """

    def __init__(self, passes: Passes, loss: Loss, weighted: bool = False) -> None:
        self.passes, self.loss, self.weighted = passes, loss, weighted
        self.precise = passes.points * passes.parameters < LARGE
        self.last: tuple[Any, Any] | None = None

    def __call__(self, at: Any) -> Any:
        """The residuals of the small problem, and below them a row of derivatives for each parameter.

        The sum of the squares is that of the losses; with `weighted` it is that of the squares that the loss weights.
        """
        import numpy as np

        at = np.array(at, dtype=float)
        if self.last is None or not np.array_equal(self.last[0], at):
            self.last = at, self._condensed(at)
        return self.last[1].copy()

    def _condensed(self, at: Any) -> Any:
        # A robust loss needs the sums: the triangle has its weights alone.
        if not self.precise or self.loss.loss != LINEAR:
            found = self._by_squares(at)
            if found is not None:
                return found
            # The sums will not be sound at a next point near this one either.
            self.precise = True
        return self._by_triangle(at)

    def _by_squares(self, at: Any) -> Any:
        import numpy as np

        cost, products, bent, slope = self.passes.merged(squares, at, self.loss).parts
        if self.loss.loss != LINEAR and not self.weighted:
            rows = _small(bent, slope, cost)
            if rows is not None:
                return rows
        whole = products[0, 0] if self.weighted or self.loss.loss == LINEAR else cost
        return _small(products[1:, 1:], products[0, 1:], float(whole)) if np.isfinite(products).all() else None

    def _by_triangle(self, at: Any) -> Any:
        import numpy as np

        found = self.passes.merged(weighted_triangle, at, self.loss)
        p = self.passes.parameters
        rows = np.zeros((p + 1, p + 1))
        factor = found.factor
        if not np.isfinite(factor).all():
            return np.full((p + 1, p + 1), nan)
        rows[1:, : len(factor)] = factor[:, :p].T
        rows[0, : len(factor)] = factor[:, p]
        if self.loss.loss != LINEAR and not self.weighted:
            rows[0, p] = sqrt(max(found.cost - float(rows[0, :p] @ rows[0, :p]), 0.0))
        return rows


def _small(products: Any, slope: Any, whole: float) -> Any:
    """The small problem with JᵀJ, Jᵀr and a sum of squares; None if they are ill conditioned, or if the sum is less
    than a step would subtract."""
    import numpy as np

    p = len(products)
    lengths = np.sqrt(np.diag(products))
    if not (isfinite(whole) and np.isfinite(products).all() and np.isfinite(slope).all() and lengths.all()):
        return None
    try:
        factor = np.linalg.cholesky(products / np.outer(lengths, lengths))
    except np.linalg.LinAlgError:
        return None
    if np.diag(factor).min() < SOUND:
        return None
    along = np.linalg.solve(factor, slope / lengths)
    rest = whole - float(along @ along)
    if rest < -1e-9 * whole:
        return None
    rows = np.zeros((p + 1, p + 1))
    rows[0, :p], rows[0, p] = along, sqrt(max(rest, 0.0))
    rows[1:, :p] = factor * lengths[:, None]
    return rows


def middle_residual(passes: Passes, at: Any) -> float:
    """The median of the magnitudes of the residuals, times the roots of their weights: in four passes. Each
    finds 16 of the 64 bits of the one or two numbers in the middle."""
    import numpy as np

    ranks = [(passes.points - 1) // 2, passes.points // 2]
    known = [0, 0]
    for digit in range(DIGITS):
        (counts,) = passes.merged(digit_counts, at, tuple(known), digit).parts
        for k in range(2):
            below = np.cumsum(counts[k])
            value = int(np.searchsorted(below, ranks[k], side="right"))
            ranks[k] -= int(below[value - 1]) if value else 0
            known[k] = known[k] << BITS | value
    found = np.array(known, dtype=np.uint64).view(np.float64)
    return float(found[0] / 2 + found[1] / 2)


def spread_of(passes: Passes, at: Any) -> Moments:
    """The spread of the responses and the residuals."""
    found: Moments = passes.merged(moments, at)
    return found


__all__ = ["CondensedProblem", "Passes", "Rows", "RowsInMemory", "middle_residual", "spread_of"]
