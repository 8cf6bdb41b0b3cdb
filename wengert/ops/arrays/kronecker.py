"""Values of the Kronecker product and of its adjoints, with the conventions of `products`."""

from __future__ import annotations

import numpy as np

from .products import Array, _rank


def kron(batch: int, a: Array, b: Array) -> Array:
    if _rank(batch, a) == 1:
        both = a[..., :, None] * b[..., None, :]
        return both.reshape((*both.shape[:-2], a.shape[-1] * b.shape[-1]))
    both = a[..., :, None, :, None] * b[..., None, :, None, :]
    rows, columns = a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1]
    return both.reshape((*both.shape[:-4], rows, columns))


def kron_left(batch: int, p: Array, b: Array, like: Array) -> Array:
    if _rank(batch, p) == 1:
        return np.einsum("...ik,...k->...i", _blocks(batch, p, like, b), b)
    return np.einsum("...ikjl,...kl->...ij", _blocks(batch, p, like, b), b)


def kron_right(batch: int, p: Array, a: Array, like: Array) -> Array:
    if _rank(batch, p) == 1:
        return np.einsum("...ik,...i->...k", _blocks(batch, p, a, like), a)
    return np.einsum("...ikjl,...ij->...kl", _blocks(batch, p, a, like), a)


def _blocks(batch: int, p: Array, a: Array, b: Array) -> Array:
    """A Kronecker product with each axis split into two: the axis of the left factor, then that of the right one."""
    sizes = [d for both in zip(a.shape[batch:], b.shape[batch:]) for d in both]
    return p.reshape(p.shape[:batch] + tuple(sizes))
