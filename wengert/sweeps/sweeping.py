"""The sweeps over a Wengert list.

Each takes `apply(op, *args)`, and that alone decides what a sweep does: with numbers behind it the sweep evaluates;
with a list builder behind it the same sweep writes the derivative as a new list.

A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008: forward (tangent) mode, section 3.1; reverse
(adjoint) mode, section 3.2.

An op on arrays as wholes has no partial derivatives: its row says how an adjoint is pulled back through it. A tangent
is pushed forward by linearity, or by the transpose of that rule, which is the reverse sweep of the rule itself.

Absent is not zero. A name without an adjoint was not reached, and is never multiplied; an argument that was not taken
(the other branch, the smaller of two) contributes nothing, whatever its local derivative. Where `apply` computes, that
is decided on the spot. Where it writes, the decision is written: a product below a branch is guarded by the branch's
condition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ..ground.errors import DerivativeError, error
from ..ground.limits import checking_clock
from ..lists.wengert_list import WengertList, table_of
from ..ops import ADD, CONSTANTS, DERIVATIVES, GATE, MUL, NEG, SPREAD_LIKE, SUM_LIKE, WHERE, ZEROS, Op
from ..ops.parameters import split
from ..ops.row import linear_groups, moves
from .guards import FILLED, Guard, Later, Reverse, Tied, add, both, either, forced, guarded, pulled, shrunk
from .rules import (
    ADJOINT,
    Apply,
    Locals,
    forward_rule,
    groups,
    is_variadic,
    partials_at,
    pull,
    pulling_list,
    sweep_rule,
    whole_rule,
)
from .ties import Ties, is_shared, share_guard

Visit = Callable[..., None]


def numbers(ops: tuple[Op, ...] = ()) -> Apply:
    """An `apply` that computes with float64 numbers, IEEE 754 throughout: it never raises for a float."""
    table = table_of(ops)

    def apply(op: str, *args: float) -> float:
        try:
            row = table[op]
        except KeyError:
            row = row_of(table, op)
        forward = row.forward
        if isinstance(forward, str):
            rule = forward_rule(row, ops)
            return float(sweep_rule(rule, dict(zip(rule.inputs, args)), apply))
        answer: float = forward(*args)
        return answer

    return apply


def forward_sweep(wlist: WengertList, point: Mapping[str, Any], apply: Apply) -> dict[str, Any]:
    """The tape: the value of every name, from values of the inputs."""
    tape: dict[str, Any] = {**CONSTANTS, **point}
    for output, op, inputs in checking_clock(wlist.equations):
        tape[output] = apply(op, *[tape[a] if type(a) is str else a for a in inputs])
    return tape


def evaluate(wlist: WengertList, point: Mapping[str, Any], apply: Apply) -> list[Any]:
    """Values of the outputs alone; an intermediate is dropped after its last use."""
    tape: dict[str, Any] = {**CONSTANTS, **point}
    keep = {a for a in wlist.outputs if isinstance(a, str)}
    seen, last = set(keep), []
    for _, _, inputs in reversed(wlist.equations):
        done = [a for a in inputs if type(a) is str and a not in seen]
        seen.update(done)
        last.append(done)
    for output, op, inputs in checking_clock(wlist.equations):
        tape[output] = apply(op, *[tape[a] if type(a) is str else a for a in inputs])
        for a in last.pop():
            tape.pop(a, None)
    return [tape[a] if isinstance(a, str) else a for a in wlist.outputs]


def tangent_sweep(
    wlist: WengertList,
    tape: Mapping[str, Any],
    tangents: Mapping[str, Any],
    apply: Apply,
    kink: str = "mean",
    visit: Visit | None = None,
    wanted: Collection[str] | None = None,
    guards: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Tangents of every name that depends on the seeded ones: `tangents` maps names to their directions.

    `visit(k, i, local, tangent, product)` is called for each contribution to equation k. `wanted` names what tangents
    are computed for, and all that leads there; None wants all. `guards` are conditions: where one does not hold, that
    element of a seed does not move. A name missing from the answer does not move.
    """
    table, ops = table_of(wlist.ops), wlist.ops
    shaped = getattr(apply, "shaped", False)
    moving: dict[Any, Any] = dict(tangents)
    moved: dict[Any, Guard] = dict(guards or {})
    ties: Ties | None = None
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        if output in tangents or not any(a in moving for a in inputs) or (wanted is not None and output not in wanted):
            continue
        row = row_of(table, op)
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        if row.array is not None:
            given = [moving.get(a) for a in inputs]
            total = push(row, args, tape[output], given, apply, kink, ops)
            if total is not None:
                moving[output] = total
                guard = pushed(row, args, tape[output], given, [moved.get(a) for a in inputs], apply, kink, ops)
                if guard is not None:
                    moved[output] = guard
                if visit is not None:
                    visit(k, None, None, None, total)
            continue
        ruled = args
        if row.shares:
            ties = ties or Ties(wlist, tape, apply, kink, tangents)
            row, ruled = ties.settled(wlist.equations[k], row, args)
        plan, variadic = partials_at(row, inputs, kink, ops), is_variadic(row)
        locals_ = Locals(ruled, tape[output], apply)
        total = None
        found: list[Guard] = []
        for i, name in enumerate(inputs):
            if name not in moving:
                continue
            partial = plan[i]
            if partial is None:
                continue
            local = _local(apply, locals_, partial, i, variadic) if shaped else locals_.partial(partial, i, variadic)
            tangent = moving[name]
            guard = moved.get(name)
            if type(local) is float:
                if row.selects and local == 0.0:
                    continue
                product = _times(apply, local, tangent)
                if guard is not None and abs(local) != 1.0:
                    product = guarded(guard, product, apply)
            elif row.selects:
                if partial.indicator:
                    product = apply(WHERE, local, tangent, 0.0)
                else:
                    product = apply(GATE, local, tangent)
                    product = product if guard is None else guarded(guard, product, apply)
                guard = both(guard, local, apply)
            else:
                product = apply(MUL, local, tangent)
                if guard is not None:
                    product = guarded(guard, product, apply)
            if is_shared(row):
                product = guarded(share_guard(ruled, i, local, apply), product, apply)
            found.append(guard)
            if visit is not None:
                visit(k, i, local, tangent, product)
            total = product if total is None else apply(ADD, total, product)
        if total is not None:
            # The tangent of an argument that was broadcast is too small where no other argument moves.
            moving[output] = apply(SPREAD_LIKE, total, tape[output]) if shaped and len(inputs) > 1 else total
            if found and all(guard is not None for guard in found):
                guard = found[0]
                for other in found[1:]:
                    guard = either(guard, other, apply)
                moved[output] = guard
    return moving


def push(
    row: Op, args: tuple[Any, ...], y: Any, tangents: list[Any], apply: Apply, kink: str, ops: tuple[Op, ...]
) -> Any:  # fmt: skip
    """The tangent of an op on arrays as wholes, from those of its arguments (None for one that does not move)."""
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
        rule = whole_rule(row, i)
        if tangent is None or rule is None:
            continue
        if not isinstance(rule, str):
            raise error(DerivativeError, "W210", f"`{row.name}` has no rule that a tangent can be pushed through")
        pulling = pulling_list(row, rule, len(args), kink, ops)
        # The rule is linear in the adjoint: its own transpose, at any adjoint, takes the tangent to the output's.
        within = forward_sweep(pulling, {**dict(zip(pulling.inputs, (*args, y))), ADJOINT: y}, apply)
        answer = pulling.outputs[0]
        seeds = {answer: tangent} if isinstance(answer, str) else {}
        term = reverse_sweep(pulling, within, seeds, apply, kink, None, depending(pulling, {ADJOINT})).get(ADJOINT)
        if term is not None:
            total = term if total is None else apply(ADD, total, term)
    return total


def pushed(
    row: Op, args: tuple[Any, ...], y: Any, tangents: list[Any], guards: list[Any], apply: Apply, kink: str,
    ops: tuple[Op, ...],
) -> Guard:  # fmt: skip
    """The guard of the value of an op on arrays as wholes, from those of its arguments: it goes the way of the tangent,
    where the op only moves elements. An element that none is moved to does not move."""
    if not moves(row) and not row.selects:
        return None
    if any(type(g) is Tied for g in guards):
        both_ways = zip(*(g if type(g) is Tied else (g, g) for g in guards))
        return Tied(*(pushed(row, args, y, tangents, list(one), apply, kink, ops) for one in both_ways))
    moving = [i for i, tangent in enumerate(tangents) if tangent is not None]
    if all(guards[i] is None for i in moving) and getattr(apply, "finite", None) is None:
        # Where `apply` writes, nothing is written that all elements satisfy.
        together = [group for group in groups(row, len(args)) if not set(group).isdisjoint(moving)]
        if split(row.name)[0] not in FILLED and all(tangents[i] is not None for group in together for i in group):
            return None

    def make() -> Any:
        ones: list[Any] = [None] * len(args)
        for i in moving:
            whole = apply(ADD, apply(ZEROS, args[i]), 1.0)
            ones[i] = whole if guards[i] is None else apply(WHERE, forced(guards[i]), whole, 0.0)
        return push(row, args, y, ones, apply, kink, ops)

    return Later(make, *guards)


def reverse_sweep(
    wlist: WengertList,
    tape: Mapping[str, Any],
    seeds: Mapping[str, Any],
    apply: Apply,
    kink: str = "mean",
    visit: Visit | None = None,
    active: Collection[str] | None = None,
    span: Sequence[int] | None = None,
    gather: bool = True,
    carried: Reverse | None = None,
    keep: Collection[str] | None = None,
    present: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Adjoints of every name the seeded ones depend on: `seeds` maps names to the adjoints they start with.

    active  names that adjoints are wanted for (and what depends on them); None wants all, and the literals' too
    span    the indices of the equations to sweep, increasing; by default all
    visit   called as visit(k, i, upstream, local, downstream, total) for each contribution: equation k, its input i,
            and the sum so far in that input (for a literal, the contribution alone); and before a rule is applied,
            with k and i alone. An op on arrays as wholes has no local derivative: None stands for it
    gather  what comes back from the elements of an array is put together once, not one by one; the visitor is told None
            for the sum then
    carried what the sweep over the equations after the span has left, instead of seeds; it goes on from there, and
            leaves the same again
    keep    names of which anything is wanted afterwards: of all others the value is taken off the tape, which is a dict
            then, and the adjoint forgotten, as soon as they have served, so that their memory can be used again
    present conditions on seeds: where one does not hold, that element of the seed is not there

    A name missing from the answer was not reached.
    """
    table, ops = table_of(wlist.ops), wlist.ops
    equations = wlist.equations
    shaped = getattr(apply, "shaped", False)
    state = Reverse(seeds, apply) if carried is None else carried
    adjoint, guards, waiting = state.adjoint, state.guards, state.waiting
    waiting.tape = tape
    guards.update(present or {})
    for k in checking_clock((range(len(equations)) if span is None else span)[::-1]):
        output, op, inputs = equations[k]
        if shaped and output in waiting:
            waiting.settle(output)
        if output not in adjoint:
            if keep is not None and output not in keep:
                del tape[output]  # type: ignore[attr-defined]
            continue
        row = row_of(table, op)
        upstream = adjoint[output]
        y = tape[output]
        if keep is not None and output not in keep:
            del tape[output], adjoint[output]
        guard = guards.get(output)
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        if row.array is not None:
            for i, name in enumerate(inputs):
                literal = type(name) is not str
                if active is not None and (literal or name not in active) or whole_rule(row, i) is None:
                    continue
                if visit is not None:
                    visit(k, i)
                if gather and type(name) is str and waiting.take(op, name, upstream, guard):
                    if visit is not None:
                        visit(k, i, upstream, None, upstream, None)
                    continue
                downstream = pull(row, i, args, y, upstream, apply, kink, ops)
                if type(name) is not str:
                    if visit is not None:
                        visit(k, i, upstream, None, downstream, downstream)
                    continue
                taken = pulled(row, i, args, y, downstream, guard, apply, kink, ops)
                add(name, downstream, taken, adjoint, guards, apply)
                if visit is not None:
                    visit(k, i, upstream, None, downstream, adjoint[name])
            continue
        ruled = args
        if row.shares:
            if visit is not None:
                visit(k, 1)
            ties = state.ties = state.ties or Ties(wlist, tape, apply, kink, (), active)
            row, ruled = ties.settled(equations[k], row, args)
        plan, variadic = partials_at(row, inputs, kink, ops), is_variadic(row)
        locals_ = Locals(ruled, y, apply)
        for i, name in enumerate(inputs):
            literal = type(name) is not str
            if active is not None and (literal or name not in active):
                continue
            if visit is not None:
                visit(k, i)
            partial = plan[i]
            if partial is None:
                continue
            local = _local(apply, locals_, partial, i, variadic) if shaped else locals_.partial(partial, i, variadic)
            taken = guard
            if type(local) is float:
                if row.selects and local == 0.0:
                    continue
                downstream = _times(apply, local, upstream)
                if guard is not None and local != 1.0:  # -0 of a branch that is not taken is 0
                    downstream = guarded(guard, downstream, apply)
                if is_shared(row):
                    taken = both(guard, share_guard(ruled, i, local, apply), apply)
            elif row.selects:
                taken = both(guard, share_guard(ruled, i, local, apply) if is_shared(row) else local, apply)
                if guard is None and not partial.indicator:
                    alone = is_shared(row) and type(upstream) is float and upstream == 1.0
                    downstream = local if alone else apply(GATE, local, upstream)
                else:
                    product = upstream if partial.indicator else apply(MUL, upstream, local)
                    downstream = apply(WHERE, forced(taken), product, 0.0)
            else:
                downstream = apply(MUL, upstream, local)
                if guard is not None:
                    downstream = guarded(guard, downstream, apply)
            if shaped and len(inputs) > 1:
                if not apply.alike(downstream, args[i]):  # type: ignore[attr-defined]
                    downstream = apply(SUM_LIKE, downstream, args[i])
                taken = shrunk(taken, args[i], y, apply)
            if literal:
                if visit is not None:
                    visit(k, i, upstream, local, downstream, downstream)
                continue
            if name in adjoint:
                adjoint[name] = apply(ADD, adjoint[name], downstream)
                before = guards.get(name)
                if before is None or taken is None:
                    guards.pop(name, None)
                elif before is not taken and not (type(before) in (str, float) and before == taken):
                    guards[name] = either(before, taken, apply)
            else:
                adjoint[name] = downstream
                if taken is not None:
                    guards[name] = taken
            if visit is not None:
                visit(k, i, upstream, local, downstream, adjoint[name])
    if carried is None:
        state.settle()
    return adjoint


def _local(apply: Any, locals_: Locals, partial: Any, i: int, variadic: bool) -> Any:
    """A partial derivative of an elementwise op over arrays."""
    apply.partial = True
    try:
        return locals_.partial(partial, i, variadic)
    finally:
        apply.partial = False


def depending(wlist: WengertList, names: Collection[str]) -> set[str]:
    """The names, and everything computed from them."""
    active = set(names)
    for output, _, inputs in checking_clock(wlist.equations):
        if not active.isdisjoint(inputs):
            active.add(output)
    return active


def _times(apply: Apply, local: float, other: Any) -> Any:
    """A product with a number; by ±1 nothing is multiplied."""
    if local == 1.0:
        return other
    if local == -1.0:
        return apply(NEG, other)
    return apply(MUL, other, local)


def row_of(table: Mapping[str, Op], op: str) -> Op:
    """The row of an equation's op. Raises DerivativeError for a derivative that is still to be expanded."""
    if op in DERIVATIVES:
        raise error(DerivativeError, "W211", f"the list still holds a `{op}`: expand its derivatives first")
    return table[op]
