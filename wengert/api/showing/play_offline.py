"""An editor of pages that needs no server: a folder of files, with wengert running in the browser."""

from __future__ import annotations

import json
from os import PathLike, fspath
from pathlib import Path

from ...ground.complaints import explained
from ...ground.errors import UsageError, error, shown
from ...ground.limits import Limits, checked
from ...ground.written_files import writable, write_whole
from ...page import FIRST, licences, offline_editor
from ..texts import as_text
from .played import PLAYED
from .pyodide_files import LOCK, VERSION, pyodide_files


@explained
def play_offline(
    directory: str | PathLike[str], text: str = "", *, pyodide: str | PathLike[str] | None = None,
    limits: Limits = PLAYED, force: bool = False,
) -> list[Path]:  # fmt: skip
    """Write the editor of `play` as a folder that needs no server: wengert itself runs in the browser, in Pyodide.

    The first of the files, index.html, opens from the disk in a browser, and from any server of files. It fetches
    nothing but the files beside it, some 10 MB. There is no NumPy in it, so that programs compute with numbers alone.

    directory  where the files go; it is made if it is missing
    text       the program that the editor begins with
    pyodide    the package of Pyodide: a folder, or the file that `npm pack` writes. By default npm fetches it.
    limits     the limits of the programs that are typed in, by default those for untrusted text and 10 seconds
    force      replace files that are there already

    Raises UsageError without Pyodide in the version that is asked for, where a file exists already and not `force`,
    and where one cannot be written.
    """
    root = Path(fspath(directory))
    if not fspath(directory):
        raise error(UsageError, "W682", "a folder has a name, and this text is empty")
    _is_possible(root, force)
    return write_files(root, offline_files(text, pyodide, limits), force)


def _is_possible(root: Path, force: bool) -> None:
    """Whether the folder can be there, before the work for it."""
    there = next((p for p in (root, *root.parents) if p.exists()), root)
    if not there.is_dir():
        raise error(UsageError, "W682", f"cannot write {shown(str(root))}: {shown(str(there))} is no folder")
    if there == root:
        writable(root / FIRST, force)


def offline_files(
    text: str = "", pyodide: str | PathLike[str] | None = None, limits: Limits = PLAYED
) -> dict[str, str]:  # fmt: skip
    """The files of the editor by their paths, as `play_offline` writes them."""
    as_text(text, "a program")
    limits = checked(limits)
    found = pyodide_files(pyodide)
    # It lists packages too, and they would be fetched.
    info = json.loads(found.pop(LOCK))["info"]
    settings = {"info": info, "limits": limits._asdict()}
    return {**offline_editor(text, found, settings), **licences(VERSION, info["python"])}


def write_files(root: Path, made: dict[str, str], force: bool) -> list[Path]:
    """Write files below a folder, which is made if it is missing. All places are looked at first."""
    try:
        for folder in {root, *((root / name).parent for name in made)}:
            folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise error(UsageError, "W682", f"cannot write {shown(str(root))}: {why}") from None
    for name in made:
        writable(root / name, force)
    for name, text in made.items():
        write_whole(root / name, text, force)
    return [root / name for name in made]
