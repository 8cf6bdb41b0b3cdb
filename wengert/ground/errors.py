"""Diagnostics: one class for every error, warning and note, and the family of exceptions that carry them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from .tuples import NamedTuple


class Span(NamedTuple):
    """Characters `start` to `end` of a source text. For characters inside a `def`, `within` is the span of its call."""

    start: int
    end: int
    within: Span | None = None


class Source(NamedTuple):
    """A program's text, and its name in messages: a path, or a name that the caller gives."""

    text: str
    name: str = "<text>"


class Fix(NamedTuple):
    """A replacement that corrects the program: `text` in place of `span`."""

    span: Span
    text: str


class Diagnostic(NamedTuple):
    """A message about a place in a program.

    `severity` is "error", "warning" or "note"; `secondary` holds (span, label) pairs; `help` gives advice.
    """

    code: str
    severity: str
    message: str
    span: Span | None = None
    secondary: tuple[tuple[Span, str], ...] = ()
    help: str = ""
    fix: Fix | None = None
    source: Source | None = None

    def __str__(self) -> str:
        """The message with its place and its help, as the command line shows it."""
        return render(self)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from one."""
    before = text.count("\n", 0, offset)
    return before + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def lines_of(text: str, offsets: Iterable[int]) -> Iterator[int]:
    """The line numbers of ascending offsets, counted from one, in a single pass over the text."""
    line, last = 1, 0
    for offset in offsets:
        line += text.count("\n", last, offset)
        last = offset
        yield line


def cells(text: str) -> int:
    """The width of a text in a terminal, in columns: none for a combining mark, two for a wide character."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


_WIDTH = 100


def _excerpt(source: Source, span: Span, mark: str, label: str = "") -> list[str]:
    """The line on which a span begins, with a line of carets below. A long line is cut around the span."""
    text = source.text
    start = min(span.start, len(text))
    row, column = position(text, start)
    begin = start - column + 1
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    if end > begin and text[end - 1] == "\r":
        end -= 1
    first, last = begin, end
    if end - begin > _WIDTH:
        first = max(begin, start - _WIDTH // 3)
        last = min(end, first + _WIDTH)
    shown = text[first:last].replace("\t", " ")
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)
    head, tail = "…" * (first > begin), "…" * (last < end)
    before = " " * (cells(shown[: start - first]) + len(head))
    carets = mark * max(1, cells(shown[start - first : max(start, min(span.end, last)) - first]))
    gutter = f"{row:>4}"
    return [
        f"{gutter} | {head}{shown}{tail}",
        f"{' ' * len(gutter)} | {before}{carets}{' ' + label if label else ''}",
    ]


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """A diagnostic as text: its message, its place, the line with carets, and its help."""
    paint = _PAINT if color else _PLAIN
    d = diagnostic
    tone = d.severity
    lines = [f"{paint[tone]}{d.severity}[{d.code}]{paint['off']}: {_clipped(d.message)}"]
    if d.span is not None and d.source is not None:
        row, column = position(d.source.text, min(d.span.start, len(d.source.text)))
        lines.append(f"  --> {d.source.name}:{row}:{column}")
        quote = _excerpt(d.source, d.span, "^")
        lines += [quote[0], quote[1].replace("^", f"{paint[tone]}^", 1) + paint["off"]]
        within = d.span.within
        depth = 0
        while within is not None and depth < 3:
            lines += _excerpt(d.source, within, "-", "called here")
            within, depth = within.within, depth + 1
        for span, label in d.secondary:
            lines += _excerpt(d.source, span, "-", label)
    if d.help:
        lines.append(f"     = {paint['help']}help{paint['off']}: {_clipped(d.help)}")
    return "\n".join(lines)


def _clipped(text: str) -> str:
    """A message with the middle of each long line cut out: it may quote a name as long as the text."""
    return text if len(text) <= 1200 else f"{text[:800]} … {text[-300:]}"


_PLAIN = {"error": "", "warning": "", "note": "", "help": "", "off": ""}
_PAINT = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "help": "\x1b[1;32m",
    "off": "\x1b[0m",
}


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as a JSON object, whose lines and columns count from one and whose offsets count from zero."""
    d = diagnostic

    def place(span: Span) -> dict[str, Any]:
        found: dict[str, Any] = {"start": span.start, "end": span.end}
        if d.source is not None:
            found["line"], found["column"] = position(d.source.text, min(span.start, len(d.source.text)))
        return found

    answer: dict[str, Any] = {"code": d.code, "severity": d.severity, "message": d.message}
    if d.source is not None:
        answer["source"] = d.source.name
    if d.span is not None:
        answer["span"] = place(d.span)
    if d.secondary:
        answer["secondary"] = [{**place(span), "label": label} for span, label in d.secondary]
    if d.help:
        answer["help"] = d.help
    if d.fix is not None:
        answer["fix"] = {**place(d.fix.span), "text": d.fix.text}  # not an op: a key of the JSON
    return answer


class WengertError(Exception):
    """The base class of all errors that wengert raises. `diagnostic` is the message; `exit_code` is for the command
    line."""

    exit_code = 2

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic

    def __str__(self) -> str:
        return render(self.diagnostic)

    @property
    def code(self) -> str:
        """The code of the diagnostic, such as "W101"."""
        return self.diagnostic.code

    @property
    def severity(self) -> str:
        """The severity of the diagnostic: "error"."""
        return self.diagnostic.severity

    def at(self, span: Span | None, source: Source | None) -> WengertError:
        """The same error, with a place in a source text if it had none."""
        if self.diagnostic.span is None and span is not None:
            self.diagnostic = self.diagnostic._replace(span=span, source=source)
            self.args = (self.diagnostic,)
        return self

    def within(self, source: Source) -> WengertError:
        """The same error, with a source text if it had none."""
        if self.diagnostic.source is None:
            self.diagnostic = self.diagnostic._replace(source=source)
            self.args = (self.diagnostic,)
        return self


class ParseError(WengertError):
    """The text is not a program of the language."""


class UnknownName(WengertError):
    """A name, an op, an input or an output does not exist."""


class UsageError(WengertError):
    """A public function or a command was called with wrong arguments."""


class ArgumentError(UsageError, TypeError):
    """An argument is of a kind that the function does not take. The message names it, and the kind expected."""


class ListError(WengertError):
    """Equations do not make a Wengert list: used before defined, assigned twice, wrong arity, unknown op."""


class DerivativeError(WengertError):
    """No rule gives the derivative that was asked for."""


class DomainError(WengertError):
    """A value left the domain of an op."""

    exit_code = 1


class ShapeError(WengertError):
    """Shapes do not fit: those of the arguments of an op, or those of a value and of its input."""


class KinkError(WengertError):
    """A derivative was taken on a kink, and the caller asked for an error there."""

    exit_code = 1


class CheckError(WengertError):
    """An `expect` of a program does not hold."""

    exit_code = 1


class LimitError(WengertError):
    """A budget ran out; the message names the limit and how to raise it."""

    exit_code = 3


def error(
    kind: type[WengertError],
    code: str,
    message: str,
    span: Span | None = None,
    *,
    help: str = "",
    secondary: tuple[tuple[Span, str], ...] = (),
    fix: Fix | None = None,
    source: Source | None = None,
) -> WengertError:
    """An exception of the family, ready to raise."""
    return kind(Diagnostic(code, "error", message, span, secondary, help, fix, source))


def shown(value: object) -> str:
    """A caller's object as text for a message, even if the object's own `repr` raises."""
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"


def nearest(word: str, candidates: Iterable[str], most: int = 3) -> list[str]:
    """The candidates nearest to a word by Damerau's edit distance, in which a transposition counts one; nearest first.

    A candidate may differ from the word in a third of the letters, and in one letter at least. Empty if none is so
    near.
    """
    reach = max(1, len(word) // 3)
    if len(word) > 64:
        return []
    scored = []
    for candidate in dict.fromkeys(candidates):
        if abs(len(candidate) - len(word)) <= reach:
            if candidate.casefold() == word.casefold():
                scored.append((0, 0, candidate))
            elif (distance := _distance(word, candidate)) <= reach and distance < max(len(word), len(candidate)):
                scored.append((distance, -_shared_beginning(word, candidate), candidate))
    return [candidate for _, _, candidate in sorted(scored)[:most]]


def _shared_beginning(a: str, b: str) -> int:
    return next((k for k, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def _distance(a: str, b: str) -> int:
    """The optimal string alignment distance of two words."""
    two: list[int] = []
    one = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(one[j] + 1, row[j - 1] + 1, one[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, two[j - 2] + 1)
            row.append(best)
        two, one = one, row
    return one[-1]


def suggestion(word: str, candidates: Iterable[str]) -> str:
    """A sentence of help that names the nearest candidates; empty if there are none."""
    found = nearest(word, candidates)
    return f"did you mean {' or '.join(f'`{name}`' for name in found)}?" if found else ""
