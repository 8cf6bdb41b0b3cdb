"""The way of calls over arrays to a native kernel, where nearly all their steps are in loops over elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..ground.errors import WengertError
from ..ground.limits import Limits, check_clock, within
from ..lists.code import Code
from .routes import AUTO

if TYPE_CHECKING:
    from .native.rolled import FrameRun

# The names that this kernel is asked for by.
NATIVE = (AUTO, "native")


class LoopRoute:
    """The way of one kind of calls.

    write     makes the code over the elements of all inputs, or None where there is none
    patience  the number of the call that makes the kernel: the calls before take as long as making it
    """

    __slots__ = ("_loops", "_refused", "asked", "calls", "limits", "patience", "run", "steps", "write")

    def __init__(self, write: Callable[[], Code | None], patience: int, limits: Limits, asked: str = AUTO) -> None:
        self.write, self.limits, self.asked = write, limits, asked
        self.patience = patience if asked == AUTO else 1
        self.calls = self.steps = 0
        self.run: FrameRun | None = None
        self._refused = "" if asked in NATIVE else f"`{asked}` was asked for, and has no loops over elements"

    def called(self) -> FrameRun | None:
        """Count a call. Returns the kernel's callable if it is made, or if this is the call that makes it."""
        if self.run is None and not self._refused:
            self.calls += 1
            if self.calls >= self.patience:
                self._prepare()
        return self.run

    def _prepare(self) -> None:
        from .native.rolled import framed  # few lists are long enough

        seconds = self.limits.seconds
        part = 1 if self.asked != AUTO else 4
        try:
            with within(self.limits if seconds is None else self.limits._replace(seconds=seconds / part)):
                code = self.write()
                if code is None:
                    self._refused = "no kernel, as the list computes with whole arrays"
                    return
                self.steps = len(code.steps)
                found = framed(code)
        except WengertError as problem:
            check_clock()  # raises if the caller's own time is up
            self._refused = f"no kernel, as {problem.diagnostic.message}"
            return
        if isinstance(found, str):
            self._refused = f"no kernel, as {found}"
        else:
            self.run = found

    def __str__(self) -> str:
        """A sentence that says which kernel ran last, and why."""
        if self.run is not None:
            why = "as asked for" if self.asked != AUTO else "the fastest for steps that repeat"
            return f"native: a list of {self.steps} equations, as {self.run.loops} loops, {why}"
        if self._refused:
            return f"sweeps: {self._refused}"
        return f"sweeps: call {self.calls}; a kernel is made at call {self.patience}"


def over_elements(run: FrameRun, values: list[Any]) -> Any:
    """The outputs of a kernel, as one array, at the values of the inputs: floats and arrays."""
    import numpy as np

    if len(values) == 1 and type(values[0]) is not float:
        given = np.ascontiguousarray(values[0], float)
    else:
        given = np.concatenate([np.ravel(v) for v in values]) if values else np.zeros(0)
        given = np.asarray(given, float)
    answer = np.empty(run.outputs)
    run(given, answer)
    return answer
