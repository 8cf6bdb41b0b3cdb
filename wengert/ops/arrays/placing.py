"""Values of the ops that place the elements of arrays, with the conventions of `products`."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ..shapes.dimensions import axes
from ..shapes.placing import moved_order, widths_of
from .products import whole_numbers

Array = Any
Axes = int | Sequence[int] | None


def core(batch: int, a: Array) -> tuple[int, ...]:
    """The core shape of an array."""
    return np.shape(a)[batch:]


def lead(batch: int, a: Array) -> tuple[int, ...]:
    """The lengths of the batch axes of an array."""
    return np.shape(a)[:batch]


def along(batch: int, a: Array, axis: Axes) -> tuple[int, ...]:
    """The indices, among all axes of an array, of some of its core axes."""
    return tuple(batch + k for k in axes(axis, len(core(batch, a))))


def kind(a: Array) -> Any:
    """The type of the elements of an array."""
    return getattr(a, "dtype", np.dtype(float))


def joint(batch: int, *args: Array) -> list[Array]:
    """The arrays, broadcast to the same batch axes."""
    if batch == 0:
        return [np.asarray(a) for a in args]
    shape = np.broadcast_shapes(*(lead(batch, a) for a in args))
    return [np.broadcast_to(a, shape + core(batch, a)) for a in args]


# Constant arrays: they do not vary, so that their batch axes have length 1.


def zeros(batch: int, shape: int | Sequence[int]) -> Array:
    return np.zeros((1,) * batch + ((shape,) if isinstance(shape, int) else tuple(shape)))


def ones(batch: int, shape: int | Sequence[int]) -> Array:
    return zeros(batch, shape) + 1.0


def eye(batch: int, n: int, m: int | None = None) -> Array:
    return np.eye(n, m).reshape((1,) * batch + (n, n if m is None else m))


def arange(batch: int, start: int, stop: int | None = None, step: int = 1) -> Array:
    first, last = (start, stop) if stop is not None else (0, start)
    return np.arange(first, last, step, dtype=float).reshape((1,) * batch + (-1,))


def full(batch: int, a: Array, shape: int | Sequence[int]) -> Array:
    want = (shape,) if isinstance(shape, int) else tuple(shape)
    have = core(batch, a)
    a = np.reshape(a, lead(batch, a) + (1,) * (len(want) - len(have)) + have)
    return np.broadcast_to(a, lead(batch, a) + want)


def linspace(batch: int, a: Array, b: Array, n: int) -> Array:
    rank = max(len(core(batch, a)), len(core(batch, b)))
    a, b = (np.reshape(x, lead(batch, x) + (1,) * (rank - len(core(batch, x))) + core(batch, x)) for x in (a, b))
    return np.linspace(a, b, n, axis=batch)


def one_hot(batch: int, k: Array, n: int) -> Array:
    return np.asarray(whole_numbers(k, n)[..., None] % max(n, 1) == np.arange(n), dtype=float)


# Shapes


def stack(batch: int, *a: Array, axis: int = 0) -> Array:
    (k,) = axes(axis, len(core(batch, a[0])) + 1)
    return np.stack(joint(batch, *a), axis=batch + k)


def flatten(batch: int, a: Array) -> Array:
    return np.reshape(a, (*lead(batch, a), prod(core(batch, a))))


def expand_dims(batch: int, a: Array, axis: int | Sequence[int]) -> Array:
    count = 1 if isinstance(axis, int) else len(axis)
    new = axes(axis, len(core(batch, a)) + count)
    return np.expand_dims(a, tuple(batch + k for k in new))


def squeeze(batch: int, a: Array, axis: Axes = None) -> Array:
    shape = core(batch, a)
    gone = [k for k, d in enumerate(shape) if d == 1] if axis is None else axes(axis, len(shape))
    return np.squeeze(a, tuple(batch + k for k in gone))


def swapaxes(batch: int, a: Array, axis1: int, axis2: int) -> Array:
    (j,), (k,) = along(batch, a, axis1), along(batch, a, axis2)
    return np.swapaxes(a, j, k)


def moveaxis(batch: int, a: Array, source: int | Sequence[int], destination: int | Sequence[int]) -> Array:
    order = moved_order(len(core(batch, a)), source, destination)
    return np.transpose(a, (*range(batch), *(batch + k for k in order)))


def permute(batch: int, a: Array, order: int | Sequence[int]) -> Array:
    return np.transpose(a, (*range(batch), *along(batch, a, order)))


def lined(batch: int, a: Array, axis: Axes = None) -> Array:
    """An array with some of its axes, or all, merged into one last axis, a line."""
    shape = core(batch, a)
    gone = axes(axis, len(shape))
    kept = [k for k in range(len(shape)) if k not in gone]
    a = np.transpose(a, (*range(batch), *(batch + k for k in (*kept, *gone))))
    return np.reshape(a, lead(batch, a) + tuple(shape[k] for k in kept) + (prod(shape[k] for k in gone),))


def unlined(batch: int, g: Array, like: Array, axis: Axes = None) -> Array:
    """The inverse of `lined`: an array of lines, in the shape of `like`."""
    shape = core(batch, like)
    gone = axes(axis, len(shape))
    order = [*(k for k in range(len(shape)) if k not in gone), *gone]
    g = np.reshape(g, lead(batch, g) + tuple(shape[k] for k in order))
    return np.transpose(g, (*range(batch), *(batch + order.index(k) for k in range(len(shape)))))


# Copies and margins


def repeat(batch: int, a: Array, repeats: int, axis: int | None = None) -> Array:
    if axis is None:
        return np.repeat(flatten(batch, a), repeats, axis=batch)
    return np.repeat(a, repeats, axis=along(batch, a, axis)[0])


def unrepeat(batch: int, g: Array, like: Array, repeats: int, axis: int | None = None) -> Array:
    shape = core(batch, like)
    flat = (prod(shape),)
    (at,), sizes = ((0,), flat) if axis is None else (axes(axis, len(shape)), shape)
    before, k, after = sizes[:at], sizes[at], sizes[at + 1 :]
    apart = np.reshape(g, (*lead(batch, g), *before, k, repeats, *after))
    return np.reshape(np.sum(apart, axis=batch + len(before) + 1), lead(batch, g) + shape)


def _tiles(shape: tuple[int, ...], reps: int | Sequence[int]) -> list[tuple[int, int]]:
    times = (reps,) if isinstance(reps, int) else tuple(reps)
    rank = max(len(times), len(shape))
    return list(zip((1,) * (rank - len(times)) + times, (1,) * (rank - len(shape)) + shape))


def tile(batch: int, a: Array, reps: int | Sequence[int]) -> Array:
    tiles = _tiles(core(batch, a), reps)
    a = np.reshape(a, lead(batch, a) + tuple(d for _, d in tiles))
    return np.tile(a, (1,) * batch + tuple(n for n, _ in tiles))


def untile(batch: int, g: Array, like: Array, reps: int | Sequence[int]) -> Array:
    tiles = _tiles(core(batch, like), reps)
    apart = np.reshape(g, lead(batch, g) + tuple(d for tile in tiles for d in tile))
    summed = np.sum(apart, axis=tuple(range(batch, batch + 2 * len(tiles), 2)))
    return np.reshape(summed, lead(batch, g) + core(batch, like))


def pad(batch: int, a: Array, widths: int | Sequence[int]) -> Array:
    return np.pad(a, [(0, 0)] * batch + widths_of(widths, len(core(batch, a))))


def unpad(batch: int, a: Array, widths: int | Sequence[int]) -> Array:
    around = widths_of(widths, len(core(batch, a)))
    return a[(slice(None),) * batch + tuple(slice(w, d - v) for d, (w, v) in zip(core(batch, a), around))]


# Order


def flip(batch: int, a: Array, axis: Axes = None) -> Array:
    return np.flip(a, along(batch, a, axis))


def roll(batch: int, a: Array, shift: int | Sequence[int], axis: Axes = None) -> Array:
    if axis is None:
        return np.reshape(np.roll(flatten(batch, a), shift, axis=batch), np.shape(a))
    return np.roll(a, shift, along(batch, a, axis))


def take_along_axis(batch: int, a: Array, i: Array, axis: int = -1) -> Array:
    (k,) = along(batch, a, axis)
    a, i = joint(batch, a, i)
    return np.take_along_axis(a, whole_numbers(i, a.shape[k]), axis=k)


def put_along_axis(batch: int, g: Array, i: Array, like: Array, axis: int = -1) -> Array:
    (k,) = along(batch, like, axis)
    g, i, like = joint(batch, g, i, like)
    answer = np.zeros(like.shape, dtype=kind(like))
    places = list(np.ix_(*map(np.arange, i.shape)))
    places[k] = whole_numbers(i, like.shape[k])
    np.add.at(answer, tuple(places), g)
    return answer


def sort(batch: int, a: Array, axis: int = -1) -> Array:
    return np.sort(a, axis=along(batch, a, axis)[0])


def argsort(batch: int, a: Array, axis: int = -1) -> Array:
    return np.argsort(a, axis=along(batch, a, axis)[0], kind="stable").astype(kind(a))


# Runs of equal elements, along the last axis


def _ends(b: Array) -> tuple[Array, Array]:
    """For each element, the first and the last place of its run."""
    n = b.shape[-1]
    places = np.broadcast_to(np.arange(n), b.shape)
    begins = np.ones(b.shape, dtype=bool)
    begins[..., 1:] = b[..., 1:] != b[..., :-1]
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=-1)
    closes = np.ones(b.shape, dtype=bool)
    closes[..., :-1] = begins[..., 1:]
    last = np.minimum.accumulate(np.where(closes, places, n - 1)[..., ::-1], axis=-1)[..., ::-1]
    return first, last


def runs(batch: int, b: Array) -> Array:
    first, last = _ends(b)
    return (last - first + 1).astype(kind(b))


def run_total(batch: int, g: Array, b: Array, last: int = 0) -> Array:
    g, b = joint(batch, g, b)
    answer = np.zeros(g.shape, dtype=kind(g))
    places = list(np.ix_(*map(np.arange, g.shape)))
    places[-1] = _ends(b)[last]
    np.add.at(answer, tuple(places), g)
    return answer


def run_value(batch: int, a: Array, b: Array, last: int = 0) -> Array:
    a, b = joint(batch, a, b)
    return np.take_along_axis(a, _ends(b)[last], axis=-1)


def share_runs(batch: int, g: Array, b: Array) -> Array:
    g, b = joint(batch, g, b)
    if g.shape[-1] < 2 or (b[..., 1:] != b[..., :-1]).all():
        return g
    return run_value(batch, run_total(batch, g, b), b) / runs(batch, b)
