"""The text of a program as HTML whose pieces are linked: a sub-expression to its equations, a name to its wire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..ground.errors import Span
from ..ground.limits import checking_clock
from ..ground.names import normalize
from ..lists.wengert_list import WengertList
from ..show.captions import invisible
from ..show.grid import escaped

# The most characters of a text that is shown, and how deep its pieces may nest.
LONGEST, DEEPEST = 60_000, 200
Marked = tuple[int, int, str]
_WORD = re.compile(r"#[^\n]*|[^\W\d]\w*|\d[\w.]*")


def linked_text(
    wlist: WengertList, text: str, names: Mapping[str, int], hidden: Iterable[Span] | None = None
) -> str:  # fmt: skip
    """The text as HTML. `names` gives the number of each name. Spans that are `hidden`, as for an exercise, are left
    out, and then all comments are too."""
    shown = text[:LONGEST]
    gone = [(s.start, s.end) for s in hidden or ()]
    marks = _equations(wlist, len(shown)) + _words(shown, names, None if hidden is None else gone)
    return _woven(shown, _nested(marks), gone)


def _equations(wlist: WengertList, end: int) -> list[Marked]:
    places: dict[tuple[int, int], list[int]] = {}
    for k in checking_clock(range(len(wlist.equations))):
        span = wlist.provenance.span(k)
        if span is not None and 0 <= span.start < span.end <= end:
            places.setdefault((span.start, span.end), []).append(k)
    return [(a, b, f'class="expression" tabindex="-1" data-k="{" ".join(map(str, ks))}"')
            for (a, b), ks in places.items()]  # fmt: skip


def _words(text: str, names: Mapping[str, int], gone: list[tuple[int, int]] | None) -> list[Marked]:
    """The marks of names and comments; comments go to the places that are `gone`, if there are any."""
    found = []
    for m in checking_clock(list(_WORD.finditer(text))):
        word = m[0]
        if word[0] == "#":
            if gone is not None:
                gone.append((m.start(), m.end()))
            else:
                found.append((m.start(), m.end(), 'class="comment"'))
        elif not word[0].isdigit() and (n := names.get(word if word.isascii() else normalize(word))) is not None:
            found.append((m.start(), m.end(), f'class="name" data-n="{n}"'))
    return found


def _nested(marks: list[Marked]) -> list[Marked]:
    """The marks that nest, outer ones first; one that crosses another is left out."""
    kept: list[Marked] = []
    open_ends: list[int] = []
    for a, b, what in sorted(marks, key=lambda m: (m[0], -m[1])):
        while open_ends and open_ends[-1] <= a:
            open_ends.pop()
        if len(open_ends) < DEEPEST and (not open_ends or b <= open_ends[-1]):
            kept.append((a, b, what))
            open_ends.append(b)
    return kept


def _woven(text: str, marks: list[Marked], gone: list[tuple[int, int]]) -> str:
    left_out = sorted(gone)
    out: list[str] = []
    at = 0

    def write(end: int) -> None:
        nonlocal at
        while left_out and left_out[0][1] <= at:
            left_out.pop(0)
        while at < end:
            if left_out and left_out[0][0] <= at:
                at = min(end, left_out[0][1])
                if left_out[0][1] <= at:
                    left_out.pop(0)
                continue
            stop = min(end, left_out[0][0]) if left_out else end
            out.append(escaped(_seen(text[at:stop])))
            at = stop

    closing: list[int] = []
    for a, b, what in marks:
        while closing and closing[-1] <= a:
            write(closing.pop())
            out.append("</span>")
        write(a)
        out.append(f"<span {what}>")
        closing.append(b)
    while closing:
        write(closing.pop())
        out.append("</span>")
    write(len(text))
    return "".join(out)


def _seen(text: str) -> str:
    """A piece of a program with its invisible characters spelled, but for ends of lines and tabs."""
    return "".join(f"⟨U+{ord(c):04X}⟩" if invisible(c) and c not in "\n\t" else "" if c == "\r" else c for c in text)
