"""The method `Function.plot`, and `plot` of a program: curves over a range of one input, contours over two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ground.complaints import explained
from ...ground.errors import Diagnostic, UnknownName, UsageError, error, shown, suggestion
from ...ground.limits import exceeded
from ...ground.names import is_temporary, normalize
from ...ground.tuples import NamedTuple
from ...ground.written_files import writable, write_whole
from ...lists.wengert_list import assemble
from ...lists.wrt import chosen, listed
from ...ops.shapes.dimensions import shown as shown_shape
from ...show.charts import Chart, Map, axes_of, chart_format, charts, figure_class, maps, saved, shown_by_notebooks
from ...show.curves import Curves, curves
from ...show.fields import Surface, surface
from ..compile import function_from
from ..kinks.at_kinks import stale_derivatives
from ..lists import timed
from ..making import function_of
from ..texts import as_text
from .ranges import Range, checked_count, is_range, range_of

if TYPE_CHECKING:
    from ..function import Function

File = str | PathLike[str] | None
ORDERS = (0, 1, 2)
# Points of a curve, and along each side of a map; outputs that are drawn side by side.
CURVE, MAP, OUTPUTS = 401, 161, 4
# From this many equations on a batch of this many points takes about as long as one point.
LONG, TOGETHER = 500, 256


class Plotted(NamedTuple):
    """Ranges over which a function is plotted, and the numbers that are found there.

    ranges    the inputs that vary, each with its range
    outputs   names of the outputs, as the picture has them
    found     for each output its curves, or its surface where two inputs vary
    names     for each output the names of its curves
    fixed     the values of all other inputs
    reasons   for each output why it has no value in the first of its gaps; "" without gaps
    """

    ranges: dict[str, Range]
    outputs: tuple[str, ...]
    found: tuple[Curves | Surface, ...]
    names: tuple[tuple[str, ...], ...]
    fixed: dict[str, Any]
    reasons: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[Diagnostic, ...]:
        """Notes on the poles, jumps, kinks, holes and gaps of each output."""
        found = []
        for output, one, why in zip(self.outputs, self.found, self.reasons):
            if isinstance(one, Curves) and (text := _told(one, next(iter(self.ranges)))):
                found.append(Diagnostic("W315", "note", f"in the plot of `{output}`: {text}", help=why))
        return tuple(found)


@explained
def plot(
    f: Function | str | Any, /, *args: Any, wrt: Iterable[str] | str | None = None, output: str | None = None,
    order: int = 2, points: int | None = None, format: str = "", file: File = None, force: bool = False,
    axes: Any = None, **values: Any,
) -> Any:  # fmt: skip
    """The values and derivatives over a range of one input as curves, or over two as contours, drawn by matplotlib.

    It is a method of Functions, and `plot(program, …)` takes all that `compile` does: `plot("x^2*sin(x)", x="-3:3")`.

    An input that varies has a range for its value: a text "-3:3" or "0:2*pi:200", or a tuple (-3, 3) or (-3, 3, 200).
    All others have their values or defaults. Over one range each output has its value, and its first and second
    derivative in the input that varies or in the names of `wrt`, up to `order`. Poles, jumps, kinks and gaps are found
    from exact derivatives and marked, and no line crosses a pole or a gap. Over two ranges each output has contours,
    and arrows along its gradient, in the components of `wrt`; with `order=0` there are none.

    wrt     the names to differentiate by; over two ranges these inputs, or one of them
    output  the output to draw, by default all; several stand side by side
    order   the highest derivative, 0, 1 or 2
    points  how many points are sampled at first, where a range does not tell: by default 401, or 161 along each of two
    format  "png" or "pdf" (bytes) or "svg" (a text), by default as the suffix of `file`
    file    a file to write, as a whole or not at all; one that exists is replaced with `force` alone
    axes    matplotlib's Axes to draw in, or one for each output

    Returns matplotlib's Figure, which a notebook shows; with a `file` or a `format` the picture in that format. Raises
    UsageError without the extra `plot`, without a range or with more than two, for a range that is empty, reversed or
    not finite, for an output or a varying input that is an array, and as `graph` does for files.
    """
    wanted = chart_format(as_text(format, "a format"), None if file is None else fspath(file)) if format or file else ""
    if file is not None:
        writable(file, force)
    f = function_from(f)
    if axes is not None:
        axes_of(axes)
    figure_class()
    figure = drawn(plotted(f, *args, wrt=wrt, output=output, order=order, points=points, **values), f, axes)
    if not wanted:
        return shown_by_notebooks(figure)
    raw = saved(figure, wanted)
    if file is not None:
        write_whole(file, raw, force)
    return raw.decode() if wanted == "svg" else raw


def drawn(made: Plotted, f: Function, axes: Any = None) -> Any:
    """The figure of numbers that are found, with the text of a short program as its title. With `axes` it is drawn
    there, and has none."""
    title = _title(f, made)
    if len(made.ranges) == 2:
        first, second = made.ranges
        pieces = [Map(one, output, arrows) for output, one, (arrows, *_) in zip(made.outputs, made.found, made.names)
                  if isinstance(one, Surface)]  # fmt: skip
        return maps(pieces, (first, second), title, axes)
    parts = []
    for one, names in zip(made.found, made.names):
        if isinstance(one, Curves):
            places = [k for k, name in enumerate(names) if name]
            parts.append(Chart(one, names, tuple(places)))
    return charts(parts, next(iter(made.ranges)), title, axes)


@timed
def plotted(
    f: Function, /, *args: Any, wrt: Iterable[str] | str | None = None, output: str | None = None, order: int = 2,
    points: int | None = None, **values: Any,
) -> Plotted:  # fmt: skip
    """The numbers of a plot, without the picture. `notes` name its poles, jumps, kinks, holes and gaps, and `found` has
    the points of each curve. It takes the arguments of `plot`."""
    if type(order) is not int or order not in ORDERS:
        raise error(UsageError, "W608", f"the derivatives of a plot are up to the order 0, 1 or 2, not {shown(order)}")
    count = None if points is None else checked_count(points)
    ranges, given, values = _split(f, args, values)
    f = f.at(*given, **values)
    point = f.point(given, values)
    for name in ranges:
        if type(point[name]) is not float or f.shapes.get(name):
            raise error(UsageError, "W685", f"`{name}` is an array, and a range is of numbers",
                        help="write the program with an input that is a number, `x` for `[x, 1, 2]`")  # fmt: skip
    if f.lists.batch_axes(point):
        raise error(UsageError, "W685", "an input that does not vary has one value, and this is a batch")
    # A plot shows where values are missing; it does not stop there.
    f = f.with_options(strict=False, kink="mean" if f.kink == "error" else f.kink, dtype="float64")
    outputs = _outputs(f, output)
    names = chosen(f.written_list, listed(wrt)) if wrt is not None else tuple(ranges)
    fixed = {n: v for n, v in point.items() if n not in ranges}
    spans = [(r.start, r.end) for r in ranges.values()]
    found: list[Curves | Surface] = []
    labels: list[tuple[str, ...]] = []
    reasons = []
    for k, name in outputs:
        one = _single(f, k)
        if len(ranges) == 2:
            counts = tuple(r.points or count or MAP for r in ranges.values())
            _fits(f, counts[0] * counts[1])
            arrows = _arrows(name, names, ranges) if order else ""
            across, up = ranges
            made = surface(partial(_field, one, (across, up), fixed), spans[0], spans[1], (counts[0], counts[1]))
            for axis in (axis for axis, n in enumerate(ranges) if n not in names):
                made.slopes[axis] = 0.0
            found.append(made)
            labels.append((arrows,))
            reasons.append("")
            continue
        (varying,) = ranges
        rows = _Rows(one, varying, names, order, fixed)
        counted = ranges[varying].points or count or CURVE
        _fits(f, counted)
        together = TOGETHER if len(one.wengert_list) >= LONG else 1
        made_curves = curves(rows, spans[0], counted, rows.slopes, together)
        found.append(made_curves)
        labels.append(rows.names(name))
        reasons.append(_reason(one, {**fixed}, varying, made_curves.gaps))
    return Plotted(ranges, tuple(name for _, name in outputs), tuple(found), tuple(labels), fixed, tuple(reasons))


def _reason(f: Function, point: dict[str, Any], varying: str, gaps: Sequence[tuple[float, float]]) -> str:
    """The first reason why there is no value in the midst of the first gap; "" if there is no gap."""
    if not gaps:
        return ""
    low, high = gaps[0]
    point[varying] = low + (high - low) / 2
    blamed = f.blame(point)
    return "" if blamed is None else f"at {varying} = {point[varying]:.6g}: {blamed.message}"


def _fits(f: Function, points: int) -> None:
    if points > f.limits.elements:
        raise exceeded(f.limits, "elements", f"a plot of {points:,} points")


def _split(
    f: Function, args: tuple[Any, ...], values: Mapping[str, Any]
) -> tuple[dict[str, Range], tuple[Any, ...], dict[str, Any]]:  # fmt: skip
    """The ranges, and the arguments with the start of each range in its place. Raises UsageError for no range, and for
    more than two."""
    ranges: dict[str, Range] = {}

    def start(name: Any, value: Any) -> Any:
        if not isinstance(name, str) or not is_range(value):
            return value
        ranges[normalize(name)] = found = range_of(name, value, f.limits)
        return found.start

    if len(args) == 1 and isinstance(args[0], Mapping):
        given: tuple[Any, ...] = ({n: start(n, v) for n, v in args[0].items()},)
    else:
        given = tuple(start(n, v) for n, v in zip(f.inputs, args)) + args[len(f.inputs) :]
    values = {n: start(n, v) for n, v in values.items()}
    known = {n: r for n, r in ranges.items() if n in f.inputs}
    if known == ranges and len(ranges) not in (1, 2):
        name = next(iter(f.inputs), "x")
        what = "more than two inputs have ranges" if ranges else "no input has a range"
        help = f"give one or two of them a range: `--{name} -3:3`, in Python `{name}=(-3, 3)`"
        raise error(UsageError, "W685", what, help=help if f.inputs else "the program has no inputs")
    return ranges, given, values


def _outputs(f: Function, output: str | None) -> list[tuple[int, str]]:
    """The outputs to draw: their places and their names in the picture."""
    wlist = f.wengert_list
    if output is not None:
        name = normalize(as_text(output, "an output"))
        if name not in f.outputs and not (name == "f" and len(f.outputs) == 1):
            help = suggestion(name, f.outputs) or f"the outputs are {', '.join(f.outputs[:10])}"
            raise error(UnknownName, "W101", f"no output is called `{name[:60]}`", help=help)
        places = [f.outputs.index(name) if name in f.outputs else 0]
    else:
        places = list(range(len(f.outputs)))
        if len(places) > OUTPUTS:
            what = f"a plot shows at most {OUTPUTS} outputs, and this program has {len(places)}"
            raise error(UsageError, "W685", what,
                        help=f"choose one: `--output {f.outputs[0]}`, in Python `output={f.outputs[0]!r}`")  # fmt: skip
    unnamed = [k for k in places if not isinstance(a := wlist.outputs[k], str) or is_temporary(a)]
    called = {k: "f" if len(unnamed) == 1 else f"f{unnamed.index(k) + 1}" for k in unnamed}
    return [(k, called.get(k, f.outputs[k])) for k in places]


def _single(f: Function, k: int) -> Function:
    """The function of one of the outputs."""
    wlist = f.wengert_list
    if len(wlist.outputs) == 1:
        return f
    return function_of(
        f, assemble(wlist.inputs, wlist.equations, (wlist.outputs[k],), wlist.ops, wlist.provenance, wlist.shapes)
    )


class _Rows:
    """The curves of one output over one input: its value, its derivatives by that input, and those by other names."""

    def __init__(self, f: Function, varying: str, names: tuple[str, ...], order: int, fixed: dict[str, Any]) -> None:
        self.f, self.varying, self.fixed, self.order = f, varying, fixed, order
        self.wrt = names
        self.tied: bool | None = None
        self.others = tuple(n for n in names if n != varying)
        # Beside a kink the slope jumps, so the first derivative is needed even where it is not drawn.
        self.slopes: list[int | None] = [1, 2, None] if order == 2 else [1, None]
        self.slopes += [None] * (len(self.others) * order)

    def __call__(self, x: Any) -> Any:
        point = {**self.fixed, self.varying: x}
        by = (self.varying, *self.others)
        value, gradient = self.f.value_and_grad(point, wrt=by)
        _is_number(value, len(np.shape(x)), self.f)
        second = self._second(point, by) if self.order == 2 else {}
        rows = [value, gradient[self.varying], *([second[self.varying]] if self.order == 2 else [])]
        for name in self.others:
            rows += [gradient[name], second[name] if self.order == 2 else None][: self.order]
        return np.array([np.broadcast_to(np.asarray(row, dtype=float), np.shape(x)) for row in rows])

    def _second(self, point: dict[str, Any], by: tuple[str, ...]) -> Any:
        """The second derivatives, right at kinks too. Arguments that tie all along a range are one and the same
        function there: no kink, but each point would be looked at for one."""
        if self.tied is None:
            hit, _ = stale_derivatives(self.f, self.f.lists.of_one_output(by), point, by, [], 2)
            self.tied = bool(np.mean(hit) > 0.5)
        if not self.tied:
            return self.f.hessian_diagonal(point, wrt=by)
        return {n: 2 * self.f.taylor(point, {n: 1.0}, 2)[2] for n in by}

    def names(self, output: str) -> tuple[str, ...]:
        """The names of the curves in the legend; "" for one that is not drawn."""
        partly = len(self.f.inputs) > 1
        found = [output]
        own = [_partial(output, self.varying, n, partly) for n in range(1, max(self.order, 1) + 1)]
        found += own if self.order and self.varying in self.wrt else [""] * len(own)
        for name in self.others:
            found += [_partial(output, name, n, partly) for n in range(1, self.order + 1)]
        return tuple(found)


def _partial(output: str, name: str, order: int, partly: bool) -> str:
    d = "∂" if partly else "d"
    return f"{d}{output}/{d}{name}" if order == 1 else f"{d}²{output}/{d}{name}²"


def _is_number(value: Any, axes: int, f: Function) -> None:
    if np.ndim(value) > axes:
        shape = shown_shape(np.shape(value)[axes:])
        raise error(UsageError, "W603", f"a plot is of a number, and this output has the shape {shape}",
                    help="take an element or a sum")  # fmt: skip


def _field(f: Function, names: tuple[str, str], fixed: dict[str, Any], x: Any, y: Any) -> Any:
    """The value and the derivatives over two inputs, as `show.fields` asks for them."""
    point = {**fixed, names[0]: x, names[1]: y}
    value, gradient = f.value_and_grad(point, wrt=names)
    _is_number(value, 1, f)
    second = f.hessian_diagonal(point, wrt=names)
    rows = [value, *(gradient[n] for n in names), *(second[n] for n in names)]
    return np.array([np.broadcast_to(np.asarray(row, dtype=float), np.shape(x)) for row in rows])


def _arrows(output: str, names: tuple[str, ...], ranges: Mapping[str, Range]) -> str:
    """The name of the gradient that arrows show."""
    if other := [n for n in names if n not in ranges]:
        raise error(UsageError, "W685", f"over two ranges arrows are derivatives in these inputs, not in `{other[0]}`",
                    help=f"`wrt` takes {' and '.join(ranges)}, or one of them")  # fmt: skip
    return f"∇{output}" if len(names) > 1 else f"∂{output}/∂{names[0]}"


def _title(f: Function, made: Plotted) -> str:
    text = f.program.source.text.strip()
    title = text if 0 < len(text) <= 60 and text.isprintable() else ""
    known = [f"{n} = {v:g}" for n, v in made.fixed.items() if isinstance(v, float)]
    return ",  ".join([*([title] if title else []), *known[:4]])


def _told(found: Curves, name: str) -> str:
    """The marks of the value and its gaps in words."""
    said = []
    for kind in ("pole", "jump", "kink", "hole"):
        places = [f"{m.x:.6g}" for m in found.marks[0] if m.kind == kind]
        if places:
            more = f" and {len(places) - 5:,} more" if len(places) > 5 else ""
            said.append(f"{kind if len(places) == 1 else f'{kind}s'} at {name} = {', '.join(places[:5])}{more}")
    for start, end in found.gaps[:5]:
        said.append(f"no value for {name} from {start:.6g} to {end:.6g}")
    return "; ".join(said)
