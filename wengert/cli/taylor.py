"""`wengert taylor`: coefficients of a program's Taylor series at a point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..api.display import answered, inline, shape_of
from ..api.function import Function
from ..api.inside import lists_of
from ..api.plain_answers import value_json
from ..ground.errors import ShapeError, UnknownName, UsageError, error
from .answers import SHORTENED
from .programs import ALWAYS, PRINTED, PROGRAM, SHARED, complete, program_of
from .screen import Screen, dumps, failed, table
from .trace import directed
from .words import Arguments, Command, Option

COMMAND = Command(
    "taylor", "PROGRAM [--NAME VALUE …]",
    "Coefficients of t -> f(point + t*direction) at t = 0, in time quadratic in the order. The k-th is the k-th\n"
    "derivative over k!, in the shape of the output.",
    (
        Option("order", "K", "the highest power (default: 5)"),
        Option("wrt", "NAME", "the input that moves (default: the first)"),
        Option("direction", "x1=1,x2=0", "the direction, for several inputs and for arrays: x=[1,0]"),
        Option("full", "", "print all of a long array"),
        Option("json", "", "answer in JSON"),
        *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert taylor "exp(sin(x))" --x 0 --order 30', "30 coefficients to full accuracy"),
        ('wengert taylor "x^y" --x 2 --y 3 --direction x=1,y=-1', "along a line"),
        ('wengert taylor "expm(A)" --A "[[0,1],[-1,0]]" --direction "A=[[0,1],[-1,0]]"', "of an array"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the coefficients, one order to a line."""
    call = program_of(arguments)
    f = call.function
    point = complete(arguments, call)
    text = arguments.option("order", "5")
    if not text.isdecimal() or len(text) > 9:
        arguments.refuse(arguments.places["order"], "an order is a whole number", "for instance `--order 10`")
    chosen, said = directed(arguments, f, "the series moves")
    if {"direction", "wrt"}.isdisjoint(arguments.options):
        _is_number(f, point, chosen)
    try:
        found = f.taylor(point, chosen, int(text))
    except (UnknownName, ShapeError) as problem:
        place = next((arguments.places[o] for o in ("direction", "wrt") if o in arguments.places), None)
        raise problem if place is None else arguments.located(place, problem) from None
    rows = [found] if len(f.outputs) == 1 else list(found)
    notes = f.notes(point, wrt=chosen)
    screen.say([*f.program.warnings, *said, *notes])
    if arguments.flag("json"):
        print(dumps({o: [value_json(c) for c in row] for o, row in zip(f.outputs, rows)}, indent=2))
    else:
        print(_text(f.outputs, rows, arguments.flag("full")))
    return failed(notes)


def _is_number(f: Function, point: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise UsageError for an input that is an array: only the user can choose its direction."""
    core = lists_of(f).core_shapes(point)
    for n in names:
        if shape_of(point[n]) if core[n] is None else core[n]:
            raise error(UsageError, "W608", f"a direction is needed, as `{n}` is an array",
                        help=f"`--direction {n}=[…]` has a number for each element; `--wrt {n}` moves all alike"
                        )  # fmt: skip


def _text(outputs: Sequence[str], rows: Sequence[Sequence[Any]], full: bool) -> str:
    """A table with a line for each order and a column for each output."""
    header = ("order", "coefficient") if len(rows) == 1 else ("order", *outputs)
    if not any(shape_of(row[0]) for row in rows):
        return table(header, ((str(k), *map(answered, column)) for k, column in enumerate(zip(*rows))))
    cells = [[inline(c, 1 << 60) if full else inline(c) for c in row] for row in rows]
    text = table(header, ((str(k), *column) for k, column in enumerate(zip(*cells))), left=len(header))
    whole = full or all(inline(c, 1 << 60) == cell for row, kept in zip(rows, cells) for c, cell in zip(row, kept))
    return text if whole else f"{text}\n\n({SHORTENED})"
