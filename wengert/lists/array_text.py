"""Arrays as text, in the spelling of the language, `[[1, 2], [3, 4]]`, with `…` for omitted elements.

An array is an array of NumPy, or an object with the same `shape`, `ndim` and `tolist`. Every function here takes a
float too, as an array without axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import product
from math import prod
from typing import Any

from ..ground.complaints import explained
from ..ground.errors import ArgumentError, error, shown
from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from .wengert_list import spelled

# The most rows and columns that a block shows, and its width in characters.
ROWS, COLUMNS, WIDTH = 60, 12, 100
# Significant digits of numbers that are too wide in full.
DIGITS = 6
MORE = "…"

Spell = Callable[[float], str]


class Printing(NamedTuple):
    """How numbers and tables are printed.

    digits  significant digits of every number; None for all that it takes to tell it from others, and DIGITS in tables
            of steps and where all would be too wide
    width   the width of a table in characters; 0 for one that suits a page
    """

    digits: int | None = None
    width: int = 0


_PLAIN = Printing()
_PRINTING = ContextVar("printing", default=_PLAIN)


@explained
@contextmanager
def printing(digits: int | None = None, width: int = 0) -> Iterator[None]:
    """Print with these digits and this width within a `with` block. Raises ArgumentError for other values than whole
    numbers, digits from 1 to 17."""
    if digits is not None and (type(digits) is not int or not 0 < digits <= 17):
        raise error(ArgumentError, "W602", f"`digits` is a whole number from 1 to 17, not {shown(digits)}")
    if type(width) is not int or width < 0:
        raise error(ArgumentError, "W602", f"`width` is a number of columns, not {shown(width)}")
    token = _PRINTING.set(Printing(digits, width))
    try:
        yield
    finally:
        _PRINTING.reset(token)


def digits_asked() -> int | None:
    """The number of digits that was asked for, or None."""
    return _PRINTING.get().digits


def width_of(page: int = WIDTH) -> int:
    """The width of a table: that of the terminal if it is known, or else of a page."""
    return _PRINTING.get().width or page


def rounded(x: float, digits: int | None = None) -> float:
    """A number rounded to `digits` significant digits, by default those asked for or DIGITS. A whole number keeps all
    its digits if none were asked for, and a zero loses its sign."""
    asked = _PRINTING.get().digits
    if (asked is None or digits is not None) and abs(x) < 1e15 and x == int(x):
        return x + 0.0
    return float(f"{x:.{digits or asked or DIGITS}g}") + 0.0


def answered(x: float) -> str:
    """A number as text in an answer: with the digits asked for, or with all."""
    return spelled(x if _PRINTING.get().digits is None else rounded(x))


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an array; () for a number."""
    return getattr(value, "shape", ())


def mapped(value: Any, f: Callable[[float], Any]) -> Any:
    """Apply a function to a number, or to each number in nested lists."""
    return [mapped(v, f) for v in value] if isinstance(value, list) else f(float(value))


def inline(value: Any, width: int = 0, spell: Spell = answered) -> str:
    """An array on one line of at most `width` characters, by default the width of a table.

    It is the first of these that fits: the whole array; the whole array, rounded; the ends of its axes, rounded; `[…]`.
    """
    if not shape_of(value):
        return spell(float(value))
    width = width or width_of()
    if 2 * prod(value.shape) <= width and len(text := _nested(value, 1 << 60, spell)) <= width:
        return text
    asked = digits_asked()
    for digits in (DIGITS, 4, 3) if asked is None else (asked,):
        for ends in (8, 4, 3, 2, 1):

            def short(x: float, digits: int = digits) -> str:
                return spelled(rounded(x, digits))

            text = _nested(value, ends, short)
            if len(text) <= width:
                return text
    return f"[{MORE}]"


def _nested(value: Any, ends: int, spell: Spell) -> str:
    """An array as nested lists. An axis longer than 2*ends + 1 shows `ends` elements at each end."""
    if not shape_of(value):
        return spell(float(value))
    parts = [
        MORE if k is None else _nested(value[k], ends, spell) for k in checking_clock(_kept(len(value), ends, ends))
    ]
    return f"[{', '.join(parts)}]"


def _kept(n: int, first: int, last: int) -> list[int | None]:
    """Positions along an axis of length n: the first `first`, None for the omitted ones, and the last `last`."""
    if n <= first + last + 1:
        return list(range(n))
    return [*range(first), None, *range(n - last, n)]


def block(value: Any, before: str = "", full: bool = False) -> tuple[str, bool]:
    """An array over several lines with aligned columns, and whether the text shows the whole array.

    `before` begins the first line. A large array shows its first and last rows and columns, and fewer digits where that
    makes it fit; with `full` it shows everything.
    """
    if not shape_of(value):
        return before + answered(float(value)), True
    pad = " " * len(before)
    if full:
        return _block(value, before, pad, answered, 1 << 60, 1 << 60), True
    for spell, whole in ((answered, True), (lambda x: spelled(rounded(x)), False)):
        if len(_last(value)) <= COLUMNS:
            text = _block(value, before, pad, spell, ROWS, COLUMNS)
            if max(map(len, text.split("\n"))) <= width_of():
                return text, whole and _rows(value) <= ROWS
    text = before + f"[{MORE}]"
    for columns in range(COLUMNS - 1, 0, -1):
        text = _block(value, before, pad, lambda x: spelled(rounded(x)), ROWS, columns)
        if max(map(len, text.split("\n"))) <= width_of():
            break
    return text, False


def rows(value: Any, tallest: int, columns: int, spell: Spell) -> str:
    """A matrix row by row; a large one shows at most `tallest` rows and `columns` columns."""
    return _block(value, "", "", spell, tallest, columns)


def _last(value: Any) -> range:
    return range(value.shape[-1])


def _rows(value: Any) -> int:
    return prod(value.shape[:-1])


def _block(value: Any, before: str, pad: str, spell: Spell, rows: int, columns: int) -> str:
    n = value.shape[-1]
    kept = list(range(n)) if n <= columns else _kept(n, columns - columns // 3, columns // 3)
    places = list(product(*map(range, value.shape[:-1]))) if _rows(value) <= rows else None
    if places is None:
        flat = _kept(_rows(value), rows // 2, rows // 2)
        places = [() if k is None else _unravelled(k, value.shape[:-1]) for k in flat]
    cells = [
        None if not place and value.ndim > 1
        else [MORE if k is None else spell(float(value[place][k])) for k in checking_clock(kept)]
        for place in checking_clock(places)
    ]  # fmt: skip
    widths = [max((len(row[c]) for row in cells if row is not None), default=0) for c in range(len(kept))]
    lines = []
    axes = value.ndim - 1
    previous: tuple[int, ...] | None = None
    for at, (place, row) in enumerate(zip(places, cells)):
        if row is None:
            lines.append(pad + " " * (axes + 1) + MORE)
            continue
        opened = axes if previous is None else _brackets_between(previous, place)
        following = places[at + 1] if at + 1 < len(places) else None
        closed = axes if following is None else _brackets_between(place, following) if following or not axes else 0
        lead = " " * (axes - opened) + "[" * opened
        body = ", ".join(c.rjust(w) for c, w in zip(row, widths))
        tail = "" if following is None else ","
        lines.append(f"{before if previous is None and at == 0 else pad}{lead}[{body}]{']' * closed}{tail}")
        previous = place
    if not lines:
        return before + _nested(value, 1 << 60, spell)
    return "\n".join(lines)


def _unravelled(k: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    place = []
    for d in reversed(shape):
        k, at = divmod(k, d)
        place.append(at)
    return tuple(reversed(place))


def _brackets_between(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """The number of brackets that close between two neighbouring rows."""
    first = next((k for k, (i, j) in enumerate(zip(a, b)) if i != j), 0)
    return len(a) - 1 - first


def places(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The indices of the elements of an array, row by row."""
    return product(*map(range, shape))


def element(name: str, place: tuple[int, ...]) -> str:
    """An element as programs write it, `x[0,1]`; for a number, its name alone."""
    return f"{name}[{','.join(map(str, place))}]" if place else name


def cut(matrix: Any, rows: int = 8, columns: int = 8) -> list[list[Any]]:
    """The elements of a matrix as rows, with None for rows and columns that are left out."""
    down, across = _kept(matrix.shape[0], rows // 2, rows // 2), _kept(matrix.shape[1], columns // 2, columns // 2)
    return [[None if i is None or j is None else float(matrix[i, j]) for j in across] for i in down]
