"""The kernel of short lists: one straight-line Python function, generated from the code.

The source holds only identifiers of our own (v0, v1, … for slots, f0, f1, … for the rows' functions) and literals of
floats: no text of a user's reaches it. An op that Python has as an expression is written as that expression. Where
Python raises and IEEE 754 has an answer, as in a division by zero, the interpreter repeats the whole call.
"""

from __future__ import annotations

import math
import operator
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from ..ground.tuples import NamedTuple
from ..lists.code import Code
from ..ops import OPS
from ..ops.floats import elementary, trigonometric
from .interpreter import Interpreter
from .kernel import FLAT, ONE, PAIR, AnswerFormat, Functions, Kernel, Run, function_of

# Functions as expressions that give the same bits, or raise an ArithmeticError or a ValueError.
EXPRESSIONS: dict[Callable[..., float], str] = {
    operator.add: "{0} + {1}",
    operator.sub: "{0} - {1}",
    operator.mul: "{0} * {1}",
    operator.neg: "-{0}",
    elementary.divide: "{0} / {1}",
    elementary.copy: "{0}",
    elementary.square: "{0} * {0}",
    elementary.cube: "{0} * {0} * {0}",
    elementary.sigmoid: "1.0 / (1.0 + exp(-{0})) if {0} >= 0.0 else (e := exp({0})) / (1.0 + e)",
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
# Functions of `math` that give the same results as ours unless they raise.
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

    def missing(self) -> str:
        return ""

    def seconds(self, steps: int) -> float:
        return 0.0

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        known = {} if known is None else known
        written = _written(code, self, known)
        # Ops keep the functions that they have: made for each of the two kernels, they would be 2^n for n ops.
        exact = Interpreter().prepare(code, known)
        first, *others = written.outputs
        given = ", ".join(written.inputs)
        floats = " and ".join(["True", *written.floats])
        run: Run = _compiled([
            f"def made({given}):", f" if not ({floats}):", "  return None",
            " try:", *[f"  {line}" for line in written.lines], f"  return {first}, {_tuple(others)}",
            f" except {RAISED}:", f"  return otherwise({given})",
        ], written, {"otherwise": exact})  # fmt: skip
        return run

    def bare(self, form: str, code: Code, told: AnswerFormat) -> Callable[..., Any]:
        written = _written(code, self, {}, told.values)
        first, *others = written.outputs
        if form == PAIR:
            answer = [f"others = new(kind, {_tuple(others)})", f"others._at = {_tuple(['source', *written.inputs])}"]
        else:
            answer = []
        answer += ["last[0] = route"] * (told.last is not None)
        result = {ONE: first, FLAT: _tuple(written.outputs), PAIR: f"{first}, others"}[form]
        if form == FLAT:
            more, usual, handed = "out=None", "out is None and not (rest or replaced)", "out=out"
        else:
            more, usual, handed = "**options", "not (rest or options or replaced)", "**options"
        signature = ", ".join([*(f"{a}=absent" for a in written.inputs), "*rest", more])
        asked = " and ".join([*written.floats, usual])
        finite = " and ".join(
            ["True", *(f"{LEAST} <= {a} <= {MOST}" for a in dict.fromkeys(written.outputs[: told.values]))]
        )
        function: Callable[..., Any] = _compiled([
            f"def made({signature}):", f" if {asked}:", "  try:", *[f"   {line}" for line in written.lines],
            f"   if {finite}:", *[f"    {line}" for line in (*answer, f"return {result}")],
            f"  except {RAISED}:", "   pass",
            f" return otherwise(*given({', '.join([*written.inputs, '*rest'])}), {handed})",
        ], written, {**told._asdict(), "new": tuple.__new__, "absent": _ABSENT, "given": _given,
                     "replaced": _REPLACED[-1]})  # fmt: skip
        function.__name__ = function.__qualname__ = told.name
        function.__wrapped__ = told.otherwise  # type: ignore[attr-defined]  # whose signature is shown
        function.__doc__ = told.doc.rpartition("--\n\n")[2]
        return function


# Exceptions for cases in which IEEE 754 has a result and functions of `math` have none.
RAISED = "(ArithmeticError, ValueError)"
LEAST, MOST = -sys.float_info.max, sys.float_info.max
# The deepest expression that is written on one line.
DEEP = 12
# The default of an argument, to tell that it is missing.
_ABSENT = object()
# A list for each period between two replacements of ops. It gets an item when the period ends. A function checks
# whether its own list is empty, as no check is cheaper.
_REPLACED: list[list[bool]] = [[]]


def _time_is_over() -> None:
    _REPLACED.pop().append(True)
    _REPLACED.append([])


OPS.tell(_time_is_over)


def _given(*values: Any) -> list[Any]:
    return [a for a in values if a is not _ABSENT]


class _Written(NamedTuple):
    """A code as lines of Python: the names of the inputs, the lines, the outputs, and the functions by their names."""

    inputs: list[str]
    lines: list[str]
    outputs: list[str]
    functions: dict[str, Callable[..., float]]

    @property
    def floats(self) -> list[str]:
        """The tests that the inputs are floats, and not merely objects that behave like floats."""
        return [f"type({a}) is float" for a in self.inputs]


def _written(code: Code, kernel: Kernel, known: Functions, tested: int = 0) -> _Written:
    """The lines. A value that is read once is written where it is read; the first `tested` outputs have names."""
    names: dict[Callable[..., float], str] = {}
    lines: list[str] = []
    inputs = [f"v{k}" for k in range(len(code.inputs))]
    # By slot: an atom, or an expression, which is between parentheses.
    values = inputs + [_literal(a) for a in code.numbers]
    depths = [0] * len(values)
    reads = Counter(s for _, slots in code.steps for s in slots)
    reads.update((*code.outputs, *code.outputs[:tested]))

    def named(s: int) -> str:
        """The value of a slot as an atom."""
        if depths[s]:
            lines.append(f"v{s} = {values[s]}")
            values[s], depths[s] = f"v{s}", 0
        return values[s]

    for row, slots in code.steps:
        function = function_of(row, code.ops, kernel, known)
        form = EXPRESSIONS.get(function)
        if function is elementary.power and values[slots[1]] == "2.0":
            form = "{0} * {0}"  # as in the function itself, for the same bits
        elif form is None:
            function = TWINS.get(function, function)
            form = f"{names.setdefault(function, f'f{len(names)}')}({', '.join(f'{{{k}}}' for k in range(len(slots)))})"
        twice = len(set(slots)) < len(slots)
        args = [named(s) if twice or form.count(f"{{{k}}}") > 1 else values[s] for k, s in enumerate(slots)]
        depth = 1 + max([depths[s] for s in slots], default=0)
        values.append(f"({form.format(*args)})")
        depths.append(depth)
        slot = len(values) - 1
        if reads[slot] != 1 or depth == DEEP:
            named(slot)
    return _Written(inputs, lines, [values[s] for s in code.outputs], {f: g for g, f in names.items()})


def _tuple(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' * (len(items) == 1)})"


def _compiled(lines: Sequence[str], written: _Written, space: dict[str, Any]) -> Any:
    """The function `made`, compiled."""
    space = {**space, **written.functions}
    space.update(exp=math.exp, type=type, float=float, nan=math.nan, inf=math.inf, minus_inf=-math.inf)
    exec(compile("\n".join(lines).encode(), "<wengert kernel>", "exec"), space)
    return space["made"]


def _literal(a: float) -> str:
    """A number as Python reads it back, bit for bit."""
    if not isfinite(a):
        return "nan" if a != a else "inf" if a > 0.0 else "minus_inf"
    return f"({a!r})" if math.copysign(1.0, a) < 0.0 else repr(a)
