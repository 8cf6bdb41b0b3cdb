"""Traces: both sweeps, step by step, as plain data for tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .calls import Call, Setting
from .points import accepted
from .sweeps import forward_sweep, reverse_sweep, tangent_sweep
from .wengert_list import Atom, WengertList


class ForwardStep(NamedTuple):
    """Equation k and its value."""

    k: int
    output: str
    op: str
    inputs: tuple[Atom, ...]
    value: Any


class ReverseStep(NamedTuple):
    """One contribution of the reverse sweep, from equation k to its i-th input.

    downstream = upstream * local is added to what the input has; `total` is the sum so far (the copy gate: a name used
    twice receives the sum). A literal keeps each contribution for itself. An op on arrays as wholes has no local
    derivative that an adjoint is multiplied by: `local` is None there.
    """

    k: int
    i: int
    output: str
    input: Atom
    upstream: Any
    local: Any
    downstream: Any
    total: Any


class TangentStep(NamedTuple):
    """One contribution of the tangent sweep, from the i-th input of equation k; of an op on arrays as wholes, what all
    its inputs contribute together, with None for i, input, local and tangent."""

    k: int
    i: int | None
    output: str
    input: Atom | None
    local: Any
    tangent: Any
    product: Any
    total: Any


class Trace(NamedTuple):
    """Both sweeps of a list at a point. Numbers are floats; what is an array is one, after the axes of a batch.

    values     value of every name
    forward    the forward sweep, a step an equation
    reverse    the reverse sweep, a step a contribution, in the order in which they happen
    adjoints   adjoint of every name that was reached
    tangent    the tangent sweep, if a direction was given, a step a contribution
    tangents   tangent of every name that moves
    """

    wlist: WengertList
    output: Atom
    values: dict[str, Any]
    forward: tuple[ForwardStep, ...]
    reverse: tuple[ReverseStep, ...]
    adjoints: dict[str, Any]
    tangent: tuple[TangentStep, ...] = ()
    tangents: Mapping[str, Any] = {}


def trace(
    wlist: WengertList,
    point: Mapping[str, Any],
    *,
    output: Atom | None = None,
    direction: Mapping[str, Any] | None = None,
    kink: str = "mean",
    seed: Any = None,
) -> Trace:
    """Sweep a list forward and in reverse at a point (and along a direction), keeping every step.

    The reverse sweep starts from `output`, by default the only or the last one, with `seed`, a number or an array of
    its shape, by default 1 everywhere.
    """
    given = {n: accepted(v, n) for n, v in point.items()}
    moving = None if direction is None else {n: accepted(v, n) for n, v in direction.items()}
    return traced(Setting(wlist).at(given), output=output, direction=moving, kink=kink, seed=seed)


def traced(
    call: Call, *, output: Atom | None = None, direction: Mapping[str, Any] | None = None, kink: str = "mean",
    seed: Any = None,
) -> Trace:  # fmt: skip
    """The trace of a list that is ready to run."""
    wlist = call.wlist
    reverse: list[ReverseStep] = []
    tangent: list[TangentStep] = []
    sums: dict[int, Any] = {}

    def back(k: int, i: int, *step: Any) -> None:
        if step:
            e = wlist.equations[k]
            upstream, local, downstream, total = step
            a = e.inputs[i]
            reverse.append(
                ReverseStep(k, i, e.output, a, call.full(upstream, e.output), local,
                            call.full(downstream, a), call.full(total, a))
            )  # fmt: skip

    def along(k: int, i: int | None, local: Any, moved: Any, product: Any) -> None:
        e = wlist.equations[k]
        sums[k] = sums[k] + product if k in sums else product
        total = call.full(sums[k], e.output)
        name = None if i is None else e.inputs[i]
        if i is not None:
            product, moved = call.full(product, e.output), call.full(moved, name)
        else:
            product = total
        tangent.append(TangentStep(k, i, e.output, name, local, moved, product, total))

    with call:
        tape = forward_sweep(wlist, call.values, call.apply)
        start = wlist.outputs[-1] if output is None else output
        seeds = {}
        if isinstance(start, str):
            first = 1.0 if seed is None else accepted(seed, start)
            seeds = {start: call.full(call.direction({start: first})[start], start)}
        adjoints = reverse_sweep(wlist, tape, seeds, call.apply, kink, back, gather=False)
        tangents: Mapping[str, Any] = {}
        if direction is not None:
            tangents = tangent_sweep(wlist, tape, call.direction(direction), call.apply, kink, along)
    names = {*wlist.inputs, *(e.output for e in wlist.equations)}
    values = {n: call.full(v, n) for n, v in tape.items() if n in names}
    forward = tuple(ForwardStep(k, *e, values[e.output]) for k, e in enumerate(wlist.equations))
    return Trace(
        wlist, start, values, forward, tuple(reverse), {n: call.full(v, n) for n, v in adjoints.items()},
        tuple(tangent), {n: call.full(v, n) for n, v in tangents.items()},
    )  # fmt: skip
