"""The cheapest mode for a Jacobian, by the number of operations.

A tangent sweep visits the equations that depend on its seed; a reverse sweep visits those on which its seed depends.
Each equation takes an operation for every element and active argument (A. Griewank, A. Walther, "Evaluating
Derivatives", 2nd ed., SIAM 2008, sections 3.1, 3.2 and 4.5). Starting a sweep takes `BEGIN` operations more. The list
shows which blocks of the Jacobian can be nonzero. A reverse sweep from an output computes its row of blocks, a tangent
sweep from an input its column. If that is cheapest, the two are mixed, so that every such block is in a computed row or
column (T. F. Coleman, A. Verma, "The efficient computation of sparse Jacobian matrices using automatic
differentiation", SIAM J. Sci. Comput. 19 (1998), pp. 1210-1233). The cheapest cover of a bipartite graph is a minimum
cut (D. Kőnig 1931).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf, prod, sqrt
from typing import TYPE_CHECKING, Any

from ..ground.errors import UsageError, error
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, WengertList, table_of
from ..ops.row import linear_groups

if TYPE_CHECKING:
    from .evaluation import Evaluation

MODES = ("auto", "reverse", "forward", "mixed")
# The most blocks for which a mixed plan is searched.
BLOCKS = 2500
# Starting a sweep takes about as long as this number of operations on numbers.
BEGIN = 4.0
# Above this number of pairs of a seed and an equation only the seeds are counted: the sets would take too much memory.
MOST = 1 << 31


class ModePlan(NamedTuple):
    """The mode of a Jacobian, and the cost of each mode.

    mode     "reverse", "forward" or "mixed"
    reverse  the rough number of operations on elements if reverse sweeps compute all rows
    forward  likewise, if tangent sweeps compute all columns
    mixed    likewise, if reverse sweeps compute `rows` and tangent sweeps `columns`; inf if no such plan was searched
    rows     the outputs of the reverse sweeps; empty for "forward"
    columns  the inputs of the tangent sweeps; empty for "reverse"
    """

    mode: str
    reverse: float
    forward: float
    mixed: float
    rows: tuple[Atom, ...]
    columns: tuple[str, ...]

    @property
    def sweeps(self) -> int:
        """The number of sweeps over numbers."""
        return len(self.rows) + len(self.columns)

    def __str__(self) -> str:
        ways = {"reverse": self.reverse, "forward": self.forward, "mixed": self.mixed}
        told = ", ".join(f"{way} {cost:.3g}" for way, cost in ways.items() if cost < inf)
        parts = f" ({', '.join(map(str, self.rows))} by reverse; {', '.join(self.columns)} by forward)"
        return f"{self.mode}{parts if self.mode == 'mixed' else ''}{told and f': operations are {told}'}"


def weights(call: Evaluation) -> list[float]:
    """The rough number of operations on elements in each equation: the size of its largest argument or value.

    For a product y of matrices a and b it is √(|a| |b| |y|) = m·k·n.
    """
    table = table_of(call.wlist.ops)
    found = []
    for output, op, inputs in call.wlist.equations:
        if not call.arrays:
            found.append(1.0)
            continue
        sizes = [prod(call.shape(a)) for a in (output, *inputs)]
        bilinear = len(linear_groups(table[op])) == 2 and len(inputs) == 2
        found.append(sqrt(float(prod(sizes))) if bilinear else float(max(sizes)))
    return found


def planned(
    call: Evaluation, names: Sequence[str], outputs: Sequence[Atom], mode: str = "auto", whole: bool = False
) -> ModePlan:
    """A plan for the derivatives of `outputs` in `names`: the cheapest one, or the one in the given mode.

    At equal cost the reverse mode is taken. Where the mode is clear without costs, they are counted only if `whole` is
    set. Raises UsageError for an unknown mode.
    """
    if mode not in MODES:
        raise error(UsageError, "W604", f"unknown mode `{mode}`", help="auto, reverse, forward or mixed")
    rows = tuple(dict.fromkeys(a for a in outputs if isinstance(a, str)))
    columns = tuple(dict.fromkeys(names))
    seeds_in, seeds_out = _seeds(call, columns), _seeds(call, rows)
    plain = mode in ("reverse", "forward") or (mode == "auto" and min(sum(seeds_in), sum(seeds_out)) <= 1)
    if (plain and not whole) or (len(rows) + len(columns)) * len(call.wlist.equations) > MOST:
        if mode in ("auto", "mixed"):
            mode = "forward" if sum(seeds_in) < sum(seeds_out) else "reverse"
        return _pure(mode, (inf, inf, inf), rows, columns)
    cost = weights(call)
    above = _reach(call.wlist, columns, forward=True)
    below = _reach(call.wlist, rows, forward=False)
    # Many equations lie between the same inputs and outputs, so each set is counted once for all of them.
    sent_by: dict[int, float] = {}
    given_by: dict[int, float] = {}
    small = len(rows) * len(columns) <= BLOCKS
    for k, (output, _, inputs) in enumerate(call.wlist.equations):
        if not above.get(output) or not below.get(output) or output in columns:
            continue
        # An adjoint goes to each argument that depends on a name; a tangent comes from each argument that moves.
        sent = sum(1 for a in inputs if above.get(a))
        bits = below.get(output, 0)
        sent_by[bits] = sent_by.get(bits, 0.0) + cost[k] * sent
        for a in inputs:
            if bits := above.get(a, 0):
                given_by[bits] = given_by.get(bits, 0.0) + cost[k]
    by_row, reverse = _spent(sent_by, seeds_out, small)
    by_column, forward = _spent(given_by, seeds_in, small)
    mixed, chosen = inf, (rows, columns)
    if small:
        edges = [(i, j) for i, a in enumerate(rows) for j in _bits(above.get(a, 0))]
        over, down = _cover(by_row, by_column, edges)
        mixed = sum(by_row[i] for i in over) + sum(by_column[j] for j in down)
        chosen = tuple(rows[i] for i in over), tuple(columns[j] for j in down)
    if mode == "auto":
        least = min(reverse, forward)
        mode = "mixed" if mixed < 0.9 * least else "forward" if forward < reverse else "reverse"
    if mode == "mixed":
        return ModePlan(mode, reverse, forward, mixed, *chosen)
    return _pure(mode, (reverse, forward, mixed), rows, columns)


def _pure(mode: str, costs: tuple[float, float, float], rows: Any, columns: Any) -> ModePlan:
    """A plan in one mode."""
    return ModePlan(mode, *costs, rows if mode == "reverse" else (), columns if mode == "forward" else ())


def _seeds(call: Evaluation, atoms: Sequence[Atom]) -> list[int]:
    return [prod(call.shape(a)) for a in atoms]


def _reach(wlist: WengertList, names: Sequence[Atom], forward: bool) -> dict[Any, int]:
    """For every name of the list, the `names` on which it depends, or without `forward` the `names` that depend on it.
    A set is an integer, with a bit for each name."""
    found: dict[Any, int] = {n: 1 << j for j, n in enumerate(names)}
    if forward:
        given = set(names)
        for output, _, inputs in wlist.equations:
            if output not in given:
                bits = 0
                for a in inputs:
                    bits |= found.get(a, 0)
                if bits:
                    found[output] = bits
        return found
    for output, _, inputs in reversed(wlist.equations):
        if bits := found.get(output, 0):
            for a in inputs:
                if type(a) is str:
                    found[a] = found.get(a, 0) | bits
    return found


def _bits(bits: int) -> list[int]:
    return [j for j in range(bits.bit_length()) if bits >> j & 1]


def _counter(sizes: Sequence[int]) -> Callable[[int], int]:
    """A function that sums the sizes in a set. The set is an integer, with a bit for each size."""
    groups: dict[int, int] = {}
    for j, size in enumerate(sizes):
        groups[size] = groups.get(size, 0) | 1 << j
    return lambda bits: sum(size * (bits & group).bit_count() for size, group in groups.items())


def _spent(costs: Mapping[int, float], sizes: Sequence[int], each: bool) -> tuple[list[float], float]:
    """The operations of all sweeps, and of each sweep if asked for, from the operations by set: those of the equations
    that the same set of seeds reaches."""
    count, spent = _counter(sizes), [BEGIN] * len(sizes)
    if each:
        for bits, cost in costs.items():
            for j in _bits(bits):
                spent[j] += cost * sizes[j]
    return spent, BEGIN * len(sizes) + sum(cost * count(bits) for bits, cost in costs.items())


def _cover(
    left: Sequence[float], right: Sequence[float], edges: Sequence[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    """The cheapest rows and columns that cover all edges: a minimum cut, by shortest augmenting paths."""
    n, m = len(left), len(right)
    source, sink = n + m, n + m + 1
    room: dict[int, dict[int, float]] = {v: {} for v in range(n + m + 2)}

    def arc(a: int, b: int, most: float) -> None:
        room[a][b] = most
        room[b].setdefault(a, 0.0)

    for i in range(n):
        arc(source, i, left[i])
    for j in range(m):
        arc(n + j, sink, right[j])
    for i, j in edges:
        arc(i, n + j, inf)
    while True:
        before = {source: source}
        queue = [source]
        for v in queue:
            for w, free in room[v].items():
                if free > 1e-12 and w not in before:
                    before[w] = v
                    queue.append(w)
        if sink not in before:
            break
        path, v = [], sink
        while v != source:
            path.append((before[v], v))
            v = before[v]
        flow = min(room[a][b] for a, b in path)
        for a, b in path:
            room[a][b] -= flow
            room[b][a] += flow
    return [i for i in range(n) if i not in before], [j for j in range(m) if n + j in before]
