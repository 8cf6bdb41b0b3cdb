"""The report on a fit: its numbers in tables, and sentences on the parts that are in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING

from ..report_text import Section, few, few_texts, interval_text, placed
from .joint_fit import by_part
from .strategies import LOSSES, Attempt

if TYPE_CHECKING:
    from .fit import Fit

# From this condition number on, a combination of parameters is reported as nearly undetermined. Residuals below this
# part of the response are reported as rounding.
ILL, ROUNDING = 1e6, 1e-11


def reported(found: Fit) -> list[Section]:
    """The report on a fit."""
    s, problem = found.statistics, found.problem
    n = problem.points
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
            ends = interval_text(*e.interval, e.error)
            rows.append((e.name, placed(e.value, e.error, 4), few(e.error, 4), ends, few(e.start, 6)))
    header = ("parameter", "estimate", "standard error", level, "start")
    if len(problem.parts) > 1:
        size += f"; {len(problem.parts)} {problem.divided}: " + few_texts([p.label for p in problem.parts])
    parts = [Section(f"{title}\n{size}"), *by_part(problem.parts, header, rows)]
    lines = [f"sum of squares {few(s.squares, 6)}, {s.degrees:,} degrees of freedom"]
    if s.degrees > 0:
        word = "reduced chi-square" if problem.absolute else "residual standard deviation"
        value = s.deviation**2 if problem.absolute else s.deviation
        # Of a robust loss the squares of outliers would be most of R².
        explained = f", R² {few(found.determination, 6)}" if found.loss == LOSSES[0] else ""
        lines.append(f"{word} {few(value, 5)}{explained}")
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
    if found.exact:
        said.append("The residuals are near the rounding of the values: they were computed with 50 digits, from the "
                    "decimals of the data.")  # fmt: skip
    elif s.degrees > 0 and 0 < s.deviation < ROUNDING * found.size and not found.problem.absolute:
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


__all__ = ["ROUNDING", "remarks", "reported"]
