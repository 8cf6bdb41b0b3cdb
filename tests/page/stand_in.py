"""A package of Pyodide with other files in it, which passes for the known one."""

from __future__ import annotations

import hashlib
import io
import tarfile
from base64 import b64encode
from pathlib import Path

import pytest

from wengert.api.showing import pyodide_files

FILES = {name: f"{name} of a stand-in".encode() for name in pyodide_files.FILES}
FILES[pyodide_files.LOCK] = b'{"info": {"python": "3.14.9"}, "packages": {"numpy": {}}}'


def stand_in(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Write the package as a file; from then on its hashes are the known ones."""
    path = folder / "pyodide.tgz"
    with tarfile.open(path, "w:gz") as package:
        for name, raw in FILES.items():
            about = tarfile.TarInfo(f"package/{name}")
            about.size = len(raw)
            package.addfile(about, io.BytesIO(raw))
    whole = b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    patch.setattr(pyodide_files, "INTEGRITY", f"sha512-{whole}")
    patch.setattr(pyodide_files, "FILES", {name: hashlib.sha256(raw).hexdigest() for name, raw in FILES.items()})
    return path
