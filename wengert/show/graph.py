"""The circuit of a list, as plain data that any picture can be drawn from: gates, and wires between them.

A wire carries a value forward and, where the reverse sweep goes along it, a gradient back: the circuit diagrams of
Stanford's CS231n. Where a value enters an op twice there are two wires.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, NamedTuple

from ..ground.errors import UsageError, error
from ..ground.limits import UNTRUSTED, Limits, checking_clock, exceeded
from ..ground.names import is_temporary
from ..kernels.trace import Trace
from ..lists.wengert_list import Atom, Equation, WengertList, names_of, spelled, table_of
from ..ops import CONSTANTS, COPY
from ..sweeps.forward import depending
from ..sweeps.rules import row_of, rules_for
from ..transforms.derivatives import chosen
from .formula import Infix

SWEEPS = ("both", "forward")
# LaTeX of a power: of one argument to a number, or to the second argument.
_RAISED = re.compile(r"\{#1\}\^\{?(#2|\d+)\}?")


class Gate(NamedTuple):
    """A box or a round gate.

    kind   "input", "constant", "op" or "output"
    label  a name, a number, or what an op is written as: "+", "^2", "sin"
    k      which equation an op is of; None for a box
    total  of an input: its derivative, all contributions together, where the point is known and it was asked for
    """

    kind: str
    label: str
    k: int | None = None
    total: Any = None


class Wire(NamedTuple):
    """From one gate to another, given by their places in `Circuit.gates`.

    slot      which input of the gate it goes to
    name      what goes along it: a name, or a number
    value     the value, where the point is known
    back      whether the reverse sweep comes back along it
    part      which of how many contributions to the derivative in `name` comes back
    gradient  that contribution, where the point is known
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
    """The picture of a list, still to be drawn.

    gates   inputs, constants, ops and outputs, in this order
    wires   the wires in the order in which the forward sweep goes along them
    output  what the reverse sweep starts from, as it is called in the picture
    whole   whether that is an array: what comes back are adjoints then, not derivatives of a number
    valued  whether the point is known
    """

    gates: tuple[Gate, ...]
    wires: tuple[Wire, ...]
    output: Atom
    whole: bool = False
    valued: bool = False


def circuit(
    source: WengertList | Trace, *, output: str | None = None, wrt: Any = None, sweep: str = "both", kink: str = "mean",
    limits: Limits = UNTRUSTED,
) -> Circuit:  # fmt: skip
    """The circuit of a list, or of a trace, with its values and gradients.

    output  where the reverse sweep of a list starts, by default at the last output; a trace has started already
    wrt     the names whose derivatives are wanted, by default all inputs: the reverse sweep is shown as far as it leads
            to them
    sweep   "both", or "forward" for a circuit in which nothing comes back

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
        back = dict.fromkeys(_flow(wlist, start, active, kink))
    return _Drawing(wlist, trace, start, back, active, wanted).drawn()


def drawable(wlist: WengertList, limits: Limits) -> None:
    """Raises LimitError for a list of more equations than a picture may have gates."""
    if len(wlist) > limits.gates:
        raise exceeded(limits, "gates", f"a picture of {len(wlist):,} equations")


def _flow(wlist: WengertList, start: Atom, active: set[str], kink: str) -> list[tuple[int, int]]:
    """Where the reverse sweep goes, whatever the values: equations and places of their inputs, in its order."""
    reached, found = {start}, []
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
    """A circuit as it is put together."""

    def __init__(
        self, wlist: WengertList, trace: Trace | None, start: Atom, back: dict[tuple[int, int], Any],
        active: set[str], wanted: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.wlist, self.trace, self.start, self.back = wlist, trace, start, back
        self.active, self.wanted = active, wanted
        self.called = _called(wlist)
        self.gates: list[Gate] = []
        self.wires: list[Wire] = []
        self.sources: dict[str, int] = {}
        # How many contributions a name gets, and how many of them are numbered.
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
            here = self.sources[e.output] = self._gate(Gate("op", label, k))
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

    def _literals(self, folded: list[int | None]) -> dict[tuple[int, int], int]:
        """A box for each number that is not in a gate, by its equation and its place there; of the outputs, by -1 and
        its place there."""
        places = [(k, i, a) for k, e in enumerate(self.wlist.equations) for i, a in enumerate(e.inputs)
                  if i != folded[k]]  # fmt: skip
        places += [(-1, i, a) for i, a in enumerate(self.wlist.outputs)]
        return {(k, i): self._gate(Gate("constant", spelled(a))) for k, i, a in places if not isinstance(a, str)}

    def _outputs(self, literals: dict[tuple[int, int], int]) -> None:
        """A box for each output, and for what the reverse sweep starts from."""
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
        """The derivative in an input; zeros where the reverse sweep did not reach it."""
        assert self.trace is not None
        return self.trace.adjoints[name] if name in self.trace.adjoints else 0.0 * self.trace.values[name]


def _called(wlist: WengertList) -> dict[Atom, Atom]:
    """What names are called in the picture, where not by themselves: an only output without a name in the program is f,
    as in textbooks, unless something else is."""
    output, text = wlist.outputs[0], wlist.provenance.source
    nameless = isinstance(output, str) and is_temporary(output) and text is not None and output not in text.text
    if len(wlist.outputs) != 1 or not nameless or output in wlist.inputs or "f" in names_of(wlist):
        return {}
    return {output: "f"}


class _Labels(Infix):
    """What an op is written as: its equation in the language, without the arguments."""

    def label(self, e: Equation, latex: str) -> tuple[str, int | None]:
        """The label, and which input is a number within it: the exponent of a power, as in `^2`."""
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
