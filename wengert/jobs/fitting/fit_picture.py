"""The picture of a fit: over one column of data the points, the curve and its bands, and the residuals below; over
several the residuals against the fitted values, and beside them in order against the quantiles of a normal distribution
(W. S. Cleveland, "Visualizing Data", Hobart Press 1993, section 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...show.panels import band, cloud, curve, decades, framed, legend, limits, panels, zero
from ..report_pictures import CURVE

if TYPE_CHECKING:
    from .fit import Fit

# A column that is above 0, and whose largest value is this multiple of its median, has a logarithmic axis.
LONG = 30.0
# Parts of a joint fit that have a curve each.
PARTS = 10


def fit_figure(found: Fit) -> Any:
    """The figure of a fit."""
    title = "; ".join(found.problem.title.split("\n"))
    moving = {_moving(p.problem.carriers) for p in found.problem.parts}
    if len(moving) == 1 and (name := moving.pop()):
        return _of_parts(found, name, title)
    if name := _moving(found.problem.carriers):
        return _over_column(found, name, title)
    return _residuals(found, title)


def _moving(carriers: Mapping[str, Any]) -> str:
    """The one column of data, or the one whose values differ; "" if there is no such column, or more."""
    if len(carriers) == 1:
        return next(iter(carriers))
    names = [n for n, v in carriers.items() if v.min() < v.max()]
    return names[0] if len(names) == 1 else ""


def _along(carriers: Mapping[str, Any], name: str, along: Any) -> dict[str, Any]:
    """The columns for a curve over one of them, with the values that the others have in all rows."""
    import numpy as np

    held = {n: np.full(len(along), float(v[0])) for n, v in carriers.items() if n != name}
    return {name: along, **held}


def _over_column(found: Fit, name: str, title: str) -> Any:
    import numpy as np

    figure, grid = panels((6.6, 5.4), 2, 1, title, (3.0, 1.0))
    above, below = grid[0][0], grid[1][0]
    x = np.asarray(found.problem.carriers[name])
    long = bool(x.min() > 0) and float(x.max()) > LONG * float(np.median(x))
    along = (np.geomspace if long else np.linspace)(x.min(), x.max(), CURVE)
    deviations = None
    if found.problem.absolute and found.problem.weights is not None:
        deviations = 1 / np.sqrt(found.problem.weights)
    cloud(above, x, found.responses, "data", 0, deviations)
    level = f"{100 * found.confidence:g} %"
    made = found.predict(_along(found.problem.carriers, name, along))
    if np.isfinite(made.error).all():
        if found.problem.weights is None:  # else a further point has a deviation that is not known
            limits(above, along, made.further, f"{level} band of a further point")
        band(above, along, made.interval, f"{level} band of the curve")
    curve(above, along, made.value, "fit")
    framed(above, "", found.problem.response)
    cloud(below, x, found.residuals, "", 0, deviations)
    zero(below)
    framed(below, name, "residual")
    low, high = float(x.min()), float(x.max())
    for axes in (above, below):
        if long:
            decades(axes, across=True)
        elif high > low:
            axes.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    above.tick_params(labelbottom=False)
    _at_points(above, found, made)
    legend(above)
    return figure


def _of_parts(found: Fit, name: str, title: str) -> Any:
    """Data and curve of each data set or response, and the residuals of all."""
    import numpy as np

    parts = found.problem.parts
    figure, grid = panels((7.2, 5.6), 2, 1, title, (3.0, 1.0))
    above, below = grid[0][0], grid[1][0]
    for kind, part in enumerate(parts):
        x = np.asarray(part.problem.carriers[name])
        begin, end = part.rows
        sign = 1 + kind % 5
        cloud(above, x, found.responses[begin:end], part.label if len(parts) > PARTS else "", sign)
        cloud(below, x, found.residuals[begin:end], "", sign)
        if kind < PARTS:
            along = np.linspace(x.min(), x.max(), CURVE)
            made = found.predict(_along(part.problem.carriers, name, along), of=part.label)
            if np.isfinite(made.error).all():
                band(above, along, made.interval, "", kind)
            curve(above, along, made.value, part.label, kind)
    zero(below)
    names = dict.fromkeys(p.problem.response for p in parts)
    framed(above, "", ", ".join(names) if len(names) < 4 else "responses")
    framed(below, name, "residual")
    above.tick_params(labelbottom=False)
    low, high = above.get_xlim()
    below.set_xlim(low, high)
    legend(above)
    return figure


def _at_points(axes: Any, found: Fit, made: Any) -> None:
    """Keep the heights to those of data and curve: a band may be wider by far."""
    import numpy as np

    seen = np.concatenate([found.responses, made.value[np.isfinite(made.value)]])
    low, high = float(seen.min()), float(seen.max())
    room = (high - low) or 1.0
    bottom, top = axes.get_ylim()
    axes.set_ylim(max(bottom, low - 0.35 * room), min(top, high + 0.35 * room))


def _residuals(found: Fit, title: str) -> Any:
    import numpy as np

    figure, grid = panels((9.2, 4.2), 1, 2, title)
    left, right = grid[0]
    standard = found.table()["standardised"]
    kept = np.isfinite(standard)
    cloud(left, found.fitted, found.residuals, "")
    zero(left)
    framed(left, f"fitted {found.problem.response}", "residual", "residuals")
    quantiles, ordered = normal_quantiles(standard[kept])
    ends = np.array([quantiles.min(), quantiles.max()]) if len(quantiles) else np.array([-1.0, 1.0])
    curve(right, ends, ends, "normal", 1)
    cloud(right, quantiles, ordered, "")
    framed(right, "normal quantile", "residual in standard deviations", "residuals in order")
    legend(right, "upper left")
    return figure


def normal_quantiles(values: Any) -> tuple[Any, Any]:
    """The values in ascending order, and before them the quantiles of the normal distribution at (k - 1/2)/n."""
    from statistics import NormalDist

    import numpy as np

    ordered = np.sort(values)
    n = len(ordered)
    inverse = NormalDist().inv_cdf
    return np.array([inverse((k + 0.5) / n) for k in range(n)]), ordered
