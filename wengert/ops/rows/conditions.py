"""Conditions by which a rule chooses between formulas of one smooth derivative, one of which rounding would spoil.

What they compare is taken for a constant (`stop_gradient`), as nothing jumps there: derivatives of higher order tell of
jumps. And they are equalities that hold by rounding alone: a derivative for reading, which knows sums of names and
numbers without rounding, keeps the other formula, the one in books.
"""

from __future__ import annotations


def large(a: str, least: float = 2.0**54) -> str:
    """Whether a number is so large that it swallows a 1: from `least` on, a power of 2, and nowhere below half of it.

    From 2^54 on the neighbours of a float are 4 from it, or more; up to 2^53 they are 1 from it, or less.
    """
    scaled = f"stop_gradient({a})" if least == 2.0**54 else f"stop_gradient({2.0**54 / least!r}*{a})"
    return f"{scaled} + 1 == {scaled}"


def endless(a: str) -> str:
    """Whether a number is infinite or nan."""
    return f"stop_gradient({a}) - stop_gradient({a}) != 0"
