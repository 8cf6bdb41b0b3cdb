"""The error bars hold: on every row of the corpora, against values and gradients known to 20 digits."""

import csv
import json
import math
import statistics
from fractions import Fraction
from pathlib import Path

import pytest

import wengert as wg
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.rounding import error_bounds

CORPORA = Path(__file__).parent


def rows(name):
    with (CORPORA / name).open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("name", ["feynman.tsv", "symbolic_regression.tsv"])
def test_bounds_hold_on_every_row_and_are_not_idle(name):
    overestimates = []
    for row in rows(name):
        f = wg.compile(row["formula"])
        point = {k: float(v) for k, v in json.loads(row["point"]).items() if k in f.inputs}
        wanted = {None: row["value"], **json.loads(row["gradient"])}
        for wlist, names in ((f.running_list, (None,)), (f.gradient_list, f.inputs)):
            got = evaluate(wlist, point, Numbers())
            for name_, value, bound in zip(names, got, error_bounds(wlist, point)):
                exact = Fraction(wanted[name_])
                error = abs(Fraction(value) - exact)
                # The stored number has 20 digits of its own.
                assert error <= Fraction(bound) + abs(exact) * Fraction(1, 10**18), (row["name"], name_)
                if error:
                    overestimates.append(float(Fraction(bound) / error))
    assert len(overestimates) > 100
    assert statistics.median(overestimates) < 30


@pytest.mark.parametrize("text", ["exp(x) - exp(y)", "sin(x)^2 - sin(y)^2", "(x - y)*1e8", "x^7 - y^7"])
def test_cancellation_is_seen(text):
    f = wg.compile(text, fuse=False)
    x, y = 1.0, 1.0 + 2.0**-40
    value, bounds = f(x, y), f.error_bounds(x, y)
    assert bounds.value >= abs(value) * 2.0**-20
    assert len(bounds.gradient) == 2


def test_what_is_exact_has_no_error():
    assert wg.compile("where(x > 1, -x, max(x, 2))").error_bounds(3.0).value == 0.0
    assert wg.compile("x + 1").error_bounds(3.0).value == pytest.approx(0.5 * math.ulp(4.0), rel=1e-2)


def test_what_is_not_finite_has_no_bound():
    assert wg.compile("1/x").error_bounds(0.0).value == math.inf


@pytest.mark.parametrize(
    ("text", "point"), [("x^m", (-2.0, 3.0)), ("x^(m - 1)", (-2.0, 4.0)), ("x^(2*m)", (-2.0, 1.5))]
)
def test_a_singular_derivative_magnifies_no_error_of_an_exact_step(text, point):
    bounds = wg.compile(text).error_bounds(*point)
    assert bounds.gradient["x"] < 1e-12
    assert bounds.gradient["m"] == math.inf  # it is nan


@pytest.mark.parametrize("text", ["abs(d)", "hypot(d, d)", "max(d, -d)", "relu(d)", "abs(d) - abs(-3*d)"])
def test_bounds_hold_on_a_kink_that_rounding_made(text):
    # The float exp(0.1) is not the exact one, so that is off the kink by some 1e-17.
    f = wg.compile(text.replace("d", "(exp(x) - y)"), fuse=False)
    assert f.error_bounds(0.1, math.exp(0.1)).value >= 1e-17


@pytest.mark.parametrize("text", ["exp(x)", "sin(x)^2 - x", "coth(x)*x", "x/7"])
def test_a_value_that_derivatives_take_for_constant_has_its_errors(text):
    bare, held = wg.compile(text), wg.compile(f"stop_gradient({text})")
    assert held.error_bounds(1.3).value == bare.error_bounds(1.3).value > 0.0
    # The derivative of y*stop_gradient(y) is y*y', and holds the error of y.
    product = wg.compile(f"y = {text}; y*stop_gradient(y)")
    assert product.error_bounds(1.3).gradient[0] > 0.0
