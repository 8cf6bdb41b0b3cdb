"""The words of `wengert fit`: models, and tables of data."""

from __future__ import annotations

from ..ground.errors import Source
from .programs import is_path
from .words import Arguments

Word = tuple[str, int]


def split_words(arguments: Arguments) -> tuple[list[Word], list[Word]]:
    """The models and the table files among the words, each with its place. The first word is a model, and so is each
    later one with a `~` that is no path."""
    words = [*zip(arguments.words, arguments.spots)]
    models = words[:1] + [w for w in words[1:] if "~" in w[0] and not is_path(w[0])]
    return models, [w for w in words if w not in models]


def is_joint(arguments: Arguments, source: Source) -> bool:
    """Whether a fit has several tables or responses, or differential equations."""
    models, tables = split_words(arguments)
    responses = sum("~" in line.partition("#")[0] for line in source.text.splitlines())
    several = len(models) > 1 or len(tables) + len(arguments.tables) > 1 or responses > 1
    return several or any(o in arguments.options for o in ("shared", "by", "ode", "t0", "time"))
