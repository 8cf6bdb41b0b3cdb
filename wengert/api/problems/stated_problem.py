"""An optimization problem that a program states besides its formulas, in comments that begin with `#:`.

    input x = 1, y = 1
    cost = x + 2*y
    circle = x^2 + y^2
    output cost, circle
    #: minimize cost
    #: subject-to circle <= 5
    #: bounds x=-2:0
    #: integer y

To everything else these lines are comments. They are the words of the options of `wengert minimize`. A constraint is a
name of the program between numbers, or any relation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import NoReturn

from ...ground.errors import Diagnostic, ParseError, Source, Span, UnknownName, error, suggestion
from ...ground.limits import check_clock
from ...ground.names import normalize, quoted
from ...ground.tuples import NamedTuple
from ...lists.wengert_list import Atom, Equation, WengertList, assemble, names_of
from ...ops import NEG
from ...transforms.simplify import drop_dead
from ..function import Function
from ..making import function_of

_LINE = re.compile(r"^[ \t]*#:[ \t]*([^\s]*)[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf"
_NAME = r"[^\W\d]\w*"
_BETWEEN = re.compile(rf"({_NUMBER})\s*<=\s*({_NAME})\s*<=\s*({_NUMBER})", re.ASCII)
_ONE_SIDE = re.compile(rf"({_NAME})\s*(<=|>=|==?)\s*({_NUMBER})", re.ASCII)
_BOUNDS = re.compile(rf"({_NAME})\s*=\s*({_NUMBER})?\s*:\s*({_NUMBER})?", re.ASCII)
_WORDS = ("minimize", "maximize", "subject-to", "bounds", "integer")


class ConstrainedOutput(NamedTuple):
    """A name that a program computes, with its lower and upper bound."""

    name: str
    low: float
    high: float

    @property
    def text(self) -> str:
        """The constraint as a relation: `1 <= c <= 4`."""
        if self.low == self.high:
            return f"{self.name} = {self.low:g}"
        if self.low > -inf and self.high < inf:
            return f"{self.low:g} <= {self.name} <= {self.high:g}"
        return f"{self.name} >= {self.low:g}" if self.low > -inf else f"{self.name} <= {self.high:g}"

    @property
    def free(self) -> bool:
        """Whether there is no bound."""
        return self.low == -inf and self.high == inf


class StatedProblem(NamedTuple):
    """The problem of a program.

    program    the program itself, with all its outputs
    objectives  the names of outputs that are to be least, and for each whether it is to be greatest instead; a solver
               takes the first
    rows       constraints on names of the program, in their order
    relations  other constraints, as text
    bounds     the least and the greatest value of inputs
    integers   the inputs that are integers
    notes      diagnostics: parts that are left out
    """

    program: Function
    objectives: tuple[tuple[str, bool], ...]
    rows: tuple[ConstrainedOutput, ...] = ()
    relations: tuple[str, ...] = ()
    bounds: Mapping[str, tuple[float, float]] = {}
    integers: tuple[str, ...] = ()
    notes: tuple[Diagnostic, ...] = ()

    @property
    def objective(self) -> str:
        """The name of the first objective, or ""."""
        return self.objectives[0][0] if self.objectives else ""

    @property
    def maximizes(self) -> bool:
        """Whether the first objective is to be maximized."""
        return bool(self.objectives) and self.objectives[0][1]

    def least(self) -> Function:
        """The function to minimize: the objective, or its negative if it is to be maximized."""
        wlist = self.program.wengert_list
        atom: Atom = atoms_of(wlist).get(self.objective, self.objective) if self.objective else 0.0
        if not self.maximizes:
            return self._of_outputs(wlist, (atom,))
        name = "minus_" + self.objective
        while name in names_of(wlist):
            name += "_"
        spans = [wlist.provenance.entry(k) for k in range(len(wlist))]
        place = next((s for e, s in zip(wlist.equations, spans) if e.output == atom), None)
        negative = assemble(wlist.inputs, [*wlist.equations, Equation(name, NEG, (atom,))], (name,), wlist.ops,
                            wlist.provenance._replace(spans=[*spans, place]), wlist.shapes)  # fmt: skip
        return self._of_outputs(negative, (name,))

    def constrained(self) -> Function | None:
        """The function of all rows that are not free; None if there are none."""
        wlist = self.program.wengert_list
        known = atoms_of(wlist)
        atoms = [known.get(row.name, row.name) for row in self.rows if not row.free]
        return self._of_outputs(wlist, tuple(atoms)) if atoms else None

    def _of_outputs(self, wlist: WengertList, outputs: tuple[Atom, ...]) -> Function:
        kept = assemble(wlist.inputs, wlist.equations, outputs, wlist.ops, wlist.provenance, wlist.shapes)
        return function_of(self.program, drop_dead(kept)[0])


def stated_problem(f: Function) -> StatedProblem:
    """The problem that a program's `#:` lines state. Without such lines its one output is minimized.

    Raises ParseError and UnknownName at a line that states no problem, UsageError if the objective is not named.
    """
    source = f.program.source
    if "#:" not in source.text:
        return StatedProblem(f, ((f.outputs[0], False),) if len(f.outputs) == 1 else ())
    return _ProblemLines(f, source).problem()


class _ProblemLines:
    def __init__(self, f: Function, source: Source) -> None:
        self.f, self.source = f, source
        self.computed = {e.output for e in f.wengert_list.equations} | atoms_of(f.wengert_list).keys()
        self.inputs = set(f.inputs)
        self.objectives: list[tuple[str, bool, Span]] = []
        self.rows: dict[str, ConstrainedOutput] = {}
        self.relations: list[str] = []
        self.bounds: dict[str, tuple[float, float]] = {}
        self.integers: list[str] = []

    def problem(self) -> StatedProblem:
        f, notes = self.f, []
        for word, rest, span in self._lines():
            check_clock()
            self._take(word, rest, span)
        if len(self.objectives) > 1:
            name = self.objectives[0][0]
            says = f"there are {len(self.objectives)} objectives: the first, {quoted(name)}, counts"
            notes.append(Diagnostic("W922", "warning", says, self.objectives[1][2], source=self.source))
        if not self.objectives and self.rows:
            says = "the problem has no objective: any point that keeps its constraints will do"
            notes.append(Diagnostic("W922", "note", says))
        goals = tuple((name, rises) for name, rises, _ in self.objectives)
        if not goals and len(f.outputs) == 1 and not self.rows:
            goals = ((f.outputs[0], False),)
        return StatedProblem(f, goals, tuple(self.rows.values()), tuple(self.relations), self.bounds,
                             tuple(self.integers), tuple(notes))  # fmt: skip

    def _lines(self) -> Iterator[tuple[str, str, Span]]:
        for found in _LINE.finditer(self.source.text):
            yield found[1], found[2], Span(found.start(1), max(found.end(2), found.start(1) + 1))

    def _take(self, word: str, rest: str, span: Span) -> None:
        """Read one line into the problem."""
        if word not in _WORDS:
            help = suggestion(word, _WORDS) or f"a line of a problem begins with {', '.join(_WORDS)}"
            raise error(ParseError, "W920", f"no line of a problem begins with {quoted(word)}", span, help=help,
                        source=self.source)  # fmt: skip
        if word in ("minimize", "maximize"):
            self.objectives.append((self._known(rest, self.computed, "computes", span), word == "maximize", span))
        elif word == "subject-to":
            self._constrain(rest, span)
        elif word == "bounds":
            found = _BOUNDS.fullmatch(rest)
            if found is None:
                self._wrong("bounds are NAME=LOW:HIGH", "`#: bounds x=0:1`, or `x=0:` without an upper bound", span)
            name = self._known(found[1], self.inputs, "has the input", span)
            self.bounds[name] = self._within(self.bounds.get(name), found[2], found[3], span)
        else:
            self.integers += [self._known(n, self.inputs, "has the input", span) for n in rest.split(",")]

    def _constrain(self, rest: str, span: Span) -> None:
        between, one = _BETWEEN.fullmatch(rest), _ONE_SIDE.fullmatch(rest)
        low: str | None = None
        high: str | None = None
        if between is not None:
            low, name, high = between.groups()
        elif one is not None:
            name, sign, number = one.groups()
            low, high = (None if sign == "<=" else number), (None if sign == ">=" else number)
        else:
            name = rest
        name = normalize(name)
        if name in self.computed:
            known = self.rows.get(name)
            sides = None if known is None else (known.low, known.high)
            self.rows[name] = ConstrainedOutput(name, *self._within(sides, low, high, span))
        elif not rest or re.fullmatch(_NAME, rest):
            self._known(rest, self.computed, "computes", span)
        else:
            self.relations.append(rest)

    def _within(
        self, known: tuple[float, float] | None, low: str | None, high: str | None, span: Span
    ) -> tuple[float, float]:  # fmt: skip
        """Intersect the bounds in a text with those known so far."""
        before = known or (-inf, inf)
        sides = max(float(low or -inf), before[0]), min(float(high or inf), before[1])
        if not sides[0] <= sides[1]:
            says = f"no number is between {sides[0]:g} and {sides[1]:g}"
            raise error(ParseError, "W862", says, span, source=self.source)
        return sides

    def _known(self, name: str, names: set[str], does: str, span: Span) -> str:
        name = normalize(name.strip())
        if name not in names:
            help = suggestion(name, names) or f"the program {does} {', '.join(sorted(names)[:10]) or 'nothing'}"
            raise error(UnknownName, "W101", f"this line names {quoted(name)}, which the program does not have", span,
                        help=help, source=self.source)  # fmt: skip
        return name

    def _wrong(self, says: str, example: str, span: Span) -> NoReturn:
        raise error(ParseError, "W920", says, span, help=f"for instance {example}", source=self.source)


def atoms_of(wlist: WengertList) -> dict[str, Atom]:
    """The outputs of a list by their names: an output may be a number."""
    return {a if isinstance(a, str) else f"{a:.17g}": a for a in wlist.outputs}


def integer_note(names: tuple[str, ...]) -> list[Diagnostic]:
    """The warning that integers are treated as real numbers."""
    if not names:
        return []
    listed = ", ".join(map(quoted, names[:6])) + f" and {len(names) - 6:,} others" * (len(names) > 6)
    verb, kind = ("is an integer", "a real number") if len(names) == 1 else ("are integers", "real numbers")
    return [Diagnostic("W919", "warning", f"{listed} {verb} in the problem, and {kind} here")]
