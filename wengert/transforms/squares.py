"""Sums of squares: the list of the residuals of a program that adds squares with positive weights.

Least squares solvers use the residuals: their Jacobian gives most of the Hessian (J. Nocedal, S. J. Wright, "Numerical
Optimization", 2nd ed., 2006, section 10.2).
"""

from __future__ import annotations

from ..ground.limits import check_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, Equation, WengertList, assemble, names_of
from ..ops import ADD, COPY, INFIX, MUL, OPS, SUM


class Squares(NamedTuple):
    """A program as a constant and a sum of weighted squares.

    wlist     the list whose outputs are the residuals, numbers or arrays
    weights   by residual, the factor of its squares
    averaged  by residual, whether the mean of the squares of an array is taken in place of their sum
    constant  the number that is added
    """

    wlist: WengertList
    weights: tuple[float, ...]
    averaged: tuple[bool, ...]
    constant: float


class _Term(NamedTuple):
    atom: Atom
    weight: float
    total: str  # the reduction over an array: "", "total" or "mean"


# Reductions over all elements of an array that keep a sum of squares a sum of squares.
_TOTALS = {SUM: "total", "mean": "mean"}
_SQUARES = {name for name, row in OPS.items() if "a*a" in row.rewrites.cheaper}


def squares(wlist: WengertList) -> Squares | None:
    """The residuals of a list with one output; None if that is no sum of squares."""
    if len(wlist.outputs) != 1:
        return None
    by_output = {e.output: e for e in wlist.equations}
    taken = names_of(wlist)
    more: list[Equation] = []
    found: list[tuple[Atom, float, bool]] = []
    constant = 0.0
    waiting = [_Term(wlist.outputs[0], 1.0, "")]
    while waiting:
        check_clock()
        atom, weight, total = waiting.pop()
        if not isinstance(atom, str):
            if total or weight < 0:
                return None
            constant += weight * atom
            continue
        equation = by_output.get(atom)
        terms = None if equation is None else _summed_terms(equation, weight, total)
        if terms is not None:
            waiting += reversed(terms)
            continue
        base = None if equation is None else _root(equation, taken, more)
        if base is None or not weight > 0 or not isinstance(base, str):
            return None
        found.append((base, weight, total == "mean"))
    if not found:
        return None
    residuals = assemble(wlist.inputs, (*wlist.equations, *more), tuple(a for a, _, _ in found), wlist.ops,
                         wlist.provenance, wlist.shapes)  # fmt: skip
    return Squares(residuals, tuple(w for _, w, _ in found), tuple(m for _, _, m in found), constant)


def _summed_terms(e: Equation, weight: float, total: str) -> list[_Term] | None:
    """The terms that an equation adds up, with their weights; None if it does not add."""
    if e.op == COPY:
        return [_Term(e.inputs[0], weight, total)]
    if e.op == ADD and not total:
        return [_Term(a, weight, "") for a in e.inputs]
    if e.op in _TOTALS and not total and len(e.inputs) == 1:
        return [_Term(e.inputs[0], weight, _TOTALS[e.op])]
    if e.op in (MUL, INFIX["/"]):
        left, right = e.inputs
        if isinstance(right, float) and right:
            return [_Term(left, weight * right if e.op == MUL else weight / right, total)]
        if isinstance(left, float) and e.op == MUL:
            return [_Term(right, weight * left, total)]
    return None


def _root(e: Equation, taken: set[str], more: list[Equation]) -> Atom | None:
    """The number whose square an equation is; None if there is none. For an even power, write the equation of its
    root."""
    if e.op in _SQUARES:
        return e.inputs[0]
    if e.op == MUL and e.inputs[0] == e.inputs[1]:
        return e.inputs[0]
    if e.op != INFIX["^"] or not isinstance(power := e.inputs[1], float):
        return None
    if power == 2:
        return e.inputs[0]
    if power < 4 or power % 2 or not isinstance(e.inputs[0], str):
        return None
    name = f"{e.output}_root"
    while name in taken:
        name += "_"
    taken.add(name)
    more.append(Equation(name, INFIX["^"], (e.inputs[0], power / 2)))
    return name
