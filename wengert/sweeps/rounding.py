"""How far rounding may have moved a result: an error bar from the adjoints.

An equation rounds its value by at most a few units in the last place, and its adjoint says how much of that reaches
the result. The sum over the equations bounds the error to first order (F. L. Bauer, "Computational graphs and rounding
error", SIAM J. Numer. Anal. 11(1), 1974; N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed.,
section 3.3). A derivative is the value of its own list, the gradient's, so the same sum bounds it as well.

Numbers of the text and of the point count as rounded too, by half a unit, unless they are multiples of 2^-20. An exact
step has no error for a singular derivative to multiply. At a kink the one-sided derivatives count, not their mean: that
would be 0 for |a - b|, where a and b are equal but for rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isfinite, ulp
from typing import Any

from ..ground.limits import checking_clock
from ..lists.wengert_list import Atom, WengertList, assemble, constants_of, table_of
from ..ops import CONSTANT, CONSTANTS, COPY, Op
from .forward import forward_sweep
from .nonfinite import holds
from .numbers import Numbers
from .reverse import ReverseRequest, reverse_sweep
from .rules import rules_for

# A factor for the products of rounding errors, which the sum neglects.
_SECOND_ORDER = 1.0 + 2.0**-10


def error_bound(wlist: WengertList, point: Mapping[str, float], output: Atom, exact_inputs: bool = False) -> float:
    """A bound on the rounding error of an output at a point, in the units of the output; inf if it is not finite.

    With `exact_inputs` the values of the point are taken to be exact. The bound does not see a comparison that rounding
    turns the other way.
    """
    if not isinstance(output, str):
        return _half(output)
    wlist = _with_errors_passed(wlist)
    apply = Numbers(wlist.ops)
    return _bound(wlist, forward_sweep(wlist, point, apply), output, exact_inputs)


def error_bounds(wlist: WengertList, point: Mapping[str, float], exact_inputs: bool = False) -> list[float]:
    """The bounds of all outputs, by a forward sweep and a reverse sweep for each."""
    wlist = _with_errors_passed(wlist)
    tape = forward_sweep(wlist, point, Numbers(wlist.ops))
    return [
        _bound(wlist, tape, a, exact_inputs) if isinstance(a, str) else _half(a) for a in checking_clock(wlist.outputs)
    ]


def _with_errors_passed(wlist: WengertList) -> WengertList:
    """The list whose adjoints show how far errors reach. A value that derivatives treat as constant still passes on its
    errors."""
    if all(e.op != CONSTANT for e in wlist.equations):
        return wlist
    equations = [e._replace(op=COPY) if e.op == CONSTANT else e for e in wlist.equations]
    return assemble(wlist.inputs, equations, wlist.outputs, wlist.ops, wlist.provenance, wlist.shapes)


def _bound(wlist: WengertList, tape: dict[str, float], output: str, exact_inputs: bool) -> float:
    if not isfinite(tape[output]):
        return inf
    policies = ("left", "right") if _on_a_kink(wlist, tape) else ("mean",)
    return max(_first_order(wlist, tape, output, exact_inputs, kink) for kink in policies)


def _on_a_kink(wlist: WengertList, tape: Mapping[str, float]) -> bool:
    table = table_of(wlist.ops)
    for output, op, inputs in checking_clock(wlist.equations):
        row = table[op]
        for kink in row.kinks:
            if kink.kind in ("kink", "tie"):
                args = tuple([tape[a] if isinstance(a, str) else a for a in inputs])
                if holds(row, kink.when, args, tape[output], wlist.ops):
                    return True
    return False


def _first_order(wlist: WengertList, tape: dict[str, float], output: str, exact_inputs: bool, kink: str) -> float:
    total = 0.0

    def visit(k: int, i: int, *step: Any) -> None:
        nonlocal total
        a = wlist.equations[k].inputs[i]
        # A number that is meant exactly has no error for a singular partial to multiply: the 2 in (-3)^2.
        if step and isinstance(a, float) and (half := _half(a)):
            total += abs(step[2]) * half

    rules = rules_for(wlist.ops, kink)
    adjoint = reverse_sweep(wlist, tape, {output: 1.0}, Numbers(wlist.ops), rules, ReverseRequest(visit))
    for name, op, inputs in checking_clock(wlist.equations):
        if name in adjoint and rules.table[op].ulps:
            args = [tape[a] if isinstance(a, str) else a for a in inputs]
            if isfinite(adjoint[name]) or not _exact(rules.table[op], args, tape[name]):
                total += abs(adjoint[name]) * rules.table[op].ulps * ulp(tape[name])
    for name in constants_of(wlist):
        if name in adjoint:
            total += abs(adjoint[name]) * 0.5 * ulp(CONSTANTS[name])
    if not exact_inputs:
        for name in wlist.inputs:
            if name in adjoint and (half := _half(tape[name])):
                total += abs(adjoint[name]) * half
    return total * _SECOND_ORDER if total == total else inf


def _exact(row: Op, args: Sequence[float], y: float) -> bool:
    """Whether a step is known to be exact in any library, such as m - 1 in the derivative of x^m for whole m."""
    return (
        row.ulps <= 0.5
        and row.residual is not None
        and all(map(isfinite, (*args, y)))
        and row.residual(*args, y) == 0.0
    )


def _half(a: float) -> float:
    """Half a unit in the last place, or 0 for a number that was surely meant exactly."""
    return 0.0 if not isfinite(a) or a.is_integer() or (a * 2.0**20).is_integer() else 0.5 * ulp(a)
