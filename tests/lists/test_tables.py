"""Trace tables and counts: what they look like, and that they say what the sweeps did."""

from __future__ import annotations

import json
import re
from math import isnan
from typing import Any

import pytest
from hypothesis import given

import wengert as wg
from tests import FULL
from tests.oracles.programs import Point, programs
from wengert.ground.errors import UsageError
from wengert.kernels.trace import Trace, trace
from wengert.language import parse
from wengert.lists.array_text import printing
from wengert.lists.wengert_list import WengertList
from wengert.ops import OPS
from wengert.show import cheap_gradient, counts, from_json, single, trace_json, trace_table
from wengert.show.local_rules import local_formula, value_of
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers


def traced(text: str, direction: Any = None, **point: float) -> Trace:
    return wg.compile(text).trace(direction=direction, **point)


SQUARE = """\
(2*x1 + x2)^2

Forward sweep

  equation       in numbers   value   stands for
  ─────────────────────────────────────────────────
  x1                        =     3
  x2                        =     7
  v1 = 2*x1    = 2*3        =     6
  v2 = v1 + x2 = 6 + 7      =    13   2*x1 + x2
  v3 = v2^2    = 13^2       =   169   (2*x1 + x2)^2

Reverse sweep, from v3_bar = 1

  equation       to   local gradient   upstream ×   local = downstream   adjoint so far
  ─────────────────────────────────────────────────────────────────────────────────────────────────
  v3 = v2^2      v2   2*v2                    1 ×  26     =     26               26
                 2    v3*log(v2)              1 × 433.476 =    433.476          433.476   a literal
  v2 = v1 + x2   v1   1                      26 ×   1     =     26               26
                 x2   1                      26 ×   1     =     26               26
  v1 = 2*x1      2    x1                     26 ×   3     =     78               78       a literal
                 x1   2                      26 ×   2     =     52               52

Gradient   ∂v3/∂x1 = 52   ∂v3/∂x2 = 26"""


def test_both_sweeps_as_text() -> None:
    assert trace_table(traced("(2*x1 + x2)^2", x1=3, x2=7)) == SQUARE


def test_baydin_tables_2_and_3() -> None:
    """The published numbers, to the three decimals that are printed, and the sums at the fan-outs."""
    table = trace_table(traced("y = ln(x1) + x1*x2 - sin(x2)", x1=2, x2=5))
    for line in (
        "v1 = log(x1) = log(2)                =  0.693147   ln(x1)",
        "y = v3 - v4  = 10.6931 - (-0.958924) = 11.6521     ln(x1) + x1*x2 - sin(x2)",
        "v4 = sin(x2)   x2   cos(x2)                -1 ×  0.283662 =  -0.283662        -0.283662",
        "x2   x1                      1 ×  2        =   2                1.71634    sum -0.283662 + 2",
        "v1 = log(x1)   x1   1/x1                    1 ×  0.5      =   0.5              5.5        sum 5 + 0.5",
        "Gradient   ∂y/∂x1 = 5.5   ∂y/∂x2 = 1.71634",
    ):
        assert line in table


def test_the_tangent_sweep() -> None:
    table = trace_table(traced("f = x1*exp(x2) + x1^2", [1, 0.5], x1=2, x2=-1), "tangent")
    for line in (
        "Tangent sweep, along x1_dot = 1, x2_dot = 0.5",
        "  x2             -1                                                                         0.5",
        "  v2 = x1*v1      0.735759   x1     v1               0.367879 × 1        = 0.367879         0.367879",
        "                             v1     x1               2        × 0.18394  = 0.367879         0.735759",
        "Along the direction   f_dot = 4.73576",
    ):
        assert line in table.splitlines()


def test_a_table_that_is_too_wide_leaves_out_columns_that_repeat_others() -> None:
    trace = traced("(2*x1 + x2)^2*exp(x1*x2/100)", x1=3, x2=7)
    widths, kept = [], []
    for width in (200, 100, 80, 64):
        with printing(width=width):
            table = trace_table(trace, "reverse")
        widths.append(max(map(len, table.splitlines())))
        kept.append([w for w in ("local gradient", "upstream", "downstream", "adjoint so far", "sum") if w in table])
        assert widths[-1] <= width
    assert kept[0] == ["local gradient", "upstream", "downstream", "adjoint so far", "sum"]
    assert kept[-1] == ["downstream", "adjoint so far"]
    assert widths == sorted(widths, reverse=True)


def test_arrays_show_numbers_before_columns_that_repeat_others() -> None:
    f = wg.compile("input x[3]; y = x^2; sum(y*exp(x))")
    for sweep in ("forward", "reverse", "tangent"):
        for width in (0, 80):
            with printing(width=width):
                assert "[…]" not in f.trace_table(x=[1.0, 2.0, 3.0], sweep=sweep, direction={"x": [1.0, 0.5, 2.0]})


@pytest.mark.parametrize("digits", [1, 3, 6, 17])
def test_digits_hold_for_every_number(digits: int) -> None:
    with printing(digits):
        table = trace_table(traced("x/y + 1/log(z)", x=1, y=3, z=5), "reverse")
    numbers = re.findall(r"0\.\d+", table)
    assert max(len(n) - 2 - (len(n) - 2 - len(n[2:].lstrip("0"))) for n in numbers) <= digits
    assert (len(numbers[0]) > 10) == (digits == 17)


def test_markdown() -> None:
    table = trace_table(traced("(x1 + x1 + x2)^2", x1=3, x2=7), "reverse", "markdown").splitlines()
    assert table[:7] == [
        "`(x1 + x1 + x2)^2`",
        "",
        "**Reverse sweep, from v3_bar = 1**",
        "",
        "| equation | to | local gradient | upstream | local | downstream | adjoint so far |   |",
        "| :-- | :-- | :-- | --: | --: | --: | --: | :-- |",
        "| `v3 = v2^2` | `v2` | `2*v2` | 1 | 26 | 26 | 26 |  |",
    ]
    assert "|  | `x1` | `1` | 26 | 1 | 26 | 52 | sum 26 + 26 |" in table


def test_latex() -> None:
    table = trace_table(traced("f = x1*theta^2", [1, 0], x1=3, theta=-2), "both", "latex")
    for line in (
        r"v_{1} = {\theta}^{2} & = & {\left(-2\right)}^{2} & = & 4 \\",
        r"Reverse sweep, from $\bar{f} = 1$",
        r" & v_{1} & x_{1} & 1 & \times & 3 & = & 3 & 3 \\",
        r"v_{1} = {\theta}^{2} & \theta & 2 \, \theta & 3 & \times & -4 & = & -12 & -12 \\",
        r"Gradient: $\partial f/\partial x_{1} = 4$, $\partial f/\partial \theta = -12$",
    ):
        assert line in table.splitlines()
    assert r"along $\dot{x}_{1} = 1$" in trace_table(traced("x1*y", [1, 0], x1=3, y=2), "tangent", "latex")


def test_json_has_every_digit() -> None:
    found = json.loads(trace_table(traced("f = x/y + 1/log(z)", x=1, y=3, z=0), style="json"))
    assert found["inputs"] == {"x": 1.0, "y": 3.0, "z": 0.0}
    assert found["forward"][0] == {
        "equation": 0, "output": "v1", "op": "div", "inputs": ["x", "y"], "written": "v1 = x/y", "value": 1 / 3,
        "start": 4, "end": 7,
    }  # fmt: skip
    assert found["forward"][1]["value"] == {"float": "-inf"}
    assert found["adjoints"]["y"] == -1 / 9
    step = next(s for s in found["reverse"] if s["input"] == "y")
    assert step["rule"] == "-y/b"
    assert (step["upstream"], step["local"], step["downstream"], step["sum"]) == (1.0, -1 / 9, -1 / 9, -1 / 9)


def test_what_is_not_taken_says_so() -> None:
    table = trace_table(traced("max(z, w)*where(z > 0, -log(w), 3)", z=2, w=0), "reverse").splitlines()
    shown = [line.split() for line in table if "not taken" in line]
    assert [words[-4:] for words in shown] == [["3", "not", "taken", "2"], ["w", "not", "taken", "inf"]]


def test_a_local_gradient_is_the_branch_that_holds() -> None:
    table = trace_table(traced("x^y", x=2, y=3), "reverse")
    assert "x    y*x^(y - 1)" in table
    assert "y    v1*log(x)" in table
    assert "x    y*v1/x" in trace_table(traced("x^y", x=2, y=1e-17), "reverse")
    assert "x    0   " in trace_table(traced("x^y", x=0, y=0), "reverse")


def test_ops_of_rules_are_shown_by_their_numbers() -> None:
    for kink, number in (("right", "1  "), ("left", "not taken"), ("mean", "step(x)")):
        at_kink = trace(parse("relu(x)").wlist, {"x": 0.0}, kink=kink)
        assert f"x    {number}" in trace_table(at_kink, "reverse")
    assert "x    0.5  " in trace_table(traced("max(x, y)", x=1, y=1), "reverse")


def test_constants_and_titles() -> None:
    program = parse("2*pi*r\n# a comment makes it two lines", name="circle.wengert")
    found = trace(program.wlist, {"r": 1.0})
    assert trace_table(found, "forward").startswith("circle.wengert\n\nForward sweep\n")
    assert "  pi                     = 3.14159\n" in trace_table(found, "forward")
    plain = trace(WengertList(program.wlist.equations), {"r": 1.0})
    assert trace_table(plain, "forward").startswith("Forward sweep\n")
    assert trace_table(plain, "forward", program=program).startswith("circle.wengert\n\nForward sweep\n")


def test_outputs_that_are_no_equations() -> None:
    point = {"x": 1.0, "y": 2.0}
    assert trace_table(trace(parse("input x, y\n3").wlist, point), "reverse").splitlines()[-1] == (
        "Reverse sweep: the output is a number, and no adjoint reaches anything"
    )
    assert trace_table(trace(parse("input x, y\nx").wlist, point)).endswith("Gradient   ∂x/∂x = 1   ∂x/∂y = 0")


def test_a_long_table_is_cut_but_not_in_json() -> None:
    n = 100_000 if FULL else 10_000
    found = trace(
        WengertList([("v1", "sin", ("x",)), *((f"v{k}", "sin", (f"v{k - 1}",)) for k in range(2, n))]), {"x": 1}
    )
    table = trace_table(found).splitlines()
    assert [line for line in table if "more" in line] == [f"  … {n - 100:,} more", f"  … {n - 101:,} more"]
    assert len(table) < 230
    for style in ("markdown", "latex"):
        assert len(trace_table(found, style=style).splitlines()) < 230
    assert len(trace_json(found)["reverse"]) == n - 1


@pytest.mark.parametrize(("sweep", "style"), [("sideways", "text"), ("both", "pdf"), ("tangent", "text")])
def test_what_there_is_not(sweep: str, style: str) -> None:
    with pytest.raises(UsageError):
        trace_table(traced("x^2", x=1), sweep, style)


def the_same(a: float, b: float) -> bool:
    return a == b or isnan(a) and isnan(b)


@given(programs())
def test_tables_of_any_program(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    found = trace(wlist, point, direction=dict.fromkeys(wlist.inputs, 1.0))
    for sweep in ("both", "tangent") if found.tangents else ("both",):
        text, markdown, latex, data = (
            trace_table(found, sweep, style) for style in ("text", "markdown", "latex", "json")
        )
        # One row a step in every style.
        steps = len(found.tangent) if sweep == "tangent" else len(found.forward) + len(found.reverse)
        rows = [line for line in markdown.splitlines() if line.startswith("| ") and not line.startswith("| :--")]
        assert len(rows) >= steps
        assert latex.count(r" \\") >= steps
        assert json.loads(data, parse_constant=pytest.fail)
        # Columns of signs stand straight.
        for block in text.split("\n\n"):
            lines = [line for line in block.splitlines() if " × " in line]
            assert len({line.index(" × ") for line in lines}) <= 1


@given(programs())
def test_json_says_what_the_sweep_did(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    data = trace_json(trace(wlist, point))

    def number(a: Any) -> float:
        return float(from_json({"equations": [["f", "copy", [a]]], "outputs": ["f"]}).equations[0].inputs[0])

    last: dict[str, float] = {}
    for step in data["reverse"]:
        upstream, local, downstream = (number(step[k]) for k in ("upstream", "local", "downstream"))
        assert the_same(upstream * local, downstream)
        if isinstance(step["input"], str):
            so_far = last.get(step["input"])
            assert the_same(number(step["sum"]), downstream if so_far is None else so_far + downstream)
            last[step["input"]] = number(step["sum"])
    assert all(the_same(number(data["adjoints"][n]), total) for n, total in last.items())


@given(programs())
def test_formulas_of_local_gradients_compute_them(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    found = trace(wlist, point)
    for step in found.reverse:
        e = wlist.equations[step.k]
        formula = local_formula(e, OPS[e.op], step.i, found.values, step.local)
        if formula is not None and "\n" not in (text := single(formula)):
            names = {a for a in (*e.inputs, e.output) if isinstance(a, str)}
            at = {n: value_of(n, found.values) for n in names}
            again = parse(text, given=names).wlist
            assert the_same(evaluate(again, at, Numbers())[0], step.local), text


def test_counts() -> None:
    wlist = parse("a = x\nb = sin(x)*sin(y) + a\nb*b*b").wlist
    assert counts(wlist) == {"mul": 3, "sin": 2, "add": 1}


def test_cheap_gradients() -> None:
    assert cheap_gradient(parse("3*x").wlist) == (1, 1, 1.0)
    assert cheap_gradient(parse("x").wlist) == (0, 0, 1.0)
    assert cheap_gradient(parse("unused = exp(x)\nx*y").wlist).value == 1
    assert cheap_gradient(parse("d(x^3, x)").wlist).gradient >= 1
    # However many inputs there are: Speelpenning's product.
    for n in (10, 1000):
        wlist = parse("*".join(f"x{k}" for k in range(n))).wlist
        assert 2.0 < cheap_gradient(wlist).ratio < 3.0
    with pytest.raises(UsageError):
        cheap_gradient(parse("input x, y\noutput x, y").wlist)
