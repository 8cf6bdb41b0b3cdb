"""The bytecode kernel: a list as a program in arrays of whole numbers, run by loops in machine code.

Making it compiles nothing but the ops that this process has not met yet. The forward sweep stores values and partial
derivatives, the reverse sweep multiplies and adds (see `tape_loops`). So no list of derivatives is written.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from struct import unpack
from typing import Any

from ...ground.limits import check_clock
from ...lists.flat_code import FlatCode
from ...sweeps.rules import Rules
from ..kernel import LONG, Answer, HandsOver
from .atoms import LARGE, read_floats
from .buffers import View, cut, place, zeros
from .engine import Loaded, compiled
from .handlers import ENTER, STOP, Handler, KindRules, handlers, rules_of
from .routine import machined
from .tape_loops import (
    ACTIVE,
    CHOICES,
    CODE,
    COLUMNS,
    COMPUTED,
    CONSTANT,
    LINKS,
    NEEDED,
    NONE,
    PARTIALS,
    RANKS,
    REACHED,
    STRETCHES,
    VALUES,
    gather,
    make,
    reverse,
    reverse_choosing,
    tied,
)  # fmt: skip

# Equations, or edges, between two checks of the clock: they take from 0.1 to some 10 milliseconds.
PACE = 1 << 14
# A tape with more edges or slots has no room for the flags.
MOST = 1 << 28
# At most this many frames wait for the next call.
FRAMES = 4


@cache
def _entry() -> tuple[Callable[..., Any], int, Loaded]:
    """The function that runs a program from a place in it, and the address of the handler at which it stops."""
    loaded = compiled(STOP + ENTER)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5)(loaded.address("forward")), loaded.address("stop"), loaded


class Tape:
    """A list made ready for both sweeps.

    names   the slots of the names to differentiate by
    pairs   slots whose values are compared in conditions: where two are equal, the tape has no answer
    """

    __slots__ = ("_adjoints", "_choosing", "_code", "_edges", "_frame", "_handlers", "_inputs", "_links",
                 "_names", "_outputs", "_pairs", "_pool", "_seeds", "_stretches", "_table")  # fmt: skip

    def __init__(
        self, code: FlatCode, rules: Rules | None = None, names: Sequence[int] = (),
        pairs: Sequence[tuple[int, int]] = (),
    ) -> None:  # fmt: skip
        made = _Made(code, rules, names, [s for pair in pairs for s in pair])
        self._inputs = code.inputs
        self._code, self._stretches = made.code, made.stretches()
        self._edges, self._links = made.edges, made.counts[LINKS]
        self._choosing, self._adjoints = bool(made.counts[CHOICES]), made.counts[RANKS]
        self._handlers = made.found
        self._table = array("q", made.addresses)
        moved, rank = made.moved, made.rank
        self._outputs = array("i", [moved[s] for s in code.outputs])
        self._pairs = array("i", [moved[s] for pair in pairs for s in pair])
        self._seeds = [rank[s] for s in code.outputs if made.mark[s] & REACHED] if names else []
        self._names = array("i", [rank[s] if made.mark[s] & REACHED else -1 for s in names])
        size = code.inputs + len(made.numbers) + made.counts[VALUES] + made.counts[PARTIALS]
        self._frame = size, array("d", made.numbers)
        self._pool: list[tuple[array[float], array[float], array[int]]] = []

    def _frames(self) -> tuple[array[float], array[float], array[int]]:
        """For one call, a frame of values, the adjoints, and the marks of adjoints that exist."""
        try:
            return self._pool.pop()
        except IndexError:
            size, numbers = self._frame
            frame = zeros("d", size)
            frame[self._inputs : self._inputs + len(numbers)] = numbers
            return frame, zeros("d", self._adjoints), zeros("b", self._adjoints if self._choosing else 0)

    def run(self, *values: Any) -> Answer | None:
        """The values of the outputs, then the derivatives. None for an argument that is no float, and at a tie."""
        if len(values) != self._inputs:
            return None
        check_clock()
        frames = self._frames()
        try:
            found: Answer | None = self._swept(*frames) if read_floats(values, frames[0]) else None
            return found
        finally:
            if len(self._pool) < FRAMES:
                self._pool.append(frames)

    def _swept(self, frame: View, adjoint: View, has: View) -> Any:
        at, forward = place(frame), _entry()[0]
        code, table = place(self._code), place(self._table)
        for here, value, saved in self._stretches:
            check_clock()
            forward(code + 4 * here, at, at + 8 * value, at + 8 * saved, table)
        if self._pairs and machined(tied)(len(self._pairs) // 2, place(self._pairs), at):
            return None
        found = [frame[k] for k in self._outputs]
        if self._names:
            self._back(frame, adjoint, has)
            answers = zeros("d", len(self._names))
            machined(gather)(len(self._names), place(self._names), place(adjoint), place(answers))
            return found[0], unpack(f"{len(answers)}d", answers)
        return found[0], tuple(found[1:])

    def _back(self, frame: array[float], adjoint: array[float], has: array[int]) -> None:
        edges, values, adjoints, out = place(self._edges), place(frame), place(adjoint), -1
        back = machined(reverse_choosing if self._choosing else reverse)
        if self._choosing:
            ctypes.memset(adjoints, 0, 8 * len(adjoint))
            ctypes.memset(place(has), 0, len(has))
        there = [place(has)] if self._choosing else []
        for seed in self._seeds:
            adjoint[seed] = 1.0
            if self._choosing:
                has[seed] = 1
        for first in range(0, self._links, PACE):
            check_clock()
            n = min(PACE, self._links - first)
            out = back(n, out, edges + 8 * first, values, adjoints, *there)


class _Made:
    """The arrays of a tape, as the loop `make` fills them."""

    def __init__(
        self, code: FlatCode, rules: Rules | None, names: Sequence[int], needed: Sequence[int]
    ) -> None:  # fmt: skip
        steps, total = len(code.steps), code.inputs + len(code.steps) + len(code.numbers)
        if total + len(code.slots) > MOST:
            raise HandsOver(LONG)
        kinds = [rules_of(kind, rules if names else None, code.ops) for kind in code.kinds]
        self.numbers = [*code.numbers]
        table, how, self._ids = self._tables(code, kinds)
        self.mark = zeros("b", total)
        for marks, mark in ((names, ACTIVE), (code.outputs, NEEDED), (needed, NEEDED)):
            for s in marks:
                self.mark[s] |= mark
        # A reverse sweep starts at the outputs that are names, if they move at all.
        seeds = array("i", [s for s in code.outputs if names and s < code.inputs + steps])
        for s in seeds:
            self.mark[s] |= REACHED
        self.moved = zeros("i", code.inputs + steps + len(self.numbers))
        self.rank = zeros("i", total)
        mask, saved = zeros("i", steps), zeros("i", steps)
        stretches = steps // PACE + 2
        self.code = zeros("i", steps + len(code.slots) + stretches)
        self.edges = zeros("i", 2 * len(code.slots) if names else 0)
        used, self._stretch = zeros("b", len(self._ids)), zeros("q", 3 * stretches)
        self.counts = zeros("q", 8)
        check_clock()
        machined(make, 0 if steps < LARGE else 2)(
            steps, code.inputs, len(self.numbers), PACE, len(seeds),
            *map(place, (code.steps, code.slots, table, how, self.mark, seeds, self.moved, mask, saved, self.rank,
                          self.code, self.edges, used, self._stretch, self.counts)),
        )  # fmt: skip
        self.code, self.edges = cut(self.code, self.counts[CODE]), cut(self.edges, 2 * self.counts[LINKS])
        wanted = [k for k, use in enumerate(used) if use]
        found = handlers([(kinds[self._ids[k][0]], self._ids[k][1]) for k in wanted], rules.kink if rules else "",
                         code.ops)  # fmt: skip
        self.found: list[Handler] = found
        self.addresses = [_entry()[1]] * len(self._ids)
        for k, handler in zip(wanted, found):
            self.addresses[k] = handler.address

    def stretches(self) -> list[tuple[int, int, int]]:
        """Where the stretches of the program begin: in the code, among the values, among the partial derivatives."""
        s = self._stretch
        return [(s[3 * k], s[3 * k + 1], s[3 * k + 2]) for k in range(self.counts[STRETCHES])]

    def _tables(self, code: FlatCode, kinds: Sequence[KindRules]) -> tuple[array[int], array[int], Any]:
        """The facts about kinds as `make` reads them, and for each handler its kind and mask."""
        table, how = array("i"), array("i")
        ids: list[tuple[int, int]] = [(0, 0)]
        places: dict[str, int] = {}
        for k, of in enumerate(kinds):
            row, n, _ = of.kind
            computed = of.how.count(COMPUTED)
            chooses = row.selects and any(h != NONE for h in of.how)
            table.extend([n, len(ids), of.whole, chooses, computed, len(how) // 2])
            ids += [(k, mask) for mask in range(2 if of.whole else 1 << n if computed else 1)]
            for i, (h, which) in enumerate(zip(of.how, of.which)):
                partial = of.plan[i]
                if h == CONSTANT and partial is not None and partial.constant is not None:
                    bits = partial.constant.hex()
                    if bits not in places:
                        places[bits] = code.inputs + len(self.numbers)
                        self.numbers.append(partial.constant)
                    which = places[bits]
                how.extend([h, which])
        assert len(table) == COLUMNS * len(kinds)
        return table, how, ids
