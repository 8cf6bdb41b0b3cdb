"""A function of two variables for a plot: a grid of values, and the places between its points where it is not smooth.

Each edge of the grid is a piece of a curve of one variable, and doubtful in the sense of `show.curves`. Doubtful edges
are halved, all in one batch, towards the doubtful place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple
from .curves import SEEN, Window, doubts, outside, window_of

# Takes points x and y, (n,) each, and gives five rows, (5, n): the value, the first derivatives in x and in y, and the
# second derivatives in x and in y.
Field = Callable[[Any, Any], Any]
_HALVES = 22


class Surface(NamedTuple):
    """A function over a rectangle, ready to be drawn.

    x, y      the coordinates of the grid, (m,) and (n,)
    values    the values, (n, m)
    slopes    the first derivatives in x and in y, (2, n, m)
    broken    two arrays of truths, (n, m-1) along x and (n-1, m) along y: whether no surface spans an edge
    marks     by kind, "pole", "jump" or "kink", places x and y, (2, k)
    window    the values that are worth showing
    """

    x: Any
    y: Any
    values: Any
    slopes: Any
    broken: tuple[Any, Any]
    marks: dict[str, Any]
    window: Window


def surface(field: Field, across: tuple[float, float], up: tuple[float, float], counts: tuple[int, int]) -> Surface:
    """Sample a function over a rectangle of ranges `across` and `up`, with as many points along each as `counts`."""
    x, y = np.linspace(*across, counts[0]), np.linspace(*up, counts[1])
    grid = np.meshgrid(x, y)
    rows = field(*(g.ravel() for g in grid)).reshape(5, counts[1], counts[0])
    window = window_of(rows[0])
    slopes = [window_of(rows[1]), window_of(rows[2])]
    broken, marks = [], {"pole": [], "jump": [], "kink": []}  # type: tuple[list[Any], dict[str, list[Any]]]
    for axis in (0, 1):
        edges = _Edges(field, axis, window, slopes[axis])
        lost, found = edges.of(grid, rows)
        broken.append(lost)
        for kind, places in found.items():
            marks[kind].append(places)
    marks["pole"].append(_infinite(grid, rows[0]))
    joined = {kind: np.concatenate(places, axis=1) for kind, places in marks.items()}
    finite = rows[0][np.isfinite(rows[0])]
    if len(finite) and not joined["pole"].shape[1] and finite.max() > finite.min():
        window = Window(float(finite.min()), float(finite.max()))
    elif joined["pole"].shape[1]:
        # On the side without a pole all is shown.
        middle, part = (window.low + window.high) / 2, 0.3 * window.height
        low, high = float(finite.min()), float(finite.max())
        window = Window(
            low if low > window.low - window.height else middle - part,
            high if high < window.high + window.height else middle + part,
        )
    return Surface(x, y, rows[0], rows[1:3], (broken[0], broken[1]), joined, window)


def _infinite(grid: Sequence[Any], values: Any) -> Any:
    """The points of a grid that are infinite, between two neighbours that are not."""
    known = np.isfinite(values)
    found = np.zeros(values.shape, dtype=bool)
    found[:, 1:-1] |= known[:, :-2] & known[:, 2:]
    found[1:-1] |= known[:-2] & known[2:]
    found &= np.isinf(values)
    return np.array([g[found] for g in grid])


class _Edges:
    """The edges of a grid along one axis: 0 for x, 1 for y."""

    def __init__(self, field: Field, axis: int, window: Window, steepness: Window) -> None:
        self.field, self.axis, self.window, self.steepness = field, axis, window, steepness

    def of(self, grid: Sequence[Any], rows: Any) -> tuple[Any, dict[str, Any]]:
        """Whether no surface spans each edge, and the places that are marked, by kind."""
        first, second = ((slice(None), slice(None, -1)), (slice(None), slice(1, None)))
        if self.axis:
            first, second = first[::-1], second[::-1]
        low, high = ([g[cut].ravel() for g in grid] for cut in (first, second))
        left, right = (rows[:, cut[0], cut[1]].reshape(5, -1) for cut in (first, second))
        known = np.isfinite(left[0]) & np.isfinite(right[0])
        at = np.flatnonzero(self._doubtful(low, high, left, right) & known)
        kinds, places = self._narrowed([c[at] for c in low], [c[at] for c in high], left[:, at], right[:, at])
        lost = ~known
        lost[at] |= (kinds == "pole") | (kinds == "jump")
        shape = grid[0][first].shape
        return lost.reshape(shape), {kind: places[:, kinds == kind] for kind in ("pole", "jump", "kink")}

    def _doubtful(self, low: list[Any], high: list[Any], left: Any, right: Any) -> Any:
        h = high[self.axis] - low[self.axis]
        s, b = 1 + self.axis, 3 + self.axis
        bends = left[b], right[b]
        value = doubts(h, (left[0], right[0]), (left[s], right[s]), bends, self.window)
        return value | doubts(h, (left[s], right[s]), bends, None, self.steepness)

    def _narrowed(self, low: list[Any], high: list[Any], left: Any, right: Any) -> tuple[Any, Any]:
        """The kind of each doubtful edge, "" for a smooth one, and its place."""
        count = len(low[0])
        active = np.arange(count)
        for _ in range(_HALVES):
            if not len(active):
                break
            check_clock()
            here = [c[active] for c in low], [c[active] for c in high]
            ends = left[:, active], right[:, active]
            middle = [a + (b - a) / 2 for a, b in zip(*here)]
            rows = self.field(*middle)
            with np.errstate(all="ignore"):
                nearer = self._doubtful(here[0], middle, ends[0], rows), self._doubtful(middle, here[1], rows, ends[1])
                # Both halves may be doubtful: the greater rise is followed.
                rise = abs(rows[0] - ends[0][0]) > abs(ends[1][0] - rows[0])
            rightwards = nearer[1] & ~(nearer[0] & rise) & np.isfinite(rows[0])
            into = active[rightwards]
            left[:, into] = rows[:, rightwards]
            low[self.axis][into] = middle[self.axis][rightwards]
            into = active[~rightwards]
            right[:, into] = rows[:, ~rightwards]
            high[self.axis][into] = middle[self.axis][~rightwards]
            active = active[nearer[0] | nearer[1]]
        still = np.zeros(count, dtype=bool)
        still[active] = True
        return self._kinds(high[self.axis] - low[self.axis], left, right, still), np.array(
            [(a + b) / 2 for a, b in zip(low, high)]
        )

    def _kinds(self, h: Any, left: Any, right: Any, still: Any) -> Any:
        s = 1 + self.axis
        with np.errstate(all="ignore"):
            known = np.isfinite(left[0]) & np.isfinite(right[0])
            far = np.maximum(outside(left[0], self.window), outside(right[0], self.window))
            steep = np.fmax(abs(left[s]), abs(right[s])) * h
            pole = (
                ~known | (far > 100 * self.window.height) & (steep > 1e-3 * far) | (steep > 0.02 * self.window.height)
            )
            jump = abs(right[0] - left[0]) > 4 * SEEN * self.window.height
            kink = abs(right[s] - left[s]) > 1e-3 * (abs(left[s]) + abs(right[s]))
        return np.where(~still, "", np.where(pole, "pole", np.where(jump, "jump", np.where(kink, "kink", ""))))
