"""The fraction, root or named constant that a number came from: 1/3 from 0.3333333333333333, pi/180."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import e, isqrt, log, pi

from ...ground.tuples import NamedTuple

# A decimal with fewer digits was written by a person. A float holds 15, so a longer one was computed.
_COMPUTED = 13
# Denominators, and numerators beside a root or a named constant. There are some 10^7 such numbers, and each is met
# within 2 ulps: a float of random digits is taken for one in one of 10^8 cases.
_MOST = 360
_NEAR = 4e-16


class NamedConstant(NamedTuple):
    """A number as `times`, by the constants `above` and over those `below`: each a text of the language."""

    times: Fraction
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


# Besides these, roots: of fractions, and of fractions times or over pi.
_NAMED = (
    (NamedConstant(Fraction(1), ("pi",)), pi), (NamedConstant(Fraction(1), (), ("pi",)), 1 / pi),
    (NamedConstant(Fraction(1), ("pi^2",)), pi**2), (NamedConstant(Fraction(1), (), ("pi^2",)), 1 / pi**2),
    *((NamedConstant(Fraction(1), (f"log({n})",)), log(n)) for n in (2, 3, 10)),
    *((NamedConstant(Fraction(1), (), (f"log({n})",)), 1 / log(n)) for n in (2, 3, 10)),
    (NamedConstant(Fraction(1), ("e",)), e), (NamedConstant(Fraction(1), (), ("e",)), 1 / e),
)  # fmt: skip


def fraction_of(a: float) -> Fraction:
    """The fraction that a person reads in a finite number: its decimal digits, as 0.1 times 3 is 0.3 for people; or a
    third, if it is the float nearest to a third."""
    spelled = Fraction(repr(a))
    return (_near(a) if _is_computed(spelled) else None) or spelled


def is_simple(c: Fraction) -> bool:
    """Whether a fraction has few digits, as a decimal or as a ratio."""
    return not _is_computed(c) or is_ratio(c)


def is_ratio(c: Fraction) -> bool:
    """Whether a fraction is one to write as a ratio."""
    return c.denominator <= _MOST and abs(c.numerator) < 10**9


@cache
def spelling(c: float) -> NamedConstant | None:
    """How a person would write a positive number that is no simple fraction: as a root, or by a named constant."""
    for named, value in _NAMED:
        if (times := _near(c / value)) is not None and times.numerator <= _MOST:
            return NamedConstant(times, named.above, named.below)
    for name, square in (("", c * c), ("pi", c * c / pi), ("/pi", c * c * pi)):
        under = Fraction(square).limit_denominator(_MOST**2)
        if not under or abs(float(under) - square) > 2 * _NEAR * square or under.numerator > _MOST**2:
            continue
        (outer, inner), (below, rest) = _root(under.numerator), _root(under.denominator)
        if max(inner, rest) > 100:
            continue
        roots = _product(inner, name == "pi"), _product(rest, name == "/pi")
        return NamedConstant(Fraction(outer, below), *((f"sqrt({r})",) if r else () for r in roots))
    return None


def _is_computed(c: Fraction) -> bool:
    """Whether a number has more digits than people write."""
    text = repr(float(c))
    return Fraction(text) != c or len(text.partition("e")[0].replace(".", "").strip("-0")) >= _COMPUTED


def _near(a: float) -> Fraction | None:
    near = Fraction(a).limit_denominator(_MOST)
    return near if near and abs(float(near) - a) <= _NEAR * abs(a) else None


def _product(number: int, with_pi: bool) -> str:
    if not with_pi:
        return str(number) if number > 1 else ""
    return f"{number}*pi" if number > 1 else "pi"


def _root(n: int) -> tuple[int, int]:
    """n as the square of one number by another, 12 = 2^2*3: (2, 3)."""
    outer = next((k for k in range(isqrt(n), 1, -1) if n % (k * k) == 0), 1)
    return outer, n // outer**2
