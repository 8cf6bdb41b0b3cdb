"""The function of a list by position in machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...lists.code import Code
from ..kernel import AnswerFormat, HandsOver
from . import engine
from .calling import Computing, function
from .point import FULL
from .reach import keeps_bits
from .writer import LONGEST, Untranslated, Writer

# The most values that a function reads and writes: they are on the stack.
WIDE = 4096


def function_of(form: str, code: Code, told: AnswerFormat | None) -> Callable[..., Any]:
    """A function of floats in one of the `shells.SHELLS`. Raises HandsOver."""
    return function(form, computing(code), told or AnswerFormat(0, _never))


def _never() -> None:
    """The function that answers other calls of a function that has none."""


def computing(code: Code) -> Computing:
    """The function of a code, compiled if need be. Raises HandsOver."""
    if len(code.inputs) + len(code.outputs) > WIDE:
        raise HandsOver(f"it has over {WIDE} inputs and outputs")
    for row in {id(row): row for row, _ in code.steps}.values():
        if not keeps_bits(row, code.ops):
            raise HandsOver(f"machine code has other last digits of `{row.name}`, or none at all")
    if why := engine.missing():
        raise HandsOver(why)
    try:
        loaded = engine.compiled(written(code), 2 if len(code.steps) <= FULL else 0)
    except (RuntimeError, OSError) as problem:  # llvmlite's
        raise HandsOver(f"llvmlite does not work here: {problem}") from None
    return Computing(loaded, len(code.inputs), len(code.outputs))


def written(code: Code) -> str:
    """The module of a code, in LLVM's IR. Raises HandsOver for an op that has no value there."""
    writer = Writer(code.ops)
    atoms = [writer.write(f"load double, ptr {_at(writer, '%in', k)}") for k in range(len(code.inputs))]
    atoms += [writer.literal(a) for a in code.numbers]
    try:
        for row, slots in code.steps:
            atoms.append(writer.value(row, [atoms[s] for s in slots]))
    except Untranslated as op:
        raise HandsOver(f"the op `{op}` has no machine code") from None
    if sum(writer.steps_of(row) for row, _ in code.steps) > LONGEST:
        raise HandsOver("the program's own ops take long, and machine code looks at no clock")
    for k, s in enumerate(code.outputs):
        writer.lines.append(f"store double {atoms[s]}, ptr {_at(writer, '%out', k)}")
    body = "\n".join(writer.lines)
    head = "define void @compute(ptr noalias readonly %in, ptr noalias writeonly %out)"
    return f"{writer.definitions()}\n{head} {{\n{body}\nret void\n}}\n"


def _at(writer: Writer, base: str, k: int) -> str:
    return writer.write(f"getelementptr double, ptr {base}, i64 {k}")
