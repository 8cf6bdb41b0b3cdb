"""The LALR automaton that Lark made from the grammar, as one flat table, and the terminals that may come next."""

from __future__ import annotations

from .lalr_tables import KEYWORDS, OPERAND, RULES, SYMBOLS, TABLE, TERMINALS

ID = {name: column for column, name in enumerate(TERMINALS)}

# A state is the offset of its row in the table; see `flat` in grammar/generate.py.
START = 0
ACCEPT = ~len(RULES)


def advance(states: list[int], column: int) -> bool:
    """Shift a token, after the reductions that it causes, and push its state. False if it cannot come next."""
    while (action := TABLE[states[-1] + column]) < 0:
        if action == ACCEPT:
            return True
        origin, length, _ = RULES[~action]
        del states[len(states) - length :]
        states.append(TABLE[states[-1] + origin])
    states.append(action)
    return action > 0


def expected(states: list[int]) -> set[str]:
    """The names of the terminals that may come next, found by trying each on the stack."""
    return {name for name, column in ID.items() if _accepts(states, column)}


def _accepts(states: list[int], column: int) -> bool:
    # Reductions pop few states, so the stack is not copied: `top` extends its first `depth` states.
    depth, top = len(states) - 1, [states[-1]]
    while (action := TABLE[top[-1] + column]) < 0:
        if action == ACCEPT:
            return True
        origin, length, _ = RULES[~action]
        if length < len(top):
            del top[len(top) - length :]
        else:
            depth -= length - len(top) + 1
            top = [states[depth]]
        top.append(TABLE[top[-1] + origin])
    return action > 0


__all__ = [
    "ACCEPT",
    "ID",
    "KEYWORDS",
    "OPERAND",
    "RULES",
    "START",
    "SYMBOLS",
    "TABLE",
    "TERMINALS",
    "advance",
    "expected",
]
