"""Germs over arrays: arrays of objects, whose elements are germs. NumPy's own functions add, multiply and compare
them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ground.errors import WengertError
from ..ops import Op
from ..ops.parameters import ArrayFunction
from .arrays import Arrays
from .germ import UnknownGerm
from .germs import Germs
from .point_lanes import is_number


def placed(by: Germs, value: Any, move: Any) -> Any:
    """The germs of an array that moves along an array of directions."""
    answer = np.empty(value.shape, dtype=object)
    for at, v in np.ndenumerate(value):
        answer[at] = by.boxed(by.made({0: float(v), 1: float(move[at])}))
    return answer


def over_arrays(by: Germs, op: str, args: tuple[Any, ...]) -> Any:
    """The value of an op with array arguments. Raises UnknownGerm."""
    row = by.table[op]
    if all(type(a) is float or isinstance(a, np.ndarray) and a.dtype != object for a in args):
        with Arrays(by.rules.ops) as apply:
            return apply(op, *args)
    if row.array is None:
        return _each(by, op, args)
    folds = row.array.folds or row.notation.folded
    if folds:
        return _folded(by, row, folds, args[0])
    try:
        assert isinstance(row.forward, ArrayFunction)
        whole = row.forward(*[_boxes(by, a) for a in args])
    except (UnknownGerm, WengertError):
        raise
    except Exception as problem:
        raise UnknownGerm(str(problem)) from None
    return whole[()] if isinstance(whole, np.ndarray) and not whole.ndim else whole


def _boxes(by: Germs, a: Any) -> Any:
    """An array as germs, if it is not already. A number among them would be compared from its other side."""
    if not isinstance(a, np.ndarray) or a.dtype == object and not any(is_number(v) for v in a.flat):
        return a
    answer = np.empty(a.shape, dtype=object)
    for at, v in np.ndenumerate(a):
        answer[at] = by.boxed(v if a.dtype == object else float(v)) if is_number(v) else v
    return answer


def _each(by: Germs, op: str, args: tuple[Any, ...]) -> Any:
    """Apply an elementwise op. An element without a series holds the reason instead, as it may not be used."""
    boxed = []
    for a in args:
        if not isinstance(a, np.ndarray):
            box = np.empty((), dtype=object)
            box[()] = a
            a = box
        boxed.append(a)
    whole = np.broadcast_arrays(*boxed)
    answer = np.empty(whole[0].shape, dtype=object)
    for at in np.ndindex(*answer.shape):
        by.at(*by.place[:1], at)
        found = by.lenient(op, *(a[at] if not isinstance(a[at], np.floating) else float(a[at]) for a in whole))
        answer[at] = found if isinstance(found, UnknownGerm) else by.boxed(found)
    return answer if answer.ndim else answer[()]


def _folded(by: Germs, row: Op, folds: str, a: Any) -> Any:
    """Apply a reduction that is an op of any number of arguments over the elements."""
    if not isinstance(a, np.ndarray):
        return a
    statics: Any = dict(row.forward.statics)  # type: ignore[union-attr]
    axis = statics.get("axis")
    gone = range(a.ndim) if axis is None else [k % a.ndim for k in (axis if isinstance(axis, tuple) else (axis,))]
    kept = [k for k in range(a.ndim) if k not in set(gone)]
    groups = np.transpose(a, (*kept, *gone)).reshape((*(a.shape[k] for k in kept), -1))
    answer = np.empty(groups.shape[:-1], dtype=object)
    for at in np.ndindex(*answer.shape):
        by.at(*by.place[:1], at)
        found = by.lenient(folds, *groups[at])
        answer[at] = found if isinstance(found, UnknownGerm) else by.boxed(found)
    if statics.get("keepdims"):
        return answer.reshape([1 if k in set(gone) else d for k, d in enumerate(a.shape)])
    return answer if answer.ndim else answer[()]
