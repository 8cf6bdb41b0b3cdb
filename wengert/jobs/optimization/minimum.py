"""The report of a minimization, as an object, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ground.complaints import explained
from ...ground.errors import Diagnostic, as_json
from ...ground.tuples import NamedTuple
from ...lists.array_text import answered, inline
from ..report_pictures import File, pictured
from ..report_text import Section, as_html, as_text, few
from .minimum_picture import minimum_figure
from .objective import Evaluations, Iterate


class ConstraintAt(NamedTuple):
    """A constraint at the point found, or the bound of an element.

    text        the constraint as it was written, or the name of the element
    value       the value of its middle, or of its left side less its right side
    low, high   the bounds of that value
    side        +1 at the upper bound, -1 at the lower one, 2 for an equation, 0 inside
    multiplier  λ: the objective falls at the rate λ as the bound rises, to first order
    """

    text: str
    value: float
    low: float
    high: float
    side: int
    multiplier: float

    @property
    def active(self) -> bool:
        """Whether the value is on a bound."""
        return self.side != 0


class KnownMinimum(NamedTuple):
    """A minimum that several starts may have led to: its value, its point, and how many did."""

    value: float
    x: Any
    point: dict[str, Any]
    starts: int


class Landscape:
    """The problem of a minimization, and the points that its best search went through: all that a picture needs.

    flat       the objective over the vector of the unknowns, whose elements are called `elements`
    parts      the constraints
    low, high  the bounds of the vector
    iterates   the points, the last of them that of the report
    """

    def __init__(
        self, flat: Any, parts: Sequence[Any], box: tuple[Any, Any], elements: tuple[str, ...],
        iterates: Sequence[Iterate],
    ) -> None:  # fmt: skip
        self.flat, self.parts, (self.low, self.high), self.elements = flat, tuple(parts), box, elements
        self.iterates = tuple(iterates)

    def __repr__(self) -> str:
        return f"<{len(self.iterates)} iterates over {len(self.elements)} unknowns>"


class Minimum(NamedTuple):
    """The end of a minimization; `str` writes it out, and a notebook shows it as tables.

    value          the objective
    point          the unknowns by name, floats and arrays
    converged      whether the conditions of first order hold: no direction that the constraints leave falls
    feasible       whether the point keeps all constraints and bounds
    method         the solver that ended there; `tried` lists all that ran before it
    stopped        its reason to stop
    gradient_norm  the largest element of the gradient, or with constraints of that of the Lagrangian
    constraints    each constraint there: its value, whether it is active, its multiplier
    bounds         the elements that are on a bound
    curvature      "a minimum", "a maximum", "a saddle", "flat", "a corner" or "unknown"
    eigenvalues    of the Hessian (of the Lagrangian) along the directions that active constraints leave, ascending
    evaluations    how often the solvers asked for values and derivatives
    residuals      how many squares the objective adds up, if it was solved as least squares; else None
    minima         all that the starts found, the lowest first
    starts         how many starts there were; `lost_starts` of them were outside the domain
    notes          diagnostics: infeasible, unbounded, flat, steps outside the domain
    landscape      the problem and the iterates of the search, which `plot` draws
    maximizes      whether the greatest value was searched instead
    """

    value: float
    point: dict[str, Any]
    converged: bool
    feasible: bool
    method: str
    stopped: str
    tried: tuple[str, ...]
    gradient_norm: float
    constraints: tuple[ConstraintAt, ...]
    bounds: tuple[ConstraintAt, ...]
    curvature: str
    eigenvalues: tuple[float, ...]
    evaluations: Evaluations
    residuals: int | None
    minima: tuple[KnownMinimum, ...]
    starts: int
    lost_starts: int
    notes: tuple[Diagnostic, ...]
    landscape: Landscape
    maximizes: bool = False

    @property
    def ok(self) -> bool:
        """Whether the point is a minimum, or a maximum as asked for, as far as first and second derivatives tell."""
        return self.converged and self.curvature not in ("a saddle", "a minimum" if self.maximizes else "a maximum")

    def of_a_maximum(self) -> Minimum:
        """The report on the greatest value of a function, made of that on the least value of its negative."""

        def turned(c: ConstraintAt) -> ConstraintAt:
            return c._replace(multiplier=0.0 - c.multiplier)

        return self._replace(
            value=0.0 - self.value, maximizes=True, constraints=tuple(map(turned, self.constraints)),
            bounds=tuple(map(turned, self.bounds)), curvature=_TURNED.get(self.curvature, self.curvature),
            eigenvalues=tuple(0.0 - v for v in reversed(self.eigenvalues)),
            minima=tuple(m._replace(value=0.0 - m.value) for m in self.minima),
            notes=tuple(_turned_note(n, self.value) for n in self.notes),
        )  # fmt: skip

    @explained
    def plot(self, file: File = None, *, format: str = "", force: bool = False) -> Any:
        """Draw the search: over two unknowns contours, constraints and the path, else the objective by iteration.

        file    a file to write, .png, .svg or .pdf; one that exists is replaced with `force` alone
        format  "png" or "pdf" (bytes) or "svg" (a text), by default as the suffix of `file`

        Returns matplotlib's Figure, which a notebook shows; with a file or a format the picture. Raises UsageError
        without the extra `plot`.
        """
        return pictured(lambda: minimum_figure(self), file, format, force)

    def __str__(self) -> str:
        return as_text(self._parts())

    def _repr_html_(self) -> str:
        return as_html(self._parts())

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it, but for arrays and numbers that are not finite."""
        listed = self._asdict()
        listed["constraints"] = [{**c._asdict(), "active": c.active} for c in self.constraints]
        listed["bounds"] = [c._asdict() for c in self.bounds]
        listed["evaluations"] = self.evaluations._asdict()
        listed["minima"] = [{"value": m.value, "point": m.point, "starts": m.starts} for m in self.minima]
        listed["notes"] = [as_json(n) for n in self.notes]
        listed["ok"] = self.ok
        del listed["landscape"]
        return listed

    def _parts(self) -> list[Section]:
        sought = "maximum:" if self.maximizes else "minimum:"
        word = sought if self.ok else "stopped at" if not self.converged else self.curvature
        lines = [f"{word} {answered(self.value)}", *(f"  {n} = {inline(v, 90)}" for n, v in self.point.items())]
        parts = [Section("\n".join(lines))]
        if self.constraints:
            rows = tuple((c.text, few(c.value, 6), _side(c), few(c.multiplier, 6)) for c in self.constraints[:50])
            parts.append(Section("", ("constraint", "value", "", "multiplier"), rows))
        if self.bounds:
            rows = tuple((c.text, few(c.value, 6), _side(c), few(c.multiplier, 6)) for c in self.bounds[:50])
            parts.append(Section("", ("on a bound", "value", "", "multiplier"), rows))
        parts.append(Section("\n".join(f"{name:<12} {text}" for name, text in self._facts())))
        if self.starts > 1:
            parts.append(Section(f"{self.starts} starts" + self._lost(), ("value", "starts", "at"), tuple(
                (answered(m.value), str(m.starts), ", ".join(f"{n} = {inline(v, 40)}" for n, v in m.point.items()))
                for m in self.minima[:20])))  # fmt: skip
        return parts

    def _lost(self) -> str:
        return f", {self.lost_starts} outside the domain" if self.lost_starts else ""

    def _facts(self) -> list[tuple[str, str]]:
        method = self.method
        if self.method == "least-squares":
            method += f", as the objective is a sum of {self.residuals} square{'s' * (self.residuals != 1)}"
        if len(self.tried) > 1:
            method += f", after {', '.join(self.tried[:-1])}"
        gradient = "gradient" if not self.constraints else "Lagrangian"
        facts = [("method", method), ("stopped", self.stopped),
                 (gradient, f"{few(self.gradient_norm)} is the largest element of its gradient" if self.constraints
                  else f"{few(self.gradient_norm)} in its largest element"),
                 ("curvature", self._curved()), ("evaluations", str(self.evaluations))]  # fmt: skip
        return facts

    def _curved(self) -> str:
        if self.curvature == "a corner":
            return "a corner: the active constraints leave no direction"
        if not self.eigenvalues:
            return self.curvature
        first, last = few(self.eigenvalues[0]), few(self.eigenvalues[-1])
        many = f"the eigenvalues are {first}" + (f" to {last}" if len(self.eigenvalues) > 1 else "")
        if len(self.eigenvalues) == 1:
            many = f"the eigenvalue is {first}"
        return f"{self.curvature}: {many}" + (" along the active constraints" if any(
            c.active for c in (*self.constraints, *self.bounds)) else "")  # fmt: skip


# The words of a report on the negative of a function.
_TURNED = {"a minimum": "a maximum", "a maximum": "a minimum"}
_WORDS = (("falls without end: it has no minimum", "rises without end: it has no maximum"),
          ("this is no minimum", "this is no maximum"), ("that of a maximum", "that of a minimum"),
          ("before a minimum", "before a maximum"), ("tell a minimum", "tell a maximum"),
          ("may be as low", "may be as high"))  # fmt: skip


def _turned_note(note: Diagnostic, value: float) -> Diagnostic:
    message, help = note.message, note.help.replace(f"it is {value:.6g};", f"it is {0.0 - value:.6g};")
    for one, other in _WORDS:
        message, help = message.replace(one, other), help.replace(one, other)
    return note._replace(message=message, help=help)


def _side(c: ConstraintAt) -> str:
    return {0: "inside", 1: "active", -1: "active", 2: "equation"}[c.side]
