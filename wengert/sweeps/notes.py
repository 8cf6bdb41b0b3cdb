"""Blame and notes: where a nan or an infinity first appears, and where a derivative sits on a kink.

Only equations that the result depends on are looked at: a branch that was not taken is not blamed and has no kinks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import inf, isfinite, isnan
from typing import Any

from ..ground.errors import Diagnostic, KinkError
from ..ground.limits import checking_clock
from ..lists.wengert_list import Atom, Equation, WengertList, table_of
from ..ops import INFIX, Kink, Op
from ..ops.shapes.dimensions import shown
from .interpretation import Interpretation
from .numbers import Numbers
from .partials import Partials
from .rules import rule_list, rules_for, sweep_rule
from .subjects import Subjects
from .ties import Ties
from .wordings import BY_RULE, MEAN, REMOVABLE, Says, Wording

# For each kind of place the code, and the sentence about the op.
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


def all_finite(value: Any) -> bool:
    """Whether a number, or every element of an array, is finite."""
    if type(value) is float:
        return isfinite(value)
    import numpy as np

    return bool(np.isfinite(value).all())


def _any(condition: Any) -> bool:
    return condition if type(condition) is bool else bool(condition.any())


def reached(wlist: WengertList, tape: Mapping[str, Any], apply: Interpretation) -> list[int]:
    """Indices of the equations that the outputs depend on at this point, in order; branches not taken left out."""
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
        if row.shares:
            row, args = ties.settled(wlist.equations[k], row, args)
        partials = Partials(row, rules.partials(row, len(inputs)), args, tape[output], apply)
        for i, name in enumerate(inputs):
            if type(name) is not str or name in live:
                continue
            if partials.plan[i] is None or _any(partials.at(i) != 0.0):
                live.add(name)
    found.reverse()
    return found


def holds(
    row: Op, text: str, args: tuple[Any, ...], y: Any, ops: tuple[Op, ...] = (), apply: Interpretation | None = None
) -> bool:  # fmt: skip
    """Whether a predicate of a row is true of these arguments and this output; of arrays, of any of their elements."""
    answer = _predicate(row, text, args, y, ops, apply)
    return bool(answer) if type(answer) is float else bool(answer.any())


def _predicate(
    row: Op, text: str, args: tuple[Any, ...], y: Any, ops: tuple[Op, ...] = (), apply: Interpretation | None = None
) -> Any:  # fmt: skip
    rule = rule_list(row, text, len(args), ops)
    return sweep_rule(rule, dict(zip(rule.inputs, (*args, y, args[0]))), apply or Numbers(ops))


def _element(apply: Interpretation, args: tuple[Any, ...], y: Any, wrong: Any) -> tuple[tuple[Any, ...], Any, str]:
    """The arguments and the value at the first element where `wrong` holds, as numbers, and its place: "[2]"."""
    import numpy as np  # values are arrays already

    *given, wrong = apply.aligned((*args, y, wrong))
    place = tuple(int(k) for k in np.argwhere(wrong)[0])
    shape = np.shape(wrong)
    found = [float(np.broadcast_to(a, np.broadcast_shapes(np.shape(a), shape))[place]) for a in given]
    return tuple(found[:-1]), found[-1], f"[{', '.join(map(str, place))}]"


@cache
def interval(text: str) -> tuple[float, float, bool, bool]:
    """An interval "(0, 1]" as its ends and whether each belongs to it; "" is the whole line."""
    if not text:
        return -inf, inf, False, False
    low, high = (_end(part) for part in text[1:-1].split(","))
    return low, high, text[0] == "[", text[-1] == "]"


def _end(text: str) -> float:
    return float(text.strip())


def outside(
    row: Op, args: tuple[Any, ...], ops: tuple[Op, ...] = (), subject: str = "", called: Sequence[str] = ()
) -> str:
    """How the arguments leave the domain of an op, as a phrase; empty if they do not. The phrase calls the op by
    `subject` and its parameters as they are `called`, by default by the names in its row."""
    names = row.params.split()
    needs = f"{subject or f'`{row.name}`'} needs"
    for k, a in enumerate(args):
        i = min(k, len(names) - 1)
        text = row.domain[i] if i < len(row.domain) else ""
        if text and not isnan(a):
            low, high, closed, closing = interval(text)
            if not ((a >= low if closed else a > low) and (a <= high if closing else a < high)):
                return f"{needs} {called[k] if called else names[i].lstrip('*')} in {text}"
    if row.provided and not any(isnan(a) for a in args) and not holds(row, row.provided, args, 0.0, ops):
        words = dict(zip(names, called))
        return f"{needs} {re.sub(r'[a-z]+', lambda m: words.get(m[0], m[0]), row.provided)}"
    return ""


def values_in(inputs: Sequence[Atom], tape: Mapping[str, Any]) -> str:
    """The values of the inputs of an equation: "x = -1, s = 0.5"; numbers that stand in the text are not repeated, and
    of a large array the shape is told."""
    named = dict.fromkeys(a for a in inputs if isinstance(a, str))
    return ", ".join(f"{a} = {told(tape[a])}" for a in named)


def told(value: Any) -> str:
    """A value for a message: a number, a short array, or the shape of a long one."""
    if type(value) is float:
        return f"{value:.15g}"
    if value.size <= 8:
        return _listed(value.tolist())
    return f"an array of the shape {shown(value.shape)}"


def _listed(value: Any) -> str:
    return f"[{', '.join(map(_listed, value))}]" if isinstance(value, list) else f"{value:.6g}"


def blame_value(
    wlist: WengertList, tape: Mapping[str, Any], live: Sequence[int], apply: Interpretation
) -> Diagnostic | None:  # fmt: skip
    """The first equation whose value is nan or infinite though its arguments were not; None if there is none. Of
    arrays, the first element of that kind."""
    table, subjects = table_of(wlist.ops), Subjects(wlist)
    for k in checking_clock(live):
        output, op, inputs = wlist.equations[k]
        y = tape[output]
        if all_finite(y):
            continue
        args = tuple([tape[a] if isinstance(a, str) else a for a in inputs])
        row = table[op]
        place = ""
        if row.array is not None:
            if all(map(all_finite, args)):
                return _blamed_array_op(wlist, k, args, tape, apply)
            continue
        if type(y) is not float or any(type(a) is not float for a in args):
            wrong = _own_fault(apply, args, y)
            if not wrong.any():
                continue
            args, y, place = _element(apply, args, y, wrong)
        elif any(isnan(a) for a in args) or (not isnan(y) and not all(map(isfinite, args))):
            continue
        why = outside(row, args, wlist.ops, subjects.of(k), subjects.arguments(k))
        given = {a: v for a, v in zip(inputs, args) if isinstance(a, str)}
        went_in = ", ".join(f"{a}{place * (type(tape[a]) is not float)} = {v:.15g}" for a, v in given.items())
        among = f", with {went_in}" if went_in else ""
        if why:
            code, message = "W201", f"outside the domain: {why}{among}; the value is {y}"
        elif isnan(y):
            code, message = "W202", f"{subjects.of(k)} gives nan here{among}"
        else:
            code, message = "W203", f"{subjects.of(k)} overflows float64 here{among}; the value is {y}"
        return Diagnostic(code, "error", message, wlist.provenance.span(k), (), row.remedy if why else "",
                          None, wlist.provenance.source)  # fmt: skip
    return None


def _own_fault(apply: Interpretation, args: tuple[Any, ...], y: Any) -> Any:
    """Where y is not finite though the arguments were: nan of no nan, infinity of finite numbers."""
    import numpy as np  # values are arrays already

    *given, y = apply.aligned((*args, y))
    wrong = ~np.isfinite(y)
    for a in given:
        wrong = wrong & ~np.isnan(a) & (np.isnan(y) | np.isfinite(a))
    return wrong


def _blamed_array_op(
    wlist: WengertList, k: int, args: tuple[Any, ...], tape: Mapping[str, Any], apply: Interpretation
) -> Diagnostic:
    """Blame for an array op whose value is not finite though its arguments were."""
    output, op, inputs = wlist.equations[k]
    row, y = table_of(wlist.ops)[op], tape[output]
    subject = Subjects(wlist).of(k)
    among = f", with {values_in(inputs, tape)}"
    missed = bool(row.provided) and not _predicate_all(row, args, y, wlist.ops, apply)
    is_nan = y != y if type(y) is float else bool((y != y).any())
    if missed or row.remedy and is_nan:
        needs = f"{subject} needs {row.provided}" if missed else f"{subject} gives nan here"
        code, message = "W201", f"outside the domain: {needs}{among}"
    elif is_nan:
        code, message = "W202", f"{subject} gives nan here{among}"
    else:
        code, message = "W203", f"{subject} overflows float64 here{among}"
    help = row.remedy if code == "W201" else ""
    return Diagnostic(code, "error", message, wlist.provenance.span(k), (), help, None, wlist.provenance.source)


def _predicate_all(row: Op, args: tuple[Any, ...], y: Any, ops: tuple[Op, ...], apply: Interpretation) -> bool:
    answer = _predicate(row, row.provided, args, y, ops, apply)
    return bool(answer) if type(answer) is float else bool(answer.all())


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

    With the policy "error", the first whose derivative is a choice raises KinkError. Where the derivative was not found
    by the rules of the ops, the wording tells how, by the kind of the place.
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
    subjects, ties = Subjects(wlist), Ties(wlist, tape, apply)
    told = _told_by_choices(wlist, live, table, ties, subjects)
    for k in checking_clock(live):
        output, op, inputs = wlist.equations[k]
        row = table[op]
        if row.shares:
            notes += [(k, note) for note in _of_choice(k, ties, active, subjects, policy, says)]
        if k in told:
            continue
        if not row.kinks or active.isdisjoint(inputs):
            continue
        args = tuple([tape[a] if type(a) is str else a for a in inputs])
        for kink in row.kinks:
            if kink.param and inputs[row.params.split().index(kink.param)] not in active:
                continue
            condition = _predicate(row, kink.when, args, tape[output], ops, apply)
            if not (bool(condition) if type(condition) is float else condition.any()):
                continue
            whole = type(condition) is float or row.array is not None
            at = values_in(inputs, tape) if whole else _values_at(apply, wlist.equations[k], args, tape, condition)
            if REMOVABLE in says and row.boolean and not row.strict:
                kink = kink._replace(kind=REMOVABLE)
            told_now = kink._replace(says=says.get(kink.kind, kink.says))
            notes.append((k, _note(k, told_now, at, policy, subjects, kink.kind in says)))
            break
    return notes


def _moved(wlist: WengertList, names: Sequence[str]) -> set[str]:
    """The names, and everything that moves with them. A value that is constant by pieces does not, such as a condition:
    it jumps, which is told where it is made. So rules that choose between formulas of one smooth derivative compare
    values of `stop_gradient`."""
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
    """The comparisons that need no note of their own, as the ops that choose by them have one: those that serve in
    conditions alone, and those that a derivative brought to find where a condition is tied."""
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
    """The note of an op that chooses by a condition, where equality decides that: it bends there, or jumps."""
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
        went_in = values_in(found.inputs, tape)
    else:
        values = tuple([tape[a] if type(a) is str else a for a in found.inputs])
        values, _, place = _element(ties.apply, values, tape[found.output], ties.apply(_EQUAL, *values))
        went_in = ", ".join(f"{a}{place * (type(tape[a]) is not float)} = {v:.15g}"
                            for a, v in zip(found.inputs, values) if isinstance(a, str))  # fmt: skip
    kink = _FORK if not jumps else _STEP
    found_so = not jumps and kink.kind in says
    if found_so:
        kink = kink._replace(says=says[kink.kind])
    return [_note(at, kink, went_in, policy, subjects, found_so)]


def _values_at(
    apply: Interpretation, e: Equation, args: tuple[Any, ...], tape: Mapping[str, Any], condition: Any
) -> str:  # fmt: skip
    """The values that went in at the first element where a condition holds."""
    found, _, place = _element(apply, args, tape[e.output], condition != 0)
    given = {a: v for a, v in zip(e.inputs, found) if isinstance(a, str)}
    return ", ".join(f"{a}{place * (type(tape[a]) is not float)} = {v:.15g}" for a, v in given.items())


def _note(
    k: int, kink: Kink, went_in: str, policy: str, subjects: Subjects, found: bool = False
) -> Diagnostic:  # fmt: skip
    """The note of a kink. `found` tells that `kink.says` tells how the derivative was found, by no rule."""
    wlist = subjects.wlist
    code, sentence = _KINDS[kink.kind]
    severity = "note"
    help = ""
    says, n = kink.says, len(wlist.equations[k].inputs)
    if (
        kink.kind in _CHOSEN
        and kink is not _STEP
        and rules_for(wlist.ops).one_sided(table_of(wlist.ops)[wlist.equations[k].op], n)
    ):
        if policy in ("left", "right"):
            says = says if found else f"the derivative from the {policy} is used"
        else:
            help = "choose with --kink left, right or error"
    chosen = policy == "error" and kink.kind in _CHOSEN
    if chosen:
        says = "every derivative there is a choice, and none is made"
    message = f"{subjects.of(k)} {sentence}{f', at {went_in}' if went_in else ''}: {says}"
    note = Diagnostic(code, severity, message, wlist.provenance.span(k), (), help, None, wlist.provenance.source)
    if chosen:
        raise KinkError(note._replace(severity="error", help="take a point off the kink, or choose --kink mean"))
    return note


def _blamed_product(wlist: WengertList, k: int, i: int, tape: Mapping[str, Any]) -> Diagnostic:
    inputs = wlist.equations[k].inputs
    name = inputs[i] if isinstance(inputs[i], str) else f"argument {i + 1}"
    message = f"the derivative of {Subjects(wlist).of(k)} in {name} is not finite, with {values_in(inputs, tape)}"
    return Diagnostic("W306", "note", message, wlist.provenance.span(k), (), "", None, wlist.provenance.source)


def blame_derivative(
    wlist: WengertList, tape: Mapping[str, Any], steps: Sequence[tuple[int, int, Any, Any, Any]]
) -> Diagnostic | None:
    """The first step (k, i, upstream, local, product) of a sweep whose product is nan or infinite though `upstream` was
    not."""
    for k, i, upstream, local, product in checking_clock(steps):
        if all_finite(product) or not all_finite(upstream):
            continue
        if type(product) is not float or type(local) is not float:
            return _blamed_product(wlist, k, i, tape)
        inputs = wlist.equations[k].inputs
        name = inputs[i] if isinstance(inputs[i], str) else f"argument {i + 1}"
        went_in = values_in(inputs, tape)
        said = f"overflows: {upstream:.6g} times {local:.6g}" if isfinite(local) else f"is {local}"
        message = (
            f"the derivative of {Subjects(wlist).of(k)} in {name} {said}, with {went_in}; from here on it is {product}"
        )
        return Diagnostic("W306", "note", message, wlist.provenance.span(k), (), "", None, wlist.provenance.source)
    return None


def noted(
    call: Any,
    tape: Mapping[str, Any],
    names: Sequence[str],
    kink: str,
    sweep: Callable[[list[Any]], Any] | None,
    says: Says = BY_RULE,
) -> tuple[Diagnostic, ...]:
    """The notes on a derivative in `names`: on the value if it is not finite, on kinks, else on the step that made a
    derivative nan or infinite. `sweep` takes the derivative once more and lists such steps."""
    wlist = call.wlist
    with call:
        live = reached(wlist, tape, call.apply)
        found = kinks(wlist, tape, live, _moved(wlist, names), call.apply, Wording(kink, says))
        blamed = blame_value(wlist, tape, live, call.apply)
        notes = [blamed] if blamed is not None else []
        notes += found
        if sweep is not None and not notes:
            steps: list[Any] = []
            sweep(steps)
            alive = set(live)
            worse = blame_derivative(wlist, tape, [step for step in steps if step[0] in alive])
            notes += [worse] if worse is not None else []
    return tuple(notes)
