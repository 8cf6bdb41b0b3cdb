"""Work on the parts of a table by Dask: on the cluster of a scheduler, or on threads of this process.

A part is done again where a worker dies over it. Answers are joined on the workers, by a tree of a fixed shape.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FuturesTimeout
from importlib import import_module
from itertools import islice
from time import monotonic
from typing import Any

from ...ground.errors import UsageError, WengertError, error
from .dask_import import connected, dask_for, lost_work

# Answers that are joined at a time.
FAN = 16
# Parts that are under way at a time, for each thread of the workers, where their answers are large.
AHEAD = 2
# Seconds between two looks at the workers, and until work without a worker is given up: one that died starts anew.
LOOK, GIVEN_UP = 5.0, 60.0


class Cluster:
    """Where Dask works: a scheduler by its address, a client of one, or None for the default client or else threads of
    this process."""

    def __init__(self, scheduler: Any = None) -> None:
        self.scheduler = scheduler
        self._client: Any = None

    def client(self) -> Any:
        """The client; None for threads of this process. Raises UsageError for a scheduler that cannot be reached."""
        if isinstance(self.scheduler, str):
            if self._client is None:
                self._client = connected(self.scheduler)
            return self._client
        if self.scheduler is not None:
            return self.scheduler
        default: Any = dask_for("this") and import_module("distributed").default_client
        try:
            return default()
        except ValueError:
            return None

    def close(self) -> None:
        """Leave a scheduler that was reached by its address. The next work reaches it again."""
        client, self._client = self._client, None
        if client is not None:
            client.close(timeout=2)

    def reduced(
        self, function: Callable[..., Any], parts: Sequence[Any], shared: Any, more: Sequence[Any],
        join: Callable[[list[Any]], Any],
    ) -> Any:  # fmt: skip
        """The answers `function(part, shared, *more)` of all parts, joined.

        `shared` travels to each worker once.
        """
        delayed = dask_for("this").delayed
        text = delayed(shared)
        level = [delayed(function)(part, text, *more) for part in parts]
        while len(level) > 1:
            level = [delayed(join)(level[k : k + FAN]) for k in range(0, len(level), FAN)]
        return self._answers(level)[0] if level else None

    def in_order(
        self, function: Callable[..., Any], parts: Sequence[Any], shared: Any, more: Sequence[Any]
    ) -> Iterator[Any]:
        """The results of the parts in order, with few of them under way at a time."""
        delayed = dask_for("this").delayed
        text = delayed(shared)
        tasks = iter([delayed(function)(part, text, *more) for part in parts])
        client = self.client()
        if client is None:
            for task in tasks:
                yield self._answers([task])[0]
            return
        most = AHEAD * max(sum(client.nthreads().values()), 1)
        waiting = [client.compute(task) for task in islice(tasks, most)]
        try:
            while waiting:
                found = self.gathered(waiting[:1])[0]
                del waiting[0]
                waiting += [client.compute(task) for task in islice(tasks, 1)]
                yield found
        finally:
            client.cancel(waiting)

    def _answers(self, tasks: list[Any]) -> list[Any]:
        client = self.client()
        if client is not None:
            with warnings.catch_warnings():
                # Columns in memory travel with the work; there is no better way for them.
                warnings.filterwarnings("ignore", "Sending large graph")
                futures = client.compute(tasks)
            return self.gathered(futures)
        try:
            return list(dask_for("this").compute(*tasks, scheduler="threads"))
        except WengertError:
            raise
        except Exception as problem:
            raise _failed(problem) from problem

    def gathered(self, futures: list[Any]) -> list[Any]:
        """The answers of work that is under way. Raises UsageError for work that the cluster cannot do."""
        client = self.client()
        try:
            self._wait(client, futures)
            return list(client.gather(futures))
        except WengertError:
            raise
        except Exception as problem:
            if (ours := lost_work(problem)) is not None:
                raise ours from None
            raise _failed(problem) from problem
        finally:
            client.cancel(futures)

    def _wait(self, client: Any, futures: list[Any]) -> None:
        """Wait until work ends. Raises UsageError where there was no worker left for some time."""
        wait: Any = import_module("distributed").wait
        none_since: float | None = None
        while True:
            try:
                with client.as_current():
                    wait(futures, timeout=LOOK)
                return
            except (TimeoutError, FuturesTimeout):
                now = monotonic()
                none_since = None if client.nthreads() else none_since or now
                if none_since is not None and now - none_since > GIVEN_UP:
                    raise error(UsageError, "W928", "the scheduler has no workers left",
                                help="see their logs for the reason, and start others: nothing was written"
                                ) from None  # fmt: skip


def _failed(problem: Exception) -> WengertError:
    why = " ".join(f"{type(problem).__name__}: {problem}".split())
    return error(UsageError, "W928", f"the work on a part of the table failed: {why[:300]}",
                 help="a task that makes the table raises this, or a worker differs from this machine"
                 )  # fmt: skip


__all__ = ["Cluster"]
