"""The articles on an op, on a diagnostic code and on a program."""

from __future__ import annotations

from math import inf
from typing import Any

from ..api.display import spelled
from ..api.showing.op_pages import OpPage
from ..ground.errors import LimitError, UsageError, WengertError, error
from ..ground.explanations import page
from ..ground.limits import Limits
from ..page.markup import markup
from ..show.grid import escaped
from .curve_svg import INSTALL, drawn_curves

# The width of the range of a plot where a domain does not bound it.
_WIDTH = 4.0
# The points of a curve at first: where it bends more there are more.
_POINTS = 81
# The seconds of a plot, at most: functions that are computed in many digits, point by point, have none.
_SECONDS = 0.5


def of_op(op: OpPage) -> str:
    """The article on an op: its call, its curves, its derivatives, domain, kinks, accuracy, source and an example."""
    row = op.row
    parts = [f'<p class="doc">{escaped(row.doc)}</p>\n']
    if op.latex:
        parts.append(f'<p class="call"><math display="block">{markup(op.latex)}</math></p>\n')
    parts += [f"<figure>{svg}<figcaption>{escaped(text)}</figcaption></figure>\n" for svg, text in _plots(op)]
    parts.append('<table class="facts">\n')
    word = ""
    for left, right in op.facts():
        word = left or word
        cell = f"<code>{escaped(right)}</code>" if _is_code(word) else escaped(right)
        parts.append(f"<tr><th>{escaped(left)}</th><td>{cell}</td></tr>\n")
    parts.append("</table>\n")
    return "".join(parts)


def _is_code(label: str) -> bool:
    return label.startswith(("d/d", "adjoint", "example", "replaces", "LaTeX", "written", "also", "domain", "static"))


def _plots(op: OpPage) -> list[tuple[str, str]]:
    """The curves of an op of numbers over its first parameter, the others as in its example; of several parameters one
    plot each, up to three."""
    if op.row.array is not None or (found := op.example()) is None:
        return []
    f, point = found
    f = f.with_options(limits=Limits(seconds=_SECONDS))
    plots = []
    for k, name in enumerate(f.inputs[:3]):
        # Such a parameter takes whole numbers alone.
        if op.row.partials[min(k, len(op.row.partials) - 1)] is None and len(f.inputs) > 1:
            continue
        low, high = op.ends(k)
        if low > -inf:
            high = min(high, low + _WIDTH)
        elif high < inf:
            low = high - _WIDTH
        else:
            low, high = -_WIDTH, _WIDTH
        fixed = {n: v for n, v in point.items() if n != name}
        try:
            made = f.plotted({**fixed, name: (low, high)}, order=1, points=_POINTS)
        except LimitError:
            break
        except WengertError:
            continue
        given = "".join(f", {n} = {v:g}" for n, v in fixed.items())
        caption = f"The value and its derivative for {name} from {low:g} to {high:g}{given}"
        plots.append((drawn_curves(made.found[0], (low, high), caption), caption))
    return plots


def tried(op: OpPage) -> str:
    """A program that calls the op at the point of its example; empty for one over arrays, which the editor has not."""
    if op.row.array is not None or (found := op.example()) is None:
        return ""
    f, point = found
    given = ", ".join(f"{n} = {spelled(v)}" for n, v in point.items())
    return f"input {given}\n{f.program.source.text}\n" if given else f.program.source.text


def of_code(code: str) -> str:
    """The article on a diagnostic code, from its Markdown."""
    _, _, rest = page(code).partition("\n")
    found: str = _reader().render(rest)
    return found


def of_text(text: str) -> str:
    """The article on a program: its text."""
    return f"<pre>{escaped(text)}</pre>\n"


def _reader() -> Any:
    try:
        from markdown_it import MarkdownIt  # an extra
    except ImportError:
        raise error(
            UsageError, "W683", "the reference needs markdown-it-py, which is not installed", help=INSTALL
        ) from None
    return MarkdownIt("commonmark", {"html": False})
