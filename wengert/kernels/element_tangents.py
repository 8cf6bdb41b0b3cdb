"""Tangents of arrays whose elements depend on few inputs: each says in a column of the Jacobian it stands.

In a sum over pairs, f(x[i], x[j]), an array of n² elements depends on n inputs, but each element on two of them. A
tangent sweep with a seed for each input would carry n³ numbers, all but 2 n² of them zero; here an array has a tangent
for each way in which its elements reach the inputs, with the column of each ("vector mode" over dynamic sparse vectors:
A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 6.1). Where an op mixes elements, and the
columns would be more than the inputs, there is a tangent for each input from there on. An answer is never dearer than
that of the dense sweep by more than a small factor, as it is given up where it takes too many operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom
from ..ops import ADD, OPS, SPREAD_LIKE
from ..ops.row import linear_groups, moves
from ..sweeps.forward import depending, forward_sweep, leading
from ..sweeps.guards import Guard, either
from ..sweeps.masks import bare_outputs
from ..sweeps.partials import Partials
from ..sweeps.rules import Applied, rules_for, vjp_of, vjp_rule
from ..sweeps.tangent import jvp_guard, jvp_of
from ..sweeps.ties import Ties
from .evaluation import Evaluation
from .jacobians import Wide

# An array of tangents may hold as many elements as the tape, and at least this number.
LEAST = 1 << 24
# Ways in which an op takes the elements of an argument: each of its answer is one of them or 0, each of them is added
# to one of the answer, or any other.
PLACES, FOLDS, MIXES = "places", "folds", "mixes"


class TooDear(Exception):
    """The sweep takes more operations or memory than it may, or columns depend on values."""


class Term(NamedTuple):
    """A tangent of an array.

    values   its elements: an axis for several of one element, then the axes of the array
    columns  the column of each, -1 for one that does not move; an array that broadcasts against the values
    guard    the condition under which an element moves, as in `sweeps.guards`
    there    the elements of the array that move at all; None for all of them
    """

    values: Any
    columns: Any
    guard: Guard = None
    there: Any = None


Terms = list[Term]


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
        wide = Wide(call, tape)
        self.tape, self.apply = wide.tape, wide.apply
        sizes = [v.size for v in self.tape.values() if type(v) is not float]
        self.room = max(LEAST, sum(sizes))
        self.rules = rules_for(call.wlist.ops, kink)
        self.known: dict[Any, Any] = {}
        self.every: Any = None

    def along(self, names: Sequence[str], outputs: Sequence[Atom]) -> dict[Atom, Terms]:
        """The tangents of the outputs in the elements of `names`, whose columns are numbered through. Raises TooDear,
        and DerivativeError as tangent sweeps do."""
        wlist, tape, rules, apply = self.call.wlist, self.tape, self.rules, self.apply
        inner = bare_outputs(wlist)
        read = [inner.get(a, a) for a in outputs]
        wanted = leading(wlist, read)
        moving: dict[Any, Terms] = {}
        first = 0
        for n in names:
            shape = self.call.shape(n)
            columns = self.same(np.arange(first, first + prod(shape)).reshape((1, *shape)))
            moving[n] = [Term(np.ones((1, *shape)), columns)]
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
        """By equation, the names that no later one reads."""
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
        """The array of these columns that is met everywhere, so that equal ones are one object."""
        key = columns.shape, hash(columns.tobytes())
        before = self.known.setdefault(key, columns)
        return before if np.array_equal(before, columns) else columns

    def added(self, terms: Sequence[Term]) -> Terms:
        """Tangents of one array, those in the same columns added up."""
        found: dict[Any, Term] = {}
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
            found[key] = Term(self.apply(ADD, before.values, t.values), t.columns, guard, there)
        return list(found.values())

    def _elementwise(self, partials: Partials, given: Sequence[Terms | None]) -> Terms:
        """The tangents of the value of an elementwise op."""
        found: Terms = []
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
                    key = id(columns), lacks
                    if key not in self.known:
                        wide = columns.reshape(columns.shape[:1] + (1,) * lacks + columns.shape[1:])
                        self.known[key] = columns, wide
                    columns = self.known[key][1]
                    there = None if there is None else there.reshape((1,) * (lacks + 1) + there.shape[1:])
                found.append(Term(values, columns, guard, there))
        return self.added(found)

    def _array_op(self, at: Applied, given: Sequence[Terms | None]) -> Terms:
        """The tangents of the value of an array op."""
        found: Terms = []
        mixed: list[Term | None] = [None] * len(given)
        for i, terms in enumerate(given):
            if terms is None or vjp_rule(at.row, i) is None:
                continue
            rest: Terms = []
            self.spend(len(given) * len(terms) * np.size(at.y))
            for t in terms:
                how = MIXES if self._in_all(t) else kind(self, at, i)
                if how == PLACES:
                    found.append(self._placed(at, i, t))
                elif how == FOLDS:
                    found += self._folded(at, i, t)
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

    def _reached(self, at: Applied, mixed: Sequence[Term | None]) -> Any:
        """The elements of the value that move where some of one argument do."""
        (i, t), *others = ((k, t) for k, t in enumerate(mixed) if t is not None)
        if others or not moves(at.row) or at.row.selects:
            return None
        there = t.there
        ones = np.ones((1, *np.shape(at.args[i])[1:])) if there is None else there.astype(float)
        found = np.asarray(self._through(at, i, ones)) != 0
        return None if found.all() else np.broadcast_to(found, (1, *np.shape(at.y)[1:]))

    def _check(self, at: Applied, inputs: Sequence[Atom]) -> None:
        """Raise TooDear where columns would depend on values, and must not."""
        if self.varying is not None and moves(at.row) and not at.row.selects:
            told = (k for i in range(len(inputs)) if vjp_rule(at.row, i) is not None for k in placing(at, i))
            if not linear_groups(at.row) or any(inputs[k] in self.varying for k in told):
                raise TooDear

    def _in_all(self, t: Term) -> bool:
        """Whether a tangent has each column for each element."""
        return bool(len(t.columns) == self.count == t.columns.size)

    def _of_each(self, values: Any, guard: Guard = None) -> Term:
        """The tangent with each column for each element."""
        values = np.broadcast_to(values, (self.count, *np.shape(values)[1:]))
        return Term(values, self._all(values.ndim - 1), guard)

    def _all(self, axes: int) -> Any:
        key = "all", axes
        if key not in self.known:
            self.known[key] = self.every.reshape((-1,) + (1,) * axes)
        return self.known[key]

    def _of_all(self, t: Term, shape: tuple[int, ...]) -> Term:
        """A tangent with each column for each element of its array."""
        if self._in_all(t):
            return t
        size = prod(shape)
        self.spend(self.count * size + t.values.size)
        return self._of_each(self._summed(t, np.arange(size), size).reshape((self.count, *shape)))

    def _summed(self, t: Term, to: Any, size: int) -> Any:
        """By column and by place the sums of a tangent's elements; `to` are the places, -1 for none."""
        if self.count * size > self.room:
            raise TooDear
        values = t.values.reshape((len(t.values), -1))
        columns = np.broadcast_to(t.columns, t.values.shape).reshape(values.shape)
        at = columns * size + to
        if t.columns.min(initial=0) < 0 or to.min(initial=0) < 0:
            there = (columns >= 0) & (to >= 0)
            at, values = at[there], values[there]
        return np.bincount(at.ravel(), values.ravel(), self.count * size)

    def _through(self, at: Applied, i: int, values: Any) -> Any:
        """The tangent of the value where that of one argument is given."""
        return jvp_of(at, [values if k == i else None for k in range(len(at.args))], self.apply, self.rules)

    def _placed(self, at: Applied, i: int, t: Term) -> Term:
        """The tangent of the value of an op that places elements."""
        self.spend(2 * t.values.size)
        columns = self._through(at, i, np.broadcast_to(t.columns + 1.0, t.values.shape)) - 1
        guard = t.guard
        if guard is not None:
            alone = [t.values if k == i else None for k in range(len(at.args))]
            guard = jvp_guard(at, alone, [guard if k == i else None for k in range(len(at.args))],
                              self.apply, self.rules)  # fmt: skip
        return Term(self._through(at, i, t.values), self.same(np.asarray(columns).astype(np.intp)), guard)

    def _folded(self, at: Applied, i: int, t: Term) -> Terms:
        """The tangents of the value of an op that adds elements up."""
        shape = np.shape(at.y)[1:]
        size, entries = prod(shape), t.values.size
        self.spend(4 * entries)
        to = self.targets(at, i)
        if self.count * size <= 2 * entries:
            self.spend(self.count * size)
            return [self._of_each(self._summed(t, to, size).reshape((self.count, *shape)))]
        # Those of each place one after the other along the first axis.
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
        return [Term(values.reshape(whole), self.same(columns.reshape(whole)))]

    def targets(self, at: Applied, i: int) -> Any:
        """Of an op that adds elements up, the place in its value that each element of an argument is added to."""
        key = "to", id(at.y), id(at.args[i])  # the tape holds them
        if key not in self.known:
            shape = np.shape(at.y)
            places = np.arange(1.0, prod(shape) + 1).reshape(shape) if shape else 1.0
            found = np.asarray(vjp_of(at, i, places, self.apply, self.rules))
            whole = np.broadcast_to(found, (1, *np.shape(at.args[i])[1:])).astype(np.intp).ravel() - 1
            self.known[key] = at, whole
        return self.known[key][1]

    # Answers

    def block(self, terms: Terms, shape: tuple[int, ...]) -> Any:
        """The Jacobian of an array of this shape: by its places, then by columns."""
        size = prod(shape)
        whole = np.zeros((self.count, size))
        for t in terms:
            if self._in_all(t):
                whole += t.values.reshape((self.count, size))
            else:
                whole += self._summed(t, np.arange(size), size).reshape(whole.shape)
        return whole.T

    def coordinates(self, terms: Terms, shape: tuple[int, ...]) -> tuple[Any, Any, Any]:
        """The entries of that matrix that a tangent has: rows, columns and values, in row-major order."""
        size, total = prod(shape), self.count * prod(shape)
        places, values = [np.zeros(0, np.intp)], [np.zeros(0)]
        for t in terms:
            own = np.broadcast_to(t.columns, t.values.shape).reshape((len(t.values), -1))
            at, there = own + np.arange(size) * self.count, own >= 0
            if t.there is not None:
                there = there & np.broadcast_to(t.there, (1, *shape)).ravel()
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


def kind(sweep: ElementTangents, at: Applied, i: int) -> str:
    """The way in which an array op takes the elements of its i-th argument. It is tried out on numbers."""
    if not moves(at.row) or at.row.selects:
        return MIXES
    groups = linear_groups(at.row)
    if len(groups) > 1:
        return MIXES
    if not groups or placing(at, i):
        return _tried(sweep, at, i)  # it depends on values
    key = at.row.name, i, tuple(map(np.shape, at.args)), OPS.generation
    if key not in _KINDS:
        if len(_KINDS) > 4096:
            _KINDS.clear()
        _KINDS[key] = _tried(sweep, at, i)
    return _KINDS[key]


def placing(at: Applied, i: int) -> list[int]:
    """The arguments whose values tell where an op puts elements of its i-th one."""
    params = at.row.params.split()
    others = (k for k in range(len(at.args)) if k != i and params[min(k, len(params) - 1)].strip("*") != "like")
    return [k for k in others if vjp_rule(at.row, k) is None]


_KINDS: dict[Any, str] = {}


def _tried(sweep: ElementTangents, at: Applied, i: int) -> str:
    apply, rules = sweep.apply, sweep.rules

    def forth(v: Any) -> Any:
        return sweep._through(at, i, v)

    def back(v: Any) -> Any:
        return vjp_of(at, i, v, apply, rules)

    for how, go, like in ((PLACES, forth, at.args[i]), (FOLDS, back, at.y)):
        some = np.random.default_rng(1).integers(1, 1 << 20, np.shape(like) or (1,)).astype(float)
        sweep.spend(6 * some.size)
        ones, once, twice = (np.asarray(go(v)) for v in (np.ones_like(some), some, some * some))
        if ((ones == 0.0) | (ones == 1.0)).all() and (once * once == twice).all():
            return how
    return MIXES


# Fewer sweeps than FEW, and Jacobians that take fewer elementary operations than MANY, are not worth a look.
FEW, MANY = 16, 1 << 23
# The part of the operations of sweeps with a seed for each element that is spent before this way is given up.
SHARE = 1 / 8
# Nonzeros take at most this number of operations for each of the list's, unless the Jacobian takes more.
OPERATIONS = 200.0
# A list computes with arrays for the most part if its equations have WIDE elements on average.
WIDE = 8


def at_once(
    call: Evaluation, tape: dict[str, Any], names: Sequence[str], outputs: Sequence[Atom], kink: str
) -> list[list[Any]] | None:  # fmt: skip
    """The derivatives of every output in `names`; None where sweeps with a seed for each element are as cheap, and
    where a derivative is not finite."""
    sweeps = min(sum(prod(call.shape(n)) for n in names), sum(prod(call.shape(a)) for a in outputs))
    dense = float(sweeps * sum(np.size(tape[e.output]) for e in call.wlist.equations))
    if sweeps < FEW or dense < MANY or not serves(call, names):
        return None
    for group in (tuple(names),), tuple((n,) for n in names):
        found: list[list[Any]] = [[] for _ in outputs]
        try:
            for some in group:
                sweep = ElementTangents(call, tape, kink, SHARE * dense)
                terms = sweep.along(some, outputs)
                for a, row in zip(outputs, found):
                    row += _blocks(call, sweep.block(terms[a], call.shape(a)), a, some)
        except TooDear:
            continue
        return found if all(np.isfinite(v).all() for row in found for v in row) else None
    return None


def nonzeros_at(
    call: Evaluation, names: Sequence[str], outputs: Sequence[Atom], kink: str
) -> tuple[Any, Any, Any] | None:  # fmt: skip
    """The derivatives of all elements of the outputs in those of `names`, as rows, columns and values in row-major
    order; None where they take far more operations than the list and its dense Jacobian, or one is not finite."""
    if not serves(call, names) or not set(names) <= set(call.values):
        return None
    with call:
        call.check()
        tape = forward_sweep(call.wlist, call.values, call.apply)
        entries = sum(prod(call.shape(n)) for n in names) * sum(prod(call.shape(a)) for a in outputs)
        operations = sum(map(np.size, tape.values()))
        dearest = max(OPERATIONS * operations, 8 * entries if entries <= call.limits.elements else 0)
        sweep, first, found = ElementTangents(call, tape, kink, dearest, True), 0, []
        try:
            terms = sweep.along(names, outputs)
            for a in outputs:
                rows, columns, values = sweep.coordinates(terms[a], call.shape(a))
                found.append((rows + first, columns, values))
                first += prod(call.shape(a))
        except TooDear:
            return None
        rows, columns, values = (np.concatenate(parts) for parts in zip(*found))
        return (rows, columns, values) if np.isfinite(values).all() else None


def serves(call: Evaluation, names: Sequence[str]) -> bool:
    """Whether these are tangents of one point in different inputs, of a list that computes with arrays for the most
    part."""
    if not call.arrays or call.batch or call.apply.dtype != np.float64 or len(set(names)) < len(names):
        return False
    equations = call.wlist.equations
    return sum(prod(call.shape(e.output)) for e in equations) >= WIDE * len(equations)


def _blocks(call: Evaluation, whole: Any, output: Atom, names: Sequence[str]) -> list[Any]:
    """The columns of some names, as blocks."""
    found, first = [], 0
    for n in names:
        shape = call.shape(n)
        part = whole[:, first : first + prod(shape)].reshape((*call.shape(output), *shape))
        found.append(np.ascontiguousarray(part) if part.ndim else float(part))
        first += prod(shape)
    return found
