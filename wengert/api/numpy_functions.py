"""Functions of NumPy that are no ops, composed of functions that are, so that recorded values can pass through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ..ground.errors import UsageError, error


@cache
def composed_functions() -> Mapping[Any, Callable[..., Any]]:
    """Functions that take recorded values too, by the NumPy function with the same arguments and values."""
    import numpy as np  # imported already, as one of its functions was called

    found: dict[Any, Callable[..., Any]] = {
        np.around: _around, np.diff: _diff, np.dot: _dot, np.floor_divide: floor_divide, np.fmax: _fmax,
        np.fmin: _fmin, np.heaviside: _heaviside, np.inner: _inner, np.vdot: _vdot,
    }  # fmt: skip
    newer: dict[str, Callable[..., Any]] = {"trapezoid": _trapezoid, "trapz": _trapezoid, "vecdot": _vecdot}
    found.update((getattr(np, name), form) for name, form in newer.items() if name in np.__all__)
    return found


def _around(a: Any, decimals: int = 0) -> Any:
    import numpy as np

    if decimals == 0:
        return np.rint(a)
    scale = 10.0 ** abs(decimals)
    return np.rint(a * scale) / scale if decimals > 0 else np.rint(a / scale) * scale


def _diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    import numpy as np

    for _ in range(n):
        moved = np.moveaxis(a, axis, 0)
        a = np.moveaxis(moved[1:] - moved[:-1], 0, axis)
    return a


def _trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    import numpy as np

    if x is not None and axis != -1:
        # It is not known whether x, or y, has one axis.
        raise error(
            UsageError, "W623", "points along another axis than the last are not known while a function is recorded"
        )
    moved = np.moveaxis(y, axis, 0)
    pairs = np.moveaxis(moved[1:] + moved[:-1], 0, -1)
    return np.sum(pairs * (dx if x is None else _diff(x)), axis=-1) / 2.0


def _dot(a: Any, b: Any) -> Any:
    import numpy as np

    return a * b if isinstance(a, (int, float)) or isinstance(b, (int, float)) else np.matmul(a, b)


def _inner(a: Any, b: Any) -> Any:
    import numpy as np

    return _dot(a, b if isinstance(b, (int, float)) else np.transpose(b))


def _vdot(a: Any, b: Any) -> Any:
    import numpy as np

    return np.sum(np.ravel(a) * np.ravel(b))


def _vecdot(a: Any, b: Any) -> Any:
    import numpy as np

    return np.sum(a * b, axis=-1)


def _fmax(a: Any, b: Any) -> Any:
    import numpy as np

    return np.where(np.isnan(a), b, np.where(np.isnan(b), a, np.maximum(a, b)))


def _fmin(a: Any, b: Any) -> Any:
    import numpy as np

    return np.where(np.isnan(a), b, np.where(np.isnan(b), a, np.minimum(a, b)))


def floor_divide(a: Any, b: Any) -> Any:
    """The whole number nearest to (a - a % b)/b, as NumPy computes it: floor(a/b) would be 1 too large where a/b rounds
    up."""
    import numpy as np

    return np.where(b == 0.0, a / b, np.rint((a - a % b) / b))


def _heaviside(a: Any, h: Any) -> Any:
    import numpy as np

    return np.where(a == 0.0, h, (1.0 + np.sign(a)) / 2.0)
