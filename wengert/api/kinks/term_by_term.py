"""Apply `kink_terms` to a call at kinks, and store the derivatives in its matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from ...sweeps.jets import Answer
from .kink_terms import answers, terms_of

if TYPE_CHECKING:
    from ...sweeps.rays import Rays
    from .at_kinks import KinkRecomputation
    from .kink_terms import KinkTerms

# Keys are the numbers of two coordinates, or of an output and a coordinate.
Entries = dict[tuple[int, int], Answer]


def terms_at(anew: KinkRecomputation) -> tuple[KinkTerms, dict[str, list[str]]] | None:
    """The terms of the list of a call, and the element names of each input; None if the list is not split into
    elements."""
    call, kept = anew.call, anew.f.lists.watches
    shapes = {n: call.shape(n) for n in call.wlist.inputs}
    key = "terms", id(call.wlist), tuple(anew.names), tuple(shapes.items())
    if key not in kept:
        kept[key] = call.wlist, terms_of(call.wlist, shapes, anew.names, anew.f.limits)
    found: tuple[KinkTerms, dict[str, list[str]]] | None = kept[key][1]
    return found


def by_terms(
    anew: KinkRecomputation, rays: Rays, values: Mapping[str, Any], whole: bool,
    asked: Mapping[tuple[int, int], Any] | None, bad: Sequence[tuple[int, int]],
) -> Entries | None:  # fmt: skip
    """The derivatives at a point that a place may change; None if the program is to be followed as a whole.

    `bad` marks the derivatives that are not finite.
    """
    call, made, found = anew.call, terms_at(anew), None
    if made is not None:
        terms, elements = made
        numbers: dict[str, float] = {}
        for n in call.wlist.inputs:
            v = values[n]
            numbers.update(zip(elements[n], [v] if type(v) is float else map(float, v.ravel())))
        kink = anew.f.kink if anew.f.kink in ("left", "right") else "mean"
        found = answers(terms, numbers, kink, anew.order, anew.diagonal, asked, bad)
    if found is None and rays.within():
        return None
    if found is None:
        anew.large = anew.changed = True
        return {}
    by_entry, known, crossed, partial = found
    anew.changed |= (known or partial) and (anew.order == 2 or whole)
    anew.crossed |= crossed
    anew.large |= partial
    return by_entry


def nonfinite_entries(
    anew: KinkRecomputation, places: Mapping[str, list[int]], at: tuple[int, ...]
) -> list[tuple[int, int]]:
    """The second derivatives at a point that are not finite, by their two coordinates."""
    found: list[tuple[int, int]] = []
    for r, row in enumerate(anew.rows):
        for name, block in zip(anew.names, row):
            columns = places[name]
            rows = [columns[0]] if anew.diagonal else places[anew.names[r]]
            if type(block) is float:
                met = [] if isfinite(block) else [[0, 0]]
            else:
                import numpy as np  # there are arrays

                part = np.asarray(block[at] if at else block).reshape(len(rows), -1)
                met = np.argwhere(~np.isfinite(part)).tolist()
            found += [(columns[c] if anew.diagonal else rows[r], columns[c]) for r, c in met]
    return found


def put(
    anew: KinkRecomputation, found: Entries, rays: Rays, places: Mapping[str, list[int]],
    at: tuple[int, ...], whole: bool,
) -> None:  # fmt: skip
    """Store derivatives at a point in their places."""
    where = {i: (name, k) for name, own in places.items() for k, i in enumerate(own)}
    columns = {name: c for c, name in enumerate(anew.names)}
    outputs = [(n, k) for n, v in enumerate(rays.values) for k in range(1 if type(v) is float else v.size)]
    blocks: dict[tuple[int, int], list[tuple[int, int, int, int, Answer]]] = {}
    for (i, j), answer in found.items():
        name, column = where[j]
        if anew.diagonal:
            r, k = 0, 0
        elif anew.order == 2:
            r, k = columns[where[i][0]], where[i][1]
        else:
            r, k = outputs[i]
        blocks.setdefault((r, columns[name]), []).append((k, column, i, j, answer))
    for (r, c), entries in blocks.items():
        block = anew.rows[r][c]
        if type(block) is float:
            _, _, i, j, answer = entries[0]
            anew.rows[r][c] = anew.entry(block, i, j, whole, lambda *_: answer)  # noqa: B023
            continue
        import numpy as np  # the same

        block = np.array(block, dtype=float) if not anew.call.batch else block
        part = block[at] if at else block
        flat = np.array(part, dtype=float).reshape(-1, len(places[anew.names[c]]))
        for k, column, i, j, answer in entries:
            flat[k, column] = anew.entry(float(flat[k, column]), i, j, whole, lambda *_: answer)  # noqa: B023
        block[at] = flat.reshape(np.shape(part))
        anew.rows[r][c] = block
