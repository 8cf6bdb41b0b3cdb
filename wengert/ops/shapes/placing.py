"""Shape rules of the ops that place, reduce and filter, as in `dimensions`."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from .dimensions import Dim, Mismatch, Shape, axes, broadcast, few_axes, joined, one_axis, reduced, same, shown

Axes = int | Sequence[int] | None


def _sizes(shape: int | Sequence[int]) -> tuple[int, ...]:
    want = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(d < 0 for d in want):
        raise Mismatch(f"{shown(want)} is no shape: sizes are 0 or more")
    return want


def _product(dims: Sequence[Dim]) -> Dim:
    known = [d for d in dims if isinstance(d, int)]
    return prod(known) if len(known) == len(dims) or 0 in known else None


def _only(k: int) -> str:
    return f"{k} dimension{'s' * (k != 1)}"


# Placing


def made(shape: int | Sequence[int]) -> Shape:
    """The given shape."""
    return _sizes(shape)


def filled(a: Shape, shape: int | Sequence[int]) -> Shape:
    """The given shape, to which the argument must broadcast."""
    want = _sizes(shape)
    if a is not None and (len(a) > len(want) or broadcast(a, want) != want):
        raise Mismatch(f"{shown(a)} does not broadcast to {shown(want)}")
    return want


def identity(n: int, m: int | None = None) -> Shape:
    """The shape of a matrix of n rows and m columns; m is n by default."""
    return _sizes((n, n if m is None else m))


def ranged(start: int, stop: int | None = None, step: int = 1) -> Shape:
    """The shape of a vector with the elements of a range."""
    if step == 0:
        raise Mismatch("the step of a range is not 0")
    return (len(range(start, stop, step)) if stop is not None else len(range(0, start, step)),)


def spaced(a: Shape, b: Shape, n: int) -> Shape:
    """The shape of n points between numbers, or between vectors, along a new first axis."""
    ends = broadcast(a, b)
    if ends is not None and len(ends) > 1:
        raise Mismatch("the ends are numbers or vectors")
    return None if ends is None else (*_sizes(n), *ends)


def stacked_along(*shapes: Shape, axis: int = 0) -> Shape:
    """The shape of arrays of one shape, stacked along a new axis."""
    if None in shapes:
        return None
    rest = same(*shapes)
    k = one_axis(axis, len(rest) + 1)
    return few_axes((*rest[:k], len(shapes), *rest[k:]))


def flat(a: Shape) -> Shape:
    """The shape of all elements along one axis."""
    return (None,) if a is None else (_product(a),)


def repeated(a: Shape, repeats: int, axis: int | None = None) -> Shape:
    """The shape after every element is repeated along an axis, or along all axes merged into one."""
    _sizes(repeats)
    if axis is None:
        size = (flat(a) or (None,))[0]
        return (size * repeats if isinstance(size, int) else None,)
    if a is None:
        return None
    k = one_axis(axis, len(a))
    d = a[k]
    return (*a[:k], d * repeats if isinstance(d, int) else None, *a[k + 1 :])


def tiled(a: Shape, reps: int | Sequence[int]) -> Shape:
    """The shape after each axis is repeated; there are at least as many axes as counts."""
    times = _sizes(reps)
    if a is None:
        return None
    rank = max(len(times), len(a))
    times = (1,) * (rank - len(times)) + times
    dims = (1,) * (rank - len(a)) + a
    return tuple(d * n if isinstance(d, int) else d if n == 1 else None for d, n in zip(dims, times))


def turned(a: Shape, axis: Axes = None, **statics: object) -> Shape:
    """The same shape; `axis` names axes of it."""
    if a is not None:
        axes(axis, len(a))
    return a


def rolled(a: Shape, shift: int | Sequence[int], axis: Axes = None) -> Shape:
    """The same shape; a list of shifts goes with a list of axes."""
    if not isinstance(shift, int) and (axis is None or isinstance(axis, int) or len(axis) != len(shift)):
        raise Mismatch("a list of shifts needs a list of as many axes")
    return turned(a, axis)


def widths_of(widths: int | Sequence[int], rank: int) -> list[tuple[int, int]]:
    """The margins before and after each axis, from one number for all, a pair for all, or a pair an axis.

    Raises Mismatch.
    """
    if rank == 0:
        raise Mismatch("a number has no sides")
    given = (widths, widths) if isinstance(widths, int) else tuple(widths)
    if any(w < 0 for w in given):
        raise Mismatch("widths are 0 or more")
    if len(given) == 2:
        given *= rank
    if len(given) != 2 * rank:
        raise Mismatch(f"{len(given)} widths for {_only(rank)}: one for all, two for all, or two an axis")
    return list(zip(given[::2], given[1::2]))


def padded(a: Shape, widths: int | Sequence[int]) -> Shape:
    """The shape with margins added."""
    if a is None:
        return None
    around = widths_of(widths, len(a))
    return tuple(d + w + v if isinstance(d, int) else d if w + v == 0 else None for d, (w, v) in zip(a, around))


def cropped(a: Shape, widths: int | Sequence[int]) -> Shape:
    """The shape with margins removed."""
    if a is None:
        return None
    around = widths_of(widths, len(a))
    if any(isinstance(d, int) and d < w + v for d, (w, v) in zip(a, around)):
        raise Mismatch(f"{shown(a)} has no such margins")
    return tuple(d - w - v if isinstance(d, int) else d if w + v == 0 else None for d, (w, v) in zip(a, around))


def expanded(a: Shape, axis: int | Sequence[int]) -> Shape:
    """The shape with new axes of length 1; `axis` counts among the axes of the answer."""
    if a is None:
        return None
    rank = len(a) + (1 if isinstance(axis, int) else len(axis))
    new, rest = axes(axis, rank), iter(a)
    return few_axes(tuple(1 if k in new else next(rest) for k in range(rank)))


def squeezed(a: Shape, axis: Axes = None) -> Shape:
    """The shape without the given axes of length 1, or without all of them."""
    if a is None:
        return None
    if axis is None:
        return None if any(not isinstance(d, int) for d in a) else tuple(d for d in a if d != 1)
    gone = axes(axis, len(a))
    for k in gone:
        if isinstance(a[k], int) and a[k] != 1:
            raise Mismatch(f"axis {k} has {a[k]} elements, not 1")
    return tuple(d for k, d in enumerate(a) if k not in gone)


def swapped(a: Shape, axis1: int, axis2: int) -> Shape:
    """The shape with two axes exchanged."""
    if a is None:
        return None
    order = list(range(len(a)))
    j, k = one_axis(axis1, len(a)), one_axis(axis2, len(a))
    order[j], order[k] = k, j
    return tuple(a[i] for i in order)


def moved_order(rank: int, source: int | Sequence[int], destination: int | Sequence[int]) -> list[int]:
    """The order of the axes after some of them are moved. Raises Mismatch."""
    start, end = axes(source, rank), axes(destination, rank)
    if len(start) != len(end):
        raise Mismatch("there must be as many destinations as sources")
    order = [k for k in range(rank) if k not in start]
    for place, k in sorted(zip(end, start)):
        order.insert(place, k)
    return order


def moved(a: Shape, source: int | Sequence[int], destination: int | Sequence[int]) -> Shape:
    """The shape with some axes moved to other places, and the rest in order."""
    return None if a is None else tuple(a[k] for k in moved_order(len(a), source, destination))


def permuted(a: Shape, order: int | Sequence[int]) -> Shape:
    """The shape with all axes in another order."""
    given = (order,) if isinstance(order, int) else tuple(order)
    found = axes(given, len(given))
    if a is None:
        return (None,) * len(given)
    if len(given) != len(a):
        raise Mismatch(f"an order of {_only(len(a))} has as many places, not {len(given)}")
    return tuple(a[k] for k in found)


def beside(a: Shape, i: Shape, axis: int = -1) -> Shape:
    """The shape of i, which holds places along an axis for every line of that axis."""
    if a is None or i is None:
        return i
    if len(a) != len(i):
        raise Mismatch("the places have as many dimensions as the array")
    k = one_axis(axis, len(a))
    return tuple(e if j == k else joined(d, e) for j, (d, e) in enumerate(zip(a, i)))


def hot(k: Shape, n: int) -> Shape:
    """The shape with a new last axis of length n."""
    return None if k is None else few_axes((*k, *_sizes(n)))


def lined(a: Shape, axis: Axes = None) -> Shape:
    """The shape with some axes, or all, merged into one last axis."""
    if a is None:
        return (None,) if axis is None else None
    gone = axes(axis, len(a))
    return (*(d for k, d in enumerate(a) if k not in gone), _product([a[k] for k in gone]))


# Reductions


def accumulated(a: Shape, axis: int | None = None) -> Shape:
    """The same shape; for all axes, the shape of all elements along one axis."""
    return flat(a) if axis is None else turned(a, axis)


def varied(a: Shape, axis: Axes = None, ddof: int = 0, keepdims: int = 0) -> Shape:
    """The shape of a reduction."""
    return reduced(a, axis, keepdims)


def alike(a: Shape, b: Shape, **statics: object) -> Shape:
    """The shape that both arguments have."""
    return None if a is None and b is None else same(a, b)


def entropy(a: Shape, p: Shape, axis: Axes = -1, keepdims: int = 0) -> Shape:
    """The shape of a reduction of two arrays of one shape."""
    return reduced(alike(a, p), axis, keepdims)


def classed(a: Shape, k: Shape, axis: int = -1) -> Shape:
    """The shape of the classes k: the shape of the scores a, without one axis."""
    rest = reduced(a, axis)
    return None if rest is None and k is None else same(rest, k)


def ranked(a: Shape, q: Shape, axis: Axes = None, keepdims: int = 0) -> Shape:
    """The shape of a reduction that chooses an element by its rank q, a number."""
    if q:
        raise Mismatch("the rank is a number")
    if a is not None and any(a[k] == 0 for k in axes(axis, len(a))):
        raise Mismatch("there is no element to choose")
    return reduced(a, axis, keepdims)


def last_axis(q: Shape, a: Shape) -> Shape:
    """The shape of the last axis of a; q is a number."""
    if q:
        raise Mismatch("the quantile is a number")
    if a == ():
        raise Mismatch("a number has no axis to go along")
    return (None,) if a is None else a[-1:]


# Filters


def vector(a: Shape, what: str) -> Dim:
    """The length of a vector. Raises Mismatch."""
    if a is None:
        return None
    if len(a) != 1:
        raise Mismatch(f"{what} a vector")
    return a[0]


def interpolated(x: Shape, xp: Shape, fp: Shape) -> Shape:
    """The shape of the points x of an interpolation between the knots xp."""
    n = joined(vector(xp, "the knots are"), vector(fp, "the values at the knots are"))
    if n == 0:
        raise Mismatch("there is no knot")
    return x


def at_knots(a: Shape, x: Shape, xp: Shape) -> Shape:
    """The shape of the knots xp, for an array a over the points x."""
    alike(a, x)
    interpolated(x, xp, xp)
    return xp


def between(a: Shape, x: Shape, xp: Shape, side: int = 0) -> Shape:
    """The shape of the points x; there is one piece more than there are knots."""
    n, pieces = vector(xp, "the knots are"), vector(a, "the pieces are")
    if isinstance(n, int) and isinstance(pieces, int) and pieces != n + 1:
        raise Mismatch(f"between and beside {n} knots there are {n + 1} pieces, not {pieces}")
    return x


def pieces(a: Shape, x: Shape, xp: Shape, like: Shape, side: int = 0) -> Shape:
    """The shape of the pieces `like`, for an array a over the points x."""
    alike(a, x)
    between(like, x, xp)
    return like


def powers(a: Shape, x: Shape, like: Shape) -> Shape:
    """The shape of the coefficients `like`, for an array a over the points x."""
    alike(a, x)
    vector(like, "the coefficients are")
    return like


def polynomial(c: Shape, x: Shape) -> Shape:
    """The shape of the points x of a polynomial."""
    vector(c, "the coefficients are")
    return x


def lowered(c: Shape) -> Shape:
    """The shape of the coefficients of the derivative: one fewer."""
    n = vector(c, "the coefficients are")
    return (max(n - 1, 0) if isinstance(n, int) else None,)


FULL = 2


def convolved(a: Shape, v: Shape, mode: int = FULL) -> Shape:
    """The shape of a convolution: full (2), as long as the longer argument (1), or where both overlap fully (0)."""
    if mode not in (0, 1, 2):
        raise Mismatch("the mode is 2 (full), 1 (same) or 0 (valid)")
    n, m = vector(a, "the first argument is"), vector(v, "the second argument is")
    if n == 0 or m == 0:
        raise Mismatch("there is nothing to convolve")
    if not isinstance(n, int) or not isinstance(m, int):
        return (None,)
    return (n + m - 1 if mode == FULL else max(n, m) if mode else max(n, m) - min(n, m) + 1,)


def pair(static: int | Sequence[int], what: str, least: int) -> tuple[int, int]:
    """The values of a static parameter for rows and for columns: one number for both, or two. Raises Mismatch."""
    found = (static, static) if isinstance(static, int) else tuple(static)
    if len(found) != 2 or min(found) < least:
        raise Mismatch(f"{what} is a whole number from {least} on, or two of them")
    return found[0], found[1]


def filtered(x: Shape, w: Shape, stride: int | Sequence[int] = 1, padding: int | Sequence[int] = 0) -> Shape:
    """The shape of an image under a filter: [h,w] under [kh,kw], or [in,h,w] under [out,in,kh,kw]."""
    steps, margins = pair(stride, "the stride", 1), pair(padding, "the padding", 0)
    if x is None or w is None:
        return None
    if (len(x), len(w)) not in ((2, 2), (3, 4)):
        raise Mismatch("an image [h,w] takes a filter [kh,kw], and one [in,h,w] takes filters [out,in,kh,kw]")
    if len(x) == 3:
        joined(x[0], w[1])
    sizes: list[Dim] = []
    for d, k, step, margin in zip(x[-2:], w[-2:], steps, margins):
        if isinstance(d, int) and isinstance(k, int):
            if not 1 <= k <= d + 2 * margin:
                raise Mismatch(f"a filter of length {k} does not fit into {d + 2 * margin}")
            sizes.append((d + 2 * margin - k) // step + 1)
        else:
            sizes.append(None)
    return (*w[:-3], *sizes)
