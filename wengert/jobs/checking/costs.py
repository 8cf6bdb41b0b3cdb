"""The cost of a call, and of the kernel that the automatic choice takes, as `wengert eval --explain` tells them."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, inf
from typing import Any

from ...ground.tuples import NamedTuple
from .bench import SWEEPS, Benchable
from .timing import Call, medians, once

# Calls that are made until a kernel runs, and the seconds that they take at most.
CALLS, PATIENCE = 40, 0.5


class Costs(NamedTuple):
    """The cost of a call in seconds, and the cost of a kernel that would save time.

    ran     a sentence that says how the first call was answered, and why
    first   seconds that the first call takes
    sweeps  seconds that a call by sweeps takes; None where a kernel was asked for
    kernel  the kernel that runs from some call on, or ""
    made    seconds that making it takes
    call    seconds that a call of it takes
    """

    ran: str
    first: float
    sweeps: float | None
    kernel: str
    made: float | None
    call: float | None

    @property
    def pays(self) -> float:
        """From how many calls on the kernel, its making included, is faster than sweeps; inf where it never is."""
        if self.sweeps is None or self.made is None or self.call is None or self.call >= self.sweeps:
            return inf
        return max(1, ceil(self.made / (self.sweeps - self.call)))


def costs(
    fresh: Callable[[], Benchable], ask: Callable[[Benchable], Any], swept: Call | None, seconds: float = 0.2
) -> Costs:  # fmt: skip
    """The costs of the call that `ask` makes to a function.

    fresh  makes the function anew, ready but without kernels
    swept  answers by sweeps alone; None where they are not to be timed
    """
    f = fresh()
    _, first = once(lambda: ask(f))
    ran, made, spent = f.kernel, first, first
    for _ in range(CALLS):
        if f.kernel.partition(":")[0] != SWEEPS or spent > PATIENCE:
            break
        _, made = once(lambda: ask(f))
        spent += made
    kernel = f.kernel.partition(":")[0]
    calls: dict[str, Call] = {} if swept is None else {SWEEPS: swept}
    if kernel != SWEEPS:
        calls[kernel] = lambda: ask(f)
    times = medians(calls, seconds)
    if kernel == SWEEPS:
        return Costs(ran, first, times.get(SWEEPS, first), "", None, None)
    call = times[kernel]
    return Costs(ran, first, times.get(SWEEPS), kernel, max(made - call, 0.0), call)
