"""Points to try a formula at: values for inputs that have none, and batches around a point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite, prod
from typing import Any

from ...ground.errors import UsageError, error, shown
from ...ground.limits import Limits, check_clock, exceeded
from ...lists.wengert_list import WengertList

# Values for inputs without one, in the order in which they are tried: the first at which the formula is finite.
TRIED = (0.5, 1.5, 3.0, -0.5, 10.0, 0.01)
# The value of a size that the program leaves open.
SIZE = 10


def complete_point(
    wlist: WengertList, given: Mapping[str, Any], core: Mapping[str, Any], call: Callable[[dict[str, Any]], Any]
) -> dict[str, Any]:
    """A point with values for all inputs of the list, including the given ones.

    core  the declared shapes: sizes and names of sizes, None where the shape is not known
    call  evaluates the program at a point

    Raises UsageError for an input that may be an array of any shape.
    """
    missing = [n for n in wlist.inputs if n not in given]
    sizes: dict[Any, int] = {}
    for n, v in given.items():
        sizes.update(zip((core.get(n) or ())[::-1], getattr(v, "shape", ())[::-1]))
    shapes = {}
    for n in missing:
        if core.get(n) is None:
            raise error(UsageError, "W606", f"no value for `{n}`, which is an array of any shape",
                        help=f"give it one, such as `{n}=[1, 2, 3]`")  # fmt: skip
        shapes[n] = tuple(d if isinstance(d, int) else sizes.setdefault(d, SIZE) for d in core[n])
    first = None
    for base in TRIED:
        check_clock()
        point = {n: given[n] if n in given else _near(base, k, shapes[n]) for k, n in enumerate(wlist.inputs)}
        first = first or point
        if not missing or _finite(call(point)):
            return point
    assert first is not None
    return first


def _near(base: float, k: int, shape: Sequence[int]) -> Any:
    """A value near a number: a little apart for each input, and for each element."""
    if not shape:
        return base * (1.0 + k % 10 / 20)
    import numpy as np

    return (base * (1.0 + (np.arange(prod(shape)) + k) % 10 / 20)).reshape(shape)


def _finite(value: Any) -> bool:
    values: Iterable[Any] = value if isinstance(value, tuple) else (value,)
    return all(isfinite(v) if type(v) is float else bool((abs(v) < float("inf")).all()) for v in values)


def scattered(point: Mapping[str, Any], points: int, limits: Limits) -> dict[str, Any]:
    """A batch of points around a point, the same in every run: up to a tenth of a value away. Raises LimitError."""
    import numpy as np

    sizes = [prod(getattr(v, "shape", ())) for v in point.values()]
    if points * sum(sizes) > limits.elements:
        raise exceeded(limits, "elements", f"{points:,} points of {sum(sizes):,} numbers each")
    choose = np.random.default_rng(1964)
    found = {}
    for n, v in point.items():
        away = choose.uniform(-0.1, 0.1, (points, *getattr(v, "shape", ())))
        with np.errstate(all="ignore"):
            found[n] = v + away * np.where(np.equal(v, 0.0), 1.0, np.abs(v))
    return found


def counted(points: object) -> int:
    """A number of points. Raises UsageError for anything but a whole number from 1 on."""
    try:
        count = int(points) if not isinstance(points, (str, bytes, bool)) else 0  # type: ignore[call-overload]
        whole = count == points
    except (TypeError, ValueError, OverflowError):
        whole = False
    if not whole or count < 1:
        raise error(UsageError, "W608", f"a number of points is a whole number from 1 on, not {shown(points)}",
                    help="for instance `points=1000`")  # fmt: skip
    return count
