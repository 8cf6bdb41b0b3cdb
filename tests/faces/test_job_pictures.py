"""Pictures of reports: the file of a command is the picture of the report, in the names of the user; points that are
drawn are those of the report; no file is written by halves, or over another."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert as wg
from wengert.cli.main import main
from wengert.jobs.fitting.fit_picture import normal_quantiles
from wengert.jobs.report_pictures import over_grid

pytest.importorskip("matplotlib")
pytest.importorskip("scipy")

MODEL, DATA = "y ~ b1*(1-exp(-b2*x))", "samples/misra.csv"
ROSENBROCK = "100*(why-x^2)^2 + (1-x)^2"
PREY = ("x' = a*x - b*x*y", "y' = c*x*y - d*y")
RATES = {"x": 10.0, "y": 5.0, "a": 1.1, "b": 0.4, "c": 0.1, "d": 0.4}
# For each job a command without its `--plot`, the report, and texts that its picture shows.
JOBS: dict[str, tuple[tuple[str, ...], Any, tuple[str, ...]]] = {
    "fit": (
        (MODEL, DATA, "b1=500", "b2=1e-4"),
        lambda: wg.fit(MODEL, DATA, start={"b1": 500, "b2": 1e-4}),
        (MODEL, "x", "y", "residual", "95 % band of the curve"),
    ),
    "propagate": (
        ("x^2 + y", "--x", "0.5±0.3", "--y", "1±0.1", "--monte-carlo", "1e4"),
        lambda: wg.propagate("x^2 + y", {"x": 0.5, "y": 1.0}, {"x": 0.3, "y": 0.1}, monte_carlo=1e4),
        ("x^2 + y", "Monte Carlo, 10,000 samples", "normal, first order", "normal, second order"),
    ),
    "minimize": (
        (ROSENBROCK, "--x", "-1.2", "--why", "1", "--subject-to", "x + why >= 1"),
        lambda: wg.minimize(wg.compile(ROSENBROCK), {"x": -1.2, "why": 1.0}, subject_to="x + why >= 1"),
        ("x", "why", "x + why >= 1", "the search", "outside the constraints"),
    ),
    "solve": (
        ("x^2 + y^2 = 4", "exp(x) + y = 1", "--x", "1", "--y", "-1.7"),
        lambda: wg.solve(["x^2 + y^2 = 4", "exp(x) + y = 1"], {"x": 1.0, "y": -1.7}),
        ("x^2 + y^2 = 4", "exp(x) + y = 1", "root", "the start"),
    ),
    "ode": (
        (*PREY, *(w for n, v in RATES.items() for w in (f"--{n}", str(v))), "--t", "0:9", "--sensitivities", "a",
         "--event", "x = y"),
        lambda: wg.ode(PREY, RATES, t=(0, 9), sensitivities="a", events="x = y"),
        ("∂x/∂a", "∂y/∂a", "x = y", "states", "t"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("job", JOBS)
def test_a_command_draws_the_picture_of_its_report(job: str, tmp_path: Path, capsys: Any) -> None:
    from matplotlib.text import Text

    words, report, shown = JOBS[job]
    path = tmp_path / "picture.svg"
    assert main([job, *words, "--plot", str(path)]) == 0
    made = report()
    drawn = made.plot(format="svg")
    assert path.read_text("utf-8") == drawn
    figure = made.plot()
    texts = {t.get_text() for t in figure.findobj(Text)}
    assert not [text for text in shown if text not in texts], texts
    # Written again only if it is asked for, and before the work.
    capsys.readouterr()
    assert main([job, *words, "--plot", str(path)]) == 2
    assert "W681" in capsys.readouterr().err
    assert main([job, *words, "--plot", str(tmp_path / "picture.gif")]) == 2
    assert "W680" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["picture.svg"]


def test_a_picture_is_replaced_if_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_text("old")
    assert main(["propagate", "x", "--x", "1±2", "--plot", str(path), "--force"]) == 0
    assert path.read_bytes().startswith(b"%PDF")
    assert wg.propagate("x", {"x": 1.0}, {"x": 2.0}).plot(format="png").startswith(b"\x89PNG")


def test_reports_are_drawn_after_a_pickle_too() -> None:
    for job in ("minimize",):
        made = JOBS[job][1]()
        assert pickle.loads(pickle.dumps(made)).plot(format="svg") == made.plot(format="svg")


def curves(axes: Any) -> dict[str, tuple[Any, Any]]:
    return {line.get_label(): line.get_data() for line in axes.lines}


def test_a_fit_shows_its_points_its_curve_and_its_residuals() -> None:
    found = wg.fit(MODEL, DATA, start={"b1": 500, "b2": 1e-4})
    above, below = found.plot().axes
    x, y = curves(above)["data"]
    assert np.array_equal(y, found.responses)
    along, values = curves(above)["fit"]
    b1, b2 = found.values.values()
    assert np.allclose(values, b1 * (1 - np.exp(-b2 * along)), rtol=1e-12)
    assert along[0] == min(x)
    assert along[-1] == max(x)
    assert any(np.array_equal(line.get_ydata(), found.residuals) for line in below.lines)


def test_tables_with_a_column_of_one_value_have_curves() -> None:
    x = np.linspace(1, 9, 7)
    tables = [{"x": x, "c": np.full(7, c), "y": 2 * x / (1 + c)} for c in (0.0, 3.0)]
    found = wg.fit("y ~ a*x/(1 + c)", tables, start={"a": 1})
    drawn = curves(found.plot().axes[0])
    for label, c in (("1", 0), ("2", 3)):
        along, values = drawn[label]
        assert np.allclose(values, 2 * along / (1 + c))
    alone = wg.fit("y ~ a*x/(1 + c)", tables[1], start={"a": 1})
    along, values = curves(alone.plot().axes[0])["fit"]
    assert np.allclose(values, along / 2)


def test_a_fit_over_two_columns_shows_residuals_in_order() -> None:
    rng = np.random.default_rng(0)
    columns = {"u": rng.normal(size=50), "v": rng.normal(size=50)}
    columns["y"] = 2 * columns["u"] - columns["v"] + rng.normal(size=50) / 10
    found = wg.fit("y ~ a*u + b*v", columns, start={"a": 1, "b": 1})
    left, right = found.plot().axes
    assert any(np.array_equal(line.get_ydata(), found.residuals) for line in left.lines)
    quantiles, ordered = normal_quantiles(found.table()["standardised"])
    assert np.all(np.diff(ordered) >= 0)
    from scipy.stats import norm

    assert np.allclose(norm.cdf(quantiles), (np.arange(50) + 0.5) / 50)
    assert any(np.array_equal(line.get_xdata(), quantiles) for line in right.lines)


def test_the_bars_of_a_propagation_are_its_shares() -> None:
    found = wg.propagate("V/I", {"V": 5.0, "I": 0.102}, {"V": 0.02, "I": 0.001})
    (axes,) = found.plot().axes
    bars = dict(zip([t.get_text() for t in axes.get_yticklabels()], [p.get_width() for p in axes.patches]))
    assert bars == pytest.approx({n: 100 * s for n, s in zip(found.labels, found.shares)})


def test_the_histogram_is_a_density() -> None:
    (drawn,) = wg.propagate("exp(x)", {"x": 0.0}, {"x": 1.0}, monte_carlo=20_000).monte_carlo
    assert float(np.diff(drawn.edges) @ drawn.heights) == pytest.approx(0.998, abs=1e-3)


@pytest.mark.parametrize(
    "program", ["x^2*y + y", "input z[2]; z[0]^2*z[1] + z[1]", "z @ z + z[1]*(z[0]^2 - z[1] + 1) - z[0]^2"]
)
def test_values_over_a_grid_are_those_of_points(program: str) -> None:
    """Also of one vector, be its shape declared or not."""
    f = wg.compile(program)
    flat = f.flat(x=1.0, y=2.0, wrt=["x", "y"]) if "x" in f.inputs else f.flat(z=[1.0, 2.0], wrt="z")
    x, y = np.linspace(-1, 1, 3), np.linspace(0, 1, 4)
    found = over_grid(flat, (0, 1), x, y)
    assert found.shape == (1, 4, 3)
    assert np.allclose(found[0], x**2 * y[:, None] + y[:, None])


def test_the_path_begins_at_the_start_and_ends_at_the_minimum() -> None:
    found = wg.minimize("(x - 3)^2*(1 + y^2) + (y - 1)^4", {"x": 0.0, "y": 0.0})
    points = [i.x for i in found.landscape.iterates]
    assert np.array_equal(points[0], [0, 0])
    assert np.allclose(points[-1], [found.point["x"], found.point["y"]])
    assert (curves(found.plot().axes[0])["the search"][0] == [p[0] for p in points]).all()


@pytest.mark.parametrize(
    "report",
    [
        lambda: wg.minimize("sum((v - [1, 2, 3])^4)", {"v": np.zeros(3)}),
        lambda: wg.minimize("cosh(x - 1)", {"x": 0.0}),
        lambda: wg.minimize("sum(v^2)", {"v": np.ones(3)}, subject_to="sum(v) = 1"),
        lambda: wg.solve("sin(x) = x/5", {"x": 1.0}, starts=5),
        lambda: wg.solve("x^2 = -1", {"x": 1.0}),
        lambda: wg.solve(["x + y = 1", "y + z = 2", "x*z = 3"], {"x": 1.0, "y": 1.0, "z": 2.0}),
        lambda: wg.ode(["a' = -a", "b' = 1e4*a"], {"a": 1.0, "b": 0.0}),
        lambda: wg.propagate("2*x", {"x": 1.0}, {"x": 0.0}, monte_carlo=100),
        lambda: wg.fit("y ~ a*x", {"x": [1.0, 1.0, 1.0], "y": [2.0, 4.0, 6.1]}, start={"a": 1}),
    ],
)
def test_every_report_has_a_picture(report: Any) -> None:
    figure = report().plot()
    assert all(axes.lines or axes.patches or axes.collections or axes.texts for axes in figure.axes)


def test_a_batch_has_none() -> None:
    with pytest.raises(wg.UsageError, match="there is no picture") as caught:
        wg.propagate("x^2", {"x": [1.0, 2.0]}, {"x": 0.1}).plot()
    assert caught.value.diagnostic.code == "W870"


@pytest.mark.parametrize("wrong", [3, b"x", None, [1], "gif"])
def test_odd_arguments_are_named(wrong: Any) -> None:
    found = wg.solve("x^2 = 2", {"x": 1.0})
    with pytest.raises(wg.WengertError):
        found.plot(format=wrong if wrong is not None else "gif")
    if not isinstance(wrong, str):
        return
    with pytest.raises(wg.WengertError):
        found.plot(wrong)
