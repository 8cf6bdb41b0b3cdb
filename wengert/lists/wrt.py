"""The names by which a list is differentiated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..ground.errors import ArgumentError, UnknownName, WengertError, error, shown, suggestion
from .wengert_list import WengertList


def listed(wrt: Iterable[str] | str | None) -> tuple[str, ...] | None:
    """The names to differentiate by as a tuple, from one name or an iterable of names. Raises ArgumentError."""
    if wrt is None or isinstance(wrt, tuple) and all(type(n) is str for n in wrt):
        return wrt
    try:
        names: tuple[Any, ...] = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    except TypeError:
        names = (wrt,)
    for name in names:
        if not isinstance(name, str):
            what = f"the names of wrt are texts, and {shown(name)} is none"
            raise error(ArgumentError, "W602", what, help='`wrt="x"`, or `wrt=["x", "y"]`')
    return names


def chosen(wlist: WengertList, wrt: Iterable[str] | None) -> tuple[str, ...]:
    """The names to differentiate by: those asked for, or all inputs. Raises UnknownName, UsageError."""
    names = listed(wrt)
    if names is None:
        return wlist.inputs
    if set(names) <= set(wlist.inputs):
        return names
    known = {*wlist.inputs, *(e.output for e in wlist.equations)}
    for name in names:
        if name not in known:
            help = suggestion(name, known) or f"the inputs are {', '.join(wlist.inputs) or 'none'}"
            raise error(UnknownName, "W101", f"no input or intermediate is called `{name}`", help=help)
    return names


def at_output(wlist: WengertList, output: object, problem: WengertError) -> WengertError:
    """An error placed at an output in the text, unless it has a place already."""
    k = next((k for k in range(len(wlist.equations) - 1, -1, -1) if wlist.equations[k].output == output), None)
    return problem if k is None else problem.at(wlist.provenance.span(k), wlist.provenance.source)
