"""An elementwise op as passes over arrays: functions of NumPy, one after the other.

The form of an op is run once on stand-ins for its arguments, which note each function that they are given to. Each pass
can then write into memory that is there already. A form that looks at the values of its arguments has no such passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ...ground.tuples import NamedTuple
from ..row import Op
from . import forms
from .elementwise import DOUBLE, form_of

# A form of more passes is as fast block by block.
MOST = 32


class PassArgument(int):
    """The place of an argument of a pass: the arguments of the op come first, then the passes."""


class Pass(NamedTuple):
    """A function of NumPy, its arguments (places and numbers), and the type of the elements of its value."""

    function: Any
    args: tuple[Any, ...]
    dtype: np.dtype[Any]


class _Seen(Exception):
    """A form looks at a value, or treats it as no pass does."""


class _StandIn(NDArrayOperatorsMixin):
    """Stands for an array; `sample` is an array of its type."""

    __slots__ = ("passes", "place", "sample")

    def __init__(self, passes: list[Pass], place: int, sample: Any) -> None:
        self.passes, self.place, self.sample = passes, place, sample

    def __array_ufunc__(self, function: Any, method: str, *args: Any, **options: Any) -> Any:
        if method != "__call__" or function.nout != 1 or not options.keys() <= {"out"}:
            raise _Seen
        return self._noted(function, args)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function is not np.where or len(args) != 3 or options:
            raise _Seen
        return self._noted(function, args)

    def _noted(self, function: Any, args: tuple[Any, ...]) -> _StandIn:
        if len(self.passes) > MOST or any(isinstance(a, np.ndarray) for a in args):
            raise _Seen
        sample = function(*(a.sample if isinstance(a, _StandIn) else a for a in args))
        atoms = tuple(PassArgument(a.place) if isinstance(a, _StandIn) else a for a in args)
        self.passes.append(Pass(function, atoms, sample.dtype))
        return _StandIn(self.passes, -len(self.passes), sample)

    def __bool__(self) -> bool:
        raise _Seen

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise _Seen


def passes_of(row: Op, literals: Sequence[float | None], dtype: np.dtype[Any]) -> tuple[Pass, ...] | None:
    """The passes of an elementwise op, in order: the last one gives its value. None for an op without passes.

    `literals` are the numbers among its arguments; None stands for an array of `dtype`. The value has that type, or it
    has truth values, to be cast to that type.
    """
    if not callable(row.forward):
        return None
    form = form_of(row.forward)
    if form.__module__ == form_of.__module__:
        return None  # It calls a caller's function for each element.
    whole = isinstance(form, np.ufunc) or hasattr(form, "whole")
    # Other forms are computed in double precision.
    if dtype != DOUBLE and not whole and row.ulps > 0.5:
        return None
    spelled = tuple([a if a is None else a.hex() for a in literals])
    if form in _PASSES:
        named = literals.count(None) == len(literals)
        return (Pass(_PASSES[form], tuple(map(PassArgument, range(len(literals)))), dtype),) if named else None
    return _traced(form, spelled, dtype)


@lru_cache(4096)
def _traced(
    form: Callable[..., Any], literals: tuple[str | None, ...], dtype: np.dtype[Any]
) -> tuple[Pass, ...] | None:
    passes: list[Pass] = []
    sample = np.ones(1, dtype)
    args = [_StandIn(passes, k, sample) if a is None else float.fromhex(a) for k, a in enumerate(literals)]
    try:
        with np.errstate(all="ignore"):
            answer = form(*args)
    except (_Seen, TypeError, AttributeError, ValueError):
        return None
    n = len(literals)
    if not isinstance(answer, _StandIn) or answer.place != -len(passes) or not passes or len(passes) > MOST:
        return None

    def placed(a: Any) -> Any:
        return PassArgument(n - 1 - a) if isinstance(a, PassArgument) and a < 0 else a

    return tuple([p._replace(args=tuple(map(placed, p.args))) for p in passes])


# Functions that are passes, too. The memory of the value may be that of an argument.


def keep(a: Any, condition: Any, out: Any) -> Any:
    """a where a condition holds, and 0 elsewhere; the condition is an array of truth values."""
    # The bits of any number times 0 are those of 0, which takes half the time of `np.where`.
    bits = f"i{out.itemsize}"
    np.multiply(a.view(bits), condition, out=out.view(bits))
    return out


def stepped(a: Any, out: Any) -> Any:
    """The value of `step`."""
    above = np.greater(a, 0.0)
    if np.count_nonzero(above) + np.count_nonzero(np.less(a, 0.0)) == a.size:
        np.copyto(out, above)
    else:
        np.copyto(out, forms.step(a))
    return out


def gated(c: Any, a: Any, out: Any) -> Any:
    """The value of `gate`."""
    there = np.not_equal(c, 0.0)
    np.multiply(c, a, out=out)
    return keep(out, there, out)


def gated_step(b: Any, a: Any, out: Any) -> Any:
    """The value of `gate(step(b), a)`, for arrays of one shape."""
    above = np.greater(b, 0.0)
    if np.count_nonzero(above) + np.count_nonzero(np.less(b, 0.0)) == b.size:
        return keep(a, above, out)
    np.copyto(out, forms.gate(forms.step(b), a))
    return out


_PASSES: dict[Any, Any] = {forms.step: stepped, forms.gate: gated}
