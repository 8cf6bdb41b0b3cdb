"""Methods of `Function` that report on it at a point, beside its value and its derivatives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..ground.errors import Diagnostic, UsageError, error, shown
from ..ground.limits import exceeded, within
from ..kernels.arguments import direction_of, sequence
from ..kernels.coefficients import coefficients
from ..kernels.jacobians import values_noted
from ..kernels.modes import ModePlan, planned
from ..lists.wengert_list import WengertList
from ..lists.wrt import chosen, listed
from ..ops import COPY
from ..ops.shapes.dimensions import shown as shown_shape
from ..sweeps.forward import evaluate, forward_sweep
from ..sweeps.nonfinite import blame_value
from ..sweeps.notes import noted, reached
from ..sweeps.rounding import error_bounds as bounds_of
from ..transforms.simplify import drop_dead, fuse
from ..transforms.simplify import simplify as simplified
from .calls.reasons import TAYLOR
from .calls.routed import without_zeros
from .dispatch import at_point, at_values
from .expects import Expectation, expectations
from .lists import timed
from .results import ErrorBounds, Gradient, Notes, OperationCounts, Values

if TYPE_CHECKING:
    from ..jobs.checking.bench import Bench
    from ..jobs.checking.comparison import Comparison
    from ..jobs.checking.costs import Costs
    from ..jobs.fitting.fit import Fit
    from ..jobs.tabular.map_report import Mapped
    from ..jobs.uncertainty.propagation import Propagation
    from .function import Function
    from .sparse import Sparse, StructureByName
    from .tabular.totals import NormalEquations, Total


@at_values
def sparse_jacobian(f: Function, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Sparse:
    """The nonzeros of the Jacobian at one point.

    It has a row for each element of the outputs, and a column for each element of the inputs. The list that computes
    them is made once for given shapes of the inputs. Raises DerivativeError for an op that cannot be split into ops on
    numbers, UsageError for a batch.
    """
    from .sparse import jacobian_at  # few calls need it, and it is large

    return jacobian_at(f, f.point(args, values), wrt)


@at_values
def sparse_hessian(f: Function, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Sparse:
    """The nonzeros of the Hessian at one point; see `sparse_jacobian`.

    Raises UsageError also for several outputs and for an output that is an array.
    """
    from .sparse import hessian_at  # few calls need it, and it is large

    return hessian_at(f, f.point(args, values), wrt)


@at_values
def hessian_diagonal(f: Function, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Gradient:
    """The second derivative in each input, or in each name of `wrt`, taken twice: the diagonal of the Hessian.

    No matrix is formed. Names, and elements of arrays, that do not interact share a sweep over the gradient, so most
    sparse problems take a few sweeps at any size. Each answer has the axes of the batch, then the shape of its name,
    element by element. The answers equal those of `hessian`, nan and kinks included. Raises UsageError for several
    outputs, and for an output that is an array.
    """
    from .second_derivatives import diagonal_at  # few calls need it, and it is large

    return diagonal_at(f, f.point(args, values), wrt)


@at_values
def plan(f: Function, /, *args: Any, wrt: Iterable[str] | str | None = None, order: int = 1, **values: Any) -> ModePlan:
    """The mode that `jacobian` would choose at this point, and the cost of each mode; with `order=2`, for `hessian`."""
    point = f.point(args, values)
    if order not in (1, 2):
        raise error(UsageError, "W608", f"an order of derivatives is 1 or 2 here, not {shown(order)}")
    wrt = listed(wrt)
    if order == 2:
        names = chosen(f.lists.of_one_output(wrt).wlist, wrt)
        setting = f.lists.gradient_at(point, names)
    else:
        setting = f.lists.prepared_for(wrt)
        names = chosen(setting.wlist, wrt)
    call = setting.at(point)
    return planned(call, names, call.wlist.outputs, "auto", whole=True)


@at_point
def taylor(f: Function, point: Any, direction: Any = None, order: int = 5) -> Any:
    """The Taylor coefficients 0 … `order` of the program along the line point + t*direction.

    Coefficient k is the k-th derivative in t, divided by k!. It has the axes of the batch, then the shape of the
    output. The answer is a list, or for several outputs `Values` of lists. For a program of one scalar input the
    direction is 1 by default. The time is quadratic in the order, or cubic if the derivatives of a rule never repeat an
    op.

    Raises LimitError beyond `limits.order`, ShapeError for a direction of another shape, DerivativeError for an op that
    has no rule.
    """
    if not isinstance(order, int) or order < 0:
        raise error(UsageError, "W608", f"an order is a whole number from 0 on, not {shown(order)}")
    if order > f.limits.order:
        raise exceeded(f.limits, "order", f"Taylor coefficients to order {order}")
    if direction is None and len(f.inputs) != 1:
        raise error(UsageError, "W608", f"a direction is needed for {len(f.inputs)} inputs",
                    help=f"such as {{{f.inputs[0]!r}: 1.0}}" if f.inputs else "")  # fmt: skip
    values = f.point((point,) if isinstance(point, Mapping) else tuple(sequence(point, "point")), {})
    moving = direction_of([1.0] if direction is None else direction, f.inputs, "direction", f.dtype)
    moving = without_zeros(moving) or moving
    with f.lists.of_running.at(values) as call:
        if direction is None and (shape := call.shape(f.inputs[0])):
            raise error(UsageError, "W608", f"a direction is needed, as `{f.inputs[0]}` is an array",
                        help=f"an array of the shape {shown_shape(shape)}")  # fmt: skip
        call.check()
        rows = coefficients(call, call.direction(moving), order, f.kink, f.limits)
    f._ran = TAYLOR
    if f.kink == "error":
        f.notes(values, wrt=moving)
    return rows[0] if len(rows) == 1 else Values(f.outputs, rows)


@at_values
def error_bounds(f: Function, /, *args: Any, **values: Any) -> ErrorBounds:
    """Bounds on the rounding error of the value and of each derivative, from the adjoints; see `sweeps.rounding`.

    Raises UsageError for several outputs, and for a program over arrays.
    """
    f.lists.of_one_output(None)
    point = f.point(args, values)
    if f.lists.of_running.arrays or not all(type(v) is float for v in point.values()):
        what = "error bounds: only for programs over numbers, and this one is over arrays"
        raise error(UsageError, "W609", what)
    wlist = f.running_list
    (value,) = bounds_of(wlist, point)
    return ErrorBounds(value, Gradient(f.inputs, bounds_of(f.gradient_list, point)))


@at_values
def notes(f: Function, /, *args: Any, wrt: Iterable[str] | str | None = None, **values: Any) -> Notes:
    """The diagnostics of a point: kinks, singularities, the source of a nan or an infinity, and digits lost to
    rounding.

    With `wrt` they concern derivatives in these names alone, as far as the values tell. Receipts are not included.
    """
    if wrt is not None:
        call = f.lists.of_running.at(f.point(args, values))
        with call:
            tape = forward_sweep(call.wlist, call.values, call.apply)
        names = chosen(call.wlist, wrt)
        return (*noted(call, tape, names, f.kink, None), *values_noted(call, names, call.wlist.outputs, f.kink))
    if len(f.program.wlist.outputs) == 1:
        point = f.point(args, values)
        call = f.lists.of_running.at(point)
        if call.shape(call.wlist.outputs[0]):
            return f.vjp(point).notes
        return f.value_and_grad(point)[1].notes
    return f.jacobian(*args, **values).notes


@at_values
def check_expects(f: Function, /, *args: Any, **values: Any) -> list[Expectation]:
    """Evaluate every `expect` of the program. The values given take the place of defaults."""
    if f.program.checked is None:
        return []
    wlist = fuse(f.program.checked)[0] if f.fuse else f.program.checked
    with f.lists.ready(wlist).at(f.point(args, values)) as call:
        found = evaluate(call.wlist, call.values, call.apply)
        answers = [call.full(v, a) for v, a in zip(found, call.wlist.outputs)]
    return expectations(f.program, answers)


@at_point
def blame(f: Function, point: Mapping[str, Any]) -> Diagnostic | None:
    """The diagnostic of the first step that turns finite values into nan or infinity; None if there is none."""
    with f.evaluation_at(point) as call:
        tape = forward_sweep(call.wlist, call.values, call.apply)
        return blame_value(call.wlist, tape, reached(call.wlist, tape, call.apply, tied=False), call.apply)


def bench(f: Function, point: Mapping[str, Any] = {}, /, *, points: int | None = None, **values: Any) -> Bench:
    """The times of every installed kernel, beside code as a careful person would write it by hand.

    It times the value and the gradient at a point, given by name; of several outputs, and of arrays, the values. With
    `points` it times a batch of that size, around the given point. Inputs without a value and without a default get
    one: `taken` of the answer names them. All answers are compared with those of the sweeps first.

    Raises UsageError for an input that may be an array of any shape and has no value, LimitError for more points than
    `limits.elements` allows.
    """
    from .timings import bench_of  # few calls need it

    return bench_of(f, {**point, **values}, points)


@at_values
def costs(
    f: Function, /, *args: Any, wrt: Iterable[str] | str | None = None, grad: bool = True, **values: Any
) -> Costs:  # fmt: skip
    """The cost of a call at a point, the kernel that answered it and why, and the cost of the best other kernel.

    It is measured now: for the derivatives in the names of `wrt`, by default all inputs, or for the value alone if
    `grad` is False.
    """
    from .timings import costs_of  # few calls need it

    return costs_of(f, f.point(args, values), wrt, grad)


@at_values
def check(f: Function, /, *args: Any, **values: Any) -> list[Comparison]:
    """Compare every derivative at a point with oracles that use none of the derivative rules; see
    `jobs.checking.check`.

    The answer has a `Comparison` for each input and oracle: the tangent sweep, the complex step, extrapolated
    differences, and mpmath if it is installed. Over arrays it compares along a random direction of each input. `ok` is
    False if they disagree, and None if the oracle has no answer. Raises UsageError for several outputs.
    """
    from ..jobs.checking.check import check as compared  # few calls need it

    return compared(f, f.point(args, values))


def propagate(
    f: Function, values: Any, uncertainties: Mapping[str, Any], *, correlations: Any = None,
    degrees_of_freedom: Mapping[str, Any] = {}, confidence: float = 0.95, monte_carlo: float | None = None,
    seed: int = 0,
) -> Propagation:  # fmt: skip
    """The uncertainties of the outputs, from standard uncertainties of the inputs; see `wengert.propagate`."""
    from .problems.measurements import propagate as propagated  # few calls need it

    options: dict[str, Any] = {"correlations": correlations, "degrees_of_freedom": degrees_of_freedom}
    return propagated(f, values, uncertainties, confidence=confidence, monte_carlo=monte_carlo, seed=seed, **options)


def fit(f: Function, table: Any, response: str, **options: Any) -> Fit:
    """The parameters of this function fitted to the rows of a table; see `wengert.fit`, whose options these are.

    `response` is a column, or a formula of columns: `f.fit("data.csv", "log(y)", start={"a": 1})`.
    """
    from .problems.models import fit as fitted  # few calls need it

    return fitted(f, table, response=response, **options)


def total(
    f: Function, table: Any, point: Mapping[str, Any] = {}, /, *, wrt: Iterable[str] | str | None = None,
    weights: str | None = None, engine: str = "auto", scheduler: Any = None, **values: Any,
) -> Total:  # fmt: skip
    """The sum of the value over the rows of a table, and its gradient: a loss over a data set.

        loss = wg.compile("log(1 + exp(-y*(a*x + b)))")
        found = loss.total("readings.parquet", a=0.5, b=0)
        found.value, found.gradient["a"]

    Inputs that are columns are read from the table; the others have values here. The table, `engine` and `scheduler`
    are as for `wengert.fit`: it may be larger than memory. Rows that lack a value are left out.

    wrt      names of the inputs that the gradient is for: by default all that are no columns
    weights  a column: the weight of each row's value

    Sums are made by a tree over blocks of rows, with the rounding of log n additions. Raises UsageError for a column or
    a value that is missing, data that are not finite, and a table without a row to use.
    """
    from .tabular.totals import SumArguments, total_of  # few calls need it

    return total_of(f, table, {**point, **values}, SumArguments(wrt, weights, engine, scheduler))


def normal_equations(
    f: Function, table: Any, point: Mapping[str, Any] = {}, /, *, wrt: Iterable[str] | str | None = None,
    weights: str | None = None, engine: str = "auto", scheduler: Any = None, **values: Any,
) -> NormalEquations:  # fmt: skip
    """The Gauss-Newton products JᵀJ and Jᵀr over the rows of a table.

    The value for a row is a residual r. J holds its derivatives in the names of `wrt`, by default all inputs that are
    no columns. Arguments and errors are those of `total`.
    """
    from .tabular.totals import SumArguments, normal_equations_of  # few calls need it

    return normal_equations_of(f, table, {**point, **values}, SumArguments(wrt, weights, engine, scheduler))


def dask(f: Function, table: Any, **options: Any) -> Any:
    """The values of this function, and its derivatives, for the rows of a dask DataFrame, as a lazy DataFrame.

    The options are those of `on_dask.dask_frame`: `f.dask(ddf, wrt="x", keep="all")`.
    """
    from .tabular.on_dask import dask_frame  # few calls need it

    return dask_frame(f, table, **options)


def map(f: Function, table: Any, output: str | PathLike[str], **options: Any) -> Mapped:
    """The values of this function, and its derivatives, for the rows of a table, from file to file.

    The options are those of `wengert.map`: `f.map("readings.parquet", "out.parquet", keep="all")`.
    """
    from .tabular.mapping import map as mapped  # few calls need it

    return mapped(f, table, output, **options)


def frame(f: Function, table: Any, **options: Any) -> Any:
    """The values of this function, and its derivatives, for the rows of a frame, as a frame of the same kind.

    The options are those of `frame_rows.frame`: `f.frame(df, wrt="x", keep="all")`.
    """
    from .tabular.frame_rows import frame as frame_of_answers  # few calls need it

    return frame_of_answers(f, table, **options)


def structure(f: Function, point: Mapping[str, Any] = {}, /, **values: Any) -> StructureByName:
    """How each output depends on each input, at all points; for arrays, element by element.

    Only the shapes of the values matter, and an input of declared shape needs none. Raises UsageError for an input
    whose shape is not known, DerivativeError for an op that cannot be split into ops on numbers.
    """
    from .sparse import structure_by_name  # few calls need it, and it is large

    with within(f.limits):
        return structure_by_name(f, {**point, **values})


@timed
def counts(f: Function, wrt: Iterable[str] | str | None = None, *, simplify: bool = False) -> OperationCounts:
    """How many operations of each op the value takes, and how many the value and its derivatives take together.

    The operations are those of the list as written; with `simplify` both lists are simplified first. The equations that
    make a derivative nan where its function is nan are not counted.

    Raises UsageError for an output that is known to be an array, UnknownName for a name that does not exist.
    """
    value, both = f.lists.reading_as_written, f.gradient_function(wrt, value=True, masked=False).wengert_list
    if simplify:
        value, both = simplified(value)[0], simplified(both)[0]
    return OperationCounts(*(_counted(drop_dead(wlist)[0]) for wlist in (value, both)))


def _counted(wlist: WengertList) -> dict[str, int]:
    return dict(Counter(e.op for e in wlist.equations if e.op != COPY).most_common())
