"""Functions over the lanes of a vector, where the machine's library has them: glibc's libmvec.

Each is called by its name in the vector ABI: the instruction set, the number of lanes, and one `v` an argument.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from functools import cache

from ...ground.tuples import NamedTuple
from . import engine


class VectorFunction(NamedTuple):
    """A function over lanes.

    arguments  how many it takes
    ulps       a bound on its error, in units in the last place
    """

    arguments: int
    ulps: float


# The functions, by the keys of those of ours or of `math` that they replace. The bounds on their errors are those of
# glibc 2.36 against mpmath, rounded up: 2, 4 and 8 lanes, some 20,000 points each, in ranges from the subnormals to the
# largest floats, near 1, near multiples of pi/2, and the special values, which are all right.
# tests/kernels/test_lane_accuracy.py measures the library that is there.
FUNCTIONS: dict[str, VectorFunction] = {
    "math.exp": VectorFunction(1, 2.8),
    "elementary.exp2": VectorFunction(1, 1.9),
    "elementary.exp10": VectorFunction(1, 1.3),
    "math.expm1": VectorFunction(1, 2.6),
    "math.log": VectorFunction(1, 1.8),
    "math.log2": VectorFunction(1, 2.1),
    "math.log10": VectorFunction(1, 2.1),
    "math.log1p": VectorFunction(1, 2.0),
    "math.sin": VectorFunction(1, 3.3),
    "math.cos": VectorFunction(1, 3.4),
    "math.tan": VectorFunction(1, 3.8),
    "math.asin": VectorFunction(1, 2.5),
    "math.acos": VectorFunction(1, 1.9),
    "math.atan": VectorFunction(1, 2.0),
    "math.atan2": VectorFunction(2, 2.3),
    "math.sinh": VectorFunction(1, 2.3),
    "math.cosh": VectorFunction(1, 2.1),
    "math.tanh": VectorFunction(1, 2.4),
    "math.asinh": VectorFunction(1, 2.1),
    "math.acosh": VectorFunction(1, 2.5),
    "math.atanh": VectorFunction(1, 2.2),
    "elementary.cbrt": VectorFunction(1, 2.7),
    "math.hypot": VectorFunction(2, 1.8),
    "math.pow": VectorFunction(2, 1.2),
    "math.erf": VectorFunction(1, 2.5),
    "math.erfc": VectorFunction(1, 1.7),
}


class Lanes(NamedTuple):
    """The vectors of this machine.

    width   the number of floats of one
    letter  the letter of the instruction set in the vector ABI, or "" where no library is known
    """

    width: int
    letter: str


@cache
def features() -> frozenset[str]:
    """The features of this machine's processor, as LLVM names them."""
    return frozenset(name[1:] for name in engine.machine().features.split(",") if name.startswith("+"))


@cache
def fused() -> bool:
    """Whether the processor multiplies and adds with a single rounding."""
    return "fma" in features() or platform.machine().lower() in ("aarch64", "arm64")


@cache
def lanes() -> Lanes:
    """The vectors of this machine, by the features of its processor."""
    have = features()
    if platform.machine().lower() in ("x86_64", "amd64"):
        known = sys.platform == "linux"
        if "avx512f" in have and "avx512dq" in have:
            return Lanes(8, "e" if known else "")
        if "avx2" in have:
            return Lanes(4, "d" if known else "")
        return Lanes(2, "b" if known else "")
    if platform.machine().lower() in ("aarch64", "arm64"):
        return Lanes(2, "n" if sys.platform == "linux" else "")
    return Lanes(2, "")


@cache
def library() -> ctypes.CDLL | None:
    """The library of functions over lanes, or None."""
    if not lanes().letter:
        return None
    try:
        return ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None


@cache
def symbol(key: str) -> str:
    """The symbol of a function over lanes, by its key, whose address LLVM is given; "" if there is none."""
    if (held := library()) is None or key not in FUNCTIONS:
        return ""
    width, letter = lanes()
    found = f"_ZGV{letter}N{width}{'v' * FUNCTIONS[key].arguments}_{key.partition('.')[2]}"
    function = getattr(held, found, None)
    if function is None:
        return ""
    import llvmlite.binding as llvm

    llvm.add_symbol(found, ctypes.cast(function, ctypes.c_void_p).value)
    return found
