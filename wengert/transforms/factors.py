"""Products and quotients in normal form, and the patterns of the rows that replace some of their factors.

The form of a value is a number times whole powers of others: it looks through products, quotients, signs and powers,
and takes sums that are multiples of each other, `V + 40` and `-4 - V/10`, for one factor. Numbers are read as the
decimals that they are written as. In a pattern, `a` stands for a part of the product that goes into the argument of an
op as a factor, `V + 40` in `exp(-(V + 40)/10) - 1`, and `b` for all else of that argument; without a `b` only numbers
may be left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache, lru_cache

from ..ground.tuples import NamedTuple
from ..language import parse
from ..lists.wengert_list import Atom, WengertList
from ..ops import ADD, CONSTANTS, COPY, INFIX, MUL, NEG, POWERS
from .builder import Builder
from .patterns import Step

DIV, SUB, POW = INFIX["/"], INFIX["-"], INFIX["^"]
PRODUCTS = frozenset((MUL, DIV))
FOLLOWED = frozenset((MUL, DIV, NEG, POW, COPY, *POWERS))
# Values of more factors, terms, powers or digits than these are not looked into.
FACTORS, TERMS, POWER, LARGEST, DIGITS = 24, 12, 16, 64, 400
# At most this number of equations is looked at for one product; values beyond them are taken for themselves.
LOOKED = 64

Factors = tuple[tuple[int, int], ...]
Terms = tuple[tuple[Factors, Fraction], ...]


class ProductForm(NamedTuple):
    """A number times whole powers of values, which are known by numbers of their own."""

    number: Fraction
    factors: Factors


class AppliedFactor(NamedTuple):
    """A factor of a pattern: an op of one argument, whose form is a power of b times a, and the power it stands in."""

    op: str
    inner: int
    power: int


class FactorPattern(NamedTuple):
    """The factors to replace, the power of `a` among them, a list over a and b for their place, and the reason."""

    text: str
    applied: tuple[AppliedFactor, ...]
    alone: int
    right: WengertList
    reason: str

    @property
    def ops(self) -> frozenset[str]:
        """The ops of its factors."""
        return frozenset(a.op for a in self.applied)


@cache
def factor_pattern(text: str) -> FactorPattern:
    """Read `left -> right; reason`."""
    rule, _, reason = text.partition(";")
    left, _, right = rule.partition("->")
    lefts = parse(left).wlist
    forms = Forms(Builder(lefts))
    applied, alone = [], 0
    for k, power in forms.of(lefts.outputs[0]).factors:
        met = forms.met[k]
        if met.op:
            inner = dict(forms.of(met.args[0]).factors)
            applied.append(AppliedFactor(met.op, inner.get(forms.number_of("b"), 0), power))
        else:
            alone = power
    right_list = parse(right, inputs=lefts.inputs).wlist
    return FactorPattern(rule.strip(), tuple(applied), alone, right_list, reason.strip())


class Met(NamedTuple):
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
    """The forms of values that a builder has written, as far as they are asked for."""

    def __init__(self, build: Builder) -> None:
        self.build = build
        self.met: list[Met] = []
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
                # An input has no form yet because it is an input of the program, or is not looked at.
                self.forms.update((x, self._itself(x)) for x in more if self.build.definition(x) is None)
            else:
                self.forms[left.pop()] = self._form(*e)
        return self._of(a) or self._itself(a)

    def number_of(self, name: str) -> int:
        """The number by which an input is known."""
        return self._meet(name, Met(name, Fraction(1), name in CONSTANTS))

    def _itself(self, a: Atom) -> ProductForm:
        return ProductForm(Fraction(1), ((self._meet(a, Met(a, Fraction(1), a in CONSTANTS)), 1),))

    def _of(self, a: Atom) -> ProductForm | None:
        if isinstance(a, float):
            return ProductForm(Fraction(repr(a)), ()) if a and math.isfinite(a) and 1e-99 < abs(a) < 1e99 else None
        if a not in self.forms:
            self.forms[a] = self._itself(a)
        return self.forms[a]

    def _meet(self, key: object, met: Met) -> int:
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
        return ProductForm(Fraction(1), ((self._meet(key, Met(output, Fraction(1), False, op, args)), 1),))

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
        if not names or len(terms) > TERMS or not all(map(_short, terms.values())):
            return None
        if len(terms) == 1:
            return ProductForm(terms[names[0]], names[0])
        leading = terms[names[0]]
        scaled = tuple(sorted((factors, number / leading) for factors, number in terms.items()))
        return ProductForm(leading, ((self._meet(scaled, Met(output, leading, False, terms=scaled)), 1),))

    def _terms(self, form: ProductForm) -> Iterable[tuple[Factors, Fraction]]:
        if len(form.factors) == 1 and form.factors[0][1] == 1 and (terms := self.met[form.factors[0][0]].terms):
            return ((factors, number * form.number) for factors, number in terms)
        return ((form.factors, form.number),)


def _small(form: ProductForm) -> bool:
    few = len(form.factors) <= FACTORS and _short(form.number)
    return few and all(abs(power) <= LARGEST for _, power in form.factors)


def _short(number: Fraction) -> bool:
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
    """A form to a whole power."""
    return ProductForm(form.number**n, tuple((k, power * n) for k, power in form.factors))


class Refactored(NamedTuple):
    """A product in which a pattern was put: the rest of it, the new factor, and the pattern."""

    rest: ProductForm
    factor: Atom
    pattern: FactorPattern


@lru_cache(256)
def _prepared(texts: tuple[str, ...]) -> tuple[tuple[tuple[FactorPattern, frozenset[str]], ...], tuple[str, ...]]:
    """Patterns with their ops in the order in which they are tried, most factors first, and ops without which none
    applies."""
    found = sorted(map(factor_pattern, texts), key=lambda p: (-len(p.applied) - abs(p.alone), len(p.right.inputs)))
    needed = {p.ops for p in found}
    return tuple((p, p.ops) for p in found), tuple({min(t) for t in needed if not any(other < t for other in needed)})


class Factoring:
    """The rewriting of products by some patterns, over the equations that a builder writes."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.patterns, self.triggers = _prepared(texts)
        self.forms: Forms | None = None
        # The names of products with a factor of such an op, and the number of equations that were looked at.
        self.carriers: set[Atom] = set()
        self.seen = 0

    def change(self, build: Builder, op: str, args: tuple[Atom, ...]) -> tuple[Step | Atom, str] | None:
        """A product or quotient with other factors, and the reason, where patterns apply."""
        for t in self.triggers:
            if build.known.get(t):
                break
        else:
            return None
        if self.forms is None or self.forms.build is not build:
            self.forms = Forms(build)
        forms = self.forms
        for output, done, inputs in build.equations[self.seen :]:
            if done in self.triggers or done in FOLLOWED and not self.carriers.isdisjoint(inputs):
                self.carriers.add(output)
        self.seen = len(build.equations)
        if self.carriers.isdisjoint(args):
            return None
        made = [forms.of(a) for a in args]
        product = times(made[0], made[1] if op == MUL else power_of(made[1], -1))
        factors: list[Atom] = []
        reasons: dict[str, None] = {}
        while (found := self._replaced(forms, product)) is not None:
            product, factor, pattern = found
            factors.append(factor)
            reasons[f"{pattern.text}: {pattern.reason}"] = None
        if not factors or not _short(product.number):
            return None
        return self._written(forms, product, factors), "; ".join(reasons)

    def _replaced(self, forms: Forms, product: ProductForm) -> Refactored | None:
        powers = dict(product.factors)
        there = {op for k in powers if (op := forms.met[k].op)}
        for pattern, ops in self.patterns:
            for k in powers if ops <= there else ():
                if (found := _applied(forms, product, powers, pattern, k)) is not None:
                    return found
        return None

    def _written(self, forms: Forms, product: ProductForm, factors: list[Atom]) -> Step | Atom:
        """Write the product but for its last step."""
        number, above, below = product.number, list(factors), list[Atom]()
        for k, power in product.factors:
            met = forms.met[k]
            number /= met.number**power
            (above if power > 0 else below).append(_power(forms.build, met.atom, abs(power)))
        steps: list[tuple[str, Atom]] = []
        first, *others = above
        if abs(number) != 1:
            steps.append((MUL, float(number)))
        steps += [(MUL, a) for a in others] + [(DIV, a) for a in below]
        if number == -1:
            if not steps:
                return NEG, (first,)
            first = forms.build(NEG, first)
        if not steps:
            return first
        for op, a in steps[:-1]:
            first = forms.build(op, *((a, first) if op == MUL and isinstance(a, float) else (first, a)))
        op, a = steps[-1]
        return op, (a, first) if op == MUL and isinstance(a, float) else (first, a)


def _applied(
    forms: Forms, product: ProductForm, powers: dict[int, int], pattern: FactorPattern, k: int
) -> Refactored | None:  # fmt: skip
    """The product with a pattern put in, if its first op is that of the factor k."""
    met, (first, *others) = forms.met[k], pattern.applied
    if met.op != first.op or len(met.args) != 1 or not _has(powers[k], first.power):
        return None
    argument = forms.of(met.args[0])
    taken = {k: first.power}
    for other in others:
        for j, power in powers.items():
            there = forms.met[j]
            if there.op == other.op and _has(power, other.power) and forms.of(there.args[0]) == argument:
                taken[j] = other.power
    if len(taken) < len(pattern.applied):
        return None
    names: dict[str, Atom] = {"a": met.args[0]}
    rest = times(product, ProductForm(Fraction(1), tuple((j, -power) for j, power in taken.items())))
    if pattern.alone:
        shared = tuple(_shared(argument, powers, pattern.alone))
        if all(forms.met[j].constant for j, _ in shared):
            return None
        own = ProductForm(math.prod((forms.met[j].number ** n for j, n in shared), start=Fraction(1)), shared)
        left = times(argument, power_of(own, -1))
        fixed = all(forms.met[j].constant for j, _ in left.factors)
        if fixed != (first.inner == 0):
            return None
        if not fixed:
            names = {"a": _value(forms, own), "b": _value(forms, power_of(left, first.inner))}
        rest = times(rest, power_of(argument if fixed else own, -pattern.alone))
    for output, op, inputs in pattern.right.equations:
        names[output] = forms.build(op, *[names.get(x, x) if isinstance(x, str) else x for x in inputs])
    return Refactored(rest, names[str(pattern.right.outputs[0])], pattern)


def _has(power: int, wanted: int) -> bool:
    return power * wanted > 0 and abs(power) >= abs(wanted)


def _shared(argument: ProductForm, powers: dict[int, int], alone: int) -> Iterator[tuple[int, int]]:
    """The factors of an argument that the product has in the power `alone` too, with their powers."""
    for k, power in argument.factors:
        there = powers.get(k, 0) * alone
        if there * power > 0:
            yield k, min(power, there) if power > 0 else max(power, there)


def _power(build: Builder, a: Atom, n: int) -> Atom:
    return a if n == 1 else build(POW, a, float(n))


def _value(forms: Forms, form: ProductForm) -> Atom:
    """Write a form."""
    number, build = form.number, forms.build
    above: Atom | None = None
    below: list[Atom] = []
    for k, power in form.factors:
        met = forms.met[k]
        number /= met.number**power
        part = _power(build, met.atom, abs(power))
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
