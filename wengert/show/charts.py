"""Charts of curves and surfaces, drawn with matplotlib's objects alone: no window, and no shared state.

Colours are those of M. Okabe and K. Ito, "Color universal design" (2008). Curves differ in their dashes and marks in
their shapes, so that no information is in colours alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..ground.errors import UsageError, error, shown, suggestion
from ..ground.tuples import NamedTuple

if TYPE_CHECKING:
    from .curves import Curves, Window
    from .fields import Surface

SUFFIXES = {".png": "png", ".svg": "svg", ".pdf": "pdf"}
FORMATS = tuple(SUFFIXES.values())
INSTALL = 'pip install "wengert[plot]"'
# The strokes of a curve and of its derivatives: a colour, dashes, and a width.
STROKES = (
    ("#0072b2", "-", 1.8), ("#d55e00", (0, (5, 2)), 1.5), ("#008a63", (0, (1, 1.4)), 1.6),
    ("#a8327a", (0, (6, 2, 1, 2)), 1.4), ("#5a5a5a", (0, (3, 1, 1, 1, 1, 1)), 1.4),
)  # fmt: skip
INK, PALE = "#303030", "#8a8a8a"
# A text of the user's: neither matplotlib's formulas nor those of TeX.
AS_IT_IS: dict[str, Any] = {"parse_math": False, "usetex": False}
# Signs for marks. Poles are lines from bottom to top.
_SIGNS: dict[str, dict[str, Any]] = {
    "kink": {"marker": "D", "markersize": 5.5, "markerfacecolor": "white", "markeredgecolor": INK},
    "jump": {"marker": "s", "markersize": 5, "markerfacecolor": INK, "markeredgecolor": INK},
    "hole": {"marker": "o", "markersize": 6, "markerfacecolor": "white", "markeredgecolor": INK},
}
# Marks of a curve beyond which each would hide the others.
MARKS = 100
# Heights of the plot that a curve is followed beyond it.
_BEYOND = 20


class Chart(NamedTuple):
    """The curves of one output.

    names   for each curve its name in the legend
    drawn   the curves to draw, by their places in `curves`
    """

    curves: Curves
    names: tuple[str, ...]
    drawn: tuple[int, ...]


class Map(NamedTuple):
    """A surface over two inputs, and the names of the output and of the slopes that arrows show, if any."""

    surface: Surface
    name: str
    arrows: str


def chart_format(format: str, file: str | bytes | None) -> str:
    """The format of a chart by its name, or else by the suffix of a file. Raises UsageError."""
    if format:
        if format not in FORMATS:
            raise error(UsageError, "W680", f"no plot has the format {shown(format)}",
                        help=suggestion(format, FORMATS) or f"one of {', '.join(FORMATS)}")  # fmt: skip
        return format
    name = "" if file is None else file if isinstance(file, str) else file.decode("utf-8", "replace")
    stem, point, suffix = name.replace("\\", "/").rpartition("/")[2].rpartition(".")
    found = SUFFIXES.get(f".{suffix.lower()}") if point and stem else None
    if found is None:
        told = f"the suffix `.{suffix}`" if point and stem else f"the name `{name}`, which has no suffix,"
        raise error(UsageError, "W680", f"{told} is that of no plot", help=f"one of {', '.join(SUFFIXES)}")
    return found


def figure_class() -> Any:
    """Matplotlib's Figure. Raises UsageError where the extra is missing."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise error(UsageError, "W686", "plots are drawn by matplotlib, which is not installed",
                    help=INSTALL) from None  # fmt: skip
    return Figure


def axes_of(axes: Any, count: int | None = None) -> list[Any]:
    """The Axes that a caller gives, for `count` outputs if that is known. Raises UsageError for anything else."""
    figure_class()
    from matplotlib.axes import Axes

    given = [axes] if isinstance(axes, Axes) else axes
    try:
        found = [a for a in given if isinstance(a, Axes)]
        whole = len(found) == len(given)
    except Exception:
        found, whole = [], False
    if not whole:
        raise error(UsageError, "W609", f"axes are an Axes of matplotlib, or one for each output, not {shown(axes)}",
                    help="for instance `matplotlib.figure.Figure().subplots()`")  # fmt: skip
    if count is not None and len(found) != count:
        raise error(UsageError, "W609", f"{count} outputs are drawn in as many Axes, not in {len(found)}",
                    help="choose one with `output`")  # fmt: skip
    return found


def charts(made: Sequence[Chart], label: str, title: str, axes: Any = None) -> Any:
    """The figure of the curves of some outputs, side by side, over an input called `label`.

    Derivatives share the Axes of their curve, unless heights differ too much for one scale: then they are below it.
    With `axes`, one for each output, all are drawn there.
    """
    if axes is not None:
        given = axes_of(axes, len(made))
        for chart, one in zip(made, given):
            _draw(one, chart, chart.drawn, label)
        return given[0].figure
    split = any(_unlike([chart.curves.windows[k] for k in chart.drawn]) for chart in made)
    rows = max(len(chart.drawn) for chart in made) if split else 1
    size = (6.4 if len(made) == 1 else 4.6 * len(made), 4.2 if rows == 1 else 1.1 + 2.1 * rows)
    figure, grid = _grid(size, rows, len(made), title)
    for column, chart in enumerate(made):
        for row in range(rows):
            _draw(grid[row][column], chart, chart.drawn[row : row + 1] if split else chart.drawn, label, row)
            if row < rows - 1:
                grid[row][column].set_xlabel("")
                grid[row][column].tick_params(labelbottom=False)
    return figure


def _grid(
    size: tuple[float, float], rows: int, columns: int, title: str, layout: str = "constrained"
) -> tuple[Any, Any]:
    figure: Any = figure_class()(figsize=size, layout=layout)
    grid = figure.subplots(rows, columns, squeeze=False)
    if title:
        figure.suptitle(title, fontsize=11, **AS_IT_IS)
    return figure, grid


def _unlike(windows: Sequence[Window]) -> bool:
    """Whether no scale shows all of these windows."""
    heights = [w.height for w in windows]
    whole = max(w.high for w in windows) - min(w.low for w in windows)
    return whole > 3.5 * min(heights)


def _draw(axes: Any, chart: Chart, drawn: Sequence[int], label: str, first: int = 0) -> None:
    """Draw some of the curves of a chart. Their strokes begin with the one at `first`."""
    import numpy as np

    found = chart.curves
    windows = [found.windows[k] for k in drawn]
    low, high = min(w.low for w in windows), max(w.high for w in windows)
    room = 0.06 * (high - low)
    axes.axhline(0, color=PALE, linewidth=0.6, zorder=0)
    handles = []
    for place, k in enumerate(drawn):
        colour, dashes, width = STROKES[(first + place) % len(STROKES)]
        x, y = found.lines[k]
        y = np.clip(y, low - _BEYOND * (high - low), high + _BEYOND * (high - low))
        handles += axes.plot(x, y, color=colour, linestyle=dashes, linewidth=width)
    names = [chart.names[k] for k in drawn]
    more = _marks(axes, found, drawn, (handles, names))
    _frame(axes, found.lines[0][0], (low - room, high + room), label)
    legend = axes.legend(handles, names, fontsize=9, framealpha=0.85, handlelength=2.8, loc="best")
    for text in legend.get_texts():
        text.set(**AS_IT_IS)
    if more:
        axes.annotate(f"{more:,} more marks are not drawn", (0.01, 0.01), xycoords="axes fraction", fontsize=8)


def _frame(axes: Any, x: Any, heights: tuple[float, float], label: str) -> None:
    if len(x):
        axes.set_xlim(float(x[0]), float(x[-1]))
    axes.set_ylim(*heights)
    axes.set_xlabel(label, **AS_IT_IS)
    axes.margins(x=0)
    axes.tick_params(labelsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _marks(axes: Any, found: Curves, drawn: Sequence[int], legend: tuple[list[Any], list[str]]) -> int:
    """Draw the marks of curves, and the gaps, and add them to the handles and names of the legend. Returns the number
    of marks that are left out."""
    handles, names = legend
    lists = [[m.x for m in found.marks[k] if m.kind == "pole"] for k in drawn]
    # A derivative that oscillates without end has steep places that are no poles of its function.
    poles = dict.fromkeys(x for k, places in zip(drawn, lists) for x in places if not k or len(places) < MARKS / 2)
    left_out = 0
    for n, x in enumerate(list(poles)[:MARKS]):
        line = axes.axvline(x, color=INK, linewidth=0.9, linestyle=(0, (2, 3)), zorder=1)
        if not n:
            handles.append(line)
            names.append("pole" if len(poles) == 1 else "poles")
    left_out += max(0, len(poles) - MARKS)
    for kind, sign in _SIGNS.items():
        # Where a curve has a kink its derivative jumps: that is not marked a second time.
        marks = [
            m for k in drawn for m in found.marks[k] if m.kind == kind and isfinite(m.y) and (kind == "kink" or not k)
        ]
        if marks:
            shown_marks = marks[:MARKS]
            handles += axes.plot([m.x for m in shown_marks], [m.y for m in shown_marks], linestyle="", zorder=4, **sign)
            names.append(kind if len(marks) == 1 else f"{kind}s")
            left_out += len(marks) - len(shown_marks)
    for n, (start, end) in enumerate(found.gaps):
        area = axes.axvspan(start, end, facecolor="none", edgecolor=PALE, hatch="//", linewidth=0, alpha=0.5, zorder=0)
        if not n:
            handles.append(area)
            names.append("no value")
    return left_out


def maps(made: Sequence[Map], labels: tuple[str, str], title: str, axes: Any = None) -> Any:
    """The figure of some outputs over two inputs called `labels`: contours of each, and arrows along its gradient."""
    if axes is not None:
        given = axes_of(axes, len(made))
        for one, place in zip(made, given):
            _contours(place, one, labels)
        return given[0].figure
    figure, grid = _grid((5.6 * len(made), 4.6), 1, len(made), title, "compressed")
    for one, place in zip(made, grid[0]):
        _contours(place, one, labels)
    return figure


def _contours(axes: Any, drawn: Map, labels: tuple[str, str]) -> None:
    import numpy as np
    from matplotlib.tri import Triangulation

    s = drawn.surface
    triangles, mask = _triangles(s)
    x, y = (g.ravel() for g in np.meshgrid(s.x, s.y))
    axes.set_facecolor("#ffffff")
    axes.patch.set(hatch="//", edgecolor="#b0b0b0")
    if not mask.all():
        net = Triangulation(x, y, triangles, mask)
        low, high = s.window
        height = high - low
        z = np.clip(np.where(np.isfinite(s.values), s.values, 0.0).ravel(), low - height, high + height)
        used = z[triangles[~mask]]
        levels, norm = levels_of(s.window, used)
        extend = beyond(levels, used)
        filled = axes.tricontourf(net, z, levels, cmap="cividis", extend=extend, norm=norm and norm(extend))
        if used.min() < used.max():
            lines = axes.tricontour(net, z, levels, colors=[INK], linewidths=0.5, linestyles="solid")
            axes.clabel(lines, fontsize=7, inline_spacing=2, fmt="%g")
        bar = axes.figure.colorbar(filled, ax=axes)
        bar.set_label(drawn.name, **AS_IT_IS)
        bar.ax.tick_params(labelsize=8)
    handles, names = _signs(axes, s)
    if drawn.arrows:
        _arrows(axes, s)
    axes.set_xlim(float(s.x[0]), float(s.x[-1]))
    axes.set_ylim(float(s.y[0]), float(s.y[-1]))
    axes.set_xlabel(labels[0], **AS_IT_IS)
    axes.set_ylabel(labels[1], **AS_IT_IS)
    axes.tick_params(labelsize=9)
    if 1 / 3 < (s.x[-1] - s.x[0]) / (s.y[-1] - s.y[0]) < 3:
        axes.set_aspect("equal")  # not an op: a word of matplotlib
    caption = [f"arrows: {drawn.arrows}, length ∝ √|{drawn.arrows}|"] if drawn.arrows else []
    caption += ["hatched: no value"] if not np.isfinite(s.values).all() else []
    if caption:
        axes.set_title("; ".join(caption), fontsize=9, **AS_IT_IS)
    if handles:
        axes.legend(handles, names, fontsize=8, loc="upper right", framealpha=0.85)


def beyond(levels: Any, values: Any) -> str:
    """The ends of some levels that values reach beyond, in matplotlib's word."""
    ends = bool(values.min() < levels[0]), bool(values.max() > levels[-1])
    words = {(True, True): "both", (True, False): "min", (False, True): "max"}  # not an op: matplotlib's words
    return words.get(ends, "neither")


def levels_of(window: Sequence[float], values: Any) -> tuple[Any, Callable[[str], Any] | None]:
    """The levels of contours, and for levels at unequal distances a function that gives their colours."""
    import numpy as np
    from matplotlib.colors import BoundaryNorm
    from matplotlib.ticker import MaxNLocator

    low, high = window
    few, half = np.percentile(values, [3, 50])
    if not (few > 0 and high > 10 * half):
        return MaxNLocator(12).tick_values(low, high), None
    first, last = (int(np.floor(np.log10(v))) for v in (few, high))
    steps = (1, 2, 5) if last - first < 4 else (1, 3) if last - first < 7 else (1,)
    levels = [m * 10.0**k for k in range(first, last + 1) for m in steps]
    kept = [v for v in levels if few <= v * steps[-1] and v <= high][-24:]
    return kept, lambda extend: BoundaryNorm(kept, 256, extend=extend)


def _triangles(s: Surface) -> tuple[Any, Any]:
    """The triangles of a grid, two to a cell, and which of them have a broken edge."""
    import numpy as np

    m, n = len(s.x), len(s.y)
    corner = (np.arange(n - 1)[:, None] * m + np.arange(m - 1)).ravel()
    lower = np.stack([corner, corner + 1, corner + m + 1], axis=1)
    upper = np.stack([corner, corner + m + 1, corner + m], axis=1)
    along, across = s.broken
    mask = np.concatenate([(along[:-1] | across[:, 1:]).ravel(), (along[1:] | across[:, :-1]).ravel()])
    return np.concatenate([lower, upper]), mask


def _signs(axes: Any, s: Surface) -> tuple[list[Any], list[str]]:
    """Draw the places of marks, and tell their handles and names for a legend."""
    signs = {
        "pole": {"marker": "x", "markersize": 3, "markeredgecolor": INK, "markeredgewidth": 0.8},
        "jump": {"marker": "s", "markersize": 2, "markeredgecolor": INK, "markerfacecolor": INK},
        "kink": {"marker": "o", "markersize": 2.6, "markeredgecolor": INK, "markerfacecolor": "white",
                 "markeredgewidth": 0.5},
    }  # fmt: skip
    handles, names = [], []
    for kind, places in s.marks.items():
        if places.shape[1]:
            handles += axes.plot(places[0], places[1], linestyle="", zorder=3, **signs[kind])
            names.append(kind)
    return handles, names


def _arrows(axes: Any, s: Surface) -> None:
    """Arrows along the gradient at some points of the grid."""
    import numpy as np

    steps = [max(1, round(len(c) / 15)) for c in (s.x, s.y)]
    i, j = (np.arange(step // 2, len(c), step) for c, step in zip((s.x, s.y), steps))
    x, y = np.meshgrid(s.x[i], s.y[j])
    u, v = (g[np.ix_(j, i)] for g in s.slopes)
    with np.errstate(all="ignore"):
        size = np.hypot(u, v)
        ok = np.isfinite(size) & (size > 0) & np.isfinite(s.values[np.ix_(j, i)])
        if not ok.any():
            return
        # A pole would leave all other arrows without a length.
        most = np.percentile(size[ok], 95)
        length = np.minimum(np.sqrt(size / most), 1.0)
        u, v = (np.where(ok, c / size * length, 0.0) for c in (u, v))
    axes.quiver(
        x[ok], y[ok], u[ok], v[ok], angles="xy", scale=17, scale_units="width", pivot="mid", width=0.0042,
        color="white", edgecolor=INK, linewidth=0.5, zorder=2, minlength=0.2,
    )  # fmt: skip


def saved(figure: Any, format: str) -> bytes:
    """The content of a file that holds a figure. The same figure gives the same bytes."""
    import warnings

    from matplotlib import rc_context

    out = BytesIO()
    dates = {"svg": "Date", "pdf": "CreationDate"}
    metadata = {dates[format]: None} if format in dates else None
    with warnings.catch_warnings(), rc_context({"svg.hashsalt": "wengert"}):
        # A font may lack the letters of a name; a box stands in their place.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(out, format=format, dpi=160, metadata=metadata)
    return out.getvalue()


def shown_by_notebooks(figure: Any) -> Any:
    """The figure, with the method by which a notebook shows it. Without pyplot no notebook knows of figures."""
    draw: Callable[[], bytes] = _Shown(figure)
    figure._repr_png_ = draw
    return figure


class _Shown:
    """Draws a figure when it is called; figures with it can be pickled and copied."""

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def __call__(self) -> bytes:
        return saved(self.figure, "png")
