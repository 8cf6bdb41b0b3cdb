"""The LALR automaton that Lark made from the grammar, as one flat table, and the terminals that it expects next."""

from __future__ import annotations

from .lalr_tables import KEYWORDS, ROWS, RULES, SYMBOLS, TERMINALS, WIDTH

ID = {name: column for column, name in enumerate(TERMINALS)}

# A state is the place of its row in the table; a column is a terminal or a nonterminal. An entry is the next state, or
# ~n for a reduction by rule n, or 0 where the symbol cannot follow. The rule after the last one accepts.
TABLE = [0] * (len(ROWS) * WIDTH)
for _n, _row in enumerate(ROWS):
    for _column, _action in _row.items():
        TABLE[_n * WIDTH + _column] = _action * WIDTH if _action > 0 else _action
START = 0
ACCEPT = ~len(RULES)


def _operands() -> dict[int, int]:
    """By each state in which a name can only be an operand, the state after that operand."""
    found = {}
    reading = next(n for n, (_, _, alias) in enumerate(RULES) if alias == "name")
    for state in range(0, len(TABLE), WIDTH):
        after = TABLE[state + ID["NAME"]]
        if after > 0 and set(ROWS[after // WIDTH].values()) == {~reading}:
            found[state] = TABLE[state + RULES[reading][0]]
    return found


OPERAND = _operands()


def advance(states: list[int], column: int) -> bool:
    """Take a token: make the reductions that it causes, and push its state. False if it cannot follow."""
    while (action := TABLE[states[-1] + column]) < 0:
        if action == ACCEPT:
            return True
        origin, length, _ = RULES[~action]
        del states[len(states) - length :]
        states.append(TABLE[states[-1] + origin])
    states.append(action)
    return action > 0


def expected(states: list[int]) -> set[str]:
    """The names of the terminals that could stand next, found by a trial of each on the stack."""
    return {name for name, column in ID.items() if _accepts(states, column)}


def _accepts(states: list[int], column: int) -> bool:
    # Reductions pop few states, so the stack is not copied: `top` stands on its first `depth` states.
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
