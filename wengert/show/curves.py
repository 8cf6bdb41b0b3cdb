"""Curves of one variable for a plot: points as dense as the eye needs, and the places where the line is interrupted.

Every curve but the last comes with its exact derivative. So a piece is doubtful if its ends do not predict each other
by their Taylor polynomials: it contains a pole, a jump, a kink, an end of the domain, or a bend that the eye would see.
Such pieces are halved, all in one batch of points, until they are smooth or as narrow as floats allow. Then the values
and slopes at both ends show which of these it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite, nan
from typing import Any

import numpy as np

from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple

# Takes points (n,) and gives the curves there, (k, n).
Jets = Callable[[Any], Any]
# The error of a line that the eye does not see, as a part of the height of the plot.
SEEN = 2e-3
# Pieces that are halved at one time, and points of a curve in all.
_PIECES, _MOST = 1024, 60_000
# The most parts of a piece that are made at once.
_PARTS = 32
# The narrowest piece that is halved, relative to the greater end of the range. For a curve of unknown slope (the last
# derivative, with the largest rounding errors) it is relative to the range.
_NARROW, _PLAIN = 2.0**-46, 2.0**-24
_EPS = 2.0**-52
# Axes do not reach to the end of float64.
_HUGE = 1e300


class Window(NamedTuple):
    """The part of the vertical axis that shows a curve, from `low` to `high`."""

    low: float
    high: float

    @property
    def height(self) -> float:
        """The height, never 0."""
        return self.high - self.low


class Mark(NamedTuple):
    """A place where a curve is not smooth.

    kind  "pole", "jump", "kink", or "hole" (a single point without a value)
    x     the place
    y     the value there, or that on both sides of a hole; nan at a pole
    """

    kind: str
    x: float
    y: float


class Curves(NamedTuple):
    """Curves over a range, ready to be drawn.

    lines    for each curve its points x and y; y is nan where the pen is lifted
    marks    for each curve the places where it is not smooth, from left to right
    gaps     the intervals in which the first curve has no finite value
    windows  for each curve the heights that are worth showing
    """

    lines: tuple[tuple[Any, Any], ...]
    marks: tuple[tuple[Mark, ...], ...]
    gaps: tuple[tuple[float, float], ...]
    windows: tuple[Window, ...]


def curves(
    jets: Jets, ends: tuple[float, float], count: int, slopes: Sequence[int | None], together: int = 1
) -> Curves:  # fmt: skip
    """Sample curves over a range.

    jets      gives the curves at points of the range
    ends      the ends of the range, ascending
    count     the points that are sampled at first, at equal distances
    slopes    for each curve the place of the curve that is its derivative, if there is one
    together  how many points take about as long as one: with fewer doubtful pieces each is cut in more parts at once
    """
    x = np.linspace(*ends, count)
    y = jets(x)
    windows = [window_of(row) for row in y]
    plain = _PLAIN * (ends[1] - ends[0])
    least = np.array([plain if s is None else _NARROW * max(map(abs, ends)) for s in slopes])[:, None]
    # For each point the width of the piece that it halved.
    halved = np.full(count, ends[1] - ends[0])
    while len(x) < _MOST:
        check_clock()
        at = np.flatnonzero(np.any(_doubts(x, y, slopes, windows) & (np.diff(x) > least), axis=0))
        if not len(at):
            break
        if len(at) > _PIECES:
            at = np.sort(at[np.argsort(x[at + 1] - x[at], kind="stable")[-_PIECES:]])
        widths = x[at + 1] - x[at]
        parts = 2
        while parts < _PARTS and 2 * parts * len(at) <= together and widths.min() >= 2 * parts * least.min():
            parts *= 2
        j = np.arange(1, parts)
        inner = (x[at][:, None] + widths[:, None] * (j / parts)).ravel()
        # Point j of 8 halves a piece as wide as the greatest power of 2 in j tells: 4 the whole, 2 and 6 a half.
        before = np.repeat(at + 1, parts - 1)
        halved = np.insert(halved, before, (widths[:, None] * (2 * (j & -j) / parts)).ravel())
        x, y = np.insert(x, before, inner), np.insert(y, before, jets(inner), axis=1)
    doubtful = _doubts(x, y, slopes, windows)
    places = _places(jets, x, doubtful & (np.diff(x) <= least), float(least[0, 0]))
    # Points that only serve to tell places apart, and their rounding errors, are invisible.
    seen = halved > plain
    lines, marks, shown = [], [], []
    for k, row in enumerate(y):
        slope = None if (s := slopes[k]) is None else (s, y[s])
        found = [m for p in places if (m := _mark(x, row, slope, p, windows, k)) is not None]
        lines.append(_line(x, row, slope, np.diff(x) <= least[k], windows[k], seen))
        shown.append(_shown(row[seen], windows[k], any(m.kind == "pole" for m in found), k))
        marks.append(tuple(found))
    return Curves(tuple(lines), tuple(marks), _gaps(x, np.isfinite(y[0]), 64 * float(least[0, 0])), tuple(shown))


def window_of(values: Any) -> Window:
    """The heights that values have, the lowest and the highest twentieth of them left out."""
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, [5, 95]) if len(finite) else (0.0, 0.0)
    if not high - low > 64 * _EPS * max(abs(low), abs(high)):
        # A constant, but for its rounding.
        middle, half = float(low + high) / 2, 0.5 * max(1.0, abs(float(low))) if isfinite(low + high) else 1.0
        return Window(middle - half, middle + half)
    return Window(float(low), float(high)) if isfinite(high - low) else Window(float(low) / 4, float(high) / 4)


def doubts(h: Any, y: tuple[Any, Any], slope: tuple[Any, Any], bend: Any, window: Window) -> Any:
    """Whether pieces of a curve are doubtful: an end does not predict the other by its Taylor polynomial.

    h      the widths of the pieces
    y      the values at their left and right ends
    slope  the first derivatives there
    bend   the second derivatives there, a pair too, or None for a polynomial of first order
    """
    with np.errstate(all="ignore"):
        (left, right), (s, t) = y, slope
        first, second = left + h * s - right, right - h * t - left
        if bend is not None:
            first, second = first + h * h / 2 * bend[0], second + h * h / 2 * bend[1]
        error = np.maximum(abs(first), abs(second))
        # Far outside the window no eye looks: there the error may grow with the value.
        far = outside(left, window) + outside(right, window)
        allowed = SEEN * window.height + 0.2 * far + 8 * _EPS * (abs(left) + abs(right))
        known = np.isfinite(left), np.isfinite(right)
        # A nan is doubtful too.
        return np.where(known[0] & known[1], ~(error <= allowed), known[0] != known[1])


def outside(values: Any, window: Window) -> Any:
    """How far values are from the middle of a window, beyond its height; 0 near it."""
    return np.maximum(0.0, abs(values - (window.low + window.high) / 2) - window.height)


def _doubts(x: Any, y: Any, slopes: Sequence[int | None], windows: Sequence[Window]) -> Any:
    """For each curve, whether each piece between neighbouring points is doubtful."""
    h, found = np.diff(x), np.zeros((len(y), len(x) - 1), dtype=bool)
    for k, (row, slope) in enumerate(zip(y, slopes)):
        if slope is None:
            found[k] = _bent(x, row, windows[k])
            continue
        bend = slopes[slope]
        s = y[slope]
        ends = None if bend is None else (y[bend][:-1], y[bend][1:])
        found[k] = doubts(h, (row[:-1], row[1:]), (s[:-1], s[1:]), ends, windows[k])
    return found


def _bent(x: Any, row: Any, window: Window) -> Any:
    """Whether pieces beside a point are bent at it, more than the eye forgives."""
    with np.errstate(all="ignore"):
        part = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
        away = abs(row[1:-1] - (row[:-2] + part * (row[2:] - row[:-2])))
        away = ~(away <= 2 * SEEN * window.height + 0.2 * outside(row[1:-1], window)) & np.isfinite(row[1:-1])
    known = np.isfinite(row)
    found = known[1:] != known[:-1]
    both = known[1:] & known[:-1]
    found[:-1] |= away & both[:-1]
    found[1:] |= away & both[1:]
    return found


class _Place(NamedTuple):
    """A place of doubt that is as narrow as a piece can be: the points i and j around it, the place itself, the curves
    there, and which of them are doubtful in which pieces from i to j."""

    i: int
    j: int
    x: float
    y: Any
    doubtful: Any


def _places(jets: Jets, x: Any, doubtful: Any, least: float) -> list[_Place]:
    at = np.flatnonzero(np.any(doubtful, axis=0))
    if not len(at):
        return []
    apart = np.flatnonzero(x[at[1:]] - x[at[:-1] + 1] > 64 * least)
    spans = [(int(at[a]), int(at[b]) + 1) for a, b in zip([0, *(apart + 1)], [*apart, len(at) - 1])]
    exact = np.array([simplest(float(x[i]), float(x[j])) for i, j in spans])
    there = jets(exact)
    return [_Place(i, j, float(p), there[:, k], doubtful[:, i:j]) for k, ((i, j), p) in enumerate(zip(spans, exact))]


def simplest(low: float, high: float) -> float:
    """The number with the fewest digits from `low` to `high`."""
    if low <= 0 <= high:
        return 0.0
    middle = low + (high - low) / 2
    for digits in range(1, 17):
        if low <= (found := float(f"{middle:.{digits}g}")) <= high:
            return found
    return middle


def _mark(x: Any, row: Any, slope: Any, p: _Place, windows: Sequence[Window], k: int) -> Mark | None:
    """The kind of a place on a curve; None if the curve is smooth there, or only ends."""
    own = np.flatnonzero(p.doubtful[k])
    if not len(own) and slope is not None:
        own = np.flatnonzero(p.doubtful[slope[0]])
    if not len(own):
        return None
    i, j = p.i + int(own[0]), p.i + int(own[-1]) + 1
    left, right, at = float(row[i]), float(row[j]), float(p.y[k])
    s, t = (nan, nan) if slope is None else (float(slope[1][i]), float(slope[1][j]))
    size, h = windows[k].height, max(float(x[j] - x[i]), 5e-324)
    inside = row[i : j + 1]
    known = [v for v in (left, right) if isfinite(v)]
    if not known:
        return None
    infinite = bool(np.any(np.isinf(inside))) or at in (inf, -inf)
    far = max(outside(np.array(known), windows[k]))
    steep = max((abs(v) * h for v in (s, t) if isfinite(v)), default=nan)
    # The value of an op that overflows is large too, but beside its size it hardly changes.
    diverges = _HUGE > far > 1e4 * size if steep != steep else max(far * 1e-4, steep * 50) > size and steep > 1e-3 * far
    if diverges or infinite and len(known) == 2:
        return Mark("pole", p.x, nan)
    if len(known) == 1:
        return None
    noise = 1e-3 * size + 64 * _EPS * (abs(left) + abs(right))
    if abs(right - left) > noise:
        return Mark("jump", p.x, at)
    if not np.all(np.isfinite(inside)) or not isfinite(at):
        return Mark("hole", p.x, (left + right) / 2)
    if slope is None:
        return None
    if k:
        # A derivative has great rounding errors beside a pole or a hole, and its slope greater ones: so not too near.
        away = _PLAIN * (x[-1] - x[0])
        i, j = int(np.searchsorted(x, x[i] - away)), min(int(np.searchsorted(x, x[j] + away)), len(x) - 1)
        s, t = float(slope[1][i]), float(slope[1][j])
    if not (isfinite(s) and isfinite(t)):
        return None
    least = (2e-2 if k else 2e-3) * windows[slope[0]].height + 1e-3 * (abs(s) + abs(t))
    return Mark("kink", p.x, at) if abs(t - s) > least else None


def _gaps(x: Any, known: Any, least: float) -> tuple[tuple[float, float], ...]:
    """The intervals without a value that are wider than a point."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], known, [True]]).astype(int)))
    found = []
    for first, last in zip(edges[::2], edges[1::2]):
        low, high = x[max(first - 1, 0)], x[min(last, len(x) - 1)]
        if high - low > least:
            found.append((float(low), float(high)))
    return tuple((simplest(a - least / 64, a + least / 64), simplest(b - least / 64, b + least / 64)) for a, b in found)


def _line(x: Any, row: Any, slope: Any, narrow: Any, window: Window, seen: Any) -> tuple[Any, Any]:
    """The points of a curve that are seen, with a nan in the midst of each piece that is no part of it."""
    with np.errstate(all="ignore"):
        rise = np.diff(row)
        far = np.maximum(outside(row[:-1], window), outside(row[1:], window))
        lifted = narrow & ~(abs(rise) <= 1e-3 * window.height + 1e-3 * far)
        if slope is not None:
            # Too many poles to find each: no line goes against the slopes at both its ends.
            against = (rise * slope[1][:-1] < 0) & (rise * slope[1][1:] < 0)
            lifted |= against & (abs(rise) > 0.05 * window.height)
    lifted |= ~np.isfinite(rise)
    kept = np.flatnonzero(seen)
    before = np.concatenate([[0], np.cumsum(lifted)])
    at = np.flatnonzero(np.diff(before[kept])) + 1
    x, y = x[kept], np.where(np.isfinite(row), row, nan)[kept]
    return np.insert(x, at, x[at]), np.insert(y, at, nan)


def _shown(row: Any, window: Window, pole: bool, order: int) -> Window:
    """The heights to show: all of a bounded curve, or the middle of one with a pole, or of a derivative that is very
    steep somewhere."""
    finite = row[np.isfinite(row)]
    if not len(finite):
        return window
    low, high = max(float(finite.min()), -_HUGE), min(float(finite.max()), _HUGE)
    if pole or order and not high - low <= 100 * window.height:
        low, high = max(low, window.low - 0.15 * window.height), min(high, window.high + 0.15 * window.height)
    return Window(low, high) if high > low else window
