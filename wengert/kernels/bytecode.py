"""The kernel for long lists: native loops over a list in arrays, ready as soon as these are filled (see `native.tape`).
`ctypes` and llvmlite are imported when the first list comes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import inf
from typing import Any

from ..lists.code import Code
from ..lists.wengert_list import WengertList
from .kernel import AnswerFormat, Functions, HandsOver, Run
from .kernel_names import NOT_INSTALLED
from .native.point import installed
from .requests import GradientOf

# Seconds to import llvmlite and to compile the first ops, and seconds for each step.
START, STEP = 0.15, 3e-7


class Bytecode:
    """Runs a list by native loops over arrays. Preparing takes about 0.3 µs an equation, and a call some nanoseconds an
    equation. It differentiates a list by a reverse sweep, so no list of derivatives is written."""

    name = "bytecode"
    most = inf

    def missing(self) -> str:
        return "" if installed() else NOT_INSTALLED

    def seconds(self, steps: int) -> float:
        return (0.0 if "llvmlite" in sys.modules else START) + STEP * steps

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        run: Run = _native().of_code(code)
        return run

    def prepare_list(self, wlist: WengertList, gradient: GradientOf | None) -> Run:
        """The callable of a list as it is; with `gradient`, it gives the value of the one output and then its
        derivatives. Raises HandsOver. The callable returns None for an argument that is no float, and if a comparison
        in a condition is a tie: then the sweeps decide."""
        native = _native()
        run: Run = (
            native.of_list(wlist) if gradient is None else native.of_gradient(wlist, gradient.names, gradient.kink)
        )
        return run

    def bare(self, form: str, code: Code, told: AnswerFormat) -> Callable[..., Any] | None:
        return None


def _native() -> Any:
    if not installed():
        raise HandsOver(NOT_INSTALLED)
    try:
        from .native import gradients
    except ImportError as problem:  # this Python has no ctypes
        raise HandsOver(str(problem)) from None
    return gradients
