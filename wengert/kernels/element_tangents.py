"""Tangents of arrays whose elements depend on few inputs: each tangent says which column of the Jacobian it belongs to.

In a sum over pairs, f(x[i], x[j]), an array of n² elements depends on n inputs, but each element on only two of them. A
tangent sweep with a seed for each input would carry n³ numbers, all but 2 n² of them zero. Here an array has a
tangent for each way in which its elements reach the inputs, with the column of each ("vector mode" over dynamic sparse
vectors: A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 6.1). If an op mixes elements,
so that there would be more columns than inputs, it continues with one tangent for each input. The cost never exceeds
that of the dense sweep by more than a small factor: beyond that the method gives up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom
from ..ops import ADD, MUL, SPREAD_LIKE, ZEROS
from ..ops.row import linear_groups, moves
from ..sweeps.forward import depending, leading
from ..sweeps.guards import Guard, either
from ..sweeps.masks import bare_outputs
from ..sweeps.partials import Partials
from ..sweeps.rules import Applied, rules_for, vjp_of, vjp_rule
from ..sweeps.tangent import jvp_guard, jvp_of
from ..sweeps.ties import Ties
from .array_op_ways import FOLDS, MIXES, PLACES, REDUCES, gone, placing, through, way_of
from .evaluation import Evaluation
from .jacobians import SeededTape

# All tangents may hold ROOM times as many elements as the tape, and at least this number.
LEAST, ROOM = 1 << 24, 4
# If the entries are at least one FULLth of all columns of all elements, all columns are kept from there on.
FULL = 8


class TooDear(Exception):
    """The sweep would take too many operations or too much memory, or columns depend on values."""


class ElementTerm(NamedTuple):
    """A tangent of an array.

    values   its elements: an axis for several of one element, then the axes of the array
    columns  the column of each, -1 for one that does not move; an array that broadcasts against the values
    guard    the condition under which an element moves, as in `sweeps.guards`
    there    of one with each column for each element, those that are there; None for all of them
    """

    values: Any
    columns: Any
    guard: Guard = None
    there: Any = None


ElementTerms = list[ElementTerm]


class ElementTangents:
    """A tangent sweep over a list of arrays in the elements of some inputs.

    dearest  the number of elementary operations after which it is given up
    pattern  whether the columns must not depend on values: it is given up where they do
    """

    def __init__(
        self, call: Evaluation, tape: dict[str, Any], kink: str, dearest: float, pattern: bool = False
    ) -> None:  # fmt: skip
        self.call, self.kink, self.left = call, kink, dearest
        self.varying = depending(call.wlist, call.wlist.inputs) if pattern else None
        wide = SeededTape(call, tape)
        self.tape, self.apply = wide.tape, wide.apply
        sizes = [v.size for v in self.tape.values() if type(v) is not float]
        self.room = max(LEAST, ROOM * sum(sizes))
        self.rules = rules_for(call.wlist.ops, kink)
        self.known: dict[Any, Any] = {}
        self.every: Any = None

    def along(self, names: Sequence[str], outputs: Sequence[Atom]) -> dict[Atom, ElementTerms]:
        """The tangents of the outputs in the elements of `names`, whose columns are numbered through. Raises TooDear,
        and DerivativeError as tangent sweeps do."""
        wlist, tape, rules, apply = self.call.wlist, self.tape, self.rules, self.apply
        inner = bare_outputs(wlist)
        read = [inner.get(a, a) for a in outputs]
        wanted = leading(wlist, read)
        moving: dict[Any, ElementTerms] = {}
        first = 0
        for n in names:
            shape = self.call.shape(n)
            columns = self.same(np.arange(first, first + prod(shape)).reshape((1, *shape)))
            moving[n] = [ElementTerm(np.ones((1, *shape)), columns)]
            first += prod(shape)
        self.every = self.same(np.arange(first))
        self.count = first
        last = self._last(wanted, read)
        ties = Ties(wlist, tape, apply, rules, names)
        held = 0
        with apply:
            for k, (output, op, inputs) in enumerate(wlist.equations):
                check_clock()
                if output not in moving and output in wanted and any(a in moving for a in inputs):
                    row = rules.row(op)
                    args = tuple([tape[a] if type(a) is str else a for a in inputs])
                    if row.array is not None:
                        self._check(Applied(row, args, tape[output]), inputs)
                        found = self._array_op(Applied(row, args, tape[output]), [moving.get(a) for a in inputs])
                    else:
                        if row.shares:
                            row, args = ties.settled(wlist.equations[k], row, args)
                        partials = Partials(row, rules.partials_at(row, inputs), args, tape[output], apply)
                        found = self._elementwise(partials, [moving.get(a) for a in inputs])
                    if found:
                        moving[output] = found
                        held += sum(t.values.size for t in found)
                if held > self.room:
                    raise TooDear
                for a in last.get(k, ()):
                    held -= sum(t.values.size for t in moving.pop(a, ()))
        return {a: moving.get(b, []) for a, b in zip(outputs, read)}

    def _last(self, wanted: Any, read: Iterable[Atom]) -> dict[int, list[str]]:
        """For each equation, the names that no later one reads."""
        found: dict[int, list[str]] = {}
        seen = set(read)
        equations = self.call.wlist.equations
        for k in range(len(equations) - 1, -1, -1):
            for a in equations[k].inputs if equations[k].output in wanted else ():
                if type(a) is str and a not in seen:
                    seen.add(a)
                    found.setdefault(k, []).append(a)
        return found

    def spend(self, operations: float) -> None:
        self.left -= operations
        if self.left < 0:
            raise TooDear

    def same(self, columns: Any) -> Any:
        """The one object for an array of these columns, so that equal arrays are identical."""
        key = columns.shape, hash(columns.tobytes())
        before = self.known.setdefault(key, columns)
        return before if np.array_equal(before, columns) else columns

    def added(self, terms: Sequence[ElementTerm]) -> ElementTerms:
        """The tangents of one array, with those of equal columns summed."""
        found: dict[Any, ElementTerm] = {}
        for t in terms:
            key = id(t.columns), t.columns.shape
            before = found.get(key)
            if before is None:
                found[key] = t
                continue
            guard = None
            if before.guard is not None and t.guard is not None:
                guard = either(before.guard, t.guard, self.apply)
            there = None if before.there is None or t.there is None else before.there | t.there
            found[key] = ElementTerm(self.apply(ADD, before.values, t.values), t.columns, guard, there)
        return list(found.values())

    def _elementwise(self, partials: Partials, given: Sequence[ElementTerms | None]) -> ElementTerms:
        """The tangents of the value of an elementwise op."""
        found: ElementTerms = []
        y, apply = partials.y, self.apply
        shape = np.shape(y)[1:]
        for i, terms in enumerate(given):
            if terms is None or partials.plan[i] is None:
                continue
            partial: Any = partials.plan[i]
            local = partials.factor(i) if partial.constant is None else partial.constant
            for t in terms:
                self.spend(2 * max(t.values.size, len(t.values) * prod(shape)))
                made = partials.product(i, local, t.values, t.guard, False)
                if made is None:
                    continue
                values, guard = made
                if len(given) > 1 and np.shape(values)[1:] != shape:
                    values = apply(SPREAD_LIKE, values, y)
                lacks = len(shape) + 1 - t.columns.ndim
                columns = t.columns
                there = t.there
                if lacks:
                    columns = self._wide(t, lacks)
                    there = None if there is None else there.reshape(there.shape[:1] + (1,) * lacks + there.shape[1:])
                found.append(ElementTerm(values, columns, guard, there))
        return self.added(found)

    def _wide(self, t: ElementTerm, axes: int) -> Any:
        """The columns of a tangent, with more axes before those of its array."""
        columns = t.columns
        if self._in_all(t):
            return self._all(columns.ndim - 1 + axes)
        key = id(columns), axes
        if key not in self.known:
            self.known[key] = columns, columns.reshape(columns.shape[:1] + (1,) * axes + columns.shape[1:])
        return self.known[key][1]

    def _array_op(self, at: Applied, given: Sequence[ElementTerms | None]) -> ElementTerms:
        """The tangents of the value of an array op."""
        found: ElementTerms = []
        mixed: list[ElementTerm | None] = [None] * len(given)
        for i, terms in enumerate(given):
            if terms is None or vjp_rule(at.row, i) is None:
                continue
            rest: ElementTerms = []
            self.spend(len(given) * len(terms) * np.size(at.y))
            for t in terms:
                how = MIXES if self._in_all(t) else way_of(at, i, self.apply, self.rules)
                if how == PLACES:
                    found.append(self._placed(at, i, t))
                elif how == REDUCES:
                    found.append(self._reduced(at, t))
                elif how == FOLDS:
                    found.append(self._folded(at, i, t))
                else:
                    rest.append(t)
            if rest:
                (mixed[i],) = self.added([self._of_all(t, np.shape(at.args[i])[1:]) for t in rest])
        if any(t is not None for t in mixed):
            self.spend(self.count * max(np.size(a) for a in (*at.args, at.y)))
            tangents = [None if t is None else t.values for t in mixed]
            values = jvp_of(at, tangents, self.apply, self.rules)
            if values is not None:
                guards = [None if t is None else t.guard for t in mixed]
                guard = jvp_guard(at, tangents, guards, self.apply, self.rules)
                found.append(self._of_each(values, guard)._replace(there=self._reached(at, mixed)))
        return self.added(found)

    def _reached(self, at: Applied, mixed: Sequence[ElementTerm | None]) -> Any:
        """The elements of the value that move if some elements of one argument do."""
        (i, t), *others = ((k, t) for k, t in enumerate(mixed) if t is not None)
        if others or not moves(at.row) or at.row.selects:
            return None
        there = t.there
        ones = np.ones((1, *np.shape(at.args[i])[1:])) if there is None else there.astype(float)
        found = np.asarray(through(at, i, ones, self.apply, self.rules)) != 0
        return None if found.all() else np.broadcast_to(found, (len(found), *np.shape(at.y)[1:]))

    def _check(self, at: Applied, inputs: Sequence[Atom]) -> None:
        """Raise TooDear if columns would depend on values, and must not."""
        if self.varying is not None and moves(at.row) and not at.row.selects and not gone(at):
            told = (k for i in range(len(inputs)) if vjp_rule(at.row, i) is not None for k in placing(at, i))
            if not linear_groups(at.row) or any(inputs[k] in self.varying for k in told):
                raise TooDear

    def _in_all(self, t: ElementTerm) -> bool:
        """Whether a tangent has each column for each element."""
        return t.columns is self._all(t.columns.ndim - 1)

    def _of_each(self, values: Any, guard: Guard = None) -> ElementTerm:
        """The tangent with every column for each element."""
        values = np.broadcast_to(values, (self.count, *np.shape(values)[1:]))
        return ElementTerm(values, self._all(values.ndim - 1), guard)

    def _all(self, axes: int) -> Any:
        key = "all", axes
        if key not in self.known:
            self.known[key] = self.every.reshape((-1,) + (1,) * axes)
        return self.known[key]

    def _of_all(self, t: ElementTerm, shape: tuple[int, ...]) -> ElementTerm:
        """A tangent with every column for each element of its array."""
        if self._in_all(t):
            return t
        size = prod(shape)
        self.spend(self.count * size + t.values.size)
        return self._of_each(self._summed(t, np.arange(size), size).reshape((self.count, *shape)))

    def _summed(self, t: ElementTerm, to: Any, size: int) -> Any:
        """The sums of a tangent's elements by column and by place; `to` are the places, -1 for none."""
        if self.count * size > self.room:
            raise TooDear
        values = t.values.reshape((len(t.values), -1))
        columns = np.broadcast_to(t.columns, t.values.shape).reshape(values.shape)
        at = columns * size + to
        if t.columns.min(initial=0) < 0 or to.min(initial=0) < 0:
            there = (columns >= 0) & (to >= 0)
            at, values = at[there], values[there]
        return np.bincount(at.ravel(), values.ravel(), self.count * size)

    def _placed(self, at: Applied, i: int, t: ElementTerm) -> ElementTerm:
        """The tangent of the value of an op that places elements."""
        self.spend(2 * t.values.size)
        columns = through(at, i, np.broadcast_to(t.columns + 1.0, t.values.shape), self.apply, self.rules) - 1
        guard = t.guard
        if guard is not None:
            alone = [t.values if k == i else None for k in range(len(at.args))]
            guard = jvp_guard(at, alone, [guard if k == i else None for k in range(len(at.args))],
                              self.apply, self.rules)  # fmt: skip
        return ElementTerm(
            through(at, i, t.values, self.apply, self.rules), self.same(np.asarray(columns).astype(np.intp)), guard
        )

    def _fills(self, size: int, entries: int) -> bool:
        """Whether the sums of these entries are stored densely, a column for each element of an array of this size."""
        return self.count * size <= FULL * entries

    def _filled(self, t: ElementTerm, to: Any, shape: tuple[int, ...]) -> ElementTerm:
        """The sums by column, for each element of an array of this shape."""
        size, there = prod(shape), None
        self.spend(self.count * size)
        if self.varying is not None:
            found = self._summed(ElementTerm(np.ones(t.values.shape), t.columns), to, size) != 0
            there = None if found.all() else found.reshape((self.count, *shape))
        whole = self._of_each(self._summed(t, to, size).reshape((self.count, *shape)))
        return whole._replace(there=there)

    def _reduced(self, at: Applied, t: ElementTerm) -> ElementTerm:
        """The tangent of a reduction's value. Along its axes, the tangents of one element follow each other."""
        local = self.known.get(key := ("local", id(at.y)))
        if local is None:
            ones = self.apply(ADD, self.apply(ZEROS, at.y), 1.0) if np.ndim(at.y) else 1.0
            local = self.known[key] = vjp_of(at, 0, ones, self.apply, self.rules), at
        values = self.apply(MUL, local[0], t.values)
        along, shape = [k + 1 for k in gone(at)], (-1, *np.shape(at.y)[1:])
        size, entries = prod(shape[1:]), values.size
        self.spend(4 * entries)
        if self._fills(size, entries):
            there = np.arange(1, size + 1).reshape([1 if k + 1 in along else d for k, d in enumerate(values.shape[1:])])
            to = np.broadcast_to(there, values.shape[1:]).ravel() - 1
            return self._filled(ElementTerm(values, t.columns), to, shape[1:])
        ahead = range(len(along))
        columns = np.broadcast_to(t.columns, values.shape)
        moved = (np.moveaxis(v, along, ahead).reshape(shape) for v in (values, columns))
        return ElementTerm(next(moved), self.same(next(moved)))

    def _folded(self, at: Applied, i: int, t: ElementTerm) -> ElementTerm:
        """The tangent of the value of an op that adds elements up."""
        shape = np.shape(at.y)[1:]
        size, entries = prod(shape), t.values.size
        self.spend(4 * entries)
        to = self.targets(at, i)
        if self._fills(size, entries):
            return self._filled(t, to, shape)
        # The elements of each place follow each other along the first axis.
        to = np.broadcast_to(to, (len(t.values), len(to))).ravel()
        order = np.argsort(to, kind="stable")
        order = order[to[order] >= 0]
        counts = np.bincount(to[order], minlength=size)
        rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        most = int(counts.max(initial=1))
        self.spend(4 * most * size)
        values, columns = np.zeros((most, size)), np.full((most, size), -1, np.intp)
        values[rank, to[order]] = t.values.ravel()[order]
        columns[rank, to[order]] = np.broadcast_to(t.columns, t.values.shape).ravel()[order]
        whole = (most, *shape)
        return ElementTerm(values.reshape(whole), self.same(columns.reshape(whole)))

    def targets(self, at: Applied, i: int) -> Any:
        """For an op that adds elements up, the place in its value to which each element of an argument is added."""
        key = "to", id(at.y), id(at.args[i])  # the tape holds them
        if key not in self.known:
            shape = np.shape(at.y)
            places = np.arange(1.0, prod(shape) + 1).reshape(shape) if shape else 1.0
            found = np.asarray(vjp_of(at, i, places, self.apply, self.rules))
            whole = np.broadcast_to(found, (1, *np.shape(at.args[i])[1:])).astype(np.intp).ravel() - 1
            self.known[key] = at, whole
        return self.known[key][1]

    # Answers

    def block(self, terms: ElementTerms, shape: tuple[int, ...]) -> Any:
        """The Jacobian of an array of this shape: the array's axes, then the columns."""
        size = prod(shape)
        whole = np.zeros((self.count, size))
        for t in terms:
            if self._in_all(t):
                whole += t.values.reshape((self.count, size))
            else:
                whole += self._summed(t, np.arange(size), size).reshape(whole.shape)
        return whole.T

    def coordinates(self, terms: ElementTerms, shape: tuple[int, ...]) -> tuple[Any, Any, Any]:
        """The entries of a tangent in that matrix: rows, columns and values, in row-major order."""
        size, total = prod(shape), self.count * prod(shape)
        places, values = [np.zeros(0, np.intp)], [np.zeros(0)]
        for t in terms:
            own = np.broadcast_to(t.columns, t.values.shape).reshape((len(t.values), -1))
            at, there = own + np.arange(size) * self.count, own >= 0
            if t.there is not None:
                there = there & np.broadcast_to(t.there, (len(t.there), *shape)).reshape((len(t.there), -1))
            places.append(at[there])
            values.append(t.values.reshape(own.shape)[there])
        at, entries = np.concatenate(places), np.concatenate(values)
        if total <= 4 * len(at):
            there = np.zeros(total, bool)
            there[at] = True
            found = np.flatnonzero(there)
            summed = np.bincount(at, entries, total)[found]
        else:
            found, first = np.unique(at, return_inverse=True)
            summed = np.bincount(first, entries, len(found))
        return found // self.count, found % self.count, summed
