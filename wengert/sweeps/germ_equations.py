"""Evaluate the equations of a list over germs."""

from __future__ import annotations

from typing import Any

from ..ground.limits import checking_clock
from ..lists.array_text import shape_of
from ..lists.wengert_list import WengertList
from .germ import Germ, UnknownGerm
from .germs import Germs
from .point_lanes import is_number
from .rules import Rules


def conditions(wlist: WengertList, rules: Rules) -> tuple[set[int], set[Any]]:
    """The equations whose values are used only in conditions, by number and by name: by themselves they decide
    nothing."""
    other: set[Any] = set(wlist.outputs)
    numbers: set[int] = set()
    names: set[Any] = set()
    for k in range(len(wlist.equations) - 1, -1, -1):
        output, op, inputs = wlist.equations[k]
        row = rules.row(op)
        if row.boolean and output not in other and row.array is None:
            numbers.add(k)
            names.add(output)
            # The arguments of a comparison are values; those of any other condition are conditions too.
            other.update(inputs if row.kinks else ())
        else:
            other.update(inputs[1:] if row.shares else inputs)
    return numbers, names


def applied(by: Germs, op: str, args: tuple[Any, ...]) -> Any:
    """The germs of an equation's value, or the reason why there are none."""
    try:
        if all(is_number(a) or isinstance(a, (Germ, UnknownGerm)) for a in args) and by.table[op].array is None:
            return by.lenient(op, *args)
        for a in args:
            if isinstance(a, UnknownGerm):
                return a
        from .germ_arrays import over_arrays  # it imports NumPy

        return over_arrays(by, op, args)
    except UnknownGerm as why:
        return why


def elements(germ: Any, value: Any) -> Any:
    """The elements of an array of germs."""
    return germ.ravel() if value.shape and shape_of(germ) == value.shape else [germ] * value.size


def repeats(wlist: WengertList) -> dict[int, int]:
    """For each equation, by number, the first one that applies its op to the same inputs."""
    first: dict[Any, int] = {}
    names: dict[Any, str] = {}
    found: dict[int, int] = {}
    for k, (output, op, inputs) in enumerate(checking_clock(wlist.equations)):
        # The two zeros are equal as numbers.
        key = op, *[names.get(a, a) if type(a) is str else repr(a) for a in inputs]
        found[k] = first.setdefault(key, k)
        names[output] = wlist.equations[found[k]].output
    return found
