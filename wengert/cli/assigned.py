"""Options that hold numbers, `--confidence 0.95`, or numbers by name, `--dof V=9`, with errors at their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..ground.errors import WengertError
from ..ground.limits import Limits
from ..ground.names import normalize
from .values import constant
from .words import Arguments, short


def number_of(arguments: Arguments, option: str, default: float | None, limits: Limits) -> float | None:
    """The number that an option gives."""
    if option not in arguments.options:
        return default
    return located(arguments, option, constant, option, arguments.option(option), limits)  # type: ignore[no-any-return]


def located(arguments: Arguments, name: str, make: Callable[..., Any], *args: Any) -> Any:
    """The answer of a call, whose error points at the word of an option or of an input."""
    try:
        return make(*args)
    except WengertError as problem:
        place = arguments.places.get(name)
        raise arguments.located(arguments.values[name].place if place is None else place, problem) from None


def texts_of(arguments: Arguments, option: str, example: str) -> Iterator[tuple[str, str]]:
    """The names and texts of an option `NAME=TEXT` that may be repeated."""
    for text in arguments.options.get(option, ()):
        name, sign, value = text.rpartition("=")
        if not sign or not name.strip() or not value.strip():
            arguments.refuse(arguments.places[option], f"`--{option}` needs a name and a value, not `{short(text)}`",
                             f"for instance `--{option} {example}`")  # fmt: skip
        yield normalize(name.strip()), value.strip()


def numbers_by_name(
    arguments: Arguments, option: str, example: str, limits: Limits
) -> Iterator[tuple[str, float]]:  # fmt: skip
    """The names and numbers of an option `NAME=N` that may be repeated."""
    for name, text in texts_of(arguments, option, example):
        yield name, located(arguments, option, constant, option, text, limits)
