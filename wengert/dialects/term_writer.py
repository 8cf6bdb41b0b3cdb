"""The callbacks of a dialect's parse: each rule of its grammar becomes a term, a definition or a result."""

from __future__ import annotations

import re
from typing import Any

from ..ground.errors import Diagnostic, ParseError, Source, Span, UnknownName, WengertError, error, suggestion
from ..ground.limits import Limits, Tally
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .dialect import Counterpart, Dialect
from .terms import ATOM, CHOICE, COMPARISON, EITHER, PRODUCT, SUM, OperatorForm, Reference, Term, filled

Children = list[Any]
_BASES = frozenset(("0x", "0b", "0o"))


class ReadStatement(NamedTuple):
    """A statement of a dialect: a definition, or a result whose name is empty; `uses` are the names that it reads."""

    name: str
    span: Span
    term: Term
    uses: tuple[Reference, ...]


class ReadFunction(NamedTuple):
    """A function that the text defines: its parameters, its value, the names that it reads, and the number of
    statements before it."""

    name: str
    span: Span
    parameters: tuple[str, ...]
    term: Term
    uses: tuple[Reference, ...]
    behind: int


class TermWriter:
    """Writes terms while a text is parsed. The methods without an underscore are rules of the grammars."""

    def __init__(self, dialect: Dialect, source: Source, limits: Limits) -> None:
        self._dialect, self._source = dialect, source
        self._tally = Tally(limits, "tokens", "the text is too long")
        self._receipts: list[Diagnostic] = []
        self._statements: list[ReadStatement] = []
        self._uses: list[Reference] = []
        self._definitions: dict[str, str] = {}
        self.locals: set[str] = set()
        self.functions: dict[str, ReadFunction] = {}
        folded = str.lower if dialect.folds else str
        self._functions = {folded(n): c for n, c in dialect.functions.items()}
        self._constants = {folded(n): text for n, text in dialect.constants.items()}
        self._spreads = {folded(n): sign for n, sign in dialect.spreads.items()}
        self._noted: set[str] = set()

    # Rules

    def number(self, children: Children) -> Term:
        """A literal."""
        token = children[0]
        self._tally.spend()
        if len(children) > 1:
            self._note("W824", "units behind numbers are left out", _span(children[1]), once="unit")
        text = str(token)
        if text[:1] == "~":
            self._note("W824", "`~` before a number that is fitted is left out", _span(token), once="~")
            text = text[1:]
        if text[:2] in _BASES:
            return Term(self._based(text, _span(token)), ATOM, _span(token), whole=True)
        text = text.replace("d", "e").replace("D", "e")
        return Term(text, ATOM, _span(token), whole=text.isdigit())

    def _based(self, text: str, span: Span) -> str:
        """The text of a whole number that is written in another base than ten."""
        try:
            number = int(text, 0)
        except ValueError:
            raise self._error("W804", f"{quoted(text)} has digits that its base has not", span) from None
        self._note("W824", "whole numbers of other bases are written in decimal", span, once="base")
        return str(number) if number < 2**53 else repr(float(number))

    def name(self, children: Children) -> Term:
        """A name, or a constant of the dialect."""
        token = children[0]
        self._tally.spend()
        name, span = self._dialect.plain(str(token)), _span(token)
        if (ours := self._constant(name)) is not None:
            if ours != name:
                self._note("W822", f"{quoted(name)} is the constant {ours}", span, once=name)
            return Term(ours, ATOM, span, truth=ours in ("(1 == 1)", "(1 == 0)"))
        if name in self._dialect.refused:
            raise self._error("W804", f"{quoted(name)}: {self._dialect.refused[name]}", span)
        reference = Reference(name, span, len(self._statements))
        self._uses.append(reference)
        return Term(reference, ATOM, span)

    def group(self, children: Children) -> Term:
        """An expression in brackets, which stay."""
        start, term, end = children
        self._tally.spend()
        return Term(("(", term.pieces, ")"), ATOM, _span(start, end), term.whole, term.truth)

    def infix(self, children: Children) -> Term:
        """An operator between two operands."""
        left, sign, right = children
        return self._operation(str(sign).lower(), (left, right), Span(left.span.start, right.span.end), _span(sign))

    def juxtaposed(self, children: Children) -> Term:
        """A product without a sign."""
        left, right = children
        if isinstance(right.pieces, Reference) and isinstance(left.pieces, str) and self._is_unit(right.pieces.name):
            why = "it is a unit behind a number; write the value in one system of units, and angles in radians"
            raise self._error("W804", f"{quoted(right.pieces.name)}: {why}", right.span)
        at = Span(left.span.end, max(right.span.start, left.span.end + 1))
        self._note(
            "W824", "a product without a sign gets `*`", Span(left.span.start, right.span.end), once="juxtaposed"
        )
        return self._operation("*", (left, right), Span(left.span.start, right.span.end), at)

    def quotient(self, children: Children) -> Term:
        """A quotient of two numbers that is a factor, perhaps with a sign."""
        token = children[-1]
        self._tally.spend()
        above, _, below = re.sub(r"\s", "", str(token)).partition("/")
        above, below = (self._based(n, _span(token)) if n[:2] in _BASES else n for n in (above, below))
        return Term(("-" * (len(children) - 1), above, "/", below), PRODUCT, _span(children[0], token))

    def prefix(self, children: Children) -> Term:
        """An operator before its operand."""
        sign, operand = children
        sign_of = f"prefix {str(sign).lower()}"
        return self._operation(sign_of, (operand,), Span(sign.start_pos, operand.span.end), _span(sign))

    def postfix(self, children: Children) -> Term:
        """An operator behind its operand."""
        operand, sign = children
        return self._operation(f"postfix {sign}", (operand,), Span(operand.span.start, sign.end_pos), _span(sign))

    def chain(self, children: Children) -> Term:
        """A comparison of two values, or of more where the dialect reads a chain as ours does."""
        signs, operands = children[1::2], tuple(children[::2])
        span = Span(operands[0].span.start, operands[-1].span.end)
        first = self._operation(str(signs[0]).lower(), operands[:2], span, _span(signs[0]))
        if len(signs) == 1:
            return first
        if not self._dialect.chains:
            why = "comparisons are chained, which has no short form here; join two by `and`"
            raise self._error("W804", why, _span(signs[1]))
        pieces: tuple[object, ...] = (first.pieces,)
        for sign, operand in zip(signs[1:], operands[2:]):
            form = self._form(str(sign).lower(), _span(sign))
            pieces += (form.text.replace("{}", ""), self._fitted(operand, SUM))
        return Term(pieces, COMPARISON, span, truth=True)

    def choice(self, children: Children) -> Term:
        """`c ? a : b`."""
        condition, sign, a, _, b = children
        span = Span(condition.span.start, b.span.end)
        if why := self._dialect.check("?", (condition,)):
            raise self._error("W804", f"`?`: {why}", condition.span)
        self._note("W824", f"`{'c ? a : b' if sign == '?' else 'if … else …'}` is `a if c else b`", span, once="?")
        return Term(
            (self._fitted(a, EITHER), " if ", self._fitted(condition, EITHER), " else ", self._fitted(b, CHOICE)),
            CHOICE, span,
        )  # fmt: skip

    def call(self, children: Children) -> Term:
        """A function of arguments."""
        head, *rest = children
        self._tally.spend(len(children))
        span = _span(head, rest[-1])
        name = self._dialect.plain(str(head).rstrip("( \t\n"))
        arguments = [term for term in rest if isinstance(term, Term)]
        key = self._entry(name)
        if key in self._dialect.implied:
            variable = Reference("x", Span(head.start_pos, head.start_pos + 1), len(self._statements))
            self._uses.append(variable)
            arguments.insert(0, Term(variable, ATOM, variable.span))
        found = self._functions.get(f"{key}/{len(arguments)}") or self._functions.get(key)
        at = Span(head.start_pos, head.start_pos + len(str(head).rstrip("( \t\n")))
        if key in self._dialect.refused:
            raise self._error("W804", f"{quoted(name)}: {self._dialect.refused[key]}", at)
        if key in self._dialect.reduced and arguments:
            self._note("W822", f"{quoted(name)} is written out", at, once=key)
            listed = [(", " * (k > 0), term.pieces) for k, term in enumerate(arguments)]
            return filled(self._dialect.reduced[key], {"": tuple(listed)}, span)
        if key in self._spreads:
            return self._spread(self._spreads[key], name, at, arguments, span)
        if key in self.functions or found is None and self._dialect.scope in ("every", "sequence"):
            return self._own_call(key, at, arguments, span)
        if found is None:
            help = suggestion(key, self._functions) or "write it with functions that are known, or define it"
            raise self._error(
                "W802",
                f"{self._dialect.title} has no function {quoted(name)} with a counterpart",
                at,
                help,
                UnknownName,
            )
        self._counted(name, found, len(arguments), at)
        if found.definition:
            self._define(found)
            body = found.definition.partition(" = ")[2]
            self._note("W822", f"{quoted(name)} is written out: {found.op} is `{body}`", at, once=key)
        elif found.op != name:
            self._note("W822", f"{quoted(name)} is called `{found.op}`", at, once=key)
        if not arguments:
            return Term(found.op, ATOM, span)
        pieces: list[object] = [found.op, "("]
        for k, term in enumerate(arguments):
            pieces += [", " * (k > 0), term.pieces]
        return Term((*pieces, ")"), ATOM, span)

    def define(self, children: Children) -> None:
        """`name = expression`."""
        head, term = children[0], next(c for c in children if isinstance(c, Term))
        self.parameter(children)
        self._state(self._dialect.plain(str(head)), _span(head), term)

    def parameter(self, children: Children) -> None:
        """A declaration of a name with its unit."""
        unit = children[-1]
        if not isinstance(unit, Term) and re.sub(r"[:\s]|\(.*", "", str(unit)) not in ("", "1"):
            self._note("W824", "units after a `:` are left out, and values are numbers", _span(unit), once=":")

    def result(self, children: Children) -> None:
        """An expression as a statement."""
        self._state("", children[-1].span, children[-1])

    def function(self, children: Children) -> None:
        """`name(a, b) = expression`."""
        head, term = children[0], next(c for c in children if isinstance(c, Term))
        found = re.search(r"(\w+)\s*\(((?:[^()]|\([^()]*\))*)\)", str(head))
        name, span = found[1] if found else "", _span(head)
        inside = re.sub(r"\([^()]*\)|=[^,]*", "", found[2] if found else "")
        parameters = tuple(p.strip() for p in inside.split(",") if p.strip())
        if found and "=" in found[2]:
            self._note("W824", "values that parameters start with are left out", span)
        if wrong := [c for c in children[1:] if getattr(c, "type", "") == "NAME" and c != name]:
            raise self._error("W804", f"the value of {quoted(name)} is given to its own name", _span(wrong[0]))
        if (
            not parameters
            or len(set(parameters)) < len(parameters)
            or name in self.functions
            or name in self._functions
        ):
            why = "it has no parameters" if not parameters else "it is defined twice, or a parameter of it"
            raise self._error("W804", f"the function {quoted(name)}: {why}", span)
        for parameter in (name, *parameters):
            if self._constant(parameter) is not None:
                raise self._error("W804", f"{quoted(parameter)} is a constant and cannot be defined", span)
        self.functions[name] = ReadFunction(name, span, parameters, term, tuple(self._uses), len(self._statements))
        self._uses = []

    def chosen(self, children: Children) -> None:
        """A function whose value is chosen by a condition."""
        condition, a, b = (c for c in children if isinstance(c, Term))
        term = self.choice([condition, "if", a, "else", b])
        self.function([*(c for c in children if not isinstance(c, Term)), term])

    def pair(self, children: Children) -> tuple[Any, Term]:
        """`name = expression` in a branch."""
        return children[0], children[-1]

    def branch(self, children: Children) -> None:
        """Assignments that a condition chooses: to the same names on both sides, which are not read here."""
        condition = next(c for c in children if isinstance(c, Term))
        pairs = [c for c in children if isinstance(c, tuple) and not isinstance(c, Term)]
        sides: list[dict[str, tuple[Any, Term]]] = [{}, {}]
        turn = next(c for c in children if getattr(c, "type", "") == "ELSE").start_pos
        for token, term in pairs:
            side = sides[token.start_pos > turn]
            if str(token) in side:
                raise self._error("W804", f"{quoted(str(token))} is assigned twice in a branch", _span(token))
            side[str(token)] = token, term
        for one, other in (sides, sides[::-1]):
            for name, (token, _) in one.items():
                if name not in other:
                    why = f"{quoted(name)} is assigned in one branch only, and keeps an earlier value in the other"
                    raise self._error("W804", why, _span(token))
        uses = self._uses
        if read := [use for use in uses if use.name in sides[0]]:
            why = "it is read in the same branches that assign it"
            raise self._error("W804", f"{quoted(read[0].name)}: {why}", read[0].span)
        for name, (token, term) in sides[0].items():
            self._uses = list(uses)
            self._state(name, _span(token), self.choice([condition, "if", term, "else", sides[1][name][1]]))

    def local(self, children: Children) -> None:
        """Names that are no result."""
        self.locals.update(re.findall(r"\w+", str(children[0]))[1:])

    def table(self, children: Children) -> None:
        """A table of values between which others lie on a line."""
        self._note("W824", "TABLE is left out: every value is worked out, none interpolated", _span(children[0]))

    # Parts

    def _own_call(self, name: str, at: Span, arguments: list[Term], span: Span) -> Term:
        """A call of a function that the text defines, perhaps further down."""
        use = Reference(f"{name}({len(arguments)}", at, len(self._statements))
        self._uses.append(use)
        pieces: list[object] = [use, "("]
        for k, term in enumerate(arguments):
            pieces += [", " * (k > 0), term.pieces]
        return Term((*pieces, ")"), ATOM, span)

    def _constant(self, name: str) -> str | None:
        """The text of a constant of the dialect in our language; None for any other name."""
        return self._constants.get(self._entry(name))

    def _is_unit(self, name: str) -> bool:
        """Whether a name that has no value in the text is a unit of the dialect."""
        return name in self._dialect.units and all(s.name != name for s in self._statements)

    def _entry(self, name: str) -> str:
        """A name as the tables of the dialect have it."""
        return name.lower() if self._dialect.folds else name

    def _define(self, found: Counterpart) -> None:
        """Have a definition in the program, and before it those that it uses."""
        if found.op in self._definitions:
            return
        for word in re.findall(rf"\b{self._dialect.name}_\w+", found.definition.partition(" = ")[2]):
            self._define(next(c for c in self._functions.values() if c.op == word))
        self._definitions[found.op] = found.definition

    def _spread(self, operator: str, key: str, at: Span, arguments: list[Term], span: Span) -> Term:
        """A function of any number of arguments as an operator between them, or as a choice by conditions."""
        if not arguments:
            raise self._error("W803", f"{quoted(key)} takes an argument at least", at)
        self._note("W822", f"{quoted(key)} is written out", at, once=key)
        pieces: list[object] = ["("]
        if operator:
            for k, term in enumerate(arguments):
                pieces += [operator * (k > 0), "(" * (term.level < ATOM), term.pieces, ")" * (term.level < ATOM)]
            return Term((*pieces, ")"), ATOM, span, truth=operator.strip().isalpha())
        pairs = len(arguments) // 2
        pieces = []
        for value, condition in zip(arguments[0 : 2 * pairs : 2], arguments[1::2]):
            pieces += ["where(", condition.pieces, ", ", value.pieces, ", "]
        last: object = arguments[-1].pieces if len(arguments) % 2 else "nan"
        return Term((*pieces, last, ")" * pairs), ATOM if pairs else CHOICE, span)

    def _state(self, name: str, span: Span, term: Term) -> None:
        if self._constant(name) is not None:
            raise self._error("W804", f"{quoted(name)} is a constant and cannot be defined", span)
        if name in self.functions:
            raise self._error("W804", f"{quoted(name)} is a function above", span)
        self._statements.append(ReadStatement(name, span, term, tuple(self._uses)))
        self._uses = []

    def _form(self, sign: str, span: Span) -> OperatorForm:
        form = self._dialect.operators.get(sign)
        if form is None or sign in self._dialect.refused:
            shown = sign.removeprefix("prefix ").removeprefix("postfix ")
            why = self._dialect.refused.get(sign, "it has no counterpart")
            raise self._error("W804", f"`{shown}`: {why}", span)
        return form

    def _operation(self, sign: str, operands: tuple[Term, ...], span: Span, at: Span) -> Term:
        self._tally.spend()
        form = self._form(sign, at)
        if why := self._dialect.check(sign, operands):
            raise self._error("W804", f"`{sign.rpartition(' ')[2]}`: {why}", span)
        if form.says:
            self._note("W824", form.says, span, once=sign)
        if "(" in form.text and (used := self._functions.get(form.text.partition("(")[0])) and used.definition:
            self._define(used)
            form = form._replace(text=used.op + form.text[form.text.index("(") :])
        if form.text == "{}":
            return operands[0]._replace(span=span)
        pieces: list[object] = []
        for text, operand, level in zip(form.text.split("{}"), operands, form.operands):
            pieces += [text, self._fitted(operand, level)]
        whole = all(o.whole for o in operands) and sign not in ("/", "**", "^")
        return Term((*pieces, form.text.split("{}")[-1]), form.level, span, whole=whole, truth=form.truth)

    def _fitted(self, term: Term, level: int) -> object:
        """The pieces of a term, in brackets where ours would read it in another way without them."""
        if term.level >= level:
            return term.pieces
        self._note("W823", f"{quoted(self._source.text[slice(*term.span[:2])], 60)} gets brackets", term.span)
        return ("(", term.pieces, ")")

    def _counted(self, name: str, found: Counterpart, given: int, at: Span) -> None:
        if given < found.least or found.most is not None and given > found.most:
            forms = sorted(c.least for n, c in self._functions.items() if n.partition("/")[0] == self._entry(name))
            takes = " or ".join(map(str, forms)) if found.most is not None else f"{found.least} or more"
            word = "argument" if takes == "1" else "arguments"
            raise self._error("W803", f"{quoted(name)} takes {takes} {word}, not {given}", at)

    def _note(self, code: str, message: str, span: Span, once: str = "") -> None:
        """A receipt; with `once`, a single one for all places where the same was changed."""
        self._tally.spend(1, span)
        if once and (code + once) in self._noted:
            return
        self._noted.add(code + once)
        self._receipts.append(Diagnostic(code, "note", message, span, source=self._source))

    def _error(
        self, code: str, message: str, span: Span, help: str = "", kind: type[WengertError] = ParseError
    ) -> WengertError:
        return error(kind, code, message, span, help=help, source=self._source)


def _span(first: Any, last: Any = None) -> Span:
    end = (last if last is not None else first).end_pos
    return Span(first.start_pos, end)
