"""The native kernel at one point: a list as machine code, called as a function of Python's own.

`ctypes` and llvmlite are imported when the first list is compiled.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from ...lists.code import Code
from ..kernel import Functions, HandsOver, Run, Told

if TYPE_CHECKING:
    from .calling import Computing

INSTALL = 'pip install "wengert[jit]"'
# Seconds to import llvmlite, to compile a short list, and for each step besides.
IMPORT, START, STEP = 0.06, 0.005, 4e-5
# The most values that a function reads and writes: they are on the stack.
WIDE = 4096
# The most steps that are compiled with all of LLVM's optimisation, whose time grows faster than the list.
FULL = 400


class Native:
    """Compiles a code to machine code. That takes about 0.1 ms a step; a call then costs less than handwritten
    Python."""

    name = "native"
    most = 4000

    def missing(self) -> str:
        return "" if installed() else f"llvmlite is not installed: {INSTALL}"

    def seconds(self, steps: int) -> float:
        begun = "llvmlite" in sys.modules
        return (START if begun else IMPORT + START) + STEP * steps

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        made = _computing(code)
        from .calling import run_of

        return run_of(made)

    def bare(self, form: str, code: Code, told: Told) -> Callable[..., Any]:
        made = _computing(code)
        from .calling import function

        return function(form, made, told)


@cache
def installed() -> bool:
    """Whether llvmlite is installed. It is not imported: that takes some 50 ms."""
    from importlib.util import find_spec

    return find_spec("llvmlite") is not None


def _computing(code: Code) -> Computing:
    """The function of a code, compiled if need be. Raises HandsOver."""
    if not installed():
        raise HandsOver(f"llvmlite is not installed: {INSTALL}")
    if not all(callable(row.forward) for row, _ in code.steps):
        raise HandsOver("an op of the program's own may take long, and machine code looks at no clock")
    if len(code.inputs) + len(code.outputs) > WIDE:
        raise HandsOver(f"it has over {WIDE} inputs and outputs")
    try:
        from .calling import computing
    except ImportError as problem:  # a Python without ctypes
        raise HandsOver(str(problem)) from None
    return computing(written(code), code, 2 if len(code.steps) <= FULL else 0)


def written(code: Code) -> str:
    """The module of a code, in LLVM's IR. Raises HandsOver for an op that has no value there."""
    from .reach import keeps_bits
    from .writer import Untranslated, Writer

    writer = Writer(code.ops)
    atoms = [writer.write(f"load double, ptr {_at(writer, '%in', k)}") for k in range(len(code.inputs))]
    atoms += [writer.literal(a) for a in code.numbers]
    try:
        for row, slots in code.steps:
            if not keeps_bits(row, code.ops):
                raise Untranslated(row.name)
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
