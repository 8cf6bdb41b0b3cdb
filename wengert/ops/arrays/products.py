"""Values of the array ops that place, add and multiply elements, and the conventions of all array ops.

A function takes the number of batch axes as its first argument. The first axes of every array are batch axes, of
length 1 where an argument does not vary; the op works along the other ones, the core axes. Static parameters count
axes among the core axes. An argument is an array, or a float as an array without axes; no function changes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ...ground.limits import check_clock
from ..shapes.dimensions import one_axis, parts_of, reshaped
from .work import PRODUCT, foresee

Array = Any
Axis = int | Sequence[int] | None
# Elements of a matrix from which one product with all vectors pays.
LARGE = 1_000


def _rank(batch: int, a: Array) -> int:
    return max(np.ndim(a) - batch, 0)


def _axes(batch: int, a: Array, axis: Axis) -> tuple[int, ...]:
    """Core axes, counted from the end, so that batch axes do not shift them."""
    rank = _rank(batch, a)
    if axis is None:
        return tuple(range(-rank, 0))
    return tuple(k - rank if k >= 0 else k for k in ((axis,) if isinstance(axis, int) else axis))


def _places(spec: str) -> tuple[Any, ...]:
    return tuple(part if isinstance(part, int) else slice(*part) for part in parts_of(spec))


def quietly(over: Any, args: Sequence[Any]) -> Any:
    """The value for arguments without batch axes, with the answers of IEEE 754 and without warnings."""
    with np.errstate(all="ignore"):
        return over(0, *args)


# Placing elements


def array(batch: int, *a: Array) -> Array:
    if batch == 0:
        return np.array(a, dtype=_kind(a))
    rank = max(_rank(batch, x) for x in a)
    return np.stack(np.broadcast_arrays(*a), axis=-1 - rank)


def _kind(args: Sequence[Array]) -> Any:
    kinds = {getattr(x, "dtype", None if isinstance(x, (float, int)) else np.dtype(object)) for x in args} - {None}
    return kinds.pop() if len(kinds) == 1 else object if np.dtype(object) in kinds else float


def concatenate(batch: int, *a: Array, axis: int = 0) -> Array:
    (k,) = _axes(batch, a[0], axis)
    return np.concatenate(_same_batch(batch, a), axis=k)


def piece(batch: int, g: Array, *a: Array, axis: int = 0, at: int = 0) -> Array:
    (k,) = _axes(batch, a[0], axis)
    start = sum(x.shape[k] for x in a[:at])
    place: list[Any] = [slice(None)] * np.ndim(g)
    place[k] = slice(start, start + a[at].shape[k])
    return g[tuple(place)]


def _same_batch(batch: int, args: Sequence[Array]) -> Sequence[Array]:
    if batch == 0:
        return args
    shape = np.broadcast_shapes(*(np.shape(x)[:batch] for x in args))
    return [np.broadcast_to(x, shape + np.shape(x)[batch:]) for x in args]


def index(batch: int, a: Array, spec: str) -> Array:
    return a[(slice(None),) * batch + _places(spec)]


def scatter(batch: int, like: Array, *g: Array, spec: str) -> Array:
    shape = np.shape(like)
    if batch:
        shape = np.broadcast_shapes(shape[:batch], *(np.shape(x)[:batch] for x in g)) + shape[batch:]
    answer = np.zeros(shape, dtype=getattr(like, "dtype", float))
    before = (slice(None),) * batch
    for x, where in zip(g, spec.split("|")):
        at = (*before, *_places(where))
        answer[at] += _aligned(batch, x, np.ndim(answer[at]) - batch) if batch else x
    return answer


def take(batch: int, a: Array, i: Array, axis: int = 0) -> Array:
    (k,) = _axes(batch, a, axis)
    n = a.shape[k]
    places = whole_numbers(i, n)
    if batch == 0:
        return np.take(a, places, axis=k)
    i_rank = _rank(batch, i)
    shape = np.broadcast_shapes(a.shape[:batch], np.shape(i)[:batch])
    rest = _rank(batch, a)
    a = np.moveaxis(np.broadcast_to(a, shape + a.shape[batch:]), k, batch)
    places = np.broadcast_to(places, shape + np.shape(i)[batch:])
    grid = np.ix_(*(np.arange(d) for d in shape))
    grid = tuple(x.reshape(x.shape + (1,) * i_rank) for x in grid)
    picked = a[grid + (places,)]  # noqa: RUF005
    # NumPy puts the axes of the index first; they belong in the place of the indexed axis.
    for _ in range(i_rank):
        picked = np.moveaxis(picked, batch, batch + i_rank - 1 + (rest + k))
    return picked


def put(batch: int, g: Array, i: Array, like: Array, axis: int = 0) -> Array:
    (k,) = _axes(batch, like, axis)
    places = whole_numbers(i, np.shape(like)[k])
    if batch:
        shape = np.broadcast_shapes(np.shape(g)[:batch], np.shape(i)[:batch], np.shape(like)[:batch])
        parts = [np.broadcast_to(x, shape + np.shape(x)[batch:]) for x in (g, places, like)]
        answer = np.empty(shape + np.shape(like)[batch:])
        for at in np.ndindex(*shape):
            check_clock()
            part_g, part_i, part_like = (x[at] for x in parts)
            answer[at] = put(0, part_g, part_i, part_like, axis=k)
        return answer
    answer = np.zeros(like.shape, dtype=like.dtype)
    moved = np.moveaxis(answer, k, 0)
    ahead = like.ndim + k
    source = np.moveaxis(g, range(ahead, ahead + places.ndim), range(places.ndim))
    np.add.at(moved, places, source)
    return answer


class OutOfRange(IndexError):
    """An index by value is not a place of the array."""


def whole_numbers(i: Array, n: int) -> Array:
    """Values as places among n elements. Raises OutOfRange."""
    places = np.asarray(i)
    whole = places.astype(np.int64) if np.isfinite(places).all() else None
    if whole is None or (whole != places).any():
        raise OutOfRange("an index must be a whole number")
    if ((whole < -n) | (whole >= n)).any():
        bad = whole[(whole < -n) | (whole >= n)].flat[0]
        raise OutOfRange(f"there is no element {bad} among {n}")
    return whole


def transpose(batch: int, a: Array) -> Array:
    rank = _rank(batch, a)
    return np.transpose(a, (*range(batch), *reversed(range(batch, batch + rank)))) if rank > 1 else a


def reshape(batch: int, a: Array, shape: int | Sequence[int]) -> Array:
    # NumPy cannot infer a -1 for an array without elements, but the core shape tells it.
    want = reshaped(np.shape(a)[batch:], shape) or ()
    return np.reshape(a, (*np.shape(a)[:batch], *want))


def reshape_like(batch: int, a: Array, like: Array) -> Array:
    return np.reshape(a, np.shape(a)[:batch] + np.shape(like)[batch:])


# Sums and their adjoints


def total(batch: int, a: Array, axis: Axis = None, keepdims: int = 0) -> Array:
    return np.sum(a, axis=_axes(batch, a, axis), keepdims=bool(keepdims))


def spread(batch: int, g: Array, like: Array, axis: Axis = None, keepdims: int = 0) -> Array:
    core = np.shape(like)[batch:]
    if not keepdims and core:
        gone = {k % len(core) for k in _axes(batch, like, axis)}
        kept = tuple(1 if k in gone else d for k, d in enumerate(core))
        g = np.reshape(g, np.shape(g)[:batch] + kept)
    return np.broadcast_to(g, np.shape(g)[:batch] + core)


def sum_like(batch: int, g: Array, like: Array) -> Array:
    core, want = np.shape(g)[batch:], np.shape(like)[batch:]
    if core == want:
        return g
    extra = len(core) - len(want)
    # The first axes are batch axes, which are not summed; an axis of length 1 was broadcast.
    gone = [*range(extra), *(k for k in range(extra, len(core)) if want[k - extra] == 1 != core[k])]
    summed = np.sum(g, axis=tuple(k - len(core) for k in gone), keepdims=True)
    return np.reshape(summed, np.shape(g)[:batch] + want)


def spread_like(batch: int, g: Array, like: Array) -> Array:
    core, want = np.shape(g)[batch:], np.shape(like)[batch:]
    if core == want:
        return g
    lead = np.shape(g)[:batch]
    return np.broadcast_to(np.reshape(g, lead + (1,) * (len(want) - len(core)) + core), lead + want)


def zeros_like(batch: int, a: Array) -> Array:
    return np.zeros(np.shape(a), dtype=getattr(a, "dtype", float)) if np.ndim(a) else 0.0


def length(batch: int, a: Array, axis: int = 0) -> Array:
    core = np.shape(a)[batch:]
    k = one_axis(axis, len(core))
    return float(core[k]) if batch == 0 else np.full((1,) * batch, float(core[k]))


# Products of vectors and matrices


def _matrices(batch: int, a: Array, b: Array, rank_a: int, rank_b: int) -> Array:
    """The product a @ b, where a vector a counts as a row and a vector b as a column."""
    foresee("@", PRODUCT, a.size, b.shape[-1] if rank_b == 2 else 1)
    if batch == 0:
        return np.matmul(a, b)
    # A large matrix that all points share multiplies all rows at once: many products with vectors take far longer.
    # Those with a small one cost little, and their last bits do not depend on the number of points.
    if rank_b == 2 and _same_for_all(batch, b) and a.ndim > batch:
        matrix = b.reshape(b.shape[batch:])
        return np.matmul(a.reshape(prod(a.shape[:-1]), a.shape[-1]), matrix).reshape((*a.shape[:-1], matrix.shape[-1]))
    if rank_a == 2 and rank_b == 1 and _same_for_all(batch, a):
        matrix = a.reshape(a.shape[batch:])
        return np.matmul(b.reshape(prod(b.shape[:-1]), b.shape[-1]), matrix.T).reshape((*b.shape[:-1], matrix.shape[0]))
    left = a[..., None, :] if rank_a == 1 else a
    right = b[..., :, None] if rank_b == 1 else b
    c = np.matmul(left, right)
    if rank_b == 1:
        c = c[..., 0]
    if rank_a == 1:
        c = c[..., 0] if rank_b == 1 else c[..., 0, :]
    return c


def _same_for_all(batch: int, a: Array) -> bool:
    return a.size >= LARGE and all(d == 1 for d in a.shape[:batch])


def matmul(batch: int, a: Array, b: Array) -> Array:
    return _matrices(batch, a, b, _rank(batch, a), _rank(batch, b))


def matmul_t(batch: int, a: Array, b: Array) -> Array:
    if _rank(batch, b) == 1:
        return np.multiply(np.expand_dims(a, -1), _aligned(batch, b, _rank(batch, a) + 1))
    return _matrices(batch, a, np.swapaxes(b, -1, -2), _rank(batch, a), 2)


def t_matmul(batch: int, a: Array, b: Array) -> Array:
    if _rank(batch, a) == 1:
        rank = _rank(batch, b)
        column = np.reshape(a, np.shape(a) + (1,) * rank)
        return np.multiply(column, np.expand_dims(b, batch) if np.ndim(b) >= batch else b)
    return _matrices(batch, np.swapaxes(a, -1, -2), b, 2, _rank(batch, b))


def _aligned(batch: int, a: Array, rank: int) -> Array:
    """An array with core axes of length 1 in front of its own, up to `rank`."""
    shape = np.shape(a)
    return np.reshape(a, shape[:batch] + (1,) * (rank - (len(shape) - batch)) + shape[batch:])


# The largest and the smallest element


def largest(batch: int, a: Array, axis: Axis = None, keepdims: int = 0) -> Array:
    return np.max(a, axis=_axes(batch, a, axis), keepdims=bool(keepdims))


def smallest(batch: int, a: Array, axis: Axis = None, keepdims: int = 0) -> Array:
    return np.min(a, axis=_axes(batch, a, axis), keepdims=bool(keepdims))
