"""`wengert bench`: the times of all kernels on one formula, beside code by hand."""

from __future__ import annotations

from typing import Any

from ..ground.errors import WengertError
from ..jobs.checking.bench import HAND, Bench, TimedWay
from .answers import value_text, values_json
from .programs import ALWAYS, PROGRAM, SHARED, program_of
from .screen import Screen, dumps, duration, table
from .words import Arguments, Command, Option, short

COMMAND = Command(
    "bench", "PROGRAM [--NAME VALUE …]",
    "The time of the value and the gradient by every kernel that is installed, beside code as a careful person writes\n"
    "it by hand: Python for one point, NumPy for many. The answers are compared first; then all take turns, and the\n"
    "median is printed. Inputs without a value get one. Exit status 1 where answers differ by more than rounding.",
    (
        Option("points", "N", "time a batch of so many points around the given one"),
        Option("json", "", "answer in JSON, with times in seconds"),
        *PROGRAM, *SHARED, *ALWAYS,
    ),
    (
        ('wengert bench "(2*x1+x2)^2" --x1 3 --x2 7', "at one point"),
        ("wengert bench samples/rosenbrock.wengert --points 100000", "at many points"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print one way a line. The exit code is 1 if answers differ."""
    points = _points(arguments)
    call = program_of(arguments)
    screen.say(call.function.program.warnings)
    try:
        found = call.function.bench(call.values, points=points)
    except WengertError as problem:
        raise arguments.located(arguments.places.get("points", arguments.spots[0]), problem) from None
    if arguments.flag("json"):
        print(dumps(_json(found), indent=2))
    else:
        print(_text(found))
    return int(not found.agree)


def _points(arguments: Arguments) -> int | None:
    if "points" not in arguments.options:
        return None
    text = arguments.option("points").replace("_", "")
    try:
        number = float(text) if text.isascii() and len(text) <= 20 else 0.0
        whole = number == int(number)
    except (ValueError, OverflowError):
        whole = False
    if not whole or number < 1:
        arguments.refuse(arguments.places["points"],
                         f"`--points` is a whole number from 1 on, not `{short(arguments.option('points'))}`",
                         "for instance `--points 1000`")  # fmt: skip
    return int(number)


def _text(found: Bench) -> str:
    batch = found.points is not None
    where = f"at {found.points:,} point{'s' * (found.points != 1)} around one" if batch else "at one point"
    if not batch and not all(type(v) is float for v in found.inputs.values()):
        where = "at these arrays"
    lines = [f"{found.subject} of {found.equations:,} equation{'s' * (found.equations != 1)}, {where}:"]
    for n, v in found.inputs.items():
        lines.append(f"  {n} = {value_text(v)}" + "  (chosen here: it was given no value)" * (n in found.taken))
    header = ["", "made in", "a call", *["a point"] * batch, "bind", "× by hand", "answers"]
    hand = found.way(HAND).call
    runs = [way for way in found.ways if way.call is not None]
    lines += ["", table(header, [_row(way, found.points, hand) for way in runs])]
    missing = [f"{way.name}: {way.note}" for way in found.ways if way.call is None]
    if missing:
        lines += ["", *missing]
    return "\n".join(lines)


def _row(way: TimedWay, points: int | None, hand: float | None) -> list[str]:
    assert way.call is not None
    best = way.call if way.bound is None else min(way.call, way.bound)
    row = [way.name, duration(way.made), duration(way.call)]
    if points is not None:
        row.append(duration(best / points))
    return [*row, duration(way.bound), f"{best / hand:.3g}" if hand else "-", _answers(way)]


def _answers(way: TimedWay) -> str:
    if way.apart is None:
        return "-"
    if way.apart.same:
        return "the same"
    return f"{way.apart.ulps:.2g} ulp{'s' * (way.apart.ulps != 1)} apart" if way.apart.ok else "DIFFER"


def _json(found: Bench) -> dict[str, Any]:
    ways = [
        {
            "name": way.name, "made": way.made, "call": way.call, "bound": way.bound,
            "apart": None if way.apart is None else _finite(way.apart.relative),
            "ok": None if way.apart is None else way.apart.ok, "note": way.note,
        }
        for way in found.ways
    ]  # fmt: skip
    return {
        "subject": found.subject, "inputs": values_json(found.inputs), "taken": list(found.taken),
        "points": found.points, "equations": found.equations, "agree": found.agree, "ways": ways,
    }  # fmt: skip


def _finite(a: float) -> float | None:
    return a if a < float("inf") else None
