"""`wengert list`: the Wengert list of a program, and of its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api.display import WengertList, program_lines, shape_of
from ..api.results import OperationCounts
from ..show import to_json
from .programs import ALWAYS, PROGRAM, SHARED, program_of
from .screen import Screen, dumps, table
from .words import Arguments, Command, Option

COMMAND = Command(
    "list", "PROGRAM",
    "The equations of a program, one op each. Printed as a program, the list can be run again.",
    (
        Option("as", "program|tuples|json", "how to write it (default: program)"),
        Option("gradient", "", "append the equations of the reverse sweep; the outputs are the derivatives"),
        Option("wrt", "NAMES", "the names to differentiate by (default: all inputs)"),
        Option("fuse", "", "put stable ops in the place of naive formulas, with a receipt of each change"),
        Option("simplify", "", "shorten without changing a bit of any value, with receipts"),
        Option("count", "", "count the operations of the value and of the gradient"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert list "(2*x1+x2)^2" --gradient', "value and gradient, equation by equation"),
        ('wengert list "1/(1+exp(-x))" --fuse', "one sigmoid, and why"),
        ("wengert list samples/speelpenning.wengert --count", "a gradient costs a few times as much as the value"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the list, or the number of its operations, then the receipts."""
    f, values = program_of(arguments, fuse=False)
    if arguments.flag("fuse"):
        f = f.fused()
    wrt, shorter = arguments.names("wrt"), arguments.flag("simplify")
    counted = arguments.flag("count")
    given = {n: shape_of(v) for n, v in values.items()}
    made = f
    if counted or arguments.flag("gradient") or wrt is not None:
        made = f.gradient_function(wrt, value=counted, masked=False, shapes=given)
    if shorter:
        made = made.simplified()
    wlist = made.wengert_list
    form = arguments.option("as", "program")
    if counted:
        print(_counted(f.counts(wrt, simplify=shorter)))
    elif form == "json":
        print(_json(wlist))
    elif form == "tuples":
        print("\n".join(["[", *(f"    {tuple(e)!r}," for e in wlist.equations), "]"]))
    else:
        print("\n".join(program_lines(wlist, {**f.program.defaults, **nested(values)})))
    screen.say(f.program.warnings)
    screen.receipts(made.rewritten, f.program.source)
    return 0


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a program holds its defaults: numbers, and arrays as nested tuples."""

    def tuples(value: Any) -> Any:
        return tuple(map(tuples, value)) if isinstance(value, list) else float(value)

    return {n: tuples(v.tolist()) if shape_of(v) else v for n, v in values.items()}


def _json(wlist: WengertList) -> str:
    """The list as a JSON object, with one equation to a line."""
    parts = {
        key: "[\n  " + ",\n  ".join(map(dumps, value)) + "\n ]" if key == "equations" and value else dumps(value)
        for key, value in to_json(wlist).items()
    }
    return "{" + ",\n ".join(f'"{key}": {text}' for key, text in parts.items()) + "}"


def _counted(found: OperationCounts) -> str:
    """A table of the operations of a value, and of the value and its gradient together."""
    rows = [(op, str(found.value.get(op, 0)), str(n)) for op, n in found.both.items()]
    rows.append(("all", str(sum(found.value.values())), str(sum(found.both.values()))))
    text = table(("operations", "value", "value and gradient"), rows)
    return f"{text}\n\nratio {found.ratio:.3g}" if found.value else text
