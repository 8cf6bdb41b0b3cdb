"""Constants in formulas to read: each is found again, and digits that nobody would recognise stay as they are."""

from __future__ import annotations

import math
import random
import re
from fractions import Fraction

import pytest

import wengert as wg
from wengert.transforms.reading.constants import fraction_of, is_simple, spelling

NAMED = {
    "pi": math.pi, "1/pi": 1 / math.pi, "pi^2": math.pi**2, "sqrt(pi)": math.sqrt(math.pi), "e": math.e,
    "1/sqrt(2*pi)": 1 / math.sqrt(2 * math.pi), "sqrt(2)": math.sqrt(2), "sqrt(3)": math.sqrt(3), "log(2)": math.log(2),
    "1/log(2)": 1 / math.log(2), "log(10)": math.log(10), "1/log(10)": 1 / math.log(10),
    "sqrt(2/pi)": math.sqrt(2 / math.pi),
}  # fmt: skip


def test_fractions_are_found_again() -> None:
    for q in range(1, 100):
        for p in range(1, 100):
            assert fraction_of(p / q) == Fraction(p, q)


@pytest.mark.parametrize("name", NAMED)
def test_named_constants_are_found_again(name: str) -> None:
    """Times any small fraction; the text computes the number to within three roundings."""
    for p, q in ((1, 1), (2, 1), (1, 3), (7, 2), (5, 12), (180, 1), (1, 180)):
        number = p / q * NAMED[name]
        text = str(wg.compile(f"{number!r}*x*y").derivative("x"))
        assert max(map(len, re.findall(r"[\d.]+", text)), default=0) <= 6, text
        assert math.isclose(wg.compile(text)(y=1.0), number, rel_tol=1e-15)


def test_numbers_of_random_digits_stay() -> None:
    random.seed(11)
    for _ in range(3000):
        number = random.uniform(0.001, 10)
        assert fraction_of(number) == Fraction(repr(number))
        assert spelling(number) is None
        assert not is_simple(fraction_of(number))


def test_decimals_that_people_write_stay() -> None:
    for text in ("0.1", "2.5", "0.333", "3.14159", "6.02214076e23", "1.380649e-23", "299792458", "0.0072973525693"):
        assert str(wg.compile(f"{text}*x*y").derivative("x")) == f"{wg.compile(text)()!r}*y".replace(".0*", "*")
