"""Choose a kernel, and the call at which it is made. The first calls run sweeps, as writing a list of derivatives takes
longer than one sweep.

A list of up to `SHORT` equations gets its kernel at the second call, as making it takes about a millisecond. A longer
list gets its kernel at call `LATER`, when its sweeps have cost as much as the kernel will. A kernel that is expensive
to make, such as machine code, takes over when the calls have cost half as much as that. So no call costs much more than
all calls before it together. A list over the limit of equations, or one whose kernel would take over a quarter of the
time limit, stays with the sweeps.

A list of over `BRIEF` equations goes to the bytecode, which needs no list of derivatives: at the second call, or at the
first one if it is so long that a sweep takes longer than making the kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import ceil, inf
from typing import TYPE_CHECKING, Any

from ..ground.errors import WengertError
from ..ground.limits import Limits, check_clock, within
from ..ground.tuples import NamedTuple
from ..lists.code import Code, code_of
from ..lists.repetition import segmented, worthwhile
from ..lists.wengert_list import WengertList
from .kernel import LONG, AnswerFormat, HandsOver, Kernel, Run
from .kernel_names import AUTO, demand
from .requests import GradientOf

if TYPE_CHECKING:
    from ..ops import Op
    from .bytecode import Bytecode

# From this number of equations on, the first sweep of a list takes longer than making its kernel.
AT_ONCE = 20_000
SHORT = 64
LATER = 12
# The most seconds for an equation, to write the list of derivatives and to make its kernel. A list that would exceed
# the time limit is not begun.
DEAR = 1e-4
TOO_DEAR = "making a kernel of so long a list might take too much of the limit `seconds`"
# Fewer steps than this are far below any time limit, and need no clock.
BRIEF = 2000
# The number of the call that checks whether an expensive kernel is installed, which may take some tenths of a
# millisecond.
LOOK = 64
# A long list whose steps repeat is compiled as loops after this number of calls of the kernel that is ready sooner, as
# they take as long as writing its derivatives; for a bound function at once, if it has at most SOON equations.
REPEATED, SOON = 15_000, 50_000
# Seconds that a call takes in Python, and seconds for each step.
CALL, STEP = 5e-7, 6e-8


@cache
def kernels() -> tuple[Kernel, ...]:
    """The kernels, in order of preference. The first runs that takes the list and that its calls have earned."""
    from .flat_python import FlatPython  # a first call needs none
    from .interpreter import Interpreter
    from .native.point import Native

    return Native(), FlatPython(), long_lists(), Interpreter()


@cache
def long_lists() -> Bytecode:
    """The kernel of long lists."""
    from .bytecode import Bytecode  # a first call needs none

    return Bytecode()


def _is_quick(row: Op) -> bool:
    """Whether a row's function is ours. A caller's function may take any time."""
    module = str(getattr(row.forward, "__module__", ""))
    return module in ("math", "_operator") or module.startswith("wengert.ops.floats.")


def _patience(size: int) -> int:
    """The number of the call that makes the first kernel of a list for which derivatives must be written."""
    return 2 if size <= SHORT else LATER


class Primal(NamedTuple):
    """A list as it is, for a kernel that differentiates it by itself: its gradient, or its values if that is None."""

    wlist: WengertList
    gradient: GradientOf | None

    @property
    def long(self) -> bool:
        """Whether such a kernel is the best for it."""
        return len(self.wlist.equations) > BRIEF and not long_lists().missing()


class Route:
    """How one kind of call, such as for the value and the gradient, gets its answer.

    size    the number of equations that a call sweeps: those of the list, times the sweeps
    write   makes the list that a kernel is prepared from
    asked   the name of a kernel, which then runs from the first call on, or "auto"
    whole   the list as it is, where its values or its gradient are asked for
    calls   the number of calls so far
    next    the number of the call that may change the kernel
    run     the kernel's callable, or None before it is made
    brief   whether a call takes so little time for all values that no clock need run
    """

    __slots__ = ("_chosen", "_code", "_refused", "_steps", "_why", "asked", "brief", "calls", "limits", "next", "run",
                 "size", "whole", "write")  # fmt: skip

    def __init__(
        self, size: int, write: Callable[[], WengertList], limits: Limits, asked: str = AUTO,
        whole: Primal | None = None,
    ) -> None:  # fmt: skip
        demand(asked)
        self.size, self.write, self.limits, self.asked = size, write, limits, asked
        self.calls, self.whole = 0, whole
        self.next: float = 1 if asked != AUTO else _patience(size)
        if whole is not None and whole.long and asked == AUTO:
            self.next = 1 if size > AT_ONCE else 2
        self.run: Run | None = None
        self.brief = False
        self._chosen: Kernel | None = None
        self._code: Code | None = None
        self._steps = 0
        self._refused = ""
        # For each kernel by name, why it does not take the list.
        self._why: dict[str, str] = {}

    @property
    def _forced(self) -> bool:
        """Whether a kernel for one point was asked for."""
        return any(kernel.name == self.asked for kernel in kernels())

    @property
    def kernel(self) -> str:
        """The name of the kernel that runs, or ""."""
        return "" if self._chosen is None else self._chosen.name

    @property
    def is_last(self) -> bool:
        """Whether the kernel will not change any more."""
        return self.next == inf

    def count_call(self) -> Run | None:
        """Count a call. Returns the kernel's callable if it is made, or if this is the call that makes it."""
        self.calls += 1
        if self.calls >= self.next:
            self.next = inf
            self._prepare()
        return self.run

    def prepared(self) -> Run:
        """The callable of the best kernel, made now if need be. Raises LimitError."""
        if self.run is None or self.next < inf:
            self._make(inf)
        assert self.run is not None
        return self.run

    def bare(self, form: str, told: AnswerFormat) -> Callable[..., Any] | None:
        """The bare function of the kernel that runs, as `Kernel.bare` makes it; None if the clock must be checked."""
        if self._chosen is None or not self.brief or self._code is None:
            return None
        if not all(_is_quick(row) for row, _ in self._code.steps):
            return None
        return self._chosen.bare(form, self._code, told)

    def _prepare(self) -> None:
        """Make the kernel, unless that would exceed a limit, or needs a rule that is missing and that sweeps can do
        without."""
        seconds = self.limits.seconds
        part = 1 if self.asked != AUTO else 4
        try:
            with within(self.limits if seconds is None else self.limits._replace(seconds=seconds / part)):
                if self._chosen is None and self._made_whole():
                    self.next = self.calls + REPEATED if self.asked == AUTO else inf
                    return
                if self.asked == AUTO and self.calls < (later := _patience(self.size)):
                    self.next = later
                elif seconds is not None and self.size * DEAR > seconds / 4 and self.asked == AUTO:
                    self._refused = TOO_DEAR
                else:
                    self._make(self.calls)
        except WengertError as problem:
            check_clock()  # raises if the caller's own time is up
            self._refused = f"no kernel, as {problem.diagnostic.message}"

    def _make(self, calls: float) -> None:
        """Make the first kernel that takes the list and is earned by this number of calls."""
        if self._chosen is None and self._made_whole() and len(self.whole.wlist.equations) > SOON:  # type: ignore[union-attr]
            return
        if self._chosen is long_lists() and not self._repeats():
            self.next = inf
            return
        if self._code is None:
            self._code = code_of(self.write())
            self._steps = len(self._code.steps)
            # A program's own ops may double their work with each line of text.
            self.brief = self._steps <= BRIEF and all(callable(row.forward) for row, _ in self._code.steps)
        self.next = inf
        for kernel in kernels():
            if kernel is self._chosen:
                break
            last = kernel is kernels()[-1]
            if self._forced and kernel.name != self.asked and not last and self.asked not in self._why:
                continue
            if kernel.name in self._why:
                continue
            if self._steps > kernel.most:
                self._why[kernel.name] = LONG
            elif calls < (earned := self._break_even_call(kernel)):
                if calls >= LOOK and (why := kernel.missing()):
                    self._why[kernel.name] = why
                else:
                    self.next = min(self.next, earned, LOOK if calls < LOOK else inf)
            elif self._made(kernel):
                break
        if self.next == inf and self._steps > BRIEF:
            self._code = None  # nothing more is made of it

    def _made_whole(self) -> bool:
        """Make the kernel that takes the list as it is, if it takes this one."""
        if self.whole is None or long_lists().name in self._why:
            return False
        if self.asked != long_lists().name and (self._forced or not self.whole.long):
            return False
        try:
            run = long_lists().prepare_list(*self.whole)
        except HandsOver as why:
            self._why[long_lists().name] = str(why)
            return False
        self._chosen, self.run, self._steps = long_lists(), run, len(self.whole.wlist.equations)
        return True

    def _repeats(self) -> bool:
        """Whether a list that already has a kernel may be compiled as loops."""
        if self.whole is None or self.asked != AUTO:
            return False
        code = code_of(self.whole.wlist)
        return worthwhile(code, segmented(code))

    def _break_even_call(self, kernel: Kernel) -> float:
        """The number of the call by which the calls will have cost half as much as making this kernel."""
        if self._forced:
            return 0
        return ceil(kernel.seconds(self._steps) / 2 / (CALL + STEP * self._steps))

    def _made(self, kernel: Kernel) -> bool:
        assert self._code is not None
        try:
            run = kernel.prepare(self._code)
        except HandsOver as why:
            self._why[kernel.name] = str(why)
            return False
        self._chosen, self.run = kernel, run
        return True

    def __str__(self) -> str:
        """A sentence that says which kernel ran last, and why."""
        length = f"{self.size} equation{'s' * (self.size != 1)}"
        if self.run is None:
            if self._refused:
                return f"sweeps: {self._refused}"
            return f"sweeps: call {self.calls} of a list of {length}, which gets a kernel at call {self.next}"
        return f"{self.kernel}: a list of {length}, {self._reason()}"

    def _reason(self) -> str:
        if self.asked == self.kernel:
            return "as asked for"
        if self._forced:
            why = self._why[self.asked]
            return f"as {why} for `{self.asked}`" if why == LONG else f"as `{self.asked}` does not take it: {why}"
        if self.asked != AUTO:
            return f"as `{self.asked}` is for batches"
        better = kernels()[: kernels().index(self._chosen)] if self._chosen is not None else ()
        for kernel in better:
            if (why := kernel.missing() or self._why.get(kernel.name, "")) and self._steps <= kernel.most:
                return f"the fastest that is there; not `{kernel.name}`: {why}"
        if self.next < inf:
            return "the fastest until calls have earned a dearer one"
        return "the fastest for its length"
