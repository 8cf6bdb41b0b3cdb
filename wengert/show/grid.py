"""Tables of strings, set as text, as Markdown and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..ground.sweep_colours import in_colour
from ..ground.tuples import NamedTuple

# The number of rows that a long table shows at each end; those between are only counted.
ENDS = 50


class Column(NamedTuple):
    """A column.

    title  the text above it
    kind   the kind of its cells: "code", "words", "mark" (=, ×), or "number" (points aligned)
    spare  where the table is too wide, the columns of the highest number are left out first; those of 0 stay
    sweep  the sweep whose colour the cells have on a terminal: "value", "back", "tangent", or "" for none
    """

    title: str
    kind: str = "code"
    spare: int = 0
    sweep: str = ""


class Grid(NamedTuple):
    """A table. A row with a single cell spans all columns, and says how many rows are left out."""

    heading: str
    columns: tuple[Column, ...]
    rows: list[tuple[str, ...]]


def shown_rows(n: int, row: Callable[[int], tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows of a table of n steps; of a long table the first and the last."""
    if n <= 2 * ENDS:
        return [row(k) for k in range(n)]
    first, last = ([row(k) for k in some] for some in (range(ENDS), range(n - ENDS, n)))
    return [*first, (f"… {n - 2 * ENDS:,} more",), *last]


def narrowed(grid: Grid) -> Grid:
    """A table without the columns that are empty."""
    rows = [row for row in grid.rows if len(row) > 1]
    kept = [c for c in range(len(grid.columns)) if any(row[c] for row in rows)]
    return Grid(
        grid.heading,
        tuple(grid.columns[c] for c in kept),
        [tuple(row[c] for c in kept) if len(row) > 1 else row for row in grid.rows],
    )


def fitting(grid: Grid, setting: Callable[[Grid], str], width: int) -> str:
    """A table without the spare columns that make it wider than a number of characters."""
    while True:
        text = setting(grid)
        spare = max((c.spare for c in grid.columns), default=0)
        if not spare or max(map(text_width, text.split("\n"))) <= width:
            return text
        kept = [k for k, c in enumerate(grid.columns) if c.spare < spare]
        grid = Grid(
            grid.heading,
            tuple(grid.columns[k] for k in kept),
            [tuple(row[k] for k in kept) if len(row) > 1 else row for row in grid.rows],
        )


def text_width(line: str) -> int:
    """The width of a line in characters, colours apart. In LaTeX that of its text: a command is a sign, a gap three."""
    line = re.sub(r"\x1b\[\d+m", "", line)
    if " & " not in line or r" \\" not in line:
        return len(line)
    bare = re.sub(r"\\(?:text|left|right|operatorname|hline)|\\,|[{}$^_ ]|\\\\", "", line)
    return len(re.sub(r"\\[A-Za-z]+", "x", bare)) + 2 * line.count("&")


def as_text(grid: Grid) -> str:
    """A table for a terminal, or a comment: columns are aligned, numbers at their points."""
    grid = _unfolded(narrowed(grid))
    if not grid.columns:
        return grid.heading
    cells = [[row[c] if len(row) > 1 else "" for row in grid.rows] for c in range(len(grid.columns))]
    aligned = [_aligned(texts, column) for texts, column in zip(cells, grid.columns)]
    head, *body = zip(*([top, *(in_colour(c, column.sweep) for c in texts)] for (top, *texts), column
                        in zip(aligned, grid.columns)))  # fmt: skip
    title = _joined(head, grid.columns)
    lines = [title, "─" * len(title)]
    lines += [row[0] if len(row) == 1 else _joined(line, grid.columns) for row, line in zip(grid.rows, body)]
    return "\n".join([grid.heading, "", *(f"  {line}".rstrip() for line in lines)])


def _unfolded(grid: Grid) -> Grid:
    """A table in which each line of a cell has a row of its own."""
    if not any("\n" in cell for row in grid.rows for cell in row):
        return grid
    found: list[tuple[str, ...]] = []
    for row in grid.rows:
        lines = [cell.split("\n") for cell in row]
        height = max(map(len, lines))
        found += [tuple(part[k] if k < len(part) else "" for part in lines) for k in range(height)]
    return grid._replace(rows=found)


def _joined(cells: Sequence[str], columns: Sequence[Column]) -> str:
    line = ""
    for k, (cell, column) in enumerate(zip(cells, columns)):
        near = column.kind == "mark" or k > 0 and columns[k - 1].kind == "mark"
        line += (" " if near else "   ") * (k > 0) + cell
    return line


def _aligned(cells: list[str], column: Column) -> list[str]:
    """The title and the cells of a column, padded to one width."""
    if column.kind == "number":
        parts = [re.match(r"[^.e]*", c) for c in cells]
        whole = [m.end() if m else 0 for m in parts]
        left = max(whole, default=0)
        cells = [" " * (left - w) + c for w, c in zip(whole, cells)]
    width = max(map(len, [column.title, *cells]))
    title = column.title.rjust(width) if column.kind == "number" else column.title.ljust(width)
    body = max(map(len, cells), default=0)
    inset = " " * (width - body) if column.kind == "number" else ""
    return [title, *((inset + c).ljust(width) for c in cells)]


def as_markdown(grid: Grid) -> str:
    """A table for a README or a notebook. Columns of signs (=, ×) are left out."""
    grid = narrowed(grid)
    if not grid.columns:
        return f"**{grid.heading}**"
    shown = [k for k, c in enumerate(grid.columns) if c.kind != "mark"]

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    rules = [":--" if grid.columns[k].kind != "number" else "--:" for k in shown]
    lines = [f"**{grid.heading}**", "", line([grid.columns[k].title or " " for k in shown]), line(rules)]
    for row in grid.rows:
        if len(row) == 1:
            lines.append(line([row[0], *[""] * (len(shown) - 1)]))
            continue
        cells = [f"`{row[k]}`" if row[k] and grid.columns[k].kind == "code" else row[k] for k in shown]
        lines.append(line([c.replace("|", r"\|") for c in cells]))
    return "\n".join(lines)


def as_html(grid: Grid) -> str:
    """A table for a notebook. Columns of signs (=, ×) are left out."""
    grid = narrowed(grid)
    shown = [k for k, c in enumerate(grid.columns) if c.kind != "mark"]
    sides = ["right" if grid.columns[k].kind == "number" else "left" for k in shown]

    styles = [f"text-align:{side};padding:0.2em 0.6em" for side in sides]

    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(f'<{tag} style="{style}">{c}</{tag}>' for style, c in zip(styles, cells))

    lines = [f"<table><caption>{escaped(grid.heading)}</caption>"]
    lines.append(f"<thead><tr>{line([escaped(grid.columns[k].title) for k in shown], 'th')}</tr></thead><tbody>")
    for row in grid.rows:
        if len(row) == 1:
            lines.append(f'<tr><td colspan="{len(shown)}">{escaped(row[0])}</td></tr>')
            continue
        cells = [escaped(row[k]) for k in shown]
        coded = [c and grid.columns[k].kind != "words" for k, c in zip(shown, cells)]
        cells = [f"<code>{c}</code>" if code else c for c, code in zip(cells, coded)]
        lines.append(f"<tr>{line(cells, 'td')}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def escaped(text: str) -> str:
    """A text for the inside of an element of HTML or XML, or of an attribute in quotes."""
    for c, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(c, entity)
    return text


def as_latex(grid: Grid) -> str:
    """A table for a LaTeX document: an `array` in display mathematics, which KaTeX and MathJax set too."""
    grid = narrowed(grid)
    if not grid.columns:
        return grid.heading
    form = "".join({"number": "r", "mark": "c"}.get(c.kind, "l") for c in grid.columns)
    titles = [rf"\text{{{c.title}}}" if c.title and c.kind != "mark" else "" for c in grid.columns]
    lines = [grid.heading, rf"\[\begin{{array}}{{{form}}}"]
    if any(titles):
        lines.append(" & ".join(titles) + r" \\ \hline")
    for row in grid.rows:
        cells = row if len(row) > 1 else (r"\vdots", rf"\text{{{row[0].lstrip('… ')}}}")
        words = [rf"\text{{{c}}}" if c and k < len(row) and grid.columns[k].kind == "words" else c
                 for k, c in enumerate(cells)]  # fmt: skip
        lines.append(" & ".join(words) + r" \\")
    return "\n".join([*lines, r"\end{array}\]"])
