"""The sweeps as tables, step by step, in the user's names, as textbooks print them.

Such tables are in Baydin, Pearlmutter, Radul, Siskind, "Automatic differentiation in machine learning: a survey", JMLR
18(153), 2018, tables 2 and 3, and in Griewank, Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, tables 1.1 to
1.3. The words upstream, local and downstream gradient are from the circuit diagrams of Stanford's CS231n.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import Any

from ..ground.errors import Span, UsageError, error
from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..kernels.trace import ReverseStep, TangentStep, Trace
from ..language import Program
from ..lists.array_text import shape_of, width_of
from ..lists.shapes import bind, cores, inferred
from ..lists.wengert_list import Atom, Equation, WengertList, constants_of, table_of
from ..ops import CONSTANTS, COPY
from ..ops.shapes.dimensions import Shape
from ..sweeps.rules import rules_for
from .formula import equation_text
from .grid import Column, Grid, as_html, as_latex, as_markdown, as_text, escaped, fitting, shown_rows, text_width
from .json import array_json, atom_json
from .local_rules import in_functions, local_formula, rule_text, value_of, vjp_formula
from .notation import PULLED, Lines, Mathematics, Plain

SWEEPS = ("both", "forward", "reverse", "tangent")
STYLES = ("text", "markdown", "latex", "html", "json")
# The widths of a text table without a terminal, and of a table in LaTeX: a line of a page at 10 points.
WIDTH, PAGE = 110, 84
# The most characters of the text of an equation that is quoted.
QUOTED = 44


def trace_table(trace: Trace, sweep: str = "both", style: str = "text", program: Program | None = None) -> str:
    """A trace as tables, one a sweep.

    sweep    "forward", "reverse", "both" of these, or "tangent", for a trace with a direction
    style    "text", "markdown", "latex", "html", or "json", which holds every step and every digit
    program  the program of the trace, if its list does not tell: a text of one line becomes the title

    Raises UsageError for another sweep or style, and for the tangent sweep of a trace without a direction.
    """
    for word, known, what in ((sweep, SWEEPS, "sweep"), (style, STYLES, "style")):
        if word not in known:
            raise error(UsageError, "W623", f"unknown {what} `{word}`", help=f"one of {', '.join(known)}")
    if sweep == "tangent" and not trace.tangents:
        raise error(UsageError, "W624", "this trace has no tangent sweep", help="trace along a direction")
    if style == "json":
        return json.dumps(trace_json(trace, sweep), indent=1, ensure_ascii=False, allow_nan=False)
    say = {"text": Lines, "latex": Mathematics}.get(style, Plain)(trace.wlist.ops)
    setting = {"text": as_text, "markdown": as_markdown, "latex": as_latex, "html": as_html}[style]
    parts = [fitted(grid, setting, trace, say, style) for grid in grids_of(sweep)]
    if style != "latex" and (title := title_of(trace, program)):
        parts.insert(0, {"markdown": f"`{title}`", "html": f"<p><code>{escaped(title)}</code></p>"}.get(style, title))
    return "\n\n".join(filter(None, [*parts, closing(trace, sweep, say, style)]))


def grids_of(sweep: str) -> tuple[Callable[[Trace, Plain], Grid], ...]:
    """The functions that make the tables of a sweep, one table each."""
    return {"forward": (forward,), "reverse": (reverse,), "tangent": (tangent,), "both": (forward, reverse)}[sweep]


def closing(trace: Trace, sweep: str, say: Plain, style: str) -> str:
    """The answers of the last sweep; "" for the forward sweep, whose table shows them."""
    if sweep == "tangent":
        outputs = [a for a in trace.wlist.outputs if isinstance(a, str)]
        moved = [(say.marked(a, "dot"), trace.tangents.get(a, 0.0)) for a in outputs]
        return _closing("Along the direction", moved, say, style)
    if sweep == "forward" or not isinstance(trace.output, str):
        return ""
    whole = bool(shape_of(trace.adjoints.get(trace.output)))
    names = [say.marked(n, "bar") if whole else say.partial(trace.output, n) for n in trace.wlist.inputs]
    answers = [(name, _adjoint(trace, n)) for name, n in zip(names, trace.wlist.inputs)]
    return _closing("Adjoints" if whole else "Gradient", answers, say, style)


def over_arrays(trace: Trace) -> bool:
    """Whether a trace has any array."""
    return any(map(shape_of, trace.values.values()))


# The room of an array in a table, from much to little, and whether each step shows the upstream adjoint.
LEAST = 18
ROOMS = tuple((room, True) for room in (36, 32, 28)) + tuple((room, False) for room in (36, 30, 24, 18, 12, 8))


def fitted(
    grid: Callable[[Trace, Plain], Grid], setting: Callable[[Grid], str], trace: Trace, say: Plain, style: str
) -> str:  # fmt: skip
    """A table, abbreviated until it fits: arrays first, then columns that repeat others."""
    width = {"text": width_of(WIDTH), "latex": PAGE}.get(style, 1 << 30)
    if not over_arrays(trace):
        return fitting(grid(trace, say), setting, width)
    text = ""
    for say.room, say.upstream in ROOMS if style == "text" else ((24, True),):
        made = grid(trace, say)
        # An array that shows nothing but its brackets says less than any column.
        text = setting(made) if say.room > LEAST else fitting(made, setting, width)
        if max(map(text_width, text.split("\n"))) <= width:
            break
    say.room = Plain.room
    return text


def title_of(trace: Trace, program: Program | None = None) -> str:
    """The text of a program of one line, or else the name of its file."""
    source = program.source if program else trace.wlist.provenance.source
    if source is None:
        return ""
    text = source.text.strip()
    if 0 < len(text) <= width_of(WIDTH) and text.isprintable():
        return text
    return source.name if source.name != "<text>" and source.name.isprintable() else ""


def _adjoint(trace: Trace, name: str) -> Any:
    """The adjoint of an input; zeros if the sweep did not reach it."""
    if name in trace.adjoints:
        return trace.adjoints[name]
    if not (shape := shape_of(trace.values[name])):
        return 0.0
    import numpy as np  # here, as its value is an array and has imported it

    return np.zeros(shape)


def _closing(word: str, answers: Sequence[tuple[str, Any]], say: Plain, style: str) -> str:
    """The answers of the sweep, in one line or in a few."""
    written = [say.inline(f"{what} = {say.line(value, 72)}") for what, value in answers]
    if style == "html":
        return f"<p>{word}: {', '.join(f'<code>{escaped(w)}</code>' for w in written)}</p>" if written else ""
    if style != "text":
        return f"{word}: {', '.join(written)}" if written else ""
    lines = [word] if written else []
    for answer in written:
        if lines[-1] != word and len(lines[-1]) + 3 + len(answer) > width_of(WIDTH):
            lines.append(" " * len(word))
        lines[-1] += f"   {answer}"
    return "\n".join(lines)


def forward(trace: Trace, say: Plain) -> Grid:
    """The forward sweep: inputs and constants, then for each equation the values that go into it, and its value."""
    wlist = trace.wlist
    steps = [Equation(n, "", ()) for n in (*wlist.inputs, *constants_of(wlist))]
    before = len(steps)
    steps += wlist.equations

    def row(at: int) -> tuple[str, ...]:
        e = steps[at]
        found = value_of(e.output, trace.values)
        shape = shape_of(found)
        value, size = say.value(found), say.shape(shape) if shape else ""
        if not e.op:
            return say.atom(e.output), "", "", say.equals, value, size, ""
        known = tuple([say.known(value_of(a, trace.values)) for a in e.inputs])
        told = e.op != COPY and known != e.inputs and None not in known
        numbers = say.right(e._replace(inputs=known)) if told else ""
        text = say.quoted(_spoken(trace, at - before), e)
        return say.equation(e), say.equals if told else "", numbers, say.equals, value, size, text

    columns = (
        Column("equation"), Column("", "mark", 3), Column("in numbers", "code", 3), Column("", "mark"),
        _values(trace, "value"), Column("shape", "code", 1), Column("stands for", "code", 2),
    )  # fmt: skip
    return Grid("Forward sweep", columns, shown_rows(len(steps), row))


def _values(trace: Trace, title: str, spare: int = 0) -> Column:
    """A column of values: numbers are aligned at their points, arrays at the left."""
    sweep = "value" if title == "value" else "tangent" if title.startswith(("tangent", "product")) else "back"
    return Column(title, "code" if over_arrays(trace) else "number", spare, "" if title == "local" else sweep)


def _spoken(trace: Trace, k: int) -> str:
    """The piece of the text that equation k comes from, if it is short."""
    provenance = trace.wlist.provenance
    span, source = provenance.span(k), provenance.source
    if span is None or source is None or span.end - span.start > 2 * QUOTED:
        return ""
    text = " ".join(source.text[span.start : span.end].split())
    return text if len(text) <= QUOTED and text.isprintable() and "#" not in text else ""


class Untaken(NamedTuple):
    """An input that its equation did not select: no adjoint goes to it."""

    k: int
    i: int
    input: Atom
    upstream: Any


def _shapes(trace: Trace) -> dict[str, Shape]:
    """The shape of every name, without the axes of a batch."""
    point = {n: trace.values[n] for n in trace.wlist.inputs}
    return inferred(trace.wlist, bind(trace.wlist, cores(trace.wlist, point), point)[1])


def _local(trace: Trace, e: Equation, s: ReverseStep | TangentStep, shapes: Mapping[str, Shape]) -> WengertList | None:
    """The local derivative of a step, as a formula in functions for programs."""
    assert s.i is not None
    ops = trace.wlist.ops
    found = local_formula(e, table_of(ops)[e.op], s.i, trace.values, s.local, ops)
    return in_functions(found, _of(e, shapes)) if shapes else found


def _pulled_back(trace: Trace, say: Plain, e: Equation, i: int, shapes: Mapping[str, Shape]) -> str:
    """The adjoint of an input of an array op, as a formula in functions for programs; in words, if it has none."""
    ops, adjoint = trace.wlist.ops, f"{e.output}_bar"
    rule = vjp_formula(e, table_of(ops)[e.op], i, adjoint, ops)
    found = in_functions(rule, {**_of(e, shapes), adjoint: shapes.get(e.output, ())})
    if found is None and rule is not None:
        return say.unsaid(rule)
    return say.formula(found, "", PULLED)


def _of(e: Equation, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shapes of the names of an equation."""
    return {a: shapes.get(a, ()) for a in (*e.inputs, e.output) if isinstance(a, str)}


def reverse(trace: Trace, say: Plain) -> Grid:
    """The reverse sweep: every contribution from the adjoint of an equation to the adjoint of an input."""
    wlist, arrays = trace.wlist, over_arrays(trace)
    shapes = _shapes(trace) if arrays else {}
    steps = _contributions(trace)
    if arrays:
        steps = [s for s in steps if isinstance(s.input, str)]
    earlier = _earlier(trace)

    def row(at: int) -> tuple[str, ...]:
        s = steps[at]
        e = wlist.equations[s.k]
        first = say.equation(e) if at == 0 or steps[at - 1].k != s.k else ""
        lead = (first, say.atom(s.input))
        upstream = say.value(s.upstream) if say.upstream else ""
        if isinstance(s, Untaken):
            return (*lead, say.words("not taken"), upstream, *[""] * 6)
        if s.local is None:
            rule = _pulled_back(trace, say, e, s.i, shapes)
            product = (rule, upstream, "", "", say.equals, say.value(s.downstream))
        else:
            local = say.value(s.local)
            formula = say.formula(_local(trace, e, s, shapes), local)
            product = (formula, upstream, say.times if upstream else "", local, say.equals, say.value(s.downstream))
        if not isinstance(s.input, str):
            none = type(s.local) is float and isnan(s.local) and not isnan(trace.values[e.output])
            return (*lead, *product, say.value(s.total), f"a literal{', no derivative here' * none}")
        if arrays:
            return (*lead, *product, say.value(s.total) if (s.k, s.i) in earlier else "", "")
        so_far = earlier.get((s.k, s.i))
        note = f"sum {say.sum(so_far, s.downstream)}" if so_far is not None else ""
        return (*lead, *product, say.number(s.total), note)

    # A product without its first factor is no equation: both signs go with it.
    product = 2 + arrays
    columns = (
        Column("equation"), Column("to"),
        Column("pulled back by" if arrays else "local gradient", "code", 3 - 2 * arrays),
        _values(trace, "upstream", product), Column(say.times, "mark", product), _values(trace, "local", 1 + arrays),
        Column("=", "mark", product), _values(trace, "downstream"),
        _values(trace, "the sum" if arrays else "adjoint so far"), Column("", "words", 4),
    )  # fmt: skip
    if isinstance(trace.output, str):
        start = trace.adjoints.get(trace.output, 1.0)
        seed = say.inline(f"{say.marked(trace.output, 'bar')} = {say.line(start, 60)}")
        heading = f"Reverse sweep, from {seed}"
    else:
        heading = "Reverse sweep: the output is a number, and no adjoint reaches anything"
    return Grid(heading, columns, shown_rows(len(steps), row))


def _contributions(trace: Trace) -> Sequence[ReverseStep | Untaken]:
    """The steps of the reverse sweep, and among them the inputs that an op such as `where` did not select."""
    ops = trace.wlist.ops
    rules = rules_for(ops)
    table = rules.table
    taken = {(s.k, s.i) for s in trace.reverse}
    untaken = [
        Untaken(k, i, a, trace.adjoints[output])
        for k, (output, op, inputs) in enumerate(trace.wlist.equations)
        if table[op].selects and output in trace.adjoints
        for i, (a, partial) in enumerate(zip(inputs, rules.partials(table[op], len(inputs))))
        if (k, i) not in taken and partial is not None
    ]
    steps: list[ReverseStep | Untaken] = [*trace.reverse, *untaken]
    return sorted(steps, key=lambda s: (-s.k, s.i)) if untaken else steps


def _earlier(trace: Trace) -> dict[tuple[int, int], Any]:
    """For each contribution that is not the first to its input, the adjoint of the input before it."""
    found: dict[tuple[int, int], Any] = {}
    adjoints: dict[Atom, Any] = {}
    for s in trace.reverse:
        if isinstance(s.input, str):
            if s.input in adjoints:
                found[s.k, s.i] = adjoints[s.input]
            adjoints[s.input] = s.total
    return found


def tangent(trace: Trace, say: Plain) -> Grid:
    """The tangent sweep beside the forward sweep: the value of each name, and every contribution from the tangent of an
    input to its tangent, as in Baydin et al., table 2."""
    wlist, arrays = trace.wlist, over_arrays(trace)
    shapes = _shapes(trace) if arrays else {}
    by_equation: dict[int, list[TangentStep]] = {}
    for s in trace.tangent:
        by_equation.setdefault(s.k, []).append(s)
    steps: list[tuple[int, TangentStep | str | None, TangentStep | None]] = [(-1, n, None) for n in wlist.inputs]
    for k in range(len(wlist.equations)):
        mine = by_equation.get(k, [])
        steps += zip([k] * len(mine), mine, [None, *mine]) if mine else [(k, None, None)]

    def row(at: int) -> tuple[str, ...]:
        k, s, before = steps[at]
        if isinstance(s, str):
            moves = say.value(trace.tangents[s]) if s in trace.tangents else ""
            return say.atom(s), say.value(trace.values[s]), *[""] * 7, moves, ""
        e = wlist.equations[k]
        head = ("", "") if before else (say.equation(e), say.value(trace.values[e.output]))
        if s is None:
            return *head, *[""] * 9
        if s.i is None:
            moved = ", ".join(dict.fromkeys(say.atom(a) for a in e.inputs if a in trace.tangents))
            return *head, moved, "", "", "", "", say.equals, say.value(s.product), say.value(s.total), ""
        local = say.value(s.local)
        formula = say.formula(_local(trace, e, s, shapes), local)
        note = f"sum {say.sum(before.total, s.product)}" if before and not arrays else ""
        return (
            *head, say.atom(e.inputs[s.i]), formula, local, say.times, say.value(s.tangent), say.equals,
            say.value(s.product), say.value(s.total), note,
        )  # fmt: skip

    columns = (
        Column("equation"), _values(trace, "value"), Column("from"), Column("local gradient", "code", 3),
        _values(trace, "local", 2), Column(say.times, "mark", 2), _values(trace, "tangent", 2), Column("=", "mark", 2),
        _values(trace, "product", 1), _values(trace, "tangent so far"), Column("", "words", 4),
    )  # fmt: skip
    moving = [n for n in wlist.inputs if n in trace.tangents]
    seeds = [say.inline(f"{say.marked(n, 'dot')} = {say.line(trace.tangents[n], 40)}") for n in moving]
    return Grid(f"Tangent sweep, along {', '.join(seeds)}", columns, shown_rows(len(steps), row))


def trace_json(trace: Trace, sweep: str = "both") -> dict[str, Any]:
    """A trace as an object of JSON: every step with every digit; numbers as in `to_json`.

    `inputs`, `constants`, `adjoints` and `tangents` map names to numbers, or to nested lists where they are arrays;
    `forward`, `reverse` and `tangent` are arrays of steps, in the order in which they happen. An `equation` is an index
    into the list and an `argument` into its inputs; `start` and `end` are offsets in the text; `rule` is the derivative
    as the row of the op has it, over its parameters and the output y (for an array op over the adjoint g too, and
    `local` is null); `sum` is the adjoint, or the tangent, so far.
    """
    wlist, table = trace.wlist, table_of(trace.wlist.ops)

    def mapping(names: Sequence[str], values: Any) -> dict[str, Any]:
        return {n: array_json(values[n]) for n in names if n in values}

    found: dict[str, Any] = {"inputs": mapping(wlist.inputs, trace.values), "output": atom_json(trace.output)}
    if sweep in ("both", "forward"):
        found["constants"] = mapping(constants_of(wlist), CONSTANTS)
        found["forward"] = [
            {"equation": k, "output": e.output, "op": e.op, "inputs": [*map(atom_json, e.inputs)],
             "written": equation_text(e, wlist.ops), "value": array_json(trace.values[e.output]),
             **_place(wlist.provenance.span(k))}
            for k, e in enumerate(checking_clock(wlist.equations))
        ]  # fmt: skip
    if sweep in ("both", "reverse"):
        found["reverse"] = [
            {"equation": s.k, "argument": s.i, "output": s.output, "input": atom_json(s.input),
             "upstream": array_json(s.upstream), "rule": rule_text(table[wlist.equations[s.k].op], s.i),
             "local": array_json(s.local), "downstream": array_json(s.downstream),
             "sum": array_json(s.total)}  # not an op: a key of the JSON
            for s in checking_clock(trace.reverse)
        ]  # fmt: skip
        found["adjoints"] = mapping([*trace.adjoints], trace.adjoints)
    if sweep == "tangent":
        found["tangent"] = [
            {"equation": s.k, "argument": s.i, "output": s.output, "input": array_json(s.input),
             "rule": "" if s.i is None else rule_text(table[wlist.equations[s.k].op], s.i),
             "local": array_json(s.local), "tangent": array_json(s.tangent), "product": array_json(s.product),
             "sum": array_json(s.total)}  # not an op: a key of the JSON
            for s in checking_clock(trace.tangent)
        ]  # fmt: skip
        found["tangents"] = mapping([*trace.tangents], trace.tangents)
    return found


def _place(span: Span | None) -> dict[str, Any]:
    return {} if span is None else {"start": span.start, "end": span.end}
