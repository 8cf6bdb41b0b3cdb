"""Diagnose texts that are not programs: name the mistake, and the text that the author may have meant.

Most texts are programs, so each module is loaded on first use: `mistakes.characters.stray(…)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import characters, foreign, order, place, tokens

__all__ = ["characters", "foreign", "order", "place", "tokens"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
