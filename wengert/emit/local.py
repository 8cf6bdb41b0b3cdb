"""The local derivative of one equation, as a formula in the names of the list and at the point at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..ops import CONSTANTS, WHERE, Op
from ..rules import KINKS, partials, sweep_rule
from ..sweeps import numbers
from ..transforms.builder import Builder
from ..transforms.identities import tidy
from ..wengert_list import Atom, Equation, WengertList, assemble

Both = tuple[float, Atom]


def value_of(a: Atom, values: Mapping[str, float]) -> float:
    """The number that an atom is at a point."""
    return a if isinstance(a, float) else values[a] if a in values else CONSTANTS[a]


def rule_text(row: Op, i: int) -> str:
    """The rule of an op's i-th argument as its row writes it, over the parameters and the output `y`; "0" for none."""
    return row.partials[min(i, len(row.partials) - 1)] or "0"


def local_formula(
    e: Equation, row: Op, i: int, values: Mapping[str, float], local: float, ops: tuple[Op, ...] = ()
) -> WengertList | None:
    """The derivative of an equation in its i-th input as a list over the equation's own names, of one output; None
    where it is a plain number, or where no rule of the row comes to `local`.

    It is swept with pairs: a number, which decides which branch of a rule holds here, and an atom, of which the formula
    is made.
    """
    calculate = numbers(ops)
    args = [(value_of(a, values), a) for a in e.inputs]
    for kink in KINKS[:-1]:
        partial = partials(row, len(args), kink, ops)[i]
        if partial is None or partial.constant is not None:
            return None
        build = Builder(rewrites=(tidy,), taken={e.output, *(a for a in e.inputs if isinstance(a, str))})

        def apply(op: str, *pairs: Both | float, build: Builder = build) -> Both:
            both = [p if isinstance(p, tuple) else (p, p) for p in pairs]
            if op == WHERE:
                return both[1] if both[0][0] != 0.0 else both[2]
            return calculate(op, *(number for number, _ in both)), build(op, *(atom for _, atom in both))

        names = dict(zip(partial.rule.inputs, [*args, (values[e.output], e.output), args[i]]))
        found: Any = sweep_rule(partial.rule, names, apply)
        number, atom = found if isinstance(found, tuple) else (found, found)
        if number == local or number != number and local != local:
            return assemble((), build.equations, (atom,), ops) if isinstance(atom, str) else None
    return None
