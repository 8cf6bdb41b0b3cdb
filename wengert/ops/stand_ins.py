"""Replacements for float functions of ours in languages other than Python.

Other languages lack Python's exceptions and large integers. If a library function raises nothing there, it replaces the
one of ours that catches exceptions. Other functions have replacements of the same name in `portable`, and those that
use large integers have them in `doubled`.
"""

from __future__ import annotations

from .sources import Sources

# Functions of ours, and library functions with the same results, as these raise nothing in other languages.
ALIKE = {
    "elementary.divide": "operator.truediv", "elementary.exp": "math.exp", "elementary.expm1": "math.expm1",
    "elementary.log": "math.log", "elementary.log1p": "math.log1p", "elementary.log2": "math.log2",
    "elementary.log10": "math.log10", "elementary.sqrt": "math.sqrt", "elementary.floor": "math.floor",
    "elementary.ceil": "math.ceil", "elementary.trunc": "math.trunc", "trigonometric.sin": "math.sin",
    "trigonometric.cos": "math.cos", "trigonometric.tan": "math.tan", "trigonometric.asin": "math.asin",
    "trigonometric.acos": "math.acos", "trigonometric.sinh": "math.sinh", "trigonometric.cosh": "math.cosh",
    "trigonometric.acosh": "math.acosh", "trigonometric.atanh": "math.atanh", "builtins.abs": "math.fabs",
    "builtins.round": "elementary.rint", "math.factorial": "doubled.factorial", "builtins.max": "portable.larger_of",
    "builtins.min": "portable.smaller_of",
}  # fmt: skip


def stand_in(key: str, sources: Sources) -> str:
    """The key of the function that replaces a function, or its own key; "" for one that needs large integers and has
    no replacement."""
    key = ALIKE.get(key, key)
    module, _, name = key.partition(".")
    if module.startswith("fixed"):
        found = f"doubled.{name}"
        return found if sources.has(found) else ""
    found = f"portable.{name}"
    there = module != "doubled" and sources.has(found) and sources.is_function(found)
    return found if there else key
