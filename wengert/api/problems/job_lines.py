"""The first lines of files of jobs, which may come from others: the words in them that are not heard."""

from __future__ import annotations

import os

# Options that are no part of a job: where answers go, how they look, machines, and the bounds on work.
APART = frozenset(
    "save plot residuals output force json color error-format set digits limit trusted help scheduler".split()
)


def table_within(job: str, table: str) -> str | None:
    """The path of a table that the first line of a job names, if that is in the folder of the job or below; else
    None."""
    folder = os.path.realpath(os.path.dirname(os.path.abspath(job)))
    found = os.path.join(os.path.dirname(job), table)
    try:
        inside = os.path.commonpath([folder, os.path.realpath(found)]) == folder
    except ValueError:  # no file can have such a name, or it is on another drive
        return None
    return found if inside and not os.path.isabs(table) else None


__all__ = ["APART", "table_within"]
