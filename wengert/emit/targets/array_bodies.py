"""The body of a function of floats as that of a function of arrays.

Where a function branches and both sides are cheap, both are computed and `np.where` chooses. Elsewhere each side is
computed for its own elements alone (`array_forms.split`): a mixture costs no junk, and recursion ends. A `while` goes
on until it holds for no element. Doubled precision stands in for fixed point, as in other languages; what else counts
in Python's integers is called for each element that comes to it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from textwrap import indent
from typing import NamedTuple, Protocol

from .vectorise import Loops

SAME = {"builtins.float", "builtins.int"}
# What is called, with all around it that turns numbers to integers and back, for each element.
INTEGERS = "math.factorial"
# Functions that cost no more than a sum does; how much both sides of a choice may cost if both are computed.
CHEAP = {"fabs", "copysign", "sqrt", "floor", "rint", "isfinite", "where", "np.maximum", "sign"}
BOTH = 2
MUCH = 100


class Value(NamedTuple):
    """Lines, and then an expression; what it costs, in calls of functions like exp."""

    lines: list[str]
    text: str
    cost: int


class Functions(Protocol):
    """What gives a body the names of what it calls."""

    def function(self, key: str) -> str:
        """The name of a function over arrays."""

    def constant(self, key: str) -> str:
        """The name of a constant."""

    def scalar(self, key: str) -> str:
        """The name of a function over floats, for a call of it for each element."""

    def costs(self, name: str) -> int:
        """What a call of a function over arrays costs."""

    def need(self, form: str) -> str:
        """The name of a form that bodies stand on."""


class Body:
    """The body of one function, or a part of it that is evaluated for some of the elements."""

    def __init__(self, module: Functions, uses: dict[ast.expr, str], local: Sequence[str], depth: int = 0) -> None:
        self.module, self.uses, self.local, self.depth = module, uses, list(local), depth
        self.count = 0

    # Statements

    def block(self, body: Sequence[ast.stmt]) -> Value:
        """Statements up to a return, and what it returns. Raises Loops."""
        lines: list[str] = []
        cost = 0
        for k, statement in enumerate(body):
            match statement:
                case ast.Expr(value=ast.Constant()):
                    continue
                case ast.Return(value=value) if value is not None:
                    found = self.value(value)
                    return Value([*lines, *found.lines], found.text, cost + found.cost)
                case ast.While(test=test, body=[ast.If(body=[ast.Return()], orelse=[]) as leave, *inner]):
                    # It ends, too, where it would be left; then its own condition still holds.
                    going = ast.BoolOp(ast.And(), [test, ast.UnaryOp(ast.Not(), leave.test)])
                    left = ast.If(test, leave.body, [])
                    found = self.block([ast.While(going, inner, []), left, *body[k + 1 :]])
                    return Value([*lines, *found.lines], found.text, MUCH)
                case ast.If(test=test, body=inner, orelse=orelse) if orelse or _returns(statement):
                    rest = body[k + 1 :]
                    yes = [*inner, *([] if _ends(inner) else rest)]
                    no = [*orelse, *([] if orelse and _ends(orelse) else rest)]
                    found = self.choice(test, yes, no)
                    return Value([*lines, *found.lines], found.text, cost + found.cost)
                case _:
                    more, spent = self.statement(statement, "")
                    lines += more
                    cost += spent
        raise Loops("no value")

    def statement(self, statement: ast.stmt, live: str) -> tuple[list[str], int]:
        """Lines for a statement without a return; where `live`, a condition, is given, for its elements alone."""
        match statement:
            case ast.AugAssign(target=ast.Name(id=name), value=ast.Tuple(elts=terms)) if not live:
                return [f"{name} += ({', '.join(self.plain(term) for term in terms)},)"], MUCH
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                return self.statement(ast.Assign([target], ast.BinOp(ast.Name(name, ast.Load()), op, value)), live)
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.List(elts=[]))
                | ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=[]))
            ):
                self.know(name)
                return [f"{name} = []"], 0
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found = self.value(value)
                self.know(name)
                return [*found.lines, f"{name} = {_kept(live, found.text, name)}"], found.cost
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if live:
                parts = [self.value(v) for v in values]
                targets = [ast.unparse(n) for n in names]
                right = ", ".join(_kept(live, p.text, n) for p, n in zip(parts, targets))
                return [*(x for p in parts for x in p.lines), f"{', '.join(targets)} = {right}"], MUCH
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=value) if not live:
                found = self.value(value)
                for n in names:
                    self.know(ast.unparse(n))
                return [*found.lines, f"{', '.join(map(ast.unparse, names))} = {found.text}"], found.cost
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[term])):
                found = self.value(term)
                text = f"np.where({live}, {found.text}, 0.0)" if live else found.text
                return [*found.lines, f"{name}.append({text})"], found.cost
            case ast.If(test=test, body=inner, orelse=[]):
                chosen = self.fresh("chosen")
                lines = [f"{chosen} = {live} & ({self.test(test)})" if live else f"{chosen} = {self.test(test)}"]
                for s in inner:
                    lines += self.statement(s, chosen)[0]
                return lines, MUCH
            case ast.While(test=test, body=inner, orelse=[]) if not live:
                going = self.fresh("going")
                condition = self.test(test)
                lines = []
                for s in inner:
                    lines += self.statement(s, going)[0]
                return [
                    f"{going} = {condition}", f"while np.any({going}):",
                    *indented([*lines, f"{going} = {going} & ({condition})"]),
                ], MUCH  # fmt: skip
            case ast.For(target=ast.Name(id=name), iter=ast.Name() as over, body=inner, orelse=[]) if not live:
                self.know(name)
                array = self.module.constant(self.uses[over]) if over in self.uses else over.id
                lines = [x for s in inner for x in self.statement(s, "")[0]]
                return [f"for {name} in {array}:", *indented(lines)], MUCH
            case ast.For(
                target=ast.Tuple(elts=names),
                iter=ast.Call(func=ast.Name(id="enumerate" | "zip" as over), args=args), body=inner, orelse=[],
            ) if not live:  # fmt: skip
                for n in names:
                    self.know(ast.unparse(n))
                given = ", ".join(self.plain(a) for a in args)
                lines = [x for s in inner for x in self.statement(s, "")[0]]
                return [f"for {ast.unparse(statement.target)} in {over}({given}):", *indented(lines)], MUCH
        raise Loops(ast.unparse(statement))

    def know(self, name: str) -> None:
        if name not in self.local:
            self.local.append(name)

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.depth or ''}_{self.count}"

    def choice(self, test: ast.expr, yes: Sequence[ast.stmt], no: Sequence[ast.stmt]) -> Value:
        """What is returned where a test holds, and where it does not."""
        chosen = self.test(test)
        sides = [Body(self.module, self.uses, self.local, self.depth + 1).block(side) for side in (yes, no)]
        if not any(s.lines for s in sides) and sides[0].cost + sides[1].cost <= BOTH:
            if pairs := [_pair(s.text) for s in sides if _pair(s.text)]:
                if len(pairs) == 2:
                    a, b = (f"np.where({chosen}, {u}, {v})" for u, v in zip(*pairs))
                    return Value([], f"({a}, {b})", sides[0].cost + sides[1].cost)
            else:
                return Value([], f"np.where({chosen}, {sides[0].text}, {sides[1].text})", sides[0].cost + sides[1].cost)
        text = "\n".join(x for s in sides for x in [*s.lines, s.text])
        args = [n for n in self.local if n in _names(text)]
        lines, names = [], []
        for word, side in zip(("yes", "no"), sides):
            if not side.lines:
                names.append(f"lambda {', '.join(args)}: {side.text}")
                # A function with the same arguments is its own name.
                if side.text.endswith(f"({', '.join(args)})") and side.text.partition("(")[0].isidentifier():
                    names[-1] = side.text.partition("(")[0]
                continue
            names.append(self.fresh(word))
            lines += [f"def {names[-1]}({', '.join(args)}):", *indented([*side.lines, f"return {side.text}"]), ""]
        return Value(lines, f"{self.module.need('split')}({chosen}, {names[0]}, {names[1]}, {', '.join(args)})", MUCH)

    # Expressions

    def value(self, node: ast.expr) -> Value:
        """An expression over arrays, from one over floats."""
        match node:
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choice(test, [ast.Return(body)], [ast.Return(orelse)])
            case ast.Name() | ast.Attribute() if node in self.uses:
                return Value([], self.module.constant(self.uses[node]), 0)
            case ast.Name() | ast.Constant():
                return Value([], ast.unparse(node), 0)
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=ast.Constant(value=1 | 2) as right):
                a = self.value(ast.BinOp(left, ast.Div(), right))
                return a._replace(text=f"{self.module.function('math.floor')}({a.text})")
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self.value(left), self.value(right)
                parts = [_parsed(x.text) for x in (a, b)]
                return Value([*a.lines, *b.lines], ast.unparse(ast.BinOp(parts[0], op, parts[1])), a.cost + b.cost)
            case ast.UnaryOp(op=ast.USub() as op, operand=operand):
                a = self.value(operand)
                inner = _parsed(a.text)
                return Value(a.lines, ast.unparse(ast.UnaryOp(op, inner)), a.cost)
            case ast.Tuple(elts=items):
                each = [self.value(x) for x in items]
                text = f"({', '.join(x.text for x in each)})"
                return Value([x for v in each for x in v.lines], text, sum(v.cost for v in each))
            case ast.Subscript(value=value, slice=ast.Constant(value=k)):
                a = self.value(value)
                return Value(a.lines, f"{a.text}[{k!r}]", a.cost)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return Value([], f"1.0 * ({self.test(node)})", 0)
            case ast.Call(func=function, args=args, keywords=[]) if function in self.uses:
                return self.call(node, self.uses[function], args)
        raise Loops(ast.unparse(node))

    def call(self, node: ast.Call, key: str, args: Sequence[ast.expr]) -> Value:
        match key, args:
            case "math.fsum", [ast.Tuple(elts=[first, ast.Starred(value=ast.Name(id=name))])]:
                found = self.value(first)
                return Value(found.lines, f"{self.module.function(key)}([{found.text}, *{name}])", MUCH)
            case "math.fsum", [ast.Name(id=name)]:
                return Value([], f"{self.module.function(key)}({name})", MUCH)
        if key in SAME and INTEGERS not in self.used(node):
            return self.value(args[0])
        if key in (*SAME, INTEGERS):
            return self.each(node)
        values = [self.value(a) for a in args]
        name = self.module.function(key)
        own = 0 if name in CHEAP else self.module.costs(name)
        given = [
            # A number of NumPy's, whose comparisons are NumPy's too.
            f"np.float64({v.text})" if own == MUCH and isinstance(a, ast.Constant) else v.text
            for a, v in zip(args, values)
        ]
        lines = [x for v in values for x in v.lines]
        return Value(lines, f"{name}({', '.join(given)})", own + sum(v.cost for v in values))

    def used(self, node: ast.expr) -> list[str]:
        """The keys of what an expression uses."""
        return [self.uses[n] for n in ast.walk(node) if isinstance(n, ast.expr) and n in self.uses]

    def each(self, node: ast.Call) -> Value:
        """A call for each element, as it stands in the source."""
        text = ast.unparse(node)
        for key in self.used(node):
            if key not in SAME and self.module.scalar(key) != key:
                raise Loops(text)
        args = ", ".join(n for n in self.local if n in _names(text))
        return Value([], f"{self.module.need('each')}(lambda {args}: {text}, {args})", MUCH)

    def test(self, node: ast.expr) -> str:
        """A condition over arrays."""
        match node:
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=items)]):
                a = self.plain(left)
                return " | ".join(f"({a} == {self.plain(item)})" for item in items)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                ends = [_parsed(self.plain(e)) for e in (left, *comparators)]
                links = [ast.unparse(ast.Compare(a, [op], [b])) for a, op, b in zip(ends, ops, ends[1:])]
                return " & ".join(f"({link})" for link in links) if len(links) > 1 else links[0]
            case ast.BoolOp(op=op, values=values):
                return (" & " if isinstance(op, ast.And) else " | ").join(f"({self.test(v)})" for v in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"~({self.test(operand)})"
            case ast.Call(func=function) if self.uses.get(function) == "math.isfinite":
                return self.plain(node)
        return ast.unparse(ast.Compare(_parsed(self.plain(node)), [ast.NotEq()], [ast.Constant(0.0)]))

    def plain(self, node: ast.expr) -> str:
        """An expression that needs no lines of its own."""
        found = self.value(node)
        if found.lines:
            raise Loops(ast.unparse(node))
        return found.text


def indented(lines: Sequence[str]) -> list[str]:
    return indent("\n".join(lines), "    ").split("\n") if lines else []


def _kept(live: str, text: str, name: str) -> str:
    return f"kept({live}, {text}, {name})" if live else text


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _names(text: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}


def _pair(text: str) -> list[str]:
    node = _parsed(text)
    return [ast.unparse(e) for e in node.elts] if isinstance(node, ast.Tuple) else []


def _returns(node: ast.AST) -> bool:
    return any(isinstance(child, ast.Return) for child in ast.walk(node))


def _ends(body: Sequence[ast.stmt]) -> bool:
    """Whether nothing after these statements is reached."""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _ends(last.body) and _ends(last.orelse)
    return isinstance(last, ast.Return)
