"""Many points at once, while they take the same branches: one value holds a number of each point, a lane for each.

A lane computes with NumPy, and answers a comparison with one truth value for all points. If the points differ it raises
Apart, which splits them in two parts; each is then computed by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from math import copysign, inf, isfinite, nextafter
from typing import Any

from ..ops import Op
from .interpretation import Interpretation
from .numbers import Numbers


class Apart(Exception):
    """The points `where` this is true take another branch than the others."""

    def __init__(self, where: Any) -> None:
        super().__init__()
        self.where = where


class Alone(Exception):
    """A value that can be found only for each point alone."""


class Lane:
    """Numbers that differ from point to point. No lane holds one number for all."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of

    def __add__(self, other: Any) -> Any:
        return lane(self.of + _of(other))

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return lane(self.of * _of(other))

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        return lane(self.of - _of(other))

    def __rsub__(self, other: Any) -> Any:
        return lane(_of(other) - self.of)

    def __truediv__(self, other: Any) -> Any:
        return lane(self.of / _of(other))

    def __rtruediv__(self, other: Any) -> Any:
        return lane(_of(other) / self.of)

    def __neg__(self) -> Any:
        return Lane(-self.of)

    def __abs__(self) -> Any:
        return lane(abs(self.of))

    def __eq__(self, other: object) -> bool:
        return same_way(self.of == _of(other))

    def __ne__(self, other: object) -> bool:
        return same_way(self.of != _of(other))

    def __lt__(self, other: Any) -> bool:
        return same_way(self.of < _of(other))

    def __le__(self, other: Any) -> bool:
        return same_way(self.of <= _of(other))

    def __gt__(self, other: Any) -> bool:
        return same_way(self.of > _of(other))

    def __ge__(self, other: Any) -> bool:
        return same_way(self.of >= _of(other))

    def __bool__(self) -> bool:
        return same_way(self.of != 0.0)

    def any(self) -> bool:
        """Whether a condition holds at the points."""
        return bool(self)

    def __hash__(self) -> int:
        return hash((self.of + 0.0).tobytes())  # 0 and -0 are equal


def _of(a: Any) -> Any:
    return a.of if type(a) is Lane else a


def lane(of: Any) -> Any:
    """A value for all points: a number if it is the same for all, sign of zero included."""
    first = float(of[0])
    if first == first:
        same = (of == first).all()
        if same and (first != 0.0 or (_negative(of) == (copysign(1.0, first) < 0.0)).all()):
            return first
    elif (of != of).all():
        return first
    return Lane(of)


def _negative(of: Any) -> Any:
    import numpy as np  # imported here, as in all functions of lanes, since callers are over arrays already

    return np.signbit(of)


def same_way(flags: Any) -> bool:
    """The truth value that all points share. Raises Apart."""
    first = bool(flags[0])
    if (flags == first).all():
        return first
    raise Apart(flags)


def is_number(a: Any) -> bool:
    """Whether a value is not nan, at each of the points."""
    return type(a) is float or type(a) is Lane


def number(a: Any) -> Any:
    """A value as a Python float, or as a lane."""
    return a if type(a) is Lane else float(a)


def finite(a: Any) -> bool:
    """Whether a number is finite. Raises Apart."""
    if type(a) is not Lane:
        return isfinite(a)
    import numpy as np

    return same_way(np.isfinite(a.of))


def unless(total: Any, size: Any, part: float) -> Any:
    """A total, set to 0 if it is at most this fraction of the size. An infinity is never rounding."""
    if type(total) is not Lane and type(size) is not Lane:
        return 0.0 if abs(total) <= part * size and isfinite(total) else total
    import numpy as np

    total, size = _of(total), _of(size)
    return lane(np.where((abs(total) <= part * size) & np.isfinite(total), 0.0, total))


def larger(a: Any, b: Any) -> Any:
    """The larger of two numbers that are not nan."""
    if type(a) is not Lane and type(b) is not Lane:
        return max(a, b)
    import numpy as np

    return lane(np.maximum(_of(a), _of(b)))


def beside(a: Any, side: int) -> Any:
    """The next number on one side."""
    if type(a) is not Lane:
        return nextafter(a, side * inf)
    import numpy as np

    return lane(np.nextafter(a.of, side * inf))


def elementwise(f: Callable[..., Any], *args: Any) -> Any:
    """A function of arrays, applied to lanes."""
    return lane(f(*map(_of, args)))


class LaneNumbers(Interpretation):
    """Computes with numbers and lanes. Enter NumPy's `errstate` around a sweep."""

    def __init__(self, ops: tuple[Op, ...] = ()) -> None:
        from .arrays import Arrays  # NumPy comes with it

        self.numbers, self.arrays = Numbers(ops), Arrays(ops)

    def __call__(self, op: str, *args: Any) -> Any:
        for a in args:
            if type(a) is Lane:
                break
        else:
            return self.numbers(op, *args)
        found = self.arrays(op, *map(_of, args))
        return found if type(found) is float else lane(found)
