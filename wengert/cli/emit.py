"""`wengert emit`: a program and its gradient as code of another language."""

from __future__ import annotations

from ..emit import QUERY, TARGETS
from .programs import ALWAYS, PROGRAM, SHARED, complete, program_of
from .screen import Screen
from .words import Arguments, Command, Option

COMMAND = Command(
    "emit", "PROGRAM --target LANGUAGE",
    "The value and its derivatives as one straight-line function: forward, then backward, one equation a line, with\n"
    "the text that it came from beside it. The file runs as it stands, without wengert, and answers as wengert does.\n"
    "Or, as `--target sql`, one SELECT with a row for each row of a table, in columns f, df_dx, …",
    (
        Option("target", "|".join(TARGETS), "the language, or notation (default: python)"),
        Option("name", "NAME", "the name of the function (default: value_and_grad)"),
        Option("no-grad", "", "the value alone"),
        Option("hessian", "", "the second derivatives too"),
        Option("wrt", "NAMES", "the names to differentiate by (default: all inputs)"),
        Option("with-tests", "", "add test vectors, the values given by name among them, and a main that checks them"),
        Option("table", "NAME", "of sql: the table whose columns are the inputs (default: data)"),
        Option("schema", "NAME", "of sql: the schema of the table (default: the one in use)"),
        Option("dialect", "duckdb|sqlite|polars", "of sql: the engine that runs it (default: duckdb)"),
        Option("keep", "NAMES", "of sql: columns of the table to give too; * for all, but in SQLite", repeats=True),
        *PROGRAM, *SHARED, *ALWAYS,
    ),
    (
        ('wengert emit "(2*x1+x2)^2"', "Python"),
        ('wengert emit "log(1 + exp(x))" --target c --with-tests > f.c && cc -std=c99 f.c -lm && ./a.out', "C"),
        ("wengert emit samples/rosenbrock.wengert --target javascript --hessian", "for a browser"),
        ('wengert emit "q*(Ef+B*v*sin(theta))" --target sql --table readings --keep time', "DuckDB"),
        ('wengert emit "V*exp(-k*t)" --target sql --dialect sqlite --k 0.1', "SQLite, where k is no column"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the code."""
    call = program_of(arguments)
    f = call.function
    screen.say(f.program.warnings)
    tests, queried = arguments.flag("with-tests"), arguments.option("target") == QUERY
    points = [complete(arguments, call)] if tests and call.values else []
    numbers = not f.lists.of_arrays and all(type(v) is float for v in call.values.values())
    if call.values and numbers and not tests and not queried:
        place = next(iter(arguments.values.values())).place
        arguments.refuse(place, "code takes its values when it runs", "with `--with-tests` a value is part of a test")
    code = f.emit(
        arguments.option("target", TARGETS[0]), name=arguments.option("name") or None,
        grad=not arguments.flag("no-grad"), hessian=arguments.flag("hessian"), wrt=arguments.names("wrt"),
        tests=tests, points=points, table=arguments.options.get("table", [None])[-1],
        schema=arguments.options.get("schema", [None])[-1], dialect=arguments.options.get("dialect", [None])[-1],
        keep=[name.strip() for names in arguments.options.get("keep", []) for name in names.split(",")],
        values=call.values if queried and call.values else None,
    )  # fmt: skip
    print(code, end="")
    return 0
