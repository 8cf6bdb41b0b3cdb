"""Constants in formulas to read: each is found again, and digits that nobody would recognise stay as they are."""

from __future__ import annotations

import math
import random
import re
from fractions import Fraction

import numpy as np
import pytest

import wengert as wg
from tests import FULL
from tests.oracles.array_calls import calls
from wengert.ops import OPS
from wengert.transforms.reading.constants import fraction_of, is_simple, spelling

NAMED = {
    "pi": math.pi, "1/pi": 1 / math.pi, "pi^2": math.pi**2, "sqrt(pi)": math.sqrt(math.pi), "e": math.e,
    "1/sqrt(2*pi)": 1 / math.sqrt(2 * math.pi), "sqrt(2)": math.sqrt(2), "sqrt(3)": math.sqrt(3), "log(2)": math.log(2),
    "1/log(2)": 1 / math.log(2), "log(10)": math.log(10), "1/log(10)": 1 / math.log(10),
    "sqrt(2/pi)": math.sqrt(2 / math.pi),
}  # fmt: skip


def test_fractions_are_found_again() -> None:
    for q in range(1, 100):
        for p in range(1, 100):
            assert fraction_of(p / q) == Fraction(p, q)


@pytest.mark.parametrize("name", NAMED)
def test_named_constants_are_found_again(name: str) -> None:
    """Times any small fraction; the text computes the number to within three roundings."""
    for p, q in ((1, 1), (2, 1), (1, 3), (7, 2), (5, 12), (180, 1), (1, 180)):
        number = p / q * NAMED[name]
        text = str(wg.compile(f"{number!r}*x*y").derivative("x"))
        assert max(map(len, re.findall(r"[\d.]+", text)), default=0) <= 6, text
        assert math.isclose(wg.compile(text)(y=1.0), number, rel_tol=1e-15)


def test_numbers_of_random_digits_stay() -> None:
    random.seed(11)
    for _ in range(3000):
        number = random.uniform(0.001, 10)
        assert fraction_of(number) == Fraction(repr(number))
        assert spelling(number) is None
        assert not is_simple(fraction_of(number))


def test_decimals_that_people_write_stay() -> None:
    for text in ("0.1", "2.5", "0.333", "3.14159", "6.02214076e23", "1.380649e-23", "299792458", "0.0072973525693"):
        assert str(wg.compile(f"{text}*x*y").derivative("x")) == f"{wg.compile(text)()!r}*y".replace(".0*", "*")


ARRAYS = [
    ("input x[3]; sum(x^2)", "2*x"),
    ("sum(x^2)", "2*x"),
    ("norm(x)", "x/norm(x)"),
    ("input x[n]; mean(x^2)", "2*x/len(x)"),
    ("input x[n]; mean(x)", "zeros_like(x) + 1/len(x)"),
    ("input x[n]; sum(x)^2", "zeros_like(x) + 2*sum(x)"),
    ("input x[n]; var(x)", "2*(x - mean(x))/len(x)"),
    ("input x[n]; var(x, ddof=1)", "2*(x - mean(x))/(len(x) - 1)"),
    ("input x[n]; max(x)", "x == max(x)"),
    ("input x[3]; min(x)", "x == min(x)"),
    ("input x[3]; x[0]*x[1]", "[x[1], x[0], 0]"),
    ("input x[3]; sum(x[i]^2 for i in 0:3)", "[2*x[0], 2*x[1], 2*x[2]]"),
    ("input x[3]; softmax(x)[0]", "softmax(x)*([1, 0, 0] - sum(softmax(x)*[1, 0, 0]))"),
    ("input x[3]; max(x)*x[0]", "[max(x), 0, 0] + where(x == max(x), x[0], 0)"),
    ("input x[3]; cumsum(x)[1]", "flip(cumsum(flip([0, 1, 0], axis=-1), axis=-1), axis=-1)"),
    ("x @ x", "2*x"),
    ("sum(max(x, 0))", "x > 0"),
    ("input x[n], y[n]; sum(x*y)", "input x[n], y[n]\ndf_dx = y\ndf_dy = x\noutput df_dx, df_dy"),
    (
        "input A[m,n], x[n]; sum((A @ x)^2)",
        "input A[m,n], x[n]\ndf_dA = outer(2*(A @ x), x)\ndf_dx = A.T @ (2*(A @ x))\noutput df_dA, df_dx",
    ),
    (
        "input a[n], b[n], A[n,n]; a @ A @ b",
        "input a[n], b[n], A[n,n]\ndf_da = b @ A.T\ndf_db = a @ A\ndf_dA = outer(a, b)\noutput df_da, df_db, df_dA",
    ),
]


OF_RULES = {row.name.partition("[")[0] for row in OPS.values() if row.of_rules}


def of_rules_in(text: str) -> set[str]:
    """The ops in a text that only rules are written with."""
    return OF_RULES.intersection(re.findall(r"\w+", text.replace(r"\_", "_")))


@pytest.mark.parametrize(("text", "written"), ARRAYS)
def test_arrays_are_said_in_the_words_of_the_language(text: str, written: str) -> None:
    assert str(wg.compile(text).derivatives()).removeprefix("df_dx = ").removesuffix("\noutput df_dx") == written


@pytest.mark.parametrize(
    "text",
    [*(text for text, _ in ARRAYS), "input X[4,3], w[3], y[4]; mean((X @ w - y)^2)", "input x[3]; sum((x - mean(x))^2)",
     "input W[4,3], x[3], b[4]; sum(sigmoid(W @ x + b))", "input x[3], y[3]; sum(softmax(x)*y)", "input x[3]; var(x)",
     "input A[3,2]; max(A, axis=0)[0]", "input x[3]; var(x, ddof=1)*x[1]", "input x[3]; x[0]*x[1] + sum(x[1:])",
     "input A[3,3]; sum(A.T @ A)", "sum(exp(-x)/y)"],
)  # fmt: skip
def test_formulas_over_arrays_compute_the_derivative(text: str) -> None:
    rng = np.random.default_rng(7)
    f = wg.compile(text)
    found = f.derivatives()
    written = wg.compile(str(found), inputs=f.inputs)
    shapes = {n: tuple(d if isinstance(d, int) else 3 for d in f.program.wlist.shapes.get(n, (3,))) for n in f.inputs}
    point = {n: rng.uniform(0.5, 2.0, shape) for n, shape in shapes.items()}
    values = written({n: v for n, v in point.items() if n in written.inputs})
    values = values if isinstance(values, tuple) else (values,)
    assert not of_rules_in(str(found))
    for value, want in zip(values, f.grad(point)):
        np.testing.assert_allclose(np.broadcast_to(value, np.shape(want)), want, rtol=1e-11)


ELEMENTWISE = [row for row in OPS.values() if row.array is None and not row.of_rules]


@pytest.mark.parametrize("exact", [False, True])
def test_formulas_are_of_functions_for_people(exact: bool) -> None:
    for row in ELEMENTWISE[exact::2]:
        f = wg.compile(f"{row.name}({'a, b' if '*' in row.params else row.params.replace(' ', ', ')})", fuse=False)
        found = f.derivatives(exact=exact)
        assert not of_rules_in(str(found)), row.name
        assert exact or wg.parse(str(found)), row.name
        assert not of_rules_in(found.latex()), row.name


@pytest.mark.parametrize("k", range(5))
def test_formulas_of_array_ops_are_of_functions_for_people(k: int) -> None:
    """In text, in LaTeX and in traces; and they have the values of a reverse sweep, where the shape is declared."""
    for call in [*calls()][k :: 8 if FULL else 32]:
        if OPS[call.op].of_rules or not call.args:
            continue
        point = {f"x{i}": a for i, a in enumerate(call.args)}
        shapes = {n: np.shape(a) for n, a in point.items() if np.shape(a)}
        equations = [("y", call.op, [*point]), ("z", "square", ("y",)), ("f", "sum", ("z",))]
        for known in (shapes, {}):
            f = wg.compile(wg.WengertList(equations, [*point], ["f"], shapes=known), fuse=False)
            found = f.derivatives()
            assert not of_rules_in(str(found)), call.id
            assert not of_rules_in(found.latex() + f.emit("latex")), call.id
        assert not of_rules_in(f.trace_table(point)), call.id
        values = wg.compile(wg.WengertList(equations, [*point], ["f"], shapes=shapes), fuse=False).derivatives()(point)
        for value, want in zip(values if len(point) > 1 else (values,), f.grad(point)):
            np.testing.assert_allclose(np.broadcast_to(value, np.shape(want)), want, rtol=1e-9, atol=1e-12)


def test_an_axis_stays_where_it_was() -> None:
    f = wg.compile("input A[3,3]; sum(logsumexp(A, axis=1)^2)")
    A = np.arange(9.0).reshape(3, 3) ** 0.5
    np.testing.assert_allclose(f.derivative("A")(A), f.grad(A)["A"], rtol=1e-14)


def test_a_note_asks_for_shapes_where_a_formula_needs_more_words() -> None:
    assert [n.code for n in wg.compile("mean(x)").derivative("x").notes] == ["W952"]
    assert not wg.compile("input x[n]; mean(x)").derivative("x").notes
    assert not wg.compile("sum(x^2)").derivative("x").notes


SCALARS = [
    ("sqrt(x)", "1/(2*sqrt(x))"), ("0.5*sqrt(x)", "0.25/sqrt(x)"), ("exp(-x^2/2)", "-x*exp(-x^2/2)"),
    ("(a*x + b)/(c*x + k)", "(a*k - b*c)/(c*x + k)^2"), ("(x + 1)/(x - 1)", "-2/(x - 1)^2"),
    ("Vm*x/(Km + x)", "Vm*Km/(Km + x)^2"), ("x/(1 + x^2)", "(1 - x^2)/(1 + x^2)^2"), ("log(x)/x", "(1 - log(x))/x^2"),
    ("4*k*((s/x)^12 - (s/x)^6)", "24*k*s^6/x^7 - 48*k*s^12/x^13"), ("a/x + b/x", "-(a + b)/x^2"),
    ("exp(-a*x)", "-a*exp(-a*x)"), ("x^3 - 3*x^2 + 3*x - 1", "3*x^2 - 6*x + 3"), ("x/3", "1/3"), ("x*0.1", "0.1"),
    ("y = x^2; for t in 0:3 { y = y*x }; y", "5*x^4"), ("x^2/(x^2 + k^2)", "2*x*k^2/(x^2 + k^2)^2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "written"), SCALARS)
def test_derivatives_are_as_a_person_writes_them(text: str, written: str) -> None:
    """And their values are those of a reverse sweep."""
    f = wg.compile(text)
    assert str(f.derivative("x")) == written
    point = {name: 0.3 + 0.2 * k for k, name in enumerate(f.inputs)}
    g = wg.compile(written)
    assert g(**{n: point[n] for n in g.inputs}) == pytest.approx(dict(f.grad(**point).items())["x"], rel=1e-13)
