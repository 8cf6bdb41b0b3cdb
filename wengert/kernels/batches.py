"""Batches of points: calls of a scalar program with arrays. A batch kernel answers them as soon as one pays off.

A sweep over arrays is ready at once; a kernel must first be made. The estimated time of the calls so far is summed, by
points and equations, and a kernel is made when making it takes no longer than that. So no call costs much more than all
earlier calls together, and a call with many points gets its kernel at once.
"""

from __future__ import annotations

from collections.abc import Callable

from ..ground.errors import WengertError
from ..ground.limits import Limits, check_clock, within
from ..ground.tuples import NamedTuple
from ..lists.code import Code, code_of
from ..lists.wengert_list import WengertList
from .blocked_numpy import BlockedNumpy
from .inlining import inlined
from .kernel import BatchKernel, BatchRun
from .kernel_names import AUTO, FOR_POINTS
from .native import engine
from .native.lanes import NativeLanes, loading


class BatchChoice(NamedTuple):
    """A batch kernel, with the facts that the automatic choice reads.

    dtype    the type of arrays that it takes
    dear     seconds that an equation takes, to write the list of derivatives and to make the kernel of it; a list with
             many derivatives takes up to twice as much
    start    seconds that making a kernel takes besides
    missing  says why the kernel cannot run here, or ""
    loading  seconds that its tools take to load, if they are not
    """

    kernel: BatchKernel
    dtype: str = "float64"
    dear: float = 1.5e-4
    start: float = 4e-4
    missing: Callable[[], str] = str
    loading: Callable[[], float] = float


# In order of preference: the first that pays off runs.
BATCHES: tuple[BatchChoice, ...] = (
    BatchChoice(NativeLanes(), dear=3e-4, start=0.012, missing=engine.missing, loading=loading),
    BatchChoice(BlockedNumpy()),
    BatchChoice(BlockedNumpy("float32"), "float32"),
)
# Seconds of a sweep for an equation, and for each of its elements; then the same for a kernel.
SWEEP, ELEMENT = 2e-5, 4e-9
KERNEL, QUICK = 2e-6, 1e-9


class BatchRoute:
    """How one kind of call with arrays, such as for the value and the gradient, gets its answer.

    size     the number of equations that a call sweeps: those of the list, times the sweeps
    write    makes the list that a kernel is prepared from
    asked    the name of a kernel, which then runs from the first call on, or "auto"
    run      the callable of the kernel, or None before one is made
    outputs  how many arrays it writes
    """

    __slots__ = ("_code", "_refused", "asked", "chosen", "dtype", "limits", "outputs", "points", "run", "settled",
                 "size", "spent", "write")  # fmt: skip

    def __init__(
        self, size: int, write: Callable[[], WengertList], limits: Limits, asked: str = AUTO, dtype: str = "float64"
    ) -> None:  # fmt: skip
        self.size, self.write, self.limits, self.asked, self.dtype = size, write, limits, asked, dtype
        self.spent = 0.0
        self.settled = False  # whether the kernel will not change any more
        self.points = self.outputs = 0
        self.run: BatchRun | None = None
        self.chosen: BatchChoice | None = None
        self._code: Code | None = None
        self._refused: dict[int, str] = {}  # by the position of a kernel, why it is not made

    @property
    def kernel(self) -> str:
        """The name of the kernel that runs, or ""."""
        return "" if self.chosen is None else self.chosen.kernel.name

    def count_call(self, points: int) -> BatchRun | None:
        """Count a call with this number of points. Returns the callable of a kernel, made now if it pays off from this
        call on; None without one."""
        self.points = points
        if self.settled:
            return self.run
        fixed, each = (SWEEP, ELEMENT) if self.run is None else (KERNEL, QUICK)
        self.spent += self.size * (fixed + each * points)
        settled = True
        for k, entry in enumerate(BATCHES):
            if entry is self.chosen:
                break
            if entry.dtype != self.dtype or k in self._refused or not self._wanted(entry):
                continue
            settled = False
            if self._pays(entry):
                self._prepare(k, entry)
                if entry is self.chosen:
                    break
        self.settled = settled
        return self.run

    def prepared(self) -> BatchRun | None:
        """The callable of the first kernel that can be made, made now if need be."""
        for k, entry in enumerate(BATCHES):
            if self.run is None and entry.dtype == self.dtype and self._wanted(entry):
                self._prepare(k, entry, True)
        return self.run

    def _wanted(self, entry: BatchChoice) -> bool:
        """Whether a kernel may run: the one that is asked for, or any other if that one takes no such batch."""
        if self.asked in FOR_POINTS:
            return False
        taking = [e for k, e in enumerate(BATCHES) if e.dtype == self.dtype and k not in self._refused]
        return entry.kernel.name == self.asked or self.asked not in {e.kernel.name for e in taking}

    def _pays(self, entry: BatchChoice) -> bool:
        return self.asked != AUTO or self.spent >= entry.start + self.size * entry.dear + entry.loading()

    def _prepare(self, k: int, entry: BatchChoice, asked: bool = False) -> None:
        """Make a kernel, unless it cannot run here, would exceed a limit, or needs a rule that is missing and that
        sweeps can do without."""
        seconds = self.limits.seconds
        asked = asked or self.asked != AUTO
        if why := entry.missing():
            self._refused[k] = why
        elif seconds is not None and 2 * self.size * entry.dear > seconds / 4 and not asked:
            self._refused[k] = "making a kernel of so long a list might take too much of the limit `seconds`"
        else:
            part = 1 if asked else 4
            try:
                with within(self.limits if seconds is None else self.limits._replace(seconds=seconds / part)):
                    if self._code is None:
                        self._code = inlined(code_of(self.write()), self.limits)
                    self.run, self.chosen = entry.kernel.prepare_batch(self._code), entry
                    self.outputs = len(self._code.outputs)
            except WengertError as problem:
                check_clock()  # raises if the caller's own time is up
                self._refused[k] = f"no kernel, as {problem.diagnostic.message}"

    def _passed_over(self) -> str:
        """Why kernels of higher preference do not run."""
        chosen = next(k for k, entry in enumerate(BATCHES) if entry is self.chosen)
        return "".join(
            f"; {BATCHES[k].kernel.name}: {why}"
            for k, why in self._refused.items()
            if k < chosen and BATCHES[k].dtype == self.dtype
        )

    def __str__(self) -> str:
        """A sentence that says which kernel ran last, and why."""
        count = f"{self.size} equation{'s' * (self.size != 1)}"
        what = f"a batch of {self.points} point{'s' * (self.points != 1)} and {count}"
        if self.run is not None:
            why = "the fastest for these" if self.asked == AUTO else f"as `{self.asked}` takes no such batch"
            return f"{self.kernel}: {what}, {'as asked for' if self.asked == self.kernel else why}{self._passed_over()}"
        if self.asked in FOR_POINTS:
            return f"sweeps: {what}, as `{self.asked}` is for one point"
        if self._refused:
            return f"sweeps: {next(iter(self._refused.values()))}"
        return f"sweeps: {what}, which is done before a kernel is made"
