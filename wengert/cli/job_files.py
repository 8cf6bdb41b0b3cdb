"""Files of jobs: the first line holds the options of a command, `# wengert minimize job.wengert --subject-to "x <= 2"`,
and the rest its program, with the values of all inputs. The command with the name of the file alone repeats the job.

A file may come from others. So its first line may set no limits, no scheduler, no files to write, and no files to read
except a table in its own folder; and a note shows it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable
from typing import Any

from ..api.compile import read
from ..api.problems.job_lines import APART, table_within
from ..ground.errors import Diagnostic, Source, Span, UsageError, WengertError, error
from ..ground.written_files import writable, write_whole
from .assigned import located
from .programs import is_path
from .words import Arguments, Option, TypedValue, scan, short

SAVE = Option("save", "FILE", "write the whole job as a program, which the command repeats: job.wengert")


def checked_save(arguments: Arguments) -> None:
    """Refuse a file that cannot be written, before the work for it."""
    if SAVE.name in arguments.options:
        located(arguments, SAVE.name, writable, arguments.option(SAVE.name), arguments.flag("force"))


def write_job(arguments: Arguments, text: Callable[[str], str], values: Iterable[str] = ()) -> None:
    """Write the job, if that was asked for.

    text    the content of the file for the command in its first line
    values  words for values that no declaration can hold, `--V 5.0±0.02`
    """
    if SAVE.name in arguments.options:
        path = arguments.option(SAVE.name)
        content = text(command_of(arguments, path, values))
        located(arguments, SAVE.name, write_whole, path, content, arguments.flag("force"))


def command_of(arguments: Arguments, path: str, values: Iterable[str] = (), table: str = "") -> str:
    """The command that repeats a job from its file. `table` is the path of the data, if they are not in the file."""
    words = ["wengert", arguments.command.name, path, *values]
    if table:
        words.append(table)
    for name, texts in arguments.options.items():
        if name not in APART:
            words += [word for text in texts for word in (f"--{name}", text)] or [f"--{name}"]
    return shown_words(" ".join(word.split()) or word for word in words)


def shown_words(words: Iterable[str]) -> str:
    """Words quoted for a shell. Those with an apostrophe, as in x' = y, are in double quotes if that is enough."""
    return " ".join(_shown(w) for w in words)


def _shown(word: str) -> str:
    return f'"{word}"' if "'" in word and not set(word) & set('"$`\\!') else shlex.quote(word)


def with_job(arguments: Arguments) -> tuple[Arguments, list[Diagnostic]]:
    """The arguments, completed by the command in the first line of a file, and a note that shows it. The file is the
    first word; words of the command line take precedence. Raises UsageError for a first line that begins like a command
    but is none."""
    if not arguments.words or not is_path(arguments.words[0]):
        return arguments, []
    path, place = arguments.words[0], arguments.spots[0]
    try:
        text = read_file(path)
    except WengertError:
        return arguments, []  # the command reads the file and reports the problem
    line = text.partition("\n")[0]
    begin = f"# wengert {arguments.command.name} "
    if not line.startswith(begin):
        return arguments, []
    source, span = Source(text, path), Span(0, len(line))
    try:
        theirs = scan([arguments.command.name, *shlex.split(line[len(begin) :])], arguments.command)
    except ValueError as problem:
        raise error(UsageError, "W871", f"the first line of {short(path)} is no command: {problem}", span,
                    source=source, help="remove it, or write the job anew") from None  # fmt: skip
    except WengertError as problem:
        told = problem.diagnostic
        message = f"the first line of {short(path)} is no command: {told.message}"
        problem.diagnostic = told._replace(
            code="W871", source=source, span=span, secondary=(), fix=None, message=message
        )  # fmt: skip
        raise
    for name, given in theirs.values.items():
        if (given.text or "").lstrip().startswith("@"):
            raise error(UsageError, "W871", f"the first line of {short(path)} reads a file for `{name}`", span,
                        source=source, help=f"give it on the command line: `--{name} {given.text}`")  # fmt: skip
    options, places, values = dict(arguments.options), dict(arguments.places), dict(arguments.values)
    told_words: list[str] = []
    for name, texts in theirs.options.items():
        if name not in options and name not in APART:
            options[name], places[name] = texts, place
            told_words += [word for one in texts for word in (f"--{name}", one)] or [f"--{name}"]
    for name, given in theirs.values.items():
        if name not in values:
            values[name] = TypedValue(given.text, place)
            told_words += [f"--{name}", given.text or ""]
    words, spots = arguments.words, arguments.spots
    if len(theirs.words) > 1 and len(words) == 1:
        table = table_within(path, theirs.words[1])
        if table is None or len(theirs.words) > 2:
            there = short(os.path.normpath(os.path.join(os.path.dirname(path), theirs.words[1])))
            raise error(UsageError, "W871", f"the first line of {short(path)} reads {short(theirs.words[-1])}", span,
                        source=source, help="tables in the folder of the job, or below, are read; name another on the "
                        f"command line: `wengert fit {short(path)} {there}`")  # fmt: skip
        words, spots = (*words, table), (*spots, place)
        told_words.append(table)
    if not told_words:
        return arguments, []
    note = Diagnostic("W872", "note", f"{short(path)} gives {shown_words(told_words)}",
                      help="its first line; words of the command line come first")  # fmt: skip
    found = arguments._replace(options=options, places=places, values=values, words=words, spots=spots)
    return found, [note]


def read_file(path: str) -> str:
    """The text of a file. Raises UsageError, ParseError."""
    from pathlib import Path  # the command line starts faster without it

    return read(Path(path))


__all__: list[Any] = ["SAVE", "checked_save", "command_of", "read_file", "with_job", "write_job"]
