"""Text of the user's inside a comment of a target: on one line, and unable to end it.

A comment that begins in the line of an equation ends with the line, in every target. What ends a line, joins it to the
next, or is read inside comments by some tool is taken out or broken up: line separators and control characters,
backslashes and the trigraph for one, comment brackets, HTML's, and characters that turn the direction of the text.
"""

from __future__ import annotations

import re
import unicodedata

from ..ground.errors import Span
from ..ground.limits import checking_clock
from ..lists.wengert_list import WengertList

LONGEST = 72

_PAIRS = re.compile(r"\*(?=/)|/(?=[*/])|<(?=[/!?])|-(?=->)|\?(?=[?>])|\](?=\])")


def remark(text: str) -> str:
    """A text as a comment may hold it; of a long one the beginning and the end."""
    if len(text) > 4 * LONGEST:
        text = f"{text[: 3 * LONGEST]} … {text[-LONGEST:]}"
    text = " ".join(line.split("#", 1)[0] for line in text.splitlines())
    text = "".join(c if c.isspace() or _shown(c) else "?" for c in text)
    text = " ".join(_PAIRS.sub(lambda m: f"{m[0]} ", text).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 21]} … {text[-18:]}"


def _shown(c: str) -> bool:
    return c.isascii() and c.isprintable() and c != "\\" or not c.isascii() and unicodedata.category(c)[0] in "LNS"


def _ends(text: str, s: Span) -> str:
    """What a span covers; of very much the two ends, as the spans of a long text may all be as long as it is."""
    if s.end - s.start <= 1000:
        return text[s.start : s.end]
    return f"{text[s.start : s.start + 400]} … {text[s.end - 400 : s.end]}"


def remarks_of(wlist: WengertList) -> list[str]:
    """What to say beside each equation: the text it came from; for an adjoint, whose it is and through what."""
    provenance = wlist.provenance
    text = provenance.source.text if provenance.source else ""
    spans = (provenance.span(k) for k in range(len(wlist.equations)))
    sources = [remark(_ends(text, s)) if s is not None else "" for s in spans]
    said = []
    for e, source in zip(checking_clock(wlist.equations), sources):
        origin = remark(provenance.origins.get(e.output, ""))
        said.append(f"{origin}, through {source}" if origin and source else origin or source)
    return said
