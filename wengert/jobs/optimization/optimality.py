"""Whether a point is a minimum: active constraints, their multipliers, and the curvature along them.

Conditions of first and second order: J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd ed., 2006, theorems 12.1,
12.5 and 12.6. With multipliers λ, the gradient of f plus the sum of λ times the gradients of the constraints is 0 at a
minimum. λ is 0 or more at an upper bound, and 0 or less at a lower one.
"""

from __future__ import annotations

from ...ground.tuples import NamedTuple
from ..scipy_import import scipy_optimize, scipy_sparse_linalg
from .objective import LARGE, Constraints, Matrix, Objective, Vector

# How near to a bound a value is on it, relative to the bound.
NEAR = 1e-7
# Eigenvalues that are smaller, relative to the largest, count as 0.
FLAT = 1e-7


class Conditions(NamedTuple):
    """The conditions of a minimum at a point.

    x            the point
    value        the objective there
    gradient     the gradient of the objective
    constraints  the values of the constraints
    active       by constraint, +1 at its upper bound, -1 at its lower one, 0 inside; 2 for an equation
    fixed        by element of the vector, the same for its bounds
    multipliers  by constraint
    pushes       by element of the vector, the multiplier of its bound
    residual     the gradient of the Lagrangian: the part of the gradient that no multiplier takes up
    violation    the largest distance of a value from its bounds
    slack        the largest product of a multiplier and the distance from the bound that it is of
    """

    x: Vector
    value: float
    gradient: Vector
    constraints: Vector
    active: Vector
    fixed: Vector
    multipliers: Vector
    pushes: Vector
    residual: Vector
    violation: float
    slack: float

    @property
    def error(self) -> float:
        """The largest element of the residual."""
        return float(abs(self.residual).max()) if len(self.residual) else 0.0

    @property
    def distance(self) -> float:
        """How far the conditions are from being met, in all."""
        return max(self.error / self.scale, self.violation, self.slack / self.scale)

    @property
    def scale(self) -> float:
        """The size of the numbers that cancel in the residual; 1 if they are small."""
        return max(1.0, float(abs(self.gradient).max(initial=0.0)))


def conditions(
    objective: Objective, constraints: Constraints, low: Vector, high: Vector, x: Vector, near: float = NEAR
) -> Conditions:  # fmt: skip
    """The conditions of first order at x, with the multipliers that come nearest to them. A value within `near` of a
    bound, relative to it, counts as on it."""
    import numpy as np

    gradient = objective.gradient(x)
    values = constraints.values(x)
    fixed = _sides(x, low, high, near)
    if not len(constraints):
        # A bound holds the vector only against the gradient.
        fixed = np.where((fixed == 1) & (gradient > 0) | (fixed == -1) & (gradient < 0), 0, fixed)
        pushes = np.where(fixed != 0, -gradient, 0.0)
        return Conditions(x, _quiet(objective, x), gradient, values, np.zeros(0), fixed, np.zeros(0), pushes,
                          gradient + pushes, _outside(x, low, high), _slack(pushes, x, low, high))  # fmt: skip
    active = np.where(constraints.equal, 2, _sides(values, constraints.low, constraints.high, near))
    rows = constraints.jacobian(x)
    if not (np.all(np.isfinite(gradient)) and np.all(np.isfinite(rows)) and np.all(np.isfinite(values))):
        nothing, everywhere = np.zeros(len(x)), np.full(len(x), np.inf)
        return Conditions(x, _quiet(objective, x), gradient, values, active, fixed, np.zeros(len(values)), nothing,
                          everywhere, np.inf, 0.0)  # fmt: skip
    multipliers, pushes = _multipliers(gradient, rows, active, fixed)
    residual = gradient + rows.T @ multipliers + pushes
    violation = float(abs(constraints.violation(values)).max(initial=0.0))
    slack = max(_slack(pushes, x, low, high), _slack(multipliers, values, constraints.low, constraints.high))
    return Conditions(x, _quiet(objective, x), gradient, values, active, fixed, multipliers, pushes, residual,
                      max(violation, _outside(x, low, high)), slack)  # fmt: skip


def solver_conditions(
    objective: Objective, constraints: Constraints, box: tuple[Vector, Vector], x: Vector,
    known: tuple[Vector, Vector],
) -> Conditions:  # fmt: skip
    """The conditions of first order at x with the multipliers of constraints and bounds that a solver found. Its
    Jacobian stays sparse, for long vectors."""
    import numpy as np

    low, high = box
    multipliers, pushes = known
    gradient, values = objective.gradient(x), constraints.values(x)
    residual = gradient + pushes
    if len(constraints):
        residual = residual + constraints.sparse_jacobian(x).T @ multipliers
    active = np.where(constraints.equal, 2, _sides(values, constraints.low, constraints.high, NEAR))
    violation = float(abs(constraints.violation(values)).max(initial=0.0))
    slack = max(_slack(pushes, x, low, high), _slack(multipliers, values, constraints.low, constraints.high))
    fixed = _sides(x, low, high, NEAR)
    return Conditions(x, _quiet(objective, x), gradient, values, active, fixed, multipliers, pushes, residual,
                      max(violation, _outside(x, low, high)), slack)  # fmt: skip


def _slack(multipliers: Vector, values: Vector, low: Vector, high: Vector) -> float:
    import numpy as np

    used = np.flatnonzero(multipliers)
    nearest = np.minimum(abs(values - low), abs(high - values))[used]
    return float((abs(multipliers)[used] * nearest).max(initial=0.0))


def _quiet(objective: Objective, x: Vector) -> float:
    return float(objective.flat.fun(x))


def _outside(x: Vector, low: Vector, high: Vector) -> float:
    import numpy as np

    return float(np.maximum(np.maximum(x - high, low - x), 0.0).max(initial=0.0))


def _sides(values: Vector, low: Vector, high: Vector, near: float) -> Vector:
    """+1 where a value is at its upper bound or beyond it, -1 at its lower one, 0 between them, 2 if both are one."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        above = np.isfinite(high) & (values >= high - near * np.maximum(1.0, np.abs(high)))
        below = np.isfinite(low) & (values <= low + near * np.maximum(1.0, np.abs(low)))
    return np.where(above & below, 2, np.where(above, 1, np.where(below, -1, 0)))


def _multipliers(gradient: Vector, rows: Matrix, active: Vector, fixed: Vector) -> tuple[Vector, Vector]:
    """The multipliers of constraints and of bounds, of the right signs, that leave the least of the gradient."""
    import numpy as np

    held, pushed = np.flatnonzero(active), np.flatnonzero(fixed)
    multipliers, pushes = np.zeros(len(active)), np.zeros(len(gradient))
    if not len(held) + len(pushed):
        return multipliers, pushes
    unit = np.zeros((len(gradient), len(pushed)))
    unit[pushed, np.arange(len(pushed))] = 1.0
    columns = np.concatenate([rows[held].T, unit], axis=1)
    signs = np.concatenate([active[held], fixed[pushed]])
    # A column of zeros, a constraint without slope here, has any multiplier: none.
    sizes = np.linalg.norm(columns, axis=0)
    used = sizes > 0
    if not used.any():
        return multipliers, pushes
    infinity = np.inf
    least = np.where((signs == -1) | (signs == 2), -infinity, 0.0)[used]
    most = np.where((signs == 1) | (signs == 2), infinity, 0.0)[used]
    found = scipy_optimize().lsq_linear(columns[:, used] / sizes[used], -gradient, (least, most), tol=1e-14)
    whole = np.zeros(len(signs))
    whole[used] = found.x / sizes[used]
    multipliers[held], pushes[pushed] = whole[: len(held)], whole[len(held) :]
    return multipliers, pushes


class Curvature(NamedTuple):
    """The curvature at a point, along the directions that the active constraints leave.

    verdict      "a minimum", "a maximum", "a saddle", "flat" where second derivatives do not decide, "a corner" where
                 the constraints leave no direction, or "unknown"
    eigenvalues  of the Hessian of the Lagrangian along these directions, ascending; of a long vector the two outermost
    """

    verdict: str
    eigenvalues: tuple[float, ...] = ()


def curvature(objective: Objective, constraints: Constraints, at: Conditions) -> Curvature:
    """The curvature of the Lagrangian along the directions that the active constraints leave."""
    import numpy as np

    n = objective.size
    if not np.isfinite(at.error):
        return Curvature("unknown")
    if n >= LARGE:
        return Curvature("unknown") if len(constraints) or at.fixed.any() else _outermost(objective, at.x)
    hessian = objective.hessian(at.x)
    basis = _free_directions(constraints, at)
    if not basis.shape[1]:
        return Curvature("a corner")
    if len(constraints):
        hessian = hessian + constraints.hessian(at.x, at.multipliers)
    if not np.all(np.isfinite(hessian)):
        return Curvature("unknown")
    reduced = basis.T @ hessian @ basis
    found = _judged(np.linalg.eigvalsh(reduced))
    if found.verdict != "a minimum" or not at.error:
        return found
    # Near a minimum the curvature stays nearly the same over the next Newton step. It does not if the gradient fades
    # out, as for exp(-x), or if the curvature at the end is 0, as for x^4.
    step = basis @ np.linalg.solve(reduced, -basis.T @ at.residual)
    after = objective.hessian(at.x + step)
    if len(constraints):
        after = after + constraints.hessian(at.x + step, at.multipliers)
    moved = np.linalg.eigvalsh(basis.T @ after @ basis) if np.all(np.isfinite(after)) else np.zeros(1)
    return found if moved[0] > 0.8 * found.eigenvalues[0] else found._replace(verdict="flat")


def _free_directions(constraints: Constraints, at: Conditions) -> Matrix:
    """An orthonormal basis of the directions in which no active constraint changes; its columns."""
    import numpy as np

    n = len(at.x)
    free = np.flatnonzero(at.fixed == 0)
    place = np.eye(n)[:, free]
    held = np.flatnonzero(at.active)
    if not len(held) or not len(free):
        return place
    _, sizes, right = np.linalg.svd(constraints.jacobian(at.x)[np.ix_(held, free)])
    rank = int((sizes > 1e-10 * max(sizes.max(initial=0.0), 1e-300)).sum())
    return place @ right[rank:].T


def _outermost(objective: Objective, x: Vector) -> Curvature:
    """The smallest and the largest eigenvalue of the Hessian, by Lanczos' method and products alone."""
    import numpy as np

    linalg = scipy_sparse_linalg()
    product = linalg.LinearOperator((len(x), len(x)), matvec=lambda p: objective.product(x, np.ravel(p)), dtype=float)
    start = np.random.default_rng(1964).standard_normal(len(x))
    try:
        found = linalg.eigsh(product, k=2, which="BE", v0=start, tol=1e-4, maxiter=200, return_eigenvectors=False)
    except linalg.ArpackError:
        return Curvature("unknown")
    return _judged(np.sort(found))


def _judged(eigenvalues: Vector) -> Curvature:
    largest = float(abs(eigenvalues).max(initial=0.0))
    small = FLAT * largest
    told = tuple(map(float, eigenvalues))
    if eigenvalues[0] > small:
        return Curvature("a minimum", told)
    if eigenvalues[-1] < -small:
        return Curvature("a maximum", told)
    return Curvature("a saddle" if eigenvalues[0] < -small else "flat", told)


def polished(
    objective: Objective, constraints: Constraints, low: Vector, high: Vector, at: Conditions, turns: int = 6
) -> Conditions:  # fmt: skip
    """Newton's steps on the conditions of first order, while they come nearer and the active constraints stay.

    The system of the Hessian of the Lagrangian and the gradients of the active constraints is solved in the least
    squares sense, so that dependent constraints do no harm (Nocedal and Wright, section 18.1).
    """
    import numpy as np

    for _ in range(turns):
        if at.distance == 0:
            return at
        snapped = np.where(at.fixed == 1, high, np.where((at.fixed == -1) | (at.fixed == 2), low, at.x))
        x = snapped.copy()
        x[at.fixed == 0] += _newton(objective, constraints, at, snapped - at.x)
        x = np.clip(x, low, high)
        close = abs(x - at.x).max() <= 0.1 * max(1.0, abs(at.x).max())  # False where a number is nan
        if not close or not objective.value(x) < np.inf:
            return at
        new = conditions(objective, constraints, low, high, x)
        if not _nearer(new, at):
            return at
        at = new
    return at


def _newton(objective: Objective, constraints: Constraints, at: Conditions, shift: Vector) -> Vector:
    """The step of the free elements of the vector to the conditions of first order, while the others take `shift`.

    Of a long vector only products with the Hessian are taken, in the method MINRES.
    """
    import numpy as np

    n = len(at.x)
    free, held = np.flatnonzero(at.fixed == 0), np.flatnonzero(at.active)
    rows, missing = np.zeros((0, n)), np.zeros(0)
    if len(constraints):
        rows = constraints.jacobian(at.x)[held]
        wanted = np.where(at.active[held] == -1, constraints.low[held], constraints.high[held])
        missing = wanted - at.constraints[held]
    k, m = len(free), len(held)
    if not k:
        return np.zeros(0)

    def product(p: Vector) -> Vector:
        found = objective.product(at.x, p)
        return found + constraints.product(at.x, at.multipliers, p) if len(constraints) else found

    if n >= LARGE:

        def system(v: Vector) -> Vector:
            whole = np.zeros(n)
            whole[free] = np.ravel(v)[:k]
            return np.concatenate([(product(whole) + rows.T @ np.ravel(v)[k:])[free], rows @ whole])

        curved = product(shift) if shift.any() else np.zeros(n)
        right = np.concatenate([-(at.residual + curved)[free], missing - rows @ shift])
        linalg = scipy_sparse_linalg()
        operator = linalg.LinearOperator((k + m, k + m), matvec=system, dtype=float)
        return linalg.minres(operator, right, rtol=1e-12, maxiter=500)[0][:k]
    hessian = objective.hessian(at.x)
    if len(constraints):
        hessian = hessian + constraints.hessian(at.x, at.multipliers)
    if not np.all(np.isfinite(hessian)) or not np.all(np.isfinite(rows)):
        return np.full(k, np.nan)
    whole = np.zeros((k + m, k + m))
    whole[:k, :k] = hessian[np.ix_(free, free)]
    whole[k:, :k], whole[:k, k:] = rows[:, free], rows[:, free].T
    right = np.concatenate([-(at.residual + hessian @ shift)[free], missing - rows @ shift])
    return np.linalg.lstsq(whole, right, rcond=1e-12)[0][:k]


def _nearer(new: Conditions, old: Conditions) -> bool:
    """Whether a point is nearer to the conditions, and no higher by more than rounding."""
    higher = new.value - old.value > 1e-9 * max(abs(old.value), 1e-9) + 10 * (old.violation * old.scale + old.slack)
    return not higher and new.distance < old.distance
