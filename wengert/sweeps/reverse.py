"""The reverse sweep: adjoint mode.

A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008, section 3.2. An array op has no partial
derivatives: its row says how the adjoints of its arguments follow from the adjoint of its value.

Absent is not zero. A name without an adjoint was not reached, and is never multiplied; an argument that was not taken
(the other branch, the smaller of two) contributes nothing, even if its local derivative is not finite. Where values are
computed, that is decided on the spot. Where equations are written, the decision is written: a product below a branch is
guarded by the branch's condition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import WengertList
from ..ops import SUM_LIKE
from .guards import Guard, ReverseState, add, shrunk, vjp_guard
from .interpretation import Interpretation
from .partials import Partials
from .rules import Applied, Rules, rules_for, vjp_of, vjp_rule
from .ties import Ties


class ReverseRequest(NamedTuple):
    """Requests to a reverse sweep besides its seeds.

    visit   called as visit(k, i, upstream, local, downstream, total) for each contribution: equation k, its input i,
            and the sum so far in that input (for a literal, the contribution alone); and before a rule is applied,
            with k and i alone. An array op has no local derivative: None stands for it
    active  names whose adjoints are wanted, and all that depend on them; None wants all, and the literals' too
    span    the indices of the equations to sweep, increasing; by default all
    gather  adjoints of the elements of an array are put together once, not one by one; the visitor is told None for
            the sum then
    state   the state that the sweep over the equations after the span left, instead of seeds; it goes on from there,
            and leaves the same again
    keep    names that are wanted afterwards: of all others the value is taken off the tape, and the adjoint forgotten,
            as soon as they have served, so that their memory can be used again
    present conditions on seeds: where one does not hold, that element of the seed is not there
    """

    visit: Callable[..., None] | None = None
    active: Collection[str] | None = None
    span: Sequence[int] | None = None
    gather: bool = True
    state: ReverseState | None = None
    keep: Collection[str] | None = None
    present: Mapping[str, Any] = {}


_ALL = ReverseRequest()


def reverse_sweep(
    wlist: WengertList, tape: dict[str, Any], seeds: Mapping[str, Any], apply: Interpretation,
    rules: Rules | None = None, request: ReverseRequest = _ALL,
) -> dict[str, Any]:  # fmt: skip
    """The adjoints of every name on which the seeded names depend. `seeds` maps names to their initial adjoints. A name
    missing from the result was not reached."""
    rules = rules or rules_for(wlist.ops)
    visit, active, span, keep = request.visit, request.active, request.span, request.keep
    state = request.state or ReverseState(seeds, apply)
    adjoint, guards, waiting = state.adjoint, state.guards, state.waiting
    waiting.tape = tape
    guards.update(request.present)
    equations, shaped = wlist.equations, apply.shaped
    for k in checking_clock((range(len(equations)) if span is None else span)[::-1]):
        output, op, inputs = equations[k]
        if shaped and output in waiting:
            waiting.settle(output)
        if output not in adjoint:
            if keep is not None and output not in keep:
                del tape[output]
            continue
        row, upstream, y = rules.row(op), adjoint[output], tape[output]
        if keep is not None and output not in keep:
            del tape[output], adjoint[output]
        guard = guards.get(output)
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        if row.array is not None:
            _through_array_op(Applied(row, args, y), (k, inputs, upstream, guard), state, rules, request)
            continue
        ruled = args
        if row.shares:
            if visit is not None:
                visit(k, 1)
            ties = state.ties = state.ties or Ties(wlist, tape, apply, rules, (), active)
            row, ruled = ties.settled(equations[k], row, args)
        partials = Partials(row, rules.partials_at(row, inputs), ruled, y, apply)
        for i, name in enumerate(inputs):
            literal = type(name) is not str
            if active is not None and (literal or name not in active):
                continue
            if visit is not None:
                visit(k, i)
            if (partial := partials.plan[i]) is None:
                continue
            local = partials.factor(i) if partial.constant is None else partial.constant
            if (made := partials.product(i, local, upstream, guard, True)) is None:
                continue
            downstream, taken = made
            if shaped and len(inputs) > 1:
                if not apply.alike(downstream, args[i]):
                    downstream = apply(SUM_LIKE, downstream, args[i])
                taken = shrunk(taken, args[i], y, apply)
            total = downstream if literal else add(name, downstream, taken, state)
            if visit is not None:
                visit(k, i, upstream, local, downstream, total)
    if request.state is None:
        state.settle()
    return adjoint


def _through_array_op(
    at: Applied, step: tuple[int, tuple[Any, ...], Any, Guard], state: ReverseState, rules: Rules,
    request: ReverseRequest,
) -> None:  # fmt: skip
    """Add to the adjoints of an array op's arguments. The step is the index of its equation, the equation's inputs, and
    the adjoint of its value with the guard."""
    k, inputs, upstream, guard = step
    visit, active, apply = request.visit, request.active, state.apply
    for i, name in enumerate(inputs):
        literal = type(name) is not str
        if active is not None and (literal or name not in active) or vjp_rule(at.row, i) is None:
            continue
        if visit is not None:
            visit(k, i)
        if request.gather and not literal and state.waiting.take(at.row.name, name, upstream, guard):
            if visit is not None:
                visit(k, i, upstream, None, upstream, None)
            continue
        downstream = vjp_of(at, i, upstream, apply, rules)
        total = downstream
        if not literal:
            total = add(name, downstream, vjp_guard(at, i, downstream, guard, apply, rules), state)
        if visit is not None:
            visit(k, i, upstream, None, downstream, total)
