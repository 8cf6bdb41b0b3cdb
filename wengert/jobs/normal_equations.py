"""Linear least squares with many rows, brought down to a small triangle: min ‖J s + r‖ = min ‖R s + z‖, plus a rest.

The triangle comes from a QR factorisation. Where there are very many rows it is cheaper to take the Cholesky factor of
the normal equations, and where these are well conditioned that loses too few digits to matter for a step of an
iteration (Å. Björck, "Numerical Methods for Least Squares Problems", SIAM 1996, sections 2.2 and 2.4).
"""

from __future__ import annotations

from typing import Any

from ..ground.tuples import NamedTuple

# Numbers in a Jacobian from which the normal equations are tried; and the least diagonal entry of the factor of columns
# of length 1 with which they are good: the square root of the digits is lost, some 8 remain.
LARGE, SOUND = 200_000, 1e-3
# Rows of one block: its factor is made in the cache.
ROWS = 1 << 14


class Reduced(NamedTuple):
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


def reduced(slopes: Any, residuals: Any, exact: bool = False) -> Reduced:
    """The triangle of a Jacobian, whose rows are given as columns: `slopes` has a row for each parameter.

    With `exact` it is always that of a QR factorisation.
    """
    import numpy as np

    p, n = slopes.shape
    rows = np.concatenate([slopes, residuals[None]])
    if p * n >= LARGE and not exact:
        squares = rows @ rows.T
        lengths = np.sqrt(np.diag(squares)[:p])
        scale = np.append(np.where(lengths > 0, lengths, 1.0), 1.0)
        try:
            factor = np.linalg.cholesky(squares[:p, :p] / np.outer(scale[:p], scale[:p]))
        except np.linalg.LinAlgError:
            factor = np.zeros((p, p))
        if p and np.diag(factor).min() > SOUND:
            along = np.linalg.solve(factor, squares[:p, p] / scale[:p])
            return Reduced(factor.T, along, max(float(squares[p, p] - along @ along), 0.0), lengths)
    lengths = np.sqrt(np.einsum("ij,ij->i", slopes, slopes))
    scale = np.append(np.where(lengths > 0, lengths, 1.0), 1.0)
    scaled = rows.T / scale
    triangle = _triangle(scaled)
    m = min(p, len(triangle))
    whole = np.zeros((p + 1, p + 1))
    whole[: len(triangle)] = triangle
    return Reduced(whole[:p, :p], whole[:p, p], float(whole[p, p] ** 2) if m == p else 0.0, lengths)


def _triangle(matrix: Any) -> Any:
    """The R of a QR factorisation: of blocks first, then of their triangles."""
    import numpy as np

    while len(matrix) > 2 * ROWS and matrix.shape[1] * 8 < ROWS:
        blocks = [np.linalg.qr(matrix[k : k + ROWS], mode="r") for k in range(0, len(matrix), ROWS)]
        matrix = np.concatenate(blocks)
    return np.linalg.qr(matrix, mode="r")
