"""The texts in pictures: names, numbers and symbols of derivatives, short enough for a wire, and visible."""

from __future__ import annotations

import unicodedata
from typing import Any

from ..lists.array_text import MORE, inline, rounded, shape_of
from ..lists.wengert_list import spelled
from ..ops.shapes.dimensions import shown
from .graph import Circuit, Wire

# The most characters of a name, and of an array on a wire.
LONGEST, ROOM = 40, 36


def number(x: Any, room: int = ROOM) -> str:
    """A number to the digits that tables show; a short array likewise, a longer one by its shape."""
    if not shape_of(x):
        return spelled(rounded(x))
    text = inline(x, room, lambda v: spelled(rounded(v)))
    return f"array {shown(x.shape)}" if MORE in text else text


def cut(name: str, longest: int = LONGEST) -> str:
    """A name; a long one is cut in the middle."""
    return name if len(name) <= longest else f"{name[: longest // 2]}…{name[1 - longest // 2 :]}"


def right_to_left(text: str) -> bool:
    """Whether a text has letters that run from right to left: they would reorder the text beside them."""
    return any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in text)


def visible(text: str) -> str:
    """A text with its invisible characters spelled, as one would hide a difference between two names; letters that run
    from right to left are isolated."""
    told = "".join(f"⟨U+{ord(c):04X}⟩" if invisible(c) else c for c in text)
    return f"\N{FIRST STRONG ISOLATE}{told}\N{POP DIRECTIONAL ISOLATE}" if right_to_left(told) else told


def invisible(c: str) -> bool:
    """Whether a character is a control, a mark of direction, or an end of a line."""
    kind = unicodedata.category(c)
    return kind[0] == "C" or kind in ("Zl", "Zp")


def forward(wire: Wire, circuit: Circuit) -> str:
    """The value on a wire, or its name. A number needs none, as its box shows it."""
    if not isinstance(wire.name, str):
        return ""
    return number(wire.value) if circuit.valued else visible(cut(wire.name, 20))


def back(wire: Wire, circuit: Circuit) -> str:
    """The gradient that a wire brings back, or its symbol."""
    if circuit.valued:
        return number(wire.gradient)
    part, parts = wire.part
    return symbol(str(wire.name), circuit) + (f" ({part} of {parts})" if parts > 1 else "")


def symbol(name: str, circuit: Circuit) -> str:
    """The symbol of a derivative, ∂f/∂x, or of the adjoint of an array."""
    if circuit.whole:
        return f"{visible(cut(name, 20))}_bar"
    return f"∂{visible(cut(str(circuit.output), 20))}/∂{visible(cut(name, 20))}"
