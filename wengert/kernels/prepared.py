"""A list at a point: the interpretation that fits the values, and the values as it wants them.

Numbers alone are computed with as Python floats, without NumPy. Where a value is an array, or the list has to do with
arrays, all is computed with NumPy: the leading axes of the values, beyond the shapes of the inputs, are a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from ..ground.errors import DomainError, ShapeError, WengertError, error
from ..ground.limits import UNTRUSTED, Limits, exceeded
from ..lists.shapes import Bound, bind, decide_shapes, declared, inferred, of_arrays, undeclared
from ..lists.wengert_list import WengertList, assemble
from ..ops.shapes.dimensions import Shape, shown
from ..sweeps.rules import Apply
from ..sweeps.sweeping import forward_sweep, numbers
from .modes import ModePlan
from .routes import Route

if TYPE_CHECKING:
    from ..sweeps.arrays import Arrays

# Elements, about, of an intermediate of one piece of a batch.
PIECE = 1 << 15


class Setting:
    """A list made ready for calls: what of it depends on the shapes of the values alone is kept.

    `expanded`, if given, makes the list to run from the shapes of the inputs, as derivatives as expressions depend on
    them. `core` are the core shapes of the inputs, where they are not those that the list itself tells. Arrays are of
    `dtype`.
    """

    __slots__ = ("arrays", "core", "cores", "dtype", "expanded", "known", "limits", "loose", "plans", "routes",
                 "wlist")  # fmt: skip

    def __init__(
        self, wlist: WengertList, limits: Limits = UNTRUSTED,
        expanded: Callable[[Mapping[str, Shape]], WengertList] | None = None, core: dict[str, Shape] | None = None,
        dtype: str = "float64",
    ) -> None:  # fmt: skip
        self.wlist, self.limits, self.expanded = wlist, limits, expanded
        self.arrays = of_arrays(wlist)
        self.core, self.dtype = core, dtype
        self.loose: set[str] = set()
        self.cores: dict[tuple[Any, ...], dict[str, Shape]] = {}
        self.known: dict[tuple[Any, ...], tuple[WengertList, dict[str, Shape]]] = {}
        # How it is called over numbers, by what is asked for.
        self.routes: dict[Any, Route] = {}
        # How its Jacobian over numbers is computed, by names and mode.
        self.plans: dict[Any, ModePlan] = {}

    def over_numbers(self) -> WengertList:
        """The list where all inputs are numbers."""
        return self.wlist if self.expanded is None else self._fitted({})[0]

    def route(
        self, key: Any, derive: Callable[[WengertList], WengertList] | None, kernel: str, sweeps: int = 1
    ) -> Route:  # fmt: skip
        """The route of calls over numbers that `key` tells apart: to the list, or to what `derive` makes of it, which
        stands for so many sweeps."""
        found = self.routes.get(key)
        if found is None:
            wlist = self.over_numbers()

            def write() -> WengertList:
                return wlist if derive is None else derive(wlist)

            if len(self.routes) > 64:
                self.routes.clear()
            found = self.routes[key] = Route(len(wlist.equations) * max(sweeps, 1), write, self.limits, kernel)
        return found

    def at(self, point: Mapping[str, Any]) -> Call:
        """The list at a point. Raises ShapeError where the values do not fit, LimitError where they are too large."""
        if not self.arrays and all(type(v) is float for v in point.values()):
            return Call(self.over_numbers(), point, numbers(self.wlist.ops))
        from ..sweeps.arrays import Arrays  # NumPy comes with it

        if self.core is None:
            self.core, self.loose = declared(self.wlist), undeclared(self.wlist)
        core = self.core
        if any(type(point[n]) is not float for n in self.loose):
            core = self._settled(point)
        found = bind(self.wlist, core, point)
        wlist, shapes = self._fitted(found.shapes)
        return ArrayCall(wlist, found, Arrays(wlist.ops, found.batch, self.dtype), shapes, self.limits)

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

    def _fitted(self, given: Mapping[str, Shape]) -> tuple[WengertList, dict[str, Shape]]:
        """The list for these shapes of the inputs, and the shapes of all its names."""
        key = tuple(given.items())
        kept = self.known.get(key)
        if kept is None:
            inferred(self.wlist, given)
            wlist = self.wlist if self.expanded is None else self.expanded(given)
            shapes = inferred(wlist, given)
            self._spend(wlist, shapes)
            if len(self.known) > 64:
                self.known.clear()
            kept = self.known[key] = wlist, shapes
        return kept

    def _spend(self, wlist: WengertList, shapes: Mapping[str, Shape]) -> None:
        for k, e in enumerate(wlist.equations):
            if (size := _size(shapes.get(e.output))) > self.limits.elements:
                raise _too_large(self.limits, size, wlist, k)


def _size(shape: Shape) -> int:
    return prod(d for d in shape or () if isinstance(d, int))


def _too_large(limits: Limits, size: int, wlist: WengertList, k: int | None) -> WengertError:
    span, source = None if k is None else wlist.provenance.span(k), wlist.provenance.source
    problem = exceeded(limits, "elements", f"an array of {size:,} elements", span)
    return problem if source is None else problem.within(source)


class Call:
    """A list at a point of numbers. A context: sweeps run inside it."""

    batch: tuple[int, ...] = ()
    arrays = False

    def __init__(self, wlist: WengertList, values: Mapping[str, Any], apply: Apply) -> None:
        self.wlist, self.values, self.apply = wlist, values, apply

    def __enter__(self) -> Call:
        return self

    def __exit__(self, kind: Any, problem: Any, trace: Any) -> None:
        return None

    def shape(self, a: Any) -> tuple[int, ...]:
        """The core shape of an atom."""
        return ()

    def full(self, value: Any, like: Any) -> Any:
        """A result as the caller gets it: with the shape of an atom; None stands for zeros."""
        return 0.0 if value is None else value

    def one(self, like: Any) -> Any:
        """The adjoint that a reverse sweep starts with at a number."""
        return 1.0

    def direction(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Tangents or adjoints by name, as the sweeps want them. Raises ShapeError."""
        for name, v in values.items():
            if type(v) is not float and (shape := getattr(v, "shape", None)):
                raise _strange(name, shape, ())
        return dict(values)

    def check(self, blocks: Sequence[tuple[Any, Any]] = ()) -> None:
        """Refuse what is too large to be held, the batch and the derivatives of pairs of names included: where a sweep
        takes the batch as one. Raises LimitError."""

    def parts(self) -> list[Call]:
        """The call, in pieces of its batch that a sweep takes one after the other."""
        return [self]


class ArrayCall(Call):
    """A list at a point of arrays."""

    arrays = True

    def __init__(
        self, wlist: WengertList, found: Bound, apply: Arrays, shapes: dict[str, Shape], limits: Limits
    ) -> None:  # fmt: skip
        super().__init__(wlist, found.values, apply)
        self.found, self.shapes, self.limits, self.dtype = found, shapes, limits, apply.dtype
        # Arrays that the caller has: its own, and answers.
        self.handed: dict[int, Any] = {id(v): v for v in found.values.values()}
        import numpy as np

        n = found.batch
        leads = (v.shape[:n] for v in found.values.values() if type(v) is not float)
        self.batch = np.broadcast_shapes(*leads) if n else ()

    def check(self, blocks: Sequence[tuple[Any, Any]] = ()) -> None:
        batch, most = prod(self.batch), self.limits.elements
        for a, n in blocks:
            if (size := batch * prod(self.shape(a)) * prod(self.shape(n))) > most:
                raise _too_large(self.limits, size, self.wlist, None)
        if batch * max(map(_size, self.shapes.values()), default=1) <= most:
            return
        import numpy as np

        # What does not vary with the batch is not that large.
        leads = {n: v.shape[: self.found.batch] for n, v in self.values.items() if type(v) is not float}
        for k, (output, _, inputs) in enumerate(self.wlist.equations):
            leads[output] = np.broadcast_shapes(*(leads.get(a, ()) for a in inputs if type(a) is str))
            if (size := prod(leads[output]) * _size(self.shapes.get(output))) > most:
                raise _too_large(self.limits, size, self.wlist, k)

    def __enter__(self) -> Call:
        self.apply.__enter__()  # type: ignore[attr-defined]
        return self

    def __exit__(self, kind: Any, problem: Any, trace: Any) -> None:
        if isinstance(problem, DomainError) and problem.diagnostic.span is None:
            self._place(problem)
        self.apply.__exit__(kind, problem, trace)  # type: ignore[attr-defined]

    def _place(self, problem: DomainError) -> None:
        """Tell where an op refused its arguments: the sweep that it stopped knows of no text."""
        wlist, tape = self.wlist, dict(self.values)
        for k, e in enumerate(wlist.equations):
            try:
                tape.update(forward_sweep(assemble(tape, [e], (e.output,), wlist.ops), tape, self.apply))
            except DomainError:
                span, source = wlist.provenance.span(k), wlist.provenance.source
                problem.diagnostic = problem.diagnostic._replace(span=span, source=source)
                return

    def shape(self, a: Any) -> tuple[int, ...]:
        return tuple(self.shapes.get(a) or ()) if isinstance(a, str) else ()  # type: ignore[arg-type]

    def full(self, value: Any, like: Any) -> Any:
        import numpy as np

        shape = self.batch + self.shape(like)
        if prod(shape) > self.limits.elements:
            raise _too_large(self.limits, prod(shape), self.wlist, None)
        if value is None:
            return np.zeros(shape, self.dtype) if shape else 0.0
        if not shape:
            return float(value)
        if np.shape(value) == shape and value.flags.writeable and value.flags.owndata and id(value) not in self.handed:
            self.handed[id(value)] = value
            return value
        # A view, in which elements may share memory; or what the caller has already.
        return np.array(np.broadcast_to(value, shape), dtype=self.dtype)

    def parts(self) -> list[Call]:
        # What a sweep holds of a piece stays in cache, and a piece is long beside what its interpretation takes.
        if not self.batch or not self.wlist.equations:
            return [self]
        sizes = [prod(self.shape(e.output)) for e in self.wlist.equations]
        a_row = prod(self.batch[1:]) * max(1, sum(sizes) // len(sizes))
        rows = max(1, PIECE // max(a_row, 1))
        if self.batch[0] < 2 * rows:
            return [self]
        found: list[Call] = []
        for first in range(0, self.batch[0], rows):
            piece = slice(first, first + rows)
            values = {
                n: v if type(v) is float or v.shape[0] == 1 else v[piece] for n, v in self.found.values.items()
            }  # fmt: skip
            bound = Bound(values, self.found.shapes, self.found.batch, self.found.sizes)
            found.append(ArrayCall(self.wlist, bound, self.apply, self.shapes, self.limits))  # type: ignore[arg-type]
        return found

    def direction(self, values: Mapping[str, Any]) -> dict[str, Any]:
        import numpy as np

        found: dict[str, Any] = {}
        for name, v in values.items():
            want = self.shape(name)
            have = np.shape(v)
            n = len(self.batch)
            if type(v) is float and not want:
                found[name] = v
                continue
            try:
                whole = np.broadcast_to(v, have[: max(len(have) - len(want), 0)] + want)
            except ValueError:
                raise _strange(name, have, want) from None
            lead = whole.ndim - len(want)
            if lead > n:
                raise _strange(name, have, want)
            found[name] = whole.reshape((1,) * (n - lead) + whole.shape) if n else whole
        return found


def _strange(name: str, have: tuple[int, ...], want: tuple[int, ...]) -> WengertError:
    return error(ShapeError, "W702", f"the direction of `{name}` has the shape {shown(have)}, not {shown(want)}")
