"""Reverse sweeps in little memory: a few values are kept as checkpoints, and the others are recomputed between them.

A. Griewank, "Achieving logarithmic growth of temporal and spatial complexity in reverse automatic differentiation",
Optimization Methods and Software 1 (1992), pp. 35-54; A. Griewank, A. Walther, "Evaluating Derivatives", 2nd ed., SIAM
2008, chapter 12. With one level of checkpoints and √n segments of a list of n equations, √n segment ends and one
segment's values are kept at once, and a derivative costs one more forward sweep.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import isqrt
from typing import Any

from ..ground.errors import UsageError, error
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import WengertList
from ..ops import CONSTANTS
from .guards import ReverseState
from .interpretation import Interpretation
from .numbers import Numbers
from .reverse import ReverseRequest, reverse_sweep
from .rules import Rules
from .ties import Ties


class Checkpoints(NamedTuple):
    """Requests to a reverse sweep in little memory.

    active    the names that derivatives pass through
    wanted    the names whose adjoints are wanted
    segments  their number, or True for the square root of the number of equations
    """

    active: Collection[str]
    wanted: Collection[str]
    segments: Any = True


def checkpointed(
    wlist: WengertList, point: Mapping[str, Any], seeds: Mapping[str, Any], apply: Interpretation, rules: Rules,
    request: Checkpoints,
) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
    """The values of the outputs and the adjoints of the wanted names, bit for bit as from one sweep in full memory.

    Between two segments, only values are kept that are read later. Raises UsageError if `segments` is no valid number.
    """
    active, wanted, segments = request
    starts = _starts(wlist, _number(segments, len(wlist.equations)))
    spans = [range(start, end) for start, end in zip(starts, [*starts[1:], len(wlist.equations)])]
    last = _last_uses(wlist)
    tape = _Tape({**CONSTANTS, **point})
    kept: list[dict[str, Any]] = []
    for span in spans:
        kept.append({n: tape[n] for n in tape.computed})
        tape.run(wlist, apply, span, last)
    outputs = {a: tape[a] for a in wlist.outputs if isinstance(a, str)}
    state = ReverseState(seeds, apply, at_once=True)
    for span in reversed(spans):
        tape.restart(kept.pop())
        tape.run(wlist, apply, span)
        reverse_sweep(wlist, tape, {}, apply, rules, ReverseRequest(active=active, span=span, state=state))
        if span.start:
            state.leave(wlist.equations[k].output for k in span if wlist.equations[k].output not in wanted)
    state.settle()
    return outputs, state.adjoint


class _Tape(dict[str, Any]):
    """Values by name. Computed values can be dropped."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        super().__init__(given)
        self.computed: dict[str, None] = {}

    def run(
        self, wlist: WengertList, apply: Interpretation, span: range, last: Mapping[Any, int] | None = None
    ) -> None:
        """Sweep forward over a span. If last uses are given, drop each value after its last use."""
        for k in span:
            output, op, inputs = wlist.equations[k]
            self[output] = apply(op, *[self[a] if type(a) is str else a for a in inputs])
            self.computed[output] = None
            if last is not None:
                for a in (*inputs, output):
                    if a in self.computed and last[a] <= k:
                        del self[a], self.computed[a]

    def restart(self, kept: dict[str, Any]) -> None:
        """Go back to the values kept at the start of a span."""
        for name in self.computed:
            del self[name]
        self.update(kept)
        self.computed = dict.fromkeys(kept)


def _number(segments: Any, n: int) -> int:
    if segments is True:
        return max(1, isqrt(n))
    if not isinstance(segments, int) or segments < 1:
        message = f"checkpoint is True, or a number of segments from 1 on, not {segments!r:.60}"
        raise error(UsageError, "W602", message)
    return max(1, min(segments, n))


def _last_uses(wlist: WengertList) -> dict[Any, int]:
    """The equation that reads each name last: its own for a name that none reads, one past the end for an output."""
    last: dict[Any, int] = {}
    for k, (output, _, inputs) in enumerate(wlist.equations):
        last[output] = k
        for a in inputs:
            last[a] = k
    _keep_compared(wlist, last)
    last.update(dict.fromkeys(wlist.outputs, len(wlist.equations)))
    return last


def _keep_compared(wlist: WengertList, last: dict[Any, int]) -> None:
    """If equality decides a condition, the reverse sweep also reads the values from which it is made (see `ties`)."""
    ties, seen = Ties(wlist, {}, Numbers(wlist.ops)), set[Any]()
    for k in range(len(wlist.equations) - 1, -1, -1):
        row = ties.table.get(wlist.equations[k].op)
        if row is not None and row.shares:
            for a in ties.read(wlist.equations[k], seen):
                last[a] = max(last.get(a, k), k)


def _starts(wlist: WengertList, segments: int) -> list[int]:
    """Where the segments start: near the ends of equal parts, where the fewest values pass across."""
    n = len(wlist.equations)
    change = [0] * (n + 2)
    last = _last_uses(wlist)
    for k, e in enumerate(wlist.equations):
        change[k + 1] += 1
        change[last[e.output] + 1] -= 1
    across, live = [], 0
    for k in range(n + 1):
        live += change[k]
        across.append(live)
    around = n // (4 * segments)
    starts = [0]
    for j in range(1, segments):
        middle = j * n // segments
        near = range(max(starts[-1] + 1, middle - around), min(n - 1, middle + around) + 1)
        if near:
            starts.append(min(near, key=lambda k: (across[k], abs(k - middle))))
    return starts
