"""The numbers of operations in a list and in its gradient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..ground.tuples import NamedTuple
from ..lists.wengert_list import WengertList
from ..ops import COPY
from ..transforms.derivatives import gradient
from ..transforms.expand import expand
from ..transforms.simplify import drop_dead


class CheapGradient(NamedTuple):
    """The operations of a value, those of the value and its gradient together, and their ratio."""

    value: int
    gradient: int
    ratio: float


def counts(wlist: WengertList) -> dict[str, int]:
    """The equations of a list by op, the most frequent first. Copies, which compute nothing, are not counted."""
    return dict(Counter(e.op for e in wlist.equations if e.op != COPY).most_common())


def cheap_gradient(wlist: WengertList, wrt: Iterable[str] | None = None) -> CheapGradient:
    """The cost of a gradient, in operations.

    By the cheap gradient principle it is a small multiple of the cost of the value, for any number of inputs (Griewank,
    Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 4.6: at most 5 for elementary operations). Dead code
    is not counted, and neither are the operations that make a derivative nan where the value is nan. A value without
    operations has the ratio 1 if its gradient has none either, else infinity.

    Raises UsageError for a list of several outputs.
    """
    wlist = drop_dead(expand(wlist, masked=False))[0]
    both = drop_dead(gradient(wlist, wrt, value=True, masked=False))[0]
    value, all_of_it = (sum(counts(w).values()) for w in (wlist, both))
    ratio = all_of_it / value if value else 1.0 if not all_of_it else float("inf")
    return CheapGradient(value, all_of_it, ratio)
