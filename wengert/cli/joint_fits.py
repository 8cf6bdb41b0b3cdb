"""`wengert fit` of several tables, of several responses, and of differential equations."""

from __future__ import annotations

from typing import Any

from ..api.options import Options
from ..api.problems.job_texts import nested, tables_job
from ..api.problems.models import Model, models_of, with_data_inside
from ..api.tabular.tables import NamedColumns, table_of
from ..ground.errors import Source, WengertError
from ..ground.names import normalize
from ..ground.written_files import write_parts
from ..jobs.equations.ode import TIME
from .assigned import located, number_of
from .fit import fit_json, fitted_to, residuals_csv
from .fit_words import split_words
from .job_files import write_job
from .pictures_of_jobs import write_plot
from .programs import source_of
from .screen import Screen, dumps
from .values import value_of
from .words import Arguments


def run_joint(arguments: Arguments, screen: Screen, source: Source, options: Options) -> int:
    """Print the report, and write the files that were asked for."""
    words, files = split_words(arguments)
    inputs = tuple(arguments.values)
    models = models_of(source, options, inputs)
    for word, place in words[1:]:
        models += models_of(source_of(arguments, word, place), options, inputs)
    starts = {n: value_of(arguments, n, options.limits) for n in arguments.values}
    by = normalize(arguments.option("by")) if "by" in arguments.options else None
    time = normalize(arguments.option("time", TIME))
    models, tables = _tables(arguments, models, {**dict(files), **arguments.tables}, options)
    screen.say([w for m in models for w in m.warnings])
    found = fitted_to(
        arguments, models, tables if len(tables) > 1 else tables[0], starts, options.limits,
        shared=arguments.names("shared"), by=by, ode=arguments.options.get("ode", []),
        t0=number_of(arguments, "t0", 0.0, options.limits), time=time,
    )  # fmt: skip
    print(dumps(fit_json(found), indent=2) if arguments.flag("json") else found)
    if "residuals" in arguments.options:
        path, force = arguments.option("residuals"), arguments.flag("force")
        located(arguments, "residuals", write_parts, path, residuals_csv(found), force)
    used = [by, *(normalize(arguments.option(o)) for o in ("weights", "sigma") if o in arguments.options)]
    told = [w for n, v in starts.items() for w in (f"--{n}", nested(v if isinstance(v, float) else v.tolist()))]
    told += ["--by", "dataset"] if len(tables) > 1 else []
    further = [n for n in (*used, *([time] if "ode" in arguments.options else [])) if n]
    write_job(arguments, lambda command: tables_job(command, models, tables, further), told)
    write_plot(arguments, found)
    return int(not found.converged)


def _tables(
    arguments: Arguments, models: list[Model], paths: dict[str, int], options: Options
) -> tuple[list[Model], list[NamedColumns]]:  # fmt: skip
    """The tables of data, from the files that are named or from the models themselves."""
    if not paths:
        try:
            pairs = [with_data_inside(m) for m in models]
        except WengertError as problem:
            raise arguments.located(arguments.spots[0], problem) from None
        return [m for m, _ in pairs], [pairs[0][1]]
    found: list[Any] = []
    for path, place in paths.items():
        try:
            found.append(table_of(path, options.limits))
        except WengertError as problem:
            raise arguments.located(place, problem) from None
    return models, found
