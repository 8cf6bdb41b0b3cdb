"""What every answer is at the edges: kinks, ties, zeros, infinities, points outside a domain, branches not taken.

The convention at a kink is the mean of the gradients of the tied active pieces, the same for every way of writing the
function, always with a note.
"""

import math

import numpy as np
import pytest

import wengert as wg

inf, nan = math.inf, math.nan

# program, point, value, gradient, code of the note that must be there ("" for none)
TABLE = [
    ("max(x, y)", (1, 1), 1, (0.5, 0.5), "W302"),
    ("min(x, y)", (1, 1), 1, (0.5, 0.5), "W302"),
    ("max(x, y, z)", (2, 2, 2), 2, (1 / 3, 1 / 3, 1 / 3), "W302"),
    ("max(x, y, z)", (2, 2, 1), 2, (0.5, 0.5, 0), "W302"),
    ("max(x, 0)", (0,), 0, (0.5,), "W302"),
    ("relu(x)", (0,), 0, (0.5,), "W301"),
    ("clip(x, 0, 1)", (0,), 0, (0.5,), "W302"),
    ("clip(x, 0, 1)", (1,), 1, (0.5,), "W302"),
    ("(x + abs(x))/2", (0,), 0, (0.5,), "W301"),
    ("abs(x)", (0,), 0, (0,), "W301"),
    ("sqrt(x^2)", (0,), 0, (0,), "W301"),
    ("sqrt(x*x + y*y)", (0, 0), 0, (0, 0), "W301"),
    ("hypot(x, y)", (0, 0), 0, (0, 0), "W301"),
    ("hypot(x, y, z)", (0, 0, 0), 0, (0, 0, 0), "W301"),
    ("sqrt(x)", (0,), 0, (inf,), "W304"),
    ("x^0", (0,), 1, (0,), ""),
    ("x^y", (0, 2), 0, (0, 0), ""),
    ("0^y", (2,), 0, (0,), ""),
    ("x^y", (0, 0), 1, (0, nan), "W305"),
    ("x^y", (-2, 3), -8, (12, nan), "W305"),
    ("x^3", (-2,), -8, (12,), ""),
    ("x^2", (0,), 0, (0,), ""),
    ("log(x)", (-1,), nan, (nan,), "W201"),
    ("sqrt(x)", (-1,), nan, (nan,), "W201"),
    ("asin(x)", (2,), nan, (nan,), "W201"),
    ("x^(1/3)", (-8,), nan, (nan,), "W201"),
    ("where(x > 0, sqrt(x), 0)", (-1,), 0, (0,), ""),
    ("sqrt(x) if x > 0 else 0", (-1,), 0, (0,), ""),
    ("where(x > 0, log(x), x)", (0,), 0, (1,), "W303"),
    ("max(sqrt(x), 1)", (0,), 1, (0,), ""),
    ("relu(log(x))", (0,), 0, (0,), ""),
    ("x*log(x)", (0,), 0, (-inf,), "W201 W304 W305"),
    ("xlogx(x)", (0,), 0, (-inf,), "W304"),
    ("log(1 + exp(x))", (1000,), 1000, (1,), ""),
    ("1/(1 + exp(-x))", (-1000,), 0, (0,), ""),
    ("atan2(y, x)", (0, 0), 0, (nan, nan), "W305"),
    ("mod(x, 2)", (-7.5,), 0.5, (1,), ""),
    ("-7.5 % x", (2,), 0.5, (4,), ""),
    ("sign(x)", (0,), 0, (0,), "W303"),
    ("floor(x)", (2,), 2, (0,), "W303"),
    ("round(x)", (2.5,), 2, (0,), "W303"),
    ("cbrt(x)", (-8,), -2, (1 / 12,), ""),
    ("1/x", (0,), inf, (-inf,), "W201"),
    ("exp(x)", (1000,), inf, (inf,), "W203"),
]


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b) or math.isclose(a, b, rel_tol=1e-15)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize(("text", "point", "value", "gradient", "code"), TABLE)
def test_table(text, point, value, gradient, code, mode):
    f = wg.compile(text)
    answer, g = f.value_and_grad(*point, mode=mode)
    assert same(answer, value)
    assert all(map(same, g, gradient)), g
    assert same(f(*point), value)
    codes = {note.code for note in g.notes}
    if code:
        assert codes & set(code.split()), f"no note {code} in {codes}"
    else:
        assert not codes


@pytest.mark.parametrize(("text", "point", "value", "gradient", "code"), TABLE)
def test_gradient_list_agrees(text, point, value, gradient, code):
    f = wg.compile(text)
    answers = wg.compile(f.gradient_list, fuse=False)
    got = answers(*point)
    got = got if isinstance(got, tuple) else (got,)
    assert all(map(same, got, gradient)), (got, str(f.gradient_list))


def test_fused_formulas_carry_their_receipt():
    for text, op in (("log(1 + exp(x))", "softplus"), ("1/(1 + exp(-x))", "sigmoid"), ("sqrt(x^2)", "abs")):
        f = wg.compile(text)
        assert any(op in r.after for r in f.receipts)
        assert not wg.compile(text, fuse=False).receipts


@pytest.mark.parametrize("text", ["where(x > 0, sqrt(x), 0)", "max(sqrt(x + 1), 2)", "where(x > 0, x^0.5*log(x), 3*x)"])
def test_a_branch_not_taken_contributes_nothing_at_any_order(text):
    """By gradient lists of gradient lists, evaluated where the branch's own derivatives are nan or infinite."""
    wlist = wg.compile(text).wengert_list
    for x, slope in ((-1.0, 3.0 if "3*x" in text else 0.0),):
        for order in range(1, 5):
            from wengert.transforms.derivatives import gradient

            wlist = gradient(wlist)
            f = wg.compile(wlist, fuse=False)
            assert f(x) == (slope if order == 1 else 0.0)
            assert f.grad(x)[0] == 0.0


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [("abs(x)", -1, 1), ("relu(x)", 0, 1), ("max(x, 0)", 0, 1), ("min(x, 0)", 1, 0), ("clip(x, 0, 1)", 0, 1),
     ("leaky_relu(x, 0.1)", 0.1, 1)],
)  # fmt: skip
def test_one_sided_derivatives_are_limits_of_difference_quotients(text, left, right):
    f = wg.compile(text)
    h = 2.0**-30
    assert (f(0.0) - f(-h)) / h == pytest.approx(left)
    assert (f(h) - f(0.0)) / h == pytest.approx(right)
    for kink, slope in (("left", left), ("right", right), ("mean", (left + right) / 2)):
        assert wg.compile(text, kink=kink).grad(0.0)["x"] == pytest.approx(slope)
        glist = wg.compile(text, kink=kink).gradient_list
        assert wg.compile(glist)(0.0) == pytest.approx(slope)
    with pytest.raises(wg.KinkError, match=r"kink|tie"):
        wg.compile(text, kink="error").grad(0.0)
    wg.compile(text, kink="error").grad(0.3)


def test_blame_names_the_sub_expression_and_what_went_in():
    f = wg.compile("1 + 2*log(x - 3)*y")
    _, g = f.value_and_grad(x=1, y=2)
    (note,) = [n for n in g.notes if n.code == "W201"]
    assert f.program.source.text[note.span.start : note.span.end] == "log(x - 3)"
    assert "-2" in note.message
    assert "^^^^^^^^^^" in wg.render(note)
    assert all(v != v for v in g), "a derivative of an undefined value is refused"


def test_strict_raises_where_ieee_answers():
    with pytest.raises(wg.DomainError, match="log"):
        wg.compile("log(x)", strict=True)(-1)
    assert wg.compile("log(x)", strict=True)(1) == 0


def test_untaken_branches_are_neither_blamed_nor_noted():
    f = wg.compile("where(x > 0, log(x) + abs(x), x)")
    _, g = f.value_and_grad(-1)
    assert g.notes == ()


def test_kinks_of_constants_are_not_noted():
    f = wg.compile("abs(0) + max(1, 1) + x")
    assert f.grad(3).notes == ()


@pytest.mark.parametrize("op", ["asin", "acos", "atanh"])
@pytest.mark.parametrize("a", [1e-300, -1e-17, 3e-8, 0.3, 0.70703125, 0.9, 1 - 2**-40])
def test_second_derivatives_keep_their_digits(op, a):
    """1 - a^2 is written so that neither it nor its derivative cancels."""
    power, size = (2, 2) if op == "atanh" else (1.5, -1 if op == "acos" else 1)
    want = size * a / ((1 - a) * (1 + a)) ** power
    assert wg.compile(f"{op}(a)").hessian(a)[0][0] == pytest.approx(want, rel=1e-14)


def test_what_is_not_taken_of_a_unit_may_be_infinite():
    for op in ("leaky_relu", "elu"):
        assert wg.compile(f"{op}(x, s)").grad(1.0, math.inf)["x"] == 1.0


def test_second_derivatives_of_the_error_function_vanish_far_out():
    for op in ("erf", "erfc", "ndtr"):
        assert wg.compile(f"{op}(x)").hessian(1.7e308)[0][0] == 0.0


SINGULAR = ["sqrt(x) + y", "y*1 + cbrt(x)", "log(1 + sqrt(x))*3 + sin(y)", "where(y > -1, y, sqrt(x)) + sqrt(x)"]


@pytest.mark.parametrize("text", SINGULAR)
@pytest.mark.parametrize("kernel", ["interpreter", "python", "auto"])
def test_a_zero_direction_is_as_good_as_an_absent_one(text, kernel):
    f = wg.compile(text, kernel=kernel)
    at, along, absent = {"x": 0.0, "y": 0.5}, {"x": 0.0, "y": 1.0}, {"y": 1.0}
    for _ in range(3):
        assert f.jvp(at, along) == f.jvp(at, absent)
        assert f.hvp(at, along) == f.hvp(at, absent)
        assert f.taylor(at, along, 3) == f.taylor(at, absent, 3)
        assert f.jvp(at, {"x": 0.0, "y": 0.0}) == 0
    assert f.jvp(at, {"x": 1.0, "y": 0.0}) == math.inf


def test_a_zero_direction_of_arrays_is_as_good_as_an_absent_one():
    f = wg.compile("sum(sqrt(x)) + sum(y)")
    x = np.array([0.0, 1.0])
    assert f.jvp((x, x), (np.zeros(2), x)) == 1
    assert wg.compile("sqrt(x) + y").jvp((x, 0.0), (0.0, 1.0)).tolist() == [1, 1]


# At these ends the curves have a vertical tangent: from within the domain the second derivative is infinite, too.
ENDS = {"asin": (1, -1), "acos": (1, -1), "acosh": (1,), "asech": (1,)}


@pytest.mark.parametrize(("op", "end"), [(op, end) for op, ends in ENDS.items() for end in ends])
def test_second_derivatives_at_ends_are_their_limits_in_every_mode(op, end):
    f = wg.compile(f"{op}(x)")
    within = end * (1 - 1e-9) if op != "acosh" else end + 1e-9
    want = math.copysign(math.inf, f.hessian(within)["x", "x"])
    assert f.hessian(end)["x", "x"] == f.hessian(end, mode="forward")["x", "x"] == want
    assert f.hvp((end,), (1,))["x"] == f.taylor((end,), order=2)[2] == want
    assert wg.compile(f"d(d({op}(x), x), x)")(end) == want


@pytest.mark.parametrize("text", ["x^0.5", "x^-1", "x^(-1/2)", "x^(1/3)", "1/x", "2^x/x", "x/2^0.5 + x^-3", "0^x"])
def test_the_condition_of_a_message_tells_where_there_is_a_value(text: str) -> None:
    """Conditions on literals are decided: the inputs are left, and the sentence holds where the value is finite."""
    f = wg.compile(text, options=wg.Options(fuse=False))
    points = (-8.0, -1.0, -0.5, 0.0, 0.5, 1.0, 4.0)
    bad = [x for x in points if not math.isfinite(f(x))]
    for x in bad:
        blamed = f.blame({"x": x})
        assert blamed is not None
        condition = wg.compile(blamed.message.partition(" needs ")[2].partition(", with")[0])
        assert condition.inputs == ("x",)
        assert [x for x in points if not condition(x)] == bad


@pytest.mark.parametrize(("text", "x", "helps"), [
    ("log(x)", 0, "xlogx"), ("log(x)", -1, ""), ("x^(1/3)", -8, "cbrt"), ("x^0.5", -8, ""), ("x^-1", 0, ""),
])  # fmt: skip
def test_advice_is_given_where_it_helps(text: str, x: float, helps: str) -> None:
    blamed = wg.compile(text).blame({"x": x})
    assert blamed is not None
    assert helps in blamed.help if helps else not blamed.help


def test_a_quotient_by_a_literal_zero_has_no_condition() -> None:
    blamed = wg.compile("x/0").blame({"x": 1})
    assert blamed is not None
    assert "`x/0` has no finite value" in blamed.message
