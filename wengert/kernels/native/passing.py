"""Arguments of functions in a module: which are passed, and which need a separate version of the function."""

from __future__ import annotations

from collections.abc import Sequence

from ...ops.bodies import PAIR, Body
from .straight import Argument, Untranslated

# The most arguments of an op that takes any number, as each has its own instructions.
WIDEST = 256
# The type of a value of each kind.
KINDS = {PAIR: "{double, double}"}


def gathered(body: Body, args: Sequence[Argument]) -> list[Argument]:
    """Arguments, with a list for the parameter that takes any number. Raises Untranslated."""
    if not body.rest:
        return list(args)
    if len(args) > WIDEST:
        raise Untranslated(body.key)
    count = len(body.params) - 1
    return [*args[:count], floats(args[count:])]


def is_table(given: Argument) -> bool:
    """Whether an argument is the key of a constant array."""
    return isinstance(given, str) and given[0] not in "%0"


def floats(args: Sequence[Argument]) -> list[str]:
    """The floats of arguments, one after the other."""
    return [a for given in args if not is_table(given) for a in ([given] if isinstance(given, str) else given)]


def form(given: Argument) -> str | int:
    """An argument's part in the choice of a function's form: a table's key, or else a number of floats; minus one for
    a pair."""
    if isinstance(given, list):
        return len(given)
    return given if is_table(given) else -1 if isinstance(given, tuple) else ""  # type: ignore[return-value]


def named(key: str, args: Sequence[Argument]) -> str:
    """The name of a function for arguments of a form."""
    special = [str(form(a)) for a in args if isinstance(a, list) or is_table(a)]
    return f"{key}[{' '.join(special)}]" if special else key


def parameters(args: Sequence[Argument]) -> list[Argument]:
    """The parameters of a function for arguments of such a form."""
    found: list[Argument] = []
    count = 0
    for given in args:
        if is_table(given):
            found.append(given)
        elif isinstance(given, str):
            found.append(f"%a{count}")
            count += 1
        else:
            names = [f"%a{count + k}" for k in range(len(given))]
            found.append((names[0], names[1]) if isinstance(given, tuple) else names)
            count += len(given)
    return found


def arguments_of(forms: Sequence[str | int]) -> list[Argument]:
    """Parameters of forms, as `form` gives them."""
    return parameters([f or "%" if isinstance(f, str) else ("%", "%") if f < 0 else ["%"] * f for f in forms])
