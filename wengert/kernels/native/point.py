"""The native kernel at one point: a list as machine code, called as a function of Python's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from ...lists.code import Code
from ..kernel import Functions, HandsOver, Run, Told

INSTALL = 'pip install "wengert[jit]"'
# Seconds to import llvmlite, to compile a short list, and for each step besides.
IMPORT, START, STEP = 0.06, 0.005, 4e-5


class Native:
    """Compiles a code to machine code. That takes about 40 µs a step; a call then costs less than handwritten
    Python."""

    name = "native"
    most = 4000

    def missing(self) -> str:
        return "" if installed() else f"llvmlite is not installed: {INSTALL}"

    def seconds(self, steps: int) -> float:
        begun = "llvmlite" in sys.modules
        return (START if begun else IMPORT + START) + STEP * steps

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        return self._function("run", code, None)

    def bare(self, form: str, code: Code, told: Told) -> Callable[..., Any]:
        return self._function(form, code, told)

    def _function(self, form: str, code: Code, told: Told | None) -> Callable[..., Any]:
        if why := self.missing():
            raise HandsOver(why)
        from .compiled import function_of  # imports ctypes, and llvmlite

        return function_of(form, code, told)


@cache
def installed() -> bool:
    """Whether llvmlite is installed. It is not imported: that takes some 50 ms."""
    from importlib.util import find_spec

    return find_spec("llvmlite") is not None
