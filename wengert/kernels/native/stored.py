"""Object files kept for other processes, in a folder of the user's own."""

from __future__ import annotations


def read(key: bytes) -> bytes | None:
    """The object file that is kept under a key, or None."""
    return None


def write(key: bytes, made: bytes) -> None:
    """Keep an object file under a key, if that is possible."""
