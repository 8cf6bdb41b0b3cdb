"""The sweeps as tables, step by step, in the user's names, as textbooks print them.

Baydin, Pearlmutter, Radul, Siskind, "Automatic differentiation in machine learning: a survey", JMLR 18(153), 2018,
tables 2 and 3; Griewank, Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, tables 1.1 to 1.3; the circuit
diagrams of Stanford's CS231n, whose words upstream, local and downstream gradient are used here.
"""

from __future__ import annotations

import json
from typing import NamedTuple, Union

from ..errors import UsageError, error
from ..language import Program
from ..ops import COPY, Op
from ..rules import partials
from ..trace import ReverseStep, TangentStep, Trace
from ..wengert_list import Atom, Equation, WengertList, constants_of, spelled, table_of
from .formula import Infix, equation_text, single
from .grid import Column, Grid, as_latex, as_markdown, as_text, rows_of
from .latex import Latex, latex, latex_atom, latex_equation, latex_name
from .local import local_formula
from .tables_json import trace_json

SWEEPS = ("both", "forward", "reverse", "tangent")
STYLES = ("text", "markdown", "latex", "json")
DIGITS = 8
# The formula of a local gradient that takes more characters is left out, and its value says it all.
LONGEST = 32


class Untaken(NamedTuple):
    """An input that its equation did not take: nothing flows to it."""

    k: int
    i: int
    output: str
    input: Atom
    upstream: float


Step = Union[ReverseStep, Untaken]


class Plain:
    """How tables say things in text, and in Markdown."""

    times, equals, to = "×", "=", "→"

    def __init__(self, ops: tuple[Op, ...]) -> None:
        self.ops = ops

    def atom(self, a: Atom) -> str:
        return a if isinstance(a, str) else self.number(a)

    def number(self, x: float) -> str:
        return spelled(rounded(x))

    def equation(self, e: Equation) -> str:
        return equation_text(e, self.ops)

    def right(self, e: Equation) -> str:
        return Infix(self.ops).right(e)

    def formula(self, wlist: WengertList) -> str:
        text = single(wlist)
        return text if len(text) <= LONGEST and "\n" not in text else ""

    def partial(self, f: Atom, x: Atom) -> str:
        return f"∂{f}/∂{x}"

    def marked(self, name: str, mark: str) -> str:
        return f"{name}_{mark}"

    def inline(self, text: str) -> str:
        return text


class Mathematics(Plain):
    """How tables say things in LaTeX."""

    times, equals, to = r"\times", "=", r"\to"

    def atom(self, a: Atom) -> str:
        return latex_name(a) if isinstance(a, str) else self.number(a)

    def number(self, x: float) -> str:
        return latex_atom(rounded(x))

    def equation(self, e: Equation) -> str:
        return latex_equation(e, self.ops)

    def right(self, e: Equation) -> str:
        return Latex(self.ops).right(e)

    def formula(self, wlist: WengertList) -> str:
        return latex(wlist, 0) if super().formula(wlist) else ""

    def partial(self, f: Atom, x: Atom) -> str:
        return rf"\partial {self.atom(f)}/\partial {self.atom(x)}"

    def marked(self, name: str, mark: str) -> str:
        return latex_name(f"{name}_{mark}")

    def inline(self, text: str) -> str:
        return f"${text}$"


def rounded(x: float) -> float:
    """A number to the digits that tables show."""
    return float(f"{x:.{DIGITS}g}")


def trace_table(trace: Trace, sweep: str = "both", style: str = "text", program: Program | None = None) -> str:
    """A trace as tables, one a sweep.

    sweep    "forward", "reverse", "both" of these, or "tangent", for a trace with a direction
    style    "text", "markdown", "latex", or "json", which holds every step and every digit
    program  where the trace is from; a text of one line becomes the title

    Raises UsageError for another sweep or style, and for the tangent sweep of a trace without a direction.
    """
    for word, known, what in ((sweep, SWEEPS, "sweep"), (style, STYLES, "style")):
        if word not in known:
            raise error(UsageError, "W623", f"unknown {what} `{word}`", help=f"one of {', '.join(known)}")
    if sweep == "tangent" and not trace.tangents:
        raise error(UsageError, "W624", "this trace has no tangent sweep", help="trace along a direction")
    if style == "json":
        return json.dumps(trace_json(trace, sweep), indent=1, ensure_ascii=False, allow_nan=False)
    say = Mathematics(trace.wlist.ops) if style == "latex" else Plain(trace.wlist.ops)
    setting = {"text": as_text, "markdown": as_markdown, "latex": as_latex}[style]
    grids = {"forward": (forward,), "reverse": (reverse,), "tangent": (tangent,), "both": (forward, reverse)}[sweep]
    parts = [setting(grid(trace, say)) for grid in grids]
    if sweep in ("both", "reverse"):
        parts.append(_gradient(trace, say))
    return "\n\n".join(parts)


def forward(trace: Trace, say: Plain) -> Grid:
    """The forward sweep: inputs and constants, then every equation with the numbers that go in and the value."""
    wlist, values = trace.wlist, trace.values
    steps: list[Equation] = [Equation(n, "", ()) for n in wlist.inputs]
    steps += [*wlist.equations]

    def row(e: Equation, above: Equation | None) -> tuple[str, ...]:
        value = say.number(values[e.output])
        if not e.op:
            return say.atom(e.output), "", "", say.equals, value
        known = tuple([rounded(values[a]) if a in values else a for a in e.inputs])
        shown = e.op != COPY and known != e.inputs
        return (
            say.equation(e), say.equals if shown else "", say.right(Equation("", e.op, known)) if shown else "",
            say.equals, value,
        )  # fmt: skip

    columns = (Column("equation"), Column("", "sign"), Column("in numbers"), Column("", "sign"), Column("value", "number"))
    return Grid("Forward sweep", columns, rows_of(steps, row))


def reverse(trace: Trace, say: Plain) -> Grid:
    """The reverse sweep: every contribution of an equation's adjoint to the adjoints of its inputs."""
    table = table_of(trace.wlist.ops)
    steps = _contributions(trace)

    def row(s: Step, above: Step | None) -> tuple[str, ...]:
        e = trace.wlist.equations[s.k]
        first = say.equation(e) if above is None or above.k != s.k else ""
        lead = (first, say.atom(s.input), say.number(s.upstream))
        if isinstance(s, Untaken):
            return (*lead, "", "", "", "", "", "", "", "", "", "not taken")
        rule = local_formula(e, table[e.op], s.i, trace.values, s.local, trace.wlist.ops)
        text = say.formula(rule) if rule is not None else ""
        named = isinstance(s.input, str)
        before = s.total - s.downstream
        note = "sum" if named and s.total is not s.downstream and before != 0 else ""
        return (
            *lead, say.times, text, say.equals if text else "", say.number(s.local), say.equals,
            say.number(s.downstream), say.marked(s.input, "bar") if isinstance(s.input, str) else "", say.equals if named else "",
            say.number(s.total) if named else "", note,
        )  # fmt: skip

    columns = (
        Column("equation"), Column("to"), Column("upstream", "number"), Column("×", "sign"), Column("local gradient"),
        Column("", "sign"), Column("", "number"), Column("=", "sign"), Column("downstream", "number"),
        Column("adjoint"), Column("", "sign"), Column("", "number"), Column("", "words"),
    )  # fmt: skip
    seed = say.inline(f"{say.marked(trace.output, 'bar')} = 1") if isinstance(trace.output, str) else ""
    return Grid(f"Reverse sweep, from {seed}", columns, rows_of(steps, row))


def _contributions(trace: Trace) -> list[Step]:
    """The steps of the reverse sweep, and among them the inputs that a switch did not take."""
    ops = trace.wlist.ops
    table = table_of(ops)
    taken = {(s.k, s.i) for s in trace.reverse}
    steps: list[Step] = list(trace.reverse)
    for k, (output, op, inputs) in enumerate(trace.wlist.equations):
        row = table[op]
        if row.selects and output in trace.adjoints:
            steps += [
                Untaken(k, i, output, a, trace.adjoints[output])
                for i, a in enumerate(inputs)
                if (k, i) not in taken and partials(row, len(inputs), "mean", ops)[i] is not None
            ]
    return sorted(steps, key=lambda s: (-s.k, s.i)) if len(steps) > len(taken) else steps


def _gradient(trace: Trace, say: Plain) -> str:
    lines = [
        say.inline(f"{say.partial(trace.output, n)} = {say.number(trace.adjoints.get(n, 0.0))}")
        for n in trace.wlist.inputs
    ]
    return "Gradient   " + "   ".join(lines)


def tangent(trace: Trace, say: Plain) -> Grid:
    """The tangent sweep."""
    return Grid("", (), [])


assert TangentStep and constants_of
