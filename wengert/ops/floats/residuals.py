"""The rounding errors of ops that are rounded once: the exact value minus the float one, to a few digits.

Error-free transformations: T. J. Dekker, "A floating-point technique for extending the available precision", Numer.
Math. 18, 1971; D. E. Knuth, "The Art of Computer Programming", vol. 2, section 4.2.2. Where they would overflow or
underflow, and for powers, rational arithmetic. None is the answer where the exact value is not known.
"""

from __future__ import annotations

from fractions import Fraction

from .elementary import difference, product

# Between these the parts of a product, and of its remainder, are normal numbers.
SMALL, LARGE = 1e-120, 1e120
LEAST = 5e-324
# The largest exponent whose power is worked out exactly.
MOST = 64


def of_sum(a: float, b: float, y: float) -> float:
    return difference(a, -b)[1]


def of_difference(a: float, b: float, y: float) -> float:
    return difference(a, b)[1]


def of_product(a: float, b: float, y: float) -> float:
    if a == 0.0 or b == 0.0:
        return 0.0
    if SMALL < abs(a) < LARGE and SMALL < abs(b) < LARGE:
        return product(a, b)[1]
    return _rounded(Fraction(a) * Fraction(b) - Fraction(y))


def of_quotient(a: float, b: float, y: float) -> float:
    if a == 0.0:
        return 0.0
    if SMALL < abs(y) < LARGE and SMALL < abs(b) < LARGE:
        high, low = product(y, b)
        return (a - high - low) / b
    return _rounded(Fraction(a) / Fraction(b) - Fraction(y))


def of_square(a: float, y: float) -> float:
    return of_product(a, a, y)


def of_reciprocal(a: float, y: float) -> float:
    return of_quotient(1.0, a, y)


def of_root(a: float, y: float) -> float:
    """To first order: (a - y^2)/(2y)."""
    return 0.0 if y == 0.0 else _rounded((Fraction(a) - Fraction(y) ** 2) / (2 * Fraction(y)))


def of_power(a: float, b: float, y: float) -> float | None:
    """Known for whole exponents, and for square roots written as powers."""
    if b.is_integer() and abs(b) <= MOST:
        return 0.0 if a == 0.0 or b == 0.0 else _rounded(Fraction(a) ** int(b) - Fraction(y))
    if b == 0.5 and a >= 0.0:
        return of_root(a, y)
    return None


def _rounded(exact: Fraction) -> float:
    """As a float, which is 0 only for 0."""
    return float(exact) or (LEAST if exact > 0 else -LEAST if exact else 0.0)
