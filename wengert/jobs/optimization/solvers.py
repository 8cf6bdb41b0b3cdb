"""One call of one of SciPy's solvers, with the derivatives that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...ground.errors import WengertError
from ...ground.tuples import NamedTuple
from ..scipy_import import scipy_optimize, scipy_sparse_linalg
from .nonlinear_program import interior_point
from .objective import LARGE, Constraints, Objective, Residuals, Vector

# The gradient at which solvers stop, relative to its size at the start.
GRADIENT = 1e-9


class Problem(NamedTuple):
    """An objective over a vector, the bounds of the vector, and constraints.

    labels    the texts of the constraints, one for each of their values
    elements  the names of the elements of the vector
    """

    objective: Objective
    low: Vector
    high: Vector
    constraints: Constraints
    labels: tuple[str, ...]
    elements: tuple[str, ...]

    @property
    def bounded(self) -> bool:
        """Whether a bound is finite."""
        import numpy as np

        return bool(np.isfinite(self.low).any() or np.isfinite(self.high).any())


class SolverEnd(NamedTuple):
    """The end of a solver: its name, the vector, its reason to stop, and whether it calls that success; and the
    multipliers of constraints and of bounds, if it tells them."""

    method: str
    x: Vector
    message: str
    success: bool
    multipliers: tuple[Vector, Vector] | None = None


class Takes(NamedTuple):
    """Whether a method takes bounds, and constraints."""

    bounds: bool = False
    constraints: bool = False


METHODS = {
    "auto": Takes(True, True), "least-squares": Takes(True), "trust-exact": Takes(), "trust-ncg": Takes(),
    "trust-krylov": Takes(), "l-bfgs-b": Takes(True), "tnc": Takes(True), "slsqp": Takes(True, True),
    "trust-constr": Takes(True, True), "pounce": Takes(True, True),
}  # fmt: skip
ANY_PROBLEM = ("auto", "slsqp", "trust-constr", "pounce")


def attempt(problem: Problem, method: str, x: Vector, residuals: Residuals | None) -> SolverEnd:
    """Run one method from x. Raises Unbounded if the objective falls without end."""
    import warnings

    with warnings.catch_warnings():  # the report says it
        warnings.simplefilter("ignore")
        try:
            return _RUNS[method](problem, x, residuals)
        except (ValueError, ArithmeticError) as trouble:  # SciPy refuses numbers that are not finite
            if isinstance(trouble, WengertError):
                raise
            return SolverEnd(method, x, f"{method} met numbers that it cannot use", False)


class _Halts:
    """A callback that ends a search whose value has not changed for many turns: its digits are spent."""

    def __init__(self, most: int = 25) -> None:
        self.most, self.last, self.count = most, float("nan"), 0

    def __call__(self, intermediate_result: Any) -> None:
        value = float(intermediate_result.fun)
        self.count = self.count + 1 if value == self.last else 0
        self.last = value
        if self.count >= self.most:
            raise StopIteration


class _Stalled(Exception):
    """A search moves no more, while its solver goes on."""

    def __init__(self, x: Vector) -> None:
        super().__init__()
        self.x = x


def _stalling(x: Vector, most: int = 4) -> Callable[[Vector], None]:
    """A callback that raises _Stalled after some turns in which the vector hardly moved."""
    last, count = x, 0

    def called(x: Vector) -> None:
        nonlocal last, count
        count = count + 1 if abs(x - last).max() <= 1e-9 * max(1.0, abs(x).max()) else 0
        last = x.copy()
        if count >= most:
            raise _Stalled(last)

    return called


def _trusting(method: str) -> Callable[..., SolverEnd]:
    def run(problem: Problem, x: Vector, residuals: Residuals | None) -> SolverEnd:
        objective = problem.objective
        radius = max(1.0, 0.1 * float((x @ x) ** 0.5))
        size = max(1.0, float(abs(objective.gradient(x)).max()))
        options = {"gtol": GRADIENT * min(size, 1e3), "maxiter": 200 + 20 * min(len(x), 1000),
                   "initial_trust_radius": radius, "max_trust_radius": 1e3 * radius}  # fmt: skip
        exact = method == "trust-exact"
        second: dict[str, Any] = {"hess": objective.hessian} if exact else {"hessp": objective.product}
        if method == "trust-krylov":
            options.pop("initial_trust_radius"), options.pop("max_trust_radius")
        found = scipy_optimize().minimize(objective.value, x, jac=objective.gradient, method=method, options=options,
                                          callback=_Halts(), **second)  # fmt: skip
        return SolverEnd(method, found.x, _message(found), bool(found.success))

    return run


def _quasi_newton(name: str, method: str, options: dict[str, Any]) -> Callable[..., SolverEnd]:
    def run(problem: Problem, x: Vector, residuals: Residuals | None) -> SolverEnd:
        objective, optimize = problem.objective, scipy_optimize()
        found = optimize.minimize(objective.value, x, jac=objective.gradient, method=method,
                                  bounds=optimize.Bounds(problem.low, problem.high), options=options)  # fmt: skip
        return SolverEnd(name, found.x, _message(found), bool(found.success))

    return run


def _least_squares(problem: Problem, x: Vector, residuals: Residuals | None) -> SolverEnd:
    import numpy as np

    assert residuals is not None
    # The solver stays strictly between bounds.
    room = np.where(np.isfinite(problem.high - problem.low), problem.high - problem.low, 1.0)
    inside = np.clip(x, problem.low + 1e-10 * room, problem.high - 1e-10 * room)
    found = scipy_optimize().least_squares(
        residuals.values, inside, residuals.jacobian, (problem.low, problem.high), method="trf", ftol=1e-15,
        xtol=1e-15, gtol=1e-12, x_scale=1.0, max_nfev=200 + 20 * min(len(x), 100),
        tr_solver="lsmr" if len(x) >= LARGE else "exact",
    )  # fmt: skip
    return SolverEnd("least-squares", found.x, _message(found), found.status > 0)


def _slsqp(problem: Problem, x: Vector, residuals: Residuals | None) -> SolverEnd:
    import numpy as np

    objective, constraints, optimize = problem.objective, problem.constraints, scipy_optimize()
    equal = constraints.equal
    above, below = np.isfinite(constraints.low) & ~equal, np.isfinite(constraints.high) & ~equal
    parts: list[dict[str, Any]] = []
    if equal.any():
        parts.append({"type": "eq",  # not an op: a kind of SciPy's constraints
                      "fun": lambda x: (constraints.values(x) - constraints.low)[equal],
                      "jac": lambda x: constraints.jacobian(x)[equal]})  # fmt: skip
    if (above | below).any():

        def inside(x: Vector) -> Vector:
            values = constraints.values(x)
            return np.concatenate([(values - constraints.low)[above], (constraints.high - values)[below]])

        def slopes_at(x: Vector) -> Any:
            rows = constraints.jacobian(x)
            return np.concatenate([rows[above], -rows[below]])

        parts.append({"type": "ineq", "fun": inside, "jac": slopes_at})
    size = max(1.0, abs(objective.value(x)))
    try:
        found = optimize.minimize(objective.value, x, jac=objective.gradient, method="SLSQP", constraints=parts,
                                  bounds=optimize.Bounds(problem.low, problem.high), callback=_stalling(x),
                                  options={"ftol": 1e-10 * min(size, 1e3), "maxiter": 200 + 10 * len(x)})  # fmt: skip
    except _Stalled as end:
        return SolverEnd("slsqp", end.x, "rounding hides any further change", True)
    return SolverEnd("slsqp", found.x, _message(found), bool(found.success))


def _trust_constr(problem: Problem, x: Vector, residuals: Residuals | None) -> SolverEnd:
    import numpy as np

    objective, constraints, optimize = problem.objective, problem.constraints, scipy_optimize()
    large = len(x) >= LARGE
    linalg = scipy_sparse_linalg()

    def operator(of: Callable[[Vector], Vector]) -> Any:
        return linalg.LinearOperator((len(x), len(x)), matvec=lambda p: of(np.ravel(p)), dtype=float)

    parts = []
    if len(constraints):

        def weighted(y: Vector, v: Vector) -> Any:
            return operator(lambda p: constraints.product(y, v, p)) if large else constraints.hessian(y, v)

        parts.append(optimize.NonlinearConstraint(
            constraints.values, constraints.low, constraints.high, hess=weighted,
            jac=constraints.sparse_jacobian if large else constraints.jacobian,
        ))  # fmt: skip
    second: dict[str, Any] = {"hessp": objective.product} if large else {"hess": objective.hessian}
    # It ends as soon as the gradient of a barrier is small, however far the barrier keeps it from a bound: it goes on
    # from there with lower barriers.
    barriers = (0.1, 1e-4, 1e-8) if problem.bounded or not bool(np.all(constraints.equal)) else (0.1,)
    for barrier in barriers:
        found = optimize.minimize(
            objective.value, x, jac=objective.gradient, method="trust-constr", constraints=parts,
            bounds=optimize.Bounds(problem.low, problem.high) if problem.bounded else None, **second,
            options={"gtol": 1e-9, "xtol": 1e-13, "barrier_tol": 1e-10, "maxiter": 300 + 5 * min(len(x), 100),
                     "sparse_jacobian": large, "initial_barrier_parameter": barrier,
                     "initial_barrier_tolerance": barrier},
        )  # fmt: skip
        if not np.all(np.isfinite(found.x)):
            break
        x = found.x
    return SolverEnd("trust-constr", x, _message(found), found.status in (1, 2))


def _pounce(problem: Problem, x: Vector, residuals: Residuals | None) -> SolverEnd:
    found = interior_point(problem.objective, problem.constraints, x, (problem.low, problem.high))
    return SolverEnd("pounce", found.x, found.message, found.success, (found.multipliers, found.pushes))


def _message(found: Any) -> str:
    """A solver's reason to stop, in the same words for all solvers."""
    text = " ".join(str(found.message).split()).rstrip(".").replace("`", "").lower().replace("_", " ")
    return next((ours for theirs, ours in _SAID.items() if theirs in text), text)


_SMALL = "the gradient is below the tolerance"
# Parts of SciPy's messages, in lower case.
_SAID = {
    "callback": "rounding hides any further change",
    "both ftol and xtol": "neither the objective nor the point changes any more",
    "ftol termination": "the objective changes no more", "xtol termination": "the point changes no more",
    "gtol termination": _SMALL, "norm of projected gradient": _SMALL, "|pg| ~= 0": _SMALL,
    "relative reduction of f": "the objective changes no more", "|fn-f n-1| ~= 0": "the objective changes no more",
    "|xn-x n-1| ~= 0": "the point changes no more", "converged (": "the objective changes no more",
    "total no. of": "it ran out of evaluations", "maximum number of function": "it ran out of evaluations",
    "max. number of function": "it ran out of evaluations", "maximum number of iterations": "it ran out of iterations",
    "iteration limit": "it ran out of iterations", "maximum number of iteration": "it ran out of iterations",
    "positive directional": "no step along its direction falls", "abnormal": "no step along its direction falls",
    "linear search failed": "no step along its direction falls",
    "inequality constraints incompatible": "the constraints contradict each other to first order",
    "singular matrix c": "the constraints depend on each other to first order",
    "optimization terminated successfully": "the conditions of a minimum hold within the tolerance",
}  # fmt: skip
_RUNS: dict[str, Callable[..., SolverEnd]] = {
    "trust-exact": _trusting("trust-exact"), "trust-ncg": _trusting("trust-ncg"),
    "trust-krylov": _trusting("trust-krylov"),
    "l-bfgs-b": _quasi_newton("l-bfgs-b", "L-BFGS-B",
                              {"ftol": 1e-13, "gtol": 1e-9, "maxiter": 15_000, "maxfun": 30_000, "maxls": 40}),
    "tnc": _quasi_newton("tnc", "TNC", {"ftol": 1e-15, "gtol": 1e-9, "xtol": 1e-15, "maxfun": 30_000}),
    "least-squares": _least_squares, "slsqp": _slsqp, "trust-constr": _trust_constr,
    "pounce": _pounce,
}  # fmt: skip
