"""`minimize`: turn a model, constraints and bounds in text into a problem for the solvers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import TYPE_CHECKING, Any

from ...ground.complaints import explained
from ...ground.errors import Diagnostic, LimitError, UnknownName, UsageError, error, shown, suggestion
from ...ground.limits import within
from ...ground.turns import counting
from ...jobs.optimization.minimize import METHODS, SumOfSquares, starts_around
from ...jobs.optimization.minimize import minimize as minimized
from ...jobs.optimization.minimum import Minimum
from ...jobs.optimization.nonlinear_program import pounce_module
from ...jobs.optimization.objective import ConstraintPart, Constraints, Objective
from ...jobs.optimization.solvers import Problem
from ...jobs.scipy_import import scipy_optimize
from ...kernels.arguments import as_value
from ...language import Program
from ...lists.array_text import element, places
from ...lists.wengert_list import assemble
from ...transforms.squares import squares
from ..calls.quick_vectors import quick
from ..compile import compile
from ..function import Function
from ..making import flat
from ..options import DEFAULTS, Options
from .relations import TextContext, TextRelation, over_model, relations_of
from .stated_problem import StatedProblem, integer_note, stated_problem

if TYPE_CHECKING:
    from ..flat import FlatFunction

# The most starts in one call.
MOST_STARTS = 100_000
SCIPY, POUNCE = ENGINES = ("scipy", "pounce")
# From this number of unknowns on, constraints are too much for SciPy, which uses dense matrices for them.
SLOW = 200
FASTER = '`--engine pounce`, in Python engine="pounce", takes sparse derivatives: pip install "wengert[pounce]"'


@explained
def minimize(
    model: Any, start: Mapping[str, Any] = {}, *, subject_to: Any = (), bounds: Mapping[str, Any] = {},
    wrt: Iterable[str] | str | None = None, method: str = "auto", starts: int = 1, seed: int = 0,
    engine: str = ENGINES[0], options: Options = DEFAULTS,
) -> Minimum:  # fmt: skip
    """Minimize a formula with SciPy's solvers and exact derivatives.

    model       text, a Function, a WengertList or tuples, with one output that is a number
    start       the values of the inputs, numbers and arrays by name. Inputs that are not among the unknowns keep them
    subject_to  a text or several: `x^2 + y^2 <= 2`, `x*y = 1`, `0 <= A @ x <= 1`, for arrays element by element. Names
                that the model computes may stand in it; names that only constraints have are unknowns too
    bounds      by name a pair (low, high) of numbers or arrays; None or an infinity for no bound
    wrt         the unknowns; by default all inputs
    method      "auto" chooses by structure and size; or a key of `jobs.optimization.minimize.METHODS`
    starts      the number of starts: the given one, and others that `seed` draws between the bounds or around it
    engine      "scipy", or "pounce": an interior point method for constraints and size, the extra `pounce`
    options     how texts are compiled; a Function has its own

    Lines of a program that begin with `#:`, such as those of an imported .nl file, state a problem too, as
    `#: maximize f`, `#: subject-to 0 <= g <= 1` and `#: bounds x=0:`. Bounds of the call take their
    place, constraints join them.

    The Minimum that it returns tells the point and whether it is a minimum: the gradient, the multipliers of
    constraints, the curvature. It needs SciPy, the extra `jobs`. Raises DomainError for a start where the objective or
    a constraint is not finite, ParseError for a text that is no program or no relation, UnknownName for a name that is
    no input, UsageError for a start without a value, for bounds that contradict each other and for a method that does
    not serve the problem.
    """
    scipy_optimize()
    import numpy as np

    if method not in METHODS:
        help = suggestion(method, METHODS) or f"one of {', '.join(METHODS)}"
        raise error(UsageError, "W602", f"there is no method `{method}`", help=help)
    if with_pounce(engine):
        if method not in ("auto", POUNCE):
            raise error(UsageError, "W602", f"`{method}` is a method of SciPy, and the engine is POUNCE",
                        help="leave one of the two")  # fmt: skip
        method = POUNCE
    count, seed = whole_number("starts", starts, 1, MOST_STARTS), whole_number("seed", seed, 0, 2**63)
    f = model if isinstance(model, Function) else compile(model, options=options, inputs=_names(start))
    with within(f.limits):
        given = {n: as_value(v, n) for n, v in {**f.program.defaults, **start}.items()}
        shapes = {n: () if type(v) is float else v.shape for n, v in given.items()}
        context = TextContext(f.options, tuple(given), shapes)
        states = "#:" in f.program.source.text
        stated = stated_problem(f) if states else StatedProblem(f, ())
        texts = [*stated.relations, *texts_of(subject_to)]
        relations = [r for text in texts for r in relations_of(text, context)]
        for relation in relations:
            given = {**relation.function.program.defaults, **given}
        f = f.at({n: v for n, v in given.items() if n in f.inputs})
        relations = [over_model(r, f.wengert_list) for r in relations]
        if states:
            f = _objective(stated)
        f = _with_inputs(f, relations, given)
        f.point((), given)  # refuses names that are no inputs, and inputs without a value
        names = unknowns(f, wrt)
        whole: FlatFunction = flat(f, given, wrt=names)
        refuse_nan(given)
        objective = Objective(quick(whole))
        x = whole.x0
        own = {n: pair for n, pair in stated.bounds.items() if n in whole.names}
        low, high = _bounds(whole, {**own, **bounds} if isinstance(bounds, Mapping) else bounds)
        parts = [*_rows(stated, given, whole), *(part_of(r, given, whole) for r in relations)]
        elements = labels(whole)
        told = tuple(label for part in parts for label in told_of(part))
        problem = Problem(objective, low, high, Constraints(parts, whole.size), told, elements)
        many = starts_around(x, low, high, count, seed)
        slow = bool(parts) and whole.size >= SLOW and method != POUNCE
        try:
            with counting("minimizing"), np.errstate(all="ignore"):  # the report says which step is not finite
                found = minimized(problem, many, method, _squared(f, given, names, whole.size))
        except LimitError as problem_of_time:
            if slow:
                problem_of_time.diagnostic = problem_of_time.diagnostic._replace(help=FASTER)
            raise
        found = found.of_a_maximum() if stated.maximizes else found
        notes = (*stated.notes, *integer_note(stated.integers), *([slow_note(whole.size)] if slow else []))
        return found._replace(notes=(*found.notes, *notes))


def slow_note(unknowns: int) -> Diagnostic:
    """The note that names a library which solves a problem with constraints and this number of unknowns faster."""
    message = (
        f"with constraints and {unknowns:,} unknowns the methods of SciPy are slow: a step takes a time that "
        "grows with the cube of their number"
    )
    return Diagnostic("W960", "note", message, help=FASTER)


def _objective(stated: StatedProblem) -> Function:
    """The function to minimize. Raises UsageError if a program with several outputs does not say which."""
    outputs = stated.program.outputs
    if not stated.objective and len(outputs) != 1 and not stated.rows:
        raise error(UsageError, "W603", f"a program of {len(outputs)} outputs tells no objective",
                    help=f"write `#: minimize {outputs[-1]}` into it, or keep one output")  # fmt: skip
    return stated.least()


def with_pounce(engine: object) -> bool:
    """Whether `engine` is POUNCE. Raises UsageError if it is not installed, or for an unknown engine."""
    if engine not in ENGINES:
        help = suggestion(str(engine), ENGINES) or f"one of {', '.join(ENGINES)}"
        raise error(UsageError, "W602", f"there is no engine {shown(engine)}", help=help)
    if engine == POUNCE:
        pounce_module()
    return engine == POUNCE


def refuse_nan(given: Mapping[str, Any]) -> None:
    """Raise UsageError for a nan among the start values, before a solver meets it."""
    for n, v in given.items():
        if v != v if type(v) is float else bool((v != v).any()):
            raise error(UsageError, "W607", f"`{n}` is nan: a value is a number", help=f"give it one: {n}=1")


def _names(start: Any) -> tuple[str, ...]:
    """The names that have values. They are inputs even if they name constants."""
    return tuple(n for n in start if isinstance(n, str)) if isinstance(start, Mapping) else ()


def whole_number(name: str, given: Any, least: int, most: int) -> int:
    """An option that is a whole number of at least `least` and at most `most`. Raises UsageError."""
    try:
        number = index(given) if not isinstance(given, bool) else least - 1
    except TypeError:
        number = least - 1
    if not least <= number <= most:
        raise error(UsageError, "W608", f"`{name}` is a whole number from {least} on, not {shown(given)}")
    return number


def texts_of(given: Any) -> list[str]:
    """One text, or several, as a tuple. Raises UsageError for anything else."""
    if isinstance(given, str):
        return [given]
    try:
        found = list(given)
    except TypeError:
        found = [given]
    if any(not isinstance(text, str) for text in found):
        raise error(UsageError, "W602", f"relations are texts, not {shown(given)}", help='`["x + y <= 1"]`')
    return found


def unknowns(f: Function, wrt: Iterable[str] | str | None) -> tuple[str, ...]:
    """The names that a solver varies. Raises UsageError if there is none."""
    names = tuple(dict.fromkeys(f.lists.names(wrt))) if wrt is not None else f.inputs
    if wrong := [n for n in names if n not in f.inputs]:
        raise error(UnknownName, "W101", f"`{wrong[0]}` is computed, and no unknown",
                    help=f"the inputs are {', '.join(f.inputs)}")  # fmt: skip
    if not names:
        raise error(UsageError, "W602", "there is no unknown: the model has no input",
                    help="a name without a value of its own is an input, such as `x` in `x^2`")  # fmt: skip
    return names


def _with_inputs(f: Function, relations: list[TextRelation], given: Mapping[str, Any]) -> Function:
    """The function, with the inputs of the constraints added to its own."""
    more = dict.fromkeys(n for r in relations for n in r.function.inputs if n not in f.inputs)
    if not more:
        return f
    w = f.wengert_list
    shapes = dict(w.shapes)
    shapes.update({n: v.shape for n, v in given.items() if n in more and type(v) is not float})
    wlist = assemble((*w.inputs, *more), w.equations, w.outputs, w.ops, w.provenance, shapes)
    defaults = dict(f.program.defaults)
    return Function(Program(wlist, f.program.source, defaults, constants=f.program.constants), f.options)


def labels(whole: FlatFunction) -> tuple[str, ...]:
    """The names of the elements of a vector: x, A[0,1]."""
    return tuple(element(n, place) if shape else n for n, shape in whole.shapes.items() for place in places(shape))


def _bounds(whole: FlatFunction, bounds: Any) -> tuple[Any, Any]:
    """The lower and the upper bounds of a vector."""
    import numpy as np

    if not isinstance(bounds, Mapping):
        raise error(UsageError, "W602", f"bounds are a mapping of names to pairs, not {shown(bounds)}",
                    help="`bounds={'x': (0, None)}`")  # fmt: skip
    sides = {n: [-np.inf, np.inf] for n in whole.names}
    for n, pair in bounds.items():
        if n not in whole.names:
            help = suggestion(str(n), whole.names) or f"the unknowns are {', '.join(whole.names)}"
            raise error(UnknownName, "W101", f"no unknown is called `{shown(n).strip(chr(39))}`", help=help)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise error(UsageError, "W602", f"the bounds of `{n}` are a pair (low, high), not {shown(pair)}")
        for k, side in enumerate(pair):
            if side is not None:
                value = as_value(side, f"a bound of {n}")
                shape = () if type(value) is float else value.shape
                if np.any(np.isnan(value)) or shape and shape != whole.shapes[n]:
                    raise error(UsageError, "W862", f"a bound of `{n}` is a number for each element, not {side}")
                sides[n][k] = value
    low, high = (
        np.concatenate([np.broadcast_to(sides[n][k], whole.shapes[n]).reshape(-1) for n in whole.names]).astype(float)
        for k in (0, 1)
    )  # fmt: skip
    if np.any(low > high) or np.any(low == np.inf) or np.any(high == -np.inf):
        k = int(np.argmax((low > high) | (low == np.inf) | (high == -np.inf)))
        raise error(UsageError, "W862", f"no number is between the bounds {low[k]:g} and {high[k]:g} of "
                    f"`{labels(whole)[k]}`", help="the lower bound comes first")  # fmt: skip
    return low, high


def part_of(relation: TextRelation, given: Mapping[str, Any], whole: FlatFunction) -> ConstraintPart:
    """A constraint as a function of the whole vector of unknowns, in which it uses only its own elements."""
    import numpy as np

    f = relation.function
    own = {n: v for n, v in given.items() if n in f.inputs}
    names = [n for n in whole.names if n in f.inputs]
    if not names:
        raise error(UsageError, "W860", f"`{relation.text.strip()}` has no unknown",
                    help=f"the unknowns are {', '.join(whole.names)}")  # fmt: skip
    f.point((), own)
    over: FlatFunction = quick(flat(f, own, wrt=names))
    starts = dict(zip(whole.names, np.cumsum([0, *whole.sizes.values()])))
    where = np.concatenate([np.arange(starts[n], starts[n] + whole.sizes[n]) for n in names])
    size = int(np.size(over.fun(over.x0)))
    text = " ".join(relation.text.split())
    return ConstraintPart(text, over, where, np.full(size, relation.low), np.full(size, relation.high))


def _rows(stated: StatedProblem, given: Mapping[str, Any], whole: FlatFunction) -> list[ConstraintPart]:
    """The program's constraints on its own names, as one function of the vector."""
    import numpy as np

    f = stated.constrained()
    if f is None:
        return []
    rows = [row for row in stated.rows if not row.free]
    names = [n for n in whole.names if n in f.inputs]
    over: FlatFunction = quick(flat(f, {n: v for n, v in given.items() if n in f.inputs}, wrt=names))
    starts = dict(zip(whole.names, np.cumsum([0, *whole.sizes.values()])))
    where = np.concatenate([np.arange(starts[n], starts[n] + whole.sizes[n]) for n in names])
    if np.size(over.fun(over.x0)) != len(rows):
        raise error(UsageError, "W603", "a constraint on a name is on a number, and this program has an array there",
                    help="take an element, or a sum")  # fmt: skip
    low, high = np.array([row.low for row in rows]), np.array([row.high for row in rows])
    return [ConstraintPart("", over, where, low, high, tuple(row.text for row in rows))]


def told_of(part: ConstraintPart) -> list[str]:
    """The text of a constraint, once for each of its values."""
    if part.labels:
        return list(part.labels)
    return [part.text] if len(part.low) == 1 else [f"{part.text} [{k}]" for k in range(len(part.low))]


def _squared(f: Function, given: Mapping[str, Any], names: tuple[str, ...], size: int) -> SumOfSquares | None:
    """The residuals of an objective that is a sum of squares, if there are at least as many as unknowns."""
    import numpy as np

    found = squares(f.wengert_list)
    if found is None:
        return None
    program = Program(found.wlist, f.program.source, f.program.defaults, constants=f.program.constants)
    residuals = Function(program, f.options)
    over = quick(flat(residuals, given, wrt=names))
    value = residuals({**over.fixed, **over.start})
    values = value if isinstance(value, tuple) else (value,)
    weights = [
        np.full(np.size(v), w / np.size(v) if mean and np.size(v) else w)
        for v, w, mean in zip(values, found.weights, found.averaged)
    ]
    whole = np.concatenate(weights)
    return SumOfSquares(over, whole, found.constant) if len(whole) >= size else None
