"""Array functions for ops for which NumPy has no function with the same results: source for the `numpy` target.

As in `portable`, each function replaces the one of the same name in the ops' sources. Wengert itself calls none of
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def largest(*a: Any) -> Any:
    y = a[0]
    for b in a[1:]:
        y = np.where((y == 0.0) & (b == 0.0), y + b, np.maximum(y, b))
    return y


def smallest(*a: Any) -> Any:
    y = a[0]
    for b in a[1:]:
        y = np.where((y == 0.0) & (b == 0.0), -(-y - b), np.minimum(y, b))
    return y


def ties(m: Any, *a: Any) -> Any:
    return sum(1.0 * (b == m) for b in a)


def power(a: Any, b: Any) -> Any:
    return np.where(b == 2.0, a * a, np.power(a, b))


def hypot(*a: Any) -> Any:
    # Scaled by a power of two: roundings of subnormals would add up.
    scale = np.where(sum(np.abs(b) for b in a) < 1e-200, 2.0**600, 1.0)
    y = np.abs(a[0]) * scale
    for b in a[1:]:
        y = np.hypot(y, b * scale)
    return y / scale


def each(function: Any, *args: Any) -> Any:
    """A function of numbers, element by element."""
    return np.vectorize(function, otypes=[float])(*args)
