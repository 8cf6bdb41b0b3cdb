"""A Wengert list by position: values have slots instead of names.

The slots hold the inputs, then the numbers that the list contains, then the value of each step in order. A step is a
row and the slots of its arguments, so running the code looks up no names. Kernels are prepared from this form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from ..ground.limits import checking_clock
from ..ground.tuples import NamedTuple
from ..ops import CONSTANTS, Op
from .wengert_list import WengertList, table_of

Step = tuple[Op, tuple[int, ...]]


class Code(NamedTuple):
    """A list by position.

    inputs   the names of the inputs; their values are in the first slots
    numbers  the numbers that the list contains, each once, in the slots after the inputs
    steps    for each equation the row of its op and the slots of its arguments
    outputs  the slots of the outputs
    ops      the rows that the list defines for itself
    """

    inputs: tuple[str, ...]
    numbers: tuple[float, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    ops: tuple[Op, ...] = ()

    @property
    def first(self) -> int:
        """The slot of the first step's value."""
        return len(self.inputs) + len(self.numbers)


def code_of(wlist: WengertList) -> Code:
    """A list by position, in time linear in its length. Free constants become numbers. Derivative expressions must be
    expanded beforehand."""
    table = table_of(wlist.ops)
    places: dict[Any, int] = {name: k for k, name in enumerate(wlist.inputs)}
    defined = {e.output for e in wlist.equations}
    numbers: dict[str, int] = {}  # by their bits, as 0 and -0 are two numbers, and nan is one
    values: list[float] = []
    first = len(places)

    def number(value: float) -> int:
        key = value.hex()
        if key not in numbers:
            numbers[key] = first + len(values)
            values.append(value)
        return numbers[key]

    # The slots of numbers precede those of steps, so all numbers must be known before the first step.
    for inputs in chain((e.inputs for e in checking_clock(wlist.equations)), (wlist.outputs,)):
        for a in inputs:
            if not isinstance(a, str):
                number(a)
            elif a not in places and a not in defined:
                places[a] = number(CONSTANTS[a])
    slot = first + len(numbers)
    steps: list[Step] = []
    for output, op, inputs in checking_clock(wlist.equations):
        steps.append((table[op], tuple([places[a] if isinstance(a, str) else number(a) for a in inputs])))
        places[output] = slot
        slot += 1
    outputs = tuple([places[a] if isinstance(a, str) else number(a) for a in wlist.outputs])
    return Code(wlist.inputs, tuple(values), tuple(steps), outputs, wlist.ops)


def run(code: Code, values: Sequence[Any], apply: Callable[..., Any]) -> Any:
    """Run a code with a function that applies an op, on values of the inputs, and return the first output."""
    slots = [*values, *code.numbers]
    for row, places in code.steps:
        slots.append(apply(row.name, *[slots[k] for k in places]))
    return slots[code.outputs[0]]


def last_uses(code: Code) -> list[tuple[int, ...]]:
    """For each step, the slots that it is the last to read, except slots of outputs and numbers. A step that nothing
    reads has its own slot among them."""
    seen = set(code.outputs)
    seen.update(range(len(code.inputs), code.first))
    found: list[tuple[int, ...]] = []
    for k in range(len(code.steps) - 1, -1, -1):
        done = [s for s in dict.fromkeys((*code.steps[k][1], code.first + k)) if s not in seen]
        seen.update(done)
        found.append(tuple(done))
    found.reverse()
    return found
