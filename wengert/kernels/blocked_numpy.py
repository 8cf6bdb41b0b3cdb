"""The batch kernel that needs only NumPy: chunks that fit in cache, registers, and no temporary arrays."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import Context
from itertools import count
from typing import Any

import numpy as np

from ..ground.limits import check_clock, clock_runs
from ..lists.code import Code
from .block_plan import MEMORY, ChunkPlan, planned
from .kernel import BatchRun
from .workers import Stop, cores, together

# Below these numbers of points, and of points times steps, handing work to other threads and waiting for Python's lock
# would take longer than the work.
MANY, WORTH = 1 << 19, 1 << 23
# How many sets of registers are kept between calls, and the most bytes of one.
KEPT, LIGHT = 4, 1 << 22


class BlockedNumpy:
    """Runs a list chunk by chunk. Both sweeps take one pass, as the list contains both."""

    name = "numpy"

    def __init__(self, dtype: str = "float64") -> None:
        self.dtype = dtype

    def prepare_batch(self, code: Code) -> BatchRun:
        """The callable over batches of arrays of the kernel's type. The list must hold no op whose value is text."""
        return _Batch(code, np.dtype(self.dtype)).run


class _Batch:
    def __init__(self, code: Code, dtype: np.dtype[Any]) -> None:
        self.code, self.dtype = code, dtype
        self.ready: dict[tuple[type, ...], _Chunks] = {}

    def run(self, values: Sequence[Any], outs: Sequence[Any]) -> None:
        if not outs or not outs[0].size:
            return
        key = tuple(map(type, values))
        chunks = self.ready.get(key)
        if chunks is None:
            plan = planned(self.code, [kind is float for kind in key], self.dtype)
            chunks = self.ready[key] = _Chunks(self.code, plan, self.dtype)
        chunks.run(values, outs)


class _Registers:
    """Arrays by slot, for chunks of one size. One thread at a time uses them."""

    __slots__ = ("R", "quiet", "size")

    def __init__(self, plan: ChunkPlan, size: int, dtype: np.dtype[Any]) -> None:
        self.size = size
        self.R: list[Any] = [None] * plan.slots
        for (places, many), kind in ((plan.registers, dtype), (plan.flags, np.dtype(bool))):
            rows = np.empty((many, size), kind)
            for slot, row in places:
                self.R[slot] = rows[row]
        with np.errstate(all="ignore"):
            for slot, value in plan.constants:
                self.R[slot] = np.array(value, dtype)
        # A context in which NumPy gives no warnings. Running in it takes a tenth of the time of `errstate`.
        self.quiet = Context()
        self.quiet.run(np.seterr, all="ignore")


class _Chunks:
    """A plan with its registers."""

    def __init__(self, code: Code, plan: ChunkPlan, dtype: np.dtype[Any]) -> None:
        self.code, self.plan, self.dtype = code, plan, dtype
        self.stride = (dtype.itemsize,)
        # The only function of a short list, which runs without checking the clock.
        self.brief = plan.pieces[0] if len(plan.pieces) == 1 and not plan.alone else None
        self.kept: list[_Registers] = []
        self.light = LIGHT // max(plan.registers[1] * dtype.itemsize, 1)
        self.fixed: list[Any] = [None] * plan.slots
        for slot, value in (*enumerate(code.numbers, len(code.inputs)), *plan.constants):
            self.fixed[slot] = value

    def run(self, values: Sequence[Any], outs: Sequence[Any]) -> None:
        plan, n = self.plan, outs[0].size
        numbers = self._once(values) if plan.once or plan.numbers else self.fixed
        size = plan.size
        if n <= size and self.brief is not None:
            if clock_runs() is not None:
                check_clock()
            stride = self.stride
            for v in values:
                if type(v) is not float and v.strides != stride:
                    values = self._close(values)
                    break
            registers = self._registers(n, numbers)
            registers.quiet.run(self.brief, values, outs, registers.R, numbers)
            for k, kind, place in plan.copies:
                outs[k][...] = (values if kind == "V" else outs if kind == "O" else registers.R)[place]
            self._keep(registers)
            return
        chunks = -(-n // size)
        # All chunks have one length; the last may begin before the end of the previous one.
        size = -(-n // chunks)
        places = count()

        def work(stop: Stop) -> None:
            with np.errstate(all="ignore"):
                registers = self._registers(size, numbers)
                while (k := next(places)) < chunks and not stop.asked:
                    first = min(k * size, n - size)
                    piece = slice(first, first + size)
                    given = [v if type(v) is float else v[piece] for v in values]
                    self._chunk(given, [out[piece] for out in outs], registers.R, numbers)
                self._keep(registers)

        together(work, self._threads(n, chunks))

    def _threads(self, n: int, chunks: int) -> int:
        if self.plan.alone or n < MANY or n * len(self.code.steps) < WORTH:
            return 1
        bytes = self.plan.registers[1] * self.plan.size * self.dtype.itemsize
        return min(cores(), chunks, max(1, MEMORY // max(bytes, 1)))

    def _once(self, values: Sequence[Any]) -> list[Any]:
        """The numbers of a call, by slot."""
        numbers = [*values, *self.fixed[len(values) :]]
        for slot, function, args in self.plan.once:
            numbers[slot] = function(*[numbers[a] for a in args])
        return numbers

    def _chunk(self, values: Sequence[Any], outs: Sequence[Any], R: list[Any], numbers: list[Any]) -> None:
        plan, values = self.plan, self._close(values)
        for piece in plan.pieces:
            check_clock()
            piece(values, outs, R, numbers)
        for k, kind, place in plan.copies:
            outs[k][...] = (values if kind == "V" else outs if kind == "O" else R)[place]

    def _close(self, values: Sequence[Any]) -> Sequence[Any]:
        """The values, copied if they are strided: NumPy is slower on strided arrays, and rounds differently."""
        stride = self.stride
        for i in self.plan.inputs:
            v = values[i]
            if v.strides != stride:
                values = [v.copy() if k == i else v for k, v in enumerate(values)]
        return values

    def _registers(self, size: int, numbers: Sequence[Any]) -> _Registers:
        """Registers of this size: those of an earlier call if they fit."""
        try:
            found = self.kept.pop()
        except IndexError:
            found = None
        if found is None or found.size != size:
            found = _Registers(self.plan, size, self.dtype)
        for slot in self.plan.numbers:
            found.R[slot] = np.array(numbers[slot], self.dtype)
        return found

    def _keep(self, registers: _Registers) -> None:
        if registers.size <= self.light and len(self.kept) < KEPT:
            self.kept.append(registers)
