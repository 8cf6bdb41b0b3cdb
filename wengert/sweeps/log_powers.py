"""Exponents of the terms t^p*l^q of a germ, where l = log(1/t): a plain number p where there is no logarithm (q = 0).

They are ordered as the terms fall: t^p*l^q before t^r*l^s if p < r, or p = r and q > s. So they are an ordered group,
and germs are added, multiplied and divided as without logarithms. (J. van der Hoeven, "Transseries and Real
Differential Algebra", Springer 2006, section 2.2.)
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from .point_lanes import number

# From this number of integrations by parts on, terms are cut: they end by themselves where q is whole and not negative.
PARTS = 8


class LogPower:
    """The exponent of t^p*l^q, with q other than 0."""

    __slots__ = ("p", "q")

    def __init__(self, p: Any, q: Any) -> None:
        self.p, self.q = p, q

    def __add__(self, other: Any) -> Any:
        p, q = parts(other)
        return log_power(self.p + p, self.q + q)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        p, q = parts(other)
        return log_power(self.p - p, self.q - q)

    def __rsub__(self, other: Any) -> Any:
        p, q = parts(other)
        return log_power(p - self.p, q - self.q)

    def __neg__(self) -> Any:
        return LogPower(-self.p, -self.q)

    def __mul__(self, factor: Any) -> Any:
        return log_power(self.p * factor, self.q * factor)

    __rmul__ = __mul__

    def _key(self) -> tuple[Any, Any]:
        return self.p, -self.q

    def __lt__(self, other: Any) -> bool:
        return self._key() < _key(other)

    def __le__(self, other: Any) -> bool:
        return self._key() <= _key(other)

    def __gt__(self, other: Any) -> bool:
        return self._key() > _key(other)

    def __ge__(self, other: Any) -> bool:
        return self._key() >= _key(other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LogPower) and self._key() == other._key()

    def __repr__(self) -> str:
        return f"{self.p}:{self.q}"

    def __hash__(self) -> int:
        return hash((self.p, self.q))


def parts(e: Any) -> tuple[Any, Any]:
    """The exponents of t and of l."""
    return (e.p, e.q) if isinstance(e, LogPower) else (e, 0)


def _key(e: Any) -> tuple[Any, Any]:
    return e._key() if isinstance(e, LogPower) else (e, 0)


def whole(e: Any) -> Any:
    """An exponent, as a whole number where it is one."""
    if isinstance(e, LogPower):
        return log_power(e.p, e.q)
    return e.numerator if isinstance(e, Fraction) and e.denominator == 1 else e


def log_power(p: Any, q: Any) -> Any:
    """The exponent of t^p*l^q; p is infinite in the order of a germ that is known whole."""
    p, q = whole(p), whole(q)
    return LogPower(p, q) if q != 0 and p not in (float("inf"), float("-inf")) else p


Terms = Iterable[tuple[Any, Any]]


def differentiated(terms: Terms) -> dict[Any, Any]:
    """The terms of the derivative: (t^p*l^q)' = p*t^(p-1)*l^q - q*t^(p-1)*l^(q-1)."""
    found: dict[Any, Any] = {}
    for e, c in terms:
        p, q = parts(e)
        for own, factor in ((e - 1, p), (log_power(p - 1, q - 1), -q)):
            if factor:
                found[own] = found.get(own, 0.0) + c * float(factor)
    return found


def integrated(terms: Terms, order: Any) -> tuple[dict[Any, Any], Any]:
    """The terms and the order of the integral from 0, by parts. Raises ValueError where it diverges at 0."""
    found: dict[Any, Any] = {}
    for e, c in terms:
        p, q = parts(e)
        if p == -1 and q < -1:
            found[log_power(0, q + 1)] = found.get(log_power(0, q + 1), 0.0) - c / float(q + 1)
            continue
        if p <= -1:
            raise ValueError("the integral diverges")
        # The integral of t^p*l^q is t^(p+1)*l^q/(p+1) and q/(p+1) times that of t^p*l^(q-1).
        for k in range(PARTS + 1):
            if k == PARTS:
                order = min(order, log_power(p, q))
                break
            own = log_power(p + 1, q)
            found[own] = found.get(own, 0.0) + c / float(p + 1)
            if q == 0:
                break
            c, q = c * float(q) / float(p + 1), q - 1
    p, q = parts(order)
    if p <= -1:
        if p < -1 or q >= -1:
            raise ValueError("the integral diverges")
        return found, log_power(0, q + 1)
    return found, order + 1


def derivative_at_0(terms: Terms, order: Any, n: int) -> Any:
    """The n-th derivative as t -> 0+ of a germ that is finite there; None where it is not known."""
    for _ in range(n):
        terms = differentiated(terms).items()
    kept = sorted((one for one in terms if type(one[1]) is not float or one[1] != 0.0), key=lambda one: one[0])
    if not kept or not kept[0][0] <= 0 or not kept[0][0] < order - n:
        return 0.0 if order > n else None
    e, c = kept[0]
    c = number(c)
    return c if e == 0 else c * float("inf")
