"""Array ops over single elements, in elementwise ops: forms of ops whose own functions compare or iterate.

A form takes `apply`, which applies an elementwise op, then the arguments of the op as arrays of elements, and its
static parameters. Elements know + - * /. A choice by comparison is written with `where`; it compares values that
derivatives hold still (`stop_gradient`), so that they are those of the chosen piece, at a tie as well. Of an op whose
row says so (`Shaped.values`) the form is for values alone, as at ties the rules take the derivatives of several pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ..shapes.dimensions import axes
from .placing import lined, unlined
from .reductions import _reduced

Apply = Callable[..., Any]
Array = Any
Axes = int | Sequence[int] | None
Line = list[Any]
NAN, INF = float("nan"), float("inf")


def _over(lines: Callable[..., Line], *arrays: Array) -> Array:
    """A function of lists of elements, of the lines along the last axes of arrays with the same leading axes."""
    shape = arrays[0].shape[:-1]
    found = {at: lines(*(list(a[at]) for a in arrays)) for at in np.ndindex(*shape)}
    answer = np.empty((*shape, len(next(iter(found.values()), ()))), dtype=object)
    for at, line in found.items():
        answer[at] = line
    return answer


def still(apply: Apply, x: Any) -> Any:
    """An element for a comparison, which derivatives do not follow."""
    return apply("stop_gradient", x)


def _joined(op: str, apply: Apply, terms: Line, empty: float) -> Any:
    """The terms under an op of two arguments; `empty` of none."""
    answer = terms[0] if terms else empty
    for term in terms[1:]:
        answer = apply(op, answer, term)
    return answer


def _total(terms: Line) -> Any:
    return sum(terms[1:], terms[0]) if terms else 0.0


def _at(apply: Apply, place: Any, k: int, n: int) -> Any:
    """Whether a value is the place k among n elements; places may count from the end."""
    place = still(apply, place)
    return apply("logical_or", apply("eq", place, float(k)), apply("eq", place, float(k - n)))


def _picked(apply: Apply, line: Line, place: Any) -> Any:
    """The element at a place; nan for a value that is none."""
    answer: Any = NAN
    for k, x in enumerate(line):
        answer = apply("where", _at(apply, place, k, len(line)), x, answer)
    return answer


# The largest element and its share


def _largest(apply: Apply, line: Line) -> tuple[Any, list[Any]]:
    """The largest element, and for each one whether it is the first of that size."""
    top, place = line[0], 0.0
    for k, x in enumerate(line[1:], 1):
        larger = apply("gt", still(apply, x), still(apply, top))
        top, place = apply("where", larger, x, top), apply("where", larger, float(k), place)
    return top, [apply("eq", place, float(k)) for k in range(len(line))]


def _exponentials(apply: Apply, line: Line) -> tuple[Any, Line, Line]:
    """The largest element, the differences from it, and their exponentials without that of the largest, which is 1.

    The choice of the largest is of no consequence for derivatives: with any other one the value is the same function.
    """
    top, first = _largest(apply, line)
    if len(line) == 1:
        alone = apply("where", apply("gt", still(apply, top), -INF), 0.0, NAN)
        return top, [alone], [alone]
    gaps = [apply("where", one, 0.0, x - top) for x, one in zip(line, first)]
    return top, gaps, [apply("where", one, 0.0, apply("exp", x - top)) for x, one in zip(line, first)]


def logsumexp(apply: Apply, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    def one(line: Line) -> Line:
        if not line:
            return [-INF]
        top, _, rest = _exponentials(apply, line)
        return [apply("where", apply("isfinite", still(apply, top)), top + apply("log1p", _total(rest)), top)]

    return _reduced(0, _over(one, lined(0, a, axis))[..., 0], a, axis, keepdims)


def softmax(apply: Apply, a: Array, axis: Axes = None) -> Array:
    def one(line: Line) -> Line:
        if not line:
            return []
        _, gaps, rest = _exponentials(apply, line)
        if len(line) == 1:
            return [gaps[0] + 1.0]
        _, first = _largest(apply, line)
        whole = 1.0 + _total(rest)
        return [apply("where", top, 1.0, e) / whole for top, e in zip(first, rest)]

    return unlined(0, _over(one, lined(0, a, axis)), a, axis)


def _log_shares(apply: Apply, line: Line) -> Line:
    if not line:
        return []
    _, gaps, rest = _exponentials(apply, line)
    below = apply("log1p", _total(rest))
    return [gap - below for gap in gaps]


def log_softmax(apply: Apply, a: Array, axis: Axes = None) -> Array:
    return unlined(0, _over(lambda line: _log_shares(apply, line), lined(0, a, axis)), a, axis)


def balance_largest(apply: Apply, g: Array, a: Array, axis: Axes = None) -> Array:
    def one(terms: Line, line: Line) -> Line:
        if not line:
            return []
        _, first = _largest(apply, line)
        rest = [apply("where", top, 0.0, t) for t, top in zip(terms, first)]
        opposite = -_total(rest)
        return [apply("where", top, opposite, t) for t, top in zip(terms, first)]

    return unlined(0, _over(one, lined(0, g, axis), lined(0, a, axis)), a, axis)


def less_largest(apply: Apply, g: Array, a: Array, axis: Axes = None) -> Array:
    def one(terms: Line, line: Line) -> Line:
        if not line:
            return []
        _, first = _largest(apply, line)
        at = terms[0]
        for t, top in zip(terms[1:], first[1:]):
            at = apply("where", top, t, at)
        return [apply("where", top, 0.0, t - at) for t, top in zip(terms, first)]

    return unlined(0, _over(one, lined(0, g, axis), lined(0, a, axis)), a, axis)


def softmax_cross_entropy(apply: Apply, a: Array, p: Array, axis: Axes = -1, keepdims: int = 0) -> Array:
    def one(line: Line, shares: Line) -> Line:
        logs = _log_shares(apply, line)
        return [-_total([apply("where", apply("eq", still(apply, s), 0.0), 0.0, s * x) for s, x in zip(shares, logs)])]

    return _reduced(0, _over(one, lined(0, a, axis), lined(0, p, axis))[..., 0], a, axis, keepdims)


def softmax_cross_entropy_at(apply: Apply, a: Array, k: Array, axis: int = -1) -> Array:
    lines = _over(lambda line: _log_shares(apply, line), lined(0, a, axis))
    return _over(lambda line, at: [-_picked(apply, line, at[0])], lines, np.asarray(k)[..., None])[..., 0]


# Truth values and places


def any_of(apply: Apply, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    def one(line: Line) -> Line:
        return [_joined("logical_or", apply, [apply("ne", x, 0.0) for x in line], 0.0)]

    return _reduced(0, _over(one, lined(0, a, axis))[..., 0], a, axis, keepdims)


def all_of(apply: Apply, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    def one(line: Line) -> Line:
        return [_joined("logical_and", apply, [apply("ne", x, 0.0) for x in line], 1.0)]

    return _reduced(0, _over(one, lined(0, a, axis))[..., 0], a, axis, keepdims)


def argmax(apply: Apply, a: Array, axis: Axes = None, keepdims: int = 0, beyond: str = "le") -> Array:
    """The first nan counts as the largest, and as the smallest."""

    def one(line: Line) -> Line:
        top, place = line[0], 0.0
        for k, x in enumerate(line[1:], 1):
            known = apply("eq", top, top)
            found = apply("logical_and", known, apply("logical_not", apply(beyond, x, top)))
            top, place = apply("where", found, x, top), apply("where", found, float(k), place)
        return [place]

    return _reduced(0, _over(one, lined(0, a, axis))[..., 0], a, axis, keepdims)


def argmin(apply: Apply, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    return argmax(apply, a, axis, keepdims, "ge")


def one_hot(apply: Apply, k: Array, n: int) -> Array:
    return _over(lambda at: [_at(apply, at[0], j, n) for j in range(n)], np.asarray(k)[..., None])


# Elements by places that are values


def take(apply: Apply, a: Array, i: Array, axis: int = 0) -> Array:
    (k,) = axes(axis, a.ndim)
    lines, i = np.moveaxis(a, k, -1), np.asarray(i)
    answer = np.empty(lines.shape[:-1] + i.shape, dtype=object)
    for at in np.ndindex(*lines.shape[:-1]):
        for j in np.ndindex(*i.shape):
            answer[at + j] = _picked(apply, list(lines[at]), i[j])
    rank = len(lines.shape) - 1
    return np.moveaxis(answer, range(rank, rank + i.ndim), range(k, k + i.ndim))


def put(apply: Apply, g: Array, i: Array, like: Array, axis: int = 0) -> Array:
    (k,) = axes(axis, like.ndim)
    g, i = np.asarray(g), np.asarray(i)
    terms = np.moveaxis(g, range(k, k + i.ndim), range(g.ndim - i.ndim, g.ndim))
    terms = terms.reshape((*terms.shape[: g.ndim - i.ndim], i.size))
    places, n = list(i.ravel()), like.shape[k]
    return np.moveaxis(_over(lambda line: _put(apply, line, places, n), terms), -1, k)


def _put(apply: Apply, terms: Line, places: Line, n: int) -> Line:
    return [_total([apply("where", _at(apply, p, j, n), t, 0.0) for t, p in zip(terms, places)]) for j in range(n)]


def take_along_axis(apply: Apply, a: Array, i: Array, axis: int = -1) -> Array:
    a, i = np.moveaxis(a, axis, -1), np.moveaxis(i, axis, -1)
    return np.moveaxis(_over(lambda line, at: [_picked(apply, line, p) for p in at], a, i), -1, axis)


def put_along_axis(apply: Apply, g: Array, i: Array, like: Array, axis: int = -1) -> Array:
    n = like.shape[axis]
    g, i = np.moveaxis(g, axis, -1), np.moveaxis(i, axis, -1)
    return np.moveaxis(_over(lambda line, at: _put(apply, line, at, n), g, i), -1, axis)


# Order


def _ranks(apply: Apply, line: Line) -> Line:
    """For each element, how many come before it in rising order. nan is last, and equal elements keep their order."""
    ranks: list[Line] = [[] for _ in line]
    for i, j in combinations(range(len(line)), 2):
        a, b = line[i], line[j]
        known = apply("logical_and", apply("isnan", a), apply("eq", b, b))
        later = apply("logical_or", apply("lt", b, a), known)
        ranks[i].append(later)
        ranks[j].append(1.0 - later)
    return [_total(row) for row in ranks]


def _ordered(apply: Apply, line: Line) -> Line:
    ranks = _ranks(apply, line)
    answer: Line = []
    for k in range(len(line)):
        found = line[0]
        for x, rank in zip(line[1:], ranks[1:]):
            found = apply("where", apply("eq", rank, float(k)), x, found)
        answer.append(found)
    return answer


def sort(apply: Apply, a: Array, axis: int = -1) -> Array:
    return np.moveaxis(_over(lambda line: _ordered(apply, line), np.moveaxis(a, axis, -1)), -1, axis)


def argsort(apply: Apply, a: Array, axis: int = -1) -> Array:
    def one(line: Line) -> Line:
        ranks = _ranks(apply, line)
        places = [float(k) for k in range(len(line))]
        return [_total([apply("where", apply("eq", r, k), j, 0.0) for r, j in zip(ranks, places)]) for k in places]

    return np.moveaxis(_over(one, np.moveaxis(a, axis, -1)), -1, axis)


def _ends(apply: Apply, line: Line, last: int = 0) -> Line:
    """For each element of a sorted line the first place of its run of equal ones, or the last."""
    n = len(line)
    ends: Line = [float(n - 1 if last else 0)] * min(n, 1)
    for k in range(n - 1):
        a, b, place = (n - 2 - k, n - 1 - k, n - 2 - k) if last else (k, k + 1, k + 1)
        ends.append(apply("where", apply("eq", line[a], line[b]), ends[-1], float(place)))
    return ends[::-1] if last else ends


def runs(apply: Apply, b: Array) -> Array:
    def one(line: Line) -> Line:
        first = _ends(apply, line)
        return [_total([apply("eq", x, y) for y in first]) for x in first]

    return _over(one, b)


def run_total(apply: Apply, g: Array, b: Array, last: int = 0) -> Array:
    return _over(lambda terms, line: _put(apply, terms, _ends(apply, line, last), len(line)), g, b)


def run_value(apply: Apply, a: Array, b: Array, last: int = 0) -> Array:
    return _over(lambda terms, line: [_picked(apply, terms, p) for p in _ends(apply, line, last)], a, b)


def share_runs(apply: Apply, g: Array, b: Array) -> Array:
    def one(terms: Line, line: Line) -> Line:
        first = _ends(apply, line)
        same = [[apply("eq", x, y) for y in first] for x in first]
        totals = [_total([apply("where", s, t, 0.0) for s, t in zip(row, terms)]) for row in same]
        return [total / _total(row) for total, row in zip(totals, same)]

    return _over(one, g, b)


def median(apply: Apply, a: Array, axis: Axes = None, keepdims: int = 0) -> Array:
    def one(line: Line) -> Line:
        n = len(line)
        if not n:
            return [NAN]
        ordered = _ordered(apply, line)
        middle = ordered[n // 2] if n % 2 else (ordered[n // 2 - 1] + ordered[n // 2]) / 2.0
        return [apply("where", apply("isnan", ordered[-1]), NAN, middle)]

    return _reduced(0, _over(one, lined(0, a, axis))[..., 0], a, axis, keepdims)


def _between(apply: Apply, q: Any, n: int) -> tuple[Any, Any, Any]:
    """The place below a rank among n sorted elements, that above, and the fraction of the way between them."""
    at = q * (n - 1.0)
    inside = apply("logical_and", apply("ge", at, 0.0), apply("le", at, n - 1.0))
    low = apply("where", inside, apply("min", apply("floor", at), float(max(n - 2, 0))), 0.0)
    return low, apply("min", low + 1.0, n - 1.0), apply("where", inside, at - low, NAN)


def quantile(apply: Apply, a: Array, q: Any, axis: Axes = None, keepdims: int = 0) -> Array:
    def one(line: Line) -> Line:
        low, high, t = _between(apply, q, len(line))
        ordered = _ordered(apply, line)
        below, above = _picked(apply, ordered, low), _picked(apply, ordered, high)
        still = apply("logical_or", apply("eq", t, 0.0), apply("eq", below, above))
        between = apply("where", apply("eq", t, 1.0), above, below + t * (above - below))
        y = apply("where", still, below + 0.0 * t, between)
        lost = apply("logical_or", apply("isnan", ordered[-1]), apply("isnan", t))
        return [apply("where", lost, NAN, y)]

    return _reduced(0, _over(one, lined(0, a, axis))[..., 0], a, axis, keepdims)


def quantile_weights(apply: Apply, q: Any, a: Array) -> Array:
    n = a.shape[-1]
    low, high, t = _between(apply, q, n)
    places = [float(k) for k in range(n)]
    found = [apply("where", apply("eq", low, k), 1.0 - t, 0.0) + apply("where", apply("eq", high, k), t, 0.0)
             for k in places]  # fmt: skip
    return np.array(found, dtype=object)


def quantile_slopes(apply: Apply, q: Any, a: Array) -> Array:
    n = a.shape[-1]
    low, high, t = _between(apply, q, n)

    def piece(first: Any, k: int) -> Any:
        inside = apply("logical_and", apply("ge", first, 0.0), apply("lt", first, n - 1.0))
        up = apply("logical_and", inside, apply("eq", first, k - 1.0))
        down = apply("logical_and", inside, apply("eq", first, float(k)))
        return apply("where", up, n - 1.0, 0.0) - apply("where", down, n - 1.0, 0.0)

    def mean(first: Any, second: Any, k: int) -> Any:
        return (piece(first, k) + piece(second, k)) / 2.0

    found = []
    for k in range(n):
        above = apply("where", apply("eq", t, 1.0), mean(low, high, k), piece(low, k))
        found.append(apply("where", apply("eq", t, 0.0), mean(low - 1.0, low, k), above))
    return np.array(found, dtype=object)
