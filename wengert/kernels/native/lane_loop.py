"""The loop over a batch, in LLVM's intermediate representation (IR): a turn computes as many points as a vector has
lanes.

    void batch(i64 first, i64 last, ptr table)

The table holds, for each input, the address of an object or the bits of a number that is the same at all points, and
then for each output the address of an object. At an offset an object holds the address of its floats. The last turn
begins as many points before the end as a vector has lanes, and so may repeat some points: there must be as many.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...lists.code import Code
from .lane_writer import LaneWriter
from .writer import Writer

NAME = "batch"
ALIGNED = 64


def loop(code: Code, numbers: Sequence[bool], width: int, offset: int, streaming: bool = False) -> str:
    """The IR of a code. `numbers` tells for each input whether it is the same at all points. Raises Untranslated.

    With `streaming` the stores pass by the caches. Then each output begins, at the first point, at a multiple of
    `ALIGNED` bytes, and the number of points is a multiple of that of the lanes.
    """
    once = Writer(code.ops, "s")
    lanes = LaneWriter(once, width)
    kind = lanes.kind
    entry: list[str] = []
    once.lines = entry
    loads: list[str] = []
    # For each slot its operand over lanes, and for those that are the same at all points the operand as a float.
    over: list[str] = []
    single: list[str | None] = []

    def address(name: str, k: int) -> None:
        """The address of the floats of the k-th object of the table."""
        entry.append(f"%{name}e = getelementptr i64, ptr %table, i64 {k}")
        entry.append(f"%{name}o = load ptr, ptr %{name}e")
        entry.append(f"%{name}a = getelementptr i8, ptr %{name}o, i64 {max(offset, 0)}")
        entry.append(f"%{name} = load ptr, ptr %{name}a")

    def spread(a: str) -> str:
        k = len(over)
        entry.append(f"%h{k} = insertelement {kind} poison, double {a}, i64 0")
        entry.append(f"%b{k} = shufflevector {kind} %h{k}, {kind} poison, <{width} x i32> zeroinitializer")
        return f"%b{k}"

    for k, number in enumerate(numbers):
        if number:
            entry.append(f"%e{k} = getelementptr i64, ptr %table, i64 {k}")
            entry.append(f"%x{k} = load double, ptr %e{k}")
            single.append(f"%x{k}")
            over.append(spread(f"%x{k}"))
        else:
            address(f"p{k}", k)
            loads.append(f"%q{k} = getelementptr double, ptr %p{k}, i64 %i")
            loads.append(f"%x{k} = load {kind}, ptr %q{k}, align 1")
            single.append(None)
            over.append(f"%x{k}")
    for a in code.numbers:
        single.append(once.literal(a))
        over.append(once.literal(a))
    for row, slots in code.steps:
        floats = [single[s] for s in slots]
        if None not in floats:
            y = once.value(row, [a for a in floats if a is not None])
            single.append(y)
            over.append(spread(y))
        else:
            single.append(None)
            over.append(lanes.value(row, [over[s] for s in slots]))
    stores = []
    for k, slot in enumerate(code.outputs):
        address(f"w{k}", len(code.inputs) + k)
        stores.append(f"%r{k} = getelementptr double, ptr %w{k}, i64 %i")
        how = f"align {ALIGNED}, !nontemporal !1" if streaming else "align 1"
        stores.append(f"store {kind} {lanes.over(over[slot])}, ptr %r{k}, {how}")
    body = lanes.lines()
    return "\n".join((
        lanes.definitions(),
        f"define void @{NAME}(i64 %first, i64 %last, ptr noalias %table) nounwind #0 {{",
        "entry:",
        f"%end = sub i64 %last, {width}",
        *entry,
        "br label %loop",
        "loop:",
        "%i = phi i64 [%first, %entry], [%next, %turn]",
        *loads, *body, *stores,
        "br label %turn",
        "turn:",
        "%done = icmp sge i64 %i, %end",
        f"%following = add nsw i64 %i, {width}",
        "%over = icmp sgt i64 %following, %end",
        "%next = select i1 %over, i64 %end, i64 %following",
        "br i1 %done, label %exit, label %loop",
        "exit:",
        # Stores that pass by the caches are seen in order only after a fence.
        *["fence seq_cst"] * streaming,
        "ret void",
        "}",
        '!0 = !{!"branch_weights", i32 100000, i32 1}',
        "!1 = !{i32 1}",
        f'attributes #0 = {{ "min-legal-vector-width"="{64 * width}" "prefer-vector-width"="{64 * width}" }}',
    ))  # fmt: skip


def cost(code: Code, width: int) -> float:
    """About how many nanoseconds a point takes."""
    total = 0.1
    for row, _ in code.steps:
        total += (0.5 if row.ulps <= 0.5 else 20.0) / width
    return total
