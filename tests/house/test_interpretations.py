"""The sweeps hold to what is declared: an interpretation is asked for its members alone, and functions stay small.

The laws are functions of sources, so each is also tried on sources that break it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from wengert.sweeps.arrays import Arrays
from wengert.sweeps.germs import Germs
from wengert.sweeps.interpretation import Interpretation
from wengert.sweeps.lost_digits import Roundings
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.point_lanes import LaneNumbers
from wengert.sweeps.taylor_arrays import ArrayTaylor
from wengert.sweeps.taylor_numbers import TaylorArithmetic
from wengert.transforms.builder import Builder

PACKAGE = Path(__file__).parents[2] / "wengert"
SWEEPS = {path.name: path.read_text("utf-8") for path in sorted((PACKAGE / "sweeps").glob("*.py"))}
KINDS = {Numbers, Roundings, LaneNumbers, Germs, Arrays, Builder, TaylorArithmetic, ArrayTaylor}
# By these names the sweeps know an interpretation.
KNOWN_AS = {"apply", "base"}
MEMBERS = set(dir(Interpretation))
PARAMETERS, LINES = 6, 60


def probes(text: str) -> Iterator[str]:
    """Where a source asks whether something has an attribute, or silences the check of types about that."""
    for n, line in enumerate(text.splitlines(), 1):
        if "attr-defined" in line:
            yield f"{n}: attr-defined"
    for item in ast.walk(ast.parse(text)):
        if isinstance(item, ast.Call) and ast.unparse(item.func) in ("getattr", "hasattr"):
            yield f"{item.lineno}: {ast.unparse(item)}"


def strangers(text: str) -> Iterator[str]:
    """The attributes of an interpretation that a source uses, and that are not declared."""
    for item in ast.walk(ast.parse(text)):
        if isinstance(item, ast.Attribute) and item.attr not in MEMBERS:
            owner = item.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if name in KNOWN_AS:
                yield f"{item.lineno}: {ast.unparse(item)}"


def large(text: str) -> Iterator[str]:
    """The functions with too many parameters, the instance not counted, or too many lines."""
    classes = [item for item in ast.walk(ast.parse(text)) if isinstance(item, ast.ClassDef)]
    methods = {ast.dump(f, include_attributes=True) for c in classes for f in c.body if isinstance(f, ast.FunctionDef)}
    for f in ast.walk(ast.parse(text)):
        if isinstance(f, ast.FunctionDef):
            a = f.args
            own = ast.dump(f, include_attributes=True) in methods and "staticmethod" not in map(
                ast.unparse, f.decorator_list
            )
            n = len([*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]) - own
            lines = (f.end_lineno or f.lineno) - f.lineno + 1
            if n > PARAMETERS or lines > LINES:
                yield f"{f.lineno}: {f.name} has {n} parameters and {lines} lines"


@pytest.mark.parametrize("law", [probes, strangers, large], ids=lambda law: law.__name__)
@pytest.mark.parametrize("file", SWEEPS)
def test_the_sweeps_keep(file, law):
    assert not list(law(SWEEPS[file]))


def test_the_kinds_of_interpretations():
    """Each is declared to be one, so that the members it leaves out have their defaults."""
    found, waiting = set(), [Interpretation]
    for kind in waiting:
        waiting += kind.__subclasses__()
        found.add(kind)
    assert {kind for kind in found if kind.__module__.startswith("wengert")} == KINDS | {Interpretation}


def test_the_product_with_a_partial_derivative_stands_once():
    """Only one module multiplies by a partial derivative: those of both sweeps do not."""
    for file in ("tangent.py", "reverse.py"):
        used = {item.id for item in ast.walk(ast.parse(SWEEPS[file])) if isinstance(item, ast.Name)}
        assert used.isdisjoint({"MUL", "NEG", "GATE", "guarded"}), file


@pytest.mark.parametrize(
    ("law", "text"),
    [
        (probes, "getattr(apply, 'shaped', False)"),
        (probes, "x.y = 1  # type: ignore[attr-defined]"),
        (strangers, "def f(apply): return apply.dtype"),
        (strangers, "self.base.batch"),
        (large, "def f(a, b, c, d, e, f, g): pass"),
        (large, "class A:\n    def f(self, a, b, c, d, e, *f, g): pass"),
        (large, "def f():\n" + "    x = 1\n" * 60),
    ],
)
def test_the_laws_find_each_breach(law, text):
    assert list(law(text))


@pytest.mark.parametrize(
    ("law", "text"),
    [
        (strangers, "apply.alike(a, b); apply('add', a, b); self.base.shape(a); a.dtype"),
        (large, "class A:\n    def f(self, a, b, c, d, e, f): pass\n    @staticmethod\n    def g(a): pass"),
    ],
)
def test_the_laws_find_no_more(law, text):
    assert not list(law(text))
