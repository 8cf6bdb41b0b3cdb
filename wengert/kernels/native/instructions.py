"""Functions that are single instructions, or two, in LLVM's intermediate representation (IR), by their keys.

No instruction has a flag that permits inexact arithmetic, so a value has the bits that Python gives.
"""

from __future__ import annotations

import struct

FORMS: dict[str, str] = {
    "operator.add": "fadd double {0}, {1}",
    "operator.sub": "fsub double {0}, {1}",
    "operator.mul": "fmul double {0}, {1}",
    "operator.truediv": "fdiv double {0}, {1}",
    "operator.neg": "fneg double {0}",
    "math.fabs": "call double @llvm.fabs.f64(double {0})",
    "math.sqrt": "call double @llvm.sqrt.f64(double {0})",
    "math.floor": "call double @llvm.floor.f64(double {0})",
    "math.ceil": "call double @llvm.ceil.f64(double {0})",
    "math.trunc": "call double @llvm.trunc.f64(double {0})",
    "math.copysign": "call double @llvm.copysign.f64(double {0}, double {1})",
}
# The declarations of LLVM's own functions, which cost nothing where they are not called.
INTRINSICS = """\
declare double @llvm.fabs.f64(double)
declare double @llvm.sqrt.f64(double)
declare double @llvm.floor.f64(double)
declare double @llvm.ceil.f64(double)
declare double @llvm.trunc.f64(double)
declare double @llvm.copysign.f64(double, double)
"""
BINARY = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
# A comparison with nan is false, but for "!=".
COMPARISONS = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}
# The first argument, unless the second is larger, or smaller.
CHOICES = {"portable.larger_of": "ogt", "portable.smaller_of": "olt"}
SAME = ("builtins.float", "builtins.int")


def literal(a: float) -> str:
    """A number, bit for bit."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', a))[0]:016x}"


def number(text: str) -> float | None:
    """The number of a literal; None for the text of a register."""
    if not text.startswith("0x"):
        return None
    found: float = struct.unpack("<d", struct.pack("<Q", int(text, 16)))[0]
    return found
