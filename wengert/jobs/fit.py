"""A model fitted to data by least squares: the work, and the report on it as an object, as text and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import inf, isfinite, isnan, nan
from typing import Any

from ..ground.complaints import explained
from ..ground.errors import DomainError, UnknownName, UsageError, error, suggestion
from ..ground.tuples import NamedTuple
from .fit_picture import fit_figure
from .joint_fit import Share, by_part, predicting
from .normal_equations import reduced
from .regression import Estimate, Statistics, statistics
from .report_pictures import File, pictured
from .report_text import Section, as_html, as_text, few, few_texts, placed
from .strategies import LOSSES, Attempt, Sought, minimised, polished
from .students_t import coverage_factor

# A combination of parameters is told as nearly open from this condition on; residuals are told to be rounding below
# this part of the response.
ILL, ROUNDING = 1e6, 1e-11
# Points from which a minimum that is sharp is left as it is.
MANY = 20_000


class Regression(NamedTuple):
    """A problem of fitting, with its data bound.

    model      the text of the model, and `response` that of its left side
    names      the parameters that are fitted; an element of an array is named `b[1]`
    evaluate   at a vector, fitted values less responses, times the roots of the weights, and below them a row of
               derivatives for each parameter
    sides      fitted values and responses at a vector
    blame      raises the error for a start without a value
    start, lower, upper  the vectors of starts and bounds
    fixed      parameters that are not fitted, and their values
    weights    the weight of each square; None where all are 1
    absolute   whether weights are of known standard deviations
    rows       the numbers of the rows of the table, from 1 on, that are used; `missing` of them are left out
    columns    the inputs that are data
    predict    values of the model for the rows of another table, and their derivatives, a row for each parameter
    exact      fitted values less responses, computed with many digits at a vector; None where there is no way to
    carriers   the columns of the right side, by name
    parts      of a joint problem its data sets or responses; `divided` is the word for them
    """

    model: str
    response: str
    names: tuple[str, ...]
    evaluate: Callable[[Any], Any]
    sides: Callable[[Any], tuple[Any, Any]]
    blame: Callable[[Any], None]
    start: Any
    lower: Any
    upper: Any
    fixed: Mapping[str, float]
    weights: Any
    absolute: bool
    rows: Any
    missing: int
    columns: tuple[str, ...] = ()
    predict: Callable[[Any, Any], tuple[Any, Any]] = lambda at, table: (None, None)
    exact: Callable[[Any], Any] = lambda at: None
    carriers: Mapping[str, Any] = {}
    parts: tuple[Share, ...] = ()
    divided: str = "tables"

    @property
    def title(self) -> str:
        """The model as it was written; of several responses one a line."""
        own = dict.fromkeys(f"{p.problem.response} ~ {p.problem.model}" for p in self.parts)
        return "\n".join(own or [f"{self.response} ~ {self.model}"])


class Prediction(NamedTuple):
    """Values of a fitted model, a number for each row of a table.

    error     the standard errors of the values, from those of the parameters
    interval  the confidence band of the model: lower and upper ends
    further   the band for a further response, with a residual of its own; of weight 1
    """

    value: Any
    error: Any
    interval: tuple[Any, Any]
    further: tuple[Any, Any]


class Fit:
    """A fitted model, as `wengert.fit` finds it.

    found["b1"] is the `Estimate` of a parameter; `values` and `errors` are mappings of all of them.

    problem      the model with its data bound
    statistics   covariance, correlations, residual standard deviation, degrees of freedom, open combinations
    converged    whether a minimum was found that the data determine
    attempts     the ways that were tried, in their order; `best` is the one that the answer is from
    evaluations  of the residuals and their exact derivatives, in all
    fitted, responses, residuals  a number for each row that was used
    """

    def __init__(self, problem: Regression, sought: Sought, confidence: float) -> None:
        self.problem, self.confidence = problem, confidence
        self.loss, self.loss_scale = sought.loss, sought.scale
        self.best, self.attempts = minimised(sought)
        at = self.best.at
        self.evaluations = sum(t.evaluations for t in self.attempts) + len(self.attempts)
        # Where there are few numbers a further step costs nothing, and may bring the last digit.
        if self.best.found and sought.plain and not (self.best.sharp and len(problem.rows) > MANY):
            end = polished(sought.evaluate, at)
            at, self.evaluations = end.at, self.evaluations + end.evaluations
        squares = None
        self.exact = False
        if self.best.found and sought.plain and (precise := _precise(problem, at)) is not None:
            self.exact = True
            at, squares = precise
        self._at = at
        self.fitted, self.responses = problem.sides(at)
        self.residuals = self.responses - self.fitted
        self.statistics: Statistics = statistics(sought, at, problem.names, confidence, problem.absolute, squares)

    @property
    def converged(self) -> bool:
        """Whether the fit ended at a minimum that the data determine."""
        return self.best.found

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """All parameters, also those that are fixed."""
        held = tuple(Estimate(n, v, nan, (nan, nan), v, "fixed") for n, v in self.problem.fixed.items())
        return self.statistics.estimates + held

    @property
    def columns(self) -> tuple[str, ...]:
        """The inputs that are data."""
        return self.problem.columns

    @property
    def values(self) -> dict[str, float]:
        """The parameters by name."""
        return {e.name: e.value for e in self.estimates}

    @property
    def errors(self) -> dict[str, float]:
        """The standard errors by name; nan for a parameter that has none."""
        return {e.name: e.error for e in self.estimates}

    def __getitem__(self, name: str) -> Estimate:
        for e in self.estimates:
            if e.name == name:
                return e
        names = [e.name for e in self.estimates]
        help = suggestion(str(name), names) or f"the parameters are {', '.join(names)}"
        raise error(UnknownName, "W101", f"no parameter is called `{name}`", help=help)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.estimates)

    @property
    def determination(self) -> float:
        """R²: the part of the variance of the responses that the model explains, with the weights of the fit."""
        import numpy as np

        y, w = self.responses, self.problem.weights
        w = np.ones(len(y)) if w is None else w
        with np.errstate(all="ignore"):
            apart = y - np.sum(w * y) / np.sum(w)
            whole = float(np.sum(w * apart * apart))
            return 1 - float(np.sum(w * self.residuals**2)) / whole if whole > 0 else nan

    @property
    def remarks(self) -> list[str]:
        """Sentences on parts of the answer that are in doubt, and why."""
        return remarks(self)

    def table(self) -> dict[str, Any]:
        """The columns of a table of residuals: the rows of the data, responses, fitted values, residuals, and residuals
        over their standard deviation."""
        import numpy as np

        w = self.problem.weights
        standard = self.residuals * (1.0 if w is None else np.sqrt(w)) / (self.statistics.deviation or nan)
        found = {"row": self.problem.rows, "response": self.responses, "fitted": self.fitted,
                 "residual": self.residuals, "standardised": standard}  # fmt: skip
        labels = [p.label for p in self.problem.parts for _ in p.problem.rows]
        return {"part": np.array(labels, dtype=object), **found} if labels else found

    def predict(self, table: Any, of: str | None = None) -> Prediction:
        """The values of the model, with confidence bands, for the rows of a table: a file, a DataFrame, or a mapping of
        names to vectors. It holds the columns of the right side. To first order in the errors of the parameters. In a
        joint fit `of` names the data set or the response.

        Raises UsageError for a column that is missing or holds no numbers.
        """
        import numpy as np

        chosen = self.problem.predict
        if of is not None:
            chosen = predicting(self.problem.parts, of, len(self.problem.names))
        value, slopes = chosen(self._at, table)
        s = self.statistics
        with np.errstate(all="ignore"):
            variance = np.einsum("in,ij,jn->n", slopes, s.covariance, slopes)
        k = coverage_factor(self.confidence, inf if self.problem.absolute else s.degrees)
        wide = 1.0 if self.problem.absolute else s.deviation**2
        error, further = np.sqrt(variance), np.sqrt(variance + wide)
        return Prediction(
            value, error, (value - k * error, value + k * error), (value - k * further, value + k * further)
        )

    @explained
    def plot(self, file: File = None, *, format: str = "", force: bool = False) -> Any:
        """Draw the fit with matplotlib: data, curve and bands over one column, else residuals and their quantiles.

        file    a file to write, .png, .svg or .pdf; one that exists is replaced with `force` alone
        format  "png" or "pdf" (bytes) or "svg" (a text), by default as the suffix of `file`

        Returns matplotlib's Figure, which a notebook shows; with a file or a format the picture. Raises UsageError
        without the extra `plot`.
        """
        return pictured(lambda: fit_figure(self), file, format, force)

    def parts(self) -> list[Section]:
        """The report, in parts."""
        return reported(self)

    def __str__(self) -> str:
        return as_text(self.parts())

    def _repr_html_(self) -> str:
        return as_html(self.parts())

    def __repr__(self) -> str:
        shown = ", ".join(f"{n}={few(v, 6)}" for n, v in list(self.values.items())[:6])
        return f"<wengert.Fit of {'; '.join(self.problem.title.splitlines())}: {shown}>"


def fit(problem: Regression, loss: str, loss_scale: float | None, confidence: float) -> Fit:
    """Fit a model. Raises UsageError for fewer points than parameters, DomainError for a start without a value."""
    import numpy as np

    # A trial step may lead anywhere: a point without a finite sum of squares is one to step back from.
    with np.errstate(all="ignore"):
        return _fitted(problem, loss, loss_scale, confidence)


def _fitted(problem: Regression, loss: str, loss_scale: float | None, confidence: float) -> Fit:
    import numpy as np

    n, p = len(problem.rows), len(problem.names)
    if n < p:
        raise error(UsageError, "W672", f"{n} point{'s' * (n != 1)} cannot determine {p} parameters",
                    help="leave parameters fixed, or bring more rows without missing values")  # fmt: skip
    if not np.isfinite(problem.evaluate(problem.start)[0]).all():
        problem.blame(problem.start)
        raise error(DomainError, "W671", "the start has no finite value")

    sought = Sought(problem.evaluate, problem.start, problem.lower, problem.upper)
    if loss != LOSSES[0]:
        sought = sought._replace(loss=loss, scale=_scale(sought, problem.absolute, loss_scale))
    return Fit(problem, sought, confidence)


def _scale(sought: Sought, absolute: bool, given: float | None) -> float:
    """The size of a residual from which a robust loss is no square: as given, or 1 standard deviation where these are
    known, or the median absolute deviation of a fit without the loss, as a standard deviation."""
    import numpy as np

    if given is not None or absolute:
        return given or 1.0
    r = sought.evaluate(minimised(sought)[0].at)[0]
    middle = float(np.median(np.abs(r))) * 1.4826
    return middle if middle > 0 and isfinite(middle) else 1.0


def _precise(problem: Regression, at: Any) -> tuple[Any, float] | None:
    """A minimum and its sum of squares from residuals with many digits, where those of floats are rounding."""
    import numpy as np

    fitted, response = problem.sides(at)
    size = float(np.abs(response).max())
    if not 0 < np.abs(fitted - response).max() < 100 * ROUNDING * size:
        return None
    residuals = problem.exact(at)
    if residuals is None:
        return None
    root = 1.0 if problem.weights is None else np.sqrt(problem.weights)
    rows = problem.evaluate(at).copy()
    rows[0] = np.asarray(residuals) * root
    local = reduced(rows)
    # The sum of squares at the minimum, which is a step from here that is shorter than the digits of a float.
    step = np.linalg.solve(local.triangle, local.along) / local.lengths
    return at - step, local.rest


def reported(found: Fit) -> list[Section]:
    """The report on a fit."""
    s, problem = found.statistics, found.problem
    n = len(problem.rows)
    title = problem.title
    size = f"{n:,} points, {len(problem.names)} parameter{'s' * (len(problem.names) != 1)}"
    if problem.missing:
        size += f"; {problem.missing:,} row{'s' * (problem.missing != 1)} with missing values left out"
    level = f"{100 * found.confidence:g} % interval"
    rows = []
    for e in found.estimates:
        if e.held:
            rows.append((e.name, few(e.value, 8), e.held, "", few(e.start, 6)))
        elif isnan(e.error):
            rows.append((e.name, few(e.value, 8), "", "", few(e.start, 6)))
        else:
            low, high = (placed(end, e.error) for end in e.interval)
            rows.append((e.name, placed(e.value, e.error, 4), few(e.error, 4), f"{low} … {high}", few(e.start, 6)))
    header = ("parameter", "estimate", "standard error", level, "start")
    if len(problem.parts) > 1:
        size += f"; {len(problem.parts)} {problem.divided}: " + few_texts([p.label for p in problem.parts])
    parts = [Section(f"{title}\n{size}"), *by_part(problem.parts, header, rows)]
    lines = [f"sum of squares {few(s.squares, 6)}, {s.degrees:,} degrees of freedom"]
    if s.degrees > 0:
        word = "reduced chi-square" if problem.absolute else "residual standard deviation"
        value = s.deviation**2 if problem.absolute else s.deviation
        lines.append(f"{word} {few(value, 5)}, R² {few(found.determination, 6)}")
    if found.loss != LOSSES[0]:
        lines.append(f"loss {found.loss}, from residuals of {few(found.loss_scale)} on; errors are approximate")
    parts.append(Section("\n".join(lines)))
    parts.append(Section(_ended(found)))
    names = [e.name for e in s.estimates if not isnan(e.error)]
    places = [k for k, e in enumerate(s.estimates) if not isnan(e.error)]
    if len(names) > 1:
        table = tuple(
            (n, *(few(float(s.correlations[i, j]), 3) if j <= i else "" for j in places)) for n, i in zip(names, places)
        )
        parts.append(Section("", ("correlation", *names), table))
    parts += [Section(remark) for remark in found.remarks]
    return parts


def _ended(found: Fit) -> str:
    lines = [f"{t.way}: {t.why}, after {t.evaluations:,} evaluations{_verdict(t)}" for t in found.attempts]
    if len(lines) > 1:
        lines.append(f"the answer is that of {found.best.way}")
    return "\n".join(lines)


def _verdict(t: Attempt) -> str:
    if t.found:
        return ""
    if t.stationary:
        return "; the Jacobian is singular there"
    if t.offset == inf or not isfinite(t.cost):
        return "; no minimum"
    return f"; no minimum, relative offset {few(t.offset, 2)}"


def remarks(found: Fit) -> list[str]:
    """Sentences on the parts of a fit that are in doubt."""
    s = found.statistics
    said = []
    if not found.best.stationary:
        said.append("No minimum was found: the answer is the best point that was reached. Other starts may help.")
    said += map(_undetermined, s.undetermined)
    if not s.undetermined and s.condition > ILL:
        said.append(f"The parameters are nearly undetermined: the condition of the Jacobian is {few(s.condition, 2)}.")
    if s.degrees == 0:
        said.append("There are as many parameters as points: the residuals tell nothing of the errors.")
    held = [e.name for e in s.estimates if e.held == "at its bound"]
    if held:
        said.append(f"{', '.join(held)}: held by a bound, and left out of the errors of the others.")
    size = float(abs(found.responses).max()) if len(found.responses) else 0.0
    if found.exact:
        said.append("The residuals are near the rounding of the values: they were computed with 50 digits, from the "
                    "decimals of the data.")  # fmt: skip
    elif s.degrees > 0 and 0 < s.deviation < ROUNDING * size and not found.problem.absolute:
        said.append("The residuals are hardly more than the rounding of the values: the errors have few right digits.")
    pairs = [
        (s.estimates[i].name, s.estimates[j].name, float(s.correlations[i, j]))
        for i in range(len(s.estimates)) for j in range(i) if abs(s.correlations[i, j]) > 0.999
    ]  # fmt: skip
    if pairs:
        told = ", ".join(f"{a} and {b}" for b, a, _ in pairs[:4]) + ", …" * (len(pairs) > 4)
        said.append(f"Correlations beyond 0.999: {told}. A model with other parameters may be better determined.")
    return said


def _undetermined(direction: Mapping[str, float]) -> str:
    if not direction:
        return "The data do not determine all parameters."
    if len(direction) == 1:
        (name,) = direction
        return f"The data do not determine {name}: no fitted value depends on it here."
    parts = [f"{n} by {few(v, 3)} %" for n, v in sorted(direction.items(), key=lambda pair: -abs(pair[1]))]
    listed = " and ".join(parts) if len(parts) == 2 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"The data do not determine {', '.join(direction)} apart: changing {listed} changes no fitted value."


__all__ = ["Fit", "Regression", "fit", "remarks", "reported"]
