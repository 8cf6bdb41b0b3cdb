"""Conditions that choose between two formulas of one smooth derivative, if rounding spoils one of them.

The compared values are constants (`stop_gradient`), because derivatives of higher order report jumps and there is no
jump here. The conditions are equalities that only rounding makes true, so that a derivative for reading, where
additions are exact, keeps the textbook formula.
"""

from __future__ import annotations


def large(a: str, least: float = 2.0**54) -> str:
    """The condition that adding 1 does not change a number.

    It holds from `least` on, a power of 2, and not below half of it. From 2^54 on the distance between neighbouring
    floats is at least 4; up to 2^53 it is at most 1.
    """
    scaled = f"stop_gradient({a})" if least == 2.0**54 else f"stop_gradient({2.0**54 / least!r}*{a})"
    return f"{scaled} + 1 == {scaled}"


def endless(a: str) -> str:
    """The condition that a number is infinite or nan."""
    return f"stop_gradient({a}) - stop_gradient({a}) != 0"
