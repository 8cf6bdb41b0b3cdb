"""Elements of arrays that count at no point: those that a condition which depends on no input leaves out.

In `sum(1/(x[i] - x[j]) if i != j else 0 for i … for j …)` the quotient is computed for all pairs together, those with
i = j among them. Nothing depends on these: they have no kinks, and are not blamed for a value that is not finite. Nor
does an element count that goes into such elements alone, as `1/i` at i = 0 in `sum(1/i*x[j] for i … for j in 0:i)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..ground.limits import checking_clock
from ..lists.wengert_list import Equation, WengertList, table_of
from ..ops import AND, INFIX, OPS, OR, SPREAD_LIKE, SUM_LIKE, UNKNOWN, WHERE, Op
from ..ops.row import moves
from .interpretation import Interpretation
from .rules import Applied, rules_for, vjp_of, vjp_rule

_EQUAL, _OTHER = INFIX["=="], INFIX["!="]


# Conditions that hold together: the name of each, or the argument that it was brought back to, and whether it is true.
Conditions = frozenset[tuple[Any, bool]]
# The conditions under which some use of a value counts: where any of these alternatives holds.
Uses = frozenset[Conditions]
EVERYWHERE: Uses = frozenset({frozenset()})
# A value with more uses that differ in their conditions counts everywhere.
MOST = 4


def counting(wlist: WengertList, tape: Mapping[str, Any], apply: Interpretation) -> dict[str, Any]:
    """By name the condition under which an element counts, of its shape or one that broadcasts to that; a name that is
    missing counts everywhere, or may do so."""
    if not apply.shaped or not any(e.op == WHERE for e in wlist.equations):
        return {}
    table = table_of(wlist.ops)
    moving = _moving(wlist, table)
    found: dict[Any, Uses] = dict.fromkeys(wlist.outputs, EVERYWHERE)
    back: dict[tuple[int, int], Uses] = {}
    same: dict[Any, tuple[int, int]] = {}
    defined = {e.output: e for e in wlist.equations}
    for k in range(len(wlist.equations) - 1, -1, -1):
        output, op, inputs = wlist.equations[k]
        if output not in found:
            continue
        row = table[op]
        for i, a in enumerate(inputs):
            if type(a) is not str or _gives_shape(row, i):
                continue
            own = found[output] if row.array is None or _places(row, i) else EVERYWHERE
            condition = inputs[0]
            if op == WHERE and i and type(condition) is str and condition not in moving:
                own = frozenset(one | _parts(defined, condition, i == 1) for one in own)
            if own != EVERYWHERE and (row.array is not None or not apply.alike(tape[a], tape[output])):
                # To an argument that is broadcast any op brings a condition back alike.
                key = same.setdefault((a, own) if row.array is None else (op, inputs, i, own), (k, i))
                back[key] = own
                own = frozenset({frozenset({(key, True)})})
            found[a] = _either(found[a], own) if a in found else own
    wanted = {key for own in found.values() for one in own for key, _ in one}
    holds = _brought_back(wlist, tape, apply, back, wanted)
    made: dict[Uses, Any] = {o: _any(o, tape, apply, holds) for o in set(found.values()) if o != EVERYWHERE}
    return {a: made[own] for a, own in found.items() if own != EVERYWHERE}


def _either(first: Uses, second: Uses) -> Uses:
    """The uses of two, without those that imply another."""
    if first == second:
        return first
    both = first | second
    found = frozenset(one for one in both if not any(other < one for other in both))
    return found if len(found) <= MOST else EVERYWHERE


def _moving(wlist: WengertList, table: Mapping[str, Op]) -> set[Any]:
    """The names whose values depend on an input: not by the shape alone that an argument `like` gives."""
    moving = set[Any](wlist.inputs)
    for output, op, inputs in checking_clock(wlist.equations):
        if not moving.isdisjoint(inputs):
            row = table[op]
            if any(a in moving and not _gives_shape(row, i) for i, a in enumerate(inputs)):
                moving.add(output)
    return moving


def _gives_shape(row: Op, i: int) -> bool:
    """Whether an op takes the shape alone of its i-th argument."""
    names = row.params.split()
    return names[min(i, len(names) - 1)] == "like"


def _places(row: Op, i: int) -> bool:
    """Whether an array op only places the elements of its i-th argument, or adds them up."""
    return bool(moves(row)) and not row.selects and vjp_rule(row, i) not in (None, UNKNOWN)


def _brought_back(
    wlist: WengertList, tape: Mapping[str, Any], apply: Interpretation, back: dict[tuple[int, int], Uses],
    wanted: set[Any],
) -> dict[tuple[int, int], Any]:  # fmt: skip
    """For arguments whose elements go into others of the value, the condition that one of those counts."""
    for at in sorted(back):
        if at in wanted:
            wanted.update(key for one in back[at] for key, _ in one)
    rules = rules_for(wlist.ops)
    found: dict[tuple[int, int], Any] = {}
    for (k, i), own in sorted(back.items(), reverse=True, key=lambda one: one[0]):
        if (k, i) not in wanted:
            continue
        output, op, inputs = wlist.equations[k]
        row, y = rules.table[op], tape[output]
        counts = apply(SPREAD_LIKE, _any(own, tape, apply, found), y)
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        if row.array is None:
            there = apply(SUM_LIKE, counts, args[i])
        else:
            there = vjp_of(Applied(row, args, y), i, counts, apply, rules)
        found[k, i] = apply(_OTHER, there, 0.0)
    return found


def _any(own: Uses, tape: Mapping[str, Any], apply: Interpretation, brought: Mapping[tuple[int, int], Any]) -> Any:
    """One condition that holds where one of some does."""
    whole: Any = None
    for one in sorted(own, key=lambda one: sorted(map(str, one))):
        part = _together(one, tape, apply, brought)
        whole = part if whole is None else apply(OR, whole, part)
    return whole


def _together(
    own: Conditions, tape: Mapping[str, Any], apply: Interpretation, brought: Mapping[tuple[int, int], Any]
) -> Any:  # fmt: skip
    """One condition that holds where all of some do."""
    whole: Any = None
    for key, true in sorted(own, key=str):
        part = tape[key] if type(key) is str else brought[key]
        part = part if true else apply(_EQUAL, part, 0.0)
        whole = part if whole is None else apply(AND, whole, part)
    return whole


def _parts(defined: Mapping[str, Equation], name: str, true: bool) -> Conditions:
    """The conditions that hold where one is true, or false: those that it is made of."""
    found: set[tuple[str, bool]] = set()
    left = [(name, true)]
    while left:
        name, true = left.pop()
        e = defined.get(name)
        if e is not None and true and e.op == AND:
            left += [(a, True) for a in e.inputs if type(a) is str]
        elif e is not None and e.op in (_EQUAL, _OTHER) and e.inputs[1] == 0.0 and _is_condition(defined, e.inputs[0]):
            left.append((str(e.inputs[0]), true == (e.op == _OTHER)))
        else:
            found.add((name, true))
    return frozenset(found)


def _is_condition(defined: Mapping[str, Equation], a: Any) -> bool:
    return a in defined and (row := OPS.get(defined[a].op)) is not None and row.boolean
