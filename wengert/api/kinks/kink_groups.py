"""Derivatives at kinks for many points of a batch: points that take the same branches are computed together.

The germs of such points differ only in their coefficients, so one series serves them all, with a lane for each point
(`sweeps.point_lanes`). Points that differ in a decision, or in the terms that vanish, are separated. A group that is
too small is left to be computed point by point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...kernels.evaluation import Evaluation
from ...lists.wengert_list import ops_of, table_of
from ...sweeps.forward import forward_sweep
from ...sweeps.point_lanes import Alone, Apart, Lane, LaneNumbers, finite, lane
from ...sweeps.rays import Rays

if TYPE_CHECKING:
    from .at_kinks import KinkRecomputation

# The smallest group that one series serves, and the most series for one call.
FEW, MOST = 6, 200


def settle_together(anew: KinkRecomputation, places: Any, whole: bool) -> Any:
    """Compute and store the derivatives at the points of a batch, and return the points that are left.

    places  the indices of the points in the batch, a column for each; whole as in `KinkRecomputation.run`
    """
    table = table_of(anew.call.wlist.ops)
    if len(places) < FEW:
        return places
    if any(anew.call.shapes.values()) or any(table[op].array is not None for op in ops_of(anew.call.wlist)):
        from .kink_term_groups import settle_terms_together  # few batches are over arrays

        return settle_terms_together(anew, places, whole)
    values: dict[str, Any] = {}
    for name, v in anew.call.values.items():
        if type(v) is float:
            values[name] = v
        else:
            values[name] = np.ascontiguousarray(np.broadcast_to(v, anew.call.batch)[tuple(places.T)], dtype=float)
    return by_parts(places, lambda part: _Group(anew, values, part, tuple(places[part].T), whole).put())


def by_parts(places: Any, settle: Callable[[Any], None]) -> Any:
    """Split points of a batch into groups that take the same branches, settle each, and return the points that are
    left.

    `settle` takes the numbers of some points. It raises Apart, which separates two groups, or Alone.
    """
    left, waiting, tries = [], [np.arange(len(places))], 0
    with np.errstate(all="ignore"):
        while waiting:
            part = waiting.pop()
            if len(part) < FEW or tries == MOST:
                left.append(part)
                continue
            tries += 1
            try:
                settle(part)
            except Apart as ways:
                waiting += [part[~ways.where], part[ways.where]]
            except Alone:
                left.append(part)
    return places[np.concatenate(left)] if left else places[:0]


def values_at(call: Evaluation, at: tuple[int, ...]) -> dict[str, Any]:
    """The values of the inputs at one point of a batch."""
    values: dict[str, Any] = {}
    for name, v in call.values.items():
        if type(v) is not float:
            v = np.broadcast_to(v, (*call.batch, *v.shape[len(call.batch) :]))[at]
        values[name] = float(v) if np.ndim(v) == 0 else np.array(v)
    return values


class _Group:
    """The derivatives at points that take the same branches. Raises Apart, or Alone."""

    def __init__(
        self, anew: KinkRecomputation, values: dict[str, Any], part: Any, at: tuple[Any, ...], whole: bool
    ) -> None:
        self.anew, self.at, self.whole = anew, at, whole
        self.differ = self.none = self.changed = False
        self.found: list[tuple[int, int, Any]] = []
        wlist = anew.call.wlist
        point = {name: v if type(v) is float else lane(v[part]) for name, v in values.items()}
        tape = forward_sweep(wlist, point, LaneNumbers(wlist.ops))
        n = len(anew.names)
        asked = n if anew.order == 1 or anew.diagonal else n * n
        self.rays = rays = Rays(wlist, tape, [(name, None) for name in anew.names], anew.f.kink, asked, lanes=True)
        if not rays.within():
            raise Alone
        if anew.order == 2 and not finite(rays.values[0]):
            return
        for r, row in enumerate(anew.rows):
            for c in range(len(row)):
                if anew.order == 1:
                    self._entry(r, c, lambda r=r, c=c: rays.first(r, c))
                else:
                    i = c if anew.diagonal else r
                    self._entry(r, c, lambda i=i, c=c: rays.second(0, i, c))

    def _entry(self, r: int, c: int, ask: Any) -> None:
        before = self.anew.rows[r][c][self.at]
        if not self.whole and np.isfinite(before).all():
            return
        answer = ask()
        if answer.value is None:
            if self.anew.order == 2 and not np.isfinite(before).all():
                raise Alone
            return
        value = np.broadcast_to(answer.value.of if type(answer.value) is Lane else answer.value, before.shape)
        kept = np.zeros(before.shape, bool)
        if not self.whole:
            # An infinity stays as the rule gives it: its sign follows the sign of a zero.
            kept = np.isfinite(before) | (before == before) & ~np.isfinite(value)
        same = (value == before) | np.isnan(value) & np.isnan(before)
        self.differ |= answer.differ
        self.none |= bool((np.isnan(value) & ~kept).any())
        self.changed |= bool((~kept & (~same | (self.anew.order == 2 or self.whole))).any())
        self.found.append((r, c, np.where(kept | same, before, value)))

    def put(self) -> None:
        """Store the derivatives in their places."""
        anew = self.anew
        for r, c, value in self.found:
            anew.rows[r][c][self.at] = value
        anew.differ |= self.differ
        anew.none |= self.none
        anew.changed |= self.changed
        anew.crossed |= self.rays.crossed
