"""The diagonal of a Hessian, by sweeps or kernels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

from ..kernels.diagonals import Colours, coloured, diagonal, with_diagonal
from ..kernels.evaluation import Evaluation
from ..kernels.kernel_names import AUTO
from ..kernels.prepared import Prepared
from ..kernels.routes import Route
from ..lists.wengert_list import WengertList
from ..lists.wrt import chosen, listed
from ..ops import OPS
from .calls import routed
from .calls.reasons import FINITE, TANGENTS
from .kinks import kink_products
from .kinks.at_kinks import notes_of
from .results import Gradient
from .sparse import long_over_elements

if TYPE_CHECKING:
    from .function import Function


def diagonal_at(f: Function, point: Mapping[str, Any], wrt: Iterable[str] | str | None) -> Gradient:
    """The second derivative of the one scalar output in each name of `wrt`, taken twice."""
    wrt = listed(wrt)
    asked = chosen(f.lists.of_one_output(wrt).wlist, wrt)
    names = tuple(dict.fromkeys(asked))
    setting = f.lists.gradient_at(point, names)
    call = setting.at(point)
    key = "diagonal", names, tuple(call.given.items()), bool(call.batch), OPS.generation

    def swept() -> tuple[list[Any], Any]:
        with call:
            return diagonal(call, names, f.kink, _colours(f, key, call, names))

    def noted() -> Any:
        return swept()[1]()

    notes = noted
    found: Any = _by_tangents(f, call, names)
    if found is None:
        found = _by_kernel(f, setting, (key, names), call, point)
    if found is None:
        found, notes = swept()
    anew = kink_products.diagonal(f, f.lists.of_one_output(wrt), point, names, found)
    if anew.says is not None:
        found = anew.rows[0]
        notes = notes_of(f, f.lists.of_one_output(wrt), point, names, anew.says, notes)
    by_name = dict(zip(names, found))
    return routed.with_kinks_checked(f, Gradient(asked, [by_name[n] for n in asked], f.under_clock(notes)))


def _colours(f: Function, key: Any, call: Evaluation, names: tuple[str, ...]) -> Colours:
    found: Colours | None = f.kept.get(key)
    if found is None:
        found = f.kept[key] = coloured(call, names)
    return found


def _by_tangents(f: Function, call: Evaluation, names: tuple[str, ...]) -> list[Any] | None:
    """The diagonal for a long list over arrays, by tangents of the arrays' elements; None if they do not apply."""
    if not call.arrays or f.options.kernel != AUTO or f.kink == "error" or not long_over_elements(call):
        return None
    import numpy as np  # there are arrays

    from ..kernels.by_elements import nonzeros_at

    entries = nonzeros_at(call, names, call.wlist.outputs, f.kink)
    if entries is None:
        return None
    rows, columns, values = entries
    own = rows == columns
    sizes = [prod(call.shape(n)) for n in names]
    whole = np.bincount(rows[own], values[own], sum(sizes))
    f._ran = TANGENTS
    found: list[Any] = []
    for n, size in zip(names, sizes):
        shape = call.shape(n)
        found.append(whole[:size].reshape(shape).copy() if shape else float(whole[0]))
        whole = whole[size:]
    return found


def _by_kernel(
    f: Function, setting: Prepared, key: tuple[Any, tuple[str, ...]], call: Evaluation, point: Mapping[str, Any]
) -> Any:
    """The diagonal by a kernel; None while no kernel pays off."""
    kept, names = key
    colours = _colours(f, kept, call, names)

    def derive(wlist: WengertList, masked: bool) -> WengertList:
        return with_diagonal(wlist, names, colours, f.kink, f.limits, masked)

    found: Any = routed.derivatives(f, setting, ("diagonal", names), derive, point, (), colours.sweeps)
    if found is None and colours.flat is not None and f.kink != "error" and f.dtype == "float64":
        found = _by_elements(f, (*kept, "route"), call, names, colours.flat)
    return found


def _by_elements(
    f: Function, key: Any, call: Evaluation, names: tuple[str, ...], flat: tuple[WengertList, Colours]
) -> list[Any] | None:  # fmt: skip
    """The diagonal for a list over arrays, by a kernel for its elements; None while no kernel pays off, and if a first
    derivative is not finite."""
    wlist, colours = flat
    if not colours.of or len(call.values) != len(call.wlist.inputs):
        return None
    route: Route | None = f.kept.get(key)
    if route is None:
        size = len(wlist.equations) * colours.sweeps

        def write() -> WengertList:
            return with_diagonal(wlist, tuple(colours.of), colours, f.kink, f.limits)

        route = f.kept[key] = Route(size, write, f.limits, f.options.kernel)
    f._ran = route
    run = route.count_call()
    if run is None:
        return None
    values: list[float] = []
    for v in call.values.values():
        values += [v] if type(v) is float else v.ravel().tolist()
    answer = run(*values)
    if answer is None:
        return None
    whole = (answer[0], *answer[1])
    first, second = whole[: len(colours.of)], whole[len(colours.of) :]
    if not all(map(isfinite, first)):
        f._ran = FINITE
        return None
    import numpy as np  # there are arrays

    found: list[Any] = []
    at = 0
    for n in names:
        shape = call.shape(n)
        size = prod(shape)
        found.append(np.array(second[at : at + size]).reshape(shape) if shape else second[at])
        at += size
    return found
