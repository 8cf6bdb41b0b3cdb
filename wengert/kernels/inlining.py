"""Inline ops whose value is text: the steps of the text replace the op."""

from __future__ import annotations

from ..ground.limits import Limits, check_clock, exceeded
from ..lists.code import Code, code_of
from ..ops import Op
from ..sweeps.rules import forward_rule

# The most steps to which the ops of a program may expand.
MOST = 100_000


def inlined(code: Code, limits: Limits) -> Code:
    """A code without ops whose value is text. Raises LimitError if it gets too many steps.

    Ops that are defined by each other are expanded level by level.
    """
    while any(isinstance(row.forward, str) for row, _ in code.steps):
        check_clock()
        code = _one_level(code, limits)
    return code


def _one_level(code: Code, limits: Limits) -> Code:
    inputs, old = len(code.inputs), code.first
    numbers = list(code.numbers)
    # In these the k-th input is k, the k-th number -1 - k, and the k-th step inputs + k, as there will be more of both.
    places = [*range(inputs), *(-1 - k for k in range(len(numbers)))]
    steps: list[tuple[Op, list[int]]] = []
    for row, args in code.steps:
        given = [places[a] for a in args]
        if not isinstance(row.forward, str):
            steps.append((row, given))
            places.append(inputs + len(steps) - 1)
            continue
        rule = code_of(forward_rule(row, code.ops))
        given += [-1 - len(numbers) - k for k in range(len(rule.numbers))]
        numbers += rule.numbers
        for inner, inner_args in rule.steps:
            steps.append((inner, [given[a] for a in inner_args]))
            given.append(inputs + len(steps) - 1)
        places.append(given[rule.outputs[0]])
        if len(steps) > MOST:
            raise exceeded(limits, "equations", "ops of the program's own, written out")
    new = inputs + len(numbers)

    def slot(place: int) -> int:
        return place if 0 <= place < inputs else inputs - 1 - place if place < 0 else place - inputs + new

    assert len(places) == old + len(code.steps)
    return Code(
        code.inputs, tuple(numbers), tuple([(row, tuple(map(slot, args))) for row, args in steps]),
        tuple([slot(places[a]) for a in code.outputs]), code.ops,
    )  # fmt: skip
