"""`wengert.run_job`: a job that `--save` wrote, repeated from Python.

The first line of its file is a command, `# wengert minimize job.wengert --wrt x`, whose options become arguments; the
rest is its program, with the values of all inputs. A file may come from others, so its first line gives no limits, no
scheduler, no files to write, and no file to read but a table in the folder of the job, or below.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from math import inf
from os import PathLike
from pathlib import Path
from typing import Any

from ...ground.complaints import explained
from ...ground.errors import Source, Span, UsageError, WengertError, error, suggestion
from ...ground.limits import Limits, within
from ...ground.names import normalize
from ...ground.tuples import NamedTuple
from ...jobs.uncertainty.uncertain_inputs import pair_of
from ..compile import compile, read
from ..options import DEFAULTS, Options
from ..value_texts import constant, measured, value
from .integrating import ode
from .job_lines import APART, table_within
from .job_texts import equations_of
from .measurements import propagate
from .minimizing import minimize
from .models import fit, models_of
from .solving import solve

# For each job, how each option is read and which argument it becomes.
_TEXT, _TEXTS, _NAMES, _NUMBER, _WHOLE, _FLAG, _BOUNDS, _TIMES, _PAIRS, _BY_NAME = range(10)
_SHARED = {"kink": (_TEXT, "kink"), "no-fuse": (_FLAG, "fuse"), "kernel": (_TEXT, "kernel")}
_STARTS = {"wrt": (_NAMES, "wrt"), "starts": (_WHOLE, "starts"), "seed": (_WHOLE, "seed"), "engine": (_TEXT, "engine")}
TAKEN: dict[str, dict[str, tuple[int, str]]] = {
    "minimize": {
        "subject-to": (_TEXTS, "subject_to"), "bounds": (_BOUNDS, "bounds"), "method": (_TEXT, "method"), **_STARTS,
    },
    "solve": _STARTS,
    "ode": {
        "t": (_TIMES, "t"), "points": (_WHOLE, "points"), "sensitivities": (_NAMES, "sensitivities"),
        "event": (_TEXTS, "events"), "until": (_TEXTS, "until"), "method": (_TEXT, "method"),
        "rtol": (_NUMBER, "rtol"), "atol": (_NUMBER, "atol"),
    },
    "propagate": {
        "corr": (_PAIRS, "correlations"), "dof": (_BY_NAME, "degrees_of_freedom"),
        "confidence": (_NUMBER, "confidence"), "monte-carlo": (_NUMBER, "monte_carlo"), "seed": (_WHOLE, "seed"),
    },
    "fit": {
        "weights": (_TEXT, "weights"), "sigma": (_TEXT, "sigma"), "absolute-sigma": (_FLAG, "absolute_sigma"),
        "fix": (_NAMES, "fixed"),  # not an op: an option
        "bounds": (_BOUNDS, "bounds"), "loss": (_TEXT, "loss"),
        "loss-scale": (_NUMBER, "loss_scale"), "confidence": (_NUMBER, "confidence"), "engine": (_TEXT, "engine"),
        "shared": (_NAMES, "shared"), "by": (_TEXT, "by"), "ode": (_TEXTS, "ode"), "t0": (_NUMBER, "t0"),
        "time": (_TEXT, "time"),
    },
}  # fmt: skip


class SavedJob(NamedTuple):
    """The file of a job: its command, the words of its first line, the values of its options, its tables, and its
    program."""

    command: str
    options: dict[str, list[str]]
    values: dict[str, str]
    tables: tuple[str, ...]
    source: Source

    def refuse(self, why: str, help: str = "", says: str = "is no command: ") -> WengertError:
        """The error for a first line that is no command, or contains one that cannot be followed."""
        return _refusal(self.source, why, help, says)


def _refusal(source: Source, why: str, help: str = "", says: str = "is no command: ") -> WengertError:
    span = Span(0, max(len(source.text.partition("\n")[0]), 1))
    message = f"the first line of {source.name} {says}{why}"
    return error(UsageError, "W871", message, span, source=source,
                 help=help or "remove what is wrong, or write the job anew with `--save`")  # fmt: skip


def saved_job(path: str | PathLike[str]) -> SavedJob:
    """Read the file of a job. Raises UsageError if its first line is not the command of a job."""
    text, name = read(Path(path)), os.fspath(path)
    source = Source(text, str(name))
    line = text.partition("\n")[0]
    try:
        words = shlex.split(line.removeprefix("#"))
    except ValueError as problem:
        raise _refusal(source, str(problem)) from None
    if not line.startswith("#") or words[:1] != ["wengert"] or len(words) < 3:
        raise _refusal(source, "it begins with `# wengert` and the name of a job",
                       "`--save FILE` of `wengert fit` and the other jobs writes such a file; `wengert.load` reads a "
                       "program")  # fmt: skip
    command = words[1]
    if command not in TAKEN:
        help = suggestion(command, TAKEN) or f"the jobs are {', '.join(TAKEN)}"
        raise _refusal(source, f"there is no job `{command}`", help)
    return _sorted(command, words[3:], source)


def _sorted(command: str, words: Sequence[str], source: Source) -> SavedJob:
    known = {**TAKEN[command], **_SHARED}
    found = SavedJob(command, {}, {}, (), source)
    tables: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, text = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            if equals and name.isidentifier() and command not in ("solve", "ode"):
                found.values[normalize(name)] = text
            else:
                tables.append(word)
            continue
        flag = known.get(name, (_TEXT,))[0] == _FLAG
        text = text if equals or flag else next(rest, "")
        if name in known:
            found.options.setdefault(name, []).append(text)
            if len(found.options[name]) > 1 and known[name][0] not in (_TEXTS, _BOUNDS, _PAIRS, _BY_NAME):
                raise found.refuse(f"`--{name}` is given twice")
        elif name not in APART:
            found.values[normalize(name)] = text
    for name, text in found.values.items():
        if text.lstrip().startswith("@"):
            raise found.refuse(f"it reads a file for `{name}`", "write the numbers there")
    if tables and command != "fit":
        raise found.refuse(f"`{tables[0]}` is no option")
    return found._replace(tables=tuple(tables))


@explained
def run_job(
    path: str | PathLike[str], table: Any = None, *, limits: Limits = DEFAULTS.limits, scheduler: Any = None
) -> Any:
    """Repeat a job that `--save` wrote: as `wengert minimize job.wengert` does, where that is its command.

        found = wg.run_job("job.wengert")

    path       the file of the job
    table      the data of a fit, as in `wengert.fit`, in place of those of the job
    limits     the bounds on the work, which no file sets
    scheduler  the workers of Dask for a fit, by the address of their scheduler, or a client

    Returns the report of the job: a Minimum, a Root, a Trajectory, a Propagation or a Fit. Raises UsageError for a file
    that is no job, and the errors of the job.
    """
    job = saved_job(path)
    options = _options_of(job, limits)
    with within(limits):
        if (scheduler is not None or table is not None) and job.command != "fit":
            name = "table" if scheduler is None else "scheduler"
            raise error(UsageError, "W605", f"`{name}` is for a fit, and this job is `{job.command}`")
        if job.command == "fit":
            return _fitted(job, options, table, scheduler)
        arguments = _arguments(job, limits)
        if job.command == "propagate":
            return _propagated(job, options, arguments)
        values = {n: value(n, text, limits) for n, text in job.values.items()}
        if job.command == "minimize":
            return minimize(job.source.text, values, options=options, **arguments)
        own = equations_of(job.source.text, job.source.name, options)
        call: Callable[..., Any] = solve if job.command == "solve" else ode
        return call(own.equations, {**own.values, **values}, options=options, **arguments)


def _options_of(job: SavedJob, limits: Limits) -> Options:
    given: dict[str, Any] = {_SHARED[n][1]: texts[-1] for n, texts in job.options.items() if n in _SHARED}
    if "fuse" in given:
        given["fuse"] = False
    return Options(**given, limits=limits)


def _arguments(job: SavedJob, limits: Limits) -> dict[str, Any]:
    """The arguments to which the options of a job translate, by name."""
    found = {}
    for name, texts in job.options.items():
        if name in _SHARED:
            continue
        kind, argument = TAKEN[job.command][name]
        try:
            found[argument] = _READ[kind](name, texts, limits)
        except ValueError:
            raise job.refuse(f"`--{name}` does not take `{texts[-1][:40]}`") from None
    return found


def _propagated(job: SavedJob, options: Options, arguments: Mapping[str, Any]) -> Any:
    values: dict[str, Any] = {}
    uncertainties: dict[str, Any] = {}
    for n, text in job.values.items():
        parts = measured(text.strip())
        if parts is None:
            raise job.refuse(f"`{n}` is a value and its uncertainty, not `{text[:40]}`")
        values[n] = value(n, parts.value, options.limits)
        if parts.uncertainty is not None:
            u = value(n, parts.uncertainty, options.limits)
            uncertainties[n] = u * abs(values[n]) / 100 if parts.relative else u
    shapes = {n: v.shape for n, v in values.items() if not isinstance(v, float)}
    f = compile(job.source.text, name=job.source.name, options=options, inputs=tuple(values), shapes=shapes)
    return propagate(f, {**f.program.defaults, **values}, uncertainties, **arguments)


def _fitted(job: SavedJob, options: Options, table: Any, scheduler: Any) -> Any:
    arguments = _arguments(job, options.limits)
    for name in ("weights", "sigma", "by"):
        if name in arguments:
            arguments[name] = normalize(arguments[name])
    start = {n: value(n, text, options.limits) for n, text in job.values.items()}
    models = models_of(job.source, options, tuple(start))
    model: Any = models if len(models) > 1 else models[0]
    if scheduler is not None:
        arguments["scheduler"] = scheduler
    if table is None and job.tables:
        table = table_within(job.source.name, job.tables[0])
        if table is None or len(job.tables) > 1:
            raise job.refuse(f"reads {job.tables[-1]}, which is not in its folder",
                             "give the table yourself: `wengert.run_job(path, table)`", "")  # fmt: skip
    return fit(model, table, start=start, **arguments)


def _bounds(name: str, texts: Sequence[str], limits: Limits) -> dict[str, tuple[Any, Any]]:
    found = {}
    for n, text in _by_name(texts):
        low, colon, high = text.partition(":")
        if not colon or ":" in high:
            raise ValueError
        sides = [value(f"a bound of {n}", s, limits) if s.strip() else end for s, end in ((low, -inf), (high, inf))]
        found[n] = sides[0], sides[1]
    return found


def _by_name(texts: Sequence[str]) -> list[tuple[str, str]]:
    parts = [text.rpartition("=") for text in texts]
    if not all(n.strip() and equals for n, equals, _ in parts):
        raise ValueError
    return [(normalize(n.strip()), text.strip()) for n, _, text in parts]


def _times(name: str, texts: Sequence[str], limits: Limits) -> Any:
    text = texts[-1].strip()
    if text.startswith("["):
        return value(name, text, limits)
    first, colon, last = text.partition(":")
    if not colon:
        raise ValueError
    return constant(name, first.strip(), limits), constant(name, last.strip(), limits)


_READ: dict[int, Callable[[str, Sequence[str], Limits], Any]] = {
    _TEXT: lambda name, texts, limits: texts[-1],
    _TEXTS: lambda name, texts, limits: list(texts),
    _NAMES: lambda name, texts, limits: [normalize(n.strip()) for n in texts[-1].split(",")],
    _NUMBER: lambda name, texts, limits: constant(name, texts[-1], limits),
    _WHOLE: lambda name, texts, limits: int(texts[-1].replace("_", "")),
    _FLAG: lambda name, texts, limits: True,
    _BOUNDS: _bounds,
    _TIMES: _times,
    _PAIRS: lambda name, texts, limits: {pair_of(n): constant(n, v, limits) for n, v in _by_name(texts)},
    _BY_NAME: lambda name, texts, limits: {n: constant(n, v, limits) for n, v in _by_name(texts)},
}


__all__ = ["TAKEN", "SavedJob", "run_job", "saved_job"]
