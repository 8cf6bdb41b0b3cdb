"""Two more kinds of patterns that replace factors of a product: ops with arguments of their own, `exp(a)*erfc(b)`, and
the share of a power in a sum of two, `a^n/(a^n + b^n)`."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, WengertList
from ..ops import ADD, INFIX, POWERS
from .product_forms import Forms, ProductForm, power_of, times

POW = INFIX["^"]


class ProductMatch(NamedTuple):
    """A product without the factors of a pattern, and the atoms of the pattern's names."""

    rest: ProductForm
    names: dict[str, Atom]


class ApartFactors(NamedTuple):
    """Factors that are ops of names, and no two share a name: the op, the names and the power of each."""

    text: str
    factors: tuple[tuple[str, tuple[str, ...], int], ...]
    right: WengertList
    reason: str

    @property
    def ops(self) -> frozenset[str]:
        """The ops of its factors."""
        return frozenset(op for op, _, _ in self.factors)

    @property
    def order(self) -> tuple[int, int]:
        """Patterns with the most factors are tried first."""
        return -len(self.factors), len(self.right.inputs)

    def matches(self, forms: Forms, product: ProductForm) -> Iterator[ProductMatch]:
        """The product without these factors."""
        names: dict[str, Atom] = {}
        taken: dict[int, int] = {}
        powers = dict(product.factors)
        for op, params, power in self.factors:
            for k, there in powers.items():
                met = forms.met[k]
                if met.op == op and len(met.args) == len(params) and k not in taken and there * power > 0:
                    taken[k] = power
                    names.update(zip(params, met.args))
                    break
            else:
                return
        yield ProductMatch(_without(product, taken), names)


class ShareOfSum(NamedTuple):
    """A power a^n over a^n + b^n; `names` are a, b and n."""

    text: str
    names: tuple[str, str, str]
    right: WengertList
    reason: str

    @property
    def ops(self) -> frozenset[str]:
        """Empty, as no op is a factor of every such product."""
        return frozenset()

    @property
    def order(self) -> tuple[int, int]:
        """Tried last."""
        return 0, len(self.right.inputs)

    def matches(self, forms: Forms, product: ProductForm) -> Iterator[ProductMatch]:
        """The product without the share, for the first sum in the denominator that has one."""
        powers = dict(product.factors)
        for k, power in product.factors:
            met = forms.met[k]
            if power >= 0 or len(met.terms) != 2 or not isinstance(met.atom, str):
                continue
            e = forms.build.definition(met.atom)
            if e is None or e.op != ADD:
                continue
            # A number divides every product, so it comes last.
            for one, other in sorted((e.inputs, e.inputs[::-1]), key=lambda pair: isinstance(pair[0], float)):
                found = _powers(forms, one, other)
                above = forms.of(one) if found is not None else None
                if found is None or above is None or not all(_holds(powers.get(j, 0), n) for j, n in above.factors):
                    continue
                rest = times(_without(product, {k: -1}), power_of(above, -1))
                # The sum is a number times the factor.
                rest = rest._replace(number=rest.number * met.number)
                yield ProductMatch(rest, dict(zip(self.names, found)))


def _holds(power: int, wanted: int) -> bool:
    """Whether a power contains another of the same base and sign."""
    return power >= wanted if wanted > 0 else power <= wanted


def _without(product: ProductForm, taken: dict[int, int]) -> ProductForm:
    return times(product, ProductForm(Fraction(1), tuple((j, -power) for j, power in taken.items())))


def _powers(forms: Forms, one: Atom, other: Atom) -> tuple[Atom, Atom, Atom] | None:
    """The bases of two powers with one exponent, and the exponent."""
    first, second = _as_power(forms, one), _as_power(forms, other)
    if first is None or second is None or first[1] is second[1] is None:
        return None
    exponent = second[1] if first[1] is None else first[1]
    if exponent is None or second[1] not in (None, exponent) or exponent == 2.0:
        return None
    bases = [_root(p[0], exponent) if p[1] is None else p[0] for p in (first, second)]
    return None if bases[0] is None or bases[1] is None else (bases[0], bases[1], exponent)


def _as_power(forms: Forms, a: Atom) -> tuple[Atom, Atom | None] | None:
    """The base and the exponent of a power; a number has no exponent of its own."""
    if isinstance(a, float):
        return (a, None) if a > 0.0 else None
    e = forms.build.definition(a)
    if e is None:
        return None
    if e.op == POW:
        return e.inputs[0], e.inputs[1]
    return (e.inputs[0], float(POWERS[e.op])) if POWERS.get(e.op, 0) > 0 else None


def _root(a: Atom, exponent: Atom) -> float | None:
    """The number whose power a number is, if it is a float."""
    if a == 1.0:
        return 1.0
    if not isinstance(a, float) or not isinstance(exponent, float) or exponent % 1.0 or not 0 < exponent <= 64:
        return None
    base = a ** (1.0 / exponent)
    near = (base, float(round(base)), round(base * 2**20) / 2**20)
    return next((b for b in near if b > 0.0 and Fraction(b) ** int(exponent) == Fraction(a)), None)


def apart_pattern(forms: Forms, text: str, form: ProductForm, right: WengertList, reason: str) -> ApartFactors | None:
    """The pattern, if its factors are ops of separate names, and not all of the one name a."""
    found = []
    for k, power in form.factors:
        met = forms.met[k]
        if not met.op or not all(isinstance(a, str) and forms.build.definition(a) is None for a in met.args):
            return None
        found.append((met.op, tuple(map(str, met.args)), power))
    every = [name for _, params, _ in found for name in params]
    return ApartFactors(text, tuple(found), right, reason) if len(set(every)) == len(every) > 1 else None


def share_of_sum(forms: Forms, text: str, form: ProductForm, right: WengertList, reason: str) -> ShareOfSum | None:
    """The pattern, if it is a share of a sum of powers."""
    for k, power in form.factors:
        met = forms.met[k]
        e = forms.build.definition(met.atom) if power < 0 and len(met.terms) == 2 else None
        found = _powers(forms, *e.inputs) if e is not None else None
        if found is not None:
            a, b, n = map(str, found)
            return ShareOfSum(text, (a, b, n), right, reason)
    return None
