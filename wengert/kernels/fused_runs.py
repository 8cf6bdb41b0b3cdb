"""Instructions over arrays as one Python function, with elementwise runs fused and memory reused.

A run over large arrays goes block by block, so that its values stay in cache. A value that only the run reads never
exists as a whole. All other values have buffers, and a buffer is reused after the last reader of its value. Values that
the caller gets, or that may share memory with them, are new in every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple
from .array_instructions import ELEMENTWISE, ArrayForm, Instruction, Ref

# Elements of a block: as many as stay in cache with the other arrays of a run.
BLOCK = 1 << 15
# Smaller arrays are not cut.
LARGE = 1 << 16
# Elements after which the clock is checked.
PACE = 1 << 18


class FusedRoutine(NamedTuple):
    """A function of the values of the inputs and of buffers, in the order of `buffers`: their shapes and types. It
    returns the values of the outputs, and `fresh` says whether these are numbers and arrays that share memory with
    nothing."""

    run: Callable[..., Any]
    buffers: tuple[ArrayForm, ...]
    passes: int
    fresh: bool


class _Run(NamedTuple):
    """Instructions that run together: elementwise ones over one shape, or a single other one."""

    shape: tuple[int, ...] | None
    steps: list[Instruction]


def routine(
    steps: Sequence[Instruction], forms: Sequence[ArrayForm], outputs: Sequence[Any], inputs: int
) -> FusedRoutine:
    """The function that executes instructions."""
    return _Writer(_runs(_live(steps, outputs), forms), forms, outputs, inputs).routine()


def _refs(atoms: Iterable[Any]) -> list[Ref]:
    return [a for a in atoms if type(a) is Ref]


def _live(steps: Sequence[Instruction], outputs: Sequence[Any]) -> list[Instruction]:
    """The instructions that some output needs."""
    live: set[Any] = set(_refs(outputs))
    kept = []
    for step in reversed(steps):
        if step.value in live:
            live.update(_refs(step.args))
            kept.append(step)
    kept.reverse()
    return kept


def _runs(steps: Sequence[Instruction], forms: Sequence[ArrayForm]) -> list[_Run]:
    """The instructions in runs. One joins an earlier run if only small instructions come between."""
    runs: list[_Run] = []
    made: dict[Any, int] = {}  # for each value, the run that makes it
    for step in steps:
        after = max((made.get(a, -1) for a in _refs(step.args)), default=-1)
        shape = forms[step.value].shape if step.kind in ELEMENTWISE else None
        at = len(runs)
        if shape is not None:
            size = prod(shape)
            for k in range(len(runs) - 1, max(after, 0) - 1, -1):
                run = runs[k]
                if run.shape == shape:
                    at = k
                    break
                if any(one.kind != "number" and prod(forms[one.value].shape or ()) >= size for one in run.steps):
                    break
        if at == len(runs):
            runs.append(_Run(shape, []))
        runs[at].steps.append(step)
        made[step.value] = at
    return runs


class _Writer:
    """Writes the function. A value has a name in it: of an input, of a local, or of a buffer."""

    def __init__(
        self, runs: list[_Run], forms: Sequence[ArrayForm], outputs: Sequence[Any], inputs: int
    ) -> None:  # fmt: skip
        self.runs, self.forms, self.outputs, self.inputs = runs, forms, outputs, inputs
        self.lines: list[str] = []
        self.space: dict[str, Any] = {"empty": np.empty, "check_clock": check_clock, "None": None}
        self.names: dict[int, str] = {k: f"x{k}" for k in range(inputs)}
        self.constants: dict[Any, str] = {}
        # For each value, the values whose memory it may share, itself included if its memory may be written to.
        self.roots: dict[int, frozenset[int]] = {k: frozenset() for k in range(inputs)}
        self.buffers: list[ArrayForm] = []
        self.free: list[int] = []
        self.held: dict[int, int] = {}  # for each value, its buffer
        self.passes = 0
        self._look_ahead()

    def _look_ahead(self) -> None:
        """For each run, the values that no later run reads; and the values that are new in every call."""
        made_in: dict[int, int] = {}
        for at, run in enumerate(self.runs):
            for step in run.steps:
                made_in[step.value] = at
                args = _refs(step.args)
                if step.kind == "shared":
                    self.roots[step.value] = frozenset().union(*(self.roots[a] for a in args))
                else:
                    self.roots[step.value] = frozenset((step.value,))
        last: dict[int, int] = {}
        read_by: dict[int, set[int]] = {}
        for at, run in enumerate(self.runs):
            for step in run.steps:
                for a in _refs(step.args):
                    read_by.setdefault(a, set()).add(at)
                    for root in self.roots[a]:
                        last[root] = at
                for root in self.roots[step.value]:
                    last.setdefault(root, at)
                    last[root] = max(last[root], at)
        out = {root for a in _refs(self.outputs) for root in self.roots[a]}
        self.given_out = out
        self.ending: list[list[int]] = [[] for _ in self.runs]
        for root, at in last.items():
            if root not in out:
                self.ending[at].append(root)
        aliased = {r for v, roots in self.roots.items() for r in roots if r != v}
        direct = set(_refs(self.outputs))
        # Only its own run reads this value, and no view of it is taken.
        self.passing = {
            v for v, at in made_in.items()
            if read_by.get(v, set()) <= {at} and v not in direct and v not in aliased and v not in out
        }  # fmt: skip

    def routine(self) -> FusedRoutine:
        spent = 0
        for at, run in enumerate(self.runs):
            size = prod(run.shape) if run.shape is not None else 0
            if size >= LARGE and len(run.steps) > 1:
                self._in_blocks(at, run)
            else:
                self._whole(at, run)
                spent += sum(prod(self.forms[s.value].shape or ()) for s in run.steps) + 64 * len(run.steps)
                if spent > PACE:
                    spent = 0
                    self.lines.append(" check_clock()")
            for root in self.ending[at]:
                if root in self.held:
                    self.free.append(self.held.pop(root))
        given = ", ".join(f"x{k}" for k in range(self.inputs))
        header = [f"def run({given + ', ' if given else ''}w):"]
        if self.buffers:
            header.append(f" {', '.join(f'w{k}' for k in range(len(self.buffers)))}, = w")
        footer = f" return [{', '.join(self._name(a) for a in self.outputs)}]"
        source = "\n".join([*header, *self.lines, footer])
        exec(compile(source, "<wengert kernel>", "exec"), self.space)
        return FusedRoutine(self.space["run"], tuple(self.buffers), self.passes, self._is_fresh())

    def _is_fresh(self) -> bool:
        """Whether each output is a number, or a new array with memory of its own."""
        met: set[int] = set()
        for a in self.outputs:
            if type(a) is Ref and self.forms[a].shape is not None:
                roots = self.roots[a]
                if roots != {a} or a in met:
                    return False
                met.add(a)
            elif not isinstance(a, (Ref, float)):
                return False
        return True

    # Names

    def _name(self, a: Any) -> str:
        if type(a) is Ref:
            return self.names[a]
        key = (type(a), a.hex()) if isinstance(a, float) else id(a)
        if key not in self.constants:
            name = self.constants[key] = f"k{len(self.constants)}"
            self.space[name] = a
        return self.constants[key]

    def _function(self, function: Any) -> str:
        key = "function", id(function)
        if key not in self.constants:
            name = self.constants[key] = f"f{len(self.constants)}"
            self.space[name] = function
        return self.constants[key]

    # Memory

    def _memory(self, value: int) -> str:
        """The name of the memory for a value."""
        shape, dtype = form = self.forms[value]
        if value in self.given_out:
            name = f"v{value}"
            self.lines.append(f" {name} = empty({shape!r}, {self._name(dtype)})")
            return name
        for k in reversed(self.free):
            if self.buffers[k] == form:
                self.free.remove(k)
                break
        else:
            k = len(self.buffers)
            self.buffers.append(form)
        self.held[value] = k
        return f"w{k}"

    def _over(self, step: Instruction, ending: set[int], later: set[int]) -> str | None:
        """The memory of an argument that is read here for the last time, if the value may reuse it."""
        if step.value in self.given_out:
            return None
        form = self.forms[step.value]
        for a in _refs(step.args):
            if a in ending and a not in later and a in self.held and self.buffers[self.held[a]] == form:
                self.held[step.value] = self.held.pop(a)
                return f"w{self.held[step.value]}"
        return None

    # Instructions

    def _whole(self, at: int, run: _Run) -> None:
        ending = set(self.ending[at])
        later = [set[int]() for _ in run.steps]
        for k in range(len(run.steps) - 1, 0, -1):
            read = {r for a in _refs(run.steps[k].args) for r in self.roots[a]}
            later[k - 1] = later[k] | read
        for step, read in zip(run.steps, later):
            kind = step.kind
            if kind in ("pass", "cast", "keep"):
                into = self._over(step, ending, read) or self._memory(step.value)
                self.names[step.value] = into
                self.lines.append(f" {self._written(step, into, self._name)}")
            elif kind == "into":
                into = self.names[step.value] = self._memory(step.value)
                self.lines.append(f" {self._function(step.function)}({self._args(step)}, {into})")
            else:
                name = self.names[step.value] = f"v{step.value}"
                self.lines.append(f" {name} = {self._function(step.function)}({self._args(step)})")
            self.passes += 1
            # Memory that nothing reads any more is reused by later steps.
            for a in (*_refs(step.args), step.value):
                if a in ending and a not in read and a in self.held and (a != step.value or a not in read):
                    self.free.append(self.held.pop(a))

    def _args(self, step: Instruction) -> str:
        return ", ".join(self._name(a) for a in step.args)

    def _written(self, step: Instruction, into: str, name: Callable[[Any], str]) -> str:
        """The statement that writes an elementwise value into memory."""
        if step.kind == "cast":
            return f"{self._function(np.copyto)}({into}, {name(step.args[0])})"
        return f"{self._function(step.function)}({', '.join(map(name, step.args))}, out={into})"

    def _in_blocks(self, at: int, run: _Run) -> None:
        """Write a run over large arrays, block by block along the first axis, or along all axes as one."""
        assert run.shape is not None
        shape = run.shape
        made = {s.value for s in run.steps}
        read = list(dict.fromkeys(a for s in run.steps for a in _refs(s.args) if a not in made))
        arrays = [a for a in read if self.forms[a].shape is not None]
        flat = all(self.forms[s.value].shape == shape for s in run.steps)
        flat = flat and all(self.forms[a].shape == shape or prod(self.forms[a].shape or ()) == 1 for a in arrays)
        flat = flat and all(a in self.held or a < self.inputs or self.names[a][0] == "v" for a in arrays)
        length, row = (prod(shape), ()) if flat else (shape[0], shape[1:])
        rows = max(1, BLOCK // max(prod(row), 1))
        if length < 2 * rows or prod(row) > BLOCK:
            self._whole(at, run)
            return
        local: dict[int, str] = {}
        before, cut = [], []
        for a in arrays:
            size = self.forms[a].shape or ()
            name = self.names[a]
            if flat:
                before.append(f" r{a} = {name}.reshape(-1)")
                name = f"r{a}"
            varies = len(size) == len(shape) and size[0] == shape[0] if not flat else prod(size) > 1
            if varies:
                cut.append(f"  b{a} = {name}[i:i + {rows}]")
                local[a] = f"b{a}"
            elif flat:
                local[a] = name
        # A value that only the run reads has one block of memory.
        block = ArrayForm((rows, *row), None)
        free: list[int] = []
        lines: list[str] = []
        own: dict[int, int] = {}
        readers = {a: k for k, s in enumerate(run.steps) for a in _refs(s.args)}
        taken: list[int] = []

        def name_of(a: Any) -> str:
            return local.get(a) or self._name(a) if type(a) is Ref else self._name(a)

        for k, step in enumerate(run.steps):
            value, dtype = step.value, self.forms[step.value].dtype
            whole = value not in self.passing
            if whole:
                name = self.names[value] = self._memory(value)
                if flat:
                    before.append(f" r{value} = {name}.reshape(-1)")
                    name = f"r{value}"
                cut.append(f"  b{value} = {name}[i:i + {rows}]")
                local[value] = f"b{value}"
            dying = [a for a in _refs(step.args) if a in own and readers[a] == k]
            if not whole and step.kind != "new":
                form = block._replace(dtype=dtype)
                fit = [own[a] for a in dying if self.buffers[own[a]] == form]
                fit = fit or [b for b in free if self.buffers[b] == form]
                if fit:
                    b = fit[0]
                    if b in free:
                        free.remove(b)
                else:
                    b = self._block(form)
                    taken.append(b)
                own[value] = b
                local[value] = f"c{b}"
            if step.kind == "new":
                made_here = f"{self._function(step.function)}({', '.join(map(name_of, step.args))})"
                if whole:
                    lines.append(f"  {local[value]}[...] = {made_here}")
                else:
                    local[value] = f"n{value}"
                    lines.append(f"  n{value} = {made_here}")
            else:
                lines.append(f"  {self._written(step, local[value], name_of)}")
            for a in dying:
                if own[a] != own.get(value) and own[a] not in free:
                    free.append(own[a])
            if not whole and value in own and value not in readers and own[value] not in free:
                free.append(own[value])
            self.passes += 1
        self.lines += before
        self.lines.append(f" for i in range(0, {length}, {rows}):")
        self.lines += [f"  c{b} = w{b}[:{length} - i]" for b in sorted(set(taken))]
        self.lines += cut
        self.lines += lines
        self.lines.append("  check_clock()")
        self.free += sorted(set(taken))

    def _block(self, form: ArrayForm) -> int:
        for k in reversed(self.free):
            if self.buffers[k] == form:
                self.free.remove(k)
                return k
        self.buffers.append(form)
        return len(self.buffers) - 1
