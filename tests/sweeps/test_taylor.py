"""Taylor coefficients: against mpmath at 60 digits, against repeated differentiation, and as equations."""

import math

import mpmath
import pytest

import wengert as wg
from wengert.cli import main
from wengert.lists.code import run
from wengert.ops import OPS
from wengert.sweeps.numbers import Numbers
from wengert.sweeps.rules import rule_code

FUNCTIONS = {
    "exp(sin(x))": lambda x: mpmath.exp(mpmath.sin(x)),
    "x^2.5": lambda x: x**2.5,
    "log(1 + x)*atan(x)": lambda x: mpmath.log(1 + x) * mpmath.atan(x),
    "tan(x)/sqrt(x)": lambda x: mpmath.tan(x) / mpmath.sqrt(x),
    "1/(1 + exp(-x))": lambda x: 1 / (1 + mpmath.exp(-x)),
    "erf(x) + gamma(x + 1)": lambda x: mpmath.erf(x) + mpmath.gamma(x + 1),
    "tanh(x)^3": lambda x: mpmath.tanh(x) ** 3,
    "x^x": lambda x: x**x,
    "abs(x - 1)*max(x, 0.1)": lambda x: (1 - x) * x,
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_thirty_coefficients_to_full_accuracy(text):
    """Error relative to the coefficient, or to the roundings of the largest term that made it."""
    x0 = 0.375
    found = wg.compile(text).taylor([x0], order=30)
    with mpmath.workdps(60):
        exact = mpmath.taylor(FUNCTIONS[text], mpmath.mpf(x0), 30)
    for k, (a, b) in enumerate(zip(found, exact)):
        # The radius of convergence is x0 or more here: coefficients grow at most like x0^-k.
        scale = max(abs(b), 1e-3 * mpmath.mpf(x0) ** -k * abs(exact[0]) * 1e-3)
        assert abs(a - b) <= 1e-12 * scale, (k, a, b)


def test_the_published_series_of_exp_sin():
    """OEIS A002017: the exponential generating function exp(sin(x)) has these integers."""
    published = [1, 1, 1, 0, -3, -8, -3, 56, 217, 64, -2951, -12672, 5973, 309376, 1237173]
    found = wg.compile("exp(sin(x))").taylor([0.0], order=14)
    assert [c * math.factorial(k) for k, c in enumerate(found)] == pytest.approx(published, rel=1e-13, abs=1e-11)


@pytest.mark.parametrize("text", ["sin(x*y)/(1 + x^2)", "where(x > 0, x^3*y, y)", "hypot(x, y)*log(x)", "x^y"])
def test_along_a_direction_it_is_the_repeated_jvp(text):
    f = wg.compile(text)
    point, move = {"x": 1.25, "y": 0.75}, {"x": 0.5, "y": -2.0}
    found = f.taylor(point, move, order=4)
    line = wg.compile(f"x = {point['x']} + {move['x']}*t; y = {point['y']} + {move['y']}*t; f = {text}")
    assert found[0] == pytest.approx(f(point))
    assert found[1] == pytest.approx(f.jvp(point, move))
    names = "f"
    for k in range(1, 5):
        names = f"d({names}, t)"
        moved = "; ".join(f"{n} = {point[n]} + {move[n]}*t" for n in point)
        inside = wg.compile(f"input t; {moved}; f = {text}; {names}")
        assert found[k] * math.factorial(k) == pytest.approx(inside(0.0), rel=1e-10)
    assert line.taylor([0.0], order=4) == pytest.approx(found)


def test_in_a_program_it_is_equations():
    f = wg.compile("taylor(exp(sin(x)), x, 5)")
    assert f(0.0) == pytest.approx(-8 / 120)
    assert wg.compile("taylor(x^3, x, 0) + taylor(y^3, y, 2)")(2, 5) == 8 + 15
    g = wg.compile("taylor(sin(x*y), x, 3)")
    assert g(0.0, 2.0) == pytest.approx(-8 / 6)
    assert g.grad(0.0, 2.0)["y"] == pytest.approx(-2.0)
    guarded = wg.compile("taylor(where(x > 0, sqrt(x), x^2), x, 2)")
    assert guarded(-1.0) == 1.0


def test_orders_and_directions_are_checked():
    f = wg.compile("x*y")
    for bad in (-1, 1.5, "2"):
        with pytest.raises(wg.UsageError):
            f.taylor((1, 2), (1, 1), order=bad)
    with pytest.raises(wg.LimitError, match="order"):
        f.taylor((1, 2), (1, 1), order=10**6)
    with pytest.raises(wg.UsageError, match="direction"):
        f.taylor((1, 2))
    with pytest.raises(wg.WengertError):
        wg.compile("taylor(x^2, x, x)")(1)
    with pytest.raises(wg.LimitError):
        wg.compile("taylor(sin(x), x, 1e6)")(1)


@pytest.mark.parametrize("row", [row for row in OPS.values() if row.series], ids=lambda row: row.name)
def test_a_series_rule_is_the_partial(row):
    for a in (0.3, 1.0, 2.5, -3.0):
        for b in (2.0, -1.0, 3.0):
            y = row.forward(a, b)
            by_series = run(rule_code(row, row.series, 2), (a, b, y, a), Numbers())
            wanted = wg.compile([("f", row.name, ("a", "b"))], fuse=False).grad(a, b)["a"]
            assert by_series == pytest.approx(wanted)


def test_a_series_at_a_kink_says_so(capsys):
    """And where the value is no number; of what does not move nothing is said."""

    def told(*words: str) -> tuple[int, str]:
        code = main(["taylor", *words, "--order", "2"])
        return code, capsys.readouterr().err

    code, said = told("abs(x)*y", "--x", "0", "--y", "2")
    assert (code, "W301" in said, "`abs` has a kink here, at x = 0" in said) == (0, True, True)
    assert told("abs(x)*y", "--x", "0", "--y", "2", "--direction", "y=1") == (0, "")
    code, said = told("x + log(x - 1)", "--x", "0")
    assert (code, "W201" in said) == (1, True)
    f = wg.compile("max(x, y)", kink="error")
    assert f.taylor([1.0, 2.0], [1.0, 1.0], 1) == [2.0, 1.0]
    with pytest.raises(wg.WengertError, match="W302"):
        f.taylor([1.0, 1.0], [1.0, 2.0], 1)
    assert not f.notes(1.0, 1.0, wrt=())
