"""The bodies of the ops' functions as expressions of a query.

A body is run over expressions instead of numbers: a branch becomes a CASE, a loop over constants or over arguments is
unrolled, a call is put in its place. A loop whose number of turns depends on its numbers cannot be written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...ops.bodies import (
    ARRAY,
    Assign,
    Begin,
    Binary,
    Body,
    Call,
    Choice,
    Component,
    Constant,
    Expression,
    Extend,
    For,
    If,
    Joined,
    Local,
    Logic,
    Negative,
    Not,
    Number,
    Pair,
    Relation,
    Return,
    Statement,
    kind_of,
    parts_of,
)
from ...ops.sources import FLOATS, Sources
from ...ops.stand_ins import ALIKE, stand_in
from ..runtime import lacking
from .scalars import CONDITIONS, Scalars

SOURCES = Sources({**FLOATS.modules, "lacking": lacking})
# Functions of any number of arguments, and the functions of two from which they are made.
OF_TWO = {"elementary.largest": "lacking.largest", "elementary.smallest": "lacking.smallest"}
# Functions that compute digits again that cancel, by arithmetic of many digits, and those without it.
SHORT = {"elementary.logaddexp": "lacking.logaddexp"}
SIGNS = {"operator.add": "+", "operator.sub": "-", "operator.mul": "*", "operator.truediv": "/"}
RELATIONS = {"==": "=", "!=": "<>"}
# The most expressions of one op. The longest polynomials have some hundred.
MOST = 3000

Value = Any  # an index in the graph, a pair of them, or a tuple of them for an array


class Unwritable(Exception):
    """A function that a query cannot have."""


class Unrolled:
    """Puts functions into the graph of a query, by their keys."""

    def __init__(self, scalars: Scalars) -> None:
        self.scalars, self.dialect = scalars, scalars.dialect
        self._found: dict[tuple[str, tuple[Value, ...], str], Value] = {}
        self._most = 0
        self._running: list[str] = []
        # The special meanings of functions of `math` and of Python.
        self._own: dict[str, Callable[..., Value]] = {
            "builtins.int": lambda a: a,
            "builtins.float": lambda a: a,
            "builtins.abs": self._absolute,
            "builtins.max": lambda a, b: scalars.choice(scalars.relation(">", b, a), b, a),
            "builtins.min": lambda a, b: scalars.choice(scalars.relation("<", b, a), b, a),
            "math.fabs": self._absolute,
            "math.copysign": self._copied_sign,
            "math.isfinite": self._finite,
            "operator.neg": scalars.negative,
        }

    def op(self, key: str, args: Sequence[int]) -> int:
        """The value of an op, by the key of its function. Raises Unwritable."""
        self._most = len(self.scalars.all) + MOST
        found: int = self.call(key, tuple(args))
        return found

    def call(self, key: str, args: tuple[Value, ...], within: str = "") -> Value:
        """The value of a function, called in the body of the function with the key `within`."""
        known = (key, args, within)
        if (found := self._found.get(known)) is None:
            found = self._found[known] = self._called(key, args, within)
        return found

    def _called(self, key: str, args: tuple[Value, ...], within: str) -> Value:
        if len(self.scalars.all) > self._most:
            raise Unwritable(key)
        if (pair := OF_TWO.get(key)) is not None:
            value = args[0]
            for a in args[1:]:
                value = self.call(pair, (value, a))
            return value
        other = self.dialect.instead.get(key, SHORT.get(key))
        if other is not None and other != within:
            return self.call(other, args)
        if key in self._own:
            return self._own[key](*args)
        if (sign := SIGNS.get(key)) is not None:
            return self.scalars.infix(sign, *args)
        if key in self.dialect.functions:
            return self.scalars.call(key, args)
        if key not in self.dialect.apart:
            alike = ALIKE.get(key, key)
            if alike != key:
                return self.call(alike, args, within)
            key = stand_in(key, SOURCES)
        if not key or not SOURCES.has(key) or not SOURCES.is_function(key):
            raise Unwritable(key)
        # A function that calls itself ends with the numbers at hand, which are not known here.
        if self._running.count(key) > 1:
            raise Unwritable(key)
        self._running.append(key)
        try:
            return self._body(SOURCES.body(key), args)
        finally:
            self._running.pop()

    def _body(self, body: Body, args: tuple[Value, ...]) -> Value:
        names = [n for n, _ in body.params]
        if body.rest:
            args = (*args[: len(names) - 1], args[len(names) - 1 :])
        return _Unrolling(self, body).statements(body.statements, dict(zip(names, args)))

    def _absolute(self, a: int) -> int:
        value = self.scalars.known(a)
        return self.scalars.call("math.fabs", [a]) if value is None else self.scalars.number(abs(value))

    def _copied_sign(self, a: int, b: int) -> int:
        size = self._absolute(a)
        return self.scalars.choice(self.scalars.signed(b), self.scalars.negative(size), size)

    def _finite(self, a: int) -> int:
        inf = float("inf")
        tests = (self.scalars.relation(sign, a, self.scalars.number(b)) for sign, b in ((">", -inf), ("<", inf)))
        return self.scalars.both(list(tests))


class _Unrolling:
    """One run of a body."""

    def __init__(self, unrolled: Unrolled, body: Body) -> None:
        self.unrolled, self.scalars, self.body = unrolled, unrolled.scalars, body

    # Statements

    def statements(self, rest: Sequence[Statement], names: dict[str, Value]) -> Value:
        """The value that the statements return."""
        for k, statement in enumerate(rest):
            match statement:
                case Return(value=value):
                    return self.value(value, names)
                case Assign(names=(name,), value=value):
                    names[name] = self.value(value, names)
                case Assign(names=(a, b), value=value):
                    names[a], names[b] = self.value(value, names)
                case Begin(name=name):
                    names[name] = (self.scalars.number(0.0), self.scalars.number(0.0))
                case Extend(name=name, terms=terms):
                    for term in terms:
                        names[name] = self.more(names[name], term, names)
                case For():
                    return self.statements([*self.turns(statement, names), *rest[k + 1 :]], names)
                case If(test=test, yes=yes, no=no):
                    chosen = self.test(test, names)
                    if chosen in (self.scalars.true, self.scalars.false):
                        taken = yes if chosen == self.scalars.true else no
                        return self.statements([*taken, *rest[k + 1 :]], names)
                    if any(isinstance(part, Return) for part in parts_of((*yes, *no))):
                        if len(self.scalars.all) > self.unrolled._most:
                            raise Unwritable(self.body.key)
                        first = self.statements([*yes, *rest[k + 1 :]], dict(names))
                        second = self.statements([*no, *rest[k + 1 :]], dict(names))
                        return self.chosen(chosen, first, second)
                    names = self.merged(chosen, yes, no, names)
                case _:
                    raise Unwritable(self.body.key)
        return None

    def merged(
        self, test: int, yes: Sequence[Statement], no: Sequence[Statement], names: dict[str, Value]
    ) -> dict[str, Value]:
        """The names after a branch that returns nothing."""
        sides = []
        for side in (yes, no):
            # A branch ends with a value of its own, by which its names are found.
            found = dict(names)
            self.statements_of_branch(side, found)
            sides.append(found)
        first, second = sides
        return {n: self.chosen(test, first.get(n, second.get(n)), second.get(n, first.get(n)))
                for n in {**first, **second}}  # fmt: skip

    def statements_of_branch(self, side: Sequence[Statement], names: dict[str, Value]) -> None:
        """Run the statements of a branch that returns nothing: `names` are those after it."""
        for statement in side:
            match statement:
                case If(test=test, yes=yes, no=no):
                    names.update(self.merged(self.test(test, names), yes, no, names))
                case For():
                    self.statements_of_branch(self.turns(statement, names), names)
                case _:
                    self.statements([statement], names)

    def chosen(self, test: int, a: Value, b: Value) -> Value:
        """a where the test holds, else b: numbers, or pairs."""
        if a is None or b is None:
            raise Unwritable(self.body.key)
        if isinstance(a, tuple):
            return tuple(self.chosen(test, x, y) for x, y in zip(a, b))
        return self.scalars.choice(test, self.number(a), self.number(b))

    def turns(self, loop: For, names: dict[str, Value]) -> list[Statement]:
        """The statements of all turns of a loop."""
        arrays = [self.array(array, names) for array in loop.arrays]
        found: list[Statement] = []
        for turn, items in enumerate(zip(*arrays)):
            if loop.turn:
                found.append(Assign((loop.turn,), Number(float(turn + loop.start))))
            found += (Assign((n,), _Placed(a)) for n, a in zip(loop.items, items))  # type: ignore[arg-type]
            found += loop.body
        return found

    def array(self, array: Expression, names: dict[str, Value]) -> tuple[int, ...]:
        match array:
            case Constant(key=key) if SOURCES.has(key):
                return tuple(self.scalars.number(a) for a in SOURCES.definition(key).value)
            case Local(name=name) if isinstance(names.get(name), tuple):
                found: tuple[int, ...] = names[name]
                return found
        raise Unwritable(self.body.key)

    def more(self, total: Value, term: Expression, names: dict[str, Value]) -> Value:
        """A sum in doubled precision with a term more."""
        pair = (self.value(term, names), self.scalars.number(0.0))
        return self.unrolled.call("doubled.plus", (total, pair))

    # Expressions

    def value(self, node: Any, names: dict[str, Value]) -> Value:
        """An expression of a body: a number, or a pair."""
        scalars = self.scalars
        match node:
            case _Placed(place=place):
                return place
            case Number(value=number):
                return scalars.number(number)
            case Local(name=name):
                if name not in names:
                    raise Unwritable(self.body.key)
                return names[name]
            case Constant(key=key):
                return scalars.number(self.constant(key))
            case Negative(operand=operand):
                return scalars.negative(self.value(operand, names))
            case Binary(sign=sign, left=left, right=right):
                return self.binary(sign, self.value(left, names), self.value(right, names))
            case Relation() | Logic() | Not():
                return scalars.choice(self.test(node, names), scalars.number(1.0), scalars.number(0.0))
            case Choice(test=test, yes=yes, no=no):
                chosen = self.test(test, names)
                if chosen in (scalars.true, scalars.false):
                    return self.value(yes if chosen == scalars.true else no, names)
                return self.chosen(chosen, self.value(yes, names), self.value(no, names))
            case Pair(first=first, second=second):
                return self.value(first, names), self.value(second, names)
            case Component(pair=pair, index=index):
                return self.value(pair, names)[index]
            case Call(key="math.fsum", arguments=(Local(name=name, kind="list"),)):
                return scalars.infix("+", *names[name])
            case Call(key="math.fsum", arguments=(Joined(term=term, rest=name),)):
                return self.more(names[name], term, names)[0]
            case Call(key=key, arguments=arguments):
                args = tuple(self.argument(a, names) for a in arguments)
                return self.unrolled.call(key, args, self.body.key)
        raise Unwritable(self.body.key)

    def argument(self, node: Expression, names: dict[str, Value]) -> Value:
        constant = isinstance(node, Constant) and SOURCES.has(node.key)
        if kind_of(node) == ARRAY or constant and isinstance(SOURCES.definition(node.key).value, tuple):  # type: ignore[union-attr]
            return self.array(node, names)
        found = self.value(node, names)
        return self.number(found) if isinstance(found, int) else found

    def constant(self, key: str) -> float:
        module, _, name = key.partition(".")
        if SOURCES.has(key):
            return float(SOURCES.definition(key).value)
        if module == "math" and name in ("inf", "nan", "pi", "tau", "e"):
            return {"inf": float("inf"), "nan": float("nan"), "pi": 3.141592653589793, "tau": 6.283185307179586,
                    "e": 2.718281828459045}[name]  # fmt: skip
        raise Unwritable(key)

    def binary(self, sign: str, a: int, b: int) -> int:
        scalars = self.scalars
        if sign in ("+", "-", "*", "/"):
            return scalars.infix(sign, self.number(a), self.number(b))
        if sign == "//" and scalars.known(b) in (1.0, 2.0):
            floored: int = self.unrolled.call(
                "math.floor", (scalars.infix("/", a, b) if b != scalars.number(1.0) else a,)
            )
            return floored
        if sign == "%":
            remainder: int = self.unrolled.call("elementary.floor_mod", (a, b))
            return remainder
        raise Unwritable(self.body.key)

    def number(self, a: int) -> int:
        """A number; a truth value is 1 or 0."""
        if self.scalars[a].kind in CONDITIONS:
            return self.scalars.choice(a, self.scalars.number(1.0), self.scalars.number(0.0))
        return a

    def test(self, node: Expression, names: dict[str, Value]) -> int:
        """An expression as a condition."""
        scalars = self.scalars
        match node:
            case Relation(sign=sign, left=left, right=right):
                a, b = self.number(self.value(left, names)), self.number(self.value(right, names))
                return scalars.relation(RELATIONS.get(sign, sign), a, b)
            case Logic(sign=sign, parts=parts):
                found = [self.test(p, names) for p in parts]
                return scalars.both(found) if sign == "and" else scalars.either(found)
            case Not(operand=operand):
                return scalars.opposite(self.test(operand, names))
        found_value = self.value(node, names)
        if scalars[found_value].kind in CONDITIONS:
            return int(found_value)
        return scalars.relation("<>", found_value, scalars.number(0.0))


class _Placed:
    """An item of an array in the place of an expression."""

    __match_args__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place = place
