"""Jacobians at a point, block by block: many adjoints, or many tangents, in one sweep.

Of arrays, the seeds of one block stand along an axis of their own, before all others, and go through one sweep as a
batch ("vector mode": A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 3.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, prod
from typing import Any

from .calls import Call
from .diagnosis import all_finite
from .sweeps import depending, reverse_sweep, tangent_sweep
from .wengert_list import Atom

# So many numbers at most go into the seeds' copy of the largest value at a time.
MOST = 1 << 22


def watch(steps: list[Any]) -> Any:
    """A visitor of the reverse sweep that keeps the steps whose product is nan or infinite."""

    def visit(k: int, i: int, *step: Any) -> None:
        if step and not all_finite(step[2]):
            steps.append((k, i, *step[:3]))

    return visit


def cheaper(call: Call, names: Sequence[str], outputs: Sequence[Atom]) -> str:
    """The mode that needs fewer seeds; reverse, where both need as many."""
    tangents = sum(prod(call.shape(n)) for n in names)
    adjoints = sum(prod(call.shape(a)) for a in outputs)
    return "forward" if tangents < adjoints else "reverse"


def rows_of(
    call: Call, tape: Mapping[str, Any], names: Sequence[str], outputs: Sequence[Atom], kink: str, visit: Any
) -> list[list[Any]]:
    """Derivatives of every output in `names`, by reverse sweeps."""
    wlist = call.wlist
    active = depending(wlist, names)
    rows = []
    for output in outputs:
        for n in names:
            call.fits(output, n)
        if not call.arrays or not isinstance(output, str) or not call.shape(output):
            seeds = {output: 1.0} if isinstance(output, str) else {}
            adjoint = reverse_sweep(wlist, tape, seeds, call.apply, kink, visit, active)
            rows.append([_block(call, adjoint.get(n), output, n) for n in names])
            continue
        shape = call.shape(output)
        parts: list[dict[str, Any]] = []
        wide = _Wide(call, tape)
        for seeds_of in wide.seeds(shape):
            with wide.apply:
                seeds = {output: seeds_of}
                # An element whose seed is 0 is not there, and contributes nothing whatever is beneath it.
                adjoint = reverse_sweep(wlist, wide.tape, seeds, wide.apply, kink, visit, active, guards=seeds)
            parts.append({n: wide.full(adjoint.get(n), n, len(seeds_of)) for n in names})
        rows.append([wide.joined([part[n] for part in parts], shape, call.shape(n), False) for n in names])
    return rows


def columns(
    call: Call, tape: Mapping[str, Any], names: Sequence[str], outputs: Sequence[Atom], kink: str, steps: list[Any]
) -> list[list[Any]]:
    """Derivatives of every output in `names`, by tangent sweeps."""
    wlist = call.wlist

    def along(k: int, i: Any, local: Any, tangent: Any, product: Any) -> None:
        if type(product) is float and type(local) is float and not isfinite(product):
            steps.append((k, i, tangent, local, product))

    found: list[list[Any]] = []
    for n in names:
        for a in outputs:
            call.fits(a, n)
        if not call.arrays or not call.shape(n):
            moved = tangent_sweep(wlist, tape, {n: 1.0}, call.apply, kink, along)
            found.append([_block(call, moved.get(a) if isinstance(a, str) else None, a, n) for a in outputs])
            continue
        shape = call.shape(n)
        wide = _Wide(call, tape)
        parts: list[list[Any]] = []
        for seeds in wide.seeds(shape):
            with wide.apply:
                moved = tangent_sweep(wlist, wide.tape, {n: seeds}, wide.apply, kink, along, guards={n: seeds})
            parts.append([wide.full(moved.get(a) if isinstance(a, str) else None, a, len(seeds)) for a in outputs])
        found.append([
            wide.joined([part[k] for part in parts], shape, call.shape(a), True) for k, a in enumerate(outputs)
        ])  # fmt: skip
    return [list(row) for row in zip(*found)] if found else [[] for _ in outputs]


def _block(call: Call, value: Any, output: Any, name: Any) -> Any:
    """A block one side of which is a number: it has the other's shape."""
    return call.full(value, name if call.shape(name) else output)


class _Wide:
    """A tape with one more axis before all others, along which seeds stand."""

    def __init__(self, call: Call, tape: Mapping[str, Any]) -> None:
        from .batches import Arrays

        self.call = call
        self.batch = call.apply.batch  # type: ignore[attr-defined]
        self.apply = Arrays(call.wlist.ops, self.batch + 1, call.apply.dtype)  # type: ignore[attr-defined]
        self.tape = {n: v if type(v) is float else v[None] for n, v in tape.items()}
        self.largest = max((v.size for v in self.tape.values() if not isinstance(v, float)), default=1)

    def seeds(self, shape: tuple[int, ...]) -> Any:
        """Unit arrays of a shape, so many at a time as fit."""
        import numpy as np

        n = prod(shape)
        step = max(1, MOST // max(self.largest, 1))
        for first in range(0, n, step):
            rows = min(step, n - first)
            unit = np.zeros((rows, n), self.apply.dtype)
            unit[np.arange(rows), np.arange(first, first + rows)] = 1.0
            yield unit.reshape((rows,) + (1,) * self.batch + shape)

    def full(self, value: Any, like: Any, rows: int) -> Any:
        """A result with the axis of the seeds, the batch, and the shape of an atom."""
        import numpy as np

        shape = (rows, *self.call.batch, *self.call.shape(like))
        return np.zeros(shape, self.apply.dtype) if value is None else np.broadcast_to(value, shape)

    def joined(self, parts: list[Any], seeded: tuple[int, ...], other: tuple[int, ...], tangents: bool) -> Any:
        """The block of the seeds of all parts: after the batch, the output's axes, then the input's."""
        import numpy as np

        lead = len(self.call.batch)
        whole = np.concatenate(parts) if parts else np.zeros((0, *self.call.batch, *other), self.apply.dtype)
        if tangents:  # the input's axes are the seeds'
            return np.moveaxis(whole, 0, -1).reshape((*self.call.batch, *other, *seeded))
        return np.moveaxis(whole, 0, lead).reshape((*self.call.batch, *seeded, *other))
