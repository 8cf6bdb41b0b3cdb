"""A list prepared for calls: its interpretation, and everything that is kept between calls.

If all values are numbers, they are Python floats, and NumPy is not imported. If a value is an array, or the list has an
array input or an array op, everything is computed with NumPy. Axes of a value before those of its input's shape are
batch axes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ..ground.limits import UNTRUSTED, Limits
from ..lists.code import Code, code_of
from ..lists.shapes import bind, decide_shapes, declared, inferred, of_arrays, undeclared
from ..lists.wengert_list import WengertList
from ..ops import OPS
from ..ops.shapes.dimensions import Shape
from ..sweeps.numbers import Numbers
from .evaluation import Evaluation, size_of, too_large
from .requests import GradientOf

if TYPE_CHECKING:
    from .batches import BatchRoute
    from .elements import Differentiate, TakenApart
    from .looped import LoopRoute
    from .modes import ModePlan
    from .plans import PlanRoute
    from .routes import Route

# The list for given shapes of the inputs, the shapes of all its names, and a function that makes its code.
Fitted = tuple[WengertList, dict[str, Shape], Callable[[], Code]]


class Prepared:
    """A list prepared for calls. Everything that depends only on the shapes of the values is kept between calls.

    expanded  makes the list to run from the shapes of the inputs: derivatives as expressions depend on these
    core      the core shapes of the inputs, where the list does not tell them
    dtype     the type of the elements of arrays
    """

    __slots__ = ("alike", "arrays", "batches", "core", "cores", "dtype", "expanded", "generation", "known", "limits",
                 "loops", "loose", "planned", "plans", "routes", "wlist")  # fmt: skip

    def __init__(
        self, wlist: WengertList, limits: Limits = UNTRUSTED,
        expanded: Callable[[Mapping[str, Shape]], WengertList] | None = None, core: dict[str, Shape] | None = None,
        dtype: str = "float64",
    ) -> None:  # fmt: skip
        self.generation = OPS.generation
        self.wlist, self.limits, self.expanded = wlist, limits, expanded
        self.arrays = of_arrays(wlist)
        self.core, self.dtype = core, dtype
        self.loose: set[str] = set()
        self.cores: dict[tuple[Any, ...], dict[str, Shape]] = {}
        self.known: dict[tuple[Any, ...], Fitted] = {}
        # The same, by the names and shapes of the values, for calls without batch axes.
        self.alike: dict[tuple[Any, ...], Fitted] = {}
        # The routes of calls over numbers, by the values and derivatives that are asked for.
        self.routes: dict[Any, Route] = {}
        # The routes of calls with arrays, by the same keys.
        self.batches: dict[Any, BatchRoute] = {}
        # The plans of Jacobians over numbers, by names and mode.
        self.plans: dict[Any, ModePlan] = {}
        # The routes of calls over arrays, by the values and derivatives that are asked for and by the shapes.
        self.planned: dict[Any, PlanRoute] = {}
        # The routes of calls over arrays for long lists that compute with elements, by the same keys.
        self.loops: dict[Any, LoopRoute] = {}

    def over_numbers(self) -> WengertList:
        """The list for inputs that are all numbers."""
        return self.wlist if self.expanded is None else self._fitted({})[0]

    def route(
        self, key: Any, derive: Callable[[WengertList], WengertList] | None, kernel: str, sweeps: int = 1
    ) -> Route:  # fmt: skip
        """The route of calls over numbers for this `key`.

        It runs the list, or the list that `derive` makes of it. Without a kernel, such a call takes `sweeps` sweeps.
        """
        found = self.routes.get(key)
        if found is None:
            wlist = self.over_numbers()

            def write() -> WengertList:
                return wlist if derive is None else derive(wlist)

            if len(self.routes) > 64:
                self.routes.clear()
            from .routes import Primal, Route  # not needed by a command that evaluates nothing

            size = len(wlist.equations) * max(sweeps, 1)
            whole = Primal(wlist, derive) if derive is None or isinstance(derive, GradientOf) else None
            found = self.routes[key] = Route(size, write, self.limits, kernel, whole)
        return found

    def loop_route(
        self, key: Any, call: Evaluation, derive: Callable[[WengertList], WengertList] | None, kernel: str,
        values: Sequence[Any], gradient: tuple[Sequence[str], Differentiate] | None = None,
    ) -> LoopRoute | None:  # fmt: skip
        """The route of calls over arrays for this `key` and the shapes of `values`; None for a short list, and for a
        batch. `values` are those of the inputs and of the inputs that `derive` adds. For a gradient, `gradient` holds
        the names and the function that writes the gradient of a list over numbers."""
        from .looped import LONG, PATIENCE, LoopRoute  # numbers do without it

        wlist = call.wlist
        if len(wlist.equations) < LONG or call.axes or self.dtype != "float64":
            return None
        shapes = tuple([() if type(v) is float else v.shape for v in values])
        found, known = self.loops.get(at := (key, shapes)), call.shapes
        if found is None:
            from .elements import elements_of, gradient_over_elements

            def write() -> TakenApart | None:
                if gradient is not None:
                    apart = gradient_over_elements(wlist, known, *gradient)
                    if apart is not None:
                        return apart
                whole = wlist if derive is None else derive(wlist)
                return elements_of(whole, inferred(whole, dict(zip(whole.inputs, shapes))))

            if len(self.loops) > 64:
                self.loops.clear()
            size = len(wlist.equations) * (1 if derive is None else 2)
            found = self.loops[at] = LoopRoute(size, write, PATIENCE, self.limits, kernel)
        return found

    def plan_route(
        self, key: Any, call: Evaluation, derive: Callable[[WengertList], WengertList] | None, kernel: str
    ) -> PlanRoute:  # fmt: skip
        """The route of calls over arrays for this `key`, and for the shapes of the values of `call`."""
        shapes = tuple([None if type(v) is float else v.shape for v in call.values.values()])
        found = self.planned.get(at := (key, call.axes, shapes))
        if found is None:
            wlist = call.wlist

            def write() -> WengertList:
                return wlist if derive is None else derive(wlist)

            if len(self.planned) > 64:
                self.planned.clear()
            size = len(wlist.equations) * (1 if derive is None else 2)
            from .plans import PlanRoute  # numbers do without it

            found = self.planned[at] = PlanRoute(size, write, self.limits, kernel)
        return found

    def batch_route(
        self, key: Any, derive: Callable[[WengertList], WengertList] | None, kernel: str, sweeps: int = 1
    ) -> BatchRoute:  # fmt: skip
        """The route of calls with arrays for this `key`, of a list over numbers; see `route`."""
        found = self.batches.get(key)
        if found is None:
            from .batches import BatchRoute  # imports NumPy, which numbers do without

            wlist = self.over_numbers()

            def write() -> WengertList:
                return wlist if derive is None else derive(wlist)

            if len(self.batches) > 64:
                self.batches.clear()
            size = len(wlist.equations) * max(sweeps, 1)
            found = self.batches[key] = BatchRoute(size, write, self.limits, kernel, self.dtype)
        return found

    def at(self, point: Mapping[str, Any]) -> Evaluation:
        """The list at a point. Raises ShapeError if the values do not fit, LimitError if they are too large."""
        if not self.arrays and all(type(v) is float for v in point.values()):
            return Evaluation(self.over_numbers(), point, Numbers(self.wlist.ops), self.limits)
        from ..sweeps.arrays import Arrays  # imports NumPy, which numbers do without

        alike = tuple(point), tuple([None if type(v) is float else v.shape for v in point.values()])
        if (fitted := self.alike.get(alike)) is not None:
            wlist, shapes, code = fitted
            return Evaluation(wlist, point, Arrays(wlist.ops, 0, self.dtype), self.limits, shapes, 0, code)
        if self.core is None:
            self.core, self.loose = declared(self.wlist), undeclared(self.wlist)
        import numpy as np

        # A caller's array may have any layout, and a sweep reads it often.
        point = {n: v if type(v) is float else np.ascontiguousarray(v) for n, v in point.items()}
        core = self.core
        if any(type(point[n]) is not float for n in self.loose):
            core = self._settled(point)
        values, given, axes = bind(self.wlist, core, point)
        wlist, shapes, code = fitted = self._fitted(given)
        if not axes:
            if len(self.alike) > 64:
                self.alike.clear()
            self.alike[alike] = fitted
        apply = Arrays(wlist.ops, axes, self.dtype)
        return Evaluation(wlist, values, apply, self.limits, shapes, axes, code)

    def _settled(self, point: Mapping[str, Any]) -> dict[str, Shape]:
        """The core shapes of the inputs, for the shapes of these values."""
        assert self.core is not None
        key = tuple([(n, getattr(v, "shape", ())) for n, v in point.items()])
        found = self.cores.get(key)
        if found is None:
            if len(self.cores) > 64:
                self.cores.clear()
            found = self.cores[key] = decide_shapes(self.wlist, self.core, self.loose, point)
        return found

    def _fitted(self, given: Mapping[str, Shape]) -> Fitted:
        """The list for these shapes of the inputs, and the shapes of all its names."""
        key = tuple(given.items())
        kept = self.known.get(key)
        if kept is None:
            wlist, shapes = self.wlist, inferred(self.wlist, given)
            if self.expanded is not None:
                wlist = self.expanded(given)
                shapes = inferred(wlist, given)
            self._spend(wlist, shapes)
            if len(self.known) > 64:
                self.known.clear()
            kept = self.known[key] = wlist, shapes, cache(lambda: code_of(wlist))
        return kept

    def _spend(self, wlist: WengertList, shapes: Mapping[str, Shape]) -> None:
        for k, e in enumerate(wlist.equations):
            if (size := size_of(shapes.get(e.output))) > self.limits.elements:
                raise too_large(self.limits, size, wlist, k)
