"""The ways from a loop of a native kernel to the values that its steps take, and to the cells where theirs go."""

from __future__ import annotations

from ...ground.tuples import NamedTuple
from ...lists.repetition import RepeatedSteps

# The spaces of memory: inputs, numbers, the frame of intermediate values, outputs.
INPUTS, NUMBERS, FRAME, OUTPUTS = range(4)


class StepOperand(NamedTuple):
    """An argument that step `k` of the same turn gives."""

    k: int


class CarriedOperand(NamedTuple):
    """An argument that step `k` of the turn `back` turns ago gives."""

    k: int
    back: int


class SharedOperand(NamedTuple):
    """An argument that all turns share."""

    slot: int


class StridedOperand(NamedTuple):
    """An argument in memory: in each turn `stride` cells further."""

    space: int
    start: int
    stride: int


class TableOperand(NamedTuple):
    """An argument in memory: in the cells that the table of indices tells, from its entry `start` on."""

    space: int
    start: int


Read = StepOperand | CarriedOperand | SharedOperand | StridedOperand | TableOperand
# The ways to a value and to its cell.
Copying = tuple[SharedOperand | StridedOperand | TableOperand, StridedOperand | TableOperand]


class Rolled(NamedTuple):
    """A loop with the places of its values.

    reads     for each step of the body the ways to its arguments
    stores    for each step of the body where its value goes, or None
    patches   cells of the frame that are filled before the loop, and the slots of their values
    parallel  whether no turn reads a cell that another one writes
    """

    loop: RepeatedSteps
    reads: tuple[tuple[Read, ...], ...]
    stores: tuple[StridedOperand | None, ...]
    patches: tuple[tuple[int, int], ...]
    parallel: bool
