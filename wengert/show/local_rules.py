"""The local derivative of an equation, as a formula in the names of the list that holds at the given point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lists.wengert_list import Atom, Equation, WengertList, assemble
from ..ops import CONSTANT, CONSTANTS, LOG_TERM, WHERE, Op
from ..sweeps.numbers import Numbers
from ..sweeps.rules import KINKS, Applied, rules_for, sweep_rule, vjp_of, vjp_rule
from ..transforms.builder import Builder
from ..transforms.identities import tidy

Both = tuple[float, Atom]


def value_of(a: Atom, values: Mapping[str, Any]) -> Any:
    """The value of an atom at a point: a number or an array."""
    return a if isinstance(a, float) else values[a] if a in values else CONSTANTS[a]


def rule_text(row: Op, i: int) -> str:
    """The rule for an op's i-th argument as its row has it: a text over the parameters and the output `y`, and for an
    array op over the adjoint `g` too. It is "0" if there is no rule, and "" if the rule is no text."""
    if row.array is not None:
        rule = vjp_rule(row, i)
        return rule if isinstance(rule, str) else "0" if rule is None else ""
    return row.partials[min(i, len(row.partials) - 1)] or "0"


def local_formula(
    e: Equation, row: Op, i: int, values: Mapping[str, Any], local: Any, ops: tuple[Op, ...] = ()
) -> WengertList | None:
    """The derivative of an equation in its i-th input, as a list of one output over the equation's own names.

    It is None if the derivative is a plain number, if it takes ops that only rules are written with, or if no rule of
    the row gives `local`. The rule is swept with pairs of a number, which selects the branches that hold at the point,
    and an atom, which the formula is made of. Over arrays the whole rule is written, as its branch may differ from
    element to element.
    """
    if type(local) is not float or any(type(value_of(a, values)) is not float for a in e.inputs):
        return _of_arrays(e, row, i, ops)
    calculate = Numbers(ops)
    args = [(value_of(a, values), a) for a in e.inputs]
    for kink in KINKS[:-1]:
        partial = rules_for(ops, kink).partials(row, len(args))[i]
        if partial is None or partial.constant is not None:
            return None
        build = _builder(e)

        def apply(op: str, *pairs: Both | float, build: Builder = build) -> Both:
            both = [p if isinstance(p, tuple) else (p, p) for p in pairs]
            if op == WHERE:
                return both[1] if both[0][0] != 0.0 else both[2]
            if op == CONSTANT:
                return both[0]
            # A term that is 0 here, and is there only for its derivatives.
            if op == LOG_TERM and both[0][0] == 0.0 and isinstance(both[1][1], float) and both[1][1] <= 0.0:
                return 0.0, 0.0
            return calculate(op, *(number for number, _ in both)), build(op, *(atom for _, atom in both))

        names = dict(zip(partial.rule.inputs, [*args, (values[e.output], e.output), args[i]]))
        found: Any = sweep_rule(partial.rule, names, apply)
        number, atom = found if isinstance(found, tuple) else (found, found)
        if number == local or number != number and local != local:
            return assemble((), build.equations, (atom,), ops) if _is_plain(build, atom) else None
    return None


def _is_plain(build: Builder, atom: Atom) -> bool:
    """Whether a formula is of ops for programs: a share among tied arguments says less than its number."""
    return isinstance(atom, str) and not any(build.table[e.op].of_rules for e in build.equations)


def _of_arrays(e: Equation, row: Op, i: int, ops: tuple[Op, ...]) -> WengertList | None:
    """The derivative of an elementwise equation, for any elements."""
    partial = rules_for(ops).partials(row, len(e.inputs))[i]
    if partial is None or partial.constant is not None:
        return None
    build = _builder(e)
    names = dict(zip(partial.rule.inputs, (*e.inputs, e.output, e.inputs[i])))
    atom = sweep_rule(partial.rule, names, build)
    return assemble((), build.equations, (atom,), ops)


def vjp_formula(e: Equation, row: Op, i: int, adjoint: str, ops: tuple[Op, ...] = ()) -> WengertList | None:
    """The adjoint of the i-th input of an array op, over the equation's names and the name of its adjoint."""
    if row.array is None or vjp_rule(row, i) is None:
        return None
    build = _builder(e, adjoint)
    atom = vjp_of(Applied(row, e.inputs, e.output), i, adjoint, build, rules_for(ops))
    return assemble((), build.equations, (atom,), ops)


def _builder(e: Equation, *names: str) -> Builder:
    return Builder(rewrites=(tidy,), taken={e.output, *names, *(a for a in e.inputs if isinstance(a, str))})
