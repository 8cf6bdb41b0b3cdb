"""`wengert diff`: the derivative as a formula."""

from __future__ import annotations

from ..api.inside import lists_of
from ..ground.errors import UnknownName
from .programs import ALWAYS, PROGRAM, SHARED, program_of
from .screen import Screen
from .words import Arguments, Command, Option

COMMAND = Command(
    "diff", "PROGRAM [--wrt NAMES | --by NAMES]",
    "Derivatives of a program as formulas of the language: the gradient, or a derivative of any order.",
    (
        Option("wrt", "NAMES", "each first derivative, in x and in y: x,y (default: in every input)"),
        Option("by", "NAMES", "one derivative, by these in turn: x,x,y is the third, twice by x, once by y"),
        Option("latex", "", "write it in LaTeX"),
        Option("exact", "", "keep the terms of single points, such as x = 0 in x^y"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert diff "x^y" --wrt x', "y*x^(y - 1)"),
        ('wengert diff "x^2*y"', "the gradient: df_dx = 2*x*y, df_dy = x^2"),
        ('wengert diff "sin(x)*exp(y)" --by x,x,y', "a third derivative"),
        ('wengert diff "x^3" | wengert eval - --x 2', "the derivative is a program: 12, and its own derivative"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the derivative, then the notes on points that it leaves out."""
    f = program_of(arguments, fuse=False).function
    lists_of(f).refuse_arrays()
    screen.say(f.program.warnings)
    wrt, by, exact = arguments.names("wrt"), arguments.names("by"), arguments.flag("exact")
    if wrt is not None and by is not None:
        arguments.refuse(arguments.places["by"], "`--wrt` and `--by` exclude each other", "keep one")
    names = wrt if by is None else by
    try:
        if by is not None or len(names or f.inputs) == 1 == len(f.outputs):
            found = f.derivative(*(names or ()), exact=exact)
        else:
            found = f.derivatives(*(names or ()), exact=exact)
    except UnknownName as problem:
        raise arguments.located(arguments.places.get("wrt" if by is None else "by", 0), problem) from None
    print(found.latex() if arguments.flag("latex") else found)
    screen.say(found.notes)
    return 0
