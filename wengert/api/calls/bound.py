"""`Function.bind`: a kernel's bare function, with all checks done once that do not depend on the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from ...ground.complaints import explained
from ...ground.errors import UsageError, error, suggestion
from ...ground.limits import check_clock, clock_runs, within
from ...kernels.arguments import number
from ...kernels.jacobians import value_and_gradient, values_of
from ...kernels.kernel import FLAT, AnswerFormat, Run
from ...ops import OPS
from ..kinks import at_kinks
from .routed import gradient_of, masked

if TYPE_CHECKING:
    from ...kernels.routes import Route
    from ..function import Function

SIGNATURE = "*floats, out=None"
TEXT = "Floats or arrays by position; a plain tuple."


@explained
def bind(f: Function, what: str = "value_and_grad") -> Callable[..., tuple[Any, ...]]:
    """The bare function: it takes floats or arrays by position, and returns a plain tuple.

    `what` is "value" for the values of the outputs, or "value_and_grad" for the value and then its derivatives in all
    inputs. A kernel runs from the first call on. Arrays are batches, as in a call of the function itself.

    With `out=` the answers are written into arrays of the caller's, which are returned: for "value_and_grad" a pair of
    an array for the value and an array for the gradient, whose first axis is that of the inputs (or an array for each
    input); for "value" an array for each output (or the one array, if there is one output). They have the type and the
    shape of the answers, and share memory with no input.

    A program over arrays takes the arrays of its inputs; there each array of `out` has the shape of its answer.

    Raises UsageError for another `what`. The function raises UsageError for a wrong number of values, UsageError or
    ShapeError for an `out` that does not fit.
    """
    if what not in ("value", "value_and_grad"):
        help = suggestion(str(what), ("value", "value_and_grad")) or "value or value_and_grad"
        raise error(UsageError, "W604", f"there is no `{what}` to bind", help=help)
    if what != "value":
        f.lists.of_one_output(None)
    gradient = what != "value"
    if f.lists.of_running.arrays:
        from .bound_arrays import bound_arrays  # imports NumPy, which numbers do without

        return bound_arrays(f, gradient)
    derive = masked(gradient_of(f, f.inputs), False) if gradient else None

    def prepared() -> tuple[Route | None, Run | None, int]:
        setting = f.lists.of_running
        # If a kink is an error, notes decide whether there is an answer, and only sweeps make notes.
        if gradient and f.kink == "error":
            return None, None, setting.generation
        with within(f.limits):
            key = ("gradient", f.inputs) if gradient else what
            route = setting.route(key, derive, f.options.kernel)
            return route, route.prepared(), setting.generation

    route, run, generation = prepared()
    anywhere = dict.fromkeys(f.inputs, 1.0)
    differs = gradient and at_kinks.may_differ(f, f.lists.of_running, anywhere, f.inputs)
    singular = gradient and at_kinks.may_be_singular(f, f.lists.of_running, anywhere, f.inputs)
    count, values = len(f.inputs), len(f.outputs)

    over_arrays: tuple[Callable[..., Any], int] | None = None

    def batch(values: tuple[Any, ...], out: Any) -> tuple[Any, ...]:
        nonlocal over_arrays
        made = over_arrays
        if made is None or made[1] != OPS.generation:
            from .bound_batches import bound_batches  # imports NumPy, which numbers do without

            made = over_arrays = bound_batches(f, gradient), OPS.generation
        found: tuple[Any, ...] = made[0](values, out)
        return found

    def bound(*floats: Any, out: Any = None) -> tuple[Any, ...]:
        nonlocal route, run, generation
        if len(floats) != count:
            raise error(UsageError, "W605", f"{len(floats)} values for {count} inputs",
                        help=f"the inputs are {', '.join(f.inputs) or 'none'}")  # fmt: skip
        if generation != OPS.generation:
            route, run, generation = prepared()
        if out is not None:
            made = over_arrays
            if made is None or made[1] != OPS.generation:
                return batch(floats, out)
            answers: tuple[Any, ...] = made[0](floats, out)
            return answers
        if route is not None and not route.brief:
            with within(f.limits):
                return answer(floats)
        if clock_runs() is not None:
            check_clock()
        return answer(floats)

    def answer(floats: tuple[Any, ...]) -> tuple[Any, ...]:
        found = None if run is None else run(*floats)
        if found is None:
            if any(map(_is_array, floats)):
                return batch(floats, None)
            floats = tuple(map(number, floats, f.inputs))
            found = None if run is None else run(*floats)
        if found is None or not isfinite(found[0]) or values > 1 and not all(map(isfinite, found[1])):
            return value_by_sweeps(f, floats, gradient)
        if differs or singular and not all(map(isfinite, found[1])):
            return found[0], *at_kinks.at_floats(f, floats, found[1])
        return found[0], *found[1]

    told = AnswerFormat(
        values + count * (singular or differs), bound, name=what, doc=f"{what}({SIGNATURE})\n--\n\n{TEXT}"
    )
    ready = route
    if differs and route is not None:
        # This kernel marks the places where another method answers.
        with within(f.limits):
            setting = f.lists.of_running
            ready = setting.route(
                ("marked", "gradient", f.inputs), at_kinks.marked_gradient(f, False), f.options.kernel
            )
            ready.prepared()
    made = None if ready is None else ready.bare(FLAT, told)
    # An op may have been replaced meanwhile, and the old function would not know.
    return bound if made is None or generation != OPS.generation else made


def _is_array(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or hasattr(type(value), "__array__") and bool(getattr(value, "ndim", 1))


def value_by_sweeps(f: Function, floats: Sequence[float], with_gradient: bool) -> tuple[float, ...]:
    """The values at a point of numbers, or the value and its gradient, by sweeps."""
    point = dict(zip(f.inputs, floats))
    with within(f.limits):
        call = f.lists.of_running.at(point)
        if not with_gradient:
            answers = values_of(call)
        else:
            value, partials, notes = value_and_gradient(call, f.inputs, f.kink, "reverse", False)
            answers = [value, *at_kinks.at_floats(f, floats, partials)]
            if f.kink == "error":
                notes()
        if f.strict and not all(map(isfinite, answers[: len(f.outputs)])):
            f._refuse(point)
    return tuple(answers)
