"""Values of the reductions and of the ops in their rules, with the conventions of `products`.

An op along several axes merges them into one last axis, a line (`lined`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ...ground.limits import check_clock
from ...ground.tuples import NamedTuple
from ..shapes.dimensions import axes
from .placing import along, core, flatten, joint, kind, lead, lined, unlined
from .products import whole_numbers

Array = Any
Axes = int | Sequence[int] | None


def _reduced(batch: int, y: Array, a: Array, axis: Axes, keepdims: int) -> Array:
    """The results, one a line, in the shape of a reduction."""
    if not keepdims:
        return y
    gone = axes(axis, len(core(batch, a)))
    shape = tuple(1 if k in gone else d for k, d in enumerate(core(batch, a)))
    return np.reshape(y, lead(batch, y) + shape)


# Products


def product(batch: int, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    return np.prod(a, axis=along(batch, a, axis), keepdims=bool(keepdims))


def before(batch: int, a: Array) -> Array:
    answer = np.ones(np.shape(a), dtype=kind(a))
    np.cumprod(a[..., :-1], axis=-1, out=answer[..., 1:])
    return answer


def delay(batch: int, a: Array) -> Array:
    answer = np.zeros(np.shape(a), dtype=kind(a))
    answer[..., 1:] = a[..., :-1]
    return answer


def advance(batch: int, a: Array) -> Array:
    answer = np.zeros(np.shape(a), dtype=kind(a))
    answer[..., :-1] = a[..., 1:]
    return answer


def recur(batch: int, a: Array, b: Array) -> Array:
    a, b = np.broadcast_arrays(a, b)
    if a.size == a.shape[-1] and a.dtype == b.dtype == np.float64:
        # For one line, Python's own numbers are quicker than an array of one number at each step.
        s, steps = 0.0, []
        for k, (factor, term) in enumerate(zip(a.ravel().tolist(), b.ravel().tolist())):
            s = term + factor * s if k else term
            steps.append(s)
        return np.reshape(np.array(steps, dtype=float), a.shape)
    answer = np.array(b)
    for k in range(1, a.shape[-1]):
        check_clock()
        answer[..., k] += a[..., k] * answer[..., k - 1]
    return answer


def recur_back(batch: int, a: Array, b: Array) -> Array:
    return recur(batch, advance(batch, a)[..., ::-1], b[..., ::-1])[..., ::-1]


def cumsum(batch: int, a: Array, axis: int | None = None) -> Array:
    if axis is None:
        a, axis = flatten(batch, a), 0
    return np.cumsum(a, axis=along(batch, a, axis)[0])


def cumprod(batch: int, a: Array, axis: int | None = None) -> Array:
    if axis is None:
        a, axis = flatten(batch, a), 0
    return np.cumprod(a, axis=along(batch, a, axis)[0])


# Moments


def count(batch: int, a: Array, axis: Axes = None, ddof: int = 0) -> Array:
    shape = core(batch, a)
    n = float(max(prod(shape[k] for k in axes(axis, len(shape))) - ddof, 0))
    return n if batch == 0 else np.full((1,) * batch, n)


def mean(batch: int, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    total = np.sum(a, axis=along(batch, a, axis), keepdims=bool(keepdims))
    return np.divide(total, count(0, np.empty(core(batch, a)), axis))


def centred(batch: int, a: Array, axis: Axes = None) -> Array:
    return a - mean(batch, a, axis, 1)


def var(batch: int, a: Array, axis: Axes = None, ddof: int = 0, keepdims: int = 0) -> Array:
    squares = np.square(centred(batch, a, axis))
    total = np.sum(squares, axis=along(batch, a, axis), keepdims=bool(keepdims))
    return np.divide(total, count(0, np.empty(core(batch, a)), axis, ddof))


def std(batch: int, a: Array, axis: Axes = None, ddof: int = 0, keepdims: int = 0) -> Array:
    return np.sqrt(var(batch, a, axis, ddof, keepdims))


# Exponentials, divided by the largest


def _gaps(line: Array) -> tuple[Array, Array, Array]:
    """For each line its largest element, the differences from it, and their rounding errors (Knuth's two-sum)."""
    top = np.maximum.reduce(line, axis=-1, keepdims=True, initial=-np.inf)
    gap = line - top
    back = gap - line
    error = (line - (gap - back)) - (top + back)
    if np.isfinite(gap).all():
        return top, gap, error
    error = np.where(np.isfinite(gap), error, 0.0)
    if np.isposinf(top).any():
        # A single infinity exceeds the other elements infinitely; two of them have no known difference.
        endless = np.isposinf(line)
        several = np.sum(endless, axis=-1, keepdims=True) > 1
        gap = np.where(endless, np.where(several, np.nan, 0.0), gap)
    return top, gap, error


class Gaps(NamedTuple):
    """For each line its largest element, the differences from it, and their exponentials."""

    top: Array
    gap: Array
    e: Array


def gaps_of(line: Array) -> Gaps:
    """The differences of the elements from the largest of their line, for the functions that divide by it."""
    top, gap, error = _gaps(line)
    e = np.exp(gap)
    error += 1.0
    e *= error
    return Gaps(top, gap, e)


def _rest(at: Gaps) -> Array:
    """The sum of the exponentials of a line without that of its largest element, which is 1."""
    e = np.array(at.e)
    if e.size:
        lines = e.reshape(-1, e.shape[-1])
        lines[np.arange(len(lines)), at.gap.argmax(-1).reshape(-1)] = 0.0
        e = lines.reshape(e.shape)
    return np.add.reduce(e, axis=-1, keepdims=True)


def log_sum_of(at: Gaps) -> Array:
    """For each line the logarithm of the sum of its exponentials."""
    return np.where(np.isfinite(at.top), at.top + np.log1p(_rest(at)), at.top)[..., 0]


def logsumexp(batch: int, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    return _reduced(batch, log_sum_of(gaps_of(lined(batch, a, axis))), a, axis, keepdims)


def shares_of(at: Gaps) -> Array:
    """The exponentials, divided by the sum of their line."""
    return at.e / np.add.reduce(at.e, axis=-1, keepdims=True)


def softmax(batch: int, a: Array, axis: Axes = None) -> Array:
    return unlined(batch, shares_of(gaps_of(lined(batch, a, axis))), a, axis)


def log_shares_of(at: Gaps) -> Array:
    """The logarithms of `shares_of`."""
    return at.gap - np.log1p(_rest(at))


def _log_softmax(line: Array) -> Array:
    return log_shares_of(gaps_of(line))


def log_softmax(batch: int, a: Array, axis: Axes = None) -> Array:
    return unlined(batch, _log_softmax(lined(batch, a, axis)), a, axis)


def balance_largest(batch: int, g: Array, a: Array, axis: Axes = None) -> Array:
    g, a = joint(batch, g, a)
    line, by = np.array(lined(batch, g, axis)), lined(batch, a, axis)
    if by.shape[-1]:
        place = np.argmax(by, axis=-1)[..., None]
        np.put_along_axis(line, place, 0.0, axis=-1)
        np.put_along_axis(line, place, -np.sum(line, axis=-1, keepdims=True), axis=-1)
    return unlined(batch, line, a, axis)


def less_largest(batch: int, g: Array, a: Array, axis: Axes = None) -> Array:
    g, a = joint(batch, g, a)
    line, by = lined(batch, g, axis), lined(batch, a, axis)
    if by.shape[-1]:
        place = np.argmax(by, axis=-1)[..., None]
        line = line - np.take_along_axis(line, place, axis=-1)
        np.put_along_axis(line, place, 0.0, axis=-1)
    return unlined(batch, line, a, axis)


def softmax_cross_entropy(batch: int, a: Array, p: Array, axis: Axes = -1, keepdims: int = 0) -> Array:
    line, of = _log_softmax(lined(batch, a, axis)), lined(batch, p, axis)
    y = -np.sum(np.where(of == 0, 0.0, of * line), axis=-1)
    return _reduced(batch, y, a, axis, keepdims)


def softmax_cross_entropy_at(batch: int, a: Array, k: Array, axis: int = -1) -> Array:
    a, k = joint(batch, a, k)
    line = _log_softmax(lined(batch, a, axis))
    places = whole_numbers(k, line.shape[-1])
    return -np.take_along_axis(line, places[..., None], axis=-1)[..., 0]


# Truth values and places


def any_of(batch: int, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    return np.any(np.not_equal(a, 0), axis=along(batch, a, axis), keepdims=bool(keepdims)).astype(kind(a))


def all_of(batch: int, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    return np.all(np.not_equal(a, 0), axis=along(batch, a, axis), keepdims=bool(keepdims)).astype(kind(a))


def argmax(batch: int, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    return _reduced(batch, np.argmax(lined(batch, a, axis), axis=-1).astype(kind(a)), a, axis, keepdims)


def argmin(batch: int, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    return _reduced(batch, np.argmin(lined(batch, a, axis), axis=-1).astype(kind(a)), a, axis, keepdims)


# Ranks


def median(batch: int, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    return _reduced(batch, np.median(lined(batch, a, axis), axis=-1), a, axis, keepdims)


def _between(batch: int, q: Array, n: int) -> tuple[Array, Array, Array]:
    """The places below and above a rank among n sorted elements, and the fraction of the way between them."""
    at = np.reshape(q, (*np.shape(q), 1)) * (n - 1.0)
    at = np.where((at >= 0) & (at <= n - 1), at, np.nan)
    low = np.clip(np.floor(np.nan_to_num(at)), 0, max(n - 2, 0))
    return low.astype(np.int64), np.minimum(low + 1, n - 1).astype(np.int64), at - low


def quantile(batch: int, a: Array, q: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    line = np.sort(lined(batch, a, axis), axis=-1)
    n, rank = line.shape[-1], len(core(batch, line))
    q = np.reshape(q, lead(batch, q) + (1,) * (rank - 1))
    if batch:
        shape = np.broadcast_shapes(lead(batch, line), lead(batch, q))
        line = np.broadcast_to(line, shape + core(batch, line))
        q = np.broadcast_to(q, shape + core(batch, q))
    low, high, t = _between(batch, q, n)
    below, above = np.take_along_axis(line, low, -1), np.take_along_axis(line, high, -1)
    y = np.where((t == 0) | (below == above), below + 0 * t, np.where(t == 1, above, below + t * (above - below)))
    y = np.where(np.isnan(line[..., -1:]) | np.isnan(t), np.nan, y)
    return _reduced(batch, y[..., 0], a, axis, keepdims)


def quantile_weights(batch: int, q: Array, a: Array) -> Array:
    n = np.shape(a)[-1]
    low, high, t = _between(batch, np.reshape(q, lead(batch, q)), n)
    places = np.arange(n)
    return np.where(places == low, 1.0 - t, 0.0) + np.where(places == high, t, 0.0)


def quantile_slopes(batch: int, q: Array, a: Array) -> Array:
    n = np.shape(a)[-1]
    low, high, t = _between(batch, np.reshape(q, lead(batch, q)), n)
    places = np.arange(n)

    def piece(first: Array) -> Array:
        inside = (first >= 0) & (first < n - 1)
        return np.where(inside & (places == first + 1), n - 1.0, 0.0) - np.where(
            inside & (places == first), n - 1.0, 0.0
        )

    # The mean of the slopes on the two sides of the rank: they differ only where the rank is at an element.
    return np.where(
        t == 0, (piece(low - 1) + piece(low)) / 2, np.where(t == 1, (piece(low) + piece(high)) / 2, piece(low))
    )
