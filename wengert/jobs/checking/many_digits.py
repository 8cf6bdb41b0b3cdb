"""Values with many digits: the ops of a list as mpmath computes them, where it is installed."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from ...lists.wengert_list import WengertList
from ...ops import COPY, OPS, PREFIX
from ...sweeps.forward import evaluate
from ...sweeps.numbers import Numbers

INFIX: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": operator.pow,
}  # fmt: skip


class NoForm(Exception):
    """An op that an oracle lacks."""


def exactly(op: str, *args: Any) -> Any:
    """The value of an op over numbers of mpmath. Raises NoForm for an op that it lacks."""
    import mpmath

    row = OPS.get(op)
    if row is None:
        raise NoForm(op)
    exact = [mpmath.mpf(a) for a in args]
    if row.boolean or all(p is None for p in row.partials):
        return mpmath.mpf(Numbers()(op, *map(float, exact)))
    if row.selects:
        if row.partials[0] is None:
            return exact[1] if exact[0] != 0 else exact[2]
        taken = Numbers()(op, *map(float, exact))
        return next((a for a in exact if float(a) == taken), mpmath.mpf(taken))
    if len(args) == 2 and row.notation.infix in INFIX:
        return INFIX[row.notation.infix](*exact)
    if row.notation.infix and row.name != PREFIX["not"]:
        return -exact[0]
    if row.name == COPY:
        return exact[0]
    for spelling in (op, *row.aliases):
        if callable(form := getattr(mpmath.mp, spelling, None)):
            return form(*exact)
    raise NoForm(op)


def differences(
    first: WengertList, second: WengertList, point: Mapping[str, float], columns: Mapping[str, Any]
) -> list[float] | None:  # fmt: skip
    """The first list minus the second, row by row, computed with 50 digits; None if that is not possible.

    Numbers in columns count as the decimals that they print as, which are the digits of the file that they came from.
    """
    try:
        import mpmath
    except ImportError:
        return None
    found = []
    try:
        with mpmath.workdps(50):
            names, rows = list(columns), list(zip(*(map(float, v) for v in columns.values())))
            for row in rows:
                at = {
                    **{n: mpmath.mpf(v) for n, v in point.items()},
                    **{n: mpmath.mpf(repr(v)) for n, v in zip(names, row)},
                }
                sides = [
                    evaluate(wlist, {n: at[n] for n in wlist.inputs}, exactly)[0] for wlist in (first, second)
                ]  # fmt: skip
                found.append(float(sides[0] - sides[1]))
    except (NoForm, ArithmeticError, ValueError, TypeError):
        return None
    return found if all(map(isfinite, found)) else None
