"""Sentences that say why sweeps answered a call and no kernel did."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...kernels.prepared import Prepared
    from ..function import Function

NOTHING = "nothing ran yet: the function was not called"
ARRAYS = "sweeps: over arrays, kernels compute values and gradients alone"
CONSTANT = "sweeps: a constant has another value in this call, and a kernel holds it as a number"
KINK = "sweeps: a kink is an error for this function, and only they look for kinks"
EMPTY = "sweeps: there is nothing to compute"
BATCH = "sweeps: the arrays of this call make no plain batch of points"
OWN = "sweeps: an op of the caller's raised an error, and only they tell where it stands"
FINITE = "sweeps: a value is not finite here, and only they tell what that does to each derivative"
MODE = "sweeps: forward mode and checkpoints are ways of sweeping"
TAYLOR = "sweeps: only they compute Taylor coefficients"
TANGENTS = "sweeps: one, in which each element of an array has tangents in the inputs that it depends on"


def why_unserved(f: Function, setting: Prepared, point: Collection[str], derivatives: bool) -> str:
    """Why no kernel serves a call, or ""."""
    if setting.arrays:
        return ARRAYS
    if not setting.wlist.outputs:
        return EMPTY
    if len(point) != len(setting.wlist.inputs):
        return CONSTANT
    return KINK if derivatives and f.kink == "error" else ""
