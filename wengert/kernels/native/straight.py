"""Bodies of functions as instructions without branches: every part is computed, and `select` picks the values.

A float is the text of a register or of a literal; a pair of floats is a tuple of two. A list that grows is the pair of
its sum in doubled precision. A function that has loops with an unknown number of turns, or that calls itself, has no
such form (`NeedsBranches`).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence

from ...ground.tuples import Protocol
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
    ends,
    returns,
)
from ...ops.sources import FLOATS
from . import instructions

Value = str | tuple[str, str]
# An argument: a value, the key of a constant array, or values for the parameter that takes any number.
Argument = Value | list[str]

PLUS = "doubled.plus"
ZERO = instructions.literal(0.0)
CONDITIONS = {"!=": "icmp ne i1 {0}, {1}", "==": "icmp eq i1 {0}, {1}"}
TRUTHS = {True: "true", False: "false"}
KNOWN = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


class Untranslated(Exception):
    """An op that has no value in machine code: the kernel hands the list over to the next one."""


class NeedsBranches(Exception):
    """A body that needs branches."""


class Sink(Protocol):
    """Takes instructions."""

    def write(self, instruction: str) -> str:
        """Write an instruction; returns the register of its value."""

    def call_of(self, key: str, args: Sequence[Argument]) -> Value:
        """The value of a function, by its key. Raises Untranslated."""


def constant(key: str) -> float | tuple[float, ...]:
    """The value of a constant of ours, or of one of `math`. Raises Untranslated."""
    module, _, name = key.partition(".")
    home = math if module == "math" else FLOATS.modules.get(module)
    found = getattr(home, name, None)
    if isinstance(found, tuple) and all(isinstance(a, (int, float)) for a in found):
        return tuple(map(float, found))
    if isinstance(found, (int, float)):
        return float(found)
    raise Untranslated(key)


class Branchless:
    """Writes the value of a body for given arguments.

    sink     takes the instructions
    values   the values of the variables, by name
    arrays   the arrays of the variables that are arrays: texts of numbers
    """

    def __init__(self, sink: Sink, body: Body, args: Sequence[Argument]) -> None:
        self.sink, self.body = sink, body
        self.values: dict[str, Value] = {}
        self.arrays: dict[str, str | list[str]] = {}
        for (name, kind), given in zip(body.params, args):
            if kind == ARRAY:
                assert not isinstance(given, tuple)
                self.arrays[name] = given
            else:
                assert not isinstance(given, list)
                self.values[name] = given

    # Statements

    def result(self) -> Value:
        """The value. Raises NeedsBranches, Untranslated."""
        return self.run(self.body.statements)

    def run(self, statements: Sequence[Statement]) -> Value:
        """The value that statements return."""
        waiting: list[Statement | Mapping[str, Value]] = list(reversed(statements))
        chosen: list[tuple[str, Value]] = []
        while waiting:
            match waiting.pop():
                case Mapping() as items:
                    self.values.update(items)
                case Return(value=value):
                    found = self.value(value)
                    for test, other in reversed(chosen):
                        found = self.select(test, other, found)
                    return found
                case If(test=condition, yes=yes, no=no):
                    test = self.test(condition)
                    if test in ("true", "false"):
                        waiting += reversed(yes if test == "true" else no)
                    elif ends(yes):
                        chosen.append((test, self.apart(yes)))
                        waiting += reversed(no)
                    elif returns(yes) or returns(no):
                        raise NeedsBranches(self.body.key)
                    else:
                        self.both(test, yes, no)
                case For() as loop:
                    waiting += reversed(self.turns(loop))
                case statement:
                    self.assign(statement)
        raise NeedsBranches(self.body.key)

    def apart(self, statements: Sequence[Statement]) -> Value:
        """The value that statements return, which leaves the variables as they are."""
        before = dict(self.values)
        found = self.run(statements)
        self.values = before
        return found

    def both(self, test: str, yes: Sequence[Statement], no: Sequence[Statement]) -> None:
        """The assignments of two branches; only those of one branch count."""
        before = dict(self.values)
        found = []
        for statements in (yes, no):
            self.values = dict(before)
            for statement in statements:
                self.assign(statement)
            found.append(self.values)
        self.values = before
        for name in {**found[0], **found[1]}:
            a, b = found[0].get(name), found[1].get(name)
            # A variable that only one branch assigns is read after that branch alone.
            self.values[name] = a if b is None or a == b else b if a is None else self.select(test, a, b)  # type: ignore[assignment]

    def turns(self, loop: For) -> list[Statement | Mapping[str, Value]]:
        """The turns of a loop over arrays, one after the other."""
        columns = [self.elements(a) for a in loop.arrays]
        found: list[Statement | Mapping[str, Value]] = []
        for k, row in enumerate(zip(*columns), loop.start):
            found.append({**dict(zip(loop.items, row)), **({loop.turn: instructions.literal(k)} if loop.turn else {})})
            found += loop.body
        return found

    def elements(self, array: Expression) -> list[str]:
        """The elements of an array, as texts."""
        key = array.key if isinstance(array, Constant) else self.arrays[array.name]  # type: ignore[union-attr]
        if isinstance(key, list):
            return key
        numbers = constant(key)
        assert isinstance(numbers, tuple)
        return [instructions.literal(a) for a in numbers]

    def assign(self, statement: Statement | Mapping[str, Value]) -> None:
        match statement:
            case Assign(names=(name,), value=value):
                self.keep(name, self.value(value))
            case Assign(names=names, value=value):
                for name, part in zip(names, self.value(value), strict=True):
                    self.keep(name, part)
            case Begin(name=name):
                self.keep(name, (ZERO, ZERO))
            case Extend(name=name, terms=terms):
                for term in terms:
                    self.keep(name, self.longer(name, term))
            case If(test=condition, yes=yes, no=no) if not (returns(yes) or returns(no)):
                self.both(self.test(condition), yes, no)
            case _:
                raise NeedsBranches(self.body.key)

    def keep(self, name: str, value: Value) -> None:
        """Assign a value to a variable."""
        self.values[name] = value

    def read(self, name: str) -> Value:
        """The value of a variable."""
        return self.values[name]

    # Expressions

    def longer(self, name: str, term: Expression) -> Value:
        """The sum of a list, with a term added."""
        return self.sink.call_of(PLUS, [self.read(name), (self.number(term), ZERO)])

    def number(self, node: Expression) -> str:
        """The value of an expression that is a float."""
        found = self.value(node)
        assert isinstance(found, str), node
        return found

    def value(self, node: Expression) -> Value:
        """The value of an expression."""
        match node:
            case Number(value=number):
                return instructions.literal(float(number))
            case Local(name=name):
                return self.read(name)
            case Constant(key=key):
                found = constant(key)
                if isinstance(found, float):
                    return instructions.literal(found)
            case Negative(operand=Number(value=number)):
                return instructions.literal(-float(number))
            case Negative(operand=operand):
                return self.sink.write(f"fneg double {self.number(operand)}")
            case Binary(sign=sign, left=left, right=right) if sign in instructions.BINARY:
                a, b = self.number(left), self.number(right)
                return self.sink.write(f"{instructions.BINARY[sign]} double {a}, {b}")
            case Binary(sign="%", left=left, right=right):
                return self.sink.call_of("elementary.floor_mod", [self.number(left), self.number(right)])
            case Binary(sign="//", left=left, right=Number(value=1 | 2) as right):
                # A division by 1 or 2 is exact, so only the floor changes its result.
                return self.sink.call_of("math.floor", [self.value(Binary("/", left, right))])
            case Relation() | Logic() | Not() | Call(key="math.isfinite"):
                return self.sink.write(f"uitofp i1 {self.test(node)} to double")
            case Choice(test=test, yes=yes, no=no):
                return self.choice(self.test(test), yes, no)
            case Pair(first=first, second=second):
                return self.number(first), self.number(second)
            case Component(pair=pair, index=index):
                return self.value(pair)[index]
            case Call(key="math.fsum", arguments=(Local(name=name, kind="list"),)):
                return self.sink.write("fadd double {}, {}".format(*self.read(name)))
            case Call(key="math.fsum", arguments=(Joined(term=term, rest=name),)):
                return self.longer(name, term)[0]
            case Call(key=key, arguments=arguments):
                return self.sink.call_of(key, [self.argument(a) for a in arguments])
        raise Untranslated(f"{self.body.key}: {node}")

    def argument(self, node: Expression) -> Argument:
        """The value of an argument, or the key of an array."""
        if isinstance(node, Constant) and isinstance(constant(node.key), tuple):
            return node.key
        if isinstance(node, Local) and node.name in self.arrays:
            return self.arrays[node.name]
        return self.value(node)

    def choice(self, test: str, yes: Expression, no: Expression) -> Value:
        """The value of one of two expressions."""
        if test in ("true", "false"):
            return self.value(yes if test == "true" else no)
        return self.select(test, self.value(yes), self.value(no))

    def select(self, test: str, yes: Value, no: Value) -> Value:
        """One of two values."""
        if isinstance(yes, tuple) and isinstance(no, tuple):
            a, b = (str(self.select(test, x, y)) for x, y in zip(yes, no))
            return a, b
        return yes if yes == no else self.sink.write(f"select i1 {test}, double {yes}, double {no}")

    def test(self, node: Expression) -> str:
        """A condition, as a register or as "true" or "false" where it is known."""
        match node:
            case Relation(left=Relation() | Logic() | Not() as left, sign=sign, right=right):
                form = CONDITIONS[sign]
                return self.sink.write(form.format(self.test(left), self.test(right)))
            case Relation(sign=sign, left=left, right=right):
                return self.compared(sign, self.number(left), self.number(right))
            case Logic(sign=sign, parts=parts):
                return self.logic(sign, parts)
            case Not(operand=operand):
                found = self.test(operand)
                known = {"true": "false", "false": "true"}.get(found)
                return known or self.sink.write(f"xor i1 {found}, true")
            case Call(key="math.isfinite", arguments=(a,)):
                size = self.sink.write(f"call double @llvm.fabs.f64(double {self.number(a)})")
                return self.compared("<", size, instructions.literal(math.inf))
        return self.compared("!=", self.number(node), ZERO)

    def compared(self, sign: str, a: str, b: str) -> str:
        left, right = instructions.number(a), instructions.number(b)
        if left is not None and right is not None:
            return TRUTHS[KNOWN[sign](left, right)]
        return self.sink.write(f"fcmp {instructions.COMPARISONS[sign]} double {a}, {b}")

    def logic(self, sign: str, parts: Sequence[Expression]) -> str:
        """Conditions joined by "and" or "or"."""
        decided, idle = ("false", "true") if sign == "and" else ("true", "false")
        found = ""
        for part in parts:
            test = self.test(part)
            if test == decided:
                return test
            if test != idle:
                found = self.sink.write(f"{sign} i1 {found}, {test}") if found else test
        return found or idle
