"""Read the syntax tree of a float function into the typed statements of `bodies`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from ..ground.tuples import Protocol
from .bodies import (
    ARRAY,
    FLOAT,
    LIST,
    PAIR,
    TRUTH,
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
    Unread,
    While,
    kind_of,
)

_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
}  # fmt: skip
_COMPARISONS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_KINDS = {"Pair": PAIR, "tuple[float, float]": PAIR, "tuple[float, ...]": ARRAY, "list[float]": LIST}


def kind_named(annotation: ast.expr | None) -> str:
    """The kind of a value with this annotation."""
    return _KINDS.get(ast.unparse(annotation), FLOAT) if annotation is not None else FLOAT


# Functions of Python's library that take another number of arguments here.
_ARITIES = dict.fromkeys(
    ("math.pow", "math.fmod", "math.atan2", "math.copysign", "math.ldexp", "math.hypot", "builtins.divmod"), 2
)
# Functions of any number of arguments that equal their value for two, applied repeatedly from the left.
_FOLDED = ("builtins.max", "builtins.min")


class Signatures(Protocol):
    """Tells a reader about the functions of our modules, by their keys."""

    def returned(self, key: str) -> str:
        """The kind of a function's value."""

    def parameters(self, key: str) -> tuple[int, bool] | None:
        """The number of a function's parameters without a starred one, and whether it has a starred one. None for a
        function that is not ours."""


def read(key: str, function: ast.FunctionDef, uses: Mapping[ast.expr, str], signatures: Signatures) -> Body:
    """The body of the function with this key. A call with a number of arguments that a printer would drop or miss, one
    with a default among them, is `Unread`.

    uses  the keys of the functions and constants that it uses, by the expressions that name them
    """
    return _Reader(uses, signatures).body(key, function)


class _Reader:
    def __init__(self, uses: Mapping[ast.expr, str], signatures: Signatures) -> None:
        self.uses, self.signatures = uses, signatures
        self.kinds: dict[str, str] = {}

    def body(self, key: str, function: ast.FunctionDef) -> Body:
        args = function.args
        params = [(a.arg, kind_named(a.annotation)) for a in args.args]
        if args.vararg:
            params.append((args.vararg.arg, ARRAY))
        self.kinds = dict(params)
        statements = self.block(function.body)
        local = tuple(self.kinds.items())[len(params) :]
        returns, doc = kind_named(function.returns), ast.get_docstring(function) or ""
        return Body(key, tuple(params), bool(args.vararg), returns, local, doc, statements)

    # Statements

    def block(self, body: Sequence[ast.stmt]) -> tuple[Statement, ...]:
        return tuple(s for statement in body for s in self.statement(statement))

    def statement(self, statement: ast.stmt) -> Iterator[Statement]:
        match statement:
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Return(value=value) if value is not None:
                yield Return(self.number(value))
            case ast.If(test=test, body=body, orelse=orelse):
                yield If(self.value(test), self.block(body), self.block(orelse))
            case ast.While(test=test, body=body, orelse=[]):
                yield While(self.value(test), self.block(body))
            case ast.For(target=target, iter=over, body=body, orelse=[]):
                yield self.loop(target, over, body) or Unread(ast.unparse(statement))
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.List(elts=[]))
                | ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=[]))
            ):
                self.kinds[name] = LIST
                yield Begin(name)
            case ast.Assign(targets=[target], value=right):
                found = self.number(right)
                names = _names(target)
                kinds = [kind_of(found)] if len(names) == 1 else [FLOAT] * len(names)
                # A variable of two kinds cannot be declared in typed languages.
                fits = names and all(self.kinds.setdefault(n, kind) == kind for n, kind in zip(names, kinds))
                yield Assign(names, found) if fits else Unread(ast.unparse(statement))
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=ast.Tuple(elts=terms)):
                yield Extend(name, tuple(map(self.number, terms)))
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=right) if (
                type(op) in _BINARY and self.kinds.get(name) == FLOAT
            ):
                yield Assign((name,), Binary(_BINARY[type(op)], Local(name), self.number(right)))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[term])):
                yield Extend(name, (self.number(term),))
            case _:
                yield Unread(ast.unparse(statement))

    def loop(self, target: ast.expr, over: ast.expr, body: Sequence[ast.stmt]) -> For | None:
        turn, start = "", 0
        match target, over:
            case (
                ast.Tuple(elts=[ast.Name(id=turn), item]),
                ast.Call(func=ast.Name(id="enumerate"), args=[array, ast.Constant(value=int() as start)]),
            ):
                items, arrays = [item], [array]
            case ast.Tuple(elts=items), ast.Call(func=ast.Name(id="zip"), args=arrays):
                pass
            case _:
                items, arrays = [target], [over]
        names = [_names(item) for item in items]
        if any(len(n) != 1 for n in names) or not all(isinstance(a, ast.Name) for a in arrays):
            return None
        for name in [turn] * bool(turn) + [n for (n,) in names]:
            self.kinds.setdefault(name, FLOAT)
        over_arrays = tuple(map(self.value, arrays))
        return For(tuple(n for (n,) in names), over_arrays, turn, start, self.block(body))

    # Expressions

    def number(self, node: ast.expr) -> Expression:
        """An expression that is not a condition, as typed languages do not convert conditions to floats."""
        found = self.value(node)
        if kind_of(found) != TRUTH:
            return found
        return Unread(f"the condition `{ast.unparse(node)}` stands where a number must: write 1.0 if … else 0.0")

    def value(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return Number(number)
            case ast.Name() | ast.Attribute() if node in self.uses:
                return Constant(self.uses[node])
            case ast.Name(id=name):
                return Local(name, self.kinds.get(name, FLOAT))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.number(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.value(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return Binary(_BINARY[type(op)], self.number(left), self.number(right))
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=items)]):
                item = self.number(left)
                return Logic("or", tuple(Relation("==", item, self.number(other)) for other in items))
            case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARISONS for op in ops):
                # Two conditions may be compared with each other, as in every language.
                ends = [self.value(e) for e in (left, *others)]
                if {*map(kind_of, ends)} != {TRUTH}:
                    ends = [self.number(e) for e in (left, *others)]
                links = [Relation(_COMPARISONS[type(op)], a, b) for a, op, b in zip(ends, ops, ends[1:])]
                return Logic("and", tuple(links)) if len(links) > 1 else links[0]
            case ast.BoolOp(op=op, values=values):
                return Logic("and" if isinstance(op, ast.And) else "or", tuple(map(self.value, values)))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return Choice(self.value(test), self.number(body), self.number(orelse))
            case ast.Tuple(elts=[term, ast.Starred(value=ast.Name(id=name))]):
                return Joined(self.number(term), name)
            case ast.Tuple(elts=[first, second]):
                return Pair(self.number(first), self.number(second))
            case ast.Subscript(value=pair, slice=ast.Constant(value=0 | 1 as k)):
                return Component(self.value(pair), 1 if k else 0)
            case ast.Call(func=function, args=args, keywords=[]) if function in self.uses:
                key = self.uses[function]
                if key in _FOLDED and len(args) > 1:
                    return reduce(lambda a, b: Call(key, (a, b)), map(self.number, args))
                if self.takes(key, len(args)):
                    return Call(key, tuple(map(self.number, args)), self.signatures.returned(key))
        return Unread(ast.unparse(node))

    def takes(self, key: str, count: int) -> bool:
        """Whether all printers can write a call of a function with this number of arguments."""
        if (ours := self.signatures.parameters(key)) is None:
            return key not in _FOLDED and count == _ARITIES.get(key, 1)
        least, more = ours
        return count == least or more and count > least


def _names(target: Any) -> tuple[str, ...]:
    """The one or two names that an assignment binds; empty for any other target."""
    match target:
        case ast.Name(id=name):
            return (name,)
        case ast.Tuple(elts=[ast.Name(id=a), ast.Name(id=b)]):
            return a, b
    return ()
