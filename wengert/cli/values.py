"""Values of inputs on a command line: numbers, arrays, and files of them."""

from __future__ import annotations

from typing import Any

from ..api.files import numbers_of
from ..api.value_texts import constant, value
from ..ground.errors import WengertError
from ..ground.limits import Limits
from .words import Arguments


def value_of(arguments: Arguments, name: str, limits: Limits) -> Any:
    """The value given to a name: a float or an array."""
    text, place = arguments.values[name]
    if text is None or not text.strip():
        arguments.refuse(place, f"`{name}` needs a value", f"for instance `--{name} 3`")
    text = text.strip()
    try:
        if text.startswith("@"):
            return numbers_of(text[1:].strip(), name, limits)
        return value(name, text, limits)
    except WengertError as problem:
        raise arguments.located(place, problem) from None


__all__ = ["constant", "value", "value_of"]
