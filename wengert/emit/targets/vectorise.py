"""A function of numbers as a function of arrays: where it branches, both sides are computed and `np.where` chooses."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from . import sources
from .syntax import Spelling, Text


class Loops(Exception):
    """A function cannot be written so: it loops, or does more than branch and compute."""


Named = Callable[[str], str]


def vectorised(key: str, spelled: Callable[[str], Spelling | None], name: Named, own: Callable[[], str]) -> str:
    """The source of the function with this key, over arrays; `own` says what it is to be called.

    spelled  how NumPy writes a function, by key; None for one that it has not
    name     what a function over arrays, or a constant, is called, by key

    Raises Loops.
    """
    found = sources.definition(key)
    node: Any = found.node
    change = _Expressions(dict(found.uses), spelled, name)
    lines, answer = _flattened(node.body, change)
    args = [a.arg for a in node.args.args]
    if node.args.vararg or node.args.defaults or not isinstance(node.returns, ast.Name):
        raise Loops(key)
    doc = ast.get_docstring(node)
    head = [f"def {own()}({', '.join(args)}):", *([f'    """{doc}"""'] if doc else [])]
    return "\n".join([*head, *(f"    {line}" for line in lines), f"    return {answer}"])


def _flattened(body: Sequence[ast.stmt], change: _Expressions) -> tuple[list[str], str]:
    """Assignments, and the expression that a body returns."""
    lines: list[str] = []
    for k, statement in enumerate(body):
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Return(value=value) if value is not None:
                return lines, change.text(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                lines.append(f"{name} = {change.text(value)}")
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                lines.append(f"{name} = {change.text(ast.BinOp(ast.Name(name, ast.Load()), op, value))}")
            case ast.If(test=test, body=inner, orelse=orelse) if isinstance(inner[-1], ast.Return):
                chosen = change.text(test)
                before, yes = _flattened(inner, change)
                # What a branch assigns must not be seen by the rest.
                own = f"y{sum(1 for s in body[:k] if isinstance(s, ast.If)) + 1}" if before else ""
                if own:
                    lines += [*before, f"{own} = {yes}"]
                after, no = _flattened([*orelse, *body[k + 1 :]], change)
                return [*lines, *after], f"np.where({chosen}, {own or yes}, {no})"
            case _:
                raise Loops(ast.unparse(statement))
    raise Loops("no value")


class _Expressions:
    """Expressions over arrays, from those over numbers, which stay as they are."""

    def __init__(self, uses: dict[ast.expr, str], spelled: Callable[[str], Spelling | None], name: Named) -> None:
        self.uses, self.spelled, self.name = uses, spelled, name

    def text(self, node: ast.expr) -> str:
        """An expression's source."""
        return ast.unparse(self.new(node))

    def new(self, node: ast.expr) -> ast.expr:
        """An expression over arrays."""
        match node:
            case ast.Name() | ast.Attribute() if node in self.uses:
                return _parsed(self._constant(self.uses[node]))
            case ast.Name() | ast.Constant():
                return node
            case ast.BinOp(left=left, op=op, right=right):
                return ast.BinOp(self.new(left), op, self.new(right))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ast.UnaryOp(ast.Invert(), self.new(operand))
            case ast.UnaryOp(op=op, operand=operand):
                return ast.UnaryOp(op, self.new(operand))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return _parsed(f"np.where({self.text(test)}, {self.text(body)}, {self.text(orelse)})")
            case ast.BoolOp(op=op, values=values):
                sign = " & " if isinstance(op, ast.And) else " | "
                return _parsed(sign.join(f"({self.text(v)})" for v in values))
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=items)]):
                return _parsed(" | ".join(f"({self.text(left)} == {self.text(item)})" for item in items))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                ends = [self.new(e) for e in (left, *comparators)]
                links = (ast.unparse(ast.Compare(a, [op], [b])) for a, op, b in zip(ends, ops, ends[1:]))
                return _parsed(" & ".join(f"({link})" for link in links))
            case ast.Call(func=function, args=args, keywords=[]) if function in self.uses:
                return self._call(self.uses[function], [Text(f"({self.text(a)})") for a in args])
        raise Loops(ast.unparse(node))

    def _call(self, key: str, args: Sequence[Text]) -> ast.expr:
        found = self.spelled(key)
        if found is None and not sources.has(key):
            raise Loops(key)
        return _parsed(found(args).text if found else f"{self.name(key)}({', '.join(a.text for a in args)})")

    def _constant(self, key: str) -> str:
        name = key.partition(".")[2]
        if name in ("inf", "nan", "pi"):
            return f"np.{name}"
        if not sources.has(key):
            raise Loops(key)
        return self.name(key)


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
