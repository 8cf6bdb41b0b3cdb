"""The derivative of a part, with marks for names, as a template: a row, a column, or the second derivatives of a
term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...ground.limits import Limits
from ...lists.wengert_list import Atom, Equation, assemble
from ..builder import Builder
from ..identities import tidy
from ..list_sweeps import Stretch, write_adjoints, write_tangents
from .hessian_pattern import interacting_pairs
from .parts import Part, Parts, Template, template
from .structural_rules import StructuralRules

# Up to this many equations, the rows of a term's Hessian are tried in both orders, to find the one with fewer steps.
SMALL = 64


def _builder(equations: Iterable[Equation], order: Sequence[int], limits: Limits) -> Builder:
    """A builder that holds a part's equations. The index of each takes the place of its span."""
    build = Builder(rewrites=(tidy,), limits=limits, taken=("y",))
    for e, place in zip(equations, order):
        build.write(e, place)
    return build


def row(parts: Parts, part: Part, facts: StructuralRules, limits: Limits) -> Template:
    """The derivatives of a part's first name in all names that are wanted."""
    marks = parts.shapes[part.key]
    equations, order = parts.under_marks(part)
    build = _builder(equations, order, limits)
    active = {mark for mark in marks if mark[1] != "c"}
    wlist = assemble((), equations, (marks[0],), facts.ops)
    adjoint = write_adjoints(build, wlist, {marks[0]: 1.0}, facts.rules, active)
    # With the literals of this part a derivative may be 0 that the pattern contains, as the pattern knows few literals.
    answers = [(mark, "", adjoint.get(mark, 0.0)) for mark in marks if mark[1] == "w"]
    build.prune(len(equations), [atom for _, _, atom in answers])
    return template(marks, build.equations[len(equations) :], build.spans[len(equations) :], answers)


def column(parts: Parts, part: Part, facts: StructuralRules, limits: Limits) -> Template:
    """The derivatives of all wanted names of a part in its first name."""
    marks = parts.shapes[part.key]
    equations, order = parts.under_marks(part)
    build = _builder(equations, order, limits)
    wlist = assemble((), equations, (), facts.ops)
    tangent = write_tangents(build, wlist, {marks[0]: 1.0}, facts.rules)
    build.spans[len(equations) :] = [None] * (len(build.equations) - len(equations))
    answers = [(mark, "", tangent.get(mark, 0.0)) for mark in marks if mark[1] == "w"]
    build.prune(len(equations), [atom for _, _, atom in answers])
    return template(marks, build.equations[len(equations) :], build.spans[len(equations) :], answers)


def second(parts: Parts, part: Part, weights: Sequence[float], facts: StructuralRules, limits: Limits) -> Template:
    """The second derivatives of a weighted sum of a part's first names, in each pair of wanted names."""
    marks = parts.shapes[part.key]
    equations, order = parts.under_marks(part)
    wanted = [mark for mark in marks if mark[1] == "w"]
    tried = [wanted, wanted[::-1]] if len(equations) <= SMALL else [wanted]
    found = []
    for names in tried:
        build = _builder(equations, order, limits)
        seeds = dict(zip(marks, weights))
        entries = _triangle(build, equations, seeds, names, {m for m in marks if m[1] != "c"}, facts)
        found.append((len(build.equations), build, entries))
    _, build, entries = min(found, key=lambda f: f[0])
    for a, b in interacting_pairs(equations, marks[: len(weights)], set(wanted), facts):
        if (a, b) not in entries and (b, a) not in entries:
            entries[a, b] = None
    answers = [(a, b, atom) for (a, b), atom in entries.items()]
    return template(marks, build.equations[len(equations) :], build.spans[len(equations) :], answers)


def _triangle(
    build: Builder, equations: Sequence[Equation], seeds: dict[str, Any], names: Sequence[str], active: set[str],
    facts: StructuralRules,
) -> dict[tuple[str, str], Atom | None]:  # fmt: skip
    """Write the derivatives of the first derivative in each name, in that name and in every later one."""
    first = len(equations)
    gradient = write_adjoints(build, Stretch(equations, facts.ops), seeds, facts.rules, active)
    build.prune(first, [gradient.get(n) for n in names])
    entries: dict[tuple[str, str], Atom | None] = {}
    allowed: set[str] = set()
    for name in names:
        allowed.add(name)
        root = gradient.get(name)
        if type(root) is not str:
            continue
        span, moving = _ancestors(build, root, allowed)
        if root not in moving:
            continue
        start = len(build.equations)
        adjoint = write_adjoints(build, Stretch(build.equations, facts.ops), {root: 1.0}, facts.rules, moving, span)
        here = {n: adjoint[n] for n in adjoint if n in allowed}
        build.prune(start, here.values())
        entries.update({(name, n): atom for n, atom in here.items()})
    return entries


def _ancestors(build: Builder, root: str, allowed: set[str]) -> tuple[list[int], set[str]]:
    """The indices of the equations from which the root is computed, and those of their names that depend on the allowed
    ones."""
    order, seen = [root], {root}
    places = []
    for name in order:
        k = build.defined.get(name)
        if k is not None:
            places.append(k)
            for a in build.equations[k].inputs:
                if type(a) is str and a not in seen:
                    seen.add(a)
                    order.append(a)
    places.sort()
    moving = seen & allowed
    for k in places:
        if not moving.isdisjoint(build.equations[k].inputs):
            moving.add(build.equations[k].output)
    return places, moving
