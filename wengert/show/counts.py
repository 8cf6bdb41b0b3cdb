"""How many operations a list takes, and its gradient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ..lists.wengert_list import WengertList
from ..ops import COPY
from ..transforms.derivatives import gradient
from ..transforms.expand import expand
from ..transforms.simplify import drop_dead


class CheapGradient(NamedTuple):
    """Operations of a value, of the value and its gradient together, and how many times more these are."""

    value: int
    gradient: int
    ratio: float


def counts(wlist: WengertList) -> dict[str, int]:
    """The equations of a list by op, the most frequent first. Copies, which compute nothing, are not counted."""
    return dict(Counter(e.op for e in wlist.equations if e.op != COPY).most_common())


def cheap_gradient(wlist: WengertList, wrt: Iterable[str] | None = None) -> CheapGradient:
    """What a gradient costs: by the cheap gradient principle a small multiple of the value, whatever the number of
    inputs (Griewank, Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 4.6: no more than 5 for elementary
    operations). Dead code is not counted, nor is what makes a derivative nan where the value is nan; a value that takes
    no operations has the ratio 1 if its gradient takes none either, else infinity.

    Raises UsageError for a list of several outputs.
    """
    wlist = drop_dead(expand(wlist, masked=False))[0]
    both = drop_dead(gradient(wlist, wrt, value=True, masked=False))[0]
    value, all_of_it = (sum(counts(w).values()) for w in (wlist, both))
    ratio = all_of_it / value if value else 1.0 if not all_of_it else float("inf")
    return CheapGradient(value, all_of_it, ratio)
