"""The interpretation of a list: the meaning of its ops and values, as far as a sweep may ask.

A sweep walks a list and applies ops. With numbers behind it, it evaluates; with a list builder it writes a list; with
series it expands. There are four kinds: `Numbers`, `Arrays`, the builder of `transforms`, and Taylor series over one
of these.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

from ..lists.wengert_list import Equation

# The member that a rule needs: it applies an op to values.
Apply = Callable[..., Any]


class Interpretation(ABC):
    """The meaning of ops and values. A call applies an op; the other members suit numbers unless they are overridden.

    shaped   whether values may be arrays
    writes   whether values are names, and a call writes an equation
    follows  whether a number carries more than its value: then a product by 1 is one, too
    partial  set while a partial derivative of an elementwise op over arrays is computed: it is a factor, and may be a
             number where an array would hold that number everywhere
    """

    shaped: bool = False
    writes: bool = False
    follows: bool = False
    partial: bool = False

    @abstractmethod
    def __call__(self, op: str, *args: Any) -> Any:
        """The value of an op."""

    def finite(self, a: Any) -> bool:
        """Whether every element of an array is finite; False if this is not checked."""
        return False

    def nowhere(self, condition: Any) -> bool:
        """Whether a condition is known to hold nowhere."""
        return type(condition) is float and condition == 0.0

    def definitions(self, equations: Iterable[Equation]) -> Callable[[str], Equation | None]:
        """A function from a name to the equation that defines it, among these equations."""
        return {e[0]: e for e in equations}.get

    # Of arrays

    def size(self, a: Any) -> float:
        """The number of elements of an array; infinity if it is not known, and for a number."""
        return inf

    def alike(self, a: Any, b: Any) -> bool:
        """Whether two values have the same core shape."""
        return True

    def shape(self, a: Any) -> Any:
        """The core shape of a value; None where it is not known."""
        return ()

    def aligned(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """The values, with their core axes aligned."""
        return tuple(args)
