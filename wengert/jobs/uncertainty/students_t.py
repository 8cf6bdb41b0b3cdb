"""Quantiles of Student's t distribution, for coverage factors.

For a whole number of degrees of freedom the distribution is a finite sum (M. Abramowitz, I. A. Stegun, "Handbook of
Mathematical Functions", 1964, 26.7.3 and 26.7.4). For many degrees of freedom the expansion of the quantile about that
of the normal distribution holds (26.7.5, R. A. Fisher and E. A. Cornish, Technometrics 2, 1960).
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, inf, isfinite, pi, sin, sqrt
from statistics import NormalDist

from ...ground.errors import UsageError, error, shown

# From here on the expansion is right to the last digits of a float, near enough.
MANY = 2000


def checked_confidence(confidence: object) -> float:
    """A level of confidence. Raises UsageError for anything but a number between 0 and 1."""
    given = confidence if isinstance(confidence, (int, float)) and not isinstance(confidence, bool) else 2.0
    if not 0 < given < 1:
        raise error(UsageError, "W662", f"a level of confidence is between 0 and 1, not {shown(confidence)}",
                    help="for instance 0.95")  # fmt: skip
    return float(given)


@lru_cache(maxsize=256)
def coverage_factor(confidence: float, degrees_of_freedom: float = inf) -> float:
    """The k for which [-k, k] holds `confidence` of the t distribution; of the normal one for infinite degrees.

    Degrees of freedom that are no whole number are cut to the next below, as the GUM does (G.4.1, note 1). The answer
    is nan for fewer than one.
    """
    normal = NormalDist().inv_cdf(0.5 + confidence / 2)
    if degrees_of_freedom == inf:
        return normal
    if not degrees_of_freedom >= 1:
        return float("nan")
    degrees = int(degrees_of_freedom)
    if degrees > MANY:
        return _expanded(normal, degrees)
    low, high = 0.0, pi / 2
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if _within(middle, degrees) < confidence else (low, middle)
    found = sqrt(degrees) * sin(low) / cos(low)
    return found if isfinite(found) else inf


def _within(angle: float, degrees: int) -> float:
    """The probability of |t| < √ν tan(angle)."""
    c, s = cos(angle), sin(angle)
    odd = degrees % 2
    term, total = (c, c) if odd else (1.0, 1.0)
    for k in range(2 + odd, degrees - 1, 2):
        term *= c * c * (k - 1) / k
        total += term
    if odd:
        return 2 / pi * (angle + (s * total if degrees > 1 else 0.0))
    return s * total


def _expanded(x: float, n: int) -> float:
    square = x * x
    g1 = (square + 1) * x / 4
    g2 = ((5 * square + 16) * square + 3) * x / 96
    g3 = (((3 * square + 19) * square + 17) * square - 15) * x / 384
    g4 = ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) * x / 92160
    return x + g1 / n + g2 / n**2 + g3 / n**3 + g4 / n**4


__all__ = ["checked_confidence", "coverage_factor"]
