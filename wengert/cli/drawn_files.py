"""Output files of `graph`, `plot` and `page`, and errors that point at the options which name an output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ground.errors import UnknownName, UsageError
from ..ground.written_files import writable, write_whole
from .words import Arguments


def checked_file(arguments: Arguments) -> str | None:
    """The file of `--file`, checked before the work for it; None if the answer is to be printed. Raises UsageError for
    a file that cannot be written."""
    file = arguments.option("file") or None
    if file is not None:
        located_at_file(arguments, writable, file, arguments.flag("force"))
    return file


def located_at_file(arguments: Arguments, make: Callable[..., Any], *args: Any) -> Any:
    """Call a function; a UsageError points at the file, or else at the command."""
    try:
        return make(*args)
    except UsageError as problem:
        raise arguments.located(arguments.places.get("file", 0), problem) from None


def located_at_names(arguments: Arguments, make: Callable[[], Any]) -> Any:
    """Call a function; an error for an unknown name points at `--output` or `--wrt`."""
    try:
        return make()
    except UnknownName as problem:
        place = next((arguments.places[o] for o in ("output", "wrt") if o in arguments.places), 0)
        raise arguments.located(place, problem) from None


def print_or_write(arguments: Arguments, file: str | None, content: str | bytes) -> None:
    """Write an answer to its file, or print it."""
    if file is not None:
        write_whole(file, content, arguments.flag("force"))
    else:
        text = content.decode() if isinstance(content, bytes) else content
        print(text, end="" if text.endswith("\n") else "\n")
