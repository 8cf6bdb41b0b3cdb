"""The forward sweep: it computes the values of the equations in order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..ground.limits import checking_clock
from ..lists.wengert_list import Atom, Equation, WengertList
from ..ops import CONSTANTS
from .interpretation import Apply


def forward_sweep(wlist: WengertList, point: Mapping[str, Any], apply: Apply) -> dict[str, Any]:
    """The tape, which holds the value of every name, from values of the inputs."""
    tape: dict[str, Any] = {**CONSTANTS, **point}
    call: Apply = apply.__call__  # type: ignore[operator]  # a method is called faster than an instance
    for output, op, inputs in checking_clock(wlist.equations):
        tape[output] = call(op, *[tape[a] if type(a) is str else a for a in inputs])
    return tape


def evaluate(wlist: WengertList, point: Mapping[str, Any], apply: Apply) -> list[Any]:
    """The values of the outputs alone. An intermediate is dropped after its last use."""
    tape: dict[str, Any] = {**CONSTANTS, **point}
    keep = {a for a in wlist.outputs if isinstance(a, str)}
    seen, last = set(keep), []
    for _, _, inputs in reversed(wlist.equations):
        done = [a for a in inputs if type(a) is str and a not in seen]
        seen.update(done)
        last.append(done)
    call: Apply = apply.__call__  # type: ignore[operator]
    for output, op, inputs in checking_clock(wlist.equations):
        tape[output] = call(op, *[tape[a] if type(a) is str else a for a in inputs])
        for a in last.pop():
            tape.pop(a, None)
    return [tape[a] if isinstance(a, str) else a for a in wlist.outputs]


def depending(wlist: WengertList, names: Collection[str]) -> set[str]:
    """These names, and everything computed from them."""
    active = set(names)
    for output, _, inputs in checking_clock(wlist.equations):
        if not active.isdisjoint(inputs):
            active.add(output)
    return active


class Spans:
    """The equations that a sweep visits, so that each of many sweeps visits only its own. They are `above` the outputs,
    or `below` the inputs, through the `active` names. The indices increase."""

    def __init__(self, wlist: WengertList, active: Collection[Any]) -> None:
        self.wlist, self.active = wlist, active
        self._places: dict[Any, int] = {}
        self._readers: dict[Any, list[int]] = {}

    def above(self, outputs: Iterable[Any]) -> list[int]:
        """The equations from which some of these outputs are computed."""
        if not self._places:
            self._places = {e.output: k for k, e in enumerate(checking_clock(self.wlist.equations))}
        equations, active, places = self.wlist.equations, self.active, self._places
        order = list(dict.fromkeys(outputs))
        seen, found = set(order), []
        for name in order:
            k = places.get(name)
            if k is not None:
                found.append(k)
                for a in equations[k][2]:
                    if a in active and a not in seen:
                        seen.add(a)
                        order.append(a)
        found.sort()
        return found

    def equations(self, outputs: Iterable[Any]) -> list[Equation]:
        """The equations above these outputs themselves."""
        return [self.wlist.equations[k] for k in self.above(outputs)]

    def below(self, names: Iterable[str]) -> list[int]:
        """The equations that are computed from some of these names."""
        equations, active, readers = self.wlist.equations, self.active, self._readers
        if not readers:
            for k, (output, _, inputs) in enumerate(checking_clock(equations)):
                if output in active:
                    for a in inputs:
                        if type(a) is str:
                            readers.setdefault(a, []).append(k)
        order = list(dict.fromkeys(names))
        seen, found = set(order), set[int]()
        for name in order:
            for k in readers.get(name, ()):
                if (a := equations[k][0]) not in seen:
                    seen.add(a)
                    order.append(a)
                    found.add(k)
        return sorted(found)


def leading(wlist: WengertList, outputs: Sequence[Atom]) -> set[Any]:
    """The names on which some output depends."""
    found: set[Any] = set(outputs)
    for output, _, inputs in reversed(wlist.equations):
        if output in found:
            found.update(inputs)
    return found
