"""The list that marks where another is not smooth: each of its outputs is nonzero at the kinks of one op.

It runs on the same kernels as the list itself, so that checking points without a kink costs little.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any

from ..ground.limits import UNTRUSTED, Limits, checking_clock
from ..lists.wengert_list import Atom, Equation, WengertList
from ..ops import AND, OPS, OR, WHERE
from ..ops.row import moves
from ..sweeps.fixed_branches import counting
from ..sweeps.numbers import Numbers
from ..sweeps.rules import Rules, literal_partial, rule_list, rules_for, sweep_rule
from ..sweeps.ties import JUMP, MEETING, Places, Ties, may_be_at
from .builder import Builder, Names
from .hidden_jumps import hidden_jumps
from .identities import tidy
from .simplify import drop_dead


def watching(wlist: WengertList, names: Sequence[str], kind: Places, limits: Limits = UNTRUSTED) -> WengertList | None:
    """The list of the places of one kind where the value is not smooth while `names` move; None if there are none."""
    build = Builder(wlist, rewrites=(tidy,), limits=limits)
    found = _places(build, wlist, names, kind)
    return drop_dead(build.finish(wlist, wlist.inputs, list(dict.fromkeys(found.values()))))[0] if found else None


def places_of_each(
    wlist: WengertList, names: Sequence[str], kind: Places, limits: Limits = UNTRUSTED
) -> tuple[WengertList, list[str]]:
    """The list of the places of a kind, with an output for each, and the names that their ops define."""
    build = Builder(wlist, rewrites=(tidy,), limits=limits)
    found = _places(build, wlist, names, kind)
    made = build.finish(wlist, wlist.inputs, list(found.values()))
    return made, [output for output, _ in found]


def marked(
    derived: WengertList, wlist: WengertList, names: Sequence[str], kind: Places, limits: Limits = UNTRUSTED
) -> WengertList:
    """A list of the value of another and then its derivatives, all nan at a watched place. So one check of the answers
    finds both a derivative that is not finite and such a place."""
    build = Builder(derived, rewrites=(tidy,), limits=limits)
    found = _places(build, wlist, names, kind)
    if not found:
        return derived
    hit, *others = dict.fromkeys(found.values())
    for other in others:
        hit = build(OR, hit, other)
    first, *partials = derived.outputs
    return build.finish(derived, derived.inputs, [first, *(build(WHERE, hit, nan, g) for g in partials)])


def _places(
    build: Builder, wlist: WengertList, names: Sequence[str], kind: Places
) -> dict[tuple[str, int], Atom]:  # fmt: skip
    """The atoms of the predicates of all places, written after the list, by the name that an op defines and the number
    of its kink."""
    rules = rules_for(wlist.ops)
    ties = Ties(wlist, {}, Numbers(wlist.ops), rules, names)
    found: dict[tuple[str, int], Atom] = {}
    counts = counting(wlist, Names(), build)
    hidden = hidden_jumps(wlist, names, rules) if kind is Places.EQUAL else None
    straight = _straight(wlist, names, rules) if kind is Places.MEETS else set()
    for equation in checking_clock(wlist.equations):
        row = rules.row(equation.op)
        if not may_be_at(row, kind) or not any(_moves(ties, a) for a in equation.inputs):
            continue
        if hidden is not None and not row.boolean and equation.output not in hidden:
            continue
        for n, kink in enumerate(row.kinks):
            # Pieces that are the same do not meet: max(a, a) is a. The rules for one side do not tell.
            alone = row.array is None and len(set(equation.inputs)) < 2 <= len(equation.inputs)
            if kink.kind == "tie" and kind is not Places.ALL and alone:
                continue
            if kind is Places.EQUAL and kink.kind != JUMP:
                continue
            # The argument of a root may be stationary where it vanishes, but for rounding.
            curved = kink.kind == "singular" and any(_moves(ties, a) and a not in straight for a in equation.inputs)
            if kind is Places.MEETS and kink.kind not in MEETING and not curved:
                continue
            if kink.param and not _moves(ties, equation.inputs[row.params.split().index(kink.param)]):
                continue
            rule = rule_list(row, kink.when, len(equation.inputs), wlist.ops)
            told = _told(build, rule, equation)
            held = counts.get(equation.output)
            if held is not None and told != 0.0 and build.as_large(equation.output, told):
                told = build(AND, told, held)
            if told != 0.0:
                found[equation.output, n] = told
    return found


def _straight(wlist: WengertList, names: Sequence[str], rules: Rules) -> set[Any]:
    """The names whose values are of the first degree in `names`, and are not stationary."""
    straight, moving = set[Any](names), set[Any](names)
    for output, op, inputs in checking_clock(wlist.equations):
        own = [k for k, a in enumerate(inputs) if a in moving]
        if not own or output in moving:
            continue
        moving.add(output)
        if not straight.issuperset(inputs[k] for k in own):
            continue
        row = rules.row(op)
        partials = rules.partials_at(row, inputs) if row.array is None else ()
        if not partials:
            if moves(row):
                straight.add(output)
        elif all((p := partials[k]) is None or p.constant is not None or 0 <= p.place < len(inputs)
                 and inputs[p.place] not in moving for k in own):  # fmt: skip
            straight.add(output)
    return straight


def _moves(ties: Ties, a: Atom) -> bool:
    return type(a) is str and ties.moves(a)


def _told(build: Builder, rule: WengertList, equation: Equation) -> Any:
    """The atom of a predicate over the arguments and the value of an equation."""
    if build.table[equation.op].array is None:
        literals = tuple([a if type(a) is float and a == a else None for a in equation.inputs])
        if any(a is not None for a in literals):
            found = literal_partial(rule, literals, OPS.generation)
            if found is None:
                return 0.0
            rule = found.rule
    given = (*equation.inputs, equation.output, equation.inputs[0])
    return sweep_rule(rule, dict(zip(rule.inputs, given)), build)
