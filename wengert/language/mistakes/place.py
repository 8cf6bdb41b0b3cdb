"""The place where a parse stopped, with the facts that a diagnosis needs."""

from __future__ import annotations

import re
from functools import cached_property

from ...ground.errors import Fix, ParseError, Span, WengertError, error
from ...ground.names import RESERVED, quoted
from ..automaton import expected

_SAID = {
    "FUNC": "a call",
    "NAME": "a name",
    "NUMBER": "a number",
    "SEP": "a new line",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COLON": "`:`",
    "$END": "the end",
}
OPERAND = {"FUNC", "NAME", "NUMBER", "LPAR", "SIGN"}
# Terminals that continue an expression after a value.
OPERATOR = {"COMPARE", "POWER", "SIGN", "STAR", "SLASH", "PERCENT", "AT", "TRANSPOSE", "LSQB", "AND", "OR", "IF"}
STATEMENT = {"INPUT", "OUTPUT", "EXPECT", "DEF", "OP"}
_BRACKETS = re.compile(r"#[^\n]*|[()\[\]]")
# The closing bracket of each opening one.
CLOSING = {"(": ")", "[": "]"}


class Place:
    """The place where a parse stopped: the token that cannot be there, the token before it, and the stack."""

    def __init__(self, text: str, states: list[int], kind: str, span: Span, before: Span) -> None:
        self.text, self.states, self.kind, self.span, self.before = text, states, kind, span, before
        self.word = text[span.start : span.end]
        self.left = text[before.start : before.end]
        self.touching = before.end == span.start > 0
        self.whole = Span(before.start, span.end)

    @cached_property
    def possible(self) -> set[str]:
        """The names of the terminals that could stand here."""
        return expected(self.states)

    @property
    def after_value(self) -> bool:
        """Whether the text before this place ends with a complete value."""
        return "POWER" in self.possible

    @property
    def after_number(self) -> bool:
        return self.after_value and (self.left[0].isdigit() or self.left[0] == ".")

    @property
    def wants_value(self) -> bool:
        return self.possible >= OPERAND

    @property
    def begins_statement(self) -> bool:
        return "EXPECT" in self.possible

    @property
    def begins_line(self) -> bool:
        return "\n" in self.text[self.before.end : self.span.start]

    @cached_property
    def opened(self) -> list[int]:
        """The offsets of the brackets that are open here."""
        found: list[int] = []
        for match in _BRACKETS.finditer(self.text, 0, self.span.start):
            if match[0] in CLOSING:
                found.append(match.start())
            elif match[0][0] != "#" and found:
                found.pop()
        return found

    def error(
        self, code: str, message: str, span: Span | None = None, help: str = "", fix: str | None = None,
        secondary: tuple[tuple[Span, str], ...] = (),
    ) -> WengertError:  # fmt: skip
        """An error here. `fix` is the text that replaces the span."""
        span = span or self.span
        mend = None if fix is None else Fix(span, spaced(self.text, span, fix))
        return error(ParseError, code, message, span, help=help, fix=mend, secondary=secondary)

    def missing(self, code: str, message: str, help: str, fix: str) -> WengertError:
        """An error about a missing text. `fix` is the text to insert before the token."""
        gap = Span(self.before.end, self.before.end)
        return error(ParseError, code, message, self.span, help=help, fix=Fix(gap, fix))


def spaced(text: str, span: Span, symbol: str) -> str:
    """The replacement of a symbol. A keyword gets a space on each side where it would touch a word."""
    if symbol not in RESERVED:
        return symbol
    before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
    return " " * (before.isalnum() or before == "_") + symbol + " " * (after.isalnum() or after == "_")


def write(text: str, otherwise: str = "") -> str:
    """The help "write `text`"; `otherwise` where the text is too long for a message."""
    return f"write `{text}`" if len(text) < 48 else otherwise


def shown(p: Place) -> str:
    return "end of the text" if p.kind == "$END" else "end of the line" if p.word == "\n" else quoted(p.word)


def expecting(possible: set[str]) -> str:
    if possible >= OPERAND:
        return "expected a number, a name or an expression in brackets"
    names = [_SAID.get(t, f"`{t.lower()}`") for t in sorted(possible - OPERATOR)]
    if possible >= OPERATOR - {"IF", "LSQB", "TRANSPOSE"}:
        names.insert(0, "an operator")
    return f"expected {' or '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}" if names else ""


def statement_start(text: str, at: int) -> int:
    """The offset, on this line, at which the statement around `at` begins."""
    start = max(text.rfind("\n", 0, at), text.rfind(";", 0, at), text.rfind("{", 0, at)) + 1
    while start < at and text[start] in " \t\r":
        start += 1
    return start
