"""A language is a table and a small class: one that ends its blocks with `end` is defined here, and prints every row.

Nothing runs it, so its text is put into Python's look, line by line and by its looks alone, and run; the answers are
held to the interpreter's, as those of the other languages are.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import wengert as wg
from tests import FULL
from tests.emit.test_emit import CANCEL, CANCELLED, POINTS, alone
from tests.oracles.programs import ELEMENTWISE
from wengert.emit.languages.language import ARITHMETIC, Language, library, truths
from wengert.emit.straight_line import StraightLine, straight_line
from wengert.emit.writing import Written, write
from wengert.lists.wengert_list import Equation, WengertList
from wengert.ops.bodies import ARRAY
from wengert.ops.floats import elementary, trigonometric
from wengert.ops.syntax import OPERATORS, TIGHT, Spelling, Text
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers

SIGNS = {"==": "equals", "!=": "differs from", "and": "and", "or": "or", "not": "not "}


_OPERATORS = {key: a._replace(sign=SIGNS.get(key, a.sign)) for key, a in OPERATORS.items()}


class Toy(Language):
    title = "Toy"
    ascii = True
    comment = "--"
    end = ""
    when, otherwise, repeat, close = "if {0} then", "else", "while {0} do", "end"
    indent = "   "
    first, second = "!1", "!2"
    inf, nan = "huge", "none"
    words = frozenset("if then else while do end each in let be give function is huge none number".split())
    operators = _OPERATORS
    functions = {
        **library("{}", cbrt="", erf="", erfc=""),
        **ARITHMETIC,
        "math.isfinite": Spelling("finite({0})"),
        **truths(_OPERATORS, "truth({})", TIGHT),
    }

    def finite(self, a: float) -> str:
        return f"number({a!r})"

    def choice(self, test: Text, yes: Text, no: Text) -> Text:
        return Text(f"({yes.text} when {test.at(TIGHT)} otherwise {no.text})")

    def pair(self, a: str, b: str) -> Text:
        return Text(f"pair({a}; {b})")

    def array(self, items: Sequence[str]) -> str:
        return f"[{' | '.join(items)}]"

    def assign(self, name: str, value: str) -> str:
        return f"let {name} be {value}"

    def give(self, value: str) -> str:
        return f"give {value}"

    def declare(self, names: Mapping[str, str]) -> list[str]:
        return [f"-- {', '.join(f'{name}: {kind}' for name, kind in names.items())}"]

    def loop(self, heads: Sequence[tuple[str, str]], turn: str, start: int) -> list[str]:
        return [
            f"each at in {heads[0][1]} do",
            *(self.indent + self.assign(name, f"{array}@at") for name, array in heads),
            *([self.indent + self.assign(turn, f"at + {start}")] if turn else []),
        ]

    def function(self, name: str, params: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        shown = ", ".join(f"{n}{'[]' if kind == ARRAY else ''}" for n, kind in params)
        return "\n".join([f"function {name}({shown}) is", *body, "end"])

    def constant(self, name: str, value: float | tuple[float, ...]) -> str:
        if isinstance(value, float):
            return self.assign(name, self.number(value).text)
        return self.assign(name, self.array([self.number(a).text for a in value]))

    def program(self, written: Written) -> str:
        lines = [x.code for block in written.blocks for x in block.lines]
        lines.append(self.give(self.array(written.answers)))
        params = [(name, "") for name in written.inputs]
        return "\n".join([*written.prelude, self.function(written.name, params, "", [self.indent + x for x in lines])])


LOOKS = [
    (r"^function (\w+)\((.*)\) is$", lambda m: f"def {m[1]}({m[2].replace('[]', '')}):"),
    (r"^(if|while) (.*) (then|do)$", r"\1 \2:"),
    (r"^else$", "else:"),
    (r"^each at in (.*) do$", r"for at in range(len(\1)):"),
    (r"^let (\w+) be ", r"\1 = "),
    (r"^give ", "return "),
    (r"\bequals\b", "=="),
    (r"\bdiffers from\b", "!="),
    (r"\bwhen\b", "if"),
    (r"\botherwise\b", "else"),
    (r"\bpair\(", "("),
    (r";", ","),
    (r"!1\b", "[0]"),
    (r"!2\b", "[1]"),
    (r"(\w+)@at", r"\1[at]"),
    (r" \| ", ", "),
]  # fmt: skip


def in_python(text: str) -> str:
    lines = []
    depth = 0
    for line in map(str.strip, text.splitlines()):
        if line.startswith("--"):
            continue
        if line in ("end", "else"):
            depth -= 1
        if line != "end":
            shown = line
            for looks, python in LOOKS:
                shown = re.sub(looks, python, shown)
            lines.append(f"{' ' * depth}{shown}")
            depth += shown.endswith(":")
    assert depth == 0
    return "\n".join(lines)


def library_of_python() -> dict[str, Any]:
    """What the toy's library has: the interpreter's own functions, which raise nothing."""
    found: dict[str, Any] = {}
    for name in (key.partition(".")[2] for key in Toy.functions if key.startswith("math.")):
        ours = (vars(m)[name] for m in (elementary, trigonometric) if name in vars(m))
        found[name] = float64_of(next(ours, getattr(math, name, None)))
    found.update(pow=float64_of(elementary.power), fmod=np.fmod, fabs=abs, finite=np.isfinite, truth=np.float64)
    return {**found, "number": np.float64, "huge": np.float64(math.inf), "none": np.float64(math.nan)}


def float64_of(function: Any) -> Any:
    return lambda *args: np.float64(function(*map(float, args)))


def rows() -> tuple[StraightLine, list[str]]:
    """One program with an output for every op that the toy can have, with the derivatives of all."""
    equations, names = [], []
    for row in ELEMENTWISE:
        wlist = alone(row)
        try:
            write(straight_line(wlist), Toy(), "alone")
        except wg.UsageError:
            continue
        names.append(row.name)
        equations.append(Equation(f"y_{row.name}", row.name, wlist.equations[0].inputs))
    return straight_line(WengertList(equations, ["a", "b", "c"], [e.output for e in equations])), names


def test_a_language_that_ends_blocks_with_end() -> None:
    program, names = rows()
    assert len(names) > 100
    text = write(program, Toy(), "rows")
    lines = [line.strip() for line in text.splitlines()]
    opened = sum(line.endswith((" then", " do", " is")) for line in lines)
    assert opened == lines.count("end") > 100
    assert not set(text) & set("{}&")
    space = library_of_python()
    exec(in_python(text), space)
    partials = [name for name in names for _ in "abc"]
    allowed = [4.0] * len(names) + [CANCELLED if name in CANCEL else 4.0 for name in partials]
    for point in POINTS if FULL else POINTS[::3]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            got = space["rows"](*map(np.float64, point))
        want = evaluate(program.wlist, dict(zip("abc", point)), Numbers())
        for name, a, b, ulps in zip([*names, *partials], got, map(float, want), allowed):
            near = math.isfinite(b) and abs(a - b) <= ulps * math.ulp(b)
            assert near or a == b or a != a and b != b, (name, point, float(a), b)
