"""`wengert fmt`: programs in their usual layout, with their comments."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from ..api.texts import format
from ..ground.errors import UsageError, WengertError, error
from .programs import ALWAYS, SHARED, STDIN, TEXT, limits_of, source_of
from .run import paths
from .screen import Screen
from .words import Arguments, Command, Option

COMMAND = Command(
    "fmt", "FILE… | DIRECTORY… | - | EXPR",
    "Bring programs into their usual layout: spacing, a statement a line, one spelling for each op. Comments stay. "
    "A file is written only if that changes it; standard input and a formula are answered on standard output.",
    (
        Option("check", "", "write nothing, name the files that would change; exit status 1 if there are any"),
        Option("diff", "", "write nothing, show the changes; exit status 1 if anything would"),
        *(o for o in SHARED if o.name != "set"), *ALWAYS,
    ),
    (
        ("wengert fmt samples", "all programs in a directory, where they stand"),
        ("wengert fmt --check .", "for a hook or a build"),
        ('wengert fmt "y=ln(x)**2;2*y"', "a formula, to look at"),
    ),
    most=None, binds=False,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Format every program. The exit code is the worst of theirs."""
    if not arguments.words:
        arguments.refuse(len(arguments.argv), "no file is given", "for instance `wengert fmt samples`")
    limits = limits_of(arguments)
    looking = arguments.flag("check") or arguments.flag("diff")
    code = 0
    changed: list[bool] = []
    for word, place in paths(arguments):
        try:
            source = source_of(arguments, word, place)
            text = format(source.text, name=source.name, limits=limits)
            # A formula on the command line has no newline at its end.
            before = source.text + "\n" * (source.name == TEXT)
            if looking:
                _show(arguments, source.name, before, text)
            elif source.name in (TEXT, STDIN):
                print(text, end="")
                continue
            elif text != before:
                _write(source.name, text)
                print(f"reformatted {source.name}")
            changed.append(text != before)
        except WengertError as problem:
            screen.say([problem.diagnostic])
            code = max(code, problem.exit_code)
    if changed and not arguments.flag("diff"):
        print(_summary(changed, "would be reformatted" if looking else "reformatted"))
    return max(code, int(looking and any(changed)))


def _show(arguments: Arguments, name: str, before: str, after: str) -> None:
    """Print the change to a program in the form that was asked for."""
    if arguments.flag("diff"):
        print("".join(_diff(name, before, after)), end="")
    elif after != before:
        print(f"would reformat {name}")


def _diff(name: str, before: str, after: str) -> Iterator[str]:
    for line in unified_diff(_lines(before), _lines(after), name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends. In the language only a newline ends a line."""
    *lines, rest = text.split("\n")
    return [*(f"{line}\n" for line in lines), *[rest] * bool(rest)]


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_bytes(text.encode())
    except OSError as problem:
        raise error(UsageError, "W632", f"cannot write {path}: {problem.strerror or problem}") from None


def _summary(changed: list[bool], how: str) -> str:
    """How many programs were changed, and how many were not."""
    new, old = sum(changed), len(changed) - sum(changed)
    parts = [f"{n} program{'s' * (n != 1)} {what}" for n, what in ((new, how), (old, "in layout already")) if n]
    return ", ".join(parts)
