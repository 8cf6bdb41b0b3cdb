"""The tokens of a formula in LaTeX: TeX's own rules of arguments, spaces and names, and statements told apart.

TeX takes one token where no brace stands, so that `x^2y` is `x^{2}y` and `\\frac12` is `\\frac{1}{2}`; the braces are
put in here, and the grammar needs none of it. A name is one token with its accents and subscripts.
"""

from __future__ import annotations

import re

from ..ground.errors import ParseError, Source, Span, WengertError, error, suggestion
from ..ground.limits import Tally
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .latex_names import closing_brace
from .tables.latex_commands import (
    ACCENTS,
    ARRAY,
    ASIDE,
    BARS,
    CALLED,
    CHOSEN,
    CLOSED,
    DIFFERENCE,
    GREEK,
    LATEX,
    MEANT,
    OPENED,
    REFUSED,
    SHOWN,
    SIGNS,
    SILENT,
    SPACES,
    SPOKEN,
    STYLED,
    UPRIGHT,
)

_PIECE = re.compile(
    r"(?P<space>\s+|%[^\n]*)|\\(?P<command>[A-Za-z]+\*?|.|$)|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<letter>[^\W\d_])|(?P<other>.)",
    re.DOTALL,
)
_POWER_OF_TEN = re.compile(
    r"(?:(?P<digits>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(?:\\cdot|\\times)\s*)?(?<![0-9.])10\s*\^\s*"
    r"(?:\{\s*(?P<braced>[+-]?\s*[0-9]{1,3})\s*\}|(?P<bare>[0-9])(?![0-9]))"
)
_DERIVATIVE = re.compile(
    r"\\[dt]?frac\s*\{\s*(d|\\partial|\\mathrm\s*\{d\})\s*\}\s*\{\s*(?:d(?=\s*[A-Za-z\\])|\\partial(?![A-Za-z])|"
    r"\\mathrm\s*\{d\})\s*(?P<name>(?:[A-Za-z]|\\[A-Za-z]+)[^{}^=&$]{0,20}(?:\{[^{}^=&$]{0,40}\})?)\s*\}"
)
_ROW = re.compile(r"\s*\[\s*-?[0-9.]+\s*[a-z]{2}\s*\]")
_ENVIRONMENT = re.compile(r"\s*\{\s*([A-Za-z]+)\*?\s*\}")
_LEFT_CURLY = re.compile(r"\s*\\\{\s*(?=\\begin\s*\{)")
_RIGHT_NOTHING = re.compile(r"\s*\\right\s*\.")
_LETTER = re.compile(r"\s*(?:([^\W\d_])|\\([A-Za-z]+))")
_SUBSCRIPT = re.compile(r"\s*_\s*")
_WORD = re.compile(r"(?:\\[A-Za-z]+|.)", re.DOTALL)
_LEFT, _RIGHT, _NOTHING = re.compile("left|[bB]igg?l"), re.compile("right|[bB]igg?r"), re.compile(r"\s*\.")
_VALUES = frozenset(("NUMBER", "NAME", "RBAR", "BANG", "RBRACE", "END_CASES", *CLOSED.values()))


class LatexToken(NamedTuple):
    """A token with its place; `gap` says whether a spacing command comes before it."""

    kind: str
    text: str
    start: int
    end: int
    gap: bool = False


class LatexTokens:
    """Reads the tokens of one text."""

    def __init__(self, source: Source, tally: Tally) -> None:
        self.source, self.text, self.tally = source, source.text, tally
        self.tokens: list[LatexToken] = []
        # The brackets that are open, and how many arguments of a command are still to come when it closes.
        self.frames: list[tuple[str, int]] = []
        self.need = 0
        self.side = ""
        self.gap = False
        self.begun = 0
        # Prose may stand around formulas that are marked as such.
        self.marked = re.search(r"(?<!\\)\$|\\[\[(]", self.text) is not None
        self.inside = not self.marked
        self.at = 0

    def read(self) -> list[LatexToken]:
        """Every token. Raises ParseError at a command that is not known or has no counterpart."""
        while self.at < len(self.text):
            found = _PIECE.match(self.text, self.at)
            if found is None:
                break
            self.begun = self.at
            self.at = found.end()
            self.tally.spend()
            kind = found.lastgroup or ""
            if kind == "space":
                if found[0].count("\n") > 1 and not self.frames:
                    self._put("END", "\n")
                continue
            self._delimited(found[0]) if self._delimits(found[0]) else self._piece(kind, found)
        return self.tokens

    # Statements and formulas

    def _delimits(self, text: str) -> bool:
        return text in ("$", "\\[", "\\]", "\\(", "\\)")

    def _delimited(self, text: str) -> None:
        self.inside = not self.inside if text == "$" else text in ("\\[", "\\(")
        if text == "$" and self.text.startswith("$", self.at):
            self.at += 1
        self._put("END", text)

    def _piece(self, kind: str, found: re.Match[str]) -> None:
        text = found["command"] if kind == "command" else found[0]
        if not self.inside:
            if text not in ".,;:":
                raise self._refused("words around a formula are not read; give the formula alone", self.begun)
            return
        if kind == "command":
            self._command(text)
        elif kind == "number":
            self._number(text)
        elif kind == "letter":
            self._name()
        else:
            self._sign(text)

    # Numbers and names

    def _number(self, text: str) -> None:
        if self.need:
            self.at = self.begun + 1
            if self.need == 1 and self.text[self.at : self.at + 1].isdigit() or text.startswith("."):
                shown = quoted(text)
                raise self._refused(f"TeX takes the first digit of {shown} alone; write it in braces", self.begun)
            text = text[0]
        elif scientific := _POWER_OF_TEN.match(self.text, self.begun):
            if scientific["digits"] and self.tokens and self.tokens[-1].kind == "DIV":
                raise self._refused("a quotient by a product can be read in two ways; write `\\frac`", self.begun)
            exponent = int((scientific["braced"] or scientific["bare"]).replace(" ", ""))
            if abs(exponent) < 290:
                self.at = scientific.end()
                text = f"{scientific['digits'] or 1}e{exponent}"
        self._put("NUMBER", text)

    def _name(self) -> None:
        """A name: its letter has been read, or stands at the beginning with its command."""
        single = self.need > 0
        differs = not single and self.text[self.begun : self.at] == f"\\{DIFFERENCE}"
        if differs:
            self._difference()
        while not single:
            if found := _SUBSCRIPT.match(self.text, self.at):
                self.at = found.end()
                self._one_argument()
                if (last := self.text[self.at - 1]).isdigit() and self.text[self.at : self.at + 1].isdigit():
                    raise self._refused(f"TeX takes `{last}` alone as the subscript; write it in braces", self.at - 1)
            elif self.text.startswith("'", self.at):
                self.at += 1
            else:
                break
        begun = self.text[self.begun + len(DIFFERENCE) + 1 : self.at].lstrip()
        if differs and begun.startswith("_") and self._named():
            raise self._refused("a difference with a subscript before a name: one name, or a product", self.begun,
                                r"write the subscript behind the name, or `\cdot`")  # fmt: skip
        self._put("NAME", self.text[self.begun : self.at])
        if single and _SUBSCRIPT.match(self.text, self.at) and not self.need:
            raise self._refused("a subscript behind a superscript; write it in braces", self.at)

    def _difference(self) -> None:
        """Read a capital delta and the name after it as one name."""
        if found := self._named():
            self.at = found.end()
            if not found[1] and found[2] not in GREEK:
                self._one_argument()

    def _named(self) -> re.Match[str] | None:
        """The beginning of a name that stands next."""
        found = _LETTER.match(self.text, self.at)
        named = found and (found[1] or found[2] in GREEK or found[2] in ACCENTS or found[2] == "mathrm")
        return found if named else None

    def _one_argument(self) -> None:
        """Go past one argument: a group, or a command with its own, or a sign."""
        while True:
            while self.text[self.at : self.at + 1].isspace():
                self.at += 1
            if self.text.startswith("{", self.at):
                end = closing_brace(self.text, self.at)
                if end < 0:
                    raise self._refused("the brace is not closed", self.at)
                self.tally.spend(end - self.at)
                self.at = end
                return
            found = _WORD.match(self.text, self.at)
            if found is None:
                raise self._refused("an argument is missing", max(len(self.text) - 1, 0))
            self.at = found.end()
            command = found[0].lstrip("\\")
            if command not in UPRIGHT and command not in ACCENTS and command not in STYLED or found[0][0] != "\\":
                return

    # Commands

    def _command(self, name: str) -> None:
        if name in GREEK:
            return self._name()
        if name in ACCENTS or name in STYLED:
            self._one_argument()
            return self._name()
        if name.rstrip("*") in UPRIGHT:
            return self._word(name.rstrip("*"))
        if name in SPACES:
            self.gap = True
            return None
        if name == "left" and (found := _LEFT_CURLY.match(self.text, self.at)):
            self.at = found.end()
            return None
        if name in SILENT:
            self.side = "L" if _LEFT.fullmatch(name) else "R" if _RIGHT.fullmatch(name) else ""
            if self.side and _NOTHING.match(self.text, self.at):
                raise self._refused("an invisible bracket has no counterpart", self.begun)
            return None
        if name == "\\":
            self.at = found.end() if (found := _ROW.match(self.text, self.at)) else self.at
            return self._put("ROW" if self.frames and self.frames[-1][0] == "BEGIN_CASES" else "END", "\\\\")
        if name in ("begin", "end"):
            return self._environment(name)
        if name in ASIDE:
            return self._one_argument()
        if name in CALLED:
            return self._put("FUNC", name)
        if name in ("frac", "dfrac", "tfrac") and (found := _DERIVATIVE.match(self.text, self.begun)):
            self.at = found.end()
            return self._put("DERIVATIVE", found["name"].strip())
        return self._sign(name, command=True)

    def _word(self, command: str) -> None:
        """An upright word: of a sentence, a function, or a name."""
        begin = self.at
        self._one_argument()
        word = re.sub(r"\\[ ,;:]|[{}\s~]+|\\(?=_)", " ", self.text[begin : self.at]).strip()
        if word.lower() in SPOKEN and command != "operatorname":
            return self._put(SPOKEN[word.lower()], word.lower())
        if command == "operatorname" or len(word) > 1 and word.replace(" ", "") in LATEX.functions:
            return self._put("FUNC", word.replace(" ", ""))
        if not re.fullmatch(r"[^\W_]\w*|.*\\.*", word.replace(" _", "_").replace("_ ", "_")):
            raise self._refused(f"{quoted(word)} is neither a name nor a word that is known here", begin)
        return self._name()

    def _environment(self, name: str) -> None:
        found = _ENVIRONMENT.match(self.text, self.at)
        kind = found[1] if found else ""
        if found is None or kind not in SHOWN and kind not in CHOSEN:
            raise self._refused(f"the environment {quoted(kind)} has no counterpart", self.begun)
        self.at = found.end()
        if kind in SHOWN:
            return self._put("END", name)
        if name == "end":
            if gone := _RIGHT_NOTHING.match(self.text, self.at):
                self.at = gone.end()
            return self._put("END_CASES", kind)
        if kind == ARRAY:
            self._one_argument()
        return self._put("BEGIN_CASES", kind)

    def _sign(self, text: str, command: bool = False) -> None:
        if text in BARS and (command or text == "|") or command and text == "|":
            return self._bar("NORM" if command and text == "|" else BARS[text])
        if text == "{" and not command:
            return self._put("LBRACE", text)
        if text == "}" and not command:
            return self._put("RBRACE", text)
        if text in OPENED or text in CLOSED:
            if text == "[" and self.tokens and self.tokens[-1].kind == "SQRT":
                return self._put("LOPT", text)
            if text == "]" and self.frames and self.frames[-1][0] == "LOPT":
                return self._put("ROPT", text)
            return self._put(OPENED.get(text) or CLOSED[text], text)
        if text == "^" and not command:
            return self._put("POW", text)
        if text == "_" and not command:
            return self._put("SUB", text)
        if text in SIGNS and (command == text.isalpha() or text in REFUSED):
            kind = SIGNS[text]
            if kind == "AMP":
                return self._put(kind, text) if self.frames and self.frames[-1][0] == "BEGIN_CASES" else None
            return self._put(kind, MEANT.get(text, text))
        if text == "~":
            self.gap = True
            return None
        if text == ":" and self.text.startswith("=", self.at) and not command:
            self.at += 1
            return self._put("EQ", ":=")
        if text in ";." and not command:
            return self._put("END" if text == ";" and not self.frames else "DOT", text)
        why = REFUSED.get(text, "not known here")
        shown = f"\\{text}" if command else text
        raise self._refused(
            f"{quoted(shown)}: {why}",
            self.begun,
            "" if text in REFUSED else suggestion(text, (*SIGNS, *CALLED, *GREEK)),
        )

    def _bar(self, kind: str) -> None:
        """A bar. It opens where a value is expected, and closes where a value inside bars has ended."""
        ended = bool(self.tokens) and self.tokens[-1].kind in _VALUES and bool(self.frames)
        closes = self.side == "R" or self.side != "L" and ended and self.frames[-1][0] == f"L{kind}"
        self._put(f"{'R' if closes else 'L'}{kind}", kind)

    # Parts

    def _put(self, kind: str, text: str) -> None:
        """Add a token, with braces around it where it is an argument without them."""
        span = (self.begun, self.at)
        self.side, gap, self.gap = "", self.gap, False
        need, self.need = self.need, 0
        stands = kind in ("LBRACE", "LOPT", "NUMBER", "NAME") or need == 1 and kind in ("FRAC", "SQRT", "BINOM")
        if need and not stands:
            raise self._refused(f"{quoted(self.text[slice(*span)])} cannot be an argument without braces", span[0])
        if need and kind in ("NUMBER", "NAME"):
            inner = LatexToken(kind, text, *span)
            before, after = LatexToken("LBRACE", "", *span), LatexToken("RBRACE", "", *span)
            self.tokens += [before, inner, after]
            self.need = need - 1
            return
        self.tokens.append(LatexToken(kind, text, *span, gap))
        if kind in ("LBRACE", "LOPT", "BEGIN_CASES") or kind in OPENED.values() or kind in ("LBAR", "LNORM"):
            self.frames.append((kind, 1 if kind == "LOPT" else max(need - 1, 0)))
        elif kind in ("RBRACE", "ROPT", "END_CASES", "RBAR", "RNORM") or kind in CLOSED.values():
            self.need = self.frames.pop()[1] if self.frames else 0
        elif kind in ("FRAC", "BINOM"):
            self.need = 2
        elif kind in ("SQRT", "POW", "SUB"):
            self.need = 1

    def _refused(self, why: str, place: int, help: str = "") -> WengertError:
        span = Span(place, max(self.at, place + 1))
        return error(ParseError, "W804", why, span, help=help, source=self.source)
