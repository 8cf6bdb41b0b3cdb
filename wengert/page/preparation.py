"""The parts of a page, from a program that is ready to run at a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..ground.errors import DerivativeError, Span
from ..ground.limits import Limits, exceeded
from ..kernels.evaluation import Evaluation
from ..kernels.trace import Trace, traced
from ..language import Program
from ..lists.array_text import shape_of
from ..lists.wrt import chosen
from ..ops import CONSTANTS
from ..show.captions import cut, visible
from ..show.graph import circuit
from ..sweeps.notes import kinked
from .contents import SEEDS, Request

# The most equations of a page, and the most characters of its title.
LONGEST, TITLE = 20_000, 90


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
    picture = None
    if len(wlist) <= limits.gates:
        picture = circuit(trace, wrt=wrt, kink=kink, kinked=found, limits=limits)
    tangents: dict[str, Mapping[str, Any]] = {}
    if any(map(shape_of, trace.values.values())):
        tangents = {n: _traced(call, kink, output, (n,)).tangents for n in wlist.inputs[:SEEDS] if n in names}
    expects = tuple(Span(e.span.start, e.span.end) for e in program.expects)
    return Request(trace, picture, program.source, _title(program), kink, frozenset(found), tangents=tangents,
                   hidden=expects, wrt=names, limits=limits)  # fmt: skip


def _traced(call: Evaluation, kink: str, output: str | None, moving: tuple[str, ...]) -> Trace:
    """The sweeps, with a tangent sweep in which these inputs move; without one, where an op has no rule for it."""
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
