"""`wengert fit`: a model fitted to the rows of a table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from logging import CRITICAL, getLogger
from math import inf
from typing import Any

from ..api.options import KERNELS, Options
from ..api.plain_answers import value_json
from ..api.problems.job_lines import table_within
from ..api.problems.models import Model, fit, job_text, read_model, with_data_inside
from ..api.tabular.engines import AUTO, BATCHES, DASK, ENGINES, MEMORY, table_for_engine
from ..api.tabular.streamed import RowSource
from ..api.tabular.tables import NamedColumns
from ..ground.errors import Diagnostic, WengertError
from ..ground.limits import Limits, start, stop
from ..ground.names import normalize
from ..ground.written_files import writable, write_parts, write_whole
from ..jobs.fitting.fit import Fit
from ..jobs.fitting.strategies import LOSSES
from ..jobs.uncertainty.students_t import checked_confidence
from .assigned import located, number_of, texts_of
from .fit_words import is_joint
from .job_files import SAVE, command_of, shown_words, with_job
from .pictures_of_jobs import FORCE, PLOT, checked_plot, write_plot
from .programs import ALWAYS, KERNEL, PRINTED, PROGRAM, SHARED, limits_of, source_of
from .screen import Screen, dumps
from .values import constant, value_of
from .words import Arguments, Command, Option, short

FIX = "fix"  # not an op: an option

COMMAND = Command(
    "fit", "MODEL … TABLE … [--NAME START …]",
    "The parameters of a model, `response ~ formula`, fitted to the rows of a table by least squares with exact\n"
    "derivatives: estimates, standard errors, intervals, correlations, and the parameters that the data do not\n"
    "determine. Inputs that are columns are data, and the others are parameters with a start. Rows with missing\n"
    "values are left out. Exit status 1 where no minimum was found that the data determine.",
    (
        Option("weights", "COLUMN", "the weight of the square of each residual"),
        Option("sigma", "COLUMN", "the standard deviation of each response: the weight is 1/sigma^2"),
        Option("absolute-sigma", "", "the deviations are known: the residuals do not scale the errors"),
        Option("bounds", "NAME=LOW:HIGH", "the least and greatest value of a parameter: b1=0:inf", repeats=True),
        Option(FIX, "NAMES", "parameters that stay at their start: b2,b3"),
        Option("loss", "|".join(LOSSES), "a robust loss in place of squares (default: linear)"),
        Option("loss-scale", "S", "the residual from which a robust loss is no square (default: from the residuals)"),
        Option("confidence", "P", "the level of the intervals (default: 0.95)"),
        Option("engine", "|".join(ENGINES), "where the rows are: in memory, read in batches again and again, or on "
               "Dask (default: auto, in memory if they are few)"),
        Option("scheduler", "ADDRESS", "the scheduler of Dask whose workers do the work: tcp://HOST:8786"),
        Option("shared", "NAMES", "of several tables: the parameters with one value for all (default: all of them)"),
        Option("by", "COLUMN", "take the rows as several tables: those where this column has the same value"),
        Option("ode", "EQUATION", "a differential equation, x' = -k*x: its state is an input of the model, at the "
               "times of the rows", repeats=True),
        Option("t0", "TIME", "the time at which the states have their values at the start (default: 0)"),
        Option("time", "COLUMN", "the column of the times, which equations may name too (default: t)"),
        Option("residuals", "FILE", "write the residuals as a table: .csv"),
        SAVE,
        PLOT, FORCE,
        Option("json", "", "answer in JSON"),
        KERNEL, *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert fit "y ~ b1*(1-exp(-b2*x))" data.csv --b1 500 --b2 0.0001', "two parameters, from columns x and y"),
        ('wengert fit "log(y) ~ a + b*x" data.csv --a 0 --b 1 --bounds b=0:inf --loss huber', "bounded, and robust"),
        ('wengert fit "y ~ a*exp(-k*x)" one.csv two.csv --shared k --a "[1, 2]" --k 1', "two tables, one k"),
        ('wengert fit "y ~ z/V" data.csv --ode "z\' = -k*z" --z 100 --fix z --V 8 --k 1', "a differential equation"),
        ("wengert fit job.wengert", "a job that --save wrote"),
        ('wengert fit "y ~ a*exp(-b*x)" big.parquet --a 1 --b 1 --scheduler tcp://10.0.0.5:8786', "on a cluster"),
    ),
    most=None,
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the report, and write the files that were asked for."""
    limits = limits_of(arguments)
    if not arguments.words:
        example = COMMAND.examples[0][0]
        arguments.refuse(len(arguments.argv), "no model is given", f"for instance `{example}`")
    arguments, notes = with_job(arguments)
    screen.say(notes)
    source = source_of(arguments, arguments.words[0], arguments.spots[0])
    started = start(limits)
    for name in ("residuals", "save"):
        if name in arguments.options:
            located(arguments, name, writable, arguments.option(name), arguments.flag("force"))
    checked_plot(arguments)
    options = Options(
        fuse=not arguments.flag("no-fuse"), kink=arguments.option("kink", "mean"), limits=limits,
        kernel=arguments.option(KERNEL.name, KERNELS[0]),
    )  # fmt: skip
    if is_joint(arguments, source):
        for name in ("engine", "scheduler"):
            if name in arguments.options and arguments.option(name) not in (AUTO, MEMORY):
                arguments.refuse(arguments.places[name], "a fit of several tables or responses has its rows in memory",
                                 f"leave `--{name}` out", "W929")  # fmt: skip
        from .joint_fits import run_joint  # few fits are

        return run_joint(arguments, screen, source, options)
    model = read_model(source.text, source.name, options, tuple(arguments.values))
    model, table = _data(arguments, model, limits)
    # The fit refuses a name that the model does not have, whose value may be of any kind.
    inputs = {*model.function.inputs, *model.response.inputs}
    starts = {n: value_of(arguments, n, limits) if n in inputs else 1.0 for n in arguments.values}
    screen.say(model.warnings)
    if isinstance(table, RowSource):
        # A long table takes its time: each block of rows has its own clock.
        stop(started)
    try:
        found = fitted_to(arguments, model, table, starts, limits)
        return _answered(arguments, screen, found, source.text, table)
    finally:
        if isinstance(table, RowSource):
            table.close()


def _answered(
    arguments: Arguments, screen: Screen, found: Fit, text: str, table: NamedColumns | RowSource
) -> int:  # fmt: skip
    """Print the report, write the files, and return the exit code."""
    if arguments.flag("json"):
        print(dumps(fit_json(found), indent=2))
    else:
        print(found)
    if "residuals" in arguments.options:
        path = arguments.option("residuals")
        located(arguments, "residuals", write_parts, path, residuals_csv(found), arguments.flag("force"))
    if "save" in arguments.options:
        path = arguments.option("save")
        further = [arguments.option(o) for o in ("weights", "sigma") if o in arguments.options]
        if isinstance(table, NamedColumns):
            program = job_text(text, found, table, further, command_of(arguments, path))
        else:
            program = _streamed_job(arguments, screen, found, text)
        located(arguments, "save", write_whole, path, program, arguments.flag("force"))
    write_plot(arguments, found)
    return int(not found.converged)


def _streamed_job(arguments: Arguments, screen: Screen, found: Fit, text: str) -> str:
    """The job of a fit to a table that is read in batches. Its first line names the table, if that is in the job's
    folder or below."""
    path = arguments.option("save")
    table = [*arguments.words[1:], *arguments.tables][0]
    beside = os.path.relpath(table, os.path.dirname(path) or ".")
    if table_within(path, beside) is None:
        beside = ""
        command = shown_words(["wengert", "fit", path, os.path.abspath(table)])
        screen.say([Diagnostic("W872", "note", f"{short(path)} names no table: {short(table)} is not in its folder",
                               help=f"repeat it by `{command}`")])  # fmt: skip
    if not {"engine", "scheduler"} & set(arguments.options):
        arguments.options["engine"] = [BATCHES]
    return job_text(text, found, None, (), command_of(arguments, path, table=beside))


def _data(arguments: Arguments, model: Model, limits: Limits) -> tuple[Model, NamedColumns | RowSource]:
    """The table of data, from the file that is named or from the model itself."""
    engine = arguments.option("engine", AUTO)
    scheduler = arguments.option("scheduler") if "scheduler" in arguments.options else None
    if engine == DASK or scheduler is not None:
        # Its messages about a lost connection would appear beside ours.
        getLogger("distributed").setLevel(CRITICAL)
    names = {*model.function.inputs, *model.response.inputs}
    names |= {normalize(arguments.option(o)) for o in ("weights", "sigma") if o in arguments.options}
    named = {**dict(zip(arguments.words[1:], arguments.spots[1:])), **arguments.tables}
    if len(named) > 1:
        arguments.refuse([*named.values()][1], "one table of data at a time", "join the rows in one file")
    for path, place in named.items():
        try:
            return model, table_for_engine(path, names, limits, engine, scheduler).rows
        except WengertError as problem:
            word = {"W602": "engine", "W927": "scheduler", "W928": "scheduler"}.get(problem.diagnostic.code, "")
            raise arguments.located(arguments.places.get(word, place), problem) from None
    try:
        return with_data_inside(model)
    except WengertError as problem:
        raise arguments.located(arguments.spots[0], problem) from None


def fitted_to(
    arguments: Arguments, model: Any, table: Any, starts: dict[str, Any], limits: Limits, **together: Any
) -> Fit:  # fmt: skip
    level = number_of(arguments, "confidence", 0.95, limits) or 0.0
    located(arguments, "confidence", checked_confidence, level)
    bounds = {}
    for name, text in texts_of(arguments, "bounds", "b1=0:inf"):
        low, colon, high = text.partition(":")
        if not colon:
            arguments.refuse(arguments.places["bounds"], f"bounds are two numbers with a `:`, not `{short(text)}`",
                             "for instance `--bounds b1=0:inf`", "W674")  # fmt: skip
        ends = (low.strip() or "-inf", high.strip() or "inf")
        bounds[name] = tuple(located(arguments, "bounds", constant, name, end, limits) for end in ends)
    columns: dict[str, Any] = {
        o: normalize(arguments.option(o)) if o in arguments.options else None for o in ("weights", "sigma")
    }
    try:
        return fit(
            model, table, start=starts, bounds=bounds, fixed=arguments.names(FIX) or (),
            absolute_sigma=arguments.flag("absolute-sigma"), loss=arguments.option("loss", LOSSES[0]),
            loss_scale=number_of(arguments, "loss-scale", None, limits), confidence=level, **columns, **together,
        )  # fmt: skip
    except WengertError as problem:
        raise arguments.located(_place(arguments, problem), problem) from None


def _place(arguments: Arguments, problem: WengertError) -> int:
    """The word of the command line that an error concerns, by the names in its message."""
    said = problem.diagnostic.message
    for option in ("bounds", FIX, "weights", "sigma"):
        texts = arguments.options.get(option, ())
        named = [part.partition("=")[0].strip() for text in texts for part in text.split(",")]
        if any(f"`{n}`" in said for n in named):
            return arguments.places[option]
    for option in ("time", "t0"):
        if option in arguments.places and (f"`{option}`" in said or f"`{arguments.option(option)}`" in said):
            return arguments.places[option]
    for name, given in arguments.values.items():
        if f"`{name}`" in said:
            return given.place
    place = {"W602": "loss-scale", "W605": "sigma"}.get(problem.diagnostic.code, "")
    if problem.diagnostic.code == "W673" and not said.startswith("row"):
        place = "weights" if "weight" in said else "sigma"
    return arguments.places.get(place, arguments.spots[-1])


def residuals_csv(found: Fit) -> Iterator[str]:
    """The table of residuals as text, some rows at a time."""
    for k, table in enumerate(found.tables()):
        rows: Iterable[tuple[Any, ...]] = zip(*(v.tolist() for v in table.values()))
        header = [] if k else [",".join(table)]
        lines = (",".join(v if isinstance(v, str) else repr(v) for v in row) for row in rows)
        yield "\n".join([*header, *lines, ""])


def fit_json(found: Fit) -> dict[str, Any]:
    s, names = found.statistics, [e.name for e in found.statistics.estimates]
    return {
        "model": f"{found.problem.response} ~ {found.problem.model}",
        "converged": found.converged, "points": found.problem.points, "missing": found.problem.missing,
        "parameters": {
            e.name: {
                "value": value_json(e.value), "error": value_json(e.error),
                "interval": [value_json(end) for end in e.interval], "start": value_json(e.start), "held": e.held,
            }
            for e in found.estimates
        },
        "confidence": found.confidence,
        "correlations": {n: {m: value_json(s.correlations[i, j]) for j, m in enumerate(names)}
                         for i, n in enumerate(names)},
        "residual_standard_deviation": value_json(s.deviation), "sum_of_squares": value_json(s.squares),
        "degrees_of_freedom": s.degrees, "r_squared": value_json(found.determination),
        "loss": found.loss, "evaluations": found.evaluations,
        "attempts": [
            {"way": t.way, "why": t.why, "evaluations": t.evaluations, "found": t.found,
             "cost": value_json(t.cost), "offset": value_json(t.offset if t.offset < inf else inf)}
            for t in found.attempts
        ],
        "undetermined": [{n: value_json(v) for n, v in d.items()} for d in s.undetermined],
        "condition": value_json(s.condition), "remarks": found.remarks,
    }  # fmt: skip
