"""A long list by position, as arrays, made without a step of Python for each equation.

It holds the same as `Code`, for readers written in native code. `map` and `array` do the loops over equations.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence
from itertools import chain, count
from operator import itemgetter
from typing import Any

from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple
from ..ops import CONSTANTS, Op
from .code import Code
from .wengert_list import WengertList, ops_of, table_of

# A row, the number of its arguments, and the numbers among them (None for each other argument). There are no numbers if
# they do not distinguish kinds.
Kind = tuple[Op, int, tuple[float | None, ...]]


class FlatCode(NamedTuple):
    """A list by position, as arrays.

    The slots hold the inputs, then the value of each step in order, then the numbers.

    inputs   the number of inputs
    numbers  the numbers that the list contains, each once, told apart by their bits
    kinds    the kinds of steps
    steps    for each step the index of its kind, int32
    slots    the slots of the arguments of all steps, one after the other, int32
    outputs  the slots of the outputs
    ops      the rows that the list defines for itself
    """

    inputs: int
    numbers: tuple[float, ...]
    kinds: tuple[Kind, ...]
    steps: Any
    slots: Any
    outputs: tuple[int, ...]
    ops: tuple[Op, ...]


class FoundAtoms(NamedTuple):
    """The atoms of a list, as `Finder` finds them by object identity.

    slots   for each argument its slot; the slots after those of the steps are of atoms that are no input and no step's
    atoms   for each of these, one after the other, the equation and the place in it where it stands first
    steps   for each equation the number of its op
    ops     for each of these the equation where it stands first
    counts  for each equation how many arguments it has
    replace puts other slots in the places of the first slot after those of the steps, and of the slots after it
    """

    slots: Any
    atoms: Sequence[tuple[int, int]]
    steps: Any
    ops: Sequence[int]
    counts: Any
    replace: Callable[[Sequence[int]], None]


# Finds the atoms and ops of a list by identity. None if it cannot, or if most equal names are different objects.
Finder = Callable[[WengertList], FoundAtoms | None]


# Chooses among the ops of a list.
Telling = Callable[[Collection[str]], Collection[str]]


def _none(ops: Collection[str]) -> Collection[str]:
    return ()


class SlotsByAtom(dict[Any, int]):
    """The slots of atoms: of names, and of numbers as they occur. A name that nothing defines is a constant."""

    def __init__(self, wlist: WengertList, whole: bool) -> None:
        super().__init__(zip(wlist.inputs, count()))
        self.wlist = wlist
        self.first = len(wlist.inputs) + len(wlist.equations)
        self.numbers: list[float] = []
        self._by_bits: dict[str, int] = {}
        self.whole = False
        if whole:
            self.complete()

    def complete(self) -> None:
        """Add all names. This takes longer than everything else, so it is done only when needed."""
        if not self.whole:
            self.whole = True
            self.update(zip(map(itemgetter(0), self.wlist.equations), count(len(self.wlist.inputs))))

    def number(self, value: float) -> int:
        """The slot of a number."""
        bits = value.hex()
        if bits not in self._by_bits:
            self._by_bits[bits] = self.first + len(self.numbers)
            self.numbers.append(value)
        return self._by_bits[bits]

    def of(self, atom: str | float) -> int:
        """The slot of an atom. 0 and -0 are distinguished."""
        return self[atom] if isinstance(atom, str) else self.number(atom)

    def __missing__(self, a: str | float) -> int:
        if not isinstance(a, str):
            found = self[a] = self.number(a)
            return found
        if not self.whole and (a not in CONSTANTS or a in map(itemgetter(0), self.wlist.equations)):
            self.complete()
            return self[a]
        found = self[a] = self.number(CONSTANTS[a])
        return found


def flat_code_of(
    wlist: WengertList, telling: Telling = _none, find: Finder | None = None
) -> tuple[FlatCode, SlotsByAtom]:
    """A list by position, and the slots of its atoms. Free constants become numbers. Derivative expressions must be
    expanded beforehand.

    `telling` chooses the ops whose steps are of one kind only if their numbers are the same. With `find`, names are
    found by identity, which takes a fraction of the time: in a list from the parser or from a sweep, a name is the same
    object wherever it occurs.
    """
    check_clock()
    found = None if find is None else find(wlist)
    places = SlotsByAtom(wlist, found is None)
    if found is None:
        arguments = list(map(itemgetter(2), wlist.equations))
        check_clock()
        slots = array("i", map(places.__getitem__, chain.from_iterable(arguments)))
        if 0.0 in places:
            _signed_zeros(places, slots, arguments)
        kinds, steps = _kinds(wlist, list(map(itemgetter(1), wlist.equations)), telling(ops_of(wlist)))
    else:
        slots = _settled(places, found)
        kinds, steps = _kinds_found(wlist, found, telling)
    check_clock()
    outputs = tuple([_output(places, a) for a in wlist.outputs])
    return FlatCode(len(wlist.inputs), tuple(places.numbers), kinds, steps, slots, outputs, wlist.ops), places


def _output(places: SlotsByAtom, a: str | float) -> int:
    # An output is mostly the last equation, which is found without adding all names.
    equations = places.wlist.equations
    if equations and equations[-1][0] == a:
        return places.first - 1
    return places.of(a)


def _settled(places: SlotsByAtom, found: FoundAtoms) -> Any:
    """The slots of the arguments, with atoms that are neither inputs nor steps merged by value."""
    equations = places.wlist.equations
    became = [places.of(equations[k][2][i]) for k, i in found.atoms]
    if became != list(range(places.first, places.first + len(became))):
        found.replace(became)
    return found.slots


def _signed_zeros(places: SlotsByAtom, slots: Any, arguments: list[tuple[Any, ...]]) -> None:
    """Tell 0 and -0 apart. They are one key of a dictionary, so the one that came first stands for both."""
    zero = places[0.0]
    met = [k for k, slot in enumerate(slots) if slot == zero]
    atoms = list(chain.from_iterable(arguments))
    for k in met:
        if isinstance(atoms[k], float):
            slots[k] = places.number(atoms[k])


def _kinds_found(wlist: WengertList, found: FoundAtoms, telling: Telling) -> tuple[tuple[Kind, ...], Any]:
    """The kinds of the steps, and for each step its kind."""
    equations, table = wlist.equations, table_of(wlist.ops)
    met = [equations[k][1] for k in found.ops]
    told = telling(met)
    if len(set(met)) < len(met) or any(op in told or "*" in table[op].params for op in met):
        return _kinds(wlist, list(map(met.__getitem__, found.steps)), told)
    return tuple([(table[op], len(table[op].params.split()), ()) for op in met]), found.steps


def _kinds(wlist: WengertList, ops: list[Any], telling: Collection[str]) -> tuple[tuple[Kind, ...], Any]:
    table = table_of(wlist.ops)
    met = set(ops)
    any_number = {op for op in met if "*" in table[op].params}
    if special := any_number.union(telling):
        equations = wlist.equations
        for k in [k for k, op in enumerate(ops) if op in special]:
            op, args = ops[k], equations[k][2]
            told = op in telling
            ops[k] = op, len(args), tuple([a if type(a) is float else None for a in args]) if told else ()
    places: dict[Any, int] = {key: k for k, key in enumerate(dict.fromkeys(ops))}
    kinds: list[Kind] = []
    for key in places:
        if isinstance(key, tuple):
            kinds.append((table[key[0]], key[1], key[2]))
        else:
            kinds.append((table[key], len(table[key].params.split()), ()))
    return tuple(kinds), array("i", map(places.__getitem__, ops))


def flattened(code: Code) -> FlatCode:
    """A code as arrays."""
    inputs, numbers, n = len(code.inputs), len(code.numbers), len(code.steps)
    moved = [*range(inputs), *range(inputs + n, inputs + n + numbers), *range(inputs, inputs + n)]
    keys = [(id(row), len(slots)) for row, slots in code.steps]
    places = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    rows = {(id(row), len(slots)): row for row, slots in code.steps}
    kinds = tuple([(rows[key], key[1], ()) for key in places])
    steps = array("i", map(places.__getitem__, keys))
    slots = array("i", map(moved.__getitem__, chain.from_iterable(map(itemgetter(1), code.steps))))
    return FlatCode(inputs, code.numbers, kinds, steps, slots, tuple([moved[k] for k in code.outputs]), code.ops)
