"""Sparse Jacobians and Hessians as lists that compute only the nonzeros.

A row of a Jacobian is a reverse sweep over the equations from which its output is computed. If that takes fewer steps,
a column is a tangent sweep over the equations that depend on its input. A function is a linear combination of terms,
and its Hessian is the sum of theirs (A. Griewank, Ph. L. Toint, "On the unconstrained optimization of partially
separable functions", in "Nonlinear Optimization 1981", Academic Press 1982, pp. 301-312). In a term, a row of the lower
triangle is a reverse sweep over the equations from which this derivative is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from math import inf
from typing import Any

from ...ground.errors import UsageError, error
from ...ground.limits import UNTRUSTED, Limits
from ...lists.wengert_list import Atom, Provenance, WengertList, assemble
from ...lists.wrt import chosen
from ...ops import ADD
from ...sweeps.forward import depending
from ...sweeps.masks import masked_by
from ...sweeps.reverse import ReverseRequest, reverse_sweep
from ...sweeps.rules import Rules, checked_kink
from ..builder import Builder, Names
from ..identities import tidy
from .dependence import passed_inputs, positions
from .hessian_pattern import second_order_names
from .parts import Part, Parts, Template
from .structural_rules import StructuralRules
from .templates import column, row, second

# How many equations, of all shapes together, are differentiated before it is known that a search keeps its budget.
AT_ONCE = 1000

Entries = dict[int, Atom]
"""Nonzeros by their place, the row times the number of columns and the column."""


def sparse_jacobian(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, by: str | None = None, value: bool = False,
    kink: str = "mean", limits: Limits = UNTRUSTED, masked: bool = True,
) -> tuple[WengertList, list[int], list[int]]:  # fmt: skip
    """The list of the nonzeros of the Jacobian in the names of `wrt`, with their rows and columns, in row-major order.

    The places are those of `jacobian_pattern`. The sweeps are `by` "rows" or by "columns", by default whichever take
    fewer steps. Each is nan where its output is, or with `masked` false as the rules give it. Equations that no nonzero
    needs are left out; with `value` the values of the list's own outputs come
    first among the outputs. Raises UnknownName for a name that the list does not have, UsageError for an unknown way,
    DerivativeError for an op without a rule, LimitError where the list grows too long.
    """
    if by not in (None, *_WAYS):
        raise error(UsageError, "W602", f"a Jacobian is not found by `{by}`", help=f"by {' or by '.join(_WAYS)}")
    names = chosen(wlist, wrt)
    facts = StructuralRules(wlist.ops, checked_kink(kink))
    steps = 4.0 * (len(wlist.equations) + len(names) + len(wlist.outputs)) if by is None else inf
    # A template already shares the equations of its part.
    build = Builder(wlist, rewrites=(tidy,), limits=limits, share=False)
    while True:
        for way in _WAYS.values() if by is None else (_WAYS[by],):
            try:
                entries = way(wlist, names, facts, build, _Budget(steps))
            except _OverBudget:
                continue
            n = len(names)
            if masked:
                entries = {at: _masked(build, wlist.outputs[at // n], entries[at]) for at in sorted(entries)}
            return _finished(build, wlist, entries, n, value)
        steps *= 4


class _OverBudget(Exception):
    """A search took more steps than it was given."""


class _Budget:
    """Steps that a search may take."""

    def __init__(self, steps: float) -> None:
        self.left = steps

    def spend(self, part: Part) -> Part:
        self.left -= len(part.places) + 1
        if self.left < 0:
            raise _OverBudget
        return part


Found = tuple[int, tuple[float, ...], Part]
Answers = Iterable[tuple[str, str, "Atom | None"]]


def _written(
    found: Iterable[Found], make: Callable[[Part, tuple[float, ...]], Template], build: Builder
) -> Iterator[tuple[int, Answers]]:
    """The derivatives of each part, with its number, written from one template for all parts of one shape and weights.

    A new shape is differentiated at once while all shapes so far are small; later ones wait until the search is
    finished.
    """
    templates: dict[tuple[int, tuple[float, ...]], Template] = {}
    waiting: list[Found] = []
    at_once = AT_ONCE
    for number, weights, part in found:
        shape = id(part.key), weights
        template = templates.get(shape)
        if template is None:
            at_once -= len(part.places)
            if at_once < 0:
                waiting.append((number, weights, part))
                continue
            template = templates[shape] = make(part, weights)
        yield number, template.write(build, part)
    for number, weights, part in waiting:
        shape = id(part.key), weights
        template = templates.get(shape)
        if template is None:
            template = templates[shape] = make(part, weights)
        yield number, template.write(build, part)


def _by_rows(
    wlist: WengertList, names: Sequence[str], facts: StructuralRules, build: Builder, budget: _Budget
) -> Entries:
    """The nonzeros by a reverse sweep an output."""
    place = {name: j for j, name in enumerate(names)}
    parts = Parts(wlist.equations, place.keys(), facts)
    active = parts.active
    found = ((i, (), budget.spend(parts.above((a,)))) for i, a in enumerate(wlist.outputs) if a in active)
    n = len(names)
    entries: Entries = {}
    for i, answers in _written(found, lambda part, _: row(parts, part, facts, build.tally.limits), build):
        for x, _, atom in answers:
            if atom is not None:
                entries[i * n + place[x]] = atom
    if len(place) < n:
        every = positions(names)
        entries = {at - at % n + j: atom for at, atom in entries.items() for j in every[names[at % n]]}
    return entries


def _by_columns(
    wlist: WengertList, names: Sequence[str], facts: StructuralRules, build: Builder, budget: _Budget
) -> Entries:
    """The nonzeros by a tangent sweep a name."""
    outputs: dict[str, list[int]] = {}
    for i, a in enumerate(wlist.outputs):
        if isinstance(a, str):
            outputs.setdefault(a, []).append(i)
    live = set(outputs)
    readers: dict[str, list[int]] = {}
    for k in range(len(wlist.equations) - 1, -1, -1):
        output, op, inputs = wlist.equations[k]
        if output in live:
            for a in set(passed_inputs(facts, op, inputs)):
                live.add(a)
                readers.setdefault(a, []).append(k)
    parts = Parts(wlist.equations, outputs.keys(), facts)
    found = ((j, (), budget.spend(parts.below(name, readers))) for j, name in enumerate(names) if name in live)
    n = len(names)
    entries: Entries = {}
    for j, answers in _written(found, lambda part, _: column(parts, part, facts, build.tally.limits), build):
        for a, _, atom in answers:
            if atom is not None:
                for i in outputs[a]:
                    entries[i * n + j] = atom
    return entries


_WAYS = {"rows": _by_rows, "columns": _by_columns}


def sparse_hessian(
    wlist: WengertList, wrt: Iterable[str] | None = None, *, lower: bool = False, value: bool = False,
    kink: str = "mean", limits: Limits = UNTRUSTED, masked: bool = True,
) -> tuple[WengertList, list[int], list[int]]:  # fmt: skip
    """The list of the nonzero second derivatives of the output in the inputs `wrt`, with their rows and columns, in
    row-major order. Of several outputs it is the Hessian of their sum.

    The places are those of `hessian_pattern`. Each pair is computed once and stands in both triangles, or with `lower`
    in the lower one alone; it is nan where the first derivative of its row is, or with `masked` false as the rules give
    it. With `value` the list's own outputs come first among the outputs. Raises UsageError for a
    name that is no input or stands twice, and the errors of `sparse_jacobian`.
    """
    names = second_order_names(wlist, wrt)
    facts = StructuralRules(wlist.ops, checked_kink(kink))
    # A template already shares the equations of its part.
    build = Builder(wlist, rewrites=(tidy,), limits=limits, share=False)
    place = {name: j for j, name in enumerate(names)}
    parts = Parts(wlist.equations, place.keys(), facts)
    active = parts.active
    terms = _terms(wlist, active, facts)

    def make(part: Part, weights: tuple[float, ...]) -> Template:
        return second(parts, part, weights, facts, build.tally.limits)

    n = len(names)

    def pairs(found: Iterable[Found]) -> dict[int, Atom | None]:
        entries: dict[int, Atom | None] = {}
        for _, answers in _written(found, make, build):
            for x, y, more in answers:
                i, j = place[x], place[y]
                at = i * n + j if i > j else j * n + i
                before = entries.get(at)
                if before is not None and more is not None:
                    entries[at] = build(ADD, before, more)
                else:
                    entries[at] = before if more is None else more
        return entries

    # If terms overlap so much that their sizes add up to far more than the list's, they form one part.
    budget = _Budget(16 * (len(wlist.equations) + len(terms)))
    try:
        entries = pairs((0, (weight,), budget.spend(parts.above((head,)))) for head, weight in terms.items())
    except _OverBudget:
        entries = pairs([(0, tuple(terms.values()), parts.above(tuple(terms)))])
    whole: Entries = {at: 0.0 if atom is None else atom for at, atom in entries.items()}
    if not lower:
        whole.update({at % n * n + at // n: atom for at, atom in whole.items()})
    if masked and whole:
        rows = sorted({at // n for at in whole})
        first = dict(zip(rows, _first(build, wlist, [names[i] for i in rows], facts.rules)))
        whole = {at: _masked(build, first[at // n], whole[at]) for at in sorted(whole)}
    return _finished(build, wlist, whole, n, value)


def _first(build: Builder, wlist: WengertList, names: Sequence[str], rules: Rules) -> list[Atom]:
    """The first derivatives of the sum of the outputs."""
    total: Atom = 0.0
    seeds: dict[str, Any] = {}
    for a in wlist.outputs:
        total = a if total == 0.0 else build(ADD, total, a)
        if isinstance(a, str):
            seeds[a] = seeds.get(a, 0.0) + 1.0

    def visit(k: int, i: int, *step: Any) -> None:
        if not step:
            build.span = build.derived(k)

    adjoint = reverse_sweep(wlist, Names(), seeds, build, rules, ReverseRequest(visit, depending(wlist, names)))
    return [_masked(build, total, adjoint.get(name, 0.0)) for name in names]


def _masked(build: Builder, f: Atom, derivative: Atom) -> Atom:
    """A derivative of f, nan where f is, with the place in the text of the one or the other."""
    for a in (f, derivative):
        if (k := build.defined.get(str(a))) is not None:
            build.span = build.spans[k]
    masked: Atom = masked_by(f, derivative, build)
    return masked


def _terms(wlist: WengertList, active: Collection[str], facts: StructuralRules) -> dict[str, float]:
    """The function as a linear combination of terms: their weights by name, without linear terms."""
    weights: dict[Atom, float] = {}
    for root in wlist.outputs:
        if root in active:
            weights[root] = weights.get(root, 0.0) + 1.0
    terms: dict[str, float] = {}
    for output, op, inputs in reversed(wlist.equations):
        weight = weights.get(output)
        if weight is None:
            continue
        linear = facts.constants(op, inputs)
        if linear is None:
            terms[output] = weight
            continue
        for a, local in linear:
            if a in active:
                product = weight * local
                weights[a] = weights[a] + product if a in weights else product
    return terms


def _finished(
    build: Builder, wlist: WengertList, entries: Entries, columns: int, value: bool
) -> tuple[WengertList, list[int], list[int]]:  # fmt: skip
    """The list of the equations that the entries need, and their places, in row-major order."""
    places = sorted(entries)
    outputs = [*(wlist.outputs if value else ()), *map(entries.__getitem__, places)]
    live = set(outputs)
    equations, spans = [], []
    for e, span in zip(reversed(build.equations), reversed(build.spans)):
        if e[0] in live:
            live.update(e[2])
            equations.append(e)
            spans.append(span)
    equations.reverse()
    spans.reverse()
    provenance = Provenance(spans if wlist.provenance.spans else [], dict(build.origins), wlist.provenance.source)
    sparse = assemble(wlist.inputs, equations, outputs, wlist.ops, provenance)
    return sparse, [at // columns for at in places], [at % columns for at in places]
