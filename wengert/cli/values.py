"""Values of inputs on a command line: numbers, arrays, and files of them."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from ..api.compile import compile
from ..api.display import CONSTANTS
from ..api.files import DEEPEST, depth, fitting, listed, numbers_of
from ..ground.errors import Span, UsageError, WengertError, error, suggestion
from ..ground.limits import Limits
from ..ground.names import first_use
from .words import Arguments

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_NUMBERS = r"\[[\d\s.,eE+\-\[\]]*\]"


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


def value(name: str, text: str, limits: Limits) -> Any:
    """The number or the array that a text gives for `name`: digits, or an expression of numbers and constants.

    Raises a WengertError for any other text. A text cannot name a file here.
    """
    if _NUMBER.fullmatch(text) and isfinite(number := float(text)):
        return number
    if re.fullmatch(_NUMBERS, text, re.ASCII) and (found := _literal(name, text, limits)) is not None:
        return found
    f = compile(text, name=f"the value of {name}", strict=True, limits=limits)
    source = f.program.source
    if f.inputs:
        free = f.inputs[0]
        help = suggestion(free, CONSTANTS) or "a value is made of numbers, constants and functions: 1/3, pi/4, [1, 2]"
        raise error(UsageError, "W607", f"the value of `{name}` must be a number, and `{free}` is none",
                    first_use(text, free), source=source, help=help)  # fmt: skip
    if len(f.outputs) != 1:
        raise error(UsageError, "W607", f"the value of `{name}` must be one number or array, not {len(f.outputs)}",
                    Span(0, len(text)), source=source)  # fmt: skip
    return f()


def constant(name: str, text: str, limits: Limits) -> float:
    """The number that a text gives for `name`."""
    found = value(name, text, limits)
    if not isinstance(found, float):
        raise error(UsageError, "W607", f"the value of `{name}` must be a number, and this is an array")
    return found


def _literal(name: str, text: str, limits: Limits) -> Any:
    """An array of numbers alone, read as JSON, which is faster than the language; None for anything else.

    An empty array is one here; the language writes it `zeros(0)`.
    """
    if depth(text) > DEEPEST:
        raise error(UsageError, "W607", f"the value of `{name}` nests deeper than an array has axes",
                    help=f"{DEEPEST} at most")  # fmt: skip
    try:
        import json  # few values need it

        found = json.loads(text, parse_int=float)
    except ValueError:
        return None
    fitting(text.count(",") + 1, limits.elements, f"the value of `{name}`")
    array = listed(found, name, limits.elements)
    # The language reports a number that overflows.
    return array if array.size == 0 or isfinite(float(abs(array).max())) else None
