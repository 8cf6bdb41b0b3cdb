"""The fix for a definition after its use, as OpenMM and PLUMED allow it: move its statement up."""

from __future__ import annotations

import re
from collections import Counter

from ...ground.errors import Fix, Span
from ...ground.names import RESERVED, WORD, normalize
from .operands import statement_end
from .place import statement_start

_WORD = re.compile(WORD)
_BINDING = re.compile(rf"{WORD}[ \t]*=(?!=)")
_BOUND = re.compile(rf"(?:^|[;\n])[ \t]*({WORD})[ \t]*=(?!=)")
_BRACKETS: dict[str, int] = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def moved_up(text: str, read: Span, binding: Span) -> Fix | None:
    """The fix that puts the statement at `binding` before the one that reads its name at `read`.

    None if the order of other statements matters: the name, or one that its value reads, is bound twice or between the
    two, or one of the two is in a loop.
    """
    start, end = statement_start(text, read.start), statement_end(text, binding.start)
    # A bracket that is open here, or a comment, would swallow a part of the statement.
    whole = text[start : max(end, start)]
    if end < 0 or "#" in whole or "{" in whole or sum(_BRACKETS.get(c, 0) for c in text[:start]) > 0:
        return None
    name, _, body = text[binding.start : end].rstrip().partition("=")
    bound = Counter(normalize(word) for word in _BOUND.findall(text))
    words = {normalize(word) for word in _WORD.findall(body)}
    own = normalize(name.strip())
    if own in words or words & RESERVED or any(bound[word] > 1 for word in (*words, own)):
        return None
    if words & {normalize(word) for word in _BOUND.findall(text[start : binding.start])}:
        return None
    if not _BINDING.match(text, start) and not _all_read(text, start):
        return None
    between = text[start : binding.start].rstrip(" \t;\n")
    lines = "\n" in text[start : binding.start]
    return Fix(Span(start, end), f"{name}={body}{chr(10) if lines else '; '}{between}")


def reads_itself(text: str, read: Span, binding: Span) -> bool:
    """Whether the statement at `binding` is the one that reads its name at `read`."""
    return read.start >= binding.start and read.end <= max(statement_end(text, binding.start), binding.start)


def _all_read(text: str, start: int) -> bool:
    """Whether every name that is bound after an expression is read before it. Then all can be moved up in turn, and the
    expression is the last statement, whose value is the result."""
    seen: set[str] = set()
    at = start
    for found in _BOUND.finditer(text, start):
        seen.update(normalize(word) for word in _WORD.findall(text[at : found.start()]))
        at = found.end(1)
        if normalize(found[1]) not in seen:
            return False
    return True
