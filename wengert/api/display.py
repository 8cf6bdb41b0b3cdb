"""Text of numbers, arrays, shapes and lists, and the table of ops: names that the faces take from lower layers."""

from __future__ import annotations

from ..kernels.arguments import as_value
from ..lists.array_text import (
    DIGITS,
    MORE,
    ROWS,
    answered,
    block,
    digits_asked,
    element,
    inline,
    places,
    printing,
    rounded,
    shape_of,
    width_of,
)  # fmt: skip
from ..lists.receipts import Receipt
from ..lists.wengert_list import WengertList, program_lines, spelled, spelled_value
from ..ops import ALIASES, CONSTANTS, DERIVATIVES, FOLDS, OPS, lookup, names_for_people
from ..ops.shapes.dimensions import shown
from ..sweeps.nonfinite import all_finite

__all__ = [
    "ALIASES",
    "CONSTANTS",
    "DERIVATIVES",
    "DIGITS",
    "FOLDS",
    "MORE",
    "OPS",
    "ROWS",
    "Receipt",
    "WengertList",
    "all_finite",
    "answered",
    "as_value",
    "block",
    "digits_asked",
    "element",
    "inline",
    "lookup",
    "names_for_people",
    "places",
    "printing",
    "program_lines",
    "rounded",
    "shape_of",
    "shown",
    "spelled",
    "spelled_value",
    "width_of",
]  # fmt: skip
