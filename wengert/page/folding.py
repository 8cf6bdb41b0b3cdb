"""Equations that a page shows as one: those of a binding, of a call of a `def`, or of a loop.

A group is a run of equations, found by their places in the text. The folded circuit has one gate for each group. If
several names leave a group, each has a small gate after it, which shows its value.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from ..ground.errors import Span
from ..ground.limits import checking_clock
from ..ground.names import is_temporary
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import WengertList
from ..show.graph import Circuit, Gate, Wire

# A way to fold that leaves out no more than this part of the equations is none.
LEAST = 0.2

_TOKEN = re.compile(r"#[^\n]*|[()\[\]{}\n;]|for\b[^{\n;]*(?=\{)")


class Group(NamedTuple):
    """Equations `first` to `last`, shown as one gate with a label."""

    label: str
    first: int
    last: int


class Level(NamedTuple):
    """A way to fold a list: its name, and its groups of several equations, in order."""

    name: str
    groups: tuple[Group, ...]


class Folded(NamedTuple):
    """A folded circuit. For each wire, `bundles` gives the wires of the whole circuit that it represents; for each gate
    of a group, `heads` gives the group."""

    name: str
    circuit: Circuit
    bundles: tuple[tuple[int, ...], ...]
    heads: dict[int, Group]


class _Blocks(NamedTuple):
    """Where statements begin in a text, and its outermost loops: start, end, head."""

    starts: list[int]
    loops: list[tuple[int, int, str]]


def levels(wlist: WengertList) -> list[Level]:
    """The ways to fold a list that differ from the list and from each other: calls, bindings, loops."""
    source = wlist.provenance.source
    if source is None or len(wlist) < 2:
        return []
    text = _read(source.text)
    spans = [wlist.provenance.span(k) for k in range(len(wlist))]
    calls = _runs(wlist, lambda k: _call(spans[k], source.text), lambda k: False)
    bindings = _runs(wlist, lambda k: _statement(spans[k], text), lambda k: not is_temporary(wlist.equations[k].output))
    labelled = tuple(g._replace(label=wlist.equations[g.last].output) for g in bindings)
    loops = _runs(wlist, lambda k: _loop(spans[k], text), lambda k: False)
    inside = [(g.first, g.last) for g in loops]
    rest = [g for g in labelled if not any(a <= g.first and g.last <= b for a, b in inside)]
    found = [Level("calls", calls), Level("bindings", labelled)]
    if loops:
        found.append(Level("loops", tuple(sorted((*loops, *rest), key=lambda g: g.first))))
    return [level for level in found if sum(g.last - g.first for g in level.groups) > len(wlist) * LEAST]


def folded(circuit: Circuit, level: Level) -> Folded:
    """The circuit with a gate for each group."""
    return _Folding(circuit, level).folded()


def whole(circuit: Circuit) -> Folded:
    """The circuit as it is: each wire stands for itself."""
    return Folded("every equation", circuit, tuple((n,) for n in range(len(circuit.wires))), {})


def _read(text: str) -> _Blocks:
    starts, loops, depth, braces = [0], list[tuple[int, int, str]](), 0, list[tuple[int, str]]()
    head = ""
    for m in checking_clock(list(_TOKEN.finditer(text))):
        word = m[0]
        if word.startswith("for"):
            head = " ".join(word.split()[:2])
        elif word in "([":
            depth += 1
        elif word in ")]":
            depth = max(0, depth - 1)
        elif word == "{":
            braces.append((m.start(), head))
        elif word == "}" and braces:
            start, what = braces.pop()
            if not braces:
                loops.append((start, m.start(), what))
        if word in "{};" or word == "\n" and not depth:
            starts.append(m.end())
    return _Blocks(starts, loops)


def _outermost(span: Span) -> Span:
    while span.within is not None:
        span = span.within
    return span


def _call(span: Span | None, text: str) -> Any:
    if span is None or span.within is None:
        return None
    outer = _outermost(span)
    return outer[:2], f"{text[outer.start : outer.end].partition('(')[0].strip()}()"


def _statement(span: Span | None, text: _Blocks) -> Any:
    if span is None:
        return None
    return bisect_right(text.starts, _outermost(span).start), ""


def _loop(span: Span | None, text: _Blocks) -> Any:
    if span is None:
        return None
    at = _outermost(span).start
    k = bisect_right(text.loops, (at, 1 << 60, "")) - 1
    return (k, text.loops[k][2]) if k >= 0 and text.loops[k][0] <= at < text.loops[k][1] else None


def _runs(
    wlist: WengertList, key: Callable[[int], Any], ends: Callable[[int], bool]
) -> tuple[Group, ...]:  # fmt: skip
    """Runs of several equations with the same key; None is no key. A run ends after an equation that `ends` it."""
    found: list[Group] = []
    first, last = 0, None
    for k in checking_clock(range(len(wlist) + 1)):
        now = key(k) if k < len(wlist) else None
        if k and (now is None or now != last or ends(k - 1)):
            if last is not None and k - first > 1:
                found.append(Group(str(last[1]), first, k - 1))
            first = k
        last = now
    return tuple(found)


class _Folding:
    """Puts a folded circuit together."""

    def __init__(self, circuit: Circuit, level: Level) -> None:
        self.circuit, self.level = circuit, level
        self.group: dict[int, int] = {}  # by gate
        ks = {g.k: v for v, g in enumerate(circuit.gates) if g.k is not None}
        for n, group in enumerate(level.groups):
            for k in range(group.first, group.last + 1):
                self.group[ks[k]] = n
        self.names = {w.source: str(w.name) for w in circuit.wires}
        self.gates: list[Gate] = []
        self.place: dict[Any, int] = {}  # of a gate that stays, or of the name that leaves a group
        self.heads: dict[int, int] = {}  # the gates of groups
        self.wires: dict[tuple[int, int], tuple[Wire, list[int]]] = {}

    def folded(self) -> Folded:
        circuit = self.circuit
        leaving: dict[int, list[int]] = {}
        needed = set()
        for w in circuit.wires:
            a, b = self.group.get(w.source), self.group.get(w.target)
            if a is not None and a != b and w.source not in leaving.setdefault(a, []):
                leaving[a].append(w.source)
            if circuit.gates[w.source].kind != "constant" or b is None or isinstance(w.name, str):
                needed.add(w.source)
        for v, gate in enumerate(circuit.gates):
            n = self.group.get(v)
            if n is not None:
                # A group stands where its last equation stood: all that it takes is there.
                if gate.k == self.level.groups[n].last:
                    self._head(n, leaving.get(n, [v]))
            elif gate.kind != "constant" or v in needed:
                self.place[v] = self._gate(gate)
        for number, w in enumerate(checking_clock(circuit.wires)):
            n = self.group.get(w.target)
            if w.source in self.place and (n is None or self.group.get(w.source) != n):
                self._wire(self.place[w.source], self.place[w.target] if n is None else self.heads[n], w, number)
        wires = tuple(w for w, _ in self.wires.values())
        bundles = tuple(tuple(numbers) for _, numbers in self.wires.values())
        heads = {v: self.level.groups[n] for n, v in self.heads.items()}
        return Folded(self.level.name, circuit._replace(gates=tuple(self.gates), wires=wires), bundles, heads)

    def _gate(self, gate: Gate) -> int:
        self.gates.append(gate)
        return len(self.gates) - 1

    def _head(self, n: int, leaving: Sequence[int]) -> None:
        group = self.level.groups[n]
        if len(leaving) == 1:
            (v,) = leaving
            self.place[v] = self.heads[n] = self._gate(self.circuit.gates[v]._replace(label=group.label))
            return
        head = self.heads[n] = self._gate(Gate("group", group.label))
        for v in leaving:
            here = self.place[v] = self._gate(self.circuit.gates[v]._replace(label=self.names[v]))
            self.wires[head, here] = Wire(head, here, 0, "", 0.0), []

    def _wire(self, source: int, target: int, w: Wire, number: int) -> None:
        key = (source, target) if self.gates[target].kind == "group" or target in self.heads.values() else (number, -1)
        if key in self.wires:
            found, numbers = self.wires[key]
            numbers.append(number)
            self.wires[key] = found._replace(back=found.back or w.back), numbers
        else:
            self.wires[key] = w._replace(source=source, target=target), [number]
