"""The circuit of a list, as plain data that any picture can be drawn from: gates, and wires between them.

It is the circuit diagram of Stanford's CS231n. A wire carries a value forward, and a gradient back if the reverse sweep
goes along it. A value that enters an op twice has two wires.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import Any

from ..ground.errors import UsageError, error
from ..ground.limits import UNTRUSTED, Limits, checking_clock, exceeded
from ..ground.names import is_temporary
from ..ground.tuples import NamedTuple
from ..kernels.trace import Trace
from ..lists.wengert_list import Atom, Equation, WengertList, names_of, spelled, table_of
from ..lists.wrt import chosen
from ..ops import CONSTANTS, COPY
from ..sweeps.forward import depending
from ..sweeps.rules import row_of, rules_for
from .formula import Infix

SWEEPS = ("both", "forward")
# The LaTeX of a power whose exponent is a number, or the second argument.
_RAISED = re.compile(r"\{#1\}\^\{?(#2|\d+)\}?")


class Gate(NamedTuple):
    """A box or a round gate.

    kind   "input", "constant", "op" or "output"; "group" for several equations as one gate, which bears no value
    label  a name, a number, or the sign of an op: "+", "^2", "sin"
    k      the equation of an op; None for a box
    total  for an input or an op the derivative in its value, the sum of all contributions, if the point is known, and
           for an input if it was asked for
    kink   whether an op is at a kink, if the point is known
    """

    kind: str
    label: str
    k: int | None = None
    total: Any = None
    kink: bool = False


class Wire(NamedTuple):
    """A wire from one gate to another, each given by its place in `Circuit.gates`.

    slot      the position among the inputs of the second gate
    name      the name or the number that goes along it
    value     the value, if the point is known
    back      whether the reverse sweep comes back along it
    part      the number of its contribution to the derivative in `name`, counted from 1, and how many there are
    gradient  that contribution, if the point is known
    """

    source: int
    target: int
    slot: int
    name: Atom
    value: Any = None
    back: bool = False
    part: tuple[int, int] = (1, 1)
    gradient: Any = None


class Circuit(NamedTuple):
    """The gates and wires of a list, to be drawn as a picture.

    gates   inputs, constants, ops and outputs, in this order
    wires   the wires, in the order of the forward sweep
    output  the name that the reverse sweep starts from, as in the picture
    whole   whether that is an array: then adjoints come back, not derivatives of a number
    valued  whether the point is known
    """

    gates: tuple[Gate, ...]
    wires: tuple[Wire, ...]
    output: Atom
    whole: bool = False
    valued: bool = False


def circuit(
    source: WengertList | Trace, *, output: str | None = None, wrt: Any = None, sweep: str = "both", kink: str = "mean",
    kinked: Collection[int] = (), limits: Limits = UNTRUSTED,
) -> Circuit:  # fmt: skip
    """The circuit of a list, or of a trace, with its values and gradients.

    output  the name at which the reverse sweep of a list starts, by default the last output; a trace has its own
    wrt     the names whose derivatives are wanted, by default all inputs; only the part of the reverse sweep that leads
            to them is shown
    sweep   "both", or "forward" for a circuit without a reverse sweep
    kinked  the equations that are at a kink, to be marked

    Raises UnknownName for a name that is not in the list, UsageError for another sweep, LimitError for more equations
    than `limits.gates`, DerivativeError for a list whose derivatives are still to be expanded.
    """
    if sweep not in SWEEPS:
        raise error(UsageError, "W623", f"unknown sweep `{sweep}`", help=f"one of {', '.join(SWEEPS)}")
    trace = source if isinstance(source, Trace) else None
    wlist = source.wlist if isinstance(source, Trace) else source
    drawable(wlist, limits)
    wanted = chosen(wlist, wrt)
    active = depending(wlist, wanted) if sweep != "forward" else set()
    if trace is not None:
        start = trace.output
        back = {(s.k, s.i): s.downstream for s in trace.reverse if s.input in active}
    else:
        start = chosen(wlist, output)[0] if output is not None else wlist.outputs[-1]
        back = dict.fromkeys(flow(wlist, (start,), active, kink))
    return _Drawing(wlist, trace, start, back, active, wanted, kinked).drawn()


def drawable(wlist: WengertList, limits: Limits) -> None:
    """Check that a list has no more equations than a picture may have gates. Raises LimitError."""
    if len(wlist) > limits.gates:
        raise exceeded(limits, "gates", f"a picture of {len(wlist):,} equations")


def flow(wlist: WengertList, starts: Collection[Atom], active: set[str], kink: str) -> list[tuple[int, int]]:
    """The path of the reverse sweep from some names, without values: equations and positions of their inputs, in its
    order."""
    reached: set[Atom] = set(starts)
    found = []
    rules = rules_for(wlist.ops, kink)
    for k, e in zip(range(len(wlist) - 1, -1, -1), checking_clock(wlist.equations[::-1])):
        if e.output not in reached:
            continue
        row = rules.row(e.op)
        for i, a in enumerate(e.inputs):
            if a in active and rules.has_derivative(row, i, len(e.inputs)):
                found.append((k, i))
                reached.add(a)
    return found


class _Drawing:
    """Puts a circuit together."""

    def __init__(
        self, wlist: WengertList, trace: Trace | None, start: Atom, back: dict[tuple[int, int], Any],
        active: set[str], wanted: tuple[str, ...], kinked: Collection[int],
    ) -> None:  # fmt: skip
        self.wlist, self.trace, self.start, self.back = wlist, trace, start, back
        self.active, self.wanted, self.kinked = active, wanted, kinked
        self.called = _called(wlist)
        self.gates: list[Gate] = []
        self.wires: list[Wire] = []
        self.sources: dict[str, int] = {}
        # The number of contributions to each name, and so far numbered.
        inputs = [wlist.equations[k].inputs[i] for k, i in back]
        self.counts = Counter(inputs)
        seen: Counter[Atom] = Counter()
        self.parts: dict[tuple[int, int], tuple[int, int]] = {}
        for place, a in zip(back, inputs):
            seen[a] += 1
            self.parts[place] = seen[a], self.counts[a]

    def drawn(self) -> Circuit:
        wlist = self.wlist
        for n in wlist.inputs:
            asked = self.trace is not None and n in self.active and n in self.wanted
            self.sources[n] = self._gate(Gate("input", n, total=self._total(n) if asked else None))
        known = names_of(wlist) - {*wlist.inputs, *(e.output for e in wlist.equations)}
        for n in (n for n in CONSTANTS if n in known):
            self.sources[n] = self._gate(Gate("constant", n))
        write, table = _Labels(wlist.ops), table_of(wlist.ops)
        labels = [write.label(e, row_of(table, e.op).notation.latex) for e in checking_clock(wlist.equations)]
        literals = self._literals([folded for _, folded in labels])
        for k, (e, (label, folded)) in enumerate(zip(wlist.equations, labels)):
            here = self.sources[e.output] = self._gate(self._op(e, label, k))
            for i, a in enumerate(e.inputs):
                if i != folded:
                    source = self.sources[a] if isinstance(a, str) else literals[k, i]
                    self._wire(source, here, i, a, (k, i))
        self._outputs(literals)
        adjoint = self.trace.adjoints.get(self.start) if self.trace and isinstance(self.start, str) else None
        whole = bool(getattr(adjoint, "shape", ()))
        start = self.called.get(self.start, self.start)
        return Circuit(tuple(self.gates), tuple(self.wires), start, whole, self.trace is not None)

    def _gate(self, gate: Gate) -> int:
        self.gates.append(gate)
        return len(self.gates) - 1

    def _op(self, e: Equation, label: str, k: int) -> Gate:
        total = self.trace.adjoints.get(e.output) if self.trace is not None and e.output in self.active else None
        return Gate("op", label, k, total, k in self.kinked)

    def _literals(self, folded: list[int | None]) -> dict[tuple[int, int], int]:
        """The boxes of the numbers that no gate contains, by equation and position; -1 stands for the outputs."""
        places = [(k, i, a) for k, e in enumerate(self.wlist.equations) for i, a in enumerate(e.inputs)
                  if i != folded[k]]  # fmt: skip
        places += [(-1, i, a) for i, a in enumerate(self.wlist.outputs)]
        return {(k, i): self._gate(Gate("constant", spelled(a))) for k, i, a in places if not isinstance(a, str)}

    def _outputs(self, literals: dict[tuple[int, int], int]) -> None:
        """Add a box for each output, and for the name that the reverse sweep starts from."""
        outputs = self.wlist.outputs
        if self.start not in outputs:
            outputs = (*outputs, self.start)
        last = max(i for i, a in enumerate(outputs) if a == self.start or a is self.start)
        for i, a in enumerate(outputs):
            box = self._gate(Gate("output", str(self.called.get(a, a if isinstance(a, str) else spelled(a)))))
            source = self.sources[a] if isinstance(a, str) else literals[-1, i]
            back = i == last and a in self.active
            gradient = self.trace.adjoints.get(str(a)) if back and self.trace else None
            self.wires.append(Wire(source, box, 0, self.called.get(a, a), self._value(a), back, gradient=gradient))

    def _wire(self, source: int, target: int, slot: int, a: Atom, place: tuple[int, int]) -> None:
        back = place in self.back
        name = self.called.get(a, a)
        part = self.parts.get(place, (1, 1))
        self.wires.append(Wire(source, target, slot, name, self._value(a), back, part, self.back.get(place)))

    def _value(self, a: Atom) -> Any:
        if self.trace is None or not isinstance(a, str):
            return None
        return self.trace.values[a] if a in self.trace.values else CONSTANTS[a]

    def _total(self, name: str) -> Any:
        """The derivative in an input; zeros if the reverse sweep did not reach it."""
        assert self.trace is not None
        return self.trace.adjoints[name] if name in self.trace.adjoints else 0.0 * self.trace.values[name]


def _called(wlist: WengertList) -> dict[Atom, Atom]:
    """Names that the picture changes: if the only output has no name in the program, it is called f, as in textbooks,
    unless the list uses that name."""
    output, text = wlist.outputs[0], wlist.provenance.source
    nameless = isinstance(output, str) and is_temporary(output) and text is not None and output not in text.text
    if len(wlist.outputs) != 1 or not nameless or output in wlist.inputs or "f" in names_of(wlist):
        return {}
    return {output: "f"}


class _Labels(Infix):
    """Labels of ops: the equation in the language, without its arguments."""

    def label(self, e: Equation, latex: str) -> tuple[str, int | None]:
        """The label, and the position of the input that it contains, if any: the exponent of a power, as in `^2`."""
        if raised := _RAISED.fullmatch(latex):
            if raised[1] != "#2":
                return f"^{raised[1]}", None
            if not isinstance(e.inputs[1], str):
                return f"^{spelled(e.inputs[1])}", 1
        if e.op == COPY:
            return "=", None
        pieces = [p for p in self._sides(e) if isinstance(p, str) and p != ", "]
        text = "".join(pieces).strip().replace("(, ", "(")
        return text.removeprefix("()").removesuffix("()"), None
