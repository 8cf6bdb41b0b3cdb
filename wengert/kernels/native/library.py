"""C's library of mathematical functions: the one that Python's `math` calls, so that results have the same bits.

Python's functions raise where C's return nan or an infinity. Functions that Python computes by itself (`math.hypot`,
`math.fsum`, …) are not among these.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from functools import cache

# The functions of one and of two numbers, by their keys.
ONE = (
    "math.sin math.cos math.tan math.asin math.acos math.atan math.sinh math.cosh math.tanh "
    "math.asinh math.acosh math.atanh math.exp math.expm1 math.log math.log1p math.log2 math.log10 math.erf math.erfc"
).split()
TWO = ["math.pow", "math.fmod", "math.atan2"]
# In a module a function has a name of ours, as LLVM rewrites calls that it knows by name: pow(2, x) to exp2(x), which
# may differ in the last bit.
OURS = "wengert."


def in_c(key: str) -> str:
    """The name in C of a function of `math`."""
    return key.partition(".")[2]


def arity(key: str) -> int:
    """The number of arguments of a function, by its key, if C's library has it; else 0."""
    return 1 + (key in TWO) if key in addresses() else 0


@cache
def addresses() -> dict[str, int]:
    """The addresses of the available functions, by their keys."""
    found: dict[str, int] = {}
    for library in _libraries():
        for key in (*ONE, *TWO):
            if key not in found and (function := getattr(library, in_c(key), None)) is not None:
                found[key] = ctypes.cast(function, ctypes.c_void_p).value or 0
        if len(found) == len(ONE) + len(TWO):
            break
    return found


def _libraries() -> Iterator[ctypes.CDLL]:
    if sys.platform == "win32":
        yield ctypes.CDLL("ucrtbase")
        return
    yield ctypes.CDLL(None)
    # Python's program may be linked without the library, which then comes with the module `math`.
    for name in ("libm.so.6", "libm.so"):
        try:
            yield ctypes.CDLL(name)
        except OSError:
            continue
