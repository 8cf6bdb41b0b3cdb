"""Taylor series of a list along a line: a sweep whose values are truncated power series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..ground.errors import DerivativeError
from ..ground.limits import checking_clock
from ..lists.wengert_list import Atom, Equation, WengertList
from ..ops import ZEROS
from .interpretation import Interpretation
from .masks import masked_by
from .rules import Rules, rules_for
from .taylor_numbers import DEEP, Series, TaylorArithmetic, first_of
from .ties import Ties

# The coefficients of an output, from the lowest up; None where one is absent.
Terms = list[Any]


def taylor_sweep(
    wlist: WengertList, tape: Mapping[str, Any], directions: Mapping[str, Any], order: int, base: Interpretation,
    rules: Rules | None = None,
) -> list[Terms]:  # fmt: skip
    """Coefficients 0 … order of every output along x + t*direction: the k-th is the k-th derivative in t over k!.

    An absent coefficient is 0, in the shape of the value; see `taylor_terms`.
    """
    return filled(taylor_terms(wlist, tape, directions, order, base, rules), base)


def filled(answers: list[Terms], base: Interpretation) -> list[Terms]:
    """The coefficients, with zeros for absent ones."""
    found = []
    for terms in answers:
        zero: Any = base(ZEROS, terms[0]) if base.shaped and any(c is None for c in terms) else 0.0
        found.append([zero if c is None else c for c in terms])
    return found


def taylor_terms(
    wlist: WengertList, tape: Mapping[str, Any], directions: Mapping[str, Any], order: int, base: Interpretation,
    rules: Rules | None = None,
) -> list[Terms]:  # fmt: skip
    """Like `taylor_sweep`, with None for an absent coefficient. A coefficient is nan if an earlier one is."""
    answers = unmasked_terms(wlist, tape, directions, order, base, rules)
    for terms in checking_clock(answers):
        before = terms[0]
        for k, c in enumerate(terms[1:], 1):
            # Each is the derivative of the previous one, up to a factor.
            if c is not None:
                before = terms[k] = masked_by(before, c, base)
    return answers


def unmasked_terms(
    wlist: WengertList, tape: Mapping[str, Any], directions: Mapping[str, Any], order: int, base: Interpretation,
    rules: Rules | None = None,
) -> list[Terms]:  # fmt: skip
    """Like `taylor_terms`, with every coefficient as the rules give it.

    `tape` maps names that the list does not define to values under `base`, `directions` maps names to their directions.
    Raises DerivativeError, at the place in the text, for an op that has no rule for an argument that moves.
    """
    sweep = _TaylorSweep(wlist, tape, directions, base, rules or rules_for(wlist.ops))
    try:
        sweep.run(order)
    except DerivativeError as problem:
        place = next((n for n, e in enumerate(wlist.equations) if e.output == sweep.output), 0)
        raise problem.at(wlist.provenance.span(place), wlist.provenance.source) from None
    return [sweep.terms(a, order) for a in checking_clock(wlist.outputs)]


class _TaylorSweep:
    """A sweep over series. `output` is the name whose series is being computed."""

    def __init__(
        self, wlist: WengertList, tape: Mapping[str, Any], directions: Mapping[str, Any], base: Interpretation,
        rules: Rules,
    ) -> None:  # fmt: skip
        self.wlist, self.tape, self.directions, self.base, self.rules = wlist, tape, directions, base, rules
        self.arithmetic, kind = TaylorArithmetic(base, rules), Series
        if base.shaped:
            from .taylor_arrays import ArraySeries, ArrayTaylor  # numbers do not need it

            self.arithmetic, kind = ArrayTaylor(base, rules), ArraySeries
        self.series: dict[str, Any] = {name: kind([tape[name], move]) for name, move in directions.items()}
        self.ties = Ties(wlist, _Values(self.operand), base, rules, directions)
        self.output = ""

    def operand(self, a: Atom) -> Any:
        """The series or the value of an atom."""
        series = self.series
        return a if type(a) is float else series[a] if a in series else self.tape[a]  # type: ignore[index]

    def run(self, order: int) -> None:
        """Make the series of all names, and their coefficients up to an order."""
        arithmetic, series = self.arithmetic, self.series
        made: dict[str, list[Series]] = {}
        for equation in checking_clock(self.wlist.equations):
            self.output = equation[0]
            if self.output not in self.directions:
                made[self.output] = arithmetic.made = []
                series[self.output] = self._value(equation)
        turns = list(made.items())
        for k in range(min(order, 2), order + 1):
            # Equation by equation, so that every coefficient finds those that it needs, and the demand never runs deep.
            for self.output, known in checking_clock(turns):
                arithmetic.made = known
                if len(known) > DEEP:
                    arithmetic.bring_forward()
                arithmetic.coefficient(series[self.output], k)

    def _value(self, equation: Equation) -> Any:
        _, op, inputs = equation
        args = tuple(map(self.operand, inputs))
        row = self.rules.table.get(op)
        if row is not None and row.shares and any(isinstance(a, Series) for a in args[1:]):
            firsts = tuple(map(first_of, args))
            settled, given = self.ties.settled(equation, row, firsts)
            if given is not firsts:
                return self.arithmetic.settled(settled, self.base(op, *firsts), args, given)
        return self.arithmetic(op, *args)

    def terms(self, a: Atom, order: int) -> Terms:
        """The coefficients of an atom."""
        s = self.operand(a)
        return [self.arithmetic.coefficient(s, k) for k in range(order + 1)]


class _Values(dict[str, Any]):
    """The values of names: the first coefficients of their series."""

    def __init__(self, operand: Callable[[Any], Any]) -> None:
        super().__init__()
        self.operand = operand

    def __missing__(self, name: str) -> Any:
        return first_of(self.operand(name))
