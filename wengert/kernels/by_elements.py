"""Jacobians and their nonzeros by tangents of single elements, if these are cheaper than dense sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ..lists.wengert_list import Atom
from ..sweeps.forward import forward_sweep
from .element_tangents import ElementTangents, TooDear
from .evaluation import Evaluation

# Fewer than FEW sweeps, or Jacobians of fewer than MANY elementary operations, are not worth the search.
FEW, MANY = 16, 1 << 23
# This method is given up after this fraction of the operations that sweeps with one seed per element would take.
SHARE = 1 / 8
# Nonzeros may take this number of operations for each operation of the list, or as many as the Jacobian.
OPERATIONS = 200.0
# A list counts as computing with arrays if its equations have WIDE elements on average.
WIDE = 8


def at_once(
    call: Evaluation, tape: dict[str, Any], names: Sequence[str], outputs: Sequence[Atom], kink: str
) -> list[list[Any]] | None:  # fmt: skip
    """The derivatives of every output in `names`; None if sweeps with one seed per element are as cheap, or if a
    derivative is not finite."""
    sweeps = min(sum(prod(call.shape(n)) for n in names), sum(prod(call.shape(a)) for a in outputs))
    dense = float(sweeps * sum(np.size(tape[e.output]) for e in call.wlist.equations))
    if sweeps < FEW or dense < MANY or not serves(call, names):
        return None
    for group in (tuple(names),), tuple((n,) for n in names):
        found: list[list[Any]] = [[] for _ in outputs]
        try:
            for some in group:
                sweep = ElementTangents(call, tape, kink, SHARE * dense)
                terms = sweep.along(some, outputs)
                for a, row in zip(outputs, found):
                    row += _blocks(call, sweep.block(terms[a], call.shape(a)), a, some)
        except TooDear:
            continue
        return found if all(np.isfinite(v).all() for row in found for v in row) else None
    return None


def nonzeros_at(
    call: Evaluation, names: Sequence[str], outputs: Sequence[Atom], kink: str
) -> tuple[Any, Any, Any] | None:  # fmt: skip
    """The derivatives of all elements of the outputs in those of `names`, as rows, columns and values in row-major
    order.

    None if they take far more operations than the list and its dense Jacobian, if one is not finite, or if an output is
    nan, as its derivatives are then nan too.
    """
    if not serves(call, names) or not set(names) <= set(call.values):
        return None
    with call:
        call.check()
        tape = forward_sweep(call.wlist, call.values, call.apply)
        if any(np.isnan(tape[a] if type(a) is str else a).any() for a in outputs):
            return None
        entries = sum(prod(call.shape(n)) for n in names) * sum(prod(call.shape(a)) for a in outputs)
        operations = sum(map(np.size, tape.values()))
        dearest = max(OPERATIONS * operations, 8 * entries if entries <= call.limits.elements else 0)
        sweep, first, found = ElementTangents(call, tape, kink, dearest, True), 0, []
        try:
            terms = sweep.along(names, outputs)
            for a in outputs:
                rows, columns, values = sweep.coordinates(terms[a], call.shape(a))
                found.append((rows + first, columns, values))
                first += prod(call.shape(a))
        except TooDear:
            return None
        rows, columns, values = (np.concatenate(parts) for parts in zip(*found))
        return (rows, columns, values) if np.isfinite(values).all() else None


def serves(call: Evaluation, names: Sequence[str]) -> bool:
    """Whether these are tangents at one point in different inputs, of a list that mostly computes with arrays."""
    if not call.arrays or call.batch or call.apply.dtype != np.float64 or len(set(names)) < len(names):
        return False
    equations = call.wlist.equations
    return sum(prod(call.shape(e.output)) for e in equations) >= WIDE * len(equations)


def _blocks(call: Evaluation, whole: Any, output: Atom, names: Sequence[str]) -> list[Any]:
    """The columns of some names, as blocks."""
    found, first = [], 0
    for n in names:
        shape = call.shape(n)
        part = whole[:, first : first + prod(shape)].reshape((*call.shape(output), *shape))
        found.append(np.ascontiguousarray(part) if part.ndim else float(part))
        first += prod(shape)
    return found
