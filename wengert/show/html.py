"""Answers as HTML for notebooks: every text is escaped, nothing is fetched, no script runs.

Texts of the user's stand in `code` or `pre`, in which no notebook looks for formulas between dollar signs. Pictures are
images, so that their styles stay their own.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256

from ..ground.errors import Diagnostic
from .grid import escaped

LEFT = ' style="text-align:left"'
# Some notebooks, such as marimo, set cells without a space between them.
CELL_LEFT, CELL_RIGHT = (f' style="text-align:{side};padding:0.2em 0.6em"' for side in ("left", "right"))
# Notes that are told; a long program may have thousands.
_NOTES = 8


def table_html(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table of texts. The first `left` columns are flush left, the others flush right; the first of a row is its
    heading."""
    sides = [CELL_LEFT if k < left else CELL_RIGHT for k in range(len(header))]
    head = "".join(f'<th scope="col"{side}>{escaped(c)}</th>' for side, c in zip(sides, header))
    lines = [f"<table><thead><tr>{head}</tr></thead><tbody>"]
    for row in rows:
        first, *others = row
        cells = f'<th scope="row"{CELL_LEFT}><code>{escaped(first)}</code></th>'
        cells += "".join(f"<td{side}><code>{escaped(c)}</code></td>" for side, c in zip(sides[1:], others))
        lines.append(f"<tr>{cells}</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def program_html(text: str) -> str:
    """A program as it was written."""
    return f"<pre{LEFT}><code>{escaped(text)}</code></pre>"


def image_html(svg: str, says: str) -> str:
    """A picture, with words for those who do not see it."""
    content = b64encode(svg.encode()).decode()
    return f'<img alt="{escaped(says)}" style="max-width:100%" src="data:image/svg+xml;base64,{content}"/>'


def picture_html(svg: str) -> str:
    """A page that is a picture: the SVG file as it is, under a policy that lets nothing else in."""
    title = re.search(r"<title[^>]*>(.*?)</title>", svg)
    style = re.search(r"<style>(.*?)</style>", svg, re.DOTALL)
    digest = b64encode(sha256((style[1] if style else "").encode()).digest()).decode()
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title[1] if title else ""}</title>
</head>
<body>
{svg}</body>
</html>
"""


def notes_html(notes: Sequence[Diagnostic]) -> str:
    """Notes, warnings and errors as a list; "" if there are none."""
    if not notes:
        return ""
    said = [f"{d.severity}[{d.code}]: {d.message}" for d in notes[:_NOTES]]
    said += [f"… {len(notes) - _NOTES:,} more like these"] if len(notes) > _NOTES else []
    return f"<ul>{''.join(f'<li><code>{escaped(text)}</code></li>' for text in said)}</ul>"
