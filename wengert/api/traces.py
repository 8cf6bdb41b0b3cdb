"""Traces of any program as users get them, with the methods that show them in notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..ground.complaints import explained
from ..kernels.trace import Trace
from ..kernels.trace import trace as trace_of
from ..lists.wengert_list import WengertList
from . import later

if TYPE_CHECKING:
    from .function import Function

__all__ = ["Trace", "trace"]

later.shown(Trace)
later.with_methods(later.displays, "__str__")(Trace)


@explained
def trace(
    program: Function | WengertList | str | Any, /, *args: Any, output: str | None = None, direction: Any = None,
    kink: str | None = None, seed: Any = None, **values: Any,
) -> Trace:  # fmt: skip
    """Sweep a program forward and in reverse at a point, and along a `direction` if one is given; every step is kept.

    program  all that `compile` takes, such as a text, `trace("(2*x1 + x2)^2", x1=3, x2=7)`, or a Function
    args     the values of the inputs: by position, or one mapping; or by name
    output   the name at which the reverse sweep starts, by default the last output
    seed     its adjoint: a number, or an array of the output's shape, by default 1 everywhere
    kink     the derivative at a kink, by default that of the Function, or the mean

    Raises a WengertError for anything that is no program, for a name that it does not have, and for values that are
    missing or no numbers.
    """
    options: dict[str, Any] = {"output": output, "direction": direction, "seed": seed}
    whole = len(args) == 1 and not values
    if isinstance(program, WengertList) and whole and (isinstance(args[0], Mapping) or len(program.inputs) != 1):
        return trace_of(program, args[0], kink="mean" if kink is None else kink, **options)
    from .compile import function_from  # methods of a Function give traces

    f = function_from(program)
    return (f if kink is None else f.with_options(kink=kink)).trace(*args, **options, **values)
