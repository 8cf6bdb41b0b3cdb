"""Methods of `Function` that show it: its sweeps step by step, its circuit, its code in other languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Literal, overload

from ..ground.complaints import explained
from ..ground.errors import UsageError, error, shown
from ..ground.names import normalize
from ..ground.written_files import writable, write_whole
from ..kernels.arguments import direction_of
from ..kernels.trace import ENTRIES, LocalJacobian, traced
from ..kernels.trace import local_jacobians as locals_of
from ..lists.array_text import element, shape_of
from ..lists.wrt import chosen
from ..ops import CONSTANTS
from ..ops.shapes.dimensions import shown as shown_shape
from ..sweeps.notes import kinked
from .dispatch import at_values
from .lists import timed
from .texts import as_text
from .traces import Trace

if TYPE_CHECKING:
    from ..emit import NlFiles
    from ..show import Circuit
    from .function import Function

File = str | PathLike[str] | None

__all__ = [
    "ENTRIES", "Element", "LocalJacobian", "Trace", "circuit", "element_of", "emit", "graph", "local_jacobians",
    "locals_of", "nl_files", "page", "trace", "trace_table",
]  # fmt: skip


@at_values
def trace(
    f: Function, /, *args: Any, output: str | None = None, direction: Any = None, seed: Any = None, **values: Any
) -> Trace:
    """Both sweeps step by step, over the list as written; with a `direction` the tangent sweep too.

    The reverse sweep starts at `output`, by default the last, with `seed`, by default 1 for each of its elements.
    """
    moving = None if direction is None else direction_of(direction, f.inputs, "direction", f.dtype)
    call = f.lists.of_written.at(f.point(args, values))
    if output is not None:
        chosen(call.wlist, output)
    return traced(call, output=output, direction=moving, kink=f.kink, seed=seed)


@at_values
def circuit(
    f: Function, /, *args: Any, output: str | None = None, wrt: Iterable[str] | str | None = None, sweep: str = "both",
    names: bool = False, **values: Any,
) -> Circuit:  # fmt: skip
    """The circuit of the list as written, as plain data: gates and wires. Arguments are those of `graph`."""
    from ..show import circuit, drawable  # few calls need it

    options: dict[str, Any] = {"wrt": wrt, "sweep": sweep, "limits": f.limits}
    if names or not (args or values or all(n in f.program.defaults for n in f.inputs)):
        return circuit(f.written_list, output=output, kink=f.kink, **options)
    point = f.point(args, values)
    call = f.lists.of_written.at(point)
    drawable(call.wlist, f.limits)
    made = f.trace(point, output=output)
    found = circuit(made, kinked=kinked(call, {**CONSTANTS, **made.values}, chosen(call.wlist, wrt)), **options)
    if f.kink == "error":
        f.notes(point)
    return found


@overload
def graph(f: Function, /, *args: Any, format: Literal["png"], **options: Any) -> bytes: ...
@overload
def graph(
    f: Function, /, *args: Any, format: str = "", file: File = None, force: bool = False, **options: Any
) -> str: ...
@explained
def graph(
    f: Function, /, *args: Any, format: str = "", file: File = None, force: bool = False, **options: Any
) -> str | bytes:
    """The circuit of the list as written, as a picture.

    format  "mermaid" (the default, a flowchart), "svg", "html" (a page that is the SVG), "dot" (for Graphviz), "tikz"
            (a LaTeX document), "terminal" (box-drawing characters) or "png" (bytes; the extra `png`)
    file    a file to write too, by whose suffix the format goes if none is given: .mmd, .svg, .html, .dot, .tex, .txt,
            .png. It is written as a whole or not at all; one that exists is replaced with `force` alone

    At a point, or where every input has a default, wires show values, and gradients that come back. Without values, or
    with `names=True`, they show names. The reverse sweep starts from `output`, by default the last, and goes as far as
    it leads to `wrt`, by default all inputs; with `sweep="forward"` there is none. Raises LimitError for more equations
    than `limits.gates`, UsageError for another format or suffix, a file that exists or cannot be written, and for a PNG
    where the extra is missing.
    """
    from ..show import drawn, format_of  # few calls need it

    chosen_format = format_of(as_text(format, "a format"), None if file is None else fspath(file))
    if file is None:
        return drawn(f.circuit(*args, **options), chosen_format)
    writable(file, force)
    picture = drawn(f.circuit(*args, **options), chosen_format)
    write_whole(file, picture, force)
    return picture


@explained
def page(f: Function, /, *args: Any, file: File = None, force: bool = False, **options: Any) -> str:
    """The program at a point as a page of HTML: its text, its circuit, and both sweeps step by step.

    file      a file to write too, as a whole or not at all; one that exists is replaced with `force` alone
    output    the name at which the reverse sweep starts, by default the last output
    wrt       the inputs to differentiate by, by default all
    exercise  with True the reader fills in values and derivatives, and each answer is judged; nothing in the file gives
              them away in plain text

    The file stands for itself and fetches nothing. Values are passed as in a call; an input with a default may be left
    out. A program over numbers is computed anew in the page when an input is moved. Above `limits.gates` equations the
    page has no circuit, and says so.

    Raises UsageError for a batch of points, for an `exercise` that is not a bool, for a file that exists or cannot be
    written, and LimitError for more than 20,000 equations.
    """
    if file is not None:
        writable(file, force)
    made = _page(f, *args, **options)
    if file is not None:
        write_whole(file, made, force)
    return made


@at_values
def _page(
    f: Function, /, *args: Any, output: str | None = None, wrt: Iterable[str] | str | None = None,
    exercise: bool = False, **values: Any,
) -> str:  # fmt: skip
    from ..page import document, requested  # few calls need it
    from .showing.recorded_rows import recorded_rows  # and this

    if exercise is not True and exercise is not False:
        raise error(UsageError, "W602", f"`exercise` is True or False, not {shown(exercise)}")
    point = f.point(args, values)
    if f.lists.batch_axes(point):
        raise error(UsageError, "W609", "a page is of one point, and the values are a batch")
    call = f.lists.of_written.at(point)
    if output is not None:
        chosen(call.wlist, output)
    found = requested(call, f.program, f.kink, f.limits, wrt, output)
    notes = f.notes(point)
    rows = recorded_rows(call.wlist, found.trace.values)
    return document(found._replace(notes=tuple(notes), exercise=exercise, rows=rows))


@at_values
def trace_table(
    f: Function, /, *args: Any, sweep: str = "both", style: str = "text", output: str | None = None,
    direction: Any = None, seed: Any = None, **values: Any,
) -> str:  # fmt: skip
    """The trace at a point as tables, one for each sweep.

    `sweep` is "both", "forward", "reverse" or "tangent"; `style` is "text", "markdown", "latex", "html" or "json".
    Other arguments are those of `trace`. Raises UsageError for another sweep or style, and for the tangent sweep
    without a direction.
    """
    from ..show import trace_table as table  # few calls need it

    found = trace(f, *args, output=output, direction=direction, seed=seed, **values)
    return table(found, sweep, style, f.program)


@at_values
def local_jacobians(f: Function, /, *args: Any, of: str | None = None, **values: Any) -> list[LocalJacobian]:
    """The local Jacobian of every step in each of its arguments, at one point.

    `of` selects: with an input or an intermediate, only the Jacobians in that name; with an element of an array,
    "x[0,1]", their slices in that element. Raises UsageError for a batch, and for an `of` that does not exist or that
    no step takes.
    """
    point = f.point(args, values)
    if f.lists.batch_axes(point):
        raise error(UsageError, "W609", "local Jacobians are of one point, and the values are a batch")
    found = trace(f, point)
    return locals_of(found, None if of is None else element_of(found, of), f.kink)


Element = tuple[str, tuple[int, ...]]
_ELEMENT = re.compile(r"\s*([^\W\d]\w*)\s*(?:\[\s*(\d{1,9}(?:\s*,\s*\d{1,9})*)\s*\])?\s*")


def element_of(trace: Trace, text: str) -> Element:
    """The name and the index in a text such as "x[0,1]". Raises UsageError where the trace has no such element."""
    found = _ELEMENT.fullmatch(text)
    if found is None:
        raise error(UsageError, "W630", f"{shown(text)} is no name, nor one element of an array",
                    help="for instance `x[0,1]`")  # fmt: skip
    name = normalize(found[1])
    if name not in trace.values:
        raise error(UsageError, "W101", f"nothing here is called `{name}`", help="the names are those in the trace")
    at = tuple(int(word) for word in (found[2] or "").split(",") if word.strip())
    shape = shape_of(trace.values[name])
    if len(at) != len(shape) or any(k >= n for k, n in zip(at, shape)):
        what = f"has the shape {shown_shape(shape)}" if shape else "is a number"
        first = element(name, (0,) * len(shape))
        raise error(UsageError, "W121", f"`{name}` {what}, and has no element `{text.strip()}`",
                    help=f"for instance `{first}`; places count from 0")  # fmt: skip
    if not any(name in e.inputs for e in trace.wlist.equations):
        raise error(UsageError, "W630", f"no step takes `{name}`", help="choose an input, or what a later step takes")
    return name, at


@timed
def emit(
    f: Function, target: str = "python", *, name: str | None = None, grad: bool = True, hessian: bool = False,
    wrt: Iterable[str] | str | None = None, tests: bool = False, points: Sequence[Mapping[str, Any]] = (),
    start: Mapping[str, Any] = {}, subject_to: Any = (), bounds: Mapping[str, Any] = {},
    table: str | None = None, schema: str | None = None, dialect: str | None = None,
    keep: Iterable[str] | str | None = None, values: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """The value and its derivatives as code in another language, as a query, or in a notation.

    target   "python", "numpy", "javascript", "c" or "rust"; "sql"; a notation, "latex" or "json"; or "nl", the problem
             to make the output least, for AMPL's solvers
    name     the name of the function, by default `value_and_grad` and the like
    grad     with the derivatives in all inputs, or in `wrt`: inputs or intermediates
    hessian  with the second derivatives too, of one output
    tests    with test vectors and a main function that checks them
    points   further points for the tests, each with values of all inputs
    start, subject_to, bounds  of a problem in .nl, as `minimize` takes them; there `wrt` names the unknowns, and
             `f.nl_files(…)` gives the files of names besides
    table    of a query: the table whose columns are the inputs, by default `data`. Elements of an array x[3] are the
             columns x_0, x_1 and x_2
    schema   the schema that the table is in
    dialect  "duckdb", the default, "sqlite" or "polars"
    keep     columns of the table that the query gives too; "*" for all, but in SQLite
    values   inputs that are numbers, the same in each row, and no columns of the table

    A query is a SELECT with a row for each row of the table, and columns `f` (or the names of outputs), `df_dx`, … and
    `d2f_dx_dy`. An answer is null where an input is null that the value depends on.

    Raises UsageError for an unknown target, for a program over arrays in a language, for a derivative of an array in a
    notation, for a name that the target cannot have, for an op that the target cannot write, and for an option of
    another target.
    """
    from .. import emit as code  # few calls need it, and it is large

    languages = code.LANGUAGES
    target = as_text(target, "a target")
    given = [f.point((point,), {}) for point in points]
    if target == code.PROBLEM:
        queried = any(part is not None for part in (table, schema, dialect, keep, values))
        if tests or hessian or name is not None or given or queried:
            raise error(UsageError, "W644", "a problem in .nl has no tests, no derivatives, no name and no table")
        return str(nl_files(f, start, subject_to=subject_to, bounds=bounds, wrt=wrt))
    if not all(type(part) in (dict, list, tuple) and not part for part in (start, subject_to, bounds)):
        raise error(UsageError, "W644", f"{target} holds no problem: start, constraints and bounds are for `nl`")
    arrays = any(type(v) is not float for point in given for v in point.values())
    if target in languages and (arrays or f.lists.of_arrays):
        others = " or ".join(t for t in code.NOTATIONS)
        what = f"programs over arrays cannot be emitted to {target} yet"
        raise error(UsageError, "W609", what, help=f"as a list: the target {others}")
    if grad and target != code.QUERY:
        f.lists.refuse_arrays()
    return code.emit(f, target, name=name, grad=grad, hessian=hessian, wrt=wrt, tests=tests, points=given, table=table,
                     schema=schema, dialect=dialect, keep=keep, values=values)  # fmt: skip


@timed
def nl_files(
    f: Function, start: Mapping[str, Any] = {}, *, subject_to: Any = (), bounds: Mapping[str, Any] = {},
    wrt: Iterable[str] | str | None = None,
) -> NlFiles:  # fmt: skip
    """The problem of minimizing the output, for the solvers of AMPL: the text of .nl, and the names of its parts.

        files = f.nl_files({"x": 1.0, "y": 1.0}, subject_to="x + y <= 1", bounds={"x": (0, None)})
        files.text, files.columns, files.rows  # the contents of model.nl, model.col and model.row

    The arguments are those of `minimize`; lines of the program that begin with `#:` count too. Raises UsageError for an
    op that the format cannot express, and where `minimize` does.
    """
    from .problems.nl_writing import nl_of  # few calls need it

    return nl_of(f, start, subject_to=subject_to, bounds=bounds, wrt=wrt)
