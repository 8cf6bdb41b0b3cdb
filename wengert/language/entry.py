"""An entry at the prompt: it reads lines until they form whole sentences, and splits them into sentences.

The parser's automaton decides both. An entry goes on while its text cannot end, and a sentence ends where it can.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ..ground.errors import Source, WengertError
from ..ground.names import normalize
from ..ground.tuples import NamedTuple
from ..ops import INFIX
from . import parser
from .automaton import ID, START, TERMINALS, advance, expected

_SEP, _END = ID["SEP"], ID["$END"]
# Between these brackets the end of a line is white space.
_OPENING, _CLOSING = ("(", "["), (")", "]")


class Token(NamedTuple):
    """A terminal of the grammar, and its place in its sentence."""

    kind: str
    start: int
    end: int


class Sentence(NamedTuple):
    """A statement as it was typed.

    text   the text without the space around it
    kind   "expression", "bind", or the keyword that it begins with
    binds  the names that it binds; a function has an opening bracket after its name, `g(`
    reads  the names that it may read: all names in it but its parameters
    parts  for an `input` statement the texts between its commas
    """

    text: str
    kind: str
    binds: frozenset[str]
    reads: frozenset[str]
    parts: tuple[str, ...] = ()


class Entry:
    """An entry that is typed line by line. Each line is read once, so the time is linear in the length of all.

    whole    whether the text may end here
    refused  whether the text is no sentence, and no further line can make it one
    """

    def __init__(self) -> None:
        self.whole, self.refused = True, False
        self._pieces: list[str] = []
        self._length = 0
        self._states = [START]
        self._brackets = 0
        self._tokens: list[Token] = []
        self._ended: list[list[Token]] = []

    @property
    def text(self) -> str:
        """All lines so far."""
        return "".join(self._pieces)

    def __len__(self) -> int:
        return self._length

    @property
    def dangling(self) -> bool:
        """Whether a line ended where no line can end, such as after an operator outside brackets."""
        return not (self.whole or self._brackets or "SEP" in expected(self._states))

    def add(self, typed: str) -> None:
        """Read one more line, or several."""
        for line in typed.split("\n"):
            if self._pieces and not self.refused:
                self._break()
            self._read(line)
            self.whole = self.refused or "$END" in expected(self._states)

    def _break(self) -> None:
        """Add the end of a line, or a space if the language allows no end of a line there."""
        if self.dangling:
            end = self._tokens[-1].end
            while self._length - len(self._pieces[-1]) >= end:
                self._length -= len(self._pieces.pop())
            last = self._pieces.pop()
            self._length -= len(last)
            # The line may have ended in a comment.
            self._put(last[: end - self._length] + " ")
            return
        if not self._brackets:
            self._separate(self._length, self._length + 1)
        self._put("\n")

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)

    def _read(self, line: str) -> None:
        before = self._length
        self._put(line)
        if self.refused:
            return
        for term, start, end in parser.tokens(line):
            if term == _END:
                return
            if term == _SEP and not self._brackets:
                if not self._separate(before + start, before + end):
                    return
            elif not advance(self._states, term):
                break
            else:
                kind = TERMINALS[term]
                self._brackets += (line[start:end] in _OPENING) - (line[start:end] in _CLOSING)
                self._tokens.append(Token(kind, before + start, before + end))
        self.refused = True

    def _separate(self, start: int, end: int) -> bool:
        """Read the end of a line, or a semicolon, between sentences or within a loop."""
        if "$END" in expected(self._states):
            self._ended.append(self._tokens)
            self._tokens, self._states = [], [START]
        elif advance(self._states, _SEP):
            self._tokens.append(Token("SEP", start, end))
        else:
            self.refused = True
        return not self.refused

    def sentences(self) -> Iterator[Sentence]:
        """The sentences of an entry that is not refused."""
        text = self.text
        for tokens in filter(None, [*self._ended, self._tokens]):
            start = tokens[0].start
            yield _sentence(
                text[start : tokens[-1].end], [Token(t.kind, t.start - start, t.end - start) for t in tokens]
            )

    def reads(self) -> frozenset[str]:
        """All names in the text."""
        return frozenset().union(*(_names(self.text, tokens) for tokens in (*self._ended, self._tokens)))


def _names(text: str, tokens: Collection[Token]) -> set[str]:
    return {normalize(text[t.start : t.end]) + "(" * (t.kind == "FUNC") for t in tokens if t.kind in ("NAME", "FUNC")}


def _sentence(text: str, tokens: list[Token]) -> Sentence:
    kinds = [t.kind for t in tokens]
    reads, parts, binds = _names(text, tokens), [], set()
    if kinds[:2] == ["NAME", "EQUAL"]:
        kind = "bind"
        binds = _names(text, tokens[:1])
        reads = _names(text, tokens[2:])
    elif kinds[0] in ("DEF", "OP"):
        kind = kinds[0].lower()
        binds = _names(text, tokens[1:2])
        reads -= _names(text, tokens[1 : kinds.index("RPAR")])
    elif kinds[0] == "FOR":
        kind = "for"
        binds = _names(text, [t for t, after in zip(tokens, kinds[1:]) if after == "EQUAL"])
    else:
        kind = kinds[0].lower() if kinds[0] in ("INPUT", "OUTPUT", "EXPECT") else "expression"
        parts = list(_declared(text, tokens)) if kind == "input" else []
    return Sentence(text, kind, frozenset(binds), frozenset(reads), tuple(parts))


def _declared(text: str, tokens: list[Token]) -> Iterator[str]:
    """The declarations of an `input` statement, split at each comma where the statement could end."""
    states = [START]
    first = 1
    for k, (kind, _, _) in enumerate(tokens):
        if kind == "COMMA" and "$END" in expected(states):
            yield text[tokens[first].start : tokens[k - 1].end]
            first = k + 1
        advance(states, ID[kind])
    yield text[tokens[first].start : tokens[-1].end]


class _Names(dict[str, None]):
    def __missing__(self, name: str) -> None:
        return None


class _Silent:
    """Actions of the parser that do nothing, to check the syntax alone."""

    infix = INFIX

    def __init__(self, source: Source) -> None:
        self.source = source
        self.env: dict[str, Any] = _Names()

    def emit(self, op: str, inputs: Any, start: int, end: int) -> None:
        """Write no equation."""

    def spell(self, word: str, start: int) -> str:
        """A name, in its one spelling."""
        return normalize(word)

    def check_number(self, digits: str, start: int) -> None:
        """Accept any number."""

    def placed(self, problem: WengertError) -> WengertError:
        """The error, with its source text."""
        return problem.within(self.source)


def check_syntax(source: Source) -> None:
    """Raise ParseError for a text that is no sequence of sentences."""
    parser.parse(source.text, _Silent(source))
