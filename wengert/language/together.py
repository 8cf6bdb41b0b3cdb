"""The turns of a comprehension as arrays: one equation over all turns in place of one a turn.

The body is read once, with the counter standing for all of its values: a value that depends on counters has an axis for
each of them before its own axes, in the order of the ranges. `x[i + 1]` is a slice then, `L[k] @ v` a product of
stacked matrices, and a sum of products over two counters a product of matrices. Of a range that depends on another
counter, `j in i + 1:n`, all numbers are taken, and those outside it are left out of the sum. A body without such a
form, as with an index that leaves the array or a derivative, is unrolled.

Few turns over numbers are unrolled too, so that a trace shows each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from ..ground.errors import Span
from ..lists.wengert_list import Atom
from ..ops import (
    ADD,
    AND,
    ARRAY,
    DERIVATIVES,
    FOLDED,
    FOLDS,
    INDEX,
    INFIX,
    MUL,
    PERMUTE,
    TRANSPOSE,
    WHERE,
)
from ..ops.parameters import defaults, read_text, split, with_statics
from ..ops.shapes.dimensions import Mismatch, chosen, reduced
from .splice import Collected, Definition, Fold, Loop, Pending, Raw, Subscript
from .turn_values import MATMUL, Counter, NoArrayForm, Product, TurnArrays, Turns, Value

if TYPE_CHECKING:
    from .array_syntax import ArrayActions as ParseState

SUB, FROM, BEFORE = INFIX["-"], INFIX[">="], INFIX["<"]
# Turns are taken together if a turn computes with arrays and there are MANY, or over two ranges with PAIRS in all.
MANY, PAIRS = 8, 1024
# Comprehensions and calls within each other are followed to this depth, and bodies up to this number of steps.
DEEP, LONG = 12, 400
# A range that depends on a counter is taken whole, unless more than this number of turns would stand for one.
SPARSE = 4


def together(
    emitter: ParseState, fold: Fold, scope: dict[str, Atom], slots: dict[Any, Atom], span: Span
) -> Atom | None:
    """The value of a comprehension by equations over all its turns; None if it is to be unrolled. `slots` has the
    values of the steps before it."""
    if fold.reducer != ARRAY and fold.reducer not in FOLDS:
        return None
    before, reading = emitter.written(), _Reading(emitter, scope)
    try:
        known: dict[Any, Any] = {slot: Turns(a, ()) for slot, a in slots.items()}
        if reading.promises(fold.loop, known, span):
            found = reading.folded(fold, {n: Turns(a, ()) for n, a in scope.items()}, known, span, 0)
            if reading.pays:
                return reading.array(found, span).atom
    except (NoArrayForm, Mismatch, ValueError):
        pass
    emitter.take_back(before)
    return None


class _Reading(TurnArrays):
    """One reading of a comprehension."""

    def __init__(self, emitter: ParseState, scope: dict[str, Atom]) -> None:
        super().__init__(emitter)
        self.scope = scope
        self.steps = self.nested = 0

    @property
    def pays(self) -> bool:
        """Whether the turns are to be taken together."""
        return self.arrays and max(self.sizes) >= MANY or self.nested >= PAIRS

    def promises(self, loop: Loop, slots: dict[Any, Any], span: Span) -> bool:
        """Whether the turns may be worth a reading: they are many, or there are others within them."""
        low, high = (self.whole(self.resolved(raw, {}, slots, span)) for raw in (loop.low, loop.high))
        return high - low >= MANY or any(type(step.what) in (Fold, Loop) for step in loop.body)

    # Walking

    def folded(self, fold: Fold, scope: dict[str, Any], slots: dict[Any, Any], span: Span, depth: int) -> Value:
        """The value of a comprehension."""
        if depth > DEEP:
            raise NoArrayForm
        term, gone, within = self.term(fold.loop, scope, slots, span, depth)
        if within:
            neutral = FOLDS[fold.reducer][1] if fold.reducer in FOLDS else None
            if neutral is None:
                raise NoArrayForm
            term = self.only(within, term, neutral, span)
        if fold.reducer == ARRAY:
            return self.stacked(self.array(term, span), gone, span)
        if fold.reducer in FOLDED:
            return self.over(FOLDED[fold.reducer], self.array(term, span), gone, span)
        if FOLDS[fold.reducer][0] != ADD:
            raise NoArrayForm
        return self.summed(term, gone, span)

    def term(
        self, loop: Loop, scope: dict[str, Any], slots: dict[Any, Any], span: Span, depth: int
    ) -> tuple[Value, tuple[int, ...], list[Turns]]:
        """The term of a comprehension, the loops that are its ranges, and the conditions of turns that there are: a
        range that depends on a counter is taken from its least to its largest number."""
        own: list[int] = []
        within: list[Turns] = []
        while True:
            ends = [self.resolved(raw, scope, slots, span) for raw in (loop.low, loop.high)]
            low, high = self.span_of(ends)
            if high <= low:
                raise NoArrayForm
            own.append(len(self.sizes))
            scope = {**scope, loop.variable: Counter(own[-1], 1, low)}
            self.sizes.append(high - low)
            for end, compare in zip(ends, (FROM, BEFORE)):
                if type(end) is Counter:
                    here = self.array(scope[loop.variable], span)
                    within.append(self.elementwise(compare, [here, self.array(end, span)], span))
            slots = {}
            if loop.result is not None:
                self.run(loop.body, scope, slots, span, depth)
                if len(self.sizes) > 1:
                    self.nested = max(self.nested, prod(self.sizes))
                return self.resolved(loop.result, scope, slots, span), tuple(own), within
            self.run(loop.body[:-1], scope, slots, span, depth)
            loop = loop.body[-1].what

    def span_of(self, ends: Sequence[Any]) -> tuple[int, int]:
        """The least number of a range, and the one after the largest, in all turns of the loop around it."""
        counters = [a for a in ends if type(a) is Counter]
        if not counters:
            return self.whole(ends[0]), self.whole(ends[1])
        loop = counters[0].loop
        if any(a.loop != loop for a in counters):
            raise NoArrayForm
        turns = self.sizes[loop]
        (a, b), (c, d) = ((e.first, e.factor) if type(e) is Counter else (self.whole(e), 0) for e in ends)
        # The turns in which the range a + b*t … c + d*t is not empty.
        first, last, longer, least = 0, turns - 1, d - b, c - a
        if longer > 0:
            first = max(first, -least // longer + 1)
        elif longer < 0:
            last = min(last, (least - 1) // -longer)
        if first > last or longer == 0 and least <= 0:
            raise NoArrayForm
        low, high = min(a + b * first, a + b * last), max(c + d * first, c + d * last)
        there = (last - first + 1) * (2 * least + longer * (first + last)) // 2
        if SPARSE * there < (high - low) * turns:
            raise NoArrayForm
        return low, high

    def only(self, within: Sequence[Turns], term: Value, neutral: float, span: Span) -> Turns:
        """A term in the turns that there are, and a number in all others."""
        condition = within[0]
        for more in within[1:]:
            condition = self.elementwise(AND, [condition, more], span)
        return self.elementwise(WHERE, [condition, self.array(term, span), Turns(neutral, ())], span)

    def run(
        self, body: Sequence[Collected], scope: dict[str, Any], slots: dict[Any, Any], within: Span, depth: int
    ) -> None:
        """The values of the steps of a body."""
        for step in body:
            self.steps += 1
            if self.steps > LONG:
                raise NoArrayForm
            what, span = step.what, Span(step.start, step.end, within.within)
            args = [self.resolved(a, scope, slots, span) for a in step.inputs]
            if type(what) is str:
                if what == "=" or what in DERIVATIVES:
                    raise NoArrayForm
                slots[step.slot] = self.op(what, args, span)
            elif type(what) is Subscript:
                slots[step.slot] = self.indexed(what, args, span)
            elif type(what) is Pending:
                n = len(args) - len(what.names)
                row = self.emitter.table.written(what.op)
                assert row is not None
                given = {name: self.whole(a) for name, a in zip(what.names, args[n:])}
                slots[step.slot] = self.op(with_statics(row, given), args[:n], span)
            elif type(what) is Fold:
                slots[step.slot] = self.folded(what, scope, slots, span, depth + 1)
            elif type(what) is Definition and not what.own and depth < DEEP:
                own: dict[Any, Any] = {}
                inner = dict(zip(what.params, args))
                self.run(what.body, inner, own, span, depth + 1)
                slots[step.slot] = self.resolved(what.result, inner, own, span)
            else:
                raise NoArrayForm

    def resolved(self, a: Raw, scope: dict[str, Any], slots: dict[Any, Any], span: Span) -> Any:
        if type(a) is float:
            return Turns(a, ())
        if type(a) is int:
            return slots[a]
        found = scope.get(a)  # type: ignore[arg-type]
        if found is None:
            atom = self.scope.get(a)  # type: ignore[arg-type]
            found = Turns(self.emitter.named(a, span) if atom is None else atom, ())  # type: ignore[arg-type]
        return found

    def number(self, a: Value) -> float | None:
        """The number that a value is in all turns, if it is known."""
        if type(a) is not Turns or a.loops:
            return None
        found = self.emitter.constant(a.atom)
        return found if isinstance(found, float) else None

    def whole(self, a: Value) -> int:
        """A whole number that is known, as the end of a range or a static parameter."""
        found = self.number(a)
        if found is None or not abs(found) < 2**31 or found != int(found):
            raise NoArrayForm
        self.emitter.static.add(a.atom)  # type: ignore[union-attr]
        self.emitter.read.add(a.atom)  # type: ignore[union-attr]
        return int(found)

    def op(self, op: str, args: Sequence[Value], span: Span) -> Value:
        """The value of an op over all turns."""
        row = self.emitter.table.get(op)
        if row is None:
            raise NoArrayForm
        if (moved := self.counted(op, args)) is not None:
            return moved
        if op == MUL and any(type(a) is not Turns or a.loops for a in args):
            factors = [f for a in args for f in self.factors(a, span)]
            if not any(self.shape(f) for f in factors):
                return Product(tuple(factors))
        given = [self.array(a, span) for a in args]
        if not any(a.loops for a in given):
            return Turns(self.write(op, [a.atom for a in given], span), ())
        if row.array is None:
            return self.elementwise(op, given, span)
        if op == MATMUL:
            return self.product(given[0], given[1], span)
        if op == TRANSPOSE:
            return self.transposed(given[0], span)
        name, text = split(op)
        own = self.emitter.table.written(name)
        if own is not None and own.array is not None and own.array.shape in (reduced, chosen) and len(given) == 1:
            return self.reduction(own, {**defaults(own), **read_text(text)}, given[0], span)
        raise NoArrayForm

    def counted(self, op: str, args: Sequence[Value]) -> Counter | None:
        """A counter moved or scaled by a whole number."""
        if op not in (ADD, SUB, MUL) or sum(type(a) is Counter for a in args) != 1:
            return None
        a, b = args
        first = type(a) is Counter
        counter: Any = a if first else b
        by = self.number(b if first else a)
        if by is None or not abs(by) < 2**31 or by != int(by):
            return None
        n = int(by)
        if op == MUL:
            return Counter(counter.loop, counter.factor * n, counter.first * n) if n else None
        sign = -1 if op == SUB else 1
        if first:
            return Counter(counter.loop, counter.factor, counter.first + sign * n)
        return Counter(counter.loop, sign * counter.factor, n + sign * counter.first)

    # Elements

    def indexed(self, what: Subscript, args: Sequence[Value], span: Span) -> Turns:
        """`x[…]` with places that are numbers or counters."""
        base, given = self.array(args[0], span), list(args[:0:-1])
        shape, words, axes = self.shape(base), [":"] * len(base.loops), list(base.loops)
        if len(what.parts) > len(shape):
            raise NoArrayForm
        for part, size in zip(what.parts, shape):
            ends = [given.pop() if there else None for there in part]
            if len(part) > 1:
                words.append(":".join("" if a is None else str(self.whole(a)) for a in ends))
                axes.append(-1)
            elif type(ends[0]) is Counter:
                words.append(self.slice(ends[0], size))
                axes.append(ends[0].loop)
            else:
                words.append(str(self.whole(ends[0])))  # type: ignore[arg-type]
        axes += [-1] * (len(shape) - len(what.parts))
        loops = sorted(k for k in axes if k >= 0)
        if len(set(loops)) < len(loops):
            raise NoArrayForm  # a diagonal
        atom = (
            base.atom if all(w == ":" for w in words) else self.write(f"{INDEX}[{','.join(words)}]", [base.atom], span)
        )
        order = (*(axes.index(k) for k in loops), *(n for n, k in enumerate(axes) if k < 0))
        if order != tuple(range(len(order))):
            atom = self.with_statics(PERMUTE, [atom], span, order=order)
        return Turns(atom, tuple(loops))

    def slice(self, at: Counter, size: int) -> str:
        """The places of a counter as a slice."""
        n = self.sizes[at.loop]
        last = at.first + at.factor * (n - 1)
        low, high = min(at.first, last), max(at.first, last)
        if -size <= low and high < 0:
            at, last = at._replace(first=at.first + size), last + size
        elif low < 0 or high >= size:
            raise NoArrayForm  # unrolled, it tells the place
        if (at.first, last, at.factor) == (0, size - 1, 1):
            return ":"
        stop = last + (1 if at.factor > 0 else -1)
        return f"{at.first}:{stop if stop >= 0 else ''}" + (f":{at.factor}" if at.factor != 1 else "")
