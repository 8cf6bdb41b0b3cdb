"""The first line of a job's file, which may come from others: the options in it that are ignored."""

from __future__ import annotations

import os

# Options that are no part of a job: where answers go, how they look, machines, and the bounds on work.
APART = frozenset(
    "save plot residuals output force json color error-format set digits limit trusted help scheduler".split()
)


def table_within(job: str, table: str) -> str | None:
    """The path of the table named in a job's first line, if it is in the job's folder or below; else None."""
    folder = os.path.realpath(os.path.dirname(os.path.abspath(job)))
    found = os.path.join(os.path.dirname(job), table)
    inside = os.path.commonpath([folder, os.path.realpath(found)]) == folder
    return found if inside and not os.path.isabs(table) else None


__all__ = ["APART", "table_within"]
