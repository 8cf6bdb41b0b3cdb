"""Test vectors: points, with the interpreter's answers there, and the allowed error of other programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import inf, isfinite, nan, ulp

from ..ground.tuples import NamedTuple
from ..lists.wengert_list import WengertList
from ..sweeps.forward import evaluate
from ..sweeps.numbers import Numbers
from ..sweeps.rounding import error_bounds

# The allowed error of another mathematical library in ulps, besides twice the bound on the rounding error.
ULPS = 8.0
# A bound takes a reverse sweep for each answer. If that is more work than WORK, the allowed relative error is LOOSE.
WORK, LOOSE = 300_000, 2.0**-20

_PLAIN = (0.5, 2.0, -1.25, 0.75, 3.0, -0.5, 1.5, 0.25, -2.0, 1.0, 4.0, 0.1)
_EDGES = (0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 1e-300, 1e300)


class Vector(NamedTuple):
    """A point, the answers there, and the allowed error of each: 0 for an answer that is exact or nan."""

    inputs: tuple[float, ...]
    answers: tuple[float, ...]
    within: tuple[float, ...]


def vectors(
    wlist: WengertList, points: Sequence[Mapping[str, float]] = (), *, numbers_at_most: int = 20_000
) -> tuple[Vector, ...]:
    """Vectors at the given points, at some points where all answers are finite, and at edges: zeros, infinities, ties.

    A long list, or one of many inputs and outputs, has fewer vectors.
    """
    size = len(wlist.inputs) + 2 * len(wlist.outputs)
    most = max(2, min(numbers_at_most // size, WORK // (len(wlist) * (1 + len(wlist.outputs)) + 1)))
    given = [tuple(p[n] for n in wlist.inputs) for p in points]
    if not wlist.inputs:
        given = [()]
    chosen = dict.fromkeys(map(_bits, islice((*given, *_finite_points(wlist), *_edges(wlist, given)), most)))
    return tuple(_vector(wlist, tuple(map(float.fromhex, point))) for point in chosen)


def _bits(point: Sequence[float]) -> tuple[str, ...]:
    # Two points are the same if their bits are: then nan equals nan, and -0 differs from 0.
    return tuple(float(a).hex() for a in point)


def _answers(wlist: WengertList, point: Sequence[float]) -> list[float]:
    # A list may hold numbers of another type, whose `repr` is no literal.
    return list(map(float, evaluate(wlist, dict(zip(wlist.inputs, point)), Numbers(wlist.ops))))


def _generic(n: int) -> Iterator[tuple[float, ...]]:
    """Points whose coordinates differ, with positive ones first."""
    for k in range(24):
        row = [_PLAIN[(k + (3 + k) * i) % len(_PLAIN)] + 0.125 * (i // len(_PLAIN)) for i in range(n)]
        yield tuple(map(abs, row)) if k < 12 else tuple(row)


def _finite_points(wlist: WengertList) -> list[tuple[float, ...]]:
    """Up to four points where every answer is finite; if none is found, the first point tried."""
    if not wlist.inputs:
        return []
    points = list(_generic(len(wlist.inputs)))[: max(2, 10**5 // (len(wlist) + 1))]
    found = list(islice((p for p in points if all(map(isfinite, _answers(wlist, p)))), 4))
    return found or points[:1]


def _edges(wlist: WengertList, given: Sequence[tuple[float, ...]]) -> Iterator[tuple[float, ...]]:
    n = len(wlist.inputs)
    base = (*given, *_generic(n))[0]
    for a in _EDGES:
        yield (a,) * n
    for a in (0.0, inf, -inf, nan):
        for i in range(min(n, 4)):
            yield (*base[:i], a, *base[i + 1 :])


def _vector(wlist: WengertList, point: tuple[float, ...]) -> Vector:
    answers = _answers(wlist, point)
    if len(wlist) * len(wlist.outputs) > WORK:
        return Vector(point, tuple(answers), tuple(LOOSE * abs(a) if isfinite(a) else 0.0 for a in answers))
    bounds = error_bounds(wlist, dict(zip(wlist.inputs, point)), exact_inputs=True)
    return Vector(point, tuple(answers), tuple(map(_within, answers, bounds)))


def _within(answer: float, bound: float) -> float:
    if not isfinite(answer):
        return 0.0
    # Beside a singularity the bound may be infinite; there three digits must be right.
    rounding = 2.0 * bound if isfinite(bound) else 1e-3 * abs(answer)
    return float(f"{ULPS * ulp(answer) + rounding:.1e}") if rounding else 0.0
