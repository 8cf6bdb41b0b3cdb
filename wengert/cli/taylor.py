"""`wengert taylor`: coefficients of a program's Taylor series at a point."""

from __future__ import annotations

from ..wengert_list import spelled
from .programs import ALWAYS, PROGRAM, SHARED, complete, program_of
from .screen import Screen, dumps, number, table
from .trace import direction_of
from .words import Arguments, Command, Option

COMMAND = Command(
    "taylor", "PROGRAM [--NAME VALUE …]",
    "Coefficients of t -> f(point + t*direction) at t = 0, in time quadratic in the order. The k-th is the k-th\n"
    "derivative over k!.",
    (
        Option("order", "K", "the highest power (default: 5)"),
        Option("wrt", "NAME", "the input that moves (default: the first)"),
        Option("direction", "x1=1,x2=0", "the direction, for several inputs"),
        Option("json", "", "answer in JSON"),
        *PROGRAM, *SHARED, *ALWAYS,
    ),
    (
        ('wengert taylor "exp(sin(x))" --x 0 --order 30', "30 coefficients to full accuracy"),
        ('wengert taylor "x^y" --x 2 --y 3 --direction x=1,y=-1', "along a line"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the coefficients, a line an order."""
    call = program_of(arguments)
    f = call.function
    point = complete(arguments, call)
    text = arguments.option("order", "5")
    if not text.isdecimal() or len(text) > 9:
        arguments.refuse(arguments.places["order"], "an order is a whole number", "for instance `--order 10`")
    direction, said = direction_of(arguments, f, "the series moves")
    found = f.taylor(point, direction, int(text))
    rows = [found] if len(f.outputs) == 1 else list(found)
    screen.say([*f.program.warnings, *said])
    if arguments.flag("json"):
        print(dumps({o: [number(c) for c in row] for o, row in zip(f.outputs, rows)}, indent=2))
    else:
        header = ("order", "coefficient") if len(rows) == 1 else ("order", *f.outputs)
        print(table(header, ((str(k), *map(spelled, column)) for k, column in enumerate(zip(*rows)))))
    return 0
