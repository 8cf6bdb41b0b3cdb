"""Algebra for reading: products and sums are collected, `6*x*sin(y)` where the chain rule wrote `sin(y)*3*(2*x)`.

Values change only by rounding. Nothing is multiplied out.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from ...ground.limits import UNTRUSTED, Limits, checking_clock
from ...ground.names import is_temporary
from ...language import parse
from ...lists.wengert_list import Atom, Equation, WengertList, names_of, table_of
from ...ops import ADD, AND, CONSTANTS, COPY, INFIX, MUL, NEG, OPS, PREFIX, WHERE, Op
from ..builder import Builder
from ..identities import restated
from .constants import fraction_of, is_ratio, is_simple, spelling
from .generic import Different, largest_of
from .quotients import Factors, Sum, distributed, over_common, sum_of
from .style import Style, style_of

_MINUS, _OVER, _POWER, _NOT = INFIX["-"], INFIX["/"], INFIX["^"], PREFIX["not"]
_ABOVE, _BELOW = INFIX[">"], INFIX["<"]
# Longer sums and products are cut into pieces, so that the work stays linear. Larger exponents and numbers of more
# digits are left alone.
_MOST, _EXPONENT, _DIGITS = 24, 99, 10**18

# The order of factors, as in `2*pi*x*sin(x)`.
_CONSTANT, _NAME, _EXPRESSION = range(3)

_ONE = Fraction(1)


def gathered(
    wlist: WengertList, style: Style | None = None, limits: Limits = UNTRUSTED
) -> tuple[WengertList, list[Different]]:
    """The list, rewritten with its products and sums collected. Names that a person chose keep their equations.

    `style` is the style of the program, by default of the list itself. Also returns the atoms that were assumed to
    differ.
    """
    algebra = _Algebra(wlist, style or style_of(wlist), limits)
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

    def __init__(self, wlist: WengertList, style: Style, limits: Limits) -> None:
        self.wlist, self.table, self.style = wlist, table_of(wlist.ops), style
        self.expanded: dict[Atom, Sum] = {}
        self.build = Builder(rewrites=(restated,), limits=limits, taken=names_of(wlist))
        self.forms: dict[str, Sum] = {}
        self.rank: dict[Atom, tuple[int, int]] = {}
        self.truths: set[Atom] = set()
        self.opaque: set[Atom] = set()
        self.switches: dict[Atom, Atom] = {}
        self.taken_sides: dict[Atom, None] = {}
        self.negations: dict[Atom, Atom] = {}
        self.implied: dict[Atom, tuple[Atom, ...]] = {}
        self.orders: dict[Atom, tuple[Atom, Atom]] = {}
        self.either: dict[Atom, tuple[Atom, Atom, bool]] = {}
        self.branches: dict[Atom, tuple[Atom, Sum, Sum]] = {}

    def written(self) -> WengertList:
        """The new list."""
        origins = self.wlist.provenance.origins
        for name in self.style.order:
            if name in self.wlist.inputs:
                self._alone(name, _NAME)
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
                    self.opaque.add(a)
                if _is_switch(self.table[op]):
                    self.switches[a] = atoms[0]
                if op == _NOT:
                    self.negations[a] = atoms[0]
                self._learn(a, op, atoms)
                found = self._alone(a)
            if output not in origins and not is_temporary(output) and output not in self.style.rebound:
                self.build.write(Equation(output, COPY, (self.atom(found),)))
                found = self._alone(output, _NAME)
            self.forms[output] = found
        return self.build.finish(self.wlist, self.wlist.inputs, [self._result(a) for a in self.wlist.outputs])

    def _result(self, a: Atom) -> Atom:
        """An output. A reverse sweep adds the last terms of a sum first; for the reader, choices come last."""
        s = self._form(a)
        if len(s) == 2 and () in s:
            return self.atom(s)
        terms = [*reversed(s.items())]
        terms.sort(key=lambda t: any(x in self.branches for x, _ in t[0]))
        return self.atom(dict(terms))

    def _learn(self, a: Atom, op: str, atoms: list[Atom]) -> None:
        """Record the truths that a conjunction implies, and the two atoms between which a maximum or a minimum
        chooses."""
        if op == AND:
            implied = [t for x in atoms for t in self.implied.get(x, (x,))]
            self.implied[a] = tuple(implied[:_MOST])
        elif op in (_ABOVE, _BELOW):
            greater, less = atoms if op == _ABOVE else reversed(atoms)
            self.orders[a] = greater, less
        elif len(atoms) == 2 and (largest := largest_of(self.table[op])) is not None:
            self.either[a] = atoms[0], atoms[1], largest

    def _alone(self, a: Atom, kind: int = _EXPRESSION) -> Sum:
        if isinstance(a, float):
            return self._form(a)
        self.rank.setdefault(a, (kind, len(self.rank)))
        return {((a, _ONE),): _ONE}

    def _form(self, a: Atom) -> Sum:
        if isinstance(a, str):
            # A form without terms is zero; it is not missing.
            found = self.forms.get(a)
            return self._alone(a, _CONSTANT) if found is None else found
        if a == 0.0:
            return {}
        if 1e-9 < abs(a) < 1e15:
            return {(): fraction_of(a)}
        self.rank.setdefault(a, (_CONSTANT, -1))
        return {((a, _ONE),): _ONE}

    # Forms

    def _combined(self, op: str, args: list[Sum]) -> Sum | None:
        """The form of an equation, if it has one besides its own name."""
        if op == COPY:
            return args[0]
        if op == NEG:
            return _scaled(args[0], -_ONE)
        if op in (ADD, _MINUS):
            total = sum_of(args[0], args[1] if op == ADD else _scaled(args[1], -_ONE))
            return total if len(total) <= _MOST else None
        if op == MUL:
            return self._product(args[0], args[1], 1)
        if op == _OVER:
            return self._product(args[0], args[1], -1) if args[1] else None
        if op in _powers():
            return self._power(args[0], Fraction(_powers()[op]))
        if op == _POWER and set(args[1]) == {()}:
            return self._power(args[0], args[1][()])
        if op == WHERE and (not args[1] or not args[2]):
            return self._branch(*args)
        return None

    def _product(self, a: Sum, b: Sum, sign: int) -> Sum | None:
        if not a or not b:
            return {}
        (left, c), (right, d) = self._term(a), self._term(b)
        powers = dict(left)
        for x, n in right:
            power = powers.get(x, Fraction(0)) + sign * n
            # The root of a negative number is nan, but its square is not.
            if power.denominator == 1 < n.denominator:
                return None
            powers[x] = power
        if len(powers) > _MOST or any(abs(n) > _EXPONENT for n in powers.values()):
            return None
        if (number := _short(c * d if sign > 0 else c / d)) is None:
            return None
        factors = tuple(sorted(((x, n) for x, n in powers.items() if n), key=lambda f: self.rank[f[0]]))
        return {factors: number}

    def _power(self, a: Sum, n: Fraction) -> Sum | None:
        if not a or not 0 < abs(n) <= _EXPONENT or not is_simple(n):
            return None
        if n.denominator > 1:
            # The root of x^2 is no power of x: each root is an expression by itself.
            base = self.atom(a)
            if isinstance(base, float):
                return None
            self._alone(base)
            return {((base, n),): _ONE}
        factors, c = self._term(a)
        number = _short(c ** int(n))
        if number is None or any(abs(n * m) > _EXPONENT or m.denominator > (n * m).denominator for _, m in factors):
            return None
        return {tuple((x, n * m) for x, m in factors): number}

    def _term(self, a: Sum) -> tuple[Factors, Fraction]:
        """The one term of a sum; if there are several, the sum itself as a factor."""
        if (quotient := self._quotient(a)) is not None and len(quotient[0]) == 1:
            ((factors, c),) = quotient[0].items()
            powers = [*factors, *((x, -n) for x, n in quotient[1])]
            return tuple(sorted(powers, key=lambda f: self.rank[f[0]])), c
        if len(a) > 1:
            written = self.atom(a)
            self.expanded.setdefault(written, a)
            a = self._alone(written)
        return next(iter(a.items()))

    def _quotient(self, s: Sum) -> tuple[Sum, Factors] | None:
        """A sum of several terms over one denominator."""
        return over_common(s, self.expanded, self.opaque, self.rank) if len(s) > 1 else None

    def _branch(self, condition: Sum, yes: Sum, no: Sum) -> Sum:
        """A choice with nothing on one side: inside, the condition need not be stated again."""
        c = self.atom(condition)
        if c in self.negations:
            c, yes, no = self.negations[c], no, yes
        if c in self.switches and not no and [*yes] == [((c, _ONE),)]:
            return yes
        yes, no = self._given(c, True, yes), self._given(c, False, no)
        a: Atom = self.build(WHERE, c, self.atom(yes), self.atom(no))
        self.branches[a] = c, yes, no
        self.opaque.add(a)
        return self._alone(a)

    def _given(self, c: Atom, holds: bool, s: Sum) -> Sum:
        """A form, given that a condition holds or does not."""
        if len(s) != 1:
            return s
        ((factors, coefficient),) = s.items()
        implied = (c, *self.implied.get(c, ())) if holds else ()
        order = self.orders.get(c, ())
        found: Sum = {(): coefficient}
        for x, n in factors:
            if x in self.switches and x == c and holds:
                self.taken_sides[x] = None
                continue
            if x in self.truths and (x in implied or self.negations.get(x) == c and not holds):
                continue
            inside, two = self.branches.get(x), self.either.get(x)
            factor: Sum = {((x, n),): _ONE}
            if inside is not None and inside[0] == c and n == 1:
                factor = inside[1] if holds else inside[2]
            elif two is not None and {*two[:2]} == {*order}:
                factor = self._power(self._form(order[two[2] != holds]), n) or factor
            product = self._product(found, factor, 1)
            if product is None:
                return s
            found = product
        return found

    # Writing

    def atom(self, s: Sum) -> Atom:
        """Write a form, and return its atom."""
        s = self._merged_choices(s)
        s = distributed(s, self.expanded, self.rank) or s
        if (quotient := self._quotient(s)) is not None:
            above, below = quotient
            sign = -_ONE if all(c < 0 for c in above.values()) else _ONE
            over = self._times([self.atom(_scaled(above, sign))], sign < 0)
            result: Atom = self.build(_OVER, over, self._times([self._raised(*f) for f in below]))
            return result
        terms = list(s.items())
        if not terms:
            return 0.0
        first = next((k for k, (_, c) in enumerate(terms) if c > 0), 0)
        terms.insert(0, terms.pop(first))
        (factors, c), *rest = terms
        result = self._written(factors, c)
        for factors, c in rest:
            result = self.build(ADD if c > 0 else _MINUS, result, self._written(factors, abs(c)))
        return result

    def _merged_choices(self, s: Sum) -> Sum:
        """The terms of a sum that choose by the same condition, as one choice."""
        chosen: dict[Atom, dict[Factors, tuple[Sum, Sum]]] = {}
        for factors, c in s.items():
            for condition, sides in self._choice(factors, c):
                chosen.setdefault(condition, {})[factors] = sides
        for condition, group in chosen.items():
            alone = any(len(f) == 1 for f in group)
            if not alone or len(group) < 2 and next(iter(group))[0][0] in self.branches:
                continue
            yes: Sum = {}
            no: Sum = {}
            for more in group.values():
                yes, no = sum_of(yes, more[0]), sum_of(no, more[1])
            s = {f: c for f, c in s.items() if f not in group}
            s = sum_of(s, self._alone(self.build(WHERE, condition, self.atom(yes), self.atom(no))))
        return s

    def _choice(self, factors: Factors, c: Fraction) -> Iterator[tuple[Atom, tuple[Sum, Sum]]]:
        """The condition by which a term chooses, and the term where it holds and where it does not."""
        for k, (x, n) in enumerate(factors):
            if x in self.branches and len(factors) == 1 and n == 1:
                condition, yes, no = self.branches[x]
                yield condition, (_scaled(yes, c), _scaled(no, c))
            elif x in self.truths and n == 1 and not any(f in self.truths for f, _ in factors[k + 1 :]):
                rest: Sum = {factors[:k] + factors[k + 1 :]: c}
                yield (x, (rest, {})) if x not in self.negations else (self.negations[x], ({}, rest))

    def _written(self, factors: Factors, c: Fraction) -> Atom:
        """Write a term: numbers first, and factors of a negative power below."""
        above, below = [x for x in factors if x[1] > 0], [(x, -n) for x, n in factors if n < 0]
        top, bottom = self._number(abs(c))
        if not top and not above:
            top = [1.0]
        negative = c < 0
        if negative and top and isinstance(top[0], float):
            top[0], negative = -top[0], False
        over = self._times([*top, *(self._raised(*f) for f in above)], negative)
        under = [*bottom, *(self._raised(*f) for f in below)]
        if not under:
            return over
        quotient: Atom = self.build(_OVER, over, self._times(under))
        return quotient

    def _number(self, c: Fraction) -> tuple[list[Atom], list[Atom]]:
        """The factors above and below that write a number over 0."""
        decimal = Fraction(repr(float(c))) == c
        if c.denominator == 1 or decimal and len(repr(float(c))) <= 8 and not (is_ratio(c) and not self.style.decimals):
            return [float(c)] * (c != 1), []
        if is_ratio(c):
            return [float(c.numerator)] * (c.numerator != 1), [float(c.denominator)]
        if decimal and is_simple(c):
            return [float(c)], []
        named = spelling(float(c))
        if named is None or not names_of(self.wlist).isdisjoint(CONSTANTS):
            return [float(c)], []
        above, below = self._number(named.times)
        return [*above, *map(self._constant, named.above)], [*below, *map(self._constant, named.below)]

    def _constant(self, text: str) -> Atom:
        """An expression without inputs."""
        wlist = parse(text).wlist
        values: dict[str, Atom] = {}
        for output, op, inputs in wlist.equations:
            values[output] = self.build(op, *(values.get(a, a) if isinstance(a, str) else a for a in inputs))
        (a,) = wlist.outputs
        return values.get(a, a) if isinstance(a, str) else a

    def _raised(self, a: Atom, n: Fraction) -> Atom:
        if n == 1:
            return a
        above, below = self._number(n)
        exponent = above[0] if above else 1.0
        raised: Atom = self.build(_POWER, a, self.build(_OVER, exponent, below[0]) if below else exponent)
        return raised

    def _times(self, atoms: list[Atom], negative: bool = False) -> Atom:
        product = self.build(NEG, atoms[0]) if negative else atoms[0]
        for a in atoms[1:]:
            product = self.build(MUL, product, a)
        return product


def _short(c: Fraction) -> Fraction | None:
    if abs(c.numerator) < _DIGITS and c.denominator < _DIGITS:
        return c
    return fraction_of(float(c)) if 1e-9 < abs(c) < 1e15 else None


def _scaled(s: Sum, by: Fraction) -> Sum:
    return {f: c * by for f, c in s.items()}
