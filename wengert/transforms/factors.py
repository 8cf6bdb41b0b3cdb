"""Patterns of the rows that replace some factors of a product, wherever these are in it.

In a pattern, `a` is a part of the product that is a factor of an op's argument, such as `V + 40` in `exp(-(V + 40)/10)
- 1`, and `b` is the rest of that argument; without a `b` only numbers may be left. `factor_kinds` has other kinds of
patterns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache, lru_cache

from ..ground.tuples import NamedTuple
from ..language import parse
from ..lists.wengert_list import Atom, WengertList
from ..ops import ADD, MUL, NEG, POWERS
from .builder import Builder
from .factor_kinds import ApartFactors, ProductMatch, ShareOfSum, apart_pattern, share_of_sum
from .patterns import Step, reason_of
from .product_forms import DIV, FOLLOWED, POW, Forms, ProductForm, power_of, raised, short, times, written

PRODUCTS = frozenset((MUL, DIV))


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

    @property
    def order(self) -> tuple[int, int]:
        """Patterns with the most factors are tried first."""
        return -len(self.applied) - abs(self.alone), len(self.right.inputs)

    def matches(self, forms: Forms, product: ProductForm) -> Iterator[ProductMatch]:
        """The product without these factors, for each factor that may be the first op."""
        powers = dict(product.factors)
        for k in powers:
            if (found := _applied(forms, product, powers, self, k)) is not None:
                yield found


Kind = FactorPattern | ApartFactors | ShareOfSum


@cache
def factor_pattern(text: str) -> Kind:
    """Read `left -> right; reason`."""
    rule, _, reason = text.partition(";")
    left, _, right = rule.partition("->")
    lefts = parse(left).wlist
    right_list = parse(right, inputs=lefts.inputs).wlist
    forms = Forms(Builder(lefts))
    form = forms.of(lefts.outputs[0])
    for made in (share_of_sum, apart_pattern):
        kind = made(forms, rule.strip(), form, right_list, reason.strip())
        if kind is not None:
            return kind
    applied, alone = [], 0
    for k, power in form.factors:
        met = forms.met[k]
        if met.op:
            inner = dict(forms.of(met.args[0]).factors)
            applied.append(AppliedFactor(met.op, inner.get(forms.number_of("b"), 0), power))
        else:
            alone = power
    return FactorPattern(rule.strip(), tuple(applied), alone, right_list, reason.strip())


class RewrittenProduct(NamedTuple):
    """A product after a pattern was applied: the remaining factors, the new factor, and the reason."""

    rest: ProductForm
    factor: Atom
    reason: str


@lru_cache(256)
def _prepared(texts: tuple[str, ...]) -> tuple[tuple[tuple[Kind, frozenset[str]], ...], tuple[str, ...]]:
    """Patterns with their ops, in the order in which they are tried (most factors first), and ops that every pattern
    needs."""
    found = sorted(map(factor_pattern, texts), key=lambda p: p.order)
    needed = {p.ops for p in found if p.ops}
    return tuple((p, p.ops) for p in found), tuple({min(t) for t in needed if not any(other < t for other in needed)})


class Factoring:
    """The rewriting of products by some patterns, over the equations that a builder writes."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.patterns, self.triggers = _prepared(texts)
        self.shares = any(not ops for _, ops in self.patterns)
        self.forms: Forms | None = None
        # The names of powers, those of products with a factor that a pattern may take, and the number of equations
        # examined.
        self.powers: set[Atom] = set()
        self.carriers: set[Atom] = set()
        self.seen = 0

    def change(self, build: Builder, op: str, args: tuple[Atom, ...]) -> tuple[Step | Atom, str] | None:
        """A product or quotient with other factors, and the reason, if patterns apply."""
        for t in self.triggers:
            if build.known.get(t):
                break
        else:
            if not (self.shares and build.known.get(POW) and build.known.get(ADD)):
                return None
        if self.forms is None or self.forms.build is not build:
            self.forms = Forms(build)
        forms = self.forms
        for output, done, inputs in build.equations[self.seen :]:
            passes = done in FOLLOWED and not self.carriers.isdisjoint(inputs)
            if done in self.triggers or passes or done == ADD and not self.powers.isdisjoint(inputs):
                self.carriers.add(output)
            if self.shares and (done == POW or POWERS.get(done, 0) > 2):
                self.powers.add(output)
        self.seen = len(build.equations)
        if self.carriers.isdisjoint(args):
            return None
        made = [forms.of(a) for a in args]
        product = times(made[0], made[1] if op == MUL else power_of(made[1], -1))
        factors: list[Atom] = []
        reasons: dict[str, None] = {}
        while (found := self._replaced(forms, product)) is not None:
            product, factor, reason = found
            factors.append(factor)
            reasons[reason] = None
        if not factors or not short(product.number):
            return None
        return self._written(forms, product, factors), "; ".join(reasons)

    def _replaced(self, forms: Forms, product: ProductForm) -> RewrittenProduct | None:
        there = {op for k, _ in product.factors if (op := forms.met[k].op)}
        for pattern, ops in self.patterns:
            for found in pattern.matches(forms, product) if ops <= there else ():
                names = found.names
                reason = reason_of(pattern.text, pattern.reason, names)
                for output, op, inputs in pattern.right.equations:
                    names[output] = forms.build(op, *[names.get(x, x) if isinstance(x, str) else x for x in inputs])
                return RewrittenProduct(found.rest, names[str(pattern.right.outputs[0])], reason)
        return None

    def _written(self, forms: Forms, product: ProductForm, factors: list[Atom]) -> Step | Atom:
        """Write the product except for its last step."""
        number, above, below = product.number, list(factors), list[Atom]()
        for k, power in product.factors:
            met = forms.met[k]
            number /= met.number**power
            (above if power > 0 else below).append(raised(forms.build, met.atom, abs(power)))
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
) -> ProductMatch | None:  # fmt: skip
    """The product without the factors of a pattern, if its first op is that of factor k."""
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
            names = {"a": written(forms, own), "b": written(forms, power_of(left, first.inner))}
        rest = times(rest, power_of(argument if fixed else own, -pattern.alone))
    return ProductMatch(rest, names)


def _has(power: int, wanted: int) -> bool:
    return power * wanted > 0 and abs(power) >= abs(wanted)


def _shared(argument: ProductForm, powers: dict[int, int], alone: int) -> Iterator[tuple[int, int]]:
    """The factors of an argument that the product also has, in the power `alone`, with their powers."""
    for k, power in argument.factors:
        there = powers.get(k, 0) * alone
        if there * power > 0:
            yield k, min(power, there) if power > 0 else max(power, there)
