"""Texts for `--sparse`: where the nonzeros are, how few sweeps find them, and their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..api.display import answered
from ..api.plain_answers import number
from ..api.sparse import Sparse
from .screen import dumps, table
from .words import Arguments

# The largest pattern that is drawn, in rows or columns, and the most values that are listed.
DRAWN, LISTED = 60, 40


def printed(arguments: Arguments, found: Sparse, called: Callable[[str], str] = str) -> int:
    """Print a sparse matrix, as text or as JSON. The text calls some outputs otherwise. Returns the exit code."""
    pattern, colours = found.pattern, found.colours()
    what = "second derivatives" if found.symmetric else "derivatives"
    if arguments.flag("json"):
        answer: dict[str, Any] = {
            "shape": list(found.shape), "nonzeros": len(found.values), "rows": pattern.rows,
            "columns": pattern.columns, "values": [number(v) for v in found.values.tolist()],
            "row_names": list(found.row_names), "column_names": list(found.column_names), "colours": colours,
        }  # fmt: skip
        print(dumps(answer, indent=2))
        return 0
    m, n = found.shape
    share = f" ({100 * len(found.values) / (m * n):.3g} %)" if m * n else ""
    print(f"{what}: {m} by {n}, {len(found.values):,} of {m * n:,} can be other than 0{share}")
    print(f"colours: {', '.join(f'{count} {how}' for how, count in colours.items())}")
    if max(m, n) <= DRAWN and m * n:
        print("\n" + "\n".join(_drawn(found)))
    full = arguments.flag("full")
    entries = list(zip(pattern.rows, pattern.columns, found.values.tolist()))
    shown = entries if full else entries[:LISTED]
    d = ("second derivative in", "and") if found.symmetric else ("derivative of", "in")
    rows = [(called(found.row_names[i]), found.column_names[j], answered(v)) for i, j, v in shown]
    if rows:
        print("\n" + table((*d, "value"), rows, left=2))
    if len(shown) < len(entries):
        print(f"… {len(entries) - len(shown):,} more: --full prints them all")
    return 0


def _drawn(found: Sparse) -> Sequence[str]:
    width = found.shape[1]
    return ["  " + "".join("×" if j in set(line) else "·" for j in range(width)) for line in found.pattern.by_row()]
