"""`wengert jacobian`: the derivatives of every output in every input."""

from __future__ import annotations

from typing import Any

from ..api.display import shape_of
from ..api.function import Function
from ..api.inside import lists_of
from ..api.results import Matrix
from ..ground.errors import as_json
from . import sparse
from .answers import Side, jacobian_text, joined, output_called, values_json
from .eval import differentiated_names, sides_of
from .programs import ALWAYS, KERNEL, PRINTED, PROGRAM, SHARED, complete, program_of
from .screen import Screen, dumps, failed, receipt_json
from .words import Arguments, Command, Option

COMMAND = Command(
    "jacobian", "PROGRAM [--NAME VALUE …]",
    "The derivatives of all outputs at a point, of every element in every element: a table, and where something is a\n"
    "matrix a table for each output and each input.",
    (
        Option("wrt", "NAMES", "differentiate by these alone, inputs or intermediates: x1,x2"),
        Option("mode", "auto|reverse|forward|mixed", "a sweep for each output, or for each input, or some of both "
               "(default: auto, whichever takes the fewest operations)"),
        Option("sparse", "", "the nonzeros alone: their pattern, how many colours it takes, and the values"),
        Option("full", "", "print all of a large table"),
        Option("json", "", "answer in JSON: a block is nested lists, with the axes of the output, then of the input"),
        KERNEL, *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert jacobian "[x[0]*x[1], sin(x[0])]" --x "[1,2]"', "of a vector in a vector"),
        ('wengert jacobian "f = x*y; g = x + y^2; output f, g" x=3 y=4', "of two numbers in two"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the Jacobian, then the notes."""
    call = program_of(arguments)
    f = call.function
    point = complete(arguments, call)
    names = differentiated_names(arguments, f)
    screen.say(f.program.warnings)
    if arguments.flag("sparse"):
        return sparse.printed(arguments, f.sparse_jacobian(point, wrt=names), output_called(f))
    matrix = f.jacobian(point, wrt=names, mode=arguments.option("mode", "auto"))
    value = f(point)
    values = [value] if len(f.outputs) == 1 else list(value)
    batch = lists_of(f).batch_axes(point)
    called = str if arguments.flag("json") else output_called(f)
    rows = [Side(called(o), shape_of(v)[batch:]) for o, v in zip(f.outputs, values)]
    columns = sides_of(names, values, [dict(row.items()) for row in matrix], batch) if names else []
    return printed(arguments, screen, f, matrix, (rows, columns), batch, "derivative")


def printed(
    arguments: Arguments, screen: Screen, f: Function, matrix: Matrix, sides: tuple[list[Side], list[Side]],
    batch: int, what: str, before: str = "",
) -> int:  # fmt: skip
    """Print blocks of derivatives, as text or as JSON, then the notes. Returns the exit code."""
    receipts = f.receipts if set(matrix.columns) <= set(f.inputs) else ()
    if arguments.flag("json"):
        blocks = {o: values_json(dict(row.items())) for o, row in zip(matrix.rows, matrix)}
        answer: dict[str, Any] = {f"{what}s".replace(" ", "_"): blocks}
        answer["mode"] = matrix.plan.mode if matrix.plan is not None else ""
        answer["shapes"] = {s.name: list(s.shape) for s in (*sides[0], *sides[1])}
        answer["notes"] = [as_json(n) for n in matrix.notes]
        answer["receipts"] = [receipt_json(r, f.program.source) for r in receipts]
        print(dumps(answer, indent=2))
        return failed(matrix.notes)
    if not matrix.columns:
        print("no inputs: nothing to differentiate by")
    else:
        found = [list(row) for row in matrix]
        print(joined(jacobian_text(*sides, found, batch, arguments.flag("full"), what, before)))
        print(f"\nmode: {matrix.plan}")
    screen.say(matrix.notes)
    screen.receipts_of_answer(receipts, f)
    return failed(matrix.notes)
