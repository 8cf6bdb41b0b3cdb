"""From statements to a program: names are spelled, definitions put before their uses, and the text laid out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Set
from itertools import count

from ..ground.errors import Diagnostic, ParseError, Source, Span, error
from ..ground.names import RESERVED, normalize, quoted, trouble
from ..ops import ALIASES, OPS
from .dialect import Dialect
from .own_functions import OwnFunctions
from .term_writer import ReadFunction, ReadStatement
from .terms import Reference, laid_out


class Assembly:
    """The program of a dialect's statements, as lines of text."""

    def __init__(
        self,
        statements: list[ReadStatement],
        functions: Mapping[str, ReadFunction],
        dialect: Dialect,
        source: Source,
        locals: Set[str] = frozenset(),
    ) -> None:
        self.locals = locals
        self.scope, self.source = dialect.scope, source
        self.own = OwnFunctions(functions, source, dialect)
        self.statements = [self.own.statement(statement) for statement in statements]
        self.receipts: list[Diagnostic] = []
        self.spelled: dict[str | int, str] = {}
        last = [f for f in functions.values() if f.behind == len(statements)]
        for found in self.own.tops() if not statements else last[-1:] if self.scope == "earlier" else []:
            self.statements.append(self.own.as_statement(found, len(self.statements)))
            self._tell("W822", f"{quoted(found.name)} is written as its value; its parameters are inputs", found.span)
        self.taken: set[str] = set(RESERVED)
        self.counters: dict[str, Iterator[int]] = {}
        self.inputs: list[str] = []
        self.places: dict[str, list[int]] = {}
        for number, statement in enumerate(self.statements):
            self.places.setdefault(statement.name, []).append(number)
        self.roots = self._results()

    def program(self, definitions: dict[str, str]) -> str:
        """The text: definitions of functions, the inputs, then the statements in their order of use."""
        order = self._order()
        self._declare(order)
        names: dict[str, str] = {}
        # A function of the text cannot have the name of one of ours.
        self.taken |= {name for name in self.own.called if name in OPS or name in ALIASES}
        for name in self.own.called:
            found = self.own.functions[name]
            names[f"{name}("] = self.spelled[f"{name}("] = self._fresh(name, found.span)
            for parameter in found.parameters:
                usable = parameter.isidentifier() and parameter not in RESERVED and not trouble(parameter)
                names[f"{name}({parameter}"] = parameter if usable else self._fresh(parameter, found.span)
        lines = [*definitions.values(), *self.own.written(names, self._read_by_functions)]
        lines += self._input_lines()
        for place in order:
            statement = self.statements[place]
            begin = f"{self.spelled[place]} = " if statement.name else ""
            lines.append(begin + "".join(laid_out(statement.term.pieces, self._spelling)))
        return "\n".join([*lines, *self._output_lines()]) + "\n"

    def _input_lines(self) -> list[str]:
        return [f"input {', '.join(self.inputs)}"] if self.inputs else []

    def _output_lines(self) -> list[str]:
        return [f"output {', '.join(self.spelled[root] for root in self.roots)}"] if len(self.roots) > 1 else []

    def _results(self) -> list[int]:
        """The statements whose values are the results.

        A sequence of assignments gives all names that are not local. If definitions follow their use, the result is the
        first statement; if they precede it, the last. For cells in any order it is the last formula without a name, or
        else every cell that no other reads.
        """
        last = len(self.statements) - 1
        if self.scope == "sequence":
            names = [name for name in self.places if name not in self.locals]
            return sorted(self.places[name][-1] for name in names) or [last]
        if self.scope != "every":
            return [0 if self.scope == "later" else last]
        if unnamed := self.places.get("", []):
            return unnamed[-1:]
        read = {use.name for statement in self.statements for use in statement.uses}
        latest = [places[-1] for name, places in self.places.items() if name not in read]
        return sorted(latest) or [last]

    def _meant(self, use: Reference) -> int | None:
        """The statement that defines a name for its reader; None for an input."""
        places = self.places.get(use.name, [])
        if self.scope == "every":
            return places[-1] if places else None
        if self.scope == "later":
            return _above(places, use.statement)
        return _below(places, use.statement)

    def _spelling(self, use: Reference) -> str:
        if "(" in use.name:
            return self.spelled[use.name.partition("(")[0] + "("]
        meant = self._meant(use)
        return self.spelled[use.name if meant is None else meant]

    def _read_by_functions(self, use: Reference) -> str:
        """The spelling of a name that a function reads at each of its calls, which has to be the same at all."""
        places = self.places.get(use.name, []) if "(" not in use.name else []
        if not places:
            return self._spelling(use)
        if self.scope != "every" and (len(places) > 1 or use.name in self.spelled):
            why = f"a function reads {quoted(use.name)}, which has more than one value; give each a name of its own"
            raise error(ParseError, "W804", why, use.span, source=self.source)
        return self.spelled[places[-1]]

    def _order(self) -> list[int]:
        """The statements that the results need, each after those that it reads."""
        done: dict[int, bool] = {}
        order: list[int] = []
        for root in self.roots:
            waiting = [root]
            while waiting:
                place = waiting[-1]
                if place in done:
                    waiting.pop()
                    if not done[place]:
                        done[place] = True
                        order.append(place)
                    continue
                done[place] = False
                for use in reversed(self.statements[place].uses):
                    needed = self._meant(use)
                    if needed is None or done.get(needed):
                        continue
                    if needed in done:
                        raise error(ParseError, "W805", f"{quoted(use.name)} is defined by itself", use.span,
                                    source=self.source)  # fmt: skip
                    waiting.append(needed)
        self._tell_order(order)
        return order

    def _tell_order(self, order: list[int]) -> None:
        kept = set(order)
        behind = len(self.statements)
        for place in reversed(order):
            statement = self.statements[place]
            if statement.name and place > behind:
                self._tell("W820", f"the definition of {quoted(statement.name)} is moved up, above its use",
                           statement.span)  # fmt: skip
            behind = min(behind, place)
        for place, statement in enumerate(self.statements):
            if place not in kept:
                name = quoted(statement.name) if statement.name else "this expression"
                self._tell("W820", f"{name} has no part in the result and is left out", statement.span)

    def _declare(self, order: list[int]) -> None:
        """Spell every input and every definition, in the order of the source."""
        for use in self._uses(order):
            if self._meant(use) is None and use.name not in self.spelled:
                self.spelled[use.name] = self._fresh(use.name, use.span)
                self.inputs.append(self.spelled[use.name])
        for place in order:
            statement = self.statements[place]
            if statement.name:
                self.spelled[place] = self._fresh(statement.name, statement.span)

    def _uses(self, order: list[int]) -> Iterator[Reference]:
        for place in sorted(order):
            yield from self.statements[place].uses

    def _fresh(self, name: str, span: Span) -> str:
        """A name of ours that nothing else has. One that our language takes for a number is declared, and stays."""
        plain = "".join(c if c.isalnum() or c == "_" else "_" for c in normalize(name))
        plain = plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"
        if trouble(plain) and plain not in RESERVED:
            raise error(ParseError, "W804", f"{quoted(name)} {trouble(plain)}", span, source=self.source)
        spelled = plain
        if spelled in self.taken:
            numbers = self.counters.setdefault(plain, count())
            spelled = next(c for c in (f"{plain}_{k or ''}" for k in numbers) if c not in self.taken)
        self.taken.add(spelled)
        if spelled != name:
            self._tell("W821", f"{quoted(name)} is called `{spelled}`", span)
        return spelled

    def _tell(self, code: str, message: str, span: Span) -> None:
        self.receipts.append(Diagnostic(code, "note", message, span, source=self.source))


def _above(places: list[int], place: int) -> int | None:
    found = bisect_right(places, place)
    return places[found] if found < len(places) else None


def _below(places: list[int], place: int) -> int | None:
    found = bisect_left(places, place)
    return places[found - 1] if found else None
