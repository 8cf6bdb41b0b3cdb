"""A germ: a value on one side of a point, as a series in the distance from it. See `germs`."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, Any

from ..ops import ADD, INFIX, MUL, NEG
from .point_lanes import number

if TYPE_CHECKING:
    from .germs import Germs

_SUB, _DIV = INFIX["-"], INFIX["/"]
# The order of a germ whose terms are all known.
EXACT: Any = inf


class UnknownGerm(Exception):
    """There is no series, because of a logarithm, an essential singularity, a jump of two arguments, or a term too far
    away."""


class Germ:
    """Terms (exponent, coefficient) with rising exponents, and the order from which on nothing is known."""

    __slots__ = ("by", "order", "terms")

    def __init__(self, by: Germs, terms: Iterable[tuple[Any, float]], order: Any = EXACT) -> None:
        self.by, self.terms, self.order = by, tuple(terms), order

    @property
    def lead(self) -> Any:
        """The first exponent, or the order if there are no terms."""
        return self.terms[0][0] if self.terms else self.order

    @property
    def value(self) -> Any:
        """The value at t = 0."""
        if self.lead > 0:
            return 0.0
        if self.lead < 0:
            return inf if self.terms[0][1] > 0 else -inf
        return self.terms[0][1]

    # Arithmetic and comparisons, for NumPy's functions of arrays of objects

    def _with(self, op: str, *args: Any) -> Any:
        for a in args:
            if isinstance(a, UnknownGerm):
                raise a
        return self.by.boxed(self.by(op, *args))

    def __add__(self, other: Any) -> Any:
        return self._with(ADD, self, other)

    def __radd__(self, other: Any) -> Any:
        return self._with(ADD, other, self)

    def __sub__(self, other: Any) -> Any:
        return self._with(_SUB, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._with(_SUB, other, self)

    def __mul__(self, other: Any) -> Any:
        return self._with(MUL, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._with(MUL, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._with(_DIV, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(_DIV, other, self)

    def __neg__(self) -> Any:
        return self._with(NEG, self)

    def __lt__(self, other: Any) -> bool:
        return self.by.compare(self, other) < 0

    def __gt__(self, other: Any) -> bool:
        return self.by.compare(self, other) > 0

    def __le__(self, other: Any) -> bool:
        return self.by.compare(self, other) <= 0

    def __ge__(self, other: Any) -> bool:
        return self.by.compare(self, other) >= 0

    def __eq__(self, other: object) -> bool:
        return self.by.compare(self, other) == 0

    def __ne__(self, other: object) -> bool:
        return self.by.compare(self, other) != 0

    __hash__ = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        # NumPy's functions of arrays of objects call methods of the same names: exp, sqrt, …
        row = self.by.table.get(name)
        if row is None or row.array is not None or " " in row.params:
            raise AttributeError(name)
        return lambda: self._with(name, self)


def number_if_one(a: Any) -> Any:
    """Turn a germ that is constant into its number."""
    if isinstance(a, Germ) and a.order == EXACT and (not a.terms or len(a.terms) == 1 and a.terms[0][0] == 0):
        return a.terms[0][1] if a.terms else 0.0
    return a


def value_of(a: Any) -> Any:
    """The value at t = 0: a number, or a lane. Raises UnknownGerm."""
    if not isinstance(a, Germ):
        return number(a)
    if a.order <= 0:
        raise UnknownGerm("a value is not known")
    return a.value


def whole(e: Any) -> Any:
    """An exponent, as an int if it is whole."""
    return e.numerator if isinstance(e, Fraction) and e.denominator == 1 else e
