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


class _Expressions(ast.NodeTransformer):
    """Expressions over arrays."""

    def __init__(self, uses: dict[ast.expr, str], spelled: Callable[[str], Spelling | None], name: Named) -> None:
        self.uses, self.spelled, self.name = uses, spelled, name

    def text(self, node: ast.expr) -> str:
        """An expression's source."""
        return ast.unparse(ast.fix_missing_locations(self.visit(node)))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return _parsed(f"np.where({self.text(node.test)}, {self.text(node.body)}, {self.text(node.orelse)})")

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        sign = " & " if isinstance(node.op, ast.And) else " | "
        return _parsed(sign.join(f"({self.text(v)})" for v in node.values))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return _parsed(f"~({self.text(node.operand)})")
        return ast.UnaryOp(node.op, self.visit(node.operand))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        ends = [node.left, *node.comparators]
        links = []
        for left, op, right in zip(ends, node.ops, node.comparators):
            if isinstance(op, ast.In):
                items = right.elts if isinstance(right, ast.Tuple) else []
                links.append(" | ".join(f"({self.text(left)} == {self.text(item)})" for item in items))
            else:
                links.append(ast.unparse(ast.Compare(self.visit(left), [op], [self.visit(right)])))
        return _parsed(" & ".join(f"({link})" for link in links))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        key = self.uses.get(node.func)
        if key is None or node.keywords:
            raise Loops(ast.unparse(node))
        args = [Text(f"({self.text(a)})") for a in node.args]
        found = self.spelled(key)
        if found is not None:
            return _parsed(found(args).text)
        if not sources.has(key):
            raise Loops(key)
        return _parsed(f"{self.name(key)}({', '.join(a.text for a in args)})")

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        raise Loops(ast.unparse(node))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _parsed(self._constant(self.uses[node])) if node in self.uses else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return _parsed(self._constant(self.uses[node]))

    def _constant(self, key: str) -> str:
        name = key.partition(".")[2]
        if name in ("inf", "nan", "pi"):
            return f"np.{name}"
        if not sources.has(key):
            raise Loops(key)
        return self.name(key)


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
