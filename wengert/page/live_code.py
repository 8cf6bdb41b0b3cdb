"""The list as a script of the page: from values of the inputs to all values, local derivatives and kinks.

It is emitted from the rows of the ops, as `wengert emit --target javascript` is, and the page multiplies and adds as
the sweeps do. Names are replaced by numbers first, so that no text of a program is in the script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..emit.languages.javascript import Script
from ..emit.straight_line import RemarkedEquation, StraightLine
from ..emit.writing import write
from ..ground.errors import UsageError, WengertError
from ..ground.limits import Limits, checking_clock
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, Equation, WengertList, assemble
from ..ops import CONSTANTS, DERIVATIVES
from ..sweeps.rules import is_unknown, rule_list, rules_for, sweep_rule
from ..transforms.builder import Builder
from ..transforms.identities import tidy

FUNCTION = "tape"


class LiveCode(NamedTuple):
    """A script, or the reason why there is none.

    text    the functions; `tape(…)` gives the values of all equations, then the local derivatives of the
            contributions, then for each kink of an equation whether it is there
    kinks   the equation of each kink
    why     the reason, if the text is empty
    layout  over arrays, for each quantity that `tape(…)` gives the count of its numbers and its shape
    parts   and its meaning
    """

    text: str
    kinks: tuple[int, ...] = ()
    why: str = ""
    layout: tuple[Any, ...] = ()
    parts: tuple[Any, ...] = ()


def live_code(
    wlist: WengertList, contributions: Sequence[tuple[int, int]], kink: str, limits: Limits, kinked: bool = True
) -> LiveCode:  # fmt: skip
    """The script for a list over numbers, with the local derivatives of these contributions: (equation, input)."""
    if not wlist.equations:
        return LiveCode("", why="it has no equations")
    if any(e.op in DERIVATIVES for e in wlist.equations):
        return LiveCode("", why="it holds derivatives that are still to be expanded")
    try:
        return _written(wlist, contributions, kink, limits, kinked)
    except WengertError as problem:
        if not isinstance(problem, UsageError):
            raise
        return LiveCode("", why=problem.diagnostic.message)


def _written(
    wlist: WengertList, contributions: Sequence[tuple[int, int]], kink: str, limits: Limits, kinked: bool
) -> LiveCode:  # fmt: skip
    renamed = _numbered(wlist)
    # The kinks are marked beside the list, whose own policy is that of the derivatives.
    rules = rules_for(wlist.ops, "mean" if kink == "error" else kink)
    build = Builder(renamed, (tidy,), limits, prefix="w")
    equations = renamed.equations
    locals_of: list[Atom] = []
    for k, i in checking_clock(contributions):
        e = equations[k]
        row = rules.table[e.op]
        partial: Any = rules.partials_at(row, e.inputs)[i]
        local: Any = 0.0  # if a constant has chosen a branch that does not depend on this input
        if partial is not None and partial.constant is not None:
            local = partial.constant
        elif partial is not None and is_unknown(partial):
            return LiveCode("", why=f"no rule of `{row.name}` is known")
        elif partial is not None:
            names = dict(zip(partial.rule.inputs, (*e.inputs, e.output, e.inputs[i])))
            local = sweep_rule(partial.rule, names, build)
        locals_of.append(local)
    conditions: list[Atom] = []
    kinks: list[int] = []
    for k, e in enumerate(checking_clock(equations) if kinked else ()):
        row = rules.table[e.op]
        for place in row.kinks:
            rule = rule_list(row, place.when, len(e.inputs), wlist.ops)
            names = dict(zip(rule.inputs, (*e.inputs, e.output, e.inputs[0])))
            conditions.append(sweep_rule(rule, names, build))
            kinks.append(k)
    outputs = (*(e.output for e in equations), *locals_of, *conditions)
    return LiveCode(emitted(assemble(renamed.inputs, build.equations, outputs, wlist.ops)), tuple(kinks))


def emitted(whole: WengertList) -> str:
    """A list over numbers, with names of ours alone, as the function `tape`.

    Raises UsageError for an op that only Python computes."""
    steps = tuple(RemarkedEquation(*e, "") for e in whole.equations)
    return write(StraightLine(whole, len(whole.outputs), (), False, (("", steps),)), Script(), FUNCTION)


def _numbered(wlist: WengertList) -> WengertList:
    """The list with names of ours, and numbers in the place of constants."""
    names: dict[Atom, Atom] = {n: f"x{k}" for k, n in enumerate(wlist.inputs)}
    names.update((e.output, f"y{k}") for k, e in enumerate(wlist.equations))
    names.update((n, v) for n, v in CONSTANTS.items() if n not in names)
    equations = [Equation(str(names[e.output]), e.op, tuple(names.get(a, a) for a in e.inputs))
                 for e in checking_clock(wlist.equations)]  # fmt: skip
    return assemble((str(names[n]) for n in wlist.inputs), equations, (equations[-1].output,) if equations else (),
                    wlist.ops)  # fmt: skip
