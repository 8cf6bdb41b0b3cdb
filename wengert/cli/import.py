"""`wengert import`: an optimization model in a file of AMPL, Pyomo or JuMP, as a program of ours."""

from __future__ import annotations

from ..api.problems.nl_files import import_nl
from ..dialects import read
from ..ground.errors import WengertError
from ..ground.limits import start
from .programs import limits_of, source_of
from .readings import READING, answer_reading
from .screen import Screen
from .words import Arguments, Command

COMMAND = Command(
    "import", "MODEL.nl | -",
    "An optimization model in AMPL's .nl, which Pyomo and JuMP write too, as a program. Its inputs are the variables,\n"
    "with their start values; its outputs are the objectives and the constraints. Lines that begin with `#:` hold the\n"
    "bounds, and `wengert minimize` reads them. Names come from MODEL.col and MODEL.row. Notes tell each change.",
    READING,
    (
        ("wengert import model.nl", "print the program"),
        ("wengert import model.nl -o model.wengert", "into a file"),
        ("wengert minimize model.nl", "without the way through a file"),
    ),
    binds=False,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print or write the program, then its receipts."""
    if not arguments.words:
        arguments.refuse(len(arguments.argv), "no model is given", "for instance `wengert import model.nl`")
    limits = limits_of(arguments)
    word, spot = arguments.words[0], arguments.spots[0]
    start(limits)
    try:
        if word == "-":
            source = source_of(arguments, word, spot)
            found = read(source.text, dialect="nl", name=source.name, limits=limits)
        else:
            found = import_nl(word, limits=limits)
    except WengertError as problem:
        raise arguments.located(spot, problem) from None
    return answer_reading(arguments, screen, found)
