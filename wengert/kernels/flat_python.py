"""The kernel of short lists: one straight-line Python function, generated from the code.

The source holds only identifiers of our own (v0, v1, … for slots, f0, f1, … for the rows' functions) and literals of
floats: no text of a user's reaches it. An op that Python has as an expression is written as that expression. Where
Python raises and IEEE 754 has an answer, as in a division by zero, the interpreter repeats the whole call.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from ..lists.code import Code
from ..ops.floats import elementary, trigonometric
from .interpreter import Interpreter
from .kernel import Functions, Run, function_of

# Functions as expressions, which give the same bits, or raise an ArithmeticError or a ValueError.
EXPRESSIONS: dict[Callable[..., float], str] = {
    operator.add: "{0} + {1}",
    operator.sub: "{0} - {1}",
    operator.mul: "{0} * {1}",
    operator.neg: "-{0}",
    elementary.divide: "{0} / {1}",
    elementary.copy: "{0}",
    elementary.square: "{0} * {0}",
    elementary.cube: "{0} * {0} * {0}",
    elementary.where: "{1} if {0} != 0.0 else {2}",
    elementary.gate: "{0} * {1} if {0} != 0.0 else 0.0",
    elementary.lt: "1.0 if {0} < {1} else 0.0",
    elementary.le: "1.0 if {0} <= {1} else 0.0",
    elementary.gt: "1.0 if {0} > {1} else 0.0",
    elementary.ge: "1.0 if {0} >= {1} else 0.0",
    elementary.eq: "1.0 if {0} == {1} else 0.0",
    elementary.ne: "1.0 if {0} != {1} else 0.0",
    elementary.isnan: "1.0 if {0} != {0} else 0.0",
    elementary.logical_and: "1.0 if {0} != 0.0 and {1} != 0.0 else 0.0",
    elementary.logical_or: "1.0 if {0} != 0.0 or {1} != 0.0 else 0.0",
    elementary.logical_not: "1.0 if {0} == 0.0 else 0.0",
}
# Functions of `math` that give the same answers as ours wherever they do not raise.
TWINS: dict[Callable[..., float], Callable[..., float]] = {
    elementary.sqrt: math.sqrt,
    elementary.exp: math.exp,
    elementary.expm1: math.expm1,
    elementary.log: math.log,
    elementary.log1p: math.log1p,
    elementary.log2: math.log2,
    elementary.log10: math.log10,
    trigonometric.sin: math.sin,
    trigonometric.cos: math.cos,
    trigonometric.tan: math.tan,
}


class FlatPython:
    """Compiles a code to one Python function. That takes some 25 µs a step; a call then costs as much as handwritten
    Python."""

    name = "python"
    most = 2000

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        known = {} if known is None else known
        names: dict[Callable[..., float], str] = {}
        lines = []
        slot = code.first
        atoms = [f"v{k}" for k in range(len(code.inputs))] + [_literal(a) for a in code.numbers]
        for row, slots in code.steps:
            function = function_of(row, code.ops, self, known)
            args = [atoms[s] for s in slots]
            if function is elementary.power and args[1] == "2.0":
                written = f"{args[0]} * {args[0]}"  # as in the function itself, for the same bits
            elif (expression := EXPRESSIONS.get(function)) is not None:
                written = expression.format(*args)
            else:
                function = TWINS.get(function, function)
                written = f"{names.setdefault(function, f'f{len(names)}')}({', '.join(args)})"
            name = f"v{slot}"
            lines.append(f"{name} = {written}")
            atoms.append(name)
            slot += 1
        # The functions of the ops are those that are there: made for each of the two, they would be 2^n for n ops.
        exact = Interpreter().prepare(code, known)
        return _compiled(code, lines, [atoms[k] for k in code.outputs], names, exact)


def _literal(a: float) -> str:
    """A number as Python reads it back, bit for bit."""
    if not isfinite(a):
        return "nan" if a != a else "inf" if a > 0.0 else "minus_inf"
    return f"({a!r})" if math.copysign(1.0, a) < 0.0 else repr(a)


def _compiled(
    code: Code, lines: Sequence[str], outputs: Sequence[str], names: dict[Callable[..., float], str], exact: Run
) -> Run:
    given = ", ".join(f"v{k}" for k in range(len(code.inputs)))
    source = [f"def run({given}):"]
    if code.inputs:
        source += [f" if {' or '.join(f'type(v{k}) is not float' for k in range(len(code.inputs)))}:", "  return None"]
    source.append(" try:")
    source += [f"  {line}" for line in lines]
    source.append(f"  return {outputs[0]}, ({', '.join(outputs[1:])}{',' * (len(outputs) == 2)})")
    source.append(" except (ArithmeticError, ValueError):")
    source.append(f"  return exact({given})")
    space: dict[str, Any] = {name: function for function, name in names.items()}
    space.update(exact=exact, type=type, float=float, nan=math.nan, inf=math.inf, minus_inf=-math.inf)
    exec(compile("\n".join(source).encode(), "<wengert kernel>", "exec"), space)
    run: Run = space["run"]
    return run
