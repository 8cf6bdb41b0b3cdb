"""`wengert diff`: the derivative as a formula."""

from __future__ import annotations

from ..emit.formula import formula, single
from ..errors import UsageError, error
from ..function import Function
from ..limits import exceeded
from ..transforms.derivatives import jacobian
from ..transforms.simplify import simplify
from ..wengert_list import WengertList
from .programs import ALWAYS, PROGRAM, SHARED, program_of
from .screen import Screen
from .words import Arguments, Command, Option

COMMAND = Command(
    "diff", "PROGRAM [--wrt NAMES]",
    "The derivative of a program, of any order, as a formula of the language.",
    (
        Option("wrt", "NAMES", "by what, in turn: x,x,y is the third derivative, twice by x, once by y"),
        Option("latex", "", "write it in LaTeX"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert diff "x^y" --wrt x', "y*x^(y - 1)"),
        ('wengert diff "sin(x)*exp(y)" --wrt x,x,y', "a third derivative"),
        ('wengert diff "x^3" | wengert eval - --x 2', "the derivative is a program: 12, and its own derivative"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the derivative."""
    f = program_of(arguments, fuse=False).function
    screen.say(f.program.warnings)
    wlist = derivative(f, _wrt(arguments, f))
    if arguments.flag("latex"):
        # Loaded here alone: most derivatives are asked for as formulas.
        from ..emit.latex import latex

        print(latex(wlist))
    else:
        print(single(wlist) if len(wlist.outputs) == 1 else formula(wlist))
    return 0


def _wrt(arguments: Arguments, f: Function) -> tuple[str, ...]:
    if (wrt := arguments.names("wrt")) is not None:
        return wrt
    if len(f.inputs) == 1:
        return f.inputs
    if not f.inputs:
        raise error(UsageError, "W633", "the program has no inputs to differentiate by", source=f.program.source)
    names = ", ".join(f.inputs[:10]) + " …" * (len(f.inputs) > 10)
    raise error(UsageError, "W633", f"differentiate by which of {names}?",
                help=f"add --wrt {f.inputs[0]}, or --wrt {f.inputs[0]},{f.inputs[1]} for both in turn")  # fmt: skip


def derivative(f: Function, wrt: tuple[str, ...]) -> WengertList:
    """The derivative of every output by the names of `wrt` in turn, simplified."""
    if len(wrt) > f.limits.order:
        raise exceeded(f.limits, "order", f"a derivative of order {len(wrt)}")
    wlist = simplify(f.written_list)[0]
    for name in wrt:
        wlist = simplify(jacobian(wlist, (name,), kink=f.kink, limits=f.limits))[0]
    return wlist
