"""The tangent sweep: forward mode.

A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 3.1. The tangent of an array op follows
from its linearity, or is the transpose of the rule for its adjoints, which is the reverse sweep of that rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ..ground.errors import DerivativeError, error
from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import WengertList
from ..ops import ADD, SPREAD_LIKE, WHERE, ZEROS
from ..ops.parameters import split
from ..ops.row import linear_groups, moves
from .forward import depending, forward_sweep
from .guards import FILLED, Guard, Lazy, Tied, either, forced
from .interpretation import Interpretation
from .partials import Partials
from .reverse import ReverseRequest, reverse_sweep
from .rules import ADJOINT, Applied, Rules, groups, rules_for, vjp_rule
from .ties import Ties


class TangentRequest(NamedTuple):
    """Requests to a tangent sweep besides its directions.

    visit   called as visit(k, i, local, tangent, product) for each contribution to equation k; for an array op once,
            with None for i, local and tangent
    wanted  the names whose tangents are wanted, and all that lead there; None wants all
    guards  conditions on directions: where one does not hold, that element does not move
    span    the indices of the equations to sweep, increasing; by default all
    """

    visit: Callable[..., None] | None = None
    wanted: Collection[str] | None = None
    guards: Mapping[str, Any] = {}
    span: Sequence[int] | None = None


_ALL = TangentRequest()


def tangent_sweep(
    wlist: WengertList, tape: Mapping[str, Any], tangents: Mapping[str, Any], apply: Interpretation,
    rules: Rules | None = None, request: TangentRequest = _ALL,
) -> dict[str, Any]:  # fmt: skip
    """The tangents of every name that depends on the seeded ones. `tangents` maps names to their directions. A name
    missing from the result does not move."""
    rules = rules or rules_for(wlist.ops)
    visit, wanted, equations = request.visit, request.wanted, wlist.equations
    moving: dict[Any, Any] = dict(tangents)
    guards: dict[Any, Guard] = dict(request.guards)
    ties: Ties | None = None
    for k in checking_clock(range(len(equations)) if request.span is None else request.span):
        output, op, inputs = equations[k]
        if output in tangents or not any(a in moving for a in inputs) or (wanted is not None and output not in wanted):
            continue
        row = rules.row(op)
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        if row.array is not None:
            at = Applied(row, args, tape[output])
            given = [moving.get(a) for a in inputs]
            total = jvp_of(at, given, apply, rules)
            if total is not None:
                moving[output] = total
                guard = jvp_guard(at, given, [guards.get(a) for a in inputs], apply, rules)
                if guard is not None:
                    guards[output] = guard
                if visit is not None:
                    visit(k, None, None, None, total)
            continue
        if row.shares:
            ties = ties or Ties(wlist, tape, apply, rules, tangents)
            row, args = ties.settled(equations[k], row, args)
        partials = Partials(row, rules.partials_at(row, inputs), args, tape[output], apply)
        total, found = None, []
        for i, name in enumerate(inputs):
            if name not in moving or (partial := partials.plan[i]) is None:
                continue
            local = partials.factor(i) if partial.constant is None else partial.constant
            made = partials.product(i, local, moving[name], guards.get(name), False)
            if made is not None:
                product, guard = made
                found.append(guard)
                if visit is not None:
                    visit(k, i, local, moving[name], product)
                total = product if total is None else apply(ADD, total, product)
        if total is not None:
            # The tangent of an argument that was broadcast is too small if no other argument moves.
            moving[output] = apply(SPREAD_LIKE, total, tape[output]) if apply.shaped and len(inputs) > 1 else total
            if all(guard is not None for guard in found):
                guards[output] = _any_of(found, apply)
    return moving


def _any_of(found: Sequence[Guard], apply: Interpretation) -> Guard:
    guard = found[0]
    for other in found[1:]:
        guard = either(guard, other, apply)
    return guard


def jvp_of(at: Applied, tangents: Sequence[Any], apply: Interpretation, rules: Rules) -> Any:
    """The tangent of an array op, from those of its arguments (None for one that does not move). Raises DerivativeError
    if a rule is a function, since its transpose is not known."""
    row, args, y = at
    total: Any = None
    if linear_groups(row):
        for group in groups(row, len(args)):
            if all(tangents[i] is None for i in group):
                continue
            given = list(args)
            for i in group:
                given[i] = apply(ZEROS, args[i]) if tangents[i] is None else tangents[i]
            term = apply(row.name, *given)
            total = term if total is None else apply(ADD, total, term)
        return total
    for i, tangent in enumerate(tangents):
        if tangent is None or vjp_rule(row, i) is None:
            continue
        rule = rules.vjp_list(row, i, len(args))
        if rule is None:
            raise error(DerivativeError, "W210", f"`{row.name}` has no rule that a tangent can be pushed through")
        # The rule is linear in the adjoint. Its own transpose, at any adjoint, maps the tangent to the output's
        # tangent.
        term = transposed(rule, {**dict(zip(rule.inputs, (*args, y))), ADJOINT: y}, tangent, apply, rules)
        if term is not None:
            total = term if total is None else apply(ADD, total, term)
    return total


def transposed(
    rule: WengertList, values: Mapping[str, Any], seed: Any, apply: Interpretation, rules: Rules
) -> Any:  # fmt: skip
    """The transpose, at a seed, of a rule that is linear in its adjoint; None if the adjoint is not reached. `values`
    are those of the rule's inputs, with any adjoint of the right shape."""
    within = forward_sweep(rule, values, apply)
    answer = rule.outputs[0]
    seeds = {answer: seed} if isinstance(answer, str) else {}
    request = ReverseRequest(active=depending(rule, {ADJOINT}))
    return reverse_sweep(rule, within, seeds, apply, rules_for(rule.ops, rules.kink), request).get(ADJOINT)


def jvp_guard(
    at: Applied, tangents: Sequence[Any], guards: Sequence[Guard], apply: Interpretation, rules: Rules
) -> Guard:  # fmt: skip
    """The guard of the value of an array op, from the guards of its arguments. If the op only moves elements, it moves
    like the tangent; an element to which none is moved does not move."""
    row, args, _ = at
    if not moves(row) and not row.selects:
        return None
    if any(type(g) is Tied for g in guards):
        both_ways = zip(*(g if type(g) is Tied else (g, g) for g in guards))
        return Tied(*(jvp_guard(at, tangents, one, apply, rules) for one in both_ways))
    moving = [i for i, tangent in enumerate(tangents) if tangent is not None]
    if apply.writes and all(guards[i] is None for i in moving):
        # Nothing is written for a guard that all elements satisfy.
        together = [group for group in groups(row, len(args)) if not set(group).isdisjoint(moving)]
        if split(row.name)[0] not in FILLED and all(tangents[i] is not None for group in together for i in group):
            return None

    def make() -> Any:
        ones: list[Any] = [None] * len(args)
        for i in moving:
            whole = apply(ADD, apply(ZEROS, args[i]), 1.0)
            ones[i] = whole if guards[i] is None else apply(WHERE, forced(guards[i]), whole, 0.0)
        return jvp_of(at, ones, apply, rules)

    return Lazy(make, *guards)
