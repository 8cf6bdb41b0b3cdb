"""`wengert plot`: values and derivatives over a range of an input, as a picture in a file."""

from __future__ import annotations

from ..api.showing.ranges import MOST, is_range, range_of
from ..ground.errors import UsageError, WengertError
from ..ground.names import normalize
from ..show.charts import FORMATS, SUFFIXES, chart_format, figure_class, saved
from .drawn_files import checked_file, located_at_file, located_at_names, print_or_write
from .programs import ALWAYS, PROGRAM, SHARED, complete, limits_of, program_of
from .screen import Screen
from .words import Arguments, Command, Option, TypedValue

COMMAND = Command(
    "plot", "PROGRAM --NAME START:END [--NAME VALUE …]",
    "The values of a program over a range of one input, with the first and second derivative; or over the ranges of\n"
    "two inputs, as contours with arrows along the gradient. Kinks, jumps, poles and gaps are marked. A range is\n"
    "START:END or START:END:POINTS, where both ends may be expressions such as -pi/2; all other inputs have values.",
    (
        Option("file", "FILE", f"write a file, also `-o FILE`: {', '.join(SUFFIXES)}", letter="o"),
        Option("format", "|".join(FORMATS), "the format (default: by the suffix of the file)"),
        Option("force", "", "replace a file that exists"),
        Option("output", "NAME", "the output to draw (default: all, side by side)"),
        Option("wrt", "NAMES", "the names to differentiate by (default: the inputs that vary)"),
        Option("order", "0|1|2", "the highest derivative to draw (default: 2)"),
        Option("points", "N", "points to begin with; more are added where the curve bends (default: 401, 161 by 161)"),
        *PROGRAM, *SHARED, *ALWAYS,
    ),
    (
        ('wengert plot "x^2*sin(x)" --x -3:3 -o plot.png', "the value and two derivatives"),
        ('wengert plot "a*tan(x)" --x -pi:pi --a 2 --wrt a,x --order 1 -o plot.svg', "poles, and two derivatives"),
        ('wengert plot "x^2 - y^2" --x -1:1 --y -2:2 -o plot.pdf', "contours and gradients"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Write the picture, then notes on its marks."""
    file = arguments.option("file") or None
    if file is None and arguments.option("format") != "svg":
        arguments.refuse(arguments.places.get("format", len(arguments.argv)), "a plot goes to a file",
                         "give one with `-o plot.png`; `--format svg` alone prints the text of an SVG")  # fmt: skip
    format = located_at_file(arguments, chart_format, arguments.option("format"), file)
    checked_file(arguments)
    ranges, starts = {}, dict(arguments.values)
    for name, (text, place) in arguments.values.items():
        if text is not None and _ranges(text):
            try:
                ranges[name] = found = range_of(name, text.strip(), limits_of(arguments))
            except WengertError as problem:
                raise arguments.located(place, problem) from None
            starts[name] = TypedValue(repr(found.start), place)
    from ..api.showing.plots import drawn  # NumPy comes with it

    # Each range is replaced by its start until the program is known, so that names and values are checked as in all
    # commands.
    call = program_of(arguments._replace(values=starts))
    f = call.function
    complete(arguments, call)
    figure_class()
    values = {**call.values, **{n: tuple(v for v in r if v is not None) for n, r in ranges.items()}}
    output = arguments.option("output") or None
    try:
        made = located_at_names(
            arguments,
            lambda: f.plotted(
                {**f.program.defaults, **values}, wrt=arguments.names("wrt"), output=output and normalize(output),
                order=int(arguments.option("order", "2")), points=_points(arguments),
            ),
        )  # fmt: skip
    except UsageError as problem:
        place = next((p for n, (_, p) in arguments.values.items() if n in ranges), len(arguments.argv))
        raise arguments.located(place, problem) from None
    print_or_write(arguments, file, saved(drawn(made, f), format))
    screen.say([*f.program.warnings, *made.notes])
    return 0


def _ranges(text: str) -> bool:
    """Whether the value of an input is a range and not a file: the name of a column contains a colon too."""
    return is_range(text) and ":" in text and not text.lstrip().startswith("@")


def _points(arguments: Arguments) -> int | None:
    text = arguments.option("points")
    if "points" not in arguments.options:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and 2 <= int(text) <= MOST):
        arguments.refuse(arguments.places["points"], f"the points of a plot are a whole number from 2 to {MOST:,}")
    return int(text)
