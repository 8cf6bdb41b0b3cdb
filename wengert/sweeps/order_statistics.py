"""Second derivatives at ties of maxima, sorted arrays, medians and quantiles, as means over all orders in closed form.

Where m values r_1 … r_m are tied, each of their m! orders is a piece. An op that takes its arguments by order alone is
in a piece a linear function of the order statistics z_k = r_p(k). With F for the rest of the program, the rules of the
ops give the second derivative at the mean of the z; the mean over the pieces has in addition

    sum over k, l of A_kl cov(dz_k, dz_l),    A = the second derivatives of F in the z,

where over all orders cov(dz_k, dz_k) = C, the covariance of the gradients of the r over their number, and of two
different ones -C/(m - 1). So it is (tr A - (sum A - tr A)/(m - 1)) C, for any m. Several ops may order the same
values, as in `max(x)*min(x)`. Groups whose orders have nothing to do with each other add up.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ground.errors import DerivativeError
from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.array_text import shape_of
from ..lists.wengert_list import Equation, WengertList, assemble
from .arrays import Arrays
from .jets import Answer, polar
from .numbers import Numbers
from .point_lanes import unless
from .tangent import tangent_sweep
from .taylor import taylor_terms

if TYPE_CHECKING:
    from .rays import Rays

# Two vectors are the same whose difference has a square of at most this part.
SAME = 1e-13
# A sum that cancels to at most this part is rounding.
ROUNDING = 2.0**-45


class NoClosedForm(Exception):
    """Why there is no closed form here."""


class _Tied(NamedTuple):
    """Tied values of one application of an op: their gradients as rows, less the mean; and of the elements of the
    output, at these places, the weights of the order statistics, a column for each."""

    gradients: Any
    output: str
    places: Any
    weights: Any


class OrderStatistics:
    """The second derivatives of a list at a point where all pieces are orders of tied values. Where others meet too, or
    some orders exclude others, `shifts` is None."""

    def __init__(self, rays: Rays, decisions: set[int]) -> None:
        self.rays, self.wlist, self.tape = rays, rays.wlist, rays.tape
        self.numbers = sorted(decisions)
        self.base: Any = Arrays(self.wlist.ops) if self._of_arrays() else Numbers(self.wlist.ops)
        self.shifts: Any = None
        self._rules: dict[frozenset[int], float | None] = {}
        with np.errstate(all="ignore"), suppress(DerivativeError, NoClosedForm):
            self.shifts = self._found()

    def second(self, i: int, j: int) -> Answer:
        """The second derivative in two coordinates, less that of the rules."""
        shift = float(self.shifts[i, j])
        return Answer(shift, added=True, ordered=True)

    def whole(self, i: int, j: int) -> Answer:
        """The second derivative in two coordinates."""
        twice = [self._rule(frozenset(pair)) for pair in ((i, j), (i,), (j,))]
        rule = twice[1] if i == j else polar(twice)
        if rule is None:
            return Answer(None)
        return Answer(unless(rule + float(self.shifts[i, j]), abs(rule), ROUNDING), ordered=True)

    def _rule(self, moving: frozenset[int]) -> float | None:
        """The second derivative as the rules give it, as some coordinates rise together; None if it is not finite."""
        if moving not in self._rules:
            self._rules[moving] = self._twice(self.wlist, self.directions(moving))
        return self._rules[moving]

    def directions(self, moving: Collection[int]) -> dict[str, Any]:
        """The direction in which some coordinates, by number, rise together."""
        moves: dict[str, Any] = {}
        for k in moving:
            name, place = self.rays.coordinates[k]
            if place is None:
                moves[name] = 1.0
            else:
                moves.setdefault(name, np.zeros(shape_of(self.tape[name])))[place] = 1.0
        return moves

    def _of_arrays(self) -> bool:
        return any(type(v) is not float for v in self.tape.values())

    def _found(self) -> Any:
        equations = [self.wlist.equations[k] for k in self.numbers]
        if not self._apart({e.output for e in equations}):
            return None
        self.moves = self.moves_of({a for e in equations for a in e.inputs if type(a) is str})
        groups: list[_Tied] = []
        for e in checking_clock(equations):
            for values, refs, places, function in self._applications(e):
                found = self._groups(e.output, values, refs, places, function)
                if found is None:
                    return None
                groups += found
        n = len(self.rays.coordinates)
        shifts = np.zeros((n, n))
        merged = self._merged(groups)
        if merged is None:
            return None
        cut = self.cut({e.output for e in equations})
        for group, parts in merged:
            m = len(group.gradients)
            alone = sum(self._along(cut, parts, [k]) for k in range(m))
            total = self._along(cut, parts, range(m))
            factor = alone - (total - alone) / (m - 1)
            shifts += factor * (group.gradients.T @ group.gradients) / m
        return shifts if np.isfinite(shifts).all() else None

    def _apart(self, outputs: set[str]) -> bool:
        """Whether no op of these orders values that another one makes."""
        below = set(outputs)
        for output, _, inputs in self.wlist.equations:
            if not below.isdisjoint(inputs):
                if output in outputs:
                    return False
                below.add(output)
        return True

    def moves_of(self, names: set[str]) -> dict[str, Any]:
        """The gradients of the elements of some names, a row for each coordinate."""
        coordinates = self.rays.coordinates
        moves = {a: np.zeros((len(coordinates), prod(shape_of(self.tape[a])))) for a in names}
        for i, (name, place) in enumerate(coordinates):
            unit: Any = 1.0
            if place is not None:
                unit = np.zeros(shape_of(self.tape[name]))
                unit[place] = 1.0
            tangents = tangent_sweep(self.wlist, self.tape, {name: unit}, self.base, self.rays.rules)
            for a in names:
                if a in tangents:
                    moves[a][i] = np.broadcast_to(tangents[a], shape_of(self.tape[a])).ravel()
        return moves

    def _applications(self, e: Equation) -> Iterator[tuple[Any, list[Any], Any, Callable[[Any], Any]]]:
        """Each application of an op: the values that it orders, their gradients, the places of its values among the
        elements of the output, and the op as a function of the former."""
        output, op, inputs = e
        args = [self.tape[a] if type(a) is str else a for a in inputs]
        size = prod(shape_of(self.tape[output]))
        if self.rays.rules.table[op].array is not None:
            if any(type(a) is str and self.moves[a].any() for a in inputs[1:]):
                raise NoClosedForm("a quantile whose probability moves")
            first = np.asarray(args[0], float)

            def function(values: Any) -> Any:
                return np.ravel(self.base(op, values.reshape(first.shape), *args[1:]))

            yield first.ravel(), list(self.moves[str(inputs[0])].T), np.arange(size), function
            return
        shape, n = shape_of(self.tape[output]), len(self.rays.coordinates)
        whole = [np.broadcast_to(a, shape).ravel() for a in args]
        moves = [
            np.broadcast_to(self.moves[a].reshape(n, *_padded(shape_of(self.tape[a]), len(shape))), (n, *shape))
            if type(a) is str else np.zeros((n, *shape)) for a in inputs
        ]  # fmt: skip
        for at in checking_clock(range(size)):
            yield (np.array([a[at] for a in whole], float), [m.reshape(len(m), -1)[:, at] for m in moves],
                   np.array([at]), lambda values: np.array([self.base(op, *map(float, values))]))  # fmt: skip

    def _groups(
        self, output: str, values: Any, gradients: Sequence[Any], places: Any, function: Callable[[Any], Any]
    ) -> list[_Tied] | None:  # fmt: skip
        """The groups of tied values of one application whose order counts; None of an op that does not go by order."""
        if len(np.unique(values)) == len(values):
            return []
        known = self.tied(values, function)
        if known is None:
            return None
        weights, by_line = known
        found: list[_Tied] = []
        for group in by_line:
            own = weights[:, group]
            if not np.allclose(own, own[:, :1]):
                rows = np.array([gradients[e] for e in group])
                found.append(_Tied(rows - rows.mean(axis=0), output, places, own))
        return found

    @staticmethod
    def tied(values: Any, function: Callable[[Any], Any]) -> tuple[Any, list[list[int]]] | None:
        """The weights of values in a function of them, a column for each, as they are in the order of their places
        where they are tied; and the groups that are tied. None of a function that does not go by order."""
        n = len(values)
        order = np.lexsort((np.arange(n), values))
        ranks = np.empty(n)
        ranks[order] = np.arange(n, dtype=float)
        start = function(ranks)
        weights, lines = np.empty((len(start), n)), []
        for e in checking_clock(range(n)):
            beside = ranks.copy()
            beside[e] += 0.5
            weights[:, e] = (function(beside) - start) / 0.5
            beside[e] = 2.0 * n
            reached = function(beside) != start
            beside[e] = -2.0 * n
            lines.append((reached | (function(beside) != start)).tobytes())
        if not np.allclose(weights @ ranks, start) or not np.allclose(weights @ values, function(values)):
            return None
        by_line: dict[Any, list[int]] = {}
        for e in order.tolist():
            by_line.setdefault((lines[e], float(values[e])), []).append(e)
        spaced, shuffle = ranks + np.random.default_rng(0).uniform(0.0, 0.4, n), np.random.default_rng(1).permutation
        spaced[order] = np.sort(spaced)
        for run in (np.flatnonzero(values == v) for v in np.unique(values)):
            # Each one comes to be the least, and the largest.
            for one, end in itertools.product(run, (np.argmin, np.argmax)) if len(run) > 1 else ():
                shuffled, ordered = spaced.copy(), spaced.copy()
                shuffled[run] = spaced[shuffle(run)]
                last = run[end(shuffled[run])]
                shuffled[[one, last]] = shuffled[[last, one]]
                for group in by_line.values():
                    ordered[group] = np.sort(shuffled[group])
                if not np.allclose(function(shuffled), weights @ ordered):
                    return None
        return weights, list(by_line.values())

    def _merged(self, groups: Sequence[_Tied]) -> list[tuple[_Tied, list[_Tied]]] | None:
        """Groups of the same values, with the weights as of the first one; None where orders exclude each other."""
        merged: list[tuple[_Tied, list[_Tied]]] = []
        for group in groups:
            for first, parts in merged:
                scale = _scale(first.gradients, group.gradients)
                if scale is not None:
                    # Of values that fall as those of the first rise, the order is the opposite one.
                    turned = group.weights if scale > 0 else group.weights[:, ::-1]
                    parts.append(group._replace(weights=scale * turned))
                    break
            else:
                merged.append((group, [group]))
        rows = [row / max(np.linalg.norm(row), 1e-300) for first, _ in merged for row in first.gradients]
        free = sum(len(first.gradients) - 1 for first, _ in merged)
        return merged if not rows or np.linalg.matrix_rank(np.array(rows), tol=1e-7) == free else None

    def cut(self, outputs: set[str]) -> WengertList:
        """The list with the values of the ops that order for inputs."""
        w = self.wlist
        left = [e for e in w.equations if e.output not in outputs]
        return assemble((*w.inputs, *sorted(outputs)), left, w.outputs, w.ops)

    def _along(self, cut: WengertList, parts: Sequence[_Tied], ranks: Sequence[int]) -> float:
        """The second derivative as these order statistics rise together."""
        directions: dict[str, Any] = {}
        for part in parts:
            moved = directions.setdefault(part.output, np.zeros(prod(shape_of(self.tape[part.output]))))
            moved[part.places] += part.weights[:, ranks].sum(axis=1)
        moves: Mapping[str, Any] = {
            a: float(d[0]) if type(self.tape[a]) is float else d.reshape(shape_of(self.tape[a]))
            for a, d in directions.items()
        }
        found = self._twice(cut, moves)
        if found is None:
            raise NoClosedForm("a derivative is not finite")
        return found

    def _twice(self, wlist: WengertList, moves: Mapping[str, Any]) -> float | None:
        term = taylor_terms(wlist, self.tape, moves, 2, self.base, self.rays.rules)[0][2]
        found = 0.0 if term is None else 2.0 * float(term)
        return found if isfinite(found) else None


def _padded(shape: tuple[int, ...], axes: int) -> tuple[int, ...]:
    """A shape with axes of length 1 before its own, that number in all."""
    return (1,) * (axes - len(shape)) + shape


def _scale(first: Any, other: Any) -> float | None:
    """The factor from one set of rows to another in some order; None where there is none."""
    sizes = [float(np.linalg.norm(rows)) for rows in (first, other)]
    if first.shape != other.shape or not all(sizes):
        return None
    a, b = first / sizes[0], other / sizes[1]
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None]
    for sign in (1.0, -1.0):
        near = squares - 2.0 * sign * (a @ b.T) <= SAME
        if (near.sum(axis=0) == 1).all() and (near.sum(axis=1) == 1).all():
            return sign * sizes[1] / sizes[0]
    return None
