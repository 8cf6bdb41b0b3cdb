"""A list as a formula: program text with operators, few brackets and few temporaries.

`parse(formula(w))` has the inputs of w, and at every point the same values, bit for bit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite, isnan

from ..lists.wengert_list import Atom, Equation, WengertList, assemble, program_lines, spelled, table_of
from ..ops import AND, ARRAY, CONSTANTS, COPY, INDEX, TRANSPOSE, Op
from ..ops.parameters import split
from .layout import APART, TIGHT, WHOLE, Layout, Piece, compares, needs, operator, plan, tightness, unfold

# A static parameter in an op's string, such as `axis=[0,1]`.
STATIC = r"\w+=(?:\[[^\]]*\]|[^,]+)"
_NAME = re.compile(r"\b[^\W\d]\w*\b(?!\s*\()")


def formula(wlist: WengertList, defaults: Mapping[str, float] = {}) -> str:
    """A list as program text for people: infix, with temporaries written where they are used.

    Names that a person chose keep their lines. So do temporaries that are used several times, unless the whole is
    short. Inputs are declared if the text alone would not tell them, or if there are `defaults`.
    """
    laid_out = plan(wlist)
    write = Infix(wlist.ops, laid_out, _speller(wlist))
    lines = [f"{e.output} = {write.right(e)}" for e in laid_out.lines]
    outputs = [write.atom(a) for a in wlist.outputs]
    if len(outputs) == 1 and (not lines or laid_out.lines[-1].output != outputs[0]):
        lines += outputs
    # An output statement makes no inputs, so an input that stands nowhere else must be declared.
    inputs = set(wlist.inputs)
    told = dict.fromkeys(n for line in lines for n in _NAME.findall(line) if n in inputs)
    if len(outputs) > 1:
        lines.append(f"output {', '.join(outputs)}")
    head = program_lines(assemble((), (), (0.0,), wlist.ops))[:-1]
    if defaults or wlist.shapes or tuple(told) != wlist.inputs or not told.keys().isdisjoint(CONSTANTS):
        declared = program_lines(assemble(wlist.inputs, (), (0.0,), shapes=wlist.shapes), defaults)
        head = [*declared[:-1], *head]
    return "\n".join([*head, *lines])


def single(wlist: WengertList, k: int = 0) -> str:
    """Output k as one expression, such as `y*x^(y - 1)`, if it fits on a line; else as the program that computes it."""
    alone = assemble(wlist.inputs, wlist.equations, wlist.outputs[k : k + 1], wlist.ops, wlist.provenance)
    laid_out = plan(alone, named=False)
    if laid_out.lines or laid_out.size > WHOLE:
        return formula(alone)
    return Infix(wlist.ops, laid_out, _speller(alone)).atom(alone.outputs[0])


def equation_text(e: Equation, ops: tuple[Op, ...] = ()) -> str:
    """An equation as text, such as `v2 = v1 + x2`."""
    return f"{e.output} = {Infix(ops).right(e)}"


class Infix:
    """Writes atoms and equations in the language.

    ops       rows besides the registry's
    laid_out  the layout, which tells which equations stand within others; by default none do
    spell     spells an atom that no equation is written in place of
    wary      whether a negative number after an operator gets brackets, though the language needs none
    """

    def __init__(
        self, ops: tuple[Op, ...] = (), laid_out: Layout = APART, spell: Callable[[Atom], str] = spelled,
        wary: bool = False,
    ) -> None:  # fmt: skip
        self.table = table_of(ops)
        self.within, self.binding = laid_out.within, laid_out.binding
        self.spell, self.wary = spell, wary

    def atom(self, a: Atom) -> str:
        """An atom, or the expression that is written in its place."""
        return unfold([(a, 0)], self._parts)

    def right(self, e: Equation) -> str:
        """The right-hand side of an equation."""
        return unfold(self._sides(e), self._parts)

    def _parts(self, a: Atom, need: int) -> Sequence[Piece]:
        e = self.within.get(a) if isinstance(a, str) else None
        if e is not None and e.op == COPY:
            return [(e.inputs[0], need)]
        inside = [self.spell(a)] if e is None else self._sides(e)
        return inside if tightness(a, self.binding) >= need else ["(", *inside, ")"]

    def _sides(self, e: Equation) -> list[Piece]:
        row = self.table.get(e.op)
        if e.op == COPY:
            return [(e.inputs[0], 0)]
        if row is None or not row.notation.infix:
            return self._call(e, row)
        sides: list[Piece] = list(zip(e.inputs, needs(row)))
        if self.wary and isinstance(e.inputs[-1], float):
            sides[-1] = e.inputs[-1], TIGHT
        sides.insert(len(sides) - 1, operator(row))
        if e.op == AND and (ends := self._chain(*e.inputs)) is not None:
            return [*self._sides(ends[0]), *self._sides(ends[1])[1:]]
        return sides

    def _call(self, e: Equation, row: Op | None) -> list[Piece]:
        """A call; for an array op, in the spelling that a person would use."""
        op, statics = split(e.op)
        if op == INDEX:
            return [(e.inputs[0], TIGHT), f"[{statics}]"]
        if op == TRANSPOSE:
            # A number gets brackets, as 0.T would read as a number and a name.
            return ["(", (e.inputs[0], 0), ").T"] if isinstance(e.inputs[0], float) else [(e.inputs[0], TIGHT), ".T"]
        head, tail = f"{e.op}(", ")"
        if op == ARRAY:
            head, tail = "[", "]"
        elif row is not None and "=" in statics:
            head, tail = f"{op}(", f", {', '.join(re.findall(STATIC, statics))})"
        if row is not None and row.notation.folded and len(e.inputs) == 1:
            head = f"{row.notation.folded}("
        pieces: list[Piece] = [head]
        for a in e.inputs:
            pieces += [(a, 0), ", "]
        pieces[-1] = tail
        return pieces

    def _chain(self, a: Atom, b: Atom) -> tuple[Equation, Equation] | None:
        """The comparisons that two atoms stand for, if they chain, as `a < b` and `b < c` make `a < b < c`."""
        first, second = (self.within.get(x) if isinstance(x, str) else None for x in (a, b))
        if first is None or second is None or first.inputs[-1] != second.inputs[0]:
            return None
        return (first, second) if all(compares(self.table.get(e.op)) for e in (first, second)) else None


def _speller(wlist: WengertList) -> Callable[[Atom], str]:
    """A speller of the atoms of a list: one that uses the name `inf` or `nan` needs another spelling of that number."""
    plain = {"inf", "nan"}.isdisjoint((*wlist.inputs, *(e.output for e in wlist.equations)))
    return spelled if plain else _unnamed


def _unnamed(a: Atom) -> str:
    if isinstance(a, str) or isfinite(a):
        return spelled(a)
    return "(1e999 - 1e999)" if isnan(a) else "1e999" if a > 0 else "-1e999"
