"""An `apply` that writes equations instead of computing: behind a sweep, it makes the sweep write a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import copysign
from operator import itemgetter
from typing import Any, NamedTuple

from ..ground.errors import Span
from ..ground.limits import UNTRUSTED, WIDE, Limits, Tally
from ..ground.names import fresh
from ..lists.shapes import declared, of_arrays
from ..lists.wengert_list import Atom, Equation, Provenance, WengertList, assemble, table_of
from ..ops import CONSTANTS, RESHAPE_LIKE, SPREAD_LIKE, SUM_LIKE, ZEROS
from ..ops.shapes.dimensions import Mismatch, Shape, broadcast, shape_rule

# Ops that bring their first argument to the shape of the second.
_LIKE = frozenset((RESHAPE_LIKE, SPREAD_LIKE, SUM_LIKE))

_equation = tuple.__new__  # a named tuple without its own constructor's price
Rewrite = Callable[["Builder", str, tuple[Atom, ...]], "Atom | None"]


class Step(NamedTuple):
    """An equation to be written over and over: its op, and what picks its inputs from a list of slots.

    zero   whether a literal 0 is among them
    place  where in the list of places its span is found, -1 if it has none
    """

    op: str
    pick: Callable[[Sequence[Any]], tuple[Any, ...]]
    zero: bool
    place: int


def picking(slots: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """What picks the values at these slots, as a tuple."""
    if len(slots) == 1:
        (slot,) = slots
        return lambda values: (values[slot],)
    return itemgetter(*slots)


class Names(dict[str, Any]):
    """A tape on which every name has itself for its value."""

    def __missing__(self, name: str) -> str:
        return name


class Builder:
    """Writes equations, and shares what it has written already: the same op on the same inputs is one equation.

    `rewrites` are tried first; one that answers an atom saves the equation. `span` and `origin`, when set, are noted
    beside each new equation as its provenance. What `start` holds is shared too, unless `share` says no. Passing
    `limits.equations` raises LimitError: what is written counts, be it taken back again or not.

    For a list over arrays it is `shaped`: it keeps the shape of every name, as far as that is known (`shapes` gives the
    inputs'), and leaves out what would only bring a value to the shape that it has.
    """

    def __init__(
        self, start: WengertList | None = None, rewrites: Iterable[Rewrite] = (), limits: Limits = UNTRUSTED,
        taken: Iterable[str] = (), prefix: str = "v", share: bool = True, shapes: Mapping[str, Shape] | None = None,
    ) -> None:  # fmt: skip
        if shapes is None and start is not None and of_arrays(start):
            shapes = declared(start)
        self.shaped = shapes is not None
        # Set while a partial derivative is written: a factor, which may be a number where an array would be all alike.
        self.partial = False
        self.shapes: dict[Any, Shape] = dict(shapes or {})
        self.table = table_of(start.ops if start is not None else ())
        self.equations: list[Equation] = []
        self.spans: list[Any] = []
        self.origins: dict[str, str] = {}
        self.known: defaultdict[str, dict[tuple[Any, ...], str]] = defaultdict(dict)  # by op and inputs
        self.defined: dict[str, int] = {}
        self.taken: set[str] = set(taken)
        self.rewrites = tuple(rewrites)
        self.tally = Tally(limits, "equations", "the list grows too long")
        self.opaque: Collection[str] = ()
        self.span: Span | None = None
        if start is not None:
            self.origins.update(start.provenance.origins)
            self._begin(start, share)
        self._fresh = fresh(prefix, self.taken)

    def _begin(self, start: WengertList, share: bool) -> None:
        self.tally.spend(len(start.equations))
        self.equations += start.equations
        spans = start.provenance.spans
        self.spans = [*spans, *[None] * (len(start.equations) - len(spans))]
        self.defined = dict(zip(map(itemgetter(0), start.equations), range(len(start.equations))))
        self.taken.update(start.inputs, self.defined, CONSTANTS)
        if self.shaped:
            for e in start.equations:
                self.shapes[e.output] = self._shape(e)
        if share:
            for output, op, inputs in reversed(start.equations):
                self.known[op][_key(inputs)] = output

    def __call__(self, op: str, *args: Any) -> Any:
        if self.shaped and op in _LIKE and (want := self.shape(args[1])) is not None and self.shape(args[0]) == want:
            return args[0]
        if self.shaped and op == ZEROS and self.shape(args[0]) == ():
            return 0.0
        for rewrite in self.rewrites:
            if (answer := rewrite(self, op, args)) is not None:
                return answer
        name = self.known[op].get(_key(args))
        if name is None:
            name = next(self._fresh)
            self.write(Equation(name, op, args), self.span)
        return name

    def replay(self, steps: Iterable[Step], values: list[Any], places: Sequence[int]) -> None:
        """Write steps over the slots of `values`, which grows by the name of each; what is written already is shared.

        Steps are in their last form: nothing is rewritten. The span of one is that of the equation at its place.
        """
        before = len(self.equations)
        known, equations, spans, defined, following = self.known, self.equations, self.spans, self.defined, self._fresh
        for op, pick, zero, place in steps:
            args = pick(values)
            key = _key(args) if zero else args
            alike = known[op]
            name = alike.get(key)
            if name is None:
                name = alike[key] = next(following)
                defined[name] = len(equations)
                equations.append(_equation(Equation, (name, op, args)))
                spans.append(spans[places[place]] if place >= 0 else None)
            values.append(name)
        self.tally.spend(len(equations) - before)

    def write(self, equation: Equation, span: Any = None) -> None:
        """Append an equation as it is."""
        self.tally.spend(1 + len(equation.inputs) // WIDE)
        self._append(equation, span)

    def _append(self, equation: Equation, span: Any) -> None:
        if self.shaped:
            self.shapes[equation.output] = self._shape(equation)
        self.defined[equation.output] = len(self.equations)
        self.known[equation.op].setdefault(_key(equation.inputs), equation.output)
        self.equations.append(equation)
        self.spans.append(span)

    def shape(self, a: Atom) -> Shape:
        """The shape of an atom, as far as it is known."""
        return self.shapes.get(a) if type(a) is str and a not in CONSTANTS else ()

    def alike(self, a: Atom, b: Atom) -> bool:
        """Whether two atoms are known to have the same shape."""
        return (shape := self.shape(a)) is not None and shape == self.shape(b)

    def as_large(self, a: Atom, b: Atom) -> bool:
        """Whether what a and b broadcast to is known to have the shape of a."""
        if not self.shaped or self.shape(b) == ():
            return True
        try:
            both = broadcast(self.shape(a), self.shape(b))
        except Mismatch:
            return False
        return both is not None and None not in both and both == self.shape(a)

    def _shape(self, equation: Equation) -> Shape:
        row = self.table.get(equation.op)
        try:
            return None if row is None else shape_rule(row)(*map(self.shape, equation.inputs))
        except Mismatch:
            return None

    def written(self, op: str, args: tuple[Any, ...]) -> str | None:
        """The name of an equation written already for this op on these inputs."""
        return self.known[op].get(_key(args))

    def definition(self, a: Atom) -> Equation | None:
        """The equation that defines a name, if there is one and the name is not `opaque`."""
        k = self.defined.get(a) if isinstance(a, str) and a not in self.opaque else None
        return None if k is None else self.equations[k]

    def prune(self, first: int, roots: Iterable[Any]) -> None:
        """Take back the equations from `first` on that none of `roots` depends on: what a rule wrote before one of its
        branches fell away."""
        live, kept = set(roots), []
        for k in range(len(self.equations) - 1, first - 1, -1):
            if self.equations[k].output in live:
                live.update(self.equations[k].inputs)
                kept.append((self.equations[k], self.spans[k]))
        for e in self.equations[first:]:
            del self.defined[e.output]
            self.known[e.op].pop(_key(e.inputs), None)
        del self.equations[first:], self.spans[first:]
        for e, span in reversed(kept):
            self._append(e, span)

    def rename(self, wanted: dict[str, str], first: int = 0) -> dict[str, str]:
        """Give equations from `first` on the names wanted for them, or the nearest free ones; what each became."""
        became: dict[str, str] = {}
        for old, name in wanted.items():
            if self.defined.get(old, -1) < first or old in became:
                continue
            if name in self.taken:
                name = next(fresh(name, self.taken, 2))
            self.taken.add(name)
            became[old] = name
        if became:
            for k in range(first, len(self.equations)):
                output, op, inputs = self.equations[k]
                self.known[op].pop(_key(inputs), None)
                atoms = tuple(became.get(a, a) if isinstance(a, str) else a for a in inputs)
                e = Equation(became.get(output, output), op, atoms)
                self.equations[k] = e
                self.defined[e.output] = k
                self.known[e.op].setdefault(_key(e.inputs), e.output)
            for old, name in became.items():
                if self.shaped:
                    self.shapes[name] = self.shapes.get(old)
                del self.defined[old]
                if old in self.origins:
                    self.origins[name] = self.origins.pop(old)
        return became

    def finish(
        self, like: WengertList, inputs: Iterable[str], outputs: Iterable[Atom], shapes: Mapping[str, Any] = {}
    ) -> WengertList:
        """The list written so far, with the ops and the source text of `like`, and `shapes` of further inputs."""
        provenance = Provenance(tuple(self.spans), dict(self.origins), like.provenance.source)
        sized = {**like.shapes, **shapes} if shapes else like.shapes
        return assemble(inputs, self.equations, outputs, like.ops, provenance, sized)


def _key(args: tuple[Any, ...]) -> tuple[Any, ...]:
    # 0.0 == -0.0, and they are not the same number.
    return tuple((copysign(1.0, a),) if a == 0.0 else a for a in args) if 0.0 in args else args
