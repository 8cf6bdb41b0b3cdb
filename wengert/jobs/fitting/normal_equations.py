"""Linear least squares with many rows, reduced to a small triangle: min ‖J s + r‖ = min ‖R s + z‖, plus a rest.

The triangle comes from a QR factorisation. For very many rows the Cholesky factor of the normal equations is cheaper,
and if these are well conditioned, it loses too few digits to matter for a step of an iteration (Å. Björck, "Numerical
Methods for Least Squares Problems", SIAM 1996, sections 2.2 and 2.4).
"""

from __future__ import annotations

from math import isfinite, nan, sqrt
from typing import Any

from ...ground.tuples import NamedTuple
from ..tabular.tree_sums import ROWS as BLOCK
from ..tabular.tree_sums import Added, merged_by_tree

# Numbers in a Jacobian from which the normal equations are tried; and the least diagonal entry of the factor of columns
# of length 1 with which they are good: the square root of the digits is lost, some 8 remain.
LARGE, SOUND = 200_000, 1e-3
# The greatest length of a column that LAPACK takes without complaint, with room to spare.
LARGEST = 1e140
# Rows of one block: its factor is made in the cache.
ROWS = 1 << 14


class ReducedSystem(NamedTuple):
    """The triangle of a Jacobian, whose columns are divided by their lengths, and the residuals along it.

    triangle  R, p by p
    along     z = Qᵀr
    rest      the square of the residuals that no step can reach
    lengths   the lengths of the columns of the Jacobian; a column of zeros has the length 0
    """

    triangle: Any
    along: Any
    rest: float
    lengths: Any

    @property
    def norm(self) -> float:
        """The length of the residuals; nan if one of them, or an element of the Jacobian, is not finite."""
        return sqrt(self.rest + float(self.along @ self.along)) if isfinite(self.rest) else nan


def reduced(rows: Any) -> ReducedSystem:
    """The triangle of a Jacobian. The first of the rows is the residuals, and each of the others is a column of it.

    Where a number is not finite, or its square is not, the rest is nan, and the triangle zero.
    """
    import numpy as np

    p, n = len(rows) - 1, rows.shape[1]
    if p * n >= LARGE and (found := _by_squares(rows)) is not None:
        return found
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    whole = np.zeros((p + 1, p + 1))
    if not (lengths < LARGEST).all():
        return ReducedSystem(whole[1:, 1:], whole[0, 1:], nan, lengths[1:])
    scaled = np.empty((n, p + 1), order="F")
    np.divide(rows[1:].T, np.where(lengths > 0, lengths, 1.0)[1:], out=scaled[:, :p])
    scaled[:, p] = rows[0]
    triangle = triangle_of(scaled)
    whole[: len(triangle)] = triangle
    return ReducedSystem(whole[:p, :p], whole[:p, p], float(whole[p, p] ** 2), lengths[1:])


def _by_squares(rows: Any) -> ReducedSystem | None:
    """The triangle from the normal equations; None if they are not well conditioned."""
    import numpy as np

    blocks = (rows[:, k : k + BLOCK] for k in range(0, rows.shape[1], BLOCK))
    (squares,) = merged_by_tree(Added((b @ b.T,)) for b in blocks).parts  # type: ignore[union-attr]
    lengths = np.sqrt(np.diag(squares))[1:]
    if not np.isfinite(squares).all() or not lengths.all():
        return None
    try:
        factor = np.linalg.cholesky(squares[1:, 1:] / np.outer(lengths, lengths))
    except np.linalg.LinAlgError:
        return None
    if np.diag(factor).min() < SOUND:
        return None
    along = np.linalg.solve(factor, squares[0, 1:] / lengths)
    return ReducedSystem(factor.T, along, max(float(squares[0, 0] - along @ along), 0.0), lengths)


def triangle_of(matrix: Any) -> Any:
    """The R of a QR factorisation of a matrix: of blocks of rows first, then of their triangles."""
    import numpy as np

    while len(matrix) > 2 * ROWS and matrix.shape[1] * 8 < ROWS:
        blocks = [np.linalg.qr(matrix[k : k + ROWS], mode="r") for k in range(0, len(matrix), ROWS)]
        matrix = np.concatenate(blocks)
    return np.linalg.qr(matrix, mode="r")
