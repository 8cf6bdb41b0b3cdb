"""The report of an integration, as an object, as text, as CSV and as JSON."""

from __future__ import annotations

from typing import Any

from ...ground.complaints import explained
from ...ground.errors import Diagnostic, as_json
from ...ground.limits import checking_clock
from ...ground.tuples import NamedTuple
from ...lists.array_text import inline
from ..report_pictures import File, pictured
from ..report_text import Section, as_html, as_text, few
from .trajectory_picture import trajectory_figure

# The most rows and columns that a table for people has.
ROWS, COLUMNS = 13, 8


class EventAt(NamedTuple):
    """An event that happened: its text, its time, and the states there by name."""

    text: str
    t: float
    point: dict[str, Any]


class Trajectory(NamedTuple):
    """The solution of differential equations; `str` writes it out, and a notebook shows it as tables.

    t              the times
    elements       the names of the elements of the states: x, u[0]
    states         the states by name, arrays whose first axis is that of the times
    by             the names that the solution is differentiated by: parameters, or states for their values at the start
    sensitivities  for each of them the derivatives of the states by name, as `states`
    table          a row for each time: the elements of the states, then for each of `by` their derivatives
    events         the events that happened, in their order
    ended_by       the text of the event that ended the integration, if one did
    ok             whether it came to its end
    method         the solver; `tried` lists all that ran before it
    stopped        its reason to stop
    evaluations, jacobians  how often it asked for the right sides, and for their Jacobian
    notes          diagnostics: where it stopped too early, and why
    """

    t: Any
    elements: tuple[str, ...]
    states: dict[str, Any]
    by: tuple[str, ...]
    sensitivities: tuple[dict[str, Any], ...]
    table: Any
    events: tuple[EventAt, ...]
    ended_by: str | None
    ok: bool
    method: str
    tried: tuple[str, ...]
    stopped: str
    evaluations: int
    jacobians: int
    notes: tuple[Diagnostic, ...]

    def __getitem__(self, key: Any) -> Any:
        """A state over the times by its name; a field by its position, as of any tuple."""
        return self.states[key] if isinstance(key, str) else tuple.__getitem__(self, key)

    @property
    def header(self) -> tuple[str, ...]:
        """The column names of the CSV: t, the elements, and derivatives such as dx_da. dx_dx0 is the derivative of x by
        its own initial value."""
        starts = set(self.elements)
        return ("t", *self.elements,
                *(f"d{e}_d{p}{'0' if p in starts else ''}" for p in self.by for e in self.elements))  # fmt: skip

    def csv(self) -> str:
        """The table as CSV, a row for each time, every number with all its digits."""
        quoted = [f'"{h}"' if "," in h else h for h in self.header]
        lines = [",".join(quoted)]
        for t, row in checking_clock(list(zip(self.t.tolist(), self.table.tolist()))):
            lines.append(",".join(map(repr, (t, *row))))
        return "\n".join(lines) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it, but for arrays and numbers that are not finite."""
        return {
            "t": self.t, "states": self.states, "sensitivities": dict(zip(self.by, self.sensitivities)),
            "events": [e._asdict() for e in self.events], "ended_by": self.ended_by, "ok": self.ok,
            "method": self.method, "tried": self.tried, "stopped": self.stopped, "evaluations": self.evaluations,
            "jacobians": self.jacobians, "notes": [as_json(n) for n in self.notes],
        }  # fmt: skip

    @explained
    def plot(self, file: File = None, *, format: str = "", force: bool = False) -> Any:
        """Draw the states over the time, with their events, and below them the sensitivities.

        file    a file to write, .png, .svg or .pdf; one that exists is replaced with `force` alone
        format  "png" or "pdf" (bytes) or "svg" (a text), by default as the suffix of `file`

        Returns matplotlib's Figure, which a notebook shows; with a file or a format the picture. Raises UsageError
        without the extra `plot`.
        """
        return pictured(lambda: trajectory_figure(self), file, format, force)

    def __str__(self) -> str:
        return as_text(self._sections())

    def _repr_html_(self) -> str:
        return as_html(self._sections())

    def _sections(self) -> list[Section]:
        import numpy as np

        count = len(self.t)
        rows = np.unique(np.linspace(0, count - 1, min(count, ROWS)).round().astype(int))
        header = self.header[: COLUMNS + 1]
        shown = tuple((few(self.t[k], 6), *(few(v, 6) for v in self.table[k, :COLUMNS])) for k in rows)
        left = []
        if len(rows) < count:
            left.append(f"{len(rows)} of {count} times")
        if len(self.header) > len(header):
            left.append(f"{len(header)} of {len(self.header)} columns")
        found = [Section(f"({', '.join(left)})" if left else "", header, shown)]
        if self.events:
            told = tuple((e.text, few(e.t, 6), ", ".join(f"{n} = {inline(v, 30)}" for n, v in e.point.items()))
                         for e in self.events[:20])  # fmt: skip
            more = f"{len(self.events)} events" if len(self.events) > 20 else ""
            found.append(Section(more, ("event", "t", "at"), told))
        after = f", after {', '.join(self.tried[:-1])}: the system is stiff" if len(self.tried) > 1 else ""
        jacobians = f", {self.jacobians} of the Jacobian" if self.jacobians else ""
        facts = [("method", self.method + after), ("stopped", f"{self.stopped}, at t = {few(self.t[-1], 6)}"),
                 ("evaluations", f"{self.evaluations} of the right sides{jacobians}")]  # fmt: skip
        found.append(Section("\n".join(f"{name:<12} {text}" for name, text in facts)))
        return found
