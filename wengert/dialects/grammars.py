"""Lark at run time: the grammar of a dialect, and the errors of a text that is not one of its sentences."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from ..ground.errors import ParseError, Source, Span, WengertError, error

_HERE = Path(__file__).parents[1]


def grammar_file(name: str) -> Path:
    """The grammar of a dialect: inside an installed package, beside it in a checkout."""
    within = _HERE / "grammar"
    return (within if within.is_dir() else _HERE.parent / "grammar") / "dialects" / f"{name}.lark"


# The writer of the text that is parsed now: a parser is made once, and its callbacks ask for it.
_WRITER: ContextVar[Any] = ContextVar("writer of a dialect")
RULES = (
    "number",
    "name",
    "group",
    "infix",
    "prefix",
    "postfix",
    "chain",
    "choice",
    "call",
    "define",
    "result",
    "parameter",
    "juxtaposed",
    "quotient",
    "function",
    "chosen",
    "local",
    "table",
    "fraction",
    "root",
    "within",
    "braced",
    "raised",
    "factorial",
    "bars",
    "lengths",
    "rounded",
    "called",
    "own",
    "listed",
    "head",
    "raised_head",
    "open",
    "open_bars",
    "run",
    "modulo",
    "bounds",
    "raised_bounds",
    "summation",
    "row",
    "last_row",
    "cases",
    "derivative",
    "declare",
    "suffixed",
    "leave_out",
    "refuse_statement",
    "target",
    "assign",
    "equation",
    "indexed",
    "over",
    "conditional",
    "refuse_chain",
    "over_head",
    "filtered",
    "cells",
    "directive",
    "branch",
    "pair",
)
# Dialects whose tokens are no matter of patterns: their writers have them.
TOKENIZED = frozenset(("latex",))


class _Callbacks:
    """The callbacks that a parser is made with."""

    def __getattr__(self, rule: str) -> Any:
        if rule not in RULES:
            raise AttributeError(rule)
        return lambda children: getattr(_WRITER.get(), rule)(children)


@cache
def _parser(name: str) -> Any:
    from lark import Lark

    grammar = grammar_file(name).read_text("utf-8")
    return Lark(
        grammar, parser="lalr", lexer=_lexer() if name in TOKENIZED else "contextual", keep_all_tokens=True,
        maybe_placeholders=False, transformer=_Callbacks(),
    )  # fmt: skip


def _lexer() -> Any:
    """The lexer of a dialect whose writer has read the tokens."""
    from lark.lexer import Lexer

    class Lent(Lexer):
        def __init__(self, conf: Any) -> None:
            pass

        __future_interface__ = True  # Lark's mark of a lexer that takes both states

        def lex(self, lexer_state: Any, parser_state: Any) -> Any:
            return _WRITER.get().tokens()

    return Lent


def parsed(name: str, title: str, source: Source, writer: object) -> Any:
    """The answer of the callbacks of `writer`, which run while the text is parsed: no tree is built, nothing recurses.

    Raises ParseError for a text that is no sentence of the dialect.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    running = _WRITER.set(writer)
    try:
        return _parser(name).parse(source.text)
    except UnexpectedCharacters as problem:
        start = problem.pos_in_stream or 0
        raise _refused(title, source, Span(start, start + 1), f"`{source.text[start]}` is not part of it") from None
    except UnexpectedToken as problem:
        if problem.token.type == "$END":
            end = len(source.text.rstrip())
            raise _refused(title, source, Span(end, end + 1), "it ends too early") from None
        start = problem.token.start_pos or 0
        span = Span(start, start + len(problem.token))
        raise _refused(title, source, span, f"`{problem.token[:40]!s}` cannot stand here".replace("\n", "")) from None
    except UnexpectedInput:  # a kind of error that Lark's LALR parser does not raise today
        raise _refused(title, source, Span(0, 1), "it cannot be read") from None
    finally:
        _WRITER.reset(running)


def _refused(title: str, source: Source, span: Span, why: str) -> WengertError:
    return error(ParseError, "W801", f"the text is not {title}: {why}", span, source=source)
