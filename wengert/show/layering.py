"""A layered drawing of an acyclic graph: which layer each box is in, in which order, and at which height.

The steps are those of K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system
structures", IEEE Trans. SMC 11 (1981), pp. 109-125: layers by longest paths, places held free where a wire passes a
layer, fewer crossings by barycentres in a fixed number of passes, then heights. In a layer the heights are the weighted
least squares fit to the heights that the neighbours ask for, with the order and the distances kept; that is isotonic
regression, solved by pooling adjacent violators (R. E. Barlow et al., "Statistical inference under order restrictions",
Wiley, 1972). All wires from one box share one lane. Nothing is random: equal graphs are drawn alike.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from ..ground.limits import check_clock, checking_clock
from ..ground.tuples import NamedTuple

# Passes over all layers: of the order, and of the heights.
ORDERINGS, SETTLINGS = 8, 6
# How firmly a lane holds its height, so that long wires are straight, and a box that no neighbour asks for; others: 1.
STIFF, WEAK = 1e4, 1e-3
# A box that could be elsewhere at the same cost moves to the right only by more than NEAR layers: near ones stay where
# the forward sweep reaches them, far ones make room.
NEAR = 2


class Box(NamedTuple):
    """A thing to be placed. Wires leave it at its axis, height 0.

    above, below  the room that it takes on both sides of the axis
    ports         the heights at which its wires come in, from the top downward
    end           -1 for a box of the first layer, 1 for one of the last
    """

    above: float
    below: float
    ports: tuple[float, ...] = ()
    end: int = 0


class Segment(NamedTuple):
    """A piece of a wire between two neighbouring layers. `port` is None if it ends at a lane."""

    tail: int
    head: int
    port: int | None = None


class Layers(NamedTuple):
    """A drawing. Blocks have the numbers they were given in, lanes the numbers after those.

    layers    the boxes and lanes of each layer, from the top downward
    heights   the height of each axis; larger is lower
    segments  between each layer and the next
    owner     the box from which the wire of each lane comes; of a box, itself
    """

    layers: list[list[int]]
    heights: list[float]
    segments: list[list[Segment]]
    owner: list[int]


def layered(boxes: Sequence[Box], wires: Sequence[tuple[int, int, int]], apart: float, lane: float) -> Layers:
    """Draw boxes and wires, each (from, to, port). Every wire goes from a box to a later one in the sequence.

    `apart` is the least distance between boxes, `lane` the room on both sides of a lane. The time is n log n in boxes,
    wires and lanes.
    """
    rank = _ranks(boxes, wires)
    drawing = _with_lanes(boxes, wires, rank)
    _order(drawing, boxes)
    _settle(drawing, boxes, rank, apart, lane)
    return drawing


def _ranks(boxes: Sequence[Box], wires: Sequence[tuple[int, int, int]]) -> list[int]:
    """The layer of each box: the longest path to it, then to the right where that shortens the lanes."""
    targets: list[list[int]] = [[] for _ in boxes]
    sources: list[list[int]] = [[] for _ in boxes]
    for tail, head, _ in wires:
        targets[tail].append(head)
        sources[head].append(tail)
    rank = [0] * len(boxes)
    for v in range(len(boxes)):
        if sources[v]:
            rank[v] = 1 + max(rank[u] for u in sources[v])
    last = max((r for r, b in zip(rank, boxes) if b.end <= 0), default=0)
    rank = [last + 1 if b.end > 0 else r for r, b in zip(rank, boxes)]
    far = [max((rank[w] for w in heads), default=0) for heads in targets]
    for v in range(len(boxes) - 1, -1, -1):
        if boxes[v].end or not targets[v]:
            continue
        # The lane from u grows with v if v is as far to the right as any, unless u comes along.
        before = set(sources[v])
        grown = sum(far[u] <= rank[v] for u in before if sources[u] or boxes[u].end)
        place = min(rank[w] for w in targets[v]) - 1
        if grown < 1 or grown == 1 and place > rank[v] + NEAR:
            rank[v] = place
            for u in before:
                far[u] = max(far[u], rank[v])
    return rank


def _with_lanes(boxes: Sequence[Box], wires: Sequence[tuple[int, int, int]], rank: list[int]) -> Layers:
    """Blocks and lanes by layers, in the order in which they are met."""
    nets: list[list[tuple[int, int]]] = [[] for _ in boxes]
    for tail, head, port in checking_clock(wires):
        nets[tail].append((head, port))
    count = 1 + max(rank, default=0)
    layers: list[list[int]] = [[] for _ in range(count)]
    segments: list[list[Segment]] = [[] for _ in range(count)]
    owner = list(range(len(boxes)))
    for v, r in enumerate(rank):
        layers[r].append(v)
    for v, net in enumerate(nets):
        here, at = v, rank[v]
        for head, port in sorted(net, key=lambda t: rank[t[0]]):
            while rank[head] > at + 1:
                check_clock()
                at += 1
                layers[at].append(len(owner))
                segments[at - 1].append(Segment(here, len(owner)))
                here = len(owner)
                owner.append(v)
            segments[at].append(Segment(here, head, port))
    return Layers(layers, [0.0] * len(owner), segments, owner)


def _order(drawing: Layers, boxes: Sequence[Box]) -> None:
    """Put each layer in an order with few crossings: by barycentres, forward and backward; the best pass counts."""
    place = [0.0] * len(drawing.owner)

    def number(layer: list[int]) -> None:
        for i, v in enumerate(layer):
            place[v] = (i + 0.5) / len(layer)

    def entry(s: Segment) -> float:
        # Within the place of a box its ports come in their order.
        if s.port is None:
            return place[s.head]
        ports, width = len(boxes[s.head].ports), len(drawing.layers[0]) + 8
        return place[s.head] + (s.port + 0.5 - ports / 2) / (ports + 1) / width

    def crossings() -> int:
        return sum(_inversions([(place[s.tail], entry(s)) for s in gap]) for gap in checking_clock(drawing.segments))

    tied = {v for gap in drawing.segments for s in gap for v in s[:2]}
    for layer in drawing.layers:
        # A box without wires is below all others.
        layer.sort(key=lambda v: v not in tied)
        number(layer)
    best, kept = crossings(), [list(layer) for layer in drawing.layers]
    for turn in range(ORDERINGS):
        forward = turn % 2 == 0
        count = len(drawing.layers)
        for r in range(1, count) if forward else range(count - 2, -1, -1):
            check_clock()
            asked: dict[int, list[float]] = {}
            for s in drawing.segments[r - 1] if forward else drawing.segments[r]:
                if forward:
                    asked.setdefault(s.head, []).append(place[s.tail])
                else:
                    asked.setdefault(s.tail, []).append(entry(s))
            layer = drawing.layers[r]
            layer.sort(key=lambda v: sum(asked[v]) / len(asked[v]) if v in asked else place[v])
            number(layer)
        if (found := crossings()) < best:
            best, kept = found, [list(layer) for layer in drawing.layers]
        if not best:
            break
    drawing.layers[:] = kept


def _inversions(pairs: list[tuple[float, float]]) -> int:
    """How often two pairs stand in opposite orders."""
    seen: list[float] = []
    found = 0
    for _, y in sorted(pairs):
        at = bisect_right(seen, y)
        found += len(seen) - at
        seen.insert(at, y)
    return found


def _settle(drawing: Layers, boxes: Sequence[Box], rank: list[int], apart: float, lane: float) -> None:
    """Give each box and lane its height."""
    count, y = len(boxes), drawing.heights

    def room(v: int) -> tuple[float, float]:
        return (boxes[v].above, boxes[v].below) if v < count else (lane, lane)

    gaps = []
    for layer in drawing.layers:
        rooms = [room(v) for v in layer]
        gaps.append([a[1] + b[0] + apart for a, b in pairwise(rooms)])
        heights = _fitted([0.0] * len(layer), [1.0] * len(layer), gaps[-1])
        for v, height in zip(layer, heights):
            y[v] = height

    def port(s: Segment) -> float:
        return 0.0 if s.port is None else boxes[s.head].ports[s.port]

    fed = {s.head for gap in drawing.segments for s in gap}
    loose = {v for v in range(count) if v not in fed and rank[v]}

    def sweep(forward: bool, only: set[int] | None = None) -> None:
        layers = range(len(drawing.layers))
        for r in layers if forward else reversed(layers):
            check_clock()
            asked: dict[int, list[float]] = {}
            if forward and r:
                for s in drawing.segments[r - 1]:
                    if s.tail not in loose:
                        asked.setdefault(s.head, []).append(y[s.tail] - port(s))
            elif not forward:
                for s in drawing.segments[r]:
                    # A lane is followed as far as it goes.
                    if s.head >= count or s.tail < count or s.tail not in asked:
                        asked.setdefault(s.tail, []).append(y[s.head] + port(s))
            layer = drawing.layers[r]
            wanted, weights = [], []
            for v in layer:
                told = asked.get(v) if only is None or v in only else None
                wanted.append(sum(told) / len(told) if told else y[v])
                stiff = v >= count or only is not None and v not in only
                weights.append(STIFF if stiff else 1.0 if told else WEAK)
            for v, height in zip(layer, _fitted(wanted, weights, gaps[r])):
                y[v] = height

    for turn in range(SETTLINGS):
        sweep(turn % 2 == 1)
    if loose:
        sweep(False, loose)
    tied = fed | {s.tail for gap in drawing.segments for s in gap}
    for layer, distances in zip(drawing.layers, gaps):
        for i, v in enumerate(layer):
            if i and v not in tied:
                y[v] = y[layer[i - 1]] + distances[i - 1]
    top = min((y[v] - room(v)[0] for v in range(len(y))), default=0.0)
    y[:] = [height - top for height in y]


def _fitted(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The heights nearest to the wanted ones, at distances of at least the gaps."""
    pools: list[list[float]] = []  # height, weight, members
    offset, offsets = 0.0, []
    for i, (height, weight) in enumerate(zip(wanted, weights)):
        offset += gaps[i - 1] if i else 0.0
        offsets.append(offset)
        pools.append([height - offset, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            a, b = pools[-2], pools.pop()
            a[0] = (a[0] * a[1] + b[0] * b[1]) / (a[1] + b[1])
            a[1] += b[1]
            a[2] += b[2]
    spread = [pool[0] for pool in pools for _ in range(int(pool[2]))]
    return [height + offset for height, offset in zip(spread, offsets)]
