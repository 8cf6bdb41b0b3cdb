"""The diagonal of a Hessian."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..kernels.diagonals import Colours, coloured, diagonal, with_diagonal
from ..lists.wengert_list import WengertList
from ..lists.wrt import chosen, listed
from ..ops import OPS
from . import routed
from .results import Gradient

if TYPE_CHECKING:
    from .function import Function


def diagonal_at(f: Function, point: Mapping[str, Any], wrt: Iterable[str] | str | None) -> Gradient:
    """The second derivative of the one output, a number, in each name of `wrt`, twice by the same."""
    wrt = listed(wrt)
    asked = chosen(f.lists.of_one_output(wrt).wlist, wrt)
    names = tuple(dict.fromkeys(asked))
    setting = f.lists.gradient_at(point, names)
    call = setting.at(point)
    key = "diagonal", names, tuple(map(call.shape, names)), OPS.generation
    colours: Colours | None = f.kept.get(key)
    if colours is None:
        colours = f.kept[key] = coloured(call, names)

    def derive(wlist: WengertList, masked: bool) -> WengertList:
        return with_diagonal(wlist, names, colours, f.kink, f.limits, masked)

    found: Any = routed.derivatives(f, setting, ("diagonal", names), derive, point, (), colours.sweeps)

    def swept() -> tuple[list[Any], Any]:
        with call:
            return diagonal(call, names, f.kink, colours)

    def noted() -> Any:
        return swept()[1]()

    notes = noted
    if found is None:
        found, notes = swept()
    by_name = dict(zip(names, found))
    return routed.told(f, Gradient(asked, [by_name[n] for n in asked], f.clocked(notes)))
