"""`f.bench`, `f.costs` and their commands: the answers of all ways agree, and what does not run says why.

No test here knows how long anything takes.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import wengert as wg
from tests.oracles.programs import programs
from wengert.api import timings
from wengert.cli import main
from wengert.jobs.checking.bench import HAND, SWEEPS
from wengert.jobs.checking.costs import Costs
from wengert.jobs.checking.differences import difference
from wengert.jobs.checking.timing import medians
from wengert.jobs.checking.trial_points import TRIED, counted, scattered
from wengert.kernels.kernel_names import NAMES

WAYS = [SWEEPS, *NAMES, HAND]
inf, nan = math.inf, math.nan


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few turns: nothing here asks for times that are right."""
    monkeypatch.setattr(timings, "SECONDS", 0.0)


def holds(found: Any) -> None:
    assert [way.name for way in found.ways] == WAYS
    assert found.agree
    for way in found.ways:
        assert (way.call is None) == bool(way.note)
        assert way.call is None or way.call > 0.0
        assert way.made is None or way.made >= 0.0
        assert (way.apart is None) == (way.call is None or way.name == SWEEPS)
    assert found.way(SWEEPS).call


@settings(max_examples=15)
@given(programs(most=10))
def test_all_ways_agree_on_random_programs(program: Any) -> None:
    wlist, point = program
    found = wg.compile(wlist).bench(point)
    holds(found)
    assert found.way("interpreter").call
    assert found.inputs == point
    assert found.taken == ()
    many = wg.compile(wlist).bench(point, points=20)
    assert [way.name for way in many.ways] == WAYS


@pytest.mark.parametrize("text", [
    "(2*x1+x2)^2", "3", "x", "e^x if x > 0 else x", "log(x - 2) + sqrt(1 - y)", "f = x*y; g = x + y^2; output f, g",
    "input x[n]; sum(x^2)", "input x[3]; 2*x", "input A[m,n], x[n]; sum(tanh(A @ x)^2)", "exp(1000*x)", "0/0 + x",
    "op twice(a) = 2*a with d/da = 2; twice(x)^2", "erf(x)*besselj(0, y)", "input x = 2, y = 3; x^y", "abs(x - 0.5)",
    "input x[n]; s = sum(x[i]^2*i for i in 0:n); s",
])  # fmt: skip
@pytest.mark.parametrize("points", [None, 1, 7])
def test_any_program_is_timed(text: str, points: int | None) -> None:
    f = wg.compile(text)
    found = f.bench(points=points)
    holds(found)
    assert found.points == (points if f.inputs else None)
    assert list(found.inputs) == list(f.inputs)
    assert set(found.taken) == {n for n in f.inputs if n not in f.program.defaults}


def test_an_array_of_any_shape_needs_a_value() -> None:
    f = wg.compile("sum(A @ x)")
    with pytest.raises(wg.UsageError, match="W606"):
        f.bench()
    with pytest.raises(wg.UsageError, match="W606"):
        f.bench(A=[[1.0, 2.0]])
    assert f.bench(A=[[1.0, 2.0]], x=[1.0, 2.0]).agree


def test_sizes_that_are_open_fit_those_that_are_given() -> None:
    found = wg.compile("input A[m,n], x[n], y[m]; sum((A @ x - y)^2)").bench(x=[1.0, 2.0])
    assert np.shape(found.inputs["A"])[1] == 2
    assert np.shape(found.inputs["y"]) == np.shape(found.inputs["A"])[:1]
    assert found.taken == ("A", "y")


def test_values_are_taken_where_the_formula_is_finite() -> None:
    for text in ("log(x - 2)", "sqrt(-x)", "asin(x/2)", "log(x) + log(1 - x)"):
        value = wg.compile(text).bench().inputs
        assert math.isfinite(wg.compile(text)(value))
    assert wg.compile("0/0 + x").bench().inputs["x"] == TRIED[0]


def test_a_point_with_nan_is_timed_as_any() -> None:
    f = wg.compile("x*log(y)")
    for point in ({"x": nan, "y": 1.0}, {"x": 1.0, "y": -1.0}, {"x": inf, "y": 0.0}):
        holds(f.bench(point))
        assert f.bench(point, points=5).ways[0].call


@pytest.mark.parametrize("points", [0, -1, 1.5, nan, inf, True, "10", b"1", None, [3], 10**30])
def test_a_number_of_points_is_a_whole_number(points: Any) -> None:
    f = wg.compile("x^2")
    if points is None:
        with pytest.raises(wg.UsageError):
            counted(points)
        return
    with pytest.raises((wg.UsageError, wg.LimitError)) as problem:
        f.bench(points=points)
    assert problem.value.diagnostic.code == ("W401" if points == 10**30 else "W608")


def test_points_keep_the_limits() -> None:
    f = wg.compile("input x[100]; sum(x^2)", limits=wg.Limits(elements=10_000))
    assert f.bench(points=90).points == 90
    with pytest.raises(wg.LimitError, match="elements"):
        f.bench(points=101)
    slow = wg.compile("x^2", limits=wg.Limits(seconds=0.0))
    with pytest.raises(wg.LimitError, match="seconds"):
        slow.bench(points=3)


def test_a_batch_is_the_same_in_every_run_and_near_its_point() -> None:
    point = {"x": 3.0, "y": 0.0, "z": np.array([1.0, -2.0])}
    a, b = (scattered(point, 50, wg.Limits()) for _ in range(2))
    for n, v in point.items():
        np.testing.assert_array_equal(a[n], b[n])
        assert a[n].shape == (50, *np.shape(v))
        assert (abs(a[n] - v) <= np.where(np.equal(v, 0.0), 0.1, 0.1 * np.abs(v)) + 1e-12).all()
        assert len(np.unique(a[n][..., 0] if np.ndim(v) else a[n])) == 50


def test_unknown_inputs_are_refused() -> None:
    with pytest.raises(wg.UnknownName, match="W101"):
        wg.compile("x^2").bench(y=3)
    with pytest.raises(wg.UsageError, match="W607"):
        wg.compile("x^2").bench(x="three")
    with pytest.raises(wg.UsageError, match="W602"):
        wg.compile("x^2").bench().way("sideways")


def test_the_options_of_the_function_are_those_of_all_ways() -> None:
    assert wg.compile("abs(x)", kink="left").bench(x=0.0).agree
    at_a_kink = wg.compile("abs(x)", kink="error").bench(x=0.0)
    assert all("kink" in at_a_kink.way(name).note for name in ("interpreter", "python"))
    with pytest.raises(wg.DomainError):
        wg.compile("log(x)", strict=True)(-1.0)
    assert "domain" in wg.compile("log(x)", strict=True).bench(x=-1.0).way("python").note
    assert wg.compile("log(1 + exp(x))", fuse=False).bench(x=700.0).agree


def test_differences() -> None:
    assert difference((1.0, nan, inf), (1.0, nan, inf)).same
    assert difference((0.0,), (-0.0,)).same
    assert difference((math.nextafter(1.0, 2.0),), (1.0,)).ulps == 1.0
    assert difference((1.0 + 1e-12,), (1.0,)).ok
    assert not difference((1.1,), (1.0,)).ok
    assert not difference((nan,), (1.0,)).ok
    assert not difference((1.0,), (inf,)).ok
    assert not difference((1.0,), (1.0, 2.0)).ok
    x = np.array([1.0, nan, 3.0])
    assert difference((x,), (x.copy(),)).same
    assert not difference((x,), (np.array([1.0, 2.0, 3.0]),)).ok
    assert difference((np.array([1.0, 2.0, 3.0]),), (x,), finite=True).ok
    assert not difference((x,), (x[:2],)).ok
    assert difference((np.array([1.0, 1.0 + 1e-13]),), (np.ones(2),)).ok


def test_a_call_that_answers_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from wengert.jobs.checking import bench

    monkeypatch.setattr(bench, "_anonymous", lambda wlist: wg.parse("x1 + x2").wlist)
    found = wg.compile("x1*x2").bench(x1=3, x2=7)
    assert not found.way(HAND).apart.ok
    assert found.agree
    assert not found._replace(ways=tuple(way._replace(name="other") for way in found.ways)).agree


def test_no_text_of_the_caller_reaches_the_code_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    from wengert.jobs.checking import bench

    seen: list[str] = []
    write = bench.write
    monkeypatch.setattr(bench, "write", lambda *args: seen.append(write(*args)) or seen[-1])
    wg.compile("secret = λ_évil^2 # import os\nsecret*λ_évil + pi", name="import").bench(points=3)
    wg.compile("secret = λ_évil^2 # import os\nsecret*λ_évil + pi").bench()
    assert len(seen) == 2
    for text in seen:
        assert not any(word in text for word in ("secret", "λ", "évil", "import os", "pi"))


def test_times_are_medians_of_turns() -> None:
    calls: list[str] = []
    found = medians({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 0.0)
    assert set(found) == {"a", "b"}
    assert all(t > 0 for t in found.values())
    last = calls[-1]
    assert last == "b"
    assert calls.index("b") < len(calls) - 1 - calls[::-1].index("a")


# Costs


@pytest.mark.parametrize("kernel", ["auto", "interpreter", "python"])
def test_costs_name_the_kernel_that_answered(kernel: str) -> None:
    f = wg.compile("(2*x1+x2)^2", kernel=kernel)
    found = f.costs(3, 7)
    value = wg.compile("(2*x1+x2)^2", kernel=kernel)
    value.value_and_grad(3, 7)
    assert found.ran == value.kernel
    assert found.kernel in NAMES
    assert kernel in ("auto", found.kernel)
    assert found.made >= 0
    assert found.call > 0
    assert found.sweeps > 0
    assert f.costs(3, 7, wrt="x1").call > 0
    assert f.costs(3, 7, grad=False).call > 0


def test_costs_of_what_no_kernel_serves() -> None:
    found = wg.compile("input x[2]; sum(x)^2", kernel="interpreter").costs([1, 2])
    assert found.ran.startswith("sweeps: ")
    if not found.kernel:
        assert (found.made, found.call, found.pays) == (None, None, inf)
    assert wg.compile("f = x*y; g = x; output f, g").costs(1, 2).first > 0
    assert wg.compile("input x[2]; 2*x").costs([1, 2], wrt="x").first > 0


def test_a_kernel_pays_when_its_making_is_won_back() -> None:
    assert Costs("", 0, 3.0, "python", 10.0, 1.0).pays == 5
    assert Costs("", 0, 3.0, "python", 0.0, 1.0).pays == 1
    assert Costs("", 0, 1.0, "python", 0.0, 1.0).pays == inf
    assert Costs("", 0, None, "python", 1.0, 1.0).pays == inf


# The commands


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_table_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "bench", "(2*x1+x2)^2", "x1=3", "--points", "1e3")
    assert code == 0
    assert "x2 = 0.525  (chosen here: it was given no value)" in out
    assert "1,000 points around one" in out
    assert out.count("the same") + out.count("apart") >= 2
    code, out, _ = run(capsys, "bench", "samples/baydin.wengert", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["agree"]
    assert [way["name"] for way in found["ways"]] == WAYS


def test_arrays_that_the_program_gives_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    text = "input x[n] = [1, 2, 3], k = 2; k*sum(x)"
    assert wg.compile(text).bench().inputs["x"].shape == (3,)
    assert main(["bench", text]) == 0
    assert "  x = [1, 2, 3]\n  k = 2\n" in capsys.readouterr().out


@pytest.mark.parametrize("points", ["0", "-3", "1.5", "abc", "", "nan", "inf", "1e400", "٣", "1,000", "9" * 50])
def test_nonsense_is_refused(points: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "bench", "x^2", f"--points={points}")
    assert code == 2
    assert "W630" in err


def test_too_many_points_are_over_a_limit(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "bench", "x^2", "--points", "1e15")
    assert code == 3
    assert "elements" in err


@pytest.mark.parametrize("words", [("sin(",), (), ("x^2", "y=3"), ("x^2", "x=oops"), ("no/such.wengert",)])
def test_what_is_no_program_is_no_bench(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "bench", *words)
    assert code == 2
    assert not out
    assert "error[W" in err


@pytest.mark.parametrize("words", [
    ("(2*x1+x2)^2", "x1=3", "x2=7"), ("sum(x^2)", "--x", "[1,2]"), ("x^2", "--x", "[1,2]", "--no-grad"),
    ("f = x*y; g = x; output f, g", "x=1", "y=2"), ("x @ x", "--x", "[1,2]", "--jacobian"), ("3",),
    ("u = x^2; u*x", "x=3", "--wrt", "u"), ("log(x)", "x=-1"), ("x^2", "x=3", "--kernel", "python"),
    ("2*x", "--x", "[1,2]", "--jacobian"), ("x^2", "x=3", "--mode", "forward"),
])  # fmt: skip
def test_an_answer_is_explained(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "eval", *words)
    again, explained, same = run(capsys, "eval", *words, "--explain")
    assert (again, same) == (code, err)
    assert explained.startswith(out.rstrip())
    assert "kernel: " in explained[len(out.rstrip()) :]
    assert "no kernel for this call" not in explained
    _, out, _ = run(capsys, "eval", *words, "--explain", "--json")
    assert json.loads(out)["explain"]["ran"] in explained
