"""Everything that a page knows of a program at a point, as plain data for JSON.

    names       of inputs, constants and equations, each by its number: the text, and `math`, its markup
    equations   [template, arguments]; an argument is the number of a name, or [x] for the number x
    steps       the contributions, in the order of the reverse sweep: [equation, input, rule, selects, wire]
    trace       values by name, local derivatives by step, and the contributions and running sums of the reverse sweep;
                in `others` those from other outputs, by their numbers

A number that JSON has not is a string: "inf", "-inf", "nan". An array is {"shape": …, "of": its elements}, or its first
elements if there are many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from ..ground.errors import Diagnostic, Source, Span
from ..ground.limits import UNTRUSTED, Limits, checking_clock
from ..ground.names import is_temporary
from ..ground.tuples import NamedTuple
from ..kernels.trace import Trace
from ..lists.array_text import shape_of
from ..lists.wengert_list import WengertList, assemble, constants_of
from ..lists.wrt import chosen
from ..ops import CONSTANTS, Op
from ..show.captions import cut, visible
from ..show.graph import Circuit
from ..show.latex import latex_name
from ..show.picture import ROUND
from ..sweeps.forward import depending
from ..sweeps.rules import rules_for
from .folding import Folded, Level
from .live_arrays import Known, live_arrays
from .live_code import LiveCode, live_code
from .markup import markup
from .slots import RuleTexts, equation_key, right_side

# The most characters of a name, elements of an array and of all arrays of a page, and tangents that a page has of a
# program over arrays, of all inputs together.
LONGEST, ELEMENTS, TOGETHER, TANGENTS = 60, 256, 60_000, 3_000


class Request(NamedTuple):
    """The parts of a page.

    trace     the sweeps at the point, with a direction in which every input moves
    tangents  by input, the tangents where it alone moves; for a program over arrays
    rows      rows with texts, which the page computes with in the place of rows that only Python computes
    choices   the outputs that the reader may choose for the reverse sweep
    others    the sweeps from those that the page cannot compute: all but the first, of a program over arrays
    circuit   the circuit
    drawn     the circuit, whole and folded, as often as it is not too large to be drawn
    levels    the ways to fold the list
    source    the text of the program
    title     the title
    kink      the policy at kinks
    kinked    the equations at a kink
    notes     notes on the point
    hidden    the spans of the text that give answers away
    exercise  whether they, and all values and derivatives, are hidden
    wrt       the inputs that derivatives are taken by
    """

    trace: Trace
    circuit: Circuit
    drawn: tuple[Folded, ...]
    levels: tuple[Level, ...]
    source: Source
    title: str
    kink: str = "mean"
    kinked: frozenset[int] = frozenset()
    notes: tuple[Diagnostic, ...] = ()
    tangents: Mapping[str, Mapping[str, Any]] = {}
    rows: tuple[Op, ...] = ()
    choices: tuple[str, ...] = ()
    others: Mapping[str, Trace] = {}
    hidden: Sequence[Span] = ()
    exercise: bool = False
    wrt: tuple[str, ...] | None = None
    limits: Limits = UNTRUSTED


class Contents(NamedTuple):
    """The data of a page, and the script that computes it anew. `numbers` gives the number of each name, `leaving` that
    of the name that leaves each gate of each drawn circuit."""

    data: dict[str, Any]
    trace: dict[str, Any]
    live: LiveCode
    numbers: dict[str, int]
    leaving: list[list[int]]


def contents(request: Request) -> Contents:
    """The data of a page."""
    trace, wlist = request.trace, request.trace.wlist
    constants = constants_of(wlist)
    order = (*wlist.inputs, *constants, *(e.output for e in wlist.equations))
    numbers = {n: k for k, n in enumerate(order)}
    active = depending(wlist, set(chosen(wlist, request.wrt)))
    arrays = any(map(shape_of, trace.values.values()))
    steps = _contributions(wlist, active, request.kink)
    known = _StepsOf(trace, request.others)
    texts = RuleTexts(wlist, trace.values)
    wires = _wires(request.circuit)
    table = rules_for(wlist.ops, "mean" if request.kink == "error" else request.kink).table
    rows = [
        [k, i, texts.of(k, i, known.local(k, i)), int(table[wlist.equations[k].op].selects), wires.get((k, i), -1)]
        for k, i in checking_clock(steps)
    ]
    live = _live(request, wlist, steps, arrays)
    if arrays and not live.text and len(request.choices) > 1:
        # Of the sweeps from all outputs too much is computed; perhaps not of the one from the first.
        fewer = request._replace(choices=request.choices[:1], others={})
        if (alone := _live(fewer, wlist, steps, arrays)).text:
            live, request = alone, fewer
    templates: dict[Any, int] = {}
    sides: list[str] = []
    equations = []
    for e in checking_clock(wlist.equations):
        key = equation_key(e)
        if key not in templates:
            templates[key] = len(sides)
            sides.append(right_side(e, wlist.ops))
        equations.append([templates[key], [numbers[a] if isinstance(a, str) else [number_json(a)] for a in e.inputs]])
    data = {
        "title": request.title, "inputs": len(wlist.inputs), "constants": len(constants), "arrays": arrays,
        "names": [_name(n, request) for n in order], "made": [k for n, k in numbers.items() if is_temporary(n)],
        "equations": equations, "templates": sides, "steps": rows, "rules": texts.texts,
        "outputs": [numbers[a] for a in wlist.outputs if isinstance(a, str)],
        "output": numbers.get(trace.output, -1) if isinstance(trace.output, str) else -1,
        "wrt": [numbers[n] for n in wlist.inputs if n in active and n in chosen(wlist, request.wrt)],
        "live": int(bool(live.text)), "why": live.why, "kinks": list(live.kinks), "exercise": int(request.exercise),
        "layout": list(live.layout), "parts": [[a, *(numbers.get(x, x) for x in rest)] for a, *rest in live.parts],
        "choices": [numbers[n] for n in request.choices],
        "levels": [[level.name, [list(group) for group in level.groups]] for level in request.levels],
    }  # fmt: skip
    sweeps = 1 + len(request.others)
    count = len(order) * (1 + sweeps + len(request.tangents)) + (1 + 2 * sweeps) * len(steps)
    room = min(ELEMENTS, max(4, TOGETHER // max(count, 1)))

    def value_json(x: Any) -> Any:
        return quantity_json(x, room)

    def back(trace: Trace) -> dict[str, Any]:
        reverse = {(s.k, s.i): s for s in trace.reverse}
        return {
            "downstream": [value_json(reverse[s].downstream if s in reverse else None) for s in steps],
            "sums": [value_json(reverse[s].total if s in reverse else None) for s in steps],
            "seed": value_json(trace.adjoints.get(trace.output) if isinstance(trace.output, str) else None),
            "adjoints": [value_json(trace.adjoints.get(n)) for n in order],
        }  # fmt: skip

    found = {
        "values": [value_json(trace.values[n] if n in trace.values else CONSTANTS[n]) for n in order],
        "locals": [value_json(known.local(k, i)) for k, i in steps],
        **back(trace),
        "kinked": sorted(request.kinked),
        "others": {numbers[n]: back(other) for n, other in request.others.items()},
        "tangents": {
            numbers[n]: [value_json(moved.get(m)) for m in order] for n, moved in request.tangents.items()
        },
    }  # fmt: skip
    leaving = [_leaving(drawn.circuit, trace, numbers) for drawn in request.drawn]
    return Contents(data, found, live, numbers, leaving)


def _contributions(wlist: WengertList, active: set[str], kink: str) -> list[tuple[int, int]]:
    """Every (equation, input) that a tangent or an adjoint can go along, from the last equation to the first."""
    rules = rules_for(wlist.ops, "mean" if kink == "error" else kink)
    found = []
    for k in range(len(wlist) - 1, -1, -1):
        e = wlist.equations[k]
        row = rules.row(e.op)
        found += [(k, i) for i, a in enumerate(e.inputs)
                  if a in active and rules.has_derivative(row, i, len(e.inputs))]  # fmt: skip
    return found


class _StepsOf:
    """The steps of a trace by equation and input."""

    def __init__(self, trace: Trace, others: Mapping[str, Trace]) -> None:
        self.reverse = {(s.k, s.i): s for one in (*others.values(), trace) for s in one.reverse}
        self.tangent = {(s.k, s.i): s.local for s in trace.tangent if s.i is not None}

    def local(self, k: int, i: int) -> Any:
        """The local derivative; 0 for an argument that was not taken, None of an array op."""
        if (k, i) in self.reverse:
            return self.reverse[k, i].local
        return self.tangent.get((k, i), 0.0)


def _live(request: Request, wlist: WengertList, steps: Sequence[tuple[int, int]], arrays: bool) -> LiveCode:
    if request.exercise:
        return LiveCode("", why="it is an exercise")
    if not wlist.inputs:
        return LiveCode("", why="it has no inputs")
    if request.rows:
        ops = (*(row for row in wlist.ops if row.name not in {r.name for r in request.rows}), *request.rows)
        wlist = assemble(wlist.inputs, wlist.equations, wlist.outputs, ops, wlist.provenance, wlist.shapes)
    if arrays:
        outputs = [n for n in (request.trace.output, *request.choices) if isinstance(n, str)]
        known = Known(wlist, request.trace.values, steps, [*dict.fromkeys(outputs)], [*request.tangents], request.kink)
        return live_arrays(known, request.limits)
    return live_code(wlist, steps, request.kink, request.limits)


def _name(name: str, request: Request) -> list[str]:
    called = cut(name, LONGEST)
    if name == request.trace.output:
        called = cut(str(request.circuit.output), LONGEST)
    return [visible(called), markup(latex_name(called))]


def _wires(circuit: Circuit) -> dict[tuple[int, int], int]:
    """The wire of each input of each equation."""
    found = {}
    for n, w in enumerate(circuit.wires):
        k = circuit.gates[w.target].k
        if k is not None:
            found[k, w.slot] = n
    return found


def _leaving(circuit: Circuit, trace: Trace, numbers: Mapping[str, int]) -> list[int]:
    """The number of the name that leaves each gate, or, of an output, that enters it; -1 for a number."""
    wlist = trace.wlist
    first = len(numbers) - len(wlist)
    ends = iter((*wlist.outputs, trace.output))
    found = []
    for gate in circuit.gates:
        if gate.kind in ROUND:
            found.append(-1 if gate.k is None else first + gate.k)
        else:
            a = next(ends) if gate.kind == "output" else gate.label
            found.append(numbers.get(a, -1) if isinstance(a, str) else -1)
    return found


def number_json(x: float) -> Any:
    """A number; one that JSON has not, as a string."""
    return x if isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"


def quantity_json(x: Any, room: int = ELEMENTS) -> Any:
    """A number, or an array with as many of its elements as there is room for; None stays."""
    if x is None:
        return None
    shape = shape_of(x)
    if not shape:
        return number_json(float(x))
    flat = x.reshape(-1)[:room].tolist()
    return {"shape": list(shape), "of": [number_json(float(v)) for v in flat]}
