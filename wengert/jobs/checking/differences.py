"""How far two answers are apart, number by number."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan, ulp
from typing import Any

from ...ground.tuples import NamedTuple

# Relative differences that rounding explains; an answer far smaller than the largest has lost as many digits as that.
ALLOWED = 1e-9


class Difference(NamedTuple):
    """The largest difference between two answers.

    relative  of a number, relative to that number
    ulps      likewise, in units of the last place
    ok        whether rounding explains all of them
    """

    relative: float
    ulps: float
    ok: bool

    @property
    def same(self) -> bool:
        """Whether the answers are the same, bit for bit but for the sign of a zero and the kind of a nan."""
        return self.ulps == 0.0 and self.ok


def difference(found: Sequence[Any], want: Sequence[Any], finite: bool = False) -> Difference:
    """The largest difference between answers that should be equal: floats, and arrays of one shape.

    With `finite`, places where `want` is not finite are ignored.
    """
    relative, ulps, ok = 0.0, 0.0, True
    for a, b in zip(found, want):
        if finite:
            a, b = _finite(a, b)
        one = _of_numbers(a, b) if type(a) is float and type(b) is float else _of_arrays(a, b)
        relative, ulps, ok = max(relative, one.relative), max(ulps, one.ulps), ok and one.ok
    return Difference(relative, ulps, ok and len(found) == len(want))


def _finite(a: Any, b: Any) -> tuple[Any, Any]:
    if type(b) is float:
        return (a, b) if isfinite(b) else (b, b)
    import numpy as np

    return np.where(np.isfinite(b), a, b), b


def _of_numbers(a: float, b: float) -> Difference:
    if a == b or isnan(a) and isnan(b):
        return Difference(0.0, 0.0, True)
    if not isfinite(a) or not isfinite(b):
        return Difference(float("inf"), float("inf"), False)
    apart = abs(a - b)
    return Difference(apart / max(abs(b), 1e-300), apart / ulp(b), apart <= ALLOWED * max(abs(b), 1.0))


def _of_arrays(a: Any, b: Any) -> Difference:
    import numpy as np  # there are arrays

    if np.shape(a) != np.shape(b):
        return Difference(float("inf"), float("inf"), False)
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    unlike = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    if not unlike.any():
        return Difference(0.0, 0.0, True)
    a, b = a[unlike], b[unlike]
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return Difference(float("inf"), float("inf"), False)
    apart, size = np.abs(a - b), np.abs(b)
    ok = bool((apart <= ALLOWED * np.maximum(size, 1.0)).all())
    return Difference(float((apart / np.maximum(size, 1e-300)).max()), float((apart / np.spacing(size)).max()), ok)
