"""The first kernel: it calls the rows' own functions one after the other, over a list of slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from operator import itemgetter
from typing import Any

from ..ground.limits import check_clock, checking_clock
from ..lists.code import Code, last_uses
from ..sweeps.interpretation import Apply
from .kernel import Answer, AnswerFormat, Functions, Run, function_of

# Steps between two checks of the clock: they take some tenths of a millisecond.
PACE = 4096

# A function and the slots of its two arguments. For one argument the second slot is -1. For three or more the first
# item is an `itemgetter` of all their slots, and the second is -2.
_Step = tuple[Callable[..., Any], Any, int]


class Interpreter:
    """Runs a code step by step. It takes every list, and is ready first."""

    name = "interpreter"
    most = inf

    def missing(self) -> str:
        return ""

    def seconds(self, steps: int) -> float:
        return 0.0

    def bare(self, form: str, code: Code, told: AnswerFormat) -> None:
        return None

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        known = {} if known is None else known
        steps: list[_Step] = []
        for row, slots in code.steps:
            function = function_of(row, code.ops, self, known)
            if len(slots) == 2:
                steps.append((function, *slots))
            elif len(slots) == 1:
                steps.append((function, slots[0], -1))
            else:
                steps.append((function, itemgetter(*slots), -2))
        return _run(code, steps)

    def over(self, code: Code) -> Callable[[Mapping[str, Any], Apply], list[Any]]:
        """The callable over arrays. It takes the values of the inputs by name and an interpretation, and returns the
        values of the outputs. An intermediate value is dropped after its last use."""
        steps = [(row.name, slots, done) for (row, slots), done in zip(code.steps, last_uses(code))]

        def run(values: Mapping[str, Any], apply: Apply) -> list[Any]:
            slots: list[Any] = [*(values[name] for name in code.inputs), *code.numbers]
            for op, places, done in checking_clock(steps):
                slots.append(apply(op, *[slots[k] for k in places]))
                for k in done:
                    slots[k] = None
            return [slots[k] for k in code.outputs]

        return run


def _run(code: Code, steps: list[_Step]) -> Run:
    numbers, (first, *others) = code.numbers, code.outputs
    pieces = [steps[k : k + PACE] for k in range(0, len(steps), PACE)]

    def run(*values: Any) -> Answer | None:
        for a in values:
            if type(a) is not float:
                return None
        slots = [*values, *numbers]
        append = slots.append
        for piece in pieces:
            check_clock()
            # The fastest loop in Python: each step unpacks one tuple and calls one function.
            for function, i, j in piece:
                if j >= 0:
                    append(function(slots[i], slots[j]))
                elif j == -1:
                    append(function(slots[i]))
                else:
                    append(function(*i(slots)))
        return slots[first], tuple([slots[k] for k in others])

    return run
