"""`wengert list`: the Wengert list of a program, and of its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lists.array_text import shape_of
from ..lists.wengert_list import WengertList, program_lines
from ..show import counts, to_json
from ..transforms.derivatives import jacobian
from ..transforms.expand import expand
from ..transforms.simplify import Receipt, drop_dead, fuse, simplify
from .generic import without_leftovers
from .programs import ALWAYS, PROGRAM, SHARED, of_numbers, program_of
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
    wlist = f.wengert_list
    receipts: list[Receipt] = []
    if arguments.flag("fuse"):
        wlist, more = fuse(wlist)
        receipts += more
    wrt = arguments.names("wrt")
    wanted = arguments.flag("gradient") or wrt is not None
    counted = arguments.flag("count")
    if wanted or counted:
        of_numbers(f, values)
        wlist = value = expand(wlist, kink=f.kink, limits=f.limits, masked=False)
        wlist = jacobian(value, wrt, value=counted, kink=f.kink, limits=f.limits, masked=False)
        wlist = without_leftovers(wlist, len(value))
    if arguments.flag("simplify"):
        value = simplify(value)[0] if counted else wlist
        wlist, more = simplify(wlist)
        receipts += more
    form = arguments.option("as", "program")
    if counted:
        print(_counted(value, wlist))
    elif form == "json":
        print(_json(wlist))
    elif form == "tuples":
        print("\n".join(["[", *(f"    {tuple(e)!r}," for e in wlist.equations), "]"]))
    else:
        print("\n".join(program_lines(wlist, {**f.program.defaults, **nested(values)})))
    screen.say(f.program.warnings)
    screen.receipts(receipts, f.program.source, None)
    return 0


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the defaults of a program: numbers, and arrays as nested tuples."""

    def tuples(value: Any) -> Any:
        return tuple(map(tuples, value)) if isinstance(value, list) else float(value)

    return {n: tuples(v.tolist()) if shape_of(v) else v for n, v in values.items()}


def _json(wlist: WengertList) -> str:
    """The list as an object, an equation a line."""
    parts = {
        key: "[\n  " + ",\n  ".join(map(dumps, value)) + "\n ]" if key == "equations" and value else dumps(value)
        for key, value in to_json(wlist).items()
    }
    return "{" + ",\n ".join(f'"{key}": {text}' for key, text in parts.items()) + "}"


def _counted(value: WengertList, both: WengertList) -> str:
    """Operations of a value, and of the value and its gradient together."""
    of_value, of_both = (counts(drop_dead(w)[0]) for w in (value, both))
    rows = [(op, str(of_value.get(op, 0)), str(n)) for op, n in of_both.items()]
    less, more = sum(of_value.values()), sum(of_both.values())
    rows.append(("all", str(less), str(more)))
    text = table(("operations", "value", "value and gradient"), rows)
    return f"{text}\n\nratio {more / less:.3g}" if less else text
