"""`map` from Parquet to Parquet: value and 6 derivatives of a formula of 6 columns, beside others who do it by hand.

    python -m benchmarks.map                        # 10^7 rows, 3 turns
    python -m benchmarks.map --quick                # 10^6 rows
    python -m benchmarks.map --rows 100000000 --only wengert,pyarrow --folder /somewhere/large

The measure is pyarrow alone: it reads the 6 columns and writes 7 of the same kind, in the same groups of rows,
without dictionaries, with Snappy ("pyarrow-none": without it; "pyarrow-defaults": as it does unasked), and computes
nothing. Of the columns here, which are random, `map` compresses none, as none becomes smaller. All others read the
same file and write the same columns. Each contestant runs in a process of its own, and they take turns; a turn counts
after the imports and one small table. Times are the processor time of the whole process, with that of the system, and
the time on the wall, each the least of the turns: on a machine that has other work the wall tells more of that work.
Memory is the most that the process ever held, its imports included. Answers are compared by the sums of all columns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

FORMULA = "q*(Ef + B*v*sin(theta))/m"
NAMES = ("q", "Ef", "B", "v", "theta", "m")
COLUMNS = ("f", *(f"df_d{n}" for n in NAMES))
# The value and its derivatives as people write them.
BY_HAND = {
    "f": "q*(Ef + B*v*sin(theta))/m",
    "df_dq": "(Ef + B*v*sin(theta))/m",
    "df_dEf": "q/m",
    "df_dB": "q*v*sin(theta)/m",
    "df_dv": "q*B*sin(theta)/m",
    "df_dtheta": "q*B*v*cos(theta)/m",
    "df_dm": "-q*(Ef + B*v*sin(theta))/(m*m)",
}
BATCH = 1 << 18
PLAIN = {"use_dictionary": False, "compression": "snappy"}


def made(path: Path, rows: int) -> None:
    """The table: 6 columns of random numbers."""
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(0)
    schema = pa.schema([(n, pa.float64()) for n in NAMES])
    with parquet.ParquetWriter(path, schema, **PLAIN) as out:
        for first in range(0, rows, 1 << 20):
            count = min(1 << 20, rows - first)
            out.write_table(pa.table({n: rng.uniform(0.5, 2.0, count) for n in NAMES}))


def by_batches(source: str, target: str, compute: Callable[[Any], list[Any]], **options: Any) -> None:
    """Read, compute and write, batch by batch."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([(n, pa.float64()) for n in COLUMNS])
    given = parquet.ParquetFile(source, buffer_size=1 << 20, pre_buffer=False)
    with given, parquet.ParquetWriter(target, schema, **(options or PLAIN)) as out:
        for batch in given.iter_batches(BATCH, columns=list(NAMES)):
            out.write_batch(pa.RecordBatch.from_arrays(compute(batch), schema=schema))


def pyarrow_alone(source: str, target: str) -> None:
    by_batches(source, target, lambda batch: [batch.column(0), *batch.columns])


def pyarrow_uncompressed(source: str, target: str) -> None:
    options = {**PLAIN, "compression": "none"}
    by_batches(source, target, lambda batch: [batch.column(0), *batch.columns], **options)


def pyarrow_defaults(source: str, target: str) -> None:
    by_batches(source, target, lambda batch: [batch.column(0), *batch.columns], compression="snappy")


def wengert(source: str, target: str) -> None:
    import wengert as wg

    wg.map(FORMULA, source, target, force=True)


def wengert_numpy(source: str, target: str) -> None:
    import wengert as wg

    wg.map(FORMULA, source, target, force=True, options=wg.Options(kernel="numpy"))


def numexpr(source: str, target: str) -> None:
    import numexpr as ne
    import pyarrow as pa

    def compute(batch: Any) -> list[Any]:
        given = {n: batch.column(n).to_numpy() for n in NAMES}
        return [pa.array(ne.evaluate(text, given)) for text in BY_HAND.values()]

    by_batches(source, target, compute)


def pandas_eval(source: str, target: str) -> None:
    import pandas as pd

    df = pd.read_parquet(source)
    pd.DataFrame({n: df.eval(text) for n, text in BY_HAND.items()}).to_parquet(target, index=False, **PLAIN)


def polars(source: str, target: str) -> None:
    import polars as pl

    space = {**{n: pl.col(n) for n in NAMES}, "sin": lambda x: x.sin(), "cos": lambda x: x.cos()}
    columns = [eval(text, {}, space).alias(n) for n, text in BY_HAND.items()]
    pl.scan_parquet(source).select(columns).sink_parquet(target, compression="snappy")


def jax(source: str, target: str) -> None:
    import jax
    import jax.numpy as jnp
    import pyarrow as pa

    jax.config.update("jax_enable_x64", True)

    def f(q: Any, Ef: Any, B: Any, v: Any, theta: Any, m: Any) -> Any:
        return q * (Ef + B * v * jnp.sin(theta)) / m

    both = jax.jit(jax.vmap(jax.value_and_grad(f, argnums=tuple(range(len(NAMES))))))

    def compute(batch: Any) -> list[Any]:
        value, slopes = both(*(batch.column(n).to_numpy() for n in NAMES))
        return [pa.array(np.asarray(v)) for v in (value, *slopes)]

    by_batches(source, target, compute)


CONTESTANTS: dict[str, tuple[str, Callable[[str, str], None]]] = {
    "pyarrow": ("pyarrow", pyarrow_alone),
    "pyarrow-none": ("pyarrow", pyarrow_uncompressed),
    "pyarrow-defaults": ("pyarrow", pyarrow_defaults),
    "wengert": ("wengert", wengert),
    "wengert-numpy": ("wengert", wengert_numpy),
    "numexpr": ("numexpr", numexpr),
    "pandas": ("pandas", pandas_eval),
    "polars": ("polars", polars),
    "jax": ("jax", jax),
}


def processor_time() -> float:
    times = os.times()
    return times.user + times.system


def most_memory() -> float:
    """The most memory that this process held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # the usual call tells that of the parent, where it held more
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def turn(name: str, source: str, small: str, target: str) -> dict[str, float]:
    """One turn of a contestant, in this process."""
    _, run = CONTESTANTS[name]
    run(small, target)
    cpu, wall = processor_time(), perf_counter()
    run(source, target)
    cpu, wall = processor_time() - cpu, perf_counter() - wall
    return {"cpu": cpu, "wall": wall, "memory": most_memory()}


def sums(target: str) -> list[float]:
    """The sums of the columns of an answer."""
    from pyarrow import parquet

    found = dict.fromkeys(COLUMNS, 0.0)
    for batch in parquet.ParquetFile(target).iter_batches(BATCH):
        for n in COLUMNS:
            found[n] += float(batch.column(n).to_numpy().sum())
    return [*found.values()]


def installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.map", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--quick", action="store_true", help="10^6 rows")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(CONTESTANTS), help=f"some of {', '.join(CONTESTANTS)}")
    parser.add_argument("--folder", type=Path, help="where the files are written (default: a temporary folder)")
    parser.add_argument("--turn", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.turn:
        print(json.dumps(turn(*asked.turn)))
        return
    rows = 1_000_000 if asked.quick else asked.rows
    wanted = [name for name in asked.only.split(",") if installed(CONTESTANTS[name][0])]
    if absent := [name for name in asked.only.split(",") if name not in wanted]:
        print(f"not installed, and left out: {', '.join(absent)}")
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        source, small, target = (str(Path(folder) / f"{n}.parquet") for n in ("in", "small", "out"))
        made(Path(source), rows)
        made(Path(small), BATCH)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in wanted}
        answers: dict[str, list[float]] = {}
        for _ in range(asked.rounds):
            for name in wanted:
                words = [sys.executable, "-m", "benchmarks.map", "--turn", name, source, small, target]
                done = subprocess.run(words, capture_output=True, text=True)
                if done.returncode:
                    print(f"{name}: {done.stderr.strip().splitlines()[-1][:150]}")
                    continue
                found[name].append(json.loads(done.stdout.splitlines()[-1]))
                answers.setdefault(name, sums(target))
                os.unlink(target)
    print(f"{FORMULA}: value and 6 derivatives of {rows:,} rows, Parquet to Parquet; the least of {asked.rounds} turns")
    print(f"the load of this machine at the end is {os.getloadavg()[0]:.1f}, on {os.cpu_count()} cores")
    print(f"{'':18}{'processor':>12}{'on the wall':>14}{'ratios to pyarrow':>22}{'most memory':>14}  sums apart")
    base = found.get("pyarrow")
    for name, turns in found.items():
        if not turns:
            continue
        cpu, wall = (min(t[kind] for t in turns) for kind in ("cpu", "wall"))
        ratios = ""
        if base:
            ratios = " ".join(
                f"{own / min(t[kind] for t in base):9.2f}" for own, kind in ((cpu, "cpu"), (wall, "wall"))
            )
        apart = ""
        if not name.startswith("pyarrow") and "wengert" in answers:
            off = max(abs(a / b - 1) for a, b in zip(answers[name], answers["wengert"]))
            apart = f"{off:.0e}"
        memory = max(t["memory"] for t in turns)
        print(f"{name:18}{cpu:10.2f} s{wall:12.2f} s{ratios:>22}{memory:11.0f} MB  {apart}")


if __name__ == "__main__":
    main()
