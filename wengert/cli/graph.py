"""`wengert graph`: the circuit of a program as a picture, on the screen or in a file."""

from __future__ import annotations

from ..ground.errors import Diagnostic
from ..ground.names import normalize
from ..show import EDGES, FORMATS, SUFFIXES, drawn, edges, format_of
from .drawn_files import checked_file, located_at_file, located_at_names, print_or_write
from .programs import ALWAYS, PROGRAM, SHARED, complete, program_of
from .screen import Screen, failed
from .words import Arguments, Command, Option

COMMAND = Command(
    "graph", "PROGRAM [--NAME VALUE …]",
    "The circuit of a program as written: values going forward, gradients coming back. It is printed as a mermaid\n"
    "flowchart, or written to a file in the format of its suffix. Without values, and without defaults for all\n"
    "inputs, the wires bear names.",
    (
        Option("file", "FILE", f"write a file, also `-o FILE`: {', '.join(SUFFIXES)}", letter="o"),
        Option("format", "|".join(FORMATS), "the format (default: by the suffix of the file, or else mermaid)"),
        Option("force", "", "replace a file that exists"),
        Option("output", "NAME", "where the reverse sweep starts (default: the last output)"),
        Option("wrt", "NAMES", "the names to differentiate by (default: all inputs)"),
        Option("sweep", "both|forward", "the sweeps to show (default: both, forward and reverse)"),
        Option("names", "", "names on the edges, though the values are known"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert graph "(2*x1+x2)^2" --x1 3 --x2 7', "values and gradients on the edges"),
        ('wengert graph "(2*x1+x2)^2" --x1 3 --x2 7 -o circuit.svg', "a picture"),
        ('wengert graph "(2*x1+x2)^2" --format terminal', "the structure alone, in the terminal"),
        ("wengert graph samples/sigmoid_neuron.wengert", "at the values that the program gives its inputs"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print or write the picture, then the notes."""
    file = arguments.option("file") or None
    format = located_at_file(arguments, format_of, arguments.option("format"), file)
    if format == "png" and file is None:
        arguments.refuse(arguments.places["format"], "a PNG goes to a file", "give one with `-o circuit.png`")
    checked_file(arguments)
    call = program_of(arguments, fuse=False)
    f = call.function
    names = arguments.flag("names")
    bare = names or not call.values and any(n not in f.program.defaults for n in f.inputs)
    point = {} if bare else complete(arguments, call)
    output = arguments.option("output") or None
    circuit = located_at_names(
        arguments,
        lambda: f.circuit(
            point, output=output and normalize(output), wrt=arguments.names("wrt"),
            sweep=arguments.option("sweep", "both"), names=bare,
        ),
    )  # fmt: skip
    notes = [] if bare else f.notes(point)
    print_or_write(arguments, file, drawn(circuit, format))
    said = []
    if format == "mermaid" and (count := edges(circuit)) > EDGES:
        help = "show one sweep, `--sweep forward`, or raise `maxEdges` where the page starts mermaid"
        said = [Diagnostic("W313", "note", f"mermaid draws {EDGES} edges unless it is told otherwise: {count:,} here",
                           help=help)]  # fmt: skip
    screen.say([*f.program.warnings, *said, *notes])
    return failed(notes)
