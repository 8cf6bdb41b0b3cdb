"""`wengert page`: a program at a point as a page of HTML, on the screen or in a file."""

from __future__ import annotations

from ..ground.names import normalize
from .drawn_files import checked_file, located_at_names, print_or_write
from .programs import ALWAYS, PROGRAM, SHARED, complete, program_of
from .screen import Screen, failed
from .words import Arguments, Command, Option

COMMAND = Command(
    "page", "PROGRAM [--NAME VALUE …] -o FILE.html",
    "A page of HTML that shows the program, its circuit and both sweeps, step by step. It is one file, which needs\n"
    "no server and fetches nothing. Inputs can be moved in it: everything is computed anew.",
    (
        Option("file", "FILE", "write a file, also `-o FILE` (default: print the page)", letter="o"),
        Option("force", "", "replace a file that exists"),
        Option("exercise", "", "hide values and derivatives: the reader fills them in, and each answer is judged"),
        Option("output", "NAME", "where the reverse sweep starts (default: the last output)"),
        Option("wrt", "NAMES", "the inputs to differentiate by (default: all)"),
        *(o for o in PROGRAM if o.takes), *SHARED, *ALWAYS,
    ),
    (
        ('wengert page "(2*x1+x2)^2" --x1 3 --x2 7 -o page.html', "both sweeps of a formula"),
        ("wengert page samples/sigmoid_neuron.wengert -o neuron.html", "at the values that the program has"),
        ("wengert page samples/sigmoid_neuron.wengert --exercise -o neuron.html", "with the numbers to be filled in"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print or write the page, then the notes."""
    file = checked_file(arguments)
    call = program_of(arguments, fuse=False)
    f = call.function
    point = complete(arguments, call)
    output = arguments.option("output") or None
    page = located_at_names(
        arguments,
        lambda: f.page(
            point, output=output and normalize(output), wrt=arguments.names("wrt"), exercise=arguments.flag("exercise")
        ),
    )
    notes = f.notes(point)
    print_or_write(arguments, file, page)
    screen.say([*f.program.warnings, *notes])
    return failed(notes)
