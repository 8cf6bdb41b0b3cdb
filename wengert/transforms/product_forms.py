"""Products and quotients in normal form.

The form of a value is a number times integer powers of other values. It looks into products, quotients, signs and
powers, and treats sums that are multiples of each other, such as `V + 40` and `-4 - V/10`, as one factor. Numbers count
as the decimals that they are written as.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom
from ..ops import ADD, CONSTANTS, COPY, INFIX, MUL, NEG, POWERS
from .builder import Builder

DIV, SUB, POW = INFIX["/"], INFIX["-"], INFIX["^"]
FOLLOWED = frozenset((MUL, DIV, NEG, POW, COPY, *POWERS))
# Values with more factors, terms, powers or digits than these are not analysed.
FACTORS, TERMS, POWER, LARGEST, DIGITS = 24, 12, 16, 64, 400
# At most this many equations are examined for one product; values beyond them are treated as atoms.
LOOKED = 64

Factors = tuple[tuple[int, int], ...]
Terms = tuple[tuple[Factors, Fraction], ...]


class ProductForm(NamedTuple):
    """A number times whole powers of values, which are known by numbers of their own."""

    number: Fraction
    factors: Factors


class ScaledAtom(NamedTuple):
    """A value that is no product: an atom that is a number times it, that number, and the equation that defines it.

    constant  whether no derivative goes through it
    """

    atom: Atom
    number: Fraction
    constant: bool
    op: str = ""
    args: tuple[Atom, ...] = ()
    terms: Terms = ()


class Forms:
    """The forms of values that a builder has written, computed on demand."""

    def __init__(self, build: Builder) -> None:
        self.build = build
        self.met: list[ScaledAtom] = []
        self.known: dict[object, int] = {}
        self.forms: dict[Atom, ProductForm | None] = {}

    def of(self, a: Atom) -> ProductForm:
        """The form of an atom, which may be the atom itself. At most `LOOKED` equations are followed."""
        left, looked = [a], 0
        while left:
            b = left[-1]
            e = None if b in self.forms or isinstance(b, float) else self.build.definition(b)
            if e is None:
                left.pop()
            elif looked < LOOKED and (more := [x for x in e.inputs if isinstance(x, str) and x not in self.forms]):
                looked += len(more)
                left += more
                # An input has no form yet if it is an input of the program, or is not examined.
                self.forms.update((x, self._itself(x)) for x in more if self.build.definition(x) is None)
            else:
                self.forms[left.pop()] = self._form(*e)
        return self._of(a) or self._itself(a)

    def number_of(self, name: str) -> int:
        """The number by which an input is known."""
        return self._meet(name, ScaledAtom(name, Fraction(1), name in CONSTANTS))

    def _itself(self, a: Atom) -> ProductForm:
        return ProductForm(Fraction(1), ((self._meet(a, ScaledAtom(a, Fraction(1), a in CONSTANTS)), 1),))

    def _of(self, a: Atom) -> ProductForm | None:
        if isinstance(a, float):
            return ProductForm(Fraction(repr(a)), ()) if a and math.isfinite(a) and 1e-99 < abs(a) < 1e99 else None
        if a not in self.forms:
            self.forms[a] = self._itself(a)
        return self.forms[a]

    def _meet(self, key: object, met: ScaledAtom) -> int:
        k = self.known.setdefault(key, len(self.met))
        if k == len(self.met):
            self.met.append(met)
        return k

    def _form(self, output: str, op: str, args: tuple[Atom, ...]) -> ProductForm:
        """The form of an equation's output."""
        inputs = [self._of(a) for a in args]
        found = self._product(op, args, [f for f in inputs if f is not None]) if None not in inputs else None
        if found is None and None not in inputs and op in (ADD, SUB):
            found = self._sum(output, op, [f for f in inputs if f is not None])
        if found is not None and _small(found):
            return found
        key = op, tuple(f or a for f, a in zip(inputs, args))
        return ProductForm(Fraction(1), ((self._meet(key, ScaledAtom(output, Fraction(1), False, op, args)), 1),))

    def _product(self, op: str, args: tuple[Atom, ...], inputs: list[ProductForm]) -> ProductForm | None:
        first = inputs[0] if inputs else ProductForm(Fraction(1), ())
        if op == MUL:
            return times(*inputs)
        if op == DIV:
            return times(first, power_of(inputs[1], -1))
        if op == NEG:
            return first._replace(number=-first.number)
        if op == COPY:
            return first
        if op in POWERS:
            return power_of(first, POWERS[op])
        n = args[1] if op == POW else None
        return power_of(first, int(n)) if isinstance(n, float) and n in range(-POWER, POWER + 1) and n else None

    def _sum(self, output: str, op: str, inputs: list[ProductForm]) -> ProductForm | None:
        """A sum of products as a multiple of a sum whose first coefficient is 1."""
        total: dict[Factors, Fraction] = {}
        for form, sign in zip(inputs, (1, 1 if op == ADD else -1)):
            for factors, number in self._terms(form):
                total[factors] = total.get(factors, Fraction(0)) + sign * number
        terms = {factors: number for factors, number in total.items() if number}
        names = sorted(filter(None, terms))
        if not names or len(terms) > TERMS or not all(map(short, terms.values())):
            return None
        if len(terms) == 1:
            return ProductForm(terms[names[0]], names[0])
        leading = terms[names[0]]
        scaled = tuple(sorted((factors, number / leading) for factors, number in terms.items()))
        return ProductForm(leading, ((self._meet(scaled, ScaledAtom(output, leading, False, terms=scaled)), 1),))

    def _terms(self, form: ProductForm) -> Iterable[tuple[Factors, Fraction]]:
        if len(form.factors) == 1 and form.factors[0][1] == 1 and (terms := self.met[form.factors[0][0]].terms):
            return ((factors, number * form.number) for factors, number in terms)
        return ((form.factors, form.number),)


def _small(form: ProductForm) -> bool:
    few = len(form.factors) <= FACTORS and short(form.number)
    return few and all(abs(power) <= LARGEST for _, power in form.factors)


def short(number: Fraction) -> bool:
    return max(number.numerator.bit_length(), number.denominator.bit_length()) < DIGITS


def times(*forms: ProductForm) -> ProductForm:
    """The product of forms."""
    number, powers = Fraction(1), dict[int, int]()
    for form in forms:
        number *= form.number
        for k, power in form.factors:
            powers[k] = powers.get(k, 0) + power
    return ProductForm(number, tuple(sorted((k, power) for k, power in powers.items() if power)))


def power_of(form: ProductForm, n: int) -> ProductForm:
    """An integer power of a form."""
    return ProductForm(form.number**n, tuple((k, power * n) for k, power in form.factors))


def raised(build: Builder, a: Atom, n: int) -> Atom:
    return a if n == 1 else build(POW, a, float(n))


def written(forms: Forms, form: ProductForm) -> Atom:
    """Write a form."""
    number, build = form.number, forms.build
    above: Atom | None = None
    below: list[Atom] = []
    for k, power in form.factors:
        met = forms.met[k]
        number /= met.number**power
        part = raised(build, met.atom, abs(power))
        if power < 0:
            below.append(part)
        else:
            above = part if above is None else build(MUL, above, part)
    if above is None:
        above = float(number)
    elif number == -1:
        above = build(NEG, above)
    elif number != 1:
        above = build(MUL, float(number), above)
    for a in below:
        above = build(DIV, above, a)
    return above
