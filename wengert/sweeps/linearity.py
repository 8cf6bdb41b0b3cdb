"""How the value of an array op depends on each argument, where its row does not say.

This is derived from the rule for the argument: a list that maps the adjoint g of the value to the adjoint of the
argument.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..lists.shapes import inferred
from ..lists.wengert_list import Equation, WengertList, assemble
from ..ops import Op
from ..ops.shapes.dimensions import Dim, Mismatch, Shape
from .rules import ADJOINT, Rules, parameters, rules_for


@lru_cache(maxsize=1024)
def is_steady(rules: Rules, row: Op, moving: tuple[int, ...], n: int) -> bool:
    """Whether an op's derivative stays the same while these of its n arguments move, because its rules for them depend
    neither on these arguments nor on the value. The op is then linear in them together, at least piecewise."""
    found = [rules.vjp_list(row, i, n) for i in moving]
    names = parameters(row, n)
    return all(
        rule is not None and not _depends(rule, {*(names[i] for i in moving), rule.inputs[n]}) for rule in found
    )  # fmt: skip


@lru_cache(maxsize=1024)
def solution(rules: Rules, row: Op, n: int) -> tuple[int, Mapping[int, WengertList]] | None:
    """Whether an op solves a linear system, and how. Returns the place of b in y = L(a) b, and for each other argument
    with a derivative the list R(p, y), in which p is named like the adjoint; or None.

    The op solves a system if the rule for b is p = L(a)^T g and contains nothing else, and the rule for a consists of
    that p and of the value alone, R(p, y). Then dL(a)[u] = L(a) M(u) L(a), where M(u) y is the transpose of R in p, at
    u; and so

    L(a + u) = L(a) + L(a) M(u) L(a + u),

    as both sides have the same derivative along u, and are equal at 0.
    """
    names = parameters(row, n)
    for i in range(n):
        rule = rules.vjp_list(row, i, n)
        if rule is None or not isinstance(rule.outputs[0], str):
            continue
        if not {names[i], rule.inputs[n]}.isdisjoint(a for e in rule.equations for a in e.inputs):
            continue
        numbers: dict[Any, int] = {}
        p = _numbered(rule, numbers)[rule.outputs[0]]
        rests: dict[int, WengertList] = {}
        for j in range(n):
            if j == i or not rules.has_derivative(row, j, n):
                continue
            other = rules.vjp_list(row, j, n)
            rest = None if other is None else _rest(other, _numbered(other, numbers), p)
            if rest is None or _depends(rest, {*names, _GONE}):
                break
            rests[j] = rest
        else:
            if rests:
                return i, rests
    return None


# The name of the old adjoint in the rest of a rule, to which another is given.
_GONE = "?"


def _rest(rule: WengertList, numbers: Mapping[Any, int], p: int) -> WengertList | None:
    """The part of a rule after the name with the number p, which becomes its adjoint; None if there is no such name."""
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
    """A number for each name of a list, equal for names that are computed alike. `numbers` holds those given so far."""

    def number(made: Any) -> int:
        return numbers.setdefault(made, len(numbers))

    found: dict[Any, int] = {name: number(name) for name in wlist.inputs}
    for output, op, inputs in wlist.equations:
        found[output] = number((op, *(found[a] if type(a) is str else repr(a) for a in inputs)))
    return found


def _depends(wlist: WengertList, names: Iterable[str]) -> bool:
    """Whether the value of a list has a derivative in one of these names. Names that only lend their shape do not
    count."""
    rules, moving = rules_for(wlist.ops), set(names)
    for output, op, inputs in wlist.equations:
        row, n = rules.table[op], len(inputs)
        if any(a in moving and rules.has_derivative(row, i, n) for i, a in enumerate(inputs)):
            moving.add(output)
    return wlist.outputs[0] in moving


def doubles(rules: Rules, row: Op, shapes: Collection[Shape]) -> bool:
    """Whether the rules of an op, for arguments of these shapes, lead to an op whose rule applies that op again to
    larger arrays, so that each order of derivative doubles the size of its arrays."""
    for op, given in _applied(rules, row, shapes):
        for again, larger in _applied(rules, op, given):
            if again.name == op.name and any(a and b and all(map(_larger, a, b)) for a, b in zip(larger, given)):
                return True
    return False


def _larger(a: Dim, b: Dim) -> bool:
    return isinstance(a, int) and isinstance(b, int) and a > b


def _applied(rules: Rules, row: Op, shapes: Collection[Shape]) -> Iterable[tuple[Op, tuple[Shape, ...]]]:
    """The array ops in the rules of an op with arguments of these shapes, each with its own arguments' shapes."""
    n, table = len(shapes), rules.table
    for i in range(n):
        rule = rules.vjp_list(row, i, n)
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
