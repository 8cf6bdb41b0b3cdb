"""The report of a system of equations that was solved, as an object, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ground.complaints import explained
from ...ground.errors import Diagnostic, as_json
from ...ground.tuples import NamedTuple
from ...lists.array_text import answered, inline
from ..report_pictures import File, pictured
from ..report_text import Section, as_html, as_text, few
from .objective import Iterate
from .root_picture import root_figure


class EquationAt(NamedTuple):
    """An equation at the point found: its text, and its left side less its right side there."""

    text: str
    residual: float


class KnownRoot(NamedTuple):
    """A root that several starts may have led to."""

    x: Any
    point: dict[str, Any]
    starts: int


class RootSearch:
    """The equations, and the points that the best search for a root went through: all that a picture needs.

    parts     the equations, over places of the vector whose elements are called `elements`
    x         the vector of the report, which is the last of the `iterates`
    """

    def __init__(
        self, parts: Sequence[Any], elements: tuple[str, ...], x: Any, iterates: Sequence[Iterate]
    ) -> None:  # fmt: skip
        self.parts, self.elements, self.x, self.iterates = tuple(parts), elements, x, tuple(iterates)

    def __repr__(self) -> str:
        return f"<{len(self.iterates)} iterates over {len(self.elements)} unknowns>"


class Root(NamedTuple):
    """The end of a search for a root; `str` writes it out, and a notebook shows it as tables.

    point      the unknowns by name, floats and arrays
    ok         whether the equations hold there: as far as rounding lets them, and the next step of Newton's method is
               below 1e-7 of the unknowns, or of 1
    equations  each equation with its residual; of arrays one for each element
    unknowns   the number of unknowns
    rank       of the Jacobian there; the roots beside a root are a family of dimension unknowns - rank
    condition  the condition number of the Jacobian there: relative errors of the equations grow by it
    method     the solver that ended there; `tried` lists all that ran before it
    stopped    its reason to stop
    values, jacobians  how often the solvers asked for each
    roots      all that the starts found
    starts     how many starts there were; `lost_starts` of them were outside the domain
    notes      diagnostics: no root near, a singular Jacobian, steps outside the domain
    search     the equations and the iterates of the search, which `plot` draws
    """

    point: dict[str, Any]
    ok: bool
    equations: tuple[EquationAt, ...]
    unknowns: int
    rank: int
    condition: float
    method: str
    stopped: str
    tried: tuple[str, ...]
    values: int
    jacobians: int
    roots: tuple[KnownRoot, ...]
    starts: int
    lost_starts: int
    notes: tuple[Diagnostic, ...]
    search: RootSearch

    @property
    def residual(self) -> float:
        """The largest residual."""
        return max((abs(e.residual) for e in self.equations), default=0.0)

    @explained
    def plot(self, file: File = None, *, format: str = "", force: bool = False) -> Any:
        """Draw the curves of two equations in two unknowns and their roots, the curve of one in one unknown, or else
        the residuals by evaluation.

        file    a file to write, .png, .svg or .pdf; one that exists is replaced with `force` alone
        format  "png" or "pdf" (bytes) or "svg" (a text), by default as the suffix of `file`

        Returns matplotlib's Figure, which a notebook shows; with a file or a format the picture. Raises UsageError
        without the extra `plot`.
        """
        return pictured(lambda: root_figure(self), file, format, force)

    def __str__(self) -> str:
        return as_text(self._sections())

    def _repr_html_(self) -> str:
        return as_html(self._sections())

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it, but for arrays and numbers that are not finite."""
        listed = self._asdict()
        listed["equations"] = [e._asdict() for e in self.equations]
        listed["roots"] = [{"point": r.point, "starts": r.starts} for r in self.roots]
        listed["notes"] = [as_json(n) for n in self.notes]
        del listed["search"]
        return listed

    def _sections(self) -> list[Section]:
        word = "root" if self.ok else "no root: the residuals are least at"
        found = [Section("\n".join([word, *(f"  {n} = {inline(v, 90)}" for n, v in self.point.items())]))]
        rows = tuple((e.text, few(e.residual)) for e in self.equations[:50])
        found.append(Section("", ("equation", "residual"), rows))
        found.append(Section("\n".join(f"{name:<12} {text}" for name, text in self._facts())))
        if self.starts > 1:
            lost = f", {self.lost_starts} outside the domain" if self.lost_starts else ""
            roots = tuple((", ".join(f"{n} = {_short(v)}" for n, v in r.point.items()), str(r.starts))
                          for r in self.roots[:50])  # fmt: skip
            found.append(Section(f"{self.starts} starts{lost}", ("root", "starts"), roots))
        return found

    def _facts(self) -> list[tuple[str, str]]:
        m, n = len(self.equations), self.unknowns
        count = f"{m} for {n} unknown{'s' * (n != 1)}"
        if m > n:
            count += ": more than needed, and a root must satisfy them all"
        elif m < n:
            count += ": fewer than needed, so that this is one root of many" if self.ok else ": fewer than needed"
        method = self.method + (f", after {', '.join(self.tried[:-1])}" if len(self.tried) > 1 else "")
        jacobian = f"condition {few(self.condition)}"
        if self.rank < min(m, n):
            jacobian = f"singular: rank {self.rank} of {min(m, n)}"
        return [("equations", count), ("Jacobian", jacobian), ("method", method), ("stopped", self.stopped),
                ("evaluations", f"{self.values} of the equations, {self.jacobians} of the Jacobian")]  # fmt: skip


def _short(value: Any) -> str:
    return answered(value) if isinstance(value, float) else inline(value, 40)
