"""Calls over arrays by a native kernel, for lists whose steps are nearly all in loops over elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from ..ground.errors import WengertError
from ..ground.limits import Limits, check_clock, within
from .kernel_names import AUTO
from .routes import DEAR

if TYPE_CHECKING:
    from .elements import TakenApart
    from .native.rolled import FrameRun

# The names by which this kernel may be asked for.
NATIVE = (AUTO, "native")
# The fewest equations that are worth a try, and the number of the call that makes a kernel of a list and its
# derivatives.
LONG, PATIENCE = 300, 4


class LoopRoute:
    """How one kind of call gets its answer.

    size      the number of equations that a call sweeps
    write     makes the code over the elements of all inputs, or None where there is none
    shapes    the shapes of the outputs
    refused   the reason why there is no kernel, or ""
    patience  the number of the call that makes the kernel: the calls before take as long as making it
    """

    __slots__ = ("asked", "calls", "limits", "patience", "refused", "run", "shapes", "size", "steps", "write")

    def __init__(
        self, size: int, write: Callable[[], TakenApart | None], patience: int, limits: Limits, asked: str = AUTO
    ) -> None:  # fmt: skip
        self.size, self.write, self.limits, self.asked = size, write, limits, asked
        self.patience = patience if asked == AUTO else 1
        self.calls = self.steps = 0
        self.shapes: tuple[tuple[int, ...], ...] = ()
        self.run: FrameRun | None = None
        self.refused = "" if asked in NATIVE else f"`{asked}` was asked for, and has no loops over elements"

    def answers(self, values: Sequence[Any]) -> list[Any] | None:
        """The outputs, new floats and arrays, at values of the inputs, which are floats and arrays too. None if no
        kernel is made yet, or ever."""
        run = self._called()
        if run is None:
            return None
        import numpy as np

        if len(values) == 1 and type(values[0]) is not float:
            given = np.ascontiguousarray(values[0], float)
        else:
            given = np.concatenate([np.ravel(v) for v in values]) if values else np.zeros(0)
        if len(self.shapes) == 1 and self.shapes[0]:
            whole = np.empty(self.shapes[0])
            run(given, whole)
            return [whole]
        flat = np.empty(run.outputs)
        run(given, flat)
        found: list[Any] = []
        at = 0
        for shape in self.shapes:
            size = prod(shape)
            found.append(flat[at : at + size].reshape(shape).copy() if shape else float(flat[at]))
            at += size
        return found

    def prepared(self) -> FrameRun | None:
        """The kernel's callable, made now if need be; None if there is none."""
        self.patience = 0
        return self._called()

    def _called(self) -> FrameRun | None:
        """Count a call. Returns the kernel's callable if it is made, or if this is the call that makes it."""
        if self.run is None and not self.refused:
            self.calls += 1
            if self.calls >= self.patience:
                self._prepare()
        return self.run

    def _prepare(self) -> None:
        from .native.rolled import framed  # few lists are long enough

        seconds = self.limits.seconds
        if seconds is not None and self.size * DEAR > seconds / 4 and self.asked == AUTO:
            self.refused = "making a kernel of so long a list might take too much of the limit `seconds`"
            return
        part = 1 if self.asked != AUTO else 4
        try:
            with within(self.limits if seconds is None else self.limits._replace(seconds=seconds / part)):
                apart = self.write()
                if apart is None:
                    self.refused = "no kernel, as the list computes with whole arrays"
                    return
                self.steps, self.shapes = len(apart.code.steps), apart.shapes
                found = framed(apart.code)
        except WengertError as problem:
            check_clock()  # raises if the caller's own time is up
            self.refused = f"no kernel, as {problem.diagnostic.message}"
            return
        if isinstance(found, str):
            self.refused = f"no kernel, as {found}"
        else:
            self.run = found

    def __str__(self) -> str:
        """A sentence that says which kernel ran last, and why."""
        if self.run is not None:
            why = "as asked for" if self.asked != AUTO else "the fastest for steps that repeat"
            return f"native: a list of {self.steps} equations, as {self.run.loops} loops, {why}"
        if self.refused:
            return f"sweeps: {self.refused}"
        return f"sweeps: call {self.calls}; a kernel is made at call {self.patience}"
