"""Taylor series of a list along a line: one more sweep, whose values are truncated power series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..ground.errors import DerivativeError
from ..ground.limits import checking_clock
from ..lists.wengert_list import Atom, Equation, WengertList, table_of
from ..ops import ZEROS
from .masks import masked_by
from .rules import Apply
from .taylor_numbers import DEEP, Series, TaylorArithmetic, first_of
from .ties import Ties


def taylor_sweep(
    wlist: WengertList,
    tape: Mapping[str, Any],
    directions: Mapping[str, Any],
    order: int,
    base: Apply,
    kink: str = "mean",
    masks: bool = True,
) -> list[list[Any]]:
    """Coefficients 0 … order of every output along x + t*direction: the k-th is the k-th derivative in t over k!.

    An absent coefficient is 0, in the shape of the value; see `taylor_terms`.
    """
    answers = []
    for found in taylor_terms(wlist, tape, directions, order, base, kink, masks):
        absent = any(c is None for c in found)
        zero: Any = base(ZEROS, found[0]) if absent and getattr(base, "shaped", False) else 0.0
        answers.append([zero if c is None else c for c in found])
    return answers


def taylor_terms(
    wlist: WengertList,
    tape: Mapping[str, Any],
    directions: Mapping[str, Any],
    order: int,
    base: Apply,
    kink: str = "mean",
    masks: bool = True,
) -> list[list[Any]]:
    """As `taylor_sweep`, with None for a coefficient that is absent.

    `tape` maps names that the list does not define to values under `base`, `directions` names to what they move by. A
    coefficient is nan where one before it is, if there are `masks`. Raises DerivativeError, at the place in the text,
    for an op that has no rule for an argument that moves.
    """
    shaped = getattr(base, "shaped", False)
    arithmetic, kind = TaylorArithmetic(base, wlist.ops, kink), Series
    if shaped:
        from .taylor_arrays import ArraySeries, ArrayTaylor  # numbers have no need of it

        arithmetic, kind = ArrayTaylor(base, wlist.ops, kink), ArraySeries
    series: dict[str, Any] = {name: kind([tape[name], move]) for name, move in directions.items()}

    def operand(a: Atom) -> Any:
        return a if type(a) is float else series[a] if a in series else tape[a]  # type: ignore[index]

    made: dict[str, list[Series]] = {}
    output = ""
    table, ties = table_of(wlist.ops), Ties(wlist, _Values(operand), base, kink, directions)

    def value(equation: Equation) -> Any:
        _, op, inputs = equation
        args = tuple(map(operand, inputs))
        row = table.get(op)
        if row is not None and row.shares and any(isinstance(a, Series) for a in args[1:]):
            firsts = tuple(map(first_of, args))
            settled, given = ties.settled(equation, row, firsts)
            if given is not firsts:
                return arithmetic.settled(settled, base(op, *firsts), args, given)
        return arithmetic(op, *args)

    try:
        for equation in checking_clock(wlist.equations):
            output = equation[0]
            if output not in directions:
                made[output] = arithmetic.made = []
                series[output] = value(equation)
        turns = list(made.items())
        for k in range(min(order, 2), order + 1):
            # Equation by equation, so that what a coefficient needs is there: the demand never runs deep.
            for output, known in checking_clock(turns):
                arithmetic.made = known
                if len(known) > DEEP:
                    arithmetic.bring_forward()
                arithmetic.coefficient(series[output], k)
    except DerivativeError as problem:
        place = next((n for n, e in enumerate(wlist.equations) if e.output == output), 0)
        raise problem.at(wlist.provenance.span(place), wlist.provenance.source) from None
    answers = []
    for a in checking_clock(wlist.outputs):
        s = operand(a)
        found = [arithmetic.coefficient(s, k) for k in range(order + 1)]
        before = found[0]
        for k, c in enumerate(found[1:], 1):
            # Each is the derivative of the one before, but for a factor.
            if masks and c is not None:
                before = found[k] = masked_by(before, c, base)
        answers.append(found)
    return answers


class _Values(dict[str, Any]):
    """The values of names: the first coefficients of their series."""

    def __init__(self, operand: Callable[[Any], Any]) -> None:
        super().__init__()
        self.operand = operand

    def __missing__(self, name: str) -> Any:
        return first_of(self.operand(name))
