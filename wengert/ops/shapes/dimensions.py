"""Shape rules: functions from the shapes of an op's arguments, before they have values, to the shape of its value.

A shape is a tuple of dimensions, () for a number. A dimension is a whole number, a name (a size that only a value
tells), or None if it is not known. A shape whose rank is not known is None. A rule raises Mismatch for shapes that do
not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from ..row import Op

Dim = int | str | None
Shape = tuple[Dim, ...] | None


class Mismatch(ValueError):
    """Shapes do not fit. The message continues the sentence "the shapes … do not fit: "."""


def shown(shape: Shape) -> str:
    """A shape for a message: (3, n), or "an unknown shape"."""
    if shape is None:
        return "an unknown shape"
    inner = ", ".join("?" if d is None else str(d) for d in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def joined(a: Dim, b: Dim) -> Dim:
    """The dimension that two equal dimensions have. Raises Mismatch if they are known to differ."""
    if a is None or b is None:
        return a if b is None else b
    if a != b and isinstance(a, int) == isinstance(b, int):
        raise Mismatch(f"{a} is not {b}")
    return a if isinstance(a, int) else b


def broadcast(*shapes: Shape) -> Shape:
    """The shape to which shapes broadcast, as in NumPy. Raises Mismatch."""
    if not shapes:
        return ()
    if None in shapes:
        return None
    rank = max(len(s) for s in shapes if s is not None)
    answer: list[Dim] = []
    for axis in range(-rank, 0):
        found: Dim = 1
        for s in shapes:
            assert s is not None
            d = s[axis] if -axis <= len(s) else 1
            if d == 1:
                continue
            found = d if found == 1 else _met(found, d)
        answer.append(found)
    return tuple(answer)


# As many as NumPy broadcasts.
AXES = 32


def shape_rule(row: Op) -> Callable[..., Shape]:
    """The shape rule of an op; that of an elementwise op broadcasts."""
    return broadcast if row.array is None else row.array.shape


def _met(a: Dim, b: Dim) -> Dim:
    """The dimension to which two dimensions broadcast. Each of two different names may turn out to be 1."""
    return None if isinstance(a, str) and isinstance(b, str) and a != b else joined(a, b)


def elementwise(*shapes: Shape) -> Shape:
    """The shape of an elementwise op."""
    return broadcast(*shapes)


def axes(axis: int | Sequence[int] | None, rank: int) -> tuple[int, ...]:
    """Axes, counted from the front. Raises Mismatch for an axis that does not exist or is named twice."""
    if axis is None:
        return tuple(range(rank))
    answer = []
    for k in (axis,) if isinstance(axis, int) else axis:
        if not -rank <= k < rank:
            raise Mismatch(f"there is no axis {k} in {rank} dimension{'s' * (rank != 1)}" if rank else
                           "a number has no axes")  # fmt: skip
        answer.append(k % rank)
    if len(set(answer)) < len(answer):
        raise Mismatch("an axis is named twice")
    return tuple(answer)


def one_axis(axis: int | Sequence[int], rank: int) -> int:
    """One axis, counted from the front. Raises Mismatch."""
    found = axes(axis, rank)
    if len(found) != 1:
        raise Mismatch(f"it goes along one axis, not {len(found)}")
    return found[0]


def first(a: Shape, *rest: Shape, **statics: object) -> Shape:
    """The shape of the first argument."""
    return a


def second(a: Shape, b: Shape, **statics: object) -> Shape:
    """The shape of the second argument."""
    return b


def refilled(a: Shape, like: Shape) -> Shape:
    """The shape of `like`, which has as many elements as a."""
    have, want = _elements(a), _elements(like)
    if have is not None and want is not None and have != want:
        raise Mismatch(f"{have} elements do not fill {shown(like)}")
    return like


def _elements(a: Shape) -> int | None:
    if a is None:
        return None
    sizes = [d for d in a if isinstance(d, int)]
    return prod(sizes) if len(sizes) == len(a) else None


def third(a: Shape, b: Shape, c: Shape, **statics: int) -> Shape:
    """The shape of the third argument."""
    return c


def number(*shapes: Shape, **statics: object) -> Shape:
    """The shape of a number, for any arguments."""
    return ()


def measured(a: Shape, axis: int = 0) -> Shape:
    """The shape of the number of elements along an axis."""
    along(a, axis)
    return ()


def counted(a: Shape, axis: int | Sequence[int] | None = None, ddof: int = 0) -> Shape:
    """The shape of the number of elements along some axes, or all."""
    reduced(a, axis)
    return ()


def reduced(a: Shape, axis: int | Sequence[int] | None = None, keepdims: int = 0) -> Shape:
    """The shape of a reduction over some axes, or all."""
    if a is None:
        return () if axis is None and not keepdims else None
    gone = frozenset(axes(axis, len(a)))
    if keepdims:
        return tuple(1 if k in gone else d for k, d in enumerate(a))
    return tuple(d for k, d in enumerate(a) if k not in gone)


def chosen(a: Shape, axis: int | Sequence[int] | None = None, keepdims: int = 0) -> Shape:
    """The shape of a reduction that chooses an element, and so needs at least one."""
    if a is not None and any(a[k] == 0 for k in axes(axis, len(a))):
        raise Mismatch("there is no element to choose")
    return reduced(a, axis, keepdims)


def along(a: Shape, axis: int = 0, **statics: int) -> Shape:
    """The shape of the argument, for an op along an axis that keeps it."""
    if a is not None:
        one_axis(axis, len(a))
    return a


def transposed(a: Shape) -> Shape:
    """The shape with all axes in reverse."""
    return None if a is None else a[::-1]


def contracted(a: Shape, b: Shape) -> Shape:
    """The shape of a @ b, for vectors and matrices."""
    _ranks(a, b)
    if a is None or b is None:
        return None
    joined(a[-1], b[0])
    return (*a[:-1], *b[1:])


def contracted_last(a: Shape, b: Shape) -> Shape:
    """The shape of a @ b.T, where a vector b counts as a column, and a then has no last axis."""
    _ranks(b)
    if a is not None and b is not None:
        _ranks((*a, 1) if len(b) == 1 else a)
    if a is None or b is None:
        return None
    _ranks(b, *(() if len(a) == 0 and len(b) == 1 else (a,)))
    if len(b) == 1:
        if len(a) > 1:
            raise Mismatch("beside a column there is a column, or a number")
        return (*a, b[0])
    _ranks(a, b)
    joined(a[-1], b[-1])
    return (*a[:-1], b[0])


def contracted_first(a: Shape, b: Shape) -> Shape:
    """The shape of a.T @ b, where a vector a counts as a row, and b then has no first axis."""
    _ranks(a)
    if a is not None and b is not None:
        _ranks((1, *b) if len(a) == 1 else b)
    if a is None or b is None:
        return None
    _ranks(a, *(() if len(b) == 0 and len(a) == 1 else (b,)))
    if len(a) == 1:
        if len(b) > 1:
            raise Mismatch("beside a row there is a row, or a number")
        return (a[0], *b)
    _ranks(a, b)
    joined(a[0], b[0])
    return (a[1], *b[1:])


def _ranks(*shapes: Shape) -> None:
    for s in shapes:
        if s is not None and not 1 <= len(s) <= 2:
            raise Mismatch("it takes vectors and matrices" + (", and a number is neither" if s == () else ""))


def stacked(*shapes: Shape) -> Shape:
    """The shape of arrays of one shape, stacked along a new first axis."""
    return None if None in shapes else few_axes((len(shapes), *same(*shapes)))


def few_axes(shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """A shape that an op with one more axis gives. Raises Mismatch for more axes than NumPy computes with."""
    if len(shape) > AXES:
        raise Mismatch(f"an array has at most {AXES} axes")
    return shape


def same(*shapes: Shape) -> tuple[Dim, ...]:
    """The shape that all arguments have. Raises Mismatch."""
    known = [s for s in shapes if s is not None]
    for s in known:
        if len(s) != len(known[0]):
            raise Mismatch(f"all must have the same shape, and {shown(known[0])} is not {shown(s)}")
    return tuple(_all_joined(dims) for dims in zip(*known))


def _all_joined(dims: Sequence[Dim]) -> Dim:
    found = dims[0]
    for d in dims[1:]:
        found = joined(found, d)
    return found


def concatenated(*shapes: Shape, axis: int = 0) -> Shape:
    """The shape of arrays that are concatenated along one of their axes."""
    if any(s == () for s in shapes):
        raise Mismatch("a number has no axis to join along: write `[a, b]`")
    if None in shapes:
        return None
    known = [s for s in shapes if s is not None]
    k = one_axis(axis, len(known[0]))
    rest = same(*((*s[:k], *s[k + 1 :]) for s in known if len(s) > k or same(*known)))
    total: Dim = 0
    for s in known:
        d = s[k]
        total = total + d if isinstance(d, int) and isinstance(total, int) else None
    return (*rest[:k], total, *rest[k:])


def reshaped(a: Shape, shape: int | Sequence[int]) -> Shape:
    """A given shape with as many elements; one dimension may be -1, and is inferred."""
    want = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(size < -1 for size in want) or want.count(-1) > 1:
        raise Mismatch(f"{shown(want)} is no shape: sizes are 0 or more, and one may be -1")
    if a is None or not all(isinstance(d, int) for d in a):
        return tuple(None if size == -1 else size for size in want)
    have = prod(d for d in a if isinstance(d, int))
    given = prod(size for size in want if size != -1)
    if -1 in want:
        if given == 0 or have % given:
            raise Mismatch(f"{have} elements do not fill {shown(want)}")
        return tuple(have // given if size == -1 else size for size in want)
    if have != given:
        raise Mismatch(f"{have} elements do not fill {shown(want)}")
    return want


def broadcast_to(a: Shape, like: Shape) -> Shape:
    """The shape of `like`, to which the shape of a must broadcast."""
    if a is not None and like is not None:
        both = broadcast(a, like)
        if both is not None and (
            len(both) != len(like) or any(isinstance(want, int) and want != have for want, have in zip(like, both))
        ):
            raise Mismatch(f"{shown(a)} does not broadcast to {shown(like)}")
    return like


# A part of an index: a place, or a range with its ends and its step, None if they are not given.
Part = int | tuple[int | None, int | None, int | None]


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts of an index such as `0,1:3,:`. Raises ValueError."""
    return tuple(_part(word) for word in text.split(","))


def _part(word: str) -> Part:
    if ":" not in word:
        return int(word)
    ends = [int(end) if end else None for end in word.split(":")]
    if len(ends) > 3 or len(ends) == 3 and ends[2] == 0:
        raise ValueError(word)
    return ends[0], ends[1], ends[2] if len(ends) == 3 else None


def indexed(a: Shape, spec: str) -> Shape:
    """The shape of an indexed array: a place removes its axis, a range shortens it."""
    parts = parts_of(spec)
    if a is None:
        return None
    if len(parts) > len(a):
        what = "a number has no elements" if not a else f"{len(parts)} places in {len(a)} dimension{'s' * (len(a) > 1)}"
        raise Mismatch(what)
    answer: list[Dim] = []
    for part, d in zip(parts, a):
        if isinstance(part, int):
            if isinstance(d, int) and not -d <= part < d:
                raise Mismatch(f"there is no element {part} among {d}")
        elif isinstance(d, int):
            answer.append(len(range(*slice(*part).indices(d))))
        else:
            answer.append(d if part[:2] == (None, None) and part[2] in (None, 1, -1) else None)
    return (*answer, *a[len(parts) :])


def taken(a: Shape, i: Shape, axis: int = 0) -> Shape:
    """The shape of an array indexed by value: the axes of the index replace the axis."""
    if a is None or i is None:
        return None
    k = one_axis(axis, len(a))
    return (*a[:k], *i, *a[k + 1 :])
