"""The expressions of an .nl file: operators before their operands, an item on each line."""

from __future__ import annotations

from itertools import pairwise

from ..ground.errors import Span, WengertError
from ..ground.limits import Tally
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .nl_lines import NlLines, number_text
from .tables.nl import COUNT, FORMS, NUMBER_OF, PIECEWISE, REFUSED, NlForm
from .terms import ATOM, COMPARISON, SIGN, SUM, Reference, Term


class Slopes(NamedTuple):
    """The slopes of a piecewise linear term, and the places between them."""

    slopes: tuple[float, ...]
    places: tuple[float, ...]


class OpenOperator(NamedTuple):
    """An operator that waits for operands: its number, how many it takes, those that are there, and its place."""

    code: int
    takes: int
    operands: list[Term]
    span: Span
    linear: Slopes | None = None


class NlExpressions:
    """Reads expressions as terms, without recursion. Variables and defined variables are references `v0`, `v1`, …"""

    def __init__(self, lines: NlLines, variables: int, most: int) -> None:
        self._lines, self._variables, self._most = lines, variables, most
        self.defined: set[int] = set()
        self.definitions: dict[str, str] = {}
        self._tally = Tally(lines.limits, "equations", "the model has too many operations")

    def read(self, wanted: str) -> Term:
        """The expression on the next lines."""
        waiting: list[OpenOperator] = []
        while True:
            found = self._item(wanted, waiting)
            while found is not None:
                if not waiting:
                    return found
                top = waiting[-1]
                top.operands.append(found)
                found = None
                if len(top.operands) == top.takes:
                    found = self._built(waiting.pop())

    def _item(self, wanted: str, waiting: list[OpenOperator]) -> Term | None:
        """A line: a number or a variable as a term, or an operator, which waits."""
        lines = self._lines
        words = lines.expect(f"an operand of {wanted}" if waiting else wanted)
        kind, rest = words[0][:1], words[0][1:]
        if kind == "f":
            raise lines.refused("`f`", "a function of another library has no counterpart")
        if kind == "h":
            raise lines.refused("`h`", "texts have no counterpart")
        if len(words) > 1:
            raise lines.broken(f"an item of an expression stands alone on its line, without {quoted(words[1])}")
        if kind in ("n", "s", "l"):
            return self._number(lines.number(rest, "a number of an expression"))
        if kind == "v":
            return self._variable(lines.whole(rest, "the number of a variable", self._most))
        if kind != "o":
            items = "`n3`, `v0` or `o2`"
            help = "a segment begins before the expression is whole" if kind in "COVLJGSFrbkxd" else ""
            raise lines.broken(f"an item of an expression is {items}, not {quoted(words[0])}", help)
        self._tally.spend(1, lines.span)
        frame = self._frame(lines.whole(rest, "the number of an operator"))
        if frame.takes:
            waiting.append(frame)
            return None
        return self._built(frame)

    def _frame(self, code: int) -> OpenOperator:
        lines, place = self._lines, self._lines.span
        if code in REFUSED:
            name, why = REFUSED[code]
            raise lines.refused(f"operator {code}, `{name}`", why)
        if code == PIECEWISE:
            return self._piecewise(place)
        form = FORMS.get(code)
        if form is None and code not in (COUNT, NUMBER_OF):
            raise lines.refused(f"operator {code}", "the table of operators does not have it")
        if form is not None and not form.sign:
            return OpenOperator(code, len(form.operands), [], place)
        words = lines.expect("the number of operands")
        count = lines.whole(words[0], "the number of operands")
        least = 0 if form is not None and form.empty else 1
        if len(words) > 1 or count < least:
            raise lines.broken(f"operator {code} takes a number of operands from {least} on, not "
                               f"{quoted(' '.join(words))}")  # fmt: skip
        return OpenOperator(code, count, [], place)

    def _piecewise(self, place: Span) -> OpenOperator:
        lines = self._lines
        words = lines.expect("the number of slopes")
        count = lines.whole(words[0], "the number of slopes")
        if count < 1:
            raise lines.broken("a piecewise linear term has a slope at least")
        numbers: list[float] = []
        while len(numbers) < 2 * count - 1:
            word = lines.expect("a slope, or a place between slopes")[0]
            if word[:1] not in ("n", "s", "l"):
                raise lines.broken(f"a slope, or a place between slopes, is a number `n3`, not {quoted(word)}")
            numbers.append(lines.number(word[1:], "a slope, or a place between slopes,"))
        places = tuple(numbers[1::2])
        if any(not a <= b for a, b in pairwise(places)):
            raise lines.broken("the places between slopes ascend")
        return OpenOperator(PIECEWISE, 1, [], place, Slopes(tuple(numbers[::2]), places))

    # Terms

    def _number(self, value: float) -> Term:
        text = number_text(value)
        return Term(text, SIGN if text.startswith("-") else ATOM, self._lines.span)

    def _variable(self, number: int) -> Term:
        if number >= self._variables and number not in self.defined:
            raise self._lines.broken(f"`v{number}` is not defined before it is used")
        return Term(Reference(f"v{number}", self._lines.span, 0), ATOM, self._lines.span)

    def _built(self, frame: OpenOperator) -> Term:
        """The term of an operator with all its operands."""
        if frame.linear is not None:
            return self._lines_through(frame, frame.linear)
        if frame.code in (COUNT, NUMBER_OF):
            return self._counted(frame)
        form = FORMS[frame.code]
        if form.defines:
            self.definitions[form.defines] = form.defines
        if form.sign:
            return self._listed(form, frame.operands, frame.span)
        inside = [_at_level(term, level) for term, level in zip(frame.operands, form.operands)]
        pieces = tuple(inside[p] if isinstance(p, int) else p for p in form.pieces)
        return Term(pieces, form.level, frame.span, truth=form.truth)

    def _listed(self, form: NlForm, operands: list[Term], place: Span) -> Term:
        if not operands:
            return Term(form.empty, ATOM, place, truth=form.truth)
        if len(operands) == 1:
            term = operands[0]
            if term.truth or not form.truth:
                return term
            return Term((_at_level(term, SUM), " != 0"), COMPARISON, place, truth=True)
        first, later = form.operands[0], form.operands[-1]
        pieces: list[object] = [form.pieces[0]]
        for k, term in enumerate(operands):
            pieces += [form.sign * (k > 0), _at_level(term, later if k else first)]
        return Term((*pieces, form.pieces[1]), form.level, place, truth=form.truth)

    def _counted(self, frame: OpenOperator) -> Term:
        """How many operands hold, or equal the first one."""
        operands, sign = frame.operands, " != "
        against: object = "0"
        if frame.code == NUMBER_OF:
            first, *operands = operands
            if not isinstance(first.pieces, (str, Reference)):
                raise self._refused(frame, "its value is an expression, where a number or a variable can be read")
            against, sign = first.pieces, " == "
        terms = []
        for term in operands:
            holds = frame.code == COUNT and term.truth
            inside = (_at_level(term, 0),) if holds else (_at_level(term, COMPARISON + 1), sign, against)
            terms.append(Term(("(", *inside, ")"), ATOM, term.span))
        return self._listed(NlForm(("", ""), SUM, (SUM, SUM + 1), sign=" + ", empty="0"), terms, frame.span)

    def _lines_through(self, frame: OpenOperator, linear: Slopes) -> Term:
        """A piecewise linear term, 0 at 0, as its first slope and the turn at each place."""
        variable = frame.operands[0]
        if not isinstance(variable.pieces, Reference):
            raise self._refused(frame, "it is of a variable, and this is of another expression")
        pieces: list[object] = [_factor(linear.slopes[0]), variable.pieces]
        constant = 0.0
        for before, after, place in zip(linear.slopes, linear.slopes[1:], linear.places):
            turn = after - before
            constant -= turn * max(-place, 0.0)
            shift = f" - {number_text(place)}" if place >= 0 else f" + {number_text(-place)}"
            pieces += [" + ", _factor(turn), "max(", variable.pieces, shift, ", 0)"]
        if constant:
            pieces += [f" + {number_text(constant)}"]
        return Term(tuple(pieces), SUM, frame.span)

    def _refused(self, frame: OpenOperator, why: str) -> WengertError:
        problem = self._lines.refused(f"operator {frame.code}", why)
        problem.diagnostic = problem.diagnostic._replace(span=frame.span)
        return problem


def _factor(value: float) -> str:
    return f"{number_text(value)}*"


def _at_level(term: Term, level: int) -> object:
    return term.pieces if term.level >= level else ("(", term.pieces, ")")
