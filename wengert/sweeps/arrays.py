"""The interpretation of a list over arrays: an `apply` that computes with NumPy.

Values carry batch axes before their core axes, like the arguments of a generalised ufunc. An array of rank r (the rank
that the program gives it) has `batch` + r axes, and a batch axis along which it does not vary has length 1. A float is
a number that does not vary at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np

from ..ground.errors import DomainError, WengertError, error
from ..lists.wengert_list import table_of
from ..ops import Op
from ..ops.arrays.elementwise import over_arrays
from ..ops.parameters import ArrayFunction
from .interpretation import Interpretation
from .rules import forward_rule, sweep_rule


class Arrays(Interpretation):
    """`apply` over arrays and floats, with IEEE 754 results. Enter it as a context around a sweep: this silences
    NumPy's warnings."""

    shaped = True

    def __init__(self, ops: tuple[Op, ...] = (), batch: int = 0, dtype: str = "float64") -> None:
        self.table, self.ops, self.batch, self.dtype = table_of(ops), ops, batch, np.dtype(dtype)
        self._state: Any = None

    def __enter__(self) -> Arrays:
        self._state = np.errstate(all="ignore")
        self._state.__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        self._state.__exit__(*why)

    def __call__(self, op: str, *args: Any) -> Any:
        row = self.table[op]
        forward, batch = row.forward, self.batch
        if row.array is not None:
            assert isinstance(forward, ArrayFunction)
            if batch:
                args = tuple([np.reshape(a, (1,) * batch) if type(a) is float else a for a in args])
            try:
                return self.held(forward.over(batch, *args))
            except WengertError:
                raise
            except (IndexError, ValueError, OverflowError, MemoryError) as problem:
                raise error(DomainError, "W204", f"`{row.name}`: {problem}") from None
        if isinstance(forward, str):
            rule = forward_rule(row, self.ops)
            return sweep_rule(rule, dict(zip(rule.inputs, args)), self)
        for a in args:
            if type(a) is not float:
                break
        else:
            return forward(*args)
        if batch and len(args) > 1:
            args = self.aligned(args)
        return self.held(over_arrays(row)(*args))

    def held(self, a: Any) -> Any:
        """A result in the form that sweeps hold: an array without axes becomes a float, and any other has the one
        dtype."""
        if type(a) is not np.ndarray or not a.ndim:
            if np.ndim(a) == 0:
                return float(a)
        elif a.dtype is self.dtype:
            return a
        return a if a.dtype == self.dtype else a.astype(self.dtype)

    def aligned(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments with equal numbers of core axes: axes of length 1 are put before those of arguments that have
        fewer."""
        batch = self.batch
        most = max(np.ndim(a) for a in args)
        return tuple(
            a if np.ndim(a) in (0, most) else a.reshape(a.shape[:batch] + (1,) * (most - a.ndim) + a.shape[batch:])
            for a in args
        )

    def finite(self, a: Any) -> bool:
        """Whether every element is a finite number."""
        return bool(np.isfinite(a).all())

    def nowhere(self, condition: Any) -> bool:
        """Whether a condition holds for no element."""
        return condition == 0.0 if type(condition) is float else not condition.any()

    def size(self, a: Any) -> float:
        """The number of elements of an array, over all its axes; infinity for a number."""
        return inf if type(a) is float else float(a.size)

    def shape(self, a: Any) -> tuple[int, ...]:
        """The core shape of a value."""
        shape: tuple[int, ...] = np.shape(a)
        return shape[self.batch :]

    def alike(self, a: Any, b: Any) -> bool:
        """Whether two values have the same core shape."""
        if type(a) is type(b) is np.ndarray and not self.batch:
            return bool(a.shape == b.shape)
        return bool(np.shape(a)[self.batch :] == np.shape(b)[self.batch :])
