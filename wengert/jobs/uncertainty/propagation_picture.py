"""The picture of a propagation: for each output the shares of the inputs as bars, and below them the histogram of Monte
Carlo beside the normal distribution of first order."""

from __future__ import annotations

from math import isfinite, pi, sqrt
from typing import TYPE_CHECKING, Any

from ...show.panels import bars, curve, framed, histogram, legend, panels, upright
from ..report_pictures import CURVE, without_picture
from ..report_text import with_uncertainty

if TYPE_CHECKING:
    from .propagate import Budget
    from .propagation import Propagation

# The most outputs side by side, and the most bars of one output.
OUTPUTS, BARS = 4, 16


def propagation_figure(found: Propagation) -> Any:
    """The figure of a propagation. Raises UsageError for a batch of points."""
    if found.is_batch:
        raise without_picture("these are many points", "call it for each point of interest")
    shown = range(min(len(found.budgets), OUTPUTS))
    rows = 2 if found.monte_carlo else 1
    tall = 1.3 + 0.32 * max(2, min(len(found.labels), BARS))
    size = (6.6 if len(shown) == 1 else 4.6 * len(shown), tall + 3.0 * (rows - 1))
    figure, grid = panels(size, rows, len(shown), heights=[tall, 3.0] if rows == 2 else None)
    for k in shown:
        b = found.budgets[k]
        title = f"{found.title(k)} = {with_uncertainty(b.value, b.uncertainty)}"
        _shares(grid[0][k], found, b, title)
        if rows == 2:
            _distribution(grid[1][k], found, k, found.title(k))
    return figure


def _shares(axes: Any, found: Propagation, b: Budget, title: str) -> None:
    """The largest shares first; the rest of many inputs as one bar."""
    pairs = sorted(zip(found.labels, map(float, b.shares)), key=lambda pair: -abs(pair[1]))
    if len(pairs) > BARS:
        rest = pairs[BARS - 1 :]
        pairs = [*pairs[: BARS - 1], (f"{len(rest)} others", sum(v for _, v in rest))]
    if not pairs:
        pairs = [("no uncertain input", 0.0)]
    values = [100 * v if isfinite(v) else 0.0 for _, v in pairs]
    bars(axes, [n for n, _ in pairs], values, [f"{v:.1f} %" for v in values])
    framed(axes, "share of the variance in %", "", title)


def _distribution(axes: Any, found: Propagation, k: int, name: str) -> None:
    import numpy as np

    drawn, b, second = found.monte_carlo[k], found.budgets[k], found.second_order[k]
    if not len(drawn.heights):
        axes.annotate("all samples have one value" if drawn.samples > drawn.lost else "no sample has a value",
                      (0.5, 0.5), xycoords="axes fraction", ha="center", fontsize=9)  # fmt: skip
        framed(axes, name, "density")
        return
    histogram(axes, drawn.edges, drawn.heights, f"Monte Carlo, {drawn.samples:,} samples")
    low, high = float(drawn.edges[0]), float(drawn.edges[-1])
    kinds = [("first order", float(b.value), float(b.uncertainty), 1)]
    if second is not None and found.matters(k):
        kinds.append(("second order", float(second.value), float(second.uncertainty), 2))
    for label, mean, u, kind in kinds:
        if isfinite(mean) and isfinite(u) and u > 1e-3 * (high - low):
            low, high = min(low, mean - 3 * u), max(high, mean + 3 * u)
            x = np.linspace(low, high, CURVE)
            curve(axes, x, np.exp(-(((x - mean) / u) ** 2) / 2) / (u * sqrt(2 * pi)), f"normal, {label}", kind)
        elif isfinite(mean):
            upright(axes, [mean], f"{label}: no uncertainty", kind)
    upright(axes, drawn.interval, f"{100 * found.confidence:g} % interval", -1)
    axes.set_ylim(0, 1.55 * float(np.max(drawn.heights)))
    axes.set_xlim(low, high)
    framed(axes, name, "density")
    legend(axes, "upper right")
