"""Pictures of reports: drawn when they are asked for, shown by notebooks, or written to a file as a whole."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fspath
from typing import Any

from ..ground.errors import UsageError, WengertError, error
from ..ground.limits import check_clock
from ..ground.written_files import writable, write_whole
from ..show.charts import chart_format, figure_class, saved, shown_by_notebooks

File = str | PathLike[str] | None
# Points along each side of a grid, and along a curve; and of a function that takes one point at a time.
GRID, CURVE, SLOW = 181, 400, 41


def pictured(draw: Callable[[], Any], file: File, format: str, force: bool) -> Any:
    """The figure that `draw` makes or, with a file or a format, the picture in that format.

    Raises UsageError if matplotlib is missing, for a format or suffix that is no picture's, and for a file that exists,
    unless `force`.
    """
    import numpy as np

    wanted = chart_format(format, None if file is None else fspath(file)) if format or file is not None else ""
    if file is not None:
        writable(file, force)
    figure_class()
    with np.errstate(all="ignore"):  # a grid may reach beyond a domain
        figure = draw()
    if not wanted:
        return shown_by_notebooks(figure)
    raw = saved(figure, wanted)
    if file is not None:
        write_whole(file, raw, force)
    return raw.decode() if wanted == "svg" else raw


def without_picture(why: str, help: str = "") -> WengertError:
    """The error for a report that there is no picture of."""
    return error(UsageError, "W870", f"there is no picture of this: {why}", help=help)


def widened(low: float, high: float, part: float = 0.08) -> tuple[float, float]:
    """A range with some room at both ends; one of width 0 gets a width."""
    room = (high - low) * part or max(abs(low), 1.0) * part
    return low - room, high + room


def over_grid(flat: Any, places: Any, x: Any, y: Any) -> Any:
    """The values of a function of a vector over a grid, an array of (values, y, x).

    flat    a function of a vector of one element or two
    places  for each of these elements 0 if it is x, and 1 if it is y
    """
    import numpy as np

    across, up = (g.ravel() for g in np.meshgrid(x, y))
    columns = np.stack([(across, up)[int(p)] for p in places])
    try:
        found = flat.function(_batch(flat, columns))
        rows = [np.broadcast_to(v, (columns.shape[1],)) if np.ndim(v) < 2 else np.moveaxis(v, 0, -1)
                for v in (found if isinstance(found, tuple) else (found,))]  # fmt: skip
        rows = [np.reshape(r, (-1, columns.shape[1])) for r in rows]
    except WengertError:
        # A program that takes no batch, such as one over arrays of no declared shape.
        if len(x) > SLOW:
            raise
        each = []
        for c in columns.T:
            check_clock()
            each.append(np.reshape(flat.fun(c), -1))
        rows = [np.stack(each, axis=1)]
    return np.concatenate(rows).reshape(-1, len(y), len(x))


def _batch(flat: Any, columns: Any) -> dict[str, Any]:
    """The values of all inputs, with the columns of a matrix as a batch of vectors."""
    import numpy as np

    point, at = dict(flat.fixed), 0
    for n in flat.names:
        shape = flat.shapes[n]
        part = columns[at : at + flat.sizes[n]]
        point[n] = np.moveaxis(part.reshape(*shape, -1), -1, 0) if shape else part[0]
        at += flat.sizes[n]
    return point
