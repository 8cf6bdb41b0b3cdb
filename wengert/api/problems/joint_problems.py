"""Joint fits: several tables, several responses or differential equations, as one least squares problem."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ...ground.errors import ArgumentError, UnknownName, UsageError, error, shown, suggestion
from ...ground.limits import Limits
from ...ground.names import normalize
from ...ground.tuples import NamedTuple
from ...jobs.equations.ode import TIME
from ...jobs.fitting.fit import Regression
from ...jobs.fitting.joint_fit import JointProblem
from ...kernels.arguments import as_value
from ...lists.wengert_list import assemble
from ..function import Function
from ..tabular.tables import NamedColumns, table_of
from .bound_data import (
    BoundModel,
    DataArguments,
    OneSide,
    _rows,
    _weights,
    bound_problem,
    bounds_of,
    moving_of,
    parameters_of,
)
from .minimizing import texts_of
from .ode_states import OdeModel, OdeSide, OdeSolution, ode_model, without_solution

if TYPE_CHECKING:
    from .models import Model


class Together(NamedTuple):
    """The arguments of `wengert.fit` that make a fit of several parts; see there."""

    shared: Iterable[str] | str | None = None
    by: str | None = None
    ode: tuple[str, ...] = ()
    t0: float = 0.0
    time: str = TIME

    @property
    def asked(self) -> bool:
        """Whether any of these arguments is given."""
        return self.shared is not None or self.by is not None or bool(self.ode)


def is_several(table: Any) -> bool:
    """Whether a table is a list of tables."""
    return isinstance(table, (list, tuple)) and not (isinstance(table, tuple) and hasattr(table, "_fields"))


def tables_of(given: Any, by: str | None, limits: Limits) -> list[tuple[str, NamedColumns]]:
    """Tables with their labels: file stems, numbers from 1, or for one table the values of its column `by`. Raises
    UsageError."""
    several = list(given) if is_several(given) else [given]
    if not several:
        raise error(UsageError, "W670", "there is no table of data", help="a list of tables has one at least")
    found: list[tuple[str, NamedColumns]] = []
    for k, one in enumerate(several, 1):
        table = one if isinstance(one, NamedColumns) else table_of(one, limits)
        named = table.called not in ("the table", "the model")
        label = os.path.splitext(os.path.basename(table.called))[0] if named else str(k)
        while any(label == other for other, _ in found):
            label += f"_{k}"
        found.append((label, table))
    if by is None:
        return found
    if len(found) > 1:
        raise error(UsageError, "W605", "`by` splits one table, and these are several", help="leave one of the two")
    return _split(found[0][1], normalize(by))


def _split(table: NamedColumns, by: str) -> list[tuple[str, NamedColumns]]:
    import numpy as np

    column = table.column(by)
    kinds = np.unique(column[~np.isnan(column)])
    if not len(kinds):
        table.refuse(f"has no value in its column `{by}`")
    if len(kinds) > max(1, len(column) // 2):
        raise error(UsageError, "W874", f"`{by}` has {len(kinds):,} values in {len(column):,} rows, and splits the "
                    "table into parts that are too small", help="a column that numbers the data sets does")  # fmt: skip

    def part(value: float) -> NamedColumns:
        rows = np.flatnonzero(column == value)
        return NamedColumns(table.names, lambda n: table.column(n)[rows], table.called)

    return [(f"{float(v):g}", part(float(v))) for v in kinds]


def joint_problem(models: Sequence[Model], tables: Sequence[tuple[str, NamedColumns]], asked: DataArguments,
                  together: Together) -> Regression:  # fmt: skip
    """The problem of all models over all tables. Raises UsageError, UnknownName, ParseError."""
    import numpy as np

    shared = None if together.shared is None else tuple(map(normalize, texts_of(together.shared)))
    known = dict.fromkeys(n for m in models for n in (*m.response.inputs, *m.function.inputs))
    ode = None
    if together.ode:
        since = as_value(together.t0, "t0")
        if type(since) is not float or since != since or abs(since) == float("inf"):
            raise error(UsageError, "W602", f"`t0` is a finite number, not {shown(together.t0)}")
        start = _own(asked, 0, len(tables), shared, models, True).start
        given = {n: as_value(v, n) for n, v in start.items()} if isinstance(start, Mapping) else {}
        ode = ode_model(together.ode, given, since, models[0].function.options, _time(together.time))
        known |= dict.fromkeys(ode.inputs)
    if isinstance(asked.start, Mapping):
        _refuse_unknown(asked.start, known, "input")
    parts: list[tuple[str, str, Regression]] = []
    rows_of: list[Any] = []
    for k, (label, table) in enumerate(tables):
        own = _own(asked, k, len(tables), shared, models, ode is not None)
        solution: OdeSolution | None = None
        for m in models:
            of_model = _of_model(own, m, ode) if len(models) > 1 else own
            if ode is None:
                problem = bound_problem(m.function, m.response, table, of_model)
            else:
                problem, solution = _ode_problem(m, ode, table, of_model, solution)
            named = m.left if len(tables) == 1 else label if len(models) == 1 else f"{label}, {m.left}"
            parts.append((named, label, problem._replace(model=m.text, response=m.left)))
            rows_of.append(problem.rows)
    parameters = dict.fromkeys(n.partition("[")[0] for _, _, p in parts for n in (*p.names, *p.fixed))
    told: list[Iterable[str]] = [shared or ()]
    if len(models) > 1:
        told += [asked.fixed, asked.bounds]
    for names in told:
        _refuse_unknown(names, parameters, "parameter")
    if len(parts) == 1:
        return parts[0][2]
    joint = JointProblem(parts, shared)
    first = parts[0][2]
    return Regression(
        first.model, first.response, joint.names, joint.evaluate, joint.sides, joint.blame, joint.start, joint.lower,
        joint.upper, joint.fixed, joint.weights(), first.absolute, np.concatenate(rows_of),
        sum(p.missing for _, _, p in parts), first.columns, joint.predict, joint.exact, {}, tuple(joint.parts),
        "tables" if len(tables) > 1 else "responses",
    )  # fmt: skip


def _time(given: Any) -> str:
    """The name of the time. Raises ArgumentError if it is not a text."""
    if not isinstance(given, str) or not given.strip():
        raise error(ArgumentError, "W602", f"`time` is the name of a column, not {shown(given)}")
    return normalize(given.strip())


def _refuse_unknown(names: Iterable[str], known: Iterable[str], kind: str) -> None:
    known = tuple(known)
    for n in names:
        if n not in known:
            help = suggestion(str(n), known) or f"the {kind}s are {', '.join(known)}"
            raise error(UnknownName, "W101", f"no {kind} is called `{shown(n).strip(chr(39))}`", help=help)


def _of_model(asked: DataArguments, m: Model, ode: OdeModel | None) -> DataArguments:
    """The arguments for one of several models."""
    own = {*m.response.inputs, *m.function.inputs, *(ode.inputs if ode is not None else ())}

    def kept(given: Any) -> Any:
        return {n: v for n, v in given.items() if n in own} if isinstance(given, Mapping) else given

    fixed = [n for n in asked.fixed if n in own]
    return asked._replace(start=kept(asked.start), bounds=kept(asked.bounds), fixed=fixed)


def _own(
    asked: DataArguments, k: int, count: int, shared: tuple[str, ...] | None, models: Sequence[Model], equations: bool
) -> DataArguments:  # fmt: skip
    """The arguments for table k. Starts, weights and deviations may have one entry for each table."""
    import numpy as np

    start = asked.start
    if isinstance(start, Mapping) and shared is not None and count > 1:
        arrays = {n for m in models for n in m.function.shapes if m.function.shapes[n]}
        start = dict(start)
        for n, v in asked.start.items():
            if n in shared or n in arrays or not isinstance(v, (list, tuple, np.ndarray)):
                continue
            value = as_value(v, n)
            if np.ndim(value) == 1 and len(value) == count:
                start[n] = float(value[k])
            elif np.ndim(value) == 1 and not equations:  # in equations it may be a state that is a vector
                raise error(UsageError, "W874", f"`{n}` has {len(value)} starts, and there are {count} tables",
                            help="one start for all tables, or one for each")  # fmt: skip
    weights, sigma = (
        v[k] if isinstance(v, (list, tuple)) and count > 1 and len(v) == count else v
        for v in (asked.weights, asked.sigma)
    )
    return asked._replace(start=start, weights=weights, sigma=sigma)


def _ode_problem(
    m: Model, ode: OdeModel, table: NamedColumns, asked: DataArguments, solution: OdeSolution | None
) -> tuple[Regression, OdeSolution]:  # fmt: skip
    """The problem of one response over one table. Responses of the same table share its solution."""
    import numpy as np

    right = dict.fromkeys((*(n for n in m.function.inputs if n not in ode.states and n != ode.time), *ode.inputs))
    left = [n for n in m.response.inputs if n in table]
    inputs = tuple(dict.fromkeys((*m.response.inputs, *right)))
    defaults = {**m.response.program.defaults, **ode.function.program.defaults, **m.function.program.defaults}
    # A state needs a value at the start even if a column has its name: the column is the response.
    names = [n for n in table.names if n not in ode.inputs]
    seen = NamedColumns(names, table.column, table.called)
    values = parameters_of([n for n in inputs if n in right or n not in left], defaults, seen, asked)
    if ode.time not in table:
        help = suggestion(ode.time, table.names)
        columns = ", ".join(table.names[:10])
        table.refuse(f"has no column `{ode.time}` for the times of its rows",
                     help or f"name their column, `time`; the columns are {columns}")  # fmt: skip
    function = _with_shapes(m.function, values)
    data = {n: table.column(n) for n in dict.fromkeys((*left, *(n for n in right if n not in values), ode.time))}
    if not left:
        table.refuse("has no column that is in the response", f"the columns are {', '.join(table.names[:10])}")
    weights = _weights(table, asked)
    rows, missing = _rows({**data, **({} if weights is None else {"the weights": weights})}, table)
    data = {n: np.ascontiguousarray(v[rows]) for n, v in data.items()}
    weights = None if weights is None else weights[rows]
    moving = moving_of(asked, values, inputs)
    if solution is None:
        every = table.column(ode.time)
        solution = OdeSolution(ode, values, tuple(moving), every[np.isfinite(every)])
    own = {n: v for n, v in data.items() if n in m.function.inputs and n not in ode.states}
    side = OdeSide(function, {**own, ode.time: data[ode.time]}, solution)
    bound = BoundModel(side, OneSide(m.response, {n: data[n] for n in left}), values, tuple(moving), len(rows))  # type: ignore[arg-type]
    bound.prepare(None if weights is None else np.sqrt(weights))
    names_of, start = bound.flat(moving)
    lower, upper = bounds_of(asked.bounds, moving, names_of, start)
    return Regression(
        "", "", tuple(names_of), bound.evaluate, bound.sides, partial(_blame, bound, solution), start, lower, upper,
        {n: v for n, v in values.items() if n not in moving and type(v) is float}, weights,
        asked.absolute and asked.sigma is not None, rows + 1, missing, tuple(data), bound.predict, bound.exact,
        side.columns,
    ), solution  # fmt: skip


def _blame(bound: BoundModel, solution: OdeSolution, at: Any) -> None:
    """Raise the error for a start without a solution, or without a value."""
    import numpy as np

    without_solution(solution, bound.point(np.asarray(at, dtype=float)), bound.rows)
    bound.blame(at)


def _with_shapes(f: Function, values: Mapping[str, Any]) -> Function:
    """The formula with the shapes of its array inputs declared, so that further axes of a value count as rows."""
    shapes = {n: v.shape for n, v in values.items() if n in f.inputs and type(v) is not float and not f.shapes.get(n)}
    if not shapes:
        return f
    w = f.wengert_list
    wlist = assemble(w.inputs, w.equations, w.outputs, w.ops, w.provenance, {**w.shapes, **shapes})
    return Function(f.program._replace(wlist=wlist), f.options)
