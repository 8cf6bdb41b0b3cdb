"""Sums of a formula over the rows of a table, of any length: a loss with its gradient, and Gauss-Newton products."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ...ground.errors import UsageError, error, suggestion
from ...ground.tuples import NamedTuple
from ...jobs.fitting.partial_sums import Loss, squares, sums
from ...jobs.tabular.tree_sums import Survey
from ...lists.array_text import element, places
from ...lists.wrt import listed
from ..compile import compile
from ..problems.bound_data import BoundModel, DataArguments, OneSide, parameters_of
from ..results import Gradient
from .engines import as_source
from .streamed import ModelColumns, RequiredColumns, decided, surveyed, weights_of

if TYPE_CHECKING:
    from ..function import Function


class SumArguments(NamedTuple):
    """The arguments of a sum: names that the gradient is for, the column of the weights, and the engine."""

    wrt: Iterable[str] | str | None
    weights: str | None
    engine: str
    scheduler: Any


class Total(NamedTuple):
    """The sum of a formula over the rows of a table.

    value     the sum
    gradient  its derivatives in the inputs that are no columns, by name; each has the shape of its input
    points    the rows that it is of
    missing   rows with a missing value or a weight of 0, which are left out
    lost      rows whose value is nan or infinite, and so is the sum
    """

    value: float
    gradient: Gradient
    points: int
    missing: int
    lost: int

    @property
    def mean(self) -> float:
        """The sum over the number of rows."""
        return self.value / self.points


class NormalEquations(NamedTuple):
    """The Gauss-Newton products of residuals r, one for each row of a table, and their Jacobian J.

    names     the numbers that J has columns for: inputs that are no columns, and elements of arrays as `b[1]`
    products  JᵀJ
    slope     Jᵀr, which is the gradient of half the sum of squares
    squares   rᵀr
    points    the rows
    missing   rows with a missing value or a weight of 0, which are left out

    With weights W these are JᵀWJ, JᵀWr and rᵀWr.
    """

    names: tuple[str, ...]
    products: Any
    slope: Any
    squares: float
    points: int
    missing: int


def total_of(f: Function, table: Any, values: dict[str, Any], asked: SumArguments) -> Total:
    """The sum of the value over the rows of a table, and its gradient; see `Function.total`."""

    def found(work: ModelColumns, passes: Any, start: Any, survey: Survey) -> Total:
        value, slopes, lost = passes.merged(sums, start).parts
        names = work.model.moving
        parts, k = [], 0
        for n in names:
            size, shape = work.model.sizes[n], work.model.shapes[n]
            parts.append(slopes[k : k + size].reshape(shape) if shape else float(slopes[k]))
            k += size
        return Total(float(value), Gradient(names, parts), survey.rows - survey.missing, survey.missing, int(lost))

    answer: Total = _summed(f, table, values, asked, found)
    return answer


def normal_equations_of(f: Function, table: Any, values: dict[str, Any], asked: SumArguments) -> NormalEquations:
    """The Gauss-Newton products over the rows of a table; see `Function.normal_equations`."""

    def found(work: ModelColumns, passes: Any, start: Any, survey: Survey) -> NormalEquations:
        whole = passes.merged(squares, start, Loss()).parts[1]
        model = work.model
        names = tuple(element(n, place) for n in model.moving for place in places(model.shapes[n]))
        return NormalEquations(names, whole[1:, 1:], whole[0, 1:], float(whole[0, 0]), survey.rows - survey.missing,
                               survey.missing)  # fmt: skip

    answer: NormalEquations = _summed(f, table, values, asked, found)
    return answer


def _summed(f: Function, table: Any, values: dict[str, Any], asked: SumArguments, found: Callable[..., Any]) -> Any:
    """The answer of a pass over a table."""
    import numpy as np

    if len(f.program.wlist.outputs) != 1:
        raise error(UsageError, "W603", "a sum over a table is of one output",
                    help=f"the outputs are {', '.join(map(str, f.program.wlist.outputs))}")  # fmt: skip
    wrt, weights, engine, scheduler = asked
    source = as_source(table, f.limits, engine, scheduler)
    try:
        given = DataArguments(values, weights, None, False, {}, ())
        at = parameters_of(f.inputs, f.program.defaults, source, given)
        names = tuple(n for n in f.inputs if n not in at)
        if not names:
            source.refuse("has no column that is an input", f"the inputs are {', '.join(f.inputs) or 'none'}")
        chosen = tuple(at) if wrt is None else tuple(listed(wrt) or ())
        for n in chosen:
            if n not in at:
                why = "is a column of the table" if n in names else "is not there"
                raise error(UsageError, "W101", f"the input `{n}` {why}", help=suggestion(n, at))
        column = weights_of(source, given)[0]
        sides = OneSide(decided(f, at), dict.fromkeys(names)), OneSide(compile("0"), {})
        work = ModelColumns(BoundModel(*sides, at, chosen, 0), RequiredColumns(names, column))
        passes: Any = source.passes(work)
        survey = surveyed(passes, source, column)
        with np.errstate(all="ignore"):
            return found(work, passes, work.model.flat({n: at[n] for n in chosen})[1], survey)
    finally:
        source.close()


__all__ = ["NormalEquations", "SumArguments", "Total", "normal_equations_of", "total_of"]
