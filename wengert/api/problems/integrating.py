"""`ode`: turn differential equations in text into a system for the solvers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ...ground.complaints import explained
from ...ground.errors import ParseError, Source, Span, UnknownName, UsageError, error, shown, suggestion
from ...ground.limits import within
from ...ground.names import normalize
from ...ground.turns import counting
from ...jobs.equations.ode import METHODS, TIME, Equations, EventFunction, Sensitivity, Tolerances, integrate
from ...jobs.equations.trajectory import Trajectory
from ...jobs.scipy_import import scipy_integrate
from ...kernels.arguments import as_value
from ...language import Program
from ...lists.array_text import element, places
from ...lists.wengert_list import assemble
from ...transforms.derivatives import pushforward
from ..calls.quick_vectors import quick
from ..compile import compile
from ..function import Function
from ..making import flat
from ..options import DEFAULTS, Options
from .minimizing import labels, refuse_nan, texts_of, whole_number
from .relations import TextContext, is_relation, joined, relations_of, side_of, statement_of

if TYPE_CHECKING:
    from ..flat import FlatFunction

_LEFT = re.compile(r"\s*([^\W\d][\w\u0300-\u036f]*)\s*(['′’]+)\s*=(?!=)")
_EXAMPLE = "`x' = a*x - b*x*y`"
MOST_POINTS = 1_000_000


@explained
def ode(
    equations: Any, start: Mapping[str, Any] = {}, *, t: Any = (0.0, 1.0), points: int = 101, method: str = "auto",
    sensitivities: Iterable[str] | str = (), events: Any = (), until: Any = (), rtol: float = 1e-8,
    atol: float = 1e-12, options: Options = DEFAULTS,
) -> Trajectory:  # fmt: skip
    """Integrate differential equations with SciPy's solvers, exact Jacobians and exact variational equations.

    equations      a text for each state, `x' = a*x - b*x*y`; the time is called `t`
    start          the states at the first time and the values of all other names, numbers and arrays by name
    t              the first and the last time, or all times of the answer, rising or falling
    points         the number of times of the answer, if `t` is the first and the last
    method         "auto" is DOP853, or Radau for a stiff system; or a key of `jobs.equations.ode.METHODS`
    sensitivities  names to differentiate the solution by: parameters, or states for their initial values
    events         expressions, `x - y`, or equations, `x = y`, whose zeros are looked for
    until          the same; the first zero ends the integration
    rtol, atol     the allowed errors of a step, relative and absolute
    options        how texts are compiled

    It needs SciPy, the extra `jobs`. Raises DomainError if a right side is not finite at the start, ParseError for text
    that is no differential equation, UnknownName for a value whose name occurs nowhere, UsageError for a name without
    a value and for times or tolerances that are not valid numbers in order.
    """
    scipy_integrate()
    import numpy as np

    if method not in METHODS:
        help = suggestion(str(method), METHODS) or f"one of {', '.join(METHODS)}"
        raise error(UsageError, "W602", f"there is no method `{method}`", help=help)
    times = _times(t, whole_number("points", points, 2, MOST_POINTS))
    tolerances = Tolerances(_tolerance("rtol", rtol, 1e-13), _tolerance("atol", atol, 0.0))
    with within(options.limits):
        given = {n: as_value(v, n) for n, v in start.items()}
        if TIME in given:
            raise error(UsageError, "W868", f"`{TIME}` is the time, and has no value of its own",
                        help="give the interval: `t=(0, 50)`")  # fmt: skip
        context = TextContext(options, tuple(given), {n: () if type(v) is float else v.shape for n, v in given.items()})
        f, states = right_sides(texts_of(equations), context)
        given = {**f.program.defaults, **given}
        told = [(text, False) for text in texts_of(events)] + [(text, True) for text in texts_of(until)]
        expressions = [(text, *_expression(text, context), ends) for text, ends in told]
        refuse_nan(given)
        _check_names(f, states, [e for _, e, _, _ in expressions], given)
        whole: FlatFunction = flat(f, {n: v for n, v in given.items() if n in f.inputs}, wrt=states,
                                   time=TIME)  # fmt: skip
        _check_shapes(f, states, whole, float(times[0]))
        watched = tuple(
            EventFunction(text, _event(e, level, whole, given), ends) for text, e, level, ends in expressions
        )
        by = _sensitivities(f, states, whole, given, sensitivities)
        system = Equations(quick(whole), whole.x0, labels(whole), by, watched)
        with counting("integrating"), np.errstate(all="ignore"):  # the report says which step is not finite
            return integrate(system, times, method, tolerances)


def _times(given: Any, points: int) -> Any:
    """The times that are wanted. Raises UsageError."""
    import numpy as np

    times = np.asarray(as_value(given, "t"))
    if times.ndim != 1 or len(times) < 2 or not np.all(np.isfinite(times)):
        raise error(
            UsageError, "W602", f"`t` is made of two finite times or more, not {shown(given)}", help="`t=(0, 50)`"
        )
    with np.errstate(all="ignore"):  # the largest floats are further apart than a float can be
        steps = np.diff(times)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise error(UsageError, "W602", "the times of `t` rise, or fall, without repeats",
                    help="for instance from 0 to 50: `--t 0:50`, in Python `t=(0, 50)`")  # fmt: skip
    if len(times) == 2:
        with np.errstate(all="ignore"):
            times = np.linspace(times[0], times[1], points)
            apart = np.diff(times) * np.sign(steps[0])
        if not np.all(apart > 0):
            raise error(UsageError, "W602", f"there are no {points:,} times between {given[0]} and {given[1]}")
    return times


def _tolerance(name: str, given: Any, least: float) -> float:
    value = as_value(given, name)
    if type(value) is not float or not least <= value < 1:
        raise error(UsageError, "W608", f"`{name}` is a number from {least:g} to 1, not {shown(given)}")
    return value


def right_sides(texts: list[str], context: TextContext, time: str = TIME) -> tuple[Function, tuple[str, ...]]:
    """The function of all right sides, and the states to whose derivatives they belong. The independent variable is
    called `time`, and is no state."""
    if not texts:
        raise error(UsageError, "W868", "there is no equation", help=f"for instance {_EXAMPLE}")
    sides: list[tuple[Function, int]] = []
    states: list[str] = []
    offset = 0
    for text in texts:
        source = Source(text, "<text>")
        begins, end = statement_of(text)
        left = _LEFT.match(text, begins, end)
        whole = Span(begins, max(end, begins + 1))
        if left is None:
            raise error(ParseError, "W868", "this is no differential equation", whole, source=source,
                        help=f"for instance {_EXAMPLE}")  # fmt: skip
        name = normalize(left[1])
        at = Span(left.start(1), left.end(2))
        if len(left[2]) > 1:
            raise error(
                ParseError,
                "W868",
                f"`{left[1]}{left[2]}` is a derivative of a higher order",
                at,
                source=source,
                help=f"write two equations, with a name for the first derivative: `{name}' = v`, `v' = …`",
            )
        if name == time or name in states:
            says = "is the time, and no state" if name == time else "has two equations"
            raise error(ParseError, "W868", f"`{name}` {says}", at, source=source)
        states.append(name)
        sides.append((side_of(source, begins, (left.end(), end), context), offset))
        offset += len(text) + 1
    f = joined(sides, Source("\n".join(texts), "<text>"))
    w = f.wengert_list
    arrays = {n: tuple(s) for n, s in context.shapes.items() if s and n in states}
    inputs = (*states, *(n for n in w.inputs if n not in states))
    wlist = assemble(inputs, w.equations, w.outputs, w.ops, w.provenance, {**arrays, **w.shapes})
    return Function(f.program._replace(wlist=wlist), options=f.options), tuple(states)


def _expression(text: str, context: TextContext) -> tuple[Function, float]:
    """An event as a function and the value that it reaches: 0, or the right side of an equation."""
    if is_relation(text):
        (found,) = relations_of(text, context, "`x = 2`")
        return found.function, found.low
    return compile(text, inputs=tuple(context.given), options=context.options,
                   shapes={n: s for n, s in context.shapes.items() if s}), 0.0  # fmt: skip


def _check_names(f: Function, states: tuple[str, ...], events: list[Function], given: Mapping[str, Any]) -> None:
    """Refuse names without a value, and values for unknown names."""
    known = dict.fromkeys((*states, *(n for g in (f, *events) for n in g.inputs if n != TIME)))
    for n in given:
        if n not in known:
            help = suggestion(str(n), known) or f"the names are {', '.join(known)}"
            raise error(UnknownName, "W101", f"no equation has `{n}`", help=help)
    missing = [n for n in known if n not in given]
    if missing:
        listed = ", ".join(f"`{n}`" for n in missing)
        what = "states need values at the start, and other names values"
        raise error(UsageError, "W606", f"no value for {listed}", help=what)


def _check_shapes(f: Function, states: tuple[str, ...], whole: FlatFunction, time: float) -> None:
    """Refuse a right side of another shape than its state."""
    import numpy as np

    point = {**whole.fixed, **whole.start, **({TIME: time} if TIME in f.inputs else {})}
    values = f({n: v for n, v in point.items() if n in f.inputs})
    for n, v in zip(states, values if isinstance(values, tuple) else (values,)):
        if np.shape(v) != whole.shapes[n]:
            raise error(UsageError, "W868", f"`{n}` has the shape {whole.shapes[n]}, and its derivative {np.shape(v)}",
                        help="write the derivative of each element")  # fmt: skip


def _event(
    g: Function, level: float, whole: FlatFunction, given: Mapping[str, Any]
) -> Callable[[float, Any], float]:  # fmt: skip
    """An event's value at a vector of the states, less the level that triggers it."""
    import numpy as np

    fixed = {n: v for n, v in given.items() if n in g.inputs and n not in whole.names}
    names = [n for n in whole.names if n in g.inputs]
    timed = TIME in g.inputs

    def value(t: float, y: Any) -> float:
        point = whole.unpack(y)
        found = g({**fixed, **{n: point[n] for n in names}, **({TIME: float(t)} if timed else {})})
        if np.ndim(found) or isinstance(found, tuple):
            raise error(UsageError, "W868", "an event is one number", help="for instance `x - 2`")
        return float(found) - level

    value(0.0, whole.x0)
    return value


def _sensitivities(
    f: Function, states: tuple[str, ...], whole: FlatFunction, given: Mapping[str, Any], asked: Any
) -> tuple[Sensitivity, ...]:  # fmt: skip
    """The sensitivities to compute: derivatives of the states by parameters and by states at the start."""
    import numpy as np

    names = tuple(dict.fromkeys(normalize(n) for n in texts_of(asked)))
    parameters = [n for n in f.inputs if n not in states and n != TIME]
    for n in names:
        if n not in states and n not in parameters:
            known = (*states, *parameters)
            help = suggestion(n, known) or f"the names are {', '.join(known)}"
            raise error(UnknownName, "W101", f"no state or parameter is called `{n}`", help=help)
    if not names:
        return ()
    moving = (*states, *(n for n in names if n not in states))
    wlist = pushforward(f.running_list, moving, kink=f.kink, limits=f.limits)
    dots = dict(zip(moving, wlist.inputs[len(f.inputs) :]))
    tangent = Function(Program(wlist, f.program.source, dict(f.program.defaults)), f.options)
    zeros = {dots[n]: np.zeros(np.shape(given[n])) if np.ndim(given[n]) else 0.0 for n in moving}
    point = {**{n: v for n, v in given.items() if n in f.inputs}, **zeros}
    over = [*states, *(dots[n] for n in states)]
    found = []
    for n in names:
        for place in places(np.shape(given[n])):
            unit: Any = 1.0
            if place:
                unit = np.zeros(np.shape(given[n]))
                unit[place] = 1.0
            values = point if n in states else {**point, dots[n]: unit}
            begin = whole.pack({**whole.unpack(np.zeros(whole.size)), **({n: unit} if n in states else {})})
            label = element(n, place) if place else n
            found.append(Sensitivity(label, quick(flat(tangent, values, wrt=over, time=TIME)), begin))
    return tuple(found)
