"""An `apply` that writes equations instead of computing: with it, a sweep writes a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import copysign, inf, prod
from operator import itemgetter
from typing import Any

from ..ground.limits import UNTRUSTED, WIDE, Limits, Tally
from ..ground.names import fresh
from ..ground.tuples import NamedTuple
from ..lists.shapes import declared, of_arrays
from ..lists.wengert_list import Atom, Equation, Provenance, WengertList, assemble, table_of
from ..ops import CONSTANTS, RESHAPE_LIKE, SPREAD_LIKE, SUM_LIKE, ZEROS
from ..ops.shapes.dimensions import Mismatch, Shape, broadcast, shape_rule
from ..sweeps.interpretation import Interpretation
from .patterns import telling_ops

# Ops that bring their first argument to the shape of the second.
_LIKE = frozenset((RESHAPE_LIKE, SPREAD_LIKE, SUM_LIKE))

_new = tuple.__new__  # a named tuple without the cost of its constructor
Rewrite = Callable[["Builder", str, tuple[Atom, ...]], "Atom | None"]
Replay = Callable[..., bool]


class Step(NamedTuple):
    """An equation to be written over and over: its op, and a function that picks its inputs from a list of slots.

    zero   whether a literal 0 is among them
    place  where in the list of places its span is found, -1 if it has none
    apart  whether it is in its last form only while its inputs differ, as max(a, a) is a
    """

    op: str
    pick: Callable[[Sequence[Any]], tuple[Any, ...]]
    zero: bool
    place: int
    apart: bool = False


def picking(slots: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """A function that returns the values at these slots, as a tuple."""
    if len(slots) == 1:
        (slot,) = slots
        return lambda values: (values[slot],)
    return itemgetter(*slots)


class Names(dict[str, Any]):
    """A tape on which the value of every name is the name itself."""

    def __missing__(self, name: str) -> str:
        return name


class Builder(Interpretation):
    """Writes equations, and shares those that it has written already: the same op on the same inputs is one equation.

    `rewrites` are tried first; one that answers an atom saves the equation. `span` and `origin`, when set, are noted
    beside each new equation as its provenance. The equations of `start` are shared too, unless `share` says no.
    Passing `limits.equations` raises LimitError: every equation written counts, be it taken back again or not.

    For a list over arrays it is `shaped`: it keeps the shape of every name, as far as that is known (`shapes` gives the
    inputs'), and leaves out an op that would only bring a value to the shape that it has.
    """

    writes = True

    def __init__(
        self, start: WengertList | None = None, rewrites: Iterable[Rewrite] = (), limits: Limits = UNTRUSTED,
        taken: Iterable[str] = (), prefix: str = "v", share: bool = True, shapes: Mapping[str, Shape] | None = None,
    ) -> None:  # fmt: skip
        if shapes is None and start is not None and of_arrays(start):
            shapes = declared(start)
        self.shaped = shapes is not None
        self.shapes: dict[Any, Shape] = dict(shapes or {})
        self.table = table_of(start.ops if start is not None else ())
        self.equations: list[Equation] = []
        self.spans: list[Any] = []
        self.origins: dict[str, str] = {}
        self.known: defaultdict[str, dict[tuple[Any, ...], str]] = defaultdict(dict)  # by op and inputs
        self.defined: dict[str, int] = {}
        # By name, the op and the inputs of an equation that an exact identity may look into.
        self.heads: dict[Any, tuple[str, tuple[Any, ...]]] = {}
        self.taken: set[str] = set(taken)
        # An input may have the name of a constant.
        self.given: Collection[Any] = () if start is None else frozenset(start.inputs)
        self.rewrites = tuple(rewrites)
        self.telling: Collection[str] = telling_ops() if self.rewrites else ()
        self.tally = Tally(limits, "equations", "the list grows too long")
        self.opaque: Collection[str] = ()
        # From here on equations were renamed, and `known` is not yet up to date.
        self._stale: int | None = None
        self._replay: Replay | None = None
        self.span: Any = None
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
        if telling := self.telling:
            self.heads = {output: (op, inputs) for output, op, inputs in start.equations if op in telling}
        if share:
            known = self.known
            for output, op, inputs in reversed(start.equations):
                known[op][_key(inputs) if 0.0 in inputs else inputs] = output

    def derived(self, k: int) -> Any:
        """The item of the spans for equations that are written for the derivative of equation k."""
        found = self.spans[k]
        if not isinstance(found, tuple) or len(found) > 3:  # a template has numbers instead of spans
            return found
        return (*found, *(None,) * (3 - len(found)), self.equations[k].output)

    def __call__(self, op: str, *args: Any) -> Any:
        if self.shaped and op in _LIKE and (want := self.shape(args[1])) is not None and self.shape(args[0]) == want:
            return args[0]
        if self.shaped and op == ZEROS and self.shape(args[0]) == ():
            return 0.0
        for rewrite in self.rewrites:
            if (answer := rewrite(self, op, args)) is not None:
                return answer
        if self._stale is not None:
            self._index()
        name = self.known[op].get(_key(args))
        if name is None:
            name = next(self._fresh)
            self.write(_new(Equation, (name, op, args)), self.span)
        return name

    def replaying(self) -> Replay:
        """A function that writes steps, given the values of their slots, a span and places. It is valid while equations
        are only added.

        The values are extended by the name of each step, and existing equations are shared. A step has the span of the
        equation at its place, or the one given. Nothing is rewritten: at a step that may not be in its last form it
        stops, and returns False.
        """
        if self._stale is not None:
            self._index()
        if self._replay is None:
            self._replay = self._replayer()
        return self._replay

    def _replayer(self) -> Replay:
        known, equations, spans, defined, following = self.known, self.equations, self.spans, self.defined, self._fresh
        telling, heads, spend = self.telling, self.heads, self.tally.spend

        def write(steps: Iterable[Step], values: list[Any], span: Any, places: Sequence[int] = ()) -> bool:
            before = len(equations)
            for op, pick, zero, place, apart in steps:
                args = pick(values)
                if apart and len(set(args)) < len(args):
                    return False
                alike = known[op]
                key = _key(args) if zero else args
                name = alike.get(key)
                if name is None:
                    name = alike[key] = next(following)
                    defined[name] = len(equations)
                    equations.append(_new(Equation, (name, op, args)))
                    spans.append(spans[places[place]] if place >= 0 else span)
                    if op in telling:
                        heads[name] = op, args
                values.append(name)
            if len(equations) > before:
                spend(len(equations) - before)
            return True

        return write

    def write(self, equation: Equation, span: Any = None) -> None:
        """Append an equation as it is."""
        self.tally.spend(1 + len(equation.inputs) // WIDE)
        self._append(equation, span)

    def _append(self, equation: Equation, span: Any) -> None:
        if self.shaped:
            self.shapes[equation.output] = self._shape(equation)
        if self._stale is not None:
            self._index()
        output, op, inputs = equation
        self.defined[output] = len(self.equations)
        self.known[op].setdefault(_key(inputs), output)
        if op in self.telling:
            self.heads[output] = op, inputs
        self.equations.append(equation)
        self.spans.append(span)

    def shape(self, a: Atom) -> Shape:
        """The shape of an atom, as far as it is known."""
        return self.shapes.get(a) if type(a) is str and (a in self.given or a not in CONSTANTS) else ()

    def size(self, a: Atom) -> float:
        """The number of elements of an array if it is known. Adjoints of elements are then combined in the same groups
        as in a sweep over values, so that sums have the same bits."""
        shape: Any = self.shape(a) if self.shaped else None
        return float(prod(shape)) if shape and all(type(d) is int for d in shape) else inf

    def alike(self, a: Atom, b: Atom) -> bool:
        """Whether two atoms are known to have the same shape."""
        return (shape := self.shape(a)) is not None and shape == self.shape(b)

    def as_large(self, a: Atom, b: Atom) -> bool:
        """Whether a and b are known to broadcast to the shape of a."""
        if not self.shaped or self.shape(b) == ():
            return True
        try:
            both = broadcast(self.shape(a), self.shape(b))
        except Mismatch:
            return False
        return both is not None and None not in both and both == self.shape(a)

    def _shape(self, equation: Equation) -> Shape:
        row = self.table.get(equation.op)
        if row is not None and row.array is None:
            shapes = self.shapes
            if all(type(a) is not str or shapes.get(a) == () for a in equation.inputs):
                return ()  # for numbers, as most values in a long list are
        try:
            return None if row is None else shape_rule(row)(*map(self.shape, equation.inputs))
        except Mismatch:
            return None

    def written(self, op: str, args: tuple[Any, ...]) -> str | None:
        """The name of an existing equation for this op on these inputs."""
        if self._stale is not None:
            self._index()
        return self.known[op].get(_key(args))

    def definition(self, a: Atom) -> Equation | None:
        """The equation that defines a name, if there is one and the name is not `opaque`."""
        k = self.defined.get(a) if isinstance(a, str) and a not in self.opaque else None
        return None if k is None else self.equations[k]

    def definitions(self, equations: Iterable[Equation]) -> Callable[[str], Equation | None]:
        """A function from a name to the equation that defines it, here or in the list that is swept."""
        return self.definition

    def prune(self, first: int, roots: Iterable[Any]) -> None:
        """Remove the equations from `first` on that no root depends on: those that a rule wrote before one of its
        branches was dropped."""
        if self._stale is not None:
            self._index()
        equations, live = self.equations, set(roots)
        dropped = False
        for output, op, inputs in reversed(equations[first:]):
            if output in live:
                live.update(inputs)
            else:
                dropped = True
                del self.defined[output]
                self.known[op].pop(_key(inputs), None)
        if dropped:
            kept = [k for k in range(first, len(equations)) if equations[k][0] in live]
            equations[first:] = [equations[k] for k in kept]
            self.spans[first:] = [self.spans[k] for k in kept]
            self.defined.update(zip([e[0] for e in equations[first:]], range(first, len(equations))))

    def rename(self, wanted: dict[str, str], first: int = 0) -> dict[str, str]:
        """Give equations from `first` on the wanted names, or the nearest free ones. Returns the new names."""
        if self._stale is not None:
            self._index()
        became: dict[str, str] = {}
        defined, taken = self.defined, self.taken
        for old, name in wanted.items():
            if defined.get(old, -1) < first or old in became:
                continue
            if name in taken:
                name = next(fresh(name, taken, 2))
            taken.add(name)
            became[old] = name
        if became:
            now: Any = became.get
            renamed: list[Equation] = []
            for output, op, inputs in self.equations[first:]:
                if len(inputs) == 2:  # the common case, and faster than any number of them
                    a, b = inputs
                    atoms = now(a, a), now(b, b)
                else:
                    atoms = tuple([now(a, a) for a in inputs])
                renamed.append(_new(Equation, (now(output, output), op, atoms)))
            self.equations[first:] = renamed
            for old, name in became.items():
                if self.shaped:
                    self.shapes[name] = self.shapes.get(old)
                defined[name] = defined.pop(old)
                if old in self.origins:
                    self.origins[name] = self.origins.pop(old)
            self._stale = first
        return became

    def _index(self) -> None:
        """Bring `known` up to date with renamed equations. Their old names are never asked for again."""
        first, self._stale = self._stale, None
        telling, known = self.telling, self.known
        for output, op, inputs in reversed(self.equations[first:]):
            known[op][_key(inputs) if 0.0 in inputs else inputs] = output
            if op in telling:
                self.heads[output] = op, inputs

    def finish(
        self, like: WengertList, inputs: Iterable[str], outputs: Iterable[Atom], shapes: Mapping[str, Any] = {}
    ) -> WengertList:
        """The list written so far, with the ops and the source text of `like`, and `shapes` of further inputs."""
        provenance = Provenance(tuple(self.spans), dict(self.origins), like.provenance.source)
        sized = {**like.shapes, **shapes} if shapes else like.shapes
        return assemble(inputs, self.equations, outputs, like.ops, provenance, sized)


def _key(args: tuple[Any, ...]) -> tuple[Any, ...]:
    # 0.0 == -0.0, but they are not the same number.
    return tuple((copysign(1.0, a),) if a == 0.0 else a for a in args) if 0.0 in args else args
