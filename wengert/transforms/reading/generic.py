"""A derivative for reading: its formula at points that are not exceptional.

The rules of the ops hold everywhere, so the derivative of `x^y` has branches for x = 0, and for exponents that
rounding would spoil. Between generic numbers an equality does not hold, unless both sides are the same in algebra;
with that known these branches go, and a share in a maximum is all or nothing. Branches of the program itself stay.
"""

from __future__ import annotations

from functools import cache

from ...ground.limits import checking_clock
from ...ground.names import fresh
from ...ground.tuples import NamedTuple
from ...lists.wengert_list import Atom, Equation, Provenance, WengertList, assemble, names_of, table_of
from ...ops import ADD, AND, CONSTANT, GATE, INFIX, MUL, NEG, OPS, OR, PREFIX, WHERE, Op
from ...sweeps.rules import rule_list
from ..simplify import drop_dead

_EQUAL, _UNEQUAL, _ABOVE, _MINUS, _NOT = INFIX["=="], INFIX["!="], INFIX[">"], INFIX["-"], PREFIX["not"]
# A sum of more terms is taken for a name: rules do not compare such sums.
_TERMS = 8
_ROUNDING = 1e-12

Sum = dict[str, float]
Different = tuple[Atom, ...]


class _Known(NamedTuple):
    """Facts about the equations so far."""

    sums: dict[str, Sum]
    truths: set[str]
    conditions: set[Atom]
    different: dict[Different, None]


def without_leftovers(wlist: WengertList, since: int) -> WengertList:
    """The list without those of its equations from number `since` on that no output needs."""
    outputs = (*wlist.outputs, *(e.output for e in wlist.equations[:since]))
    kept = drop_dead(assemble(wlist.inputs, wlist.equations, outputs, wlist.ops, wlist.provenance))[0]
    return assemble(kept.inputs, kept.equations, wlist.outputs, kept.ops, kept.provenance)


def opened(wlist: WengertList, since: int) -> WengertList:
    """The list with the gates from equation number `since` on as products and choices, which identities know, and
    without the `stop_gradient` around values in the conditions of rules."""
    names = fresh("v", names_of(wlist))
    became: dict[Atom, Atom] = {}
    equations = [*wlist.equations[:since]]
    for output, op, inputs in wlist.equations[since:]:
        args = tuple([became.get(a, a) for a in inputs])
        if op == CONSTANT:
            became[output] = args[0]
        elif op == GATE:
            product = next(names)
            equations.append(Equation(product, MUL, args))
            equations.append(Equation(output, WHERE, (args[0], product, 0.0)))
        else:
            equations.append(Equation(output, op, args))
    outputs = [became.get(a, a) for a in wlist.outputs]
    return assemble(wlist.inputs, equations, outputs, wlist.ops, Provenance((), wlist.provenance.origins))


def generic(wlist: WengertList, since: int) -> tuple[WengertList, list[Different]]:
    """The list with equalities among its equations from number `since` on decided as for generic numbers.

    Also the atoms that were taken to be different from each other, pairs of them for the most part.
    """
    table = table_of(wlist.ops)
    known = _Known({}, set(), {e.inputs[0] for e in wlist.equations[:since] if e.op == WHERE}, {})
    became: dict[str, Atom] = {}
    equations: list[Equation] = []
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        args = tuple(became.get(a, a) if isinstance(a, str) else a for a in inputs)
        if op in (ADD, _MINUS, NEG) and len(total := _sum(known.sums, op, args)) <= _TERMS:
            known.sums[output] = total
        if k >= since:
            found = _off_ties(known, table[op], args) or _decided(known, op, args)
            if isinstance(found, Equation):
                op, args = found.op, found.inputs
            elif found is not None:
                became[output] = found
                continue
        if table[op].boolean:
            known.truths.add(output)
        equations.append(Equation(output, op, args))
    outputs = [became.get(a, a) if isinstance(a, str) else a for a in wlist.outputs]
    provenance = Provenance((), wlist.provenance.origins, wlist.provenance.source)
    return assemble(wlist.inputs, equations, outputs, wlist.ops, provenance), [*known.different]


@cache
def _counts_ties() -> frozenset[str]:
    """The ops by which rows say that arguments tie: their value is above 1 there, and 1 elsewhere."""
    found = set()
    for row in tuple(OPS.values()):
        for k in row.kinks:
            if k.kind == "tie" and len(when := rule_list(row, k.when, 2).equations) == 2:
                (counted, op, _), test = when
                if test[1:] == (_ABOVE, (counted, 1.0)):
                    found.add(op)
    return frozenset(found)


@cache
def _is_equality(row: Op) -> bool:
    """Whether an op of three arguments, the third 1, asks if the first two are equal."""
    forward = row.forward
    points = ((m, a) for m in (-1.0, 0.0, 2.0) for a in (-1.0, 0.0, 2.0))
    return callable(forward) and row.params.count(" ") == 2 and all(forward(m, a, 1.0) == (m == a) for m, a in points)


def _off_ties(known: _Known, row: Op, args: tuple[Atom, ...]) -> Equation | Atom | None:
    """A count of ties is 1, and the share of one an equality."""
    if row.name in _counts_ties():
        known.different[args[1:]] = None
        return 1.0
    if args[-1] == 1.0 and _is_equality(row) and "*" not in row.params:
        return Equation("", _EQUAL, (args[1], args[0]))
    return None


def _decided(known: _Known, op: str, args: tuple[Atom, ...]) -> Equation | Atom | None:
    """The atom that an equation comes to, or the equation to put in its place, if either is known."""
    a, b = args[0], args[-1]
    if op in (_EQUAL, _UNEQUAL):
        if a in known.truths and b == 0.0:
            return a if op == _UNEQUAL else Equation("", _NOT, (a,))
        if a in known.truths or b in known.truths or a in known.conditions:
            return None
        difference = _sum(known.sums, _MINUS, args)
        moving = any(difference[n] for n in difference if n)
        if moving:
            known.different[a, b] = None
        same = not moving and abs(difference.get("", 0.0)) <= _ROUNDING
        return float(same == (op == _EQUAL))
    if op == WHERE and isinstance(a, float):
        return args[1] if a else b
    if op == MUL and a in known.truths and b in known.truths:
        return Equation("", AND, args)
    if isinstance(a, str):
        a, b = b, a
    if isinstance(a, str) or op not in (AND, OR, ADD, MUL):
        return None
    if op == AND or op == MUL and a == 0.0:
        return b if a else 0.0
    if op == OR:
        return 1.0 if a else b
    return b if op == ADD and a == 0.0 else None


def _terms(sums: dict[str, Sum], a: Atom) -> Sum:
    return {"": a} if isinstance(a, float) else sums.get(a) or {a: 1.0}


def _sum(sums: dict[str, Sum], op: str, args: tuple[Atom, ...]) -> Sum:
    """A sum as its terms, the number under the empty name."""
    total: Sum = {}
    signs = (-1.0,) if op == NEG else (1.0, -1.0) if op == _MINUS else (1.0,) * len(args)
    for sign, a in zip(signs, args):
        for name, factor in _terms(sums, a).items():
            total[name] = total.get(name, 0.0) + sign * factor
    return total
