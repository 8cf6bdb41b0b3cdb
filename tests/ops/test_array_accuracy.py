"""Values and first derivatives of the rows over arrays, within the roundings that the condition of a problem allows.

Where a program misses that, `array_accuracy.REASONS` says why: at graded matrices.
"""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import array_accuracy as table
from tests.oracles.array_problems import PROGRAMS, problems
from tests.oracles.exact_arrays import EXACT, Jet
from wengert.ops import OPS

ROOT = Path(__file__).parents[2]

N = 6  # the first graded matrix is the sixth problem


@pytest.mark.parametrize("text", PROGRAMS)
def test_within_the_bound(text):
    found = table.worst(text, [], N - (text in table.REASONS))
    assert {"value", "jvp", "vjp in a"} <= found.keys()
    for what, (_, roundings) in found.items():
        assert roundings <= table.GOAL, what


def test_every_row_is_accounted_for():
    known = table.rows()
    assert not known[table.FORGOTTEN]
    assert PROGRAMS.keys() <= EXACT.keys()
    assert table.REASONS.keys() <= PROGRAMS.keys()
    assert {"solve", "softmax", "sum", "norm"} <= set(known[table.MEASURED])
    assert {"amax", "reshape", "transpose"} <= set(known[table.EXACT])
    assert {"recur", "cofactor", "matmul_t"} <= set(known[table.MET])


@pytest.mark.parametrize(("moves", "ulps", "why"), [("", 4.0, table.FORGOTTEN), ("all", 4.0, table.SUMS)])
def test_a_new_row_is_not_forgotten(monkeypatch, capsys, moves, ulps, why):
    row = OPS["sum"]
    row = row._replace(name="fancy", array=row.array._replace(moves=moves), ulps=ulps)
    monkeypatch.setitem(OPS, "fancy", row)
    assert "fancy" in table.rows()[why]
    if why == table.FORGOTTEN:
        monkeypatch.setattr(sys, "argv", ["array_accuracy.py", "--points", "1"])
        with pytest.raises(SystemExit) as ended:
            table.main()
        assert ended.value.code == 1
        assert "fancy" in capsys.readouterr().err


def test_a_jet():
    """Of a polynomial the differences are its derivatives, to the step."""
    x, a = np.array([3.0, -1.5]), np.array([[1e8, 0.5], [2.0, -4.0]])
    jet = Jet("quad_form(a, b)", [x, a])
    slopes, bends = jet.slopes.astype(float)[0], jet.bends.astype(float)[0]
    assert float(jet.y[0]) == x @ a @ x
    assert slopes.tolist() == [*(a @ x + x @ a), *np.outer(x, x).ravel()]
    assert bends[:2, :2].tolist() == (a + a.T).tolist()
    assert bends[0, 2:].tolist() == [6.0, -1.5, -1.5, 0.0]
    assert np.abs(bends[2:, 2:]).max() < 1e-20
    assert [k.tolist() for k in jet.places] == [[0, 1], [2, 3, 4, 5]]


def test_an_error_is_told_in_roundings():
    """Of a sum that cancels, the size is that of its terms."""
    args = [np.array([1e8, 1.0, -1e8, 0.25, 0.25, 0.5])]
    value = next(table.questions("sum(a)", table.Program("sum(a)"), args, np.random.default_rng(0)))
    assert value.errors(2.0) == (0.0, 0.0)
    roundings, ulps = value.errors(2.0 + 2e-8)
    assert roundings == pytest.approx(2e-8 / (2e8 + 4) * 2**53, rel=1e-6)
    assert ulps == pytest.approx(2e-8 * 2**51, rel=1e-6)
    assert value.errors(math.nan) == (math.inf, math.inf)
    assert value.errors(None) is None


def test_a_wrong_rule_is_seen(monkeypatch):
    row = OPS["softmax"]
    monkeypatch.setitem(OPS, "softmax", row._replace(vjp=("y*(g - sum(g*y))",)))
    assert table.worst("softmax(a)", [], 4)["vjp in a"][1] > 1e6


def test_problems_are_of_all_kinds():
    conditions = [np.linalg.cond(a) for (a,) in problems("inv(a)", 7)]
    assert conditions[0] == pytest.approx(1)
    assert conditions[4] == pytest.approx(1e12, rel=1e-3)
    assert min(conditions[5:]) > 1e3


def test_the_table_is_printed():
    command = [
        sys.executable,
        "-m",
        "benchmarks.array_accuracy",
        "--points",
        "2",
        "--ops",
        "sum,var,solve",
        "--markdown",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "| solve(a, b) | value |" in done.stdout
    assert "- wengert: 13 of 13 within 16 roundings" in done.stdout
