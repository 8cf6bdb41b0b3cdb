"""How Functions, lists, traces, gradients and matrices show themselves in notebooks.

These functions become methods of those classes, and IPython, Jupyter and marimo call them by name. They return None for
a form that an object does not have. The circuit is an image inside the HTML, and no form by itself: nbconvert makes a
PDF of a notebook with SVGs only if Inkscape is installed, even if the SVGs are not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ...ground.errors import WengertError
from ...ground.limits import UNTRUSTED, within
from ...lists.array_text import inline, shape_of
from ...lists.wengert_list import WengertList, program_lines
from ...show import circuit, drawn, latex, trace_table
from ...show.html import image_html, notes_html, program_html, table_html
from ..function import Function
from ..results import Gradient, Matrix
from ..traces import Trace

# Equations of a picture that fits a notebook, and of a formula; the most lines of a program that are shown.
SMALL, FORMULA, LINES = 24, 60, 60
# Rows and columns of a matrix.
_SIDE = 30


def _repr_mimebundle_(
    thing: Any, include: Collection[str] | None = None, exclude: Collection[str] | None = None
) -> dict[str, str]:  # fmt: skip
    """All forms that the thing has, by their MIME types."""
    found = {"text/plain": _plain(thing)}
    for kind, form in _FORMS.items():
        if (include is None or kind in include) and kind not in (exclude or ()) and (text := form(thing)) is not None:
            found[kind] = text
    return {k: v for k, v in found.items() if (include is None or k in include) and k not in (exclude or ())}


def _repr_pretty_(thing: Any, printer: Any, cycle: bool) -> None:
    """Print the thing in a terminal. IPython has printers of its own for tuples, which a trace is too."""
    printer.text(_plain(thing))


def __str__(thing: Any) -> str:
    """The tables of a trace, as a terminal shows them."""
    return _plain(thing)


def _repr_html_(thing: Any) -> str | None:
    """The thing as HTML: a program with its circuit, or tables."""
    return _attempt(_html, thing)


def _repr_latex_(thing: Any) -> str | None:
    """A program as a formula, a trace as tables, between the signs that notebooks ask for."""
    return _attempt(_latex, thing)


_FORMS: dict[str, Callable[[Any], str | None]] = {
    "text/html": _repr_html_, "text/latex": _repr_latex_,
}  # fmt: skip


def _attempt(form: Callable[[Any], str | None], thing: Any) -> str | None:
    """The form, within the limits of the program; None if it cannot be made, so that a notebook shows another."""
    try:
        with within(thing.limits if isinstance(thing, Function) else UNTRUSTED):
            return form(thing)
    except WengertError:
        return None


def _plain(thing: Any) -> str:
    return (_attempt(trace_table, thing) if isinstance(thing, Trace) else None) or repr(thing)


def _html(thing: Any) -> str | None:
    if isinstance(thing, Trace):
        return trace_table(thing, _sweeps(thing), "html")
    if isinstance(thing, Gradient):
        rows: list[tuple[str, ...]] = [(n, inline(v)) for n, v in thing.items()]
        return table_html(("input", "derivative"), _cut(rows), _flush(thing)) + notes_html(thing.notes)
    if isinstance(thing, Matrix):
        names = [*thing.columns[:_SIDE], *(["…"] if len(thing.columns) > _SIDE else [])]
        table = [(row, *(inline(v) for v in values[:_SIDE]), *(["…"] if len(values) > _SIDE else []))
                 for row, values in thing.items()]  # fmt: skip
        left = max((_flush(values) for values in thing), default=1)
        return table_html(("", *names), _cut(table), left and min(left, 1 + len(names))) + notes_html(thing.notes)
    picture = _attempt(_svg, thing)
    return program_html(_text(thing)) + (image_html(picture, "the circuit of the program") if picture else "")


def _sweeps(trace: Trace) -> str:
    return "tangent" if trace.tangents else "both"


def _cut(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return rows if len(rows) <= _SIDE else [*rows[:_SIDE], ("…", *[""] * (len(rows[0]) - 1))]


def _flush(values: Any) -> int:
    """How many columns are flush left: all where one holds an array, as arrays have no point to align at."""
    return 1 + len(values) if any(map(shape_of, values)) else 1


def _text(thing: Any) -> str:
    """A program as it was written, or a list as a program; of a long one the beginning."""
    source = thing.program.source.text.strip() if isinstance(thing, Function) else ""
    lines = source.split("\n") if source else program_lines(_list_of(thing))
    more = [f"… {len(lines) - LINES:,} more lines"] if len(lines) > LINES else []
    return "\n".join([line if len(line) <= 400 else f"{line[:400]}…" for line in lines[:LINES]] + more)


def _list_of(thing: Any) -> WengertList:
    return thing.wengert_list if isinstance(thing, Function) else thing.wlist if isinstance(thing, Trace) else thing


def _latex(thing: Any) -> str | None:
    if isinstance(thing, (Gradient, Matrix)):
        return None
    if isinstance(thing, Trace):
        return trace_table(thing, _sweeps(thing), "latex")
    wlist = _list_of(thing)
    if len(wlist.equations) > FORMULA or len(wlist.outputs) > 8:
        return None
    lines = [latex(wlist, k) for k in range(len(wlist.outputs))]
    return lines and "\n".join(f"$$\n{line}\n$$" for line in lines) or None


def _svg(thing: Any) -> str | None:
    if isinstance(thing, (Gradient, Matrix)):
        return None
    wlist = _list_of(thing)
    if not 0 < len(wlist.equations) <= SMALL:
        return None
    picture = thing.graph(format="svg") if isinstance(thing, Function) else drawn(circuit(thing), "svg")
    return picture if isinstance(picture, str) else None
