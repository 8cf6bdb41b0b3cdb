"""Sums of quotients over one denominator, as in the quotient rule: (u'v - uv')/v^2."""

from __future__ import annotations

from collections.abc import Mapping, Set
from fractions import Fraction

from ...lists.wengert_list import Atom

# A product of atoms, as their powers, and a sum of such products, as their coefficients.
Factors = tuple[tuple[Atom, Fraction], ...]
Sum = dict[Factors, Fraction]
# Larger products are not multiplied out.
_TERMS, _POWER = 8, 2


def sum_of(a: Sum, b: Sum) -> Sum:
    """The sum of two sums."""
    total = dict(a)
    for factors, c in b.items():
        total[factors] = total.get(factors, Fraction(0)) + c
    return {f: c for f, c in total.items() if c}


def over_common(
    s: Sum, expanded: Mapping[Atom, Sum], opaque: Set[Atom], rank: Mapping[Atom, tuple[int, int]]
) -> tuple[Sum, Factors] | None:
    """A sum as a numerator and the factors of one denominator; None unless that is shorter.

    `expanded` are the atoms that stand for sums. If one is in the denominator in different powers, the numerator's
    terms are multiplied by it, provided no more terms are left than before. Sums with a factor of `opaque` are left
    alone; `rank` is the order of factors.
    """
    if len(s) > _TERMS or any(x in opaque for factors in s for x, _ in factors):
        return None
    below = [{x: -n for x, n in factors if n < 0} for factors in s]
    common: dict[Atom, Fraction] = {}
    for x in {x: None for powers in below for x in powers}:
        powers = [each.get(x, Fraction(0)) for each in below]
        least, most = min(powers), max(powers)
        whole = most.denominator == least.denominator == 1
        if least == most or x in expanded and least > 0 and whole:
            common[x] = most
    if not common:
        return None
    below_all = tuple(common.items())
    for known in ({}, expanded):
        above = _above(s, common, expanded, known, rank)
        if above and len(above) <= len(s):
            return above, below_all
    return None


def _above(
    s: Sum, common: Mapping[Atom, Fraction], expanded: Mapping[Atom, Sum], known: Mapping[Atom, Sum],
    rank: Mapping[Atom, tuple[int, int]],
) -> Sum:  # fmt: skip
    """The terms over a common denominator, with the sums in `known` multiplied out. Empty if there are too many."""
    above: Sum = {}
    for factors, c in s.items():
        term: Sum = {tuple((x, n) for x, n in factors if x not in common and (x not in known or n != 1)): c}
        have = dict(factors)
        times = [(expanded[x], most + have.get(x, Fraction(0))) for x, most in common.items() if x in expanded]
        times += [(known[x], n) for x, n in factors if x in known and n == 1 and x not in common]
        for factor, power in times:
            if power > _POWER or power.denominator > 1:
                return {}
            for _ in range(int(power)):
                term = _product(term, factor, rank)
                if len(term) > _TERMS:
                    return {}
        above = sum_of(above, term)
    return above


def distributed(s: Sum, expanded: Mapping[Atom, Sum], rank: Mapping[Atom, tuple[int, int]]) -> Sum | None:
    """A product with a sum, multiplied out if both have the same denominators: a quotient of quotients."""
    if len(s) != 1:
        return None
    ((factors, c),) = s.items()
    sums = [x for x, n in factors if x in expanded and n == 1]
    if len(sums) != 1 or len(expanded[sums[0]]) > _TERMS:
        return None
    outside = {x for x, n in factors if n < 0}
    if not outside or any(outside.isdisjoint(x for x, n in inner if n < 0) for inner in expanded[sums[0]]):
        return None
    return _product({tuple(f for f in factors if f[0] != sums[0]): c}, expanded[sums[0]], rank)


def _product(a: Sum, b: Sum, rank: Mapping[Atom, tuple[int, int]]) -> Sum:
    """The product of two sums, multiplied out."""
    total: Sum = {}
    for left, c in a.items():
        for right, d in b.items():
            powers = dict(left)
            for x, n in right:
                powers[x] = powers.get(x, Fraction(0)) + n
            factors = tuple(sorted(((x, n) for x, n in powers.items() if n), key=lambda f: rank[f[0]]))
            total = sum_of(total, {factors: c * d})
    return total
