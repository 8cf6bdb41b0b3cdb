"""The lexer for Pygments, which finds it by the entry point `pygments.lexers` and loads it when needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pygments import token
from pygments.lexer import Lexer

from .kinds import kinds

_TOKENS = {
    "comment": token.Comment.Single,
    "number": token.Number,
    "keyword": token.Keyword,
    "op": token.Name.Builtin,
    "function": token.Name.Function,
    "constant": token.Name.Constant,
    "name": token.Name,
    "operator": token.Operator,
    "punctuation": token.Punctuation,
    "stray": token.Error,
}


class WengertLexer(Lexer):  # type: ignore[misc]  # Pygments has no types
    """A Pygments lexer for programs of wengert, over the tokens of the parser's own scanner."""

    name = "Wengert"
    aliases: ClassVar[list[str]] = ["wengert"]
    filenames: ClassVar[list[str]] = ["*.wengert"]
    mimetypes: ClassVar[list[str]] = ["text/x-wengert"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """The start, the token type and the text of every token, comment and run of blanks."""
        done = 0
        for kind, start, end in kinds(text):
            if start > done:
                yield done, token.Whitespace, text[done:start]
            yield start, _TOKENS[kind], text[start:end]
            done = end
        if done < len(text):
            yield done, token.Whitespace, text[done:]


__all__ = ["WengertLexer"]
