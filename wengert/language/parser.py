"""The LALR loop: text in, semantic actions called as the reductions happen; no tree is built and nothing recurses.

It runs the tables that Lark made from grammar/wengert.lark. Three things make it several times faster than a general
loop: one regular expression finds the tokens; a chain of unit reductions (atom → power → signed → term → …) is walked
once and remembered; and the commonest reductions are done in line.
"""

from __future__ import annotations

import re
from typing import Any

from ..errors import Span
from ..names import normalize
from . import tables
from .mistakes import unexpected
from .tables import ACCEPT, ACTIONS, GOTOS, KEYWORDS, RULES, START, SYMBOLS, TERMINALS

TOKEN = re.compile(tables.TOKEN)
_ID = {name: n for n, name in enumerate(TERMINALS)}
_NAME, _FUNC, _NUMBER, _SEP, _END = (_ID[n] for n in ("NAME", "FUNC", "NUMBER", "SEP", "$END"))
_OPEN, _CLOSE = _ID["LPAR"], _ID["RPAR"]

# What a reduction does with its values: pass the one on, pass the middle one on, or call the action.
_UNIT, _GROUP, _INFIX, _LOOKUP, _CALL = range(5)
_INLINE = {"": _UNIT, "group": _GROUP, "infix": _INFIX, "name": _LOOKUP}
_REDUCTIONS = tuple(
    (lhs, n, _CALL if not alias and n != 1 else _INLINE.get(alias, _CALL), alias) for lhs, n, alias in RULES
)


def parse(text: str, actions: Any) -> None:
    """Run `actions` over a text.

    `actions` has `env` (name → atom), `emit(op, inputs, start, end)` and `infix` (symbol → op), all of which may change
    during the parse, and a method for every other alias of the grammar, called with the values of the reduction and
    the offsets where it starts and ends.

    Raises ParseError.
    """
    states = [START]
    values: list[Any] = [None]
    starts = [0]
    state = START
    depth = 0
    end = 0
    methods = [getattr(actions, alias) if kind == _CALL and alias else None for _, _, kind, alias in _REDUCTIONS]
    infix = actions.infix
    env, emit = actions.env, actions.emit
    jumps = _JUMPS
    for match in TOKEN.finditer(text):
        group = match.lastindex
        if group == 4:
            value: Any = match[4]
            term = SYMBOLS[value]
            if term == _OPEN:
                depth += 1
            elif term == _CLOSE:
                depth -= 1
        elif group == 1 or group == 2:
            value = match[1]
            if not value.isascii():
                value = _foreign(actions, match)
            term = KEYWORDS.get(value)
            if term is None:
                term = _NAME if group == 1 else _FUNC
            group = 1
        elif group == 3:
            value = match[3]
            term = _NUMBER
            value = float(value) if "_" not in value else float(value.replace("_", ""))
        elif group == 5:
            value = match[5]
            if depth > 0 and value == "\n":
                continue
            term = _SEP
        elif group == 6:
            value = ""
            term = _END
        else:
            raise actions.placed(unexpected(text, match.span(7), "", states, ACTIONS, GOTOS, end))
        while True:
            act = ACTIONS[state].get(term)
            if act is None:
                if term == _END and state == ACCEPT:
                    return
                raise actions.placed(unexpected(text, match.span(group), TERMINALS[term], states, ACTIONS, GOTOS, end))
            if act >= 0:
                states.append(act)
                values.append(value)
                starts.append(match.start(group))
                state = act
                end = match.end(group)
                break
            lhs, n, kind, _ = _REDUCTIONS[~act]
            if kind == _UNIT:
                key = (states[-2], state, term)
                state = jumps.get(key) or _jump(key)
                states[-1] = state
                continue
            if kind == _INFIX:
                right = values.pop()
                symbol = values.pop()
                values[-1] = emit(infix[symbol], (values[-1], right), starts[-3], end)
                del states[-3:], starts[-2:]
            elif kind == _LOOKUP:
                try:
                    values[-1] = env[values[-1]]
                except LookupError:
                    values[-1] = actions.missing(values[-1], starts[-1], end)
                del states[-1]
            elif kind == _GROUP:
                del states[-3:], starts[-2:]
                values[-3:] = [values[-2]]
            elif n == 0:
                values.append(None)
                starts.append(end)
            else:
                method = methods[~act]
                result = method(values[-n:], starts[-n], end) if method else None
                del states[-n:], starts[1 - n or len(starts) :]
                values[-n:] = [result]
                env, emit = actions.env, actions.emit
            state = GOTOS[states[-1]][lhs]
            states.append(state)


_JUMPS: dict[tuple[int, int, int], int] = {}


def _jump(key: tuple[int, int, int]) -> int:
    """Where a chain of unit reductions ends, for the state below, the state on top and the next token."""
    below, state, term = key
    while True:
        act = ACTIONS[state].get(term)
        if act is None or act >= 0:
            break
        lhs, _, kind, _ = _REDUCTIONS[~act]
        if kind != _UNIT:
            break
        state = GOTOS[below][lhs]
    _JUMPS[key] = state
    return state


def _foreign(actions: Any, match: re.Match[str]) -> str:
    """A name beyond ASCII in its one spelling; refused if it could be taken for another."""
    name = match[1]
    actions.check_name(name, Span(*match.span(1)))
    return normalize(name)
