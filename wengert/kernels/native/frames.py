"""Where the values of a list with loops are while a native kernel runs it.

A value that only its own turn of a loop reads, or the next few turns, is in a register. Values of a loop's step that
others read are side by side in memory, one for each turn, so that a loop that reads them forward or backward walks
through memory. Outputs of the list are in the output array itself if they fit in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...lists.code import Code
from ...lists.repetition import RepeatedSteps, Segment, segmented
from .ways import (
    FRAME,
    INPUTS,
    NUMBERS,
    OUTPUTS,
    CarriedOperand,
    Copying,
    Read,
    Rolled,
    SharedOperand,
    StepOperand,
    StridedOperand,
    TableOperand,
)

# The most turns that a value is passed on in registers.
FAR = 4
# Free cells on both sides of the values of a step, for values of other steps, where a loop would read on.
SLACK = 4
# More outputs than these that no step puts in place are copied by loops.
COPIES = 32
# Stands for the row of a copy: loops of copies are found as those of steps are.
COPY: Any = None


class Frame:
    """The places of all values of a code with loops.

    size      the number of cells of the frame
    table     the indices of all tables
    space     for each slot the space that it is in, -1 for none
    index     for each slot its cell there
    copies    the outputs that no step puts in place, one by one: cells of the output, and slots
    copying   likewise by loops without steps: in each turn a way leads to a value, and another to its cell
    """

    def __init__(self, code: Code, segments: Sequence[Segment]) -> None:
        import numpy as np  # here, as most lists have no loops

        self.np, self.code, self.segments = np, code, segments
        n = code.first + len(code.steps)
        self.outputs = np.array(code.outputs, np.int64)
        self.wanted = np.full(n, -1, np.int64)  # for each slot the first output that it is
        self.wanted[self.outputs[::-1]] = np.arange(len(self.outputs))[::-1]
        self.read = np.zeros(n, bool)  # whether a slot is read from memory
        self.owner: dict[int, tuple[int, int]] = {}
        self.firsts = [s.first for s in segments]
        self.tables: list[Any] = []
        self.tabled = 0
        ways = [self._ways(s) if isinstance(s, RepeatedSteps) else None for s in segments]
        self._scalars(ways)
        self.apart: set[tuple[int, int]] = set()  # steps of loops whose values are not among the outputs
        while True:
            self._place()
            if not self._read_singly(ways):
                break
        self.taken: dict[int, int] = {}
        self.rolled = [
            self._rolled(n, s, ways[n]) if isinstance(s, RepeatedSteps) else None for n, s in enumerate(segments)
        ]
        self._copied()
        self.table = np.concatenate(self.tables) if self.tables else np.zeros(1, np.int32)

    def turn(self, slot: int) -> tuple[int, int, int] | None:
        """The segment, the step of the body and the turn that give a slot, if a loop does."""
        from bisect import bisect_right

        k = slot - self.code.first
        if k < 0:
            return None
        n = bisect_right(self.firsts, k) - 1
        loop = self.segments[n]
        if not isinstance(loop, RepeatedSteps):
            return None
        turn, step = divmod(k - loop.first, len(loop.body))
        return n, step, turn

    def last(self, slot: int) -> bool:
        """Whether a slot belongs to the last turn of a loop, or to no loop."""
        found = self.turn(slot)
        if found is None:
            return True
        loop = self.segments[found[0]]
        return isinstance(loop, RepeatedSteps) and found[2] == loop.turns - 1

    def _ways(self, loop: RepeatedSteps) -> list[list[Any]]:
        """For each argument a StepOperand, CarriedOperand or SharedOperand, or the slots that must be in memory."""
        np, period, first = self.np, len(loop.body), self.code.first
        turns = np.arange(loop.turns)
        found: list[list[Any]] = []
        for (_, slots), strides in zip(loop.body, loop.strides):
            ways: list[Any] = []
            for s, stride in zip(slots, strides):
                off = s - first - loop.first
                back, k = -(off // period), off % period
                if isinstance(stride, tuple):
                    ways.append(np.array(stride, np.int64))
                elif stride == 0 and off < 0:
                    ways.append(SharedOperand(s))
                elif stride == period and s >= first and off >= 0:
                    ways.append(StepOperand(off))
                elif stride == period and s >= first and back <= min(FAR, loop.turns - 1):
                    ways.append(CarriedOperand(k, back))
                else:
                    ways.append(s + stride * turns)
                if not isinstance(ways[-1], tuple):
                    self.read[ways[-1]] = True
            found.append(ways)
        return found

    def _scalars(self, ways: Sequence[Any]) -> None:
        """Mark the slots that single instructions read, and that are in no register then."""
        for segment, own in zip(self.segments, ways):
            if own is None:
                slots: Iterator[int] = (s for _, places in segment.steps for s in places)  # type: ignore[union-attr]
            else:
                slots = (s for ways in own for way in ways for s in starts_of(self.code, segment, way))
            for s in slots:
                if s >= self.code.first and not self.last(s):
                    self.read[s] = True

    def _place(self) -> None:
        """Give every slot that is read from memory, or that is an output, its cell."""
        np, code = self.np, self.code
        n, first = len(self.read), code.first
        self.space, self.index = np.full(n, -1, np.int8), np.zeros(n, np.int64)
        self.space[:first], self.index[:first] = NUMBERS, np.arange(first) - len(code.inputs)
        self.space[: len(code.inputs)], self.index[: len(code.inputs)] = INPUTS, np.arange(len(code.inputs))
        cell = SLACK
        self.stored: dict[tuple[int, int], tuple[int, int, int]] = {}
        for m, segment in enumerate(self.segments):
            start = first + segment.first
            if not isinstance(segment, RepeatedSteps):
                own = np.arange(start, start + len(segment.steps))
                out = self.wanted[own] >= 0
                self.space[own[out]], self.index[own[out]] = OUTPUTS, self.wanted[own[out]]
                kept = own[self.read[own] & ~out]
                self.space[kept], self.index[kept] = FRAME, cell + np.arange(len(kept))
                cell += len(kept) + SLACK
                continue
            period, count = len(segment.body), segment.turns
            for k in range(period):
                own = np.arange(start + k, start + k + period * count, period)
                out = self.wanted[own]
                if (m, k) not in self.apart and (out >= 0).all():
                    step = int(out[1] - out[0])
                    if (np.diff(out) == step).all():
                        self.stored[m, k] = OUTPUTS, int(out[0]), step
                        self.space[own], self.index[own] = OUTPUTS, out
                        continue
                if self.read[own].any() or (out[:-1] >= 0).any():
                    self.stored[m, k] = FRAME, cell, 1
                    self.space[own], self.index[own] = FRAME, cell + np.arange(count)
                    cell += count + 2 * SLACK
        self.size = cell + SLACK

    def _read_singly(self, ways: Sequence[Any]) -> bool:
        """Take values out of the outputs that are read together with others, or not in even steps."""
        np, before, changed = self.np, len(self.apart), False
        for own in ways:
            for slots in (way for ways in own or () for way in ways if not isinstance(way, tuple)):
                space = self.space[slots]
                if (space == OUTPUTS).any() and not ((space == OUTPUTS).all() and _even(np, self.index[slots])):
                    for s in slots[space == OUTPUTS].tolist():
                        if (found := self.turn(s)) is not None:
                            self.apart.add(found[:2])
                        else:
                            self.read[s], self.wanted[s], changed = True, -1, True
        return changed or len(self.apart) > before

    def _copied(self) -> None:
        """Find the outputs that no step puts in place. Where there are many, they repeat as steps do."""
        np, first = self.np, self.code.first
        cells = np.arange(len(self.outputs))
        space = self.space[self.outputs]
        missed = np.flatnonzero((space != OUTPUTS) | (self.index[self.outputs] != cells))
        alone = missed[space[missed] < 0] if len(missed) > COPIES else missed
        self.copies = list(zip(alone.tolist(), self.outputs[alone].tolist()))
        self.copying: list[tuple[int, tuple[Copying, ...]]] = []
        for kind in range(4) if len(missed) > COPIES else ():
            own = missed[space[missed] == kind]
            steps = tuple([(COPY, (s,)) for s in self.outputs[own].tolist()])
            like = Code((), (0.0,) * (first if kind == NUMBERS else 0), steps, ())
            for segment in segmented(like):
                period, count = (len(segment.body), segment.turns) if isinstance(segment, RepeatedSteps) else (1, 0)
                turns = own[
                    segment.first : segment.first + period * count if count else segment.first + len(segment[1])
                ]
                ways: list[Copying] = []
                for k in range(period):
                    slots, out = self.outputs[turns[k::period]], turns[k::period]
                    shared = kind == NUMBERS and (slots == slots[0]).all()
                    ways.append((SharedOperand(int(slots[0])) if shared else self._cells(kind, self.index[slots]),
                                 self._cells(OUTPUTS, out)))  # fmt: skip
                self.copying.append((len(turns) // period, tuple(ways)))

    def _cells(self, space: int, cells: Any) -> StridedOperand | TableOperand:
        """The way through these cells."""
        if _even(self.np, cells):
            return StridedOperand(space, int(cells[0]), int(cells[1] - cells[0]) if len(cells) > 1 else 0)
        self.tables.append(cells.astype(self.np.int32))
        self.tabled += len(cells)
        return TableOperand(space, self.tabled - len(cells))

    def _rolled(self, m: int, loop: RepeatedSteps, ways: Any) -> Rolled:
        np, period = self.np, len(loop.body)
        patches: dict[int, int] = {}
        reads = []
        own = np.zeros(len(self.read), bool)
        own[self.code.first + loop.first : self.code.first + loop.first + period * loop.turns] = True
        parallel = True
        for step in ways:
            found: list[Read] = []
            for way in step:
                if isinstance(way, (StepOperand, CarriedOperand, SharedOperand)):
                    found.append(way)
                    continue
                parallel = parallel and not own[way].any()
                found.append(self._walk(way, patches, own))
            reads.append(tuple(found))
        stores = [self.stored.get((m, k)) for k in range(period)]
        return Rolled(
            loop,
            tuple(reads),
            tuple(None if s is None else StridedOperand(*s) for s in stores),
            tuple(patches.items()),
            parallel,
        )

    def _walk(self, slots: Any, patches: dict[int, int], own: Any) -> StridedOperand | TableOperand:
        """How to step through the cells of these slots. If a few values are elsewhere, they are first copied beside the
        others."""
        np = self.np
        space, cells = int(self.space[slots[0]]), self.index[slots]
        if space == FRAME:
            middle = len(cells) // 2
            step = int(cells[middle] - cells[middle - 1])
            expected = cells[middle] + step * (np.arange(len(cells)) - middle)
            wrong = np.flatnonzero(cells != expected)
            wish = dict(zip(expected[wrong].tolist(), slots[wrong].tolist()))
            if 0 < len(wrong) <= SLACK and not own[slots[wrong]].any() and all(self._spare(*w) for w in wish.items()):
                self.taken.update(wish)
                patches.update(wish)
                return StridedOperand(space, int(expected[0]), step)
        return self._cells(space, cells)

    def _spare(self, cell: int, slot: int) -> bool:
        """Whether a cell of the frame is free, or has the value of this slot already."""
        if not 0 <= cell < self.size:
            return False
        if self._used is None:
            np = self.np
            self._used = np.zeros(self.size, bool)
            self._used[self.index[self.space == FRAME]] = True
        return not self._used[cell] and self.taken.get(cell, slot) == slot

    _used: Any = None


def _even(np: Any, cells: Any) -> bool:
    return len(cells) < 2 or bool((np.diff(cells) == cells[1] - cells[0]).all())


def starts_of(code: Code, loop: Any, way: Any) -> list[int]:
    """The slots of the values that an argument has before its loop gives any."""
    if isinstance(way, SharedOperand):
        return [way.slot]
    if isinstance(way, CarriedOperand):
        own = code.first + loop.first + way.k
        return [own - len(loop.body) * back for back in range(1, way.back + 1)]
    return []
