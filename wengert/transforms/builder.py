"""An `apply` that writes equations instead of computing: behind a sweep, it makes the sweep write a list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from math import copysign
from operator import itemgetter
from typing import Any, NamedTuple

from ..errors import Span
from ..limits import UNTRUSTED, Limits, exceeded
from ..names import fresh
from ..ops import CONSTANTS
from ..wengert_list import Atom, Equation, Provenance, WengertList, assemble

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
    `limits.equations` raises LimitError.
    """

    def __init__(
        self, start: WengertList | None = None, rewrites: Iterable[Rewrite] = (), limits: Limits = UNTRUSTED,
        taken: Iterable[str] = (), prefix: str = "v", share: bool = True,
    ) -> None:  # fmt: skip
        self.equations: list[Equation] = []
        self.spans: list[Any] = []
        self.origins: dict[str, str] = {}
        self.known: dict[tuple[str, tuple[Any, ...]], str] = {}
        self.defined: dict[str, int] = {}
        self.taken: set[str] = set(taken)
        self.rewrites = tuple(rewrites)
        self.limits = limits
        self.opaque: Collection[str] = ()
        self.span: Span | None = None
        if start is not None:
            self.origins.update(start.provenance.origins)
            self._begin(start, share)
        self._fresh = fresh(prefix, self.taken)

    def _begin(self, start: WengertList, share: bool) -> None:
        if len(start.equations) > self.limits.equations:
            raise exceeded(self.limits, "equations", "the list grows too long")
        self.equations += start.equations
        spans = start.provenance.spans
        self.spans = [*spans, *[None] * (len(start.equations) - len(spans))]
        self.defined = {e.output: k for k, e in enumerate(start.equations)}
        self.taken.update(start.inputs, self.defined, CONSTANTS)
        if share:
            for output, op, inputs in reversed(start.equations):
                self.known[_key(op, inputs) if 0.0 in inputs else (op, inputs)] = output

    def __call__(self, op: str, *args: Any) -> Any:
        for rewrite in self.rewrites:
            if (answer := rewrite(self, op, args)) is not None:
                return answer
        key = _key(op, args)
        name = self.known.get(key)
        if name is None:
            name = next(self._fresh)
            self.write(Equation(name, op, args), self.span)
        return name

    def replay(self, steps: Iterable[Step], values: list[Any], places: Sequence[int]) -> None:
        """Write steps over the slots of `values`, which grows by the name of each; what is written already is shared.

        Steps are in their last form: nothing is rewritten. The span of one is that of the equation at its place.
        """
        known, equations, spans, defined, following = self.known, self.equations, self.spans, self.defined, self._fresh
        for op, pick, zero, place in steps:
            args = pick(values)
            key = _key(op, args) if zero else (op, args)
            name = known.get(key)
            if name is None:
                name = known[key] = next(following)
                defined[name] = len(equations)
                equations.append(_equation(Equation, (name, op, args)))
                spans.append(spans[places[place]] if place >= 0 else None)
            values.append(name)
        if len(equations) > self.limits.equations:
            raise exceeded(self.limits, "equations", "the list grows too long")

    def write(self, equation: Equation, span: Any = None) -> None:
        """Append an equation as it is."""
        if len(self.equations) >= self.limits.equations:
            raise exceeded(self.limits, "equations", "the list grows too long")
        self.defined[equation.output] = len(self.equations)
        self.known.setdefault(_key(equation.op, equation.inputs), equation.output)
        self.equations.append(equation)
        self.spans.append(span)

    def written(self, op: str, args: tuple[Any, ...]) -> str | None:
        """The name of an equation written already for this op on these inputs."""
        return self.known.get(_key(op, args))

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
            self.known.pop(_key(e.op, e.inputs), None)
        del self.equations[first:], self.spans[first:]
        for e, span in reversed(kept):
            self.write(e, span)

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
                self.known.pop(_key(op, inputs), None)
                atoms = tuple(became.get(a, a) if isinstance(a, str) else a for a in inputs)
                e = Equation(became.get(output, output), op, atoms)
                self.equations[k] = e
                self.defined[e.output] = k
                self.known.setdefault(_key(e.op, e.inputs), e.output)
            for old, name in became.items():
                del self.defined[old]
                if old in self.origins:
                    self.origins[name] = self.origins.pop(old)
        return became

    def finish(self, like: WengertList, inputs: Iterable[str], outputs: Iterable[Atom]) -> WengertList:
        """The list written so far, with the ops and the source text of `like`."""
        provenance = Provenance(tuple(self.spans), dict(self.origins), like.provenance.source)
        return assemble(inputs, self.equations, outputs, like.ops, provenance)


def _key(op: str, args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    # 0.0 == -0.0, and they are not the same number.
    if 0.0 in args:
        args = tuple((copysign(1.0, a),) if a == 0.0 else a for a in args)
    return op, args
