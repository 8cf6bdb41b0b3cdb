"""What the rules of an op on arrays as wholes tell of how its value depends on each argument, where the row itself does
not say: read off the rule for an argument, which is a list that takes an adjoint g to that argument's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..lists.shapes import inferred
from ..lists.wengert_list import Equation, WengertList, assemble, table_of
from ..ops import UNKNOWN, Op
from ..ops.shapes.dimensions import Dim, Mismatch, Shape
from .rules import ADJOINT, parameters, partials, pulling_list, whole_rule


def has_derivative(row: Op, i: int, n: int, ops: tuple[Op, ...]) -> bool:
    """Whether the value of an op of n arguments has a derivative in the i-th that is not zero everywhere."""
    return (partials(row, n, "mean", ops)[i] if row.array is None else whole_rule(row, i)) is not None


def rule_list(row: Op, i: int, n: int, kink: str, ops: tuple[Op, ...]) -> WengertList | None:
    """The rule for the i-th argument as a list whose last input is the adjoint; None where it is no text."""
    rule = whole_rule(row, i)
    return pulling_list(row, rule, n, kink, ops) if isinstance(rule, str) and rule != UNKNOWN else None


@lru_cache(maxsize=1024)
def is_steady(row: Op, moving: tuple[int, ...], n: int, kink: str, ops: tuple[Op, ...]) -> bool:
    """Whether the derivative of an op does not change while these of its n arguments move: its rules for them have no
    derivative in them, nor in the value. It is linear in them together, at least by pieces."""
    rules = [rule_list(row, i, n, kink, ops) for i in moving]
    names = parameters(row, n)
    return all(
        rule is not None and not _depends(rule, {*(names[i] for i in moving), rule.inputs[n]}) for rule in rules
    )  # fmt: skip


@lru_cache(maxsize=1024)
def solution(row: Op, n: int, kink: str, ops: tuple[Op, ...]) -> tuple[int, Mapping[int, WengertList]] | None:
    """Whether an op solves a linear system: the place of b in y = L(a) b, and for the place of each other argument that
    has a derivative the list R(p, y), in which p has the adjoint's name. None if it does not.

    It does where the rule for b is p = L(a)^T g, which holds nothing else, and the rule for a is made of that p and of
    the value alone, R(p, y). Then dL(a)[u] = L(a) M(u) L(a), where M(u) y is the transpose of R in p, at u; and so

        L(a + u) = L(a) + L(a) M(u) L(a + u),

    as both sides have the same derivative along u, and are equal at 0.
    """
    names = parameters(row, n)
    for i in range(n):
        rule = rule_list(row, i, n, kink, ops)
        if rule is None or not isinstance(rule.outputs[0], str):
            continue
        if not {names[i], rule.inputs[n]}.isdisjoint(a for e in rule.equations for a in e.inputs):
            continue
        numbers: dict[Any, int] = {}
        p = _numbered(rule, numbers)[rule.outputs[0]]
        rests: dict[int, WengertList] = {}
        for j in range(n):
            if j == i or not has_derivative(row, j, n, ops):
                continue
            other = rule_list(row, j, n, kink, ops)
            rest = None if other is None else _rest(other, _numbered(other, numbers), p)
            if rest is None or _depends(rest, {*names, _GONE}):
                break
            rests[j] = rest
        else:
            if rests:
                return i, rests
    return None


# Stands for the adjoint in what is left of a rule, where that is given another.
_GONE = "?"


def _rest(rule: WengertList, numbers: Mapping[Any, int], p: int) -> WengertList | None:
    """A rule from the name on that has the number p, which becomes its adjoint; None where there is none."""
    name = next((e.output for e in rule.equations if numbers[e.output] == p), None)
    if name is None:
        return None
    became = {name: ADJOINT, ADJOINT: _GONE}
    equations = [
        Equation(e.output, e.op, tuple(became.get(a, a) for a in e.inputs))  # type: ignore[arg-type]
        for e in rule.equations
        if e.output != name
    ]
    live, kept = {*rule.outputs}, []
    for e in reversed(equations):
        if e.output in live:
            live.update(e.inputs)
            kept.append(e)
    return assemble((*rule.inputs, _GONE), reversed(kept), rule.outputs, rule.ops)


def _numbered(wlist: WengertList, numbers: dict[Any, int]) -> dict[Any, int]:
    """A number for each name of a list, the same for what is computed alike. `numbers` are those given out so far."""

    def number(what: Any) -> int:
        return numbers.setdefault(what, len(numbers))

    found: dict[Any, int] = {name: number(name) for name in wlist.inputs}
    for output, op, inputs in wlist.equations:
        found[output] = number((op, *(found[a] if type(a) is str else repr(a) for a in inputs)))
    return found


def _depends(wlist: WengertList, names: Iterable[str]) -> bool:
    """Whether the value of a list has a derivative in one of these names: not where they only lend their shape."""
    table, moving = table_of(wlist.ops), set(names)
    for output, op, inputs in wlist.equations:
        row, n = table[op], len(inputs)
        if any(a in moving and has_derivative(row, i, n, wlist.ops) for i, a in enumerate(inputs)):
            moving.add(output)
    return wlist.outputs[0] in moving


def doubles(row: Op, shapes: Collection[Shape], kink: str, ops: tuple[Op, ...]) -> bool:
    """Whether the rules of an op of arguments of these shapes lead to an op whose rule applies that op again, to larger
    arrays: so that each order of derivative takes arrays twice as large as the one before."""
    for op, given in _applied(row, shapes, kink, ops):
        for again, larger in _applied(op, given, kink, ops):
            if again.name == op.name and any(a and b and all(map(_larger, a, b)) for a, b in zip(larger, given)):
                return True
    return False


def _larger(a: Dim, b: Dim) -> bool:
    return isinstance(a, int) and isinstance(b, int) and a > b


def _applied(
    row: Op, shapes: Collection[Shape], kink: str, ops: tuple[Op, ...]
) -> Iterable[tuple[Op, tuple[Shape, ...]]]:  # fmt: skip
    """The ops on arrays as wholes in the rules of an op of arguments of these shapes, each with those of its own."""
    n, table = len(shapes), table_of(ops)
    for i in range(n):
        rule = rule_list(row, i, n, kink, ops)
        if rule is None or row.array is None:
            continue
        try:
            value = row.array.shape(*shapes)
            found = inferred(rule, dict(zip(rule.inputs, (*shapes, value, value))))
        except Mismatch:
            continue
        for _, op, inputs in rule.equations:
            if table[op].array is not None:
                yield table[op], tuple(found.get(a, ()) if type(a) is str else () for a in inputs)
