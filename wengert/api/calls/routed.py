"""Route the calls of a Function: to a kernel as soon as one pays off, else to sweeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isfinite, prod
from typing import TYPE_CHECKING, Any, TypeVar

from ...ground.errors import LimitError
from ...ground.limits import start, stop, within
from ...ground.tuples import NamedTuple
from ...kernels.evaluation import Evaluation
from ...kernels.jacobians import jacobian, moved_outputs, value_and_gradient, values_of
from ...kernels.kernel_names import AUTO, demand
from ...kernels.prepared import Prepared
from ...kernels.requests import GradientOf
from ...lists.wengert_list import WengertList
from ...ops import OPS
from ...ops.shapes.dimensions import Shape
from ...sweeps.forward import depending, forward_sweep
from ...sweeps.masks import masked_derivatives, weighted_sum
from ...sweeps.nonfinite import all_finite
from ...sweeps.notes import noted
from ...sweeps.reverse import ReverseRequest, reverse_sweep
from ...sweeps.rules import rules_for
from ..results import Gradient, Matrix, Notes, bare
from .reasons import BATCH, FINITE, OWN, why_unserved

if TYPE_CHECKING:
    from ...kernels.elements import Differentiate
    from ..function import Function

# A function from a list to the list of its values and then its derivatives, with or without nan masks.
Derive = Callable[[WengertList, bool], WengertList]


Told = TypeVar("Told", Gradient, Matrix)


def _derived() -> Any:
    """The module that writes derivatives for kernels. It is loaded late, as a first call does without it."""
    from ...kernels import derived

    return derived


def by_kernel(
    f: Function, setting: Prepared, key: Any, derive: Derive | None, point: Mapping[str, Any],
    further: Sequence[Any] = (), sweeps: int = 1,
) -> tuple[float, ...] | None:  # fmt: skip
    """The outputs of a list at a point of floats, by a kernel; with `derive`, those of the list that it makes.

    further  the values of the inputs that `derive` adds
    sweeps   the number of sweeps that the list from `derive` replaces

    The answer is None while no kernel pays off.
    """
    demand(f.options.kernel)
    inputs = setting.wlist.inputs
    if why := why_unserved(f, setting, point, derive is not None):
        f._ran = why
        return None
    if any(type(v) is not float for v in (*point.values(), *further)):
        f._ran = BATCH
        return None
    # A local name, as another thread may replace the route.
    route = f._ran = setting.route(key, masked(derive, False), f.options.kernel, sweeps)
    run = route.count_call()
    found = None if run is None else run(*[point[n] for n in inputs], *further)
    return None if found is None else (found[0], *found[1])


def by_batch_kernel(
    f: Function, setting: Prepared, key: Any, derive: Derive | None, point: Mapping[str, Any],
    further: Sequence[Any] = (), sweeps: int = 1,
) -> list[Any] | None:  # fmt: skip
    """The outputs at a batch, as `by_kernel` finds them at a point of floats; derivatives carry nan masks. None while
    no kernel pays off, and if only the sweeps can tell why there is no answer."""
    inputs = setting.wlist.inputs
    if why_unserved(f, setting, point, derive is not None):
        return None
    values = [point[n] for n in inputs]
    if all(type(v) is float for v in values):
        return None
    from ...kernels.batch_calls import batch_shape, filled  # imports NumPy, which numbers do without

    shape = batch_shape(values)
    if shape is None or prod(shape) > f.limits.elements or batch_shape([*values, *further]) != shape:
        return None
    route = f._ran = setting.batch_route(key, masked(derive, True), f.options.kernel, sweeps)
    run = route.count_call(prod(shape))
    if run is None:
        return None
    try:
        return filled(run, [*values, *further], shape, route.outputs, f.dtype)
    except LimitError:
        raise
    except Exception:  # from a caller's own op: the sweeps say where it is
        f._ran = OWN
        return None


class ReadyBatch:
    """Answers plain calls with arrays at once, as `Ready` does for floats."""

    __slots__ = ("count", "dtype", "f", "generation", "quickly", "route", "singular")

    def __init__(self, f: Function, setting: Prepared, key: Any, singular: bool = False) -> None:
        import numpy as np

        from ...kernels.batch_calls import quickly  # imports NumPy, which numbers do without

        # Whether a derivative that is not finite may have a finite limit, so that another method must answer.
        self.singular = singular
        self.f, self.count, self.generation, self.quickly = f, len(f.inputs), setting.generation, quickly
        self.route, self.dtype = setting.batches[key], np.dtype(f.dtype)

    def __call__(self, args: tuple[Any, ...]) -> list[Any] | None:
        """The outputs; None if the arguments are not plain arrays, or if only the general method answers."""
        f = self.f
        if len(args) != self.count or self.generation != OPS.generation:
            return None
        started = start(f.limits)
        try:
            found = self.quickly(self.route, args, self.dtype, f.limits.elements)
        except LimitError:
            raise
        except Exception:  # from a caller's own op: the sweeps say where it is
            return None
        finally:
            stop(started)
        if found is None or f.strict and not all(map(all_finite, found)):
            return None
        f._ran = self.route
        return found

    def gradient(self, args: tuple[Any, ...]) -> tuple[Any, Gradient] | None:
        """Make a value and its gradient from the outputs."""
        found = self(args)
        if found is None or self.singular and not all(map(all_finite, found[1:])):
            return None
        made = bare(Gradient, found[1:])
        made._at = NotesSource(self.f), *args
        return found[0], made


def batch_of_values(f: Function, point: Mapping[str, Any]) -> list[Any]:
    """The values at a point with arrays, by a kernel or by sweeps."""
    setting = f.lists.of_running
    found = by_batch_kernel(f, setting, "value", None, point)
    if found is None:
        with setting.at(point) as call:
            return by_plan(f, setting, "value", None, call, call.wlist.outputs) or values_of(call)
    if len(found) == 1:
        f._value_batch = ReadyBatch(f, setting, "value")
    return found


def batch_of_gradients(
    f: Function, setting: Prepared, key: Any, names: tuple[str, ...], point: Mapping[str, Any], plain: bool,
    singular: bool = False,
) -> tuple[Any, Gradient] | None:  # fmt: skip
    """The value and its gradient at a batch, by a kernel; None while no kernel pays off. After an answer for all
    inputs, plain calls go to the kernel directly."""
    found = by_batch_kernel(f, setting, key, gradient_of(f, names), point)
    if found is None:
        return None
    if f.strict and not all_finite(found[0]):
        f._refuse(point)
    if plain:
        f._gradient_batch = ReadyBatch(f, setting, key, singular)
    return found[0], Gradient(names, found[1:], partial(notes_at, f, names, point))


def masked(derive: Derive | None, masked: bool) -> Callable[[WengertList], WengertList] | None:
    """Choose the function that writes derivatives, with or without nan masks."""
    if isinstance(derive, GradientOf):
        return GradientOf(derive.names, derive.kink, derive.limits, masked)
    return None if derive is None else lambda wlist: derive(wlist, masked)


def derivatives(
    f: Function, setting: Prepared, key: Any, derive: Derive, point: Mapping[str, Any], further: Sequence[Any] = (),
    sweeps: int = 1,
) -> Sequence[Any] | None:  # fmt: skip
    """The derivatives in the list that `derive` makes, by a kernel; None while no kernel pays off, and, at a point of
    floats, if a value is not finite."""
    n = len(setting.wlist.outputs)
    found = by_kernel(f, setting, key, derive, point, further, sweeps)
    if found is not None:
        if all(map(isfinite, found[:n])) and all(map(isfinite, further)):
            return found[n:]
        f._ran = FINITE
        return None
    batch = by_batch_kernel(f, setting, key, derive, point, further, sweeps)
    return None if batch is None else batch[n:]


def by_plan(
    f: Function, setting: Prepared, key: Any, derive: Callable[[WengertList], WengertList] | None, call: Evaluation,
    likes: Sequence[Any], names: tuple[str, ...] | None = None,
) -> list[Any] | None:  # fmt: skip
    """The outputs of a list over arrays, or of the list that `derive` makes of it, by a plan for the shapes of the
    values; None while no plan pays off. They have the shapes of `likes`."""
    if not setting.arrays or len(call.values) != len(call.wlist.inputs) or not likes:
        return None
    found, waits = by_loops(f, setting, key, derive, call, (), names)
    if found is not None or waits:
        return found
    route = f._ran = setting.plan_route(key, call, derive, f.options.kernel)
    return route.answers(call, likes)


def by_loops(
    f: Function, setting: Prepared, key: Any, derive: Callable[[WengertList], WengertList] | None, call: Evaluation,
    further: Sequence[Any] = (), names: tuple[str, ...] | None = None,
) -> tuple[list[Any] | None, bool]:  # fmt: skip
    """The outputs of a long list over arrays by a kernel that loops over elements, and whether a later call will make
    one. With `derive` they are the outputs of its derivative list; `further` are the values of the inputs that it adds,
    and `names` the inputs of a gradient."""
    if len(call.values) != len(call.wlist.inputs):
        return None, False
    values = [*(call.values[n] for n in call.wlist.inputs), *further]
    gradient = None if names is None else (names, differentiating(f))
    route = setting.loop_route(key, call, derive, f.options.kernel, values, gradient)
    if route is None:
        return None, False
    f._ran = route
    return route.answers(values), not route.refused


def value_and_gradient_at(
    f: Function, setting: Prepared, call: Evaluation, names: tuple[str, ...], mode: str, checkpoint: bool | int
) -> tuple[Any, Sequence[Any], Callable[[], Any]]:  # fmt: skip
    """The value, its derivatives in `names`, and a function that makes the notes, by a plan or by sweeps."""
    if mode == "reverse" and not checkpoint:
        derive = masked(gradient_of(f, names, call.given), False)
        found = by_plan(f, setting, ("gradient", names), derive, call, (call.wlist.outputs[0], *names), names)
        if found is not None and all_finite(found[0]):
            _keep_plan(f, call, names)
            return found[0], found[1:], partial(_swept_notes, call, names, f.kink)
        if found is not None:
            f._ran = FINITE
    return value_and_gradient(call, names, f.kink, mode, checkpoint)


def _keep_plan(f: Function, call: Evaluation, names: tuple[str, ...]) -> None:
    """Let the plan that ran answer later calls with arrays of the same shapes directly, if it can."""
    from ...kernels.plans import PlanRoute  # there are arrays already
    from .ready_plan import ReadyPlan

    if isinstance(f._ran, PlanRoute) and not call.axes and f.kink != "error":
        ready = ReadyPlan(f, call, names, f._ran)
        if ready.serves:
            f.kept["plan", names] = ready


def planned_gradient(
    f: Function, args: tuple[Any, ...], values: Mapping[str, Any], wrt: Any
) -> tuple[Any, Gradient] | None:  # fmt: skip
    """The value and its gradient by a plan that is ready for these shapes, if there is one."""
    names = f.inputs if wrt is None else wrt
    ready = f.kept.get(("plan", names)) if type(names) is tuple else None
    found = None if ready is None else ready(args, values)
    if found is not None and f.lists.kinked and not all(map(all_finite, found[1])):
        return None  # there may be a limit
    return found


def _swept_notes(call: Evaluation, names: tuple[str, ...], kink: str) -> Any:
    with call:
        _, _, notes = value_and_gradient(call, names, kink, "reverse", False)
    return notes()


def gradient_of(f: Function, names: tuple[str, ...], shapes: Mapping[str, Shape] | None = None) -> Derive:
    if shapes is None:
        return GradientOf(names, f.kink, f.limits)
    return lambda wlist, masked: _derived().with_gradient(wlist, names, f.kink, f.limits, masked, shapes)


def differentiating(f: Function) -> Differentiate:
    return lambda wlist, names: _derived().with_gradient(wlist, names, f.kink, f.limits)


def tangents_along(f: Function, names: tuple[str, ...]) -> Derive:
    return lambda wlist, masked: _derived().with_tangents(wlist, names, f.kink, f.limits, masked)


def adjoints_by(f: Function) -> Derive:
    return lambda wlist, _: _derived().with_adjoints(wlist, f.kink, f.limits)


class NotesSource(NamedTuple):
    """The names of a gradient that a kernel computed, and the means to make its notes."""

    f: Function

    @property
    def names(self) -> tuple[str, ...]:
        return self.f.inputs

    def notes(self, values: tuple[float, ...]) -> Notes:
        return notes_at(self.f, self.f.inputs, dict(zip(self.f.inputs, values)))


def notes_at(f: Function, names: tuple[str, ...], point: Mapping[str, Any]) -> Notes:
    """The notes on the derivatives in `names` at a point, made by sweeps."""
    with within(f.limits):
        with f.lists.of_one_output(names).at(point) as call:
            make = value_and_gradient(call, names, f.kink, "reverse", False)[2]
        notes: Notes = make()
        return notes


# Answers by sweeps


def with_kinks_checked(f: Function, found: Told) -> Told:
    """Return a result. If a kink is an error, make its notes first, so that the error is raised now."""
    if f.kink == "error":
        _ = found.notes
    return found


def output_tangents(f: Function, point: Mapping[str, Any], direction: dict[str, Any]) -> Sequence[Any]:
    """The tangents of the outputs along a direction, by a kernel or by sweeps."""
    names = tuple(direction)
    further = tuple(direction.values())
    found = derivatives(f, f.lists.of_running, ("jvp", names), tangents_along(f, names), point, further)
    answers = tangents_of(f, point, direction) if found is None else found
    if not all(map(all_finite, answers)) and (fewer := without_zeros(direction)) is not None:
        return output_tangents(f, point, fewer)
    return answers


def product(
    f: Function, setting: Prepared, point: dict[str, Any], names: tuple[str, ...], moving: dict[str, Any]
) -> Gradient:  # fmt: skip
    """The Hessian times a direction, by a kernel or by sweeps over the gradient list."""
    along = tuple(moving)
    found = derivatives(f, setting, ("jvp", along), tangents_along(f, along), point, tuple(moving.values()))
    if found is not None:
        answer = Gradient(names, found, f.under_clock(lambda: hvp(f, setting, point, names, moving).notes))
    else:
        answer = with_kinks_checked(f, hvp(f, setting, point, names, moving))
    if not all(map(all_finite, answer)) and (fewer := without_zeros(moving)) is not None:
        return product(f, setting, point, names, fewer)
    return answer


def without_zeros(direction: dict[str, Any]) -> dict[str, Any] | None:
    """The direction without its zero entries, as a singular derivative times 0 would be nan; None if it has no
    zeros."""
    fewer = {n: v for n, v in direction.items() if (v != 0.0 if type(v) is float else bool((v != 0.0).any()))}
    return fewer if len(fewer) < len(direction) else None


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
    return Gradient(f.inputs, answers, f.under_clock(lambda: noted(call, tape, f.inputs, f.kink, None)))


def hvp(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: tuple[str, ...], moving: dict[str, Any]
) -> Gradient:  # fmt: skip
    call = setting.at(point)
    direction = call.direction(moving)
    if call.arrays and f.kink != "error":
        along = tuple(direction)
        further, n = [direction[name] for name in along], len(call.wlist.outputs)
        found = by_loops(f, setting, ("jvp", along), masked(tangents_along(f, along), False), call, further)[0]
        if found is not None and all(map(all_finite, (*found[:n], *further))):
            return Gradient(names, found[n:], f.under_clock(lambda: _swept_hvp(f, call, names, direction).notes))
    return _swept_hvp(f, call, names, direction)


def _swept_hvp(f: Function, call: Evaluation, names: tuple[str, ...], direction: dict[str, Any]) -> Gradient:
    with call:
        call.check()
        tape = forward_sweep(call.wlist, call.values, call.apply)
        answers = moved_outputs(call, tape, direction, call.wlist.outputs, f.kink)
    return Gradient(names, answers, f.under_clock(lambda: noted(call, tape, f.inputs, f.kink, None)))


def matrix(
    f: Function,
    setting: Prepared,
    point: Mapping[str, Any],
    names: tuple[str, ...],
    rows: tuple[str, ...],
    mode: str,
    rows_in: tuple[str, ...] = (),
) -> Matrix:
    from ...kernels.modes import planned  # a gradient needs none

    plan = setting.plans.get((names, mode)) if isinstance(mode, str) else None
    if plan is None:
        call = setting.at(point)
        plan = planned(call, names, call.wlist.outputs, mode)
        if not setting.arrays:
            setting.plans[names, mode] = plan
    found = derivatives(f,
        setting, ("jacobian", names, mode),
        lambda wlist, masked: _derived().with_jacobian(wlist, names, plan, f.kink, f.limits, masked), point, (),
        plan.sweeps,
    )  # fmt: skip
    if found is not None:
        n = len(names)
        blocks = [found[k * n : (k + 1) * n] for k in range(len(rows))]

        def notes() -> Notes:
            with setting.at(point) as call:
                make = jacobian(call, names, f.kink, plan, rows_in)[1]
            made: Notes = make()
            return made

        return Matrix(rows, names, blocks, f.under_clock(notes), plan)
    with setting.at(point) as call:
        swept, told_by = jacobian(call, names, f.kink, plan, rows_in, mode == AUTO)
    return with_kinks_checked(f, Matrix(rows, names, swept, f.under_clock(told_by), plan))
