"""Derivatives at kinks for many points of a batch over arrays: points that take the same branches are computed
together.

This is `kink_groups` for the terms of the list over the arrays' elements (`kink_terms`), with a lane for each point.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ...sweeps.jets import Answer
from ...sweeps.point_lanes import Alone, Lane, lane
from .kink_groups import by_parts
from .kink_terms import answers
from .term_by_term import terms_at

if TYPE_CHECKING:
    from .at_kinks import KinkRecomputation
    from .kink_terms import KinkTerms


def settle_terms_together(anew: KinkRecomputation, places: Any, whole: bool) -> Any:
    """`settle_together` for a batch over arrays."""
    found = terms_at(anew)
    if found is None:
        return places
    terms, elements = found
    call, at = anew.call, tuple(places.T)
    values: dict[str, Any] = {}
    for name in call.wlist.inputs:
        v = call.values[name]
        if type(v) is float:
            values[elements[name][0]] = v
            continue
        own = call.shape(name)
        columns = np.broadcast_to(v, (*call.batch, *own))[at].reshape(len(places), -1)
        values.update(zip(elements[name], np.ascontiguousarray(columns.T, dtype=float)))
    group = _TermGroup(anew, terms, values, places, whole)
    return by_parts(places, group.settle)


class _TermGroup:
    """The points of a batch over arrays, and the places of derivatives among the elements of its blocks."""

    def __init__(
        self, anew: KinkRecomputation, terms: KinkTerms, values: Mapping[str, Any], places: Any, whole: bool
    ) -> None:  # fmt: skip
        self.anew, self.terms, self.values, self.places, self.whole = anew, terms, values, places, whole
        call = anew.call
        sizes = [prod(call.shape(name)) for name in anew.names]
        self.columns = [(c, k) for c, size in enumerate(sizes) for k in range(size)]
        if anew.order == 2:
            self.rows = [(0, 0)] * len(self.columns) if anew.diagonal else self.columns
        else:
            outputs = [prod(call.shape(a)) if isinstance(a, str) else 1 for a in call.wlist.outputs]
            self.rows = [(r, k) for r, size in enumerate(outputs) for k in range(size)]
        self.sizes = sizes

    def settle(self, part: Any) -> None:
        """Compute and store the derivatives at some of the points. Raises Apart, or Alone."""
        anew, at = self.anew, tuple(self.places[part].T)
        if anew.order == 2 and not all(np.isfinite(block[at]).all() for row in anew.rows for block in row):
            raise Alone
        point = {name: v if type(v) is float else lane(v[part]) for name, v in self.values.items()}
        kink = anew.f.kink if anew.f.kink in ("left", "right") else "mean"
        found = answers(self.terms, point, kink, anew.order, anew.diagonal, None, (), lanes=True)
        if found is None or found[3]:
            raise Alone
        by_entry, known, crossed, _ = found
        blocks: dict[tuple[int, int], list[tuple[int, int, Answer]]] = {}
        for (i, j), answer in by_entry.items():
            (r, k), (c, column) = self.rows[i], self.columns[j]
            blocks.setdefault((r, c), []).append((k, column, answer))
        for (r, c), entries in blocks.items():
            block = anew.rows[r][c]
            before = block[at]
            flat = before.reshape(len(part), -1, self.sizes[c]).copy()
            for k, column, answer in entries:
                if answer.value is not None:
                    flat[:, k, column] = self._put(flat[:, k, column], answer)
            block[at] = flat.reshape(before.shape)
        anew.changed |= known and (anew.order == 2 or self.whole)
        anew.crossed |= crossed

    def _put(self, before: Any, answer: Answer) -> Any:
        anew = self.anew
        value = np.broadcast_to(answer.value.of if type(answer.value) is Lane else answer.value, before.shape)
        kept = np.zeros(before.shape, bool)
        if not self.whole:
            # An infinity stays as the rule gives it: its sign follows the sign of a zero.
            kept = np.isfinite(before) | (before == before) & ~np.isfinite(value)
        same = (value == before) | np.isnan(value) & np.isnan(before)
        anew.differ |= answer.differ
        anew.none |= bool((np.isnan(value) & ~kept).any())
        anew.found = True
        anew.changed |= bool((~kept & (~same | (anew.order == 2 or self.whole))).any())
        return np.where(kept | same, before, value)
