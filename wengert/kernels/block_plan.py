"""The plan of a list over chunks of arrays: its registers, and the Python code that runs one chunk.

A value stays in its register until its last reader has run, and an output is computed in the caller's array. Whether
any derivative needs a nan mask is tested once for each chunk.

The source holds only identifiers of our own (V for inputs, O for outputs, R for registers and numbers as arrays, F for
numbers, f0, f1, … for functions) and whole numbers: no text of a user's reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import numpy as np

from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.code import Code
from ..ops.arrays import forms
from ..ops.arrays.elementwise import over_arrays
from .block_forms import NAMES, by_element, template
from .block_steps import ArrayStep, Steps

# The registers, and the pieces of inputs and outputs, of one chunk should fit in the last-level cache.
CACHE = 1 << 23  # bytes
LARGEST, SMALLEST = 1 << 15, 1024  # elements of a chunk
DEAREST = 1024  # elements of a chunk if a function is called for each of them
MEMORY = 1 << 25  # bytes that the registers of all threads may take
# Steps of one Python function, so that compiling takes time in proportion to the length.
PIECE = 500

Piece = Callable[[Sequence[Any], Sequence[Any], list[Any], list[Any]], None]
# The lines of steps that change an argument in the output's place.
IN_PLACE = {
    "mask": "if {1} is not None: copyto({o}, nan, where={1})",
    "mend": "if {1}: copyto({o}, exact_sigmoid({2}))",
    "mirror": "if {1}: copyto({o}, exact_sigmoid(negative({2})))",
    "move": "",
}
# The lines of steps that test a whole chunk.
TESTS = {"test": "{o} = nan_places({0})", "large": "{o} = is_large({0})"}


class ChunkPlan(NamedTuple):
    """How a list runs on chunks.

    once       slots of numbers, each with its function and the slots of its arguments, in order
    constants  slots of numbers that are known, with their values
    numbers    slots of the other numbers that arrays are computed with
    inputs     the inputs that are arrays and are read
    copies     outputs, each with where it is copied from: "V" or "O" and a position, or "R" and a slot
    registers  slots of registers with the register of each, and how many there are
    flags      likewise for truth values
    pieces     functions that run one chunk, one after the other
    size       elements of a chunk
    slots      how many slots there are
    alone      whether it shall run in one thread, as a function of a row is called for each element
    """

    once: tuple[tuple[int, Callable[..., Any], tuple[int, ...]], ...]
    constants: tuple[tuple[int, float], ...]
    numbers: tuple[int, ...]
    inputs: tuple[int, ...]
    copies: tuple[tuple[int, str, int], ...]
    registers: tuple[tuple[tuple[int, int], ...], int]
    flags: tuple[tuple[tuple[int, int], ...], int]
    pieces: tuple[Piece, ...]
    size: int
    slots: int
    alone: bool


def planned(code: Code, numbers: Sequence[bool], dtype: np.dtype[Any]) -> ChunkPlan:
    """The plan for arrays of `dtype`; `numbers` says for each input whether it is a number."""
    return _Planner(code, Steps(code, numbers, dtype), dtype).plan()


class _Planner:
    def __init__(self, code: Code, made: Steps, dtype: np.dtype[Any]) -> None:
        self.code, self.made, self.steps, self.dtype = code, made, made.steps, dtype
        self.home: dict[int, int] = {}  # for a slot, the slot whose place it shares
        self.place: dict[int, int] = {}  # for a slot, its register
        self.free: dict[bool, list[int]] = {False: [], True: []}
        self.count = {False: 0, True: 0}
        self.lines: list[str] = []
        self.names: dict[Any, str] = {}
        self._merge()
        for k, step in enumerate(checking_clock(self.steps)):
            self._write(k, step)

    # Where values stand

    def _merge(self) -> None:
        """Let a mask or a copy share the place of its argument if nothing reads that later, and give an output its
        array."""
        last: dict[int, float] = {}
        for k, step in enumerate(self.steps):
            last.update(dict.fromkeys(step.args, k))
        last.update(dict.fromkeys(self.made.outputs, inf))
        made = {step.out for step in self.steps}
        for k, step in enumerate(self.steps):
            a = step.args[0]
            if step.kind in IN_PLACE and a in made and last[a] == k:
                self.home[step.out] = root = self.home.get(a, a)
                last[root] = max(last[root], last[step.out])
        self.last = last
        self.direct: dict[int, int] = {}
        self.copies: list[tuple[int, int]] = []
        for k, a in enumerate(map(self._at, self.made.outputs)):
            if a in made and a not in self.direct:
                self.direct[a] = k
            else:
                self.copies.append((k, a))

    def _at(self, slot: int) -> int:
        return self.home.get(slot, slot)

    def _take(self, slot: int) -> None:
        """Give a slot a register, unless it has a place."""
        if slot in self.place or slot in self.direct:
            return
        kind = slot in self.made.truth
        if self.free[kind]:
            self.place[slot] = self.free[kind].pop()
        else:
            self.place[slot] = self.count[kind]
            self.count[kind] += 1

    def _release(self, slots: Sequence[int]) -> None:
        for a in slots:
            self.free[a in self.made.truth].append(self.place[a])

    def _text(self, slot: int) -> str:
        if slot in self.direct:
            return f"O[{self.direct[slot]}]"
        if slot < len(self.code.inputs) and slot not in self.made.number:
            return f"V[{slot}]"
        return f"R[{slot}]"

    # The lines

    def _write(self, k: int, step: ArrayStep) -> None:
        args, out = [self._at(a) for a in step.args], self._at(step.out)
        done = [a for a in dict.fromkeys(args) if self.last[a] == k and a in self.place and a != out]
        function, lines, fresh = self._lines(step, args, out)
        if not fresh:
            self._release(done)
        if step.kind not in TESTS:
            self._take(out)
        if fresh:
            self._release(done)
        name = "" if function is None else self.names.setdefault(function, f"f{len(self.names)}")
        places = [self._text(a) for a in args]
        self.lines += [line.format(*places, o=self._text(out), f=name) for line in lines]

    def _lines(self, step: ArrayStep, args: Sequence[int], out: int) -> tuple[Any, Sequence[str], bool]:
        """The lines of a step, the function that they call, and whether the output must be none of the arguments."""
        form = step.form
        if step.kind == "cast":
            return None, ("copyto({o}, {0})",), False
        if step.kind in TESTS:
            return None, (TESTS[step.kind],), False
        if step.kind in IN_PLACE:
            move = "copyto({o}, {0})" if out != args[0] else ""
            return None, [line for line in (move, IN_PLACE[step.kind]) if line], True
        if form is forms.where:
            return None, (self._choice(args[0]),), False
        number = self.made.number
        if form is forms.gate and args[0] not in number and args[1] not in number:
            return None, *_gate(args[0] in self.made.truth)
        found = template(form, [self.made.known.get(a) for a in args], self.dtype)
        if found is not None:
            return found[0], found[1].lines, found[1].fresh
        given = ", ".join(f"F[{a}]" if a in number else f"{{{i}}}" for i, a in enumerate(args))
        assert step.row is not None
        return over_arrays(step.row), (f"copyto({{o}}, {{f}}({given}))",), False

    def _choice(self, c: int) -> str:
        if c in self.made.number:
            return f"copyto({{o}}, {{1}} if F[{c}] != 0.0 else {{2}})"
        condition = "{0}" if c in self.made.truth else "not_equal({0}, zero)"
        return f"copyto({{o}}, where({condition}, {{1}}, {{2}}))"

    # The plan

    def plan(self) -> ChunkPlan:
        made, inputs, width = self.made, len(self.code.inputs), self.dtype.itemsize
        read = {a for step in self.steps for a in map(self._at, step.args)}
        given = tuple(k for k in range(inputs) if k in read and k not in made.number)
        read.update(a for _, a in self.copies)
        numbers = sorted(a for a in read if a in made.number)
        places = {kind: tuple((a, r) for a, r in self.place.items() if (a in made.truth) is kind)
                  for kind in (False, True)}  # fmt: skip
        alone = any(step.row is not None and by_element(step.row) for step in self.steps)
        row = (self.count[False] + len(given) + len(self.direct)) * width + self.count[True]
        size = max(SMALLEST, min(LARGEST, CACHE // max(row, 1)))
        size = max(1, min(size, MEMORY // max(self.count[False] * width, 1), DEAREST if alone else LARGEST))
        return ChunkPlan(
            tuple(made.once), tuple((a, made.known[a]) for a in numbers if a in made.known),
            tuple(a for a in numbers if a not in made.known), given,
            tuple((k, self._text(a)[0], self.direct.get(a, a)) for k, a in self.copies),
            (places[False], self.count[False]), (places[True], self.count[True]),
            tuple(self._compiled(self.lines[k : k + PIECE]) for k in range(0, len(self.lines), PIECE)),
            size, made.slots, alone,
        )  # fmt: skip

    def _compiled(self, lines: Sequence[str]) -> Piece:
        space = {**NAMES, **{name: function for function, name in self.names.items()}}
        space.update({n: np.array(v, self.dtype) for n, v in (("zero", 0.0), ("one", 1.0), ("ten", 10.0))})
        space["whole"] = np.dtype(f"i{self.dtype.itemsize}")
        source = "def chunk(V, O, R, F):\n " + "\n ".join(lines)
        exec(compile(source, "<wengert kernel>", "exec"), space)
        chunk: Piece = space["chunk"]
        return chunk


def _gate(truth: bool) -> tuple[Sequence[str], bool]:
    """A value where a condition holds, else 0: its bits times the condition, in half the time of a choice."""
    if truth:
        return ("multiply({1}.view(whole), {0}, {o}.view(whole))",), False
    lines = ("multiply({0}, {1}, {o})", "multiply({o}.view(whole), not_equal({0}, zero), {o}.view(whole))")
    return lines, True
