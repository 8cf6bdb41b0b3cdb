"""The values of ops in LLVM's intermediate representation (IR), made from the functions of their rows.

No instruction has a flag that permits inexact arithmetic: a value has the bits that the function in Python gives.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from ...ops import Op
from ...ops.sources import FLOATS

# Functions that are instructions, by their keys.
INSTRUCTIONS: dict[str, str] = {
    "operator.add": "fadd double {0}, {1}",
    "operator.sub": "fsub double {0}, {1}",
    "operator.mul": "fmul double {0}, {1}",
    "operator.neg": "fneg double {0}",
    "elementary.divide": "fdiv double {0}, {1}",
    "elementary.square": "fmul double {0}, {0}",
}
COMPARISONS = {
    "elementary.lt": "olt",
    "elementary.le": "ole",
    "elementary.gt": "ogt",
    "elementary.ge": "oge",
    "elementary.eq": "oeq",
    "elementary.ne": "une",
}
# Functions of ours that are those of Python's `math` where they raise nothing: C's library has them by the same names.
LIBRARY: dict[str, str] = {
    "elementary.exp": "math.exp",
    "elementary.log": "math.log",
    "elementary.expm1": "math.expm1",
    "elementary.log1p": "math.log1p",
    "trigonometric.sin": "math.sin",
    "trigonometric.cos": "math.cos",
    "trigonometric.tan": "math.tan",
    "math.tanh": "math.tanh",
    "math.atan": "math.atan",
    "math.atan2": "math.atan2",
}


def in_c(key: str) -> str:
    """The name in C's library of a function of `math`."""
    return key.partition(".")[2]


class Untranslated(Exception):
    """An op that this writer has no value for: the kernel hands the list over to the next one."""


class Writer:
    """Writes values as instructions.

    ops    the rows that the list defines for itself
    lines  the instructions so far, one a line
    """

    def __init__(self, ops: tuple[Op, ...] = (), prefix: str = "t") -> None:
        self.ops, self.prefix = ops, prefix
        self.lines: list[str] = []
        self._count = 0
        self._declared: dict[str, str] = {}

    def register(self) -> str:
        """The name of a new register."""
        self._count += 1
        return f"%{self.prefix}{self._count}"

    def write(self, instruction: str) -> str:
        """Write an instruction; returns the register of its value."""
        name = self.register()
        self.lines.append(f"{name} = {instruction}")
        return name

    def literal(self, a: float) -> str:
        """A number, bit for bit."""
        return f"0x{struct.unpack('<Q', struct.pack('<d', a))[0]:016x}"

    def value(self, row: Op, args: Sequence[str]) -> str:
        """The register of an op's value. Raises Untranslated."""
        if not callable(row.forward):
            raise Untranslated(row.name)
        key = FLOATS.key_of(row)
        if (form := INSTRUCTIONS.get(key)) is not None:
            return self.write(form.format(*args))
        if (sign := COMPARISONS.get(key)) is not None:
            return self.write(f"uitofp i1 {self.write(f'fcmp {sign} double {args[0]}, {args[1]}')} to double")
        if (twin := LIBRARY.get(key)) is not None:
            return self.call(in_c(twin), args)
        raise Untranslated(row.name)

    def call(self, name: str, args: Sequence[str]) -> str:
        """A call of a function of C's library."""
        kinds = ", ".join(["double"] * len(args))
        self._declared[name] = f'declare double @"wengert.{name}"({kinds}) nounwind willreturn memory(none)'
        given = ", ".join(f"double {a}" for a in args)
        return self.write(f'call double @"wengert.{name}"({given})')

    def definitions(self) -> str:
        """The declarations and functions that the instructions need."""
        return "\n".join(self._declared.values())
