"""The sources of the rows' forward functions: the function that computes each op, its body, and the functions and
constants that it uses.

A function has a key, the last name of its module and its own name: `elementary.exp`, `math.sin`, `operator.add`. Each
function over floats is written once, in `floats`; its versions in other languages and over arrays are generated from
it.
"""

from __future__ import annotations

import ast
import inspect
import math
import operator
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from ..ground.errors import UsageError, error
from ..ground.tuples import NamedTuple
from .bodies import FLOAT, Body
from .floats import (
    bessel,
    bessel_first,
    bessel_modified,
    bessel_orders,
    bessel_real,
    bessel_second,
    beta,
    binomial,
    carlson,
    deviances,
    doubled,
    duplication,
    elementary,
    elliptic,
    error_integrals,
    exponential,
    exponential_integrals,
    faddeeva,
    fixed_bessel,
    fixed_orders,
    fixed_point,
    fixed_scaled,
    hypergeometric,
    hypergeometric_series,
    incomplete,
    inverse,
    polylogarithm,
    portable,
    powers,
    profiles,
    quantiles,
    special,
    trigonometric,
    zeta,
    zeta_series,
)
from .reader import kind_named, read
from .row import Op

LIBRARY: dict[str, ModuleType] = {"math": math, "operator": operator}


class Occurrence(NamedTuple):
    """A place in the lines of a definition that names a function or a constant: the line, the first column, and the
    column after the last."""

    key: str
    line: int
    start: int
    end: int


class SourceText(NamedTuple):
    """A function or a constant of one of our modules.

    value        the function or the constant itself
    is_function  whether it is a function
    lines        its source, line by line, in UTF-8: the columns of uses count bytes
    uses         the places that name other functions and constants
    own          the places that name itself, and other constants of its statement
    """

    key: str
    value: Any
    is_function: bool
    lines: tuple[bytes, ...]
    uses: tuple[Occurrence, ...]
    own: tuple[Occurrence, ...]


class _Parsed(NamedTuple):
    """The lines of a module, its definitions by name, and the keys of its imports by the names that it gives them."""

    lines: tuple[bytes, ...]
    defined: dict[str, ast.stmt]
    imported: dict[str, str]


class Sources:
    """The definitions of some modules, by keys."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self.modules = dict(modules)
        self._parsed: dict[str, _Parsed] = {}
        self._definitions: dict[str, SourceText] = {}
        self._bodies: dict[str, Body] = {}

    def key_of(self, row: Op) -> str:
        """The key of the function that computes an op. Raises UsageError for a function that is not ours."""
        function = row.forward
        name = getattr(function, "__name__", "")
        module = str(getattr(function, "__module__", "")).lstrip("_").rpartition(".")[2]
        home = {**self.modules, **LIBRARY}.get(module)
        # A caller's function may have the same names: a function is ours only if it is the same object.
        if home is None or getattr(home, name, None) is not function:
            raise error(UsageError, "W640", f"the op `{row.name}` is a Python function of the caller's: it has no text",
                        help="an op whose value is given as text in the language can")  # fmt: skip
        return f"{module}.{name}"

    def is_ours(self, row: Op) -> bool:
        """Whether a function of ours computes an op."""
        try:
            return bool(self.key_of(row))
        except UsageError:
            return False

    def has(self, key: str) -> bool:
        """Whether one of the modules defines this key."""
        module, _, name = key.partition(".")
        # A module that does not contain the name need not be parsed, which takes some milliseconds.
        return hasattr(self.modules.get(module), name) and name in self._module(module).defined

    def is_function(self, key: str) -> bool:
        """Whether a key of ours names a function; else it names a constant."""
        return self.definition(key).is_function

    def names(self, module: str) -> list[str]:
        """The names that a module defines."""
        return list(self._module(module).defined)

    def definition(self, key: str) -> SourceText:
        """The definition of a key of ours."""
        if (found := self._definitions.get(key)) is None:
            module, _, name = key.partition(".")
            node = self._module(module).defined[name]
            own = self._module(module).lines[node.lineno - 1 : node.end_lineno]
            uses = tuple(_use(node, used, k) for used, k in self._uses(module, node))
            value = getattr(self.modules[module], name)
            function = isinstance(node, ast.FunctionDef)
            found = SourceText(key, value, function, own, uses, tuple(self._own(module, node)))
            self._definitions[key] = found
        return found

    def body(self, key: str) -> Body:
        """The body of a function of ours."""
        if (found := self._bodies.get(key)) is None:
            module = key.partition(".")[0]
            node = self._function(key)
            found = self._bodies[key] = read(key, node, dict(self._uses(module, node)), self)
        return found

    def _function(self, key: str) -> ast.FunctionDef:
        module, _, name = key.partition(".")
        node = self._module(module).defined[name]
        assert isinstance(node, ast.FunctionDef), key
        return node

    def parameters(self, key: str) -> tuple[int, bool] | None:
        """The number of a function's parameters without a starred one, and whether it has a starred one. None for a
        function that is not ours."""
        if not (self.has(key) and self.is_function(key)):
            return None
        args = self._function(key).args
        return len(args.args), args.vararg is not None

    def returned(self, key: str) -> str:
        """The kind of a function's value."""
        return kind_named(self._function(key).returns) if self.has(key) and self.is_function(key) else FLOAT

    def _module(self, module: str) -> _Parsed:
        if (found := self._parsed.get(module)) is None:
            try:
                text = inspect.getsource(self.modules[module])
            except OSError:
                raise error(
                    UsageError, "W641", f"the source of wengert's module `{module}` is not installed with it"
                ) from None
            found = self._parsed[module] = _Parsed(tuple(x.encode() for x in text.splitlines()), *self._tables(text))
        return found

    def _tables(self, text: str) -> tuple[dict[str, ast.stmt], dict[str, str]]:
        defined: dict[str, ast.stmt] = {}
        imported: dict[str, str] = {}
        tree = ast.parse(text)
        outside = (n for top in tree.body if not isinstance(top, (ast.FunctionDef, ast.Assign)) for n in ast.walk(top))
        for node in outside:
            if isinstance(node, ast.Import):
                imported.update((a.asname or a.name, a.name) for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                home = (node.module or "").rpartition(".")[2]
                inside = home in self.modules
                imported.update((a.asname or a.name, f"{home}.{a.name}" if inside else a.name) for a in node.names)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                defined[node.name] = node
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                defined.update((n.id, node) for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
        return defined, imported

    def _own(self, module: str, node: ast.stmt) -> Iterator[Occurrence]:
        if isinstance(node, ast.FunctionDef):
            yield Occurrence(f"{module}.{node.name}", 0, 4, 4 + len(node.name))
            return
        for child in ast.walk(node):
            if isinstance(child, ast.Name) and child.id in self._module(module).defined:
                yield _use(node, child, f"{module}.{child.id}")

    def _uses(self, module: str, node: ast.stmt) -> Iterator[tuple[ast.expr, str]]:
        _, defined, imported = self._module(module)
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


def _use(within: ast.stmt, node: ast.expr, key: str) -> Occurrence:
    return Occurrence(key, node.lineno - within.lineno, node.col_offset, node.end_col_offset or 0)


# The float functions, and those that replace them in other languages.
FLOATS = Sources({
    m.__name__.rpartition(".")[2]: m for m in (
        elementary, trigonometric, special, inverse, bessel, bessel_first, bessel_second, bessel_modified,
        bessel_orders, bessel_real, incomplete, beta, deviances, error_integrals, exponential, exponential_integrals,
        fixed_point, fixed_bessel, portable, quantiles, elliptic, fixed_orders, fixed_scaled, zeta, profiles,
        powers, faddeeva, hypergeometric, polylogarithm, doubled,
        duplication, carlson, hypergeometric_series, zeta_series, binomial,
    )
})  # fmt: skip
