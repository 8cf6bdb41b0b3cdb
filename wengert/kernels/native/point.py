"""The native kernel at one point: a list as machine code, called as a function of Python's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from math import inf
from typing import Any

from ...lists.code import Code
from ..kernel import AnswerFormat, Functions, HandsOver, Run
from ..kernel_names import NOT_INSTALLED

# Seconds to import llvmlite, to compile a short list, and for each step besides, with all of LLVM's optimisation or
# without.
IMPORT, START, STEP, PLAIN_STEP = 0.06, 0.005, 4e-5, 2e-5
# The most steps that are compiled with all of LLVM's optimisation, whose time grows faster than the list.
FULL = 400
# Lists of more steps than SHORT are compiled as loops if they repeat; then finding the loops takes the most time, and
# compiling them a constant one. Others of up to STRAIGHT steps are compiled as they stand.
SHORT, STRAIGHT = 2000, 10_000
LOOPS, FINDING = 0.05, 1e-6


class Native:
    """Compiles a code to machine code. That takes 20 to 40 µs a step, or much less for a long list whose steps repeat;
    a call then costs less than handwritten Python."""

    name = "native"
    most = inf

    def missing(self) -> str:
        return "" if installed() else NOT_INSTALLED

    def seconds(self, steps: int) -> float:
        begun = "llvmlite" in sys.modules
        straight = (STEP if steps <= FULL else PLAIN_STEP) * steps
        return (START if begun else IMPORT + START) + (straight if steps <= STRAIGHT else LOOPS + FINDING * steps)

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        if len(code.steps) > SHORT and not self.missing():
            from .rolled import by_loops  # imports ctypes, and llvmlite

            found = by_loops(code)
            if not isinstance(found, str):
                return found
            if len(code.steps) > STRAIGHT:
                raise HandsOver(f"the list is long, and {found}")
        return self._function("run", code, None)

    def bare(self, form: str, code: Code, told: AnswerFormat) -> Callable[..., Any]:
        return self._function(form, code, told)

    def _function(self, form: str, code: Code, told: AnswerFormat | None) -> Callable[..., Any]:
        if why := self.missing():
            raise HandsOver(why)
        from .compiled import function_of  # imports ctypes, and llvmlite

        return function_of(form, code, told)


@cache
def installed() -> bool:
    """Whether llvmlite is installed. It is not imported: that takes some 50 ms."""
    from importlib.util import find_spec

    return find_spec("llvmlite") is not None
