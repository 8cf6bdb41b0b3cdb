"""Products of derivatives at kinks: Jacobian and Hessian times directions and adjoints, diagonals and nonzeros.

If a call meets no kink, its answer stays as it is. Otherwise it is the product with the matrix from `at_kinks`, so that
all modes agree. A zero of the direction contributes nothing, even where the derivative is nan or infinite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...kernels.evaluation import Evaluation
from ...kernels.prepared import Prepared
from ..results import Gradient
from .at_kinks import KinkRecomputation, any_of, recomputed, stale_derivatives

if TYPE_CHECKING:
    from ..function import Function


def tangents(f: Function, point: Mapping[str, Any], direction: Mapping[str, Any], answers: Sequence[Any]) -> Any:
    """The derivatives of the outputs along a direction, correct at kinks too."""
    setting, names = f.lists.of_running, tuple(direction)
    hit, bad = stale_derivatives(f, setting, point, names, [answers])
    if not any_of(hit) and not any_of(bad):
        return answers
    call = setting.at(point)
    rows = f.jacobian(point, wrt=names)
    moved = call.direction(direction)
    with call:
        new = [_summed(call, row, moved, names) for row in rows]
    return [_put(call, hit, bad, a, b) for a, b in zip(answers, new)]


def adjoints(
    f: Function, point: Mapping[str, Any], weights: Mapping[str, Any], answers: Gradient
) -> Gradient:  # fmt: skip
    """The gradient of a weighted sum of the outputs, correct at kinks too."""
    setting, names = f.lists.of_running, f.inputs
    hit, bad = stale_derivatives(f, setting, point, names, [answers])
    if not any_of(hit) and not any_of(bad):
        return answers
    call = setting.at(point)
    rows = f.jacobian(point)
    of: dict[str, Any] = dict(zip(f.outputs, call.wlist.outputs))
    own = [n for n in f.outputs if n in weights and isinstance(of[n], str)]
    factors = {n: call.direction({of[n]: weights[n]})[of[n]] for n in own}
    columns = []
    with call:
        for k in range(len(names)):
            total: Any = None
            for n in own:
                term = _product(call, rows[n][k], factors[n], len(call.shape(of[n])), True)
                total = term if total is None else total + term
            columns.append(0.0 if total is None else total)
    new = [_put(call, hit, bad, a, b) for a, b in zip(answers, columns)]
    return Gradient(names, new, lambda: rows.notes)


def second_along(
    f: Function, point: Mapping[str, Any], names: tuple[str, ...], direction: Mapping[str, Any], answers: Gradient
) -> Gradient:
    """The Hessian times a direction, correct at kinks too."""
    setting = f.lists.of_one_output(names)
    moving = tuple(direction)
    both = tuple(dict.fromkeys((*names, *moving)))
    hit, bad = stale_derivatives(f, setting, point, both, [answers], 2)
    if not any_of(hit):
        return answers
    call = setting.at(point)
    rows = f.hessian(point, wrt=both)
    moved = call.direction(direction)
    with call:
        new = [_summed(call, rows[n], moved, moving) for n in names]
    return Gradient(names, [_put(call, hit, bad, a, b) for a, b in zip(answers, new)], lambda: rows.notes)


def _summed(call: Evaluation, row: Any, direction: Mapping[str, Any], names: Sequence[str]) -> Any:
    """A row of blocks times a direction."""
    total: Any = None
    for name in names:
        term = _product(call, row[name], direction[name], len(call.shape(name)), False)
        total = term if total is None else total + term
    return 0.0 if total is None else total


def _product(call: Evaluation, block: Any, factor: Any, axes: int, first: bool) -> Any:
    """A block times a factor, summed over the factor's own axes: the first ones after the batch, or the last ones."""
    if type(block) is float and type(factor) is float:
        return block * factor if factor != 0.0 else 0.0
    import numpy as np

    n = len(call.batch)
    factor = np.asarray(factor, dtype=float)
    block = np.asarray(block, dtype=float)
    lead = factor.shape[: factor.ndim - axes]
    own = factor.shape[factor.ndim - axes :]
    other = block.ndim - n - axes
    shape = (*lead, *own, *(1,) * other) if first else (*lead, *(1,) * other, *own)
    factor = factor.reshape(shape)
    terms = np.where(factor == 0.0, 0.0, block * factor)
    gone = tuple(range(n, n + axes)) if first else tuple(range(block.ndim - axes, block.ndim))
    found = terms.sum(axis=gone)
    return found if found.ndim else float(found)


def _put(call: Evaluation, hit: Any, bad: Any, old: Any, new: Any) -> Any:
    """The new answer where the derivative is to be recomputed, else the old one."""
    if not call.batch:
        return new
    import numpy as np

    flags = np.broadcast_to(hit | bad, call.batch)
    return np.where(flags.reshape(flags.shape + (1,) * (np.ndim(old) - flags.ndim)), new, old)


def diagonal(f: Function, setting: Prepared, point: Mapping[str, Any], names: Sequence[str], found: Any) -> Any:
    """The diagonal of a Hessian, correct at kinks too: the derivatives, and the sentences for their notes."""
    return recomputed(f, setting, point, names, [found], 2, diagonal=True)


def nonzeros(
    f: Function, call: Evaluation, setting: Prepared, point: Mapping[str, Any], names: Sequence[str], values: Any,
    places: tuple[Any, Any], order: int,
) -> Any:  # fmt: skip
    """The nonzeros of a sparse Jacobian (`order` 1) or Hessian (2), correct at kinks too.

    `places` are their rows and columns, by the elements of the outputs and of the names.
    """
    hit, bad = stale_derivatives(f, setting, point, names, [values.tolist()], order)
    if not any_of(hit) and not any_of(bad):
        return values
    anew = KinkRecomputation(f, call, names, order, [], False)
    rays, _ = anew.rays(call.values, len(values))
    return anew.entries(rays, values, places, bool(hit))
