"""Options that hold numbers, `--confidence 0.95`, or numbers by name, `--dof V=9`, with errors that point at them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
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
    """Call a function; its error, if any, points at the word of an option or an input."""
    try:
        return make(*args)
    except WengertError as problem:
        place = arguments.places.get(name)
        raise arguments.located(arguments.values[name].place if place is None else place, problem) from None


def placed(arguments: Arguments, problem: WengertError, options: Iterable[str], default: int) -> WengertError:
    """An error that points at the value or the option that its message names, or else at a word. For a missing value it
    says how to give one on the command line."""
    told = problem.diagnostic
    names = re.findall(r"`([^`]+)`", told.message)
    if told.code == "W606" and names:
        give = " ".join(f"--{n} VALUE" for n in names[:3])
        problem.diagnostic = told._replace(help=f"add {give}{' …' * (len(names) > 3)}")
        return arguments.located(default, problem)
    for n in names:
        for option in options:
            if any(n == part.partition("=")[0].strip() for text in arguments.options.get(option, ())
                   for part in (text, *text.split(","))):  # fmt: skip
                return arguments.located(arguments.places[option], problem)
        if n in arguments.places and n in options:
            return arguments.located(arguments.places[n], problem)
        if n.partition("[")[0] in arguments.values:
            return arguments.located(arguments.values[n.partition("[")[0]].place, problem)
    return arguments.located(default, problem)


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
