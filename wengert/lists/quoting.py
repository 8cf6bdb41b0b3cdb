"""Atoms of a list in the words of its text, for messages: who has not seen the list knows no `v3`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from ..ground.names import is_temporary, shortened
from .wengert_list import Atom, WengertList, spelled

_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*\b(?!\()")
# Text that needs no brackets beside an operator: a name, a number, or one call.
_WHOLE = re.compile(r"[\w.]+(?:\([^()]*\))?")


def made_up(wlist: WengertList, name: str) -> bool:
    """Whether the parser or a sweep made a name up."""
    provenance = wlist.provenance
    if name in provenance.origins:
        return True
    if not is_temporary(name):
        return False
    return provenance.source is None or name not in _assigned(provenance.source.text)


@lru_cache(maxsize=8)
def _assigned(text: str) -> frozenset[str]:
    """Names that look made up, but that the text assigns."""
    return frozenset(re.findall(r"\b(v\d+)\s*=(?!=)", text))


def quoted_atom(wlist: WengertList, a: Atom, k: int | None, most: int = 40) -> str:
    """An atom as the text has it. A temporary, the output of equation k, becomes the piece of the text that it stands
    for, cut after `most` characters. Names that a person chose, numbers, and temporaries without a place stay."""
    source = wlist.provenance.source
    if type(a) is not str or k is None or source is None or not made_up(wlist, a):
        return spelled(a)
    place = wlist.provenance.span(k)
    # A tangent or an adjoint has the place of its primal, and is not it.
    if place is None or a in wlist.provenance.origins:
        return a
    # The text of a place may be as long as the whole.
    return shortened(source.text[place.start : min(place.end, place.start + 10 * most)], most) or a


def substituted(sentence: str, words: Mapping[str, str]) -> str:
    """A sentence with texts in place of some names, in brackets where an operator stands beside them."""

    def text(found: re.Match[str]) -> str:
        word = words.get(found[0])
        if word is None:
            return found[0]
        before, after = sentence[: found.start()].rstrip()[-1:], sentence[found.end() :].lstrip()[:1]
        return word if {before, after}.isdisjoint("*/^+-") else bracketed(word)

    return _NAME.sub(text, sentence)


def bracketed(text: str) -> str:
    """A text as an operand: in brackets, unless it is a name, a number or one call."""
    return text if _WHOLE.fullmatch(text) else f"({text})"
