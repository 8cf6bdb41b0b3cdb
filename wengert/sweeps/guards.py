"""Guards: conditions for adjoints and tangents that pass below a branch.

A guard is a condition (a number, an array of numbers, or the name of one) that holds where the branch was taken. It may
be a function that computes the condition, since many are never needed.

Below a branch that equality decides (see `ties`) a guard is `Tied`: a branch that was not taken then counts too, as
long as its contribution is finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any

from ..ground.tuples import NamedTuple
from ..ops import ADD, AND, FINITE, INDEX, OR, PUT, SCATTER, SPREAD_LIKE, SUM_LIKE, WHERE, ZEROS
from ..ops.parameters import split
from ..ops.row import moves
from .interpretation import Apply, Interpretation
from .rules import Applied, Rules, vjp_of

Guard = Any
# Ops that fill the rest of their value with zeros.
FILLED = frozenset((PUT, SCATTER))


# The longest chain of waiting guards: a loop must neither recurse nor keep the values of every turn.
DEEPEST = 50
# Adjoints of elements are combined at once from this number on.
MANY = 1024


class Lazy:
    """A guard that is computed on first use, from others (`of`) that may be lazy too."""

    __slots__ = ("_made", "_make", "depth")

    def __init__(self, make: Callable[[], Any], *of: Guard) -> None:
        self._make: Callable[[], Any] | None = make
        self._made: Any = None
        self.depth: int = 1 + max((g.depth for g in of if type(g) is Lazy), default=0)
        if self.depth > DEEPEST:
            self()

    def __call__(self) -> Any:
        if self._make is not None:
            self._made, self._make, self.depth = self._make(), None, 0
        return self._made


class Tied(NamedTuple):
    """A guard below tied branches: where they were taken, and where they count."""

    taken: Guard
    kept: Guard


def forced(guard: Guard) -> Any:
    """The condition of a guard, computed if need be."""
    if type(guard) is Tied:
        guard = guard.kept
    return guard() if callable(guard) else guard


def made(guard: Guard) -> Guard:
    """A guard that no longer waits for others."""
    return Tied(*map(forced, guard)) if type(guard) is Tied else forced(guard)


def guarded(guard: Guard, product: Any, apply: Interpretation) -> Any:
    """A product where the guard holds, and 0 elsewhere. Numbers are checked only if they are not finite."""
    if apply.shaped and apply.finite(product) or type(guard) is Tied and type(product) is float and isfinite(product):
        return product
    if type(guard) is Tied:
        finite_too = apply(AND, forced(guard.kept), apply(FINITE, product))
        return apply(WHERE, apply(OR, forced(guard.taken), finite_too), product, 0.0)
    return apply(WHERE, forced(guard), product, 0.0)


def _apart(guard: Guard) -> Tied:
    """A guard in the form of one below tied branches."""
    return guard if type(guard) is Tied else Tied(guard, guard)


def both(guard: Guard, local: Any, apply: Apply) -> Guard:
    """The guard of a branch that is taken where `local` holds, below another guard."""
    if guard is None:
        return local
    if type(guard) is Tied or type(local) is Tied:
        (a, c), (b, d) = _apart(guard), _apart(local)
        return Tied(both(a, b, apply), both(c, d, apply))
    local = forced(local)
    return Lazy(lambda: apply(AND, forced(guard), local), guard) if callable(guard) else apply(AND, guard, local)


def either(a: Guard, b: Guard, apply: Apply) -> Guard:
    """The guard of a sum of two contributions."""
    if a is b or type(a) in (str, float) and type(b) in (str, float) and a == b:
        return a
    if type(a) is Tied or type(b) is Tied:
        return Tied(*(either(x, y, apply) for x, y in zip(_apart(a), _apart(b))))
    if callable(a) or callable(b):
        return Lazy(lambda: apply(OR, forced(a), forced(b)), a, b)
    return apply(OR, a, b)


def shrunk(guard: Guard, like: Any, y: Any, apply: Interpretation) -> Guard:
    """The guard of an argument that was broadcast to the shape of y: whether any of its copies was taken."""
    if guard is None or apply.alike(like, y):
        return guard
    if type(guard) is Tied:
        return Tied(*(shrunk(g, like, y, apply) for g in guard))
    return Lazy(lambda: apply(SUM_LIKE, apply(SPREAD_LIKE, forced(guard), y), like), guard)


def vjp_guard(at: Applied, i: int, downstream: Any, guard: Guard, apply: Interpretation, rules: Rules) -> Guard:
    """The guard of an array op's i-th argument, from the guard of its value; `downstream` is the argument's adjoint.

    If the op only moves elements, the guard moves like the adjoint, and an element that was not chosen has the adjoint
    0. Any other op mixes all elements, so below it everything counts as taken.
    """
    row, _, y = at
    if type(guard) is Tied and not row.selects:
        if not moves(row):
            return None
        return Tied(*(vjp_guard(at, i, downstream, g, apply, rules) for g in guard))
    if row.selects:
        return Lazy(lambda: downstream)
    if not moves(row) or guard is None and moves(row) != "some":
        return None

    def make() -> Any:
        ones = apply(ADD, apply(ZEROS, y), 1.0) if guard is None else apply(SPREAD_LIKE, forced(guard), y)
        return vjp_of(at, i, ones, apply, rules)

    return Lazy(make, guard)


def add(name: Any, downstream: Any, taken: Guard, state: ReverseState) -> Any:
    """Add a contribution to the adjoint of a name, and to its guard. Returns the sum so far."""
    adjoint, guards = state.adjoint, state.guards
    if name not in adjoint:
        adjoint[name] = downstream
        if taken is not None:
            guards[name] = taken
        return downstream
    total = adjoint[name] = state.call(ADD, adjoint[name], downstream)
    before = guards.get(name)
    if before is None or taken is None:
        guards.pop(name, None)
    else:
        guards[name] = either(before, taken, state.call)
    return total


class ElementAdjoints:
    """Adjoints of elements of arrays, combined when the array's own adjoint is needed: n elements cost n steps, not
    n^2."""

    def __init__(self, state: ReverseState, at_once: bool) -> None:
        self.state, self.at_once = state, at_once
        self.tape: Mapping[str, Any] = {}
        self.names: dict[str, list[tuple[str, Any, Guard]]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def take(self, op: str, name: Any, upstream: Any, guard: Guard) -> bool:
        """Keep a contribution for later, if it comes through an index."""
        base, spec = split(op)
        if base != INDEX:
            return False
        came = self.names.setdefault(name, [])
        came.append((spec, upstream, made(guard) if self.at_once else guard))
        # A loop that reads its parameters from an array would keep something in every turn.
        if len(came) > MANY and len(came) > self.state.apply.size(self.tape[name]):
            self.settle(name)
        return True

    def settle(self, name: str) -> None:
        """Combine the elements of a name: add them in order to the adjoint that it already has. So a sum has the same
        bits, whether or not some of its elements were combined before."""
        came, apply, like = self.names.pop(name), self.state.apply, self.tape[name]
        adjoint, guards = self.state.adjoint, self.state.guards
        if name in adjoint:
            came.insert(0, (":", adjoint[name], guards.get(name)))
        op = f"{SCATTER}[{'|'.join(spec for spec, _, _ in came)}]"
        adjoint[name] = apply(op, like, *(g for _, g, _ in came))
        taken = [guard for _, _, guard in came]

        def placed(taken: list[Guard]) -> Guard:
            return Lazy(lambda: apply(op, like, *(1.0 if t is None else forced(t) for t in taken)), *taken)

        guard = placed(taken)
        if any(type(g) is Tied for g in taken):
            guard = Tied(placed([_apart(g).taken for g in taken]), guard)
        guards[name] = guard


class ReverseState:
    """The state of a reverse sweep, from equation to equation, and from one span of them to the one before.

    adjoint  of names, so far
    guards   of the names whose adjoints came below a branch
    waiting  adjoints of elements that are not put together yet; their guards are made `at_once` if so asked
    ties     of the list's conditions, once one was met
    """

    def __init__(self, seeds: Mapping[str, Any], apply: Interpretation, at_once: bool = False) -> None:
        self.apply = apply
        self.call: Apply = apply.__call__
        self.adjoint: dict[Any, Any] = dict(seeds)
        self.guards: dict[Any, Any] = {}
        self.waiting = ElementAdjoints(self, at_once)
        self.ties: Any = None

    def leave(self, names: Iterable[str]) -> None:
        """Forget the names of the span just swept, after making the guards that need its values."""
        for name in names:
            self.adjoint.pop(name, None)
            self.guards.pop(name, None)
        for name, guard in self.guards.items():
            self.guards[name] = made(guard)

    def settle(self) -> None:
        """Combine all elements that still wait."""
        for name in list(self.waiting.names):
            self.waiting.settle(name)
