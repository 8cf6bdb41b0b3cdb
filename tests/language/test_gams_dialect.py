"""Formulas of GAMS: the values that Pyomo wrote them from, models with published answers, refusals at their places."""

from __future__ import annotations

import json
import math
import random
from importlib.util import find_spec

import pytest

import wengert as wg
from tests.oracles.gams_texts import PACKAGE, POINT, TABLE, written

ROWS = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line[0] != "#"]


def compiled(text: str) -> wg.Function:
    return wg.compile(wg.read(text, dialect="gams").text)


def value(text: str) -> float:
    """The value of the only result at the point."""
    function = compiled(text)
    return float(function(**{n: POINT[n.lower()] for n in function.inputs if n.lower() in POINT}))


def objective(text: str) -> float:
    """The objective of a model that Pyomo wrote: its equation is a variable minus the formula."""
    function = compiled(text)
    given = {n: POINT[n] for n in function.inputs if n in POINT}
    free = [n for n in function.inputs if n not in POINT]
    assert len(free) == 1
    return -float(function(**given, **{free[0]: 0.0}))


def test_a_program_has_the_values_that_pyomo_wrote() -> None:
    assert len(ROWS) >= 60
    for text, expected in ROWS:
        assert objective(json.loads(text)) == pytest.approx(float(expected), rel=1e-11, abs=1e-12), json.loads(text)


def test_new_formulas_have_the_values_that_pyomo_wrote() -> None:
    if find_spec(PACKAGE) is None:
        pytest.skip("Pyomo is not installed; the recorded values are tested")
    for text, expected in written(9, 30):
        assert objective(text) == pytest.approx(expected, rel=1e-11, abs=1e-12), text


MEANINGS = [
    ("r = -x**2;", -(1.75**2)),
    ("r = 6/2*3;", 9),
    ("r = sqr(y) - power(y, 3);", 2.25**2 + 2.25**3),
    ("r = x - y - z;", 3.625),
    ("r = errorf(z);", 0.5 * math.erfc(-0.375 / math.sqrt(2))),
    ("r = sigmoid(y);", 1 / (1 + math.exp(2.25))),
    ("r = entropy(z);", -0.375 * math.log(0.375)),
    ("r = ifThen(x > y, 3, 4);", 3),
    ("r = log(x) + log10(x) + log2(x);", math.log(1.75) + math.log10(1.75) + math.log2(1.75)),
    ("r = rPower(x, z) + vcPower(x, 2);", 1.75**0.375 + 1.75**2),
    ("r = MIN(X, Y, Z) + Max(x, y);", -0.5),
    ("r = arctan2(y, x);", math.atan2(-2.25, 1.75)),
    ("r = [x + y]*2;", -1.0),
    ("r = (x > y) + 1;", 2),
    ("r = x$(y > 0) + z$(y < 0);", 0.375),
    ("r = edist(x, y);", math.hypot(1.75, 2.25)),
    ("a = 2; a = a*x; r = a + 1;", 4.5),
    ("* a comment\nr = x;\n* another\n", 1.75),
    ("$ontext\n r = 1;\n$offtext\nr = x", 1.75),
    ("Set i / 1*4 /; r = sum(i, ord(i)*x);", 17.5),
    ("Set i / a, b /, j / 1*3 /; r = sum((i,j), ord(i)*ord(j));", 18),
    ("Set i /i1*i3/; r = prod(i, ord(i)) + card(i);", 9),
    ("Set i /i1*i3/; r = smax(i, x*ord(i)) - smin(i, y*ord(i));", 5.25 + 6.75),
    ("Set i /1*3/; r = sum(i$(ord(i) > 1), x);", 3.5),
    ("Set i /1*3/; Parameter a(i) / 1 2.5, 3 -1 /; r = sum(i, a(i)*ord(i));", -0.5),
    ("Scalar k 'a number' / 1.5e1 /; r = k*x;", 26.25),
    ("Set i /1*2/; Alias(i, k); r = sum((i,k), x);", 7.0),
    ("Parameter p; p = 2; r = centropy(x, p);", 1.75 * math.log(1.75 / 2)),
    ("e.. x*y =e= z;", 1.75 * -2.25 - 0.375),
    ("r = not (x gt 2) and y le 0;", 1),
    ("r = frac(x) + trunc(y) + fact(4);", 22.75),
    ("r = binomial(5, 2) + signPower(y, 2);", 10 - 2.25**2),
    ("r = 1.e1*x + .5;", 18.0),
    ("r = x**(-1);", 1 / 1.75),
    ("sqr(x) + 1", 4.0625),
    ("Set i /1*3/; Parameter s(i); s(i) = ord(i)*x; r = sum(i, s(i)) - s('2');", 7.0),
    ("r = boolOr(x, 0) + (x xor 0);", 2),
]


@pytest.mark.parametrize(("text", "expected"), MEANINGS)
def test_a_construct_has_its_value(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected, rel=1e-12)


def test_a_transport_problem_has_its_published_cost() -> None:
    """Dantzig's transport problem of 1963, the first model of GAMS' tutorial: the cheapest plan costs 153.675."""
    text = """
    Sets
        i  canning plants  / seattle, san-diego /
        j  markets         / new-york, chicago, topeka / ;
    Parameters
        a(i)  capacity of plant i in cases
            / seattle    350
              san-diego  600 /
        b(j)  demand at market j in cases
            / new-york   325
              chicago    300
              topeka     275 /
        d(i,j) distance in thousands of miles
            / seattle.new-york 2.5, seattle.chicago 1.7, seattle.topeka 1.8
              san-diego.new-york 2.5, san-diego.chicago 1.8, san-diego.topeka 1.4 /;
    Scalar f  freight in dollars per case per thousand miles  / 90 / ;
    Parameter c(i,j)  transport cost in thousands of dollars per case ;
    c(i,j) = f * d(i,j) / 1000 ;
    Variables
        x(i,j)  shipment quantities in cases
        z       total transportation costs in thousands of dollars ;
    Positive Variable x ;
    Equations
        cost        define objective function
        supply(i)   observe supply limit at plant i
        demand(j)   satisfy demand at market j ;
    cost ..        z  =e=  sum((i,j), c(i,j)*x(i,j)) ;
    supply(i) ..   sum(j, x(i,j))  =l=  a(i) ;
    demand(j) ..   sum(i, x(i,j))  =g=  b(j) ;
    Model transport /all/ ;
    Solve transport using lp minimizing z ;
    Display x.l, x.m ;
    """
    f = compiled(text)
    plan = {"seattle_new_york": 50.0, "seattle_chicago": 300.0, "seattle_topeka": 0.0, "san_diego_new_york": 275.0,
            "san_diego_chicago": 0.0, "san_diego_topeka": 275.0}  # fmt: skip
    answers = f(z=0.0, **{f"x_{name}": amount for name, amount in plan.items()})
    assert list(answers) == pytest.approx([-153.675, 0, -50, 0, 0, 0])


def test_problem_71_of_hock_and_schittkowski_has_its_published_optimum() -> None:
    """From Hock and Schittkowski 1981, problem 71: 17.0140173 at the point below, where the gradients balance."""
    text = """
    obj.. z =e= x1*x4*(x1 + x2 + x3) + x3;
    ineq.. x1*x2*x3*x4 =g= 25;
    eq.. sqr(x1) + sqr(x2) + sqr(x3) + sqr(x4) =e= 40;
    """
    answers = compiled(text)(x1=1.0, x2=4.7429994, x3=3.8211503, x4=1.3794082, z=17.0140173)
    assert list(answers) == pytest.approx([0, 0, 0], abs=2e-6)


def test_a_converted_model_is_read_as_a_whole() -> None:
    """The layout that GAMS' own converter gives to the models of public libraries."""
    text = """$offlisting
*  NLP written by GAMS Convert
*
*  Equation counts
*      Total        E        G        L        N        X        C        B
*          2        1        1        0        0        0        0        0

Variables  x1,x2,b3,objvar;

Positive Variables  x1;

Binary Variables  b3;

Equations  e1,e2;


e1..    sqr(x1) - 0.5*x2*x1 + exp(-0.3*b3) + objvar =E= 0;

e2..  - x1**0.5/(1 + x2) =G= 1;

* set non-default bounds
x1.lo = 1; x1.up = 5;

Model m / all /;

m.limrow=0; m.limcol=0;

$if NOT '%gams.u1%' == '' $include '%gams.u1%'

$if not set NLP $set NLP NLP
Solve m using %NLP% minimizing objvar;
"""
    function = compiled(text)
    assert function.inputs == ("x1", "x2", "b3", "objvar")
    assert function(4.0, 3.0, 0.0, 1.0) == pytest.approx((16 - 6 + 1 + 1, -2 / 4 - 1))


REFUSED = [
    ("$include x.gms\ne.. x =e= 2;", "W804", "include"),
    ("$macro f(x) x*x\nr = x;", "W804", "macro"),
    ("Set i /1*2/; r = sum(i, x + sum(i, x));", "W804", "already"),
    ("x**2**3", "W804", "chain"),
    ("a*-b", "W801", "-"),
    ("r = x**-1;", "W801", "-"),
    ("mod(x, 2)", "W804", "mod"),
    ("round(x)", "W804", "round"),
    ("sum(i, x(i))", "W802", "i"),
    ("Set i /1*3/; r = x(j);", "W802", "j"),
    ("foo(x, 1)", "W802", "foo"),
    ("Set i /1*3/; r = x(i);", "W804", "runs over"),
    ("Set i /1*3/; r = i + 1;", "W804", "set"),
    ("loop(i, r = 1);", "W804", "loop"),
    ("Table d(i,j)\n a\n b 1;", "W804", "Table"),
    ("e.. x =x= 2;", "W804", "=x="),
    ("e$(x > 1).. x =e= 2;", "W804", "$"),
    ("Set i /1*3/; Parameter a(i); r = sum(i, a(i,i));", "W803", "indices"),
    ("Set i /3*1/; r = x;", "W804", "range"),
    ("r = 1/x$(y > 0);", "W804", "two ways"),
    ("r = eps;", "W804", "special"),
    ("r = uniform(0, 1);", "W804", "follows"),
    ("", "W801", ""),
    ("Set i /1*3/; s(i) = s(i-1) + 1;", "W804", "order"),
    ("pi = 3;", "W804", "constant"),
    ("Scalar k / abc /; r = k;", "W804", "number"),
    ("r = x +;", "W801", ""),
    ("Set i / a, A /; r = x;", "W804", "twice"),
    ("power(x)", "W803", "2"),
]


@pytest.mark.parametrize(("text", "code", "word"), REFUSED)
def test_a_refusal_names_its_place(text: str, code: str, word: str) -> None:
    with pytest.raises(wg.WengertError) as caught:
        wg.read(text, dialect="gams")
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == code
    assert word in diagnostic.message
    assert diagnostic.span is not None
    assert 0 <= diagnostic.span.start <= len(text)
    wg.render(diagnostic)


def test_names_differ_by_more_than_case_and_numbers_are_defaults() -> None:
    reading = wg.read("Scalar K / 2 /; e.. k*Objvar + OBJVAR =e= 0; x.l = 3; f.. x =e= 1; x.up = 5;", dialect="gams")
    assert reading.text == "input K = 2\ninput Objvar\ninput x = 3\ne = K*Objvar + Objvar\nf = x - 1\noutput e, f\n"
    assert {r.code for r in reading.receipts} == {"W824", "W825"}


def test_lags_beyond_the_ends_are_zero() -> None:
    reading = wg.read("Set t / 1*2 /; e(t).. x(t) =e= x(t-1) + 1;", dialect="gams")
    assert reading.text == "input x_1, x_2\ne_1 = x_1 - (0 + 1)\ne_2 = x_2 - (x_1 + 1)\noutput e_1, e_2\n"


def test_sizes_are_limited() -> None:
    for text in ("Set i / 1*999999999 /; r = 1;", "Set i /1*9999/, k /1*9999/; r = sum(i, sum(k, x));",
                 "Set i /1*3000/, j /1*3000/; r = sum((i,j), x);"):  # fmt: skip
        with pytest.raises(wg.LimitError):
            wg.read(text, dialect="gams", limits=wg.Limits(tokens=1_000_000))


HOSTILE = [
    ("(", "x", ")"),
    ("x+", "x", ""),
    ("x = x+1;", "", ""),
    ("* a\n", "x", ""),
    ("$ontext\n", "", ""),
    ("Set i /a/; ", "x", ""),
    ("x ", "", ""),
    ("sum(i,", "x", ")"),
    ("x(", "", ")"),
    ("e.. x =e= y;", "", ""),
    ("x('", "", ""),
    ("sqr(", "x", ")"),
    ("x" + 40 * " ", "y", ""),
    ("x.l = 1; ", "x", ""),
    ("e(", "", ".."),
    ("Variables x, ", "y; x", ""),
]


@pytest.mark.parametrize(("left", "middle", "right"), HOSTILE)
def test_hostile_texts_cost_what_they_are_long(left: str, middle: str, right: str) -> None:
    """A text of any depth is read or refused within a budget in proportion to its length, at n, 2n and 4n."""
    for n in (250, 500, 1000):
        text = left * n + middle + right * n
        try:
            reading = wg.read(text, dialect="gams", limits=wg.Limits(tokens=8 * len(text)))
        except wg.LimitError:
            raise
        except wg.WengertError:
            continue
        assert len(reading.text) < 12 * len(text)


def test_any_text_is_read_or_refused() -> None:
    chance = random.Random(5)
    pieces = [
        *"+-*/()[]<>=$,;.'\"\n ",
        "**",
        "..",
        "=e=",
        "x",
        "i",
        "i+1",
        "2",
        "1.5e3",
        "sum(",
        "sum(i,",
        "x(i)",
        "Set i /1*2/;",
        "Parameter a(i)",
        "/ 1 2 /",
        "Scalar",
        "sqr(",
        "e..",
        "and",
        "not",
        "\n*",
        "$ontext",
        "x.l",
        "Alias(",
        "é",
        "\0",
        "\\",
    ]
    for _ in range(1500):
        text = "".join(chance.choice(pieces) for _ in range(chance.randrange(9)))
        try:
            reading = wg.read(text, dialect="gams")
        except wg.WengertError as problem:
            wg.render(problem.diagnostic)
            continue
        wg.compile(reading.text)
