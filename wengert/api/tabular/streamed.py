"""A model over a table that is read some rows at a time, anew for each pass: its memory does not grow with the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...ground.errors import UsageError, error, shown
from ...ground.limits import check_clock
from ...ground.progress import Counted, progressing
from ...ground.tuples import NamedTuple
from ...jobs.fitting.fit import Regression
from ...jobs.fitting.partial_sums import lost, survey
from ...jobs.fitting.row_passes import Passes, Rows
from ...jobs.tabular.tree_sums import ROWS, Lost, Survey, merged_by_tree
from ..function import Function
from ..problems.bound_data import (
    BoundModel,
    DataArguments,
    OneSide,
    bounds_of,
    infinite,
    moving_of,
    parameters_of,
    wrong_weight,
)
from .tables import NamedTable

Columns = Mapping[str, Any]
# Numbers of the Jacobian of a block, at most; and the fewest rows of a block.
NUMBERS, LEAST = 1 << 22, 64


class RequiredColumns(NamedTuple):
    """The columns that a model reads. `weights` names the column of the weights, or with `deviations` the column of
    standard deviations."""

    names: tuple[str, ...]
    weights: str | None = None
    deviations: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(dict.fromkeys((*self.names, *(() if self.weights is None else (self.weights,)))))


class CompleteRows(NamedTuple):
    """The rows of a block that have all values: the places of the rows, counted from 0, their columns and weights."""

    survey: Survey
    places: Any
    columns: dict[str, Any]
    weights: Any


class ModelColumns(NamedTuple):
    """A model, and the columns that it reads."""

    model: BoundModel
    wanted: RequiredColumns


class RowSource(NamedTable):
    """A table that can be read again and again."""

    def passes(self, work: ModelColumns) -> Passes:
        """The passes of a model over the rows."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connections that reading needs."""


class LocalRows(RowSource):
    """A table that this process reads in batches: `read` takes names of columns and begins at the first row."""

    def __init__(
        self, names: Sequence[str], read: Callable[[Sequence[str]], Iterable[Columns]], called: str = "the table"
    ) -> None:
        super().__init__(names, called)
        self.read = read

    def passes(self, work: ModelColumns) -> StreamedModel:
        """The passes of a model over the rows, in this process."""
        return StreamedModel(work, self.read)


def blocks(batches: Iterable[Columns], names: Sequence[str], rows: int = ROWS) -> Iterator[dict[str, Any]]:
    """The columns of a table in blocks of one length; the last may be shorter. They do not depend on the lengths of the
    batches."""
    import numpy as np

    held: list[dict[str, Any]] = []
    count = 0
    for batch in batches:
        columns = {n: batch[n] for n in names}
        size = len(next(iter(columns.values())))
        at = 0
        while count + size - at >= rows:
            end = at + rows - count
            part = {n: v[at:end] for n, v in columns.items()}
            yield {n: np.concatenate([*(b[n] for b in held), v]) for n, v in part.items()} if held else part
            held, count, at = [], 0, end
        if at < size:
            held.append({n: v[at:] for n, v in columns.items()})
            count += size - at
    if count:
        yield {n: np.concatenate([b[n] for b in held]) for n in names} if len(held) > 1 else held[0]


def chosen(columns: Columns, wanted: RequiredColumns) -> CompleteRows:
    """The rows without a missing value and with a weight, and the first number that is refused."""
    import numpy as np

    count = len(next(iter(columns.values())))
    trouble: tuple[int, str, float] | None = None
    whole: Any = None

    def refused(wrong: Any, name: str, values: Any) -> None:
        nonlocal trouble
        places = np.flatnonzero(wrong)
        if len(places) and (trouble is None or places[0] < trouble[0]):
            trouble = int(places[0]), name, float(values[places[0]])

    for name in wanted.names:
        finite = np.isfinite(columns[name])
        if not finite.all():
            refused(np.isinf(columns[name]), name, columns[name])
            whole = finite if whole is None else whole & finite
    weights: Any = None
    if wanted.weights is not None:
        given = columns[wanted.weights]
        refused(given <= 0 if wanted.deviations else (given < 0) | np.isposinf(given), wanted.weights, given)
        with np.errstate(all="ignore"):
            weights = 1 / given**2 if wanted.deviations else given
        used = weights > 0
        if not used.all():
            whole = used if whole is None else whole & used
    if whole is None:
        return CompleteRows(Survey(count, 0, trouble), None, {n: columns[n] for n in wanted.names}, weights)
    places = np.flatnonzero(whole)
    kept = {n: columns[n][places] for n in wanted.names}
    weights = None if weights is None else weights[places]
    return CompleteRows(Survey(count, count - len(places), trouble), places, kept, weights)


class ModelBlock:
    """A model over the rows of a block; see `jobs.fitting.partial_sums.Block`."""

    def __init__(self, work: ModelColumns, columns: Columns) -> None:
        import numpy as np

        found = chosen(columns, work.wanted)
        self.survey, self.weights = found.survey, found.weights
        self.points = found.survey.rows - found.survey.missing
        self.places = np.arange(self.points) if found.places is None else found.places
        self.model, self.columns = work.model, found.columns
        self.ready = False

    def _seated(self) -> BoundModel:
        import numpy as np

        if not self.ready:
            self.ready = True
            self.model.seat(self.columns, None if self.weights is None else np.sqrt(self.weights), self.points)
        return self.model

    def evaluate(self, at: Any) -> Any:
        """Weighted residuals, and below them their derivatives."""
        return self._seated().evaluate(at)

    def sides(self, at: Any) -> tuple[Any, Any]:
        """The fitted values and the responses."""
        return self._seated().sides(at)

    def lost(self, at: Any) -> Lost:
        """The rows without a finite value."""
        return self._seated().lost(at)


def block_rows(work: ModelColumns) -> int:
    """The rows of a block: it does not depend on how the table is read, and so the sums do not either."""
    return max(LEAST, min(ROWS, NUMBERS // (sum(work.model.sizes.values()) + 1)))


def model_blocks(work: ModelColumns, batches: Iterable[Columns]) -> Iterator[ModelBlock]:
    """A model over the blocks of a table. A block is used before the next is asked for."""
    for columns in blocks(batches, work.wanted.columns, block_rows(work)):
        check_clock()
        yield ModelBlock(work, columns)


def leaves(
    work: ModelColumns, batches: Iterable[Columns], leaf: Callable[..., Any], arguments: Sequence[Any]
) -> Iterator[Any]:
    """The partial answers of the blocks of a table. Blocks without a row to use have none but a survey."""
    for block in model_blocks(work, batches):
        if block.points or leaf is survey:
            yield leaf(block, *arguments)


class StreamedModel:
    """The passes of a model over a table that is read in this process."""

    def __init__(self, work: ModelColumns, read: Callable[[Sequence[str]], Iterable[Columns]]) -> None:
        self.work, self.read = work, read
        self.points, self.rows, self.parameters = 0, 0, sum(work.model.sizes.values())

    def _batches(self) -> Iterable[Columns]:
        return self.read(self.work.wanted.columns)

    def merged(self, leaf: Callable[..., Any], *arguments: Any) -> Any:
        """The result for all rows; None if there are none."""
        count = -(-self.rows // block_rows(self.work))
        found = leaves(self.work, self._batches(), leaf, arguments)
        return merged_by_tree(progressing(Counted(found, count), "reading the table") if count > 1 else found)

    def batches(self, at: Any) -> Iterator[Rows]:
        """The rows that are used, some at a time, in their order."""
        first = 1
        for block in model_blocks(self.work, self._batches()):
            if block.points:
                yield Rows(block.places + first, *block.sides(at), block.weights)
            first += block.survey.rows


def streamed_problem(function: Function, response: Function, source: RowSource, asked: DataArguments) -> Regression:
    """The problem of a fit over a table that is read for each evaluation. Raises UsageError, UnknownName."""
    inputs = tuple(dict.fromkeys((*response.inputs, *function.inputs)))
    defaults = {**response.program.defaults, **function.program.defaults}
    values = parameters_of(inputs, defaults, source, asked)
    names = tuple(n for n in inputs if n not in values)
    if not names:
        source.refuse("has no column that is an input of the model", f"the inputs are {', '.join(inputs) or 'none'}")
    weights, deviations = weights_of(source, asked)
    moving = moving_of(asked, values, inputs)
    sides = [
        OneSide(decided(f, values), dict.fromkeys([n for n in names if n in f.inputs])) for f in (function, response)
    ]
    model = BoundModel(sides[0], sides[1], values, tuple(moving), 0)
    parameters, start = model.flat(moving)
    lower, upper = bounds_of(asked.bounds, moving, parameters, start)
    passes: Any = source.passes(ModelColumns(model, RequiredColumns(names, weights, deviations)))
    found = surveyed(passes, source, weights if deviations or weights else None, deviations)
    passes.points, passes.rows = found.rows - found.missing, found.rows

    def blame(at: Any) -> None:
        model.blame(at, passes.merged(lost, at), passes.points)

    return Regression(
        "", "", tuple(parameters), model.evaluate, model.sides, blame, start, lower, upper,
        {n: v for n, v in values.items() if n not in moving and type(v) is float}, None,
        asked.absolute and asked.sigma is not None, None, found.missing, names, model.predict, passes=passes,
    )  # fmt: skip


def surveyed(passes: Passes, source: RowSource, weights: str | None = None, deviations: bool = False) -> Survey:
    """The rows of a table. Raises UsageError for a number that is refused, and where no row can be used."""
    found: Survey | None = passes.merged(survey)
    if found is None or not found.rows:
        source.refuse("has no rows")
    if found.trouble is not None:
        place, column, value = found.trouble
        wrong = column == weights and value != float("inf")
        raise wrong_weight(deviations, place, value) if wrong else infinite(place, column, value)
    if found.missing == found.rows:
        source.refuse(f"has a missing value in each of its {found.rows:,} rows")
    return found


def weights_of(source: RowSource, asked: DataArguments) -> tuple[str | None, bool]:
    """The column of the weights, and whether it holds standard deviations."""
    given, deviations = (asked.weights, False) if asked.weights is not None else (asked.sigma, True)
    if given is None:
        return None, False
    name = "sigma" if deviations else "weights"
    if not isinstance(given, str):
        raise error(UsageError, "W602", f"`{name}` is a column of a table that is read in batches, not {shown(given)}",
                    help="for instance 'w'")  # fmt: skip
    source.need(given)
    return given, deviations


def decided(f: Function, values: Mapping[str, Any]) -> Function:
    """A function for the shapes of its parameters; its other inputs are numbers of a row."""
    return f if f.decided else f.at({n: values.get(n, 0.0) for n in f.inputs})


__all__ = [
    "LocalRows",
    "ModelColumns",
    "RequiredColumns",
    "RowSource",
    "StreamedModel",
    "decided",
    "leaves",
    "model_blocks",
    "streamed_problem",
    "surveyed",
    "weights_of",
]  # fmt: skip
