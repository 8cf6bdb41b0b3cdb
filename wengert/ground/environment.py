"""The environment variable that sets the number of threads of a batch."""

from __future__ import annotations

import os

from .errors import UsageError, error, shown

THREADS = "WENGERT_NUM_THREADS"


def threads_asked() -> int:
    """The number of threads set in the environment, or 0. Raises UsageError if it is no whole number above 0."""
    if not (given := os.environ.get(THREADS, "").strip()):
        return 0
    if not given.isdecimal() or not given.isascii() or len(given) > 9 or not int(given):
        raise error(UsageError, "W602", f"{THREADS} is a whole number of 1 or more, not {shown(given)}")
    return int(given)
