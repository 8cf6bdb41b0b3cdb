"""The native kernel at one point: a list as machine code, called as a function of Python's own.

`ctypes` and llvmlite are imported when the first list is compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...lists.code import Code
from ..kernel import Functions, HandsOver, Run, Told

if TYPE_CHECKING:
    from .calling import Computing

# The most values that a function reads and writes: they are on the stack.
WIDE = 4096
# The most steps that are compiled with all of LLVM's optimisation, whose time grows faster than the list.
FULL = 400


class Native:
    """Compiles a code to machine code. That takes about 0.1 ms a step; a call then costs less than handwritten
    Python."""

    name = "native"
    most = 4000

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        made = _computing(code)
        from .calling import run_of

        return run_of(made)

    def flat(self, code: Code, told: Told) -> Callable[..., Any]:
        """A function of floats that gives a tuple of all outputs. Raises HandsOver."""
        made = _computing(code)
        from .calling import flat_of

        return flat_of(made, told)

    def pair(self, code: Code, told: Told) -> Callable[..., Any]:
        """A function of floats that gives the first output, and an object made of the others. Raises HandsOver."""
        made = _computing(code)
        from .calling import pair_of

        return pair_of(made, told)


def _computing(code: Code) -> Computing:
    """The function of a code, compiled if need be. Raises HandsOver."""
    if len(code.inputs) + len(code.outputs) > WIDE:
        raise HandsOver(f"it has over {WIDE} inputs and outputs")
    try:
        from .calling import computing
    except ImportError as problem:  # a Python without ctypes
        raise HandsOver(str(problem)) from None
    return computing(written(code), code, 2 if len(code.steps) <= FULL else 0)


def written(code: Code) -> str:
    """The module of a code, in LLVM's IR. Raises HandsOver for an op that has no value there."""
    from .writer import Untranslated, Writer

    writer = Writer(code.ops)
    atoms = [writer.write(f"load double, ptr {_at(writer, '%in', k)}") for k in range(len(code.inputs))]
    atoms += [writer.literal(a) for a in code.numbers]
    try:
        for row, slots in code.steps:
            atoms.append(writer.value(row, [atoms[s] for s in slots]))
    except Untranslated as op:
        raise HandsOver(f"the op `{op}` has no machine code") from None
    for k, s in enumerate(code.outputs):
        writer.lines.append(f"store double {atoms[s]}, ptr {_at(writer, '%out', k)}")
    body = "\n".join(writer.lines)
    head = "define void @compute(ptr noalias readonly %in, ptr noalias writeonly %out)"
    return f"{writer.definitions()}\n{head} {{\n{body}\nret void\n}}\n"


def _at(writer: Any, base: str, k: int) -> str:
    place: str = writer.write(f"getelementptr double, ptr {base}, i64 {k}")
    return place
