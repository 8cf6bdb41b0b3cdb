"""Answers addressed by name and by position: `Values`, `Gradient`, `Matrix` and others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import inf
from typing import Any

from ..ground.complaints import explain
from ..ground.errors import Diagnostic, UnknownName, error, suggestion
from ..ground.tuples import NamedTuple
from . import later

Notes = tuple[Diagnostic, ...]

# Makes an answer without calling its constructor, which would take longer than a kernel does.
bare: Any = tuple.__new__


def _unknown(name: str, names: Iterable[str]) -> Exception:
    names = tuple(names)
    return error(UnknownName, "W101", f"nothing here is called `{name}`",
                 help=suggestion(name, names) or f"the names are {', '.join(names) or 'none'}")  # fmt: skip


def _item(whole: tuple[Any, ...], names: tuple[str, ...], key: Any) -> Any:
    """The item by a name or by a position. Raises UnknownName."""
    if isinstance(key, str):
        try:
            return tuple.__getitem__(whole, names.index(key))
        except ValueError:
            raise _unknown(key, names) from None
    return tuple.__getitem__(whole, key)


class Values(tuple[Any, ...]):
    """Values with names: a tuple by position that is also addressed by name, `v["x1"]`; `dict(v)` works."""

    names: tuple[str, ...]

    def __new__(cls, names: Iterable[str], values: Iterable[Any]) -> Values:
        try:
            made = super().__new__(cls, values)
            made.names = tuple(names)
        except TypeError as problem:
            explain(Values.__new__, (cls, names, values), {}, problem)
            raise
        return made

    def __getitem__(self, key: Any) -> Any:
        return _item(self, self.names, key)

    def keys(self) -> tuple[str, ...]:
        """The names."""
        return self.names

    def items(self) -> Iterator[tuple[str, Any]]:
        """Pairs of name and value."""
        return zip(self.names, self)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.names, tuple(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in self.items())})"


@later.shown
class Gradient(Values):
    """The derivatives of one output, by the name of the input and by position.

    `notes` says where they sit on a kink, at a singularity or outside a domain, and where rounding has left few right
    digits. It is worked out when it is first read.
    """

    _notes: Notes | Callable[[], Notes]
    # Names and notes of a kernel's answer are made when first read. Until then this holds an object with the `names`
    # that makes the `notes` of a point, and the point.
    _at: tuple[Any, ...]

    def __new__(cls, names: Iterable[str], values: Iterable[Any], notes: Notes | Callable[[], Notes] = ()) -> Gradient:
        made = super().__new__(cls, names, values)
        made._notes = notes  # type: ignore[attr-defined]
        return made  # type: ignore[return-value]

    @property
    def notes(self) -> Notes:
        """Diagnostics about this point: kinks, ties, singularities, the source of a nan or an infinity."""
        # Read once: another thread may replace the function that makes the notes by the notes.
        notes = self._notes
        if callable(notes):
            notes = self._notes = notes()
        return notes

    def __getattr__(self, name: str) -> Any:
        if name not in ("names", "_notes") or "_at" not in self.__dict__:
            raise AttributeError(name)
        source, *values = self._at
        self.names, self._notes = source.names, partial(source.notes, values)
        return getattr(self, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.names, tuple(self), self.notes)


class ErrorBounds(NamedTuple):
    """Bounds on the absolute rounding error of a value and of each derivative."""

    value: float
    gradient: Gradient


class OperationCounts(NamedTuple):
    """Operations by op, the most frequent first: `value` of a value, `both` of the value and its derivatives
    together."""

    value: dict[str, int]
    both: dict[str, int]

    @property
    def ratio(self) -> float:
        """The operations of `both` divided by those of `value`; infinity where the value takes none."""
        less, more = sum(self.value.values()), sum(self.both.values())
        return more / less if less else inf


@later.shown
class Matrix(tuple[Any, ...]):
    """Rows of derivatives, each a `Values`.

    `m["f", "x1"]` and `m["f"]["x1"]` are the derivative of f in x1. If f is the first row and x1 the second column, it
    is also `m[0, 1]` and `m[0][1]`. `plan` says in which mode the rows were computed, and why. `notes` are made when
    first read.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    plan: Any
    _notes: Notes | Callable[[], Notes]

    def __new__(
        cls, rows: Iterable[str], columns: Iterable[str], values: Iterable[Iterable[Any]],
        notes: Notes | Callable[[], Notes] = (), plan: Any = None,
    ) -> Matrix:  # fmt: skip
        try:
            columns = tuple(columns)
            made = super().__new__(cls, (Values(columns, row) for row in values))
            made.rows, made.columns, made._notes, made.plan = tuple(rows), columns, notes, plan
        except TypeError as problem:
            explain(Matrix.__new__, (cls, rows, columns, values), {}, problem)
            raise
        return made

    @property
    def notes(self) -> Notes:
        """Diagnostics about this point."""
        notes = self._notes
        if callable(notes):
            notes = self._notes = notes()
        return notes

    @property
    def mode(self) -> str:
        """The mode of the sweeps: "reverse", "forward" or "mixed"."""
        return str(self.plan.mode) if self.plan is not None else ""

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            row, column = key
            return self[row][column]
        return _item(self, self.rows, key)

    def keys(self) -> tuple[str, ...]:
        """The names of the rows, so that `dict(m)` maps each to its row."""
        return self.rows

    def items(self) -> Iterator[tuple[str, Values]]:
        """Pairs of the name of a row and the row."""
        return zip(self.rows, self)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.rows, self.columns, tuple(map(tuple, self)), self.notes, self.plan)

    def __repr__(self) -> str:
        shown = ", ".join(f"{n}={dict(row.items())!r}" for n, row in zip(self.rows, self))
        return f"{type(self).__name__}({shown})"
