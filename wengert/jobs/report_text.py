"""Reports of jobs as text and as HTML: headings, lines and tables, in both from one description."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, isfinite, log10

from ..ground.tuples import NamedTuple
from ..lists.array_text import digits_asked
from ..lists.wengert_list import spelled

# Sizes of numbers within which powers of ten do not overflow.
TINY, HUGE = 1e-290, 1e290


class Section(NamedTuple):
    """A part of a report: a line of text, or under it a table whose first column is flush left."""

    line: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def as_text(parts: Iterable[Section]) -> str:
    """A report for a terminal, with an empty line between its parts."""
    return "\n\n".join("\n".join(filter(None, (p.line, _aligned(p)))) for p in parts)


def as_html(parts: Iterable[Section]) -> str:
    """A report for a notebook: paragraphs and tables."""
    from html import escape  # only a notebook asks for it

    found = []
    for p in parts:
        if p.line:
            found.append("<p>" + "<br>".join(map(escape, p.line.split("\n"))) + "</p>")
        if p.header:
            head = "".join(f"<th>{escape(h)}</th>" for h in p.header)
            body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in p.rows)
            found.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    return "<div>" + "".join(found) + "</div>"


def _aligned(part: Section) -> str:
    if not part.header:
        return ""
    lines: list[Sequence[str]] = [part.header, *part.rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(c.rjust(w) if k else c.ljust(w) for k, (c, w) in enumerate(zip(line, widths))).rstrip()
        for line in lines
    )


def few(x: float, digits: int = 3) -> str:
    """A number rounded to a few significant digits, or to those that were asked for."""
    if not isfinite(x):
        return spelled(x)
    return spelled(float(f"{x:.{digits_asked() or digits}g}") + 0.0)


def few_texts(texts: Sequence[str], most: int = 6) -> str:
    """The first few texts in a row, and the number of omitted ones."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def placed(x: float, uncertainty: float, digits: int = 3) -> str:
    """A number rounded to the place of the last of a few digits of its uncertainty."""
    if not (isfinite(x) and isfinite(uncertainty)) or not uncertainty > TINY or abs(x) > HUGE:
        return few(x, 10)
    return spelled(round(x, digits - 1 - floor(log10(uncertainty))) + 0.0)


def interval_text(low: float, high: float, uncertainty: float) -> str:
    """The ends of an interval, both to the same decimal place, that of the third digit of an uncertainty."""
    ends = (low, high)
    if all(map(isfinite, ends)) and isfinite(uncertainty) and uncertainty > TINY:
        decimals = 2 - floor(log10(uncertainty))
        if decimals > 0 and 1e-4 <= max(map(abs, ends)) < 1e10:
            return f"{low:.{decimals}f} … {high:.{decimals}f}"
    return " … ".join(placed(end, uncertainty) for end in ends)


def with_uncertainty(value: float, uncertainty: float) -> str:
    """A value and its uncertainty in two digits, both to the same decimal place: `49.02 ± 0.53` (GUM 7.2.6)."""
    if not (isfinite(value) and isfinite(uncertainty)) or not TINY < uncertainty < HUGE or abs(value) > HUGE:
        return f"{few(value, 10)} ± {few(uncertainty)}"
    digits = digits_asked() or 2
    # Rounding first: 0.0996 has its second digit in the place of 0.10.
    last = floor(log10(float(f"{uncertainty:.{digits - 1}e}"))) - digits + 1
    top = max(floor(log10(abs(value))) if value else last, last + digits - 1)
    if top < -4 or top > 9 or last > 0 and top > 6:
        shift = top
        scale = f"e{shift:+03d}"
        places = max(shift - last, 0)
        return f"({value / 10.0**shift:.{places}f} ± {uncertainty / 10.0**shift:.{places}f}){scale}"
    if last > 0:
        return f"{round(value, -last):.0f} ± {round(uncertainty, -last):.0f}"
    return f"{value:.{-last}f} ± {uncertainty:.{-last}f}"
