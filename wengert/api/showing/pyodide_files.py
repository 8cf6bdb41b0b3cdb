"""The files of one version of Pyodide: from a folder, from npm's package as a file, or by npm.

Wherever they come from, each is compared with its known hash.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from base64 import b64encode
from hashlib import sha256, sha512
from os import PathLike, fspath
from pathlib import Path

from ...ground.errors import UsageError, WengertError, error, shown

VERSION = "314.0.7"
# The integrity of the package, as the registry of npm has it, and the SHA-256 of the files that are used of it.
INTEGRITY = "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
LOCK = "pyodide-lock.json"
FILES = {
    "pyodide.js": "3141b814715a72e59b51b1b18b9ceae5bf19f7c852417e431bb0a34feadf825c",
    "pyodide.asm.mjs": "f7cdc8ece80678ceb712f8e65ebe6d3a83203a180c399865f49612a051693635",
    "pyodide.asm.wasm": "cc36e3cab04fdfc9a63ff13eb52eae2b911bf46c025cc7b281f394bd3de1d5e6",
    LOCK: "5dc2fc119108bc148c7457dc86e7675b5c87e1cafd420b9c34c1eaef7b36c010",
    "python_stdlib.zip": "fa1957e5777068fc4f7437f96d860ae2fbe9c19732ba06c84e004ec16dd7dd7a",
}
# Seconds that npm may take, and the most bytes of a package or a file that are read at all.
PATIENCE, MOST = 300, 64_000_000


def pyodide_files(place: str | PathLike[str] | None = None) -> dict[str, bytes]:
    """The files by their names, from a folder, from the package as a file, or by npm.

    Raises UsageError if they are missing, or are not those of this version.
    """
    if place is None:
        with tempfile.TemporaryDirectory() as folder:
            return _of_package(_read(_packed(Path(folder))))
    path = Path(fspath(place))
    if path.is_dir():
        inner = path / "package"
        folder_of = inner if inner.is_dir() else path
        return _checked({name: _read(folder_of / name) for name in FILES})
    if not path.exists():
        raise _refused(f"there is no file {shown(str(path))}")
    return _of_package(_read(path))


def _packed(folder: Path) -> Path:
    """The package, which npm fetches."""
    npm = shutil.which("npm")
    if npm is None:
        raise _refused("Pyodide is fetched by npm, and there is no npm on the path")
    words = [npm, "pack", f"pyodide@{VERSION}", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                              errors="replace", timeout=PATIENCE)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _refused(f"npm fetched no Pyodide in {PATIENCE} seconds") from None
    except OSError as problem:
        raise _refused(f"npm cannot be run: {problem.strerror or problem}") from None
    found = list(folder.glob("*.tgz"))
    if done.returncode or not found:
        said = (done.stderr.strip().splitlines() or ["it says nothing"])[0]
        raise _refused(f"npm fetches no Pyodide: {shown(said)}")
    return found[0]


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise _refused(f"there is no {shown(path.name)} in {shown(str(path.parent))}")
        if path.stat().st_size > MOST:
            raise _refused(f"{shown(str(path))} is no file of Pyodide")
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        raise _refused(f"cannot read {shown(str(path))}: {problem}") from None


def _of_package(raw: bytes) -> dict[str, bytes]:
    if f"sha512-{b64encode(sha512(raw).digest()).decode('ascii')}" != INTEGRITY:
        raise _refused("this is not the package of Pyodide that wengert is made for")
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:gz") as package:
        opened = {name: package.extractfile(f"package/{name}") for name in FILES}
        return _checked({name: file.read() for name, file in opened.items() if file is not None})


def _checked(found: dict[str, bytes]) -> dict[str, bytes]:
    for name, known in FILES.items():
        if sha256(found.get(name, b"")).hexdigest() != known:
            raise _refused(f"the file {name} is not that of Pyodide {VERSION}")
    return found


def _refused(why: str) -> WengertError:
    return error(UsageError, "W688", why, help=f"`npm pack pyodide@{VERSION}` fetches it; give the file with "
                 "`--pyodide FILE`, in Python `pyodide=FILE`")  # fmt: skip
