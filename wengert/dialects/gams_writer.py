"""The callbacks of the grammar of GAMS: equations and assignments, written out over sets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..ground.errors import ParseError, Source, Span, error
from ..ground.limits import Limits
from ..ground.names import quoted
from .assembly import Assembly
from .gams_sets import ORDINAL_OF, Sets
from .mathml_writer import Word
from .tables.gams import CARDINAL, CHOICES, CONDITIONAL, GAMS, ORDINAL, OVER
from .term_writer import ReadStatement, TermWriter
from .terms import ATOM, PRODUCT, SUM, Reference, Term, leaves

Children = list[Any]
_KIND = re.compile(r"((?:\w+\s+)?variables?|\w+)\s*", re.IGNORECASE)
_ENTRY = re.compile(
    r"[\s,]*([A-Za-z]\w*)[ \t]*(\([^()]*\))?[ \t]*(\"[^\"\n]*\"|'[^'\n]*'|[^\n/,;\"']*)\s*(?:/([^/]*)/)?"
)
_SUFFIXED = re.compile(r"(\w+)\s*\.\s*(\w+)\s*(?:\(([^()]*)\))?\s*=\s*(.*)", re.DOTALL)
_OVER = re.compile(r"(\w+)\s*[(\[{]\s*\(?([\w\s,]*?)\s*\)?\s*\Z")
_INDEXED = re.compile(r"(\w+)\s*\((.*)\)\Z", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\s*([0-9]+\.?[0-9]*|\.[0-9]+)([eEdD][+-]?[0-9]+)?")


class GamsWriter(TermWriter):
    """Writes terms and statements while a text is parsed."""

    def __init__(self, source: Source, limits: Limits) -> None:
        super().__init__(GAMS, source, limits)
        self.sets = Sets(source, self._tally)
        # Names by their lower case, as they are spelled first.
        self._spellings: dict[str, str] = {}
        self.defaults: dict[str, str] = {}
        # The parameters whose elements without a number are 0, and the equations' statements.
        self.dimensions: dict[str, int] = {}
        self.equations: set[int] = set()
        self._conditional: set[int] = set()
        # The sets that the sums around a place run over.
        self._running: set[str] = set()

    def _spelling(self, name: str) -> str:
        return self._spellings.setdefault(name.lower(), name)

    # Declarations

    def declare(self, children: Children) -> None:
        """Sets, parameters, scalars; of variables and equations the names alone."""
        token = children[0]
        span = _place(token)
        begun = _KIND.match(token)
        kind = begun[1].split()[-1].lower() if begun else ""
        at = begun.end() if begun else 0
        if kind == "alias":
            return self.sets.alias(re.findall(r"\w+", token[at:]), span)
        while at < len(token):
            entry = _ENTRY.match(token, at)
            if entry is None or entry.end() == at:
                if token[at:].strip(" \t\n,"):
                    raise self._error("W801", f"the declaration cannot be read at {quoted(token[at:].strip(), 20)}",
                                      Span(span.start + at, span.end))  # fmt: skip
                return None
            at = entry.end()
            self._tally.spend()
            name = self._spelling(entry[1])
            within = Span(span.start + entry.start(1), span.start + entry.end(1))
            if kind in ("set", "sets"):
                self.sets.declare(name, entry[4], within)
            elif kind in ("parameter", "parameters", "scalar", "scalars"):
                self._declare_numbers(name, entry[2], entry[4], within)
        return None

    def _declare_numbers(self, name: str, domain: str | None, text: str | None, span: Span) -> None:
        if domain:
            self.dimensions[name.lower()] = domain.count(",") + 1
            self.defaults.update(self.sets.data(name, text or "", domain.count(",") + 1, span))
        elif text is not None:
            if not _NUMBER.fullmatch(text.strip()):
                raise self._error("W804", f"{quoted(text.strip(), 20)} is no number", span)
            self.defaults[name] = text.strip().replace(" ", "").lower().replace("d", "e").lstrip("+")

    def suffixed(self, children: Children) -> None:
        """A level of a variable, which is where it starts; bounds and marginals are left out."""
        token = children[0]
        found = _SUFFIXED.match(token)
        if found is None:
            return
        name, suffix, domain, text = self._spelling(found[1]), found[2].lower(), found[3], found[4].strip()
        if suffix in ("l", "fx") and _NUMBER.fullmatch(text):
            text = text.replace(" ", "").lower().replace("d", "e").lstrip("+")
            if domain is None:
                self.defaults[name] = text
                return
            indices = self.sets.indices(domain, _place(token))
            over = [index.over for index in indices if index.over]
            for places in self.sets.rows(over, _place(token)):
                labels = tuple(
                    self.sets.elements[i.over][places[i.over]] if i.over else i.label for i in indices
                )  # fmt: skip
                self.defaults[self.sets.key(name, labels)] = text
            return
        self._note("W825", "bounds, marginals and computed start values are left out", _place(token), once="suffix")

    def leave_out(self, children: Children) -> None:
        """A statement that gives no value."""
        self._note("W825", "statements for solving and printing are left out", _place(children[0]), once="statements")

    def directive(self, children: Children) -> None:
        """A line for GAMS' compiler."""
        token = children[0]
        word = re.split(r"\W", str(token)[1:])[0].lower()
        if word not in CHOICES:
            raise self._error("W804", f"`${word}`: the text that it stands for is not given here", _place(token))
        self._note("W825", f"`${word}` is left out: it chooses text when GAMS compiles", _place(token), once="$if")

    def refuse_statement(self, children: Children) -> None:
        """A statement that has no counterpart."""
        token = children[0]
        word = re.split(r"\W", str(token))[0]
        span = Span(token.start_pos, token.start_pos + len(word))
        raise self._error("W804", f"{quoted(word)}: a statement of this kind has no counterpart", span,
                          "equations, assignments and declarations are read")  # fmt: skip

    # Statements

    def result(self, children: Children) -> None:
        """An expression as a statement."""
        term = children[0]
        self._record("", term.span, leaves(term.pieces, self._tally))

    def target(self, children: Children) -> Any:
        """The name that an assignment gives a value, perhaps with its indices."""
        return children[0]

    def assign(self, children: Children) -> None:
        """`name = expression`, for each element if the name has indices."""
        token, _, term = children
        self._written_out(token, term, _place(token))

    def equation(self, children: Children) -> None:
        """An equation: its value is the left side minus the right."""
        token, left, relation, right = children
        kind = re.sub(r"\s", "", str(relation)).lower()
        span = _place(token)
        head = str(token).rstrip(". \t\n")
        if "$" in head:
            raise self._error("W804", "`$`: a condition on an equation has no counterpart", span)
        if kind not in ("=e=", "=l=", "=g="):
            raise self._error("W804", f"`{kind}` has no counterpart", _place(relation), "`=e=`, `=l=` or `=g=`")
        says = {"=e=": "equals 0", "=l=": "is at most 0", "=g=": "is at least 0"}[kind]
        self._note("W824", f"an equation with `{kind}` is its left side minus its right, which {says}", span, once=kind)
        zero = right.pieces == "0"
        pieces = left.pieces if zero else (self._plain(left, SUM), " - ", self._plain(right, PRODUCT))
        whole = Term(pieces, left.level if zero else SUM, Span(left.span.start, right.span.end))
        first = len(self._statements)
        self._written_out(Word(head, span), whole, span)
        self.equations |= set(range(first, len(self._statements)))

    def _plain(self, term: Term, level: int) -> object:
        return term.pieces if term.level >= level else ("(", term.pieces, ")")

    def _written_out(self, token: Any, term: Term, span: Span) -> None:
        pieces = leaves(term.pieces, self._tally)
        found = _INDEXED.match(str(token))
        if found is None:
            return self._record(self._spelling(str(token)), span, pieces)
        name = self._spelling(found[1])
        indices = self.sets.indices(found[2], span)
        if any(index.lead for index in indices):
            raise self._error("W804", "an index with a lag on the left side has no counterpart", span)
        self._refuse_own(name, indices, pieces, span)
        over = list(dict.fromkeys(index.over for index in indices if index.over))
        for places in self.sets.rows(over, span):
            labels = tuple(self.sets.elements[i.over][places[i.over]] if i.over else i.label for i in indices)
            self._record(self.sets.key(name, labels), span, self.sets.at(pieces, places, span))
        return None

    def _refuse_own(self, name: str, indices: Any, pieces: list[str | Reference], span: Span) -> None:
        for piece in pieces:
            if isinstance(piece, Reference) and piece.name.startswith("indexed "):
                used = self.sets.names[int(piece.name.split()[1])]
                if used.name.lower() == name.lower() and used.indices != indices:
                    why = f"{quoted(name)} reads other elements of itself, whose order is not told"
                    raise self._error("W804", why, piece.span)

    def _record(self, name: str, span: Span, pieces: list[str | Reference]) -> None:
        if (wrong := self.sets.uncontrolled(pieces)) is not None:
            raise wrong
        if self._constant(name) is not None:
            raise self._error("W804", f"{quoted(name)} is a constant and cannot be defined", span)
        number = len(self._statements)
        made = [p if isinstance(p, str) else p._replace(statement=number) for p in pieces]
        uses = tuple(p for p in made if isinstance(p, Reference))
        self._statements.append(ReadStatement(name, span, Term(tuple(made), 0, span), uses))
        self._uses = []

    # Terms

    def name(self, children: Children) -> Term:
        """A name; the case of its letters tells nothing."""
        token = children[0]
        span = _place(token)
        if (found := str(token).lower()) in self.sets.elements:
            raise self._error("W804", f"{quoted(str(token))} is a set, and no number", span, f"`ord({token})`")
        if found in self._constants or found in self._dialect.refused:
            return super().name([Word(found, span)])
        return super().name([Word(self._spelling(str(token)), span)])

    def indexed(self, children: Children) -> Term:
        """A name with indices, or a function of names and numbers."""
        token = children[0]
        span = _place(token)
        found = _INDEXED.match(str(token))
        name, inside = (found[1], found[2]) if found else (str(token), "")
        self._tally.spend()
        if name.lower() in (ORDINAL, CARDINAL):
            over = inside.strip().lower()
            if over not in self.sets.elements:
                raise self._error("W802", f"{quoted(over)} is no set whose elements are given", span)
            if name.lower() == CARDINAL:
                return Term(str(len(self.sets.elements[over])), ATOM, span)
            return Term(Reference(f"{ORDINAL_OF}{over}", span, 0), ATOM, span)
        if self._is_function(name, inside):
            at = span.start + str(token).index("(") + 1
            arguments = []
            for part in re.finditer(r"[^,\s]+", inside):
                word = Word(part[0], Span(at + part.start(), at + part.end()))
                arguments.append(self.number([word]) if part[0][0].isdigit() else self.name([word]))
            return super().call([Word(name, span), *arguments, Word("", Span(span.end, span.end))])
        indices = self.sets.indices(inside, span)
        self._note("W821", f"the elements of {quoted(name)} are called `{name}_…`", span, once=f"elements {name}")
        wanted = self.dimensions.get(name.lower(), len(indices))
        if wanted != len(indices):
            raise self._error("W803", f"{quoted(name)} takes {wanted} indices, not {len(indices)}", span)
        if name.lower() in self.sets.elements:
            raise self._error("W804", f"{quoted(name)} is a set, and no number", span)
        if not any(index.over for index in indices):
            key = self.sets.key(self._spelling(name), tuple(index.label for index in indices))
            return Term(Reference(key, span, 0), ATOM, span)
        return Term(self.sets.reference(self._spelling(name), indices, span, 0), ATOM, span)

    def _is_function(self, name: str, inside: str) -> bool:
        """Whether a name with brackets is a function: it is known, or no set and no parameter gives it indices."""
        known = name.lower()
        if known in self._functions or known in self._dialect.refused or f"{known}/2" in self._functions:
            return True
        if known in self.dimensions or self.sets.elements or re.search("['\"]", inside):
            return False
        return re.search(r"[A-Za-z]", inside) is not None

    def over_head(self, children: Children) -> tuple[str, list[str], Any]:
        """The operator over sets, and the sets."""
        token = children[0]
        found = _OVER.match(str(token))
        name, names = (found[1].lower(), found[2]) if found else ("", "")
        over = [part.strip().lower() for part in names.split(",")]
        for one in over:
            if one not in self.sets.elements:
                raise self._error("W802", f"{quoted(one)} is no set whose elements are given", _place(token),
                                  "declare it: `Set i / i1*i3 /;`")  # fmt: skip
            if one in self._running:
                raise self._error("W804", f"a sum around this one runs over {quoted(one)} already", _place(token))
            self._running.add(one)
        return name, over, token

    def over(self, children: Children) -> Term:
        """A sum, a product or an extreme over sets, written out."""
        head, _, term, end = children
        return self._over(head, None, term, end)

    def filtered(self, children: Children) -> Term:
        """The same over the elements that meet a condition; of the others the value over no element."""
        head, _, condition, _, term, end = children
        return self._over(head, condition, term, end)

    def _over(self, head: tuple[str, list[str], Any], condition: Term | None, term: Term, end: Any) -> Term:
        name, over, token = head
        self._running -= set(over)
        span = Span(token.start_pos, end.end_pos)
        begin, between, last, nothing = OVER[name]
        pieces: object = term.pieces
        level = term.level
        if condition is not None:
            start, middle, _ = CONDITIONAL
            pieces, level = (start, condition.pieces, middle, pieces, f", {nothing})"), ATOM
        found = leaves(pieces, self._tally)
        written: list[object] = []
        wanted = PRODUCT if between == " + " else ATOM if between == "*" else 0
        for places in self.sets.rows(over, span):
            row = tuple(self.sets.at(found, places, span))
            written += [between * bool(written), ("(", row, ")") if level < wanted else row]
        self._note("W824", f"`{name}` over a set is written out, a term for each element", span, once=name)
        if not written:
            return Term(nothing, ATOM if nothing[0] != "-" else SUM, span)
        if len(written) == 2 and between == ", ":
            begin = "("
        return Term((begin, *written, last), ATOM, span)

    def conditional(self, children: Children) -> Term:
        """`a$c`: a where c holds, else 0."""
        value, _, condition = children
        span = Span(value.span.start, condition.span.end)
        self._note("W824", "`a$c` is `where(c, a, 0)`", span, once="$")
        self._conditional.add(span.start)
        begin, middle, end = CONDITIONAL
        return Term((begin, condition.pieces, middle, value.pieces, end), ATOM, span)

    def infix(self, children: Children) -> Term:
        """An operator between two operands."""
        left, sign, right = children
        if str(sign) in ("/", "**") and {left.span.start, right.span.start} & self._conditional:
            raise self._error("W804", f"`$` beside `{sign}` can be read in two ways", _place(sign), "write brackets")
        return super().infix(children)

    def refuse_chain(self, children: Children) -> Term:
        """`a**b**c`."""
        raise self._error("W804", "`**`: a chain of powers can be read in two ways", _place(children[3]),
                          "write brackets")  # fmt: skip


class GamsAssembly(Assembly):
    """The program: the equations, or the parameters that no other reads; numbers of declarations are defaults."""

    def __init__(self, written: GamsWriter, source: Source) -> None:
        self.written = written
        super().__init__(written._statements, {}, GAMS, source)

    def _results(self) -> list[int]:
        if unnamed := self.places.get("", []):
            return unnamed
        if self.written.equations:
            return sorted(self.written.equations)
        read = {use.name for statement in self.statements for use in statement.uses}
        return sorted(places[-1] for name, places in self.places.items() if name not in read) or [
            len(self.statements) - 1
        ]

    def _meant(self, use: Reference) -> int | None:
        """An equation reads the values at its solution, the last; an assignment those before it."""
        if use.statement in self.written.equations:
            places = [p for p in self.places.get(use.name, []) if p not in self.written.equations]
            return places[-1] if places else None
        return super()._meant(use)

    def _input_lines(self) -> list[str]:
        texts: dict[str, str] = {}
        for key, spelled in self.spelled.items():
            if isinstance(key, str) and (text := self._default(key)):
                texts[spelled] = text
        if not texts:
            return super()._input_lines()
        return [f"input {name} = {texts[name]}" if name in texts else f"input {name}" for name in self.inputs]

    def _default(self, key: str) -> str:
        if key in self.written.defaults:
            return self.written.defaults[key]
        return "0" if self.written.sets.of.get(key) in self.written.dimensions else ""


def _place(token: Any) -> Span:
    return Span(token.start_pos, max(token.end_pos, token.start_pos + 1))


def read_gams(source: Source, limits: Limits, parse: Callable[..., Any]) -> tuple[TermWriter, Assembly]:
    """The terms and the program of a text; `parse` runs the grammar. Raises ParseError."""
    writer = GamsWriter(source, limits)
    parse(GAMS.name, GAMS.title, source, writer)
    if not writer._statements:
        raise error(ParseError, "W801", "the text defines nothing", Span(0, 1), source=source)
    return writer, GamsAssembly(writer, source)
