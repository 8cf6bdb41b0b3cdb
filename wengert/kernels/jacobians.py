"""Jacobians at a point, block by block.

Over arrays, one sweep carries many adjoints or tangents: the seeds of a block stand along an axis of their own, before
all others, as a batch ("vector mode": A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008,
section 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

from ..ground.errors import Diagnostic, UsageError, error
from ..lists.wengert_list import Atom
from ..sweeps.forward import Spans, depending, evaluate, forward_sweep, leading
from ..sweeps.lost_digits import lost_digits
from ..sweeps.masks import bare_outputs, depended_on, has_nan, masked_derivatives, masked_values
from ..sweeps.missing_values import missing_values
from ..sweeps.nonfinite import all_finite
from ..sweeps.notes import noted
from ..sweeps.reverse import ReverseRequest, reverse_sweep
from ..sweeps.rules import rules_for
from .evaluation import Evaluation, Pieces

if TYPE_CHECKING:
    from .modes import ModePlan

# The most elements of an array in one sweep with many seeds, and the most of its tape, as a multiple.
MOST, TAPE = 1 << 22, 8


def nonfinite_steps(steps: list[Any]) -> Any:
    """A visitor of the reverse sweep that appends the steps whose product is nan or infinite to `steps`."""

    def visit(k: int, i: int, *step: Any) -> None:
        if step and not all_finite(step[2]):
            steps.append((k, i, *step[:3]))

    return visit


def values_of(call: Evaluation) -> list[Any]:
    """The values of the outputs."""
    if call.code is None:
        return evaluate(call.wlist, call.values, call.apply)
    from .interpreter import Interpreter  # not needed for numbers

    run = Interpreter().over(call.code())
    if len(call.values) != len(call.wlist.inputs):
        # The caller gives a constant a value, but the code contains the constant as a number, without a slot.
        run = partial(evaluate, call.wlist)
    found = Pieces(call)
    for part in found.parts:
        answers = run(part.values, call.apply)
        found.add([part.full(v, a) for v, a in zip(answers, call.wlist.outputs)])
    return found.answers


def value_and_gradient(
    call: Evaluation, names: Sequence[str], kink: str, mode: str, checkpoint: bool | int
) -> tuple[Any, list[Any], Callable[[], Any]]:  # fmt: skip
    """The value of the one output, its derivatives in `names`, and a function that makes the notes.

    Raises UsageError for an unknown mode, and for checkpoints in forward mode.
    """
    if mode not in ("reverse", "forward"):
        raise error(UsageError, "W604", f"unknown mode `{mode}`", help="reverse or forward")
    if checkpoint and mode == "forward":
        raise error(UsageError, "W604", "a tangent sweep needs no checkpoints", help="leave out one of the two")
    wlist, apply = call.wlist, call.apply
    output = wlist.outputs[0]
    seeds = {output: call.one(output)} if isinstance(output, str) else {}
    active = depending(wlist, names) if mode == "reverse" else set()
    rules = rules_for(wlist.ops, kink)
    tape: dict[str, Any] | None = None
    found = Pieces(call)
    for part in found.parts:
        if checkpoint:
            from ..sweeps.checkpoints import Checkpoints, checkpointed  # few calls need it

            asked = Checkpoints(active, names, checkpoint)
            reached, adjoint = checkpointed(wlist, part.values, seeds, apply, rules, asked)
        else:
            reached = forward_sweep(wlist, part.values, apply)
        value = part.full(reached[output] if isinstance(output, str) else output, output)
        if mode == "forward":
            partials = by_tangents(part, reached, names, (output,), kink, None)[0]
        else:
            if not checkpoint:
                keep = {*names, *wlist.inputs} if call.arrays else None
                tape = None if call.arrays else reached
                adjoint = reverse_sweep(wlist, reached, seeds, apply, rules, ReverseRequest(active=active, keep=keep))
            partials = [part.full(adjoint.get(n), n) for n in names]
        found.add([value, *partials])
    value, *partials = found.answers
    partials = masked_derivatives(wlist, (output,), value, names, partials, rules)

    def notes() -> Any:
        with call:
            whole = forward_sweep(wlist, call.values, apply) if tape is None else tape

        def again(steps: list[Any]) -> None:
            if mode == "forward":
                by_tangents(call, whole, names, (output,), kink, steps)
            else:
                reverse_sweep(wlist, whole, seeds, apply, rules, ReverseRequest(nonfinite_steps(steps), active))

        return noted(call, whole, names, kink, again) + values_noted(call, names, (output,), kink)

    return value, partials, notes


def values_noted(
    call: Evaluation, names: Sequence[str], outputs: Sequence[Atom], kink: str, rows: Sequence[str] = ()
) -> tuple[Diagnostic, ...]:  # fmt: skip
    """The notes on digits lost to rounding (see `lost_digits`), or on missing values in arrays."""
    if call.arrays:
        return missing_values(call.values)
    with call:
        return lost_digits(call.wlist, call.values, names, outputs, kink, rows)


def jacobian(
    call: Evaluation, names: Sequence[str], kink: str, plan: ModePlan, rows_in: Sequence[str] = (),
    any_mode: bool = False,
) -> tuple[list[list[Any]], Callable[[], Any]]:  # fmt: skip
    """The derivatives of all outputs in `names`, and a function that makes the notes. They are computed by the plan or,
    with `any_mode`, by tangents of elements if these are cheaper. The outputs may themselves be derivatives, in
    `rows_in`."""
    outputs = call.wlist.outputs
    if call.arrays:
        call.check([(a, n) for a in outputs for n in names])
    tape = forward_sweep(call.wlist, call.values, call.apply)
    found: Any = None
    if plan.sweeps > 1 and not call.arrays:
        from .linearised import at_once  # few calls need it

        found = at_once(call, tape, names, outputs, plan, kink)
    elif call.arrays and any_mode:
        from . import by_elements  # it imports NumPy, which is loaded already

        found = by_elements.at_once(call, tape, names, outputs, kink)
    # There is an answer at once only if no step is nan or infinite.
    smooth = found is not None

    def notes() -> Any:
        def again(steps: list[Any]) -> None:
            blocks(call, tape, names, outputs, plan, kink, steps)

        kinks = noted(call, tape, names, kink, None if smooth else again)
        return kinks + values_noted(call, names, outputs, kink, rows_in)

    rows = found if smooth else blocks(call, tape, names, outputs, plan, kink)
    return masked_rows(call, tape, outputs, names, rows, kink), notes


def masked_rows(
    call: Evaluation,
    tape: dict[str, Any],
    outputs: Sequence[Atom],
    names: Sequence[str],
    rows: list[list[Any]],
    kink: str,
) -> list[list[Any]]:
    """The derivatives of every output in `names`, nan where the output is nan."""
    values = [call.full(tape[a], a) if isinstance(a, str) else a for a in outputs]
    rules, found = rules_for(call.wlist.ops, kink), []
    spans: Spans | None = None
    for a, v, row in zip(outputs, values, rows):
        if has_nan(v):
            spans = spans or Spans(call.wlist, depending(call.wlist, names))
            depends = depended_on(spans.equations([a]), (a,), rules)
            row = [masked_values(v, g) if n in depends else g for n, g in zip(names, row)]
        found.append(row)
    return found


def masked_diagonal(
    call: Evaluation, tape: dict[str, Any], names: Sequence[str], diagonal: Sequence[Any], kink: str
) -> list[Any]:
    """The derivative of each output in its own name, nan where the output is nan."""
    rules, found = rules_for(call.wlist.ops, kink), []
    for a, n, v in zip(call.wlist.outputs, names, diagonal):
        value = call.full(tape[a], a) if isinstance(a, str) else a
        found += masked_derivatives(call.wlist, (a,), value, (n,), [v], rules)
    return found


def moved_outputs(
    call: Evaluation, tape: dict[str, Any], tangents: Mapping[str, Any], outputs: Sequence[Atom], kink: str
) -> list[Any]:
    """The tangents of the outputs along a direction. An element is nan if the output's is."""
    from ..sweeps.tangent import tangent_sweep  # a gradient needs none

    wlist, rules = call.wlist, rules_for(call.wlist.ops, kink)
    moved = tangent_sweep(wlist, tape, tangents, call.apply, rules)
    inner = bare_outputs(wlist)
    found: list[Any] = []
    spans: Spans | None = None
    for a in outputs:
        b = inner.get(a, a)
        tangent = call.full(moved.get(b) if isinstance(b, str) else None, a)
        value = call.full(tape[a], a) if isinstance(a, str) else a
        if has_nan(value):
            spans = spans or Spans(wlist, depending(wlist, tangents))
            if not depended_on(spans.equations([a]), (a,), rules).isdisjoint(tangents):
                tangent = masked_values(value, tangent)
        found.append(tangent)
    return found


def blocks(
    call: Evaluation, tape: dict[str, Any], names: Sequence[str], outputs: Sequence[Atom], plan: ModePlan, kink: str,
    steps: list[Any] | None = None,
) -> list[list[Any]]:  # fmt: skip
    """Derivatives of every output in `names`, by the plan. Steps whose product is nan or infinite go into `steps`."""
    visit = None if steps is None else nonfinite_steps(steps)
    if plan.mode == "reverse":
        return by_adjoints(call, tape, names, outputs, kink, visit)
    if plan.mode == "forward":
        return by_tangents(call, tape, names, outputs, kink, steps)
    found: dict[tuple[Any, str], Any] = {}
    for a, row in zip(plan.rows, by_adjoints(call, tape, names, plan.rows, kink, visit)):
        found.update({(a, n): block for n, block in zip(names, row)})
    rest = [a for a in outputs if a not in plan.rows]
    for a, row in zip(rest, by_tangents(call, tape, plan.columns, rest, kink, steps)):
        found.update({(a, n): block for n, block in zip(plan.columns, row)})
    return [[found[a, n] if (a, n) in found else _zeros(call, a, n) for n in names] for a in outputs]


def _zeros(call: Evaluation, output: Any, name: str) -> Any:
    shape = (*call.batch, *call.shape(output), *call.shape(name))
    if not shape:
        return 0.0
    import numpy as np

    return np.zeros(shape, call.apply.dtype)


def by_adjoints(
    call: Evaluation, tape: dict[str, Any], names: Sequence[str], outputs: Sequence[Atom], kink: str, visit: Any
) -> list[list[Any]]:
    """Derivatives of every output in `names`, by reverse sweeps."""
    wlist, rules = call.wlist, rules_for(call.wlist.ops, kink)
    active = depending(wlist, names)
    inner, spans = bare_outputs(wlist), Spans(wlist, active)
    rows = []
    for output in outputs:
        b = inner.get(output, output)
        asked = ReverseRequest(visit, active, spans.above([b]) if len(outputs) > 1 else None)
        if not call.arrays or not isinstance(output, str) or not call.shape(output):
            seeds = {b: 1.0} if isinstance(b, str) else {}
            adjoint = reverse_sweep(wlist, tape, seeds, call.apply, rules, asked)
            rows.append([_block(call, adjoint.get(n), output, n) for n in names])
            continue
        shape = call.shape(output)
        parts: list[dict[str, Any]] = []
        wide = SeededTape(call, tape)
        for seeds_of in wide.seeds(shape):
            with wide.apply:
                seeds = {b: seeds_of} if isinstance(b, str) else {}
                # An element whose seed is 0 has no adjoint, so it contributes nothing even if a local derivative is not
                # finite.
                adjoint = reverse_sweep(wlist, wide.tape, seeds, wide.apply, rules, asked._replace(present=seeds))
            parts.append({n: wide.full(adjoint.get(n), n, len(seeds_of)) for n in names})
        rows.append([wide.joined([part[n] for part in parts], shape, call.shape(n), False) for n in names])
    return rows


def by_tangents(
    call: Evaluation,
    tape: dict[str, Any],
    names: Sequence[str],
    outputs: Sequence[Atom],
    kink: str,
    steps: list[Any] | None,
) -> list[list[Any]]:
    """Derivatives of every output in `names`, by tangent sweeps."""
    from ..sweeps.tangent import TangentRequest, tangent_sweep  # a gradient needs none

    wlist, inner = call.wlist, bare_outputs(call.wlist)
    read = [inner.get(a, a) for a in outputs]
    rules = rules_for(wlist.ops, kink)

    def note(k: int, i: Any, local: Any, tangent: Any, product: Any) -> None:
        if steps is not None and type(product) is float and type(local) is float and not isfinite(product):
            steps.append((k, i, tangent, local, product))

    wanted = leading(wlist, read)
    asked, spans = TangentRequest(None if steps is None else note, wanted), Spans(wlist, wanted)

    found: list[list[Any]] = []
    for n in names:
        if len(names) > 1:
            asked = asked._replace(span=spans.below([n]))
        if not call.arrays or not call.shape(n):
            moved = tangent_sweep(wlist, tape, {n: 1.0}, call.apply, rules, asked)
            moves = [moved.get(b) if isinstance(b, str) else None for b in read]
            found.append([_block(call, v, a, n) for a, v in zip(outputs, moves)])
            continue
        shape = call.shape(n)
        wide = SeededTape(call, tape)
        parts: list[list[Any]] = []
        for seeds in wide.seeds(shape):
            with wide.apply:
                held = asked._replace(guards={n: seeds})
                moved = tangent_sweep(wlist, wide.tape, {n: seeds}, wide.apply, rules, held)
            moves = [moved.get(b) if isinstance(b, str) else None for b in read]
            parts.append([wide.full(v, a, len(seeds)) for a, v in zip(outputs, moves)])
        found.append([
            wide.joined([part[k] for part in parts], shape, call.shape(a), True) for k, a in enumerate(outputs)
        ])  # fmt: skip
    return [list(row) for row in zip(*found)] if found else [[] for _ in outputs]


def _block(call: Evaluation, value: Any, output: Any, name: Any) -> Any:
    """A block for an output or an input that is a number: it has the shape of the other."""
    return call.full(value, name if call.shape(name) else output)


class SeededTape:
    """A tape with an axis for seeds before all others."""

    def __init__(self, call: Evaluation, tape: dict[str, Any]) -> None:
        from ..sweeps.arrays import Arrays

        self.call = call
        self.batch = call.apply.batch
        self.apply = Arrays(call.wlist.ops, self.batch + 1, call.apply.dtype)
        self.tape: dict[str, Any] = {n: v if type(v) is float else v[None] for n, v in tape.items()}
        sizes = [v.size for v in self.tape.values() if type(v) is not float]
        self.largest = max(max(sizes, default=1), sum(sizes) // TAPE)

    def seeds(self, shape: tuple[int, ...]) -> Any:
        """All unit arrays of a shape, in stacks that are small enough."""
        import numpy as np

        n = prod(shape)
        step = max(1, MOST // max(self.largest, 1))
        for first in range(0, n, step):
            rows = min(step, n - first)
            unit = np.zeros((rows, n), self.apply.dtype)
            unit[np.arange(rows), np.arange(first, first + rows)] = 1.0
            yield unit.reshape((rows,) + (1,) * self.batch + shape)

    def full(self, value: Any, like: Any, rows: int) -> Any:
        """A result with the axes of the seeds, of the batch, and of the atom `like`."""
        import numpy as np

        shape = (rows, *self.call.batch, *self.call.shape(like))
        return np.zeros(shape, self.apply.dtype) if value is None else np.broadcast_to(value, shape)

    def joined(self, parts: list[Any], seeded: tuple[int, ...], other: tuple[int, ...], tangents: bool) -> Any:
        """The block that all parts make together: the axes of the batch, then the output's, then the input's."""
        import numpy as np

        lead = len(self.call.batch)
        whole = np.concatenate(parts) if parts else np.zeros((0, *self.call.batch, *other), self.apply.dtype)
        if tangents:  # the input's axes are the seeds'
            return np.moveaxis(whole, 0, -1).reshape((*self.call.batch, *other, *seeded))
        return np.moveaxis(whole, 0, lead).reshape((*self.call.batch, *seeded, *other))
