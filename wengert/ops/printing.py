"""The printer of bodies: it writes typed statements in a language, using the language's `Syntax` and `Callees`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

from ..ground.tuples import Protocol
from .bodies import (
    ARRAY,
    FLOAT,
    LIST,
    PAIR,
    Assign,
    Begin,
    Binary,
    Body,
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
    kind_of,
)
from .syntax import SUM, TIGHT, Syntax, Text


class Callees(Protocol):
    """Gives a printer the texts of the functions and constants that a body uses."""

    def kinds(self, key: str) -> Sequence[str] | None:
        """The kinds of a function's parameters, if some are arrays; else None."""

    def call(self, key: str, args: Sequence[Text]) -> Text:
        """A call of the function with this key."""

    def constant(self, key: str) -> Text:
        """The name of a constant."""

    def array(self, key: str) -> str:
        """The text of a constant array, as an argument or in the head of a loop."""

    def local_array(self, name: str) -> str:
        """The text of an array parameter, as an argument or in the head of a loop."""

    def plus(self) -> str:
        """The name of the function that adds pairs."""


class Printer:
    """Prints the body of one function in a language.

    Raises NotImplementedError for a statement or an expression that is `Unread`, or that the language lacks.
    """

    def __init__(self, syntax: Syntax, callees: Callees, body: Body, names: Callable[[str], str] = str) -> None:
        self.syntax, self.callees, self.body, self.names = syntax, callees, body, names
        # The variables to declare, in the order of their first use. A pair has one variable besides those of its parts.
        self.seen: dict[str, str] = {}
        self.signature = [(names(n), kind) for n, kind in body.params]

    def lines(self) -> list[str]:
        """The declarations, and then the lines of the body."""
        body = self.block(self.body.statements)
        params = {n for n, _ in self.body.params}
        local = {self.names(n): PAIR if k == LIST else k for n, k in self.seen.items() if n not in params}
        return [*(self.syntax.declare(local) if local else ()), *body]

    def refuse(self, what: object) -> NoReturn:
        raise NotImplementedError(f"{self.body.key}: {what}")

    # Statements

    def block(self, body: Sequence[Statement]) -> list[str]:
        """Statements, line by line."""
        return [line for statement in body for line in self.statement(statement)]

    def inside(self, body: Sequence[Statement]) -> Iterator[str]:
        """Statements, indented."""
        for statement in body:
            yield from (f"{self.syntax.indent}{line}" if line else "" for line in self.statement(statement))

    def statement(self, statement: Statement) -> Iterator[str]:
        """A statement, line by line."""
        syntax = self.syntax
        match statement:
            case Return(value=value):
                yield syntax.give(self.value(value).text)
            case If(test=test, yes=yes, no=no):
                yield syntax.when.format(self.test(test).text)
                yield from self.inside(yes)
                if no:
                    yield syntax.otherwise
                    yield from self.inside(no)
                yield from self.close()
            case While(test=test, body=body):
                yield syntax.repeat.format(self.test(test).text)
                yield from self.inside(body)
                yield from self.close()
            case For(items=items, arrays=arrays, turn=turn, start=start, body=body):
                count = self.variable(turn, FLOAT) if turn else ""
                heads = [(self.variable(name, FLOAT), self.array(array)) for name, array in zip(items, arrays)]
                yield from syntax.loop(heads, count, start)
                yield from self.inside(body)
                yield from self.close()
            case Assign(names=(name,), value=value):
                yield syntax.assign(self.variable(name, kind_of(value)), self.value(value).text)
            case Assign(names=(a, b), value=value):
                yield from self.unpack(a, b, value)
            case Both(names=names, values=values):
                yield syntax.both(list(map(self.names, names)), [self.value(v).text for v in values])
            case Begin(name=name):
                self.seen[name] = LIST
                yield self.begin(name)
            case Extend(name=name, terms=terms) if syntax.lists:
                yield syntax.extend(self.names(name), [self.value(t).text for t in terms])
            case Extend(name=name, terms=terms):
                for term in terms:
                    yield syntax.assign(self.names(name), self.more(name, term))
            case Define(name=name, params=params, body=body):
                lines = list(self.inside(body))
                yield from syntax.function(name, [(p, FLOAT) for p in params], FLOAT, lines).split("\n")
                yield ""
            case _:
                self.refuse(statement)

    def close(self) -> Iterator[str]:
        if self.syntax.close:
            yield self.syntax.close

    def variable(self, name: str, kind: str) -> str:
        """The identifier of a variable, which gets a declaration."""
        self.seen.setdefault(name, kind)
        return self.names(name)

    def unpack(self, a: str, b: str, value: Expression) -> Iterator[str]:
        """The lines that give both floats of a pair their names."""
        syntax = self.syntax
        if syntax.unpacks:
            yield syntax.unpacks.format(self.names(a), self.names(b), self.value(value).text)
            return
        for name, kind in ((f"{a}_{b}", PAIR), (a, FLOAT), (b, FLOAT)):
            self.seen.setdefault(name, kind)
        both = self.names(f"{a}_{b}")
        yield syntax.assign(both, self.value(value).text)
        yield syntax.assign(self.names(a), f"{both}{syntax.first}")
        yield syntax.assign(self.names(b), f"{both}{syntax.second}")

    def begin(self, name: str) -> str:
        if self.syntax.lists:
            return self.syntax.extend(self.names(name), ())
        return self.syntax.assign(self.names(name), self.syntax.pair("0.0", "0.0").text)

    def more(self, name: str, term: Expression) -> str:
        """The sum `name`, a pair, with a term added in double-double precision."""
        plus = self.callees.plus()
        pair = self.syntax.pair(self.value(term).text, "0.0").text
        return f"{plus}({self.names(name)}, {pair})"

    # Expressions

    def value(self, node: Expression) -> Text:
        """An expression as a float or a pair."""
        syntax = self.syntax
        match node:
            case Number(value=number):
                return syntax.literal(number)
            case Local(name=name):
                return Text(self.names(name))
            case Constant(key=key):
                name = key.partition(".")[2]
                return syntax.named(name) if name in ("inf", "nan", "pi") else self.callees.constant(key)
            case Negative(operand=Number(value=number)):
                return syntax.literal(-number)
            case Negative(operand=operand):
                return self.signed("negative", operand)
            case Binary(sign=sign, left=left, right=right) if sign in syntax.operators:
                return self.between(sign, left, right)
            case Binary(sign="%", left=left, right=right):
                return self.callees.call("elementary.floor_mod", [self.value(left), self.value(right)])
            case Binary(sign="//", left=left, right=Number(value=1 | 2) as right):
                # A division by 1 or 2 is exact, so only the floor changes its result.
                return self.callees.call("math.floor", [self.between("/", left, right)])
            case Relation() | Logic() | Not():
                return self.test(node)
            case Choice(test=test, yes=yes, no=no):
                return syntax.choice(self.test(test), self.value(yes), self.value(no))
            case Pair(first=first, second=second):
                return syntax.pair(self.value(first).text, self.value(second).text)
            case Component(pair=pair, index=index):
                return Text(f"{self.value(pair).at(TIGHT)}{syntax.second if index else syntax.first}")
            case Joined(term=term, rest=rest) if syntax.lists:
                return syntax.joined(self.value(term).text, self.names(rest))
            case Lambda(params=params, value=inner):
                return syntax.function_of(params, self.value(inner).text)
            case Several(values=values):
                return Text(syntax.several([self.value(v).text for v in values]))
            case Call():
                return self.call(node)
        self.refuse(node)

    def test(self, node: Expression) -> Text:
        """An expression as a condition."""
        match node:
            case Relation(sign=sign, left=left, right=right):
                return self.between(sign, left, right)
            case Logic(sign=sign, parts=parts):
                operator = self.syntax.operators[sign]
                tests = [self.test(p).at(operator.right if k else operator.left) for k, p in enumerate(parts)]
                return Text(f" {operator.sign} ".join(tests), operator.binds)
            case Not(operand=operand):
                return self.syntax.negated(self.test(operand))
            case Call(key="math.isfinite"):
                return self.value(node)
        return self.syntax.truth(self.value(node))

    def between(self, sign: str, left: Expression, right: Expression) -> Text:
        operator = self.syntax.operators[sign]
        a, b = self.value(left), self.value(right)
        return Text(f"{a.at(operator.left)} {operator.sign} {b.at(operator.right)}", operator.binds)

    def signed(self, sign: str, operand: Expression) -> Text:
        operator = self.syntax.operators[sign]
        return Text(f"{operator.sign}{self.value(operand).at(operator.right)}", operator.binds)

    def call(self, call: Call) -> Text:
        first = self.syntax.first
        match call:
            case Call(key="builtins.int" | "builtins.float", arguments=(a,)) if not self.syntax.lists:
                return self.value(a)
            case Call(key="math.fsum", arguments=(Local(name=name, kind="list"),)) if not self.syntax.lists:
                x = self.names(name)
                return Text(f"{x}{first} + {x}{self.syntax.second}", SUM)
            case Call(key="math.fsum", arguments=(Joined(term=term, rest=name),)) if not self.syntax.lists:
                return Text(f"{self.more(name, term)}{first}")
        kinds = self.callees.kinds(call.key)
        args = [
            Text(self.array(a)) if kinds and k < len(kinds) and kinds[k] == ARRAY else self.value(a)
            for k, a in enumerate(call.arguments)
        ]
        return self.callees.call(call.key, args)

    def array(self, node: Expression) -> str:
        """The text of an array, as an argument or in the head of a loop."""
        match node:
            case Constant(key=key):
                return self.callees.array(key)
            case Local(name=name):
                return self.callees.local_array(self.names(name))
        self.refuse(node)
