"""The engines that run the queries of `emit`: each takes columns and a query, and gives the rows of its answer."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

ENGINES = ("duckdb", "sqlite", "polars")


def skip_without(engine: str) -> None:
    """Skip a test where an engine, or its mathematical functions, are not there."""
    if engine != "sqlite":
        pytest.importorskip(engine)
    elif (
        not sqlite3.connect(":memory:")
        .execute("SELECT count(*) FROM pragma_function_list WHERE name = 'ln'")
        .fetchone()[0]
    ):
        pytest.skip("this SQLite has no mathematical functions")


def run(engine: str, query: str, table: str, columns: Mapping[str, Sequence[Any]], kind: str = "DOUBLE") -> list[dict]:
    """The rows of a query's answer, by the names of its columns. In SQLite nan is null, here as in its tables, and
    columns have no type: one of the type REAL would lose the sign of -0."""
    rows = list(zip(*columns.values()))
    if engine == "polars":
        import polars

        kinds = {"DOUBLE": polars.Float64, "INTEGER": polars.Int64, "TEXT": polars.String}
        frame = polars.DataFrame({n: polars.Series(list(c), dtype=kinds[kind]) for n, c in columns.items()})
        return polars.SQLContext({table: frame}).execute(query, eager=True).to_dicts()
    if engine == "duckdb":
        import duckdb

        connection: Any = duckdb.connect(config={"threads": 1})
        kind = "BIGINT" if kind == "INTEGER" else kind
    else:
        connection, kind = sqlite3.connect(":memory:"), "" if kind == "DOUBLE" else kind
    with connection:
        names = ", ".join(f"{quoted(n)} {kind}" for n in columns)
        connection.execute(f"CREATE TABLE {quoted(table)} ({names})")
        connection.executemany(f"INSERT INTO {quoted(table)} VALUES ({', '.join('?' * len(columns))})", rows)
        answer = connection.execute(query)
        found = [d[0] for d in answer.description]
        assert len(set(found)) == len(found)
        given = [dict(zip(found, row)) for row in answer.fetchall()]
    connection.close()
    return given


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def number(engine: str, a: float | None) -> float | None:
    """An answer as the engine has it: SQLite has null for nan."""
    return None if a is None or engine == "sqlite" and math.isnan(a) else float(a)
