"""Derivatives as formulas to read: a program of the language, or LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..ground.errors import Diagnostic, UsageError, error
from ..ground.limits import exceeded
from ..ground.names import is_temporary, quoted, shortened
from ..ground.tuples import NamedTuple
from ..language import Program
from ..lists.shapes import declared
from ..lists.wengert_list import Equation, WengertList, assemble, names_of, table_of
from ..ops import CONSTANTS, COPY
from ..show import formula, latex, latex_name, single
from ..transforms.reading import Condition, Different, derivative

if TYPE_CHECKING:
    from .function import Function


class Formula(NamedTuple):
    """A derivative as a formula: `str` gives a program of the language, and `function` computes it.

    notes     where the formula holds: it leaves out cases that concern single points only, such as x = 0 in x^y
    partials  of a gradient, the names of the output and of the input of each derivative
    """

    function: Function
    notes: tuple[Diagnostic, ...] = ()
    partials: tuple[tuple[str, str], ...] = ()

    def latex(self) -> str:
        """The formula in LaTeX, a line for each output."""
        wlist = self.function.wengert_list
        lines = [latex(wlist, k) for k in range(len(wlist.outputs))]
        heads = [rf"\frac{{\partial {latex_name(f)}}}{{\partial {latex_name(x)}}} = " for f, x in self.partials]
        return "\n".join(map("".join, zip(heads, lines)) if heads else lines)

    def __call__(self, /, *args: Any, **values: Any) -> Any:
        """The value of the formula at a point, given as for any `Function`."""
        return self.function(*args, **values)

    def __str__(self) -> str:
        wlist = self.function.wengert_list
        return single(wlist) if len(wlist.outputs) == 1 else formula(wlist)

    def __repr__(self) -> str:
        return f"<wengert.Formula {shortened(str(self))}>"


def formula_of(f: Function, wrt: Sequence[str], exact: bool) -> Formula:
    """The derivative of every output by each name of `wrt` in turn; see `Function.derivative`."""
    return _formula(f, [(name,) for name in wrt or only_input(f)], exact)


def formulas_of(f: Function, wrt: Sequence[str], exact: bool) -> Formula:
    """The first derivatives of every output in each name of `wrt`; see `Function.derivatives`."""
    names = tuple(wrt) or f.inputs or only_input(f)
    found = _formula(f, [names], exact)
    wlist = found.function.wengert_list
    taken = names_of(wlist) | {*f.inputs, *CONSTANTS}
    made = []
    outputs = [a if isinstance(a, str) and not is_temporary(a) else "f" for a in f.wengert_list.outputs]
    partials = tuple((output, name) for output in outputs for name in names)
    for output, name in partials:
        partial = f"d{output}_d{name}"
        while partial in taken:
            partial += "_"
        taken.add(partial)
        made.append(partial)
    equations = [*wlist.equations, *(Equation(name, COPY, (a,)) for name, a in zip(made, wlist.outputs))]
    named = assemble(wlist.inputs, equations, made, wlist.ops, wlist.provenance, wlist.shapes)
    return Formula(type(f)(Program(named, f.program.source, f.program.defaults), f.options), found.notes, partials)


def _formula(f: Function, steps: Sequence[Sequence[str]], exact: bool) -> Formula:
    f.lists.refuse_arrays()
    if len(steps) > f.limits.order:
        raise exceeded(f.limits, "order", f"a derivative of order {len(steps)}")
    wlist, conditions = derivative(f.lists.reading_as_written, steps, exact=exact, kink=f.kink, limits=f.limits)
    made = type(f)(Program(wlist, f.program.source, f.program.defaults), f.options)
    notes = [] if exact else _undeclared(wlist)
    if conditions:
        help = "--exact, from Python `exact=True`, writes what holds at the other points as well"
        notes.insert(0, Diagnostic("W311", "note", f"written for {phrase(conditions)}", help=help))
    return Formula(made, tuple(notes))


def _undeclared(wlist: WengertList) -> list[Diagnostic]:
    """A note that a formula is longer because the shapes of its arrays are not declared."""
    table = table_of(wlist.ops)
    if not any(table[e.op].of_rules for e in wlist.equations):
        return []
    unknown = [name for name, shape in declared(wlist).items() if shape is None]
    if not unknown:
        return []
    help = f"declare it, `input {unknown[0]}[n]` for a vector: then the formula is written in shorter words"
    return [Diagnostic("W952", "note", f"the shape of {quoted(unknown[0])} is not known", help=help)]


def only_input(f: Function) -> tuple[str, ...]:
    """The program's one input. Raises UsageError if it has no input, or more than one."""
    if not f.inputs:
        raise error(UsageError, "W633", "the program has no inputs to differentiate by", source=f.program.source)
    if len(f.inputs) > 1:
        names = ", ".join(f.inputs[:10]) + " …" * (len(f.inputs) > 10)
        first, second = f.inputs[:2]
        raise error(UsageError, "W633", f"differentiate by which of {names}?",
                    help=f"name one, {first!r}, or several in turn, {first!r}, {second!r}")  # fmt: skip
    return f.inputs


def phrase(conditions: Sequence[Condition], most: int = 4) -> str:
    """The first few short conditions, in words."""
    # Writing an expression takes time in the length of its list, so only conditions that may be shown are written.
    texts = dict.fromkeys(_different(wlist, atoms) for wlist, atoms in conditions[: 2 * most])
    listed = [t for t in texts if len(t) <= 60 and "\n" not in t][:most]
    if len(conditions) > 2 * most or len(listed) < len(texts):
        listed.append("…" if listed else "points that no equality singles out")
    return ", ".join(listed)


def _different(wlist: WengertList, atoms: Different) -> str:
    texts = [single(assemble(wlist.inputs, wlist.equations, (a,), wlist.ops, wlist.provenance)) for a in atoms[:4]]
    if len(atoms) == 1:
        return f"the elements of {texts[0]} all different"
    if len(atoms) == 2:
        return f"{texts[0]} != {texts[1]}"
    return f"{', '.join(texts)}{' …' * (len(atoms) > 4)} all different"
