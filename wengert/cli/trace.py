"""`wengert trace`: both sweeps, step by step."""

from __future__ import annotations

from typing import Any

from ..api.function import Function
from ..api.inside import lists_of
from ..api.views import locals_of
from ..ground.errors import Diagnostic, ShapeError, UnknownName, WengertError
from ..ground.names import normalize
from ..show import trace_json, trace_table
from ..show.stepped_trace import SteppedTrace
from .local import element_of, local_json, local_text
from .programs import ALWAYS, PRINTED, PROGRAM, SHARED, complete, limits_of, program_of
from .screen import Screen, dumps, failed
from .values import value
from .walking import may_step, walk
from .words import Arguments, Command, Option

STEP = "step"  # not an op: the name of an option
COMMAND = Command(
    "trace", "PROGRAM [--NAME VALUE …]",
    "Every step of the sweeps at a point, of the program as written: values going forward, adjoints coming back.",
    (
        Option("sweep", "both|forward|reverse|tangent", "the sweeps to show (default: both, forward and reverse)"),
        Option("format", "text|markdown|latex|html|json", "how to write it (default: text)"),
        Option("output", "NAME", "where the reverse sweep starts (default: the last output)"),
        Option("wrt", "NAME", "the input that the tangent sweep moves (default: the first)"),
        Option("direction", "x1=1,x2=0", "the direction of the tangent sweep, for several inputs"),
        Option("seed", "VALUE", "the first adjoint of the reverse sweep (default: 1, for each element of an array)"),
        Option(STEP, "", "walk through the steps with the arrow keys; without a terminal all are printed"),
        Option("local", "x[0,1]", "each step's local Jacobian besides, or its slice in one element", alone=True),
        *(o for o in PROGRAM if o.takes), *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert trace "(2*x1+x2)^2" --x1 3 --x2 7', "the forward sweep, then the reverse sweep"),
        ("wengert trace samples/baydin.wengert --sweep tangent --wrt x1", "forward mode"),
        ('wengert trace "y = x @ w" --x "[[2,1],[-3,4]]" --w "[1,2]" --local', "arrays, and each local Jacobian"),
        ("wengert trace samples/baydin.wengert --format markdown", "for a page"),
        ("wengert trace samples/baydin.wengert --step", "step by step, by keyboard"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the trace, then the notes."""
    call = program_of(arguments, fuse=False)
    f = call.function
    point = complete(arguments, call)
    sweep = arguments.option("sweep", "both")
    direction, said = directed(arguments, f, "the tangent sweep moves") if sweep == "tangent" else (None, [])
    output = arguments.option("output") or None
    seed = None
    if (text := arguments.option("seed")) or "seed" in arguments.options:
        try:
            seed = value("seed", text.strip(), limits_of(arguments))
        except WengertError as problem:
            raise arguments.located(arguments.places["seed"], problem) from None
    try:
        trace = f.trace(point, output=output and normalize(output), direction=direction, seed=seed)
    except UnknownName as problem:
        raise arguments.located(next((arguments.places[o] for o in ("output", "direction", "wrt")
                                      if o in arguments.places), 0), problem) from None  # fmt: skip
    except ShapeError as problem:
        raise (arguments.located(arguments.places["seed"], problem) if seed is not None else problem) from None
    notes = f.notes(point)
    form = arguments.option("format", "text")
    if arguments.flag(STEP):
        if form != "text" or "local" in arguments.options:
            other = f"--format {form}" if form != "text" else "--local"
            arguments.refuse(arguments.places[STEP], f"`--{STEP}` shows tables of text, without `{other}`")
        if may_step():
            walk(SteppedTrace(trace, sweep, f.program))
            screen.say([*f.program.warnings, *said, *notes])
            return failed(notes)
    text = trace_table(trace, sweep, form, f.program) if form != "json" else ""
    if "local" in arguments.options:
        if lists_of(f).batch_axes(point):
            arguments.refuse(arguments.places["local"], "local Jacobians are of one point, and the values are a batch")
        at = element_of(arguments, trace)
        found = locals_of(trace, at, f.kink)
        if form == "json":
            text = dumps({**trace_json(trace, sweep), "locals": local_json(found, at)}, indent=1)
        else:
            text += "\n\n" + local_text(trace, found, at, form)
    print(text or trace_table(trace, sweep, form, f.program))
    screen.say([*f.program.warnings, *said, *notes])
    return failed(notes)


def directed(arguments: Arguments, f: Function, what: str) -> tuple[dict[str, Any], list[Diagnostic]]:
    """The direction that `--direction` or `--wrt` gives. By default it is along the first input, and a note that begins
    with `what` says so."""
    if "direction" in arguments.options:
        place = arguments.places["direction"]
        direction: dict[str, Any] = {}
        for part in _parts(arguments.option("direction")):
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
    along = ",".join(f"{n}=1" for n in f.inputs[:2])
    note = Diagnostic("W310", "note", f"{what} `{f.inputs[0]}` alone",
                      help=f"choose with --wrt NAME or --direction {along}")  # fmt: skip
    return {f.inputs[0]: 1.0}, [note]


def _parts(text: str) -> list[str]:
    """The parts of a text between commas that are outside all brackets."""
    parts, deep = [""], 0
    for c in text:
        deep += (c in "[(") - (c in "])")
        if c == "," and deep <= 0:
            parts.append("")
        else:
            parts[-1] += c
    return parts
