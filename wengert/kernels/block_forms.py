"""Elementwise ops as calls of NumPy that write into a given array.

A form is a function over arrays (see `ops.arrays`). If it is a ufunc, or a few of them, it becomes calls with an output
array, in the same order and so with the same bits. Any other form is called, and its result is copied. In a template
{0}, {1}, … are the arguments, {o} is the output, {f} a function. An argument is an array; for a number it has no axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import frexp, isfinite
from typing import Any

import numpy as np

from ..ground.tuples import NamedTuple
from ..ops import Op
from ..ops.arrays import forms
from ..ops.arrays.elementwise import form_of

Form = Callable[..., Any]


class InPlace(NamedTuple):
    """Lines that compute a form.

    fresh   whether the output must be none of the arguments
    double  whether they hold in double precision alone: a function with several roundings runs in it
    """

    lines: tuple[str, ...]
    fresh: bool = False
    double: bool = False


def nan_places(a: Any) -> Any:
    """Where an array is nan, or None if no element is."""
    worst = _worst(a)
    return np.isnan(a) if worst != worst else None


def is_large(a: Any) -> bool:
    """Whether an array holds a nan, or numbers whose squares may overflow."""
    return not _worst(a) < 1e300


def _worst(a: Any) -> Any:
    # A sum of squares takes less time, but for longer arrays OpenBLAS starts its own threads.
    return a.dot(a) if a.size <= 8192 else np.maximum.reduce(a)


# The names in templates. `zero`, `one` and `ten` are arrays without axes, which a ufunc reads faster than numbers.
UFUNCS = (np.add, np.multiply, np.divide, np.negative, np.maximum, np.exp, np.power, np.not_equal, np.hypot)
NAMES: dict[str, Any] = {
    **{function.__name__: function for function in (*UFUNCS, np.copyto, np.where, nan_places, is_large)},
    "exact_sigmoid": forms.sigmoid, "nan": np.nan,
}  # fmt: skip
TEMPLATES: dict[Form, InPlace] = {
    forms.cube: InPlace(("multiply({0}, {0}, {o})", "multiply({o}, {0}, {o})"), fresh=True),
    forms.exp10: InPlace(("power(ten, {0}, {o})",)),
    forms.relu: InPlace(("maximum({0}, zero, out={o})", "add({o}, zero, {o})")),
}
OF_TWO = {forms.hypot: InPlace(("hypot({0}, {1}, {o})",), double=True)}


def is_truth(form: Form) -> bool:
    """Whether a form returns truth values, which NumPy keeps as such."""
    return isinstance(form, np.ufunc) and any(t[0] == "d" and t[-1] == "?" for t in form.types)


def by_element(row: Op) -> bool:
    """Whether a row's function is called for each element, as it has no form over arrays."""
    return callable(row.forward) and form_of(row.forward).__module__ == form_of.__module__


def template(
    form: Form, numbers: Sequence[float | None], dtype: np.dtype[Any]
) -> tuple[Form | None, InPlace] | None:  # fmt: skip
    """The lines for a form, and the function that they call; None if the form itself is to be called.

    numbers  the value of each argument that is known beforehand
    """
    count = len(numbers)
    if isinstance(form, np.ufunc):
        return form, InPlace((f"{{f}}({', '.join(f'{{{i}}}' for i in range(count))}, {{o}})",))
    if form is forms.power:
        return _power(numbers[1])
    found = TEMPLATES.get(form) or (OF_TWO.get(form) if count == 2 else None)
    if found is None or found.double and dtype != np.float64:
        return None
    return None, found


def _power(exponent: float | None) -> tuple[Form | None, InPlace] | None:
    if exponent is None or exponent == 0.5:
        return None
    if exponent == 2.0:
        return np.square, InPlace(("{f}({0}, {o})",))
    if exponent == 3.0:
        return None, TEMPLATES[forms.cube]
    return np.power, InPlace(("{f}({0}, {1}, {o})",))


def reciprocal_of_two(a: float) -> float | None:
    """1/a for a power of two: then the product has the bits of the quotient. None for any other number."""
    if not isfinite(a) or abs(frexp(a)[0]) != 0.5 or not 1e-300 < abs(a) < 1e300:
        return None
    return 1.0 / a
