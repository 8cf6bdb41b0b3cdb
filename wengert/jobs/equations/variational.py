"""The solution of differential equations together with its derivatives in many parameters, for a fit.

With S = dy/dp the matrix of the sensitivities, S' = (df/dy) S + df/dp is integrated beside y' = f: for each evaluation
the derivatives of f are computed once, for all parameters (E. Hairer, S. P. Nørsett, G. Wanner, "Solving Ordinary
Differential Equations I", 2nd ed., 1993, section I.14). An implicit method takes the block diagonal of the Jacobian of
both, and leaves out second derivatives, as the simultaneous corrector of CVODES does (A. C. Hindmarsh et al., ACM TOMS
31, 2005): the steps of its Newton iteration converge all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...ground.limits import check_clock
from ...ground.tuples import NamedTuple
from ..optimization.objective import Vector
from .ode import Equations, OdeSystem, Stiff, Tolerances, run_solver

RELATIVE, ABSOLUTE = 1e-9, 1e-12
# After as many evaluations the explicit method asks whether the system is stiff: a fit solves it again and again.
ASKING = 400


class RightSides(NamedTuple):
    """The right sides at a time and a vector of the states, then the parameters: their values, and a row of derivatives
    in each element of the vector for each of them."""

    both: Callable[[float, Vector], tuple[Vector, Any]]
    states: int
    parameters: int


class Variational(OdeSystem):
    """The states, and then a column of sensitivities for each parameter and each fitted initial value.

    parameters  the numbers behind the states in the vector of the right sides
    start       the states at the start
    begin       their derivatives: 0 but for the states at the start themselves
    """

    def __init__(self, sides: RightSides, parameters: Vector, start: Vector, begin: Any) -> None:
        super().__init__(Equations(None, start, (), (), ()), watch=True)  # type: ignore[arg-type]
        self.sides, self.parameters, self.begin = sides, parameters, begin
        self.patience = ASKING

    def start(self) -> Vector:
        import numpy as np

        return np.concatenate([self.equations.start, self.begin.ravel()])

    def value(self, t: float, y: Vector) -> Vector:
        """The right sides, and those of the sensitivities."""
        import numpy as np

        check_clock()
        self.count += 1
        n, q = self.sides.states, self.sides.parameters
        values, rows = self.sides.both(t, np.concatenate([y[:n], self.parameters]))
        slopes = rows[:, :n] @ y[n:].reshape(n, -1)
        slopes[:, :q] += rows[:, n:]
        whole = np.concatenate([values, slopes.ravel()])
        if self.watch and np.all(np.isfinite(whole)):
            self._watch(t, y[:n])
        return whole

    def own_jacobian(self, t: float, y: Vector) -> Any:
        """The Jacobian of the right sides in the states."""
        import numpy as np

        return self.sides.both(t, np.concatenate([y, self.parameters]))[1][:, : self.sides.states]

    def jacobian(self, t: float, y: Vector) -> Any:
        """The Jacobian in the states, and as often along the diagonal as there are columns."""
        import numpy as np

        self.jacobians += 1
        n = self.sides.states
        own = self.own_jacobian(t, y[:n])
        columns = self.begin.shape[1]
        whole = np.zeros((n * (columns + 1),) * 2)
        whole[:n, :n] = own
        if columns:
            # Sensitivities are stored by states, the columns of each beside each other.
            whole[n:, n:] = np.kron(own, np.eye(columns))
        return whole


class Solutions:
    """Solutions at some times for one vector of parameters after another. Once the system is stiff, it counts as stiff
    for all of them."""

    def __init__(self, times: Vector) -> None:
        self.times = times
        self.method = "dop853"
        self.evaluations = 0

    def solve(self, system: Variational, scales: Vector) -> tuple[Vector, Any]:
        """The states at the times, a row for each, and their derivatives (times, states, columns); nan where the
        solution does not reach.

        scales  for each column the size of its parameter, above 0
        """
        import numpy as np

        n, columns = system.sides.states, system.begin.shape[1]
        count = len(self.times)
        absolute = np.concatenate([np.full(n, ABSOLUTE), np.tile(ABSOLUTE / scales, n)])
        tolerances = Tolerances(RELATIVE, absolute)  # type: ignore[arg-type]
        whole = np.full((count, n * (1 + columns)), np.nan)
        whole[0] = begin = system.start()
        # A solver would look for its first step without end.
        if not np.all(np.isfinite(system.value(float(self.times[0]), begin))):
            whole[1:] = np.nan
            count = 1
        for _ in range(2):
            system.watch = self.method == "dop853"
            try:
                found, _ = run_solver(system, self.times, self.method, tolerances) if count > 1 else (None, "")
            except Stiff:
                self.method = "radau"
                continue
            if found is not None and found.y.size:
                whole[: found.y.shape[1]] = found.y.T
            break
        self.evaluations += system.count
        return whole[:, :n], whole[:, n:].reshape(len(whole), n, columns)
