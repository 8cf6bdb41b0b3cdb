"""Answers for a pandas DataFrame: as series with its index."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...ground.names import is_temporary
from ...ground.tuples import NamedTuple
from ...kernels.arguments import columns_of, columns_read
from ..results import Gradient, Values

if TYPE_CHECKING:
    from ..function import Function


class Framed(NamedTuple):
    """A DataFrame that a function is called with.

    columns  its columns that the function reads
    index    its index
    series   the class of a series
    names    the names of the function's outputs, `f` for one that has none
    """

    columns: dict[str, Any]
    index: Any
    series: Callable[..., Any]
    names: tuple[str, ...]

    def value(self, value: Any, name: str) -> Any:
        """An array with a number for each row as a series; any other value as it is."""
        rows = getattr(value, "shape", None) == (len(self.index),)
        return self.series(value, index=self.index, name=name) if rows else value

    def values(self, found: Any) -> Any:
        """The answer of the function."""
        if not isinstance(found, Values):
            return self.value(found, self.names[0])
        return Values(found.names, [self.value(v, o) for v, o in zip(found, self.names)])

    def gradients(self, value: Any, found: Gradient) -> tuple[Any, Gradient]:
        """The value, and the derivatives as series `df_dx`."""
        (output,) = self.names
        named = [self.value(v, f"d{output}_d{n}") for n, v in found.items()]
        return self.value(value, output), Gradient(found.names, named, lambda: found.notes)


def framed(f: Function, given: Any) -> Framed | None:
    """Wrap a DataFrame for a call of a function; None for anything else. Raises UsageError for two columns of one
    input."""
    if not hasattr(given, "iloc") or not hasattr(given, "columns"):
        return None
    columns = columns_read(given, columns_of(given) or (), f.inputs, f.constants)
    names = tuple("f" if is_temporary(o) else o for o in f.outputs) if f._decided else ("f",)
    return Framed(columns, given.index, type(given.iloc[:, 0]), names) if columns else None
