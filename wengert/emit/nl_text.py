"""An optimization problem in AMPL's .nl, for the solvers that read it: Ipopt, Bonmin, Couenne, Knitro and others.

From D. M. Gay, "Writing .nl Files", SAND2005-7907P, 2005, and "Hooking Your Solver to AMPL", 1997: nonlinear
constraints and objectives come first, and the variables in classes. No line but those of the header has a comment, as
some readers take none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..ground.limits import UNTRUSTED, Limits
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import WengertList
from ..ops import OPS, arity
from .nl_ops import NlSteps, Operand, steps_of
from .nl_parts import MINUS_SIGN, PLUS, TIMES, NlComponent, NlParts, Split, check_model

INF = math.inf
# The operator on a list of terms, and those on lists that rows have.
SUM_LIST = 54
LISTS = frozenset(row.notation.nl for row in OPS.values() if type(row.notation.nl) is int and arity(row)[1] is None)


class NlRow(NamedTuple):
    """A constraint: its name, and the least and the greatest value of its output."""

    name: str
    low: float
    high: float


class NlProblem(NamedTuple):
    """A problem to write.

    wlist       a list over numbers: its inputs are the variables, its outputs the values of the constraints, then the
                objectives
    rows        the constraints, in the order of the outputs
    objectives  the name of each objective, and whether it is to be greatest
    start       start values of all variables
    bounds      the least and the greatest value of variables; those that are not there are free
    integers    the variables that are integers
    labels      names of the variables where they are not those of the list: `x[0]` for `x_0`
    title       the name of the problem
    """

    wlist: WengertList
    rows: Sequence[NlRow]
    objectives: Sequence[tuple[str, bool]]
    start: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]]
    integers: frozenset[str] = frozenset()
    labels: Mapping[str, str] = {}
    title: str = "wengert"


class NlFiles(NamedTuple):
    """The text of an .nl file, and of the files beside it: `.col` names the variables in the file's order, `.row` the
    constraints and then the objectives."""

    text: str
    columns: str
    rows: str

    def __str__(self) -> str:
        return self.text


def nl_files(problem: NlProblem, limits: Limits = UNTRUSTED) -> NlFiles:
    """Write a problem. Raises UsageError for an op that the format cannot say, LimitError for a large model."""
    return _NlText(problem, limits).files()


class _NlText:
    def __init__(self, problem: NlProblem, limits: Limits) -> None:
        self.problem = problem
        steps = steps_of(problem.wlist, limits)
        check_model(steps)
        self.steps: NlSteps = steps
        rows = len(problem.rows)
        self.parts = NlParts(steps, rows, limits)
        names = problem.wlist.inputs
        self.integers = {k for k, n in enumerate(names) if n in problem.integers}
        self.bounds = [problem.bounds.get(n, (-INF, INF)) for n in names]
        self.binary = {k for k in self.integers if self.bounds[k] == (0.0, 1.0)}
        classes = self.parts.order(self.integers)
        # Of the linear variables the binary ones come before the other integers.
        linear = sorted(classes.linear, key=lambda k: (k in self.integers, k in self.integers - self.binary, k))
        self.classes = classes._replace(linear=linear)
        self.order = [*classes.both, *classes.constraints, *classes.objectives, *linear]
        self.place = {k: n for n, k in enumerate(self.order)}
        # Nonlinear constraints first, each kind in its own order.
        self.row_order = sorted(range(rows), key=lambda k: not self.parts.outputs[k].split.terms)
        self.row_place = {k: n for n, k in enumerate(self.row_order)}
        self.common = self._classified()
        self.columns = [self._columns_of(k) for k in range(len(self.parts.outputs))]

    def _classified(self) -> list[list[int]]:
        """Defined variables in five classes: used in constraints and objectives, in several constraints, in several
        objectives, in one constraint, in one objective."""
        found: list[list[int]] = [[], [], [], [], []]
        rows = len(self.problem.rows)
        for k in self.parts.defined:
            users = self.parts.users[k]
            mixed = users[0] < rows <= users[-1]
            one = len(users) == 1
            found[0 if mixed else 3 + (users[0] >= rows) if one else 1 + (users[0] >= rows)].append(k)
        found[3].sort(key=lambda k: (self.row_place[self.parts.users[k][0]], k))
        for number, k in enumerate((k for kind in found for k in kind), len(self.order)):
            self.place[k] = number
        return found

    # The text

    def files(self) -> NlFiles:
        """The texts of all files."""
        names = self.problem.wlist.inputs
        labels = [self.problem.labels.get(names[k], names[k]) for k in self.order]
        rows = [self.problem.rows[k].name for k in self.row_order]
        rows += [name for name, _ in self.problem.objectives]
        lines = [*self._header(labels, rows), *self._expressions(), *self._values(), *self._linear()]
        return NlFiles("\n".join(lines) + "\n", "\n".join(labels) + "\n", "\n".join([*rows, ""]))

    def _header(self, labels: Sequence[str], rows: Sequence[str]) -> Iterator[str]:
        problem, outputs, classes = self.problem, self.parts.outputs, self.classes
        m = len(problem.rows)
        ranges = sum(-INF < r.low < r.high < INF for r in problem.rows)
        equations = sum(r.low == r.high for r in problem.rows)
        nonlinear = sum(bool(c.split.terms) for c in outputs[:m])
        # Objectives keep their order: linear ones before the last nonlinear one count as nonlinear.
        objective = max((k + 1 for k, c in enumerate(outputs[m:]) if c.split.terms), default=0)
        both, in_rows, in_objective = len(classes.both), len(classes.constraints), len(classes.objectives)
        # Variables in objectives are counted up to the last one, after those in constraints.
        last = both + in_rows + in_objective if in_objective else both
        integers = [sum(k in self.integers for k in c) for c in (classes.both, classes.constraints, classes.objectives)]
        binary = sum(k in self.binary for k in classes.linear)
        whole = sum(k in self.integers for k in classes.linear) - binary
        entries, gradient = (sum(map(len, part)) for part in (self.columns[:m], self.columns[m:]))
        widest = max(map(len, rows), default=0), max(map(len, labels), default=0)
        title = "".join(c for c in problem.title if c.isprintable() and c != "#")[:60]
        yield f"g3 1 1 0\t# problem {title}"
        yield (
            f" {len(self.order)} {m} {len(outputs) - m} {ranges} {equations}\t# vars, constraints, objectives, "
            "ranges, eqns"
        )
        yield f" {nonlinear} {objective}\t# nonlinear constraints, objectives"
        yield " 0 0\t# network constraints: nonlinear, linear"
        yield f" {both + in_rows} {last} {both}\t# nonlinear vars in constraints, objectives, both"
        yield " 0 0 0 1\t# linear network variables; functions; arith, flags"
        yield (
            f" {binary} {whole} {' '.join(map(str, integers))}\t# discrete variables: binary, integer, nonlinear "
            "(b,c,o)"
        )
        yield f" {entries} {gradient}\t# nonzeros in Jacobian, gradients"
        yield f" {widest[0]} {widest[1]}\t# max name lengths: constraints, variables"
        yield f" {' '.join(str(len(kind)) for kind in self.common)}\t# common exprs: b,c,o,c1,o1"

    def _expressions(self) -> Iterator[str]:
        """Defined variables and nonlinear parts. A variable that only one constraint uses comes just before it."""
        m = len(self.problem.rows)
        for kind in self.common[:3]:
            for k in kind:
                yield from self._defined_variable(k, 0)
        alone: dict[int, list[int]] = {}
        for k in (*self.common[3], *self.common[4]):
            alone.setdefault(self.parts.users[k][0], []).append(k)
        for number, row in enumerate(self.row_order):
            for k in alone.get(row, ()):
                yield from self._defined_variable(k, number + 1)
            yield f"C{number}"
            yield from self._expression(self.parts.outputs[row].split, True)
        for number, component in enumerate(self.parts.outputs[m:]):
            for k in alone.get(m + number, ()):
                yield from self._defined_variable(k, m + number + 1)
            yield f"O{number} {int(self.problem.objectives[number][1])}"
            yield from self._expression(component.split, False)

    def _defined_variable(self, k: int, use: int) -> Iterator[str]:
        component: NlComponent = self.parts.defined[k]
        linear = component.split.linear
        yield f"V{self.place[k]} {len(linear)} {use}"
        for number, value in sorted((self.place[v], value) for v, value in linear.items()):
            yield f"{number} {_number(value)}"
        yield from self._expression(component.split, False, k)

    def _expression(self, parts: Split, of_row: bool, own: int | None = None) -> Iterator[str]:
        """The constant and the nonlinear terms of a component. The constant of a linear constraint moves to its
        bounds, which some solvers expect."""
        constant = 0.0 if of_row and not parts.terms else parts.constant
        count = len(parts.terms) + bool(constant)
        if not count:
            yield "n0"
            return
        if count > 2:
            yield f"o{SUM_LIST}"
            yield str(count)
        elif count == 2:
            yield f"o{PLUS}"
        for factor, k in parts.terms:
            if factor == -1.0:
                yield f"o{MINUS_SIGN}"
            elif factor != 1.0:
                yield f"o{TIMES}"
                yield f"n{_number(factor)}"
            yield from self._tree(k, own)
        if constant:
            yield f"n{_number(constant)}"

    def _tree(self, root: int, own: int | None) -> Iterator[str]:
        """The lines of a step and of all that it is made of, down to variables."""
        waiting: list[Operand] = [root]
        while waiting:
            k = waiting.pop()
            if type(k) is float:
                yield f"n{_number(k)}"
                continue
            at = int(k)
            if at < self.steps.variables or at in self.parts.defined and at != own:
                yield f"v{self.place[at]}"
                continue
            code, operands = self.steps.steps[at - self.steps.variables]
            yield f"o{code}"
            if code in LISTS:
                yield str(len(operands))
            waiting.extend(reversed(operands))

    def _values(self) -> Iterator[str]:
        """Start values, and the bounds of constraints and of variables."""
        names = self.problem.wlist.inputs
        yield f"x{len(self.order)}"
        for number, k in enumerate(self.order):
            yield f"{number} {_number(self.problem.start[names[k]])}"
        if self.problem.rows:
            yield "r"
        for k in self.row_order:
            row, parts = self.problem.rows[k], self.parts.outputs[k].split
            shift = 0.0 if parts.terms else parts.constant
            yield _sides(row.low - shift, row.high - shift)
        yield "b"
        for k in self.order:
            yield _sides(*self.bounds[k])

    def _columns_of(self, output: int) -> list[int]:
        """The variables in an output, in their order in the file."""
        linear = self.parts.outputs[output].split.linear
        return sorted({*linear, *self.parts.nonlinear[output]}, key=self.place.__getitem__)

    def _linear(self) -> Iterator[str]:
        """The columns of the Jacobian, and the linear terms of constraints and of the objectives."""
        m = len(self.problem.rows)
        counts = [0] * len(self.order)
        for k in range(m):
            for v in self.columns[k]:
                counts[self.place[v]] += 1
        yield f"k{len(self.order) - 1}"
        total = 0
        for count in counts[:-1]:
            total += count
            yield str(total)
        outputs = [("J", n, k) for n, k in enumerate(self.row_order)]
        outputs += [("G", n, m + n) for n in range(len(self.parts.outputs) - m)]
        for letter, number, k in outputs:
            columns = self.columns[k]
            if columns:
                yield f"{letter}{number} {len(columns)}"
            linear = self.parts.outputs[k].split.linear
            for v in columns:
                yield f"{self.place[v]} {_number(linear.get(v, 0.0))}"


def _sides(low: float, high: float) -> str:
    """Bounds as a line of the segments `r` and `b`."""
    if low == high:
        return f"4 {_number(low)}"
    if low > -INF and high < INF:
        return f"0 {_number(low)} {_number(high)}"
    return f"2 {_number(low)}" if low > -INF else f"1 {_number(high)}" if high < INF else "3"


def _number(value: float) -> str:
    """A number with all its digits, a whole one without its point."""
    if not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text
