"""A compiled program whose calls over numbers are answered by kernels, where one pays by now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

from ..ground.errors import UsageError, error, suggestion
from ..ground.limits import check_clock, clock_runs, within
from ..kernels.arguments import number
from ..kernels.derived import with_gradient, with_jacobian
from ..kernels.jacobians import jacobian, moved_outputs, value_and_gradient, values_of
from ..kernels.kernel import Run
from ..kernels.modes import planned
from ..kernels.prepared import Prepared
from ..kernels.routes import Route
from ..lists.wengert_list import WengertList
from ..sweeps.forward import depending, forward_sweep
from ..sweeps.masks import masked_derivatives, weighted_sum
from ..sweeps.notes import noted
from ..sweeps.reverse import ReverseRequest, reverse_sweep
from ..sweeps.rules import rules_for
from .lists import Compiled
from .results import Gradient, Matrix, Notes

# What answers a plain call at once: a kernel's callable, how many numbers it takes, the inputs, what makes notes, and
# its route.
Ready = tuple[Run, int, tuple[str, ...], Callable[[tuple[float, ...]], Notes], Route]
# Makes a list of derivatives, values first, of a list.
Derive = Callable[[WengertList], WengertList]


Told = TypeVar("Told", Gradient, Matrix)


class Routed(Compiled):
    """What a Function knows of its kernels."""

    _value_ready: Ready | None = None
    _gradient_ready: Ready | None = None
    _ran: Route | None = None

    def _by_kernel(
        self, setting: Prepared, key: Any, derive: Derive | None, point: Mapping[str, Any],
        further: Sequence[Any] = (), sweeps: int = 1,
    ) -> tuple[float, ...] | None:  # fmt: skip
        """The outputs of a list, or of what `derive` makes of it, at a point of numbers, if a kernel pays by now.

        `further` are the values of further inputs of what `derive` makes. `sweeps` is how many sweeps it stands for.
        """
        self._ran = None
        inputs = setting.wlist.inputs
        if setting.arrays or len(point) != len(inputs) or derive is not None and self.kink == "error":
            return None
        if any(type(v) is not float for v in (*point.values(), *further)):
            return None
        self._ran = setting.route(key, derive, self.asked, sweeps)
        run = self._ran.called()
        found = None if run is None else run(*[point[n] for n in inputs], *further)
        return None if found is None else (found[0], *found[1])

    def _derivatives(
        self, setting: Prepared, key: Any, derive: Derive, point: Mapping[str, Any], further: Sequence[Any] = (),
        sweeps: int = 1,
    ) -> tuple[float, ...] | None:  # fmt: skip
        """The derivatives of a list that `derive` makes, as `_by_kernel`; None too where a value is not finite."""
        found = self._by_kernel(setting, key, derive, point, further, sweeps)
        if found is None:
            return None
        n = len(setting.wlist.outputs)
        return found[n:] if all(map(isfinite, found[:n])) and all(map(isfinite, further)) else None

    def _ready(self) -> Ready | None:
        """What the route that ran last leaves for plain calls."""
        route = self._ran
        if route is None or route.run is None:
            return None
        return route.run, len(self.inputs), self.inputs, self._notes_of, route

    def _gradient_of(self, names: tuple[str, ...]) -> Derive:
        return lambda wlist: with_gradient(wlist, names, self.kink, self.limits)

    def _notes_of(self, values: tuple[float, ...]) -> Notes:
        return self._notes_at(self.inputs, dict(zip(self.inputs, values)))

    def _notes_at(self, names: tuple[str, ...], point: Mapping[str, Any]) -> Notes:
        """The notes on the derivatives in some names at a point of numbers, which the sweeps work out."""
        with within(self.limits):
            call = self._single(names).at(point)
            notes: Notes = value_and_gradient(call, names, self.kink, "reverse", False)[2]()
            return notes

    def bind(self, what: str = "value_and_grad") -> Callable[..., tuple[float, ...]]:
        """The bare function over numbers: floats by position in, a plain tuple out, by a kernel from the first call on.

        what  "value": the values of the outputs; "value_and_grad": the value, then its derivatives in all inputs

        Raises UsageError for anything else, for a program over arrays, and when it is called with too few numbers or
        too many.
        """
        if what not in ("value", "value_and_grad"):
            help = suggestion(str(what), ("value", "value_and_grad")) or "value or value_and_grad"
            raise error(UsageError, "W604", f"there is no `{what}` to bind", help=help)
        if self._running.arrays:
            raise error(UsageError, "W609", "bind: only for programs over numbers, and this one is over arrays")
        if what != "value":
            self._single(None)
        gradient = what != "value"
        derive = self._gradient_of(self.inputs) if gradient else None
        # Where a kink is an error, notes decide whether there is an answer: the sweeps make them.
        run = None
        if not gradient or self.kink != "error":
            with within(self.limits):
                run = self._running.route(
                    ("gradient", self.inputs) if gradient else what, derive, self.asked
                ).prepared()
        count, values = len(self.inputs), len(self.outputs)

        def bound(*floats: float) -> tuple[float, ...]:
            if len(floats) != count:
                raise error(UsageError, "W605", f"{len(floats)} values for {count} inputs",
                            help=f"the inputs are {', '.join(self.inputs) or 'none'}")  # fmt: skip
            if clock_runs() is not None:
                check_clock()
            found = None if run is None else run(*floats)
            if found is None:
                floats = tuple(map(number, floats, self.inputs))
                found = None if run is None else run(*floats)
            if found is None or not isfinite(found[0]) or values > 1 and not all(map(isfinite, found[1])):
                return self._swept(floats, gradient)
            return found[0], *found[1]

        return bound

    def _swept(self, floats: Sequence[float], with_gradient: bool) -> tuple[float, ...]:
        """The values at a point of numbers, or the value and its gradient, as the sweeps find them."""
        point = dict(zip(self.inputs, floats))
        with within(self.limits):
            call = self._running.at(point)
            if not with_gradient:
                answers = values_of(call)
            else:
                value, partials, notes = value_and_gradient(call, self.inputs, self.kink, "reverse", False)
                answers = [value, *partials]
                if self.kink == "error":
                    notes()
            if self.strict and not all(map(isfinite, answers[: len(self.outputs)])):
                self._refuse(point)
        return tuple(answers)

    @property
    def kernel(self) -> str:
        """Which kernel ran last, and why, as a sentence."""
        return "sweeps: no kernel for this call" if self._ran is None else str(self._ran)

    # Where the sweeps answer

    def _told(self, found: Told) -> Told:
        """A result, whose notes are looked at now if a kink is an error."""
        if self.kink == "error":
            _ = found.notes
        return found

    def _pushed(self, point: Mapping[str, Any], direction: dict[str, Any]) -> list[Any]:
        with self._running.at(point) as call:
            wlist = call.wlist
            call.check()
            tape = forward_sweep(wlist, call.values, call.apply)
            answers = moved_outputs(call, tape, call.direction(direction), wlist.outputs, self.kink)
        if self.kink == "error":
            noted(call, tape, tuple(direction), self.kink, None)
        return answers

    def _pulled(self, point: Mapping[str, Any], weights: Mapping[str, Any]) -> Gradient:
        with self._running.at(point) as call:
            wlist = call.wlist
            call.check()
            tape = forward_sweep(wlist, call.values, call.apply)
            seeds: dict[str, Any] = {}
            for output, name in zip(wlist.outputs, self.outputs):
                if isinstance(output, str) and name in weights:
                    weight = call.direction({output: weights[name]})[output]
                    seeds[output] = seeds[output] + weight if output in seeds else weight
            rules, asked = rules_for(wlist.ops, self.kink), ReverseRequest(active=depending(wlist, self.inputs))
            adjoints = reverse_sweep(wlist, tape, seeds, call.apply, rules, asked)
            answers = [call.full(adjoints.get(n), n) for n in self.inputs]
            total = weighted_sum(tuple(seeds), tape, seeds, call.apply)
            answers = masked_derivatives(wlist, seeds, total, self.inputs, answers, rules)
        return Gradient(self.inputs, answers, self.clocked(lambda: noted(call, tape, self.inputs, self.kink, None)))

    def _hvp(
        self, setting: Prepared, point: Mapping[str, Any], names: tuple[str, ...], moving: dict[str, Any]
    ) -> Gradient:  # fmt: skip
        with setting.at(point) as call:
            glist = call.wlist
            call.check()
            tape = forward_sweep(glist, call.values, call.apply)
            answers = moved_outputs(call, tape, call.direction(moving), glist.outputs, self.kink)
        return Gradient(names, answers, self.clocked(lambda: noted(call, tape, self.inputs, self.kink, None)))

    def _matrix(
        self, setting: Prepared, point: Mapping[str, Any], names: tuple[str, ...], rows: tuple[str, ...], mode: str
    ) -> Matrix:
        call = setting.at(point)
        plan = setting.plans.get((names, mode))
        if plan is None:
            plan = planned(call, names, call.wlist.outputs, mode)
            if not call.arrays:
                setting.plans[names, mode] = plan
        found = self._derivatives(
            setting, ("jacobian", names, mode),
            lambda wlist: with_jacobian(wlist, names, plan, self.kink, self.limits), point, (), plan.sweeps,
        )  # fmt: skip
        if found is not None:
            n = len(names)
            blocks = [found[k : k + n] for k in range(0, len(rows) * n, n)]
            return Matrix(rows, names, blocks, self.clocked(lambda: jacobian(call, names, self.kink, plan)[1]()), plan)
        with call:
            swept, notes = jacobian(call, names, self.kink, plan)
        return self._told(Matrix(rows, names, swept, self.clocked(notes), plan))
