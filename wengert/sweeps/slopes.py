"""Second derivatives beside a point, as slopes of the list of the first ones along rays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .germ import Germ
from .germs import DEEP
from .jets import Answer, alike, derivative

if TYPE_CHECKING:
    from .rays import Rays


def slope(rays: Rays, i: int, j: int) -> Answer:
    """The second derivative in two coordinates, where the outputs are the first derivatives in the coordinates.

    It is the limit beside a point where it may be infinite. It is not known where a first derivative has no value, or
    where something is decided at the point.
    """
    if any(v != v for v in (rays.values[i], rays.values[j])):
        return Answer(None)
    sides = {"mean": (1.0, -1.0), "right": (1.0,), "left": (-1.0,)}[rays.kink] if rays.within() else ()
    found: list[Any] = []
    for along, output, side in [(*pair, side) for pair in ((i, j), (j, i)) for side in sides]:
        swept = rays.swept({along: side}, {}, DEEP)
        germ = None if swept is None or swept[0].stirred else swept[1].get(rays.wlist.outputs[output])
        if isinstance(germ, Germ) and germ.lead >= 0 and germ.order > 0:
            known = derivative(germ, 1)
            found += [] if known is None else [side * known]
    if not found or not all(alike(one, found[0]) for one in found):
        return Answer(None)
    return Answer(found[0] + 0.0)
