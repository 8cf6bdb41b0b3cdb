"""Problems in the form that interior point methods take: sparse Jacobians, and the sparse Hessian of the Lagrangian;
and POUNCE, an IPOPT written in Rust, which is fed them (A. Wächter, L. T. Biegler, Mathematical Programming 106, 2006).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...ground.errors import DerivativeError, UsageError, error
from ...ground.tuples import NamedTuple
from .objective import Constraints, Objective, Vector

# The largest error of the conditions of a minimum, and of the constraints, at the end; and turns.
TOLERANCE, TURNS = 1e-9, 3000


def pounce_module() -> Any:
    """The module `pounce`. Raises UsageError if it is not installed."""
    try:
        import pounce
    except ImportError:
        raise error(UsageError, "W875", "POUNCE is not installed",
                    help='pip install "wengert[pounce]"; the engine `scipy` needs it not') from None  # fmt: skip
    return pounce


class NonlinearProgram:
    """An objective, or none, and constraints, with the members that IPOPT's interface calls.

    The structure of the sparse matrices is found at the start, and is the same at all points. A callback cannot raise,
    so the first exception is kept in `trouble`, and the solver is told to stop.
    """

    def __init__(self, objective: Objective | None, constraints: Constraints, x: Vector) -> None:
        import numpy as np

        self.target, self.limits, self.size = objective, constraints, len(x)
        self.trouble: BaseException | None = None
        self.at = x
        self.rows, self.columns, _ = self._slopes(x)
        weights = np.ones(len(constraints))
        pieces = self._curvatures(x, weights, 1.0)
        # The lower triangle, each place once.
        places = np.concatenate([p[0] for p in pieces] or [np.zeros((2, 0), dtype=int)], axis=1)
        kept = places[0] >= places[1]
        keys, self.order = np.unique(places[0][kept] * self.size + places[1][kept], return_inverse=True)
        self.lower, self.kept = (keys // self.size, keys % self.size), kept

    def _guarded(self, answer: Callable[[], Any], instead: Any) -> Any:
        """The answer of a callback, or another one where it raises."""
        try:
            return answer()
        except BaseException as trouble:  # an interrupt too must not pass through the solver
            self.trouble = self.trouble or trouble
            return instead

    def objective(self, x: Vector) -> float:
        """The objective; nan if it is not finite, so that the solver steps back."""
        self.at = x.copy()
        if self.target is None:
            return 0.0
        found = self._guarded(lambda: self.target.value(x), float("nan"))  # type: ignore[union-attr]
        return float(found) if found < float("inf") else float("nan")

    def gradient(self, x: Vector) -> Vector:
        """The gradient of the objective."""
        import numpy as np

        nothing = np.zeros(self.size)
        if self.target is None:
            return nothing
        return self._guarded(lambda: self.target.gradient(x), nothing)  # type: ignore[union-attr]

    def constraints(self, x: Vector) -> Vector:
        """The values of the constraints."""
        import numpy as np

        return self._guarded(lambda: self.limits.values(x), np.full(len(self.limits), np.nan))

    def jacobianstructure(self) -> tuple[Vector, Vector]:
        """Rows and columns of the nonzeros of the Jacobian of the constraints."""
        return self.rows, self.columns

    def jacobian(self, x: Vector) -> Vector:
        """The nonzeros of the Jacobian of the constraints."""
        import numpy as np

        self.limits.jacobian_count += 1
        return self._guarded(lambda: self._slopes(x)[2], np.zeros(len(self.rows)))

    def hessianstructure(self) -> tuple[Vector, Vector]:
        """Rows and columns of the lower triangle of the Hessian of the Lagrangian."""
        return self.lower

    def hessian(self, x: Vector, multipliers: Vector, factor: float) -> Vector:
        """The nonzeros of the Lagrangian's Hessian: the objective's, times the factor, and the constraints', times the
        multipliers."""
        import numpy as np

        def answer() -> Vector:
            pieces = self._curvatures(x, np.asarray(multipliers), float(factor))
            values = np.concatenate([v for _, v in pieces] or [np.zeros(0)])[self.kept]
            return np.bincount(self.order, values, minlength=len(self.lower[0])).astype(float)

        if self.target is not None:
            self.target.hessians += 1
        return self._guarded(answer, np.zeros(len(self.lower[0])))

    def intermediate(self, *state: Any, **more: Any) -> bool:
        """Whether the solver goes on after a turn."""
        return self.trouble is None

    def _slopes(self, x: Vector) -> tuple[Vector, Vector, Vector]:
        import numpy as np

        rows, columns, values = [], [], []
        begin = 0
        for part, size in zip(self.limits.parts, self.limits.sizes):
            own = x[part.places]
            found = part.flat.plain.sparse_jac(own)
            rows.append(found.rows + begin)
            columns.append(np.asarray(part.places)[found.columns])
            values.append(found.values)
            begin += size
        nothing = np.zeros(0, dtype=int)
        return tuple(np.concatenate(p or [nothing]) for p in (rows, columns, values))  # type: ignore[return-value]

    def _curvatures(self, x: Vector, multipliers: Vector, factor: float) -> list[tuple[Any, Vector]]:
        """The places and values of second derivatives: of the objective, and of each text of constraints."""
        import numpy as np

        found: list[tuple[Any, Vector]] = []
        if self.target is not None:
            own = self.target.flat.plain.sparse_hess(x)
            found.append((np.array([own.rows, own.columns]), factor * own.values))
        begin = 0
        for part, size in zip(self.limits.parts, self.limits.sizes):
            own = part.flat.plain.sparse_hess(x[part.places], multipliers[begin : begin + size])
            places = np.asarray(part.places)
            found.append((np.array([places[own.rows], places[own.columns]]), own.values))
            begin += size
        return found


class InteriorEnd(NamedTuple):
    """The vector at which POUNCE ends, its reason, whether it calls that success, and the multipliers of constraints
    and of bounds: 0 or more at an upper one, 0 or less at a lower one."""

    x: Vector
    message: str
    success: bool
    multipliers: Vector
    pushes: Vector


def interior_point(
    objective: Objective | None, constraints: Constraints, x: Vector, box: tuple[Vector, Vector]
) -> InteriorEnd:  # fmt: skip
    """The end of a search by POUNCE. Raises the exception of a
    callback, and UsageError without POUNCE or for an op whose second derivatives cannot be split into numbers."""
    import numpy as np

    pounce = pounce_module()
    try:
        program = NonlinearProgram(objective, constraints, x)
    except DerivativeError as refused:
        raise error(UsageError, "W875", f"POUNCE needs sparse second derivatives: {refused.diagnostic.message}",
                    help="the engine `scipy` does without") from None  # fmt: skip
    problem = pounce.Problem(
        n=len(x), m=len(constraints), problem_obj=program, lb=_closed(box[0]), ub=_closed(box[1]),
        cl=_closed(constraints.low), cu=_closed(constraints.high),
    )  # fmt: skip
    for name, value in (("tol", TOLERANCE), ("print_level", 0), ("sb", "yes"), ("max_iter", TURNS)):
        problem.add_option(name, value)
    end, told = problem.solve(np.array(x, dtype=float))
    if program.trouble is not None:
        raise program.trouble
    pushes = np.array(told["mult_x_U"], dtype=float) - np.array(told["mult_x_L"], dtype=float)
    success = int(told.get("status", -100)) in (0, 1)
    return InteriorEnd(np.array(end, dtype=float), _said(told), success, np.array(told["mult_g"], dtype=float), pushes)


def _closed(values: Vector) -> Any:
    """Bounds with the numbers that stand for none."""
    import numpy as np

    return np.clip(values, -2e19, 2e19)


def _said(told: Any) -> str:
    status = int(told.get("status", -100))
    return _REASONS.get(status) or " ".join(str(told.get("status_msg", "POUNCE stopped")).split()).rstrip(".").lower()


# The return codes of IPOPT's interface.
_REASONS = {
    0: "the conditions of a minimum hold within the tolerance",
    1: "the conditions of a minimum hold nearly within the tolerance",
    2: "the constraints contradict each other near there", 3: "the search direction became too small",
    4: "the iterates diverge", -1: "it ran out of iterations", -2: "its restoration of the constraints failed",
}  # fmt: skip
