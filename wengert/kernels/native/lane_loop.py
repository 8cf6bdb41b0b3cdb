"""The loop over a batch, in LLVM's intermediate representation (IR): a turn computes as many points as a vector has
lanes.

    void batch(i64 first, i64 last, ptr table)

The table holds, for each input, the address of an object or the bits of a number that is the same at all points, and
then for each output the address of an object. At an offset an object holds the address of its floats. The last turn
begins as many points before the end as a vector has lanes, and so may repeat some points: there must be as many.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...lists.code import Code, Step
from ...ops import Op
from .lane_writer import LaneWriter
from .writer import Writer

NAME = "batch"
ALIGNED = 64
# Bytes from the points of a turn to those whose memory it asks for.
AHEAD = 512
# The most steps that are written in one piece, and the steps of a block of a longer list.
WHOLE, BLOCK = 1000, 400


def loop(code: Code, numbers: Sequence[bool], width: int, offset: int, streaming: bool = False) -> str:
    """The IR of a code. `numbers` tells for each input whether it is the same at all points. Raises Untranslated.

    With `streaming` the stores pass by the caches. Then each output begins, at the first point, at a multiple of
    `ALIGNED` bytes, and the number of points is a multiple of that of the lanes.
    """
    made = _Loop(code, width, offset)
    made.read(numbers)
    if len(code.steps) <= WHOLE:
        made.steps(code.steps)
    else:
        for first in range(0, len(code.steps), BLOCK):
            made.block(code.steps[first : first + BLOCK])
    made.store(streaming)
    return made.text(streaming)


class _Loop:
    """The parts of a loop.

    entry   the instructions before it
    body    the instructions of a turn
    over    for each slot its operand over lanes, where it is written
    single  for each slot the operand as a float, if it is the same at all points
    """

    def __init__(self, code: Code, width: int, offset: int) -> None:
        self.code, self.width, self.offset = code, width, max(offset, 0)
        self.once = Writer(code.ops, "s")
        self.lanes = LaneWriter(self.once, width)
        self.entry: list[str] = []
        self.once.lines = self.entry
        self.body: list[str] = []
        self.blocks: list[str] = []
        self.over: list[str] = []
        self.single: list[str | None] = []
        # The slots whose values are in memory during a turn, where the steps are cut into blocks.
        self.kept: dict[int, None] = {}

    def read(self, numbers: Sequence[bool]) -> None:
        """The inputs, and the numbers of the list."""
        kind = self.lanes.kind
        for k, number in enumerate(numbers):
            if number:
                self.entry.append(f"%e{k} = getelementptr i64, ptr %table, i64 {k}")
                self.entry.append(f"%x{k} = load double, ptr %e{k}")
                self.same(f"%x{k}")
            else:
                self.address(f"p{k}", k)
                self.body.append(f"%q{k} = getelementptr double, ptr %p{k}, i64 %i")
                self.body.append(f"%x{k} = load {kind}, ptr %q{k}, align 1")
                self.ahead(f"%q{k}", 0)
                self.varying(f"%x{k}")
        for a in self.code.numbers:
            self.single.append(self.once.literal(a))
            self.over.append(self.once.literal(a))

    def address(self, name: str, k: int) -> None:
        """The address of the floats of the k-th object of the table."""
        self.entry.append(f"%{name}e = getelementptr i64, ptr %table, i64 {k}")
        self.entry.append(f"%{name}o = load ptr, ptr %{name}e")
        self.entry.append(f"%{name}a = getelementptr i8, ptr %{name}o, i64 {self.offset}")
        self.entry.append(f"%{name} = load ptr, ptr %{name}a")

    def ahead(self, address: str, written: int) -> None:
        """Prefetch the memory of later turns: there are more arrays than a processor tracks by itself."""
        self.body.append(f"{address}.ahead = getelementptr i8, ptr {address}, i64 {AHEAD}")
        self.body.append(f"call void @llvm.prefetch.p0(ptr {address}.ahead, i32 {written}, i32 3, i32 1)")

    def same(self, a: str) -> None:
        """A slot whose value is the same at all points."""
        k, kind = len(self.over), self.lanes.kind
        self.entry.append(f"%h{k} = insertelement {kind} poison, double {a}, i64 0")
        self.entry.append(f"%b{k} = shufflevector {kind} %h{k}, {kind} poison, <{self.width} x i32> zeroinitializer")
        self.single.append(a)
        self.over.append(f"%b{k}")

    def varying(self, a: str) -> None:
        """A slot with a value in each lane."""
        self.single.append(None)
        self.over.append(a)

    def steps(self, steps: Sequence[Step]) -> None:
        for row, slots in steps:
            if not self._same_step(row, slots):
                self.varying(self.lanes.value(row, [self.over[s] for s in slots]))
        self.body += self.lanes.lines()

    def _same_step(self, row: Op, slots: Sequence[int]) -> bool:
        floats = [a for s in slots if (a := self.single[s]) is not None]
        if len(floats) < len(slots):
            return False
        self.same(self.once.value(row, floats))
        return True

    def block(self, steps: Sequence[Step]) -> None:
        """Steps as a function of their own. It reads the values of earlier slots from memory, and leaves its values
        there: compilers take a time that grows with the square of a function's length."""
        lanes = self.lanes
        name = f"block.{len(self.blocks)}"
        here: dict[int, str] = {}
        head: list[str] = []
        tail: list[str] = []
        lanes.parts, lanes.block = [], "loop"
        for row, slots in steps:
            if not self._same_step(row, slots):
                args = [self._in_block(s, here, head) for s in slots]
                k = len(self.over)
                here[k] = lanes.value(row, args)
                tail += self._slot(k, f"t{k}")
                tail.append(f"store {lanes.kind} {lanes.over(here[k])}, ptr %t{k}")
                self.varying("")
        lines = lanes.lines()
        self.blocks.append("\n".join((
            f"define internal void @{name}(ptr %kept) nounwind noinline #0 {{", "entry:", *head, "br label %loop",
            "loop:", *lines, *tail, "ret void", "}",
        )))  # fmt: skip
        self.body.append(f"call void @{name}(ptr %kept)")

    def _in_block(self, slot: int, here: dict[int, str], head: list[str]) -> str:
        """The operand for a slot within a block."""
        if (literal := self.single[slot]) is not None and not literal.startswith("%"):
            return literal
        if slot not in here:
            if self.over[slot]:
                self.kept[slot] = None  # an input, or the same at all points: the loop puts it into memory
            head += self._slot(slot, f"k{slot}")
            head.append(f"%v{slot} = load {self.lanes.kind}, ptr %k{slot}")
            here[slot] = f"%v{slot}"
        return here[slot]

    def _slot(self, slot: int, name: str) -> list[str]:
        return [f"%{name} = getelementptr {self.lanes.kind}, ptr %kept, i64 {slot}"]

    def store(self, streaming: bool) -> None:
        """The outputs."""
        how = f"align {ALIGNED}, !nontemporal !1" if streaming else "align 1"
        for k, slot in enumerate(self.code.outputs):
            self.address(f"w{k}", len(self.code.inputs) + k)
            value = self.over[slot]
            if not value:
                self.body += self._slot(slot, f"m{k}")
                self.body.append(f"%z{k} = load {self.lanes.kind}, ptr %m{k}")
                value = f"%z{k}"
            self.body.append(f"%r{k} = getelementptr double, ptr %w{k}, i64 %i")
            if not streaming:
                self.ahead(f"%r{k}", 1)
            self.body.append(f"store {self.lanes.kind} {self.lanes.over(value)}, ptr %r{k}, {how}")

    def text(self, streaming: bool) -> str:
        """The module."""
        kind, width = self.lanes.kind, self.width
        before: list[str] = []
        if self.blocks:
            self.entry.insert(0, f"%kept = alloca {kind}, i64 {len(self.over)}")
            calls = next(k for k, line in enumerate(self.body) if line.startswith("call void @block."))
            for slot in self.kept:
                lines = [*self._slot(slot, f"y{slot}"), f"store {kind} {self.over[slot]}, ptr %y{slot}"]
                if self.single[slot] is None:
                    self.body[calls:calls] = lines
                else:
                    before += lines
        return "\n".join((
            "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)", self.lanes.definitions(), *self.blocks,
            f"define void @{NAME}(i64 %first, i64 %last, ptr noalias %table) nounwind #0 {{", "entry:",
            f"%end = sub i64 %last, {width}", *self.entry, *before, "br label %loop",
            "loop:", "%i = phi i64 [%first, %entry], [%next, %turn]", *self.body, "br label %turn",
            "turn:", "%done = icmp sge i64 %i, %end", f"%following = add nsw i64 %i, {width}",
            "%over = icmp sgt i64 %following, %end", "%next = select i1 %over, i64 %end, i64 %following",
            "br i1 %done, label %exit, label %loop",
            # Stores that pass by the caches are seen in order only after a fence.
            "exit:", *["fence seq_cst"] * streaming, "ret void", "}",
            '!0 = !{!"branch_weights", i32 100000, i32 1}', "!1 = !{i32 1}",
            f'attributes #0 = {{ "min-legal-vector-width"="{64 * width}" "prefer-vector-width"="{64 * width}" }}',
        ))  # fmt: skip


def cost(code: Code, width: int) -> float:
    """About how many nanoseconds a point takes."""
    total = 0.1
    for row, _ in code.steps:
        total += (0.5 if row.ulps <= 0.5 else 20.0) / width
    return total
