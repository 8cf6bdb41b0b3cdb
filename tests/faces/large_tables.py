"""A table with gaps and a model of it, in batches and in files; and how far apart two fits are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

MODEL = "y ~ a*exp(-b*x) + c"
START = {"a": 3.0, "b": 1.0, "c": 0.1}
# A model that takes few passes.
LINE, ORIGIN = "y ~ a*x + c", {"a": 0.0, "c": 0.0}
ROWS = 3_000


def columns(rows: int = ROWS) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    x = rng.uniform(0, 5, rows)
    y = 5 * np.exp(-1.3 * x) + 0.5 + rng.normal(0, 0.05, rows)
    y[5::97] += 3
    x[::50], y[7::211] = np.nan, np.nan
    w = rng.uniform(0.5, 2, rows)
    w[::33] = 0
    return {"x": x, "y": y, "w": w}


TABLE = columns()


def batches(size: int, table: dict[str, Any] = TABLE) -> Callable[[], Iterator[dict[str, Any]]]:
    count = len(next(iter(table.values())))
    return lambda: ({n: v[k : k + size] for n, v in table.items()} for k in range(0, count, size))


def apart(one: Any, other: Any) -> float:
    """The largest relative distance of the estimates and their errors."""
    pairs = [(a, b) for p, q in zip(one, other) for a, b in ((p.value, q.value), (p.error, q.error))]
    return max(0.0 if a == b or a != a and b != b else abs(a - b) / abs(b) for a, b in pairs)


def write_table(path: Path, table: dict[str, Any]) -> None:
    if path.suffix == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        import pyarrow as pa

        parquet.write_table(pa.table(table), path, row_group_size=400)
        return
    lines = [",".join(table), *(",".join(map(repr, row)) for row in zip(*(v.tolist() for v in table.values())))]
    path.write_text("\n".join(lines) + "\n")
