"""`wengert hessian`: second derivatives at a point."""

from __future__ import annotations

from typing import Any

from ..api.display import shape_of
from ..api.function import Function
from ..ground.errors import WengertError, as_json
from . import sparse
from .answers import Side, inputs_text, joined, values_json
from .eval import wanted
from .jacobian import printed
from .programs import ALWAYS, KERNEL, PRINTED, PROGRAM, SHARED, complete, program_of
from .screen import Screen, dumps, failed, receipt_json
from .words import Arguments, Command, Option

COMMAND = Command(
    "hessian", "PROGRAM [--NAME VALUE …]",
    "The second derivatives of a program at a point, in every pair of inputs, of arrays in every pair of elements.",
    (
        Option("wrt", "NAMES", "differentiate by these alone, inputs or intermediates: x1,x2"),
        Option("mode", "auto|reverse|forward|mixed",
               "how the gradient is differentiated (default: auto, whichever takes the fewest operations)"),
        Option("sparse", "", "the nonzeros alone: their pattern, how many colours it takes, and the values"),
        Option("diagonal", "", "the diagonal alone: the second derivative in each input, without the others"),
        Option("full", "", "print all of a large table"),
        Option("json", "", "answer in JSON: a block is nested lists, with the axes of the one name, then of the other"),
        KERNEL, *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert hessian "100*(x[1]-x[0]^2)^2 + (1-x[0])^2" --x "[1,1]"', "of Rosenbrock's function at its minimum"),
        ('wengert hessian "x^2*y" x=3 y=4 --json', "of numbers, in JSON"),
        ('wengert hessian "sum(x[1:]^2*x[:-1])" --x "[1,2,3]" --diagonal', "one second derivative for each element"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the Hessian, then the notes."""
    call = program_of(arguments)
    f = call.function
    point = complete(arguments, call)
    names = wanted(arguments, f)
    screen.say(f.program.warnings)
    try:
        return _answered(arguments, screen, f, point, names)
    except WengertError as problem:
        raise arguments.located(arguments.spots[0], problem) from None


def _answered(
    arguments: Arguments, screen: Screen, f: Function, point: dict[str, Any], names: tuple[str, ...]
) -> int:  # fmt: skip
    if arguments.flag("diagonal"):
        return _diagonal(arguments, screen, f, point, names)
    if arguments.flag("sparse"):
        return sparse.printed(arguments, f.sparse_hessian(point, wrt=names))
    return matrix_at(arguments, screen, f, point, names)


def matrix_at(
    arguments: Arguments, screen: Screen, f: Function, point: dict[str, Any], names: tuple[str, ...]
) -> int:  # fmt: skip
    """Print the Hessian at a point, then the notes."""
    matrix = f.hessian(point, wrt=names, mode=arguments.option("mode", "auto"))
    batch = f.lists.batch_axes(point)
    at = point if set(names) <= set(point) else {**f.trace(point).values, **point}
    # An input that is the same at all points may lack the batch axes; an intermediate has them.
    ranks = {n: len(shape_of(b)) - batch for n, b in zip(names, (row[n] for n, row in zip(names, matrix)))}
    sides = [Side(n, shape_of(at[n])[len(shape_of(at[n])) - ranks[n] // 2 :]) for n in names]
    return printed(arguments, screen, f, matrix, (sides, sides), batch, "second derivative", "d/d")


def _diagonal(
    arguments: Arguments, screen: Screen, f: Function, point: dict[str, Any], names: tuple[str, ...]
) -> int:  # fmt: skip
    """Print the diagonal, as text or as JSON, then the notes."""
    for other in ("sparse", "mode"):
        if other in arguments.places:
            arguments.refuse(arguments.places[other], f"`--diagonal` and `--{other}` exclude each other", "keep one")
    found = f.hessian_diagonal(point, wrt=names)
    receipts = f.receipts if set(names) <= set(f.inputs) else ()
    if arguments.flag("json"):
        answer: dict[str, Any] = {"second_derivatives": values_json(dict(found.items()))}
        answer["notes"] = [as_json(n) for n in found.notes]
        answer["receipts"] = [receipt_json(r, f.program.source) for r in receipts]
        print(dumps(answer, indent=2))
        return failed(found.notes)
    if not names:
        print("no inputs: nothing to differentiate by")
    else:
        at = point if set(names) <= set(point) else {**f.trace(point).values, **point}
        header = ("input" if set(names) <= set(point) else "name", "value", "second derivative")
        columns = {n: (at[n], found[n]) for n in names}
        print(joined(inputs_text(header, columns, arguments.flag("full"), "d²/d{0}²")))
    screen.say(found.notes)
    screen.receipts_of_answer(receipts, f)
    return failed(found.notes)
