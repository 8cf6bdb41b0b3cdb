"""Propagation of uncertainty, held to published numbers, to closed forms and to sampling."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.cli import main
from wengert.jobs.report_text import interval_text
from wengert.jobs.uncertainty.students_t import coverage_factor


def rounds_to(value: float, printed: str) -> bool:
    """Whether a number, rounded to the digits of a printed one, is that."""
    digits = len(printed.partition("e")[0].partition(".")[2])
    scale = 10.0 ** int(printed.partition("e")[2] or 0)
    return abs(value - float(printed)) <= 0.5000001 * 10.0**-digits * scale


# The GUM (JCGM 100:2008), annex H.

GAUGE = wg.compile("input ls, d, da, theta, al, dt\nls + d - ls*(da*theta + al*dt)")
GAUGE_AT = {"ls": 50_000_623.0, "d": 215.0, "da": 0.0, "theta": -0.1, "al": 11.5e-6, "dt": 0.0}
GAUGE_U = {"ls": 25.0, "d": 9.7, "da": 0.58e-6, "theta": 0.41, "al": 1.2e-6, "dt": 0.029}


def test_the_report_names_correlated_inputs_and_intervals_keep_their_place() -> None:
    report = str(wg.propagate("V/I", {"V": 5.0, "I": 0.1}, {"V": 0.02, "I": 0.001}, correlations={"V,I": 0.3}))
    assert report.splitlines()[-1] == "correlated inputs: V and I by 0.3"
    for low, high, u in ((23.60803, 23.96145, 0.06365), (-0.0031, 0.0065, 0.0018), (81348.7, 82299.9, 171.3)):
        ends = interval_text(low, high, u).split(" … ")
        assert len({len(end.partition(".")[2]) for end in ends}) == 1
        assert all(abs(float(end) - exact) <= 0.006 * u for end, exact in zip(ends, (low, high)))


def test_the_end_gauge_of_the_gum() -> None:
    """H.1, in nm: 32 to first order and 34 with the terms of second order (H.1.7); U = 93 at 99 % (H.1.6)."""
    found = GAUGE.propagate(GAUGE_AT, GAUGE_U, degrees_of_freedom={"ls": 18, "d": 25.6, "da": 50, "dt": 2},
                            confidence=0.99)  # fmt: skip
    assert rounds_to(found.value, "50000838")
    assert rounds_to(found.uncertainty, "32")
    assert [round(abs(c), 1) for c in found.contributions] == [25.0, 9.7, 2.9, 0.0, 0.0, 16.7]
    assert 16 < found.degrees_of_freedom < 17
    assert rounds_to(found.coverage_factor, "2.92")
    # The GUM multiplies the rounded 32 nm.
    assert rounds_to(found.coverage_factor * 32, "93")
    (second,) = found.second_order
    assert found.matters()
    assert second is not None
    assert rounds_to(second.uncertainty, "34")
    assert "second order" in str(found)


def test_resistance_and_reactance_of_the_gum() -> None:
    """H.2: five readings of three quantities at once (table H.2), and three results with their correlations (H.4)."""
    readings = np.array([
        [5.007, 4.994, 5.005, 4.990, 4.999],
        [19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3],
        [1.0456, 1.0438, 1.0468, 1.0428, 1.0433],
    ])  # fmt: skip
    mean, spread = readings.mean(axis=1), readings.std(axis=1, ddof=1) / math.sqrt(5)
    names = ("V", "I", "phi")
    found = wg.propagate(
        "R = V/I*cos(phi); X = V/I*sin(phi); Z = V/I; output R, X, Z", dict(zip(names, mean)), dict(zip(names, spread)),
        correlations=np.corrcoef(readings),
    )  # fmt: skip
    # The uncertainty of X is 0.2956, which the GUM prints as 0.295.
    printed = [("127.732", 0.071), ("219.847", 0.295), ("254.260", 0.236)]
    for b, (value, u) in zip(found.budgets, printed):
        assert rounds_to(b.value, value)
        assert b.uncertainty == pytest.approx(u, abs=0.0007)
    r = found.output_correlations
    assert rounds_to(r[0, 1], "-0.588")
    assert rounds_to(r[0, 2], "-0.485")
    assert rounds_to(r[1, 2], "0.993")
    with pytest.raises(wg.UsageError, match="3 outputs"):
        _ = found.uncertainty


def test_the_thermometer_of_the_gum() -> None:
    """H.3: the correction at 30 °C of a calibration line whose two parameters are correlated."""
    found = wg.propagate("y1 + y2*(t - 20)", {"y1": -0.1712, "y2": 0.00218, "t": 30}, {"y1": 0.0029, "y2": 0.00067},
                         correlations={("y1", "y2"): -0.930})  # fmt: skip
    assert rounds_to(found.value, "-0.1494")
    assert rounds_to(found.uncertainty, "0.0041")


# The NIST Uncertainty Machine's examples (T. Lafarge, A. Possolo, User's Manual, and NIST Technical Note 1900).


def test_the_thermal_expansion_of_nist() -> None:
    at = {"L1": 1.5021, "L0": 1.4999, "T1": 373.10, "T0": 288.15}
    found = wg.propagate("(L1 - L0)/(L0*(T1 - T0))", at, {"L1": 2e-4, "L0": 1e-4, "T1": 0.05, "T0": 0.02})
    assert rounds_to(found.value, "1.7266e-5")
    assert rounds_to(found.uncertainty, "1.76e-6")


def test_the_stefan_boltzmann_constant_of_nist() -> None:
    """With CODATA 2010; the 99 % interval is that of sampling."""
    program = """
        input h = 6.62606957e-34, R = 8.3144621, Rinf = 10973731.568539, e = 5.4857990946e-4, alpha = 7.2973525698e-3
        32*pi^5*h*R^4*Rinf^4/(15*e^4*0.001^4*299792458^6*alpha^8)
    """
    u = {"h": 2.9e-41, "R": 7.5e-6, "Rinf": 5.5e-5, "e": 2.2e-13, "alpha": 2.4e-12}
    found = wg.propagate(program, {}, u, monte_carlo=2e5, confidence=0.99)
    assert rounds_to(found.value, "5.67037e-8")
    assert rounds_to(found.uncertainty, "2.05e-13")
    assert [f"{end:.5e}" for end in found.monte_carlo[0].interval] == ["5.67032e-08", "5.67043e-08"]


def test_the_viscometer_of_nist() -> None:
    """E3 of the Technical Note: 5.69 by the formula of Gauss, 5.82 ± 1.11 by sampling."""
    at = {"mu": 4.63, "tM": 61.0, "tC": 36.6, "rM": 1180.0, "rB": 2217.0, "rC": 810.0}
    u = {"mu": 0.0463, "tM": 6.1, "tC": 5.49, "rM": 0.5, "rB": 0.5, "rC": 0.5}
    found = wg.propagate("mu*tM*(rB - rM)/(tC*(rB - rC))", at, u, monte_carlo=1e6)
    assert rounds_to(found.value, "5.69")
    assert found.monte_carlo[0].mean == pytest.approx(5.82, abs=0.01)
    assert found.monte_carlo[0].uncertainty == pytest.approx(1.11, abs=0.015)
    assert found.monte_carlo[0].interval == pytest.approx((4.05, 8.39), abs=0.03)
    assert found.second_order[0] is not None
    assert found.second_order[0].value == pytest.approx(5.82, abs=0.01)


def test_sums_of_the_supplement() -> None:
    """JCGM 101:2008, 9.2.2: four standard normal quantities add up to 2.0, and 95 % lie within ±3.92."""
    found = wg.propagate("a+b+c+d", [0, 0, 0, 0], dict.fromkeys("abcd", 1), monte_carlo=1e6)
    assert found.uncertainty == 2.0
    assert rounds_to(found.expanded, "3.92")
    assert found.monte_carlo[0].interval == pytest.approx((-3.92, 3.92), abs=0.02)
    assert not found.matters()


# Laws


def test_a_linear_model_has_the_closed_form() -> None:
    """u² = aᵀΣa, whatever the correlations, and the shares add up to 1."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        mixed = rng.normal(size=(4, 4))
        sigma = mixed @ mixed.T
        u = np.sqrt(np.diag(sigma))
        a, x = rng.normal(size=(2, 4))
        text = " + ".join(f"({float(c)!r})*x{k}" for k, c in enumerate(a))
        found = wg.propagate(text, x, {f"x{k}": v for k, v in enumerate(u)}, correlations=sigma / np.outer(u, u))
        assert found.uncertainty == pytest.approx(math.sqrt(a @ sigma @ a), rel=1e-12)
        assert sum(found.shares) == pytest.approx(1)
        second = found.second_order[0]
        assert second is not None
        assert second == pytest.approx((found.value, found.uncertainty), rel=1e-9)


@pytest.mark.parametrize(
    ("text", "at", "u", "correlations"),
    [
        ("exp(x)", {"x": 0.3}, {"x": 0.2}, {}),
        ("x*y", {"x": 1.0, "y": 2.0}, {"x": 0.3, "y": 0.4}, {}),
        ("x*y + y^2*z", {"x": 1.0, "y": 2.0, "z": -1.0}, {"x": 0.1, "y": 0.2, "z": 0.2},
         {("x", "z"): 0.7, ("y", "z"): -0.5}),
        ("x^2", {"x": 0.0}, {"x": 10.0}, {}),
        ("cos(x)", {"x": 0.0}, {"x": 0.1}, {}),
        ("input v[3], k; k*sum(v^2)", {"v": [1.0, 2.0, 3.0], "k": 2.0}, {"v": [0.1, 0.2, 0.3], "k": 0.1},
         {"v[0],k": 0.5}),
    ],
)  # fmt: skip
def test_sampling_finds_the_second_order(text: str, at: Any, u: Any, correlations: Any) -> None:
    found = wg.propagate(text, at, u, correlations=correlations, monte_carlo=4e5)
    drawn, second = found.monte_carlo[0], found.second_order[0]
    assert second is not None
    assert second.value == pytest.approx(drawn.mean, abs=0.006 * drawn.uncertainty)
    assert second.uncertainty == pytest.approx(drawn.uncertainty, rel=0.012)


def test_the_second_order_of_several_outputs_is_that_of_each() -> None:
    at, u = {"x": 0.7, "y": 1.2, "z": 0.4}, {"x": 0.1, "y": 0.2, "z": 0.1}
    options: dict[str, Any] = {"correlations": {("x", "y"): 0.5, ("y", "z"): -0.4}}
    sides = ("exp(x*y) - z^2", "x^3*sin(z) + y")
    both = wg.propagate(f"f = {sides[0]}; g = {sides[1]}; output f, g", at, u, **options).second_order
    for found, text in zip(both, sides):
        alone = wg.propagate(f"input x, y, z; {text}", at, u, **options).second_order[0]
        assert found == pytest.approx(alone, rel=1e-9)


def test_zero_plus_or_minus_ten_squared_is_not_zero() -> None:
    """x² of x = 0 ± 10, normal: the mean is 100, and the standard deviation √2·100."""
    found = wg.propagate("x^2", [0], {"x": 10})
    assert (found.value, found.uncertainty) == (0, 0)
    assert found.second_order[0] == pytest.approx((100, 100 * math.sqrt(2)))
    assert found.matters()


def test_points_at_once_are_points_one_by_one() -> None:
    x, u = np.linspace(0.5, 2, 7), np.linspace(0.1, 0.3, 7)
    model = wg.compile("x^y*sin(z)")
    options: dict[str, Any] = {"correlations": {("x", "y"): 0.4}, "degrees_of_freedom": {"x": 5, "y": 30}}
    many = model.propagate({"x": x, "y": 1.5, "z": 0.3}, {"x": u, "y": 0.2}, **options)
    many_u = model.propagate({"x": 1.0, "y": 1.5, "z": 0.3}, {"x": u, "y": 0.2}, **options)
    for k in range(7):
        one = model.propagate({"x": x[k], "y": 1.5, "z": 0.3}, {"x": u[k], "y": 0.2}, **options)
        for name in ("value", "uncertainty", "degrees_of_freedom", "coverage_factor", "expanded"):
            assert getattr(many, name)[k] == pytest.approx(getattr(one, name), rel=1e-12)
        assert [s[k] for s in many.shares] == pytest.approx(one.shares)
        assert [v[k] for v in many.second_order[0]] == pytest.approx(one.second_order[0], rel=1e-9)
        again = model.propagate({"x": 1.0, "y": 1.5, "z": 0.3}, {"x": u[k], "y": 0.2}, **options)
        assert many_u.uncertainty[k] == pytest.approx(again.uncertainty)
    assert "7 points" in str(many)


def test_coverage_factors_are_those_of_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    for degrees in (1, 2, 3, 4, 7, 18, 101, 1000, 2001, 10**6):
        for level in (0.5, 0.6827, 0.95, 0.99, 0.999):
            assert coverage_factor(level, degrees) == pytest.approx(
                special.stdtrit(degrees, 0.5 + level / 2), rel=1e-10
            )
    assert coverage_factor(0.95) == pytest.approx(special.ndtri(0.975))
    # Cut to the whole number below.
    assert coverage_factor(0.95, 4.9) == coverage_factor(0.95, 4)
    assert math.isnan(coverage_factor(0.95, 0.5))


def test_the_same_seed_gives_the_same_samples() -> None:
    drawn = [wg.propagate("x^2", [1], {"x": 1}, monte_carlo=1000, seed=seed).monte_carlo for seed in (3, 3, 4)]
    assert drawn[0] == drawn[1] != drawn[2]
    found = wg.propagate("log(x)", [1], {"x": 1}, monte_carlo=1000).monte_carlo[0]
    assert 100 < found.lost < 250
    assert "samples have no value" in str(wg.propagate("log(x)", [1], {"x": 1}, monte_carlo=1000))


def test_a_kink_at_the_point_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["propagate", "abs(x)", "--x", "0±1"]) == 0
    said = capsys.readouterr()
    assert "W301" in said.err
    assert "kink" in said.out


# The command line


@pytest.mark.parametrize(
    ("typed", "value", "u"),
    [
        ("5.00±0.02", 5.0, 0.02), ("5.00 +- 0.02", 5.0, 0.02), ("5+/-1e-3", 5.0, 1e-3), ("5.00(2)", 5.0, 0.02),
        ("-1.25(11)e-3", -1.25e-3, 1.1e-4), ("12(3)", 12.0, 3.0), ("1.5(1.2)", 1.5, 1.2), ("200±1%", 200.0, 2.0),
        ("-200±1%", -200.0, 2.0), ("pi/4±1/3", math.pi / 4, 1 / 3), ("3", 3.0, 0.0), (".5(1)", 0.5, 0.1),
        ("0.000(21)", 0.0, 0.021),
    ],
)  # fmt: skip
def test_ways_to_write_an_uncertainty(
    typed: str, value: float, u: float, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    assert main(["propagate", "2*x", f"--x={typed}", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["outputs"].values()
    assert (found["value"], found["uncertainty"]) == pytest.approx((2 * value, 2 * u), rel=1e-12)


@pytest.mark.parametrize(
    ("words", "says", "caret"),
    [
        (["--V", "5±-1", "--I", "1"], "is negative", "--V"),
        (["--V", "5±nan", "--I", "1"], "not a number", "--V"),
        (["--V", "5±inf", "--I", "1"], "is infinite", "--V"),
        (["--V", "5±1±1", "--I", "1"], "its uncertainty", "--V"),
        (["--V", "5±1", "--I", "1±1", "--corr", "V,J=0.1"], "no uncertain input is called `J`", "--corr"),
        (["--V", "5±1", "--I", "1±1", "--corr", "V=0.1"], "of two inputs", "--corr"),
        (["--V", "5±1", "--I", "1±1", "--corr", "V,I=-1.5"], "from -1 to 1", "--corr"),
        (["--V", "5±1", "--I", "1±1", "--corr", "V,I=.1", "--corr", "I,V=.1"], "twice", "--corr"),
        (["--V", "5±1", "--I", "1±1", "--dof", "v=3"], "no input is called `v`", "--dof"),
        (["--V", "5±1", "--I", "1±1", "--dof", "V=-3"], "above 0", "--dof"),
        (["--V", "5±1", "--I", "1±1", "--confidence", "95"], "between 0 and 1", "--confidence"),
        (["--V", "5±1", "--I", "1±1", "--monte-carlo", "0"], "from 2 on", "--monte-carlo"),
        (["--V", "5±1", "--I", "1±1", "--seed", "-1"], "from 0 on", "--seed"),
    ],
)
def test_mistakes_are_told_at_their_place(
    words: list[str], says: str, caret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["propagate", "V/I", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert says in said.err
    _, line, marks, *_ = said.err.split("\n")[1:]
    assert line[marks.index("^") :].startswith(caret)


def test_correlations_that_contradict_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9}
    with pytest.raises(wg.UsageError, match="no quantities have these correlations") as told:
        wg.propagate("a+b+c+d", [1, 1, 1, 1], dict.fromkeys("abcd", 1), correlations=pairs)
    assert "`d`" not in told.value.diagnostic.message
    for matrix in ([[1, 0.5], [0.4, 1]], [[1, 2], [2, 1]], [[2, 0], [0, 1]], [[1]], 0.5):
        with pytest.raises(wg.UsageError):
            wg.propagate("a+b", [1, 1], {"a": 1, "b": 1}, correlations=matrix)
    # Printed digits may leave an eigenvalue just below 0.
    third = 1 / 3
    near = np.array([[1, -0.5, -0.5], [-0.5, 1, -0.5], [-0.5, -0.5, 1]]) * (1 + 1e-12) - np.eye(3) * 1e-12
    assert wg.propagate("a+b+c", [third] * 3, dict.fromkeys("abc", 1.0), correlations=near).uncertainty < 1e-5


@pytest.mark.parametrize("size", [1e-320, 1e-305, 1e300, 1e308])
def test_numbers_near_the_ends_of_floats_are_printed(size: float) -> None:
    found = wg.propagate("3*x", [size], {"x": size / 10}, monte_carlo=100)
    assert "±" in str(found)
    assert wg.propagate("x^2", [size], {"x": size}).matters() in (True, False)


def test_uncertainties_of_other_shapes_are_refused() -> None:
    with pytest.raises(wg.UsageError, match="do not fit"):
        wg.propagate("x*y", {"x": np.ones(3), "y": 1}, {"y": [1, 2]})
    with pytest.raises(wg.UsageError, match="shape"):
        wg.propagate("input x[3]; sum(x)", {"x": [1, 2, 3]}, {"x": [1, 2]})
    with pytest.raises(wg.UsageError, match="one point"):
        wg.propagate("x", {"x": [1, 2, 3]}, {"x": 1}, monte_carlo=10)


def test_a_table_of_points() -> None:
    table = np.rec.fromarrays([np.array([1.0, 2.0]), np.array([3.0, 4.0])], names=["x", "y"])
    found = wg.propagate("x*y", table, {"x": 0.1})
    assert found.uncertainty == pytest.approx([0.3, 0.4])
