"""`wengert minimize`: the minimum of a formula, with bounds and constraints as text."""

from __future__ import annotations

import re
from typing import Any

from ..api.function import Function
from ..api.plain_answers import value_json
from ..api.problems.job_texts import program_job
from ..api.problems.minimizing import ENGINES, MOST_STARTS, minimize
from ..ground.errors import Diagnostic, WengertError
from ..ground.limits import Limits
from ..ground.names import normalize
from .assigned import placed
from .job_files import SAVE, checked_save, with_job, write_job
from .pictures_of_jobs import FORCE, PLOT, checked_plot, write_plot
from .programs import ALWAYS, PRINTED, PROGRAM, SHARED, complete, limits_of, program_of
from .screen import Screen, dumps
from .values import value
from .words import Arguments, Command, Option, short

METHODS = "auto|least-squares|trust-exact|trust-ncg|trust-krylov|l-bfgs-b|tnc|slsqp|trust-constr|pounce"
# Options that messages may name, or whose names they may name.
POINTED = ("bounds", "wrt", "method", "engine", "subject-to")
COMMAND = Command(
    "minimize", "PROGRAM | MODEL.nl --NAME START …",
    "The point where a program is least, by SciPy's solvers with exact derivatives, and whether it is a minimum: the\n"
    "gradient, the multipliers of constraints, the curvature. Every input moves from the value that it is given, but\n"
    "for those that `--wrt` leaves out. Exit status 1 where no minimum was found.",
    (
        Option("subject-to", "RELATION", 'a constraint: "x^2 + y^2 <= 2", "x*y = 1", "0 <= x - y <= 1"', repeats=True),
        Option("bounds", "NAME=LOW:HIGH", "bounds of an unknown, either of which may be left out: x=0:", repeats=True),
        Option("wrt", "NAMES", "the unknowns, if not all inputs are: x,y"),
        Option("starts", "N", "search from N starts: the one given, and others between the bounds or around it"),
        Option("seed", "N", "the seed of the other starts (default: 0)"),
        Option("engine", "|".join(ENGINES), "the library (default: scipy); pounce is an IPOPT, the extra `pounce`"),
        Option("method", METHODS, "the solver (default: auto, by structure and size)"),
        PLOT, SAVE, FORCE,
        Option("json", "", "answer in JSON"),
        *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert minimize "100*(y-x^2)^2 + (1-x)^2" --x -1.2 --y 1', "Rosenbrock's function"),
        ('wengert minimize "x + y" --x 1 --y 1 --subject-to "x^2 + y^2 <= 2" --bounds x=0:', "constraints and bounds"),
        ('wengert minimize "(x^2+y-11)^2 + (x+y^2-7)^2" --x 0 --y 0 --starts 20', "all four minima"),
        ("wengert minimize model.nl", "a model of AMPL, Pyomo or JuMP, with its bounds and constraints"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the report. The exit code is 1 if there is no minimum there."""
    arguments, notes = with_job(arguments)
    screen.say(notes)
    checked_plot(arguments)
    checked_save(arguments)
    relations = arguments.options.get("subject-to", [])
    call = program_of(arguments, more=words_of(relations))
    point = complete(arguments, call)
    # The report mentions integers.
    screen.say([w for w in used_warnings(call.function, relations) if w.code != "W919"])
    limits = limits_of(arguments)
    try:
        found = minimize(
            call.function, point, subject_to=relations, bounds=bounds_of(arguments, limits), wrt=arguments.names("wrt"),
            method=arguments.option("method", "auto"), starts=whole(arguments, "starts", 1, 1, MOST_STARTS),
            seed=whole(arguments, "seed", 0, 0, 2**63), engine=arguments.option("engine", ENGINES[0]),
        )  # fmt: skip
    except WengertError as problem:
        raise placed(arguments, problem, POINTED, arguments.spots[0]) from None
    print(dumps(plain(found.as_dict()), indent=2) if arguments.flag("json") else found)
    write_plot(arguments, found)
    f = call.function
    values = {**{n: point[n] for n in f.inputs}, **point}
    write_job(arguments, lambda command: program_job(command, f.program.source.text, values, f.shapes))
    screen.say(found.notes)
    return int(not found.ok)


def words_of(texts: list[str]) -> set[str]:
    """All words in some texts, which may be names."""
    return {normalize(word) for text in texts for word in re.findall(r"[^\W\d]\w*", text)}


def whole(arguments: Arguments, name: str, default: int, least: int, most: int) -> int:
    """The whole number that an option gives."""
    if name not in arguments.options:
        return default
    text = arguments.option(name).replace("_", "")
    if not re.fullmatch(r"\d{1,19}", text, re.ASCII) or not least <= int(text) <= most:
        arguments.refuse(arguments.places[name], f"`--{name}` is a whole number from {least} to {most}, not "
                         f"`{short(arguments.option(name))}`", f"for instance `--{name} {max(least, 10)}`")  # fmt: skip
    return int(text)


def used_warnings(f: Function, relations: list[str]) -> list[Diagnostic]:
    """The warnings of a program, except those about unused steps that a constraint names."""
    stated = re.findall(r"^\s*#:(.*)", f.program.source.text, re.MULTILINE)
    named = words_of([*relations, *stated])
    return [w for w in f.program.warnings if w.code != "W151" or w.span is None or w.source is None
            or normalize(w.source.text[w.span.start : w.span.end]) not in named]  # fmt: skip


def bounds_of(arguments: Arguments, limits: Limits) -> dict[str, tuple[Any, Any]]:
    """The bounds that `--bounds NAME=LOW:HIGH` gives, by name; None for no bound."""
    found: dict[str, tuple[Any, Any]] = {}
    for text in arguments.options.get("bounds", ()):
        name, equals, pair = text.partition("=")
        low, colon, high = pair.partition(":")
        name = normalize(name.strip())
        if not equals or not colon or not name or ":" in high:
            arguments.refuse(arguments.places["bounds"], f"`--bounds` gives NAME=LOW:HIGH, not `{short(text)}`",
                             "for instance `--bounds x=0:1`, or `--bounds x=0:` without an upper bound")  # fmt: skip
        if name in found:
            arguments.refuse(arguments.places["bounds"], f"`{name}` has bounds twice", "keep one of the two")
        try:
            sides = [value(f"a bound of {name}", s, limits) if s.strip() else None for s in (low, high)]
        except WengertError as problem:
            raise arguments.located(arguments.places["bounds"], problem) from None
        found[name] = sides[0], sides[1]
    return found


def plain(thing: Any) -> Any:
    """A report as JSON holds it: arrays as lists, numbers that are not finite as text."""
    if isinstance(thing, dict):
        return {str(k): plain(v) for k, v in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [plain(v) for v in thing]
    if thing is None or isinstance(thing, (str, bool, int)):
        return thing
    return value_json(thing)
