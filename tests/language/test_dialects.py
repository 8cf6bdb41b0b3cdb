"""Formulas of other languages: the program has the values that their own readers give, and every change its receipt."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

import wengert as wg
from tests.oracles.readers import PACKAGES, READERS, TABLE, formula, point, spots
from wengert.cli import main
from wengert.dialects import DIALECTS
from wengert.dialects.grammars import grammar_file
from wengert.ops import ALIASES, OPS

ROWS = [line.rstrip("\n").split("\t") for line in TABLE.read_text("utf-8").splitlines() if line[0] != "#"]


def call(dialect: str, name: str, arguments: str) -> str:
    """A call of a function in a dialect."""
    return rf"\operatorname{{{name}}}\left({arguments}\right)" if dialect == "latex" else f"{name}({arguments})"


def value(dialect: str, text: str) -> float:
    """The value of the program that a formula is read as."""
    function = wg.compile(wg.read(text, dialect=dialect).text)
    return float(function(**point(function.inputs)))


@pytest.mark.parametrize("dialect", sorted({row[0] for row in ROWS}))
def test_a_program_has_the_values_of_the_dialect(dialect: str) -> None:
    rows = [row for row in ROWS if row[0] == dialect]
    assert len(rows) >= 60
    for _, text, expected in rows:
        assert value(dialect, json.loads(text)) == pytest.approx(float(expected), rel=1e-12, abs=1e-13, nan_ok=True), (
            text
        )


@pytest.mark.parametrize("dialect", PACKAGES)
def test_new_formulas_have_the_values_of_the_dialect(dialect: str) -> None:
    if find_spec(PACKAGES[dialect]) is None:
        pytest.skip(f"{PACKAGES[dialect]} is not installed; the recorded values are tested")
    chance = random.Random(7)
    texts = [("=" if dialect == "excel" else "") + formula(dialect, chance) for _ in range(40)]
    kept = [t for t in texts if math.isfinite(v := value(dialect, t)) and abs(v) < 1e9]
    for text, expected in zip(kept, READERS[dialect](kept)):
        assert expected is None or value(dialect, text) == pytest.approx(expected, rel=1e-12, abs=1e-13), text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_table_names_functions_that_are_there(dialect: str) -> None:
    """Every function compiles, with its least number of arguments; every constant and operator too."""
    found = DIALECTS[dialect]
    for name, counterpart in found.functions.items():
        if not counterpart.definition and counterpart.least:
            assert counterpart.op in OPS or counterpart.op in ALIASES, name
        arguments = ", ".join(["0.5", "0.25", "0.75", "0.3", "0.6"][name in found.implied : counterpart.least])
        name = name.partition("/")[0]
        if name in found.refused:
            continue
        assert wg.compile(wg.read(call(dialect, name, arguments), dialect=dialect).text).inputs == ("x",) * (
            name in found.implied
        ), name
    for constant in found.constants:
        assert wg.compile(wg.read(constant, dialect=dialect).text).inputs == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_receipts_point_into_the_source(dialect: str) -> None:
    for text in spots(dialect) if dialect in READERS else []:
        reading = wg.read(text, dialect=dialect)
        for receipt in reading.receipts:
            assert receipt.severity == "note"
            assert receipt.span is not None
            assert 0 <= receipt.span.start < receipt.span.end <= len(text)
            assert "W820" <= receipt.code <= "W829"


CHANGES = [
    ("lepton", "k*(r-r0)^2; k = 2; r0 = 1", "input r\nk = 2\nr0 = 1\nk*(r - r0)^2\n", ["W820", "W820"]),
    ("lepton", "a+b; b=2; a=b*3", "input b\na = b*3\nb_ = 2\na + b_\n", ["W820", "W821", "W820"]),
    ("lepton", "e*d.x", "input e, d_x\ne*d_x\n", ["W821"]),
    ("lepton", "pi*x", "input pi, x\npi*x\n", []),
    ("plumed", "pi*x+sqrt1_2", "input x\npi*x + sqrt(0.5)\n", ["W822"]),
    ("plumed", "atan2(y,x)*log2e", "input y, x\natan2(y, x)*(1/log(2))\n", ["W822"]),
    ("excel", "=-A1^2", "input A1\n(-A1)^2\n", ["W823"]),
    ("excel", "=2^3^2", "(2^3)^2\n", ["W823"]),
    ("excel", "B1: =C1*2; C1: =A1+1", "input A1\nC1 = A1 + 1\nB1 = C1*2\n", ["W820"]),
    ("excel", "B1: =A1*2; C1: =A1+1", "input A1\nB1 = A1*2\nC1 = A1 + 1\noutput B1, C1\n", []),
    ("mathjs", "x + 1; a = 3; a*x", "input x\na = 3\na*x\n", ["W820"]),
    ("numexpr", "x**2", "input x\nx^2\n", ["W824"]),
    ("sbml", "a && b || c", "input a, b, c\na and b or c\n", ["W824", "W824"]),
    ("mathjs", "not x", "input x\nnot x\n", []),
    (
        "nmodl",
        "COMMENT a\n= ENDCOMMENT PROCEDURE r(v) { if (v < -40) { a = 1 b = v } else { b = 2 a = v*v } }",
        "input v\na = 1 if v < -40 else v*v\nb = v if v < -40 else 2\noutput a, b\n",
        ["W824"],
    ),
    ("fityk", "%f = ~2.5*x; %f + 1", "input x\nf = 2.5*x\nf + 1\n", ["W824"]),
    ("sbml", "2 nM*S", "input S\n2*S\n", ["W824"]),
    ("mathjs", "0x1F*x", "input x\n31*x\n", ["W824"]),
    ("mathjs", "kg = 2; 3 kg", "kg = 2\n3*kg\n", ["W824"]),
    (
        "brian2",
        "dv/dt = (I - v)/tau : volt (unless refractory)\nI = g*s : amp\ns : 1",
        "input v, tau, g, s\nI = g*s\ndv_dt = (I - v)/tau\n",
        ["W821", "W824", "W820"],
    ),
]


@pytest.mark.parametrize(("dialect", "text", "program", "codes"), CHANGES)
def test_a_change_has_its_receipt(dialect: str, text: str, program: str, codes: list[str]) -> None:
    reading = wg.read(text, dialect=dialect)
    assert (reading.text, [r.code for r in reading.receipts]) == (program, codes)
    assert str(reading) == reading.text
    wg.compile(reading.text)


@pytest.mark.parametrize(("dialect", "text"), [
    ("mathjs", "beta(t) = t^2; beta(3)"), ("latex", r"\gamma(t) = t^2 \\ \gamma(3)"),
    ("latex", r"\operatorname{silu_2}(t) = t^2 \\ \operatorname{silu_2}(3)"),
    ("nmodl", "FUNCTION ndtr(x) { ndtr = x*x } a = ndtr(3)"),
])  # fmt: skip
def test_a_function_with_the_name_of_one_of_ours_gets_another(dialect: str, text: str) -> None:
    assert wg.compile(wg.read(text, dialect=dialect).text)() == 9


REFUSED = [
    ("lepton", "sqt(x)", "W802", 0), ("lepton", "x <", "W801", 2),
    ("lepton", "min(x)", "W803", 0), ("lepton", "nandelta(x)", "W804", 0), ("numexpr", "x & 1", "W804", 0),
    ("numexpr", "7 % 2", "W804", 0), ("numexpr", "sum(x)", "W804", 0), ("excel", "=1>2<3", "W804", 1),
    ("excel", "=A1:A3", "W801", 3), ("excel", "A1: =B1; B1: =A1", "W805", 5), ("mathjs", "1 < x < 2", "W804", 6),
    ("mathjs", "2 3", "W801", 2),
    ("mathjs", "sin(45 deg)", "W804", 7), ("mathjs", "0b12", "W804", 0), ("mathjs", "0x1.8", "W801", 0),
    ("mathjs", "x(y)", "W802", 0), ("mathjs", "sqrt(i)", "W804", 5),
    ("sbml", "delay(x, 1)", "W804", 0),
    ("mathjs", "a = 3; f(x) = a*x; a = 5; f(2)", "W804", 14), ("mathjs", "f(x) = x; f(1, 2)", "W803", 10),
    ("mathjs", "f(x) = f(x - 1); f(1)", "W802", 7), ("mathjs", "2 not x", "W801", 2),
    ("fityk", "0.3 or x > 1", "W804", 0), ("fityk", "x ? 1 : 2", "W804", 0), ("fityk", "FCJAsymm(x, 1)", "W804", 0),
    ("nmodl", "PROCEDURE r(v) { if (v > 0) { a = 1 } else { b = 1 } }", "W804", 30),
    ("nmodl", "PROCEDURE r(v) { if (a > 0) { a = 1 } else { a = v } }", "W804", 21),
    ("nmodl", "abs(x)", "W804", 0), ("nmodl", "FUNCTION f(x) { g = x }", "W804", 16), ("nmodl", "a = q(x)", "W802", 4),
    ("nmodl", "FUNCTION f(x) { f = g(x) } FUNCTION g(x) { g = f(x) }", "W805", 0),
    ("brian2", "v + 49*mV", "W804", 7), ("brian2", "1 < x < 2", "W804", 6), ("brian2", "(x > y)*2", "W804", 0),
    ("brian2", "2**-1", "W804", 0), ("brian2", "I = rand() : 1", "W804", 4), ("brian2", "x and y", "W804", 0),
    ("plumed", "x*e; e = 2", "W804", 5), ("lepton", "", "W801", 0), ("mathjs", "round(x)", "W804", 0),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "text", "code", "place"), REFUSED)
def test_a_refusal_names_its_place(dialect: str, text: str, code: str, place: int) -> None:
    with pytest.raises(wg.WengertError) as caught:
        wg.read(text, dialect=dialect)
    assert caught.value.diagnostic.code == code
    assert caught.value.diagnostic.span is not None
    assert caught.value.diagnostic.span.start == place


@pytest.mark.parametrize("dialect", DIALECTS)
def test_texts_of_any_kind_are_read_or_refused(dialect: str) -> None:
    chance = random.Random(3)
    pieces = [*"+-*/^%()!<>=&|~?:;,.$'\n\t\\", "x", "in", "e", "1", "2.5e3", "sin(", "if", "not", "é", "²", "\0", "A1"]
    for _ in range(300):
        text = "".join(chance.choice(pieces) for _ in range(chance.randrange(8)))
        try:
            reading = wg.read(text, dialect=dialect)
        except wg.WengertError:
            continue
        wg.compile(reading.text)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nesting_has_no_bound(dialect: str) -> None:
    n = 5_000
    spelled = {"excel": "EXP", "latex": r"\exp"}.get(dialect, "exp")
    for text in ("(" * n + "x" + ")" * n, "-" * n + "x", "x" + " + x" * n, f"{spelled}(" * n + "x" + ")" * n):
        if text[0] == "-" and dialect in ("gams", "latex"):
            continue  # where signs are not chained
        reading = wg.read(text, dialect=dialect)
        assert len(reading.text) < 10 * len(text)


def test_names_of_our_numbers_are_inputs() -> None:
    reading = wg.read("inf*nan*pi*tau*e*d*max; max = 2", dialect="lepton")
    f = wg.compile(reading.text)
    assert f.inputs == ("inf", "nan", "pi", "tau", "e", "d")
    assert f(1, 2, 3, 4, 5, 6) == 1440


def test_the_rates_of_hodgkin_and_huxley() -> None:
    """The rates of 1952 as NEURON's mechanisms write them: a call before its function, names given twice."""
    text = """PROCEDURE rates(v (mV)) { LOCAL alpha, beta   : at one voltage
        alpha = .1 * vtrap(-(v+40), 10)
        beta = 4 * exp(-(v+65)/18)
        minf = alpha/(alpha + beta)
        alpha = .07 * exp(-(v+65)/20)
        beta = 1 / (exp(-(v+35)/10) + 1)
        hinf = alpha/(alpha + beta)
    }
    FUNCTION vtrap(x, y) {
        if (fabs(x/y) < 1e-6) { vtrap = y*(1 - x/y/2) } else { vtrap = x/(exp(x/y) - 1) }
    }"""
    reading = wg.read(text, dialect="nmodl")
    assert reading.inputs == ("v",)
    f = wg.compile(reading.text)
    a, b, c, d = 2.5 / math.expm1(2.5), 4.0, 0.07, 1 / (math.exp(3) + 1)
    assert list(f(-65.0)) == pytest.approx([a / (a + b), c / (c + d)], rel=1e-14)
    assert f(-40.0)[0] == pytest.approx(1 / (1 + 4 * math.exp(-25 / 18)), rel=1e-14)


def test_limits_hold() -> None:
    with pytest.raises(wg.LimitError, match="text_bytes"):
        wg.read("x" * 100, dialect="lepton", limits=wg.Limits(text_bytes=50))
    with pytest.raises(wg.LimitError):
        wg.read("-".join(["x"] * 5_000), dialect="lepton", limits=wg.Limits(tokens=1000))
    with pytest.raises(wg.UsageError, match="lepton"):
        wg.read("x", dialect="leptn")


def test_lark_waits_until_a_dialect_is_read() -> None:
    code = "import sys, wengert as wg; wg.read; assert 'lark' not in sys.modules; wg.read('x', dialect='sbml'); " \
           "assert 'lark' in sys.modules"  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)
    assert all(grammar_file(found.grammar or name).is_file() for name, found in DIALECTS.items())


def test_the_command(tmp_path: Any, capsys: Any) -> None:
    target = tmp_path / "f.wengert"
    words = ["read", "--from", "lepton", "k*x; k = 2"]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert printed.out == "input x\nk = 2\nk*x\n"
    assert "W820" in printed.err
    assert main([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["program"], answer["inputs"], len(answer["receipts"])) == (printed.out, ["x"], 1)
    assert main([*words, "--output", str(target)]) == 0
    assert target.read_text() == printed.out
    assert main([*words, "--output", str(target)]) == 2
    assert main([*words, "-o", str(target), "--force"]) == 0


@pytest.mark.parametrize(("text", "inputs", "expected"), [
    ("=SUM(A1:B2)", ("A1", "B1", "A2", "B2"), 10), ("=SUM(B2:A1)", ("A1", "B1", "A2", "B2"), 10),
    ("=SUMPRODUCT(A1:A2, C1:C2)", ("A1", "A2", "C1", "C2"), 1 * 3 + 2 * 4), ("=COUNT(Z9:AB10)", (), 6),
    ("=AVERAGE('my data'!$A$1:A2, 9)", ("MY_DATA_A1", "MY_DATA_A2"), 4),
    ("C1: =SUM(A1:A2); A2: =A1*3", ("A1",), 4), ("=SUMSQ(A1:A3)^0.5", ("A1", "A2", "A3"), math.sqrt(14)),
    ("=MAX(A1:A2,B1)+COUNT(7)", ("A1", "A2", "B1"), 4),
])  # fmt: skip
def test_ranges_of_cells_are_written_out(text: str, inputs: tuple[str, ...], expected: float) -> None:
    function = wg.compile(wg.read(text, dialect="excel").text)
    assert function.inputs == inputs
    assert function(*range(1, len(inputs) + 1)) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(("text", "expected"), [
    ("=COMBIN(8,2)", 28), ("=QUOTIENT(-10,3)", -3), ("=MROUND(10,3)", 9), ("=CEILING.MATH(-8.1,2)", -8),
    ("=CEILING.MATH(-5.5)", -5), ("=FLOOR.MATH(-8.1,2)", -10), ("=FLOOR.MATH(6.7)", 6), ("=EVEN(-1)", -2),
    ("=PMT(8%/12,10,10000)", -1037.0320893592167), ("=CEILING(-2.5,-2)", -4), ("=FLOOR(-2.5,-2)", -2),
    ("=STANDARDIZE(42,40,1.5)", 4/3), ("=CONFIDENCE.NORM(0.05,2.5,50)", 0.692951912174839),
])  # fmt: skip
def test_functions_have_the_values_of_their_documentation(text: str, expected: float) -> None:
    """Examples of Microsoft's pages on the functions, those that the package formulas lacks or differs in."""
    assert value("excel", text) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("text", "code"), [
    ("=SIN(A1:A2)", "W804"), ("=SLOPE(A1:A2, B1)", "W803"), ("=IFS(A1>1)", "W803"), ("=TRUNC(1, 2, 3)", "W803"),
    ("=SQTR(A1)", "W802"), ("=SUMPRODUCT(A1:A2, B1:C1)", "W803"), ("=SUM(A1:A2*2)", "W801"),
    ("=SUM(A1:XFD1048576)", "W401"),
    ("=SUMSQ()", "W803"), ("=IF(A1:A2, 1, 2)", "W804"), ("=SUM(A:A)", "W801"), ("=F(A1:A2)", "W804"),
])  # fmt: skip
def test_a_range_that_has_no_value_is_refused(text: str, code: str) -> None:
    with pytest.raises(wg.WengertError) as caught:
        wg.read(text, dialect="excel")
    assert caught.value.diagnostic.code == code


@pytest.mark.parametrize("text", ["=IF(A1>0;1;2)", "=MAX(A1;B1)*2", "=POWER(1,5;2)"])
def test_excel_of_another_country_is_told_the_spelling(text: str) -> None:
    with pytest.raises(wg.ParseError) as refused:
        wg.read(text, dialect="excel")
    assert "separated by commas" in refused.value.diagnostic.help
