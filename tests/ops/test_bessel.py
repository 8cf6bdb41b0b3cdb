"""Laws of the Bessel functions of real order over arrays: Wronskians, closed forms, and the borders of formulas."""

import math

import mpmath as mp
import numpy as np
import pytest

from tests.oracles.modified_bessel import modified_k
from tests.oracles.oracle import ulps
from wengert.ops import OPS
from wengert.ops.arrays.elementwise import BLOCK, LONGER, over_arrays
from wengert.ops.floats import bessel_real, bessel_whole

EPS = 2.0**-52
EXACT = {"besselj": mp.besselj, "bessely": mp.bessely, "besseli": mp.besseli, "besselk": modified_k}
BORDERS = (
    bessel_real.FALLS, bessel_real.WAVES, bessel_real.NEARER, bessel_real.SERIES, bessel_whole.PLANE,
    40.25,
)  # fmt: skip


def values(name: str, v: np.ndarray, a: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return over_arrays(OPS[name])(v, a)


def orders_and_arguments(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    v = rng.uniform(0.0, 30.0, n)
    return v, np.where(rng.random(n) < 0.5, rng.uniform(0.1, 100.0, n), v * rng.uniform(0.5, 1.5, n) + 0.01)


def test_wronskians():
    """DLMF 10.5.2 and 10.28.2, of two functions by different formulas."""
    v, a = orders_and_arguments(2000)
    next_v = np.nextafter(v, 0.0) + 1.0
    v = next_v - 1.0  # exactly
    j, next_j, y, next_y = (values(name, at, a) for name in ("besselj", "bessely") for at in (v, next_v))
    assert np.all(
        np.abs(next_j * y - j * next_y - 2.0 / (math.pi * a)) <= 16.0 * EPS * (np.abs(next_j * y) + np.abs(j * next_y))
    )
    i, next_i, k, next_k = (values(name, at, a) for name in ("besseli", "besselk") for at in (v, next_v))
    assert np.all(np.abs((i * next_k + next_i * k) * a - 1.0) <= 16.0 * EPS)


def test_reflections():
    """Negative orders (DLMF 10.2.3 and 10.27.2), at thirds, where the sine is sqrt(3)/2 and the cosine 1/2."""
    n, a = np.meshgrid(np.arange(12.0), np.array([0.3, 1.7, 2.5, 7.0, 21.0, 33.0, 50.0, 99.0]))
    n, a = n.ravel(), a.ravel()
    v = n + 1.0 / 3.0
    cosine = np.where(n % 2.0 == 0.0, 0.5, -0.5)
    sine = math.sqrt(3.0) * cosine
    j, y, other, k = (values(name, v, a) for name in ("besselj", "bessely", "besseli", "besselk"))
    # The order is off a third by a rounding, which counts as the order's derivative does.
    near = 100.0 * EPS
    assert np.all(np.abs(values("besselj", -v, a) - (cosine * j - sine * y)) <= near * (np.abs(j) + np.abs(y)))
    assert np.all(np.abs(values("bessely", -v, a) - (sine * j + cosine * y)) <= near * (np.abs(j) + np.abs(y)))
    assert np.all(np.abs(values("besseli", -v, a) - (other + 2.0 / math.pi * sine * k)) <= near * (other + k))
    assert np.array_equal(values("besselk", -v, a), k)


def test_half_an_odd_number_is_elementary():
    a = np.random.default_rng(1).uniform(0.05, 200.0, 500)
    a = a[np.minimum(np.abs(np.sin(a)), np.abs(np.cos(a))) > 0.05]
    root = np.sqrt(2.0 / (math.pi * a))
    for name, v, want in (
        ("besselj", 0.5, root * np.sin(a)), ("besselj", -0.5, root * np.cos(a)), ("bessely", 0.5, -root * np.cos(a)),
        ("besseli", 0.5, root * np.sinh(a)), ("besseli", -0.5, root * np.cosh(a)),
        ("besselk", 0.5, root * (0.5 * math.pi) * np.exp(-a)),
    ):  # fmt: skip
        assert np.all(np.abs(values(name, np.full(a.size, v), a) / want - 1.0) <= 10.0 * EPS), (name, v)


@pytest.mark.parametrize("name", EXACT)
def test_on_both_sides_of_a_border(name):
    """Where another formula begins: of the argument, and at an order as large as it."""
    points = [
        (v, b) for border in BORDERS for b in (math.nextafter(border, 0.0), border)
        for v in (0.3, 3.0, 1e-9, border, -1.3)
    ]  # fmt: skip
    points += [(v, a) for v in (150.5, 700.25) for a in (1e-3, 30.0, 149.0, 650.0)]
    got = values(name, *np.tile(np.array(points).T, 4))
    with mp.workprec(160):
        for (v, a), y in zip(points, got):
            exact = EXACT[name](mp.mpf(v), mp.mpf(a))
            assert ulps(float(y), exact) <= OPS[name].ulps, (v, a)


def test_more_than_a_block():
    """An element's answer does not depend on the elements beside it."""
    v, a = orders_and_arguments(2000)
    many = LONGER * BLOCK // v.size + 1
    for name in ("bessely", "besselk"):
        assert np.array_equal(values(name, np.tile(v, many), np.tile(a, many)), np.tile(values(name, v, a), many))
