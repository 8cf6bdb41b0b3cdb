"""The segments of an .nl file, AMPL's text form of an optimization model.

From D. M. Gay, "Writing .nl Files", SAND2005-7907P, 2005. The segments may come in any order, but for defined
variables, which come before their uses.
"""

from __future__ import annotations

from ..ground.errors import Diagnostic, ParseError, Source, Span, error
from ..ground.limits import Limits, exceeded
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .nl_expressions import NlExpressions
from .nl_lines import NlLines
from .terms import Term

INF = float("inf")
# The lines of the header, and the least number of counts on each after the first.
_HEADER = (("variables, constraints, objectives, ranges and equations", 3), ("nonlinear constraints and objectives", 2),
           ("network constraints", 2), ("nonlinear variables", 2), ("network variables, functions and flags", 2),
           ("discrete variables", 5), ("nonzeros", 2), ("lengths of names", 2), ("common expressions", 5))  # fmt: skip
_KINDS = ("variables", "constraints", "objectives", "the problem")


class NlBody(NamedTuple):
    """An expression with its linear terms, by the number of their variables; `nonlinear` is None until it is read."""

    linear: dict[int, float]
    nonlinear: Term | None = None


class NlSuffix(NamedTuple):
    """Values that a suffix gives to variables, constraints, objectives or the problem, by number."""

    name: str
    of: str
    values: dict[int, float]


class NlModel:
    """The parts of a model as the file numbers them.

    title                    the name of the problem
    variables                how many there are
    constraints, objectives  their expressions
    senses                   whether each objective is maximized
    defined                  defined variables by number, in their order
    ranges, bounds           the least and the greatest value of each constraint, and of each variable
    integers                 the variables that are integers
    start, duals             start values by number, of variables and of constraints
    suffixes                 values for solvers
    notes                    notes and warnings on parts that were left out
    """

    def __init__(self, counts: list[list[int]], title: str) -> None:
        self.title = title
        self.variables, constraints, objectives = counts[0][:3]
        self.constraints = [NlBody({}) for _ in range(constraints)]
        self.objectives = [NlBody({}) for _ in range(objectives)]
        self.senses = [False] * objectives
        self.defined: dict[int, NlBody] = {}
        self.ranges: list[tuple[float, float]] = []
        self.bounds: list[tuple[float, float]] = []
        self.start: dict[int, float] = {}
        self.duals: dict[int, float] = {}
        self.suffixes: list[NlSuffix] = []
        self.notes: list[Diagnostic] = []
        self.commons = sum(counts[8][:5])
        self.nonzeros = counts[6][:2]
        self.nonlinear = counts[3]
        self.integers = self._integers(counts[5])

    def _integers(self, discrete: list[int]) -> list[int]:
        """The numbers of discrete variables: the last of each class in the standard order."""
        binary, integer, both, constraints, objectives = discrete[:5]
        in_constraints, in_objectives = self.nonlinear[:2]
        in_both = self.nonlinear[2] if len(self.nonlinear) > 2 else min(in_constraints, in_objectives)
        last = max(in_constraints, in_objectives)
        ends = (in_both, both), (in_constraints, constraints), (last, objectives), (self.variables, binary + integer)
        found = [k for end, count in ends for k in range(end - count, end)]
        return [k for k in found if 0 <= k < self.variables]


class NlReader:
    """Reads a file into a model."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits = source, limits
        if source.text[:1] == "b":
            says = "this is the binary form of .nl: only its text form can be read"
            help = "AMPL writes the text form by `write gmodel;` or `ampl -ogmodel`; Pyomo and JuMP write it always"
            raise error(ParseError, "W916", says, Span(0, 1), source=source, help=help)
        self.lines = NlLines(source, limits)
        self.model = self._header()
        most = self.model.variables + self.model.commons
        self.expressions = NlExpressions(self.lines, self.model.variables, most)
        self._read: set[str] = set()

    def read(self) -> NlModel:
        """The whole model. Raises ParseError at the line that is not as the format has it, or has no counterpart."""
        while self.lines.advance():
            word = self.lines.words[0]
            segment = _SEGMENTS.get(word[:1])
            if segment is None:
                raise self.lines.broken(f"no segment begins with {quoted(word)}",
                                        "a segment is a letter such as `C0`, `O0 0`, `b`, `J0 2`")  # fmt: skip
            segment(self, word[1:], self.lines.words[1:])
        self._check_whole()
        return self.model

    # The header

    def _header(self) -> NlModel:
        lines = self.lines
        first = lines.expect("a header that begins with `g`")
        if not first[0].startswith("g") or not first[0][1:].isdigit():
            raise lines.broken("this is no .nl file: its first line begins with `g` and a number, as in `g3 1 1 0`")
        title = lines.lines[lines.at].partition("#")[2].strip().removeprefix("problem").strip()
        counts = []
        for name, least in _HEADER:
            words = lines.expect(f"the header's line of {name}")
            counts.append([lines.whole(word, f"a number of the header's line of {name}") for word in words])
            if len(words) < least:
                raise lines.broken(f"the header's line of {name} has {least} numbers at least, not {len(words)}")
            if len(counts) == 1:
                self._check_size(sum(counts[0][:3]))
                logical = counts[0][5] if len(counts[0]) > 5 else 0
                if logical:
                    raise lines.refused("logical constraints", f"the model has {logical}, without a counterpart")
            if len(counts) == 2 and any(counts[1][2:4]):
                raise lines.refused("complementarity conditions", "they have no counterpart")
            if len(counts) == 5 and counts[4][1]:
                says = f"the model has {counts[4][1]}: a function of another library has no counterpart"
                raise lines.refused("imported functions", says)
        self._check_size(sum(counts[0][:3]) + sum(counts[8][:5]))
        return NlModel(counts, "".join(c for c in title if c.isprintable())[:60])

    def _check_size(self, size: int) -> None:
        if size > self.limits.equations:
            raise exceeded(self.limits, "equations", f"the model has {size:,} variables, constraints and expressions",
                           self.lines.span).within(self.source)  # fmt: skip
        # Each has a line of its own at least.
        if size > len(self.lines.lines):
            raise self.lines.broken(f"the header announces {size:,} variables, constraints and expressions, and the "
                                    f"file has {len(self.lines.lines):,} lines", "it is cut off")  # fmt: skip

    # Segments

    def _constraint(self, rest: str, words: list[str]) -> None:
        number = self._number(rest, "constraints", len(self.model.constraints), words, 0)
        self._once(f"C{number}")
        term = self.expressions.read(f"the expression of `C{number}`")
        self.model.constraints[number] = self.model.constraints[number]._replace(nonlinear=term)

    def _objective(self, rest: str, words: list[str]) -> None:
        number = self._number(rest, "objectives", len(self.model.objectives), words, 1)
        self._once(f"O{number}")
        self.model.senses[number] = bool(self.lines.whole(words[0], "the sense of an objective, 0 or 1,", 2))
        term = self.expressions.read(f"the expression of `O{number}`")
        self.model.objectives[number] = self.model.objectives[number]._replace(nonlinear=term)

    def _defined_variable(self, rest: str, words: list[str]) -> None:
        first = self.model.variables
        number = self._number(rest, "variables and defined variables", first + self.model.commons, words, 2)
        if number < first:
            raise self.lines.broken(f"`v{number}` is a variable: defined variables begin with `V{first}`")
        self._once(f"V{number}")
        terms = self.lines.whole(words[0], "the number of linear terms", first + self.model.commons + 1)
        linear = self._linear(terms, f"the linear terms of `V{number}`", first)
        term = self.expressions.read(f"the expression of `V{number}`")
        self.model.defined[number] = NlBody(linear, term)
        self.expressions.defined.add(number)

    def _linear(self, count: int, wanted: str, most: int) -> dict[int, float]:
        found: dict[int, float] = {}
        for _ in range(count):
            place, value = self.lines.pair(wanted, most)
            if place in found:
                raise self.lines.broken(f"variable {place} is in {wanted} twice")
            found[place] = value
        return found

    def _jacobian(self, rest: str, words: list[str]) -> None:
        number = self._number(rest, "constraints", len(self.model.constraints), words, 1)
        self._once(f"J{number}")
        self.model.constraints[number].linear.update(self._row(words[0], f"`J{number}`"))

    def _gradient(self, rest: str, words: list[str]) -> None:
        number = self._number(rest, "objectives", len(self.model.objectives), words, 1)
        self._once(f"G{number}")
        self.model.objectives[number].linear.update(self._row(words[0], f"`G{number}`"))

    def _row(self, word: str, wanted: str) -> dict[int, float]:
        count = self.lines.whole(word, f"the number of terms of {wanted}", self.model.variables + 1)
        return self._linear(count, wanted, self.model.variables)

    def _start(self, rest: str, words: list[str]) -> None:
        count = self._number(rest, "variables", self.model.variables + 1, words, 0)
        self._once("x")
        self.model.start = self._linear(count, "start values", self.model.variables)

    def _dual_start(self, rest: str, words: list[str]) -> None:
        count = self._number(rest, "constraints", len(self.model.constraints) + 1, words, 0)
        self._once("d")
        self.model.duals = self._linear(count, "start values of multipliers", len(self.model.constraints))
        if count:
            self._left_out(f"start values of {count} multipliers")

    def _ranges(self, rest: str, words: list[str]) -> None:
        self._alone("r", rest, words)
        self.model.ranges = [self._sides("constraint", k) for k in range(len(self.model.constraints))]

    def _bounds(self, rest: str, words: list[str]) -> None:
        self._alone("b", rest, words)
        self.model.bounds = [self._sides("variable", k) for k in range(self.model.variables)]

    def _sides(self, kind: str, number: int) -> tuple[float, float]:
        """The least and the greatest value on the next line, which begins with the kind of its bounds."""
        lines = self.lines
        words = lines.expect(f"the bounds of {kind} {number}")
        if words[0] == "5" and kind == "constraint":
            raise lines.refused("a complementarity condition", "it has no counterpart")
        takes = {"0": 2, "1": 1, "2": 1, "3": 0, "4": 1}.get(words[0])
        if takes is None or len(words) != takes + 1:
            forms = "`0 low high`, `1 high`, `2 low`, `3` or `4 value`"
            raise lines.broken(f"the bounds of {kind} {number} are {forms}, not {quoted(' '.join(words))}")
        values = [lines.number(word, f"a bound of {kind} {number}") for word in words[1:]]
        if any(v != v for v in values):
            raise lines.broken(f"a bound of {kind} {number} is nan")
        low = values[0] if takes and words[0] != "1" else -INF
        high = values[-1] if takes and words[0] != "2" else INF
        if not low <= high:
            raise lines.broken(f"no number is between the bounds {low:g} and {high:g} of {kind} {number}")
        return low, high

    def _columns(self, rest: str, words: list[str]) -> None:
        """The counts of nonzeros in columns, which follow from the rows."""
        count = self._number(rest, "columns", max(self.model.variables, 1), words, 0)
        self._once("k")
        for _ in range(count):
            words = self.lines.expect("a number of nonzeros")
            self.lines.whole(words[0], "a number of nonzeros")

    def _suffix(self, rest: str, words: list[str]) -> None:
        lines = self.lines
        if len(words) != 2:
            raise lines.broken("a segment of a suffix is `S`, its kind, how many values follow, and its name")
        kind = lines.whole(rest, "the kind of a suffix", 8)
        most = (self.model.variables, len(self.model.constraints), len(self.model.objectives), 1)[kind & 3]
        count = lines.whole(words[0], f"the number of values of the suffix {quoted(words[1])}", most + 1)
        name = words[1]
        values = self._linear(count, f"the suffix {quoted(name)}", most)
        self.model.suffixes.append(NlSuffix(name, _KINDS[kind & 3], values))
        self._left_out(f"the suffix {quoted(name)} of {_KINDS[kind & 3]}", warns=name.startswith("sos"))

    def _imported(self, rest: str, words: list[str]) -> None:
        name = words[-1] if words else rest
        raise self.lines.refused(f"the imported function {quoted(name)}", "a function of another library has no "
                                 "counterpart")  # fmt: skip

    def _logical(self, rest: str, words: list[str]) -> None:
        raise self.lines.refused(f"the logical constraint `L{rest}`", "it has no counterpart")

    # Checks

    def _number(self, rest: str, kind: str, most: int, words: list[str], takes: int) -> int:
        if len(words) < takes:
            raise self.lines.broken(f"{quoted(self.lines.words[0])} has {takes} numbers behind it, not {len(words)}")
        return self.lines.whole(rest, f"the number of {kind} in {quoted(self.lines.words[0])}", most)

    def _alone(self, letter: str, rest: str, words: list[str]) -> None:
        if rest or words:
            raise self.lines.broken(f"the segment `{letter}` is that letter alone on its line")
        self._once(letter)

    def _once(self, segment: str) -> None:
        if segment in self._read:
            raise self.lines.broken(f"the segment `{segment}` is there twice")
        self._read.add(segment)

    def _left_out(self, part: str, warns: bool = False) -> None:
        help = "it makes a set of variables special: the model has a part that is lost" if warns else ""
        self.model.notes.append(Diagnostic("W918", "warning" if warns else "note", f"{part}: left out",
                                           self.lines.span, help=help, source=self.source))  # fmt: skip

    def _check_whole(self) -> None:
        """Raise where a part is missing that the header announces."""
        model = self.model
        wanted = [(f"O{k}", o.nonlinear) for k, o in enumerate(model.objectives)]
        wanted += [(f"C{k}", c.nonlinear) for k, c in enumerate(model.constraints)]
        missing = [name for name, term in wanted if term is None]
        if len(model.bounds) < model.variables:
            missing.append("b")
        if len(model.ranges) < len(model.constraints):
            missing.append("r")
        help = "the file is cut off, or its header is of another model: write the model again"
        if missing:
            more = f", nor {len(missing) - 1} others" if len(missing) > 1 else ""
            raise self.lines.broken(f"the file ends, and it has no segment `{missing[0]}`{more}", help)
        if len(model.defined) < model.commons:
            raise self.lines.broken(
                f"the file ends with {len(model.defined)} of {model.commons} defined variables", help
            )
        for rows, count, kind in ((model.constraints, model.nonzeros[0], "the Jacobian"),
                                  (model.objectives, model.nonzeros[1], "the gradients of objectives")):  # fmt: skip
            found = sum(len(row.linear) for row in rows)
            if found != count:
                raise self.lines.broken(f"the file ends with {found} of {count} nonzeros of {kind}", help)


_SEGMENTS = {
    "C": NlReader._constraint, "O": NlReader._objective, "V": NlReader._defined_variable, "J": NlReader._jacobian,
    "G": NlReader._gradient, "x": NlReader._start, "d": NlReader._dual_start, "r": NlReader._ranges,
    "b": NlReader._bounds, "k": NlReader._columns, "K": NlReader._columns, "S": NlReader._suffix,
    "F": NlReader._imported, "L": NlReader._logical,
}  # fmt: skip
