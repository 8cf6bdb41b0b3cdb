"""The report on uncertainties that were propagated: as an object, as text, and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING, Any

from ...ground.complaints import explained
from ...ground.errors import Diagnostic, UsageError, error
from ..report_pictures import File, pictured
from ..report_text import Section, as_html, as_text, few, few_texts, interval_text, placed, with_uncertainty
from .propagate import Budget, Propagated, SecondOrder
from .propagation_picture import propagation_figure

if TYPE_CHECKING:
    from .monte_carlo import OutputSamples

# Terms of second order are reported if they change the uncertainty by more than the first fraction of it, or the value
# by more than the second.
MATTERS, SHIFTS = 0.01, 0.1
# Notes of points where a model is not smooth.
KINKS = frozenset(("W301", "W302", "W303", "W307"))


class Propagation:
    """The uncertainties of all outputs of a model, as `wengert.propagate` finds them.

    labels, values, uncertainties  the uncertain inputs, their estimates and standard uncertainties
    budgets       a `Budget` for each output
    confidence    the level of the expanded uncertainties
    monte_carlo   the results of sampling, where it was asked for
    notes         the diagnostics of the point, such as a kink

    Of a model with one output, `value`, `uncertainty`, `shares`, `expanded` and so on are those of its budget.
    """

    def __init__(self, of: Propagated, budgets: Sequence[Budget], confidence: float) -> None:
        self._of, self.budgets, self.confidence = of, tuple(budgets), confidence
        self.labels, self.uncertainties = of.uncertain.labels, of.uncertain.sigma
        self.values, self.correlations = of.estimates(), of.uncertain.correlations
        self.monte_carlo: tuple[OutputSamples, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name in ("value", "uncertainty", "sensitivities", "contributions", "shares", "degrees_of_freedom",
                    "coverage_factor", "expanded"):  # fmt: skip
            if len(self.budgets) != 1:
                help = f"for instance `budgets[0].{name}`"
                raise error(
                    UsageError, "W603", f"there are {len(self.budgets)} outputs with a `{name}` each", help=help
                )
            return getattr(self.budgets[0], name)
        raise AttributeError(f"a propagation has no attribute {name!r}")

    @cached_property
    def notes(self) -> tuple[Diagnostic, ...]:
        """The diagnostics of the point: kinks, and the steps that leave their domain."""
        return self._of.notes()

    @cached_property
    def second_order(self) -> tuple[SecondOrder | None, ...]:
        """For each output, the value and the uncertainty with the terms of second order; None if the model has an op
        without third derivatives."""
        return self._of.second_order(self.budgets)

    @cached_property
    def output_correlations(self) -> Any:
        """The correlation coefficients of the outputs, a matrix; with the axes of a batch behind its own."""
        import numpy as np

        rows = [b.contributions for b in self.budgets]
        told = [b.correlated for b in self.budgets]
        u = [b.uncertainty for b in self.budgets]
        with np.errstate(all="ignore"):
            return np.array([
                [sum(np.multiply(c, t) for c, t in zip(rows[i], told[j])) / np.multiply(u[i], u[j])
                 for j in range(len(u))] for i in range(len(u))
            ])  # fmt: skip

    def matters(self, k: int = 0) -> bool:
        """Whether the terms of second order change the answer for output k: its uncertainty by more than 1 %, or its
        value by more than a tenth of that."""
        import numpy as np

        found, b = self.second_order[k], self.budgets[k]
        if found is None:
            return False
        most = np.maximum(b.uncertainty, found.uncertainty)
        apart = np.abs(b.uncertainty - found.uncertainty) > MATTERS * most
        return bool(np.any(apart | (np.abs(found.value - b.value) > SHIFTS * most) | np.isnan(found.uncertainty)))

    @explained
    def plot(self, file: File = None, *, format: str = "", force: bool = False) -> Any:
        """Draw the shares of the inputs as bars, and the histogram of Monte Carlo where it was asked for.

        file    a file to write, .png, .svg or .pdf; one that exists is replaced with `force` alone
        format  "png" or "pdf" (bytes) or "svg" (a text), by default as the suffix of `file`

        Returns matplotlib's Figure, which a notebook shows; with a file or a format the picture. Raises UsageError for
        a batch of points, and without the extra `plot`.
        """
        return pictured(lambda: propagation_figure(self), file, format, force)

    def title(self, k: int) -> str:
        """The name of output k in a report: that of the output, or the formula."""
        return self._of.title or self.budgets[k].output

    @property
    def is_batch(self) -> bool:
        """Whether these are many points."""
        return bool(self._of.batch)

    def parts(self) -> list[Section]:
        """The report, in parts."""
        return reported(self)

    def __str__(self) -> str:
        return as_text(self.parts())

    def _repr_html_(self) -> str:
        return as_html(self.parts())

    def __repr__(self) -> str:
        return f"<wengert.Propagation: {', '.join(_headline(self, b) for b in self.budgets[:3])}>"


def reported(found: Propagation) -> list[Section]:
    """The report on a propagation at one point, or the first lines of a batch."""
    import numpy as np

    if found._of.batch:
        header: tuple[str, ...] = ("output", "value", "standard uncertainty")
        rows: list[tuple[str, ...]] = [
            (found._of.title or b.output, _several(b.value), _several(b.uncertainty)) for b in found.budgets
        ]
        return [Section(f"{np.prod(found._of.batch):,} points", header, tuple(rows))]
    parts = []
    for k, b in enumerate(found.budgets):
        header = ("input", "value", "uncertainty", "derivative", "contribution", "share of u²")
        rows = [
            (n, few(x, 10), few(u), few(c, 6), few(t), f"{100 * s:.1f} %")
            for n, x, u, c, t, s in zip(
                found.labels, found.values, found.uncertainties, b.sensitivities, b.contributions, b.shares
            )
        ]
        parts.append(Section(_headline(found, b) + "   (standard uncertainty)"))
        if rows:
            parts.append(Section("", header, tuple(rows)))
        parts.append(Section(_expansion(found, b)))
        parts += _beyond(found, k)
    if found.correlations is not None and (told := _correlated(found)):
        parts.append(Section(f"correlated inputs: {few_texts(told)}"))
    if len(found.budgets) > 1:
        names = tuple(b.output for b in found.budgets)
        table = found.output_correlations
        rows = [(n, *(few(float(r)) for r in row)) for n, row in zip(names, table)]
        parts.append(Section("", ("correlation", *names), tuple(rows)))
    return parts


def _correlated(found: Propagation) -> list[str]:
    labels, r = found._of.uncertain.labels, found.correlations
    n = len(labels)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if r[i, j]]
    return [f"{labels[i]} and {labels[j]} by {few(float(r[i, j]))}" for i, j in pairs]


def _headline(found: Propagation, b: Budget) -> str:
    import numpy as np

    name = found._of.title or b.output
    if np.ndim(b.value):
        return f"{name}: {np.size(b.value):,} points"
    return f"{name} = {with_uncertainty(b.value, b.uncertainty)}"


def _several(value: Any) -> str:
    import numpy as np

    flat = np.ravel(value)
    return ", ".join(few(float(v), 6) for v in flat[:4]) + ", …" * (flat.size > 4)


def _expansion(found: Propagation, b: Budget) -> str:
    if isnan(b.coverage_factor):
        return f"no expanded uncertainty: {few(b.degrees_of_freedom)} effective degrees of freedom are fewer than one"
    freedom = "" if b.degrees_of_freedom == inf else f", {few(b.degrees_of_freedom)} effective degrees of freedom"
    return (f"expanded uncertainty {few(b.expanded)} at {100 * found.confidence:g} % confidence: "
            f"coverage factor {few(b.coverage_factor, 4)}{freedom}")  # fmt: skip


def _beyond(found: Propagation, k: int) -> list[Section]:
    """Second order if it matters, and Monte Carlo if it was asked for."""
    rows = []
    b = found.budgets[k]
    if not (isfinite(b.value) and isfinite(b.uncertainty)):
        return []
    second = found.second_order[k]
    if second is not None and (found.matters(k) or found.monte_carlo):
        rows.append(("first order", placed(b.value, second.uncertainty), few(b.uncertainty, 4), ""))
        rows.append(("second order", placed(second.value, second.uncertainty), few(second.uncertainty, 4), ""))
    if found.monte_carlo:
        drawn = found.monte_carlo[k]
        u = drawn.uncertainty
        rows = rows or [("first order", placed(b.value, u), few(b.uncertainty, 4), "")]
        rows.append(("Monte Carlo", placed(drawn.mean, u), few(u, 4), interval_text(*drawn.interval, u)))
    line = ""
    if any(n.code in KINKS for n in found.notes):
        line = "The model has a kink at these values, where no order of a series holds: use Monte Carlo."
    elif found.matters(k):
        line = "The model is curved over these uncertainties: the terms of second order matter."
        if second is not None and isnan(second.uncertainty):
            line = "The model is too curved over these uncertainties for a series: use Monte Carlo."
    if not rows:
        return [Section(line)] if line else []
    lines = [line]
    if found.monte_carlo and (lost := found.monte_carlo[k].lost):
        lines.append(f"{lost:,} of {found.monte_carlo[k].samples:,} samples have no value.")
    if found.monte_carlo and found.correlations is None and min(found._of.uncertain.degrees, default=inf) < inf:
        lines.append("Inputs with finite degrees of freedom are drawn from t distributions.")
    header = ("", "value", "uncertainty", *(f"{100 * found.confidence:g} % interval",) * bool(found.monte_carlo))
    return [Section("\n".join(filter(None, lines)), header, tuple(row[: len(header)] for row in rows))]
