"""The choice of a kernel, and of the call that makes it. The first calls run sweeps, as it takes longer to write a list
of derivatives than to run one sweep.

A list of up to `SHORT` equations gets its kernel at the second call, as making it takes about a millisecond. A longer
list gets its kernel at call `LATER`, when its sweeps have cost as much as the kernel will. So no call costs more than
all calls before it together. A list over the limit of equations, or one whose kernel would take over a quarter of the
limit of time, stays with the sweeps.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from ..ground.errors import WengertError
from ..ground.limits import Limits, check_clock, within
from ..lists.code import code_of
from ..lists.wengert_list import WengertList
from .kernel_names import AUTO, demand

if TYPE_CHECKING:
    from .kernel import Kernel, Run

SHORT = 64
LATER = 12
# The most seconds that an equation takes, to write the list of derivatives and to make its kernel. A list that would
# exceed its time is not begun.
DEAR = 1e-4
# Steps that take less than any limit of time that is worth a clock.
BRIEF = 2000


@cache
def kernels() -> tuple[Kernel, ...]:
    """The kernels, in order of preference: the first one that takes a list of the given length runs."""
    from .flat_python import FlatPython  # a first call needs none
    from .interpreter import Interpreter

    return FlatPython(), Interpreter()


class Route:
    """The way from one kind of call, such as for the value and the gradient, to its answer.

    size    the number of equations that a call sweeps: those of the list, times the sweeps
    write   makes the list that a kernel is prepared from
    asked   the name of a kernel, which then runs from the first call on, or "auto"
    run     the kernel's callable, or None before it is made
    brief   whether a call takes so little time for all values that no clock need run
    """

    __slots__ = ("_refused", "asked", "brief", "calls", "kernel", "limits", "run", "size", "write")

    def __init__(self, size: int, write: Callable[[], WengertList], limits: Limits, asked: str = AUTO) -> None:
        demand(asked)
        self.size, self.write, self.limits, self.asked = size, write, limits, asked
        self.calls = 0
        self.run: Run | None = None
        self.brief = False
        self.kernel = ""
        self._refused = ""

    @property
    def patience(self) -> int:
        """The number of the call that makes the kernel."""
        return 1 if self.asked != AUTO else 2 if self.size <= SHORT else LATER

    def called(self) -> Run | None:
        """Count a call. Returns the kernel's callable if it is made, or if this is the call that makes it."""
        if self.run is None:
            self.calls += 1
            if self.calls >= self.patience and not self._refused:
                self._prepare()
        return self.run

    def prepared(self) -> Run:
        """The kernel's callable, made now if need be. Raises LimitError."""
        if self.run is None:
            self._make()
        assert self.run is not None
        return self.run

    def _prepare(self) -> None:
        """Make the kernel, unless that would exceed a limit, or needs a rule that is missing and that the sweeps do
        without."""
        seconds = self.limits.seconds
        if seconds is not None and self.size * DEAR > seconds / 4 and self.asked == AUTO:
            self._refused = "making a kernel of so long a list might take too much of the limit `seconds`"
            return
        part = 1 if self.asked != AUTO else 4
        try:
            with within(self.limits if seconds is None else self.limits._replace(seconds=seconds / part)):
                self._make()
        except WengertError as problem:
            check_clock()  # raises if the caller's own time is up
            self._refused = f"no kernel, as {problem.diagnostic.message}"

    def _make(self) -> None:
        code = code_of(self.write())
        fitting = [k for k in kernels() if len(code.steps) <= k.most]
        chosen = next((k for k in fitting if k.name == self.asked), fitting[0])
        # Ops of a program's own may double their work with each line of text.
        self.brief = len(code.steps) <= BRIEF and all(callable(row.forward) for row, _ in code.steps)
        run = chosen.prepare(code)
        self.kernel, self.run = chosen.name, run

    def __str__(self) -> str:
        """A sentence that says which kernel ran last, and why."""
        length = f"{self.size} equation{'s' * (self.size != 1)}"
        if self.run is not None:
            why = "as asked for" if self.asked == self.kernel else "the fastest for its length"
            if self.asked not in (AUTO, self.kernel):
                served = any(kernel.name == self.asked for kernel in kernels())
                why = f"as the list is too long for `{self.asked}`" if served else f"as `{self.asked}` is for batches"
            return f"{self.kernel}: a list of {length}, {why}"
        if self._refused:
            return f"sweeps: {self._refused}"
        return f"sweeps: call {self.calls} of a list of {length}, which gets a kernel at call {self.patience}"
