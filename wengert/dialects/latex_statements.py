"""Split a formula in LaTeX into statements: tell signs that define a name from those of conditions, find functions
before their calls are read, and drop punctuation at the end."""

from __future__ import annotations

from ..ground.errors import ParseError, Source, Span, UnknownName, WengertError, error, suggestion
from ..ground.names import quoted
from .latex_names import UnreadableName, read_name
from .latex_tokens import LatexToken
from .tables.latex_commands import CLOSED, GAMMA, LATEX, OPENED, TYPED

_OPENERS = frozenset(("LBRACE", "LOPT", "LBAR", "LNORM", "BEGIN_CASES", *OPENED.values()))
_CLOSERS = frozenset(("RBRACE", "ROPT", "RBAR", "RNORM", "END_CASES", *CLOSED.values()))
_PUNCTUATION = frozenset(("COMMA", "DOT"))
_ENDS = frozenset(("END", "AMP", "ROW", "END_CASES"))
# The tokens of `\frac{dx}{dt}`.
_RATE = ["FRAC", "LBRACE", "NAME", "NAME", "RBRACE", "LBRACE", "NAME", "NAME", "RBRACE"]
_BRACKETS = frozenset(("LPAR", "LBRACK"))


def identifier(text: str) -> str:
    """The name that a token is, or its text where it is none."""
    try:
        return read_name(text).identifier()
    except UnreadableName:
        return text


class LatexStatements:
    """The tokens of a text, arranged for the grammar; `defined` are the functions that it defines."""

    def __init__(self, tokens: list[LatexToken], source: Source) -> None:
        self.source = source
        self.defined: set[str] = set()
        self.tokens: list[LatexToken] = []
        for statement in _split(_without_punctuation(tokens)):
            self.tokens += self._arranged(statement)
        self.tokens = [self._called(k, token) for k, token in enumerate(self.tokens)]
        self._refuse_typed_words()

    def _arranged(self, statement: list[LatexToken]) -> list[LatexToken]:
        depth, place = 0, -1
        for k, token in enumerate(statement):
            depth += (token.kind in _OPENERS) - (token.kind in _CLOSERS)
            if token.kind == "EQ" and not depth:
                if place >= 0:
                    raise self._refused("two signs `=` in one statement; give each a name of its own", token)
                place = k
        if place < 0:
            return statement
        left, sign = statement[:place], statement[place]._replace(kind="DEFINES")
        kinds = [token.kind for token in left]
        if kinds == _RATE and left[2].text == left[6].text == "d":
            text = rf"\mathrm{{d{identifier(left[3].text)}}}_{{\mathrm{{d{identifier(left[7].text)}}}}}"
            return [LatexToken("NAME", text, left[0].start, left[-1].end), sign, *statement[place + 1 :]]
        if kinds == ["NAME"]:
            return [left[0], sign, *statement[place + 1 :]]
        names = left[2:-1:2]
        if kinds[:1] == ["FUNC"] and left[0].text not in LATEX.functions:
            kinds[0] = "NAME"
        if kinds != ["NAME", "LPAR", *["NAME", "COMMA"] * (len(names) - 1), "NAME", "RPAR"] or not names:
            help = "write a value as `name = …`, or a condition within brackets"
            raise self._refused("an equation has no value", sign, help)
        name = identifier(left[0].text)
        self.defined.add(name)
        texts = "\0".join([name, *(identifier(token.text) for token in names)])
        return [LatexToken("DEFINED", texts, left[0].start, left[-1].end), sign, *statement[place + 1 :]]

    def _called(self, k: int, token: LatexToken) -> LatexToken:
        """A name before a bracket that is the name of a function."""
        following = self.tokens[k + 1] if k + 1 < len(self.tokens) else token
        if token.kind == "FUNC" and token.text in self.defined:
            return token._replace(kind="CALLED")
        if token.kind != "NAME" or following.kind not in _BRACKETS or following.gap:
            return token
        name = identifier(token.text)
        if name in self.defined:
            return token._replace(kind="CALLED", text=name)
        if token.text == GAMMA:
            return token._replace(kind="FUNC", text=GAMMA.lstrip("\\"))
        if token.text[0] == "\\" and len(name.partition("_")[0]) > 1 and "{" in token.text.partition("_")[0]:
            raise error(UnknownName, "W802", f"there is no function {quoted(name)} with a counterpart", _span(token),
                        help=suggestion(name, LATEX.functions) or r"a product has `\cdot`",
                        source=self.source)  # fmt: skip
        return token

    def _refuse_typed_words(self) -> None:
        """Refuse `sin(x)` without its backslash, which TeX takes for s·i·n, and other letters that are a word."""
        run: list[LatexToken] = []
        for token in [*self.tokens, LatexToken("END", "", -1, -1)]:
            plain = token.kind in ("NAME", "CALLED") and len(token.text) == 1
            if run and (not plain or token.start != run[-1].end):
                word = "".join(letter.text for letter in run)
                opens = token.kind in _BRACKETS and not token.gap
                found = next((w for w in TYPED if word == w or opens and len(w) > 2 and word.endswith(w)), "")
                if found or len(word) >= (3 if opens else 5):
                    span = Span(run[-1].end - len(found or word), run[-1].end)
                    shown = quoted(found or word)
                    why = f"{shown} without a backslash is a product of letters, and may be meant as a word"
                    help = f"`\\{found}`" if found else r"`\mathrm{…}` for a word, `\cdot` for a product"
                    raise error(ParseError, "W804", why, span, help=help, source=self.source)
                run = []
            if plain:
                run.append(token)

    def _refused(self, why: str, token: LatexToken, help: str = "") -> WengertError:
        return error(ParseError, "W804", why, _span(token), help=help, source=self.source)


def _span(token: LatexToken) -> Span:
    return Span(token.start, max(token.end, token.start + 1))


def _without_punctuation(tokens: list[LatexToken]) -> list[LatexToken]:
    """The tokens without a comma or a full stop at the end of a formula or of a row."""
    kept: list[LatexToken] = []
    for token in [*tokens, LatexToken("END", "", -1, -1)]:
        while token.kind in _ENDS and kept and kept[-1].kind in _PUNCTUATION:
            kept.pop()
        kept.append(token)
    return kept[:-1]


def _split(tokens: list[LatexToken]) -> list[list[LatexToken]]:
    """The tokens of each statement, its end with it. A comma before a definition ends one too."""
    statements: list[list[LatexToken]] = [[]]
    depth = 0
    for k, token in enumerate(tokens):
        depth += (token.kind in _OPENERS) - (token.kind in _CLOSERS)
        if token.kind == "COMMA" and not depth and _defines(tokens, k + 1):
            token = token._replace(kind="END")
        statements[-1].append(token)
        if token.kind == "END":
            statements.append([])
    return statements


def _defines(tokens: list[LatexToken], k: int) -> bool:
    return [token.kind for token in tokens[k : k + 2]] == ["NAME", "EQ"]
