"""Functions that are made of a function, with its options: methods of `Function`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..language import Program
from ..transforms.derivatives import weighted

if TYPE_CHECKING:
    from .flat import FlatFunction
    from .function import Function


def flat(
    f: Function, point: Mapping[str, Any] = {}, /, *, wrt: Iterable[str] | str | None = None, time: str | None = None,
    **values: Any,
) -> FlatFunction:  # fmt: skip
    """This function over one flat vector of the inputs `wrt`, for SciPy's solvers; see `FlatFunction`.

    The values given are where the vector starts, and what the other inputs are fixed at; defaults serve for both.
    Without `wrt` the vector holds the inputs that are given no value. `time` names an input that comes first in
    every call, as in `solve_ivp(flat.fun, …, jac=flat.jac)`.
    """
    from .flat import FlatFunction  # NumPy comes with it

    def lagrangian() -> tuple[Function, tuple[str, ...]]:
        if (found := f.kept.get("lagrangian")) is None:
            wlist, names = weighted(f.wengert_list)
            made = Program(wlist, f.program.source, f.program.defaults)
            found = f.kept["lagrangian"] = type(f)(made, f.options), names
        return found

    start = {**point, **values} if isinstance(point, Mapping) else point
    if not f.decided and isinstance(start, Mapping):
        # A number stands for the time until it is known.
        f = f.at({**({time: 0.0} if time in f.inputs else {}), **start})
    return FlatFunction(f, start, wrt, time, lagrangian)
