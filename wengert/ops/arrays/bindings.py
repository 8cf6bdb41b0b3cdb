"""Functions of array ops bound ahead to the shapes of their arguments and to their statics.

A binding has the name of a function in `products` or `reductions`, and gives its answers for arguments without batch
axes. It takes the core shapes of the arguments, () for a number, and answers None for shapes that it does not serve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from ...ground.tuples import NamedTuple
from ..shapes.dimensions import axes as _axes
from ..shapes.dimensions import parts_of
from .placing import lined, unlined
from .reductions import gaps_of, log_shares_of, log_sum_of, shares_of

Array = Any
Shape = tuple[int, ...]
Axes = int | Sequence[int] | None


class Binding(NamedTuple):
    """How an op is computed for given shapes.

    kind      "into" for a function that takes the arguments and the array to write its value into; "number" for one
              whose value is a number; "view" for one whose value may share the memory of its arguments; "broadcast" for
              one whose value is to be broadcast to the shape of the op's; "constant" for a value that is the number
              `function`
    function  of the arguments at the places `args`; None for a "broadcast" of the argument itself
    first     a function of the argument whose value `function` takes in its place, and a key: bindings with the same
              key for the same argument share that value
    """

    kind: str
    function: Any
    args: tuple[int, ...] = (0,)
    first: tuple[Any, Callable[[Array], Any]] | None = None


def binding(name: str, statics: Sequence[tuple[str, Any]], shapes: Sequence[Shape]) -> Binding | None:
    """The binding of the function `name` of `ArrayFunction` to its statics and to the shapes of its arguments."""
    found: Callable[..., Binding | None] | None = _BINDINGS.get(name)
    return None if found is None else found(*shapes, **dict(statics))


def _reduction(function: Any, a: Shape, axis: Axes, keepdims: int, want: Shape | None = None) -> Binding:
    """A reduction by a universal function; its value is given the shape `want`."""
    # Counted from the end, as the op itself counts them: the axes tell in which order NumPy adds.
    along = tuple(k - len(a) for k in _axes(axis, len(a)))
    reduce, keep = function.reduce, bool(keepdims)
    gone = {k % len(a) for k in along}
    left = tuple(1 if k in gone else d for k, d in enumerate(a) if keep or k not in gone)
    if not left:
        return Binding("number", lambda x: reduce(x, along))
    if want is None or want == left:
        return Binding("into", lambda x, out: reduce(x, along, None, out, keep))
    return Binding("into", lambda x, out: reduce(x, along, None, out.reshape(left), keep))


def _total(a: Shape, axis: Axes = None, keepdims: int = 0) -> Binding | None:
    return _reduction(np.add, a, axis, keepdims) if a else None


def _largest(a: Shape, axis: Axes = None, keepdims: int = 0) -> Binding | None:
    return _reduction(np.maximum, a, axis, keepdims) if a and 0 not in a else None


def _smallest(a: Shape, axis: Axes = None, keepdims: int = 0) -> Binding | None:
    return _reduction(np.minimum, a, axis, keepdims) if a and 0 not in a else None


def _sum_like(g: Shape, like: Shape) -> Binding | None:
    if g == like:
        return Binding("broadcast", None)
    extra = len(g) - len(like)
    gone = [*range(extra), *(k for k in range(extra, len(g)) if like[k - extra] == 1 != g[k])]
    if not g or not like:
        return _reduction(np.add, g, gone, 0) if g else None
    return _reduction(np.add, g, gone, 1, like)


def _spread(g: Shape, like: Shape, axis: Axes = None, keepdims: int = 0) -> Binding | None:
    if not g or keepdims:
        return Binding("broadcast", None)
    gone = set(_axes(axis, len(like)))
    kept = tuple(1 if k in gone else d for k, d in enumerate(like))
    return Binding("broadcast", lambda x: x.reshape(kept))


def _spread_like(g: Shape, like: Shape) -> Binding | None:
    return Binding("broadcast", None)


def _zeros_like(a: Shape) -> Binding | None:
    return Binding("broadcast", lambda: 0.0, ())


def _length(a: Shape, axis: int = 0) -> Binding | None:
    return Binding("constant", float(a[axis])) if a else None


def _count(a: Shape, axis: Axes = None, ddof: int = 0) -> Binding | None:
    return Binding("constant", float(max(prod([a[k] for k in _axes(axis, len(a))]) - ddof, 0)))


def _mean(a: Shape, axis: Axes = None, keepdims: int = 0) -> Binding | None:
    if not a:
        return None
    n = float(prod([a[k] for k in _axes(axis, len(a))]))
    kind, total, args, _ = _reduction(np.add, a, axis, keepdims)
    divide = np.divide
    if kind == "number":
        return Binding(kind, lambda x: divide(total(x), n))
    return Binding(kind, lambda x, out: divide(total(x, out), n, out), args)


def _product(a: Any, b: Any) -> Binding:
    return Binding("into", np.matmul, (0, 1))


def _matmul(a: Shape, b: Shape) -> Binding | None:
    if len(a) == len(b) == 1:
        return Binding("number", np.matmul, (0, 1))
    return Binding("into", np.matmul, (0, 1)) if a and b else None


def _matmul_t(a: Shape, b: Shape) -> Binding | None:
    matmul, multiply = np.matmul, np.multiply
    if len(b) == 1 and len(a) == 1:
        return Binding("into", lambda x, y, out: multiply(x[:, None], y, out), (0, 1))
    if len(b) == 2 and a:
        return Binding("into", lambda x, y, out: matmul(x, y.T, out), (0, 1))
    return None


def _t_matmul(a: Shape, b: Shape) -> Binding | None:
    matmul, multiply = np.matmul, np.multiply
    if len(a) == 1 and len(b) == 1:
        return Binding("into", lambda x, y, out: multiply(x[:, None], y, out), (0, 1))
    if len(a) == 2 and b:
        return Binding("into", lambda x, y, out: matmul(x.T, y, out), (0, 1))
    return None


def _transpose(a: Shape) -> Binding | None:
    return Binding("view", lambda x: x.T) if a else None


def _reshape_like(a: Shape, like: Shape) -> Binding | None:
    return Binding("view", lambda x: x.reshape(like)) if a and like else None


def _line(a: Shape, axis: Axes) -> tuple[Any, Callable[[Array], Any]]:
    """The part that the functions of exponentials along some axes share."""
    along = _axes(axis, len(a))
    if along == (len(a) - 1,):
        return ("gaps", along), gaps_of
    return ("gaps", along), lambda x: gaps_of(lined(0, x, along))


def _logsumexp(a: Shape, axis: Axes = None, keepdims: int = 0) -> Binding | None:
    if not a:
        return None
    gone = _axes(axis, len(a))
    left = tuple(1 if k in gone else d for k, d in enumerate(a) if keepdims or k not in gone)
    if not left:
        return Binding("number", log_sum_of, first=_line(a, axis))
    return Binding("view", lambda at: log_sum_of(at).reshape(left), first=_line(a, axis))


def _of_shares(function: Any) -> Callable[..., Binding | None]:
    def bind(a: Shape, axis: Axes = None) -> Binding | None:
        if not a:
            return None
        along = _axes(axis, len(a))
        if along == (len(a) - 1,):
            return Binding("view", function, first=_line(a, axis))
        like = np.broadcast_to(0.0, a)
        return Binding("view", lambda at: unlined(0, function(at), like, along), first=_line(a, axis))

    return bind


def _index(a: Shape, spec: str) -> Binding | None:
    places = tuple(part if isinstance(part, int) else slice(*part) for part in parts_of(spec))
    if len(places) < len(a) or any(isinstance(part, slice) for part in places):
        return Binding("view", lambda x: x[places])
    place = places[0] if len(places) == 1 else places
    return Binding("number", lambda x: x.item(place))


_BINDINGS: dict[str, Callable[..., Binding | None]] = {
    "total": _total, "largest": _largest, "smallest": _smallest, "sum_like": _sum_like, "spread": _spread,
    "spread_like": _spread_like, "zeros_like": _zeros_like, "length": _length, "matmul": _matmul,
    "matmul_t": _matmul_t, "t_matmul": _t_matmul, "transpose": _transpose, "reshape_like": _reshape_like,
    "index": _index, "reductions.count": _count, "reductions.mean": _mean, "reductions.logsumexp": _logsumexp,
    "reductions.softmax": _of_shares(shares_of), "reductions.log_softmax": _of_shares(log_shares_of),
}  # fmt: skip
