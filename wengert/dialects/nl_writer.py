"""A model of an .nl file as a program: its variables are inputs, its objectives and constraints outputs. Lines that
begin with `#:` hold the rest: the objective's sense, the bounds, the integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..ground.errors import Diagnostic, ParseError, Source, Span, error
from ..ground.limits import Limits, check_clock
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .nl_lines import number_text
from .nl_model import INF, NlBody, NlModel, NlReader
from .nl_names import Counts, ModelNames, NameFiles, named
from .terms import SUM, Reference, Term, laid_out

_WIDTH = 100


class NlProgram(NamedTuple):
    """The program of a model, the names of its inputs, and receipts for all that changed on the way."""

    text: str
    inputs: list[str]
    receipts: list[Diagnostic]


def read_nl(source: Source, limits: Limits, files: NameFiles) -> NlProgram:
    """The program of an .nl file. Raises ParseError at the line that cannot be read, LimitError for a large model."""
    reader = NlReader(source, limits)
    model = reader.read()
    if not model.objectives and not model.constraints:
        raise error(
            ParseError, "W916", "the model has neither an objective nor a constraint", Span(0, 1), source=source
        )
    names = named(Counts(model.variables, len(model.objectives), len(model.constraints), tuple(model.defined)), files,
                  source)  # fmt: skip
    start = _start(model)
    receipts = [*names.receipts, *model.notes, *start.receipts(source, names)]
    if model.integers:
        one = len(model.integers) == 1
        listed = ", ".join(quoted(names.variables[k]) for k in model.integers[:6])
        more = f" and {len(model.integers) - 6:,} others" if len(model.integers) > 6 else ""
        verb, kind = ("is an integer", "a real number") if one else ("are integers", "real numbers")
        says = f"{listed}{more} {verb} in the problem, and {kind} here"
        receipts.append(Diagnostic("W919", "warning", says, Span(0, 1), source=source))
    lines = [*_head(model, names, start.values), *reader.expressions.definitions]
    lines += _statements(model, names)
    lines += _wrapped("output ", [*names.objectives, *names.constraints])
    lines += _problem(model, names)
    return NlProgram("\n".join(lines) + "\n", names.variables, receipts)


class _Start(NamedTuple):
    """Start values, and the variables without one whose bounds leave out 0."""

    values: list[float]
    moved: list[int]

    def receipts(self, source: Source, names: ModelNames) -> Iterator[Diagnostic]:
        if self.moved:
            listed = ", ".join(f"{quoted(names.variables[k])} = {self.values[k]:g}" for k in self.moved[:6])
            more = f" and {len(self.moved) - 6:,} others" if len(self.moved) > 6 else ""
            message = f"variables without a start value begin at the bound next to 0: {listed}{more}"
            yield Diagnostic("W918", "note", message, Span(0, 1), source=source)


def _start(model: NlModel) -> _Start:
    values, moved = [], []
    for k, (low, high) in enumerate(model.bounds):
        given = model.start.get(k)
        # Solvers start at 0 if the file gives no start, or at the bound nearest to 0.
        values.append(min(max(0.0, low), high) if given is None else given)
        if given is None and values[-1]:
            moved.append(k)
    return _Start(values, moved)


def _head(model: NlModel, names: ModelNames, start: list[float]) -> Iterator[str]:
    counts = (model.variables, len(model.constraints), len(model.objectives))
    told = ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in zip(counts, ("variable", "constraint", "objective")))
    yield f"# {model.title or 'a model'}: {told}"
    yield from _wrapped("input ", [f"{n} = {number_text(v)}" for n, v in zip(names.variables, start)])


def _wrapped(word: str, items: Iterable[str]) -> Iterator[str]:
    """Lines that begin with a word, of items with commas between them."""
    parts = list(items)
    if word.strip() == "output":  # one statement for all
        if parts:
            yield f"{word}{', '.join(parts)}"
        return
    line = ""
    for part in parts:
        if line and len(line) + len(part) > _WIDTH:
            yield line
            line = ""
        line += f", {part}" if line else f"{word}{part}"
    if line:
        yield line


def _statements(model: NlModel, names: ModelNames) -> Iterator[str]:
    """An equation for each defined variable, objective and constraint."""
    variables = [*names.variables]

    def spelling(use: Reference) -> str:
        number = int(use.name[1:])
        return variables[number] if number < len(variables) else names.defined[number]

    parts = [(names.defined[k], body) for k, body in model.defined.items()]
    parts += [*zip(names.objectives, model.objectives), *zip(names.constraints, model.constraints)]
    for name, body in parts:
        check_clock()
        yield f"{name} = {''.join(laid_out(_whole(body, variables), spelling))}"


def _whole(body: NlBody, variables: list[str]) -> object:
    """The pieces of an expression: its nonlinear part, then its linear terms without those that are 0."""
    term = body.nonlinear or Term("0", SUM, Span(0, 1))
    linear = [(value, variables[k]) for k, value in body.linear.items() if value]
    if not linear:
        return term.pieces
    pieces: list[object] = []
    if term.pieces not in ("0", "-0"):
        pieces.append(term.pieces if term.level >= SUM else ("(", term.pieces, ")"))
    for value, name in linear:
        size = abs(value)
        factor = "" if size == 1 else f"{number_text(size)}*"
        sign = (" - " if value < 0 else " + ") if pieces else ("-" if value < 0 else "")
        pieces.append(f"{sign}{factor}{name}")
    return tuple(pieces)


def _problem(model: NlModel, names: ModelNames) -> Iterator[str]:
    """The lines that hold the rest of the model, which `minimize` reads."""
    for name, rises in zip(names.objectives, model.senses):
        yield f"#: {'maximize' if rises else 'minimize'} {name}"
    for name, (low, high) in zip(names.constraints, model.ranges):
        if low == high:
            yield f"#: subject-to {name} = {number_text(low)}"
        elif low > -INF and high < INF:
            yield f"#: subject-to {number_text(low)} <= {name} <= {number_text(high)}"
        elif low > -INF or high < INF:
            yield f"#: subject-to {name} {'>=' if low > -INF else '<='} {number_text(low if low > -INF else high)}"
        else:
            yield f"#: subject-to {name}"
    for name, (low, high) in zip(names.variables, model.bounds):
        if low > -INF or high < INF:
            sides = (number_text(low) if low > -INF else "", number_text(high) if high < INF else "")
            yield f"#: bounds {name}={sides[0]}:{sides[1]}"
    yield from _wrapped("#: integer ", [names.variables[k] for k in model.integers])
