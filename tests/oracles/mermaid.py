"""A strict reader of the mermaid flowcharts that `wengert graph` writes.

It knows the few forms that are written and refuses all others, so that what it reads is a flowchart: a name that broke
out of its label would be a line of no known form, or a label with a character that mermaid, Markdown or HTML reads.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

# In quotes: no quote, no HTML but the line break, no # but of an entity; `decoded` looks for what Markdown reads.
_LABEL = r'(?:[^"<>&#`$|\\{};\n]|#\w+;|<br/>)+'
_BOX = re.compile(rf'  (g\d+)\["({_LABEL})"\]')
_ROUND = re.compile(rf'  (g\d+)\(\((?:"({_LABEL})"|([+*]|\^\d+(?:\.\d+)?))\)\)')
_EDGE = re.compile(rf'  (g\d+) (-->|<-\.->)(?:\|"({_LABEL})"\|)? (g\d+)')
_STYLE = re.compile(r"  linkStyle (\d+(?:,\d+)*) marker-end:none")
_COMMENT = re.compile(r"  %% [\w .:,]+")


class Edge(NamedTuple):
    tail: str
    head: str
    label: str


class Flowchart(NamedTuple):
    boxes: dict[str, list[str]]  # lines of the label by identifier
    gates: dict[str, str]
    solid: list[Edge]
    dashed: list[Edge]  # from where the arrow comes to where it points

    def labels(self) -> list[str]:
        """Every text in the picture."""
        edges = [e.label for e in (*self.solid, *self.dashed) if e.label]
        return [*("".join(lines) for lines in self.boxes.values()), *self.gates.values(), *edges]


def read(text: str) -> Flowchart:
    """A flowchart. Raises ValueError for a line of a form that is not written."""
    head, *lines = text.split("\n")
    if head != "graph LR":
        raise ValueError(head)
    chart = Flowchart({}, {}, [], [])
    known = 0
    styled: list[int] | None = None
    places = []
    for line in lines:
        if styled is not None:
            raise ValueError(f"after the last line: {line}")
        if found := _BOX.fullmatch(line) or _ROUND.fullmatch(line):
            if found[1] != f"g{known}" or chart.solid:
                raise ValueError(f"out of order: {line}")
            known += 1
            if found.re is _BOX:
                chart.boxes[found[1]] = [decoded(part) for part in found[2].split("<br/>")]
            else:
                chart.gates[found[1]] = decoded(found[2]) if found[2] else found[3]
        elif found := _EDGE.fullmatch(line):
            tail, arrow, label, end = found.groups()
            if not all(n in chart.boxes or n in chart.gates for n in (tail, end)):
                raise ValueError(f"to nowhere: {line}")
            if arrow == "-->":
                if chart.dashed:
                    raise ValueError(f"out of order: {line}")
                chart.solid.append(Edge(tail, end, decoded(label or "")))
            else:
                places.append(len(chart.solid) + len(chart.dashed))
                chart.dashed.append(Edge(end, tail, decoded(label or "")))
        elif found := _STYLE.fullmatch(line):
            styled = [int(n) for n in found[1].split(",")]
        elif not _COMMENT.fullmatch(line):
            raise ValueError(line)
    if (styled or []) != places:
        raise ValueError("some dashed edge has an arrowhead that points forward")
    return chart


def decoded(label: str) -> str:
    """The text that a label shows. Raises ValueError for an unknown entity, and for what Markdown reads as its own."""
    if "<br/>" in label:
        raise ValueError(f"a line break in {label}")
    if len(label) > 1 and (found := re.search(r"(?<!\w)_|_(?!\w)|\*|@|^[-+] |--|\w:[^\d,\]]|\]\(|%|\w\.(?!\d)", label)):
        raise ValueError(f"{found[0]} in {label}")
    shown = re.sub(r"#(\d+);", lambda m: chr(int(m[1])), label)
    text = html.unescape(re.sub(r"#([a-z]+);", r"&\1;", shown))
    if re.search(r"[\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066\u2067]", text):
        raise ValueError(f"what does not show, in {label!r}")
    return text.replace("\N{FIRST STRONG ISOLATE}", "").replace("\N{POP DIRECTIONAL ISOLATE}", "")
