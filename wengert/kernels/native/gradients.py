"""Tapes of lists: of a list by position, of a list as it is, and of its gradient. Each function raises HandsOver for a
list with an op or a rule that has no machine code of the same bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec

from ...lists.code import Code
from ...lists.flat_code import flat_code_of, flattened
from ...lists.wengert_list import WengertList, table_of
from ...sweeps.rules import rules_for
from ...sweeps.ties import compared
from ..kernel import HandsOver, Run
from .atoms import find_atoms
from .engine import missing
from .handlers import telling_ops
from .tape import Tape
from .writer import Untranslated

P = ParamSpec("P")


def _handing_over(make: Callable[P, Run]) -> Callable[P, Run]:
    @wraps(make)
    def made(*args: P.args, **options: P.kwargs) -> Run:
        if why := missing():
            raise HandsOver(why)
        try:
            return make(*args, **options)
        except Untranslated as op:
            raise HandsOver(f"`{op}` has no machine code") from None

    return made


@_handing_over
def of_code(code: Code) -> Run:
    """The callable of a list by position."""
    return Tape(flattened(code)).run


@_handing_over
def of_list(wlist: WengertList) -> Run:
    """The callable of a list."""
    return Tape(flat_code_of(wlist, find=find_atoms)[0]).run


@_handing_over
def of_gradient(wlist: WengertList, names: Sequence[str], kink: str) -> Run:
    """The callable of the value of a list of one output, and of its derivatives in `names`."""
    rules, table = rules_for(wlist.ops, kink), table_of(wlist.ops)
    code, places = flat_code_of(wlist, lambda met: telling_ops({op: table[op] for op in met}, rules), find_atoms)
    pairs = []
    if any(row.shares for row, _, _ in code.kinds):
        # A name that an equation defines moves by itself, and a comparison of it does not show that.
        if not set(names) <= set(wlist.inputs):
            raise HandsOver("a choice may depend on a name that is no input")
        pairs = [(places.of(a), places.of(b)) for a, b in compared(wlist)]
    return Tape(code, rules, [*map(places.of, names)], pairs).run
