"""Turns the body of a function over floats into that of a function over arrays.

Where a function branches and both sides are cheap, both are computed and `np.where` selects. Elsewhere each side is
computed only for its own elements (`forms.split`): no element is computed in vain, and recursion ends. A `while` loop
runs for the elements for which its condition still holds (`forms.repeated`). A list that grows is its sum, a pair.
Doubled precision replaces fixed point, as in other languages. Any other expression that uses Python's integers is
evaluated element by element.

The body of a function over arrays names the functions that it calls by their names, not by keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...ground.tuples import NamedTuple, Protocol
from ..bodies import (
    Assign,
    Begin,
    Binary,
    Both,
    Call,
    Choice,
    Component,
    Constant,
    Define,
    Expression,
    Extend,
    For,
    If,
    Joined,
    Lambda,
    Local,
    Logic,
    Negative,
    Not,
    Number,
    Pair,
    Relation,
    Return,
    Several,
    Statement,
    While,
    ends,
    parts_of,
    returns,
)

SAME = {"builtins.float", "builtins.int"}
# An expression with this function, and conversions to integers and back around it, is evaluated element by element.
INTEGERS = "math.factorial"
# Functions that cost no more than a sum, the greatest cost of two sides that are both computed, and the cost of a
# function of ours.
CHEAP = {"fabs", "copysign", "sqrt", "floor", "rint", "isfinite", "where", "np.maximum", "sign"}
BOTH = 2
MUCH = 100


class Loops(Exception):
    """A function cannot be written over arrays."""


class Value(NamedTuple):
    """Statements, the expression after them, and their cost, in calls of functions like exp."""

    before: tuple[Statement, ...]
    value: Expression
    cost: int


class Functions(Protocol):
    """Gives the names of functions and constants for a body over arrays."""

    def function(self, key: str) -> str:
        """The name of a function over arrays."""

    def constant(self, key: str) -> str:
        """The name of a constant."""

    def scalar(self, key: str) -> str:
        """The name of a function over floats, which is called element by element."""

    def costs(self, name: str) -> int:
        """The cost of a call of a function over arrays."""

    def need(self, form: str) -> str:
        """The name of a function of `forms` that a body uses."""


class Branches:
    """The body of a function, or a part of it that is evaluated for some of the elements. Raises Loops."""

    def __init__(self, module: Functions, local: Sequence[str], depth: int = 0) -> None:
        self.module, self.local, self.depth = module, list(local), depth
        self.count = 0

    # Statements

    def block(self, body: Sequence[Statement]) -> Value:
        """Statements up to a return, and the value that is returned."""
        before: list[Statement] = []
        cost = 0
        for k, statement in enumerate(body):
            rest = tuple(body[k + 1 :])
            match statement:
                case Return(value=value):
                    found = self.value(value)
                    return Value((*before, *found.before), found.value, cost + found.cost)
                case While(test=test, body=(If(yes=(Return(),), no=()) as leave, *inner)):
                    # The loop ends for an element that would leave it; if the loop's condition still holds after it,
                    # the element left, and returns there.
                    going = Logic("and", (test, Not(leave.test)))
                    found = self.block([While(going, tuple(inner)), If(test, leave.yes), *rest])
                    return Value((*before, *found.before), found.value, MUCH)
                case If(test=test, yes=yes, no=no) if returns(yes) or returns(no):
                    found = self.choice(test, yes if ends(yes) else yes + rest, no if no and ends(no) else no + rest)
                    return Value((*before, *found.before), found.value, cost + found.cost)
                case _:
                    more, spent = self.statement(statement, "")
                    before += more
                    cost += spent
        raise Loops("no value")

    def statement(self, statement: Statement, live: str) -> tuple[list[Statement], int]:
        """Statements over arrays for a statement without a return. With a condition `live` they change only the
        elements for which it holds."""
        match statement:
            case Begin(name=name):
                self.know(name)
                return [Assign((name,), Pair(Number(0.0), Number(0.0)))], 0
            case Extend(name=name, terms=terms):
                values = [self.value(t) for t in terms]
                more: Expression = Local(name)
                for term in values:
                    more = Call(self.module.need("added"), (more, term.value))
                return [*(s for t in values for s in t.before), Assign((name,), self.kept(live, more, name))], MUCH
            case Assign(names=(name,), value=value):
                found = self.value(value)
                kept = self.kept(live, found.value, name)
                self.know(name)
                return [*found.before, Assign((name,), kept)], found.cost
            case Assign(names=names, value=Pair(first=first, second=second)) if live:
                parts = [self.value(first), self.value(second)]
                both = tuple(self.kept(live, p.value, n) for p, n in zip(parts, names))
                for name in names:
                    self.know(name)
                return [*(s for p in parts for s in p.before), Both(names, both)], sum(p.cost for p in parts)
            case Assign(names=names, value=value) if not live:
                found = self.value(value)
                for name in names:
                    self.know(name)
                return [*found.before, Assign(names, found.value)], found.cost
            case If():
                return self.choose(statement, live), MUCH
            case While(test=test, body=body) if not live:
                return self.loop(test, body), MUCH
            case For(items=items, arrays=arrays, turn=turn, start=start, body=body) if not live:
                for name in [turn] * bool(turn) + list(items):
                    self.know(name)
                over = tuple(map(self.plain, arrays))
                return [For(items, over, turn, start, self.each_of(body, ""))], MUCH
        raise Loops(repr(statement))

    def both(self, live: str, condition: Expression) -> Expression:
        return Binary("&", Local(live), condition) if live else condition

    def kept(self, live: str, value: Expression, name: str) -> Expression:
        """The new value of a variable; with a condition, for the elements for which it holds."""
        return Call("kept", (Local(live), value, Local(name))) if live and name in self.local else value

    def choose(self, statement: If, live: str) -> list[Statement]:
        """Statements over arrays for a condition without a return: both sides are computed, and each changes its own
        elements, or each side is computed for its own elements only."""
        condition = self.test(statement.test)
        sides, cost = [], 0
        for body in (statement.yes, statement.no):
            inner = Branches(self.module, self.local, self.depth + 1)
            found = [inner.statement(part, "") for part in body]
            sides.append(tuple(s for made, _ in found for s in made))
            cost += sum(spent for _, spent in found)
        if cost <= BOTH:
            chosen = self.fresh("chosen")
            made: list[Statement] = [Assign((chosen,), self.both(live, condition))]
            if statement.no:
                other = self.fresh("other")
                made.append(Assign((other,), self.both(live, Not(Local(chosen)))))
            made += self.each_of(statement.yes, chosen)
            return made + list(self.each_of(statement.no, other) if statement.no else ())
        if live and statement.no:
            raise Loops(repr(statement))
        first, second = map(_assigned, sides)
        names = [n for n in self.local if n in first | second]
        new = sorted((first & second) - set(names))
        named = _names(tuple(sides))
        args = tuple(n for n in self.local if n in named or n in names)
        for name in new:
            self.know(name)
        names += new
        result = Return(Several(tuple(map(Local, names))))
        functions = [self.fresh(word) for word in ("yes", "no")]
        given: tuple[Expression, ...] = (self.both(live, condition), *map(Local, (*functions, *args)))
        return [
            *(Define(word, args, (*side, result)) for word, side in zip(functions, sides)),
            Both(tuple(names), (Call(self.module.need("split"), given),)),
        ]

    def loop(self, test: Expression, body: Sequence[Statement]) -> list[Statement]:
        """Statements over arrays for a loop: functions for its condition and for one turn of it."""
        inner = Branches(self.module, self.local, self.depth + 1)
        condition = inner.test(test)
        turn = inner.each_of(body, "")
        written = _assigned(turn)
        changing = [n for n in self.local if n in written]
        named = _names((condition, turn))
        args = (*changing, *(n for n in self.local if n in named and n not in written))
        name = self.fresh("turn")
        counted = Number(len(changing))
        given: tuple[Expression, ...] = (Lambda(args, condition), Local(name), counted, *map(Local, args))
        return [
            Define(name, args, (*turn, Return(Several(tuple(map(Local, changing)))))),
            Both(tuple(changing), (Call(self.module.need("repeated"), given),)),
        ]

    def each_of(self, body: Sequence[Statement], live: str) -> tuple[Statement, ...]:
        return tuple(s for statement in body for s in self.statement(statement, live)[0])

    def know(self, name: str) -> None:
        if name not in self.local:
            self.local.append(name)

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.depth or ''}_{self.count}"

    def choice(self, test: Expression, yes: Sequence[Statement], no: Sequence[Statement]) -> Value:
        """The value of one side where a test holds, and of the other side elsewhere."""
        chosen = self.test(test)
        sides = [Branches(self.module, self.local, self.depth + 1).block(side) for side in (yes, no)]
        cost = sides[0].cost + sides[1].cost
        if not any(s.before for s in sides) and cost <= BOTH:
            match sides[0].value, sides[1].value:
                case Pair() as u, Pair() as v:
                    first = Call("np.where", (chosen, u.first, v.first))
                    return Value((), Pair(first, Call("np.where", (chosen, u.second, v.second))), cost)
                case u, v if not isinstance(u, Pair) and not isinstance(v, Pair):
                    return Value((), Call("np.where", (chosen, u, v)), cost)
        named = _names(tuple((s.before, s.value) for s in sides))
        args = tuple(n for n in self.local if n in named)
        given = tuple(map(Local, args))
        before: list[Statement] = []
        functions: list[Expression] = []
        for word, side in zip(("yes", "no"), sides):
            if side.before:
                functions.append(Local(self.fresh(word)))
                before.append(Define(functions[-1].name, args, (*side.before, Return(side.value))))  # type: ignore[union-attr]
            elif isinstance(side.value, Call) and side.value.arguments == given and side.value.key.isidentifier():
                # A call with just these arguments needs no lambda around it: the function itself will do.
                functions.append(Local(side.value.key))
            else:
                functions.append(Lambda(args, side.value))
        return Value(tuple(before), Call(self.module.need("split"), (chosen, *functions, *given)), MUCH)

    # Expressions

    def value(self, node: Expression) -> Value:
        """An expression over arrays, from one over floats."""
        match node:
            case Choice(test=test, yes=yes, no=no):
                return self.choice(test, [Return(yes)], [Return(no)])
            case Constant(key=key):
                return Value((), Constant(self.module.constant(key)), 0)
            case Local(name=name):
                return Value((), Local(name), 0)
            case Number():
                return Value((), node, 0)
            case Binary(sign="//", left=left, right=Number(value=1 | 2) as right):
                a = self.value(Binary("/", left, right))
                return a._replace(value=Call(self.module.function("math.floor"), (a.value,)))
            case Binary(sign=sign, left=left, right=right):
                a, b = self.value(left), self.value(right)
                return Value(a.before + b.before, Binary(sign, a.value, b.value), a.cost + b.cost)
            case Negative(operand=operand):
                a = self.value(operand)
                return a._replace(value=Negative(a.value))
            case Pair(first=first, second=second):
                a, b = self.value(first), self.value(second)
                return Value(a.before + b.before, Pair(a.value, b.value), a.cost + b.cost)
            case Component(pair=pair, index=index):
                a = self.value(pair)
                return a._replace(value=Component(a.value, index))
            case Relation() | Logic() | Not():
                return Value((), Binary("*", Number(1.0), self.test(node)), 0)
            case Call(key=key, arguments=args):
                return self.call(node, key, args)
        raise Loops(repr(node))

    def call(self, node: Call, key: str, args: Sequence[Expression]) -> Value:
        match key, args:
            case "math.fsum", (Joined(term=term, rest=rest),):
                found = self.value(term)
                total = Call(self.module.need("added"), (Local(rest), found.value))
                return Value(found.before, Call(self.module.need("fsum"), (total,)), MUCH)
            case "math.fsum", (Local(),):
                return Value((), Call(self.module.need("fsum"), tuple(args)), MUCH)
        if key in SAME and INTEGERS not in _used(node):
            return self.value(args[0])
        if key in (*SAME, INTEGERS):
            return self.each(node)
        values = [self.value(a) for a in args]
        name = self.module.function(key)
        own = 0 if name in CHEAP else self.module.costs(name)
        given = tuple(
            # A comparison of a NumPy number gives a NumPy truth value, on which & and ~ work as on arrays.
            Call("np.float64", (v.value,)) if own == MUCH and isinstance(a, Number) else v.value
            for a, v in zip(args, values)
        )
        before = tuple(s for v in values for s in v.before)
        return Value(before, Call(name, given), own + sum(v.cost for v in values))

    def each(self, node: Call) -> Value:
        """A call that is made element by element, as it stands in the source."""
        for key in _used(node):
            if key not in SAME and self.module.scalar(key) != key:
                raise Loops(key)
        plain = self.scalar(node)
        named = _names(plain)
        args = tuple(n for n in self.local if n in named)
        return Value((), Call(self.module.need("each"), (Lambda(args, plain), *map(Local, args))), MUCH)

    def scalar(self, node: Expression) -> Expression:
        """An expression over floats, with names in place of the keys of functions."""
        match node:
            case Call(key=key, arguments=args):
                return Call(self.module.scalar(key), tuple(map(self.scalar, args)))
            case Binary(left=left, right=right):
                return replace(node, left=self.scalar(left), right=self.scalar(right))
            case Negative(operand=operand):
                return Negative(self.scalar(operand))
            case Local() | Number():
                return node
        raise Loops(repr(node))

    def test(self, node: Expression) -> Expression:
        """A condition over arrays."""
        match node:
            case Relation(sign=sign, left=left, right=right):
                return Relation(sign, self.plain(left), self.plain(right))
            case Logic(sign=sign, parts=parts):
                return Logic(sign, tuple(map(self.test, parts)))
            case Not(operand=operand):
                return Not(self.test(operand))
            case Call(key="math.isfinite"):
                return self.plain(node)
        return Relation("!=", self.plain(node), Number(0.0))

    def plain(self, node: Expression) -> Expression:
        """An expression that needs no statements before it."""
        found = self.value(node)
        if found.before:
            raise Loops(repr(node))
        return found.value


def _assigned(body: tuple[Statement, ...]) -> set[str]:
    """The variables that statements over arrays assign to, those of functions within them left out."""
    found: set[str] = set()
    for part in body:
        match part:
            case Assign(names=names) | Both(names=names):
                found.update(names)
            case For(body=inner):
                found |= _assigned(inner)
    return found


def _used(node: Expression) -> list[str]:
    """The keys of the functions and constants in an expression over floats."""
    return [part.key for part in parts_of(node) if isinstance(part, (Call, Constant))]


def _names(whole: object) -> set[str]:
    """The names in expressions and statements over arrays."""
    found: set[str] = set()
    for part in parts_of(whole):
        match part:
            case Local(name=name) | Begin(name=name) | Extend(name=name) | Joined(rest=name):
                found.add(name)
            case Assign(names=names) | Both(names=names) | For(items=names):
                found.update(names)
            case Call(key=key) | Constant(key=key):
                found.add(key.partition(".")[0])
    return found
