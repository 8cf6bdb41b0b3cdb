"""Integrate systems of ordinary differential equations with SciPy's solvers, exact Jacobians and forward sensitivities.

A sensitivity s = dy/dp obeys the variational equation s' = (df/dy) s + df/dp, which is integrated beside y' = f (E.
Hairer, S. P. Nørsett, G. Wanner, "Solving Ordinary Differential Equations I", 2nd ed., 1993, section I.14). Its right
side is the tangent of f along (s, p), and an implicit method gets the exact Jacobian of both.

The method is DOP853; where that takes many steps because the system is stiff, Radau integrates it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...ground.errors import Diagnostic, DomainError, UsageError, WengertError, error
from ...ground.limits import check_clock
from ...ground.tuples import NamedTuple
from ...ground.turns import turn
from ..optimization.objective import LARGE, FunctionOfVector, Vector, spoken_point
from ..scipy_import import scipy_integrate
from .trajectory import EventAt, Trajectory

METHODS = {"auto": "", "dop853": "DOP853", "rk45": "RK45", "rk23": "RK23", "radau": "Radau", "bdf": "BDF",
           "lsoda": "LSODA"}  # fmt: skip
IMPLICIT = ("radau", "bdf", "lsoda")
# After as many evaluations the explicit method asks whether the system is stiff, again and again.
PATIENCE = 3000
# A step is long for an explicit method where its product with an eigenvalue is beyond this: DOP853 is stable to 6.
STIFF = 3.0
# An integration that needs more evaluations to its end than MOST, by the pace over PACE of them, TIMES in a row, stops.
MOST, PACE, TIMES = 30_000_000, 1000, 7


class EventFunction(NamedTuple):
    """An event: its text, its value at a time and a state, and whether it ends the integration."""

    text: str
    value: Callable[[float, Vector], float]
    ends: bool


class Sensitivity(NamedTuple):
    """A number that the solution is differentiated by.

    name     the element of a parameter, or of a state for its value at the start
    tangent  the tangent of the right side over the vector of the states and then their tangents
    start    the derivative of the state at the start
    """

    name: str
    tangent: FunctionOfVector
    start: Vector


class Equations(NamedTuple):
    """The right sides over the vector of the states, the vector at the start, and the names of its elements."""

    flat: FunctionOfVector
    start: Vector
    elements: tuple[str, ...]
    sensitivities: tuple[Sensitivity, ...]
    events: tuple[EventFunction, ...]


class Tolerances(NamedTuple):
    """The errors of a step that are allowed, relative and absolute."""

    relative: float
    absolute: float


class Stiff(Exception):
    """An explicit method takes steps that only stability keeps short."""


class Chattering(Exception):
    """The steps became so short that the end would take too many of them.

    A right side that jumps forth and back, such as -sign(x) about x = 0, holds a method there.
    """


class OdeSystem:
    """The right side for a solver, and its Jacobian: the states, then the sensitivities one after the other."""

    def __init__(self, equations: Equations, watch: bool) -> None:
        self.equations, self.watch = equations, watch
        self.n = len(equations.start)
        self.count = self.jacobians = 0
        self.patience = PATIENCE
        self.ends = 0.0, 1.0
        # The time and the vector of the last look at the pace, and how often the pace was too slow in a row.
        self.mark: tuple[float, Vector] | None = None
        self.slow = 0
        self.gained = float("inf")
        self.lost: tuple[float, Vector] | None = None
        self.recent: list[float] = []

    def start(self) -> Vector:
        import numpy as np

        return np.concatenate([self.equations.start, *(s.start for s in self.equations.sensitivities)])

    def value(self, t: float, y: Vector) -> Vector:
        """The right side at a time and a vector."""
        import numpy as np

        check_clock()
        self.count += 1
        first, last = self.ends
        turn((t - first) / (last - first))
        n = self.n
        if self.count % PACE == 0:
            self._check_pace(t, y[:n], last)
        found = [self.equations.flat.fun(t, y[:n])]
        for k, s in enumerate(self.equations.sensitivities, 1):
            found.append(s.tangent.fun(t, np.concatenate([y[:n], y[k * n : (k + 1) * n]])))
        whole = np.concatenate(found) if len(found) > 1 else found[0]
        if not np.all(np.isfinite(whole)):
            if self.lost is None:
                self.lost = t, y[:n].copy()
        elif self.watch:
            self._watch(t, y[:n])
        return whole

    def _check_pace(self, t: float, y: Vector, last: float) -> None:
        """Raise Chattering where the end would take more than MOST evaluations at the pace of the last ones, several
        times in a row."""
        if self.mark is not None:
            gained = abs(t - self.mark[0])
            # Steps that grow by decades may begin as short as they like.
            out_of_reach = gained * MOST < abs(last - t) * PACE and gained < 3 * self.gained
            self.slow, self.gained = self.slow + 1 if out_of_reach else 0, gained
        self.mark = t, y.copy()
        if self.slow >= TIMES:
            raise Chattering

    def _watch(self, t: float, y: Vector) -> None:
        """Raise Stiff where the last steps were long against an eigenvalue of the Jacobian."""
        import numpy as np

        self.recent = [*self.recent[-11:], t]
        if self.count % self.patience:
            return
        jacobian = self.own_jacobian(t, y)
        if np.all(np.isfinite(jacobian)):
            fastest = -float(np.linalg.eigvals(jacobian).real.min(initial=0.0))
            if fastest * (max(self.recent) - min(self.recent)) > STIFF:
                raise Stiff

    def own_jacobian(self, t: float, y: Vector) -> Any:
        """The Jacobian of the right sides in the states, without sensitivities."""
        return self.equations.flat.jac(t, y)

    def jacobian(self, t: float, y: Vector) -> Any:
        """The Jacobian of the right side, dense, or sparse for many states."""
        import numpy as np

        self.jacobians += 1
        n, k = self.n, len(self.equations.sensitivities)
        if not k:
            return self._sparse(t, y) if n >= LARGE else self.equations.flat.jac(t, y)
        whole = np.zeros((n * (k + 1), n * (k + 1)))
        for i, s in enumerate(self.equations.sensitivities, 1):
            rows = slice(i * n, (i + 1) * n)
            both = s.tangent.jac(t, np.concatenate([y[:n], y[rows]]))
            whole[rows, :n], whole[rows, rows] = both[:, :n], both[:, n:]
            whole[:n, :n] = both[:, n:]
        return whole

    def _sparse(self, t: float, y: Vector) -> Any:
        flat = self.equations.flat
        point = at_time(flat, t, y)
        return flat.function.sparse_jacobian(point, wrt=flat.names).scipy().tocsc()


def at_time(flat: FunctionOfVector, t: float, y: Vector) -> dict[str, Any]:
    """The values of all inputs at a time and a vector."""
    point = {**flat.fixed, **flat.unpack(y)}
    return {**point, TIME: float(t)} if TIME in flat.function.inputs else point


TIME = "t"


def integrate(equations: Equations, times: Vector, method: str, tolerances: Tolerances) -> Trajectory:
    """The solution at the given times, which rise or fall, starting at the first.

    Raises DomainError if the right side is not finite at the start, UsageError for numbers that are not finite.
    """
    import numpy as np

    flat, start = equations.flat, equations.start
    if not np.all(np.isfinite(start)):
        raise error(
            UsageError, "W607", f"a start is made of finite numbers, and this is {spoken_point(flat.unpack(start))}"
        )
    if not np.all(np.isfinite(flat.fun(float(times[0]), start))):
        raise DomainError(_blamed(flat, float(times[0]), start, "the start"))
    tried: list[str] = []
    system, found, message = None, None, ""
    for name in ("dop853", "radau") if method == "auto" else (method,):
        tried.append(name)
        system = OdeSystem(equations, watch=method == "auto" and name == "dop853" and len(start) < LARGE)
        try:
            found, message = run_solver(system, times, name, tolerances)
        except Stiff:
            continue
        break
    assert system is not None
    return _report(system, times, found, message, tuple(tried))


def run_solver(system: OdeSystem, times: Vector, method: str, tolerances: Tolerances) -> tuple[Any, str]:
    """The answer of `solve_ivp`, None where it met numbers that it cannot use; and its message."""
    import warnings

    system.ends = float(times[0]), float(times[-1])
    implicit = {"jac": system.jacobian} if method in IMPLICIT else {}
    if method == "lsoda" and system.n >= LARGE:
        implicit = {}
    with warnings.catch_warnings():  # the report says it
        warnings.simplefilter("ignore")
        try:
            found = scipy_integrate().solve_ivp(
                system.value, (float(times[0]), float(times[-1])), system.start(), method=METHODS[method],
                t_eval=times, events=[_event(e, system.n) for e in system.equations.events] or None,
                rtol=tolerances.relative, atol=tolerances.absolute, **implicit,
            )  # fmt: skip
        except Chattering:
            return None, "the steps became so short that the end is out of reach"
        except (ValueError, ArithmeticError) as trouble:
            if isinstance(trouble, WengertError):
                raise
            return None, "the solver met numbers that it cannot use"
    return found, "" if found.success or found.status == 1 else _reason(found.message)


def _reason(message: str) -> str:
    text = str(message).rstrip(".")
    return "the steps became as small as float64 allows" if "step size" in text.lower() else text[:1].lower() + text[1:]


def _event(event: EventFunction, n: int) -> Callable[[float, Vector], float]:
    """A function with the attributes that `solve_ivp` reads."""

    def value(t: float, y: Vector) -> float:
        found = event.value(t, y[:n])
        return found if found == found else float("inf")

    value.terminal = event.ends  # type: ignore[attr-defined]
    return value


def _blamed(flat: FunctionOfVector, t: float, y: Vector, where: str) -> Diagnostic:
    point = at_time(flat, t, y)
    found: Diagnostic | None = flat.function.at(point).blame(point)
    at = f"{where} is t = {t:.6g}, {spoken_point(flat.unpack(y))}"
    if found is None:
        return Diagnostic("W201", "error", "the right sides are not finite", help=at)
    return found._replace(severity="error", help=f"{at}; {found.help}" if found.help else at)


def _report(system: OdeSystem, times: Vector, found: Any, message: str, tried: tuple[str, ...]) -> Trajectory:
    import numpy as np

    equations, n = system.equations, system.n
    flat = equations.flat
    if found is None or found.t is None or not len(found.t):
        t, y = times[:1], system.start()[:, None]
    else:
        t, y = found.t, found.y
    ends = None
    if found is not None and found.status == 1:  # an event ended it
        onward = 1 if times[-1] > times[0] else -1
        happened = [(onward * e[-1], k) for k, e in enumerate(found.t_events) if len(e) and equations.events[k].ends]
        k = max(happened)[1]
        ends = equations.events[k].text
        if found.t_events[k][-1] != t[-1]:
            t = np.append(t, found.t_events[k][-1])
            y = np.column_stack([y, found.y_events[k][-1]])
    events = [] if found is None else [
        EventAt(e.text, float(at), flat.unpack(state[:n]))
        for e, ats, states in zip(equations.events, found.t_events or (), found.y_events or ())
        for at, state in zip(ats, states)
    ]  # fmt: skip
    events.sort(key=lambda e: e.t, reverse=bool(times[-1] < times[0]))
    notes = []
    if message:
        at, state = (float(t[-1]), y[:n, -1]) if found is not None or system.mark is None else system.mark
        where = f"at t = {at:.6g} it is {spoken_point(flat.unpack(state))}"
        if system.lost is not None:
            notes.append(_blamed(flat, *system.lost, "the first iterate there"))
        notes.append(Diagnostic("W869", "error", f"the integration stopped before its end: {message}",
                                help=f"{where}; {_reasons(system)}"))  # fmt: skip
    return Trajectory(
        t=t, elements=equations.elements, states=_by_name(flat, y[:n]),
        by=tuple(s.name for s in equations.sensitivities),
        sensitivities=tuple(_by_name(flat, y[k * n : (k + 1) * n]) for k in range(1, len(equations.sensitivities) + 1)),
        table=np.ascontiguousarray(y.T), events=tuple(events), ended_by=ends, ok=not message, method=tried[-1],
        tried=tried, stopped=message or (f"the event `{ends}`" if ends else "the end of the interval"),
        evaluations=system.count, jacobians=system.jacobians, notes=tuple(notes),
    )  # fmt: skip


def _reasons(system: OdeSystem) -> str:
    if system.slow < TIMES:
        return "the solution may have no value beyond, or jump"
    return ("right sides that jump forth and back there, as -sign(x) about 0, hold it, or an explicit method is at a "
            "stiff place: end at an event by `--until`, smooth the jump, or take `radau`")  # fmt: skip


def _by_name(flat: FunctionOfVector, columns: Vector) -> dict[str, Any]:
    """The states by name, each an array with the times as its first axis."""
    import numpy as np

    points: Sequence[dict[str, Any]] = [flat.unpack(c) for c in columns.T]
    return {n: np.stack([np.asarray(p[n]) for p in points]) for n in flat.names}
