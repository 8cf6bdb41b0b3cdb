"""The number of germs that an op takes: the equations of its rules, of those of the ops in them, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import prod
from typing import Any

from ..lists.array_text import shape_of
from ..lists.wengert_list import Equation
from ..ops import OPS, Op
from .rules import Rules, rule_list

# An op is solved for if its rules, and those of the ops in them, and so on, have at most this many equations in all.
CLOSED = 100


def takes_one(row: Op) -> bool:
    """Whether the value of an op of numbers is one of its arguments, chosen by a condition or by their order."""
    return row.array is None and (bool(row.shares) or any(kink.kind == "tie" for kink in row.kinks))


def reach(rules: Rules, op: str, n: int, moving: frozenset[int] | None = None) -> int:
    """The number of equations in the rules of an op of n arguments for those that move, by default all, in those of the
    ops in these that move with them, and so on; some number above CLOSED where they are more."""
    return _reach(rules, op, n, frozenset(range(n)) if moving is None else moving, OPS.generation)


@lru_cache(maxsize=4096)
def _reach(rules: Rules, op: str, n: int, moving: frozenset[int], generation: int) -> int:
    seen, todo, found = {(op, n, moving)}, [(op, n, moving)], 0
    while todo and found <= CLOSED:
        name, size, places = todo.pop()
        row = rules.row(name)
        if takes_one(row):
            continue
        plan = rules.partials(row, size)
        codes = {one.rule for i in places if (one := plan[i]) is not None}
        if text := row.series or row.expansion:
            codes = {rule_list(row, text, size, rules.ops)}
        for rule in codes:
            # The value moves, and so does the argument at hand.
            moved = {a for i, a in enumerate(rule.inputs) if i in places or i >= size}
            for e in rule.equations:
                found += 1
                at = frozenset(i for i, a in enumerate(e.inputs) if a in moved)
                below = rules.row(e.op)
                if not at or below.partials.count(None) == len(below.partials):
                    continue
                moved.add(e.output)
                state = e.op, len(e.inputs), at
                if state not in seen:
                    seen.add(state)
                    todo.append(state)
    return found


def germs_of(rules: Rules, equation: Equation, tape: Mapping[str, Any]) -> float:
    """About as many germs as an equation takes: the equations of the rules that it leads to, for each element."""
    sizes = [float(prod(shape_of(tape.get(a)))) for a in (equation.output, *equation.inputs) if type(a) is str]
    # Of a product of matrices, the number of its multiplications.
    return max(*sizes, 1.0, prod(sizes) ** 0.5) * (1 + reach(rules, equation.op, len(equation.inputs)))
