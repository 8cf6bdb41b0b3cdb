"""`wengert emit`: a program and its gradient as code of another language."""

from __future__ import annotations

from ..emit import PROBLEM, QUERY, TARGETS
from ..ground.errors import WengertError
from ..ground.written_files import writable, write_whole
from .minimize import bounds_of, used_warnings, words_of
from .programs import ALWAYS, PROGRAM, SHARED, ProgramCall, complete, limits_of, program_of
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
        Option("subject-to", "RELATION", "a constraint of a problem for the target nl: x + y <= 1", repeats=True),
        Option("bounds", "NAME=LOW:HIGH", "bounds of an unknown, for the target nl", repeats=True),
        Option("output", "FILE", "write to a file, also `-o FILE`; for nl the names go to .col and .row", letter="o"),
        Option("force", "", "replace a file that exists"),
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
        ('wengert emit "x + y" --target nl --x 1 --y 1 --subject-to "x^2 + y^2 <= 2" -o model.nl', "for AMPL"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the code, or write it to a file."""
    target = arguments.option("target", TARGETS[0])
    relations = arguments.options.get("subject-to", [])
    call = program_of(arguments, more=words_of(relations))
    f = call.function
    warnings = used_warnings(f, relations)
    # A problem in .nl keeps its integers.
    screen.say([w for w in warnings if target != PROBLEM or w.code != "W919"])
    if target == PROBLEM:
        return _problem(arguments, call)
    for name in ("subject-to", "bounds"):
        if name in arguments.places:
            arguments.refuse(
                arguments.places[name], f"{target} holds no problem", "constraints and bounds are for `nl`"
            )
    tests, queried = arguments.flag("with-tests"), target == QUERY
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
    _print_or_write(arguments, {arguments.option("output"): code})
    return 0


def _problem(arguments: Arguments, call: ProgramCall) -> int:
    """Print a problem in .nl, or write it and the files of names beside it."""
    for name in ("name", "no-grad", "hessian", "with-tests", "table", "schema", "dialect", "keep"):
        if name in arguments.places:
            help = "a problem in .nl has no derivatives, and no table"
            arguments.refuse(arguments.places[name], f"`--{name}` is for other targets", help)
    try:
        files = call.function.nl_files(
            call.values, subject_to=arguments.options.get("subject-to", []),
            bounds=bounds_of(arguments, limits_of(arguments)), wrt=arguments.names("wrt"),
        )  # fmt: skip
    except WengertError as problem:
        raise arguments.located(arguments.spots[0], problem) from None
    path = arguments.option("output")
    stem = path.removesuffix(".nl")
    _print_or_write(arguments, {path: files.text, f"{stem}.col": files.columns, f"{stem}.row": files.rows})
    return 0


def _print_or_write(arguments: Arguments, contents: dict[str, str]) -> None:
    """Print the first content, or write each content to its file."""
    if "output" not in arguments.options:
        print(next(iter(contents.values())), end="")
        return
    force = arguments.flag("force")
    try:
        for path in contents:
            writable(path, force)
        for path, content in contents.items():
            write_whole(path, content, force)
    except WengertError as problem:
        raise arguments.located(arguments.places["output"], problem) from None
