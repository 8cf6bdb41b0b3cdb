"""Traces: both sweeps, step by step, as plain data for tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .limits import paced
from .sweeps import forward_sweep, numbers, reverse_sweep, tangent_sweep
from .wengert_list import Atom, WengertList


class ForwardStep(NamedTuple):
    """Equation k and its value."""

    k: int
    output: str
    op: str
    inputs: tuple[Atom, ...]
    value: float


class ReverseStep(NamedTuple):
    """One contribution of the reverse sweep, from equation k to its i-th input.

    downstream = upstream * local is added to what the input has; `total` is the sum so far (the copy gate: a name used
    twice receives the sum). A literal keeps each contribution for itself.
    """

    k: int
    i: int
    output: str
    input: Atom
    upstream: float
    local: float
    downstream: float
    total: float


class TangentStep(NamedTuple):
    """One contribution of the tangent sweep, from the i-th input of equation k."""

    k: int
    i: int
    output: str
    input: Atom
    local: float
    tangent: float
    product: float
    total: float


class Trace(NamedTuple):
    """Both sweeps of a list at a point.

    values     value of every name
    forward    the forward sweep, a step an equation
    reverse    the reverse sweep, a step a contribution, in the order in which they happen
    adjoints   adjoint of every name that was reached
    tangent    the tangent sweep, if a direction was given, a step a contribution
    tangents   tangent of every name that moves
    """

    wlist: WengertList
    output: Atom
    values: dict[str, float]
    forward: tuple[ForwardStep, ...]
    reverse: tuple[ReverseStep, ...]
    adjoints: dict[str, float]
    tangent: tuple[TangentStep, ...] = ()
    tangents: Mapping[str, float] = {}


def trace(
    wlist: WengertList,
    point: Mapping[str, float],
    *,
    output: Atom | None = None,
    direction: Mapping[str, float] | None = None,
    kink: str = "mean",
) -> Trace:
    """Sweep a list forward and in reverse at a point (and along a direction), keeping every step.

    The reverse sweep starts from `output`, by default the only or the last one, with 1.
    """
    apply = numbers(wlist.ops)
    tape = forward_sweep(wlist, point, apply)
    forward = tuple(ForwardStep(k, *e, tape[e.output]) for k, e in enumerate(paced(wlist.equations)))
    seed = wlist.outputs[-1] if output is None else output
    reverse: list[ReverseStep] = []

    def back(k: int, i: int, *step: Any) -> None:
        if step:
            e = wlist.equations[k]
            reverse.append(ReverseStep(k, i, e.output, e.inputs[i], *step))

    adjoints = reverse_sweep(wlist, tape, {seed: 1.0} if isinstance(seed, str) else {}, apply, kink, back)
    tangent: list[TangentStep] = []
    sums: dict[int, float] = {}

    def along(k: int, i: int, local: float, moving: float, product: float) -> None:
        e = wlist.equations[k]
        sums[k] = sums[k] + product if k in sums else product
        tangent.append(TangentStep(k, i, e.output, e.inputs[i], local, moving, product, sums[k]))

    tangents = tangent_sweep(wlist, tape, direction, apply, kink, along) if direction is not None else {}
    names = {*wlist.inputs, *(e.output for e in wlist.equations)}
    values = {n: v for n, v in tape.items() if n in names}
    return Trace(wlist, seed, values, forward, tuple(reverse), adjoints, tuple(tangent), tangents)
