"""Formulas: what they look like, and that they compute what the list computes, bit for bit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests import FULL, some
from tests.oracles.programs import ELEMENTWISE, Point, programs
from wengert.language import parse
from wengert.lists.wengert_list import WengertList
from wengert.ops import CONSTANTS, OPS
from wengert.show import equation_text, formula, single
from wengert.sweeps.forward import evaluate, forward_sweep
from wengert.sweeps.numbers import Numbers
from wengert.transforms.derivatives import gradient, jacobian

DEEP = 100_000 if FULL else 10_000

# Texts in which every bracket is needed: read and written again they are the same.
SAME = """
(2*x1 + x2)^2
x^2 + y
-2^2
-x^2
(-x)^2
-x*y
-(x*y)
2^-1
2^-x
(-2)^x
(-0)^x
-0^x
2^(-x + 1)
-2*x
x*-2
x - -2
x + -y
--x
a - (b - c)
a - b - c
a + (b + c)
a/(b*c)
a/b*c
a*(b/c)
a*(x + 1)%c
a^b^c
(a^b)^c
(a*b)^2
sin(x)^2
(a < b) < c
a < (b < c)
(a < b) + 1
a < b < c
a < b and c
a < b + 1 <= c
not a and b
not (a and b)
not a < b
(not a) == b
a or b and c
(a or b) and c
a and (b and c)
-(a < b)
where(x > 0, sqrt(x), 0)
max(a, b, c)*2
f = x^2
input y, x; x - y
input e, pi; pi*e
2*pi*r
inf*x
d(x^3, x)
u = x^2; y = u + d(u*u, u)
jvp(x*y, x, y)
op q(a, b) = a^2 + b with d/da = 2*a, d/db = 1; q(x, y)
v1 = x + 1; v2 = v1*v1; v2 + v1
s = w*x + b; f = sigmoid(s); output f, s
s = w*x + b; output sigmoid(s), s^2
2
x
pi
"""


@pytest.mark.parametrize("text", SAME.strip().splitlines())
def test_a_text_comes_back(text: str) -> None:
    text = text.replace("; ", "\n")
    assert formula(parse(text).wlist) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("((x))", "x"),
        ("(2*x) + (y)", "2*x + y"),
        ("(x^2)*3", "x^2*3"),
        ("2 ** x", "2^x"),
        ("ln(x)", "log(x)"),
        ("a if a > b else b", "where(a > b, a, b)"),
        ("a < b < c < d", "a < b < c and c < d"),
        ("sum(x^i for i in 0:3)", "x^0 + x^1 + x^2"),
        ("def f(a) = a^2\nf(x + 1)", "(x + 1)^2"),
        ("input x\ny = x*2\noutput y", "y = x*2"),
        ("input x = 1, y = 2\ny", "input x, y\ny"),
        ("x = 1\nfor k in 0:2 { x = x*a }\nx", "x_1 = 1\nx_2 = x_1*a\nx = x_2*a"),
        ("unused = x*y\nx + y", "x + y"),
        ("1e-7*x + 1e22", "1e-07*x + 1e+22"),
    ],
)
def test_a_text_in_another_form(text: str, written: str) -> None:
    assert formula(parse(text).wlist) == written


def test_what_is_shared_keeps_a_line_unless_it_is_short() -> None:
    assert formula(parse("def sq(a) = a*a\nsq(x + 1)").wlist) == "(x + 1)*(x + 1)"
    long = "sin(x1 + x2*x3 - exp(x4) + cos(x5))"
    assert formula(parse(f"def sq(a) = a*a\nsq({long})").wlist) == f"v7 = {long}\nv7*v7"
    # A temporary that is no longer than its name needs none.
    assert formula(parse(f"def sq(a) = a*a\nsq(-x1)*sq({long})").wlist) == f"v9 = {long}\n-x1*-x1*(v9*v9)"


def test_a_gradient_is_readable() -> None:
    found = gradient(parse("log(x1) + x1*x2 - sin(x2)").wlist, masked=False)
    assert formula(found) == "x2_bar = x1 - cos(x2)\nx1_bar = x2 + 1/x1\noutput x1_bar, x2_bar"
    assert single(found) == "x2 + 1/x1"
    assert single(found, 1) == "x1 - cos(x2)"
    assert single(gradient(parse("s = a*x\nf = s*exp(s)").wlist, ["x"], masked=False)) == "(exp(a*x) + a*x*exp(a*x))*a"


def test_a_single_formula_that_is_too_long_is_a_program() -> None:
    text = " + ".join(f"sin(x{k})*cos(x{k})" for k in range(20))
    found = single(parse(f"f = {text}\nf^2").wlist)
    assert found == f"f = {text}\nf^2"
    assert single(parse("u = x^2\ny = d(u*u, u)").wlist) == "u = x^2\ny = d(u*u, u)"


def test_one_equation() -> None:
    wlist = parse("op q(a) = a with d/da = 1\n-(x + 2)*q(y)^-2").wlist
    assert [equation_text(e, wlist.ops) for e in wlist.equations] == [
        "v1 = x + 2", "v2 = -v1", "v3 = q(y)", "v4 = v3^-2", "v5 = v2*v4",
    ]  # fmt: skip


def test_names_of_constants() -> None:
    infinite = WengertList([("f", "add", ("inf", float("inf")))], inputs=("inf",))
    assert formula(infinite) == "input inf\nf = inf + 1e999"
    assert parse(formula(infinite)).wlist == infinite
    undefined = WengertList([("nan", "mul", (-float("inf"), "x")), ("f", "min", ("nan", float("nan")))])
    assert formula(undefined) == "nan = -1e999*x\nf = min(nan, (1e999 - 1e999))"


def test_defaults_are_declared() -> None:
    program = parse("input x = 3, y = -1, z\nx*y*z")
    assert formula(program.wlist, program.defaults) == "input x = 3, y = -1, z\nx*y*z"


@pytest.mark.parametrize(
    "op", [op for op in OPS if OPS[op].array is None and OPS[op].notation.infix and " " in OPS[op].params]
)
@pytest.mark.parametrize("within", [op for op in OPS if OPS[op].array is None and OPS[op].notation.infix])
def test_brackets(op: str, within: str) -> None:
    """Every operator inside every other, on either side, is read back as it was."""
    pair = ("x", "y") if " " in OPS[within].params else ("x",)
    for outer in (("v1", "z"), ("z", "v1")):
        wlist = WengertList([("v1", within, pair), ("v2", op, outer)])
        assert tuple(e[1:] for e in parse(formula(wlist)).wlist.equations) == tuple(e[1:] for e in wlist.equations)


@given(programs(smooth=True))
def test_random_programs_are_defined_at_their_points(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    assert set(point) == set(wlist.inputs)
    assert all(abs(a) <= 1e6 for a in forward_sweep(wlist, point, Numbers()).values() if a not in CONSTANTS.values())


def same(wlist: WengertList, point: Point) -> None:
    text = formula(wlist)
    back = parse(text).wlist
    assert back.inputs == wlist.inputs
    apply = Numbers()
    expected = [float(a).hex() for a in evaluate(wlist, point, apply)]
    assert [float(a).hex() for a in evaluate(back, point, apply)] == expected, text
    for k in range(len(wlist.outputs)):
        alone = parse(single(wlist, k), given=wlist.inputs).wlist
        assert float(evaluate(alone, point, apply)[0]).hex() == expected[k]
    again = formula(back)
    assert formula(parse(again).wlist) == again


@given(programs(outputs=3))
@settings(max_examples=some(300))
def test_it_computes_the_same(program: tuple[WengertList, Point]) -> None:
    same(*program)


@given(programs(most=8))
def test_gradients_compute_the_same(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    same(gradient(wlist, value=True), point)


@given(programs(most=12, outputs=2, rows=[row for row in ELEMENTWISE if row.notation.infix]))
@settings(max_examples=some(300))
def test_operators_compute_the_same(program: tuple[WengertList, Point]) -> None:
    wlist, point = program
    same(wlist, point)
    same(jacobian(wlist, value=True), point)


@pytest.mark.parametrize(("op", "n"), [("neg", DEEP), ("sin", DEEP), ("copy", DEEP)])
def test_depth_is_no_limit(op: str, n: int) -> None:
    deep = WengertList([("v1", op, ("x",)), *((f"v{k}", op, (f"v{k - 1}",)) for k in range(2, n))])
    for text in (formula(deep), single(deep)):
        assert len(text) < 10 * n
    assert len(parse(formula(deep)).wlist) in (n - 1, 0)


def test_sharing_is_written_once() -> None:
    n = DEEP
    powers = WengertList([("v1", "mul", ("x", "x")), *((f"v{k}", "mul", (f"v{k - 1}",) * 2) for k in range(2, n))])
    text = formula(powers)
    assert text.count("\n") == n - 2
    assert parse(text).wlist.equations[:-1] == powers.equations[:-1]
