"""Traces: the sweeps at a point, step by step, as plain data for tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from ..ground.complaints import explained
from ..ground.errors import ShapeError, UnknownName, error, suggestion
from ..ground.limits import checking_clock
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, Equation, WengertList, assemble, constants_of, names_of, spelled
from ..ops import CONSTANTS
from ..ops.shapes.dimensions import Mismatch, broadcast, shown
from ..sweeps.forward import forward_sweep
from ..sweeps.masks import masked_values, weighted_sum
from ..sweeps.reverse import ReverseRequest, reverse_sweep
from ..sweeps.rules import rules_for
from ..sweeps.tangent import TangentRequest, tangent_sweep
from .arguments import as_value, bind_arguments, direction_of
from .evaluation import Evaluation
from .jacobians import by_adjoints, masked_rows, moved_outputs
from .prepared import Prepared

# The most entries of a local Jacobian that is computed.
ENTRIES = 64


class ForwardStep(NamedTuple):
    """Equation k and its value."""

    k: int
    output: str
    op: str
    inputs: tuple[Atom, ...]
    value: Any


class ReverseStep(NamedTuple):
    """One contribution of the reverse sweep, from equation k to its i-th input.

    `downstream` = upstream * local is added to the adjoint of the input; `total` is the sum so far (the copy gate: a
    name that is used twice receives the sum). A literal has no sum: each use of it keeps its contribution. An array op
    has no local derivative that could multiply an adjoint: `local` is None there.
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
    """One contribution of the tangent sweep, from the i-th input of equation k.

    For an array op it is the sum of the contributions of all inputs, and `i`, `input`, `local` and `tangent` are None.
    """

    k: int
    i: int | None
    output: str
    input: Atom | None
    local: Any
    tangent: Any
    product: Any
    total: Any


class Trace(NamedTuple):
    """The sweeps of a list at a point. A number is a float; an array has the axes of the batch before its own.

    values     the value of every name
    forward    the forward sweep, a step for each equation
    reverse    the reverse sweep, a step for each contribution, in order
    adjoints   the adjoint of every name that the sweep reached
    tangent    the tangent sweep, if a direction was given, a step for each contribution
    tangents   the tangent of every name that moves
    """

    wlist: WengertList
    output: Atom
    values: dict[str, Any]
    forward: tuple[ForwardStep, ...]
    reverse: tuple[ReverseStep, ...]
    adjoints: dict[str, Any]
    tangent: tuple[TangentStep, ...] = ()
    tangents: Mapping[str, Any] = {}


@explained
def trace(
    wlist: WengertList,
    point: Mapping[str, Any],
    *,
    output: Atom | None = None,
    direction: Mapping[str, Any] | None = None,
    kink: str = "mean",
    seed: Any = None,
) -> Trace:
    """Sweep a list forward and in reverse at a point, and along a direction if one is given, and keep every step.

    The reverse sweep starts at `output`, by default the last output, with the adjoint `seed`: a number, or an array of
    the output's shape, by default 1 everywhere.
    """
    if isinstance(output, str) and output not in (known := names_of(wlist)):
        help = suggestion(output, known) or f"the outputs are {', '.join(map(spelled, wlist.outputs))}"
        raise error(UnknownName, "W101", f"no value of the list is called {quoted(output)}", help=help)
    given = bind_arguments(wlist.inputs, (), point, {}, constants_of(wlist))
    moving = None if direction is None else direction_of(direction, wlist.inputs, "direction")
    return traced(Prepared(wlist).at(given), output=output, direction=moving, kink=kink, seed=seed)


def traced(
    call: Evaluation, *, output: Atom | None = None, direction: Mapping[str, Any] | None = None, kink: str = "mean",
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
                ReverseStep(k, i, e.output, a, told(call.full(upstream, e.output)), local_of(e.output, local),
                            told(call.full(downstream, a)), told(call.full(total, a)))
            )  # fmt: skip

    def along(k: int, i: int | None, local: Any, moved: Any, product: Any) -> None:
        e = wlist.equations[k]
        sums[k] = sums[k] + product if k in sums else product
        total = moving(sums[k], e.output)
        name = None if i is None else e.inputs[i]
        if i is not None:
            product, moved = moving(product, e.output), moving(moved, name)
        else:
            product = total
        tangent.append(TangentStep(k, i, e.output, name, local_of(e.output, local), moved, product, total))

    # All of these are derivatives, and a derivative of f is nan where f is nan.

    def told(adjoint: Any) -> Any:
        return masked_values(weighted, adjoint)

    def local_of(output: str, local: Any) -> Any:
        return masked_values(tape[output], local) if type(tape[output]) is type(local) is float else local

    def moving(tangent: Any, a: Any) -> Any:
        return masked_values(call.full(tape[a], a), call.full(tangent, a))

    with call:
        tape = forward_sweep(wlist, call.values, call.apply)
        start = wlist.outputs[-1] if output is None else output
        seeds = {}
        if isinstance(start, str):
            first = 1.0 if seed is None else _fitting(call, as_value(seed, start), start)
            seeds = {start: call.full(call.direction({start: first})[start], start)}
        weighted = call.full(weighted_sum(tuple(seeds), tape, seeds, call.apply), 1.0)
        rules = rules_for(wlist.ops, kink)
        adjoints = reverse_sweep(wlist, tape, seeds, call.apply, rules, ReverseRequest(back, gather=False))
        tangents: Mapping[str, Any] = {}
        if direction is not None:
            moved = call.direction(direction)
            tangents = tangent_sweep(wlist, tape, moved, call.apply, rules, TangentRequest(along))
    names = {*wlist.inputs, *(e.output for e in wlist.equations)}
    values = {n: call.full(v, n) for n, v in tape.items() if n in names}
    forward = tuple(ForwardStep(k, *e, values[e.output]) for k, e in enumerate(checking_clock(wlist.equations)))
    return Trace(
        wlist, start, values, forward, tuple(reverse), {n: told(call.full(v, n)) for n, v in adjoints.items()},
        tuple(tangent), {n: moving(v, n) for n, v in tangents.items()},
    )  # fmt: skip


def _fitting(call: Evaluation, seed: Any, start: str) -> Any:
    """The seed, checked to broadcast to the shape of the name that the sweep starts at. Raises ShapeError."""
    have, want = getattr(seed, "shape", ()), (*call.batch, *call.shape(start))
    try:
        fits = broadcast(have, want) == want
    except Mismatch:
        fits = False
    if not fits:
        raise error(ShapeError, "W702", f"the seed has the shape {shown(have)}, and `{start}` has {shown(want)}")
    return seed


class LocalJacobian(NamedTuple):
    """The partial derivative of equation k in its i-th input; for a slice, in all inputs of that name, and `i` is None.

    kind   "number"       both are numbers
           "diagonal"     each element depends on its own element only; `value` has the output's shape
           "elementwise"  each element depends on the one that was broadcast to it; `value` has the output's shape
           "full"         `value` has the output's axes, then the input's
           "slice"        the derivative in one element of the input; `value` has the output's shape
           "large"        `value` is None
    """

    k: int
    i: int | None
    output: str
    input: str
    kind: str
    shape: tuple[int, ...]
    of: tuple[int, ...]
    value: Any


def local_jacobians(
    trace: Trace, element: tuple[str, tuple[int, ...]] | None = None, kink: str = "mean", most: int = ENTRIES
) -> list[LocalJacobian]:
    """The local Jacobians of every equation of a trace at one point, by sweeps over each equation alone.

    With an `element`, such as ("x", (0, 1)), the derivatives in that element of the equations that take x. The Jacobian
    of an array op is not computed if it has more than `most` entries.
    """
    found: list[LocalJacobian] = []
    for k in range(len(trace.wlist.equations)):
        if element is None:
            found += _locals_of(trace, k, kink, most)
        elif element[0] in trace.wlist.equations[k].inputs:
            found.append(_slice(trace, k, element, kink))
    return found


def _alone(trace: Trace, k: int) -> tuple[Evaluation, dict[int, str]]:
    """Equation k as a list of its own, ready to run, and the names of its inputs there, by position."""
    e = trace.wlist.equations[k]
    names = {i: f"a{i}" for i, a in enumerate(e.inputs) if a in trace.values}
    atoms = tuple(names.get(i, CONSTANTS.get(a, a) if isinstance(a, str) else a) for i, a in enumerate(e.inputs))
    point = {n: trace.values[str(e.inputs[i])] for i, n in names.items()}
    shapes = {n: v.shape for n, v in point.items() if type(v) is not float}
    alone = assemble(point, [Equation("y", e.op, atoms)], ("y",), trace.wlist.ops, shapes=shapes)
    return Prepared(alone).at(point), names


def _locals_of(trace: Trace, k: int, kink: str, most: int) -> list[LocalJacobian]:
    e, rules = trace.wlist.equations[k], rules_for(trace.wlist.ops, kink)
    row = rules.table[e.op]
    found = []
    call, names = _alone(trace, k)
    with call:
        wlist = call.wlist
        tape = forward_sweep(wlist, call.values, call.apply)
        shape = call.shape("y")
        for i, name in names.items():
            if not rules.has_derivative(row, i, len(e.inputs)):
                continue
            of = call.shape(name)
            value = None
            if row.array is None:
                kind = "number" if not shape else "diagonal" if of == shape else "elementwise"
                (value,) = moved_outputs(call, tape, call.direction({name: 1.0}), ("y",), kink)
            elif prod(shape) * prod(of) > most:
                kind = "large"
            else:
                kind = "full" if shape or of else "number"
                rows = by_adjoints(call, tape, (name,), ("y",), kink, None)
                ((value,),) = masked_rows(call, tape, ("y",), (name,), rows, kink)
            found.append(LocalJacobian(k, i, e.output, str(e.inputs[i]), kind, shape, of, value))
    return found


def _slice(trace: Trace, k: int, element: tuple[str, tuple[int, ...]], kink: str) -> LocalJacobian:
    name, place = element
    e = trace.wlist.equations[k]
    unit: Any = 1.0
    if type(trace.values[name]) is not float:
        import numpy as np  # here, as its value is an array and has imported it

        unit = np.zeros(trace.values[name].shape)
        unit[place] = 1.0
    call, names = _alone(trace, k)
    with call:
        tape = forward_sweep(call.wlist, call.values, call.apply)
        seeds = {n: unit for i, n in names.items() if e.inputs[i] == name}
        (value,) = moved_outputs(call, tape, call.direction(seeds), ("y",), kink)
        return LocalJacobian(k, None, e.output, name, "slice", call.shape("y"), call.shape(next(iter(seeds))), value)
