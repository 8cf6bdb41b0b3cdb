"""How calls of a Function are answered: over numbers by a kernel as soon as one pays, else by sweeps."""

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
from .reasons import BATCH, FINITE, OWN, unserved

if TYPE_CHECKING:
    from ...kernels.elements import Differentiate
    from ..function import Function

# Makes of a list the list of its values and then its derivatives, masked or not.
Derive = Callable[[WengertList, bool], WengertList]


Told = TypeVar("Told", Gradient, Matrix)


def _derived() -> Any:
    """The module that writes derivatives for kernels: a first call needs none."""
    from ...kernels import derived

    return derived


def by_kernel(
    f: Function, setting: Prepared, key: Any, derive: Derive | None, point: Mapping[str, Any],
    further: Sequence[Any] = (), sweeps: int = 1,
) -> tuple[float, ...] | None:  # fmt: skip
    """The outputs at a point of numbers, of a list or of the list that `derive` makes of it, by a kernel.

    further  the values of the inputs that `derive` adds
    sweeps   the number of sweeps that the list from `derive` replaces

    The answer is None where no kernel pays yet.
    """
    demand(f.options.kernel)
    inputs = setting.wlist.inputs
    if why := unserved(f, setting, point, derive is not None):
        f._ran = why
        return None
    if any(type(v) is not float for v in (*point.values(), *further)):
        f._ran = BATCH
        return None
    # A name of this call's own: another thread may put its route in the place of this one.
    route = f._ran = setting.route(key, masked(derive, False), f.options.kernel, sweeps)
    run = route.called()
    found = None if run is None else run(*[point[n] for n in inputs], *further)
    return None if found is None else (found[0], *found[1])


def by_batch_kernel(
    f: Function, setting: Prepared, key: Any, derive: Derive | None, point: Mapping[str, Any],
    further: Sequence[Any] = (), sweeps: int = 1,
) -> list[Any] | None:  # fmt: skip
    """The outputs at a point with arrays, as `by_kernel` finds them at a point of numbers; derivatives are masked.

    The answer is None where no kernel pays yet, and where only the sweeps can tell why there is no answer.
    """
    inputs = setting.wlist.inputs
    if unserved(f, setting, point, derive is not None):
        return None
    values = [point[n] for n in inputs]
    if all(type(v) is float for v in values):
        return None
    from ...kernels.batch_calls import batch_shape, filled  # imports NumPy, which numbers do without

    shape = batch_shape(values)
    if shape is None or prod(shape) > f.limits.elements or batch_shape([*values, *further]) != shape:
        return None
    route = f._ran = setting.batch_route(key, masked(derive, True), f.options.kernel, sweeps)
    run = route.called(prod(shape))
    if run is None:
        return None
    try:
        return filled(run, [*values, *further], shape, route.outputs, f.dtype)
    except LimitError:
        raise
    except Exception:  # of a caller's own op: the sweeps tell where it is
        f._ran = OWN
        return None


class ReadyBatch:
    """Answers plain calls with arrays at once, as a `Ready` does those with floats."""

    __slots__ = ("count", "dtype", "f", "generation", "quickly", "route", "singular")

    def __init__(self, f: Function, setting: Prepared, key: Any, singular: bool = False) -> None:
        import numpy as np

        from ...kernels.batch_calls import quickly  # imports NumPy, which numbers do without

        # Whether a derivative that is not finite may have a limit, so that another way answers.
        self.singular = singular
        self.f, self.count, self.generation, self.quickly = f, len(f.inputs), setting.generation, quickly
        self.route, self.dtype = setting.batches[key], np.dtype(f.dtype)

    def __call__(self, args: tuple[Any, ...]) -> list[Any] | None:
        """The outputs; None where these are no plain arrays, or where only a longer way gives an answer."""
        f = self.f
        if len(args) != self.count or self.generation != OPS.generation:
            return None
        started = start(f.limits)
        try:
            found = self.quickly(self.route, args, self.dtype, f.limits.elements)
        except LimitError:
            raise
        except Exception:  # of a caller's own op: the sweeps tell where it is
            return None
        finally:
            stop(started)
        if found is None or f.strict and not all(map(all_finite, found)):
            return None
        f._ran = self.route
        return found

    def gradient(self, args: tuple[Any, ...]) -> tuple[Any, Gradient] | None:
        """A value and its gradient, from the outputs."""
        found = self(args)
        if found is None or self.singular and not all(map(all_finite, found[1:])):
            return None
        made = bare(Gradient, found[1:])
        made._at = NotesSource(self.f), *args
        return found[0], made


def batch_of_values(f: Function, point: Mapping[str, Any]) -> list[Any]:
    """The values at a point with arrays, by a kernel or by sweeps."""
    setting = f._lists.of_running
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
    """The value and its gradient at a point with arrays, by a kernel; None where no kernel pays yet. After one for all
    inputs, `plain` calls go to the kernel at once."""
    found = by_batch_kernel(f, setting, key, gradient_of(f, names), point)
    if found is None:
        return None
    if f.strict and not all_finite(found[0]):
        f._refuse(point)
    if plain:
        f._gradient_batch = ReadyBatch(f, setting, key, singular)
    return found[0], Gradient(names, found[1:], partial(notes_at, f, names, point))


def masked(derive: Derive | None, masked: bool) -> Callable[[WengertList], WengertList] | None:
    """The function that writes derivatives, masked or not."""
    if isinstance(derive, GradientOf):
        return GradientOf(derive.names, derive.kink, derive.limits, masked)
    return None if derive is None else lambda wlist: derive(wlist, masked)


def derivatives(
    f: Function, setting: Prepared, key: Any, derive: Derive, point: Mapping[str, Any], further: Sequence[Any] = (),
    sweeps: int = 1,
) -> Sequence[Any] | None:  # fmt: skip
    """The derivatives in the list that `derive` makes, by a kernel.

    The answer is None where no kernel pays yet, and, at a point of numbers, also where a value is not finite."""
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
    """The outputs of a list over arrays, or of the list that `derive` makes of it, in the shapes of `likes`, by a plan
    for the shapes of the values; None where no plan pays yet."""
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
    """The outputs of a long list over the elements of arrays, and whether a later call will make a kernel for them.
    `derive` makes a list of derivatives, to be computed instead; `further` are values of the inputs that it adds, and
    `names` the inputs of a gradient."""
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
    """The value, its derivatives in `names` and a function that makes the notes, by a plan or by sweeps."""
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
    """Have the plan that ran answer later calls with arrays of the same shapes at once, if it can."""
    from ...kernels.plans import PlanRoute  # there are arrays already
    from .ready_plan import ReadyPlan

    if isinstance(f._ran, PlanRoute) and not call.axes and f.kink != "error":
        ready = ReadyPlan(f, call, names, f._ran)
        if ready.serves:
            f._kept["plan", names] = ready


def planned_gradient(
    f: Function, args: tuple[Any, ...], values: Mapping[str, Any], wrt: Any
) -> tuple[Any, Gradient] | None:  # fmt: skip
    """The value and its gradient by a plan that is ready for these shapes, if there is one."""
    names = f.inputs if wrt is None else wrt
    ready = f._kept.get(("plan", names)) if type(names) is tuple else None
    found = None if ready is None else ready(args, values)
    if found is not None and f._lists.kinked and not all(map(all_finite, found[1])):
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
    """The names and the notes of a gradient that a kernel gave."""

    f: Function

    @property
    def names(self) -> tuple[str, ...]:
        return self.f.inputs

    def notes(self, values: tuple[float, ...]) -> Notes:
        return notes_at(self.f, self.f.inputs, dict(zip(self.f.inputs, values)))


def notes_at(f: Function, names: tuple[str, ...], point: Mapping[str, Any]) -> Notes:
    """The notes on the derivatives in `names` at a point. Sweeps work them out."""
    with within(f.limits):
        with f._lists.of_one_output(names).at(point) as call:
            make = value_and_gradient(call, names, f.kink, "reverse", False)[2]
        notes: Notes = make()
        return notes


# Answers by sweeps


def told(f: Function, found: Told) -> Told:
    """A result, after its notes were worked out if a kink is an error."""
    if f.kink == "error":
        _ = found.notes
    return found


def moved(f: Function, point: Mapping[str, Any], direction: dict[str, Any]) -> Sequence[Any]:
    """The tangents of the outputs along a direction, by a kernel or by sweeps."""
    names = tuple(direction)
    further = tuple(direction.values())
    found = derivatives(f, f._lists.of_running, ("jvp", names), tangents_along(f, names), point, further)
    answers = tangents_of(f, point, direction) if found is None else found
    if not all(map(all_finite, answers)) and (fewer := without_zeros(direction)) is not None:
        return moved(f, point, fewer)
    return answers


def product(
    f: Function, setting: Prepared, point: dict[str, Any], names: tuple[str, ...], moving: dict[str, Any]
) -> Gradient:  # fmt: skip
    """The Hessian times a direction, by a kernel or by sweeps over the gradient list."""
    along = tuple(moving)
    found = derivatives(f, setting, ("jvp", along), tangents_along(f, along), point, tuple(moving.values()))
    if found is not None:
        answer = Gradient(names, found, f._clocked(lambda: hvp(f, setting, point, names, moving).notes))
    else:
        answer = told(f, hvp(f, setting, point, names, moving))
    if not all(map(all_finite, answer)) and (fewer := without_zeros(moving)) is not None:
        return product(f, setting, point, names, fewer)
    return answer


def without_zeros(direction: dict[str, Any]) -> dict[str, Any] | None:
    """A direction without the names that it does not move, as a singular derivative times 0 is nan; None if it moves
    all of them."""
    fewer = {n: v for n, v in direction.items() if (v != 0.0 if type(v) is float else bool((v != 0.0).any()))}
    return fewer if len(fewer) < len(direction) else None


def tangents_of(f: Function, point: Mapping[str, Any], direction: dict[str, Any]) -> list[Any]:
    with f._lists.of_running.at(point) as call:
        wlist = call.wlist
        call.check()
        tape = forward_sweep(wlist, call.values, call.apply)
        answers = moved_outputs(call, tape, call.direction(direction), wlist.outputs, f.kink)
    if f.kink == "error":
        noted(call, tape, tuple(direction), f.kink, None)
    return answers


def adjoints_of(f: Function, point: Mapping[str, Any], weights: Mapping[str, Any]) -> Gradient:
    with f._lists.of_running.at(point) as call:
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
    return Gradient(f.inputs, answers, f._clocked(lambda: noted(call, tape, f.inputs, f.kink, None)))


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
            return Gradient(names, found[n:], f._clocked(lambda: _swept_hvp(f, call, names, direction).notes))
    return _swept_hvp(f, call, names, direction)


def _swept_hvp(f: Function, call: Evaluation, names: tuple[str, ...], direction: dict[str, Any]) -> Gradient:
    with call:
        call.check()
        tape = forward_sweep(call.wlist, call.values, call.apply)
        answers = moved_outputs(call, tape, direction, call.wlist.outputs, f.kink)
    return Gradient(names, answers, f._clocked(lambda: noted(call, tape, f.inputs, f.kink, None)))


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

        return Matrix(rows, names, blocks, f._clocked(notes), plan)
    with setting.at(point) as call:
        swept, told_by = jacobian(call, names, f.kink, plan, rows_in, mode == AUTO)
    return told(f, Matrix(rows, names, swept, f._clocked(told_by), plan))
