"""Colourings: which columns, or rows, of a sparse matrix can be recovered from one product with their sum.

A. H. Gebremedhin, F. Manne, A. Pothen, "What color is your Jacobian? Graph coloring for computing derivatives", SIAM
Review 47(4), 2005, pp. 629-705: the kinds of colouring (distance-1 of the column intersection graph, which is partial
distance-2 of the bipartite graph; star; acyclic) and how each recovers the entries, greedy algorithms and orderings. A.
H. Gebremedhin, A. Tarafdar, F. Manne, A. Pothen, "New acyclic and star coloring algorithms with application to
computing Hessians", SIAM Journal on Scientific Computing 29(3), 2007, pp. 1042-1072: the algorithms for symmetric
matrices.

A colouring is a list: the colour, 0, 1, …, of each column, row or vertex. Finding one with the fewest colours is
NP-hard; each function here tries its orderings, or the one asked for, and keeps the best.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...ground.errors import UsageError, error, suggestion
from .dependence import SparsityPattern

ORDERINGS = ("natural", "largest first", "smallest last")

# Smallest-last visits each pair of columns that share a row. If that takes more steps per entry than this, it is not
# tried.
PATIENCE = 64


def column_colouring(pattern: SparsityPattern, ordering: str | None = None) -> list[int]:
    """Colours of the columns, so that no two columns of one colour have a nonzero in the same row.

    Raises UsageError for an unknown ordering.
    """
    return _of_columns(pattern.by_column(), pattern.by_row(), ordering)


def row_colouring(pattern: SparsityPattern, ordering: str | None = None) -> list[int]:
    """Colours of the rows, so that no two rows of one colour have a nonzero in the same column.

    Raises UsageError for an unknown ordering.
    """
    return _of_columns(pattern.by_row(), pattern.by_column(), ordering)


def star_colouring(pattern: SparsityPattern, ordering: str | None = None) -> list[int]:
    """Colours of the columns of a symmetric matrix, so that its entries can be read off products.

    In the adjacency graph neighbours differ, and every path of four vertices has three colours at least. Raises
    UsageError for an unknown ordering or a pattern that is not symmetric.
    """
    graph = adjacency(pattern)
    return _best([_star(graph, order) for order in _vertex_orders(graph, ordering)])


def acyclic_colouring(pattern: SparsityPattern, ordering: str | None = None) -> list[int]:
    """Colours of the columns of a symmetric matrix, so that its entries follow from products by substitution.

    In the adjacency graph neighbours differ, and every cycle has three colours at least. Raises UsageError for an
    unknown ordering or a pattern that is not symmetric.
    """
    graph = adjacency(pattern)
    return _best([_acyclic(graph, order) for order in _vertex_orders(graph, ordering)])


def diagonal_colouring(pattern: SparsityPattern, ordering: str | None = None) -> list[int]:
    """Colours of the columns of a square matrix, such that its diagonal can be read off products with their sums.

    If the columns of one colour have no entry in each other's rows, (H v)[i] = H[i, i] where v is the sum of the unit
    vectors of i's colour: neighbours in the adjacency graph differ, and no more is asked (C. Bekas, E. Kokiopoulou, Y.
    Saad, "An estimator for the diagonal of a matrix", Applied Numerical Mathematics 57, 2007, pp. 1214-1229). Raises
    UsageError for an unknown ordering.
    """
    graph: list[set[int]] = [set() for _ in range(pattern.shape[1])]
    for i, j in zip(pattern.rows, pattern.columns):
        if i != j:
            graph[i].add(j)
            graph[j].add(i)
    lists = list(map(list, graph))
    return _best([_distance_one(lists, order) for order in _vertex_orders(lists, ordering)])


def adjacency(pattern: SparsityPattern) -> list[list[int]]:
    """The neighbours of each vertex in the graph of a symmetric matrix. Raises UsageError if it is not symmetric."""
    rows = pattern.by_row()
    if pattern.shape[0] != pattern.shape[1] or rows != pattern.by_column():
        raise error(UsageError, "W603", "a star or an acyclic colouring is of a symmetric pattern",
                    help="take both triangles of the Hessian, or colour the columns")  # fmt: skip
    return [[j for j in row if j != i] for i, row in enumerate(rows)]


def _best(found: Sequence[list[int]]) -> list[int]:
    return min(found, key=lambda colours: max(colours, default=-1))


def _chosen(ordering: str | None) -> Sequence[str]:
    if ordering is not None and ordering not in ORDERINGS:
        raise error(UsageError, "W602", f"unknown ordering `{ordering}`",
                    help=suggestion(ordering, ORDERINGS) or f"one of {', '.join(ORDERINGS)}")  # fmt: skip
    return ORDERINGS if ordering is None else (ordering,)


def _of_columns(columns: Sequence[Sequence[int]], rows: Sequence[Sequence[int]], ordering: str | None) -> list[int]:
    least = max(map(len, rows), default=0)
    found: list[list[int]] = []
    for name in _chosen(ordering):
        if name == "smallest last" and ordering is None and _crowded(rows):
            continue
        found.append(_distance_two(columns, len(rows), _COLUMN_ORDERS[name](columns, rows)))
        # The columns of one row all differ, so there cannot be fewer colours than its length.
        if max(found[-1], default=-1) + 1 <= least:
            break
    return _best(found)


def _crowded(rows: Sequence[Sequence[int]]) -> bool:
    return sum(len(row) ** 2 for row in rows) > PATIENCE * (1 + sum(map(len, rows)))


def _distance_two(columns: Sequence[Sequence[int]], height: int, order: Sequence[int]) -> list[int]:
    """Algorithm 3.2 of the survey: each column takes the first colour that no column with a common row has."""
    colours = [-1] * len(columns)
    used: list[set[int]] = [set() for _ in range(height)]
    lowest = [0] * height  # all colours below are used in the row
    for c in order:
        rows = columns[c]
        colour = max([lowest[r] for r in rows], default=0)
        while any(colour in used[r] for r in rows):
            colour += 1
        colours[c] = colour
        for r in rows:
            used[r].add(colour)
            while lowest[r] in used[r]:
                lowest[r] += 1
    return colours


def _largest_columns(columns: Sequence[Sequence[int]], rows: Sequence[Sequence[int]]) -> list[int]:
    """Columns by the number of columns that they meet, with repetition, falling."""
    return sorted(range(len(columns)), key=lambda c: -sum([len(rows[r]) - 1 for r in columns[c]]))


def _smallest_last_columns(columns: Sequence[Sequence[int]], rows: Sequence[Sequence[int]]) -> list[int]:
    """The order whose last column meets the fewest others, the one before it the fewest of those left, and so on."""

    def neighbours(c: int) -> list[int]:
        return [d for r in columns[c] for d in rows[r] if d != c]

    return _smallest_last(len(columns), neighbours)


def _smallest_last(n: int, neighbours: Callable[[int], Sequence[int]]) -> list[int]:
    """D. W. Matula, L. L. Beck, "Smallest-last ordering and clustering and graph coloring algorithms", Journal of the
    ACM 30(3), 1983, pp. 417-427: buckets by the number of neighbours left."""
    degree = [len(neighbours(v)) for v in range(n)]
    buckets: list[list[int]] = [[] for _ in range(max(degree, default=0) + 1)]
    for v in range(n - 1, -1, -1):
        buckets[degree[v]].append(v)
    order: list[int] = []
    gone = [False] * n
    low = 0
    while len(order) < n:
        while not buckets[low]:
            low += 1
        v = buckets[low].pop()
        if gone[v] or degree[v] != low:
            continue
        gone[v] = True
        order.append(v)
        for u in neighbours(v):
            if not gone[u]:
                degree[u] -= 1
                buckets[degree[u]].append(u)
                low = min(low, degree[u])
    order.reverse()
    return order


_COLUMN_ORDERS: dict[str, Callable[[Sequence[Sequence[int]], Sequence[Sequence[int]]], Sequence[int]]] = {
    "natural": lambda columns, rows: range(len(columns)),
    "largest first": _largest_columns,
    "smallest last": _smallest_last_columns,
}


def _vertex_orders(graph: Sequence[Sequence[int]], ordering: str | None) -> list[Sequence[int]]:
    n = len(graph)
    orders: dict[str, Callable[[], Sequence[int]]] = {
        "natural": lambda: range(n),
        "largest first": lambda: sorted(range(n), key=lambda v: -len(graph[v])),
        "smallest last": lambda: _smallest_last(n, graph.__getitem__),
    }
    return [orders[name]() for name in _chosen(ordering)]


def _free(forbidden: set[int]) -> int:
    colour = 0
    while colour in forbidden:
        colour += 1
    return colour


def _distance_one(graph: Sequence[Sequence[int]], order: Sequence[int]) -> list[int]:
    colours = [-1] * len(graph)
    for v in order:
        colours[v] = _free({colours[w] for w in graph[v]})
    return colours


def _star(graph: Sequence[Sequence[int]], order: Sequence[int]) -> list[int]:
    """Algorithm 4.1 of Gebremedhin, Tarafdar, Manne and Pothen: the edges of any two colours form stars, and a new
    vertex may not make a path of four vertices of two.

    The neighbours of a neighbour that the algorithm looks for are kept by colour, so that a vertex of many
    neighbours costs no more than its colours.
    """
    colours = [-1] * len(graph)
    stars: list[dict[int, int]] = [{} for _ in graph]  # for each vertex, its star with the neighbours of each colour
    hubs: list[int] = []  # for each star, its hub, or -1 while it is a single edge
    for v in order:
        near = [w for w in graph[v] if colours[w] >= 0]
        forbidden = {colours[w] for w in near}
        first: dict[int, int] = {}
        for w in near:
            q = first.setdefault(colours[w], w)
            if q != w:
                # Two neighbours of one colour: neither may have another neighbour of v's colour.
                forbidden.update(stars[q], stars[w])
            else:
                # A leaf may not have v for a second hub.
                forbidden.update([c for c, k in stars[w].items() if hubs[k] not in (w, -1)])
        mine = colours[v] = _free(forbidden)
        for w in near:
            theirs = colours[w]
            if mine in stars[w]:
                k = stars[w][mine]
                hubs[k] = w
            elif theirs in stars[v]:
                k = stars[v][theirs]
                hubs[k] = v
            else:
                k = len(hubs)
                hubs.append(-1)
            stars[w][mine] = stars[v][theirs] = k
    return colours


def _acyclic(graph: Sequence[Sequence[int]], order: Sequence[int]) -> list[int]:
    """The acyclic algorithm of Gebremedhin, Tarafdar, Manne and Pothen: the edges of any two colours form trees, kept
    as disjoint sets, and a new vertex may not meet one tree through two neighbours.

    A vertex's edges to all neighbours of one colour are in one tree, which is kept by colour.
    """
    colours = [-1] * len(graph)
    trees: list[dict[int, int]] = [{} for _ in graph]  # for each vertex, its tree with the neighbours of each colour
    parent: list[int] = []

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for v in order:
        near = [w for w in graph[v] if colours[w] >= 0]
        forbidden = {colours[w] for w in near}
        met: set[int] = set()
        for w in near:
            for c, k in trees[w].items():
                if c not in forbidden:
                    tree = root(k)
                    if tree in met:
                        forbidden.add(c)
                    met.add(tree)
        mine = colours[v] = _free(forbidden)
        for w in near:
            theirs = colours[w]
            joined = [root(tree) for tree in (trees[w].get(mine), trees[v].get(theirs)) if tree is not None]
            if not joined:
                joined = [len(parent)]
                parent.append(joined[0])
            parent[joined[-1]] = joined[0]
            trees[w][mine] = trees[v][theirs] = joined[0]
    return colours
