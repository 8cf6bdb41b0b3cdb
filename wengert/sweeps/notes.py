"""Notes: where a derivative is at a kink, and why a value or a derivative is not finite.

Only equations on which the result depends are examined: a branch that was not taken is not blamed and has no kinks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..ground.errors import Diagnostic, KinkError
from ..ground.limits import checking_clock
from ..lists.wengert_list import WengertList, table_of
from ..ops import AND, INFIX, Kink, Op
from .fixed_branches import counting
from .given_values import elements_in, values_in
from .interpretation import Interpretation
from .nonfinite import blame_derivative, blame_value, first_element, predicate
from .partials import Partials
from .rules import rules_for
from .subjects import Subjects
from .ties import Ties
from .wordings import BY_RULE, MEAN, REMOVABLE, Says, Wording

# For each kind of place, the code and the sentence about the op.
_KINDS = {
    "kink": ("W301", "has a kink here"),
    "tie": ("W302", "has a tie here"),
    "jump": ("W303", "jumps here"),
    "singular": ("W304", "has a singular derivative here"),
    "undefined": ("W305", "has no derivative here"),
    "removable": ("W307", "is decided by equality at this point alone"),
}
_CHOSEN = ("kink", "tie", "jump")
_FORK = Kink("", "kink", "both branches have the same value, and the mean of their derivatives is used")
_STEP = Kink("", "jump", "the branch that was taken counts")
_EQUAL, _OTHER = INFIX["=="], INFIX["!="]


def _any(condition: Any) -> bool:
    return condition if type(condition) is bool else bool(condition.any())


def reached(wlist: WengertList, tape: Mapping[str, Any], apply: Interpretation, tied: bool = True) -> list[int]:
    """The indices of the equations on which the outputs depend at this point, in order, without branches that are not
    taken. With `tied`, both branches of a condition that equality decides count, as they do for derivatives."""
    rules = rules_for(wlist.ops)
    ties = Ties(wlist, tape, apply, rules)
    live = {a for a in wlist.outputs if isinstance(a, str)}
    found: list[int] = []
    for k in checking_clock(range(len(wlist.equations) - 1, -1, -1)):
        output, op, inputs = wlist.equations[k]
        if output not in live:
            continue
        found.append(k)
        row = rules.table[op]
        if not row.selects or row.array is not None:
            live.update(a for a in inputs if type(a) is str)
            continue
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        if row.shares and tied:
            row, args = ties.settled(wlist.equations[k], row, args)
        partials = Partials(row, rules.partials(row, len(inputs)), args, tape[output], apply)
        for i, name in enumerate(inputs):
            if type(name) is not str or name in live:
                continue
            if partials.plan[i] is None or _any(partials.at(i) != 0.0):
                live.add(name)
    found.reverse()
    return found


def kinked(call: Any, tape: Mapping[str, Any], names: Sequence[str]) -> set[int]:
    """The equations at which a derivative in `names` is at a kink, under the policy "mean"."""
    with call:
        live = reached(call.wlist, tape, call.apply)
        moved = _moved(call.wlist, names)
        return {k for k, _ in _kinks(call.wlist, tape, live, moved, call.apply, MEAN)}


def kinks(
    wlist: WengertList, tape: Mapping[str, Any], live: Sequence[int], active: set[str], apply: Interpretation,
    wording: Wording = MEAN,
) -> list[Diagnostic]:  # fmt: skip
    """A note for each equation, among those the result depends on and the inputs move, that is not smooth here.

    With the policy "error", the first one whose derivative is a choice raises KinkError. If the derivative was not
    found by the ops' rules, the wording says how, by the kind of the place.
    """
    return [note for _, note in _kinks(wlist, tape, live, active, apply, wording)]


def _kinks(
    wlist: WengertList, tape: Mapping[str, Any], live: Sequence[int], active: set[str], apply: Interpretation,
    wording: Wording,
) -> list[tuple[int, Diagnostic]]:  # fmt: skip
    """The notes of `kinks`, each with its equation."""
    policy, says = wording
    table, ops = table_of(wlist.ops), wlist.ops
    notes: list[tuple[int, Diagnostic]] = []
    noted_at: set[int] = set()
    subjects, ties = Subjects(wlist), Ties(wlist, tape, apply)
    told = _told_by_choices(wlist, live, table, ties, subjects)
    counts = counting(wlist, tape, apply)
    for k in checking_clock(live):
        output, op, inputs = wlist.equations[k]
        row = table[op]
        if row.shares:
            notes += [(k, note) for note in _of_choice(k, ties, active, subjects, policy, says)]
        if k in told:
            continue
        first = subjects.written_for(k)
        # A derivative has a kink where the op has one.
        if not row.kinks or active.isdisjoint(inputs) or first != k and first in noted_at:
            continue
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        for kink in row.kinks:
            if kink.param and inputs[row.params.split().index(kink.param)] not in active:
                continue
            condition = predicate(row, kink.when, args, tape[output], ops, apply)
            if output in counts and apply.alike(condition, tape[output]):
                condition = apply(AND, condition, counts[output])
            if not (bool(condition) if type(condition) is float else condition.any()):
                continue
            whole = type(condition) is float or row.array is not None
            at = values_in(subjects, inputs, tape, k)
            if not whole:
                found, _, place = first_element(apply, args, tape[output], condition != 0)
                at = elements_in(subjects, k, inputs, found, tape, place)
            if first != k:
                at = values_in(subjects, subjects.values(k, tape), tape)
            if REMOVABLE in says and row.boolean and not row.strict:
                kink = kink._replace(kind=REMOVABLE)
            told_now = kink._replace(says=says.get(kink.kind, kink.says))
            notes.append((k, _note(k, told_now, at, policy, subjects, kink.kind in says)))
            noted_at.update((k, first))
            break
    return notes


def _moved(wlist: WengertList, names: Sequence[str]) -> set[str]:
    """The names, and everything that moves with them. A piecewise constant value, such as a condition, does not move:
    it jumps, and the op that makes it gets the note. So rules that choose between formulas of one smooth derivative
    compare values of `stop_gradient`."""
    table, moved = table_of(wlist.ops), set(names)
    for output, op, inputs in checking_clock(wlist.equations):
        if not moved.isdisjoint(inputs):
            row = table[op]
            rules = row.partials if row.array is None else row.vjp
            if any(a in moved and rules[min(i, len(rules) - 1)] is not None for i, a in enumerate(inputs)):
                moved.add(output)
    return moved


def _told_by_choices(
    wlist: WengertList, live: Sequence[int], table: Mapping[str, Op], ties: Ties, subjects: Subjects
) -> set[int]:
    """The comparisons that need no note of their own, as the ops that choose by them get one: those used only in
    conditions, and those that a derivative added to find where a condition is tied."""
    told: set[int] = set()
    other = set(wlist.outputs)
    for k in reversed(live):
        output, op, inputs = wlist.equations[k]
        row = table[op]
        first = subjects.written_for(k)
        if row.strict and output not in other or row.boolean and first < k and table[wlist.equations[first].op].shares:
            told.add(k)
            continue
        serving = ties.followed(wlist.equations[k]) if output not in other else []
        if row.shares and output in other:
            serving = [a for a in inputs[:1] if type(a) is str and ties.open(a)]
        other.update(a for i, a in enumerate(inputs) if a not in serving or row.shares and i)
    return told


def _of_choice(k: int, ties: Ties, active: set[str], subjects: Subjects, policy: str, says: Says) -> list[Diagnostic]:
    """The note of an op that chooses by a condition which equality decides: it bends there, or jumps."""
    equation, tape, nowhere = ties.wlist.equations[k], ties.tape, ties.apply.nowhere
    name: Any = equation.inputs[0]
    if type(name) is not str or not ties.open(name) or nowhere(undecided := ties.undecided(name)):
        return []
    found = ties.nearest(name)
    if active.isdisjoint(found.inputs):
        return []
    args = tuple([tape[a] if type(a) is str else a for a in equation.inputs])
    bends = ties.tie(equation, args)
    jumps = bends is None or not nowhere(ties.apply(_OTHER, undecided, bends))
    at = subjects.indices[found.output]
    if type(undecided) is float:
        went_in = values_in(subjects, found.inputs, tape, at)
    else:
        values = tuple([tape[a] if type(a) is str else a for a in found.inputs])
        values, _, place = first_element(ties.apply, values, tape[found.output], ties.apply(_EQUAL, *values))
        went_in = elements_in(subjects, at, found.inputs, values, tape, place)
    kink = _FORK if not jumps else _STEP
    found_so = not jumps and kink.kind in says
    if found_so:
        kink = kink._replace(says=says[kink.kind])
    return [_note(at, kink, went_in, policy, subjects, found_so)]


def _note(
    k: int, kink: Kink, went_in: str, policy: str, subjects: Subjects, found: bool = False
) -> Diagnostic:  # fmt: skip
    """The note of a kink. `found` means that `kink.says` describes how the derivative was found without a rule."""
    wlist = subjects.wlist
    code, sentence = _KINDS[kink.kind]
    help = ""
    says, n = kink.says, len(wlist.equations[k].inputs)
    row = table_of(wlist.ops)[wlist.equations[k].op]
    if kink.kind in _CHOSEN and kink is not _STEP and rules_for(wlist.ops).one_sided(row, n):
        if policy in ("left", "right"):
            says = says if found else f"the derivative from the {policy} is used"
        else:
            help = "choose with --kink left, right or error"
    chosen = policy == "error" and kink.kind in _CHOSEN
    if chosen:
        says = "every derivative there is a choice, and none is made"
    message = f"{subjects.of(k)} {sentence}{f', at {went_in}' if went_in else ''}: {says}"
    note = Diagnostic(code, "note", message, wlist.provenance.span(k), (), help, None, wlist.provenance.source)
    if chosen:
        raise KinkError(note._replace(severity="error", help="take a point off the kink, or choose --kink mean"))
    return note


def noted(
    call: Any, tape: Mapping[str, Any], names: Sequence[str], kink: str, sweep: Callable[[list[Any]], Any] | None,
    says: Says = BY_RULE,
) -> tuple[Diagnostic, ...]:  # fmt: skip
    """The notes on a derivative in `names`: on a value that is not finite, on kinks, and otherwise on the step that
    made a derivative nan or infinite. `sweep` takes the derivative once more and lists such steps."""
    wlist = call.wlist
    with call:
        live = reached(wlist, tape, call.apply)
        found = kinks(wlist, tape, live, _moved(wlist, names), call.apply, Wording(kink, says))
        blamed = blame_value(wlist, tape, reached(wlist, tape, call.apply, tied=False), call.apply)
        # A derivative that is not finite at a kink of its op is explained by the note of the kink.
        told_so = blamed is not None and blamed.code == "W203" and any(n.span == blamed.span for n in found)
        notes = [blamed] if blamed is not None and not told_so else []
        notes += found
        if sweep is not None and not notes:
            steps: list[Any] = []
            sweep(steps)
            alive = set(live)
            worse = blame_derivative(wlist, tape, [step for step in steps if step[0] in alive])
            notes += [worse] if worse is not None else []
    return tuple(notes)
