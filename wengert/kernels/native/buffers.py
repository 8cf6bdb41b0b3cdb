"""Memory for machine code: views of zeros that Python owns, and their addresses."""

from __future__ import annotations

import ctypes
from array import array
from typing import Any

View = Any  # a memoryview, or an array: mypy knows no common type of theirs


def zeros(kind: str, n: int) -> View:
    """A view of n zeros of a kind of `array`. Memory that is never written to is not taken from the system."""
    whole: Any = memoryview(bytearray(array(kind).itemsize * n))
    return whole.cast(kind)


def place(a: View) -> int:
    """The address of a view's elements, for as long as somebody holds the view."""
    return ctypes.addressof(ctypes.c_char.from_buffer(a)) if len(a) else 0


def cut(a: View, n: int) -> View:
    """The first n elements, in memory of their own."""
    return memoryview(bytearray(a[:n])).cast(a.format)
