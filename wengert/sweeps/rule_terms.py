"""The terms of a sum whose first derivatives are those of the rules, at a point where other terms are followed.

Where kinks nest, the rules multiply means, as in relu(relu(x)), and the mean over the pieces is another one. So a jump
or a removable point of one term is followed along rays, and the derivatives of the other terms stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import prod
from typing import Any

from ..lists.array_text import shape_of
from ..lists.wengert_list import Equation, WengertList, assemble
from ..ops.row import moves
from .interpretation import Interpretation
from .nonfinite import holds
from .point_lanes import Lane, finite
from .rules import Rules
from .tangent import tangent_sweep
from .ties import JUMP, MEETING, is_equality


class RuleTerms:
    """The terms of the outputs of a list that is differentiated by `names`, at a point whose values are on `tape`."""

    def __init__(
        self, wlist: WengertList, tape: Mapping[str, Any], names: Collection[str], rules: Rules, apply: Interpretation
    ) -> None:  # fmt: skip
        self.wlist, self.tape, self.names, self.rules, self.apply = wlist, tape, names, rules, apply
        # One kink alone has one mean, however it is found.
        self.nested = sum(self._bends(e) for e in wlist.equations) > 1
        self._places: set[str] | None = None

    def of(self, output: Any, name: str) -> frozenset[str]:
        """The terms of an output in which kinks may nest, and that have no place of `Places.EQUAL` that moves with a
        name."""
        if not self.nested:
            return frozenset()
        if self._places is None:
            self._places = {e.output for e in self.wlist.equations if self._is_place(e)}
        moving, placed, bends = {name}, set[Any](), dict[Any, int]()
        for e in self.wlist.equations:
            if e.output in self.names or moving.isdisjoint(e.inputs):
                continue
            moving.add(e.output)
            if e.output in self._places or not placed.isdisjoint(e.inputs):
                placed.add(e.output)
            bends[e.output] = min(2, self._bends(e) + sum(bends.get(a, 0) for a in set(e.inputs)))
        return frozenset(a for a in self._terms(output, moving) if a not in placed and bends[a] > 1)

    def _bends(self, e: Equation) -> bool:
        row = self.rules.row(e.op)
        return bool(row.shares) or not row.boolean and any(kink.kind in MEETING for kink in row.kinks)

    def _is_place(self, e: Equation) -> bool:
        row = self.rules.row(e.op)
        kinks = [k for k in row.kinks if is_equality(row) or not row.boolean and k.kind == JUMP]
        if not kinks:
            return False
        args = tuple([self.tape[a] if type(a) is str else a for a in e.inputs])
        return any(holds(row, k.when, args, self.tape[e.output], self.wlist.ops, self.apply) for k in kinks)

    def _terms(self, output: Any, moving: Collection[Any]) -> set[str]:
        """The values that an output is a linear combination of, and that are not linear in others."""
        found, waiting = set[str](), {output}
        for e in reversed(self.wlist.equations):
            if e.output not in waiting or e.output not in moving or e.output in self.names:
                continue
            if self._is_linear(e, moving):
                waiting.update(e.inputs)
            else:
                found.add(e.output)
        return found

    def _is_linear(self, e: Equation, moving: Collection[Any]) -> bool:
        row = self.rules.row(e.op)
        if row.array is not None:
            return bool(moves(row)) and not row.selects and not row.kinks
        if row.kinks or row.shares:
            return False
        for p, a in zip(self.rules.partials_at(row, e.inputs), e.inputs):
            if a not in moving or p is None or p.constant is not None:
                continue
            if not 0 <= p.place < len(e.inputs) or e.inputs[p.place] in moving:
                return False
        return True

    def without(self, terms: frozenset[str]) -> WengertList:
        """The list with these terms for inputs, which stand still."""
        kept, live = list[Equation](), set[Any](self.wlist.outputs)
        for e in reversed(self.wlist.equations):
            if e.output in live and e.output not in terms:
                kept.append(e)
                live.update(e.inputs)
        return assemble((*self.wlist.inputs, *sorted(terms)), kept[::-1], self.wlist.outputs, self.wlist.ops)

    def by_rules(self, terms: frozenset[str], name: str, place: Any) -> dict[Any, Any] | None:
        """The derivatives, by the rules of the ops, of the sum of these terms in each output, by a coordinate; None
        where one is not finite."""
        unit: Any = 1.0
        if place is not None:
            from numpy import zeros

            unit = zeros(shape_of(self.tape[name]))
            unit[place] = 1.0
        moved = tangent_sweep(self.wlist, self.tape, {name: unit}, self.apply, self.rules)
        own = {a: moved[a] for a in terms if a in moved}
        for one in own.values():
            if not (finite(one) if type(one) in (float, Lane) else bool((abs(one) < float("inf")).all())):
                return None
        return tangent_sweep(self.wlist, self.tape, own, self.apply, self.rules)


def output_at(outputs: Sequence[Any], values: Sequence[Any], number: int) -> tuple[Any, int]:
    """The output that has the element of this number among all, and the number of its own first element."""
    first = 0
    for a, value in zip(outputs, values):
        size = prod(shape_of(value))
        if number < first + size:
            return a, first
        first += size
    raise IndexError(number)
