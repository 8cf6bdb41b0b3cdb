"""`wengert solve`: a root of a system of equations as text."""

from __future__ import annotations

from typing import Any

from ..api.options import Options
from ..api.problems.job_texts import equations_job, equations_of
from ..api.problems.minimizing import ENGINES, MOST_STARTS
from ..api.problems.solving import solve
from ..ground.errors import WengertError
from ..ground.limits import Limits, start
from .assigned import placed
from .job_files import SAVE, checked_save, with_job, write_job
from .minimize import plain, whole
from .pictures_of_jobs import FORCE, PLOT, checked_plot, write_plot
from .programs import ALWAYS, PRINTED, PROGRAM, SHARED, is_path, limits_of, source_of
from .screen import Screen, dumps
from .values import value_of
from .words import Arguments, Command, Option

COMMAND = Command(
    "solve", "EQUATION …|FILE --NAME START …",
    "A root of a system of equations, each a word such as \"x^2 + y^2 = 4\", by SciPy's solvers with exact\n"
    "Jacobians. Every name is an unknown that moves from the value it is given, but for those that `--wrt` leaves\n"
    "out. Exit status 1 where there is no root near.",
    (
        Option("wrt", "NAMES", "the unknowns, if not all names are: x,y"),
        Option("starts", "N", "search from N starts: the one given, and others around it"),
        Option("seed", "N", "the seed of the other starts (default: 0)"),
        PLOT, SAVE, FORCE,
        Option("engine", "|".join(ENGINES), "the library (default: scipy); pounce is an IPOPT, the extra `pounce`"),
        Option("json", "", "answer in JSON"),
        *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert solve "x^2 + y^2 = 4" "exp(x) + y = 1" --x 1 --y -1.7', "two equations"),
        ('wengert solve "M = E - ecc*sin(E)" --E 1 --M 0.8 --ecc 0.3 --wrt E', "Kepler's equation"),
        ('wengert solve "sin(x) = x/5" --x 1 --starts 20', "several roots"),
    ),
    most=None, equations=True,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the report. The exit code is 1 if there is no root."""
    arguments, notes = with_job(arguments)
    screen.say(notes)
    checked_plot(arguments)
    checked_save(arguments)
    texts, point, options = given(arguments)
    try:
        found = solve(
            texts, point, wrt=arguments.names("wrt"), options=options,
            starts=whole(arguments, "starts", 1, 1, MOST_STARTS), seed=whole(arguments, "seed", 0, 0, 2**63),
            engine=arguments.option("engine", ENGINES[0]),
        )  # fmt: skip
    except WengertError as problem:
        raise placed(arguments, problem, ("wrt", "engine"), arguments.spots[0]) from None
    print(dumps(plain(found.as_dict()), indent=2) if arguments.flag("json") else found)
    write_plot(arguments, found)
    write_job(arguments, lambda command: equations_job(command, texts, point))
    screen.say(found.notes)
    return int(not found.ok)


def given(arguments: Arguments) -> tuple[list[str], dict[str, Any], Options]:
    """The equations, the values by name and the options of a command whose words are equations, or files of
    equations."""
    if not arguments.words:
        arguments.refuse(
            len(arguments.argv), "no equation is given", f"for instance `{arguments.command.examples[0][0]}`"
        )
    for path, place in arguments.tables.items():
        arguments.refuse(place, f"the columns of {path} are no values here", f"bind one: `--x @{path}:x`")
    limits: Limits = limits_of(arguments)
    start(limits)
    values = {name: value_of(arguments, name, limits) for name in arguments.values}
    options = Options(
        fuse=not arguments.flag("no-fuse"), kink=arguments.option("kink", "mean"), limits=limits
    )  # fmt: skip
    texts: list[str] = []
    declared: dict[str, Any] = {}
    for word, place in zip(arguments.words, arguments.spots):
        if word == "-" or is_path(word):
            source = source_of(arguments, word, place)
            own = equations_of(source.text, source.name, options)
            texts += own.equations
            declared.update(own.values)
        else:
            texts.append(word)
    return texts, {**declared, **values}, options
