"""A house law: an op is named in its row and nowhere else.

Whoever needs to know one particular op imports its constant from wengert.ops (`from .ops import ADD`), so that one
search finds every place, and adding an op is adding a row. A literal that only looks like an op's name says so, with
the reason, in a comment on its line: `# not an op: a policy for kinks`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator
from functools import cache
from pathlib import Path

import pytest

from wengert.ops import ALIASES, OPS

PACKAGE = Path(__file__).parents[2] / "wengert"
TABLE = PACKAGE / "ops"
GENERATED = {PACKAGE / "language" / "lalr_tables.py"}  # its literals are names of the grammar's rules
# How another language spells an op, where it is not our way.
SPELLINGS = {PACKAGE / "emit" / "languages", PACKAGE / "dialects" / "tables"}
# Ops whose names are words of ours too: a policy for kinks, all of a choice, two commands, the dot over a tangent's
# name, an option and a kind of matrix, an attribute of arrays.
WORDS = {"mean", "all", "trace", "solve", "dot", "full", "diagonal", "size"}
NAMES = (set(OPS) | set(ALIASES)) - WORDS
EXCUSE = re.compile(r"#.*\bnot an op: \S.{5,}")

# Lines with an excuse that the package may have: enough for words that are also words, too few for a second table.
EXCUSES = 20


def literals(tree: ast.AST) -> Iterator[tuple[int, int, str]]:
    """First line, last line and text of the string literals that are code: no docstrings, no pieces of f-strings, no
    names of attributes in `__slots__`."""
    silent = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            silent.update(v for v in node.values if isinstance(v, ast.Constant))
        elif isinstance(node, ast.Assign) and "__slots__" in {t.id for t in node.targets if isinstance(t, ast.Name)}:
            silent.update(v for v in ast.walk(node.value) if isinstance(v, ast.Constant))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            yield node.lineno, node.end_lineno or node.lineno, node.value


def named(text: str, names: Container[str]) -> tuple[list[str], list[str]]:
    """The places of a source that name an op, as `line: literal`: those without an excuse and those with one.

    A literal names an op if it is a name, with or without parameters, or a list of nothing but names.
    """
    lines = text.splitlines()
    bare, excused = [], []
    for first, last, literal in literals(ast.parse(text)):
        words = re.split(r"[\s,|]+", re.sub(r"\[.*?\]$", "", literal).strip())
        if words and all(word in names for word in words):
            place = bare if not any(EXCUSE.search(line) for line in lines[first - 1 : last]) else excused
            place.append(f"{first}: {literal!r}")
    return bare, excused


SOURCES = [p for p in sorted(PACKAGE.rglob("*.py")) if p not in GENERATED and {TABLE, *SPELLINGS}.isdisjoint(p.parents)]


@cache
def named_in(path: Path) -> tuple[list[str], list[str]]:
    return named(path.read_text(encoding="utf-8"), NAMES)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_op_is_named_outside_its_row(path: Path) -> None:
    bare, _ = named_in(path)
    assert not bare, f"{path.name}:\n" + "\n".join(bare)


@pytest.mark.xdist_group("excuses")
def test_excuses_are_few() -> None:
    excused = [f"{p.name}:{e}" for p in SOURCES for e in named_in(p)[1]]
    assert len({e.rpartition(": ")[0] for e in excused}) <= EXCUSES, "\n".join(excused)


@pytest.mark.xdist_group("excuses")
def test_excuses_excuse_something() -> None:
    for path in SOURCES:
        marked = sum(bool(EXCUSE.search(line)) for line in path.read_text(encoding="utf-8").splitlines())
        lines = {e.partition(":")[0] for e in named_in(path)[1]}
        assert marked <= len(lines), f"{path.name} has an excuse on a line that names no op"


def test_the_table_and_the_sources_are_seen() -> None:
    assert len(OPS) >= 80
    assert {"add", "mul", "pow", "sin", "max", "where"} <= set(OPS)
    assert {p.stem for p in SOURCES} >= {"reverse", "rules", "wengert_list", "emitter"}
    # Where ops are named, the law would see it.
    assert sum(len(named_in(p)[0]) for p in (TABLE / "rows").rglob("*.py")) >= len(OPS)


@pytest.mark.parametrize(
    ("text", "bare", "excused"),
    [
        ("if op == 'add': pass", 1, 0),
        ("match op:\n    case 'add': pass", 1, 0),
        ("SPELLED = {'sin': 'np.sin', 'cos': 'np.cos'}", 2, 0),
        ("'add sub'.split()", 1, 0),
        ("x = 'add|mul'", 1, 0),
        ("op = 'max[axis=0]'", 1, 0),
        ("x = 'max'  # not an op: the name of an option", 0, 1),
        ("x = (\n    'max'\n)  # not an op: an option, but the excuse is not on its line", 1, 0),
        ("x = 'max'  # not an op:", 1, 0),
        ("x = 'max'  # not an op", 1, 0),
        ("class A:\n    __slots__ = ('add', 'max')", 0, 0),
        ('"""add"""', 0, 0),
        ('def f():\n    """max"""', 0, 0),
        ("f'{a} add {b}'; f'{a}add'", 0, 0),
        ("f'{\"add\"}'", 1, 0),
        ("x = 'adding'; y = 'add it'; z = ''; t = 'max of all'; {}.max", 0, 0),
        ("add = b'add'", 0, 0),
    ],
)
def test_the_law_sees_names_and_excuses(text: str, bare: int, excused: int) -> None:
    found = named(text, {"add", "sub", "mul", "sin", "cos", "max"})
    assert (len(found[0]), len(found[1])) == (bare, excused)
