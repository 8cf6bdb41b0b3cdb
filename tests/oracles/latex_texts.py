"""LaTeX by SymPy's printer, with the values of the expressions that it was printed from."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import import_module
from typing import Any

POINT = {"x": 1.75, "y": -2.25, "z": 0.375}
ONES = "sin cos exp sqrt Abs atan tanh cosh floor asinh erf".split()


def expressions(chance: random.Random, count: int) -> Iterator[tuple[str, float]]:
    """LaTeX of random expressions that are real and of moderate size at the point, with their values."""
    sympy: Any = import_module("sympy")
    made = 0
    while made < count:
        expression = _expression(sympy, chance, 3)
        value = expression.subs(POINT).evalf(25)
        if value.is_real and abs(value) < 1e6:
            made += 1
            yield sympy.latex(expression), float(value)


def _expression(sympy: Any, chance: random.Random, depth: int) -> Any:
    if depth == 0:
        return chance.choice([*map(sympy.Symbol, POINT), sympy.Integer(2), sympy.Integer(3), sympy.Rational(1, 2)])
    a, b = (_expression(sympy, chance, depth - 1) for _ in "ab")
    kind = chance.random()
    if kind < 0.3:
        return getattr(sympy, chance.choice(ONES))(a)
    if kind < 0.4:
        return a ** chance.choice([2, 3, -1, -2])
    if kind < 0.45:
        return sympy.Max(a, b)
    if kind < 0.5:
        return sympy.log(sympy.Abs(a) + 1)
    return a + b if kind < 0.65 else a - b if kind < 0.75 else a * b if kind < 0.9 else a / (b**2 + 1)


def latex_formula(chance: random.Random, depth: int = 4) -> str:
    """A random formula in LaTeX, with functions that have no brackets and products without signs."""
    if depth == 0 or chance.random() < 0.1:
        return chance.choice([*POINT, "2", "3", "0.5", "1.25"])
    kind = chance.random()
    a, b = (latex_formula(chance, depth - 1) for _ in "ab")
    if kind < 0.2:
        return rf"\frac{{{a}}}{{{b}}}"
    if kind < 0.35:
        return rf"\{chance.choice('sin cos exp tanh arctan'.split())}\left({a}\right)"
    if kind < 0.45:
        return rf"\left({a}\right)^{{{chance.choice('23')}}}"
    if kind < 0.55:
        return rf"\left({a}\right) \left({b}\right)"
    if kind < 0.6 and "|" not in a:
        return f"|{a}|"
    if kind < 0.7:
        return rf"\{chance.choice('sin cos'.split())} {chance.choice('23')}{chance.choice('xyz')}"
    if kind < 0.75:
        return rf"\left(-{a}\right)" if a[0] != "-" else a
    return f"{a} {chance.choice(['+', '-'])} {b}" if kind < 0.9 else rf"\left({a}\right) \cdot \left({b}\right)"
