"""The forward rules of the elementwise ops over NumPy's arrays.

The function over arrays of one over floats stands under the same name, in `forms` where it is written by hand, in
`generated` where it is made from the source. A function that is not ours is called for each element.

This module and those two import NumPy when they are loaded: whoever needs them loads them when the first array comes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..row import Op
from . import forms as array_forms
from . import generated
from .forms import HOMES

Array = Any
Rule = Callable[..., "np.ndarray[Any, Any]"]

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
# Of a function with many passes over its argument, elements at a time: a block and what is made of it stay in cache.
BLOCK = 16384


def over_arrays(row: Op) -> Rule:
    """The function that computes an elementwise op over arrays.

    Its arguments are arrays of float64 or float32, of any layout, that broadcast, and Python floats; one at least is an
    array. It answers with a new array of float64 (of float32, if all the arrays are), elementwise what the row's
    forward function answers: bit for bit if the row is exact or rounded, else within a few ulps; with float32, that
    answer rounded. It raises nothing (but ValueError for shapes that do not broadcast, and what a caller's own function
    raises), and warns of overflow and the like, unless called within `np.errstate(all="ignore")`.

    Raises TypeError for a row whose forward rule is text.
    """
    if not callable(row.forward):
        raise TypeError(f"the forward rule of {row.name} is text: it is swept")
    return _rule(row.forward, row.ulps <= 0.5)


@lru_cache(1024)
def _rule(function: Callable[..., float], exact: bool) -> Rule:
    # A function that rounds once at most does so in either precision, as NumPy's own do nearly.
    form = _form(function)
    if isinstance(form, np.ufunc) or hasattr(form, "whole"):
        return _direct(form)
    return _blockwise(form, None if exact else DOUBLE)


def _form(function: Callable[..., float]) -> Callable[..., Array]:
    name = getattr(function, "__name__", "")
    home = HOMES.get(str(getattr(function, "__module__", "")).rpartition(".")[2].lstrip("_"))
    # The name could be anybody's: only the very object that stands under it is ours.
    if home is not None and getattr(home, name, None) is function:
        for forms in (array_forms, generated):
            if (form := getattr(forms, name, None)) is not None:
                return form  # type: ignore[no-any-return]
    return lambda *args: array_forms.each(function, *args)


def _precision(args: tuple[Array, ...]) -> np.dtype[Any]:
    return SINGLE if {a.dtype for a in args if isinstance(a, np.ndarray)} == {SINGLE} else DOUBLE


def _direct(form: Callable[..., Array]) -> Rule:
    def apply(*args: Array) -> np.ndarray[Any, Any]:
        y = form(*args)
        if type(y) is np.ndarray and y.dtype is DOUBLE and args[0].__class__ is np.ndarray and args[0].dtype is DOUBLE:
            return y
        return np.asarray(y, _precision(args))

    return apply


def _blockwise(form: Callable[..., Array], within: np.dtype[Any] | None) -> Rule:
    """Block by block, computed in the precision `within`; of the arguments, if that is None."""

    def apply(*args: Array) -> np.ndarray[Any, Any]:
        shapes = {a.shape for a in args if isinstance(a, np.ndarray)}
        shape = shapes.pop() if shapes else ()
        if shapes:
            shape = np.broadcast_shapes(shape, *shapes)
            args = tuple(np.broadcast_to(a, shape) if isinstance(a, np.ndarray) else a for a in args)
        precision = _precision(args)
        # A float becomes NumPy's, whose quotients are those of IEEE 754.
        parts = [a.reshape(-1) if isinstance(a, np.ndarray) else np.float64(a) for a in args]
        y = np.empty(shape, precision)
        flat = y.reshape(-1)
        inner = within or precision
        for k in range(0, y.size, BLOCK):
            block = slice(k, k + BLOCK)
            flat[block] = form(*(np.asarray(a[block], inner) if isinstance(a, np.ndarray) else a for a in parts))
        return y

    return apply
