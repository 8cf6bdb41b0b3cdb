"""Object files kept for other processes, in a folder of the user's own.

The folder is `WENGERT_CACHE_DIR`, or `wengert` in the user's folder for caches; an empty `WENGERT_CACHE_DIR` means that
nothing is kept. A file is written under another name and then renamed, so that a reader finds all of it or nothing. It
holds its own key and a checksum: a damaged file is deleted, never run. A folder or a file that belongs to somebody
else, or that others may write to, is not used. Where no file can be kept, that is no error.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
from hashlib import sha256
from itertools import count
from time import time

FOLDER = "WENGERT_CACHE_DIR"
HEAD = b"wengert object file 1\n"
ENDING, UNFINISHED = ".o", ".part"
# The most bytes of all files together, and the bytes that remain when the oldest files are deleted.
MOST, REMAIN = 64 << 20, 48 << 20
# The files written until old ones are looked for once more, from the first one on.
ROUND = 64
HOUR = 3600.0
OTHERS = stat.S_IWGRP | stat.S_IWOTH

_WRITTEN = count()


def read(key: bytes) -> bytes | None:
    """The object file that is kept under a key, or None."""
    folder = _folder()
    if not folder or not _is_ours(folder):
        return None
    path = os.path.join(folder, key.hex() + ENDING)
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(file, "rb") as opened:
            about = os.fstat(file)
            if not _private(about) or not stat.S_ISREG(about.st_mode) or about.st_size > MOST:
                return None
            content = opened.read()
        made = content[len(HEAD) + 32 :]
        if content[: len(HEAD)] != HEAD or content[len(HEAD) : len(HEAD) + 32] != sha256(key + made).digest():
            os.unlink(path)
            return None
        if about.st_mtime < time() - HOUR:
            os.utime(path)  # the oldest files, by their last use, are deleted first
        return made
    except (OSError, ValueError):
        return None


def write(key: bytes, made: bytes) -> None:
    """Keep an object file under a key, if that is possible."""
    folder = _folder()
    if not folder:
        return
    at = next(_WRITTEN)
    part = os.path.join(folder, f"{key.hex()}.{os.getpid()}.{threading.get_ident()}.{at}{UNFINISHED}")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not _is_ours(folder):
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            with open(os.open(part, flags, 0o600), "wb") as opened:
                opened.write(HEAD + sha256(key + made).digest() + made)
            os.replace(part, os.path.join(folder, key.hex() + ENDING))
        except OSError:
            os.unlink(part)
        if at % ROUND == 0:
            _shrink(folder)
    except (OSError, ValueError):
        return


def _folder() -> str:
    """The folder, or "" where there is none."""
    if (given := os.environ.get(FOLDER)) is not None:
        return os.path.abspath(given) if given else ""
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA", "")
    else:
        home = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(home):
            home = os.path.expanduser("~/.cache")
    return os.path.join(home, "wengert") if os.path.isabs(home) else ""


def _is_ours(folder: str) -> bool:
    """Whether a folder is there, and no other user may change it."""
    try:
        about = os.stat(folder)
    except (OSError, ValueError):
        return False
    return stat.S_ISDIR(about.st_mode) and _private(about)


def _private(about: os.stat_result) -> bool:
    """Whether a file or folder is the user's own, and no other user may write to it."""
    if sys.platform == "win32":  # there the folder's own rights say who may
        return True
    return about.st_uid == os.geteuid() and not about.st_mode & OTHERS


def _shrink(folder: str) -> None:
    """Delete the oldest files if all are too large together, and those left unfinished."""
    found, total = [], 0
    with os.scandir(folder) as entries:
        for entry in entries:
            about = entry.stat(follow_symlinks=False)
            if entry.name.endswith(UNFINISHED) and about.st_mtime < time() - HOUR:
                _delete(entry.path)
            elif entry.name.endswith(ENDING):
                found.append((about.st_mtime, about.st_size, entry.path))
                total += about.st_size
    if total <= MOST:
        return
    for _, size, path in sorted(found):
        if total <= REMAIN:
            break
        _delete(path)
        total -= size


def _delete(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # another process was first
