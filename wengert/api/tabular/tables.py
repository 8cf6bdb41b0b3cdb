"""Tables of data for a fit: their columns by name, as vectors with nan for a value that is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from ...ground.errors import UsageError, error, shown, suggestion
from ...ground.limits import Limits
from ...ground.names import normalize
from ...kernels.arguments import columns_of as names_of
from ..files import columns_of


class NamedTable:
    """A table with columns by name; `called` is the table in messages."""

    def __init__(self, names: Sequence[str], called: str = "the table") -> None:
        self.names, self.called = tuple(names), called

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def need(self, name: str) -> None:
        """Raise UsageError if the table has no column of a name."""
        if name not in self.names:
            help = suggestion(str(name), self.names) or f"the columns are {', '.join(self.names) or 'none'}"
            self.refuse(f"has no column `{name}`", help)

    def refuse(self, what: str, help: str = "") -> NoReturn:
        """Raise UsageError about this table."""
        raise error(UsageError, "W670", f"{self.called} {what}", help=help)


class NamedColumns(NamedTable):
    """A table in memory: of a file, a DataFrame, a structured array, or a mapping of names to vectors."""

    def __init__(self, names: Sequence[str], column: Callable[[str], Any], called: str = "the table") -> None:
        super().__init__(names, called)
        self._column = column

    def column(self, name: str) -> Any:
        """A column as a vector of floats. Raises UsageError that names the column, and the row of a value that is no
        number."""
        import numpy as np

        self.need(name)
        given = self._column(name)
        try:
            found = np.asarray(given, dtype=float)
        except (TypeError, ValueError, OverflowError):
            self._refuse_value(name, given)
        except Exception as problem:
            self.refuse(f"cannot give its column `{name}`: {shown(problem)}")
        if found.ndim != 1:
            self.refuse(f"has the column `{name}` of {found.ndim} axes", "a column is a vector of numbers")
        return found

    def _refuse_value(self, name: str, given: Any) -> NoReturn:
        try:
            values = list(given)
        except Exception:
            self.refuse(f"has no vector as its column `{name}`")
        for k, v in enumerate(values, 1):
            try:
                float(v if v is not None else "nan")
            except Exception:
                self.refuse(f"has {shown(v)} in row {k} of `{name}`, which is no number")
        # All items are numbers, such as those of pandas that may be missing.
        self.refuse(f"has a column `{name}` that is no vector of numbers")


def table_of(given: Any, limits: Limits) -> NamedColumns:
    """The table that a caller gives: a path, a DataFrame, a structured array, or a mapping of names to vectors.

    Raises UsageError for anything else, and for a file that cannot be read.
    """
    if isinstance(given, str) or hasattr(given, "__fspath__"):
        path = str(given)
        columns = columns_of(path, limits, missing=True)
        if not columns:
            raise error(UsageError, "W670", f"the columns of {path} have no names",
                        help="a first line of words gives them: x,y")  # fmt: skip
        named = {normalize(n): v for n, v in columns.items()}
        return NamedColumns(tuple(named), named.__getitem__, path)
    if isinstance(given, Mapping):
        if not all(isinstance(n, str) for n in given):
            raise error(UsageError, "W670", "a table is a mapping of names to vectors, and a name is a text")
        return NamedColumns(tuple(given), given.__getitem__)
    names = names_of(given)
    if names is None:
        raise error(UsageError, "W670", f"a table is a file, a DataFrame or a mapping of names to vectors, not "
                    f"{shown(given)}")  # fmt: skip
    for n in names:
        if names.count(n) > 1:
            raise error(
                UsageError, "W607", f"the table has two columns `{n}`", help="each column has a name of its own"
            )
    return NamedColumns(tuple(names), lambda n: _vector(given[n]))


def _vector(column: Any) -> Any:
    """A column of a DataFrame. One of pandas that may lack values gives objects, and pandas turns them into nan."""
    convert = getattr(column, "to_numpy", None)
    if convert is None:
        return column
    try:
        return convert(dtype=float, na_value=float("nan"))
    except (TypeError, ValueError):
        return convert()
