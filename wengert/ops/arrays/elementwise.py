"""The forward rules of elementwise ops over arrays of NumPy.

A function over floats has a function over arrays of the same name: in `forms`, written by hand, or in `generated`,
made from its source. A caller's own function over floats is called for each element.

These three modules import NumPy, so other modules import them only when the first array comes.
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
# Elements at a time, for a function with many passes over its argument: a block and its temporaries fit in the cache.
BLOCK = 16384
# A function of these modules spends most of its time on a few of its elements, turn by turn: its blocks are larger by
# this factor, and up to this number of elements each is computed alone.
LONGER, FEW, LOOPING = 4, 64, {"bessel_real"}


def over_arrays(row: Op) -> Rule:
    """The function that computes an elementwise op over arrays.

    Its arguments are broadcastable arrays of float64 or float32, of any layout, and Python floats; at least one is an
    array. It returns a new array, of float32 if all arrays are, else of float64. Its elements are the answers of the
    row's forward function: bit for bit if the row is exact or rounded, else within a few ulps; for float32, rounded to
    float32. It warns of overflow and other floating-point errors, unless called within `np.errstate(all="ignore")`. It
    raises ValueError for shapes that do not broadcast, and the errors of a caller's own function.

    Raises TypeError for a row whose forward rule is text.
    """
    if not callable(row.forward):
        raise TypeError(f"the forward rule of {row.name} is text: it is swept")
    return _rule(row.forward, row.ulps <= 0.5)


@lru_cache(1024)
def _rule(function: Callable[..., float], exact: bool) -> Rule:
    # A function that rounds at most once needs no wider precision; NumPy's own functions nearly do that too.
    form = form_of(function)
    if isinstance(form, np.ufunc) or hasattr(form, "whole"):
        return _direct(form)
    home = str(getattr(function, "__module__", "")).rpartition(".")[2]
    if home in LOOPING:
        return _blockwise(_many(function, form), DOUBLE, LONGER * BLOCK)
    return _blockwise(form, None if exact else DOUBLE, BLOCK)


def form_of(function: Callable[..., float]) -> Callable[..., Array]:
    """The function over arrays for a function over floats: of the same name, or one that calls it for each element."""
    name = getattr(function, "__name__", "")
    home = HOMES.get(str(getattr(function, "__module__", "")).rpartition(".")[2].lstrip("_"))
    # A caller's function may have the name of one of ours, so the object itself is compared.
    if home is not None and getattr(home, name, None) is function:
        for forms in (array_forms, generated):
            if (form := getattr(forms, name, None)) is not None:
                return form  # type: ignore[no-any-return]
    return lambda *args: array_forms.each(function, *args)


def _many(function: Callable[..., float], form: Callable[..., Array]) -> Callable[..., Array]:
    """A form that calls the function over floats for a few elements."""

    def apply(*args: Array) -> Array:
        return array_forms.each(function, *args) if max(map(np.size, args)) <= FEW else form(*args)

    return apply


def _precision(args: tuple[Array, ...]) -> np.dtype[Any]:
    return SINGLE if {a.dtype for a in args if isinstance(a, np.ndarray)} == {SINGLE} else DOUBLE


def _direct(form: Callable[..., Array]) -> Rule:
    def apply(*args: Array) -> np.ndarray[Any, Any]:
        y = form(*args)
        if type(y) is np.ndarray and y.dtype is DOUBLE and args[0].__class__ is np.ndarray and args[0].dtype is DOUBLE:
            return y
        return np.asarray(y, _precision(args))

    return apply


def _blockwise(form: Callable[..., Array], within: np.dtype[Any] | None, size: int) -> Rule:
    """A form applied block by block of this size, in the precision `within`, or in that of its arguments if `within`
    is None."""

    def apply(*args: Array) -> np.ndarray[Any, Any]:
        shapes = {a.shape for a in args if isinstance(a, np.ndarray)}
        shape = shapes.pop() if shapes else ()
        if shapes:
            shape = np.broadcast_shapes(shape, *shapes)
            args = tuple(np.broadcast_to(a, shape) if isinstance(a, np.ndarray) else a for a in args)
        precision = _precision(args)
        # A quotient of Python's floats raises where one of NumPy's answers by IEEE 754.
        parts = [a.reshape(-1) if isinstance(a, np.ndarray) else np.float64(a) for a in args]
        y = np.empty(shape, precision)
        flat = y.reshape(-1)
        inner = within or precision
        for k in range(0, y.size, size):
            block = slice(k, k + size)
            flat[block] = form(*(np.asarray(a[block], inner) if isinstance(a, np.ndarray) else a for a in parts))
        return y

    return apply
