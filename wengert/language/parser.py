"""The LALR loop: it reads a text and calls a semantic action for each reduction. It builds no tree and never recurses.

It runs the tables that Lark made from grammar/wengert.lark. It is several times faster than a general loop for three
reasons: one regular expression finds the tokens; chains of reductions that do nothing (an atom is a power, is a signed,
is a term …) are folded into the states of the tables; the commonest actions are done in line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from math import inf
from typing import Any

from ..ground.errors import Span, WengertError
from ..ground.limits import PACE, UNTRUSTED, Limits, Tally, exceeded
from ..ground.names import normalize
from . import lalr_tables, mistakes
from .automaton import ACCEPT, ID, KEYWORDS, OPERAND, RULES, START, SYMBOLS, TABLE, TERMINALS, advance

TOKEN = re.compile(lalr_tables.TOKEN)
# The groups of that expression.
_SYMBOL, _WORD, _CALLED, _DIGITS, _OPEN, _CLOSE, _SEPARATOR, _COMMENT, _END, _STRAY = range(1, 11)

# Actions that are done in line; every other one is a call.
_INFIX, _NAME, _GROUP, _EMPTY, _CALL, _ACCEPT = range(6)
_INLINE = {"infix": _INFIX, "name": _NAME, "group": _GROUP}
_REDUCTIONS = (
    *((origin, n, _INLINE.get(alias, _CALL) if n else _EMPTY) for origin, n, alias in RULES),
    (0, 0, _ACCEPT),
)
assert len(_REDUCTIONS) == -ACCEPT


def parse(text: str, actions: Any, limits: Limits = UNTRUSTED) -> None:
    """Run `actions` over a text.

    `actions` has `env` (name → atom), `emit(op, inputs, start, end)` and `infix` (symbol → op); these may change during
    the parse. It has a method for every other alias of the grammar, called with the values of the reduction and the
    offsets of its start and its end.

    Raises ParseError, and LimitError for more tokens or longer numbers than `limits` allow.
    """
    states, values, starts = [START], [None], [0]
    state, depth = START, 0
    before: Any = None
    value: Any
    methods: dict[int, Any] = {}  # those that the text needs: a rule of an op needs few
    env, emit, infix = actions.env, actions.emit, actions.infix
    table, reductions, symbols, word, operand = TABLE, _REDUCTIONS, SYMBOLS, KEYWORDS.get, OPERAND.get
    name, func, number, sep, end = ID["NAME"], ID["FUNC"], ID["NUMBER"], ID["SEP"], ID["$END"]
    ascii, longest = text.isascii(), limits.digits
    for match in chain.from_iterable(_batches(text, limits)):
        group: Any = match.lastindex
        if group == _SYMBOL:
            value = match[_SYMBOL]
            term = symbols[value]
        elif group <= _CALLED:
            value = match[_WORD] if ascii else actions.spell(match[_WORD], match.start(_WORD))
            term = word(value, name if group == _WORD else func)
            group = _WORD
            if term == name and (action := operand(state, 0)):
                start = match.start(_WORD)
                try:
                    value = env[value]
                except LookupError:
                    value = actions.missing(value, start, match.end())
                states.append(action)
                values.append(value)
                starts.append(start)
                state, before = action, match
                continue
        elif group == _DIGITS:
            value = match[_DIGITS]
            if len(value) > longest:
                what = f"a number of {len(value):,} characters"
                raise exceeded(limits, "digits", what, Span(*match.span(_DIGITS)))
            value = float(value)
            term = number
            if not 0.0 < value < inf:
                actions.check_number(match[_DIGITS], match.start(_DIGITS))
        elif group == _OPEN:
            value = match[_OPEN]
            term = symbols[value]
            depth += 1
        elif group == _CLOSE:
            value = match[_CLOSE]
            term = symbols[value]
            depth -= 1
        elif group == _SEPARATOR:
            value, term = match[_SEPARATOR], sep
            if depth > 0 and value == "\n":
                continue
        elif group == _END:
            value, term = "", end
        elif group == _COMMENT:
            continue
        else:
            raise actions.placed(mistakes.characters.stray(text, match.start(_STRAY), states))
        while (action := table[state + term]) <= 0:
            if not action:
                raise actions.placed(_unexpected(text, term, match.span(group)))
            origin, n, kind = reductions[~action]
            if kind == _INFIX:
                other = values.pop()
                symbol = values.pop()
                del states[-2:], starts[-2:]
                values[-1] = emit(infix[symbol], (values[-1], other), starts[-1], before.end())
                state = states[-1] = table[states[-2] + origin]
            elif kind == _NAME:
                try:
                    values[-1] = env[values[-1]]
                except LookupError:
                    values[-1] = actions.missing(values[-1], starts[-1], before.end())
                state = states[-1] = table[states[-2] + origin]
            elif kind == _GROUP:
                values[-3:] = values[-2:-1]
                del states[-2:], starts[-2:]
                state = states[-1] = table[states[-2] + origin]
            elif kind == _CALL:
                if action not in methods:
                    methods[action] = getattr(actions, RULES[~action][2] or " ", None)
                method = methods[action]
                if method is not None:
                    values[-n:] = (method(values[-n:], starts[-n], before.end()),)
                    env, emit = actions.env, actions.emit
                else:
                    values[-n:] = (None,)
                del states[-n:], starts[len(starts) - n + 1 :]
                state = table[states[-1] + origin]
                states.append(state)
            elif kind == _EMPTY:
                state = table[state + origin]
                states.append(state)
                values.append(None)
                starts.append(match.start(group))
            else:
                return
        states.append(action)
        values.append(value)
        starts.append(match.start(group))
        state, before = action, match


def _batches(text: str, limits: Limits) -> Iterator[tuple[re.Match[str], ...]]:
    """The tokens in batches of some hundred, each counted against the budget."""
    tally = Tally(limits, "tokens", "the text has too many tokens")
    found = TOKEN.finditer(text)
    while batch := tuple(islice(found, PACE)):
        tally.spend(len(batch), Span(*batch[0].span()))
        yield batch


def tokens(text: str) -> Iterator[tuple[int, int, int]]:
    """The terminal, the start and the end of every token, with the end of the text as the last.

    They stop at a character that begins no token."""
    for name, start, end in lexemes(text):
        if name == STRAY:
            return
        if name not in (COMMENT, BREAK):
            yield ID[name], start, end


# Kinds besides the terminals: the parser skips comments and breaks, and stops at a stray character.
COMMENT, BREAK, STRAY = "COMMENT", "BREAK", "STRAY"


def lexemes(text: str) -> Iterator[tuple[str, int, int]]:
    """The kind, the start and the end of every lexeme of a text, blanks apart.

    The kind is the name of a token's terminal, COMMENT, BREAK (a newline within brackets), or STRAY (a character that
    begins no token)."""
    depth = 0
    for match in TOKEN.finditer(text):
        group = match.lastindex or _END
        if _WORD <= group <= _CALLED:
            word = KEYWORDS.get(normalize(match[_WORD]))
            name = TERMINALS[word] if word is not None else "NAME" if group == _WORD else "FUNC"
            group = _WORD
        elif group in (_SYMBOL, _OPEN, _CLOSE):
            name = TERMINALS[SYMBOLS[match[group]]]
            depth += (group == _OPEN) - (group == _CLOSE)
        elif group == _SEPARATOR:
            name = BREAK if depth > 0 and match[_SEPARATOR] == "\n" else "SEP"
        else:
            name = _NAMES[group]
        yield name, match.start(group), match.end()


_NAMES = {_DIGITS: "NUMBER", _COMMENT: COMMENT, _END: "$END", _STRAY: STRAY}


def _unexpected(text: str, term: int, span: tuple[int, int]) -> WengertError:
    # The wrong token has caused reductions already, so the stack no longer tells which terminals could stand in its
    # place: the automaton runs again, without actions, up to the token before it.
    states = [START]
    before = Span(0, 0)
    for kind, start, end in tokens(text):
        if start >= span[0]:
            break
        advance(states, kind)
        before = Span(start, end)
    return mistakes.tokens.unexpected(mistakes.place.Place(text, states, TERMINALS[term], Span(*span), before))
