"""Split a query into layers: common table expressions, whose columns are expressions.

An expression that is used more than once becomes a column, so that it is computed once. So does one that is too deep,
as engines bound the depth of an expression. The columns of a layer read only the layer before it, which passes on the
columns that later layers need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...ground.limits import checking_clock
from ...ground.tuples import NamedTuple
from .scalars import ALL_OF, ANY_OF, CASE, COLUMN, CONDITIONS, INFIX, NEGATIVE, NULL, NUMBER, Scalars

# The most brackets, calls and cases within each other, where the parsers of SQLite and of Polars take some more than 30
# brackets, and SQLite's 20 cases; and the most operators, where SQLite takes 1000.
NESTED, HIGH = 15, 100
# The weight of a case among the brackets.
HEAVY = 3


class QueryLayers(NamedTuple):
    """The columns of a query.

    levels   the columns that each layer adds, in order, by their places in the graph; the first are the table's
    carried  the columns that each layer takes from the one before it
    """

    levels: list[list[int]]
    carried: list[list[int]]

    @property
    def width(self) -> int:
        """The most columns of a layer."""
        return max((len(a) + len(b) for a, b in zip(self.levels, self.carried)), default=0)


def layered(scalars: Scalars, answers: Sequence[int]) -> QueryLayers:
    """The columns for these answers, which a SELECT after the last layer reads."""
    named = _named(scalars, answers)
    level = [0] * len(scalars.all)
    reads: list[tuple[int, list[int]]] = []
    for a in checking_clock(range(len(scalars.all))):
        kind, _, parts = scalars[a]
        level[a] = max((level[p] for p in parts), default=0)
        if a in named and kind != COLUMN:
            level[a] += 1
            reads.append((level[a], list(columns_of(scalars, parts, named))))
    last = max((level[a] for a in named), default=0)
    reads.append((last + 1, list(columns_of(scalars, answers, named))))
    until: dict[int, int] = {}
    for reader, columns in reads:
        for a in columns:
            until[a] = max(reader, until.get(a, 0))
    levels: list[list[int]] = [[] for _ in range(last + 1)]
    carried: list[list[int]] = [[] for _ in range(last + 1)]
    for a in sorted(named):
        levels[level[a]].append(a)
        for k in range(level[a] + 1, until[a]):
            carried[k].append(a)
    return QueryLayers(levels, carried)


def columns_of(scalars: Scalars, parts: Iterable[int], named: Iterable[int]) -> Iterator[int]:
    """The columns that expressions read, each once."""
    seen: set[int] = set()
    stack = list(parts)[::-1]
    while stack:
        a = stack.pop()
        if a in seen:
            continue
        seen.add(a)
        if a in named:
            yield a
        else:
            stack += scalars[a].parts[::-1]


def _named(scalars: Scalars, answers: Iterable[int]) -> set[int]:
    """The expressions that become columns."""
    read = [0] * len(scalars.all)
    for a in answers:
        read[a] += 1
    named: set[int] = set()
    for a in reversed(range(len(scalars.all))):
        kind, _, parts = scalars[a]
        shared = read[a] > 1 and kind not in CONDITIONS and kind not in (NUMBER, NULL) and not _plain(scalars, a)
        if read[a] and (kind == COLUMN or shared):
            named.add(a)
        for part in parts:
            read[part] += 1 if a in named else read[a]
    nested, high = [0] * len(scalars.all), [0] * len(scalars.all)
    for a in checking_clock(range(len(scalars.all))):
        if not read[a] or a in named:
            continue
        nested[a], high[a] = _depth(scalars, a, nested, high)
        if (nested[a] > NESTED or high[a] > HIGH) and scalars[a].kind not in CONDITIONS:
            named.add(a)
            nested[a] = high[a] = 0
    return named


def _plain(scalars: Scalars, a: int) -> bool:
    """Whether an expression is a column with another sign, which is as short as the name of a column."""
    kind, _, parts = scalars[a]
    return kind == NEGATIVE and scalars[parts[0]].kind == COLUMN


def _depth(scalars: Scalars, a: int, nested: Sequence[int], high: Sequence[int]) -> tuple[int, int]:
    """The depth of an expression's brackets, and that of its operators, from those of its parts."""
    kind, key, parts = scalars[a]
    if not parts:
        return 0, 0
    weights = [HEAVY if kind == CASE else 1] * len(parts)
    if kind == INFIX and scalars[parts[0]].kind == INFIX and scalars[parts[0]].key == key:
        weights[0] = 0  # a sum of many terms has no brackets
    if kind == CASE and scalars[parts[2]].kind == CASE:
        weights[2] = 0  # nor does the next WHEN stand in a case of its own
    operators = len(parts) if kind in (ALL_OF, ANY_OF) else 1
    return max(w + nested[p] for w, p in zip(weights, parts)), operators + max(high[p] for p in parts)
