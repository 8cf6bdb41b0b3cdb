"""The picture of a minimization: contours with constraints and the path over two unknowns, the curve over one, and over
more the objective by iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...show.panels import curve, decades, framed, legend, level_curve, panels, shaded, spot, terrain, trail
from ..report_pictures import CURVE, GRID, SLOW, over_grid, widened
from ..report_text import few

if TYPE_CHECKING:
    from .minimum import Landscape, Minimum

# Constraints that have a curve of their own each.
CURVES = 5


def minimum_figure(found: Minimum) -> Any:
    """The figure of a minimization."""
    import numpy as np

    scene = found.landscape
    points = [i.x for i in scene.iterates if i.x is not None and np.all(np.isfinite(i.x))]
    if len(scene.elements) == 2 and points:
        return _contours(found, scene, np.array(points))
    if len(scene.elements) == 1 and points and not scene.parts:
        return _over_one(found, scene, np.array(points))
    return _by_iteration(found, scene)


def objective_name(scene: Landscape) -> str:
    """The objective in a picture: its text if that is one short formula."""
    f = scene.flat.function
    text: str = f.program.source.text.strip()
    return text if 0 < len(text) <= 70 and ";" not in text and "\n" not in text else str(f.outputs[0])


def _box(scene: Landscape, points: Any, minima: Any, k: int) -> tuple[float, float]:
    """The range of element k in a picture: around the path and the minima, within bounds that are near."""
    import numpy as np

    values = np.concatenate([points[:, k], minima[:, k]])
    # One step far out would leave the rest of the path a dot.
    low, high = np.quantile(values, [0.02, 0.98]) if len(values) > 50 else (values.min(), values.max())
    low, high = widened(float(min(low, values[0], values[-1])), float(max(high, values[0], values[-1])), 0.22)
    width = high - low
    if np.isfinite(scene.low[k]):
        low = max(low, float(scene.low[k]) - 0.03 * width)
    if np.isfinite(scene.high[k]):
        high = min(high, float(scene.high[k]) + 0.03 * width)
    return low, high


def _minima(found: Minimum, points: Any) -> Any:
    import numpy as np

    return np.array([m.x for m in found.minima[:50]]) if found.minima else points[-1:]


def _contours(found: Minimum, scene: Landscape, points: Any) -> Any:
    import numpy as np

    minima = _minima(found, points)
    ranges = [_box(scene, points, minima, k) for k in (0, 1)]
    # A picture that is nearly square shows the path best.
    widths = [high - low for low, high in ranges]
    for k in (0, 1):
        if 1e-3 < widths[k] / max(widths) < 0.4:
            ranges[k] = widened(*ranges[k], (0.4 * max(widths) / widths[k] - 1) / 2)
    slow = bool(scene.flat.fixed) and any(np.ndim(v) for v in scene.flat.fixed.values())
    size = SLOW if slow else GRID
    x, y = (np.linspace(*ends, size) for ends in ranges)
    z = over_grid(scene.flat, (0, 1), x, y)[0]
    figure, grid = panels((7.0, 5.4), 1, 1, objective_name(scene))
    axes = grid[0][0]
    terrain(axes, x, y, z, objective_name(scene))
    outside = np.zeros((size, size), dtype=bool)
    for kind, part in enumerate(scene.parts):
        values = over_grid(part.flat, part.places, x, y)
        for row, low, high in zip(values, part.low, part.high):
            if low != high:
                outside |= ~((row >= low) & (row <= high))
            ends = [low] if low == high else [end for end in (low, high) if np.isfinite(end)]
            for end in ends if kind < CURVES else ():
                level_curve(axes, x, y, row - end, part.text, 2 + kind)
    for k, (low, high) in enumerate(zip(scene.low, scene.high)):
        across = np.broadcast_to(x if not k else y[:, None], (size, size))
        outside |= (across < low) | (across > high)
    shaded(axes, x, y, outside, "outside the constraints" if scene.parts else "outside the bounds")
    trail(axes, points[:, 0], points[:, 1], "the search")
    spot(axes, points[:1, 0], points[:1, 1], "the start", "o")
    if len(minima) > 1:
        spot(axes, minima[1:, 0], minima[1:, 1], "other minima", "D")
    end = [np.ravel(v) for v in found.point.values()]
    place = np.concatenate(end)
    spot(axes, place[:1], place[1:], ("minimum: " if found.ok else "the end: ") + few(found.value, 6))
    axes.set_xlim(*ranges[0])
    axes.set_ylim(*ranges[1])
    framed(axes, scene.elements[0], scene.elements[1])
    legend(axes)
    return figure


def _over_one(found: Minimum, scene: Landscape, points: Any) -> Any:
    import numpy as np

    minima = _minima(found, points)
    low, high = _box(scene, points, minima, 0)
    x = np.linspace(low, high, CURVE)
    figure, grid = panels((6.6, 4.2), 1, 1, objective_name(scene))
    axes = grid[0][0]
    curve(axes, x, over_grid(scene.flat, (0,), x, np.zeros(1))[0, 0], objective_name(scene))
    values = np.array([i.value for i in scene.iterates if i.x is not None and np.all(np.isfinite(i.x))])
    trail(axes, points[:, 0], values, "the search")
    spot(axes, points[:1, 0], values[:1], "the start", "o")
    if len(minima) > 1:
        spot(axes, minima[1:, 0], [m.value for m in found.minima[1:50]], "other minima", "D")
    place = float(np.ravel(next(iter(found.point.values())))[0])
    spot(axes, [place], [found.value], f"{'the minimum' if found.ok else 'the end'}: {few(found.value, 6)}")
    framed(axes, scene.elements[0], objective_name(scene))
    legend(axes)
    return figure


def _by_iteration(found: Minimum, scene: Landscape) -> Any:
    import numpy as np

    values = np.array([i.value for i in scene.iterates])
    turns = np.arange(len(values))
    two = not scene.parts
    figure, grid = panels((6.8, 5.2 if two else 3.8), 2 if two else 1, 1, objective_name(scene))
    axes = grid[0][0]
    above = values - found.value
    # The last digits alone are no progress.
    ground = 1e-16 * max(1.0, float(np.nanmax(np.abs(values), initial=1.0)))
    if len(values) and np.isfinite(found.value) and np.all(above[np.isfinite(above)] >= -ground):
        decades(axes)
        trail(axes, turns, np.where(above > ground, above, np.nan), "")
        framed(axes, "" if two else "evaluation of the gradient", f"objective − {few(found.value, 6)}")
    else:
        trail(axes, turns, values, "")
        framed(axes, "" if two else "evaluation of the gradient", "objective")
    if two:
        below = grid[1][0]
        decades(below)
        slopes = np.array([i.slope if i.slope else np.nan for i in scene.iterates], dtype=float)
        trail(below, turns, slopes, "")
        framed(below, "evaluation of the gradient", "largest element of the gradient")
    return figure
