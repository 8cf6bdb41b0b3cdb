"""Functions that a text of a dialect defines: their calls resolved, and each written as a `def`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..ground.errors import ParseError, Source, UnknownName, error, suggestion
from ..ground.names import quoted
from .dialect import Dialect
from .term_writer import ReadFunction, ReadStatement
from .terms import Reference, laid_out


class OwnFunctions:
    """The functions of a text. A reference to one is named `f(n`, with the number of its arguments."""

    def __init__(self, functions: Mapping[str, ReadFunction], source: Source, dialect: Dialect) -> None:
        self.functions, self.source, self.dialect = functions, source, dialect
        self.called: list[str] = []
        self._free = {name: self._reached(found.uses, found.parameters) for name, found in functions.items()}
        self._order()

    def statement(self, found: ReadStatement) -> ReadStatement:
        """A statement whose uses are only names, including those that its functions read."""
        place = found.uses[0].statement if found.uses else 0
        uses: list[Reference] = []
        for use in found.uses:
            uses.append(use) if "(" not in use.name else self._call(use)
            uses += [u._replace(statement=place) for u in self._behind(use)]
        return found._replace(uses=tuple(uses))

    def as_statement(self, found: ReadFunction, place: int) -> ReadStatement:
        """A function whose parameters are names of the program."""
        uses = tuple(use._replace(statement=place) for use in found.uses)
        return self.statement(ReadStatement(found.name, found.span, found.term, uses))

    def tops(self) -> list[ReadFunction]:
        """The functions that no other calls."""
        inner = {_name(u) for f in self.functions.values() for u in f.uses if "(" in u.name}
        return [f for f in self.functions.values() if f.name not in inner]

    def written(self, spelled: Mapping[str, str], name_of: Callable[[Reference], str]) -> list[str]:
        """The `def` of every function that is called, those that it calls before it."""
        lines = []
        for name in self._ordered:
            if name in self.called:
                found = self.functions[name]
                own = {p: spelled[f"{name}({p}"] for p in found.parameters}
                body = laid_out(found.term.pieces, lambda use, own=own: own.get(use.name) or name_of(use))  # type: ignore[misc]
                lines.append(f"def {spelled[name + '(']}({', '.join(own.values())}) = {''.join(body)}")
        return lines

    def _call(self, use: Reference) -> None:
        name = _name(use)
        if (found := self.functions.get(name)) is None:
            said = self.source.text[use.span.start : use.span.end]
            said = said if said.lower() == name.lower() else name
            known = {
                n.partition("/")[0] for n in (*self.dialect.functions, *self.dialect.spreads, *self.dialect.reduced)
            }
            near = suggestion(said, [*self.functions, *sorted(known)])
            raise error(UnknownName, "W802", f"{self.dialect.title} has no function {quoted(said)} with a counterpart",
                        use.span, help=near or "write it with functions that are known, or define it",
                        source=self.source)  # fmt: skip
        given = int(use.name.partition("(")[2])
        if given != len(found.parameters):
            raise error(ParseError, "W803", f"{quoted(name)} takes {len(found.parameters)} "
                        f"argument{'s' * (len(found.parameters) != 1)}, not {given}",
                        use.span, source=self.source)  # fmt: skip

    def _behind(self, use: Reference) -> list[Reference]:
        """The names that a call reads, and its functions in order of need."""
        if "(" not in use.name:
            return []
        for name in [*self._free[_name(use)][1], _name(use)]:
            if name not in self.called:
                self.called.append(name)
        return self._free[_name(use)][0]

    def _reached(self, uses: tuple[Reference, ...], own: tuple[str, ...]) -> tuple[list[Reference], list[str]]:
        """The free names that uses lead to, and the functions."""
        free = [u for u in uses if "(" not in u.name and u.name not in own]
        seen: list[str] = []
        waiting = [u for u in uses if "(" in u.name]
        while waiting:
            use = waiting.pop()
            self._call(use)
            if _name(use) in seen:
                continue
            seen.append(_name(use))
            found = self.functions[_name(use)]
            free += [u for u in found.uses if "(" not in u.name and u.name not in found.parameters]
            waiting += [u for u in found.uses if "(" in u.name]
        return free, seen

    def _order(self) -> None:
        """Put each function after those that it calls."""
        for name, found in self.functions.items():
            if name in self._free[name][1]:
                raise error(ParseError, "W805", f"{quoted(name)} is defined by itself", found.span, source=self.source)
        self._ordered = sorted(self.functions, key=lambda name: len(set(self._free[name][1])))


def _name(use: Reference) -> str:
    return use.name.partition("(")[0]
