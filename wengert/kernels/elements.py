"""A list over arrays that computes with their elements, as a code over the elements.

A sum over a range, or a loop over the elements of a vector, is a list of equations over numbers, for which arrays are
split and joined. Such a list has a code over numbers with exactly the operations of the sweeps over arrays, and so with
the same bits. Reductions and products of whole arrays stay with kernels for arrays, and so does all that NumPy computes
differently for arrays and numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import copysign
from typing import Any

from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.code import Code, Step
from ..lists.wengert_list import Equation, WengertList, assemble, table_of
from ..ops import ADD, CONSTANTS, INDEX, OPS, SCATTER, Op
from ..ops.parameters import split
from ..ops.shapes.dimensions import Shape

# Rows whose error is at most this are computed by NumPy for arrays as by Python for numbers: they are rounded
# correctly.
ROUNDED = 0.5
# Maps a list over numbers to the list of its value and its derivatives in the given names.
Differentiate = Callable[[WengertList, Sequence[str]], WengertList]


class TakenApart(NamedTuple):
    """A code over the elements of arrays. Its inputs are the elements of the list's inputs, row by row; its outputs are
    those of the list's outputs, with these `shapes`."""

    code: Code
    shapes: tuple[tuple[int, ...], ...]


class OfWholeArrays(Exception):
    """An equation neither moves elements nor computes the same for numbers and arrays."""


def elements_of(wlist: WengertList, shapes: Mapping[str, Shape]) -> TakenApart | None:
    """The code over the elements of a list whose names have these shapes; None if the list computes with whole
    arrays."""
    numbers = sum(1 for e in wlist.equations if not shapes.get(e.output))
    if 2 * numbers < len(wlist.equations):
        return None
    try:
        taking = _Scalarisation(wlist, shapes)
        taking.take(wlist.equations)
        return taking.finished([taking.atom(a) for a in wlist.outputs])
    except OfWholeArrays:
        return None


def gradient_over_elements(
    wlist: WengertList, shapes: Mapping[str, Shape], names: Sequence[str], differentiate: Differentiate
) -> TakenApart | None:  # fmt: skip
    """The code of the value and the derivatives in `names`, for a list that only reads single elements of its arrays;
    None for any other. `shapes` are those of all its names.

    Each read is differentiated as a number, which takes a third of the time of writing the same by the sweep over
    arrays. The adjoint of an element is the sum of those of its reads, last read first, as in the sweep.
    """
    taking = _Scalarisation(wlist, shapes)
    reads: dict[str, tuple[str, int]] = {}
    rest = []
    vectors = {n for n in wlist.inputs if len(taking.shape(n)) == 1}
    table = table_of(wlist.ops)
    for e in checking_clock(wlist.equations):
        base, spec = split(e.op)
        if base == INDEX and spec.isdigit() and e.inputs[0] in vectors:
            reads[e.output] = str(e.inputs[0]), int(spec)
        elif table[e.op].array is not None or shapes.get(e.output):
            return None
        else:
            rest.append(e)
    if not set(names) <= set(wlist.inputs) or any(n not in vectors and taking.shape(n) for n in names):
        return None
    scalars = [n for n in wlist.inputs if not taking.shape(n)]
    wanted = set(names)
    asked = [*(r for r, (n, _) in reads.items() if n in wanted), *(n for n in scalars if n in wanted)]
    made = differentiate(assemble((*reads, *scalars), rest, wlist.outputs, wlist.ops), asked)
    for read, (name, k) in reads.items():
        taking.places[read] = int(taking.places[name][k])
    taking.take(made.equations)
    value, *derivatives = map(taking.atom, made.outputs)
    by_name = dict(zip(asked, derivatives))
    adjoints = {n: [taking.atom(0.0)] * taking.shape(n)[0] for n in names if n in vectors}
    for read in reversed(reads):
        name, k = reads[read]
        if name in wanted:
            adjoints[name][k] = taking.step(OPS[ADD], adjoints[name][k], by_name[read])
    return taking.finished([value, *(adjoints.get(n) or by_name[n] for n in names)])


class _Cell:
    """An element while it is moved. It supports no arithmetic."""

    __slots__ = ("slot",)

    def __init__(self, slot: int) -> None:
        self.slot = slot


class _Scalarisation:
    """The state of splitting a list into elements. Numbers have the slot -1 - k until their count is known.

    sums    the slots of sums that began with 0
    places  for each name its slot, or an array of the slots of its elements
    """

    def __init__(self, wlist: WengertList, shapes: Mapping[str, Shape]) -> None:
        import numpy as np

        self.np, self.wlist, self.shapes = np, wlist, shapes
        self.numbers: dict[str, int] = {}
        self.values: list[float] = []
        self.steps: list[tuple[Op, tuple[int, ...]]] = []
        self.inputs: list[str] = []
        self.places: dict[str, Any] = {}
        self.sums: set[int] = set()
        for name in wlist.inputs:
            start = len(self.inputs)
            shape = self.shape(name)
            size = int(np.prod(shape)) if shape else 1
            self.inputs += [f"{name}.{k}" for k in range(size)] if shape else [name]
            self.places[name] = np.arange(start, start + size).reshape(shape) if shape else start

    def shape(self, a: Any) -> tuple[int, ...]:
        return tuple(self.shapes.get(a) or ()) if isinstance(a, str) else ()  # type: ignore[arg-type]

    def take(self, equations: Sequence[Equation]) -> None:
        """Split the equations. Raises OfWholeArrays."""
        places, steps, shapes = self.places, self.steps, self.shapes
        table, first = table_of(self.wlist.ops), len(self.inputs)
        rows: dict[str, tuple[Op, str, str]] = {}
        for output, op, inputs in checking_clock(equations):
            known = rows.get(op)
            if known is None:
                known = rows[op] = (table[op], *split(op))
            row, base, spec = known
            if row.array is None and not shapes.get(output):
                if len(inputs) == 2:  # most often, and faster than any number of them
                    a, b = inputs
                    slots: tuple[Any, ...] = (places[a] if a in places else self.atom(a),
                                              places[b] if b in places else self.atom(b))  # fmt: skip
                else:
                    slots = tuple([places[a] if a in places else self.atom(a) for a in inputs])
                places[output] = first + len(steps)
                steps.append((row, slots))
                continue
            args = [self.atom(a) for a in inputs]
            if base == INDEX and spec.isdigit():
                place = args[0][int(spec)]
                places[output] = int(place) if place.ndim == 0 else place
            elif row.array is None:
                places[output] = self._each(row, args)
            elif base == SCATTER:
                places[output] = self._scattered(spec, args)
            else:
                places[output] = self._placed(row, args)

    def atom(self, a: Any) -> Any:
        """The slot, or the slots, of a name or of a number."""
        if isinstance(a, str):
            if (place := self.places.get(a)) is not None:
                return place
            a = CONSTANTS[a]
        key = a.hex()
        if key not in self.numbers:
            self.numbers[key] = -1 - len(self.values)
            self.values.append(a)
        return self.numbers[key]

    def step(self, row: Op, *slots: Any) -> int:
        self.steps.append((row, tuple(map(int, slots))))
        return len(self.inputs) + len(self.steps) - 1

    def _each(self, row: Op, args: list[Any]) -> Any:
        """An elementwise op over arrays."""
        if not callable(row.forward) or row.ulps > ROUNDED:
            raise OfWholeArrays
        whole = self.np.broadcast_arrays(*args)
        found = self.np.array([self.step(row, *slots) for slots in zip(*(a.ravel() for a in whole))], self.np.int64)
        return found.reshape(whole[0].shape)

    def _scattered(self, spec: str, args: list[Any]) -> Any:
        """Zeros with numbers added at their places, one after the other."""
        np, (like, *given) = self.np, args
        answer = np.full(np.shape(like), self.atom(0.0), np.int64)
        for k, (a, where) in enumerate(zip(given, spec.split("|"))):
            if where == ":" and not k and np.shape(a) == answer.shape:
                # Sums that began with 0 are not -0, so another 0 changes none of them.
                answer = a.copy() if self.sums.issuperset(a.ravel().tolist()) else self._each(OPS[ADD], [answer, a])
                continue
            if not where.isdigit() or answer.ndim != 1 or np.ndim(a):
                raise OfWholeArrays
            answer[int(where)] = self.step(OPS[ADD], answer[int(where)], a)
        self.sums.update(answer.ravel().tolist())
        return answer

    def _placed(self, row: Op, args: list[Any]) -> Any:
        """An op that moves elements: run its own function over elements that can only be moved."""
        np = self.np
        cells = []
        for a in args:
            cell = np.empty(np.shape(a), object)
            for at, slot in np.ndenumerate(np.asarray(a)):
                cell[at] = _Cell(int(slot))
            cells.append(cell if cell.ndim else cell[()])
        try:
            moved = np.asarray(row.forward(*cells), object)  # type: ignore[operator]
            found = np.empty(moved.shape, np.int64)
            for at, cell in np.ndenumerate(moved):
                found[at] = cell.slot if isinstance(cell, _Cell) else self._zero(cell)
        except Exception:  # a function over arrays may raise anything if an element is no number
            raise OfWholeArrays from None
        return found if found.ndim else int(found)

    def _zero(self, a: Any) -> Any:
        if a != 0 or copysign(1.0, a) < 0:
            raise OfWholeArrays
        return self.atom(0.0)

    def finished(self, wanted: Sequence[Any]) -> TakenApart:
        """The code whose outputs are in these places."""
        np = self.np
        outputs: list[int] = []
        for place in wanted:
            outputs += np.ravel(np.asarray(place)).tolist()
        inputs, numbers = len(self.inputs), len(self.values)

        def slot(s: int) -> int:
            return s if 0 <= s < inputs else inputs - 1 - s if s < 0 else s + numbers

        slots = [slot(s) for s in range(-numbers, inputs + len(self.steps))]  # of s at s, as of a negative index
        slots = slots[numbers:] + slots[:numbers]
        steps: list[Step] = []
        for row, own in checking_clock(self.steps):
            if len(own) == 2:
                a, b = own
                steps.append((row, (slots[a], slots[b])))
            else:
                steps.append((row, tuple([slots[a] for a in own])))
        code = Code(tuple(self.inputs), tuple(self.values), tuple(steps), tuple([slots[a] for a in outputs]),
                    self.wlist.ops)  # fmt: skip
        return TakenApart(code, tuple(np.shape(place) for place in wanted))
