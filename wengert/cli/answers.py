"""Values and derivatives as text, for numbers and arrays alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from ..api.display import (
    MORE,
    ROWS,
    answered,
    block,
    element,
    inline,
    places,
    rounded,
    shape_of,
    shown,
    spelled,
    width_of,
)
from ..api.function import Function
from ..api.plain_answers import value_json
from ..ground.names import is_temporary
from ..ground.tuples import NamedTuple
from .screen import table

# The most characters of an array in a table of inputs; a longer one has its own block.
CELL = 36
# The number of points of a batch whose Jacobians are printed.
POINTS = 8
SHORTENED = "shortened to fit: --full prints every row, column and digit"


def output_called(f: Function) -> Callable[[str], str]:
    """The names that tables give to outputs and their elements. The output of a formula without a name is f, unless the
    program uses that name."""
    source, output = f.program.source, f.outputs[0]
    unnamed = len(f.outputs) == 1 and is_temporary(output) and source is not None and output not in source.text
    if not unnamed or "f" in (*f.inputs, *f.constants):
        return str
    return lambda name: "f" + name[len(output) :] if name.partition("[")[0] == output else name


class Printed(NamedTuple):
    """A text, and whether it is complete."""

    text: str
    whole: bool = True


def joined(parts: Sequence[Printed]) -> str:
    """Texts with empty lines between them. A last line says so if any is incomplete."""
    texts = [p.text for p in parts if p.text]
    if not all(p.whole for p in parts):
        texts.append(f"({SHORTENED})")
    return "\n\n".join(texts)


def value_text(value: Any) -> str:
    """A value on one line."""
    return inline(value)


def values_json(named: Any) -> dict[str, Any]:
    """Values by name."""
    return {n: value_json(v) for n, v in named.items()}


def values_text(outputs: Sequence[str], values: Sequence[Any], full: bool = False) -> Printed:
    """The values of the outputs: a single one alone, several with their names."""
    if len(values) == 1:
        return Printed(*block(values[0], "", full))
    found = [block(v, f"{o} = ", full) for o, v in zip(outputs, values)]
    return Printed("\n".join(text for text, _ in found), all(whole for _, whole in found))


def inputs_text(
    header: Sequence[str], columns: Mapping[str, Sequence[Any]], full: bool = False, above: str = "d/d{0}"
) -> list[Printed]:  # fmt: skip
    """A table with a line for each name, and a column for each fact about it: its value, its derivative.

    If an array is too long for a cell, there is no table: each name has blocks, such as `d/dx = [[1, 2], …]`. `above`
    is the left side of the second, with {0} for the name.
    """
    cells = [v for row in columns.values() for v in row]
    if not any(map(shape_of, cells)):
        return [Printed(table(header, [(n, *map(answered, row)) for n, row in columns.items()]))]
    texts = {n: [_cell(v) for v in row] for n, row in columns.items()}
    if all(t is not None for row in texts.values() for t in row):
        left = len(header)
        return [Printed(table(header, [(n, *(t or "" for t in row)) for n, row in texts.items()], left=left))]
    found = []
    for n, row in columns.items():
        parts = [block(v, f"{what} = ", full) for what, v in zip((n, above.format(n)), row)]
        found.append(Printed("\n".join(text for text, _ in parts), all(whole for _, whole in parts)))
    return found


def _cell(value: Any) -> str | None:
    if shape_of(value) and (value.ndim > 2 or value.size > CELL):
        return None
    text = inline(value, 1 << 30)
    return text if len(text) <= CELL or not shape_of(value) else None


class Side(NamedTuple):
    """One side of a Jacobian: a name, and the shape of its value."""

    name: str
    shape: tuple[int, ...]

    def labels(self, before: str = "") -> list[str]:
        """The labels of its elements: x[0,1]."""
        return [before + element(self.name, p) for p in places(self.shape)]


def jacobian_text(
    rows: Sequence[Side], columns: Sequence[Side], blocks: Sequence[Sequence[Any]], batch: int = 0, full: bool = False,
    corner: str = "derivative", before: str = "",
) -> list[Printed]:  # fmt: skip
    """The derivatives of all elements of the rows in all elements of the columns.

    Numbers and vectors share one table. Otherwise each pair has a table, headed with both shapes. For a batch, each of
    the first few points has a table.
    """
    if batch:
        return _of_batch(rows, columns, blocks, batch, full, corner, before)
    width = sum(prod(c.shape) for c in columns)
    height = sum(prod(r.shape) for r in rows)
    simple = all(len(side.shape) < 2 for side in (*rows, *columns))
    if simple and width <= 12 and height <= ROWS or not any(side.shape for side in (*rows, *columns)):
        labels = [label for c in columns for label in c.labels("d/d")]
        names = [label for r in rows for label in r.labels(before)]
        cells = [
            [v for c, b in zip(columns, row) for v in _matrix(b, r, c)[at]]
            for r, row in zip(rows, blocks) for at in range(prod(r.shape))
        ]  # fmt: skip
        return [element_table(corner, names, labels, cells, full)]
    found = []
    for r, row in zip(rows, blocks):
        for c, b in zip(columns, row):
            sizes = " by ".join(shown(s.shape) if s.shape else "a number" for s in (r, c))
            text = element_table("", r.labels(), c.labels(), _matrix(b, r, c), full)
            found.append(Printed(f"{corner} of {r.name} in {c.name}, {sizes}\n{text.text}", text.whole))
    return found


def _of_batch(
    rows: Sequence[Side], columns: Sequence[Side], blocks: Sequence[Sequence[Any]], batch: int, full: bool,
    corner: str, before: str,
) -> list[Printed]:  # fmt: skip
    lead = max((shape_of(b)[:batch] for row in blocks for b in row), default=())
    found: list[Printed] = []
    for k, place in enumerate(places(lead)):
        if k == POINTS and not full:
            return [*found, Printed(f"{MORE} {prod(lead) - POINTS:,} more points", False)]
        here = jacobian_text(rows, columns, [[b[place] for b in row] for row in blocks], 0, full, corner, before)
        found += [Printed(f"at point [{','.join(map(str, place))}]"), *here]
    return found


def _matrix(b: Any, row: Side, column: Side) -> list[list[float]]:
    """A block as rows of numbers."""
    if not shape_of(b):
        return [[float(b)]]
    shape = prod(row.shape), prod(column.shape)
    found: list[list[float]] = b.reshape(shape).tolist()
    return found


def element_table(
    corner: str, names: Sequence[str], labels: Sequence[str], cells: Sequence[Sequence[float]], full: bool
) -> Printed:  # fmt: skip
    """A table of numbers. A large one shows only the first and last rows and columns."""
    if full:
        return Printed(_aligned(corner, names, labels, cells, answered, len(names), len(labels)))
    tall = len(names) > ROWS
    attempts: list[tuple[Callable[[float], str], int, bool]] = [
        (answered, len(labels), True), (lambda x: spelled(rounded(x)), len(labels), False),
    ]  # fmt: skip
    attempts = [a for a in attempts if a[1] <= 16]
    attempts += [(lambda x: spelled(rounded(x)), n, False) for n in range(min(12, len(labels) - 2), 1, -1)]
    text = ""
    for spell, columns, whole in attempts:
        text = _aligned(corner, names, labels, cells, spell, ROWS, columns)
        if len(text.partition("\n")[0]) <= width_of() and max(map(len, text.split("\n"))) <= width_of():
            return Printed(text, whole and not tall)
    return Printed(text, False)


def _aligned(
    corner: str, names: Sequence[str], labels: Sequence[str], cells: Sequence[Sequence[float]],
    spell: Callable[[float], str], most: int, columns: int,
) -> str:  # fmt: skip
    across = _ends(len(labels), columns)
    lines = [
        (MORE,) + ("",) * len(across) if i is None
        else (names[i], *(MORE if j is None else spell(cells[i][j]) for j in across))
        for i in _ends(len(names), most)
    ]  # fmt: skip
    return table((corner, *(MORE if j is None else labels[j] for j in across)), lines)


def _ends(n: int, most: int) -> list[int | None]:
    if n <= most + 1:
        return list(range(n))
    last = most // 3 if most < 20 else most // 2
    return [*range(most - last), None, *range(n - last, n)]
