"""Where a program may not be smooth: a list that marks these places is made once, and runs beside each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...ground.tuples import NamedTuple
from ...kernels.evaluation import Evaluation
from ...kernels.prepared import Prepared
from ...lists.wengert_list import WengertList, ops_of, table_of
from ...sweeps.forward import evaluate
from ...sweeps.numbers import Numbers
from ...sweeps.ties import Places, may_be_at
from ..calls import routed

if TYPE_CHECKING:
    from ..function import Function


class Watch(NamedTuple):
    """The prepared list that marks places, and its kernel for points of floats."""

    setting: Prepared
    route: Any


def places_of(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: Sequence[str], kind: Places
) -> Watch | None:  # fmt: skip
    """The places of one kind in a list; None if there are none."""
    known = f.lists.watches
    shapes: Any = ()
    if setting.arrays or not all(type(v) is float for v in point.values()):
        shapes = tuple(setting.at(point).given.items())
    key = kind, id(setting), names if type(names) is tuple else tuple(names), shapes
    found = known.get(key)
    if found is None:
        found = known[key] = setting, _made(f, setting.at(point), names, kind)
    return found[1]


def _made(f: Function, call: Evaluation, names: Sequence[str], kind: Places) -> Watch | None:
    if not _may_have(call.wlist, kind):
        return None
    from ...kernels.routes import Route  # few programs have such places
    from ...transforms.watching import watching  # the same

    found = watching(call.wlist, names, kind, f.limits)
    if found is None:
        return None
    made = found
    route = Route(len(made.equations), lambda: made, f.limits, f.options.kernel)
    return Watch(Prepared(made, f.limits, dtype=f.dtype), route)


def _may_have(wlist: WengertList, kind: Places) -> bool:
    """Whether some op of a list has places of a kind. This is tested first, as it loads no further module."""
    rows = [table_of(wlist.ops)[op] for op in ops_of(wlist)]
    return any(may_be_at(row, kind) for row in rows)


def met(f: Function, setting: Prepared, point: Mapping[str, Any], places: Watch) -> Any:
    """Whether the point is at such a place: a bool, or an array of bools over the axes of a batch."""
    wlist = places.setting.wlist
    flags: Any = None
    if not setting.arrays and all(type(v) is float for v in point.values()):
        run = places.route.count_call() if len(point) == len(wlist.inputs) else None
        found = None if run is None else run(*[point[n] for n in wlist.inputs])
        flags = (found[0], *found[1]) if found is not None else evaluate(wlist, point, Numbers(wlist.ops))
        return any(v != 0.0 for v in flags)
    import numpy as np

    call = setting.at(point)
    if not setting.arrays:
        ran = f._ran
        flags = routed.by_batch_kernel(f, places.setting, "places", None, point)
        f._ran = ran
    if flags is None:
        with call:
            flags = evaluate(wlist, call.values, call.apply)
    n = len(call.batch)
    hit = np.zeros(call.batch, bool)
    for flag in flags:
        if type(flag) is float:
            hit |= flag != 0.0
        elif flag.any():
            hit |= (flag != 0.0).reshape((*flag.shape[:n], -1)).any(axis=-1) if flag.ndim > n else flag != 0.0
    return bool(hit) if not call.batch else hit
