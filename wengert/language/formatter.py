"""The formatter: it writes a program in its usual layout. It works on tokens, so that comments, numbers and names are
kept.

The kinds of two neighbouring tokens decide the space between them; the grammar does not. Lines end where statements
end, and within brackets where the author broke them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ..ground.errors import LimitError, ParseError, Source, WengertError, cells
from ..ground.limits import UNTRUSTED, Limits, within
from ..ground.names import normalize, trouble
from ..ground.tuples import NamedTuple
from ..ops import ALIASES
from . import check_length, mistakes, parse, parser
from .automaton import KEYWORDS, TERMINALS

INDENT = 4
# The least number of columns between code and a comment behind it.
_GAP = 2
_TAB = 8
# The largest indent, in columns. Without it a deeply nested text would grow quadratically.
_DEEPEST = 60

_KEYWORDS = {TERMINALS[column] for column in KEYWORDS.values()}
_DEFINING = ("DEF", "OP")
_OPENING, _CLOSING = ("(", "["), (")", "]")
# Operators without spaces around them; every other operator has a space on both sides.
_CLOSE = ("*", "/", "^", "@", ":", ".")
# The canonical spelling of operators that have several spellings.
_SPELLED = {"**": "^"}


def formatted(text: str, *, name: str = "<text>", limits: Limits = UNTRUSTED) -> str:
    """A program in its usual layout, with its meaning unchanged. Formatting it again changes nothing.

    text    the program; it must be a sentence of the language, but its names may be unknown
    name    its name in messages
    limits  the budget

    Raises ParseError with the place in the text, LimitError when the budget runs out.
    """
    check_length(text, limits)
    sentence = _Sentence(Source(text, name))
    try:
        with within(limits):
            parser.parse(text, sentence, limits)
    except ParseError:
        # The full parser gives the better error: a broken sentence often begins with an unknown function.
        parse(text, name=name, limits=limits)
        raise
    except LimitError as problem:
        raise sentence.placed(problem) from None
    answer = "".join(f"{line}\n" for line in _Layout(text).lines())
    at = text.find("\n")
    return answer.replace("\n", "\r\n") if at > 0 and text[at - 1] == "\r" else answer


class _Sentence:
    """Actions that do nothing. A parse with them only decides whether a text is a sentence of the language."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.env: dict[str, None] = {}
        self.infix: defaultdict[str, str] = defaultdict(str)

    def emit(self, *_: Any) -> None:
        """Do nothing: the formatter needs no equations."""

    missing = check_number = emit

    def spell(self, word: str, start: int) -> str:
        """A name in its canonical spelling. Raises ParseError for a word that is not a name."""
        if not word.isascii() and (why := trouble(word)):
            raise self.placed(mistakes.characters.bad_name(word, why, start, self.source.text))
        return normalize(word)

    def placed(self, problem: WengertError) -> WengertError:
        """An error with the text as its source."""
        return problem.within(self.source)


class _Line(NamedTuple):
    """A line of the result. For a comment behind code, `column` is its column in the text and `gap` its distance from
    the code."""

    code: str
    opens: bool = False  # ends with an opening bracket or brace
    blank: bool = False  # an empty line stands before it
    comment: str = ""
    column: int = 0
    gap: int = 0


class _Bracket:
    """An open bracket, with the indent of the lines inside it and the indent of a line that begins with its closing
    bracket.

    Lines within it are aligned with the text behind the opening bracket; if that bracket ends its line, they are
    indented one step more than the line.
    """

    def __init__(self, indent: int, column: int, counts: bool) -> None:
        self.indent, self.inner, self.outer = indent, column, column - 1
        self.counts = counts  # it holds an index or a range
        if column > _DEEPEST:
            self.hang()

    def hang(self) -> None:
        """Set the indents for a bracket that ends its line."""
        self.inner, self.outer = min(self.indent + INDENT, _DEEPEST), self.indent


class _Layout:
    """One walk over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.done: list[_Line] = []
        # The current line: its words and spaces, their width, its indent.
        self.code: list[str] = []
        self.width = self.indent = 0
        self.depth = 0  # of loops
        self.brackets: list[_Bracket] = []
        # The previous token in this statement; whether it ends an operand; whether it is a sign.
        self.word, self.kind, self.operand, self.sign = "", "", False, False
        self.counts = False  # whether the walk is in the range of a loop
        self.end = 0  # of the previous token, in the text
        self.same_line = False  # whether another token comes earlier on this line of the text
        self.newlines, self.blank = 0, False
        self.spellings: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        """The lines of the result."""
        for kind, start, end in parser.lexemes(self.text):
            if kind in ("SEP", parser.BREAK):
                self._line_ends(kind, self.text[start], start)
            elif kind == parser.COMMENT:
                self._comment(self.text[start:end].rstrip(), start)
            elif kind != "$END":
                self._token(kind, self.text[start:end], end)
        self._finish()
        return _aligned(self.done)

    def _line_ends(self, kind: str, word: str, start: int) -> None:
        if word == "\n":
            self.newlines += 1
            self.blank |= self.newlines > 1
            self.same_line = False
        else:
            self.newlines, self.end = 0, start + 1
        if self.brackets and self.word in _OPENING:
            self.brackets[-1].hang()
        self._finish()
        if kind == "SEP":
            self.word = self.kind = ""
            self.operand = self.sign = self.counts = False

    def _finish(self) -> None:
        if self.code:
            self.done.append(_Line("".join(self.code), self.word in ("{", *_OPENING), self.blank))
            self.code, self.blank = [], False

    def _begin(self, word: str) -> None:
        """Begin a line with this word, or a comment."""
        inside = bool(self.done) and not self.done[-1].opens
        self.blank = self.blank and inside and word not in ("}", *_CLOSING)
        self.indent = self.width = self._indentation(word)
        self.code = [" " * self.indent]

    def _indentation(self, word: str) -> int:
        if not self.brackets:
            return min(INDENT * self.depth, _DEEPEST)
        return self.brackets[-1].outer if word in _CLOSING else self.brackets[-1].inner

    def _comment(self, comment: str, start: int) -> None:
        self.newlines = 0
        if self.same_line:
            self._finish()
            line = self.done.pop()
            begins = self.text.rfind("\n", 0, start) + 1
            column, end = (cells(self.text[begins:at].expandtabs(_TAB)) for at in (start, self.end))
            self.done.append(line._replace(comment=comment, column=column, gap=column - end))
        else:
            self._finish()
            self._begin(comment)
            self.done.append(_Line(f"{self.code[0]}{comment}", False, self.blank))
            self.code, self.blank = [], False

    def _token(self, kind: str, word: str, end: int) -> None:
        self.newlines, self.same_line, self.end = 0, True, end
        word = self._spelled(kind, _SPELLED.get(word, word))
        if word == "}":
            self._finish()
            self.depth -= 1
            if self.done[-1].opens and not self.done[-1].comment:
                self.code, self.blank = [self.done[-1].code], self.done.pop().blank
        if not self.code:
            self._begin(word)
        elif self._has_space(kind, word):
            self.code.append(" ")
            self.width += 1
        if word in _CLOSING and self.brackets:
            self.brackets.pop()
        self.code.append(word)
        self.width += cells(word)
        if word in _OPENING:
            self.brackets.append(_Bracket(self.indent, self.width, word == "[" and self.operand))
        if kind in ("IN", "FOR"):
            (self.brackets[-1] if self.brackets else self).counts = kind == "IN"
        self.sign = kind == "SIGN" and not self.operand
        self.operand = kind in ("NAME", "NUMBER") or word in _CLOSING or word[0] == "." and not word[-1].isdigit()
        self.word, self.kind = word, kind
        if word == "{":
            self._finish()
            self.depth += 1
            self.word = self.kind = ""
            self.operand = self.counts = False

    def _spelled(self, kind: str, word: str) -> str:
        """A keyword or an op in its canonical spelling; a name in the spelling of its first occurrence."""
        if kind in _KEYWORDS:
            return normalize(word)
        if kind not in ("NAME", "FUNC"):
            return word
        # The static parameters of an op belong to its word: sum[axis=0](A).
        word, *statics = word.partition("[")
        name = normalize(word)
        alias = ALIASES.get(name) if kind == "FUNC" and self.kind not in _DEFINING else None
        return "".join([alias or self.spellings.setdefault(name, word), *statics])

    def _has_space(self, kind: str, word: str) -> bool:
        """Whether a space goes between the previous token and this one."""
        if self.word in _OPENING or word in (",", *_CLOSING) or self.sign:
            return False
        if self.word == "," or self.kind in _KEYWORDS or kind in _KEYWORDS:
            return True
        if word == "(" and self.kind == "FUNC" or word == "[" and self.operand:
            return False
        if self.kind == "NUMBER" and word[0] == ".":
            return True  # 0.T would be a number and a name
        if self.word in _CLOSE or word in _CLOSE or word[0] == "." and self.operand or word == "}":
            return False
        if "SIGN" in (self.kind, kind):
            # In a range or an index the colon binds loosest, so no sign in it has spaces: 1:n+1.
            return not (self.brackets[-1] if self.brackets else self).counts
        # An equals sign within brackets names an argument: sum(A, axis=0).
        return not (self.brackets and "=" in (self.word, word))


def _aligned(lines: list[_Line]) -> Iterator[str]:
    """The lines with their comments. Comments on neighbouring lines that were in one column stay in one column, with
    their distance from the longest line."""
    first = 0
    while first < len(lines):
        last = first + 1
        if lines[first].comment:
            while last < len(lines) and _goes_on(lines[last - 1], lines[last]):
                last += 1
            run = lines[first:last]
            column = max(cells(line.code) for line in run) + max(_GAP, min(line.gap for line in run))
        for line in lines[first:last]:
            if line.blank:
                yield ""
            tail = f"{' ' * (column - cells(line.code))}{line.comment}" if line.comment else ""
            yield line.code + tail
        first = last


def _goes_on(above: _Line, below: _Line) -> bool:
    return bool(below.comment) and not below.blank and above.column == below.column


__all__ = ["formatted"]
