"""Decorators for methods of `Function`: they start the clock of the limits and choose the Function for the shapes at
hand.

Most programs have one list for all shapes. A program whose loops end at a declared size has one list for each size:
`Function.at` finds the Function for the shapes of a point, and the method runs on that Function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from ..ground.complaints import explain
from ..ground.limits import start, stop
from ..kernels.arguments import sequence, split_direction

if TYPE_CHECKING:
    from .function import Function

P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate["Function", P], T]
Decide = Callable[["Function", tuple[Any, ...], dict[str, Any]], "Function"]


def _evaluated(method: Method[P, T], decide: Decide) -> Method[P, T]:
    @wraps(method)
    def run(f: Function, /, *args: P.args, **values: P.kwargs) -> T:
        started = start(f.limits)
        try:
            return method(f if f.decided else decide(f, args, values), *args, **values)
        except Exception as problem:
            explain(method, (f, *args), values, problem)
            raise
        finally:
            stop(started)

    return run


def at_values(method: Method[P, T]) -> Method[P, T]:
    """Decorate a method that takes inputs as the Function itself does, and options as keywords."""
    return _evaluated(method, _by_values)


def at_direction(method: Method[P, T]) -> Method[P, T]:
    """Decorate a method that takes a point and a direction; see `kernels.arguments.split_direction`."""
    return _evaluated(method, _by_direction)


def at_point(method: Method[P, T]) -> Method[P, T]:
    """Decorate a method whose first argument, `point`, holds all inputs: a mapping by name or a sequence by
    position."""
    return _evaluated(method, _by_point)


def _by_values(f: Function, args: tuple[Any, ...], values: dict[str, Any]) -> Function:
    return f.at(*args, **{n: v for n, v in values.items() if n in f.inputs})


def _by_direction(f: Function, args: tuple[Any, ...], values: dict[str, Any]) -> Function:
    own = {n: v for n, v in values.items() if n in f.inputs or n == "v"}
    given, named, _ = split_direction("direction", f.inputs, args, own, 1.0)
    return f.at(*given, **named)


def _by_point(f: Function, args: tuple[Any, ...], values: dict[str, Any]) -> Function:
    point = args[0] if args else values.get("point", {})
    return f.at(*((point,) if isinstance(point, Mapping) else sequence(point, "point")))
