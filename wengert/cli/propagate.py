"""`wengert propagate`: standard uncertainties of the inputs, propagated to the outputs."""

from __future__ import annotations

from typing import Any

from ..api.plain_answers import value_json
from ..api.problems.job_texts import nested, program_job
from ..api.value_texts import measured
from ..ground.errors import WengertError, as_json
from ..ground.limits import Limits
from ..ground.tuples import NamedTuple
from ..jobs.uncertainty.monte_carlo import checked_samples, checked_seed
from ..jobs.uncertainty.propagate import Budget
from ..jobs.uncertainty.propagation import Propagation
from ..jobs.uncertainty.students_t import checked_confidence
from ..jobs.uncertainty.uncertain_inputs import coefficient, degrees_of_freedom, pair_of, standard_uncertainty
from .answers import values_json
from .assigned import located, number_of, numbers_by_name, placed
from .job_files import SAVE, checked_save, with_job, write_job
from .pictures_of_jobs import FORCE, PLOT, checked_plot, write_plot
from .programs import ALWAYS, KERNEL, PRINTED, PROGRAM, SHARED, complete, limits_of, program_of
from .screen import Screen, dumps, failed
from .values import value_of
from .words import Arguments, Command, Option, TypedValue, short

COMMAND = Command(
    "propagate", "PROGRAM [--NAME VALUE±UNCERTAINTY …]",
    "The standard uncertainty of each output, from those of the inputs (GUM): exact derivatives, the share of each\n"
    "input, an expanded uncertainty, and the terms of second order where the model is curved. An uncertainty follows\n"
    "its value: 5.00±0.02, or +- for ±, or 5.00(2), or 5.00±1%. An input without one is exact.",
    (
        Option("corr", "A,B=R", "the correlation coefficient of two inputs", repeats=True),
        Option("dof", "NAME=N", "degrees of freedom of the uncertainty of an input (default: infinite)", repeats=True),
        Option("confidence", "P", "the level of the expanded uncertainty (default: 0.95)"),
        Option("monte-carlo", "N", "draw N samples besides: 1e6"),
        Option("seed", "N", "begins the random numbers (default: 0)"),
        PLOT, SAVE, FORCE,
        Option("json", "", "answer in JSON"),
        KERNEL, *PROGRAM, *PRINTED, *SHARED, *ALWAYS,
    ),
    (
        ('wengert propagate "V/I" --V 5.00±0.02 --I 0.102±0.001 --corr V,I=0.3', "a resistance"),
        ('wengert propagate "V/I" --V "5.00(2)" --I 0.102+-1% --dof V=9 --confidence 0.99', "from ten readings"),
        ('wengert propagate "x^2" --x 0±10 --monte-carlo 1e6', "where first order says 0±0"),
    ),
)  # fmt: skip


def run(arguments: Arguments, screen: Screen) -> int:
    """Print the report on each output, then the notes."""
    arguments, notes = with_job(arguments)
    screen.say(notes)
    limits = limits_of(arguments)
    level = number_of(arguments, "confidence", 0.95, limits) or 0.0
    samples = number_of(arguments, "monte-carlo", None, limits)
    seed = number_of(arguments, "seed", 0.0, limits)
    located(arguments, "confidence", checked_confidence, level)
    if samples is not None:
        located(arguments, "monte-carlo", checked_samples, samples)
    located(arguments, "seed", checked_seed, int(seed) if seed is not None and seed == seed // 1 else seed)
    checked_plot(arguments)
    checked_save(arguments)
    given = {n: separated(arguments, n, g) for n, g in arguments.values.items()}
    call = program_of(arguments._replace(values={n: parts.value for n, parts in given.items()}))
    point = complete(arguments, call)
    uncertainties = {}
    for n, parts in given.items():
        if parts.uncertainty is not None:
            u = value_of(arguments._replace(values={n: parts.uncertainty}), n, limits)
            u = u * abs(point[n]) / 100 if parts.relative else u
            uncertainties[n] = located(arguments, n, standard_uncertainty, u, n)
    correlations = _pairs(arguments, limits)
    degrees = _degrees(arguments, limits)
    screen.say(call.function.program.warnings)
    options: dict[str, Any] = {"correlations": correlations, "degrees_of_freedom": degrees}
    try:
        found = call.function.propagate(
            point, uncertainties, confidence=level, monte_carlo=samples, seed=int(seed or 0), **options
        )
    except WengertError as problem:
        option = {"W661": "corr", "W662": "dof", "W101": "dof" if "dof" in arguments.places else "corr"}
        place = arguments.places.get(option.get(problem.diagnostic.code, ""), arguments.spots[0])
        raise placed(arguments, problem, (), place) from None
    if arguments.flag("json"):
        print(dumps(_json(found), indent=2))
    else:
        print(found)
    write_plot(arguments, found)
    f = call.function
    words = [w for n, u in uncertainties.items() for w in (f"--{n}", f"{_exactly(point[n])}±{_exactly(u)}")]
    write_job(arguments, lambda command: program_job(command, f.program.source.text, point, f.shapes), words)
    screen.say(found.notes)
    return failed(found.notes)


def _exactly(value: Any) -> str:
    """A number or an array with all its digits."""
    return nested(value if isinstance(value, float) else value.tolist())


class TypedMeasurement(NamedTuple):
    """The parts of a value as it was typed. A relative uncertainty is in percent of the value."""

    value: TypedValue
    uncertainty: TypedValue | None = None
    relative: bool = False


def separated(arguments: Arguments, name: str, given: TypedValue) -> TypedMeasurement:
    """A value and its uncertainty, from `5.00±0.02`, `5.00±1%` or `5.00(2)`."""
    place = given.place
    parts = measured((given.text or "").strip())
    if parts is None:
        arguments.refuse(place, f"`{name}` is a value and its uncertainty, not `{short((given.text or '').strip())}`",
                         f"for instance `--{name} 5.00±0.02`", "W660")  # fmt: skip
    if parts.uncertainty is None:
        return TypedMeasurement(given)
    return TypedMeasurement(TypedValue(parts.value, place), TypedValue(parts.uncertainty, place), parts.relative)


def _pairs(arguments: Arguments, limits: Limits) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for pair, number in numbers_by_name(arguments, "corr", "V,I=0.3", limits):
        first, second = located(arguments, "corr", pair_of, pair)
        if {(first, second), (second, first)} & set(found):
            arguments.refuse(arguments.places["corr"], f"the correlation of `{first}` and `{second}` is given twice",
                             "keep one", "W605")  # fmt: skip
        found[first, second] = located(arguments, "corr", coefficient, number, first, second)
    return found


def _degrees(arguments: Arguments, limits: Limits) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, number in numbers_by_name(arguments, "dof", "V=9", limits):
        found[name] = located(arguments, "dof", degrees_of_freedom, number, name)
    return found


def _json(found: Propagation) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "confidence": found.confidence,
        "inputs": {
            n: {"value": value_json(x), "uncertainty": value_json(u)}
            for n, x, u in zip(found.labels, found.values, found.uncertainties)
        },
        "outputs": {b.output: _budget(found, b, k) for k, b in enumerate(found.budgets)},
    }  # fmt: skip
    if len(found.budgets) > 1:
        names = [b.output for b in found.budgets]
        rows = found.output_correlations
        answer["correlations"] = {n: {m: value_json(rows[i, j]) for j, m in enumerate(names)}
                                  for i, n in enumerate(names)}  # fmt: skip
    answer["notes"] = [as_json(n) for n in found.notes]
    return answer


def _budget(found: Propagation, b: Budget, k: int) -> dict[str, Any]:
    second = found.second_order[k]
    answer: dict[str, Any] = {
        "value": value_json(b.value), "uncertainty": value_json(b.uncertainty),
        "degrees_of_freedom": value_json(b.degrees_of_freedom), "coverage_factor": value_json(b.coverage_factor),
        "expanded": value_json(b.expanded), "derivatives": values_json(dict(zip(found.labels, b.sensitivities))),
        "contributions": values_json(dict(zip(found.labels, b.contributions))),
        "shares": values_json(dict(zip(found.labels, b.shares))),
        "second_order": None if second is None else values_json(second._asdict()),
        "second_order_matters": found.matters(k),
    }  # fmt: skip
    if found.monte_carlo:
        drawn = found.monte_carlo[k]
        answer["monte_carlo"] = {
            "value": value_json(drawn.mean), "uncertainty": value_json(drawn.uncertainty),
            "interval": [value_json(end) for end in drawn.interval], "samples": drawn.samples, "lost": drawn.lost,
        }  # fmt: skip
    return answer
