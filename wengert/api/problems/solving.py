"""`solve`: turn equations in text into a system for the solvers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...ground.complaints import explained
from ...ground.errors import UnknownName, UsageError, error, suggestion
from ...ground.limits import within
from ...ground.turns import counting
from ...jobs.optimization.minimize import starts_around
from ...jobs.optimization.objective import Constraints
from ...jobs.optimization.root_report import Root
from ...jobs.optimization.solve import System
from ...jobs.optimization.solve import solve as solved
from ...jobs.scipy_import import scipy_optimize
from ...kernels.arguments import as_value
from ...language import Program
from ...lists.wengert_list import assemble
from ..function import Function
from ..making import flat
from ..options import DEFAULTS, Options
from ..record import call
from .minimizing import MOST_STARTS, labels, part_of, refuse_nan, texts_of, told_of, unknowns, whole_number, with_pounce
from .relations import TextContext, TextRelation, relations_of

EXAMPLE = "`x^2 + y^2 = 4`"


@explained
def solve(
    equations: Any, start: Mapping[str, Any] = {}, *, wrt: Iterable[str] | str | None = None, starts: int = 1,
    seed: int = 0, engine: str = "scipy", options: Options = DEFAULTS,
) -> Root:  # fmt: skip
    """Find a root of a system of equations with SciPy's solvers and exact Jacobians.

    equations  a text or several: `x^2 + y^2 = 4`; of arrays, `A @ x = b`, element by element
    start      the values of all names, numbers and arrays. Names that are not among the unknowns keep them
    wrt        the unknowns; by default all names
    starts     the number of starts: the given one, and others around it that `seed` draws
    engine     "scipy", or "pounce": an interior point method with sparse derivatives, the extra `pounce`
    options    how texts are compiled

    The Root that it returns tells the point, its residuals and the condition of the Jacobian, and whether the point is
    a root: where there is none near, it is a least squares solution. It needs SciPy, the extra `jobs`. Raises
    DomainError for a start where an equation is not finite, ParseError for a text that is no equation, UnknownName for
    a name that no equation has, UsageError for a name without a value.

    Of a matrix and a right side, `solve(A, b)`, it is the op of that name: recorded, or the solution of A x = b.
    """
    if not isinstance(start, Mapping) and not isinstance(equations, str):
        return call("solve", equations, start)
    scipy_optimize()
    import numpy as np

    count = whole_number("starts", starts, 1, MOST_STARTS)
    seed = whole_number("seed", seed, 0, 2**63)
    pounce = with_pounce(engine)
    with within(options.limits):
        given = {n: as_value(v, n) for n, v in start.items()}
        shapes = {n: () if type(v) is float else v.shape for n, v in given.items()}
        context = TextContext(options, tuple(given), shapes)
        relations = [r for text in texts_of(equations) for r in relations_of(text, context, EXAMPLE)]
        if not relations:
            raise error(UsageError, "W860", "there is no equation", help=f"for instance {EXAMPLE}")
        for r in relations:
            given = {**r.function.program.defaults, **given}
            if r.low != r.high:
                raise error(
                    UsageError, "W860", f"`{r.text.strip()}` is no equation", help="write `=` between its sides"
                )
        carrier = _carrier(relations, given)
        for n in given:
            if n not in carrier.inputs:
                help = suggestion(str(n), carrier.inputs) or f"the unknowns are {', '.join(carrier.inputs) or 'none'}"
                raise error(UnknownName, "W101", f"no equation has `{n}`", help=help)
        carrier.point((), given)  # refuses names without a value
        refuse_nan(given)
        whole = flat(carrier, given, wrt=unknowns(carrier, wrt))
        parts = [part_of(r, given, whole) for r in relations]
        told = tuple(label for part in parts for label in told_of(part))
        system = System(whole, Constraints(parts, whole.size), told, labels(whole))
        x = whole.x0
        free = np.full(len(x), np.inf)
        with counting("solving"), np.errstate(all="ignore"):  # the report says which step is not finite
            return solved(system, starts_around(x, -free, free, count, seed), pounce)


def _carrier(relations: list[TextRelation], given: Mapping[str, Any]) -> Function:
    """A function of all the inputs of some relations. It serves only to name them."""
    inputs = tuple(dict.fromkeys(n for r in relations for n in r.function.inputs))
    shapes: dict[str, tuple[int | str, ...]] = {
        n: v.shape for n, v in given.items() if n in inputs and type(v) is not float
    }
    first = relations[0].function
    defaults: dict[str, float] = {}
    for r in relations:
        defaults.update(r.function.program.defaults)
    return Function(Program(assemble(inputs, (), (0.0,), shapes=shapes), first.program.source, defaults), first.options)
