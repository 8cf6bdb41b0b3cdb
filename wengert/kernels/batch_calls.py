"""Call a batch kernel: batch axes are broadcast and merged into one, without copies if possible, otherwise in
pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from .batches import BatchRoute
from .kernel import BatchRun

# Bytes of the copies for one piece.
PIECE = 1 << 24
HUGE = 1 << 22
# Bytes of a page; the offset in its page where the first output of a batch begins; and the bytes from there to the
# offset of the next. All are multiples of a cache line of 64 bytes, and far from 16, where large arrays of NumPy begin.
PAGE, FIRST, APART = 1 << 12, 1 << 10, 1 << 8


def batch_shape(values: Sequence[Any]) -> tuple[int, ...] | None:
    """The sizes of the batch axes; None if there is no array, or if the axes do not broadcast."""
    shapes = {v.shape for v in values if type(v) is not float}
    if len(shapes) == 1:
        return tuple(shapes.pop())
    try:
        return np.broadcast_shapes(*shapes) if shapes else None
    except ValueError:
        return None


def filled(run: BatchRun, values: Sequence[Any], shape: tuple[int, ...], outputs: int, dtype: str) -> list[Any]:
    """New arrays of a shape for the outputs, from floats and arrays that broadcast to that shape."""
    outs = new_arrays(shape, np.dtype(dtype), outputs)
    fill(run, values, shape, outs)
    return outs


def new_arrays(shape: tuple[int, ...], dtype: np.dtype[Any], count: int) -> list[Any]:
    """New arrays. If each is small and all together are large, they share a block: NumPy asks for huge pages from 4 MB
    on, and the first touch of small pages would cost as much as the arithmetic. Large arrays begin at different offsets
    in a page, as processors confuse addresses that differ only in the page."""
    one = prod(shape) * dtype.itemsize
    if one < 1 << 17 or one * count < HUGE:
        return [np.empty(shape, dtype) for _ in range(count)]
    room = one + 2 * PAGE - one % PAGE
    shared = np.empty((count, room), np.uint8) if one < HUGE else None
    blocks = shared if shared is not None else (np.empty(room, np.uint8) for _ in range(count))
    found = []
    for k, block in enumerate(blocks):
        first = (FIRST + k * APART - block.ctypes.data) % PAGE
        found.append(block[first : first + one].view(dtype).reshape(shape))
    return found


def quickly(route: BatchRoute, values: Sequence[Any], dtype: np.dtype[Any], most: int) -> list[Any] | None:
    """The outputs at floats and vectors of one length; None for any other values, and before a kernel is made."""
    shape = None
    for v in values:
        if type(v) is not float:
            if type(v) is not np.ndarray or v.dtype is not dtype:
                return None
            if shape is None:
                shape = v.shape
            elif v.shape != shape:
                return None
    if shape is None or len(shape) != 1 or shape[0] > most or (run := route.count_call(shape[0])) is None:
        return None
    outs = new_arrays(shape, dtype, route.outputs)
    run(values, outs)
    return outs


def fill(run: BatchRun, values: Sequence[Any], shape: tuple[int, ...], outs: Sequence[Any]) -> None:
    """Write the outputs into arrays of a shape that share no memory with the values, from floats and arrays that
    broadcast to it."""
    values = [_single(v, shape) for v in values]
    if len(shape) == 1 and all(out.flags.c_contiguous and out.flags.aligned for out in outs):
        run(values, outs)
        return
    given, wanted = [_flat(v, shape) for v in values], [_flat(out, shape, True) for out in outs]
    if all(v is not None for v in (*given, *wanted)):
        run(given, wanted)
        return
    copied = sum(v is None for v in (*given, *wanted))
    for piece in _pieces(shape, max(1, PIECE // (8 * copied))):
        _fill_piece(run, values, shape, outs, piece)


def _single(v: Any, shape: tuple[int, ...]) -> Any:
    """A value for all points, as a float or as a vector that does not vary."""
    if type(v) is float or v.shape == shape:
        return v
    if v.size == 1:
        # In single precision, a function of elements is not that of a float: it may overflow where the other does not.
        return float(v.reshape(())) if v.dtype == np.float64 else np.broadcast_to(v.reshape(()), shape)
    return np.broadcast_to(v, shape)


def _flat(v: Any, shape: tuple[int, ...], written: bool = False) -> Any:
    """An array as a vector over the same memory; None if that is not possible."""
    if type(v) is float:
        return v
    if v.flags.c_contiguous and v.flags.aligned:
        return v.reshape(-1)
    if written:
        return None
    if not any(v.strides):
        return np.broadcast_to(v[(0,) * v.ndim], (prod(shape),)) if v.size else np.empty(0, v.dtype)
    return v if v.ndim == 1 else None


def _pieces(shape: tuple[int, ...], most: int) -> Iterator[tuple[Any, ...]]:
    """Indices that cut an array of a shape into pieces of at most `most` elements, one after the other in memory."""
    axis = 0
    while axis < len(shape) - 1 and prod(shape[axis + 1 :]) > most:
        axis += 1
    rows = max(1, most // max(prod(shape[axis + 1 :]), 1))
    for lead in np.ndindex(*shape[:axis]):
        for first in range(0, shape[axis], rows):
            yield (*lead, slice(first, first + rows))


def _fill_piece(
    run: BatchRun, values: Sequence[Any], shape: tuple[int, ...], outs: Sequence[Any], piece: tuple[Any, ...]
) -> None:  # fmt: skip
    given: list[Any] = [v if type(v) is float else v[piece] for v in values]
    places = [out[piece] for out in outs]
    whole = [p if p.flags.c_contiguous and p.flags.aligned else np.empty(p.shape, p.dtype) for p in places]
    run([v if type(v) is float else v.reshape(-1) for v in given], [w.reshape(-1) for w in whole])
    for place, w in zip(places, whole):
        if w is not place:
            place[...] = w
