"""The user's text in a comment of a target, on one line, and unable to end the comment.

In every target a comment beside an equation ends with its line. So all that ends a line, joins it to the next, or has a
meaning inside comments is removed or broken up: line separators, control characters, backslashes and their trigraph,
comment brackets, those of HTML, and characters that change the direction of the text.
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
    """A text that is safe inside a comment; of a long text the beginning and the end."""
    if len(text) > 4 * LONGEST:
        text = f"{text[: 3 * LONGEST]} … {text[-LONGEST:]}"
    text = " ".join(line.split("#", 1)[0] for line in text.splitlines())
    text = "".join(c if c.isspace() or _shown(c) else "?" for c in text)
    text = " ".join(_PAIRS.sub(lambda m: f"{m[0]} ", text).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 21]} … {text[-18:]}"


def _shown(c: str) -> bool:
    return c.isascii() and c.isprintable() and c != "\\" or not c.isascii() and unicodedata.category(c)[0] in "LNS"


def _ends(text: str, s: Span) -> str:
    """The text of a span; of a long span both ends. In a long text every span may be as long as the text, so whole
    spans would take time quadratic in its length."""
    if s.end - s.start <= 1000:
        return text[s.start : s.end]
    return f"{text[s.start : s.start + 400]} … {text[s.end - 400 : s.end]}"


def remarks_of(wlist: WengertList) -> list[str]:
    """The remark beside each equation: the text that it came from; for an adjoint, its name and the equation it passed
    through."""
    provenance = wlist.provenance
    text = provenance.source.text if provenance.source else ""
    spans = (provenance.span(k) for k in range(len(wlist.equations)))
    sources = [remark(_ends(text, s)) if s is not None else "" for s in spans]
    said = []
    for e, source in zip(checking_clock(wlist.equations), sources):
        origin = remark(provenance.origins.get(e.output, ""))
        said.append(f"{origin}, through {source}" if origin and source else origin or source)
    return said
