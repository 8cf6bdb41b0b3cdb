"""The callbacks of Excel's grammar for ranges: their cells become the arguments of a function."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..ground.errors import ParseError, Source, Span, error
from ..ground.limits import Limits
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .assembly import Assembly
from .tables.excel import CHOICES, COUNT, EXCEL, PAIRED, PRODUCTS, REDUCED, SQUARES
from .term_writer import TermWriter
from .terms import ATOM, SIGN, Reference, Term, filled

Children = list[Any]
_RANGE = re.compile(r"(?:(.*)!)?([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)", re.DOTALL)


class CellRange(NamedTuple):
    """The cells of a range, row by row, the number of its columns, and the place of its first name among those used."""

    terms: tuple[Term, ...]
    columns: int
    span: Span
    used: int


class ExcelWriter(TermWriter):
    """Writes terms while formulas are parsed."""

    def cells(self, children: Children) -> CellRange:
        """A range: its cells, by the names that they have alone."""
        token = children[0]
        span = Span(token.start_pos, token.end_pos)
        found = _RANGE.fullmatch(self._dialect.plain(str(token)))
        if found is None:
            raise self._error("W804", f"{quoted(str(token))} is no range of cells", span)
        left, right = sorted((_column(found[2]), _column(found[4])))
        first, last = sorted((int(found[3]), int(found[5])))
        self._tally.spend((right - left + 1) * (last - first + 1), span)
        sheet = f"{found[1]}!" if found[1] else ""
        names = [f"{sheet}{_letters(c)}{row}" for row in range(first, last + 1) for c in range(left, right + 1)]
        uses = [Reference(name, span, len(self._statements)) for name in names]
        why = "every cell of a range is a number; Excel leaves empty ones out"
        self._note("W824", why, span, once="range")
        self._uses += uses
        return CellRange(
            tuple(Term(use, ATOM, span) for use in uses), right - left + 1, span, len(self._uses) - len(uses)
        )

    def call(self, children: Children) -> Term:
        """A function, some of whose arguments are perhaps ranges."""
        head, *rest = children
        name = str(head).rstrip("( \t\n")
        key = self._dialect.plain(name)
        span, at = Span(head.start_pos, rest[-1].end_pos), Span(head.start_pos, head.start_pos + len(name))
        ranges = [child for child in rest if isinstance(child, CellRange)]
        if key == COUNT:  # which reads no cell
            for child in reversed(ranges):
                del self._uses[child.used : child.used + len(child.terms)]
        if key == PRODUCTS:
            return self._products([c for c in rest if isinstance(c, (Term, CellRange))], at, span)
        if key in PAIRED:
            return self._paired(key, [c for c in rest if isinstance(c, (Term, CellRange))], at, span)
        terms = [term for child in rest for term in _terms_of(child)]
        if key == CHOICES and not ranges:
            return self._chosen(terms, at, span)
        if key in (SQUARES, COUNT) or key in REDUCED:
            self._tally.spend(len(terms))
            if not terms:
                raise self._error("W803", f"{quoted(key)} takes an argument at least", at)
            self._note("W822", f"{quoted(key)} is written out", at, once=key)
            return self._reduced(key, terms, span)
        if ranges and key.lower() not in self._spreads:
            found = self._functions.get(key.lower())
            if found is None or found.most is not None:
                why = f"a range has no value as an argument of {quoted(key)}"
                raise self._error("W804", why, ranges[0].span, "name a single cell")
        return super().call([head, *terms, rest[-1]])

    def _reduced(self, key: str, terms: list[Term], span: Span) -> Term:
        if key == COUNT:
            return Term(str(len(terms)), ATOM, span)
        if key == SQUARES:
            squares = [(self._fitted(term, ATOM), "^2") for term in terms]
            return Term(("(", *_between(squares, " + "), ")"), ATOM, span)
        listed = tuple(_between([term.pieces for term in terms], ", "))
        return filled(REDUCED[key], {"": listed}, span)

    def _paired(self, key: str, arguments: list[Any], at: Span, span: Span) -> Term:
        """A function of the values of two ranges."""
        if len(arguments) != 2 or len({len(_terms_of(a)) for a in arguments}) != 1:
            raise self._error("W803", f"{quoted(key)}: it takes two ranges of as many cells", at)
        self._note("W822", f"{quoted(key)} is written out", at, once=key)
        self._tally.spend(PAIRED[key].count("{") * len(_terms_of(arguments[0])), span)
        listed = [tuple(_between([term.pieces for term in _terms_of(a)], ", ")) for a in arguments]
        return filled(PAIRED[key], {"0": listed[0], "1": listed[1]}, span)

    def _chosen(self, terms: list[Term], at: Span, span: Span) -> Term:
        """Conditions, each before its value; no value where none holds."""
        if not terms or len(terms) % 2:
            raise self._error("W803", f"{quoted(CHOICES)} takes conditions, and a value behind each", at)
        self._note("W822", f"{quoted(CHOICES)} is written out, with nan where no condition holds", at, once=CHOICES)
        pieces: list[object] = []
        for condition, value in zip(terms[::2], terms[1::2]):
            pieces += ["where(", condition.pieces, ", ", value.pieces, ", "]
        return Term((*pieces, "nan", ")" * (len(terms) // 2)), ATOM, span)

    def _products(self, arguments: list[Any], at: Span, span: Span) -> Term:
        """The sum of products of cells in the same places of ranges."""
        shapes = {(len(_terms_of(a)), a.columns if isinstance(a, CellRange) else 1) for a in arguments}
        if len(shapes) != 1:
            why = "its ranges have one shape" if shapes else "it takes an argument at least"
            raise self._error("W803", f"{quoted(PRODUCTS)}: {why}", at)
        self._note("W822", f"{quoted(PRODUCTS)} is written out", at, once=PRODUCTS)
        rows = [_between([self._fitted(term, SIGN) for term in row], "*") for row in zip(*map(_terms_of, arguments))]
        self._tally.spend(len(rows) * len(arguments), span)
        return Term(("(", *_between([tuple(row) for row in rows], " + "), ")"), ATOM, span)


def _terms_of(child: Any) -> list[Term]:
    return list(child.terms) if isinstance(child, CellRange) else [child] if isinstance(child, Term) else []


def _between(pieces: list[Any], sign: str) -> list[object]:
    """Pieces with a sign between them."""
    return [piece for k, one in enumerate(pieces) for piece in (sign * (k > 0), one)]


def _column(letters: str) -> int:
    """The number of a column, from 1 on."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    """The letters of a column."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def read_excel(source: Source, limits: Limits, parse: Callable[..., Any]) -> tuple[TermWriter, Assembly]:
    """The terms and the program of formulas; `parse` runs the grammar. Raises ParseError."""
    writer = ExcelWriter(EXCEL, source, limits)
    try:
        parse(EXCEL.name, EXCEL.title, source, writer)
    except ParseError as problem:
        place = problem.diagnostic.span
        if place is not None and source.text[place.start : place.end] == ";":
            help = "arguments are separated by commas and decimals have a point, as in Excel's English spelling"
            raise ParseError(problem.diagnostic._replace(help=help)) from None
        raise
    if not writer._statements:
        raise error(ParseError, "W801", "the text defines nothing", Span(0, 1), source=source)
    return writer, Assembly(writer._statements, writer.functions, EXCEL, source)
