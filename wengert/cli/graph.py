"""`wengert graph`: the circuit of a program as a picture."""

from __future__ import annotations

from ..ground.errors import Diagnostic, UnknownName
from ..ground.names import normalize
from ..show import EDGES, edges, mermaid
from .programs import ALWAYS, PROGRAM, SHARED, complete, program_of
from .screen import Screen, failed
from .words import Arguments, Command, Option

COMMAND = Command(
    "graph", "PROGRAM [--NAME VALUE …]",
    "The circuit of a program as written, as a mermaid flowchart: values going forward, gradients coming back.\n"
    "Without values, and without defaults for all inputs, the edges bear names.",
    (
        Option("output", "NAME", "where the reverse sweep starts (default: the last output)"),
        Option("wrt", "NAMES", "the names to differentiate by (default: all inputs)"),
        Option("sweep", "both|forward", "the sweeps to show (default: both, forward and reverse)"),
        Option("names", "", "names on the edges, though the values are known"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert graph "(2*x1+x2)^2" --x1 3 --x2 7', "values and gradients on the edges"),
        ('wengert graph "(2*x1+x2)^2"', "the structure alone"),
        ("wengert graph samples/sigmoid_neuron.wengert", "at the values that the program gives its inputs"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the flowchart, then the notes."""
    call = program_of(arguments, fuse=False)
    f = call.function
    names = arguments.flag("names")
    bare = names or not call.values and any(n not in f.program.defaults for n in f.inputs)
    point = {} if bare else complete(arguments, call)
    output = arguments.option("output") or None
    try:
        circuit = f.circuit(
            point, output=output and normalize(output), wrt=arguments.names("wrt"),
            sweep=arguments.option("sweep", "both"), names=bare,
        )  # fmt: skip
    except UnknownName as problem:
        place = next((arguments.places[o] for o in ("output", "wrt") if o in arguments.places), 0)
        raise arguments.located(place, problem) from None
    notes = [] if bare else f.notes(point)
    print(mermaid(circuit))
    said = []
    if (count := edges(circuit)) > EDGES:
        help = "show one sweep, `--sweep forward`, or raise `maxEdges` where the page starts mermaid"
        said = [Diagnostic("W313", "note", f"mermaid draws {EDGES} edges unless it is told otherwise: {count:,} here",
                           help=help)]  # fmt: skip
    screen.say([*f.program.warnings, *said, *notes])
    return failed(notes)
