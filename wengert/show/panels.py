"""The parts of the pictures that reports of jobs have: points, curves, bands, bars, histograms, contours.

They are drawn in Axes of matplotlib, in the colours and with the dashes of `charts`; all texts are those of the user.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ground.names import shortened
from .charts import AS_IT_IS, INK, PALE, STROKES, beyond, figure_class, levels_of

# Points from which a cloud is drawn as an image within an SVG or a PDF, and with fainter signs.
MANY = 4000
SIGNS = ("o", "s", "^", "D", "v")
# Entries of a legend beyond which the rest is counted.
ENTRIES = 8


def panels(
    size: tuple[float, float], rows: int, columns: int, title: str = "", heights: Sequence[float] | None = None
) -> tuple[Any, Any]:  # fmt: skip
    """A figure and a grid of Axes, a nested array with rows and columns.

    size     inches
    heights  the heights of the rows, relative to each other
    """
    figure: Any = figure_class()(figsize=size, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, gridspec_kw={"height_ratios": heights} if heights else None)
    if title:
        figure.suptitle(shortened(title, int(9.5 * size[0])), fontsize=11, **AS_IT_IS)
    return figure, grid


def framed(axes: Any, across: str, up: str, title: str = "") -> None:
    """Label the Axes, and take away the sides that say nothing."""
    axes.set_xlabel(shortened(across), **AS_IT_IS)
    axes.set_ylabel(shortened(up, 34), **AS_IT_IS)
    if title:
        axes.set_title(shortened(title, 70), fontsize=9.5, **AS_IT_IS)
    axes.tick_params(labelsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def decades(axes: Any, across: bool = False) -> None:
    """Make an axis logarithmic: the vertical one, or with `across` the horizontal one."""
    scale = axes.set_xscale if across else axes.set_yscale
    scale("log")  # not an op: matplotlib's word


def legend(axes: Any, place: str = "best") -> None:
    """A legend of all that has a label, if anything has."""
    handles, names = axes.get_legend_handles_labels()
    if not handles:
        return
    names = [shortened(n, 44) for n in names]
    if len(names) > ENTRIES + 1:
        handles = handles[: ENTRIES + 1]
        names = [*names[:ENTRIES], f"… {len(names) - ENTRIES} more"]
    made = axes.legend(handles, names, fontsize=8.5, framealpha=0.88, handlelength=2.6, loc=place)
    for text in made.get_texts():
        text.set(**AS_IT_IS)


def curve(axes: Any, x: Any, y: Any, label: str, kind: int = 0, faint: bool = False) -> None:
    """A curve in the stroke of its kind; a faint one leads from point to point, and tells nothing between them."""
    colour, dashes, width = STROKES[kind % len(STROKES)]
    opacity = 0.4 if faint else 1.0
    axes.plot(x, y, color=colour, linestyle=dashes, linewidth=opacity * width, label=label or None, alpha=opacity,
              zorder=3)  # fmt: skip


def cloud(axes: Any, x: Any, y: Any, label: str, kind: int = 0, deviations: Any = None) -> None:
    """Measured points, with bars of their standard deviations where these are known."""
    many = len(x) > MANY
    colour = INK if not kind else STROKES[(kind - 1) % len(STROKES)][0]
    sign = SIGNS[kind % len(SIGNS)]
    if deviations is not None and not many:
        axes.errorbar(x, y, deviations, fmt="none", ecolor=colour, elinewidth=0.8, capsize=2, alpha=0.7, zorder=2)
    axes.plot(
        x, y, linestyle="", marker="." if many else sign, markersize=2 if many else 4.2, markerfacecolor="none",
        markeredgecolor=colour, markeredgewidth=0.9, alpha=0.35 if many else 0.9, label=label or None, zorder=2.5,
        rasterized=many,
    )  # fmt: skip


def band(axes: Any, x: Any, ends: tuple[Any, Any], label: str, kind: int = 0) -> None:
    """The area between two curves."""
    colour = STROKES[kind % len(STROKES)][0]
    axes.fill_between(x, *ends, color=colour, alpha=0.22, linewidth=0, label=label or None, zorder=1)


def limits(axes: Any, x: Any, ends: tuple[Any, Any], label: str) -> None:
    """Two thin curves with an area between them that is not drawn."""
    for k, y in enumerate(ends):
        axes.plot(x, y, color=PALE, linewidth=0.9, linestyle=(0, (4, 2)), label=(label or None) if not k else None)


def zero(axes: Any) -> None:
    """The line where a vertical axis is 0."""
    axes.axhline(0, color=PALE, linewidth=0.8, zorder=0)


def bars(axes: Any, names: Sequence[str], values: Sequence[float], texts: Sequence[str]) -> None:
    """Horizontal bars from the top down, each with a text at its end."""
    import numpy as np

    places = np.arange(len(names))
    colour = STROKES[0][0]
    axes.barh(places, values, height=0.64, color=[colour if v >= 0 else STROKES[1][0] for v in values])
    low, high = min(0.0, *values), max(0.0, *values)
    room = (high - low) or 1.0
    for k, (v, text) in enumerate(zip(values, texts)):
        axes.annotate(text, (v, k), (4 if v >= 0 else -4, 0), textcoords="offset points", fontsize=8.5, va="center",
                      ha="left" if v >= 0 else "right", **AS_IT_IS)  # fmt: skip
    axes.set_yticks(places, [shortened(n, 24) for n in names])
    for text in axes.get_yticklabels():
        text.set(**AS_IT_IS)
    axes.axvline(0, color=PALE, linewidth=0.8)
    axes.set_xlim(low - (0.22 * room if low < 0 else 0), high + 0.22 * room)
    axes.set_ylim(len(names) - 0.4, -0.6)


def histogram(axes: Any, edges: Any, heights: Any, label: str) -> None:
    """Columns between edges."""
    axes.stairs(heights, edges, fill=True, color=STROKES[0][0], alpha=0.3, label=label, zorder=1)
    axes.stairs(heights, edges, color=STROKES[0][0], linewidth=0.8, zorder=2)


def upright(axes: Any, places: Sequence[float], label: str, kind: int = 1) -> None:
    """Lines from bottom to top."""
    colour = STROKES[kind % len(STROKES)][0] if kind >= 0 else PALE
    for k, x in enumerate(places):
        axes.axvline(x, color=colour, linewidth=1.0, linestyle=(0, (2, 3)), label=(label or None) if not k else None)


def spot(axes: Any, x: Any, y: Any, label: str, sign: str = "*") -> None:
    """Places that matter: a root, a minimum, a start."""
    size, face = {"*": (13.0, "#f0e442"), "o": (6.0, "white"), "D": (5.5, "white")}.get(sign, (7.0, "white"))
    axes.plot(x, y, linestyle="", marker=sign, markersize=size, markerfacecolor=face, markeredgecolor=INK,
              markeredgewidth=1.0, label=label or None, zorder=6, clip_on=False)  # fmt: skip


def trail(axes: Any, x: Any, y: Any, label: str) -> None:
    """The path of a search."""
    axes.plot(x, y, color="white", linewidth=3.2, zorder=4)
    axes.plot(x, y, color=STROKES[1][0], linewidth=1.5, marker="o", markersize=3.6, markeredgecolor="white",
              markeredgewidth=0.5, label=label or None, zorder=5)  # fmt: skip


def terrain(axes: Any, x: Any, y: Any, z: Any, name: str) -> None:
    """Filled contours of values over a grid, with a bar of colours; places without a value stay white and hatched.

    x, y  the coordinates of columns and rows; `z[j, i]` is the value at (x[i], y[j])
    """
    import numpy as np

    finite = np.isfinite(z)
    axes.patch.set(hatch="//", edgecolor="#b0b0b0")
    if not finite.any():
        return
    few, most = np.percentile(z[finite], [0.5, 92])
    low, high = float(z[finite].min()), float(most if most > few else z[finite].max())
    if not high > low:
        low, high = low - 0.5, high + 0.5
    lowest = np.where(finite, z, np.nan)
    above = lowest - low
    levels, norm = levels_of((low, high), lowest[finite])
    if norm is None and np.nanpercentile(above, 90) > 30 * np.nanpercentile(above, 15) > 0:
        # Contours at equal distances would leave the valley of a minimum empty.
        first = np.log10(np.nanpercentile(above, 1) + 1e-12 * (high - low))
        last = np.log10(np.nanpercentile(above, 95))
        levels = low + np.logspace(max(first, last - 6), last, 12)
        norm = _by_steps(levels)
    extend = beyond(levels, lowest[finite])
    masked = np.ma.masked_invalid(lowest)
    filled = axes.contourf(x, y, masked, levels, cmap="cividis", extend=extend, norm=norm and norm(extend))
    axes.contour(x, y, masked, levels, colors=[INK], linewidths=0.4, linestyles="solid", alpha=0.7)
    bar = axes.figure.colorbar(filled, ax=axes, format="%.3g")
    bar.set_label(shortened(name, 44), **AS_IT_IS)
    bar.ax.tick_params(labelsize=8)


def _by_steps(levels: Any) -> Any:
    from matplotlib.colors import BoundaryNorm

    return lambda extend: BoundaryNorm(levels, 256, extend=extend)


def level_curve(axes: Any, x: Any, y: Any, z: Any, label: str, kind: int) -> None:
    """The curve where values over a grid are 0, in the stroke of its kind."""
    import numpy as np
    from matplotlib.lines import Line2D

    dashes: Any
    colour, dashes, width = STROKES[kind % len(STROKES)]
    # A change of sign at a pole is no zero: there the values beside it are huge.
    finite = np.isfinite(z)
    if finite.any() and z[finite].min() < 0 < z[finite].max():
        bound = 50 * np.percentile(abs(z[finite]), 60) or 1.0
        axes.contour(x, y, np.ma.array(z, mask=~finite | (abs(z) > bound)), [0.0], colors=[colour], linewidths=width,
                     linestyles=[dashes if isinstance(dashes, tuple) else "solid"], zorder=3)  # fmt: skip
    if label:
        axes.add_line(Line2D([], [], color=colour, linestyle=dashes, linewidth=width, label=label))


def shaded(axes: Any, x: Any, y: Any, outside: Any, label: str) -> None:
    """Hatch the part of a grid where a condition fails."""
    import numpy as np

    if np.any(outside):
        made = axes.contourf(x, y, outside.astype(float), [0.5, 1.5], colors=["#ffffff"], alpha=0.5, zorder=2)
        made.set(hatch="///", edgecolor=INK, linewidth=0.0)
        axes.fill_between([], [], [], facecolor="#dddddd", edgecolor=INK, hatch="///", linewidth=0, label=label)


__all__ = [
    "band", "bars", "cloud", "curve", "decades", "framed", "histogram", "legend", "level_curve", "limits", "panels",
    "shaded", "shortened", "spot", "terrain", "trail", "upright", "zero",
]  # fmt: skip
