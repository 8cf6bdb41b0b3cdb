"""A derivative as a person would write it: without branches for single points, and with terms collected."""

from __future__ import annotations

from collections.abc import Sequence

from ...ground.limits import UNTRUSTED, Limits
from ...lists.wengert_list import WengertList
from ...sweeps.rules import TAKEN
from ...sweeps.ties import compared
from ..derivatives import jacobian
from ..simplify import PASSES, drop_dead, simplify
from .algebra import gathered
from .array_words import in_words, spelled_out
from .generic import Different, generic, opened, without_leftovers
from .style import plain_signs, style_of

__all__ = ["Condition", "Different", "derivative", "without_leftovers"]

# Where a derivative was simplified: atoms of a list that are assumed to differ.
Condition = tuple[WengertList, Different]

# All passes except the one that turns x^2 into square(x); and except the one that turns 1/3 into 0.3333333333333333.
READING = tuple(p for p in PASSES if p != "strength")
_SPELLED = tuple(p for p in READING if p != "fold")


def derivative(
    wlist: WengertList, steps: Sequence[Sequence[str]], *, exact: bool = False, kink: str = "mean",
    limits: Limits = UNTRUSTED,
) -> tuple[WengertList, list[Condition]]:  # fmt: skip
    """The derivatives of every output, by the names of each step in turn, simplified, and the conditions that they
    assume. Outputs are in the order of a Jacobian's elements, row by row.

    With `exact` it holds everywhere, and assumes nothing. It does not state that a derivative is nan where the value
    is.
    """
    conditions: list[Condition] = []
    style = style_of(wlist)
    for names in steps:
        wlist = simplify(wlist, READING)[0]
        since = len(wlist.equations)
        side = kink
        if not exact and kink not in ("left", "right"):
            side = TAKEN
            conditions += [(wlist, atoms) for atoms in compared(wlist)]
        wlist = jacobian(wlist, names, kink=side, limits=limits, masked=False)
        if not exact:
            known = opened(without_leftovers(wlist, since), since)
            wlist, different = generic(known, since)
            wlist = in_words(wlist, since, limits)
            conditions += [(known, atoms) for atoms in different]
            wlist, different = gathered(simplify(wlist)[0], style, limits)
            conditions += [(wlist, atoms) for atoms in different]
        wlist = simplify(wlist, READING if exact else _SPELLED)[0]
    return wlist if exact else drop_dead(plain_signs(spelled_out(wlist, limits), limits))[0], conditions
