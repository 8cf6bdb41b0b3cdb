"""Values that are not finite: the domains of ops, and the step where a nan or an infinity first appears."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from functools import cache
from math import inf, isfinite, isnan
from typing import Any

from ..ground.errors import Diagnostic
from ..ground.limits import checking_clock
from ..lists.quoting import substituted
from ..lists.wengert_list import WengertList, table_of
from ..ops import WHERE, Op
from .fixed_branches import counting
from .given_values import elements_in, values_in
from .interpretation import Interpretation
from .numbers import Numbers
from .rules import rule_list, sweep_rule
from .subjects import Subjects

_NAME = re.compile(r"[a-z]\w*")


def all_finite(value: Any) -> bool:
    """Whether a number, or every element of an array, is finite."""
    if type(value) is float:
        return isfinite(value)
    import numpy as np

    return bool(np.isfinite(value).all())


def holds(
    row: Op, text: str, args: tuple[Any, ...], y: Any, ops: tuple[Op, ...] = (), apply: Interpretation | None = None
) -> bool:  # fmt: skip
    """Whether a predicate of a row holds for these arguments and this output; for arrays, at any element."""
    answer = predicate(row, text, args, y, ops, apply)
    return bool(answer) if type(answer) is float else bool(answer.any())


def predicate(
    row: Op, text: str, args: tuple[Any, ...], y: Any, ops: tuple[Op, ...] = (), apply: Interpretation | None = None
) -> Any:  # fmt: skip
    rule = rule_list(row, text, len(args), ops)
    return sweep_rule(rule, dict(zip(rule.inputs, (*args, y, args[0]))), apply or Numbers(ops))


def first_element(apply: Interpretation, args: tuple[Any, ...], y: Any, wrong: Any) -> tuple[tuple[Any, ...], Any, str]:
    """The arguments and the value at the first element where `wrong` holds, as numbers, and its index: "[2]"."""
    import numpy as np  # values are arrays already

    *given, wrong = apply.aligned((*args, y, wrong))
    place = tuple(int(k) for k in np.argwhere(wrong)[0])
    shape = np.shape(wrong)
    found = [float(np.broadcast_to(a, np.broadcast_shapes(np.shape(a), shape))[place]) for a in given]
    return tuple(found[:-1]), found[-1], f"[{', '.join(map(str, place))}]"


@cache
def interval(text: str) -> tuple[float, float, bool, bool]:
    """The ends of an interval "(0, 1]", and whether each belongs to it; "" is the whole line."""
    if not text:
        return -inf, inf, False, False
    low, high = (_end(part) for part in text[1:-1].split(","))
    return low, high, text[0] == "[", text[-1] == "]"


def _end(text: str) -> float:
    return float(text.strip())


def outside(
    row: Op, args: tuple[Any, ...], ops: tuple[Op, ...] = (), subject: str = "", called: Sequence[str] = (),
    fixed: Container[str] = (),
) -> str:  # fmt: skip
    """How the arguments leave the domain of an op, as a phrase; empty if they do not. The phrase calls the op
    `subject`, and its parameters by `called`, by default their names in the row. Conditions on the parameters that are
    `fixed` alone, since no input changes them, are decided and left out."""
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
        open_ones = _undecided(row, args, ops, fixed)
        return (
            f"{needs} {substituted(open_ones, dict(zip(names, called)))}"
            if open_ones
            else f"{needs.removesuffix(' needs')} has no finite value"
        )
    return ""


def _undecided(row: Op, args: tuple[Any, ...], ops: tuple[Op, ...], fixed: Container[str]) -> str:
    """The condition of a row without those parts that the fixed parameters decide; empty if they leave none that could
    hold. For a power of a number to 1/2 it is "a >= 0"."""
    if any(word in row.provided for word in (" or (", " and (", ") or ", ") and ")):
        return row.provided
    names = row.params.replace("*", "").split()
    left = []
    for side in row.provided.split(" or "):
        parts = [(part, [n for n in _NAME.findall(part) if n in names]) for part in side.split(" and ")]
        decided = [part for part, of in parts if of and all(n in fixed for n in of)]
        if all(holds(row, part, args, 0.0, ops) for part in decided):
            left.append(" and ".join(part for part, _ in parts if part not in decided))
    for side in left:
        for other, both in ((" == 0", " >= 0"), (" < 0", " != 0")):
            if side.endswith(" > 0") and (beside := f"{side[:-4]}{other}") in left:
                left = [f"{side[:-4]}{both}" if s == side else s for s in left if s != beside]
                break
    return " or ".join(left)


def _remedy(row: Op, args: tuple[Any, ...], ops: tuple[Op, ...]) -> str:
    """The advice of a row for these arguments; empty where it does not help."""
    return row.remedy if not row.remedied or holds(row, row.remedied, args, 0.0, ops) else ""


def _fixed(subjects: Subjects, k: int) -> list[str]:
    """The parameters of an equation's op whose values depend on no input."""
    equations, found = subjects.wlist.equations, []
    for name, a in zip(subjects.table[equations[k].op].params.split(), equations[k].inputs):
        waiting, seen = [a], {a}
        for each in waiting:
            above = subjects.indices.get(each) if type(each) is str else None
            if type(each) is str and above is None:
                break
            for b in () if above is None else equations[above].inputs:
                if b not in seen:
                    seen.add(b)
                    waiting.append(b)
        else:
            found.append(name)
    return found


def blame_value(
    wlist: WengertList, tape: Mapping[str, Any], live: Sequence[int], apply: Interpretation
) -> Diagnostic | None:  # fmt: skip
    """The first equation whose value is nan or infinite although its arguments were not; None if there is none. For
    arrays, the first such element."""
    table, subjects = table_of(wlist.ops), Subjects(wlist)
    counts: Mapping[str, Any] | None = None
    for k in checking_clock(live):
        output, op, inputs = wlist.equations[k]
        y = tape[output]
        if all_finite(y):
            continue
        counts = counting(wlist, tape, apply) if counts is None else counts
        if output in counts and all_finite(apply(WHERE, counts[output], y, 0.0)):
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
            if output in counts:
                wrong = wrong & (counts[output] != 0.0)
            if not wrong.any():
                continue
            args, y, place = first_element(apply, args, y, wrong)
        elif any(isnan(a) for a in args) or (not isnan(y) and not all(map(isfinite, args))):
            continue
        why = outside(row, args, wlist.ops, subjects.of(k), subjects.arguments(k), _fixed(subjects, k))
        went_in = elements_in(subjects, k, inputs, args, tape, place)
        if (first := subjects.written_for(k)) != k:
            went_in = values_in(subjects, subjects.values(k, tape), tape)
        among = f", with {went_in}" if went_in else ""
        if first != k:
            code, message, why = "W202" if isnan(y) else "W203", f"{subjects.of(k)} is {y} here{among}", ""
        elif why:
            code, message = "W201", f"outside the domain: {why}{among}; the value is {y}"
        elif isnan(y):
            code, message = "W202", f"{subjects.of(k)} gives nan here{among}"
        else:
            code, message = "W203", f"{subjects.of(k)} overflows float64 here{among}; the value is {y}"
        help = _remedy(row, args, wlist.ops) if why else ""
        return Diagnostic(code, "error", message, wlist.provenance.span(k), (), help, None, wlist.provenance.source)
    return None


def _own_fault(apply: Interpretation, args: tuple[Any, ...], y: Any) -> Any:
    """Where y is not finite although the arguments were: nan from no nan, infinity from finite numbers."""
    import numpy as np  # values are arrays already

    *given, y = apply.aligned((*args, y))
    wrong = ~np.isfinite(y)
    for a in given:
        wrong = wrong & ~np.isnan(a) & (np.isnan(y) | np.isfinite(a))
    return wrong


def _blamed_array_op(
    wlist: WengertList, k: int, args: tuple[Any, ...], tape: Mapping[str, Any], apply: Interpretation
) -> Diagnostic:
    """Blame for an array op whose value is not finite although its arguments were."""
    output, op, inputs = wlist.equations[k]
    row, y = table_of(wlist.ops)[op], tape[output]
    subjects = Subjects(wlist)
    subject = subjects.of(k)
    among = f", with {values_in(subjects, inputs, tape, k)}"
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
    answer = predicate(row, row.provided, args, y, ops, apply)
    return bool(answer) if type(answer) is float else bool(answer.all())


def blame_derivative(
    wlist: WengertList, tape: Mapping[str, Any], steps: Sequence[tuple[int, int, Any, Any, Any]]
) -> Diagnostic | None:
    """The first step (k, i, upstream, local, product) of a sweep whose product is nan or infinite although `upstream`
    was not."""
    for k, i, upstream, local, product in checking_clock(steps):
        if all_finite(product) or not all_finite(upstream):
            continue
        subjects, inputs = Subjects(wlist), wlist.equations[k].inputs
        subject, name = subjects.of(k), subjects.quoted(inputs[i], k)
        if subjects.written_for(k) != k:
            went_in = values_in(subjects, subjects.values(k, tape), tape)
            said = f"{subject} has a derivative that is not finite"
        else:
            went_in, said = values_in(subjects, inputs, tape, k), f"the derivative of {subject} in {name} "
            if type(product) is not float or type(local) is not float:
                said += "is not finite"
            else:
                said += f"overflows: {upstream:.6g} times {local:.6g}" if isfinite(local) else f"is {local}"
        after = f"; from here on it is {product}" if type(product) is float and type(local) is float else ""
        message = f"{said}{f', with {went_in}' if went_in else ''}{after}"
        return Diagnostic("W306", "note", message, wlist.provenance.span(k), (), "", None, wlist.provenance.source)
    return None
