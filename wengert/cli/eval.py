"""`wengert eval`: value and gradient at a point."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from ..api.display import DIGITS, all_finite, answered, digits_asked, printing, shape_of, shown, width_of
from ..api.function import Function
from ..api.inside import lists_of
from ..api.plain_answers import value_json
from ..ground.errors import Diagnostic, UnknownName, as_json
from ..ground.names import repeated
from ..ground.tuples import NamedTuple
from .answers import Printed, Side, inputs_text, jacobian_text, joined, output_called, values_json, values_text
from .programs import ALWAYS, KERNEL, PRINTED, PROGRAM, SHARED, complete, program_of
from .screen import Screen, dumps, duration, failed, receipt_json, table
from .words import Arguments, Command, Option

if TYPE_CHECKING:
    from ..jobs.checking.costs import Costs

COMMAND = Command(
    "eval", "PROGRAM [--NAME VALUE …]",
    "The value of a program, and its derivative in each input, at a point.",
    (
        Option("wrt", "NAMES", "differentiate by these alone, inputs or intermediates: x1,x2"),
        Option("mode", "reverse|forward", "one reverse sweep for all inputs (default), or a forward sweep each"),
        Option("no-grad", "", "the value alone"),
        Option("jacobian", "", "the derivatives of every element of an output that is an array"),
        Option("error-bounds", "", "how far rounding may have moved the value and each derivative"),
        Option("full", "", "print all of a long array"),
        Option("explain", "", "the kernel that answered, its cost, and the reason for the choice"),
        Option("json", "", "answer in JSON"),
        KERNEL, *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert eval "(2*x1+x2)^2" --x1 3 --x2 7', "169, and the derivatives 52 and 26"),
        ('wengert eval "sin(x)*y" x=pi/4 y=2 --wrt x', "one derivative"),
        ('wengert eval "x @ w" --x "[[2,1,-3],[-3,4,2]]" --w "[1,0,-1]" --jacobian', "arrays"),
        ("wengert eval samples/baydin.wengert --x1 3", "a file, with another value for one input"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the value, the gradient and the constants, then the notes."""
    call = program_of(arguments)
    f = call.function
    point = complete(arguments, call)
    names = differentiated_names(arguments, f)
    screen.say(f.program.warnings)
    bare, whole, full = (arguments.flag(name) for name in ("no-grad", "jacobian", "full"))
    if bare and whole:
        arguments.refuse(arguments.places["jacobian"], "`--no-grad` and `--jacobian` exclude each other", "keep one")
    found = _answered(f, point, () if bare else names, arguments.option("mode", "reverse"), whole)
    # A derivative in an intermediate is taken on the list as written: fusing may have removed it.
    receipts = f.receipts if set(found.names) <= set(f.inputs) else ()
    source = f.program.source
    ran = f.kernel
    bounds = f.error_bounds(point) if arguments.flag("error-bounds") else None
    names = () if bare else names
    costs = f.costs(point, wrt=names, grad=bool(found.rows)) if arguments.flag("explain") else None
    if arguments.flag("json"):
        answer: dict[str, Any] = {"value": values_json(dict(zip(f.outputs, found.values)))}
        answer["inputs"] = values_json(point)
        if found.rows or not bare and not found.without:
            answer["derivatives"] = {o: values_json(row) for o, row in zip(f.outputs, found.rows)}
        if len(found.values) == 1:
            answer = {k: next(iter(v.values()), {}) if k != "inputs" else v for k, v in answer.items()}
        answer["constants"] = values_json(f.constants)
        answer["notes"] = [as_json(n) for n in found.notes]
        answer["receipts"] = [receipt_json(r, source) for r in receipts]
        if bounds is not None:
            slopes = values_json(dict(bounds.gradient.items()))
            answer["error_bounds"] = {"value": value_json(bounds.value), "derivatives": slopes}
        if costs is not None:
            answer["explain"] = {**costs._asdict(), "ran": ran}
        print(dumps(answer, indent=2))
    else:
        print(_text(f, point, found, full))
        if bounds is not None:
            listed = [("value", f"{bounds.value:.2g}"), *((n, f"{b:.2g}") for n, b in bounds.gradient.items())]
            print("\n" + table(("rounding of", "at most"), listed))
        if costs is not None:
            print("\n" + _explained(ran, costs))
        screen.say(found.notes)
        screen.receipts_of_answer(receipts, f)
    return failed(found.notes)


def _explained(ran: str, costs: Costs) -> str:
    """The cost of a call, and the time that a kernel would save."""
    lines = [f"kernel: {ran}", f"a first call takes {duration(costs.first)}"]
    if costs.sweeps is not None:
        lines.append(f"sweeps take {duration(costs.sweeps)} a call")
    if costs.kernel:
        made = f"the kernel `{costs.kernel}` takes {duration(costs.made)} to make and {duration(costs.call)} a call"
        pays = "no faster than sweeps" if costs.pays == inf else f"it pays from {costs.pays:,} calls on"
        lines.append(made + (f": {pays}" if costs.sweeps is not None else ""))
    return "\n".join(lines)


def differentiated_names(arguments: Arguments, f: Function) -> tuple[str, ...]:
    """The names of `--wrt`, by default all inputs. Raises WengertError for a name that is there twice or does not
    exist."""
    wrt = arguments.names("wrt")
    if wrt is not None and (twice := repeated(wrt)):
        arguments.refuse(arguments.places["wrt"], f"`{twice}` is named twice",
                         f"a second derivative is a formula: wengert diff … --by {','.join(wrt)}")  # fmt: skip
    try:
        return lists_of(f).names(wrt)
    except UnknownName as problem:
        raise arguments.located(arguments.places["wrt"], problem) from None


class EvaluatedPoint(NamedTuple):
    """Answers at a point.

    values    values of the outputs
    names     the names that derivatives were taken by
    rows      derivatives of each output in `names`, if they were asked for and exist
    batch     the number of batch axes
    jacobian  whether a row holds blocks
    without   the shape of the output that has no gradient
    """

    values: Sequence[Any]
    names: Sequence[str]
    rows: Sequence[dict[str, Any]]
    notes: Sequence[Diagnostic]
    batch: int = 0
    jacobian: bool = False
    without: tuple[int, ...] = ()


def _answered(
    f: Function, point: dict[str, Any], names: Sequence[str], mode: str, whole: bool = False
) -> EvaluatedPoint:
    batch = lists_of(f).batch_axes(point)
    value = f(point)
    values = [value] if len(f.outputs) == 1 else list(value)
    core = [shape_of(v)[batch:] for v in values]
    if not names or any(core) and not whole:
        if all(map(all_finite, values)):
            notes: Sequence[Diagnostic] = () if any(map(shape_of, values)) else f.notes(point, wrt=())
        else:
            notes = (blamed,) if (blamed := f.blame(point)) is not None else ()
        without = next(filter(None, core), ())
        if names and without:
            notes = [*notes, _no_gradient(without)]
        return EvaluatedPoint(values, (), [], notes, batch, False, without)
    if len(values) == 1 and not whole:
        value, gradient = f.value_and_grad(point, wrt=names, mode=mode)
        return EvaluatedPoint([value], names, [dict(gradient.items())], gradient.notes, batch)
    matrix = f.jacobian(point, wrt=names, mode=mode)
    return EvaluatedPoint(values, names, [dict(row.items()) for row in matrix], matrix.notes, batch, True)


def _no_gradient(shape: tuple[int, ...]) -> Diagnostic:
    message = f"the value is an array of the shape {shown(shape)}: it has a Jacobian, and no gradient"
    help = "--jacobian prints it; a gradient is of a number, such as the `sum` of the elements"
    return Diagnostic("W312", "note", message, help=help)


def _text(f: Function, point: dict[str, Any], found: EvaluatedPoint, full: bool) -> str:
    parts = _parts(f, point, found, full)
    if digits_asked() is None and not all(p.whole for p in parts):
        # If some numbers have few digits, all have, so that one answer does not mix them.
        with printing(DIGITS, width_of(0)):
            return joined(_parts(f, point, found, full))
    return joined(parts)


def _parts(f: Function, point: dict[str, Any], found: EvaluatedPoint, full: bool) -> list[Printed]:
    values, rows, names = found.values, found.rows, found.names
    parts = [values_text(f.outputs, values, full)]
    inputs = {n: (v,) for n, v in point.items()}
    if names and not found.jacobian:
        at = point if set(names) <= set(point) else {**f.trace(point).values, **point}
        header = ("input" if set(names) <= set(point) else "name", "value", "derivative")
        parts += inputs_text(header, {n: (at[n], rows[0][n]) for n in names}, full)
    elif names:
        called = output_called(f)
        sides = [Side(called(o), shape_of(v)[found.batch :]) for o, v in zip(f.outputs, values)]
        parts += jacobian_text(sides, sides_of(names, values, rows, found.batch),
                               [list(row.values()) for row in rows], found.batch, full)  # fmt: skip
        parts += inputs_text(("input", "value"), inputs, full)
    elif found.without and inputs:
        parts += inputs_text(("input", "value"), inputs, full)
    if f.constants:
        told = ", ".join(f"{n} = {answered(v)}" for n, v in f.constants.items())
        parts.append(Printed(f"constants: {told}"))
    return parts


def sides_of(
    names: Sequence[str], values: Sequence[Any], rows: Sequence[dict[str, Any]], batch: int
) -> list[Side]:  # fmt: skip
    """The columns of a Jacobian, with the shapes that the blocks of its first row have."""
    own = len(shape_of(values[0])) if values else batch
    return [Side(n, shape_of(rows[0][n])[own:]) for n in names]


def answer(f: Function, point: dict[str, Any], names: Sequence[str], screen: Screen) -> int:
    """Print the value and its derivatives in `names`, if there are any, as `wengert eval` does; then the notes."""
    found = _answered(f, point, names, "reverse", len(f.outputs) > 1)
    print(_text(f, point, found, False))
    screen.say(found.notes)
    screen.receipts_of_answer(f.receipts if set(found.names) <= set(f.inputs) else (), f)
    return failed(found.notes)
