"""The callbacks of the grammar of LaTeX: names, products, powers and fractions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from ..ground.errors import Source, Span
from ..ground.limits import Limits
from ..ground.names import quoted
from .latex_names import LatexName, UnreadableName, read_name
from .latex_statements import LatexStatements
from .latex_sums import Summations
from .latex_tokens import LatexTokens
from .mathml_writer import Word
from .tables.latex_commands import (
    ABSOLUTE,
    BINOMIAL,
    CEILING,
    CROSS_PRODUCT,
    CUBE_ROOT,
    DERIVATIVE,
    EXPONENTIAL,
    FACTORIAL,
    FLOOR,
    FUNCTION_LETTERS,
    FUNCTIONS_OF_ORDER,
    LATEX,
    LENGTH,
    NORM,
    ODD_ROOT,
    SQUARE_ROOT,
)
from .term_writer import TermWriter
from .terms import ATOM, POWER, PRODUCT, SIGN, SUM, OperatorForm, Reference, Term

Children = list[Any]
# A differential, as in `\frac{dy}{dx}`.
_DIFFERENTIAL = re.compile(r"[{\s]*(d|\\mathrm\s*\{\s*d\s*\})\s*(\^.*|[A-Za-z\\].*)?", re.DOTALL)
MINUS_ONE = re.compile(r"[{\s]*-\s*1[}\s]*")
_ORDER = re.compile(r"\{\s*(\\left\s*)?\(.*\)\s*\}", re.DOTALL)
_NUMERAL = re.compile(r"[0-9.]+")
FEW = 60
# A vector, perhaps with an index.
_VECTOR = re.compile(r"[{\s]*\\vec\s*(\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z])\s*(_\s*(\{[^{}]*\}|\w))?[}\s]*")
_CROSSES = re.compile(r"\\times|×")
_LONGEST = 80
_SCALAR = OperatorForm("{} @ {}", PRODUCT, (PRODUCT, SIGN))
_CROSS = OperatorForm(CROSS_PRODUCT, ATOM, (0, 0))


class LatexTerms(TermWriter):
    """Writes the terms that are no function, sum or choice while a formula is parsed."""

    def __init__(self, source: Source, limits: Limits) -> None:
        super().__init__(LATEX, source, limits)
        arranged = LatexStatements(LatexTokens(source, self._tally).read(), source)
        self._tokens, self._named_functions = arranged.tokens, arranged.defined
        self.sums = Summations(source, self._tally)
        self._gaps = {token.start for token in self._tokens if token.gap}
        # The keys of names by their print: `T` and `\\mathrm{T}` are two.
        self._keys: dict[tuple[str, bool], str] = {}
        self._values: set[str] = set()
        # Places where a number, a name or a function's argument without brackets ends, and where terms of a kind begin.
        self._number_ends: set[int] = set()
        self._name_ends: dict[int, tuple[LatexName, int]] = {}
        self._open_ends: set[int] = set()
        self._inverse_ends: set[int] = set()
        self._quotients: set[int] = set()
        self._vectors: set[tuple[int, int]] = set()
        self._vector_products: set[tuple[int, int]] = set()
        self._imaginary: list[int] = []
        self._number_starts: set[int] = set()
        self._numeric_fractions: set[int] = set()
        self._group_starts: dict[int, bool] = {}
        self._applied: set[int] = set()
        # Terms by their places: those in braces, and those that are set apart, as fractions are.
        self._braced: set[tuple[int, int]] = set()
        self._apart: set[tuple[int, int]] = set()
        self._beside: set[tuple[int, int]] = set()

    def tokens(self) -> Iterator[Any]:
        """The tokens as the parser takes them."""
        from lark import Token

        for token in self._tokens:
            yield Token(token.kind, token.text, start_pos=token.start, end_pos=token.end)

    # Numbers and names

    def number(self, children: Children) -> Term:
        """A literal."""
        term = super().number(children)
        span = term.span
        self._number_starts.add(span.start)
        self._number_ends.add(span.end)
        if (text := self._text(span)) != term.pieces:
            self._note("W824", f"{quoted(text, FEW)} is the number {term.pieces}", span, once=text)
        return term._replace(whole=False)

    def name(self, children: Children) -> Term:
        """A name, an index, or a constant."""
        token = children[0]
        span = Span(token.start_pos, token.end_pos)
        text = re.sub(r"\s+", "", str(token))
        name = self._read(token)
        if (used := self.sums.use(name, span, len(self._statements))) is not None:
            self._tally.spend()
            return Term(used, ATOM, span)
        for plain in (text, re.sub(r"^\\mathrm\{(\w+)\}$", r"\1", text)):
            if plain in self._constants and not name.parts and not name.marks and len(plain) != 2:
                return super().name([Word(plain, span)])
        if text in self._dialect.refused:
            return super().name([Word(text, span)])
        if text == "i":
            self._imaginary.append(span.start)
            self._note("W822", "`i` is a name, and no imaginary unit", span, once="i")
        key = self._key(name)
        if key in self._named_functions:
            raise self._error("W804", f"{quoted(key)} is a function, and stands here without its argument", span)
        if key != text:
            self._note("W821", f"{quoted(text)} is called `{key}`", span, once=text)
        self._name_ends[span.end] = name, span.start
        self._uses.append(Reference(key, span, len(self._statements)))
        self._tally.spend()
        return Term(self._uses[-1], ATOM, span)

    def _read(self, token: Any) -> LatexName:
        try:
            return read_name(str(token))
        except UnreadableName as problem:
            place = token.start_pos + problem.place
            why = f"{quoted(str(token))} cannot be read as a name: {problem.why}"
            raise self._error("W804", why, Span(place, place + 1)) from None

    def _key(self, name: LatexName) -> str:
        found = name.identifier()
        if (found, name.upright) in self._keys:
            return self._keys[found, name.upright]
        key = f"{found}_rm" if (found, not name.upright) in self._keys else found
        self._keys[found, name.upright] = key
        return key

    # Products

    def juxtaposed(self, children: Children) -> Term:
        """A product without a sign, if it can be read in only one way."""
        left, right = children
        at, span = right.span.start, Span(left.span.start, right.span.end)
        near = Span(max(left.span.start, left.span.end - 9), right.span.end)
        vectors = self._is_vector(left) + self._is_vector(right)
        if vectors == 2:
            raise self._error("W804", "a product of two vectors needs its sign", right.span, r"`\cdot` or `\times`")
        if vectors:
            self._vectors.add(span[:2])
        if left.span.end in self._open_ends and at not in self._applied:
            why = "the argument of the function without brackets may end before or after it"
            raise self._error(
                "W804", f"{quoted(self._text(right.span))}: {why}", right.span, r"write `\sin\left(…\right)`"
            )
        if at in self._number_starts:
            raise self._error("W804", "a number behind a factor has no sign before it", near,
                              r"`\cdot` for a product, `_{…}` for a subscript, `^{…}` for a power")  # fmt: skip
        if left.span.end in self._number_ends and at in self._numeric_fractions:
            raise self._error("W804", "a number before a fraction of numbers is a product, or a mixed number", near,
                              r"write `\cdot` or one fraction")  # fmt: skip
        named = self._name_ends.get(left.span.end)
        if (named or left.span.end in self._inverse_ends) and at in self._group_starts and at not in self._gaps:
            if named is None or self._group_starts[at] or _may_be_function(named[0]):
                near = Span(named[1], near.end) if named else near
                why = f"{quoted(self._text(near))} may be a product or the value of a function"
                raise self._error("W804", why, near, r"`\cdot` for a product; a function is defined: `f(x) = …`")
            self._note("W824", f"{quoted(self._text(span), FEW)} is a product, with a factor before brackets", span,
                       once=f"bracket {left.span.end}")  # fmt: skip
        else:
            self._note("W824", f"factors side by side are a product: {quoted(self._text(span))}", span, once="beside")
        self._beside.add((span.start, span.end))
        return self._operation("*", (left, right), span, near)

    def infix(self, children: Children) -> Term:
        """An operator between two operands."""
        left, sign, right = children
        if sign.type == "DIV":
            if (right.span.start, right.span.end) in self._beside:
                why = (
                    f"`/` before {quoted(self._text(right.span), 20)}: a quotient by a product, or by its first factor"
                )
                raise self._error("W804", why, right.span, r"write `\frac{…}{…}` or brackets")
            self._quotients.add(right.span.end)
            if left.span.end in self._open_ends:
                raise self._error("W804", "`/` behind an argument without brackets: it may be part of the argument",
                                  place_of(sign), r"write `\frac{…}{…}` or brackets")  # fmt: skip
        if sign.type == "TIMES" and left.span.end in self._quotients:
            self._note("W824", "`/` and `\\cdot` are worked out from the left", place_of(sign), once="from the left")
        vectors = self._is_vector(left) + self._is_vector(right)
        if vectors and left.span[:2] in self._vector_products and _CROSSES.fullmatch(self._text(place_of(sign))):
            why = "a product of three vectors depends on the two that are multiplied first"
            raise self._error("W804", why, place_of(sign), r"write `\left(…\right)` around two of them")
        if sign.type == "TIMES" and vectors == 2:
            return self._of_vectors(left, sign, right)
        term = super().infix(children)
        if vectors == 1 and sign.type in ("TIMES", "DIV") or vectors and sign.type in ("PLUS", "MINUS"):
            self._vectors.add(term.span[:2])
        return term

    def _is_vector(self, term: Term) -> bool:
        return term.span[:2] in self._vectors or _VECTOR.fullmatch(self._text(term.span)[:_LONGEST]) is not None

    def _of_vectors(self, left: Term, sign: Any, right: Term) -> Term:
        """The scalar product of two vectors, or their cross product."""
        at, span = place_of(sign), Span(left.span.start, right.span.end)
        cross = _CROSSES.fullmatch(self._text(at)) is not None
        self._vector_products.add(span[:2])
        said = "the cross product of vectors" if cross else "the scalar product of vectors is `@`"
        self._note("W824", said, at, once=said)
        form = _CROSS if cross else _SCALAR
        text, between, end = form.text.split("{}")
        pieces = (text, self._fitted(left, form.operands[0]), between, self._fitted(right, form.operands[1]), end)
        if cross:
            self._vectors.add(span[:2])
        return Term(pieces, form.level, span)

    def run(self, children: Children) -> Term:
        """Numbers and names side by side, as the argument of a function."""
        right = children[1]
        if right.span.start in self._gaps:
            raise self._error("W804", "the argument of the function without brackets may end at the space", right.span,
                              r"write `\sin\left(…\right)`")  # fmt: skip
        return self.juxtaposed(children)

    def modulo(self, children: Children) -> Term:
        r"""`a \bmod b`."""
        left, sign, right = children
        if min(left.level, right.level) < PRODUCT:
            raise self._error("W804", r"`\bmod` beside a sum can be read in two ways", place_of(sign), "write brackets")
        return super().infix(children)

    # Braces, powers, fractions

    def group(self, children: Children) -> Term:
        """An expression in brackets."""
        start, term, end = children
        pieces = term.pieces
        if isinstance(pieces, tuple) and len(pieces) == 3 and pieces[0] == "-" and not pieces[2]:
            pieces = pieces[1]
        alone = isinstance(pieces, (str, Reference)) and not term.truth
        self._group_starts[start.start_pos] = alone
        self._tally.spend()
        span = Span(start.start_pos, end.end_pos)
        if self._is_vector(term):
            self._vectors.add(span[:2])
        return Term(("(", term.pieces, ")"), ATOM, span, term.whole, term.truth)

    def within(self, children: Children) -> Term:
        """An argument in its braces, which are brackets enough."""
        term: Term = children[1]
        return self._set_apart(term._replace(span=between(children)))

    def braced(self, children: Children) -> Term:
        """An expression in braces, which print nothing."""
        term: Term = children[1]._replace(span=between(children))
        self._braced.add((term.span.start, term.span.end))
        if children[1].span.start in self._number_starts:
            self._number_starts.add(term.span.start)
        return term

    def _set_apart(self, term: Term) -> Term:
        self._apart.add((term.span.start, term.span.end))
        return term

    def _fitted(self, term: Term, level: int) -> object:
        place = (term.span.start, term.span.end)
        if term.level < level and place in self._braced:
            raise self._error("W804", "braces print nothing: the formula reads as if they were not there", term.span,
                              r"write `\left(…\right)`")  # fmt: skip
        if term.level < level and place in self._apart:
            return ("(", term.pieces, ")")
        return super()._fitted(term, level)

    def raised(self, children: Children) -> Term:
        """A power."""
        base, _, exponent = children
        span = Span(base.span.start, exponent.span.end)
        raised = self._text(exponent.span)
        if _ORDER.fullmatch(raised):
            raise self._error("W804", f"{quoted(raised)}: a power in brackets may be the order of a derivative",
                              exponent.span, "write a power without the brackets")  # fmt: skip
        mark = raised.strip("{} ")
        if base.span.end in self._name_ends and mark in ("0", "T"):
            why = f"{quoted(self._text(span))} may be a power or a mark on the name"
            raise self._error("W804", why, span, "write the mark as a subscript, or give the exponent another name")
        if MINUS_ONE.fullmatch(raised):
            self._inverse_ends.add(span.end)
        if base.pieces == self._constants["e"]:
            place = bisect_left(self._imaginary, exponent.span.start)
            if place < len(self._imaginary) and self._imaginary[place] < exponent.span.end:
                raise self._error("W804", "`i` in a power of e is the imaginary unit, which has no counterpart", span)
            return self._filled(EXPONENTIAL, (exponent,), span)
        if base.span.start in self._applied:
            self._note(
                "W824", f"{quoted(self._text(span), FEW)} is a power of the function's value", span, once="of value"
            )
        return Term((self._fitted(base, ATOM), "^", self._fitted(exponent, SIGN)), POWER, span)

    def factorial(self, children: Children) -> Term:
        """`n!`."""
        term, sign = children
        self._note("W824", "`n!` is `gamma(n + 1)`", place_of(sign), once="!")
        return self._filled(FACTORIAL, (term,), Span(term.span.start, sign.end_pos), SUM)

    def fraction(self, children: Children) -> Term:
        """A fraction, or a binomial coefficient."""
        command, a, b = children
        span = Span(command.start_pos, b.span.end)
        if command.type == "BINOM":
            return super().call([Word(BINOMIAL, place_of(command)), a, b, Word("", Span(span.end, span.end))])
        if all(_DIFFERENTIAL.fullmatch(self._text(t.span).rstrip("} \n\t")) for t in (a, b)):
            raise self._error("W804", "a derivative of this form has no counterpart", span,
                              r"`\frac{d}{dx} \left(…\right)`, or a name for it")  # fmt: skip
        if all(_NUMERAL.fullmatch(self._text(t.span).strip("{} ")) for t in (a, b)):
            self._numeric_fractions.add(span.start)
        self._note("W824", r"`\frac{a}{b}` is `a/b`", span, once="fraction")
        return self._set_apart(Term((self._fitted(a, PRODUCT), "/", self._fitted(b, SIGN)), PRODUCT, span))

    def root(self, children: Children) -> Term:
        """A square root, or a root of any order."""
        command, inner = children[0], children[-1]
        span = Span(command.start_pos, inner.span.end)
        if len(children) == 2:
            return self._filled(SQUARE_ROOT, (inner,), span)
        order = children[2]
        number = order.pieces if isinstance(order.pieces, str) and order.pieces.isdigit() else ""
        if number in ("2", "3"):
            return self._filled(SQUARE_ROOT if number == "2" else CUBE_ROOT, (inner,), span)
        if number[-1:] in ("1", "5", "7", "9", "3"):
            call = [Word(ODD_ROOT, place_of(command)), inner, order, Word("", Span(span.end, span.end))]
            return super().call(call)
        self._note("W824", r"`\sqrt[n]{x}` is `x^(1/n)`", span, once="root")
        return Term((self._fitted(inner, ATOM), "^(1/", self._fitted(order, SIGN), ")"), POWER, span)

    def bars(self, children: Children) -> Term:
        """An absolute value, of a vector its length."""
        if self._is_vector(children[1]):
            return self._filled(NORM, (children[1],), between(children))
        return self._filled(ABSOLUTE, (children[1],), between(children))

    def lengths(self, children: Children) -> Term:
        """The length of a row of values."""
        listed, span = children[1], between(children)
        if not isinstance(listed, list):
            return self._filled(NORM, (listed,), span)
        form = LENGTH.replace("{}", ", ".join(["{}"] * len(listed)))
        return self._filled(form, tuple(listed), span)

    def rounded(self, children: Children) -> Term:
        """The whole number below or above."""
        form = FLOOR if children[0].type == "LFLOOR" else CEILING
        return self._filled(form, (children[1],), between(children))

    def derivative(self, children: Children) -> Term:
        r"""`\frac{d}{dx} \left(…\right)`."""
        token, inner = children
        word = Word(str(token), Span(token.start_pos, token.end_pos))
        variable = self.name([word])
        return self._filled(DERIVATIVE, (inner, variable), Span(token.start_pos, inner.span.end))

    def _filled(self, form: str, terms: tuple[Term, ...], span: Span, level: int = 0) -> Term:
        """A form of our language with terms in it."""
        self._tally.spend()
        texts = form.split("{}")
        pieces: list[object] = [texts[0]]
        for term, text in zip(terms, texts[1:]):
            pieces += [self._fitted(term, level), text]
        return Term(tuple(pieces), ATOM, span)

    def _text(self, span: Span) -> str:
        return self._source.text[span.start : span.end]


def _may_be_function(name: LatexName) -> bool:
    """Whether a name before brackets is likely to be a function, because its letter usually names one."""
    return "prime" in name.marks or name.base in FUNCTIONS_OF_ORDER or not name.parts and name.base in FUNCTION_LETTERS


def place_of(token: Any) -> Span:
    return Span(token.start_pos, max(token.end_pos, token.start_pos + 1))


def between(children: Children) -> Span:
    return Span(children[0].start_pos, children[-1].end_pos)
