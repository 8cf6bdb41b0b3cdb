"""The picture of a search for a root: the curves of two equations in two unknowns, the curve of one in one unknown, and
of more of them the residuals by evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...show.panels import curve, decades, framed, legend, level_curve, panels, spot, trail, zero
from ..report_pictures import CURVE, GRID, over_grid, widened

if TYPE_CHECKING:
    from .root_report import Root

# Curves of one picture.
CURVES = 6


def root_figure(found: Root) -> Any:
    """The figure of a search."""
    import numpy as np

    scene = found.search
    points = np.array([i.x for i in scene.iterates if i.x is not None and np.all(np.isfinite(i.x))])
    if len(scene.elements) == 2 and len(points):
        return _curves(found, points)
    if len(scene.elements) == 1 and len(found.equations) == 1 and len(points):
        return _over_one(found, points)
    return _by_evaluation(found)


def _range(found: Root, points: Any, k: int) -> tuple[float, float]:
    """The range of element k: around the start, the roots and the best half of the points."""
    import numpy as np

    lengths = np.array([i.value for i in found.search.iterates if i.x is not None and np.all(np.isfinite(i.x))])
    good = points[lengths <= np.median(lengths), k]
    values = np.concatenate([points[:1, k], points[-1:, k], good, [r.x[k] for r in found.roots[:50]]])
    low, high = widened(float(values.min()), float(values.max()), 0.35)
    # The curves are worth seeing beyond a short search.
    middle = (low + high) / 2
    room = max(abs(middle), 0.75, (high - low) / 2)
    return middle - room, middle + room


def _curves(found: Root, points: Any) -> Any:
    import numpy as np

    scene = found.search
    ranges = [_range(found, points, k) for k in (0, 1)]
    widths = [high - low for low, high in ranges]
    for k in (0, 1):
        if 1e-3 < widths[k] / max(widths) < 0.6:
            ranges[k] = widened(*ranges[k], (0.6 * max(widths) / widths[k] - 1) / 2)
    x, y = (np.linspace(*ends, 2 * GRID) for ends in ranges)
    figure, grid = panels((6.2, 5.6), 1, 1, "")
    axes = grid[0][0]
    kind = 0
    for part in scene.parts:
        for row, level in zip(over_grid(part.flat, part.places, x, y), part.low):
            if kind < CURVES:
                level_curve(axes, x, y, row - level, found.equations[kind].text, kind)
            kind += 1
    spot(axes, points[:1, 0], points[:1, 1], "the start", "o")
    others = [r.x for r in found.roots if not np.array_equal(r.x, scene.x)]
    if found.roots:
        spot(axes, [x[0] for x in others] + [scene.x[0]] * found.ok, [x[1] for x in others] + [scene.x[1]] * found.ok,
             "roots" if len(found.roots) > 1 else "root")  # fmt: skip
    if not found.ok:
        spot(axes, [scene.x[0]], [scene.x[1]], "no root: the residuals are least", "X")
    axes.set_xlim(*ranges[0])
    axes.set_ylim(*ranges[1])
    framed(axes, scene.elements[0], scene.elements[1])
    legend(axes)
    return figure


def _over_one(found: Root, points: Any) -> Any:
    import numpy as np

    scene = found.search
    low, high = _range(found, points, 0)
    x = np.linspace(low, high, CURVE)
    (part,) = scene.parts
    figure, grid = panels((6.6, 4.2), 1, 1, found.equations[0].text)
    axes = grid[0][0]
    y = over_grid(part.flat, part.places, x, np.zeros(1))[0, 0] - part.low[0]
    curve(axes, x, y, "left side − right side")
    zero(axes)
    spot(axes, points[:1, 0], np.interp(points[:1, 0], x, y), "the start", "o")
    if found.ok:
        roots = [float(r.x[0]) for r in found.roots]
        spot(axes, roots, [0.0] * len(roots), "roots" if len(roots) > 1 else "root")
    else:
        spot(axes, [scene.x[0]], [found.equations[0].residual], "no root: the residual is least", "X")
    framed(axes, scene.elements[0], "left side − right side")
    legend(axes)
    return figure


def _by_evaluation(found: Root) -> Any:
    import numpy as np

    lengths = np.array([i.value for i in found.search.iterates], dtype=float)
    figure, grid = panels((6.6, 3.8), 1, 1, f"{len(found.equations)} equations in {found.unknowns} unknowns")
    axes = grid[0][0]
    positive = np.where(lengths > 0, lengths, np.nan)
    if np.isfinite(positive).any():
        decades(axes)
    trail(axes, np.arange(len(lengths)), positive, "")
    framed(axes, "evaluation", "length of the residuals")
    if not lengths[-1] > 0:
        axes.annotate("the last residuals are 0", (0.98, 0.94), xycoords="axes fraction", ha="right", fontsize=8.5)
    return figure
