"""Minimize a formula with SciPy's solvers and exact derivatives, and say whether the point found is a minimum.

The method is chosen by structure and size:

    under 500 unknowns, a sum of at least as
    many squares                               least_squares, the exact Jacobian of the residuals
    unconstrained, under 500 unknowns          trust-exact, the exact Hessian
    unconstrained, more                        trust-ncg, products of the Hessian and a vector
    bounds                                     L-BFGS-B, then trust-constr where that fails
    constraints, under 500 unknowns            SLSQP, then trust-constr with exact Hessians where that fails
    constraints, more                          trust-constr, sparse Jacobians and products of Hessians
    the engine POUNCE, all of these            an interior point method, sparse Jacobians and Hessians

Newton's steps on the conditions of a minimum then give the last digits.
"""

from __future__ import annotations

from typing import Any

from ...ground.errors import Diagnostic, DomainError, UsageError, error
from ...ground.tuples import NamedTuple
from ..scipy_import import scipy_optimize
from .minimum import ConstraintAt, KnownMinimum, Landscape, Minimum
from .objective import (
    LARGE,
    Evaluations,
    FunctionOfVector,
    Iterate,
    Residuals,
    Trail,
    Unbounded,
    Vector,
    blamed,
    point_of,
    spoken_point,
)  # fmt: skip
from .optimality import Conditions, Curvature, conditions, curvature, polished, solver_conditions
from .solvers import ANY_PROBLEM, METHODS, Problem, SolverEnd, attempt

__all__ = ["METHODS", "SumOfSquares", "minimize"]

# A gradient of this size, relative to the numbers that cancel in it, is 0.
SMALL = 1e-6
# A constraint that is broken by more is broken.
BROKEN = 1e-7


class SumOfSquares(NamedTuple):
    """The residuals of an objective that is a sum of squares, and for each of their values the weight of its square."""

    flat: FunctionOfVector
    weights: Vector
    constant: float


class SearchEnd(NamedTuple):
    """The end of a search from one start."""

    at: Conditions
    attempts: tuple[SolverEnd, ...]
    unbounded: bool = False
    iterates: tuple[Iterate, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether all constraints are kept."""
        return self.at.violation <= BROKEN * max(1.0, float(abs(self.at.constraints).max(initial=0.0)))

    @property
    def stationary(self) -> bool:
        """Whether the conditions of first order hold."""
        return self.feasible and self.at.error <= SMALL * self.at.scale


def minimize(
    problem: Problem, starts: list[Vector], method: str, squared: SumOfSquares | None
) -> Minimum:  # fmt: skip
    """The lowest minimum found by searches from the starts. The first start must be in the domain.

    Raises DomainError if the objective or a constraint is not finite at the first start, UsageError for a method that
    does not suit the problem and for numbers that are not finite.
    """
    _check_method(problem, method, squared)
    objective = problem.objective
    _check_start(problem, starts[0])
    residuals = None
    if squared is not None and method in ("auto", "least-squares") and not len(problem.constraints):
        residuals = Residuals(squared.flat, (2 * squared.weights) ** 0.5, objective)
    found: list[SearchEnd] = []
    lost = 0
    for k, x in enumerate(starts):
        if k and blamed_at(problem, x, "a start") is not None:
            lost += 1
            continue
        objective.trail = Trail()
        end = _search(problem, x, method, residuals)
        found.append(end._replace(iterates=tuple(objective.trail.iterates)))
    best = min(found, key=lambda f: (not f.feasible, not f.unbounded, not f.stationary, f.at.value))
    return _report(problem, best, found, lost, squared if residuals is not None else None)


def _check_method(problem: Problem, method: str, squared: SumOfSquares | None) -> None:
    if method == "auto" or method in ANY_PROBLEM:
        return
    if method == "least-squares":
        if squared is None:
            raise error(UsageError, "W602", "the objective is no sum of squares, or of fewer than the unknowns",
                        help="leave the choice to `auto`")  # fmt: skip
        if len(problem.constraints):
            raise error(UsageError, "W602", "`least-squares` takes bounds, and no constraints", help="try `slsqp`")
        return
    takes = METHODS[method]
    if len(problem.constraints) and not takes.constraints:
        raise error(UsageError, "W602", f"`{method}` takes no constraints", help="`slsqp` and `trust-constr` do")
    if problem.bounded and not takes.bounds:
        raise error(UsageError, "W602", f"`{method}` takes no bounds", help="`l-bfgs-b` and `trust-constr` do")


def blamed_at(problem: Problem, x: Vector, where: str) -> Diagnostic | None:
    """The diagnostic of the objective or of a constraint without a finite value or slope at x; None if all are."""
    import numpy as np

    flat = problem.objective.flat
    value, gradient = flat.value_and_grad(x)
    if not np.isfinite(value) or not np.all(np.isfinite(gradient)):
        found = blamed(flat, x, where)
        return found or Diagnostic("W201", "error", f"the objective is not finite at {where}",
                                   help=spoken_point(flat.unpack(x)))  # fmt: skip
    for part in problem.constraints.parts:
        own = x[part.places]
        if not np.all(np.isfinite(part.flat.fun(own))) or not _slopes_are_finite(part.flat, own):
            found = blamed(part.flat, own, where)
            return found or Diagnostic("W201", "error", f"`{part.text}` is not finite at {where}",
                                       help=spoken_point(part.flat.unpack(own)))  # fmt: skip
    return None


def _slopes_are_finite(flat: FunctionOfVector, x: Vector) -> bool:
    import numpy as np

    # The Jacobian of many constraints over a long vector is sparse.
    found = flat.plain.sparse_jac(x).values if flat.size >= LARGE else flat.jac(x)
    return bool(np.all(np.isfinite(found)))


def _check_start(problem: Problem, x: Vector) -> None:
    import numpy as np

    if not np.all(np.isfinite(x)):
        wrong = spoken_point(problem.objective.flat.unpack(x))
        raise error(UsageError, "W607", f"a start is made of finite numbers, and this is {wrong}")
    found = blamed_at(problem, x, "the start")
    if found is not None:
        raise DomainError(found)


def _search(problem: Problem, start: Vector, method: str, residuals: Residuals | None) -> SearchEnd:
    """A search from one start: the methods in turn, until one ends at a point that keeps the conditions."""
    import numpy as np

    x = np.clip(start, problem.low, problem.high)
    attempts: list[SolverEnd] = []
    best: SearchEnd | None = None
    for name in _methods(problem, method, residuals):
        try:
            made = attempt(problem, name, x, residuals)
        except Unbounded as problem_found:
            at = _conditions(problem, problem_found.x)
            last = SolverEnd(name, problem_found.x, "the objective falls below -1e100", False)
            return SearchEnd(at, (*attempts, last), True)
        attempts.append(made)
        end = made.x if np.all(np.isfinite(made.x)) else x
        inside = np.clip(end, problem.low, problem.high)
        if made.multipliers is not None and problem.objective.size >= LARGE:
            box = problem.low, problem.high
            at = solver_conditions(problem.objective, problem.constraints, box, inside, made.multipliers)
        else:
            at = _polished(problem, inside)
        found = SearchEnd(at, tuple(attempts))
        if best is None or _better(found, best):
            best = found
        best = best._replace(attempts=tuple(attempts))
        if best.stationary:
            break
        if best.feasible and _falls(problem, start, best.at):
            return best._replace(unbounded=True)
        x = best.at.x if np.all(np.isfinite(best.at.x)) else x
    assert best is not None
    if not best.feasible:
        return _restart_feasible(problem, best, method)
    return best


def _methods(problem: Problem, method: str, residuals: Residuals | None) -> list[str]:
    """The methods to try in turn."""
    if method != "auto":
        return [method]
    large = problem.objective.size >= LARGE
    if len(problem.constraints):
        return ["trust-constr"] if large else ["slsqp", "trust-constr"]
    first = ["least-squares"] if residuals is not None and not large else []
    if problem.bounded:
        return [*first, "l-bfgs-b", "trust-constr"]
    return [*first, "trust-ncg" if large else "trust-exact", "l-bfgs-b"]


def _better(one: SearchEnd, other: SearchEnd) -> bool:
    if one.feasible != other.feasible:
        return one.feasible
    if not one.feasible:
        return one.at.violation < other.at.violation
    if one.stationary != other.stationary:
        return one.stationary
    return one.at.value < other.at.value


def _conditions(problem: Problem, x: Vector) -> Conditions:
    return conditions(problem.objective, problem.constraints, problem.low, problem.high, x)


def _polished(problem: Problem, x: Vector) -> Conditions:
    """The conditions at x, after Newton's steps. An interior point method may stop short of a bound: where the
    conditions do not hold, values in a wider neighbourhood of their bounds are tried as active too."""
    parts = problem.objective, problem.constraints, problem.low, problem.high
    at = polished(*parts, _conditions(problem, x))
    for near in (1e-5, 1e-3) if len(problem.constraints) or problem.bounded else ():
        if SearchEnd(at, ()).stationary:
            break
        wider = conditions(*parts, x, near)
        after = polished(*parts, wider)
        if after is not wider and after.distance < at.distance:
            at = after
    return at


def _restart_feasible(problem: Problem, found: SearchEnd, method: str) -> SearchEnd:
    """A search anew from the point where the constraints are broken least, if they can be kept there."""
    import numpy as np

    constraints = problem.constraints
    inside = np.clip(found.at.x, problem.low, problem.high)

    def broken(x: Vector) -> Vector:
        return constraints.violation(constraints.values(x))

    def slopes_at(x: Vector) -> Any:
        return np.where(broken(x)[:, None] != 0, constraints.jacobian(x), 0.0)

    roomy = problem.low < problem.high
    if not np.all(roomy):
        return found
    try:
        nearest = scipy_optimize().least_squares(broken, inside, slopes_at, (problem.low, problem.high), xtol=1e-15,
                                                 ftol=1e-15, gtol=1e-15, max_nfev=500)  # fmt: skip
    except ValueError:  # numbers that are not finite
        return found
    at = _conditions(problem, nearest.x)
    if at.violation > BROKEN * max(1.0, float(abs(at.constraints).max(initial=0.0))):
        return found if found.at.violation <= at.violation else found._replace(at=at)
    again = "trust-constr" if method == "auto" else method
    try:
        made = attempt(problem, again, nearest.x, None)
    except Unbounded as problem_found:
        return SearchEnd(_conditions(problem, problem_found.x), found.attempts, True)
    after = SearchEnd(_polished(problem, np.clip(made.x, problem.low, problem.high)), (*found.attempts, made))
    return after if after.feasible else SearchEnd(at, (*found.attempts, made))


def _falls(problem: Problem, start: Vector, at: Conditions) -> bool:
    """Whether the objective falls all the way along the line from the start through a point, over twelve decades."""
    import numpy as np

    direction = at.x - start
    size = float(abs(direction).max(initial=0.0))
    if len(problem.constraints) or not size > 0 or not np.all(np.isfinite(direction)):
        return False
    last = at.value
    for k in range(1, 13):
        x = np.clip(at.x + direction / size * max(1.0, size) * 10.0**k, problem.low, problem.high)
        try:
            value = problem.objective.value(x)
        except Unbounded:
            return True
        if not value < last - abs(last) * 1e-3:
            return False
        last = value
    return True


def starts_around(x: Vector, low: Vector, high: Vector, count: int, seed: int) -> list[Vector]:
    """A start, and others: uniform between bounds that are finite, and elsewhere around it with the spread of its size.

    They are the same for the same seed. The spread grows from a tenth of the size to ten times the size.
    """
    import numpy as np

    choose = np.random.default_rng(seed)
    found = [x]
    closed = np.isfinite(low) & np.isfinite(high)
    for _ in range(count - 1):
        spread = np.maximum(1.0, abs(x)) * 10.0 ** choose.uniform(-1, 1)
        moved = np.clip(x + spread * choose.standard_normal(len(x)), low, high)
        between = np.where(closed, low, 0.0) + np.where(closed, high - low, 0.0) * choose.uniform(size=len(x))
        found.append(np.where(closed, between, moved))
    return found


def _report(
    problem: Problem, best: SearchEnd, found: list[SearchEnd], lost: int, squared: SumOfSquares | None
) -> Minimum:
    objective, constraints, at = problem.objective, problem.constraints, best.at
    flat = objective.flat
    shape = Curvature("unknown") if best.unbounded else curvature(objective, constraints, at)
    told = [
        ConstraintAt(label, float(value), float(low), float(high), int(side), float(multiplier))
        for label, value, low, high, side, multiplier in zip(
            problem.labels, at.constraints, constraints.low, constraints.high, at.active, at.multipliers
        )
    ]
    bounds = [
        ConstraintAt(problem.elements[k], float(at.x[k]), float(problem.low[k]), float(problem.high[k]),
                     int(at.fixed[k]), float(at.pushes[k]))
        for k in range(objective.size) if at.fixed[k]
    ]  # fmt: skip
    ended = [f for f in found if f.stationary]
    minima: list[KnownMinimum] = []
    for f in sorted(ended, key=lambda f: f.at.value):
        for k, known in enumerate(minima):
            if abs(known.x - f.at.x).max(initial=0.0) <= 1e-5 * (1 + abs(f.at.x).max(initial=0.0)):
                minima[k] = known._replace(starts=known.starts + 1)
                break
        else:
            minima.append(KnownMinimum(f.at.value, f.at.x, flat.unpack(f.at.x), 1))
    evaluations = Evaluations(objective.values, objective.gradients, objective.hessians, objective.products,
                              constraints.value_count, constraints.jacobian_count)  # fmt: skip
    last = best.attempts[-1]
    return Minimum(
        value=at.value, point=flat.unpack(at.x), converged=best.stationary and not best.unbounded,
        feasible=best.feasible, method=last.method, stopped=last.message, tried=tuple(a.method for a in best.attempts),
        gradient_norm=at.error, constraints=tuple(told), bounds=tuple(bounds), curvature=shape.verdict,
        eigenvalues=shape.eigenvalues, evaluations=evaluations,
        residuals=None if squared is None else len(squared.weights), minima=tuple(minima), starts=len(found) + lost,
        lost_starts=lost, notes=tuple(_notes(problem, best, shape)),
        landscape=Landscape(flat.plain, [p._replace(flat=p.flat.plain) for p in constraints.parts],
                            (problem.low, problem.high), problem.elements, best.iterates),
    )  # fmt: skip


def _kinks(problem: Problem, x: Vector) -> list[Diagnostic]:
    """The notes on kinks of the objective at a point."""
    flat = problem.objective.flat
    notes = flat.function.notes(point_of(flat, x), wrt=flat.names)
    return [n for n in notes if n.code in ("W301", "W302", "W303")]


def _notes(problem: Problem, best: SearchEnd, shape: Curvature) -> list[Diagnostic]:
    """Diagnostics about the end of a search."""
    import numpy as np

    objective, at = problem.objective, best.at
    found: list[Diagnostic] = []
    if objective.lost is not None:
        times = f"{objective.losses} time{'s' * (objective.losses != 1)}"
        lost = blamed(objective.flat, objective.lost, f"the solver stepped back {times}: the first iterate there")
        if lost is not None:
            found.append(lost._replace(severity="note" if best.stationary else "error"))
    if best.unbounded:
        found.append(Diagnostic("W864", "error", "the objective falls without end: it has no minimum there",
                                help=f"at {spoken_point(objective.flat.unpack(at.x))} it is {at.value:.6g}; add bounds "
                                     "or constraints"))  # fmt: skip
    elif not best.feasible:
        broken = problem.constraints.violation(at.constraints)
        worst = int(np.argmax(abs(broken))) if len(broken) else 0
        told = f"`{problem.labels[worst]}` is broken by {abs(broken[worst]):.3g}" if len(broken) else ""
        found.append(Diagnostic("W862", "error", "no point near here keeps all constraints", help=f"{told} at best, at "
                                f"{spoken_point(objective.flat.unpack(at.x))}; other starts may find one"))  # fmt: skip
    elif not best.stationary:
        found.append(Diagnostic("W865", "error", f"the solver stopped before a minimum: {best.attempts[-1].message}",
                                help=f"the gradient is still {at.error:.3g}; start from the point it reached, from "
                                     "several with `--starts 10`, or try another method"))  # fmt: skip
    elif shape.verdict in ("a saddle", "a maximum"):
        found.append(Diagnostic("W863", "error", f"this is no minimum: the curvature is that of {shape.verdict}",
                                help="start from another point"))  # fmt: skip
    elif kinks := _kinks(problem, at.x):
        found.append(Diagnostic("W863", "warning", "the point is on a kink, where derivatives do not tell a minimum",
                                help="values beside it do"))  # fmt: skip
        found += kinks
    elif shape.verdict == "flat":
        still = not at.gradient.any() and not any(shape.eigenvalues)
        says = "the objective does not change here at all" if still else "the objective is flat here"
        found.append(Diagnostic("W863", "warning", f"{says}: second derivatives do not tell a minimum",
                                help="other points nearby may be as low"))  # fmt: skip
    return found
