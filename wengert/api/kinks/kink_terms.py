"""Derivatives at kinks of programs that are too large to follow along rays as a whole: they are followed term by term.

A sum is written as a linear combination of terms. A derivative can differ from the rules' answer only if one of its
coordinates leads to a place that is not smooth at this point; for order 2, only if its two coordinates also interact.
Only the terms that contain its coordinates matter. So the work grows with the number of such places, not with the size
of the program.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ...ground.errors import DerivativeError, LimitError
from ...ground.limits import Limits, check_clock, checking_clock
from ...ground.names import fresh
from ...lists.shapes import of_arrays
from ...lists.wengert_list import Atom, Equation, WengertList, assemble
from ...ops import ADD, CONSTANTS, MUL
from ...sweeps.forward import evaluate, forward_sweep
from ...sweeps.germ_costs import germs_of
from ...sweeps.interpretation import Interpretation
from ...sweeps.jets import Answer, added
from ...sweeps.numbers import Numbers
from ...sweeps.point_lanes import LaneNumbers, finite
from ...sweeps.rays import Rays
from ...sweeps.rules import rules_for
from ...sweeps.ties import Places
from ...transforms.sparsity.hessian_pattern import interacting_pairs
from ...transforms.sparsity.structural_rules import StructuralRules
from ...transforms.watching import places_of_each

# About the most germs that are computed at one point: some seconds of work.
WORK = 400_000
# The most equations in a list over numbers that replaces a list over arrays.
LONGEST = 200_000
# The weights of the terms in a linear combination, by name. A coordinate may itself be a term.
Weights = dict[str, float]


class KinkTerms:
    """The terms of a list over numbers. `coordinates` are the distinct names by which its outputs are
    differentiated."""

    def __init__(self, wlist: WengertList, coordinates: Sequence[str], limits: Limits) -> None:
        self.wlist, self.coordinates = wlist, coordinates
        self.number = {name: n for n, name in enumerate(coordinates)}
        self.rules, self.facts = rules_for(wlist.ops), StructuralRules(wlist.ops)
        # The equation that defines a coordinate is cut, so that the coordinate moves by itself.
        self.equations = [e for e in wlist.equations if e.output not in self.number]
        self.defined = {e.output: k for k, e in enumerate(self.equations)}
        self.active = set(coordinates)
        self.users: dict[str, list[int]] = {}
        for k, e in enumerate(checking_clock(self.equations)):
            if not self.active.isdisjoint(e.inputs):
                self.active.add(e.output)
            for a in e.inputs:
                if type(a) is str:
                    self.users.setdefault(a, []).append(k)
        self.weights = [self._weights(a) for a in wlist.outputs]
        self.watch = places_of_each(wlist, coordinates, Places.ALL, limits)
        self._containing: dict[tuple[int, int], frozenset[str]] = {}
        self._parts: dict[tuple[int, frozenset[str]], TermEquations] = {}

    @cached_property
    def neighbours(self) -> list[list[int]]:
        """For each coordinate, the coordinates with which it interacts in the one output, in order."""
        found: list[set[int]] = [set() for _ in self.coordinates]
        roots = list(self.weights[0])
        for a, b in interacting_pairs(self.equations, roots, self.coordinates, self.facts):
            i, j = self.number[a], self.number[b]
            found[i].add(j)
            found[j].add(i)
        return [sorted(s) for s in found]

    def _weights(self, root: Atom) -> Weights:
        """An output as a linear combination of nonlinear terms and of coordinates."""
        weights: Weights = {str(root): 1.0} if root in self.active else {}
        found: Weights = {}
        for output, op, inputs in reversed(self.equations):
            weight = weights.pop(output, None)
            if weight is None:
                continue
            linear = None if self.rules.row(op).kinks else self.facts.constants(op, inputs)
            if linear is None:
                found[output] = weight
                continue
            for a, local in linear:
                if a in self.active:
                    weights[a] = weights.get(a, 0.0) + weight * local
        return {**found, **weights}

    def containing(self, output: int, i: int) -> frozenset[str]:
        """The terms of an output that depend on a coordinate."""
        found = self._containing.get((output, i))
        if found is None:
            terms, name = self.weights[output], self.coordinates[i]
            met, seen, todo = set[str](), {name}, [name]
            while todo:
                a = todo.pop()
                if a in terms:
                    met.add(a)
                for k in self.users.get(a, ()):
                    if (b := self.equations[k].output) not in seen:
                        seen.add(b)
                        todo.append(b)
            found = self._containing[output, i] = frozenset(met)
        return found

    def part(self, output: int, terms: frozenset[str]) -> TermEquations:
        """The equations that compute some terms of an output, in order, and the terms' weighted sum."""
        found = self._parts.get((output, terms))
        if found is None:
            found = self._parts[output, terms] = TermEquations(self, self.weights[output], terms)
        return found

    def tape(self, values: Mapping[str, float], apply: Interpretation) -> dict[str, Any]:
        """The values of all names at a point."""
        return forward_sweep(self.wlist, values, apply)

    def met(self, values: Mapping[str, float], apply: Interpretation) -> set[str]:
        """The names of the places that are not smooth at a point."""
        watch, names = self.watch
        flags = evaluate(watch, values, apply)
        return {name for name, flag in zip(names, flags) if flag != 0.0}

    def leading(self, equations: Iterable[Equation], met: Collection[str]) -> set[int]:
        """The numbers of the coordinates that lead to some of these places through these equations, given in reverse
        order."""
        live, found = set(met), set[int]()
        for output, _, inputs in equations:
            if output in live:
                live.update(a for a in inputs if type(a) is str)
        for a in live:
            if a in self.number:
                found.add(self.number[a])
        return found


class TermEquations:
    """Some equations of a list and a weighted sum of their terms, as a list of its own."""

    def __init__(self, terms: KinkTerms, weights: Mapping[str, float], chosen: frozenset[str]) -> None:
        live, numbers, todo = set(chosen), list[int](), sorted(chosen)
        while todo:
            k = terms.defined.get(todo.pop())
            if k is None:
                continue
            numbers.append(k)
            for a in terms.equations[k].inputs:
                if type(a) is str and a not in live:
                    live.add(a)
                    todo.append(a)
        equations = [terms.equations[k] for k in sorted(numbers)]
        self.own = equations[:]
        names = fresh("total", {*terms.wlist.inputs, *terms.defined, *terms.coordinates})
        total: Atom = 0.0
        for name in sorted(chosen, key=lambda n: terms.defined.get(n, -1)):
            scaled: Atom = name
            if weights[name] != 1.0:
                scaled = next(names)
                equations.append(Equation(str(scaled), MUL, (weights[name], name)))
            if total != 0.0:
                equations.append(Equation(next(names), ADD, (total, scaled)))
                scaled = equations[-1].output
            total = scaled
        # An input may have the name of a constant.
        defined, given = {e.output for e in equations}, {*terms.wlist.inputs, *terms.defined}
        inputs = [a for a in sorted(live) if a not in defined and (a in given or a not in CONSTANTS)]
        self.wlist = assemble(inputs, equations, [total], terms.wlist.ops)


class _PointAnswers:
    """The derivatives at one point, each computed in the part on which it depends. With `lanes`, at several points that
    take the same branches."""

    def __init__(self, terms: KinkTerms, values: Mapping[str, Any], kink: str, lanes: bool) -> None:
        self.terms, self.kink, self.lanes = terms, kink, lanes
        ops = terms.wlist.ops
        self.base: Interpretation = LaneNumbers(ops) if lanes else Numbers(ops)
        self.tape, self.places = terms.tape(values, self.base), terms.met(values, self.base)
        self.moving = terms.leading(reversed(terms.equations), self.places)
        self._rays: dict[tuple[int, frozenset[str]], tuple[Rays, dict[int, int]]] = {}
        self.crossed = self.partial = False

    def wanted(self, order: int, diagonal: bool) -> Iterator[tuple[int, int]]:
        """The entries that a place may change: each is an output and a coordinate, or two coordinates."""
        if order == 1:
            for r in range(len(self.terms.weights)):
                yield from ((r, i) for i in sorted(self.moving))
            return
        for i, others in enumerate(self.terms.neighbours):
            for j in others:
                if (i in self.moving or j in self.moving) and (i == j or not diagonal):
                    yield i, j

    def part(self, order: int, r: int, c: int) -> tuple[int, frozenset[str]]:
        """The output with only the terms on which an entry depends."""
        if order == 1:
            return r, self.terms.containing(r, c)
        return 0, self.terms.containing(0, r) | self.terms.containing(0, c)

    def cost(self, key: tuple[int, frozenset[str]]) -> float:
        """About how many germs a derivative of a part takes: some four rays."""
        return 4 * sum(germs_of(self.terms.rules, e, self.tape) for e in self.terms.part(*key).own)

    def rays(self, key: tuple[int, frozenset[str]], extra: Iterable[int]) -> tuple[Rays, dict[int, int]]:
        """The rays of a part, and the number of each coordinate in it."""
        found = self._rays.get(key)
        if found is None or not found[1].keys() >= set(extra):
            check_clock()
            part = self.terms.part(*key)
            own = self.terms.leading(reversed(part.own), self.places) | set(extra)
            own &= {n for a, n in self.terms.number.items() if a in part.wlist.inputs}
            order = sorted(own)
            tape = {name: self.tape[name] for name in part.wlist.inputs}
            tape = forward_sweep(part.wlist, tape, self.base)
            coordinates = [(self.terms.coordinates[n], None) for n in order]
            rays = Rays(part.wlist, tape, coordinates, self.kink, lanes=self.lanes)
            found = self._rays[key] = rays, {n: k for k, n in enumerate(order)}
        return found

    def answer(self, order: int, r: int, c: int) -> Answer:
        """The derivative at an entry."""
        output, names = self.part(order, r, c)
        if order == 2 and len(names) > 1:
            found = [self.rays((output, frozenset((one,))), {r, c}) for one in sorted(names)]
            if any(rays.orders is not None for rays, _ in found):
                # Term by term, as the orders of one term exclude pieces of others.
                return added([self._of_term(rays, number, r, c) for rays, number in found])
        return self._of_part((output, names), order, r, c)

    def _of_term(self, rays: Rays, number: Mapping[int, int], r: int, c: int) -> Answer:
        """A second derivative of one term."""
        if r not in number or c not in number:
            return Answer(0.0)
        if rays.orders is not None:
            return rays.orders.whole(number[r], number[c])
        rays.asked = 1  # the work of all entries was checked before
        found = rays.second(0, number[r], number[c])
        self.crossed |= rays.crossed
        self.partial |= rays.lost
        return found

    def _of_part(self, key: tuple[int, frozenset[str]], order: int, r: int, c: int) -> Answer:
        rays, number = self.rays(key, {c} if order == 1 else {r, c})
        rays.asked = 1  # the work of all entries was checked before
        if not all(n in number for n in ((c,) if order == 1 else (r, c))):
            return Answer(None)
        found = rays.first(0, number[c]) if order == 1 else rays.second(0, number[r], number[c])
        self.crossed |= rays.crossed
        self.partial |= rays.lost if order == 2 else rays.partial
        return found


def terms_of(
    wlist: WengertList, shapes: Mapping[str, tuple[int, ...]], names: Sequence[str], limits: Limits
) -> tuple[KinkTerms, dict[str, list[str]]] | None:  # fmt: skip
    """The terms of a list, and the element names of each input; None if the list cannot be split into elements."""
    if not any(shapes.values()) and not of_arrays(wlist):
        return KinkTerms(wlist, tuple(names), limits), {n: [n] for n in {*wlist.inputs, *names}}
    if not set(names) <= set(wlist.inputs):
        return None
    import numpy as np

    from ...transforms.scalarise import scalarised  # it imports NumPy

    try:
        found = scalarised(wlist, dict(shapes), limits._replace(equations=min(LONGEST, limits.equations)))
    except (DerivativeError, LimitError):
        check_clock()  # raises if the caller's own time is up
        return None
    elements = {n: [str(a) for a in np.ravel(np.asarray(e, dtype=object))] for n, e in found.inputs.items()}
    return KinkTerms(found.wlist, [a for n in names for a in elements[n]], limits), elements


def answers(
    terms: KinkTerms, values: Mapping[str, Any], kink: str, order: int, diagonal: bool,
    asked: Collection[tuple[int, int]] | None, bad: Iterable[tuple[int, int]], lanes: bool = False,
) -> tuple[dict[tuple[int, int], Answer], bool, bool, bool] | None:  # fmt: skip
    """The derivatives that the rules may get wrong, by output and coordinate, or by two coordinates.

    `asked` limits them, by default all. Second derivatives in `bad`, which are not finite, are 0 if the two coordinates
    do not interact. The answer also says whether these derivatives are known, whether a side was asked for that does
    not exist, and whether some pieces were not met. With `lanes` the values are of several points. The answer is None
    if it would take too much work.
    """
    at = _PointAnswers(terms, values, kink, lanes)
    if not all(finite(at.tape[a] if isinstance(a, str) else a) for a in terms.wlist.outputs):
        return {}, False, False, False
    wanted = [one for one in at.wanted(order, diagonal) if asked is None or one in asked]
    costs: dict[Any, float] = {}
    left = float(WORK)
    for one in wanted:
        key = at.part(order, *one)
        if key not in costs:
            costs[key] = at.cost(key)
        left -= costs[key]
        if left < 0.0:
            return None
    found: dict[tuple[int, int], Answer] = {}
    for r, c in wanted:
        mirrored = found.get((c, r)) if order == 2 and kink == "mean" else None
        found[r, c] = at.answer(order, r, c) if mirrored is None else mirrored
    known = bool(at.moving) and (not found or any(a.value is not None for a in found.values()))
    if order == 2:
        for r, c in bad:
            if not at.moving.isdisjoint((r, c)) and c not in terms.neighbours[r]:
                found[r, c] = Answer(0.0)
    return found, known, at.crossed, at.partial
