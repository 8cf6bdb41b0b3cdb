"""Algebra for reading: a list whose products and sums are gathered, `6*x*sin(y)` where the chain rule wrote
`sin(y)*3*(2*x)`.

The values stay the same but for rounding. Nothing is multiplied out.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from ...ground.limits import UNTRUSTED, Limits, checking_clock
from ...language import parse
from ...lists.wengert_list import Atom, Equation, WengertList, names_of, table_of
from ...ops import ADD, COPY, INFIX, MUL, NEG, OPS, PREFIX, WHERE, Op
from ..builder import Builder
from ..identities import tidy
from .generic import Different

_MINUS, _OVER, _POWER, _NOT = INFIX["-"], INFIX["/"], INFIX["^"], PREFIX["not"]
# Longer sums and products are cut into pieces, so that the work stays linear; larger exponents and numbers of more
# digits are left alone.
_MOST, _EXPONENT, _DIGITS = 24, 99, 10**18

# The order of factors: `2*pi*x*sin(x)`.
_CONSTANT, _NAME, _EXPRESSION = range(3)

Factors = tuple[tuple[Atom, int], ...]
Sum = dict[Factors, Fraction]
_ONE = Fraction(1)


def gathered(wlist: WengertList, limits: Limits = UNTRUSTED) -> tuple[WengertList, list[Different]]:
    """The list, written anew with its products and sums gathered. Names that a person chose keep their equations.

    Also atoms of it that were taken to be different from each other.
    """
    algebra = _Algebra(wlist, limits)
    return algebra.written(), [(algebra.switches[c], 0.0) for c in algebra.taken_sides]


@cache
def _powers() -> dict[str, int]:
    """Ops that are a power by another name, with the exponent."""
    found = {}
    for row in tuple(OPS.values()):
        for text in row.rewrites.cheaper:
            for e in parse(text).wlist.equations:
                if e.op == _POWER and isinstance(e.inputs[1], float):
                    found[row.name] = int(e.inputs[1])
    return found


@cache
def _is_switch(row: Op) -> bool:
    """Whether an op is 0 on one side of 0 and 1 on the other."""
    if row.boolean or row.params != "a" or row.partials != (None,) or not callable(row.forward):
        return False
    below, above = ({row.forward(sign * a) for a in (0.5, 1.5, 3.0)} for sign in (-1.0, 1.0))
    return (below, above) in (({0.0}, {1.0}), ({1.0}, {0.0}))


class _Algebra:
    """Forms of the names of a list, and the equations written so far."""

    def __init__(self, wlist: WengertList, limits: Limits) -> None:
        self.wlist, self.table = wlist, table_of(wlist.ops)
        self.build = Builder(rewrites=(tidy,), limits=limits, taken=names_of(wlist))
        self.forms: dict[str, Sum] = {}
        self.rank: dict[Atom, tuple[int, int]] = {}
        self.truths: set[Atom] = set()
        self.switches: dict[Atom, Atom] = {}
        self.taken_sides: dict[Atom, None] = {}
        self.negations: dict[Atom, Atom] = {}
        self.branches: dict[Atom, tuple[Atom, Sum, Sum]] = {}

    def written(self) -> WengertList:
        """The new list."""
        origins = self.wlist.provenance.origins
        for name in self.wlist.inputs:
            self.forms[name] = self._alone(name, _NAME)
        for output, op, inputs in checking_clock(self.wlist.equations):
            args = [self._form(a) for a in inputs]
            found = self._combined(op, args)
            if found is None:
                atoms = [self.atom(s) for s in args]
                a = self.build(op, *atoms)
                if self.table[op].boolean:
                    self.truths.add(a)
                if _is_switch(self.table[op]):
                    self.switches[a] = atoms[0]
                if op == _NOT:
                    self.negations[a] = atoms[0]
                found = self._alone(a)
            if output not in origins and not (output[:1] == "v" and output[1:].isdigit()):
                self.build.write(Equation(output, COPY, (self.atom(found),)))
                found = self._alone(output, _NAME)
            self.forms[output] = found
        return self.build.finish(self.wlist, self.wlist.inputs, [self.atom(self._form(a)) for a in self.wlist.outputs])

    def _alone(self, a: Atom, kind: int = _EXPRESSION) -> Sum:
        if isinstance(a, float):
            return self._form(a)
        self.rank.setdefault(a, (kind, len(self.rank)))
        return {((a, 1),): _ONE}

    def _form(self, a: Atom) -> Sum:
        if isinstance(a, str):
            # A form without terms is zero, and no missing one.
            found = self.forms.get(a)
            return self._alone(a, _CONSTANT) if found is None else found
        if a == 0.0:
            return {}
        if 1e-9 < abs(a) < 1e15:
            # As it is spelled: people multiply 0.1 by 3 to 0.3.
            return {(): Fraction(repr(a))}
        self.rank.setdefault(a, (_CONSTANT, -1))
        return {((a, 1),): _ONE}

    # Forms

    def _combined(self, op: str, args: list[Sum]) -> Sum | None:
        """The form of an equation, where it has one besides its own name."""
        if op == COPY:
            return args[0]
        if op == NEG:
            return _scaled(args[0], -_ONE)
        if op in (ADD, _MINUS):
            total = _sum(args[0], args[1] if op == ADD else _scaled(args[1], -_ONE))
            return total if len(total) <= _MOST else None
        if op == MUL:
            return self._product(args[0], args[1], 1)
        if op == _OVER:
            return self._product(args[0], args[1], -1) if args[1] else None
        if op in _powers():
            return self._power(args[0], _powers()[op])
        if op == _POWER and set(args[1]) == {()} and args[1][()].denominator == 1:
            return self._power(args[0], int(args[1][()]))
        if op == WHERE and (not args[1] or not args[2]):
            return self._branch(*args)
        return None

    def _product(self, a: Sum, b: Sum, sign: int) -> Sum | None:
        if not a or not b:
            return {}
        (left, c), (right, d) = self._term(a), self._term(b)
        powers = dict(left)
        for x, n in right:
            powers[x] = powers.get(x, 0) + sign * n
        if len(powers) > _MOST or any(abs(n) > _EXPONENT for n in powers.values()):
            return None
        if (number := _short(c * d if sign > 0 else c / d)) is None:
            return None
        factors = tuple(sorted(((x, n) for x, n in powers.items() if n), key=lambda f: self.rank[f[0]]))
        return {factors: number}

    def _power(self, a: Sum, n: int) -> Sum | None:
        if not a or not 0 < abs(n) <= _EXPONENT:
            return None
        factors, c = self._term(a)
        number = _short(c**n)
        if number is None or any(abs(n * m) > _EXPONENT for _, m in factors):
            return None
        return {tuple((x, n * m) for x, m in factors): number}

    def _term(self, a: Sum) -> tuple[Factors, Fraction]:
        """The one term of a sum; of several, the sum itself as a factor."""
        if len(a) > 1:
            a = self._alone(self.atom(a))
        return next(iter(a.items()))

    def _branch(self, condition: Sum, yes: Sum, no: Sum) -> Sum:
        """A choice with nothing on one side: the condition need not be stated again inside."""
        c = self.atom(condition)
        if c in self.negations:
            c, yes, no = self.negations[c], no, yes
        if c in self.switches and not no and [*yes] == [((c, 1),)]:
            return yes
        yes, no = self._given(c, True, yes), self._given(c, False, no)
        a: Atom = self.build(WHERE, c, self.atom(yes), self.atom(no))
        self.branches[a] = c, yes, no
        return self._alone(a)

    def _given(self, c: Atom, holds: bool, s: Sum) -> Sum:
        """A form where a condition is known to hold, or not to."""
        if len(s) != 1:
            return s
        ((factors, coefficient),) = s.items()
        found: Sum = {(): coefficient}
        for x, n in factors:
            if x in self.switches and x == c and holds:
                self.taken_sides[x] = None
                continue
            if x in self.truths and (x == c and holds or self.negations.get(x) == c and not holds):
                continue
            inside = self.branches.get(x)
            factor: Sum = {((x, n),): _ONE}
            if inside is not None and inside[0] == c and n == 1:
                factor = inside[1] if holds else inside[2]
            product = self._product(found, factor, 1)
            if product is None:
                return s
            found = product
        return found

    # Writing

    def atom(self, s: Sum) -> Atom:
        """Write a form; the atom that it is."""
        s = self._merged(s)
        terms = list(s.items())
        if not terms:
            return 0.0
        first = next((k for k, (_, c) in enumerate(terms) if c > 0), 0)
        terms.insert(0, terms.pop(first))
        (factors, c), *rest = terms
        if len(terms) == 1 and not factors:
            return float(c)
        result = self._written(factors, c)
        for factors, c in rest:
            result = self.build(ADD if c > 0 else _MINUS, result, self._written(factors, abs(c)))
        return result

    def _merged(self, s: Sum) -> Sum:
        """The terms of a sum that choose by the same condition, as one choice."""
        chosen: dict[Atom, list[tuple[Atom, Fraction]]] = {}
        for factors, c in s.items():
            if len(factors) == 1 and factors[0][1] == 1 and factors[0][0] in self.branches:
                chosen.setdefault(self.branches[factors[0][0]][0], []).append((factors[0][0], c))
        for condition, group in chosen.items():
            if len(group) < 2:
                continue
            sides: list[Sum] = [{}, {}]
            for x, c in group:
                s = {f: k for f, k in s.items() if f != ((x, 1),)}
                _, yes, no = self.branches[x]
                sides = [_sum(side, _scaled(more, c)) for side, more in zip(sides, (yes, no))]
            a = self.build(WHERE, condition, self.atom(sides[0]), self.atom(sides[1]))
            s = {**s, **self._alone(a)}
        return s

    def _written(self, factors: Factors, c: Fraction) -> Atom:
        """Write a term: numbers first, and factors of a negative power below."""
        above, below = [x for x in factors if x[1] > 0], [(x, -n) for x, n in factors if n < 0]
        n, d = c.numerator, c.denominator
        if d > 1 and Fraction(repr(float(c))) == c and len(repr(float(c))) <= 8:
            top, bottom = [float(c)], []
        else:
            top, bottom = [float(n)] * (abs(n) != 1 or not above), [float(d)] * (d != 1)
        over = self._times([*top, *(self._raised(*f) for f in above)], n == -1 and not top)
        under = [*bottom, *(self._raised(*f) for f in below)]
        if not under:
            return over
        quotient: Atom = self.build(_OVER, over, self._times(under))
        return quotient

    def _raised(self, a: Atom, n: int) -> Atom:
        return a if n == 1 else self.build(_POWER, a, float(n))

    def _times(self, atoms: list[Atom], negative: bool = False) -> Atom:
        product = self.build(NEG, atoms[0]) if negative else atoms[0]
        for a in atoms[1:]:
            product = self.build(MUL, product, a)
        return product


def _short(c: Fraction) -> Fraction | None:
    return c if abs(c.numerator) < _DIGITS and c.denominator < _DIGITS else None


def _sum(a: Sum, b: Sum) -> Sum:
    total = dict(a)
    for factors, c in b.items():
        total[factors] = total.get(factors, Fraction(0)) + c
    return {f: c for f, c in total.items() if c}


def _scaled(s: Sum, by: Fraction) -> Sum:
    return {f: c * by for f, c in s.items()}
