"""The parts of a page, from a program that is ready to run at a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..ground.errors import DerivativeError, Span
from ..ground.limits import UNTRUSTED, Limits, exceeded
from ..kernels.evaluation import Evaluation
from ..kernels.trace import Trace, traced
from ..language import Program
from ..lists.array_text import shape_of
from ..lists.wrt import chosen
from ..ops import CONSTANTS
from ..show.captions import cut, visible
from ..show.graph import Circuit, Wire, circuit, flow
from ..sweeps.forward import depending
from ..sweeps.notes import kinked
from .contents import TANGENTS, Request
from .folding import folded, levels, whole

# The most equations of a page, and the most characters of its title; the most outputs to choose from, and equations of
# all sweeps back together of a program over arrays.
LONGEST, TITLE, OUTPUTS, ARRAYS = 20_000, 90, 100, 1_000


def requested(
    call: Evaluation, program: Program, kink: str, limits: Limits, wrt: Any = None, output: str | None = None
) -> Request:  # fmt: skip
    """The sweeps, the circuit and the rest of a page.

    Raises UnknownName for a `wrt` or an output that is not there, LimitError for more than 20,000 equations."""
    wlist = call.wlist
    if len(wlist) > LONGEST:
        raise exceeded(limits._replace(gates=LONGEST), "gates", f"a page of {len(wlist):,} equations")
    names = chosen(wlist, wrt)
    trace = _traced(call, kink, output, wlist.inputs)
    found = kinked(call, {**CONSTANTS, **trace.values}, names)
    arrays = any(map(shape_of, trace.values.values()))
    choices = _choices(trace, names, arrays)
    whole_circuit = _circuit(trace, wrt, kink, choices)
    ways = levels(wlist)
    drawn = [whole(whole_circuit), *(folded(whole_circuit, level) for level in ways)]
    drawn = [d for d in drawn if sum(g.k is not None or g.kind == "group" for g in d.circuit.gates) <= limits.gates]
    tangents: dict[str, Mapping[str, Any]] = {}
    # The page multiplies numbers itself, where all local derivatives are known.
    others = [n for n in choices if n != trace.output] if arrays or not trace.tangent else []
    if arrays:
        seeds = [n for n in wlist.inputs if n in names][: max(1, TANGENTS // (len(wlist) + 1))]
        tangents = {n: _traced(call, kink, output, (n,)).tangents for n in seeds}
    sweeps = {n: traced(call, output=n, kink=kink) for n in others}
    expects = tuple(Span(e.span.start, e.span.end) for e in program.expects)
    return Request(
        trace, whole_circuit, tuple(drawn), tuple(ways), program.source, _title(program), kink, frozenset(found),
        tangents=tangents, choices=choices, others=sweeps, hidden=expects, wrt=names, limits=limits,
    )  # fmt: skip


def _choices(trace: Trace, wrt: tuple[str, ...], arrays: bool) -> tuple[str, ...]:
    """The outputs that the reader may choose for the reverse sweep: those that depend on an input, beginning with the
    trace's own. A page over arrays has the whole sweep from each."""
    active = depending(trace.wlist, set(wrt))
    if not isinstance(trace.output, str):
        return ()
    found = dict.fromkeys((trace.output, *(n for n in trace.wlist.outputs if isinstance(n, str) and n in active)))
    most = max(1, ARRAYS // (len(trace.wlist) + 1)) if arrays else OUTPUTS
    return tuple(found)[: min(most, OUTPUTS)]


def _circuit(trace: Trace, wrt: Any, kink: str, choices: tuple[str, ...]) -> Circuit:
    """The circuit with every path that adjoints can take, from each output that may be chosen, even through branches
    not taken at this point."""
    wlist, limits = trace.wlist, UNTRUSTED._replace(gates=LONGEST)
    start = trace.output if isinstance(trace.output, str) else None
    found = circuit(wlist, output=start, wrt=wrt, kink=kink, limits=limits)
    here = circuit(trace, wrt=wrt, kink=kink, limits=limits)
    active = depending(wlist, set(chosen(wlist, wrt)))
    ways = set(flow(wlist, choices, active, "mean" if kink == "error" else kink))

    def along(w: Wire, t: Wire) -> Wire:
        k = found.gates[w.target].k
        back = w.back or ((k, w.slot) in ways if k is not None else w.name in choices and w.name in active)
        return w._replace(back=back, value=t.value, gradient=_or_zero(t.gradient) if back else None)

    wires = tuple(along(w, t) for w, t in zip(found.wires, here.wires))
    sources = {w.source for w in wires if w.back}
    gates = tuple(g._replace(total=_or_zero(t.total) if v in sources else t.total)
                  for v, (g, t) in enumerate(zip(found.gates, here.gates)))  # fmt: skip
    return found._replace(gates=gates, wires=wires, whole=here.whole, valued=True)


def _or_zero(x: Any) -> Any:
    return 0.0 if x is None else x


def _traced(call: Evaluation, kink: str, output: str | None, moving: tuple[str, ...]) -> Trace:
    """The sweeps, with a tangent sweep in which these inputs move; without it if an op has no rule for it."""
    try:
        return traced(call, output=output, direction=dict.fromkeys(moving, 1.0), kink=kink)
    except DerivativeError:
        return traced(call, output=output, kink=kink)


def _title(program: Program) -> str:
    """The name of the file, or the first line of the text that computes."""
    text = program.source.text.strip()
    if program.source.name != "<text>":
        return visible(cut(program.source.name.replace("\\", "/").rpartition("/")[2] or program.source.name, TITLE))
    lines = (" ".join(line.partition("#")[0].split()) for line in text.split("\n"))
    shown = next((line for line in lines if line and not line.startswith(("input", "expect", "output"))), "a program")
    return visible(cut(shown, TITLE))
