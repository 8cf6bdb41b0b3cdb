"""Fuses of factors, of long sums, and at the ends: formulas as people write them, where their digits are lost."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

import wengert as wg
from tests.oracles.fuses import answers_at, exact_at, scalar_fuses
from wengert.cli import main
from wengert.ops import OPS
from wengert.show.rewritings import Rewritings

UNIT = 2.0**-53
GHK = "P*z^2*V*F^2/(R*T)*(ci - co*exp(-z*V*F/(R*T)))/(1 - exp(-z*V*F/(R*T)))"
CELL = {"P": 1e-3, "z": 2.0, "F": 96485.33, "R": 8.314, "T": 300.0, "ci": 1e-4, "co": 2.0}
# The rate at which a formula varies, of the cell in 1/V.
RATE = {False: 1.0, True: 2 * 96485.33 / (8.314 * 300.0)}
# Formulas that are 0/0 where an input has a value: the formula, that input and value, and the others.
REMOVABLE: list[tuple[str, str, float, dict[str, float]]] = [
    ("(exp(x) - 1)/x", "x", 0.0, {}),
    ("x/(exp(x) - 1)", "x", 0.0, {}),
    ("x/(1 - exp(-x))", "x", 0.0, {}),
    ("(1 - exp(-x))/x", "x", 0.0, {}),
    ("1/(exp(x) - 1)*x", "x", 0.0, {}),
    ("x/((exp(x) - 1)*3)", "x", 0.0, {}),
    ("x^2*exp(x)/(exp(x) - 1)^2", "x", 0.0, {}),
    ("x^2*exp(-x)/(1 - exp(-x))", "x", 0.0, {}),
    ("x^3/(exp(x) - 1)", "x", 0.0, {}),
    ("0.1*(V + 40)/(1 - exp(-(V + 40)/10))", "V", -40.0, {}),
    ("0.1*(40 + V)/(1 - exp((-V - 40)/10))", "V", -40.0, {}),
    ("0.01*(V + 55)/(1 - exp(-(V + 55)/10))", "V", -55.0, {}),
    ("-0.1*(V + 35)/(exp(-0.1*(V + 35)) - 1)", "V", -35.0, {}),
    ("0.01*(10 - V)/(exp((10 - V)/10) - 1)", "V", 10.0, {}),
    ("0.1*(V - 25)/(1 - exp((25 - V)/10))", "V", 25.0, {}),
    ("-0.1*(V + 35)/(exp(-V/10 - 3.5) - 1)", "V", -35.0, {}),
    ("k = 10; u = (V + 40)/k; u/(1 - exp(-u))", "V", -40.0, {}),
    ("a*(V - E)/(1 - exp(-(V - E)/k))", "V", -40.0, {"a": 0.1, "E": -40.0, "k": 10.0}),
    ("(1 - exp(-r*t))/r", "r", 0.0, {"t": 2.5}),
    ("2*h*nu^3/c^2/(exp(h*nu/(k*T)) - 1)", "nu", 0.0, {"h": 0.66, "c": 3.0, "k": 1.38, "T": 3.0}),
    (GHK, "V", 0.0, CELL),
    ("u = z*V*F/(R*T); P*z*F*u*(ci - co*exp(-u))/(1 - exp(-u))", "V", 0.0, CELL),
]


@pytest.mark.parametrize(("text", "name", "place", "others"), REMOVABLE)
def test_a_removable_point_is_right_and_so_is_all_beside_it(
    text: str, name: str, place: float, others: dict[str, float]
) -> None:
    """The value and two derivatives in the input, at the point, beside it and far from it."""
    f, wlist = wg.compile(text), wg.parse(text).wlist
    k = wlist.inputs.index(name)
    for step in (0.0, 1e-12, -1e-7, 1e-3, -0.1, 3.0, -20.0):
        step *= 0.01 if others is CELL else 1.0
        point = {n: place + step if n == name else others[n] for n in wlist.inputs}
        exact = exact_at(wlist, point, "" if step else name)
        assert exact is not None
        # Of a sum that is rounded, such as V + 40, the formula's own digits go.
        tolerance = 64 * UNIT * (1 + abs(place / step) if step else 1)
        got = answers_at(f, point)
        for order, j in enumerate((0, 1 + k, 1 + len(point) + k)):
            scale = max(abs(exact[j]), abs(exact[0]) * RATE[others is CELL] ** order, 1e-100)
            assert abs(got[j] - exact[j]) <= tolerance * scale, (step, order, got[j], exact[j])
    point = {n: place if n == name else others[n] for n in wlist.inputs}
    assert not f.grad(**point).notes
    assert math.isnan(wg.compile(text, fuse=False)(**point))


def test_an_oracle_whose_digits_are_lost_disagrees_with_nothing() -> None:
    """The complex step takes the formula as written, which cancels where the fused one does not."""
    lost = 0
    for text, name, place, others in REMOVABLE:
        for step in (1e-9, 1e-5, -1e-3):
            found = wg.compile(text).check({**others, name: place + step})
            assert all(c.ok is not False for c in found), (text, step)
            lost += any("loses its digits" in c.note for c in found)
    assert lost > 10


@pytest.mark.parametrize(
    ("text", "coefficient"),
    [
        ("(exp(x) - 1)/x", lambda k: 1 / mpmath.factorial(k + 1)),
        ("x/(exp(x) - 1)", lambda k: mpmath.bernoulli(k) / mpmath.factorial(k)),
    ],
)
def test_every_order_is_right_at_0(text: str, coefficient: Callable[[int], Any]) -> None:
    """DLMF 24.2.1: x/(exp(x) - 1) generates the Bernoulli numbers."""
    found = wg.compile(text).taylor([0.0], [1.0], 24)
    for k, got in enumerate(found):
        assert abs(got - coefficient(k)) <= 64 * UNIT * abs(coefficient(k)), k


def test_without_fuses_the_formula_is_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    main(["eval", "x/(exp(x) - 1)", "--x", "0", "--no-fuse"])
    assert capsys.readouterr().out.startswith("nan")
    main(["eval", "x/(exp(x) - 1)", "--x", "0"])
    assert capsys.readouterr().out.startswith("1\n")


def test_far_from_0_no_infinity_is_in_the_way() -> None:
    for text, x, value in [
        ("1/(exp(x) - 1)", 800.0, 0.0),
        ("x^3/(exp(x) - 1)", 800.0, 0.0),
        ("exp(x)/(exp(x) - 1)", 800.0, 1.0),
        ("(exp(x) - 1)/exp(x)", 800.0, 1.0),
        ("log(exp(x) - 1)", 800.0, 800.0),
    ]:
        f = wg.compile(text)
        assert f(x) == value
        assert math.isfinite(f.grad(x)[0])
        assert math.isfinite(f.hessian(x)["x"]["x"])


def test_a_peak_of_chromatography_is_right_far_before_it() -> None:
    """An exponentially modified Gaussian, in any order of its factors, where exp overflows and erfc vanishes."""
    rise, tail = "exp(r*(2*m + r*s^2 - 2*x)/2)", "erfc((m + r*s^2 - x)/(sqrt(2)*s))"
    point = {"r": 45.0, "m": 0.5, "s": 1.0, "x": 0.25}
    for text in (f"r/2*{rise}*{tail}", f"{tail}*(r*{rise})/2", f"r/(2/{tail})/exp(-r*(2*m + r*s^2 - 2*x)/2)"):
        f, wlist = wg.compile(text), wg.parse(text).wlist
        exact = exact_at(wlist, {n: point[n] for n in wlist.inputs})
        assert exact is not None
        assert not math.isfinite(wg.compile(text, fuse=False)(**point))
        for got, value in zip(answers_at(f, {n: point[n] for n in wlist.inputs})[:5], exact):
            # The terms of the exponent are a thousand times their sum.
            assert got == pytest.approx(float(value), rel=1e-9), text


def test_a_name_that_is_differentiated_by_keeps_its_factor() -> None:
    f = wg.compile("u = exp(-x); f = x/(1 - u); output d(f, u)")
    assert f(1.0) == pytest.approx(1 / (1 - math.exp(-1)) ** 2)


PATTERNS = sorted({t for row in OPS.values() for t in (*row.rewrites.fuses, *row.rewrites.factors) if "axis" not in t})


def test_a_receipt_speaks_the_text_of_the_user() -> None:
    """Over the patterns of the registry, on arguments that are expressions: a receipt names no temporary, and its
    formula has the value that was computed."""
    told = 0
    for pattern in PATTERNS:
        left, reason = pattern.partition(" -> ")[0], pattern.partition("; ")[2]
        # An article could not be told from the variable a.
        assert not re.search(r"\b[Aa] (?!is )[a-z]{2,}", reason), reason
        letters = sorted(set(re.findall(r"\b[a-h]\b(?!\()", left)))
        text = re.sub(r"\b[a-h]\b(?!\()", lambda m: f"({m[0]} + 1/3)", left)
        f = wg.compile(text)
        point = {n: 0.25 + 0.125 * k for k, n in enumerate(letters)}
        if set(f.inputs) != set(letters):
            continue
        there = Rewritings(f.running_list)
        for r in there.standing(f.receipts):
            words = there.told(r)
            assert not re.search(r"\bv\d", f"{words.after} {words.reason}"), (text, words)
            if r.span is not None and r.span[:2] == (0, len(text)) and "…" not in words.after:
                got, want = wg.compile(words.after, fuse=False)(**point), f(**point)
                assert got == want or math.isnan(got) and math.isnan(want), (text, words)
                told += 1
    assert told > 100


def product(draw: random.Random) -> str:
    """A random product of factors that go together, and of some that do not."""
    inner = draw.choice(["x", "-x", "x/2", "x*y", "-x/y", "(x + 1)/3", "-0.1*x - 0.1", "x*y/z", "2*x*y^2"])
    pieces = ["x", "y", "z", "(x + 1)", "x^2", "y^3", "2", "0.1", f"({inner})", "1/x", "pi", "square(x)"]
    pieces += [f"(exp({inner}) - 1)", f"(1 - exp({inner}))", f"exp({inner})", f"bose_einstein({inner})"] * 2
    text = draw.choice(pieces)
    for _ in range(draw.randint(1, 6)):
        more = draw.choice(pieces)
        if draw.random() < 0.2:
            more = f"({more}{draw.choice('*/')}{draw.choice(pieces)})"
        text = f"{draw.choice(['', '-'])}{text}{draw.choice('*/')}{more}" if draw.random() < 0.9 else f"{more}*({text})"
    return text


def test_products_keep_their_values_and_derivatives() -> None:
    draw, rewritten = random.Random(7), 0
    for _ in range(250):
        text = product(draw)
        f, plain = wg.compile(text), wg.compile(text, fuse=False)
        rewritten += any("/" in r.reason.partition("->")[0] for r in f.receipts)
        point = {n: draw.uniform(0.5, 2.0) for n in f.inputs}
        assert f(**point) == pytest.approx(plain(**point), rel=1e-12), text
        got, want = f.grad(**point), plain.grad(**point)
        scale = abs(plain(**point)) + sum(map(abs, want))
        assert list(got) == pytest.approx(list(want), rel=1e-10, abs=1e-12 * scale), text
    assert rewritten > 50


def exponentials(count: int, draw: random.Random) -> tuple[str, list[float]]:
    """A sum of exponentials of x0, x1, … in random order and brackets, with a point."""
    parts = [f"exp(x{k})" for k in range(count)]
    while len(parts) > 1:
        k = draw.randrange(len(parts) - 1)
        parts[k : k + 2] = [f"({parts[k]} + {parts[k + 1]})"]
    return parts[0], [draw.uniform(700.0, 900.0) for _ in range(count)]


@pytest.mark.parametrize("count", [3, 4, 5, 8, 13, 40])
def test_sums_of_any_length_do_not_overflow(count: int) -> None:
    draw = random.Random(count)
    total, at = exponentials(count, draw)
    point = {f"x{k}": v for k, v in enumerate(at)}
    shares = [mpmath.exp(v) for v in at]
    whole = mpmath.fsum(shares)
    f = wg.compile(f"log{total}")
    assert f(**point) == pytest.approx(float(mpmath.log(whole)), rel=1e-14)
    for name, slope in zip(f.inputs, f.grad(**point)):
        assert slope == pytest.approx(float(mpmath.exp(point[name]) / whole), rel=1e-10)
    softmax = wg.compile(f"input {', '.join(point)}\ns = {total}\n[{', '.join(f'exp({n})/s' for n in point)}]")
    np_share = softmax(**point)
    for got, exact in zip(np_share, shares):
        assert got == pytest.approx(float(exact / whole), rel=1e-10)
    # Partial sums are shared: the work grows little faster than the length.
    assert len(softmax.running_list) <= count * (count.bit_length() + 3)


def test_a_1_in_a_sum_is_an_exponential_too() -> None:
    exact = mpmath.log(1 + mpmath.exp(800) + mpmath.exp(801) + mpmath.exp(-3))
    assert wg.compile("log(exp(a) + 1 + exp(b) + exp(c))")(a=800.0, b=801.0, c=-3.0) == pytest.approx(float(exact))
    for text, value in [
        ("1/(1 + exp(a) + exp(b))", mpmath.exp(-801) / (1 + mpmath.exp(-1))),
        ("2*exp(a)/(1 + exp(a) + exp(b))", 2 / (1 + mpmath.e)),
        ("exp(b)/(exp(b) + exp(a) + 1)", 1 / (1 + mpmath.exp(-1))),
    ]:
        assert wg.compile(text)(a=800.0, b=801.0) == pytest.approx(float(value), rel=1e-10), text
    # A weight is no exponential.
    assert not wg.compile("log(2*exp(a) + exp(b) + exp(c))").receipts


ENDS = (0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 1e-300, -1e-300, 1e300, -1e300, 700.0, -700.0)
# 1 to any power is 1, and any number to the power 0, also where the logarithm of the power is 0 times an infinity.
WITHOUT_A_LIMIT = "(1 + exp(a))^b "


def nearer(left: str, point: dict[str, float], before: float, after: float) -> bool:
    """Whether a value that a fuse changes is no worse, or was wrong."""
    if not all(map(math.isfinite, point.values())):
        return math.isinf(before) and before * after > 0.0
    exact = exact_at(wg.parse(left).wlist, point)
    if exact is None:
        return math.isnan(after)
    return bool(abs(after - exact[0]) <= abs(before - exact[0]))


@pytest.mark.parametrize("text", [t for _, t in scalar_fuses()])
def test_a_fuse_keeps_values_and_derivatives_at_the_ends(text: str) -> None:
    """At infinities, zeros, huge and tiny numbers: a value that is a number stays, or was wrong; nan is never new in a
    value or a derivative, and is never lost where an input is nan."""
    left = text.partition("->")[0]
    written, fused = wg.compile(left, fuse=False), wg.compile(left)
    names = written.inputs
    rounded = 1e-15 if "pi" in left else 1e-300  # sin(pi) is not 0, as pi is rounded
    draw = random.Random(left)
    points = [(v,) for v in ENDS] if len(names) == 1 else [tuple(draw.choices(ENDS, k=len(names))) for _ in range(40)]
    for at in points:
        point = dict(zip(names, at))
        if left == WITHOUT_A_LIMIT and math.inf in map(abs, at):
            continue
        before, after = written.value_and_grad(**point), fused.value_and_grad(**point)
        if any(map(math.isnan, at)):
            assert math.isnan(after[0]) or not math.isnan(before[0]) or math.inf in map(abs, at), point
        elif not math.isnan(before[0]) and after[0] != pytest.approx(before[0], rel=1e-7, abs=rounded):
            assert nearer(left, point, before[0], after[0]), (point, before[0], after[0])
        for was, now in zip(before[1], after[1]):
            assert not math.isnan(now) or math.isnan(was) or math.isnan(after[0]), (point, was, now)
