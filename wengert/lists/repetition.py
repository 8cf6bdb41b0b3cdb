"""Find steps that repeat in a list by position, and write them as loops.

The body of an unrolled `for`, the terms of a sum over a range, or the rows of a sparse Jacobian repeat with a period p.
A step has the same row as the step p before it, and the slot of each of its arguments moves by a constant stride: p for
a value of the same turn or an earlier one, 0 for a value that all turns share, another number for inputs, numbers and
values of other loops, and a negative one where a reverse sweep runs backwards.

Periods are proposed by hashing stretches of equal rows, and finding where they occur again (R. M. Karp, R. E. Miller,
A. L. Rosenberg, "Rapid identification of repeated patterns in strings, trees and arrays", STOC 1972, pp. 125-136), and
then tried exactly. The order of the steps stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..ground.tuples import NamedTuple
from .code import Code, Step

# A list is worth its loops if at least this part of its steps is in them, and at most this few steps are written.
SHARE = 0.9
MOST = 2000
# The fewest turns of a loop, the fewest of one that needs tables of slots, and the fewest steps that a loop saves.
TURNS = 3
TURNS_TABLED = 8
SPARED = 16
# The longest period that is tried.
LONGEST = 2000
# The most arguments of a step that repeats.
WIDE = 8
# Stretches of these lengths are hashed; for each length TRIED periods are tried.
STRETCHES = (2, 8, 32, 128, 512, 2048)
TRIED = 6
# If only the rows repeat with a period, these multiples of it are tried.
MULTIPLES = (2, 3, 4, 5, 6)
# The worth of a loop that needs tables of slots, relative to one that needs none.
TABLED = 0.6

# How a slot moves: by a constant in each turn, or as a table gives it for every turn.
Stride = int | tuple[int, ...]

# A repeating stretch: the steps that it saves, the turns that it needs, minus the period, the first step, the end.
Run = tuple[float, int, int, int, int]


class StraightSteps(NamedTuple):
    """Steps that run once. `first` is the number of the first of them."""

    first: int
    steps: tuple[Step, ...]


class RepeatedSteps(NamedTuple):
    """Steps that run again and again.

    first    the number of the first step
    body     the steps of the first turn
    turns    the number of turns
    strides  for each step of the body and each of its arguments how the slot moves from turn to turn
    """

    first: int
    body: tuple[Step, ...]
    turns: int
    strides: tuple[tuple[Stride, ...], ...]

    def slot(self, k: int, i: int, turn: int) -> int:
        """The slot of the i-th argument of step k of the body, in a given turn."""
        stride = self.strides[k][i]
        return stride[turn] if isinstance(stride, tuple) else self.body[k][1][i] + stride * turn


Segment = StraightSteps | RepeatedSteps


def unrolled(segments: Sequence[Segment]) -> Iterator[Step]:
    """The steps of the segments, one after the other."""
    for segment in segments:
        if isinstance(segment, StraightSteps):
            yield from segment.steps
            continue
        for turn in range(segment.turns):
            for k, (row, slots) in enumerate(segment.body):
                yield row, tuple([segment.slot(k, i, turn) for i in range(len(slots))])


def coverage(segments: Sequence[Segment]) -> tuple[int, int]:
    """How many steps the segments write out, and how many of all steps are in loops."""
    written = looped = 0
    for segment in segments:
        if isinstance(segment, RepeatedSteps):
            written += len(segment.body)
            looped += len(segment.body) * segment.turns
        else:
            written += len(segment.steps)
    return written, looped


def worthwhile(code: Code, segments: Sequence[Segment]) -> bool:
    """Whether the loops make up nearly all of a code."""
    written, looped = coverage(segments)
    return written <= MOST and looped >= SHARE * len(code.steps)


def segmented(code: Code) -> tuple[Segment, ...]:
    """The steps of a code as loops and straight steps, in order; in nearly linear time."""
    steps = code.steps
    if len(steps) < TURNS * 2:
        return (StraightSteps(0, steps),) if steps else ()
    search = _Search(code)
    loops = search.loops()
    found: list[Segment] = []
    at = 0
    for first, period, count in loops:
        if at < first:
            found.append(StraightSteps(at, steps[at:first]))
        found.append(search.loop(first, period, count))
        at = first + period * count
    if at < len(steps):
        found.append(StraightSteps(at, steps[at:]))
    return tuple(found)


class _Search:
    """The steps of a code as arrays, and the loops in them.

    shapes  for each step a number for its row and for the kinds of its arguments: inputs, numbers, values
    slots   an array of the slots of each argument; 0 where a step has fewer arguments
    free    likewise, whether a slot may move as it likes, as it is that of a number
    """

    def __init__(self, code: Code) -> None:
        import numpy as np  # imported here, as most lists are short

        self.np, self.code = np, code
        steps = code.steps
        n, inputs, first = len(steps), len(code.inputs), code.first
        known: dict[int, int] = {}
        shapes = np.fromiter([known.setdefault(id(row), len(known)) for row, _ in steps], np.int64, n)
        counts = np.fromiter([len(slots) for _, slots in steps], np.int64, n)
        total = int(counts.sum())
        flat = np.fromiter((s for _, slots in steps for s in slots), np.int64, total)
        starts = np.cumsum(counts) - counts
        self.slots, self.free = [], []
        shapes = shapes * (WIDE + 1) + np.minimum(counts, WIDE)
        for i in range(min(int(counts.max(initial=0)), WIDE)):
            there = counts > i
            slots = np.zeros(n, np.int64)
            slots[there] = flat[starts[there] + i]
            kind = np.where(there, 1 + (slots >= inputs) + (slots >= first), 0)
            shapes = shapes * 4 + kind
            self.slots.append(slots)
            self.free.append(kind == 2)
        # A step with more arguments than this matches no other.
        wide = np.flatnonzero(counts > WIDE)
        shapes[wide] = -1 - wide
        self.shapes = shapes

    def loops(self) -> list[tuple[int, int, int]]:
        """First step, period and number of turns of each loop, in order. They are chosen greedily by the steps
        saved."""
        np, n = self.np, len(self.shapes)
        runs: list[Run] = []
        tried: set[int] = set()
        for periods in self._periods():
            while periods:
                period = periods.pop()
                if period in tried or period > LONGEST:
                    continue
                tried.add(period)
                spared = []
                for worth, turns in ((1.0, TURNS), (TABLED, TURNS_TABLED)):
                    own = self._runs(period, turns)
                    runs += [(worth * (end - start - period), turns, -period, start, end) for start, end in own]
                    spared.append(sum(end - start - period for start, end in own))
                # Rows may repeat with a shorter period than slots do, if a turn has similar parts, such as the stages
                # of a step.
                if spared[0] < TABLED * spared[1]:
                    periods += [m * period for m in MULTIPLES]
            if sum(spared for spared, *_ in _apart(runs)) > 0.98 * n:
                break
        taken = np.zeros(n + 1, bool)
        taken[n] = True
        found: list[tuple[int, int, int]] = []
        runs.sort(reverse=True)
        for _, turns, period, start, end in runs:
            period = -period
            for begin, stop in _free(np, taken, start, end):
                count = (stop - begin) // period
                if count >= turns and (count - 1) * period >= SPARED:
                    begin += self._shift(begin, stop, period)
                    count = (stop - begin) // period
                    taken[begin : begin + count * period] = True
                    found.append((begin, period, count))
        return sorted(found)

    def _periods(self) -> Iterator[list[int]]:
        """Periods worth trying, for each length of a stretch: the distances at which most stretches of that length
        recur."""
        np = self.np
        n, length = len(self.shapes), 1
        hashes = self.shapes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        for stretch in STRETCHES:
            while length < stretch:
                if len(hashes) <= length:
                    return
                mixed = (hashes[:-length] ^ (hashes[:-length] >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
                hashes = mixed + hashes[length:]
                length *= 2
            if n < TURNS * 2 or len(hashes) < 2:
                return
            order = np.argsort(hashes, kind="stable")
            ordered = hashes[order]
            distances = np.diff(order)[ordered[1:] == ordered[:-1]]
            distances = distances[distances <= LONGEST]
            if not len(distances):
                return
            times = np.bincount(distances)
            likely = np.argsort(times, kind="stable")[::-1][:TRIED]
            yield [int(p) for p in likely[::-1] if times[p] >= max(p, 2)]

    def _runs(self, period: int, turns: int) -> list[tuple[int, int]]:
        """Maximal stretches of steps that repeat with the period for that many turns, as first step and end. If `turns`
        is TURNS_TABLED, slots may move in any way; otherwise only those of numbers may."""
        np, n, strict = self.np, len(self.shapes), turns < TURNS_TABLED
        if n < turns * period:
            return []
        same = self.shapes[period:] == self.shapes[:-period]
        lag = period
        if strict:
            same = same[period:] & same[:-period]
            lag = 2 * period
            for slots, free in zip(self.slots, self.free):
                moved = slots[period:] - slots[:-period]
                same &= (moved[period:] == moved[:-period]) | free[lag:]
        edges = np.diff(np.concatenate(([0], same.view(np.int8), [0])))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + lag
        long = ends - starts >= np.maximum(turns * period, period + SPARED)
        return list(zip(starts[long].tolist(), ends[long].tolist()))

    def _shift(self, start: int, end: int, period: int) -> int:
        """How many steps later a loop should begin, so that few values pass from turn to turn."""
        if end - start < (TURNS + 1) * period or period > 256:
            return 0
        first = self.code.first
        crossed = [0] * (period + 1)
        for k in range(start + period, start + 2 * period):
            for s in self.code.steps[k][1]:
                back = k - (s - first)
                if 0 < back < period and s >= first:
                    # A turn boundary after the value and before its reader separates the two.
                    low, high = (k - back - start) % period + 1, (k - start) % period + 1
                    crossed[low] += 1
                    crossed[high] -= 1
                    if low > high:
                        crossed[0] += 1
        sums, total = [], 0
        for change in crossed[:period]:
            total += change
            sums.append(total)
        return min(range(period), key=sums.__getitem__)

    def loop(self, first: int, period: int, count: int) -> RepeatedSteps:
        np = self.np
        body = self.code.steps[first : first + period]
        turns = np.arange(count)
        strides: list[tuple[Stride, ...]] = []
        for k, (_, slots) in enumerate(body):
            moves: list[Stride] = []
            for i in range(len(slots)):
                own = self.slots[i][first + k : first + k + period * count : period]
                step = int(own[1] - own[0])
                moves.append(step if (own == own[0] + step * turns).all() else tuple(own.tolist()))
            strides.append(tuple(moves))
        return RepeatedSteps(first, body, count, tuple(strides))


def _apart(runs: list[Run]) -> Iterator[Run]:
    """The runs that overlap no run that saves more."""
    taken: list[tuple[int, int]] = []
    for run in sorted(runs, reverse=True)[:64]:
        if all(run[-1] <= start or end <= run[-2] for start, end in taken):
            taken.append(run[-2:])
            yield run


def _free(np: Any, taken: Any, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches from `start` to `end` that are not taken."""
    if not taken[start:end].any():
        return [(start, end)]
    edges = np.diff(np.concatenate(([1], taken[start:end].view(np.int8), [1])))
    return list(zip((np.flatnonzero(edges == -1) + start).tolist(), (np.flatnonzero(edges == 1) + start).tolist()))
