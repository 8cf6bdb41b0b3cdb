"""Names from lower layers for the faces: texts of numbers, arrays, shapes and lists, and the table of ops."""

from __future__ import annotations

from ..kernels.arguments import as_value
from ..lists.array_text import MORE, ROWS, WIDTH, block, element, inline, places, rounded, shape_of
from ..lists.receipts import Receipt
from ..lists.wengert_list import WengertList, program_lines, spelled, spelled_value
from ..ops import ALIASES, CONSTANTS, DERIVATIVES, FOLDS, OPS, lookup
from ..ops.shapes.dimensions import shown
from ..sweeps.notes import all_finite

__all__ = [
    "ALIASES",
    "CONSTANTS",
    "DERIVATIVES",
    "FOLDS",
    "MORE",
    "OPS",
    "ROWS",
    "WIDTH",
    "Receipt",
    "WengertList",
    "all_finite",
    "as_value",
    "block",
    "element",
    "inline",
    "lookup",
    "places",
    "program_lines",
    "rounded",
    "shape_of",
    "shown",
    "spelled",
    "spelled_value",
]  # fmt: skip
