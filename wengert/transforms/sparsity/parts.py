"""Parts of a list that differ only in their names are differentiated once and written many times.

A part holds the equations from which some names are computed, or those that depend on a name. Its names are replaced by
marks in the order in which a search meets them, so that parts of one shape have one key. The derivative of a shape is
kept as a template, whose steps are written again for every part of that shape, with that part's names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from math import copysign
from typing import Any

from ...ground.limits import checking_clock
from ...ground.tuples import NamedTuple
from ...lists.wengert_list import Atom, Equation
from ...sweeps.numbers import Numbers
from ...sweeps.ties import Ties
from ..builder import Builder, Step, picking
from ..list_sweeps import Stretch
from .structural_rules import StructuralRules

Key = tuple[Any, ...]


class Part(NamedTuple):
    """Some equations of a list.

    key     the equations without their names: equal for parts of one shape, which then have the same marks
    names   the names met, in order
    places  indices of the equations, in an order that is the same for parts of one shape
    """

    key: Key
    names: list[str]
    places: list[int]


class Template(NamedTuple):
    """The equations that are written for a part.

    literals  the numbers that the steps and answers use, or None: their slots follow those of the part's names
    steps     the equations; each fills one more slot
    answers   the derivatives, as functions that pick slots: those of two names for each derivative (any for the second,
              of a first derivative), and that of itself, which is None where it is 0; none if there is no derivative
    """

    literals: list[float | None]
    steps: list[Step]
    answers: list[Callable[[Sequence[Any]], tuple[Any, ...]]]

    def write(self, build: Builder, part: Part) -> Iterable[tuple[str, str, Atom | None]]:
        """Write the steps for a part, and return the answers, by its names."""
        values: list[Any] = [*part.names, *self.literals]
        build.replaying()(self.steps, values, None, part.places)
        return zip(*[pick(values) for pick in self.answers])


def template(
    marks: Sequence[str], equations: Iterable[Equation], places: Iterable[int | None],
    answers: Iterable[tuple[str, str, Atom | None]],
) -> Template:  # fmt: skip
    """A template from equations over marks, the place of each, and atoms for pairs of marks."""
    steps: list[Step] = []
    slots: dict[Atom, int] = {mark: k for k, mark in enumerate(marks)}
    written, found = list(equations), list(answers)
    literals: list[float | None] = [a for e in written for a in e.inputs if type(a) is float]
    used = iter(range(len(marks), len(marks) + len(literals)))
    plain = [atom for _, _, atom in found if not isinstance(atom, str)]
    first = len(marks) + len(literals) + len(plain)
    for (output, op, inputs), place in zip(written, places):
        pick = picking([next(used) if type(a) is float else slots[a] for a in inputs])
        steps.append(Step(op, pick, 0.0 in inputs, -1 if place is None else place))
        slots[output] = first + len(steps) - 1
    rest = iter(range(first - len(plain), first))
    columns = zip(*[
        (slots[a], slots.get(b, 0), slots[atom] if isinstance(atom, str) else next(rest)) for a, b, atom in found
    ])  # fmt: skip
    return Template(literals + plain, steps, [picking(column) for column in columns])


# The last two bits of a mark say whether derivatives treat its name as a constant, pass through it, want it, or want it
# although an equation defines it.
_CONSTANT, _PASSED, _WANTED, _DEFINED = range(4)
_LETTERS = "caww"


class Parts:
    """The parts of a list, found by searches, with the marks of every shape met.

    A mark's letter is `w` for a name that is wanted, `a` for another that the derivatives pass through, and `c` for one
    that is constant to them. While parts are compared a mark is a number: four times its name's place in the order of
    the search, and its last two bits; a literal has `=` before it, as 5 == 5.0.
    """

    def __init__(self, equations: Sequence[Equation], wanted: Collection[str], facts: StructuralRules) -> None:
        self.equations, self.wanted, self.facts = equations, wanted, facts
        self.shapes: dict[Key, tuple[str, ...]] = {}
        self.keys: dict[Key, Key] = {}
        self.ties = Ties(Stretch(equations, facts.ops), {}, Numbers(facts.ops), facts.rules)

    @cached_property
    def active(self) -> dict[Any, int]:
        """The wanted names and all names computed from them, with the last two bits of their marks, and from the third
        bit on the index of the defining equation."""
        active: dict[Any, int] = dict.fromkeys(self.wanted, _WANTED)
        for k, (output, _, inputs) in enumerate(checking_clock(self.equations)):
            if output in active:
                active[output] = 4 * k + _DEFINED
                continue
            for a in inputs:
                if a in active:
                    active[output] = 4 * k + _PASSED
                    break
        return active

    def above(self, roots: Sequence[Any]) -> Part:
        """The part from which the roots are computed, as far as it is active."""
        equations, active, plain, passes = self.equations, self.active, self.facts.plain, self.facts.passing
        marks: dict[Any, int] = {}
        key: list[Any] = [len(roots)]
        order: list[int] = []
        for root in roots:
            bits = active[root]
            marks[root] = 4 * len(marks) + (bits & 3)
            key.append(marks[root])
            if bits & 1:
                order.append(bits >> 2)
        held: dict[Any, int] = {}  # active names through which no derivative has passed yet
        for k in order:
            _, op, inputs = equations[k]
            key.append(op)
            passing = None if plain[op] is not None else passes(op, inputs)
            for i, a in enumerate(inputs):
                mark = marks.get(a)
                if mark is None:
                    if type(a) is not str:
                        key += ("=", a) if a != 0.0 else ("0", copysign(1.0, a))
                        continue
                    bits = active.get(a, _CONSTANT)
                    mark = marks[a] = 4 * len(marks) + (bits & 3)
                    if passing is not None and i not in passing:
                        held[a] = bits
                    elif bits & 1:
                        order.append(bits >> 2)
                elif a in held and (passing is None or i in passing) and (bits := held.pop(a)) & 1:
                    order.append(bits >> 2)
                key.append(mark)
        for k in (more := self.conditions(order)):
            _, op, inputs = equations[k]
            key.append(op)
            for a in inputs:
                mark = marks.get(a)
                if mark is None:
                    if type(a) is not str:
                        key += ("=", a) if a != 0.0 else ("0", copysign(1.0, a))
                        continue
                    held[a] = bits = active.get(a, _CONSTANT)
                    mark = marks[a] = 4 * len(marks) + (bits & 3)
                key.append(mark)
        return self._part(key, marks, order + more, held)

    def conditions(self, places: Sequence[int]) -> list[int]:
        """The equations, besides those at these indices, from which ties of the conditions among them are found."""
        if not self.choosing:
            return []
        equations, there, seen = self.equations, set(places), set[Any]()
        choosing = [equations[k] for k in places if equations[k].op in self.choosing]
        found = [self.indices[e.output] for one in choosing for e in self.ties.made_of(one, seen)]
        return [k for k in found if k not in there]

    @cached_property
    def choosing(self) -> set[str]:
        """The ops of the list that choose between branches."""
        return {op for op in {e.op for e in self.equations} if (row := self.facts.table.get(op)) and row.shares}

    @cached_property
    def indices(self) -> dict[str, int]:
        """The index of the equation that defines each name."""
        return {e.output: k for k, e in enumerate(self.equations)}

    def below(self, root: str, readers: Mapping[str, Sequence[int]]) -> Part:
        """The part that is computed from the root. For each name, `readers` holds the equations to which a derivative
        in it passes."""
        equations, wanted = self.equations, self.wanted
        found = set(readers.get(root, ()))
        queue = list(found)
        for k in queue:
            more = [j for j in readers.get(equations[k].output, ()) if j not in found]
            found.update(more)
            queue += more
        more = self.conditions(sorted(found))
        places = sorted([*found, *more])
        marks: dict[Any, int] = {root: _WANTED if root in wanted else _PASSED}
        key: list[Any] = [marks[root]]
        for k in places:
            output, op, inputs = equations[k]
            for a in inputs:
                mark = marks.get(a)
                if mark is None:
                    if type(a) is not str:
                        key += ("=", a) if a != 0.0 else ("0", copysign(1.0, a))
                        continue
                    mark = marks[a] = 4 * len(marks) + _CONSTANT
                key.append(mark)
            bits = _CONSTANT if k not in found else _WANTED if output in wanted else _PASSED
            mark = marks[output] = 4 * len(marks) + bits
            key += (op, mark)
        return self._part(key, marks, places)

    def _part(self, key: list[Any], marks: dict[Any, int], places: list[int], held: Collection[Any] = ()) -> Part:
        whole = tuple(key)
        shared = self.keys.setdefault(whole, whole)
        if shared is whole:
            letters = (_LETTERS[_CONSTANT if name in held else mark & 3] for name, mark in marks.items())
            self.shapes[whole] = tuple(f"#{letter}{n}" for n, letter in enumerate(letters))
        return Part(shared, list(marks), places)

    def under_marks(self, part: Part) -> tuple[list[Equation], list[int]]:
        """The part's equations with marks for names, in order, each with its index in the part."""
        marks: dict[Any, str] = dict(zip(part.names, self.shapes[part.key]))
        order = sorted(range(len(part.places)), key=part.places.__getitem__)
        equations = []
        for at in order:
            output, op, inputs = self.equations[part.places[at]]
            equations.append(Equation(marks[output], op, tuple([marks.get(a, a) for a in inputs])))
        return equations, order
