"""The callbacks of the grammar of LaTeX: each construct becomes a term, and each doubtful reading leaves a receipt."""

from __future__ import annotations

import re
from typing import Any

from ..ground.errors import ParseError, Source, Span, error
from ..ground.limits import Limits
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .assembly import Assembly
from .latex_terms import FEW, MINUS_ONE, LatexTerms, between, place_of
from .mathml_writer import Word
from .tables.latex_commands import (
    BASES,
    CHOICE,
    INVERSES,
    LATEX,
    LOGARITHM,
    NATURAL,
    NOTHING,
    TRUTHS,
)
from .term_writer import ReadFunction, ReadStatement, TermWriter
from .terms import ATOM, POWER, SIGN, Reference, Term

Children = list[Any]


class CalledHead(NamedTuple):
    """A function with its subscript and its power, before its argument."""

    name: str
    span: Span
    base: Term | None
    power: Term | None


class CaseRow(NamedTuple):
    """A row of a choice: its value, and its condition, None for the last."""

    value: Term
    condition: Term | None
    span: Span


class LatexWriter(LatexTerms):
    """Writes statements, functions, sums and choices too."""

    # Statements

    def define(self, children: Children) -> None:
        """`name = expression`."""
        head, _, term = children
        span = Span(head.start_pos, head.end_pos)
        key = self._key(self._read(head))
        text = re.sub(r"\s+", "", str(head))
        if key in self._values or key in self._named_functions:
            raise self._error("W804", f"{quoted(key)} is defined twice; give each value a name of its own", span)
        if text in self._constants:
            raise self._error("W804", f"{quoted(text)} is a constant and cannot be defined", span)
        self._values.add(key)
        if key != self._text(span):
            self._note("W821", f"{quoted(self._text(span))} is called `{key}`", span, once=self._text(span))
        self._statements.append(ReadStatement(key, span, term, tuple(self._uses)))
        self._uses = []

    def function(self, children: Children) -> None:
        """`f(x, y) = expression`."""
        head, _, term = children
        span = Span(head.start_pos, head.end_pos)
        name, *parameters = str(head).split("\0")
        if name in self.functions or name in self._values or len(set(parameters)) < len(parameters):
            raise self._error("W804", f"the function {quoted(name)} is defined twice, or a parameter of it", span)
        if wrong := next((p for p in parameters if p in self._constants or p in self._named_functions), ""):
            raise self._error("W804", f"{quoted(wrong)} cannot be a parameter: it is a constant or a function", span)
        found = ReadFunction(name, span, tuple(parameters), term, tuple(self._uses), len(self._statements))
        self.functions[name] = found
        self._uses = []

    # Functions

    def head(self, children: Children) -> CalledHead:
        """A function with a subscript, a power, or both."""
        token, rest = children[0], children[1:]
        parts = {rest[k].type: rest[k + 2] for k in range(0, len(rest), 4)}
        return CalledHead(str(token), Span(token.start_pos, rest[-1].end_pos if rest else token.end_pos),
                          parts.get("SUB"), parts.get("POW"))  # fmt: skip

    raised_head = head

    def listed(self, children: Children) -> list[Term]:
        """Arguments."""
        before, _, term = children
        terms = before if isinstance(before, list) else [before]
        terms.append(term)
        return terms

    def called(self, children: Children) -> Term:
        """A function with its arguments in brackets."""
        head, _, listed, end = children
        return self._applied_to(head, listed if isinstance(listed, list) else [listed], end.end_pos)

    def own(self, children: Children) -> Term:
        """A call of a function that the text defines."""
        head, _, listed, end = children
        arguments = listed if isinstance(listed, list) else [listed]
        span = Span(head.start_pos, end.end_pos)
        return self._own_call(str(head), place_of(head), arguments, span)

    def open(self, children: Children) -> Term:
        """Apply a function whose argument has no brackets."""
        head, argument = children
        term = self._applied_to(head, [argument], argument.span.end)
        shown = quoted(self._text(argument.span), FEW)
        self._note("W824", f"the argument of `{head.name}` without brackets is {shown}", term.span, once=shown)
        self._open_ends.add(term.span.end)
        return term

    def open_bars(self, children: Children) -> Term:
        """A function of an absolute value."""
        head, *inner = children
        return self._applied_to(head, [self.bars(inner)], inner[-1].end_pos)

    def _applied_to(self, head: CalledHead, arguments: list[Term], end: int) -> Term:
        name, span = head.name, Span(head.span.start, end)
        self._applied.add(span.start)
        at = Span(head.span.start, max(head.span.end, head.span.start + 1))
        power = head.power
        if power is not None and MINUS_ONE.fullmatch(self._text(power.span)):
            if name not in INVERSES:
                raise self._error("W804", f"`{name}` to the power of -1 is its inverse or a quotient", at,
                                  r"write `\frac{1}{…}`")  # fmt: skip
            self._note("W824", f"`{name}` to the power of -1 is its inverse", at, once=f"inverse {name}")
            name, power = INVERSES[name], None
        if power is not None and re.fullmatch(r"\(.*\)", self._text(power.span), re.DOTALL):
            raise self._error("W804", "a power in brackets may be the order of a derivative", power.span)
        if power is not None and self._text(power.span).lstrip("{ ").startswith("-"):
            raise self._error(
                "W804", f"a negative power of `{name}` can be read in two ways", at, r"write `\frac{1}{…}`"
            )
        if head.base is not None:
            term = self._logarithm(name, head.base, arguments, span, at)
        else:
            if name == NATURAL:
                self._note("W822", r"`\log` is the natural logarithm; to base 10 it is `\log_{10}`", at, once="natural")
            term = super().call([Word(name, at), *arguments, Word("", Span(end, end))])
        term = term._replace(span=span, truth=name in TRUTHS)
        if power is None:
            return term
        self._note("W824", f"a power behind `{name}` is one of its value", at, once="power behind")
        return Term((self._fitted(term, ATOM), "^", self._fitted(power, SIGN)), POWER, span)

    def _logarithm(self, name: str, base: Term, arguments: list[Term], span: Span, at: Span) -> Term:
        if name != NATURAL or len(arguments) != 1:
            raise self._error("W804", f"a subscript of `{name}` has no counterpart", at)
        if isinstance(base.pieces, str) and base.pieces in BASES:
            return super().call([Word(BASES[base.pieces], at), *arguments, Word("", Span(span.end, span.end))])
        return self._filled(LOGARITHM, (arguments[0], base), span)

    # Sums and choices

    def bounds(self, children: Children) -> None:
        """The index of a sum and its bounds, before its term."""
        command, _, _, token, _, low, _, _, _, high, _ = children
        self._bind(command, token, low, high)

    def raised_bounds(self, children: Children) -> None:
        """The same, with the upper bound first."""
        command, _, _, high, _, _, _, token, _, low, _ = children
        self._bind(command, token, low, high)

    def _bind(self, command: Any, token: Any, low: Term, high: Term) -> None:
        name = self._read(token)
        if name.parts or name.marks:
            raise self._error("W804", f"the index {quoted(str(token))} is no single letter", place_of(token))
        self.sums.begin(f"\\{command}", name.base, (low, high), place_of(command))

    def summation(self, children: Children) -> Term:
        """A sum or a product over an index; it ends before the next `+` or `-`."""
        body = children[-1]
        command = self.sums.bound[-1].command
        shown = quoted(self._text(body.span), FEW)
        self._note("W824", f"the term of `{command}` is {shown}, up to the next `+` or `-`", body.span, once=shown)
        return self.sums.end(body, self._uses)

    def row(self, children: Children) -> CaseRow:
        """A row of a choice."""
        terms = [child for child in children if isinstance(child, Term)]
        condition = terms[1] if len(terms) > 1 else None
        span = Span(terms[0].span.start, terms[-1].span.end)
        if condition is not None and not condition.truth:
            raise self._error("W804", f"{quoted(self._text(condition.span), 30)} is no condition", condition.span)
        return CaseRow(terms[0], condition, span)

    def last_row(self, children: Children) -> CaseRow:
        """The row of every other case."""
        return CaseRow(children[0], None, children[0].span)

    def cases(self, children: Children) -> Term:
        """A choice between values by conditions."""
        rows = [child for child in children if isinstance(child, CaseRow)]
        span = between(children)
        for found in rows[:-1]:
            if found.condition is None:
                raise self._error("W804", "a row without a condition is the last one", found.span)
        self._note("W824", "a choice is written as `where(…)`", span, once="cases")
        pieces: list[object] = []
        chosen = [found for found in rows if found.condition is not None]
        for found in chosen:
            begin, middle, end = CHOICE.split("{}")
            pieces += [begin, found.condition and found.condition.pieces, middle, found.value.pieces, end]
        if len(chosen) == len(rows):
            self._note("W824", "where no row's condition holds, the value is nan", span)
        last: object = NOTHING if len(chosen) == len(rows) else rows[-1].value.pieces
        return Term((*pieces, "(" * (not chosen), last, ")" * max(len(chosen), 1)), ATOM, span)


class LatexAssembly(Assembly):
    """The program of the statements: every formula without a name is a result, and every name that no other reads."""

    def __init__(self, written: LatexWriter, source: Source) -> None:
        self.sums = written.sums
        super().__init__(_all_named(written._statements), written.functions, LATEX, source)
        self.taken |= set(self.sums.spelled.values())

    def _results(self) -> list[int]:
        return _last(self.statements) or [len(self.statements) - 1]

    def _spelling(self, use: Reference) -> str:
        return self.sums.spelled.get(use.name) or super()._spelling(use)


def _last(statements: list[ReadStatement]) -> list[int]:
    """The statements that no other reads."""
    read = {use.name for statement in statements for use in statement.uses}
    return [k for k, statement in enumerate(statements) if statement.name not in read]


def _all_named(statements: list[ReadStatement]) -> list[ReadStatement]:
    """The statements, each with a name if several are results."""
    if len(_last(statements)) < 2:
        return statements
    return [s if s.name else s._replace(name=f"formula {k}") for k, s in enumerate(statements, 1)]


def read_latex(source: Source, limits: Limits, parse: Any) -> tuple[TermWriter, Assembly]:
    """The terms and the program of a formula; `parse` runs the grammar. Raises ParseError."""
    writer = LatexWriter(source, limits)
    parse(LATEX.name, LATEX.title, source, writer)
    if not writer._statements and not writer.functions:
        raise error(ParseError, "W801", "the text defines nothing", Span(0, 1), source=source)
    return writer, LatexAssembly(writer, source)
