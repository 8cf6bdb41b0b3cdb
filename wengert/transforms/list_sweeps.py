"""Sweeps with a builder as `apply`: they write the equations of a derivative.

They write the same equations as a sweep of `sweeps`, from a template if one is cached.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Equation
from ..ops import DERIVATIVES, Op
from ..sweeps.guards import ReverseState
from ..sweeps.reverse import ReverseRequest, reverse_sweep
from ..sweeps.rules import Rules
from ..sweeps.tangent import tangent_sweep
from .builder import Builder, Names
from .identities import tidy
from .rule_templates import AtHand, RuleTemplates, Sweep, signs

_ADJOINTS, _TANGENTS = RuleTemplates(), RuleTemplates()
# Takes the place of the adjoint of an input that is not wanted.
_PASSIVE = object()
# The types of the current atoms if none is a number.
_NAMES = {str, type(None), object}
# The kinds of guards that a template handles: none, and one condition.
_PLAIN = {type(None), str, float}


class Stretch(NamedTuple):
    """The part of a list that a sweep reads: from a list that is still being written, or a single equation."""

    equations: Sequence[Equation]
    ops: tuple[Op, ...]


def write_adjoints(
    build: Builder, wlist: Any, seeds: Mapping[str, Any], rules: Rules, active: Collection[str],
    span: Sequence[int] | None = None, placed: bool = True, present: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A reverse sweep that writes: the adjoints of the `active` names that the seeds depend on.

    Equations are written for those of `span`, by default all. With `placed` the builder holds the list's equations at
    the same indices, and the equations written for one get its place in the text. `present` are conditions on seeds.
    """
    equations, table = wlist.equations, rules.table

    def visit(k: int, i: int, *step: Any) -> None:
        if not step:
            build.span = build.derived(k)

    noting = visit if placed else None
    noting = visit if placed else None
    met = [equations[k][1] for k in (range(len(equations)) if span is None else span)]
    used = set(met)
    # Ties are found from the whole list, and equations below them are written under many kinds of guards.
    choosing = {op for op in used if op not in DERIVATIVES and table[op].shares}
    if not _replayable(build, used, table) or 20 * sum(map(met.count, choosing)) > len(met):
        adjoint = reverse_sweep(
            wlist, Names(), seeds, build, rules, ReverseRequest(noting, active, span, present=present or {})
        )
        build.span = None if placed else build.span
        return adjoint
    templates = RuleTemplates() if rules.ops else _ADJOINTS
    found, names = templates.found.get, Names()
    # Ties are found from the whole list.
    choosing = {op for op in used if table[op].shares}
    state = ReverseState(seeds, build)
    adjoint, guards = state.adjoint, state.guards
    guards.update(present or {})
    one = ReverseRequest(noting, active, state=state)
    has: Any = adjoint.get
    all_active = set(active).issuperset
    heads, here, write = build.heads, build.span, build.replaying()
    apart = heads.keys().isdisjoint
    for k in checking_clock((range(len(equations)) if span is None else span)[::-1]):
        output, op, inputs = equations[k]
        upstream = adjoint.get(output)
        if upstream is None:
            continue
        if op in choosing or guards and not _PLAIN.issuperset(map(type, map(guards.get, (output, *inputs)))):
            reverse_sweep(wlist, names, {}, build, rules, one._replace(span=range(k, k + 1)))
            continue
        if all_active(inputs):
            slots = [*inputs, output, upstream, *map(has, inputs)]
        else:
            slots = [*inputs, output, upstream, *[has(a) if a in active else _PASSIVE for a in inputs]]
        n = len(inputs)
        same: tuple[int, ...] = ()
        if guards:
            slots += [guards.get(output), *[guards.get(a) for a in inputs]]
            same = tuple(map(slots.index, slots))  # guards that are the same are one
        elif n > 1 and (inputs[0] == inputs[1] if n == 2 else len({*inputs}) < n):
            same = tuple(map(inputs.index, inputs))
        seen: tuple[Any, ...] = tuple(map(type, slots))  # if there are no numbers, this is enough
        if not _NAMES.issuperset(seen) or not apart(slots):
            seen = signs(slots, heads)
        key = op, rules.kink, seen, same
        template = found(key)
        if template is None or template.row is not table[op]:
            hand = AtHand(slots, n, len(same) if guards else 2 * n + 2, same)
            template = templates.make(key, table[op], hand, build, _reverse_of_one(rules, bool(guards)))
        if template is not None:
            _, numbers, steps, answers = template
            if numbers:
                slots += numbers
            if write(steps, slots, build.derived(k) if placed else here):
                for name, now, guard in answers:
                    adjoint[slots[name]] = slots[now]
                    if guard >= 0:
                        guards[slots[name]] = slots[guard]
                    elif guards:
                        guards.pop(slots[name], None)
                continue
        reverse_sweep(wlist, names, {}, build, rules, one._replace(span=range(k, k + 1)))
    if placed:
        build.span = None
    return adjoint


def _replayable(build: Builder, used: Collection[str], table: Mapping[str, Op]) -> bool:
    """Whether templates apply: they do for numbers, not for arrays, and only with the rewrite for which they were
    made."""
    if build.shaped or build.rewrites != (tidy,):
        return False
    return all(op not in DERIVATIVES and table[op].array is None for op in used)


def _reverse_of_one(rules: Rules, guarded: bool) -> Sweep:
    def sweep(build: Builder, equation: Equation, slots: Sequence[Any]) -> list[tuple[str, Any, Any]]:
        n = len(equation.inputs)
        before: Any = {a: g for a, g in zip(equation.inputs, slots[n + 2 :]) if g is not _PASSIVE}
        state = ReverseState({a: g for a, g in before.items() if g is not None}, build)
        state.adjoint[equation.output] = slots[n + 1]
        if guarded:
            held = dict(zip((equation.output, *equation.inputs), slots[2 * n + 2 :]))
            state.guards.update({a: guard for a, guard in held.items() if guard is not None and type(a) is str})
        part: Any = Stretch((equation,), rules.ops)
        reverse_sweep(part, Names(), {}, build, rules, ReverseRequest(None, set(before), range(1), state=state))
        return [(a, g, state.guards.get(a)) for a, g in state.adjoint.items() if a in before and g is not before[a]]

    return sweep


def write_tangents(
    build: Builder, wlist: Any, tangents: Mapping[str, Any], rules: Rules
) -> dict[str, Any]:  # fmt: skip
    """A tangent sweep that writes: the tangents of all names that depend on those given."""
    equations, ops, table = wlist.equations, rules.ops, rules.table
    used = {op for _, op, _ in equations}
    if not _replayable(build, used, table):
        return tangent_sweep(wlist, Names(), tangents, build, rules)
    branching = {op for op in used if table[op].selects or table[op].shares}
    templates = RuleTemplates() if ops else _TANGENTS
    found, names, heads, span, write = templates.found.get, Names(), build.heads, build.span, build.replaying()
    apart = heads.keys().isdisjoint
    moving: dict[Any, Any] = dict(tangents)
    has = moving.get
    for k, (output, op, inputs) in enumerate(checking_clock(equations)):
        if op in branching:
            # From here on there may be guards, which a tangent sweep keeps to itself.
            rest: Any = Stretch(equations[k:], ops)
            return tangent_sweep(rest, names, moving, build, rules)
        given = list(map(has, inputs))
        if output in tangents or given.count(None) == len(given):
            continue
        slots = [*inputs, output, *given]
        n = len(inputs)
        same: tuple[int, ...] = ()
        if n > 1 and (inputs[0] == inputs[1] if n == 2 else len({*inputs}) < n):
            same = tuple(map(inputs.index, inputs))
        seen: tuple[Any, ...] = tuple(map(type, slots))
        if not _NAMES.issuperset(seen) or not apart(slots):
            seen = signs(slots, heads)
        key = op, rules.kink, seen, same
        template = found(key)
        if template is None or template.row is not table[op]:
            hand = AtHand(slots, n, 2 * n + 1, same)
            template = templates.make(key, table[op], hand, build, _tangent_of_one(rules))
        if template is not None:
            _, numbers, steps, answers = template
            if numbers:
                slots += numbers
            if write(steps, slots, span):
                for name, now, _ in answers:
                    moving[slots[name]] = slots[now]
                continue
        here: Any = Stretch((Equation(output, op, inputs),), ops)
        given_: Any = {a: t for a, t in zip(inputs, given) if t is not None}
        total = tangent_sweep(here, names, given_, build, rules).get(output)
        if total is not None:
            moving[output] = total
    return moving


def _tangent_of_one(rules: Rules) -> Sweep:
    def sweep(build: Builder, equation: Equation, slots: Sequence[Any]) -> list[tuple[str, Any, Any]]:
        given: Any = {a: t for a, t in zip(equation.inputs, slots[len(equation.inputs) + 1 :]) if t is not None}
        part: Any = Stretch((equation,), rules.ops)
        total = tangent_sweep(part, Names(), given, build, rules).get(equation.output)
        return [] if total is None else [(equation.output, total, None)]

    return sweep
