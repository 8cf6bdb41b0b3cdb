"""Which pairs of inputs interact nonlinearly: the structural pattern of a Hessian.

Edge pushing, here without its numbers: R. M. Gower, M. P. Mello, "A new framework for the computation
of Hessians", Optimization Methods and Software 27(2), 2012, pp. 251-273. The pattern is that of the nonlinear
interaction domains of A. Walther, "Computing sparse Hessians with automatic differentiation", ACM Transactions on
Mathematical Software 34(1), 2008, without a set for each intermediate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ...ground.errors import UsageError, error
from ...ground.limits import checking_clock
from ...lists.wengert_list import Atom, Equation, WengertList
from ...lists.wrt import chosen
from .dependence import SparsityPattern, passed_inputs, pattern_of
from .structural_rules import StructuralRules

# The list of the nonzeros is written if the list is shorter than this, or pushes at most this number of edges per
# equation. Beyond that it costs several times as much as writing the gradient and sweeping it with all seeds.
SHORT, CROWDED = 300, 12


def hessian_pattern(wlist: WengertList, wrt: Iterable[str] | None = None, *, lower: bool = False) -> SparsityPattern:
    """The structural pattern of the second derivatives of one output, or of a weighted sum of all the outputs (the
    Hessian of a Lagrangian), in the inputs `wrt`; with `lower` its lower triangle alone.

    Raises UsageError for a name that is no input or stands twice, UnknownName for one that the list does not have.
    """
    names = second_order_names(wlist, wrt)
    place = {name: j for j, name in enumerate(names)}
    roots = [a for a in wlist.outputs if isinstance(a, str)]
    return _pattern(interacting_pairs(wlist.equations, roots, place, StructuralRules(wlist.ops)), place, lower)


def crowded(wlist: WengertList, wrt: Iterable[str] | None = None) -> SparsityPattern | None:
    """The pattern of a Hessian, if the list of its nonzeros would be so long that a sweep with all seeds over the
    gradient's list is cheaper; else None.

    Each pushed edge stands for some equations of the list of the nonzeros.
    """
    names = second_order_names(wlist, wrt)
    if len(wlist.equations) < SHORT:
        return None
    place = {name: j for j, name in enumerate(names)}
    roots = [a for a in wlist.outputs if isinstance(a, str)]
    pairs, pushed = _pushed(wlist.equations, roots, place, StructuralRules(wlist.ops))
    return _pattern(pairs, place, False) if pushed > CROWDED * len(wlist.equations) else None


def _pattern(pairs: Iterable[tuple[str, str]], place: Mapping[str, int], lower: bool) -> SparsityPattern:
    lines: list[set[int]] = [set() for _ in place]
    for a, b in pairs:
        i, j = place[a], place[b]
        lines[max(i, j)].add(min(i, j))
        if not lower:
            lines[min(i, j)].add(max(i, j))
    return pattern_of(lines, len(place))


def second_order_names(wlist: WengertList, wrt: Iterable[str] | None) -> tuple[str, ...]:
    """The names to differentiate by twice: inputs, each once."""
    names = chosen(wlist, wrt)
    inputs = set(wlist.inputs)
    seen: set[str] = set()
    for name in names:
        if name not in inputs:
            raise error(UsageError, "W603", f"a sparse Hessian is in inputs, and `{name}` is an intermediate",
                        help=f"the inputs are {', '.join(wlist.inputs)}")  # fmt: skip
        if name in seen:
            raise error(UsageError, "W603", f"a sparse Hessian is in each input once, and `{name}` is named twice")
        seen.add(name)
    return names


def interacting_pairs(
    equations: Sequence[Equation], roots: Iterable[str], wanted: Collection[str], facts: StructuralRules
) -> set[tuple[str, str]]:
    """The pairs of wanted names on which the sum of the roots depends nonlinearly.

    An edge between two names means that the second derivative in them may be nonzero. From the last equation to the
    first, an edge at the output is pushed to the arguments, and the equation's own interactions are added.
    """
    return _pushed(equations, roots, wanted, facts)[0]


def _pushed(
    equations: Sequence[Equation], roots: Iterable[str], wanted: Collection[str], facts: StructuralRules
) -> tuple[set[tuple[str, str]], int]:
    """The pairs, and the number of edges that were pushed or added."""
    count = 0
    active = set(wanted)
    for output, _, inputs in checking_clock(equations):
        if not active.isdisjoint(inputs):
            active.add(output)
    live = active.intersection(roots)
    edges: dict[str, set[str]] = {}

    def connect(a: str, b: str) -> None:
        edges.setdefault(a, set()).add(b)
        edges.setdefault(b, set()).add(a)

    def named(inputs: tuple[Atom, ...], i: int) -> str | None:
        a = inputs[i]
        return a if type(a) is str and a in active else None

    for output, op, inputs in checking_clock(equations[::-1]):
        if output not in live:
            continue
        passing = [name for name in dict.fromkeys(passed_inputs(facts, op, inputs)) if name in active]
        live.update(passing)
        ends = edges.pop(output, None)
        if ends:
            count += len(ends) * len(passing)
            if output in ends:
                ends.discard(output)
                for n, a in enumerate(passing):
                    for b in passing[n:]:
                        connect(a, b)
            for far in ends:
                edges[far].discard(output)
                for a in passing:
                    connect(a, far)
        if facts.plain[op] is None:
            for i, j in facts.interaction_pairs(op, inputs):
                x, y = named(inputs, i), named(inputs, j)
                if x is not None and y is not None:
                    connect(x, y)
    return {(a, b) for a, ends in edges.items() for b in ends if a <= b}, count
