"""Tables larger than memory: workers of Dask, one and two, and the memory of a fit in batches.

    python -m benchmarks.beyond            # 10⁸ rows, made on the fly
    python -m benchmarks.beyond --quick    # 10⁷
    python -m benchmarks.beyond --only memory

The work on the workers is a loss with its gradient, and a fit. Each worker is a process with one thread; the rows are
made where they are used, by a few operations of NumPy, and their time counts. The clusters of one and of two workers
take turns. Times are those of the clock on the wall, so that a busy machine shows: the load is printed beside them, and
the processor time of the workers, which other work does not change.

The memory of a fit is the greatest resident size of a process of its own, less that of the same process with a table of
1,000 rows.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np

LOSS = "log(1 + exp(-y*(a*x + b*sin(x) + c)))"
MODEL = "y ~ a*exp(-b*x) + c"
PART = 1_000_000
ALONE = dict.fromkeys(("WENGERT_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def rows_of(k: int, rows: int = PART) -> Any:
    """A part of the table: no two parts are the same, and numbers at random would take longer than the work on them."""
    import pandas as pd

    at = np.arange(k * rows, (k + 1) * rows, dtype=float)
    x = (at * 0.6180339887498949) % 1.0 * 5
    noise = (at * 0.7548776662466927) % 1.0 - 0.5
    return pd.DataFrame({"x": x, "y": 5 * np.exp(-1.3 * x) + 0.5 + 0.1 * noise})


def batches(rows: int, size: int = 1 << 18) -> Any:
    """The same rows as batches."""

    def made() -> Any:
        for first in range(0, rows, size):
            at = np.arange(first, min(first + size, rows), dtype=float)
            x = (at * 0.6180339887498949) % 1.0 * 5
            noise = (at * 0.7548776662466927) % 1.0 - 0.5
            yield {"x": x, "y": 5 * np.exp(-1.3 * x) + 0.5 + 0.1 * noise}

    return made


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def on_workers(rows: int, rounds: int, only: str = "") -> None:
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    import wengert as wg

    meta = rows_of(0, 2)
    ddf = dd.from_map(rows_of, range(rows // PART), meta=meta)
    loss = wg.compile(LOSS)
    jobs = {
        "loss and gradient": lambda at: loss.total(ddf, a=0.3, b=0.2, c=0.1, scheduler=at).value,
        "fit, 3 parameters": lambda at: wg.fit(MODEL, ddf, start={"a": 3, "b": 1, "c": 0}, scheduler=at)["b"].value,
    }
    os.environ.update(ALONE)
    options: dict[str, Any] = {
        "threads_per_worker": 1,
        "processes": True,
        "dashboard_address": ":0",
        "silence_logs": 50,
    }
    clusters = {n: LocalCluster(n_workers=n, **options) for n in (1, 2)}
    clients = {n: Client(c.scheduler_address, set_as_default=False) for n, c in clusters.items()}
    print(f"{rows:,} rows in parts of {PART:,}, made on the fly; the median of {rounds} turns after a short first one")
    small = dd.from_map(rows_of, range(8), meta=meta)
    for client in clients.values():
        loss.total(small, a=0.3, b=0.2, c=0.1, scheduler=client)
    for name, job in jobs.items():
        if only not in name:
            continue
        spent: dict[int, list[float]] = {1: [], 2: []}
        busy: dict[int, list[float]] = {1: [], 2: []}
        answers = set()
        for _ in range(rounds):
            for n, client in clients.items():
                before, begun = sum(client.run(process_time).values()), perf_counter()
                answers.add(job(client))
                spent[n].append(perf_counter() - begun)
                busy[n].append(sum(client.run(process_time).values()) - before)
        one, two = median(spent[1]), median(spent[2])
        print(f"{name:18} 1 worker {one:7.1f} s, 2 workers {two:7.1f} s: {one / two:.2f} × as fast; processor time "
              f"{median(busy[1]):.1f} s and {median(busy[2]):.1f} s; {load()}; "
              f"{'equal' if len(answers) == 1 else 'unequal'} answers", flush=True)  # fmt: skip
    for c in clients.values():
        c.close()
    for cluster in clusters.values():
        cluster.close()


# A fit in a process of its own, which prints its time, its memory and its answer.
CHILD = """
import json, resource, sys
from time import process_time
import numpy as np
import wengert as wg
from benchmarks.beyond import MODEL, batches
rows, engine = int(sys.argv[1]), sys.argv[2]
table = batches(rows)
if engine == "memory":
    parts = list(table())
    table = {n: np.concatenate([p[n] for p in parts]) for n in ("x", "y")}
    del parts
begun = process_time()
found = wg.fit(MODEL, table, start={"a": 3, "b": 1, "c": 0}, engine=engine)
took = process_time() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([took, peak, [e.value for e in found], [e.error for e in found]]))
"""


def fitted(rows: int, engine: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(rows), engine],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, **ALONE},
    )
    return json.loads(done.stdout)


def in_batches(most: int) -> None:
    print(f"\n{MODEL}: the memory of a fit in one process, beyond that of one with 1,000 rows")
    base = fitted(1_000, "batches")[1]
    for rows in (most // 10, most):
        whole, parts = fitted(rows, "memory"), fitted(rows, "batches")
        apart = max(abs(a / b - 1) for k in (2, 3) for a, b in zip(whole[k], parts[k]))
        print(f"{rows:>13,} rows: in memory {whole[1] - base:7.0f} MB, {whole[0]:6.1f} s; in batches "
              f"{parts[1] - base:6.0f} MB, {parts[0]:6.1f} s; answers {apart:.0e} apart", flush=True)  # fmt: skip
    rows = 10 * most
    parts = fitted(rows, "batches")
    print(f"{rows:>13,} rows: in batches {parts[1] - base:6.0f} MB, {parts[0]:6.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beyond", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10⁷ rows, and 10⁶ for the memory")
    parser.add_argument("--rows", type=int, default=None, help="rows for the workers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="loss, fit or memory")
    asked = parser.parse_args()
    if asked.only in ("", "memory"):
        in_batches(1_000_000 if asked.quick else 10_000_000)
        print()
    if asked.only != "memory":
        on_workers(asked.rows or (10_000_000 if asked.quick else 100_000_000), asked.rounds, asked.only)


if __name__ == "__main__":
    main()
