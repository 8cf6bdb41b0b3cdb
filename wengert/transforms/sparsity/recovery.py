"""From a colouring to seed matrices, and back from the products to the matrix.

A. H. Gebremedhin, F. Manne, A. Pothen, "What color is your Jacobian?", SIAM Review 47(4), 2005, pp. 629-705; for
substitution A. H. Gebremedhin, A. Tarafdar, A. Pothen, A. Walther, "Efficient computation of sparse Hessians using
coloring and automatic differentiation", INFORMS Journal on Computing 21(2), 2009, pp. 209-223.

Entries of products are only copied and subtracted, so they may be numbers or arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .dependence import SparsityPattern

Products = Sequence[Sequence[Any]]


def seeds(colours: Sequence[int]) -> list[list[float]]:
    """The seed matrix S, a row for each column of the matrix and a column for each colour: 1 where a column has it.

    For a colouring of columns, star or acyclic, the products are J S; for one of rows they are Sᵀ J.
    """
    width = max(colours, default=-1) + 1
    return [[float(c == colour) for c in range(width)] for colour in colours]


def from_columns(pattern: SparsityPattern, colours: Sequence[int], products: Products) -> list[Any]:
    """The entries of J, in the order of the pattern, from B = J S by a column colouring: B[i, colour of j]."""
    return [products[i][colours[j]] for i, j in zip(pattern.rows, pattern.columns)]


def from_rows(pattern: SparsityPattern, colours: Sequence[int], products: Products) -> list[Any]:
    """The entries of J, in the order of the pattern, from B = Sᵀ J by a row colouring: B[colour of i, j]."""
    return [products[colours[i]][j] for i, j in zip(pattern.rows, pattern.columns)]


def from_star(pattern: SparsityPattern, colours: Sequence[int], products: Products) -> list[Any]:
    """The entries of a symmetric H, in the order of the pattern, from B = H S by a star colouring.

    H[i, j] is B[i, colour of j] where j is the only neighbour of i that has its colour; else i is that of j.
    """
    seen = _neighbours(pattern, colours)
    found: list[Any] = []
    for i, j in zip(pattern.rows, pattern.columns):
        alone = i == j or seen[i, colours[j]][0] == 1
        found.append(products[i][colours[j]] if alone else products[j][colours[i]])
    return found


def from_acyclic(pattern: SparsityPattern, colours: Sequence[int], products: Products) -> list[Any]:
    """The entries of a symmetric H, in the order of the pattern, from B = H S by an acyclic colouring.

    Any two colours form a forest. A leaf's only entry is read off. It is then subtracted from the product at its other
    end, which in turn becomes a leaf.
    """
    left = _neighbours(pattern, colours)
    rest: dict[tuple[int, int], Any] = {(i, c): products[i][c] for i, c in left}
    known: dict[tuple[int, int], Any] = {(i, i): products[i][colours[i]] for i in range(pattern.shape[0])}
    leaves = [at for at, (count, _) in left.items() if count == 1]
    for i, c in leaves:
        count, j = left[i, c]
        if count != 1:
            continue
        entry = known[i, j] = known[j, i] = rest[i, c]
        left[i, c] = 0, 0
        back = j, colours[i]
        count, total = left[back]
        left[back] = count - 1, total - i
        rest[back] = rest[back] - entry
        if count == 2:
            leaves.append(back)
    return [known[at] for at in zip(pattern.rows, pattern.columns)]


def _neighbours(pattern: SparsityPattern, colours: Sequence[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """For a vertex and a colour, how many neighbours have the colour, and the sum of their indices (so the index of the
    last one left)."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for i, j in zip(pattern.rows, pattern.columns):
        if i != j:
            count, total = found.get((i, colours[j]), (0, 0))
            found[i, colours[j]] = count + 1, total + j
    return found
