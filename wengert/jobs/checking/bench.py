"""Time every kernel on one formula, beside code as a careful person writes it by hand.

That code is `emit`'s, of the formula as it is written and without the checks of wengert: shared expressions, and
derivatives in the order of the reverse sweep; Python for one point, NumPy for many. All answers are compared with those
of the sweeps before any is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ...emit.languages.numpy import NumPy
from ...emit.languages.python import Python
from ...emit.straight_line import straight_line
from ...emit.writing import write
from ...ground.errors import UsageError, WengertError, error
from ...ground.limits import Limits, check_clock
from ...ground.progress import progressing
from ...ground.tuples import NamedTuple, Protocol
from ...kernels.evaluation import Evaluation
from ...kernels.jacobians import value_and_gradient, values_of
from ...kernels.kernel_names import NAMES, demand
from ...kernels.routes import DEAR, kernels, long_lists
from ...lists.shapes import of_arrays
from ...lists.wengert_list import Equation, WengertList, assemble
from .differences import Difference, difference
from .timing import Call, medians, once

SWEEPS, HAND = "sweeps", "by hand"
# The longest list that is written by hand: Python takes a long time to compile a longer function.
LONGEST = 20_000


class Benchable(Protocol):
    """The members of a function that are timed; `wengert.Function` has them."""

    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def kernel(self) -> str: ...
    @property
    def kink(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def running_list(self) -> WengertList: ...
    @property
    def written_list(self) -> WengertList: ...
    def evaluation_at(self, point: Mapping[str, Any]) -> Evaluation: ...
    def __call__(self, /, *args: Any, **values: Any) -> Any: ...
    def value_and_grad(self, /, *args: Any, **values: Any) -> Any: ...
    def bind(self, what: str = ...) -> Callable[..., Any]: ...


class TimedWay(NamedTuple):
    """One way to compute the answer, with its times in seconds, which are None if it does not run.

    name   "sweeps", the name of a kernel, or "by hand"
    made   to make it ready; None where there is nothing to make
    call   for a call of the Function, or of the code by hand
    bound  for a call of `bind`
    apart  how far the answers are from those of the sweeps
    note   says why it does not run
    """

    name: str
    made: float | None = None
    call: float | None = None
    bound: float | None = None
    apart: Difference | None = None
    note: str = ""


class Bench(NamedTuple):
    """The times of all ways to one answer.

    subject    "value and gradient", or "values" for several outputs and for arrays
    inputs     the point, or one point of the batch
    taken      the inputs that were given no value, and have no default: their values were chosen here
    points     the number of points of the batch; None for one point
    equations  the number of equations of the program
    ways       the ways, sweeps first
    """

    subject: str
    inputs: dict[str, Any]
    taken: tuple[str, ...]
    points: int | None
    equations: int
    ways: tuple[TimedWay, ...]

    @property
    def agree(self) -> bool:
        """Whether the answers of all kernels are the same, apart from rounding. A formula that is not written in a
        stable form may answer otherwise by hand."""
        return all(way.apart is None or way.apart.ok for way in self.ways if way.name != HAND)

    def way(self, name: str) -> TimedWay:
        """The way of this name. Raises UsageError."""
        for way in self.ways:
            if way.name == name:
                return way
        help = f"one of {', '.join(way.name for way in self.ways)}"
        raise error(UsageError, "W602", f"no way is called `{name}`", help=help)


class _Ready(NamedTuple):
    """A way that can be called."""

    answer: Any
    made: float | None
    call: Call
    bound: Call | None = None


def bench(
    fresh: Callable[[str], Benchable], point: Mapping[str, Any], seconds: float
) -> tuple[str, list[TimedWay]]:  # fmt: skip
    """The subject that is timed, and the ways to it at a point or a batch of points, which gives all inputs.

    `fresh` makes the function anew with the kernel of a name; `seconds` are those that timing takes, about. Raises
    LimitError.
    """
    f = fresh("auto")
    call = f.evaluation_at(point)
    gradient = bool(f.inputs) and len(f.outputs) == 1 and not call.shape(call.wlist.outputs[0])
    values = [point[n] for n in f.inputs]
    if len(f.running_list) <= LONGEST:  # make ready all that is shared
        _attempt(partial(_kernel, partial(fresh, NAMES[0]), NAMES[0], values, gradient))
    swept = swept_call(f, point, gradient)
    found: dict[str, _Ready | str] = {SWEEPS: _Ready(swept(), None, swept)}
    for name in progressing(NAMES, "making kernels"):
        check_clock()
        found[name] = _attempt(partial(_kernel, partial(fresh, name), name, values, gradient))
    found[HAND] = _attempt(partial(_by_hand, f, values, gradient, call))
    runs: dict[tuple[str, str], Call] = {}
    for name, way in found.items():
        if isinstance(way, _Ready):
            runs[name, "call"] = way.call
            if way.bound is not None:
                runs[name, "bound"] = way.bound
    times = medians({" / ".join(key): call for key, call in runs.items()}, seconds)
    want = swept()
    ways = []
    for name, way in found.items():
        if isinstance(way, str):
            ways.append(TimedWay(name, note=way))
            continue
        call_time = times[f"{name} / call"]
        # The first call of a kernel makes it and answers.
        made = None if way.made is None else way.made if name == HAND else max(way.made - call_time, 0.0)
        apart = None if name == SWEEPS else difference(way.answer, want, finite=name == HAND)
        ways.append(TimedWay(name, made, call_time, times.get(f"{name} / bound"), apart))
    return "value and gradient" if gradient else "values", ways


def _attempt(make: Callable[[], _Ready]) -> _Ready | str:
    """A way, or the reason why there is none."""
    try:
        return make()
    except WengertError as problem:
        check_clock()  # raises if the time is up
        d = problem.diagnostic
        return f"{d.message}: {d.help}" if d.code == "W650" else d.message


class _HandsOver(WengertError):
    """A kernel does not serve this call."""


def _refuse(why: str) -> WengertError:
    return error(_HandsOver, "W609", why)


def swept_call(f: Benchable, point: Mapping[str, Any], gradient: bool) -> Call:
    """A call that answers by sweeps: the values, or the value and its derivatives, as a tuple."""

    def run() -> Any:
        with f.evaluation_at(point) as call:
            if not gradient:
                return tuple(values_of(call))
            value, partials, _ = value_and_gradient(call, f.inputs, f.kink, "reverse", False)
            return (value, *partials)

    return run


def _kernel(fresh: Callable[[], Benchable], name: str, values: Sequence[Any], gradient: bool) -> _Ready:
    """The calls of a kernel. Raises WengertError where it cannot run, or hands over."""
    demand(name)
    f = fresh()
    _unserved(f, name, values)
    f.evaluation_at(dict(zip(f.inputs, values)))  # makes the list that is evaluated, which belongs to all ways
    answer, made = once(partial(f.value_and_grad if gradient else f, *values))
    ran = f.kernel.partition(":")[0]
    if ran != name:
        raise _refuse(f"hands over to {f.kernel}")
    if gradient:
        answer = (answer[0], *answer[1])
    elif len(f.outputs) == 1:
        answer = (answer,)
    try:
        bound: Call | None = partial(f.bind("value_and_grad" if gradient else "value"), *values)
    except UsageError:
        bound = None
    # Looked up anew: after a first call the method may be the kernel's own function.
    return _Ready(tuple(answer), made, partial(f.value_and_grad if gradient else f, *values), bound)


def _unserved(f: Benchable, name: str, values: Sequence[Any]) -> None:
    """Raise WengertError for a kernel that is known to hand over, before another one is made in its place."""
    if of_arrays(f.running_list):
        return
    if all(type(v) is float for v in values):
        kernel = next((k for k in kernels() if k.name == name), None)
        if kernel is None:
            raise _refuse("for batches of points alone")
        if len(f.running_list) > kernel.most:
            raise _refuse("the list is too long for it")
        seconds = f.limits.seconds
        if seconds is not None and kernel is not long_lists() and len(f.running_list) * DEAR > seconds / 4:
            raise _refuse("making it might take too much of the limit `seconds`")
    elif name not in batch_names():
        raise _refuse("for one point alone")


def batch_names() -> set[str]:
    """The names of the kernels that take batches."""
    from ...kernels.batches import BATCHES  # imports NumPy, which numbers do without

    return {entry.kernel.name for entry in BATCHES}


def _by_hand(f: Benchable, values: Sequence[Any], gradient: bool, call: Evaluation) -> _Ready:
    """The emitted code, compiled. Raises WengertError where it cannot be emitted."""
    if any(call.shapes.values()):
        raise _refuse("programs over arrays are not emitted yet")
    wlist = f.written_list
    if wlist.ops:
        raise _refuse("a program that defines ops of its own is not written by hand here")
    if len(wlist) > LONGEST:
        raise _refuse(f"Python takes long to compile a function of over {LONGEST:,} lines")

    def make() -> Callable[..., Any]:
        whole = straight_line(_anonymous(wlist), grad=gradient, kink=f.kink, limits=f.limits, masked=False)
        language = NumPy() if call.arrays else Python()
        space: dict[str, Any] = {"__name__": "wengert.by_hand"}
        exec(compile(write(whole, language, "run").encode(), "<wengert bench>", "exec"), space)
        run: Callable[..., Any] = space["run"]
        return run

    run, made = once(make)
    try:
        answer = run(*values)
    except Exception as problem:  # code without checks may raise anything
        raise _refuse(f"this code raises {type(problem).__name__} here") from None
    if gradient:
        answer = (answer[0], *answer[1])
    elif len(f.outputs) == 1:
        answer = (answer,)
    return _Ready(tuple(answer), made, partial(run, *values))


def _anonymous(wlist: WengertList) -> WengertList:
    """The list under names of ours and without its text, so that no text of a user's reaches the code."""
    names = {n: f"x{k}" for k, n in enumerate(wlist.inputs, 1)}
    names.update((e.output, f"v{k}") for k, e in enumerate(wlist.equations, 1))

    def named(a: Any) -> Any:
        return names.get(a, a) if type(a) is str else a

    equations = [Equation(names[e.output], e.op, tuple(map(named, e.inputs))) for e in wlist.equations]
    return assemble([names[n] for n in wlist.inputs], equations, [named(a) for a in wlist.outputs], wlist.ops)
