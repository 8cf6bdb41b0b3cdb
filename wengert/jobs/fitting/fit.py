"""A model fitted to data by least squares: the work, and the report on it as an object, as text and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from math import inf, isfinite, nan
from typing import Any

from ...ground.complaints import explained
from ...ground.errors import DomainError, UnknownName, UsageError, error, suggestion
from ...ground.tuples import NamedTuple
from ..report_pictures import File, pictured
from ..report_text import Section, as_html, as_text, few
from ..uncertainty.students_t import coverage_factor
from .fit_picture import fit_figure
from .fit_report import ROUNDING, remarks, reported
from .joint_fit import Share, predicting
from .normal_equations import reduced
from .partial_sums import Loss
from .regression import Estimate, Statistics, statistics
from .row_passes import CondensedProblem, Passes, Rows, RowsInMemory, middle_residual, spread_of
from .strategies import LOSSES, Sought, minimised, refined

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
    rows       the numbers of the rows of the table, from 1 on, that are used; `missing` others are left out
    columns    the inputs that are data
    predict    values of the model for the rows of another table, and their derivatives, a row for each parameter
    exact      fitted values less responses, computed with many digits at a vector; None where there is no way to
    carriers   the columns of the right side, by name
    parts      of a joint problem its data sets or responses; `divided` is the word for them
    passes     the table where it is read anew for each evaluation: then `rows` is None, `weights` too, and `evaluate`
               and `sides` are not called
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
    passes: Passes | None = None

    @property
    def points(self) -> int:
        """The rows that are used."""
        return len(self.rows) if self.passes is None else self.passes.points

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

    def __init__(self, problem: Regression, loss: Loss, confidence: float) -> None:
        self.problem, self.confidence = problem, confidence
        self.loss, self.loss_scale = loss
        sought = _sought(problem, loss)
        self.best, self.attempts = minimised(sought)
        at = self.best.at
        self.evaluations = sum(t.evaluations for t in self.attempts) + len(self.attempts)
        # Where there are few numbers a further step costs nothing, and may bring the last digit.
        if self.best.found and not (self.best.sharp and problem.points > MANY):
            end = refined(sought, at)
            at, self.evaluations = end.at, self.evaluations + end.evaluations
        squares = None
        self.exact = False
        self._at = at
        in_memory = problem.passes is None and self.best.found and sought.plain and loss == Loss()
        if in_memory and (precise := _precise(problem, self._sides, at)) is not None:
            self.exact = True
            at, squares = precise
            del self._sides
        self._at = at
        told = _sought(problem, loss, weighted=True)
        self.statistics: Statistics = statistics(told, at, problem.names, confidence, problem.absolute, squares)
        # The greatest response, and R².
        self.size, self.determination = self._spread()

    @property
    def converged(self) -> bool:
        """Whether the fit ended at a minimum that the data determine."""
        return self.best.found

    @property
    def ok(self) -> bool:
        """Whether there is an answer to use, as the reports of other jobs say it: the same as `converged`."""
        return self.converged

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

    @cached_property
    def _sides(self) -> tuple[Any, Any]:
        if self.problem.passes is None:
            return self.problem.sides(self._at)
        import numpy as np

        parts = [(b.fitted, b.responses) for b in self.problem.passes.batches(self._at)]
        return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])

    @property
    def fitted(self) -> Any:
        """The fitted values of the rows that were used."""
        return self._sides[0]

    @property
    def responses(self) -> Any:
        """The responses of the rows that were used."""
        return self._sides[1]

    @property
    def residuals(self) -> Any:
        """The responses less the fitted values."""
        return self.responses - self.fitted

    def __getitem__(self, name: str) -> Estimate:
        for e in self.estimates:
            if e.name == name:
                return e
        names = [e.name for e in self.estimates]
        help = suggestion(str(name), names) or f"the parameters are {', '.join(names)}"
        raise error(UnknownName, "W101", f"no parameter is called `{name}`", help=help)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.estimates)

    def _spread(self) -> tuple[float, float]:
        """The greatest magnitude of a response, and R²: the part of the variance of the responses that the model
        explains, with the weights of the fit."""
        import numpy as np

        if self.problem.passes is not None:
            with np.errstate(all="ignore"):
                found = spread_of(self.problem.passes, self._at)
            return found.size, found.determination
        y, w = self.responses, self.problem.weights
        w = np.ones(len(y)) if w is None else w
        with np.errstate(all="ignore"):
            apart = y - np.sum(w * y) / np.sum(w)
            whole = float(np.sum(w * apart * apart))
            part = 1 - float(np.sum(w * self.residuals**2)) / whole if whole > 0 else nan
        return float(abs(y).max()) if len(y) else 0.0, part

    @property
    def remarks(self) -> list[str]:
        """Sentences on parts of the answer that are in doubt, and why."""
        return remarks(self)

    def table(self) -> dict[str, Any]:
        """The columns of a table of residuals: the rows of the data, responses, fitted values, residuals, and residuals
        over their standard deviation."""
        import numpy as np

        parts = list(self.tables())
        return parts[0] if len(parts) == 1 else {n: np.concatenate([t[n] for t in parts]) for n in parts[0]}

    def tables(self) -> Iterator[dict[str, Any]]:
        """The table of residuals, some rows at a time; all at once where the data are in memory."""
        import numpy as np

        problem = self.problem
        if problem.passes is None:
            parts = iter([Rows(problem.rows, self.fitted, self.responses, problem.weights)])
        else:
            parts = problem.passes.batches(self._at)
        labels = [p.label for p in problem.parts for _ in p.problem.rows]
        for rows, fitted, responses, w in parts:
            residuals = responses - fitted
            standard = residuals * (1.0 if w is None else np.sqrt(w)) / (self.statistics.deviation or nan)
            found = {"row": rows, "response": responses, "fitted": fitted, "residual": residuals,
                     "standardised": standard}  # fmt: skip
            yield {"part": np.array(labels, dtype=object), **found} if labels else found

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

    n, p = problem.points, len(problem.names)
    if n < p:
        raise error(UsageError, "W672", f"{n} point{'s' * (n != 1)} cannot determine {p} parameters",
                    help="leave parameters fixed, or bring more rows without missing values")  # fmt: skip
    plain = Loss()
    for name, v in zip(problem.names, np.asarray(problem.start).tolist()):
        if not isfinite(v):
            raise error(UsageError, "W671", f"`{name}` starts at {v}", help="a start is a finite number")
    if not np.isfinite(_sought(problem, plain).evaluate(problem.start)[0]).all():
        problem.blame(problem.start)
        raise error(DomainError, "W671", "the start has no finite value")
    if loss == LOSSES[0]:
        return Fit(problem, plain, confidence)
    return Fit(problem, Loss(loss, _scale(problem, loss_scale)), confidence)


def _sought(problem: Regression, loss: Loss, weighted: bool = False) -> Sought:
    """The sum of losses to be minimised. With `weighted` the statistics are of its squares, which the loss weights."""
    start, lower, upper = problem.start, problem.lower, problem.upper
    passes = problem.passes
    if passes is None:
        rows = Sought(problem.evaluate, start, lower, upper)
        if loss == Loss() and rows.plain:
            return rows
        passes = RowsInMemory(problem.evaluate, problem.points, len(start))
    return Sought(CondensedProblem(passes, loss, weighted), start, lower, upper, points=problem.points)


def _scale(problem: Regression, given: float | None) -> float:
    """The size of a residual from which a robust loss is no square: as given, or 1 standard deviation where these are
    known, or the median absolute deviation of a fit without the loss, as a standard deviation."""
    import numpy as np

    if given is not None or problem.absolute:
        return given or 1.0
    squares = _sought(problem, Loss())
    at = refined(squares, minimised(squares)[0].at).at
    if problem.passes is None:
        middle = float(np.median(np.abs(problem.evaluate(at)[0])))
    else:
        middle = middle_residual(problem.passes, at)
    middle *= 1.4826
    return middle if middle > 0 and isfinite(middle) else 1.0


def _precise(problem: Regression, sides: tuple[Any, Any], at: Any) -> tuple[Any, float] | None:
    """A minimum and its sum of squares from residuals with many digits, where those of floats are rounding."""
    import numpy as np

    fitted, response = sides
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


__all__ = ["Fit", "Regression", "fit"]
