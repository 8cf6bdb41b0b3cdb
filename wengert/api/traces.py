"""Traces and lists as everybody gets them: with the methods by which notebooks show them.

Their classes stand in layers that know nothing of tables and pictures.
"""

from __future__ import annotations

from ..kernels.trace import Trace, trace
from . import later

__all__ = ["Trace", "trace"]

later.shown(Trace)
