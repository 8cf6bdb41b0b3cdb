"""A derivative as a formula to read: a program of the language, or LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..ground.errors import Diagnostic, UsageError, error
from ..ground.limits import exceeded
from ..ground.tuples import NamedTuple
from ..language import Program
from ..lists.wengert_list import WengertList, assemble
from ..show import formula, latex, single
from ..transforms.reading import Condition, Different, derivative

if TYPE_CHECKING:
    from .function import Function


class Formula(NamedTuple):
    """A derivative as a formula: `str` gives a program of the language, and `function` computes it.

    notes  where the formula holds: it leaves out cases that concern single points only, such as x = 0 in x^y
    """

    function: Function
    notes: tuple[Diagnostic, ...] = ()

    def latex(self) -> str:
        """The formula in LaTeX, a line for each output."""
        wlist = self.function.wengert_list
        return "\n".join(latex(wlist, k) for k in range(len(wlist.outputs)))

    def __call__(self, /, *args: Any, **values: Any) -> Any:
        """The value of the formula at a point. Arguments are those of any `Function`."""
        return self.function(*args, **values)

    def __str__(self) -> str:
        wlist = self.function.wengert_list
        return single(wlist) if len(wlist.outputs) == 1 else formula(wlist)

    def __repr__(self) -> str:
        text = " ".join(str(self).split())
        return f"<wengert.Formula {text if len(text) <= 60 else f'{text[:57]}…'}>"


def formula_of(f: Function, wrt: Sequence[str], exact: bool) -> Formula:
    """The derivative of every output by the names of `wrt`, one after the other; see `Function.derivative`."""
    if not wrt:
        wrt = only_input(f)
    f.lists.refuse_arrays()
    if len(wrt) > f.limits.order:
        raise exceeded(f.limits, "order", f"a derivative of order {len(wrt)}")
    wlist, conditions = derivative(f.lists.reading_as_written, wrt, exact=exact, kink=f.kink, limits=f.limits)
    made = type(f)(Program(wlist, f.program.source, f.program.defaults), f.options)
    if not conditions:
        return Formula(made)
    help = "--exact, from Python `exact=True`, writes what holds at the other points as well"
    return Formula(made, (Diagnostic("W311", "note", f"written for {phrase(conditions)}", help=help),))


def only_input(f: Function) -> tuple[str, ...]:
    """The one input, to differentiate by. Raises UsageError if the program has no input, or more than one."""
    if not f.inputs:
        raise error(UsageError, "W633", "the program has no inputs to differentiate by", source=f.program.source)
    if len(f.inputs) > 1:
        names = ", ".join(f.inputs[:10]) + " …" * (len(f.inputs) > 10)
        first, second = f.inputs[:2]
        raise error(UsageError, "W633", f"differentiate by which of {names}?",
                    help=f"name one, {first!r}, or several in turn, {first!r}, {second!r}")  # fmt: skip
    return f.inputs


def phrase(conditions: Sequence[Condition], most: int = 4) -> str:
    """Conditions in words: the first few that are short."""
    # Writing an expression takes time in the length of its list, so only those that may be shown are written.
    texts = dict.fromkeys(_different(wlist, atoms) for wlist, atoms in conditions[: 2 * most])
    listed = [t for t in texts if len(t) <= 60 and "\n" not in t][:most]
    if len(conditions) > 2 * most or len(listed) < len(texts):
        listed.append("…" if listed else "points that no equality singles out")
    return ", ".join(listed)


def _different(wlist: WengertList, atoms: Different) -> str:
    texts = [single(assemble(wlist.inputs, wlist.equations, (a,), wlist.ops, wlist.provenance)) for a in atoms[:4]]
    if len(atoms) == 2:
        return f"{texts[0]} != {texts[1]}"
    return f"{', '.join(texts)}{' …' * (len(atoms) > 4)} all different"
