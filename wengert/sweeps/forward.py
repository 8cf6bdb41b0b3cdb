"""The forward sweep: values of the equations, one after the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..ground.limits import checking_clock
from ..lists.wengert_list import Atom, WengertList
from ..ops import CONSTANTS
from .interpretation import Apply


def forward_sweep(wlist: WengertList, point: Mapping[str, Any], apply: Apply) -> dict[str, Any]:
    """The tape: the value of every name, from values of the inputs."""
    tape: dict[str, Any] = {**CONSTANTS, **point}
    call: Apply = apply.__call__  # type: ignore[operator]  # a method is called faster than an instance
    for output, op, inputs in checking_clock(wlist.equations):
        tape[output] = call(op, *[tape[a] if type(a) is str else a for a in inputs])
    return tape


def evaluate(wlist: WengertList, point: Mapping[str, Any], apply: Apply) -> list[Any]:
    """Values of the outputs alone; an intermediate is dropped after its last use."""
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
    """The names, and everything computed from them."""
    active = set(names)
    for output, _, inputs in checking_clock(wlist.equations):
        if not active.isdisjoint(inputs):
            active.add(output)
    return active


def leading(wlist: WengertList, outputs: Sequence[Atom]) -> set[Any]:
    """The names that some output depends on."""
    found: set[Any] = set(outputs)
    for output, _, inputs in reversed(wlist.equations):
        if output in found:
            found.update(inputs)
    return found
