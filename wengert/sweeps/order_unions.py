"""Second derivatives at ties whose orders depend on each other, as in max(x)*max(x[0:4]) or max(max(x), 1)*min(x).

The tied values of all ops that share some are one set, whose orders are the pieces. With D for the derivatives of the
order statistics z in one order, F for the rest of the program and A for its second derivatives in the z, the mean of
the second derivatives over all orders is that with the mean of D, and in addition

    sum over k, l of A_kl cov(D_k, D_l),    cov(D_k, D_l) = sum over e, f of P(e has rank k, f has rank l) r_e r_f^T - …

where the chance P that two values have these ranks, each in its own subset, depends only on the subsets that the two
belong to. It is the integral of a polynomial over the values of e and f, as of independent uniform numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from math import comb, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ground.errors import DerivativeError
from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.array_text import shape_of
from ..lists.wengert_list import Equation, assemble
from ..ops.row import moves
from .jets import Answer, polar
from .order_statistics import NoClosedForm
from .point_lanes import unless
from .tangent import tangent_sweep
from .taylor import taylor_terms

if TYPE_CHECKING:
    from .order_statistics import OrderStatistics

# Two vectors are the same whose difference has a square of at most this part.
SAME = 1e-13
# A sum that cancels to at most this part is rounding.
ROUNDING = 2.0**-45
# At most this many values in one set, and in one application of an op.
MOST, WIDEST = 48, 600


class _OrderedOp(NamedTuple):
    """An op that orders values: its output, the names or numbers that these are the elements of, the mean weight of
    each in each element of the output, and the groups that are tied."""

    output: str
    leaves: tuple[Any, ...]
    mean: Any
    groups: list[_TiedValues]


class _TiedValues(NamedTuple):
    """Tied values: their gradients as rows, and the weights of their order statistics in the output, as columns."""

    output: str
    rows: Any
    weights: Any


class _Member(NamedTuple):
    """A group in a set: the numbers of its values there, and the factor from its gradients to those of the set."""

    group: _TiedValues
    places: list[int]
    scale: float


class _Union:
    """A set of tied values: their gradients as rows, and the groups in it."""

    def __init__(self, group: _TiedValues) -> None:
        self.rows = group.rows
        self.members = [_Member(group, list(range(len(group.rows))), 1.0)]

    def rank(self) -> int:
        return _rank([self.rows - self.rows.mean(axis=0)])

    def taken_in(self, other: _Union) -> bool:
        """Put the values of another set into this one, where the two share some; whether they do."""
        found = _placed(self.rows, other.rows)
        if found is None:
            return False
        scale, shift = found
        moved = scale * other.rows + shift
        places = []
        for row in moved:
            near = np.flatnonzero(_squares(self.rows - row) <= SAME * max(1.0, float(row @ row)))
            if not len(near):
                self.rows = np.vstack([self.rows, row])
                near = np.array([len(self.rows) - 1])
            places.append(int(near[0]))
        self.members += [_Member(m.group, [places[k] for k in m.places], m.scale * scale) for m in other.members]
        return True


def _squares(rows: Any) -> Any:
    return (rows * rows).sum(axis=1)


def _rank(parts: Sequence[Any]) -> int:
    rows = np.vstack(parts)
    sizes = np.sqrt(_squares(rows))
    rows = rows[sizes > 1e-300] / sizes[sizes > 1e-300, None]
    return int(np.linalg.matrix_rank(rows, tol=1e-7)) if len(rows) else 0


def _placed(rows: Any, others: Any) -> tuple[float, Any] | None:
    """A factor and a shift that take as many as may be of other vectors to some of these; None where there are none."""

    def shared(move: tuple[float, Any]) -> int:
        moved = move[0] * others + move[1]
        return sum(bool((_squares(rows - row) <= SAME * max(1.0, float(row @ row))).any()) for row in moved)

    best = 1.0, np.zeros(rows.shape[1])
    most = shared(best)
    gaps = rows[:, None] - rows[None]
    squares = (gaps * gaps).sum(axis=2)
    for k in range(1, len(others)):
        gap = others[k] - others[0]
        size = float(gap @ gap)
        along = gaps @ gap
        near = np.argwhere((squares > 0.0) & (along * along >= (1.0 - SAME) * squares * size))
        for a, b in near:
            if most == len(others):
                break
            scale = float(along[a, b]) / size
            move = scale, rows[b] - scale * others[0]
            if (count := shared(move)) > max(1, most):
                best, most = move, count
    return best if most else None


class OrderUnions:
    """The second derivatives of a list at a point where all pieces are orders of tied values. `shifts` is None where
    they are not known."""

    def __init__(self, orders: OrderStatistics) -> None:
        self.rays, self.wlist, self.tape, self.base = orders.rays, orders.wlist, orders.tape, orders.base
        self.orders = orders
        self.equations = [self.wlist.equations[k] for k in orders.numbers]
        self.outputs = {e.output for e in self.equations}
        self.shifts: Any = None
        self._rules: dict[frozenset[int], float | None] = {}
        with np.errstate(all="ignore"), suppress(DerivativeError, NoClosedForm):
            self.shifts = self._found()

    def whole(self, i: int, j: int) -> Answer:
        """The second derivative in two coordinates."""
        with np.errstate(all="ignore"):
            twice = [self._rule(frozenset(pair)) for pair in ((i, j), (i,), (j,))]
        rule = twice[1] if i == j else polar(twice)
        if rule is None:
            return Answer(None)
        return Answer(unless(rule + float(self.shifts[i, j]), abs(rule), ROUNDING), ordered=True)

    # The values that are ordered

    def _found(self) -> Any:
        below: set[Any] = set(self.outputs)
        for e in self.wlist.equations:
            if not below.isdisjoint(e.inputs):
                below.add(e.output)
        self.below, self.defined = below, {e.output: e for e in self.wlist.equations}
        between = {e.output: self._between(e) for e in self.equations}
        names = {a for leaves, _ in between.values() for a in leaves if type(a) is str}
        self.names = sorted(names)
        self.moves = self.orders.moves_of(names)
        self.ordered = [self._ordered(e, *between[e.output]) for e in checking_clock(self.equations)]
        unions = self._unions([group for one in self.ordered for group in one.groups])
        self.cut = self.orders.cut(self.outputs)
        n = len(self.rays.coordinates)
        shifts = np.zeros((n, n))
        for union in unions:
            shifts += self._shift(union)
        return shifts if np.isfinite(shifts).all() else None

    def _between(self, equation: Equation) -> tuple[tuple[Any, ...], list[Equation]]:
        """The names and numbers whose elements an op orders, through others that do so or only place elements, and
        the equations from there."""
        leaves, needed, waiting = dict[Any, None](), {equation.output}, [equation]
        nested = not self.below.isdisjoint(equation.inputs)
        for e in waiting:
            for a in e.inputs:
                inner = self.defined.get(str(a)) if nested else None
                placed = inner is not None and moves(row := self.rays.rules.row(inner.op)) and not row.kinks
                if a not in self.below and not placed or inner is None:
                    leaves[a] = None
                elif a not in needed:
                    if a not in self.outputs and not placed:
                        raise NoClosedForm("a function of order statistics is ordered")
                    needed.add(str(a))
                    waiting.append(inner)
        return tuple(leaves), [e for e in self.wlist.equations if e.output in needed]

    def _ordered(self, equation: Equation, leaves: tuple[Any, ...], equations: list[Equation]) -> _OrderedOp:
        row = self.rays.rules.row(equation.op)
        own = leaves
        if row.array is not None:  # its other arguments are no values
            others = set(equation.inputs[1:])
            own = tuple(a for a in leaves if a not in others or a in equation.inputs[:1])
            if any(type(a) is str and self.moves[a].any() for a in others if a not in self.below):
                raise NoClosedForm("a quantile whose probability moves")
        shapes = [shape_of(self._value(a)) for a in own]
        sizes = [prod(shape) for shape in shapes]
        ends = np.cumsum([0, *sizes])

        def function(values: Any) -> Any:
            tape: dict[Any, Any] = {}
            for a, shape, k in zip(own, shapes, ends):
                part = values[k : k + prod(shape)]
                tape[a] = part.reshape(shape) if shape else float(part[0])
            for e in equations:
                args = [tape[a] if a in tape else self._value(a) for a in e.inputs]
                tape[e.output] = self.base(e.op, *args)
            return np.array(tape[equation.output], float).ravel()

        values = np.concatenate([np.ravel(self._value(a)) for a in own])
        n = len(self.rays.coordinates)
        gradients = np.concatenate([self.moves[a].T if type(a) is str else np.zeros((1, n)) for a in own])
        if len(values) > WIDEST:
            raise NoClosedForm("more values than are tried one by one")
        found = self.orders.tied(values, function)
        if found is None:
            raise NoClosedForm("an op that does not go by order alone")
        weights, by_line = found
        groups = []
        for group in by_line:
            columns = weights[:, group]
            if not np.allclose(columns, columns[:, :1]):
                groups.append(_TiedValues(equation.output, gradients[group], columns))
                weights[:, group] = columns.mean(axis=1, keepdims=True)
        return _OrderedOp(equation.output, own, weights, groups)

    def _value(self, a: Any) -> Any:
        return self.tape[a] if type(a) is str else a

    def _unions(self, groups: Sequence[_TiedValues]) -> list[_Union]:
        """The sets of values whose orders have nothing to do with each other."""
        unions = [_Union(group) for group in sorted(groups, key=lambda g: -len(g.rows))]
        while True:
            centred = [u.rows - u.rows.mean(axis=0) for u in unions]
            free = [len(u.rows) - 1 for u in unions]
            if not unions or _rank(centred) == sum(free):
                break
            pairs = [(p, q) for q in range(1, len(unions)) for p in range(q)]
            tied = [(p, q) for p, q in pairs if _rank([centred[p], centred[q]]) < free[p] + free[q]]
            done = next(((p, q) for p, q in tied or pairs if unions[p].taken_in(unions[q])), None)
            if done is None:
                raise NoClosedForm("orders that exclude each other in another way")
            del unions[done[1]]
        if any(len(u.rows) > MOST for u in unions):
            raise NoClosedForm("more values than are counted")
        return unions

    # Means over the orders

    def _shift(self, union: _Union) -> Any:
        """The part of the mean that comes from the spread over the orders of one set."""
        rows = union.rows - union.rows.mean(axis=0)
        directions: list[tuple[_Member, int, dict[str, Any]]] = []
        for member in union.members:
            columns = member.group.weights
            for k in range(columns.shape[1]):
                if columns[:, k].any():
                    turned = k if member.scale > 0 else columns.shape[1] - 1 - k
                    directions.append((member, turned, {member.group.output: columns[:, k] / member.scale}))
        known: dict[Any, Any] = {}
        total: Any = 0.0
        alone = [self._along(one) for _, _, one in directions]
        for p, (first, k, one) in enumerate(checking_clock(directions)):
            for q, (second, l, other) in enumerate(directions[: p + 1]):  # noqa: E741
                both = dict(one)
                for a, moved in other.items():
                    both[a] = both[a] + moved if a in both else moved
                factor = alone[p] if p == q else (self._along(both) - alone[p] - alone[q]) / 2
                if factor == 0.0:
                    continue
                key = tuple(first.places), tuple(second.places)
                if key not in known:
                    known[key] = _Spread(rows, *key)
                spread = known[key].at(k, l)
                total = total + factor * (spread if p == q else spread + spread.T)
        return total

    def _along(self, moved: Mapping[str, Any]) -> float:
        """The second derivative of the rest of the program as order statistics rise together."""
        return self._twice({a: self._shaped(a, d) for a, d in moved.items()})

    def _shaped(self, name: str, d: Any) -> Any:
        value = self.tape[name]
        return float(d[0]) if type(value) is float else d.reshape(shape_of(value))

    def _twice(self, directions: Mapping[str, Any]) -> float:
        term = taylor_terms(self.cut, self.tape, directions, 2, self.base, self.rays.rules)[0][2]
        found = 0.0 if term is None else 2.0 * float(term)
        if not np.isfinite(found):
            raise NoClosedForm("a derivative is not finite")
        return found

    def _rule(self, moving: frozenset[int]) -> float | None:
        """The second derivative with the mean of the derivatives of the order statistics, as some coordinates rise
        together; None if it is not finite."""
        if moving not in self._rules:
            directions = self.orders.directions(moving)
            try:
                self._rules[moving] = self._with_means(directions)
            except NoClosedForm:
                self._rules[moving] = None
        return self._rules[moving]

    def _with_means(self, directions: Mapping[str, Any]) -> float:
        leaves = assemble(self.wlist.inputs, self.wlist.equations, self.names, self.wlist.ops)
        terms = taylor_terms(leaves, self.tape, directions, 2, self.base, self.rays.rules)
        by_name = dict(zip(self.names, terms))
        parts: list[dict[str, Any]] = [{}, {}]
        for one in self.ordered:
            for order, part in zip((1, 2), parts):
                moved = np.concatenate([self._term(by_name, a, order) for a in one.leaves])
                part[one.output] = self._shaped(one.output, one.mean @ moved * order)
        bent = tangent_sweep(self.cut, self.tape, parts[1], self.base, self.rays.rules)
        root: Any = self.cut.outputs[0]
        return self._twice({**directions, **parts[0]}) + float(bent.get(root, 0.0))

    def _term(self, by_name: Mapping[str, Any], a: Any, order: int) -> Any:
        shape = shape_of(self._value(a))
        term = by_name[a][order] if type(a) is str else None
        return np.zeros(prod(shape)) if term is None else np.broadcast_to(term, shape).ravel()


class _Spread:
    """The covariance, over all orders of some values, of the gradients at a rank in one subset and at a rank in
    another; `rows` are all gradients, less their mean."""

    def __init__(self, rows: Any, first: tuple[int, ...], second: tuple[int, ...]) -> None:
        common = [e for e in first if e in set(second)]
        a, b = ([e for e in own if e not in set(common)] for own in (first, second))
        self.chances = _chances(len(common), len(a), len(b))
        i, p, q = (rows[own].sum(axis=0) for own in (common, a, b))
        same = rows[common].T @ rows[common]
        self.products = {
            "same": same, "both": np.outer(i, i) - same, "first": np.outer(i, q), "second": np.outer(p, i),
            "neither": np.outer(p, q),
        }  # fmt: skip
        self.means = np.outer(i + p, i + q) / (len(first) * len(second))

    def at(self, k: int, l: int) -> Any:  # noqa: E741
        """The covariance at ranks k and l."""
        return sum(self.chances[kind][k, l] * self.products[kind] for kind in self.chances) - self.means


@lru_cache(maxsize=256)
def _chances(i: int, a: int, b: int) -> dict[str, Any]:
    """By kind of a pair of values, the chance that the first has rank k in its subset and the second rank l in its
    own: of subsets with i common values, and a and b others. `same` is one common value, `both` are two, of `first` the
    first alone is common, of `second` the second, and of `neither` none is."""
    found: dict[str, Any] = {}
    m, n = i + a, i + b
    if i:
        found["same"] = _of_one(i - 1, a, b, m, n)
    if i > 1:
        found["both"] = _of_two(i - 2, a, b, (1, 1), m, n)
    if i and b:
        found["first"] = _of_two(i - 1, a, b - 1, (0, 1), m, n)
    if i and a:
        found["second"] = _of_two(i - 1, a - 1, b, (1, 0), m, n)
    if a and b:
        found["neither"] = _of_two(i, a - 1, b - 1, (0, 0), m, n)
    return found


def _points(degree: int) -> tuple[Any, Any]:
    """Points and weights on (0, 1) that integrate polynomials of a degree exactly (Gauss and Legendre)."""
    x, w = np.polynomial.legendre.leggauss(degree // 2 + 1)
    return (x + 1.0) / 2.0, w / 2.0


def _binomial(n: int, u: Any) -> Any:
    """The chances of 0 … n successes in n trials, for each of some chances u of one."""
    k = np.arange(n + 1)
    counts = np.array([float(comb(n, j)) for j in range(n + 1)])
    return counts * u[:, None] ** k * (1.0 - u[:, None]) ** (n - k)


def _of_one(i: int, a: int, b: int, m: int, n: int) -> Any:
    """Of one value, with i others that count for both ranks, and a and b that count for one."""
    u, w = _points(i + a + b + 1)
    shared, p, q = _binomial(i, u), _binomial(a, u), _binomial(b, u)
    found = np.zeros((m, n))
    for j in range(i + 1):
        found[j : j + a + 1, j : j + b + 1] += np.einsum("t,tk,tl->kl", w * shared[:, j], p, q)
    return found


def _of_two(i: int, a: int, b: int, counted: tuple[int, int], m: int, n: int) -> Any:
    """Of two values, with i others that count for both ranks, and a and b that count for one. `counted` tells whether
    the second counts for the rank of the first, and the first for that of the second."""
    x, w = _points(i + a + b + 2)
    found = np.zeros((m, n))
    low = np.repeat(x, len(x))
    high = low + (1.0 - low) * np.tile(x, len(x))
    weight = np.repeat(w, len(x)) * np.tile(w, len(x)) * (1.0 - low)
    between = np.tile(x, len(x))
    for rises in (True, False):  # the first below the second, or above it
        u, v = (low, high) if rises else (high, low)
        p, q = _binomial(a, u), _binomial(b, v)
        k0, l0 = (0, counted[1]) if rises else (counted[0], 0)
        below = _binomial(i, low)
        for j in range(i + 1):
            middle = _binomial(i - j, between)
            for d in range(i - j + 1):
                k, l = (j, j + d) if rises else (j + d, j)  # noqa: E741
                part = np.einsum("t,tk,tl->kl", weight * below[:, j] * middle[:, d], p, q)
                found[k0 + k : k0 + k + a + 1, l0 + l : l0 + l + b + 1] += part
    return found
