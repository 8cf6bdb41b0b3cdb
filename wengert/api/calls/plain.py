"""Plain calls, `f(…)` and `f.value_and_grad(…)` with floats by position, prepared so that a call does no other work.

If a kernel answers such a call, it gets a bare function. `f.value_and_grad` becomes that function itself once no better
kernel is to come.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from ...ground.limits import check_clock, clock_runs, within
from ...ground.tuples import NamedTuple
from ...kernels.kernel import ONE, PAIR, AnswerFormat
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
    """The bare function for plain calls, the kernel that made it, and whether it is final."""

    call: Callable[..., Any]
    route: Route
    kernel: str
    last: bool

    def serves(self, route: Route) -> bool:
        """Whether this function is still the newest that can be made."""
        return self.route is route and self.kernel == route.kernel and self.last == route.is_last


def prepare_value(f: Function, setting: Prepared, key: Any) -> None:
    """If a kernel answered the last call, let it answer plain calls `f(…)` directly."""
    told = AnswerFormat(1 if f.strict else 0, f._other_value, f._last)
    f._value_plain = _plain(f, setting, key, f._value_plain, ONE, told) or f._value_plain


def prepare_gradient(f: Function, setting: Prepared, key: Any, finite: int = 1) -> None:
    """If a kernel answered the last call, let it answer plain calls of `f.value_and_grad` directly.

    It does so while the first `finite` outputs, the value and its derivatives, are finite.
    """
    # a subclass may override this method and do more
    method = getattr(type(f), METHOD)
    told = AnswerFormat(
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


def _plain(
    f: Function, setting: Prepared, key: Any, had: PlainCall | None, form: str, told: AnswerFormat
) -> PlainCall | None:
    """The new function for plain calls; None if it does not change."""
    route = setting.routes.get(key)
    if route is None or route.run is None or had is not None and had.serves(route):
        return None
    call = route.bare(form, told._replace(route=route)) or _by_run(f, setting, route, form, told)
    last = route.is_last
    if not last:
        call = _counted(call, route, told.otherwise)
    # An op may have been replaced meanwhile, and the old function would not know.
    return PlainCall(call, route, route.kernel, last) if setting.generation == OPS.generation else None


def _counted(call: Callable[..., Any], route: Route, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a bare function so that its calls count towards a better kernel. `otherwise` makes that kernel."""

    def counted(*args: Any, **options: Any) -> Any:
        route.calls += 1
        if route.calls >= route.next:
            return otherwise(*args, **options)
        return call(*args, **options)

    return counted


def _by_run(f: Function, setting: Prepared, route: Route, form: str, told: AnswerFormat) -> Callable[..., Any]:
    """A bare function for a kernel that has none, or whose calls need a clock."""
    assert route.run is not None
    run = route.run if route.brief else partial(_within_time, f, route.run)
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


def _within_time(f: Function, run: Callable[..., Any], *values: float) -> Any:
    """The answer of a kernel, within the time limit."""
    with within(f.limits):
        return run(*values)
