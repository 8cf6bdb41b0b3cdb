"""The parts of a Function that the faces need besides its public methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..ground.errors import Diagnostic
from ..lists.receipts import Receipt
from .function import Function
from .lists import Lists


def lists_of(f: Function) -> Lists:
    """The lists that are made of the program. Raises ParseError where a list needs a size that is not known."""
    return f._lists


def all_values(f: Function, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all inputs, floats and arrays, with the defaults. Raises UsageError for one that is missing or
    unknown, and for a value that is neither number nor array."""
    return f._point((), values)


def rewrites_of(f: Function) -> tuple[Receipt, ...]:
    """The receipts of the rewrites by which the program of a Function was made of another program."""
    return f._rewritten


def with_warnings(f: Function, notes: Iterable[Diagnostic]) -> Function:
    """The same Function with further diagnostics of its program."""
    return Function(f.program._replace(warnings=(*f.program.warnings, *notes)), f.options, f._rewritten)
