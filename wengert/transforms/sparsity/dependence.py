"""Which outputs depend on which inputs: the structural pattern of a Jacobian.

A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 7.1: index domains, propagated forward;
here also index ranges, by a search from each output. An argument whose partial derivative is zero everywhere passes
nothing on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ...ground.tuples import NamedTuple
from ...lists.wengert_list import Atom, Equation, WengertList
from ...lists.wrt import chosen
from .structural_rules import StructuralRules


class SparsityPattern(NamedTuple):
    """The places of a matrix that may be other than 0, row by row: entry k is at (rows[k], columns[k]).

    shape    numbers of rows and of columns
    rows     row indices, increasing
    columns  column indices, increasing within a row
    """

    shape: tuple[int, int]
    rows: list[int]
    columns: list[int]

    def by_row(self) -> list[list[int]]:
        """The columns of each row."""
        return _lines(self.shape[0], self.rows, self.columns)

    def by_column(self) -> list[list[int]]:
        """The rows of each column."""
        return _lines(self.shape[1], self.columns, self.rows)

    def transposed(self) -> SparsityPattern:
        """The pattern of the transposed matrix."""
        return pattern_of(self.by_column(), self.shape[0])


def _lines(n: int, places: Iterable[int], others: Iterable[int]) -> list[list[int]]:
    lines: list[list[int]] = [[] for _ in range(n)]
    for k, other in zip(places, others):
        lines[k].append(other)
    return lines


def pattern_of(lines: Sequence[Iterable[int]], width: int) -> SparsityPattern:
    """The pattern with these columns in each row, in any order."""
    rows: list[int] = []
    columns: list[int] = []
    for i, line in enumerate(lines):
        found = sorted(line)
        rows += [i] * len(found)
        columns += found
    return SparsityPattern((len(lines), width), rows, columns)


def jacobian_pattern(wlist: WengertList, wrt: Iterable[str] | None = None) -> SparsityPattern:
    """The structural pattern of the Jacobian of all outputs in the names of `wrt`, by default the inputs.

    Linear in the equations and in the work of the nonzeros: of index sets passed forward (a set is reused where its
    last reader writes) and searches from each output, the one that takes fewer steps. Raises UnknownName for a name
    that the list does not have, DerivativeError where it still holds a derivative.
    """
    names, facts = chosen(wlist, wrt), StructuralRules(wlist.ops)
    budget = 4 * (len(wlist.equations) + len(names) + len(wlist.outputs))
    while True:
        for way in (_columns_by_search, _columns_by_sets):
            if (rows := way(wlist, names, facts, budget)) is not None:
                return pattern_of(rows, len(names))
        budget *= 4


def positions(names: Sequence[str]) -> dict[str, list[int]]:
    """The index of each name."""
    found: dict[str, list[int]] = {}
    for j, name in enumerate(names):
        found.setdefault(name, []).append(j)
    return found


def passed_inputs(facts: StructuralRules, op: str, inputs: tuple[Atom, ...]) -> Iterator[str]:
    """The arguments through which a derivative passes."""
    if facts.plain[op] is not None:
        return (a for a in inputs if type(a) is str)
    return (inputs[i] for i in facts.passing(op, inputs))  # type: ignore[misc]


def _columns_by_search(
    wlist: WengertList, names: Sequence[str], facts: StructuralRules, budget: int
) -> list[list[int]] | None:
    """The columns of each row by a search from each output; None if that takes more steps than the budget."""
    equations: Sequence[Equation] = wlist.equations
    defined = {e.output: k for k, e in enumerate(equations)}
    wanted = positions(names)
    read: dict[int, list[str]] = {}
    rows: list[list[int]] = []
    for root in wlist.outputs:
        order: list[str] = [root] if isinstance(root, str) else []
        seen = set(order)
        for name in order:
            k = defined.get(name)
            if k is not None:
                arguments = read.get(k)
                if arguments is None:
                    arguments = read[k] = list(passed_inputs(facts, equations[k].op, equations[k].inputs))
                for a in arguments:
                    if a not in seen:
                        seen.add(a)
                        order.append(a)
        budget -= len(order)
        if budget < 0:
            return None
        rows.append([j for name in order if name in wanted for j in wanted[name]])
    return rows


def _columns_by_sets(
    wlist: WengertList, names: Sequence[str], facts: StructuralRules, budget: int
) -> list[list[int]] | None:
    """The columns of each row by index sets passed forward; None if that takes more steps than the budget."""
    wanted = positions(names)
    live = {a for a in wlist.outputs if isinstance(a, str)}
    readers: Counter[str] = Counter(live)
    kept: list[tuple[str, list[str]]] = []
    for output, op, inputs in reversed(wlist.equations):
        if output in live:
            passing = list(passed_inputs(facts, op, inputs))
            live.update(passing)
            readers.update(passing)
            kept.append((output, passing))
    sets: dict[str, set[int]] = {name: set(columns) for name, columns in wanted.items()}
    for output, passing in reversed(kept):
        readers.subtract(passing)
        # The largest set that no other equation reads is reused; the others are merged into it.
        free = [a for a in passing if not readers[a] and a in sets]
        mine = sets.pop(max(free, key=lambda a: len(sets[a]))) if free else set()
        for a in passing:
            other = sets.get(a) if readers[a] else sets.pop(a, None)
            if other is not None:
                budget -= len(other)
                mine |= other
        if output in wanted:
            mine.update(wanted[output])
        if mine:
            sets[output] = mine
        if budget < 0:
            return None
    empty: set[int] = set()
    return [list(sets.get(a, empty)) if isinstance(a, str) else [] for a in wlist.outputs]
