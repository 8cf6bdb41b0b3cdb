"""Directions that lead into each of the pieces that meet at a point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations, product
from math import gcd

# Up to this number of coordinates there are directions into all pieces: every sign in every order.
FEW = 4
# This number of directions for each coordinate, and their opposites, are of very different sizes.
OTHERS = 12


def generic(n: int) -> Iterable[dict[int, float]]:
    """Directions into all pieces that meet at a point: every sign of every coordinate, in many orders of size.

    For many coordinates the signs are the rows of a Hadamard matrix (Sylvester's): any two of them take all four sign
    combinations equally often, so that a mean over pieces that two coordinates decide is exact.
    """
    sizes = [1.0 + ((0.6180339887498949 * k) % 1.0) / 2 + k / (2 * n) for k in range(1, n + 1)]
    if n <= FEW:
        yield from _among_few(n, sizes)
        return
    rows = 1
    while rows < n + 1:
        rows *= 2
    for turn in range(2):
        turned = sizes[turn:] + sizes[:turn]
        for row in range(rows):
            for flip in (1.0, -1.0):
                yield {k: flip * size * (-1.0) ** (row & (k + 1)).bit_count() for k, size in enumerate(turned)}


def _among_few(n: int, sizes: list[float]) -> Iterator[dict[int, float]]:
    """Every sign of every coordinate in every order of size, and in turn with them others of very different sizes.

    Each is followed by its opposite, which decides a kink alone. Neighbours differ in many signs, as the search ends
    after a long run of directions into known pieces. The others are a Kronecker sequence, in which each size is from
    1/16 to 16; they lead into narrow pieces, as of max(5*abs(x), y).
    """
    every = [*product(product((1.0,), *[(1.0, -1.0)] * (n - 1)), permutations(sizes))]
    stride = next(k for k in range(round(0.618 * len(every)) | 1, 2 * len(every) + 2, 2) if gcd(k, len(every)) == 1)
    root = 1.5
    for _ in range(30):
        root = (1.0 + root) ** (1.0 / (n + 1))
    for turn in range(max(len(every), OTHERS * n)):
        found: list[list[float]] = []
        if turn < len(every):
            signs, order = every[turn * stride % len(every)]
            found.append([s * size for s, size in zip(signs, order)])
        if turn < OTHERS * n and n > 1:
            # The sign is the half of the unit interval, the size its place there.
            parts = [2.0 * ((0.5 + (turn + 1) / root ** (k + 1)) % 1.0) for k in range(n)]
            found.append([16.0 ** (2.0 * (v % 1.0) - 1.0) * (1.0 if v < 1.0 else -1.0) for v in parts])
        for one, flip in product(found, (1.0, -1.0)):
            yield {k: flip * part for k, part in enumerate(one)}


def leading(n: int) -> Iterable[dict[int, float]]:
    """Directions in which one of many coordinates rises or falls by far the most: one into each piece of a maximum."""
    sizes = [0.1 + ((0.6180339887498949 * k) % 1.0) / 5 for k in range(1, n + 1)]
    for far in (1.0, -1.0):
        for k in range(n):
            yield {j: far if j == k else (-1.0) ** j * size for j, size in enumerate(sizes)}
