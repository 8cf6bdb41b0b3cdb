"""Dask, which spreads work over several machines, and the way to its scheduler: the extra `dask`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from ...ground.errors import ArgumentError, UsageError, WengertError, error, shown

INSTALL = 'pip install "wengert[dask]"'
# Seconds until a scheduler that does not answer counts as unreachable, and until one without workers is given up.
PATIENCE = 4.0


def dask_for(purpose: str) -> Any:
    """The module `dask`. Raises UsageError where it is not installed."""
    try:
        import dask.dataframe
        import distributed
    except ImportError:
        raise error(UsageError, "W926", f"{purpose} needs Dask, which is not installed", help=INSTALL) from None
    return dask if hasattr(distributed, "Client") else None


def is_dask_frame(table: Any) -> bool:
    """Whether a table is a dask DataFrame. Dask is not loaded for that: where there is one, it is loaded."""
    module = sys.modules.get("dask.dataframe")
    kind = None if module is None else vars(module).get("DataFrame")
    return isinstance(kind, type) and isinstance(table, kind)


def check_scheduler(scheduler: Any) -> None:
    """Raise an error unless an argument is the address of a scheduler, a client, or None."""
    if scheduler is None:
        return
    module = sys.modules.get("distributed")
    if module is not None and isinstance(scheduler, module.Client):
        return
    if not isinstance(scheduler, str):
        raise error(ArgumentError, "W602", f"a scheduler is an address, or a client of Dask, not {shown(scheduler)}",
                    help='for instance scheduler="tcp://127.0.0.1:8786"')  # fmt: skip
    if not scheduler.rpartition(":")[2].isdecimal():
        raise unreachable(scheduler, ValueError("an address ends in a `:` and the number of a port"))


def has_default_client() -> bool:
    """Whether a client of Dask is the default in this process."""
    module = sys.modules.get("distributed")
    if module is None:
        return False
    try:
        return module.default_client() is not None
    except ValueError:
        return False


def connected(address: str) -> Any:
    """A client of the scheduler at an address. Raises UsageError if there is none, and if it has no workers."""
    dask_for("a scheduler")
    distributed: Any = import_module("distributed")
    _probe(address)
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception as problem:
        raise unreachable(address, problem) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except Exception:
        client.close(timeout=PATIENCE)
        raise error(UsageError, "W928", f"the scheduler at {address} has no workers",
                    help=f"start one: `dask worker {address}`") from None  # fmt: skip
    return client


def _probe(address: str) -> None:
    """Raise UsageError unless a scheduler answers at an address. A client that fails to connect goes on trying after
    its error, so it is not made before."""
    import asyncio
    import threading

    connect: Any = import_module("distributed.comm.core").connect
    found: list[Any] = []

    async def asked() -> Any:
        comm = await connect(address, timeout=PATIENCE)
        try:
            await comm.write({"op": "identity", "reply": True})  # not an op: a request to Dask
            return await comm.read()
        finally:
            comm.abort()

    async def in_time() -> Any:
        return await asyncio.wait_for(asked(), PATIENCE)

    def work() -> None:
        try:
            found.append(asyncio.run(in_time()))
        except BaseException as problem:
            found.append(problem)

    # In a notebook this thread has a loop already.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(2 * PATIENCE)
    told = found[0] if found else TimeoutError("no answer")
    if isinstance(told, BaseException):
        raise unreachable(address, told)
    if not isinstance(told, dict) or told.get("type") != "Scheduler":
        kind = str(told.get("type", "nothing known")) if isinstance(told, dict) else "nothing known"
        raise error(UsageError, "W927", f"at {address} there is no scheduler, but {shown(kind)}",
                    help="the address is the one that `dask scheduler` prints")  # fmt: skip


def unreachable(address: str, problem: BaseException) -> WengertError:
    """The error for a scheduler that cannot be reached."""
    why = " ".join(str(problem).split())
    if isinstance(problem, (OSError, TimeoutError)) or not why:
        why = "it does not answer"
    elif not isinstance(problem, ValueError):
        why = "it answers, but not as a scheduler of Dask"
    help = "the address is the one that `dask scheduler` prints, for instance tcp://127.0.0.1:8786"
    return error(UsageError, "W927", f"cannot reach the scheduler at {shown(address)}: {why[:160]}", help=help)


def lost_work(problem: BaseException) -> WengertError | None:
    """Our error for an exception that a cluster raises instead of a result; None if the cluster is not the cause."""
    import asyncio
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    if isinstance(problem, KilledWorker):
        return error(UsageError, "W928", "several workers died, one after the other, over the same rows",
                     help="they may lack memory: make the partitions smaller, or see the logs of the workers"
                     )  # fmt: skip
    gone = (CommClosedError, CancelledError, asyncio.CancelledError, TimeoutError)
    names = ("FutureCancelledError", "FuturesCancelledError")
    if isinstance(problem, gone) or type(problem).__name__ in names:
        return error(UsageError, "W927", "the scheduler is gone: the connection was lost during the work",
                     help="start it again; nothing was written")  # fmt: skip
    if isinstance(problem, ImportError) and "wengert" in str(problem):
        return error(UsageError, "W928", f"a worker cannot run wengert: {problem}",
                     help="install the same wengert on every worker")  # fmt: skip
    return None


__all__ = [
    "INSTALL",
    "PATIENCE",
    "check_scheduler",
    "connected",
    "dask_for",
    "is_dask_frame",
    "lost_work",
    "unreachable",
]
