"""Values of the ops that interpolate, evaluate polynomials and convolve, with the conventions of `products`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ...ground.limits import check_clock
from ..shapes.placing import FULL, pair
from .placing import core, joint, kind, lead

Array = Any


def _each(batch: int, function: Callable[..., Array], shape: tuple[int, ...], *args: Array) -> Array:
    """A function of arrays without batch axes, applied to each point of a batch. `shape` is the shape of one value."""
    if batch == 0:
        return function(*map(np.asarray, args))
    parts = joint(batch, *args)
    answer = np.empty(parts[0].shape[:batch] + shape)
    for at in np.ndindex(*parts[0].shape[:batch]):
        check_clock()
        answer[at] = function(*(x[at] for x in parts))
    return answer


# Interpolation


def _increases(xp: Array) -> bool:
    return bool((xp[1:] > xp[:-1]).all()) and not np.isnan(xp).any()


def interp(batch: int, x: Array, xp: Array, fp: Array) -> Array:
    def one(x: Array, xp: Array, fp: Array) -> Array:
        return np.interp(x, xp, fp) if _increases(xp) else np.full(x.shape, np.nan)

    return _each(batch, one, core(batch, x), x, xp, fp)


def interp_t(batch: int, a: Array, x: Array, xp: Array) -> Array:
    def one(a: Array, x: Array, xp: Array) -> Array:
        n = len(xp)
        answer = np.zeros(n)
        if n == 1:
            answer[0] = np.sum(a)
            return answer
        k = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, n - 2)
        t = np.clip((x - xp[k]) / (xp[k + 1] - xp[k]), 0.0, 1.0)
        np.add.at(answer, k, a * (1.0 - t))
        np.add.at(answer, k + 1, a * t)
        return answer

    return _each(batch, one, core(batch, xp), a, x, xp)


def segment(batch: int, a: Array, x: Array, xp: Array, side: int = 0) -> Array:
    def one(a: Array, x: Array, xp: Array) -> Array:
        left, right = (a[np.searchsorted(xp, x, side=word)] for word in ("left", "right"))
        y = (left + right) / 2 if side == 0 else left if side < 0 else right
        return np.where(np.isnan(x), np.nan, y)

    return _each(batch, one, core(batch, x), a, x, xp)


def segment_t(batch: int, a: Array, x: Array, xp: Array, like: Array, side: int = 0) -> Array:
    def one(a: Array, x: Array, xp: Array, like: Array) -> Array:
        answer = np.zeros(like.shape)
        if side <= 0:
            np.add.at(answer, np.searchsorted(xp, x, side="left"), a if side else a / 2)
        if side >= 0:
            np.add.at(answer, np.searchsorted(xp, x, side="right"), a if side else a / 2)
        return answer

    return _each(batch, one, core(batch, like), a, x, xp, like)


# Polynomials


def polyval(batch: int, c: Array, x: Array) -> Array:
    rank = len(core(batch, x))
    shape = np.broadcast_shapes(lead(batch, c), lead(batch, x)) + core(batch, x)
    y = np.zeros(shape)
    for k in range(np.shape(c)[-1]):
        check_clock()
        y = y * x + np.reshape(c[..., k], lead(batch, c) + (1,) * rank)
    return y


def polyval_t(batch: int, a: Array, x: Array, like: Array) -> Array:
    n, rank = np.shape(like)[-1], len(core(batch, x))
    shape = np.broadcast_shapes(lead(batch, a), lead(batch, x))
    answer = np.empty((*shape, n))
    power = np.ones(np.shape(x))
    for k in range(n - 1, -1, -1):
        check_clock()
        answer[..., k] = np.sum(a * power, axis=tuple(range(batch, batch + rank)))
        power = power * x
    return answer


def polyder(batch: int, c: Array) -> Array:
    n = np.shape(c)[-1]
    return c[..., :-1] * np.arange(n - 1.0, 0.0, -1.0)


def polyder_t(batch: int, a: Array, like: Array) -> Array:
    answer = np.zeros(lead(batch, a) + core(batch, like), dtype=kind(a))
    answer[..., :-1] = a * np.arange(np.shape(like)[-1] - 1.0, 0.0, -1.0)
    return answer


# Convolutions


def _part(n: int, m: int, mode: int) -> slice:
    """The part of the full convolution of n and m elements that a mode keeps."""
    less = min(n, m)
    start = 0 if mode == FULL else (less - 1) // 2 if mode else less - 1
    return slice(start, start + (n + m - 1 if mode == FULL else max(n, m) if mode else max(n, m) - less + 1))


# Products between two checks of the clock: some milliseconds.
_TURN = 1 << 24


def convolve(batch: int, a: Array, v: Array, mode: int = FULL) -> Array:
    n, m = np.shape(a)[-1], np.shape(v)[-1]
    if n < m:
        a, v, n, m = v, a, m, n
    kept = _part(n, m, mode)
    if batch == 0:
        if n * m <= _TURN:
            return np.convolve(a, v)[kept]
        # Element k of the whole is made of the elements k - m + 1 to k of the longer one.
        around = np.pad(a, m - 1)
        answer = np.empty(kept.stop - kept.start, dtype=kind(a))
        turn = max(_TURN // m, 1)
        for k in range(kept.start, kept.stop, turn):
            check_clock()
            last = min(k + turn, kept.stop)
            answer[k - kept.start : last - kept.start] = np.convolve(around[k : last + m - 1], v, "valid")
        return answer
    shape = np.broadcast_shapes(lead(batch, a), lead(batch, v))
    whole = np.zeros((*shape, n + m - 1))
    for k in range(m):
        check_clock()
        whole[..., k : k + n] += a * v[..., k : k + 1]
    return whole[..., kept]


def convolve_t(batch: int, a: Array, v: Array, like: Array, mode: int = FULL) -> Array:
    n, m = np.shape(like)[-1], np.shape(v)[-1]
    whole = np.zeros((*lead(batch, a), n + m - 1), dtype=kind(a))
    whole[..., _part(n, m, mode)] = a
    if batch == 0 and n * m <= _TURN:
        return np.correlate(whole, v, "valid")
    shape = np.broadcast_shapes(lead(batch, a), lead(batch, v))
    answer = np.zeros((*shape, n), dtype=kind(a))
    for k in range(m):
        check_clock()
        answer += whole[..., k : k + n] * v[..., k : k + 1]
    return answer


def _images(batch: int, x: Array, w: Array) -> tuple[Array, Array, bool]:
    """An image and filters, both with channel axes, and whether those axes were added here."""
    plain = len(core(batch, x)) == 2
    if plain:
        x = np.reshape(x, (*lead(batch, x), 1, *core(batch, x)))
        w = np.reshape(w, (*lead(batch, w), 1, 1, *core(batch, w)))
    return x, w, plain


def _taps(
    x: Array, size: tuple[int, ...], places: tuple[int, ...], steps: tuple[int, int], margins: tuple[int, int]
) -> Iterator[tuple[int, int, Array]]:  # fmt: skip
    """The elements of a filter, each with the part of the image that it meets, with the axes […, in, rows, columns].

    One at a time: all of them together are as large as the image times the filter."""
    around = [(0, 0)] * (np.ndim(x) - 2) + [(margin, margin) for margin in margins]
    wide = np.pad(x, around)
    down, across = places
    for i in range(size[0]):
        for j in range(size[1]):
            check_clock()
            yield i, j, wide[..., i : i + steps[0] * down : steps[0], j : j + steps[1] * across : steps[1]]


def conv2d(batch: int, x: Array, w: Array, stride: int | Sequence[int] = 1, padding: int | Sequence[int] = 0) -> Array:
    x, w, plain = _images(batch, x, w)
    steps, margins = pair(stride, "", 1), pair(padding, "", 0)
    places = tuple((d + 2 * p - k) // s + 1 for d, k, s, p in zip(x.shape[-2:], w.shape[-2:], steps, margins))
    shape = np.broadcast_shapes(x.shape[:-3], w.shape[:-4])
    y = np.zeros((*shape, w.shape[-4], *places), dtype=np.result_type(x, w))
    for i, j, part in _taps(x, w.shape[-2:], places, steps, margins):
        one = w[..., i, j]
        if one.shape[-2:] == (1, 1):
            y += part * one[..., None]
        else:
            y += np.einsum("...cpq,...oc->...opq", part, one, optimize=True)
    return y[..., 0, :, :] if plain else y


def conv2d_x(
    batch: int, a: Array, w: Array, like: Array, stride: int | Sequence[int] = 1, padding: int | Sequence[int] = 0
) -> Array:
    steps, margins = pair(stride, "", 1), pair(padding, "", 0)
    plain = len(core(batch, like)) == 2
    if plain:
        a, w = np.expand_dims(a, -3), np.expand_dims(w, (-4, -3))
    rows, columns = np.shape(like)[-2:]
    shape = np.broadcast_shapes(np.shape(a)[:-3], np.shape(w)[:-4])
    wide = np.zeros((*shape, np.shape(w)[-3], rows + 2 * margins[0], columns + 2 * margins[1]),
                    dtype=np.result_type(a, w))  # fmt: skip
    down, across = np.shape(a)[-2:]
    for i in range(np.shape(w)[-2]):
        for j in range(np.shape(w)[-1]):
            check_clock()
            part = np.einsum("...opq,...oc->...cpq", a, w[..., i, j], optimize=True)
            wide[..., i : i + steps[0] * down : steps[0], j : j + steps[1] * across : steps[1]] += part
    y = wide[..., margins[0] : margins[0] + rows, margins[1] : margins[1] + columns]
    return y[..., 0, :, :] if plain else y


def conv2d_w(
    batch: int, a: Array, x: Array, like: Array, stride: int | Sequence[int] = 1, padding: int | Sequence[int] = 0
) -> Array:
    plain = len(core(batch, like)) == 2
    if plain:
        a, x = np.expand_dims(a, -3), np.expand_dims(x, -3)
    steps, margins = pair(stride, "", 1), pair(padding, "", 0)
    shape = np.broadcast_shapes(a.shape[:-3], x.shape[:-3])
    size = np.shape(like)[-2:]
    y = np.zeros((*shape, a.shape[-3], x.shape[-3], *size), dtype=np.result_type(a, x))
    for i, j, part in _taps(x, size, a.shape[-2:], steps, margins):
        y[..., i, j] = np.einsum("...cpq,...opq->...oc", part, a, optimize=True)
    return y[..., 0, 0, :, :] if plain else y
