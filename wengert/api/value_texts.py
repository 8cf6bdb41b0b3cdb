"""Values of inputs as text: a number, an array, an expression of numbers and constants, or a value with its
uncertainty."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from ..ground.errors import Span, UsageError, error, suggestion
from ..ground.limits import Limits
from ..ground.names import first_use
from ..ground.tuples import NamedTuple
from .compile import compile
from .display import CONSTANTS
from .files import DEEPEST, depth, fitting, listed

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_MARK = re.compile(r"±|\+/?-")
_CONCISE = re.compile(r"\s*([-+]?)(\d*)(?:\.(\d*))?\((\d+)(?:\.(\d+))?\)((?:[eE][-+]?\d{1,3})?)\s*", re.ASCII)
_NUMBERS = r"\[[\d\s.,eE+\-\[\]]*\]"


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
    """An array of plain numbers, read as JSON, which is faster than the language; None for any other text.

    An empty array is allowed here; the language writes it `zeros(0)`.
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


class Measured(NamedTuple):
    """The texts of a value and its uncertainty (None if it has none). A relative uncertainty is in percent of the
    value."""

    value: str
    uncertainty: str | None = None
    relative: bool = False


def measured(text: str) -> Measured | None:
    """Split `5.00±0.02`, `5.00+-0.02`, `5.00±1%` or `5.00(2)` into its parts, the notations of GUM 7.2.2.

    None if a part is missing or is one too many.
    """
    concise = _CONCISE.fullmatch(text)
    if concise is not None and (concise[2] or concise[3]):
        sign, whole, part, digits, more, power = concise.groups()
        # Digits alone count units in the last place of the value; with a point they are the uncertainty itself.
        last = int(power[1:] or 0) - len(part or "")
        u = f"{digits}.{more}{power}" if more else f"{digits}e{last}"
        return Measured(f"{sign}{whole or '0'}.{part or '0'}{power}", u)
    parts = _MARK.split(text)
    if len(parts) == 1:
        return Measured(text)
    first, u = parts[0].strip(), parts[1].strip()
    relative = u.endswith("%")
    u = u.removesuffix("%").strip()
    return None if len(parts) > 2 or not first or not u else Measured(first, u, relative)


__all__ = ["Measured", "constant", "measured", "value"]
