"""Threads for batches: as many as `WENGERT_NUM_THREADS` says, by default as many as there are cores that one may use.

The threads are kept from call to call, for each process its own: a forked process has none of its parent's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from ..ground.environment import threads_asked
from ..ground.limits import carried

_POOLS: dict[int, tuple[int, ThreadPoolExecutor]] = {}
_LOCK = threading.Lock()
# Whether the running thread already works for a call: then a call within it takes no further threads, which could all
# be waiting for each other.
_HERE = threading.local()


def cores() -> int:
    """The number of threads that a call may use. Raises UsageError if the variable holds no whole number above 0."""
    if asked := threads_asked():
        return asked
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # a system that does not tell
        return os.cpu_count() or 1


class Stop:
    """Whether the threads of one call shall end early."""

    asked = False


def together(work: Callable[[Stop], None], count: int) -> None:
    """Run `work` in this thread and, at the same time, in up to `count` - 1 others, and wait for all of them.

    `work` takes its share from a common store until that is empty, and looks now and then whether to stop. It runs in a
    copy of this thread's context, so the clock of the limits runs there too, for the time that is left here. Raises the
    first error that any raises.
    """
    stop = Stop()
    others: list[Future[None]] = []
    if count > 1 and not getattr(_HERE, "works", False):
        others = _started(lambda: _safely(work, stop), count - 1)
    try:
        _safely(work, stop)
    except BaseException:
        stop.asked = True
        raise
    finally:
        # One that has not begun is not waited for: all of its share is done.
        waited = [one for one in others if not one.cancel()]
        problems = [problem for one in waited if (problem := one.exception()) is not None]
    for problem in problems:
        raise problem


def _safely(work: Callable[[Stop], None], stop: Stop) -> None:
    before, _HERE.works = getattr(_HERE, "works", False), True
    try:
        work(stop)
    except BaseException:
        stop.asked = True
        raise
    finally:
        _HERE.works = before


def _started(work: Callable[[], None], count: int) -> list[Future[None]]:
    carry_on = carried()

    def begun() -> None:
        carry_on()
        work()

    try:
        pool = _pool(count)
        return [pool.submit(copy_context().run, begun) for _ in range(count)]
    except RuntimeError:  # the interpreter is shutting down, or the system has no thread to give
        return []


def _pool(count: int) -> ThreadPoolExecutor:
    with _LOCK:
        size, pool = _POOLS.get(os.getpid(), (0, None))
        if pool is None or size < count:
            pool = ThreadPoolExecutor(count, thread_name_prefix="wengert")
            _POOLS.clear()
            _POOLS[os.getpid()] = count, pool
        return pool


def _forked() -> None:
    """The lock may have been held by a thread that the new process lacks."""
    global _LOCK
    _LOCK = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
