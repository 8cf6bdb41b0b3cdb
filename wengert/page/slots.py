"""The texts that a page shows about an equation, once for each kind of equation: the equation itself, and the rules of
its derivatives. Places in them stand for the names and the numbers of the equation at hand.

A place is `slot` and two letters: `slotaa` the first argument, `slotab` the second, `slotyy` the value, `slotgg` the
adjoint of the value. The page fills them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lists.wengert_list import Equation, WengertList
from ..ops import WHERE, Op
from ..show.formula import Infix
from ..show.latex import Latex
from ..show.layout import plan
from ..show.local_rules import local_formula, value_of, vjp_formula
from ..sweeps.rules import rules_for
from .markup import markup

Y, G = "slotyy", "slotgg"
# Arguments that have places; of a longer equation the rest are left out.
MOST = 24
CHOSEN = r"\text{1 if it is chosen, 0 if not; equal ones share}"
# A rule with branches is shown whole up to this length in LaTeX, and else as the branch that holds.
WHOLE = 220


def slot(i: int) -> str:
    """The place of the i-th argument."""
    return "slot" + chr(97 + i // 26) + chr(97 + i % 26)


def placed(e: Equation) -> Equation:
    """An equation with places instead of names; numbers stay."""
    return Equation(Y, e.op, tuple(slot(i) if isinstance(a, str) else a for i, a in enumerate(e.inputs)))


def equation_key(e: Equation) -> tuple[Any, ...]:
    """Equations with the same key have the same text, but for names."""
    return e.op, tuple(None if isinstance(a, str) else a for a in e.inputs)


def right_side(e: Equation, ops: tuple[Op, ...]) -> str:
    """The right-hand side of an equation in the language, with places for all its arguments."""
    if len(e.inputs) > MOST:
        return f"{e.op}({slot(0)}, {slot(1)}, …)"
    return Infix(ops).right(e._replace(inputs=tuple(slot(i) for i in range(len(e.inputs)))))


class RuleTexts:
    """The rules of the contributions of a list, as markup; each different one is kept once, in `texts`."""

    def __init__(self, wlist: WengertList, values: Mapping[str, Any]) -> None:
        self.wlist, self.values = wlist, values
        self.rules = rules_for(wlist.ops)
        self.texts: list[str] = []
        self._known: dict[str, int] = {}
        self._kept: dict[tuple[Any, ...], int] = {}

    def of(self, k: int, i: int, local: Any) -> int:
        """The number of the text for the derivative of equation k in its i-th input; -1 if there is none."""
        e = self.wlist.equations[k]
        row = self.rules.table[e.op]
        key = (*equation_key(e), i)
        if key in self._kept:
            return self._kept[key]
        latex, fixed = self._latex(e, row, i, local)
        found = self._number(latex)
        if fixed:
            self._kept[key] = found
        return found

    def _number(self, latex: str) -> int:
        if not latex:
            return -1
        if latex not in self._known:
            self._known[latex] = len(self.texts)
            self.texts.append(markup(latex))
        return self._known[latex]

    def _latex(self, e: Equation, row: Op, i: int, local: Any) -> tuple[str, bool]:
        """The rule in LaTeX, and whether it is the same at every point."""
        ops = self.wlist.ops
        spaced = placed(e)
        if len(e.inputs) > MOST:
            return "", True
        if row.array is not None:
            formula = vjp_formula(spaced, row, i, G, ops)
            return ("" if formula is None else self._written(formula)), True
        partial = self.rules.partials_at(row, e.inputs)[i]
        if partial is None:
            return "", True
        if partial.constant is not None:
            return Latex().atom(partial.constant), True
        branches = any(s.op == WHERE for s in partial.rule.equations)
        if row.selects and any(self.rules.table[s.op].of_rules for s in partial.rule.equations):
            return CHOSEN, True
        values = {a: value_of(b, self.values) for a, b in zip(spaced.inputs, e.inputs) if isinstance(a, str)}
        point = {**values, Y: self.values[e.output]}
        here = local_formula(spaced, row, i, point, local, ops)
        text = "" if here is None else self._written(here)
        if branches and row.kinks or not text:
            whole = local_formula(spaced, row, i, {}, None, ops)
            shown = "" if whole is None else self._written(whole)
            if 0 < len(shown) <= WHOLE or not text:
                return shown, True
        return text, not branches

    def _written(self, formula: WengertList) -> str:
        laid_out = plan(formula, named=False)
        if laid_out.size > WHOLE * 4:
            return ""
        return Latex(self.wlist.ops, laid_out).atom(formula.outputs[0])
