"""The sums that a fit needs of a block of rows, each as a partial answer that merges with those of other blocks.

A robust loss ρ of the residual r, with scale² z = r²: its gradient is Jᵀ(ρ'r). Its second derivatives are Jᵀ diag(h) J
with h = ρ' + 2zρ'' (B. Triggs, P. McLauchlan, R. Hartley, A. Fitzgibbon, "Bundle adjustment: a modern synthesis", 2000,
section 4.3), or with h = ρ', the weights of iteratively reweighted least squares, which always make a descent.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any

from ...ground.tuples import NamedTuple, Protocol
from ..tabular.tree_sums import Added, Lost, Moments, Survey, Triangle
from .normal_equations import LARGEST, triangle_of
from .strategies import LINEAR, bends, losses

# The least part of its weight that a residual keeps, where its loss bends down.
BENT = 1e-3
# Digits of a number, of 16 bits each, by which the middle of many is found.
DIGITS, BITS = 4, 16


class RowBlock(Protocol):
    """Some rows of a table, with a model: those without a missing value.

    survey   the rows, those that are left out, and the first that is refused
    points   the rows that are used, and `places` their numbers, from 0 on in the block
    weights  the weight of each square; None where all are 1
    """

    survey: Survey
    points: int
    places: Any
    weights: Any

    def evaluate(self, at: Any) -> Any:
        """Fitted values less responses, times the roots of the weights, and below them a row of derivatives for each
        parameter; in an array that the next answer is written into."""

    def sides(self, at: Any) -> tuple[Any, Any]:
        """The fitted values and the responses."""

    def lost(self, at: Any) -> Lost:
        """The rows without a finite value."""


class Loss(NamedTuple):
    """A loss of `strategies.LOSSES`, and the size of a residual from which it is no square."""

    loss: str = LINEAR
    scale: float = 1.0


def survey(block: RowBlock) -> Survey:
    """The rows of a block."""
    return block.survey


def squares(block: RowBlock, at: Any, loss: Loss) -> Added:
    """The sum of the losses; the products of residuals and derivatives, with rows weighted by ρ'; the products of the
    derivatives alone, with weights h; and the gradient. The last two are 0 if the loss is the square."""
    import numpy as np

    rows = block.evaluate(at)
    if loss.loss == LINEAR:
        products = rows @ rows.T
        return Added((float(products[0, 0]), products, 0.0, 0.0))
    cost, weight = losses(rows[0], loss)
    bent = np.maximum(bends(rows[0], loss), BENT * weight)
    weighted = rows * weight
    products = weighted @ rows.T
    return Added((float(np.sum(cost)), products, (rows[1:] * bent) @ rows[1:].T, products[0, 1:].copy()))


def sums(block: RowBlock, at: Any) -> Added:
    """The sums of the values and of each derivative, times the weights, and the number of rows without a finite
    value."""
    import numpy as np

    rows = block.evaluate(at)
    if block.weights is not None:
        rows = rows * np.sqrt(block.weights)
    lost = np.count_nonzero(~np.isfinite(rows[0]))
    whole = np.sum(np.ascontiguousarray(rows), axis=1)
    return Added((whole[0], whole[1:], lost))


def weighted_triangle(block: RowBlock, at: Any, loss: Loss) -> Triangle:
    """The triangle of the Jacobian with the residuals, of rows weighted by ρ'; nan where a number is too large."""
    import numpy as np

    rows = block.evaluate(at)
    cost = nan
    if loss.loss != LINEAR:
        lost, weight = losses(rows[0], loss)
        cost, rows = float(np.sum(lost)), rows * np.sqrt(weight)
    count = len(rows)
    if not (np.abs(rows) < LARGEST).all():
        return Triangle(np.full((count, count), nan), nan)
    stacked = np.concatenate([rows[1:], rows[:1]]).T
    return Triangle(triangle_of(stacked), cost)


def lost(block: RowBlock, at: Any) -> Lost:
    """The rows without a finite value."""
    return block.lost(at)


def moments(block: RowBlock, at: Any) -> Moments:
    """The spread of the responses and the residuals."""
    import numpy as np

    fitted, responses = block.sides(at)
    if not block.points:
        return Moments(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    w = np.ones(block.points) if block.weights is None else block.weights
    weight = float(np.sum(w))
    mean = float(np.sum(w * responses)) / weight
    rest = responses - fitted
    return Moments(
        weight, mean, float(np.sum(w * (responses - mean) ** 2)), float(np.sum(w * rest**2)),
        float(np.abs(responses).max()), float(np.abs(rest).max()),
    )  # fmt: skip


def digit_counts(block: RowBlock, at: Any, known: Sequence[int], digit: int) -> Added:
    """How often each value of a digit appears in the magnitudes of the residuals that begin with known digits; a row of
    counts for each beginning. The bits of floats from 0 on are in the order of the floats."""
    import numpy as np

    bits = np.abs(block.evaluate(at)[0]).view(np.uint64)
    place = np.uint64(BITS * (DIGITS - 1 - digit))
    values = (bits >> place) & np.uint64((1 << BITS) - 1)
    # A number has 64 bits, and a shift by 64 is none that a machine knows.
    before = bits >> place >> np.uint64(BITS - 1) >> np.uint64(1)
    counts = [np.bincount(values[before == np.uint64(k)].astype(np.int64), minlength=1 << BITS) for k in known]
    return Added((np.array(counts),))


__all__ = [
    "BITS",
    "DIGITS",
    "Loss",
    "RowBlock",
    "digit_counts",
    "lost",
    "moments",
    "squares",
    "sums",
    "survey",
    "weighted_triangle",
]  # fmt: skip
