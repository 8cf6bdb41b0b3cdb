"""How calls of a Function are answered: over numbers by a kernel as soon as one pays, else by sweeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from ..ground.errors import UsageError, error, suggestion
from ..ground.limits import check_clock, clock_runs, within
from ..kernels.arguments import number
from ..kernels.derived import with_gradient, with_jacobian
from ..kernels.evaluation import Evaluation
from ..kernels.jacobians import jacobian, moved_outputs, value_and_gradient, values_of
from ..kernels.kernel import Run
from ..kernels.modes import planned
from ..kernels.prepared import Prepared
from ..kernels.routes import Route
from ..lists.wengert_list import WengertList
from ..ops import OPS
from ..sweeps.forward import depending, forward_sweep
from ..sweeps.masks import masked_derivatives, weighted_sum
from ..sweeps.notes import all_finite, noted
from ..sweeps.reverse import ReverseRequest, reverse_sweep
from ..sweeps.rules import rules_for
from .results import Gradient, Matrix, Notes

if TYPE_CHECKING:
    from .function import Function

# The record that answers a plain call at once: the kernel's callable, how many numbers it takes, the inputs, a function
# that makes notes, the route, and the generation of the ops.
Ready = tuple[Run, int, tuple[str, ...], Callable[[tuple[float, ...]], Notes], Route, int]
# Makes of a list the list of its values and then its derivatives.
Derive = Callable[[WengertList], WengertList]


Told = TypeVar("Told", Gradient, Matrix)


def by_kernel(
    f: Function, setting: Prepared, key: Any, derive: Derive | None, point: Mapping[str, Any],
    further: Sequence[Any] = (), sweeps: int = 1,
) -> tuple[float, ...] | None:  # fmt: skip
    """The outputs at a point of numbers, of a list or of the list that `derive` makes of it, by a kernel.

    further  the values of the inputs that `derive` adds
    sweeps   the number of sweeps that the list from `derive` replaces

    The answer is None where no kernel pays yet.
    """
    f._ran = None
    inputs = setting.wlist.inputs
    if setting.arrays or not setting.wlist.outputs or len(point) != len(inputs):
        return None
    if derive is not None and f.kink == "error":
        return None
    if any(type(v) is not float for v in (*point.values(), *further)):
        return None
    # A name of this call's own: another thread may put its route in the place of this one.
    route = f._ran = setting.route(key, derive, f.options.kernel, sweeps)
    run = route.called()
    found = None if run is None else run(*[point[n] for n in inputs], *further)
    return None if found is None else (found[0], *found[1])


def derivatives(
    f: Function, setting: Prepared, key: Any, derive: Derive, point: Mapping[str, Any], further: Sequence[Any] = (),
    sweeps: int = 1,
) -> tuple[float, ...] | None:  # fmt: skip
    """The derivatives in the list that `derive` makes, as `by_kernel` finds them; None also where a value is not
    finite."""
    found = by_kernel(f, setting, key, derive, point, further, sweeps)
    if found is None:
        return None
    n = len(setting.wlist.outputs)
    return found[n:] if all(map(isfinite, found[:n])) and all(map(isfinite, further)) else None


def by_plan(
    f: Function, setting: Prepared, key: Any, derive: Derive | None, call: Evaluation, likes: Sequence[Any]
) -> list[Any] | None:  # fmt: skip
    """The outputs of a list over arrays, or of the list that `derive` makes of it, in the shapes of `likes`, by a plan
    for the shapes of the values; None where no plan pays yet."""
    if not setting.arrays or len(call.values) != len(call.wlist.inputs) or not likes:
        return None
    route = f._ran = setting.plan_route(key, call, derive, f.options.kernel)
    return route.answers(call, likes)


def value_and_gradient_at(
    f: Function, setting: Prepared, call: Evaluation, names: tuple[str, ...], mode: str, checkpoint: bool | int
) -> tuple[Any, Sequence[Any], Callable[[], Any]]:  # fmt: skip
    """The value, its derivatives in `names` and a function that makes the notes, by a plan or by sweeps."""
    if mode == "reverse" and not checkpoint:
        given = call.given

        def derive(wlist: WengertList) -> WengertList:
            return with_gradient(wlist, names, f.kink, f.limits, given)

        found = by_plan(f, setting, ("gradient", names), derive, call, (call.wlist.outputs[0], *names))
        if found is not None and all_finite(found[0]):
            return found[0], found[1:], partial(_swept_notes, call, names, f.kink)
    return value_and_gradient(call, names, f.kink, mode, checkpoint)


def _swept_notes(call: Evaluation, names: tuple[str, ...], kink: str) -> Any:
    with call:
        _, _, notes = value_and_gradient(call, names, kink, "reverse", False)
    return notes()


def ready(f: Function, setting: Prepared, key: Any) -> Ready | None:
    """The record for plain calls, from the route that answers them; None if no kernel ran."""
    route = setting.routes.get(key)
    if route is None or route.run is None:
        return None
    run = route.run if route.brief else partial(_clocked, f, route.run)
    return run, len(f.inputs), f.inputs, partial(notes_of, f), route, setting.generation


def _clocked(f: Function, run: Run, *values: float) -> Any:
    """The answer of a kernel, within the limit of time."""
    with within(f.limits):
        return run(*values)


def gradient_of(f: Function, names: tuple[str, ...]) -> Derive:
    return lambda wlist: with_gradient(wlist, names, f.kink, f.limits)


def notes_of(f: Function, values: tuple[float, ...]) -> Notes:
    return notes_at(f, f.inputs, dict(zip(f.inputs, values)))


def notes_at(f: Function, names: tuple[str, ...], point: Mapping[str, Any]) -> Notes:
    """The notes on the derivatives in `names` at a point of numbers. Sweeps work them out."""
    with within(f.limits):
        call = f.lists.of_one_output(names).at(point)
        notes: Notes = value_and_gradient(call, names, f.kink, "reverse", False)[2]()
        return notes


def bind(f: Function, what: str = "value_and_grad") -> Callable[..., tuple[float, ...]]:
    """The bare function over numbers: it takes floats by position, and returns a plain tuple.

    `what` is "value" for the values of the outputs, or "value_and_grad" for the value and then its derivatives in all
    inputs. A kernel runs from the first call on. Raises UsageError for another `what`, and for a program over arrays.
    The function raises UsageError for a wrong number of values.
    """
    if what not in ("value", "value_and_grad"):
        help = suggestion(str(what), ("value", "value_and_grad")) or "value or value_and_grad"
        raise error(UsageError, "W604", f"there is no `{what}` to bind", help=help)
    if f.lists.of_running.arrays:
        raise error(UsageError, "W609", "bind: only for programs over numbers, and this one is over arrays")
    if what != "value":
        f.lists.of_one_output(None)
    gradient = what != "value"
    derive = gradient_of(f, f.inputs) if gradient else None

    def prepared() -> tuple[Run | None, bool, int]:
        setting = f.lists.of_running
        # Where a kink is an error, notes decide whether there is an answer, and only sweeps make notes.
        if gradient and f.kink == "error":
            return None, True, setting.generation
        with within(f.limits):
            key = ("gradient", f.inputs) if gradient else what
            route = setting.route(key, derive, f.options.kernel)
            return route.prepared(), route.brief, setting.generation

    run, brief, generation = prepared()
    count, values = len(f.inputs), len(f.outputs)

    def bound(*floats: float) -> tuple[float, ...]:
        nonlocal run, brief, generation
        if len(floats) != count:
            raise error(UsageError, "W605", f"{len(floats)} values for {count} inputs",
                        help=f"the inputs are {', '.join(f.inputs) or 'none'}")  # fmt: skip
        if generation != OPS.generation:
            run, brief, generation = prepared()
        if not brief:
            with within(f.limits):
                return answer(floats)
        if clock_runs() is not None:
            check_clock()
        return answer(floats)

    def answer(floats: tuple[float, ...]) -> tuple[float, ...]:
        found = None if run is None else run(*floats)
        if found is None:
            floats = tuple(map(number, floats, f.inputs))
            found = None if run is None else run(*floats)
        if found is None or not isfinite(found[0]) or values > 1 and not all(map(isfinite, found[1])):
            return swept(f, floats, gradient)
        return found[0], *found[1]

    return bound


def swept(f: Function, floats: Sequence[float], with_gradient: bool) -> tuple[float, ...]:
    """The values at a point of numbers, or the value and its gradient, by sweeps."""
    point = dict(zip(f.inputs, floats))
    with within(f.limits):
        call = f.lists.of_running.at(point)
        if not with_gradient:
            answers = values_of(call)
        else:
            value, partials, notes = value_and_gradient(call, f.inputs, f.kink, "reverse", False)
            answers = [value, *partials]
            if f.kink == "error":
                notes()
        if f.strict and not all(map(isfinite, answers[: len(f.outputs)])):
            f._refuse(point)
    return tuple(answers)


# Answers by sweeps


def told(f: Function, found: Told) -> Told:
    """A result, after its notes were worked out if a kink is an error."""
    if f.kink == "error":
        _ = found.notes
    return found


def tangents_of(f: Function, point: Mapping[str, Any], direction: dict[str, Any]) -> list[Any]:
    with f.lists.of_running.at(point) as call:
        wlist = call.wlist
        call.check()
        tape = forward_sweep(wlist, call.values, call.apply)
        answers = moved_outputs(call, tape, call.direction(direction), wlist.outputs, f.kink)
    if f.kink == "error":
        noted(call, tape, tuple(direction), f.kink, None)
    return answers


def adjoints_of(f: Function, point: Mapping[str, Any], weights: Mapping[str, Any]) -> Gradient:
    with f.lists.of_running.at(point) as call:
        wlist = call.wlist
        call.check()
        tape = forward_sweep(wlist, call.values, call.apply)
        seeds: dict[str, Any] = {}
        for output, name in zip(wlist.outputs, f.outputs):
            if isinstance(output, str) and name in weights:
                weight = call.direction({output: weights[name]})[output]
                seeds[output] = seeds[output] + weight if output in seeds else weight
        rules, asked = rules_for(wlist.ops, f.kink), ReverseRequest(active=depending(wlist, f.inputs))
        adjoints = reverse_sweep(wlist, tape, seeds, call.apply, rules, asked)
        answers = [call.full(adjoints.get(n), n) for n in f.inputs]
        total = weighted_sum(tuple(seeds), tape, seeds, call.apply)
        answers = masked_derivatives(wlist, seeds, total, f.inputs, answers, rules)
    return Gradient(f.inputs, answers, f.clocked(lambda: noted(call, tape, f.inputs, f.kink, None)))


def hvp(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: tuple[str, ...], moving: dict[str, Any]
) -> Gradient:  # fmt: skip
    with setting.at(point) as call:
        glist = call.wlist
        call.check()
        tape = forward_sweep(glist, call.values, call.apply)
        answers = moved_outputs(call, tape, call.direction(moving), glist.outputs, f.kink)
    return Gradient(names, answers, f.clocked(lambda: noted(call, tape, f.inputs, f.kink, None)))


def matrix(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: tuple[str, ...], rows: tuple[str, ...], mode: str
) -> Matrix:
    call = setting.at(point)
    plan = setting.plans.get((names, mode)) if isinstance(mode, str) else None
    if plan is None:
        plan = planned(call, names, call.wlist.outputs, mode)
        if not call.arrays:
            setting.plans[names, mode] = plan
    found = derivatives(f,
        setting, ("jacobian", names, mode),
        lambda wlist: with_jacobian(wlist, names, plan, f.kink, f.limits), point, (), plan.sweeps,
    )  # fmt: skip
    if found is not None:
        n = len(names)
        blocks = [found[k * n : (k + 1) * n] for k in range(len(rows))]
        return Matrix(rows, names, blocks, f.clocked(lambda: jacobian(call, names, f.kink, plan)[1]()), plan)
    with call:
        swept, notes = jacobian(call, names, f.kink, plan)
    return told(f, Matrix(rows, names, swept, f.clocked(notes), plan))
