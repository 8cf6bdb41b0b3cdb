"""Time calls: every kernel beside code by hand, or one call with the reason for its kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..ground.limits import within
from ..jobs.checking.bench import Bench, bench, swept_call
from ..jobs.checking.costs import Costs, costs
from ..jobs.checking.trial_points import complete_point, counted, scattered
from ..kernels.arguments import as_value
from ..lists.shapes import declared
from ..lists.wrt import listed
from .results import Values

if TYPE_CHECKING:
    from .function import Function

# About the seconds that the timing of one bench takes.
SECONDS = 1.5
# The longest list whose sweeps are timed to explain a call: they take about a second.
LONGEST = 60_000


def bench_of(f: Function, given: Mapping[str, Any], points: object = None) -> Bench:
    """The times of all ways at a point, or at a batch of points around it. Inputs without a value get one."""
    count = None if points is None else counted(points)
    count = count if f.inputs else None
    known = {n: as_value(v, n, f.dtype) for n, v in {**f.program.defaults, **given}.items()}
    wlist = f.program.wlist
    with within(f.limits):
        core = declared(wlist)
        point = complete_point(wlist, known, core, lambda point: tuple_of(f(point)))
        f.point((), {**given, **point})  # refuses names that are no inputs
        taken = tuple(n for n in f.inputs if n not in known)
        at = f.at(point)
        _ = at.running_list, at.written_list  # made once for all ways
        wide = point if count is None else scattered(point, count, f.limits)

        def fresh(kernel: str) -> Function:
            made = type(at)(at.program, at.options.changed(kernel=kernel), at.rewritten)
            made.lists.share(at.lists)
            return made

        subject, ways = bench(fresh, at.point((), wide), SECONDS)
    return Bench(subject, point, taken, count, len(at.running_list), tuple(ways))


def tuple_of(value: Any) -> tuple[Any, ...]:
    """The values of all outputs."""
    return tuple(value) if isinstance(value, Values) else (value,)


def costs_of(f: Function, point: Mapping[str, Any], wrt: Iterable[str] | str | None, grad: bool) -> Costs:
    """The cost of a call at a point: of its derivatives in the names of `wrt`, or of its value alone."""
    wrt = listed(wrt)
    names = f.lists.names(wrt)

    def fresh() -> Function:
        made = type(f)(f.program, f.options, f.rewritten)
        made.lists.share(f.lists)
        made.evaluation_at(point)  # makes the list that is evaluated
        return made

    call = f.evaluation_at(point)
    single = len(f.outputs) == 1 and not call.shape(call.wlist.outputs[0])
    swept: Callable[[], Any] | None = None
    if (not grad or single and names == f.inputs) and len(f.running_list) <= LONGEST:
        swept = swept_call(f, point, grad)

    values, asked = [point[n] for n in f.inputs], None if names == f.inputs else names

    def ask(g: Any) -> Any:
        if not grad:
            return g(*values)
        if not single:
            return g.jacobian(*values, wrt=asked)
        # As most calls are made: a keyword argument would take the longer way.
        return g.value_and_grad(*values) if asked is None else g.value_and_grad(*values, wrt=asked)

    with within(f.limits):
        return costs(fresh, ask, swept)
