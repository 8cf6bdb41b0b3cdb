"""Plans: a list over arrays, prepared for the shapes of one call.

Everything that does not depend on the numbers is done once: the list of derivatives is written, its steps become
instructions for these shapes, runs of them are fused, and their memory is laid out. A call then runs one function.

A plan gives the answers of the sweeps. If an op refuses its arguments, or the value is not finite in a call for
derivatives, the caller runs the sweeps instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from ..ground.errors import LimitError, WengertError
from ..ground.limits import Limits, check_clock, within
from ..lists.code import Code, code_of
from ..lists.wengert_list import Atom, WengertList
from .evaluation import Evaluation, Pieces
from .kernel_names import AUTO
from .routes import DEAR, LATER, SHORT

NUMPY = "numpy"
# Memory is kept between calls: for KEPT calls at once, at most BYTES for each.
KEPT, BYTES = 4, 1 << 26
PROBLEMS = (WengertError, IndexError, ValueError, OverflowError, MemoryError)


class ArrayPlan:
    """A code for the shapes of one call.

    steps    how many functions a call runs through
    fresh    whether its answers are numbers and arrays that share memory with nothing
    answers  the values of the outputs in the call that it was made for
    """

    def __init__(self, code: Code, values: Sequence[Any], apply: Any, most: int) -> None:
        from .array_instructions import Instructions
        from .fused_runs import routine

        made = Instructions(code, values, apply)
        if max((prod(form.shape or ()) for form in made.forms), default=0) > most:
            raise MemoryError
        found = routine(made.steps, made.forms, made.outputs, len(values))
        self.answers: list[Any] = made.answers
        self.run, self.buffers, self.steps, self.fresh = found
        size = sum(prod(shape or ()) * dtype.itemsize for shape, dtype in self.buffers)
        self.memories: list[list[Any]] = []
        self.kept = KEPT if size <= BYTES else 0

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """The values of the outputs. Each call has its own memory, so that calls may run concurrently."""
        try:
            memory = self.memories.pop()
        except IndexError:
            from numpy import empty

            memory = [empty(shape, dtype) for shape, dtype in self.buffers]
        found: list[Any] = self.run(*values, memory)
        if len(self.memories) < self.kept:
            self.memories.append(memory)
        return found


class PlanRoute:
    """How one kind of call over arrays of given shapes gets its answer.

    size   the number of equations that a call sweeps
    write  makes the list that is planned
    asked  the name of a kernel, or "auto"
    """

    __slots__ = ("_refused", "asked", "calls", "code", "limits", "plans", "size", "write")

    def __init__(self, size: int, write: Callable[[], WengertList], limits: Limits, asked: str) -> None:
        self.size, self.write, self.limits, self.asked = size, write, limits, asked
        self.calls = 0
        self.code: Code | None = None
        # By the shapes of a piece of the batch.
        self.plans: dict[Any, ArrayPlan] = {}
        self._refused = "" if asked in (AUTO, NUMPY) else f"`{asked}` is for numbers alone"

    @property
    def patience(self) -> int:
        """The number of the call that makes the plan."""
        return 1 if self.asked == NUMPY else 2 if self.size <= SHORT else LATER

    def answers(self, call: Evaluation, likes: Sequence[Atom]) -> list[Any] | None:
        """The values of the outputs, in the shapes of `likes`; None if the sweeps must give them."""
        if self._refused:
            return None
        if self.code is None:
            self.calls += 1
            if self.calls < self.patience or not self._written():
                return None
        code = self.code
        assert code is not None
        found = Pieces(call)
        for part in found.parts:
            values = [part.values[n] for n in code.inputs]
            try:
                results = self._results(code, part, values)
            except LimitError:
                raise
            except PROBLEMS:
                return None  # The sweeps say which op it was, and where it is.
            if results is None:
                return None
            found.add([part.full(v, a) for v, a in zip(results, likes)])
        return found.answers

    def plan_for(self, values: Sequence[Any]) -> ArrayPlan | None:
        """The plan for values of these shapes, if it is made."""
        return self.plans.get(tuple([None if type(v) is float else v.shape for v in values]))

    def _results(self, code: Code, part: Evaluation, values: list[Any]) -> list[Any] | None:
        plan = self.plan_for(values)
        if plan is not None:
            return plan(values)
        from .array_instructions import TooLong

        try:
            plan = ArrayPlan(code, values, part.apply, self.limits.elements)
        except TooLong:
            self._refused = "the list is too long for a plan"
            return None
        results, plan.answers = plan.answers, []
        self.plans[tuple([None if type(v) is float else v.shape for v in values])] = plan
        return results

    def _written(self) -> bool:
        """Write the list, unless that would exceed a limit."""
        seconds = self.limits.seconds
        if seconds is not None and self.size * DEAR > seconds / 4:
            self._refused = "making a plan of so long a list might take too much of the limit `seconds`"
            return False
        try:
            with within(self.limits if seconds is None else self.limits._replace(seconds=seconds / 4)):
                self.code = code_of(self.write())
        except WengertError as problem:
            check_clock()  # raises if the caller's own time is up
            self._refused = f"no plan, as {problem.diagnostic.message}"
        return self.code is not None

    def __str__(self) -> str:
        """A sentence that says which kernel ran last, and why."""
        if self._refused:
            return f"sweeps: {self._refused}"
        if self.plans:
            steps = max(plan.steps for plan in self.plans.values())
            return f"{NUMPY}: a plan of {steps} steps over arrays of these shapes"
        length = f"{self.size} equation{'s' * (self.size != 1)}"
        when = f"which gets a plan at call {self.patience}"
        return f"sweeps: call {self.calls} of a list of {length} over these shapes, {when}"
