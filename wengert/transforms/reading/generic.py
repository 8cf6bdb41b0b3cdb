"""A derivative for reading: its formula at points that are not exceptional.

The ops' rules hold everywhere, so the derivative of `x^y` has branches for x = 0, and for exponents that rounding would
spoil. Between generic numbers an equality does not hold, unless both sides are algebraically the same. With this
assumption these branches go, and a share in a maximum is all or nothing. Branches of the program itself stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ...ground.limits import checking_clock
from ...ground.names import fresh
from ...ground.tuples import NamedTuple
from ...lists.wengert_list import Atom, Equation, Provenance, WengertList, assemble, names_of, table_of
from ...ops import ADD, AND, CONSTANT, GATE, INFIX, MUL, NEG, OPS, OR, PREFIX, SUM, WHERE, Op
from ...sweeps.rules import rule_list
from ..simplify import drop_dead

_EQUAL, _UNEQUAL, _ABOVE, _BELOW = INFIX["=="], INFIX["!="], INFIX[">"], INFIX["<"]
_MINUS, _NOT = INFIX["-"], PREFIX["not"]
# A sum of more terms is treated as a name: rules do not compare such sums.
_TERMS = 8
_ROUNDING = 1e-12

Sum = dict[str, float]
# How rows say that an op only gives a value the shape that it has anyway beside an array of that shape.
BESIDE = "beside"
Different = tuple[Atom, ...]


class _Known(NamedTuple):
    """Facts about the equations so far.

    names    for new equations
    rivals   by the largest or the smallest of two atoms, those two
    spreads  the values that only have another's shape: by its name the value, and the array
    contests by the name of the comparison of an array with its own largest or smallest: the array
    sole     the names of counts that are 1, as one element is the largest
    winners  by the name of a comparison that found such a one: the largest or smallest, the atom that it is, and the
             comparison
    """

    sums: dict[str, Sum]
    truths: set[str]
    conditions: set[Atom]
    different: dict[Different, None]
    names: Iterator[str]
    rivals: dict[Atom, tuple[Atom, Atom]]
    winners: dict[Atom, tuple[Atom, Atom, Equation]]
    spreads: dict[Atom, tuple[Atom, Atom]]
    contests: dict[Atom, Atom]
    sole: set[Atom]


def without_leftovers(wlist: WengertList, since: int) -> WengertList:
    """The list, without equations from number `since` on that no output needs."""
    outputs = (*wlist.outputs, *(e.output for e in wlist.equations[:since]))
    kept = drop_dead(assemble(wlist.inputs, wlist.equations, outputs, wlist.ops, wlist.provenance, wlist.shapes))[0]
    return assemble(kept.inputs, kept.equations, wlist.outputs, kept.ops, kept.provenance, wlist.shapes)


def opened(wlist: WengertList, since: int) -> WengertList:
    """The list with the gates from equation number `since` on as products and choices, which identities know, and
    without `stop_gradient` around values in the conditions of rules."""
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
    origins = Provenance((), wlist.provenance.origins)
    return assemble(wlist.inputs, equations, outputs, wlist.ops, origins, wlist.shapes)


def generic(wlist: WengertList, since: int) -> tuple[WengertList, list[Different]]:
    """The list, with equalities among its equations from number `since` on decided as for generic numbers.

    Also returns the atoms that were assumed to differ, mostly in pairs.
    """
    table = table_of(wlist.ops)
    known = _Known({}, set(), {e.inputs[0] for e in wlist.equations[:since] if e.op == WHERE}, {},
                   fresh("v", names_of(wlist)), {}, {}, {}, {}, set())  # fmt: skip
    became: dict[str, Atom] = {}
    equations: list[Equation] = []
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        args = tuple(became.get(a, a) if isinstance(a, str) else a for a in inputs)
        if op in (ADD, _MINUS, NEG) and len(total := _sum(known.sums, op, args)) <= _TERMS:
            known.sums[output] = total
        if k >= since:
            if op == MUL and (both := _both(known, equations, *args)) is not None:
                args = both
            found = _off_ties(known, table[op], args, output) or _decided(known, op, args, output)
            if isinstance(found, Equation):
                op, args = found.op, found.inputs
            elif found is not None:
                became[output] = found
                continue
        if table[op].boolean:
            known.truths.add(output)
        _learn(known, table[op], args, output)
        equations.append(Equation(output, op, args))
    outputs = [became.get(a, a) if isinstance(a, str) else a for a in wlist.outputs]
    provenance = Provenance((), wlist.provenance.origins, wlist.provenance.source)
    return assemble(wlist.inputs, equations, outputs, wlist.ops, provenance, wlist.shapes), [*known.different]


def _learn(known: _Known, row: Op, args: tuple[Atom, ...], output: str) -> None:
    """Record a value in the shape of another, and a count that is 1 if all elements differ."""
    if any(text == BESIDE for _, text in row.notation.said):
        known.spreads[output] = args[0], args[1]
    if args[0] in known.contests and row.name.partition("[")[0] == SUM:
        known.different[(known.contests[args[0]],)] = None
        known.sole.add(output)
    elif known.spreads.get(output, ("",))[0] in known.sole:
        known.sole.add(output)


@cache
def _counts_ties() -> frozenset[str]:
    """The ops by which rows find ties of arguments: their value is above 1 at a tie, and 1 elsewhere."""
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
    """Whether an op of three arguments, with 1 as the third, tests whether the first two are equal."""
    forward = row.forward
    points = ((m, a) for m in (-1.0, 0.0, 2.0) for a in (-1.0, 0.0, 2.0))
    return callable(forward) and row.params.count(" ") == 2 and all(forward(m, a, 1.0) == (m == a) for m, a in points)


def largest_of(row: Op) -> bool | None:
    """Whether an op gives the largest of any number of arguments, or the smallest; None if it gives neither."""
    if row.params[:1] != "*" or not callable(row.forward) or all(k.kind != "tie" for k in row.kinks):
        return None
    return bool(row.forward(1.0, 2.0) == 2.0)


@cache
def _largest() -> dict[str, bool]:
    """The ops that give an argument its share of a maximum or a minimum, and whether it is of a maximum."""
    found = {}
    for row in tuple(OPS.values()):
        if (largest := largest_of(row)) is not None:
            for e in rule_list(row, row.partials[0] or "0", 2).equations:
                if _is_equality(OPS[e.op]):
                    found.update(dict.fromkeys((e.op, OPS[e.op].left, OPS[e.op].right), largest))
    return found


def _off_ties(known: _Known, row: Op, args: tuple[Atom, ...], output: str) -> Equation | Atom | None:
    """Without ties a count of ties is 1, and the share of an argument is a comparison with the other, or with the
    largest of several."""
    if row.name in _counts_ties():
        known.different[args[1:]] = None
        if len(args) == 3:
            known.rivals[args[0]] = args[1], args[2]
        return 1.0
    if args[-1] != 1.0 and args[-1] not in known.sole or "*" in row.params or not _is_equality(row):
        return None
    whole, a, _ = args
    two = known.rivals.get(whole)
    if two is None or a not in two or row.name not in _largest():
        return Equation("", _EQUAL, (a, whole))
    other = two[1] if a == two[0] else two[0]
    comparison = Equation(output, _ABOVE if _largest()[row.name] else _BELOW, (a, other))
    known.winners[output] = whole, a, comparison
    return comparison


def _both(known: _Known, equations: list[Equation], a: Atom, b: Atom) -> tuple[Atom, Atom] | None:
    """Two comparisons that both hold, with the second by the atom that won the first: x > 0 and x < 1, not x > 0 and
    max(x, 0) < 1."""
    if a not in known.winners or b not in known.winners:
        return None
    (whole, atom, first), (_, _, second) = known.winners[a], known.winners[b]
    if whole not in second.inputs:
        return None
    ends = [*first.inputs] if first.op == second.op else [*reversed(first.inputs)]
    made = []
    for inputs in (ends, [atom if x == whole else x for x in second.inputs]):
        made.append(next(known.names))
        known.truths.add(made[-1])
        equations.append(Equation(made[-1], second.op, tuple(inputs)))
    return made[0], made[1]


def _decided(known: _Known, op: str, args: tuple[Atom, ...], output: str) -> Equation | Atom | None:
    """The atom to which an equation reduces, or the equation that replaces it, if either is known."""
    a, b = args[0], args[-1]
    if op in (_EQUAL, _UNEQUAL):
        if b in known.spreads and known.spreads[b][1] == a:
            # Some element is the largest, whichever it is.
            known.contests[output] = a
            return None
        if a in known.truths and b == 0.0:
            return a if op == _UNEQUAL else Equation("", _NOT, (a,))
        if a in known.truths or b in known.truths or a in known.conditions:
            return None
        difference = _sum(known.sums, _MINUS, args)
        moving = any(difference[n] for n in difference if n)
        if moving:
            known.different[tuple(known.spreads[x][0] if x in known.spreads else x for x in (a, b))] = None
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
    """A sum as its terms, with the number under the empty name."""
    total: Sum = {}
    signs = (-1.0,) if op == NEG else (1.0, -1.0) if op == _MINUS else (1.0,) * len(args)
    for sign, a in zip(signs, args):
        for name, factor in _terms(sums, a).items():
            total[name] = total.get(name, 0.0) + sign * factor
    return total
