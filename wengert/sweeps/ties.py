"""Conditions that equality decides: where a comparison in one is a tie, both branches may count.

Evaluate a condition with every tie false, and again with every tie true. If the two answers differ, equality decides
the condition. If both branches then have the same value, the function bends there and does not jump. Its derivative is
the mean over the pieces that meet there, as at the kink of `abs` or of `max`; a branch that is itself such a condition,
decided by equality, counts once for each of its own pieces. With the policy "left" or "right", the condition is
answered as if the difference of the two compared values fell, or rose, a little. If the values differ, only the branch
that was taken counts. A branch that was not taken counts as long as its contribution is finite.

The list shows whether a condition leads back to comparisons. A comparison of values that do not move is no tie: an
index of a loop, a floor, the value of a `stop_gradient`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum
from typing import Any

from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Equation, WengertList
from ..ops import ADD, AND, CONSTANTS, INFIX, OR, WHERE, Op
from .guards import Lazy, Tied
from .interpretation import Apply, Interpretation
from .numbers import Numbers
from .rules import TAKEN, Rules, groups, rules_for, vjp_rule

_EQUAL, _OTHER, _SUB, _DIV = INFIX["=="], INFIX["!="], INFIX["-"], INFIX["/"]
# At most this many nested conditions are told apart: pieces double at each, and their number must stay exact.
DEEPEST = 50
# At most about this many pairs of values are compared to find two values computed alike.
ALIKE = 256
# The kinds of kinks where several pieces meet.
JUMP = "jump"
MEETING = frozenset(("kink", "tie", JUMP))
_SHARED: dict[str, tuple[Op, Op]] = {}


class Sides(NamedTuple):
    """A condition with its ties false (`low`) and true (`high`): the same object if there is no tie.

    tied  where the two differ, if that is known already
    """

    low: Any
    high: Any
    tied: Any = None


def shared(row: Op) -> Op:
    """A row that chooses, with the partial derivatives that share between the branches."""
    found = _SHARED.get(row.name)
    if found is None or found[0] is not row:
        found = _SHARED[row.name] = row, row._replace(partials=row.shares)
    return found[1]


def is_shared(row: Op) -> bool:
    """Whether a row is one that shares between its branches."""
    return row.shares != () and row.partials is row.shares


class Places(Enum):
    """The kinds of places where a program is not smooth."""

    ALL = "all"
    MEETS = "where pieces meet, or a root may do so; not those where one piece has an unbounded derivative or none"
    EQUAL = "conditions that equality alone decides, and jumps, which a factor of 0 may hide"


def may_be_at(row: Op, kind: Places) -> bool:
    """Whether an op has places of a kind."""
    if kind is Places.EQUAL:
        return is_equality(row) or not row.boolean and any(kink.kind == JUMP for kink in row.kinks)
    return any(kind is Places.ALL or kink.kind in MEETING or kink.kind == "singular" for kink in row.kinks)


def is_equality(row: Op) -> bool:
    """Whether an op tests for equality alone, which holds at a point but not beside it."""
    return row.boolean and bool(row.kinks) and not row.strict


def share_guard(given: tuple[Any, ...], i: int, share: Any, apply: Apply) -> Tied:
    """The guard of the i-th argument of an op whose branches share, with `given` for its arguments."""
    condition = given[0]
    taken = condition if i == 1 else apply(_EQUAL, condition, 0.0) if type(condition) is float else Lazy(
        lambda: apply(_EQUAL, condition, 0.0)
    )  # fmt: skip
    return Tied(taken, share)


def compared(wlist: WengertList) -> list[tuple[Any, ...]]:
    """The pairs that comparisons in a list's conditions compare. If no pair is equal, no condition is tied."""
    ties, seen = Ties(wlist, {}, Numbers(wlist.ops)), set[Any]()
    choosing = [e for e in wlist.equations if (row := ties.table.get(e.op)) is not None and row.shares]
    parts = [one for e in choosing for one in ties.made_of(e, seen)]
    return [one.inputs for one in parts if ties.table[one.op].strict]


class Ties:
    """The ties in the conditions of a list. Answers are cached, so that all of them cost one search.

    `tape` maps names to values. The names by which the list is differentiated move, even if an equation defines them:
    those `seeded`, or those of the `active` names that are not computed from others.
    """

    def __init__(
        self, wlist: Any, tape: Mapping[str, Any], apply: Interpretation, rules: Rules | None = None,
        seeded: Collection[str] = (), active: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        self.wlist, self.tape, self.apply = wlist, tape, apply
        self.rules = rules_for(wlist.ops) if rules is None else rules
        self.kink, self.table = self.rules.kink, self.rules.table
        self.seeded, self.active = seeded, active
        self._define: Callable[[str], Equation | None] | None = None
        self._moving: dict[str, bool] = {}
        self._open: dict[str, bool] = {}
        self._sides: dict[str, Sides] = {}
        self._tied: dict[str, Any] = {}
        self._met: dict[str, Any] = {}
        self._levels: dict[str, int] = {}

    def settled(self, equation: Equation, row: Op, args: tuple[Any, ...]) -> tuple[Op, tuple[Any, ...]]:
        """The row of an op that chooses, and the arguments for its rules: unchanged unless there is a tie. At a tie,
        the row's rules are those that share, and the shares replace the branches."""
        condition, a, b = args
        if self.kink == TAKEN:
            return row, args
        if type(a) is float and type(b) is float and a != b:
            return row, args
        if self.kink in ("left", "right"):
            same = self._same(equation, a, b)
            if same is None:
                return row, args
            side = self.sides(equation.inputs[0]).low  # type: ignore[arg-type]
            return row, (self.apply(WHERE, same, side, condition), a, b)
        tied = self.tie(equation, args)
        return (row, args) if tied is None else (shared(row), (condition, *self._shares(equation, condition, tied)))

    def tie(self, equation: Equation, args: tuple[Any, ...]) -> Any:
        """Where equality decides the condition of an op that chooses, and both branches have the same value; None if
        that is nowhere."""
        output = equation.output
        if output not in self._tied:
            self._tied[output] = self._tie(equation, args)
        return self._tied[output]

    def _tie(self, equation: Equation, args: tuple[Any, ...]) -> Any:
        apply, same = self.apply, self._same(equation, args[1], args[2])
        if same is None:
            return None
        name: Any = equation.inputs[0]
        low, high, tied = self.sides(name)
        if low is high:
            return None
        if tied is None or not self._boolean(name):
            tied = self._differ(name, low, high)
        tied = apply(AND, tied, same)
        return None if apply.nowhere(tied) else tied

    def _differ(self, name: str, low: Any, high: Any) -> Any:
        """Where two answers to a condition are not both true or both false."""
        if not self._boolean(name):
            low, high = (self.apply(_OTHER, side, 0.0) for side in (low, high))
        return self.apply(_OTHER, low, high)

    def _same(self, equation: Equation, a: Any, b: Any) -> Any:
        """Where the branches of an op that chooses have the same value, if that is anywhere and its condition leads
        back to comparisons."""
        name, *branches = equation.inputs
        if type(name) is not str or branches[0] == branches[1]:
            return None
        if type(a) is float and type(b) is float and a != b or not self.open(name):
            return None
        same = self.apply(_EQUAL, a, b)
        return None if self.apply.nowhere(same) else same

    def _shares(self, equation: Equation, condition: Any, tied: Any) -> tuple[Any, Any]:
        """The share of each of two branches. Where they are tied, it is by the number of pieces of each; elsewhere only
        the branch that is taken counts."""
        apply, (m, n) = self.apply, map(self._pieces, equation.inputs[1:])
        if not self._boolean(equation.inputs[0]):  # type: ignore[arg-type]
            condition = apply(_OTHER, condition, 0.0)
        if type(m) is type(n) is float and m == n:
            first = apply(WHERE, tied, 0.5, condition)
            return first, apply(_SUB, 1.0, first)
        if type(m) is float and type(n) is float:
            shares = m / (m + n), n / (m + n)
        else:
            total = apply(ADD, m, n)
            shares = apply(_DIV, m, total), apply(_DIV, n, total)
        return apply(WHERE, tied, shares[0], condition), apply(WHERE, tied, shares[1], apply(_EQUAL, condition, 0.0))

    def _pieces(self, a: Any) -> Any:
        """How many pieces meet in a value: one, or those of the branches of a condition that equality decides."""
        if type(a) is not str or not self._level(a):
            return 1.0
        if a not in self._met:
            equation: Any = self._definition(a)
            apply, args = self.apply, tuple(self.tape[x] if type(x) is str else x for x in equation.inputs)
            m, n = (self._pieces(x) for x in equation.inputs[1:])
            plain = type(m) is float and type(n) is float
            one = m if plain and m == n else apply(WHERE, args[0], m, n)
            tied = self.tie(equation, args)
            both = m + n if plain else apply(ADD, m, n)
            self._met[a] = one if tied is None else apply(WHERE, tied, both, one)
        return self._met[a]

    def _level(self, name: str) -> int:
        """How deep conditions are nested in the branches of others. Beyond the deepest level it starts again."""
        waiting = [name]
        while waiting:
            at = waiting[-1]
            equation = self._definition(at)
            row = None if equation is None else self.table.get(equation.op)
            if at in self._levels or equation is None or row is None or not row.shares:
                self._levels.setdefault(at, 0)
                waiting.pop()
                continue
            branches = [a for a in equation.inputs[1:] if type(a) is str]
            if left := [a for a in branches if a not in self._levels]:
                waiting += left
            else:
                self._levels[at] = (1 + max((self._levels[a] for a in branches), default=0)) % DEEPEST
        return self._levels[name]

    def open(self, name: str) -> bool:
        """Whether a condition leads back to a comparison of values that move."""
        return self._walked(name, self._open, self._follows, self._compares)

    def made_of(self, equation: Equation, seen: set[Any]) -> list[Equation]:
        """The equations from which a tie of an op that chooses is found: those of its condition that lead back to
        comparisons of moving values, and of conditions nested in its branches; without names in `seen`."""
        found: list[Equation] = []
        waiting = [equation]
        for e in waiting:
            below = [a for a in self._follows(e) if self.open(a)]
            if self.table[e.op].shares:
                below += [a for a in e.inputs[1:] if type(a) is str and self._level(a)]
            for a in below:
                if a not in seen and (one := self._definition(a)) is not None:
                    seen.add(a)
                    found.append(one)
                    waiting.append(one)
        return found

    def read(self, equation: Equation, seen: set[Any]) -> list[Any]:
        """The names from which a tie of an op that chooses is found."""
        return [a for e in self.made_of(equation, seen) for a in e.inputs if type(a) is str]

    def followed(self, equation: Equation) -> list[str]:
        """The arguments on which a truth value depends, if they lead back to comparisons of moving values."""
        return [a for a in self._follows(equation) if self.open(a)]

    def undecided(self, name: str) -> Any:
        """Where equality decides a condition that leads back to comparisons of moving values."""
        low, high, _ = self.sides(name)
        return 0.0 if low is high else self._differ(name, low, high)

    def nearest(self, name: str) -> Equation:
        """The nearest comparison below an undecided condition that is a tie somewhere."""
        waiting, seen = [name], {name}
        for at in waiting:
            equation: Any = self._definition(at)
            if self.table[equation.op].strict:
                return equation  # type: ignore[no-any-return]
            for a in self.followed(equation):
                low, high, _ = self.sides(a)
                if a not in seen and low is not high:
                    seen.add(a)
                    waiting.append(a)
        raise AssertionError(name)

    def moves(self, name: str) -> bool:
        """Whether a value moves with an input, or with a name by which the list is differentiated."""
        return self._walked(name, self._moving, self._passes, lambda e: self._begins(e.output, e.inputs))

    def sides(self, name: str) -> Sides:
        """A condition that leads back to comparisons, with its ties false and true; with the policy "left" or "right",
        both as on that side."""
        found, waiting = self._sides, [name]
        while waiting:
            at = waiting[-1]
            equation = self._definition(at)
            if at in found or equation is None:
                waiting.pop()
                continue
            row = self.table[equation.op]
            below = [] if row.strict else [a for a in self._follows(equation) if self.open(a) and a not in found]
            waiting += below
            if not below:
                found[waiting.pop()] = self._compared(row, equation) if row.strict else self._combined(row, equation)
        return found[name]

    def _compared(self, row: Op, equation: Equation) -> Sides:
        apply, values = self.apply, [self.tape[a] if type(a) is str else a for a in equation.inputs]
        tied = apply(_EQUAL, *values)
        if apply.nowhere(tied):
            value = apply(row.name, *values)
            return Sides(value, value)
        if self.kink not in ("left", "right"):
            return Sides(apply(row.strict, *values), apply(row.loose, *values), tied)
        # The difference of the two falls or rises. A bound that does not move is passed by the side that does.
        first = equation.inputs[0]
        rises = (self.kink == "right") is (type(first) is str and self.moves(first))
        holds = row.forward(1.0, 0.0) == float(rises)  # type: ignore[operator]
        value = apply(row.loose if holds else row.strict, *values)
        return Sides(value, value)

    def _combined(self, row: Op, equation: Equation) -> Sides:
        apply, op, inputs = self.apply, equation.op, equation.inputs
        plain = [self._sides.get(a) if type(a) is str and self.open(a) else None for a in inputs]
        sides = [
            Sides(v := self.tape[a] if type(a) is str else a, v) if s is None else s for a, s in zip(inputs, plain)
        ]
        signs = self._signs(row, len(inputs))
        if all(s.low is s.high for s in sides):
            value = apply(op, *(s.low for s in sides))
            return Sides(value, value)
        if signs[0] == "?" and sides[0].low is not sides[0].high:
            ways = [[apply(op, c, *(s[k] for s in sides[1:])) for c in sides[0][:2]] for k in (0, 1)]
            return Sides(apply(AND, *ways[0]), apply(OR, *ways[1]))
        turned = [Sides(s.high, s.low) if sign == "-" else s for s, sign in zip(sides, signs)]
        tied = sides[0].tied if len(sides) == 1 else None
        return Sides(apply(op, *(s.low for s in turned)), apply(op, *(s.high for s in turned)), tied)

    def _signs(self, row: Op, n: int) -> list[str]:
        """How a truth value depends on each argument: + or -, ? for a choice, nothing otherwise."""
        if row.array is None:
            return row.monotone.split() or [""] * n
        placed = {i for group in groups(row, n) for i in group} if row.array.moves else set()
        return ["+" if i in placed else "" for i in range(n)]

    def _boolean(self, name: str) -> bool:
        equation = self._definition(name)
        return equation is not None and self.table[equation.op].boolean

    # Walks over the list

    def _definition(self, name: str) -> Equation | None:
        if self._define is None:
            self._define = self.apply.definitions(self.wlist.equations)
        return self._define(name)

    def _begins(self, name: str, inputs: Iterable[Any]) -> bool:
        """Whether the list is differentiated by this name."""
        if name in self.seeded:
            return True
        return self.active is not None and name in self.active and not any(a in self.active for a in inputs)

    def _compares(self, equation: Equation) -> bool:
        row = self.table.get(equation.op)
        if row is None or not row.strict or self._alike(*equation.inputs):
            return False
        return any(type(a) is str and self.moves(a) for a in equation.inputs)

    def _alike(self, *pair: Any) -> bool:
        """Whether two values are computed alike, as by the same text twice: then they move together, and never tie."""
        waiting = [pair]
        for a, b in waiting:
            if a == b:
                continue
            e, f = (self._definition(x) if type(x) is str else None for x in (a, b))
            if e is None or f is None or e.op != f.op or len(e.inputs) != len(f.inputs) or len(waiting) > ALIKE:
                return False
            if self._begins(a, e.inputs) or self._begins(b, f.inputs):
                return False
            waiting += zip(e.inputs, f.inputs)
        return True

    def _follows(self, equation: Equation) -> list[str]:
        """The arguments on which a truth value depends."""
        row = self.table.get(equation.op)
        if row is None or row.strict:
            return []
        signs = self._signs(row, len(equation.inputs))
        return [a for a, sign in zip(equation.inputs, signs) if sign and type(a) is str]

    def _passes(self, equation: Equation) -> list[str]:
        """The arguments that a value moves with."""
        row = self.table.get(equation.op)
        if row is None:
            return [a for a in equation.inputs if type(a) is str]
        rules = row.partials
        return [
            a for i, a in enumerate(equation.inputs)
            if type(a) is str
            and (vjp_rule(row, i) if row.array is not None else rules[min(i, len(rules) - 1)]) is not None
        ]  # fmt: skip

    def _walked(
        self,
        name: str,
        known: dict[str, bool],
        below: Callable[[Equation], list[str]],
        ends: Callable[[Equation], bool],
    ) -> bool:
        """Whether one of the equations below a name, which `below` leads to, answers `ends`; kept in `known`."""
        waiting = [name]
        while waiting:
            at = waiting[-1]
            if at in known:
                waiting.pop()
                continue
            equation = self._definition(at)
            if equation is None:
                known[at] = known is self._moving and (at not in CONSTANTS or self._begins(at, ()))
            elif ends(equation):
                known[at] = True
            else:
                names = below(equation)
                if any(known.get(a) for a in names):
                    known[at] = True
                elif left := [a for a in names if a not in known]:
                    waiting += left
                else:
                    known[at] = False
        return known[name]
