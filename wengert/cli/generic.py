"""A derivative for reading: what it is at a point that is not exceptional.

The rules of the ops hold everywhere, so `x^y` has branches for x = 0 and for exponents that rounding would spoil. Between
generic numbers an equality does not hold, unless both sides are the same in algebra; with that known most of the branches
go.
"""

from __future__ import annotations

from ..ops import ADD, AND, INFIX, MUL, NEG, OPS, OR, WHERE
from ..wengert_list import Atom, Equation, Provenance, WengertList, assemble

_EQUAL, _UNEQUAL, _MINUS = INFIX["=="], INFIX["!="], INFIX["-"]
# A sum of more terms than this is taken for a name: equalities between such sums are not in our rules.
_TERMS = 8

Sum = dict[str, float]


def generic(wlist: WengertList, since: int) -> tuple[WengertList, dict[str, tuple[Atom, Atom]]]:
    """The list with equalities among its equations from number `since` on decided, as for generic numbers.

    Also what was taken to be unequal: pairs of atoms of the new list, by the name of the comparison.
    """
    became: dict[str, Atom] = {}
    sums: dict[str, Sum] = {}
    assumed: dict[str, tuple[Atom, Atom]] = {}
    equations: list[Equation] = []
    for k, (output, op, inputs) in enumerate(wlist.equations):
        args = tuple(became.get(a, a) if isinstance(a, str) else a for a in inputs)
        if op in (ADD, _MINUS, NEG):
            sums[output] = _sum(sums, op, args)
        if k >= since and output not in wlist.inputs:
            decided = _decided(sums, op, args, output, assumed)
            if decided is not None:
                became[output] = decided
                continue
        equations.append(Equation(output, op, args))
    outputs = [became.get(a, a) if isinstance(a, str) else a for a in wlist.outputs]
    provenance = Provenance((), wlist.provenance.origins, wlist.provenance.source)
    return assemble(wlist.inputs, equations, outputs, wlist.ops, provenance), assumed


def _decided(
    sums: dict[str, Sum], op: str, args: tuple[Atom, ...], output: str, assumed: dict[str, tuple[Atom, Atom]]
) -> Atom | None:
    """The atom that an equation comes to, if it is known."""
    if op in (_EQUAL, _UNEQUAL):
        if _truth(args[0]) or _truth(args[1]):
            return None
        difference = _sum(sums, _MINUS, args)
        if set(difference) - {""}:
            assumed[output] = args[0], args[1]
        same = not any(difference.values())
        return float(same == (op == _EQUAL))
    numbers = [a for a in args if isinstance(a, float)]
    if not numbers:
        return None
    number = numbers[0]
    other = args[0] if number is args[1] else args[1] if len(args) > 1 else number
    if op == WHERE and isinstance(args[0], float):
        return args[1] if args[0] else args[2]
    if op == AND:
        return other if number else 0.0
    if op == OR:
        return 1.0 if number else other
    if op == ADD and number == 0.0:
        return other
    if op == MUL and number == 0.0:
        return 0.0
    return None
