"""`wengert list`: the Wengert list of a program, and of its gradient."""

from __future__ import annotations

from ..emit.counts import cheap_gradient, counts
from ..emit.serial import to_json
from ..transforms.derivatives import jacobian
from ..transforms.simplify import fuse, simplify
from ..wengert_list import program_lines
from .programs import ALWAYS, PROGRAM, SHARED, program_of
from .screen import Screen, dumps, table
from .words import Arguments, Command, Option

COMMAND = Command(
    "list", "PROGRAM",
    "The equations of a program, one op each. Printed as a program, the list can be run again.",
    (
        Option("as", "program|tuples|json", "how to write it (default: program)"),
        Option("gradient", "", "append the equations of the reverse sweep; the outputs are the derivatives"),
        Option("wrt", "NAMES", "what the gradient is taken by (default: all inputs)"),
        Option("fuse", "", "put stable ops in the place of naive formulas, with a receipt of each change"),
        Option("simplify", "", "shorten without changing a bit of any value, with receipts"),
        Option("count", "", "count the operations of the value and of the gradient"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert list "(2*x1+x2)^2" --gradient', "value and gradient, equation by equation"),
        ('wengert list "1/(1+exp(-x))" --fuse', "one sigmoid, and why"),
        ("wengert list samples/speelpenning.wengert --count", "a gradient costs a few times what the value costs"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the list, or how many operations it takes; then the receipts."""
    f, values = program_of(arguments, fuse=False)
    source = f.program.source
    screen.say(f.program.warnings)
    wlist = f.wengert_list
    wrt = arguments.names("wrt")
    kink, limits = f.kink, f.limits
    receipts = ()
    if arguments.flag("fuse"):
        wlist, receipts = fuse(wlist)
        screen.receipts(receipts, source, None)
    if arguments.flag("count"):
        return _count(wlist)
    if arguments.flag("gradient"):
        wlist = jacobian(expand(wlist, kink=kink, limits=limits), wrt, kink=kink, limits=limits)
    if arguments.flag("simplify"):
        wlist, receipts = simplify(wlist)
        screen.receipts(receipts, source, None)
    return 0
