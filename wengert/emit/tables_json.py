from __future__ import annotations
from typing import Any
from ..trace import Trace
def trace_json(trace: Trace, sweep: str) -> dict[str, Any]:
    return {}
