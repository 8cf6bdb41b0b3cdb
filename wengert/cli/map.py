"""`wengert map`: a program over the rows of a table, from file to file."""

from __future__ import annotations

from logging import CRITICAL, getLogger
from math import isfinite
from typing import Any

from ..api.compile import compile
from ..api.function import Function
from ..api.plain_answers import value_json
from ..api.tabular.mapping import MAP_ENGINES
from ..api.tabular.mapping import map as mapped
from ..ground.errors import Diagnostic, WengertError
from ..ground.limits import afresh
from ..ground.names import normalize
from ..jobs.tabular.map import MapInterrupted
from ..jobs.tabular.table_batches import RowTable, open_table
from ..jobs.tabular.written_tables import WAYS
from .programs import ALWAYS, KERNEL, PRINTED, PROGRAM, SHARED, limits_of, program_of
from .screen import Screen, dumps
from .words import Arguments, Command, Option

COMMAND = Command(
    "map", "PROGRAM FILE -o FILE [--NAME VALUE …]",
    "The value of a program and its exact derivatives for each row of a table: .parquet, .arrow, .csv, .tsv, .txt, of\n"
    "any size, as rows are read and written in batches. Inputs are bound to the columns of their names; a value that\n"
    "is given by name is the same in each row. Columns are named as the outputs, or f, and df_dx. A row that lacks a\n"
    "value has no answer. The file has its name only when it is whole: if the work is interrupted, by Ctrl-C, a full\n"
    "disk or the end of the process, FILE.part and FILE.journal hold the rows so far, and the same command goes on\n"
    "from there. The limit `seconds` is for each batch. Parquet and Arrow need pyarrow, the extra `tables`.",
    (
        Option("output", "FILE", "the file of the answers, also `-o FILE`: .parquet, .arrow, .feather, .csv, .tsv",
               letter="o"),
        Option("wrt", "NAMES", "differentiate by these alone (default: the inputs that are columns): x1,x2"),
        Option("no-grad", "", "the values alone"),
        Option("second", "", "the second derivatives too, as d2f_dx2 and d2f_dx_dy"),
        Option("keep", "NAMES", "columns of the table to write beside the answers: id,time; or all"),
        Option("notes", "FILE", "write the rows with notes as a table: those that are nan, infinite or at a kink"),
        Option("compression", "|".join(WAYS), "how the file is compressed (default: auto for .parquet, which "
               "is snappy for the columns that it makes smaller; else none)"),
        Option("engine", "|".join(MAP_ENGINES), "where the rows are computed (default: auto, here)"),
        Option("scheduler", "ADDRESS", "the scheduler of Dask whose workers read, compute and write the rows: tcp://HOST:8786"),
        Option("anew", "", "forget the rows of a run that was interrupted"),
        Option("force", "", "replace files that are there"),
        Option("json", "", "answer in JSON"),
        KERNEL, *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert map "q*(Ef+B*v*sin(theta))" readings.parquet -o out.parquet', "value and five derivatives a row"),
        ('wengert map "k*exp(-E/(8.314*T))" runs.csv -o rates.csv --E 5e4 --wrt T,E --keep run', "E is no column"),
        ('wengert map "log(x)" x.csv -o y.csv --notes bad.csv', "the rows outside the domain, aside"),
    ),
    most=2,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the report, after the file is written."""
    named = {**dict(zip(arguments.words[1:], arguments.spots[1:])), **arguments.tables}
    arguments = arguments._replace(tables={})
    call = program_of(arguments)
    if len(named) != 1:
        place = [*named.values()][1] if named else len(arguments.argv)
        arguments.refuse(place, "one table at a time" if named else "no table is given",
                         f"for instance `{COMMAND.examples[0][0]}`")  # fmt: skip
    if "output" not in arguments.options:
        arguments.refuse(len(arguments.argv), "no file is named for the answers", "for instance `-o out.parquet`")
    (path, place), limits = next(iter(named.items())), limits_of(arguments)
    if "engine" in arguments.options or "scheduler" in arguments.options:
        # Its messages about a lost connection would appear beside ours.
        getLogger("distributed").setLevel(CRITICAL)
    try:
        table = open_table(path)
        f = _over_columns(call.function, table, [*call.values])
        screen.say(f.program.warnings)
        found = mapped(
            f, table, arguments.option("output"), values=call.values, second=arguments.flag("second"),
            wrt=() if arguments.flag("no-grad") else arguments.names("wrt"), keep=_kept(arguments),
            notes=arguments.options["notes"][-1] if "notes" in arguments.options else None,
            compression=arguments.options["compression"][-1] if "compression" in arguments.options else None,
            force=arguments.flag("force"), anew=arguments.flag("anew"), engine=arguments.option("engine", "auto"),
            scheduler=arguments.option("scheduler") if "scheduler" in arguments.options else None,
        )  # fmt: skip
    except MapInterrupted as stopped:
        among = f" of {stopped.count:,}" if stopped.count else ""
        screen.say([Diagnostic("W904", "note", f"interrupted after {stopped.rows:,}{among} rows, which are kept",
                               help="the same command goes on from there")])  # fmt: skip
        raise
    except WengertError as problem:
        raise arguments.located(_place(arguments, problem, place), problem) from None
    with afresh(limits):
        print(dumps(_finite(found.as_dict()), indent=2) if arguments.flag("json") else found)
    return 0


def _over_columns(f: Function, table: RowTable, given: list[str]) -> Function:
    """The function, with the columns of a table as inputs, even a column named like a constant, such as e."""
    columns = {normalize(n) for n in table.names}
    if not (named := [n for n in f.constants if n in columns and n not in given]):
        return f
    source = f.program.source
    return compile(source.text, name=source.name, options=f.options, inputs=(*given, *named))


def _kept(arguments: Arguments) -> Any:
    text = arguments.option("keep").strip()
    return "all" if text == "all" else arguments.names("keep") or ()


def _place(arguments: Arguments, problem: WengertError, table: int) -> int:
    """The word of the command line that an error concerns, by the names in its message."""
    said, code = problem.diagnostic.message, problem.diagnostic.code
    if code in ("W926", "W927", "W928", "W929"):
        return arguments.places.get("scheduler", arguments.places.get("engine", table))
    for option in ("notes", "output"):
        named = option in arguments.options and repr(arguments.option(option)) in said
        if named and code in ("W681", "W682", "W900", "W904"):
            return arguments.places[option]
    if code == "W904" and "compressed" in said:
        return arguments.places.get("compression", table)
    for option in ("wrt", "keep"):
        names = arguments.names(option) or ()
        if code in ("W101", "W901", "W907", "W908") and any(f"`{n}`" in said for n in names):
            return arguments.places[option]
    for name, given in arguments.values.items():
        if f"`{name}`" in said:
            return given.place
    return arguments.places.get("second", table) if said.startswith("second derivatives") else table


def _finite(thing: Any) -> Any:
    """A report as JSON holds it: numbers that are not finite as text."""
    if isinstance(thing, dict):
        return {n: _finite(v) for n, v in thing.items()}
    return value_json(thing) if isinstance(thing, float) and not isfinite(thing) else thing


__all__ = ["COMMAND", "run"]
