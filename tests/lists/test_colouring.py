"""Colourings against their definitions, tried on every path and cycle, and recovery against the matrix itself."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert as wg
from wengert.transforms.sparsity import (
    SparsityPattern,
    acyclic_colouring,
    column_colouring,
    diagonal_colouring,
    from_acyclic,
    from_columns,
    from_rows,
    from_star,
    row_colouring,
    seeds,
    star_colouring,
)
from wengert.transforms.sparsity.colouring import ORDERINGS
from wengert.transforms.sparsity.dependence import pattern_of

orderings = st.sampled_from([None, *ORDERINGS])


@st.composite
def patterns(draw: st.DrawFn) -> SparsityPattern:
    height, width = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    lines = [draw(st.sets(st.integers(0, width - 1), max_size=width)) if width else set() for _ in range(height)]
    return pattern_of(lines, width)


@st.composite
def symmetric(draw: st.DrawFn) -> SparsityPattern:
    """Sparse graphs, dense ones, and those with some entries missing from the diagonal."""
    n = draw(st.integers(0, 10))
    pairs = list(itertools.combinations(range(n), 2))
    edges = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    diagonal = draw(st.sets(st.integers(0, n - 1))) if n else set()
    lines: list[set[int]] = [set() for _ in range(n)]
    for i, j in edges:
        lines[i].add(j)
        lines[j].add(i)
    for i in diagonal:
        lines[i].add(i)
    return pattern_of(lines, n)


def entries(pattern: SparsityPattern, alike: bool = False) -> list[float]:
    """A value for each place, no two sums of which agree by chance; the same at (i, j) and (j, i) if they are alike."""
    width = pattern.shape[1]
    places = [(max(i, j), min(i, j)) if alike else (i, j) for i, j in zip(pattern.rows, pattern.columns)]
    return [float((i * width + j) ** 2 + 1) for i, j in places]


def dense(pattern: SparsityPattern, values: list[float]) -> list[list[float]]:
    matrix = [[0.0] * pattern.shape[1] for _ in range(pattern.shape[0])]
    for i, j, a in zip(pattern.rows, pattern.columns, values):
        matrix[i][j] = a
    return matrix


def product(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    width = len(b[0]) if b else 0
    return [[sum(x * b[k][j] for k, x in enumerate(row)) for j in range(width)] for row in a]


def transposed(a: list[list[float]], width: int) -> list[list[float]]:
    return [[row[j] for row in a] for j in range(width)]


def edges_of(pattern: SparsityPattern) -> set[tuple[int, int]]:
    return {(i, j) for i, j in zip(pattern.rows, pattern.columns) if i != j}


def is_forest(edges: set[tuple[int, int]]) -> bool:
    """Take leaves away as long as there are any: what is left of a forest is nothing."""
    edges = {frozenset(e) for e in edges}
    while edges:
        ends = [v for e in edges for v in e]
        leaves = {v for v in ends if ends.count(v) == 1}
        kept = {e for e in edges if not e & leaves}
        if kept == edges:
            return False
        edges = kept
    return True


@given(pattern=patterns(), ordering=orderings)
def test_columns_of_a_colour_share_no_row_and_are_recovered(pattern, ordering):
    colours = column_colouring(pattern, ordering)
    assert sorted(set(colours)) == list(range(max(colours, default=-1) + 1))
    for row in pattern.by_row():
        assert len({colours[j] for j in row}) == len(row)
    values = entries(pattern)
    products = product(dense(pattern, values), seeds(colours))
    assert from_columns(pattern, colours, products) == values


@given(pattern=patterns(), ordering=orderings)
def test_rows_of_a_colour_share_no_column_and_are_recovered(pattern, ordering):
    colours = row_colouring(pattern, ordering)
    for column in pattern.by_column():
        assert len({colours[i] for i in column}) == len(column)
    values = entries(pattern)
    s = seeds(colours)
    products = product(transposed(s, max(colours, default=-1) + 1), dense(pattern, values))
    assert from_rows(pattern, colours, products) == values


@given(pattern=patterns(), ordering=orderings)
def test_a_diagonal_is_read_off_products_of_neighbours_apart(pattern, ordering):
    n = min(pattern.shape)
    kept = [(i, j) for i, j in zip(pattern.rows, pattern.columns) if i < n and j < n]
    square = SparsityPattern((n, n), [i for i, _ in kept], [j for _, j in kept])
    colours = diagonal_colouring(square, ordering)
    assert sorted(set(colours)) == list(range(max(colours, default=-1) + 1))
    assert all(colours[i] != colours[j] for i, j in kept if i != j)
    matrix = dense(square, entries(square))
    products = product(matrix, seeds(colours))
    assert [products[i][colours[i]] for i in range(n)] == [matrix[i][i] for i in range(n)]
    if ordering is None and all(j - i in (-1, 0, 1) for i, j in kept):
        assert max(colours, default=0) < 2  # a path is coloured with two


@given(pattern=symmetric(), ordering=orderings)
def test_paths_of_four_have_three_colours_and_stars_are_recovered(pattern, ordering):
    colours = star_colouring(pattern, ordering)
    edges = edges_of(pattern)
    assert all(colours[i] != colours[j] for i, j in edges)
    for a, b in edges:
        for c in {y for x, y in edges if x == b} - {a}:
            for d in {y for x, y in edges if x == c} - {a, b}:
                assert len({colours[v] for v in (a, b, c, d)}) >= 3, (a, b, c, d)
    values = entries(pattern, alike=True)
    products = product(dense(pattern, values), seeds(colours))
    assert from_star(pattern, colours, products) == values


@given(pattern=symmetric(), ordering=orderings)
def test_cycles_have_three_colours_and_forests_are_recovered(pattern, ordering):
    colours = acyclic_colouring(pattern, ordering)
    edges = edges_of(pattern)
    assert all(colours[i] != colours[j] for i, j in edges)
    for pair in itertools.combinations(set(colours), 2):
        assert is_forest({(i, j) for i, j in edges if {colours[i], colours[j]} == set(pair)})
    values = entries(pattern, alike=True)
    products = product(dense(pattern, values), seeds(colours))
    # ArrayFunction numbers below 2^53: subtraction is exact.
    assert from_acyclic(pattern, colours, products) == values


def count(colours: list[int]) -> int:
    return max(colours) + 1


def banded(n: int, half: int) -> SparsityPattern:
    return pattern_of([range(max(0, i - half), min(n, i + half + 1)) for i in range(n)], n)


def arrow(n: int) -> SparsityPattern:
    return pattern_of([range(n), *([0, i] for i in range(1, n))], n)


@pytest.mark.parametrize("half", [0, 1, 2, 5])
def test_a_banded_matrix_takes_its_bandwidth(half):
    """A. R. Curtis, M. J. D. Powell, J. K. Reid, "On the estimation of sparse Jacobian matrices", IMA Journal of
    Applied Mathematics 13(1), 1974, pp. 117-119: a band of width w takes w groups of columns."""
    assert count(column_colouring(banded(40, half))) == count(row_colouring(banded(40, half))) == 2 * half + 1


def test_symmetric_tridiagonal_and_arrow_matrices():
    """SIAM Review 47(4), 2005: an arrow matrix takes n colours of columns and two of a star colouring. A
    tridiagonal matrix, whose graph is a path, takes 3 by stars and 2 by substitution."""
    assert count(column_colouring(arrow(30))) == 30
    assert count(star_colouring(arrow(30))) == count(acyclic_colouring(arrow(30))) == 2
    assert count(star_colouring(banded(30, 1))) == 3
    assert count(acyclic_colouring(banded(30, 1))) == 2


def test_complete_and_cyclic_graphs():
    """A complete graph takes n; a cycle of n takes 3 (acyclic), and 3 by stars but for n = 5, which takes 4: G. Fertin,
    A. Raspaud, B. Reed, "Star coloring of graphs", Journal of Graph Theory 47(3), 2004, pp. 163-182."""
    full = pattern_of([range(6)] * 6, 6)
    assert count(star_colouring(full)) == count(acyclic_colouring(full)) == 6
    for n in (3, 5, 6, 9):
        cycle = pattern_of([{(i - 1) % n, i, (i + 1) % n} for i in range(n)], n)
        assert count(acyclic_colouring(cycle)) == 3
        assert count(star_colouring(cycle)) >= (4 if n == 5 else 3)


def test_substitution_takes_no_more_colours_than_reading_off():
    """A star colouring is acyclic, and two colours that no column shares a row with make one of columns distance-2."""
    grid = [
        {i * 8 + j for i, j in ((r, c), (r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)) if 0 <= i < 8 and 0 <= j < 8}
        for r in range(8)
        for c in range(8)
    ]
    pattern = pattern_of(grid, 64)
    acyclic, star, columns = acyclic_colouring(pattern), star_colouring(pattern), column_colouring(pattern)
    assert count(acyclic) <= count(star) <= count(columns)


def test_nothing_to_colour():
    empty = pattern_of([], 0)
    assert column_colouring(empty) == row_colouring(empty) == star_colouring(empty) == acyclic_colouring(empty) == []
    assert seeds([]) == []
    zero = pattern_of([[], []], 2)
    assert column_colouring(zero) == star_colouring(zero) == [0, 0]
    assert from_star(zero, [0, 0], [[0.0], [0.0]]) == []


def test_mistakes_are_named():
    pattern = pattern_of([[0, 1], [1]], 2)
    with pytest.raises(wg.UsageError, match="symmetric"):
        star_colouring(pattern)
    with pytest.raises(wg.UsageError, match="symmetric"):
        acyclic_colouring(pattern_of([[0, 1]], 2))
    with pytest.raises(wg.UsageError, match="unknown ordering `largest`"):
        column_colouring(pattern, "largest")
