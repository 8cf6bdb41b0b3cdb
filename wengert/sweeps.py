"""The sweeps over a Wengert list.

Each takes `apply(op, *args)`, and that alone decides what a sweep does: with numbers behind it the sweep evaluates;
with a list builder behind it the same sweep writes the derivative as a new list.

A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008: forward (tangent) mode, section 3.1; reverse
(adjoint) mode, section 3.2.

Absent is not zero. A name without an adjoint was not reached, and is never multiplied; an argument that was not taken
(the other branch, the smaller of two) contributes nothing, whatever its local derivative. Where `apply` computes, that
is decided on the spot. Where it writes, the decision is written: a product below a branch is guarded by the branch's
condition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import nan
from typing import Any

from .errors import DerivativeError, error
from .ops import ADD, AND, CONSTANTS, DERIVATIVES, MUL, NEG, OR, WHERE, Op
from .rules import Apply, Locals, forward_rule, is_variadic, partials, sweep_rule
from .wengert_list import WengertList, table_of

Visit = Callable[..., None]


def numbers(ops: tuple[Op, ...] = ()) -> Apply:
    """An `apply` that computes with float64 numbers, IEEE 754 throughout: it never raises for a float."""
    table = table_of(ops)

    def apply(op: str, *args: float) -> float:
        row = table[op]
        forward = row.forward
        if isinstance(forward, str):
            rule = forward_rule(row, ops)
            return float(sweep_rule(rule, dict(zip(rule.inputs, args)), apply))
        return forward(*args)

    return apply


def forward_sweep(wlist: WengertList, point: Mapping[str, Any], apply: Apply) -> dict[str, Any]:
    """The tape: the value of every name, from values of the inputs."""
    tape: dict[str, Any] = {**CONSTANTS, **point}
    for output, op, inputs in wlist.equations:
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
    for output, op, inputs in wlist.equations:
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
) -> dict[str, Any]:
    """Tangents of every name that depends on the seeded ones: `tangents` maps names to their directions.

    `visit(k, i, local, tangent, product)` is called for each contribution to equation k. A name missing from the
    answer does not move.
    """
    table, ops = table_of(wlist.ops), wlist.ops
    moving: dict[Any, Any] = dict(tangents)
    for k, (output, op, inputs) in enumerate(wlist.equations):
        if output in tangents or not any(a in moving for a in inputs):
            continue
        row = row_of(table, op)
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        plan, variadic = partials(row, len(inputs), kink, ops), is_variadic(row)
        locals_ = Locals(args, tape[output], apply)
        total: Any = None
        for i, name in enumerate(inputs):
            if name not in moving:
                continue
            partial = plan[i]
            if partial is None:
                continue
            local = locals_.partial(partial, i, variadic)
            tangent = moving[name]
            if type(local) is float:
                if row.selects and local == 0.0:
                    continue
                if undefined(tape[output], args):
                    local = nan
                product = _times(apply, local, tangent)
            elif row.selects:
                product = apply(WHERE, local, tangent if partial.indicator else apply(MUL, local, tangent), 0.0)
            else:
                product = apply(MUL, local, tangent)
            if visit is not None:
                visit(k, i, local, tangent, product)
            total = product if total is None else apply(ADD, total, product)
        if total is not None:
            moving[output] = total
    return moving


def reverse_sweep(
    wlist: WengertList,
    tape: Mapping[str, Any],
    seeds: Mapping[str, Any],
    apply: Apply,
    kink: str = "mean",
    visit: Visit | None = None,
    active: Collection[str] | None = None,
    span: Sequence[int] | None = None,
) -> dict[str, Any]:
    """Adjoints of every name the seeded ones depend on: `seeds` maps names to the adjoints they start with.

    active  names that adjoints are wanted for (and what depends on them); None wants all, and the literals' too
    span    the indices of the equations to sweep, increasing; by default all
    visit   called as visit(k, i, upstream, local, downstream, total) for each contribution: equation k, its input i,
            and the sum so far in that input (for a literal, the contribution alone); and before a rule is applied,
            with k and i alone

    A name missing from the answer was not reached.
    """
    table, ops = table_of(wlist.ops), wlist.ops
    equations = wlist.equations
    adjoint: dict[Any, Any] = dict(seeds)
    guards: dict[Any, Any] = {}
    for k in reversed(range(len(equations)) if span is None else span):
        output, op, inputs = equations[k]
        if output not in adjoint:
            continue
        row = row_of(table, op)
        upstream = adjoint[output]
        guard = guards.get(output)
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        plan, variadic = partials(row, len(inputs), kink, ops), is_variadic(row)
        locals_ = Locals(args, tape[output], apply)
        for i, name in enumerate(inputs):
            literal = type(name) is not str
            if active is not None and (literal or name not in active):
                continue
            if visit is not None:
                visit(k, i)
            partial = plan[i]
            if partial is None:
                continue
            local = locals_.partial(partial, i, variadic)
            taken = guard
            if type(local) is float:
                if row.selects and local == 0.0:
                    continue
                if undefined(tape[output], args):
                    local = nan
                downstream = _times(apply, local, upstream)
                if guard is not None and abs(local) != 1.0:
                    downstream = apply(WHERE, guard, downstream, 0.0)
            elif row.selects:
                taken = local if guard is None else apply(AND, guard, local)
                product = upstream if partial.indicator else apply(MUL, upstream, local)
                downstream = apply(WHERE, taken, product, 0.0)
            else:
                downstream = apply(MUL, upstream, local)
                if guard is not None:
                    downstream = apply(WHERE, guard, downstream, 0.0)
            if literal:
                if visit is not None:
                    visit(k, i, upstream, local, downstream, downstream)
                continue
            if name in adjoint:
                adjoint[name] = apply(ADD, adjoint[name], downstream)
                before = guards.get(name)
                if before is None or taken is None:
                    guards.pop(name, None)
                elif before != taken:
                    guards[name] = apply(OR, before, taken)
            else:
                adjoint[name] = downstream
                if taken is not None:
                    guards[name] = taken
            if visit is not None:
                visit(k, i, upstream, local, downstream, adjoint[name])
    return adjoint


def undefined(y: Any, args: tuple[Any, ...]) -> bool:
    """Whether an op made a nan of numbers that were none."""
    return type(y) is float and y != y and not any(a != a for a in args)


def depending(wlist: WengertList, names: Collection[str]) -> set[str]:
    """The names, and everything computed from them."""
    active = set(names)
    for output, _, inputs in wlist.equations:
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
