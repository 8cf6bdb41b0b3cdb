"""The native kernel of lists that repeat: each loop of the list is a loop of the machine.

So the time to compile depends on the steps that the segments write down, and not on the turns. Loops whose turns do not
read each other's values from memory are marked, and LLVM computes several turns at once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from ...ground.limits import check_clock
from ...lists.code import Code
from ...lists.repetition import Segment, StraightSteps, segmented, worthwhile
from ..kernel import Answer, Run
from .engine import Loaded, compiled, missing
from .frames import Frame
from .ways import (
    FRAME,
    INPUTS,
    NUMBERS,
    OUTPUTS,
    CarriedOperand,
    Rolled,
    SharedOperand,
    StepOperand,
    StridedOperand,
    TableOperand,
)
from .writer import Untranslated, Writer

# A caller's arrays may lie anywhere.
ALIGNED = {INPUTS: 1, OUTPUTS: 1}
_CELL = ctypes.c_char
POINTERS = {INPUTS: "%inputs", NUMBERS: "%numbers", FRAME: "%frame", OUTPUTS: "%outputs"}


def by_loops(code: Code) -> Run | str:
    """The callable over numbers of a code that is nearly all loops; for any other the reason why it has none."""
    found = framed(code)
    if isinstance(found, str):
        return found
    import numpy as np

    over, inputs, outputs = found, len(code.inputs), len(code.outputs)

    def run(*values: float) -> Answer | None:
        for a in values:
            if type(a) is not float:
                return None
        outs = np.empty(outputs)
        over(np.fromiter(values, float, inputs), outs)
        first, *others = outs.tolist()
        return first, tuple(others)

    return run


def framed(code: Code) -> FrameRun | str:
    """The callable over arrays of a code that is nearly all loops; for any other the reason why it has none."""
    if why := missing():
        return why
    if not all(callable(row.forward) for row in {id(row): row for row, _ in code.steps}.values()):
        return "an op of the program's own may take long, and machine code looks at no clock"
    segments = segmented(code)
    if not worthwhile(code, segments):
        return "its steps do not repeat enough"
    try:
        return prepared(code, segments)
    except Untranslated as op:
        return f"`{op}` has no machine code"


class FrameRun:
    """The outputs of a list from its inputs, both as contiguous arrays of float64.

    loaded   the machine code
    loops    the number of loops
    inputs   the number of inputs
    outputs  the number of outputs
    steps    the number of steps that a call takes
    """

    __slots__ = ("_frames", "_function", "_kept", "_numbers", "_size", "_table", "inputs", "loaded", "loops",
                 "outputs", "steps")  # fmt: skip

    def __init__(self, loaded: Loaded, code: Code, frame: Frame) -> None:
        import numpy as np

        self.loaded, self.loops = loaded, sum(r is not None for r in frame.rolled)
        self.inputs, self.outputs, self.steps = len(code.inputs), len(code.outputs), len(code.steps)
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5)
        self._function = kind(loaded.address("run"))
        self._kept = np.array(code.numbers or (0.0,)), np.ascontiguousarray(frame.table)
        self._numbers, self._table = (a.ctypes.data for a in self._kept)
        self._size = frame.size
        # Frames that no call uses now. A call takes one and gives it back, so calls of several threads have their own.
        self._frames: list[tuple[Any, int]] = []

    def __call__(self, values: Any, outs: Any) -> None:
        """Write the outputs into `outs`. The arrays do not overlap."""
        check_clock()
        try:
            frame = self._frames.pop()
        except IndexError:
            import numpy as np

            made = np.empty(self._size)
            frame = made, made.ctypes.data
        self._function(_address(values), self._numbers, self._table, frame[1], _address(outs))
        self._frames.append(frame)


def _address(a: Any) -> int:
    """The address of an array's first element."""
    try:
        return ctypes.addressof(_CELL.from_buffer(a))  # takes a third of the time of the other way
    except (TypeError, ValueError):  # it is read-only, or empty
        found: int = a.ctypes.data
        return found


def prepared(code: Code, segments: Sequence[Segment] | None = None) -> FrameRun:
    """The callable of a code. Raises Untranslated for an op that machine code has not."""
    frame = Frame(code, segmented(code) if segments is None else segments)
    return FrameRun(compiled(_Text(code, frame).text(), 2, True), code, frame)


class _Text:
    """Writes the function of a code with loops.

    registers  the registers of values by slot: of steps outside of loops, and of the last turn of a loop
    """

    def __init__(self, code: Code, frame: Frame) -> None:
        self.code, self.frame = code, frame
        self.writer = Writer(code.ops)
        self.registers: dict[int, str] = {}
        self.metadata: list[str] = []
        self.first = code.first

    def text(self) -> str:
        """The module."""
        write = self.writer.lines.append
        for segment, rolled in zip(self.frame.segments, self.frame.rolled):
            if rolled is None:
                assert isinstance(segment, StraightSteps)
                self._straight(segment)
            else:
                self._loop(rolled)
        self._copies()
        write("ret void")
        params = ("ptr noalias readonly %inputs, ptr noalias readonly %numbers, ptr noalias readonly %table, "
                  "ptr noalias %frame, ptr noalias %outputs")  # fmt: skip
        body = "\n".join(self.writer.lines)
        return f"{self.writer.definitions()}\ndefine void @run({params}) {{\n{body}\n}}\n" + "\n".join(self.metadata)

    def _straight(self, segment: StraightSteps) -> None:
        space, index = self.frame.space, self.frame.index
        slot = self.first + segment.first
        for row, slots in segment.steps:
            value = self.registers[slot] = self.writer.value(row, [self._scalar(s) for s in slots])
            if space[slot] >= 0:
                self._store(value, int(space[slot]), str(index[slot]))
            slot += 1

    def _scalar(self, slot: int) -> str:
        """A value outside of loops."""
        if (found := self.registers.get(slot)) is not None:
            return found
        if len(self.code.inputs) <= slot < self.first:
            return self.writer.literal(self.code.numbers[slot - len(self.code.inputs)])
        assert self.frame.space[slot] >= 0
        value = self._load(int(self.frame.space[slot]), str(self.frame.index[slot]))
        if slot < self.first:
            self.registers[slot] = value
        return value

    def _load(self, space: int, cell: str, more: str = "") -> str:
        at = self.writer.write(f"getelementptr inbounds double, ptr {POINTERS[space]}, i64 {cell}")
        return self.writer.write(f"load double, ptr {at}, align {ALIGNED.get(space, 8)}{more}")

    def _store(self, value: str, space: int, cell: str, more: str = "") -> None:
        at = self.writer.write(f"getelementptr inbounds double, ptr {POINTERS[space]}, i64 {cell}")
        self.writer.lines.append(f"store double {value}, ptr {at}, align {ALIGNED.get(space, 8)}{more}")

    def _loop(self, rolled: Rolled) -> None:
        loop, period = rolled.loop, len(rolled.loop.body)
        for cell, slot in rolled.patches:
            self._store(self._scalar(slot), FRAME, str(cell))
        every = [way for ways in rolled.reads for way in ways]
        fixed = {way.slot: self._scalar(way.slot) for way in every if isinstance(way, SharedOperand)}
        far: dict[int, int] = {}
        for way in every:
            if isinstance(way, CarriedOperand):
                far[way.k] = max(far.get(way.k, 0), way.back)
        start = self.first + loop.first
        before = {(k, back): self._scalar(start + k - period * back) for k, most in far.items()
                  for back in range(1, most + 1)}  # fmt: skip
        n = self._open(rolled.parallel)
        place = len(self.writer.lines)
        carried = {way: f"%carried{n}.{way[0]}.{way[1]}" for way in before}
        values: list[str] = []
        loads: dict[StridedOperand | TableOperand, str] = {}
        for (row, _), ways, store in zip(loop.body, rolled.reads, rolled.stores):
            args = []
            for way in ways:
                if isinstance(way, StepOperand):
                    args.append(values[way.k])
                elif isinstance(way, CarriedOperand):
                    args.append(carried[way])
                elif isinstance(way, SharedOperand):
                    args.append(fixed[way.slot])
                else:
                    if way not in loads:
                        loads[way] = self._load(way.space, self._cell(way, self.more), self.more)
                    args.append(loads[way])
            values.append(self.writer.value(row, args))
            if store is not None:
                self._store(values[-1], store.space, self._cell(store, self.more), self.more)
        self._close(n, loop.turns, rolled.parallel)
        phis = []
        for (k, back), name in carried.items():
            after = values[k] if back == 1 else carried[k, back - 1]
            phis.append(f"{name} = phi double [{before[k, back]}, %before{n}], [{after}, %latch{n}]")
        self.writer.lines[place:place] = phis
        last = start + period * (loop.turns - 1)
        self.registers.update({last + k: value for k, value in enumerate(values)})

    def _open(self, parallel: bool = True) -> int:
        """Begin a loop; returns its number. Where turns do not depend on each other by memory, that is noted at each
        access to memory."""
        n = len(self.metadata)
        self.turn, self.more = f"%turn{n}.now", f", !llvm.access.group !{n + 2}" if parallel else ""
        self.writer.lines += [
            f"br label %before{n}", f"before{n}:", f"br label %turn{n}", f"turn{n}:",
            f"{self.turn} = phi i64 [0, %before{n}], [{self.turn}.next, %latch{n}]",
        ]  # fmt: skip
        return n

    def _close(self, n: int, count: int, parallel: bool) -> None:
        """End the loop."""
        lines = self.writer.lines
        lines += [f"br label %latch{n}", f"latch{n}:", f"{self.turn}.next = add nuw nsw i64 {self.turn}, 1"]
        done = self.writer.write(f"icmp eq i64 {self.turn}.next, {count}")
        lines += [f"br i1 {done}, label %after{n}, label %turn{n}, !llvm.loop !{n}", f"after{n}:"]
        # Unrolled loops take a third more time to compile, and none less to run.
        calm = f'!{n + 1} = !{{!"llvm.loop.unroll.disable"}}'
        if parallel:
            self.metadata += [f"!{n} = distinct !{{!{n}, !{n + 1}, !{n + 3}}}", calm, f"!{n + 2} = distinct !{{}}",
                              f'!{n + 3} = !{{!"llvm.loop.parallel_accesses", !{n + 2}}}']  # fmt: skip
        else:
            self.metadata += [f"!{n} = distinct !{{!{n}, !{n + 1}}}", calm]

    def _cell(self, way: StridedOperand | TableOperand, more: str) -> str:
        """The index of a cell in this turn."""
        write = self.writer.write
        if isinstance(way, StridedOperand):
            if not way.stride:
                return str(way.start)
            moved = self.turn if way.stride == 1 else write(f"mul nsw i64 {self.turn}, {way.stride}")
            return write(f"add nsw i64 {moved}, {way.start}")
        entry = write(f"add nsw i64 {self.turn}, {way.start}")
        at = write(f"getelementptr inbounds i32, ptr %table, i64 {entry}")
        return write(f"sext i32 {write(f'load i32, ptr {at}, align 4{more}')} to i64")

    def _copies(self) -> None:
        """Put the outputs in place that no step does."""
        for cell, slot in self.frame.copies:
            self._store(self._scalar(slot), OUTPUTS, str(cell))
        for count, ways in self.frame.copying:
            n = self._open()
            for source, target in ways:
                if isinstance(source, SharedOperand):
                    value = self._scalar(source.slot)
                else:
                    value = self._load(source.space, self._cell(source, self.more), self.more)
                self._store(value, OUTPUTS, self._cell(target, self.more), self.more)
            self._close(n, count, True)
