"""Where a fit has its rows: in memory, in batches that are read again for each evaluation, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...ground.errors import ArgumentError, UsageError, error, shown, suggestion
from ...ground.limits import Limits, exceeded
from ...jobs.fitting.fit import Regression
from ...jobs.tabular.dask_import import is_dask_frame
from ..function import Function
from ..problems.bound_data import DataArguments, bound_problem
from .dask_rows import dask_rows
from .row_sources import batches_of, held, in_memory, is_path, small_text
from .streamed import LocalRows, RowSource, streamed_problem
from .tables import NamedColumns, table_of

AUTO, MEMORY, BATCHES, DASK = ENGINES = ("auto", "memory", "batches", "dask")


class EngineTable:
    """A table where an engine has its rows."""

    def __init__(self, rows: NamedColumns | RowSource) -> None:
        self.rows = rows

    def problem(self, function: Function, response: Function, asked: DataArguments) -> Regression:
        """The problem of a fit, with its data bound."""
        if isinstance(self.rows, NamedColumns):
            return bound_problem(function, response, self.rows, asked)
        return streamed_problem(function, response, self.rows, asked)

    @property
    def passes(self) -> bool:
        """Whether the table is read again for each evaluation."""
        return isinstance(self.rows, RowSource)

    def close(self) -> None:
        """Close the connections that reading needs."""
        if isinstance(self.rows, RowSource):
            self.rows.close()


def placed(table: Any, names: Collection[str], limits: Limits, engine: str, scheduler: Any) -> EngineTable:
    """The table that a caller gives, in the form for the engine that is asked for.

    names  columns that may be read: those that the table has not are left out

    With "auto" a table is read into memory if it has few numbers; a dask DataFrame stays where it is. Raises UsageError
    for a table that is none, or that the engine cannot have.
    """
    if not isinstance(engine, str) or engine not in ENGINES:
        raise error(ArgumentError, "W602", f"there is no engine {shown(engine)}",
                    help=suggestion(str(engine), ENGINES) or f"the engines are {', '.join(ENGINES)}")  # fmt: skip
    if isinstance(table, RowSource):
        return EngineTable(table)
    on_dask = is_dask_frame(table)
    if scheduler is not None and engine not in (AUTO, DASK):
        raise error(UsageError, "W929", f"a scheduler is for the engine dask, not {engine}",
                    help="leave one of the two out")  # fmt: skip
    if engine == DASK or scheduler is not None or on_dask and engine == AUTO:
        return EngineTable(dask_rows(table, limits, scheduler))
    if on_dask:
        raise error(UsageError, "W929", f"a dask DataFrame has its rows on dask, and the engine is {engine}",
                    help="leave the engine out, or give a pandas DataFrame: `ddf.compute()`")  # fmt: skip
    if in_memory(table) and engine != BATCHES:
        return EngineTable(table if isinstance(table, NamedColumns) else table_of(table, limits))
    if is_path(table) and engine in (AUTO, MEMORY) and small_text(table):
        return EngineTable(table_of(table, limits))
    source = batches_of(table, limits)
    if engine == BATCHES:
        return EngineTable(source)
    return EngineTable(_read(source, [n for n in source.names if n in names], limits, engine))


def as_source(table: Any, limits: Limits, engine: str, scheduler: Any) -> RowSource:
    """A table as rows to be passed over. Raises UsageError as `placed` does."""
    rows = placed(table, (), limits, BATCHES if _is_passed(table, engine, scheduler) else engine, scheduler).rows
    return rows if isinstance(rows, RowSource) else batches_of(rows, limits)


def _is_passed(table: Any, engine: str, scheduler: Any) -> bool:
    """Whether a table is read in batches unless something else is asked for: one pass needs no memory."""
    return engine == AUTO and scheduler is None and not is_dask_frame(table)


def _read(source: LocalRows, names: list[str], limits: Limits, engine: str) -> NamedColumns | LocalRows:
    if engine == AUTO:
        return held(source, names) or source
    found = held(source, names, limits.elements)
    if found is None:
        raise exceeded(limits, "elements", f"{source.called} is too large for memory")
    return found


__all__ = ["AUTO", "DASK", "ENGINES", "EngineTable", "as_source", "placed"]
