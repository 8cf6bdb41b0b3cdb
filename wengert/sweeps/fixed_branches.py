"""Elements of arrays that count at no point: those that a condition which depends on no input leaves out.

In `sum(1/(x[i] - x[j]) if i != j else 0 for i … for j …)` the quotient is computed for all pairs together, those with
i = j among them. Nothing depends on these: they have no kinks, and are not blamed for a value that is not finite.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lists.wengert_list import Equation, WengertList, table_of
from ..ops import AND, INFIX, OPS, WHERE
from .forward import depending
from .interpretation import Interpretation

_EQUAL, _OTHER = INFIX["=="], INFIX["!="]


# Conditions that hold together: the name of each, and whether it is true there.
Conditions = frozenset[tuple[str, bool]]


def counting(wlist: WengertList, tape: Mapping[str, Any], apply: Interpretation) -> dict[str, Any]:
    """By name the condition under which an element counts, of its shape or one that broadcasts to that; a name that is
    missing counts everywhere, or may do so."""
    if not apply.shaped or not any(e.op == WHERE for e in wlist.equations):
        return {}
    moving, table = depending(wlist, wlist.inputs), table_of(wlist.ops)
    everywhere: Conditions = frozenset()
    found: dict[Any, Conditions] = dict.fromkeys(wlist.outputs, everywhere)
    defined = {e.output: e for e in wlist.equations}
    for output, op, inputs in reversed(wlist.equations):
        if output not in found:
            continue
        held, each = found[output], table[op].array is None
        for i, a in enumerate(inputs):
            if type(a) is not str:
                continue
            own = everywhere
            if each and apply.alike(tape[a], tape[output]):
                own = held
                condition = inputs[0]
                if op == WHERE and i and type(condition) is str and condition not in moving:
                    own = own | _parts(defined, condition, i == 1)
            found[a] = found[a] & own if a in found else own
    made: dict[Conditions, Any] = {}
    for own in found.values():
        if own and own not in made:
            parts = [tape[n] if true else apply(_EQUAL, tape[n], 0.0) for n, true in sorted(own)]
            whole = parts[0]
            for part in parts[1:]:
                whole = apply(AND, whole, part)
            made[own] = whole
    return {a: made[own] for a, own in found.items() if own}


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
