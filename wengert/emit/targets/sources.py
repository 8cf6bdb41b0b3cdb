"""The forward functions of the rows as source text: which function computes an op, and what it needs besides.

A function goes by a key, its module's last name and its own: `elementary.exp`, `math.sin`, `operator.add`. What the
rows compute with is written once, in wengert/ops; other languages get it from there.
"""

from __future__ import annotations

import ast
import inspect
import math
import operator
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from ...ground.errors import UsageError, error
from ...ops import Op
from ...ops.floats import (
    bessel,
    beta,
    elementary,
    fixed_bessel,
    fixed_point,
    incomplete,
    inverse,
    special,
    trigonometric,
)
from . import arrays, doubled, portable

OURS: dict[str, ModuleType] = {
    m.__name__.rpartition(".")[2]: m
    for m in (
        elementary,
        trigonometric,
        special,
        inverse,
        bessel,
        incomplete,
        beta,
        fixed_point,
        fixed_bessel,
        portable,
        doubled,
        arrays,
    )
}
LIBRARY: dict[str, ModuleType] = {"math": math, "operator": operator}


class Definition(NamedTuple):
    """A function or a constant of one of our modules.

    node    its definition
    value   what it is
    lines   its source, line by line, encoded as the columns of `ast` count
    uses    the places in it that name something from outside, with the key of each
    """

    key: str
    node: ast.stmt
    value: Any
    lines: tuple[bytes, ...]
    uses: tuple[tuple[ast.expr, str], ...]


def key_of(row: Op) -> str:
    """The key of the function that computes an op. Raises UsageError for a function that is not ours to pass on."""
    function = row.forward
    name = getattr(function, "__name__", "")
    module = str(getattr(function, "__module__", "")).lstrip("_").rpartition(".")[2]
    home = {**OURS, **LIBRARY}.get(module)
    # The names could be anybody's: only the very object that stands under them is ours.
    if home is None or getattr(home, name, None) is not function:
        raise error(UsageError, "W640", f"the op `{row.name}` is a Python function of the caller's: it has no text",
                    help="an op whose value is given as text in the language can")  # fmt: skip
    return f"{module}.{name}"


@cache
def _parsed(module: str) -> tuple[tuple[bytes, ...], dict[str, ast.stmt], dict[str, str]]:
    """A module's lines, its definitions by name, and the keys of what it imports by the names it gives them."""
    try:
        text = inspect.getsource(OURS[module])
    except OSError:
        raise error(UsageError, "W641", f"the source of wengert's module `{module}` is not installed with it") from None
    defined: dict[str, ast.stmt] = {}
    imported: dict[str, str] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported.update((a.asname or a.name, a.name) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = (node.module or "").rpartition(".")[2]
            imported.update((a.asname or a.name, f"{home}.{a.name}" if home in OURS else a.name) for a in node.names)
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            defined[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined.update((n.id, node) for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
    return tuple(line.encode() for line in text.splitlines()), defined, imported


@cache
def definition(key: str) -> Definition:
    """The definition that a key of ours names."""
    module, _, name = key.partition(".")
    lines, defined, _ = _parsed(module)
    node = defined[name]
    value = getattr(OURS[module], name)
    own = lines[node.lineno - 1 : node.end_lineno]
    return Definition(key, node, value, own, tuple(_uses(module, node)))


def is_function(key: str) -> bool:
    """Whether a key of ours names a function, not a constant."""
    return isinstance(definition(key).node, ast.FunctionDef)


def has(key: str) -> bool:
    """Whether one of our modules defines what the key names."""
    module, _, name = key.partition(".")
    return module in OURS and name in _parsed(module)[1]


def _uses(module: str, node: ast.stmt) -> Iterator[tuple[ast.expr, str]]:
    _, defined, imported = _parsed(module)
    local = set()
    skipped: set[ast.AST] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.arg):
            local.add(child.arg)
            skipped.update(ast.walk(child.annotation) if child.annotation else ())
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            local.add(child.id)
        elif isinstance(child, ast.FunctionDef) and child.returns is not None:
            skipped.update(ast.walk(child.returns))
        elif isinstance(child, ast.AnnAssign):
            skipped.update(ast.walk(child.annotation))
    for child in ast.walk(node):
        if child in skipped:
            continue
        if isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name):
            home = imported.get(child.value.id, "")
            if home and child.value.id not in local:
                skipped.add(child.value)
                yield child, f"{home}.{child.attr}"
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load) and child.id not in local:
            if child.id in defined:
                yield child, f"{module}.{child.id}"
            elif child.id in imported:
                yield child, imported[child.id]
            else:
                yield child, f"builtins.{child.id}"
