"""A list at a point: the values, and the interpretation that fits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from ..ground.errors import DomainError, ShapeError, WengertError, error
from ..ground.limits import Limits, exceeded
from ..lists.code import Code
from ..lists.wengert_list import WengertList, assemble
from ..ops.shapes.dimensions import Shape, shown
from ..sweeps.forward import forward_sweep

# About how many elements an intermediate value has in one piece of a batch.
PIECE = 1 << 15


class Evaluation:
    """A list at a point of numbers, or of arrays. It is the context (`with`) that sweeps run in.

    apply   the interpretation
    arrays  whether it computes with arrays; then `shapes` holds the shapes of all names, and the values have `axes`
            leading batch axes
    batch   the sizes of the batch axes
    code    a function that makes the list by position, for a list over arrays
    """

    __slots__ = ("apply", "arrays", "axes", "batch", "code", "handed", "limits", "shapes", "values", "wlist")

    def __init__(
        self, wlist: WengertList, values: Mapping[str, Any], apply: Any, limits: Limits,
        shapes: dict[str, Shape] | None = None, axes: int = 0, code: Callable[[], Code] | None = None,
    ) -> None:  # fmt: skip
        self.wlist, self.values, self.apply, self.limits = wlist, values, apply, limits
        self.arrays, self.axes, self.code = shapes is not None, axes, code
        self.shapes: dict[str, Shape] = shapes or {}
        self.batch: tuple[int, ...] = ()
        if shapes is None:
            return
        # Arrays that the caller holds: arguments and earlier answers. An answer must not share memory with any of them.
        self.handed: dict[int, Any] = {id(v): v for v in values.values()}
        if axes:
            import numpy as np

            self.batch = np.broadcast_shapes(*(v.shape[:axes] for v in values.values() if type(v) is not float))

    @property
    def given(self) -> dict[str, Shape]:
        """The core shapes of the inputs."""
        return {n: self.shapes[n] for n in self.values if n in self.shapes}

    def __enter__(self) -> Evaluation:
        if self.arrays:
            self.apply.__enter__()
        return self

    def __exit__(self, kind: Any, problem: Any, trace: Any) -> None:
        if self.arrays:
            if isinstance(problem, DomainError) and problem.diagnostic.span is None:
                self._place(problem)
            self.apply.__exit__(kind, problem, trace)

    def shape(self, a: Any) -> tuple[int, ...]:
        """The core shape of an atom."""
        return tuple(self.shapes.get(a) or ()) if isinstance(a, str) else ()  # type: ignore[arg-type]

    def full(self, value: Any, like: Any) -> Any:
        """A result for the caller, with the shape of the atom `like`. None stands for zeros."""
        if not self.arrays:
            return 0.0 if value is None else value
        import numpy as np

        shape = self.batch + self.shape(like)
        if prod(shape) > self.limits.elements:
            raise too_large(self.limits, prod(shape), self.wlist, None)
        if value is None:
            return np.zeros(shape, self.apply.dtype) if shape else 0.0
        if not shape:
            return float(value)
        if np.shape(value) == shape and value.flags.writeable and value.flags.owndata and id(value) not in self.handed:
            self.handed[id(value)] = value
            return value
        # Elements of a view may share memory, and the caller may hold this array already.
        return np.array(np.broadcast_to(value, shape), dtype=self.apply.dtype)

    def one(self, like: Any) -> Any:
        """The adjoint that a reverse sweep starts with at a number."""
        return 1.0

    def direction(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Tangents or adjoints by name, in shapes that the sweeps take. Raises ShapeError."""
        if not self.arrays:
            for name, v in values.items():
                if type(v) is not float and (shape := getattr(v, "shape", None)):
                    raise _strange(name, shape, ())
            return dict(values)
        import numpy as np

        found: dict[str, Any] = {}
        for name, v in values.items():
            want = self.shape(name)
            have = np.shape(v)
            n = len(self.batch)
            if type(v) is float and not want:
                found[name] = v
                continue
            v = np.ascontiguousarray(v) if have else v
            try:
                whole = np.broadcast_to(v, have[: max(len(have) - len(want), 0)] + want)
            except ValueError:
                raise _strange(name, have, want) from None
            lead = whole.ndim - len(want)
            if lead > n or any(d not in (1, size) for d, size in zip(whole.shape[:lead], self.batch[n - lead :])):
                raise _strange(name, have, want)
            found[name] = whole.reshape((1,) * (n - lead) + whole.shape) if n else whole
        return found

    def check(self, blocks: Sequence[tuple[Any, Any]] = ()) -> None:
        """Check that all arrays of a sweep over the whole batch are within the limit of elements.

        `blocks` are pairs of an output and an input whose derivative is held too. Raises LimitError.
        """
        if not self.arrays:
            return
        batch, most = prod(self.batch), self.limits.elements
        for a, n in blocks:
            if (size := batch * prod(self.shape(a)) * prod(self.shape(n))) > most:
                raise too_large(self.limits, size, self.wlist, None)
        if batch * max(map(size_of, self.shapes.values()), default=1) <= most:
            return
        import numpy as np

        # A value that does not vary with the batch is smaller than this bound: only values that vary are counted.
        leads = {n: v.shape[: self.axes] for n, v in self.values.items() if type(v) is not float}
        for k, (output, _, inputs) in enumerate(self.wlist.equations):
            leads[output] = np.broadcast_shapes(*(leads.get(a, ()) for a in inputs if type(a) is str))
            if (size := prod(leads[output]) * size_of(self.shapes.get(output))) > most:
                raise too_large(self.limits, size, self.wlist, k)

    def parts(self) -> list[Evaluation]:
        """The evaluation, cut along the first axis of its batch. A sweep takes one piece after the other."""
        # The values of a piece stay in cache, and a piece is long enough that the cost of each call does not matter.
        if not self.batch or not self.wlist.equations:
            return [self]
        sizes = [prod(self.shape(e.output)) for e in self.wlist.equations]
        a_row = prod(self.batch[1:]) * max(1, sum(sizes) // len(sizes))
        rows = max(1, PIECE // max(a_row, 1))
        if self.batch[0] < 2 * rows:
            return [self]
        found: list[Evaluation] = []
        for first in range(0, self.batch[0], rows):
            piece = slice(first, first + rows)
            values = {
                n: v if type(v) is float or v.shape[0] == 1 else v[piece] for n, v in self.values.items()
            }  # fmt: skip
            found.append(Evaluation(self.wlist, values, self.apply, self.limits, self.shapes, self.axes, self.code))
        return found

    def _place(self, problem: DomainError) -> None:
        """Give the error its place in the text, which the sweep that raised it does not know."""
        wlist, tape = self.wlist, dict(self.values)
        for k, e in enumerate(wlist.equations):
            try:
                tape.update(forward_sweep(assemble(tape, [e], (e.output,), wlist.ops), tape, self.apply))
            except DomainError:
                span, source = wlist.provenance.span(k), wlist.provenance.source
                problem.diagnostic = problem.diagnostic._replace(span=span, source=source)
                return


class Pieces:
    """The results of a call, joined from the pieces of its batch."""

    def __init__(self, call: Evaluation) -> None:
        self.call, self.parts = call, call.parts()
        self.answers: list[Any] = []
        self.at = 0

    def add(self, results: list[Any]) -> None:
        """Add the results of the next piece."""
        if len(self.parts) == 1:
            self.answers = results
            return
        if not self.answers:
            import numpy as np

            self.answers = [np.empty((self.call.batch[0], *r.shape[1:]), r.dtype) for r in results]
        rows = len(results[0])
        for whole, r in zip(self.answers, results):
            whole[self.at : self.at + rows] = r
        self.at += rows


def _strange(name: str, have: tuple[int, ...], want: tuple[int, ...]) -> WengertError:
    return error(ShapeError, "W702", f"the direction of `{name}` has the shape {shown(have)}, not {shown(want)}")


def size_of(shape: Shape) -> int:
    """The number of elements of a shape; unknown sizes are left out."""
    return prod(d for d in shape or () if isinstance(d, int))


def too_large(limits: Limits, size: int, wlist: WengertList, k: int | None) -> WengertError:
    """The error for an array over the limit of elements, at equation k if it is known."""
    span, source = None if k is None else wlist.provenance.span(k), wlist.provenance.source
    problem = exceeded(limits, "elements", f"an array of {size:,} elements", span)
    return problem if source is None else problem.within(source)
