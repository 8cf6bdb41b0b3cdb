"""The kernel of batches in machine code: a loop over vectors, chunk by chunk, with threads where they pay."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from struct import Struct
from typing import Any

from ...ground.errors import UsageError, error
from ...ground.limits import check_clock, clock_runs
from ...lists.code import Code
from ..kernel import BatchRun
from ..workers import Stop, cores, together
from . import engine, vector_math
from .batch_shell import Shell, array_places
from .lane_loop import ALIGNED, NAME, cost, loop
from .writer import Untranslated

# Nanoseconds of work in a chunk, between two checks of the clock; and the most points of one.
CHUNK, MOST = 2_000_000, 1 << 17
# Nanoseconds of work from which on a second thread pays: it takes some 50 microseconds to start.
WORTH = 500_000
# Loops for the sets of inputs that are numbers; a call with yet another set fills arrays with its numbers.
LOOPS = 4
# Points whose inputs are copied at a time where they do not lie one after the other in memory.
PACKED = 1 << 12
# Bytes of inputs and outputs, in sizes of the last cache, from which stores that pass by it pay.
STREAMED = 1.0
# LLVM's level of optimisation: the next one takes twice as long and finds nothing more.
LEVEL = 1
# The most steps of a list: longer ones take too long to compile.
STEPS = 4000

_KIND: Any = ctypes.CFUNCTYPE(None, ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.c_char_p)


def loading() -> float:
    """Seconds that it takes to load llvmlite, if it is not."""
    return 0.0 if "llvmlite.binding" in sys.modules else 0.05


class NativeLanes:
    """Compiles a list to a loop whose turn computes as many points as a vector has lanes."""

    name = "native"

    def prepare_batch(self, code: Code) -> BatchRun:
        """The callable over batches. Raises UsageError for a list that is too long, or that holds an op without machine
        code."""
        if len(code.steps) > STEPS:
            raise error(UsageError, "W650", f"the list is too long for native batches: more than {STEPS} steps")
        return LaneBatch(code)


class LaneBatch:
    """A code over batches; see `BatchRun`."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.ready: dict[tuple[bool, ...], _LaneLoop] = {}
        self.shells: list[Shell] = []
        self.alone: Shell | None = None
        # Whether there is machine code shows when a loop is made; that for arrays alone is used most.
        self._loop((False,) * len(code.inputs))

    def plainly(self, *arrays: Any) -> bool:
        """Run the values and then the outputs, and say whether that was done: it is where all are arrays of one axis
        and one length, dense, of float64, and no input shares memory with another array."""
        if clock_runs() is not None:
            check_clock()
        return self.alone is not None and self.alone.call(*arrays)

    def __call__(self, values: Sequence[Any], outs: Sequence[Any]) -> None:
        if clock_runs() is not None:
            check_clock()
        for shell in self.shells:
            if shell.call(*values, *outs):
                return
        if not outs or not outs[0].size:
            return
        key = tuple([type(v) is float for v in values])
        found = self.ready.get(key)
        if found is None:
            if len(self.ready) < LOOPS:
                found = self._loop(key)
            else:
                import numpy as np

                found = self.ready[(False,) * len(key)]
                n = outs[0].size
                values = [np.broadcast_to(np.float64(v), (n,)) if type(v) is float else v for v in values]
        found.run(values, outs)

    def _loop(self, key: tuple[bool, ...]) -> _LaneLoop:
        found = self.ready[key] = _LaneLoop(self.code, key)
        if array_places() is not None and self.code.outputs:
            address = found.loaded.address(NAME)
            count = len(self.code.outputs)
            self.shells.append(Shell(address, key, count, found.width, found.size))
            if not any(key):
                self.alone = Shell(address, key, count, found.width, found.size, apart=True)
        return found


class _LaneLoop:
    """The machine code for a code some of whose inputs are numbers."""

    def __init__(self, code: Code, key: tuple[bool, ...]) -> None:
        self.width = vector_math.lanes().width
        try:
            ir, self.nanoseconds = loop(code, key, self.width, data_offset()), cost(code, self.width)
            self.streaming: Callable[[], str] = lambda: loop(code, key, self.width, data_offset(), True)
        except Untranslated as problem:
            raise error(UsageError, "W650", f"the op `{problem}` has no machine code") from None
        self.stream: engine.Loaded | None = None
        try:
            self.loaded = engine.compiled(ir, LEVEL)
        except (RuntimeError, OSError) as problem:  # llvmlite's
            raise error(UsageError, "W650", f"llvmlite does not work here: {problem}") from None
        self.call: Callable[..., None] = _KIND(self.loaded.address(NAME))
        self.pack = Struct("=" + "".join("d" if number else "q" for number in key) + "q" * len(code.outputs)).pack
        self.numbers, self.any = key, any(key)
        self.size = max(self.width, min(MOST, int(CHUNK / self.nanoseconds)))

    def run(self, values: Sequence[Any], outs: Sequence[Any]) -> None:
        n = outs[0].size
        if n < self.width:
            self._short(values, outs, n)
            return
        apart = any(type(v) is not float and v.strides != _NEXT for v in values)
        if n <= self.size and not apart:
            self.call(0, n, self._table(values, outs))
            return
        if not apart and self._run_past_caches(values, outs, n):
            return
        size = min(self.size, PACKED) if apart else self.size
        chunks = -(-n // size)
        places = count()

        def work(stop: Stop) -> None:
            packed = _Packed(values, size) if apart else None
            table = b"" if apart else self._table(values, outs)
            while (k := next(places)) < chunks and not stop.asked:
                check_clock()
                # A chunk is at least as long as a vector: the last may begin before the end of the one before it.
                first, last = min(k * size, n - self.width), min(k * size + size, n)
                if packed is None:
                    self.call(first, last, table)
                else:
                    given, results = packed.values(first, last), [v[first:last] for v in outs]
                    self.call(0, last - first, self._table(given, results))

        together(work, self._threads(n, chunks))

    def _run_past_caches(self, values: Sequence[Any], outs: Sequence[Any], n: int) -> bool:
        """Run a batch that no cache holds, with stores that pass by the caches: no memory is read to be replaced.
        Returns False where that does not pay, or where the outputs lie differently."""
        arrays = len(outs) + sum(type(v) is not float for v in values)
        if 8 * n * arrays < STREAMED * last_cache():
            return False
        lies = {out.ctypes.data % ALIGNED for out in outs}
        shift = -min(lies) % ALIGNED
        if len(lies) > 1 or shift % 8:
            return False
        if self.stream is None:
            self.stream = engine.compiled(self.streaming(), LEVEL)
            self.call_streaming: Callable[..., None] = _KIND(self.stream.address(NAME))
        table, width, size = self._table(values, outs), self.width, self.size // ALIGNED * ALIGNED
        begin = shift // 8
        end = begin + (n - begin) // width * width
        self.call(0, width, table)
        self.call(n - width, n, table)
        places = count(begin, size)

        def work(stop: Stop) -> None:
            while (first := next(places)) < end and not stop.asked:
                check_clock()
                self.call_streaming(first, min(first + size, end), table)

        together(work, self._threads(n, -(-n // size)))
        return True

    def _threads(self, n: int, chunks: int) -> int:
        return 1 if n * self.nanoseconds < WORTH else min(cores(), chunks)

    def _table(self, values: Sequence[Any], outs: Sequence[Any]) -> bytes:
        """The table that the loop reads: numbers, and the addresses of arrays as objects, which hold those of their
        data."""
        if data_offset() < 0:
            cells = [None if type(v) is float else _cell(v) for v in (*values, *outs)]
            table: bytes = _Held(self.pack(*[v if c is None else c[0] for v, c in zip((*values, *outs), cells)]))
            table.cells = cells  # type: ignore[attr-defined]
            return table
        if self.any:
            return self.pack(*[v if type(v) is float else id(v) for v in values], *map(id, outs))
        return self.pack(*map(id, values), *map(id, outs))

    def _short(self, values: Sequence[Any], outs: Sequence[Any], n: int) -> None:
        """Fewer points than lanes: the last point again in the lanes that are left."""
        import numpy as np

        place = np.minimum(np.arange(self.width), n - 1)
        full = [v if type(v) is float else v[place] for v in values]
        results = [np.empty(self.width) for _ in outs]
        self.call(0, self.width, self._table(full, results))
        for out, result in zip(outs, results):
            out[...] = result[:n]


class _Packed:
    """Copies of the pieces of inputs that are not contiguous in memory."""

    def __init__(self, values: Sequence[Any], size: int) -> None:
        import numpy as np

        self.given = values
        self.held = [None if type(v) is float or v.strides == _NEXT else np.empty(size) for v in values]

    def values(self, first: int, last: int) -> list[Any]:
        found: list[Any] = []
        for v, held in zip(self.given, self.held):
            if held is None:
                found.append(v if type(v) is float else v[first:last])
            else:
                piece = held[: last - first]
                piece[...] = v[first:last]
                found.append(piece)
        return found


# The strides of an array whose floats lie one after the other.
_NEXT = (8,)


class _Held(bytes):
    """A table, and the cells whose addresses it holds."""

    cells: Any


def _cell(array: Any) -> tuple[int, Any]:
    """The address of a place in memory that holds the address of an array's data, and an object that keeps it."""
    cell = ctypes.c_void_p(array.ctypes.data)
    return ctypes.addressof(cell), cell


@cache
def data_offset() -> int:
    """Where in an array as an object of CPython the address of its data lies; -1 if not at the usual place."""
    found = array_places()
    return -1 if found is None else found.data


@cache
def last_cache() -> int:
    """The size of the last-level cache in bytes; 32 MB if the system does not report it."""
    sizes = [0]
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        if text[:-1].isdecimal():
            sizes.append(int(text[:-1]) * {"K": 1 << 10, "M": 1 << 20}.get(text[-1], 1))
    return max(sizes) or 1 << 25
