"""The author's habits, which the formula of a derivative keeps: fractions or decimals, and the order of factors."""

from __future__ import annotations

import re
from collections import Counter

from ...ground.limits import UNTRUSTED, Limits, checking_clock
from ...ground.tuples import NamedTuple
from ...lists.shapes import declared
from ...lists.wengert_list import Atom, Equation, WengertList, names_of
from ...ops import COPY, INFIX, MUL, NEG
from ..builder import Builder

_OVER, _POWER = INFIX["/"], INFIX["^"]
# Longer products keep the order of their first factors only.
_MOST = 24
_VERSION = re.compile(r"(.+)_[0-9]+")


class Style(NamedTuple):
    """How a program is written.

    decimals  whether it has a number with a fraction, such as 0.5: else 1/2 is written as a quotient
    order     its names in an order in which each product has its factors as the program does, as far as there is one
    rebound   the names that are bound several times, and those of their versions
    """

    decimals: bool
    order: tuple[str, ...]
    rebound: frozenset[str]


def style_of(wlist: WengertList) -> Style:
    """The style of a program."""
    decimals = any(isinstance(a, float) and not a.is_integer() for e in wlist.equations for a in e.inputs)
    outputs = {e.output for e in wlist.equations}
    versions = {(name, found[1]) for name in outputs if (found := _VERSION.fullmatch(name)) and found[1] in outputs}
    return Style(decimals, _order(wlist), frozenset(name for pair in versions for name in pair))


def plain_signs(wlist: WengertList, limits: Limits = UNTRUSTED) -> WengertList:
    """The list with the signs of divisors moved before the quotients: `-x^2/2` for `x^2/-2`."""
    negative = {e.output: e.inputs[0] for e in wlist.equations if e.op == NEG and isinstance(e.inputs[0], float)}
    if not negative:
        return wlist
    build = Builder(rewrites=(), limits=limits, taken=names_of(wlist), shapes=declared(wlist))
    became: dict[Atom, Atom] = {}
    for output, op, inputs in checking_clock(wlist.equations):
        args = tuple([became.get(a, a) for a in inputs])
        if op == _OVER and inputs[1] in negative:
            became[output] = build(_OVER, build(NEG, args[0]), negative[str(inputs[1])])
        else:
            build.write(Equation(output, op, args))
    return build.finish(wlist, wlist.inputs, [became.get(a, a) for a in wlist.outputs])


def _order(wlist: WengertList) -> tuple[str, ...]:
    """The inputs, each after those that come before it in a product; ties in their own order."""
    factors: dict[Atom, tuple[str, ...]] = {name: (name,) for name in wlist.inputs}
    before: dict[str, set[str]] = {name: set() for name in wlist.inputs}
    for output, op, inputs in wlist.equations:
        left = factors.get(inputs[0], ()) if inputs else ()
        if op == MUL:
            right = factors.get(inputs[1], ())
            if left and right and left[-1] != right[0]:
                before[right[0]].add(left[-1])
            factors[output] = (left + right)[:_MOST]
        elif op in (_OVER, _POWER, NEG, COPY):
            factors[output] = left
    waiting = Counter({name: len(names) for name, names in before.items()})
    behind: dict[str, list[str]] = {}
    for name, names in before.items():
        for other in names:
            behind.setdefault(other, []).append(name)
    order: list[str] = []
    place = {name: k for k, name in enumerate(wlist.inputs)}
    ready = sorted((n for n in wlist.inputs if not waiting[n]), key=place.__getitem__, reverse=True)
    while ready:
        name = ready.pop()
        order.append(name)
        for other in behind.get(name, ()):
            waiting[other] -= 1
            if not waiting[other]:
                ready = sorted([*ready, other], key=place.__getitem__, reverse=True)
    return (*order, *(n for n in wlist.inputs if waiting[n] > 0))
