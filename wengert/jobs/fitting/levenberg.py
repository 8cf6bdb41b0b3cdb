"""The method of Levenberg and Marquardt for nonlinear least squares, with a trust region.

J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", in: Numerical Analysis, Lecture Notes in
Mathematics 630, Springer 1978. The parameters are scaled by the greatest lengths that the columns of the Jacobian had.
A step solves min ‖J s + r‖ over ‖D s‖ ≤ Δ, by the singular values of the small triangle that J reduces to.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, sqrt
from typing import Any

from ...ground.limits import check_clock
from ...ground.tuples import NamedTuple
from .normal_equations import ReducedSystem, reduced

# Stop where neither the sum of squares nor the parameters change in digits that a float has.
TOLERANCE = 1e-15
# Stop too where the part of the residuals that a step can reach is this small beside the rest (Bates, Watts 1981).
ORTHOGONAL = 1e-12
# The relative change of each parameter below which a full Gauss-Newton step counts as converged.
STEADY = 1e-12
# Lengths of residuals that differ by no more than this part are equal but for rounding.
ROUNDED = 1e-13
FIRST = 100.0  # the first trust region, in lengths of the scaled start


class IterationEnd(NamedTuple):
    """The end of an iteration: where, why, and after how many evaluations of the residuals and their Jacobian.

    sharp  whether it is a minimum to all digits that matter
    """

    at: Any
    why: str
    evaluations: int
    sharp: bool = False


# The residuals at a point, and below them a row of their derivatives for each parameter.
Evaluate = Callable[[Any], Any]


def levenberg(evaluate: Evaluate, start: Any, most: int, points: int | None = None) -> IterationEnd:
    """Minimise a sum of squares from a start, in at most `most` evaluations.

    points  the residuals that there are, where `evaluate` answers with a smaller problem that has the same sums
    """
    import numpy as np

    at = np.array(start, dtype=float)
    rows = evaluate(at)
    local, points = reduced(rows), points or rows.shape[1]
    done = 1
    if not isfinite(local.norm):
        return IterationEnd(at, "the start has no finite residuals or derivatives", done)
    scale: Any = None
    radius = 0.0
    while True:
        check_clock()
        norm = local.norm
        if scale is None:
            scale = np.where(local.lengths > 0, local.lengths, 1.0)
            radius = FIRST * float(np.linalg.norm(scale * at)) or FIRST
        scale = np.maximum(scale, local.lengths)
        values, directions, along = _singular(local, scale)
        if norm == 0 or not np.any(along):
            return IterationEnd(at, "no step makes the sum of squares smaller", done)
        reached = float(np.linalg.norm(along)) / sqrt(len(along))
        if values[-1] > 1e-10 * values[0]:
            if reached <= ORTHOGONAL * sqrt(local.rest / max(points - len(at), 1)):
                return IterationEnd(at, "the residuals are orthogonal to their derivatives", done, True)
            if np.all(np.abs(directions.T @ (along / values) / scale) <= STEADY * np.abs(at)):
                return IterationEnd(at, "a step changes no digit that matters", done, True)
        while True:
            step, damping = _step(values, directions, along, radius)
            length = float(np.linalg.norm(step))
            if done == 1:
                radius = min(radius, length)
            trial = at + step / scale
            there = reduced(evaluate(trial))
            done += 1
            after = there.norm if isfinite(there.norm) else inf
            linear = float(np.linalg.norm(values * (directions @ step))) / norm
            damped = sqrt(damping) * length / norm
            foreseen = linear * linear + 2 * damped * damped
            gained = 1 - (after / norm) ** 2 if 0.1 * after < norm else -1.0
            ratio = gained / foreseen if foreseen else 0.0
            if ratio <= 0.25:
                slope = -(linear * linear + damped * damped)
                shrink = 0.5 if gained >= 0 else 0.5 * slope / (slope + 0.5 * gained)
                if 0.1 * after >= norm or shrink < 0.1:
                    shrink = 0.1
                radius = shrink * min(radius, 10 * length)
            elif damping == 0 or ratio >= 0.75:
                radius = 2 * length
            moved = ratio >= 1e-4
            if moved:
                at, local = trial, there
            elif abs(after - norm) <= ROUNDED * norm and np.sum(there.along**2) < 0.25 * np.sum(local.along**2):
                # The sums differ only by their rounding, so the derivatives decide which point is better.
                at, local = trial, there
                break
            size = float(np.linalg.norm(scale * at))
            if abs(gained) <= TOLERANCE and foreseen <= TOLERANCE and ratio <= 2:
                return IterationEnd(at, "the sum of squares changes no more", done)
            if radius <= TOLERANCE * size:
                return IterationEnd(at, "the parameters change no more", done)
            if done >= most:
                return IterationEnd(at, f"{most:,} evaluations were not enough", done)
            if moved:
                break


def _singular(local: ReducedSystem, scale: Any) -> tuple[Any, Any, Any]:
    """The singular values and right vectors of the triangle over scaled parameters, and the residuals along the left
    vectors."""
    import numpy as np

    left, values, right = np.linalg.svd(local.triangle * (local.lengths / scale))
    return values, right, left.T @ local.along


def _step(values: Any, directions: Any, along: Any, radius: float) -> tuple[Any, float]:
    """The step within the radius, and its damping: 0 for the full step of Gauss and Newton."""
    import numpy as np

    tiny = 1e-15 * values[0] * len(values)
    sound = values > tiny
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        whole = np.where(sound, along / np.where(sound, values, 1.0), 0.0)
    if np.linalg.norm(whole) <= 1.1 * radius:
        return -(directions.T @ whole), 0.0
    slopes = values * along
    low, high = 0.0, float(np.linalg.norm(slopes)) / radius
    damping = max(1e-3 * high, low)
    for _ in range(30):
        parts = slopes / (values * values + damping)
        length = float(np.linalg.norm(parts))
        over = length - radius
        if abs(over) <= 0.1 * radius:
            break
        low, high = (damping, high) if over > 0 else (low, damping)
        # Newton's method on 1/length, which is nearly linear in the damping (Hebden).
        fall = float(np.sum(parts * parts / (values * values + damping))) / (length or 1.0)
        damping += over / radius * length / fall if fall else 0.0
        if not low < damping < high:
            damping = max(sqrt(low * high), 1e-3 * high)
    parts = slopes / (values * values + damping)
    return -(directions.T @ parts), damping


def polished(evaluate: Evaluate, at: Any, most: int = 40) -> IterationEnd:
    """A few steps of Gauss and Newton from a minimum that is nearly reached, while each is shorter than the last."""
    import numpy as np

    done, last = 0, inf
    best = np.array(at, dtype=float)
    while done < most:
        local = reduced(evaluate(best))
        done += 1
        if not isfinite(local.norm):
            break
        values = np.linalg.svd(local.triangle, compute_uv=False)
        if not len(values) or values[-1] <= 1e-12 * values[0]:
            break
        step = -np.linalg.solve(local.triangle, local.along) / local.lengths
        length = float(np.linalg.norm(local.along))
        if not length < 0.9 * last:
            break
        last = length
        trial = best + step
        if np.array_equal(trial, best):
            break
        if not reduced(evaluate(trial)).norm <= local.norm * (1 + 1e-12):
            break
        best = trial
    return IterationEnd(best, "", done)
