"""The kind of each word of a text, for syntax colors: the parser's tokens, refined by the registry."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ops
from ..ground.names import normalize
from . import parser
from .lalr_tables import KEYWORDS

# The functions of the language, and the names that are constants until a program binds them.
OPS = frozenset([*ops.OPS, *ops.ALIASES, *ops.FOLDS, *ops.DERIVATIVES])
CONSTANTS = frozenset([*ops.CONSTANTS, *ops.LETTERS])

_PUNCTUATION = frozenset("()[]{},;:")


def kinds(text: str) -> Iterator[tuple[str, int, int]]:
    """The kind, the start and the end of every token and comment of a text.

    The kind is one of comment, number, keyword, op (a function of the language), function (a function of the program),
    constant, name, operator, punctuation, and stray for a character that begins no token.
    """
    for kind, start, end in parser.lexemes(text):
        word = text[start:end]
        if word not in ("", "\n"):
            yield _kind(kind, word), start, end


def _kind(kind: str, word: str) -> str:
    if kind in (parser.COMMENT, parser.STRAY, "NUMBER"):
        return kind.lower()
    if kind not in ("NAME", "FUNC"):
        return "keyword" if normalize(word) in KEYWORDS else of_symbol(word)
    name = normalize(word.partition("[")[0])  # without static parameters: sum[axis=0]
    if kind == "FUNC":
        return "op" if name in OPS or name in ops.OPS else "function"
    return "constant" if name in CONSTANTS else "name"


def of_symbol(symbol: str) -> str:
    """The kind of a token that is neither a word nor a number."""
    return "punctuation" if symbol in _PUNCTUATION else "operator"


__all__ = ["CONSTANTS", "OPS", "kinds", "of_symbol"]
