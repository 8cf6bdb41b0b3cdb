"""A straight-line program as a query: its answers under their names, null where an input that they need is null."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from typing import Any

from ...ground.errors import UnknownName, UsageError, error, shown, suggestion
from ...ground.names import is_temporary
from ...ground.tuples import NamedTuple
from ...lists.wengert_list import Atom, WengertList
from ..languages.frame import listed
from ..languages.sql import DIALECTS, SqlDialect
from ..remarks import remark
from ..straight_line import StraightLine
from .layers import QueryLayers, layered
from .lowered import Lowered
from .scalars import CASE, COLUMN, NAN, NULL, NUMBER, Scalars
from .select import PassedColumns, Query, select

# All columns of the table.
EVERY = "*"


class TableSource(NamedTuple):
    """The table that a query reads.

    table    its name
    schema   the name of its schema; empty for the one in use
    dialect  the dialect of its engine, one of DIALECTS
    keep     its columns to keep beside the answers; `*` for all
    values   the inputs that are numbers instead of columns, with these numbers
    """

    table: str = "data"
    schema: str = ""
    dialect: str = "duckdb"
    keep: tuple[str, ...] = ()
    values: Mapping[str, Any] = {}

    @property
    def named(self) -> tuple[str, ...]:
        """The columns to keep, unless all are kept."""
        return () if EVERY in self.keep else self.keep


def write_query(program: StraightLine, outputs: Sequence[Atom], source: TableSource) -> str:
    """The text of a SELECT that gives the values and derivatives of a program for each row of a table.

    The value of an output is in a column of its name, or in `f` if it has none; its derivative by x in `df_dx`, the
    second derivatives in `d2f_dx_dy`. An answer is null where an input is null that the value depends on.

    Raises UsageError for an unknown dialect, for names that the engine cannot have or cannot tell apart, for an op that
    SQL cannot compute, and for a program that is too long for the engine.
    """
    if source.dialect not in DIALECTS:
        raise error(UsageError, "W910", f"there is no dialect of SQL `{source.dialect}`",
                    help=suggestion(source.dialect, DIALECTS) or f"the dialects are {', '.join(DIALECTS)}")  # fmt: skip
    dialect = DIALECTS[source.dialect]()
    named = answer_names(program, outputs)
    values = _numbers(program.wlist, source.values)
    read = [n for n in program.wlist.inputs if n not in values]
    _check_names(read, [name for name, _ in chain(*named)], source, dialect)
    scalars = Scalars(dialect)
    lowered = Lowered(program.wlist, scalars, values)
    answers = _answers(program, named, lowered)
    layers = layered(scalars, [a for _, a in answers])
    width = max(layers.width, len(answers)) + len(source.keep)
    _check_size(len(layers.levels), width, dialect)
    return select(_query(program, lowered, layers, answers, source), scalars, layers)


def _numbers(wlist: WengertList, values: Mapping[str, Any]) -> dict[str, float]:
    """The values of inputs. Raises UnknownName for any other name, UsageError for a value that is no number."""
    found = {}
    for name, value in values.items():
        if name not in wlist.inputs:
            meant = suggestion(name, wlist.inputs) or f"the inputs are {', '.join(wlist.inputs) or 'none'}"
            raise error(UnknownName, "W101", f"no input is called `{name}`", help=meant)
        try:
            found[name] = float(value)
        except (TypeError, ValueError, OverflowError):
            message = f"the value of `{name}` is no number: {shown(value)}"
            raise error(UsageError, "W914", message, help="without a value it is a column") from None
    return found


def answer_names(program: StraightLine, outputs: Sequence[Atom]) -> list[list[tuple[str, Atom]]]:
    """The names of the answers of each output with their atoms: its value, its derivatives, and the second ones."""
    values, slopes, second = program.rows
    spoken = [a if isinstance(a, str) and not is_temporary(a) else "" for a in outputs]
    # Without a name it is f; several are f1, f2, …
    first = ("f",) if spoken.count("") == 1 else ()
    free = (n for n in chain(first, map("f{}".format, count(1))) if n not in spoken)
    found = []
    for k, (output, value) in enumerate(zip(spoken, values)):
        name = output or next(free)
        row = [(name, value)]
        row += [(f"d{name}_d{x}", a) for x, a in zip(program.wrt, slopes[k] if slopes else ())]
        for x, line in zip(program.wrt, second):
            row += [(f"d2{name}_d{x}_d{y}", a) for y, a in zip(program.wrt, line)]
        found.append(row)
    return found


def _check_names(inputs: Sequence[str], answers: Sequence[str], source: TableSource, dialect: SqlDialect) -> None:
    """Raise UsageError for names that a table or a column cannot have, and for two columns of one name."""
    kept = source.named
    for name in (source.table, *([source.schema] if source.schema != "" else []), *kept, *inputs, *answers):
        odd = next((c for c in name if c == "\0" or "\ud800" <= c <= "\udfff"), None)
        if not name or odd is not None:
            spoken = "an empty name" if odd is None else f"a name with the character of code {ord(odd)}"
            raise error(UsageError, "W914", f"{spoken} cannot be a table's or a column's in SQL")
    if EVERY in source.keep and not dialect.keeps_all:
        raise error(UsageError, "W914", f"{dialect.title} cannot keep all columns of a table beside others",
                    help="name the columns to keep")  # fmt: skip
    read = _twice(inputs, dialect)
    if read:
        raise error(UsageError, "W912", f"{dialect.title} reads {_quoted(read)} as one column",
                    help="rename one of the inputs, or choose another dialect")  # fmt: skip
    given = _twice([*answers, *kept, *(inputs if EVERY in source.keep else ())], dialect)
    if given:
        message = f"two columns of the answer would be called {_quoted(dict.fromkeys(given))}"
        help = "rename an output or an input, keep fewer columns, or take fewer derivatives (`wrt`)"
        raise error(UsageError, "W912", message, help=help)


def _quoted(names: Iterable[str]) -> str:
    """Names in quotation marks."""
    return " and ".join(f"`{n}`" for n in names)


def _twice(names: Iterable[str], dialect: SqlDialect) -> list[str]:
    """Two of the names that are one to the engine; none if there are none."""
    met: dict[str, str] = {}
    for name in names:
        if (same := dialect.same(name)) in met:
            return [met[same], name]
        met[same] = name
    return []


def _check_size(layers: int, width: int, dialect: SqlDialect) -> None:
    """Raise UsageError for more than the engine takes."""
    for found, most, noun in (
        (layers, dialect.layers, "table expressions that read each other"), (width, dialect.columns, "columns"),
    ):  # fmt: skip
        if found > most:
            message = f"the program is too long for {dialect.title}: it takes {found} {noun}, and at most {most} go"
            raise error(UsageError, "W913", message,
                        help="fewer derivatives (`wrt`) may do; the target numpy has no such bound")  # fmt: skip


# Answers


def _answers(
    program: StraightLine, named: Sequence[Sequence[tuple[str, Atom]]], lowered: Lowered
) -> list[tuple[str, int]]:
    """The names of all answers, with their expressions: null where the value needs an input that is null."""
    scalars, places = lowered.scalars, lowered.places
    needs = _needs(program.wlist)
    bits = {places[n]: 1 << k for k, n in enumerate(program.wlist.inputs) if scalars[places[n]].kind == COLUMN}
    columns_alone = sum(bits.values())
    passed: list[int] = []
    found = []
    for (name, value), *derivatives in named:
        need = needs.get(value, 0) & columns_alone if isinstance(value, str) else 0
        plain = lowered.atom(value, places)
        columns = [a for a, bit in bits.items() if need & ~_passed_on(scalars, plain, bits, passed) & bit]
        guarded = scalars.choice(_present(scalars, columns), plain, scalars.null()) if columns else plain
        found.append((name, guarded))
        for other, atom in derivatives:
            a = lowered.atom(atom, places)
            masked = _masked(scalars, a, plain)
            if masked is not None:
                # One case for both: a value that is null or nan stands for its derivatives.
                other_value = guarded if scalars.dialect.ranks_nan else scalars.null()
                a = scalars.choice(scalars.ordinary(guarded), masked, other_value)
            elif need & ~_passed_on(scalars, a, bits, passed):
                # Where nan is null, a value may be null without a null among the inputs.
                tests = [guarded] if scalars.dialect.ranks_nan else [c for c, bit in bits.items() if need & bit]
                a = scalars.choice(_present(scalars, tests), a, scalars.null())
            found.append((other, a))
    return found


def _needs(wlist: WengertList) -> dict[str, int]:
    """The inputs that each name depends on, a bit each."""
    needs = {n: 1 << k for k, n in enumerate(wlist.inputs)}
    for output, _, inputs in wlist.equations:
        total = 0
        for a in inputs:
            total |= needs[a] if isinstance(a, str) else 0
        needs[output] = total
    return needs


def _passed_on(scalars: Scalars, a: int, bits: Mapping[int, int], passed: list[int]) -> int:
    """The inputs whose null makes an expression null, as bits. `passed` caches those that are known."""
    for place in range(len(passed), len(scalars.all)):
        kind, key, parts = scalars[place]
        inner = [passed[p] for p in parts]
        if kind == COLUMN:
            passed.append(bits.get(place, 0))
        elif kind == NULL or kind == NUMBER and key != key and not scalars.dialect.ranks_nan:
            passed.append(-1)
        elif kind == CASE:
            passed.append(inner[1] & inner[2])
        else:
            total = 0
            for bit in inner:
                total |= bit
            passed.append(total)
    return passed[a]


def _present(scalars: Scalars, columns: Sequence[int]) -> int:
    """Whether none of the columns is null."""
    return scalars.both([scalars.present(a) for a in columns])


def _masked(scalars: Scalars, a: int, value: int) -> int | None:
    """The derivative in `CASE WHEN value is nan THEN nan ELSE derivative END`; None for any other expression."""
    kind, _, parts = scalars[a]
    if kind != CASE or scalars[parts[0]] != (NAN, "", (value,)):
        return None
    known = scalars.known(parts[1])
    return parts[2] if known is not None and known != known else None


# Names and remarks of the layers


def _query(
    program: StraightLine,
    lowered: Lowered,
    layers: QueryLayers,
    answers: Sequence[tuple[str, int]],
    source: TableSource,
) -> Query:
    """The query with all names that it has inside."""
    scalars, dialect = lowered.scalars, lowered.scalars.dialect
    columns = [a for level in layers.levels for a in level]
    wanted: dict[int, str] = {}
    remarks: dict[int, str] = {}
    for _, steps in program.sections:
        for step in steps:
            a = lowered.places[step.output]
            wanted.setdefault(a, step.output)
            if step.remark:
                remarks.setdefault(a, step.remark)
    wanted.update((a, scalars[a].key) for a in columns if scalars[a].kind == COLUMN)
    every = EVERY in source.keep
    taken = _Taken(dialect, "wengert_" if every and not dialect.packs else "")
    names = {a: taken(wanted[a]) for a in columns if scalars[a].kind == COLUMN}
    names.update((a, taken(wanted[a])) for a in columns if a in wanted and a not in names)
    fresh = (f"t{k}" for k in count(1))
    names.update((a, taken(next(fresh))) for a in columns if a not in names)
    kept = PassedColumns(every, tuple((n, taken(n)) for n in source.named), taken("kept"))
    stem = "layer"
    while dialect.same(source.table).startswith(stem):
        stem += "s"
    quoted = dialect.identifier
    table = f"{quoted(source.schema)}.{quoted(source.table)}" if source.schema else quoted(source.table)
    return Query(tuple(_head(program, answers, lowered.values, dialect)), table, kept, tuple(answers), names, remarks,
                 lambda k: f"{stem}{k}")  # fmt: skip


class _Taken:
    """Gives names that the engine tells apart, with a prefix."""

    def __init__(self, dialect: SqlDialect, prefix: str) -> None:
        self.dialect, self.prefix, self.given = dialect, prefix, set[str]()

    def __call__(self, name: str) -> str:
        word = self.prefix + name
        for k in count(2):
            if self.dialect.same(word) not in self.given:
                break
            word = f"{self.prefix}{name}_{k}"
        self.given.add(self.dialect.same(word))
        return word


def _head(
    program: StraightLine, answers: Sequence[tuple[str, int]], values: Mapping[str, float], dialect: SqlDialect
) -> list[str]:
    """The lines of the comment at the head."""
    inputs = program.wlist.inputs
    given = [f"{remark(n)} = {values[n]!r}" for n in inputs if n in values]
    lines = [
        f"Written by `wengert emit` for {dialect.title}: a row for each row of the table.",
        f"  reads {listed([remark(n) for n in inputs if n not in values]) or 'no column'}",
        *([f"  with {listed(given)}"] if given else []),
        f"  gives {listed([remark(name) for name, _ in answers])}",
    ]
    return [*lines, *dialect.notes]
