"""Plain calls, `f(…)` and `f.value_and_grad(…)` with floats by position: the work that no number changes is done
once.

Where a kernel answers such a call, it gets a bare function. `f.value_and_grad` becomes that function itself, when no
better one is to come.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from ...ground.limits import check_clock, clock_runs, within
from ...ground.tuples import NamedTuple
from ...kernels.kernel import ONE, PAIR, Told
from ...kernels.prepared import Prepared
from ...ops import OPS
from ..results import Gradient, bare
from .routed import NotesSource

if TYPE_CHECKING:
    from ...kernels.routes import Route
    from ..function import Function

METHOD = "value_and_grad"
SIGNATURE = f"{METHOD}($self, /, *args, wrt=None, mode='reverse', checkpoint=False, **values)\n--\n\n"


class PlainCall(NamedTuple):
    """The bare function for plain calls, the kernel that made it, and whether no better one is to come."""

    call: Callable[..., Any]
    route: Route
    kernel: str
    last: bool

    def serves(self, route: Route) -> bool:
        """Whether nothing newer is to be made."""
        return self.route is route and self.kernel == route.kernel and self.last == route.is_last


def prepare_value(f: Function, setting: Prepared, key: Any) -> None:
    """Have a plain `f(…)` answered by the kernel that ran, if one did."""
    told = Told(1 if f.strict else 0, f._other_value, f._last)
    f._value_plain = _plain(f, setting, key, f._value_plain, ONE, told) or f._value_plain


def prepare_gradient(f: Function, setting: Prepared, key: Any, finite: int = 1) -> None:
    """Have a plain `f.value_and_grad(…)` answered by the kernel that ran, if one did, where the first `finite` of the
    value and its derivatives are finite."""
    # A class of the caller's own may do more in this method.
    method = getattr(type(f), METHOD)
    told = Told(
        finite,
        f._other_value_and_grad,
        f._last,
        None,
        Gradient,
        NotesSource(f),
        METHOD,
        SIGNATURE + (method.__doc__ or ""),
    )
    made = _plain(f, setting, key, f._gradient_plain, PAIR, told)
    if made is not None:
        f._gradient_plain = made
        f.__dict__.pop(METHOD, None)
        if made.last and method is type(f)._value_and_grad_here:
            f.__dict__[METHOD] = made.call


def _plain(f: Function, setting: Prepared, key: Any, had: PlainCall | None, form: str, told: Told) -> PlainCall | None:
    """The function for plain calls from now on; None if that does not change."""
    route = setting.routes.get(key)
    if route is None or route.run is None or had is not None and had.serves(route):
        return None
    call = route.bare(form, told._replace(route=route)) or _by_run(f, setting, route, form, told)
    last = route.is_last
    if not last:
        call = _counted(call, route, told.otherwise)
    # An op may have been replaced meanwhile: a function that was made then would not know.
    return PlainCall(call, route, route.kernel, last) if setting.generation == OPS.generation else None


def _counted(call: Callable[..., Any], route: Route, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """A bare function whose calls count towards a better kernel, which `otherwise` makes."""

    def counted(*args: Any, **options: Any) -> Any:
        route.calls += 1
        if route.calls >= route.next:
            return otherwise(*args, **options)
        return call(*args, **options)

    return counted


def _by_run(f: Function, setting: Prepared, route: Route, form: str, told: Told) -> Callable[..., Any]:
    """A bare function of a kernel that has none, or whose calls need a clock."""
    assert route.run is not None
    run = route.run if route.brief else partial(_clocked, f, route.run)
    count, generation, must_be_finite, otherwise, source = (
        len(f.inputs), setting.generation, told.values, told.otherwise, told.source,
    )  # fmt: skip

    def called(*args: Any, **options: Any) -> Any:
        if len(args) == count and generation == OPS.generation and not options:
            if clock_runs() is not None:
                check_clock()
            found = run(*args)
            if found is not None and (not must_be_finite or _finite(found, must_be_finite)):
                f._ran = route
                if form == ONE:
                    return found[0]
                made = bare(Gradient, found[1])
                made._at = source, *args
                return found[0], made
        return otherwise(*args, **options)

    return called


def _finite(found: tuple[float, tuple[float, ...]], count: int) -> bool:
    """Whether the first outputs of a kernel, one or all, are finite."""
    return isfinite(found[0]) and (count < 2 or all(map(isfinite, found[1])))


def _clocked(f: Function, run: Callable[..., Any], *values: float) -> Any:
    """The answer of a kernel, within the limit of time."""
    with within(f.limits):
        return run(*values)
