"""Traces and lists as users get them, with the methods that show them in notebooks.

Their classes stand in lower layers, which know nothing of tables and pictures.
"""

from __future__ import annotations

from ..kernels.trace import Trace, trace
from . import later

__all__ = ["Trace", "trace"]

later.shown(Trace)
