"""Run a command line: choose the command, load its module, and turn errors into exit codes."""

from __future__ import annotations

import _thread
import atexit
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from contextvars import copy_context
from types import ModuleType
from typing import NoReturn

from .. import __version__
from ..api.display import printing
from ..ground import interrupts
from ..ground.environment import threads_asked
from ..ground.errors import LimitError, UsageError, WengertError, error, suggestion
from ..ground.interrupts import INTERRUPTED
from ..ground.sweep_colours import coloured
from .progress import bars
from .screen import Screen
from .words import SHAPE, Arguments, Command, refuse, scan

COMMANDS = {
    "eval": "value and gradient of a program at a point",
    "jacobian": "derivatives of every output in every input",
    "hessian": "second derivatives at a point",
    "structure": "which outputs depend on which inputs, and how",
    "trace": "both sweeps, step by step",
    "graph": "the circuit of a program as a picture: SVG, PNG, HTML, mermaid, DOT, TikZ, or in the terminal",
    "page": "the program, its circuit and both sweeps as a page of HTML, to step through",
    "play": "pages with an editor, in a browser on this machine",
    "plot": "values and derivatives over a range, as curves or contours in a file: PNG, SVG, PDF",
    "list": "the Wengert list of a program, and of its gradient",
    "diff": "the derivative as a formula",
    "taylor": "coefficients of the Taylor series at a point",
    "check": "the derivatives against oracles that know none of the rules",
    "bench": "the time of every kernel on a formula, beside code by hand",
    "minimize": "the minimum of a formula, with bounds and constraints, and whether it is one",
    "solve": "a root of a system of equations, or why there is none near",
    "ode": "the solution of differential equations, and its sensitivities",
    "fit": "a model fitted to the rows of a table by least squares",
    "map": "value and derivatives for each row of a table: Parquet, Arrow, CSV, of any size",
    "propagate": "standard uncertainties of the inputs, propagated to the outputs",
    "emit": "value and gradient as code: Python, NumPy, JavaScript, C, Rust, LaTeX, JSON",
    "import": "an optimization model of AMPL, Pyomo or JuMP (.nl) as a program",
    "read": "a formula of OpenMM, LAMMPS, PLUMED and others as a program",
    "run": "evaluate programs and check their expects",
    "fmt": "programs in their usual layout, comments kept",
    "samples": "the sample programs, listed or copied",
    "repl": "an interactive session",
    "ops": "the ops of the language, their derivatives and kinks",
    "explain": "the meaning of a diagnostic's code, with an example and its mend",
    "completion": "a script for bash, zsh and fish: the Tab key completes `wengert`",
}
# Words that may take the place of a command.
OWN = ("help", "--help", "--version")
# The text about values in `--help`.
VALUES = (
    "the value of an input: -1e-3, inf, 1/3, pi/4, [[1, 2], [3, 4]]; or a file of numbers, @x.npy, @x.csv, .tsv, .txt "
    "(one column is a vector, @x.csv:t is the column t) or @x.json; @x.csv alone binds each input to its column"
)
BROKEN_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line. Returns the exit code: 0 for success, 1 if a domain or a check failed, 2 for an error of
    usage or syntax, 3 over a limit."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a name must not make the command fail.
            stream.reconfigure(errors="backslashreplace")
    alone = False
    try:
        try:
            alone = interrupts.raise_instead()
            # In a copy of the context, so that the clock that a command starts ends with the command.
            code = copy_context().run(_command, words)
            # C code may have dropped an interrupt.
            return INTERRUPTED if interrupts.happened() else code
        finally:
            if alone:
                interrupts.end_at_once()
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as problem:
        # C code may have turned an interrupt into another exception.
        return INTERRUPTED if interrupts.happened() else _code_of(words, problem)


def _code_of(words: Sequence[str], problem: Exception) -> int:
    """Report the exception that ended a command, and return the exit code. Raises an unforeseen exception again."""
    if isinstance(problem, WengertError):
        return _report(words, problem)
    if isinstance(problem, BrokenPipeError):
        _discard_output()
        return BROKEN_PIPE
    if isinstance(problem, MemoryError):
        return _report(words, error(LimitError, "W402", "the memory of this machine is used up"))
    if isinstance(problem, OSError):
        _discard_output()
        return _report(words, error(UsageError, "W632", f"cannot write the answer: {problem.strerror or problem}"))
    raise problem


def script() -> NoReturn:
    """Run the command line of this process, and end the process."""
    code = main()
    # A normal exit of Python would take an eighth of the time of a short command.
    watched = sys.gettrace() or sys.getprofile() or sys.flags.inspect
    # After an interrupt, do not wait for threads that still work.
    if not watched and (code == INTERRUPTED or not atexit._ncallbacks() and not _thread._count()):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _command(argv: list[str]) -> int:
    if not argv:
        print(_overview(), file=sys.stderr)
        return UsageError.exit_code
    first = argv[0]
    if first in ("--help", "-h") or argv == ["help"]:
        print(_overview())
        return 0
    if first == "--version":
        print(f"wengert {__version__}")
        return 0
    if first == "help" and len(argv) == 2 and argv[1] in COMMANDS:
        argv = [argv[1], "--help"]
        first = argv[0]
    if first not in COMMANDS:
        _unknown(argv)
    module = module_of(first)
    command: Command = module.COMMAND
    options = argv[1 : argv.index("--")] if "--" in argv else argv[1:]
    if "--help" in options:
        print(_help(command))
        return 0
    threads_asked()  # report a wrong number before any answer, even if no thread is used
    arguments = scan(argv, command)
    if arguments.flag("help"):
        print(_help(command))
        return 0
    screen = _screen(argv)
    with printing(_digits(arguments), _width()), bars(), coloured(screen.color_answers):
        code: int = module.run(arguments, screen)
    return code


def _digits(arguments: Arguments) -> int | None:
    """The number that `--digits` gives, if any."""
    text = arguments.option("digits")
    if "digits" not in arguments.options:
        return None
    if not text.isdecimal() or len(text) > 2 or not 1 <= int(text) <= 17:
        arguments.refuse(arguments.places["digits"], "the digits of a number are from 1 to 17",
                         "for instance `--digits 6`; an input called digits is given by `--set digits=VALUE`"
                         )  # fmt: skip
    return int(text)


def _width() -> int:
    """The width of the terminal that shows the answers; 0 if there is none."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 0
    with suppress(OSError, ValueError):
        return max(os.get_terminal_size(sys.stdout.fileno()).columns, 40)
    return 0


def module_of(name: str) -> ModuleType:
    """The module of a command, which defines COMMAND and `run`."""
    return importlib.import_module(f"{__package__}.{name}")


def _unknown(argv: list[str]) -> None:
    first = argv[0]
    help = suggestion(first, [*COMMANDS, *OWN])
    if not help and SHAPE.fullmatch(first):
        help = "the command comes first, then its options: `wengert eval … --json`"
    elif not help and not first.isidentifier():
        help = "to evaluate a formula, put `eval` before it"
    refuse(argv, 0, f"there is no command `{first}`" if len(first) <= 60 else "the first word is no command",
           help or f"the commands are {', '.join(COMMANDS)}", "W631")  # fmt: skip


def _screen(argv: Sequence[str]) -> Screen:
    """The screen that the options for diagnostics ask for. The rest of the command line may be wrong."""
    said: dict[str, str] = {}
    for k, word in enumerate(argv):
        if word == "--":
            break
        shape = SHAPE.fullmatch(word)
        if word == "--json":
            said.setdefault("error-format", "json")
        if shape and shape[1] in ("color", "error-format"):
            said[shape[1]] = shape[2] if shape[2] is not None else "".join(argv[k + 1 : k + 2])
    return Screen(said.get("color", "auto"), said.get("error-format", "text"))


def _report(argv: Sequence[str], problem: WengertError) -> int:
    try:
        _screen(argv).say([problem.diagnostic])
    except OSError:
        _discard_output()
    return problem.exit_code


def _discard_output() -> None:
    """Discard unwritten output: its reader is gone, and Python would complain at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            try:
                os.dup2(nowhere, stream.fileno())
            except (OSError, ValueError, AttributeError):
                continue


def _page_width() -> int:
    """The width of a page of help: the terminal's, but at most 100; 80 without a terminal."""
    return min(_width() or 80, 100)


def _in_columns(left: str, says: str, width: int, whole: int) -> list[str]:
    """A text in a column beside a word, in lines of `whole` characters. A word wider than `width` has its own line."""
    from textwrap import wrap

    lines, first = list[str](), f"  {left.ljust(width)}  "
    if len(left) > width:
        lines += _break_before_sign(f"  {left}", "|", "", whole)
        first = " " * (width + 4)
    parts = wrap(says, max(whole - width - 4, 20), break_long_words=False, break_on_hyphens=False)
    return [*lines, *((first if not k else " " * (width + 4)) + part for k, part in enumerate(parts))]


def _break_before_sign(line: str, before: str, end: str, whole: int) -> list[str]:
    """Break a line into lines of `whole` characters, each before a sign. All but the last end with `end`."""
    lines = []
    while len(line) > whole and (at := line.rfind(before, 8, whole + 1 - len(end))) > 0:
        lines.append(line[:at] + end)
        line = "      " + line[at:].lstrip()
    return [*lines, line]


def _overview() -> str:
    from textwrap import wrap

    width, whole = max(map(len, COMMANDS)) + len("wengert "), _page_width()
    return "\n".join([
        "wengert COMMAND …: formulas as Wengert lists, and their exact derivatives",
        "",
        *(line for name, says in COMMANDS.items() for line in _in_columns(f"wengert {name}", says, width, whole)),
        "",
        *wrap("A program is a formula in quotes, a file, or `-` for standard input; values are given by name:", whole),
        "",
        '  wengert eval "(2*x1+x2)^2" --x1 3 --x2 7',
        "",
        "`wengert COMMAND --help` tells more; `wengert --version` the version.",
        *wrap("Exit codes: 0 fine, 1 outside a domain or a check that fails, 2 usage or syntax, 3 over a limit.",
              whole),
    ])  # fmt: skip


def _help(command: Command) -> str:
    from textwrap import wrap

    whole = _page_width()
    rows = [(f"--{o.name} {f'[{o.takes}]' if o.alone else o.takes}".rstrip(), o.says) for o in command.options]
    if command.binds:
        rows.insert(0, ("--NAME VALUE, NAME=VALUE", VALUES))
    width = min(max(len(left) for left, _ in rows), 26)
    usage = wrap(f"wengert {command.name} {command.usage}", whole, subsequent_indent="    ", break_long_words=False)
    lines = [*usage, "", *wrap(command.says, whole), ""]
    lines += [line for left, says in rows for line in _in_columns(left, says, width, whole)]
    lines.append("")
    for line, says in command.examples:
        lines += [*_break_before_sign(f"  {line}", " --", " \\", whole), f"      {says}"]
    return "\n".join(lines)
