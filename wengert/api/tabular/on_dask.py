"""`f.dask(ddf)`: values and derivatives for the rows of a dask DataFrame, as another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...ground.errors import UsageError, error, shown
from ...ground.limits import Limits, within
from ...jobs.tabular.dask_import import dask_for, is_dask_frame
from ...jobs.tabular.row_batches import RowBatch, RowTable
from .mapping import bound_to, derivatives_asked, kept_columns
from .tables import table_of
from .travelling import row_work_json, row_work_of_json

if TYPE_CHECKING:
    from ..function import Function


class DaskColumns(RowTable):
    """The columns of a dask DataFrame, whose rows are not here."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names, self.called = tuple(names), "the dask DataFrame"


def dask_frame(
    f: Function, table: Any, *, values: Mapping[str, Any] = {}, wrt: Iterable[str] | str | None = None,
    keep: Iterable[str] | str = (), second: bool = False,
) -> Any:  # fmt: skip
    """The values of a function, and its derivatives, for the rows of a dask DataFrame: another one with its index and
    divisions, not yet computed.

        out = wg.compile("q*(Ef + B*v*sin(theta))").dask(ddf, values={"q": 1.6e-19})
        out.columns                       # f, df_dEf, df_dB, df_dv, df_dtheta
        out["f"].sum().compute()

    table   inputs are bound to the columns of their names
    values  values of inputs, the same in each row, in place of columns
    wrt     the names to differentiate by, by default the inputs that are columns; none for the values alone
    keep    columns of the frame to have before the answers, or "all"
    second  also the second derivatives, `d2f_dx2` and `d2f_dx_dy`

    A row that lacks a value has nan for its answers. The function travels as JSON, and each process compiles it once.
    It needs the extra `dask`. Raises UsageError for columns that are missing, for a table that is no dask DataFrame,
    and for a function that cannot travel.
    """
    if not is_dask_frame(table):
        raise error(UsageError, "W929", f"{shown(table)} is no dask DataFrame",
                    help="`dask.dataframe.from_pandas(df, npartitions=8)` makes one")  # fmt: skip
    from .row_function import RowFunction  # NumPy comes with it

    delayed = dask_for("this").delayed
    rows = DaskColumns([n for n in table.columns if isinstance(n, str)])
    with within(f.limits):
        binding = bound_to(f, rows, values)
        asked = derivatives_asked(f, binding, wrt)
        work = RowFunction(f, binding.columns, binding.values, asked, second)
        kept = kept_columns(rows, keep, work.names)
        text = row_work_json(f, binding.columns, binding.values, asked, second)
    wanted = list(dict.fromkeys((*kept, *work.columns)))
    meta = table[list(kept)]._meta.assign(**dict.fromkeys(work.names, 1.0))
    return table[wanted].map_partitions(with_answers, delayed(text), list(kept), meta=meta)


def with_answers(part: Any, text: str, kept: list[str]) -> Any:
    """The rows of a pandas DataFrame: columns that are kept, and the answers."""
    import numpy as np

    work = row_work_of_json(text)
    table = table_of(part, Limits.trusted())
    columns = {n: table.column(n) for n in work.columns}
    empty = {n: np.isnan(v) for n, v in columns.items()}
    missing = {n: flags for n, flags in empty.items() if flags.any()}
    batch = RowBatch(0, len(part), columns, missing, {}, len(part))
    answers = work.arrays(len(part))
    if len(part):
        work.fill(batch, answers)
        if (lacking := batch.lacking()) is not None:
            for v in answers:
                v[lacking] = np.nan
    return part[kept].assign(**dict(zip(work.names, answers)))


__all__ = ["dask_frame", "with_answers"]
