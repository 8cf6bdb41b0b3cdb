"""Answers that are addressed by name and by position."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import inf
from typing import Any, NamedTuple

from ..ground.errors import Diagnostic, UnknownName, error, suggestion

Notes = tuple[Diagnostic, ...]

# A tuple of a class of ours without its constructor's price: the answer of a kernel takes less time than that.
bare: Any = tuple.__new__


def _unknown(name: str, names: Iterable[str]) -> Exception:
    names = tuple(names)
    return error(UnknownName, "W101", f"nothing here is called `{name}`",
                 help=suggestion(name, names) or f"the names are {', '.join(names) or 'none'}")  # fmt: skip


class Values(tuple[Any, ...]):
    """Floats with names: a tuple by position, and addressed by name, `v["x1"]`; `dict(v)` works."""

    names: tuple[str, ...]

    def __new__(cls, names: Iterable[str], values: Iterable[Any]) -> Values:
        made = super().__new__(cls, values)
        made.names = tuple(names)
        return made

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            try:
                return tuple.__getitem__(self, self.names.index(key))
            except ValueError:
                raise _unknown(key, self.names) from None
        return tuple.__getitem__(self, key)

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


class Gradient(Values):
    """Derivatives of one output, by the name of the input and by position.

    `notes` says where they sit on a kink, a singularity or outside a domain; it is worked out when first asked for.
    """

    _notes: Notes | Callable[[], Notes]
    # Of a kernel's answer, which has neither names nor notes until they are asked for: the names, what makes the notes
    # of a point, and the point.
    _at: tuple[tuple[str, ...], Callable[[Any], Notes], tuple[float, ...]]

    def __new__(cls, names: Iterable[str], values: Iterable[Any], notes: Notes | Callable[[], Notes] = ()) -> Gradient:
        made = super().__new__(cls, names, values)
        made._notes = notes  # type: ignore[attr-defined]
        return made  # type: ignore[return-value]

    @property
    def notes(self) -> Notes:
        """Diagnostics about this point: kinks, ties, singularities, the source of a nan or an infinity."""
        # Read once: another thread may put the notes in the place of what makes them.
        notes = self._notes
        if callable(notes):
            notes = self._notes = notes()
        return notes

    def __getattr__(self, name: str) -> Any:
        if name not in ("names", "_notes") or "_at" not in self.__dict__:
            raise AttributeError(name)
        names, make, values = self._at
        self.names, self._notes = names, partial(make, values)
        return getattr(self, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.names, tuple(self), self.notes)


class ErrorBounds(NamedTuple):
    """Bounds on the rounding error of a value and of each derivative, in their units."""

    value: float
    gradient: Gradient


class OperationCounts(NamedTuple):
    """Operations by op, the most frequent first: of a value, and of the value and its derivatives together."""

    value: dict[str, int]
    both: dict[str, int]

    @property
    def ratio(self) -> float:
        """How many times more the derivatives make it: infinity where the value takes none."""
        less, more = sum(self.value.values()), sum(self.both.values())
        return more / less if less else inf


class Matrix(tuple[Any, ...]):
    """Rows of derivatives: m[0][1], m[0, 1], m["f", "x1"] and m["f"]["x1"] are the same number when that is where f and
    x1 stand. Rows are `Values`.

    `plan` says in which mode they were computed, and why; `notes`, as of a gradient, are worked out when asked for.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    plan: Any
    _notes: Notes | Callable[[], Notes]

    def __new__(
        cls, rows: Iterable[str], columns: Iterable[str], values: Iterable[Iterable[Any]],
        notes: Notes | Callable[[], Notes] = (), plan: Any = None,
    ) -> Matrix:  # fmt: skip
        columns = tuple(columns)
        made = super().__new__(cls, (Values(columns, row) for row in values))
        made.rows, made.columns, made._notes, made.plan = tuple(rows), columns, notes, plan
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
        if isinstance(key, str):
            try:
                return tuple.__getitem__(self, self.rows.index(key))
            except ValueError:
                raise _unknown(key, self.rows) from None
        return tuple.__getitem__(self, key)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.rows, self.columns, tuple(map(tuple, self)), self.notes, self.plan)

    def __repr__(self) -> str:
        shown = ", ".join(f"{n}={dict(row.items())!r}" for n, row in zip(self.rows, self))
        return f"{type(self).__name__}({shown})"
