"""`wengert diff`: the derivative as a formula."""

from __future__ import annotations

from ..api.function import Function
from ..ground.errors import UnknownName, UsageError, error
from .programs import ALWAYS, PROGRAM, SHARED, program_of
from .screen import Screen
from .words import Arguments, Command, Option

COMMAND = Command(
    "diff", "PROGRAM [--wrt NAMES]",
    "The derivative of a program, of any order, as a formula of the language.",
    (
        Option("wrt", "NAMES", "by what, in turn: x,x,y is the third derivative, twice by x, once by y"),
        Option("latex", "", "write it in LaTeX"),
        Option("exact", "", "keep what holds at single points only, such as x = 0 in x^y"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert diff "x^y" --wrt x', "y*x^(y - 1)"),
        ('wengert diff "sin(x)*exp(y)" --wrt x,x,y', "a third derivative"),
        ('wengert diff "x^3" | wengert eval - --x 2', "the derivative is a program: 12, and its own derivative"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the derivative, then the notes on points that it leaves out."""
    f = program_of(arguments, fuse=False).function
    f.lists.refuse_arrays()
    screen.say(f.program.warnings)
    wrt = arguments.names("wrt")
    if wrt is None and len(f.inputs) > 1:
        _which(f)
    try:
        found = f.derivative(*(wrt or ()), exact=arguments.flag("exact"))
    except UnknownName as problem:
        raise arguments.located(arguments.places.get("wrt", 0), problem) from None
    print(found.latex() if arguments.flag("latex") else found)
    screen.say(found.notes)
    return 0


def _which(f: Function) -> None:
    names = ", ".join(f.inputs[:10]) + " …" * (len(f.inputs) > 10)
    raise error(UsageError, "W633", f"differentiate by which of {names}?",
                help=f"add --wrt {f.inputs[0]}, or --wrt {f.inputs[0]},{f.inputs[1]} for both in turn")  # fmt: skip
