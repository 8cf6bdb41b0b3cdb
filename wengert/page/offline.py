"""An editor whose pages wengert makes in the browser, as files that need no server.

Pyodide, CPython as WebAssembly, runs in a worker of the page. A page that is opened from a disk may load scripts but
fetch no file, so each Python file is stored in a script, compressed by gzip, in base64.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from .html_page import editor, file_text, filled

# The page to open, and the folder with the files of Python.
FIRST, FOLDER = "index.html", "runtime"
# A moment for all files of the archive, so that it is the same whenever it is made: the first that a zip can hold.
MOMENT = (1980, 1, 1, 0, 0, 0)


def offline_editor(text: str, python: Mapping[str, bytes], settings: Mapping[str, Any]) -> dict[str, str]:
    """The files of the editor by their paths, the one to open first.

    text      the program that it begins with
    python    the files of Pyodide by their names
    settings  `info`, as Pyodide tells about itself, and `limits`, those of the programs
    """
    content = {**python, "worker.js": file_text("worker.js").encode(), "wengert.zip": archive()}
    found = {FIRST: editor(text, {**settings, "files": list(content)}), "frame.html": file_text("frame.html")}
    found.update({f"{FOLDER}/{name}.js": script(name, raw) for name, raw in content.items()})
    return found


def licences(version: str, python: str) -> dict[str, str]:
    """The licences of the programs in the folder, by their paths."""
    told = filled("licences.txt", version=version, python=python)
    return {"LICENCES.txt": told, "MPL-2.0.txt": file_text("MPL-2.0.txt")}


def script(name: str, raw: bytes) -> str:
    """A script that hands a file over to the page."""
    return f'wengertPart("{name}", "{b64encode(gzip.compress(raw, 9, mtime=0)).decode("ascii")}");\n'


def archive() -> bytes:
    """This package as a zip, with its grammar and its samples."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for path, raw in sorted(_package()):
            whole.writestr(zipfile.ZipInfo(path, MOMENT), raw, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _package() -> Iterator[tuple[str, bytes]]:
    """The files of this package. In a checkout, the grammar and the samples are beside it."""
    root = files("wengert")
    yield from _within(root, "wengert")
    for name in ("grammar", "samples"):
        if not (root / name).is_dir():
            yield from _within(Path(__file__).parents[2] / name, f"wengert/{name}")


def _within(folder: Any, path: str) -> Iterator[tuple[str, bytes]]:
    for one in folder.iterdir():
        if one.name == "__pycache__":
            continue
        if one.is_dir():
            yield from _within(one, f"{path}/{one.name}")
        else:
            yield f"{path}/{one.name}", one.read_bytes()
