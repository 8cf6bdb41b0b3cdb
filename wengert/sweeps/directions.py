"""Directions that lead into each of the pieces that meet at a point."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations, product

# Up to this number of coordinates there are directions into all pieces: every sign in every order.
FEW = 4


def generic(n: int) -> Iterable[dict[int, float]]:
    """Directions into all pieces that meet at a point: every sign of every coordinate, in many orders of size.

    For many coordinates the signs are the rows of a Hadamard matrix (Sylvester's): any two of them take all four sign
    combinations equally often, so that a mean over pieces that two coordinates decide is exact.
    """
    sizes = [1.0 + ((0.6180339887498949 * k) % 1.0) / 2 + k / (2 * n) for k in range(1, n + 1)]
    if n <= FEW:
        for signs in product((1.0, -1.0), repeat=n):
            for order in permutations(sizes):
                yield {k: s * size for k, (s, size) in enumerate(zip(signs, order))}
        return
    rows = 1
    while rows < n + 1:
        rows *= 2
    for turn in range(2):
        turned = sizes[turn:] + sizes[:turn]
        for row in range(rows):
            for flip in (1.0, -1.0):
                yield {k: flip * size * (-1.0) ** (row & (k + 1)).bit_count() for k, size in enumerate(turned)}


def leading(n: int) -> Iterable[dict[int, float]]:
    """Directions in which one of many coordinates rises or falls by far the most: one into each piece of a maximum."""
    sizes = [0.1 + ((0.6180339887498949 * k) % 1.0) / 5 for k in range(1, n + 1)]
    for far in (1.0, -1.0):
        for k in range(n):
            yield {j: far if j == k else (-1.0) ** j * size for j, size in enumerate(sizes)}
