"""Rewriting passes: simplify keeps every value bit for bit; fuse keeps the meaning, computes it better, and says so."""

import math
import struct

import pytest

import wengert as wg
from wengert.ops import OPS
from wengert.sweeps.forward import evaluate
from wengert.sweeps.numbers import Numbers
from wengert.transforms.patterns import cheaper_texts
from wengert.transforms.simplify import PASSES, fuse, simplify

from ..oracles.fuses import WORSE, measure, relative_errors, scalar_fuses

EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 3.7, 1e-300, -1e300, 5e-324, math.inf, -math.inf, math.nan)


def bits(x):
    return "nan" if x != x else struct.pack("<d", x).hex()


def values(wlist, point):
    return [bits(v) for v in evaluate(wlist, point, Numbers())]


EXACT = [text for row in OPS.values() for text in row.rewrites.exact] + [t for name in OPS for t in cheaper_texts(name)]


@pytest.mark.parametrize("text", EXACT)
def test_exact_identities_hold_bit_for_bit_at_every_edge(text):
    left, _, right = text.partition("->")
    a, b = wg.parse(left).wlist, wg.parse(right, inputs=wg.parse(left).wlist.inputs).wlist
    names = a.inputs
    choices = [(0.0, 1.0) if n == "p" else EDGES for n in names]

    def points(k):
        if k == len(names):
            yield {}
            return
        for rest in points(k + 1):
            for value in choices[k]:
                yield {names[k]: value, **rest}

    for point in points(0):
        assert values(a, point) == values(b, point), point


PROGRAMS = [
    "2*3 + x*1 - 0",
    "-(-x) + x^1 + x/1",
    "a = x*x; b = x*x; a + b + sin(x*x)",
    "dead = exp(x); y = x + 1; z = y*y; output z",
    "where(1 > 2, x, 3*x) + x^2*x^0",
    "(x - 0)*(x + -0.0)*where(x > 0, x, x)",
    "u = x; v = u; v*1",
]


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("text", PROGRAMS)
def test_each_pass_keeps_every_value(name, text):
    wlist = wg.parse(text).wlist
    after, receipts = PASSES[name](wlist)
    assert after.outputs == wlist.outputs or name in ("fold", "identities", "common")
    for x in EDGES:
        assert values(after, {"x": x}) == values(wlist, {"x": x})
    again, more = PASSES[name](after)
    assert not more, "a pass has nothing left to do after itself"
    assert again == after
    assert bool(receipts) == (after != wlist)


@pytest.mark.parametrize("text", PROGRAMS)
def test_simplify_keeps_values_and_never_grows(text):
    wlist = wg.parse(text).wlist
    after, receipts = simplify(wlist)
    assert len(after) <= len(wlist)
    assert receipts
    for x in EDGES:
        assert values(after, {"x": x}) == values(wlist, {"x": x})


def test_what_simplify_leaves():
    after, _ = simplify(wg.parse("2*3 + x*1 - 0").wlist)
    assert [e.op for e in after.equations] == ["add"]
    after, _ = simplify(wg.parse("x + 0").wlist)
    assert len(after) == 1, "x + 0 is not x at -0"
    after, _ = simplify(wg.parse("0*x").wlist)
    assert len(after) == 1, "0*x is nan at inf"


# Those of arrays are held in test_reductions.
@pytest.mark.parametrize(("name", "text"), scalar_fuses())
def test_each_fuse_pattern_is_found_and_nowhere_worse(name, text):
    """Value and two orders of derivatives over the whole line, against the formula as written, at 400 digits.

    Worse is more than 4 times the error as written and 4 times that of rounding the inputs.
    """
    assert text.partition(";")[2].strip(), "a receipt says why"
    wlist = wg.parse(text.partition("->")[0]).wlist
    after, receipts = fuse(wlist)
    assert receipts, "the pattern must be found in its own left side"
    assert len(after) <= len(wlist) + 2
    assert any(e.op in (name, "exp") for e in after.equations)
    found = measure(text)
    assert {m.order for m in found} >= {"value", "first"}
    for m in found:
        assert m.fused <= WORSE * (1 + m.written + m.inherent), m


STABLE = {
    "v*x^n/(k^n + x^n)": {"v": 2.0, "x": 1e10, "n": 40.0, "k": 3.0},
    "x^40*v/(x^40 + 5^40)": {"v": 2.0, "x": 1e10},
    "v*k^n/(x^n + k^n)": {"v": 2.0, "x": 1e10, "n": 40.0, "k": 3e9},
    "v/(1 + (x/k)^n)": {"v": 2.0, "x": 1e33, "n": 5.0, "k": 2.0},
    "erfc(b)*h*exp(a)": {"a": 900.0, "b": 30.5, "h": 2.0},
    "(1 + erf(x))/2": {"x": -8.0},
    "(1 + x)^0.5 - 1": {"x": 1e-12},
    "-1 + (x + 1)^p": {"x": 1e-12, "p": 7.0},
    "2^x/(1 + 2^x)": {"x": 1030.0},
    "1/(1 + exp2(x))": {"x": 600.0},
    "log2(exp2(x) + 1)": {"x": 1030.0},
    "x*exp(x)/(1 + exp(x))": {"x": 800.0},
    "exp(x)*x/(exp(x) + 1)": {"x": 800.0},
    "exp(x)/(1 + exp(x))*x": {"x": 800.0},
    "1 - exp(-x)": {"x": 1e-12},
    "-exp(-x) + 1": {"x": 1e-12},
    "1 + -exp(-x)": {"x": 1e-12},
    "-1 + exp(x)": {"x": 1e-12},
    "log(1 - x)": {"x": 1e-12},
    "log(-x + 1)": {"x": 1e-12},
    "cosh(x) - 1": {"x": 1e-12},
    "-1 + cosh(x)": {"x": 1e-12},
    "1/(1 + exp(x))^n": {"x": 88.0, "n": 7.5},
    "3/(exp(x) + 1)^2.5": {"x": 260.0},
    "log(exp(a) + exp(b) + exp(c))": {"a": 800.0, "b": 801.0, "c": -3.0},
    "log(exp(c) + (exp(a) + exp(b)))": {"a": 800.0, "b": 801.0, "c": -3.0},
    "log(exp(a) + 1 + exp(b))": {"a": 800.0, "b": 801.0},
    "log(exp(a) + exp(b) + exp(c) + exp(f))": {"a": 800.0, "b": 801.0, "c": 799.5, "f": 800.5},
    "log((exp(a) + exp(b)) + (exp(c) + exp(f)))": {"a": 800.0, "b": 801.0, "c": 799.5, "f": 800.5},
    "exp(a)/(exp(a) + exp(b) + exp(c))": {"a": 800.0, "b": 801.0, "c": 799.0},
    "exp(c)/(exp(a) + exp(b) + exp(c))": {"a": 800.0, "b": 801.0, "c": 799.0},
    "exp(b)/(exp(c) + (exp(b) + exp(a)))": {"a": 800.0, "b": 801.0, "c": 799.0},
    "exp(x - 1)/(exp(x - 1) + exp(y) + exp(2 + x))": {"x": 800.0, "y": 801.0},
}


@pytest.mark.parametrize("text", STABLE)
def test_stable_forms_are_found_in_any_order_of_terms(text):
    f = wg.compile(text)
    answers = relative_errors(f, wg.parse(text).wlist, STABLE[text])
    assert f.receipts
    assert max(answers) < 1e-12, answers


def test_the_sigmoid_in_four_steps_becomes_one_with_the_same_gradient():
    text = "1/(1 + exp(-x))"
    fused, written = wg.compile(text), wg.compile(text, fuse=False)
    assert [e.op for e in fused.running_list.equations] == ["sigmoid"]
    assert len(written.running_list) == 4
    for x in (-3.0, 0.0, 0.7, 5.0):
        assert fused.grad(x)[0] == pytest.approx(written.grad(x)[0], rel=1e-12)
    (receipt,) = fused.receipts
    assert receipt.span is not None
    assert "overflow" in receipt.reason


def test_a_name_the_program_differentiates_by_is_not_fused_away():
    f = wg.compile("u = exp(-x); f = 1/(1 + u); output d(f, u)")
    assert f(0.0) == pytest.approx(-0.25)


def test_scaled_and_shifted_forms_are_found():
    for text in ("1/(1 + exp(-2*x))", "1/(1 + exp(-k*(x - x0)))", "1/(exp(-x) + 1)", "3/(1 + exp(x))"):
        assert any(e.op == "sigmoid" for e in wg.compile(text).running_list.equations), text
    assert [e.op for e in wg.compile("sqrt(x*x + y^2 + z*z)").running_list.equations] == ["hypot"]
    assert [e.op for e in wg.compile("sqrt((a-b)^2 + (c-d)^2)").running_list.equations] == ["sub", "sub", "hypot"]
