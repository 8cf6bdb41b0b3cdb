"""Points and directions: what a caller gives, by name or by position, as floats."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from .errors import UnknownName, UsageError, error, shown, suggestion


def bound(
    names: Sequence[str],
    args: Sequence[Any],
    values: Mapping[str, Any],
    defaults: Mapping[str, float],
    constants: Container[str],
) -> dict[str, float]:
    """Values of all inputs, from positions, names and defaults; a constant may be given a value as well.

    Raises UsageError that lists all missing inputs, UnknownName for one that does not exist.
    """
    if len(args) == 1 and isinstance(args[0], Mapping):
        values = {**args[0], **values}
        args = ()
    if len(args) > len(names):
        raise error(
            UsageError, "W605", f"{len(args)} values for {len(names)} inputs",
            help=f"the inputs are {', '.join(names) or 'none'}",
        )  # fmt: skip
    given = dict(zip(names, args))
    known = frozenset(names)
    for name, value in values.items():
        if name in given:
            raise error(UsageError, "W605", f"`{name}` is given twice")
        if name not in known and name not in constants:
            help = suggestion(str(name), names) or f"the inputs are {', '.join(names) or 'none'}"
            raise error(UnknownName, "W101", f"no input is called `{name}`", help=help)
        given[name] = value
    point = {**defaults, **given}
    if missing := [n for n in names if n not in point]:
        listed = ", ".join(f"`{n}`" for n in missing)
        raise error(UsageError, "W606", f"no value for {listed}", help=f"the inputs are {', '.join(names)}")
    return {n: number(v, n) for n, v in point.items()}


def directed(direction: Any, names: Sequence[str], what: str) -> dict[str, float]:
    """A direction over `names`: a mapping, or a sequence as long as the names. Raises UsageError, UnknownName."""
    if not isinstance(direction, Mapping):
        values = sequence(direction, what)
        if len(values) != len(names):
            raise error(
                UsageError, "W605", f"the {what} has {len(values)} values, not {len(names)}",
                help=f"one each for {', '.join(names)}",
            )  # fmt: skip
        direction = dict(zip(names, values))
    known = frozenset(names)
    for name in direction:
        if name not in known:
            help = suggestion(str(name), names) or f"the names are {', '.join(names)}"
            raise error(UnknownName, "W101", f"the {what} moves `{name}`, which is not there", help=help)
    return {n: number(v, n) for n, v in direction.items()}


def number(value: Any, name: str) -> float:
    """A caller's value as a float. Raises UsageError, which names the input, for what is no real number."""
    if type(value) is float:
        return value
    if isinstance(value, (str, bytes, complex)) or value is None:
        raise error(UsageError, "W607", f"the value of `{name}` must be a number, not {shown(value)}")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        raise error(UsageError, "W607", f"the value of `{name}` must be a number, not {shown(value)}") from None


def sequence(values: Any, what: str) -> Sequence[Any]:
    """A caller's values by position. Raises UsageError for what cannot be iterated."""
    try:
        return list(values)
    except TypeError:
        raise error(UsageError, "W607", f"the {what} must be a mapping by name or a sequence by position") from None
