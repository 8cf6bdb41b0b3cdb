"""Values over all turns of a comprehension at once, and the equations that compute with them.

A value that depends on counters has an axis for each of them, in the order of the ranges, before its own axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from ..ground.errors import Span
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom
from ..ops import ARANGE, INFIX, MUL, PERMUTE, RESHAPE, SUM, TRANSPOSE, Op
from ..ops.parameters import with_statics
from ..ops.shapes.dimensions import broadcast

if TYPE_CHECKING:
    from .array_syntax import ArrayActions as ParseState

MATMUL = INFIX["@"]
# A product of stacked matrices that is none of two matrices has at most this many elements before it is summed.
LARGEST = 1 << 22


class NoArrayForm(Exception):
    """The turns have no form as arrays."""


class Counter(NamedTuple):
    """The numbers first + factor*t of a loop, for its turns t = 0, 1, …"""

    loop: int
    factor: int
    first: int


class Turns(NamedTuple):
    """An atom whose first axes are those of some loops, in rising order."""

    atom: Atom
    loops: tuple[int, ...]


class Product(NamedTuple):
    """Factors that are multiplied when their product is needed."""

    factors: tuple[Turns, ...]


Value = Counter | Turns | Product


class TurnArrays:
    """Writes equations over all turns; `sizes` has the number of turns of each loop, and `arrays` tells whether a value
    of a turn is an array."""

    def __init__(self, emitter: ParseState) -> None:
        self.emitter = emitter
        self.sizes: list[int] = []
        self.arrays = False

    # Values

    def write(self, op: str, args: Sequence[Atom], span: Span) -> Atom:
        return self.emitter.write(op, tuple(args), span)

    def with_statics(self, op: str, args: Sequence[Atom], span: Span, **statics: Any) -> Atom:
        row: Any = self.emitter.table.written(op)
        if isinstance(axis := statics.get("axis"), tuple) and len(axis) == 1:
            statics["axis"] = axis[0]
        return self.write(with_statics(row, statics), args, span)

    def array(self, a: Value, span: Span) -> Turns:
        """A value as an atom with axes."""
        if type(a) is Counter:
            n = self.sizes[a.loop]
            atom = self.with_statics(ARANGE, (), span, start=a.first, stop=a.first + a.factor * n, step=a.factor)
            return Turns(atom, (a.loop,))
        if type(a) is Product:
            found = a.factors[0]
            for factor in a.factors[1:]:
                found = self.elementwise(MUL, [found, factor], span)
            return found
        return a  # type: ignore[return-value]

    def shape(self, a: Turns) -> tuple[int, ...]:
        """The shape of a value without the axes of loops."""
        shape = self.emitter.shape_of(a.atom)
        if shape is None and not a.loops and self.emitter.is_number(a.atom):
            shape = ()
        if shape is None or not all(type(d) is int for d in shape):
            raise NoArrayForm
        core = shape[len(a.loops) :]
        self.arrays |= bool(core) and bool(a.loops)
        return core  # type: ignore[return-value]

    def reshaped(self, a: Turns, shape: Sequence[int], span: Span) -> Atom:
        own = (*(self.sizes[k] for k in a.loops), *self.shape(a))
        return a.atom if own == tuple(shape) else self.with_statics(RESHAPE, [a.atom], span, shape=tuple(shape))

    def factors(self, a: Value, span: Span) -> tuple[Turns, ...]:
        return a.factors if type(a) is Product else (self.array(a, span),)

    def elementwise(self, op: str, given: Sequence[Turns], span: Span) -> Turns:
        """An op of numbers: axes of loops that a value lacks have the length 1."""
        cores = [self.shape(a) for a in given]
        rank = len(broadcast(*cores) or ())
        loops = tuple(sorted({k for a in given for k in a.loops}))
        atoms = []
        for a, core in zip(given, cores):
            if a.loops:
                ahead = [self.sizes[k] if k in a.loops else 1 for k in loops if k >= a.loops[0]]
                a = Turns(self.reshaped(a, (*ahead, *(1,) * (rank - len(core)), *core), span), ())
            atoms.append(a.atom)
        return Turns(self.write(op, atoms, span), loops)

    def reduction(self, row: Op, statics: dict[str, Any], a: Turns, span: Span) -> Turns:
        """A reduction of the axes that a value has in each turn."""
        rank, n = len(self.shape(a)), len(a.loops)
        axis = statics.get("axis")
        if not rank:
            raise NoArrayForm
        axes = range(rank) if axis is None else (axis,) if isinstance(axis, int) else axis
        if not all(-rank <= k < rank for k in axes):
            raise NoArrayForm
        statics["axis"] = tuple(n + k % rank for k in axes)
        return Turns(self.with_statics(row.name, [a.atom], span, **statics), a.loops)

    def transposed(self, a: Turns, span: Span) -> Turns:
        rank, n = len(self.shape(a)), len(a.loops)
        order = (*range(n), *reversed(range(n, n + rank)))
        return Turns(self.with_statics(PERMUTE, [a.atom], span, order=order), a.loops)

    # Products and sums

    def product(self, a: Turns, b: Turns, span: Span) -> Turns:
        """A product of vectors and matrices, at least one different from turn to turn."""
        m, n = self.shape(a), self.shape(b)
        if not (1 <= len(m) <= 2 and 1 <= len(n) <= 2) or m[-1] != n[0]:
            raise NoArrayForm
        ahead = prod(self.sizes[k] for k in a.loops)
        if not b.loops:
            # All rows of all matrices at once.
            rows = self.reshaped(a, (ahead * prod(m[:-1]), m[-1]), span)
            flat = Turns(self.write(MATMUL, [rows, b.atom], span), ())
            return self.unfolded(flat, a.loops, (*m[:-1], *n[1:]), span)
        if not a.loops and len(n) == 1:
            columns = self.reshaped(b, (prod(self.sizes[k] for k in b.loops), n[0]), span)
            right = a.atom if len(m) == 1 else self.write(TRANSPOSE, [a.atom], span)
            flat = Turns(self.write(MATMUL, [columns, right], span), ())
            return self.unfolded(flat, b.loops, m[:-1], span)
        if len(m) == len(n) == 1 and len(a.loops) == len(b.loops) == 1 and a.loops != b.loops:
            first, second = sorted((a, b), key=lambda one: one.loops)
            turned = self.write(TRANSPOSE, [second.atom], span)
            return Turns(self.write(MATMUL, [first.atom, turned], span), first.loops + second.loops)
        loops = {*a.loops, *b.loops}
        if len(n) == 2 and prod(self.sizes[k] for k in loops) * prod(m) * n[-1] > LARGEST:
            raise NoArrayForm
        # Products of elements, summed along the axis that both have.
        if len(n) == 2:
            a = Turns(self.reshaped(a, (*(self.sizes[k] for k in a.loops), *m, 1), span), a.loops)
            if len(m) == 2 and b.loops:
                b = Turns(self.reshaped(b, (*(self.sizes[k] for k in b.loops), 1, *n), span), b.loops)
        elements = self.elementwise(MUL, [a, b], span)
        axis = len(elements.loops) + len(m) - 1
        return Turns(self.with_statics(SUM, [elements.atom], span, axis=axis), elements.loops)

    def unfolded(self, flat: Turns, loops: tuple[int, ...], core: tuple[int, ...], span: Span) -> Turns:
        return Turns(self.reshaped(flat, (*(self.sizes[k] for k in loops), *core), span), loops)

    def stacked(self, a: Turns, gone: tuple[int, ...], span: Span) -> Turns:
        """The array of all turns, one after the other along one axis."""
        core, kept = self.shape(a), tuple(k for k in a.loops if k not in gone)
        if tuple(k for k in a.loops if k in gone) != gone:
            raise NoArrayForm
        shape = (*(self.sizes[k] for k in kept), prod(self.sizes[k] for k in gone), *core)
        return Turns(self.reshaped(a, shape, span), kept)

    def over(self, op: str, a: Turns, gone: Sequence[int], span: Span) -> Turns:
        """A reduction of the axes of loops, of numbers."""
        axes = tuple(n for n, k in enumerate(a.loops) if k in gone)
        if self.shape(a) or not axes:
            raise NoArrayForm
        return Turns(self.with_statics(op, [a.atom], span, axis=axes), tuple(k for k in a.loops if k not in gone))

    def summed(self, term: Value, gone: Sequence[int], span: Span) -> Value:
        """The sum over loops. Of a product each factor is summed over the loops that it alone has, and two factors that
        share one are a product of matrices."""
        factors = list(self.factors(term, span))
        if len(factors) == 1 and self.shape(factors[0]):
            (a,) = factors
            axes = tuple(n for n, k in enumerate(a.loops) if k in gone)
            if len(axes) < len(gone):
                raise NoArrayForm
            return Turns(self.with_statics(SUM, [a.atom], span, axis=axes), tuple(k for k in a.loops if k not in gone))
        for k in reversed(gone):
            those = [f for f in factors if k in f.loops]
            factors = [f for f in factors if k not in f.loops]
            if not those:
                factors.append(Turns(float(self.sizes[k]), ()))
                continue
            merged: list[Turns] = []
            for f in those:
                at = next((n for n, one in enumerate(merged) if one.loops == f.loops), -1)
                if at < 0:
                    merged.append(f)
                else:
                    merged[at] = self.elementwise(MUL, [merged[at], f], span)
            factors.append(self.contracted(merged, k, span))
        kept = sorted(factors, key=lambda f: not f.loops)  # those that differ from turn to turn first
        if not any(f.loops for f in kept):
            found = kept[0].atom
            for f in kept[1:]:
                found = self.write(MUL, [found, f.atom], span)
            return Turns(found, ())
        return Product(tuple(kept)) if len(kept) > 1 else kept[0]

    def contracted(self, factors: Sequence[Turns], k: int, span: Span) -> Turns:
        """The sum over a loop of a product of factors that all have it."""
        if len(factors) == 2 and all(len(f.loops) <= 2 for f in factors):
            a, b = sorted(factors, key=lambda f: f.loops)
            if {*a.loops} & {*b.loops} == {k}:
                if len(a.loops) == 2 and a.loops[0] == k:
                    a = Turns(self.write(TRANSPOSE, [a.atom], span), a.loops[::-1])
                if len(b.loops) == 2 and b.loops[1] == k:
                    b = Turns(self.write(TRANSPOSE, [b.atom], span), b.loops[::-1])
                loops = (*a.loops[:-1], *b.loops[1:])
                found = Turns(self.write(MATMUL, [a.atom, b.atom], span), loops)
                if loops != tuple(sorted(loops)):
                    found = Turns(self.write(TRANSPOSE, [found.atom], span), loops[::-1])
                return found
        whole = self.array(Product(tuple(factors)), span)
        return self.over(SUM, whole, (k,), span)
