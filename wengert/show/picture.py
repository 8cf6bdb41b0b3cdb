"""A circuit as a picture: gates with places and sizes, and the lines between them, for every writer of pictures.

Inputs are at the left, outputs at the right. One line leaves a gate, its trunk, with the value above and the adjoint
below. A dot marks where it forks: the copy gate of the textbooks, at which the adjoints of the branches are added. Each
branch shows its own contribution where it enters its gate. Lengths are in pixels, and y grows downward.
"""

from __future__ import annotations

from math import isfinite, sqrt
from typing import Any

from ..ground.errors import cells
from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.array_text import shape_of
from .captions import back, cut, forward, number, symbol, visible
from .graph import Circuit, Gate, Wire
from .layering import Box, Layers, Segment, layered

# Half the height of a gate, the distances of ports and of gates, half the room of a lane, the height of a line of text.
RADIUS, STEP, APART, LANE, LINE = 17.0, 20.0, 10.0, 5.0, 14.0
# The width of a character, of the texts on wires and of those in gates; the margin; the width between two layers.
NARROW, LETTER, MARGIN, CHANNEL = 7.0, 7.4, 16.0, (26.0, 90.0)
# Gates that are round.
ROUND = ("op", "group")

Point = tuple[float, float]


class PlacedGate(NamedTuple):
    """A gate in its place: (x, y) is its centre. `marks` is "kink", "nonfinite" or both."""

    gate: int
    x: float
    y: float
    width: float
    height: float
    text: str
    marks: tuple[str, ...] = ()


class Caption(NamedTuple):
    """A text on a wire: above it, a value, or below it, a derivative. (x, y) is the left end of its foot line, or of a
    derivative that enters a gate the right end.

    gate  the gate that the wire comes from
    wire  its place in `Circuit.wires`, if the text is about one wire alone
    """

    x: float
    y: float
    text: str
    back: bool
    right: bool = False
    finite: bool = True
    gate: int = -1
    wire: int | None = None


class Stroke(NamedTuple):
    """A piece of wire, from left to right: straight, or bent like an S between the second and the third of its points.

    wire  its place in `Circuit.wires`, if no other wire shares it
    gate  the gate that it comes from
    """

    points: tuple[Point, ...]
    gate: int
    wire: int | None = None


class Picture(NamedTuple):
    """All that a writer draws: shapes, lines, dots where wires fork, captions."""

    circuit: Circuit
    width: float
    height: float
    shapes: tuple[PlacedGate, ...]
    lines: tuple[Stroke, ...]
    dots: tuple[Point, ...]
    captions: tuple[Caption, ...]
    layers: tuple[int, ...]


def picture(circuit: Circuit, room: int = 0) -> Picture:
    """Lay a circuit out. The time is n log n in gates, wires and the layers that wires pass.

    Each text on a wire has the room of `room` characters at least, for pictures whose numbers change."""
    return _Drafting(circuit, room).laid()


def stations(points: tuple[Point, ...]) -> list[Point]:
    """The points of a line with the two that steer its bend, for a cubic curve: the line goes on straight to the
    second of four points, bends to the third and ends straight."""
    a, b, c, d = points
    middle = (b[0] + c[0]) / 2
    return [a, b, (middle, b[1]), (middle, c[1]), c, d]


def finite(x: Any) -> bool:
    """Whether a number, or every element of an array, is finite."""
    if not shape_of(x):
        return isfinite(x)
    import numpy as np

    return bool(np.isfinite(np.asarray(x, dtype=float)).all())


def _half(text: str) -> float:
    return max(RADIUS, (cells(text) * LETTER + 14) / 2)


class _Drafting:
    """Turns layers into places."""

    def __init__(self, circuit: Circuit, room: int) -> None:
        self.circuit, self.room = circuit, room
        gates, wires = circuit.gates, circuit.wires
        self.into: list[list[int]] = [[] for _ in gates]
        self.out: list[list[int]] = [[] for _ in gates]
        for n, w in enumerate(wires):
            self.into[w.target].append(n)
            self.out[w.source].append(n)
        self.port = {n: i for ends in self.into for i, n in enumerate(ends)}
        self.text = [visible(cut(g.label, 24)) for g in gates]
        self.above, self.below = [""] * len(gates), [""] * len(gates)
        self.parts: dict[int, str] = {}
        for v, ends in enumerate(checking_clock(self.out)):
            self._captions(v, [wires[n] for n in ends])

    def _captions(self, v: int, ends: list[Wire]) -> None:
        circuit, gate = self.circuit, self.circuit.gates[v]
        if not ends or gate.kind == "group":
            return
        told = circuit.valued or gate.kind == "op"
        self.above[v] = forward(ends[0], circuit) if told else ""
        returning = [(n, w) for n, w in zip(self.out[v], ends) if w.back]
        if not returning:
            return
        if not circuit.valued:
            self.below[v] = symbol(str(ends[0].name), circuit)
        elif len(ends) == 1:
            self.below[v] = back(ends[0], circuit)
        else:
            self.below[v] = number(gate.total) if gate.total is not None else ""
            self.parts.update((n, back(w, circuit)) for n, w in returning)

    def laid(self) -> Picture:
        circuit = self.circuit
        blocks = [self._block(v, g) for v, g in enumerate(circuit.gates)]
        ends = [(w.source, w.target, self.port[n]) for n, w in enumerate(circuit.wires)]
        layers = layered(blocks, ends, APART, LANE)
        lefts, middles, rights = self._columns(layers, blocks)
        rank = [0] * len(layers.owner)
        for r, layer in enumerate(layers.layers):
            for v in layer:
                rank[v] = r
        y = [height + MARGIN for height in layers.heights]
        shapes = tuple(self._shape(v, middles[rank[v]], y[v]) for v in range(len(blocks)))
        captions = self._placed(shapes)
        lines, dots = self._lines(layers, blocks, shapes, lefts, rights, y)
        count = len(blocks)
        bottom = max((y[v] + (blocks[v].below if v < count else LANE) for v in range(len(y))), default=0.0)
        width = (rights[-1] if rights else 0.0) + MARGIN
        return Picture(circuit, width, bottom + MARGIN, shapes, lines, dots, captions, tuple(rank[:count]))

    def _block(self, v: int, gate: Gate) -> Box:
        count = len(self.into[v])
        ports = tuple((i - (count - 1) / 2) * STEP for i in range(count))
        half = max(RADIUS if gate.kind in ROUND else RADIUS - 4, ports[-1] + RADIUS * 0.4 if ports else 0.0)
        lowest = ports[-1] + LINE if ports and any(n in self.parts for n in self.into[v]) else 0.0
        up, down = LINE + 2 if self.above[v] else 0.0, LINE + 2 if self.below[v] else 0.0
        side = -1 if gate.kind == "input" else 1 if gate.kind == "output" else 0
        return Box(max(half, up), max(half, down, lowest), ports, side)

    def _size(self, v: int) -> Point:
        gate, count = self.circuit.gates[v], len(self.into[v])
        if gate.kind not in ROUND:
            return 2 * _half(self.text[v]), 2 * (RADIUS - 4)
        return 2 * _half(self.text[v]), 2 * max(RADIUS, (count - 1) / 2 * STEP + RADIUS * 0.4)

    def _columns(self, layers: Layers, blocks: list[Box]) -> tuple[list[float], list[float], list[float]]:
        """For each layer, where wires reach it, the middle of its gates, and where wires leave it."""
        lefts, middles, rights, x, count = [], [], [], MARGIN, len(blocks)
        for r, layer in enumerate(layers.layers):
            gates = [v for v in layer if v < count]
            half = max((self._size(v)[0] / 2 for v in gates), default=0.0)
            parts = [self.parts[n] for v in gates for n in self.into[v] if n in self.parts]
            texts = [t for v in gates for t in (self.above[v], self.below[v])]
            stub = self._widest(parts) * NARROW + (14.0 if parts else 6.0) if r else 0.0
            trunk = self._widest(texts) * NARROW + 12.0 if any(self.out[v] for v in gates) else 0.0
            lefts.append(x)
            middles.append(x + stub + half)
            x += stub + 2 * half + trunk
            rights.append(x)
            rise = max((abs(layers.heights[s.tail] - self._end(layers, blocks, s)) for s in layers.segments[r]),
                       default=0.0)  # fmt: skip
            x += min(max(CHANNEL[0], rise * 0.45), CHANNEL[1]) if rise > 0.5 else CHANNEL[0] / 2
        return lefts, middles, rights

    def _widest(self, texts: list[str]) -> int:
        """The room of the widest of some texts on wires, in characters."""
        return max((max(cells(t), self.room) for t in texts if t), default=0)

    def _end(self, layers: Layers, blocks: list[Box], s: Segment) -> float:
        return layers.heights[s.head] + (0.0 if s.port is None else blocks[s.head].ports[s.port])

    def _shape(self, v: int, x: float, y: float) -> PlacedGate:
        gate = self.circuit.gates[v]
        value = next((self.circuit.wires[n].value for n in self.out[v]), None)
        marks = ("kink",) * gate.kink + ("nonfinite",) * (value is not None and not finite(value))
        return PlacedGate(v, x, y, *self._size(v), self.text[v], marks)

    def _placed(self, shapes: tuple[PlacedGate, ...]) -> tuple[Caption, ...]:
        found = []
        for v, shape in enumerate(shapes):
            left = shape.x + shape.width / 2 + 5
            ends = [self.circuit.wires[n] for n in self.out[v]]
            if self.above[v]:
                fine = ends[0].value is None or finite(ends[0].value)
                found.append(Caption(left, shape.y - 4, self.above[v], False, finite=fine, gate=v))
            if self.below[v]:
                total = self.circuit.gates[v].total if len(ends) > 1 else ends[0].gradient
                fine = total is None or finite(total)
                found.append(Caption(left, shape.y + LINE, self.below[v], True, finite=fine, gate=v))
            for i, n in enumerate(self.into[v]):
                if n in self.parts:
                    y = shape.y + (i - (len(self.into[v]) - 1) / 2) * STEP
                    fine = finite(self.circuit.wires[n].gradient)
                    x, source = _edge(shape, y) - 5, self.circuit.wires[n].source
                    found.append(Caption(x, y + LINE - 1, self.parts[n], True, True, fine, source, n))
        return tuple(found)

    def _lines(
        self, layers: Layers, blocks: list[Box], shapes: tuple[PlacedGate, ...], lefts: list[float],
        rights: list[float], y: list[float],
    ) -> tuple[tuple[Stroke, ...], tuple[Point, ...]]:  # fmt: skip
        lines: list[Stroke] = []
        dots: list[Point] = []
        count = len(blocks)
        for r, gap in enumerate(checking_clock(layers.segments)):
            leaving: dict[int, int] = {}
            for s in gap:
                leaving[s.tail] = leaving.get(s.tail, 0) + 1
            for tail, times in leaving.items():
                start = shapes[tail].x + shapes[tail].width / 2 if tail < count else lefts[r]
                if times > 1:
                    dots.append((rights[r], y[tail]))
                    lines.append(Stroke(((start, y[tail]), (rights[r], y[tail])), layers.owner[tail]))
            for s in gap:
                start = (shapes[s.tail].x + shapes[s.tail].width / 2) if s.tail < count else lefts[r]
                first = (rights[r], y[s.tail]) if leaving[s.tail] > 1 else (start, y[s.tail])
                turn, foot = (rights[r], y[s.tail]), self._end(layers, blocks, s) + MARGIN
                arrive = (lefts[r + 1], foot)
                end, wire = arrive, None
                if s.port is not None:
                    end = (_edge(shapes[s.head], foot), foot)
                    wire = self.into[s.head][s.port]
                lines.append(Stroke((first, turn, arrive, end), layers.owner[s.tail], wire))
        return tuple(lines), tuple(dots)


def _edge(shape: PlacedGate, y: float) -> float:
    """Where a wire at the height y meets a gate from the left."""
    radius = min(shape.width, shape.height) / 2
    straight = shape.height / 2 - radius
    beyond = max(0.0, abs(y - shape.y) - straight)
    if shape.text and shape.height < 2 * RADIUS:
        return shape.x - shape.width / 2
    return shape.x - shape.width / 2 + radius - sqrt(max(0.0, radius * radius - beyond * beyond))
