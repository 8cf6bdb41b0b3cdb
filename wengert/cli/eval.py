"""`wengert eval`: value and gradient at a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..diagnosis import all_finite
from ..errors import Diagnostic, UnknownName, as_json
from ..function import Function
from ..sweeps import forward_sweep, numbers
from ..transforms.derivatives import chosen
from ..wengert_list import spelled
from .programs import ALWAYS, PROGRAM, SHARED, complete, program_of
from .screen import Screen, dumps, failed, number, receipt_json, table
from .words import Arguments, Command, Option

COMMAND = Command(
    "eval", "PROGRAM [--NAME VALUE …]",
    "The value of a program, and its derivative in each input, at a point.",
    (
        Option("wrt", "NAMES", "differentiate by these alone, inputs or intermediates: x1,x2"),
        Option("mode", "reverse|forward", "one reverse sweep for all inputs (default), or a forward sweep each"),
        Option("no-grad", "", "the value alone"),
        Option("error-bounds", "", "how far rounding may have moved the value and each derivative"),
        Option("json", "", "answer in JSON"),
        *PROGRAM, *SHARED, *ALWAYS,
    ),
    (
        ('wengert eval "(2*x1+x2)^2" --x1 3 --x2 7', "169, and the derivatives 52 and 26"),
        ('wengert eval "sin(x)*y" x=pi/4 y=2 --wrt x', "one derivative"),
        ("wengert eval samples/baydin.wengert --x1 3", "a file, with another value for one input"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print value, gradient and constants; then the notes."""
    call = program_of(arguments)
    f = call.function
    point = complete(arguments, call)
    wrt = arguments.names("wrt")
    if wrt is not None and (twice := [n for n in wrt if wrt.count(n) > 1]):
        arguments.refuse(arguments.places["wrt"], f"`{twice[0]}` is named twice",
                         f"a second derivative is a formula: wengert diff … --wrt {','.join(wrt)}")  # fmt: skip
    wlist = f.written_list
    try:
        names = chosen(wlist, wrt)
    except UnknownName as problem:
        raise arguments.located(arguments.places["wrt"], problem) from None
    screen.say(f.program.warnings)
    if arguments.flag("no-grad"):
        names = ()
        values, rows, notes = _values(f, point)
    else:
        values, rows, notes = _derivatives(f, point, names, arguments.option("mode", "reverse"))
    # A derivative in an intermediate is taken on the list as written: fusing may have done away with it.
    receipts = f.receipts if set(names) <= set(f.inputs) else ()
    source = f.program.source
    bounds = f.error_bounds(point) if arguments.flag("error-bounds") else None
    if arguments.flag("json"):
        answer: dict[str, Any] = {"value": dict(zip(f.outputs, map(number, values))), "inputs": _numbers(point)}
        if not arguments.flag("no-grad"):
            answer["derivatives"] = {o: _numbers(row) for o, row in zip(f.outputs, rows)}
        if len(values) == 1:
            answer = {k: next(iter(v.values())) if k != "inputs" else v for k, v in answer.items()}
        answer["constants"] = _numbers(f.constants)
        answer["notes"] = [as_json(n) for n in notes]
        answer["receipts"] = [receipt_json(r, source) for r in receipts]
        if bounds is not None:
            slopes = _numbers(dict(bounds.gradient.items()))
            answer["error_bounds"] = {"value": number(bounds.value), "derivatives": slopes}
        print(dumps(answer, indent=2))
    else:
        print(_text(f, point, names, values, rows))
        if bounds is not None:
            listed = [("value", f"{bounds.value:.2g}"), *((n, f"{b:.2g}") for n, b in bounds.gradient.items())]
            print("\n" + table(("rounding of", "at most"), listed))
        screen.say(notes)
        screen.receipts(receipts, source)
    return failed(notes)


def _numbers(named: Any) -> dict[str, Any]:
    return {n: number(v) for n, v in named.items()}


Answer = tuple[Sequence[float], Sequence[dict[str, float]], Sequence[Diagnostic]]


def _values(f: Function, point: dict[str, float]) -> Answer:
    value = f(point)
    values = [value] if len(f.outputs) == 1 else list(value)
    if all(map(all_finite, values)):
        return values, [], ()
    blamed = f.blame(point)
    return values, [], (blamed,) if blamed is not None else ()


def _derivatives(f: Function, point: dict[str, float], names: Sequence[str], mode: str) -> Answer:
    if len(f.outputs) == 1:
        value, gradient = f.value_and_grad(point, wrt=names, mode=mode)
        return [value], [dict(gradient.items())], gradient.notes
    matrix = f.jacobian(point, wrt=names)
    rows = [dict(row.items()) for row in matrix]
    if mode == "forward" and set(names) <= set(f.inputs):
        columns = [f.jvp(point, {n: 1.0}) for n in names]
        rows = [{n: column[i] for n, column in zip(names, columns)} for i in range(len(rows))]
    return list(f(point)), rows, matrix.notes


def _text(
    f: Function, point: dict[str, float], names: Sequence[str], values: Sequence[float],
    rows: Sequence[dict[str, float]],
) -> str:  # fmt: skip
    single = len(values) == 1
    parts = [spelled(values[0]) if single else "\n".join(f"{o} = {spelled(v)}" for o, v in zip(f.outputs, values))]
    if names and single:
        at = {**_intermediates(f, point, names), **point}
        listed: list[tuple[str, ...]] = [(n, spelled(at[n]), spelled(rows[0][n])) for n in names]
        parts.append(table(("input" if set(names) <= set(point) else "name", "value", "derivative"), listed))
    elif names:
        listed = [(o, *(spelled(row[n]) for n in names)) for o, row in zip(f.outputs, rows)]
        parts.append(table(("derivative", *(f"d/d{n}" for n in names)), listed))
        parts.append(table(("input", "value"), [(n, spelled(v)) for n, v in point.items()]))
    if f.constants:
        parts.append("constants: " + ", ".join(f"{n} = {spelled(v)}" for n, v in f.constants.items()))
    return "\n\n".join(parts)


def _intermediates(f: Function, point: dict[str, float], names: Sequence[str]) -> dict[str, float]:
    if set(names) <= set(point):
        return {}
    wlist = f.written_list
    return forward_sweep(wlist, point, numbers(wlist.ops))


def answer(f: Function, point: dict[str, float], names: Sequence[str], screen: Screen) -> int:
    """Print, as `wengert eval` does, the value and its derivatives in `names`, if there are any; then the notes."""
    values, rows, notes = _derivatives(f, point, names, "reverse") if names else _values(f, point)
    print(_text(f, point, names, values, rows))
    screen.say(notes)
    screen.receipts(f.receipts if set(names) <= set(f.inputs) else (), f.program.source)
    return failed(notes)
