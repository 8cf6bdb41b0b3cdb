"""`wengert trace`: both sweeps, step by step."""

from __future__ import annotations

from ..emit import trace_table
from ..errors import Diagnostic, UnknownName
from ..function import Function
from ..names import normalize
from .programs import ALWAYS, PROGRAM, SHARED, complete, limits_of, program_of
from .screen import Screen, failed
from .values import value
from .words import Arguments, Command, Option

COMMAND = Command(
    "trace", "PROGRAM [--NAME VALUE …]",
    "Every step of the sweeps at a point, of the program as written: values going forward, adjoints coming back.",
    (
        Option("sweep", "both|forward|reverse|tangent", "what to show (default: both, forward and reverse)"),
        Option("format", "text|markdown|latex|json", "how to write it (default: text)"),
        Option("output", "NAME", "where the reverse sweep starts (default: the last output)"),
        Option("wrt", "NAME", "the input that the tangent sweep moves (default: the first)"),
        Option("direction", "x1=1,x2=0", "the direction of the tangent sweep, for several inputs"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert trace "(2*x1+x2)^2" --x1 3 --x2 7', "the forward sweep, then the reverse sweep"),
        ("wengert trace samples/baydin.wengert --sweep tangent --wrt x1", "forward mode"),
        ("wengert trace samples/baydin.wengert --format markdown", "for a page"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the trace; then the notes."""
    call = program_of(arguments, fuse=False)
    f = call.function
    point = complete(arguments, call)
    sweep = arguments.option("sweep", "both")
    direction, said = direction_of(arguments, f, "the tangent sweep moves") if sweep == "tangent" else (None, [])
    output = arguments.option("output") or None
    try:
        trace = f.trace(point, output=output and normalize(output), direction=direction)
    except UnknownName as problem:
        raise arguments.located(next((arguments.places[o] for o in ("output", "direction", "wrt")
                                      if o in arguments.places), 0), problem) from None  # fmt: skip
    notes = f.notes(point)
    print(trace_table(trace, sweep, arguments.option("format", "text"), f.program))
    screen.say([*f.program.warnings, *said, *notes])
    return failed(notes)


def direction_of(arguments: Arguments, f: Function, what: str) -> tuple[dict[str, float], list[Diagnostic]]:
    """The direction that `--direction` or `--wrt` gives; where it was our choice, a note that begins with `what`."""
    if "direction" in arguments.options:
        place = arguments.places["direction"]
        direction: dict[str, float] = {}
        for part in arguments.option("direction").split(","):
            name, sign, text = (p.strip() for p in part.partition("="))
            if not name or not sign or not text:
                arguments.refuse(place, "a direction lists names with speeds", "for instance `--direction x1=1,x2=0`")
            if (name := normalize(name)) in direction:
                arguments.refuse(place, f"the direction has `{name}` twice", "keep one", "W605")
            direction[name] = value(name, text, limits_of(arguments))
        return direction, []
    if (wrt := arguments.names("wrt")) is not None:
        if len(wrt) > 1:
            arguments.refuse(arguments.places["wrt"], f"{what} one input, or along a direction",
                             f"`--direction {','.join(f'{n}=1' for n in wrt)}` moves all of them at once")  # fmt: skip
        return {wrt[0]: 1.0}, []
    if len(f.inputs) < 2:
        return dict.fromkeys(f.inputs, 1.0), []
    note = Diagnostic("W310", "note", f"{what} `{f.inputs[0]}` alone",
                      help="choose with --wrt NAME or --direction x1=1,x2=0")  # fmt: skip
    return {f.inputs[0]: 1.0}, [note]
