"""The text of a query: a WITH of its layers, and the SELECT of its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...ground.tuples import NamedTuple
from ...ops.syntax import AND, OR, ORDER, PRODUCT, SIGN, SUM, Text
from ..languages.frame import rows
from ..languages.sql import SqlDialect
from .layers import QueryLayers
from .scalars import (
    ALL_OF,
    ANY_OF,
    CALL,
    CASE,
    COMPARISON,
    INFIX,
    NAN,
    NEGATIVE,
    NULL,
    NUMBER,
    OPPOSED,
    ORDINARY,
    PRESENT,
    SIGNED,
    Scalars,
)

# How tightly each sign binds, and its left and its right operand must.
SIGNS = {
    "+": (SUM, SUM, PRODUCT), "-": (SUM, SUM, PRODUCT), "*": (PRODUCT, PRODUCT, SIGN), "/": (PRODUCT, PRODUCT, SIGN),
}  # fmt: skip


class PassedColumns(NamedTuple):
    """The columns of the table that are passed on beside the answers.

    every   whether all of them do
    names   the names of columns that do, each with the name that the layers give it
    whole   the name that the layers give to all of them together
    """

    every: bool
    names: tuple[tuple[str, str], ...]
    whole: str


class Query(NamedTuple):
    """A query, to be written.

    head     the lines of the comment at its head
    table    the name of the table, quoted
    kept     the columns of the table that it keeps
    answers  the name of each column that it gives, and its expression
    names    the names of the columns of the layers
    remarks  the remarks beside them
    layer    gives the name of a layer by its number
    """

    head: tuple[str, ...]
    table: str
    kept: PassedColumns
    answers: tuple[tuple[str, int], ...]
    names: Mapping[int, str]
    remarks: Mapping[int, str]
    layer: Callable[[int], str]


def select(query: Query, scalars: Scalars, layers: QueryLayers) -> str:
    """The text of a query."""
    return "\n".join(_Select(query, scalars, layers).lines()) + "\n"


class _Select:
    """Writes one query."""

    def __init__(self, query: Query, scalars: Scalars, layers: QueryLayers) -> None:
        self.query, self.scalars, self.layers = query, scalars, layers
        self.dialect: SqlDialect = scalars.dialect
        # In DuckDB a column of that name would stand for the row.
        self.row = "wengert_row" if query.kept.every else "t"

    def lines(self) -> list[str]:
        """The lines of the text."""
        query, barrier = self.query, self.dialect.barrier
        lines = [f"-- {line}" for line in query.head]
        source = f"{query.table} AS {self.row}"
        for k in range(len(self.layers.levels)):
            columns = self.layer(k)
            if not columns:
                continue  # a program without inputs reads no column
            begun = source == query.layer(k - 1)
            lines[-1] += "," * begun
            lines.append(f"{'' if begun else 'WITH '}{query.layer(k)} AS (")
            lines += ["  SELECT", *columns, f"  FROM {source}", *([f"  {barrier}"] if barrier else []), ")"]
            source = query.layer(k)
        lines += ["SELECT", *self.listed([*((code, "") for code in self.kept()), *self.answers()], "  ")]
        return [*lines, f"FROM {source}", *([barrier] if barrier else [])]

    def layer(self, k: int) -> list[str]:
        """The lines of the columns of a layer."""
        query, quoted = self.query, self.dialect.identifier
        fresh = []
        for a in self.layers.levels[k]:
            name = quoted(query.names[a])
            if k == 0:
                code = self.dialect.read(f"{self.row}.{quoted(self.scalars[a].key)}")
                fresh.append((f"{code} AS {name}", ""))
            else:
                fresh.append((f"{self.expression(a).text} AS {name}", query.remarks.get(a, "")))
        before = rows(self.carried(k), "    ")
        lines = self.listed(fresh, "    ")
        if before and not lines:
            before[-1] = before[-1].removesuffix(",")
        return [*before, *lines]

    def listed(self, items: Sequence[tuple[str, str]], indent: str) -> list[str]:
        """The lines of a list of columns, with their remarks; one that repeats the last is left out."""
        longest = max((len(code) for code, said in items if said and len(code) <= 52), default=0)
        lines, last = [], ""
        for k, (code, said) in enumerate(items):
            line = f"{code}," if k < len(items) - 1 else code
            line = f"{line.ljust(longest + 1)}  -- {said}" if said and said != last else line
            lines.append(f"{indent}{line}")
            last = said
        return lines

    def carried(self, k: int) -> list[str]:
        """The columns that a layer takes as they are, from the table or from the layer before it."""
        kept, quoted = self.query.kept, self.dialect.identifier
        named = [f"{self.row}.{quoted(n)} AS {quoted(own)}" if k == 0 else quoted(own) for n, own in kept.names]
        named += (quoted(self.query.names[a]) for a in self.layers.carried[k])
        if not kept.every:
            return named
        if not self.dialect.packs:
            return ["*"] if k else [f"{self.row}.*", *named]
        return [quoted(kept.whole) if k else f"{self.row} AS {quoted(kept.whole)}", *named]

    def kept(self) -> list[str]:
        """The columns of the table beside the answers."""
        kept, quoted = self.query.kept, self.dialect.identifier
        named = [f"{quoted(own)} AS {quoted(name)}" if own != name else quoted(name) for name, own in kept.names]
        if not kept.every:
            return named
        if self.dialect.packs:
            return [f"{quoted(kept.whole)}.*", *named]
        own = [own for _, own in kept.names] + list(self.query.names.values())
        return [f"* EXCLUDE ({', '.join(map(quoted, own))})" if own else "*", *named]

    def answers(self) -> list[tuple[str, str]]:
        """The columns of the answers."""
        quoted = self.dialect.identifier
        return [(f"{self.text(a).text} AS {quoted(name)}", "") for name, a in self.query.answers]

    # Expressions

    def text(self, a: int) -> Text:
        """An expression, or the name of its column."""
        name = self.query.names.get(a)
        return Text(self.dialect.identifier(name)) if name is not None else self.expression(a)

    def expression(self, a: int) -> Text:
        """An expression, written out."""
        kind, key, parts = self.scalars[a]
        if kind == NUMBER:
            return self.dialect.number(key)
        if kind == CASE:
            return self.case(a)
        found = [self.text(p) for p in parts]
        if kind == INFIX:
            binds, left, right = SIGNS[key]
            return Text(f"{found[0].at(left)} {key} {found[1].at(right)}", binds)
        if kind == CALL:
            return self.dialect.functions[key](found)
        if kind in (ALL_OF, ANY_OF):
            sign, binds = (" AND ", AND) if kind == ALL_OF else (" OR ", OR)
            return Text(sign.join(c.at(ORDER) for c in found), binds)
        return self.simple(kind, key, found)

    def simple(self, kind: str, key: str, found: Sequence[Text]) -> Text:
        """An expression of one or two parts."""
        if kind == NULL:
            return Text("NULL")
        if kind == COMPARISON:
            return Text(f"{found[0].at(SUM)} {key} {found[1].at(SUM)}", ORDER)
        if kind == NEGATIVE:
            return self.dialect.negative(found[0])
        if kind == NAN:
            return self.dialect.is_nan(found[0])
        if kind == ORDINARY:
            return self.dialect.is_ordinary(found[0])
        if kind == PRESENT:
            return Text(f"{found[0].at(SUM)} IS NOT NULL", ORDER)
        if kind == SIGNED:
            return Text(f"{self.dialect.signbit}({found[0].text})")
        assert kind == OPPOSED, kind
        return Text(f"NOT ({found[0].text})", ORDER)

    def case(self, a: int) -> Text:
        """A CASE; one in its ELSE continues it."""
        words: list[str] = []
        while self.scalars[a].kind == CASE and (not words or a not in self.query.names):
            test, yes, no = self.scalars[a].parts
            words.append(f"WHEN {self.text(test).text} THEN {self.text(yes).text}")
            a = no
        words += [f"ELSE {self.text(a).text}"] if self.scalars[a].kind != NULL else []
        return Text(f"CASE {' '.join(words)} END")
