"""Requests for derivatives that a kernel may answer by itself."""

from __future__ import annotations

from ..ground.limits import Limits
from ..lists.wengert_list import WengertList


class GradientOf:
    """Writes the gradient of a list. A kernel that sweeps by itself reads the request instead."""

    __slots__ = ("kink", "limits", "masked", "names")

    def __init__(self, names: tuple[str, ...], kink: str, limits: Limits, masked: bool = False) -> None:
        self.names, self.kink, self.limits, self.masked = names, kink, limits, masked

    def __call__(self, wlist: WengertList, masked: bool | None = None) -> WengertList:
        from .derived import with_gradient  # a first call needs none

        masked = self.masked if masked is None else masked
        return with_gradient(wlist, self.names, self.kink, self.limits, masked)
