"""The picture of an integration: the states over the time with their events, and below them the sensitivities, a panel
for each of the numbers that the solution is differentiated by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...show.panels import cloud, curve, framed, legend, panels, spot, upright, zero

if TYPE_CHECKING:
    from .trajectory import Trajectory

# Curves in one panel, and panels of one column; states whose ranges differ by this factor have panels of their own.
CURVES, PANELS, APART = 10, 6, 12.0
# Times below which each is marked.
FEW = 26


def trajectory_figure(found: Trajectory) -> Any:
    """The figure of an integration."""
    import numpy as np

    n = len(found.elements)
    states = found.table[:, :n]
    groups = _groups(states)
    rows = len(groups) + min(len(found.by), PANELS)
    heights = [3.0 if len(groups) == 1 else 2.0] * len(groups) + [1.8] * (rows - len(groups))
    figure, grid = panels((7.0, 1.0 + sum(heights)), rows, 1, heights=heights)
    for row, group in enumerate(groups):
        axes = grid[row][0]
        for kind, k in enumerate(group):
            _line(axes, found.t, states[:, k], found.elements[k], kind)
        framed(axes, "", found.elements[group[0]] if len(group) == 1 else "states")
        _events(axes, found, [found.elements[k] for k in group], not row)
    starts = set(found.elements)
    for row, name in enumerate(found.by[:PANELS], len(groups)):
        axes = grid[row][0]
        first = n * (1 + row - len(groups))
        for kind, k in enumerate(range(min(n, CURVES))):
            _line(axes, found.t, found.table[:, first + k], f"∂{found.elements[k]}/∂{name}", kind)
        zero(axes)
        framed(axes, "", f"by {name}" + (" at the start" if name in starts else ""))
        legend(axes)
    for row in range(rows):
        grid[row][0].set_xlim(float(np.min(found.t)), float(np.max(found.t)) or 1.0)
        grid[row][0].tick_params(labelbottom=row == rows - 1)
    grid[rows - 1][0].set_xlabel("t")
    return figure


def _line(axes: Any, t: Any, y: Any, label: str, kind: int) -> None:
    curve(axes, t, y, label, kind, faint=len(t) < FEW)
    if len(t) < FEW:
        cloud(axes, t, y, "", 1 + kind % 5)


def _groups(states: Any) -> list[list[int]]:
    """The states that share a panel: all of them, or one for each panel if one scale cannot show them all."""
    import numpy as np

    shown = list(range(min(states.shape[1], CURVES)))
    low, high = np.nanmin(states, axis=0), np.nanmax(states, axis=0)
    heights = np.where(high > low, high - low, 0.0)[shown]
    moving = heights[heights > 0]
    whole = float(np.max(high[shown]) - np.min(low[shown]))
    if len(moving) < 2 or whole <= APART * float(moving.min()):
        return [shown]
    return [[k] for k in shown[:PANELS]]


def _events(axes: Any, found: Trajectory, names: list[str], first: bool) -> None:
    """A line for each event and a sign on the curves, and then the legend."""
    import numpy as np

    for kind, text in enumerate(dict.fromkeys(e.text for e in found.events)):
        times = [e.t for e in found.events if e.text == text]
        upright(axes, times[:200], text, 3 + kind)
    marked = [(e.t, float(np.ravel(e.point[n])[0])) for e in found.events[:200] for n in names if n in e.point]
    if marked:
        spot(axes, [t for t, _ in marked], [y for _, y in marked], "", "D")
    if found.ended_by is not None and first:
        axes.set_title(f"ended by {found.ended_by}", fontsize=9, parse_math=False)
    if len(names) > 1 or marked:
        legend(axes)
