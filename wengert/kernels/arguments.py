"""Points and directions: the values that a caller gives, by name or by position, as floats and arrays of floats."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from ..ground.errors import ArgumentError, UnknownName, UsageError, error, shown, suggestion

_AXES = 32  # as many as NumPy broadcasts


def bind_arguments(
    names: Sequence[str],
    args: Sequence[Any],
    values: Mapping[str, Any],
    defaults: Mapping[str, Any],
    constants: Container[str],
    dtype: str = "float64",
) -> dict[str, Any]:
    """Values of all inputs, from positions, names and defaults; a constant may be given a value as well.

    Arrays get the type `dtype`, and the caller's own arrays are never changed.

    The one argument may be a mapping, or a table: its columns are then the values of the inputs of these names.

    Raises a UsageError that lists all missing inputs, UnknownName for an input that does not exist.
    """
    if len(args) == 1:
        if isinstance(args[0], Mapping):
            values = {**args[0], **values}
            args = ()
        elif (columns := columns_of(args[0])) is not None:
            values = {**columns_read(args[0], columns, names, constants), **values}
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
    return {n: v if type(v) is float else as_value(v, n, dtype) for n, v in point.items()}


def columns_of(given: Any) -> list[str] | None:
    """The names of the columns of a table: a DataFrame (pandas, Polars), an Arrow table, or a structured array of
    NumPy. None for anything else."""
    if isinstance(given, (float, int, str, list, tuple)):
        return None
    names = getattr(getattr(given, "dtype", None), "names", None)
    if names is None and hasattr(type(given), "__getitem__"):
        names = getattr(given, "column_names", None) or getattr(given, "columns", None)
    try:
        return None if names is None else [n for n in names if isinstance(n, str)]
    except TypeError:
        return None


def columns_read(table: Any, columns: Sequence[str], names: Sequence[str], constants: Container[str]) -> dict[str, Any]:
    """The columns of a table that a program reads; the table may have others. Raises UsageError for two columns of one
    name."""
    found: dict[str, Any] = {}
    for n in columns:
        if n in found:
            raise error(
                UsageError, "W607", f"the table has two columns `{n}`", help="each column has a name of its own"
            )
        if n in names or n in constants:
            found[n] = table[n]
    return found


def direction_of(direction: Any, names: Sequence[str], what: str, dtype: str = "float64") -> dict[str, Any]:
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
    return {n: as_value(v, n, dtype) for n, v in direction.items()}


def split_direction(
    what: str, names: Sequence[str], args: tuple[Any, ...], values: dict[str, Any], default: Any = None
) -> tuple[tuple[Any, ...], dict[str, Any], Any]:  # fmt: skip
    """A point, as values by position and by name, and a direction.

    A call gives (point, direction), each a mapping or a sequence, or the inputs by name and the direction as `v`.
    Raises UsageError.
    """
    if not args:
        named = "v" in values and "v" not in names
        direction = values["v"] if named else default
        if direction is None:
            help = f"pass it as `v`, or call with (point, {what})"
            raise error(UsageError, "W605", f"a {what} is needed", help=help)
        return (), {n: v for n, v in values.items() if not named or n != "v"}, direction
    if values or len(args) > 2 or (len(args) == 1 and default is None):
        raise error(UsageError, "W605", f"a point and a {what} are needed, each a mapping or a sequence",
                    help=f"({{…}}, {{…}}), or the inputs by name and the {what} as `v`")  # fmt: skip
    point = args[0]
    given = (point,) if isinstance(point, Mapping) else tuple(sequence(point, "point"))
    return given, {}, args[1] if len(args) > 1 else default


def as_value(given: Any, name: str, dtype: str = "float64") -> Any:
    """A caller's value as a float; a sequence or an array of numbers as an array of `dtype`.

    Raises a UsageError that names the input, unless the value holds nothing but real numbers.
    """
    if isinstance(given, (float, int)):
        return number(given, name)
    if not isinstance(given, (list, tuple)) and not hasattr(type(given), "__array__"):
        return number(given, name)
    return _array(given, name, dtype)


def _array(given: Any, name: str, dtype: str) -> Any:
    import numpy as np  # imported here, as a caller without arrays needs no NumPy

    plain = type(given) is np.ndarray and given.dtype is np.dtype(dtype) and given.flags.c_contiguous
    if plain and 0 < given.ndim <= _AXES:
        return given
    if isinstance(given, np.ma.MaskedArray):
        if np.ma.is_masked(given):
            raise error(ArgumentError, "W607", f"the value of `{name}` has masked elements",
                        help="fill them: `x.filled(0.0)`")  # fmt: skip
        given = given.data
    try:
        found = np.asarray(given)
    except (ValueError, TypeError, OverflowError):
        help = "all rows of an array have the same length"
        raise error(ArgumentError, "W607", f"the value of `{name}` is ragged: {shown(given)}", help=help) from None
    except Exception as problem:
        raise error(ArgumentError, "W607", f"the value of `{name}` gives no array: {shown(problem)}") from None
    if found.dtype.kind not in "fiub":
        if found.dtype.kind == "O":
            found = _numbers(found, name)
        else:
            raise error(ArgumentError, "W607", f"the value of `{name}` must hold numbers, not {found.dtype}")
    if found.ndim == 0:
        return float(found)
    if found.ndim > _AXES:
        raise error(ArgumentError, "W607", f"the value of `{name}` has {found.ndim} axes", help=f"at most {_AXES}")
    with np.errstate(over="ignore"):
        return np.asarray(found, dtype=dtype)


def _numbers(given: Any, name: str) -> Any:
    """An array of objects, such as large integers or fractions, as an array of floats."""
    import numpy as np

    answer = np.empty(given.shape)
    for place, v in np.ndenumerate(given):
        answer[place] = number(v, f"{name}[{', '.join(map(str, place))}]")
    return answer


def number(value: Any, name: str) -> float:
    """A caller's value as a float. Raises a UsageError that names the input if the value is no real number."""
    if type(value) is float:
        return value
    if isinstance(value, (str, bytes, complex)) or value is None:
        raise error(ArgumentError, "W607", f"the value of `{name}` must be a number, not {shown(value)}")
    try:
        return float(value)
    except OverflowError as problem:
        raise error(ArgumentError, "W607", f"the value of `{name}` is too large for float64: {shown(value)}",
                    help="write inf if that is meant") from problem  # fmt: skip
    except Exception as problem:
        raise error(ArgumentError, "W607", f"the value of `{name}` must be a number, not {shown(value)}") from problem


def sequence(values: Any, what: str) -> Sequence[Any]:
    """A caller's values by position. Raises UsageError if they cannot be iterated over."""
    try:
        return list(values)
    except TypeError:
        raise error(ArgumentError, "W607", f"the {what} must be a mapping by name or a sequence by position") from None
