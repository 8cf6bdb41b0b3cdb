"""The statistics of a fit by least squares: standard errors, correlations, intervals, and the parameters that the data
do not determine.

The covariance of the estimates is s² (JᵀJ)⁻¹, with s² the sum of squares over n - p (G. A. F. Seber, C. J. Wild,
"Nonlinear Regression", Wiley 1989, section 2.1). With a robust loss the squares have the weights of the loss at the
minimum, and the errors are approximate.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan, sqrt
from typing import Any

from ...ground.tuples import NamedTuple
from ..uncertainty.students_t import coverage_factor
from .strategies import RANK, Sought, free_parameters

# The largest part of a direction that a parameter may have, and not be named with it.
SMALL = 0.05


class Estimate(NamedTuple):
    """A parameter of a fit: its value, standard error and confidence interval, and where it started.

    `held` is "" for a parameter that was fitted, "fixed", "at its bound", or "not determined"; the errors of these are
    nan.
    """

    name: str
    value: float
    error: float
    interval: tuple[float, float]
    start: float
    held: str = ""


class Statistics(NamedTuple):
    """The statistics of a fit.

    covariance     of the estimates, a matrix; nan for those that have no errors
    correlations   their correlation coefficients
    deviation      the residual standard deviation, of residuals times the square roots of their weights
    squares        the sum of the squares of these
    degrees        degrees of freedom: points less fitted parameters
    undetermined   combinations of parameters that the data leave open: for each the change of every parameter
    condition      the largest over the least singular value of the Jacobian, its columns of length 1
    """

    estimates: tuple[Estimate, ...]
    covariance: Any
    correlations: Any
    deviation: float
    squares: float
    degrees: int
    undetermined: tuple[dict[str, float], ...]
    condition: float


def statistics(
    sought: Sought, at: Any, names: Sequence[str], confidence: float, absolute: bool, squares: float | None = None
) -> Statistics:  # fmt: skip
    """The statistics of a fit at its minimum.

    absolute  whether the weights are those of known standard deviations, which the residuals do not scale
    squares   the sum of squares, where it is known better
    """
    import numpy as np

    rows = sought.evaluate(at)
    moves, local = free_parameters(at, rows, sought)
    bound, free = ~moves, np.flatnonzero(moves)
    n, p = sought.points or rows.shape[1], len(free)
    total = local.norm**2 if squares is None else squares
    degrees = n - p
    deviation = sqrt(total / degrees) if degrees > 0 else nan
    _, values, right = np.linalg.svd(local.triangle)
    open_directions = [right[k] for k in range(p) if values[k] <= RANK * values[0]]
    lost = np.zeros(p, dtype=bool)
    for v in open_directions:
        lost |= np.abs(v) > SMALL * np.abs(v).max()
    sound = values > RANK * values[0] if p else values
    lengths = np.where(local.lengths > 0, local.lengths, 1.0)
    half = right.T[:, sound] / values[sound] / lengths[:, None]
    scale = 1.0 if absolute else deviation * deviation
    inner = half @ half.T * scale
    inner[lost] = inner[:, lost] = nan
    covariance = np.full((len(names), len(names)), nan)
    covariance[np.ix_(free, free)] = inner
    errors = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = covariance / np.outer(errors, errors)
    k = coverage_factor(confidence, float("inf") if absolute else degrees)
    whole_lost = np.zeros(len(names), dtype=bool)
    whole_lost[free[lost]] = True
    estimates = tuple(
        Estimate(
            name, float(x), float(e), (float(x - k * e), float(x + k * e)), float(s),
            "at its bound" if b else "not determined" if u else "",
        )
        for name, x, e, s, b, u in zip(names, at, errors, sought.start, bound, whole_lost)
    )  # fmt: skip
    undetermined = tuple(_change([names[int(i)] for i in free], v / lengths, at[free]) for v in open_directions)
    condition = float(values[0] / values[-1]) if p and values[-1] > 0 else float("inf") if p else 1.0
    return Statistics(estimates, covariance, correlations, deviation, total, degrees, undetermined, condition)


def _change(names: Sequence[str], direction: Any, at: Any) -> dict[str, float]:
    """A direction as relative changes of the parameters that it moves, with the largest 1; as absolute changes if one
    of them is 0."""
    import numpy as np

    part = np.abs(direction) * np.where(at == 0, 1.0, 1 / np.where(at == 0, 1.0, np.abs(at)))
    moved = np.flatnonzero(part > SMALL * part.max()) if part.max() > 0 else np.arange(0)
    if not len(moved):
        return {}
    relative = direction[moved] / np.where(at[moved] == 0, 1.0, at[moved])
    relative = relative / relative[np.argmax(np.abs(relative))]
    return {names[int(i)]: float(v) for i, v in zip(moved, relative)}
