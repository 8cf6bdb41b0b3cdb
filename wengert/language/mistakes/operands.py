"""The extent of the operands around a place. A fix is applied by machine only if it keeps the order of operations."""

from __future__ import annotations

import re

from ...ground.names import WORD

# How far an operand is followed. A fix for a longer one is left to the author.
_REACH = 400
_LEXEME = re.compile(rf"[ \t]+|{WORD}|(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][+-]?\d+)?|\*\*|.", re.DOTALL)
_OPENS, _CLOSES = "([", ")]"
_TIGHT = re.compile(r"(?:[/%^@]|\*\*)[ \t]*[-+]*[ \t]*$")
_COMPARES = re.compile(r"[<>]|[=!]=")


def operand_end(text: str, start: int) -> int:
    """The end of the operand that begins at `start`, with leading signs: a number, a name, a call, an element or a
    bracket. -1 if none is complete within reach."""
    depth, end = 0, -1
    for match in _LEXEME.finditer(text, start, start + _REACH):
        piece = match[0]
        if piece in _OPENS:
            if depth == 0 and end >= 0 and match.start() != end:
                return end
            depth += 1
        elif piece in _CLOSES:
            depth -= 1
            if depth < 0:
                return end
            end = match.end() if depth == 0 else end
        elif depth == 0 and not piece.isspace():
            if end >= 0:
                return end
            if piece[0].isalnum() or piece[0] in "_.":
                end = match.end()
            elif piece not in "+-":
                return -1
        elif piece == "\n":
            return end if depth == 0 else -1
    return end if depth == 0 else -1


def operand_start(text: str, end: int) -> int:
    """The start of the operand that ends at `end`; -1 if it begins out of reach."""
    low = max(0, end - _REACH)
    pieces = [m for m in _LEXEME.finditer(text, low, end) if not m[0].isspace()]
    depth = 0
    for k in range(len(pieces) - 1, -1, -1):
        piece = pieces[k][0]
        depth += (piece in _CLOSES) - (piece in _OPENS)
        if depth < 0:
            return -1
        if depth == 0:
            called = piece in _OPENS and k and pieces[k - 1].end() == pieces[k].start()
            if called and (pieces[k - 1][0][0].isalnum() or pieces[k - 1][0] in (*"_)]",)):
                continue
            start = pieces[k].start()
            return start if start > low or low == 0 else -1
    return -1


def binds_loosely(text: str, end: int) -> bool:
    """Whether the operand that ends at `end` may be multiplied on its right. Languages differ on 1/2x and x^2y."""
    start = operand_start(text, end)
    return start >= 0 and not _TIGHT.search(text, max(0, start - 40), start)


def alone(text: str, start: int) -> bool:
    """Whether no operator follows the operand that begins at `start`, except `and` and `or`, which bind last."""
    end = operand_end(text, start)
    return end >= 0 and re.compile(r"[ \t]*(?:$|[;\n)\],}]|&&|\|\||(?:and|or)\b)").match(text, end) is not None


def is_comparison(text: str, start: int, end: int) -> bool:
    """Whether a span is a comparison in brackets."""
    inside = text[start:end].strip()
    return inside[:1] == "(" and inside[-1:] == ")" and _COMPARES.search(inside) is not None


def between_comparisons(text: str, start: int, end: int) -> bool:
    """Whether the symbol at a span stands between two comparisons in brackets, where bits and truth values agree."""
    left = len(text[max(0, start - 40) : start].rstrip(" \t")) + max(0, start - 40)
    low, high = operand_start(text, left), operand_end(text, end)
    return min(low, high) >= 0 and is_comparison(text, low, left) and is_comparison(text, end, high)


def statement_end(text: str, at: int) -> int:
    """The end of the statement around `at`; -1 if it is longer than the reach or ends within brackets."""
    depth = 0
    for k in range(at, min(len(text), at + _REACH)):
        c = text[k]
        depth += (c in _OPENS) - (c in _CLOSES)
        if depth < 0:
            return -1
        if c in ";\n#}" and depth == 0:
            return k
    return len(text) if depth == 0 and len(text) <= at + _REACH else -1
