"""From the words of a command line to a compiled program and the values of its inputs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from ..api.compile import compile, read
from ..api.files import columns_of
from ..api.function import Function
from ..api.options import KERNELS
from ..ground.errors import Diagnostic, ParseError, Source, UsageError, WengertError, error, suggestion
from ..ground.limits import Limits, start
from ..ground.names import first_use, normalize
from ..ground.tuples import NamedTuple
from .values import value_of
from .words import Arguments, Option, short

TEXT, STDIN = "<text>", "<stdin>"

PROGRAM = (
    Option("kink", "mean|left|right|error", "the derivative at a kink (default: mean)"),
    Option("no-fuse", "", "evaluate the formula exactly as written, without stabilising rewrites"),
)
# For the commands that evaluate. The answers are the same.
KERNEL = Option(
    "kernel", "|".join(KERNELS), "the kernel (default: auto, the one that pays; native and bytecode need llvmlite)"
)
SHARED = (
    Option("set", "NAME=VALUE", "bind a name that is also an option", repeats=True),
    Option("limit", "NAME=N", f"raise or lower a limit: {', '.join(Limits._fields)}", repeats=True),
    Option("trusted", "", "lift the limits, for a program of one's own"),
)
PRINTED = (Option("digits", "N", "significant digits of every number (default: all in answers, 6 in tables of steps)"),)
ALWAYS = (
    Option("color", "auto|always|never", "colors in diagnostics and sweeps (default: auto)"),
    Option("error-format", "text|json", "how diagnostics are written (default: text)"),
    Option("help", "", "show this help and exit"),
)


def source_of(arguments: Arguments, word: str, place: int, file: bool = False) -> Source:
    """The program that a word means: standard input, a file, or the word itself. If `file` is True, it is never the
    word."""
    try:
        if word == "-":
            return Source(_stdin(), STDIN)
        if os.path.isdir(word):
            help = f"`wengert run {word}` runs the programs in it"
            if word.isidentifier():
                help += f"; the formula is written `({word})`"
            raise error(UsageError, "W611", f"`{word}` is a directory, not a program", help=help)
        if file or is_path(word):
            from pathlib import Path  # the command line starts faster without it

            return Source(read(Path(word)), word)
        return Source(word, TEXT)
    except WengertError as problem:
        if not problem.diagnostic.help:
            help = "give the path of a program; a formula in quotes is evaluated by `wengert eval`"
            problem.diagnostic = problem.diagnostic._replace(help=help)
        raise arguments.located(place, problem) from None


def is_path(word: str) -> bool:
    """Whether a word means a file: it has the form of a path, or a file of that name exists."""
    return word.endswith(".wengert") or word.startswith(("/", "./", "../")) or os.path.exists(word)


def _stdin() -> str:
    if sys.stdin is None:
        return ""
    try:
        # In a test or a notebook, standard input may be replaced by an object that has only text.
        if (buffer := getattr(sys.stdin, "buffer", None)) is None:
            return sys.stdin.read().removeprefix("\ufeff")
        text: str = buffer.read().decode("utf-8-sig")
        return text
    except OSError as problem:
        raise error(UsageError, "W611", f"cannot read standard input: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        byte = problem.object[problem.start]
        raise error(ParseError, "W610", f"standard input is not UTF-8: byte {problem.start} is {byte:#04x}",
                    help="pass the program as UTF-8") from None  # fmt: skip


def limits_of(arguments: Arguments) -> Limits:
    """The limits that `--trusted` and `--limit NAME=N` set."""
    limits = Limits.trusted() if arguments.flag("trusted") else Limits()
    place = arguments.places.get("limit", 0)
    for text in arguments.options.get("limit", ()):
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in Limits._fields:
            help = suggestion(name, Limits._fields) or f"the limits are {', '.join(Limits._fields)}"
            arguments.refuse(place, f"there is no limit `{name}`", help)
        timed = name == "seconds"
        if not re.fullmatch(r"\d(?:_?\d){0,17}" + r"(?:\.\d{1,17})?" * timed, value, re.ASCII):
            help = f"for instance `--limit {name}={getattr(Limits(), name):.15g}`"
            kind = "a number" if timed else "a whole number"
            arguments.refuse(place, f"the limit `{name}` is {kind}, not `{short(value)}`", help)
        limits = limits._replace(seconds=float(value)) if timed else limits._replace(**{name: int(value)})
    return limits


class ProgramCall(NamedTuple):
    """A program, and the values of inputs from the command line."""

    function: Function
    values: dict[str, Any]


def program_of(arguments: Arguments, *, fuse: bool | None = None, more: Collection[str] = ()) -> ProgramCall:
    """The one program of a command line, compiled, and the values of its inputs and of the names in `more`.

    Raises WengertError if there is no program, for a text that is none, for names of inputs that it does not have, and
    for values that are not numbers.
    """
    if not arguments.words:
        _no_program(arguments)
    limits = limits_of(arguments)
    model = arguments.words[0].endswith(".nl")
    source = Source("") if model else source_of(arguments, arguments.words[0], arguments.spots[0])
    # The clock runs for the rest of the command. It starts only here, as a person may take long to type a program.
    start(limits)
    read_notes: Sequence[Diagnostic] = ()
    if model:
        source, read_notes = _model(arguments, limits)
    values: dict[str, Any] = {}
    trouble: list[WengertError] = []
    for name in arguments.values:
        try:
            values[name] = value_of(arguments, name, limits)
        except WengertError as problem:
            trouble.append(problem)
    notes = [*read_notes, *_whole_tables(arguments, values, limits)]
    tables = _columns(arguments, limits, trouble)
    named = dict(values)
    for columns in tables.values():
        values = {**columns, **values}
    try:
        f = compiled(arguments, source, fuse, values)
    except WengertError as problem:
        # The missing shape may belong to a value with an error, and that error says more.
        raise trouble[0] if trouble and problem.diagnostic.code == "W123" else problem from None
    for name in arguments.values:
        if name not in f.inputs and name not in more:
            _unknown(arguments, name, f)
    if trouble:
        raise trouble[0]
    notes += [_told(f, path, columns) for path, columns in tables.items()]
    values = {n: v for n, v in values.items() if n in named or n in f.inputs}
    if notes:
        f = Function(f.program._replace(warnings=(*f.program.warnings, *notes)), f.options, f.rewritten)
    return ProgramCall(f, values)


def _model(arguments: Arguments, limits: Limits) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The program of an .nl file, and the receipts of its reading."""
    from ..api.problems.nl_files import import_nl  # few programs are models

    try:
        found = import_nl(arguments.words[0], limits=limits)
    except WengertError as problem:
        raise arguments.located(arguments.spots[0], problem) from None
    return Source(found.text, f"{arguments.words[0]}, as a program"), found.receipts


def _columns(arguments: Arguments, limits: Limits, trouble: list[WengertError]) -> dict[str, dict[str, Any]]:
    """The columns of the tables on a command line, by file and name. Errors join the trouble."""
    found = {}
    for path, place in arguments.tables.items():
        try:
            if not (columns := columns_of(path, limits)):
                arguments.refuse(place, f"the columns of {path} have no names", f"bind it to an input: `--x @{path}`")
            found[path] = {normalize(n): v for n, v in columns.items()}
        except WengertError as problem:
            trouble.append(arguments.located(place, problem))
    return found


def _told(f: Function, path: str, columns: dict[str, Any]) -> Diagnostic:
    """A note on the columns of a table that are read."""
    read, left = [[n for n in columns if (n in f.inputs) is taken] for taken in (True, False)]
    more = f"; not {', '.join(left)}" if left else ""
    return Diagnostic("W314", "note", f"{path} gives {', '.join(read) or 'no input'}{more}")


def _whole_tables(arguments: Arguments, values: dict[str, Any], limits: Limits) -> Iterator[Diagnostic]:
    """Notes on values that are tables of several named columns."""
    for name, (text, _) in arguments.values.items():
        path = (text or "").strip()
        if not path.startswith("@") or getattr(values.get(name), "ndim", 0) != 2 or path.endswith((".npy", ".json")):
            continue
        header = [*columns_of(path[1:].strip(), limits)]
        if header:
            column = name if name in header else header[0]
            message = f"`{name}` is the whole table of {len(header)} columns: {', '.join(header)}"
            help = f"`--{name} {path}:{column}` is one column, and `{path}` alone binds each input to its own"
            yield Diagnostic("W314", "note", message, help=help)


def compiled(
    arguments: Arguments, source: Source, fuse: bool | None = None, values: Mapping[str, Any] = {}
) -> Function:  # fmt: skip
    """A source compiled with the options of the command line, for values of these shapes. A name that has a value is an
    input, even if it is `e`."""
    shapes = {n: v.shape for n, v in values.items() if not isinstance(v, float)}
    return compile(
        source.text, fuse=not arguments.flag("no-fuse") if fuse is None else fuse, limits=limits_of(arguments),
        kink=arguments.option("kink", "mean"), inputs=tuple(arguments.values), name=source.name,
        shapes=shapes, kernel=arguments.option(KERNEL.name, KERNELS[0]),
    )  # fmt: skip


def complete(arguments: Arguments, call: ProgramCall) -> dict[str, Any]:
    """The values of all inputs, floats and arrays, with the defaults. Raises a UsageError that lists the inputs without
    a value."""
    function = call.function
    point = {**function.program.defaults, **call.values}
    missing = [n for n in function.inputs if n not in point]
    if not missing:
        found = function.point((), {n: point[n] for n in function.inputs})
        return {**{n: v for n, v in point.items() if n not in found}, **found}
    source = function.program.source
    spans = [s for n in missing[:3] if (s := first_use(source.text, n)) is not None]
    listed = ", ".join(f"`{n}`" for n in missing[:10]) + f" and {len(missing) - 10} more" * (len(missing) > 10)
    options = {o.name for o in arguments.command.options}
    give = " ".join(f"{n}=VALUE" if n in options else f"--{n} VALUE" for n in missing[:3])
    raise error(UsageError, "W606", f"no value for {listed}", spans[0] if spans else None,
                secondary=tuple((s, "needs a value too") for s in spans[1:]),
                help=f"add {give}{' …' * (len(missing) > 3)}", source=source)  # fmt: skip


def _no_program(arguments: Arguments) -> NoReturn:
    options = [f"--{o.name}" for o in arguments.command.options]
    meant = next((hint for n in arguments.values if (hint := suggestion(f"--{n}", options))), "")
    example = arguments.command.examples[0][0]
    arguments.refuse(len(arguments.argv), "no program is given",
                     meant or f"for instance `{example}`; a program `-` is read from standard input")  # fmt: skip


def _unknown(arguments: Arguments, name: str, function: Function) -> NoReturn:
    place = arguments.values[name].place
    dashed = arguments.argv[place].startswith("--") and not arguments.argv[place].startswith("--set")
    computed = any(e.output == name for e in function.wengert_list.equations)
    inputs = ", ".join(function.inputs[:10]) + " …" * (len(function.inputs) > 10) or "none"
    if computed:
        arguments.refuse(place, f"`{name}` is computed by the program, not one of its inputs",
                         f"the inputs are {inputs}", "W101")  # fmt: skip
    hint = suggestion(name, function.inputs)
    if dashed and not hint:
        hint = suggestion(f"--{name}", [f"--{o.name}" for o in arguments.command.options])
    what = "no input or option" if dashed else "no input"
    arguments.refuse(place, f"{what} is called `{name}`", hint or f"the inputs are {inputs}", "W101")
