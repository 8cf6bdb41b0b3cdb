"""The time that calls take: calls that are compared take turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

from ...ground.limits import check_clock
from ...ground.progress import progressing

Call = Callable[[], Any]
# Seconds that a turn of one call takes at least, by repetition, as a clock reads some tenths of a microsecond.
TURN = 5e-4
# The turns of each call, at most, and at least, however long they take.
MOST, LEAST = 31, 3
# A call that takes more seconds than this, or than all timing should, is made once.
SLOW = 1.0


def once(call: Call) -> tuple[Any, float]:
    """The answer of a call, and the seconds that it took."""
    begun = perf_counter()
    answer = call()
    return answer, perf_counter() - begun


def medians(calls: Mapping[str, Call], seconds: float) -> dict[str, float]:
    """The median of the seconds that each call takes, in some `seconds` for all of them together. Raises LimitError."""
    repeats: dict[str, int] = {}
    slow: dict[str, float] = {}
    total = 0.0
    for name, call in calls.items():
        check_clock()
        took = once(call)[1]
        if took < TURN:
            took = min(took, once(call)[1])  # the first call of all may have made something ready
        if took > max(SLOW, seconds):
            slow[name] = took
            continue
        repeats[name] = max(1, min(10_000, int(TURN / max(took, 1e-8))))
        total += repeats[name] * took
    turns = max(LEAST, min(MOST, int(seconds / max(total, 1e-9))))
    found: dict[str, list[float]] = {name: [] for name in repeats}
    for _ in progressing(range(turns), "timing"):
        for name, count in repeats.items():
            check_clock()
            found[name].append(_turn(calls[name], count))
    times = {name: median(taken) for name, taken in found.items()}
    return {name: slow[name] if name in slow else times[name] for name in calls}


def _turn(call: Call, repeats: int) -> float:
    turns = range(repeats)
    begun = perf_counter()
    for _ in turns:
        call()
    return (perf_counter() - begun) / repeats
