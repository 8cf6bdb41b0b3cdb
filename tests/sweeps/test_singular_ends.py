"""Derivatives where a logarithm or a root meets its end: one-sided limits, against mpmath beside the point."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import wengert as wg

inf = float("inf")
mp = mpmath.mpf


def limit(f: Callable[[Any], Any], at: Callable[[], Any], side: int, order: int) -> float:
    """The limit of a derivative beside a point: infinite where it grows from each distance to the next."""
    with mpmath.workdps(260):
        near, far = (
            mpmath.diff(f, at() + side * mp(10) ** -k, order, h=mp(10) ** (-k - 40), relative=False) for k in (30, 60)
        )
        grows = abs(far) > 1.5 * abs(near) and abs(far) > 1
        return float(mpmath.sign(far)) * inf if grows else round(float(far), 18)


def held(text: str, exact: Callable[[Any], Any], x: float, at: Callable[[], Any]) -> None:
    """That each side has the limits of that side, and the mean over both is one wherever there is one."""
    sides = {"left": -1, "right": 1}
    wants = {kink: [limit(exact, at, side, order) for order in (1, 2)] for kink, side in sides.items()}
    for kink, want in wants.items():
        f = wg.compile(text, kink=kink)
        found = [f.grad(x)[0], f.hessian(x)[0][0]]
        np.testing.assert_allclose(found, want, rtol=1e-9, atol=1e-9, err_msg=f"{text}, {kink}")
    f = wg.compile(text)
    with np.errstate(invalid="ignore"):  # of two infinities there is none
        mean = np.add(*wants.values()) / 2
    batch = np.array([x, x + 0.25] * 4)
    for k, ways in enumerate(([f.grad(x)[0], f.jvp([x], [1.0]), f.bind()(x)[1], f.grad(batch)[0][2]],
                              [f.hessian(x)[0][0], f.hvp([x], [1.0])[0], f.hessian(batch)[0][0][2]])):  # fmt: skip
        np.testing.assert_allclose(ways, mean[k], rtol=1e-9, atol=1e-9, err_msg=text)


def log_of(x: Any) -> Any:
    return mpmath.log(abs(x))


LOGARITHMS: list[tuple[str, Callable[[Any], Any]]] = [
    ("where(x == 0, 0, x^2*log(abs(x)))", lambda x: x**2 * log_of(x)),
    ("where(x == 0, 0, x^3*log2(abs(x)))", lambda x: x**3 * log_of(x) / mpmath.log(2)),
    ("where(x == 0, 0, x*log(abs(x)))", lambda x: x * log_of(x)),
    ("where(x == 0, 1, exp(x*log(abs(x))))", lambda x: mpmath.exp(x * log_of(x))),
    ("where(x == 0, 1, abs(x)^(x^2))", lambda x: abs(x) ** (x**2)),
    ("where(x == 0, 0, x^2*log(abs(x))^2*cos(x))", lambda x: x**2 * log_of(x) ** 2 * mpmath.cos(x)),
    ("where(x == 0, 0, sqrt(x^4*log(x^2)^2))", lambda x: 2 * x**2 * abs(log_of(x))),
    ("where(x == 0, 0, x^3*atanh(1 - abs(x)))", lambda x: x**3 * mpmath.atanh(1 - abs(x))),
    ("where(x == 0, 1, x*cot(x))", lambda x: x * mpmath.cot(x)),
    ("where(x == 0, 0, sin(x)^3/x*log(x^2) + x)", lambda x: mpmath.sin(x) ** 3 / x * 2 * log_of(x) + x),
]


@pytest.mark.parametrize(("text", "exact"), LOGARITHMS, ids=[text for text, _ in LOGARITHMS])
def test_logarithms_at_removable_points(text: str, exact: Callable[[Any], Any]) -> None:
    held(text, exact, 0.0, lambda: mp(0))


@pytest.mark.parametrize("seed", range(6))
def test_random_powers_of_x_and_its_logarithm(seed: int) -> None:
    rng = random.Random(seed)
    terms = [(rng.choice((1, 2, 2.5, 3)), rng.choice((0, 1, 1, 2)), rng.choice((1, -2, 0.5))) for _ in range(2)]
    wrap, outer = rng.choice([
        ("{}", lambda s: s), ("sin({})", mpmath.sin), ("exp({})", mpmath.exp), ("1/(1 + {})", lambda s: 1 / (1 + s)),
        ("sqrt(1 + {})", lambda s: mpmath.sqrt(1 + s)), ("({})^2", lambda s: s**2),
    ])  # fmt: skip
    inner = " + ".join(f"{c}*abs(x)^{p}*log(abs(x))^{q}" for p, q, c in terms)
    text = f"where(x == 0, {wrap.format('0')}, {wrap.format(f'({inner})')})"

    def exact(x: Any) -> Any:
        return outer(sum(mp(c) * abs(x) ** mp(p) * log_of(x) ** q for p, q, c in terms))

    sides = {kink: [limit(exact, lambda: mp(0), side, order) for order in (1, 2)]
             for kink, side in (("left", -1), ("right", 1))}  # fmt: skip
    for kink, want in sides.items():
        f = wg.compile(text, kink=kink, fuse=False)
        np.testing.assert_allclose([f.grad(0.0)[0], f.hessian(0.0)[0][0]], want, rtol=1e-9, atol=1e-9, err_msg=text)


def test_a_limit_along_the_one_side_that_there_is() -> None:
    for text, first, second in (
        ("xlogy(x^2, x)", 0.0, -inf), ("xlogy(x, x)", -inf, inf), ("where(x == 0, 0, x*log(x))", -inf, inf),
        ("xlog1py((x + 1 - 1)^2, x - 1) - x", -1.0, -inf), ("where(x == 0, 0, x^2*lgamma(x))", 0.0, inf),
        ("where(x == 0, 1, x*gamma(x))", -np.euler_gamma, np.euler_gamma**2 + np.pi**2 / 6),
        ("where(x == 0, 0, x^2/log(abs(x)))", 0.0, 0.0),
    ):  # fmt: skip
        f, x = wg.compile(text), 0.0
        assert (f.grad(x)[0], f.hessian(x)[0][0]) == pytest.approx((first, second), rel=1e-14), text
        assert all("no series" not in note.message for note in f.hessian(x).notes)


def lambertw(x: Any) -> Any:
    return mpmath.re(mpmath.lambertw(x))


# The point as a float, and as it is.
HALF_PI = (np.pi / 2, lambda: mpmath.pi / 2)
PI = (np.pi, lambda: mpmath.pi)
ZERO = (0.0, lambda: mp(0))
BRANCH_POINTS: list[tuple[str, Callable[[Any], Any], tuple[float, Callable[[], Any]]]] = [
    ("asin(sin(x))", lambda x: mpmath.asin(mpmath.sin(x)), HALF_PI),
    ("asin(sin(3*x))^2", lambda x: mpmath.asin(mpmath.sin(3 * x)) ** 2, (np.pi / 6, lambda: mpmath.pi / 6)),
    ("acos(cos(x))", lambda x: mpmath.acos(mpmath.cos(x)), PI),
    ("acos(cos(x))", lambda x: mpmath.acos(mpmath.cos(x)), ZERO),
    ("acosh(cosh(x))", lambda x: mpmath.acosh(mpmath.cosh(x)), ZERO),
    ("sqrt(1 - sin(x))*exp(x)", lambda x: mpmath.sqrt(1 - mpmath.sin(x)) * mpmath.exp(x), HALF_PI),
    ("sqrt(1 - sin(x)^2)", lambda x: abs(mpmath.cos(x)), HALF_PI),
    ("(1 + cos(x))^0.5", lambda x: mpmath.sqrt(1 + mpmath.cos(x)), PI),
    ("acos(sin(x)^2)", lambda x: mpmath.acos(mpmath.sin(x) ** 2), HALF_PI),
    ("lambertw(x*exp(x))", lambda x: lambertw(x * mpmath.exp(x)), (-1.0, lambda: mp(-1))),
    ("lambertw(-exp(-1 - x^2))", lambda x: lambertw(-mpmath.exp(-1 - x**2)), ZERO),
]


@pytest.mark.parametrize(("text", "exact", "point"), BRANCH_POINTS, ids=[text for text, _, _ in BRANCH_POINTS])
def test_roots_of_a_value_that_is_stationary(text: str, exact: Callable[[Any], Any], point: Any) -> None:
    held(text, exact, *point)


def test_squares_of_roots_at_their_ends() -> None:
    at = -0.36787944117144233
    for text, x, want in (
        ("(1 + lambertw(x))^2", at, 2 * np.e), ("(1 + lambertwm1(x))^2", at, 2 * np.e), ("acos(x)^2", 1.0, -2.0),
        ("acosh(x)^2", 1.0, 2.0), ("asech(x)^2", 1.0, -2.0),
    ):  # fmt: skip
        assert wg.compile(text).grad(x)[0] == pytest.approx(want, rel=1e-14), text


def test_a_root_of_what_is_not_stationary_is_steep() -> None:
    for text, x in (("sqrt(1 - x^2)", 1.0), ("asin(1 - 2*x)", 0.0), ("sqrt(1e-12*x + x^2)", 0.0)):
        assert np.isinf(wg.compile(text).grad(x)[0]), text
    assert np.isnan(wg.compile("cbrt(1 - sin(x))").grad(np.pi / 2)[0])  # a cusp
