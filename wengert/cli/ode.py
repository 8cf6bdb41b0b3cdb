"""`wengert ode`: differential equations as text, their solution and its sensitivities."""

from __future__ import annotations

from typing import Any

from ..api.problems.integrating import MOST_POINTS, ode
from ..api.problems.job_texts import equations_job
from ..ground.errors import WengertError
from ..ground.limits import Limits
from ..ground.written_files import writable, write_whole
from .assigned import pointed_at_word
from .job_files import SAVE, checked_save, with_job, write_job
from .minimize import plain, whole
from .pictures_of_jobs import FORCE, PLOT, checked_plot, write_plot
from .programs import ALWAYS, PRINTED, PROGRAM, SHARED, limits_of
from .screen import Screen, dumps
from .solve import given
from .values import constant, value
from .words import Arguments, Command, Option, short

METHODS = "auto|dop853|rk45|rk23|radau|bdf|lsoda"
# Options that messages may name, or whose names they may name.
POINTED = ("sensitivities", "t", "rtol", "atol", "event", "until", "method")
COMMAND = Command(
    "ode", "EQUATION …|FILE --NAME VALUE … --t START:END",
    "The solution of differential equations, each a word such as \"x' = a*x - b*x*y\" in which t is the time, by\n"
    "SciPy's solvers with exact Jacobians, and its derivatives in parameters and in values at the start. Exit status\n"
    "1 where the integration stops before its end.",
    (
        Option("t", "START:END", "the interval of time, or all times that are wanted: [0, 1, 10]"),
        Option("points", "N", "how many times of the interval to give (default: 101)"),
        Option("sensitivities", "NAMES", "differentiate by these: parameters, or states for their values at the start"),
        Option("event", "EXPRESSION", "find its zeros, or where an equation holds: x - y, x = 2", repeats=True),
        Option("until", "EXPRESSION", "the same; the first zero ends the integration", repeats=True),
        Option("method", METHODS, "the solver (default: auto, DOP853, or Radau for a stiff system)"),
        Option("rtol", "NUMBER", "the relative error of a step that is allowed (default: 1e-8)"),
        Option("atol", "NUMBER", "the absolute error of a step that is allowed (default: 1e-12)"),
        Option("output", "FILE", "write the table as CSV, also `-o FILE`", letter="o"),
        PLOT, SAVE, FORCE,
        Option("json", "", "answer in JSON"),
        *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ("wengert ode \"x' = a*x - b*x*y\" \"y' = c*x*y - d*y\" --x 10 --y 5 --a 1.1 --b 0.4 --c 0.1 --d 0.4 --t 0:50",
         "predators and prey"),
        ("wengert ode \"x' = -k*x\" --x 1 --k 2 --t 0:3 --sensitivities k,x -o decay.csv", "with sensitivities"),
        ("wengert ode \"h' = v\" \"v' = -9.81\" --h 10 --v 0 --t 0:10 --until \"h = 0\"", "until an event"),
    ),
    most=None, equations=True,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the report, and write the table. The exit code is 1 if the integration stops before its end."""
    arguments, notes = with_job(arguments)
    screen.say(notes)
    texts, values, options = given(arguments)
    target = arguments.option("output")
    place = arguments.places.get("output", 0)
    try:
        if target:
            writable(target, arguments.flag("force"))
    except WengertError as problem:
        raise arguments.located(place, problem) from None
    checked_plot(arguments)
    checked_save(arguments)
    limits = limits_of(arguments)
    tolerances = {name: _number(arguments, name, limits) for name in ("rtol", "atol") if name in arguments.options}
    try:
        found = ode(
            texts, values, t=_times(arguments, limits), options=options,
            points=whole(arguments, "points", 101, 2, MOST_POINTS), method=arguments.option("method", "auto"),
            sensitivities=arguments.names("sensitivities") or (), events=arguments.options.get("event", []),
            until=arguments.options.get("until", []), **tolerances,
        )  # fmt: skip
    except WengertError as problem:
        raise pointed_at_word(arguments, problem, POINTED, arguments.spots[0]) from None
    if target:
        try:
            write_whole(target, found.csv(), arguments.flag("force"))
        except WengertError as problem:
            raise arguments.located(place, problem) from None
    print(dumps(plain(found.as_dict()), indent=2) if arguments.flag("json") else found)
    write_plot(arguments, found)
    write_job(arguments, lambda command: equations_job(command, texts, values))
    screen.say(found.notes)
    return int(not found.ok)


def _number(arguments: Arguments, name: str, limits: Limits) -> float:
    try:
        return constant(name, arguments.option(name), limits)
    except WengertError as problem:
        raise arguments.located(arguments.places[name], problem) from None


def _times(arguments: Arguments, limits: Limits) -> Any:
    """The interval or the times of `--t`."""
    if "t" not in arguments.options:
        arguments.refuse(len(arguments.argv), "no interval of time is given", "for instance `--t 0:50`")
    text = arguments.option("t")
    place = arguments.places["t"]
    try:
        if text.lstrip().startswith("["):
            return value("t", text, limits)
        first, colon, last = text.partition(":")
        if not colon or not first.strip() or not last.strip() or ":" in last:
            arguments.refuse(place, f"`--t` gives START:END, not `{short(text)}`", "for instance `--t 0:50`")
        return constant("t", first.strip(), limits), constant("t", last.strip(), limits)
    except WengertError as problem:
        raise arguments.located(place, problem) from None
