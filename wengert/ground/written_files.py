"""Write files atomically: to another name first, and then renamed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from os import PathLike

from .errors import UsageError, WengertError, error, shown


def writable(path: str | PathLike[str], force: bool) -> None:
    """Check that a file may be written, before the work for it.

    Raises UsageError if the file exists and `force` is not set, if its folder is missing, and if the path is no
    ordinary file.
    """
    try:
        found = os.stat(path)
    except OSError:
        folder = os.path.dirname(os.fspath(path)) or "."
        if not os.path.isdir(folder):
            raise _refused(path, f"there is no folder {shown(folder)}") from None
        return
    except ValueError as problem:
        raise _refused(path, str(problem)) from None
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "it is no ordinary file")
    if not force:
        raise error(UsageError, "W681", f"there is a file {shown(os.fspath(path))} already",
                    help="choose another name, or replace it with `--force` (`force=True` in Python)")  # fmt: skip


def write_whole(path: str | PathLike[str], content: str | bytes, force: bool) -> None:
    """Write a file. Until it is whole, it has another name in the same folder, and goes if anything stops the work.

    Raises UsageError if it cannot be written, and as `writable` does.
    """
    raw = content if isinstance(content, bytes) else (content if content.endswith("\n") else content + "\n").encode()
    write_parts(path, [raw], force)


def write_parts(path: str | PathLike[str], parts: Iterable[str | bytes], force: bool) -> None:
    """Write a file part by part, as `write_whole` does."""
    aside = f"{os.fspath(path)}.{os.getpid()}.part"
    writable(path, force)
    try:
        try:
            with open(aside, "xb") as file:
                for part in parts:
                    file.write(part if isinstance(part, bytes) else part.encode())
            os.replace(aside, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(aside)
            raise
    except OSError as problem:
        raise _refused(path, problem.strerror or str(problem)) from None


def _refused(path: str | PathLike[str], why: str) -> WengertError:
    return error(UsageError, "W682", f"cannot write {shown(os.fspath(path))}: {why}")
