"""`wengert check`: derivatives compared with oracles that use none of the derivative rules."""

from __future__ import annotations

from ..api.display import answered, shape_of
from ..api.inside import lists_of
from ..api.plain_answers import number
from ..jobs.checking.comparison import Comparison
from .programs import ALWAYS, KERNEL, PRINTED, PROGRAM, SHARED, complete, program_of
from .screen import Screen, dumps, table
from .words import Arguments, Command, Option

COMMAND = Command(
    "check", "PROGRAM [--NAME VALUE …]",
    "Each derivative of the reverse sweep against the tangent sweep, the complex step, one-sided differences with\n"
    "extrapolation, and mpmath where it is installed; over arrays, along random directions, against the tangent sweep\n"
    "and differences. Exit status 1 where one disagrees; a kink is no disagreement.",
    (Option("json", "", "answer in JSON"), KERNEL, *PROGRAM, *PRINTED, *SHARED, *ALWAYS),
    (
        ('wengert check "x^3*sin(x)" --x 2', "four oracles for one derivative"),
        ("wengert check samples/rosenbrock.wengert", "at the defaults of a file"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print one comparison to a line. The exit code is 1 if one disagrees."""
    call = program_of(arguments)
    point = complete(arguments, call)
    screen.say(call.function.program.warnings)
    found = call.function.check(point)
    wrong = [c for c in found if c.ok is False]
    if arguments.flag("json"):
        print(dumps([_json(c) for c in found], indent=2))
    else:
        header = ("input", "oracle", "verdict", "derivative", "finds", "apart", "allowed")
        print(table(header, (_row(c) for c in found), left=3))
        if lists_of(call.function).of_arrays or any(map(shape_of, point.values())):
            print("\neach along a random direction of the input")
        asked = [c for c in found if c.ok is not None]
        print(f"\n{len(asked) - len(wrong)} of {len(asked)} comparisons agree")
    # A derivative may agree with all oracles to the few digits that it has.
    screen.say([n for n in call.function.notes(point) if n.code == "W320"])
    return int(bool(wrong))


def _row(c: Comparison) -> tuple[str, ...]:
    if c.found is None:
        return c.input, c.oracle, f"no answer: {c.note}", answered(c.reverse), "-", "-", "-"
    verdict = ("agrees" if c.ok else "DISAGREES") + (f" ({c.note})" if c.note else "")
    apart = f"{abs(c.found - c.reverse):.1e}" if c.found != c.reverse else "0"
    return c.input, c.oracle, verdict, answered(c.reverse), answered(c.found), apart, f"{c.allowed:.1e}"


def _json(c: Comparison) -> dict[str, object]:
    return {
        "input": c.input, "derivative": number(c.reverse), "oracle": c.oracle,
        "found": None if c.found is None else number(c.found), "allowed": number(c.allowed), "ok": c.ok, "note": c.note,
    }  # fmt: skip
