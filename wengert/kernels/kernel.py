"""A kernel makes a fast callable of a list by position. Each gives the answers of the sweeps, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..lists.code import Code, code_of
from ..ops import Op
from ..sweeps.rules import forward_rule

# From the values of the inputs, by position, to those of the outputs.
Run = Callable[..., tuple[Any, ...]]


class Kernel(Protocol):
    """What prepares a list by position for calls. It knows nothing of derivatives: they come to it as lists.

    name  by which a caller asks for it
    most  steps of the longest list that it takes
    """

    @property
    def name(self) -> str: ...

    @property
    def most(self) -> float: ...

    def prepare(self, code: Code) -> Run:
        """The callable: a float for each input, in order, to a tuple of the outputs. It keeps the limits of time."""


def function_of(row: Op, ops: tuple[Op, ...], kernel: Kernel) -> Callable[..., float]:
    """The value of a row over floats. Of an op that a program defines, by a code of its own."""
    if callable(row.forward):
        return row.forward
    run = kernel.prepare(code_of(forward_rule(row, ops)))

    def by_text(*args: float) -> float:
        return float(run(*args)[0])

    return by_text
