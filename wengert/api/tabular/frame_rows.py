"""A function over the rows of a data frame: pandas, Polars, PyArrow and others, through narwhals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from ...ground.errors import ArgumentError, UsageError, WengertError, error, shown
from ...ground.limits import within
from ...ground.names import fresh
from ...jobs.tabular.arrow_import import INSTALL
from ...jobs.tabular.row_batches import ROWS, RowBatch, RowTable, no_number
from ...kernels.arguments import columns_of, number
from .mapping import bound_to, derivatives_asked, kept_columns

if TYPE_CHECKING:
    from ..function import Function


def frame(
    f: Function, table: Any, *, values: Mapping[str, Any] = {}, wrt: Iterable[str] | str | None = None,
    keep: Iterable[str] | str = (), second: bool = False,
) -> Any:  # fmt: skip
    """The values of a function, and its derivatives, for the rows of a frame, as a frame of the same kind.

        wg.compile("q*(Ef + B*v*sin(theta))").frame(df, values={"q": 1.6e-19}, wrt="v")     # columns f and df_dv

    table   a frame of pandas, Polars, PyArrow, or another that narwhals takes, with its rows in memory. Inputs are
            bound to the columns of their names. A pandas frame keeps its index
    values  values of inputs, the same in each row, in place of columns
    wrt     the names to differentiate by, by default the inputs that are columns; none for the values alone
    keep    columns of the frame to have before the answers, or "all"
    second  also the second derivatives, `d2f_dx2` and `d2f_dx_dy`

    A row that lacks a value has no answer: null, or nan in pandas. It needs narwhals, the extra `tables`. Raises
    UsageError for columns that are missing or hold no numbers, and for a frame that is lazy.
    """
    if columns_of(table) is None:
        raise error(ArgumentError, "W906", f"a frame is one of pandas, Polars or PyArrow, not {shown(table)}",
                    help="`f.map(…)` takes files and mappings; a call `f(table)` takes arrays")  # fmt: skip
    try:
        import narwhals as nw
    except ImportError:
        raise error(UsageError, "W905", "frames need narwhals, which is not installed", help=INSTALL) from None
    try:
        given = nw.from_native(table)
    except TypeError:
        raise error(ArgumentError, "W906", f"narwhals does not know the frame {shown(table)}",
                    help="turn it into one of pandas, Polars or PyArrow") from None  # fmt: skip
    except nw.exceptions.NarwhalsError as problem:
        raise error(UsageError, "W901", f"the frame is refused: {' '.join(str(problem).split())}",
                    help="each column has a name of its own") from None  # fmt: skip
    if not isinstance(given, nw.DataFrame):
        kind = "is a lazy frame: its rows are not there yet" if isinstance(given, nw.LazyFrame) else "is no frame"
        raise error(ArgumentError, "W906", f"this {kind}", help="give `frame.collect()`")
    rows = FrameTable(given)
    with within(f.limits):
        binding = bound_to(f, rows, values)
        asked = derivatives_asked(f, binding, wrt)
        import numpy as np

        from .row_function import RowFunction  # NumPy comes with it

        work = RowFunction(f, binding.columns, binding.values, asked, second)
        kept = kept_columns(rows, keep, work.names)
    whole = work.arrays(len(given))
    lacking = None
    for batch in rows.batches(work.columns, ROWS):
        work.fill(batch, [v[batch.first : batch.first + batch.rows] for v in whole])
        if (flags := batch.lacking()) is not None:
            lacking = lacking if lacking is not None else np.zeros(len(given), bool)
            lacking[batch.first : batch.first + batch.rows] = flags
    answers = _answers(nw, given, dict(zip(work.names, whole)), lacking)
    if kept:
        answers = given.select(*kept).with_columns(*(answers[n] for n in work.names))
    return answers.to_native()


def _answers(nw: Any, given: Any, columns: Mapping[str, Any], lacking: Any) -> Any:
    """The frame of the answers, missing where a row lacks a value, with the index of the frame that was given."""
    kind = given.implementation
    series = {n: nw.new_series(n, v, nw.Float64, backend=kind) for n, v in columns.items()}
    if lacking is None:
        found = nw.from_dict(series, backend=kind)
    else:
        flag = next(fresh("missing", columns))
        series[flag] = nw.new_series(flag, lacking, nw.Boolean, backend=kind)
        there = [nw.when(~nw.col(flag)).then(nw.col(n)).alias(n) for n in columns]
        found = nw.from_dict(series, backend=kind).select(*there)
    index = nw.maybe_get_index(given)
    if index is not None:
        native = found.to_native()
        native.index = index
        found = nw.from_native(native)
    return found


class FrameTable(RowTable):
    """A frame in memory as a table: `series` gives a column by its name."""

    def __init__(self, given: Any) -> None:
        self.names, self.called = tuple(n for n in given.columns if isinstance(n, str)), "the frame"
        self.rows = self.count = len(given)
        self.series = given.get_column

    def batches(
        self, columns: Sequence[str], size: int = ROWS, first: int = 0, kept: Sequence[str] = ()
    ) -> Iterator[RowBatch]:
        self.wanted((*columns, *kept))
        read = {n: self._numbers(n) for n in columns}
        for at in range(first, self.count, size):
            end = min(at + size, self.count)
            cut = {n: v[at:end] for n, (v, _) in read.items()}
            flags = {n: empty[at:end] for n, (_, empty) in read.items() if empty is not None and empty[at:end].any()}
            yield RowBatch(at, end - at, cut, flags, {n: self.series(n)[at:end] for n in kept}, end)

    def _numbers(self, name: str) -> tuple[Any, Any]:
        """A column as floats, with nan for missing values, and where values are missing; None if nowhere."""
        import narwhals as nw
        import numpy as np

        series = self.series(name)
        kind = series.dtype
        empty = np.asarray(series.is_null().to_numpy(), dtype=bool)
        if kind.is_numeric() or kind == nw.Boolean:
            found = series.cast(nw.Float64).to_numpy()
        elif kind in (nw.String, nw.Object, nw.Unknown, nw.Categorical, nw.Enum):
            found = self._each(name, series.to_list(), empty)
        else:
            self.refuse(f"has the column `{name}` of type {kind}, which holds no numbers", code="W902")
        return np.ascontiguousarray(found, dtype=float), empty if empty.any() else None

    def _each(self, name: str, values: list[Any], empty: Any) -> Any:
        """The numbers of a column of objects. Raises UsageError for a text, and for any other that is no number."""
        found = [nan] * len(values)
        for k, v in enumerate(values):
            if empty[k]:
                continue
            try:
                found[k] = number(v, name)
            except WengertError:
                no_number(self, v, name, k + 1)
        return found


__all__ = ["FrameTable", "frame"]
