"""Models for data whose inputs are solutions of differential equations at the times of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...ground.errors import Diagnostic, DomainError, UsageError, error
from ...ground.tuples import NamedTuple
from ...jobs.equations.ode import TIME
from ...jobs.equations.variational import RightSides, Solutions, Variational
from ...jobs.scipy_import import scipy_integrate
from ..function import Function
from ..making import flat
from ..options import Options
from .integrating import right_sides
from .minimizing import texts_of
from .relations import TextContext


class OdeModel(NamedTuple):
    """Differential equations as a function of the states, the parameters and the time.

    states  the names of the states
    since   the time at which the states have their values at the start
    time    the name of the time
    """

    function: Function
    states: tuple[str, ...]
    since: float
    time: str = TIME

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names that need values: the states at the start, and the parameters."""
        return tuple(n for n in self.function.inputs if n != self.time)


def ode_model(equations: Any, start: Mapping[str, Any], since: float, options: Options, time: str) -> OdeModel:
    """Read the differential equations in some texts. It needs SciPy. Raises ParseError, UsageError."""
    scipy_integrate()
    shapes = {n: getattr(v, "shape", ()) for n, v in start.items()}
    f, states = right_sides(texts_of(equations), TextContext(options, tuple(start), shapes), time)
    return OdeModel(f, states, since, time)


class OdeSolution:
    """The solution of an OdeModel at some times, for one vector of parameters after another.

    moving  the names that are fitted, of parameters and of states at the start
    """

    def __init__(self, model: OdeModel, values: Mapping[str, Any], moving: Sequence[str], times: Any) -> None:
        import numpy as np

        self.model, self.values = model, {n: v for n, v in values.items() if n in model.inputs}
        self.moving = tuple(n for n in moving if n in model.inputs)
        self.parameters = tuple(n for n in self.moving if n not in model.states)
        early = np.flatnonzero(times < model.since)
        if len(early):
            t = model.time
            raise error(UsageError, "W873", f"the states begin at {t} = {model.since:g}, and a row is of {t} = "
                        f"{times[early[0]]:g}", help="give the time of the start: `--t0`, in Python `t0`")  # fmt: skip
        self.times = np.unique(np.append(times, model.since))
        self.sizes = {n: int(np.size(v)) for n, v in self.values.items()}
        self.solutions = Solutions(self.times)
        whole = flat(model.function, self.values, wrt=(*model.states, *self.parameters), time=model.time)
        self.flat = whole
        self.count = sum(self.sizes[n] for n in model.states)
        self.sides = RightSides(self._both(), self.count, whole.size - self.count)
        self.last: tuple[Any, Any] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the generated functions; the receiver makes them anew."""
        return {n: v for n, v in self.__dict__.items() if n != "sides"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.sides = RightSides(self._both(), self.count, self.flat.size - self.count)

    def _both(self) -> Any:
        """The function of the values and the derivatives of the right sides."""
        import numpy as np

        whole, f = self.flat, self.model.function
        numbers = not any(whole.shapes.values()) and all(type(v) is float for v in whole.fixed.values())
        if not numbers or f.lists.of_running.arrays or whole.size * self.count > 2000:
            return lambda t, z: (np.ravel(whole.fun(t, z)), np.reshape(whole.jac(t, z), (self.count, whole.size)))
        listed = f.gradient_function(whole.names, value=True)
        run, names = listed.bind("value"), listed.inputs
        places_of = [whole.names.index(n) if n in whole.names else -1 for n in names]
        time = self.model.time
        fixed = [0.0 if n == time else whole.fixed.get(n, 0.0) for n in names]
        timed = names.index(time) if time in names else None
        n = self.count

        def both(t: float, z: Any) -> tuple[Any, Any]:
            given = z.tolist()
            called = [given[p] if p >= 0 else v for p, v in zip(places_of, fixed)]
            if timed is not None:
                called[timed] = float(t)
            found = np.array(run(*called))
            return found[:n], found[n:].reshape(n, -1)

        return both

    def at(self, point: Mapping[str, Any]) -> tuple[Any, Any]:
        """The states at the times, (times, numbers), and their derivatives, (times, numbers, columns).

        Columns go by the numbers of the parameters, then of the fitted states at the start.
        """
        import numpy as np

        key = np.concatenate([np.ravel(point[n]) for n in self.values] or [np.zeros(0)])
        if self.last is not None and np.array_equal(self.last[0], key):
            return self.last[1]  # type: ignore[no-any-return]
        start = np.concatenate([np.ravel(point[n]) for n in self.model.states]).astype(float)
        parameters = np.concatenate([np.ravel(point[n]) for n in self.parameters] or [np.zeros(0)]).astype(float)
        fitted = np.concatenate([np.full(self.sizes[n], n in self.moving) for n in self.model.states])
        begin = np.hstack([np.zeros((self.count, len(parameters))), np.eye(self.count)[:, fitted]])
        sizes = np.abs(np.concatenate([parameters, start[fitted]]))
        system = Variational(self.sides, parameters, start, begin)
        with np.errstate(all="ignore"):
            found = self.solutions.solve(system, np.where(sizes > 0, sizes, 1.0))
        self.last = key, found
        return found

    def columns(self) -> dict[str, slice]:
        """The positions of the derivatives' columns, by name."""
        found, at = {}, 0
        for n in (*self.parameters, *(s for s in self.model.states if s in self.moving)):
            found[n] = slice(at, at + self.sizes[n])
            at += self.sizes[n]
        return found

    def blamed(self, point: Mapping[str, Any]) -> Diagnostic | None:
        """Why there is no solution: the first time that is not reached, or the step that is not finite at the start."""
        import numpy as np

        states, _ = self.at(point)
        f = self.model.function
        start = {n: v for n, v in {**point, self.model.time: float(self.times[0])}.items() if n in f.inputs}
        if (found := f.blame(start)) is not None:
            return found
        lost = np.flatnonzero(~np.isfinite(states).all(axis=1))
        if not len(lost):
            return None
        return Diagnostic("W873", "error", f"the solution does not reach {self.model.time} = {self.times[lost[0]]:g}",
                          help="`wengert ode` integrates the equations alone, and tells more")  # fmt: skip


class OdeSide(NamedTuple):
    """A model's formula that contains states of a solution: a `OneSide` for the rows of a table.

    columns  the columns that it reads; that of the times is among them
    """

    function: Function
    columns: dict[str, Any]
    solution: OdeSolution

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names that a value depends on."""
        own = (n for n in self.function.inputs if n not in self.solution.model.states)
        return tuple(dict.fromkeys((*own, *self.solution.model.inputs, self.solution.model.time)))

    def over(self, columns: dict[str, Any]) -> OdeSide:
        """The same side at the times of another table."""
        s = self.solution
        return self._replace(columns=columns, solution=OdeSolution(s.model, s.values, s.moving, columns[s.model.time]))

    def moved_by(self, names: Sequence[str]) -> tuple[str, ...]:
        """The parameters among `names` on which this side depends."""
        return tuple(n for n in names if n in self.inputs)

    def _point(self, point: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
        """The values of all inputs of the formula at the rows, and the sensitivities of the states there."""
        import numpy as np

        known = {n: point[n] for n in self.solution.values}
        states, slopes = self.solution.at(known)
        rows = np.searchsorted(self.solution.times, self.columns[self.solution.model.time])
        named = {**point, **self.columns}
        at = 0
        for n in self.solution.model.states:
            size = self.solution.sizes[n]
            named[n] = states[rows, at : at + size].reshape(len(rows), *np.shape(self.solution.values[n]))
            at += size
        return {n: v for n, v in named.items() if n in self.function.inputs}, slopes[rows]

    def values(self, point: Mapping[str, Any]) -> Any:
        """The value for each row."""
        return self.function(self._point(point)[0])

    def with_slopes(self, point: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, Any]:
        """The value for each row, and its derivatives in the parameters."""
        import numpy as np

        named, sensitivities = self._point(point)
        rows = len(self.columns[self.solution.model.time])
        f, model = self.function, self.solution.model
        direct = [n for n in names if n in f.inputs and n not in model.states]
        reached = [n for n in model.states if n in f.inputs]
        value, gradient = f.value_and_grad(named, wrt=(*direct, *reached))
        found = dict(zip((*direct, *reached), gradient))
        along = np.zeros((rows, sensitivities.shape[2]))
        at = 0
        for n in model.states:
            size = self.solution.sizes[n]
            if n in found:
                part = np.broadcast_to(found[n], (rows, *np.shape(self.solution.values[n]))).reshape(rows, size)
                along += np.einsum("rs,rsk->rk", part, sensitivities[:, at : at + size])
            at += size
        columns = self.solution.columns()
        answers = []
        for n in names:
            shape = np.shape(point[n])
            total: Any = found[n] if n in direct else 0.0
            if n in columns:
                total = total + along[:, columns[n]].reshape(rows, *shape)
            answers.append(np.broadcast_to(total, (rows, *shape)))
        return np.broadcast_to(value, (rows,)) if np.ndim(value) == 0 else value, answers


def without_solution(solution: OdeSolution, point: Mapping[str, Any], rows: int) -> None:
    """Raise DomainError if the solution from the start values does not reach all rows."""
    found = solution.blamed(point)
    if found is not None:
        message = f"at the start the model has no finite value for some of {rows:,} rows: {found.message}"
        raise DomainError(found._replace(severity="error", message=message))
