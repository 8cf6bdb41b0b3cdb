"""The answer of a cell: values and derivatives, as text and as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api.display import inline, shape_of
from ..api.function import Function
from ..api.inside import all_values, lists_of
from ..api.results import Gradient, Matrix, Values
from ..ground.errors import Diagnostic, render
from ..show.grid import Column, Grid, as_text
from ..show.html import notes_html, table_html

# The most outputs whose derivatives are shown side by side.
_WIDEST = 8


class CellAnswer:
    """The values of a program at a point, and the derivatives of outputs that are numbers.

    `value` is a number, an array or `Values`; `derivatives` a `Gradient`, for several outputs a `Matrix`, or None.
    """

    def __init__(self, function: Function, point: Mapping[str, Any]) -> None:
        self.function, self.point = function, all_values(function, point)
        self.value = function(self.point)
        self.derivatives: Gradient | Matrix | None = None
        self.notes: tuple[Diagnostic, ...] = function.program.warnings
        values = self.value if isinstance(self.value, Values) else (self.value,)
        axes = lists_of(function.at(self.point)).batch_axes(self.point)
        if function.inputs and all(len(shape_of(v)) == axes for v in values) and len(values) <= _WIDEST:
            several = len(values) > 1
            self.derivatives = function.jacobian(self.point) if several else function.grad(self.point)
            self.notes += self.derivatives.notes

    def _outputs(self) -> list[tuple[str, str]]:
        """The names of outputs and their values; a single one has no name."""
        if isinstance(self.value, Values):
            return [(name, inline(v)) for name, v in self.value.items()]
        return [("", inline(self.value))]

    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """The titles and the rows of the table of inputs."""
        d = self.derivatives
        if isinstance(d, Matrix):
            titles = tuple(f"derivative of {row}" for row in d.rows)
            columns = [[inline(row[n]) for n in self.function.inputs] for row in d]
        else:
            titles = ("derivative",) if d is not None else ()
            columns = [[inline(d[n]) for n in self.function.inputs]] if d is not None else []
        rows = [(n, inline(self.point[n]), *(c[k] for c in columns)) for k, n in enumerate(self.function.inputs)]
        return ("input", "value", *titles), rows

    def __repr__(self) -> str:
        lines = ["\n".join(f"{name} = {text}" if name else text for name, text in self._outputs())]
        titles, rows = self._table()
        if rows:
            columns = (Column(titles[0]), *(Column(t, "number") for t in titles[1:]))
            lines.append(as_text(Grid("", columns, rows)).strip("\n"))
        return "\n\n".join(lines + ["\n".join(map(render, self.notes))] * bool(self.notes))

    def _repr_html_(self) -> str:
        titles, rows = self._table()
        values = table_html(("output", "value"), [(name or "value", text) for name, text in self._outputs()], 2)
        left = len(titles) if any(map(shape_of, self.point.values())) else 1
        return values + (table_html(titles, rows, left) if rows else "") + notes_html(self.notes)
