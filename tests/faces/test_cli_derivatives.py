"""`wengert diff`: formulas that read well, and are the derivative."""

from __future__ import annotations

import csv
import json
import random
import re
from math import isclose
from typing import Any

import pytest

import wengert as wg
from tests.faces.command_line import ROOT
from tests.oracles.programs import ELEMENTWISE
from wengert.cli import main
from wengert.ops import CONSTANT, GATE, OPS, WHERE
from wengert.sweeps.rules import parameters


@pytest.mark.parametrize(
    ("program", "wrt", "formula"),
    [
        ("x^y", "x", "y*x^(y - 1)"),
        ("x^y", "y", "x^y*log(x)"),
        ("x^3*sin(y)", "x,x", "6*x*sin(y)"),
        ("(2*x1+x2)^2", "x1", "4*(2*x1 + x2)"),
        ("sin(x)/x", "x", "cos(x)/x - sin(x)/x^2"),
        ("where(x > 0, sqrt(x), x^2)", "x", "where(x > 0, 1/(2*sqrt(x)), 2*x)"),
        ("0.1*x^3", "x", "0.3*x^2"),
        ("tanh(x)", "x,x,x", "4*sech(x)^2*tanh(x)^2 - 2*sech(x)^4"),
        ("-(x*y)", "x", "-y"),
        ("x*y", "x,x", "0"),
        ("z = x^2; z*z", "z", "2*x^2"),
        ("max(x, y)*x", "x", "max(x, y) + where(x > y, x, 0)"),
        ("max(x, 0)", "x", "x > 0"),
        ("max(x, 0)^2", "x,x", "where(x > 0, 2, 0)"),
        ("min(x, 3)^2", "x", "where(x < 3, 2*x, 0)"),
        ("max(x, y, z)", "x", "x == max(x, y, z)"),
        ("clip(x, 0, 1)", "x", "0 < x < 1"),
        ("where(x > 0, x^2, -x)", "x", "where(x > 0, 2*x, -1)"),
        ("where(x > 0, 5, -y*x)", "x", "where(x > 0, 0, -y)"),
        ("x^(1/3)", "x", "1/(3*x^(2/3))"),
        ("x^0.1", "x", "0.1/x^0.9"),
        ("(x^2)^(1/3)", "x", "2*(x^2)^(1/3)/(3*x)"),
        ("2/3*x^3", "x", "2*x^2"),
        ("x/3", "x", "1/3"),
        ("log10(x)", "x", "1/(log(10)*x)"),
        ("erf(x)", "x", "2*gauss(x)/sqrt(pi)"),
        ("sin(pi*x/180)", "x", "pi*cos(pi*x/180)/180"),
        ("x*0.123456789012345", "x", "0.123456789012345"),
        ("3*relu(x)", "x", "3*step(x)"),
        ("relu(x)^2", "x", "where(step(x), 2*relu(x), 0)"),
    ],
)
def test_derivatives_read_well(run: Any, program: str, wrt: str, formula: str) -> None:
    assert run("diff", program, "--by", wrt).out == f"{formula}\n"


FORMULAS = (
    "sin(x)*exp(y)/z", "x^y^z", "log(x + y*z)^2/(x*y)", "sqrt(x^2 + y^2 + z^2)", "tan(x*y)/tanh(z) - x*x*x/7",
    "where(x > y, x*y^2, z*y)*x", "max(x, y, z)*abs(x - y)", "x/y/z - x/(y/z) + 0.1*x*0.2*y", "atan2(x, y)*gamma(z)",
    "a = x*y; b = a^2 - a; b*a/z", "-(x - (y - z))*-(x*-y)", "sum(x^k*y for k in 0:5)", "x^-2*y^0.5*z^1.5*x^2",
    "def f(u) = 1/(1 + exp(-u)); f(x*y)*f(z)", "clip(x*y, 0.5, 2)^3",
)  # fmt: skip


@pytest.mark.parametrize("program", FORMULAS)
@pytest.mark.parametrize("wrt", ["x", "x,y", "y,y", "z,x,x"])
def test_a_derivative_formula_is_the_derivative(run: Any, program: str, wrt: str) -> None:
    """Its value is that of the derivative that the sweeps give, the conditions of its note being met."""
    random.seed(program + wrt)
    shown, exact = run("diff", program, "--by", wrt), run("diff", program, "--by", wrt, "--exact")
    nested = f"({program})" if ";" not in program else None
    for name in wrt.split(","):
        nested = nested and f"d({nested}, {name})"
    for _ in range(5):
        point = {n: round(random.uniform(0.3, 2.5), 3) for n in "xyz"}
        given = [f"{n}={v}" for n, v in point.items()]
        values = []
        for text in filter(None, (shown.out, exact.out, nested)):
            needed = wg.compile(text).inputs
            done = run("eval", text, "--no-grad", *[g for g in given if g[0] in needed])
            assert done.code == 0
            values.append(float(done.out.split()[0]))
        assert all(isclose(v, values[-1], rel_tol=1e-9, abs_tol=1e-9) for v in values), (shown.out, values)


@pytest.mark.parametrize("corpus", ["feynman.tsv", "symbolic_regression.tsv"])
def test_derivative_formulas_of_the_corpora(run: Any, corpus: str) -> None:
    """Each gives the published gradient, and nearly all are one line; the others are programs of a few."""
    with open(ROOT / "tests" / "corpora" / corpus, encoding="utf-8") as rows:
        table = list(csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))
    lines = []
    for row in table:
        point = {name: float(v) for name, v in json.loads(row["point"]).items()}
        for name, slope in json.loads(row["gradient"] or "{}").items():
            inputs = wg.compile(row["formula"], inputs=point).inputs
            if name not in inputs:
                continue
            words = [f"--set={n}={v!r}" for n, v in point.items() if n in inputs]
            done = run("diff", row["formula"], "--wrt", name, *words)
            assert done.code == 0
            lines.append(done.out.count("\n"))
            f = wg.compile(done.out, inputs=point)
            value = f({n: v for n, v in point.items() if n in f.inputs})
            assert isclose(value, float(slope), rel_tol=1e-10, abs_tol=1e-300), (row["formula"], name, done.out)
    assert len(lines) >= 100
    assert lines.count(1) >= 0.95 * len(lines)
    assert max(lines) <= 20


def _read(name: str) -> list[set[str]]:
    """The ops of a row's derivatives as they are written for reading."""
    row = OPS[name]
    names = parameters(row, len(row.params.split()) + row.params.startswith("*"))
    f = wg.compile(wg.WengertList([("f", name, names)], inputs=names))
    return [{e.op for e in f.derivative(x).function.wengert_list.equations} for x in names]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_diff_leaves_out_what_rounding_asks_for(row: Any) -> None:
    """Which of two formulas keeps its digits, and what a gate does to an infinity, is nothing to read."""
    for ops in _read(row.name):
        assert ops.isdisjoint({CONSTANT, GATE} - {row.name})
        # The density of the gamma law has two formulas that are not the same in algebra.
        if not row.kinks and not row.selects and "gammapdf" not in row.name:
            assert WHERE not in ops


def test_diff_asks_and_tells(run: Any) -> None:
    assert run("diff", "x*y").out == "input x, y\ndf_dx = y\ndf_dy = x\noutput df_dx, df_dy\n"
    assert run("diff", "u = x*y; u", "--wrt", "y,x").out == "du_dy = x\ndu_dx = y\noutput du_dy, du_dx\n"
    assert "output df_dx_, df_dy" in run("diff", "df_dx = x*y; df_dx^2").out
    assert run("diff", "x*y", "--latex").out.startswith(r"\frac{\partial f}{\partial x} = y")
    assert run("diff", "x*y", "--wrt", "x", "--by", "x").code == 2
    assert run("diff", "x^2").out == "2*x\n"
    assert run("diff", "3").code == 2
    assert "x != 0" in run("diff", "x^y", "--wrt", "x").err
    assert run("diff", "x^y", "--wrt", "x", "--exact").err == ""
    assert run("diff", "x^2*y", "--wrt", "x", "--latex").out.startswith("2")
    assert run("diff", "x", "--by", ",".join("x" * 101)).code == 3
    several = run("diff", "f = x^2; g = x*y; output f, g", "--wrt", "x").out
    assert run("eval", "-", "x=3", "y=4", "--no-grad", stdin=several).out.split()[2::3] == ["6", "4"]


def test_a_long_derivative_is_written_and_its_conditions_cut_short(run: Any) -> None:
    done = run("diff", "s = x\nfor t in 0:300 { s = relu(s) + max(s, x, 1) }\ns")
    assert done.code == 0
    assert len(done.out.splitlines()) > 300
    assert len(done.err) < 300
    assert "no equality singles out" in done.err


@pytest.mark.parametrize("command", [["jacobian"], ["jacobian", "--sparse"], ["structure"], ["eval", "--jacobian"]])
def test_an_output_without_a_name_is_called_f(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No table for a reader has the name of a step of the list; a program that uses the name f keeps its own names."""
    formulas = ["[x[0]*y, x[1]^2]"] if "eval" in command else ["x[0]*y", "[x[0]*y, x[1]^2]"]
    for formula in formulas:
        assert main([*command, formula, "--x", "[1, 2]", "--y", "3"]) == 0
        printed = capsys.readouterr().out
        assert not re.search(r"\bv\d", printed)
        assert re.search(r"^f\b", printed, re.MULTILINE)
        assert main([*command, f"g = {formula}; g", "--x", "[1, 2]", "--y", "3"]) == 0
        assert re.search(r"^g\b", capsys.readouterr().out, re.MULTILINE)
