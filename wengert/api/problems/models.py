"""`wengert.fit`: bind a model in text, `response ~ formula`, to the columns of a table; `jobs.fitting.fit` fits it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from math import inf
from typing import Any

from ...ground.complaints import explained
from ...ground.errors import (
    ArgumentError,
    Diagnostic,
    ParseError,
    Source,
    Span,
    UsageError,
    WengertError,
    error,
    shown,
    suggestion,
)
from ...ground.limits import Limits, within
from ...ground.names import shortened
from ...ground.tuples import NamedTuple
from ...ground.turns import counting
from ...jobs.equations.ode import TIME
from ...jobs.fitting.fit import Fit
from ...jobs.fitting.fit import fit as fitted
from ...jobs.fitting.strategies import LOSSES
from ...jobs.uncertainty.students_t import checked_confidence
from ...kernels.arguments import as_value
from ...language import Program
from ...lists.wengert_list import WengertList, spelled
from ...ops import OPS
from ..compile import compile
from ..function import Function
from ..options import DEFAULTS, Options
from ..tabular.engines import AUTO, BATCHES, MEMORY, EngineTable, placed
from ..tabular.tables import NamedColumns
from .bound_data import DataArguments
from .joint_problems import Together, is_several, joint_problem, tables_of
from .minimizing import texts_of


class Model(NamedTuple):
    """A model for data: the functions of its right side and of its response, and the text of both."""

    function: Function
    response: Function
    text: str
    left: str
    warnings: tuple[Diagnostic, ...] = ()


def read_model(
    text: str, name: str = "<text>", options: Options = DEFAULTS, inputs: Iterable[str] = ()
) -> Model:  # fmt: skip
    """Read `response ~ formula`, the last statement of a program. Raises ParseError for a text without a `~`."""
    source = Source(text, name)
    places = [k for k in _outside_comments(text) if text[k] == "~"]
    if len(places) != 1:
        what = "a model is written `response ~ formula`" if not places else "a model has one `~`"
        equals = [k for k in _outside_comments(text) if text[k] == "="]
        wrong = places[1:2] or equals[-1:]
        help = "a `=` binds a name: `y ~ a*exp(-b*x)` compares" if equals and not places else ""
        span = Span(wrong[0], wrong[0] + 1) if wrong else Span(0, len(text))
        raise error(ParseError, "W671", what, span, help=help or "for instance `y ~ a*exp(-b*x)`", source=source)
    at = places[0]
    begin = max(text.rfind("\n", 0, at), text.rfind(";", 0, at)) + 1
    # Each side is read with the other side blanked, so that places in messages are those of the whole text.
    left = text[:at] + " " * (len(text) - at)
    right = text[:begin] + " " * (at + 1 - begin) + text[at + 1 :]
    found = []
    for side in (left, right):
        if not side[begin:].strip():
            missing = "the response" if side is left else "the formula"
            raise error(ParseError, "W671", f"{missing} is missing beside the `~`", Span(at, at + 1), source=source)
        try:
            found.append(_of_source(compile(side, name=name, options=options, inputs=inputs), source))
        except WengertError as problem:
            if problem.diagnostic.source is not None:
                problem.diagnostic = problem.diagnostic._replace(source=source)
            raise
    response, function = found
    for f in found:
        if len(f.program.wlist.outputs) != 1:
            raise error(ParseError, "W671", "a model has one response and one formula", Span(at, at + 1), source=source)
    both = {(d.code, d.span) for d in response.program.warnings}
    # A binding is unused if neither side uses it.
    warnings = [d for d in function.program.warnings if d.code not in ("W151", "W154") or (d.code, d.span) in both]
    told = tuple(d._replace(source=source) for d in warnings)
    return Model(function, response, _plain(text[at + 1 :]), _plain(text[begin:at]), told)


def _of_source(f: Function, source: Source) -> Function:
    """A function whose places refer to another text of the same length."""
    program = f.program
    wlist = program.wlist
    provenance = wlist.provenance._replace(source=source)
    moved = WengertList(
        wlist.equations, wlist.inputs, wlist.outputs, shapes=wlist.shapes, ops=wlist.ops, provenance=provenance
    )
    return Function(program._replace(wlist=moved, source=source), f.options) if f.decided else f


def _outside_comments(text: str) -> Iterable[int]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield from range(at, at + (line.find("#") if "#" in line else len(line)))
        at += len(line)


def with_data_inside(model: Model) -> tuple[Model, NamedColumns]:
    """A model whose declarations hold its data, such as `input x[3] = [1, 2, 3]`, and the table of these data.

    Raises UsageError if no input has an array as its default.
    """
    sides = (model.response, model.function)
    columns: dict[str, Any] = {}
    for f in sides:
        columns |= {n: as_value(v, n) for n, v in f.program.defaults.items() if isinstance(v, tuple)}
    columns = {n: v for n, v in columns.items() if v.ndim == 1}
    if not columns:
        raise error(UsageError, "W670", "there is no table of data",
                    help='name a file behind the model: `wengert fit "y ~ a*x" data.csv`')  # fmt: skip
    response, function = (_over_rows(f, columns) for f in sides)
    return model._replace(response=response, function=function), NamedColumns(
        tuple(columns), columns.__getitem__, "the model"
    )


def _over_rows(f: Function, columns: Collection[str]) -> Function:
    """Turn a function of whole columns into a function of one row's numbers: its inputs lose their shapes."""
    program = f.program
    wlist = program.wlist
    # A column that is declared but not used is no input of this side.
    used = {a for e in wlist.equations for a in e.inputs} | set(wlist.outputs)
    inputs = [n for n in wlist.inputs if n not in columns or n in used]
    shapes = {n: s for n, s in wlist.shapes.items() if n not in columns}
    narrow = WengertList(
        wlist.equations, inputs, wlist.outputs, shapes=shapes, ops=wlist.ops, provenance=wlist.provenance
    )
    defaults = {n: v for n, v in program.defaults.items() if n not in columns}
    return Function(Program(narrow, program.source, defaults, constants=program.constants), f.options)


def models_of(source: Source, options: Options = DEFAULTS, inputs: Iterable[str] = ()) -> list[Model]:
    """The models of a text: its last statement, or all lines with a `~`, each with the other lines. Raises
    ParseError."""
    lines = source.text.splitlines()
    with_sign = [k for k, line in enumerate(lines) if "~" in line.partition("#")[0]]
    if len(with_sign) < 2:
        return [read_model(source.text, source.name, options, inputs)]
    found = []
    for k in with_sign:
        # The other models are blanked, so that places in messages are those of the text.
        kept = [" " * len(line) if n in with_sign and n != k else line for n, line in enumerate(lines[: k + 1])]
        model = read_model("\n".join(kept), source.name, options, inputs)
        found.append(model._replace(warnings=tuple(w for w in model.warnings if w.code not in ("W151", "W154"))))
    return found


def job_text(text: str, found: Fit, table: NamedColumns | None, further: Iterable[str], command: str) -> str:
    """A program that holds the data of a fit and repeats it: its inputs are declared, with starts and columns.

    table    the data; None where the command names a table that is read in batches: then columns have no values
    further  columns that are no inputs of the model, such as weights
    command  the command that repeats the job, for its first line
    """
    starts: dict[str, Any] = {}
    for e in found.estimates:
        name, _, place = e.name.partition("[")
        starts[name] = [*starts[name], e.start] if place and name in starts else [e.start] if place else e.start
    lines = [f"# {command}"]
    if starts:
        lines.append("input " + ", ".join(_declared(n, v) for n, v in starts.items()))
    if table is None:
        lines.append(f"input {', '.join(found.columns)}")
    else:
        rows = found.problem.rows - 1
        lines += [
            f"input {_declared(n, [float(v) for v in table.column(n)[rows]])}"
            for n in dict.fromkeys((*found.columns, *further))
        ]
    return "\n".join([*lines, without_declarations(text).strip("\n; "), ""])


def _declared(name: str, value: Any) -> str:
    if not isinstance(value, list):
        return f"{name} = {spelled(float(value))}"
    return f"{name}[{len(value)}] = [{', '.join(spelled(float(v)) for v in value)}]"


def without_declarations(text: str) -> str:
    """A program without its declarations of inputs."""
    kept, statement, depth = [], "", 0
    for line in text.splitlines(keepends=True):
        code, comment = line.partition("#")[0], line[len(line.partition("#")[0]) :]
        for c in code + ("\n" if comment else ""):
            depth += (c in "([{") - (c in ")]}")
            statement += c
            if c in "\n;" and depth <= 0:
                kept.append(statement)
                statement = ""
    kept.append(statement)
    return "".join(s for s in kept if s.split(None, 1)[:1] != ["input"])


def _plain(text: str) -> str:
    return " ".join(" ".join(line.partition("#")[0] for line in text.splitlines()).split()).strip("; ")


@explained
def fit(
    model: Any, table: Any = None, *, start: Mapping[str, Any] = {}, response: str | None = None, weights: Any = None,
    sigma: Any = None, absolute_sigma: bool = False, bounds: Mapping[str, Any] = {}, fixed: Collection[str] = (),
    loss: str = "linear", loss_scale: float | None = None, confidence: float = 0.95,
    shared: Iterable[str] | str | None = None, by: str | None = None, ode: Any = (), t0: float = 0.0,
    time: str = "t", engine: str = "auto", scheduler: Any = None,
) -> Fit:  # fmt: skip
    """Fit a model to the rows of a table by least squares, with exact derivatives.

        found = wg.fit("y ~ b1*(1 - exp(-b2*x))", "data.csv", start={"b1": 500, "b2": 1e-4})
        found["b1"].value, found["b1"].error, found.statistics.correlations

    model      a text `response ~ formula`, where the response may be a formula too, `log(y) ~ …`; or a Function or a
               program, with the response in `response`
    table      the path of a .csv, .tsv or .txt with names in its first line, of Parquet or of Arrow; a DataFrame, a
               structured array, or a mapping of names to vectors; an iterable of such tables, which are its batches, or
               a function that makes one; a dask DataFrame. An input of the model that is a column is data; rows with
               missing values are left out. Without a table the arrays that the model declares are data:
               `input x[3] = [1, 2, 3]`
    start      where the parameters begin: values of all other inputs that have no default
    weights    a column, or a vector: the weight of each square
    sigma      a column, or a vector: the standard deviation of each response; its weight is 1/sigma^2. Errors are
               scaled by the residuals all the same, unless `absolute_sigma`
    bounds     pairs of a least and a greatest value by name: {"b1": (0, inf)}
    fixed      names of parameters that stay at their start
    loss       "linear", or a robust one: "soft_l1", "huber", "cauchy", "arctan"; `loss_scale` is the size of a residual
               from which it is no square
    confidence the level of the intervals
    shared     of several tables, `["one.csv", "two.csv"]`, the parameters that have one value for all; without it all
               have. Each of the others has one for each table, `found["a[one]"]`, and a start, or one for each: [1, 2]
    by         a column: where its values differ, the rows of one table are several tables
    ode        differential equations, `x' = -k*x`: their states are inputs of the model, at the times of the rows. The
               values of the states at the time `t0` are parameters too, unless they are `fixed`. Several models, a list
               of texts, are several responses
    time       the name of the time in these equations and in the table: `t`, or the name of another column
    engine     "memory" has all rows in memory, "batches" some at a time: the table is read again for each evaluation,
               and the memory does not grow with it. "dask" works where a dask DataFrame is, or on the workers of the
               `scheduler`, an address or a client. "auto" takes memory for few numbers. The answer is the same, to the
               rounding of the sums

    Raises UsageError for a column or a start that is missing, data that are not finite, fewer rows than parameters,
    bounds that contradict each other; DomainError for a start where the model has no value; ParseError for a model
    without a `~`.
    """
    level = checked_confidence(confidence)
    if loss not in LOSSES:
        raise error(ArgumentError, "W602", f"there is no loss {shown(loss)}",
                    help=suggestion(str(loss), LOSSES) or f"the losses are {', '.join(LOSSES)}")  # fmt: skip
    if loss_scale is not None and not (isinstance(loss_scale, (int, float)) and 0 < loss_scale < inf):
        raise error(ArgumentError, "W602", f"the scale of a loss is a number above 0, not {shown(loss_scale)}")
    if weights is not None and sigma is not None:
        raise error(UsageError, "W605", "weights and sigma exclude each other", help="a weight is 1/sigma^2")
    if isinstance(fixed, str):
        fixed = (fixed,)
    if absolute_sigma and sigma is None:
        raise error(UsageError, "W605", "`absolute_sigma` needs the standard deviations", help="give them as `sigma`")
    usual = isinstance(time, str) and time == TIME
    if not texts_of(ode) and not (usual and isinstance(t0, (int, float)) and t0 == 0):
        raise error(UsageError, "W605", f"`{'t0' if usual else 'time'}` is for differential equations",
                    help="give them as `ode`")  # fmt: skip
    together = Together(shared, by, tuple(texts_of(ode)), t0, time)
    inputs = [n for n in start if isinstance(n, str)]
    if together.asked or is_several(table) and engine != BATCHES or _are_models(model):
        if engine not in (AUTO, MEMORY) or scheduler is not None:
            raise error(UsageError, "W929", "a fit of several tables or responses has its rows in memory",
                        help="leave the engine and the scheduler out")  # fmt: skip
        models = [model_of(m, response, inputs) for m in (model if _are_models(model) else [model])]
        if not models:
            raise error(UsageError, "W671", "there is no model", help="for instance `y ~ a*exp(-b*x)`")
        with counting("fitting"), within(models[0].function.limits):
            if table is None:
                pairs = [with_data_inside(m) for m in models]
                models, table = [m for m, _ in pairs], pairs[0][1]
            tables = tables_of(table, by, models[0].function.limits)
            asked = DataArguments(start, weights, sigma, absolute_sigma, bounds, tuple(fixed))
            return fitted(joint_problem(models, tables, asked, together), loss, loss_scale, level)
    whole = model_of(model, response, inputs)
    f = whole.function
    with within(f.limits):
        asked = DataArguments(start, weights, sigma, absolute_sigma, bounds, tuple(fixed))
        if table is None:
            whole, data = with_data_inside(whole)
            at = EngineTable(data)
        else:
            further = [n for n in (weights, sigma) if isinstance(n, str)]
            names = {*whole.function.inputs, *whole.response.inputs, *further}
            at = placed(table, names, f.limits, engine, scheduler)
    # Passes over a table take as long as its rows need, so the clock of the limits starts anew for each block of rows.
    with counting("fitting"), within(f.limits if not at.passes else Limits.trusted()):
        try:
            problem = at.problem(whole.function, whole.response, asked)
            problem = problem._replace(model=whole.text, response=whole.left)
            return fitted(problem, loss, loss_scale, level)
        finally:
            at.close()


@lru_cache(maxsize=32)
def _read_again(text: str, inputs: tuple[str, ...], ops: tuple[int, ...]) -> Model:
    """A model read from its text once, and used by every later fit of the same text, with the kernels made for it.

    ops  the identities of all ops: a model holds those that were there when it was read
    """
    return read_model(text, inputs=inputs)


def _are_models(model: Any) -> bool:
    """Whether a model is a list of models. A list of tuples (output, op, inputs) is a program instead."""
    several = isinstance(model, (list, tuple)) and not isinstance(model, Model)
    return several and all(isinstance(m, (str, Model, Function)) for m in model)


def model_of(model: Any, response: str | None, inputs: Sequence[str] = ()) -> Model:
    """The model that a caller gives: a text with a `~`, or a function and its response.

    The names of `inputs` are inputs even if they name constants. Raises UsageError.
    """
    if isinstance(model, Model):
        return model
    if isinstance(model, str) and response is None:
        return _read_again(model, tuple(inputs), tuple(map(id, OPS.values())))
    f = model if isinstance(model, Function) else compile(model, inputs=inputs)
    if not isinstance(response, str):
        what = f"the response is a text, a column or a formula of columns, not {shown(response)}"
        raise error(ArgumentError, "W602", what, help='for instance response="y"')
    side = compile(response, options=f.options)
    outputs = f.program.wlist.outputs
    if len(side.program.wlist.outputs) != 1 or len(outputs) != 1:
        raise error(UsageError, "W603", "a model has one response and one output",
                    help=f"the outputs are {', '.join(map(str, outputs))}")  # fmt: skip
    return Model(f, side, shortened(f.program.source.text) or f.outputs[0], response.strip())
