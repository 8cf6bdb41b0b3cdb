"""Bind the inputs of a model to columns of data and to parameters, for a fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf, isnan
from typing import Any

from ...ground.errors import ArgumentError, DomainError, UnknownName, UsageError, WengertError, error, shown, suggestion
from ...ground.names import listed_few, renaming
from ...ground.tuples import NamedTuple
from ...ground.turns import turn
from ...jobs.checking.many_digits import differences
from ...jobs.fitting.fit import Regression
from ...jobs.tabular.tree_sums import Lost
from ...kernels.arguments import as_value, number
from ...kernels.kernel_names import AUTO, NAMES
from ...lists.array_text import element, places
from ..function import Function
from ..tabular.tables import NamedColumns, table_of

# The most equations times rows that are computed with many digits.
MOST = 30_000
# Below this number of rows NumPy evaluates a model as fast as machine code, which would have to be compiled first.
FEW = 5000


class DataArguments(NamedTuple):
    """The arguments of a fit that concern its data and its parameters; see `wengert.fit`."""

    start: Mapping[str, Any]
    weights: Any
    sigma: Any
    absolute: bool
    bounds: Mapping[str, Any]
    fixed: Sequence[str]


class OneSide(NamedTuple):
    """One side of a model: its function, and the columns that it reads."""

    function: Function
    columns: dict[str, Any]

    def over(self, columns: dict[str, Any]) -> OneSide:
        """The same side over the columns of another table."""
        return self._replace(columns=columns)

    def moved_by(self, names: Sequence[str]) -> tuple[str, ...]:
        """The parameters among `names` on which this side depends."""
        return tuple(n for n in names if n in self.function.inputs)

    def values(self, point: Mapping[str, Any]) -> Any:
        """The value for each row."""
        f = self.function
        return f({n: v for n, v in {**point, **self.columns}.items() if n in f.inputs})

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names that a value depends on."""
        return self.function.inputs

    def with_slopes(self, point: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, Any]:
        """The value for each row, and its derivatives in the parameters."""
        f = self.function
        return f.value_and_grad({n: v for n, v in {**point, **self.columns}.items() if n in f.inputs}, wrt=names)


def bound_problem(function: Function, response: Function, table: NamedColumns, asked: DataArguments) -> Regression:
    """The problem of a fit, with its data bound and its rows chosen. Raises UsageError, UnknownName."""
    import numpy as np

    inputs = tuple(dict.fromkeys((*response.inputs, *function.inputs)))
    defaults = {**response.program.defaults, **function.program.defaults}
    values = parameters_of(inputs, defaults, table, asked)
    data = {n: table.column(n) for n in inputs if n not in values}
    if not data:
        table.refuse("has no column that is an input of the model", f"the inputs are {', '.join(inputs) or 'none'}")
    weights = _weights(table, asked)
    rows, missing = _rows({**data, **({} if weights is None else {"the weights": weights})}, table)
    if missing:
        data = {n: v[rows] for n, v in data.items()}
        weights = None if weights is None else weights[rows]
    data = {n: np.ascontiguousarray(v) for n, v in data.items()}
    moving = moving_of(asked, values, inputs)
    right = OneSide(function, {n: v for n, v in data.items() if n in function.inputs})
    left = OneSide(response, {n: v for n, v in data.items() if n in response.inputs})
    bound = BoundModel(right, left, values, tuple(moving), len(rows))
    bound.prepare(None if weights is None else np.sqrt(weights))
    names, start = bound.flat(moving)
    lower, upper = bounds_of(asked.bounds, moving, names, start)
    return Regression(
        "", "", tuple(names), bound.evaluate, bound.sides, bound.blame, start, lower, upper,
        {n: v for n, v in values.items() if n not in moving and type(v) is float}, weights,
        asked.absolute and asked.sigma is not None, rows + 1, missing, tuple(data), bound.predict, bound.exact,
        right.columns,
    )  # fmt: skip


class BoundModel:
    """The evaluation of a model over its data, at vectors of parameters."""

    def __init__(
        self, right: OneSide, left: OneSide, values: Mapping[str, Any], moving: tuple[str, ...], rows: int
    ) -> None:
        self.right, self.left, self.values, self.moving, self.rows = right, left, dict(values), moving, rows
        self.shapes = {n: getattr(values[n], "shape", ()) for n in moving}
        self.sizes = {n: int(getattr(values[n], "size", 1)) for n in moving}
        self.responses: Any = None
        self.quick: tuple[Callable[..., Any], tuple[str, ...]] | None = None
        self.root: Any = None
        self.last: Any = None
        self.answer: Any = None
        # Memory of answers, which may have room for more rows.
        self.room: Any = None
        self.seated = False

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the bare function and the arrays of answers; the receiver makes them anew."""
        state = {**self.__dict__, "last": None, "answer": None, "room": None}
        return {**state, "quick": self.quick is not None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.quick = self._prepared() if state["quick"] else None

    def prepare(self, root: Any) -> None:
        """Prepare for many evaluations. `root` holds the square roots of the weights, if there are weights."""
        self.root = root
        if not self.left.moved_by(self.moving):
            self.responses = self._column(self.left.values(self._fixed(self.left)))
        self.quick = self._prepared()

    def seat(self, columns: Mapping[str, Any], root: Any, rows: int) -> None:
        """Replace the rows of data. `root` holds the square roots of their weights, if there are weights."""
        self.right, self.left = (
            side._replace(columns={n: v for n, v in columns.items() if n in side.function.inputs})
            for side in (self.right, self.left)
        )
        self.rows, self.root, self.last, self.answer = rows, root, None, None
        if not self.left.moved_by(self.moving):
            self.responses = self._column(self.left.values(self._fixed(self.left)))
        if not self.seated:
            self.seated, self.quick = True, self._prepared()

    def _prepared(self) -> tuple[Callable[..., Any], tuple[str, ...]] | None:
        """The bare function that writes fitted values and derivatives into arrays, and its inputs; None if only the
        general method applies."""
        if not isinstance(self.right, OneSide):
            return None
        f = self.right.function
        plain = f.kink != "error" and not f.strict and f.dtype == "float64" and f._decided
        if (
            not plain
            or not self.moving
            or any(self.shapes.values())
            or self.responses is None
            or not self.right.columns
        ):
            return None
        if self.right.moved_by(self.moving) != self.moving or f._lists.of_arrays:
            return None
        # Models of the same function share it, and with it the kernels that are compiled for it.
        if (whole := f._kept.get(key := ("value and gradient", self.moving))) is None:
            whole = f._kept[key] = (f.fused() if f.fuse else f).gradient_function(self.moving, value=True)
        if self.rows < FEW and f.options.kernel == AUTO:
            # Compiling would take longer than it saves.
            if (shorter := f._kept.get(key := ("value and gradient of few rows", self.moving))) is None:
                shorter = f._kept[key] = whole.with_options(kernel=NAMES[2])
            whole = shorter
        return whole.bind("value"), whole.inputs

    def _fixed(self, side: OneSide) -> dict[str, Any]:
        return {n: v for n, v in self.values.items() if n in side.inputs}

    def flat(self, moving: Mapping[str, Any]) -> tuple[list[str], Any]:
        """The names and the starts of the numbers among the parameters."""
        import numpy as np

        names = [element(n, place) for n in moving for place in places(self.shapes[n])]
        return names, np.concatenate([np.zeros(0), *(np.reshape(v, -1) for v in moving.values())])

    def point(self, at: Any) -> dict[str, Any]:
        """The parameters by name."""
        found, k = dict(self.values), 0
        for n in self.moving:
            part = at[k : k + self.sizes[n]]
            found[n] = part.reshape(self.shapes[n]) if self.shapes[n] else float(part[0])
            k += self.sizes[n]
        return found

    def _column(self, value: Any) -> Any:
        """A number for each row."""
        import numpy as np

        shape = np.shape(value)
        if shape not in ((), (self.rows,)):
            raise error(UsageError, "W609", f"a model gives a number for each row, and this one gives an array of the "
                        f"shape {shape}")  # fmt: skip
        return np.broadcast_to(np.asarray(value, dtype=float), (self.rows,))

    def sides(self, at: Any) -> tuple[Any, Any]:
        """The fitted values, and the responses."""
        point = self.point(at)
        fitted, responses = (
            self._column(side.values({n: v for n, v in point.items() if n in side.inputs}))
            for side in (self.right, self.left)
        )
        return fitted, responses

    def evaluate(self, at: Any) -> Any:
        """The weighted residuals, fitted values less responses, and below them a row of derivatives for each parameter.
        They are in one array, which the next call overwrites: for many points, a new array would take longer than its
        numbers."""
        import numpy as np

        at = np.asarray(at, dtype=float)
        if self.last is not None and np.array_equal(self.last, at):
            return self.answer
        if self.answer is None:
            if self.room is None or self.room.shape[1] < self.rows:
                self.room = np.empty((len(at) + 1, self.rows))
            self.answer = self.room[:, : self.rows]
        turn()
        rows, self.last = self.answer, None
        point = self.point(at)
        if self.quick is not None:
            run, names = self.quick
            named = {**point, **self.right.columns}
            run(*(named[n] for n in names), out=list(rows))
            rows[0] -= self.responses
        else:
            rows[1:] = 0.0
            fitted = self._side(self.right, point, rows[1:], 1.0)
            response = self.responses
            rows[0] = fitted - (self._side(self.left, point, rows[1:], -1.0) if response is None else response)
        if self.root is not None:
            rows *= self.root
        self.last = at.copy()
        return rows

    def _side(self, side: OneSide, point: Mapping[str, Any], slopes: Any, sign: float) -> Any:
        import numpy as np

        names = side.moved_by(self.moving)
        if not names:
            return self._column(side.values(point))
        value, gradient = side.with_slopes(point, names)
        found = dict(zip(names, gradient))
        k = 0
        for n in self.moving:
            size = self.sizes[n]
            if n in found:
                part = np.asarray(found[n], dtype=float)
                block = np.broadcast_to(part, (self.rows, *self.shapes[n])).reshape(self.rows, size).T
                if sign < 0:
                    slopes[k : k + size] -= block
                else:
                    slopes[k : k + size] = block
            k += size
        return self._column(value)

    def predict(self, at: Any, table: Any) -> tuple[Any, Any]:
        """The values of the model for the rows of another table, and their derivatives, a row for each parameter."""
        import numpy as np

        given = table_of(table, self.right.function.limits)
        columns = {n: given.column(n) for n in self.right.columns}
        lengths = {len(v) for v in columns.values()}
        if len(lengths) > 1:
            given.refuse("has columns of different lengths")
        other = BoundModel(self.right.over(columns), self.left, self.values, self.moving, max(lengths, default=1))
        slopes = np.zeros((len(at), other.rows))
        return np.array(other._side(other.right, self.point(at), slopes, 1.0)), slopes

    def exact(self, at: Any) -> Any:
        """The fitted values less the responses, with many digits; None if that takes too long or is not possible."""
        if not isinstance(self.right, OneSide):
            return None
        sides = [side.function for side in (self.right, self.left)]
        steps = sum(len(f.written_list) for f in sides)
        if any(self.shapes.values()) or not all(type(v) is float for v in self.values.values()):
            return None
        if steps * self.rows > MOST:
            return None
        columns = {**self.right.columns, **self.left.columns}
        return differences(sides[0].written_list, sides[1].written_list, self.point(at), columns)

    def lost(self, at: Any) -> Lost:
        """How many rows have no finite value at these parameters, and the first of them."""
        import numpy as np

        point = self.point(np.asarray(at, dtype=float))
        for k, side in enumerate((self.right, self.left)):
            lost = np.flatnonzero(~np.isfinite(self._column(side.values(point))))
            if len(lost):
                return Lost(len(lost), k, {n: float(v[lost[0]]) for n, v in side.columns.items()})
        return Lost(0, 0, {})

    def blame(self, at: Any, lost: Lost | None = None, rows: int = 0) -> None:
        """Raise a DomainError that names the first row without a value at these parameters, and the step that causes
        it."""
        import numpy as np

        point = self.point(np.asarray(at, dtype=float))
        found, count = lost or self.lost(at), rows or self.rows
        if not found.number:
            return
        f = (self.right, self.left)[found.side].function
        blamed = f.blame({n: v for n, v in {**point, **found.row}.items() if n in f.inputs})
        where = f"at the start the model has no finite value for {found.number:,} of {count:,} rows"
        if blamed is not None:
            raise DomainError(blamed._replace(severity="error", message=f"{where}: {blamed.message}"))
        raise error(DomainError, "W671", where)


def parameters_of(
    inputs: Sequence[str], defaults: Mapping[str, Any], table: Any, asked: DataArguments
) -> dict[str, Any]:  # fmt: skip
    """The start values of the parameters, which are the inputs that are no columns."""
    if not isinstance(asked.start, Mapping):
        raise error(ArgumentError, "W602", f"`start` is a mapping of names to values, not {shown(asked.start)}")
    found = {}
    for n, v in asked.start.items():
        if n not in inputs:
            help = suggestion(str(n), inputs) or f"the inputs are {', '.join(inputs)}"
            raise error(UnknownName, "W101", f"no input is called `{shown(n).strip(chr(39))}`", help=help)
        found[n] = as_value(v, n)
    missing = []
    for n in inputs:
        if n in found or n in table:
            continue
        if n in defaults:
            found[n] = as_value(defaults[n], n)
        else:
            missing.append(n)
    if missing:
        hints = [hint for n in missing if (hint := suggestion(n, table.names))]
        listed = ", ".join(f"`{n}`" for n in missing)
        columns = f"the columns are {listed_few(table.names)}{renaming(table.names)}"
        help = hints[0] if hints else f"{columns}; a parameter needs a start: {missing[-1]}=1"
        what = f"{listed}: neither a column of {table.called} nor given a start"
        raise error(UsageError, "W606", what, help=help)
    return {n: found[n] for n in inputs if n in found}


def _weights(table: NamedColumns, asked: DataArguments) -> Any:
    """The weight of each square, from a column or a vector of weights or of standard deviations."""
    import numpy as np

    given, name = (asked.weights, "weights") if asked.weights is not None else (asked.sigma, "sigma")
    if given is None:
        return None
    column = table.column(given) if isinstance(given, str) else as_value(given, name)
    column = np.asarray(column, dtype=float)
    if column.ndim != 1:
        raise error(UsageError, "W602", f"`{name}` is a column, or a number for each row", help="for instance 'w'")
    wrong = np.flatnonzero(column < 0 if name == "weights" else column <= 0)
    if len(wrong):
        raise wrong_weight(name == "sigma", int(wrong[0]), float(column[wrong[0]]))
    return column if name == "weights" else 1 / column**2


def wrong_weight(deviation: bool, place: int, value: float) -> WengertError:
    """The error for a bad weight or standard deviation in a row. Rows count from 0."""
    kind = "a standard deviation is above 0" if deviation else "a weight is a number from 0 on"
    return error(UsageError, "W673", f"{kind}, and that of row {place + 1:,} is {value:.15g}")


def infinite(place: int, column: str, value: float) -> WengertError:
    """The error for an infinite number in a row. Rows count from 0."""
    return error(UsageError, "W673", f"row {place + 1:,} of `{column}` is {value:g}, and data are finite",
                 help="a value that is missing is nan, or an empty cell")  # fmt: skip


def _rows(columns: Mapping[str, Any], table: NamedColumns) -> tuple[Any, int]:
    """The rows without missing values, counted from 0, and how many rows have missing values."""
    import numpy as np

    lengths = {n: len(v) for n, v in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{k:,} of `{n}`" for n, k in lengths.items())
        table.refuse(f"has columns of different lengths: {told}")
    (count,) = set(lengths.values())
    if not count:
        table.refuse("has no rows")
    whole = np.ones(count, dtype=bool)
    for n, v in columns.items():
        endless = np.flatnonzero(np.isinf(v))
        if len(endless):
            raise infinite(int(endless[0]), n, float(v[endless[0]]))
        whole &= ~np.isnan(v)
    if "the weights" in columns:
        whole &= columns["the weights"] != 0
    rows = np.flatnonzero(whole)
    if not len(rows):
        table.refuse(f"has a missing value in each of its {count:,} rows")
    return rows, count - len(rows)


def moving_of(asked: DataArguments, values: Mapping[str, Any], inputs: Sequence[str]) -> dict[str, Any]:
    """The parameters to fit. Raises an error for a bound or a fixed parameter that does not exist, and UsageError if no
    parameter is free."""
    if not isinstance(asked.bounds, Mapping):
        raise error(ArgumentError, "W602", f"`bounds` is a mapping of names to pairs, not {shown(asked.bounds)}")
    for n in (*asked.fixed, *asked.bounds):
        if n not in values:
            help = suggestion(str(n), values) or f"the parameters are {', '.join(values)}"
            kind = "is a column of data" if n in inputs else "is not there"
            raise error(UnknownName, "W101", f"the parameter `{shown(n).strip(chr(39))}` {kind}", help=help)
    moving = {n: v for n, v in values.items() if n not in asked.fixed}
    if not moving:
        raise error(UsageError, "W672", "there is nothing to fit: no parameter is free",
                    help="an input that is no column is a parameter, unless it is fixed")  # fmt: skip
    return moving


def bounds_of(
    given: Mapping[str, Any], moving: Mapping[str, Any], names: Sequence[str], start: Any
) -> tuple[Any, Any]:  # fmt: skip
    """The vectors of the lower and upper bounds. Raises UsageError for a pair with no number between."""
    import numpy as np

    lower, upper = np.full(len(names), -inf), np.full(len(names), inf)
    for n, pair in given.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise error(UsageError, "W674", f"the bounds of `{n}` are a pair of numbers, not {shown(pair)}",
                        help="for instance (0, inf)")  # fmt: skip
        low, high = (-inf if pair[0] is None else number(pair[0], n)), (inf if pair[1] is None else number(pair[1], n))
        if isnan(low) or isnan(high) or not low < high:
            raise error(UsageError, "W674", f"the bounds of `{n}` contradict each other: {low:g} and {high:g}",
                        help="the first is less than the second; a parameter that cannot move is fixed")  # fmt: skip
        for k, name in enumerate(names):
            if name == n or name.startswith(f"{n}["):
                if not low <= start[k] <= high:
                    raise error(UsageError, "W674", f"`{name}` starts at {start[k]:g}, outside its bounds {low:g} and "
                                f"{high:g}")  # fmt: skip
                lower[k], upper[k] = low, high
    return lower, upper
