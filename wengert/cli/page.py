"""`wengert page`: a program at a point as a page of HTML, on the screen or in a file."""

from __future__ import annotations

from ..ground.errors import UnknownName, UsageError
from ..ground.names import normalize
from ..ground.written_files import writable, write_whole
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
    file = arguments.option("file") or None
    try:
        if file is not None:
            writable(file, arguments.flag("force"))
    except UsageError as problem:
        raise arguments.located(arguments.places.get("file", 0), problem) from None
    call = program_of(arguments, fuse=False)
    f = call.function
    point = complete(arguments, call)
    output = arguments.option("output") or None
    try:
        page = f.page(
            point, output=output and normalize(output), wrt=arguments.names("wrt"), exercise=arguments.flag("exercise")
        )
    except UnknownName as problem:
        place = next((arguments.places[o] for o in ("output", "wrt") if o in arguments.places), 0)
        raise arguments.located(place, problem) from None
    notes = f.notes(point)
    if file is None:
        print(page, end="")
    else:
        write_whole(file, page, arguments.flag("force"))
    screen.say([*f.program.warnings, *notes])
    return failed(notes)
