"""Interpolation and polynomials over single elements, by the conventions of `taken_apart`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .taken_apart import NAN, Apply, Array, Line, still


def _each(line: Any, x: Array) -> Array:
    """A function of an element, of each element of an array."""
    x = np.asarray(x)
    answer = np.empty(x.shape, dtype=object)
    for at in np.ndindex(*x.shape):
        answer[at] = line(x[at])
    return answer


def _increases(apply: Apply, xp: Line) -> Any:
    answer: Any = 1.0
    for a, b in pairwise(xp):
        answer = apply("logical_and", answer, apply("gt", still(apply, b), still(apply, a)))
    return answer


def _within(apply: Apply, x: Any, xp: Line) -> list[tuple[Any, Any]]:
    """For each piece between knots whether x is in it, and the part of the way through it from its beginning."""
    found, open_ended = [], len(xp) - 2
    for k, (a, b) in enumerate(pairwise(xp)):
        here: Any = 1.0 if not k else apply("ge", still(apply, x), still(apply, a))
        if k < open_ended:
            here = apply("logical_and", here, apply("lt", still(apply, x), still(apply, b)))
        part = (x - a) / (b - a)
        held = still(apply, part)
        part = apply("where", apply("lt", held, 0.0), 0.0, apply("where", apply("gt", held, 1.0), 1.0, part))
        found.append((here, part))
    return found


def interp(apply: Apply, x: Array, xp: Array, fp: Array) -> Array:
    knots, values = list(xp), list(fp)
    rising = _increases(apply, knots)

    def one(t: Any) -> Any:
        y = values[0]
        for (here, part), a, b in zip(_within(apply, t, knots), values, values[1:]):
            at = apply("where", apply("eq", still(apply, part), 1.0), b, a + part * (b - a))
            y = apply("where", here, at, y)
        held = still(apply, t)
        return apply("where", rising, apply("where", apply("eq", held, held), y, NAN), NAN)

    return _each(one, x)


def interp_t(apply: Apply, a: Array, x: Array, xp: Array) -> Array:
    knots = list(xp)
    sums: Line = [0.0] * len(knots)
    for g, t in zip(np.ravel(np.asarray(a)), np.ravel(np.asarray(x))):
        if len(knots) == 1:
            sums[0] = sums[0] + g
        for k, (here, part) in enumerate(_within(apply, t, knots)):
            sums[k] = sums[k] + apply("where", here, g * (1.0 - part), 0.0)
            sums[k + 1] = sums[k + 1] + apply("where", here, g * part, 0.0)
    return np.array(sums, dtype=object)


def _reached(apply: Apply, x: Any, xp: Line, side: int) -> list[Any]:
    """For each piece, also those beyond the first and the last knot, whether x is in it; at a knot, by its side."""
    passed = [apply("gt" if side < 0 else "ge", x, knot) for knot in xp]
    begun, ended = [1.0, *passed], [*passed, 0.0]
    return [apply("logical_and", b, apply("logical_not", e)) for b, e in zip(begun, ended)]


def segment(apply: Apply, a: Array, x: Array, xp: Array, side: int = 0) -> Array:
    def chosen(t: Any, of: int) -> Any:
        y = a[0]
        for piece, here in zip(a[1:], _reached(apply, t, list(xp), of)[1:]):
            y = apply("where", here, piece, y)
        return y

    def one(t: Any) -> Any:
        y = chosen(t, side) if side else (chosen(t, -1) + chosen(t, 1)) / 2.0
        return apply("where", apply("isnan", t), NAN, y)

    return _each(one, x)


def segment_t(apply: Apply, a: Array, x: Array, xp: Array, like: Array, side: int = 0) -> Array:
    sums: Line = [0.0] * len(like)
    for g, t in zip(np.ravel(np.asarray(a)), np.ravel(np.asarray(x))):
        for of in (side,) if side else (-1, 1):
            for k, here in enumerate(_reached(apply, t, list(xp), of)):
                sums[k] = sums[k] + apply("where", here, g if side else g / 2.0, 0.0)
    return np.array(sums, dtype=object)


def polyval(apply: Apply, c: Array, x: Array) -> Array:
    def one(t: Any) -> Any:
        y: Any = 0.0
        for k, factor in enumerate(c):
            y = y * t + factor if k else factor
        return y

    return _each(one, x)


def polyval_t(apply: Apply, a: Array, x: Array, like: Array) -> Array:
    terms = list(np.ravel(np.asarray(a)))
    points = list(np.ravel(np.asarray(x)))
    found: Line = []
    for _ in range(len(like)):
        found.append(sum(terms[1:], terms[0]) if terms else 0.0)
        terms = [t * x for t, x in zip(terms, points)]
    return np.array(found[::-1], dtype=object)


def linspace(apply: Apply, a: Array, b: Array, n: int) -> Array:
    a, b = np.broadcast_arrays(np.asarray(a), np.asarray(b))
    answer = np.empty((n, *a.shape), dtype=object)
    for at in np.ndindex(*a.shape):
        step = (b[at] - a[at]) / float(max(n - 1, 1))
        for k in range(n):
            place = (k, *at)
            answer[place] = b[at] if k and k == n - 1 else step * float(k) + a[at] if k else a[at]
    return answer
